/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_PEERS_H
#define MEETPROBE_AGENT_PEERS_H

#include <stddef.h>

#include "agent/base/clock.h"
#include "agent/base/str.h"

struct conf;
struct gather;

/* Where another host's evidence comes from. */
enum peer_type { PEER_FILE, PEER_HTTP, PEER_SSH };

struct peer {
	enum peer_type type;
	char *name;		/* "xmpp" */
	char *where;		/* path, URL without a path, ssh target */
	char *token;		/* NULL: none */
};

struct peers {
	struct peer *list;
	size_t count, cap;
};

void peers_init(struct peers *);
void peers_free(struct peers *);
/* NAME=FILE, NAME=http[s]://HOST[:PORT], NAME=ssh:TARGET; 0, or -1 with a
 * sentence in *why (const). */
int peers_option(struct peers *, const char *value, const char **why);
/* The peers of meetprobe.conf, unless one of that name is there. */
void peers_conf(struct peers *, const struct conf *);
/*
 * Asks all of them at once, until the deadline, with the salt of this run,
 * and takes their documents in. One that does not answer is told in coverage
 * and proves nothing.
 */
void peers_gather(const struct peers *, struct gather *, int offline,
    mono_t deadline);

/* Child role: runs ssh for "TARGET SALT" and answers with what it printed. */
int peer_ssh_role(struct str request, int sock);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_CONF_H
#define MEETPROBE_AGENT_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/errlist.h"
#include "agent/facts/kinds.h"

/*
 * meetprobe.conf(5), understood. Nothing here is a default: NULL and 0 mean
 * "not said", and what is not said comes from the files found on the host.
 */
#define CONF_PATH "/etc/meetprobe.conf"
#define CONF_PORT 10917
#define CONF_SOCKET "/var/run/meetprobe.sock"
#define CONF_USER "_meetprobe"

struct conf_listen {
	char *address;
	uint16_t port;
	char *token_file;
	char *cert, *key;
	int insecure;
};

struct conf_peer {
	char *name;
	char *url;
	char *token_file;
};

/* interval and timeout of a probe; -1 interval: off. */
struct conf_probe {
	char *id;
	int64_t interval_ns, timeout_ns;
	int off;
};

/* A log to follow, or a configuration file to read. */
struct conf_file {
	char *what;		/* component, or kind of file */
	char *host;		/* NULL: this one */
	char *path;
};

struct conf_waiver {
	char *id;
	char *reason;
	char *until;		/* YYYY-MM-DD, the last day it holds */
	wall_t end;		/* the first moment it no longer holds */
};

struct conf_rest {
	char *what;		/* jvb, jicofo, jibri, jigasi */
	char *address;
	uint16_t port;
};

struct conf_account {
	char *what;		/* probe, focus, jvb */
	char *jid;
	char *password_file;
};

#define CONF_LIST(type) struct { type *list; size_t count, cap; }

struct conf {
	char *file;		/* where it came from, NULL: there is none */
	char *site;
	roles_t roles;
	char *host[ROLE_COUNT];	/* addresses */
	char *public_address;
	char *resolver;
	char *ca;
	char *fingerprint;
	char *stun_server;
	char *room;
	int cert_warn_days;
	char *media_interface;
	uint16_t media_port, media_port_last;
	char *monitor;		/* address of whoever scrapes, for pf */
	char *admin;		/* address that ssh comes from, for pf */
	CONF_LIST(struct conf_listen) listens;
	CONF_LIST(struct conf_peer) peers;
	CONF_LIST(struct conf_probe) probes;
	CONF_LIST(struct conf_file) logs;
	CONF_LIST(struct conf_file) configs;
	CONF_LIST(struct conf_waiver) waivers;
	CONF_LIST(struct conf_rest) rests;
	CONF_LIST(struct conf_account) accounts;
};

void conf_init(struct conf *);
void conf_free(struct conf *);
/*
 * Reads a file and what it includes. 0, or -1 with all errors in the list.
 * A path of NULL is the default, whose absence is no error. defines are
 * macros of the command line, "name=value"; NULL when count is 0.
 */
int conf_read(struct conf *, const char *path, const char *const *defines,
    size_t count, struct errlist *);
/* The same from a text (tests, fuzzing): includes are refused. */
int conf_parse(struct conf *, const char *name, const char *text, size_t len,
    struct errlist *);
/* Prints what was understood, in the same grammar. */
void conf_print(const struct conf *, struct buf *);

/* The waiver of an id that holds at that moment, or NULL. */
const struct conf_waiver *conf_waived(const struct conf *, const char *id,
    wall_t now);
/*
 * Reads a one-line secret from a file that nobody but its owner (and group,
 * for reading) may open. NULL with the reason in *why (const).
 */
char *conf_secret(const char *path, const char **why);

#endif

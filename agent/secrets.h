/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_SECRETS_H
#define MEETPROBE_AGENT_SECRETS_H

#include <stddef.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/str.h"

struct gather;
struct secrets;

/*
 * Secrets that another host must hold alike, as PBKDF2 values. A helper
 * child reads the configuration by itself, finds them, computes and answers
 * with the values alone: no plain secret is on its socket, in an argument or
 * in a message.
 */
#define SECRETS_ROLE "secrets"

/* The child's role, for the table of roles. */
int secrets_role(struct str request, int sock);

/* What the child is asked: the salts (hexadecimal) and the files that gather
 * reads. For who starts it on a loop of its own. */
void secrets_request(struct buf *, const struct gather *,
    char *const *salts, size_t count);
/* Adds what the child answered, as held by this host. 0, or -1 when the
 * answer is not whole. */
int secrets_take(struct secrets *, const char *host, struct str answer);

/* Both, waiting until the deadline: 0, or -1 when the child did not answer. */
int secrets_own(struct secrets *, const struct gather *, const char *host,
    char *const *salts, size_t count, mono_t deadline);

/* A salt of this run, at random; hexadecimal, freed by the caller. */
char *secrets_new_salt(void);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_TRUST_H
#define MEETPROBE_PROBES_TRUST_H

#include "agent/base/str.h"
#include "probes/chain.h"

struct probe_run;

/*
 * Whether the programs of this site would trust what prosody serves: by the
 * pinned fingerprint, by the trust store of jicofo or jvb, by the file of
 * roots of meetprobe.conf. Self-signed is the usual set-up and nothing bad.
 */
enum trust {
	TRUST_UNKNOWN,		/* nothing to judge by */
	TRUST_PINNED,		/* it is the certificate itself */
	TRUST_CA,		/* a trusted root vouches for it */
	TRUST_OFF,		/* the programs do not verify at all */
	TRUST_NONE		/* there is something, and it does not match */
};

/* What to judge by, once the trust store has been read. */
struct roots;

/*
 * Reads the trust store, if the site has one, in a helper child; then calls
 * ready, once, from the loop.
 */
struct roots *roots_load(struct probe_run *, void (*ready)(void *),
    void *arg);
/* NULL is allowed. */
void roots_free(struct roots *);
/* chain_read by these roots; tells the transcript. */
void roots_read_chain(const struct roots *, struct chain *, SSL *,
    const char *name);

/* *why (if not NULL) becomes a clause that says by what, a const text.
 * States the fact keystore.has_prosody_cert when a store was read. */
enum trust trust_judge(struct probe_run *, const struct roots *,
    const struct chain *, const char **why);

/* The role "truststore": a key store's trusted certificates as PEM. */
#define TRUSTSTORE_ROLE "truststore"
int truststore_role(struct str request, int sock);

#endif

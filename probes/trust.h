/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_TRUST_H
#define MEETPROBE_PROBES_TRUST_H

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

/* *why (if not NULL) becomes a clause that says by what, a const text. */
enum trust trust_judge(const struct probe_run *, const struct chain *,
    const char **why);

#endif

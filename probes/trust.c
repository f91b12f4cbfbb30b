/* SPDX-License-Identifier: ISC */
/*
 * Trust in prosody's certificate. Pure.
 */
#include <string.h>

#include "probes/probe.h"
#include "probes/trust.h"

enum trust
trust_judge(const struct probe_run *r, const struct chain *c,
    const char **why)
{
	const struct site *s = r->site;
	const char *unused;

	if (why == NULL)
		why = &unused;
	*why = "nothing is known to judge it by";
	if (c->count == 0)
		return (TRUST_NONE);
	if (s->fingerprint != NULL) {
		*why = "the fingerprint of meetprobe.conf";
		if (chain_is_fingerprint(&c->list[0], s->fingerprint))
			return (TRUST_PINNED);
		if (s->ca == NULL)
			return (TRUST_NONE);
	}
	if (s->ca != NULL) {
		*why = s->ca;
		if (c->valid)
			return (TRUST_CA);
		/* an end of validity is judged by itself */
		if (strstr(c->problem, "expired") != NULL ||
		    strstr(c->problem, "not yet valid") != NULL)
			return (TRUST_CA);
		return (TRUST_NONE);
	}
	if (s->verification_disabled) {
		*why = "verification is disabled";
		return (TRUST_OFF);
	}
	return (TRUST_UNKNOWN);
}

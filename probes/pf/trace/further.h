/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_TRACE_FURTHER_H
#define MEETPROBE_PROBES_PF_TRACE_FURTHER_H

#include "probes/pf/matrix.h"

/*
 * The rows of the flow matrix that one end of is no machine of the site: what
 * the VMs send to the outside, who may ask meetprobe, who administers. They
 * are followed through rules only, never tried.
 */
enum pf_need {
	PF_NEED_LITTLE,		/* a site may keep it closed on purpose */
	PF_NEED_ASKED,		/* the configuration asks for it */
	PF_NEED_NAMES		/* the VMs find no names without */
};

struct pf_further {
	struct flow flow;	/* to: ROLE_OUTSIDE for what goes out */
	enum role role;		/* where it starts, ROLE_OUTSIDE: no role */
	enum pf_need need;
	const char *from, *to;	/* as facts and sentences have them */
	const char *from_at;	/* a name or an address to follow it by */
	char to_at[64];
};

#define PF_FURTHER_MAX 64

/* Fills list, at most PF_FURTHER_MAX; how many. Strings are the site's. */
size_t pf_further_of(const struct site *, struct pf_further *list);
/* Follows one; what a pf_followed_fn gets, with the same limits. */
void pf_follow_further(struct pf_site *, const struct pf_further *,
    pf_followed_fn *, void *arg);

/* What the rules of one host make of it. */
enum pf_outcome {
	PF_OUTCOME_PASSES,
	PF_OUTCOME_PRIVATE,	/* leaves the site with a private source */
	PF_OUTCOME_BLOCKED,
	PF_OUTCOME_LEG,		/* let in, and blocked on the way out */
	PF_OUTCOME_ANSWER,	/* the answer is blocked */
	PF_OUTCOME_UNKNOWN	/* another host decides, or what is not known */
};
enum pf_outcome pf_outcome(const struct pf_site *, const struct pf_path *,
    int host);

#endif

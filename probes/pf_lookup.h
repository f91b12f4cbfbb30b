/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_LOOKUP_H
#define MEETPROBE_PROBES_PF_LOOKUP_H

#include "agent/base/str.h"

struct pf_env;
struct probe_run;

/*
 * Host names of a pf.conf that /etc/hosts lacks: pfctl(8) asks DNS for them
 * when it loads the file, and so does a helper child here, since that may
 * take its time.
 */
#define LOOKUP_ROLE "lookup"

/* The child: the request is a name a line; it answers "NAME ADDRESS" lines. */
int lookup_role(struct str request, int sock);

struct pf_lookup;
/*
 * Looks for names in the file, and of the site's hosts, that the environment
 * lacks, and for their addresses, which it adds. NULL: there are none, or
 * nothing can be read, and nothing will be called. Else done is called, once,
 * from the loop.
 */
struct pf_lookup *pf_lookup_start(struct probe_run *, struct pf_env *,
    const char *file, void (*done)(void *), void *arg);
/* NULL is allowed. Not from inside done. */
void pf_lookup_free(struct pf_lookup *);

#endif

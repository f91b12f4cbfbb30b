/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_CHECKS_H
#define MEETPROBE_PROBES_PF_CHECKS_H

#include "agent/facts/check.h"
#include "agent/facts/site.h"
#include "probes/pf/live.h"
#include "probes/pf/pflog.h"
#include "probes/pf/site.h"

/*
 * What the probes of the group pf find: each fills a check from what was
 * read. Pure.
 */

/*
 * pf.config: the rules of a file against the flow matrix, this host's own
 * legs; on the router both. Flows that must not be open and are: warn.
 */
void pf_check_config(struct check *, const struct site *, struct pf_env *,
    const char *file, struct str text, struct pf_files below);
/* pf.rules: the same with the text of `pfctl -a '*' -vvsr`. */
void pf_check_rules(struct check *, const struct site *, struct pf_env *,
    struct str text, const struct pf_conf *file);
/*
 * pf.log: packets that pf dropped and the site needs, unless it is more than
 * a day before now or what is loaded now would pass them: fail; warn without
 * the loaded rules. live (with pflog's rule numbers) and file may be NULL.
 */
void pf_check_log(struct check *, const struct site *, struct pf_env *,
    const struct pf_log *, struct pf_conf *live, const struct pf_conf *file,
    wall_t now);
/*
 * pf.rules where the system has no pf: what `nft -j list ruleset` or
 * `iptables-save -c` says is evidence, and nothing is judged.
 */
void pf_check_linux(struct check *, const struct site *, struct str text);
/*
 * pf.states: flows of the site that end between the router's legs (fail),
 * media and connections that nobody answers (warn).
 */
void pf_check_states(struct check *, const struct site *,
    const struct pf_live_states *);

/* Names and addresses of the site's hosts and of a hosts(5) text; a name that
 * was known before stays as it is. */
void pf_env_site(struct pf_env *, const struct site *);
/* One more address of a name. */
void pf_env_add_host(struct pf_env *, const char *name, enum pf_af,
    const struct pf_ip *);
void pf_env_hosts_file(struct pf_env *, struct str text);

#endif

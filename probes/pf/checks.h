/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_CHECKS_H
#define MEETPROBE_PROBES_PF_CHECKS_H

#include "agent/facts/check.h"
#include "agent/facts/site.h"
#include "probes/pf/live.h"
#include "probes/pf/log/pflog.h"
#include "probes/pf/trace/site.h"

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
/* What pfctl said, and the file that its rules should come from. */
struct pf_live_input {
	struct str rules;	/* of -a '*' -vvsr */
	struct str info;	/* of -vsi; empty: not known */
	struct str interfaces;	/* of -v -sI; empty: not known */
	const char *file;	/* its name; NULL: it cannot be read */
	struct str text;
	struct pf_files below;	/* for what it includes */
};

/*
 * pf.rules: the same with what is loaded. A pf that is disabled is told, and
 * flows that the file decides otherwise: facts pf.enabled, pf.file_loaded.
 */
void pf_check_rules(struct check *, const struct site *, struct pf_env *,
    struct pf_live_input *);
/*
 * pf.log: packets that pf dropped and the site needs, unless it is more than
 * a day before now or what is loaded now would pass them: fail; warn without
 * the loaded rules, unless the environment has no interface, which is a file
 * that was given. live (with pflog's rule numbers) and file may be NULL.
 */
void pf_check_log(struct check *, const struct site *, struct pf_env *,
    const struct pf_log *, struct pf_conf *live, const struct pf_conf *file,
    wall_t now);
/*
 * pf.rules where the system has no pf: what `nft -j list ruleset` and
 * `iptables-save -c` say is evidence, and nothing is judged. Empty: not
 * there.
 */
void pf_check_linux(struct check *, const struct site *, struct str nft,
    struct str iptables);
/* 1 when nft's text has no rules, or some that only iptables can show. */
int pf_linux_needs_iptables(struct str nft);
/*
 * pf.states: flows of the site that end between the router's legs (fail),
 * media and connections that nobody answers (warn). live and file tell which
 * rule let them in; both may be NULL.
 */
void pf_check_states(struct check *, const struct site *,
    const struct pf_live_states *, const struct pf_conf *live,
    const struct pf_conf *file);

/* Names and addresses of the site's hosts and of a hosts(5) text; a name that
 * was known before stays as it is. */
void pf_env_site(struct pf_env *, const struct site *);
/* One more address of a name. */
void pf_env_add_host(struct pf_env *, const char *name, enum pf_af,
    const struct pf_ip *);
void pf_env_hosts_file(struct pf_env *, struct str text);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_PF_RULES_PF_H
#define MEETPROBE_PROBES_CONFIG_PF_RULES_PF_H

#include "agent/base/buf.h"
#include "probes/config/pf/filters.h"
#include "probes/pf/matrix.h"
#include "probes/pf/trace/further.h"

/*
 * Inside the rules about packet filters: what was found, and the questions
 * that are asked of the rules.
 */

/* Flows that one rule stops in one way: one finding. */
#define PF_TROUBLES 64
#define PF_QUESTIONS 8
struct trouble {
	const char *id;
	int host;		/* of f->pf */
	const char *file;	/* of the rule; "": the file as a whole */
	int line;
	const char *other_file;	/* the rule that let it in, or NULL */
	int other_line;
	struct val other;	/* or another place */
	char *text;		/* of a finding that is one flow's */
	const char *fix;	/* or found by adding lines */
	struct buf flows;
	int flow_count;
	char leg[40];		/* of the last one, not said yet */
	/* "pf of HOST verb FLOWS by RULE end" */
	const char *verb, *by, *end;
	struct pf_question q[PF_QUESTIONS];	/* its names are ours */
	size_t q_count;
};

struct run {
	struct lint *l;
	struct filters *f;
	struct trouble list[PF_TROUBLES];
	size_t count;
	int only;		/* flows from and to this role, -1: all */
	const struct config_file *jvb;	/* of the bridge looked at, or NULL */
};

/* The trouble of this id at this rule, made when there is none; NULL: too
 * many. */
struct trouble *pf_trouble(struct run *, const char *id, int host,
    const struct pf_rule *);
/* A connection that advice is wanted for. */
void pf_trouble_ask(struct run *, struct trouble *,
    const struct pf_question *);
/* "outside to web port 443/tcp" */
void pf_trouble_flow(const struct run *, const struct pf_followed *,
    struct buf *);
/* Is the leg of a step one that can be judged? */
int pf_is_placed(const struct run *, const struct pf_step *);

/* rules.c: what rules have. */
/* All rules of a host, whatever their ruleset; *a: whose the rule is. */
const struct pf_rule *pf_rule_first(const struct pf_site_host *,
    const struct pf_anchor **a);
const struct pf_rule *pf_rule_next(const struct pf_rule *,
    const struct pf_anchor **a);
/* Does a file say which port a flow has, or that it has another one? Else it
 * may be another; 1 when rules pass another one and not this. */
int pf_port_known(const struct run *, const struct flow *);
int pf_port_is_other(const struct run *, const struct flow *);
int pf_uses_other_port(const struct run *, const struct pf_followed *);
/* Any redirection, any translation of sources. */
int pf_has_pool(const struct filter *, int nat);
/* A rule that redirects the question's protocol to that machine: one for its
 * port, else any; NULL. */
const struct pf_rule *pf_redirects_to(const struct filter *,
    const struct pf_question *, const struct machine *);
int pf_names_address(const struct filter *, const struct pf_ip *);
/* Where jvb.conf says its port, else the file. */
struct val pf_media_port(const struct run *);

/* redirect.c: flows that a router redirects wrong, or not. */
int pf_judge_redirection(struct run *, const struct pf_followed *);
int pf_judge_other_port(struct run *, const struct pf_followed *,
    const struct pf_step *);
void pf_judge_elsewhere(struct run *, const struct pf_followed *);
void pf_judge_port(struct run *, const struct pf_followed *);
int pf_is_behind(const struct run *, enum role, int from_outside);
int pf_passes_elsewhere(struct run *, const struct pf_followed *);

/*
 * The place of a line of a filter's rules: from its first word, or where
 * `word` (NULL: none) stands in it, to its end. Fills *at, which must live
 * as long as the value.
 */
struct val pf_place(const struct filter *, const char *file, int line,
    const char *word, struct item *at);
/* What pfctl(8) refuses in a file, and what could not be looked at. */
void pf_say_refused(struct lint *, const struct filter *);

#endif

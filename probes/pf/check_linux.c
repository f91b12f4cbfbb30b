/* SPDX-License-Identifier: ISC */
/*
 * The check pf.rules where the system has no pf: another packet filter's
 * rules and counters are evidence, nothing is judged. Pure.
 */
#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "probes/pf/checks.h"
#include "probes/pf/linux.h"

/* In a transcript. */
enum { EVIDENCE_LINES = 40 };

/* The first lines; the rest is counted. */
static void
say_lines(struct check *c, struct str text)
{
	struct cur cur;
	struct str line;
	int said = 0, more = 0;

	cur_init(&cur, text.p, text.n);
	while (cur_left(&cur) > 0) {
		line = cur_line(&cur);
		if (said++ < EVIDENCE_LINES)
			check_say(c, "%.*s", STR_ARG(line));
		else
			more++;
	}
	if (more > 0)
		check_say(c, "and %d more", more);
}

/* What one filter has about the site; its rules. */
static size_t
say_filter(struct check *c, const struct pf_watch *watch,
    const struct linux_filter *f)
{
	struct buf out;

	buf_init(&out, LIMIT_COMMAND_OUTPUT);
	linux_filter_print(f, watch->ports, watch->port_count, &out);
	say_lines(c, buf_str(&out));
	buf_free(&out);
	return (f->rule_count);
}

void
pf_check_linux(struct check *c, const struct site *s, struct str nft,
    struct str iptables)
{
	struct linux_filter n, i;
	struct pf_watch watch;
	struct pf_env none;
	size_t rules = 0;

	linux_filter_init(&n);
	linux_filter_init(&i);
	pf_env_init(&none);
	pf_watch_site(&watch, s, &none);
	pf_env_free(&none);
	(void)linux_filter_nft(&n, nft);
	(void)linux_filter_iptables(&i, iptables);
	if (n.foreign && i.rule_count > 0)
		linux_filter_drop(&n, "ip");
	if (n.rule_count > 0)
		rules += say_filter(c, &watch, &n);
	if (i.rule_count > 0)
		rules += say_filter(c, &watch, &i);
	if (rules > 0)
		check_result(c, STATE_NOT_APPLICABLE, LAYER_PF, REASON_OK,
		    "this host has no pf; %zu rules of %s%s%s are evidence, "
		    "the other probes tell whether the flows pass", rules,
		    n.rule_count > 0 ? "nftables" : "", n.rule_count > 0 &&
		    i.rule_count > 0 ? " and " : "", i.rule_count > 0 ?
		    "iptables" : "");
	else
		check_result(c, STATE_NOT_APPLICABLE, LAYER_PF, REASON_OK,
		    "this host has no pf, and no other packet filter has "
		    "rules here");
	linux_filter_free(&n);
	linux_filter_free(&i);
}

int
pf_linux_needs_iptables(struct str nft)
{
	struct linux_filter f;
	int needs;

	linux_filter_init(&f);
	needs = linux_filter_nft(&f, nft) == -1 || f.rule_count == 0 ||
	    f.foreign;
	linux_filter_free(&f);
	return (needs);
}

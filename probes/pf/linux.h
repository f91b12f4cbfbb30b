/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_LINUX_H
#define MEETPROBE_PROBES_PF_LINUX_H

#include "agent/base/buf.h"
#include "probes/pf/arena.h"
#include "probes/pf/pflog.h"

/*
 * Linux packet filters as evidence: rules with their counters, from
 * `nft -j list ruleset` or `iptables-save -c`. Nothing is simulated.
 */
struct linux_rule {
	const char *family;	/* "inet", "ip", "ip6" */
	const char *table, *chain;
	const char *verdict;	/* "drop", "reject", "accept", "" other */
	int has_counter;
	uint64_t packets, bytes;
	const char *text;	/* the rule, shortened */
	int ports[8], port_count;	/* that it names */
};

struct linux_chain {
	const char *family, *table, *name, *hook, *policy;	/* "" none */
};

struct linux_filter {
	struct pf_arena arena;
	struct linux_rule *rules;
	size_t rule_count, rule_cap;
	struct linux_chain *chains;
	size_t chain_count, chain_cap;
};

void linux_filter_init(struct linux_filter *);
void linux_filter_free(struct linux_filter *);
/* 0, or -1: not such a text. What is not known in it is passed over. */
int linux_filter_nft(struct linux_filter *, struct str json);
int linux_filter_iptables(struct linux_filter *, struct str text);
/*
 * Lines of evidence: chains of hooks with their policy, rules that drop or
 * reject and have counted packets, rules that name one of these ports.
 */
void linux_filter_print(const struct linux_filter *,
    const struct pf_log_port *, size_t count, struct buf *);

#endif

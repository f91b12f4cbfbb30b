/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_LINUX_H
#define MEETPROBE_PROBES_PF_LINUX_H

#include <jansson.h>

#include "agent/base/buf.h"
#include "probes/pf/arena.h"
#include "probes/pf/log/pflog.h"

#define LINUX_PORTS 16

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
	const char *text;	/* the rule as nft(8) or iptables writes it */
	int proto;		/* 6, 17; 0: any */
	struct {
		int low, high;
	} ports[LINUX_PORTS];	/* that it names */
	int port_count;
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
	int foreign;		/* rules that only iptables can show whole */
};

void linux_filter_init(struct linux_filter *);
void linux_filter_free(struct linux_filter *);
/* 0, or -1: not such a text. What is not known in it is passed over. */
int linux_filter_nft(struct linux_filter *, struct str json);
int linux_filter_iptables(struct linux_filter *, struct str text);
/* Takes out what belongs to a family ("ip"): iptables shows it better. */
void linux_filter_drop(struct linux_filter *, const char *family);
/*
 * Lines of evidence: chains of hooks with their policy, rules that drop or
 * reject and have counted packets, rules that name one of these ports (which
 * stand before them), each with its counter. Returns how many lines.
 */
size_t linux_filter_print(const struct linux_filter *,
    const struct pf_log_port *, size_t count, struct buf *);

/* Inside: a rule's list of expressions (libnftables-json(5)) as nft(8)
 * would write it, as far as common ones go. */
void linux_nft_text(json_t *expr, struct buf *);

#endif

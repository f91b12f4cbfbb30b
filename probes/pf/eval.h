/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_EVAL_H
#define MEETPROBE_PROBES_PF_EVAL_H

#include "probes/pf/rule.h"

/*
 * What pf(4) does to a packet: last match wins, quick ends, match rules
 * translate at once, a state lets its packets through. Semantics after
 * sys/net/pf.c (pf_test, pf_match_rule, pf_test_rule) and pf_lb.c.
 */

enum {
	PF_TCP_FIN = 0x01, PF_TCP_SYN = 0x02, PF_TCP_RST = 0x04,
	PF_TCP_PUSH = 0x08, PF_TCP_ACK = 0x10, PF_TCP_URG = 0x20
};

struct pf_packet {
	enum pf_af af;
	int proto;
	enum pf_dir dir;	/* PF_IN or PF_OUT */
	int interface;		/* index into the environment */
	int received;		/* interface it came in by, -1: made here */
	struct pf_ip src, dst;
	uint16_t sport, dport;
	int flags;		/* TCP */
	int icmp_type, icmp_code;
	int tos, prio;
	const char *tag;	/* "" none */
	/* "once" rules that earlier packets used up. */
	const struct pf_rule *const *spent;
	size_t spent_count;
};

enum pf_how {
	PF_HOW_RULE, PF_HOW_STATE, PF_HOW_SKIP, PF_HOW_DEFAULT,
	PF_HOW_DROP, PF_HOW_RETURN, PF_HOW_RETURN_RST, PF_HOW_RETURN_ICMP
};

/*
 * One side of a state: index 0 is the source of packets coming in. ICMP has
 * the kind of message as the port of the side that is asked.
 */
struct pf_key {
	enum pf_af af;
	struct pf_ip addr[2];
	uint16_t port[2];
	int any[2];		/* the port is one that pf chose */
};

struct pf_state {
	int proto;
	enum pf_dir dir;	/* of the packet that made it */
	int interface;		/* -1: floating */
	struct pf_key wire, stack;
	const struct pf_rule *rule, *anchor;
	const struct pf_anchor *ruleset;
	int log_all;
};

/* "once" rules that one packet can use up; more are not remembered. */
#define PF_ONCE 4

struct pf_verdict {
	int pass;
	enum pf_how how;
	const struct pf_rule *rule;	/* NULL: none decided */
	const struct pf_rule *anchor;	/* the rule that calls its ruleset */
	const struct pf_anchor *ruleset;
	const char *reason;		/* pf's word: "match", "normalize" */
	int log;
	/* The packet as it leaves, when it is rewritten. */
	int src_changed, dst_changed;
	enum pf_af af;
	struct pf_ip src, dst;
	uint16_t sport, dport;
	int sport_any;			/* pf chooses the port */
	const struct pf_pool *dst_pool;	/* several members: dst is one */
	const struct pf_pool *src_pool;
	const char *tag;
	int uncertain;			/* a rule with probability was met */
	const struct pf_rule *once[PF_ONCE];	/* used up by this packet */
	int once_count;
	int made_state;
	struct pf_state state;
};

/*
 * A configuration made ready for packets. Borrows the configuration and
 * writes into its rules; one machine a configuration.
 */
struct pf_machine {
	struct pf_conf *conf;
	struct pf_env *env;
	char *skipped;		/* by interface */
};

void pf_machine_init(struct pf_machine *, struct pf_conf *);
void pf_machine_free(struct pf_machine *);

/* The verdict on a packet that no state knows. */
void pf_eval(const struct pf_machine *, const struct pf_packet *,
    struct pf_verdict *);
/* The same with states; they are tried in order. */
void pf_eval_states(const struct pf_machine *, const struct pf_packet *,
    const struct pf_state *const *, size_t count, struct pf_verdict *);
/* The word of the report: "rule", "return-rst" ... */
const char *pf_how_name(enum pf_how);
/* The rule's number as pflog shows it: 3, R.ANCHOR.S, def. */
void pf_verdict_number(struct buf *, const struct pf_verdict *);

/* Inside the evaluator: */

/* 1 when the rule's addresses, ports and options fit the packet. */
int pf_rule_matches(const struct pf_machine *, const struct pf_rule *,
    const struct pf_packet *, int sport_any, const char *tag);
/* 1 when the interface is the one or in the group (-1: none). */
int pf_if_matches(const struct pf_env *, const char *name, int index,
    int group, int interface);
int pf_addr_matches(const struct pf_machine *, const struct pf_addr *,
    enum pf_af, const struct pf_ip *, int interface);
/*
 * 1 for ICMP messages that answer; 2 for errors about another packet; 3 for
 * the neighbour advertisement, which passes without a state.
 */
int pf_icmp_kind(enum pf_af, int type);
/* The request that an ICMP reply answers, else the type itself. */
int pf_icmp_request(enum pf_af, int type);
/* Applies a rule's pools to the packet; 0, or -1: no address to be had. */
int pf_translate(const struct pf_rule *, struct pf_packet *,
    struct pf_verdict *);

/* Candidates of a ruleset for a packet, in order. */
struct pf_cursor {
	const struct pf_index *index;
	struct {
		const uint32_t *p, *end;
	} lists[80];
	int count;
};
void pf_index_build(struct pf_conf *, struct pf_anchor *);
void pf_index_start(struct pf_cursor *, const struct pf_index *,
    const struct pf_packet *, int sport_any, uint32_t from);
/* The next rule; NULL at the end. *nr: its place plus 1. */
const struct pf_rule *pf_index_next(struct pf_cursor *, uint32_t *nr);

/* States. */
void pf_state_make(struct pf_state *, const struct pf_packet *before,
    const struct pf_packet *after, const struct pf_verdict *);
/* 1 when the packet belongs to the state; fills the verdict. */
int pf_state_match(const struct pf_state *, const struct pf_packet *,
    struct pf_verdict *);

#endif

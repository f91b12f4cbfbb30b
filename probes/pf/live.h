/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_LIVE_H
#define MEETPROBE_PROBES_PF_LIVE_H

#include "probes/pf/rule.h"

/*
 * What pfctl(8) prints of the running filter, read back. Text in, structs
 * out; the text comes from the privileged side.
 */

/*
 * `pfctl -vvsr` (also -a '*', also -g): rules by the grammar of pf.conf,
 * with their counters and the numbers that pflog shows. The configuration
 * must be fresh (pf_conf_init). A line that is not understood stands in its
 * errs; 0, or -1 when there was one.
 */
int pf_live_rules(struct pf_conf *, struct str text);

/* One state of `pfctl -ss -v`. a is printed first, b behind the arrow. */
struct pf_live_state {
	const char *ifname;	/* "all": floating */
	const char *proto;
	struct pf_ip a, b, a_orig, b_orig;
	enum pf_af af;
	uint16_t a_port, b_port, a_orig_port, b_orig_port;
	int has_a_orig, has_b_orig;
	int out;		/* "->": made by a packet going out */
	const char *a_state, *b_state;	/* "ESTABLISHED", "SINGLE" ... */
	/* Of -v; the opener's side first. -1: not printed. */
	int64_t age, expires;	/* seconds */
	uint64_t packets[2], bytes[2];
	int rule, anchor;
};

struct pf_live_states {
	struct pf_arena arena;
	struct pf_live_state *list;
	size_t count, cap, bad;	/* bad: lines not understood */
};

void pf_live_states_init(struct pf_live_states *);
void pf_live_states_free(struct pf_live_states *);
void pf_live_states_read(struct pf_live_states *, struct str text);

/* `pfctl -vsi`. */
struct pf_live_info {
	int known;		/* a Status line was there */
	int enabled;
	int64_t seconds;	/* since it was; -1: not printed */
	char checksum[64];	/* of the main ruleset, "" not printed */
	struct {
		char name[32];
		uint64_t total;
	} counters[64];
	size_t counter_count;
};

void pf_live_info_read(struct pf_live_info *, struct str text);
/* A counter by its name ("current entries", "match", "state-mismatch"):
 * 0, or -1 when it was not printed. */
int pf_live_counter(const struct pf_live_info *, const char *name,
    uint64_t *);

#endif

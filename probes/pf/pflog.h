/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_PFLOG_H
#define MEETPROBE_PROBES_PF_PFLOG_H

#include "agent/base/clock.h"
#include "probes/pf/rule.h"

/*
 * pflog(4): what pf logged. The header of struct pfloghdr (sys/net/
 * if_pflog.h; 100 bytes since OpenBSD 4.9, 61 before and on other systems,
 * 69 in later FreeBSD), then the packet.
 */
#define PF_LINKTYPE_PFLOG 117
#define PF_LINKTYPE_PFLOG_OLD 17

enum { PF_LOG_PASS = 0, PF_LOG_BLOCK = 1, PF_LOG_MATCH = 12 };

struct pf_log_entry {
	wall_t time;
	int action;		/* PF_LOG_* */
	const char *reason;	/* const: "match", "state-mismatch" */
	char ifname[17], ruleset[17];
	int64_t rule, subrule;	/* -1: the default rule, no anchor */
	enum pf_dir dir;
	enum pf_af af;
	int proto;		/* -1: cut short */
	struct pf_ip src, dst;
	uint16_t sport, dport;
	int rewritten;		/* the packet became what follows */
	struct pf_ip new_src, new_dst;
	uint16_t new_sport, new_dport;
};

/* One record of a savefile of link type PFLOG; 0, or -1: not one. */
int pf_log_parse(const uint8_t *, size_t len, struct pf_log_entry *);
/* The reason of a number, "unknown" when there is none. */
const char *pf_log_reason(int);

/* Packets to one port, blocked or passed by one rule. */
struct pf_log_flow {
	struct pf_log_entry sample;	/* the first */
	uint16_t port;		/* of the service: destination or source */
	uint64_t packets;
	wall_t first, last;
};

/* Ports whose packets are counted by flow. */
struct pf_log_port {
	int proto;
	uint16_t low, high;
};

struct pf_log {
	const struct pf_log_port *ports;	/* borrowed */
	size_t port_count;
	struct pf_log_flow *flows;
	size_t count, cap;
	uint64_t entries, blocked, other, bad;	/* other: not these ports */
	wall_t first, last;
};

void pf_log_init(struct pf_log *, const struct pf_log_port *, size_t count);
void pf_log_free(struct pf_log *);
void pf_log_add(struct pf_log *, const struct pf_log_entry *);
/* Reads a whole savefile; 0, or -1 and `why`. I/O. */
int pf_log_read(struct pf_log *, const char *path, struct buf *why);

/*
 * The rule that an entry names, in a configuration with the same numbers:
 * live rules, or a file that was loaded with -o none. NULL: the default
 * rule, or not there.
 */
const struct pf_rule *pf_log_rule(const struct pf_conf *,
    const struct pf_log_entry *);
/*
 * The rule of a file that is this live rule: the one that prints the same.
 * NULL when pfctl's optimizer changed it.
 */
const struct pf_rule *pf_live_in_file(const struct pf_conf *file,
    const struct pf_rule *live);
/* "3", "R.ANCHOR.S", "def". */
void pf_log_number(struct buf *, const struct pf_log_entry *);

#endif

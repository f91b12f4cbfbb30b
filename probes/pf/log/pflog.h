/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_LOG_PFLOG_H
#define MEETPROBE_PROBES_PF_LOG_PFLOG_H

#include "agent/base/clock.h"
#include "probes/pf/rule.h"
#include "probes/pf/log/watch.h"

/*
 * pflog(4): what pf logged. The header of struct pfloghdr (sys/net/
 * if_pflog.h; 100 bytes since OpenBSD 4.9, 61 before and on other systems,
 * 69 in later FreeBSD), then the packet.
 */
#define PF_LINKTYPE_PFLOG 117
#define PF_LINKTYPE_PFLOG_OLD 17

/* Interfaces pflogN that are captured, and a name with its NUL. */
#define PF_LOG_INTERFACES 4
#define PF_LOG_NAME 17

/* Packets blocked longer ago than this no longer count. */
#define PF_LOG_MEMORY_US (INT64_C(24) * 3600 * US_PER_SEC)

enum { PF_LOG_PASS = 0, PF_LOG_BLOCK = 1, PF_LOG_MATCH = 12 };

struct pf_log_entry {
	wall_t time;
	int action;		/* PF_LOG_* */
	const char *reason;	/* const: "match", "state-mismatch" */
	char ifname[PF_LOG_NAME], ruleset[PF_LOG_NAME];
	int64_t rule, subrule;	/* -1: the default rule, no anchor */
	enum pf_dir dir;
	enum pf_af af;
	int proto;		/* -1: cut short */
	struct pf_ip src, dst;
	uint16_t sport, dport;
	int flags;		/* of TCP; -1: not there */
	int rewritten;		/* the packet became what follows */
	struct pf_ip new_src, new_dst;
	uint16_t new_sport, new_dport;
};

/* One record of a savefile of link type PFLOG; 0, or -1: not one. */
int pf_log_parse(const uint8_t *, size_t len, struct pf_log_entry *);
/* The reason of a number, "unknown" when there is none. */
const char *pf_log_reason(int);
/* The same text as pf_log_reason() returns, "unknown" when it is none. */
const char *pf_log_reason_const(struct str);

/*
 * 1 when the packet went no further: blocked, or passed by its rule and then
 * dropped because a limit of states was reached (pf(4) logs these as pass).
 */
int pf_log_dropped(const struct pf_log_entry *);

/* What a packet is to its service. */
enum pf_log_kind {
	PF_LOG_OPENS,		/* a SYN, or a datagram to the service */
	PF_LOG_ANSWERS,		/* a SYN+ACK of the service */
	PF_LOG_DATAGRAM,	/* a datagram of the service */
	PF_LOG_REST		/* TCP in between: its state is gone */
};

/*
 * Packets of one port and kind between the same of the watch's hosts (all
 * other addresses are one), blocked or passed by one rule.
 */
struct pf_log_flow {
	struct pf_log_entry sample;	/* the last */
	uint16_t port;		/* of the service: destination or source */
	enum pf_log_kind kind;
	int from, to;		/* places in the watch's list, -1: none */
	uint64_t packets;
	wall_t first, last;
};

struct pf_log {
	const struct pf_watch *watch;	/* borrowed */
	wall_t until;		/* later entries are passed over; NONE: all */
	struct pf_log_flow *flows;
	size_t count, cap;
	uint64_t entries, blocked, other, bad;	/* other: not these ports */
	uint64_t lost;		/* dropped by the capture, not counted here */
	wall_t first, last;
};

void pf_log_init(struct pf_log *, const struct pf_watch *);
void pf_log_free(struct pf_log *);
/* Empties it; the watch stays. */
void pf_log_clear(struct pf_log *);
void pf_log_add(struct pf_log *, const struct pf_log_entry *);
/*
 * Adds a flow that was counted elsewhere for the same watch; its kind, port
 * and places are found anew from the sample. -1: it is none of the watch's.
 */
int pf_log_add_flow(struct pf_log *, const struct pf_log_entry *sample,
    uint64_t packets, wall_t first);
/* Adds all that another log counted. */
void pf_log_merge(struct pf_log *, const struct pf_log *);
/* Takes out the flows whose last packet is older. */
void pf_log_forget(struct pf_log *, wall_t before);
/* Reads a whole savefile; 0, or -1 and `why`. I/O. */
int pf_log_read(struct pf_log *, const char *path, struct buf *why);

/*
 * The rule that an entry names, in a configuration with the same numbers:
 * live rules, or a file that was loaded with -o none. NULL: the default
 * rule, or not there.
 */
const struct pf_rule *pf_log_rule(const struct pf_conf *,
    const struct pf_log_entry *);
/* The same by the numbers that a state has; anchor -1: the main ruleset. */
const struct pf_rule *pf_rule_numbered(const struct pf_conf *, int anchor,
    int rule);
/*
 * The rule of a file that is this live rule: the one that prints the same.
 * NULL when pfctl's optimizer changed it.
 */
const struct pf_rule *pf_live_in_file(const struct pf_conf *file,
    const struct pf_rule *live);
/* "3", "R.ANCHOR.S", "def". */
void pf_log_number(struct buf *, const struct pf_log_entry *);

#endif

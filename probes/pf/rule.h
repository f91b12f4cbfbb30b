/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_RULE_H
#define MEETPROBE_PROBES_PF_RULE_H

#include <stdint.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/base/map.h"
#include "probes/pf/addr.h"
#include "probes/pf/arena.h"
#include "probes/pf/env.h"

/*
 * Rules as pfctl(8) makes them of pf.conf(5): one for each combination of
 * the lists of a line. Semantics: pf.conf(5), pf(4), sys/net/pfvar.h.
 */

enum pf_addr_type {
	PF_ADDR_MASK,		/* ip and mask; both zero: any */
	PF_ADDR_RANGE,		/* ip to mask */
	PF_ADDR_DYNIF,		/* (name), looked up for every packet */
	PF_ADDR_TABLE,		/* <name> */
	PF_ADDR_NOROUTE,
	PF_ADDR_URPF,
	PF_ADDR_RTLABEL,	/* route "name" */
	PF_ADDR_NONE		/* a pool that is not there */
};

/* Modifiers of interface names. */
enum {
	PF_IFM_NETWORK = 1,
	PF_IFM_BROADCAST = 2,
	PF_IFM_PEER = 4,
	PF_IFM_MODES = 7,
	PF_IFM_NOALIAS = 8
};

/* A network with its sign: of tables and dynamic interfaces. */
struct pf_entry {
	struct pf_ip ip;
	int bits;
	enum pf_af af;
	int not;
};

struct pf_addr {
	enum pf_addr_type type;
	int modifiers;		/* PF_IFM_*, of PF_ADDR_DYNIF */
	struct pf_ip ip, mask;
	const char *name;	/* interface, table or label */
	/* Filled by pf_machine_init: */
	struct pf_table *table;
	struct pf_entry *nets;	/* of a dynamic interface */
	size_t net_count;
	const char *count;	/* of live rules: "2", "*", "0:1"; or NULL */
};

/* One host of a list. */
struct pf_host {
	struct pf_addr addr;
	enum pf_af af;
	int not;
	int scope;		/* index of the interface + 1, 0: none */
	int weight;
	struct pf_host *next;
};

enum pf_op {
	PF_OP_NONE, PF_OP_IRG, PF_OP_EQ, PF_OP_NE, PF_OP_LT, PF_OP_LE,
	PF_OP_GT, PF_OP_GE, PF_OP_XRG, PF_OP_RRG
};

/* Ports, uids or gids with their operator. */
struct pf_range {
	uint32_t a, b;
	enum pf_op op;
	struct pf_range *next;
};

enum pf_action { PF_PASS, PF_BLOCK, PF_MATCH, PF_ANCHOR };
enum pf_dir { PF_INOUT, PF_IN, PF_OUT };
enum pf_return { PF_DROP, PF_RETURN, PF_RETURN_RST, PF_RETURN_ICMP };
enum pf_keep { PF_NO_STATE, PF_KEEP, PF_MODULATE, PF_SYNPROXY };
enum pf_route { PF_ROUTE_NONE, PF_ROUTE_TO, PF_REPLY_TO, PF_DUP_TO };
enum pf_divert { PF_DIVERT_NONE, PF_DIVERT_TO, PF_DIVERT_REPLY,
	PF_DIVERT_PACKET };
enum pf_pool_type { PF_POOL_NONE, PF_POOL_BITMASK, PF_POOL_RANDOM,
	PF_POOL_SRCHASH, PF_POOL_ROUNDROBIN, PF_POOL_LEASTSTATES };

enum {
	PF_LOG = 1, PF_LOG_ALL = 2, PF_LOG_USER = 4, PF_LOG_MATCHES = 8
};

enum {		/* struct pf_rule.bits */
	PF_BIT_NODF = 0x01,
	PF_BIT_RANDOMID = 0x02,
	PF_BIT_SCRUB_TCP = 0x04,
	PF_BIT_SETPRIO = 0x08,
	PF_BIT_SETTOS = 0x10,
	PF_BIT_SETDELAY = 0x20,
	PF_BIT_FRAGMENT = 0x40,
	PF_BIT_ALLOWOPTS = 0x80,
	PF_BIT_ONCE = 0x100,
	PF_BIT_AFTO = 0x200,
	PF_BIT_NOSYNC = 0x400,
	PF_BIT_SRCTRACK = 0x800,
	PF_BIT_RULESRCTRACK = 0x1000,
	PF_BIT_IFBOUND = 0x2000,
	PF_BIT_SLOPPY = 0x4000,
	PF_BIT_PFLOW = 0x8000,
	PF_BIT_SCRUBMASK = PF_BIT_NODF | PF_BIT_RANDOMID | PF_BIT_SCRUB_TCP
};

#define PF_PRIO_NONE (-1)
#define PF_NAT_PORT_LOW 50001
#define PF_NAT_PORT_HIGH 65535
#define PF_UID_UNKNOWN UINT32_MAX

struct pf_pool {
	struct pf_addr addr;	/* type PF_ADDR_NONE: no pool */
	uint16_t port[2];
	enum pf_pool_type type;
	int sticky;
	uint32_t key[4];	/* of source-hash */
};

struct pf_side {
	struct pf_addr addr;
	int not;
	struct pf_range port;
};

/* A state or source limiter, as its statement says. */
struct pf_limiter {
	const char *name;
	int source;		/* 0: of states */
	uint32_t id, limit, entries;
	uint32_t rate, seconds;	/* rate 0: none */
	const char *table;	/* "" none */
	uint32_t above, below;
	int inet_mask, inet6_mask;
	struct pf_limiter *next;
};

/* The limiter that a rule names. */
struct pf_limiter_use {
	int used;
	uint32_t id;
	const char *name;	/* NULL or "": only its id is known */
	int block;		/* when exceeded; 0: the rule does not match */
};

struct pf_rule {
	enum pf_action action;
	enum pf_dir dir;
	enum pf_return returns;
	int return_ttl, return_icmp, return_icmp6;	/* type << 8 | code */
	int log, logif, quick;
	const char *ifname;	/* "" none */
	int ifnot, rdomain;	/* rdomain -1: none */
	const char *rcvif;	/* "" none */
	int rcvnot;
	enum pf_af af, naf;
	int proto;
	struct pf_side src, dst;
	const char *os;		/* NULL: any */
	struct pf_range uid, gid;
	int flags, flagset;
	int icmp_type, icmp_code;	/* value plus 1, 0: any */
	int tos, prio;		/* prio PF_PRIO_NONE: none */
	uint32_t rate_limit, rate_seconds;
	uint32_t bits;		/* PF_BIT_* */
	int min_ttl, max_mss, set_prio[2], set_tos, delay;
	const char *queue, *pqueue;	/* "" none */
	enum pf_keep keep;
	uint32_t max_states, max_src_nodes, max_src_states, max_src_conn;
	uint32_t conn_rate_limit, conn_rate_seconds;
	const char *overload;	/* "" none */
	int flush;		/* 1 flush, 2 flush global */
	uint32_t timeout[20];	/* PF_TIMEOUTS */
	uint32_t probability;	/* 0: none; of UINT32_MAX */
	const char *label, *tag, *tagged;	/* "" none */
	int tagged_not, rtable;	/* rtable -1: none */
	enum pf_divert divert;
	struct pf_ip divert_ip;
	int divert_port;
	struct pf_pool nat, rdr, route;
	enum pf_route rt;
	struct pf_limiter_use state_limiter, source_limiter;

	/* A rule that calls an anchor. */
	const char *call;	/* as written; NULL: "_N" of the anchor */
	struct pf_anchor *body;	/* in braces; NULL: resolved by path */

	/* Filled by pf_machine_init: */
	struct pf_anchor *target;	/* the ruleset that is called */
	int wildcard;			/* its children instead */
	int if_index, if_group;		/* -1: not this kind */
	int rcv_index, rcv_group;

	int nr;			/* within its ruleset */
	const char *file;	/* where the line starts */
	int line;
	int expired;		/* "# expired" of live rules */
	uint64_t evaluations, packets, bytes, states;	/* of live rules */
	struct pf_rule *next;
};

/* A ruleset: the main one (path "") or an anchor's. */
struct pf_anchor {
	const char *name, *path;
	struct pf_anchor *parent;
	struct pf_rule *first, **tail;
	int count;		/* rules; the next number */
	int printed;
	struct pf_index *index;	/* filled by pf_machine_init */
	struct pf_anchor **children;	/* in order of their paths */
	size_t child_count;
	struct pf_anchor *next;	/* all anchors of the configuration */
};

struct pf_table {
	const char *name, *path;	/* path of its anchor, "" main */
	struct pf_entry *entries;	/* sorted by pf_table_sort */
	size_t count, cap;
	int is_const, persist;
	const char *file;	/* where it is defined, "" when it is not */
	int line;
	int sorted;
	uint64_t lengths[2][3];	/* prefix lengths in use, by family */
	struct pf_table *next;
};

struct pf_curve {
	uint64_t m1, m2;	/* bits a second: burst, then */
	uint32_t d;		/* length of the burst, ms */
};

struct pf_queue {
	const char *name, *parent, *ifname;
	struct pf_curve link, real, upper;
	int has_bandwidth, has_flows, is_default, is_root;
	uint32_t flows, quantum, qlimit;
	const char *file;
	int line;
	int matches;		/* how often it became a child */
	struct pf_queue *children;	/* copies, set by pf_queues_check */
	struct pf_queue *next;
};

/* An interface that `set skip` names. */
struct pf_skip {
	const char *name;
	struct pf_skip *next;
};

/* A part of the print-out: one file with its options, queues and rules. */
struct pf_unit {
	struct buf text;	/* macros, options, tables as they come */
	struct pf_anchor *root;
	struct pf_limiter *limiters;	/* of states, of sources; by id */
	const char *load_path, *load_file;	/* of `load anchor` */
	int load_line;
	const char *load_from;
	struct pf_unit *next;
};

/*
 * How files are read: fills text (malloc'd, NUL terminated) and length; 0,
 * or an errno.
 */
struct pf_files {
	int (*read)(void *arg, const char *name, char **text, size_t *len);
	void *arg;
};

/* One reading of a rule file. */
struct pf_conf {
	struct pf_arena arena;
	struct pf_env *env;	/* borrowed */
	struct pf_files files;
	struct errlist errs;
	struct pf_unit *units;
	struct pf_anchor *anchors;	/* the first is the main ruleset */
	struct pf_anchor **anchors_tail;
	struct map anchor_index;	/* path to anchor */
	struct pf_table *tables, **tables_tail;
	struct map table_index;	/* "path\nname" to table */
	struct pf_queue *queues;
	int queue_count;
	struct pf_skip *skips;
	struct map macros;	/* name to value */
	int automatic;		/* number of the next automatic table */
	int brace;		/* number of the last unnamed anchor */
	size_t rules, entries, expanded, opened, combined;
	int live;		/* print-out of pfctl -vvsr */
	int block_return, if_bound, no_reassemble;
};

/* Prepares an empty configuration for an environment (borrowed). */
void pf_conf_init(struct pf_conf *, struct pf_env *, struct pf_files);
void pf_conf_free(struct pf_conf *);
/*
 * Reads a file and all that it includes and loads. What is wrong stands in
 * errs; 0, or -1 when something was.
 */
int pf_conf_read(struct pf_conf *, const char *file);
/* The print-out of `pfctl -o none -nv`. */
void pf_conf_print(struct pf_conf *, struct buf *);
/* One rule as pfctl prints it, without line end. */
void pf_rule_print(struct buf *, const struct pf_rule *, int verbose);
void pf_addr_print(struct buf *, const struct pf_addr *, enum pf_af,
    int verbose);

/* What a rule says of a limiter; and a limiter's statement, with line end. */
void pf_limiter_use_print(struct buf *, const struct pf_limiter_use *,
    int source);
void pf_limiter_print(struct buf *, const struct pf_limiter *);

/* The anchor of a path, NULL when there is none; made by the second. */
struct pf_anchor *pf_anchor_find(const struct pf_conf *, struct str path);
struct pf_anchor *pf_anchor_get(struct pf_conf *, struct str path);
/* The table of a name in an anchor, made empty when there is none. */
struct pf_table *pf_table_get(struct pf_conf *, const char *path,
    const char *name);
/* As the kernel finds it: the anchor's, else the main ruleset's, or NULL. */
struct pf_table *pf_table_find(const struct pf_conf *, const char *path,
    const char *name);
/* Adds an entry; -1: too many. */
int pf_table_add(struct pf_conf *, struct pf_table *, enum pf_af,
    const struct pf_ip *, int bits, int not);
/* 1 when the most specific entry that holds the address is not negated. */
int pf_table_match(const struct pf_table *, enum pf_af, const struct pf_ip *);
/* Orders a table for lookups: once, after the last entry. */
void pf_table_sort(struct pf_table *);

#endif

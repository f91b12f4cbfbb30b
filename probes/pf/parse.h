/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_PARSE_H
#define MEETPROBE_PROBES_PF_PARSE_H

#include "agent/base/limits.h"
#include "probes/pf/rule.h"

/* What the files of the reader share; nobody else includes this. */

enum pf_token {
	T_EOF = 0,
	/* 1..255: the character itself */
	T_STRING = 256, T_NUMBER, T_ERROR, T_NE, T_LE, T_GE, T_XRG, T_IRG,
	K_ABOVE, K_AFTO, K_ALL, K_ALLOWOPTS, K_ANCHOR, K_ANTISPOOF, K_ANY,
	K_BANDWIDTH, K_BELOW, K_BINATTO, K_BITMASK, K_BLOCK, K_BLOCKPOLICY,
	K_BURST, K_CODE, K_DEBUG, K_DEFAULT, K_DELAY, K_DIVERTPACKET,
	K_DIVERTREPLY, K_DIVERTTO, K_DROP, K_DUPTO, K_ENTRIES, K_FILE,
	K_FINGERPRINTS, K_FLAGS, K_FLOATING, K_FLOWS, K_FLUSH, K_FOR,
	K_FRAGMENT, K_FROM, K_GLOBAL, K_GROUP, K_HOSTID, K_ICMP6TYPE,
	K_ICMPTYPE, K_ID, K_IFBOUND, K_IN, K_INCLUDE, K_INET, K_INET6, K_KEEP,
	K_LABEL, K_LEASTSTATES, K_LIMIT, K_LIMITER, K_LOAD, K_LOG,
	K_LOGINTERFACE, K_MASK, K_MATCH, K_MATCHES, K_MAX, K_MAXMSS,
	K_MAXPKTRATE, K_MAXSRCCONN, K_MAXSRCCONNRATE, K_MAXSRCNODES,
	K_MAXSRCSTATES, K_MIN, K_MINTTL, K_MODULATE, K_NATTO, K_NO, K_NODF,
	K_NOMATCH, K_NOROUTE, K_NOSYNC, K_ON, K_ONCE, K_OPTIMIZATION, K_OS,
	K_OUT, K_OVERLOAD, K_PARENT, K_PASS, K_PFLOW, K_PORT, K_PRIO,
	K_PROBABILITY, K_PROTO, K_QLIMIT, K_QUANTUM, K_QUEUE, K_QUICK,
	K_RANDOM, K_RANDOMID, K_RATE, K_RDOMAIN, K_RDRTO, K_REASSEMBLE,
	K_RECEIVEDON, K_REPLYTO, K_RETURN, K_RETURNICMP, K_RETURNICMP6,
	K_RETURNRST, K_ROUNDROBIN, K_ROUTE, K_ROUTETO, K_RTABLE, K_RULE,
	K_RULESETOPT, K_SCRUB, K_SET, K_SKIP, K_SLOPPY, K_SOURCE, K_SOURCEHASH,
	K_SOURCETRACK, K_STATE, K_STATEDEFAULTS, K_STATEPOLICY, K_STATICPORT,
	K_STICKYADDRESS, K_SYNCOOKIES, K_SYNPROXY, K_TABLE, K_TAG, K_TAGGED,
	K_TIMEOUT, K_TO, K_TOS, K_TTL, K_URPFFAILED, K_USER, K_WEIGHT
};

/* A file being read, the including one below it. */
struct pf_source {
	char *text;
	size_t len, pos;
	const char *name;
	int line;
	int ended;		/* the line end at the end was given */
	unsigned char *back;	/* characters pushed back, last first */
	size_t backs, back_cap;
	struct pf_source *below;
};

struct pf_lexer {
	struct pf_conf *conf;
	struct pf_source *top;
	int expanding;
	int depth;
	int limiter;		/* the words of limiters are keywords */
	int overflow;		/* too much expansion: the input ends */
};

struct pf_interface {
	const char *name;	/* "" for rdomain */
	int not, dynamic, rdomain;	/* rdomain -1: none */
	int loopback;
	struct pf_interface *next;
};

struct pf_protocol {
	int proto;
	struct pf_protocol *next;
};

struct pf_icmp {
	int type, code, proto;	/* type and code plus 1 */
	struct pf_icmp *next;
};

struct pf_os {
	const char *name;
	struct pf_os *next;
};

enum pf_state_opt_kind {
	PF_SO_MAX, PF_SO_NOSYNC, PF_SO_SRCTRACK, PF_SO_MAX_SRC_STATES,
	PF_SO_MAX_SRC_CONN, PF_SO_MAX_SRC_CONN_RATE, PF_SO_MAX_SRC_NODES,
	PF_SO_OVERLOAD, PF_SO_STATELOCK, PF_SO_TIMEOUT, PF_SO_SLOPPY,
	PF_SO_PFLOW
};

enum { PF_TRACK_NONE, PF_TRACK_DEFAULT, PF_TRACK_GLOBAL, PF_TRACK_RULE };

struct pf_state_opt {
	enum pf_state_opt_kind kind;
	uint32_t a, b;
	const char *name;
	struct pf_state_opt *next;
};

/* Ports as `rdr-to` and lists write them. */
struct pf_portspec {
	int a, b;
	enum pf_op op;		/* PF_OP_IRG: "A:*" */
};

struct pf_redirect {
	struct pf_host *host;
	struct pf_portspec port;
	enum pf_pool_type type;
	int sticky, static_port, has_key;
	uint32_t key[4];
	int set, binat;
	enum pf_af af;		/* of af-to */
};

/* The options after the hosts of a rule. */
struct pf_options {
	struct pf_range *uid, *gid;
	struct pf_interface *rcv;
	struct pf_icmp *icmp;
	int has_flags, flags, flagset;
	int has_tos, tos, has_prio, prio;
	int has_keep;
	enum pf_keep keep;
	struct pf_state_opt *state;
	int fragment, allow_opts, once, afto;
	const char *label, *queue, *pqueue, *tag, *tagged;
	int tagged_not, rtable;
	uint32_t probability;
	enum pf_divert divert;
	struct pf_host *divert_host;
	int divert_port;
	int has_setprio, set_prio[2], has_settos, set_tos;
	int has_delay, delay;
	uint32_t rate_limit, rate_seconds;
	int nodf, randomid, scrub_tcp, has_minttl, minttl, has_maxmss, maxmss;
	struct pf_redirect nat, rdr, route;
	enum pf_route rt;
	struct pf_limiter_use state_limiter, source_limiter;
};

struct pf_fromto {
	struct pf_host *src, *dst;
	struct pf_range *sport, *dport;
	struct pf_os *os;
};

/* All lists that one line is expanded from. */
struct pf_lists {
	struct pf_interface *ifs, *rcv;
	struct pf_protocol *protos;
	struct pf_icmp *icmp;
	struct pf_fromto ft;
	struct pf_range *uid, *gid;
	struct pf_redirect *nat, *rdr, *route;
};

struct pf_parser {
	struct pf_conf *conf;
	struct pf_unit *unit;
	struct pf_lexer lex;
	/* The current token; -1: none read. */
	int token;
	int64_t number;
	const char *string;
	int quiet;		/* tokens until a syntax error is told again */
	int was_quiet;		/* before the last token was taken */
	int line;		/* of the last token read */
	int start;		/* of the statement */
	const char *start_file;
	struct pf_anchor *anchor;	/* rules go here */
	/*
	 * Depth of braces and, one below it, bodies whose anchor was refused.
	 * As in pfctl an error leaves both, which shows in later messages.
	 */
	int asd;
	unsigned char stale[LIMIT_PF_ANCHOR_DEPTH + 2];
	struct pf_state_opt *defaults;
	int has_defaults;
	int block_return, if_bound, no_reassemble;
};

/* lex.c */
int pf_lex_open(struct pf_lexer *, const char *name, int *error);
void pf_lex_close(struct pf_lexer *);
int pf_lex(struct pf_parser *);
void pf_lex_unget(struct pf_lexer *, int);
const char *pf_lex_file(const struct pf_lexer *);

/* parse.c: tokens. peek reads one when none is there. */
int pf_peek(struct pf_parser *);
void pf_next(struct pf_parser *);
/* Puts the token that was taken last back. */
void pf_back(struct pf_parser *, int token);
/* 1 and taken when the current token is this one. */
int pf_accept(struct pf_parser *, int token);
/* 0 and taken, or -1 and "syntax error". */
int pf_expect(struct pf_parser *, int token);
int pf_syntax(struct pf_parser *);
/* Adds an error at the line of the last token; -1. */
int pf_error(struct pf_parser *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* 0 and the token's text or value, or -1 and "syntax error". */
int pf_string(struct pf_parser *, const char **);
int pf_number(struct pf_parser *, int64_t *);
/* Strings up to the first other token, joined by blanks. */
int pf_strings(struct pf_parser *, const char **);
void pf_newlines(struct pf_parser *);
/* Between list elements: 1 another follows, 0 the brace closed, -1. */
int pf_list_more(struct pf_parser *);
void *pf_new(struct pf_parser *, size_t);

/* parse_rule.c */
int pf_parse_rule(struct pf_parser *);
int pf_parse_antispoof(struct pf_parser *);
/* What anchors share: an empty rule; a direction; interface to options. */
void pf_rule_init(struct pf_parser *, struct pf_rule *);
void pf_parse_dir(struct pf_parser *, struct pf_rule *);
int pf_parse_tail(struct pf_parser *, struct pf_rule *, struct pf_lists *,
    struct pf_options *);
int pf_check_tcp_only(struct pf_parser *, const struct pf_options *,
    const struct pf_lists *, const char *os_text);
void pf_decide_family(const struct pf_host *, enum pf_af *);

/* parse_host.c */
int pf_parse_from_to(struct pf_parser *, struct pf_fromto *);
int pf_parse_host(struct pf_parser *, struct pf_host **);
int pf_parse_xhost(struct pf_parser *, struct pf_host **);
int pf_parse_weight(struct pf_parser *, struct pf_host *);
int pf_parse_port(struct pf_parser *, int range, int star,
    struct pf_portspec *);
int pf_unary_op(struct pf_parser *, enum pf_op *);
struct pf_host *pf_host_of(struct pf_parser *, const char *);
struct pf_host *pf_if_addrs(struct pf_parser *, const char *, int modifiers);
int pf_host_list_join(struct pf_host **list, struct pf_host *more);
void pf_set_mask(struct pf_host *, int bits);

/* parse_opt.c, parse_pool.c, parse_state.c */
int pf_parse_options(struct pf_parser *, struct pf_options *);
int pf_parse_redirect(struct pf_parser *, struct pf_redirect *, int port);
int pf_parse_source_hash(struct pf_parser *, struct pf_redirect *);
int pf_parse_keep(struct pf_parser *, struct pf_options *);
int pf_parse_state_opts(struct pf_parser *, struct pf_state_opt **);
int pf_parse_if_list(struct pf_parser *, struct pf_interface **);
int pf_parse_if_item(struct pf_parser *, struct pf_interface **);
int pf_parse_protos(struct pf_parser *, struct pf_protocol **);

/* parse_set.c, parse_queue.c, parse_table.c */
int pf_parse_set(struct pf_parser *);
int pf_parse_queue(struct pf_parser *);
int pf_queue_known(const struct pf_conf *, const char *);
void pf_queues_check(struct pf_conf *);
int pf_parse_table(struct pf_parser *);
void pf_table_print(struct pf_unit *, const char *name, const char *flags,
    struct pf_host *);

/* limiter.c: the first keyword is read. */
int pf_parse_limiter(struct pf_parser *, int source);
int pf_parse_limiter_use(struct pf_parser *, struct pf_options *, int source);
/* Gives the rules that say an id the limiter's name, at a file's end. */
void pf_limiters_name(struct pf_parser *);

/* rule_make.c */
int pf_rule_options(struct pf_parser *, struct pf_rule *,
    const struct pf_options *);
int pf_rule_state(struct pf_parser *, struct pf_rule *,
    const struct pf_options *);

/* expand.c, check.c, label.c */
void pf_expand(struct pf_parser *, struct pf_rule *, const struct pf_lists *);
int pf_collapse(struct pf_parser *, struct pf_pool *, struct pf_rule *,
    struct pf_redirect *, int routing);
int pf_apply(struct pf_parser *, struct pf_pool *, struct pf_redirect *,
    int kind, const struct pf_range *dport);
int pf_rule_check(struct pf_parser *, const struct pf_rule *);
int pf_multiaddr(const struct pf_addr *);
const char *pf_label(struct pf_parser *, const char *text,
    const struct pf_rule *, const struct pf_host *src,
    const struct pf_range *sport, const struct pf_host *dst,
    const struct pf_range *dport, size_t max);
const char *pf_label_nr(struct pf_conf *, const char *text, int nr);

#endif

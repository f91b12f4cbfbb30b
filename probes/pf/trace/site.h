/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_TRACE_SITE_H
#define MEETPROBE_PROBES_PF_TRACE_SITE_H

#include "probes/pf/eval.h"

/*
 * The firewalls of a site, each with its rules and its environment, and the
 * way of one connection through all of them.
 */
#define PF_SITE_HOSTS 16
#define PF_STEPS 24

struct pf_site_host {
	const char *name;
	const char *file;	/* of the rules; NULL: none given */
	char *text;		/* of that file */
	size_t len;
	struct pf_env own, *env;	/* env: own, or borrowed */
	int has_env;		/* given; else made up of what others say */
	int live;		/* text is that of pfctl -vvsr */
	int ready;		/* conf and machine are there */
	int hidden;		/* looked past, as if no rules were given */
	struct pf_conf conf;
	struct pf_machine machine;
	struct pf_files below;	/* for the files that the rules include */
};

struct pf_site {
	struct pf_site_host hosts[PF_SITE_HOSTS];
	int count;
	struct pf_arena arena;
};

/* One pass through one firewall. */
struct pf_step {
	int host, interface;
	enum pf_dir dir;
	struct pf_packet before, after;
	struct pf_verdict verdict;
	int unseen;		/* no rules of this host are known */
};

enum pf_end {
	PF_END_ARRIVED,		/* at the host that was meant */
	PF_END_BLOCKED,		/* by the last step */
	PF_END_ELSEWHERE,	/* at another host than was meant */
	PF_END_NO_ROUTE,
	PF_END_PRIVATE,		/* left the site with a private source */
	PF_END_REPLY,		/* the answer is blocked: step `reply` */
	PF_END_LOOP
};

struct pf_path {
	struct pf_step steps[PF_STEPS];
	int count;
	enum pf_end end;
	int end_host;		/* -1: outside the site */
	int wanted;		/* the host that was meant, -1: none of ours */
	int via_public;		/* the destination was the router's own */
	int redirect;		/* the step that changed the destination, -1 */
	int same_host;		/* from a host to itself */
	/*
	 * The router's own address was meant and no rule redirects it from
	 * here: the verdict on the same packet from outside, when that is
	 * redirected.
	 */
	int from_outside_redirected;
	struct pf_verdict from_outside;
	int reply;		/* index of the step whose answer is blocked */
	struct pf_verdict reply_verdict;
	int gap;		/* a router between the hosts is not known */
};

/* What is asked. */
struct pf_question {
	const char *from, *to;	/* names, addresses, "outside" */
	int proto, port;	/* IP protocol; port 0: ICMP echo */
	/* From outside, `to` is a public name: wherever a rule sends it. */
	int public_name;
};

void pf_site_init(struct pf_site *);
void pf_site_free(struct pf_site *);
/* The host of a name, made when missing; NULL: too many. */
struct pf_site_host *pf_site_host(struct pf_site *, const char *name);
int pf_site_find(const struct pf_site *, const char *name);
/* Gives a host its rules (text is copied) and reads on from files. */
void pf_site_rules(struct pf_site_host *, const char *file, struct str text,
    struct pf_files below);
/*
 * Reads all rules. Hosts without an environment get one of a single
 * interface, with the address and the names that the others know. 0, or -1
 * and told in the list.
 */
int pf_site_load(struct pf_site *, struct errlist *);
/* Reads the rules of one host again after a change of its text. */
int pf_site_reload(struct pf_site_host *, struct errlist *);

/* Follows one connection; 0, or -1: a name is not known (told). */
int pf_trace(struct pf_site *, const struct pf_question *, struct pf_path *,
    struct errlist *);
/* The address of a name; 0, or -1. "outside" is a documentation address. */
int pf_site_resolve(const struct pf_site *, const char *name, enum pf_af,
    struct pf_ip *, enum pf_af *);

/*
 * The name of an address: that of the host that has it, else one that an
 * environment knows; NULL: none. In the site's arena.
 */
const char *pf_site_name(struct pf_site *, enum pf_af, const struct pf_ip *);

/*
 * The path in words, a line a hop, and where it stops and why; lines longer
 * than 80 columns go on indented.
 */
void pf_path_print(struct pf_site *, const struct pf_question *,
    const struct pf_path *, struct buf *);
/*
 * What the files do not tell: tables and anchors filled at run time that
 * could decide about the packets of the path.
 */
void pf_path_unseen(const struct pf_site *, const struct pf_path *,
    struct buf *);
/*
 * What stands beside the path, a line each: a redirect that is for packets
 * from outside only, neighbour discovery that is blocked.
 */
void pf_path_notes(struct pf_site *, const struct pf_path *, struct buf *);
/*
 * The rule that keeps IPv6 neighbours of a step's interface from finding each
 * other, NULL: none.
 */
const struct pf_rule *pf_discovery_blocked(const struct pf_site *,
    const struct pf_step *);
/*
 * The path as one JSON object: from, to, proto, port, end (arrived, blocked,
 * reply-blocked, elsewhere, no-route, private-source, loop), at (the host by
 * name, null: none that is known), hops, reply, notes, unseen, advice (the
 * diff; "" gives null).
 */
void pf_path_json(struct pf_site *, const struct pf_question *,
    const struct pf_path *, const char *advice, struct buf *);
/*
 * Lines that let the connection pass, as a diff, found by adding them and
 * tracing again. 1 when the path is open with them, 0 when not (or nothing
 * was needed).
 */
int pf_advise(struct pf_site *, const struct pf_question *,
    const struct pf_path *, struct buf *);
/* The same for several connections together. */
struct pf_advice {
	const struct pf_question *wanted;	/* that shall pass */
	size_t wanted_count;
	const struct pf_question *shut;		/* that do not and must not */
	size_t shut_count;
	struct buf *diff;
	/* Of those that must not and would with the lines: the port and the
	 * line that lets it in; NULL: not asked. */
	struct buf *opened;
};
/* 1 when all are open with the lines and some were needed. */
int pf_advise_all(struct pf_site *, const struct pf_advice *);

#endif

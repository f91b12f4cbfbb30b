/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_MATRIX_H
#define MEETPROBE_PROBES_PF_MATRIX_H

#include "probes/flows.h"
#include "probes/pf/trace/site.h"

/*
 * The flow matrix followed through the firewalls of a site: what the probes
 * of the group pf and the lint of pf.conf files share.
 */

/*
 * A client on the Internet: unlike the addresses of documentation none that
 * the usual lists of impossible sources hold.
 */
#define PF_CLIENT "145.97.39.155"
#define PF_CLIENT6 "2a00:1098::91:27"

/*
 * Names that no file knows are given addresses of 198.18.0.0/15, the networks
 * for benchmarks (RFC 2544): they stand for any address.
 */
#define PF_MADE_UP "198.18.0"
int pf_is_made_up(enum pf_af, const struct pf_ip *);

/* What the site calls this host: by the first of its roles. */
const char *pf_own_name(const struct site *);

/* One flow from one kind of host. */
struct pf_followed {
	const struct flow *flow;
	enum role role;			/* where it starts */
	const char *from, *to;		/* what these are called */
	struct pf_question q;		/* as it was traced */
	const struct pf_path *path;	/* NULL: not followed */
	const char *why;		/* then: why not */
};

typedef void pf_followed_fn(void *arg, const struct pf_followed *);

/*
 * Every flow from every host that it starts at, not the router's own; of a
 * range the first port, and the last one when the first gets through. The
 * path is valid during the call; rules must not be read anew in it.
 */
void pf_follow_matrix(struct pf_site *, const struct site *,
    pf_followed_fn *, void *arg);

/* The same of one flow from one kind of host. */
void pf_follow_flow(struct pf_site *, const struct site *,
    const struct flow *, enum role, pf_followed_fn *, void *arg);

/* The cause that a blocked leg of a flow stands for: "pf-blocks-5222";
 * router: it was let in there and is blocked on its way out. NULL: none. */
const char *pf_blocked_id(const struct flow *, int router_out);
/* The same by a flow's protocol and port as evidence has them. */
const char *pf_blocked_id_of(int udp, int port, int router_out);

/* "web to xmpp port 5280/tcp" */
void pf_flow_text(struct buf *, const char *from, const char *to, int udp,
    int port, int last);
/* 1 when the step is the router's second leg: let in, now on its way out. */
int pf_second_leg(const struct pf_path *, int step);

/* What the match rules of a host make of a packet before its other rules see
 * it; those before the rule of a verdict, NULL: all. */
struct pf_packet pf_matched(const struct pf_site_host *,
    const struct pf_packet *, const struct pf_verdict *until);

/*
 * Could a rule that cannot be judged from the files let the packet of a
 * blocked step through after all: one with a table or anchor that is filled
 * at run time, a user, a probability; for a flow from outside one for certain
 * sources only, for one to anywhere outside one that passes its port to
 * certain destinations, or from a certain port?
 */
#define PF_ANY_SOURCE 1
#define PF_ANY_DESTINATION 2
int pf_may_pass(const struct pf_site *, const struct pf_step *, int any);

/* Does a rule name the port: alone or in a range? */
int pf_covers(const struct pf_range *, int port);

#endif

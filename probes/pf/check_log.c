/* SPDX-License-Identifier: ISC */
/*
 * The check pf.log: which of the packets that pf dropped belong to a flow
 * that the site needs, and whether the rules that are loaded now still drop
 * it. Scans of ports that must be closed, the ends of TCP connections whose
 * state is gone and the bridge's tries of its clients' private addresses
 * are dropped on every healthy site: they are counted and nothing more.
 * Pure.
 */
#include <string.h>

#include "agent/base/limits.h"
#include "probes/flows.h"
#include "probes/pf/checks.h"
#include "probes/pf/eval.h"
#include "probes/pf/names.h"

/* What a dropped packet means. */
enum meaning {
	MEANS_FAULT,		/* the site needs it */
	MEANS_LIMIT,		/* it passed its rule; a limit was reached */
	MEANS_MAYBE,		/* needed, unless this sender is kept out */
	MEANS_MENDED,		/* a fault, and the rules of now pass it */
	MEANS_OLD,		/* longer ago than counts */
	MEANS_WANTED,		/* must not be open, and is not */
	MEANS_LISTED,		/* of a sender that a rule names */
	MEANS_LATE,		/* TCP whose state is gone */
	MEANS_TRIES,		/* datagrams of the bridge */
	MEANS_PF,		/* pf's own sanity checks */
	MEANS_FOREIGN,		/* no flow of the site */
	MEANINGS
};

static const char *const told[MEANINGS] = {
	[MEANS_WANTED] = "to ports that must not be open from there, as it "
	    "must be",
	[MEANS_LISTED] = "of senders that a rule or a limit keeps out by "
	    "their address",
	[MEANS_LATE] = "of TCP connections whose state is gone: no fault",
	[MEANS_TRIES] = "of the bridge to addresses that its clients named: "
	    "no fault",
	[MEANS_PF] = "for other reasons than a rule",
	[MEANS_FOREIGN] = "that are no flow of the site",
	[MEANS_OLD] = "more than a day ago",
};

struct judge {
	struct check *c;
	const struct site *s;
	struct pf_env *env;
	struct pf_conf *live;
	const struct pf_conf *file;
	struct pf_machine machine;	/* of live, when that is there */
	wall_t now;
	int blind;		/* this host's own addresses are not known */
	uint64_t packets[MEANINGS];
};

/* The roles of the host at an address, ROLE_BITs; 0: none known. */
static roles_t
roles_at(const struct judge *j, enum pf_af af, const struct pf_ip *ip)
{
	const struct pf_name_addr *n;
	struct pf_ip a;
	enum pf_af family;
	roles_t roles = 0;
	int r;

	for (r = 0; r < ROLE_COUNT; r++) {
		if (r == ROLE_OUTSIDE)
			continue;
		if (j->s->host[r].address != NULL && pf_ip_parse(str_from(
		    j->s->host[r].address), &a, &family) == 0 &&
		    family == af && pf_ip_eq(&a, ip))
			roles |= ROLE_BIT(r);
		for (n = pf_env_host(j->env, target_name(j->s,
		    (enum role)r)); n != NULL; n = n->next)
			if (n->af == af && pf_ip_eq(&n->ip, ip))
				roles |= ROLE_BIT(r);
	}
	if (pf_env_own(j->env, af, ip) != -1)
		roles |= j->s->roles;
	return (roles);
}

/* The roles whose host's address nobody told. */
static roles_t
unplaced(const struct judge *j)
{
	roles_t roles = 0;
	int r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (r != ROLE_OUTSIDE && j->s->host[r].address == NULL &&
		    (j->s->roles & ROLE_BIT(r)) == 0 && pf_env_host(j->env,
		    target_name(j->s, (enum role)r)) == NULL)
			roles |= ROLE_BIT(r);
	return (roles);
}

/* Whom a packet to this address can be meant for. */
static roles_t
meant_for(const struct judge *j, enum pf_af af, const struct pf_ip *ip)
{
	roles_t roles = roles_at(j, af, ip);
	struct pf_ip public;
	enum pf_af family;

	/* The router's own address stands for those behind it. */
	if (((j->s->roles & ROLE_BIT(ROLE_ROUTER)) != 0 &&
	    pf_env_own(j->env, af, ip) != -1) ||
	    (j->s->public_address != NULL && pf_ip_parse(str_from(
	    j->s->public_address), &public, &family) == 0 && family == af &&
	    pf_ip_eq(&public, ip)))
		return (roles | ((1U << ROLE_COUNT) - 1));
	if (roles == 0 && pf_ip_private(af, ip))
		roles = unplaced(j);
	return (roles);
}

/* Does the site use this family for a role? IPv4 unless we know better. */
static int
has_family(const struct judge *j, enum role role, enum pf_af af)
{
	const char *own = j->s->host[role].address;
	const struct pf_name_addr *n;

	for (n = pf_env_host(j->env, target_name(j->s, role)); n != NULL;
	    n = n->next)
		if (n->af == af)
			return (1);
	return (af == PF_AF_INET || (own != NULL && strchr(own, ':') !=
	    NULL));
}

/* By the matrix: 1: the site needs this flow; 0: it must not be; -1: it is
 * none, or one that a site works without (port 80). */
static int
look_up(const struct judge *j, const struct pf_log_entry *e, uint16_t port,
    roles_t from, roles_t to)
{
	struct flow list[FLOWS_MAX];
	size_t n = flows_of(j->s, list), i;
	int answer = -1;

	for (i = 0; i < n; i++) {
		if ((list[i].udp ? 17 : 6) != e->proto ||
		    port < list[i].port || port > list[i].last ||
		    (list[i].from & from) == 0 ||
		    (to & ROLE_BIT(list[i].to)) == 0)
			continue;
		if (!list[i].reachable)
			answer = 0;
		else if ((list[i].udp || !list[i].optional) &&
		    has_family(j, list[i].to, e->af))
			return (1);
	}
	return (answer);
}

/* The same of a packet of a flow that opens in this direction. */
static int
needed(const struct judge *j, const struct pf_log_entry *e,
    const struct pf_ip *src, const struct pf_ip *dst, uint16_t port)
{
	roles_t from = roles_at(j, e->af, src), to = meant_for(j, e->af, dst);
	int inside = pf_ip_private(e->af, src);

	if (from == 0 && !inside) {
		from = ROLE_BIT(ROLE_OUTSIDE);
		/* The address that it came in to may be ours. */
		if (j->blind && to == 0 && e->dir == PF_IN)
			to = (1U << ROLE_COUNT) - 1;
	} else if (from == 0 && j->blind && pf_ip_private(e->af, dst))
		from = unplaced(j);
	return (look_up(j, e, port, from, to));
}

/* What the packet met is a list that pfctl does not print. */
static int
by_table(const struct pf_rule *r)
{
	return (r != NULL && (r->src.addr.type == PF_ADDR_TABLE ||
	    r->dst.addr.type == PF_ADDR_TABLE));
}

/* 1 when the rules that are loaded now pass the packet, for certain. */
static int
passes_now(const struct judge *j, const struct pf_log_entry *e)
{
	int interface = pf_env_if(j->env, e->ifname);
	struct pf_verdict v;
	struct pf_packet p;

	if (j->live == NULL || interface == -1 || e->dir == PF_INOUT ||
	    by_table(pf_log_rule(j->live, e)))
		return (0);
	memset(&p, 0, sizeof(p));
	p.af = e->af;
	p.proto = e->proto;
	p.dir = e->dir;
	p.interface = interface;
	p.received = e->dir == PF_IN ? interface : pf_env_own(j->env, e->af,
	    &e->src) != -1 ? -1 : pf_env_route(j->env, e->af, &e->src);
	p.src = e->src;
	p.dst = e->dst;
	p.sport = e->sport;
	p.dport = e->dport;
	p.flags = e->flags == -1 ? PF_TCP_SYN : e->flags;
	p.prio = 3;
	p.tag = "";
	pf_eval(&j->machine, &p, &v);
	return (v.pass && !v.uncertain);
}

/* The rule is about certain senders: a list of bad ones, most likely. */
static int
names_sender(const struct judge *j, const struct pf_log_entry *e)
{
	const struct pf_rule *r = j->live == NULL ? NULL :
	    pf_log_rule(j->live, e);

	return (r != NULL && (r->src.not || (r->src.addr.type != PF_ADDR_MASK
	    ? r->src.addr.type != PF_ADDR_NONE : !pf_ip_zero(
	    &r->src.addr.mask))));
}

static enum meaning
meaning(const struct judge *j, const struct pf_log_flow *f)
{
	const struct pf_log_entry *e = &f->sample;
	const struct pf_ip *dst = e->rewritten ? &e->new_dst : &e->dst;
	uint16_t port = f->port;
	int need, outside;

	if (wall_is_set(f->last) && wall_diff(j->now, f->last) >
	    PF_LOG_MEMORY_US)
		return (MEANS_OLD);
	if (f->kind == PF_LOG_REST)
		return (MEANS_LATE);
	if (f->kind == PF_LOG_DATAGRAM)
		return (MEANS_TRIES);
	if (f->kind == PF_LOG_ANSWERS)
		need = needed(j, e, &e->dst, &e->src, port);
	else if ((need = needed(j, e, &e->src, dst, port)) == -1)
		need = needed(j, e, &e->src, &e->dst, port);
	if (need != 1)
		return (need == 0 ? MEANS_WANTED : MEANS_FOREIGN);
	outside = roles_at(j, e->af, &e->src) == 0;
	if (e->action != PF_LOG_BLOCK)
		return (outside && strcmp(e->reason, "src-limit") == 0 ?
		    MEANS_LISTED : MEANS_LIMIT);
	if (strcmp(e->reason, "match") != 0)
		return (MEANS_PF);
	if (outside && names_sender(j, e))
		return (MEANS_LISTED);
	if (passes_now(j, e))
		return (MEANS_MENDED);
	return (j->live == NULL && outside && e->dir == PF_IN ?
	    MEANS_MAYBE : MEANS_FAULT);
}

/* " by rule 3, /etc/pf.conf:7", or with the rule itself. */
static void
rule_text(const struct judge *j, const struct pf_log_entry *e, struct buf *b)
{
	const struct pf_rule *r = j->live == NULL ? NULL :
	    pf_log_rule(j->live, e);
	const struct pf_rule *line = r != NULL && j->file != NULL ?
	    pf_live_in_file(j->file, r) : NULL;

	buf_adds(b, " by rule ");
	pf_log_number(b, e);
	if (line != NULL)
		buf_addf(b, ", %s:%d", line->file, line->line);
	else if (r != NULL) {
		buf_adds(b, " (");
		pf_rule_print(b, r, 0);
		buf_addc(b, ')');
	}
}

static void
address_text(const struct judge *j, enum pf_af af, const struct pf_ip *ip,
    struct buf *b)
{
	roles_t roles = roles_at(j, af, ip);
	int r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (roles & ROLE_BIT(r)) {
			buf_addf(b, "%s (", target_name(j->s,
			    (enum role)r));
			break;
		}
	pf_ip_print(b, ip, af);
	buf_adds(b, r < ROLE_COUNT ? ")" : "");
}

/* "udp/10000 from 198.51.100.77 to jvb (100.64.4.3)" and what befell it. */
static void
flow_text(const struct judge *j, const struct pf_log_flow *f,
    enum meaning m, struct buf *b)
{
	const struct pf_log_entry *e = &f->sample;
	const char *proto = pf_proto_name(e->proto);
	char when[WALL_TEXT_SIZE];

	if (f->kind == PF_LOG_ANSWERS)
		buf_adds(b, "the answer of ");
	buf_addf(b, "%s/%u from ", proto == NULL ? "?" : proto, f->port);
	address_text(j, e->af, &e->src, b);
	buf_adds(b, " to ");
	address_text(j, e->af, &e->dst, b);
	buf_addf(b, " %s %s on %s", m == MEANS_MENDED ? "was blocked" :
	    m == MEANS_LIMIT ? "was dropped" : "is blocked",
	    e->dir == PF_IN ? "coming in" : "going out", e->ifname);
	if (m == MEANS_LIMIT)
		buf_addf(b, ": pf reached a limit (%s)", e->reason);
	rule_text(j, e, b);
	buf_addf(b, ": %llu packet%s", (unsigned long long)f->packets,
	    f->packets == 1 ? "" : "s");
	if (wall_is_set(f->last)) {
		wall_format(f->last, when, sizeof(when));
		buf_addf(b, ", the last at %s", when);
	}
	if (m == MEANS_MENDED)
		buf_adds(b, "; the rules that are loaded now pass it");
}

/* 1 when a rule that is loaded blocks and logs, or a match rule may make it
 * log; or none is known. */
static int
blocks_and_logs(const struct pf_conf *live)
{
	const struct pf_anchor *a;
	const struct pf_rule *r;

	for (a = live == NULL ? NULL : live->anchors; a != NULL; a = a->next)
		for (r = a->first; r != NULL; r = r->next)
			if ((r->action == PF_BLOCK || r->action == PF_MATCH) &&
			    r->log != 0)
				return (1);
	return (live == NULL);
}

static void
conclude(struct judge *j, const struct pf_log *l, enum meaning gravest,
    const struct buf *first)
{
	/* Whether it is so now, the loaded rules tell; a file that was given
	 * tells what was. */
	if (first->len > 0)
		check_result(j->c, j->live != NULL || (j->blind &&
		    gravest != MEANS_MAYBE) ? STATE_FAIL : STATE_WARN,
		    LAYER_PF, REASON_LOCAL_POLICY, "%s", buf_cstr(first));
	else if (l->entries == 0 && l->bad > 0)
		check_result(j->c, STATE_UNKNOWN, LAYER_PF,
		    REASON_PROTOCOL_ERROR, "what pflog holds is not "
		    "understood: %llu records of another form",
		    (unsigned long long)l->bad);
	else if (!blocks_and_logs(j->live))
		check_result(j->c, STATE_NOT_APPLICABLE, LAYER_PF, REASON_OK,
		    "no rule that blocks has \"log\": pflog does not show "
		    "what pf drops");
	else
		check_result(j->c, STATE_PASS, LAYER_PF, REASON_OK,
		    "pf blocks no packet that the site needs; %llu were "
		    "logged", (unsigned long long)l->entries);
}

void
pf_check_log(struct check *c, const struct site *s, struct pf_env *env,
    const struct pf_log *l, struct pf_conf *live, const struct pf_conf *file,
    wall_t now)
{
	struct judge j = { .c = c, .s = s, .env = env, .live = live,
	    .file = file, .now = now, .blind = env->if_count == 0 };
	const struct pf_log_flow *worst = NULL;
	struct buf b, first;
	enum meaning m, gravest = MEANS_MENDED;
	size_t i;

	buf_init(&b, LIMIT_CHECK_TEXT);
	buf_init(&first, LIMIT_CHECK_TEXT);
	if (live != NULL)
		pf_machine_init(&j.machine, live);
	for (i = 0; i < l->count; i++) {
		if (!pf_log_dropped(&l->flows[i].sample))
			continue;
		m = meaning(&j, &l->flows[i]);
		j.packets[m] += l->flows[i].packets;
		if (m > MEANS_MENDED)
			continue;
		buf_clear(&b);
		flow_text(&j, &l->flows[i], m, &b);
		check_say(c, "%s", buf_cstr(&b));
		if (m == MEANS_MENDED || (worst != NULL && (m > gravest ||
		    (m == gravest && worst->packets >= l->flows[i].packets))))
			continue;
		worst = &l->flows[i];
		gravest = m;
		buf_clear(&first);
		buf_add_str(&first, buf_str(&b));
	}
	for (i = 0; i < MEANINGS; i++)
		if (told[i] != NULL && j.packets[i] > 0)
			check_say(c, "%llu blocked packets %s",
			    (unsigned long long)j.packets[i], told[i]);
	if (l->lost > 0)
		check_say(c, "%llu records were lost by the capture: there "
		    "are more", (unsigned long long)l->lost);
	conclude(&j, l, gravest, &first);
	if (live != NULL)
		pf_machine_free(&j.machine);
	buf_free(&b);
	buf_free(&first);
}

/* SPDX-License-Identifier: ISC */
/*
 * Rules, tables and queues as pfctl(8) prints them. Pure; the text parses
 * again and prints the same.
 */
#include <string.h>

#include "probes/pf/names.h"
#include "probes/pf/rule.h"

static const char flag_letters[] = "FSRPAUEW";

void
pf_addr_print(struct buf *out, const struct pf_addr *a, enum pf_af af,
    int verbose)
{
	int bits;

	switch (a->type) {
	case PF_ADDR_TABLE:
		if (verbose)
			buf_addf(out, "<%s:%s>", a->name, a->count == NULL ?
			    "*" : a->count);
		else
			buf_addf(out, "<%s>", a->name);
		return;
	case PF_ADDR_NOROUTE:
		buf_adds(out, "no-route");
		return;
	case PF_ADDR_URPF:
		buf_adds(out, "urpf-failed");
		return;
	case PF_ADDR_RTLABEL:
		buf_addf(out, "route \"%s\"", a->name);
		return;
	case PF_ADDR_NONE:
		return;
	case PF_ADDR_RANGE:
		pf_ip_print(out, &a->ip, af);
		buf_adds(out, " - ");
		pf_ip_print(out, &a->mask, af);
		return;
	case PF_ADDR_DYNIF:
		buf_addf(out, "(%s%s%s%s%s", a->name,
		    a->modifiers & PF_IFM_NETWORK ? ":network" : "",
		    a->modifiers & PF_IFM_BROADCAST ? ":broadcast" : "",
		    a->modifiers & PF_IFM_PEER ? ":peer" : "",
		    a->modifiers & PF_IFM_NOALIAS ? ":0" : "");
		if (verbose)
			buf_addf(out, ":%s", a->count == NULL ? "*" :
			    a->count);
		buf_addc(out, ')');
		break;
	case PF_ADDR_MASK:
		if (pf_ip_zero(&a->ip) && pf_ip_zero(&a->mask)) {
			buf_adds(out, "any");
			return;
		}
		pf_ip_print(out, &a->ip, af);
		break;
	}
	bits = pf_mask_len(&a->mask);
	if (bits < pf_af_bits(af))
		buf_addf(out, "/%d", bits);
}

static void
print_op(struct buf *out, const struct pf_range *r, const char *a)
{
	static const char *const before[] = {
		[PF_OP_EQ] = "=", [PF_OP_NE] = "!=", [PF_OP_LT] = "<",
		[PF_OP_LE] = "<=", [PF_OP_GT] = ">", [PF_OP_GE] = ">=",
	};

	switch (r->op) {
	case PF_OP_NONE:
		break;
	case PF_OP_IRG:
		buf_addf(out, " %s >< %u", a, r->b);
		break;
	case PF_OP_XRG:
		buf_addf(out, " %s <> %u", a, r->b);
		break;
	case PF_OP_RRG:
		buf_addf(out, " %s:%u", a, r->b);
		break;
	default:
		buf_addf(out, " %s %s", before[r->op], a);
		break;
	}
}

static void
print_range(struct buf *out, const char *what, const struct pf_range *r,
    int id)
{
	struct buf a;

	if (r->op == PF_OP_NONE)
		return;
	buf_init(&a, 16);
	if (id && r->a == PF_UID_UNKNOWN && (r->op == PF_OP_EQ ||
	    r->op == PF_OP_NE))
		buf_adds(&a, "unknown");
	else
		buf_addf(&a, "%u", r->a);
	buf_addf(out, " %s", what);
	print_op(out, r, buf_cstr(&a));
	buf_free(&a);
}

static int
is_any(const struct pf_side *s)
{
	return (s->addr.type == PF_ADDR_MASK && pf_ip_zero(&s->addr.ip) &&
	    pf_ip_zero(&s->addr.mask) && !s->not &&
	    s->port.op == PF_OP_NONE);
}

static void
print_hosts(struct buf *out, const struct pf_rule *r, int verbose)
{
	if (is_any(&r->src) && is_any(&r->dst) && r->os == NULL) {
		buf_adds(out, " all");
		return;
	}
	buf_addf(out, " from %s", r->src.not ? "! " : "");
	pf_addr_print(out, &r->src.addr, r->af, verbose);
	print_range(out, "port", &r->src.port, 0);
	if (r->os != NULL)
		buf_addf(out, " os \"%s\"", r->os);
	buf_addf(out, " to %s", r->dst.not ? "! " : "");
	pf_addr_print(out, &r->dst.addr, r->af, verbose);
	print_range(out, "port", &r->dst.port, 0);
}

static void
print_code(struct buf *out, int code, enum pf_af af)
{
	const char *name = pf_icmp_code_name(code >> 8, code & 255, af);

	if (name != NULL)
		buf_adds(out, name);
	else
		buf_addf(out, "%d", code & 255);
}

static void
print_return(struct buf *out, const struct pf_rule *r)
{
	switch (r->returns) {
	case PF_DROP:
		buf_adds(out, " drop");
		return;
	case PF_RETURN:
		buf_adds(out, " return");
		return;
	case PF_RETURN_RST:
		buf_adds(out, " return-rst");
		if (r->return_ttl != 0)
			buf_addf(out, "(ttl %d)", r->return_ttl);
		return;
	case PF_RETURN_ICMP:
		break;
	}
	buf_addf(out, " return-icmp%s(", r->af == PF_AF_INET6 ? "6" : "");
	if (r->af != PF_AF_INET6)
		print_code(out, r->return_icmp, PF_AF_INET);
	if (r->af == PF_AF_ANY)
		buf_adds(out, ", ");
	if (r->af != PF_AF_INET)
		print_code(out, r->return_icmp6, PF_AF_INET6);
	buf_addc(out, ')');
}

/* Puts a separator before all but the first of a list. */
static void
separate(struct buf *out, int *n, const char *with)
{
	if ((*n)++ > 0)
		buf_adds(out, with);
}

static void
print_log(struct buf *out, const struct pf_rule *r)
{
	int n = 0;

	if (r->log == 0)
		return;
	buf_adds(out, " log");
	if (r->log == PF_LOG && r->logif == 0)
		return;
	buf_adds(out, " (");
	if (r->log & PF_LOG_ALL) {
		separate(out, &n, ", ");
		buf_adds(out, "all");
	}
	if (r->log & PF_LOG_MATCHES) {
		separate(out, &n, ", ");
		buf_adds(out, "matches");
	}
	if (r->log & PF_LOG_USER) {
		separate(out, &n, ", ");
		buf_adds(out, "user");
	}
	if (r->logif != 0) {
		separate(out, &n, ", ");
		buf_addf(out, "to pflog%d", r->logif);
	}
	buf_addc(out, ')');
}

static void
print_head(struct buf *out, const struct pf_rule *r)
{
	static const char *const actions[] = {
		[PF_PASS] = "pass", [PF_BLOCK] = "block",
		[PF_MATCH] = "match", [PF_ANCHOR] = "anchor",
	};
	const char *name;

	buf_adds(out, actions[r->action]);
	if (r->action == PF_ANCHOR && r->call != NULL)
		buf_addf(out, " \"%s\"", r->call);
	if (r->action == PF_BLOCK)
		print_return(out, r);
	if (r->dir != PF_INOUT)
		buf_adds(out, r->dir == PF_IN ? " in" : " out");
	print_log(out, r);
	if (r->quick)
		buf_adds(out, " quick");
	if (r->ifname[0] != '\0')
		buf_addf(out, " on %s%s", r->ifnot ? "! " : "", r->ifname);
	if (r->rdomain >= 0)
		buf_addf(out, " on %srdomain %d", r->ifnot ? "! " : "",
		    r->rdomain);
	if (r->af != PF_AF_ANY)
		buf_adds(out, r->af == PF_AF_INET ? " inet" : " inet6");
	if (r->proto == 0)
		return;
	if ((name = pf_proto_name(r->proto)) != NULL)
		buf_addf(out, " proto %s", name);
	else
		buf_addf(out, " proto %d", r->proto);
}

static void
print_flag_set(struct buf *out, int flags)
{
	int i;

	for (i = 0; i < 8; i++)
		if (flags & (1 << i))
			buf_addc(out, flag_letters[i]);
}

static void
print_flags(struct buf *out, const struct pf_rule *r)
{
	if (r->flags != 0 || r->flagset != 0) {
		buf_adds(out, " flags ");
		print_flag_set(out, r->flags);
		buf_addc(out, '/');
		print_flag_set(out, r->flagset);
	} else if ((r->action == PF_PASS || r->action == PF_MATCH) &&
	    (r->proto == 0 || r->proto == 6) && r->keep != PF_NO_STATE &&
	    (r->bits & PF_BIT_FRAGMENT) == 0)
		buf_adds(out, " flags any");
}

static void
print_icmp(struct buf *out, const struct pf_rule *r)
{
	enum pf_af af = r->af == PF_AF_INET6 ? PF_AF_INET6 : PF_AF_INET;
	const char *name;
	int type = r->icmp_type - 1;

	if (r->icmp_type == 0)
		return;
	buf_adds(out, af == PF_AF_INET6 ? " icmp6-type " : " icmp-type ");
	if ((name = pf_icmp_type_name(type, af)) != NULL)
		buf_adds(out, name);
	else
		buf_addf(out, "%d", type);
	if (r->icmp_code == 0)
		return;
	if ((name = pf_icmp_code_name(type, r->icmp_code - 1, af)) != NULL)
		buf_addf(out, " code %s", name);
	else
		buf_addf(out, " code %d", r->icmp_code - 1);
}

static void
print_set(struct buf *out, const struct pf_rule *r)
{
	int n = 0;

	if ((r->bits & (PF_BIT_SETPRIO | PF_BIT_SETTOS | PF_BIT_SETDELAY)) ==
	    0 && r->queue[0] == '\0')
		return;
	buf_adds(out, " set (");
	if (r->bits & PF_BIT_SETPRIO) {
		separate(out, &n, ", ");
		if (r->set_prio[0] == r->set_prio[1])
			buf_addf(out, "prio %d", r->set_prio[0]);
		else
			buf_addf(out, "prio(%d, %d)", r->set_prio[0],
			    r->set_prio[1]);
	}
	if (r->queue[0] != '\0') {
		separate(out, &n, ", ");
		if (r->pqueue[0] != '\0')
			buf_addf(out, "queue(%s, %s)", r->queue, r->pqueue);
		else
			buf_addf(out, "queue %s", r->queue);
	}
	if (r->bits & PF_BIT_SETTOS) {
		separate(out, &n, ", ");
		buf_addf(out, "tos 0x%2.2x", (unsigned)r->set_tos);
	}
	if (r->bits & PF_BIT_SETDELAY) {
		separate(out, &n, ", ");
		buf_addf(out, "delay %d", r->delay);
	}
	buf_addc(out, ')');
}

static int
has_state_opts(const struct pf_rule *r)
{
	int i;

	if (r->max_states != 0 || r->max_src_nodes != 0 ||
	    r->max_src_states != 0 || (r->bits & (PF_BIT_NOSYNC |
	    PF_BIT_SRCTRACK | PF_BIT_IFBOUND | PF_BIT_SLOPPY |
	    PF_BIT_PFLOW)) != 0)
		return (1);
	for (i = 0; i < PF_TIMEOUTS; i++)
		if (r->timeout[i] != 0)
			return (1);
	return (0);
}

static void
opt_number(struct buf *out, int *n, const char *name, uint32_t value)
{
	if (value == 0)
		return;
	separate(out, n, ", ");
	buf_addf(out, "%s %u", name, value);
}

static void
opt_word(struct buf *out, int *n, const struct pf_rule *r, uint32_t bit,
    const char *word)
{
	if ((r->bits & bit) == 0)
		return;
	separate(out, n, ", ");
	buf_adds(out, word);
}

static void
print_state_opts(struct buf *out, const struct pf_rule *r)
{
	int i, n = 0;

	buf_adds(out, " (");
	opt_number(out, &n, "max", r->max_states);
	opt_word(out, &n, r, PF_BIT_NOSYNC, "no-sync");
	opt_word(out, &n, r, PF_BIT_SRCTRACK, r->bits & PF_BIT_RULESRCTRACK ?
	    "source-track rule" : "source-track global");
	opt_number(out, &n, "max-src-states", r->max_src_states);
	opt_number(out, &n, "max-src-conn", r->max_src_conn);
	if (r->conn_rate_limit != 0) {
		separate(out, &n, ", ");
		buf_addf(out, "max-src-conn-rate %u/%u", r->conn_rate_limit,
		    r->conn_rate_seconds);
	}
	opt_number(out, &n, "max-src-nodes", r->max_src_nodes);
	if (r->overload[0] != '\0') {
		separate(out, &n, ", ");
		buf_addf(out, "overload <%s>%s%s", r->overload,
		    r->flush ? " flush" : "", r->flush == 2 ? " global" : "");
	}
	opt_word(out, &n, r, PF_BIT_IFBOUND, "if-bound");
	opt_word(out, &n, r, PF_BIT_SLOPPY, "sloppy");
	opt_word(out, &n, r, PF_BIT_PFLOW, "pflow");
	for (i = 0; i < PF_TIMEOUTS; i++)
		opt_number(out, &n, pf_timeout_name(i), r->timeout[i]);
	buf_addc(out, ')');
}

static void
print_probability(struct buf *out, uint32_t p)
{
	struct buf t;
	size_t n;

	if (p == 0)
		return;
	buf_init(&t, 32);
	buf_addf(&t, "%f", p * 100.0 / (UINT32_MAX + 1.0));
	for (n = t.len; n > 1 && t.data[n - 1] == '0'; n--)
		;
	if (n > 1 && t.data[n - 1] == '.')
		n--;
	buf_addf(out, " probability %.*s%%", (int)n, t.data);
	buf_free(&t);
}

static void
print_state(struct buf *out, const struct pf_rule *r)
{
	int opts = has_state_opts(r);

	if (r->keep == PF_NO_STATE && r->action == PF_PASS)
		buf_adds(out, " no state");
	else if (r->keep == PF_KEEP && opts)
		buf_adds(out, " keep state");
	else if (r->keep == PF_MODULATE)
		buf_adds(out, " modulate state");
	else if (r->keep == PF_SYNPROXY)
		buf_adds(out, " synproxy state");
	print_probability(out, r->probability);
	pf_limiter_use_print(out, &r->state_limiter, 0);
	pf_limiter_use_print(out, &r->source_limiter, 1);
	if (opts)
		print_state_opts(out, r);
	if (r->bits & PF_BIT_FRAGMENT)
		buf_adds(out, " fragment");
}

static void
print_scrub(struct buf *out, const struct pf_rule *r)
{
	int n = 0;

	if ((r->bits & PF_BIT_SCRUBMASK) == 0 && r->min_ttl == 0 &&
	    r->max_mss == 0)
		return;
	buf_adds(out, " scrub (");
	if (r->bits & PF_BIT_NODF) {
		separate(out, &n, " ");
		buf_adds(out, "no-df");
	}
	if (r->bits & PF_BIT_RANDOMID) {
		separate(out, &n, " ");
		buf_adds(out, "random-id");
	}
	if (r->min_ttl != 0) {
		separate(out, &n, " ");
		buf_addf(out, "min-ttl %d", r->min_ttl);
	}
	if (r->bits & PF_BIT_SCRUB_TCP) {
		separate(out, &n, " ");
		buf_adds(out, "reassemble tcp");
	}
	if (r->max_mss != 0) {
		separate(out, &n, " ");
		buf_addf(out, "max-mss %d", r->max_mss);
	}
	buf_addc(out, ')');
}

static void
print_names(struct buf *out, const struct pf_rule *r)
{
	if (r->bits & PF_BIT_ALLOWOPTS)
		buf_adds(out, " allow-opts");
	if (r->label[0] != '\0')
		buf_addf(out, " label \"%s\"", r->label);
	if (r->bits & PF_BIT_ONCE)
		buf_adds(out, " once");
	if (r->tag[0] != '\0')
		buf_addf(out, " tag %s", r->tag);
	if (r->tagged[0] != '\0')
		buf_addf(out, "%s tagged %s", r->tagged_not ? " !" : "",
		    r->tagged);
	if (r->rtable != -1)
		buf_addf(out, " rtable %d", r->rtable);
}

static void
print_divert(struct buf *out, const struct pf_rule *r)
{
	switch (r->divert) {
	case PF_DIVERT_NONE:
		break;
	case PF_DIVERT_TO:
		buf_adds(out, " divert-to ");
		pf_ip_print(out, &r->divert_ip, r->af);
		buf_addf(out, " port %d", r->divert_port);
		break;
	case PF_DIVERT_REPLY:
		buf_adds(out, " divert-reply");
		break;
	case PF_DIVERT_PACKET:
		buf_addf(out, " divert-packet port %d", r->divert_port);
		break;
	}
}

enum pool_use { USE_NAT, USE_RDR, USE_ROUTE };

static void
print_pool_ports(struct buf *out, const struct pf_pool *p, enum pool_use use)
{
	unsigned a = p->port[0], b = p->port[1];

	if (use == USE_ROUTE || (a == 0 && (use == USE_RDR || b == 0)))
		return;
	if (use == USE_NAT && a == PF_NAT_PORT_LOW && b == PF_NAT_PORT_HIGH)
		return;
	buf_addf(out, " port %u", a);
	if (b != a && (use == USE_NAT || b != 0))
		buf_addf(out, ":%u", b);
}

static void
print_pool(struct buf *out, const struct pf_pool *p, enum pf_af af,
    enum pool_use use, int verbose)
{
	static const char *const types[] = {
		[PF_POOL_NONE] = "", [PF_POOL_BITMASK] = " bitmask",
		[PF_POOL_RANDOM] = " random",
		[PF_POOL_SRCHASH] = " source-hash",
		[PF_POOL_ROUNDROBIN] = " round-robin",
		[PF_POOL_LEASTSTATES] = " least-states",
	};

	pf_addr_print(out, &p->addr, af, verbose);
	print_pool_ports(out, p, use);
	buf_adds(out, types[p->type]);
	if (p->type == PF_POOL_SRCHASH)
		buf_addf(out, " 0x%08x%08x%08x%08x", p->key[0], p->key[1],
		    p->key[2], p->key[3]);
	if (p->sticky)
		buf_adds(out, " sticky-address");
	if (use == USE_NAT && p->port[0] == 0 && p->port[1] == 0)
		buf_adds(out, " static-port");
}

static void
print_translation(struct buf *out, const struct pf_rule *r, int verbose)
{
	enum pf_af naf = r->naf != PF_AF_ANY ? r->naf : r->af;
	static const char *const routes[] = { "", " route-to ", " reply-to ",
		" dup-to " };
	int nat = r->nat.addr.type != PF_ADDR_NONE;
	int rdr = r->rdr.addr.type != PF_ADDR_NONE;

	if (r->action == PF_ANCHOR)
		return;
	if (nat && (r->bits & PF_BIT_AFTO) != 0) {
		buf_addf(out, " af-to %s from ", r->naf == PF_AF_INET ?
		    "inet" : "inet6");
		print_pool(out, &r->nat, naf, USE_NAT, verbose);
		if (rdr) {
			buf_adds(out, " to ");
			print_pool(out, &r->rdr, naf, USE_RDR, verbose);
		}
	} else if (nat) {
		buf_adds(out, " nat-to ");
		print_pool(out, &r->nat, naf, USE_NAT, verbose);
	} else if (rdr) {
		buf_adds(out, " rdr-to ");
		print_pool(out, &r->rdr, r->af, USE_RDR, verbose);
	}
	if (r->rt != PF_ROUTE_NONE) {
		buf_adds(out, routes[r->rt]);
		print_pool(out, &r->route, r->af, USE_ROUTE, verbose);
	}
}

void
pf_rule_print(struct buf *out, const struct pf_rule *r, int verbose)
{
	if (verbose)
		buf_addf(out, "@%d ", r->nr);
	print_head(out, r);
	print_hosts(out, r, verbose);
	if (r->rcvif[0] != '\0')
		buf_addf(out, " %sreceived-on %s", r->rcvnot ? "!" : "",
		    r->rcvif);
	print_range(out, "user", &r->uid, 1);
	print_range(out, "group", &r->gid, 1);
	print_flags(out, r);
	print_icmp(out, r);
	if (r->tos != 0)
		buf_addf(out, " tos 0x%2.2x", (unsigned)r->tos);
	if (r->prio != PF_PRIO_NONE)
		buf_addf(out, " prio %d", r->prio);
	if (r->rate_limit != 0)
		buf_addf(out, " max-pkt-rate %u/%u", r->rate_limit,
		    r->rate_seconds);
	print_set(out, r);
	print_state(out, r);
	print_scrub(out, r);
	print_names(out, r);
	print_divert(out, r);
	print_translation(out, r, verbose);
	if (r->expired)
		buf_adds(out, " # expired");
}

static void
print_rate(struct buf *out, const char *prefix, uint64_t rate)
{
	static const char unit[] = " KMG";
	int i;

	if (rate == 0)
		return;
	for (i = 0; rate >= 1000 && i < 3 && rate % 1000 == 0; i++)
		rate /= 1000;
	buf_addf(out, "%s%llu%c", prefix, (unsigned long long)rate, unit[i]);
}

static void
print_curve(struct buf *out, const char *prefix, const struct pf_curve *c)
{
	print_rate(out, prefix, c->m2);
	if (c->d == 0)
		return;
	buf_adds(out, " burst ");
	print_rate(out, "", c->m1);
	buf_addf(out, " for %ums", c->d);
}

/* A queue and all below it. */
static void
print_queue(struct buf *out, const struct pf_queue *q)
{
	const struct pf_queue *c;

	buf_addf(out, "queue %s", q->name);
	if (q->parent != NULL && q->parent[0] != '\0')
		buf_addf(out, " parent %s", q->parent);
	else if (q->ifname[0] != '\0')
		buf_addf(out, " on %s", q->ifname);
	if (q->has_flows) {
		buf_addf(out, " flows %u", q->flows);
		if (q->quantum != 0)
			buf_addf(out, " quantum %u", q->quantum);
	}
	if (q->link.m1 != 0 || q->link.m2 != 0) {
		print_curve(out, " bandwidth ", &q->link);
		print_curve(out, ", min ", &q->real);
		print_curve(out, ", max ", &q->upper);
	}
	if (q->is_default)
		buf_adds(out, " default");
	if (q->qlimit != 0)
		buf_addf(out, " qlimit %u", q->qlimit);
	buf_addc(out, '\n');
	for (c = q->children; c != NULL; c = c->next)
		print_queue(out, c);
}

static void
indent(struct buf *out, int depth)
{
	while (depth-- > 0)
		buf_adds(out, "  ");
}

/* A ruleset with the anchors in it; each body is printed once. */
static void
print_ruleset(struct buf *out, struct pf_anchor *a, int depth)
{
	const struct pf_rule *r;

	a->printed = 1;
	for (r = a->first; r != NULL; r = r->next) {
		indent(out, depth);
		pf_rule_print(out, r, 0);
		if (r->body == NULL || r->body->first == NULL ||
		    r->body->printed || depth >= 64) {
			buf_addc(out, '\n');
			continue;
		}
		buf_adds(out, " {\n");
		print_ruleset(out, r->body, depth + 1);
		indent(out, depth);
		buf_adds(out, "}\n");
	}
}

void
pf_conf_print(struct pf_conf *conf, struct buf *out)
{
	const struct pf_queue *q;
	const struct pf_limiter *l;
	struct pf_unit *u;
	struct pf_anchor *a;

	for (a = conf->anchors; a != NULL; a = a->next)
		a->printed = 0;
	for (u = conf->units; u != NULL; u = u->next) {
		buf_add_str(out, buf_str(&u->text));
		for (q = u == conf->units ? conf->queues : NULL; q != NULL;
		    q = q->next)
			if (q->parent == NULL || q->parent[0] == '\0')
				print_queue(out, q);
		for (l = u == conf->units ? u->limiters : NULL; l != NULL;
		    l = l->next)
			pf_limiter_print(out, l);
		if (u->root != NULL)
			print_ruleset(out, u->root, 0);
	}
}

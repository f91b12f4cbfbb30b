/* SPDX-License-Identifier: ISC */
/*
 * One rule for each combination of the lists of a line: interfaces outside,
 * then protocols, ICMP types, sources, destinations, ports, systems, users
 * and groups. Pools of several addresses become tables. Pure.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "probes/pf/parse.h"

/* One choice of each list. */
struct choice {
	const struct pf_interface *i;
	const struct pf_protocol *proto;
	const struct pf_icmp *icmp;
	const struct pf_host *src, *dst;
	const struct pf_range *sport, *dport, *uid, *gid;
	const struct pf_os *os;
};

/* The state of one expansion. */
struct expansion {
	struct pf_parser *p;
	struct pf_rule *r;	/* what all have in common */
	const struct pf_lists *l;
	enum pf_af af;		/* of the line */
	int added, errors;
	int full;		/* LIMIT_PF_RULES reached */
};

/* A dynamic interface that can have several addresses. */
int
pf_multiaddr(const struct pf_addr *a)
{
	size_t n;

	if (a->type != PF_ADDR_DYNIF)
		return (0);
	if ((a->modifiers & PF_IFM_NOALIAS) == 0)
		return (1);
	n = strlen(a->name);
	return (n == 0 || !isdigit((unsigned char)a->name[n - 1]));
}

/* The table that several addresses become. */
static void
pool_table(struct pf_parser *p, struct pf_pool *pool, struct pf_host *hosts)
{
	struct buf name;
	struct pf_table *t;
	const struct pf_host *h;

	buf_init(&name, 64);
	buf_addf(&name, "__automatic_%d", p->conf->automatic++);
	memset(&pool->addr, 0, sizeof(pool->addr));
	pool->addr.type = PF_ADDR_TABLE;
	pool->addr.name = pf_strdup(&p->conf->arena, buf_str(&name));
	buf_free(&name);
	t = pf_table_get(p->conf, p->anchor->path, pool->addr.name);
	t->is_const = 1;
	t->file = p->start_file;
	t->line = p->start;
	for (h = hosts; h != NULL; h = h->next)
		if (pf_table_add(p->conf, t, h->af, &h->addr.ip,
		    pf_mask_len(&h->addr.mask), 0) == -1)
			pf_error(p, "too many table entries");
	pf_table_print(p->unit, pool->addr.name, " const", hosts);
}

/* The family that af-to leaves. */
static enum pf_af
other_family(enum pf_af af)
{
	return (af == PF_AF_INET6 ? PF_AF_INET : PF_AF_INET6);
}

/* 1: skip this host, -1: told what is wrong with it. */
static int
pool_family(struct pf_parser *p, const struct pf_rule *r,
    const struct pf_redirect *rd, const struct pf_host *h, enum pf_af *af,
    int routing)
{
	const char *what = routing ? "routing" : "translation";

	if (routing && h->addr.type == PF_ADDR_DYNIF &&
	    h->addr.modifiers != PF_IFM_PEER)
		return (pf_error(p, "route spec requires :peer with dynamic "
		    "interface addresses"));
	if (rd->af != PF_AF_ANY && r->af == PF_AF_ANY && *af == PF_AF_ANY)
		*af = r->naf != PF_AF_ANY ? other_family(r->naf) : rd->af;
	if (h->af != PF_AF_ANY && r->naf == PF_AF_ANY) {
		if (r->af != PF_AF_ANY && r->af != h->af)
			return (1);
		if (r->af == PF_AF_ANY && *af != PF_AF_ANY && *af != h->af)
			return (pf_error(p, "%s spec contains addresses with "
			    "different address families", what));
	} else if (h->af != PF_AF_ANY && rd->af != PF_AF_ANY &&
	    rd->af != h->af)
		return (pf_error(p, "%s spec contains addresses that don't "
		    "match target address family", what));
	if (r->af == PF_AF_ANY && *af == PF_AF_ANY)
		*af = h->af;
	return (0);
}

/* What an address needs to be one of several, that is, in a table. */
static int
pool_entry(struct pf_parser *p, const struct pf_host *h)
{
	if (h->af == PF_AF_INET6 || (h->af == PF_AF_INET &&
	    pf_mask_len(&h->addr.mask) <= 32))
		return (0);
	return (pf_error(p, "failed to add host: %s", strerror(EINVAL)));
}

/* What a second and later address of a pool needs. */
static int
pool_several(struct pf_parser *p, const struct pf_redirect *rd,
    const struct pf_host *first, const struct pf_host *h)
{
	if (rd->type == PF_POOL_BITMASK)
		return (pf_error(p, "pool type is not valid for multiple "
		    "translation or routing addresses"));
	if (first != NULL && first->addr.type != PF_ADDR_MASK &&
	    h->addr.type != PF_ADDR_MASK)
		return (pf_error(p, "multiple tables or dynamic interfaces "
		    "not supported for translation or routing"));
	if (first != NULL && pool_entry(p, first) == -1)
		return (-1);
	return (pool_entry(p, h));
}

/*
 * Chooses the addresses of a pool that fit the rule; 0, or 1 and told. The
 * pool then stays as the combination before left it, at first "any".
 */
int
pf_collapse(struct pf_parser *p, struct pf_pool *pool, struct pf_rule *r,
    struct pf_redirect *rd, int routing)
{
	struct pf_host *list = NULL, **tail = &list, *h, *copy;
	enum pf_af af = PF_AF_ANY;
	int status, n = 0;

	if (rd == NULL || !rd->set || rd->host == NULL) {
		memset(&pool->addr, 0, sizeof(pool->addr));
		pool->addr.type = PF_ADDR_NONE;
		return (0);
	}
	if ((r->bits & PF_BIT_AFTO) != 0)
		r->naf = rd->af;
	for (h = rd->host; h != NULL; h = h->next) {
		if ((status = pool_family(p, r, rd, h, &af, routing)) == -1)
			return (1);
		if (status == 1)
			continue;
		if (n > 0 && pool_several(p, rd, n == 1 ? list : NULL, h) ==
		    -1)
			return (1);
		if (n++ == 0)
			pool->addr = h->addr;
		copy = pf_new(p, sizeof(*copy));
		*copy = *h;
		copy->next = NULL;
		*tail = copy;
		tail = &copy->next;
	}
	if (r->af == PF_AF_ANY)
		r->af = af;
	if (n == 0) {
		pf_error(p, "af mismatch in %s spec", routing ? "routing" :
		    "translation");
		return (1);
	}
	if (n > 1)
		pool_table(p, pool, list);
	return (0);
}

/* The ports of a nat pool; without any pf chooses above 50000. */
static void
nat_ports(struct pf_pool *pool, const struct pf_portspec *port)
{
	pool->port[0] = (uint16_t)port->a;
	pool->port[1] = (uint16_t)port->b;
	if (pool->port[0] == 0 && pool->port[1] == 0) {
		pool->port[0] = PF_NAT_PORT_LOW;
		pool->port[1] = PF_NAT_PORT_HIGH;
	} else if (pool->port[1] == 0)
		pool->port[1] = pool->port[0];
}

static int
rdr_ports(struct pf_parser *p, struct pf_pool *pool,
    const struct pf_portspec *port, const struct pf_range *dport)
{
	pool->port[0] = (uint16_t)port->a;
	if (port->b == 0 && port->op != PF_OP_NONE) {
		pool->port[1] = (uint16_t)((uint32_t)port->a +
		    (dport == NULL ? 0 : dport->b - dport->a));
		return (0);
	}
	if (port->op == PF_OP_RRG && port->a > port->b)
		return (pf_error(p, "invalid rdr-to port range"));
	pool->port[1] = (uint16_t)port->b;
	return (0);
}

/* kind: 0 nat, 1 rdr, 2 route. 0, or 1 and told. */
int
pf_apply(struct pf_parser *p, struct pf_pool *pool, struct pf_redirect *rd,
    int kind, const struct pf_range *dport)
{
	const struct pf_host *h;

	if (rd == NULL || !rd->set)
		return (0);
	if (kind == 0)
		nat_ports(pool, &rd->port);
	else if (rdr_ports(p, pool, &rd->port, dport) == -1)
		return (1);
	pool->type = rd->type;
	if (pool->type == PF_POOL_NONE && (pool->addr.type == PF_ADDR_TABLE ||
	    pf_multiaddr(&pool->addr)))
		pool->type = PF_POOL_ROUNDROBIN;
	for (h = rd->host; h != NULL && pool->type == PF_POOL_BITMASK;
	    h = h->next) {
		if (h->addr.type == PF_ADDR_TABLE)
			return (pf_error(p, "tables are not supported by "
			    "pool type"), 1);
		if (pf_multiaddr(&h->addr))
			return (pf_error(p, "interface (%s) is not supported "
			    "by pool type", h->addr.name), 1);
	}
	memcpy(pool->key, rd->key, sizeof(pool->key));
	pool->sticky = rd->sticky;
	if (!rd->static_port)
		return (0);
	if (kind != 0)
		return (pf_error(p, "the 'static-port' option is only valid "
		    "with nat rules"), 1);
	if (pool->port[0] != PF_NAT_PORT_LOW &&
	    pool->port[1] != PF_NAT_PORT_HIGH)
		return (pf_error(p, "the 'static-port' option can't be used "
		    "when specifying a port range"), 1);
	pool->port[0] = pool->port[1] = 0;
	return (0);
}

/* 1 when families or scopes of this combination exclude each other. */
static int
impossible(const struct expansion *e, const struct pf_rule *r,
    const struct choice *c)
{
	enum pf_af src = c->src == NULL ? PF_AF_ANY : c->src->af;
	enum pf_af dst = c->dst == NULL ? PF_AF_ANY : c->dst->af;
	int sscope = c->src == NULL ? 0 : c->src->scope;
	int dscope = c->dst == NULL ? 0 : c->dst->scope, on;

	if ((r->af != PF_AF_ANY && src != PF_AF_ANY && r->af != src) ||
	    (r->af != PF_AF_ANY && dst != PF_AF_ANY && r->af != dst) ||
	    (src != PF_AF_ANY && dst != PF_AF_ANY && src != dst) ||
	    (sscope != 0 && dscope != 0 && sscope != dscope))
		return (1);
	if (c->i == NULL || c->i->name[0] == '\0')
		return (0);
	on = pf_env_if(e->p->conf->env, c->i->name) + 1;
	return ((sscope != 0 && sscope != on) ||
	    (dscope != 0 && dscope != on));
}

/* A copy for this rule: IPv4 cuts the mask of (interface). */
static struct pf_addr
side_addr(const struct pf_host *h, enum pf_af af)
{
	struct pf_addr a;

	if (h == NULL) {
		memset(&a, 0, sizeof(a));
		return (a);
	}
	a = h->addr;
	if (a.type == PF_ADDR_DYNIF && af == PF_AF_INET &&
	    pf_mask_len(&a.mask) > 32)
		a.mask = pf_mask_of(32);
	return (a);
}

static int
bad_mask(struct pf_parser *p, const struct pf_addr *a, enum pf_af af)
{
	if ((a->type != PF_ADDR_MASK && a->type != PF_ADDR_DYNIF) ||
	    af != PF_AF_INET || pf_mask_len(&a->mask) <= 32)
		return (0);
	pf_error(p, "netmask %d invalid for IPv4 address",
	    pf_mask_len(&a->mask));
	return (1);
}

static void
put_range(struct pf_range *to, const struct pf_range *from)
{
	memset(to, 0, sizeof(*to));
	if (from != NULL) {
		to->a = from->a;
		to->b = from->b;
		to->op = from->op;
	}
}

static const char *
rule_if(const struct expansion *e, const struct choice *c)
{
	const struct pf_env *env = e->p->conf->env;
	int scope = 0;

	if (c->i != NULL && c->i->name[0] != '\0')
		return (c->i->name);
	if (c->src != NULL)
		scope = c->src->scope;
	if (scope == 0 && c->dst != NULL)
		scope = c->dst->scope;
	return (scope == 0 ? "" : env->ifs[scope - 1].name);
}

/*
 * 1 when pfctl takes the mask for none: of the line's family, and the bytes
 * there whatever the kind of address is, which of a name are its 17th on.
 */
static int
no_mask(const struct pf_addr *a, enum pf_af af)
{
	static const unsigned char zero[4];

	if (af == PF_AF_ANY)
		return (0);
	if (a->type == PF_ADDR_TABLE || a->type == PF_ADDR_RTLABEL)
		return (strlen(a->name) <= 16);
	if (af == PF_AF_INET)
		return (memcmp(a->mask.b, zero, sizeof(zero)) == 0);
	return (pf_ip_zero(&a->mask));
}

/* binat-to: what source and target must be. */
static int
check_binat(struct pf_parser *p, const struct pf_rule *r,
    const struct choice *c, enum pf_af af)
{
	const struct pf_addr *s = &r->src.addr, *n = &r->nat.addr;
	int errors = 0;

	if (c->src != NULL && c->src->addr.type == PF_ADDR_TABLE) {
		pf_error(p, "invalid use of table <%s> as the source address "
		    "of a binat-to rule", s->name);
		errors++;
	} else if (c->src != NULL && pf_multiaddr(&c->src->addr)) {
		pf_error(p, "invalid use of interface (%s) as the source "
		    "address of a binat-to rule", s->name);
		errors++;
	} else if ((s->type != PF_ADDR_MASK && s->type != PF_ADDR_DYNIF) ||
	    (n->type != PF_ADDR_MASK && n->type != PF_ADDR_DYNIF)) {
		pf_error(p, "binat-to requires a specified source and "
		    "redirect address");
		errors++;
	}
	if (pf_multiaddr(s) || pf_multiaddr(n)) {
		pf_error(p, "dynamic interfaces must be used with :0 in a "
		    "binat-to rule");
		errors++;
	}
	if (no_mask(s, af) || no_mask(n, af)) {
		pf_error(p, "source and redir addresess must have a matching "
		    "network mask in binat-rule");
		errors++;
	}
	if (n->type == PF_ADDR_TABLE) {
		pf_error(p, "tables cannot be used as the redirect address of "
		    "a binat-to rule");
		errors++;
	}
	if (r->dir != PF_INOUT) {
		pf_error(p, "binat-to cannot be specified with a direction");
		errors++;
	}
	return (errors);
}

static void
add_rule(struct expansion *e, const struct pf_rule *r)
{
	struct pf_conf *conf = e->p->conf;
	struct pf_anchor *a = e->p->anchor;
	struct pf_rule *new;

	if (conf->rules >= LIMIT_PF_RULES) {
		if (!e->full)
			pf_error(e->p, "more than %d rules", LIMIT_PF_RULES);
		e->full = 1;
		return;
	}
	conf->rules++;
	new = pf_new(e->p, sizeof(*new));
	*new = *r;
	new->next = NULL;
	new->nr = a->count++;
	new->label = pf_label_nr(conf, new->label, new->nr);
	new->tag = pf_label_nr(conf, new->tag, new->nr);
	new->tagged = pf_label_nr(conf, new->tagged, new->nr);
	*a->tail = new;
	a->tail = &new->next;
	e->added++;
}

/* The rule that redirects back what a binat-to rule let out. */
static void
binat_back(struct expansion *e, const struct pf_rule *r,
    const struct choice *c)
{
	struct pf_rule back = *r;
	struct pf_interface i;
	struct pf_protocol proto = { r->proto, NULL };
	struct pf_icmp icmp;
	struct pf_os os;
	struct pf_host src, dst, pub;
	struct pf_range ports[4];
	struct pf_redirect to = *e->l->nat;
	struct pf_lists l;

	memset(&l, 0, sizeof(l));
	memset(&pub, 0, sizeof(pub));
	back.dir = PF_IN;
	pub.addr = r->nat.addr;
	if (c->i != NULL) {
		i = *c->i;
		i.next = NULL;
		l.ifs = &i;
	}
	if (c->proto != NULL)
		l.protos = &proto;
	if (c->icmp != NULL) {
		icmp = *c->icmp;
		icmp.next = NULL;
		l.icmp = &icmp;
	}
	if (c->os != NULL) {
		os = *c->os;
		os.next = NULL;
		l.ft.os = &os;
	}
	if (c->src != NULL) {
		src = *c->src;
		src.next = NULL;
		src.addr = r->src.addr;
		to.host = &src;
	}
	if (c->dst != NULL) {
		dst = *c->dst;
		dst.next = NULL;
		dst.addr = r->dst.addr;
		l.ft.src = &dst;
	}
	l.ft.dst = &pub;
	put_range(&ports[0], c->dport);
	put_range(&ports[1], c->sport);
	put_range(&ports[2], c->uid);
	put_range(&ports[3], c->gid);
	l.ft.sport = c->dport == NULL ? NULL : &ports[0];
	l.ft.dport = c->sport == NULL ? NULL : &ports[1];
	l.uid = c->uid == NULL ? NULL : &ports[2];
	l.gid = c->gid == NULL ? NULL : &ports[3];
	l.rcv = e->l->rcv;
	to.static_port = to.binat = 0;
	l.rdr = &to;
	back.nat.addr.type = PF_ADDR_NONE;
	pf_expand(e->p, &back, &l);
}

static void
put_lists(struct expansion *e, struct pf_rule *r, const struct choice *c)
{
	r->proto = c->proto == NULL ? 0 : c->proto->proto;
	r->ifnot = c->i != NULL && c->i->not;
	r->rdomain = c->i == NULL ? -1 : c->i->rdomain;
	r->src.not = c->src != NULL && c->src->not;
	r->dst.not = c->dst != NULL && c->dst->not;
	put_range(&r->src.port, c->sport);
	put_range(&r->dst.port, c->dport);
	put_range(&r->uid, c->uid);
	put_range(&r->gid, c->gid);
	if (e->l->rcv != NULL) {
		r->rcvif = e->l->rcv->name;
		r->rcvnot = e->l->rcv->not;
	}
	r->icmp_type = c->icmp == NULL ? 0 : c->icmp->type;
	r->icmp_code = c->icmp == NULL ? 0 : c->icmp->code;
	if ((r->keep == PF_MODULATE || r->keep == PF_SYNPROXY) &&
	    r->proto != 0 && r->proto != 6)
		r->keep = PF_KEEP;
	if (r->proto != 0 && r->proto != 6)
		r->flags = r->flagset = 0;
	r->os = c->os == NULL ? NULL : c->os->name;
}

/* Makes the rule of one combination. */
static void
combine(struct expansion *e, const struct choice *c)
{
	struct pf_parser *p = e->p;
	struct pf_rule r = *e->r;
	const struct pf_lists *l = e->l;
	int binat = l->nat != NULL && l->nat->set && l->nat->binat;
	int errors;

	if (p->conf->combined++ >= LIMIT_PF_COMBINATIONS) {
		pf_error(p, "lists with more than %d combinations",
		    LIMIT_PF_COMBINATIONS);
		e->full = 1;
		return;
	}
	r.af = e->af;
	errors = pf_collapse(p, &r.rdr, &r, l->rdr, 0);
	errors += pf_collapse(p, &r.nat, &r, l->nat, 0);
	errors += pf_collapse(p, &r.route, &r, l->route, 1);
	e->r->naf = r.naf;
	e->r->rdr = r.rdr;
	e->r->nat = r.nat;
	e->r->route = r.route;
	e->errors += errors;
	if (impossible(e, &r, c))
		return;
	if (r.af == PF_AF_ANY && c->src != NULL)
		r.af = c->src->af;
	if (r.af == PF_AF_ANY && c->dst != NULL)
		r.af = c->dst->af;
	r.ifname = rule_if(e, c);
	r.src.addr = side_addr(c->src, r.af);
	r.dst.addr = side_addr(c->dst, r.af);
	put_lists(e, &r, c);
	r.label = pf_label(p, r.label, &r, c->src, c->sport, c->dst,
	    c->dport, 63);
	r.tag = pf_label(p, r.tag, &r, c->src, c->sport, c->dst, c->dport,
	    63);
	r.tagged = pf_label(p, r.tagged, &r, c->src, c->sport, c->dst,
	    c->dport, 63);
	e->errors += bad_mask(p, &r.src.addr, r.af) +
	    bad_mask(p, &r.dst.addr, r.af);
	if (c->icmp != NULL && r.proto != c->icmp->proto) {
		pf_error(p, "icmp-type mismatch");
		e->errors++;
	}
	if (binat) {
		e->errors += check_binat(p, &r, c, e->af);
		r.dir = PF_OUT;
	}
	e->errors += pf_apply(p, &r.nat, l->nat, 0, c->dport);
	e->errors += pf_apply(p, &r.rdr, l->rdr, 1, c->dport);
	e->errors += pf_apply(p, &r.route, l->route, 2, c->dport);
	if (pf_rule_check(p, &r) == -1 || e->errors > 0)
		pf_error(p, "skipping rule due to errors");
	else
		add_rule(e, &r);
	if (e->errors == 0 && binat)
		binat_back(e, &r, c);
}

/* The inner loops: users, then groups. */
static void
expand_ids(struct expansion *e, struct choice *c)
{
	c->uid = e->l->uid;
	do {
		c->gid = e->l->gid;
		do {
			combine(e, c);
		} while (!e->full && c->gid != NULL &&
		    (c->gid = c->gid->next) != NULL);
	} while (!e->full && c->uid != NULL &&
	    (c->uid = c->uid->next) != NULL);
}

static void
expand_ports(struct expansion *e, struct choice *c)
{
	c->sport = e->l->ft.sport;
	do {
		c->dport = e->l->ft.dport;
		do {
			c->os = e->l->ft.os;
			do {
				expand_ids(e, c);
			} while (!e->full && c->os != NULL &&
			    (c->os = c->os->next) != NULL);
		} while (!e->full && c->dport != NULL &&
		    (c->dport = c->dport->next) != NULL);
	} while (!e->full && c->sport != NULL &&
	    (c->sport = c->sport->next) != NULL);
}

static void
expand_hosts(struct expansion *e, struct choice *c)
{
	c->icmp = e->l->icmp;
	do {
		c->src = e->l->ft.src;
		do {
			c->dst = e->l->ft.dst;
			do {
				expand_ports(e, c);
			} while (!e->full && c->dst != NULL &&
			    (c->dst = c->dst->next) != NULL);
		} while (!e->full && c->src != NULL &&
		    (c->src = c->src->next) != NULL);
	} while (!e->full && c->icmp != NULL &&
	    (c->icmp = c->icmp->next) != NULL);
}

void
pf_expand(struct pf_parser *p, struct pf_rule *r, const struct pf_lists *l)
{
	struct expansion e = { p, r, l, r->af, 0, 0, 0 };
	struct choice c;

	memset(&c, 0, sizeof(c));
	c.i = l->ifs;
	do {
		c.proto = l->protos;
		do {
			expand_hosts(&e, &c);
		} while (!e.full && c.proto != NULL &&
		    (c.proto = c.proto->next) != NULL);
	} while (!e.full && c.i != NULL && (c.i = c.i->next) != NULL);
	if (e.added == 0 && !e.full)
		pf_error(p, "rule expands to no valid combination");
}

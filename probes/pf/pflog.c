/* SPDX-License-Identifier: ISC */
/*
 * Records of pflog(4), and the packets of a site's services counted by port
 * and rule. Pure.
 *
 *	 0 length  1 af  2 action  3 reason  4 ifname[16]  20 ruleset[16]
 *	36 rulenr  40 subrulenr  44 uid  48 pid  52 rule_uid  56 rule_pid
 *	60 dir
 *	61 rewritten  62 naf  63 pad  64 saddr[16]  80 daddr[16]
 *	96 sport  98 dport			(length 100 only)
 *
 * The packet starts at the length rounded up to four.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/pflog.h"

static const char *const reasons[] = {
	"match", "bad-offset", "fragment", "short", "normalize", "memory",
	"bad-timestamp", "congestion", "ip-option", "proto-cksum",
	"state-mismatch", "state-insert", "state-limit", "src-limit",
	"synproxy", "translate", "no-route",
};

const char *
pf_log_reason(int n)
{
	if (n < 0 || n >= (int)(sizeof(reasons) / sizeof(reasons[0])))
		return ("unknown");
	return (reasons[n]);
}

/* A name of 16 bytes that may lack its NUL; control characters as "?". */
static void
take_name(struct cur *c, char *out)
{
	const uint8_t *p = cur_bytes(c, 16);
	int i;

	out[0] = '\0';
	for (i = 0; p != NULL && i < 16 && p[i] != '\0'; i++)
		out[i] = p[i] < 0x20 || p[i] > 0x7e ? '?' : (char)p[i];
	out[i] = '\0';
}

static void
take_ip(struct cur *c, enum pf_af af, struct pf_ip *ip)
{
	const uint8_t *p = cur_bytes(c, af == PF_AF_INET ? 4 : 16);

	memset(ip, 0, sizeof(*ip));
	if (p != NULL)
		memcpy(ip->b, p, af == PF_AF_INET ? 4 : 16);
}

/* Ports of TCP, UDP and SCTP; nothing when the packet is cut. */
static void
take_ports(struct cur *c, struct pf_log_entry *e)
{
	if ((e->proto != 6 && e->proto != 17 && e->proto != 132) ||
	    cur_left(c) < 4)
		return;
	e->sport = cur_u16(c);
	e->dport = cur_u16(c);
}

static void
parse_ip4(struct cur *c, struct pf_log_entry *e)
{
	unsigned int head = cur_u8(c) & 15, offset;

	cur_skip(c, 5);
	offset = cur_u16(c) & 0x1fff;
	cur_skip(c, 1);
	e->proto = cur_u8(c);
	cur_skip(c, 2);
	e->af = PF_AF_INET;
	take_ip(c, PF_AF_INET, &e->src);
	take_ip(c, PF_AF_INET, &e->dst);
	if (head > 5)
		cur_skip(c, (head - 5) * 4);
	if (c->err) {
		e->proto = -1;
		return;
	}
	if (offset == 0)
		take_ports(c, e);
}

static void
parse_ip6(struct cur *c, struct pf_log_entry *e)
{
	int hops;
	unsigned int length;

	cur_skip(c, 6);
	e->proto = cur_u8(c);
	cur_skip(c, 1);
	e->af = PF_AF_INET6;
	take_ip(c, PF_AF_INET6, &e->src);
	take_ip(c, PF_AF_INET6, &e->dst);
	/* Hop-by-hop, routing, destination options. */
	for (hops = 0; hops < 8 && !c->err && (e->proto == 0 ||
	    e->proto == 43 || e->proto == 60); hops++) {
		e->proto = cur_u8(c);
		length = cur_u8(c);
		cur_skip(c, length * 8 + 6);
	}
	if (c->err) {
		e->proto = -1;
		return;
	}
	take_ports(c, e);
}

static void
parse_rewritten(struct cur *c, struct pf_log_entry *e)
{
	e->rewritten = cur_u8(c) != 0;
	cur_skip(c, 2);
	take_ip(c, PF_AF_INET6, &e->new_src);
	take_ip(c, PF_AF_INET6, &e->new_dst);
	e->new_sport = cur_u16(c);
	e->new_dport = cur_u16(c);
}

int
pf_log_parse(const uint8_t *data, size_t len, struct pf_log_entry *e)
{
	struct cur c, packet;
	unsigned int length;
	uint32_t n;

	memset(e, 0, sizeof(*e));
	e->time = WALL_NONE;
	e->proto = -1;
	cur_init(&c, data, len);
	length = cur_u8(&c);
	if (length < 61 || length > len)
		return (-1);
	cur_skip(&c, 1);
	e->action = cur_u8(&c);
	e->reason = pf_log_reason(cur_u8(&c));
	take_name(&c, e->ifname);
	take_name(&c, e->ruleset);
	n = cur_u32(&c);
	e->rule = n == UINT32_MAX ? -1 : (int64_t)n;
	n = cur_u32(&c);
	e->subrule = n == UINT32_MAX ? -1 : (int64_t)n;
	cur_skip(&c, 16);
	n = cur_u8(&c);
	e->dir = n == 1 ? PF_IN : n == 2 ? PF_OUT : PF_INOUT;
	if (length == 100)
		parse_rewritten(&c, e);
	cur_init(&packet, data, len);
	cur_skip(&packet, (length + 3) & ~3U);
	switch (cur_peek(&packet) >> 4) {
	case 4:
		parse_ip4(&packet, e);
		break;
	case 6:
		parse_ip6(&packet, e);
		break;
	default:
		return (cur_left(&packet) == 0 ? 0 : -1);
	}
	return (c.err ? -1 : 0);
}

void
pf_log_init(struct pf_log *l, const struct pf_log_port *ports, size_t count)
{
	memset(l, 0, sizeof(*l));
	l->ports = ports;
	l->port_count = count;
	l->first = l->last = WALL_NONE;
}

void
pf_log_free(struct pf_log *l)
{
	free(l->flows);
	memset(l, 0, sizeof(*l));
}

static int
is_service(const struct pf_log *l, int proto, uint16_t port)
{
	size_t i;

	for (i = 0; i < l->port_count; i++)
		if (l->ports[i].proto == proto && port >= l->ports[i].low &&
		    port <= l->ports[i].high)
			return (1);
	return (0);
}

static int
same_flow(const struct pf_log_flow *f, const struct pf_log_entry *e,
    uint16_t port)
{
	const struct pf_log_entry *s = &f->sample;

	return (f->port == port && s->action == e->action &&
	    s->dir == e->dir && s->proto == e->proto && s->af == e->af &&
	    s->rule == e->rule && s->subrule == e->subrule &&
	    s->reason == e->reason && strcmp(s->ifname, e->ifname) == 0 &&
	    strcmp(s->ruleset, e->ruleset) == 0);
}

void
pf_log_add(struct pf_log *l, const struct pf_log_entry *e)
{
	struct pf_log_flow *f = NULL, *list;
	uint16_t port;
	size_t i;

	l->entries++;
	if (e->action == PF_LOG_BLOCK)
		l->blocked++;
	if (!wall_is_set(l->first))
		l->first = e->time;
	l->last = e->time;
	if (is_service(l, e->proto, e->dport))
		port = e->dport;
	else if (is_service(l, e->proto, e->sport))
		port = e->sport;
	else {
		l->other++;
		return;
	}
	for (i = 0; i < l->count && f == NULL; i++)
		if (same_flow(&l->flows[i], e, port))
			f = &l->flows[i];
	if (f == NULL) {
		list = mem_grow(l->flows, l->count, &l->cap, sizeof(*list),
		    LIMIT_PF_LOG_FLOWS);
		if (list == NULL) {
			l->other++;
			return;
		}
		l->flows = list;
		f = &list[l->count++];
		memset(f, 0, sizeof(*f));
		f->sample = *e;
		f->port = port;
		f->first = e->time;
	}
	f->packets++;
	f->last = e->time;
}

void
pf_log_number(struct buf *out, const struct pf_log_entry *e)
{
	if (e->rule == -1)
		buf_adds(out, "def");
	else if (e->subrule == -1)
		buf_addf(out, "%lld", (long long)e->rule);
	else
		buf_addf(out, "%lld.%s.%lld", (long long)e->rule, e->ruleset,
		    (long long)e->subrule);
}

static const struct pf_rule *
by_number(const struct pf_anchor *a, int64_t nr)
{
	const struct pf_rule *r;

	for (r = a == NULL ? NULL : a->first; r != NULL; r = r->next)
		if (r->nr == nr)
			return (r);
	return (NULL);
}

const struct pf_rule *
pf_log_rule(const struct pf_conf *conf, const struct pf_log_entry *e)
{
	const struct pf_anchor *a;
	const struct pf_rule *r;

	if (e->rule == -1)
		return (NULL);
	if (e->subrule == -1)
		return (by_number(conf->anchors, e->rule));
	/* An entry holds the last 15 characters that fit of the name. */
	for (a = conf->anchors; a != NULL; a = a->next)
		if (strncmp(a->name, e->ruleset, 15) == 0 &&
		    a->path[0] != '\0' &&
		    (r = by_number(a, e->subrule)) != NULL)
			return (r);
	return (NULL);
}

const struct pf_rule *
pf_live_in_file(const struct pf_conf *file, const struct pf_rule *live)
{
	const struct pf_anchor *a;
	const struct pf_rule *r, *found = NULL;
	struct buf want, have;

	buf_init(&want, 65536);
	buf_init(&have, 65536);
	pf_rule_print(&want, live, 0);
	for (a = file->anchors; a != NULL && found == NULL; a = a->next)
		for (r = a->first; r != NULL && found == NULL; r = r->next) {
			buf_clear(&have);
			pf_rule_print(&have, r, 0);
			if (strcmp(buf_cstr(&want), buf_cstr(&have)) == 0)
				found = r;
		}
	buf_free(&want);
	buf_free(&have);
	return (found);
}

/* SPDX-License-Identifier: ISC */
/*
 * Records of pflog(4), and the packets of a site's services counted by port,
 * ends and rule. Pure.
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
#include "probes/pf/eval.h"
#include "probes/pf/log/pflog.h"

static const char *const reasons[] = {
	"match", "bad-offset", "fragment", "short", "normalize", "memory",
	"bad-timestamp", "congestion", "ip-option", "proto-cksum",
	"state-mismatch", "state-insert", "state-limit", "src-limit",
	"synproxy", "translate", "no-route",
};

/* Of the list above. */
enum { REASON_STATE_LIMIT = 12, REASON_SRC_LIMIT = 13 };

const char *
pf_log_reason(int n)
{
	if (n < 0 || n >= (int)(sizeof(reasons) / sizeof(reasons[0])))
		return ("unknown");
	return (reasons[n]);
}

const char *
pf_log_reason_const(struct str name)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (str_eqs(name, reasons[i]))
			return (reasons[i]);
	return ("unknown");
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
	if (e->proto != 6 || cur_left(c) < 10)
		return;
	cur_skip(c, 9);
	e->flags = cur_u8(c) & 0x3f;
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
	e->proto = e->flags = -1;
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

int
pf_log_dropped(const struct pf_log_entry *e)
{
	return (e->action == PF_LOG_BLOCK ||
	    e->reason == reasons[REASON_STATE_LIMIT] ||
	    e->reason == reasons[REASON_SRC_LIMIT]);
}

void
pf_log_init(struct pf_log *l, const struct pf_watch *watch)
{
	memset(l, 0, sizeof(*l));
	l->watch = watch;
	l->first = l->last = l->until = WALL_NONE;
}

void
pf_log_free(struct pf_log *l)
{
	free(l->flows);
	memset(l, 0, sizeof(*l));
}

void
pf_log_clear(struct pf_log *l)
{
	free(l->flows);
	pf_log_init(l, l->watch);
}

/* Is it to a service of the watch or from one? 0, or -1: neither. */
static int
classify(const struct pf_watch *w, struct pf_log_flow *f)
{
	const struct pf_log_entry *e = &f->sample;
	int to = pf_watch_port(w, e->proto, e->dport);

	if (!to && !pf_watch_port(w, e->proto, e->sport))
		return (-1);
	f->port = to ? e->dport : e->sport;
	if (e->proto != 6)
		f->kind = to ? PF_LOG_OPENS : PF_LOG_DATAGRAM;
	else if (e->flags == -1 || (e->flags & PF_TCP_SYN) == 0 ||
	    to == ((e->flags & PF_TCP_ACK) != 0))
		f->kind = PF_LOG_REST;
	else
		f->kind = to ? PF_LOG_OPENS : PF_LOG_ANSWERS;
	f->from = pf_watch_host(w, e->af, &e->src);
	f->to = pf_watch_host(w, e->af, &e->dst);
	return (0);
}

static int
same_flow(const struct pf_log_flow *a, const struct pf_log_flow *b)
{
	const struct pf_log_entry *s = &a->sample, *e = &b->sample;

	return (a->port == b->port && a->kind == b->kind &&
	    a->from == b->from && a->to == b->to && s->action == e->action &&
	    s->dir == e->dir && s->proto == e->proto && s->af == e->af &&
	    s->rule == e->rule && s->subrule == e->subrule &&
	    s->reason == e->reason && strcmp(s->ifname, e->ifname) == 0 &&
	    strcmp(s->ruleset, e->ruleset) == 0);
}

/* Adds to the flow that is the same, or begins one; -1: too many. */
static int
count_flow(struct pf_log *l, const struct pf_log_flow *f)
{
	struct pf_log_flow *list;
	size_t i;

	for (i = 0; i < l->count; i++)
		if (same_flow(&l->flows[i], f)) {
			l->flows[i].sample = f->sample;
			l->flows[i].packets += f->packets;
			l->flows[i].last = f->last;
			return (0);
		}
	list = mem_grow(l->flows, l->count, &l->cap, sizeof(*list),
	    LIMIT_PF_LOG_FLOWS);
	if (list == NULL)
		return (-1);
	l->flows = list;
	list[l->count++] = *f;
	return (0);
}

static void
note_time(struct pf_log *l, wall_t first, wall_t last)
{
	if (!wall_is_set(l->first))
		l->first = first;
	l->last = last;
}

int
pf_log_add_flow(struct pf_log *l, const struct pf_log_entry *sample,
    uint64_t packets, wall_t first)
{
	struct pf_log_flow f;

	memset(&f, 0, sizeof(f));
	f.sample = *sample;
	f.packets = packets;
	f.first = first;
	f.last = sample->time;
	if (classify(l->watch, &f) == -1)
		return (-1);
	note_time(l, f.first, f.last);
	if (count_flow(l, &f) == -1)
		l->other += packets;
	return (0);
}

void
pf_log_add(struct pf_log *l, const struct pf_log_entry *e)
{
	if (wall_is_set(l->until) && l->until.us < e->time.us)
		return;
	l->entries++;
	l->blocked += (uint64_t)pf_log_dropped(e);
	note_time(l, e->time, e->time);
	if (pf_log_add_flow(l, e, 1, e->time) == -1)
		l->other++;
}

void
pf_log_merge(struct pf_log *l, const struct pf_log *from)
{
	size_t i;

	for (i = 0; i < from->count; i++)
		if (count_flow(l, &from->flows[i]) == -1)
			l->other += from->flows[i].packets;
	l->entries += from->entries;
	l->blocked += from->blocked;
	l->other += from->other;
	l->bad += from->bad;
	l->lost += from->lost;
	if (wall_is_set(from->last))
		note_time(l, from->first, from->last);
}

void
pf_log_forget(struct pf_log *l, wall_t before)
{
	size_t i, kept = 0;

	for (i = 0; i < l->count; i++)
		if (l->flows[i].last.us >= before.us)
			l->flows[kept++] = l->flows[i];
	l->count = kept;
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
pf_rule_numbered(const struct pf_conf *conf, int anchor, int rule)
{
	const struct pf_rule *r;

	if (anchor == -1)
		return (by_number(conf->anchors, rule));
	r = by_number(conf->anchors, anchor);
	return (r == NULL ? NULL : by_number(r->body, rule));
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

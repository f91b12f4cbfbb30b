/* SPDX-License-Identifier: ISC */
/*
 * Which rules of a ruleset can match a packet at all. Every rule hangs on
 * its most selective condition, an interface, a source or destination
 * network or a destination port, or on none; a packet looks at the lists of
 * its own values and merges them in the order of the rules. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/pf/eval.h"

enum kind { KIND_IF, KIND_SRC, KIND_DST, KIND_PORT, KINDS };

struct key {
	enum kind kind;
	enum pf_af af;
	int bits;		/* or the interface, or the port */
	struct pf_ip ip;
};

struct bucket {
	struct key key;
	uint32_t *list, count, room, uses;	/* uses while building */
	int used;
};

/* More prefix lengths than these are not indexed. */
#define LENGTHS 16
/* A range of at most so many ports stands in the list of each of them, when
 * the rule's best other list is longer than the second number; in all lists
 * together at most the third. */
#define SPAN 1024
#define LONG_LIST 64
#define SPAN_TOTAL 4000000

/* The rules with a range that holds one port. */
struct span {
	uint32_t *list, count, room;
};

struct pf_index {
	const struct pf_rule **rules;
	uint32_t count;
	struct bucket *buckets;
	uint32_t size;		/* a power of two */
	uint32_t *any, any_count;
	int lengths[2][2][LENGTHS], length_count[2][2];	/* side, family */
	int has_if, has_port;
	struct span *spans;	/* one for each port; NULL: no ranges */
	uint32_t span_total;
};

static uint32_t
hash_key(const struct key *k)
{
	uint64_t a, b, h;

	memcpy(&a, k->ip.b, 8);
	memcpy(&b, k->ip.b + 8, 8);
	h = (a ^ (b * UINT64_C(0x9e3779b97f4a7c15))) + (uint64_t)k->kind *
	    UINT64_C(0xd1342543de82ef95) + (uint64_t)(uint32_t)k->bits *
	    UINT64_C(0xff51afd7ed558ccd) + (uint64_t)k->af;
	h ^= h >> 32;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	h ^= h >> 29;
	return ((uint32_t)h);
}

static int
same_key(const struct key *a, const struct key *b)
{
	return (a->kind == b->kind && a->af == b->af && a->bits == b->bits &&
	    pf_ip_eq(&a->ip, &b->ip));
}

/* The bucket of a key, or the free one where it would be. */
static struct bucket *
find(const struct pf_index *x, const struct key *k)
{
	uint32_t i = hash_key(k) & (x->size - 1);

	while (x->buckets[i].used && !same_key(&x->buckets[i].key, k))
		i = (i + 1) & (x->size - 1);
	return (&x->buckets[i]);
}

static int
side_key(const struct pf_side *s, enum pf_af af, enum kind kind, struct key *k)
{
	int bits;

	if (s->addr.type != PF_ADDR_MASK || s->not || af == PF_AF_ANY ||
	    (bits = pf_mask_len(&s->addr.mask)) == 0)
		return (0);
	memset(k, 0, sizeof(*k));
	k->kind = kind;
	k->af = af;
	k->bits = bits > pf_af_bits(af) ? pf_af_bits(af) : bits;
	k->ip = s->addr.ip;
	return (1);
}

/* The keys that a rule could hang on. */
static int
rule_keys(const struct pf_rule *r, struct key *keys)
{
	int n = 0;

	n += side_key(&r->src, r->af, KIND_SRC, &keys[n]);
	n += side_key(&r->dst, r->af, KIND_DST, &keys[n]);
	if (r->dst.port.op == PF_OP_EQ && (r->proto == 6 || r->proto == 17)) {
		memset(&keys[n], 0, sizeof(keys[n]));
		keys[n].kind = KIND_PORT;
		keys[n++].bits = (int)r->dst.port.a;
	}
	if (r->if_index != -1 && !r->ifnot) {
		memset(&keys[n], 0, sizeof(keys[n]));
		keys[n].kind = KIND_IF;
		keys[n++].bits = r->if_index;
	}
	return (n);
}

/* Remembers a prefix length; 0 when there are too many of them. */
static int
note_length(struct pf_index *x, const struct key *k)
{
	int side = k->kind == KIND_DST, six = k->af == PF_AF_INET6, i;
	int *n = &x->length_count[side][six];

	for (i = 0; i < *n; i++)
		if (x->lengths[side][six][i] == k->bits)
			return (1);
	if (*n == LENGTHS)
		return (0);
	x->lengths[side][six][(*n)++] = k->bits;
	return (1);
}

/* The bucket that the fewest rules want; NULL: the rule has no key. */
static struct bucket *
best_bucket(struct pf_index *x, const struct pf_rule *r)
{
	struct key keys[KINDS];
	struct bucket *b, *best = NULL;
	int i, n = rule_keys(r, keys);

	for (i = 0; i < n; i++) {
		b = find(x, &keys[i]);
		if (!b->used)
			continue;
		if (best == NULL || b->uses < best->uses)
			best = b;
	}
	return (best);
}

/* Counts how many rules could hang on each key. */
static void
count_uses(struct pf_index *x)
{
	struct key keys[KINDS];
	struct bucket *b;
	uint32_t i;
	int k, n;

	for (i = 0; i < x->count; i++) {
		n = rule_keys(x->rules[i], keys);
		for (k = 0; k < n; k++) {
			if ((keys[k].kind == KIND_SRC || keys[k].kind ==
			    KIND_DST) && !note_length(x, &keys[k]))
				continue;
			b = find(x, &keys[k]);
			b->used = 1;
			b->key = keys[k];
			b->uses++;
		}
	}
}

/* 1 when the rule goes into the lists of the ports of its range. */
static int
spans(const struct pf_index *x, const struct pf_rule *r,
    const struct bucket *best)
{
	const struct pf_range *p = &r->dst.port;

	return (p->op == PF_OP_RRG && (r->proto == 6 || r->proto == 17) &&
	    p->b - p->a < SPAN && (best == NULL || best->uses > LONG_LIST) &&
	    x->span_total + SPAN < SPAN_TOTAL);
}

/* Where a rule hangs: a bucket, the ports of its range, or nowhere. */
struct home {
	struct bucket *bucket;
	int span;
};

static void
choose_home(struct pf_conf *conf, struct pf_index *x, uint32_t i,
    struct home *home)
{
	const struct pf_rule *r = x->rules[i];
	uint32_t port;

	home->bucket = best_bucket(x, r);
	home->span = x->count > LONG_LIST && spans(x, r, home->bucket);
	if (home->span) {
		if (x->spans == NULL)
			x->spans = pf_alloc(&conf->arena, 65536 *
			    sizeof(*x->spans));
		for (port = r->dst.port.a; port <= r->dst.port.b; port++)
			x->spans[port].room++;
		x->span_total += r->dst.port.b - r->dst.port.a + 1;
	} else if (home->bucket != NULL)
		home->bucket->room++;
	else
		x->any_count++;
}

static void
put_span(struct pf_conf *conf, struct pf_index *x, uint32_t i)
{
	const struct pf_range *p = &x->rules[i]->dst.port;
	struct span *sp;
	uint32_t port;

	for (port = p->a; port <= p->b; port++) {
		sp = &x->spans[port];
		if (sp->list == NULL)
			sp->list = pf_alloc(&conf->arena, sp->room *
			    sizeof(*sp->list));
		sp->list[sp->count++] = i;
	}
}

static void
put_bucket(struct pf_conf *conf, struct pf_index *x, uint32_t i,
    struct bucket *b)
{
	if (b->list == NULL)
		b->list = pf_alloc(&conf->arena, b->room *
		    sizeof(*b->list));
	b->list[b->count++] = i;
	if (b->key.kind == KIND_IF)
		x->has_if = 1;
	if (b->key.kind == KIND_PORT)
		x->has_port = 1;
}

void
pf_index_build(struct pf_conf *conf, struct pf_anchor *a)
{
	struct pf_index *x = pf_alloc(&conf->arena, sizeof(*x));
	struct home *homes;
	const struct pf_rule *r;
	uint32_t i = 0;

	a->index = x;
	for (r = a->first; r != NULL; r = r->next)
		x->count++;
	x->rules = pf_alloc(&conf->arena, x->count * sizeof(*x->rules));
	for (r = a->first; r != NULL; r = r->next)
		x->rules[i++] = r;
	for (x->size = 16; x->size < x->count * 2 * KINDS; x->size *= 2)
		;
	x->buckets = pf_alloc(&conf->arena, x->size * sizeof(*x->buckets));
	if (x->count > 8)
		count_uses(x);
	homes = mem_zalloc(x->count + 1, sizeof(*homes));
	for (i = 0; i < x->count; i++)
		choose_home(conf, x, i, &homes[i]);
	x->any = pf_alloc(&conf->arena, x->any_count * sizeof(*x->any));
	x->any_count = 0;
	for (i = 0; i < x->count; i++)
		if (homes[i].span)
			put_span(conf, x, i);
		else if (homes[i].bucket != NULL)
			put_bucket(conf, x, i, homes[i].bucket);
		else
			x->any[x->any_count++] = i;
	free(homes);
}

static void
add_list(struct pf_cursor *c, const uint32_t *list, uint32_t count,
    uint32_t from)
{
	uint32_t low = 0, high = count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (list[mid] < from)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == count)
		return;
	c->lists[c->count].p = list + low;
	c->lists[c->count].end = list + count;
	c->count++;
}

static void
add_key(struct pf_cursor *c, const struct key *k, uint32_t from)
{
	const struct bucket *b = find(c->index, k);

	if (b->used && b->count > 0)
		add_list(c, b->list, b->count, from);
}

static void
add_side(struct pf_cursor *c, const struct pf_packet *p, enum kind kind,
    uint32_t from)
{
	int side = kind == KIND_DST, six = p->af == PF_AF_INET6, i;
	const struct pf_index *x = c->index;
	struct pf_ip mask;
	struct key k;

	for (i = 0; i < x->length_count[side][six]; i++) {
		k.kind = kind;
		k.af = p->af;
		k.bits = x->lengths[side][six][i];
		k.ip = kind == KIND_DST ? p->dst : p->src;
		mask = pf_mask_of(k.bits);
		pf_ip_mask(&k.ip, &mask);
		add_key(c, &k, from);
	}
}

void
pf_index_start(struct pf_cursor *c, const struct pf_index *x,
    const struct pf_packet *p, int sport_any, uint32_t from)
{
	struct key k;

	(void)sport_any;
	c->index = x;
	c->count = 0;
	add_list(c, x->any, x->any_count, from);
	add_side(c, p, KIND_SRC, from);
	add_side(c, p, KIND_DST, from);
	if (x->spans != NULL && (p->proto == 6 || p->proto == 17) &&
	    x->spans[p->dport].count > 0)
		add_list(c, x->spans[p->dport].list,
		    x->spans[p->dport].count, from);
	memset(&k, 0, sizeof(k));
	if (x->has_port && (p->proto == 6 || p->proto == 17)) {
		k.kind = KIND_PORT;
		k.bits = p->dport;
		add_key(c, &k, from);
	}
	if (x->has_if) {
		k.kind = KIND_IF;
		k.bits = p->interface;
		add_key(c, &k, from);
	}
}

const struct pf_rule *
pf_index_next(struct pf_cursor *c, uint32_t *nr)
{
	uint32_t least = UINT32_MAX;
	int i, best = -1;

	for (i = 0; i < c->count; i++)
		if (*c->lists[i].p < least) {
			least = *c->lists[i].p;
			best = i;
		}
	if (best == -1)
		return (NULL);
	if (++c->lists[best].p == c->lists[best].end)
		c->lists[best] = c->lists[--c->count];
	*nr = least + 1;
	return (c->index->rules[least]);
}

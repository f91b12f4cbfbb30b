/* SPDX-License-Identifier: ISC */
/*
 * State limiters and source limiters (OpenBSD 7.9): the statements, the rule
 * options that name them, and how they are printed. Pure. Their words are
 * keywords only within them, so that files written before still read. The
 * limits themselves are for the kernel; nothing here counts states.
 */
#include <string.h>

#include "probes/pf/parse.h"

#define NAME_MAX_LEN 15
#define ID_MAX 255
#define LIMIT_MAX (1 << 24)

enum {			/* options of a statement that were read */
	SEEN_ID = 0x01,
	SEEN_ENTRIES = 0x02,
	SEEN_LIMIT = 0x04,
	SEEN_RATE = 0x08,
	SEEN_TABLE = 0x10,
	SEEN_INET = 0x20,
	SEEN_INET6 = 0x40
};

static const char *
kind_name(int source)
{
	return (source ? "source" : "state");
}

/* 0, or -1 and told when an option of the statement comes twice. */
static int
once(struct pf_parser *p, unsigned *seen, unsigned bit, const char *what)
{
	if (*seen & bit)
		return (pf_error(p, "%s cannot be respecified", what));
	*seen |= bit;
	return (0);
}

/* The number after the keyword id. */
static int
parse_id(struct pf_parser *p, int source, uint32_t *id)
{
	int64_t n;

	if (pf_number(p, &n) == -1)
		return (-1);
	if (n < 1 || n > ID_MAX)
		return (pf_error(p, "%s limiter id %lld: invalid identifier",
		    kind_name(source), (long long)n));
	*id = (uint32_t)n;
	return (0);
}

static int
opt_id(struct pf_parser *p, struct pf_limiter *l, unsigned *seen)
{
	if (parse_id(p, l->source, &l->id) == -1)
		return (-1);
	/* pfctl's own words for both kinds. */
	return (once(p, seen, SEEN_ID, l->source ? "entries" : "id"));
}

static int
opt_limit(struct pf_parser *p, struct pf_limiter *l, unsigned *seen)
{
	int64_t n;

	if (pf_number(p, &n) == -1 || once(p, seen, SEEN_LIMIT, l->source ?
	    "state limit" : "limit") == -1)
		return (-1);
	if (!l->source && (n < 1 || n > LIMIT_MAX))
		return (pf_error(p, "invalid state limiter limit"));
	l->limit = (uint32_t)n;
	return (0);
}

static int
opt_rate(struct pf_parser *p, struct pf_limiter *l, unsigned *seen)
{
	int64_t n, seconds;

	if (pf_number(p, &n) == -1 || pf_expect(p, '/') == -1 ||
	    pf_number(p, &seconds) == -1 ||
	    once(p, seen, SEEN_RATE, "rate") == -1)
		return (-1);
	if (!l->source && n < 1)
		return (pf_error(p, "invalid rate limit %lld", (long long)n));
	if (!l->source && seconds < 1)
		return (pf_error(p, "invalid rate seconds %lld",
		    (long long)seconds));
	l->rate = (uint32_t)n;
	l->seconds = (uint32_t)seconds;
	return (0);
}

static int
opt_entries(struct pf_parser *p, struct pf_limiter *l, unsigned *seen)
{
	int64_t n;

	if (pf_number(p, &n) == -1 ||
	    once(p, seen, SEEN_ENTRIES, "entries") == -1)
		return (-1);
	l->entries = (uint32_t)n;
	return (0);
}

/* table <T> above N [below M] */
static int
opt_table(struct pf_parser *p, struct pf_limiter *l, unsigned *seen)
{
	int64_t above, below = 0;
	const char *name;

	if (pf_expect(p, '<') == -1 || pf_string(p, &name) == -1 ||
	    pf_expect(p, '>') == -1 || pf_expect(p, K_ABOVE) == -1 ||
	    pf_number(p, &above) == -1)
		return (-1);
	if (pf_accept(p, K_BELOW)) {
		if (pf_number(p, &below) == -1)
			return (-1);
		if (below < 1)
			return (pf_error(p, "below limit is invalid"));
	}
	if (once(p, seen, SEEN_TABLE, "rate") == -1)
		return (-1);
	if (name[0] == '\0' || strlen(name) > 31)
		return (pf_error(p, "invalid table name"));
	if (above < 0)
		return (pf_error(p, "above limit is invalid"));
	if (below > above)
		return (pf_error(p, "below limit higher than above limit"));
	l->table = name;
	l->above = (uint32_t)above;
	l->below = (uint32_t)below;
	return (0);
}

/* inet mask N, inet6 mask N: the networks that count as one source. */
static int
opt_mask(struct pf_parser *p, struct pf_limiter *l, unsigned *seen, int six)
{
	const char *what = six ? "inet6 mask" : "inet mask";
	int64_t n;

	if (pf_expect(p, K_MASK) == -1 || pf_number(p, &n) == -1 ||
	    once(p, seen, six ? SEEN_INET6 : SEEN_INET, what) == -1)
		return (-1);
	if (n < 1 || n > (six ? 128 : 32))
		return (pf_error(p, "%s length out of range", what));
	if (six)
		l->inet6_mask = (int)n;
	else
		l->inet_mask = (int)n;
	return (0);
}

/* One option of a statement; 1: none stands here. */
static int
statement_option(struct pf_parser *p, struct pf_limiter *l, unsigned *seen)
{
	if (pf_accept(p, K_ID))
		return (opt_id(p, l, seen));
	if (pf_accept(p, K_LIMIT))
		return (opt_limit(p, l, seen));
	if (pf_accept(p, K_RATE))
		return (opt_rate(p, l, seen));
	if (!l->source)
		return (1);
	if (pf_accept(p, K_ENTRIES))
		return (opt_entries(p, l, seen));
	if (pf_accept(p, K_TABLE))
		return (opt_table(p, l, seen));
	if (pf_accept(p, K_INET))
		return (opt_mask(p, l, seen, 0));
	if (pf_accept(p, K_INET6))
		return (opt_mask(p, l, seen, 1));
	return (1);
}

static struct pf_limiter *
find(const struct pf_parser *p, int source, const char *name, uint32_t id)
{
	struct pf_limiter *l;

	for (l = p->unit->limiters; l != NULL; l = l->next)
		if (l->source == source && (l->id == id || (name != NULL &&
		    strcmp(l->name, name) == 0)))
			return (l);
	return (NULL);
}

/* Puts a limiter where pfctl prints it: states first, then by id. */
static int
add(struct pf_parser *p, struct pf_limiter *l)
{
	struct pf_limiter **at = &p->unit->limiters;

	if (find(p, l->source, l->name, l->id) != NULL)
		return (pf_error(p, "%s limiter %s id %u already exists",
		    kind_name(l->source), l->name, l->id));
	while (*at != NULL && ((*at)->source < l->source ||
	    ((*at)->source == l->source && (*at)->id < l->id)))
		at = &(*at)->next;
	l->next = *at;
	*at = l;
	return (0);
}

/* Whether an option of this kind of limiter, or the line's end, follows. */
static int
at_option(struct pf_parser *p, int source)
{
	switch (pf_peek(p)) {
	case '\n':
	case K_ID:
	case K_LIMIT:
	case K_RATE:
		return (1);
	case K_ENTRIES:
	case K_TABLE:
	case K_INET:
	case K_INET6:
		return (source);
	}
	return (0);
}

static int
statement_name(struct pf_parser *p, struct pf_limiter *l)
{
	if (pf_expect(p, K_LIMITER) == -1 || pf_strings(p, &l->name) == -1)
		return (-1);
	if (!at_option(p, l->source))
		return (pf_syntax(p));
	if (l->name[0] == '\0' || strlen(l->name) > NAME_MAX_LEN)
		return (pf_error(p, "%s limiter name is too %s",
		    kind_name(l->source), l->name[0] == '\0' ? "short" :
		    "long"));
	if (pf_peek(p) == '\n')
		return (pf_error(p, "%s limiter missing options",
		    kind_name(l->source)));
	return (0);
}

int
pf_parse_limiter(struct pf_parser *p, int source)
{
	struct pf_limiter *l = pf_new(p, sizeof(*l));
	unsigned seen = 0;
	int status;

	p->lex.limiter = 1;
	l->source = source;
	l->table = "";
	l->inet_mask = 32;
	l->inet6_mask = 128;
	if (statement_name(p, l) == -1)
		return (-1);
	while ((status = statement_option(p, l, &seen)) == 0)
		;
	if (status == -1)
		return (-1);
	if (pf_peek(p) != '\n')
		return (pf_syntax(p));
	p->lex.limiter = 0;
	if ((seen & SEEN_ID) == 0)
		return (pf_error(p, "id not specified"));
	if (source && (seen & SEEN_ENTRIES) == 0)
		return (pf_error(p, "entries not specified"));
	if ((seen & SEEN_LIMIT) == 0)
		return (pf_error(p, "%slimit not specified", source ?
		    "state " : ""));
	return (add(p, l));
}

/* (block) or (no-match); live rules have their state options there too. */
static int
limiter_action(struct pf_parser *p, struct pf_options *o, int *block)
{
	*block = 0;
	if (!pf_accept(p, '('))
		return (0);
	if (pf_accept(p, K_BLOCK))
		*block = 1;
	else if (p->conf->live && pf_peek(p) != K_NOMATCH) {
		if (o->state != NULL || pf_parse_state_opts(p, &o->state) ==
		    -1)
			return (-1);
	} else if (pf_expect(p, K_NOMATCH) == -1)
		return (-1);
	return (pf_expect(p, ')'));
}

int
pf_parse_limiter_use(struct pf_parser *p, struct pf_options *o, int source)
{
	struct pf_limiter_use *to = source ? &o->source_limiter :
	    &o->state_limiter, use = { 0 };
	const struct pf_limiter *l;

	p->lex.limiter = 1;
	if (pf_expect(p, K_LIMITER) == -1)
		return (-1);
	if (pf_accept(p, K_ID)) {
		if (parse_id(p, source, &use.id) == -1)
			return (-1);
	} else if ((p->conf->live ? pf_strings(p, &use.name) :
	    pf_string(p, &use.name)) == -1)
		return (-1);
	if (limiter_action(p, o, &use.block) == -1)
		return (-1);
	p->lex.limiter = 0;
	if (use.name != NULL && !p->conf->live) {
		if ((l = find(p, source, use.name, 0)) == NULL)
			return (pf_error(p, "%s limiter not found",
			    kind_name(source)));
		use.id = l->id;
	}
	if (to->used)
		return (pf_error(p, "%s limiter already specified",
		    kind_name(source)));
	use.used = 1;
	*to = use;
	return (0);
}

static void
name_use(const struct pf_parser *p, struct pf_limiter_use *use, int source)
{
	const struct pf_limiter *l;

	if (!use->used || use->name != NULL)
		return;
	l = find(p, source, NULL, use->id);
	use->name = l == NULL ? "" : l->name;
}

void
pf_limiters_name(struct pf_parser *p)
{
	struct pf_anchor *a;
	struct pf_rule *r;

	for (a = p->conf->anchors; a != NULL; a = a->next)
		for (r = a->first; r != NULL; r = r->next) {
			name_use(p, &r->state_limiter, 0);
			name_use(p, &r->source_limiter, 1);
		}
}

void
pf_limiter_use_print(struct buf *out, const struct pf_limiter_use *use,
    int source)
{
	if (!use->used)
		return;
	buf_addf(out, " %s limiter ", kind_name(source));
	if (use->name != NULL && use->name[0] != '\0')
		buf_adds(out, use->name);
	else
		buf_addf(out, "id %u", use->id);
	buf_addf(out, " (%s)", use->block ? "block" : "no-match");
}

void
pf_limiter_print(struct buf *out, const struct pf_limiter *l)
{
	buf_addf(out, "%s limiter %s id %u", kind_name(l->source), l->name,
	    l->id);
	if (l->source)
		buf_addf(out, " entries %u", l->entries);
	buf_addf(out, " limit %u", l->limit);
	if (l->rate != 0)
		buf_addf(out, " rate %u/%u", l->rate, l->seconds);
	if (l->table[0] != '\0') {
		buf_addf(out, " table <%s> above %u", l->table, l->above);
		if (l->below != 0)
			buf_addf(out, " below %u", l->below);
	}
	if (l->inet_mask < 32)
		buf_addf(out, " inet mask %d", l->inet_mask);
	if (l->inet6_mask < 128)
		buf_addf(out, " inet6 mask %d", l->inet6_mask);
	buf_addc(out, '\n');
}

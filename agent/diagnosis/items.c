/* SPDX-License-Identifier: ISC */
/*
 * The value of every item of the catalogue: present, absent or unknown,
 * from what was seen. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/diagnosis/evidence.h"

static enum value
negate(enum value v)
{
	if (v == VALUE_UNKNOWN)
		return (v);
	return (v == VALUE_PRESENT ? VALUE_ABSENT : VALUE_PRESENT);
}

static int
compare(const struct item *it, const char *value)
{
	double a, b;

	if (it->fact->type != FACT_num)
		return ((strcmp(value, it->value) == 0) == (it->op == OP_EQ));
	a = strtod(value, NULL);
	b = strtod(it->value, NULL);
	switch (it->op) {
	case OP_EQ: return (a == b);
	case OP_NE: return (a != b);
	case OP_LT: return (a < b);
	case OP_GT: return (a > b);
	case OP_LE: return (a <= b);
	default: return (a >= b);
	}
}

/* A fact of the subject, or of any: present when one of them is so. */
static enum value
fact_value(const struct evidence *e, const struct item *it)
{
	enum value v = VALUE_UNKNOWN;
	const struct map_entry *m;
	struct str name, subject;
	size_t i;

	for (i = 0; i < e->facts.values.count; i++) {
		m = &e->facts.values.list[i];
		subject = m->key;
		name = str_split(&subject, '\0');
		if (m->value == NULL || !str_eqs(name, it->fact->name) ||
		    (it->subject != NULL && !str_eqs(subject, it->subject)))
			continue;
		if (compare(it, m->value))
			return (VALUE_PRESENT);
		v = VALUE_ABSENT;
	}
	return (v);
}

static int
definite(enum state s)
{
	return (s == STATE_PASS || s == STATE_WARN || s == STATE_FAIL);
}

/* The subject of a check is "xmpp:5222" or its host alone. */
static int
subject_fits(const char *wanted, const char *subject)
{
	size_t n;

	if (wanted == NULL)
		return (1);
	n = strlen(wanted);
	return (strncmp(subject, wanted, n) == 0 &&
	    (subject[n] == '\0' || subject[n] == ':'));
}

int
item_shows_check(const struct item *it, const struct seen_check *c)
{
	return (strcmp(c->id, it->id) == 0 &&
	    subject_fits(it->subject, c->subject) &&
	    (it->states & 1U << c->state) != 0 &&
	    (it->reason == -1 || it->reason == (int)c->reason));
}

static enum value
probe_value(const struct evidence *e, const struct item *it)
{
	enum value v = VALUE_UNKNOWN;
	const struct seen_check *c;
	size_t i;

	for (i = 0; i < e->check_count; i++) {
		c = &e->checks[i];
		if (item_shows_check(it, c))
			return (VALUE_PRESENT);
		if (strcmp(c->id, it->id) == 0 && definite(c->state) &&
		    subject_fits(it->subject, c->subject))
			v = VALUE_ABSENT;
	}
	return (v);
}

static enum value
named_value(const struct evidence *e, const struct item *it)
{
	size_t i;

	if (it->type == ITEM_FINDING) {
		for (i = 0; i < e->finding_count; i++)
			if (strcmp(e->findings[i].id, it->id) == 0)
				return (VALUE_PRESENT);
		return (VALUE_UNKNOWN);
	}
	for (i = 0; i < e->verdict_count; i++)
		if (strcmp(e->verdicts[i].id, it->id) == 0)
			return (VALUE_PRESENT);
	return (VALUE_UNKNOWN);
}

static enum value
any_value(const struct evidence *e, const struct item *it)
{
	size_t i;
	int unknown = 0;

	for (i = 0; i < it->part_count; i++) {
		if (e->item[it->parts[i]] == VALUE_PRESENT)
			return (VALUE_PRESENT);
		unknown |= e->item[it->parts[i]] == VALUE_UNKNOWN;
	}
	return (unknown ? VALUE_UNKNOWN : VALUE_ABSENT);
}

void
items_evaluate(struct evidence *e)
{
	const struct item *it;
	enum value v;
	size_t i;

	/* Parts of an alternative are made before it: one pass is enough. */
	for (i = 0; i < e->c->item_count; i++) {
		it = &e->c->items[i];
		switch (it->type) {
		case ITEM_OBSERVABLE: v = e->observable[it->observable];
			break;
		case ITEM_FACT: v = fact_value(e, it); break;
		case ITEM_PROBE: v = probe_value(e, it); break;
		case ITEM_ANY: v = any_value(e, it); break;
		default: v = named_value(e, it); break;
		}
		if (e->unknown[i])
			v = VALUE_UNKNOWN;
		e->item[i] = it->negated ? negate(v) : v;
	}
}

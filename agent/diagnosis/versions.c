/* SPDX-License-Identifier: ISC */
/*
 * What records say as facts, and what is known of the versions of the
 * programs: from facts, from the records that state one, and from those that
 * only some versions print. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/diagnosis/evidence.h"

/* What the record states; empty: nothing. */
static struct str
stated(const struct signal *s, const struct event *ev)
{
	if (s->fact_hole == NULL)
		return (str_from(s->fact_value));
	return (event_hole(ev, str_from(s->fact_hole)));
}

void
evidence_state_facts(struct evidence *e)
{
	const struct signal *s;
	const struct event *ev;
	struct str name, subject;
	size_t i, k;

	for (i = 0; i < e->c->signal_count; i++) {
		s = &e->c->signals[i];
		if (s->fact == NULL)
			continue;
		name = str_from(s->fact);
		/* from the last on: what was said later holds */
		for (k = e->seen[i].count; k-- > 0; ) {
			ev = &e->seen[i].list[k];
			subject = str_from(ev->host != NULL ? ev->host :
			    component_name(ev->component));
			if (facts_get(&e->facts, name, subject) == NULL &&
			    stated(s, ev).n > 0)
				(void)facts_set(&e->facts, name, subject,
				    stated(s, ev));
		}
	}
}

static void
add_facts(const struct evidence *e, struct versions *v)
{
	const struct map_entry *m;
	struct str name, subject;
	char *from;
	size_t i;
	int p;

	for (i = 0; i < e->facts.values.count; i++) {
		m = &e->facts.values.list[i];
		subject = m->key;
		name = str_split(&subject, '\0');
		p = product_by_fact(name);
		if (p == -1 || m->value == NULL)
			continue;
		from = mem_str(subject);
		versions_add(v, (enum product)p, str_from(m->value), from);
		free(from);
	}
}

void
evidence_versions(const struct evidence *e, struct versions *v)
{
	const struct signal *s;
	const struct sightings *seen;
	size_t i, k;
	int p;

	add_facts(e, v);
	for (i = 0; i < e->c->signal_count; i++) {
		s = &e->c->signals[i];
		seen = &e->seen[i];
		if (seen->count == 0)
			continue;
		p = s->fact == NULL ? -1 : product_by_fact(str_from(s->fact));
		for (k = 0; p != -1 && k < seen->count; k++)
			versions_add(v, (enum product)p,
			    stated(s, &seen->list[k]), seen->list[k].file);
		if (s->since != NULL)
			versions_since(v, (enum product)s->product,
			    str_from(s->since));
		if (s->until != NULL)
			versions_until(v, (enum product)s->product,
			    str_from(s->until));
	}
}

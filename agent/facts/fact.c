/* SPDX-License-Identifier: ISC */
/*
 * The table of facts and a store of their values. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/facts/fact.h"

#define FACT(name, type, unit, sentence) { name, FACT_##type, unit, sentence },
const struct fact_def fact_table[] = {
#include "agent/facts/facts.def"
};
#undef FACT
const size_t fact_table_count = sizeof(fact_table) / sizeof(fact_table[0]);

const struct fact_def *
fact_find(struct str name)
{
	size_t lo = 0, hi = fact_table_count, mid;
	int r;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		r = str_cmp(name, str_from(fact_table[mid].name));
		if (r == 0)
			return (&fact_table[mid]);
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return (NULL);
}

/* A decimal number with an optional sign and fraction. */
static int
is_number(struct str s)
{
	size_t i, digits = 0, dots = 0;

	if (s.n > 0 && s.p[0] == '-')
		s = str_sub(s, 1, s.n);
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '.')
			dots++;
		else if (s.p[i] < '0' || s.p[i] > '9')
			return (0);
		else
			digits++;
	}
	return (digits > 0 && dots <= 1);
}

int
fact_valid(const struct fact_def *def, struct str value)
{
	switch (def->type) {
	case FACT_bool:
		return (str_eqs(value, "yes") || str_eqs(value, "no"));
	case FACT_num:
		return (is_number(value));
	case FACT_text:
		return (1);
	}
	return (0);
}

void
facts_init(struct facts *f)
{
	map_init(&f->values, LIMIT_FACTS);
}

void
facts_free(struct facts *f)
{
	size_t i;

	for (i = 0; i < f->values.count; i++)
		free(f->values.list[i].value);
	map_free(&f->values);
}

/* The key of a (fact, subject) pair in a buffer of the caller. */
static struct str
key_of(struct buf *b, struct str name, struct str subject)
{
	buf_init(b, LIMIT_FACT_KEY);
	buf_add_str(b, name);
	buf_addc(b, '\0');
	buf_add_str(b, subject);
	return (buf_str(b));
}

int
facts_set(struct facts *f, struct str name, struct str subject,
    struct str value)
{
	const struct fact_def *def = fact_find(name);
	struct buf key;
	void **place = NULL;

	if (def == NULL || !fact_valid(def, value))
		return (-1);
	key_of(&key, name, subject);
	if (!key.full)
		place = map_put(&f->values, buf_str(&key));
	buf_free(&key);
	if (place == NULL)
		return (-1);
	free(*place);
	*place = mem_str(value);
	return (0);
}

const char *
facts_get(const struct facts *f, struct str name, struct str subject)
{
	struct buf key;
	const char *value;

	key_of(&key, name, subject);
	value = key.full ? NULL : map_get(&f->values, buf_str(&key));
	buf_free(&key);
	return (value);
}

/* SPDX-License-Identifier: ISC */
/*
 * Reading .pit files: EVIDENCE, the things that can be seen. Equal evidence
 * is one item of the catalogue, whichever causes name it. Pure.
 */
#include <stdint.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/parse.h"
#include "agent/facts/reason.h"

/* The item of this name, made when it is new. */
static size_t
intern(struct pit_reader *r, struct item *it, struct buf *name, size_t i)
{
	struct catalogue *c = r->c;
	void **slot;

	slot = map_put(&c->item_names, buf_str(name));
	if (slot == NULL) {
		pit_error(r, i, "too many items of evidence");
		return (SIZE_MAX);
	}
	if (*slot != NULL)
		return ((size_t)(uintptr_t)*slot - 1);
	it->name = pit_keep(c, buf_str(name));
	it->at = pit_here(r, i);
	c->items = pit_more(c->items, &c->item_count, &c->item_cap,
	    sizeof(*it));
	c->items[c->item_count - 1] = *it;
	*slot = (void *)(uintptr_t)c->item_count;
	return (c->item_count - 1);
}

/* Takes @SUBJECT off a word; the subject is kept. */
static struct str
take_subject(struct pit_reader *r, struct str w, struct item *it)
{
	size_t at = str_chr(w, '@');

	if (at == SIZE_MAX)
		return (w);
	it->subject = pit_keep(r->c, str_sub(w, at + 1, w.n));
	return (str_sub(w, 0, at));
}

/* fact NAME OP VALUE at word *i. */
static int
take_fact(struct pit_reader *r, size_t *i, struct item *it, struct buf *name)
{
	struct str w;
	int op;

	it->type = ITEM_FACT;
	if (*i + 1 >= r->count)
		return (pit_expected(r, *i + 1, "the name of a fact"));
	w = take_subject(r, r->word[*i + 1].s, it);
	if ((it->fact = fact_find(w)) == NULL) {
		pit_error(r, *i + 1, "there is no fact \"%.*s\" in facts.def",
		    STR_ARG(w));
		return (-1);
	}
	op = *i + 2 < r->count ? pit_compare_op(r->word[*i + 2].s) : -1;
	if (op == -1)
		return (pit_expected(r, *i + 2, "= != < > <= or >="));
	it->op = (enum compare)op;
	if (op > OP_NE && it->fact->type != FACT_num) {
		pit_error(r, *i + 2, "fact %s is no number: = or != only",
		    it->fact->name);
		return (-1);
	}
	if (*i + 3 >= r->count || !fact_valid(it->fact, r->word[*i + 3].s)) {
		static const char *const what[] = { "yes or no", "a number",
		    "a text" };

		return (pit_expected(r, *i + 3, what[it->fact->type]));
	}
	it->value = pit_keep(r->c, r->word[*i + 3].s);
	it->id = it->fact->name;
	buf_addf(name, "fact:%.*s %.*s %s", STR_ARG(r->word[*i + 1].s),
	    STR_ARG(r->word[*i + 2].s), it->value);
	*i += 4;
	return (0);
}

/* probe ID[@SUBJECT] [STATE] [REASON] at word *i. */
static int
take_probe(struct pit_reader *r, size_t *i, struct item *it, struct buf *name)
{
	struct str w;
	int v;

	it->type = ITEM_PROBE;
	it->reason = -1;
	it->states = 1U << STATE_FAIL;
	if (*i + 1 >= r->count)
		return (pit_expected(r, *i + 1, "the id of a probe"));
	w = take_subject(r, r->word[*i + 1].s, it);
	if (r->names != NULL && r->names->probe != NULL &&
	    !r->names->probe(w)) {
		pit_error(r, *i + 1, "there is no probe \"%.*s\"",
		    STR_ARG(w));
		return (-1);
	}
	it->id = pit_keep(r->c, w);
	buf_addf(name, "probe:%.*s", STR_ARG(r->word[*i + 1].s));
	*i += 2;
	if (*i < r->count && (v = state_by_name(r->word[*i].s)) != -1) {
		it->states = 1U << v;
		buf_addf(name, " %.*s", STR_ARG(r->word[*i].s));
		(*i)++;
	}
	if (*i < r->count && (v = reason_by_name(r->word[*i].s)) != -1) {
		it->reason = v;
		buf_addf(name, " %.*s", STR_ARG(r->word[*i].s));
		(*i)++;
	}
	return (0);
}

static int
take_named(struct pit_reader *r, size_t *i, struct item *it, struct buf *name)
{
	int verdict = pit_is(r, *i, "verdict");
	int (*known)(struct str) = NULL;
	const char *id;

	it->type = verdict ? ITEM_VERDICT : ITEM_FINDING;
	if ((id = pit_id(r, *i + 1, verdict ? "the id of a media verdict" :
	    "the id of a finding")) == NULL)
		return (-1);
	if (r->names != NULL)
		known = verdict ? r->names->verdict : r->names->finding;
	if (known != NULL && !known(str_from(id))) {
		pit_error(r, *i + 1, "there is no %s \"%s\"",
		    verdict ? "media verdict" : "finding", id);
		return (-1);
	}
	it->id = id;
	buf_addf(name, "%s:%s", verdict ? "verdict" : "finding", id);
	*i += 2;
	return (0);
}

static int
take_observable(struct pit_reader *r, size_t *i, struct item *it,
    struct buf *name)
{
	if (pit_is(r, *i, "signal") || pit_is(r, *i, "pattern"))
		(*i)++;
	it->type = ITEM_OBSERVABLE;
	it->observable = -1;
	it->id = pit_id(r, *i, "evidence (the id of a signal or pattern, "
	    "fact, probe, finding, verdict)");
	if (it->id == NULL)
		return (-1);
	buf_addf(name, "signal:%s", it->id);
	(*i)++;
	return (0);
}

/* One alternative at word *i, with its present or absent. */
static size_t
take_item(struct pit_reader *r, size_t *i)
{
	struct item it = { 0 };
	struct buf name;
	size_t start = *i, item = SIZE_MAX;
	int ok;

	buf_init(&name, LIMIT_FACT_KEY);
	if (pit_is(r, *i, "fact"))
		ok = take_fact(r, i, &it, &name);
	else if (pit_is(r, *i, "probe"))
		ok = take_probe(r, i, &it, &name);
	else if (pit_is(r, *i, "finding") || pit_is(r, *i, "verdict"))
		ok = take_named(r, i, &it, &name);
	else
		ok = take_observable(r, i, &it, &name);
	if (ok == 0 && pit_is(r, *i, "absent")) {
		it.negated = 1;
		buf_adds(&name, " absent");
		(*i)++;
	} else if (ok == 0 && pit_is(r, *i, "present"))
		(*i)++;
	if (ok == 0)
		item = intern(r, &it, &name, start);
	buf_free(&name);
	return (item);
}

size_t
pit_evidence(struct pit_reader *r, size_t i)
{
	struct item any = { .type = ITEM_ANY };
	struct buf name;
	size_t start = i, item;

	buf_init(&name, LIMIT_PIT_REGEX);
	for (;;) {
		if ((item = take_item(r, &i)) == SIZE_MAX)
			break;
		if (any.part_count > 0)
			buf_adds(&name, " or ");
		buf_adds(&name, r->c->items[item].name);
		any.parts[any.part_count++] = item;
		if (i == r->count)
			break;
		if (!pit_is(r, i, "or")) {
			pit_expected(r, i, "present, absent, or, or the end "
			    "of the line");
			item = SIZE_MAX;
			break;
		}
		i++;
		if (any.part_count == ITEM_PARTS) {
			pit_error(r, i, "at most %d alternatives",
			    ITEM_PARTS);
			item = SIZE_MAX;
			break;
		}
	}
	if (item != SIZE_MAX && any.part_count > 1)
		item = intern(r, &any, &name, start);
	buf_free(&name);
	return (item);
}

size_t
pit_own_finding(struct pit_reader *r, const char *id)
{
	struct item it = { .type = ITEM_FINDING };
	struct buf name;
	size_t item;

	if (r->names == NULL || r->names->finding == NULL ||
	    !r->names->finding(str_from(id)))
		return (SIZE_MAX);
	it.id = id;
	buf_init(&name, LIMIT_PIT_REGEX);
	buf_addf(&name, "finding:%s", id);
	item = intern(r, &it, &name, 1);
	buf_free(&name);
	return (item);
}

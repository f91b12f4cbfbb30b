/* SPDX-License-Identifier: ISC */
/*
 * Reading .pit files: the blocks `signal` and `pattern`. Pure.
 */
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/parse.h"
#include "agent/facts/version.h"

static const char *const class_names[] = {
	[CLASS_FAULT] = "fault",
	[CLASS_LIFECYCLE] = "lifecycle",
	[CLASS_NOISE] = "noise",
};

static const char *const level_names[LOG_LEVEL_COUNT] = {
	[LOG_LEVEL_NONE] = "none",
	[LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_ERROR] = "error",
};

static const char *const op_names[OP_COUNT] = {
	[OP_EQ] = "=", [OP_NE] = "!=", [OP_LT] = "<", [OP_GT] = ">",
	[OP_LE] = "<=", [OP_GE] = ">=",
};

static int
by_name(const char *const *names, size_t n, struct str s)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_eqs(s, names[i]))
			return ((int)i);
	return (-1);
}

const char *
signal_class_name(enum signal_class class)
{
	return (class_names[class]);
}

int
log_level_by_name(struct str s)
{
	return (by_name(level_names, LOG_LEVEL_COUNT, s));
}

const char *
log_level_name(enum log_level level)
{
	return (level_names[level]);
}

int
pit_compare_op(struct str s)
{
	return (by_name(op_names, OP_COUNT, s));
}

static void
read_class(struct pit_reader *r, enum signal_class *class)
{
	int v = r->count > 1 ? by_name(class_names, 3, r->word[1].s) : -1;

	if (v == -1) {
		pit_expected(r, 1, "fault, lifecycle or noise");
		return;
	}
	*class = (enum signal_class)v;
	pit_last(r, 1);
}

void
pit_title(struct pit_reader *r, const char **title)
{
	const char *s = pit_string(r, 1, "a title in quotes");

	if (s != NULL && pit_last(r, 1) == 0)
		*title = s;
}

void
pit_version(struct pit_reader *r, const char **version)
{
	if (r->count < 2)
		pit_expected(r, 1, "a version");
	else if (pit_last(r, 1) == 0)
		*version = pit_keep(r->c, r->word[1].s);
}

void
pit_version_fits(struct pit_reader *r, struct pit_place at, int product,
    const char *version)
{
	if (version != NULL && product != -1 &&
	    !version_valid((enum product)product, str_from(version)))
		errlist_add(r->errs, at.file, at.line, at.column,
		    "\"%s\" is no version of %s", version,
		    product_name((enum product)product));
}

static void
signal_from(struct pit_reader *r, struct signal *s)
{
	size_t i;
	int c;

	if (r->count < 2)
		pit_expected(r, 1, "a component or any");
	for (i = 1; i < r->count; i++) {
		if (pit_is(r, i, "any"))
			continue;
		c = component_by_name(r->word[i].s);
		if (c == -1 || r->word[i].quoted || c == COMPONENT_NONE)
			pit_expected(r, i, "a component (prosody jicofo jvb "
			    "nginx-access nginx-error coturn browser "
			    "prosodyctl syslog client) or any");
		else
			s->from |= 1U << c;
	}
}

static void
signal_level(struct pit_reader *r, struct signal *s)
{
	int op = -1, level = -1;

	if (r->count > 1)
		op = pit_compare_op(r->word[1].s);
	if (op != OP_GE && op != OP_LE && op != OP_EQ) {
		pit_expected(r, 1, ">=, <= or =");
		return;
	}
	if (r->count > 2)
		level = log_level_by_name(r->word[2].s);
	if (level <= LOG_LEVEL_NONE) {
		pit_expected(r, 2, "debug, info, warn or error");
		return;
	}
	s->level_op = (enum compare)op;
	s->level = (enum log_level)level;
	pit_last(r, 2);
}

static void
signal_key(struct pit_reader *r, struct signal *s)
{
	struct str w;

	if (r->count < 2 || r->word[1].s.n < 3 ||
	    !str_starts(r->word[1].s, "{") || !str_ends(r->word[1].s, "}")) {
		pit_expected(r, 1, "a hole such as {session}");
		return;
	}
	w = r->word[1].s;
	s->key = pit_keep(r->c, str_sub(w, 1, w.n - 1));
	pit_last(r, 1);
}

/* fact NAME = {hole} or a value. */
static void
signal_fact(struct pit_reader *r, struct signal *s)
{
	const struct fact_def *def;
	struct str w;

	if (r->count < 2 || (def = fact_find(r->word[1].s)) == NULL) {
		pit_expected(r, 1, "the name of a fact");
		return;
	}
	if (r->count < 4 || !str_eqs(r->word[2].s, "=")) {
		pit_expected(r, r->count < 3 ? r->count : 2,
		    "= {hole} or = VALUE");
		return;
	}
	w = r->word[3].s;
	s->fact = def->name;
	if (str_starts(w, "{") && str_ends(w, "}") && w.n > 2)
		s->fact_hole = pit_keep(r->c, str_sub(w, 1, w.n - 1));
	else if (fact_valid(def, w))
		s->fact_value = pit_keep(r->c, w);
	else
		pit_expected(r, 3, "a value of the fact's type");
	pit_last(r, 3);
}

static int
has_hole(const struct signal *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->hole_count; i++)
		if (strcmp(s->holes[i].name, name) == 0)
			return (1);
	return (0);
}

/* What since, until and fact need. */
static void
signal_complete(struct pit_reader *r, struct signal *s)
{
	int c;

	s->product = -1;
	for (c = 0; c < COMPONENT_COUNT; c++)
		if (s->from == 1U << c)
			s->product = product_of_component(
			    (enum component)c);
	if ((s->since != NULL || s->until != NULL) && s->product == -1)
		errlist_add(r->errs, s->at.file, s->at.line, s->at.column,
		    "signal %s has since or until, but not one component "
		    "that has a version", s->id);
	pit_version_fits(r, s->at, s->product, s->since);
	pit_version_fits(r, s->at, s->product, s->until);
	if (s->fact_hole != NULL && !has_hole(s, s->fact_hole))
		errlist_add(r->errs, s->at.file, s->at.line, s->at.column,
		    "signal %s has no hole {%s} for its fact", s->id,
		    s->fact_hole);
}

static void
signal_line(struct pit_reader *r, struct signal *s)
{
	const char *text;

	if (pit_is(r, 0, "from"))
		signal_from(r, s);
	else if (pit_is(r, 0, "title"))
		pit_title(r, &s->title);
	else if (pit_is(r, 0, "text"))
		pit_text(r, 1, s, &s->texts);
	else if (pit_is(r, 0, "re"))
		pit_regex(r, 1, s, &s->texts);
	else if (pit_is(r, 0, "and"))
		pit_text(r, 1, s, &s->with);
	else if (pit_is(r, 0, "not"))
		pit_text(r, 1, s, &s->without);
	else if (pit_is(r, 0, "level"))
		signal_level(r, s);
	else if (pit_is(r, 0, "key"))
		signal_key(r, s);
	else if (pit_is(r, 0, "class"))
		read_class(r, &s->class);
	else if (pit_is(r, 0, "since"))
		pit_version(r, &s->since);
	else if (pit_is(r, 0, "until"))
		pit_version(r, &s->until);
	else if (pit_is(r, 0, "fact"))
		signal_fact(r, s);
	else if (pit_is(r, 0, "logger"))
		s->logger = pit_string(r, 1, "a part of the logger's name");
	else if (pit_is(r, 0, "sample")) {
		if ((text = pit_string(r, 1, "a message in quotes")) != NULL)
			pit_strings_add(&s->samples, text);
	} else if (pit_is(r, 0, "test"))
		pit_test(r, s->id);
	else
		pit_expected(r, 0, "from, title, text, re, and, not, logger, "
		    "level, key, class, since, until, fact, sample, test or "
		    "a new block");
}

void
pit_signal(struct pit_reader *r)
{
	struct signal s = { 0 }, *slot;
	struct pit_place at = pit_here(r, 1);

	s.id = pit_id(r, 1, "the signal's id (kebab-case)");
	s.at = at;
	s.set = r->set;
	pit_last(r, 1);
	while (pit_next(r)) {
		if (pit_begins_block(r)) {
			r->again = 1;
			break;
		}
		signal_line(r, &s);
	}
	if (s.id != NULL && s.texts.count == 0)
		errlist_add(r->errs, at.file, at.line, at.column,
		    "signal %s has no text", s.id);
	if (s.id != NULL)
		signal_complete(r, &s);
	slot = s.id == NULL ? NULL : pit_claim(r, s.id, ENTRY_SIGNAL);
	if (slot == NULL) {
		r->c->signals = pit_more(r->c->signals, &r->c->signal_count,
		    &r->c->signal_cap, sizeof(s));
		slot = &r->c->signals[r->c->signal_count - 1];
		s.set = -1;	/* never matched, the catalogue is refused */
	}
	*slot = s;
}

/* [within T] [by KEY] from word i. */
static void
pattern_tail(struct pit_reader *r, size_t i, struct pattern *p)
{
	struct str left;

	if (pit_is(r, i, "within")) {
		if ((p->within_us = pit_span(r, i + 1)) == -1)
			return;
		i += 2;
	}
	if (pit_is(r, i, "by")) {
		if (i + 1 >= r->count) {
			pit_expected(r, i + 1, "session or a hole's name");
			return;
		}
		left = r->word[i + 1].s;
		p->key = pit_keep(r->c, str_split(&left, '='));
		p->key2 = left.n > 0 ? pit_keep(r->c, left) : p->key;
		i += 2;
	}
	if (i < r->count)
		pit_expected(r, i, "within T, by KEY or the end of the line");
}

static void
pattern_count(struct pit_reader *r, struct pattern *p)
{
	p->op = PATTERN_COUNT;
	p->step_count = 1;
	if (pit_refs(r, 1, &p->steps[0]) == -1)
		return;
	if (!pit_is(r, 2, ">=")) {
		pit_expected(r, 2, ">= N");
		return;
	}
	if (r->count < 4 || str_num(r->word[3].s, 1, 1000, &p->count) == -1) {
		pit_expected(r, 3, "a number from 1 to 1000");
		return;
	}
	pattern_tail(r, 4, p);
}

/* The word or words after the first step; *i moves behind them. */
static int
pattern_op(struct pit_reader *r, size_t *i, enum pattern_op *op)
{
	static const struct {
		const char *word[3];
		enum pattern_op op;
	} ops[] = {
		{ { "then" }, PATTERN_THEN },
		{ { "with" }, PATTERN_WITH },
		{ { "without" }, PATTERN_WITHOUT },
		{ { "before" }, PATTERN_BEFORE },
		{ { "apart", "from" }, PATTERN_APART },
		{ { "not", "followed", "by" }, PATTERN_NOT_FOLLOWED },
		{ { "not", "preceded", "by" }, PATTERN_NOT_PRECEDED },
	};
	size_t k, n;

	for (k = 0; k < sizeof(ops) / sizeof(ops[0]); k++) {
		for (n = 0; n < 3 && ops[k].word[n] != NULL; n++)
			if (!pit_is(r, *i + n, ops[k].word[n]))
				break;
		if (n == 3 || ops[k].word[n] == NULL) {
			*op = ops[k].op;
			*i += n;
			return (0);
		}
	}
	return (pit_expected(r, *i, "then, with, without, before, apart "
	    "from, not followed by or not preceded by"));
}

static void
pattern_relation(struct pit_reader *r, struct pattern *p)
{
	enum pattern_op op;
	size_t i = 0;

	if (pit_refs(r, i++, &p->steps[0]) == -1 ||
	    pattern_op(r, &i, &p->op) == -1 ||
	    pit_refs(r, i++, &p->steps[1]) == -1)
		return;
	p->step_count = 2;
	while (p->op == PATTERN_THEN && pit_is(r, i, "then")) {
		if (p->step_count == PATTERN_STEPS) {
			pit_error(r, i, "at most %d steps", PATTERN_STEPS);
			return;
		}
		if (pattern_op(r, &i, &op) == -1 ||
		    pit_refs(r, i++, &p->steps[p->step_count++]) == -1)
			return;
	}
	if (p->op == PATTERN_THEN && pit_is(r, i, "without")) {
		if (pit_refs(r, i + 1, &p->except) == -1)
			return;
		i += 2;
	}
	pattern_tail(r, i, p);
	if (p->within_us <= 0 && (p->op == PATTERN_APART ||
	    p->op == PATTERN_NOT_FOLLOWED || p->op == PATTERN_NOT_PRECEDED))
		pit_error(r, i, "this needs its window: within T");
}

static void
pattern_line(struct pit_reader *r, struct pattern *p)
{
	if (pit_is(r, 0, "title"))
		pit_title(r, &p->title);
	else if (pit_is(r, 0, "class"))
		read_class(r, &p->class);
	else if (pit_is(r, 0, "clear"))
		pit_clear(r, &p->clear, &p->clear_after_us);
	else if (pit_is(r, 0, "test"))
		pit_test(r, p->id);
	else if (p->step_count > 0)
		pit_expected(r, 0, "title, class, clear, test or a new block "
		    "(the pattern stands already)");
	else if (pit_is(r, 0, "count"))
		pattern_count(r, p);
	else if (r->count > 1)
		pattern_relation(r, p);
	else
		pit_expected(r, 0, "a pattern such as A then B within 5s");
}

void
pit_pattern(struct pit_reader *r)
{
	struct pattern p = { 0 }, *slot;
	struct pit_place at = pit_here(r, 1);

	p.id = pit_id(r, 1, "the pattern's id (kebab-case)");
	p.at = at;
	p.set = r->set;
	pit_last(r, 1);
	while (pit_next(r)) {
		if (pit_begins_block(r)) {
			r->again = 1;
			break;
		}
		pattern_line(r, &p);
	}
	if (p.id != NULL && p.step_count == 0)
		errlist_add(r->errs, at.file, at.line, at.column,
		    "pattern %s says nothing to look for", p.id);
	slot = p.id == NULL ? NULL : pit_claim(r, p.id, ENTRY_PATTERN);
	if (slot == NULL) {
		r->c->patterns = pit_more(r->c->patterns,
		    &r->c->pattern_count, &r->c->pattern_cap, sizeof(p));
		slot = &r->c->patterns[r->c->pattern_count - 1];
		p.set = -1;
	}
	*slot = p;
}

/* SPDX-License-Identifier: ISC */
/*
 * Reading .pit files: the tests inside the blocks. Pure.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/parse.h"
#include "agent/facts/reason.h"

/* The lines up to END, without the tabs that the block is set in by. */
static const char *
here_text(struct pit_reader *r, struct str end)
{
	struct buf b;
	struct str line;
	const char *text;
	int closed = 0, from = r->line;

	buf_init(&b, LIMIT_CONFIG_FILE);
	while (!closed && pit_next_raw(r)) {
		closed = str_eq(str_trim(r->raw), end);
		line = r->raw;
		while (line.n > 0 && line.p[0] == '\t')
			line = str_sub(line, 1, line.n);
		if (!closed) {
			buf_add_str(&b, line);
			buf_addc(&b, '\n');
		}
	}
	if (!closed)
		errlist_add(r->errs, r->file, from, 0,
		    "expected %.*s alone on a line, the file ends",
		    STR_ARG(end));
	text = pit_keep(r->c, buf_str(&b));
	buf_free(&b);
	return (text);
}

static int
step_log(struct pit_reader *r, struct pit_step *s)
{
	size_t i = 2;
	int c = r->count > 1 ? component_by_name(r->word[1].s) : -1;

	s->type = STEP_LOG;
	if (c <= COMPONENT_NONE)
		return (pit_expected(r, 1, "a component"));
	s->component = (enum component)c;
	if (i < r->count && str_starts(r->word[i].s, "@"))
		s->host = pit_keep(r->c, str_sub(r->word[i++].s, 1,
		    SIZE_MAX));
	if (i >= r->count || !str_starts(r->word[i].s, "<<") ||
	    r->word[i].s.n < 3)
		return (pit_expected(r, i, "<<END"));
	if (pit_last(r, i) == -1)
		return (-1);
	s->text = here_text(r, str_from(pit_keep(r->c,
	    str_sub(r->word[i].s, 2, SIZE_MAX))));
	return (0);
}

static int
step_probe(struct pit_reader *r, struct pit_step *s)
{
	struct str id;
	int v;
	size_t at;

	s->type = STEP_PROBE;
	if (r->count < 3)
		return (pit_expected(r, r->count,
		    "probe ID[@SUBJECT] STATE [REASON]"));
	id = r->word[1].s;
	if ((at = str_chr(id, '@')) != SIZE_MAX) {
		s->host = pit_keep(r->c, str_sub(id, at + 1, id.n));
		id = str_sub(id, 0, at);
	}
	if (r->names != NULL && r->names->probe != NULL &&
	    !r->names->probe(id)) {
		pit_error(r, 1, "there is no probe \"%.*s\"", STR_ARG(id));
		return (-1);
	}
	s->id = pit_keep(r->c, id);
	if ((v = state_by_name(r->word[2].s)) == -1)
		return (pit_expected(r, 2, "a state such as pass or fail"));
	s->state = (enum state)v;
	s->reason = s->state == STATE_PASS ? REASON_OK : REASON_INTERNAL;
	if (r->count > 3) {
		if ((s->reason = reason_by_name(r->word[3].s)) == -1)
			return (pit_expected(r, 3, "a reason such as "
			    "refused"));
	}
	return (pit_last(r, 3));
}

static int
step_fact(struct pit_reader *r, struct pit_step *s)
{
	const struct fact_def *fact;
	struct str name;
	size_t at;

	s->type = STEP_FACT;
	name = r->count > 1 ? r->word[1].s : str_from("");
	if ((at = str_chr(name, '@')) != SIZE_MAX) {
		s->host = pit_keep(r->c, str_sub(name, at + 1, name.n));
		name = str_sub(name, 0, at);
	}
	if ((fact = fact_find(name)) == NULL)
		return (pit_expected(r, 1, "a fact of facts.def"));
	s->id = fact->name;
	if (!pit_is(r, 2, "="))
		return (pit_expected(r, 2, "="));
	if (r->count < 4 || !fact_valid(fact, r->word[3].s))
		return (pit_expected(r, 3, "a value of the fact's type"));
	s->text = pit_keep(r->c, r->word[3].s);
	return (pit_last(r, 3));
}

/* finding ID [hole=value ...] / verdict ID */
static int
step_named(struct pit_reader *r, struct pit_step *s)
{
	struct buf b;
	size_t i;

	s->type = pit_is(r, 0, "verdict") ? STEP_VERDICT : STEP_FINDING;
	s->id = pit_id(r, 1, "an id");
	if (s->id == NULL)
		return (-1);
	buf_init(&b, LIMIT_CHECK_TEXT);
	for (i = 2; i < r->count; i++) {
		if (str_chr(r->word[i].s, '=') == SIZE_MAX) {
			buf_free(&b);
			return (pit_expected(r, i, "hole=value"));
		}
		buf_add_str(&b, r->word[i].s);
		buf_addc(&b, '\n');
	}
	s->text = pit_keep(r->c, buf_str(&b));
	buf_free(&b);
	return (0);
}

static int
step_expect(struct pit_reader *r, struct pit_step *s)
{
	static const struct {
		const char *word;
		enum step_type type;
	} words[] = {
		{ "first", STEP_FIRST }, { "any", STEP_ANY },
		{ "not", STEP_NOT }, { "none", STEP_NONE },
		{ "signal", STEP_SIGNAL }, { "pattern", STEP_SIGNAL },
		{ "no", STEP_NO },
	};
	struct str left;
	size_t k;

	for (k = 0; k < sizeof(words) / sizeof(words[0]); k++)
		if (pit_is(r, 1, words[k].word))
			break;
	if (k == sizeof(words) / sizeof(words[0]))
		return (pit_expected(r, 1,
		    "first, any, not, none, signal or no"));
	s->type = words[k].type;
	if (s->type == STEP_NONE)
		return (pit_last(r, 1));
	if (r->count < 3 || r->word[2].quoted)
		return (pit_expected(r, 2, "an id"));
	left = r->word[2].s;
	while (left.n > 0)
		pit_strings_add(&s->ids, pit_keep(r->c,
		    str_split(&left, '|')));
	s->id = s->ids.list[0];
	return (pit_last(r, 2));
}

static int
test_line(struct pit_reader *r, struct pit_step *s)
{
	s->at = pit_here(r, 0);
	s->host = "";
	s->text = "";
	if (pit_is(r, 0, "log"))
		return (step_log(r, s));
	if (pit_is(r, 0, "probe"))
		return (step_probe(r, s));
	if (pit_is(r, 0, "fact"))
		return (step_fact(r, s));
	if (pit_is(r, 0, "finding") || pit_is(r, 0, "verdict"))
		return (step_named(r, s));
	if (pit_is(r, 0, "expect"))
		return (step_expect(r, s));
	if (pit_is(r, 0, "unknown")) {
		s->type = STEP_UNKNOWN;
		s->item = pit_evidence(r, 1);
		return (s->item == SIZE_MAX ? -1 : 0);
	}
	return (pit_expected(r, 0, "log, probe, fact, finding, verdict, "
	    "unknown, expect or }"));
}

/* Over the lines of a test, whatever they say. */
static void
skip_test(struct pit_reader *r)
{
	struct str line, end;
	size_t at;

	while (pit_next_raw(r)) {
		line = str_trim(r->raw);
		if (str_eqs(line, "}"))
			return;
		if (!str_starts(line, "log ") ||
		    (at = str_find(line, "<<")) == SIZE_MAX)
			continue;
		end = str_trim(str_sub(line, at + 2, line.n));
		while (pit_next_raw(r) && !str_eq(str_trim(r->raw), end))
			;
	}
}

void
pit_test(struct pit_reader *r, const char *owner)
{
	struct pit_test t = { 0 };
	struct pit_step step;

	if (r->skip_tests) {
		skip_test(r);
		return;
	}
	t.at = pit_here(r, 0);
	t.owner = owner == NULL ? "" : owner;
	t.set = r->set;
	t.name = pit_string(r, 1, "the test's name in quotes");
	if (!pit_is(r, 2, "{"))
		pit_expected(r, 2, "{");
	while (pit_next(r) && !pit_is(r, 0, "}")) {
		memset(&step, 0, sizeof(step));
		if (test_line(r, &step) == 0) {
			t.steps = pit_more(t.steps, &t.step_count,
			    &t.step_cap, sizeof(step));
			t.steps[t.step_count - 1] = step;
		} else
			free(step.ids.list);
	}
	if (!pit_is(r, 0, "}"))
		errlist_add(r->errs, t.at.file, t.at.line, t.at.column,
		    "the test has no closing }");
	if (t.name == NULL)
		t.name = "";
	r->c->tests = pit_more(r->c->tests, &r->c->test_count,
	    &r->c->test_cap, sizeof(t));
	r->c->tests[r->c->test_count - 1] = t;
}

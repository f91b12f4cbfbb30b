/* SPDX-License-Identifier: ISC */
/*
 * Signals in texts of log lines: one pass of the automaton over the whole
 * text, then PCRE2 on the lines that hold a literal, on the message behind
 * the line's head alone. Never depends on PCRE2's just-in-time compiler,
 * which OpenBSD has not. Pure; owns automaton and expressions.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/automaton.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/matcher.h"

/* The literals given to the automaton are no longer than this. */
#define WINDOW 12

/* A hole that a text captures. */
struct named {
	const char *name;
	size_t group;
};

/* One compiled text. */
struct expression {
	pcre2_code *code;
	size_t signal;
	struct named *names;
	size_t name_count;
	struct str literal;	/* required; of a text only */
	size_t window_end;	/* the automaton tells this byte of it */
};

struct expressions {
	struct expression *list;
	size_t count, cap;
};

struct matcher {
	const struct catalogue *c;
	struct automaton automaton;
	struct expressions texts;	/* by number of the literal */
	struct expressions with, without;
	size_t *first_with, *first_without;	/* [signal], one more */
	size_t *first_text;		/* [signal], one more */
	size_t code_bytes;
};

static void
note_names(struct expression *e, const struct signal *s)
{
	uint32_t count = 0, size = 0, i, k;
	PCRE2_SPTR table = NULL;

	pcre2_pattern_info(e->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(e->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(e->code, PCRE2_INFO_NAMETABLE, &table);
	if (count > 0)
		e->names = mem_zalloc(count, sizeof(*e->names));
	for (i = 0; i < count && e->name_count < MATCH_CAPTURES; i++) {
		PCRE2_SPTR row = table + (size_t)i * size;

		for (k = 0; k < s->hole_count; k++)
			if (strcmp(s->holes[k].name,
			    (const char *)row + 2) == 0)
				break;
		if (k == s->hole_count)
			continue;
		e->names[e->name_count].name = s->holes[k].name;
		e->names[e->name_count].group =
		    (size_t)row[0] << 8 | row[1];
		e->name_count++;
	}
}

static void
compile(struct matcher *m, struct expressions *l, size_t signal,
    const struct pit_text *t, struct errlist *errs)
{
	struct expression e = { .signal = signal };
	unsigned char message[128];
	size_t size = 0;
	PCRE2_SIZE offset;
	int error;

	e.code = pcre2_compile((PCRE2_SPTR)t->regex, strlen(t->regex), 0,
	    &error, &offset, NULL);
	if (e.code == NULL) {
		pcre2_get_error_message(error, message, sizeof(message));
		errlist_add(errs, t->at.file, t->at.line, t->at.column,
		    "the regular expression does not compile: %s at %zu",
		    (const char *)message, (size_t)offset);
		return;
	}
	pcre2_pattern_info(e.code, PCRE2_INFO_SIZE, &size);
	m->code_bytes += size + sizeof(e);
	note_names(&e, &m->c->signals[signal]);
	l->list = mem_grow(l->list, l->count, &l->cap, sizeof(e),
	    LIMIT_PIT_LIST);
	if (l->list == NULL)
		fatal("matcher: too many expressions");
	l->list[l->count++] = e;
}

static void
compile_all(struct matcher *m, struct errlist *errs)
{
	const struct signal *s;
	size_t i, k;

	for (i = 0; i < m->c->signal_count; i++) {
		s = &m->c->signals[i];
		m->first_text[i] = m->texts.count;
		m->first_with[i] = m->with.count;
		m->first_without[i] = m->without.count;
		for (k = 0; k < s->texts.count; k++)
			compile(m, &m->texts, i, &s->texts.list[k], errs);
		for (k = 0; k < s->with.count; k++)
			compile(m, &m->with, i, &s->with.list[k], errs);
		for (k = 0; k < s->without.count; k++)
			compile(m, &m->without, i, &s->without.list[k], errs);
	}
	m->first_text[i] = m->texts.count;
	m->first_with[i] = m->with.count;
	m->first_without[i] = m->without.count;
}

/* The literals of all texts; -1 and said when one has none. */
static int
build_automaton(struct matcher *m, struct errlist *errs)
{
	struct vocabulary *v = mem_zalloc(1, sizeof(*v));
	const struct pit_text *t;
	struct expression *e;
	struct str *literals;
	size_t i, k, n = 0;
	int ok = 0;

	literals = mem_zalloc(m->texts.count + 1, sizeof(*literals));
	for (i = 0; i < m->c->signal_count; i++)
		for (k = 0; k < m->c->signals[i].texts.count; k++) {
			t = &m->c->signals[i].texts.list[k];
			if (strlen(t->literal) < SIGNAL_LITERAL) {
				errlist_add(errs, t->at.file, t->at.line,
				    t->at.column, "the text needs a literal "
				    "of %d bytes or more outside of holes, "
				    "it has \"%s\"", SIGNAL_LITERAL,
				    t->literal);
				ok = -1;
			}
			m->texts.list[n].literal = str_from(t->literal);
			automaton_vocabulary(v, m->texts.list[n++].literal);
		}
	for (i = 0; i < n; i++) {
		e = &m->texts.list[i];
		literals[i] = automaton_window(v, e->literal, WINDOW);
		if (literals[i].n > 0)
			e->window_end = (size_t)(literals[i].p +
			    literals[i].n - 1 - e->literal.p);
	}
	if (ok == 0 && automaton_init(&m->automaton, literals, n) == -1) {
		errlist_add(errs, "catalogue", 0, 0, "too many texts for one "
		    "automaton");
		ok = -1;
	}
	free(literals);
	free(v);
	return (ok);
}

struct matcher *
matcher_new(const struct catalogue *c, struct errlist *errs)
{
	struct matcher *m = mem_zalloc(1, sizeof(*m));
	size_t before = errs->count, n = c->signal_count + 1;

	m->c = c;
	m->first_text = mem_zalloc(n, sizeof(size_t));
	m->first_with = mem_zalloc(n, sizeof(size_t));
	m->first_without = mem_zalloc(n, sizeof(size_t));
	compile_all(m, errs);
	if (errs->count > before || build_automaton(m, errs) == -1) {
		matcher_free(m);
		return (NULL);
	}
	return (m);
}

static void
free_expressions(struct expressions *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		pcre2_code_free(l->list[i].code);
		free(l->list[i].names);
	}
	free(l->list);
}

void
matcher_free(struct matcher *m)
{
	if (m == NULL)
		return;
	automaton_free(&m->automaton);
	free_expressions(&m->texts);
	free_expressions(&m->with);
	free_expressions(&m->without);
	free(m->first_text);
	free(m->first_with);
	free(m->first_without);
	free(m);
}

void
matcher_size(const struct matcher *m, size_t *bytes, size_t *states)
{
	const struct automaton *a = &m->automaton;

	*states = a->states;
	*bytes = m->code_bytes + sizeof(*m) +
	    (a->states << a->shift) * sizeof(*a->next) +
	    a->output_count * sizeof(*a->outputs) +
	    (a->states - a->first_output + 1) * sizeof(*a->output_at) +
	    3 * m->c->signal_count * sizeof(size_t);
}

/* One run: PCRE2's scratch space, and what each lane did last. */
struct lane {
	struct record record;	/* raw.p NULL: none */
	size_t *text_line;	/* [text]: begin of the line tried last, + 1 */
	const char **told;	/* [signal]: record told last */
};

struct run {
	const struct matcher *m;
	const struct log_text *text;
	pcre2_match_data *data;
	pcre2_match_context *context;	/* the ceiling of work */
	match_fn fn;
	void *arg;
	struct lane lane[AUTOMATON_LANES];
};

static int
holds(const struct run *r, const struct expression *e, struct str subject)
{
	return (pcre2_match(e->code, (PCRE2_SPTR)(subject.p == NULL ? "" :
	    subject.p), subject.n, 0, 0, r->data, r->context) >= 0);
}

/* Adds what the last match of e captured. */
static void
add_captures(const struct run *r, const struct expression *e,
    struct str subject, struct match *match)
{
	const PCRE2_SIZE *v = pcre2_get_ovector_pointer(r->data);
	struct str value;
	size_t i, group, k;

	for (i = 0; i < e->name_count; i++) {
		group = e->names[i].group;
		if (group >= pcre2_get_ovector_count(r->data) ||
		    v[2 * group] == PCRE2_UNSET)
			continue;
		value = str_trim(str_sub(subject, v[2 * group],
		    v[2 * group + 1]));
		for (k = 0; k < match->capture_count; k++)
			if (match->captures[k].name == e->names[i].name)
				break;
		if (k < match->capture_count ||
		    match->capture_count == MATCH_CAPTURES)
			continue;
		match->captures[match->capture_count].name =
		    e->names[i].name;
		match->captures[match->capture_count++].value = value;
	}
}

/* The message and what follows it in the record. */
static struct str
record_body(const struct record *rec)
{
	const char *end = rec->raw.p + rec->raw.n;

	if (rec->message.p >= rec->raw.p && rec->message.p <= end)
		return (str_of(rec->message.p,
		    (size_t)(end - rec->message.p)));
	return (rec->message);
}

static int
level_fits(const struct signal *s, const struct record *rec)
{
	if (s->level == LOG_LEVEL_NONE || rec->level == LOG_LEVEL_NONE)
		return (1);
	if (s->level_op == OP_GE)
		return (rec->level >= s->level);
	if (s->level_op == OP_LE)
		return (rec->level <= s->level);
	return (rec->level == s->level);
}

/* What else a signal asks of the record; adds captures of `and`. */
static enum match_miss
rest_fits(const struct run *r, size_t signal, const struct record *rec,
    struct match *match)
{
	const struct signal *s = &r->m->c->signals[signal];
	struct str body = record_body(rec);
	size_t i;

	if (!level_fits(s, rec))
		return (MISS_LEVEL);
	if (s->logger != NULL && rec->logger.n > 0 &&
	    str_find(rec->logger, s->logger) == SIZE_MAX)
		return (MISS_LOGGER);
	for (i = r->m->first_without[signal];
	    i < r->m->first_without[signal + 1]; i++)
		if (holds(r, &r->m->without.list[i], body))
			return (MISS_NOT);
	for (i = r->m->first_with[signal]; i < r->m->first_with[signal + 1];
	    i++) {
		if (!holds(r, &r->m->with.list[i], body))
			return (MISS_AND);
		add_captures(r, &r->m->with.list[i], body, match);
	}
	return (MISS_NOTHING);
}

static int
component_fits(const struct signal *s, enum component component)
{
	return (s->from == 0 || component == COMPONENT_NONE ||
	    (s->from & 1U << component) != 0);
}

/*
 * May a text of this component hold records that the signal is about? syslog
 * holds anybody's; nginx's two logs are often kept in one file.
 */
static int
text_fits(const struct signal *s, enum component component)
{
	const unsigned nginx = 1U << COMPONENT_NGINX_ERROR |
	    1U << COMPONENT_NGINX_ACCESS;

	if (component == COMPONENT_SYSLOG)
		return (1);
	return (component_fits(s, component) ||
	    ((1U << component & nginx) != 0 && (s->from & nginx) != 0));
}

/* Tries one text on one line of a record. */
static enum match_miss
try_line(const struct run *r, const struct expression *e,
    const struct record *rec, struct str line, struct match *match)
{
	if (!component_fits(&r->m->c->signals[e->signal], rec->component))
		return (MISS_COMPONENT);
	if (!holds(r, e, line))
		return (MISS_TEXT);
	match->signal = e->signal;
	match->record = rec;
	match->line = line;
	match->capture_count = 0;
	add_captures(r, e, line, match);
	return (rest_fits(r, e->signal, rec, match));
}

/*
 * The line of the record around byte `at` of the text, without the head:
 * the message, or a line of the continuation; p is NULL in the head.
 */
static struct str
line_around(const struct log_text *text, const struct record *rec, size_t at)
{
	const char *p = text->text.p + at, *begin = p, *end = p;
	const char *stop = text->text.p + text->text.n;

	if (p >= rec->message.p && p < rec->message.p + rec->message.n)
		return (rec->message);
	if (rec->more.n == 0 || p < rec->more.p ||
	    p >= rec->more.p + rec->more.n)
		return (str_of(NULL, 0));
	while (begin > rec->more.p && begin[-1] != '\n')
		begin--;
	while (end < stop && end < rec->more.p + rec->more.n && *end != '\n')
		end++;
	return (str_of(begin, (size_t)(end - begin)));
}

/*
 * Tries all texts of a signal on all lines of a record: the first line that
 * matches, and the first text on it, say what is captured.
 */
static enum match_miss
try_record(const struct run *r, size_t signal, const struct record *rec,
    struct match *match)
{
	enum match_miss miss = MISS_COMPONENT, m;
	struct str lines = rec->more, line = rec->message;
	size_t i;

	for (;;) {
		for (i = r->m->first_text[signal];
		    i < r->m->first_text[signal + 1]; i++) {
			m = try_line(r, &r->m->texts.list[i], rec, line,
			    match);
			if (m == MISS_NOTHING)
				return (m);
			if (m > miss)
				miss = m;
		}
		if (lines.n == 0)
			return (miss);
		line = str_split(&lines, '\n');
	}
}

static size_t
line_begin(struct str text, size_t at)
{
	while (at > 0 && text.p[at - 1] != '\n')
		at--;
	return (at);
}

/* One line and one text: what matched is what try_record would find. */
static int
simple(const struct matcher *m, size_t signal, const struct record *rec)
{
	return (rec->more.n == 0 &&
	    m->first_text[signal + 1] - m->first_text[signal] == 1);
}

static int
blank(char c)
{
	return (c == ' ' || c == '\t');
}

/*
 * Does the whole literal stand around its window, whose last byte is at
 * `at`? A blank of it is a run of blanks of the text. Cheap, and spares most
 * candidates the rest.
 */
static int
literal_stands(const struct expression *e, struct str text, size_t at)
{
	const char *lit = e->literal.p;
	size_t i, k;

	for (i = e->window_end + 1, k = at + 1; i < e->literal.n; i++) {
		if (k == text.n)
			return (0);
		if (lit[i] != ' ') {
			if (text.p[k++] != lit[i])
				return (0);
			continue;
		}
		if (!blank(text.p[k++]))
			return (0);
		while (k < text.n && blank(text.p[k]))
			k++;
	}
	for (i = e->window_end + 1, k = at + 1; i > 0; i--) {
		if (k == 0)
			return (0);
		if (lit[i - 1] != ' ') {
			if (text.p[--k] != lit[i - 1])
				return (0);
			continue;
		}
		if (!blank(text.p[--k]))
			return (0);
		while (k > 0 && blank(text.p[k - 1]))
			k--;
	}
	return (1);
}

/* A literal stands at byte `at` (its last): is it the signal? */
static void
candidate(void *arg, unsigned lane_number, uint32_t literal, size_t at)
{
	struct run *r = arg;
	struct lane *lane = &r->lane[lane_number];
	const struct expression *e = &r->m->texts.list[literal];
	const struct log_text *text = r->text;
	struct match match;
	struct str line;
	size_t begin;

	if (!text_fits(&r->m->c->signals[e->signal], text->component) ||
	    !literal_stands(e, text->text, at))
		return;
	begin = line_begin(text->text, at);
	if (lane->text_line[literal] == begin + 1)
		return;
	if (lane->record.raw.p == NULL ||
	    text->text.p + at < lane->record.raw.p ||
	    text->text.p + at >= lane->record.raw.p + lane->record.raw.n)
		if (text->record_at(text, at, &lane->record) == -1) {
			lane->record.raw.p = NULL;
			return;
		}
	line = line_around(text, &lane->record, at);
	if (line.p == NULL)	/* in the head; the message may hold it too */
		return;
	lane->text_line[literal] = begin + 1;
	if (lane->told[e->signal] == lane->record.raw.p)
		return;
	if (try_line(r, e, &lane->record, line, &match) != MISS_NOTHING)
		return;
	lane->told[e->signal] = lane->record.raw.p;
	if (!simple(r->m, e->signal, &lane->record) &&
	    try_record(r, e->signal, &lane->record, &match) != MISS_NOTHING)
		return;
	r->fn(r->arg, &match);
}

/* What PCRE2 needs for a run. */
static void
scratch_init(struct run *r, const struct matcher *m)
{
	memset(r, 0, sizeof(*r));
	r->m = m;
	r->data = pcre2_match_data_create(MATCH_CAPTURES * 2, NULL);
	r->context = pcre2_match_context_create(NULL);
	if (r->data == NULL || r->context == NULL)
		fatal("out of memory");
	pcre2_set_match_limit(r->context, LIMIT_MATCH_STEPS);
}

static void
scratch_free(struct run *r)
{
	pcre2_match_data_free(r->data);
	pcre2_match_context_free(r->context);
}

static void
run_init(struct run *r, const struct matcher *m, const struct log_text *text,
    match_fn fn, void *arg)
{
	size_t i;

	scratch_init(r, m);
	r->text = text;
	r->fn = fn;
	r->arg = arg;
	for (i = 0; i < AUTOMATON_LANES; i++) {
		r->lane[i].text_line = mem_zalloc(m->texts.count + 1,
		    sizeof(size_t));
		r->lane[i].told = mem_zalloc(m->c->signal_count + 1,
		    sizeof(char *));
	}
}

static void
run_free(struct run *r)
{
	size_t i;

	scratch_free(r);
	for (i = 0; i < AUTOMATON_LANES; i++) {
		free(r->lane[i].text_line);
		free((void *)(uintptr_t)r->lane[i].told);
	}
}

void
matcher_run(const struct matcher *m, const struct log_text *text,
    match_fn fn, void *arg)
{
	struct run r;

	run_init(&r, m, text, fn, arg);
	automaton_run(&m->automaton, text->text, candidate, &r);
	run_free(&r);
}

enum match_miss
matcher_try(const struct matcher *m, size_t signal, const struct record *rec,
    struct match *match)
{
	struct run r;
	enum match_miss miss;

	scratch_init(&r, m);
	miss = try_record(&r, signal, rec, match);
	scratch_free(&r);
	return (miss);
}

void
matcher_run_naive(const struct matcher *m, const struct log_text *text,
    match_fn fn, void *arg)
{
	struct record rec;
	struct match match;
	struct run r;
	size_t at = 0, i;

	run_init(&r, m, text, fn, arg);
	while (at < text->text.n &&
	    (at = text->record_next(text, at, &rec)) != SIZE_MAX)
		for (i = 0; i < m->c->signal_count; i++)
			if (try_record(&r, i, &rec, &match) == MISS_NOTHING)
				fn(arg, &match);
	run_free(&r);
}

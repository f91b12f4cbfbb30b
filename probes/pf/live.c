/* SPDX-License-Identifier: ISC */
/*
 * Live rules from the text of `pfctl -vvsr`. Pure. The lines are freed of
 * their numbers and counters and go through the same grammar as files; line
 * numbers stay, so that counters find their rules.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/live.h"

#define LIVE_FILE "pfctl"

struct given {
	struct str text;
};

static int
read_given(void *arg, const char *name, char **text, size_t *len)
{
	const struct given *g = arg;

	if (strcmp(name, LIVE_FILE) != 0)
		return (ENOENT);
	*text = mem_str(g->text);
	*len = g->text.n;
	return (0);
}

/* A line as the grammar wants it: without "@N ", counters empty. */
static struct str
clean(struct str line)
{
	struct str rest = line, word;

	if (str_starts(str_trim(line), "[ "))
		return (str_of("", 0));
	rest = str_trim(line);
	if (str_starts(rest, "@")) {
		word = str_split(&rest, ' ');
		(void)word;
	}
	return (rest);
}

/* 1 when this, or nothing, may stand behind a label or a tag. */
static int
goes_on(struct str s)
{
	static const char *const next[] = { " once", " tag ", " tagged ",
	    " ! tagged ", " rtable ", " divert-to ", " divert-reply",
	    " divert-packet ", " af-to ", " nat-to ", " rdr-to ",
	    " route-to ", " reply-to ", " dup-to ", " # expired", " {" };
	size_t i;

	for (i = 0; i < sizeof(next) / sizeof(next[0]); i++)
		if (str_starts(s, next[i]))
			return (1);
	return (str_trim(s).n == 0);
}

/* A string as pf.conf needs it. */
static void
put_string(struct buf *out, struct str s)
{
	size_t i;

	buf_addc(out, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || (s.p[i] == '\\' && i + 1 < s.n &&
		    (s.p[i + 1] == ' ' || s.p[i + 1] == '\t')))
			buf_addc(out, '\\');
		buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
}

/* How much of s is the label or tag that it begins with. */
static size_t
value_len(struct str s, int quoted)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (quoted ? s.p[i] == '"' && goes_on(str_sub(s, i + 1, s.n)) :
		    i > 0 && goes_on(str_sub(s, i, s.n)))
			break;
	return (i);
}

/*
 * A rule with its label in quotes that can be read, its tags in quotes too:
 * pfctl prints both as they are.
 */
static void
put_rule(struct buf *out, struct str s)
{
	static const char *const before[] = { " label \"", " tag ",
	    " tagged " };
	size_t i, n, k;
	int in_quotes = 0;

	for (i = 0; i < s.n; i++) {
		for (k = 0; k < 3 && !str_starts(str_sub(s, i, s.n),
		    before[k]); k++)
			;
		if (in_quotes || k == 3) {
			in_quotes ^= s.p[i] == '"';
			buf_addc(out, s.p[i]);
			continue;
		}
		i += strlen(before[k]);
		n = value_len(str_sub(s, i, s.n), k == 0);
		buf_add(out, before[k], strlen(before[k]) - (k == 0));
		put_string(out, str_sub(s, i, i + n));
		i += n - (k == 0 ? 0 : 1);
	}
}

/* The number after a word such as "Packets:", 0 when it is not there. */
static uint64_t
after_word(struct str line, const char *word)
{
	size_t at = str_find(line, word);
	int64_t n = 0;

	if (at == SIZE_MAX)
		return (0);
	line = str_sub(line, at + strlen(word), line.n);
	str_num(str_word(&line), 0, INT64_MAX, &n);
	return ((uint64_t)n);
}

/* What stands around the rules, by their lines. */
struct extra {
	struct pf_rule **by_line;
	int lines;
};

static void
index_rules(struct pf_conf *conf, struct extra *x)
{
	struct pf_anchor *a;
	struct pf_rule *r;

	for (a = conf->anchors; a != NULL; a = a->next)
		for (r = a->first; r != NULL; r = r->next)
			if (r->line > 0 && r->line <= x->lines)
				x->by_line[r->line] = r;
}

static void
put_line(const struct extra *x, struct str line, int n, struct pf_rule **last)
{
	struct str rest = str_trim(line);
	int64_t nr;

	if (x->by_line[n] != NULL) {
		*last = x->by_line[n];
		if (str_starts(rest, "@")) {
			rest = str_sub(rest, 1, rest.n);
			if (str_num(str_split(&rest, ' '), 0, INT32_MAX,
			    &nr) == 0)
				(*last)->nr = (int)nr;
		}
		(*last)->expired = str_find(line, "# expired") != SIZE_MAX;
	} else if (*last != NULL && str_starts(rest, "[ Evaluations:")) {
		(*last)->evaluations = after_word(line, "Evaluations:");
		(*last)->packets = after_word(line, "Packets:");
		(*last)->bytes = after_word(line, "Bytes:");
		(*last)->states = after_word(line, "States:");
	}
}

int
pf_live_rules(struct pf_conf *conf, struct str text)
{
	struct given g;
	struct buf b;
	struct cur c;
	struct extra x = { NULL, 0 };
	struct pf_rule *last = NULL;
	int n = 0, status;

	buf_init(&b, LIMIT_PF_LIVE);
	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0) {
		put_rule(&b, clean(cur_line(&c)));
		buf_addc(&b, '\n');
		x.lines++;
	}
	g.text = buf_str(&b);
	conf->live = 1;
	conf->files.read = read_given;
	conf->files.arg = &g;
	status = pf_conf_read(conf, LIVE_FILE);
	x.by_line = mem_zalloc((size_t)x.lines + 1, sizeof(*x.by_line));
	index_rules(conf, &x);
	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0)
		put_line(&x, cur_line(&c), ++n, &last);
	free(x.by_line);
	buf_free(&b);
	conf->files.read = NULL;
	return (status);
}

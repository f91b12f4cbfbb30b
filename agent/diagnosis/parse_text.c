/* SPDX-License-Identifier: ISC */
/*
 * From the texts of signals to regular expressions (PCRE2) and to the
 * literal that every match must hold, by which the matcher finds lines. Both
 * take a run of blanks as one. Pure.
 */
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/parse.h"

/*
 * The types of holes. No class holds a newline. Where the text goes on after
 * the hole without a blank, the shortest match is wanted.
 */
static const struct {
	const char *name;
	const char *regex;
	const char *lazy;	/* NULL: the same */
} hole_types[HOLE_TYPES] = {
	[HOLE_WORD] = { "word", "[^\\s]+", "[^\\s]+?" },
	[HOLE_NUM] = { "num", "[-+]?[0-9]+(?:[.][0-9]+)?", NULL },
	[HOLE_HEX] = { "hex", "(?:0[xX])?[0-9A-Fa-f]+", NULL },
	[HOLE_JID] = { "jid", "[^\\s\"'<>,;()\\[\\]]*[^\\s\"'<>,;()\\[\\].:]",
	    "[^\\s\"'<>,;()\\[\\]]+?" },
	[HOLE_HOST] = { "host",
	    "[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?", NULL },
	[HOLE_IP] = { "ip", "(?:[0-9]{1,3}(?:[.][0-9]{1,3}){3}|"
	    "\\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%[0-9a-z]+)?\\]?)", NULL },
	[HOLE_PORT] = { "port", "[0-9]{1,5}", NULL },
	[HOLE_PATH] = { "path", "[^\\s\"'<>]*[^\\s\"'<>:,;.)\\]]",
	    "[^\\s\"'<>]+?" },
	[HOLE_QUOTED] = { "quoted", "(?:\"[^\"\\n]*\"|'[^'\\n]*')", NULL },
	[HOLE_REST] = { "rest", "[^\\r\\n]*", "[^\\r\\n]*?" },
};

int
hole_type_by_name(struct str s)
{
	int i;

	for (i = 0; i < HOLE_TYPES; i++)
		if (str_eqs(s, hole_types[i].name))
			return (i);
	return (-1);
}

static void
add_hole(struct signal *s, const char *name, enum hole_type type)
{
	size_t i;

	for (i = 0; i < s->hole_count; i++)
		if (strcmp(s->holes[i].name, name) == 0)
			return;
	s->holes = pit_more(s->holes, &s->hole_count, &s->hole_cap,
	    sizeof(*s->holes));
	s->holes[s->hole_count - 1] = (struct pit_hole){ name, type };
}

static int
is_name(struct str s)
{
	size_t i;

	if (s.n == 0 || s.n > 32 || (s.p[0] >= '0' && s.p[0] <= '9'))
		return (0);
	for (i = 0; i < s.n; i++)
		if ((s.p[i] < 'a' || s.p[i] > 'z') && s.p[i] != '_' &&
		    (s.p[i] < '0' || s.p[i] > '9'))
			return (0);
	return (1);
}

/* What a text becomes, while it is read. */
struct text_work {
	struct buf regex, run, best;	/* run: the literal being read */
	size_t names;			/* of this text */
	const char *name[16];
};

/* A run of literal text has ended: the longest is kept. */
static void
end_run(struct text_work *w)
{
	struct str run = str_trim(buf_str(&w->run));

	if (run.n > w->best.len) {
		buf_clear(&w->best);
		buf_add_str(&w->best, run);
	}
	buf_clear(&w->run);
}

static int
name_taken(struct text_work *w, const char *name)
{
	size_t i;

	for (i = 0; i < w->names; i++)
		if (strcmp(w->name[i], name) == 0)
			return (1);
	if (w->names < 16)
		w->name[w->names++] = name;
	return (0);
}

/* The hole between braces; next is what follows it. -1 and said. */
static int
text_hole(struct pit_reader *r, size_t i, struct signal *s,
    struct text_work *w, struct str hole, struct str next)
{
	struct str name = str_split(&hole, ':');
	const char *kept, *regex;
	int type = hole_type_by_name(hole), lazy;

	if (type == -1) {
		pit_error(r, i, "expected {name:type} with type word, num, "
		    "hex, jid, host, ip, port, path, quoted or rest, not "
		    "{%.*s:%.*s}", STR_ARG(name), STR_ARG(hole));
		return (-1);
	}
	end_run(w);
	lazy = next.n > 0 && next.p[0] != ' ' && next.p[0] != '\t';
	regex = lazy && hole_types[type].lazy != NULL ?
	    hole_types[type].lazy : hole_types[type].regex;
	if (type == HOLE_REST && next.n > 0)
		regex = hole_types[type].lazy;
	if (name.n == 0) {
		buf_addf(&w->regex, "(?:%s)", regex);
		return (0);
	}
	if (!is_name(name)) {
		pit_error(r, i, "a hole's name is [a-z_][a-z0-9_]*, not "
		    "\"%.*s\"", STR_ARG(name));
		return (-1);
	}
	kept = pit_keep(r->c, name);
	if (name_taken(w, kept)) {
		pit_error(r, i, "the hole {%s} stands twice in this text",
		    kept);
		return (-1);
	}
	buf_addf(&w->regex, "(?<%s>%s)", kept, regex);
	add_hole(s, kept, (enum hole_type)type);
	return (0);
}

static void
text_char(struct text_work *w, char ch)
{
	static const char special[] = "\\^$.[]|()?*+{}#-";

	if (ch == ' ' || ch == '\t') {
		if (w->run.len > 0 && w->run.data[w->run.len - 1] == ' ')
			return;
		buf_adds(&w->regex, "[ \\t]+");
		buf_addc(&w->run, ' ');
		return;
	}
	if (strchr(special, ch) != NULL)
		buf_addc(&w->regex, '\\');
	buf_addc(&w->regex, ch);
	buf_addc(&w->run, ch);
}

/* Reads the text into w; -1 and said. */
static int
read_text(struct pit_reader *r, size_t i, struct signal *s,
    struct text_work *w, struct str text)
{
	size_t k = 0, end;

	while (k < text.n) {
		if (text.p[k] == '{' && k + 1 < text.n &&
		    text.p[k + 1] == '{') {
			text_char(w, '{');
			k += 2;
			continue;
		}
		if (text.p[k] != '{') {
			text_char(w, text.p[k++]);
			continue;
		}
		end = str_chr(str_sub(text, k, text.n), '}');
		if (end == SIZE_MAX) {
			pit_error(r, i, "a hole has no closing brace; {{ is "
			    "a brace");
			return (-1);
		}
		end += k;
		if (text_hole(r, i, s, w, str_sub(text, k + 1, end),
		    str_sub(text, end + 1, text.n)) == -1)
			return (-1);
		k = end + 1;
	}
	end_run(w);
	return (0);
}

static void
add_text(struct pit_reader *r, size_t i, struct pit_texts *list,
    const char *written, struct str regex, struct str literal)
{
	struct pit_text *t;

	list->list = pit_more(list->list, &list->count, &list->cap,
	    sizeof(*t));
	t = &list->list[list->count - 1];
	t->written = written;
	t->regex = pit_keep(r->c, regex);
	t->literal = pit_keep(r->c, literal);
	t->at = pit_here(r, i);
}

int
pit_text(struct pit_reader *r, size_t i, struct signal *s,
    struct pit_texts *list)
{
	struct text_work w = { 0 };
	const char *text;
	int ok;

	if ((text = pit_string(r, i, "a text in quotes")) == NULL ||
	    pit_last(r, i) == -1)
		return (-1);
	buf_init(&w.regex, LIMIT_PIT_REGEX);
	buf_init(&w.run, LIMIT_PIT_REGEX);
	buf_init(&w.best, LIMIT_PIT_REGEX);
	ok = read_text(r, i, s, &w, str_trim(str_from(text)));
	if (ok == 0 && w.regex.full) {
		pit_error(r, i, "the text is too long");
		ok = -1;
	}
	if (ok == 0)
		add_text(r, i, list, text, buf_str(&w.regex),
		    buf_str(&w.best));
	buf_free(&w.regex);
	buf_free(&w.run);
	buf_free(&w.best);
	return (ok);
}

/* The byte after the group or class that begins at s[i]. */
static size_t
skip_nested(struct str s, size_t i)
{
	int depth = 0, class = 0;

	for (; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (class) {
			if (s.p[i] == ']')
				class = 0;
		} else if (s.p[i] == '[') {
			class = 1;
			if (i + 1 < s.n && s.p[i + 1] == '^')
				i++;
			if (i + 1 < s.n && s.p[i + 1] == ']')
				i++;
		} else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')')
			depth--;
		if (depth == 0 && !class)
			return (i + 1);
	}
	return (s.n);
}

/* The literal byte that an escape stands for, -1 when it is a class. */
static int
escaped(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9'))
		return (-1);
	return ((unsigned char)c);
}

void
pit_regex_literal(struct str s, struct buf *out)
{
	struct text_work w = { 0 };
	size_t i = 0;
	int ch;

	buf_init(&w.run, LIMIT_PIT_REGEX);
	buf_init(&w.best, LIMIT_PIT_REGEX);
	while (i < s.n && s.p[i] != '|') {
		ch = -1;
		if (s.p[i] == '\\' && i + 1 < s.n) {
			ch = escaped(s.p[i + 1]);
			i += 2;
		} else if (s.p[i] == '(' || s.p[i] == '[')
			i = skip_nested(s, i);
		else if (strchr(".^$*+?{", s.p[i]) == NULL)
			ch = (unsigned char)s.p[i++];
		else if (s.p[i] == '{') {
			while (i < s.n && s.p[i++] != '}')
				;
		} else
			i++;
		/* An optional or repeated byte is no part of the run. */
		if (ch != -1 && i < s.n && strchr("*?+{", s.p[i]) != NULL)
			ch = -1;
		if (ch == ' ' && w.run.len > 0 &&
		    w.run.data[w.run.len - 1] == ' ')
			continue;
		if (ch == -1)
			end_run(&w);
		else
			buf_addc(&w.run, (char)ch);
	}
	end_run(&w);
	if (i < s.n)	/* an alternation at the top requires nothing */
		buf_clear(&w.best);
	buf_add_str(out, buf_str(&w.best));
	buf_free(&w.run);
	buf_free(&w.best);
}

/* The names in (?<name>...) become holes of the signal. */
static void
regex_holes(struct pit_reader *r, struct signal *s, struct str re)
{
	struct str name;
	size_t at, end;

	while ((at = str_find(re, "(?<")) != SIZE_MAX) {
		re = str_sub(re, at + 3, re.n);
		end = str_chr(re, '>');
		if (end == SIZE_MAX)
			return;
		name = str_sub(re, 0, end);
		if (is_name(name))
			add_hole(s, pit_keep(r->c, name), HOLE_WORD);
	}
}

int
pit_regex(struct pit_reader *r, size_t i, struct signal *s,
    struct pit_texts *list)
{
	const char *text;
	struct buf literal;

	if ((text = pit_string(r, i, "a regular expression in quotes"))
	    == NULL || pit_last(r, i) == -1)
		return (-1);
	if (strlen(text) > LIMIT_PIT_REGEX) {
		pit_error(r, i, "the regular expression is too long");
		return (-1);
	}
	if (strstr(text, "(?i") != NULL || strstr(text, "(?x") != NULL ||
	    strstr(text, "\\Q") != NULL) {
		pit_error(r, i, "(?i), (?x) and \\Q are not supported: the "
		    "literal part must stand as it is in the log");
		return (-1);
	}
	buf_init(&literal, LIMIT_PIT_REGEX);
	pit_regex_literal(str_from(text), &literal);
	regex_holes(r, s, str_from(text));
	add_text(r, i, list, text, str_from(text), buf_str(&literal));
	buf_free(&literal);
	return (0);
}

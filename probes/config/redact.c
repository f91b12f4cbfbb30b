/* SPDX-License-Identifier: ISC */
/*
 * Keeps secrets out of what is said about configuration files. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/facts/finding.h"
#include "probes/config/config.h"
#include "probes/config/redact.h"

/* A word shorter than this is taken out of what is said about its own line
 * only: it may be a word of the language. */
#define LONG_WORD 6
/* Settings of a file whose values are taken out of what is said about other
 * lines. */
#define HIDDEN 128

/* The value of a setting whose name says that it is secret: "password",
 * "component_secret", -storepass, `prosodyctl register`. */
struct hidden {
	int line, last;		/* its value stands in these lines */
	struct str value;
	int certain;		/* there is an = or : before it */
};

static int
is_name(char c)
{
	return ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <=
	    'z') || c == '_' || c == '-' || c == '.');
}

/* Where a secret's name ends in the line; SIZE_MAX: there is none. */
static size_t
after_name(struct str line)
{
	static const char *const names[] = { "passw", "pasw", "passphrase",
	    "storepass", "secret", "secrt", "sercet", "seceret",
	    "credential" };
	size_t i, at, first = SIZE_MAX;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		at = str_ifind(line, names[i]);
		if (at != SIZE_MAX && (first == SIZE_MAX || at < first))
			first = at;
	}
	if (first == SIZE_MAX)
		return (SIZE_MAX);
	while (first < line.n && is_name(line.p[first]))
		first++;
	return (first);
}

/* `prosodyctl register USER HOST`: where the password begins. */
static size_t
after_register(struct str line)
{
	static const char command[] = "prosodyctl register";
	size_t at = str_find(line, command);
	struct str rest;

	if (at == SIZE_MAX)
		return (SIZE_MAX);
	rest = str_sub(line, at + sizeof(command) - 1, line.n);
	(void)str_word(&rest);
	(void)str_word(&rest);
	return (line.n - rest.n);
}

/*
 * The next secret value of a line, up to the end of its setting; the line
 * goes on after it. 0 when there is none (any more).
 */
static int
next_value(struct str *line, struct hidden *h)
{
	size_t at = after_name(*line), command = after_register(*line), i;
	char quote = 0, c;

	h->certain = command != SIZE_MAX;
	if (at == SIZE_MAX || (command != SIZE_MAX && command < at))
		at = command;
	if (at == SIZE_MAX)
		return (0);
	*line = str_sub(*line, at, line->n);
	for (i = 0; i < line->n && strchr(" \t=:[\"", line->p[i]) != NULL; i++)
		h->certain |= line->p[i] == '=' || line->p[i] == ':';
	if (i > 0 && i <= line->n && line->p[i - 1] == '"')
		i--;		/* where a text begins, not where a name ends */
	*line = str_sub(*line, i, line->n);
	for (i = 0; i < line->n; i++) {
		c = line->p[i];
		if (quote != 0 && c == quote)
			quote = 0;
		else if (quote == 0 && (c == '"' || c == '\''))
			quote = c;
		else if (quote == 0 && (c == ',' || c == '}' || c == ';'))
			break;
	}
	h->value = str_trim(str_sub(*line, 0, i));
	*line = str_sub(*line, i, line->n);
	return (1);
}

static int
is_comment(struct str line)
{
	line = str_trim(line);
	return (str_starts(line, "#") || str_starts(line, "--") ||
	    str_starts(line, "//"));
}

/* The next secret value of line n of a file, whose rest is *line; it may
 * stand in the line after it. 0 when there is none (any more). */
static int
next_hidden(const struct config_file *file, int n, struct str *line,
    struct hidden *h)
{
	if (!next_value(line, h))
		return (0);
	h->line = h->last = n;
	h->certain &= !is_comment(lines_get(&file->lines, n));
	if (h->value.n == 0) {
		h->last = n + 1;
		h->value = lines_get(&file->lines, n + 1);
	}
	return (1);
}

/* The secret values of a file, the first ones of very many. */
static size_t
hidden_values(const struct config_file *file, struct hidden list[HIDDEN])
{
	struct str line;
	size_t n = 0;
	int i;

	for (i = 1; i <= file->lines.count && n < HIDDEN; i++) {
		line = lines_get(&file->lines, i);
		while (n < HIDDEN && next_hidden(file, i, &line, &list[n]))
			n++;
	}
	return (n);
}

/* The next word of a value: between quotes and blanks; empty at the end. */
static struct str
next_word(struct str *value)
{
	struct str word;
	size_t i;

	while (value->n > 0 && strchr(" \t\r\"'", value->p[0]) != NULL)
		*value = str_sub(*value, 1, value->n);
	for (i = 0; i < value->n && strchr(" \t\r\"'", value->p[i]) == NULL;
	    i++)
		;
	word = str_sub(*value, 0, i);
	*value = str_sub(*value, i, value->n);
	return (word);
}

/* A variable's name is no secret, and neither are what stands between. */
static int
is_harmless(struct str word)
{
	return ((str_starts(word, "${") && str_ends(word, "}") &&
	    str_chr(str_sub(word, 2, word.n - 1), '}') == SIZE_MAX) ||
	    word.n < 2 || str_eqs(word, "true") || str_eqs(word, "false"));
}

/* Replaces the word in a text of its own, wherever it stands alone. */
static void
take_out(char **text, struct str word)
{
	struct str s = str_from(*text);
	struct buf b;
	char *copy = mem_str(word);
	size_t at;

	if (*text != NULL && str_find(s, copy) != SIZE_MAX) {
		buf_init(&b, s.n + 4 * (s.n + 1));
		while ((at = str_find(s, copy)) != SIZE_MAX) {
			buf_add_str(&b, str_sub(s, 0, at));
			if ((at > 0 && is_name(s.p[at - 1])) ||
			    (at + word.n < s.n && is_name(s.p[at + word.n]) &&
			    s.p[at + word.n] != '.'))
				buf_add_str(&b, word);
			else
				buf_adds(&b, "...");
			s = str_sub(s, at + word.n, s.n);
		}
		buf_add_str(&b, s);
		mem_wipe(*text);
		*text = buf_take(&b);
	}
	mem_wipe(copy);
}

static void
take_out_words(struct finding *f, struct str value, size_t least)
{
	struct str word;

	while ((word = next_word(&value)).n > 0) {
		if (word.n < least || is_harmless(word))
			continue;
		take_out(&f->message, word);
		take_out(&f->fix, word);
		take_out(&f->captures, word);
	}
}

/* A key store, a certificate and perhaps its key: no lines to be shown. */
static int
has_keys(const struct config_file *file)
{
	return (file->reader != NULL &&
	    (strcmp(file->reader->kind, "keystore") == 0 ||
	    strcmp(file->reader->kind, "certificate") == 0));
}

/* What the finding's own line hides, or the one before it. */
static void
redact_own(struct finding *f, struct place *place,
    const struct config_file *file)
{
	struct hidden h;
	struct str line;
	int n;

	if (has_keys(file)) {
		mem_wipe(place->text);
		place->text = NULL;
	}
	for (n = place->line - 1; n <= place->line; n++) {
		line = lines_get(&file->lines, n);
		while (n > 0 && next_hidden(file, n, &line, &h)) {
			if (h.last < place->line)
				continue;
			take_out_words(f, h.value, 1);
			mem_wipe(place->text);
			place->text = NULL;
		}
	}
}

/* What a file hides, out of a finding one of whose places is in it. */
static void
redact_place(struct finding *f, struct place *place,
    const struct config_file *file, const struct hidden *list, size_t count)
{
	size_t i;

	redact_own(f, place, file);
	for (i = 0; i < count; i++)
		if (list[i].certain)
			take_out_words(f, list[i].value, LONG_WORD);
}

static int
is_in(const struct place *place, const struct config_file *file)
{
	return (place->file != NULL && strcmp(place->file, file->name) == 0);
}

void
redact_findings(const struct config_set *set, struct findings *out,
    size_t from)
{
	struct hidden list[HIDDEN];
	const struct config_file *file;
	struct finding *f;
	size_t i, k, n, none = SIZE_MAX;

	for (i = 0; i < set->count; i++) {
		file = &set->list[i];
		n = none;
		for (k = from; k < out->count; k++) {
			f = &out->list[k];
			if (!is_in(&f->at, file) && !is_in(&f->other, file))
				continue;
			if (n == none)
				n = hidden_values(file, list);
			if (is_in(&f->at, file))
				redact_place(f, &f->at, file, list, n);
			if (is_in(&f->other, file))
				redact_place(f, &f->other, file,
				    list, n);
		}
	}
}

/* SPDX-License-Identifier: ISC */
/*
 * vm.conf(5) and acme-client.conf(5): words, quotes and braces of OpenBSD's
 * configuration family; docker-compose.yml by its indentation. Pure.
 *
 * Keys: "vm/NAME/memory", "domain/NAME/domain key", a YAML path joined by
 * dots with "/N" for members of lists.
 */
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "probes/config/lines.h"
#include "probes/config/model.h"
#include "probes/config/reader.h"

/* A statement: the words of a line, up to a brace. */
struct words {
	struct str w[16];
	size_t count;
	int open, close;	/* it ends in {, begins with } */
};

/* Splits a line; quotes are taken off, # begins a comment. */
static void
split(struct str line, struct words *out)
{
	struct str rest = line;
	size_t end;

	memset(out, 0, sizeof(*out));
	for (;;) {
		while (rest.n > 0 && (rest.p[0] == ' ' ||
		    rest.p[0] == '\t' || rest.p[0] == '\r'))
			rest = str_sub(rest, 1, rest.n);
		if (rest.n == 0 || rest.p[0] == '#')
			return;
		if (rest.p[0] == '{' || rest.p[0] == '}') {
			out->open += rest.p[0] == '{';
			out->close += rest.p[0] == '}';
			rest = str_sub(rest, 1, rest.n);
			continue;
		}
		if (rest.p[0] == '"') {
			end = str_chr(str_sub(rest, 1, rest.n), '"');
			end = end == SIZE_MAX ? rest.n : end + 1;
			if (out->count < 16)
				out->w[out->count++] = str_sub(rest, 1, end);
			rest = str_sub(rest, end + 1, rest.n);
			continue;
		}
		for (end = 0; end < rest.n && (rest.p[end] == '\0' ||
		    strchr(" \t\r{}\"", rest.p[end]) == NULL); end++)
			;
		if (out->count < 16)
			out->w[out->count++] = str_sub(rest, 0, end);
		rest = str_sub(rest, end, rest.n);
	}
}

static void
add(struct model *m, const struct buf *block, struct str key,
    struct str value, enum item_type type, int n, struct str line)
{
	struct buf path;
	struct item *it;

	buf_init(&path, LIMIT_CONFIG_KEY);
	buf_add_str(&path, buf_str(block));
	if (key.n > 0)
		buf_addf(&path, "%s%.*s", block->len > 0 ? "/" : "",
		    STR_ARG(key));
	it = path.full ? NULL : model_add(m, buf_str(&path), value, type);
	if (it != NULL) {
		it->line = n;
		if (value.n > 0 && value.p >= line.p &&
		    value.p <= line.p + line.n) {
			it->column = (int)(value.p - line.p) + 1;
			it->end_column = it->column + (int)value.n;
		}
	}
	buf_free(&path);
}

/* One statement of a vm block, or "vm NAME [instance NAME] {". */
static void
vm_statement(struct model *m, const struct words *w, struct buf *block,
    int n, struct str line)
{
	size_t at = 1;

	if (str_eqs(w->w[0], "vm") && w->count > 1) {
		buf_clear(block);
		if (w->count > 3 && str_eqs(w->w[2], "instance"))
			at = 3;
		buf_addf(block, "vm/%.*s", STR_ARG(w->w[at]));
		add(m, block, str_of("", 0), at == 3 ? w->w[1] :
		    str_of("", 0), ITEM_TABLE, n, line);
		return;
	}
	if (str_eqs(w->w[0], "switch") && block->len == 0) {
		buf_addf(block, "switch/%.*s", STR_ARG(w->w[1]));
		add(m, block, str_of("", 0), str_of("", 0), ITEM_TABLE, n,
		    line);
		return;
	}
	if (w->count > 1 && str_eqs(w->w[0], "local"))
		at = 0;
	if (str_eqs(w->w[0], "local") || str_eqs(w->w[0], "interface"))
		add(m, block, STR_LIT("interface"), w->w[0], ITEM_WORD, n,
		    line);
	else if (str_eqs(w->w[0], "disk") && w->count > 2 &&
	    !str_eqs(w->w[2], "format"))	/* macros joined */
		add(m, block, w->w[0], str_of(w->w[1].p,
		    (size_t)(w->w[w->count - 1].p - w->w[1].p) +
		    w->w[w->count - 1].n), ITEM_WORD, n, line);
	else
		add(m, block, w->w[0], w->count > at ? w->w[at] :
		    str_of("", 0), ITEM_WORD, n, line);
}

/* Up to a brace or a comment outside quotes; the rest of the line follows. */
static size_t
statement_end(struct str s)
{
	size_t i;
	int quoted = 0;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && (s.p[i] == '{' || s.p[i] == '}' ||
		    s.p[i] == '#'))
			break;
	}
	return (i);
}

/* The statements of one line; *depth is that of the braces. */
static void
vm_line(struct model *m, struct buf *block, int *depth, int n,
    struct str line)
{
	struct str rest = line;
	struct words w;
	size_t end;

	for (;;) {
		end = statement_end(rest);
		split(str_sub(rest, 0, end), &w);
		if (w.count > 0 && *depth < 2)
			vm_statement(m, &w, block, n, line);
		if (end == rest.n || rest.p[end] == '#')
			return;
		*depth += rest.p[end] == '{' ? 1 : -1;
		if (*depth <= 0) {
			buf_clear(block);
			*depth = 0;
		}
		rest = str_sub(rest, end + 1, rest.n);
	}
}

void
read_vm_conf(const struct config_sources *s, struct model *m)
{
	struct lines lines;
	struct buf block;
	int n, depth = 0;

	lines_init(&lines, s->list[0].text);
	buf_init(&block, LIMIT_CONFIG_KEY);
	for (n = 1; n <= lines.count; n++)
		vm_line(m, &block, &depth, n, lines_get(&lines, n));
	if (depth > 0)
		model_problem(m, "config-syntax-error", 0, lines.count, 0,
		    "end of file, but a block is not closed");
	buf_free(&block);
	lines_free(&lines);
}

/* "domain key F", "domain full chain certificate F", "sign with A" ... */
static void
acme_statement(struct model *m, const struct words *w,
    const struct buf *block, int n, struct str line)
{
	struct buf key;
	size_t i;

	buf_init(&key, LIMIT_CONFIG_KEY);
	for (i = 0; i + 1 < w->count; i++)
		buf_addf(&key, "%s%.*s", i > 0 ? " " : "", STR_ARG(w->w[i]));
	add(m, block, buf_str(&key), w->w[w->count - 1], ITEM_WORD, n, line);
	buf_free(&key);
}

void
read_acme(const struct config_sources *s, struct model *m)
{
	struct lines lines;
	struct words w;
	struct buf block;
	struct str line;
	int n, depth = 0;
	size_t i;

	lines_init(&lines, s->list[0].text);
	buf_init(&block, LIMIT_CONFIG_KEY);
	for (n = 1; n <= lines.count; n++) {
		line = lines_get(&lines, n);
		split(line, &w);
		if (depth == 0 && w.open > 0 && w.count > 1) {
			buf_clear(&block);
			buf_addf(&block, "%.*s/%.*s", STR_ARG(w.w[0]),
			    STR_ARG(w.w[1]));
			add(m, &block, str_of("", 0), w.w[1], ITEM_TABLE, n,
			    line);
		} else if (w.count > 2 && str_eqs(w.w[0], "alternative")) {
			for (i = 2; i < w.count; i++)
				add(m, &block, STR_LIT("alternative"), w.w[i],
				    ITEM_WORD, n, line);
		} else if (w.count > 1) {
			acme_statement(m, &w, &block, n, line);
		}
		depth += w.open - w.close;
		if (depth < 0)
			depth = 0;
	}
	if (depth > 0)
		model_problem(m, "config-syntax-error", 0, lines.count, 0,
		    "end of file, but a block is not closed");
	buf_free(&block);
	lines_free(&lines);
}

/* One level of a YAML document. */
struct level {
	int indent;
	size_t key_len;
	int index;	/* of a list, -1 before its first member */
};

static struct str
yaml_scalar(struct str s)
{
	size_t i = str_find(s, " #");

	s = str_trim(str_sub(s, 0, i));
	if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') &&
	    s.p[s.n - 1] == s.p[0])
		s = str_sub(s, 1, s.n - 1);
	return (s);
}

/* "key: value", "key:" or a value alone. */
static void
yaml_entry(struct model *m, struct buf *path, struct str t, int n,
    struct str line)
{
	size_t colon = str_find(t, ": ");
	struct str key, value = yaml_scalar(t);

	if (colon == SIZE_MAX && str_ends(value, ":"))
		colon = value.n - 1;
	if (colon == SIZE_MAX || t.p[0] == '"' || t.p[0] == '\'') {
		add(m, path, str_of("", 0), value, str_find(value, "${") !=
		    SIZE_MAX ? ITEM_OPAQUE : ITEM_TEXT, n, line);
		return;
	}
	key = yaml_scalar(str_sub(t, 0, colon));
	value = yaml_scalar(str_sub(t, colon + 1, t.n));
	buf_addf(path, "%s%.*s", path->len > 0 ? "." : "", STR_ARG(key));
	add(m, path, str_of("", 0), value, value.n == 0 ? ITEM_TABLE :
	    str_find(value, "${") != SIZE_MAX ? ITEM_OPAQUE : ITEM_TEXT, n,
	    line);
}

/* Goes back to the level of an indent. */
static void
yaml_pop(struct level *stack, int *depth, int indent, struct buf *path,
    int member)
{
	while (*depth > 0 && (stack[*depth - 1].indent > indent ||
	    (stack[*depth - 1].indent == indent &&
	    !(member && stack[*depth - 1].index >= 0))))
		(*depth)--;
	path->full = 0;
	path->len = *depth == 0 ? 0 : stack[*depth - 1].key_len;
	if (path->data != NULL)
		path->data[path->len] = '\0';
}

void
read_compose(const struct config_sources *s, struct model *m)
{
	struct level stack[LIMIT_CONFIG_DEPTH] = { { 0, 0, 0 } };
	struct lines lines;
	struct str line, t;
	struct buf path;
	int n, indent, depth = 0;

	lines_init(&lines, s->list[0].text);
	buf_init(&path, LIMIT_CONFIG_KEY);
	for (n = 1; n <= lines.count; n++) {
		line = lines_get(&lines, n);
		t = str_trim(line);
		if (t.n == 0 || t.p[0] == '#' || str_starts(t, "---"))
			continue;
		indent = (int)(t.p - line.p);
		yaml_pop(stack, &depth, indent, &path, t.p[0] == '-');
		if (depth + 2 >= LIMIT_CONFIG_DEPTH) {
			m->partial = 1;
			break;
		}
		if (t.p[0] == '-') {
			if (depth == 0 || stack[depth - 1].index < 0 ||
			    stack[depth - 1].indent != indent)
				stack[depth++] = (struct level){ indent,
				    path.len, 0 };
			buf_addf(&path, "/%d", stack[depth - 1].index++);
			t = str_trim(str_sub(t, 1, t.n));
			if (str_find(t, ": ") != SIZE_MAX &&
			    t.p[0] != '"') {
				stack[depth++] = (struct level){ indent + 1,
				    path.len, -1 };
			}
			yaml_entry(m, &path, t, n, line);
			continue;
		}
		yaml_entry(m, &path, t, n, line);
		stack[depth++] = (struct level){ indent, path.len, -1 };
	}
	buf_free(&path);
	lines_free(&lines);
}

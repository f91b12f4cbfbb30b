/* SPDX-License-Identifier: ISC */
/*
 * The small files of one setting a line: Java properties, shell variables
 * (*.in.sh, .env, rc.conf.local), sysctl.conf, turnserver.conf, hosts,
 * resolv.conf, syslog.conf. Pure.
 */
#include <stdio.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "probes/config/lines.h"
#include "probes/config/model.h"
#include "probes/config/reader.h"

/* Column of a slice of a line, from 1. */
static int
column_of(struct str line, struct str part)
{
	return (part.p == NULL ? 0 : (int)(part.p - line.p) + 1);
}

static struct item *
add(struct model *m, struct str key, struct str value, enum item_type type,
    int n, struct str line, struct str at)
{
	struct item *it = model_add(m, key, value, type);

	if (it == NULL)
		return (NULL);
	it->line = n;
	it->column = column_of(line, at);
	it->end_column = it->column + (int)at.n;
	return (it);
}

/* Where a property's key ends: the first = : or blank not escaped. */
static size_t
key_end(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (strchr("=: \t", s.p[i]) != NULL)
			return (i);
	}
	return (s.n);
}

/* Java escapes undone; a line that ends in a backslash goes on. */
static void
add_property_text(struct buf *b, struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		buf_addc(b, s.p[i]);
	}
}

/* java.util.Properties: key, =, : or blank, value, lines joined by \. */
void
read_properties(const struct config_sources *s, struct model *m)
{
	struct lines lines;
	struct str line, t, key, value;
	struct buf v;
	int n, first;
	size_t end;

	lines_init(&lines, s->list[0].text);
	buf_init(&v, LIMIT_CONFIG_FILE);
	for (n = 1; n <= lines.count; n++) {
		line = lines_get(&lines, n);
		t = str_trim(line);
		if (t.n == 0 || t.p[0] == '#' || t.p[0] == '!')
			continue;
		first = n;
		end = key_end(t);
		key = str_sub(t, 0, end);
		value = str_trim(str_sub(t, end, t.n));
		if (value.n > 0 && (value.p[0] == '=' || value.p[0] == ':'))
			value = str_trim(str_sub(value, 1, value.n));
		buf_clear(&v);
		for (t = value; t.n > 0 && t.p[t.n - 1] == '\\' &&
		    n < lines.count; ) {
			add_property_text(&v, str_sub(t, 0, t.n - 1));
			t = str_trim(lines_get(&lines, ++n));
		}
		add_property_text(&v, t);
		add(m, key, buf_str(&v), ITEM_WORD, first, line, value);
	}
	buf_free(&v);
	lines_free(&lines);
}

static int
is_name(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z') &&
		    s.p[i] != '_' && !(i > 0 && s.p[i] >= '0' &&
		    s.p[i] <= '9'))
			return (0);
	return (s.n > 0);
}

/*
 * A shell word: quotes removed; 1 when it holds something that only the
 * shell knows. *rest is what follows it in the line.
 */
static int
shell_word(struct str s, struct buf *b, struct str *rest)
{
	int quote = 0, unknown = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (quote == 0 && (ch == ' ' || ch == '\t' || ch == ';'))
			break;
		if (quote == 0 && (ch == '"' || ch == '\'')) {
			quote = ch;
		} else if (ch == quote) {
			quote = 0;
		} else if (ch == '\\' && quote != '\'' && i + 1 < s.n) {
			buf_addc(b, s.p[++i]);
		} else {
			if ((ch == '$' || ch == '`') && quote != '\'')
				unknown = 1;
			buf_addc(b, ch);
		}
	}
	*rest = str_sub(s, i, s.n);
	return (quote != 0 ? -1 : unknown);
}

/*
 * Compose's own way with a value without quotes in .env: all of the line, but
 * for a comment after a blank; 1 when it holds a variable.
 */
static int
env_word(struct str s, struct buf *b, struct str *rest)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == '#' && (i == 0 || s.p[i - 1] == ' ' ||
		    s.p[i - 1] == '\t'))
			break;
	*rest = str_sub(s, i, s.n);
	s = str_trim(str_sub(s, 0, i));
	buf_add_str(b, s);
	return (str_chr(s, '$') != SIZE_MAX);
}

/* NAME=value lines of a shell; what else a script does is not followed. */
void
read_shell(const struct config_sources *s, struct model *m)
{
	struct lines lines;
	struct str line, t, name, rest;
	struct buf v;
	int n, kind, env = str_eqs(s->list[0].kind, ".env"),
	    script = str_ends(s->list[0].kind, ".in.sh");
	size_t eq;

	lines_init(&lines, s->list[0].text);
	buf_init(&v, LIMIT_CONFIG_FILE);
	for (n = 1; n <= lines.count; n++) {
		line = lines_get(&lines, n);
		t = str_trim(line);
		if (str_starts(t, "export "))
			t = str_trim(str_sub(t, 7, t.n));
		eq = str_chr(t, '=');
		name = str_sub(t, 0, eq);
		if (script && eq != SIZE_MAX && is_name(str_trim(name)) &&
		    !is_name(name))
			model_problem(m, "config-syntax-error", 0, n,
			    column_of(line, name) + (int)str_trim(name).n,
			    "a blank before the =: the shell takes %.*s for "
			    "a command", STR_ARG(str_trim(name)));
		if (eq == SIZE_MAX || t.p[0] == '#' || !is_name(name))
			continue;
		t = str_sub(t, eq + 1, t.n);
		buf_clear(&v);
		if (env && t.n > 0 && t.p[0] != '"' && t.p[0] != '\'')
			kind = env_word(t, &v, &rest);
		else
			kind = shell_word(t, &v, &rest);
		if (kind == -1) {
			model_problem(m, "config-syntax-error", 0, n,
			    column_of(line, t), "no closing quote in this "
			    "line");
			continue;
		}
		add(m, name, buf_str(&v), kind == 1 ? ITEM_OPAQUE :
		    ITEM_TEXT, n, line, str_sub(t, 0, t.n - rest.n));
		rest = str_trim(rest);
		if (script && rest.n > 0 && strchr("#;&|", rest.p[0]) ==
		    NULL) {
			model_problem(m, "config-unquoted-value", 0, n,
			    column_of(line, t), "%.*s ends at the blank: the "
			    "shell takes what follows for a command",
			    STR_ARG(name));
			model_fix(m, 0, "put quotes around it");
		}
	}
	buf_free(&v);
	lines_free(&lines);
}

/* key=value, # comments. */
void
read_sysctl(const struct config_sources *s, struct model *m)
{
	struct lines lines;
	struct str line, t, key, value;
	size_t i;
	int n;

	lines_init(&lines, s->list[0].text);
	for (n = 1; n <= lines.count; n++) {
		line = lines_get(&lines, n);
		t = line;
		if ((i = str_chr(t, '#')) != SIZE_MAX)
			t = str_sub(t, 0, i);
		t = str_trim(t);
		if (t.n == 0)
			continue;
		i = str_chr(t, '=');
		key = str_trim(str_sub(t, 0, i));
		value = i == SIZE_MAX ? str_of(NULL, 0) :
		    str_trim(str_sub(t, i + 1, t.n));
		add(m, key, value, value.n == 0 ? ITEM_BOOL : ITEM_WORD, n,
		    line, value.n == 0 ? key : value);
	}
	lines_free(&lines);
}

/*
 * turnserver.conf as coturn's parse_arg_string (mainrelay.c) takes it: the
 * name ends at blanks and =, all of them go; double quotes around the value
 * go; # begins a comment at the start of a line only. After a number it does
 * no harm, so that a comment there is taken for one; a secret keeps it.
 */
void
read_turnserver(const struct config_sources *s, struct model *m)
{
	struct lines lines;
	struct str line, t, key, value;
	size_t i;
	int n;

	lines_init(&lines, s->list[0].text);
	for (n = 1; n <= lines.count; n++) {
		line = lines_get(&lines, n);
		t = str_trim(line);
		if (t.n == 0 || t.p[0] == '#')
			continue;
		for (i = 0; i < t.n && strchr("= \t", t.p[i]) == NULL; i++)
			;
		key = str_sub(t, 0, i);
		while (i < t.n && strchr("= \t", t.p[i]) != NULL)
			i++;
		value = str_sub(t, i, t.n);
		if (str_find(key, "secret") == SIZE_MAX &&
		    !str_eqs(key, "user")) {
			for (i = 0; i < value.n && value.p[i] != '#'; i++)
				;
			value = str_trim(str_sub(value, 0, i));
		}
		if (value.n > 0 && value.p[0] == '"') {
			value = str_trim(str_sub(value, 1, value.n));
			if (str_ends(value, "\""))
				value = str_sub(value, 0, value.n - 1);
		}
		add(m, key, value, value.n == 0 ? ITEM_BOOL : ITEM_WORD, n,
		    line, value.n == 0 ? key : value);
	}
	lines_free(&lines);
}

/* Key: the name, value: its address; a name may stand several times. */
void
read_hosts(const struct config_sources *s, struct model *m)
{
	struct lines lines;
	struct str line, t, address, name;
	size_t i;
	int n;

	lines_init(&lines, s->list[0].text);
	for (n = 1; n <= lines.count; n++) {
		line = t = lines_get(&lines, n);
		if ((i = str_chr(t, '#')) != SIZE_MAX)
			t = str_sub(t, 0, i);
		address = str_word(&t);
		while ((name = str_word(&t)).n > 0)
			add(m, name, address, ITEM_WORD, n, line, address);
	}
	lines_free(&lines);
}

/* Key: nameserver, search, lookup ...; value: the rest of the line. */
void
read_resolv(const struct config_sources *s, struct model *m)
{
	struct lines lines;
	struct str line, t, key;
	size_t i;
	int n;

	lines_init(&lines, s->list[0].text);
	for (n = 1; n <= lines.count; n++) {
		line = t = lines_get(&lines, n);
		for (i = 0; i < t.n && t.p[i] != '#' && t.p[i] != ';'; i++)
			;
		t = str_sub(t, 0, i);
		key = str_word(&t);
		t = str_trim(t);
		if (key.n > 0)
			add(m, key, t, ITEM_WORD, n, line, t);
	}
	lines_free(&lines);
}

/*
 * syslog.conf(5): key "PROGRAM" (of the !PROGRAM block, "*" outside), value
 * the action of a selector line in it.
 */
void
read_syslog(const struct config_sources *s, struct model *m)
{
	struct str line, t, program = STR_LIT("*"), selector;
	struct lines lines;
	int n;

	lines_init(&lines, s->list[0].text);
	for (n = 1; n <= lines.count; n++) {
		line = lines_get(&lines, n);
		t = str_trim(line);
		if (t.n == 0 || t.p[0] == '#')
			continue;
		if (t.p[0] == '!') {
			while (t.n > 0 && t.p[0] == '!')
				t = str_sub(t, 1, t.n);
			program = t;
			continue;
		}
		selector = str_word(&t);
		t = str_trim(t);
		if (selector.n > 0 && t.n > 0)
			add(m, program, t, ITEM_WORD, n, line, t);
	}
	lines_free(&lines);
}

/*
 * pf.conf as far as the other files ask: its pass rules, each line one value
 * "pass/N". What a rule means is told by the pf part.
 */
void
read_pf_conf(const struct config_sources *s, struct model *m)
{
	struct lines lines;
	struct str line, t;
	char key[32];
	int n, i = 0;

	lines_init(&lines, s->list[0].text);
	for (n = 1; n <= lines.count; n++) {
		line = lines_get(&lines, n);
		t = str_trim(line);
		if (!str_starts(t, "pass"))
			continue;
		snprintf(key, sizeof(key), "pass/%d", i++);
		add(m, str_from(key), t, ITEM_WORD, n, line, t);
	}
	lines_free(&lines);
}

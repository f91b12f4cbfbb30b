/* SPDX-License-Identifier: ISC */
/*
 * Installation notes and scripts: the commands in them that make what the
 * configuration refers to. `prosodyctl register USER HOST [PASSWORD]` makes
 * an account, `keytool -import` a trust store. Pure.
 *
 * Keys: "account/USER@HOST" (value: the password or ""), "keystore/FILE"
 * (value: -storepass), "subscribe/A" (value B), "cert/NAME".
 */
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "probes/config/lines.h"
#include "probes/config/model.h"
#include "probes/config/reader.h"

static void
add(struct model *m, const char *what, struct str name, struct str value,
    int n, struct str line, struct str at)
{
	struct buf key;
	struct item *it;

	buf_init(&key, LIMIT_CONFIG_KEY);
	buf_addf(&key, "%s/%.*s", what, STR_ARG(name));
	it = key.full ? NULL : model_add(m, buf_str(&key), value, ITEM_WORD);
	if (it != NULL) {
		it->line = n;
		if (at.p >= line.p && at.p <= line.p + line.n) {
			it->column = (int)(at.p - line.p) + 1;
			it->end_column = it->column + (int)at.n;
		}
	}
	buf_free(&key);
}

static void
take_prosodyctl(struct model *m, struct str words, int n, struct str line)
{
	struct str verb = str_word(&words), a = str_word(&words),
	    b = str_word(&words), c = str_word(&words);
	struct buf jid;

	if (str_eqs(verb, "register") && b.n > 0) {
		buf_init(&jid, LIMIT_CONFIG_KEY);
		buf_addf(&jid, "%.*s@%.*s", STR_ARG(a), STR_ARG(b));
		add(m, "account", buf_str(&jid), c, n, line, a);
		buf_free(&jid);
	} else if (str_eqs(verb, "adduser") && a.n > 0) {
		add(m, "account", a, str_of("", 0), n, line, a);
	} else if (str_eqs(verb, "mod_roster_command") &&
	    str_starts(a, "subscribe") && c.n > 0) {
		add(m, "subscribe", b, c, n, line, b);
	} else if (str_eqs(verb, "cert") && b.n > 0) {
		add(m, "cert", b, a, n, line, b);
	}
}

static void
take_keytool(struct model *m, struct str words, int n, struct str line)
{
	struct str w, store = { NULL, 0 }, pass = { NULL, 0 };

	while ((w = str_word(&words)).n > 0) {
		if (str_eqs(w, "-keystore"))
			store = str_word(&words);
		else if (str_eqs(w, "-storepass"))
			pass = str_word(&words);
	}
	if (store.n > 0)
		add(m, "keystore", store, pass, n, line,
		    pass.n > 0 ? pass : store);
}

/* The rest of the line after a command's name; empty when not there. */
static struct str
after(struct str line, const char *name)
{
	size_t i = str_find(line, name);

	if (i == SIZE_MAX)
		return (str_of("", 0));
	return (str_sub(line, i + strlen(name), line.n));
}

void
read_commands(const struct config_sources *s, struct model *m)
{
	struct lines lines;
	struct str line, words;
	struct buf joined;
	int n;

	lines_init(&lines, s->list[0].text);
	buf_init(&joined, LIMIT_CONFIG_FILE);
	for (n = 1; n <= lines.count; n++) {
		line = lines_get(&lines, n);
		words = after(line, "prosodyctl ");
		if (words.n > 0)
			take_prosodyctl(m, words, n, line);
		words = after(line, "keytool ");
		if (words.n == 0)
			continue;
		buf_clear(&joined);
		while (str_ends(words, "\\") && n < lines.count) {
			buf_add_str(&joined, str_sub(words, 0, words.n - 1));
			words = lines_get(&lines, ++n);
		}
		buf_add_str(&joined, words);
		take_keytool(m, buf_str(&joined), n, line);
	}
	buf_free(&joined);
	lines_free(&lines);
}

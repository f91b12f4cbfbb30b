/* SPDX-License-Identifier: ISC */
/*
 * How the system starts the programs, systemd units and login.conf(5), and
 * which packages it has. Pure.
 */
#include <stdlib.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/lines.h"
#include "probes/config/model.h"
#include "probes/config/reader.h"
#include "probes/packages.h"

static void
add(struct model *m, struct str key, struct str value, int n, struct str line)
{
	struct item *it = model_add(m, key, value, ITEM_WORD);

	if (it == NULL)
		return;
	it->line = n;
	it->column = value.p == NULL || line.n == 0 ? 0 :
	    (int)(value.p - line.p) + 1;
	it->end_column = it->column + (int)value.n;
}

/* Environment="A=b" C=d: each as "Environment/A". */
static void
add_environment(struct model *m, struct str list, int n, struct str line)
{
	struct str word, name;
	struct buf key;
	char quote;

	while ((list = str_trim(list)).n > 0) {
		quote = list.p[0];
		if (quote == '"' || quote == '\'') {
			list = str_sub(list, 1, list.n);
			word = str_split(&list, quote);
		} else
			word = str_word(&list);
		name = str_split(&word, '=');
		buf_init(&key, LIMIT_CONFIG_KEY);
		buf_addf(&key, "Environment/%.*s", STR_ARG(name));
		add(m, buf_str(&key), word, n, line);
		buf_free(&key);
	}
}

/* systemd.syntax(7): [Section], Key=Value; keys without their section. */
void
read_unit(const struct config_sources *s, struct model *m)
{
	struct lines lines;
	struct str line, t, key;
	int n;

	lines_init(&lines, s->list[0].text);
	for (n = 1; n <= lines.count; n++) {
		line = lines_get(&lines, n);
		t = str_trim(line);
		if (t.n == 0 || t.p[0] == '#' || t.p[0] == ';' ||
		    t.p[0] == '[' || str_chr(t, '=') == SIZE_MAX)
			continue;
		key = str_trim(str_split(&t, '='));
		if (str_eqs(key, "Environment"))
			add_environment(m, t, n, line);
		else
			add(m, key, str_trim(t), n, line);
	}
	lines_free(&lines);
}

/*
 * What pkg_info(1), dpkg -l or dpkg's status file print: versions for the
 * rules (packages_list), here each as "package/PROGRAM".
 */
void
read_packages(const struct config_sources *s, struct model *m)
{
	struct versions *v = mem_zalloc(1, sizeof(*v));
	struct str line = str_of("", 0);
	struct buf key;
	size_t i;

	packages_list(v, s->list[0].text);
	for (i = 0; i < v->count; i++) {
		buf_init(&key, LIMIT_CONFIG_KEY);
		buf_addf(&key, "package/%s", product_name(
		    v->list[i].product));
		add(m, buf_str(&key), str_from(v->list[i].text), 1, line);
		buf_free(&key);
	}
	free(v);
}

/* One capability "NAME=VALUE" of a class, as "CLASS/NAME". */
static void
add_capability(struct model *m, struct str class, struct str cap, int n,
    struct str line)
{
	struct str name;
	struct buf key;

	cap = str_trim(cap);
	name = str_split(&cap, '=');
	if (name.n == 0 || class.n == 0 || name.p[0] == '\\')
		return;
	buf_init(&key, LIMIT_CONFIG_KEY);
	buf_addf(&key, "%.*s/%.*s", STR_ARG(class), STR_ARG(name));
	add(m, buf_str(&key), cap, n, line);
	buf_free(&key);
}

/* getcap(3): CLASS:NAME=VALUE:...:\ over several lines. */
void
read_login_conf(const struct config_sources *s, struct model *m)
{
	struct str line, t, class = str_of("", 0), cap;
	struct lines lines;
	int n, more = 0;

	lines_init(&lines, s->list[0].text);
	for (n = 1; n <= lines.count; n++) {
		line = lines_get(&lines, n);
		t = str_trim(line);
		if (t.n == 0 || t.p[0] == '#')
			continue;
		if (!more) {
			class = str_split(&t, ':');
			class = str_trim(str_split(&class, '|'));
			add(m, class, class, n, line);
		}
		more = str_ends(line, "\\");
		while (t.n > 0) {
			cap = str_split(&t, ':');
			add_capability(m, class, cap, n, line);
		}
	}
	lines_free(&lines);
}

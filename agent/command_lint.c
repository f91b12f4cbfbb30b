/* SPDX-License-Identifier: ISC */
/*
 * `meetprobe lint`: the configuration of all components, one file and across
 * files. I/O: reads the files, prints; the rules are those of probes/config.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/base/mem.h"
#include "agent/command.h"
#include "agent/conf.h"
#include "agent/facts/finding.h"
#include "probes/config/config.h"
#include "probes/packages.h"

/* What is printed, and what counts. */
struct report {
	const struct options *options;
	const struct config_set *set;
	const struct findings *findings;
	const struct conf *conf;
	wall_t now;
	size_t errors, warnings, notes, waived;
};

static const char *
level(enum severity s)
{
	return (s == SEVERITY_RISK ? "warning" : s == SEVERITY_NOTE ?
	    "note" : "error");
}

static int
is_waived(const struct report *r, const struct finding *f)
{
	return (conf_waived(r->conf, f->id, r->now) != NULL);
}

static void
count(struct report *r)
{
	size_t i;
	const struct finding *f;

	for (i = 0; i < r->findings->count; i++) {
		f = &r->findings->list[i];
		if (is_waived(r, f))
			r->waived++;
		else if (f->severity == SEVERITY_RISK)
			r->warnings++;
		else if (f->severity == SEVERITY_NOTE)
			r->notes++;
		else
			r->errors++;
	}
}

static void
add_place(struct buf *b, const struct place *p)
{
	if (p->file == NULL)
		return;
	buf_add_safe(b, str_from(p->file));
	if (p->line > 0)
		buf_addf(b, ":%d", p->line);
	if (p->line > 0 && p->column > 0)
		buf_addf(b, ":%d", p->column);
	buf_adds(b, ": ");
}

/* One character of a source line; *width is what the caret's line needs for
 * it. A tab stays one, so that both lines move alike. Its length. */
static size_t
add_character(struct buf *b, struct str text, size_t i, size_t *width)
{
	size_t n = str_utf8_len(text, i);

	*width = n == 0 ? 4 : 1;
	if (text.p[i] == '\t')
		buf_addc(b, '\t');
	else
		buf_add_safe(b, str_sub(text, i, i + (n == 0 ? 1 : n)));
	return (n == 0 ? 1 : n);
}

/* The source line, and a caret under the value. */
static void
add_source(struct buf *b, const struct place *p)
{
	struct str text = str_from(p->text);
	size_t i, k, n, width, from = p->column > 0 ? (size_t)p->column - 1 :
	    SIZE_MAX, to = p->end_column > p->column ?
	    (size_t)p->end_column - 1 : from + 1;
	struct buf caret;

	if (text.n == 0 || text.n > 240)
		return;
	buf_init(&caret, 4096);
	buf_addf(b, "%6d | ", p->line);
	buf_adds(&caret, "       | ");
	for (i = 0; i < text.n; i += n) {
		n = add_character(b, text, i, &width);
		if (i < from && text.p[i] == '\t')
			buf_addc(&caret, '\t');
		for (k = 0; k < width && !(i < from && text.p[i] == '\t');
		    k++)
			buf_adds(&caret, i < from ? " " : i >= to ? "" :
			    i == from && k == 0 ? "^" : "~");
	}
	buf_addc(b, '\n');
	if (from == text.n)
		buf_addc(&caret, '^');
	if (from <= text.n)
		buf_addf(b, "%s\n", buf_cstr(&caret));
	buf_free(&caret);
}

/* What to write instead: a value, or a diff of several lines. */
static void
add_fix(struct buf *b, struct str fix)
{
	int several = str_chr(fix, '\n') != SIZE_MAX;

	buf_adds(b, several ? "       fix:\n" : "       fix: ");
	do {
		buf_add_safe(b, str_split(&fix, '\n'));
		buf_addc(b, '\n');
	} while (fix.n > 0);
}

static void
print_text(const struct report *r, const struct finding *f, int brief)
{
	static const char *const colors[] = { "\033[1;31m", "\033[1;31m",
	    "\033[1;33m", "\033[1;36m" };
	const char *on = r->options->color ? colors[f->severity] : "",
	    *off = r->options->color ? "\033[0m" : "";
	struct buf b;

	buf_init(&b, 1 << 16);
	add_place(&b, &f->at);
	buf_addf(&b, "%s%s:%s ", on, level(f->severity), off);
	buf_add_safe(&b, str_from(f->message));
	buf_addf(&b, " [%s]\n", f->id);
	if (!brief) {
		add_source(&b, &f->at);
		if (f->other.file != NULL) {
			add_place(&b, &f->other);
			buf_adds(&b, "note: compared with this\n");
			add_source(&b, &f->other);
		}
		if (f->fix != NULL)
			add_fix(&b, str_from(f->fix));
	}
	fputs(buf_cstr(&b), stdout);
	buf_free(&b);
}

/* What was read and what was not, a line each, on standard error. */
static size_t
tell_coverage(const struct report *r)
{
	const struct config_file *f;
	const struct config_tree *t;
	size_t i, read = 0;
	struct buf b;

	buf_init(&b, 8192);
	for (i = 0; i < r->set->count; i++) {
		f = &r->set->list[i];
		read += f->state == COVERAGE_READ ||
		    f->state == COVERAGE_PARTIAL;
		if (f->hint == NULL || config_is_other(f))
			continue;
		buf_clear(&b);
		buf_add_safe(&b, str_from(f->name));
		fprintf(stderr, "%s: not read: %s\n", buf_cstr(&b), f->hint);
	}
	for (i = 0; i < r->set->tree_count; i++) {
		t = &r->set->trees[i];
		buf_clear(&b);
		buf_add_safe(&b, str_from(t->root));
		if (t->others > 0)
			fprintf(stderr, "%s: %zu other file%s, of no kind "
			    "that is read\n", buf_cstr(&b), t->others,
			    t->others == 1 ? "" : "s");
	}
	buf_free(&b);
	return (read);
}

static void
print_all_text(const struct report *r, size_t read)
{
	const struct finding *f;
	size_t i;

	for (i = 0; i < r->findings->count; i++) {
		f = &r->findings->list[i];
		if (!is_waived(r, f))
			print_text(r, f, r->options->format == FORMAT_SHORT);
	}
	printf("%zu file%s read: ", read, read == 1 ? "" : "s");
	if (r->errors + r->warnings + r->notes == 0)
		printf("nothing to say");
	else
		printf("%zu error%s, %zu warning%s, %zu note%s", r->errors,
		    r->errors == 1 ? "" : "s", r->warnings,
		    r->warnings == 1 ? "" : "s", r->notes,
		    r->notes == 1 ? "" : "s");
	if (r->waived > 0)
		printf(", %zu waived", r->waived);
	putchar('\n');
}

/* Text from outside as JSON: what is no UTF-8 becomes \xNN. */
static json_t *
json_text(const char *s)
{
	struct buf b;
	json_t *j;

	if (s == NULL)
		return (json_null());
	buf_init(&b, 1 << 20);
	buf_add_safe(&b, str_from(s));
	j = json_string(buf_cstr(&b));
	buf_free(&b);
	return (j);
}

static json_t *
json_place(const struct place *p)
{
	json_t *o;

	if (p->file == NULL)
		return (json_null());
	o = json_object();
	json_object_set_new(o, "file", json_text(p->file));
	if (p->line > 0)
		json_object_set_new(o, "line", json_integer(p->line));
	if (p->column > 0)
		json_object_set_new(o, "column", json_integer(p->column));
	return (o);
}

static json_t *
json_finding(const struct report *r, const struct finding *f)
{
	json_t *o = json_place(&f->at);

	if (json_is_null(o))
		o = json_object();
	json_object_set_new(o, "id", json_string(f->id));
	json_object_set_new(o, "check", json_string(f->probe));
	json_object_set_new(o, "severity",
	    json_string(severity_name(f->severity)));
	json_object_set_new(o, "level", json_string(level(f->severity)));
	json_object_set_new(o, "message", json_text(f->message));
	json_object_set_new(o, "host", json_text(f->host));
	json_object_set_new(o, "other", json_place(&f->other));
	json_object_set_new(o, "fix", json_text(f->fix));
	json_object_set_new(o, "waived", json_boolean(is_waived(r, f)));
	return (o);
}

static json_t *
json_file(const char *name, const struct reader *reader, const char *host,
    enum coverage_state state, const char *hint)
{
	json_t *o = json_object();

	json_object_set_new(o, "source", json_text(name));
	json_object_set_new(o, "kind", reader == NULL ? json_null() :
	    json_string(reader->kind));
	json_object_set_new(o, "host", json_text(host));
	json_object_set_new(o, "state", json_string(coverage_name(state)));
	if (hint != NULL)
		json_object_set_new(o, "hint", json_string(hint));
	return (o);
}

/* The files, and of each folder how many others it holds. */
static json_t *
json_coverage(const struct config_set *set)
{
	json_t *files = json_array();
	const struct config_file *f;
	char *hint;
	size_t i;

	for (i = 0; i < set->count; i++) {
		f = &set->list[i];
		if (!config_is_other(f))
			json_array_append_new(files, json_file(f->name,
			    f->reader, f->host, f->state, f->hint));
	}
	for (i = 0; i < set->tree_count; i++) {
		if (set->trees[i].others == 0)
			continue;
		hint = mem_printf("other files, of no kind that is read: %zu",
		    set->trees[i].others);
		json_array_append_new(files, json_file(set->trees[i].root,
		    NULL, NULL, COVERAGE_READ, hint));
		free(hint);
	}
	return (files);
}

static void
print_json(const struct report *r)
{
	json_t *o = json_object(), *list = json_array();
	size_t i;
	char *text;

	for (i = 0; i < r->findings->count; i++)
		json_array_append_new(list,
		    json_finding(r, &r->findings->list[i]));
	json_object_set_new(o, "schema", json_string("meetprobe.lint/1"));
	json_object_set_new(o, "version", json_string(MEETPROBE_VERSION));
	json_object_set_new(o, "verdict", json_string(r->errors > 0 ?
	    "findings" : "healthy"));
	json_object_set_new(o, "findings", list);
	json_object_set_new(o, "coverage", json_coverage(r->set));
	text = json_dumps(o, JSON_INDENT(2));
	if (text != NULL)
		puts(text);
	free(text);
	json_decref(o);
}

static int
add_files(struct config_set *set, int argc, char **argv)
{
	const char *why;
	int i, bad = 0;

	if (argc < 2) {
		set->keys = config_add_host(set) > 0;
		packages_find(&set->known, "");
	}
	for (i = 1; i < argc; i++)
		if (config_add_argument(set, argv[i], &why) == -1) {
			fprintf(stderr, "meetprobe: %s: %s\n", argv[i], why);
			bad = 1;
		}
	return (bad ? -1 : 0);
}

static int
read_conf(const struct options *o, struct conf *conf)
{
	struct errlist errors;
	struct buf b;
	int r;

	errlist_init(&errors);
	conf_init(conf);
	r = conf_read(conf, o->config, NULL, 0, &errors);
	if (r == -1) {
		buf_init(&b, 1 << 20);
		errlist_print(&errors, &b);
		fputs(buf_cstr(&b), stderr);
		buf_free(&b);
	}
	errlist_free(&errors);
	return (r);
}

int
command_lint(const struct options *o, int argc, char **argv)
{
	struct config_set *set;
	struct findings findings;
	struct conf conf;
	struct report r = { .options = o, .now = wall_now() };
	size_t read;

	if (argc > 1 && argv[1][0] == '-' && strcmp(argv[1], "--") != 0)
		return (command_usage("lint"));
	if (argc > 1 && strcmp(argv[1], "--") == 0) {
		argc--;
		argv++;
	}
	if (o->format != FORMAT_TEXT && o->format != FORMAT_SHORT &&
	    o->format != FORMAT_JSON) {
		fputs("meetprobe: lint prints text, short or json\n", stderr);
		return (EXIT_USAGE);
	}
	if (read_conf(o, &conf) == -1) {
		conf_free(&conf);
		return (EXIT_USAGE);
	}
	set = config_set_new();
	findings_init(&findings);
	if (add_files(set, argc, argv) == -1) {
		config_set_free(set);
		conf_free(&conf);
		return (EXIT_USAGE);
	}
	config_read(set);
	config_lint(set, r.now, &findings, NULL);
	r.set = set;
	r.findings = &findings;
	r.conf = &conf;
	count(&r);
	read = tell_coverage(&r);
	if (o->format == FORMAT_JSON)
		print_json(&r);
	else
		print_all_text(&r, read);
	findings_free(&findings);
	config_set_free(set);
	conf_free(&conf);
	return (r.errors > 0 || (o->strict && r.warnings > 0) ?
	    EXIT_FINDINGS : EXIT_HEALTHY);
}

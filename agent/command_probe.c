/* SPDX-License-Identifier: ISC */
/*
 * `meetprobe probe NAME [SUBJECT]`: runs one probe now and prints what it
 * did, phase by phase. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/command.h"
#include "agent/run/loop.h"
#include "agent/setup.h"
#include "probes/engine.h"
#include "probes/probe.h"

struct output {
	struct loop *loop;
	const struct options *options;
	int failed, unknown;
	json_t *list;		/* of --json */
};

#define COLUMNS 80

/* Escapes a line; tabs stay, since patch(1) wants those of a diff. */
static void
add_line(struct buf *b, struct str line)
{
	struct str part;

	while (line.n > 0) {
		part = str_sub(line, 0, str_chr(line, '\t'));
		buf_add_safe(b, part);
		if (part.n < line.n)
			buf_addc(b, '\t');
		line = str_sub(line, part.n + 1, line.n);
	}
}

/*
 * A line, escaped and broken at blanks on a terminal (column: where the
 * cursor is); not one of a diff, which somebody may want to take as it is.
 */
static void
print_line(struct str text, size_t column)
{
	const size_t indent = 6;
	struct str word, line;
	struct buf safe;
	int first = 1;

	buf_init(&safe, 4 * LIMIT_CHECK_TEXT);
	add_line(&safe, text);
	line = buf_str(&safe);
	if (!isatty(STDOUT_FILENO) || column + line.n <= COLUMNS ||
	    (line.n > 0 && strchr("+-@ ", line.p[0]) != NULL)) {
		printf("%.*s\n", STR_ARG(line));
		buf_free(&safe);
		return;
	}
	while ((word = str_word(&line)).n > 0) {
		if (!first && column + 1 + word.n > COLUMNS) {
			printf("\n%*s", (int)indent, "");
			column = indent;
			first = 1;
		}
		printf("%s%.*s", first ? "" : " ", STR_ARG(word));
		column += word.n + (first ? 0 : 1);
		first = 0;
	}
	putchar('\n');
	buf_free(&safe);
}

static void
print_text(const struct check *c, const struct options *o)
{
	struct str lines = str_from(c->transcript);
	struct buf end;
	size_t i;

	printf("%s%s", c->id, c->subject[0] == '\0' ? "" : " ");
	print_line(str_from(c->subject), 0);
	while (lines.n > 0) {
		fputs("    ", stdout);
		print_line(str_split(&lines, '\n'), 4);
	}
	if (c->phase_count > 0)
		printf("  phases:");
	for (i = 0; i < c->phase_count; i++)
		printf(" %s %.1f ms%s", c->phases[i].name,
		    c->phases[i].seconds * 1e3,
		    i + 1 < c->phase_count ? "," : "\n");
	lines = str_from(o->verbose > 0 ? c->facts : "");
	if (lines.n > 0)
		puts("  facts:");
	while (lines.n > 0)
		print_line(str_split(&lines, '\n'), 0);
	buf_init(&end, LIMIT_CHECK_TEXT);
	buf_adds(&end, state_name(c->state));
	if (c->state != STATE_PASS && c->reason != REASON_OK)
		buf_addf(&end, " (%s: %s)", layer_name(c->layer),
		    reason_name(c->reason));
	buf_addf(&end, ": %s", c->summary);
	fputs("  ", stdout);
	print_line(buf_str(&end), 2);
	buf_free(&end);
}

static json_t *
to_json(const struct check *c)
{
	json_t *j, *phases = json_object();
	size_t i;

	for (i = 0; i < c->phase_count; i++)
		json_object_set_new(phases, c->phases[i].name,
		    json_real(c->phases[i].seconds));
	j = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:f,s:o,s:s}", "id", c->id,
	    "group", c->group, "subject", c->subject, "state",
	    state_name(c->state), "layer", layer_name(c->layer), "summary",
	    c->summary, "duration_seconds", c->duration, "phases", phases,
	    "transcript", c->transcript);
	if (j != NULL && c->state != STATE_PASS && c->reason != REASON_OK)
		json_object_set_new(j, "reason",
		    json_string(reason_name(c->reason)));
	return (j);
}

static void
finished(struct check *c, void *arg)
{
	struct output *out = arg;

	if (c->state == STATE_FAIL)
		out->failed++;
	if (c->state == STATE_UNKNOWN)
		out->unknown++;
	if (c->state == STATE_WARN && out->options->strict)
		out->failed++;
	if (out->list != NULL)
		json_array_append_new(out->list, to_json(c));
	else
		print_text(c, out->options);
	check_free(c);
}

static void
idle(void *arg)
{
	struct output *out = arg;

	loop_stop(out->loop);
}

/* Says which probes there are, nearest first is left to the eye. */
static int
no_such_probe(const char *name)
{
	size_t i;

	fprintf(stderr, "meetprobe: no probe \"%s\"; there are", name);
	for (i = 0; probe_table[i] != NULL; i++)
		fprintf(stderr, "%s %s", i % 8 == 0 ? "\n " : "",
		    probe_table[i]->id);
	fputs("\n", stderr);
	return (EXIT_USAGE);
}

/* Runs the probe's jobs; all results are printed when it returns. */
static void
run(struct output *out, const struct site *site, const struct probe *p,
    const char *subject)
{
	struct engine_events on = { NULL, finished, idle, out };
	const struct options *o = out->options;
	struct engine *e;

	out->loop = loop_new();
	e = engine_new(out->loop, site, &on);
	engine_add(e, p, subject);
	engine_run(e, o->deadline_ns == 0 ? MONO_NONE :
	    mono_add(mono_now(), o->deadline_ns));
	loop_run(out->loop);
	engine_free(e);
	loop_free(out->loop);
}

int
command_probe(const struct options *o, int argc, char **argv)
{
	struct output out = { .options = o };
	const struct probe *p;
	struct setup setup;
	char *text;

	if (argc < 2 || argc > 3)
		return (command_usage("probe"));
	if ((p = probe_find(argv[1])) == NULL)
		return (no_such_probe(argv[1]));
	if (setup_load(&setup, o, 0) == -1) {
		setup_free(&setup);
		return (EXIT_USAGE);
	}
	if (o->format == FORMAT_JSON)
		out.list = json_array();
	run(&out, &setup.site, p, argc == 3 ? argv[2] : NULL);
	setup_free(&setup);
	if (out.list != NULL) {
		text = json_dumps(out.list, JSON_INDENT(2));
		if (text != NULL)
			puts(text);
		free(text);
		json_decref(out.list);
	}
	if (out.failed > 0)
		return (EXIT_FINDINGS);
	return (out.unknown > 0 ? EXIT_UNDETERMINED : EXIT_HEALTHY);
}

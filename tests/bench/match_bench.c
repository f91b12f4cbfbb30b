/* SPDX-License-Identifier: ISC */
/*
 * How fast signals are found. Makes a log of the usual mixture (seeded, no
 * data needed) with a share of lines that match, loads the built-in
 * catalogue and a made one of exactly 300 signals, and prints MB/s of one
 * core (CPU time), the time of loading, and memory.
 *
 * usage: match_bench [MEGABYTES [TEXTS.out LOG.out]]
 * With file names the log and the literals' expressions are written there
 * too, for another program to search.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/matcher.h"
#include "agent/diagnosis/report.h"
#include "probes/logs/logs.h"

#define SIGNALS 300

static uint64_t seed = 88172645463325252u;

static unsigned
dice(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return ((unsigned)(seed % n));
}

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static const char *const words[] = {
	"conference", "participant", "endpoint", "Received", "session",
	"allocated", "channel", "colibri", "bridge", "transport", "Failed",
	"timeout", "connection", "closed", "stream", "client", "updating",
	"selected", "candidate", "pair", "keepalive", "presence", "health",
};
#define WORDS (sizeof(words) / sizeof(words[0]))

/* The text of made signal i: three words and a number of its own. */
static void
signal_text(unsigned i, struct buf *b, const char *who)
{
	buf_addf(b, "%s %s reason-%c%c%u for %s now", words[i % WORDS],
	    words[(i / 7) % WORDS], 'a' + (int)(i % 26),
	    'a' + (int)(i / 26), i * 37 % 1000, who);
}

/* Matching lines per thousand. */
static void
make_log(struct buf *b, size_t bytes, unsigned share)
{
	unsigned k, n, t = 0;

	while (b->len < bytes) {
		t += dice(3);
		buf_addf(b, "JVB 2026-11-22 %02u:%02u:%02u.%03u INFO: [%u] "
		    "[confId=%016llx epId=%08x] ", t / 3600 % 24,
		    t / 60 % 60, t % 60, dice(1000), dice(200),
		    (unsigned long long)seed, dice(1U << 30));
		if (dice(1000) < share)
			signal_text(dice(SIGNALS), b, "some-body");
		else {
			n = 4 + dice(24);
			for (k = 0; k < n; k++)
				buf_addf(b, "%s ", words[dice(WORDS)]);
			if (dice(20) == 0)
				for (k = 0; k < 60; k++)
					buf_addf(b, "<a%u b='%x'/>", k,
					    dice(1U << 20));
		}
		buf_addc(b, '\n');
	}
}

static void
count(void *arg, const struct match *m)
{
	(void)m;
	++*(size_t *)arg;
}

/* One pass over the log as files are read: in pieces. CPU seconds. */
static double
pass(const struct catalogue *c, struct str log, size_t *hits, double *reader)
{
	const struct log_text *t;
	struct log_source *src;
	double begin = cpu(), spent = 0, before;

	*hits = 0;
	src = logs_memory("bench.log", log, COMPONENT_JVB, NULL, WALL_NONE);
	for (;;) {
		if ((t = logs_next(src)) == NULL)
			break;
		before = cpu();
		matcher_run(c->matcher, t, count, hits);
		spent += cpu() - before;
	}
	logs_close(src);
	*reader = cpu() - begin - spent;
	return (spent);
}

static void
measure(const char *what, const struct catalogue *c, struct str log)
{
	double best = 1e9, reader = 0, r, s;
	size_t hits = 0;
	int i;

	for (i = 0; i < 3; i++)
		if ((s = pass(c, log, &hits, &r)) < best) {
			best = s;
			reader = r;
		}
	printf("%-44s %7.0f MB/s  (%zu hits; reading alone %.0f MB/s)\n",
	    what, (double)log.n / 1e6 / best, hits,
	    (double)log.n / 1e6 / (reader > 0 ? reader : 1e-9));
}

static struct catalogue *
load(const char *text, double *seconds)
{
	struct errlist errs;
	struct catalogue *c;
	double begin = cpu();

	errlist_init(&errs);
	c = text == NULL ? catalogue_load(NULL, NULL, 0, &errs) :
	    catalogue_parse("bench.pit", str_from(text), NULL, &errs);
	*seconds = cpu() - begin;
	if (c == NULL)
		fatal("the catalogue does not load");
	errlist_free(&errs);
	return (c);
}

static void
print_load(const char *what, const struct catalogue *c, double seconds)
{
	size_t bytes, states;

	matcher_size(c->matcher, &bytes, &states);
	printf("%-44s %7.1f ms    (%zu signals, %zu causes; matcher %.1f MB, "
	    "%zu states)\n", what, seconds * 1000, c->signal_count,
	    c->cause_count, (double)bytes / 1e6, states);
}

static void
write_file(const char *name, struct str s)
{
	FILE *f = fopen(name, "w");

	if (f == NULL || fwrite(s.p, 1, s.n, f) != s.n)
		fatal("cannot write %s", name);
	fclose(f);
}

/* All of `diagnose` on the log but reading the file. */
static void
measure_diagnosis(const struct catalogue *c, struct str log)
{
	const struct log_text *t;
	struct log_source *src;
	struct diagnosis *d = diagnosis_new(c);
	struct report *r = report_new("bench");
	double begin = cpu();

	src = logs_memory("bench.log", log, COMPONENT_JVB, NULL, WALL_NONE);
	while ((t = logs_next(src)) != NULL)
		diagnosis_add_log(d, t);
	logs_close(src);
	diagnosis_conclude(d, r);
	printf("%-44s %7.2f s\n", "diagnosis of 100 MB, reader included",
	    (cpu() - begin) * 1e8 / (double)log.n);
	report_free(r);
	diagnosis_free(d);
}

int
main(int argc, char **argv)
{
	size_t bytes = (argc > 1 ? strtoul(argv[1], NULL, 10) : 200) *
	    1000000;
	struct buf log, storm, cat, expressions;
	struct catalogue *builtin, *made;
	double seconds;
	unsigned i;

	buf_init(&log, bytes + 65536);
	buf_init(&storm, bytes / 2 + 65536);
	buf_init(&cat, 1U << 20);
	buf_init(&expressions, 1U << 20);
	for (i = 0; i < SIGNALS; i++) {
		buf_addf(&cat, "signal s%u\n\ttext \"", i);
		signal_text(i, &cat, "{who:word}");
		buf_adds(&cat, "\"\n");
	}
	builtin = load(NULL, &seconds);
	print_load("load and automaton, built-in catalogue", builtin,
	    seconds);
	made = load(buf_cstr(&cat), &seconds);
	print_load("load and automaton, 300 signals", made, seconds);
	for (i = 0; i < SIGNALS; i++) {
		signal_text(i, &expressions, "[^ ]+");
		buf_addc(&expressions, '\n');
	}
	make_log(&log, bytes, 20);
	make_log(&storm, bytes / 2, 200);
	measure("300 signals, 2 % of the lines match", made, buf_str(&log));
	measure("300 signals, 20 % of the lines match", made,
	    buf_str(&storm));
	measure("built-in catalogue, foreign lines", builtin, buf_str(&log));
	measure_diagnosis(builtin, buf_str(&log));
	if (argc > 3) {
		write_file(argv[2], buf_str(&expressions));
		write_file(argv[3], buf_str(&log));
	}
	catalogue_free(builtin);
	catalogue_free(made);
	buf_free(&log);
	buf_free(&storm);
	buf_free(&cat);
	buf_free(&expressions);
	return (0);
}

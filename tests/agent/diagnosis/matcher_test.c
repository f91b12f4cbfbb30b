/* SPDX-License-Identifier: ISC */
/*
 * The matcher: its hits equal those of trying every expression on every
 * line, on the labelled data and on lines made to be awkward; texts cut in
 * any way give the same.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/automaton.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/matcher.h"
#include "probes/logs/logs.h"
#include "tests/kit/check.h"

/* Hits as numbers, to be sorted and compared. */
struct hits {
	uint64_t *list;
	size_t count, cap;
};

static void
hit(void *arg, const struct match *m)
{
	struct hits *h = arg;
	uint64_t v = (uint64_t)m->signal << 32 | (uint32_t)m->record->line;
	size_t i;

	for (i = 0; i < m->capture_count; i++)	/* captures count too */
		v += (uint64_t)m->captures[i].value.n << 20;
	h->list = mem_grow(h->list, h->count, &h->cap, sizeof(v), 1U << 24);
	h->list[h->count++] = v;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x < *y ? -1 : *x > *y);
}

/* Sorted, each once: a record over a lane's border may be told twice. */
static void
settle(struct hits *h)
{
	size_t i, kept = 0;

	if (h->count > 0)
		qsort(h->list, h->count, sizeof(*h->list), compare);
	for (i = 0; i < h->count; i++)
		if (kept == 0 || h->list[i] != h->list[kept - 1])
			h->list[kept++] = h->list[i];
	h->count = kept;
}

static void
run(const struct catalogue *c, const char *name, struct str bytes,
    enum component component, int naive, struct hits *h)
{
	const struct log_text *t;
	struct log_source *src;

	memset(h, 0, sizeof(*h));
	src = logs_memory(name, bytes, component, NULL, WALL_NONE);
	while ((t = logs_next(src)) != NULL) {
		if (naive)
			matcher_run_naive(c->matcher, t, hit, h);
		else
			matcher_run(c->matcher, t, hit, h);
	}
	logs_close(src);
	settle(h);
}

/* 1 when both ways find the same; *n adds the hits. */
static int
agrees(const struct catalogue *c, const char *name, struct str bytes,
    size_t *n)
{
	struct hits fast, slow;
	int same;

	run(c, name, bytes, COMPONENT_NONE, 0, &fast);
	run(c, name, bytes, COMPONENT_NONE, 1, &slow);
	same = fast.count == slow.count && (fast.count == 0 ||
	    memcmp(fast.list, slow.list, fast.count * sizeof(uint64_t)) == 0);
	*n += slow.count;
	free(fast.list);
	free(slow.list);
	return (same);
}

static void
test_data(const struct catalogue *c, const char *set)
{
	char *dir = check_data(set), path[1024], file[2048];
	struct dirent *d, *f;
	size_t n = 0, files = 0, len, differ = 0;
	DIR *top, *sub;
	char *bytes;

	if (dir == NULL || (top = opendir(dir)) == NULL) {
		check_skip("no data %s", set);
		free(dir);
		return;
	}
	while ((d = readdir(top)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, d->d_name);
		if (d->d_name[0] == '.' || (sub = opendir(path)) == NULL)
			continue;
		while ((f = readdir(sub)) != NULL) {
			if (strstr(f->d_name, ".log") == NULL)
				continue;
			snprintf(file, sizeof(file), "%s/%s", path,
			    f->d_name);
			bytes = check_read(file, &len);
			if (bytes == NULL || len > 300000) {
				free(bytes);
				continue;
			}
			files++;
			if (!agrees(c, f->d_name, str_of(bytes, len), &n)) {
				differ++;
				printf("# differs: %s\n", file);
			}
			free(bytes);
		}
		closedir(sub);
	}
	closedir(top);
	free(dir);
	CHECK(differ == 0, "%s: %zu files, %zu hits, the same as a naive "
	    "loop", set, files, n);
	CHECK(n > 0, "%s: there are hits at all", set);
}

static struct catalogue *
parse(const char *text)
{
	struct errlist errs;
	struct catalogue *c;
	struct buf b;

	errlist_init(&errs);
	buf_init(&b, 4096);
	c = catalogue_parse("t.pit", str_from(text), NULL, &errs);
	errlist_print(&errs, &b);
	CHECK_STR(buf_cstr(&b), "", "the test's catalogue loads");
	buf_free(&b);
	errlist_free(&errs);
	return (c);
}

/* How often a text is found in lines of prosody. */
static size_t
count(const char *signal, const char *log)
{
	struct catalogue *c = parse(signal);
	struct hits h = { 0 }, slow = { 0 };
	size_t n;

	if (c == NULL)
		return (SIZE_MAX);
	run(c, "t.log", str_from(log), COMPONENT_PROSODY, 0, &h);
	run(c, "t.log", str_from(log), COMPONENT_PROSODY, 1, &slow);
	CHECK_INT(h.count, slow.count, "as the naive loop");
	n = h.count;
	free(h.list);
	free(slow.list);
	catalogue_free(c);
	return (n);
}

#define HEAD "Sep 16 14:35:58 c2s60a86b47480 info "

static void
test_texts(void)
{
	CHECK_INT(count("signal s\n\ttext \"two  words here\"\n",
	    HEAD "two words here\n" HEAD "two   words\there\n"
	    HEAD "two-words here\n"), 2, "runs of blanks are equal");
	CHECK_INT(count("signal s\n\ttext \"refused {q:quoted} end\"\n",
	    HEAD "refused \"a b\" end\n" HEAD "refused \"a\n" HEAD
	    "b\" end\n"), 1, "a hole reaches over no newline");
	CHECK_INT(count("signal s\n\ttext \"c2s60a86b47480\"\n",
	    HEAD "nothing\n"), 0, "the head is not searched");
	CHECK_INT(count("signal s\n\ttext \"literal text\"\n\tlevel >= warn\n",
	    HEAD "literal text\n"), 0, "the level restricts");
	CHECK_INT(count("signal s\n\tfrom jvb\n\ttext \"literal text\"\n",
	    HEAD "literal text\n"), 0, "the component restricts");
	CHECK_INT(count("signal s\n\ttext \"literal text\"\n\tnot \"harm\"\n",
	    HEAD "literal text\n" HEAD "literal text, no harm\n"), 1,
	    "not: must not be there");
	CHECK_INT(count("signal s\n\ttext \"first line\"\n"
	    "\tand \"deep down\"\n", HEAD "first line\n\tat deep down\n"
	    HEAD "first line\n"), 1, "and: in the continuation");
	CHECK_INT(count("signal s\n\ttext \"at deep down\"\n", HEAD
	    "first line\n\tat deep down\n\tat deep down\n"), 1,
	    "a continuation matches once a record");
	CHECK_INT(count("signal s\n\ttext \"brace {{ here\"\n",
	    HEAD "brace { here\n"), 1, "{{ is a brace");
	CHECK_INT(count("signal s\n\ttext \"dots... (and) [all]* +?\"\n",
	    HEAD "dots... (and) [all]* +?\n" HEAD "dotsxxx (and)\n"), 1,
	    "what means something in a regex is literal");
}

/* What each type of hole takes. */
static void
captured(const char *type, const char *log, const char *want)
{
	struct match m;
	struct record rec;
	struct catalogue *c;
	char text[256], got[256];
	int ok;

	snprintf(text, sizeof(text),
	    "signal s\n\ttext \"value is {x:%s} there\"\n", type);
	if ((c = parse(text)) == NULL)
		return;
	memset(&rec, 0, sizeof(rec));
	rec.raw = rec.message = str_from(log);
	ok = matcher_try(c->matcher, 0, &rec, &m) == MISS_NOTHING;
	snprintf(got, sizeof(got), "%.*s", ok ? (int)m.captures[0].value.n :
	    4, ok ? m.captures[0].value.p : "none");
	CHECK_STR(got, want, "{x:%s} in \"%s\"", type, log);
	catalogue_free(c);
}

static void
test_holes(void)
{
	captured("word", "value is a,b:c there", "a,b:c");
	captured("num", "value is -12.5 there", "-12.5");
	captured("num", "value is x there", "none");
	captured("hex", "value is 0x55e0aF there", "0x55e0aF");
	captured("jid", "value is a@b.example/res there", "a@b.example/res");
	captured("host", "value is a.b-c.example there", "a.b-c.example");
	captured("host", "value is a/b there", "none");
	captured("ip", "value is 192.0.2.1 there", "192.0.2.1");
	captured("ip", "value is [2001:db8::1] there", "[2001:db8::1]");
	captured("ip", "value is host there", "none");
	captured("port", "value is 65535 there", "65535");
	captured("path", "value is /etc/x/y.conf there", "/etc/x/y.conf");
	captured("quoted", "value is \"a b\" there", "\"a b\"");
	captured("rest", "value is all of it there", "all of it");
}

/* Literals that overlap, begin like others, are equal, end in blanks. */
static void
test_overlap(void)
{
	static const char cat[] =
	    "signal a\n\ttext \"abcabcabd\"\n"
	    "signal b\n\ttext \"bcabdx\"\n"
	    "signal c\n\ttext \"abcabc\"\n"
	    "signal d\n\ttext \"abcabc\"\n"
	    "signal e\n\ttext \"x y z a b c\"\n";
	struct catalogue *c = parse(cat);
	struct buf log;
	size_t n = 0, i;
	int same;

	if (c == NULL)
		return;
	buf_init(&log, 1U << 20);
	for (i = 0; i < 400; i++)
		buf_addf(&log, HEAD "%s\n", i % 7 == 0 ? "abcabcabcabdx" :
		    i % 5 == 0 ? "x  y z\t a b  b c" : i % 3 == 0 ?
		    "x y  z   a b c" : "abcab cabd");
	same = agrees(c, "overlap.log", buf_str(&log), &n);
	CHECK(same && n > 300,
	    "overlapping literals: %zu hits as the naive loop", n);
	buf_free(&log);
	catalogue_free(c);
}

/* Random bytes over a small alphabet, many short literals: the automaton
 * against the naive loop. */
static void
test_random(void)
{
	struct buf cat, log;
	struct catalogue *c;
	unsigned long seed = 12345;
	size_t i, k, n = 0;
	int same;

	buf_init(&cat, 1U << 20);
	buf_init(&log, 1U << 20);
	for (i = 0; i < 60; i++) {
		buf_addf(&cat, "signal s%zu\n\ttext \"q ", i);
		for (k = 0; k < 2; k++) {
			seed = seed * 6364136223846793005UL + 1;
			buf_addc(&cat, "abc"[(seed >> 40) % 3]);
		}
		buf_adds(&cat, " q\"\n");
	}
	for (i = 0; i < 60000; i++) {
		seed = seed * 6364136223846793005UL + 1;
		k = (seed >> 40) % 8;
		if (k < 7)
			buf_addc(&log, "abc  qq"[k]);
		else
			buf_adds(&log, "\n" HEAD);
	}
	if ((c = parse(buf_cstr(&cat))) != NULL) {
		same = agrees(c, "random.log", buf_str(&log), &n);
		CHECK(same && n > 100,
		    "random text: %zu hits as the naive loop", n);
	}
	catalogue_free(c);
	buf_free(&cat);
	buf_free(&log);
}

static void
test_window(void)
{
	struct vocabulary v = { { 0 }, 1 };
	struct str w;

	automaton_vocabulary(&v, STR_LIT("the error is for the user"));
	w = automaton_window(&v,
	    STR_LIT("the error is XyzzyPlugh for the user"), 12);

	CHECK(w.n <= 12 && memchr(w.p, 'X', w.n) != NULL,
	    "the rare part of a literal is chosen: %.*s", STR_ARG(w));
}

int
main(void)
{
	struct errlist errs;
	struct catalogue *c;

	errlist_init(&errs);
	c = catalogue_load(NULL, NULL, 1, &errs);
	CHECK(c != NULL, "the built-in catalogue loads");
	if (c != NULL) {
		test_data(c, "jitsi-lab");
		test_data(c, "prosody-lab");
		test_data(c, "incidents");
	}
	catalogue_free(c);
	errlist_free(&errs);
	test_texts();
	test_holes();
	test_overlap();
	test_random();
	test_window();
	return (check_end());
}

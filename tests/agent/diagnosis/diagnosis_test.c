/* SPDX-License-Identifier: ISC */
/*
 * The inference over a small catalogue made for it: gates, cascades,
 * alternatives, several faults at once, clearing, the ledger; and that the
 * order of files and the cutting of a log change nothing.
 */
#include <dirent.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "probes/logs/logs.h"
#include "probes/logs/reader.h"
#include "tests/kit/check.h"

#define S(id, text) "signal " id "\n\ttext \"" text "\"\n"
#define C(id, more) "cause " id "\n\tkind other\n\ttitle \"t\"\n" \
	"\tseverity down\n\tprior common\n\tsay \"s\"\n" more

static const char catalogue_text[] =
    S("root-sign", "root sign {name:word}") S("symptom-one", "symptom one")
    S("symptom-two", "symptom two") S("other-sign", "other sign")
    S("shared-sign", "shared sign") S("veto-sign", "veto sign")
    "signal good-again\n\ttext \"good again\"\n\tclass lifecycle\n"
    "signal alive\n\ttext \"alive now\"\n\tclass lifecycle\n"
    "signal noisy\n\ttext \"noisy line\"\n\tclass noise\n"
    S("orphan", "nobody explains this")
    C("root", "\talways root-sign\n\trules-out veto-sign\n"
    "\tleads-to downstream always\n\tclear on good-again\n")
    C("downstream", "\tsymptom\n\talways symptom-one\n"
    "\toften symptom-two\n")
    C("other", "\talways other-sign\n\toften probe tcp.connect\n")
    C("twin-a", "\talways shared-sign\n\toften probe xmpp.login\n")
    C("twin-b", "\talways shared-sign\n\toften probe bosh.direct\n")
    C("needy", "\talways veto-sign\n\tneeds alive\n")
    C("factual", "\talways fact dns.site_a_records > 1\n")
    "cause restarted\n\tkind other\n\ttitle \"t\"\n\tseverity note\n"
    "\tsay \"s\"\n\talways good-again\n\tneeds good-again\n"
    C("config-only", "\talways finding some-finding\n");

static struct catalogue *cat;

struct outcome {
	struct report *r;
	char ids[1024];		/* "a b c" */
};

static void
add_log(struct diagnosis *d, const char *name, struct str bytes,
    enum component component)
{
	const struct log_text *t;
	struct log_source *src;

	src = logs_memory(name, bytes, component, NULL, WALL_NONE);
	while ((t = logs_next(src)) != NULL)
		diagnosis_add_log(d, t);
	logs_close(src);
}

static void
list_ids(struct outcome *o)
{
	size_t i, n = 0;

	o->ids[0] = '\0';
	for (i = 0; i < o->r->cause_count; i++)
		n += (size_t)snprintf(o->ids + n, sizeof(o->ids) - n, "%s%s",
		    i == 0 ? "" : " ", o->r->causes[i].id);
}

/* Lines (split at |) a minute apart; more is called to add what else. */
static struct outcome
outcome(const char *lines, void (*more)(struct diagnosis *))
{
	struct diagnosis *d = diagnosis_new(cat);
	struct outcome o;
	struct str left = str_from(lines), line;
	struct buf b;
	int minute = 0;

	buf_init(&b, 65536);
	while (left.n > 0) {
		line = str_split(&left, '|');
		buf_addf(&b, "Sep 16 14:%02d:00 c2s60a86b47480 info %.*s\n",
		    minute++, STR_ARG(line));
	}
	o.r = report_new("test");
	add_log(d, "t.log", buf_str(&b), COMPONENT_PROSODY);
	if (more != NULL)
		more(d);
	diagnosis_conclude(d, o.r);
	report_verdict(o.r, 0);
	diagnosis_free(d);
	buf_free(&b);
	list_ids(&o);
	return (o);
}

static void
want(const char *lines, void (*more)(struct diagnosis *), const char *ids,
    const char *why)
{
	struct outcome o = outcome(lines, more);

	CHECK_STR(o.ids, ids, "%s", why);
	report_free(o.r);
}

static void
records(struct diagnosis *d)
{
	diagnosis_add_fact(d, STR_LIT("dns.site_a_records"), STR_LIT(""),
	    STR_LIT("2"));
}

static void
one_record(struct diagnosis *d)
{
	diagnosis_add_fact(d, STR_LIT("dns.site_a_records"), STR_LIT(""),
	    STR_LIT("1"));
}

static void
finding(struct diagnosis *d)
{
	struct finding f = { .id = "some-finding", .probe = "config.x",
	    .severity = SEVERITY_DOWN };

	diagnosis_add_finding(d, &f);
}

static void
probe(struct diagnosis *d, const char *id, enum state state)
{
	struct check c;

	check_init(&c, id, "test", "xmpp:5222");
	check_result(&c, state, LAYER_NET, state == STATE_PASS ? REASON_OK :
	    REASON_REFUSED, "as tried");
	diagnosis_add_check(d, &c);
	check_free(&c);
}

static void
login_fails(struct diagnosis *d)
{
	probe(d, "xmpp.login", STATE_FAIL);
}

static void
bosh_passes(struct diagnosis *d)
{
	probe(d, "bosh.direct", STATE_PASS);
}

static void
login_unknown(struct diagnosis *d)
{
	probe(d, "xmpp.login", STATE_UNKNOWN);
}

static void
test_sets(void)
{
	want("nothing at all", NULL, "", "no evidence, no cause");
	want("alive now|noisy line", NULL, "", "signs of life are no fault");
	want("root sign x", NULL, "root", "one sign, one cause");
	want("root sign x|symptom one|symptom two", NULL, "root",
	    "a consequence is folded into its cause");
	want("symptom one|symptom two", NULL, "downstream",
	    "a bare symptom, when nothing explains it");
	want("root sign x|other sign", NULL, "other root",
	    "two faults at once, equal ones by id");
	want("veto sign|root sign x", NULL, "", "a gate shuts a cause out");
	want("veto sign|alive now", NULL, "needy", "what it needs is there");
	want("veto sign", NULL, "", "what it needs is not");
	want("nothing", records, "factual", "a fact speaks");
	want("nothing", one_record, "", "a fact of another value");
	want("nothing", finding, "config-only", "a finding alone");
	want("root sign x", finding, "root config-only",
	    "an observed fault comes before a finding");
	want("nobody explains this", NULL, "", "an orphan has no cause");
}

/* More faults at once than a set holds: each is still told, and with the
 * confidence that it deserves. */
static void
test_many(void)
{
	struct outcome o = outcome("root sign x|other sign|symptom one|"
	    "alive now|shared sign", records);
	size_t i, sure = 0;

	for (i = 0; i < o.r->cause_count; i++)
		sure += o.r->causes[i].confidence > 0.4;
	CHECK(o.r->cause_count >= 4 && sure >= 4, "four faults, none of them "
	    "doubted: %s", o.ids);
	report_free(o.r);
}

static void
test_alternatives(void)
{
	struct outcome o = outcome("shared sign", NULL);

	CHECK_STR(o.ids, "twin-a twin-b", "both are named");
	if (o.r->cause_count == 2) {
		CHECK(o.r->causes[0].confidence < 0.6 &&
		    o.r->causes[1].confidence > 0.3, "none is called sure");
		CHECK_STR(o.r->causes[1].instead_of, "twin-a",
		    "the second is an alternative");
		CHECK_STR(o.r->causes[0].runner_up, "twin-b",
		    "the first names its runner-up");
		CHECK(o.r->next_probe != NULL &&
		    strcmp(o.r->next_probe, "xmpp.login") == 0,
		    "the deciding probe is named");
	}
	report_free(o.r);
	want("shared sign", login_fails, "twin-a",
	    "a failed probe decides");
	want("shared sign", bosh_passes, "twin-a twin-b",
	    "a passed probe speaks against its cause");
	want("shared sign", login_unknown, "twin-a twin-b",
	    "unknown decides nothing");
}

static void
test_clearing(void)
{
	struct outcome o;
	size_t i;

	o = outcome("root sign x|good again", NULL);
	for (i = 0; i < o.r->cause_count; i++)
		if (strcmp(o.r->causes[i].id, "root") == 0)
			break;
	CHECK(i < o.r->cause_count && wall_is_set(o.r->causes[i].cleared) &&
	    o.r->causes[i].severity == SEVERITY_NOTE, "a cleared cause is "
	    "a note with its time");
	CHECK_INT(o.r->exit_status, 0, "and no finding");
	report_free(o.r);
	o = outcome("good again|root sign x", NULL);
	CHECK(o.r->cause_count > 0 && strcmp(o.r->causes[0].id, "root") == 0
	    && !wall_is_set(o.r->causes[0].cleared),
	    "the fault after it is active");
	CHECK_INT(o.r->exit_status, 1, "and a finding");
	report_free(o.r);
	o = outcome("root sign x|good again|other sign", NULL);
	CHECK_STR(o.r->cause_count > 0 ? o.r->causes[0].id : "", "other",
	    "an active cause ranks before a cleared one");
	report_free(o.r);
}

static void
test_ledger(void)
{
	struct outcome o = outcome("root sign x|symptom one|orphan|"
	    "nobody explains this", NULL);
	const struct report_cause *c = o.r->causes;

	CHECK_INT(o.r->cause_count, 1, "one cause");
	if (o.r->cause_count == 1) {
		CHECK_INT(c->for_.count, 2, "its sign and its symptom");
		CHECK_STR(o.r->evidence[0].file, "t.log", "with the file");
		CHECK_INT(o.r->evidence[0].line, 1, "and the line");
		CHECK(names_has(&c->explains, "downstream"),
		    "the consequence is named");
	}
	CHECK_INT(o.r->unexplained.count, 1, "what is left is told");
	report_free(o.r);
	o = outcome("other sign", NULL);
	CHECK(o.r->cause_count == 1 && names_has(&o.r->causes[0].unknown,
	    "probe:tcp.connect"), "an item nobody looked for is unknown");
	report_free(o.r);
}

/* The report as JSON without what the time of the run puts in. */
static char *
rendered(struct report *r)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	r->generated = WALL_NONE;
	report_render(r, REPORT_JSON, 0, f);
	fclose(f);
	return (text);
}

/* Diagnoses files in the order given. */
static char *
diagnose(const struct catalogue *c, char **names, char **texts, size_t n,
    const size_t *order)
{
	struct diagnosis *d = diagnosis_new(c);
	struct report *r = report_new("test");
	const struct log_text *t;
	struct log_source *src;
	size_t i;
	char *out;

	for (i = 0; i < n; i++) {
		src = logs_memory(names[order[i]], str_from(
		    texts[order[i]]), COMPONENT_NONE, NULL, WALL_NONE);
		while ((t = logs_next(src)) != NULL)
			diagnosis_add_log(d, t);
		logs_close(src);
	}
	diagnosis_conclude(d, r);
	report_verdict(r, 0);
	out = rendered(r);
	report_free(r);
	diagnosis_free(d);
	return (out);
}

/* Hands a text on in pieces of about so many bytes, cut between records. */
static void
add_in_pieces(struct diagnosis *d, const struct log_text *t, size_t piece)
{
	const struct reader *whole = t->reader;
	struct reader r;
	struct log_text part;
	struct record rec;
	size_t at = 0, from = 0, line = whole->first_line;

	while (from < t->text.n) {
		do {
			at = t->record_next(t, at, &rec);
			if (at == SIZE_MAX)
				at = t->text.n;
		} while (at - from < piece && at < t->text.n);
		reader_init(&r);
		r.reference = whole->reference;
		r.fallback = whole->fallback;
		r.said = whole->said;
		r.first_line = line;
		part = *t;
		part.text = str_sub(t->text, from, at);
		line += reader_attach(&r, &part);
		diagnosis_add_log(d, &part);
		reader_free(&r);
		from = at;
	}
}

/* One log cut into pieces of this size; 0: not cut. */
static char *
diagnose_cut(const struct catalogue *c, const char *name, const char *text,
    size_t piece)
{
	struct diagnosis *d = diagnosis_new(c);
	struct report *r = report_new("test");
	const struct log_text *t;
	struct log_source *src;
	char *out;

	src = logs_memory(name, str_from(text), COMPONENT_NONE, NULL,
	    WALL_NONE);
	while ((t = logs_next(src)) != NULL) {
		if (piece == 0)
			diagnosis_add_log(d, t);
		else
			add_in_pieces(d, t, piece);
	}
	logs_close(src);
	diagnosis_conclude(d, r);
	report_verdict(r, 0);
	out = rendered(r);
	report_free(r);
	diagnosis_free(d);
	return (out);
}

static void
test_cuts(void)
{
	static const char *const logs[] = {
		"jitsi-lab/prosody_restarted/jicofo.log",
		"jitsi-lab/jvb_truststore_lacks_cert/jvb.log",
		"prosody-lab/wrong_password/prosody.log",
	};
	static const size_t sizes[] = { 1, 300, 5000, 70000 };
	struct errlist errs;
	struct catalogue *c;
	char *path, *text, *whole, *cut;
	size_t i, k;

	errlist_init(&errs);
	c = catalogue_load(NULL, NULL, 1, &errs);
	errlist_free(&errs);
	for (i = 0; c != NULL && i < sizeof(logs) / sizeof(logs[0]); i++) {
		path = check_data(logs[i]);
		text = path == NULL ? NULL : check_read(path, NULL);
		if (text == NULL) {
			check_skip("no data %s", logs[i]);
			free(path);
			continue;
		}
		whole = diagnose_cut(c, "a.log", text, 0);
		for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
			cut = diagnose_cut(c, "a.log", text, sizes[k]);
			CHECK(strcmp(cut, whole) == 0, "%s in pieces of %zu "
			    "bytes", logs[i], sizes[k]);
			free(cut);
		}
		free(whole);
		free(text);
		free(path);
	}
	catalogue_free(c);
}

#define FILES 16

/* One run of the data: every rotation of its files gives the same. */
static int
same_in_any_order(const struct catalogue *c, const char *dir)
{
	char *names[FILES], *texts[FILES], path[2048], *first, *other;
	size_t n = 0, i, k, order[FILES];
	struct dirent *f;
	int same = 1;
	DIR *d = opendir(dir);

	if (d == NULL)
		return (-1);
	while (n < FILES && (f = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, f->d_name);
		if (strstr(f->d_name, ".log") == NULL ||
		    (texts[n] = check_read(path, NULL)) == NULL)
			continue;
		names[n++] = mem_strdup(f->d_name);
	}
	closedir(d);
	for (i = 0; i < n; i++)
		order[i] = i;
	first = diagnose(c, names, texts, n, order);
	for (k = 1; k < n && same; k++) {
		for (i = 0; i < n; i++)
			order[i] = k % 2 ? n - 1 - (i + k) % n : (i + k) % n;
		other = diagnose(c, names, texts, n, order);
		same = strcmp(first, other) == 0;
		free(other);
	}
	free(first);
	for (i = 0; i < n; i++) {
		free(names[i]);
		free(texts[i]);
	}
	return (n < 2 ? -1 : same);
}

static void
test_order(void)
{
	struct errlist errs;
	struct catalogue *c;
	char *dir = check_data("jitsi-lab"), path[1024];
	struct dirent *e;
	size_t runs = 0, bad = 0;
	DIR *d;

	errlist_init(&errs);
	c = catalogue_load(NULL, NULL, 1, &errs);
	errlist_free(&errs);
	if (dir == NULL || c == NULL || (d = opendir(dir)) == NULL) {
		check_skip("no data jitsi-lab");
		free(dir);
		catalogue_free(c);
		return;
	}
	while (runs < 12 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		switch (same_in_any_order(c, path)) {
		case 0:
			printf("# differs: %s\n", e->d_name);
			bad++;
			/* FALLTHROUGH */
		case 1:
			runs++;
		}
	}
	closedir(d);
	CHECK(bad == 0 && runs > 0, "%zu runs, the same report in any order "
	    "of files", runs);
	free(dir);
	catalogue_free(c);
}

static void
hand_on(void *arg, const struct signal_seen *s)
{
	CHECK_INT(diagnosis_add_signal(arg, s), 0, "%s travels", s->id);
}

/* What one host saw, told to another: the same cause there. */
static void
test_peer(void)
{
	static const char log[] =
	    "Sep 16 14:00:00 c2s60a86b47480 info root sign here\n"
	    "Sep 16 14:10:00 c2s60a86b47480 info root sign here\n";
	struct signal_seen unknown = { .id = "no-such-signal" };
	struct diagnosis *there = diagnosis_new(cat);
	struct diagnosis *here = diagnosis_new(cat);
	struct outcome o = { report_new("test"), "" };

	add_log(there, "t.log", str_from(log), COMPONENT_PROSODY);
	diagnosis_signals(there, hand_on, here);
	diagnosis_add_cover(here, COMPONENT_PROSODY, "xmpp", WALL_NONE,
	    WALL_NONE, 500);
	CHECK_INT(diagnosis_add_signal(here, &unknown), -1,
	    "a signal of another version is refused");
	diagnosis_free(there);
	diagnosis_conclude(here, o.r);
	list_ids(&o);
	CHECK_STR(o.ids, "root", "the cause of the other host's signals");
	CHECK(o.r->evidence_count == 1 && o.r->evidence[0].count == 2,
	    "with their number");
	diagnosis_free(here);
	report_free(o.r);
}

/* A storm: of very many events the ends are kept, and still the same comes
 * out whatever comes first. */
static void
test_storm(void)
{
	struct buf one, two;
	char *names[2], *texts[2], *a, *b;
	size_t forth[] = { 0, 1 }, back[] = { 1, 0 }, i;
	char n1[] = "one.log", n2[] = "two.log";

	buf_init(&one, 1U << 24);
	buf_init(&two, 1U << 24);
	for (i = 0; i < 20000; i++) {
		buf_addf(&one, "Sep 16 %02zu:%02zu:%02zu c2s60a86b47480 "
		    "info root sign n%zu\n", i / 3600 % 24, i / 60 % 60,
		    i % 60, i);
		buf_addf(&two, "Sep 16 %02zu:%02zu:%02zu c2s60a86b47481 "
		    "info root sign m%zu\n", i / 3600 % 24, i / 60 % 60,
		    i % 60, i);
	}
	names[0] = n1;
	names[1] = n2;
	texts[0] = buf_take(&one);
	texts[1] = buf_take(&two);
	a = diagnose(cat, names, texts, 2, forth);
	b = diagnose(cat, names, texts, 2, back);
	CHECK_STR(b, a, "40000 events in either order");
	CHECK(strstr(a, "\"count\": 40000") != NULL, "all are counted");
	free(a);
	free(b);
	free(texts[0]);
	free(texts[1]);
}

int
main(void)
{
	struct errlist errs;
	struct buf b;

	errlist_init(&errs);
	buf_init(&b, 4096);
	cat = catalogue_parse("t.pit", str_from(catalogue_text), NULL, &errs);
	errlist_print(&errs, &b);
	CHECK_STR(buf_cstr(&b), "", "the catalogue of the test loads");
	buf_free(&b);
	errlist_free(&errs);
	if (cat == NULL)
		return (check_end());
	test_sets();
	test_many();
	test_alternatives();
	test_clearing();
	test_ledger();
	test_order();
	test_cuts();
	test_peer();
	test_storm();
	catalogue_free(cat);
	return (check_end());
}

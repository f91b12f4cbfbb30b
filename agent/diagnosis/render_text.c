/* SPDX-License-Identifier: ISC */
/*
 * The report to be read at 3 a.m. in 80 columns: causes first (what, why,
 * what to do, how to prove it, what else was considered), then the checks
 * that did not pass, by group, then what could not be read. Prints to the
 * stream given.
 */
#include <stdint.h>
#include <string.h>

#include "agent/diagnosis/render.h"

#define COLUMNS 80
/* Lines of evidence shown for a cause. */
#define EVIDENCE_LINES 3
/* Of a text that is evidence, and of its path, so much is shown. */
#define EVIDENCE_COLUMNS 190
#define PATH_COLUMNS 28

struct page {
	const struct report *r;
	FILE *out;
	int color;
};

static const char *
severity_color(enum severity s)
{
	static const char *const colors[SEVERITY_COUNT] = {
		[SEVERITY_DOWN] = "\033[1;31m",
		[SEVERITY_DEGRADED] = "\033[1;33m",
		[SEVERITY_RISK] = "\033[1;36m",
		[SEVERITY_NOTE] = "\033[1m",
	};

	return (colors[s]);
}

static const char *
state_color(enum state s)
{
	if (s == STATE_FAIL)
		return ("\033[1;31m");
	return (s == STATE_PASS ? "\033[32m" : "\033[1;33m");
}

static void
in_color(const struct page *p, const char *color, const char *text)
{
	if (p->color)
		fprintf(p->out, "%s%s\033[0m", color, text);
	else
		fputs(text, p->out);
}

/* How many columns a slice takes. */
static size_t
width(struct str s)
{
	size_t i, n = 0, len;

	for (i = 0; i < s.n; i += len == 0 ? 1 : len, n++)
		len = str_utf8_len(s, i);
	return (n);
}

/*
 * Prints escaped text broken at blanks: column is where the cursor is, the
 * lines that follow begin at indent.
 */
static void
wrap(const struct page *p, size_t column, size_t indent, const char *text)
{
	struct buf b;
	struct str left, word;
	size_t w;
	int first = 1;

	buf_init(&b, 1U << 16);
	buf_add_safe(&b, str_from(text == NULL ? "" : text));
	left = buf_str(&b);
	while ((word = str_word(&left)).n > 0) {
		w = width(word);
		if (!first && column + 1 + w > COLUMNS) {
			fprintf(p->out, "\n%*s", (int)indent, "");
			column = indent;
			first = 1;
		}
		fprintf(p->out, "%s%.*s", first ? "" : " ", STR_ARG(word));
		column += w + (first ? 0 : 1);
		first = 0;
	}
	fputc('\n', p->out);
	buf_free(&b);
}

/* "  why    " and the text behind it. */
static void
labelled(const struct page *p, const char *label, const char *text)
{
	fprintf(p->out, "   %-9s", label);
	wrap(p, 12, 12, text);
}

static const struct report_evidence *
evidence(const struct report *r, const char *id)
{
	size_t i;

	for (i = 0; i < r->evidence_count; i++)
		if (strcmp(r->evidence[i].id, id) == 0)
			return (&r->evidence[i]);
	return (NULL);
}

/* The end of a path that is long: its folder and its name. */
static struct str
short_path(const char *file)
{
	struct str s = str_from(file), folder;
	size_t at = str_rchr(s, '/'), up;

	if (s.n <= PATH_COLUMNS || at == SIZE_MAX)
		return (s);
	folder = str_sub(s, 0, at);
	up = str_rchr(folder, '/');
	if (up != SIZE_MAX && s.n - up - 1 <= PATH_COLUMNS)
		return (str_sub(s, up + 1, s.n));
	return (str_sub(s, at + 1, s.n));
}

/* Where and when: "prosody.log:120 14:35:58 (12 times)". */
static void
where(const struct report_evidence *e, struct buf *b)
{
	char when[RENDER_TIME];

	if (e->file != NULL) {
		buf_add_safe(b, short_path(e->file));
		if (e->line > 0)
			buf_addf(b, ":%d", e->line);
	} else
		buf_addf(b, "%s %s", source_name(e->source),
		    e->signal == NULL ? "" : e->signal);
	render_time(e->time, e->has_offset, when, sizeof(when));
	if (when[0] != '\0')
		buf_addf(b, "  %s%s", when, e->time_guessed ? "?" : "");
	if (e->count > 1)
		buf_addf(b, "  (%zu times)", e->count);
}

static void
print_evidence(const struct page *p, const char *label,
    const struct report_evidence *e)
{
	struct buf b;

	buf_init(&b, 4096);
	where(e, &b);
	fprintf(p->out, "   %-9s%s\n", label, buf_cstr(&b));
	buf_free(&b);
	if (e->text == NULL || e->text[0] == '\0')
		return;
	buf_init(&b, 4096);
	buf_add_str(&b, str_sub(str_from(e->text), 0, EVIDENCE_COLUMNS));
	if (strlen(e->text) > EVIDENCE_COLUMNS)
		buf_adds(&b, "...");
	fputs("              ", p->out);
	wrap(p, 14, 14, buf_cstr(&b));
	buf_free(&b);
}

/* Was this line shown already, as the evidence of another signal? */
static int
shown_before(const struct page *p, const struct report_cause *c, size_t i)
{
	const struct report_evidence *e = evidence(p->r, c->for_.list[i]);
	const struct report_evidence *o;
	size_t k;

	for (k = 0; e != NULL && e->file != NULL && k < i; k++) {
		o = evidence(p->r, c->for_.list[k]);
		if (o != NULL && o->file != NULL && o->line == e->line &&
		    strcmp(o->file, e->file) == 0)
			return (1);
	}
	return (0);
}

static void
print_why(const struct page *p, const struct report_cause *c)
{
	const struct report_evidence *e;
	size_t i, shown = 0, more = 0;

	for (i = 0; i < c->for_.count; i++) {
		e = evidence(p->r, c->for_.list[i]);
		if (e == NULL || shown_before(p, c, i))
			continue;
		if (shown < EVIDENCE_LINES)
			print_evidence(p, shown == 0 ? "why" : "", e);
		else
			more++;
		shown++;
	}
	if (more > 0)
		fprintf(p->out, "   %-9sand %zu more (--json)\n", "", more);
}

static void
print_names(const struct page *p, const char *label, const struct names *n)
{
	struct buf b;
	size_t i;

	if (n->count == 0)
		return;
	buf_init(&b, 4096);
	for (i = 0; i < n->count && i < 6; i++)
		buf_addf(&b, "%s%s", i == 0 ? "" : ", ", n->list[i]);
	if (i < n->count)
		buf_addf(&b, " and %zu more", n->count - i);
	labelled(p, label, buf_cstr(&b));
	buf_free(&b);
}

static void
print_fixes(const struct page *p, const struct report_cause *c)
{
	const struct report_fix *f;
	struct buf b;
	size_t i;

	for (i = 0; i < c->fix_count; i++) {
		f = &c->fix[i];
		buf_init(&b, 8192);
		if (strcmp(f->os, "any") != 0)
			buf_addf(&b, "[%s] ", f->os);
		buf_adds(&b, f->text);
		if (f->cmd != NULL)
			buf_addf(&b, " (interrupts %s)",
			    interrupts_name(f->interrupts));
		labelled(p, i == 0 ? "do" : "", buf_cstr(&b));
		buf_free(&b);
		if (f->cmd != NULL) {	/* never broken: it is to be copied */
			fputs("              # ", p->out);
			render_safe(p->out, f->cmd);
			fputc('\n', p->out);
		}
	}
}

static const char *
how_sure(double confidence)
{
	if (confidence >= 0.9)
		return ("sure");
	return (confidence >= 0.6 ? "likely" : "possible");
}

static void
print_considered(const struct page *p, const struct report_cause *c)
{
	struct buf b;

	if (c->runner_up == NULL)
		return;
	buf_init(&b, 1024);
	buf_adds(&b, c->runner_up);
	if (c->separates != NULL)
		buf_addf(&b, "; what tells them apart: %s", c->separates);
	labelled(p, "or else", buf_cstr(&b));
	buf_free(&b);
}

/* What shows that it is mended: a probe, or the configuration readers. */
static void
print_proof(const struct page *p, const char *prove)
{
	if (strncmp(prove, "config.", 7) == 0)
		fprintf(p->out, "   %-9smeetprobe lint\n", "prove");
	else
		fprintf(p->out, "   %-9smeetprobe probe %s\n", "prove",
		    prove);
}

static void
print_cause(const struct page *p, const struct report_cause *c)
{
	char word[32], when[RENDER_TIME];
	size_t i;

	for (i = 0; i + 1 < sizeof(word) && severity_name(c->severity)[i];
	    i++)
		word[i] = (char)(severity_name(c->severity)[i] - 32);
	word[i] = '\0';
	fprintf(p->out, "%d. ", c->rank);
	in_color(p, severity_color(c->severity), word);
	fputs("  ", p->out);
	wrap(p, 5 + i, 3, c->say);
	fprintf(p->out, "   %s, %s (%d %%)", c->id, how_sure(c->confidence),
	    (int)(c->confidence * 100 + 0.5));
	if (c->instead_of != NULL)
		fprintf(p->out, ", instead of %s", c->instead_of);
	render_time(c->cleared, 0, when, sizeof(when));
	if (when[0] != '\0')
		fprintf(p->out, ", cleared %s", when);
	fputc('\n', p->out);
	print_why(p, c);
	print_names(p, "against", &c->against);
	print_fixes(p, c);
	if (c->prove != NULL && strncmp(c->prove, "config.", 7) == 0)
		fprintf(p->out, "   %-9smeetprobe lint\n", "prove");
	else if (c->prove != NULL)
		print_proof(p, c->prove);
	print_names(p, "explains", &c->explains);
	print_considered(p, c);
	fputc('\n', p->out);
}

/* A check that is worth a line when there is no need to list them all. */
static int
worth_telling(const struct check *c)
{
	return (c->state == STATE_FAIL || c->state == STATE_WARN ||
	    (c->state == STATE_UNKNOWN && c->required));
}

static void
print_name(const struct page *p, const struct check *c)
{
	size_t n = strlen(state_name(c->state));

	fputs("   ", p->out);
	in_color(p, state_color(c->state), state_name(c->state));
	fprintf(p->out, "%*s %s", n < 9 ? (int)(9 - n) : 0, "", c->id);
	if (c->subject[0] != '\0') {
		fputc(' ', p->out);
		render_safe(p->out, c->subject);
	}
}

static void
print_check(const struct page *p, const struct check *c)
{
	print_name(p, c);
	if (c->state == STATE_SKIPPED && c->because != NULL) {
		fprintf(p->out, " (because of %s)\n", c->because);
		return;
	}
	fputs("\n             ", p->out);
	wrap(p, 13, 13, c->summary);
}

/* The checks of one group; all of them in `accept`. */
static void
print_group(const struct page *p, size_t first, int all)
{
	const char *group = p->r->checks[first].check.group;
	const struct check *c;
	int begun = 0;
	size_t i;

	for (i = first; i < p->r->check_count; i++) {
		c = &p->r->checks[i].check;
		if (strcmp(c->group, group) != 0 ||
		    (!all && !worth_telling(c)))
			continue;
		if (!begun)
			fprintf(p->out, "%s\n", group);
		begun = 1;
		if (worth_telling(c) || c->state == STATE_UNKNOWN ||
		    c->state == STATE_SKIPPED)
			print_check(p, c);
		else {
			print_name(p, c);
			fputc('\n', p->out);
		}
	}
}

static void
print_checks(const struct page *p)
{
	int all = strcmp(p->r->mode, "accept") == 0;
	size_t i, k;

	for (i = 0; i < p->r->check_count; i++) {
		for (k = 0; k < i; k++)
			if (strcmp(p->r->checks[k].check.group,
			    p->r->checks[i].check.group) == 0)
				break;
		if (k == i)
			print_group(p, i, all);
	}
	if (p->r->check_count > 0)
		fputc('\n', p->out);
}

static void
print_unexplained(const struct page *p)
{
	const struct report_evidence *e;
	size_t i;

	if (p->r->unexplained.count == 0)
		return;
	fputs("Seen, and no cause explains it:\n", p->out);
	for (i = 0; i < p->r->unexplained.count; i++)
		if ((e = evidence(p->r, p->r->unexplained.list[i])) != NULL)
			print_evidence(p, "", e);
	fputc('\n', p->out);
}

static void
print_coverage(const struct page *p)
{
	const struct report_coverage *c;
	int begun = 0;
	struct buf b;
	size_t i;

	for (i = 0; i < p->r->coverage_count; i++) {
		c = &p->r->coverage[i];
		if (c->state == COVERAGE_READ)
			continue;
		if (!begun)
			fputs("Not (wholly) read:\n", p->out);
		begun = 1;
		buf_init(&b, 1U << 16);
		buf_addf(&b, "%s: %s", c->source, coverage_name(c->state));
		if (c->hint != NULL)
			buf_addf(&b, "; %s", c->hint);
		fputs("   ", p->out);
		wrap(p, 3, 6, buf_cstr(&b));
		buf_free(&b);
	}
	if (begun)
		fputc('\n', p->out);
}

static void
print_verdict(const struct page *p)
{
	static const char *const words[] = {
		[REPORT_HEALTHY] = "Healthy", [REPORT_FINDINGS] = "Findings",
		[REPORT_UNDETERMINED] = "Undetermined",
	};
	struct buf b;

	buf_init(&b, 1024);
	if (p->r->host[0] != '\0') {
		render_safe(p->out, p->r->host);
		fputs(": ", p->out);
	}
	in_color(p, p->r->verdict == REPORT_HEALTHY ? "\033[1;32m" :
	    "\033[1;31m", words[p->r->verdict]);
	render_summary(p->r, &b);
	fprintf(p->out, ": %s.\n", buf_cstr(&b));
	buf_free(&b);
	if (p->r->next_why != NULL) {
		fputs("Next: ", p->out);
		wrap(p, 6, 6, p->r->next_why);
	}
}

/* "jicofo 1.0-1090", "jvb since 2024-07", after a comma but for the first. */
static void
add_version(struct buf *b, enum product product, const char *word,
    const char *text)
{
	if (text[0] == '\0')
		return;
	buf_addf(b, "%s%s %s%s", b->len > 0 ? ", " : "",
	    product_name(product), word, text);
}

/* What runs, as far as anything said so. */
static void
print_versions(const struct page *p)
{
	const struct versions *v = &p->r->versions;
	struct buf b;
	size_t i;
	int k;

	buf_init(&b, 1U << 16);
	for (i = 0; i < v->count; i++)
		add_version(&b, v->list[i].product, "", v->list[i].text);
	for (k = 0; k < PRODUCT_COUNT; k++) {
		add_version(&b, (enum product)k, "since ", v->low[k]);
		add_version(&b, (enum product)k, "until ", v->high[k]);
	}
	if (b.len > 0) {
		fputs("Versions: ", p->out);
		wrap(p, 10, 10, buf_cstr(&b));
		fputc('\n', p->out);
	}
	buf_free(&b);
}

void
render_text(const struct report *r, int color, FILE *out)
{
	struct page p = { r, out, color };
	size_t i;

	for (i = 0; i < r->cause_count; i++)
		print_cause(&p, &r->causes[i]);
	print_checks(&p);
	print_unexplained(&p);
	print_coverage(&p);
	print_versions(&p);
	print_verdict(&p);
}

/* SPDX-License-Identifier: ISC */
/*
 * The status page: a report as HTML. Pure. Needs no script, loads nothing,
 * fits a phone and a desk, follows the reader's choice of light or dark.
 * Every text that came from outside is escaped, in entities and, where it is
 * not printable, as \xNN.
 */
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/diagnosis/report.h"
#include "exporter/pages.h"

/* Items of evidence shown with a cause, and of checks that passed. */
#define EVIDENCE_SHOWN 12

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;"
    "--paper:#fbfbfa;--card:#fff;--line:#d8dee4;--red:#b42318;"
    "--amber:#8a5a00;--green:#1a6b3c;--blue:#175cd3}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;"
    "--soft:#9aa4ae;--paper:#14171a;--card:#1c2125;--line:#333b43;"
    "--red:#ff8a80;--amber:#f0b849;--green:#6fcf97;--blue:#84adff}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:16px/1.5 system-ui,sans-serif}"
    "main{max-width:62rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.35rem;margin:.2rem 0;line-height:1.25}"
    "h2{font-size:1.05rem;margin:1.8rem 0 .5rem}"
    "h3{font-size:1rem;margin:0;line-height:1.35}"
    "p{margin:.4rem 0}a{color:var(--blue)}"
    ".soft{color:var(--soft);font-size:.875rem}"
    ".card{background:var(--card);border:1px solid var(--line);"
    "border-left:4px solid var(--line);border-radius:6px;"
    "padding:.8rem 1rem;margin:.6rem 0}"
    ".down,.fail{--tone:var(--red)}"
    ".degraded,.risk,.warn,.unknown{--tone:var(--amber)}"
    ".healthy,.pass{--tone:var(--green)}"
    ".note,.skipped,.waived{--tone:var(--soft)}"
    ".not-applicable{--tone:var(--soft)}"
    ".findings{--tone:var(--red)}.undetermined{--tone:var(--amber)}"
    ".card{border-left-color:var(--tone,var(--line))}"
    ".tag{color:var(--tone);border:1px solid var(--tone);"
    "border-radius:3px;padding:0 .35rem;font-size:.8rem;"
    "white-space:nowrap}"
    "pre{background:var(--paper);border:1px solid var(--line);"
    "border-radius:4px;padding:.5rem;margin:.3rem 0;white-space:pre-wrap;"
    "overflow-wrap:anywhere;font:13px/1.45 ui-monospace,monospace}"
    "ol,ul{margin:.3rem 0;padding-left:1.2rem}li{margin:.25rem 0}"
    "summary{cursor:pointer;color:var(--blue)}"
    "table{border-collapse:collapse;width:100%}"
    "col.a{width:8.5rem}col.b{width:15rem}"
    "th.group{padding-top:1rem;color:var(--ink);font-size:1rem}"
    "td,th{text-align:left;vertical-align:top;padding:.3rem .6rem "
    ".3rem 0;border-bottom:1px solid var(--line)}"
    "th{font-weight:600;font-size:.875rem;color:var(--soft)}"
    "td.id{white-space:nowrap}"
    "code,td.id{font-family:ui-monospace,monospace;font-size:.85rem}"
    ".words{overflow-wrap:anywhere}"
    "nav a{display:inline-block;margin-right:1rem;padding:.2rem 0}"
    "@media(max-width:40rem){table,tbody,tr,td,th{display:block}"
    "colgroup{display:none}td,th{border:0;padding:0}"
    "th.group{padding-top:1rem}tr{padding:.5rem 0;"
    "border-bottom:1px solid var(--line)}td.id{white-space:normal}}";

/* Adds text with what means something in HTML as entities. */
static void
html(struct buf *b, const char *text)
{
	struct buf safe;
	size_t i;

	if (text == NULL)
		return;
	buf_init(&safe, LIMIT_PAGE);
	buf_add_safe(&safe, str_from(text));
	for (i = 0; i < safe.len; i++) {
		switch (safe.data[i]) {
		case '&':
			buf_adds(b, "&amp;");
			break;
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		case '"':
			buf_adds(b, "&quot;");
			break;
		case '\'':
			buf_adds(b, "&#39;");
			break;
		default:
			buf_addc(b, safe.data[i]);
		}
	}
	buf_free(&safe);
}

/* An element with a text: <p class="soft">text</p>. */
static void
element(struct buf *b, const char *tag, const char *class, const char *text)
{
	buf_addf(b, "<%s", tag);
	if (class != NULL)
		buf_addf(b, " class=\"%s\"", class);
	buf_addc(b, '>');
	html(b, text);
	buf_addf(b, "</%s>\n", tag);
}

static void
tag(struct buf *b, const char *word)
{
	buf_addf(b, "<span class=\"tag %s\">%s</span> ", word, word);
}

static const char *
verdict_sentence(const struct report *r)
{
	size_t i;

	for (i = 0; i < r->cause_count; i++)
		if (!wall_is_set(r->causes[i].cleared) &&
		    r->causes[i].severity <= SEVERITY_DEGRADED)
			return (r->causes[i].title);
	switch (r->verdict) {
	case REPORT_HEALTHY:
		return ("Nothing is wrong as far as this host can see");
	case REPORT_UNDETERMINED:
		return ("Something that must be known could not be found out");
	default:
		return ("A check failed and no known cause explains it");
	}
}

/* The time as a sentence's part; WALL_NONE: "unknown". */
static void
add_time(struct buf *b, wall_t t)
{
	char text[WALL_TEXT_SIZE];

	if (!wall_is_set(t)) {
		buf_adds(b, "unknown");
		return;
	}
	wall_format(t, text, sizeof(text));
	buf_addf(b, "<time datetime=\"%s\">%s</time>", text, text);
}

static void
add_verdict(struct buf *b, const struct report *r)
{
	const char *verdict = report_verdict_name(r->verdict);
	int i, n = 0;

	buf_addf(b, "<header class=\"card %s\">", verdict);
	tag(b, verdict);
	element(b, "h1", NULL, verdict_sentence(r));
	buf_adds(b, "<p class=\"soft\">");
	html(b, r->host);
	if (r->site != NULL && *r->site != '\0') {
		buf_adds(b, " of ");
		html(b, r->site);
	}
	buf_adds(b, " (");
	for (i = 0; i < ROLE_COUNT; i++)
		if (r->roles & ROLE_BIT(i))
			buf_addf(b, "%s%s", n++ > 0 ? ", " : "",
			    role_name((enum role)i));
	buf_addf(b, "%s), at ", n == 0 ? "no role" : "");
	add_time(b, r->generated);
	buf_adds(b, "</p></header>\n");
}

/* The evidence of an id, NULL when it is no id ("probe:xmpp.login"). */
static const struct report_evidence *
evidence_of(const struct report *r, const char *id)
{
	size_t i;

	for (i = 0; i < r->evidence_count; i++)
		if (strcmp(r->evidence[i].id, id) == 0)
			return (&r->evidence[i]);
	return (NULL);
}

/* Where and when, then the text, as a list's item. */
static void
add_evidence(struct buf *b, const struct report_evidence *e)
{
	buf_adds(b, "<li class=\"words\"><span class=\"soft\">");
	html(b, e->file != NULL ? e->file : source_name(e->source));
	if (e->line > 0)
		buf_addf(b, ":%d", e->line);
	if (e->host != NULL) {
		buf_adds(b, " on ");
		html(b, e->host);
	}
	if (wall_is_set(e->time)) {
		buf_adds(b, ", ");
		add_time(b, e->time);
	}
	if (e->count > 1)
		buf_addf(b, ", %zu times", e->count);
	buf_adds(b, "</span><br><code>");
	html(b, e->text);
	buf_adds(b, "</code></li>\n");
}

static void
add_evidence_list(struct buf *b, const struct report *r,
    const struct names *ids, const char *title)
{
	const struct report_evidence *e;
	size_t i;

	if (ids->count == 0)
		return;
	buf_addf(b, "<details><summary>%s (%zu)</summary><ul>\n", title,
	    ids->count);
	for (i = 0; i < ids->count && i < EVIDENCE_SHOWN; i++) {
		e = evidence_of(r, ids->list[i]);
		if (e != NULL)
			add_evidence(b, e);
		else
			element(b, "li", "words", ids->list[i]);
	}
	if (ids->count > EVIDENCE_SHOWN)
		buf_addf(b, "<li>and %zu more in the report</li>\n",
		    ids->count - EVIDENCE_SHOWN);
	buf_adds(b, "</ul></details>\n");
}

static void
add_fix(struct buf *b, const struct report_fix *f)
{
	static const char *const says[INTERRUPTS_COUNT] = {
		[INTERRUPTS_NOTHING] = "interrupts nothing",
		[INTERRUPTS_JOINS] = "nobody can join meanwhile",
		[INTERRUPTS_CALLS] = "ends all calls",
	};

	buf_adds(b, "<li>");
	html(b, f->text);
	if (strcmp(f->os, "any") != 0) {
		buf_adds(b, " <span class=\"soft\">on ");
		html(b, f->os);
		buf_adds(b, "</span>");
	}
	buf_addf(b, " <span class=\"soft\">(%s)</span>",
	    says[f->interrupts]);
	if (f->cmd != NULL)
		element(b, "pre", NULL, f->cmd);
	buf_adds(b, "</li>\n");
}

static void
add_cause(struct buf *b, const struct report *r, const struct report_cause *c)
{
	const char *severity = severity_name(c->severity);
	size_t i;

	buf_addf(b, "<article class=\"card %s\" id=\"cause-", severity);
	html(b, c->id);
	buf_adds(b, "\">");
	tag(b, wall_is_set(c->cleared) ? "note" : severity);
	if (wall_is_set(c->cleared)) {
		buf_adds(b, "<span class=\"soft\">cleared ");
		add_time(b, c->cleared);
		buf_adds(b, "</span>");
	}
	element(b, "h3", NULL, c->title);
	element(b, "p", "words", c->say);
	buf_adds(b, "<p class=\"soft\"><code>");
	html(b, c->id);
	buf_addf(b, "</code>, confidence %d %%",
	    (int)(c->confidence * 100 + 0.5));
	if (c->component != NULL && *c->component != '\0') {
		buf_adds(b, ", ");
		html(b, c->component);
	}
	for (i = 0; i < c->explains.count; i++) {
		buf_adds(b, i == 0 ? ", explains " : ", ");
		html(b, c->explains.list[i]);
	}
	buf_adds(b, "</p>\n");
	if (c->fix_count > 0) {
		buf_adds(b, "<ol>\n");
		for (i = 0; i < c->fix_count; i++)
			add_fix(b, &c->fix[i]);
		buf_adds(b, "</ol>\n");
	}
	add_evidence_list(b, r, &c->for_, "What speaks for it");
	add_evidence_list(b, r, &c->against, "What speaks against it");
	buf_adds(b, "</article>\n");
}

static void
add_check(struct buf *b, const struct check *c)
{
	buf_adds(b, "<tr><td>");
	tag(b, state_name(c->state));
	buf_adds(b, "</td><td class=\"id\">");
	html(b, c->id);
	if (c->subject != NULL && *c->subject != '\0') {
		buf_adds(b, "<br><span class=\"soft\">");
		html(b, c->subject);
		buf_adds(b, "</span>");
	}
	buf_adds(b, "</td><td class=\"words\">");
	html(b, c->summary);
	if (c->state != STATE_PASS && c->reason != REASON_OK)
		buf_addf(b, " <span class=\"soft\">(%s: %s)</span>",
		    layer_name(c->layer), reason_name(c->reason));
	if (c->because != NULL) {
		buf_adds(b, " <span class=\"soft\">because of ");
		html(b, c->because);
		buf_adds(b, "</span>");
	}
	buf_adds(b, "</td></tr>\n");
}

/* 1 when an earlier check has the same group. */
static int
group_seen(const struct report *r, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (strcmp(r->checks[k].check.group,
		    r->checks[i].check.group) == 0)
			return (1);
	return (0);
}

/* The three columns of a table: narrow, middling, the rest. */
static const char columns[] = "<table><colgroup><col class=\"a\">"
    "<col class=\"b\"><col></colgroup>";

/* The checks of a group: what needs attention first. */
static void
add_group(struct buf *b, const struct report *r, const char *group)
{
	static const enum state order[STATE_COUNT] = { STATE_FAIL,
	    STATE_UNKNOWN, STATE_WARN, STATE_WAIVED, STATE_SKIPPED,
	    STATE_PASS, STATE_NOT_APPLICABLE };
	const struct check *c;
	size_t i, k;

	for (i = 0; i < STATE_COUNT; i++)
		for (k = 0; k < r->check_count; k++) {
			c = &r->checks[k].check;
			if (c->state == order[i] &&
			    strcmp(c->group, group) == 0)
				add_check(b, c);
		}
}

static void
add_checks(struct buf *b, const struct report *r)
{
	size_t i;

	if (r->check_count == 0)
		return;
	element(b, "h2", NULL, "Checks");
	buf_adds(b, columns);
	for (i = 0; i < r->check_count; i++) {
		if (group_seen(r, i))
			continue;
		buf_adds(b, "<tbody><tr><th class=\"group\" colspan=\"3\" "
		    "scope=\"rowgroup\">");
		html(b, r->checks[i].check.group);
		buf_adds(b, "</th></tr>\n");
		add_group(b, r, r->checks[i].check.group);
		buf_adds(b, "</tbody>\n");
	}
	buf_adds(b, "</table>\n");
}

static void
add_causes(struct buf *b, const struct report *r)
{
	size_t i;

	if (r->cause_count > 0)
		element(b, "h2", NULL, "Causes");
	for (i = 0; i < r->cause_count; i++)
		add_cause(b, r, &r->causes[i]);
	add_evidence_list(b, r, &r->unexplained,
	    "Seen and not explained by any cause");
	if (r->next_why != NULL) {
		buf_adds(b, "<p>Next: ");
		html(b, r->next_why);
		buf_adds(b, "</p>\n");
	} else if (r->next_probe != NULL) {
		buf_adds(b, "<p>Next: <code>meetprobe probe ");
		html(b, r->next_probe);
		buf_adds(b, "</code></p>\n");
	}
}

static void
add_coverage(struct buf *b, const struct report *r)
{
	const struct report_coverage *c;
	size_t i;

	if (r->coverage_count == 0)
		return;
	element(b, "h2", NULL, "What was read");
	buf_adds(b, columns);
	buf_adds(b, "<tbody>\n");
	for (i = 0; i < r->coverage_count; i++) {
		c = &r->coverage[i];
		buf_addf(b, "<tr><td>%s</td><td class=\"words\">",
		    coverage_name(c->state));
		html(b, c->source);
		buf_adds(b, "</td><td class=\"soft words\">");
		if (c->lines > 0)
			buf_addf(b, "%zu lines ", c->lines);
		if (wall_is_set(c->from)) {
			add_time(b, c->from);
			buf_adds(b, " to ");
			add_time(b, c->to);
		}
		if (c->hint != NULL)
			element(b, "pre", NULL, c->hint);
		buf_adds(b, "</td></tr>\n");
	}
	buf_adds(b, "</tbody></table>\n");
}

void
page_index(struct buf *b, const struct report *r)
{
	buf_adds(b, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
	    "<meta charset=\"utf-8\"><meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">"
	    "<meta http-equiv=\"refresh\" content=\"60\"><title>");
	html(b, report_verdict_name(r->verdict));
	buf_adds(b, ": ");
	html(b, r->host);
	buf_addf(b, "</title><style>%s</style></head><body><main>\n", style);
	add_verdict(b, r);
	add_causes(b, r);
	add_checks(b, r);
	add_coverage(b, r);
	buf_adds(b, "<footer><nav class=\"soft\"><a href=\"/metrics\">metrics"
	    "</a><a href=\"/api/v1/report\">report</a>"
	    "<a href=\"/api/v1/causes\">causes</a>"
	    "<a href=\"/api/v1/sd\">agents</a></nav>"
	    "<p class=\"soft\">meetprobe " MEETPROBE_VERSION
	    "</p></footer>\n</main></body></html>\n");
}

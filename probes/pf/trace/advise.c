/* SPDX-License-Identifier: ISC */
/*
 * Which line to add where, so that a connection passes: a line is made for
 * the firewall that stops it, put into a copy of the file, and the way is
 * traced again, until it is open or no line helps. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/cur.h"
#include "agent/base/mem.h"
#include "probes/pf/matrix.h"
#include "probes/pf/names.h"
#include "probes/pf/trace/site.h"

/* Lines for one connection, and for all that are asked about at once. */
#define ROUNDS 8
#define ADDITIONS 48

/* One added line. */
struct addition {
	int host;
	int after;		/* line of the file as it was given */
	char *text;
};

static void
proto_text(struct buf *b, const struct pf_packet *p)
{
	const char *name = pf_proto_name(p->proto);

	buf_addf(b, " %s proto %s", p->af == PF_AF_INET6 ? "inet6" : "inet",
	    name == NULL ? "tcp" : name);
}

/* An interface as a rule would name it: its group when it is egress. */
static const char *
if_name(const struct pf_env *env, int i)
{
	return (pf_env_in_group(env, i, "egress") ? "egress" :
	    env->ifs[i].name);
}

/* 1 when this is the only address of its family in a list. */
static int
is_only(const struct pf_name_addr *a, enum pf_af af, const struct pf_ip *ip)
{
	int same = 0, other = 0;

	for (; a != NULL; a = a->next) {
		same += a->af == af && pf_ip_eq(&a->ip, ip);
		other += a->af == af && !pf_ip_eq(&a->ip, ip);
	}
	return (same > 0 && other == 0);
}

/*
 * A name whose only address of the family is this one, for rules that say
 * the family; 1 when there is one.
 */
static int
host_name(const struct pf_env *env, enum pf_af af, const struct pf_ip *ip,
    struct str *name)
{
	size_t i;

	for (i = 0; i < env->hosts.count; i++)
		if (is_only(env->hosts.list[i].value, af, ip)) {
			*name = env->hosts.list[i].key;
			return (1);
		}
	return (0);
}

/* A host as the file names it, else its address. */
static void
host_text(struct buf *b, const struct pf_env *env, enum pf_af af,
    const struct pf_ip *ip)
{
	struct str name;

	if (host_name(env, af, ip, &name))
		buf_add_str(b, name);
	else
		pf_ip_print(b, ip, af);
}

static int
on_loopback(const struct pf_env *env, const struct pf_step *st)
{
	return ((env->ifs[st->interface].flags & PF_IF_LOOPBACK) != 0);
}

static int
is_own(const struct pf_env *env, const struct pf_packet *p, int source)
{
	return (pf_env_own(env, p->af, source ? &p->src : &p->dst) != -1);
}

/* " from X" for packets that come in: the one that was asked about only. */
static void
from_text(struct buf *b, const struct pf_env *env,
    const struct pf_question *q, const struct pf_path *path,
    const struct pf_step *st)
{
	const struct pf_packet *p = &st->before;
	struct str name;

	if (st->dir != PF_IN || is_own(env, p, 1) ||
	    strcmp(q->from, "outside") == 0 || strcmp(q->from, "any") == 0 ||
	    strcmp(q->from, PF_CLIENT) == 0)
		return;
	if (!host_name(env, p->af, &p->src, &name) &&
	    !pf_ip_eq(&p->src, &path->steps[0].before.src))
		return;
	buf_adds(b, " from ");
	host_text(b, env, p->af, &p->src);
}

/* pass for the packet of a step that was blocked. */
static void
pass_line(const struct pf_site *s, const struct pf_question *q,
    const struct pf_path *path, const struct pf_step *st, int quick,
    struct buf *b)
{
	const struct pf_env *env = s->hosts[st->host].env;
	const struct pf_packet *p = &st->before;

	buf_addf(b, "pass %s%s on %s", st->dir == PF_IN ? "in" : "out",
	    quick ? " quick" : "", if_name(env, st->interface));
	proto_text(b, p);
	from_text(b, env, q, path, st);
	buf_adds(b, " to ");
	if (st->dir == PF_IN && is_own(env, p, 0))
		buf_adds(b, pf_env_in_group(env, st->interface, "egress") ?
		    "(egress)" : "self");
	else
		host_text(b, env, p->af, &p->dst);
	if (p->proto == 6 || p->proto == 17)
		buf_addf(b, " port %u", p->dport);
}

/* What the firewall at the end of a path needs; -1: no line helps. */
static int
make_line(const struct pf_site *s, const struct pf_question *q,
    const struct pf_path *path, struct buf *b, const struct pf_step **at)
{
	const struct pf_step *st = &path->steps[path->count - 1];
	const struct pf_env *env;
	struct pf_step seen;
	int redirect;

	if (path->count == 0)
		return (-1);
	/* A redirect to the wrong host: another one behind it. */
	if (path->end == PF_END_ELSEWHERE && path->redirect != -1)
		st = &path->steps[path->redirect];
	*at = st;
	env = s->hosts[st->host].env;
	/* Rules see what match rules before them have made of it. */
	seen = *st;
	if (path->end == PF_END_BLOCKED && s->hosts[st->host].ready)
		seen.before = pf_matched(&s->hosts[st->host], &st->before,
		    &st->verdict);
	redirect = path->via_public && !q->public_name && st->host !=
	    path->wanted && st->dir == PF_IN && is_own(env, &seen.before,
	    0) && q->port != 0;
	switch (path->end) {
	case PF_END_BLOCKED:
		if (st->verdict.rule == NULL)
			return (-1);
		if (on_loopback(env, st)) {
			buf_addf(b, "set skip on %s", pf_env_in_group(env,
			    st->interface, "lo") ? "lo" :
			    env->ifs[st->interface].name);
			return (0);
		}
		pass_line(s, q, path, &seen, st->verdict.rule->quick, b);
		break;
	case PF_END_ELSEWHERE:
		if (!redirect)
			return (-1);
		pass_line(s, q, path, st, st->verdict.rule != NULL &&
		    st->verdict.rule->quick, b);
		break;
	case PF_END_PRIVATE:
		buf_addf(b, "match out on %s inet from ", if_name(env,
		    st->interface));
		host_text(b, env, st->before.af, &st->before.src);
		buf_addf(b, " nat-to (%s)", if_name(env, st->interface));
		return (0);
	case PF_END_REPLY:
		*at = &path->steps[path->reply];
		pass_line(s, q, path, *at, 0, b);
		return (0);
	default:
		return (-1);
	}
	if (redirect)
		buf_addf(b, " rdr-to %s", q->to);
	return (0);
}

/* The last physical line of the statement that starts on a line. */
static int
statement_end(const struct pf_site_host *h, int line)
{
	struct cur c;
	struct str s;
	int n = 0, depth = 0;
	size_t i;

	cur_init(&c, h->text, h->len);
	while (cur_left(&c) > 0) {
		s = cur_line(&c);
		if (++n < line)
			continue;
		for (i = 0; i < s.n && s.p[i] != '#'; i++)
			depth += s.p[i] == '{' ? 1 : s.p[i] == '}' ? -1 : 0;
		if (depth <= 0 && !str_ends(s, "\\"))
			return (n);
	}
	return (n);
}

static int
last_line(const struct pf_site_host *h)
{
	struct cur c;
	int n = 0;

	cur_init(&c, h->text, h->len);
	while (cur_left(&c) > 0) {
		cur_line(&c);
		n++;
	}
	return (n);
}

/* The line of the host's file after which the new one belongs. */
static int
place(const struct pf_site *s, const struct pf_path *path,
    const struct pf_step *st, int before)
{
	const struct pf_site_host *h = &s->hosts[st->host];
	const struct pf_rule *r = st->verdict.rule, *other;
	int i, line;

	if (r == NULL || strcmp(r->file, h->file) != 0) {
		/* Loaded from another file: the rule that calls it counts. */
		r = st->verdict.anchor;
		return (r != NULL && before && strcmp(r->file, h->file) ==
		    0 ? r->line - 1 : last_line(h));
	}
	if (before)
		return (r->line - 1);
	line = statement_end(h, r->line);
	if (st->verdict.anchor != NULL)
		return (line);
	/* Beside the rule that let the connection in, when that is later. */
	for (i = 0; i < path->count && path->end != PF_END_ELSEWHERE; i++) {
		other = path->steps[i].verdict.rule;
		if (path->steps[i].host == st->host && other != NULL &&
		    path->steps[i].verdict.anchor == NULL &&
		    strcmp(other->file, h->file) == 0 && other->line > line)
			line = statement_end(h, other->line);
	}
	return (line);
}

/* Puts a line into the text of a host's file. */
static void
insert(struct pf_site_host *h, int after, const char *text)
{
	struct buf b;
	struct cur c;
	struct str s;
	int n = 0;

	buf_init(&b, h->len + strlen(text) + 16);
	if (after <= 0)
		buf_addf(&b, "%s\n", text);
	cur_init(&c, h->text, h->len);
	while (cur_left(&c) > 0) {
		s = cur_line(&c);
		buf_add_str(&b, s);
		buf_addc(&b, '\n');
		if (++n == after)
			buf_addf(&b, "%s\n", text);
	}
	free(h->text);
	h->len = b.len;
	h->text = buf_take(&b);
	buf_free(&b);
}

/* A line number of the changed file as one of the file that was given. */
static int
original_line(const struct addition *list, int count, int host, int line)
{
	int i;

	for (i = count - 1; i >= 0; i--)
		if (list[i].host == host && list[i].after < line)
			line--;
	return (line);
}

/* The next line of a host's file, after `done`, that gets something. */
static int
next_place(const struct addition *list, int count, int host, int done)
{
	int i, best = -1;

	for (i = 0; i < count; i++)
		if (list[i].host == host && list[i].after > done &&
		    (best == -1 || list[i].after < best))
			best = list[i].after;
	return (best);
}

/* Lines of the file around what is added, as diff(1) -U shows them. */
#define CONTEXT 2

/* A file with what is added to it. */
struct diff {
	const struct addition *list;
	int count, host;
};

/* The last line that a hunk with additions after `at` goes to: those that
 * are near have one hunk together. */
static int
hunk_end(const struct diff *d, int at, int total, int *last)
{
	int next;

	*last = at;
	while ((next = next_place(d->list, d->count, d->host, *last)) != -1 &&
	    next - *last <= CONTEXT * 2)
		*last = next;
	return (*last + CONTEXT > total ? total : *last + CONTEXT);
}

static int
added_after(const struct diff *d, int after, struct buf *out)
{
	int i, n = 0;

	for (i = 0; i < d->count; i++) {
		if (d->list[i].host != d->host || d->list[i].after != after)
			continue;
		if (out != NULL)
			buf_addf(out, "+%s\n", d->list[i].text);
		n++;
	}
	return (n);
}

/* A line of the file, tabs as they are, so that patch(1) finds it. */
static void
add_line(struct buf *out, struct str line)
{
	size_t at;

	while ((at = str_chr(line, '\t')) != SIZE_MAX) {
		buf_add_safe(out, str_sub(line, 0, at));
		buf_addc(out, '\t');
		line = str_sub(line, at + 1, line.n);
	}
	buf_add_safe(out, line);
	buf_addc(out, '\n');
}

/* One hunk: lines from to to of the file and what is added between. Returns
 * how many lines were added. */
static int
print_hunk(const struct diff *d, struct str text, int from, int to,
    int offset, struct buf *out)
{
	struct cur c;
	struct str line;
	int n, added = 0;

	for (n = from - 1; n <= to; n++)
		added += added_after(d, n, NULL);
	buf_addf(out, "@@ -%d,%d +%d,%d @@\n", to < from ? 0 : from,
	    to - from + 1, from + offset, to - from + 1 + added);
	if (from == 1)
		(void)added_after(d, 0, out);
	cur_init(&c, text.p, text.n);
	for (n = 1; n <= to && cur_left(&c) > 0; n++) {
		line = cur_line(&c);
		if (n < from)
			continue;
		buf_addc(out, ' ');
		add_line(out, line);
		(void)added_after(d, n, out);
	}
	return (added);
}

static void
print_diff(const struct pf_site *s, const struct addition *list, int count,
    struct buf *out)
{
	struct diff d = { .list = list, .count = count };
	const struct pf_site_host *h;
	int at, last, from, to, offset;

	for (d.host = 0; d.host < s->count; d.host++) {
		h = &s->hosts[d.host];
		if ((at = next_place(list, count, d.host, -1)) == -1)
			continue;
		buf_addf(out, "--- %s\n+++ %s\n", h->file, h->file);
		offset = 0;
		for (; at != -1; at = next_place(list, count, d.host, last)) {
			to = hunk_end(&d, at, last_line(h), &last);
			from = at - CONTEXT + 1 < 1 ? 1 : at - CONTEXT + 1;
			offset += print_hunk(&d, str_of(h->text, h->len),
			    from, to, offset, out);
		}
	}
}

/* The blanks that the rule of a step begins with, inside an anchor. */
static struct str
indent_of(const struct pf_site_host *h, const struct pf_step *st)
{
	const struct pf_rule *r = st->verdict.rule;
	struct cur c;
	struct str line = str_of(NULL, 0);
	size_t i = 0;
	int n;

	if (r == NULL || st->verdict.anchor == NULL ||
	    strcmp(r->file, h->file) != 0)
		return (line);
	cur_init(&c, h->text, h->len);
	for (n = 0; n < r->line && cur_left(&c) > 0; n++)
		line = cur_line(&c);
	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	return (str_sub(line, 0, i));
}

/* Adds one line and traces again; -1: no line helps. */
static int
try_line(struct pf_site *s, const struct pf_question *q,
    struct pf_path *path, struct addition *list, int *count)
{
	const struct pf_step *st = NULL;
	struct pf_site_host *h;
	struct errlist errs;
	struct str indent;
	struct buf b;
	int before, after, status = -1;

	errlist_init(&errs);
	buf_init(&b, 4096);
	if (make_line(s, q, path, &b, &st) == 0 &&
	    s->hosts[st->host].ready) {
		h = &s->hosts[st->host];
		before = path->end == PF_END_PRIVATE ||
		    on_loopback(h->env, st) || (st->verdict.rule != NULL &&
		    st->verdict.rule->quick);
		after = place(s, path, st, before);
		list[*count].host = st->host;
		list[*count].after = original_line(list, *count, st->host,
		    after);
		indent = indent_of(h, st);
		list[*count].text = mem_printf("%.*s%s", STR_ARG(indent),
		    buf_cstr(&b));
		insert(h, after, list[*count].text);
		(*count)++;
		if (pf_site_reload(h, &errs) == 0)
			status = pf_trace(s, q, path, &errs);
	}
	buf_free(&b);
	errlist_free(&errs);
	return (status);
}

/* The files as they were given. */
static void
restore(struct pf_site *s, char **texts, const size_t *lens)
{
	struct errlist errs;
	int i;

	errlist_init(&errs);
	for (i = 0; i < s->count; i++) {
		if (texts[i] == NULL)
			continue;
		free(s->hosts[i].text);
		s->hosts[i].text = texts[i];
		s->hosts[i].len = lens[i];
		pf_site_reload(&s->hosts[i], &errs);
	}
	errlist_free(&errs);
}

/* Adds lines until the way is open; 0, or -1: nothing helps. */
static int
open_way(struct pf_site *s, const struct pf_question *q,
    struct addition *list, int *count)
{
	struct pf_path *path = mem_zalloc(1, sizeof(*path));
	struct errlist errs;
	int rounds, status;

	errlist_init(&errs);
	status = pf_trace(s, q, path, &errs);
	for (rounds = 0; status == 0 && path->end != PF_END_ARRIVED;
	    rounds++)
		status = rounds == ROUNDS || *count == ADDITIONS ? -1 :
		    try_line(s, q, path, list, count);
	errlist_free(&errs);
	free(path);
	return (status);
}

/* What is shut as the files are, and would be open with the lines. */
static void
tell_opened(struct pf_site *s, const struct pf_advice *a,
    const struct addition *list, int count)
{
	struct pf_path *path = mem_zalloc(1, sizeof(*path));
	const struct pf_step *st;
	struct errlist errs;
	size_t i;
	int k;

	errlist_init(&errs);
	for (i = 0; a->opened != NULL && i < a->shut_count; i++) {
		if (pf_trace(s, &a->shut[i], path, &errs) == -1 ||
		    path->end != PF_END_ARRIVED)
			continue;
		buf_addf(a->opened, "port %d of %s would be open too",
		    a->shut[i].port, a->shut[i].to);
		for (k = 0; k < path->count; k++) {
			st = &path->steps[k];
			if (st->unseen || st->verdict.rule == NULL ||
			    st->dir != PF_IN)
				continue;
			buf_addf(a->opened, ": %s:%d lets it in",
			    st->verdict.rule->file, original_line(list,
			    count, st->host, st->verdict.rule->line));
			break;
		}
		buf_addc(a->opened, '\n');
	}
	errlist_free(&errs);
	free(path);
}

int
pf_advise_all(struct pf_site *s, const struct pf_advice *a)
{
	struct addition list[ADDITIONS];
	char *texts[PF_SITE_HOSTS];
	size_t lens[PF_SITE_HOSTS], k;
	int i, count = 0, open = 1;

	for (i = 0; i < s->count; i++) {
		texts[i] = s->hosts[i].text == NULL ? NULL :
		    mem_str(str_of(s->hosts[i].text, s->hosts[i].len));
		lens[i] = s->hosts[i].len;
	}
	for (k = 0; k < a->wanted_count && open; k++)
		open = open_way(s, &a->wanted[k], list, &count) == 0;
	if (open)
		tell_opened(s, a, list, count);
	restore(s, texts, lens);
	if (open)
		print_diff(s, list, count, a->diff);
	for (i = 0; i < count; i++)
		free(list[i].text);
	return (open && count > 0);
}

int
pf_advise(struct pf_site *s, const struct pf_question *q,
    const struct pf_path *path, struct buf *out)
{
	struct pf_advice a = { .wanted = q, .wanted_count = 1, .diff = out };

	return (path->end == PF_END_ARRIVED ? 0 : pf_advise_all(s, &a));
}

/* SPDX-License-Identifier: ISC */
/*
 * What pfctl(8) refuses in a pf.conf, with how to put it right, and what of
 * a file could not be looked at. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "probes/config/pf/rules_pf.h"

/* Findings of one file. */
#define REFUSALS 20

struct val
pf_place(const struct filter *one, const char *name, int line,
    const char *word, struct item *at)
{
	const struct config_file *file = name[0] == '\0' ? one->file :
	    filters_file(one, name);
	struct str text, rest;
	size_t start = 0, i;

	memset(at, 0, sizeof(*at));
	if (file == NULL)
		file = one->file;
	if (line <= 0)
		return ((struct val){ file, NULL });
	text = lines_get(&file->lines, line);
	rest = str_sub(text, 0, str_chr(text, '#'));
	while (rest.n > 0 && strchr(" \t\r\\", rest.p[rest.n - 1]) != NULL)
		rest.n--;
	while (start < rest.n && (rest.p[start] == ' ' ||
	    rest.p[start] == '\t'))
		start++;
	i = word == NULL ? SIZE_MAX : str_find(rest, word);
	at->line = line;
	at->column = (int)(i != SIZE_MAX ? i : start) + 1;
	at->end_column = (int)(i != SIZE_MAX ? i + strlen(word) : rest.n) +
	    1;
	return ((struct val){ file, at });
}

/* The word between the first two quotes, or after the last blank. */
static char *
quoted(const char *message)
{
	struct str s = str_from(message);
	size_t open = str_chr(s, '\''), close;

	if (open == SIZE_MAX)
		return (NULL);
	s = str_sub(s, open + 1, s.n);
	close = str_chr(s, '\'');
	return (mem_str(str_sub(s, 0, close)));
}

static char *
last_word(const char *message)
{
	const char *blank = strrchr(message, ' ');

	return (blank == NULL ? NULL : mem_strdup(blank + 1));
}

/* The known name that one was meant to be; NULL. */
static char *
meant(const struct filter *one, const char *name)
{
	const struct map *hosts = &one->h->env->hosts;
	size_t i, best = SIZE_MAX, d, least = 3;

	for (i = 0; i < hosts->count; i++) {
		d = str_distance(hosts->list[i].key, str_from(name), 2);
		if (d < least) {
			least = d;
			best = i;
		}
	}
	if (best == SIZE_MAX || least >= strlen(name))
		return (NULL);
	return (mem_printf("%.*s", STR_ARG(hosts->list[best].key)));
}

/* One refusal explained. */
struct reason {
	char *word;		/* where it is, or NULL */
	char *text, *fix;	/* fix or NULL */
};

/* A list as a macro's value wants quotes: vms={ web xmpp }. */
static int
is_bare_list(struct str line)
{
	struct str name = str_trim(str_split(&line, '='));

	return (line.n > 0 && name.n > 0 && str_chr(name, ' ') == SIZE_MAX &&
	    str_starts(str_trim(line), "{"));
}

/* to ... proto: the protocol goes before the addresses. */
static int
is_late_proto(struct str line)
{
	size_t to = str_find(line, " to "), proto = str_find(line, " proto "),
	    port = str_find(line, " port ");
	size_t bare = str_find(line, " tcp ");

	if (bare == SIZE_MAX)
		bare = str_find(line, " udp ");
	return ((to != SIZE_MAX && proto != SIZE_MAX && proto > to) ||
	    (proto == SIZE_MAX && bare != SIZE_MAX && port != SIZE_MAX));
}

/* nat, rdr and binat were rules of their own, and so was scrub. */
static int
is_old(struct str line)
{
	static const char *const first[] = { "nat ", "rdr ", "binat ",
	    "no nat ", "no rdr ", "nat-anchor ", "rdr-anchor ", "scrub ",
	    "altq ", "set require-order " };
	size_t i;

	for (i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (str_starts(line, first[i]))
			return (1);
	return (0);
}

static void
explain_syntax(const struct err *e, struct str line, struct reason *out)
{
	struct str name = line;

	(void)e;
	line = str_trim(str_sub(line, 0, str_chr(line, '#')));
	if (is_bare_list(line)) {
		name = str_trim(str_split(&name, '='));
		out->text = mem_printf("a list as the value of a macro needs "
		    "quotes");
		out->fix = mem_printf("%.*s = \"%.*s\"", STR_ARG(name),
		    STR_ARG(str_trim(str_sub(line, str_chr(line, '=') + 1,
		    line.n))));
		out->word = mem_strdup("{");
	} else if (is_late_proto(line)) {
		out->text = mem_strdup("the protocol needs the word proto, "
		    "and it stands before from and to");
		out->fix = mem_strdup("pass in on egress proto tcp to "
		    "(egress) port { 80 443 }");
	} else if (is_old(line)) {
		out->text = mem_strdup("the syntax of FreeBSD, macOS and "
		    "OpenBSD before 4.7");
		out->fix = mem_strdup("pass in on egress proto tcp to "
		    "(egress) port 443 rdr-to web, match out on egress "
		    "nat-to (egress)");
	} else
		out->text = mem_strdup("syntax error");
}

static void
explain_name(const struct filter *one, const struct err *e,
    struct reason *out)
{
	char *close;

	out->word = last_word(e->message);
	close = out->word == NULL ? NULL : meant(one, out->word);
	out->text = mem_printf("%s%s%s", e->message, one->hosts == NULL ? "" :
	    ": it is not in ", one->hosts == NULL ? "" : one->hosts->name);
	if (close != NULL)
		out->fix = mem_printf("%s, or an entry for %s in the hosts "
		    "file of %s", close, out->word, one->name);
	else
		out->fix = mem_printf("an entry for %s in the hosts file of "
		    "%s", out->word == NULL ? "it" : out->word, one->name);
	free(close);
}

static void
explain(const struct filter *one, const struct err *e, struct str line,
    struct reason *out)
{
	char *name;

	memset(out, 0, sizeof(*out));
	if (strcmp(e->message, "syntax error") == 0)
		explain_syntax(e, line, out);
	else if (strstr(e->message, "not defined") != NULL &&
	    strstr(e->message, "macro") != NULL) {
		name = quoted(e->message);
		out->word = mem_printf("$%s", name == NULL ? "" : name);
		out->text = mem_printf("%s", e->message);
		out->fix = mem_printf("define it above: %s = \"ADDRESS\"",
		    name == NULL ? "NAME" : name);
		free(name);
	} else if (strstr(e->message, "different address families") != NULL) {
		out->text = mem_printf("%s: the name has an IPv4 and an IPv6 "
		    "address", e->message);
		out->fix = mem_strdup("write inet before proto, and a second "
		    "rule with inet6 for the other family");
		out->word = mem_strdup(strncmp(e->message, "translation",
		    11) == 0 ? "rdr-to" : "route-to");
	} else if (strstr(e->message, "no IP address found for") != NULL)
		explain_name(one, e, out);
	else
		out->text = mem_strdup(e->message);
}

/* A macro whose own definition is what is wrong. */
static int
is_badly_defined(const struct filter *one, const struct err *macro)
{
	const struct config_file *file = filters_file(one, macro->file);
	const struct err *e;
	struct str line;
	char *name = quoted(macro->message);
	size_t i;
	int found = 0;

	for (i = 0; name != NULL && file != NULL && i < one->errors.count;
	    i++) {
		e = &one->errors.list[i];
		if (e->line >= macro->line || strcmp(e->file, macro->file) !=
		    0)
			continue;
		line = lines_get(&file->lines, e->line);
		found |= str_eqs(str_trim(str_sub(line, 0, str_chr(line,
		    '='))), name);
	}
	free(name);
	return (found);
}

/* Messages that say only that a line is wrong. */
static int
is_vague(const char *message)
{
	static const char *const vague[] = { "syntax error",
	    "could not parse host specification",
	    "skipping rule due to errors",
	    "rule expands to no valid combination" };
	size_t n;

	for (n = 0; n < sizeof(vague) / sizeof(vague[0]); n++)
		if (strcmp(message, vague[n]) == 0)
			return (1);
	return (0);
}

/* What follows from another message: of the same line, or of a name that is
 * missing in several. */
static int
is_follow_up(const struct filter *one, size_t i)
{
	const struct errlist *errors = &one->errors;
	const struct err *e = &errors->list[i], *o;
	int macro = strstr(e->message, "not defined") != NULL;
	size_t k;

	if (macro && is_badly_defined(one, e))
		return (1);
	for (k = 0; k < errors->count; k++) {
		o = &errors->list[k];
		if (k == i || strcmp(o->file, e->file) != 0)
			continue;
		if (o->line == e->line && is_vague(e->message) &&
		    strcmp(o->message, e->message) != 0)
			return (1);
		if (k < i && filters_proven(one, o) && o->line == e->line)
			return (1);
		if (k < i && (macro || filters_unresolved(e->message).n > 0) &&
		    strcmp(o->message, e->message) == 0)
			return (1);
	}
	return (0);
}

static void
say_refusal(struct lint *l, const struct filter *one, const struct err *e)
{
	const struct config_file *file = filters_file(one, e->file);
	struct reason why;
	struct item at;
	struct val where;

	explain(one, e, file == NULL ? str_of("", 0) : lines_get(&file->lines,
	    e->line), &why);
	where = pf_place(one, e->file, e->line, why.word, &at);
	lint_say(l, "pf-config-not-loaded", where, NOWHERE, why.fix,
	    "pfctl refuses the file, the rules loaded before stay: %s",
	    why.text);
	if (why.fix != NULL)
		lint_capture(l, "advice", str_from(why.fix));
	free(why.word);
	free(why.text);
	free(why.fix);
}

static void
join(struct buf *b, char *const *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		buf_addf(b, "%s%s", i > 0 ? ", " : "", list[i]);
}

/* Only what a file says and others do not give. */
static void
say_partial(struct lint *l, const struct filter *one)
{
	struct val file = { one->file, NULL };
	struct buf b;

	buf_init(&b, 2000);
	if (one->missing_count > 0) {
		join(&b, one->missing, one->missing_count);
		lint_say(l, "config-include-not-given", file, NOWHERE, NULL,
		    "%s was not given: what these rules pass is not judged",
		    buf_cstr(&b));
	}
	buf_clear(&b);
	if (one->unknown_count > 0) {
		join(&b, one->unknown, one->unknown_count);
		lint_say(l, "pf-name-not-known", file, NOWHERE, NULL,
		    "no file given says what %s is: give the hosts file of "
		    "%s", buf_cstr(&b), one->name);
	}
	buf_free(&b);
}

void
pf_say_refused(struct lint *l, const struct filter *one)
{
	size_t i, said = 0;

	for (i = 0; one->refused && i < one->errors.count; i++) {
		if (is_follow_up(one, i) || !filters_proven(one,
		    &one->errors.list[i]) || said++ >= REFUSALS)
			continue;
		say_refusal(l, one, &one->errors.list[i]);
	}
	say_partial(l, one);
}

/* SPDX-License-Identifier: ISC */
/*
 * Characters of pf.conf(5) into tokens: comments, continued lines, quotes,
 * numbers, words and keywords, macros (whose values are pushed back and read
 * again), files within files. Pure: files come through pf_files.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/parse.h"

#define WORD_MAX 8095
#define END (-1)
/* Marks around a macro's value among the pushed back characters. */
#define EXPAND_START 1
#define EXPAND_DONE 2

static const struct {
	const char *name;
	int token;
} keywords[] = {
	{ "af-to", K_AFTO }, { "all", K_ALL }, { "allow-opts", K_ALLOWOPTS },
	{ "anchor", K_ANCHOR }, { "antispoof", K_ANTISPOOF },
	{ "any", K_ANY }, { "bandwidth", K_BANDWIDTH },
	{ "binat-to", K_BINATTO }, { "bitmask", K_BITMASK },
	{ "block", K_BLOCK }, { "block-policy", K_BLOCKPOLICY },
	{ "burst", K_BURST }, { "code", K_CODE }, { "debug", K_DEBUG },
	{ "default", K_DEFAULT }, { "delay", K_DELAY },
	{ "divert-packet", K_DIVERTPACKET },
	{ "divert-reply", K_DIVERTREPLY }, { "divert-to", K_DIVERTTO },
	{ "drop", K_DROP }, { "dup-to", K_DUPTO }, { "file", K_FILE },
	{ "fingerprints", K_FINGERPRINTS }, { "flags", K_FLAGS },
	{ "floating", K_FLOATING }, { "flows", K_FLOWS },
	{ "flush", K_FLUSH }, { "for", K_FOR }, { "fragment", K_FRAGMENT },
	{ "from", K_FROM }, { "global", K_GLOBAL }, { "group", K_GROUP },
	{ "hostid", K_HOSTID }, { "icmp-type", K_ICMPTYPE },
	{ "icmp6-type", K_ICMP6TYPE }, { "if-bound", K_IFBOUND },
	{ "in", K_IN }, { "include", K_INCLUDE }, { "inet", K_INET },
	{ "inet6", K_INET6 }, { "keep", K_KEEP }, { "label", K_LABEL },
	{ "least-states", K_LEASTSTATES }, { "limit", K_LIMIT },
	{ "load", K_LOAD }, { "log", K_LOG },
	{ "loginterface", K_LOGINTERFACE }, { "match", K_MATCH },
	{ "matches", K_MATCHES }, { "max", K_MAX }, { "max-mss", K_MAXMSS },
	{ "max-pkt-rate", K_MAXPKTRATE }, { "max-src-conn", K_MAXSRCCONN },
	{ "max-src-conn-rate", K_MAXSRCCONNRATE },
	{ "max-src-nodes", K_MAXSRCNODES },
	{ "max-src-states", K_MAXSRCSTATES }, { "min", K_MIN },
	{ "min-ttl", K_MINTTL }, { "modulate", K_MODULATE },
	{ "nat-to", K_NATTO }, { "no", K_NO }, { "no-df", K_NODF },
	{ "no-route", K_NOROUTE }, { "no-sync", K_NOSYNC }, { "on", K_ON },
	{ "once", K_ONCE }, { "optimization", K_OPTIMIZATION },
	{ "os", K_OS }, { "out", K_OUT }, { "overload", K_OVERLOAD },
	{ "parent", K_PARENT }, { "pass", K_PASS }, { "pflow", K_PFLOW },
	{ "port", K_PORT }, { "prio", K_PRIO },
	{ "probability", K_PROBABILITY }, { "proto", K_PROTO },
	{ "qlimit", K_QLIMIT }, { "quantum", K_QUANTUM },
	{ "queue", K_QUEUE }, { "quick", K_QUICK }, { "random", K_RANDOM },
	{ "random-id", K_RANDOMID }, { "rdomain", K_RDOMAIN },
	{ "rdr-to", K_RDRTO }, { "reassemble", K_REASSEMBLE },
	{ "received-on", K_RECEIVEDON }, { "reply-to", K_REPLYTO },
	{ "return", K_RETURN }, { "return-icmp", K_RETURNICMP },
	{ "return-icmp6", K_RETURNICMP6 }, { "return-rst", K_RETURNRST },
	{ "round-robin", K_ROUNDROBIN }, { "route", K_ROUTE },
	{ "route-to", K_ROUTETO }, { "rtable", K_RTABLE },
	{ "rule", K_RULE }, { "ruleset-optimization", K_RULESETOPT },
	{ "scrub", K_SCRUB }, { "set", K_SET }, { "skip", K_SKIP },
	{ "sloppy", K_SLOPPY }, { "source-hash", K_SOURCEHASH },
	{ "source-track", K_SOURCETRACK }, { "state", K_STATE },
	{ "state-defaults", K_STATEDEFAULTS },
	{ "state-policy", K_STATEPOLICY }, { "static-port", K_STATICPORT },
	{ "sticky-address", K_STICKYADDRESS },
	{ "syncookies", K_SYNCOOKIES }, { "synproxy", K_SYNPROXY },
	{ "table", K_TABLE }, { "tag", K_TAG }, { "tagged", K_TAGGED },
	{ "timeout", K_TIMEOUT }, { "to", K_TO }, { "tos", K_TOS },
	{ "ttl", K_TTL }, { "urpf-failed", K_URPFFAILED },
	{ "user", K_USER }, { "weight", K_WEIGHT },
};

#define KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

/* Keywords within limiters only: words that older files use as names. */
static const struct {
	const char *name;
	int token;
} limiter_keywords[] = {
	{ "above", K_ABOVE }, { "below", K_BELOW }, { "entries", K_ENTRIES },
	{ "id", K_ID }, { "limiter", K_LIMITER }, { "mask", K_MASK },
	{ "no-match", K_NOMATCH }, { "rate", K_RATE },
	{ "source", K_SOURCE },
};

#define LIMITER_KEYWORDS \
	(sizeof(limiter_keywords) / sizeof(limiter_keywords[0]))

static int
keyword_cmp(const void *key, const void *elem)
{
	const char *const *e = elem;

	return (strcmp(key, *e));
}

static int
keyword(const char *word)
{
	const char *const *k;

	k = bsearch(word, keywords, KEYWORDS, sizeof(keywords[0]),
	    keyword_cmp);
	if (k == NULL)
		return (T_STRING);
	return (keywords[((const char *)k - (const char *)keywords) /
	    (ptrdiff_t)sizeof(keywords[0])].token);
}

int
pf_lex_open(struct pf_lexer *l, const char *name, int *error)
{
	struct pf_source *s;
	struct pf_conf *c = l->conf;
	char *text = NULL;
	size_t len = 0;

	if (l->depth >= LIMIT_INCLUDE_DEPTH || c->opened >= LIMIT_PF_FILES) {
		*error = 0;
		return (-1);
	}
	c->opened++;
	if ((*error = c->files.read(c->files.arg, name, &text, &len)) != 0)
		return (-1);
	s = mem_zalloc(1, sizeof(*s));
	s->text = text;
	s->len = len;
	s->name = pf_strdup(&c->arena, str_from(name));
	/* The line end that closes the include statement counts it to 1. */
	s->line = l->top == NULL ? 1 : 0;
	s->below = l->top;
	l->top = s;
	l->depth++;
	return (0);
}

static void
close_top(struct pf_lexer *l)
{
	struct pf_source *s = l->top;

	l->top = s->below;
	l->depth--;
	free(s->text);
	free(s->back);
	free(s);
}

void
pf_lex_close(struct pf_lexer *l)
{
	while (l->top != NULL)
		close_top(l);
}

const char *
pf_lex_file(const struct pf_lexer *l)
{
	return (l->top == NULL ? "" : l->top->name);
}

void
pf_lex_unget(struct pf_lexer *l, int c)
{
	struct pf_source *s = l->top;
	unsigned char *p;

	if (c == END)
		return;
	p = mem_grow(s->back, s->backs, &s->back_cap, 1,
	    LIMIT_PF_EXPANSION);
	if (p == NULL) {
		l->overflow = 1;
		return;
	}
	s->back = p;
	s->back[s->backs++] = (unsigned char)c;
}

/* The next character, whatever it is. */
static int
raw(struct pf_lexer *l)
{
	struct pf_source *s = l->top;
	int c;

	if (l->overflow)
		return (END);
	for (;;) {
		if (s->backs > 0) {
			c = s->back[--s->backs];
			if (c == EXPAND_START)
				l->expanding = 1;
			else if (c == EXPAND_DONE)
				l->expanding = 0;
			else
				return (c);
		} else if (s->pos < s->len)
			return ((unsigned char)s->text[s->pos++]);
		else
			return (END);
	}
}

/* The next character outside quotes: lines joined, files left at their end. */
static int
get(struct pf_parser *p)
{
	struct pf_lexer *l = &p->lex;
	int c, next;

	while ((c = raw(l)) == '\\') {
		next = raw(l);
		if (next != '\n') {
			c = next;
			break;
		}
		p->line = l->top->line;
		l->top->line++;
	}
	while (c == END) {
		/* A last line without an end gets one. */
		if (!l->top->ended) {
			l->top->ended = 1;
			return ('\n');
		}
		if (l->top->below == NULL)
			return (END);
		close_top(l);
		c = raw(l);
	}
	return (c);
}

/* Takes the rest of the line and its end, which so is no token. */
static void
skip_line(struct pf_parser *p)
{
	int c;

	while ((c = get(p)) != '\n' && c != END)
		;
	if (c == '\n')
		p->lex.top->line++;
}

static int
too_long(struct pf_parser *p)
{
	pf_error(p, "string too long");
	skip_line(p);
	return (T_ERROR);
}

/* Pushes the value of the macro that follows back; 0, or -1 and told. */
static int
expand_macro(struct pf_parser *p)
{
	char name[WORD_MAX + 1];
	struct pf_lexer *l = &p->lex;
	const char *value;
	size_t n = 0;
	int c;

	while ((c = get(p)) != END && (isalnum(c) || c == '_')) {
		if (n == WORD_MAX)
			return (too_long(p), -1);
		name[n++] = (char)c;
	}
	name[n] = '\0';
	pf_lex_unget(l, c);
	value = map_get(&l->conf->macros, str_of(name, n));
	if (value == NULL) {
		pf_error(p, "macro '%s' not defined", name);
		skip_line(p);
		return (-1);
	}
	n = strlen(value);
	if ((l->conf->expanded += n + 2) > LIMIT_PF_EXPANSION) {
		if (!l->overflow)
			pf_error(p, "macros expand to too much text");
		l->overflow = 1;
		return (-1);
	}
	pf_lex_unget(l, EXPAND_DONE);
	while (n > 0)
		pf_lex_unget(l, (unsigned char)value[--n]);
	pf_lex_unget(l, EXPAND_START);
	return (0);
}

/* What follows a backslash in quotes: END when nothing is added. */
static int
quoted_escape(struct pf_parser *p, int quote)
{
	struct pf_lexer *l = &p->lex;
	int next = raw(l);

	if (next == quote || next == ' ' || next == '\t')
		return (next);
	if (next == '\n') {
		l->top->line++;
		return (END);
	}
	pf_lex_unget(l, next);
	return ('\\');
}

static int
quoted(struct pf_parser *p, int quote)
{
	char word[WORD_MAX + 1];
	struct pf_lexer *l = &p->lex;
	size_t n = 0;
	int c;

	for (;;) {
		c = raw(l);
		if (c == END) {
			pf_error(p, "reached end of file while parsing quoted "
			    "string");
			if (l->top->below == NULL)
				return (T_EOF);
			close_top(l);
			c = quote;
		}
		if (c == quote)
			break;
		if (c == '\0') {
			pf_error(p, "syntax error");
			skip_line(p);
			return (T_ERROR);
		}
		if (c == '\n') {
			l->top->line++;
			continue;
		}
		if (c == '\\' && (c = quoted_escape(p, quote)) == END)
			continue;
		if (n == WORD_MAX - 1)
			return (too_long(p));
		word[n++] = (char)c;
	}
	p->string = pf_strdup(&l->conf->arena, str_of(word, n));
	return (T_STRING);
}

static int
ends_number(int c)
{
	return (c == END || isspace(c) || c == ')' || c == ',' || c == '/' ||
	    c == '}' || c == '=');
}

static int
in_word(int c)
{
	if (c == END || isalnum(c))
		return (c != END);
	return (ispunct(c) && strchr("(){}<>!=/#,", c) == NULL);
}

/* 0: it was no number, all but the first character is pushed back. */
static int
number(struct pf_parser *p, int first)
{
	char word[WORD_MAX + 1], *end;
	size_t n = 0;
	int c = first;

	do {
		if (n == WORD_MAX)
			return (too_long(p));
		word[n++] = (char)c;
	} while ((c = get(p)) != END && isdigit(c));
	pf_lex_unget(&p->lex, c);
	word[n] = '\0';
	if (!(n == 1 && first == '-') && ends_number(c)) {
		errno = 0;
		p->number = strtoll(word, &end, 10);
		if (errno == 0)
			return (T_NUMBER);
		pf_error(p, "\"%.40s\" invalid number: too %s", word,
		    first == '-' ? "small" : "large");
		skip_line(p);
		return (T_ERROR);
	}
	while (n > 1)
		pf_lex_unget(&p->lex, (unsigned char)word[--n]);
	return (0);
}

/* 1 when the word "limiter" follows on the line; nothing is taken. */
static int
limiter_follows(struct pf_parser *p)
{
	static const char limiter[] = "limiter";
	int seen[64], c;
	size_t n = 0, at = 0;

	do {
		c = seen[n++] = get(p);
		if (c == limiter[at])
			at++;
		else if (at > 0 || (c != ' ' && c != '\t'))
			break;
	} while (n < sizeof(seen) / sizeof(seen[0]) && c != END &&
	    at < sizeof(limiter));
	while (n > 0)
		pf_lex_unget(&p->lex, seen[--n]);
	return (at == sizeof(limiter) - 1 && !in_word(c));
}

static int
limiter_keyword(struct pf_parser *p, const char *text)
{
	size_t i;

	if (!p->lex.limiter)
		return (strcmp(text, "source") == 0 && limiter_follows(p) ?
		    K_SOURCE : T_STRING);
	for (i = 0; i < LIMITER_KEYWORDS; i++)
		if (strcmp(text, limiter_keywords[i].name) == 0)
			return (limiter_keywords[i].token);
	return (T_STRING);
}

static int
word(struct pf_parser *p, int first)
{
	char text[WORD_MAX + 1];
	size_t n = 0;
	int c = first, token;

	do {
		if (n == WORD_MAX)
			return (too_long(p));
		text[n++] = (char)c;
	} while (in_word(c = get(p)));
	pf_lex_unget(&p->lex, c);
	text[n] = '\0';
	if ((token = keyword(text)) == T_STRING)
		token = limiter_keyword(p, text);
	if (token == T_STRING || p->conf->live)
		p->string = pf_strdup(&p->conf->arena, str_of(text, n));
	return (token);
}

/* The token of two characters that starts with c, or c. */
static int
operator(struct pf_parser *p, int c)
{
	int next = get(p);

	if (next == '=' && c != '=')
		return (c == '!' ? T_NE : c == '<' ? T_LE : T_GE);
	if (c == '<' && next == '>')
		return (T_XRG);
	if (c == '>' && next == '<')
		return (T_IRG);
	pf_lex_unget(&p->lex, next);
	return (c);
}

/* The first character that is neither blank nor comment. */
static int
first_char(struct pf_parser *p)
{
	int c;

	while ((c = get(p)) == ' ' || c == '\t')
		;
	p->line = p->lex.top->line;
	if (c == '#')
		while ((c = get(p)) != '\n' && c != END)
			;
	return (c);
}

int
pf_lex(struct pf_parser *p)
{
	int c, token;

	while ((c = first_char(p)) == '$' && !p->lex.expanding)
		if (expand_macro(p) == -1)
			return (T_ERROR);
	switch (c) {
	case '\'':
	case '"':
		return (quoted(p, c));
	case '!':
	case '<':
	case '>':
		return (operator(p, c));
	case '\n':
		p->line = p->lex.top->line++;
		return (c);
	case END:
		return (T_EOF);
	case '\0':
		return (T_ERROR);
	}
	if (c == '-' || isdigit(c)) {
		if ((token = number(p, c)) != 0)
			return (token);
		if (c == '-')
			return (c);
	}
	if (isalnum(c) || c == ':' || c == '_')
		return (word(p, c));
	return (c);
}

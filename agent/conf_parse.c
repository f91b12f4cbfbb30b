/* SPDX-License-Identifier: ISC */
/*
 * The grammar of meetprobe.conf(5), a statement a line, from one table.
 * Pure. A faulty statement is told and skipped; the rest is read on.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include <stdlib.h>
#include <string.h>

#include "agent/base/lex.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/conf.h"
#include "agent/conf_parse.h"

struct statement {
	const char *word;
	int (*parse)(struct conf *, struct lex *);
};

/* Room for one more in a list; NULL, and an error told, when it is full. */
static void *
grow(struct lex *l, void *list, size_t *count, size_t *cap, size_t size)
{
	struct token t = lex_peek(l);
	void *grown = mem_grow(list, *count, cap, size, LIMIT_CONF_LIST);

	if (grown == NULL) {
		lex_error(l, &t, "too many of these statements");
		return (NULL);
	}
	memset((char *)grown + *count * size, 0, size);
	(*count)++;
	return (grown);
}

/* Sets e to a new element of c->LIST, or returns -1 from the function. */
#define NEW(l, LIST, e) do {						\
	void *grown_ = grow(l, (LIST).list, &(LIST).count, &(LIST).cap,	\
	    sizeof(*(LIST).list));					\
	if (grown_ == NULL)						\
		return (-1);						\
	(LIST).list = grown_;						\
	(e) = &(LIST).list[(LIST).count - 1];				\
} while (0)

/* A word or string as a value; "what" names it in the error. */
static int
value(struct lex *l, const char *what, struct token *t)
{
	*t = lex_peek(l);
	if (t->kind != TOKEN_WORD && t->kind != TOKEN_STRING)
		return (lex_error(l, t, "expected %s", what));
	(void)lex_next(l);
	if (t->text.n == 0)
		return (lex_error(l, t, "%s is empty", what));
	if (memchr(t->text.p, '\0', t->text.n) != NULL)
		return (lex_error(l, t, "%s holds a NUL byte", what));
	return (0);
}

/* The same into a string of the model; said twice is an error. */
static int
string(struct lex *l, const char *what, char **place)
{
	struct token t;

	if (value(l, what, &t) == -1)
		return (-1);
	if (*place != NULL)
		return (lex_error(l, &t, "%s was set before", what));
	*place = mem_str(t.text);
	return (0);
}

static int
word(struct lex *l, const char *wanted)
{
	struct token t = lex_peek(l);

	if (lex_accept_word(l, wanted))
		return (0);
	return (lex_error(l, &t, "expected \"%s\"", wanted));
}

static int
address(struct lex *l, char **place)
{
	unsigned char raw[16];
	struct token t = lex_peek(l);
	char *copy;
	int good;

	if (string(l, "an address", place) == -1)
		return (-1);
	copy = mem_str(t.text);
	good = inet_pton(AF_INET, copy, raw) == 1 ||
	    inet_pton(AF_INET6, copy, raw) == 1;
	free(copy);
	if (!good)
		return (lex_error(l, &t, "\"%.*s\" is not a numeric address",
		    STR_ARG(t.text)));
	return (0);
}

static int
number(struct lex *l, const char *what, int64_t lo, int64_t hi, int64_t *out)
{
	struct token t;

	if (value(l, what, &t) == -1)
		return (-1);
	if (str_num(t.text, lo, hi, out) == -1)
		return (lex_error(l, &t, "%s must be a number from %lld to "
		    "%lld", what, (long long)lo, (long long)hi));
	return (0);
}

static int
port(struct lex *l, uint16_t *out)
{
	int64_t v;

	if (number(l, "a port", 1, 65535, &v) == -1)
		return (-1);
	*out = (uint16_t)v;
	return (0);
}

static int
duration(struct lex *l, int64_t *out)
{
	struct token t;

	if (value(l, "a time", &t) == -1)
		return (-1);
	if (str_duration(t.text, out) == -1 || *out == 0)
		return (lex_error(l, &t, "\"%.*s\" is not a time such as 30s "
		    "or 5m", STR_ARG(t.text)));
	return (0);
}

static int
parse_site(struct conf *c, struct lex *l)
{
	return (string(l, "the site's name", &c->site));
}

static int
add_role(struct conf *c, struct lex *l)
{
	struct token t;
	int role;

	if (value(l, "a role", &t) == -1)
		return (-1);
	role = role_by_name(t.text);
	if (role == -1)
		return (lex_error(l, &t, "\"%.*s\" is no role: web, xmpp, "
		    "jicofo, jvb, router or outside", STR_ARG(t.text)));
	c->roles |= ROLE_BIT(role);
	return (0);
}

static int
parse_role(struct conf *c, struct lex *l)
{
	if (!lex_accept(l, '{'))
		return (add_role(c, l));
	while (!lex_accept(l, '}')) {
		if (add_role(c, l) == -1)
			return (-1);
		(void)lex_accept(l, ',');
	}
	return (0);
}

static int
parse_host(struct conf *c, struct lex *l)
{
	struct token t;
	int role;

	if (value(l, "a role", &t) == -1)
		return (-1);
	role = role_by_name(t.text);
	if (role == -1)
		return (lex_error(l, &t, "\"%.*s\" is no role",
		    STR_ARG(t.text)));
	if (word(l, "address") == -1)
		return (-1);
	return (address(l, &c->host[role]));
}

static int
parse_public(struct conf *c, struct lex *l)
{
	return (word(l, "address") == -1 ? -1 :
	    address(l, &c->public_address));
}

static int
parse_resolver(struct conf *c, struct lex *l)
{
	return (address(l, &c->resolver));
}

static int
parse_ca(struct conf *c, struct lex *l)
{
	return (word(l, "file") == -1 ? -1 : string(l, "a file", &c->ca));
}

static int
parse_fingerprint(struct conf *c, struct lex *l)
{
	return (string(l, "a SHA-256 fingerprint", &c->fingerprint));
}

static int
parse_stun(struct conf *c, struct lex *l)
{
	return (word(l, "server") == -1 ? -1 :
	    string(l, "a server as host:port", &c->stun_server));
}

static int
parse_room(struct conf *c, struct lex *l)
{
	return (string(l, "a room", &c->room));
}

static int
parse_certificate(struct conf *c, struct lex *l)
{
	int64_t days;

	if (word(l, "warn") == -1 ||
	    number(l, "days", 1, 3650, &days) == -1 || word(l, "days") == -1)
		return (-1);
	c->cert_warn_days = (int)days;
	return (0);
}

static int
parse_media(struct conf *c, struct lex *l)
{
	struct token t;
	struct str range;
	int64_t lo, hi;

	if (lex_accept_word(l, "on") &&
	    string(l, "an interface", &c->media_interface) == -1)
		return (-1);
	if (!lex_accept_word(l, "port"))
		return (0);
	if (value(l, "a port or a range of ports", &t) == -1)
		return (-1);
	range = t.text;
	if (str_num(str_split(&range, ':'), 1, 65535, &lo) == -1 ||
	    (range.n > 0 && str_num(range, lo, 65535, &hi) == -1))
		return (lex_error(l, &t, "\"%.*s\" is no port and no range "
		    "such as 10000:10050", STR_ARG(t.text)));
	c->media_port = (uint16_t)lo;
	c->media_port_last = (uint16_t)(range.n > 0 ? hi : lo);
	return (0);
}

static int
parse_monitor(struct conf *c, struct lex *l)
{
	return (word(l, "address") == -1 ? -1 : address(l, &c->monitor));
}

static int
parse_admin(struct conf *c, struct lex *l)
{
	return (word(l, "address") == -1 ? -1 : address(l, &c->admin));
}

static int
parse_listen(struct conf *c, struct lex *l)
{
	struct token at = lex_peek(l);
	struct conf_listen *e;

	NEW(l, c->listens, e);
	e->port = CONF_PORT;
	if (word(l, "on") == -1 || address(l, &e->address) == -1)
		return (-1);
	if (lex_accept_word(l, "port") && port(l, &e->port) == -1)
		return (-1);
	if (lex_accept_word(l, "token") && (word(l, "file") == -1 ||
	    string(l, "a file", &e->token_file) == -1))
		return (-1);
	if (lex_accept_word(l, "tls") && (word(l, "cert") == -1 ||
	    string(l, "a file", &e->cert) == -1 || word(l, "key") == -1 ||
	    string(l, "a file", &e->key) == -1))
		return (-1);
	e->insecure = lex_accept_word(l, "insecure");
	if (e->token_file == NULL && !e->insecure &&
	    strncmp(e->address, "127.", 4) != 0 &&
	    strcmp(e->address, "::1") != 0)
		return (lex_error(l, &at, "listening beyond loopback needs "
		    "\"token file\", or \"insecure\""));
	return (0);
}

static int
parse_peer(struct conf *c, struct lex *l)
{
	struct conf_peer *e;

	NEW(l, c->peers, e);
	if (string(l, "a name", &e->name) == -1 || word(l, "url") == -1 ||
	    string(l, "a URL", &e->url) == -1)
		return (-1);
	if (lex_accept_word(l, "token") && (word(l, "file") == -1 ||
	    string(l, "a file", &e->token_file) == -1))
		return (-1);
	return (0);
}

static int
parse_probe(struct conf *c, struct lex *l)
{
	struct conf_probe *e;
	struct token t;

	NEW(l, c->probes, e);
	if (string(l, "the id of a probe", &e->id) == -1)
		return (-1);
	for (;;) {
		t = lex_peek(l);
		if (lex_accept_word(l, "off"))
			e->off = 1;
		else if (lex_accept_word(l, "interval")) {
			if (duration(l, &e->interval_ns) == -1)
				return (-1);
		} else if (lex_accept_word(l, "timeout")) {
			if (duration(l, &e->timeout_ns) == -1)
				return (-1);
		} else
			break;
	}
	if (!e->off && e->interval_ns == 0 && e->timeout_ns == 0)
		return (lex_error(l, &t, "expected \"off\", \"interval\" or "
		    "\"timeout\""));
	return (0);
}

/* WHAT[@HOST] "path" */
static int
file_statement(struct lex *l, const char *what, struct conf_file *e)
{
	struct token t;
	struct str host;

	if (value(l, what, &t) == -1)
		return (-1);
	host = t.text;
	e->what = mem_str(str_split(&host, '@'));
	if (host.n > 0)
		e->host = mem_str(host);
	return (string(l, "a file", &e->path));
}

static int
parse_log(struct conf *c, struct lex *l)
{
	struct token t = lex_peek(l);
	struct conf_file *e;

	NEW(l, c->logs, e);
	if (file_statement(l, "a component", e) == -1)
		return (-1);
	if (component_by_name(str_from(e->what)) <= 0)
		return (lex_error(l, &t, "\"%s\" is no component of which "
		    "logs are read", e->what));
	return (0);
}

static int
parse_config(struct conf *c, struct lex *l)
{
	struct conf_file *e;

	NEW(l, c->configs, e);
	return (file_statement(l, "a kind of configuration file", e));
}

/* YYYY-MM-DD to the first moment after that day. */
static int
end_of_day(struct str day, wall_t *end)
{
	struct civil c = { 0 }, back;
	int64_t y, m, d;

	if (str_num(str_split(&day, '-'), 2000, 9999, &y) == -1 ||
	    str_num(str_split(&day, '-'), 1, 12, &m) == -1 ||
	    str_num(day, 1, 31, &d) == -1)
		return (-1);
	c.year = (int)y;
	c.month = (int)m;
	c.day = (int)d;
	*end = wall_from_civil(&c);
	back = wall_to_civil(*end);
	*end = wall_add(*end, 86400 * US_PER_SEC);
	return (back.day == c.day ? 0 : -1);
}

static int
parse_waive(struct conf *c, struct lex *l)
{
	struct conf_waiver *e;
	struct token t;

	NEW(l, c->waivers, e);
	if (string(l, "the id of a check, a finding or a cause", &e->id) ==
	    -1 || word(l, "reason") == -1 ||
	    string(l, "a reason", &e->reason) == -1 || word(l, "until") == -1)
		return (-1);
	t = lex_peek(l);
	if (string(l, "a day", &e->until) == -1)
		return (-1);
	if (end_of_day(str_from(e->until), &e->end) == -1)
		return (lex_error(l, &t, "\"%s\" is no day such as "
		    "2026-12-31", e->until));
	return (0);
}

static int
parse_rest(struct conf *c, struct lex *l)
{
	static const char *const known[] = { "jvb", "jicofo", "jibri",
		"jigasi" };
	struct token t = lex_peek(l);
	struct conf_rest *e;
	size_t i;

	NEW(l, c->rests, e);
	if (string(l, "jvb, jicofo, jibri or jigasi", &e->what) == -1)
		return (-1);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], e->what) == 0)
			break;
	if (i == sizeof(known) / sizeof(known[0]))
		return (lex_error(l, &t, "expected jvb, jicofo, jibri or "
		    "jigasi"));
	if (word(l, "address") == -1 || address(l, &e->address) == -1 ||
	    word(l, "port") == -1)
		return (-1);
	return (port(l, &e->port));
}

static int
parse_account(struct conf *c, struct lex *l)
{
	struct token t = lex_peek(l);
	struct conf_account *e;

	NEW(l, c->accounts, e);
	if (string(l, "probe, focus or jvb", &e->what) == -1)
		return (-1);
	if (strcmp(e->what, "probe") != 0 && strcmp(e->what, "focus") != 0 &&
	    strcmp(e->what, "jvb") != 0)
		return (lex_error(l, &t, "expected probe, focus or jvb"));
	t = lex_peek(l);
	if (string(l, "an account as user@domain", &e->jid) == -1)
		return (-1);
	if (strchr(e->jid, '@') == NULL)
		return (lex_error(l, &t, "\"%s\" is not user@domain", e->jid));
	if (word(l, "password") == -1 || word(l, "file") == -1)
		return (-1);
	return (string(l, "a file", &e->password_file));
}

static const struct statement statements[] = {
	{ "account", parse_account },
	{ "admin", parse_admin },
	{ "ca", parse_ca },
	{ "certificate", parse_certificate },
	{ "config", parse_config },
	{ "fingerprint", parse_fingerprint },
	{ "host", parse_host },
	{ "listen", parse_listen },
	{ "log", parse_log },
	{ "media", parse_media },
	{ "monitor", parse_monitor },
	{ "peer", parse_peer },
	{ "probe", parse_probe },
	{ "public", parse_public },
	{ "resolver", parse_resolver },
	{ "rest", parse_rest },
	{ "role", parse_role },
	{ "room", parse_room },
	{ "site", parse_site },
	{ "stun", parse_stun },
	{ "waive", parse_waive },
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

/* Says that there is no such statement, and which one was perhaps meant. */
static int
unknown(struct lex *l, const struct token *t)
{
	const char *best = NULL;
	size_t i, d, least = 3;

	for (i = 0; i < STATEMENTS; i++) {
		d = str_distance(t->text, str_from(statements[i].word), 2);
		if (d < least) {
			least = d;
			best = statements[i].word;
		}
	}
	if (best != NULL)
		return (lex_error(l, t, "no statement \"%.*s\", did you mean "
		    "%s?", STR_ARG(t->text), best));
	return (lex_error(l, t, "no statement \"%.*s\"", STR_ARG(t->text)));
}

static int
parse_statement(struct conf *c, struct lex *l, const struct token *t)
{
	struct token end;
	size_t i;

	if (t->kind != TOKEN_WORD)
		return (lex_error(l, t, "expected a statement"));
	for (i = 0; i < STATEMENTS; i++)
		if (str_eqs(t->text, statements[i].word))
			break;
	if (i == STATEMENTS)
		return (unknown(l, t));
	if (statements[i].parse(c, l) == -1)
		return (-1);
	end = lex_peek(l);
	if (end.kind != TOKEN_NEWLINE && end.kind != TOKEN_END)
		return (lex_error(l, &end, "\"%.*s\" does not belong to "
		    "\"%s\"", STR_ARG(end.text), statements[i].word));
	return (0);
}

void
conf_parse_lines(struct conf *c, struct lex *l)
{
	struct token t;

	while ((t = lex_next(l)).kind != TOKEN_END) {
		if (t.kind == TOKEN_NEWLINE)
			continue;
		(void)parse_statement(c, l, &t);
		lex_skip_line(l);
	}
}

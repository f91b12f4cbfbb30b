/* SPDX-License-Identifier: ISC */
/*
 * xmpp.login and xmpp.components: a real login with an account of the site,
 * and what the components say to one who is logged in. First the certificate
 * is judged by a handshake of our own; only then does a helper child get the
 * password, bound to that certificate. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/child.h"
#include "agent/run/loop.h"
#include "probes/client.h"
#include "probes/families.h"
#include "probes/flows.h"
#include "probes/login.h"
#include "probes/trust.h"

/* The child answers a little before the run's deadline ends it. */
#define BEFORE_DEADLINE_NS (100 * NS_PER_MS)
/* What a login found serves xmpp.components so long, and once. */
#define NOTE_AGE_NS (600 * NS_PER_SEC)

struct login {
	const struct site_account *account;
	struct roots *roots;
	struct client *client;
	struct timer *next;
	struct child *child;
	char *fingerprint;
	int components;		/* judge them, not only the login */
	char address[ADDR_TEXT_SIZE];	/* where prosody is */
	struct buf answers;	/* of the children so far */
	int guest;		/* the second child: focus as a guest sees it */
};

static int
usable(const struct site_account *a)
{
	return (a->user != NULL && a->domain != NULL && a->password != NULL);
}

/* The accounts that this host may try, our own first: how many. */
static size_t
accounts(const struct site *s, const struct site_account **list)
{
	size_t n = 0;

	if (usable(&s->probe))
		list[n++] = &s->probe;
	if ((s->roles & ROLE_BIT(ROLE_JICOFO)) && usable(&s->jicofo))
		list[n++] = &s->jicofo;
	if ((s->roles & ROLE_BIT(ROLE_JVB)) && usable(&s->jvb))
		list[n++] = &s->jvb;
	return (n);
}

static void
subjects(const struct site *site, struct subjects *s)
{
	const struct site_account *list[3];
	size_t i, n = accounts(site, list);
	char *over, *name;

	if (!target_known(site, ROLE_XMPP)) {
		subject_missing(s, "the address of prosody is not known");
		return;
	}
	over = mem_printf("%s:%u", target_name(site, ROLE_XMPP),
	    site->c2s_port);
	for (i = 0; i < n; i++) {
		name = mem_printf("%s@%s", list[i]->user, list[i]->domain);
		subject_add(s, name, over);
		free(name);
	}
	free(over);
	subject_missing(s, "no account with a password that can be read here "
	    "is known");
}

static void
component_subjects(const struct site *site, struct subjects *s)
{
	const struct site_account *list[3];
	char *over;

	if (!target_known(site, ROLE_XMPP) || accounts(site, list) == 0) {
		subject_missing(s, "no account with a password that can be "
		    "read here is known");
		return;
	}
	over = mem_printf("%s:%u\n%s@%s", target_name(site, ROLE_XMPP),
	    site->c2s_port, list[0]->user, list[0]->domain);
	if (site->focus != NULL || site->muc != NULL ||
	    site->internal_muc != NULL || site->brewery != NULL)
		subject_add(s, "", over);
	free(over);
	subject_missing(s, "no component is known");
}

/* A field of a line of the child's answer. */
static struct str
field(struct str line, int n)
{
	struct str f = str_of(NULL, 0);

	while (n-- >= 0)
		f = str_split(&line, '\t');
	return (f);
}

/* The line of the answer that begins with the word. */
static struct str
find_line(struct str answer, const char *word)
{
	struct str line, first, copy;

	while (answer.n > 0) {
		line = str_split(&answer, '\n');
		copy = line;
		first = str_split(&copy, '\t');
		if (str_eqs(first, word))
			return (line);
	}
	return (str_of(NULL, 0));
}

static void
say_log(struct probe_run *r, struct str answer)
{
	struct str line;

	while (answer.n > 0) {
		line = str_split(&answer, '\n');
		if (str_starts(line, "log\t"))
			check_say(&r->check, "   %.*s",
			    STR_ARG(str_sub(line, 4, line.n)));
	}
}

/* A login that did not succeed. */
static void
login_failed(struct probe_run *r, struct str result, struct str text)
{
	struct login *l = r->state;
	const struct site_account *a = l->account;
	const char *from = a->from == NULL ? "" : a->from;

	if (str_eqs(result, "not-authorized"))
		probe_fail(r, REASON_SASL_NOT_AUTHORIZED, "prosody refuses "
		    "%s@%s with the password of %s: wrong password, or the "
		    "account does not exist", a->user, a->domain,
		    from[0] == '\0' ? "the configuration" : from);
	else if (str_eqs(result, "no-mechanism"))
		probe_fail(r, REASON_SASL_NO_MECHANISM, "prosody offers no "
		    "login mechanism for %s@%s that a password can use",
		    a->user, a->domain);
	else if (str_eqs(result, "tls")) {
		r->layer = LAYER_TLS;
		probe_end(r, STATE_UNKNOWN, REASON_TLS_UNTRUSTED, "the "
		    "certificate changed between two connections: the "
		    "password of %s was not sent", a->user);
	} else if (str_eqs(result, "stream-error"))
		probe_fail(r, REASON_STREAM_ERROR, "prosody ends the stream "
		    "of %s@%s: %.*s", a->user, a->domain, STR_ARG(text));
	else
		probe_fail(r, REASON_CLOSED, "prosody closes the connection "
		    "during the login of %s@%s", a->user, a->domain);
}

/* What is asked of a component, and whether it is there. */
static int
judge_component(struct probe_run *r, struct str answer, const char *jid,
    const char *what)
{
	char *key = mem_printf("info %s", jid);
	struct str line = find_line(answer, key), state = field(line, 1);
	int ok = str_eqs(state, "ok");

	free(key);
	if (line.n == 0)
		check_say(&r->check, "%s (%s): no answer", jid, what);
	else
		check_say(&r->check, "%s (%s): %.*s %.*s", jid, what,
		    STR_ARG(state), STR_ARG(field(line, 2)));
	if (ok)
		return (1);
	if (line.n == 0)
		probe_fail(r, REASON_TIMEOUT, "%s (%s) does not answer: "
		    "prosody does not serve it and looks for it elsewhere, "
		    "or what is behind it hangs", jid, what);
	else if (str_eqs(state, "service-unavailable"))
		probe_fail(r, REASON_STREAM_ERROR, "%s (%s) answers service-"
		    "unavailable: nobody is behind it (focus not logged in, "
		    "or its roster entry is missing)", jid, what);
	else
		probe_fail(r, str_eqs(state, "item-not-found") ||
		    str_eqs(state, "remote-server-not-found") ?
		    REASON_HOST_UNKNOWN : REASON_PROTOCOL_ERROR,
		    "%s (%s) answers %.*s", jid, what, STR_ARG(state));
	return (0);
}

/* Bridges in the brewery: occupants but jicofo itself; -1 not to be seen. */
static int64_t
count_bridges(struct str answer, const char *brewery)
{
	char *key = mem_printf("items %s", brewery);
	struct str line = find_line(answer, key), list, word;
	int64_t n = 0;

	free(key);
	if (!str_eqs(field(line, 1), "ok"))
		return (-1);
	list = field(line, 2);
	while ((word = str_word(&list)).n > 0)
		if (!str_ieqs(word, "focus"))
			n++;
	return (n);
}

static void
judge_brewery(struct probe_run *r, struct str answer)
{
	const char *brewery = r->site->brewery;
	char *key = mem_printf("info %s", brewery);
	struct str state = field(find_line(answer, key), 1);
	struct str words = field(find_line(answer, key), 2), word;
	int64_t occupants = -1, bridges = count_bridges(answer, brewery);

	free(key);
	while ((word = str_word(&words)).n > 0)
		if (str_starts(word, "occupants="))
			(void)str_num(str_sub(word, 10, word.n), 0, 100000,
			    &occupants);
	check_say(&r->check, "%s (brewery): %.*s, occupants %lld, bridges "
	    "%lld", brewery, STR_ARG(state), (long long)occupants,
	    (long long)bridges);
	/* the list of occupants may be hidden; one of several is jicofo */
	if (bridges <= 0 && occupants > 0)
		bridges = occupants > 1 ? occupants - 1 : -1;
	if (bridges >= 0)
		probe_fact_num(r, "bridge.brewery_occupants", bridges);
	if (str_eqs(state, "item-not-found") || bridges == 0)
		probe_fail(r, REASON_ROLE_CONFLICT, "no bridge is in the "
		    "brewery %s", brewery);
	else if (bridges < 0)
		probe_end(r, STATE_UNKNOWN, REASON_NO_ANSWER, "who is in the "
		    "brewery %s cannot be seen", brewery);
}

/* Is the account the one whose program stands behind the focus component?
 * Its own questions to focus are taken for that program's answers. */
static int
is_focus(const struct probe_run *r)
{
	const struct login *l = r->state;

	return (l->account == &r->site->jicofo);
}

static void
judge_components(struct probe_run *r)
{
	struct login *l = r->state;
	struct str answer = buf_str(&l->answers);
	const struct site *s = r->site;

	if (s->focus != NULL && is_focus(r) && !l->guest)
		check_say(&r->check, "%s (focus): not asked", s->focus);
	else if (s->focus != NULL && !judge_component(r, answer, s->focus,
	    "focus"))
		return;
	if (s->muc != NULL && !judge_component(r, answer, s->muc,
	    "conferences"))
		return;
	if (s->internal_muc != NULL && !judge_component(r, answer,
	    s->internal_muc, "bridges"))
		return;
	if (s->brewery != NULL)
		judge_brewery(r, answer);
	probe_end(r, STATE_PASS, REASON_OK, "the components answer, and the "
	    "brewery has a bridge");
}

static void start_guest(struct probe_run *);

/* One child has said all; the other may follow. */
static void
components_answered(struct probe_run *r, struct str answer, int ok)
{
	struct login *l = r->state;

	if (l->guest && !ok)
		l->guest = 0;		/* a guest cannot ask here */
	if (ok)
		buf_add_str(&l->answers, answer);
	if (l->guest || !ok || !is_focus(r) || r->site->focus == NULL ||
	    r->site->domain == NULL) {
		judge_components(r);
		return;
	}
	start_guest(r);
}

/* The key of what a login found. Freed by the caller. */
static char *
note_key(const struct site_account *a)
{
	return (mem_printf("login %s@%s", a->user, a->domain));
}

/* The answers serve xmpp.components too: prosody's address, then they. */
static void
logged_in(struct probe_run *r, struct str answer)
{
	struct login *l = r->state;
	char *key = note_key(l->account);
	char *text = mem_printf("%s\n%.*s", l->address, STR_ARG(answer));

	probe_remember(r, key, text);
	free(text);
	free(key);
	probe_end(r, STATE_PASS, REASON_OK, "%s@%s logs in",
	    l->account->user, l->account->domain);
}

static void
child_done(enum child_end end, int status, struct str answer, void *arg)
{
	struct probe_run *r = arg;
	struct login *l = r->state;
	struct str line, result;

	(void)status;
	l->child = NULL;
	if (r->finished)
		return;
	if (end == CHILD_DEADLINE) {
		probe_fail(r, REASON_TIMEOUT, "no answer within the deadline "
		    "while %s", r->doing);
		return;
	}
	line = find_line(answer, "result");
	if (end != CHILD_DONE || line.n == 0) {
		probe_fail(r, REASON_INTERNAL, "the helper that logs in "
		    "failed");
		return;
	}
	say_log(r, answer);
	result = field(line, 1);
	if (l->guest)
		check_say(&r->check, "login of a guest of %s: %.*s",
		    r->site->domain, STR_ARG(result));
	else
		check_say(&r->check, "login of %s@%s: %.*s", l->account->user,
		    l->account->domain, STR_ARG(result));
	if (l->guest)
		components_answered(r, answer, str_eqs(result, "ok"));
	else if (!str_eqs(result, "ok"))
		login_failed(r, result, field(line, 2));
	else if (l->components)
		components_answered(r, answer, 1);
	else
		logged_in(r, answer);
}

static void
add_ask(struct buf *b, const char *what, const char *jid)
{
	if (jid != NULL)
		buf_addf(b, "%s %s\n", what, jid);
}

/* What the child asks once it is logged in. Freed by the caller. */
static char *
asks_of(const struct probe_run *r)
{
	const struct site *s = r->site;
	struct buf b;
	char *text;

	buf_init(&b, 4096);
	if (!is_focus(r))
		add_ask(&b, "info", s->focus);
	add_ask(&b, "info", s->muc);
	add_ask(&b, "info", s->internal_muc);
	add_ask(&b, "info", s->brewery);
	add_ask(&b, "items", s->brewery);
	text = buf_take(&b);
	buf_free(&b);
	return (text);
}

/* The certificate has been judged: the login itself. */
static void
start_child(void *arg)
{
	struct probe_run *r = arg;
	struct login *l = r->state;
	struct child_events on = { NULL, child_done, r };
	const struct site_account *a = l->account;
	char *request, *asks = asks_of(r);

	probe_phase(r, "login", LAYER_XMPP, "logging in as %s@%s", a->user,
	    a->domain);
	check_say(&r->check, "-> login of %s@%s, password ***", a->user,
	    a->domain);
	request = mem_printf("%s\n%u\n%s\n%s\n%s\n%s\n%s", l->address,
	    r->site->c2s_port, a->user, a->domain, a->password,
	    l->fingerprint, asks);
	free(asks);
	l->child = child_start(r->loop, LOGIN_ROLE, str_from(request), -1,
	    mono_add(r->deadline, -BEFORE_DEADLINE_NS), &on);
	explicit_bzero(request, strlen(request));
	free(request);
}

/* focus, asked by one who is nobody in particular. */
static void
start_guest(struct probe_run *r)
{
	struct login *l = r->state;
	struct child_events on = { NULL, child_done, r };
	char *request;

	l->guest = 1;
	probe_phase(r, "guest", LAYER_XMPP, "asking %s as a guest",
	    r->site->focus);
	check_say(&r->check, "-> login of a guest of %s", r->site->domain);
	request = mem_printf("%s\n%u\n\n%s\n\n\ninfo %s\n", l->address,
	    r->site->c2s_port, r->site->domain, r->site->focus);
	l->child = child_start(r->loop, LOGIN_ROLE, str_from(request), -1,
	    mono_add(r->deadline, -BEFORE_DEADLINE_NS), &on);
	free(request);
}

static int
features(const struct xmpp_features *f, void *arg)
{
	struct probe_run *r = arg;
	struct login *l = r->state;

	if (f->starttls)
		return (1);
	client_leave(l->client);
	probe_fail(r, REASON_NO_STARTTLS, "%s does not offer STARTTLS: the "
	    "password of %s is not sent in the clear", l->account->domain,
	    l->account->user);
	return (0);
}

static int
secure(SSL *ssl, void *arg)
{
	struct probe_run *r = arg;
	struct login *l = r->state;
	struct chain c;
	const char *why;
	enum trust trust;

	roots_read_chain(l->roots, &c, ssl, l->account->domain);
	client_leave(l->client);
	trust = trust_judge(r, l->roots, &c, &why);
	check_say(&r->check, "trust: %s (%s)", trust == TRUST_PINNED ||
	    trust == TRUST_CA ? "yes" : "no", why);
	if (trust == TRUST_PINNED || (trust == TRUST_CA && c.name_ok)) {
		l->fingerprint = mem_strdup(c.list[0].fingerprint);
		addr_text(client_peer(l->client), l->address,
		    sizeof(l->address));
		timer_in(l->next, 0);
	} else
		probe_end(r, STATE_UNKNOWN, REASON_TLS_UNTRUSTED, "the "
		    "password of %s is not sent: %s the certificate that "
		    "prosody serves", l->account->user, trust ==
		    TRUST_UNKNOWN || trust == TRUST_OFF ? "no trust store, "
		    "fingerprint or ca could be read to judge" :
		    "the trust store does not hold");
	chain_free(&c);
	return (0);
}

static void
ready(void *arg)
{
	static const struct client_events on = { features, secure, NULL };
	struct probe_run *r = arg;
	struct login *l = r->state;
	const char *host = target_host(r->site, ROLE_XMPP);
	char *label = mem_printf("%s:%u", target_name(r->site, ROLE_XMPP),
	    r->site->c2s_port);

	l->client = client_new(r, &on, r);
	client_start(l->client, label, host != NULL ? host : "xmpp",
	    target_address(r->site, ROLE_XMPP), r->site->c2s_port,
	    l->account->domain);
	free(label);
}

static void
begin(struct probe_run *r, struct login *l, const struct site_account *a)
{
	if (a == NULL || !target_known(r->site, ROLE_XMPP)) {
		probe_not_applicable(r, "no account with a password that can "
		    "be read here is known");
		return;
	}
	l->account = a;
	l->next = timer_new(r->loop, start_child, r);
	l->roots = roots_load(r, ready, r);
}

static void
start(struct probe_run *r)
{
	struct login *l = mem_zalloc(1, sizeof(*l));
	const struct site_account *list[3], *found = NULL;
	size_t i, n = accounts(r->site, list);
	char *name;

	r->state = l;
	for (i = 0; i < n; i++) {
		name = mem_printf("%s@%s", list[i]->user, list[i]->domain);
		if (strcmp(name, r->subject) == 0)
			found = list[i];
		free(name);
	}
	begin(r, l, found);
}

/* xmpp.login has just asked all there is to ask. */
static void
use_note(void *arg)
{
	struct probe_run *r = arg;
	struct login *l = r->state;
	char *key = note_key(l->account);
	const char *note = probe_recall(r, key, NOTE_AGE_NS);
	char *copy = mem_strdup(note == NULL ? "" : note);
	struct str text = str_from(copy), address = str_split(&text, '\n');

	probe_remember(r, key, "");
	free(key);
	check_say(&r->check, "%s@%s has logged in and asked",
	    l->account->user, l->account->domain);
	snprintf(l->address, sizeof(l->address), "%.*s", STR_ARG(address));
	components_answered(r, text, 1);
	free(copy);
}

static void
components_start(struct probe_run *r)
{
	struct login *l = mem_zalloc(1, sizeof(*l));
	const struct site_account *list[3];
	char *key;
	const char *note;
	int known;

	r->state = l;
	l->components = 1;
	buf_init(&l->answers, LIMIT_CHECK_TEXT);
	if (accounts(r->site, list) == 0) {
		begin(r, l, NULL);
		return;
	}
	key = note_key(list[0]);
	note = probe_recall(r, key, NOTE_AGE_NS);
	known = note != NULL && note[0] != '\0';
	free(key);
	if (!known) {
		begin(r, l, list[0]);
		return;
	}
	l->account = list[0];
	l->next = timer_new(r->loop, use_note, r);
	timer_in(l->next, 0);
}

static void
stop(struct probe_run *r)
{
	struct login *l = r->state;

	if (l == NULL)
		return;
	if (l->child != NULL)
		child_cancel(l->child);
	client_free(l->client);
	roots_free(l->roots);
	timer_free(l->next);
	free(l->fingerprint);
	buf_free(&l->answers);
	free(l);
}

#define CLIENTS (ROLE_BIT(ROLE_XMPP) | ROLE_BIT(ROLE_JICOFO) | \
    ROLE_BIT(ROLE_JVB))

const struct probe probe_xmpp_login = {
	.id = "xmpp.login",
	.group = "xmpp",
	.layer = LAYER_XMPP,
	.roles = CLIENTS,
	.required = ROLE_BIT(ROLE_JICOFO) | ROLE_BIT(ROLE_JVB),
	.privilege = PRIVILEGE_FILES,
	.needs = { "tcp.connect", "xmpp.starttls" },
	.phases = { "name", "connect", "stream", "starttls", "tls", "login" },
	.interval_ns = 300 * NS_PER_SEC,
	.timeout_ns = 15 * NS_PER_SEC,
	.at_most_ns = 60 * NS_PER_SEC,
	.sentence = "the account of a program of this host can log in",
	.subjects = subjects,
	.start = start,
	.stop = stop,
};

const struct probe probe_xmpp_components = {
	.id = "xmpp.components",
	.group = "xmpp",
	.layer = LAYER_XMPP,
	.roles = CLIENTS,
	.required = ROLE_BIT(ROLE_JICOFO),
	.privilege = PRIVILEGE_FILES,
	.needs = { "tcp.connect", "xmpp.starttls", "xmpp.login" },
	.phases = { "name", "connect", "stream", "starttls", "tls", "login",
	    "guest" },
	.interval_ns = 300 * NS_PER_SEC,
	.timeout_ns = 15 * NS_PER_SEC,
	.at_most_ns = 60 * NS_PER_SEC,
	.sentence = "focus, the conferences and the brewery are there",
	.subjects = component_subjects,
	.start = components_start,
	.stop = stop,
};

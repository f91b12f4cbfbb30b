/* SPDX-License-Identifier: ISC */
/*
 * The check pf.states: flows of the site that come in and never go out (on
 * the router each has two states, a leg each), and media that the bridge
 * does not answer. Pure.
 */
#include <string.h>

#include "probes/flows.h"
#include "probes/pf/checks.h"

struct sums {
	struct check *c;
	const struct pf_conf *live, *file;	/* may be NULL */
	int flows;		/* to a service, made by what came in */
	int lost, silent;
	int media, media_silent;
	int tries;		/* made by the bridge's own packets */
	struct buf first_lost, first_silent;
};

/* One end of a state. */
struct end {
	const struct pf_ip *ip;
	uint16_t port;
	const char *state;
};

/* The service's end and the client's. */
static void
take_ends(const struct pf_live_state *st, struct end *service,
    struct end *client)
{
	const struct end a = { &st->a, st->a_port, st->a_state };
	const struct end b = { &st->b, st->b_port, st->b_state };

	*service = st->out ? b : a;
	*client = st->out ? a : b;
}

static int
is_media(const struct site *s, int proto, uint16_t port)
{
	uint16_t last = s->media_port_last < s->media_port ? s->media_port :
	    s->media_port_last;

	return (proto == 17 && s->media_port != 0 && port >= s->media_port &&
	    port <= last);
}

static int
proto_number(const char *name)
{
	return (strcmp(name, "tcp") == 0 ? 6 : strcmp(name, "udp") == 0 ? 17 :
	    -1);
}

/* The role whose service a port of the flow matrix is, -1: none. */
static int
role_of(const struct site *s, int proto, uint16_t port)
{
	struct flow list[FLOWS_MAX];
	size_t n = flows_of(s, list), i;

	for (i = 0; i < n; i++)
		if (list[i].reachable && (list[i].udp ? 17 : 6) == proto &&
		    port >= list[i].port && port <= list[i].last)
			return ((int)list[i].to);
	return (-1);
}

/* 1 when another state carries the same flow on its way out. */
static int
has_twin(const struct pf_live_states *states, const struct pf_live_state *in)
{
	const struct pf_live_state *o;
	size_t i;

	for (i = 0; i < states->count; i++) {
		o = &states->list[i];
		if (!o->out || strcmp(o->proto, in->proto) != 0 ||
		    !pf_ip_eq(&o->b, &in->a) || o->b_port != in->a_port)
			continue;
		if (pf_ip_eq(&o->a, &in->b) && o->a_port == in->b_port)
			return (1);
		/* nat-to on the way out keeps the client in parentheses */
		if (o->has_a_orig && pf_ip_eq(&o->a_orig, &in->b) &&
		    o->a_orig_port == in->b_port)
			return (1);
	}
	return (0);
}

/* An answer may still be on its way. */
static int
is_young(const struct pf_live_state *st)
{
	return (st->age != -1 && st->age < 2);
}

/* The two states of one flow are not taken away at the same moment. */
static int
is_ending(const struct pf_live_state *st)
{
	return (st->expires != -1 && st->expires < 12);
}

/* "198.51.100.77:52000 to 100.64.4.3:10000/udp" */
static void
state_text(const struct sums *t, const struct pf_live_state *st,
    const struct end *service, const struct end *client, struct buf *b)
{
	const struct pf_rule *r = t->live == NULL || st->rule < 0 ? NULL :
	    pf_rule_numbered(t->live, st->anchor, st->rule);
	const struct pf_rule *line = r == NULL || t->file == NULL ? NULL :
	    pf_live_in_file(t->file, r);
	const char *open = st->af == PF_AF_INET6 ? "[" : "";
	const char *close = st->af == PF_AF_INET6 ? "]" : "";

	buf_adds(b, open);
	pf_ip_print(b, client->ip, st->af);
	buf_addf(b, "%s:%u to %s", close, client->port, open);
	pf_ip_print(b, service->ip, st->af);
	buf_addf(b, "%s:%u/%s", close, service->port, st->proto);
	if (line != NULL)
		buf_addf(b, ", let in by %s:%d", line->file, line->line);
	else if (st->rule >= 0)
		buf_addf(b, ", let in by rule %d", st->rule);
}

static void
note(struct sums *t, struct buf *first, const struct pf_live_state *st,
    const struct end *service, const struct end *client, const char *what)
{
	struct buf b;

	buf_init(&b, 512);
	state_text(t, st, service, client, &b);
	check_say(t->c, "%s: %s", buf_cstr(&b), what);
	if (first->len == 0)
		buf_add_str(first, buf_str(&b));
	buf_free(&b);
}

/* A state that was made by a packet coming in to a service. */
static void
judge(struct sums *t, const struct site *s, int role,
    const struct pf_live_states *states, const struct pf_live_state *st,
    int proto)
{
	struct end service, client;
	int media, opening, silent;

	take_ends(st, &service, &client);
	media = is_media(s, proto, service.port);
	opening = strcmp(client.state, "SYN_SENT") == 0 && !is_young(st);
	silent = media && strcmp(service.state, "NO_TRAFFIC") == 0;
	t->flows++;
	t->media += media;
	/* What is for this host itself does not go out again. */
	if ((s->roles & ROLE_BIT(ROLE_ROUTER)) != 0 &&
	    (s->roles & ROLE_BIT(role)) == 0 && (silent || opening) &&
	    !is_ending(st) &&
	    !has_twin(states, st)) {
		t->lost++;
		note(t, &t->first_lost, st, &service, &client,
		    "no state going out");
	} else if (silent) {
		t->media_silent++;
		note(t, &t->first_silent, st, &service, &client,
		    "no answer");
	} else if (opening) {
		t->silent++;
		note(t, &t->first_silent, st, &service, &client,
		    "no answer");
	}
}

static void
conclude(const struct sums *t)
{
	struct check *c = t->c;

	check_say(c, "%d flows come in to services of the site, %d of them "
	    "media; %d states made by the bridge's own packets", t->flows,
	    t->media, t->tries);
	if (t->lost > 0)
		check_result(c, STATE_FAIL, LAYER_PF, REASON_LOCAL_POLICY,
		    "%d of %d flows come in and never go out to their VM (%s):"
		    " blocked on the way out, no route, or "
		    "net.inet.ip.forwarding=0", t->lost, t->flows,
		    buf_cstr(&t->first_lost));
	else if (t->media_silent > 0 && t->media_silent == t->media)
		check_result(c, STATE_WARN, LAYER_PF, REASON_NO_ANSWER,
		    "clients send media and the bridge answers none of %d "
		    "flows (%s)", t->media, buf_cstr(&t->first_silent));
	else if (t->silent > 0)
		check_result(c, STATE_WARN, LAYER_PF, REASON_NO_ANSWER,
		    "pf let %d connections in that nobody answers (%s)",
		    t->silent, buf_cstr(&t->first_silent));
	else if (t->media > 0)
		check_result(c, STATE_PASS, LAYER_PF, REASON_OK,
		    "%d media flows pass both ways",
		    t->media - t->media_silent);
	else if (t->tries > 0)
		check_result(c, STATE_WARN, LAYER_PF, REASON_NO_ANSWER,
		    "the bridge sends to %d addresses and no client's packet "
		    "gets here: they stop on the way", t->tries);
	else
		check_result(c, STATE_NOT_APPLICABLE, LAYER_PF, REASON_OK,
		    "no media flows now: open a call with two browsers");
}

void
pf_check_states(struct check *c, const struct site *s,
    const struct pf_live_states *states, const struct pf_conf *live,
    const struct pf_conf *file)
{
	const struct pf_live_state *st;
	struct sums t = { .c = c, .live = live, .file = file };
	int proto, role;
	size_t i;

	buf_init(&t.first_lost, 512);
	buf_init(&t.first_silent, 512);
	for (i = 0; i < states->count; i++) {
		st = &states->list[i];
		if ((proto = proto_number(st->proto)) == -1)
			continue;
		if (!st->out && (role = role_of(s, proto, st->a_port)) != -1)
			judge(&t, s, role, states, st, proto);
		else if (is_media(s, proto, st->out ? st->a_port :
		    st->b_port) && !is_media(s, proto, st->out ? st->b_port :
		    st->a_port))
			t.tries += st->out;
	}
	if (states->bad > 0)
		check_say(c, "%zu lines of pfctl were not understood",
		    states->bad);
	conclude(&t);
	buf_free(&t.first_lost);
	buf_free(&t.first_silent);
}

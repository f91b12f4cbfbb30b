/* SPDX-License-Identifier: ISC */
/*
 * Verdicts about reachability: checks without answers, error answers, and
 * addresses that are not what they should be. Pure.
 */
#include "probes/media/view.h"

/* So many unanswered checks over so much time are a silence. */
#define SILENT_CHECKS 5
#define SILENT_NS (7 * NS_PER_SEC / 2)

static double
seconds(int64_t ns)
{
	return ((double)ns / 1e9);
}

/* Checks of direction dir have been without an answer for some seconds. */
static int
silent(const struct flow *f, int dir)
{
	const struct ice_state *i = &f->ice;

	return (i->pending[dir] >= SILENT_CHECKS &&
	    i->last_request[dir] - i->pending_since[dir] >= SILENT_NS);
}

static int
is_v6(const struct flow *f)
{
	return (!media_addr_is_v4(&f->remote));
}

/* The last network of 256 addresses is the same. */
static int
is_neighbour(const struct flow *f)
{
	return (media_addr_is_v4(&f->remote) && media_addr_is_v4(&f->local) &&
	    f->remote.lo >> 8 == f->local.lo >> 8);
}

static void
say_errors(struct views *s, struct view *w)
{
	struct ice_state *i = &w->f->ice;
	const char *who = i->error_dir == MEDIA_IN ? "the client" :
	    "the bridge";
	int up = i->answers[0] > 0 && i->answers[1] > 0;

	if (i->last_error < s->since)
		return;
	if (i->error_400 > 0)
		say(s, w, "ice-400", i->first_error, 0, "%s answered %u checks "
		    "with 400: they lack something that ICE requires, or "
		    "carry another session's password", who,
		    i->error_400);
	if (i->error_401 > 1 || (i->error_401 == 1 && !up))
		say(s, w, "ice-401", i->first_error, 0, "%s answered %u checks "
		    "with 401: the password is not that of this session", who,
		    i->error_401);
	if (i->error_403 > 0)
		say(s, w, "ice-403", i->first_error, 0, "%s answered %u checks "
		    "with 403: it takes no new path after the first was "
		    "chosen", who, i->error_403);
	if (i->error_487 > 0)
		say(s, w, "ice-487", i->first_error, 0, "%s answered %u checks "
		    "with 487: both sides were told to be controlling, or "
		    "neither", who, i->error_487);
	if (i->error_487 > 0 && up) {	/* they agreed in the end */
		s->out->list[s->out->count - 1].fault = 0;
		w->broken = 0;
	}
}

/* ICMP says that nothing listens, or that a filter refuses. */
static int
say_unreachable(struct views *s, struct view *w)
{
	struct flow *f = w->f;
	char from[48];

	if (f->unreachable < 2 || (f->last[MEDIA_OUT] != 0 &&
	    f->last[MEDIA_OUT] > f->first_unreachable + NS_PER_SEC))
		return (0);
	media_addr_print(&f->icmp_from, from, sizeof(from));
	if (f->unreachable_admin * 2 > f->unreachable)
		say(s, w, f->unreachable_bridge > 0 ? "udp-in-vm" :
		    "udp-in-router", f->first_unreachable, 0,
		    "%s refuses packets to udp/%u: %u ICMP answers "
		    "\"administratively prohibited\"", from, f->lport,
		    f->unreachable);
	else if (f->unreachable_bridge > 0)
		say(s, w, "bridge-down", f->first_unreachable, 0, "the "
		    "bridge's host answered %u packets to udp/%u with ICMP "
		    "\"port unreachable\": nothing listens there (or its "
		    "packet filter rejects)", f->unreachable, f->lport);
	else
		say(s, w, s->m->o.tap == TAP_ROUTER_OUT ? "udp-in-router" :
		    "rdr-missing", f->first_unreachable, 0, "%s, not the "
		    "bridge, answered %u packets to udp/%u with ICMP \"port "
		    "unreachable\"", from, f->unreachable, f->lport);
	return (1);
}

/* Was anybody else answered while this flow was not? */
static int
others_answered(struct views *s, const struct view *w)
{
	size_t i;

	for (i = 0; i < s->session_count; i++)
		if (&s->sessions[i] != w->session &&
		    s->sessions[i].last_answer >
		    w->f->ice.pending_since[MEDIA_IN] + NS_PER_SEC)
			return (1);
	return (0);
}

/* The client's checks arrive here and stay without an answer. */
static int
say_silent_up(struct views *s, struct view *w)
{
	struct flow *f = w->f;
	struct ice_state *i = &f->ice;
	int64_t since = i->pending_since[MEDIA_IN];

	if (!silent(f, MEDIA_IN) || i->ufrag[0] == '\0')
		return (0);
	if (w->session->last_answer > since)
		return (0);	/* answered on another pair */
	if (s->answered_flows == 0) {
		say(s, w, s->m->o.tap == TAP_ROUTER_OUT ? "udp-in-router" :
		    "udp-in-vm", since, 0, "%u checks arrived in %.0f s and "
		    "nobody's were answered: a packet filter behind this "
		    "point drops them, or the bridge stands still",
		    i->pending[MEDIA_IN], seconds(i->last_request[MEDIA_IN] -
		    since));
		return (1);
	}
	if (f->last[MEDIA_OUT] > since + 3 * NS_PER_SEC / 2 ||
	    !others_answered(s, w))
		return (0);
	say(s, w, "stale-ufrag", since, 0, "%u checks for ufrag %s stayed "
	    "without an answer for %.0f s while others were answered: the "
	    "bridge does not know it (conference over, bridge restarted, or "
	    "another bridge's)", i->pending[MEDIA_IN], i->ufrag,
	    seconds(i->last_request[MEDIA_IN] - since));
	return (1);
}

/* The bridge calls and hears nothing at all from there. */
static int
say_unheard(struct views *s, struct view *w)
{
	struct flow *f = w->f;
	double span = seconds(f->ice.last_request[MEDIA_OUT] -
	    f->ice.pending_since[MEDIA_OUT]);
	unsigned int n = f->ice.pending[MEDIA_OUT];

	if (!silent(f, MEDIA_OUT) || f->first[MEDIA_IN] != 0 ||
	    w->session->heard > 0)
		return (0);
	if (s->heard_flows == 0) {
		say(s, w, "udp-in-router", 0, 0, "%u checks of the bridge in "
		    "%.0f s brought nothing back, from this or any client: "
		    "inbound udp/%u stops before this point (or see "
		    "nat-addr-wrong)", n, span, f->lport);
		say(s, w, "nat-addr-wrong", 0, 0, "%u checks of the bridge in "
		    "%.0f s brought nothing back, from this or any client: "
		    "clients may be calling another address than the "
		    "bridge's (or see udp-in-router)", n, span);
		return (1);
	}
	if (w->session->public_flows == 0 || media_addr_is_private(&f->remote))
		return (0);
	if (s->connected == 0)
		return (0);
	if (s->connected_public == 0)
		say(s, w, "nat-addr-private", 0, 0, "%u checks to this public "
		    "address brought nothing back, and only clients with "
		    "private addresses are connected", n);
	else
		say(s, w, "c-udp", 0, 0, "%u checks of the bridge in %.0f s "
		    "brought nothing back from this client while others are "
		    "heard", n, span);
	return (1);
}

/* A client that got its answers checks slowly, and never with an old id. */
static int
keeps_asking(const struct ice_state *i)
{
	double span = seconds(i->last_request[MEDIA_IN] -
	    i->first_request[MEDIA_IN]);

	return (i->again[MEDIA_IN] >= 2 ||
	    i->requests[MEDIA_IN] > 2 + 1.2 * span);
}

/* The client is heard, but hears nothing: its answers never come. */
static int
say_silent_down(struct views *s, struct view *w)
{
	struct flow *f = w->f;
	struct ice_state *i = &f->ice;
	int64_t since = i->pending_since[MEDIA_OUT];
	int lan = media_addr_is_private(&f->remote) || is_neighbour(f);
	int never = i->answers[MEDIA_OUT] == 0 && i->errors[MEDIA_OUT] == 0;

	if (!silent(f, MEDIA_OUT) || f->last[MEDIA_IN] < since + SILENT_NS)
		return (0);
	if (never && (i->answers[MEDIA_IN] < 2 || f->first_rtp[MEDIA_IN] != 0 ||
	    w->session->connected > 0))
		return (0);
	if (never && lan && s->connected_public > 0) {
		say(s, w, "hairpin", since, 0, "a client of the local network "
		    "reaches the bridge, but none of the bridge's %u checks "
		    "reached it: answers take another way back",
		    i->pending[MEDIA_OUT]);
		return (1);
	}
	if (never && !keeps_asking(i)) {
		say(s, w, "ice-401", since, 0, "the client hears the bridge "
		    "but answers none of its %u checks: they carry another "
		    "password than the client expects", i->pending[MEDIA_OUT]);
		return (1);
	}
	say(s, w, "udp-out", since, 0, "the client's checks arrive and are "
	    "answered, but for %.0f s it has answered none of the bridge's "
	    "%u: what the bridge sends does not reach it",
	    seconds(i->last_request[MEDIA_OUT] - since),
	    i->pending[MEDIA_OUT]);
	return (1);
}

static int
say_v6(struct views *s, struct view *w)
{
	struct flow *f = w->f;
	struct ice_state *i = &f->ice;

	if (!is_v6(f) || i->answers[0] + i->answers[1] > 0 ||
	    w->session->connected_v4 == 0 ||
	    (i->pending[0] < SILENT_CHECKS && i->pending[1] < SILENT_CHECKS))
		return (0);
	say(s, w, "v6-broken", 0, 0, "%u checks over IPv6 stayed without an "
	    "answer; the same client works over IPv4",
	    i->pending[0] + i->pending[1]);
	return (1);
}

/* Both sides were idle for long; then only the bridge is heard. */
static int
say_state(struct views *s, struct view *w)
{
	struct flow *f = w->f;

	if (f->idle_length < 25 * NS_PER_SEC ||
	    f->last[MEDIA_IN] > f->idle_end - f->idle_length / 2 ||
	    f->last[MEDIA_OUT] < f->idle_end + 2 * NS_PER_SEC)
		return (0);
	say(s, w, "state-timeout", f->idle_end, 0, "after %.0f s without a "
	    "packet the bridge sends and nothing comes back: a firewall on "
	    "the way forgot the connection", seconds(f->idle_length));
	return (1);
}

/*
 * The bridge answers but never checks by itself: it does not have the
 * client's credentials.
 */
static int
say_no_nomination(struct views *s, struct view *w)
{
	struct flow *f = w->f;
	struct ice_state *i = &f->ice;
	int64_t last = f->last[0] > f->last[1] ? f->last[0] : f->last[1];

	if (w->dtls == FLOW_DTLS_CONNECTED || f->first_rtp[MEDIA_IN] != 0 ||
	    f->class_packets[MEDIA_IN][PACKET_RTCP] > 0)
		return (0);
	if (i->answers[MEDIA_IN] >= 3 && i->requests[MEDIA_OUT] == 0 &&
	    w->session->connected == 0 &&
	    last - i->first_answer[MEDIA_IN] >= 5 * NS_PER_SEC) {
		say(s, w, "ice-no-nomination", 0, 0, "the bridge answered %u "
		    "checks in %.0f s and sent none itself: it never got this "
		    "client's ufrag and password", i->answers[MEDIA_IN],
		    seconds(last - i->first_answer[MEDIA_IN]));
		return (1);
	}
	if (w->ice != ICE_CONNECTED || w->session->connected > 1 ||
	    !i->attributes || i->controlling[0] + i->controlling[1] == 0 ||
	    i->use_candidate[0] + i->use_candidate[1] > 0 || i->early < 8 ||
	    f->dtls.records[0] + f->dtls.records[1] > 0 ||
	    last - i->first_answer[MEDIA_OUT] < 5 * NS_PER_SEC)
		return (0);
	say(s, w, "ice-no-nomination", 0, 0, "checks work in both directions, "
	    "but for %.0f s nobody chose the path", seconds(last -
	    i->first_answer[MEDIA_OUT]));
	return (1);
}

void
verdicts_ice(struct views *s)
{
	struct view *w;
	size_t n;

	for (n = 0; n < s->count; n++) {
		w = &s->list[n];
		say_errors(s, w);
		if (s->m->o.tap == TAP_CLIENT)
			continue;
		if (say_unreachable(s, w) || say_v6(s, w) || say_state(s, w))
			continue;
		if (say_silent_up(s, w) || say_unheard(s, w) ||
		    say_silent_down(s, w))
			continue;
		(void)say_no_nomination(s, w);
	}
}

/* What a client says the bridge's address is, against what it should be. */
static void
say_mapped(struct views *s, struct view *w, int some_right)
{
	struct flow *f = w->f;
	struct ice_state *i = &f->ice;
	const struct media_options *o = &s->m->o;
	char seen[48], want[48];

	if (!i->has_mapped_up || media_addr_eq(&i->mapped_up, &f->local))
		return;
	media_addr_print(&i->mapped_up, seen, sizeof(seen));
	if (i->mapped_up_port != f->lport)
		say(s, w, "nat-port", 0, 0, "the client sees the bridge at "
		    "%s port %u instead of %u: the router rewrites the source "
		    "port, or forwards no port", seen, i->mapped_up_port,
		    f->lport);
	if (!o->has_public || some_right ||
	    media_addr_is_private(&i->mapped_up) ||
	    media_addr_is_v4(&i->mapped_up) != media_addr_is_v4(&o->public) ||
	    media_addr_eq(&i->mapped_up, &o->public))
		return;
	media_addr_print(&o->public, want, sizeof(want));
	say(s, w, "nat-addr-wrong", 0, 0, "the client sees the bridge at %s, "
	    "the configured public address is %s", seen, want);
}

static int
is_loopback(const struct media_addr *a)
{
	return (media_addr_is_v4(a) ? (uint32_t)a->lo >> 24 == 127 :
	    a->hi == 0 && a->lo == 1);
}

/* Every client seems to be one and the same address of the router. */
static void
say_snat(struct views *s)
{
	const struct media_options *o = &s->m->o;
	struct view *w, *first = NULL;
	size_t n, clients = 0;
	char addr[48];

	for (n = 0; n < s->count; n++) {
		w = &s->list[n];
		if (w->f->ice.answers[MEDIA_IN] == 0 ||
		    is_loopback(&w->f->local))
			continue;
		if (first != NULL && !media_addr_eq(&first->f->remote,
		    &w->f->remote))
			return;
		if (first == NULL || w->session != first->session)
			clients++;
		first = first == NULL ? w : first;
	}
	if (first == NULL)
		return;
	if (o->has_public && media_addr_eq(&first->f->remote, &o->public))
		clients++;
	else if (!media_addr_is_private(&first->f->remote) &&
	    !is_neighbour(first->f))
		return;
	if (clients < 2)
		return;
	media_addr_print(&first->f->remote, addr, sizeof(addr));
	say(s, NULL, "snat-in", 0, 0, "all clients seem to be %s: the router "
	    "rewrites the source address of packets to the bridge (or all "
	    "of them come through a TURN server there)", addr);
}

void
verdicts_nat(struct views *s)
{
	const struct media_options *o = &s->m->o;
	int some_right = 0;
	size_t n;

	for (n = 0; n < s->count; n++)
		if (o->has_public && s->list[n].f->ice.has_mapped_up &&
		    media_addr_eq(&s->list[n].f->ice.mapped_up, &o->public))
			some_right = 1;
	for (n = 0; n < s->count; n++)
		say_mapped(s, &s->list[n], some_right);
	if (o->tap == TAP_BRIDGE)
		say_snat(s);
}

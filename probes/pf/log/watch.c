/* SPDX-License-Identifier: ISC */
/*
 * The ports and addresses that are looked for in pflog. Pure.
 */
#include <string.h>

#include "agent/base/buf.h"
#include "agent/facts/site.h"
#include "probes/flows.h"
#include "probes/pf/env.h"
#include "probes/pf/log/watch.h"

static void
add_host(struct pf_watch *w, enum pf_af af, const struct pf_ip *ip)
{
	if (w->host_count == PF_WATCH_HOSTS ||
	    pf_watch_host(w, af, ip) != -1)
		return;
	w->hosts[w->host_count].af = af;
	w->hosts[w->host_count++].ip = *ip;
}

static void
add_text(struct pf_watch *w, const char *address)
{
	struct pf_ip ip;
	enum pf_af af;

	if (address != NULL && pf_ip_parse(str_from(address), &ip, &af) == 0)
		add_host(w, af, &ip);
}

void
pf_watch_site(struct pf_watch *w, const struct site *s, struct pf_env *env)
{
	struct flow list[FLOWS_MAX];
	const struct pf_name_addr *n;
	const struct pf_ifaddr *a;
	size_t count = flows_of(s, list), i;
	int r;

	memset(w, 0, sizeof(*w));
	for (i = 0; i < count && w->port_count < PF_WATCH_PORTS; i++) {
		if (pf_watch_port(w, list[i].udp ? 17 : 6, list[i].port) &&
		    list[i].last == list[i].port)
			continue;
		w->ports[w->port_count].proto = list[i].udp ? 17 : 6;
		w->ports[w->port_count].low = list[i].port;
		w->ports[w->port_count++].high = list[i].last;
	}
	for (r = 0; r < ROLE_COUNT; r++) {
		if (r == ROLE_OUTSIDE)
			continue;
		add_text(w, s->host[r].address);
		for (n = pf_env_host(env, target_name(s, (enum role)r));
		    n != NULL; n = n->next)
			add_host(w, n->af, &n->ip);
	}
	add_text(w, s->public_address);
	for (i = 0; i < env->if_count; i++)
		for (a = env->ifs[i].addrs; a != NULL; a = a->next)
			add_host(w, a->af, &a->ip);
}

int
pf_watch_port(const struct pf_watch *w, int proto, uint16_t port)
{
	size_t i;

	for (i = 0; i < w->port_count; i++)
		if (w->ports[i].proto == proto && port >= w->ports[i].low &&
		    port <= w->ports[i].high)
			return (1);
	return (0);
}

int
pf_watch_host(const struct pf_watch *w, enum pf_af af,
    const struct pf_ip *ip)
{
	size_t i;

	for (i = 0; i < w->host_count; i++)
		if (w->hosts[i].af == af && pf_ip_eq(&w->hosts[i].ip, ip))
			return ((int)i);
	return (-1);
}

void
pf_watch_print(struct buf *out, const struct pf_watch *w)
{
	size_t i;

	for (i = 0; i < w->port_count; i++)
		buf_addf(out, "%s%d:%u-%u", i == 0 ? "" : ",",
		    w->ports[i].proto, w->ports[i].low, w->ports[i].high);
	buf_adds(out, w->port_count == 0 ? "- " : " ");
	for (i = 0; i < w->host_count; i++) {
		buf_adds(out, i == 0 ? "" : ",");
		pf_ip_print(out, &w->hosts[i].ip, w->hosts[i].af);
	}
	buf_adds(out, w->host_count == 0 ? "-" : "");
}

/* "17:10000-10100"; 0, or -1. */
static int
parse_port(struct pf_watch *w, struct str word)
{
	struct str proto = str_split(&word, ':');
	struct str first = str_split(&word, '-');
	int64_t number, low, high;

	if (w->port_count == PF_WATCH_PORTS ||
	    str_num(proto, 1, 255, &number) == -1 ||
	    str_num(first, 1, 65535, &low) == -1 ||
	    str_num(word, low, 65535, &high) == -1)
		return (-1);
	w->ports[w->port_count].proto = (int)number;
	w->ports[w->port_count].low = (uint16_t)low;
	w->ports[w->port_count++].high = (uint16_t)high;
	return (0);
}

static int
parse_host(struct pf_watch *w, struct str word)
{
	struct pf_ip ip;
	enum pf_af af;

	if (w->host_count == PF_WATCH_HOSTS ||
	    pf_ip_parse(word, &ip, &af) == -1)
		return (-1);
	w->hosts[w->host_count].af = af;
	w->hosts[w->host_count++].ip = ip;
	return (0);
}

int
pf_watch_parse(struct pf_watch *w, struct str text)
{
	struct str ports = str_word(&text), hosts = str_word(&text);

	memset(w, 0, sizeof(*w));
	if (ports.n == 0 || hosts.n == 0 || str_trim(text).n != 0)
		return (-1);
	while (!str_eqs(ports, "-") && ports.n > 0)
		if (parse_port(w, str_split(&ports, ',')) == -1)
			return (-1);
	while (!str_eqs(hosts, "-") && hosts.n > 0)
		if (parse_host(w, str_split(&hosts, ',')) == -1)
			return (-1);
	return (0);
}

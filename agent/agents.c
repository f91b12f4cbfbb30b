/* SPDX-License-Identifier: ISC */
/*
 * The agents of the site, from meetprobe.conf, as targets of a scrape. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agents.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/conf.h"
#include "agent/facts/site.h"
#include "exporter/exporter.h"

/* "HOST:PORT" of a URL, freed by the caller; NULL when it has no host. */
static char *
url_target(const char *url)
{
	struct str s = str_from(url), host;
	size_t at = str_find(s, "://");
	const char *port = str_starts(s, "https:") ? ":443" : ":80";

	if (at == SIZE_MAX)
		return (NULL);
	s = str_sub(s, at + 3, s.n);
	host = str_split(&s, '/');
	at = str_rchr(host, ':');
	/* a colon inside the brackets of an IPv6 address is no port */
	if (at != SIZE_MAX && (str_chr(host, ']') == SIZE_MAX ||
	    at > str_chr(host, ']')))
		port = "";
	return (host.n == 0 ? NULL :
	    mem_printf("%.*s%s", STR_ARG(host), port));
}

/* Where others reach this agent; freed by the caller. */
static char *
own_target(const struct conf *conf)
{
	const struct conf_listen *l = NULL;
	size_t i;

	for (i = 0; i < conf->listens.count; i++) {
		l = &conf->listens.list[i];
		if (strncmp(l->address, "127.", 4) != 0 &&
		    strcmp(l->address, "::1") != 0)
			break;
	}
	if (l == NULL)
		return (mem_printf("127.0.0.1:%d", CONF_PORT));
	return (mem_printf(strchr(l->address, ':') != NULL ? "[%s]:%u" :
	    "%s:%u", l->address, l->port));
}

void
agents_tell(struct exporter *e, const struct conf *conf,
    const struct site *site)
{
	size_t i, n = 0, count = conf->peers.count + 1;
	struct exporter_agent *list = mem_zalloc(count, sizeof(*list));
	char **targets = mem_zalloc(count, sizeof(*targets));
	const struct conf_peer *peer;
	int role;

	targets[n] = own_target(conf);
	list[n].target = targets[n];
	list[n].host = site->hostname == NULL ? "" : site->hostname;
	list[n++].roles = site->roles;
	for (i = 0; i < conf->peers.count; i++) {
		peer = &conf->peers.list[i];
		if ((targets[n] = url_target(peer->url)) == NULL)
			continue;
		role = role_by_name(str_from(peer->name));
		list[n].target = targets[n];
		list[n].host = peer->name;
		list[n++].roles = role == -1 ? 0 : ROLE_BIT(role);
	}
	exporter_agents(e, site->name == NULL ? "" : site->name, list, n);
	while (n > 0)
		free(targets[--n]);
	free(targets);
	free(list);
}

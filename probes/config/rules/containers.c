/* SPDX-License-Identifier: ISC */
/*
 * Rules about the containers: .env against the files that were made from it,
 * docker-compose.yml. A file made once keeps old values until it is made
 * anew. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/rules.h"
#include "probes/config/web.h"

/* A password of .env against the one in a component's own file. */
static void
check_password(struct lint *l, struct val env, const struct config_file *f,
    const char *end, const char *id, const char *who)
{
	const struct item *it;
	size_t i;

	if (val_str(env).n == 0 || f == NULL)
		return;
	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		if (!str_ends(str_from(it->key), end) ||
		    it->type == ITEM_OPAQUE || it->value[0] == '\0' ||
		    str_eqs(val_str(env), it->value))
			continue;
		lint_say(l, id, (struct val){ f, it }, env, NULL, "%s has "
		    "another password than .env: its file, or the account in "
		    "prosody, is older (start over with an empty folder of "
		    "configurations)", who);
		return;
	}
}

/* PUBLIC_URL against the URL that the page was made with. */
static void
check_url(struct lint *l, struct val env)
{
	struct val made = val_is(l->n.bosh) ? l->n.bosh : l->n.websocket;
	struct val channel = val_of(l->n.jvb, "videobridge.websockets.domain");
	struct str d = val_str(channel);
	struct url a, b;

	if (val_str(env).n == 0)
		return;
	url_split(val_str(env), &a);
	if (same_name(str_sub(d, 0, str_chr(d, ':')), a.host) &&
	    url_port(&a) != 443 && str_chr(d, ':') == SIZE_MAX)
		lint_say(l, "colibri-websocket-route-wrong", channel, env,
		    NULL, "the port of PUBLIC_URL is missing here");
	if (str_eqs(a.scheme, "http")) {
		lint_say(l, "public-url-wrong", env, NOWHERE, NULL, "browsers "
		    "give no camera to a page of http");
		return;
	}
	url_split(val_str(made), &b);
	if (b.scheme.n == 0)
		b.scheme = a.scheme;	/* that of the page */
	if (a.host.n == 0 || b.host.n == 0 || str_eqs(a.host, "localhost") ||
	    str_find(a.host, "example.com") != SIZE_MAX ||
	    (same_name(a.host, b.host) && url_port(&a) == url_port(&b)))
		return;
	lint_say(l, "public-url-wrong", made, env, NULL, "the page calls "
	    "%.*s port %d, PUBLIC_URL says %.*s port %d", STR_ARG(b.host),
	    url_port(&b), STR_ARG(a.host), url_port(&a));
}

/* JVB_ADVERTISE_IPS against the mapping that was made of it. */
static void
check_advertised(struct lint *l, struct val env)
{
	struct val made = val_of(l->n.jvb, "ice4j.harvest.mapping."
	    "static-mappings/0.public-address");
	struct str list = val_str(env), one;

	if (list.n == 0 || val_str(made).n == 0)
		return;
	while (list.n > 0) {
		one = str_trim(str_split(&list, ','));
		one = str_sub(one, 0, str_chr(one, '#'));
		if (str_eq(one, val_str(made)) || !is_address(one))
			return;
	}
	lint_say(l, "nat-public-address-wrong", made, env, NULL, "the bridge "
	    "tells clients %.*s, JVB_ADVERTISE_IPS does not have it",
	    STR_ARG(val_str(made)));
	lint_capture(l, "address", val_str(made));
}

/* The bridge's UDP port on the host. */
static void
check_ports(struct lint *l, const struct config_file *f)
{
	struct val tcp = NOWHERE;
	const struct item *it;
	size_t i;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		if (strncmp(it->key, "services.jvb.ports/", 19) != 0)
			continue;
		if (strstr(it->value, "/udp") != NULL ||
		    strcmp(it->value, "udp") == 0)
			return;
		if (strstr(it->value, "10000") != NULL ||
		    strstr(it->value, "JVB_PORT") != NULL)
			tcp = (struct val){ f, it };
	}
	if (val_is(tcp))
		lint_say(l, "media-redirect-missing", tcp, NOWHERE,
		    "- '10000:10000/udp'", "without /udp this is TCP: no "
		    "media reaches the bridge");
}

/* The tag of an image "jitsi/NAME:TAG"; empty: none, or a variable. */
static struct str
image_tag(const struct item *it)
{
	struct str s = item_str(it);
	size_t i = str_rchr(s, ':');

	if (!str_ends(str_from(it->key), ".image") ||
	    str_find(s, "jitsi/") == SIZE_MAX || i == SIZE_MAX ||
	    str_find(s, "${") != SIZE_MAX)
		return (str_of("", 0));
	return (str_sub(s, i + 1, s.n));
}

static void
check_versions(struct lint *l, const struct config_file *f)
{
	const struct item *it, *first = NULL;
	size_t i;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		if (image_tag(it).n == 0)
			continue;
		if (first == NULL)
			first = it;
		else if (!str_eq(image_tag(first), image_tag(it))) {
			lint_say(l, "component-versions-differ",
			    (struct val){ f, it }, (struct val){ f, first },
			    NULL, "%s beside %s: components of one release "
			    "belong together", it->value, first->value);
			return;
		}
	}
}

/* The name by which the others find prosody in the containers' network. */
static void
check_alias(struct lint *l, const struct config_file *f)
{
	struct val name = l->n.hostname, service = val_of(f,
	    "services.prosody");
	struct str h = val_str(name);
	size_t i;
	char *text;
	int found = 0;

	if (!val_is(service) || h.n == 0 || str_chr(h, '.') == SIZE_MAX ||
	    is_address(h) || val_is(val_of(f, "services.prosody.extends")))
		return;
	text = mem_str(h);
	for (i = 0; i < f->model.count && !found; i++)
		found = strstr(f->model.list[i].value, text) != NULL ||
		    strstr(f->model.list[i].value, "XMPP_SERVER") != NULL;
	free(text);
	if (found)
		return;
	lint_say(l, "xmpp-hostname-not-resolvable", name, service, NULL,
	    "%.*s is no alias of prosody in the containers' network",
	    STR_ARG(h));
	lint_capture(l, "name", h);
}

void
rules_containers(struct lint *l)
{
	const struct config_file *env = config_find(l->set, ".env", NULL),
	    *compose = config_find(l->set, "docker-compose.yml", NULL);

	if (env != NULL) {
		check_password(l, val_of(env, "JICOFO_AUTH_PASSWORD"),
		    l->n.jicofo, "xmpp.client.password",
		    "jicofo-wrong-password", "jicofo");
		check_password(l, val_of(env, "JVB_AUTH_PASSWORD"), l->n.jvb,
		    ".password", "jvb-wrong-password", "the bridge");
		check_url(l, val_of(env, "PUBLIC_URL"));
		check_advertised(l, val_of(env, "JVB_ADVERTISE_IPS"));
	}
	if (compose != NULL) {
		check_ports(l, compose);
		check_versions(l, compose);
		check_alias(l, compose);
	}
}

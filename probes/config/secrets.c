/* SPDX-License-Identifier: ISC */
/*
 * Which secrets of the configuration two programs hold alike. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/config.h"
#include "probes/config/secrets.h"

struct found {
	const struct config_set *set;
	struct config_secret *list;
	size_t count, max;
};

/* Adds one unless it is empty or known to the running program only; takes
 * the name. */
static void
add(struct found *to, char *name, enum component component,
    const struct config_file *f, const struct item *it,
    const struct config_file *store)
{
	if (it == NULL || it->value[0] == '\0' || to->count == to->max ||
	    it->type == ITEM_OPAQUE || it->type == ITEM_TABLE ||
	    it->type == ITEM_BOOL || it->type == ITEM_NULL) {
		free(name);
		return;
	}
	to->list[to->count++] = (struct config_secret){ name, component, f,
	    it, store };
}

/* The options of prosody that carry the TURN server's secret: of
 * mod_external_services, mod_turn_external, mod_turncredentials. */
static int
is_turn_option(struct str key)
{
	static const char *const ends[] = { "/external_service_secret",
	    "/turn_external_secret", "/turncredentials_secret" };
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_ends(key, ends[i]))
			return (1);
	return (str_find(key, "/external_services/") != SIZE_MAX &&
	    str_ends(key, "/secret"));
}

static void
of_prosody(struct found *to, const struct config_file *f)
{
	const struct item *it;
	struct str key, host;
	size_t i;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		key = str_from(it->key);
		host = str_sub(key, 0, str_chr(key, '/'));
		if (str_ends(key, "/component_secret") &&
		    !str_eqs(host, "*"))
			add(to, mem_printf("component_secret %.*s",
			    STR_ARG(host)), COMPONENT_PROSODY, f, it, NULL);
		else if (is_turn_option(key))
			add(to, mem_strdup("turn_secret"),
			    COMPONENT_PROSODY, f, it, NULL);
	}
}

/* coturn takes any of several. */
static void
of_coturn(struct found *to, const struct config_file *f)
{
	size_t i;

	for (i = 0; i < f->model.count; i++)
		if (strcmp(f->model.list[i].key, "static-auth-secret") == 0)
			add(to, mem_strdup("turn_secret"), COMPONENT_COTURN,
			    f, &f->model.list[i], NULL);
}

/* "component_secret LABEL.DOMAIN", or the label alone. */
static char *
component_name_of(const char *label, struct str domain)
{
	if (domain.n == 0)
		return (mem_printf("component_secret %s", label));
	return (mem_printf("component_secret %s.%.*s", label,
	    STR_ARG(domain)));
}

/* The trust store of a path among the files of the same host. */
static const struct config_file *
store_of(const struct config_set *set, const struct config_file *script,
    struct str path)
{
	const struct config_file *f = NULL;

	while ((f = config_next(set, "keystore", f)) != NULL)
		if ((f->host == NULL || script->host == NULL ||
		    strcmp(f->host, script->host) == 0) && path.n > 0 &&
		    source_agrees(str_from(f->name), path) > 0)
			return (f);
	return (NULL);
}

/* *.in.sh, /etc/jitsi/NAME/config: PREFIX_SECRET of a service that is still
 * a component, PREFIX_TRUSTSTORE_PASSWORD. */
static void
of_script(struct found *to, const struct config_file *f, const char *prefix,
    const char *label, enum component component)
{
	const struct config_file *store;

	add(to, component_name_of(label, item_str(model_getf(&f->model,
	    "%s_HOSTNAME", prefix))), component, f, model_getf(&f->model,
	    "%s_SECRET", prefix), NULL);
	store = store_of(to->set, f, item_str(model_getf(&f->model,
	    "%s_TRUSTSTORE", prefix)));
	if (store != NULL)
		add(to, mem_strdup("truststore_password"), component, f,
		    model_getf(&f->model, "%s_TRUSTSTORE_PASSWORD", prefix),
		    store);
}

/* The containers' environment: what prosody's container and jicofo's get. */
static void
of_environment(struct found *to, const struct config_file *f)
{
	add(to, component_name_of("focus", item_str(model_get(&f->model,
	    "XMPP_DOMAIN"))), COMPONENT_JICOFO, f, model_get(&f->model,
	    "JICOFO_COMPONENT_SECRET"), NULL);
	add(to, mem_strdup("turn_secret"), COMPONENT_PROSODY, f,
	    model_get(&f->model, "TURN_CREDENTIALS"), NULL);
}

size_t
config_secrets(const struct config_set *set, struct config_secret *list,
    size_t max)
{
	struct found to = { set, list, 0, max };
	const struct config_file *f;
	const char *kind;
	size_t i;

	for (i = 0; i < set->count; i++) {
		f = &set->list[i];
		if (f->reader == NULL || f->used)
			continue;
		kind = f->reader->kind;
		if (strcmp(kind, "prosody.cfg.lua") == 0)
			of_prosody(&to, f);
		else if (strcmp(kind, "turnserver.conf") == 0)
			of_coturn(&to, f);
		else if (strcmp(kind, "jicofo.in.sh") == 0)
			of_script(&to, f, "JICOFO", "focus",
			    COMPONENT_JICOFO);
		else if (strcmp(kind, "jvb.in.sh") == 0)
			of_script(&to, f, "JVB", "jitsi-videobridge",
			    COMPONENT_JVB);
		else if (strcmp(kind, ".env") == 0)
			of_environment(&to, f);
	}
	return (to.count);
}

void
config_secrets_free(struct config_secret *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(list[i].name);
}

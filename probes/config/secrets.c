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

/* Adds one unless it is empty; takes the name. */
static void
add_value(struct found *to, char *name, enum component component,
    const struct config_file *f, const struct item *it, struct str value,
    const struct config_file *store)
{
	if (value.n == 0 || to->count == to->max) {
		free(name);
		return;
	}
	to->list[to->count++] = (struct config_secret){ name, component, f,
	    it, value, store };
}

/* Is the value a text that the program sees as it stands here? */
static int
is_plain(const struct item *it)
{
	return (it != NULL && it->type != ITEM_OPAQUE &&
	    it->type != ITEM_TABLE && it->type != ITEM_BOOL &&
	    it->type != ITEM_NULL);
}

static void
add(struct found *to, char *name, enum component component,
    const struct config_file *f, const struct item *it,
    const struct config_file *store)
{
	add_value(to, name, component, f, it, is_plain(it) ? item_str(it) :
	    str_of(NULL, 0), store);
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

/* Has the host a file of this kind with a setting that begins so? */
static int
has_setting(const struct config_set *set, const struct config_file *script,
    const char *kind, const char *start)
{
	const struct config_file *f = NULL;
	size_t i;

	while ((f = config_next(set, kind, f)) != NULL)
		for (i = 0; i < f->model.count; i++)
			if ((f->host == NULL || script->host == NULL ||
			    strcmp(f->host, script->host) == 0) && str_starts(
			    str_from(f->model.list[i].key), start))
				return (1);
	return (0);
}

/* Does the service log in with an account, as all have since 2021? Then the
 * secret of the component that it was is a remnant. */
static int
has_account(const struct config_set *set, const struct config_file *script,
    enum component component)
{
	if (component == COMPONENT_JICOFO)
		return (has_setting(set, script, "jicofo.conf",
		    "jicofo.xmpp.client.password"));
	return (has_setting(set, script, "jvb.conf",
	    "videobridge.apis.xmpp-client.configs.") || has_setting(set,
	    script, "sip-communicator.properties",
	    "org.jitsi.videobridge.xmpp.user."));
}

/* *.in.sh, /etc/jitsi/NAME/config: PREFIX_SECRET of a service that is still
 * a component, PREFIX_TRUSTSTORE_PASSWORD. */
static void
of_script(struct found *to, const struct config_file *f, const char *prefix,
    const char *label, enum component component)
{
	const struct config_file *store;

	if (!has_account(to->set, f, component))
		add(to, component_name_of(label, item_str(model_getf(
		    &f->model, "%s_HOSTNAME", prefix))), component, f,
		    model_getf(&f->model, "%s_SECRET", prefix), NULL);
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

struct str
config_service_variable(const struct config_file *f, const char *service,
    const char *name, const struct item **at)
{
	struct str key, value, variable;
	char *start = mem_printf("services.%s.environment", service);
	size_t i;

	*at = NULL;
	value = str_of(NULL, 0);
	for (i = 0; i < f->model.count && *at == NULL; i++) {
		key = str_from(f->model.list[i].key);
		if (!str_starts(key, start) || !is_plain(&f->model.list[i]))
			continue;
		key = str_sub(key, strlen(start), key.n);
		value = item_str(&f->model.list[i]);
		variable = str_starts(key, ".") ? str_sub(key, 1, key.n) :
		    str_split(&value, '=');	/* a list of NAME=VALUE */
		if (str_eqs(variable, name))
			*at = &f->model.list[i];
	}
	free(start);
	return (*at == NULL ? str_of(NULL, 0) : value);
}

/* docker-compose.yml: variables that stand in it, coturn's command line. */
static void
of_compose(struct found *to, const struct config_file *f)
{
	static const char option[] = "--static-auth-secret=";
	const struct item *it;
	struct str value;
	size_t i, at;

	value = config_service_variable(f, "prosody", "TURN_CREDENTIALS",
	    &it);
	add_value(to, mem_strdup("turn_secret"), COMPONENT_PROSODY, f, it,
	    value, NULL);
	value = config_service_variable(f, "prosody",
	    "JICOFO_COMPONENT_SECRET", &it);
	add_value(to, mem_strdup("component_secret focus"),
	    COMPONENT_PROSODY, f, it, value, NULL);
	value = config_service_variable(f, "jicofo",
	    "JICOFO_COMPONENT_SECRET", &it);
	add_value(to, mem_strdup("component_secret focus"), COMPONENT_JICOFO,
	    f, it, value, NULL);
	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		at = str_find(item_str(it), option);
		if (at == SIZE_MAX || !is_plain(it))
			continue;
		value = str_sub(item_str(it), at + sizeof(option) - 1,
		    SIZE_MAX);
		add_value(to, mem_strdup("turn_secret"), COMPONENT_COTURN, f,
		    it, str_word(&value), NULL);
	}
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
		else if (strcmp(kind, "docker-compose.yml") == 0)
			of_compose(&to, f);
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

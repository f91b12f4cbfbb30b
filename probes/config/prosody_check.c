/* SPDX-License-Identifier: ISC */
/*
 * What a prosody configuration shows by itself. The lists of options are
 * those of `prosodyctl check config`. Pure.
 */
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/str.h"
#include "probes/config/model.h"
#include "probes/config/prosody.h"

/* Options that only the global section has. */
static const char *const global_only[] = {
	"admin_socket", "body_size_limit", "bosh_max_inactivity",
	"bosh_max_polling", "bosh_max_wait", "buffer_size_limit",
	"c2s_close_timeout", "c2s_stanza_size_limit", "c2s_tcp_keepalives",
	"c2s_timeout", "component_stanza_size_limit",
	"component_tcp_keepalives", "consider_bosh_secure",
	"consider_websocket_secure", "daemonize", "gc", "http_default_host",
	"http_max_buffer_size", "http_max_content_size", "interfaces",
	"installer_plugin_path", "limits", "limits_resolution", "log",
	"network_backend", "network_settings", "pidfile", "plugin_paths",
	"plugin_server", "prosody_group", "prosody_user", "run_as_root",
	"s2s_insecure_domains", "s2s_require_encryption", "s2s_secure_auth",
	"s2s_secure_domains", "s2s_timeout", "statistics",
	"statistics_interval", "tls_profile", "trusted_proxies", "umask",
	"use_ipv4", "use_ipv6", "websocket_frame_buffer_limit",
};

/* Options that prosody no longer has, and what stands in their place. */
static const struct {
	const char *name, *instead;
} obsolete[] = {
	{ "anonymous_login", "authentication = \"anonymous\"" },
	{ "archive_cleanup_interval", "nothing" },
	{ "cross_domain_bosh", "nothing (always on since 0.12)" },
	{ "cross_domain_websocket", "nothing (always on since 0.12)" },
	{ "daemonize", "the command line's -D or -F" },
	{ "disallow_s2s", "modules_disabled = { \"s2s\" }" },
	{ "dns_timeout", "nothing" },
	{ "legacy_ssl_ports", "c2s_direct_tls_ports" },
	{ "no_daemonize", "the command line's -D or -F" },
	{ "require_encryption", "c2s_require_encryption" },
	{ "bosh_ports", "http_ports" },
	{ "setgid", "prosody_group" },
	{ "setuid", "prosody_user" },
	{ "use_libevent", "network_backend = \"event\"" },
};

/* The name part of an option's key, the host in *host; empty if no option. */
static struct str
split_key(const struct item *it, struct str *host)
{
	struct str key = str_from(it->key), name;

	*host = str_split(&key, '/');
	name = key;
	return (str_chr(name, '/') == SIZE_MAX ? name : str_of("", 0));
}

static void
check_level(struct model *m, const struct item *it, struct str host,
    struct str name)
{
	size_t i;

	for (i = 0; i < sizeof(global_only) / sizeof(global_only[0]); i++)
		if (str_eqs(name, global_only[i]))
			break;
	if (i == sizeof(global_only) / sizeof(global_only[0]) &&
	    !str_ends(name, "_ports") && !str_ends(name, "_interfaces"))
		return;
	model_problem(m, "option-in-wrong-section", it->source, it->line, 1,
	    "%.*s has no effect below %.*s: it belongs to the global section",
	    STR_ARG(name), STR_ARG(host));
	model_fix(m, 0, "move it above the first VirtualHost");
}

static void
check_obsolete(struct model *m, const struct item *it, struct str name)
{
	size_t i;

	for (i = 0; i < sizeof(obsolete) / sizeof(obsolete[0]); i++) {
		if (!str_eqs(name, obsolete[i].name))
			continue;
		model_problem(m, "obsolete-option", it->source, it->line, 1,
		    "%s is obsolete; instead: %s", obsolete[i].name,
		    obsolete[i].instead);
		return;
	}
}

/* "mod_x", "auth_x", "storage_x" in modules_enabled name no module. */
static void
check_module(struct model *m, const struct item *it)
{
	struct str key = str_from(it->key), value = str_from(it->value);

	str_split(&key, '/');
	if (!str_starts(key, "modules_enabled/"))
		return;
	if (it->type == ITEM_NULL)
		return;		/* told as a value without quotes */
	if (it->type != ITEM_TEXT && it->type != ITEM_OPAQUE) {
		model_problem(m, "config-syntax-error", it->source, it->line,
		    it->column, "modules_enabled takes a list of names in "
		    "quotes");
		return;
	}
	if (str_starts(value, "mod_")) {
		model_problem(m, "module-name-has-mod-prefix", it->source,
		    it->line, it->column, "the module is named \"%.*s\", "
		    "without mod_", STR_ARG(str_sub(value, 4, value.n)));
		model_fix(m, it->end_column, "\"%.*s\"",
		    STR_ARG(str_sub(value, 4, value.n)));
	} else if (str_starts(value, "auth_") ||
	    str_starts(value, "storage_")) {
		model_problem(m, "option-in-wrong-section", it->source,
		    it->line, it->column, "%.*s is chosen by the option %s, "
		    "not in modules_enabled", STR_ARG(value),
		    value.p[0] == 'a' ? "authentication" : "storage");
	}
}

void
prosody_check(struct model *m, int piece)
{
	const struct item *it;
	struct str host, name;
	size_t i, n = m->count;
	int hosts = 0;

	for (i = 0; i < n; i++) {
		it = &m->list[i];
		name = split_key(it, &host);
		if (str_eqs(str_from(it->value), "virtualhost") &&
		    it->type == ITEM_TABLE)
			hosts++;
		check_module(m, it);
		if (name.n == 0)
			continue;
		check_obsolete(m, it, name);
		if (!str_eqs(host, "*"))
			check_level(m, it, host, name);
	}
	if (hosts == 0 && !m->partial && !piece)
		model_problem(m, "no-virtualhost", 0, 0, 0,
		    "no VirtualHost: nobody can log in");
}

const struct item *
prosody_host(const struct model *m, struct str host, const char *what)
{
	const struct item *it;
	size_t i;

	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		if (it->type == ITEM_TABLE && it->parent == -1 &&
		    strcmp(it->key, "*") != 0 &&
		    str_starts(str_from(it->value), what == NULL ? "" : what)
		    && str_ieqs(host, it->key))
			return (it);
	}
	return (NULL);
}

const struct item *
prosody_option(const struct model *m, const char *host, const char *option)
{
	const struct item *it = model_getf(m, "%s/%s", host, option);

	return (it != NULL ? it : model_getf(m, "*/%s", option));
}

/* Is the word a member of a list option? */
static int
listed(const struct model *m, const char *host, const char *option,
    const char *word)
{
	const struct item *it;
	int i;

	for (i = 0; (it = model_getf(m, "%s/%s/%d", host, option, i)) !=
	    NULL; i++)
		if (strcmp(it->value, word) == 0)
			return (1);
	return (0);
}

int
prosody_module(const struct model *m, const char *host, const char *module)
{
	const struct item *it = model_get(m, host);
	struct str value = item_str(it);

	if (listed(m, host, "modules_disabled", module) ||
	    listed(m, "*", "modules_disabled", module))
		return (0);
	if (listed(m, host, "modules_enabled", module))
		return (1);
	if (str_starts(value, "component "))
		return (str_eqs(str_sub(value, 10, value.n), module));
	return (listed(m, "*", "modules_enabled", module));
}

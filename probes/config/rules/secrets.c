/* SPDX-License-Identifier: ISC */
/*
 * Rules about accounts and secrets: placeholders, registered accounts against
 * those that are used, TURN secrets, readable files. Values of secrets are
 * compared, never printed. Pure but for looking whether prosody has an account,
 * when the files are this host's own.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/facts/secret.h"
#include "probes/config/prosody.h"
#include "probes/config/rules.h"
#include "probes/config/secrets.h"

static int
is_secret_key(struct str key)
{
	return (str_starts(key, "account/") ||
	    str_ifind(key, "password") != SIZE_MAX ||
	    str_ifind(key, "secret") != SIZE_MAX);
}

/* What samples of the packages have where a site's own value belongs. */
static int
is_placeholder(struct str value)
{
	return (str_starts(value, "CHANGE_") ||
	    str_eqs(value, "XX.XX.XX.XX") || str_eqs(value, "ZZ.ZZ.ZZ.ZZ") ||
	    str_starts(value, "CRED_") || str_eqs(value, "changeme") ||
	    str_eqs(value, "${LOCAL_ADDRESS}") ||
	    str_eqs(value, "${JAVA_TS_PASS}"));
}

/* The sample's domain: said once of a file. */
static void
check_sample_domain(struct lint *l, const struct config_file *f)
{
	const struct item *it, *first = NULL;
	size_t i, n = 0;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		if (it->type == ITEM_TABLE || strstr(it->value,
		    "jitsi.example.com") == NULL)
			continue;
		if (n++ == 0)
			first = it;
	}
	if (n > 0)
		lint_say(l, "config-placeholder-left", (struct val){ f,
		    first }, NOWHERE, NULL, "jitsi.example.com is still the "
		    "sample's domain (values of this file with it: %zu)", n);
}

static void
check_placeholders(struct lint *l, const struct config_file *f)
{
	const struct item *it;
	size_t i;

	check_sample_domain(l, f);
	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		if (it->type == ITEM_TABLE || !is_placeholder(item_str(it)))
			continue;
		lint_say(l, "config-placeholder-left", (struct val){ f, it },
		    NOWHERE, NULL, is_secret_key(str_from(it->key)) ?
		    "%s is still the sample's, which everybody knows" :
		    "%s is still the sample's value", it->key);
	}
}

/*
 * A secret as its program gets it: ${NAME} of a HOCON file is looked up in
 * the containers' environment when that is at hand. Empty: not known here.
 */
static struct str
plain(const struct lint *l, struct val v)
{
	if (v.it == NULL || v.it->type != ITEM_OPAQUE)
		return (val_str(v));
	if (strcmp(v.f->reader->kind, "jicofo.conf") != 0 &&
	    strcmp(v.f->reader->kind, "jvb.conf") != 0)
		return (str_of("", 0));
	return (val_str(val_of(config_find(l->set, ".env", NULL),
	    v.it->value)));
}

/* The id of a service's wrong password. */
static const char *
wrong_password(const char *service)
{
	return (strcmp(service, "jicofo") == 0 ? "jicofo-wrong-password" :
	    "jvb-wrong-password");
}

/* prosody's container registers the accounts with the passwords of .env. */
static void
check_environment(struct lint *l, struct val password, const char *name,
    const char *service)
{
	struct val env = val_of(config_find(l->set, ".env", NULL), name);

	if (val_str(env).n > 0 && plain(l, password).n > 0 &&
	    !str_eq(plain(l, password), val_str(env)))
		lint_say(l, wrong_password(service), password, env, NULL,
		    "this is not the password that %s gives the account",
		    name);
}

/* One account that a service uses, against the registrations noted. */
static void
check_account(struct lint *l, struct val user, struct val domain,
    struct val password, const char *service)
{
	const struct config_file *f = NULL;
	const struct item *it;
	struct str name, host, registered;
	int any = 0;
	struct val elsewhere = NOWHERE;
	size_t i;

	while ((f = config_next(l->set, "commands", f)) != NULL)
		for (i = 0; i < f->model.count; i++) {
			it = &f->model.list[i];
			if (strncmp(it->key, "account/", 8) != 0)
				continue;
			any = 1;
			registered = str_from(it->key + 8);
			name = jid_node(registered);
			host = jid_domain(registered);
			if (!same_name(name, val_str(user)))
				continue;
			elsewhere = (struct val){ f, it };
			if (lint_is_told(l, elsewhere))
				return;
			if (!same_name(host, val_str(domain)))
				continue;
			if (it->value[0] != '\0' && plain(l, password).n > 0 &&
			    !str_eqs(plain(l, password), it->value))
				lint_say(l, wrong_password(service), password,
				    elsewhere, NULL, "this is not the "
				    "password that %s was registered with",
				    it->key + 8);
			return;
		}
	if (!any || val_str(user).n == 0 || val_str(domain).n == 0 ||
	    lint_is_told(l, domain))
		return;
	lint_say(l, elsewhere.it != NULL ? "user-registered-on-wrong-host" :
	    "user-not-registered", user, elsewhere, NULL, "%s logs in as "
	    "%.*s@%.*s, %s", service, STR_ARG(val_str(user)),
	    STR_ARG(val_str(domain)), elsewhere.it != NULL ?
	    "which is registered on another host" :
	    "which the commands given do not register");
	lint_capture(l, "user", val_str(user));
}

/* One connection of a bridge: the settings that begin with base. */
static void
check_bridge(struct lint *l, const struct config_file *f, struct str base,
    const char *const names[3])
{
	struct val v[3];
	size_t i;

	for (i = 0; i < 3; i++)
		v[i] = (struct val){ f, model_getf(&f->model, "%.*s%s",
		    STR_ARG(base), names[i]) };
	check_account(l, v[0], v[1], v[2], "the bridge");
	check_environment(l, v[2], "JVB_AUTH_PASSWORD", "the bridge");
}

static void
check_bridges(struct lint *l, const char *kind, const char *part,
    const char *const names[3])
{
	const struct config_file *f = NULL;
	struct str key;
	size_t i;

	while ((f = config_next(l->set, kind, f)) != NULL)
		for (i = 0; i < f->model.count; i++) {
			key = str_from(f->model.list[i].key);
			if (str_find(key, part) != SIZE_MAX &&
			    str_ends(key, names[0]))
				check_bridge(l, f, str_sub(key, 0, key.n -
				    strlen(names[0])), names);
		}
}

/* A password that docker-compose.yml gives prosody's container, which makes
 * the account, and the container that logs in. */
static void
check_services(struct lint *l, const char *name, const char *service)
{
	const struct config_file *f = config_find(l->set,
	    "docker-compose.yml", NULL);
	const struct item *one, *two;
	struct str a, b;

	if (f == NULL)
		return;
	a = config_service_variable(f, service, name, &one);
	b = config_service_variable(f, "prosody", name, &two);
	if (a.n > 0 && b.n > 0 && !str_eq(a, b))
		lint_say(l, wrong_password(service), (struct val){ f, one },
		    (struct val){ f, two }, NULL, "the services prosody and "
		    "%s are given different values of %s", service, name);
}

static void
check_accounts(struct lint *l)
{
	static const char *const hocon[] = { ".username", ".domain",
	    ".password" };
	static const char *const properties[] = { ".USERNAME", ".DOMAIN",
	    ".PASSWORD" };
	struct val password = val_of(l->n.jicofo,
	    "jicofo.xmpp.client.password");

	if (l->n.jicofo != NULL) {
		check_account(l, l->n.user, l->n.domain, password, "jicofo");
		check_environment(l, password, "JICOFO_AUTH_PASSWORD",
		    "jicofo");
	}
	check_services(l, "JICOFO_AUTH_PASSWORD", "jicofo");
	check_services(l, "JVB_AUTH_PASSWORD", "jvb");
	check_bridges(l, "jvb.conf", "xmpp-client.configs.", hocon);
	check_bridges(l, "sip-communicator.properties",
	    "org.jitsi.videobridge.xmpp.user.", properties);
}

/* prosody's name of a host's folder: what is no letter or digit as %xx. */
static void
encode(struct buf *b, struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((s.p[i] >= '0' && s.p[i] <= '9') ||
		    ((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z'))
			buf_addc(b, s.p[i]);
		else
			buf_addf(b, "%%%02x", (unsigned char)s.p[i]);
}

/*
 * On prosody's own host: is there an account of this JID? The store can be
 * read by prosody and root only, then nothing is said.
 */
static void
check_stored(struct lint *l, struct val at, struct str jid)
{
	struct str dir = val_str(val_of(l->n.prosody, "*/data_path"));
	struct buf path;

	if (jid_node(jid).n == 0 || jid_domain(jid).n == 0)
		return;
	if (dir.n == 0)
		dir = str_from(is_openbsd(l) ? "/var/prosody" :
		    "/var/lib/prosody");
	buf_init(&path, LIMIT_CONFIG_KEY);
	buf_add_str(&path, dir);
	buf_addc(&path, '/');
	encode(&path, jid_domain(jid));
	buf_adds(&path, "/accounts");
	if (access(buf_cstr(&path), R_OK | X_OK) == 0) {
		buf_addc(&path, '/');
		encode(&path, jid_node(jid));
		buf_adds(&path, ".dat");
		if (access(buf_cstr(&path), F_OK) == -1 && errno == ENOENT)
			lint_say(l, "user-not-registered", at, NOWHERE, NULL,
			    "there is no account %.*s (%s)", STR_ARG(jid),
			    buf_cstr(&path));
	}
	buf_free(&path);
}

/* The accounts that prosody's configuration itself counts on. */
static void
check_store(struct lint *l)
{
	const struct model *m;
	struct val v;
	size_t i;

	if (!l->set->local || l->n.prosody == NULL)
		return;
	m = &l->n.prosody->model;
	for (i = 0; i < m->count; i++) {
		v = (struct val){ l->n.prosody, &m->list[i] };
		if (str_ends(str_from(v.it->key), "/target_address"))
			check_stored(l, v, val_str(v));
	}
}

/* The secret that prosody hands out for TURN, from any of its options. */
static struct val
turn_secret(const struct lint *l)
{
	static const char *const options[] = { "*/external_service_secret",
	    "*/turn_external_secret", "*/turncredentials_secret" };
	struct val v = NOWHERE;
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		v = val_of(l->n.prosody, options[i]);
		if (val_is(v))
			return (v);
	}
	return (val_of(l->n.prosody, "*/external_services/0/secret"));
}

/* Is it more than the package's file, in which nearly all is a comment? */
static int
turn_is_set_up(const struct config_file *f)
{
	static const char *const keys[] = { "realm", "external-ip", "cert",
	    "listening-port", "tls-listening-port", "listening-ip",
	    "server-name", "use-auth-secret" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (model_get(&f->model, keys[i]) != NULL)
			return (1);
	return (0);
}

static void
check_turn(struct lint *l)
{
	const struct config_file *turn = config_find(l->set,
	    "turnserver.conf", NULL);
	struct val mine = turn_secret(l), theirs = val_of(turn,
	    "static-auth-secret"), services = val_of(l->n.prosody,
	    "*/external_services");

	if (turn != NULL && turn_is_set_up(turn) && !val_is(theirs) &&
	    (!l->set->local || l->n.prosody != NULL) &&
	    !val_is(val_of(turn, "user")) && !val_is(val_of(turn,
	    "lt-cred-mech")) && !val_is(val_of(turn, "no-auth")))
		lint_say(l, "turn-no-auth-configured", (struct val){ turn,
		    NULL }, NOWHERE, "static-auth-secret=SECRET",
		    "neither static-auth-secret nor users: nobody gets a "
		    "relay, or everybody does");
	if (!val_is(services) && l->n.prosody != NULL && prosody_module(
	    &l->n.prosody->model, "*", "turn_external"))
		services = val_of(l->n.prosody, "*/turn_external_host");
	if (val_is(services) && !val_is(mine) && (val_is(theirs) ||
	    strstr(services.it->key, "turn_external") != NULL))
		lint_say(l, "turn-secret-missing", services, theirs, NULL,
		    "prosody announces the TURN server, but has no secret to "
		    "make credentials with");
}

/* What the comparison of plain secrets is about. */
struct pairs {
	struct lint *lint;
	const struct config_secret *found;
	const struct secrets *plain;	/* the same, in the same order */
};

static void
say_pair(void *arg, enum secret_result result, const struct secret *holder,
    const struct secret *prosody)
{
	const struct pairs *p = arg;
	const struct config_secret *h, *o;
	const char *name = strchr(prosody->name, ' ');

	(void)result;
	h = &p->found[holder - p->plain->list];
	o = &p->found[prosody - p->plain->list];
	if (name == NULL)
		lint_say(p->lint, "turn-secret-mismatch",
		    (struct val){ o->file, o->at },
		    (struct val){ h->file, h->at }, NULL,
		    "prosody and the TURN server have different secrets");
	else
		lint_say(p->lint, "component-secret-mismatch",
		    (struct val){ o->file, o->at },
		    (struct val){ h->file, h->at }, NULL,
		    "%s has another secret than %s is given", name + 1,
		    component_name(h->component));
	if (name != NULL)
		lint_capture(p->lint, "component", str_from(name + 1));
}

/* Secrets that two programs hold alike; those of trust stores are told where
 * the store is looked at. */
static void
check_pairs(struct lint *l)
{
	struct config_secret found[LIMIT_SECRET_VALUES];
	struct secrets plain;
	struct pairs p = { l, found, &plain };
	struct secret *s;
	size_t i, n;

	if (l->n.prosody == NULL)
		return;		/* none that serves Jitsi */
	n = config_secrets(l->set, found, LIMIT_SECRET_VALUES);
	secrets_init(&plain);
	for (i = 0; i < n; i++) {
		if ((s = secrets_add(&plain)) == NULL)
			break;
		s->name = mem_strdup(found[i].name);
		s->component = found[i].component;
		s->host = found[i].file->host == NULL ? NULL :
		    mem_strdup(found[i].file->host);
		s->file = mem_strdup(found[i].file->name);
		s->salt = mem_strdup("");
		s->value = mem_str(found[i].value);
	}
	secrets_compare(&plain, say_pair, &p);
	secrets_free(&plain);
	config_secrets_free(found, n);
}

static int
has_secret(const struct config_file *f)
{
	size_t i;

	for (i = 0; i < f->model.count; i++)
		if (is_secret_key(str_from(f->model.list[i].key)) &&
		    f->model.list[i].type == ITEM_TEXT)
			return (1);
	return (strcmp(f->reader->kind, "certificate") == 0 &&
	    model_get(&f->model, "key") != NULL);
}

int
lint_folders_open(const char *path)
{
	char *copy = mem_strdup(path), *slash;
	struct stat st;
	int open = 1;

	while (open && (slash = strrchr(copy, '/')) != NULL &&
	    slash != copy) {
		*slash = '\0';
		open = stat(copy, &st) == -1 || (st.st_mode & S_IXOTH) != 0;
	}
	free(copy);
	return (open);
}

static void
check_modes(struct lint *l, const struct config_file *f)
{
	if (!l->set->local || f->mode == -1 || (f->mode & 04) == 0 ||
	    !has_secret(f) || !lint_folders_open(f->name))
		return;
	lint_say(l, "secret-file-readable-by-all", (struct val){ f, NULL },
	    NOWHERE, "chmod o-r FILE", "everybody on this host can read the "
	    "secrets in it (mode %04o)", (unsigned)f->mode);
}

void
rules_secrets(struct lint *l)
{
	const struct config_file *f;
	size_t i;

	for (i = 0; i < l->set->count; i++) {
		f = &l->set->list[i];
		if (f->reader == NULL || f->used)
			continue;
		check_placeholders(l, f);
		check_modes(l, f);
	}
	check_accounts(l);
	check_store(l);
	check_turn(l);
	check_pairs(l);
}

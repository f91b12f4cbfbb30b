/* SPDX-License-Identifier: ISC */
/*
 * Rules about certificates, keys and trust stores: do they belong together,
 * cover the names, last; does the password open the store, and does the store
 * hold what prosody serves. Pure but for looking whether a file is there, when
 * the files are this host's own.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "probes/config/nginx.h"
#include "probes/config/prosody.h"
#include "probes/config/rules.h"
#include "probes/config/set.h"
#include "probes/config/web.h"
#include "probes/config/x509.h"

static struct str
base_name(struct str path)
{
	return (str_sub(path, str_rchr(path, '/') + 1, path.n));
}

/*
 * The given file that a path of the configuration means: of that path, else
 * of that name (files collected from a host lie elsewhere); NULL: not given.
 */
static const struct config_file *
given(const struct lint *l, struct str path)
{
	const struct config_file *f, *same = NULL;
	size_t i;

	for (i = 0; path.n > 0 && i < l->set->count; i++) {
		f = &l->set->list[i];
		if (f->reader == NULL ||
		    (strcmp(f->reader->kind, "certificate") != 0 &&
		    strcmp(f->reader->kind, "keystore") != 0))
			continue;
		if (source_agrees(str_from(f->name), path) > 0)
			return (f);
		if (same == NULL && !l->set->local && str_eq(base_name(
		    str_from(f->name)), base_name(path)))
			same = f;
	}
	return (same);
}

static int holds(const struct config_file *store,
    const struct config_file *cert);

/* Is the certificate itself in one of the stores? Java then takes it even
 * when it has expired. */
static int
is_pinned(const struct lint *l, const struct config_file *cert)
{
	const struct config_file *store = NULL;

	while ((store = config_next(l->set, "keystore", store)) != NULL)
		if (holds(store, cert) == 1)
			return (1);
	return (0);
}

static void
check_dates(struct lint *l, const struct config_file *f, struct val named)
{
	struct val at = val_of(f, "cert/0");
	int64_t now = l->now.us / US_PER_SEC,
	    until = item_number(model_get(&f->model, "cert/0/not_after"), 0),
	    from = item_number(model_get(&f->model, "cert/0/not_before"), 0);
	char day[WALL_TEXT_SIZE];

	if (until == 0)
		return;
	wall_format((wall_t){ (until < now && from <= now ? until : until <
	    now + 14 * 86400 ? until : from) * US_PER_SEC }, day,
	    sizeof(day));
	if (until < now && is_pinned(l, f))
		lint_say(l, "certificate-expired-pinned-java-accepts", at,
		    named, NULL, "the certificate of %s has expired at %s; "
		    "jicofo and the bridge take it, since it is itself in "
		    "their store", at.it->value, day);
	else if (until < now)
		lint_say(l, "certificate-expired", at, named, NULL,
		    "the certificate of %s has expired at %s",
		    at.it->value, day);
	else if (from > now)
		lint_say(l, "certificate-not-yet-valid", at, named, NULL,
		    "the certificate of %s is valid from %s on: is the clock "
		    "right?", at.it->value, day);
	else if (until < now + 14 * 86400)
		lint_say(l, "certificate-expires-soon", at, named, NULL,
		    "the certificate of %s expires at %s", at.it->value, day);
}

/* A file of this host that the configuration names. */
static void
check_there(struct lint *l, struct val at, struct str path, const char *id)
{
	char *name;

	if (!l->set->local || path.n == 0 || path.p[0] != '/' ||
	    str_chr(path, '$') != SIZE_MAX)
		return;
	name = mem_str(path);
	if (access(name, F_OK) == -1 && errno == ENOENT) {
		lint_say(l, id, at, NOWHERE, NULL, "%s is not there", name);
		lint_capture(l, "file", path);
	}
	free(name);
}

/* The folder of one name below certbot's live/. */
static struct str
lineage(struct str path)
{
	size_t i = str_find(path, "/live/");

	path = str_sub(path, i == SIZE_MAX ? path.n : i + 6, path.n);
	return (str_sub(path, 0, str_chr(path, '/')));
}

static int
looks_like_key(struct str path)
{
	return (str_ends(path, ".key") || str_ends(path, "privkey.pem"));
}

/* Do the names of the files themselves say that they do not fit? */
static void
check_paths(struct lint *l, struct val cert, struct str cert_path,
    struct val key, struct str key_path)
{
	struct str a = lineage(cert_path), b = lineage(key_path);

	if (looks_like_key(cert_path) && key_path.n > 0 &&
	    !looks_like_key(key_path))
		lint_say(l, "cert-key-mismatch", cert, key, NULL,
		    "%.*s is a key by its name, and stands where the "
		    "certificate belongs", STR_ARG(cert_path));
	else if (a.n > 0 && b.n > 0 && !str_eq(a, b))
		lint_say(l, "cert-key-mismatch", key, cert, NULL,
		    "the certificate is that of %.*s, the key that of %.*s",
		    STR_ARG(a), STR_ARG(b));
}

/* A private key that everybody on this host can read. */
static void
check_mode(struct lint *l, struct val at, struct str path)
{
	struct stat st;
	char *name;

	if (!l->set->local || path.n == 0 || path.p[0] != '/')
		return;
	name = mem_str(path);
	if (stat(name, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & S_IROTH) != 0 && lint_folders_open(name))
		lint_say(l, "secret-file-readable-by-all", at, NOWHERE,
		    "chmod o-r FILE", "everybody on this host can read the "
		    "key %s", name);
	free(name);
}

/* A certificate and key that a file names, for a host name. */
static void
check_pair(struct lint *l, struct val cert, struct str cert_path,
    struct val key, struct str key_path, struct str name)
{
	const struct config_file *c = given(l, cert_path),
	    *k = given(l, key_path);
	const struct item *a, *b;

	check_paths(l, cert, cert_path, key, key_path);
	check_there(l, cert, cert_path, "cert-file-missing");
	check_there(l, key, key_path, "key-file-missing");
	if (k == NULL)
		check_mode(l, key, key_path);
	if (c != NULL && model_get(&c->model, "cert/0") == NULL &&
	    model_get(&c->model, "key") != NULL)
		lint_say(l, "cert-file-not-pem", cert, (struct val){ c,
		    NULL }, NULL, "%s holds a key and no certificate",
		    c->name);
	if (c != NULL && model_get(&c->model, "cert/0") != NULL) {
		check_dates(l, c, cert);
		if (name.n > 0 && !x509_covers(&c->model, "cert/0", name)) {
			lint_say(l, "certificate-name-mismatch",
			    val_of(c, "cert/0"), cert, NULL, "this "
			    "certificate is for %s, not for %.*s",
			    model_get(&c->model, "cert/0")->value,
			    STR_ARG(name));
			lint_capture(l, "name", name);
		}
	}
	if (c == NULL || k == NULL)
		return;
	a = model_get(&c->model, "cert/0/key");
	b = model_get(&k->model, "key");
	if (a != NULL && b != NULL && b->value[0] != '\0' &&
	    strcmp(a->value, b->value) != 0)
		lint_say(l, "cert-key-mismatch", cert, key, NULL,
		    "certificate and key do not belong together");
}

/* Does nginx serve what the certificate authority's client writes, with
 * the certificates between? */
static void
check_chain(struct lint *l, const struct item *cert, struct str name)
{
	const struct config_file *acme = config_find(l->set,
	    "acme-client.conf", NULL);
	struct str path = nginx_arg(cert, 0);
	char *domain = mem_str(name);
	struct val whole = NOWHERE, alone = NOWHERE;

	if (acme != NULL) {
		whole = (struct val){ acme, model_getf(&acme->model,
		    "domain/%s/domain full chain certificate", domain) };
		alone = (struct val){ acme, model_getf(&acme->model,
		    "domain/%s/domain certificate", domain) };
	}
	free(domain);
	if ((lineage(path).n > 0 && str_ends(path, "/cert.pem")) ||
	    (val_is(alone) && str_eq(val_str(alone), path)))
		lint_say(l, "web-certificate-untrusted", web_val(l, cert),
		    alone, NULL, "%.*s holds the certificate alone, without "
		    "those between it and the authority: telephones and other "
		    "programs refuse it", STR_ARG(path));
	else if (val_is(whole) && !val_is(alone) && path.n > 0 &&
	    !str_eq(val_str(whole), path))
		lint_say(l, "acme-certificate-not-used", web_val(l, cert),
		    whole, NULL, "acme-client renews %.*s, nginx serves %.*s",
		    STR_ARG(val_str(whole)), STR_ARG(path));
}

static void
check_web(struct lint *l)
{
	const struct model *m;
	const struct item *server, *cert, *key;
	struct str name = val_str(l->n.js_domain);

	if (l->n.nginx == NULL || (server = web_server(l)) == NULL)
		return;
	m = &l->n.nginx->model;
	cert = nginx_inherited(m, nginx_index(m, server), "ssl_certificate");
	key = nginx_inherited(m, nginx_index(m, server),
	    "ssl_certificate_key");
	if (name.n == 0 && val_is(l->n.guests))
		name = str_from(l->n.guests.it->key);
	if (cert == NULL)
		return;
	check_pair(l, web_val(l, cert), nginx_arg(cert, 0), web_val(l, key),
	    nginx_arg(key, 0), name);
	check_chain(l, cert, name);
}

/* An option of the auth host's ssl table. */
static struct val
ssl_option(const struct lint *l, const char *name)
{
	struct val v = { l->n.prosody, NULL };

	if (!val_is(l->n.auth))
		return (v);
	v.it = model_getf(&l->n.prosody->model, "%s/ssl/%s",
	    l->n.auth.it->key, name);
	if (v.it == NULL)
		v.it = model_getf(&l->n.prosody->model, "%s/%s",
		    l->n.auth.it->key, name);
	return (v);
}

/* prosody's certificate for the auth host: named, or found by its name. */
static const struct config_file *
prosody_certificate(const struct lint *l)
{
	struct val v = ssl_option(l, "certificate");
	const struct config_file *f = given(l, val_str(v));
	char *name;

	if (f == NULL && val_is(l->n.auth)) {
		name = mem_printf("%s.crt", l->n.auth.it->key);
		f = given(l, str_from(name));
		free(name);
	}
	return (f);
}

static void
check_prosody(struct lint *l)
{
	struct val cert = ssl_option(l, "certificate"),
	    key = ssl_option(l, "key");
	const struct config_file *f = prosody_certificate(l);
	int64_t until;
	char days[32];

	if (val_is(l->n.auth))
		check_pair(l, cert, f == NULL ? val_str(cert) :
		    str_from(f->name), key, val_str(key),
		    str_from(l->n.auth.it->key));
	if (f == NULL || model_get(&f->model, "cert/0") == NULL)
		return;
	until = item_number(model_get(&f->model, "cert/0/not_after"), 0);
	snprintf(days, sizeof(days), "%lld", (long long)((until - l->now.us /
	    US_PER_SEC) / 86400));
	lint_fact(l, "cert.days_left", days);
	lint_fact(l, "cert.self_signed", item_bool(model_get(&f->model,
	    "cert/0/self_signed")) == 1 ? "yes" : "no");
}

/* Does the store hold the certificate (1), its issuer (2), or one of the
 * same name (-1)? 0: nothing of it. */
static int
holds(const struct config_file *store, const struct config_file *cert)
{
	struct str mark = item_str(model_get(&cert->model,
	    "cert/0/fingerprint")), subject = item_str(model_get(
	    &cert->model, "cert/0")), issuer = item_str(model_get(
	    &cert->model, "cert/0/issuer"));
	const struct item *it;
	int i, found = 0;

	for (i = 0; model_getf(&store->model, "entry/%d", i) != NULL; i++) {
		it = model_getf(&store->model, "entry/%d/cert/fingerprint",
		    i);
		if (it != NULL && str_eqs(mark, it->value))
			return (1);
		it = model_getf(&store->model, "entry/%d/cert", i);
		if (it == NULL)
			continue;
		if (str_eqs(subject, it->value))
			found = found == 2 ? 2 : -1;
		else if (str_eqs(issuer, it->value) && issuer.n > 0)
			found = 2;
	}
	return (found);
}

/* What a store's *.in.sh says of it. */
static void
check_password(struct lint *l, const struct config_file *store,
    struct val password)
{
	size_t n = config_password_number(l->set, password.it);
	const struct item *it;

	it = model_getf(&store->model, "password/%zu", n);
	if (n == 0 || item_bool(it) != 0)
		return;
	lint_say(l, "truststore-wrong-password", password,
	    (struct val){ store, NULL }, NULL, "the password here does not "
	    "open %s", store->name);
	lint_capture(l, "store", str_from(store->name));
}

/*
 * PKCS#12 as keytool writes it since JDK 16 (PBES2, HmacPBESHA256) is read
 * by Java 8u301, 11.0.12, 16 and later.
 */
static void
check_algorithms(struct lint *l, const struct config_file *store, int which)
{
	struct lint_java java = lint_java(l, which);
	struct str v = str_from(java.version);
	int major = java_major(v);

	if (major == 0 || item_bool(model_get(&store->model, "pbes2")) != 1)
		return;
	if (major >= 16 || (major == 8 && version_compare(PRODUCT_JAVA, v,
	    STR_LIT("8.0.301")) != VERSION_BEFORE) || (major == 11 &&
	    version_compare(PRODUCT_JAVA, v, STR_LIT("11.0.12")) !=
	    VERSION_BEFORE))
		return;
	lint_say(l, "truststore-needs-newer-java", (struct val){ store,
	    NULL }, java.at, "keytool -J-Dkeystore.pkcs12.legacy, or "
	    "-storetype JKS", "%s was made by a keytool of Java 16 or later; "
	    "Java %s cannot read its algorithms (HmacPBESHA256)",
	    store->name, java.version);
	lint_capture(l, "store", str_from(store->name));
}

static void
check_store(struct lint *l, const struct config_file *store, struct val path,
    struct val password, int which)
{
	const struct config_file *cert = prosody_certificate(l);
	struct val at = { store, NULL };
	int i, trusted = 0, has;
	const struct item *it;

	check_password(l, store, password);
	check_algorithms(l, store, which);
	for (i = 0; (it = model_getf(&store->model, "entry/%d/kind", i)) !=
	    NULL; i++)
		trusted += strcmp(it->value, "trusted") == 0;
	if (store->model.partial || store->model.count == 0)
		return;
	if (trusted == 0) {
		lint_say(l, "truststore-empty", at, path, NULL,
		    "%s holds no trusted certificate", store->name);
		return;
	}
	if (cert == NULL || model_get(&cert->model, "cert/0") == NULL)
		return;
	has = holds(store, cert);
	lint_fact(l, "keystore.has_prosody_cert", has > 0 ? "yes" : "no");
	if (has > 0)
		return;
	lint_say(l, has == -1 ? "truststore-certificate-stale" :
	    "truststore-lacks-cert", at, val_of(cert, "cert/0"), NULL,
	    has == -1 ? "%s holds another certificate for %s than prosody's "
	    "present one" : "%s does not hold prosody's certificate for %s",
	    store->name, model_get(&cert->model, "cert/0")->value);
	lint_capture(l, "store", str_from(store->name));
}

/* The store that an installation command made: its password. */
static void
check_command(struct lint *l, struct val path, struct val password)
{
	const struct config_file *f = NULL;
	const struct item *it;
	struct str mine, theirs;
	size_t i;

	if (val_str(password).n == 0)
		return;
	mine = base_name(val_str(path));
	while ((f = config_next(l->set, "commands", f)) != NULL)
		for (i = 0; i < f->model.count; i++) {
			it = &f->model.list[i];
			if (strncmp(it->key, "keystore/", 9) != 0 ||
			    it->value[0] == '\0')
				continue;
			theirs = base_name(str_from(it->key + 9));
			if ((!str_eq(mine, theirs) && mine.n > 0 &&
			    !str_ends(mine, "-key.store")) ||
			    str_eqs(val_str(password), it->value))
				continue;
			lint_say(l, "truststore-wrong-password", password,
			    (struct val){ f, it }, NULL, "this is not the "
			    "password that the store was made with "
			    "(-storepass)");
			return;
		}
}

/* The store that is taken when none is said: of the start script (OpenBSD),
 * else Java's own. */
static const struct config_file *
own_store(const struct lint *l, int which)
{
	static const char *const usual[] = { "/etc/ssl/jicofo-key.store",
	    "/etc/ssl/jvb-key.store" };
	static const char *const places[] = { "lib/security/jssecacerts",
	    "lib/security/cacerts", "jre/lib/security/cacerts" };
	const struct lint_java java = lint_java(l, which);
	struct str home = str_from(java.home);
	const struct config_file *f = NULL;
	char *path;
	size_t i;

	if (is_openbsd(l))
		return (given(l, str_from(usual[which])));
	for (i = 0; home.n > 0 && home.p[0] == '/' && f == NULL &&
	    i < sizeof(places) / sizeof(places[0]); i++) {
		path = mem_printf("%.*s/%s", STR_ARG(home), places[i]);
		f = config_next(l->set, "keystore", NULL);
		while (f != NULL && !str_ends(str_from(f->name), path))
			f = config_next(l->set, "keystore", f);
		free(path);
	}
	return (f);
}

static void
check_stores(struct lint *l)
{
	static const char *const kinds[][2] = {
		{ "jicofo.in.sh", "JICOFO" }, { "jvb.in.sh", "JVB" } };
	const struct config_file *f, *store;
	struct val path, password;
	char key[64];
	size_t i;

	for (i = 0; i < 2; i++) {
		f = NULL;
		while ((f = config_next(l->set, kinds[i][0], f)) != NULL) {
			snprintf(key, sizeof(key), "%s_TRUSTSTORE",
			    kinds[i][1]);
			path = val_of(f, key);
			snprintf(key, sizeof(key), "%s_TRUSTSTORE_PASSWORD",
			    kinds[i][1]);
			password = val_of(f, key);
			check_command(l, path, password);
			store = val_str(path).n > 0 ? given(l,
			    val_str(path)) : own_store(l, (int)i);
			if (store != NULL)
				check_store(l, store, path, password,
				    (int)i);
		}
	}
}

/* "sign with NAME" needs an authority of that name. */
static void
check_authorities(struct lint *l)
{
	const struct config_file *f = config_find(l->set, "acme-client.conf",
	    NULL);
	struct val v = { f, NULL };
	size_t i;

	for (i = 0; f != NULL && i < f->model.count; i++) {
		v.it = &f->model.list[i];
		if (str_ends(str_from(v.it->key), "/sign with") &&
		    model_getf(&f->model, "authority/%s", v.it->value) ==
		    NULL)
			lint_say(l, "config-syntax-error", v, NOWHERE, NULL,
			    "there is no authority %s", v.it->value);
	}
}

void
rules_certificates(struct lint *l)
{
	check_authorities(l);
	check_web(l);
	check_prosody(l);
	check_stores(l);
}

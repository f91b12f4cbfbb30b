/* SPDX-License-Identifier: ISC */
/*
 * The site as this host sees it. I/O: looks for files.
 */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/conf.h"
#include "agent/conf_pf.h"
#include "agent/facts/site.h"
#include "agent/run/log.h"
#include "agent/site_find.h"
#include "probes/java.h"
#include "probes/services.h"

/* user@domain into an account, with its password. */
static void
set_account(struct site_account *a, const struct conf_account *c)
{
	struct str domain = str_from(c->jid), user = str_split(&domain, '@');
	const char *why;
	char *text;

	text = mem_str(user);
	site_set(&a->user, text);
	free(text);
	text = mem_str(domain);
	site_set(&a->domain, text);
	free(text);
	site_set(&a->from, c->password_file);
	text = conf_secret(c->password_file, &why);
	if (text == NULL)
		log_warn("%s: %s", c->password_file, why);
	site_set(&a->password, text);
	free(text);
}

static void
set_rest(struct site *s, const struct conf_rest *c)
{
	struct site_rest *r = strcmp(c->what, "jvb") == 0 ? &s->jvb_rest :
	    strcmp(c->what, "jicofo") == 0 ? &s->jicofo_rest :
	    strcmp(c->what, "jibri") == 0 ? &s->jibri_rest : &s->jigasi_rest;

	site_set(&r->address, c->address);
	r->port = c->port;
}

static void
set_if_said(char **place, const char *value)
{
	if (value != NULL)
		site_set(place, value);
}

/* 1 for one word that facts can have. */
static int
is_word(const char *name)
{
	return (name[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvw"
	    "xyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0');
}

/* Who asks this agent, and whom it asks: the first socket that others reach,
 * and the peers of other hosts. */
static void
set_agents(struct site *s, const struct conf *c)
{
	struct site_peer *p;
	struct str host;
	int64_t port;
	size_t i;

	set_if_said(&s->monitor, c->monitor);
	set_if_said(&s->admin, c->admin);
	for (i = 0; i < c->listens.count && s->agent.port == 0; i++) {
		if (strncmp(c->listens.list[i].address, "127.", 4) == 0 ||
		    strcmp(c->listens.list[i].address, "::1") == 0)
			continue;
		site_set(&s->agent.address, c->listens.list[i].address);
		s->agent.port = c->listens.list[i].port;
	}
	for (i = 0; i < c->peers.count && s->peer_count < SITE_PEERS; i++) {
		if (!is_word(c->peers.list[i].name) || conf_pf_url(
		    c->peers.list[i].url, &host, &port) == -1)
			continue;
		p = &s->peer[s->peer_count++];
		p->name = mem_strdup(c->peers.list[i].name);
		p->address = mem_str(host);
		p->port = (uint16_t)port;
	}
}

/* What meetprobe.conf says goes over what was found. */
static void
overlay(struct site *s, const struct conf *c)
{
	size_t i;

	set_if_said(&s->name, c->site);
	if (c->roles != 0)
		s->roles = c->roles;
	for (i = 0; i < ROLE_COUNT; i++)
		set_if_said(&s->host[i].address, c->host[i]);
	set_if_said(&s->public_address, c->public_address);
	set_if_said(&s->resolver, c->resolver);
	set_if_said(&s->ca, c->ca);
	set_if_said(&s->fingerprint, c->fingerprint);
	set_if_said(&s->stun_server, c->stun_server);
	set_if_said(&s->room, c->room);
	if (c->cert_warn_days > 0)
		s->cert_warn_days = c->cert_warn_days;
	if (c->media_port > 0) {
		s->media_port = c->media_port;
		s->media_port_last = c->media_port_last;
	}
	set_agents(s, c);
	for (i = 0; i < c->rests.count; i++)
		set_rest(s, &c->rests.list[i]);
	for (i = 0; i < c->accounts.count; i++) {
		const struct conf_account *a = &c->accounts.list[i];

		set_account(strcmp(a->what, "probe") == 0 ? &s->probe :
		    strcmp(a->what, "jvb") == 0 ? &s->jvb : &s->jicofo, a);
	}
}

/* "DOMAIN" with a prefix, when nothing else is known. */
static void
derive(char **place, const char *prefix, const char *domain)
{
	char *name;

	if (*place != NULL || domain == NULL)
		return;
	name = mem_printf("%s%s", prefix, domain);
	site_set(place, name);
	free(name);
}

/* Names that follow from the domain by Jitsi's conventions. */
static void
derive_names(struct site *s)
{
	int role;

	/* a bridge knows only the domain of its account */
	if (s->name == NULL && s->domain == NULL && s->auth_domain != NULL &&
	    strncmp(s->auth_domain, "auth.", 5) == 0)
		site_set(&s->domain, s->auth_domain + 5);
	derive(&s->domain, "", s->name);
	derive(&s->name, "", s->domain);
	derive(&s->auth_domain, "auth.", s->domain);
	derive(&s->muc, "conference.", s->domain);
	derive(&s->focus, "focus.", s->domain);
	derive(&s->internal_muc, "internal.auth.", s->domain);
	for (role = 0; role < ROLE_COUNT; role++)
		if (s->host[role].name == NULL)
			site_set(&s->host[role].name,
			    role_name((enum role)role));
}

static void
find_hostname(struct site *s)
{
	char name[LIMIT_HOSTNAME + 1];
	size_t dot;

	if (gethostname(name, sizeof(name)) == -1)
		return;
	name[sizeof(name) - 1] = '\0';
	dot = strcspn(name, ".");
	name[dot] = '\0';
	site_set(&s->hostname, name);
}

/*
 * The trust store of a service that runs here: as its command line says, else
 * that of its Java, which opens with "changeit".
 */
static void
find_store(struct site *s, enum role role, const struct process *list, int n)
{
	struct java j;
	struct str password;
	char *text;
	int i;

	for (i = 0; i < n && s->truststore == NULL; i++) {
		if (!service_is(role, &list[i]) ||
		    java_of_process(&list[i], &j) == -1 || j.store[0] == '\0')
			continue;
		password = java_property(str_from(list[i].arguments),
		    "javax.net.ssl.trustStorePassword");
		text = password.n > 0 ? mem_str(password) :
		    mem_strdup("changeit");
		site_set(&s->truststore, j.store);
		site_set(&s->truststore_password, text);
		free(text);
	}
}

static void
find_running_store(struct site *s)
{
	struct process *list;
	int n;

	if (s->truststore != NULL || s->verification_disabled ||
	    (s->roles & (ROLE_BIT(ROLE_JICOFO) | ROLE_BIT(ROLE_JVB))) == 0)
		return;
	list = mem_zalloc(LIMIT_PROCESSES, sizeof(*list));
	n = sys_processes(list, LIMIT_PROCESSES);
	find_store(s, ROLE_JICOFO, list, n);
	find_store(s, ROLE_JVB, list, n);
	free(list);
}

void
site_find(struct site *s, const struct conf *c)
{
	find_hostname(s);
	site_find_files(s, c);
	find_running_store(s);
	overlay(s, c);
	derive_names(s);
}

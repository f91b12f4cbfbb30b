/* SPDX-License-Identifier: ISC */
/*
 * The model of a site. Pure; owns its strings.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/facts/site.h"

void
site_init(struct site *s)
{
	memset(s, 0, sizeof(*s));
	s->c2s_port = 5222;
	s->http_port = 5280;
	s->https_port = 443;
	s->media_port = s->media_port_last = 10000;
	s->bosh_path = mem_strdup("/http-bind");
	s->room = mem_strdup("meetprobe");
	s->cert_warn_days = 14;
	s->encrypted_required = 1;
}

void
site_set(char **place, const char *value)
{
	char *copy = value == NULL ? NULL : mem_strdup(value);

	free(*place);
	*place = copy;
}

/* Overwrites a secret before its memory is given back. */
static void
forget(char **secret)
{
	volatile char *p = *secret;

	while (p != NULL && *p != '\0')
		*p++ = '\0';
	site_set(secret, NULL);
}

static void
account_free(struct site_account *a)
{
	forget(&a->password);
	site_set(&a->user, NULL);
	site_set(&a->domain, NULL);
	site_set(&a->from, NULL);
}

void
site_free(struct site *s)
{
	char **strings[] = { &s->hostname, &s->name, &s->public_address,
		&s->resolver, &s->domain, &s->auth_domain, &s->muc, &s->focus,
		&s->internal_muc, &s->brewery, &s->truststore, &s->ca,
		&s->fingerprint, &s->bosh_path, &s->websocket_path, &s->room,
		&s->web_root, &s->nat_local, &s->nat_public, &s->stun_server,
		&s->jvb_rest.address, &s->jicofo_rest.address,
		&s->jibri_rest.address, &s->jigasi_rest.address,
		&s->agent.address, &s->monitor, &s->admin };
	size_t i;

	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		site_set(strings[i], NULL);
	for (i = 0; i < ROLE_COUNT; i++) {
		site_set(&s->host[i].name, NULL);
		site_set(&s->host[i].address, NULL);
	}
	for (i = 0; i < s->peer_count; i++) {
		site_set(&s->peer[i].name, NULL);
		site_set(&s->peer[i].address, NULL);
	}
	s->peer_count = 0;
	forget(&s->truststore_password);
	account_free(&s->jicofo);
	account_free(&s->jvb);
	account_free(&s->probe);
}

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_FACTS_SITE_H
#define MEETPROBE_FACTS_SITE_H

#include <stddef.h>
#include <stdint.h>

#include "agent/facts/kinds.h"

/*
 * What is known of the site before anything is tried: from meetprobe.conf,
 * and, where that says nothing, from the configuration files found on the
 * host. The programs fill it, probes read it. Strings are the site's own;
 * NULL or 0 is "not known", and a probe that needs it is not-applicable and
 * says what was missing.
 */

/* One of the machines. */
struct site_host {
	char *name;		/* "xmpp" */
	char *address;		/* numeric; NULL: by name */
};

/* An XMPP account that is ours to try. */
struct site_account {
	char *user;		/* "focus" */
	char *domain;		/* "auth.jts.example.org" */
	char *password;		/* NULL: not readable */
	char *from;		/* file:line it was read from */
};

/* Where a REST interface listens. */
struct site_rest {
	char *address;		/* "127.0.0.1" */
	uint16_t port;		/* 0: off or not known */
};

/* Another agent that this one asks; its name is one word. */
#define SITE_PEERS 8
struct site_peer {
	char *name;		/* "xmpp" */
	char *address;		/* or a name */
	uint16_t port;
};

struct site {
	roles_t roles;		/* of this host */
	char *hostname;		/* of this host */
	char *name;		/* the site's public name: "jts.example.org" */

	/* by role; the address is how this host reaches it */
	struct site_host host[ROLE_COUNT];

	char *public_address;	/* of the router, NAT harvester's public one */
	char *resolver;		/* public one, for role outside; or NULL */

	/* XMPP */
	char *domain;		/* VirtualHost of the guests */
	char *auth_domain;	/* VirtualHost of focus and jvb */
	char *muc;		/* conference.DOMAIN */
	char *focus;		/* focus.DOMAIN, the client proxy component */
	char *internal_muc;	/* internal.auth.DOMAIN */
	char *brewery;		/* JvbBrewery@internal.auth.DOMAIN */
	uint16_t c2s_port;	/* 5222 */
	uint16_t http_port;	/* 5280 */
	int encrypted_required;
	struct site_account jicofo, jvb, probe;

	/* trust */
	char *truststore;	/* of jicofo or jvb on this host */
	char *truststore_password;
	char *ca;		/* PEM file from meetprobe.conf */
	char *fingerprint;	/* SHA-256 of prosody's certificate, pinned */
	int verification_disabled;

	/* web */
	uint16_t https_port;	/* 443 */
	char *bosh_path;	/* "/http-bind" */
	char *websocket_path;	/* "/xmpp-websocket"; NULL: not configured */
	char *room;		/* a room to ask for: "meetprobe-check" */
	char *web_root;

	/* REST, on this host */
	struct site_rest jvb_rest, jicofo_rest, jibri_rest, jigasi_rest;

	/* meetprobe itself, and who administers */
	struct site_rest agent;	/* where it listens beyond the loopback */
	char *monitor;		/* address of whoever scrapes it */
	char *admin;		/* address that ssh comes from */
	struct site_peer peer[SITE_PEERS];
	size_t peer_count;

	/* media */
	uint16_t media_port, media_port_last;	/* 10000 to 10000 */
	char *nat_local, *nat_public;
	char *stun_server;	/* host:port */

	/* thresholds */
	int cert_warn_days;	/* 14 */
};

/* Fills the defaults (ports, paths, days); everything else is unknown. */
void site_init(struct site *);
void site_free(struct site *);
/* Replaces a string of a site by a copy; value may be NULL. */
void site_set(char **place, const char *value);

#endif

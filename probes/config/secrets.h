/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_SECRETS_H
#define MEETPROBE_PROBES_CONFIG_SECRETS_H

#include <stddef.h>

#include "agent/base/str.h"
#include "agent/facts/kinds.h"

struct config_file;
struct config_set;
struct item;

/*
 * A secret that stands in plain in the configuration of two programs and
 * must be the same there: of an external component (XEP-0114), of the TURN
 * server (draft-uberti-behave-turn-rest-00), of a Java trust store. Passwords
 * of accounts are not among them: prosody keeps a SCRAM key, and a login
 * proves them.
 */
struct config_secret {
	char *name;			/* as in struct secret */
	enum component component;	/* who holds it */
	const struct config_file *file;	/* in which it stands, or in a file
					 * that this one includes */
	const struct item *at;		/* where */
	struct str value;		/* the secret itself, of `at` */
	const struct config_file *store;	/* a trust store that it is
					 * to open, or NULL */
};

/* All that are known of the files read, at most max; the names are freed by
 * config_secrets_free. */
size_t config_secrets(const struct config_set *, struct config_secret *,
    size_t max);
void config_secrets_free(struct config_secret *, size_t);

/* What a docker-compose.yml itself gives a service for a variable, and where;
 * empty: nothing, or what only compose knows (a variable of its own). */
struct str config_service_variable(const struct config_file *,
    const char *service, const char *name, const struct item **at);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_RULES_H
#define MEETPROBE_PROBES_CONFIG_RULES_H

#include "agent/base/clock.h"
#include "agent/base/str.h"
#include "probes/config/config.h"

/* A value and the file it stands in; it NULL: the file as a whole; f NULL:
 * no place at all. */
struct val {
	const struct config_file *f;
	const struct item *it;
};
#define NOWHERE ((struct val){ NULL, NULL })

/* The names of a site as its files spell them; it NULL: not said. */
struct names {
	const struct config_file *prosody, *jicofo, *jvb, *nginx, *js;
	struct val guests;	/* VirtualHost of the guests */
	struct val auth;	/* VirtualHost of focus and jvb */
	struct val muc, focus, internal;	/* components */
	/* jicofo.conf */
	struct val hostname, domain, xmpp_domain, user, brewery;
	struct val service;	/* domain of a connection of its own for
				 * the bridges; not there: the same */
	/* config.js */
	struct val js_domain, js_muc, js_anonymous, bosh, websocket;
};

/* One run of the rules. */
struct lint {
	const struct config_set *set;
	struct findings *out;
	struct facts *facts;	/* or NULL */
	wall_t now;
	struct versions known;	/* of the set, and what its files say */
	struct names n;
	struct str site;	/* its domain, as most places spell it */
	const struct item *told[256];	/* values a rule has explained */
	size_t told_count;
	int repeated;		/* what was said last was said before */
};

/* What the value is; empty when it is not there or opaque. */
struct str val_str(struct val);
/* A value of a file's model; f may be NULL. */
struct val val_of(const struct config_file *, const char *key);
/* Is it there? */
int val_is(struct val);

void names_find(struct lint *);
/* Is the domain of the bridges' own XMPP server, which may not be given? */
int lint_elsewhere(const struct lint *, struct str domain);
/* Did the reader stop in the middle? Then what is missing proves nothing. */
int lint_broken(const struct config_file *);

/*
 * Says a finding: its place, another place (or NOWHERE), how to put it right
 * (or NULL), the sentence.
 */
void lint_say(struct lint *, const char *id, struct val at, struct val other,
    const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* Adds a capture to the finding said last. */
void lint_capture(struct lint *, const char *name, struct str value);
/* Notes that a value is explained; later rules leave it alone. */
void lint_told(struct lint *, struct val);
int lint_is_told(const struct lint *, struct val);
/* Does a service connect to a port where prosody takes clients? v: its port,
 * it NULL: the default. */
void lint_port(struct lint *, struct val v, const char *service);
/* An address to listen on that is another machine's. */
void lint_bind(struct lint *, const char *id, struct val, const char *machine);
/* Has the reader said that a key of the file is a misspelt `key`? */
int lint_misspelt(const struct config_file *, const char *key);
/* Is the spelling of a component of prosody explained whose name begins so?
 * Then that it seems to be missing follows. */
int lint_component_told(const struct lint *, const char *start);
/* Sets a fact, unless there is no table of facts. */
void lint_fact(struct lint *, const char *name, const char *value);

/* Host names and JIDs compare without case. */
int same_name(struct str, struct str);
/* The part after, before the @ of a JID, without a resource. */
struct str jid_domain(struct str);
struct str jid_node(struct str);
int is_address(struct str);
/* 10/8, 172.16/12, 192.168/16, 100.64/10, 127/8, 169.254/16. */
int is_private_address(struct str);
/* A host's file of a kind; one of no said host stands for all. */
const struct config_file *lint_file(const struct lint *, const char *kind,
    const char *host);
/* The bridge's sip-communicator.properties after `after` (NULL: the first);
 * jicofo, jigasi and jibri have files of that name too. */
const struct config_file *lint_bridge_properties(const struct config_set *,
    const struct config_file *after);
/* May the host's DNS know a name without a dot: a search domain, or the
 * resolver of containers? */
int lint_may_resolve(const struct lint *, const char *host);
/* The address that a host's files give a name; empty: none. */
struct val lint_hosts(const struct lint *, const char *host, struct str name);
/* A host of prosody as prosody_host finds it; one whose spelling is explained
 * counts under its right name. */
const struct item *lint_host(const struct lint *, struct str name,
    const char *what);
/* The site's domain inside a name: known prefixes taken off. */
struct str site_part(struct str name);
/* Is prosody on another machine than a service ("jicofo", "jvb", "web")
 * whose file this is? 1 only when something says so. */
int lint_prosody_elsewhere(const struct lint *,
    const struct config_file *service, const char *machine);
/* The entry of a hosts file for the machine that a name or address leads to
 * from a host; it NULL: no known machine. */
struct val lint_machine(const struct lint *, const char *from,
    struct str name);
/* Does a name or address lead to a machine that is known and not prosody's
 * (*xmpp is then set)? */
int lint_not_prosody(const struct lint *, const char *from, struct str name,
    struct val *xmpp);
/* May everybody enter the folders of a path? The packages close theirs. */
int lint_folders_open(const char *path);
/* Files of the OpenBSD packages? */
int is_openbsd(const struct lint *);
/* Files of the containers? Their networks are not those of the host. */
int is_container(const struct lint *);

/*
 * A component's Java as its files say it: the place that names it (or
 * NOWHERE), and the version, "" when it is not known. which: 0 jicofo, 1 jvb.
 */
struct lint_java {
	struct val at;
	char home[256];		/* the JDK that it names, or "" */
	char version[64];
};
struct lint_java lint_java(const struct lint *, int which);

/* Groups of rules. */
void rules_names(struct lint *);	/* domains spelled alike */
void rules_jicofo(struct lint *);
void rules_bridge(struct lint *);
void rules_prosody(struct lint *);
void rules_muc(struct lint *);		/* components, who enters them */
void rules_web(struct lint *);
void rules_websocket(struct lint *);
void rules_hosts(struct lint *);
void rules_ports(struct lint *);
void rules_vm(struct lint *);		/* vm.conf, addresses of hosts */
void rules_turn(struct lint *);
void rules_java(struct lint *);
void rules_jdk(struct lint *);
void rules_versions(struct lint *);
/* Does what a reader found wrong not hold for the version that is known? */
int versions_spare(const struct lint *, const struct problem *);
/* Takes up what the files say of versions; before all rules. */
void versions_find(struct lint *);
void rules_containers(struct lint *);
void rules_certificates(struct lint *);
void rules_secrets(struct lint *);
void rules_pf(struct lint *);		/* packet filters against the flows */

#endif

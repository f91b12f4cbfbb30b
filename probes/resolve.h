/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_RESOLVE_H
#define MEETPROBE_PROBES_RESOLVE_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/facts/reason.h"
#include "agent/run/addr.h"
#include "probes/codec/dns.h"

struct loop;

/*
 * Names to addresses without ever blocking: hosts(5) and resolv.conf(5) are
 * small files read here, queries go over UDP (TCP when truncated) on the
 * loop. libc's resolver is not used: it would block, and it would not tell
 * the hosts file from DNS.
 */

/* The servers and search domains that this host asks. */
struct nameservers {
	struct addr list[LIMIT_NAMESERVERS];
	size_t count;
	char search[LIMIT_NAMESERVERS][DNS_NAME_SIZE];
	size_t search_count;
};

/* Reads the file ("/etc/resolv.conf" when NULL); none found: count is 0. */
void nameservers_read(struct nameservers *, const char *file);
/* The addresses of a name in the file ("/etc/hosts" when NULL): how many;
 * at most LIMIT_ADDRESSES are kept. */
size_t hosts_lookup(const char *file, struct str name, struct addr *list);

/* One question to servers, each asked twice. */
struct ask;
struct ask_events {
	/*
	 * The answer. reason: OK, DNS_NXDOMAIN, DNS_FAIL (the server said
	 * another error), PROTOCOL_ERROR, REFUSED, TIMEOUT. The answer is
	 * NULL unless OK or NXDOMAIN; text says who was asked and what
	 * happened. Called once, from the loop; free the ask later.
	 */
	void (*done)(enum reason, const struct dns_answer *, const char *text,
	    void *);
	void *arg;
};
struct ask *ask_start(struct loop *, const struct nameservers *,
    const char *name, uint16_t type, const struct ask_events *);
/* NULL is allowed. */
void ask_free(struct ask *);

enum resolve_from { RESOLVE_NUMERIC, RESOLVE_HOSTS, RESOLVE_DNS };

struct resolved {
	enum reason reason;		/* OK, or why there is none */
	enum resolve_from from;
	size_t count;
	struct addr list[LIMIT_ADDRESSES];
	char text[200];			/* "hosts(5)", "DNS 192.0.2.1: ..." */
};

/* A name as this host's programs see it: numeric, hosts file, DNS A, AAAA. */
struct resolve;
struct resolve *resolve_start(struct loop *, const char *name,
    void (*done)(const struct resolved *, void *), void *arg);
/* NULL is allowed. Not from inside done. */
void resolve_free(struct resolve *);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_LOG_WATCH_H
#define MEETPROBE_PROBES_PF_LOG_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/str.h"
#include "probes/pf/addr.h"

struct buf;
struct pf_env;
struct site;

/*
 * What is looked for in pflog: the ports of the site's services, and the
 * addresses that are told apart, those of the site's hosts and this host's
 * own.
 */
#define PF_WATCH_PORTS 32
#define PF_WATCH_HOSTS 64

/* Ports whose packets are counted by flow. */
struct pf_log_port {
	int proto;		/* 6, 17 */
	uint16_t low, high;
};

struct pf_watch {
	struct pf_log_port ports[PF_WATCH_PORTS];
	size_t port_count;
	struct {
		enum pf_af af;
		struct pf_ip ip;
	} hosts[PF_WATCH_HOSTS];
	size_t host_count;
};

/* Of a site, with its hosts' names looked up in the environment. */
void pf_watch_site(struct pf_watch *, const struct site *, struct pf_env *);

/* 1 when it is a port of the watch. */
int pf_watch_port(const struct pf_watch *, int proto, uint16_t port);
/* The place of an address, -1: another one. */
int pf_watch_host(const struct pf_watch *, enum pf_af, const struct pf_ip *);

/*
 * As a text, to hand to another process: "PROTO:LOW-HIGH,... ADDRESS,...",
 * "-" for an empty list. The second returns 0, or -1: no such text.
 */
void pf_watch_print(struct buf *, const struct pf_watch *);
int pf_watch_parse(struct pf_watch *, struct str text);

#endif

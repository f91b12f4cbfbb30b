/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_FAMILIES_H
#define MEETPROBE_PROBES_FAMILIES_H

#include "probes/probe.h"

/* The rows, each defined in its family's file; table.c lists them. */
extern const struct probe probe_dns_site, probe_dns_peers;
extern const struct probe probe_tcp_connect;
extern const struct probe probe_tls_web;
extern const struct probe probe_xmpp_starttls, probe_xmpp_stream;

/* Splits "NAME:PORT"; the port, 0 when there is none. *name ends at the
 * colon. */
uint16_t subject_port(const char *subject, struct str *name);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_FAMILIES_H
#define MEETPROBE_PROBES_FAMILIES_H

#include "probes/probe.h"

/* The rows, each defined in its family's file; table.c lists them. */
extern const struct probe probe_dns_site, probe_dns_peers;
extern const struct probe probe_tcp_connect, probe_udp_reach;
extern const struct probe probe_listen_local;
extern const struct probe probe_pf_config, probe_pf_rules, probe_pf_log,
    probe_pf_states;
extern const struct probe probe_stun_mapped, probe_media_flow;
extern const struct probe probe_host_clock, probe_host_limits,
    probe_host_services, probe_host_order, probe_host_versions,
    probe_host_forwarding, probe_host_vms;
extern const struct probe probe_tls_web;
extern const struct probe probe_xmpp_starttls, probe_xmpp_stream;
extern const struct probe probe_xmpp_login, probe_xmpp_components;
extern const struct probe probe_bosh_direct, probe_bosh_public;
extern const struct probe probe_ws_public;
extern const struct probe probe_web_page, probe_web_config, probe_web_acme;
extern const struct probe probe_jvb_health, probe_jvb_stats,
    probe_jvb_version;
extern const struct probe probe_jicofo_health, probe_jicofo_stats,
    probe_jicofo_version;
extern const struct probe probe_jibri_health, probe_jigasi_health;

/* Splits "NAME:PORT"; the port, 0 when there is none. *name ends at the
 * colon. */
uint16_t subject_port(const char *subject, struct str *name);

#endif

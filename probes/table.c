/* SPDX-License-Identifier: ISC */
/*
 * The one table of probes, in the order in which they are told. Pure.
 */
#include <stddef.h>

#include "probes/families.h"

const struct probe *const probe_table[] = {
	&probe_dns_site,
	&probe_dns_peers,
	&probe_tcp_connect,
	&probe_udp_reach,
	&probe_listen_local,
	&probe_pf_config,
	&probe_pf_rules,
	&probe_pf_log,
	&probe_pf_states,
	&probe_tls_web,
	&probe_xmpp_starttls,
	&probe_xmpp_stream,
	&probe_xmpp_login,
	&probe_xmpp_components,
	&probe_bosh_direct,
	&probe_bosh_public,
	&probe_ws_public,
	&probe_web_page,
	&probe_web_config,
	&probe_web_acme,
	&probe_jvb_health,
	&probe_jvb_stats,
	&probe_jvb_version,
	&probe_jicofo_health,
	&probe_jicofo_stats,
	&probe_jicofo_version,
	&probe_jibri_health,
	&probe_jigasi_health,
	&probe_stun_mapped,
	&probe_media_flow,
	&probe_host_services,
	&probe_host_order,
	&probe_host_clock,
	&probe_host_limits,
	&probe_host_versions,
	&probe_host_forwarding,
	&probe_host_vms,
	NULL
};

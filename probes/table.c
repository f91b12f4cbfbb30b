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
	&probe_tls_web,
	&probe_xmpp_starttls,
	&probe_xmpp_stream,
	NULL
};

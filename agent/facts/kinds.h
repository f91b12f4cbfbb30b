/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_FACTS_KINDS_H
#define MEETPROBE_FACTS_KINDS_H

#include "agent/base/str.h"

/*
 * The closed sets of words that probes, diagnosis and reports share, each an
 * enum and one table of names. Names are those of the report (design of the
 * report, schema meetprobe.report/1) and never change.
 */

enum role {
	ROLE_WEB, ROLE_XMPP, ROLE_JICOFO, ROLE_JVB, ROLE_ROUTER, ROLE_OUTSIDE,
	ROLE_COUNT
};
/* A set of roles: bit 1 << ROLE_x. */
typedef unsigned roles_t;
#define ROLE_BIT(role) (1U << (role))
#define ROLES_ALL ((1U << ROLE_COUNT) - 1U)

enum layer {
	LAYER_DNS, LAYER_NET, LAYER_PF, LAYER_TLS, LAYER_XMPP, LAYER_HTTP,
	LAYER_BOSH, LAYER_WEB, LAYER_ICE, LAYER_DTLS, LAYER_MEDIA,
	LAYER_CONFIG, LAYER_HOST,
	LAYER_COUNT
};

/* The state of a check. */
enum state {
	STATE_PASS, STATE_WARN, STATE_FAIL, STATE_UNKNOWN, STATE_SKIPPED,
	STATE_NOT_APPLICABLE, STATE_WAIVED,
	STATE_COUNT
};

enum severity {
	SEVERITY_DOWN, SEVERITY_DEGRADED, SEVERITY_RISK, SEVERITY_NOTE,
	SEVERITY_COUNT
};

/* What sort of trouble a cause is; counted across sites. */
enum kind {
	KIND_AUTH_PASSWORD, KIND_AUTH_CERT_TRUST, KIND_CERT_EXPIRED, KIND_DNS,
	KIND_HOST_VS_VIRTUALHOST, KIND_FIREWALL_TCP, KIND_FIREWALL_UDP,
	KIND_NAT_ADDRESS, KIND_PORT_CONFLICT, KIND_SERVICE_DOWN,
	KIND_BOSH_PROXY, KIND_WEBSOCKET_PROXY, KIND_COMPONENT_SECRET,
	KIND_BREWERY_MISMATCH, KIND_NO_BRIDGE, KIND_SCTP, KIND_CONFIG_SYNTAX,
	KIND_VERSION_MISMATCH, KIND_RESOURCE_EXHAUSTION, KIND_PERMISSION,
	KIND_STARTUP_ORDER, KIND_CLOCK, KIND_TURN, KIND_MEDIA_QUALITY,
	KIND_OTHER,
	KIND_COUNT
};

/* Who wrote a log line. */
enum component {
	COMPONENT_NONE, COMPONENT_PROSODY, COMPONENT_JICOFO, COMPONENT_JVB,
	COMPONENT_NGINX_ACCESS, COMPONENT_NGINX_ERROR, COMPONENT_COTURN,
	COMPONENT_BROWSER, COMPONENT_PROSODYCTL, COMPONENT_SYSLOG,
	COMPONENT_CLIENT,
	COMPONENT_COUNT
};

/* Where a piece of evidence comes from. */
enum source {
	SOURCE_LOG, SOURCE_PROBE, SOURCE_CONFIG, SOURCE_PF, SOURCE_PCAP,
	SOURCE_AGENT,
	SOURCE_COUNT
};

/* What running a fix interrupts. */
enum interrupts {
	INTERRUPTS_NOTHING, INTERRUPTS_JOINS, INTERRUPTS_CALLS,
	INTERRUPTS_COUNT
};

/* Coverage of a source that was to be read. */
enum coverage_state {
	COVERAGE_READ, COVERAGE_PARTIAL, COVERAGE_MISSING,
	COVERAGE_UNREADABLE, COVERAGE_EMPTY,
	COVERAGE_COUNT
};

/* The word for a value; never NULL for a value of the enum. */
const char *role_name(enum role);
const char *layer_name(enum layer);
const char *state_name(enum state);
const char *severity_name(enum severity);
const char *kind_name(enum kind);
const char *component_name(enum component);
const char *source_name(enum source);
const char *interrupts_name(enum interrupts);
const char *coverage_name(enum coverage_state);

/* The value of a word, -1 when it is none. */
int role_by_name(struct str);
int layer_by_name(struct str);
int state_by_name(struct str);
int severity_by_name(struct str);
int kind_by_name(struct str);
int component_by_name(struct str);
int source_by_name(struct str);
int interrupts_by_name(struct str);
int coverage_by_name(struct str);

#endif

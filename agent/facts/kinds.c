/* SPDX-License-Identifier: ISC */
/*
 * The names of the closed sets. Pure; const tables only.
 */
#include <stddef.h>

#include "agent/facts/kinds.h"

/* The index of a name in a table, -1 when it is not there. */
static int
lookup(const char *const *names, int count, struct str name)
{
	int i;

	for (i = 0; i < count; i++)
		if (str_eqs(name, names[i]))
			return (i);
	return (-1);
}

static const char *const role_names[ROLE_COUNT] = {
	[ROLE_WEB] = "web",
	[ROLE_XMPP] = "xmpp",
	[ROLE_JICOFO] = "jicofo",
	[ROLE_JVB] = "jvb",
	[ROLE_ROUTER] = "router",
	[ROLE_OUTSIDE] = "outside",
};

const char *
role_name(enum role v)
{
	return (role_names[v]);
}

int
role_by_name(struct str name)
{
	return (lookup(role_names, ROLE_COUNT, name));
}

static const char *const layer_names[LAYER_COUNT] = {
	[LAYER_DNS] = "dns",
	[LAYER_NET] = "net",
	[LAYER_PF] = "pf",
	[LAYER_TLS] = "tls",
	[LAYER_XMPP] = "xmpp",
	[LAYER_HTTP] = "http",
	[LAYER_BOSH] = "bosh",
	[LAYER_WEB] = "web",
	[LAYER_ICE] = "ice",
	[LAYER_DTLS] = "dtls",
	[LAYER_MEDIA] = "media",
	[LAYER_CONFIG] = "config",
	[LAYER_HOST] = "host",
};

const char *
layer_name(enum layer v)
{
	return (layer_names[v]);
}

int
layer_by_name(struct str name)
{
	return (lookup(layer_names, LAYER_COUNT, name));
}

static const char *const state_names[STATE_COUNT] = {
	[STATE_PASS] = "pass",
	[STATE_WARN] = "warn",
	[STATE_FAIL] = "fail",
	[STATE_UNKNOWN] = "unknown",
	[STATE_SKIPPED] = "skipped",
	[STATE_NOT_APPLICABLE] = "not-applicable",
	[STATE_WAIVED] = "waived",
};

const char *
state_name(enum state v)
{
	return (state_names[v]);
}

int
state_by_name(struct str name)
{
	return (lookup(state_names, STATE_COUNT, name));
}

static const char *const severity_names[SEVERITY_COUNT] = {
	[SEVERITY_DOWN] = "down",
	[SEVERITY_DEGRADED] = "degraded",
	[SEVERITY_RISK] = "risk",
	[SEVERITY_NOTE] = "note",
};

const char *
severity_name(enum severity v)
{
	return (severity_names[v]);
}

int
severity_by_name(struct str name)
{
	return (lookup(severity_names, SEVERITY_COUNT, name));
}

static const char *const kind_names[KIND_COUNT] = {
	[KIND_AUTH_PASSWORD] = "auth-password",
	[KIND_AUTH_CERT_TRUST] = "auth-cert-trust",
	[KIND_CERT_EXPIRED] = "cert-expired",
	[KIND_DNS] = "dns",
	[KIND_HOST_VS_VIRTUALHOST] = "host-vs-virtualhost",
	[KIND_FIREWALL_TCP] = "firewall-tcp",
	[KIND_FIREWALL_UDP] = "firewall-udp",
	[KIND_NAT_ADDRESS] = "nat-address",
	[KIND_PORT_CONFLICT] = "port-conflict",
	[KIND_SERVICE_DOWN] = "service-down",
	[KIND_BOSH_PROXY] = "bosh-proxy",
	[KIND_WEBSOCKET_PROXY] = "websocket-proxy",
	[KIND_COMPONENT_SECRET] = "component-secret",
	[KIND_BREWERY_MISMATCH] = "brewery-mismatch",
	[KIND_NO_BRIDGE] = "no-bridge",
	[KIND_SCTP] = "sctp",
	[KIND_CONFIG_SYNTAX] = "config-syntax",
	[KIND_VERSION_MISMATCH] = "version-mismatch",
	[KIND_RESOURCE_EXHAUSTION] = "resource-exhaustion",
	[KIND_PERMISSION] = "permission",
	[KIND_STARTUP_ORDER] = "startup-order",
	[KIND_CLOCK] = "clock",
	[KIND_TURN] = "turn",
	[KIND_MEDIA_QUALITY] = "media-quality",
	[KIND_OTHER] = "other",
};

const char *
kind_name(enum kind v)
{
	return (kind_names[v]);
}

int
kind_by_name(struct str name)
{
	return (lookup(kind_names, KIND_COUNT, name));
}

static const char *const component_names[COMPONENT_COUNT] = {
	[COMPONENT_NONE] = "",
	[COMPONENT_PROSODY] = "prosody",
	[COMPONENT_JICOFO] = "jicofo",
	[COMPONENT_JVB] = "jvb",
	[COMPONENT_NGINX_ACCESS] = "nginx-access",
	[COMPONENT_NGINX_ERROR] = "nginx-error",
	[COMPONENT_COTURN] = "coturn",
	[COMPONENT_BROWSER] = "browser",
	[COMPONENT_PROSODYCTL] = "prosodyctl",
	[COMPONENT_SYSLOG] = "syslog",
	[COMPONENT_CLIENT] = "client",
};

const char *
component_name(enum component v)
{
	return (component_names[v]);
}

int
component_by_name(struct str name)
{
	return (lookup(component_names, COMPONENT_COUNT, name));
}

static const char *const source_names[SOURCE_COUNT] = {
	[SOURCE_LOG] = "log",
	[SOURCE_PROBE] = "probe",
	[SOURCE_CONFIG] = "config",
	[SOURCE_PF] = "pf",
	[SOURCE_PCAP] = "pcap",
	[SOURCE_AGENT] = "agent",
};

const char *
source_name(enum source v)
{
	return (source_names[v]);
}

int
source_by_name(struct str name)
{
	return (lookup(source_names, SOURCE_COUNT, name));
}

static const char *const interrupts_names[INTERRUPTS_COUNT] = {
	[INTERRUPTS_NOTHING] = "nothing",
	[INTERRUPTS_JOINS] = "joins",
	[INTERRUPTS_CALLS] = "calls",
};

const char *
interrupts_name(enum interrupts v)
{
	return (interrupts_names[v]);
}

int
interrupts_by_name(struct str name)
{
	return (lookup(interrupts_names, INTERRUPTS_COUNT, name));
}

static const char *const coverage_names[COVERAGE_COUNT] = {
	[COVERAGE_READ] = "read",
	[COVERAGE_PARTIAL] = "partial",
	[COVERAGE_MISSING] = "missing",
	[COVERAGE_UNREADABLE] = "unreadable",
	[COVERAGE_EMPTY] = "empty",
};

const char *
coverage_name(enum coverage_state v)
{
	return (coverage_names[v]);
}

int
coverage_by_name(struct str name)
{
	return (lookup(coverage_names, COVERAGE_COUNT, name));
}

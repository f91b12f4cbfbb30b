/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_NAMES_H
#define MEETPROBE_PROBES_PF_NAMES_H

#include "agent/base/str.h"
#include "probes/pf/addr.h"

/*
 * The names that pf.conf(5) and OpenBSD's /etc/protocols and /etc/services
 * know. Lookups by name return -1, lookups by number NULL, when there is none.
 */

/* ICMP types and codes by family (PF_AF_INET6 or any other). */
int pf_icmp_type(const char *name, enum pf_af);
const char *pf_icmp_type_name(int type, enum pf_af);
int pf_icmp_code(int type, const char *name, enum pf_af);
const char *pf_icmp_code_name(int type, int code, enum pf_af);

/* IP protocols: /etc/protocols with its aliases; names print as its first. */
int pf_proto(const char *name);
const char *pf_proto_name(int number);

/* Services that OpenBSD's /etc/services and the talk's set-up use. */
int pf_service(const char *name, const char *proto);

/* Values of `tos`, case folded. */
int pf_tos(const char *name);

/*
 * Timeouts in the order in which a rule prints them.
 */
#define PF_TIMEOUTS 20
enum {
	PF_TM_ADAPTIVE_START = 16,
	PF_TM_ADAPTIVE_END = 17,
	PF_TM_SRC_TRACK = 18
};
int pf_timeout(const char *name);
const char *pf_timeout_name(int);

/* 1 when `set limit NAME` is known. */
int pf_limit_known(const char *name);
/* 1 when `set optimization NAME` is known. */
int pf_optimization_known(const char *name);
/* 1 when `set debug NAME` is known: syslog levels by name or number. */
int pf_debug_known(const char *name);

#endif

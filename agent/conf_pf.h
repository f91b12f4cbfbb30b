/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_CONF_PF_H
#define MEETPROBE_AGENT_CONF_PF_H

#include <stdint.h>

#include "agent/base/str.h"

struct buf;
struct conf;

/* The lines that pf.conf needs for meetprobe itself, as comments. */
void conf_print_pf(const struct conf *, struct buf *);

/* The host, without the brackets of an IPv6 address, and the port of an http
 * URL; 0, or -1: it has none that pf.conf can name. */
int conf_pf_url(const char *url, struct str *host, int64_t *port);

#endif

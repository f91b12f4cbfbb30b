/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_CONF_PF_H
#define MEETPROBE_AGENT_CONF_PF_H

struct buf;
struct conf;

/* The lines that pf.conf needs for meetprobe itself, as comments. */
void conf_print_pf(const struct conf *, struct buf *);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_AGENTS_H
#define MEETPROBE_AGENT_AGENTS_H

struct conf;
struct exporter;
struct site;

/*
 * Tells the exporter the agents of the site for /api/v1/sd: this one, by the
 * address that others reach it at when it has one, and the peers of
 * meetprobe.conf. A peer named like a role has that role.
 */
void agents_tell(struct exporter *, const struct conf *,
    const struct site *);

#endif

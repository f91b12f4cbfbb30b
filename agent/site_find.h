/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_SITE_FIND_H
#define MEETPROBE_AGENT_SITE_FIND_H

struct conf;
struct site;

/*
 * Fills the site: what the configuration files of this host show (which
 * roles it has, names, addresses, ports, accounts), and over it what
 * meetprobe.conf says.
 */
void site_find(struct site *, const struct conf *);
/* Only the first half: from the configuration files. */
void site_find_files(struct site *, const struct conf *);

#endif

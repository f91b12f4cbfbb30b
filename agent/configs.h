/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_CONFIGS_H
#define MEETPROBE_AGENT_CONFIGS_H

struct conf;
struct config_set;

/* Adds the files that meetprobe.conf names. */
void configs_add_conf(struct config_set *, const struct conf *);

#endif

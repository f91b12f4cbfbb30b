/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_JITSI_KEYS_H
#define MEETPROBE_PROBES_CONFIG_JITSI_KEYS_H

#include "agent/facts/version.h"

struct model;
struct config_sources;

/*
 * jicofo.conf and jvb.conf: HOCON, then their keys against those the
 * programs know: misspelt, unknown, of the wrong type, ${...} in quotes.
 */
void read_jicofo_conf(const struct config_sources *, struct model *);
void read_jvb_conf(const struct config_sources *, struct model *);

/*
 * The months (YYMM) since which jicofo or jvb reads a key, and since which it
 * ignores it; 0: always, never. 1 when one of them is set.
 */
int jitsi_key_life(enum product, const char *path, int *since, int *until);

#endif

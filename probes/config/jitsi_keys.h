/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_JITSI_KEYS_H
#define MEETPROBE_PROBES_CONFIG_JITSI_KEYS_H

struct model;
struct config_sources;

/*
 * jicofo.conf and jvb.conf: HOCON, then their keys against those the
 * programs know: misspelt, unknown, ignored by newer versions, of the wrong
 * type, ${...} in quotes.
 */
void read_jicofo_conf(const struct config_sources *, struct model *);
void read_jvb_conf(const struct config_sources *, struct model *);

#endif

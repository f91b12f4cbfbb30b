/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_SET_H
#define MEETPROBE_PROBES_CONFIG_SET_H

struct config_file;
struct config_set;

/* The file that an item's source number stands for. */
const struct config_file *config_source_file(const struct config_set *,
    const struct config_file *, int source);

#endif

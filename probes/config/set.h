/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_SET_H
#define MEETPROBE_PROBES_CONFIG_SET_H

#include <stddef.h>

struct config_file;
struct config_set;
struct item;

/* The file that an item's source number stands for. */
const struct config_file *config_source_file(const struct config_set *,
    const struct config_file *, int source);

/* The N of "password/N" in a key store's model that stands for this value of
 * the configuration; 0: it was not tried. */
size_t config_password_number(const struct config_set *, const struct item *);

#endif

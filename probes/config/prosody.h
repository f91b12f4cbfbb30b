/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_PROSODY_H
#define MEETPROBE_PROBES_CONFIG_PROSODY_H

#include "agent/base/str.h"

struct model;

/* Is it a node of visitors, who follow a conference of another server? */
int prosody_is_visitors(const struct model *);

/* What prosody.cfg.lua shows to be wrong by itself: options at the wrong
 * level, obsolete ones, names of modules. Adds problems to the model. A piece
 * that a main file includes need have no VirtualHost. */
void prosody_check(struct model *, int piece);

/*
 * Is a module enabled on a host: in the host's modules_enabled, the global
 * one, or as the component's own; and not in modules_disabled?
 */
int prosody_module(const struct model *, const char *host,
    const char *module);
/* An option as the host sees it: its own, else the global one; or NULL. */
const struct item *prosody_option(const struct model *, const char *host,
    const char *option);
/* Is the host defined: "virtualhost", "component" (any module), or NULL
 * for either? Host names compare without case. */
const struct item *prosody_host(const struct model *, struct str host,
    const char *what);

#endif

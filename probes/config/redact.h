/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_REDACT_H
#define MEETPROBE_PROBES_CONFIG_REDACT_H

#include <stddef.h>

struct config_set;
struct findings;

/*
 * Takes secrets out of findings, from number `from` on: source lines that
 * hold one are dropped, and the words of such a line's value are "..." where
 * a message, a fix or a capture quotes them. Readers quote what they did not
 * understand, which may be a password whose quotes are wrong.
 */
void redact_findings(const struct config_set *, struct findings *,
    size_t from);

#endif

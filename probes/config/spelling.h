/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_SPELLING_H
#define MEETPROBE_PROBES_CONFIG_SPELLING_H

#include "agent/base/str.h"

struct model;

/* Says which names of a file of that kind ("prosody.cfg.lua", ".env") are
 * nearly names that its program knows. */
void spelling_check(struct str kind, struct model *);
/* Is a name nearly that word: a letter too many, too few, wrong, or two
 * exchanged; two of these in a long one? */
int spelling_near(struct str name, struct str word);
/* The word of a list with blanks between that a name nearly is; empty when
 * the name is one of them, or near none. */
struct str spelling_meant(const char *words, struct str name);

#endif

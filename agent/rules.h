/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_RULES_H
#define MEETPROBE_AGENT_RULES_H

#include "agent/diagnosis/catalogue.h"

/* The probes, findings and verdicts that a catalogue of ours may name; for
 * every program that loads it. */
extern const struct catalogue_names rules_names;

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_KNOWN_H
#define MEETPROBE_AGENT_KNOWN_H

#include "agent/diagnosis/catalogue.h"

/* Two hosts' clocks are apart (documents.c). */
#define FINDING_CLOCK_SKEW "clock-skew"

/* The probes, findings and verdicts that a catalogue may name, from the
 * tables of probes/. */
extern const struct catalogue_names known_names;

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_KNOWN_H
#define MEETPROBE_AGENT_KNOWN_H

#include "agent/diagnosis/catalogue.h"

/* The probes, findings and verdicts that a catalogue may name, from the
 * tables of probes/. */
extern const struct catalogue_names known_names;

#endif

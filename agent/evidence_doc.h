/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_EVIDENCE_DOC_H
#define MEETPROBE_AGENT_EVIDENCE_DOC_H

#include "agent/base/buf.h"
#include "agent/base/str.h"

struct diagnosis;
struct facts;
struct report;
struct site;

/*
 * What one host knows, as a document that another host's diagnosis reads:
 * schema meetprobe.evidence/1. No secret is in it.
 */

/*
 * Writes it: host and checks and coverage from the report, signals from the
 * diagnosis, facts (may be NULL). 0, or -1 when it would be longer than
 * LIMIT_EVIDENCE_WRITTEN.
 */
int evidence_write(struct buf *, const struct report *,
    struct diagnosis *, const struct facts *);

/*
 * Takes a document in, whose content is not trusted: names that this
 * catalogue does not have are ignored, and so are unknown fields. peer is
 * what the user called the host. Adds to the diagnosis, and what the host
 * had covered to the report. 0, or -1 with a sentence in *why (const).
 */
int evidence_read(struct str text, const char *peer, struct diagnosis *,
    struct report *, const char **why);

#endif

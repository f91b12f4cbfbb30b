/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_EVIDENCE_DOC_H
#define MEETPROBE_AGENT_EVIDENCE_DOC_H

#include <stdint.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/str.h"

struct diagnosis;
struct facts;
struct findings;
struct report;
struct secrets;

/*
 * What one host knows, as a document that another host's diagnosis reads:
 * schema meetprobe.evidence/1. No plain secret is in it.
 */
#define EVIDENCE_SCHEMA "meetprobe.evidence/"

/* What it is written from; NULL where there is none, but for the first two. */
struct evidence_parts {
	const struct report *report;	/* host, roles, checks, coverage */
	struct diagnosis *diagnosis;	/* signals */
	const struct facts *facts;
	const struct findings *findings;	/* of the configuration */
	const struct secrets *secrets;
	wall_t asked;	/* when the asker's request came: he compares clocks */
};

/* 0, or -1 when it would be longer than LIMIT_EVIDENCE_WRITTEN. */
int evidence_write(struct buf *, const struct evidence_parts *);

/*
 * A document of another host, whose content is not trusted: names that this
 * catalogue does not have are ignored, and so are unknown fields.
 */
struct evidence_doc;

/* NULL with a sentence in *why (const); freed by evidence_free_doc. */
struct evidence_doc *evidence_parse(struct str text, const char **why);
void evidence_free_doc(struct evidence_doc *);
/* What the host calls itself, "" when it does not say; the document's. */
const char *evidence_host(const struct evidence_doc *);
/* Its clock when it was asked, and when it answered; or WALL_NONE. */
void evidence_clock(const struct evidence_doc *, wall_t *asked, wall_t *utc);
/* Its signals: id, first and last time, by its own clock. */
void evidence_sightings(const struct evidence_doc *, void (*)(void *,
    const char *id, wall_t first, wall_t last), void *);
/* Its secrets, as held by `peer`. */
void evidence_secrets(const struct evidence_doc *, const char *peer,
    struct secrets *);
/*
 * Adds all else to the diagnosis, and what the host had covered to the
 * report. peer is what the user calls it; ahead_us: how much its clock is
 * ahead of ours.
 */
void evidence_add(const struct evidence_doc *, const char *peer,
    int64_t ahead_us, struct diagnosis *, struct report *);

#endif

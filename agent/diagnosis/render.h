/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_RENDER_H
#define MEETPROBE_DIAGNOSIS_RENDER_H

#include <stdio.h>

#include "agent/base/buf.h"
#include "agent/diagnosis/report.h"

/* One format: prints the report; never computes what it says. */
struct renderer {
	const char *name;
	void (*render)(const struct report *, int color, FILE *);
};

void render_text(const struct report *, int color, FILE *);
void render_short(const struct report *, int color, FILE *);
void render_json(const struct report *, int color, FILE *);
void render_junit(const struct report *, int color, FILE *);
void render_tap(const struct report *, int color, FILE *);
void render_nagios(const struct report *, int color, FILE *);

/* What the text formats share. */
/* A time as logged: "2022-09-16T14:35:58", with Z only if it is UTC. */
#define RENDER_TIME 40
void render_time(wall_t, int utc, char *, size_t);
/* Text from outside, escaped; NULL prints nothing. */
void render_safe(FILE *, const char *);
/* Causes of a severity, and checks of a state. */
size_t render_causes(const struct report *, enum severity);
size_t render_checks(const struct report *, enum state);
/* "1 cause down, 2 checks fail": a clause for one line. */
void render_summary(const struct report *, struct buf *);

#endif

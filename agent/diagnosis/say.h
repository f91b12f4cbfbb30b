/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_SAY_H
#define MEETPROBE_DIAGNOSIS_SAY_H

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/diagnosis/catalogue.h"

/* Answers what a hole holds: its value, p NULL when nobody knows. */
typedef struct str (*hole_fn)(void *, struct str name);

/*
 * Fills in a sentence: {name} becomes the value (escaped when it came from
 * outside), {name|text} the text when there is no value, else <name>. 0, or
 * -1 when a value was not there.
 */
int say_sentence(const char *format, hole_fn, void *, struct buf *out);
/*
 * Fills in a command. Values are quoted for the shell; one that is missing,
 * begins with `-` or holds a control character prints as <NAME>.
 */
void say_command(const char *format, hole_fn, void *, struct buf *out);
/* 0 when the command names only holes that a command may use, of the types
 * that the evidence's signals give them; else -1 and why. */
int say_command_lint(const struct catalogue *, const struct cause *,
    const char *format, struct buf *why);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_INPUTS_H
#define MEETPROBE_AGENT_INPUTS_H

#include <stddef.h>

#include "agent/base/str.h"
#include "agent/facts/kinds.h"

struct conf;

/*
 * The files (and peers) that a run reads: named on the command line, in
 * meetprobe.conf, or found at their usual places. What a file is, is said
 * or found from its name and content.
 */
enum input_type {
	INPUT_LOG, INPUT_CONFIG, INPUT_CAPTURE, INPUT_EVIDENCE,
	INPUT_UNKNOWN		/* told in coverage, never fatal */
};

struct input {
	enum input_type type;
	enum component component;	/* of a log; NONE: found by content */
	char *kind;		/* of a configuration: "jvb.conf"; or NULL */
	char *host;		/* whose file; NULL: this host's or not said */
	char *tap;		/* of a capture; or NULL */
	char *path;
	int required;		/* named on the command line */
};

struct inputs {
	struct input *list;
	size_t count, cap;
};

void inputs_init(struct inputs *);
void inputs_free(struct inputs *);

/*
 * One option's value, as COMPONENT[@HOST]=FILE, KIND[@HOST]=FILE or
 * [TAP=]FILE. 0; -1 when it is malformed, with a sentence in *why (const).
 */
int inputs_log(struct inputs *, const char *value, const char **why);
int inputs_config(struct inputs *, const char *value, const char **why);
int inputs_capture(struct inputs *, const char *value, const char **why);
/* A file, or the files below a directory: its logs, captures and evidence
 * each, its configurations as one input. */
void inputs_path(struct inputs *, const char *path);
/* The logs that meetprobe.conf names and those at their usual places. The
 * configurations of this host are found by their readers. */
void inputs_host(struct inputs *, const struct conf *);

/* Adds one as it is (the agent's engine, from the parent's list). */
void inputs_take(struct inputs *, enum input_type, enum component,
    struct str kind, struct str host, struct str path, int required);

/*
 * The kind and host of a configuration file by its name: "hosts.jicofo" is
 * hosts of jicofo. Freed by the caller; 0, or -1 when the name is of none.
 */
int inputs_kind(const char *name, char **kind, char **host);

#endif

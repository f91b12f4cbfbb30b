/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_FACTS_FINDING_H
#define MEETPROBE_FACTS_FINDING_H

#include <stddef.h>

#include "agent/facts/kinds.h"

/* A place in a configuration file; line and column from 1, 0 not known. */
struct place {
	char *file;		/* NULL when there is no place */
	int line, column, end_column;
	char *text;		/* the source line, or NULL */
};

/*
 * Something in the configuration that does not fit: inside one file or
 * between two. Its id is kebab-case and permanent ("config-domain-differs");
 * the catalogue names it as `finding ID`. SEVERITY_DOWN and _DEGRADED print
 * as error, _RISK as warning, _NOTE as note.
 */
struct finding {
	const char *id;		/* of a const table */
	const char *probe;	/* the check it belongs to: "config.jvb-conf" */
	enum severity severity;
	char *host;		/* whose file, or NULL */
	struct place at, other;	/* the second place of a cross-file rule */
	char *message;
	char *fix;		/* what to write instead, or NULL */
	/* What the rule saw, for the holes of the catalogue's sentences:
	 * "name=value" lines; or NULL. */
	char *captures;
};

struct findings {
	struct finding *list;
	size_t count, cap;
};

/* Frees what one finding holds. */
void finding_free(struct finding *);
void findings_init(struct findings *);
void findings_free(struct findings *);
/* Adds one and takes its strings; freed at once above LIMIT_FINDINGS. */
void findings_take(struct findings *, struct finding *);
/* Takes out those of which `gone` says so. */
void findings_drop(struct findings *, int (*gone)(const struct finding *));

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_ISOLATE_H
#define MEETPROBE_PROBES_CONFIG_ISOLATE_H

#include <stddef.h>

#include "probes/config/model.h"
#include "probes/config/reader.h"

/* One file to be read in a helper child. */
struct isolate_job {
	const struct reader *reader;
	struct config_sources sources;
	struct model *model;	/* empty; is filled */
	int failed;		/* the reader did not come back */
};

/*
 * Reads the files in a helper child with limits; one that does not come back
 * is marked failed, and the rest is read by another child.
 */
void isolate_run(struct isolate_job *, size_t count);

#endif

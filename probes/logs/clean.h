/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_LOGS_CLEAN_H
#define MEETPROBE_PROBES_LOGS_CLEAN_H

#include <stddef.h>

#include "agent/base/buf.h"

/* What a log needs to become plain lines; found from its first bytes. */
struct clean {
	int json;		/* lines of JSON that carry lines */
	int wide;		/* UTF-16: 1 little endian, 2 big endian */
	struct buf line;
};

/* Looks at the beginning of a log. */
void clean_begin(struct clean *, const char *, size_t);
/*
 * Cleans whole lines in place: unwraps JSON, drops colours and a byte order
 * mark, narrows UTF-16. Returns how many bytes are left, never more than
 * before.
 */
size_t clean_text(struct clean *, char *, size_t);
void clean_end(struct clean *);

#endif

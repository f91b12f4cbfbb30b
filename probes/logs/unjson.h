/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_LOGS_UNJSON_H
#define MEETPROBE_PROBES_LOGS_UNJSON_H

#include "agent/base/str.h"

struct buf;

/* 1 when the text begins like lines of JSON that carry log lines. */
int unjson_looks(struct str sample);
/*
 * One line of JSON (docker's json-file, journalctl -o json, what log
 * shippers write) as the plain line it carries, "TIME [HOST TAG: ]text",
 * added to the buffer without NL. 0, or -1 with nothing added when the line
 * is not such an object.
 */
int unjson_line(struct str line, struct buf *out);

#endif

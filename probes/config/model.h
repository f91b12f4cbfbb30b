/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_MODEL_H
#define MEETPROBE_PROBES_CONFIG_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/limits.h"
#include "agent/base/map.h"
#include "agent/base/str.h"

struct buf;

/* One text that a reader may look at. */
struct config_source {
	struct str name;	/* as the user named it */
	struct str kind;	/* "jvb.conf" */
	struct str text;
};

/*
 * What a reader is given: list[0] is the file to read, the others are those
 * that an include may name (never this host's own files).
 */
struct config_sources {
	const struct config_source *list;
	size_t count;
	/* Values of the environment, "NAME=VALUE" lines (a HOCON file of a
	 * container); a name that is not there is unknown. */
	struct str environment;
};

enum item_type {
	ITEM_TEXT,		/* a quoted string */
	ITEM_WORD,		/* an unquoted one */
	ITEM_NUMBER,
	ITEM_BOOL,
	ITEM_NULL,
	ITEM_TABLE,		/* object, list, block: its members follow */
	ITEM_LIST,
	ITEM_OPAQUE,		/* known only when the program runs */
	ITEM_TYPE_COUNT
};

/*
 * One value of a configuration and where it stands. Keys are paths, each
 * reader says how they look; members of lists end in "/0", "/1" ... A file
 * read is a flat list of these in the order of the file.
 */
struct item {
	char *key;
	char *value;		/* as its owner understands it */
	enum item_type type;
	int parent;		/* index of the enclosing block, -1: none */
	int source;		/* index into the sources */
	int line, column, end_column;	/* from 1 */
};

/* Something wrong that one file shows alone; id as in lint.def. */
struct problem {
	char *id;
	char *message;
	char *fix;		/* or NULL */
	int source;
	int line, column, end_column;
};

struct model {
	struct item *list;
	size_t count, cap;
	struct map index;	/* key -> number of its last item + 1 */
	struct problem *problems;
	size_t problem_count, problem_cap;
	int refused;		/* the last problem did not fit any more */
	int partial;		/* something in it was not understood */
	/* the sources that some include of it named, by their number */
	unsigned char included[LIMIT_CONFIG_FILES];
};

void model_init(struct model *);
void model_free(struct model *);
/*
 * Adds a value; copies key and value. The place is filled by the caller in
 * the returned item, which is valid until the next addition. NULL when
 * LIMIT_CONFIG_ITEMS are there (then `partial` is set).
 */
struct item *model_add(struct model *, struct str key, struct str value,
    enum item_type);
/* The last item with that key, NULL when there is none. */
const struct item *model_get(const struct model *, const char *key);
const struct item *model_getf(const struct model *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Takes a value and all its members out of the model. */
void model_forget(struct model *, const char *key);
/* The value as text; the empty slice when it is not there. */
struct str model_value(const struct model *, const char *key);
/* 1 true, 0 false, -1 not there or not a boolean (yes/no, on/off count). */
int item_bool(const struct item *);
/* The item's number; missing or not a number: dflt. */
int64_t item_number(const struct item *, int64_t dflt);
struct str item_str(const struct item *);

/* Notes that a source was read as an include. */
void model_included(struct model *, size_t source);

/* Says what is wrong; column 0 when not known. At most LIMIT_ERRORS. */
void model_problem(struct model *, const char *id, int source,
    int line, int column, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* Says how to put right the problem said last, and where it ends. */
void model_fix(struct model *, int end_column, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * A model as bytes and back: what a helper child sends its parent. Strings
 * are length and bytes, numbers 32 bits in network byte order.
 */
void model_pack(const struct model *, struct buf *);
/* 0, or -1 when the bytes are not a whole model (m is then empty). */
int model_unpack(struct model *, struct str);

#endif

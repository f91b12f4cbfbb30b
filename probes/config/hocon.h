/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_HOCON_H
#define MEETPROBE_PROBES_CONFIG_HOCON_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/str.h"

struct model;
struct config_sources;

/*
 * HOCON as the Typesafe configuration library reads it (lightbend/config
 * HOCON.md). Keys of the model are paths joined by dots, an element that is
 * no plain word in quotes; members of lists end in "/N".
 */
void read_hocon(const struct config_sources *, struct model *);

/*
 * A span of time as HOCON writes it ("10 seconds", "500 ms", a number alone
 * is milliseconds): nanoseconds; -1 when it is none.
 */
int hocon_duration(struct str, int64_t *ns);
/* A size ("512K", "10 megabytes", a number alone is bytes); -1: none. */
int hocon_size(struct str, int64_t *bytes);

/* What follows is shared by the parser and the resolver. */

enum hocon_type {
	HOCON_OBJECT,
	HOCON_ARRAY,
	HOCON_TEXT,	/* quoted */
	HOCON_WORD,	/* unquoted: word, number, true, false, null */
	HOCON_BLANK,	/* blanks between two pieces of a concatenation */
	HOCON_SUBST,	/* ${path}; text is the path */
	HOCON_CONCAT,	/* list: the pieces */
	HOCON_OPAQUE	/* from an environment that is not known */
};

struct hocon_node {
	enum hocon_type type;
	struct str text;	/* in the arena of the document */
	int optional;		/* ${?path}; 2: the value before, of += */
	int busy;		/* being resolved: a cycle when met again */
	int source, line, column, end_column;
	struct str key;		/* as a member of an object */
	struct hocon_node *prev;	/* the value this one replaced */
	struct hocon_node *first, *last;	/* members, elements, pieces */
	struct hocon_node *next;	/* the next sibling */
	size_t count;			/* members */
};

/* A document and the memory of all its nodes. */
struct hocon {
	const struct config_sources *sources;
	struct model *model;	/* takes what is wrong */
	struct hocon_node *root;
	void *blocks;		/* all memory, freed at once */
	size_t nodes, text;
	int failed;		/* stop: an error was said or a limit hit */
	int depth;
	int includes[16];	/* sources being read, to see a cycle */
	int include_depth;
};

/* NULL (and failed) above LIMIT_HOCON_NODES. */
struct hocon_node *hocon_new(struct hocon *, enum hocon_type,
    const struct hocon_node *place);
/* A copy in the document's memory. */
struct str hocon_text(struct hocon *, struct str);
/* Says the first error; the document is then failed. */
void hocon_error(struct hocon *, const char *id, int source, int line,
    int column, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* The member of that key, NULL when there is none. */
struct hocon_node *hocon_find(const struct hocon_node *object, struct str key);
/* Puts a value under a key, merging objects as HOCON does. */
void hocon_put(struct hocon *, struct hocon_node *object, struct str key,
    struct hocon_node *value);
void hocon_append(struct hocon_node *parent, struct hocon_node *child);
/* Takes the next element off a path expression; -1 when it is malformed. */
int hocon_path_next(struct hocon *, struct str *path, struct str *element);

/* Follows substitutions, joins concatenations, fills the model. */
void hocon_resolve(struct hocon *);

#endif

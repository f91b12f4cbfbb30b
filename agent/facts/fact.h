/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_FACTS_FACT_H
#define MEETPROBE_FACTS_FACT_H

#include <stddef.h>

#include "agent/base/map.h"
#include "agent/base/str.h"

enum fact_type { FACT_bool, FACT_num, FACT_text };

/* One row of facts.def. */
struct fact_def {
	const char *name;
	enum fact_type type;
	const char *unit;
	const char *sentence;
};

/* The rows, sorted by name. */
extern const struct fact_def fact_table[];
extern const size_t fact_table_count;

/* The row of a name, NULL when facts.def does not have it. */
const struct fact_def *fact_find(struct str name);
/* 1 when the value has the row's type: yes|no, a number, any text. */
int fact_valid(const struct fact_def *, struct str value);

/*
 * What is known: a value for (fact, subject). The subject is a host or
 * service name, "" for the site as a whole. Setting again replaces.
 */
struct facts {
	struct map values;	/* "name\0subject" -> char * value */
};

void facts_init(struct facts *);
void facts_free(struct facts *);
/* 0, or -1 when there is no such fact or the value is not of its type. */
int facts_set(struct facts *, struct str name, struct str subject,
    struct str value);
/* The value, NULL when unknown. */
const char *facts_get(const struct facts *, struct str name,
    struct str subject);

#endif

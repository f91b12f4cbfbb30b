/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_FACTS_VERSION_H
#define MEETPROBE_FACTS_VERSION_H

#include <stddef.h>

#include "agent/base/str.h"
#include "agent/facts/kinds.h"

/* What has a version that counts. */
enum product {
	PRODUCT_JICOFO, PRODUCT_JVB, PRODUCT_WEB, PRODUCT_PLUGINS,
	PRODUCT_PROSODY, PRODUCT_NGINX, PRODUCT_JAVA,
	PRODUCT_COUNT
};

/* "jicofo", "jvb", "jitsi-meet", "prosody-plugins" (those of jitsi-meet),
 * "prosody", "nginx", "java". */
const char *product_name(enum product);
/* The fact of facts.def that holds its version. */
const char *product_fact(enum product);
/* -1 when the word names none; "web" and "bridge" are understood too. */
int product_by_name(struct str);
/* The one whose version a fact holds, -1. */
int product_by_fact(struct str);
/* The one that writes this log, -1. */
int product_of_component(enum component);

/*
 * How two versions of one product stand. UNCLEAR: the texts do not say.
 *
 * jicofo, jvb and jitsi-meet are counted in three ways: by the release that
 * they came with (2.0.9646, stable-9646), by themselves (jicofo 1.0-1090, jvb
 * 2.3-105-gHASH) and, in tables, by month (2024-07). Of one way they compare
 * as numbers; across ways by the months of the releases that are known, and
 * only a whole month apart. The others are numbers between dots, where the
 * shorter one stands for all that begin so: 0.11 and 0.11.14 are the same.
 */
enum version_order {
	VERSION_BEFORE = -1, VERSION_SAME, VERSION_AFTER, VERSION_UNCLEAR
};
enum version_order version_compare(enum product, struct str a, struct str b);

/* Does the text name a version at all? */
int version_valid(enum product, struct str);
/*
 * The months (YYMM: 2407) between which that version of jicofo, jvb or
 * jitsi-meet came out; *last 0 when it may be later than all that are known,
 * *first 0 when earlier. 0, or -1 when the text says nothing.
 */
int version_months(enum product, struct str, int *first, int *last);
/* Java's first number: 8 of "1.8.0_292", 17 of "17.0.15+6"; 0: none. */
int java_major(struct str);

/*
 * What is known of the versions of a site: texts that were read somewhere,
 * and bounds that follow from what a log holds.
 */
#define VERSIONS_MAX 64
struct version_known {
	enum product product;
	char text[64];
	char from[96];		/* where it was read */
};
struct versions {
	struct version_known list[VERSIONS_MAX];
	size_t count;
	char low[PRODUCT_COUNT][32], high[PRODUCT_COUNT][32];
};

/* Notes one; the same text of a product is kept once. What is no version is
 * not taken. */
void versions_add(struct versions *, enum product, struct str text,
    const char *from);
/* It is not older (not newer) than this. */
void versions_since(struct versions *, enum product, struct str);
void versions_until(struct versions *, enum product, struct str);
/*
 * How all that is known of a product stands to a version: BEFORE and AFTER
 * hold for every one of its processes, anything else is UNCLEAR.
 */
enum version_order versions_order(const struct versions *, enum product,
    struct str);
/* Is everything known of a product outside of since..until (NULL: open)? */
int versions_outside(const struct versions *, enum product,
    const char *since, const char *until);
/* The first text known of a product; NULL: none. */
const struct version_known *versions_first(const struct versions *,
    enum product);

#endif

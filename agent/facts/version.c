/* SPDX-License-Identifier: ISC */
/*
 * Versions of the programs of a site. Pure. The table of releases is that of
 * jitsi/jitsi-meet-release-notes (CHANGELOG-WEB.md) and, where that ends, of
 * the release tags as openbsd/ports and docker-jitsi-meet (its issues of that
 * month) name them.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "agent/facts/version.h"

static const struct {
	const char *name, *fact;
} products[PRODUCT_COUNT] = {
	[PRODUCT_JICOFO] = { "jicofo", "jicofo.version" },
	[PRODUCT_JVB] = { "jvb", "bridge.version" },
	[PRODUCT_WEB] = { "jitsi-meet", "web.version" },
	[PRODUCT_PLUGINS] = { "prosody-plugins", "plugins.version" },
	[PRODUCT_PROSODY] = { "prosody", "prosody.version" },
	[PRODUCT_NGINX] = { "nginx", "nginx.version" },
	[PRODUCT_JAVA] = { "java", "java.version" },
};

/* A version of a program counted by itself; build -1: not said. */
struct own {
	int major, minor, build;
};

/* The releases of which the month is known, or lies between two, oldest
 * first. All zero: what the program itself was counted then is not known. */
static const struct release {
	int number;
	int from, by;		/* months: not before, not after */
	struct own own[3];	/* jicofo, jvb, jitsi-meet */
} releases[] = {
	{ 6689, 2112, 2112, { { 0 }, { 0 }, { 1, 0, 5638 } } },
	{ 6726, 2112, 2112, { { 1, 0, 832 }, { 2, 1, 595 }, { 1, 0, 5675 } } },
	{ 6826, 2201, 2201, { { 1, 0, 840 }, { 2, 1, 607 }, { 1, 0, 5764 } } },
	{ 6865, 2201, 2201, { { 1, 0, 846 }, { 2, 1, 617 }, { 1, 0, 5818 } } },
	{ 7210, 2204, 2204, { { 0 }, { 0 }, { 0 } } },
	{ 7439, 2206, 2206, { { 0 }, { 0 }, { 1, 0, 6260 } } },
	{ 7577, 2208, 2208, { { 1, 0, 910 }, { 2, 2, 18 }, { 1, 0, 6380 } } },
	{ 7648, 2208, 2208, { { 1, 0, 911 }, { 2, 2, 22 }, { 1, 0, 6447 } } },
	{ 7830, 2209, 2209, { { 1, 0, 934 }, { 2, 2, 43 }, { 1, 0, 6600 } } },
	{ 7882, 2210, 2210, { { 1, 0, 940 }, { 2, 2, 45 }, { 1, 0, 6644 } } },
	{ 8044, 2211, 2211, { { 1, 0, 954 }, { 2, 2, 61 }, { 1, 0, 6776 } } },
	{ 8127, 2212, 2212, { { 1, 0, 965 }, { 2, 2, 63 }, { 1, 0, 6846 } } },
	{ 8194, 2301, 2301, { { 1, 0, 977 }, { 2, 2, 67 }, { 1, 0, 6897 } } },
	{ 8218, 2301, 2301, { { 1, 0, 980 }, { 2, 2, 67 }, { 1, 0, 6918 } } },
	{ 9646, 2407, 2407, { { 0 }, { 0 }, { 0 } } },
	{ 10078, 2501, 2503, { { 0 }, { 0 }, { 0 } } },
	{ 10532, 2508, 2510, { { 0 }, { 0 }, { 0 } } },
	{ 11248, 2607, 2609, { { 0 }, { 0 }, { 0 } } },
};
#define RELEASES (sizeof(releases) / sizeof(releases[0]))

/*
 * What a build from source calls itself lags behind the tags: the bridge of
 * 7648 says 2.1-SNAPSHOT, that of 9646 and later 2.3-SNAPSHOT (openbsd/ports
 * net/jitsi). Months as far as that tells; 0: open.
 */
static const struct {
	enum product product;
	int major, minor, first, last;
} snapshots[] = {
	{ PRODUCT_JVB, 2, 1, 0, 2407 }, { PRODUCT_JVB, 2, 3, 2208, 0 },
};

/* A version as read. */
enum way { WAY_NONE, WAY_RELEASE, WAY_OWN, WAY_MONTH, WAY_NUMBERS };
struct version {
	enum way way;
	int release, month;
	struct own own;
	int number[6];
	size_t count;
};

const char *
product_name(enum product p)
{
	return (products[p].name);
}

const char *
product_fact(enum product p)
{
	return (products[p].fact);
}

int
product_by_name(struct str name)
{
	int p;

	if (str_eqs(name, "web"))
		return (PRODUCT_WEB);
	if (str_eqs(name, "bridge"))
		return (PRODUCT_JVB);
	for (p = 0; p < PRODUCT_COUNT; p++)
		if (str_eqs(name, products[p].name))
			return (p);
	return (-1);
}

int
product_by_fact(struct str fact)
{
	int p;

	for (p = 0; p < PRODUCT_COUNT; p++)
		if (str_eqs(fact, products[p].fact))
			return (p);
	return (-1);
}

int
product_of_component(enum component c)
{
	switch (c) {
	case COMPONENT_JICOFO: return (PRODUCT_JICOFO);
	case COMPONENT_JVB: return (PRODUCT_JVB);
	case COMPONENT_PROSODY:
	case COMPONENT_PROSODYCTL: return (PRODUCT_PROSODY);
	case COMPONENT_NGINX_ACCESS:
	case COMPONENT_NGINX_ERROR: return (PRODUCT_NGINX);
	default: return (-1);
	}
}

/* The numbers at the start of a text, with one of `between` before each. */
static size_t
numbers(struct str s, const char *between, int *out, size_t max)
{
	size_t i = 0, n = 0, digits;
	int v;

	while (n < max && i < s.n) {
		for (v = 0, digits = 0; i < s.n && s.p[i] >= '0' &&
		    s.p[i] <= '9' && digits < 9; i++, digits++)
			v = v * 10 + (s.p[i] - '0');
		if (digits == 0)
			break;
		out[n++] = v;
		if (i >= s.n || strchr(between, s.p[i]) == NULL)
			break;
		i++;
	}
	return (n);
}

/* "stable-9646-1", "stable/jitsi-meet_9646", "9646": what is behind the
 * words. */
static struct str
without_words(struct str s)
{
	static const char *const words[] = { "unstable-", "stable-",
	    "stable/jitsi-meet_", "jitsi-meet_", "jicofo-", "jvb-", "web-",
	    "v" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_starts(s, words[i]))
			return (str_sub(s, strlen(words[i]), s.n));
	return (s);
}

static struct version
parse_jitsi(struct str s)
{
	struct version v = { 0 };
	int n[4] = { 0 };
	size_t count = numbers(without_words(s), ".-", n, 3);

	if (count == 0)
		return (v);
	if (count >= 2 && n[0] >= 2000 && n[0] < 2100 && n[1] >= 1 &&
	    n[1] <= 12) {
		v.way = WAY_MONTH;
		v.month = (n[0] - 2000) * 100 + n[1];
	} else if (n[0] >= 1000) {
		v.way = WAY_RELEASE;
		v.release = n[0];
	} else if (count == 3 && n[0] == 2 && n[1] == 0 && n[2] >= 1000) {
		v.way = WAY_RELEASE;
		v.release = n[2];
	} else if (count >= 2) {
		v.way = WAY_OWN;
		v.own = (struct own){ n[0], n[1], count == 3 ? n[2] : -1 };
	}
	return (v);
}

static struct version
parse_numbers(enum product p, struct str s)
{
	struct version v = { 0 };
	size_t i;

	if (p == PRODUCT_JAVA && str_starts(s, "1.") && s.n > 2)
		s = str_sub(s, 2, s.n);		/* 1.8.0_292 is 8.0.292 */
	v.count = numbers(s, p == PRODUCT_JAVA ? "._" : ".", v.number, 6);
	if (p == PRODUCT_JAVA && v.count == 1 && (i = str_chr(s, 'u')) !=
	    SIZE_MAX && i <= 2)	{		/* 8u292 */
		v.number[1] = 0;
		v.count = 2 + numbers(str_sub(s, i + 1, s.n), "",
		    v.number + 2, 1);
	}
	if (v.count > 0)
		v.way = WAY_NUMBERS;
	return (v);
}

static struct version
parse(enum product p, struct str s)
{
	s = str_trim(s);
	if (p <= PRODUCT_PLUGINS)
		return (parse_jitsi(s));
	return (parse_numbers(p, s));
}

static int
compare_own(struct own a, struct own b)
{
	if (a.major != b.major)
		return (a.major < b.major ? -1 : 1);
	if (a.minor != b.minor)
		return (a.minor < b.minor ? -1 : 1);
	return (a.build == b.build ? 0 : a.build < b.build ? -1 : 1);
}

static int
is_open(struct own o)
{
	return (o.major == 0 && o.minor == 0 && o.build == 0);
}

static void
snapshot_months(enum product p, struct own own, int *first, int *last)
{
	size_t i;

	for (i = 0; i < sizeof(snapshots) / sizeof(snapshots[0]); i++)
		if (snapshots[i].product == p &&
		    snapshots[i].major == own.major &&
		    snapshots[i].minor == own.minor) {
			*first = snapshots[i].first;
			*last = snapshots[i].last;
		}
}

static void
months(enum product p, const struct version *v, int *first, int *last)
{
	const struct release *r;
	size_t i;

	if (p == PRODUCT_PLUGINS)	/* counted with jitsi-meet */
		p = PRODUCT_WEB;
	*first = *last = 0;
	if (v->way == WAY_MONTH)
		*first = *last = v->month;
	else if (v->way == WAY_OWN && v->own.build == -1)
		snapshot_months(p, v->own, first, last);
	if (v->way == WAY_MONTH || (v->way == WAY_OWN && v->own.build == -1))
		return;
	for (i = 0; i < RELEASES; i++) {
		r = &releases[i];
		if (v->way == WAY_OWN && is_open(r->own[p]))
			continue;
		if (v->way == WAY_RELEASE ? r->number <= v->release :
		    compare_own(r->own[p], v->own) <= 0)
			*first = r->from;
		if (*last == 0 && (v->way == WAY_RELEASE ?
		    r->number >= v->release :
		    compare_own(r->own[p], v->own) >= 0))
			*last = r->by;
	}
}

int
version_months(enum product p, struct str text, int *first, int *last)
{
	struct version v = parse(p, text);

	*first = *last = 0;
	if (v.way == WAY_NONE || v.way == WAY_NUMBERS)
		return (-1);
	months(p, &v, first, last);
	return (0);
}

int
version_valid(enum product p, struct str text)
{
	return (parse(p, text).way != WAY_NONE);
}

int
java_major(struct str text)
{
	struct version v = parse_numbers(PRODUCT_JAVA, text);

	return (v.count == 0 ? 0 : v.number[0]);
}

static enum version_order
compare_numbers(const struct version *a, const struct version *b)
{
	size_t i;

	for (i = 0; i < a->count && i < b->count; i++)
		if (a->number[i] != b->number[i])
			return (a->number[i] < b->number[i] ?
			    VERSION_BEFORE : VERSION_AFTER);
	return (VERSION_SAME);
}

enum version_order
version_compare(enum product p, struct str left, struct str right)
{
	struct version a = parse(p, left), b = parse(p, right);
	int a_first, a_last, b_first, b_last;

	if (a.way == WAY_NONE || b.way == WAY_NONE)
		return (VERSION_UNCLEAR);
	if (a.way == WAY_NUMBERS)
		return (compare_numbers(&a, &b));
	if (a.way == WAY_RELEASE && b.way == WAY_RELEASE)
		return (a.release == b.release ? VERSION_SAME :
		    a.release < b.release ? VERSION_BEFORE : VERSION_AFTER);
	if (a.way == WAY_OWN && b.way == WAY_OWN && a.own.build != -1 &&
	    b.own.build != -1)
		return ((enum version_order)compare_own(a.own, b.own));
	months(p, &a, &a_first, &a_last);
	months(p, &b, &b_first, &b_last);
	if (a.way == WAY_MONTH && b.way == WAY_MONTH && a.month == b.month)
		return (VERSION_SAME);
	if (a_last != 0 && b_first != 0 && a_last < b_first)
		return (VERSION_BEFORE);
	if (b_last != 0 && a_first != 0 && b_last < a_first)
		return (VERSION_AFTER);
	return (VERSION_UNCLEAR);
}

void
versions_add(struct versions *v, enum product p, struct str text,
    const char *from)
{
	struct version_known *k;
	size_t i;

	text = str_trim(text);
	if (!version_valid(p, text) || v->count == VERSIONS_MAX)
		return;
	for (i = 0; i < v->count; i++) {
		k = &v->list[i];
		if (k->product != p || (!str_eqs(text, k->text) &&
		    version_compare(p, text, str_from(k->text)) !=
		    VERSION_SAME))
			continue;
		if (text.n > strlen(k->text))	/* 0.11.14 for 0.11 */
			snprintf(k->text, sizeof(k->text), "%.*s",
			    STR_ARG(text));
		return;
	}
	k = &v->list[v->count++];
	k->product = p;
	snprintf(k->text, sizeof(k->text), "%.*s", STR_ARG(text));
	snprintf(k->from, sizeof(k->from), "%s", from == NULL ? "" : from);
}

void
versions_since(struct versions *v, enum product p, struct str text)
{
	if (v->low[p][0] == '\0' || version_compare(p, text,
	    str_from(v->low[p])) == VERSION_AFTER)
		snprintf(v->low[p], sizeof(v->low[p]), "%.*s",
		    STR_ARG(text));
}

void
versions_until(struct versions *v, enum product p, struct str text)
{
	if (v->high[p][0] == '\0' || version_compare(p, text,
	    str_from(v->high[p])) == VERSION_BEFORE)
		snprintf(v->high[p], sizeof(v->high[p]), "%.*s",
		    STR_ARG(text));
}

/* 2.3-SNAPSHOT: a version that leaves open which. */
static int
is_vague(enum product p, const char *text)
{
	struct version v = parse(p, str_from(text));

	return (v.way == WAY_OWN && v.own.build == -1);
}

/* Does the i-th one count for the product? A vague one only when nothing
 * better is known: the package of a snapshot has a number. */
static int
counts(const struct versions *v, enum product p, size_t i)
{
	size_t k;

	if (v->list[i].product != p)
		return (0);
	if (!is_vague(p, v->list[i].text))
		return (1);
	for (k = 0; k < v->count; k++)
		if (v->list[k].product == p && !is_vague(p,
		    v->list[k].text))
			return (0);
	return (1);
}

/* Bounds count for one process only, and not when an update lies between
 * them. */
static int
bounded(const struct versions *v, enum product p, size_t known)
{
	return (known <= 1 && (v->low[p][0] == '\0' ||
	    v->high[p][0] == '\0' || version_compare(p, str_from(v->low[p]),
	    str_from(v->high[p])) != VERSION_AFTER));
}

enum version_order
versions_order(const struct versions *v, enum product p, struct str than)
{
	size_t i, known = 0, before = 0, after = 0;
	enum version_order o;

	for (i = 0; i < v->count; i++) {
		if (!counts(v, p, i))
			continue;
		o = version_compare(p, str_from(v->list[i].text), than);
		known++;
		before += o == VERSION_BEFORE;
		after += o == VERSION_AFTER;
	}
	if (known > 0 && before == known)
		return (VERSION_BEFORE);
	if (known > 0 && after == known)
		return (VERSION_AFTER);
	if (!bounded(v, p, known))
		return (VERSION_UNCLEAR);
	if (v->low[p][0] != '\0' && version_compare(p, str_from(v->low[p]),
	    than) == VERSION_AFTER)
		return (VERSION_AFTER);
	if (v->high[p][0] != '\0' && version_compare(p, str_from(v->high[p]),
	    than) == VERSION_BEFORE)
		return (VERSION_BEFORE);
	return (VERSION_UNCLEAR);
}

int
versions_outside(const struct versions *v, enum product p, const char *since,
    const char *until)
{
	size_t i, known = 0, out = 0;
	struct str text;

	if ((since != NULL && versions_order(v, p, str_from(since)) ==
	    VERSION_BEFORE) || (until != NULL && versions_order(v, p,
	    str_from(until)) == VERSION_AFTER))
		return (1);
	/* one too old, the other too new */
	for (i = 0; i < v->count; i++) {
		if (!counts(v, p, i))
			continue;
		text = str_from(v->list[i].text);
		known++;
		out += (since != NULL && version_compare(p, text,
		    str_from(since)) == VERSION_BEFORE) || (until != NULL &&
		    version_compare(p, text, str_from(until)) ==
		    VERSION_AFTER);
	}
	return (known > 0 && out == known);
}

const struct version_known *
versions_first(const struct versions *v, enum product p)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		if (v->list[i].product == p)
			return (&v->list[i]);
	return (NULL);
}

/* SPDX-License-Identifier: ISC */
/*
 * Rules about versions: keys that the version found does not read, components
 * of different releases, what a release needs of prosody and of Java. What
 * runs is known from image tags among the files and from what the programs
 * noted in the set (logs, probes, packages). Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/jitsi_keys.h"
#include "probes/config/rules.h"
#include "probes/packages.h"

/* "2407" as the text of a version. */
#define MONTH_SIZE 8
static struct str
month(char out[MONTH_SIZE], int yymm)
{
	out[0] = '2';
	out[1] = '0';
	out[2] = (char)('0' + yymm / 1000 % 10);
	out[3] = (char)('0' + yymm / 100 % 10);
	out[4] = '-';
	out[5] = (char)('0' + yymm % 100 / 10);
	out[6] = (char)('0' + yymm % 10);
	out[7] = '\0';
	return (str_of(out, 7));
}

/*
 * The tag of an image of Jitsi: "jitsi/jicofo:stable-9646-1", where
 * ${JITSI_IMAGE_VERSION:-stable-9646} stands for what .env says, or for
 * stable-9646. *at is where it comes from. Empty: no such image.
 */
static struct str
image_tag(const struct lint *l, struct val image, struct val *at)
{
	static const char variable[] = "${JITSI_IMAGE_VERSION";
	const struct config_file *env = config_find(l->set, ".env", NULL);
	struct str s = item_str(image.it), tag;
	struct val said = val_of(env, "JITSI_IMAGE_VERSION");

	*at = image;
	if (!str_starts(s, "jitsi/") && str_find(s, "/jitsi/") == SIZE_MAX)
		return (str_of("", 0));
	tag = str_sub(s, str_chr(s, ':'), s.n);
	if (tag.n == 0)
		return (tag);
	tag = str_sub(tag, 1, tag.n);
	if (!str_starts(tag, variable))
		return (tag);
	if (val_str(said).n > 0) {
		*at = said;
		return (val_str(said));
	}
	tag = str_sub(tag, sizeof(variable) - 1, tag.n);
	tag = str_sub(tag, 0, str_chr(tag, '}'));
	return (str_starts(tag, ":-") ? str_sub(tag, 2, tag.n) :
	    str_of("", 0));
}

/* The image of one service of the compose file. */
static struct val
image_of(const struct lint *l, const char *service)
{
	const struct config_file *f = config_find(l->set,
	    "docker-compose.yml", NULL);

	if (f == NULL)
		return (NOWHERE);
	return ((struct val){ f, model_getf(&f->model, "services.%s.image",
	    service) });
}

static const struct {
	const char *service;
	enum product product;
} images[] = {
	{ "jicofo", PRODUCT_JICOFO }, { "jvb", PRODUCT_JVB },
	{ "web", PRODUCT_WEB },
};
#define IMAGES (sizeof(images) / sizeof(images[0]))

void
versions_find(struct lint *l)
{
	const struct config_file *f = NULL;
	struct val at;
	struct str tag;
	size_t i;

	for (i = 0; i < IMAGES; i++) {
		tag = image_tag(l, image_of(l, images[i].service), &at);
		if (tag.n > 0)
			versions_add(&l->known, images[i].product, tag,
			    at.f->name);
	}
	while ((f = config_next(l->set, "packages", f)) != NULL)
		packages_list(&l->known, f->text);
	/* without a compose file .env alone says what all of them are */
	at = val_of(config_find(l->set, ".env", NULL),
	    "JITSI_IMAGE_VERSION");
	for (i = 0; i < IMAGES && val_str(at).n > 0; i++)
		if (versions_first(&l->known, images[i].product) == NULL)
			versions_add(&l->known, images[i].product,
			    val_str(at), at.f->name);
}

/* Options of prosody that became obsolete with 0.12. */
static const char *const since_012[] = { "cross_domain_bosh ",
    "cross_domain_websocket ", "legacy_ssl_ports " };

int
versions_spare(const struct lint *l, const struct problem *p)
{
	size_t i;

	if (strcmp(p->id, "obsolete-option") != 0 ||
	    versions_order(&l->known, PRODUCT_PROSODY, STR_LIT("0.12")) !=
	    VERSION_BEFORE)
		return (0);
	for (i = 0; i < sizeof(since_012) / sizeof(since_012[0]); i++)
		if (str_starts(str_from(p->message), since_012[i]))
			return (1);
	return (0);
}

/* "jvb 2.3.SNAPSHOT", "jicofo of after 2024-10": what is known, for a
 * sentence. Freed by the caller. */
static char *
what_runs(const struct lint *l, enum product p)
{
	const struct version_known *k = versions_first(&l->known, p);

	if (k != NULL)
		return (mem_printf("%s %s", product_name(p), k->text));
	return (mem_printf("the %s whose log is given", product_name(p)));
}

static void
check_key(struct lint *l, enum product p, struct val v, int since, int until)
{
	char text[MONTH_SIZE], *runs = what_runs(l, p);
	enum version_order born = VERSION_UNCLEAR, dead = VERSION_UNCLEAR;

	if (since != 0)
		born = versions_order(&l->known, p, month(text, since));
	if (until != 0)
		dead = versions_order(&l->known, p, month(text, until));
	if (born == VERSION_BEFORE)
		lint_say(l, "config-key-too-new", v, NOWHERE, NULL, "%s is "
		    "read by versions since 20%02d-%02d only: %s ignores it",
		    v.it->key, since / 100, since % 100, runs);
	else if (dead == VERSION_AFTER)
		lint_say(l, "config-key-obsolete", v, NOWHERE, NULL, "%s is "
		    "ignored by versions since 20%02d-%02d, and so by %s",
		    v.it->key, until / 100, until % 100, runs);
	else if (until != 0 && dead != VERSION_BEFORE)
		lint_say(l, "config-key-obsolete", v, NOWHERE, NULL,
		    "%s is ignored by versions since 20%02d-%02d", v.it->key,
		    until / 100, until % 100);
	free(runs);
}

/* Keys that not every version reads; a switch that is off does not count. */
static void
check_keys(struct lint *l, enum product p, const char *kind)
{
	const struct config_file *f = NULL;
	const struct item *it;
	int since, until;
	size_t i;

	while ((f = config_next(l->set, kind, f)) != NULL)
		for (i = 0; i < f->model.count; i++) {
			it = &f->model.list[i];
			if (it->type == ITEM_TABLE ||
			    strchr(it->key, '/') != NULL ||
			    !jitsi_key_life(p, it->key, &since, &until) ||
			    item_bool(it) == 0)
				continue;
			check_key(l, p, (struct val){ f, it }, since, until);
		}
}

/* Images of one site that are tagged with different releases. */
static void
check_images(struct lint *l)
{
	struct val at, first_at = NOWHERE;
	struct str tag, first = { NULL, 0 };
	size_t i;

	for (i = 0; i < IMAGES; i++) {
		tag = image_tag(l, image_of(l, images[i].service), &at);
		if (tag.n == 0)
			continue;
		if (first.n == 0) {
			first = tag;
			first_at = at;
		} else if (!str_eq(first, tag)) {
			lint_say(l, "component-versions-differ", at,
			    first_at, NULL, "%s is %.*s, the others are "
			    "%.*s: images of one release belong together",
			    images[i].service, STR_ARG(tag),
			    STR_ARG(first));
			return;
		}
	}
}

/* Did the two come out in different months, without doubt? */
static int
months_apart(const struct version_known *a, const struct version_known *b)
{
	int a_first, a_last, b_first, b_last;

	if (version_months(a->product, str_from(a->text), &a_first,
	    &a_last) == -1 || version_months(b->product, str_from(b->text),
	    &b_first, &b_last) == -1)
		return (0);
	return ((a_last != 0 && b_first != 0 && a_last < b_first) ||
	    (b_last != 0 && a_first != 0 && b_last < a_first));
}

/* jicofo and bridges of different releases. A log may hold the versions of
 * before an update too: said only when none goes with another. */
static void
check_pair(struct lint *l)
{
	const struct version_known *a, *b, *jicofo = NULL, *jvb = NULL;
	size_t i, k;

	for (i = 0; i < l->known.count; i++)
		for (k = 0; k < l->known.count; k++) {
			a = &l->known.list[i];
			b = &l->known.list[k];
			if (a->product != PRODUCT_JICOFO ||
			    b->product != PRODUCT_JVB)
				continue;
			if (!months_apart(a, b))
				return;
			jicofo = a;
			jvb = b;
		}
	if (jicofo != NULL)
		lint_say(l, "component-versions-differ", (struct val){
		    l->n.jicofo, NULL }, (struct val){ l->n.jvb, NULL },
		    NULL, "jicofo is %s, the bridge %s: they are of different "
		    "releases; install one release of both", jicofo->text,
		    jvb->text);
}

/* jitsi-meet since 2.0.8044 depends on prosody 0.11.7 or later. */
static void
check_prosody(struct lint *l)
{
	const struct version_known *p = versions_first(&l->known,
	    PRODUCT_PROSODY), *w = versions_first(&l->known, PRODUCT_WEB);

	if (p == NULL || versions_order(&l->known, PRODUCT_PROSODY,
	    STR_LIT("0.11.7")) != VERSION_BEFORE ||
	    versions_order(&l->known, PRODUCT_WEB, STR_LIT("2022-10")) !=
	    VERSION_AFTER)
		return;
	lint_say(l, "prosody-too-old", (struct val){ l->n.prosody, NULL },
	    NOWHERE, NULL, "prosody is "
	    "%s; jitsi-meet %s and its plug-ins need 0.11.7 or later",
	    p->text, w == NULL ? "since November 2022" : w->text);
}

/*
 * jitsi-meet and its plug-ins of prosody come from one source: of one count
 * they are equal.
 */
static void
check_plugins(struct lint *l)
{
	const struct version_known *web = NULL, *plugins = NULL, *a, *b;
	enum version_order o;
	size_t i, k;

	for (i = 0; i < l->known.count; i++)
		for (k = 0; k < l->known.count; k++) {
			a = &l->known.list[i];
			b = &l->known.list[k];
			if (a->product != PRODUCT_WEB ||
			    b->product != PRODUCT_PLUGINS)
				continue;
			o = version_compare(PRODUCT_WEB, str_from(a->text),
			    str_from(b->text));
			if (o == VERSION_SAME)
				return;
			if (o != VERSION_UNCLEAR) {
				web = a;
				plugins = b;
			}
		}
	if (web != NULL)
		lint_say(l, "component-versions-differ", (struct val){
		    l->n.prosody, NULL }, (struct val){ l->n.js, NULL }, NULL,
		    "jitsi-meet is %s, its plug-ins of prosody are %s: they "
		    "belong together", web->text, plugins->text);
}

/* What a release needs of its Java; the first row that fits counts. */
static const struct {
	const char *after;	/* versions later than this month */
	int java;
} needs[] = {
	{ "2026-05", 17 },	/* jvb 5bf62d636, jicofo a09594418 */
	{ "2024-06", 11 },
};

/* Does it run in a container, with a Java of its image? */
static int
in_container(const struct lint *l)
{
	return (config_find(l->set, "docker-compose.yml", NULL) != NULL ||
	    config_find(l->set, ".env", NULL) != NULL);
}

static void
check_java(struct lint *l, int which, enum product p)
{
	struct lint_java java = lint_java(l, which);
	int has = java_major(str_from(java.version));
	char *runs, *text;
	size_t i;

	if (has == 0 || in_container(l))
		return;
	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (versions_order(&l->known, p, str_from(needs[i].after)) ==
		    VERSION_AFTER)
			break;
	if (i == sizeof(needs) / sizeof(needs[0]) || has >= needs[i].java)
		return;
	runs = what_runs(l, p);
	if (!val_is(java.at))
		java.at.f = p == PRODUCT_JICOFO ? l->n.jicofo : l->n.jvb;
	lint_say(l, "jdk-too-old", java.at, NOWHERE, NULL, "%s needs Java %d, "
	    "this is %s", runs, needs[i].java, java.version);
	lint_capture(l, "component", str_from(product_name(p)));
	text = mem_printf("Java %d", needs[i].java);
	lint_capture(l, "needs", str_from(text));
	free(text);
	text = mem_printf("Java %s", java.version);
	lint_capture(l, "reads", str_from(text));
	free(text);
	free(runs);
}

void
rules_versions(struct lint *l)
{
	check_keys(l, PRODUCT_JICOFO, "jicofo.conf");
	check_keys(l, PRODUCT_JVB, "jvb.conf");
	check_images(l);
	check_pair(l);
	check_prosody(l);
	check_plugins(l);
	check_java(l, 0, PRODUCT_JICOFO);
	check_java(l, 1, PRODUCT_JVB);
}

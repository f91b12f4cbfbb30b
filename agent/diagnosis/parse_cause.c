/* SPDX-License-Identifier: ISC */
/*
 * Reading .pit files: the block `cause`. Pure.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/parse.h"
#include "agent/facts/version.h"

static const char *const strength_names[STRENGTHS] = {
	[STRENGTH_ALWAYS] = "always",
	[STRENGTH_OFTEN] = "often",
	[STRENGTH_SOMETIMES] = "sometimes",
	[STRENGTH_RULES_OUT] = "rules-out",
	[STRENGTH_NEEDS] = "needs",
};

static const char *const prior_names[PRIORS] = {
	[PRIOR_COMMON] = "common",
	[PRIOR_UNCOMMON] = "uncommon",
	[PRIOR_RARE] = "rare",
};

static const char *const os_names[] = {
	"openbsd", "linux", "container", "any",
};

#define OS_WORDS (sizeof(os_names) / sizeof(os_names[0]))

const char *
strength_name(enum strength strength)
{
	return (strength_names[strength]);
}

/* The number of word i among the names, -1. */
static int
choose(const struct pit_reader *r, size_t i, const char *const *names,
    size_t n)
{
	size_t k;

	for (k = 0; k < n; k++)
		if (pit_is(r, i, names[k]))
			return ((int)k);
	return (-1);
}

/* kind, severity, prior: one word of a closed set. */
static void
cause_word(struct pit_reader *r, struct cause *c)
{
	struct str w = r->count > 1 ? r->word[1].s : str_from("");
	int v;

	if (pit_is(r, 0, "kind")) {
		if ((v = kind_by_name(w)) == -1)
			pit_expected(r, 1, "a kind of the closed set, such "
			    "as auth-password");
		else
			c->kind = (enum kind)v;
	} else if (pit_is(r, 0, "severity")) {
		if ((v = severity_by_name(w)) == -1)
			pit_expected(r, 1, "down, degraded, risk or note");
		else
			c->severity = (enum severity)v;
	} else {
		if ((v = choose(r, 1, prior_names, PRIORS)) == -1)
			pit_expected(r, 1, "common, uncommon or rare");
		else
			c->prior = (enum prior)v;
	}
	if (v != -1)
		pit_last(r, 1);
}

static void
cause_link(struct pit_reader *r, struct cause *c, enum strength strength)
{
	struct pit_link *l;
	size_t item;

	if ((item = pit_evidence(r, 1)) == SIZE_MAX)
		return;
	c->links = pit_more(c->links, &c->link_count, &c->link_cap,
	    sizeof(*l));
	l = &c->links[c->link_count - 1];
	l->strength = strength;
	l->item = item;
	l->at = pit_here(r, 1);
}

static void
cause_lead(struct pit_reader *r, struct cause *c)
{
	struct pit_lead *l;
	const char *id;
	int strength = STRENGTH_ALWAYS;

	if ((id = pit_id(r, 1, "the id of a cause")) == NULL)
		return;
	if (r->count > 2) {
		strength = choose(r, 2, strength_names, 3);
		if (strength == -1) {
			pit_expected(r, 2, "always, often or sometimes");
			return;
		}
	}
	c->leads = pit_more(c->leads, &c->lead_count, &c->lead_cap,
	    sizeof(*l));
	l = &c->leads[c->lead_count - 1];
	*l = (struct pit_lead){ id, (enum strength)strength, pit_here(r, 1),
	    -1 };
	pit_last(r, 2);
}

static void
cause_fix(struct pit_reader *r, struct cause *c)
{
	struct pit_fix fix = { .interrupts = INTERRUPTS_NOTHING };
	size_t i = 3;
	int v;

	if ((v = choose(r, 1, os_names, OS_WORDS)) == -1) {
		pit_expected(r, 1, "openbsd, linux, container or any");
		return;
	}
	fix.os = os_names[v];
	if ((fix.text = pit_string(r, 2, "what to do, in quotes")) == NULL)
		return;
	if (pit_is(r, i, "cmd")) {
		fix.cmd = pit_string(r, i + 1, "a command in quotes");
		if (fix.cmd == NULL)
			return;
		i += 2;
	}
	if (pit_is(r, i, "interrupts")) {
		v = i + 1 < r->count ?
		    interrupts_by_name(r->word[i + 1].s) : -1;
		if (v == -1) {
			pit_expected(r, i + 1, "nothing, joins or calls");
			return;
		}
		fix.interrupts = (enum interrupts)v;
		i += 2;
	}
	if (i < r->count)
		pit_expected(r, i, "cmd \"...\", interrupts W or the end of "
		    "the line");
	c->fixes = pit_more(c->fixes, &c->fix_count, &c->fix_cap,
	    sizeof(fix));
	c->fixes[c->fix_count - 1] = fix;
}

static void
cause_prove(struct pit_reader *r, struct cause *c)
{
	if (r->count < 2 || r->word[1].quoted) {
		pit_expected(r, 1, "the id of a probe");
		return;
	}
	if (r->names != NULL && r->names->probe != NULL &&
	    !r->names->probe(r->word[1].s))
		pit_error(r, 1, "there is no probe \"%.*s\"",
		    STR_ARG(r->word[1].s));
	c->prove = pit_keep(r->c, r->word[1].s);
	pit_last(r, 1);
}

static void
cause_text(struct pit_reader *r, struct cause *c)
{
	const char *s;

	if (pit_is(r, 0, "say"))
		c->say = pit_string(r, 1, "a sentence in quotes");
	else if (pit_is(r, 0, "ref")) {
		if ((s = pit_string(r, 1, "a reference in quotes")) != NULL)
			pit_strings_add(&c->refs, s);
	} else if (r->count < 2)
		pit_expected(r, 1, "a component such as jicofo");
	else
		c->component = pit_keep(r->c, r->word[1].s);
	pit_last(r, 1);
}

/* since or until: a version, perhaps after the program that it is of. */
static void
cause_version(struct pit_reader *r, struct cause *c, const char **version)
{
	int product;

	if (r->count < 3) {
		pit_version(r, version);
		return;
	}
	product = product_by_name(r->word[1].s);
	if (product == -1 || (c->product != -1 && c->product != product))
		pit_expected(r, 1, product == -1 ? "a program that has "
		    "versions (jicofo jvb prosody nginx jitsi-meet java)" :
		    "the same program as in the other line");
	else if (pit_last(r, 2) == 0) {
		c->product = product;
		*version = pit_keep(r->c, r->word[2].s);
	}
}

static void
cause_line(struct pit_reader *r, struct cause *c)
{
	int strength = choose(r, 0, strength_names, STRENGTHS);

	if (strength != -1)
		cause_link(r, c, (enum strength)strength);
	else if (pit_is(r, 0, "kind") || pit_is(r, 0, "severity") ||
	    pit_is(r, 0, "prior"))
		cause_word(r, c);
	else if (pit_is(r, 0, "say") || pit_is(r, 0, "ref") ||
	    pit_is(r, 0, "component"))
		cause_text(r, c);
	else if (pit_is(r, 0, "title"))
		pit_title(r, &c->title);
	else if (pit_is(r, 0, "leads-to"))
		cause_lead(r, c);
	else if (pit_is(r, 0, "fix"))
		cause_fix(r, c);
	else if (pit_is(r, 0, "clear"))
		pit_clear(r, &c->clear, &c->clear_after_us);
	else if (pit_is(r, 0, "prove"))
		cause_prove(r, c);
	else if (pit_is(r, 0, "since"))
		cause_version(r, c, &c->since);
	else if (pit_is(r, 0, "until"))
		cause_version(r, c, &c->until);
	else if (pit_is(r, 0, "test"))
		pit_test(r, c->id);
	else if (pit_is(r, 0, "symptom"))
		c->symptom = pit_last(r, 0) == 0;
	else
		pit_expected(r, 0, "kind, title, severity, prior, component, "
		    "symptom, always, often, sometimes, rules-out, needs, "
		    "leads-to, say, fix, clear, prove, ref, since, until, "
		    "test or a new block");
}

/*
 * A finding of the configuration readers that has the cause's own id speaks
 * for it, and satisfies its needs.
 */
static void
own_finding(struct pit_reader *r, struct cause *c)
{
	size_t item = pit_own_finding(r, c->id), i;

	c->own_finding = SIZE_MAX;
	if (item == SIZE_MAX)
		return;
	c->own_finding = item;
	for (i = 0; i < c->link_count; i++)
		if (c->links[i].item == item &&
		    c->links[i].strength < STRENGTH_RULES_OUT)
			return;
	c->links = pit_more(c->links, &c->link_count, &c->link_cap,
	    sizeof(*c->links));
	c->links[c->link_count - 1].strength = STRENGTH_OFTEN;
	c->links[c->link_count - 1].item = item;
	c->links[c->link_count - 1].at = c->at;
}

/* What a cause cannot be without. */
static void
cause_complete(struct pit_reader *r, const struct cause *c)
{
	const char *lacks = NULL;
	size_t i;

	for (i = 0; i < c->link_count; i++)
		if (c->links[i].strength < STRENGTH_RULES_OUT)
			break;
	if (i == c->link_count)
		lacks = "evidence (always, often or sometimes)";
	else if (c->kind == KIND_COUNT)
		lacks = "a kind";
	else if (c->severity == SEVERITY_COUNT)
		lacks = "a severity";
	else if (c->title == NULL)
		lacks = "a title";
	else if (c->say == NULL)
		lacks = "a sentence (say)";
	if (lacks != NULL)
		errlist_add(r->errs, c->at.file, c->at.line, c->at.column,
		    "cause %s has no %s", c->id,
		    strncmp(lacks, "a ", 2) == 0 ? lacks + 2 : lacks);
}

/* since and until are versions of something. */
static void
cause_versions(struct pit_reader *r, struct cause *c)
{
	if (c->product == -1 && c->component != NULL)
		c->product = product_by_name(str_from(c->component));
	if ((c->since != NULL || c->until != NULL) && c->product == -1)
		errlist_add(r->errs, c->at.file, c->at.line, c->at.column,
		    "cause %s has since or until, but names no program that "
		    "has versions", c->id);
	pit_version_fits(r, c->at, c->product, c->since);
	pit_version_fits(r, c->at, c->product, c->until);
}

void
pit_cause(struct pit_reader *r)
{
	struct cause c = { .kind = KIND_COUNT, .severity = SEVERITY_COUNT,
	    .prior = PRIOR_UNCOMMON, .product = -1 }, *slot;

	c.at = pit_here(r, 1);
	c.id = pit_id(r, 1, "the cause's id (kebab-case)");
	c.set = r->set;
	pit_last(r, 1);
	while (pit_next(r)) {
		if (pit_begins_block(r)) {
			r->again = 1;
			break;
		}
		cause_line(r, &c);
	}
	if (c.id != NULL) {
		own_finding(r, &c);
		cause_complete(r, &c);
		cause_versions(r, &c);
	}
	slot = c.id == NULL ? NULL : pit_claim(r, c.id, ENTRY_CAUSE);
	if (slot == NULL) {
		r->c->causes = pit_more(r->c->causes, &r->c->cause_count,
		    &r->c->cause_cap, sizeof(c));
		slot = &r->c->causes[r->c->cause_count - 1];
		c.set = -1;
	}
	*slot = c;
}

/* SPDX-License-Identifier: ISC */
/*
 * The rows of the flow matrix with one end outside of the site's machines
 * against the rules of one host. A site may keep them closed: that is said.
 * It warns where the configuration asks for one, where a VM that reaches
 * other services outside finds no names, and where a router lets one in by
 * its port and blocks it on the way out; of names that fails. Pure.
 */
#include "agent/base/limits.h"
#include "probes/pf/tally.h"
#include "probes/pf/trace/further.h"

/* One row, while it is followed. */
struct further {
	struct tally *t;
	const struct pf_further *row;
	int opens;		/* the VM reaches something outside */
	int private;		/* a private source is told already */
	struct buf closed;	/* rows that may be so on purpose */
};

/* "web to outside:443/tcp" */
static void
row_text(const struct pf_further *row, struct buf *b)
{
	buf_addf(b, "%s to %s:%u/%s", row->from, row->to, row->flow.port,
	    row->flow.udp ? "udp" : "tcp");
}

/* What follows where it is not on purpose. */
static const char *
follows(const struct pf_further *row)
{
	if (row->flow.port == 53)
		return ("names that no hosts file has cannot be looked up");
	if (row->need == PF_NEED_ASKED)
		return ("the configuration asks for it");
	return (row->flow.port == 123 ? "the clock is not set" :
	    "updates and certificates are not fetched");
}

/* The router let it in by a rule that names its port, and blocks it on its
 * way out: that was not meant. */
static const struct pf_rule *
let_in(const struct further *f, const struct pf_path *path,
    enum pf_outcome o)
{
	const struct pf_rule *r = o != PF_OUTCOME_LEG ? NULL :
	    path->steps[path->count - 2].verdict.rule;

	return (r != NULL && pf_covers(&r->dst.port, f->row->flow.port) ?
	    r : NULL);
}

/* Does this host let the VM out, for anything but names? */
static void
see_open(void *arg, const struct pf_followed *one)
{
	struct further *f = arg;

	f->opens |= one->path != NULL && pf_outcome(&f->t->pf, one->path,
	    f->t->self) == PF_OUTCOME_PASSES;
}

/* May the site mean it so? A VM that is let out for other things wants names
 * as well; one that is kept in altogether may have them from its files. */
static int
is_on_purpose(struct further *f)
{
	struct pf_further list[PF_FURTHER_MAX];
	size_t n = pf_further_of(f->t->s, list), i;

	if (f->row->need != PF_NEED_NAMES)
		return (f->row->need == PF_NEED_LITTLE);
	f->opens = 0;
	for (i = 0; i < n; i++)
		if (list[i].need == PF_NEED_LITTLE && list[i].role ==
		    f->row->role && list[i].flow.port != 53)
			pf_follow_further(&f->t->pf, &list[i], see_open, f);
	return (!f->opens);
}

static void
add_closed(struct further *f, const struct pf_rule *rule)
{
	buf_adds(&f->closed, f->closed.len > 0 ? ", " : "");
	row_text(f->row, &f->closed);
	if (rule == NULL)
		return;
	buf_adds(&f->closed, " (");
	tally_where(f->t, rule, &f->closed);
	buf_adds(&f->closed, ")");
}

/* "is blocked going out on vio0 by pf.conf:1" */
static void
add_block(const struct tally *t, const struct pf_step *st, int answer,
    const struct pf_rule *rule, struct buf *b)
{
	buf_addf(b, answer ? ": the answer is blocked %s on %s" :
	    " is blocked %s on %s", (st->dir == PF_IN) != answer ?
	    "coming in" : "going out",
	    t->pf.hosts[t->self].env->ifs[st->interface].name);
	if (rule == NULL)
		return;
	buf_adds(b, " by ");
	tally_where(t, rule, b);
}

static void
judge_blocked(struct further *f, const struct pf_path *path,
    enum pf_outcome o, struct buf *b)
{
	struct tally *t = f->t;
	int answer = o == PF_OUTCOME_ANSWER;
	const struct pf_step *st = &path->steps[answer ? path->reply :
	    path->count - 1];
	const struct pf_rule *in = let_in(f, path, o), *rule = answer ?
	    path->reply_verdict.rule : st->verdict.rule;

	if (in == NULL && is_on_purpose(f)) {
		add_closed(f, rule);
		return;
	}
	add_block(t, st, answer, rule, b);
	if (in != NULL) {
		buf_adds(b, "; ");
		tally_where(t, in, b);
		buf_adds(b, " let it in, and the state made there does not "
		    "cover the way out");
	}
	buf_addf(b, ": %s", follows(f->row));
	tally_note(t, b, 0);
	if (in != NULL && f->row->need == PF_NEED_NAMES)
		t->blocked++;
	else
		t->spare++;
}

static void
judge(void *arg, const struct pf_followed *one)
{
	struct further *f = arg;
	struct tally *t = f->t;
	enum pf_outcome o = one->path == NULL ? PF_OUTCOME_UNKNOWN :
	    pf_outcome(&t->pf, one->path, t->self);
	struct buf b;

	if (one->path == NULL)
		return;
	tally_legs(t, one);
	buf_init(&b, 8192);
	row_text(f->row, &b);
	if (o == PF_OUTCOME_BLOCKED || o == PF_OUTCOME_LEG ||
	    o == PF_OUTCOME_ANSWER)
		judge_blocked(f, one->path, o, &b);
	else if (o == PF_OUTCOME_PRIVATE && !f->private) {
		check_say(t->c, "%s leaves with a private address: no rule "
		    "has nat-to for it, and no answer finds back",
		    buf_cstr(&b));
		f->private = 1;
	}
	buf_free(&b);
}

void
tally_further(struct tally *t)
{
	struct pf_further list[PF_FURTHER_MAX];
	size_t n = pf_further_of(t->s, list), i;
	struct further f = { .t = t };

	buf_init(&f.closed, LIMIT_CHECK_TEXT);
	for (i = 0; i < n; i++) {
		f.row = &list[i];
		pf_follow_further(&t->pf, f.row, judge, &f);
	}
	if (f.closed.len > 0)
		check_say(t->c, "closed, which a site may mean so: %s",
		    buf_cstr(&f.closed));
	buf_free(&f.closed);
}

/* SPDX-License-Identifier: ISC */
/*
 * The inference. Causes that a gate excludes are out; of the rest, those
 * that something present speaks for are candidates. Sets of one to three
 * candidates are scored (noisy-OR: what is present and explained, what was
 * expected and is absent, how common the cause is); the best set is the
 * answer, others near it are named as alternatives, consequences are folded
 * into what leads to them. Integer scores, ties by id: the same evidence
 * always gives the same answer. Pure.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/clear.h"
#include "agent/diagnosis/infer.h"
#include "agent/diagnosis/weights.h"

#define BEAM 60
/* A larger set must be better by this (1 bit). */
#define WORTH 100
/* More than three causes are only added one by one, at this price. */
#define WORTH_MORE 200
/* Of faults that were seen no more causes are told than somebody on call
 * can use; what the configuration shows to be broken is all told, for one
 * host as for a site. */
#define OBSERVED_MAX 8
#define CAUSES_MAX 40
/* An alternative is not further from the best than this. */
#define RIVAL 300
#define RIVALS 2

/* A candidate: a cause, and its row of weights on the items that matter. */
struct candidate {
	size_t cause;
	int prior;
	int observed;		/* a fault that was seen speaks for it */
	int single;
	int further;		/* added to the best set afterwards */
	uint16_t *shows;	/* [present] */
	int absent;		/* what it loses by what is absent */
};

#define SET_MAX 3
struct set {
	int member[SET_MAX];
	int size, score;
};

struct search {
	const struct evidence *e;
	const struct catalogue *c;
	struct weights w;
	size_t *present;	/* items that are present */
	enum leak *leak;	/* [present] */
	size_t present_count;
	struct candidate *list;	/* by id of the cause */
	size_t count;
	struct set *sets;	/* all that were scored */
	size_t set_count, set_cap;
	int chosen[CAUSES_MAX];
	size_t chosen_count;
};

int
item_is_fault(const struct evidence *e, const struct item *it)
{
	size_t i;

	if (it->negated)
		return (0);
	switch (it->type) {
	case ITEM_OBSERVABLE:
		return (catalogue_observable_class(e->c, it->observable) ==
		    CLASS_FAULT);
	case ITEM_PROBE:
		return ((it->states & (1U << STATE_PASS)) == 0);
	case ITEM_ANY:
		for (i = 0; i < it->part_count; i++)
			if (e->item[it->parts[i]] == VALUE_PRESENT &&
			    item_is_fault(e, &e->c->items[it->parts[i]]))
				return (1);
		return (0);
	default:
		return (1);
	}
}

/* A gate of the cause is shut: no version known can have it, rules-out
 * holds, or a need does not. */
static int
excluded(const struct evidence *e, const struct cause *c)
{
	int found = c->own_finding != SIZE_MAX &&
	    e->item[c->own_finding] == VALUE_PRESENT;
	size_t i;

	if (c->product != -1 && versions_outside(&e->versions,
	    (enum product)c->product, c->since, c->until))
		return (1);
	for (i = 0; i < c->link_count; i++) {
		if (c->links[i].strength == STRENGTH_RULES_OUT &&
		    e->item[c->links[i].item] == VALUE_PRESENT)
			return (1);
		if (c->links[i].strength == STRENGTH_NEEDS && !found &&
		    e->item[c->links[i].item] != VALUE_PRESENT)
			return (1);
	}
	return (0);
}

/* Does anything present speak for the cause? 1: configuration only; 2: a
 * fault that was observed. */
static int
triggered(const struct evidence *e, const struct cause *c)
{
	const struct item *it;
	size_t i;
	int best = 0;

	for (i = 0; i < c->link_count; i++) {
		it = &e->c->items[c->links[i].item];
		if (c->links[i].strength == STRENGTH_RULES_OUT ||
		    e->item[c->links[i].item] != VALUE_PRESENT ||
		    it->negated)
			continue;
		if (item_is_fault(e, it)) {
			if (it->type != ITEM_FINDING)
				return (2);
			best = 1;
		} else if (c->severity == SEVERITY_NOTE &&
		    c->links[i].strength <= STRENGTH_OFTEN)
			return (2);
	}
	return (best);
}

static int
score(const struct search *s, const int *member, size_t n)
{
	size_t i, k;
	int total = 0, sum;

	for (k = 0; k < n; k++)
		total += s->list[member[k]].prior + s->list[member[k]].absent;
	for (i = 0; i < s->present_count; i++) {
		sum = 0;
		for (k = 0; k < n; k++)
			sum += s->list[member[k]].shows[i];
		if (sum == 0)
			continue;
		if (sum > WEIGHT_MAX)
			sum = WEIGHT_MAX;
		total += s->w.gain[s->leak[i]][sum];
	}
	return (total);
}

static int
by_id(const void *a, const void *b, const struct catalogue *c)
{
	const struct candidate *x = a, *y = b;

	return (strcmp(c->causes[x->cause].id, c->causes[y->cause].id));
}

/*
 * Was this seen when the cause had cleared? A probe says how it is now, a log
 * line when it was; what came later needs another cause.
 */
static int
seen_after(const struct evidence *e, const struct item *it, wall_t cleared)
{
	const struct sightings *seen;
	size_t i;

	switch (it->type) {
	case ITEM_PROBE:
		return (!it->negated);
	case ITEM_OBSERVABLE:
		seen = &e->seen[it->observable];
		return (!it->negated && seen->count > 0 && wall_is_set(
		    seen->list[0].time) && seen->list[0].time.us >
		    cleared.us);
	case ITEM_ANY:
		for (i = 0; i < it->part_count; i++)
			if (e->item[it->parts[i]] == VALUE_PRESENT &&
			    !seen_after(e, &e->c->items[it->parts[i]],
			    cleared))
				return (0);
		return (1);
	default:
		return (0);
	}
}

/* Insertion by id: the list is short and qsort has no argument for us. */
static void
add_candidate(struct search *s, size_t cause, int observed)
{
	const struct cause *c = &s->c->causes[cause];
	struct candidate n = { .cause = cause, .observed = observed };
	wall_t cleared = cause_cleared(s->e, c);
	size_t i, k, item;

	n.prior = prior_score(c);
	n.shows = mem_zalloc(s->present_count + 1, sizeof(uint16_t));
	for (i = 0; i < s->present_count; i++)
		if (!wall_is_set(cleared) || !seen_after(s->e,
		    &s->c->items[s->present[i]], cleared))
			n.shows[i] = s->w.shows[cause * s->w.items +
			    s->present[i]];
	for (k = 0; k < c->link_count; k++) {
		item = c->links[k].item;
		if (c->links[k].strength < STRENGTH_RULES_OUT &&
		    item != c->own_finding &&
		    s->e->item[item] == VALUE_ABSENT)
			n.absent -= s->w.expects[cause * s->w.items + item];
	}
	for (i = s->count; i > 0 && by_id(&n, &s->list[i - 1], s->c) < 0; i--)
		s->list[i] = s->list[i - 1];
	s->list[i] = n;
	s->count++;
}

static void
find_candidates(struct search *s)
{
	size_t i;
	int trigger, m;

	s->list = mem_zalloc(s->c->cause_count + 1, sizeof(*s->list));
	for (i = 0; i < s->c->cause_count; i++) {
		trigger = triggered(s->e, &s->c->causes[i]);
		if (trigger > 0 && !excluded(s->e, &s->c->causes[i]))
			add_candidate(s, i, trigger == 2);
	}
	for (i = 0; i < s->count; i++) {
		m = (int)i;
		s->list[i].single = score(s, &m, 1);
	}
}

static void
note_set(struct search *s, const struct set *set)
{
	s->sets = mem_grow(s->sets, s->set_count, &s->set_cap, sizeof(*set),
	    LIMIT_SETS);
	if (s->sets == NULL)
		fatal("inference: more sets than the beam allows");
	s->sets[s->set_count++] = *set;
}

static int
compare_sets(const void *a, const void *b)
{
	const struct set *x = a, *y = b;
	int i;

	if (x->score != y->score)
		return (x->score > y->score ? -1 : 1);
	if (x->size != y->size)
		return (x->size - y->size);
	for (i = 0; i < x->size; i++)
		if (x->member[i] != y->member[i])
			return (x->member[i] - y->member[i]);
	return (0);
}

static int
in_set(const struct set *set, int member)
{
	int i;

	for (i = 0; i < set->size; i++)
		if (set->member[i] == member)
			return (1);
	return (0);
}

/* Scores every set of the level before, with one more member. */
static void
widen(struct search *s, size_t from, size_t to)
{
	struct set set;
	size_t i, k;

	if (to - from > BEAM)
		to = from + BEAM;
	for (i = from; i < to; i++)
		for (k = 0; k < s->count; k++) {
			set = s->sets[i];
			if (!s->list[k].observed || in_set(&set, (int)k))
				continue;
			/* Members in rising order; each set once. */
			if ((int)k < set.member[set.size - 1])
				continue;
			set.member[set.size++] = (int)k;
			set.score = score(s, set.member, (size_t)set.size);
			note_set(s, &set);
		}
}

/* All singles, then pairs and triples of the beam; the best set is chosen. */
static void
search_sets(struct search *s)
{
	size_t begin = 0, end, i, level, best = SIZE_MAX;
	struct set set;

	for (i = 0; i < s->count; i++) {
		if (!s->list[i].observed)
			continue;
		set = (struct set){ { (int)i }, 1, s->list[i].single };
		note_set(s, &set);
	}
	for (level = 1; level <= SET_MAX; level++) {
		end = s->set_count;
		if (end == begin)
			break;
		qsort(s->sets + begin, end - begin, sizeof(set),
		    compare_sets);
		if (best == SIZE_MAX ? s->sets[begin].score > 0 :
		    s->sets[begin].score >= s->sets[best].score + WORTH)
			best = begin;
		else if (level > 1)
			break;
		if (level < SET_MAX)
			widen(s, begin, end);
		begin = end;
	}
	if (best == SIZE_MAX)
		return;
	for (i = 0; i < (size_t)s->sets[best].size; i++)
		s->chosen[s->chosen_count++] = s->sets[best].member[i];
}

static int
is_chosen(const struct search *s, int candidate)
{
	size_t i;

	for (i = 0; i < s->chosen_count; i++)
		if (s->chosen[i] == candidate)
			return (1);
	return (0);
}

/* How many of the chosen explain a fault that was seen. */
static size_t
observed_chosen(const struct search *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->chosen_count; i++)
		n += s->list[s->chosen[i]].observed != 0;
	return (n);
}

/* Further causes one by one, while they explain enough that is left: those
 * of the configuration alone too. */
static void
add_further(struct search *s)
{
	int best, base, gain, most, full;
	size_t i;

	while (s->chosen_count < CAUSES_MAX) {
		base = score(s, s->chosen, s->chosen_count);
		full = observed_chosen(s) >= OBSERVED_MAX;
		best = -1;
		most = 0;
		for (i = 0; i < s->count; i++) {
			if (is_chosen(s, (int)i) ||
			    (full && s->list[i].observed))
				continue;
			s->chosen[s->chosen_count] = (int)i;
			gain = score(s, s->chosen, s->chosen_count + 1) -
			    base;
			if (gain >= (s->list[i].observed ? WORTH_MORE : 1) &&
			    gain > most) {
				most = gain;
				best = (int)i;
			}
		}
		if (best == -1)
			return;
		s->list[best].further = 1;
		s->chosen[s->chosen_count++] = best;
	}
}

/* 1 when b follows from a by leads-to. */
static int
leads(const struct catalogue *c, size_t a, size_t b, int depth)
{
	const struct cause *cause = &c->causes[a];
	size_t i;

	if (depth == 8)
		return (0);
	for (i = 0; i < cause->lead_count; i++) {
		if (cause->leads[i].cause < 0)
			continue;
		if ((size_t)cause->leads[i].cause == b ||
		    leads(c, (size_t)cause->leads[i].cause, b, depth + 1))
			return (1);
	}
	return (0);
}

/* A chosen cause that follows from another chosen one is taken out. */
static void
fold_chosen(struct search *s)
{
	size_t i, k, kept = 0;
	int out[CAUSES_MAX] = { 0 };

	for (i = 0; i < s->chosen_count; i++)
		for (k = 0; k < s->chosen_count; k++)
			if (i != k && leads(s->c,
			    s->list[s->chosen[k]].cause,
			    s->list[s->chosen[i]].cause, 0))
				out[i] = 1;
	for (i = 0; i < s->chosen_count; i++)
		if (!out[i])
			s->chosen[kept++] = s->chosen[i];
	s->chosen_count = kept;
}

/* The share of all scored sets (and of none at all) that hold a candidate. */
static double
confidence(const struct search *s, int candidate)
{
	double all = 1, with = 0, p;
	size_t i;

	for (i = 0; i < s->set_count; i++) {
		p = exp2(s->sets[i].score / 100.0);
		all += p;
		if (in_set(&s->sets[i], candidate))
			with += p;
	}
	return (with / all);
}

/* Cut to what may be said: never certain, and less when something that is
 * always there was not looked for. */
static double
cap(const struct search *s, const struct cause *c, double p)
{
	size_t i;

	for (i = 0; i < c->link_count; i++)
		if (c->links[i].strength == STRENGTH_ALWAYS &&
		    s->e->item[c->links[i].item] == VALUE_UNKNOWN &&
		    p > 0.89)
			p = 0.89;
	return (p > 0.99 ? 0.99 : p);
}

enum severity
ranked_severity(const struct evidence *e, const struct ranked *r)
{
	const struct cause *c = &e->c->causes[r->cause];
	enum severity found = SEVERITY_NOTE;
	int any = 0;
	size_t i;

	if (wall_is_set(r->cleared))
		return (SEVERITY_NOTE);
	for (i = 0; !r->observed && i < e->finding_count; i++)
		if (strcmp(e->findings[i].id, c->id) == 0) {
			any = 1;
			if (e->findings[i].severity < found)
				found = e->findings[i].severity;
		}
	return (any && found > c->severity ? found : c->severity);
}

/* Rank: what explains an observed fault (causes before bare symptoms), then
 * what the configuration alone shows to be broken, what was noted or has
 * cleared, and last risks and notes of the configuration. */
static int
group(const struct search *s, const struct ranked *r)
{
	const struct cause *c = &s->c->causes[r->cause];

	if (wall_is_set(r->cleared))
		return (c->severity == SEVERITY_NOTE ? 5 : 4);
	if (c->severity == SEVERITY_NOTE && r->observed)
		return (3);
	if (!r->observed)
		return (ranked_severity(s->e, r) <= SEVERITY_DEGRADED ? 2 : 6);
	return (c->symptom ? 1 : 0);
}

static int
ranks_before(const struct search *s, const struct ranked *a,
    const struct ranked *b)
{
	int ga = group(s, a), gb = group(s, b);
	enum severity sa, sb;

	if (ga != gb)
		return (ga < gb);
	if (ga == 2 || ga == 6) {
		sa = ranked_severity(s->e, a);
		sb = ranked_severity(s->e, b);
		if (sa != sb)
			return (sa < sb);
	}
	if (a->gain != b->gain)
		return (a->gain > b->gain);
	return (strcmp(s->c->causes[a->cause].id,
	    s->c->causes[b->cause].id) < 0);
}

static struct ranked *
add_ranked(struct inference *out)
{
	struct ranked *r;

	r = mem_grow(out->list, out->count, &out->cap, sizeof(*r),
	    LIMIT_REPORT_LIST);
	if (r == NULL)
		fatal("inference: too many causes");
	out->list = r;
	r = &out->list[out->count++];
	memset(r, 0, sizeof(*r));
	r->instead_of = r->runner_up = r->separates = -1;
	r->cleared = WALL_NONE;
	return (r);
}

/* What the chosen set loses without its i-th member. */
static int
marginal(const struct search *s, size_t i)
{
	int rest[CAUSES_MAX];
	size_t k, n = 0;

	for (k = 0; k < s->chosen_count; k++)
		if (k != i)
			rest[n++] = s->chosen[k];
	return (score(s, s->chosen, s->chosen_count) - score(s, rest, n));
}

static void
fill(const struct search *s, struct ranked *r, int candidate)
{
	const struct candidate *c = &s->list[candidate];
	const struct cause *cause = &s->c->causes[c->cause];

	r->cause = c->cause;
	r->single = c->single;
	r->observed = c->observed;
	r->cleared = cause_cleared(s->e, cause);
	r->confidence = c->observed && !c->further ?
	    confidence(s, candidate) :
	    1 / (1 + exp2(-r->gain / 100.0));
	r->confidence = cap(s, cause, r->confidence);
}

static void
rank_chosen(const struct search *s, struct inference *out)
{
	struct ranked *r, t;
	size_t i, k;

	for (i = 0; i < s->chosen_count; i++) {
		r = add_ranked(out);
		r->gain = marginal(s, i);
		fill(s, r, s->chosen[i]);
	}
	for (i = 1; i < out->count; i++)
		for (k = i; k > 0 && ranks_before(s, &out->list[k],
		    &out->list[k - 1]); k--) {
			t = out->list[k];
			out->list[k] = out->list[k - 1];
			out->list[k - 1] = t;
		}
}

static int
candidate_of(const struct search *s, size_t cause)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (s->list[i].cause == cause)
			return ((int)i);
	return (-1);
}

/* The score of the chosen set with `instead` in the place of `member`. */
static int
replaced(const struct search *s, int member, int instead)
{
	int set[CAUSES_MAX];
	size_t i;

	for (i = 0; i < s->chosen_count; i++)
		set[i] = s->chosen[i] == member ? instead : s->chosen[i];
	return (score(s, set, s->chosen_count));
}

/* The item that two causes weigh most differently and that nobody has
 * looked for yet and can: no log line, which comes or not; -1: none. */
static int
separating_item(const struct search *s, size_t a, size_t b)
{
	const uint16_t *wa = &s->w.expects[a * s->w.items];
	const uint16_t *wb = &s->w.expects[b * s->w.items];
	int best = -1, most = 0, d;
	size_t i;

	for (i = 0; i < s->w.items; i++) {
		if (s->e->item[i] != VALUE_UNKNOWN ||
		    s->c->items[i].type == ITEM_OBSERVABLE ||
		    s->c->items[i].type == ITEM_ANY)
			continue;
		d = wa[i] > wb[i] ? wa[i] - wb[i] : wb[i] - wa[i];
		/* A probe can be run at once. */
		if (s->c->items[i].type == ITEM_PROBE)
			d *= 2;
		if (d > most) {
			most = d;
			best = (int)i;
		}
	}
	return (best);
}

/* Alternatives to the first cause: near it in score, behind it in rank. */
static void
add_rivals(const struct search *s, struct inference *out)
{
	int first, best, score0, d, most, taken[RIVALS];
	size_t n, i, k, at = 1;
	struct ranked *r, moved;

	if (out->count == 0 || !out->list[0].observed)
		return;
	first = candidate_of(s, out->list[0].cause);
	score0 = score(s, s->chosen, s->chosen_count);
	for (n = 0; n < RIVALS; n++) {
		best = -1;
		most = -RIVAL - 1;
		for (i = 0; i < s->count; i++) {
			if (is_chosen(s, (int)i) || !s->list[i].observed ||
			    (n > 0 && taken[0] == (int)i) ||
			    s->c->causes[s->list[i].cause].severity ==
			    SEVERITY_NOTE ||
			    leads(s->c, out->list[0].cause,
			    s->list[i].cause, 0))
				continue;
			d = replaced(s, first, (int)i) - score0;
			if (d > most) {
				most = d;
				best = (int)i;
			}
		}
		if (best == -1)
			return;
		taken[n] = best;
		if (n == 0) {
			out->list[0].runner_up =
			    (int)s->list[best].cause;
			out->list[0].separates = separating_item(s,
			    out->list[0].cause, s->list[best].cause);
		}
		r = add_ranked(out);
		r->gain = s->list[best].single;
		fill(s, r, best);
		r->instead_of = 0;
		moved = *r;
		for (k = out->count - 1; k > at; k--)
			out->list[k] = out->list[k - 1];
		out->list[at++] = moved;
	}
}

/* Consequences that evidence speaks for are folded into their cause. */
static void
fold(const struct search *s, struct inference *out)
{
	struct ranked *r;
	size_t i, k, cause;

	for (i = 0; i < s->count; i++) {
		cause = s->list[i].cause;
		for (k = 0; k < out->count; k++)
			if (out->list[k].cause == cause)
				break;
		if (k < out->count)
			continue;
		for (k = 0; k < out->count; k++) {
			r = &out->list[k];
			if (r->instead_of != -1 ||
			    !leads(s->c, r->cause, cause, 0))
				continue;
			r->explains = mem_grow(r->explains,
			    r->explain_count, &r->explain_cap,
			    sizeof(*r->explains), LIMIT_REPORT_LIST);
			if (r->explains == NULL)
				fatal("inference: too many consequences");
			r->explains[r->explain_count++] = cause;
			break;
		}
	}
}

static void
mark_explained(const struct search *s, struct inference *out)
{
	size_t i, k;

	for (k = 0; k < out->count; k++)
		for (i = 0; i < s->w.items; i++)
			if (s->w.shows[out->list[k].cause * s->w.items + i]
			    > 0)
				out->explained[i] = 1;
}

/* The probe nobody has run on which the listed causes differ most. */
static int
deciding_probe(const struct search *s, const struct inference *out)
{
	int best = -1;
	double most = 0, d;
	size_t i, k;

	if (out->count > 0 && (best = out->list[0].separates) >= 0 &&
	    s->c->items[best].type == ITEM_PROBE)
		return (best);
	best = -1;
	for (i = 0; i < s->w.items; i++) {
		if (s->c->items[i].type != ITEM_PROBE ||
		    s->e->item[i] != VALUE_UNKNOWN)
			continue;
		for (k = 0, d = 0; k < out->count; k++)
			d += out->list[k].confidence *
			    s->w.expects[out->list[k].cause * s->w.items + i];
		if (d > most) {
			most = d;
			best = (int)i;
		}
	}
	return (best);
}

static void
find_present(struct search *s)
{
	size_t i;

	s->present = mem_zalloc(s->c->item_count + 1, sizeof(size_t));
	s->leak = mem_zalloc(s->c->item_count + 1, sizeof(*s->leak));
	for (i = 0; i < s->c->item_count; i++) {
		if (s->e->item[i] != VALUE_PRESENT ||
		    s->c->items[i].type == ITEM_ANY)
			continue;
		s->present[s->present_count] = i;
		s->leak[s->present_count++] = item_leak(s->c,
		    &s->c->items[i]);
	}
}

void
infer(const struct evidence *e, struct inference *out)
{
	struct search s = { .e = e, .c = e->c };
	size_t i;

	memset(out, 0, sizeof(*out));
	out->probe_item = -1;
	out->explained = mem_zalloc(e->c->item_count + 1, 1);
	weights_init(&s.w, e->c);
	find_present(&s);
	find_candidates(&s);
	search_sets(&s);
	add_further(&s);
	fold_chosen(&s);
	rank_chosen(&s, out);
	add_rivals(&s, out);
	fold(&s, out);
	mark_explained(&s, out);
	out->probe_item = deciding_probe(&s, out);
	for (i = 0; i < s.count; i++)
		free(s.list[i].shows);
	free(s.list);
	free(s.sets);
	free(s.present);
	free(s.leak);
	weights_free(&s.w);
}

void
inference_free(struct inference *out)
{
	size_t i;

	for (i = 0; i < out->count; i++)
		free(out->list[i].explains);
	free(out->list);
	free(out->explained);
	memset(out, 0, sizeof(*out));
}

/* SPDX-License-Identifier: ISC */
/*
 * The multi-pattern search: Aho and Corasick's automaton (CACM 18(6), 1975)
 * as a table of 16 bit states over classes of bytes, four lanes at a time so
 * that the loads of one step do not wait for each other. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/diagnosis/automaton.h"

#define NEWLINE '\n'
/* Columns of the table at the most; the first is for bytes of no literal. */
#define COLUMNS 64

/* The trie while it is built: links hold state numbers, 0 is "none". */
struct build {
	const struct str *literals;
	size_t count;
	size_t states, columns;
	uint16_t *next;		/* [state * columns + column] */
	uint16_t *fail;
	uint32_t *ends;		/* [state]: literal + 1 that ends here, or 0 */
	uint32_t *same;		/* [literal]: another one, equal, + 1 */
	uint16_t *order;	/* breadth first */
	char *blank;		/* the state was entered by a blank */
};

/* A byte and how often it stands in the literals. */
struct frequency {
	size_t count;
	unsigned char byte;
};

static int
by_frequency(const void *a, const void *b)
{
	const struct frequency *x = a, *y = b;

	if (x->count != y->count)
		return (x->count < y->count ? 1 : -1);
	return (x->byte - y->byte);
}

/*
 * Bytes to columns. The rarest share the last column, so that the table is
 * half as large and stays in the cache: a literal may then be told where it
 * does not stand, which the caller finds out.
 */
static size_t
classes(struct automaton *a, const struct str *literals, size_t n)
{
	struct frequency f[256] = { { 0, 0 } };
	size_t i, k, used = 0;
	unsigned char c;

	for (i = 0; i < 256; i++)
		f[i].byte = (unsigned char)i;
	for (i = 0; i < n; i++)
		for (k = 0; k < literals[i].n; k++) {
			c = (unsigned char)literals[i].p[k];
			f[c == '\t' ? ' ' : c].count++;
		}
	/* A blank is a column of its own. */
	f[' '].count = SIZE_MAX;
	qsort(f, 256, sizeof(f[0]), by_frequency);
	memset(a->class, 0, sizeof(a->class));
	for (i = 0; i < 256 && f[i].count > 0; i++) {
		if (used < COLUMNS - 1)
			used++;
		a->class[f[i].byte] = (uint8_t)used;
	}
	a->class['\t'] = a->class[' '];
	a->shift = 1;
	while ((1U << a->shift) < used + 1)
		a->shift++;
	return (1U << a->shift);
}

/* The state behind one more byte, made when it is new; 0: no room. */
static size_t
step(const struct automaton *a, struct build *b, size_t state, char byte)
{
	uint16_t *slot;

	slot = &b->next[state * b->columns + a->class[(unsigned char)byte]];
	if (*slot == 0) {
		if (b->states == UINT16_MAX)
			return (0);
		b->blank[b->states] = byte == ' ';
		*slot = (uint16_t)b->states++;
	}
	return (*slot);
}

/* Puts every literal into the trie. */
static int
grow_trie(const struct automaton *a, struct build *b)
{
	size_t i, k, state;

	b->states = 1;
	for (i = 0; i < b->count; i++) {
		state = 0;
		for (k = 0; k < b->literals[i].n; k++)
			if ((state = step(a, b, state,
			    b->literals[i].p[k])) == 0)
				return (-1);
		b->same[i] = b->ends[state];
		b->ends[state] = (uint32_t)i + 1;
	}
	return (0);
}

/* Breadth first: links of failure, and the missing edges through them. */
static void
link_states(const struct automaton *a, struct build *b)
{
	size_t head = 0, tail = 0, s, col, child, back;
	size_t blank = a->class[' '];

	for (col = 0; col < b->columns; col++)
		if ((child = b->next[col]) != 0)
			b->order[tail++] = (uint16_t)child;
	while (head < tail) {
		s = b->order[head++];
		for (col = 0; col < b->columns; col++) {
			back = b->next[b->fail[s] * b->columns + col];
			child = b->next[s * b->columns + col];
			if (child != 0) {
				b->fail[child] = (uint16_t)back;
				b->order[tail++] = (uint16_t)child;
			} else
				b->next[s * b->columns + col] =
				    (uint16_t)back;
		}
		/* A second blank changes nothing. */
		if (b->blank[s] && blank != 0)
			b->next[s * b->columns + blank] = (uint16_t)s;
	}
}

static size_t
outputs_of(const struct build *b, size_t state, uint32_t *out)
{
	size_t n = 0;
	uint32_t l;

	for (; state != 0; state = b->fail[state])
		for (l = b->ends[state]; l != 0; l = b->same[l - 1]) {
			if (out != NULL)
				out[n] = l - 1;
			n++;
		}
	return (n);
}

/* Renumbers so that states with output come last; fills in the automaton. */
static void
finish(struct automaton *a, struct build *b)
{
	uint16_t *number = mem_zalloc(b->states, sizeof(*number));
	size_t s, col, quiet = 0, total = 0, k;

	for (s = 0; s < b->states; s++)
		if (outputs_of(b, s, NULL) == 0)
			number[s] = (uint16_t)quiet++;
	a->first_output = (uint16_t)quiet;
	for (s = 0, k = quiet; s < b->states; s++)
		if (outputs_of(b, s, NULL) > 0) {
			number[s] = (uint16_t)k++;
			total += outputs_of(b, s, NULL);
		}
	a->states = b->states;
	a->next = mem_zalloc(b->states << a->shift, sizeof(*a->next));
	a->outputs = mem_zalloc(total + 1, sizeof(*a->outputs));
	a->output_at = mem_zalloc(b->states - quiet + 1,
	    sizeof(*a->output_at));
	for (s = 0; s < b->states; s++) {
		for (col = 0; col < b->columns; col++)
			a->next[((size_t)number[s] << a->shift) | col] =
			    number[b->next[s * b->columns + col]];
		if (number[s] >= quiet) {
			a->output_at[number[s] - quiet] =
			    (uint32_t)a->output_count;
			a->output_count += outputs_of(b, s,
			    a->outputs + a->output_count);
		}
	}
	a->output_at[b->states - quiet] = (uint32_t)a->output_count;
	free(number);
}

int
automaton_init(struct automaton *a, const struct str *literals, size_t n)
{
	struct build b = { .literals = literals, .count = n };
	size_t i, most = 1;
	int ok;

	memset(a, 0, sizeof(*a));
	b.columns = classes(a, literals, n);
	for (i = 0; i < n; i++)
		most += literals[i].n;
	if (most > UINT16_MAX)
		most = UINT16_MAX;
	b.next = mem_zalloc(most * b.columns, sizeof(*b.next));
	b.fail = mem_zalloc(most, sizeof(*b.fail));
	b.ends = mem_zalloc(most, sizeof(*b.ends));
	b.order = mem_zalloc(most, sizeof(*b.order));
	b.blank = mem_zalloc(most, 1);
	b.same = mem_zalloc(n + 1, sizeof(*b.same));
	if ((ok = grow_trie(a, &b)) == 0) {
		link_states(a, &b);
		finish(a, &b);
	}
	free(b.next);
	free(b.fail);
	free(b.ends);
	free(b.order);
	free(b.blank);
	free(b.same);
	return (ok);
}

void
automaton_free(struct automaton *a)
{
	free(a->next);
	free(a->outputs);
	free(a->output_at);
	memset(a, 0, sizeof(*a));
}

static void
tell(const struct automaton *a, unsigned state, unsigned lane, size_t at,
    automaton_fn fn, void *arg)
{
	uint32_t i, end;

	i = a->output_at[state - a->first_output];
	end = a->output_at[state - a->first_output + 1];
	for (; i < end; i++)
		fn(arg, lane, a->outputs[i], at);
}

/* One place alone, from byte `at` to `end`. */
static void
run_one(const struct automaton *a, const unsigned char *p, size_t at,
    size_t end, unsigned lane, automaton_fn fn, void *arg)
{
	unsigned state = 0;

	for (; at < end; at++) {
		state = a->next[((size_t)state << a->shift) |
		    a->class[p[at]]];
		if (state >= a->first_output)
			tell(a, state, lane, at, fn, arg);
	}
}

/* The end of the line that holds byte `at`, behind its newline. */
static size_t
line_end(struct str text, size_t at)
{
	const char *nl;

	if (at >= text.n)
		return (text.n);
	nl = memchr(text.p + at, NEWLINE, text.n - at);
	return (nl == NULL ? text.n : (size_t)(nl - text.p) + 1);
}

void
automaton_run(const struct automaton *a, struct str text, automaton_fn fn,
    void *arg)
{
	const unsigned char *p = (const unsigned char *)text.p;
	const uint16_t *next = a->next;
	const uint8_t *class = a->class;
	const unsigned shift = a->shift, hot = a->first_output;
	size_t cut[AUTOMATON_LANES + 1], i, k, least = SIZE_MAX;
	unsigned s0 = 0, s1 = 0, s2 = 0, s3 = 0;

	if (a->output_count == 0)
		return;
	cut[0] = 0;
	for (i = 1; i <= AUTOMATON_LANES; i++) {
		cut[i] = line_end(text, text.n / AUTOMATON_LANES * i);
		if (i == AUTOMATON_LANES)
			cut[i] = text.n;
		if (cut[i] < cut[i - 1])
			cut[i] = cut[i - 1];
		if (cut[i] - cut[i - 1] < least)
			least = cut[i] - cut[i - 1];
	}
	const unsigned char *p0 = p + cut[0], *p1 = p + cut[1];
	const unsigned char *p2 = p + cut[2], *p3 = p + cut[3];

	for (i = 0; i < least; i++) {
		s0 = next[((size_t)s0 << shift) | class[p0[i]]];
		s1 = next[((size_t)s1 << shift) | class[p1[i]]];
		s2 = next[((size_t)s2 << shift) | class[p2[i]]];
		s3 = next[((size_t)s3 << shift) | class[p3[i]]];
		if (s0 >= hot)
			tell(a, s0, 0, cut[0] + i, fn, arg);
		if (s1 >= hot)
			tell(a, s1, 1, cut[1] + i, fn, arg);
		if (s2 >= hot)
			tell(a, s2, 2, cut[2] + i, fn, arg);
		if (s3 >= hot)
			tell(a, s3, 3, cut[3] + i, fn, arg);
	}
	/* What the longer lanes have left: back to the line's begin. */
	for (k = 0; k < AUTOMATON_LANES; k++) {
		size_t at = cut[k] + least;

		while (at > cut[k] && p[at - 1] != NEWLINE)
			at--;
		run_one(a, p, at, cut[k + 1], (unsigned)k, fn, arg);
	}
}

/*
 * How rare a byte is in logs, in bits; from letter frequencies of English
 * and what programs print: the higher the better.
 */
static unsigned
rarity(unsigned char c)
{
	static const char common[] = "etaoinsr lcdmup.0123456789:h-gf/b";
	const char *at = c == '\0' ? NULL : strchr(common, c);

	if (at == NULL)
		return (c >= 'a' && c <= 'z' ? 7 : 8);
	return (3 + (unsigned)(at - common) / 9);
}

void
automaton_vocabulary(struct vocabulary *v, struct str literal)
{
	size_t i;

	for (i = 0; i + 1 < literal.n; i++) {
		v->pair[((unsigned char)literal.p[i] << 8 |
		    (unsigned char)literal.p[i + 1]) % VOCABULARY]++;
		v->total++;
	}
}

/* How rare a pair of bytes is among all literals, in bits. */
static unsigned
pair_rarity(const struct vocabulary *v, const char *p)
{
	uint32_t n = v->pair[((unsigned char)p[0] << 8 |
	    (unsigned char)p[1]) % VOCABULARY] + 1;
	unsigned bits = 0;

	while ((n <<= 1) < v->total)
		bits++;
	return (bits);
}

struct str
automaton_window(const struct vocabulary *v, struct str literal, size_t max)
{
	struct str best = literal, w;
	size_t i, k;
	unsigned score, most = 0;

	if (literal.n <= max)
		return (literal);
	for (i = 0; i + max <= literal.n; i++) {
		w = str_trim(str_sub(literal, i, i + max));
		for (k = 0, score = 0; k < w.n; k++) {
			score += rarity((unsigned char)w.p[k]);
			if (k + 1 < w.n)
				score += pair_rarity(v, w.p + k);
		}
		if (score > most) {
			most = score;
			best = w;
		}
	}
	return (best);
}

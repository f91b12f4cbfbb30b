/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_AUTOMATON_H
#define MEETPROBE_DIAGNOSIS_AUTOMATON_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/str.h"

/*
 * Aho-Corasick as a full table: one step a byte, whatever the number of
 * literals. A run of blanks in the text counts as one blank. No literal
 * holds a newline, so every line begins in the first state and a text may be
 * cut at newlines and searched at several places at once.
 */
struct automaton {
	uint8_t class[256];	/* byte to column */
	unsigned shift;		/* columns are 1 << shift */
	uint16_t *next;		/* [state << shift | column] */
	size_t states;
	uint16_t first_output;	/* states from here on end a literal */
	uint32_t *output_at;	/* [state - first_output], one more */
	uint32_t *outputs;	/* literal numbers */
	size_t output_count;
};

/* A literal was found: its number, its last byte. */
typedef void (*automaton_fn)(void *, unsigned lane, uint32_t literal,
    size_t at);

/* Lanes of automaton_run. */
#define AUTOMATON_LANES 4

/* Builds it; -1 when the literals are too many (65535 states). Literals are
 * not empty, blanks single and not at the ends. */
int automaton_init(struct automaton *, const struct str *literals, size_t n);
void automaton_free(struct automaton *);
/* Searches the text; calls back at each end of a literal. */
void automaton_run(const struct automaton *, struct str, automaton_fn,
    void *);
/* Pairs of bytes in all literals together: what is common among them is
 * common in logs. */
#define VOCABULARY 4096
struct vocabulary {
	uint32_t pair[VOCABULARY];
	uint32_t total;
};

void automaton_vocabulary(struct vocabulary *, struct str literal);
/* The part of at most max bytes of a literal that is rarest in logs, without
 * blanks at its ends; a slice of the literal. */
struct str automaton_window(const struct vocabulary *, struct str literal,
    size_t max);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_FLOWS_H
#define MEETPROBE_PROBES_PF_FLOWS_H

#include "probes/pf/eval.h"

/* One line of a flows file. */
struct pf_flow {
	const char *id;
	int line;
	struct pf_packet packet;
	int has_ports;
	const char **after_ids;	/* flows whose states exist */
	size_t *after;		/* the same by index */
	size_t after_count;
	size_t taken_by;	/* index + 1 of who asked last */
	struct pf_verdict verdict;
};

struct pf_flows {
	struct pf_arena arena;
	struct pf_flow *list;
	size_t count, cap;
	struct map ids;		/* id to index + 1 */
	size_t *order;		/* indexes, each behind those it is after */
};

void pf_flows_init(struct pf_flows *);
void pf_flows_free(struct pf_flows *);
/*
 * Reads a flows file: tab-separated, the first line that is no comment names
 * the columns. 0, or -1 and told in the list, all that is wrong.
 */
int pf_flows_parse(struct pf_flows *, const struct pf_env *,
    const char *file, struct str text, struct errlist *);
/* Gives every flow its verdict, in the order that `after` demands. */
void pf_flows_eval(struct pf_flows *, const struct pf_machine *);
/* A JSON array, one object a flow; or a line each, as the columns of TSV.
 * main_file: the file whose lines are told without its name. */
void pf_flows_json(const struct pf_flows *, const char *main_file,
    struct buf *);
void pf_flows_text(const struct pf_flows *, const char *main_file,
    struct buf *);
/* The line of the deciding rule: N, FILE:N in another file. */
void pf_verdict_line(struct buf *, const struct pf_verdict *,
    const char *main_file);
/* ADDR:PORT or [V6]:PORT of the rewritten packet. */
void pf_verdict_src(struct buf *, const struct pf_verdict *, int has_ports);
void pf_verdict_dst(struct buf *, const struct pf_verdict *, int has_ports);

#endif

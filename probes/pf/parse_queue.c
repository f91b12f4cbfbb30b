/* SPDX-License-Identifier: ISC */
/*
 * queue ...: read, checked as pfctl does before it loads them, printed.
 * Nothing here shapes traffic. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "probes/pf/parse.h"

enum { Q_BANDWIDTH = 1, Q_PARENT = 2, Q_DEFAULT = 4, Q_QLIMIT = 8,
	Q_FLOWS = 16, Q_QUANTUM = 32 };

struct pf_queue *
pf_queue_find(const struct pf_conf *conf, const char *name)
{
	struct pf_queue *q;

	for (q = conf->queues; q != NULL; q = q->next)
		if (strcmp(q->name, name) == 0)
			return (q);
	return (NULL);
}

/* A rate with its unit, or a bare number of bits a second. */
static int
bandwidth(struct pf_parser *p, uint64_t *out)
{
	static const char *const suffixes[] = { "Bit", "B", "bit", "b" };
	const char *s;
	char *end, unit;
	int64_t n;
	double bps;
	size_t i;

	if (pf_peek(p) == T_NUMBER) {
		if (pf_number(p, &n) == -1)
			return (-1);
		if (n < 0)
			return (pf_error(p, "bandwidth number too big"));
		*out = (uint64_t)n;
		return (0);
	}
	if (pf_string(p, &s) == -1)
		return (-1);
	bps = strtod(s, &end);
	unit = end[0];
	for (i = 0; i < 4 && unit != '\0' &&
	    strcmp(end + 1, suffixes[i]) != 0; i++)
		;
	if (unit == '\0' || (end[1] != '\0' && i == 4) ||
	    strchr("bKMG%", unit) == NULL)
		return (pf_error(p, "unknown unit \"%.*s\"", i < 4 ? 1 :
		    (int)strlen(end), end));
	if (unit == '%')
		return (pf_error(p, bps < 0 || bps > 100 ?
		    "bandwidth spec out of range" :
		    "no bandwidth in %% yet"));
	bps *= unit == 'K' ? 1e3 : unit == 'M' ? 1e6 : unit == 'G' ? 1e9 : 1;
	if (!(bps >= 0 && bps < 9223372036854775808.0))
		return (pf_error(p, "bandwidth number too big"));
	*out = (uint64_t)bps;
	return (0);
}

static int
curve(struct pf_parser *p, struct pf_curve *c)
{
	const char *s;
	char *end;

	memset(c, 0, sizeof(*c));
	if (bandwidth(p, &c->m2) == -1)
		return (-1);
	if (!pf_accept(p, K_BURST))
		return (0);
	if (bandwidth(p, &c->m1) == -1 || pf_expect(p, K_FOR) == -1 ||
	    pf_string(p, &s) == -1)
		return (-1);
	c->d = (uint32_t)strtoul(s, &end, 10);
	if (strcmp(end, "ms") != 0)
		return (pf_error(p, "time in scspec must be in ms"));
	return (0);
}

static int
opt_bandwidth(struct pf_parser *p, struct pf_queue *q, int *seen)
{
	int comma, token, had = 0;

	if (curve(p, &q->link) == -1)
		return (-1);
	/* [,] min and [,] max, each at most once. */
	for (;;) {
		comma = had == 3 ? 0 : pf_accept(p, ',');
		token = pf_peek(p) == K_MIN ? 1 : pf_peek(p) == K_MAX ? 2 : 0;
		if ((token == 0 && comma) || (had & token) != 0)
			return (pf_syntax(p));
		if (token == 0)
			break;
		had |= token;
		pf_next(p);
		if (curve(p, token == 1 ? &q->real : &q->upper) == -1)
			return (-1);
	}
	if (*seen & Q_BANDWIDTH)
		return (pf_error(p, "bandwidth cannot be respecified"));
	*seen |= Q_BANDWIDTH;
	q->has_bandwidth = 1;
	return (0);
}

static int
opt_number(struct pf_parser *p, int bit, int *seen, int64_t low, int64_t high,
    const char *again, const char *range, uint32_t *out)
{
	int64_t n;

	if (pf_number(p, &n) == -1)
		return (-1);
	if (*seen & bit)
		return (pf_error(p, "%s cannot be respecified", again));
	if (n < low || n > high)
		return (pf_error(p, "%s", range));
	*seen |= bit;
	*out = (uint32_t)n;
	return (0);
}

/* 1: not an option of queues. */
static int
queue_opt(struct pf_parser *p, struct pf_queue *q, int *seen)
{
	if (pf_accept(p, K_BANDWIDTH))
		return (opt_bandwidth(p, q, seen));
	if (pf_accept(p, K_PARENT)) {
		if (pf_string(p, &q->parent) == -1)
			return (-1);
		if (*seen & Q_PARENT)
			return (pf_error(p, "parent cannot be respecified"));
		*seen |= Q_PARENT;
		return (0);
	}
	if (pf_accept(p, K_DEFAULT)) {
		if (*seen & Q_DEFAULT)
			return (pf_error(p, "default cannot be respecified"));
		*seen |= Q_DEFAULT;
		q->is_default = 1;
		return (0);
	}
	if (pf_accept(p, K_QLIMIT))
		return (opt_number(p, Q_QLIMIT, seen, 0, 65535, "qlimit",
		    "qlimit out of range: max 65535", &q->qlimit));
	if (pf_accept(p, K_FLOWS)) {
		q->has_flows = 1;
		return (opt_number(p, Q_FLOWS, seen, 1, 32767,
		    "number of flows", "number of flows out of range: max "
		    "32767", &q->flows));
	}
	if (pf_accept(p, K_QUANTUM))
		return (opt_number(p, Q_QUANTUM, seen, 1, 65535, "quantum",
		    "quantum out of range: max 65535", &q->quantum));
	return (1);
}

static int
add_queue(struct pf_parser *p, const struct pf_queue *q, const char *ifname)
{
	struct pf_queue *new, **qp;

	if (!q->has_bandwidth && !q->has_flows)
		return (pf_error(p, "no bandwidth or flow specification"));
	if (strlen(q->name) > 63)
		return (pf_error(p, "queuename too long"));
	if (q->parent != NULL && strlen(q->parent) > 63)
		return (pf_error(p, "parent too long"));
	if (p->conf->queue_count++ >= LIMIT_PF_QUEUES)
		return (pf_error(p, "cannot add queue"));
	new = pf_new(p, sizeof(*new));
	*new = *q;
	new->ifname = ifname;
	new->is_root = q->parent == NULL && q->has_bandwidth;
	for (qp = &p->conf->queues; *qp != NULL; qp = &(*qp)->next)
		;
	*qp = new;
	return (0);
}

int
pf_parse_queue(struct pf_parser *p)
{
	struct pf_queue q;
	struct pf_interface *list, *i;
	int seen = 0, options = 0, status;

	memset(&q, 0, sizeof(q));
	q.file = p->start_file;
	q.line = p->start;
	if (pf_string(p, &q.name) == -1 || pf_parse_if_list(p, &list) == -1)
		return (-1);
	while ((status = queue_opt(p, &q, &seen)) == 0)
		options++;
	if (status == -1)
		return (-1);
	if (options == 0 || pf_peek(p) != '\n')
		return (pf_syntax(p));
	if (list == NULL && q.parent == NULL)
		return (pf_error(p, "root queue without interface"));
	if (list != NULL && pf_env_if(p->conf->env, list->name) == -1)
		return (pf_error(p, "not an interface"));
	/* What is wrong from here on does not stop the statement. */
	if (list == NULL)
		add_queue(p, &q, "");
	for (i = list; i != NULL && add_queue(p, &q, i->name) == 0;
	    i = i->next)
		;
	return (0);
}

static int
has_child(const struct pf_conf *conf, const struct pf_queue *q)
{
	const struct pf_queue *c;

	for (c = conf->queues; c != NULL; c = c->next)
		if (c->parent != NULL && strcmp(c->parent, q->name) == 0)
			return (1);
	return (0);
}

/* The queue at the top of this one's tree; NULL when a parent is missing. */
static const struct pf_queue *
root_of(const struct pf_conf *conf, const struct pf_queue *q)
{
	int depth;

	for (depth = 0; q != NULL && q->parent != NULL; depth++) {
		if (depth > 64)
			return (NULL);
		q = pf_queue_find(conf, q->parent);
	}
	return (q);
}

static void
check_queue(struct pf_conf *conf, const struct pf_queue *q)
{
	const struct pf_queue *root = root_of(conf, q);

	if (root == NULL)
		errlist_add(&conf->errs, q->file, q->line, 0,
		    "queue %s: parent %s not found", q->name, q->parent);
	else if (root->is_root && !q->has_bandwidth)
		errlist_add(&conf->errs, q->file, q->line, 0,
		    "queue %s: no bandwidth was specified", q->name);
	else if (q->is_default && has_child(conf, q))
		errlist_add(&conf->errs, q->file, q->line, 0,
		    "default queue %s is not a leaf queue", q->name);
	else if (q->has_flows && has_child(conf, q))
		errlist_add(&conf->errs, q->file, q->line, 0,
		    "flow queue %s is not a leaf queue", q->name);
}

static void
check_defaults(struct pf_conf *conf, const struct pf_queue *root)
{
	const struct pf_queue *q;
	int defaults = 0;

	for (q = conf->queues; q != NULL; q = q->next)
		if (q->is_default && root_of(conf, q) == root)
			defaults++;
	if (defaults == 0)
		errlist_add(&conf->errs, root->file, root->line, 0,
		    "no default queue specified");
	else if (defaults > 1)
		errlist_add(&conf->errs, root->file, root->line, 0,
		    "more than one default queue specified");
}

void
pf_queues_check(struct pf_conf *conf)
{
	const struct pf_queue *q;

	for (q = conf->queues; q != NULL; q = q->next) {
		check_queue(conf, q);
		if (q->is_root)
			check_defaults(conf, q);
	}
}

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

static int
is_child(const struct pf_queue *q)
{
	return (q->parent != NULL && q->parent[0] != '\0');
}

/* Rules assign to queues that have a parent, no others. */
int
pf_queue_known(const struct pf_conf *conf, const char *name)
{
	const struct pf_queue *q;

	for (q = conf->queues; q != NULL; q = q->next)
		if (is_child(q) && strcmp(q->name, name) == 0)
			return (1);
	return (0);
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
	if (p->anchor->path[0] != '\0') {
		pf_error(p, "must not have queue definitions in an anchor");
		return (pf_error(p, "cannot add queue"));
	}
	for (qp = &p->conf->queues; *qp != NULL; qp = &(*qp)->next)
		if (!is_child(q) && !is_child(*qp) &&
		    strcmp((*qp)->ifname, ifname) == 0) {
			pf_error(p, "A root queue is already defined on %s",
			    ifname);
			return (pf_error(p, "cannot add queue"));
		}
	if (p->conf->queue_count++ >= LIMIT_PF_QUEUES)
		return (pf_error(p, "cannot add queue"));
	new = pf_new(p, sizeof(*new));
	*new = *q;
	new->ifname = ifname;
	new->is_root = q->parent == NULL && q->has_bandwidth;
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

/* The tree of queues grows to this many, as pfctl's does to more. */
enum { QUEUE_NODES = 16384 };

/* "queue NAME WHAT" */
static int
queue_error(struct pf_conf *conf, const char *kind, const struct pf_queue *q,
    const char *what)
{
	errlist_add(&conf->errs, q->file, q->line, 0, "%squeue %s%s", kind,
	    q->name, what);
	return (-1);
}

/* Makes q a child of "to", unless there is one of its name already. */
static int
add_child(struct pf_conf *conf, struct pf_queue *to, const struct pf_queue *q)
{
	struct pf_queue **cp, *c, *next;

	for (cp = &to->children; *cp != NULL; cp = &(*cp)->next)
		if (strcmp((*cp)->name, q->name) == 0)
			break;
	c = *cp;
	if (c == NULL) {
		*cp = c = pf_alloc(&conf->arena, sizeof(*c));
		*c = *q;
		c->next = NULL;
		return (0);
	}
	if (c->ifname[0] != '\0' && q->ifname[0] != '\0')
		return (errlist_add(&conf->errs, q->file, q->line, 0,
		    "queue %s on %s respecified", q->name, q->ifname), -1);
	if (c->ifname[0] == '\0' && q->ifname[0] == '\0')
		return (queue_error(conf, "", q, " respecified"));
	if (c->ifname[0] == '\0') {
		next = c->next;
		*c = *q;
		c->next = next;
	}
	return (0);
}

/* All that hangs below a queue; -1: told. */
static int
grow(struct pf_conf *conf, struct pf_queue *q, int depth, int *nodes,
    int *defaults)
{
	struct pf_queue *s, *c;

	*defaults += q->is_default;
	for (s = conf->queues; s != NULL; s = s->next) {
		if (!is_child(s) || strcmp(s->parent, q->name) != 0 ||
		    (s->ifname[0] != '\0' && strcmp(s->ifname, q->ifname) !=
		    0))
			continue;
		if (++s->matches > 10000 || ++*nodes > QUEUE_NODES ||
		    depth > conf->queue_count)
			return (errlist_add(&conf->errs, s->file, s->line, 0,
			    "pfctl_find_childqs: excessive matches, loop?"),
			    -1);
		if (add_child(conf, q, s) == -1)
			return (-1);
	}
	for (c = q->children; c != NULL; c = c->next)
		if (grow(conf, c, depth + 1, nodes, defaults) == -1)
			return (-1);
	if (q->children != NULL && q->is_default)
		return (queue_error(conf, "default ", q,
		    " is not a leaf queue"));
	if (q->children != NULL && q->has_flows)
		return (queue_error(conf, "flow ", q, " is not a leaf queue"));
	return (0);
}

/* The trees of all root queues; stops at the first error, as pfctl does. */
void
pf_queues_check(struct pf_conf *conf)
{
	struct pf_queue *q;
	int nodes = 0, defaults;

	for (q = conf->queues; q != NULL; q = q->next) {
		defaults = 0;
		if (is_child(q))
			continue;
		if (grow(conf, q, 0, &nodes, &defaults) == -1)
			return;
		if (q->is_root && defaults == 0) {
			errlist_add(&conf->errs, q->file, q->line, 0,
			    "no default queue specified");
			return;
		}
	}
	for (q = conf->queues; q != NULL; q = q->next) {
		if (!is_child(q))
			continue;
		if (q->matches == 0) {
			errlist_add(&conf->errs, q->file, q->line, 0,
			    "queue %s: parent %s not found", q->name,
			    q->parent);
			return;
		}
		if (q->link.m1 == 0 && q->link.m2 == 0) {
			queue_error(conf, "", q,
			    ": no bandwidth was specified");
			return;
		}
	}
}

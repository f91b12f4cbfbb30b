/* SPDX-License-Identifier: ISC */
/*
 * Flows files: packets described in columns, and the verdicts on them as
 * JSON or text. Pure.
 */
#include <jansson.h>

#include <stdlib.h>
#include <string.h>

#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/flows.h"
#include "probes/pf/names.h"

enum column { COL_ID, COL_DIR, COL_IF, COL_PROTO, COL_SRC, COL_SPORT,
	COL_DST, COL_DPORT, COL_OPTS, COLUMNS };

static const char *const column_names[COLUMNS] = { "id", "dir", "if",
	"proto", "src", "sport", "dst", "dport", "opts" };

#define FIELDS 64

struct reader {
	struct pf_flows *flows;
	const struct pf_env *env;
	const char *file;
	struct errlist *errs;
	int line, bad;
	int at[COLUMNS];	/* field of each column, -1: none */
};

void
pf_flows_init(struct pf_flows *f)
{
	memset(f, 0, sizeof(*f));
	map_init(&f->ids, LIMIT_PF_FLOWS);
}

void
pf_flows_free(struct pf_flows *f)
{
	free(f->list);
	map_free(&f->ids);
	pf_arena_free(&f->arena);
	memset(f, 0, sizeof(*f));
}

static int
wrong(struct reader *r, const char *what, struct str value)
{
	struct buf b;

	buf_init(&b, 256);
	buf_add_safe(&b, str_sub(value, 0, 60));
	errlist_add(r->errs, r->file, r->line, 0, "%s: \"%s\"", what,
	    buf_cstr(&b));
	buf_free(&b);
	r->bad = 1;
	return (-1);
}

static int
parse_header(struct reader *r, struct str line)
{
	struct str name;
	int field, c;

	for (c = 0; c < COLUMNS; c++)
		r->at[c] = -1;
	for (field = 0; line.n > 0 && field < FIELDS; field++) {
		name = str_trim(str_split(&line, '\t'));
		for (c = 0; c < COLUMNS; c++)
			if (str_eqs(name, column_names[c]))
				r->at[c] = field;
	}
	for (c = 0; c < COLUMNS; c++)
		if (r->at[c] == -1 && c != COL_OPTS)
			return (wrong(r, "no column",
			    str_from(column_names[c])));
	return (0);
}

static int
parse_proto(struct str s, int *out)
{
	char name[32];
	int64_t n;

	if (str_num(s, 0, 255, &n) == 0) {
		*out = (int)n;
		return (0);
	}
	if (s.n == 0 || s.n >= sizeof(name))
		return (-1);
	memcpy(name, s.p, s.n);
	name[s.n] = '\0';
	*out = strcmp(name, "icmpv6") == 0 ? 58 : pf_proto(name);
	return (*out == -1 ? -1 : 0);
}

/* A number, "-" for none, "*" for one that pf chose, or a service. */
static int
parse_port(const struct reader *r, int proto, struct str s, uint16_t *out,
    int *given)
{
	char name[32];
	int64_t n = 0;

	*out = 0;
	if (s.n == 0 || str_eqs(s, "-"))
		return (0);
	*given = 1;
	if (str_eqs(s, "*") || str_num(s, 0, 65535, &n) == 0) {
		*out = (uint16_t)n;
		return (0);
	}
	if (s.n >= sizeof(name) || (proto != 6 && proto != 17))
		return (-1);
	memcpy(name, s.p, s.n);
	name[s.n] = '\0';
	n = pf_env_service(r->env, name, proto == 6 ? "tcp" : "udp");
	*out = n == -1 ? 0 : (uint16_t)n;
	return (n == -1 ? -1 : 0);
}

/* An address; the scope of a link-local one is the packet's interface. */
static int
parse_ip(struct str s, struct pf_ip *ip, enum pf_af *af)
{
	return (pf_ip_parse(str_sub(s, 0, str_chr(s, '%')), ip, af));
}

static int
parse_flags(struct str s, int *out)
{
	static const char letters[] = "FSRPAUEW";
	const char *l;
	size_t i;

	*out = 0;
	for (i = 0; i < s.n; i++) {
		if ((l = strchr(letters, s.p[i])) == NULL || s.p[i] == '\0')
			return (-1);
		*out |= 1 << (l - letters);
	}
	return (0);
}

/* A number, or a name of the family's ICMP types. */
static int
parse_icmp(const struct pf_packet *p, struct str s, int *out)
{
	char name[32];
	int64_t n;

	if (str_num(s, 0, 255, &n) == 0) {
		*out = (int)n;
		return (0);
	}
	if (s.n == 0 || s.n >= sizeof(name))
		return (-1);
	memcpy(name, s.p, s.n);
	name[s.n] = '\0';
	*out = pf_icmp_type(name, p->af);
	return (*out == -1 ? -1 : 0);
}

/* Notes an id; which flow it is shows when all are read. */
static int
parse_after(struct reader *r, struct pf_flow *f, struct str id)
{
	struct pf_flows *flows = r->flows;
	const char **list = pf_alloc(&flows->arena, (f->after_count + 1) *
	    sizeof(*list));

	if (f->after_count > 0)
		memcpy(list, f->after_ids, f->after_count * sizeof(*list));
	list[f->after_count++] = pf_strdup(&flows->arena, id);
	f->after_ids = list;
	return (id.n == 0 ? -1 : 0);
}

static int
parse_interface(const struct pf_env *env, struct str s, int *out)
{
	char name[32];

	*out = -1;
	if (str_eqs(s, "-"))
		return (0);
	if (s.n == 0 || s.n >= sizeof(name))
		return (-1);
	memcpy(name, s.p, s.n);
	name[s.n] = '\0';
	*out = pf_env_if(env, name);
	return (*out == -1 ? -1 : 0);
}

static int
parse_opt(struct reader *r, struct pf_flow *f, struct str opt)
{
	struct pf_packet *p = &f->packet;
	struct str name = str_split(&opt, '='), value = opt;
	int64_t n;

	if (str_eqs(name, "flags"))
		return (parse_flags(value, &p->flags));
	if (str_eqs(name, "type")) {
		struct str type = str_split(&value, '/');

		if (value.n > 0 && (str_num(value, 0, 255, &n) == -1 ||
		    (p->icmp_code = (int)n) < 0))
			return (-1);
		return (parse_icmp(p, type, &p->icmp_type));
	}
	if (str_eqs(name, "rcv"))
		return (parse_interface(r->env, value, &p->received));
	if (str_eqs(name, "tag")) {
		p->tag = pf_strdup(&r->flows->arena, value);
		return (0);
	}
	if (str_eqs(name, "after"))
		return (parse_after(r, f, value));
	if (str_num(value, 0, 255, &n) == -1)
		return (-1);
	if (str_eqs(name, "code"))
		p->icmp_code = (int)n;
	else if (str_eqs(name, "tos"))
		p->tos = (int)n;
	else if (str_eqs(name, "prio"))
		p->prio = (int)n;
	else
		return (-1);
	return (0);
}

static void
parse_opts(struct reader *r, struct pf_flow *f, struct str opts)
{
	struct str opt;

	if (str_eqs(opts, "-"))
		return;
	while (opts.n > 0) {
		opt = str_split(&opts, ',');
		if (opt.n > 0 && parse_opt(r, f, opt) == -1)
			wrong(r, "not an option of a flow", opt);
	}
}

static void
parse_packet(struct reader *r, struct pf_flow *f, const struct str *col)
{
	struct pf_packet *p = &f->packet;
	enum pf_af af = PF_AF_ANY;

	p->dir = str_eqs(col[COL_DIR], "in") ? PF_IN : PF_OUT;
	if (p->dir == PF_OUT && !str_eqs(col[COL_DIR], "out"))
		wrong(r, "neither in nor out", col[COL_DIR]);
	p->prio = 3;
	p->tag = "";
	p->received = -1;
	if (parse_interface(r->env, col[COL_IF], &p->interface) == -1 ||
	    p->interface == -1)
		wrong(r, "no such interface", col[COL_IF]);
	if (parse_proto(col[COL_PROTO], &p->proto) == -1)
		wrong(r, "no such protocol", col[COL_PROTO]);
	if (parse_ip(col[COL_SRC], &p->src, &p->af) == -1)
		wrong(r, "not an address", col[COL_SRC]);
	if (parse_ip(col[COL_DST], &p->dst, &af) == -1 || af != p->af)
		wrong(r, "not an address of the source's family",
		    col[COL_DST]);
	if (parse_port(r, p->proto, col[COL_SPORT], &p->sport,
	    &f->has_ports) == -1)
		wrong(r, "not a port", col[COL_SPORT]);
	if (parse_port(r, p->proto, col[COL_DPORT], &p->dport,
	    &f->has_ports) == -1)
		wrong(r, "not a port", col[COL_DPORT]);
	if (p->proto == 6)
		p->flags = PF_TCP_SYN;
	if (p->proto == 1)
		p->icmp_type = 8;
	if (p->proto == 58)
		p->icmp_type = 128;
	/* The ports of other protocols say nothing. */
	f->has_ports = f->has_ports && (p->proto == 6 || p->proto == 17);
	parse_opts(r, f, col[COL_OPTS]);
	if (p->dir == PF_IN)
		p->received = p->interface;
}

static int
parse_flow(struct reader *r, struct str line)
{
	struct str fields[FIELDS], col[COLUMNS];
	struct pf_flows *flows = r->flows;
	struct pf_flow *f, *list;
	void **v;
	int n, c;

	for (n = 0; line.n > 0 && n < FIELDS; n++)
		fields[n] = str_trim(str_split(&line, '\t'));
	for (c = 0; c < COLUMNS; c++) {
		if (r->at[c] == -1 || r->at[c] >= n) {
			if (c != COL_OPTS)
				return (wrong(r, "column missing",
				    str_from(column_names[c])));
			col[c] = str_from("-");
			continue;
		}
		col[c] = fields[r->at[c]];
	}
	list = mem_grow(flows->list, flows->count, &flows->cap,
	    sizeof(*list), LIMIT_PF_FLOWS);
	if (list == NULL)
		return (wrong(r, "too many flows", col[COL_ID]));
	flows->list = list;
	f = &list[flows->count];
	memset(f, 0, sizeof(*f));
	f->line = r->line;
	f->id = pf_strdup(&flows->arena, col[COL_ID]);
	parse_packet(r, f, col);
	flows->count++;
	if (str_eqs(col[COL_ID], "-"))
		return (0);
	if ((v = map_put(&flows->ids, col[COL_ID])) != NULL && *v != NULL)
		return (wrong(r, "id used before", col[COL_ID]));
	if (v != NULL)
		*v = (void *)(uintptr_t)flows->count;
	return (0);
}

/* The flows that the ids of `after` name; all that are not there are told. */
static void
resolve_after(struct reader *r)
{
	struct pf_flows *flows = r->flows;
	struct pf_flow *f;
	size_t i, k, index;

	for (i = 0; i < flows->count; i++) {
		f = &flows->list[i];
		if (f->after_count == 0)
			continue;
		f->after = pf_alloc(&flows->arena, f->after_count *
		    sizeof(*f->after));
		for (k = 0; k < f->after_count; k++) {
			index = (size_t)(uintptr_t)map_get(&flows->ids,
			    str_from(f->after_ids[k]));
			r->line = f->line;
			if (index == 0)
				wrong(r, "after: no flow has the id",
				    str_from(f->after_ids[k]));
			else
				f->after[k] = index - 1;
		}
	}
}

/* Who waits for whom, as lists of edges. */
struct edges {
	size_t *first;		/* by flow: its first edge + 1 */
	size_t *next, *to;
	size_t *waiting;	/* by flow: how many it still waits for */
};

static void
free_edges(struct edges *e)
{
	free(e->first);
	free(e->next);
	free(e->to);
	free(e->waiting);
}

static void
make_edges(const struct pf_flows *f, struct edges *e)
{
	size_t i, k, n = 0;

	for (i = 0; i < f->count; i++)
		n += f->list[i].after_count;
	e->first = mem_zalloc(f->count + 1, sizeof(*e->first));
	e->waiting = mem_zalloc(f->count + 1, sizeof(*e->waiting));
	e->next = mem_zalloc(n + 1, sizeof(*e->next));
	e->to = mem_zalloc(n + 1, sizeof(*e->to));
	for (i = 0, n = 0; i < f->count; i++)
		for (k = 0; k < f->list[i].after_count; k++) {
			e->to[++n] = i;
			e->next[n] = e->first[f->list[i].after[k]];
			e->first[f->list[i].after[k]] = n;
			e->waiting[i]++;
		}
}

/* Flows that wait for nothing, then those that waited for these, and so on. */
static void
put_in_order(struct reader *r)
{
	struct pf_flows *f = r->flows;
	struct edges e;
	size_t i, at, edge, n = 0;

	make_edges(f, &e);
	f->order = pf_alloc(&f->arena, (f->count + 1) * sizeof(*f->order));
	for (i = 0; i < f->count; i++)
		if (e.waiting[i] == 0)
			f->order[n++] = i;
	for (at = 0; at < n; at++)
		for (edge = e.first[f->order[at]]; edge != 0;
		    edge = e.next[edge])
			if (--e.waiting[e.to[edge]] == 0)
				f->order[n++] = e.to[edge];
	for (i = 0; i < f->count && n < f->count; i++)
		if (e.waiting[i] > 0) {
			r->line = f->list[i].line;
			wrong(r, "after: waits for itself",
			    str_from(f->list[i].id));
		}
	free_edges(&e);
}

int
pf_flows_parse(struct pf_flows *f, const struct pf_env *env,
    const char *file, struct str text, struct errlist *errs)
{
	struct reader r = { .flows = f, .env = env, .file = file,
	    .errs = errs };
	struct cur c;
	struct str line;
	int header = 0;

	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0) {
		line = cur_line(&c);
		r.line++;
		if (str_trim(line).n == 0 || line.p[0] == '#')
			continue;
		if (!header) {
			if (parse_header(&r, line) == -1)
				return (-1);
			header = 1;
		} else
			parse_flow(&r, line);
	}
	resolve_after(&r);
	if (!r.bad)
		put_in_order(&r);
	return (r.bad ? -1 : 0);
}

/* What the flows that came before have left. */
struct past {
	const struct pf_state *states[64];
	const struct pf_rule *spent[64];
	size_t state_count, spent_count;
};

/* Chains of `after` longer than this are cut. */
#define CHAIN 256

/* Takes in one flow and those before it, each once for the one that asks. */
static void
collect(struct pf_flows *f, size_t index, size_t asks, struct past *past,
    int depth)
{
	struct pf_flow *flow = &f->list[index];
	const struct pf_verdict *v = &flow->verdict;
	size_t i;

	if (flow->taken_by == asks)
		return;
	flow->taken_by = asks;
	if (v->made_state && past->state_count < 64)
		past->states[past->state_count++] = &v->state;
	for (i = 0; i < (size_t)v->once_count && past->spent_count < 64; i++)
		past->spent[past->spent_count++] = v->once[i];
	for (i = 0; i < flow->after_count && depth < CHAIN; i++)
		collect(f, flow->after[i], asks, past, depth + 1);
}

void
pf_flows_eval(struct pf_flows *f, const struct pf_machine *m)
{
	struct past past;
	struct pf_flow *flow;
	size_t i, j;

	for (i = 0; i < f->count; i++) {
		flow = &f->list[f->order[i]];
		past.state_count = past.spent_count = 0;
		for (j = 0; j < flow->after_count; j++)
			collect(f, flow->after[j], i + 1, &past, 0);
		flow->packet.spent = past.spent;
		flow->packet.spent_count = past.spent_count;
		pf_eval_states(m, &flow->packet, past.states,
		    past.state_count, &flow->verdict);
		flow->packet.spent = NULL;
		flow->packet.spent_count = 0;
	}
}

void
pf_verdict_line(struct buf *out, const struct pf_verdict *v,
    const char *main_file)
{
	if (v->rule == NULL)
		buf_addc(out, '-');
	else if (strcmp(v->rule->file, main_file) == 0)
		buf_addf(out, "%d", v->rule->line);
	else
		buf_addf(out, "%s:%d", v->rule->file, v->rule->line);
}

static void
end_text(struct buf *out, enum pf_af af, const struct pf_ip *ip, int port,
    int any)
{
	buf_adds(out, af == PF_AF_INET6 ? "[" : "");
	pf_ip_print(out, ip, af);
	buf_adds(out, af == PF_AF_INET6 ? "]:" : ":");
	if (any)
		buf_addc(out, '*');
	else
		buf_addf(out, "%d", port);
}

void
pf_verdict_src(struct buf *out, const struct pf_verdict *v, int has_ports)
{
	if (!v->src_changed)
		buf_addc(out, '-');
	else
		end_text(out, v->af, &v->src, v->sport, v->sport_any ||
		    !has_ports);
}

void
pf_verdict_dst(struct buf *out, const struct pf_verdict *v, int has_ports)
{
	if (!v->dst_changed)
		buf_addc(out, '-');
	else
		end_text(out, v->af, &v->dst, v->dport, !has_ports);
}

/* A string, null where the text form has "-". */
static json_t *
json_text(const struct buf *b)
{
	if (strcmp(buf_cstr(b), "-") == 0)
		return (json_null());
	return (json_string(buf_cstr(b)));
}

static json_t *
json_line(const struct pf_verdict *v, const char *main_file)
{
	struct buf b;
	json_t *j;

	if (v->rule != NULL && strcmp(v->rule->file, main_file) == 0)
		return (json_integer(v->rule->line));
	buf_init(&b, 4096);
	pf_verdict_line(&b, v, main_file);
	j = json_text(&b);
	buf_free(&b);
	return (j);
}

/* What one of the printers above writes, as JSON. */
static void
set_text(json_t *o, const char *name, struct buf *b)
{
	json_object_set_new(o, name, json_text(b));
	buf_clear(b);
}

static json_t *
json_flow(const struct pf_flow *f, const char *main_file)
{
	const struct pf_verdict *v = &f->verdict;
	json_t *o = json_object(), *id = json_string(f->id);
	struct buf b;

	buf_init(&b, 4096);
	json_object_set_new(o, "id", id == NULL ? json_string("?") : id);
	json_object_set_new(o, "verdict", json_string(v->pass ? "pass" :
	    "block"));
	json_object_set_new(o, "line", json_line(v, main_file));
	pf_verdict_number(&b, v);
	set_text(o, "nr", &b);
	json_object_set_new(o, "how", json_string(pf_how_name(v->how)));
	/* pf does not look at a skipped packet, so there is no answer. */
	json_object_set_new(o, "log", v->how == PF_HOW_SKIP ? json_null() :
	    json_boolean(v->log));
	pf_verdict_dst(&b, v, f->has_ports);
	set_text(o, "rdst", &b);
	pf_verdict_src(&b, v, f->has_ports);
	set_text(o, "rsrc", &b);
	if (v->uncertain)
		json_object_set_new(o, "uncertain",
		    json_string("probability"));
	if (strcmp(v->reason, "match") != 0)
		json_object_set_new(o, "reason", json_string(v->reason));
	buf_free(&b);
	return (o);
}

void
pf_flows_json(const struct pf_flows *f, const char *main_file,
    struct buf *out)
{
	json_t *o;
	char *text;
	size_t i;

	buf_addc(out, '[');
	for (i = 0; i < f->count; i++) {
		o = json_flow(&f->list[i], main_file);
		text = json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER);
		buf_adds(out, i == 0 ? "\n" : ",\n");
		buf_adds(out, text == NULL ? "{}" : text);
		free(text);
		json_decref(o);
	}
	buf_adds(out, "\n]\n");
}

void
pf_flows_text(const struct pf_flows *f, const char *main_file,
    struct buf *out)
{
	const struct pf_verdict *v;
	size_t i;

	buf_adds(out, "id\tverdict\tline\tnr\thow\tlog\trdst\trsrc\n");
	for (i = 0; i < f->count; i++) {
		v = &f->list[i].verdict;
		buf_add_safe(out, str_from(f->list[i].id));
		buf_addf(out, "\t%s\t", v->pass ? "pass" : "block");
		pf_verdict_line(out, v, main_file);
		buf_addc(out, '\t');
		pf_verdict_number(out, v);
		buf_addf(out, "\t%s\t%s\t", pf_how_name(v->how),
		    v->how == PF_HOW_SKIP ? "-" : v->log ? "y" : "n");
		pf_verdict_dst(out, v, f->list[i].has_ports);
		buf_addc(out, '\t');
		pf_verdict_src(out, v, f->list[i].has_ports);
		buf_adds(out, v->uncertain ? "\tprobability\n" : "\n");
	}
}

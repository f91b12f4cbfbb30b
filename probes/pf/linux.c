/* SPDX-License-Identifier: ISC */
/*
 * nftables and iptables rules as evidence with counters. Pure. JSON schema:
 * libnftables-json(5); text: iptables-save(8) with -c.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/linux.h"

#define TEXT_MAX 200
#define DEPTH_MAX 32

void
linux_filter_init(struct linux_filter *f)
{
	memset(f, 0, sizeof(*f));
}

void
linux_filter_free(struct linux_filter *f)
{
	free(f->rules);
	free(f->chains);
	pf_arena_free(&f->arena);
	memset(f, 0, sizeof(*f));
}

static struct linux_rule *
new_rule(struct linux_filter *f)
{
	struct linux_rule *list = mem_grow(f->rules, f->rule_count,
	    &f->rule_cap, sizeof(*list), LIMIT_PF_RULES);

	if (list == NULL)
		return (NULL);
	f->rules = list;
	memset(&list[f->rule_count], 0, sizeof(*list));
	list[f->rule_count].verdict = "";
	return (&list[f->rule_count++]);
}

static struct linux_chain *
new_chain(struct linux_filter *f)
{
	struct linux_chain *list = mem_grow(f->chains, f->chain_count,
	    &f->chain_cap, sizeof(*list), LIMIT_PF_RULES);

	if (list == NULL)
		return (NULL);
	f->chains = list;
	memset(&list[f->chain_count], 0, sizeof(*list));
	return (&list[f->chain_count++]);
}

static const char *
copy(struct linux_filter *f, const char *s)
{
	return (s == NULL ? "" : pf_strdup(&f->arena, str_from(s)));
}

static const char *
member(struct linux_filter *f, const json_t *o, const char *name)
{
	return (copy(f, json_string_value(json_object_get(o, name))));
}

/* Ports, when there is room and they can be some. */
static void
add_ports(struct linux_rule *r, int64_t low, int64_t high)
{
	if (low <= 0 || high < low || high > 65535 ||
	    r->port_count == LINUX_PORTS)
		return;
	r->ports[r->port_count].low = (int)low;
	r->ports[r->port_count++].high = (int)high;
}

/* Numbers of the right side of a match: one, a set, a range, pairs of a
 * verdict map. */
static void
take_ports(struct linux_rule *r, const json_t *v, int depth)
{
	const json_t *range, *e;
	size_t i;

	if (depth > DEPTH_MAX || v == NULL)
		return;
	if (json_is_integer(v))
		add_ports(r, json_integer_value(v), json_integer_value(v));
	if (json_is_object(v)) {
		take_ports(r, json_object_get(v, "set"), depth + 1);
		range = json_object_get(v, "range");
		add_ports(r, json_integer_value(json_array_get(range, 0)),
		    json_integer_value(json_array_get(range, 1)));
	}
	for (i = 0; json_is_array(v) && i < json_array_size(v); i++) {
		e = json_array_get(v, i);
		if (json_is_array(e))	/* [key, verdict] */
			e = json_array_get(e, 0);
		take_ports(r, e, depth + 1);
	}
}

static int
proto_number(struct str name)
{
	return (str_eqs(name, "tcp") ? 6 : str_eqs(name, "udp") ? 17 : 0);
}

/* {"payload": {"protocol": "udp", "field": "dport"}} and the ports. */
static void
nft_ports(struct linux_rule *r, const json_t *key, const json_t *ports)
{
	const json_t *payload = json_object_get(key, "payload");
	const char *field = json_string_value(json_object_get(payload,
	    "field"));

	if (field == NULL || (strcmp(field, "dport") != 0 &&
	    strcmp(field, "sport") != 0))
		return;
	r->proto = proto_number(str_from(json_string_value(json_object_get(
	    payload, "protocol"))));
	take_ports(r, ports, 0);
}

static void
nft_match(struct linux_rule *r, const json_t *match)
{
	nft_ports(r, json_object_get(match, "left"), json_object_get(match,
	    "right"));
}

static void
nft_vmap(struct linux_rule *r, const json_t *vmap)
{
	nft_ports(r, json_object_get(vmap, "key"), json_object_get(
	    json_object_get(vmap, "data"), "set"));
}

static void
nft_counter(struct linux_rule *r, const json_t *counter)
{
	if (!json_is_object(counter))
		return;
	r->has_counter = 1;
	r->packets = (uint64_t)json_integer_value(json_object_get(counter,
	    "packets"));
	r->bytes = (uint64_t)json_integer_value(json_object_get(counter,
	    "bytes"));
}

static void
nft_rule(struct linux_filter *f, const json_t *o)
{
	static const char *const verdicts[] = { "drop", "reject", "accept" };
	json_t *expr = json_object_get(o, "expr"), *e;
	struct linux_rule *r = new_rule(f);
	struct buf text;
	size_t i, v;

	if (r == NULL)
		return;
	r->family = member(f, o, "family");
	r->table = member(f, o, "table");
	r->chain = member(f, o, "chain");
	for (i = 0; i < json_array_size(expr); i++) {
		e = json_array_get(expr, i);
		nft_match(r, json_object_get(e, "match"));
		nft_vmap(r, json_object_get(e, "vmap"));
		f->foreign |= json_object_get(e, "xt") != NULL;
		nft_counter(r, json_object_get(e, "counter"));
		for (v = 0; v < 3; v++)
			if (json_object_get(e, verdicts[v]) != NULL)
				r->verdict = verdicts[v];
	}
	buf_init(&text, TEXT_MAX);
	linux_nft_text(expr, &text);
	r->text = pf_strdup(&f->arena, buf_str(&text));
	buf_free(&text);
}

static void
nft_chain(struct linux_filter *f, const json_t *o)
{
	struct linux_chain *c = new_chain(f);

	if (c == NULL)
		return;
	c->family = member(f, o, "family");
	c->table = member(f, o, "table");
	c->name = member(f, o, "name");
	c->hook = member(f, o, "hook");
	c->policy = member(f, o, "policy");
}

int
linux_filter_nft(struct linux_filter *f, struct str text)
{
	json_error_t error;
	json_t *root, *list, *o;
	size_t i;

	root = json_loadb(text.p == NULL ? "" : text.p, text.n, 0, &error);
	list = json_object_get(root, "nftables");
	if (!json_is_array(list)) {
		json_decref(root);
		return (-1);
	}
	for (i = 0; i < json_array_size(list); i++) {
		o = json_array_get(list, i);
		if (json_object_get(o, "rule") != NULL)
			nft_rule(f, json_object_get(o, "rule"));
		else if (json_object_get(o, "chain") != NULL)
			nft_chain(f, json_object_get(o, "chain"));
	}
	json_decref(root);
	return (0);
}

/* :INPUT DROP [12:720] */
static void
iptables_chain(struct linux_filter *f, const char *table, struct str line)
{
	struct linux_chain *c;
	struct str name = str_word(&line), policy = str_word(&line);

	if (str_eqs(policy, "-") || (c = new_chain(f)) == NULL)
		return;
	c->family = "ip";
	c->table = table;
	c->name = c->hook = pf_strdup(&f->arena, name);
	c->policy = str_ieqs(policy, "drop") ? "drop" : "accept";
}

/* Values of --dport, --dports, --sport: "80,443", "10000:10100". */
static void
iptables_ports(struct linux_rule *r, struct str value)
{
	struct str part, low;
	int64_t n, last;

	while (value.n > 0) {
		part = str_split(&value, ',');
		low = str_split(&part, ':');
		if (str_num(low, 0, 65535, &n) == -1)
			continue;
		if (str_num(part, n, 65535, &last) == -1)
			last = n;
		add_ports(r, n == 0 ? 1 : n, last);
	}
}

/* [packets:bytes] -A CHAIN ... -j TARGET */
static void
iptables_rule(struct linux_filter *f, const char *table, struct str line)
{
	struct linux_rule *r;
	struct str word, count;
	int64_t n;

	if ((r = new_rule(f)) == NULL)
		return;
	r->family = "ip";
	r->table = table;
	r->chain = "";
	if (str_starts(line, "[")) {
		word = str_word(&line);
		word = str_sub(word, 1, word.n - 1);
		count = str_split(&word, ':');
		r->has_counter = 1;
		if (str_num(count, 0, INT64_MAX, &n) == 0)
			r->packets = (uint64_t)n;
		if (str_num(word, 0, INT64_MAX, &n) == 0)
			r->bytes = (uint64_t)n;
	}
	line = str_trim(line);
	r->text = pf_strdup(&f->arena, str_sub(line, 0, TEXT_MAX));
	while ((word = str_word(&line)).n > 0) {
		if (str_eqs(word, "-A"))
			r->chain = pf_strdup(&f->arena, str_word(&line));
		else if (str_starts(word, "--dport") || str_starts(word,
		    "--sport"))
			iptables_ports(r, str_word(&line));
		else if (str_eqs(word, "-p"))
			r->proto = proto_number(str_word(&line));
		else if (str_eqs(word, "-j")) {
			word = str_word(&line);
			r->verdict = str_eqs(word, "DROP") ? "drop" :
			    str_eqs(word, "REJECT") ? "reject" :
			    str_eqs(word, "ACCEPT") ? "accept" : "";
		}
	}
}

int
linux_filter_iptables(struct linux_filter *f, struct str text)
{
	struct cur c;
	struct str line;
	const char *table = NULL;

	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0) {
		line = str_trim(cur_line(&c));
		if (str_starts(line, "*"))
			table = pf_strdup(&f->arena, str_sub(line, 1,
			    line.n));
		else if (table == NULL)
			continue;
		else if (str_starts(line, ":"))
			iptables_chain(f, table, str_sub(line, 1, line.n));
		else if (str_starts(line, "[") || str_starts(line, "-A"))
			iptables_rule(f, table, line);
	}
	return (table == NULL ? -1 : 0);
}

static int
names(const struct linux_rule *r, const struct pf_log_port *port)
{
	int k;

	for (k = 0; k < r->port_count; k++)
		if ((r->proto == 0 || r->proto == port->proto) &&
		    r->ports[k].low <= port->high &&
		    r->ports[k].high >= port->low)
			return (1);
	return (0);
}

/* "udp/10000: ", the services that a rule names; 0 when it names none. */
static int
print_services(struct buf *out, const struct linux_rule *r,
    const struct pf_log_port *ports, size_t count)
{
	size_t i;
	int n = 0;

	for (i = 0; i < count; i++)
		if (names(r, &ports[i]))
			buf_addf(out, "%s%s/%u", n++ > 0 ? " " : "",
			    ports[i].proto == 17 ? "udp" : "tcp",
			    ports[i].low);
	buf_adds(out, n > 0 ? ": " : "");
	return (n);
}

static void
print_chain(struct buf *out, const char *family, const char *table,
    const char *chain)
{
	buf_add_safe(out, str_from(family));
	buf_addc(out, ' ');
	buf_add_safe(out, str_from(table));
	buf_addc(out, ' ');
	buf_add_safe(out, str_from(chain));
	buf_adds(out, ": ");
}

size_t
linux_filter_print(const struct linux_filter *f,
    const struct pf_log_port *ports, size_t count, struct buf *out)
{
	const struct linux_rule *r;
	size_t i, lines = 0;
	int stops;

	for (i = 0; i < f->chain_count; i++)
		if (f->chains[i].hook[0] != '\0') {
			print_chain(out, f->chains[i].family,
			    f->chains[i].table, f->chains[i].name);
			buf_adds(out, "policy ");
			buf_add_safe(out, str_from(f->chains[i].policy));
			buf_addc(out, '\n');
			lines++;
		}
	for (i = 0; i < f->rule_count; i++) {
		r = &f->rules[i];
		stops = (r->verdict[0] == 'd' || r->verdict[0] == 'r') &&
		    r->packets > 0;
		if (print_services(out, r, ports, count) == 0 && !stops)
			continue;
		print_chain(out, r->family, r->table, r->chain);
		buf_add_safe(out, str_from(r->text));
		if (r->has_counter)
			buf_addf(out, ": %llu packets",
			    (unsigned long long)r->packets);
		buf_addc(out, '\n');
		lines++;
	}
	return (lines);
}

void
linux_filter_drop(struct linux_filter *f, const char *family)
{
	size_t i, n = 0;

	for (i = 0; i < f->rule_count; i++)
		if (strcmp(f->rules[i].family, family) != 0)
			f->rules[n++] = f->rules[i];
	f->rule_count = n;
	for (i = n = 0; i < f->chain_count; i++)
		if (strcmp(f->chains[i].family, family) != 0)
			f->chains[n++] = f->chains[i];
	f->chain_count = n;
}

/* SPDX-License-Identifier: ISC */
/*
 * What nginx does with a request, from its configuration: which server
 * block, which location, which headers go upstream. Pure.
 * Sources: nginx.org docs http/request_processing, ngx_http_core_module
 * (location), ngx_http_proxy_module (proxy_set_header).
 */
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "agent/base/mem.h"
#include "probes/config/model.h"
#include "probes/config/nginx.h"

struct str
nginx_arg(const struct item *it, size_t n)
{
	struct str rest = item_str(it), arg = str_of("", 0);

	do
		arg = str_split(&rest, NGINX_SEP);
	while (n-- > 0);
	return (arg);
}

int
nginx_index(const struct model *m, const struct item *it)
{
	return (it == NULL ? -1 : (int)(it - m->list));
}

const struct item *
nginx_next(const struct model *m, int block, const char *name,
    const struct item *after)
{
	size_t i = after == NULL ? 0 : (size_t)(after - m->list) + 1;

	for (; i < m->count; i++)
		if (m->list[i].parent == block &&
		    strcmp(m->list[i].key, name) == 0)
			return (&m->list[i]);
	return (NULL);
}

const struct item *
nginx_inherited(const struct model *m, int block, const char *name)
{
	const struct item *it;

	for (;;) {
		it = nginx_next(m, block, name, NULL);
		if (it != NULL || block == -1)
			return (it);
		block = m->list[block].parent;
	}
}

const struct item *
nginx_header(const struct model *m, int block, const char *header)
{
	const struct item *it, *set;

	for (;; block = m->list[block].parent) {
		set = nginx_next(m, block, "proxy_set_header", NULL);
		for (it = set; it != NULL; it = nginx_next(m, block,
		    "proxy_set_header", it))
			if (str_ieqs(nginx_arg(it, 0), header))
				return (it);
		if (set != NULL || block == -1)
			return (NULL);
	}
}

int
nginx_listen_port(const struct item *it)
{
	struct str a = nginx_arg(it, 0);
	size_t colon = str_rchr(a, ':'), bracket = str_rchr(a, ']');
	int64_t port;

	if (str_starts(a, "unix:"))
		return (0);
	if (colon != SIZE_MAX && (bracket == SIZE_MAX || colon > bracket))
		a = str_sub(a, colon + 1, a.n);
	return (str_num(a, 1, 65535, &port) == 0 ? (int)port : 80);
}

int
nginx_compiles(struct str pattern)
{
	pcre2_code *code;
	PCRE2_SIZE where;
	int error;

	code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, 0, &error,
	    &where, NULL);
	pcre2_code_free(code);
	return (code != NULL);
}

/* Does a regular expression match anywhere in the path? */
static int
matches(struct str pattern, int fold, struct str path)
{
	pcre2_match_context *limits;
	pcre2_match_data *data;
	pcre2_code *code;
	PCRE2_SIZE where;
	int error, r = -1;

	code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n,
	    fold ? PCRE2_CASELESS : 0, &error, &where, NULL);
	if (code == NULL)
		return (0);
	data = pcre2_match_data_create_from_pattern(code, NULL);
	limits = pcre2_match_context_create(NULL);
	if (data != NULL && limits != NULL) {
		pcre2_set_match_limit(limits, 100000);
		pcre2_set_depth_limit(limits, 1000);
		r = pcre2_match(code, (PCRE2_SPTR)path.p, path.n, 0, 0, data,
		    limits);
	}
	pcre2_match_context_free(limits);
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	return (r >= 0);
}

/* Without case. */
static int
same(struct str a, struct str b)
{
	char *text = mem_str(b);
	int yes = a.n == b.n && str_ieqs(a, text);

	free(text);
	return (yes);
}

/*
 * How well one name of a server fits (ngx_http_server_names): the whole name
 * most, then "*.x" and ".x" by length, then "x.*", then an expression; 0: not.
 */
static int
one_name(struct str name, struct str host)
{
	struct str tail = str_sub(name, 1, name.n);

	if (same(name, host))
		return (4000);
	if (name.p[0] == '~')
		return (matches(tail, 0, host) ? 1 : 0);
	if (name.p[0] == '.' && same(tail, host))
		return (4000);
	if (name.p[0] == '*' || name.p[0] == '.') {
		if (name.p[0] == '.')
			tail = name;
		return (host.n > tail.n && same(str_sub(host, host.n -
		    tail.n, host.n), tail) ? 2000 + (int)tail.n : 0);
	}
	if (str_ends(name, ".*") && host.n > name.n - 1 && same(str_sub(
	    host, 0, name.n - 1), str_sub(name, 0, name.n - 1)))
		return (1000 + (int)name.n);
	return (0);
}

/* How well a server's names fit: the best of them. */
static int
name_fit(const struct model *m, int server, struct str host)
{
	const struct item *it = NULL;
	struct str name;
	size_t i;
	int best = 0, fit;

	while ((it = nginx_next(m, server, "server_name", it)) != NULL)
		for (i = 0; (name = nginx_arg(it, i)).n > 0; i++) {
			fit = one_name(name, host);
			best = fit > best ? fit : best;
		}
	return (best);
}

/* Does the server listen on the port; 2: as its default server. */
static int
listens(const struct model *m, int server, int port)
{
	const struct item *it = NULL;
	int any = 0, found = 0;
	size_t i;

	while ((it = nginx_next(m, server, "listen", it)) != NULL) {
		any = 1;
		if (nginx_listen_port(it) != port)
			continue;
		found = found == 2 ? 2 : 1;
		for (i = 1; nginx_arg(it, i).n > 0; i++)
			if (str_eqs(nginx_arg(it, i), "default_server"))
				found = 2;
	}
	return (any ? found : port == 80);
}

/* How a server listens, whatever its port: 3 with TLS, 2 not on port 80, 1. */
static int
any_port(const struct model *m, int server)
{
	const struct item *it = NULL;
	int best = 1;
	size_t i;

	while ((it = nginx_next(m, server, "listen", it)) != NULL) {
		if (best == 1 && nginx_listen_port(it) != 80)
			best = 2;
		for (i = 1; nginx_arg(it, i).n > 0; i++)
			if (str_eqs(nginx_arg(it, i), "ssl") ||
			    str_eqs(nginx_arg(it, i), "quic"))
				best = 3;
	}
	return (best);
}

/* Is it a server of HTTP, not of another protocol? */
static int
is_http(const struct model *m, const struct item *server)
{
	int i;

	for (i = server->parent; i != -1; i = m->list[i].parent)
		if (strcmp(m->list[i].key, "stream") == 0 ||
		    strcmp(m->list[i].key, "mail") == 0 ||
		    strcmp(m->list[i].key, "upstream") == 0)
			return (0);
	return (1);
}

const struct item *
nginx_server(const struct model *m, struct str host, int port)
{
	const struct item *best = NULL;
	int fit, best_fit = -1, on;
	size_t i;

	for (i = 0; i < m->count; i++) {
		if (strcmp(m->list[i].key, "server") != 0 ||
		    m->list[i].type != ITEM_TABLE ||
		    !is_http(m, &m->list[i]))
			continue;
		on = port == 0 ? any_port(m, (int)i) :
		    listens(m, (int)i, port);
		fit = name_fit(m, (int)i, host);
		if (on == 0 || (port == 0 && fit == 0))
			continue;
		fit = port == 0 ? 4 * fit + on : 2 * fit + (on == 2);
		if (fit > best_fit) {
			best = &m->list[i];
			best_fit = fit;
		}
	}
	return (best);
}

/* Kinds of location by their first argument. */
enum modifier { PREFIX, EXACT, PREFERRED, REGEX, REGEX_FOLD, NAMED };

static enum modifier
modifier(const struct item *it, struct str *pattern)
{
	static const char *const words[] = { "", "=", "^~", "~", "~*" };
	struct str first = nginx_arg(it, 0);
	size_t i;

	*pattern = nginx_arg(it, 1);
	for (i = 1; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqs(first, words[i]) && pattern->n > 0)
			return ((enum modifier)i);
	*pattern = first;
	for (i = 4; i >= 1; i--)	/* "=/path" without a blank */
		if (str_starts(first, words[i])) {
			*pattern = str_sub(first, strlen(words[i]), first.n);
			return ((enum modifier)i);
		}
	return (first.n > 0 && first.p[0] == '@' ? NAMED : PREFIX);
}

/*
 * Exact and regular expression are final; a prefix inside a prefix still lets
 * the expressions of the outer level try (ngx_http_core_find_location).
 */
static const struct item *
pick(const struct model *m, int block, struct str path, int depth,
    int *final)
{
	const struct item *it = NULL, *prefix = NULL, *inner = NULL;
	enum modifier kind, prefix_kind = PREFIX;
	struct str pattern;
	size_t longest = 0;

	*final = 0;
	while ((it = nginx_next(m, block, "location", it)) != NULL) {
		kind = modifier(it, &pattern);
		if (kind == EXACT && str_eq(pattern, path)) {
			*final = 1;
			return (it);
		}
		if ((kind == PREFIX || kind == PREFERRED) &&
		    path.n >= pattern.n && pattern.n >= longest &&
		    str_eq(str_sub(path, 0, pattern.n), pattern)) {
			prefix = it;
			prefix_kind = kind;
			longest = pattern.n;
		}
	}
	if (prefix != NULL && depth < 8)
		inner = pick(m, nginx_index(m, prefix), path, depth + 1,
		    final);
	if (inner != NULL && *final)
		return (inner);
	if (prefix != NULL && prefix_kind == PREFERRED)
		return (inner != NULL ? inner : prefix);
	while ((it = nginx_next(m, block, "location", it)) != NULL) {
		kind = modifier(it, &pattern);
		if ((kind == REGEX || kind == REGEX_FOLD) &&
		    matches(pattern, kind == REGEX_FOLD, path)) {
			*final = 1;
			return (it);
		}
	}
	return (inner != NULL ? inner : prefix);
}

const struct item *
nginx_location(const struct model *m, const struct item *server,
    struct str path)
{
	int final;

	return (pick(m, nginx_index(m, server), path, 0, &final));
}

/* SPDX-License-Identifier: ISC */
/*
 * What nginx refuses when it starts, beyond its grammar: arguments of the
 * directives that a site of this kind has, expressions that do not compile,
 * locations given twice. Pure. Sources: ngx_http_proxy_module.c,
 * ngx_http_core_module.c, ngx_parse.c (release-1.22.1).
 */
#include <string.h>

#include "agent/base/limits.h"
#include "probes/config/model.h"
#include "probes/config/nginx.h"

static void
refuse(struct model *m, const struct item *it, const char *what,
    struct str word)
{
	model_problem(m, "nginx-config-syntax", it->source, it->line,
	    it->column, "%s%.*s", what, STR_ARG(word));
}

/* "90", "90s", "1h30m": numbers with a unit each, the last may lack it. */
static int
is_time(struct str s)
{
	size_t i = 0, digits;

	if (s.n == 0)
		return (0);
	while (i < s.n) {
		for (digits = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
		    i++)
			digits++;
		if (digits == 0)
			return (0);
		if (i < s.n && s.p[i] == 'm' && i + 1 < s.n &&
		    s.p[i + 1] == 's')
			i += 2;
		else if (i < s.n && strchr("smhdwMy ", s.p[i]) != NULL)
			i++;
		else if (i < s.n)
			return (0);
	}
	return (1);
}

static size_t
arguments(const struct item *it)
{
	size_t n = 0, i;

	if (it->value[0] == '\0')
		return (0);
	for (i = 0; it->value[i] != '\0'; i++)
		n += it->value[i] == NGINX_SEP;
	return (n + 1);
}

/* Directives of a location or server and how many arguments they take. */
static const struct {
	const char *name;
	size_t least, most;
	enum { PLAIN, TIME, FLAG } type;
} forms[] = {
	{ "alias", 1, 1, PLAIN },
	{ "proxy_buffering", 1, 1, FLAG },
	{ "proxy_connect_timeout", 1, 1, TIME },
	{ "proxy_http_version", 1, 1, PLAIN },
	{ "proxy_pass", 1, 1, PLAIN },
	{ "proxy_read_timeout", 1, 1, TIME },
	{ "proxy_send_timeout", 1, 1, TIME },
	{ "proxy_set_header", 2, 2, PLAIN },
	{ "root", 1, 1, PLAIN },
	{ "server_name", 1, LIMIT_NGINX_WORDS, PLAIN },
	{ "ssi", 1, 1, FLAG },
	{ "ssl_certificate", 1, 1, PLAIN },
	{ "ssl_certificate_key", 1, 1, PLAIN },
	{ "tcp_nodelay", 1, 1, FLAG },
};

static void
check_form(struct model *m, const struct item *it)
{
	struct str first = nginx_arg(it, 0);
	size_t i, n = arguments(it);

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(it->key, forms[i].name) == 0)
			break;
	if (i == sizeof(forms) / sizeof(forms[0]))
		return;
	if (n == 0 && forms[i].least == 1 && strcmp(it->key,
	    "server_name") == 0)
		return;		/* server_name ""; */
	if (n < forms[i].least || n > forms[i].most)
		refuse(m, it, "a wrong number of arguments for ",
		    str_from(it->key));
	else if (forms[i].type == TIME && !is_time(first))
		refuse(m, it, "no time: ", first);
	else if (forms[i].type == FLAG && !str_ieqs(first, "on") &&
	    !str_ieqs(first, "off"))
		refuse(m, it, "must be on or off, not ", first);
}

static int
is_regex(struct str modifier)
{
	return (str_eqs(modifier, "~") || str_eqs(modifier, "~*"));
}

/* Does the URL of a proxy_pass say a path? "unix:/SOCKET:/PATH" has one. */
static int
has_path(struct str url)
{
	size_t i = str_find(url, "://");

	url = str_sub(url, i == SIZE_MAX ? 0 : i + 3, url.n);
	if (str_starts(url, "unix:")) {
		url = str_sub(url, 5, url.n);
		i = str_chr(url, ':');
		return (i != SIZE_MAX && i + 1 < url.n);
	}
	return (str_chr(url, '/') != SIZE_MAX);
}

/* proxy_pass in a location. */
static void
check_pass(struct model *m, const struct item *it)
{
	const struct item *location = it->parent < 0 ? NULL :
	    &m->list[it->parent];
	struct str url = nginx_arg(it, 0), first;

	if (location == NULL || strcmp(location->key, "location") != 0 ||
	    url.n == 0)
		return;
	if (!str_ieqs(str_sub(url, 0, 7), "http://") &&
	    !str_ieqs(str_sub(url, 0, 8), "https://") &&
	    str_chr(url, '$') == SIZE_MAX) {
		refuse(m, it, "the URL must begin with http:// or https://, "
		    "not ", url);
		return;
	}
	first = nginx_arg(location, 0);
	if ((is_regex(first) || str_starts(first, "@")) &&
	    has_path(url) && str_chr(url, '$') == SIZE_MAX)
		refuse(m, it, "no path can stand here, below a location of an "
		    "expression or a name: ", url);
}

static void
check_location(struct model *m, const struct item *it)
{
	const struct item *other = NULL;
	struct str first = nginx_arg(it, 0), pattern = nginx_arg(it, 1);
	size_t n = arguments(it);
	int modified = is_regex(first) || str_eqs(first, "=") ||
	    str_eqs(first, "^~");

	if (n != (modified ? 2U : 1U)) {
		refuse(m, it, "a wrong number of arguments for location",
		    str_of("", 0));
		return;
	}
	if (is_regex(first)) {
		if (!nginx_compiles(pattern))
			refuse(m, it, "this expression does not compile: ",
			    pattern);
		return;
	}
	while ((other = nginx_next(m, it->parent, "location", other)) !=
	    NULL && other != it)
		if (strcmp(other->value, it->value) == 0) {
			refuse(m, it, "this location is there already: ",
			    modified ? pattern : first);
			break;
		}
}

void
nginx_check(struct model *m)
{
	const struct item *it;
	size_t i, n = m->count, locations = 0;

	for (i = 0; i < n && m->problem_count < LIMIT_ERRORS; i++) {
		it = &m->list[i];
		if (strcmp(it->key, "location") == 0 &&
		    it->type == ITEM_TABLE) {
			if (locations++ < 500)
				check_location(m, it);
			continue;
		}
		check_form(m, it);
		if (strcmp(it->key, "proxy_pass") == 0)
			check_pass(m, it);
	}
}

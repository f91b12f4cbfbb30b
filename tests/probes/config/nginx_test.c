/* SPDX-License-Identifier: ISC */
/*
 * nginx.conf as nginx reads it. Would catch: another location picked than
 * nginx's, a missing semicolon blamed on the wrong line, a header inherited
 * that nginx would not inherit.
 */
#include <string.h>

#include "probes/config/model.h"
#include "probes/config/nginx.h"
#include "probes/config/reader.h"
#include "tests/kit/check.h"

static void
read_text(struct model *m, const char *text)
{
	struct config_source list[2] = {
		{ STR_LIT("/etc/nginx/nginx.conf"), { "", 0 },
		    str_from(text) },
		{ STR_LIT("/etc/nginx/sites-enabled/site.conf"), { "", 0 },
		    STR_LIT("server { listen 443 ssl; server_name inc; }\n") },
	};
	struct config_sources s = { list, 2, { NULL, 0 } };

	model_init(m);
	read_nginx(&s, m);
}

static const char site[] =
    "http {\n"
    " proxy_set_header Host outer;\n"
    " server { listen 443 ssl default_server; server_name other; }\n"
    " server {\n"
    "  listen 80; listen [::]:443 ssl;\n"
    "  server_name jts.example www.jts.example *.wild.example;\n"
    "  location = /http-bind { proxy_pass http://xmpp:5280/http-bind; }\n"
    "  location ^~ /kept/ { return 200; }\n"
    "  location /prefix/ { return 201; }\n"
    "  location /prefix/longer/ { return 202; }\n"
    "  location ~ ^/([a-zA-Z0-9=\\?]+)$ { rewrite ^/(.*)$ / break; }\n"
    "  location ~* \\.JS$ { return 203; }\n"
    "  location ~ /prefix/special { return 204; }\n"
    "  location /ws { proxy_set_header Upgrade $http_upgrade;\n"
    "   proxy_pass http://x; }\n"
    "  location / { try_files $uri =404; }\n"
    " }\n"
    "}\n";

static const struct {
	const char *path, *location;
} picks[] = {
	{ "/http-bind", "=\037/http-bind" },
	{ "/http-bind/x", "/" },
	{ "/Room", "~\037^/([a-zA-Z0-9=\\?]+)$" },
	{ "/room with", "/" },
	{ "/kept/a.js", "^~\037/kept/" },
	{ "/prefix/a", "/prefix/" },
	{ "/prefix/longer/a", "/prefix/longer/" },
	{ "/prefix/longer/a.js", "~*\037\\.JS$" },
	{ "/prefix/special", "~\037/prefix/special" },
	{ "/config.js", "~*\037\\.JS$" },
	{ "/ws", "~\037^/([a-zA-Z0-9=\\?]+)$" },
	{ "/ws/x", "/ws" },
	{ "/", "/" },
};

static void
check_site(void)
{
	const struct item *server, *it;
	struct model m;
	size_t i;

	read_text(&m, site);
	CHECK_INT(m.problem_count, 0, "a good file has no problem (%s)",
	    m.problem_count == 0 ? "" : m.problems[0].message);
	server = nginx_server(&m, STR_LIT("jts.example"), 443);
	CHECK(server != NULL && server->line == 4, "the server by its name");
	it = nginx_server(&m, STR_LIT("nobody"), 443);
	CHECK(it != NULL && it->line == 3, "the default server otherwise");
	it = nginx_server(&m, STR_LIT("a.wild.example"), 443);
	CHECK(it != NULL && it->line == 4, "by a wildcard");
	CHECK(nginx_server(&m, STR_LIT("jts.example"), 8443) == NULL,
	    "none listens on 8443");
	for (i = 0; i < sizeof(picks) / sizeof(picks[0]); i++) {
		it = nginx_location(&m, server, str_from(picks[i].path));
		CHECK_STR(it == NULL ? "none" : it->value, picks[i].location,
		    "location of %s", picks[i].path);
	}
	it = nginx_location(&m, server, STR_LIT("/http-bind"));
	it = nginx_header(&m, nginx_index(&m, it), "host");
	CHECK(it != NULL && str_eqs(nginx_arg(it, 1), "outer"),
	    "a header is inherited where a level sets none");
	it = nginx_location(&m, server, STR_LIT("/ws/x"));
	CHECK(nginx_header(&m, nginx_index(&m, it), "Host") == NULL,
	    "and not where it sets another");
	model_free(&m);
}

static const struct {
	const char *text;
	int line;
} bad[] = {
	{ "http {\n server {\n  listen 80\n  server_name x;\n }\n}\n", 3 },
	{ "http {\n server {\n  listen 80;\n }\n", 0 },
	{ "http {\n}\n}\n", 3 },
	{ "http {\n lissten 80;\n}\n", 2 },
	{ "worker_processes 1\n", 1 },
	{ "a \"b\n", 1 },
	{ ";\n", 1 },
};

static void
check_bad(void)
{
	struct model m;
	size_t i, k;
	int found;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		read_text(&m, bad[i].text);
		for (found = 0, k = 0; k < m.problem_count; k++)
			found |= strcmp(m.problems[k].id,
			    "nginx-config-syntax") == 0 &&
			    (bad[i].line == 0 ||
			    m.problems[k].line == bad[i].line);
		CHECK(found, "%s is an error in line %d (got %d)",
		    bad[i].text, bad[i].line, m.problem_count == 0 ? 0 :
		    m.problems[0].line);
		model_free(&m);
	}
}

static void
check_include(void)
{
	struct model m;

	read_text(&m, "http { include mime.types;\n"
	    "include /etc/nginx/sites-enabled/*; }\n");
	CHECK_INT(m.problem_count, 0, "mime.types need not be there");
	CHECK(nginx_server(&m, STR_LIT("inc"), 443) != NULL,
	    "a server of an included file");
	model_free(&m);
	read_text(&m, "http { include extra.conf; }\n");
	CHECK_INT(m.problem_count, 1, "an include not given is told");
	model_free(&m);
}

/* A block of another language is passed over, braces and all. */
static void
check_code(void)
{
	static const char text[] = "server { listen 80;\n"
	    "access_by_lua_block {\n local t = { a = \"}\" } -- }\n"
	    " if x then return 'a{' end\n}\n"
	    "http3 on;\nlocation / { root /x; } }\n";
	struct config_source one = { STR_LIT("nginx.conf"),
	    STR_LIT("nginx.conf"), str_from(text) };
	struct config_sources s = { &one, 1, { NULL, 0 } };
	struct model m;

	model_init(&m);
	read_nginx(&s, &m);
	CHECK_INT(m.problem_count, 0, "Lua in nginx.conf is no syntax error "
	    "(%s)", m.problem_count == 0 ? "" : m.problems[0].message);
	CHECK_STR(item_str(model_get(&m, "root")).p == NULL ? "" :
	    model_get(&m, "root")->value, "/x", "what follows is read");
	model_free(&m);
}

int
main(void)
{
	check_site();
	check_bad();
	check_include();
	check_code();
	return (check_end());
}

/* SPDX-License-Identifier: ISC */
/*
 * nginx.conf, as nginx reads it (src/core/ngx_conf_file.c): words, quotes,
 * blocks, includes among the given files. Pure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/model.h"
#include "probes/config/nginx.h"
#include "probes/config/reader.h"
#include "probes/config/spelling.h"

struct scan {
	const struct config_sources *sources;
	struct model *model;
	const struct scan *outer;	/* of the including file */
	int source, depth, includes;
	struct str s;
	size_t at, line_start;
	int line;
	int failed;
};

/* Directives that a configuration of this kind has; sorted. A word of these
 * at the head of a line ends the directive before it. */
static const char *const directives[] = {
	"access_log", "add_header", "alias", "allow", "auth_basic",
	"auth_basic_user_file", "autoindex", "charset",
	"client_body_buffer_size", "client_body_timeout",
	"client_header_buffer_size", "client_header_timeout",
	"client_max_body_size", "default_type", "deny", "error_log",
	"error_page", "events", "expires", "fastcgi_pass", "geo", "gzip",
	"gzip_buffers", "gzip_comp_level", "gzip_disable",
	"gzip_http_version", "gzip_min_length", "gzip_proxied",
	"gzip_static", "gzip_types", "gzip_vary", "http", "http2", "http3",
	"if",
	"include", "index", "internal", "ip_hash", "keepalive",
	"keepalive_requests", "keepalive_timeout",
	"large_client_header_buffers", "least_conn", "limit_conn",
	"limit_except", "limit_rate", "limit_req", "limit_req_zone",
	"listen", "load_module", "location", "log_format", "log_not_found",
	"map", "map_hash_bucket_size", "map_hash_max_size",
	"multi_accept", "pid", "port_in_redirect",
	"proxy_buffer_size", "proxy_buffering", "proxy_buffers",
	"proxy_cache", "proxy_connect_timeout", "proxy_hide_header",
	"proxy_http_version", "proxy_ignore_headers",
	"proxy_next_upstream", "proxy_pass", "proxy_pass_header",
	"proxy_read_timeout", "proxy_redirect", "proxy_request_buffering",
	"proxy_send_timeout", "proxy_set_header", "proxy_ssl_name",
	"proxy_ssl_server_name", "proxy_ssl_verify", "real_ip_header",
	"resolver", "resolver_timeout", "return", "rewrite", "root",
	"satisfy", "send_timeout", "sendfile", "server", "server_name",
	"server_name_in_redirect", "server_names_hash_bucket_size",
	"server_names_hash_max_size", "server_tokens", "set",
	"set_real_ip_from", "ssi", "ssi_last_modified", "ssi_types", "ssl",
	"ssl_certificate", "ssl_certificate_key", "ssl_ciphers",
	"ssl_client_certificate", "ssl_dhparam", "ssl_ecdh_curve",
	"ssl_prefer_server_ciphers", "ssl_preread", "ssl_protocols",
	"ssl_session_cache", "ssl_session_tickets", "ssl_session_timeout",
	"ssl_stapling", "ssl_stapling_verify", "ssl_trusted_certificate",
	"ssl_verify_client", "stream", "sub_filter", "sub_filter_once",
	"tcp_nodelay", "tcp_nopush", "try_files", "types",
	"types_hash_bucket_size", "types_hash_max_size",
	"underscores_in_headers", "upstream", "use", "user",
	"valid_referers", "worker_connections", "worker_processes",
	"worker_rlimit_nofile", "zone",
};
#define DIRECTIVES (sizeof(directives) / sizeof(directives[0]))

static int
known(struct str word)
{
	size_t lo = 0, hi = DIRECTIVES, mid;
	int r;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		r = str_cmp(word, str_from(directives[mid]));
		if (r == 0)
			return (1);
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return (0);
}

static int
column(const struct scan *c)
{
	return ((int)(c->at - c->line_start) + 1);
}

static int
peek(const struct scan *c)
{
	return (c->at < c->s.n ? (unsigned char)c->s.p[c->at] : -1);
}

static void
step(struct scan *c)
{
	if (peek(c) == '\n') {
		c->line++;
		c->line_start = c->at + 1;
	}
	c->at++;
}

/* Blanks, newlines and comments. */
static void
skip(struct scan *c)
{
	int ch;

	while ((ch = peek(c)) == ' ' || ch == '\t' || ch == '\r' ||
	    ch == '\n' || ch == '#') {
		if (ch == '#')
			while (peek(c) != -1 && peek(c) != '\n')
				c->at++;
		else
			step(c);
	}
}

static void
syntax(struct scan *c, int line, int col, const char *what, struct str word)
{
	if (c->failed)
		return;
	c->failed = 1;
	c->model->partial = 1;
	model_problem(c->model, "nginx-config-syntax", c->source, line, col,
	    "%s%.*s", what, STR_ARG(word));
}

/* The rest of a quoted word; the backslash protects its quote. */
static void
quoted_word(struct scan *c, struct buf *b)
{
	int quote = peek(c), line = c->line, col = column(c);

	c->at++;
	while (peek(c) != quote) {
		if (peek(c) == -1) {
			syntax(c, line, col, "a quote that is not closed",
			    str_of("", 0));
			return;
		}
		if (peek(c) == '\\' && c->at + 1 < c->s.n &&
		    (c->s.p[c->at + 1] == quote ||
		    c->s.p[c->at + 1] == '\\'))
			c->at++;
		buf_addc(b, (char)peek(c));
		step(c);
	}
	c->at++;
}

/* A bare word, up to a blank, ; or {. ${name} belongs to the word. */
static void
bare_word(struct scan *c, struct buf *b)
{
	int ch;

	while ((ch = peek(c)) != -1 &&
	    (ch == 0 || strchr(" \t\r\n;{", ch) == NULL)) {
		if (ch == '$' && c->at + 1 < c->s.n &&
		    c->s.p[c->at + 1] == '{')
			for (; peek(c) != '}' && peek(c) != -1 &&
			    peek(c) != '\n'; c->at++)
				buf_addc(b, (char)peek(c));
		if (peek(c) == '\\' && c->at + 1 < c->s.n) {
			buf_addc(b, (char)peek(c));
			step(c);
		}
		if (peek(c) == -1)
			break;
		buf_addc(b, (char)peek(c));
		step(c);
	}
}

static void parse_block(struct scan *, int parent, int braces, int open_line);

/* Files that say nothing of what is asked here. */
static int
uninteresting(struct str path)
{
	return (str_ends(path, ".types") || str_ends(path, "_params") ||
	    str_ends(path, "fastcgi.conf") ||
	    str_find(path, "modules-enabled") != SIZE_MAX ||
	    str_find(path, "/nginx/modules/") != SIZE_MAX ||
	    str_find(path, "default.d/") != SIZE_MAX ||
	    str_find(path, "/jaas/") != SIZE_MAX ||
	    str_find(path, "options-ssl") != SIZE_MAX);
}

/* Reads one included source; 0 when it is being read already. */
static int
include_source(struct scan *c, size_t i, int parent)
{
	const struct scan *outer;
	struct scan inner;

	for (outer = c; outer != NULL; outer = outer->outer)
		if (outer->source == (int)i)
			return (0);
	inner = (struct scan){ .sources = c->sources, .model = c->model,
	    .source = (int)i, .depth = c->depth,
	    .includes = c->includes + 1, .outer = c,
	    .s = c->sources->list[i].text, .line = 1 };
	model_included(c->model, i);
	parse_block(&inner, parent, 0, 0);
	return (1);
}

static void
include(struct scan *c, struct str path, int parent, int line)
{
	size_t *list = mem_zalloc(c->sources->count, sizeof(*list)), i,
	    n = sources_included(c->sources, c->source, path, list);

	for (i = 0; i < n && c->model->count < LIMIT_CONFIG_ITEMS; i++)
		if (c->includes >= LIMIT_INCLUDE_DEPTH ||
		    !include_source(c, list[i], parent)) {
			syntax(c, line, 0, "a file that includes itself: ",
			    path);
			break;
		}
	free(list);
	if (n > 0 || uninteresting(path) || (str_chr(path, '*') != SIZE_MAX &&
	    source_folder_given(c->sources, c->source, path)))
		return;
	c->model->partial = 1;
	if (str_chr(path, '*') == SIZE_MAX)
		model_problem(c->model, "config-include-not-given",
		    c->source, line, 0, "%.*s is included here, but is not "
		    "among the files given", STR_ARG(path));
}

/* An unknown name that is nearly a known one. */
static void
check_name(struct scan *c, struct str name, int line, int col)
{
	size_t i;

	if (name.n < 3 || known(name))
		return;
	for (i = 0; i < DIRECTIVES; i++) {
		if (strlen(directives[i]) < 4 || !spelling_near(name,
		    str_from(directives[i])))
			continue;
		model_problem(c->model, "nginx-config-syntax", c->source,
		    line, col, "unknown directive \"%.*s\", meant is %s",
		    STR_ARG(name), directives[i]);
		model_fix(c->model, col + (int)name.n, "%s", directives[i]);
		return;
	}
}

/* Blocks whose content is no directives. */
static int
is_data(struct str name)
{
	return (str_eqs(name, "types") || str_eqs(name, "map") ||
	    str_eqs(name, "geo") || str_eqs(name, "split_clients"));
}

/* What collecting one directive has seen so far. */
struct statement {
	struct buf args;
	char name[64];
	int words;
	int line, column;	/* of the name */
	int end_line, end_column;	/* of the last word */
	int bad;
};

/* Takes the next word of a directive. */
static void
take_word(struct scan *c, struct statement *st, int parent)
{
	size_t from, before = st->args.len;
	int quote = peek(c) == '"' || peek(c) == '\'', line = c->line,
	    col = column(c);
	struct str word;

	if (st->words > 1)
		buf_addc(&st->args, NGINX_SEP);
	from = st->args.len;
	if (quote)
		quoted_word(c, &st->args);
	else
		bare_word(c, &st->args);
	word = str_sub(buf_str(&st->args), from, st->args.len);
	if (st->words == 0) {
		st->line = line;
		st->column = col;
		if (word.n < sizeof(st->name))
			memcpy(st->name, word.p, word.n);
		if (parent == -1 || !is_data(str_from(
		    c->model->list[parent].key)))
			check_name(c, word, line, col);
		buf_clear(&st->args);
	} else if (!quote && line > st->end_line && known(word) &&
	    !is_data(str_from(st->name))) {
		syntax(c, st->end_line, st->end_column, "no semicolon at the "
		    "end of this directive, before ", word);
		model_fix(c->model, 0, "put a ; there");
		st->bad = 1;
	}
	if (st->words++ > LIMIT_NGINX_WORDS) {
		st->args.len = before;	/* read, not kept */
		st->args.data[before] = '\0';
		c->model->partial = 1;
		st->words--;
	}
	st->end_line = c->line;
	st->end_column = column(c);
}

/*
 * Over a block that holds another language (lua-nginx-module): its braces
 * balance, but for those in texts and comments.
 */
static void
skip_code(struct scan *c, int line)
{
	int depth = 1, ch, quote = 0, comment = 0;

	for (; depth > 0 && (ch = peek(c)) != -1; step(c)) {
		if (comment) {
			comment = ch != '\n';
		} else if (quote != 0) {
			if (ch == '\\')
				step(c);
			else if (ch == quote)
				quote = 0;
		} else if (ch == '"' || ch == '\'') {
			quote = ch;
		} else if (ch == '-') {
			comment = str_starts(str_sub(c->s, c->at, c->s.n),
			    "--");
		} else {
			depth += (ch == '{') - (ch == '}');
		}
	}
	if (depth > 0)
		syntax(c, line, 0, "end of file in a block of code",
		    str_of("", 0));
}

static void
finish(struct scan *c, struct statement *st, int parent, int open)
{
	struct str value = buf_str(&st->args);
	struct item *it;
	int self;

	it = model_add(c->model, str_from(st->name), value, open ?
	    ITEM_TABLE : ITEM_WORD);
	if (it == NULL) {
		c->failed = 1;
		return;
	}
	it->parent = parent;
	it->source = c->source;
	it->line = st->line;
	it->column = st->column;
	it->end_column = st->end_line == st->line ? st->end_column : 0;
	self = (int)c->model->count - 1;
	if (!open && strcmp(st->name, "include") == 0)
		include(c, value, parent, st->line);
	if (!open)
		return;
	if (str_ends(str_from(st->name), "_by_lua_block")) {
		skip_code(c, st->line);
		return;
	}
	if (++c->depth > LIMIT_CONFIG_DEPTH) {
		syntax(c, st->line, st->column, "blocks nested too deep",
		    str_of("", 0));
		return;
	}
	parse_block(c, self, 1, st->line);
	c->depth--;
}

/* One directive up to its ; or through its block. */
static void
parse_statement(struct scan *c, int parent)
{
	struct statement st = { .line = c->line, .column = column(c) };
	int ch;

	buf_init(&st.args, LIMIT_CONFIG_FILE);
	while (!c->failed) {
		skip(c);
		ch = peek(c);
		if (ch == -1 || ch == '}') {
			syntax(c, st.end_line, st.end_column, "no semicolon "
			    "at the end of ", str_from(st.name));
			break;
		}
		if (ch == ';' || ch == '{') {
			c->at++;
			if (st.words == 0) {
				syntax(c, c->line, column(c) - 1,
				    "unexpected ", str_from(ch == ';' ?
				    ";" : "{"));
				break;
			}
			finish(c, &st, parent, ch == '{');
			break;
		}
		take_word(c, &st, parent);
	}
	buf_free(&st.args);
}

static void
parse_block(struct scan *c, int parent, int braces, int open_line)
{
	char where[32];

	if (c->at == 0 && str_starts(c->s, "\xef\xbb\xbf"))
		syntax(c, 1, 1, "a byte order mark, which nginx takes for a "
		    "part of the first directive", str_of("", 0));
	while (!c->failed) {
		skip(c);
		if (peek(c) == '}' && braces) {
			c->at++;
			return;
		}
		if (peek(c) == '}') {
			syntax(c, c->line, column(c),
			    "unexpected \"}\"", str_of("", 0));
			return;
		}
		if (peek(c) == -1)
			break;
		parse_statement(c, parent);
	}
	if (braces && !c->failed) {
		snprintf(where, sizeof(where), "%d", open_line);
		syntax(c, c->line, 0, "end of file, but no \"}\" for the "
		    "block that begins in line ", str_from(where));
	}
}

void
read_nginx(const struct config_sources *s, struct model *m)
{
	struct scan c = { .sources = s, .model = m,
	    .s = s->list[0].text, .line = 1 };

	parse_block(&c, -1, 0, 0);
	if (!c.failed)
		nginx_check(m);
}

/* SPDX-License-Identifier: ISC */
/*
 * prosody.cfg.lua, run by an embedded Lua in an environment like the one
 * prosody gives it (prosody core/configmanager.lua): VirtualHost, Component,
 * Include, and every other global is an option of the host named last. What
 * only the running prosody could know (environment, files, credentials) is
 * opaque. Pure, but runs foreign code: the caller puts it into a helper child
 * with limits; an instruction count and a capped allocator are the belt
 * within.
 *
 * Keys: "HOST" (value "virtualhost", "component" or "component MODULE"),
 * "HOST/option", "HOST/option/0", "HOST/option/name"; "*" is global.
 */
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/lines.h"
#include "probes/config/model.h"
#include "probes/config/prosody.h"
#include "probes/config/reader.h"
#include "probes/config/spelling.h"

/* What one run shares; a light userdata in the registry points to it. */
struct run {
	const struct config_sources *sources;
	struct model *model;
	size_t memory;		/* bytes the state holds */
	int depth;		/* of includes */
	int forgotten;		/* options that were set anew */
	struct chunk *chunks;	/* alive until the state is closed */
};

/* The chunk being run: its source and the host named last. */
struct chunk {
	struct run *run;
	struct chunk *next;
	struct lines lines;
	int source;
	char host[LIMIT_CONFIG_KEY / 2];
};

static const char opaque_name[] = "meetprobe.opaque";

static void *
allocate(void *arg, void *old, size_t had, size_t want)
{
	struct run *r = arg;
	void *p;

	if (old == NULL)
		had = 0;
	if (want == 0) {
		r->memory -= had;
		free(old);
		return (NULL);
	}
	if (want > had && r->memory + (want - had) > LIMIT_LUA_MEMORY)
		return (NULL);
	if ((p = realloc(old, want)) == NULL)
		return (NULL);
	r->memory += want - had;
	return (p);
}

static void
too_long(lua_State *L, lua_Debug *ar)
{
	lua_sethook(L, too_long, LUA_MASKCOUNT, 1);	/* no pcall helps */
	lua_getinfo(L, "Sl", ar);
	lua_pushfstring(L, "[c]:%d: runs too long: a configuration must not "
	    "compute", ar->currentline);
	lua_error(L);
}

/* The chunk whose function is upvalue 1 of the running C function. */
static struct chunk *
chunk_of(lua_State *L)
{
	return (lua_touserdata(L, lua_upvalueindex(1)));
}

/* The line of the configuration that is being run. */
static int
current_line(lua_State *L)
{
	lua_Debug ar;
	int level;

	for (level = 1; lua_getstack(L, level, &ar); level++)
		if (lua_getinfo(L, "Sl", &ar) && ar.currentline > 0)
			return (ar.currentline);
	return (0);
}

/* An unknown value: may be indexed, called and joined, stays unknown. */
static int
opaque_push(lua_State *L)
{
	lua_newuserdatauv(L, 0, 0);
	luaL_setmetatable(L, opaque_name);
	return (1);
}

static int
opaque_get(lua_State *L)
{
	return (opaque_push(L));
}

static int
opaque_text(lua_State *L)
{
	lua_pushliteral(L, "(known only to the running prosody)");
	return (1);
}

/* Where `name` stands in a line as a word of its own; SIZE_MAX: nowhere. */
static size_t
find_word(struct str line, const char *name)
{
	size_t n = strlen(name), i, from = 0;
	int before, after;

	for (;;) {
		i = str_find(str_sub(line, from, line.n), name);
		if (i == SIZE_MAX)
			return (SIZE_MAX);
		i += from;
		before = i == 0 ? ' ' : line.p[i - 1];
		after = i + n < line.n ? line.p[i + n] : ' ';
		if (strchr(" \t\"'({,;=", before) != NULL &&
		    strchr(" \t\"'=){,;.\r", after) != NULL)
			return (i);
		from = i + n;
	}
}

/* The column of what follows the equals sign after a name. */
static int
after_equals(struct str line, size_t at)
{
	size_t eq = str_chr(str_sub(line, at, line.n), '=');

	at += eq == SIZE_MAX ? 0 : eq + 1;
	while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t'))
		at++;
	return ((int)at + 1);
}

/*
 * The place of an option: the nearest line at or above `line` that has its
 * name, and the column of what follows the equals sign.
 */
static void
place_option(const struct chunk *c, const char *name, int line,
    struct item *it)
{
	struct str l;
	size_t at;
	int n;

	it->source = c->source;
	it->line = line;
	for (n = line; n > 0 && n > line - 400; n--) {
		l = lines_get(&c->lines, n);
		at = find_word(l, name);
		if (at == SIZE_MAX || str_starts(str_trim(l), "--"))
			continue;
		it->line = n;
		it->column = after_equals(l, at);
		return;
	}
}

/* The column after a text in quotes that begins at a column; 0: none does. */
static int
end_of_text(struct str line, int column, const char *value)
{
	size_t from = (size_t)column, n = strlen(value);

	if (column < 1 || from + n >= line.n || (line.p[from - 1] != '"' &&
	    line.p[from - 1] != '\'') || !str_eq(str_sub(line, from,
	    from + n), str_from(value)) || line.p[from + n] !=
	    line.p[from - 1])
		return (0);
	return (column + (int)n + 2);
}

/* The place of a named member of the table that begins at `from`. */
static void
place_member(const struct chunk *c, const char *name, int from,
    struct item *it)
{
	struct str l;
	size_t at;
	int n;

	for (n = from; n > 0 && n < from + 400 && n <= c->lines.count; n++) {
		l = lines_get(&c->lines, n);
		at = find_word(l, name);
		if (at == SIZE_MAX || str_starts(str_trim(l), "--"))
			continue;
		it->line = n;
		it->column = after_equals(l, at);
		return;
	}
}

/*
 * The place of a table that is member N of the list that begins at `from`
 * (its key ends in /N): the brace that opens it.
 */
static void
place_table(const struct chunk *c, struct item *it, int from)
{
	struct str key = str_from(it->key), l;
	int n, depth = 0, quote = 0;
	int64_t number;
	size_t i;

	if (str_num(str_sub(key, str_rchr(key, '/') + 1, key.n), 0, 1000,
	    &number) == -1)
		return;
	for (n = from; n < from + 400 && n <= c->lines.count; n++) {
		l = lines_get(&c->lines, n);
		for (i = 0; i < l.n; i++) {
			if (quote != 0) {
				quote = l.p[i] == quote ? 0 : quote;
			} else if (l.p[i] == '"' || l.p[i] == '\'') {
				quote = l.p[i];
			} else if (l.p[i] == '-' && i + 1 < l.n &&
			    l.p[i + 1] == '-') {
				break;
			} else if (l.p[i] == '}' && --depth <= 0) {
				return;
			} else if (l.p[i] == '{' && ++depth == 2 &&
			    number-- == 0) {
				it->line = n;
				it->column = (int)i + 1;
				return;
			}
		}
	}
}

/* The place of a text inside the table that begins at `from`. */
static void
place_text(const struct chunk *c, const char *value, int from,
    struct item *it)
{
	size_t at, n = strlen(value);
	int line;
	struct str l;

	it->source = c->source;
	it->line = from;
	if (it->type == ITEM_TABLE && n == 0)
		place_table(c, it, from);
	for (line = from; n > 0 && line < from + 400 &&
	    line <= c->lines.count; line++) {
		l = lines_get(&c->lines, line);
		at = str_find(l, value);
		if (at == SIZE_MAX || at == 0 ||
		    str_starts(str_trim(l), "--"))
			continue;
		it->line = line;
		it->column = (int)at;	/* its quote */
		it->end_column = (int)(at + n) + 2;
		return;
	}
}

static void add_value(lua_State *, struct chunk *, const char *key, int line,
    int parent, int depth);

/* The members of the table on top: the list part in order, then names. */
static void
add_members(lua_State *L, struct chunk *c, const char *key, int line,
    int parent, int depth)
{
	lua_Integer i, n = (lua_Integer)lua_rawlen(L, -1);
	struct buf path;

	buf_init(&path, LIMIT_CONFIG_KEY);
	for (i = 1; i <= n && i <= LIMIT_CONFIG_ITEMS; i++) {
		buf_clear(&path);
		buf_addf(&path, "%s/%lld", key, (long long)i - 1);
		lua_rawgeti(L, -1, i);
		add_value(L, c, buf_cstr(&path), line, parent, depth);
		lua_pop(L, 1);
	}
	lua_pushnil(L);
	while (lua_next(L, -2) != 0) {
		if (lua_type(L, -2) == LUA_TSTRING) {
			buf_clear(&path);
			buf_addf(&path, "%s/%s", key, lua_tostring(L, -2));
			add_value(L, c, buf_cstr(&path), line, parent, depth);
		}
		lua_pop(L, 1);
	}
	buf_free(&path);
}

/* One value, on top of the stack, under a key. */
static void
add_value(lua_State *L, struct chunk *c, const char *key, int line,
    int parent, int depth)
{
	static const enum item_type types[] = {
		[LUA_TNIL] = ITEM_NULL, [LUA_TBOOLEAN] = ITEM_BOOL,
		[LUA_TNUMBER] = ITEM_NUMBER, [LUA_TSTRING] = ITEM_TEXT,
		[LUA_TTABLE] = ITEM_TABLE,
	};
	int type = lua_type(L, -1);
	enum item_type t = ITEM_OPAQUE;
	struct item *it;
	struct str value = str_of("", 0);
	const char *name = strrchr(key, '/');

	if (depth > 8 || strlen(key) >= LIMIT_CONFIG_KEY)
		return;
	if (type >= 0 && type <= LUA_TTABLE && type != LUA_TLIGHTUSERDATA)
		t = types[type];
	if (type == LUA_TBOOLEAN)
		value = str_from(lua_toboolean(L, -1) ? "true" : "false");
	else if (type == LUA_TNUMBER || type == LUA_TSTRING) {
		lua_pushvalue(L, -1);
		value.p = lua_tolstring(L, -1, &value.n);
		lua_pop(L, 1);
	}
	it = model_add(c->run->model, str_from(key), value, t);
	if (it == NULL)
		return;
	it->parent = parent;
	it->source = c->source;
	if (depth == 0)
		place_option(c, name + 1, line, it);
	else if (name[1] < '0' || name[1] > '9')
		place_member(c, name + 1, line, it);
	else
		place_text(c, it->value, line, it);
	if (it->line == 0)
		it->line = line;
	if (it->end_column == 0 && t == ITEM_TEXT)
		it->end_column = end_of_text(lines_get(&c->lines, it->line),
		    it->column, it->value);
	if (type == LUA_TTABLE)
		add_members(L, c, key, it->line,
		    (int)c->run->model->count - 1, depth + 1);
}

/* prosody takes http_port for http_ports too (core/portmanager.lua). */
static int
is_singular(const char *name)
{
	static const char *const services[] = { "c2s_", "http_", "https_",
	    "s2s_", "component_", "c2s_direct_tls_", "legacy_ssl_" };
	size_t i, n;

	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		n = strlen(services[i]);
		if (strncmp(name, services[i], n) == 0 &&
		    (strcmp(name + n, "port") == 0 ||
		    strcmp(name + n, "interface") == 0))
			return (1);
	}
	return (0);
}

/* An option of the current host; the value is on top. */
static void
set_option(lua_State *L, struct chunk *c, const char *name, int line)
{
	const struct item *host = model_get(c->run->model, c->host);
	struct buf key;

	buf_init(&key, LIMIT_CONFIG_KEY);
	buf_addf(&key, "%s/%s%s", c->host, name, is_singular(name) ? "s" :
	    "");
	if (!key.full && model_get(c->run->model, buf_cstr(&key)) != NULL &&
	    c->run->forgotten++ < 1000)
		model_forget(c->run->model, buf_cstr(&key));
	if (!key.full)
		add_value(L, c, buf_cstr(&key), line,
		    host == NULL ? -1 : (int)(host - c->run->model->list), 0);
	buf_free(&key);
}

/* A global is assigned: an option. */
static int
env_set(lua_State *L)
{
	struct chunk *c = chunk_of(L);

	if (lua_type(L, 2) != LUA_TSTRING)
		return (0);
	lua_pushvalue(L, 3);
	set_option(L, c, lua_tostring(L, 2), current_line(L));
	lua_pop(L, 1);
	return (0);
}

/*
 * A name that is no value without quotes: a function misspelt, or a comment
 * of another language. Pushes nil when it says so.
 */
static int
say_odd(lua_State *L, struct chunk *c, const char *name, int line)
{
	struct str meant = spelling_meant("VirtualHost Component Include",
	    str_from(name)), l = str_trim(lines_get(&c->lines, line));

	if (meant.n > 0)
		model_problem(c->run->model, "config-syntax-error", c->source,
		    line, 0, "%s is no function: meant is %.*s", name,
		    STR_ARG(meant));
	else if (str_starts(l, "//"))
		model_problem(c->run->model, "config-syntax-error", c->source,
		    line, 0, "a comment begins with -- in this file");
	else
		return (0);
	lua_pushnil(L);
	return (1);
}

/* A global that nobody defined is read: most often a value without quotes. */
static int
env_get(lua_State *L)
{
	struct chunk *c = chunk_of(L);
	const char *name = lua_type(L, 2) == LUA_TSTRING ?
	    lua_tostring(L, 2) : "";
	int line = current_line(L);
	size_t at;

	if (strncmp(name, "ENV_", 4) == 0 || strcmp(name, "Lua") == 0)
		return (opaque_push(L));
	at = find_word(lines_get(&c->lines, line), name);
	if (say_odd(L, c, name, line))
		return (1);
	model_problem(c->run->model, "config-unquoted-value", c->source,
	    line, at == SIZE_MAX ? 0 : (int)at + 1,
	    "%s is not in quotes: prosody takes it for a variable, which is "
	    "not set", name);
	model_fix(c->run->model, at == SIZE_MAX ? 0 :
	    (int)(at + strlen(name)) + 1, "\"%s\"", name);
	lua_pushnil(L);
	return (1);
}

/* { a = 1 } after VirtualHost or Component: options of that host. */
static void
set_options(lua_State *L, struct chunk *c, int table)
{
	int line = current_line(L);

	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		if (lua_type(L, -2) == LUA_TSTRING)
			set_option(L, c, lua_tostring(L, -2), line);
		lua_pop(L, 1);
	}
}

static int
host_options(lua_State *L)
{
	struct chunk *c = chunk_of(L);
	struct item *it;

	if (lua_type(L, 1) == LUA_TTABLE) {
		set_options(L, c, 1);
		memcpy(c->host, "*", 2);	/* the host ends here */
		return (0);
	}
	if (lua_type(L, 1) == LUA_TSTRING &&
	    (it = (struct item *)(uintptr_t)model_get(c->run->model,
	    c->host)) != NULL) {
		free(it->value);
		it->value = mem_printf("component %s", lua_tostring(L, 1));
	}
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushcclosure(L, host_options, 1);
	return (1);
}

static int
define_host(lua_State *L, const char *what)
{
	struct chunk *c = chunk_of(L);
	const char *name = luaL_checkstring(L, 1);
	const struct item *old = model_get(c->run->model, name);
	int line = current_line(L);
	struct item *it;

	if (strlen(name) >= sizeof(c->host) || name[0] == '\0')
		return (luaL_error(L, "not a host name"));
	memcpy(c->host, name, strlen(name) + 1);
	if (old != NULL && strncmp(old->value, what, 9) != 0) {
		model_problem(c->run->model, "config-host-defined-twice",
		    c->source, line, 0, "%s is a VirtualHost and a Component "
		    "(the other is in line %d)", name, old->line);
		return (luaL_error(L, "%s is defined twice", name));
	}
	if (old == NULL && (it = model_add(c->run->model, str_from(name),
	    str_from(what), ITEM_TABLE)) != NULL) {
		place_text(c, name, line, it);
		it->line = line;
	}
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushcclosure(L, host_options, 1);
	return (1);
}

static int
virtual_host(lua_State *L)
{
	return (define_host(L, "virtualhost"));
}

static int
component(lua_State *L)
{
	return (define_host(L, "component"));
}

static int run_chunk(lua_State *, struct run *, int source);

static int
include(lua_State *L)
{
	struct chunk *c = chunk_of(L);
	struct run *r = c->run;
	const char *path = luaL_checkstring(L, 1);
	size_t i, n, *list;

	if (r->depth >= LIMIT_INCLUDE_DEPTH)
		return (luaL_error(L, "Include: files nested too deep"));
	/* Lua's own memory: an error leaves this function */
	list = lua_newuserdatauv(L, r->sources->count * sizeof(*list), 0);
	n = sources_included(r->sources, c->source, str_from(path), list);
	for (i = 0; i < n; i++) {
		model_included(r->model, list[i]);
		r->depth++;
		run_chunk(L, r, (int)list[i]);
		r->depth--;
	}
	if (n == 0) {
		r->model->partial = 1;
		model_problem(r->model, "config-include-not-given", c->source,
		    current_line(L), 0, "%s is included here, but is not "
		    "among the files given", path);
	}
	return (0);
}

/* What the environment offers besides options. */
static const luaL_Reg own_functions[] = {
	{ "VirtualHost", virtual_host }, { "Host", virtual_host },
	{ "Component", component }, { "Include", include },
	{ NULL, NULL }
};

static const char *const opaque_functions[] = {
	"FileContents", "FileLine", "FileLines", "Credential", "Secret",
	"RunScript", "require", "dofile", "loadfile", "load", "loadstring",
	"io", "os", "package", "debug", "prosody", "coroutine",
	"collectgarbage", "setmetatable", "getmetatable", "rawset",
};

static const char *const standard[] = {
	"string", "table", "math", "pairs", "ipairs", "type", "tostring",
	"tonumber", "next", "select", "assert", "error", "pcall", "unpack",
	"_VERSION", "utf8",
};

static int
print_nothing(lua_State *L)
{
	(void)L;
	return (0);
}

/* Pushes the environment of a chunk. */
static void
push_environment(lua_State *L, struct chunk *c)
{
	size_t i;

	lua_newtable(L);			/* env */
	lua_newtable(L);			/* its metatable */
	lua_newtable(L);			/* what can be read */
	for (i = 0; i < sizeof(standard) / sizeof(standard[0]); i++) {
		lua_getglobal(L, standard[i]);
		lua_setfield(L, -2, standard[i]);
	}
	lua_pushcfunction(L, print_nothing);
	lua_setfield(L, -2, "print");
	for (i = 0; i < sizeof(opaque_functions) /
	    sizeof(opaque_functions[0]); i++) {
		opaque_push(L);
		lua_setfield(L, -2, opaque_functions[i]);
	}
	lua_pushlightuserdata(L, c);
	luaL_setfuncs(L, own_functions, 1);
	lua_newtable(L);
	lua_pushlightuserdata(L, c);
	lua_pushcclosure(L, env_get, 1);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
	lua_setfield(L, -2, "__index");
	lua_pushlightuserdata(L, c);
	lua_pushcclosure(L, env_set, 1);
	lua_setfield(L, -2, "__newindex");
	lua_setmetatable(L, -2);
}

/* Is there a problem of that id in that line already? */
static int
said(const struct model *m, int source, int line)
{
	size_t i;

	for (i = 0; i < m->problem_count; i++)
		if (m->problems[i].source == source &&
		    m->problems[i].line == line)
			return (1);
	return (0);
}

/* The last line above `line` that holds more than blanks and comments. */
static int
code_above(const struct lines *text, int line)
{
	struct str l;

	while (--line > 0) {
		l = str_trim(lines_get(text, line));
		if (l.n > 0 && !str_starts(l, "--"))
			return (line);
	}
	return (0);
}

/* Component "NAME" module, the module without quotes: Lua stumbles over the
 * line after it. */
static int
say_module(const struct chunk *c, int line)
{
	struct str l = lines_get(&c->lines, line), w = str_trim(l);

	if (!str_starts(w, "Component \"") && !str_starts(w,
	    "VirtualHost \""))
		return (0);
	w = str_sub(w, str_rchr(w, ' ') + 1, w.n);
	if (w.n == 0 || w.p[0] == '"' || w.p[w.n - 1] == '"' ||
	    w.p[0] == '{' || w.p[0] == '-')
		return (0);
	model_problem(c->run->model, "config-syntax-error", c->source, line,
	    (int)(w.p - l.p) + 1, "%.*s is not in quotes", STR_ARG(w));
	model_fix(c->run->model, (int)(w.p - l.p) + 1 + (int)w.n,
	    "\"%.*s\"", STR_ARG(w));
	return (1);
}

/* A Lua error "[string "..."]:LINE: text" as a problem of the file. */
static void
say_error(const struct chunk *c, struct str text)
{
	struct model *m = c->run->model;
	struct str message = text, rest, number;
	int source = c->source;
	size_t at = str_find(text, "]:");
	int64_t line = 0;
	int above;

	if (at != SIZE_MAX) {
		rest = str_sub(text, at + 2, text.n);
		number = str_split(&rest, ':');
		if (str_num(number, 1, INT32_MAX, &line) == 0)
			message = str_trim(rest);
	}
	if (said(m, source, (int)line))
		return;
	if (line == 1 && str_starts(c->lines.text, "\xef\xbb\xbf")) {
		model_problem(m, "config-syntax-error", source, 1, 1,
		    "a byte order mark, which prosody takes for a part of "
		    "the first word");
		model_fix(m, 0, "save the file without it");
		return;
	}
	above = code_above(&c->lines, (int)line);
	if (say_module(c, above))
		return;
	if (str_starts(message, "'}' expected (to close") && above > 0) {
		struct str l = lines_get(&c->lines, above);
		size_t end = l.n;

		while (end > 0 && strchr(" \t\r", l.p[end - 1]) != NULL)
			end--;
		model_problem(m, "config-syntax-error", source, above,
		    (int)end + 1, "no comma or semicolon between this and "
		    "line %d (%.*s)", (int)line, STR_ARG(message));
		model_fix(m, 0, "end the line with a semicolon");
		return;
	}
	model_problem(m, "config-syntax-error", source, (int)line, 0,
	    "%.*s", STR_ARG(message));
}

/* Loads and runs one source; errors become problems. */
static int
run_chunk(lua_State *L, struct run *r, int source)
{
	struct str text = r->sources->list[source].text, message;
	struct chunk *c = mem_zalloc(1, sizeof(*c));
	int top = lua_gettop(L), failed;

	c->run = r;
	c->next = r->chunks;
	r->chunks = c;
	lines_init(&c->lines, text);
	c->source = source;
	c->host[0] = '*';
	if (str_starts(text, "#!"))
		text = str_sub(text, str_chr(text, '\n'), text.n);
	failed = luaL_loadbufferx(L, text.p == NULL ? "" : text.p, text.n,
	    "=[c]", "t");
	if (!failed) {
		push_environment(L, c);
		if (lua_setupvalue(L, -2, 1) == NULL)
			lua_pop(L, 1);
		failed = lua_pcall(L, 0, 0, 0);
	}
	if (failed) {
		message.p = lua_tolstring(L, -1, &message.n);
		if (message.p == NULL)
			message = STR_LIT("an error without a text");
		say_error(c, message);
		r->model->partial = 1;
	}
	lua_settop(L, top);
	return (failed);
}

static int
protected(lua_State *L)
{
	static const luaL_Reg libraries[] = {
		{ LUA_GNAME, luaopen_base },
		{ LUA_TABLIBNAME, luaopen_table },
		{ LUA_STRLIBNAME, luaopen_string },
		{ LUA_MATHLIBNAME, luaopen_math },
		{ LUA_UTF8LIBNAME, luaopen_utf8 },
	};
	static const luaL_Reg meta[] = {
		{ "__index", opaque_get }, { "__call", opaque_get },
		{ "__concat", opaque_get }, { "__add", opaque_get },
		{ "__sub", opaque_get }, { "__mul", opaque_get },
		{ "__div", opaque_get }, { "__unm", opaque_get },
		{ "__tostring", opaque_text }, { NULL, NULL }
	};
	struct run *r = lua_touserdata(L, 1);
	size_t i;

	for (i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
		lua_pop(L, 1);
	}
	lua_getglobal(L, "table");
	lua_getfield(L, -1, "unpack");
	lua_setglobal(L, "unpack");
	luaL_newmetatable(L, opaque_name);
	luaL_setfuncs(L, meta, 0);
	lua_settop(L, 0);
	run_chunk(L, r, 0);
	return (0);
}

void
read_prosody(const struct config_sources *s, struct model *m)
{
	struct run r = { .sources = s, .model = m };
	struct chunk *c;
	lua_State *L = lua_newstate(allocate, &r);
	struct item *it;

	if (L == NULL) {
		m->partial = 1;
		return;
	}
	it = model_add(m, STR_LIT("*"), STR_LIT("global"), ITEM_TABLE);
	if (it != NULL)
		it->line = 1;
	lua_sethook(L, too_long, LUA_MASKCOUNT, LIMIT_LUA_STEPS);
	lua_pushcfunction(L, protected);
	lua_pushlightuserdata(L, &r);
	if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
		m->partial = 1;
		model_problem(m, "config-too-large", 0, 0, 0, "%s",
		    lua_tostring(L, -1) == NULL ? "not read" :
		    lua_tostring(L, -1));
	}
	lua_close(L);
	while ((c = r.chunks) != NULL) {
		r.chunks = c->next;
		lines_free(&c->lines);
		free(c);
	}
	prosody_check(m, str_find(s->list[0].name, "conf.d/") != SIZE_MAX ||
	    str_find(s->list[0].name, "conf.avail/") != SIZE_MAX);
}

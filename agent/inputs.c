/* SPDX-License-Identifier: ISC */
/*
 * Which files a run reads, and what each of them is. I/O: looks at folders
 * and at the first bytes of files whose name does not say what they are.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/conf.h"
#include "agent/inputs.h"
#include "agent/places.h"
#include "probes/config/tree.h"
#include "probes/logs/logs.h"

/* The names of configuration files; `each` may carry a host's name. */
static const struct {
	const char *name;
	int each;
} kinds[] = {
	{ "prosody.cfg.lua", 1 },
	{ "jicofo.conf", 1 },
	{ "jvb.conf", 1 },
	{ "jicofo.in.sh", 1 },
	{ "jvb.in.sh", 1 },
	{ "sip-communicator.properties", 1 },
	{ "logging.properties", 1 },
	{ "nginx.conf", 1 },
	{ "config.js", 1 },
	{ "pf.conf", 1 },
	{ "hosts", 1 },
	{ "resolv.conf", 1 },
	{ "rc.conf.local", 1 },
	{ "vm.conf", 1 },
	{ "sysctl.conf", 1 },
	{ "syslog.conf", 1 },
	{ "acme-client.conf", 1 },
	{ "turnserver.conf", 1 },
	{ ".env", 0 },
	{ "docker-compose.yml", 0 },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

void
inputs_init(struct inputs *in)
{
	memset(in, 0, sizeof(*in));
}

void
inputs_free(struct inputs *in)
{
	size_t i;

	for (i = 0; i < in->count; i++) {
		free(in->list[i].kind);
		free(in->list[i].host);
		free(in->list[i].tap);
		free(in->list[i].path);
	}
	free(in->list);
	inputs_init(in);
}

/* A new element, or NULL when LIMIT_INPUTS are there. */
static struct input *
add(struct inputs *in, enum input_type type, const char *path, int required)
{
	struct input *list, *e;

	list = mem_grow(in->list, in->count, &in->cap, sizeof(*list),
	    LIMIT_INPUTS);
	if (list == NULL)
		return (NULL);
	in->list = list;
	e = &list[in->count++];
	memset(e, 0, sizeof(*e));
	e->type = type;
	e->path = mem_strdup(path);
	e->required = required;
	return (e);
}

/* Takes the last one off. */
static void
drop(struct inputs *in)
{
	struct input *e = &in->list[--in->count];

	free(e->kind);
	free(e->host);
	free(e->tap);
	free(e->path);
}

/*
 * Splits NAME[@HOST]=FILE. A file may hold "=", so the first one counts.
 * 0, or -1 without a name or a file.
 */
static int
split(const char *value, struct str *name, struct str *host,
    const char **path)
{
	const char *eq = strchr(value, '=');

	if (eq == NULL || eq == value || eq[1] == '\0')
		return (-1);
	*host = str_of(value, (size_t)(eq - value));
	*name = str_split(host, '@');
	*path = eq + 1;
	return (name->n == 0 ? -1 : 0);
}

int
inputs_log(struct inputs *in, const char *value, const char **why)
{
	struct str name, host;
	struct input *e;
	const char *path;
	int component = COMPONENT_NONE;

	if (strchr(value, '=') == NULL) {
		(void)add(in, INPUT_LOG, value, 1);
		return (0);
	}
	*why = "expected COMPONENT[@HOST]=FILE";
	if (split(value, &name, &host, &path) == -1)
		return (-1);
	component = component_by_name(name);
	*why = "the component must be prosody, jicofo, jvb, nginx-access, "
	    "nginx-error, coturn, browser, prosodyctl, syslog or client";
	if (component <= COMPONENT_NONE)
		return (-1);
	if ((e = add(in, INPUT_LOG, path, 1)) != NULL) {
		e->component = (enum component)component;
		e->host = host.n > 0 ? mem_str(host) : NULL;
	}
	return (0);
}

int
inputs_config(struct inputs *in, const char *value, const char **why)
{
	struct str name, host;
	struct input *e;
	const char *path;

	*why = "expected KIND[@HOST]=FILE";
	if (split(value, &name, &host, &path) == -1)
		return (-1);
	if ((e = add(in, INPUT_CONFIG, path, 1)) != NULL) {
		e->kind = mem_str(name);
		e->host = host.n > 0 ? mem_str(host) : NULL;
	}
	return (0);
}

int
inputs_capture(struct inputs *in, const char *value, const char **why)
{
	static const char *const taps[] = { "bridge", "router-in",
		"router-out", "router", "client" };
	struct str file = str_from(value), tap;
	struct input *e;
	size_t i;

	*why = "expected [TAP=]FILE";
	if (value[0] == '\0')
		return (-1);
	tap = str_chr(file, '=') == SIZE_MAX ? str_of(NULL, 0) :
	    str_split(&file, '=');
	for (i = 0; i < sizeof(taps) / sizeof(taps[0]); i++)
		if (str_eqs(tap, taps[i]))
			break;
	if (i == sizeof(taps) / sizeof(taps[0])) {	/* "=" in a name */
		file = str_from(value);
		tap = str_of(NULL, 0);
	}
	if (file.n == 0)
		return (-1);
	if ((e = add(in, INPUT_CAPTURE, file.p, 1)) != NULL)
		e->tap = tap.n > 0 ? mem_str(tap) : NULL;
	return (0);
}

int
inputs_kind(const char *name, char **kind, char **host)
{
	struct str s = str_from(name);
	size_t i, n = 0;

	*kind = *host = NULL;
	for (i = 0; i < KINDS; i++) {
		n = strlen(kinds[i].name);
		if (!str_starts(s, kinds[i].name))
			continue;
		if (s.n == n || (kinds[i].each && s.p[n] == '.' &&
		    s.n > n + 1))
			break;
	}
	/* jvb2.conf is jvb.conf of jvb2; HOST-config.js the site's */
	if (i == KINDS && str_starts(s, "jvb") && str_ends(s, ".conf")) {
		*kind = mem_strdup("jvb.conf");
		*host = mem_str(str_sub(s, 0, s.n - 5));
		return (0);
	}
	if (i == KINDS && str_ends(s, "-config.js")) {
		*kind = mem_strdup("config.js");
		return (0);
	}
	if (i == KINDS)
		return (-1);
	*kind = mem_strdup(kinds[i].name);
	if (s.n > n)
		*host = mem_str(str_sub(s, n + 1, s.n));
	return (0);
}

/* 1 when it is there (perhaps unreadable), and no folder. */
static int
is_file(const char *path)
{
	struct stat st;

	return (stat(path, &st) == 0 && S_ISREG(st.st_mode));
}

/* The first bytes of a file; their number, 0 when it cannot be read. */
static size_t
sample(const char *path, char *bytes, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), n;
	gzFile file;

	if (fd == -1)
		return (0);
	/* What is not compressed passes through unchanged. */
	if ((file = gzdopen(fd, "rb")) == NULL) {
		close(fd);
		return (0);
	}
	n = gzread(file, bytes, (unsigned)size);
	gzclose(file);
	return (n > 0 ? (size_t)n : 0);
}

static int
is_capture(struct str bytes)
{
	static const unsigned char magic[][4] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xd4, 0xc3, 0xb2, 0xa1 },
		{ 0xa1, 0xb2, 0x3c, 0x4d }, { 0x4d, 0x3c, 0xb2, 0xa1 },
		{ 0x0a, 0x0d, 0x0d, 0x0a },
	};
	size_t i;

	for (i = 0; bytes.n >= 4 && i < sizeof(magic) / sizeof(magic[0]); i++)
		if (memcmp(bytes.p, magic[i], 4) == 0)
			return (1);
	return (0);
}

/* What a file is, by name, else by content. */
static void
recognise(struct inputs *in, const char *path, int required)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	char bytes[LIMIT_SAMPLE], *kind, *host;
	struct input *e;
	struct str head;
	int component;

	if ((e = add(in, INPUT_UNKNOWN, path, required)) == NULL)
		return;
	head = str_of(bytes, sample(path, bytes, sizeof(bytes)));
	if (inputs_kind(name, &kind, &host) == 0) {
		e->type = INPUT_CONFIG;
		e->kind = kind;
		e->host = host;
	} else if (is_capture(head))
		e->type = INPUT_CAPTURE;
	else if (head.n > 0 && head.p[0] == '{' &&
	    str_find(head, "meetprobe.evidence/") != SIZE_MAX)
		e->type = INPUT_EVIDENCE;
	else if ((component = logs_recognise(name, head)) != -1) {
		e->type = INPUT_LOG;
		e->component = (enum component)component;
	} else if (head.n > 0)
		e->type = INPUT_CONFIG;	/* its reader looks at the content */
}

/* Does the name speak of a log or a capture? */
static int
speaks_of_log(const struct tree_file *f)
{
	static const char *const words[] = { "log", "pcap", ".json", "access",
	    "error", "messages", "daemon", "journal", ".err" };
	const char *name = strrchr(f->name, '/');
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(name == NULL ? f->name : name, words[i]) != NULL)
			return (1);
	return (0);
}

/* The files of a folder: its configurations are one input, which their
 * reader takes apart. */
static void
add_tree(struct inputs *in, const char *path, const struct tree *t)
{
	const struct tree_file *f;
	struct input *e;
	size_t i;

	for (i = 0; i < t->count; i++) {
		f = &t->list[i];
		/* below the folder itself only what the name speaks of */
		if (tree_wants(t, f) == 2 || (f->depth > 0 &&
		    !speaks_of_log(f)))
			continue;
		recognise(in, f->path, 0);
		if (in->count == 0)
			break;
		e = &in->list[in->count - 1];
		if (strcmp(e->path, f->path) != 0)
			break;		/* no more are taken */
		if (e->type == INPUT_CONFIG || (e->type == INPUT_UNKNOWN &&
		    !speaks_of_log(f)))
			drop(in);
		else if (f->host != NULL && e->host == NULL)
			e->host = mem_strdup(f->host);
	}
	(void)add(in, INPUT_CONFIG, path, 1);
}

void
inputs_path(struct inputs *in, const char *path)
{
	struct stat st;
	struct tree t;

	if (stat(path, &st) == -1 || !S_ISDIR(st.st_mode) ||
	    tree_read(&t, path) == -1) {
		recognise(in, path, 1);
		return;
	}
	add_tree(in, path, &t);
	tree_free(&t);
}

/* 1 when a file of that path is in the list already. */
static int
has(const struct inputs *in, const char *path)
{
	size_t i;

	for (i = 0; i < in->count; i++)
		if (strcmp(in->list[i].path, path) == 0)
			return (1);
	return (0);
}

static void
from_conf(struct inputs *in, const struct conf *c)
{
	const struct conf_file *f;
	struct input *e;
	size_t i;

	for (i = 0; i < c->logs.count; i++) {
		f = &c->logs.list[i];
		if ((e = add(in, INPUT_LOG, f->path, 1)) == NULL)
			return;
		e->component = (enum component)component_by_name(
		    str_from(f->what));
		e->host = f->host == NULL ? NULL : mem_strdup(f->host);
	}
}

void
inputs_host(struct inputs *in, const struct conf *c)
{
	const struct log_place *p;
	struct input *e;

	if (c != NULL)
		from_conf(in, c);
	for (p = log_places; p->path != NULL; p++) {
		if (has(in, p->path) || !is_file(p->path))
			continue;
		if ((e = add(in, INPUT_LOG, p->path, 0)) == NULL)
			return;
		e->component = p->component;
	}
}

void
inputs_take(struct inputs *in, enum input_type type,
    enum component component, struct str kind, struct str host,
    struct str path, int required)
{
	char *name = mem_str(path);
	struct input *e = add(in, type, name, required);

	free(name);
	if (e == NULL)
		return;
	e->component = component;
	e->kind = kind.n > 0 ? mem_str(kind) : NULL;
	e->host = host.n > 0 ? mem_str(host) : NULL;
}

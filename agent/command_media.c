/* SPDX-License-Identifier: ISC */
/*
 * meetprobe media: what flows on the bridge's port, from savefiles or from
 * an interface. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/command.h"
#include "agent/media_live.h"
#include "probes/media/media.h"

/* What the command line asks for. */
struct request {
	struct media_options o;
	const char *interface;
	const char *paths[LIMIT_MEDIA_FILES];
	enum media_tap taps[LIMIT_MEDIA_FILES];
	size_t count;
};

static int
refuse(const char *what, const char *value)
{
	fprintf(stderr, "meetprobe: media: %s \"%s\"\n", what, value);
	return (-1);
}

/* "P" or "P-Q". */
static int
take_ports(struct request *r, const char *value)
{
	struct str rest = str_from(value), first = str_split(&rest, '-');
	int64_t low, high;

	if (str_num(first, 1, 65535, &low) == -1)
		return (refuse("--port takes a port or a range, not", value));
	high = low;
	if (strchr(value, '-') != NULL &&
	    str_num(rest, low, 65535, &high) == -1)
		return (refuse("--port takes a port or a range, not", value));
	r->o.port_low = (uint16_t)low;
	r->o.port_high = (uint16_t)high;
	return (0);
}

/* "[TAP=]FILE"; a name that is no tap is part of the file's name. */
static int
take_file(struct request *r, const char *value)
{
	struct str rest = str_from(value), tap;
	int t = -1;

	if (value[0] == '\0')
		return (refuse("no file after", "-r"));
	if (r->count == LIMIT_MEDIA_FILES)
		return (refuse("too many captures at", value));
	if (strchr(value, '=') != NULL) {
		tap = str_split(&rest, '=');
		t = media_tap_by_name(tap);
	}
	r->paths[r->count] = t == -1 ? value : strchr(value, '=') + 1;
	r->taps[r->count] = t == -1 ? r->o.tap : (enum media_tap)t;
	r->count++;
	return (0);
}

static int
take_tap(struct request *r, const char *value)
{
	int t = media_tap_by_name(str_from(value));

	if (t == -1)
		return (refuse("--tap takes bridge, router-in, router-out or "
		    "client, not", value));
	r->o.tap = (enum media_tap)t;
	return (0);
}

static int
take_public(struct request *r, const char *value)
{
	if (media_addr_parse(value, &r->o.public) == -1)
		return (refuse("--public takes an address, not", value));
	r->o.has_public = 1;
	return (0);
}

/* The value of option argv[*i], written "NAME VALUE" or "NAME=VALUE". */
static const char *
value_of(const char *name, int argc, char **argv, int *i)
{
	size_t n = strlen(name);

	if (strncmp(argv[*i], name, n) != 0)
		return (NULL);
	if (argv[*i][n] == '=' && n > 2)
		return (argv[*i] + n + 1);
	if (n == 2 && argv[*i][n] != '\0')
		return (argv[*i] + n);
	if (argv[*i][n] != '\0')
		return (NULL);
	return (*i + 1 < argc ? argv[++*i] : "");
}

static int
take_arguments(struct request *r, int argc, char **argv)
{
	const char *v;
	int i, bad = 0;

	for (i = 1; i < argc && !bad; i++) {
		if ((v = value_of("--port", argc, argv, &i)) != NULL)
			bad = take_ports(r, v);
		else if ((v = value_of("--public", argc, argv, &i)) != NULL)
			bad = take_public(r, v);
		else if ((v = value_of("--tap", argc, argv, &i)) != NULL)
			bad = take_tap(r, v);
		else if ((v = value_of("-r", argc, argv, &i)) != NULL)
			bad = take_file(r, v);
		else if ((v = value_of("-i", argc, argv, &i)) != NULL)
			r->interface = v;
		else if (argv[i][0] != '-' && r->count > 0)
			bad = take_file(r, argv[i]);
		else
			bad = refuse("unknown argument", argv[i]);
	}
	if (bad)
		return (-1);
	if ((r->interface == NULL) == (r->count == 0) ||
	    (r->interface != NULL && r->interface[0] == '\0'))
		return (-1);
	return (0);
}

/* One file being read. */
struct reading {
	const char *path;
	int tty;
	mono_t deadline;		/* MONO_NONE: none */
};

static const char *
show_progress(void *arg, uint64_t done, uint64_t size)
{
	const struct reading *r = arg;
	const char *path = r->path;

	if (r->deadline.ns != MONO_NONE.ns &&
	    !mono_before(mono_now(), r->deadline))
		return ("stopped at the deadline");
	if (!r->tty)
		return (NULL);
	if (size > 0)
		fprintf(stderr, "\r%.50s: %3u %%", path,
		    (unsigned int)(done * 100 / size));
	else
		fprintf(stderr, "\r%.50s: %llu MB", path,
		    (unsigned long long)(done >> 20));
	return (NULL);
}

/* Reads one file; NULL and a message when it is no capture. */
static struct media *
read_file(const struct request *r, size_t i, mono_t deadline)
{
	struct media_options o = r->o;
	struct reading reading;
	struct media *m;
	struct buf why;
	char *path = mem_strdup(r->paths[i]);

	o.tap = r->taps[i];
	o.name = path;
	reading.path = path;
	reading.tty = isatty(STDERR_FILENO);
	reading.deadline = deadline;
	m = media_new(&o);
	buf_init(&why, LIMIT_ERROR_TEXT);
	if (media_feed_file(m, path, &why, show_progress, &reading) == -1) {
		media_free(m);
		m = NULL;
	}
	if (reading.tty)
		fputs("\r\033[K", stderr);
	if (why.len > 0)
		fprintf(stderr, "meetprobe: %s: %s\n", path, buf_cstr(&why));
	buf_free(&why);
	free(path);
	return (m);
}

static int
read_files(const struct options *o, const struct request *r)
{
	struct media *list[LIMIT_MEDIA_FILES];
	struct verdicts v;
	mono_t deadline = MONO_NONE;
	size_t i, count = 0;
	int status;

	if (o->deadline_ns > 0)
		deadline = mono_add(mono_now(), o->deadline_ns);
	for (i = 0; i < r->count; i++)
		if ((list[count] = read_file(r, i, deadline)) != NULL)
			count++;
	if (count == 0)
		return (EXIT_USAGE);
	verdicts_init(&v);
	for (i = 0; i < count; i++)
		media_verdicts(list[i], 0, &v);
	if (count > 1)
		media_compare(list, count, &v);
	status = media_report(o, list, count, &v);
	verdicts_free(&v);
	for (i = 0; i < count; i++)
		media_free(list[i]);
	return (status);
}

int
command_media(const struct options *o, int argc, char **argv)
{
	struct request r = { 0 };

	if (take_arguments(&r, argc, argv) == -1)
		return (command_usage("media"));
	if (o->format != FORMAT_TEXT && o->format != FORMAT_JSON &&
	    o->format != FORMAT_SHORT) {
		fputs("meetprobe: media: prints text or json\n", stderr);
		return (EXIT_USAGE);
	}
	if (r.interface != NULL)
		return (media_live(o, &r.o, r.interface));
	return (read_files(o, &r));
}

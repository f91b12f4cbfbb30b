/* SPDX-License-Identifier: ISC */
/*
 * What every run starts from: meetprobe.conf, catalogue, site. I/O.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/command.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/report.h"
#include "agent/known.h"
#include "agent/setup.h"
#include "agent/site_find.h"

int
setup_is_address(const char *text)
{
	unsigned char raw[16];

	return (inet_pton(AF_INET, text, raw) == 1 ||
	    inet_pton(AF_INET6, text, raw) == 1);
}

/* A fixed-width number off the front of *s, followed by `after` (or any of
 * it when NUL); 0 or -1. */
static int
field(struct str *s, size_t width, const char *after, int *out)
{
	int64_t v;

	if (s->n < width || str_num(str_sub(*s, 0, width), 0, 9999, &v) == -1)
		return (-1);
	*out = (int)v;
	*s = str_sub(*s, width, s->n);
	if (*after == '\0')
		return (0);
	if (s->n == 0 || strchr(after, s->p[0]) == NULL)
		return (-1);
	*s = str_sub(*s, 1, s->n);
	return (0);
}

/* "Z", "" or +HH[:]MM: minutes east of UTC. */
static int
offset(struct str s, int *minutes)
{
	int hours, rest = 0, sign;

	*minutes = 0;
	if (s.n == 0 || str_eqs(s, "Z"))
		return (0);
	if (s.p[0] != '+' && s.p[0] != '-')
		return (-1);
	sign = s.p[0] == '-' ? -1 : 1;
	s = str_sub(s, 1, s.n);
	if (field(&s, 2, "", &hours) == -1)
		return (-1);
	if (s.n > 0 && s.p[0] == ':')
		s = str_sub(s, 1, s.n);
	if (s.n > 0 && field(&s, 2, "", &rest) == -1)
		return (-1);
	*minutes = sign * (hours * 60 + rest);
	return (s.n == 0 ? 0 : -1);
}

int
setup_iso_time(const char *text, wall_t *out)
{
	struct str s = str_from(text);
	struct civil c = { 0 };
	int minutes;

	if (field(&s, 4, "-", &c.year) == -1 ||
	    field(&s, 2, "-", &c.month) == -1 || field(&s, 2, "", &c.day) ==
	    -1 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31)
		return (-1);
	if (s.n > 0 && (s.p[0] == 'T' || s.p[0] == ' ')) {
		s = str_sub(s, 1, s.n);
		if (field(&s, 2, ":", &c.hour) == -1 ||
		    field(&s, 2, "", &c.minute) == -1)
			return (-1);
		if (s.n > 0 && s.p[0] == ':') {
			s = str_sub(s, 1, s.n);
			if (field(&s, 2, "", &c.second) == -1)
				return (-1);
		}
	}
	if (offset(s, &minutes) == -1)
		return (-1);
	*out = wall_add(wall_from_civil(&c), -minutes * 60 * US_PER_SEC);
	return (0);
}

/* Prints a list of errors to standard error; -1. */
static int
refuse(struct errlist *errors)
{
	struct buf text;

	buf_init(&text, LIMIT_CONFIG_FILE);
	errlist_print(errors, &text);
	fputs(buf_cstr(&text), stderr);
	buf_free(&text);
	return (-1);
}

void
setup_init(struct setup *s)
{
	memset(s, 0, sizeof(*s));
	conf_init(&s->conf);
	site_init(&s->site);
}

/* The catalogue; 0, or -1 with errors. */
static int
load_catalogue(struct setup *s, const struct options *o,
    struct errlist *errors)
{
	s->catalogue = catalogue_load(o->pitfalls, &known_names, 0, errors);
	return (s->catalogue == NULL ? -1 : 0);
}

int
setup_rest(struct setup *s, const struct options *o)
{
	struct errlist errors;
	int status = 0;

	errlist_init(&errors);
	if (load_catalogue(s, o, &errors) == -1)
		status = refuse(&errors);
	else
		site_find(&s->site, &s->conf);
	errlist_free(&errors);
	return (status);
}

int
setup_load(struct setup *s, const struct options *o, int offline)
{
	struct errlist errors;
	int status = 0;

	setup_init(s);
	errlist_init(&errors);
	if ((!offline || o->config != NULL) &&
	    conf_read(&s->conf, o->config, NULL, 0, &errors) == -1)
		status = refuse(&errors);
	else if (load_catalogue(s, o, &errors) == -1)
		status = refuse(&errors);
	else if (!offline)
		site_find(&s->site, &s->conf);
	errlist_free(&errors);
	return (status);
}

void
setup_free(struct setup *s)
{
	catalogue_free(s->catalogue);
	conf_free(&s->conf);
	site_free(&s->site);
}

void
setup_say_roles(const struct setup *s)
{
	if (s->site.roles == 0)
		fprintf(stderr, "meetprobe: no configuration of Jitsi was "
		    "found here and %s names no role: only the host itself "
		    "is checked\n", s->conf.file == NULL ? CONF_PATH :
		    s->conf.file);
}

void
setup_waive(const struct setup *s, struct report *report)
{
	struct check *check;
	wall_t now = wall_now();
	size_t i;

	for (i = 0; i < report->check_count; i++) {
		check = &report->checks[i].check;
		if (conf_waived(&s->conf, check->id, now) != NULL &&
		    check->state != STATE_PASS)
			check->state = STATE_WAIVED;
	}
	for (i = 0; i < report->cause_count; i++)
		if (conf_waived(&s->conf, report->causes[i].id, now) != NULL)
			report->causes[i].severity = SEVERITY_NOTE;
}

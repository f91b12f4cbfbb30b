/* SPDX-License-Identifier: ISC */
/*
 * The head of one physical line taken apart: what stands before the message,
 * in the forms of every program. One file per family of heads; all pure, and
 * every slice points into the line.
 */
#ifndef MEETPROBE_PROBES_LOGS_HEADS_H
#define MEETPROBE_PROBES_LOGS_HEADS_H

#include "agent/base/clock.h"
#include "agent/base/str.h"
#include "agent/facts/kinds.h"
#include "agent/facts/record.h"

enum head_form {
	HEAD_NONE,		/* no head: a continuation, or plain text */
	HEAD_PLAIN,		/* a wrapper's head around plain text */
	HEAD_PROSODY,
	HEAD_JITSI,
	HEAD_JUL,		/* first line of two of java.util.logging */
	HEAD_JUL_LEVEL,		/* the second: "LEVEL: message" */
	HEAD_NGINX_ERROR,
	HEAD_NGINX_ACCESS,
	HEAD_COTURN,
	HEAD_BROWSER,
	HEAD_CLIENT,
	HEAD_PROSODYCTL
};

struct head {
	enum head_form form;
	enum component component;	/* NONE when the line does not say */
	wall_t time;
	int time_guessed, has_offset;
	struct str time_text;
	enum log_level level;
	struct str host;	/* of syslog or the container */
	struct str tag;		/* program of syslog, container name */
	struct str session, logger, message;
};

/* Takes one line (without NL) apart. reference: no line is later. */
void head_read(struct str line, wall_t reference, struct head *);

/*
 * The wrappers: container prefixes, docker time stamps, CRI, syslog in its
 * forms. Takes them off the front of *line and notes what they say; 1 when
 * there was one.
 */
int head_unwrap(struct str *line, wall_t reference, struct head *);
/* The component that a program or container of this name is, or NONE. */
enum component head_component(struct str name);

/* The families. Each returns 1 when the line has its head. */
int head_prosody(struct str line, wall_t reference, struct head *);
int head_jitsi(struct str line, wall_t reference, struct head *);
int head_nginx(struct str line, wall_t reference, struct head *);
int head_coturn(struct str line, wall_t reference, struct head *);
int head_browser(struct str line, wall_t reference, struct head *);
int head_client(struct str line, wall_t reference, struct head *);

/* 1 when a line without a head continues whatever stands before it. */
int head_continues(struct str line);

/*
 * Times. Each takes its form off the front of *s and sets time, time_text,
 * time_guessed and has_offset; 0, or -1 with nothing changed.
 */
/* "Sep 16 14:35:58", "janv. 29 15:01:42", with or without a year. */
int time_month_first(struct str *s, wall_t reference, struct head *);
/* "2026-11-22T10:00:00.123456+01:00", "2026-11-22 10:00:00,123". */
int time_iso(struct str *s, struct head *);
/* "2026/11/22 10:00:00". */
int time_slashes(struct str *s, struct head *);
/* "22/Nov/2026:10:12:06 +0000". */
int time_access(struct str *s, struct head *);
/* "1122/101711.320203" of Chromium. */
int time_chromium(struct str *s, wall_t reference, struct head *);
/* "Mar 19, 2021 6:31:36 PM", "19 mars 2021 18:31:36". */
int time_jul(struct str *s, struct head *);

/* Small steps over a line. */
/* Digits off the front, between lo and hi of them; 0 or -1. */
int take_digits(struct str *s, size_t lo, size_t hi, int *value);
int take_char(struct str *s, char c);
/* 1 and taken when the slice starts with the word. */
int take_word(struct str *s, const char *word);
/* Blanks off the front; how many. */
size_t take_blanks(struct str *s);

#endif

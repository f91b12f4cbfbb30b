/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_SETUP_H
#define MEETPROBE_AGENT_SETUP_H

#include "agent/base/clock.h"
#include "agent/conf.h"
#include "agent/facts/site.h"

struct catalogue;
struct options;
struct report;

/*
 * What every run starts from: meetprobe.conf, the catalogue, and the site
 * that both and the files found on this host describe.
 */
struct setup {
	struct conf conf;
	struct site site;
	struct catalogue *catalogue;
};

/*
 * 0; or -1 with all errors printed to standard error (exit status 2).
 * offline: no file of this host is looked at but meetprobe.conf with -f.
 * setup_free is to be called in both cases.
 */
int setup_load(struct setup *, const struct options *, int offline);
void setup_free(struct setup *);
/* The parts of it, for the agent whose configuration the parent has read:
 * an empty set-up; then, with `conf` filled in, the rest. 0 or -1. */
void setup_init(struct setup *);
int setup_rest(struct setup *, const struct options *);

/* Says on standard error what this host lacks to be of any role. */
void setup_say_roles(const struct setup *);

/* Marks what meetprobe.conf waives; expired waivers count for nothing. */
void setup_waive(const struct setup *, struct report *);

/* An ISO 8601 time; without an offset it is UTC. 0 or -1. */
int setup_iso_time(const char *, wall_t *);
/* 1 when it is a numeric IPv4 or IPv6 address. */
int setup_is_address(const char *);

#endif

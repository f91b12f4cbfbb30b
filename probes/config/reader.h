/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_READER_H
#define MEETPROBE_PROBES_CONFIG_READER_H

#include "agent/base/str.h"

struct model;
struct config_sources;

/* Reads list[0] of the sources into an empty model. Never fails: what is
 * wrong is a problem of the model. */
typedef void read_fn(const struct config_sources *, struct model *);

/* One row of the table of file kinds. */
struct reader {
	const char *kind;	/* the file's own name: "jvb.conf" */
	const char *check;	/* "config.jvb-conf" */
	int isolate;		/* run in a helper child */
	read_fn *read;
};

extern const struct reader reader_table[];
extern const size_t reader_count;

/* The row of a kind, NULL when there is none. */
const struct reader *reader_find(struct str kind);
/*
 * The kind of a file from its name ("/etc/jvb/jvb.conf", "hosts.jicofo") or,
 * when the name says nothing, from its content. *host is set to the host that
 * a name such as "hosts.jicofo" says, else left alone. NULL: not known.
 */
const struct reader *reader_recognise(struct str name, struct str text,
    struct str *host);

/* Does a file given under `name` stand for the included path? By whole
 * path, or by the last part of it when either has no folder. */
int source_named(struct str name, struct str path);

read_fn read_hocon, read_prosody, read_nginx, read_config_js,
    read_properties, read_shell, read_hosts, read_resolv, read_vm_conf,
    read_sysctl, read_syslog, read_acme, read_turnserver, read_compose,
    read_keystore, read_certificate, read_commands, read_pf_conf;

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_READER_H
#define MEETPROBE_PROBES_CONFIG_READER_H

#include "agent/base/str.h"
#include "probes/config/model.h"

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

/* The kind that the name alone says; NULL: none. */
const struct reader *reader_by_name(struct str name, struct str *host);
/* Is it by its name what an editor or a package left beside ("x.bak")? */
int reader_left_over(struct str name);

/* Does a text match a pattern of * and ? ? */
int source_glob(struct str pattern, struct str text);
/*
 * How well a file given under `name` fits a path (its parts may be patterns):
 * how many folders before the file's name are the same, -1 when the file's
 * name is not.
 */
int source_agrees(struct str name, struct str path);
/*
 * The sources that an include of `path` in source `from` means, into list
 * (room for all sources); their number. A wildcard may mean several.
 */
size_t sources_included(const struct config_sources *, int from,
    struct str path, size_t *list);

/*
 * Was the folder given in which a wildcard of `path` looks? So it seems when
 * files of folders beside it are there: then it is empty.
 */
int source_folder_given(const struct config_sources *, int from,
    struct str path);

read_fn read_hocon, read_prosody, read_nginx, read_config_js,
    read_properties, read_shell, read_hosts, read_resolv, read_vm_conf,
    read_sysctl, read_syslog, read_acme, read_turnserver, read_compose,
    read_keystore, read_certificate, read_commands, read_pf_conf,
    read_unit, read_login_conf, read_packages;

#endif

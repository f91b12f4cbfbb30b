/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_SYSTEM_H
#define MEETPROBE_PROBES_PF_SYSTEM_H

#include "probes/pf/log/pflog.h"
#include "probes/pf/rule.h"

struct site;

/* Where pf's things are. */
#define PFCTL "/sbin/pfctl"
#define PF_CONF_FILE "/etc/pf.conf"
#define PF_LOG_FILE "/var/log/pflog"

/* Reads files of this host for pf_conf_read; at most LIMIT_CONFIG_FILE. */
struct pf_files pf_system_files(void);
/* Lets names that an environment lacks be asked of this host. */
void pf_system_names(struct pf_env *);
/* Interfaces, addresses and groups of this host; 0, or an errno. */
int pf_system_interfaces(struct pf_env *);
/* This host with the names of the site's hosts and those of /etc/hosts. */
void pf_system_site(struct pf_env *, const struct site *);
/*
 * An environment from a file, the rest from this host; or, with NULL, all
 * of it from this host. 0, or -1 and told in the list.
 */
int pf_system_env(struct pf_env *, const char *file, struct errlist *);
/* The names of this host's interfaces pflogN; how many. */
size_t pf_system_pflogs(char names[PF_LOG_INTERFACES][PF_LOG_NAME]);
/*
 * A whole file ("-": standard input) of at most max bytes, malloc'd; 0, or an
 * errno.
 */
int pf_system_read(const char *name, size_t max, char **text, size_t *len);

/*
 * Files that were given by name (or bundled, or sent by a peer): includes,
 * tables and loaded anchors resolve only among these. Borrowed.
 */
struct pf_given {
	const char *name;
	const char *text;
	size_t len;
};
struct pf_given_set {
	const struct pf_given *list;
	size_t count;
};
struct pf_files pf_given_files(const struct pf_given_set *);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_PF_FILTERS_H
#define MEETPROBE_PROBES_CONFIG_PF_FILTERS_H

#include "agent/base/errlist.h"
#include "agent/facts/site.h"
#include "probes/config/rules.h"
#include "probes/pf/trace/site.h"

/*
 * The packet filters of a site as its files tell them: each pf.conf with its
 * host, the addresses of the machines, and a network made up of these where
 * no file describes one: a VM has one interface, the router one to the
 * outside and those towards the VMs.
 */

/* An interface that the text of a pf.conf names. */
struct ifname {
	char name[16];
	int outer, inner;	/* how much speaks for each */
};

#define IFNAMES_MAX 24
struct ifnames {
	struct ifname list[IFNAMES_MAX];
	size_t count;
	int tap;		/* tap interfaces or their group */
	int egress;		/* the group */
};

void ifnames_find(struct ifnames *, struct str text);
/* The name of a host's only interface; NULL: none is named. *sure 0: several
 * could be it. */
const char *ifnames_only(const struct ifnames *, int *sure);
/* The same of a router's interface to the outside. */
const char *ifnames_outer(const struct ifnames *, int *sure);
/* The router's only interface towards the VMs other than that; NULL. */
const char *ifnames_inner(const struct ifnames *, const char *outer,
    int *sure);

/* Where one of the machines is. */
struct machine {
	struct pf_ip ip, ip6;
	int has, has6;
	int sure;		/* a file says so, not made up */
	struct val at;		/* which one */
};

/* One pf.conf of a site. */
#define FILTER_MISSING 16
struct filter {
	const struct config_file *file;
	const struct lint *l;
	const char *name;	/* of its host */
	roles_t roles;
	struct pf_site_host *h;
	const struct config_file *hosts;	/* of that host, or NULL */
	struct ifnames ifs;
	int refused;		/* pfctl does not load it */
	struct errlist errors;
	int unplaced;		/* which interface is which is not known */
	int inner_unplaced;	/* of the router's towards the VMs */
	/* A second host of its only role, with an address of its own. */
	int is_other;
	struct machine own;
	char *missing[FILTER_MISSING];	/* files it reads, not given */
	size_t missing_count;
	char *unknown[FILTER_MISSING];	/* names no file given knows */
	size_t unknown_count;
};

struct filters {
	const struct lint *l;
	struct site site;
	struct pf_site pf;
	struct filter list[PF_SITE_HOSTS];
	size_t count;
	struct machine machine[ROLE_COUNT];
	int router;		/* number of its filter, -1: none given */
};

/* Finds them and reads their rules. */
void filters_init(struct filters *, const struct lint *);
void filters_free(struct filters *);
/* The filter of a host of f->pf, NULL: none was given. */
const struct filter *filters_of(const struct filters *, int host);
/* Would pfctl say this whatever the files do not tell: macros of a file that
 * was not given, addresses of interfaces? */
int filters_proven(const struct filter *, const struct err *);
/* Does a text have the name as a word of its own, not as a part of one? */
int filters_mention(struct str text, const char *name);
/* The value of a macro, as the text has it, perhaps in quotes; empty: none. */
struct str filters_macro(struct str text, struct str name);
/* The name in "no IP address found for NAME", without mask and modifier;
 * empty: it says something else. */
struct str filters_unresolved(const char *message);
/* The role that a host's name means, -1: none. */
int filters_role(struct str name);
/* The file of the set that a rule's file name stands for, or the filter's. */
const struct config_file *filters_file(const struct filter *,
    const char *name);

#endif

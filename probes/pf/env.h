/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_ENV_H
#define MEETPROBE_PROBES_PF_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/map.h"
#include "agent/base/str.h"
#include "probes/pf/addr.h"
#include "probes/pf/arena.h"

struct errlist;

enum {
	PF_IF_LOOPBACK = 1,
	PF_IF_BROADCAST = 2,
	PF_IF_POINTOPOINT = 4
};

/* An address of an interface. */
struct pf_ifaddr {
	enum pf_af af;
	struct pf_ip ip, mask, broadcast, peer;
	int has_broadcast, has_peer;
	int interface;		/* index into pf_env.ifs */
	struct pf_ifaddr *next;	/* of the same interface, kernel order */
};

/* An interface; its index for scopes is its place in the list plus 1. */
struct pf_if {
	const char *name;
	int flags;		/* PF_IF_* */
	struct pf_ifaddr *addrs;
	size_t *groups;		/* indexes into pf_env.groups */
	size_t group_count;
};

struct pf_group {
	const char *name;
	size_t *members;	/* indexes into pf_env.ifs */
	size_t member_count;
};

/* An address that a name resolves to. */
struct pf_name_addr {
	enum pf_af af;
	struct pf_ip ip;
	struct pf_name_addr *next;
};

/*
 * What the environment file leaves open is asked of these, when they are
 * set: the machine itself. Each returns 0, or -1 when it does not know.
 */
struct pf_system {
	/* Appends the addresses of a host name to *list, from the arena. */
	int (*host)(const char *name, struct pf_arena *,
	    struct pf_name_addr **list);
	int (*service)(const char *name, const char *proto, int *port);
	int (*uid)(const char *name, uint32_t *);
	int (*gid)(const char *name, uint32_t *);
};

/*
 * The machine that a rule file is read for: interfaces, groups, names. Made
 * by pf_env_parse from an environment file, or by pf_env_system from the
 * machine itself.
 */
struct pf_env {
	struct pf_arena arena;
	struct pf_if *ifs;
	size_t if_count, if_cap;
	struct pf_group *groups;
	size_t group_count, group_cap;
	struct map if_index;	/* name to index + 1 */
	struct map group_index;
	struct map hosts;	/* name to struct pf_name_addr */
	struct map services;	/* "name/proto" to port + 1 */
	struct map uids, gids;	/* name to number + 1 */
	struct pf_system system;
};

void pf_env_init(struct pf_env *);
void pf_env_free(struct pf_env *);
/*
 * Reads the text of an environment file into an initialised pf_env. All
 * that is wrong is added to the list; 0, or -1 when something was.
 */
int pf_env_parse(struct pf_env *, const char *file, struct str text,
    struct errlist *);

/* Building one by hand, as pf_env_parse does; -1: too many. */
int pf_env_add_if(struct pf_env *, struct str name, int flags);
struct pf_ifaddr *pf_env_add_addr(struct pf_env *, int interface,
    enum pf_af, const struct pf_ip *, int bits);
int pf_env_add_group(struct pf_env *, struct str name);
void pf_env_add_member(struct pf_env *, int group, int interface);

/* The index of an interface or group, -1 when there is none. */
int pf_env_if(const struct pf_env *, const char *name);
int pf_env_group(const struct pf_env *, const char *name);
/* 1 when the interface is a member of the group. */
int pf_env_in_group(const struct pf_env *, int interface, const char *group);
/* The addresses of a host name, NULL when it does not resolve. */
struct pf_name_addr *pf_env_host(struct pf_env *, const char *name);
/* The port of a service name, -1 when unknown. */
int pf_env_service(const struct pf_env *, const char *name,
    const char *proto);
/* The number of a user or group of users; 0, or -1 when unknown. */
int pf_env_uid(const struct pf_env *, const char *name, uint32_t *);
int pf_env_gid(const struct pf_env *, const char *name, uint32_t *);

/*
 * The interface that a packet to this address leaves by: the longest
 * connected network, else the first member of egress with an address of
 * the family. -1: no route.
 */
int pf_env_route(const struct pf_env *, enum pf_af, const struct pf_ip *);
/* The interface that has this address itself, -1 when none has. */
int pf_env_own(const struct pf_env *, enum pf_af, const struct pf_ip *);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_TREE_H
#define MEETPROBE_PROBES_CONFIG_TREE_H

#include <stddef.h>

/*
 * The files below a folder that was named: a copy of /etc, a site's folder
 * with one folder a host, the volumes of the containers.
 */
struct tree_file {
	char *name;		/* as it is told: with the folder's name */
	char *path;		/* what to open: links are followed inside */
	char *host;		/* of whose folder it is; NULL: not said */
	int depth;		/* 0: in the folder itself */
};

struct tree {
	char *root;
	struct tree_file *list;	/* by folder and name */
	size_t count, cap;
	int is_etc;		/* it is one host's /etc (or root) */
};

/*
 * 0, or -1 when the folder cannot be read. Left out: what begins with a dot
 * (but .env), sites that are available and not enabled, the system's own
 * certificates, links that lead out of a copied tree into this host's
 * system folders.
 */
int tree_read(struct tree *, const char *root);
void tree_free(struct tree *);

/* Is it a configuration that counts? 2: the name says so; 1: the content may
 * tell, or another file include it; 0: no. */
int tree_wants(const struct tree *, const struct tree_file *);

#endif

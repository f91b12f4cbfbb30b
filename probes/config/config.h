/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_CONFIG_H
#define MEETPROBE_PROBES_CONFIG_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/base/str.h"
#include "agent/facts/kinds.h"
#include "agent/facts/version.h"
#include "probes/config/lines.h"
#include "probes/config/model.h"
#include "probes/config/reader.h"

struct buf;
struct facts;
struct findings;
struct site;

/*
 * All configuration files of all hosts of a site. In this order:
 *
 *	set = config_set_new();
 *	config_add_argument(set, "hosts@jicofo=FILE" or "DIR"); ...
 *	  or config_add_text, or config_add_host (this host's own files)
 *	config_read(set);
 *	config_lint(set, now, &findings, &facts);
 *	config_fill_site(set, &site);
 *	config_set_free(set);
 *
 * main must have child_main know the role "config" (probes/config/role.h, one
 * second of CPU, LIMIT_CONFIG_CHILD_MEMORY): Lua, JavaScript and key stores
 * are read in a helper child.
 */
struct config_file {
	char *name;		/* as named by the user */
	char *host;		/* whose; NULL: not said */
	const struct reader *reader;	/* NULL: kind not known */
	struct str text;	/* owned */
	struct lines lines;
	struct model model;
	int mode;		/* permission bits, -1: not known */
	int used;		/* read as an include of another file */
	int found;		/* in a folder; its name did not say a kind */
	enum coverage_state state;
	const char *hint;	/* why it was not read; const text, or NULL */
	/* sources[i] of the model's items: numbers of files of the set */
	size_t *sources;
	size_t source_count;
};

/* A folder that was named, and how many of its files are not in the set. */
struct config_tree {
	char *root;
	size_t others;		/* what config_is_other once it is read */
};

struct config_set {
	struct config_file *list;
	size_t count, cap;
	struct config_tree *trees;
	size_t tree_count, tree_cap;
	int read;		/* config_read was called */
	int in_process;		/* tests: no helper child */
	int local;		/* files named in them are looked at (this
				 * host's own configuration) */
	int keys;		/* private keys among these too, to compare
				 * them with their certificates */
	char *environment;	/* "NAME=VALUE" lines for HOCON, or NULL */
	/* what runs, as far as others than these files say (logs, probes,
	 * packages): which keys and options count */
	struct versions known;
};

struct config_set *config_set_new(void);
void config_set_free(struct config_set *);

/*
 * Adds one file's text (copied). kind "" recognises it from name and text;
 * host NULL: from the name, else not known. mode -1: not known. Returns the
 * number of the file, or -1 above LIMIT_CONFIG_FILES.
 */
int config_add_text(struct config_set *, const char *kind, const char *host,
    const char *name, struct str text, int mode);
/*
 * Reads a file, or the files below a directory that may be configurations
 * (probes/config/tree.h), as a command line names them: "K=FILE",
 * "K@HOST=FILE", "PATH". 0; -1 when the kind or the path is none, said in
 * *why (const). A file that cannot be read is added with its state.
 */
int config_add_argument(struct config_set *, const char *argument,
    const char **why);
/*
 * The files below a directory that may be configurations, but those that
 * `skip` says are something else (it is given what would be opened). 0; -1
 * when the directory cannot be read.
 */
int config_add_directory(struct config_set *, const char *path,
    int (*skip)(void *arg, const char *path), void *arg);
/* Adds what stands in this host's usual places; returns how many. */
int config_add_host(struct config_set *);

/*
 * Adds the certificates and key stores (and keys, when the set asks for
 * them) that files read so far name and that are not there yet; how many.
 * Only for this host's own configuration; what cannot be read is left out.
 */
int config_add_named(struct config_set *);

/* Is it an address of this host's interfaces? */
int config_local_address(struct str);

/* Runs the readers. */
void config_read(struct config_set *);
/* Is it some other file of a folder, of no kind, that no file included? It
 * counts in `others` only. */
int config_is_other(const struct config_file *);

/*
 * All rules, inside a file and across files. Findings are in the order of
 * the files; facts may be NULL. now is for expiry dates.
 */
void config_lint(const struct config_set *, wall_t now, struct findings *,
    struct facts *);

/* Fills what the site does not know yet (NULL or 0 fields). */
void config_fill_site(const struct config_set *, struct site *);

/* The first file of a kind (of a host, unless NULL); NULL: none. */
const struct config_file *config_find(const struct config_set *,
    const char *kind, const char *host);
/* The next one after `after`; NULL starts. */
const struct config_file *config_next(const struct config_set *,
    const char *kind, const struct config_file *after);

#endif

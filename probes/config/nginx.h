/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_NGINX_H
#define MEETPROBE_PROBES_CONFIG_NGINX_H

#include <stddef.h>

#include "agent/base/str.h"

struct item;
struct model;

/*
 * The model of nginx.conf: one item a directive, key its name, value its
 * arguments with NGINX_SEP between, parent the enclosing block.
 */
#define NGINX_SEP '\037'

/* Argument n of a directive, from 0; empty when there is none. */
struct str nginx_arg(const struct item *, size_t n);
/* The next directive of that name directly in a block (-1: the file's top
 * level), after `after` (NULL: from the start); NULL: none. */
const struct item *nginx_next(const struct model *, int block,
    const char *name, const struct item *after);
/* The directive in the block or, when it has none, in those around it. */
const struct item *nginx_inherited(const struct model *, int block,
    const char *name);
/* Number of an item of the model. */
int nginx_index(const struct model *, const struct item *);
/* Port of a listen directive; 80 when only an address is given, 0 for a
 * socket in the file system. */
int nginx_listen_port(const struct item *);
/*
 * The server block that answers for a host name on a port with or without
 * TLS: by server_name, else the default one; NULL when none listens there.
 * Port 0: on whatever port, by name only; one with TLS first.
 */
const struct item *nginx_server(const struct model *, struct str host,
    int port);
/* The location of a server that nginx picks for a path (without query):
 * exact, then the longest prefix, regular expressions in order. */
const struct item *nginx_location(const struct model *,
    const struct item *server, struct str path);
/* The value that a proxied request carries in a header; NULL: not set. */
const struct item *nginx_header(const struct model *, int block,
    const char *header);

/* Is the pattern of a location an expression that compiles? */
int nginx_compiles(struct str pattern);
/* Says what nginx refuses besides its grammar. */
void nginx_check(struct model *);

#endif

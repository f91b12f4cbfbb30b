/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_WEB_H
#define MEETPROBE_PROBES_CONFIG_WEB_H

#include "agent/base/str.h"
#include "probes/config/rules.h"

/* scheme://host:port/path; parts that are not there are empty. */
struct url {
	struct str scheme, host, port, path;
};

void url_split(struct str, struct url *);
/* The port, or the scheme's default; 0 when it is a variable. */
int url_port(const struct url *);

/* A directive as a place. */
struct val web_val(const struct lint *, const struct item *);
/* The server block of the site; NULL: none listens. */
const struct item *web_server(const struct lint *);
/* Where a proxy_pass goes, through an upstream block. */
void web_target(const struct lint *, const struct item *pass, struct url *);
/* The proxy_pass of the page itself: another web server has the site, and
 * this one only passes on to it; NULL: it serves the page. */
const struct item *web_passed_on(const struct lint *,
    const struct item *server);
/* The rules of host, Host header and path, for the location of prosody's
 * websocket. */
void web_check_websocket(struct lint *, const struct item *pass,
    struct str asked);
/* Does some server of nginx listen on the port? */
int web_listens(const struct lint *, struct str port);
/* proxy_pass with a variable and a name needs a resolver. */
void web_check_resolver(struct lint *, const struct item *pass);

#endif

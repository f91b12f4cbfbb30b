/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_LOGIN_H
#define MEETPROBE_PROBES_LOGIN_H

#include "agent/base/str.h"

/*
 * The role "login": a login by libstrophe, which blocks, in a helper child.
 * Never presence or roster; TLS is mandatory and the certificate must be the
 * one named.
 *
 * Request, a line each: numeric address, port, user (empty: a guest, who has
 * no secret and logs in without TLS, as the guests' virtual host has no
 * certificate), domain, password, SHA-256 fingerprint of the certificate,
 * then any number of "info JID" and
 * "items JID": what is asked by service discovery after the login.
 *
 * Answer, a line each, tabs between:
 *	result	ok | not-authorized | no-mechanism | tls | stream-error |
 *		closed | error	TEXT
 *	log	TEXT (what the library said, secrets never)
 *	info JID	ok | CONDITION	"category/type" and
 *		"occupants=N", blanks between
 *	items JID	ok | CONDITION	nicks or node names, blanks between
 */
#define LOGIN_ROLE "login"
int login_role(struct str request, int sock);

#endif

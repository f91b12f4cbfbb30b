/* SPDX-License-Identifier: ISC */
/*
 * Where the packages of OpenBSD and Debian put logs, and where the talk's
 * set-up has syslogd write. Pure; one const table.
 */
#include <stddef.h>

#include "agent/places.h"

#define LOG(path, component) { path, COMPONENT_##component }

const struct log_place log_places[] = {
	LOG("/var/prosody/prosody.log", PROSODY),
	LOG("/var/prosody/prosody.err", PROSODY),
	LOG("/var/log/prosody/prosody.log", PROSODY),
	LOG("/var/log/prosody/prosody.err", PROSODY),
	LOG("/var/log/jicofo", JICOFO),
	LOG("/var/log/jicofo.log", JICOFO),
	LOG("/var/log/jitsi/jicofo.log", JICOFO),
	LOG("/var/log/jvb", JVB),
	LOG("/var/log/jvb.log", JVB),
	LOG("/var/log/jitsi/jvb.log", JVB),
	LOG("/var/www/logs/error.log", NGINX_ERROR),
	LOG("/var/www/logs/access.log", NGINX_ACCESS),
	LOG("/var/log/nginx/error.log", NGINX_ERROR),
	LOG("/var/log/nginx/access.log", NGINX_ACCESS),
	LOG("/var/log/turnserver.log", COTURN),
	LOG("/var/log/turnserver/turnserver.log", COTURN),
	LOG("/var/log/coturn/turnserver.log", COTURN),
	{ NULL, COMPONENT_NONE }
};

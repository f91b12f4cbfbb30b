/* SPDX-License-Identifier: ISC */
/*
 * Where the packages of OpenBSD and Debian put configurations and logs, and
 * where the talk's set-up has syslogd write. Pure; one const table.
 */
#include <stddef.h>

#include "agent/places.h"

#define LOG(path, component) { path, NULL, COMPONENT_##component }
#define CONFIG(path, kind) { path, kind, COMPONENT_NONE }

const struct place_of_file places[] = {
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
	CONFIG("/etc/prosody/prosody.cfg.lua", "prosody.cfg.lua"),
	CONFIG("/etc/jicofo/jicofo.conf", "jicofo.conf"),
	CONFIG("/etc/jitsi/jicofo/jicofo.conf", "jicofo.conf"),
	CONFIG("/etc/jicofo/jicofo.in.sh", "jicofo.in.sh"),
	CONFIG("/etc/jicofo/logging.properties", "logging.properties"),
	CONFIG("/etc/jvb/jvb.conf", "jvb.conf"),
	CONFIG("/etc/jitsi/videobridge/jvb.conf", "jvb.conf"),
	CONFIG("/etc/jvb/jvb.in.sh", "jvb.in.sh"),
	CONFIG("/etc/jvb/sip-communicator.properties",
	    "sip-communicator.properties"),
	CONFIG("/etc/jitsi/videobridge/sip-communicator.properties",
	    "sip-communicator.properties"),
	CONFIG("/etc/jvb/logging.properties", "logging.properties"),
	CONFIG("/etc/nginx/nginx.conf", "nginx.conf"),
	CONFIG("/var/www/jitsi-meet/config.js", "config.js"),
	CONFIG("/usr/share/jitsi-meet/config.js", "config.js"),
	CONFIG("/etc/pf.conf", "pf.conf"),
	CONFIG("/etc/hosts", "hosts"),
	CONFIG("/etc/resolv.conf", "resolv.conf"),
	CONFIG("/etc/rc.conf.local", "rc.conf.local"),
	CONFIG("/etc/vm.conf", "vm.conf"),
	CONFIG("/etc/sysctl.conf", "sysctl.conf"),
	CONFIG("/etc/syslog.conf", "syslog.conf"),
	CONFIG("/etc/acme-client.conf", "acme-client.conf"),
	CONFIG("/etc/turnserver.conf", "turnserver.conf"),
	{ NULL, NULL, COMPONENT_NONE }
};

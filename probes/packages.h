/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PACKAGES_H
#define MEETPROBE_PROBES_PACKAGES_H

#include "agent/base/str.h"
#include "agent/facts/version.h"

/*
 * Versions of the site's programs as this host's package database has them:
 * names of folders in /var/db/pkg (OpenBSD), /var/lib/dpkg/status (Debian);
 * and the number that jitsi-meet's index.html puts behind its scripts. Below
 * a folder root, "" for the host itself. Nothing is run.
 */
void packages_find(struct versions *, const char *root);

/* A package name of OpenBSD, "jitsi-videobridge-2.0.9646p0". Pure. */
void packages_openbsd(struct versions *, struct str name);
/* The text of dpkg's status file. Pure. */
void packages_dpkg(struct versions *, struct str text);
/* What dpkg -l, pkg_info or the status file of dpkg print. Pure. */
void packages_list(struct versions *, struct str text);
/* A page of jitsi-meet: "lib-jitsi-meet.min.js?v=6447". Pure. */
void packages_page(struct versions *, struct str text);
/* The version in the name of a jar that a process was started with,
 * "jitsi-videobridge-2.3-105-ga6d99f8e.jar". Pure. */
void packages_arguments(struct versions *, enum product,
    struct str arguments);

#endif

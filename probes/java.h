/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_JAVA_H
#define MEETPROBE_PROBES_JAVA_H

#include <stddef.h>

#include "agent/base/str.h"
#include "agent/compat/host.h"

/* A Java of this host, and what of it a service uses; texts are printable. */
struct java {
	char home[256];		/* "/usr/local/jdk-17", no links in it */
	char version[64];	/* "17.0.15"; "" when not known */
	char vendor[64];	/* IMPLEMENTOR of its release file, or "" */
	char store[256];	/* the trust store: as the process was told,
				 * else the JDK's own; "" when none is there */
	int told;		/* the store was named on the command line */
};

/* The value of -DNAME=VALUE (name "javax.net.ssl.trustStore") or of another
 * option that begins so ("-Xmx") among a command's arguments; the last one
 * counts. Empty when it is not there. Pure. */
struct str java_property(struct str arguments, const char *name);
struct str java_option(struct str arguments, const char *start);

/*
 * The version that the path of a JDK says: "/usr/lib/jvm/java-11-openjdk",
 * "/usr/local/jdk-17", "/opt/jdk8u292-b10". Empty when it says none. Pure.
 */
struct str java_path_version(struct str path);

/* Reads JAVA_VERSION and IMPLEMENTOR of the text of a release file. Pure. */
void java_read_release(struct java *, struct str text);

/*
 * The Java below a folder: links resolved, its release file read, else the
 * version that the path says; its own trust store. 0, or -1 when there is no
 * bin/java.
 */
int java_of_home(const char *home, struct java *);
/* The Java that a program is: "/usr/bin/java", links resolved. */
int java_of_program(const char *path, struct java *);
/* The Java that a process runs, as far as this user may see it. */
int java_of_process(const struct process *, struct java *);
/* The one that a start script without a path would find. */
int java_of_system(struct java *);
/*
 * OpenBSD: the JDK that a package was installed with, as javaPathHelper finds
 * it when nothing else is said: by the package's +REQUIRING. Below a folder
 * root, "" for the host itself.
 */
int java_of_package(const char *root, const char *package, struct java *);
/* All in the usual places of OpenBSD, Debian and containers, each once; how
 * many, at most max. */
size_t java_installed(struct java *, size_t max);

#endif

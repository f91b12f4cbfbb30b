/* SPDX-License-Identifier: ISC */
/*
 * Which JDK a service runs, as its start script finds it: JAVA_HOME where
 * that counts, the PATH of a unit, the release file of the JDK; and whether
 * the certificate goes into that JDK's store. Pure but for looking at the JDK
 * itself, when the files are this host's own.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/rules.h"
#include "probes/java.h"

static const struct {
	const char *kind, *host, *unit, *store;
} scripts[] = {
	{ "jicofo.in.sh", "jicofo", "jicofo.service", "JICOFO_TRUSTSTORE" },
	{ "jvb.in.sh", "jvb", "jitsi-videobridge2.service",
	    "JVB_TRUSTSTORE" },
};

/*
 * The file "release" of a JDK: of that home, perhaps in a copied tree; else
 * the only one given, unless its path says that it is another JDK's.
 */
static const struct config_file *
release_file(const struct lint *l, struct str home, const char *host)
{
	const struct config_file *f = NULL, *only = NULL;
	char *path = mem_printf("%.*s/release", STR_ARG(home));
	size_t n = 0;

	while ((f = config_next(l->set, "release", f)) != NULL) {
		if (f->host != NULL && strcmp(f->host, host) != 0)
			continue;
		if (home.n > 0 && str_ends(str_from(f->name), path))
			break;
		if (home.n > 0 && java_path_version(str_from(f->name)).n > 0)
			continue;
		only = f;
		n++;
	}
	free(path);
	return (f != NULL ? f : n == 1 ? only : NULL);
}

/* Is the value of a shell file handed to the programs that it starts? */
static int
is_exported(const struct config_file *f, const struct item *it)
{
	char *later = mem_printf("export %s", it->key);
	int exported = str_starts(str_trim(lines_get(&f->lines, it->line)),
	    "export ") || str_find(f->text, later) != SIZE_MAX;

	free(later);
	return (exported);
}

/* Debian's files of variables: the start script runs the java of PATH. */
static int
is_debian(const struct config_file *f)
{
	struct str name = str_from(f->name);

	return (str_ends(name, "/jicofo/config") ||
	    str_ends(name, "/videobridge/config"));
}

/*
 * JAVA_HOME of a start script that does not get where it is read: OpenBSD's
 * scripts ask javaPathHelper, which sees exported variables only; Debian's
 * look for java along PATH. NULL: it counts.
 */
static const char *
home_ignored(const struct lint *l, struct val v)
{
	if (is_debian(v.f))
		return ("the start script runs the java of PATH and does not "
		    "look at JAVA_HOME");
	if ((is_openbsd(l) || str_starts(val_str(v), "/usr/local/jdk-")) &&
	    !is_exported(v.f, v.it))
		return ("it is not exported: javaPathHelper does not see it, "
		    "and takes the JDK that the package was installed with");
	return (NULL);
}

/* The first folder of a PATH in which a JDK lies, as its home. */
static struct str
path_home(struct str path)
{
	struct str dir;

	while (path.n > 0) {
		dir = str_split(&path, ':');
		if (str_ends(dir, "/bin") && java_path_version(dir).n > 0)
			return (str_sub(dir, 0, dir.n - strlen("/bin")));
	}
	return (str_of("", 0));
}

/* What decides on a component's Java, and the home that it names. */
static struct val
java_home(const struct lint *l, size_t which, struct str *home)
{
	const struct config_file *f = config_find(l->set,
	    scripts[which].kind, NULL);
	struct val v = val_of(f, "JAVACMD"), unit;

	*home = val_str(v);
	if (str_ends(*home, "/bin/java"))
		home->n -= strlen("/bin/java");
	if (home->n == 0) {
		v = val_of(f, "JAVA_HOME");
		*home = val_str(v);
	}
	if (home->n > 0 && home_ignored(l, v) == NULL)
		return (v);
	v = NOWHERE;
	*home = str_of("", 0);
	f = NULL;	/* of a unit and its drop-ins the last one counts */
	while ((f = config_next(l->set, scripts[which].unit, f)) != NULL) {
		unit = val_of(f, "Environment/PATH");
		if (path_home(val_str(unit)).n == 0)
			continue;
		v = unit;
		*home = path_home(val_str(unit));
	}
	return (v);
}

/* JAVA_HOME where it has no effect. */
static void
check_home(struct lint *l, size_t which)
{
	const struct config_file *f = NULL;
	const char *why;
	struct val v;

	while ((f = config_next(l->set, scripts[which].kind, f)) != NULL) {
		v = val_of(f, "JAVA_HOME");
		why = val_str(v).n == 0 ? NULL : home_ignored(l, v);
		if (why != NULL)
			lint_say(l, "java-home-ignored", v, NOWHERE,
			    is_debian(f) ? "PATH, or update-alternatives "
			    "--config java" : "export JAVA_HOME=...",
			    "JAVA_HOME=%s has no effect: %s", v.it->value,
			    why);
	}
	while ((f = config_next(l->set, scripts[which].unit, f)) != NULL) {
		v = val_of(f, "Environment/JAVA_HOME");
		if (val_is(v) && str_find(f->text, "$JAVA_HOME") == SIZE_MAX &&
		    str_find(f->text, "${JAVA_HOME") == SIZE_MAX)
			lint_say(l, "java-home-ignored", v, NOWHERE,
			    "Environment=PATH=JDK/bin:...", "JAVA_HOME=%s has "
			    "no effect: the start script runs the java of "
			    "PATH", v.it->value);
	}
}

struct lint_java
lint_java(const struct lint *l, int which)
{
	struct lint_java out = { .at = NOWHERE };
	const struct config_file *f;
	const struct version_known *k;
	struct str home, version = { NULL, 0 };
	struct java j;
	char *path;
	size_t i, n = 0;

	memset(&j, 0, sizeof(j));
	out.at = java_home(l, (size_t)which, &home);
	if (home.n < sizeof(out.home))
		memcpy(out.home, home.p == NULL ? "" : home.p, home.n);
	f = release_file(l, home, scripts[which].host);
	if (f != NULL) {
		version = val_str(val_of(f, "JAVA_VERSION"));
		if (!val_is(out.at))
			out.at = val_of(f, "JAVA_VERSION");
	} else if (home.n > 0) {
		path = mem_str(home);
		if (l->set->local && java_of_home(path, &j) == 0)
			version = str_from(j.version);
		else
			version = java_path_version(home);
		free(path);
	}
	/* what logs and probes say, when they say one thing */
	for (i = 0; version.n == 0 && i < l->known.count; i++) {
		k = &l->known.list[i];
		n += k->product == PRODUCT_JAVA;
	}
	k = versions_first(&l->known, PRODUCT_JAVA);
	if (version.n == 0 && n == 1)
		version = str_from(k->text);
	if (version.n >= sizeof(out.version))
		version.n = 0;
	if (version.n > 0)
		memcpy(out.version, version.p, version.n);
	return (out);
}

/* The home of the JDK whose own store a path is; empty: it is none's. */
static struct str
home_of_store(struct str path)
{
	static const char *const ends[] = { "/jre/lib/security/cacerts",
	    "/lib/security/cacerts", "/lib/security/jssecacerts" };
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_ends(path, ends[i]))
			return (str_sub(path, 0, path.n - strlen(ends[i])));
	return (str_of("", 0));
}

/* Is the store the one that a JDK reads when it is told none? Debian's own
 * JDKs (java-17-openjdk-amd64) share the system's. */
static int
reads_store(struct str home, struct str path)
{
	struct str name = str_sub(home, str_rchr(home, '/') + 1, home.n);

	if (str_eqs(path, "/etc/ssl/certs/java/cacerts"))
		return (str_starts(name, "java-"));
	return (str_eq(home_of_store(path), home));
}

/*
 * A service that is told no store reads that of its Java: do the commands
 * that were noted import into that one, or into another JDK's?
 */
static void
check_imports(struct lint *l, size_t which)
{
	struct lint_java java = lint_java(l, (int)which);
	const struct config_file *f = NULL;
	struct val wrong = NOWHERE;
	const struct item *it;
	struct str path;
	size_t i;

	if (java.home[0] == '\0' || is_openbsd(l) || val_is(val_of(
	    config_find(l->set, scripts[which].kind, NULL),
	    scripts[which].store)))
		return;
	while ((f = config_next(l->set, "commands", f)) != NULL)
		for (i = 0; i < f->model.count; i++) {
			it = &f->model.list[i];
			if (strncmp(it->key, "keystore/", 9) != 0)
				continue;
			path = str_from(it->key + 9);
			if (reads_store(str_from(java.home), path))
				return;
			if (home_of_store(path).n > 0 || str_eqs(path,
			    "/etc/ssl/certs/java/cacerts"))
				wrong = (struct val){ f, it };
		}
	if (!val_is(wrong))
		return;
	lint_say(l, "truststore-of-other-java", wrong, java.at, NULL,
	    "the certificate goes into %s, and %s runs the Java of %s, which "
	    "does not read it", wrong.it->key + 9, scripts[which].host,
	    java.home);
	lint_capture(l, "store", str_from(wrong.it->key + 9));
}

void
rules_jdk(struct lint *l)
{
	size_t i;

	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		check_home(l, i);
		check_imports(l, i);
	}
}

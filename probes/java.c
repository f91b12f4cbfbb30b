/* SPDX-License-Identifier: ISC */
/*
 * Which Java there is, and which one a process runs. I/O: reads links and the
 * small text "release" of a JDK; starts nothing.
 *
 * A JDK's trust store is, after jdk documentation "JSSE Reference Guide", the
 * file of -Djavax.net.ssl.trustStore, else lib/security/jssecacerts, else
 * lib/security/cacerts (of Java 8: below jre).
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/java.h"

struct str
java_option(struct str arguments, const char *start)
{
	struct str word, found = str_of("", 0);

	while (arguments.n > 0) {
		word = str_word(&arguments);
		if (word.n == 0)
			break;
		if (str_starts(word, start))
			found = str_sub(word, strlen(start), word.n);
	}
	return (found);
}

struct str
java_property(struct str arguments, const char *name)
{
	char start[128];

	snprintf(start, sizeof(start), "-D%s=", name);
	return (java_option(arguments, start));
}

/* Where the number begins that stands behind a word such as "jdk-". */
static size_t
behind_word(struct str name)
{
	static const char *const words[] = { "openjdk-", "temurin-", "jdk-",
	    "jre-", "java-", "zulu-", "corretto-", "jdk", "jre" };
	size_t i, at;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		at = str_find(name, words[i]);
		if (at == SIZE_MAX)
			continue;
		at += strlen(words[i]);
		if (at < name.n && name.p[at] >= '0' && name.p[at] <= '9')
			return (at);
	}
	return (SIZE_MAX);
}

struct str
java_path_version(struct str path)
{
	struct str name, found = str_of("", 0);
	size_t at, end;

	/* of several folders with such a name the JDK is the last */
	while (path.n > 0) {
		name = str_split(&path, '/');
		at = behind_word(name);
		if (at == SIZE_MAX)
			continue;
		for (end = at; end < name.n && strchr("0123456789._u",
		    name.p[end]) != NULL; end++)
			;
		found = str_sub(name, at, end);
	}
	return (found);
}

/* A text that any user's process may have made up, as it can be shown: "?"
 * for what is no printable UTF-8. */
static void
copy(char *out, size_t size, struct str s)
{
	size_t i, n;

	if (s.n >= size)
		s.n = size - 1;
	if (s.n > 0)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	for (i = 0; i < s.n; i += n)
		if ((n = str_utf8_len(str_of(out, s.n), i)) == 0) {
			out[i] = '?';
			n = 1;
		}
}

/* KEY="VALUE" of a line; 1 when it is that key. */
static int
is_key(struct str line, const char *key, struct str *value)
{
	if (!str_starts(line, key))
		return (0);
	*value = str_trim(str_sub(line, strlen(key), line.n));
	if (value->n >= 2 && value->p[0] == '"' &&
	    value->p[value->n - 1] == '"')
		*value = str_sub(*value, 1, value->n - 1);
	return (1);
}

void
java_read_release(struct java *j, struct str text)
{
	struct str line, value;

	while (text.n > 0) {
		line = str_trim(str_split(&text, '\n'));
		if (is_key(line, "JAVA_VERSION=", &value))
			copy(j->version, sizeof(j->version), value);
		else if (is_key(line, "IMPLEMENTOR=", &value))
			copy(j->vendor, sizeof(j->vendor), value);
	}
}

/* The text of HOME/release, at most size bytes; empty when there is none. */
static struct str
release_of(const char *home, char *text, size_t size)
{
	char path[PATH_MAX];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/release", home);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return (str_of("", 0));
	n = read(fd, text, size);
	close(fd);
	return (str_of(text, n < 0 ? 0 : (size_t)n));
}

/* The JDK's own trust store, links resolved. */
static void
own_store(struct java *j)
{
	static const char *const places[] = { "lib/security/jssecacerts",
	    "lib/security/cacerts", "jre/lib/security/jssecacerts",
	    "jre/lib/security/cacerts" };
	char path[PATH_MAX], *real;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", j->home, places[i]);
		if ((real = realpath(path, NULL)) == NULL)
			continue;
		copy(j->store, sizeof(j->store), str_from(real));
		free(real);
		return;
	}
}

int
java_of_home(const char *home, struct java *j)
{
	char path[PATH_MAX], text[8192], *real;

	memset(j, 0, sizeof(*j));
	snprintf(path, sizeof(path), "%s/bin/java", home);
	if (access(path, F_OK) == -1 || (real = realpath(home, NULL)) == NULL)
		return (-1);
	copy(j->home, sizeof(j->home), str_from(real));
	free(real);
	java_read_release(j, release_of(j->home, text, sizeof(text)));
	if (j->version[0] == '\0')
		copy(j->version, sizeof(j->version),
		    java_path_version(str_from(j->home)));
	own_store(j);
	return (0);
}

int
java_of_program(const char *program, struct java *j)
{
	char *real = realpath(program, NULL);
	struct str home;
	int r = -1;

	memset(j, 0, sizeof(*j));
	if (real == NULL)
		return (-1);
	home = str_from(real);
	if (str_ends(home, "/bin/java")) {
		home.n -= strlen("/bin/java");
		if (str_ends(home, "/jre"))	/* Java 8 in its JDK */
			home.n -= strlen("/jre");
		real[home.n] = '\0';
		r = java_of_home(real, j);
		if (r == -1) {
			memcpy(real + home.n, "/jre", 5);
			r = java_of_home(real, j);
		}
	}
	free(real);
	return (r);
}

int
java_of_system(struct java *j)
{
	static const char *const places[] = { "/usr/local/bin/java",
	    "/usr/bin/java", "/opt/java/openjdk/bin/java" };
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (java_of_program(places[i], j) == 0)
			return (0);
	return (-1);
}

/* "jdk-11.0.20.8.1p0v0" of a list of packages: "11"; 1.8.0 comes first. */
static struct str
required_jdk(struct str list)
{
	static const char *const order[] = { "jdk-1.8.0", "jdk-11",
	    "jdk-16", "jdk-17", "jdk-" };
	size_t i, at, end;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		at = str_find(list, order[i]);
		if (at == SIZE_MAX)
			continue;
		at += strlen("jdk-");
		if (i == 0)
			return (STR_LIT("1.8.0"));
		for (end = at; end < list.n && list.p[end] >= '0' &&
		    list.p[end] <= '9'; end++)
			;
		return (str_sub(list, at, end));
	}
	return (str_of("", 0));
}

int
java_of_package(const char *root, const char *package, struct java *j)
{
	char path[PATH_MAX], text[8192];
	struct str jdk;
	glob_t found;
	ssize_t n = -1;
	int fd;

	memset(j, 0, sizeof(*j));
	snprintf(path, sizeof(path), "%s/var/db/pkg/%s-[0-9]*/+REQUIRING",
	    root, package);
	if (glob(path, 0, NULL, &found) != 0)
		return (-1);
	fd = open(found.gl_pathv[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	globfree(&found);
	if (fd == -1)
		return (-1);
	n = read(fd, text, sizeof(text));
	close(fd);
	jdk = required_jdk(str_of(text, n < 0 ? 0 : (size_t)n));
	if (jdk.n == 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/usr/local/jdk-%.*s", root,
	    STR_ARG(jdk));
	return (java_of_home(path, j));
}

int
java_of_process(const struct process *p, struct java *j)
{
	struct str arguments = str_from(p->arguments), store, first;
	char path[PATH_MAX];
	int r = -1;

	memset(j, 0, sizeof(*j));
	if (sys_process_program(p->pid, path, sizeof(path)) == 0)
		r = java_of_program(path, j);
	if (r == -1) {
		first = str_word(&arguments);
		copy(path, sizeof(path), first);
		if (first.n > 0 && first.p[0] == '/')
			r = java_of_program(path, j);
		else if (str_eqs(first, "java"))
			r = java_of_system(j);
	}
	if (r == -1)
		return (-1);
	store = java_property(str_from(p->arguments),
	    "javax.net.ssl.trustStore");
	if (store.n > 0) {
		copy(j->store, sizeof(j->store), store);
		j->told = 1;
	}
	return (0);
}

static int
is_new(const struct java *list, size_t count, const struct java *j)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(list[i].home, j->home) == 0)
			return (0);
	return (1);
}

size_t
java_installed(struct java *list, size_t max)
{
	static const char *const places[] = { "/usr/local/jdk-*",
	    "/usr/local/jre-*", "/usr/lib/jvm/*", "/opt/java/*",
	    "/opt/jdk*", "/usr/local/openjdk*" };
	size_t i, k, n = 0;
	glob_t found;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (glob(places[i], 0, NULL, &found) != 0)
			continue;
		for (k = 0; k < found.gl_pathc && n < max; k++)
			if (java_of_home(found.gl_pathv[k], &list[n]) == 0 &&
			    is_new(list, n, &list[n]))
				n++;
		globfree(&found);
	}
	return (n);
}

/* SPDX-License-Identifier: ISC */
/*
 * host.versions: the system and, for each program of this host's roles, its
 * version and the Java that runs it. I/O: the package database, processes and
 * the folders of the JDKs; starts nothing.
 */
#include <sys/utsname.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/families.h"
#include "probes/java.h"
#include "probes/packages.h"
#include "probes/services.h"

#define JDKS 16

/* What each service consists of. */
static const struct {
	const char *service;
	enum role role;
	int java;
	enum product products[2];
	size_t count;
} services[] = {
	{ "jicofo", ROLE_JICOFO, 1, { PRODUCT_JICOFO }, 1 },
	{ "jvb", ROLE_JVB, 1, { PRODUCT_JVB }, 1 },
	{ "prosody", ROLE_XMPP, 0, { PRODUCT_PROSODY, PRODUCT_PLUGINS }, 2 },
	{ "nginx", ROLE_WEB, 0, { PRODUCT_NGINX, PRODUCT_WEB }, 2 },
};
#define SERVICES (sizeof(services) / sizeof(services[0]))

static void
subjects(const struct site *site, struct subjects *s)
{
	size_t i;

	subject_add(s, "", NULL);
	for (i = 0; i < SERVICES; i++)
		if (site->roles & ROLE_BIT(services[i].role))
			subject_add(s, services[i].service, NULL);
}

static void
system_start(struct probe_run *r)
{
	struct utsname u;
	char *text;

	if (uname(&u) == -1) {
		probe_fail(r, REASON_INTERNAL, "the system does not tell its "
		    "name");
		return;
	}
	text = mem_printf("%s %s", u.sysname, u.release);
	check_fact(&r->check, "host.os", text);
	check_say(&r->check, "system %s, %s", text, u.machine);
	check_say(&r->check, "TLS library %s",
	    OpenSSL_version(OPENSSL_VERSION));
	check_say(&r->check, "meetprobe " MEETPROBE_VERSION);
	probe_end(r, STATE_PASS, REASON_OK, "%s, meetprobe "
	    MEETPROBE_VERSION, text);
	free(text);
}

/* The process of a service; freed by the caller, NULL: it does not run. */
static struct process *
process_of(enum role role)
{
	struct process *list = mem_zalloc(LIMIT_PROCESSES, sizeof(*list)),
	    *found = NULL;
	int i, n = sys_processes(list, LIMIT_PROCESSES);

	for (i = 0; i < n && found == NULL; i++)
		if (service_is(role, &list[i])) {
			found = mem_zalloc(1, sizeof(*found));
			*found = list[i];
		}
	free(list);
	return (found);
}

/*
 * Is there another trust store on this host, into which a certificate may
 * have been imported in vain? The system's (Debian), or that of another JDK.
 */
static int
other_store(struct probe_run *r, const struct java *own)
{
	struct java *list = mem_zalloc(JDKS, sizeof(*list)), system;
	size_t i, n = java_installed(list, JDKS);
	int other = 0;

	for (i = 0; i < n; i++) {
		if (strcmp(list[i].home, own->home) == 0)
			continue;
		check_say(&r->check, "   another Java: %s at %s",
		    list[i].version, list[i].home);
		other |= list[i].store[0] != '\0' &&
		    strcmp(list[i].store, own->store) != 0;
	}
	free(list);
	if (java_of_system(&system) == 0 && system.store[0] != '\0' &&
	    strcmp(system.store, own->store) != 0)
		other = 1;
	return (other);
}

/* The heap that the process was told, next to what there is. */
static void
say_heap(struct probe_run *r, const struct process *p)
{
	struct str heap = java_option(str_from(p->arguments), "-Xmx");
	char *safe;

	if (heap.n == 0)
		return;
	safe = probe_safe(heap.p, heap.n);
	check_say(&r->check, "   heap %s, %llu MB of memory here", safe,
	    (unsigned long long)(sys_memory() >> 20));
	free(safe);
}

/* Says which Java; 1 when one was found. */
static int
say_java(struct probe_run *r, const struct process *p, struct java *j)
{
	int other;

	if ((p == NULL || java_of_process(p, j) == -1) &&
	    java_of_system(j) == -1 && java_of_package("", strcmp(r->subject,
	    "jvb") == 0 ? "jitsi-videobridge" : r->subject, j) == -1) {
		check_say(&r->check, "%s: no Java found", r->subject);
		return (0);
	}
	if (j->version[0] != '\0')
		check_fact(&r->check, "java.version", j->version);
	check_fact(&r->check, "java.home", j->home);
	check_say(&r->check, "%s %s Java %s%s%s at %s", r->subject,
	    p == NULL ? "does not run, would run" : "runs",
	    j->version[0] == '\0' ? "of unknown version" : j->version,
	    j->vendor[0] == '\0' ? "" : " of ", j->vendor, j->home);
	if (p != NULL)
		say_heap(r, p);
	other = other_store(r, j);
	if (j->store[0] == '\0')
		return (1);
	check_fact(&r->check, "java.trust_store", j->store);
	if (p != NULL)
		probe_fact_bool(r, "java.other_store", !j->told && other);
	check_say(&r->check, "   trust store %s (%s)", j->store, j->told ?
	    "-Djavax.net.ssl.trustStore" : "the JDK's own, it was told none");
	return (1);
}

static void
add_text(char *out, size_t size, const char *name, const char *text)
{
	size_t n = strlen(out);

	snprintf(out + n, size - n, "%s%s %s", n == 0 ? "" : ", ", name,
	    text);
}

static void
service_start(struct probe_run *r, size_t which)
{
	struct process *p = process_of(services[which].role);
	struct versions *v = mem_zalloc(1, sizeof(*v));
	const struct version_known *k;
	char text[256] = "", *safe;
	struct java j = { .version = "" };
	size_t i, n;

	packages_find(v, "");
	if (p != NULL && services[which].java)
		packages_arguments(v, services[which].products[0],
		    str_from(p->arguments));
	for (i = 0; i < services[which].count; i++) {
		k = NULL;
		for (n = 0; n < v->count && k == NULL; n++)
			if (v->list[n].product == services[which].products[i])
				k = &v->list[n];
		if (k == NULL)
			continue;
		safe = probe_safe(k->text, strlen(k->text));
		check_fact(&r->check, product_fact(k->product), safe);
		check_say(&r->check, "%s %s (%s)", product_name(k->product),
		    safe, k->from);
		add_text(text, sizeof(text), product_name(k->product), safe);
		free(safe);
	}
	if (services[which].java && say_java(r, p, &j))
		add_text(text, sizeof(text), "Java", j.version);
	if (text[0] == '\0')
		probe_not_applicable(r, "no package tells the version of %s",
		    r->subject);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s", text);
	free(v);
	free(p);
}

static void
start(struct probe_run *r)
{
	size_t i;

	for (i = 0; i < SERVICES; i++)
		if (strcmp(r->subject, services[i].service) == 0) {
			service_start(r, i);
			return;
		}
	if (r->subject[0] == '\0')
		system_start(r);
	else
		probe_not_applicable(r, "\"%s\" is no service of the site",
		    r->subject);
}

const struct probe probe_host_versions = {
	.id = "host.versions", .group = "host", .layer = LAYER_HOST,
	.interval_ns = 3600 * NS_PER_SEC, .timeout_ns = 5 * NS_PER_SEC,
	.sentence = "what runs here, by version",
	.subjects = subjects, .start = start,
};

/* SPDX-License-Identifier: ISC */
/*
 * Rules about *.in.sh: heap, options of the JVM, files it names; and the
 * containers' environment. Pure but for looking whether a file is there and
 * how much memory there is, when the files are this host's own.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/compat/host.h"
#include "probes/config/hocon.h"
#include "probes/config/rules.h"

static const struct {
	const char *kind, *prefix, *host;
	const char *debian;	/* the heap, as Debian's packages name it */
} scripts[] = {
	{ "jicofo.in.sh", "JICOFO", "jicofo", "JICOFO_MAX_MEMORY" },
	{ "jvb.in.sh", "JVB", "jvb", "VIDEOBRIDGE_MAX_MEMORY" },
};

static struct val
setting(const struct config_file *f, const char *prefix, const char *name)
{
	char *key = mem_printf("%s_%s", prefix, name);
	struct val v = val_of(f, key);

	free(key);
	return (v);
}

/* -Xmx notation: a number with k, m or g. */
static int64_t
heap_bytes(struct str s)
{
	int64_t bytes;

	return (hocon_size(s, &bytes) == 0 ? bytes : -1);
}

/* The memory of a VM: its own, or of the VM it is an instance of. */
static struct val
vm_memory(const struct lint *l, const char *name)
{
	const struct config_file *vm = config_find(l->set, "vm.conf", NULL);
	const struct item *it, *block;
	int depth;

	for (depth = 0; vm != NULL && depth < 8; depth++) {
		it = model_getf(&vm->model, "vm/%s/memory", name);
		if (it != NULL)
			return ((struct val){ vm, it });
		block = model_getf(&vm->model, "vm/%s", name);
		if (block == NULL || block->value[0] == '\0')
			break;
		name = block->value;
	}
	return (NOWHERE);
}

/* The heap that a script asks for. */
static struct val
heap_of(size_t which, const struct config_file *f)
{
	struct val v = setting(f, scripts[which].prefix, "MAXMEM");

	return (val_is(v) ? v : val_of(f, scripts[which].debian));
}

/* The limit of data that a class of login.conf has; *has: it is there. */
static struct val
class_datasize(const struct lint *l, const char *service, const char *class,
    int *has)
{
	const struct config_file *f = NULL;
	const struct item *it;

	while ((f = config_next(l->set, "login.conf", f)) != NULL) {
		if (f->host != NULL && strcmp(f->host, service) != 0)
			continue;
		*has |= model_get(&f->model, class) != NULL;
		it = model_getf(&f->model, "%s/datasize", class);
		if (it == NULL)
			it = model_getf(&f->model, "%s/datasize-max", class);
		if (it != NULL)
			return ((struct val){ f, it });
	}
	return (NOWHERE);
}

/* Of the class that rc.d starts the service in: its own, else daemon. */
static struct val
datasize(const struct lint *l, const char *service)
{
	int has = 0;
	struct val v = class_datasize(l, service, service, &has);

	return (has ? v : class_datasize(l, service, "daemon", &has));
}

/* More heap than this host, or this container, has memory. */
static void
check_memory(struct lint *l, struct val v, int64_t heap, const char *asked)
{
	int64_t all = (int64_t)sys_memory();

	if (heap <= 0 || all <= 0 || heap <= all)
		return;
	lint_say(l, "java-heap-larger-than-memory", v, NOWHERE, NULL,
	    "%s of heap, and this host has %lld MB of memory", asked,
	    (long long)(all >> 20));
}

/* What the start scripts of OpenBSD and Debian ask for when nothing is
 * said. */
#define HEAP_USUAL "3G"

/* The heap of a component; 0: not known. */
static int64_t
heap_asked(size_t which, const struct config_file *f)
{
	struct val v = heap_of(which, f);

	if (val_is(v))
		return (heap_bytes(val_str(v)));
	return (f->model.count == 0 ? 0 : heap_bytes(STR_LIT(HEAP_USUAL)));
}

/* Both heaps on one host. */
static void
check_both(struct lint *l)
{
	const struct config_file *f[2];
	int64_t sum = 0, one, all = (int64_t)sys_memory();
	size_t i;

	for (i = 0; i < 2; i++) {
		f[i] = config_find(l->set, scripts[i].kind, NULL);
		one = f[i] == NULL ? 0 : heap_asked(i, f[i]);
		if (one <= 0 || one > all)
			return;		/* not known, or told by itself */
		sum += one;
	}
	if (all > 0 && sum > all)
		lint_say(l, "java-heap-larger-than-memory", (struct val){
		    f[1], NULL }, (struct val){ f[0], NULL }, NULL, "the "
		    "heaps of jicofo and of the bridge are %lld MB together, "
		    "and this host has %lld MB of memory",
		    (long long)(sum >> 20), (long long)(all >> 20));
}

static void
check_heap(struct lint *l, size_t which, const struct config_file *f)
{
	struct val v = heap_of(which, f),
	    memory = vm_memory(l, scripts[which].host),
	    limit = datasize(l, scripts[which].host);
	int64_t heap = heap_asked(which, f), all = heap_bytes(
	    val_str(memory)), most = heap_bytes(val_str(limit));
	const char *asked = val_is(v) ? v.it->value : HEAP_USUAL
	    " (the start script's own)";

	if (!val_is(v))
		v.f = f;

	if (heap > 0 && heap < INT64_C(128) << 20) {
		lint_say(l, "java-heap-too-small", v, NOWHERE, NULL,
		    "%s of heap do not carry a conference", asked);
		lint_capture(l, "heap", val_str(v));
	}
	if (heap > 0 && all > 0 && heap > all - (INT64_C(512) << 20))
		lint_say(l, "java-heap-larger-than-memory", v, memory, NULL,
		    "%s of heap and what the JVM needs besides do not fit "
		    "into %s of memory", asked, memory.it->value);
	else if (l->set->local)
		check_memory(l, v, heap, asked);
	if (heap > 0 && most > 0 && heap >= most)
		lint_say(l, "java-heap-larger-than-memory", v, limit, NULL,
		    "%s of heap are more than a process of this class of "
		    "login.conf may have (%s)", asked, limit.it->value);
}

/* What the script makes of its variables must be options of the JVM. */
static void
check_values(struct lint *l, size_t which, const struct config_file *f)
{
	static const char *const collectors[] = { "G1GC", "ParallelGC",
	    "SerialGC", "ZGC", "ShenandoahGC", "EpsilonGC",
	    "ConcMarkSweepGC", "ParNewGC" };
	struct val heap = setting(f, scripts[which].prefix, "MAXMEM"),
	    gc = setting(f, scripts[which].prefix, "GC_TYPE");
	struct str s = val_str(heap);
	size_t i;

	for (i = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		;
	if (s.n > 0 && (i == 0 || i + 1 < s.n || (i < s.n &&
	    strchr("kKmMgGtT", s.p[i]) == NULL)))
		lint_say(l, "jvm-option-not-supported", heap, NOWHERE, "3G",
		    "-Xmx%.*s is no size: the JVM does not start",
		    STR_ARG(s));
	if (val_str(gc).n == 0)
		return;
	for (i = 0; i < sizeof(collectors) / sizeof(collectors[0]); i++)
		if (str_eqs(val_str(gc), collectors[i]))
			return;
	lint_say(l, "jvm-option-not-supported", gc, NOWHERE, "G1GC",
	    "the JVM has no -XX:+Use%.*s: it does not start",
	    STR_ARG(val_str(gc)));
	lint_capture(l, "option", val_str(gc));
}

/*
 * Options that the JVM refuses, and the first release that does: JEP 363
 * (CMS), 214 and 365 (ParNew, incremental CMS), 122 (permanent generation),
 * 271 (log of the collector), 374 (biased locking); JDK 12 (AggressiveOpts).
 */
static const struct {
	const char *option;
	int refused;
} removed[] = {
	{ "ConcMarkSweep", 15 }, { "UseParNewGC", 11 },
	{ "CMSIncrementalMode", 9 }, { "CMSClassUnloadingEnabled", 15 },
	{ "CMSInitiatingOccupancy", 15 }, { "MaxPermSize", 17 },
	{ "AggressiveOpts", 13 }, { "UseParallelOldGC", 16 },
	{ "UseBiasedLocking", 19 }, { "PrintGCDateStamps", 9 },
	{ "PrintGCTimeStamps", 9 }, { "UseGCLogFileRotation", 9 },
};
/* Without a version known: what the Java 17 that jicofo and jvb need does. */
#define JAVA_USUAL 17

static void
check_options(struct lint *l, size_t which, const struct config_file *f)
{
	struct lint_java java = lint_java(l, (int)which);
	int has = java_major(str_from(java.version));
	const struct item *it;
	size_t i, k;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		for (k = 0; k < sizeof(removed) / sizeof(removed[0]); k++) {
			if (strstr(it->value, removed[k].option) == NULL ||
			    (has != 0 ? has : JAVA_USUAL) <
			    removed[k].refused)
				continue;
			lint_say(l, "jvm-option-not-supported",
			    (struct val){ f, it }, java.at, NULL,
			    "%s was removed from the JVM: Java %d%s does not "
			    "start with it", removed[k].option, has != 0 ?
			    has : removed[k].refused, has != 0 ? "" :
			    " or later");
			lint_capture(l, "option", str_from(
			    removed[k].option));
		}
	}
}

/* Files of this host that *.in.sh names. */
static void
check_file(struct lint *l, struct val v, const char *id, const char *what)
{
	char *path;

	if (!l->set->local || val_str(v).n == 0 || val_str(v).p[0] != '/')
		return;
	path = mem_str(val_str(v));
	if (access(path, F_OK) == -1) {
		lint_say(l, id, v, NOWHERE, NULL, "%s %s is not there", what,
		    path);
		lint_capture(l, "file", str_from(path));
	}
	free(path);
}

static void
check_script(struct lint *l, size_t which, const struct config_file *f)
{
	check_heap(l, which, f);
	check_values(l, which, f);
	check_options(l, which, f);
	check_file(l, setting(f, scripts[which].prefix, "CONF"),
	    "hocon-file-missing", "the configuration");
	check_file(l, setting(f, scripts[which].prefix, "LOG_CONFIG"),
	    "logging-config-missing", "the logging configuration");
	check_file(l, setting(f, scripts[which].prefix, "TRUSTSTORE"),
	    "truststore-file-missing", "the trust store");
}

/* What the bridge of the containers offers: an address that it is told, or
 * the one that a STUN server sees, which is none for clients of a LAN. */
static void
check_advertised(struct lint *l, const struct config_file *f, struct val url)
{
	struct val stun = val_of(f, "JVB_STUN_SERVERS"),
	    off = val_of(f, "JVB_DISABLE_STUN");
	struct str host = val_str(url);
	size_t at = str_find(host, "://");

	if (val_str(val_of(f, "JVB_ADVERTISE_IPS")).n > 0 ||
	    val_str(val_of(f, "DOCKER_HOST_ADDRESS")).n > 0 || host.n == 0 ||
	    (val_is(stun) && stun.it->type == ITEM_OPAQUE))
		return;
	host = at == SIZE_MAX ? host : str_sub(host, at + 3, host.n);
	host = str_sub(host, 0, str_chr(host, '/'));
	host = str_sub(host, 0, str_chr(host, ':'));
	if (is_private_address(host))
		lint_say(l, "no-valid-bridge-address", url, NOWHERE,
		    "JVB_ADVERTISE_IPS=ADDRESS", "clients come to the private "
		    "address %.*s, but neither JVB_ADVERTISE_IPS nor "
		    "DOCKER_HOST_ADDRESS is set: the bridge offers the "
		    "addresses of its container and of the Internet",
		    STR_ARG(host));
	else if ((val_is(stun) && val_str(stun).n == 0) ||
	    item_bool(off.it) == 1 || str_eqs(val_str(off), "1"))
		lint_say(l, "no-valid-bridge-address", val_is(off) ? off :
		    stun, url, "JVB_ADVERTISE_IPS=ADDRESS", "no STUN server, "
		    "and neither JVB_ADVERTISE_IPS nor DOCKER_HOST_ADDRESS: "
		    "the bridge offers the address of its container");
}

/* .env of the containers: what they do not start without. */
static void
check_environment(struct lint *l)
{
	static const char *const needed[] = { "JICOFO_AUTH_PASSWORD",
	    "JVB_AUTH_PASSWORD" };
	const struct config_file *f = config_find(l->set, ".env", NULL);
	struct val v;
	struct str s;
	size_t i;

	if (f == NULL || f->model.count == 0)
		return;
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		v = val_of(f, needed[i]);
		if (!val_is(v) || (v.it->type != ITEM_OPAQUE &&
		    v.it->value[0] == '\0'))
			lint_say(l, "container-variable-missing", val_is(v) ?
			    v : (struct val){ f, NULL }, NOWHERE, NULL,
			    "%s is not set: the container ends at once (run "
			    "gen-passwords.sh)", needed[i]);
	}
	v = val_of(f, "PUBLIC_URL");
	s = val_str(v);
	if (s.n > 0 && (str_find(s, "localhost") != SIZE_MAX ||
	    str_find(s, "127.0.0.1") != SIZE_MAX ||
	    str_find(s, "meet.example.com") != SIZE_MAX ||
	    str_find(s, "\"") != SIZE_MAX))
		lint_say(l, "public-url-wrong", v, NOWHERE, NULL,
		    "clients elsewhere cannot reach %.*s", STR_ARG(s));
	check_advertised(l, f, v);
}

void
rules_java(struct lint *l)
{
	const struct config_file *f;
	size_t i;

	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		f = NULL;
		while ((f = config_next(l->set, scripts[i].kind, f)) != NULL)
			check_script(l, i, f);
	}
	if (l->set->local)
		check_both(l);
	f = NULL;
	while ((f = config_next(l->set, "logging.properties", f)) != NULL)
		if (f->model.count > 0 && !val_is(val_of(f, "handlers")) &&
		    !lint_misspelt(f, "handlers"))
			lint_say(l, "logging-config-missing", (struct val){
			    f, NULL }, NOWHERE, "handlers = java.util."
			    "logging.ConsoleHandler", "no handlers: nothing "
			    "is logged");
	check_environment(l);
}

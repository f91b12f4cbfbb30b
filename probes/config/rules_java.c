/* SPDX-License-Identifier: ISC */
/*
 * Rules about *.in.sh: heap, options of the JVM, files it names; and the
 * containers' environment. Pure but for looking whether a file is there,
 * when the files are this host's own.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "probes/config/hocon.h"
#include "probes/config/rules.h"

static const struct {
	const char *kind, *prefix, *host;
} scripts[] = {
	{ "jicofo.in.sh", "JICOFO", "jicofo" },
	{ "jvb.in.sh", "JVB", "jvb" },
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

static void
check_heap(struct lint *l, size_t which, const struct config_file *f)
{
	struct val v = setting(f, scripts[which].prefix, "MAXMEM"),
	    memory = vm_memory(l, scripts[which].host);
	int64_t heap = heap_bytes(val_str(v)), all = heap_bytes(
	    val_str(memory));

	if (heap > 0 && heap < INT64_C(128) << 20) {
		lint_say(l, "java-heap-too-small", v, NOWHERE, NULL,
		    "%s of heap do not carry a conference", v.it->value);
		lint_capture(l, "heap", val_str(v));
	}
	if (heap > 0 && all > 0 && heap > all - (INT64_C(512) << 20))
		lint_say(l, "java-heap-larger-than-memory", v, memory, NULL,
		    "%s of heap and what the JVM needs besides do not fit "
		    "into %s of memory", v.it->value, memory.it->value);
}

static void
check_options(struct lint *l, const struct config_file *f)
{
	static const char *const removed[] = { "ConcMarkSweep", "UseParNewGC",
	    "MaxPermSize", "AggressiveOpts", "CMSIncrementalMode" };
	const struct item *it;
	size_t i, k;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		for (k = 0; k < sizeof(removed) / sizeof(removed[0]); k++) {
			if (strstr(it->value, removed[k]) == NULL)
				continue;
			lint_say(l, "jvm-option-not-supported",
			    (struct val){ f, it }, NOWHERE, NULL,
			    "%s was removed from the JVM: it does not start",
			    removed[k]);
			lint_capture(l, "option", str_from(removed[k]));
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
	check_options(l, f);
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
	check_environment(l);
}

/* SPDX-License-Identifier: ISC */
/*
 * Rules about names, addresses and the router: hosts files against each other
 * and against vmd's numbering, forwarding. Pure.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "probes/config/rules.h"
#include "probes/config/spelling.h"

static int
is_loopback_name(struct str name)
{
	return (str_starts(name, "localhost") || str_starts(name, "ip6-") ||
	    str_eqs(name, "broadcasthost"));
}

/* A name of this site that stands for one machine. */
static int
is_machine(struct str name)
{
	static const char *const names[] = { "web", "xmpp", "jicofo", "jvb",
	    "router", "prosody", "nginx" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eqs(name, names[i]))
			return (1);
	return (0);
}

/* The name in small letters; the caller frees. */
static char *
folded(const char *name)
{
	char *copy = mem_strdup(name), *p;

	for (p = copy; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return (copy);
}

/* The same name twice in one file with two IPv4 addresses. */
static void
check_twice(struct lint *l, const struct config_file *f)
{
	const struct item *a, *b;
	struct map first;
	void **slot;
	char *name;
	size_t i;
	int said = 0;

	map_init(&first, LIMIT_CONFIG_ITEMS);
	for (i = 0; i < f->model.count; i++) {
		a = &f->model.list[i];
		if (is_loopback_name(str_from(a->key)) ||
		    strchr(a->value, ':') != NULL ||
		    strncmp(a->value, "127.", 4) == 0)
			continue;
		name = folded(a->key);
		slot = map_put(&first, str_from(name));
		free(name);
		if (slot == NULL)
			break;
		b = *slot;
		*slot = (void *)(uintptr_t)(b == NULL ? a : b);
		if (b == NULL || strcmp(a->value, b->value) == 0)
			continue;
		lint_say(l, "dns-several-addresses", (struct val){ f, a },
		    (struct val){ f, b }, NULL, "%s has the addresses %s and "
		    "%s: connections go to one or the other", a->key,
		    b->value, a->value);
		lint_capture(l, "name", str_from(a->key));
		if (++said == 20)
			break;
	}
	map_free(&first);
}

/* A machine's name has one address in all files. */
static void
check_alike(struct lint *l, const struct config_file *f)
{
	const struct config_file *g = f;
	const struct item *a, *b;
	size_t i;
	struct val v;

	while ((g = config_next(l->set, "hosts", g)) != NULL)
		for (i = 0; i < f->model.count; i++) {
			a = &f->model.list[i];
			if (!is_machine(str_from(a->key)) ||
			    strncmp(a->value, "127.", 4) == 0)
				continue;
			b = model_get(&g->model, a->key);
			if (b == NULL || strcmp(a->value, b->value) == 0 ||
			    strncmp(b->value, "127.", 4) == 0)
				continue;
			v = (struct val){ g, b };
			lint_say(l, "dns-hosts-disagree", v,
			    (struct val){ f, a }, NULL, "%s is %s here and "
			    "%s in %s", a->key, b->value, a->value, f->name);
			lint_capture(l, "name", str_from(a->key));
		}
}

/*
 * vmd gives the local interface of VM number N the addresses 100.64.N.2
 * (host's side) and 100.64.N.3 (vm.conf(5), local interface).
 */
static void
check_numbering(struct lint *l)
{
	const struct config_file *vm = config_find(l->set, "vm.conf", NULL),
	    *f = NULL;
	const struct item *it, *entry;
	char want[32];
	size_t i;
	int n = 0;

	for (i = 0; vm != NULL && i < vm->model.count; i++) {
		it = &vm->model.list[i];
		if (it->type != ITEM_TABLE || strncmp(it->key, "vm/", 3) != 0)
			continue;
		snprintf(want, sizeof(want), "100.64.%d.3", ++n);
		f = NULL;
		while ((f = config_next(l->set, "hosts", f)) != NULL) {
			entry = model_get(&f->model, it->key + 3);
			if (entry == NULL || strncmp(entry->value, "100.64.",
			    7) != 0 || !is_address(item_str(entry)) ||
			    strcmp(entry->value, want) == 0)
				continue;
			lint_say(l, "hosts-entry-wrong-address",
			    (struct val){ f, entry }, (struct val){ vm, it },
			    want, "%s is VM number %d of vm.conf: vmd gives "
			    "it %s", it->key + 3, n, want);
			lint_capture(l, "name", str_from(it->key + 3));
		}
	}
}

static void
check_forwarding(struct lint *l)
{
	const struct config_file *f = config_find(l->set, "sysctl.conf",
	    "router");
	struct val v;

	if (f == NULL && config_find(l->set, "vm.conf", NULL) != NULL)
		f = config_find(l->set, "sysctl.conf", NULL);
	if (f == NULL)
		return;
	v = val_of(f, "net.inet.ip.forwarding");
	if (item_number(v.it, 0) >= 1)
		return;
	lint_say(l, "forwarding-disabled", val_is(v) ? v :
	    (struct val){ f, NULL }, NOWHERE, "net.inet.ip.forwarding=1",
	    "the router does not forward: net.inet.ip.forwarding is %s",
	    val_is(v) ? v.it->value : "not set");
	lint_fact(l, "router.forwarding", "no");
}

/* The site's name must lead jicofo and jvb to prosody. */
static void
check_site_name(struct lint *l)
{
	static const char *const hosts[] = { "jicofo", "jvb" };
	struct val site, xmpp;
	struct str name;
	size_t i;

	if (!val_is(l->n.guests))
		return;
	name = str_from(l->n.guests.it->key);
	for (i = 0; i < 2; i++) {
		site = lint_hosts(l, hosts[i], name);
		xmpp = lint_hosts(l, hosts[i], STR_LIT("xmpp"));
		if (!val_is(site) || !val_is(xmpp) || str_eq(val_str(site),
		    val_str(xmpp)))
			continue;
		lint_say(l, "hosts-entry-wrong-address", site, xmpp, NULL,
		    "%.*s is not the address of xmpp here", STR_ARG(name));
		lint_capture(l, "name", name);
	}
}

/* A machine of another file: is its address here under nearly its name? */
static void
check_name(struct lint *l, const struct config_file *f, struct val machine)
{
	const struct item *a;
	size_t i;

	for (i = 0; i < f->model.count && i < 500; i++) {
		a = &f->model.list[i];
		if (strcmp(a->value, machine.it->value) != 0 ||
		    !spelling_near(str_from(a->key),
		    str_from(machine.it->key)))
			continue;
		lint_say(l, "dns-hosts-disagree", (struct val){ f, a },
		    machine, machine.it->key, "%s is named %s here and %s in "
		    "%s", a->value, a->key, machine.it->key, machine.f->name);
		lint_capture(l, "name", str_from(machine.it->key));
	}
}

static void
check_names(struct lint *l, const struct config_file *f)
{
	const struct config_file *g = NULL;
	const struct item *it;
	size_t i;

	while ((g = config_next(l->set, "hosts", g)) != NULL)
		for (i = 0; g != f && i < g->model.count && i < 500; i++) {
			it = &g->model.list[i];
			if (is_machine(str_from(it->key)) &&
			    model_get(&f->model, it->key) == NULL)
				check_name(l, f, (struct val){ g, it });
		}
}

void
rules_hosts(struct lint *l)
{
	const struct config_file *f = NULL;

	while ((f = config_next(l->set, "hosts", f)) != NULL) {
		check_twice(l, f);
		check_alike(l, f);
		check_names(l, f);
	}
	check_numbering(l);
	check_site_name(l);
	check_forwarding(l);
}

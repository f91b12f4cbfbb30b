/* SPDX-License-Identifier: ISC */
/*
 * Rules about the small files of the machines: vm.conf as vmd takes it,
 * addresses in hosts files and resolv.conf. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/rules.h"

/* VMs that are looked at; vmd itself takes fewer. */
#define MOST_VMS 200

/* The block of a VM, or of the VM it is an instance of, has the key. */
static const struct item *
inherited(const struct model *m, const char *vm, const char *key)
{
	const struct item *it, *block;
	int depth;

	for (depth = 0; depth < 8; depth++) {
		it = model_getf(m, "%s/%s", vm, key);
		block = model_get(m, vm);
		if (it != NULL || block == NULL || block->value[0] == '\0')
			return (it);
		block = model_getf(m, "vm/%s", block->value);
		if (block == NULL)
			return (NULL);
		vm = block->key;
	}
	return (NULL);
}

static int
is_vm(const struct item *it)
{
	return (it->type == ITEM_TABLE && strncmp(it->key, "vm/", 3) == 0);
}

/* The addresses of vmd need a local interface. */
static void
check_interface(struct lint *l, const struct config_file *f,
    const struct item *vm)
{
	struct val entry = lint_hosts(l, NULL, str_from(vm->key + 3));

	if (!str_starts(val_str(entry), "100.64.") ||
	    vm->value[0] != '\0' || inherited(&f->model, vm->key,
	    "interface") != NULL)
		return;
	lint_say(l, "hosts-entry-wrong-address", (struct val){ f, vm }, entry,
	    "local interface", "%s has no local interface: vmd gives it no "
	    "address", vm->key + 3);
	lint_capture(l, "name", str_from(vm->key + 3));
}

static void
check_vm(struct lint *l, const struct config_file *f, size_t n)
{
	const struct item *vm = &f->model.list[n], *it, *other;
	struct val at = { f, vm };
	size_t i;

	if (vm->value[0] != '\0' && model_getf(&f->model, "vm/%s",
	    vm->value) == NULL)
		lint_say(l, "config-syntax-error", at, NOWHERE, NULL, "%s is "
		    "to be an instance of %s, which is not defined",
		    vm->key + 3, vm->value);
	for (i = 0; i < n; i++)
		if (is_vm(&f->model.list[i]) && strcmp(f->model.list[i].key,
		    vm->key) == 0)
			lint_say(l, "config-syntax-error", at, (struct val){
			    f, &f->model.list[i] }, NULL, "%s is defined "
			    "twice", vm->key + 3);
	if ((it = model_getf(&f->model, "%s/disable", vm->key)) != NULL &&
	    val_is(lint_hosts(l, NULL, str_from(vm->key + 3))))
		lint_say(l, "vm-not-running", (struct val){ f, it }, NOWHERE,
		    "enable", "vmd does not start %s by itself", vm->key + 3);
	it = model_getf(&f->model, "%s/disk", vm->key);
	for (i = 0; it != NULL && i < n; i++) {
		if (!is_vm(&f->model.list[i]) || (other = model_getf(
		    &f->model, "%s/disk", f->model.list[i].key)) == NULL ||
		    other == it || strcmp(other->value, it->value) != 0)
			continue;
		lint_say(l, "vm-disk-shared", (struct val){ f, it },
		    (struct val){ f, other }, NULL, "%s and %s write to one "
		    "disk", f->model.list[i].key + 3, vm->key + 3);
	}
	check_interface(l, f, vm);
}

/* First column of a hosts file. */
static void
check_addresses(struct lint *l, const struct config_file *f)
{
	const struct item *it;
	struct str a;
	size_t i;
	int last = 0, said = 0;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		a = item_str(it);
		a = str_sub(a, 0, str_chr(a, '%'));	/* fe80::1%lo0 */
		if (is_address(a) || it->line == last)
			continue;
		last = it->line;
		if (said++ == 10)
			break;
		lint_say(l, "hosts-entry-wrong-address", (struct val){ f,
		    it }, NOWHERE, NULL, "%.*s is no address", STR_ARG(a));
	}
}

/* prosody's name leads a service to itself. */
static void
check_loopback(struct lint *l, const struct config_file *f)
{
	const struct config_file *g = NULL;
	const struct item *it = model_get(&f->model, "xmpp"), *other;

	if (it == NULL || f->host == NULL || strncmp(it->value, "127.", 4) !=
	    0 || (strcmp(f->host, "jicofo") != 0 && strcmp(f->host, "web") !=
	    0 && strncmp(f->host, "jvb", 3) != 0))
		return;
	while ((g = config_next(l->set, "hosts", g)) != NULL) {
		other = model_get(&g->model, "xmpp");
		if (other == NULL || strncmp(other->value, "127.", 4) == 0)
			continue;
		lint_say(l, "hosts-entry-wrong-address", (struct val){ f,
		    it }, (struct val){ g, other }, other->value, "xmpp is "
		    "this machine itself here");
		lint_capture(l, "name", STR_LIT("xmpp"));
		return;
	}
}

static void
check_resolv(struct lint *l, const struct config_file *f)
{
	struct val v = val_of(f, "lookup"), entry;
	const struct item *it;
	struct str a;
	size_t i;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		a = item_str(it);
		a = str_sub(a, 0, str_chr(a, '%'));
		if (strcmp(it->key, "nameserver") == 0 && a.n > 0 &&
		    a.p[0] != '[' && !is_address(a))
			lint_say(l, "dns-name-not-resolved", (struct val){ f,
			    it }, NOWHERE, NULL, "%.*s is no address",
			    STR_ARG(a));
	}
	if (!val_is(v) || f->host == NULL || str_find(val_str(v), "file") !=
	    SIZE_MAX)
		return;
	entry = lint_hosts(l, f->host, STR_LIT("xmpp"));
	if (!val_is(entry) || entry.f->host == NULL ||
	    strcmp(entry.f->host, f->host) != 0)
		return;
	lint_say(l, "xmpp-hostname-not-resolvable", v, entry,
	    "lookup file bind", "%s does not look into its hosts file, which "
	    "has xmpp", f->host);
	lint_capture(l, "name", STR_LIT("xmpp"));
}

void
rules_vm(struct lint *l)
{
	const struct config_file *f = config_find(l->set, "vm.conf", NULL);
	size_t i, vms = 0;

	for (i = 0; f != NULL && i < f->model.count && vms < MOST_VMS; i++)
		if (is_vm(&f->model.list[i])) {
			check_vm(l, f, i);
			vms++;
		}
	f = NULL;
	while ((f = config_next(l->set, "hosts", f)) != NULL) {
		check_addresses(l, f);
		check_loopback(l, f);
	}
	f = NULL;
	while ((f = config_next(l->set, "resolv.conf", f)) != NULL)
		check_resolv(l, f);
}

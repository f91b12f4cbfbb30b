/* SPDX-License-Identifier: ISC */
/*
 * host.*: this host itself: clock, limits, services and the order they were
 * started in, forwarding, virtual machines. I/O.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/compat/sys.h"
#include "probes/command.h"
#include "probes/families.h"
#include "probes/services.h"

/* A service with fewer descriptors than this runs out of them. */
#define FEW_FILES 1024

/* A clock this far off breaks certificates and TURN credentials. */
#define CLOCK_OFF_US (2 * US_PER_SEC)

static void
stop_command(struct probe_run *r)
{
	command_free(r->state);
}

static int
is_openbsd(void)
{
	return (strcmp(sys_name(), "openbsd") == 0);
}

/* ntpctl: "4/4 peers valid, clock synced, stratum 3". */
static void
ntpctl_done(struct str output, void *arg)
{
	struct probe_run *r = arg;
	char *safe;

	if (output.p == NULL) {
		probe_end(r, STATE_UNKNOWN, REASON_NO_ANSWER,
		    "ntpd does not run, or does not tell its state");
		return;
	}
	output = str_trim(output);
	safe = probe_safe(output.p, output.n);
	check_say(&r->check, "ntpctl: %s", safe);
	if (str_find(output, "clock synced") != SIZE_MAX)
		probe_end(r, STATE_PASS, REASON_OK,
		    "the clock follows its time servers");
	else
		probe_end(r, STATE_WARN, REASON_TIMEOUT,
		    "the clock does not follow its time servers: %s", safe);
	free(safe);
}

static void
clock_start(struct probe_run *r)
{
	int64_t offset;
	char text[32];
	int synced;

	if (is_openbsd()) {
		r->state = command_start(r, "ntpctl-status", ntpctl_done, r);
		return;
	}
	synced = sys_clock_synced(&offset);
	snprintf(text, sizeof(text), "%s%lld.%06lld", offset < 0 ? "-" : "",
	    (long long)(llabs(offset) / US_PER_SEC),
	    (long long)(llabs(offset) % US_PER_SEC));
	check_say(&r->check, "the kernel's clock is %s, offset %s s",
	    synced == 1 ? "synchronized" : "not synchronized", text);
	if (synced == 1) {
		check_fact(&r->check, "clock.offset", text);
		if (llabs(offset) > CLOCK_OFF_US)
			probe_end(r, STATE_WARN, REASON_TIMEOUT,
			    "the clock is %s s off", text);
		else
			probe_end(r, STATE_PASS, REASON_OK,
			    "the clock follows a time server");
	} else
		probe_not_applicable(r, "no time server keeps this host's "
		    "clock as far as the kernel knows: its offset is unknown");
}

const struct probe probe_host_clock = {
	.id = "host.clock", .group = "host", .layer = LAYER_HOST,
	.interval_ns = 300 * NS_PER_SEC, .timeout_ns = 5 * NS_PER_SEC,
	.sentence = "the clock follows a time server",
	.start = clock_start, .stop = stop_command,
};

/* The processes of this host; freed by the caller. */
static struct process *
processes(int *count)
{
	struct process *list = mem_zalloc(LIMIT_PROCESSES, sizeof(*list));

	*count = sys_processes(list, LIMIT_PROCESSES);
	return (list);
}

/* The oldest process of a role's program; NULL: none. */
static const struct process *
find(const struct process *list, int count, enum role role)
{
	const struct process *oldest = NULL;
	int i;

	for (i = 0; i < count; i++)
		if (service_is(role, &list[i]) && (oldest == NULL ||
		    list[i].started < oldest->started ||
		    (list[i].started == oldest->started &&
		    list[i].pid < oldest->pid)))
			oldest = &list[i];
	return (oldest);
}

static void
service_subjects(const struct site *site, struct subjects *s)
{
	int i;

	for (i = 0; i < ROLE_COUNT; i++)
		if ((site->roles & ROLE_BIT(i)) &&
		    service_of((enum role)i) != NULL)
			subject_add(s, service_of((enum role)i), NULL);
	subject_missing(s, "this host has no role that needs a service");
}

/* The role of a service's name, -1 when none. */
static int
role_of(const char *service)
{
	int i;

	for (i = 0; i < ROLE_COUNT; i++)
		if (service_of((enum role)i) != NULL &&
		    strcmp(service, service_of((enum role)i)) == 0)
			return (i);
	return (-1);
}

static void
services_start(struct probe_run *r)
{
	int count, role = role_of(r->subject);
	struct process *list;
	const struct process *p;

	if (role == -1) {
		probe_not_applicable(r, "\"%s\" is no service of the site",
		    r->subject);
		return;
	}
	list = processes(&count);
	p = find(list, count, (enum role)role);
	if (count < 0)
		probe_fail(r, REASON_PERMISSION, "the system does not tell "
		    "its processes");
	else if (p == NULL)
		probe_fail(r, REASON_REFUSED, "%s does not run on this host",
		    r->subject);
	else {
		check_say(&r->check, "%s: process %d, %s", r->subject, p->pid,
		    p->name);
		probe_end(r, STATE_PASS, REASON_OK, "%s runs (process %d)",
		    r->subject, p->pid);
	}
	free(list);
}

const struct probe probe_host_services = {
	.id = "host.services", .group = "host", .layer = LAYER_HOST,
	.required = ROLES_ALL,
	.interval_ns = 30 * NS_PER_SEC, .timeout_ns = 5 * NS_PER_SEC,
	.sentence = "the programs of this host's roles run",
	.subjects = service_subjects, .start = services_start,
};

static void
limits_start(struct probe_run *r)
{
	int count, role = role_of(r->subject);
	struct process *list;
	const struct process *p;
	int64_t limit, used;

	if (role == -1) {
		probe_not_applicable(r, "\"%s\" is no service of the site",
		    r->subject);
		return;
	}
	list = processes(&count);
	p = find(list, count, (enum role)role);
	if (p == NULL) {
		probe_not_applicable(r, "%s does not run on this host",
		    r->subject);
		goto out;
	}
	sys_open_files(p->pid, &limit, &used);
	check_say(&r->check, "%s (process %d): open files %lld of %lld",
	    r->subject, p->pid, (long long)used, (long long)limit);
	if (limit >= 0)
		probe_fact_num(r, "host.fd_limit", limit);
	if (limit < 0)
		probe_not_applicable(r, "the limits of %s are not to be seen "
		    "from here", r->subject);
	else if (used >= 0 && used * 10 > limit * 9)
		probe_fail(r, REASON_FD_LIMIT, "%s has %lld of at most %lld "
		    "files open: it will refuse connections", r->subject,
		    (long long)used, (long long)limit);
	else if (limit < FEW_FILES)
		probe_end(r, STATE_WARN, REASON_FD_LIMIT, "%s may open only "
		    "%lld files", r->subject, (long long)limit);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s may open %lld files",
		    r->subject, (long long)limit);
out:
	free(list);
}

const struct probe probe_host_limits = {
	.id = "host.limits", .group = "host", .layer = LAYER_HOST,
	.privilege = PRIVILEGE_FILES,
	.interval_ns = 120 * NS_PER_SEC, .timeout_ns = 5 * NS_PER_SEC,
	.sentence = "the programs have room to open files",
	.subjects = service_subjects, .start = limits_start,
};

/* Who must have been started before whom; only where both run here. */
static void
order_subjects(const struct site *site, struct subjects *s)
{
	roles_t here = site->roles & (ROLE_BIT(ROLE_XMPP) |
	    ROLE_BIT(ROLE_JICOFO) | ROLE_BIT(ROLE_JVB));

	/* two of the three at least */
	if ((here & (here - 1)) != 0)
		subject_add(s, "", NULL);
	subject_missing(s, "only one of the programs runs on this host");
}

static void
order_start(struct probe_run *r)
{
	static const enum role order[] = { ROLE_XMPP, ROLE_JICOFO,
		ROLE_JVB };
	const struct process *p, *before = NULL;
	struct process *list;
	char text[WALL_TEXT_SIZE];
	int count;
	size_t i;

	list = processes(&count);
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if ((r->site->roles & ROLE_BIT(order[i])) == 0 ||
		    (p = find(list, count, order[i])) == NULL)
			continue;
		wall_format((wall_t){ p->started * US_PER_SEC }, text,
		    sizeof(text));
		check_say(&r->check, "%s started at %s", service_of(order[i]),
		    text);
		if (before != NULL && p->started + 1 < before->started)
			probe_end(r, STATE_WARN, REASON_TIMEOUT, "%s was "
			    "started before what it needs: it may wait long "
			    "before it tries again (prosody, jicofo, jvb is "
			    "the order)", service_of(order[i]));
		before = p;
	}
	free(list);
	probe_end(r, STATE_PASS, REASON_OK, "the programs were started in "
	    "their order");
}

const struct probe probe_host_order = {
	.id = "host.order", .group = "host", .layer = LAYER_HOST,
	.interval_ns = 300 * NS_PER_SEC, .timeout_ns = 5 * NS_PER_SEC,
	.sentence = "prosody, jicofo and jvb were started in this order",
	.subjects = order_subjects, .start = order_start,
};

static void
forwarding_start(struct probe_run *r)
{
	int on = sys_forwarding();

	if (on >= 0)
		probe_fact_bool(r, "router.forwarding", on);
	check_say(&r->check, "forwarding of IPv4: %s", on == 1 ? "on" :
	    on == 0 ? "off" : "not known");
	if (on == 1)
		probe_end(r, STATE_PASS, REASON_OK,
		    "the router forwards packets");
	else if (on == 0)
		probe_fail(r, REASON_LOCAL_POLICY, "the router does not "
		    "forward packets (%s): the virtual machines are cut off",
		    is_openbsd() ? "sysctl net.inet.ip.forwarding is 0" :
		    "net.ipv4.ip_forward is 0");
	else
		probe_fail(r, REASON_PERMISSION, "the system does not tell "
		    "whether it forwards");
}

const struct probe probe_host_forwarding = {
	.id = "host.forwarding", .group = "host", .layer = LAYER_HOST,
	.roles = ROLE_BIT(ROLE_ROUTER), .required = ROLE_BIT(ROLE_ROUTER),
	.interval_ns = 60 * NS_PER_SEC, .timeout_ns = 5 * NS_PER_SEC,
	.sentence = "the router forwards packets",
	.start = forwarding_start,
};

static void
judge_vms(struct probe_run *r, struct vm *list, size_t count)
{
	size_t i, down = 0;
	struct buf names;

	buf_init(&names, LIMIT_CHECK_TEXT);
	for (i = 0; i < count; i++) {
		check_say(&r->check, "%.63s: %s", list[i].name,
		    list[i].running ? "running" : list[i].listed ? "stopped" :
		    "not known to vmd");
		if (list[i].running || list[i].disabled)
			continue;
		buf_addf(&names, "%s%.63s", down++ == 0 ? "" : ", ",
		    list[i].name);
	}
	if (down > 0)
		probe_fail(r, REASON_REFUSED, "of the machines of "
		    "/etc/vm.conf these do not run: %s", buf_cstr(&names));
	else
		probe_end(r, STATE_PASS, REASON_OK, "all %zu machines of "
		    "/etc/vm.conf run", count);
	buf_free(&names);
}

static void
vmctl_done(struct str output, void *arg)
{
	struct probe_run *r = arg;
	struct vm list[LIMIT_VMS];
	struct buf b;
	char part[4096];
	size_t count;
	ssize_t n;
	int fd;

	if (output.p == NULL) {
		probe_fail(r, REASON_PERMISSION, "vmctl status does not work "
		    "here: vmd does not run, or this is not root");
		return;
	}
	buf_init(&b, LIMIT_CONFIG_FILE);
	fd = open("/etc/vm.conf", O_RDONLY | O_CLOEXEC);
	while (fd != -1 && (n = read(fd, part, sizeof(part))) > 0)
		buf_add(&b, part, (size_t)n);
	if (fd != -1)
		close(fd);
	count = vms_of_config(buf_str(&b), list, LIMIT_VMS);
	buf_free(&b);
	if (count == 0) {
		probe_not_applicable(r, "/etc/vm.conf names no machine");
		return;
	}
	vms_mark(list, count, output);
	judge_vms(r, list, count);
}

static void
vms_start(struct probe_run *r)
{
	if (!is_openbsd()) {
		probe_not_applicable(r, "this host has no vmd(8)");
		return;
	}
	probe_phase(r, "vmctl", LAYER_HOST, "running vmctl status");
	r->state = command_start(r, "vmctl-status", vmctl_done, r);
}

const struct probe probe_host_vms = {
	.id = "host.vms", .group = "host", .layer = LAYER_HOST,
	.roles = ROLE_BIT(ROLE_ROUTER), .privilege = PRIVILEGE_FILES,
	.phases = { "vmctl" },
	.interval_ns = 60 * NS_PER_SEC, .timeout_ns = 5 * NS_PER_SEC,
	.sentence = "the machines of vm.conf run",
	.start = vms_start, .stop = stop_command,
};

/* SPDX-License-Identifier: ISC */
/*
 * Processes and virtual machines: would catch jicofo taken for the bridge,
 * any Lua program taken for prosody, an instance of vm.conf named after its
 * pattern, a stopped machine taken for a running one.
 */
#include <stdio.h>
#include <string.h>

#include "probes/services.h"
#include "tests/kit/check.h"

static struct process
process(const char *name, const char *arguments)
{
	struct process p;

	memset(&p, 0, sizeof(p));
	p.pid = 1;
	snprintf(p.name, sizeof(p.name), "%s", name);
	snprintf(p.arguments, sizeof(p.arguments), "%s", arguments);
	return (p);
}

static void
test_processes(void)
{
	struct process jvb = process("java", "java -Xmx3G -Dconfig.file=/etc/"
	    "jvb/jvb.conf -cp /usr/local/share/java/classes/jitsi-videobridge"
	    ".jar org.jitsi.videobridge.MainKt");
	struct process jicofo = process("java", "java -cp /usr/local/share/"
	    "java/classes/jicofo.jar org.jitsi.jicofo.Main --host=x");
	struct process prosody = process("lua5.4",
	    "lua5.4 /usr/bin/prosody -F");
	struct process other = process("lua5.4", "lua5.4 game.lua");
	struct process bsd = process("prosody", "");

	CHECK(service_is(ROLE_JVB, &jvb), "the bridge is the bridge");
	CHECK(!service_is(ROLE_JVB, &jicofo), "jicofo is not");
	CHECK(service_is(ROLE_JICOFO, &jicofo), "jicofo is jicofo");
	CHECK(!service_is(ROLE_JICOFO, &jvb), "the bridge is not");
	CHECK(service_is(ROLE_XMPP, &prosody) && service_is(ROLE_XMPP, &bsd),
	    "prosody is prosody, by arguments or by name");
	CHECK(!service_is(ROLE_XMPP, &other), "another Lua program is not");
	CHECK(!service_is(ROLE_ROUTER, &jvb), "a router has no program");
}

static void
test_vms(void)
{
	static const char conf[] =
	    "# machines\nvm \"web\" {\n\tenable\n\tmemory 2G\n}\n"
	    "vm \"web\" instance \"xmpp\" {\n}\n"
	    "vm \"old\" { # gone\n\tdisable\n}\nvm jvb {\n}\n";
	static const char status[] =
	    "   ID   PID VCPUS  MAXMEM  CURMEM     TTY        OWNER    STATE "
	    "NAME\n"
	    "    1 12345     1    2.0G    1.1G   ttyp0         root  running "
	    "web\n"
	    "    2     -     1    2.0G       -       -         root  stopped "
	    "xmpp\n";
	struct vm list[8];
	size_t n;

	n = vms_of_config(str_from(conf), list, 8);
	CHECK_INT(n, 4, "four machines");
	CHECK_STR(list[0].name, "web", "a name without its quotes");
	CHECK_STR(list[1].name, "xmpp", "an instance has its own name");
	CHECK(list[2].disabled && !list[0].disabled, "one is disabled");
	CHECK_STR(list[3].name, "jvb", "a name that had no quotes");
	vms_mark(list, n, str_from(status));
	CHECK(list[0].running && list[0].listed, "one runs");
	CHECK(!list[1].running && list[1].listed, "one is stopped");
	CHECK(!list[3].listed, "one is not known to vmd");
	CHECK_INT(vms_of_config(str_from(conf), list, 2), 2,
	    "no more than there is room for");
}

int
main(void)
{
	test_processes();
	test_vms();
	return (check_end());
}

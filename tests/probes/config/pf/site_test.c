/* SPDX-License-Identifier: ISC */
/*
 * The packet filters of whole sites: layouts that work, about which nothing
 * is to be said, and broken ones, each with the one finding on the one line.
 * Would catch: a healthy site that is blamed, a fault not seen, told twice,
 * or told at the wrong rule.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/facts/finding.h"
#include "probes/config/config.h"
#include "probes/pf/matrix.h"
#include "tests/kit/check.h"

struct part {
	const char *name;	/* "pf.conf.router", or another path */
	const char *text;
};

#define PARTS 10
struct layout {
	const char *about;
	/* The findings about pf: "ID FILE:LINE", with spaces between; "" none
	 * but notes. */
	const char *want;
	struct part parts[PARTS];
};

/* vmd's numbering, as in the talk. */
#define HOSTS { "hosts", "127.0.0.1 localhost\n100.64.1.3 web\n" \
    "100.64.2.3 xmpp jts.example.org\n100.64.3.3 jicofo\n100.64.4.3 jvb\n" }
/* One network for all. */
#define LAN { "hosts", "10.0.0.1 router\n10.0.0.11 web\n10.0.0.12 xmpp\n" \
    "10.0.0.13 jicofo\n10.0.0.14 jvb\n" }
#define BASE "block return log\npass out quick on egress proto { tcp udp } " \
    "to any port { 123 53 80 443 }\n"
#define WEB { "pf.conf.web", BASE "pass in quick on egress proto tcp to " \
    "self port { 80 443 }\npass out quick on egress proto tcp to xmpp port " \
    "5280\n" }
#define XMPP { "pf.conf.xmpp", BASE "pass in proto tcp from { jicofo jvb } " \
    "to self port { 5222 }\npass in proto tcp from web to self port 5280\n" }
#define JVB { "pf.conf.jvb", BASE "pass out quick on egress proto tcp to " \
    "xmpp port { 5222 5280 }\npass in quick on egress proto udp to self " \
    "port 10000\n" }
#define JICOFO { "pf.conf.jicofo", BASE "pass out quick on egress proto " \
    "tcp to xmpp port 5222\n" }
#define NAT "match out on egress inet from 100.64.0.0/10 nat-to (egress:0)\n"
/* A router that does what it should; the lines 1 to 9. */
#define ROUTER "set skip on lo\nblock return log\n" NAT \
    "pass out on egress\n" \
    "pass in on egress inet proto tcp to (egress) port { 80 443 } rdr-to " \
    "web\n" \
    "pass in on egress inet proto udp to (egress) port 10000 rdr-to jvb\n" \
    "pass in on tap inet proto tcp from { jvb jicofo } to xmpp port 5222\n" \
    "pass in on tap inet proto tcp from web to xmpp port 5280\n" \
    "pass out on tap\n"
/* As OpenBSD installs it. */
#define OPENBSD "set skip on lo\nblock return\npass\nblock return in on " \
    "! lo0 proto tcp to port 6000:6010\nblock return out log proto { tcp " \
    "udp } user _pbuild\n"
#define GOOD { "pf.conf.router", ROUTER }

static const struct layout working[] = {
	{ "the talk's files with the router's second leg", "", { HOSTS, GOOD,
	    WEB, XMPP, JVB, JICOFO } },
	{ "the router alone, without a hosts file", "", { GOOD } },
	{ "one VM alone", "", { HOSTS, XMPP } },
	{ "one VM alone, without a hosts file", "", { WEB } },
	{ "all pass by default", "", { HOSTS, { "pf.conf.router",
	    "match out on egress inet from !(egress:network) nat-to "
	    "(egress:0)\npass\npass in on egress proto tcp to (egress) port "
	    "{ 80 443 } rdr-to web\npass in on egress proto udp to (egress) "
	    "port 10000 rdr-to jvb\n" }, { "pf.conf.web", "pass\n" },
	    { "pf.conf.xmpp", "set skip on lo\npass\n" } } },
	{ "no rule at all in a VM", "", { HOSTS, GOOD,
	    { "pf.conf.jvb", "set skip on lo\n" } } },
	{ "one pass without a direction", "", { HOSTS, { "pf.conf.router",
	    "block return\n" NAT "pass on tap\npass out on egress\n"
	    "pass in on egress proto tcp to port { 80 443 } rdr-to web\n"
	    "pass in on egress proto udp to port 10000 rdr-to jvb\n" } } },
	{ "set skip on tap", "", { HOSTS, { "pf.conf.router",
	    "set skip on { lo tap }\nblock return\n" NAT
	    "pass out on egress\n"
	    "pass in on egress proto tcp to port { 80 443 } rdr-to web\n"
	    "pass in on egress proto udp to port 10000 rdr-to jvb\n" }, WEB,
	    JVB } },
	{ "VMs and the router in one network of 256", "", { LAN,
	    { "pf.conf.router", "ext = \"em0\"\nlan = \"em1\"\nset skip on lo\n"
	    "block return\nmatch out on $ext inet from $lan:network nat-to "
	    "($ext)\npass out\npass in on $lan\n"
	    "pass in on $ext proto tcp to ($ext) port { 80 443 } rdr-to web\n"
	    "pass in on $ext proto udp to ($ext) port 10000 rdr-to jvb\n" },
	    WEB, XMPP, JVB, JICOFO } },
	{ "VMs behind vether0 on a bridge", "", { LAN, { "pf.conf.router",
	    "block return\nmatch out on egress from vether0:network nat-to "
	    "(egress)\npass out\npass in on vether0\n"
	    "pass in on egress proto tcp to (egress) port { 80 443 } rdr-to "
	    "web\npass in on egress proto udp to (egress) port 10000 rdr-to "
	    "jvb\n" }, XMPP } },
	{ "filtered on egress only", "", { HOSTS, { "pf.conf.router",
	    "block in on egress\n" NAT
	    "pass in on egress proto tcp to (egress) port { 80 443 } rdr-to "
	    "web\npass in on egress proto udp to (egress) port 10000 rdr-to "
	    "jvb\n" } } },
	{ "tables for the VMs", "", { HOSTS, { "pf.conf.router",
	    "table <vms> const { web xmpp jicofo jvb }\n"
	    "table <clients> { jicofo jvb }\nset skip on lo\nblock return\n"
	    "match out on egress inet from <vms> nat-to (egress:0)\n"
	    "pass out on egress\npass in on tap from <vms> to ! <vms>\n"
	    "pass in on tap proto tcp from <clients> to xmpp port 5222\n"
	    "pass in on tap proto tcp from web to xmpp port 5280\n"
	    "pass out on tap to <vms>\n"
	    "pass in on egress proto tcp to port { 80 443 } rdr-to web\n"
	    "pass in on egress proto udp to port 10000 rdr-to jvb\n" } } },
	{ "the site's rules in an anchor", "", { HOSTS, { "pf.conf.router",
	    "set skip on lo\nblock return\n" NAT "pass out\n"
	    "anchor \"jitsi\" {\n\tpass in on egress proto tcp to (egress) "
	    "port { 80 443 } rdr-to web\n\tpass in on egress proto udp to "
	    "(egress) port 10000 rdr-to jvb\n\tpass in on tap proto tcp to "
	    "xmpp port { 5222 5280 }\n}\n" } } },
	{ "an anchor that is filled at run time", "", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return\n" NAT
	    "pass out\nanchor \"jitsi/*\"\npass in on egress proto tcp to "
	    "port { 80 443 } rdr-to web\n" } } },
	{ "redirected to macros with addresses", "", { { "pf.conf.router",
	    "web_ip = \"10.1.1.2\"\njvb_ip = \"10.1.4.2\"\nxmpp_ip = "
	    "\"10.1.2.2\"\nset skip on lo\nblock return\n"
	    "match out on egress inet from 10.1.0.0/16 nat-to (egress)\n"
	    "pass out\npass in on egress proto tcp to (egress) port "
	    "{ 80 443 } rdr-to $web_ip\npass in on egress proto udp to "
	    "(egress) port 10000 rdr-to $jvb_ip\npass in from 10.1.0.0/16\n" }
	    } },
	{ "IPv6 added", "", { { "hosts", "100.64.1.3 web\n"
	    "2001:db8:1::3 web\n100.64.2.3 xmpp\n100.64.3.3 jicofo\n"
	    "100.64.4.3 jvb\n2001:db8:4::3 jvb\n" }, { "pf.conf.router",
	    "set skip on lo\nblock return\n" NAT "pass out\n"
	    "pass in on egress inet proto tcp to (egress) port { 80 443 } "
	    "rdr-to web\npass in on egress inet proto udp to (egress) port "
	    "10000 rdr-to jvb\npass in on egress inet6 proto tcp to web port "
	    "{ 80 443 }\npass in on egress inet6 proto udp to jvb port 10000\n"
	    "pass in on tap proto tcp from { jvb jicofo } to xmpp port 5222\n"
	    "pass in on tap proto tcp from web to xmpp port 5280\n" } } },
	{ "a router with pass out only", "", { HOSTS, { "pf.conf.router",
	    "block in\npass out\n" NAT
	    "pass in on tap\n"
	    "pass in on egress proto tcp to (egress) port { 80 443 } rdr-to "
	    "web\npass in on egress proto udp to (egress) port 10000 rdr-to "
	    "jvb\n" } } },
	{ "clients of certain networks only", "", { HOSTS,
	    { "pf.conf.router", "office = \"{ 192.0.2.0/24 198.51.100.0/24 }"
	    "\"\nset skip on lo\nblock return\n" NAT "pass out\n"
	    "pass in on egress proto tcp from $office to (egress) port "
	    "{ 80 443 } rdr-to web\npass in on egress proto udp from $office "
	    "to (egress) port 10000 rdr-to jvb\npass in on tap\n" } } },
	{ "impossible sources dropped, as in the FAQ", "", { HOSTS,
	    { "pf.conf.router", "table <martians> { 0.0.0.0/8 10.0.0.0/8 "
	    "127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 "
	    "192.0.2.0/24 224.0.0.0/3 192.168.0.0/16 198.18.0.0/15 "
	    "198.51.100.0/24 203.0.113.0/24 }\nset block-policy drop\n"
	    "set skip on lo0\nmatch in all scrub (no-df random-id max-mss "
	    "1440)\nmatch out on egress inet from !(egress:network) to any "
	    "nat-to (egress:0)\nantispoof quick for { egress tap0 tap1 }\n"
	    "block in quick on egress from <martians> to any\n"
	    "block return out quick on egress from any to <martians>\n"
	    "block all\npass out quick inet\n"
	    "pass in on { tap0 tap1 tap2 tap3 } inet\n"
	    "pass in on egress inet proto tcp from any to (egress) port "
	    "{ 80 443 } rdr-to web\npass in on egress inet proto udp to "
	    "(egress) port 10000 rdr-to jvb\n" } } },
	{ "passed by tags", "", { HOSTS, { "pf.conf.router",
	    "set skip on lo\nblock return\n" NAT "pass out on egress\n"
	    "pass in on egress proto tcp to (egress) port { 80 443 } rdr-to "
	    "web tag JITSI\npass in on egress proto udp to (egress) port "
	    "10000 rdr-to jvb tag JITSI\npass in on tap tag JITSI\n"
	    "pass out on tap tagged JITSI\n" } } },
	{ "a relay of the web on the router", "", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return\n" NAT
	    "pass out\npass in on egress proto tcp to (egress) port "
	    "{ 80 443 }\npass in on egress proto udp to (egress) port 10000 "
	    "rdr-to jvb\npass in on tap\n" } } },
	{ "all on one host", "", { { "pf.conf", "set skip on lo\nblock "
	    "return\npass out\npass in on egress proto tcp to port { 22 80 "
	    "443 }\npass in on egress proto udp to port 10000\n" } } },
	{ "all on one host, the system's own pf.conf", "", { { "pf.conf",
	    "set skip on lo\nblock return\npass\nblock return in on ! lo0 "
	    "proto tcp to port 6000:6010\nblock return out log proto { tcp "
	    "udp } user _pbuild\n" }, { "prosody.cfg.lua",
	    "VirtualHost \"meet.example\"\n" }, { "jvb.conf",
	    "videobridge.x = 1\n" } } },
	{ "media on another port, said nowhere else", "", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return\n" NAT
	    "pass out\npass in on tap\npass in on egress proto tcp to "
	    "(egress) port { 80 443 } rdr-to web\npass in on egress proto udp "
	    "to (egress) port 20000 rdr-to jvb\n" }, { "pf.conf.jvb",
	    "block return\npass out\npass in proto udp to self port 20000\n" }
	    } },
	{ "a range of media ports, and the bridge's in it", "", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return\n" NAT
	    "pass out\npass in on tap\npass in on egress proto tcp to "
	    "(egress) port { 80 443 } rdr-to web\npass in on egress proto udp "
	    "to (egress) port 10000:10050 rdr-to jvb\n" }, { "jvb.conf.jvb",
	    "videobridge.ice.udp.port = 10010\n" } } },
	{ "a TURN server takes the media", "", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return\n" NAT
	    "pass out\npass in on tap\npass in on egress proto tcp to "
	    "(egress) port { 80 443 } rdr-to web\npass in on egress proto "
	    "{ tcp udp } to (egress) port 3478 rdr-to web\n"
	    "pass in on egress proto udp to (egress)\n" },
	    { "turnserver.conf", "static-auth-secret=x\nlistening-port=3478\n"
	    } } },
	{ "a monitor of its own", "", { HOSTS, { "pf.conf.jvb", "block "
	    "return\npass out\npass in proto udp to self port 10000\n"
	    "pass in proto tcp from 192.0.2.9 to self port 8080\n" },
	    { "jvb.conf.jvb", "videobridge.http-servers.private.host = "
	    "\"100.64.4.3\"\n" } } },
	{ "hosts with names of their own", "", { { "hosts",
	    "10.1.1.2 front\n10.1.2.2 chat\n10.1.3.2 boss\n10.1.4.2 video\n"
	    }, { "pf.conf.gate", "set skip on lo\nblock return\n"
	    "match out on egress inet from 10.1.0.0/16 nat-to (egress)\n"
	    "pass out\npass in on egress proto tcp to (egress) port { 80 443 "
	    "} rdr-to front\npass in on egress proto udp to (egress) port "
	    "10000 rdr-to video\npass in proto tcp from { boss video } to chat "
	    "port 5222\npass in proto tcp from front to chat port 5280\n" },
	    { "jicofo.conf.boss", "jicofo.xmpp.client.hostname = chat\n" },
	    { "pf.conf.chat", "block return\npass in proto tcp from { boss "
	    "video } to port 5222\npass in proto tcp from front to port "
	    "5280\n" } } },
	{ "networks of interfaces that no file describes", "", { HOSTS,
	    { "pf.conf.router", ROUTER "pass in on em1 from em1:network\n"
	    "pass in on vlan7 proto tcp from { em2:network em3 } to port 22\n"
	    "antispoof for { em1 em2 }\n" } } },
	{ "nginx on another port", "", { HOSTS, { "pf.conf.web",
	    "block return\npass out\npass in proto tcp to self port 8443\n" },
	    { "nginx.conf.web", "http { server { listen 8443 ssl; "
	    "server_name a.example; location = /http-bind { proxy_pass "
	    "http://xmpp:5281/http-bind; } } }\n" }, { "pf.conf.xmpp",
	    "block return\npass in proto tcp from { jicofo jvb } to port "
	    "5222\npass in proto tcp from web to port 5281\n" },
	    { "prosody.cfg.lua.xmpp", "VirtualHost \"a.example\"\n" } } },
	{ "two bridges, a port each", "", { { "hosts",
	    "100.64.1.3 web\n100.64.2.3 xmpp\n100.64.3.3 jicofo\n"
	    "100.64.4.3 jvb1\n100.64.5.3 jvb2\n" }, { "pf.conf.router",
	    "set skip on lo\nblock return\n" NAT "pass out\npass in on tap\n"
	    "pass in on egress proto tcp to (egress) port { 80 443 } rdr-to "
	    "web\npass in on egress proto udp to (egress) port 10000 rdr-to "
	    "jvb1\npass in on egress proto udp to (egress) port 10001 rdr-to "
	    "jvb2\n" }, { "jvb.conf.jvb1", "videobridge.ice.udp.port = 10000\n"
	    }, { "jvb.conf.jvb2", "videobridge.ice.udp.port = 10001\n" },
	    { "pf.conf.jvb1", "block return\npass out\npass in proto udp to "
	    "self port 10000\n" }, { "pf.conf.jvb2", "block return\npass out"
	    "\npass in proto udp to self port 10001\n" }, { "pf.conf.xmpp",
	    "block return\npass out\npass in proto tcp from { jicofo jvb1 "
	    "jvb2 } to self port 5222\npass in proto tcp from web to self "
	    "port 5280\n" } } },
	{ "two bridges, the second one's files alone", "", { { "hosts",
	    "100.64.4.3 jvb1\n100.64.5.3 jvb2\n100.64.2.3 xmpp\n" },
	    { "jvb.conf.jvb2", "videobridge.ice.udp.port = 10001\n" },
	    { "pf.conf.jvb2", "block return\npass out\npass in proto udp to "
	    "self port 10001\n" } } },
	{ "VMs that nobody lets out", "", { HOSTS, { "pf.conf.router",
	    "set skip on lo\nblock return\npass out on egress from self\n"
	    NAT "pass in on egress inet proto tcp to (egress) port { 80 443 } "
	    "rdr-to web\npass in on egress inet proto udp to (egress) port "
	    "10000 rdr-to jvb\npass in on tap to 100.64.0.0/10\n"
	    "pass out on tap\n" } } },
	{ "port 80 to another VM for its certificates", "", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return\n" NAT
	    "pass out\npass in on tap\npass in on egress proto tcp to "
	    "(egress) port 443 rdr-to web\npass in on egress proto tcp to "
	    "(egress) port 80 rdr-to xmpp\npass in on egress proto udp to "
	    "(egress) port 10000 rdr-to jvb\n" } } },
	{ "certain networks, behind a redirection by match", "", { HOSTS,
	    { "pf.conf.router", "table <office> persist file \"/etc/office\"\n"
	    "set skip on lo\n" NAT "match in on egress inet proto tcp to "
	    "(egress) port { 80 443 } rdr-to web\npass\nblock in on egress\n"
	    "pass in on egress inet proto tcp from 192.0.2.0/24 to web port "
	    "{ 80 443 }\n" } } },
	{ "other hosts beside the site", "", { { "hosts", "100.64.1.3 web\n"
	    "100.64.2.3 xmpp\n100.64.3.3 jicofo\n100.64.4.3 jvb\n10.9.9.5 "
	    "mail\n10.9.9.6 vpn\n" }, { "pf.conf.mail", "block\npass in "
	    "proto tcp to port { 25 80 443 587 993 }\n" }, { "pf.conf.vpn",
	    "block\nmatch out on egress inet from wg0:network nat-to "
	    "(egress)\npass in on egress proto udp to port 51820\n" },
	    WEB, XMPP } },
	{ "a filter of no said host that serves another purpose", "", { HOSTS,
	    { "pf.conf", "block\nmatch out on egress inet from wg0:network "
	    "nat-to (egress)\npass in on wg0\npass out on egress\n" }, WEB,
	    XMPP } },
	{ "no port 80 at all", "", { HOSTS, { "pf.conf.web", "block return\n"
	    "pass out\npass in proto tcp to port 443\n" } } },
	{ "names that DNS may have", "", { HOSTS, { "pf.conf.router",
	    ROUTER "pass in on egress proto tcp from admin.example.org to "
	    "port 22\n" } } },
	{ "a table from a file, and rules of its own file", "", { HOSTS,
	    { "pf.conf.router", "table <bad> persist file \"/etc/bad\"\n"
	    "include \"/etc/pf.jitsi\"\n" ROUTER "block in quick from <bad>\n"
	    } } },
	{ "an included file that is there", "", { HOSTS,
	    { "/etc/router/pf.conf", "set skip on lo\nblock return\n" NAT
	    "pass out\npass in on tap\ninclude \"/etc/router/pf.jitsi\"\n" },
	    { "/etc/router/pf.jitsi", "pass in on egress proto tcp to port "
	    "{ 80 443 } rdr-to web\npass in on egress proto udp to port 10000 "
	    "rdr-to jvb\n" } } },
	{ "match redirects, and a rule passes what came of it", "", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return\n" NAT
	    "pass out\npass in on tap\n"
	    "match in on egress proto tcp to (egress) port { 80 443 } rdr-to "
	    "web\nmatch in on egress proto udp to (egress) port 10000 rdr-to "
	    "jvb\npass in on egress proto tcp to web port { 80 443 }\n"
	    "pass in on egress proto udp to jvb port 10000\n" } } },
	{ "two public addresses", "", { HOSTS, { "pf.conf.router",
	    "ext = \"em0\"\nweb_pub = \"198.51.100.7\"\njvb_pub = "
	    "\"198.51.100.8\"\nset skip on lo\nblock return\n"
	    "match out on $ext inet from 100.64.0.0/10 nat-to $web_pub\n"
	    "pass out\npass in on tap\npass in on $ext inet proto tcp to "
	    "$web_pub port { 80 443 } rdr-to web\npass in on $ext inet proto "
	    "udp to $jvb_pub port 10000 rdr-to jvb\n" } } },
	{ "names with a domain that no file given has", "", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return\n" NAT
	    "pass out\npass in on egress proto tcp to (egress) port { 80 443 "
	    "} rdr-to web.vm.example.org\npass in on egress proto udp to "
	    "(egress) port 10000 rdr-to jvb.vm.example.org\n"
	    "pass in on tap proto tcp from { jicofo.vm.example.org "
	    "jvb.vm.example.org } to xmpp.vm.example.org port 5222\n"
	    "pass in on tap proto tcp from web.vm.example.org to "
	    "xmpp.vm.example.org port 5280\n" }, { "pf.conf.xmpp",
	    "block return\npass out\npass in proto tcp from "
	    "jicofo.vm.example.org to self port 5222\npass in proto tcp from "
	    "jvb.vm.example.org to self port 5222\npass in proto tcp from "
	    "web.vm.example.org to self port 5280\n" } } },
	{ "groups of interfaces with names of their own", "", { LAN,
	    { "pf.conf.router", "set skip on lo\nblock return\n"
	    "match out on wan inet from lan:network nat-to (wan)\n"
	    "pass out on { wan lan }\npass in on lan\n"
	    "pass in on wan inet proto tcp to (wan) port { 80 443 } rdr-to "
	    "web\npass in on wan inet proto udp to (wan) port 10000 rdr-to "
	    "jvb\n" } } },
	{ "a VLAN for each VM", "", { { "hosts", "10.11.0.2 web\n10.12.0.2 "
	    "xmpp\n10.13.0.2 jicofo\n10.14.0.2 jvb\n" },
	    { "pf.conf.router", "set skip on lo\nblock return\n"
	    "match out on egress inet from 10.8.0.0/13 nat-to (egress)\n"
	    "pass out on egress\n"
	    "pass in on vlan11 proto tcp from web to xmpp port 5280\n"
	    "pass in on { vlan13 vlan14 } proto tcp to xmpp port 5222\n"
	    "pass out on vlan11 proto tcp to web port { 80 443 }\n"
	    "pass out on vlan12 proto tcp to xmpp port { 5222 5280 }\n"
	    "pass out on vlan14 proto udp to jvb port 10000\n"
	    "pass in on egress inet proto tcp to (egress) port { 80 443 } "
	    "rdr-to web\npass in on egress inet proto udp to (egress) port "
	    "10000 rdr-to jvb\n" } } },
	{ "taps in another order than the numbers", "", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return\n" NAT
	    "pass out on egress\npass in on egress proto tcp to (egress) "
	    "port { 80 443 } rdr-to web\npass in on egress proto udp to "
	    "(egress) port 10000 rdr-to jvb\npass in on tap1 proto tcp from "
	    "web to xmpp port 5280\npass in on tap4 proto tcp from jvb to "
	    "xmpp port 5222\npass in on tap3 proto tcp from jicofo to xmpp "
	    "port 5222\npass out on tap1 proto tcp to web port { 80 443 }\n"
	    "pass out on tap2 proto tcp to xmpp port { 5222 5280 }\n"
	    "pass out on tap4 proto udp to jvb port 10000\n" } } },
	{ "the bridge with an address of its own beside the router", "", {
	    { "hosts", "100.64.1.3 web\n100.64.2.3 xmpp\n100.64.3.3 jicofo\n"
	    "45.33.32.156 jvb\n" }, { "pf.conf.router", "set skip on lo\n"
	    "block return\n" NAT "pass out\npass in on tap\npass in on "
	    "egress proto tcp to (egress) port { 80 443 } rdr-to web\n" },
	    { "pf.conf.jvb", "block return\npass out\npass in proto udp to "
	    "port 10000\n" } } },
	{ "two routers", "", { HOSTS, GOOD, { "pf.conf.gw2", "block return\n"
	    "pass out\npass in on egress proto tcp to port 443 rdr-to "
	    "192.0.2.77\n" } } },
	{ "files of two days in two folders", "", { HOSTS,
	    { "old/pf.conf", "block return\npass in on egress proto tcp to "
	    "port 443 rdr-to web\n" }, { "new/pf.conf", ROUTER } } },
	{ "spoofed sources dropped", "", { HOSTS, { "pf.conf.router",
	    "set skip on lo\nantispoof quick for { lo egress }\nblock "
	    "return\nblock in quick from { urpf-failed no-route } to any\n"
	    NAT "pass out\npass in on tap\npass in on egress proto tcp to "
	    "(egress) port { 80 443 } rdr-to web\npass in on egress proto "
	    "udp to (egress) port 10000 rdr-to jvb\n" }, { "pf.conf.web",
	    "antispoof quick for vio0\nblock in quick from urpf-failed\n"
	    "block return\npass out\npass in on vio0 proto tcp to port "
	    "{ http https }\n" } } },
	{ "limits and synproxy on what is open", "", { HOSTS,
	    { "pf.conf.router", "table <flood> persist\nset skip on lo\n"
	    "block return\nblock in quick from <flood>\n" NAT "pass out\n"
	    "pass in on tap\npass in on egress proto tcp to (egress) port "
	    "{ 80 443 } synproxy state (max-src-conn 200, max-src-conn-rate "
	    "50/5, overload <flood> flush global) rdr-to web\npass in on "
	    "egress proto udp to (egress) port 10000 rdr-to jvb\n" } } },
	{ "the system's own pf.conf in every VM", "", { HOSTS, GOOD,
	    { "pf.conf.web", OPENBSD }, { "pf.conf.xmpp", OPENBSD },
	    { "pf.conf.jicofo", OPENBSD }, { "pf.conf.jvb", OPENBSD } } },
	{ "jicofo on prosody's machine", "", { { "hosts", "100.64.1.3 web\n"
	    "100.64.2.3 xmpp jicofo\n100.64.4.3 jvb\n" }, { "pf.conf.xmpp",
	    "set skip on lo\nblock return\npass out\npass in proto tcp "
	    "from jvb to self port 5222\npass in proto tcp from web to self "
	    "port 5280\n" } } },
	{ "passed for users of the machine", "", { HOSTS, { "pf.conf.jicofo",
	    "block return\npass out proto { tcp udp } user { root _ntp }\n"
	    "pass out proto tcp to xmpp port 5222 user _jicofo\n" } } },
	{ "a bridge and a web server behind binat", "", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return\n" NAT
	    "match on em0 inet from jvb to any binat-to 198.51.100.9\n"
	    "pass out\npass in on tap\npass in on em0 inet proto udp to jvb "
	    "port 10000\npass in on em0 inet proto tcp to (em0) port { 80 443 "
	    "} rdr-to web\n" } } },
};
#define WORKING (sizeof(working) / sizeof(working[0]))

static const struct layout broken[] = {
	{ "the talk's router as printed: no second leg, no nat",
	    "pf-out-leg-blocked pf.conf.router:1 "
	    "pf-nat-missing pf.conf.router:2", { HOSTS, { "pf.conf.router",
	    BASE
	    "pass in on egress proto tcp to any port { 80 443 } rdr-to web\n"
	    "pass in on egress proto udp to any port { 10000 } rdr-to jvb\n"
	    "pass in proto tcp from { jvb jicofo } to xmpp port 5222\n"
	    "pass in proto tcp from web to xmpp port 5280\n"
	    "vms=\"{ web xmpp jicofo jvb }\"\npass in proto { udp tcp } from "
	    "$vms to any port domain rdr-to 9.9.9.9\n" } } },
	{ "a list without quotes", "pf-config-not-loaded pf.conf.router:10",
	    { HOSTS, { "pf.conf.router", ROUTER
	    "vms={ web xmpp jicofo jvb }\n" } } },
	{ "a macro that nothing defines",
	    "pf-config-not-loaded pf.conf.web:3", { HOSTS, { "pf.conf.web",
	    BASE "pass in quick on egress proto tcp from $admin to port 22\n"
	    "pass in quick on egress proto tcp to self port { 80 443 }\n" } }
	    },
	{ "a name with AAAA in a redirection",
	    "pf-config-not-loaded pf.conf.router:3", { { "hosts",
	    "100.64.1.3 web\n2001:db8:1::3 web\n100.64.4.3 jvb\n" },
	    { "pf.conf.router", "set skip on lo\nblock return log\n"
	    "pass in on egress proto tcp to any port { 80 443 } rdr-to web\n"
	    "pass in on egress inet proto udp to any port 10000 rdr-to jvb\n"
	    "pass out on tap\n" } } },
	{ "the readme's rule without proto",
	    "pf-config-not-loaded pf.conf.web:3", { HOSTS, { "pf.conf.web",
	    BASE "pass in on egress to (egress) tcp port { 80 443 }\n" } } },
	{ "a name spelled wrong", "pf-config-not-loaded pf.conf.router:10",
	    { HOSTS, { "pf.conf.router", ROUTER
	    "pass in on egress proto udp to any port 10000 rdr-to jbv\n" } } },
	{ "prosody's VM blocks 5222", "pf-blocks-5222 pf.conf.xmpp:1",
	    { HOSTS, GOOD, { "pf.conf.xmpp", BASE
	    "pass in proto tcp from web to self port 5280\n" }, JVB } },
	{ "prosody's VM lets jicofo in, not the bridge",
	    "pf-blocks-5222 pf.conf.xmpp:1", { HOSTS, { "pf.conf.xmpp", BASE
	    "pass in proto tcp from jicofo to self port 5222\npass in proto "
	    "tcp from web to self port 5280\n" } } },
	{ "the web VM does not let nginx out",
	    "pf-blocks-5280 pf.conf.web:1", { HOSTS, { "pf.conf.web", BASE
	    "pass in quick on egress proto tcp to self port { 80 443 }\n" },
	    XMPP } },
	{ "the bridge's VM blocks media", "pf-blocks-10000 pf.conf.jvb:1",
	    { HOSTS, GOOD, { "pf.conf.jvb", BASE
	    "pass out quick on egress proto tcp to xmpp port 5222\n" } } },
	{ "the bridge's VM passes tcp for udp",
	    "pf-blocks-10000 pf.conf.jvb:1", { HOSTS, { "pf.conf.jvb", BASE
	    "pass out quick on egress proto tcp to xmpp port 5222\n"
	    "pass in proto tcp to self port 10000\n" } } },
	{ "the router and prosody's VM both",
	    "pf-blocks-5222 pf.conf.router:2 pf-blocks-5222 pf.conf.xmpp:1",
	    { HOSTS, { "pf.conf.router",
	    "set skip on lo\nblock return log\n" NAT "pass out on egress\n"
	    "pass in on egress inet proto tcp to (egress) port { 80 443 } "
	    "rdr-to web\npass in on egress inet proto udp to (egress) port "
	    "10000 rdr-to jvb\npass in on tap inet proto tcp from web to xmpp "
	    "port 5280\npass out on tap\n" }, { "pf.conf.xmpp", BASE
	    "pass in proto tcp from web to self port 5280\n" } } },
	{ "the router's own rule for 5222 is missing",
	    "pf-blocks-5222 pf.conf.router:2", { HOSTS, { "pf.conf.router",
	    "set skip on lo\nblock return log\n" NAT "pass out on egress\n"
	    "pass in on egress inet proto tcp to (egress) port { 80 443 } "
	    "rdr-to web\npass in on egress inet proto udp to (egress) port "
	    "10000 rdr-to jvb\npass in on tap inet proto tcp from web to xmpp "
	    "port 5280\npass out on tap\n" } } },
	{ "blocked by a later rule", "pf-blocks-10000 pf.conf.router:10",
	    { HOSTS, { "pf.conf.router", ROUTER
	    "block in on egress proto udp\n" } } },
	{ "blocked by a quick rule before", "pf-blocks-web pf.conf.web:1",
	    { HOSTS, { "pf.conf.web", "block in quick proto tcp to port 443\n"
	    "pass\n" } } },
	{ "BOSH open to the world by the router",
	    "xmpp-port-open-to-world pf.conf.router:10", { HOSTS,
	    { "pf.conf.router", ROUTER "pass in on egress inet proto tcp to "
	    "any port 5280 rdr-to xmpp # debug\n" } } },
	{ "5222 open on a host with everything",
	    "xmpp-port-open-to-world pf.conf:4", { { "pf.conf",
	    "set skip on lo\nblock return\npass out\npass in on egress proto "
	    "tcp to port { 22 80 443 5222 }\npass in on egress proto udp to "
	    "port 10000\n" } } },
	{ "REST redirected from outside",
	    "rest-port-open-to-world pf.conf.router:10", { HOSTS,
	    { "pf.conf.router", ROUTER "pass in on egress inet proto tcp to "
	    "any port 8080 rdr-to jvb\n" } } },
	{ "redirected to the address of another VM",
	    "pf-redirects-elsewhere pf.conf.router:6", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return log\n" NAT
	    "pass out\npass in on tap\n"
	    "pass in on egress inet proto udp to (egress) port 10000 rdr-to "
	    "100.64.3.3\n" "pass in on egress inet proto tcp to (egress) port "
	    "{ 80 443 } rdr-to web\n" } } },
	{ "the numbering of vm.conf moved", "pf-redirects-elsewhere "
	    "pf.conf.router:6", { { "vm.conf.router", "vm \"xmpp\" {\n local "
	    "interface\n}\nvm \"web\" {\n local interface\n}\nvm \"jicofo\" "
	    "{\n local interface\n}\nvm \"jvb\" {\n local interface\n}\n" },
	    { "pf.conf.router", "set skip on lo\nblock return log\n" NAT
	    "pass out\npass in on tap\n"
	    "pass in on egress inet proto tcp to (egress) port 443 rdr-to "
	    "100.64.1.3\n" "pass in on egress inet proto udp to (egress) port "
	    "10000 rdr-to 100.64.4.3\n" } } },
	{ "the bridge listens on another port than is redirected",
	    "media-redirect-missing pf.conf.router:6", { HOSTS, GOOD,
	    { "jvb.conf.jvb", "videobridge.ice.udp.port = 10001\n" } } },
	{ "the bridge's port in its older file",
	    "media-redirect-missing pf.conf.router:6", { HOSTS, GOOD,
	    { "sip-communicator.properties", "org.jitsi.videobridge.SINGLE_"
	    "PORT_HARVESTER_PORT=10443\n" } } },
	{ "redirected to a port where no bridge listens",
	    "media-redirect-missing pf.conf.router:10", { HOSTS,
	    { "pf.conf.router", ROUTER "pass in on egress inet proto udp to "
	    "(egress) port 10000 rdr-to jvb port 20000\n" },
	    { "jvb.conf.jvb", "videobridge.ice.udp.port = 10000\n" } } },
	{ "media passes to the router itself",
	    "media-redirect-missing pf.conf.router:6", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return\n" NAT
	    "pass out\npass in on tap\npass in on egress proto udp to "
	    "(egress) port 10000\npass in on egress proto tcp to (egress) "
	    "port { 80 443 } rdr-to web\n" } } },
	{ "a second rule takes the redirection away",
	    "pf-blocks-web pf.conf.router:10", { HOSTS, { "pf.conf.router",
	    ROUTER "pass in on egress proto tcp to any port { 22 443 }\n" } } },
	{ "match redirects, and nothing passes",
	    "pf-blocks-web pf.conf.router:2 pf-blocks-10000 "
	    "pf.conf.router:2", { HOSTS, { "pf.conf.router",
	    "set skip on lo\nblock return\n" NAT "pass out\npass in on tap\n"
	    "match in on egress proto tcp to any port { 80 443 } rdr-to web\n"
	    "match in on egress proto udp to any port 10000 rdr-to jvb\n" } }
	    },
	{ "the syntax of another system",
	    "pf-config-not-loaded pf.conf.router:2", { HOSTS, {
	    "pf.conf.router", "ext_if = \"em0"
	    "\"\nnat on $ext_if from 100.64.0.0/10 to any -> ($ext_if)\n"
	    "rdr on $ext_if proto tcp to port 443 -> 100.64.1.3\npass\n" } } },
	{ "match redirects, and the pass rule names the public address",
	    "pf-blocks-web pf.conf.router:7", { HOSTS, { "pf.conf.router",
	    "ext = \"em0\"\nset skip on lo\nmatch out on $ext inet from "
	    "100.64.0.0/10 nat-to ($ext)\nmatch in on $ext inet proto tcp to "
	    "($ext) port { 80 443 } rdr-to web\nmatch in on $ext inet proto "
	    "udp to ($ext) port 10000 rdr-to jvb\npass\nblock in on $ext\n"
	    "pass in on $ext inet proto tcp to ($ext) port { 80 443 }\n"
	    "pass in on $ext inet proto udp to jvb port 10000\n" } } },
	{ "no nat-to for the VMs", "pf-nat-missing pf.conf.router:3",
	    { HOSTS, { "pf.conf.router", "set skip on lo\nblock return\n"
	    "pass out\npass in on tap\npass in on egress proto tcp to port "
	    "{ 80 443 } rdr-to web\npass in on egress proto udp to port 10000 "
	    "rdr-to jvb\n" } } },
	{ "the second leg of media only",
	    "pf-out-leg-blocked pf.conf.router:10", { HOSTS,
	    { "pf.conf.router", ROUTER "block out log on tap3 proto udp\n" } }
	    },
	{ "no state, and the answer is blocked",
	    "pf-blocks-10000 pf.conf.jvb:1", { HOSTS, { "pf.conf.jvb",
	    "block return\npass out proto tcp\n"
	    "pass in proto udp to self port 10000 no state\n" } } },
	{ "all on one host, the loopback blocked",
	    "pf-blocks-5280 pf.conf:1 pf-blocks-5222 pf.conf:1", { {
	    "pf.conf", "block return\npass out on egress\npass in on egress "
	    "proto tcp to port { 22 80 443 }\npass in on egress proto udp to "
	    "port 10000\n" } } },
	{ "the bridge's websockets are blocked",
	    "colibri-websocket-unreachable pf.conf.jvb:1", { HOSTS, JVB,
	    { "jvb.conf.jvb", "videobridge { websockets.enabled = true, "
	    "http-servers.public { host = \"100.64.4.3\", port = 9090 } }\n"
	    }, { "nginx.conf.web", "http { server { listen 443 ssl; location "
	    "~ ^/colibri-ws/jvb/(.*) { proxy_pass http://100.64.4.3:9090/"
	    "colibri-ws/jvb/$1; } } }\n" } } },
	{ "the second bridge is not let out",
	    "pf-blocks-5222 pf.conf.jvb2:1", { { "hosts",
	    "100.64.2.3 xmpp\n100.64.4.3 jvb1\n100.64.5.3 jvb2\n" },
	    { "pf.conf.jvb1", "block return\npass out\n"
	    "pass in proto udp to self port 10000\n" }, { "pf.conf.jvb2",
	    "block return\npass in proto udp to self port 10001\n" },
	    { "jvb.conf.jvb2", "videobridge.ice.udp.port = 10001\n" } } },
	{ "the second bridge's port is not redirected",
	    "media-redirect-missing pf.conf.router:6", { { "hosts",
	    "100.64.1.3 web\n100.64.2.3 xmpp\n100.64.3.3 jicofo\n"
	    "100.64.4.3 jvb\n100.64.5.3 jvb2\n" }, { "pf.conf.router",
	    "set skip on lo\nblock return\n" NAT "pass out\npass in on tap\n"
	    "pass in on egress proto udp to (egress) port 10000 rdr-to jvb2\n"
	    "pass in on egress proto udp to (egress) port 10002 rdr-to jvb\n"
	    "pass in on egress proto tcp to (egress) port 443 rdr-to web\n"
	    }, { "pf.conf.jvb", "pass\n" }, { "pf.conf.jvb2", "pass\n" },
	    { "jvb.conf.jvb2", "videobridge.ice.udp.port = 10001\n" },
	    { "jvb.conf.jvb", "videobridge.ice.udp.port = 10002\n" } } },
	{ "passed by the source that nat-to has replaced",
	    "pf-blocks-outgoing pf.conf.router:2", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return log\n" NAT
	    "pass out on egress inet from 100.64.0.0/10\npass in on tap\n"
	    "pass out on tap\npass in on egress inet proto tcp to (egress) "
	    "port { 80 443 } rdr-to web\npass in on egress inet proto udp to "
	    "(egress) port 10000 rdr-to jvb\n" } } },
	{ "port 80 is redirected and blocked on the way out",
	    "pf-out-leg-blocked pf.conf.router:2", { HOSTS, {
	    "pf.conf.router", "set skip on lo\nblock return log\n" NAT
	    "pass out on egress\npass in on tap\npass in on egress inet "
	    "proto tcp to (egress) port { 80 443 } rdr-to web\npass out on "
	    "tap inet proto tcp to web port 443\npass in on egress inet proto "
	    "udp to (egress) port 10000 rdr-to jvb\npass out on tap inet "
	    "proto udp to jvb port 10000\npass out on tap inet proto tcp to "
	    "xmpp port { 5222 5280 }\n" } } },
	{ "port 80 is passed in an anchor and blocked behind it",
	    "pf-blocks-http pf.conf.router:9", { HOSTS, { "pf.conf.router",
	    "set skip on lo\nblock return\n" NAT "anchor \"jitsi\" in on "
	    "egress {\n\tpass in proto tcp to port { 80 443 } rdr-to web\n"
	    "\tpass in proto udp to port 10000 rdr-to jvb\n}\npass out\n"
	    "block return in on egress proto tcp to port 80\npass in on tap\n"
	    } } },
	{ "certificates cannot be renewed", "pf-blocks-http pf.conf.web:1",
	    { HOSTS, { "pf.conf.web", "block return\npass out\npass in proto "
	    "tcp to port 443\n" }, { "acme-client.conf.web", "domain "
	    "a.example {\n domain key \"/k\"\n domain full chain certificate "
	    "\"/c\"\n}\n" } } },
	{ "the monitor is passed by no rule",
	    "pf-blocks-8080 pf.conf.jvb:1 pf-blocks-8888 pf.conf.jicofo:1",
	    { HOSTS, JVB, { "jvb.conf.jvb", "videobridge.http-servers.private"
	    ".host = \"100.64.4.3\"\n" }, JICOFO, { "jicofo.conf.jicofo",
	    "jicofo.rest.host = \"100.64.3.3\"\n" } } },
	{ "in an included file", "pf-config-not-loaded /etc/router/pf.jitsi:2",
	    { HOSTS, { "/etc/router/pf.conf", "set skip on lo\nblock return\n"
	    "pass out\ninclude \"/etc/router/pf.jitsi\"\n" },
	    { "/etc/router/pf.jitsi", "pass in on egress proto tcp to port "
	    "443 rdr-to web\npass in on egress proto udp port 10000 rdr-to\n"
	    } } },
};
#define BROKEN (sizeof(broken) / sizeof(broken[0]))

/* What cannot be told is a note, never more. */
static const struct layout notes[] = {
	{ "a name spelled wrong, and no hosts file",
	    "pf-name-not-known pf.conf.router:0", { { "pf.conf.router",
	    ROUTER "pass in on egress proto udp to port 10001 rdr-to jbv\n" }
	    } },
	{ "a file that is included and not given",
	    "config-include-not-given pf.conf.router:0", { HOSTS,
	    { "pf.conf.router", "set skip on lo\nblock return\ninclude "
	    "\"/etc/pf.site\"\npass in on egress proto tcp to port 443 "
	    "rdr-to $web_ip\n" } } },
	{ "a table's file that is not given",
	    "config-include-not-given pf.conf.router:0", { HOSTS,
	    { "pf.conf.router", ROUTER "table <bad> persist file "
	    "\"/etc/bad\"\nblock in quick from <bad>\n" } } },
};
#define NOTES (sizeof(notes) / sizeof(notes[0]))

/* Does a finding stand in a pf.conf, or is it one about pf? */
static int
is_about_pf(const struct finding *f)
{
	return (f->at.file != NULL && (strstr(f->at.file, "pf.conf") != NULL
	    || strstr(f->at.file, "pf.jitsi") != NULL));
}

static void
run(const struct layout *l, int with_notes, struct buf *got, struct buf *all)
{
	struct config_set *set = config_set_new();
	const struct finding *f;
	struct findings findings;
	size_t i;

	set->in_process = 1;
	for (i = 0; i < PARTS && l->parts[i].name != NULL; i++)
		config_add_text(set, strstr(l->parts[i].name, "pf.jitsi") !=
		    NULL ? "pf.conf" : "", NULL, l->parts[i].name,
		    str_from(l->parts[i].text), -1);
	config_read(set);
	findings_init(&findings);
	config_lint(set, (wall_t){ INT64_C(1795348800) * US_PER_SEC },
	    &findings, NULL);
	for (i = 0; i < findings.count; i++) {
		f = &findings.list[i];
		buf_addf(all, "%s:%d: %s [%s]\n", f->at.file == NULL ? "" :
		    f->at.file, f->at.line, f->message, f->id);
		CHECK(f->fix == NULL || strstr(f->fix, PF_CLIENT) == NULL,
		    "%s: no made-up client in the fix", l->about);
		if (is_about_pf(f) && (with_notes ||
		    f->severity != SEVERITY_NOTE))
			buf_addf(got, "%s%s %s:%d", got->len > 0 ? " " : "",
			    f->id, f->at.file, f->at.line);
	}
	findings_free(&findings);
	config_set_free(set);
}

static void
check_layouts(const struct layout *list, size_t n, int with_notes)
{
	struct buf got, all;
	size_t i;

	for (i = 0; i < n; i++) {
		buf_init(&got, 1 << 16);
		buf_init(&all, 1 << 20);
		run(&list[i], with_notes, &got, &all);
		CHECK_STR(buf_cstr(&got), list[i].want, "%s: %s",
		    list[i].about, buf_cstr(&all));
		buf_free(&got);
		buf_free(&all);
	}
}

int
main(void)
{
	check_layouts(working, WORKING, 0);
	check_layouts(broken, BROKEN, 0);
	check_layouts(notes, NOTES, 1);
	return (check_end());
}

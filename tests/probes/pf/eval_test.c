/* SPDX-License-Identifier: ISC */
/*
 * Verdicts, a case for each thing that pf does to a packet, the expectation
 * derived by hand from pf.conf(5) and sys/net/pf.c. Would catch: last match,
 * quick, anchors, tables, translation, states or the kinds of blocks gone
 * wrong, one at a time.
 */
#include <stdio.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/pf/flows.h"
#include "probes/pf/system.h"
#include "tests/kit/check.h"

static const char machine[] =
    "if lo0 loopback\naddr lo0 ::1/128\naddr lo0 127.0.0.1/8\n"
    "if em0 broadcast\naddr em0 203.0.113.10/24 203.0.113.255\n"
    "addr em0 fe80::a/64\naddr em0 2001:db8:1::10/64\n"
    "if tap0 broadcast\naddr tap0 100.64.1.2/31\n"
    "if tap3 broadcast\naddr tap3 100.64.4.2/31\n"
    "group egress em0\ngroup lo lo0\ngroup tap tap0 tap3\n"
    "host web 100.64.1.3\nhost jvb 100.64.4.3\n"
    "uid root 0\n";

/* Rules; flows without the header, "|" for tabs; what is expected of each:
 * verdict, line, how, log, rdst, rsrc. */
static const struct {
	const char *rules, *flows, *want;
} cases[] = {
	{ "block\npass in proto tcp to port 80\nblock in from 198.51.100.66",
	    "a|in|em0|tcp|198.51.100.7|1024|203.0.113.10|80|-\n"
	    "b|in|em0|tcp|198.51.100.66|1024|203.0.113.10|80|-\n",
	    "a pass 2 rule n - -\nb block 3 drop n - -\n" },
	{ "block in quick from 198.51.100.66\npass",
	    "a|in|em0|udp|198.51.100.66|1|203.0.113.10|2|-\n",
	    "a block 1 drop n - -\n" },
	{ "block out", "a|in|em0|udp|198.51.100.66|1|203.0.113.10|2|-\n",
	    "a pass - default n - -\n" },
	{ "set skip on tap\nblock log",
	    "a|in|tap3|udp|100.64.4.3|1|203.0.113.10|2|-\n"
	    "b|in|em0|udp|100.64.4.3|1|203.0.113.10|2|-\n",
	    "a pass - skip n - -\nb block 2 drop y - -\n" },
	{ "set block-policy return\nblock\nblock drop proto udp\n"
	    "block return-icmp proto udp to port 53\n"
	    "block return-rst proto tcp to port 25",
	    "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|-\n"
	    "b|in|em0|udp|1.2.3.4|1|203.0.113.10|80|-\n"
	    "c|in|em0|udp|1.2.3.4|1|203.0.113.10|53|-\n"
	    "d|in|em0|tcp|1.2.3.4|1|203.0.113.10|25|-\n",
	    "a block 2 return n - -\nb block 3 drop n - -\n"
	    "c block 4 return-icmp n - -\nd block 5 return-rst n - -\n" },
	{ "block\npass on egress\npass in on ! tap proto udp",
	    "a|in|tap0|tcp|1.2.3.4|1|5.6.7.8|9|-\n"
	    "b|in|em0|tcp|1.2.3.4|1|5.6.7.8|9|-\n"
	    "c|in|lo0|udp|1.2.3.4|1|5.6.7.8|9|-\n"
	    "d|in|tap3|udp|1.2.3.4|1|5.6.7.8|9|-\n",
	    "a block 1 drop n - -\nb pass 2 rule n - -\n"
	    "c pass 3 rule n - -\nd block 1 drop n - -\n" },
	{ "block\npass on any", "a|in|lo0|tcp|1.2.3.4|1|5.6.7.8|9|-\n"
	    "b|in|em0|tcp|1.2.3.4|1|5.6.7.8|9|-\n",
	    "a block 1 drop n - -\nb pass 2 rule n - -\n" },
	{ "match in proto tcp to port 80 rdr-to web port 8080\nblock\n"
	    "pass in proto tcp to web port 8080",
	    "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|-\n",
	    "a pass 3 rule n 100.64.1.3:8080 -\n" },
	{ "match in proto tcp to port 80 rdr-to web\npass no state",
	    "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|-\n",
	    "a pass 2 rule n - -\n" },
	{ "match in proto tcp to port 80 rdr-to web",
	    "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|-\n",
	    "a pass - default n - -\n" },
	{ "pass in proto tcp to port 80 rdr-to web\npass in to jvb",
	    "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|-\n"
	    "b|in|em0|tcp|1.2.3.4|1|100.64.4.3|80|-\n",
	    "a pass 1 rule n 100.64.1.3:80 -\nb pass 2 rule n - -\n" },
	{ "pass in proto udp to port 10000:10010 rdr-to jvb port 20000:*",
	    "a|in|em0|udp|1.2.3.4|1|203.0.113.10|10007|-\n",
	    "a pass 1 rule n 100.64.4.3:20007 -\n" },
	{ "pass out on em0 inet from 100.64/10 nat-to (egress:0)",
	    "a|out|em0|tcp|100.64.1.3|40000|9.9.9.9|53|rcv=tap0\n"
	    "b|in|em0|tcp|9.9.9.9|53|203.0.113.10|50123|after=a,flags=SA\n"
	    "c|out|em0|tcp|100.64.1.3|40000|9.9.9.9|53|after=a,flags=A\n",
	    "a pass 1 rule n - 203.0.113.10:*\n"
	    "b pass 1 state n 100.64.1.3:40000 -\n"
	    "c pass 1 state n - 203.0.113.10:*\n" },
	{ "pass out on em0 inet nat-to 203.0.113.10 static-port",
	    "a|out|em0|udp|100.64.1.3|40000|9.9.9.9|53|-\n",
	    "a pass 1 rule n - 203.0.113.10:40000\n" },
	{ "pass out on em0 inet nat-to 203.0.113.10 port 5000",
	    "a|out|em0|udp|100.64.1.3|40000|9.9.9.9|53|-\n",
	    "a pass 1 rule n - 203.0.113.10:5000\n" },
	{ "block\npass out on em0 inet6 nat-to (tap0:0)",
	    "a|out|em0|udp|2001:db8::5|40000|2001:db8:9::1|53|-\n",
	    "a block 2 drop n - -\n" },
	{ "block\npass in on em0 proto udp to port 10000 rdr-to jvb",
	    "a|in|em0|udp|1.2.3.4|5|203.0.113.10|10000|-\n"
	    "b|out|em0|udp|100.64.4.3|10000|1.2.3.4|5|after=a\n"
	    "c|out|tap3|udp|1.2.3.4|5|100.64.4.3|10000|after=a,rcv=em0\n"
	    "d|in|em0|udp|1.2.3.4|5|203.0.113.10|10000|after=a\n"
	    "e|out|em0|udp|100.64.4.3|10000|1.2.3.4|5|-\n",
	    "a pass 2 rule n 100.64.4.3:10000 -\n"
	    "b pass 2 state n - 203.0.113.10:10000\n"
	    "c block 1 drop n - -\n"
	    "d pass 2 state n 100.64.4.3:10000 -\n"
	    "e block 1 drop n - -\n" },
	{ "set state-policy if-bound\nblock\npass in",
	    "a|in|em0|udp|1.2.3.4|5|100.64.4.3|7|-\n"
	    "b|out|em0|udp|100.64.4.3|7|1.2.3.4|5|after=a\n"
	    "c|out|tap0|udp|100.64.4.3|7|1.2.3.4|5|after=a\n",
	    "a pass 3 rule n - -\nb pass 3 state n - -\n"
	    "c block 2 drop n - -\n" },
	{ "block log\npass log (all) proto tcp to port 80\n"
	    "pass log proto tcp to port 81",
	    "a|in|em0|tcp|1.2.3.4|5|203.0.113.10|80|-\n"
	    "b|out|em0|tcp|203.0.113.10|80|1.2.3.4|5|after=a,flags=SA\n"
	    "c|in|em0|tcp|1.2.3.4|5|203.0.113.10|81|-\n"
	    "d|out|em0|tcp|203.0.113.10|81|1.2.3.4|5|after=c,flags=SA\n",
	    "a pass 2 rule y - -\nb pass 2 state y - -\n"
	    "c pass 3 rule y - -\nd pass 3 state n - -\n" },
	{ "block\npass proto tcp\npass proto tcp to port 81 flags any\n"
	    "block proto tcp to port 82 flags FUP/FUP",
	    "a|in|em0|tcp|1.2.3.4|5|203.0.113.10|80|flags=A\n"
	    "b|in|em0|tcp|1.2.3.4|5|203.0.113.10|81|flags=A\n"
	    "c|in|em0|tcp|1.2.3.4|5|203.0.113.10|82|flags=FPUA\n"
	    "d|in|em0|tcp|1.2.3.4|5|203.0.113.10|80|flags=SE\n"
	    "e|in|em0|tcp|1.2.3.4|5|203.0.113.10|80|flags=SR\n",
	    "a block 1 drop n - -\nb pass 3 rule n - -\n"
	    "c block 4 drop n - -\nd pass 2 rule n - -\n"
	    "e block - drop n - -\n" },
	{ "block\npass inet proto icmp icmp-type echoreq\n"
	    "pass inet proto icmp icmp-type unreach code needfrag",
	    "a|in|em0|icmp|1.2.3.4|-|203.0.113.10|-|type=8\n"
	    "b|in|em0|icmp|1.2.3.4|-|203.0.113.10|-|type=3,code=4\n"
	    "c|in|em0|icmp|1.2.3.4|-|203.0.113.10|-|type=3,code=1\n"
	    "d|out|em0|icmp|203.0.113.10|-|1.2.3.4|-|type=0,after=a\n",
	    "a pass 2 rule n - -\nb pass 3 rule n - -\n"
	    "c block 1 drop n - -\nd pass 2 state n - -\n" },
	{ "block\npass inet6 proto icmp6",
	    "a|in|em0|icmp6|fe80::1|-|ff02::1|-|type=136\n"
	    "b|in|em0|icmp6|fe80::1|-|ff02::1|-|type=131\n"
	    "c|in|em0|icmp6|fe80::1|-|ff02::1|-|type=129\n",
	    "a pass 2 rule n - -\nb pass 2 rule n - -\n"
	    "c block 1 drop n - -\n" },
	{ "block\npass proto icmp", "a|in|em0|icmp|1.2.3.4|-|5.6.7.8|-|type=9\n",
	    "a block 1 drop n - -\n" },
	{ "block\npass proto icmp", "a|in|em0|icmp|1.2.3.4|-|5.6.7.8|-|"
	    "type=0\n", "a block 1 drop n - -\n" },
	{ "block\npass proto icmp no state",
	    "a|in|em0|icmp|1.2.3.4|-|5.6.7.8|-|type=0\n",
	    "a pass 2 rule n - -\n" },
	{ "block\nanchor \"x\" in quick on em0 {\npass proto tcp\n}\n"
	    "block proto tcp\npass proto udp",
	    "a|in|em0|tcp|1.2.3.4|5|203.0.113.10|80|-\n"
	    "b|in|em0|udp|1.2.3.4|5|203.0.113.10|80|-\n"
	    "c|in|tap0|tcp|1.2.3.4|5|203.0.113.10|80|-\n",
	    "a pass 3 rule n - -\nb pass 6 rule n - -\n"
	    "c block 5 drop n - -\n" },
	{ "anchor \"x\" {\nanchor \"y\" {\nblock quick proto udp\n}\npass\n}\n"
	    "block proto tcp",
	    "a|in|em0|udp|1.2.3.4|5|203.0.113.10|80|-\n"
	    "b|in|em0|tcp|1.2.3.4|5|203.0.113.10|80|-\n"
	    "c|in|em0|esp|1.2.3.4|-|203.0.113.10|-|-\n",
	    "a block 3 drop n - -\nb block 7 drop n - -\n"
	    "c pass 5 rule n - -\n" },
	{ "block\nanchor \"e/*\"\nload anchor \"e/one\" from \"other\"",
	    "a|in|em0|tcp|1.2.3.4|5|203.0.113.10|80|-\n"
	    "b|in|em0|udp|1.2.3.4|5|203.0.113.10|80|-\n",
	    "a pass other:2 rule n - -\nb block 1 drop n - -\n" },
	{ "block\nanchor \"nothing\"", "a|in|em0|udp|1.2.3.4|5|5.6.7.8|80|-\n",
	    "a block 1 drop n - -\n" },
	{ "table <t> { 10/8 !10.1/16 10.1.1.1 }\nblock\npass from <t>\n"
	    "pass proto udp from !<t>\npass proto esp from <none>",
	    "a|in|em0|tcp|10.2.0.1|5|5.6.7.8|80|-\n"
	    "b|in|em0|tcp|10.1.0.1|5|5.6.7.8|80|-\n"
	    "c|in|em0|tcp|10.1.1.1|5|5.6.7.8|80|-\n"
	    "d|in|em0|udp|10.1.0.1|5|5.6.7.8|80|-\n"
	    "e|in|em0|esp|11.1.0.1|-|5.6.7.8|-|-\n",
	    "a pass 3 rule n - -\nb block 2 drop n - -\n"
	    "c pass 3 rule n - -\nd pass 4 rule n - -\n"
	    "e block 2 drop n - -\n" },
	{ "block\npass from { !10.0.0.1, !10.0.0.2 }",
	    "a|in|em0|udp|10.0.0.1|5|5.6.7.8|80|-\n",
	    "a pass 2 rule n - -\n" },
	{ "block\npass proto udp from any port 1000 >< 1010 to port 20 <> 30",
	    "a|in|em0|udp|10.0.0.1|1001|5.6.7.8|31|-\n"
	    "b|in|em0|udp|10.0.0.1|1000|5.6.7.8|31|-\n"
	    "c|in|em0|udp|10.0.0.1|1009|5.6.7.8|25|-\n"
	    "d|in|em0|udp|10.0.0.1|1009|5.6.7.8|30|-\n",
	    "a pass 2 rule n - -\nb block 1 drop n - -\n"
	    "c block 1 drop n - -\nd block 1 drop n - -\n" },
	{ "block\npass in on em0 tag IN\npass out tagged IN\n"
	    "pass out proto udp ! tagged IN",
	    "a|in|em0|tcp|10.0.0.1|1|5.6.7.8|2|-\n"
	    "b|out|tap0|tcp|10.0.0.1|1|5.6.7.8|2|rcv=em0,tag=IN\n"
	    "c|out|tap0|tcp|10.0.0.1|1|5.6.7.8|2|rcv=em0\n"
	    "d|out|tap0|udp|10.0.0.1|1|5.6.7.8|2|-\n",
	    "a pass 2 rule n - -\nb pass 3 rule n - -\n"
	    "c block 1 drop n - -\nd pass 4 rule n - -\n" },
	{ "match in tag A\nblock\npass tagged A",
	    "a|in|em0|tcp|10.0.0.1|1|5.6.7.8|2|-\n",
	    "a pass 3 rule n - -\n" },
	{ "block\npass out received-on tap\npass out proto udp !received-on "
	    "any",
	    "a|out|em0|tcp|10.0.0.1|1|5.6.7.8|2|rcv=tap3\n"
	    "b|out|em0|tcp|10.0.0.1|1|5.6.7.8|2|-\n"
	    "c|out|em0|udp|10.0.0.1|1|5.6.7.8|2|-\n"
	    "d|out|em0|udp|10.0.0.1|1|5.6.7.8|2|rcv=em0\n",
	    "a pass 2 rule n - -\nb block 1 drop n - -\n"
	    "c pass 3 rule n - -\nd block 1 drop n - -\n" },
	{ "block\npass to (egress)\npass proto udp to (tap0:network)\n"
	    "pass proto esp to ! (self)",
	    "a|in|em0|tcp|10.0.0.1|1|203.0.113.10|2|-\n"
	    "b|in|em0|tcp|10.0.0.1|1|203.0.113.11|2|-\n"
	    "c|in|em0|udp|10.0.0.1|1|100.64.1.3|2|-\n"
	    "d|in|em0|esp|10.0.0.1|-|100.64.1.2|-|-\n"
	    "e|in|em0|tcp|2001:db8::1|1|2001:db8:1::10|2|-\n",
	    "a pass 2 rule n - -\nb block 1 drop n - -\n"
	    "c pass 3 rule n - -\nd block 1 drop n - -\n"
	    "e pass 2 rule n - -\n" },
	{ "antispoof for em0\npass out",
	    "a|in|tap0|udp|203.0.113.77|1|1.2.3.4|2|-\n"
	    "b|in|em0|udp|203.0.113.10|1|1.2.3.4|2|-\n"
	    "c|in|em0|udp|203.0.113.77|1|1.2.3.4|2|-\n",
	    "a block 1 drop n - -\nb block 1 drop n - -\n"
	    "c pass - default n - -\n" },
	{ "block in from urpf-failed\nblock in from no-route",
	    "a|in|em0|udp|100.64.1.3|1|1.2.3.4|2|-\n"
	    "b|in|tap0|udp|100.64.1.3|1|1.2.3.4|2|-\n"
	    "c|in|tap0|udp|9.9.9.9|1|1.2.3.4|2|-\n",
	    "a block 1 drop n - -\nb pass - default n - -\n"
	    "c block 1 drop n - -\n" },
	{ "block\npass proto tcp user root\npass proto tcp to port 25 user "
	    "unknown\npass proto tcp to port 26 user != root",
	    "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|22|-\n"
	    "b|in|em0|tcp|1.2.3.4|1|203.0.113.10|25|-\n"
	    "c|in|em0|tcp|1.2.3.4|1|203.0.113.10|26|-\n",
	    "a block 1 drop n - -\nb pass 3 rule n - -\n"
	    "c pass 4 rule n - -\n" },
	{ "block\npass on rdomain 0\npass proto udp on rdomain 1", "", "" },
	{ "block\npass on rdomain 1 proto tcp\npass on ! rdomain 1 proto udp",
	    "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|22|-\n"
	    "b|in|em0|udp|1.2.3.4|1|203.0.113.10|22|-\n",
	    "a block 1 drop n - -\nb pass 3 rule n - -\n" },
	{ "block\npass in on em0 inet proto { tcp udp } from any to 203.0.113"
	    ".10 \\\n    port 80 \\\n    keep state\n",
	    "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|-\n",
	    "a pass 2 rule n - -\n" },
	{ "pass in on em0 inet6 to 64:ff9b::/96 af-to inet from 203.0.113.10",
	    "a|in|em0|tcp|2001:db8:1::5|1|64:ff9b::102:304|80|-\n",
	    "a pass 1 rule n 1.2.3.4:80 203.0.113.10:*\n" },
	{ "pass out on em0 from 10.0.0.0/24 to 10.1.0.0/16 binat-to 10.9.0.0/24"
	    "", "", "" },
	{ "match on em0 from 10.0.0.5 to any binat-to 203.0.113.12\npass",
	    "a|out|em0|tcp|10.0.0.5|77|9.9.9.9|80|-\n"
	    "b|in|em0|tcp|9.9.9.9|1|203.0.113.12|80|-\n",
	    "a pass 2 rule n - 203.0.113.12:77\n"
	    "b pass 2 rule n 10.0.0.5:80 -\n" },
	{ "pass in on em0 inet proto tcp to port 80 rdr-to 10.9.0.0/24 "
	    "bitmask", "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|-\n",
	    "a pass 1 rule n 10.9.0.10:80 -\n" },
	{ "block\npass in tos 0x10\npass in prio 5",
	    "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|-\n"
	    "b|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|tos=16\n"
	    "c|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|prio=5\n",
	    "a block 1 drop n - -\nb pass 2 rule n - -\n"
	    "c pass 3 rule n - -\n" },
	{ "block\nmatch log proto tcp\npass quick proto tcp\nblock",
	    "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|-\n",
	    "a pass 3 rule y - -\n" },
	{ "pass in on em0 route-to 10.0.0.1\n",
	    "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|-\n",
	    "a pass 1 rule n - -\n" },
	{ "block return\npass in proto tcp to port 80 synproxy state",
	    "a|in|em0|tcp|1.2.3.4|1|203.0.113.10|80|-\n",
	    "a pass 2 rule n - -\n" },
};

static struct pf_env env;

static void
print(struct buf *out, const struct pf_flows *f)
{
	const struct pf_verdict *v;
	size_t i;

	for (i = 0; i < f->count; i++) {
		v = &f->list[i].verdict;
		buf_addf(out, "%s %s ", f->list[i].id, v->pass ? "pass" :
		    "block");
		pf_verdict_line(out, v, "pf.conf");
		buf_addf(out, " %s %s ", pf_how_name(v->how), v->log ? "y" :
		    "n");
		pf_verdict_dst(out, v, f->list[i].has_ports);
		buf_addc(out, ' ');
		pf_verdict_src(out, v, f->list[i].has_ports);
		buf_addc(out, '\n');
	}
}

static void
run_flows(struct pf_conf *conf, const char *flows, const char *want, size_t n)
{
	struct pf_machine m;
	struct pf_flows f;
	struct errlist errs;
	struct buf tsv, out;
	const char *p;

	errlist_init(&errs);
	buf_init(&tsv, 65536);
	buf_init(&out, 65536);
	buf_adds(&tsv, "id\tdir\tif\tproto\tsrc\tsport\tdst\tdport\topts\n");
	for (p = flows; *p != '\0'; p++)
		buf_addc(&tsv, *p == '|' ? '\t' : *p);
	pf_flows_init(&f);
	pf_machine_init(&m, conf);
	if (pf_flows_parse(&f, &env, "flows", buf_str(&tsv), &errs) == 0)
		pf_flows_eval(&f, &m);
	else
		errlist_print(&errs, &out);
	print(&out, &f);
	CHECK_STR(buf_cstr(&out), want, "case %zu", n);
	pf_machine_free(&m);
	pf_flows_free(&f);
	buf_free(&tsv);
	buf_free(&out);
	errlist_free(&errs);
}

static void
run_case(size_t n)
{
	static const char other[] = "# loaded\npass proto tcp\n";
	struct pf_given given[] = { { "pf.conf", cases[n].rules,
	    strlen(cases[n].rules) }, { "other", other, sizeof(other) - 1 } };
	struct pf_given_set set = { given, 2 };
	struct pf_conf conf;

	pf_conf_init(&conf, &env, pf_given_files(&set));
	if (pf_conf_read(&conf, "pf.conf") == -1)
		CHECK(cases[n].want[0] == '\0', "case %zu is refused: %s", n,
		    conf.errs.list[0].message);
	else
		run_flows(&conf, cases[n].flows, cases[n].want, n);
	pf_conf_free(&conf);
}

int
main(void)
{
	struct errlist errs;
	size_t i;

	errlist_init(&errs);
	pf_env_init(&env);
	CHECK(pf_env_parse(&env, "env", str_from(machine), &errs) == 0,
	    "the environment reads");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(i);
	pf_env_free(&env);
	errlist_free(&errs);
	return (check_end());
}

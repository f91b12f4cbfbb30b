/* SPDX-License-Identifier: ISC */
/*
 * Speed of the pf reader and simulator: 10,000 rules and a table of 100,000
 * entries are loaded, then packets are evaluated, each through the whole
 * ruleset, no states. One line; ends with 1 when the target is missed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/base/mem.h"
#include "probes/pf/eval.h"
#include "probes/pf/system.h"

#define RULES 10000
#define ENTRIES 100000
#define PACKETS 2000000

static uint64_t state = 88172645463325252ULL;

static uint32_t
next_random(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return ((uint32_t)(state >> 32) % below);
}

static const char machine[] =
    "if lo0 loopback\naddr lo0 127.0.0.1/8\nif em0 broadcast\n"
    "addr em0 203.0.113.10/24 203.0.113.255\nif tap0\nif tap1\nif tap2\n"
    "group egress em0\ngroup tap tap0 tap1 tap2\nhost web 100.64.1.3\n";

/* What a large site has: blocks by table, services, customers, VMs. */
static void
make_rules(struct buf *b)
{
	int i;

	buf_adds(b, "set skip on lo\ntable <bad> file \"bad\"\n"
	    "block return log\nblock drop quick from <bad>\n"
	    "match out on egress inet from 100.64.0.0/10 nat-to "
	    "203.0.113.10\n"
	    "match in on egress inet proto tcp to 203.0.113.10 port 443 "
	    "rdr-to web\n");
	for (i = 0; i < RULES - 4; i++)
		switch (i % 4) {
		case 0:
			buf_addf(b, "pass in on egress inet proto tcp from "
			    "10.%d.%d.0/24 to any port %d\n", i / 256 % 256,
			    i % 256, 1024 + i % 5000);
			break;
		case 1:
			buf_addf(b, "pass in on tap inet proto { tcp } to "
			    "172.16.%d.%d\n", i / 256 % 256, i % 256);
			break;
		case 2:
			buf_addf(b, "block return in proto udp to any port "
			    "%d\n", 2000 + i);
			break;
		default:
			buf_addf(b, "pass out on tap%d inet proto tcp from "
			    "100.64.0.0/10 to 192.168.%d.%d port > %d\n",
			    i % 3, i / 256 % 256, i % 256,
			    i % 60000);
			break;
		}
}

static void
make_table(struct buf *b)
{
	int i;

	for (i = 0; i < ENTRIES; i++)
		buf_addf(b, "%d.%d.%d.%d%s\n", 11 + i % 89, i / 89 % 256,
		    (int)next_random(256), (int)next_random(256),
		    i % 5 == 0 ? "/28" : "");
}

static void
make_packet(struct pf_packet *p, int i)
{
	memset(p, 0, sizeof(*p));
	p->af = PF_AF_INET;
	p->proto = i % 3 == 0 ? 17 : 6;
	p->dir = i & 1 ? PF_IN : PF_OUT;
	p->interface = 1 + (int)next_random(4);
	p->received = p->dir == PF_IN ? p->interface : 1;
	p->flags = PF_TCP_SYN;
	p->prio = 3;
	p->src.b[0] = i & 1 ? 10 : 100;
	p->src.b[1] = i & 1 ? (uint8_t)next_random(256) : 64;
	p->src.b[2] = (uint8_t)next_random(256);
	p->src.b[3] = (uint8_t)next_random(256);
	p->dst.b[0] = i & 2 ? 172 : 192;
	p->dst.b[1] = i & 2 ? 16 : 168;
	p->dst.b[2] = (uint8_t)next_random(256);
	p->dst.b[3] = (uint8_t)next_random(256);
	p->sport = (uint16_t)(1024 + next_random(60000));
	p->dport = (uint16_t)next_random(16000);
}

/* Of this process, so that a busy machine does not count. */
static double
cpu_seconds(clock_t since)
{
	return ((double)(clock() - since) / CLOCKS_PER_SEC);
}

int
main(void)
{
	static struct pf_packet packets[4096];
	struct buf rules, table;
	struct pf_env env;
	struct pf_conf conf;
	struct pf_machine m;
	struct pf_verdict v;
	struct pf_given given[2];
	struct pf_given_set set = { given, 2 };
	struct errlist errs;
	clock_t start;
	double load, run;
	long passed = 0;
	int i;

	errlist_init(&errs);
	buf_init(&rules, 4U << 20);
	buf_init(&table, 4U << 20);
	make_rules(&rules);
	make_table(&table);
	given[0] = (struct pf_given){ "pf.conf", buf_cstr(&rules), rules.len };
	given[1] = (struct pf_given){ "bad", buf_cstr(&table), table.len };
	start = clock();
	pf_env_init(&env);
	pf_env_parse(&env, "env", str_from(machine), &errs);
	pf_conf_init(&conf, &env, pf_given_files(&set));
	if (pf_conf_read(&conf, "pf.conf") == -1) {
		buf_clear(&rules);
		errlist_print(&conf.errs, &rules);
		fprintf(stderr, "%.2000s", buf_cstr(&rules));
		return (1);
	}
	pf_machine_init(&m, &conf);
	load = cpu_seconds(start);
	for (i = 0; i < 4096; i++)
		make_packet(&packets[i], i);
	start = clock();
	for (i = 0; i < PACKETS; i++) {
		pf_eval(&m, &packets[i & 4095], &v);
		passed += v.pass;
	}
	run = cpu_seconds(start);
	printf("pf: %zu rules and %d table entries loaded in %.3f s (target "
	    "< 1), %.2f M packets/s of one core (target >= 1), %ld of %d passed\n",
	    conf.rules, ENTRIES, load, PACKETS / run / 1e6, passed, PACKETS);
	pf_machine_free(&m);
	pf_conf_free(&conf);
	pf_env_free(&env);
	buf_free(&rules);
	buf_free(&table);
	errlist_free(&errs);
	return (load < 1 && PACKETS / run >= 1e6 ? 0 : 1);
}

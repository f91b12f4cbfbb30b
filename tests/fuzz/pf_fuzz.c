/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: bytes as a pf.conf that includes and loads itself as other
 * files. Parses, prints, parses the print-out again, which must print the
 * same, and evaluates packets. Built for libFuzzer with -fsanitize=fuzzer.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/pf/eval.h"
#include "probes/pf/system.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char machine[] =
    "if lo0 loopback\naddr lo0 ::1/128\naddr lo0 fe80::1/64\n"
    "addr lo0 127.0.0.1/8\nif em0 broadcast\n"
    "addr em0 203.0.113.10/24 203.0.113.255\naddr em0 fe80::a/64\n"
    "addr em0 2001:db8:1::10/64\nif tap0\naddr tap0 100.64.1.2/31\n"
    "group egress em0\ngroup lo lo0\ngroup tap tap0\n"
    "host web 100.64.1.3\nhost jvb 100.64.4.3 2001:db8::4\n"
    "uid root 0\ngid wheel 0\nservice www 80/tcp\n";

static void
evaluate(struct pf_conf *conf)
{
	struct pf_machine m;
	struct pf_packet p;
	struct pf_verdict v;
	const struct pf_state *states[1];
	enum pf_af af;
	int i;

	pf_machine_init(&m, conf);
	for (i = 0; i < 24; i++) {
		memset(&p, 0, sizeof(p));
		p.dir = i & 1 ? PF_IN : PF_OUT;
		p.interface = i % 3;
		p.received = i & 1 ? p.interface : -1;
		p.proto = i % 4 == 0 ? 17 : i % 4 == 1 ? 6 : i & 8 ? 58 : 1;
		p.flags = PF_TCP_SYN;
		p.icmp_type = i & 8 ? 128 : 8;
		p.prio = 3;
		p.tag = "";
		p.sport = (uint16_t)(1024 + i);
		p.dport = i & 2 ? 80 : 10000;
		p.af = i & 8 ? PF_AF_INET6 : PF_AF_INET;
		if (p.af == PF_AF_INET6 && p.proto == 1)
			p.proto = 58;
		if (i & 8) {
			pf_ip_parse(str_from("2001:db8:9::1"), &p.src, &af);
			pf_ip_parse(str_from("2001:db8:1::10"), &p.dst, &af);
		} else {
			pf_ip_parse(str_from("198.51.100.7"), &p.src, &af);
			pf_ip_parse(str_from("203.0.113.10"), &p.dst, &af);
		}
		pf_eval(&m, &p, &v);
		if (!v.made_state)
			continue;
		states[0] = &v.state;
		struct pf_verdict again;

		pf_eval_states(&m, &p, states, 1, &again);
		if (!again.pass)
			abort();
	}
	pf_machine_free(&m);
}

/* Reads text; its print-out in *out when it is accepted. */
static int
read_text(struct pf_env *env, const char *text, size_t len, struct buf *out,
    int eval)
{
	struct pf_given given[3] = { { "pf.conf", text, len },
	    { "other", text, len / 2 }, { "table", text, len } };
	struct pf_given_set set = { given, 3 };
	struct pf_conf conf;
	struct buf errs;
	int status;

	pf_conf_init(&conf, env, pf_given_files(&set));
	status = pf_conf_read(&conf, "pf.conf");
	buf_init(&errs, 16U << 20);
	errlist_print(&conf.errs, &errs);
	buf_free(&errs);
	if (status == 0) {
		pf_conf_print(&conf, out);
		if (eval)
			evaluate(&conf);
	}
	pf_conf_free(&conf);
	return (status);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pf_env env;
	struct errlist errs;
	struct buf once, twice;
	char *text;

	if (size > 65536)
		return (0);
	text = malloc(size + 1);
	if (text == NULL)
		return (0);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	errlist_init(&errs);
	pf_env_init(&env);
	pf_env_parse(&env, "env", str_from(machine), &errs);
	buf_init(&once, 64U << 20);
	buf_init(&twice, 64U << 20);
	/* What is printed reads again and prints the same. */
	if (read_text(&env, text, size, &once, 1) == 0 && !once.full &&
	    strstr(text, "load") == NULL && strstr(text, "file") == NULL &&
	    strchr(text, '"') == NULL && strchr(text, '\'') == NULL &&
	    strstr(text, "rtable") == NULL && strchr(text, '=') == NULL) {
		if (read_text(&env, buf_cstr(&once), once.len, &twice, 0) ==
		    0 && strcmp(buf_cstr(&once), buf_cstr(&twice)) != 0)
			abort();
	}
	buf_free(&once);
	buf_free(&twice);
	pf_env_free(&env);
	errlist_free(&errs);
	free(text);
	return (0);
}

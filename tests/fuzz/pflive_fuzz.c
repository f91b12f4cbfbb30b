/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: bytes as what the running filter tells: pfctl's rules, states
 * and counters, pflog records and what is looked for in them, nft's JSON,
 * iptables' text, an environment file and flows. The first byte chooses.
 * Built for libFuzzer with -fsanitize=fuzzer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/facts/site.h"
#include "probes/pf/checks.h"
#include "probes/pf/flows.h"
#include "probes/pf/linux.h"
#include "probes/pf/live.h"
#include "probes/pf/log/pflog.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char machine[] =
    "if lo0 loopback\naddr lo0 127.0.0.1/8\nif em0 broadcast\n"
    "addr em0 203.0.113.10/24 203.0.113.255\ngroup egress em0\n";

static void
live_rules(struct pf_env *env, struct str text)
{
	struct pf_files none = { NULL, NULL };
	struct pf_conf conf;
	struct buf b;

	pf_conf_init(&conf, env, none);
	buf_init(&b, 64U << 20);
	pf_live_rules(&conf, text);
	pf_conf_print(&conf, &b);
	buf_free(&b);
	pf_conf_free(&conf);
}

static void
linux_rules(struct str text, int json)
{
	static const struct pf_log_port port = { 17, 10000, 10000 };
	struct linux_filter f;
	struct buf b;

	linux_filter_init(&f);
	buf_init(&b, 64U << 20);
	if (json)
		linux_filter_nft(&f, text);
	else
		linux_filter_iptables(&f, text);
	linux_filter_print(&f, &port, 1, &b);
	buf_free(&b);
	linux_filter_free(&f);
}

static void
flows(struct pf_env *env, struct str text)
{
	struct pf_files none = { NULL, NULL };
	struct errlist errs;
	struct pf_flows f;
	struct pf_conf conf;
	struct pf_machine m;
	struct buf b;

	errlist_init(&errs);
	pf_flows_init(&f);
	pf_conf_init(&conf, env, none);
	pf_live_rules(&conf, str_from("@0 block return log all\n@1 pass out "
	    "on em0 inet all flags S/SA nat-to 203.0.113.10\n@2 pass in "
	    "proto udp all rdr-to 10.0.0.1\n"));
	pf_machine_init(&m, &conf);
	buf_init(&b, 64U << 20);
	if (pf_flows_parse(&f, env, "flows", text, &errs) == 0) {
		pf_flows_eval(&f, &m);
		pf_flows_json(&f, "pf.conf", &b);
		pf_flows_text(&f, "pf.conf", &b);
	}
	buf_free(&b);
	pf_machine_free(&m);
	pf_conf_free(&conf);
	pf_flows_free(&f);
	errlist_free(&errs);
}

/* Records of a length byte each, counted and judged. */
static void
log_records(struct pf_env *env, struct str text)
{
	struct pf_watch watch;
	struct pf_log_entry e;
	struct pf_log log;
	struct check c;
	struct site s;
	size_t n;

	site_init(&s);
	s.roles = ROLE_BIT(ROLE_ROUTER);
	pf_watch_site(&watch, &s, env);
	pf_log_init(&log, &watch);
	while (text.n > 0) {
		n = (unsigned char)text.p[0];
		if (pf_log_parse((const uint8_t *)text.p + 1, n < text.n ? n :
		    text.n - 1, &e) == 0)
			pf_log_add(&log, &e);
		text = str_sub(text, n + 1, text.n);
	}
	check_init(&c, "pf.log", "pf", "");
	pf_check_log(&c, &s, env, &log, NULL, NULL, WALL_NONE);
	check_free(&c);
	pf_log_free(&log);
	site_free(&s);
}

static void
watch_text(struct str text)
{
	struct pf_watch w;
	struct buf b;

	buf_init(&b, 65536);
	if (pf_watch_parse(&w, text) == 0)
		pf_watch_print(&b, &w);
	buf_free(&b);
}

static void
choose(int kind, struct pf_env *env, struct str text)
{
	struct pf_live_states states;
	struct pf_live_info info;
	struct pf_log_entry e;
	struct pf_env other;
	struct errlist errs;

	switch (kind % 9) {
	case 0:
		live_rules(env, text);
		break;
	case 1:
		pf_live_states_init(&states);
		pf_live_states_read(&states, text);
		pf_live_states_free(&states);
		pf_live_info_read(&info, text);
		break;
	case 2:
		pf_log_parse((const uint8_t *)text.p, text.n, &e);
		break;
	case 3:
		linux_rules(text, 1);
		break;
	case 4:
		linux_rules(text, 0);
		break;
	case 5:
		flows(env, text);
		break;
	case 7:
		log_records(env, text);
		break;
	case 8:
		watch_text(text);
		break;
	default:
		errlist_init(&errs);
		pf_env_init(&other);
		pf_env_parse(&other, "env", text, &errs);
		pf_env_free(&other);
		errlist_free(&errs);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pf_env env;
	struct errlist errs;

	if (size < 1 || size > 65536)
		return (0);
	errlist_init(&errs);
	pf_env_init(&env);
	pf_env_parse(&env, "env", str_from(machine), &errs);
	choose(data[0], &env, str_of((const char *)data + 1, size - 1));
	pf_env_free(&env);
	errlist_free(&errs);
	return (0);
}

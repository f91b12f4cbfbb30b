/* SPDX-License-Identifier: ISC */
/*
 * What one host's packet filter blocks, from its check through the document
 * to another host's diagnosis. Would catch: a leg or a rule lost on the way,
 * facts that are no legs taken in, two findings where one rule blocks two
 * flows.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/mem.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/known.h"
#include "agent/pf_evidence.h"
#include "probes/pf/checks.h"
#include "tests/kit/check.h"

static const char xmpp_env[] = "if lo0 loopback\naddr lo0 127.0.0.1/8\n"
    "if vio0 broadcast\naddr vio0 100.64.2.3/31\ngroup egress vio0\n"
    "group lo lo0\n";

/* The check of prosody's VM, whose rules let nobody in at 5222. */
static void
make_check(struct check *c)
{
	static const char rules[] = "set skip on lo\nblock return log\n"
	    "pass in proto tcp from web to self port 5280\n";
	struct pf_files none = { NULL, NULL };
	struct errlist errs;
	struct pf_env env;
	struct site s;

	errlist_init(&errs);
	site_init(&s);
	s.roles = ROLE_BIT(ROLE_XMPP);
	site_set(&s.host[ROLE_WEB].address, "100.64.1.3");
	site_set(&s.host[ROLE_XMPP].address, "100.64.2.3");
	site_set(&s.host[ROLE_JICOFO].address, "100.64.3.3");
	site_set(&s.host[ROLE_JVB].address, "100.64.4.3");
	pf_env_init(&env);
	pf_env_parse(&env, "env", str_from(xmpp_env), &errs);
	check_init(c, "pf.config", "pf", "");
	pf_check_config(c, &s, &env, "/etc/pf.conf", str_from(rules), none);
	pf_env_free(&env);
	site_free(&s);
	errlist_free(&errs);
}

/* The evidence of a diagnosis that took the object in. */
static struct report *
concluded(const json_t *pf, const struct check *c)
{
	struct errlist errors;
	struct catalogue *catalogue;
	struct diagnosis *d;
	struct report *r = report_new("diagnose");

	errlist_init(&errors);
	catalogue = catalogue_load(NULL, &known_names, 0, &errors);
	d = diagnosis_new(catalogue);
	if (pf != NULL)
		pf_evidence_read(pf, "xmpp", d);
	if (c != NULL)
		pf_evidence_checks(c, 1, d);
	diagnosis_conclude(d, r);
	diagnosis_free(d);
	catalogue_free(catalogue);
	errlist_free(&errors);
	return (r);
}

static void
check_document(void)
{
	struct report *r = report_new("evidence"), *other;
	struct check c;
	json_t *pf, *blocked, *one;

	make_check(&c);
	CHECK_INT(c.state, STATE_FAIL, "the probe fails: %s", c.summary);
	other = concluded(NULL, &c);
	CHECK(other->cause_count == 1 && strcmp(other->causes[0].id,
	    "pf-blocks-5222") == 0, "its own diagnosis names the cause");
	report_free(other);
	report_add_check(r, &c);
	pf = pf_evidence_json(r);
	blocked = json_object_get(pf, "blocked");
	one = json_array_get(blocked, 0);
	CHECK_INT(json_array_size(blocked), 2, "two flows are blocked");
	CHECK_STR(json_string_value(json_object_get(one, "from")), "jicofo",
	    "from");
	CHECK_INT(json_integer_value(json_object_get(one, "port")), 5222,
	    "port");
	CHECK_INT(json_integer_value(json_object_get(one, "line")), 2,
	    "line");
	CHECK_STR(json_string_value(json_object_get(one, "file")),
	    "/etc/pf.conf", "file");
	CHECK(json_array_size(json_object_get(pf, "flows")) > 3,
	    "each leg is told");
	other = concluded(pf, NULL);
	CHECK_INT(other->cause_count, 1, "one cause on the other host");
	CHECK_INT(other->evidence_count, 1, "one rule is one finding");
	CHECK_STR(other->evidence[0].host, "xmpp", "its host");
	CHECK_STR(other->evidence[0].text, "pf of xmpp blocks jicofo to xmpp "
	    "port 5222/tcp, jvb to xmpp port 5222/tcp coming in on vio0 by "
	    "\"block return log all\"", "its text");
	report_free(other);
	json_decref(pf);
	report_free(r);
}

static void
check_nonsense(void)
{
	static const char *const facts[] = { "pf.blocked=", "pf.blocked=x",
	    "pf.blocked=a>b:1/tcp/in vio0", "pf.blocked=a>b:99999/tcp/in v "
	    "pf-blocks-5222 f:1 r", "pf.blocked=a>b:1/tcp/up v "
	    "pf-blocks-5222 f:1 r", "pf.blocked=a>b:1/tcp/in v nothing f:1 r",
	    "pf.blocked=\t\t\t", "pf.flow_legs=x y=1 a>b=0" };
	struct report *r;
	struct check c;
	json_t *pf;
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		check_init(&c, "pf.config", "pf", "");
		free(c.facts);
		c.facts = mem_strdup(facts[i]);
		r = concluded(NULL, &c);
		CHECK_INT(r->cause_count, 0, "no cause of \"%s\"", facts[i]);
		report_free(r);
		r = report_new("evidence");
		report_add_check(r, &c);
		pf = pf_evidence_json(r);
		CHECK_INT(json_object_size(pf), 0, "nothing to tell of it");
		json_decref(pf);
		report_free(r);
	}
}

int
main(void)
{
	check_document();
	check_nonsense();
	return (check_end());
}

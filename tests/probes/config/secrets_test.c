/* SPDX-License-Identifier: ISC */
/*
 * Mirrors probes/config/secrets.c and redact.c. Would catch: a pair of plain
 * secrets that is not compared, or compared other than as its owners read it;
 * a secret in what is said, also where the reader stumbles over it; a word
 * taken out that is none.
 */
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/mem.h"
#include "agent/facts/finding.h"
#include "probes/config/config.h"
#include "probes/config/redact.h"
#include "tests/kit/check.h"

struct part {
	const char *kind, *text;
};

static int
has(const struct findings *f, const char *id)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (strcmp(f->list[i].id, id) == 0)
			return (1);
	return (0);
}

/*
 * Secrets in plain on both sides, as the files spell them. Each is one pair:
 * prosody.cfg.lua and another file (or two); whether they differ. "CANARY"
 * is part of every secret and must be in nothing that is said. "\303\274"
 * is a letter outside ASCII.
 */
#define TURN(option, value) "VirtualHost \"auth.a\"\n" option " = " value "\n"
#define FOCUS(value) "Component \"focus.a\"\ncomponent_secret = " value "\n"
#define REGISTER(user, value) "prosodyctl register " user " auth.a " value "\n"
#define CLIENT_JICOFO(value) "jicofo.xmpp.client { username = focus, " \
    "domain = auth.a, password = " value " }\n"
#define CLIENT_JVB(value) "videobridge.apis.xmpp-client.configs.s { " \
    "hostname = x, username = jvb, domain = auth.a, password = " value " }\n"
#define COMPOSE(service, variables) "services:\n  " service ":\n" \
    "    image: jitsi/x\n    environment:\n" variables
#define SHARD "org.jitsi.videobridge.xmpp.user.shard."

static const struct {
	const char *id;
	int differ;
	struct part parts[3];
} secrets[] = {
	{ "turn-secret-mismatch", 1, {
	    { "prosody.cfg.lua", TURN("turncredentials_secret",
	    "\"CANARY1\"") },
	    { "turnserver.conf", "static-auth-secret=CANARY2\n" } } },
	{ "turn-secret-mismatch", 0, {
	    { "prosody.cfg.lua", TURN("turn_external_secret",
	    "'CANARY \303\274'") },
	    { "turnserver.conf",
	    "  static-auth-secret = \"CANARY \303\274\"\r\n" } } },
	{ "turn-secret-mismatch", 1, {	/* a blank is part of it */
	    { "prosody.cfg.lua", TURN("external_service_secret",
	    "\"CANARY \"") },
	    { "turnserver.conf", "static-auth-secret=CANARY\n" } } },
	{ "turn-secret-mismatch", 0, {
	    { "prosody.cfg.lua", TURN("external_service_secret",
	    "[[CANARY#x]]") },
	    { "turnserver.conf", "static-auth-secret=CANARY#x\n" } } },
	{ "turn-secret-mismatch", 1, {
	    { "prosody.cfg.lua", TURN("external_service_secret",
	    "\"CANARY\"") },
	    { "turnserver.conf", "static-auth-secret=CANARY#x\n" } } },
	{ "turn-secret-mismatch", 0, {	/* one of several is enough */
	    { "prosody.cfg.lua", TURN("external_services",
	    "{ { type = \"turn\", host = \"t\", secret = \"CANARY2\" } }") },
	    { "turnserver.conf", "static-auth-secret=CANARY1\n"
	    "static-auth-secret=CANARY2\n" } } },
	{ "turn-secret-mismatch", 0, {	/* known when it runs only */
	    { "prosody.cfg.lua", TURN("external_service_secret",
	    "os.getenv(\"T\")") },
	    { "turnserver.conf", "static-auth-secret=CANARY\n" } } },
	{ "turn-secret-mismatch", 1, {	/* of the containers */
	    { ".env", "TURN_CREDENTIALS=CANARY x # comment\n" },
	    { "turnserver.conf", "static-auth-secret=CANARY\n" },
	    { "prosody.cfg.lua", "VirtualHost \"auth.a\"\n" } } },
	{ "turn-secret-mismatch", 0, {
	    { ".env", "TURN_CREDENTIALS=CANARY x # comment\n" },
	    { "turnserver.conf", "static-auth-secret=CANARY x\n" },
	    { "prosody.cfg.lua", "VirtualHost \"auth.a\"\n" } } },
	{ "component-secret-mismatch", 1, {
	    { "prosody.cfg.lua", FOCUS("\"CANARY1\"") },
	    { "jicofo.in.sh", "JICOFO_HOSTNAME=a\n"
	    "JICOFO_SECRET='CANARY2'\n" } } },
	{ "component-secret-mismatch", 0, {
	    { "prosody.cfg.lua", FOCUS("\"CANARY1\"") },
	    { "jicofo.in.sh", "JICOFO_SECRET=\"CANARY1\"\n" } } },
	{ "component-secret-mismatch", 0, {	/* a remnant */
	    { "prosody.cfg.lua", FOCUS("\"CANARY1\"") },
	    { "jicofo.conf", CLIENT_JICOFO("CANARY3") },
	    { "jicofo.in.sh", "JICOFO_SECRET=\"CANARY2\"\n" } } },
	{ "component-secret-mismatch", 0, {
	    { "prosody.cfg.lua", "Component \"jitsi-videobridge.a\"\n"
	    "component_secret = \"CANARY1\"\nVirtualHost \"auth.a\"\n" },
	    { "jvb.conf", CLIENT_JVB("CANARY3") },
	    { "jvb.in.sh", "JVB_HOSTNAME=A\nJVB_SECRET=CANARY2\n" } } },
	{ "component-secret-mismatch", 0, {	/* another domain's */
	    { "prosody.cfg.lua", FOCUS("\"CANARY1\"") },
	    { "jicofo.in.sh", "JICOFO_HOSTNAME=b\n"
	    "JICOFO_SECRET='CANARY2'\n" } } },
	{ "component-secret-mismatch", 1, {
	    { "prosody.cfg.lua", "Component \"jitsi-videobridge.a\"\n"
	    "component_secret = \"CANARY1\"\nVirtualHost \"auth.a\"\n" },
	    { "jvb.in.sh", "JVB_HOSTNAME=A\nJVB_SECRET=CANARY2\n" } } },
	{ "component-secret-mismatch", 1, {
	    { "prosody.cfg.lua", FOCUS("\"CANARY1\"") },
	    { ".env", "XMPP_DOMAIN=a\n"
	    "JICOFO_COMPONENT_SECRET=CANARY2\n" } } },
	{ "turn-secret-mismatch", 1, {
	    { "docker-compose.yml", COMPOSE("prosody",
	    "      - TURN_CREDENTIALS=CANARY1\n") },
	    { "turnserver.conf", "static-auth-secret=CANARY2\n" },
	    { "prosody.cfg.lua", "VirtualHost \"auth.a\"\n" } } },
	{ "turn-secret-mismatch", 0, {
	    { "docker-compose.yml", COMPOSE("prosody",
	    "      TURN_CREDENTIALS: 'CANARY 2' # x\n") },
	    { "turnserver.conf", "static-auth-secret=CANARY 2\n" },
	    { "prosody.cfg.lua", "VirtualHost \"auth.a\"\n" } } },
	{ "turn-secret-mismatch", 0, {	/* compose's own variable */
	    { "docker-compose.yml", COMPOSE("prosody",
	    "      - TURN_CREDENTIALS=${CANARY}\n      - TURN_CREDENTIALS\n") },
	    { "turnserver.conf", "static-auth-secret=CANARY 2\n" },
	    { "prosody.cfg.lua", "VirtualHost \"auth.a\"\n" } } },
	{ "turn-secret-mismatch", 1, {
	    { "docker-compose.yml", "services:\n  coturn:\n    image: coturn\n"
	    "    command: --no-cli --static-auth-secret=CANARY1 -n\n" },
	    { "prosody.cfg.lua", TURN("external_service_secret",
	    "\"CANARY2\"") } } },
	{ "turn-secret-mismatch", 0, {
	    { "docker-compose.yml", "services:\n  coturn:\n    image: coturn\n"
	    "    command: --no-cli --static-auth-secret=CANARY1 -n\n" },
	    { "prosody.cfg.lua", TURN("external_service_secret",
	    "\"CANARY1\"") } } },
	{ "component-secret-mismatch", 1, {
	    { "docker-compose.yml", COMPOSE("prosody",
	    "      - JICOFO_COMPONENT_SECRET=CANARY1\n") "  jicofo:\n"
	    "    environment:\n      - JICOFO_COMPONENT_SECRET=CANARY2\n" },
	    { "prosody.cfg.lua", "VirtualHost \"auth.a\"\n" } } },
	{ "jvb-wrong-password", 1, {
	    { "docker-compose.yml", COMPOSE("prosody",
	    "      - JVB_AUTH_PASSWORD=CANARY1\n") "  jvb:\n"
	    "    environment:\n      JVB_AUTH_PASSWORD: \"CANARY2\"\n" } } },
	{ "jvb-wrong-password", 0, {
	    { "docker-compose.yml", COMPOSE("prosody",
	    "      - JVB_AUTH_PASSWORD=CANARY1\n") "  jvb:\n"
	    "    environment:\n      JVB_AUTH_PASSWORD: \"CANARY1\"\n" } } },
	{ "jicofo-wrong-password", 1, {	/* ${VAR} is what .env says */
	    { "jicofo.conf", CLIENT_JICOFO("${JICOFO_AUTH_PASSWORD}") },
	    { ".env", "JICOFO_AUTH_PASSWORD=CANARY1\n" },
	    { "commands", REGISTER("focus", "CANARY2") } } },
	{ "jicofo-wrong-password", 0, {
	    { "jicofo.conf", CLIENT_JICOFO("${?JICOFO_AUTH_PASSWORD}") },
	    { ".env", "JICOFO_AUTH_PASSWORD=CANARY2\n" },
	    { "commands", REGISTER("focus", "CANARY2") } } },
	{ "jicofo-wrong-password", 0, {	/* not known without .env */
	    { "jicofo.conf", CLIENT_JICOFO("${JICOFO_AUTH_PASSWORD}") },
	    { "commands", REGISTER("focus", "CANARY2") } } },
	{ "jicofo-wrong-password", 1, {
	    { "jicofo.conf", CLIENT_JICOFO("\"CANARY\\u00fc\"") },
	    { ".env", "JICOFO_AUTH_PASSWORD=\"CANARY\"\n" } } },
	{ "jicofo-wrong-password", 0, {
	    { "jicofo.conf", CLIENT_JICOFO("\"CANARY\\u00fc\"") },
	    { ".env",
	    "JICOFO_AUTH_PASSWORD=\"CANARY\303\274\"\n" } } },
	{ "jvb-wrong-password", 1, {
	    { "jvb.conf", CLIENT_JVB("CANARY1") },
	    { ".env", "JVB_AUTH_PASSWORD=CANARY2\n" } } },
	{ "jvb-wrong-password", 0, {
	    { "jvb.conf", CLIENT_JVB("CANARY2") },
	    { ".env", "JVB_AUTH_PASSWORD=CANARY2\n" } } },
	{ "jvb-wrong-password", 1, {
	    { "sip-communicator.properties", SHARD "USERNAME=jvb\n"
	    SHARD "DOMAIN=auth.a\n" SHARD "PASSWORD=CANARY1\n" },
	    { "commands", REGISTER("jvb", "CANARY2") } } },
	{ "jvb-wrong-password", 0, {
	    { "sip-communicator.properties", SHARD "USERNAME=jvb\n"
	    SHARD "DOMAIN=auth.a\n" SHARD "PASSWORD=CANARY2\n" },
	    { "commands", REGISTER("jvb", "CANARY2") } } },
};

/* Is the word in anything that a finding says? The source line is the
 * lint command's to leave out (secrets_test.py). */
static int
tells(const struct findings *findings, const char *word)
{
	const struct finding *f;
	size_t i;

	for (i = 0; i < findings->count; i++) {
		f = &findings->list[i];
		if (strstr(f->message, word) != NULL ||
		    (f->fix != NULL && strstr(f->fix, word) != NULL) ||
		    (f->captures != NULL && strstr(f->captures, word) !=
		    NULL))
			return (1);
	}
	return (0);
}

static void
pairs(void)
{
	struct config_set *set;
	struct findings findings;
	size_t i, k;

	for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		set = config_set_new();
		set->in_process = 1;
		for (k = 0; k < 3 && secrets[i].parts[k].kind != NULL; k++)
			config_add_text(set, secrets[i].parts[k].kind, NULL,
			    secrets[i].parts[k].kind,
			    str_from(secrets[i].parts[k].text), -1);
		config_read(set);
		findings_init(&findings);
		config_lint(set, (wall_t){ INT64_C(1795348800) * US_PER_SEC },
		    &findings, NULL);
		CHECK_INT(has(&findings, secrets[i].id),
		    secrets[i].differ, "%s, pair %zu of the table",
		    secrets[i].id, i);
		CHECK(!tells(&findings, "CANARY"),
		    "no secret is in what is said, pair %zu", i);
		findings_free(&findings);
		config_set_free(set);
	}
}

/* What is said about line `line` of a file, before and after. */
static const struct {
	const char *kind, *text;
	int line;
	const char *message, *want;
	int shown;		/* is the source line still there? */
} said[] = {
	{ "jicofo.conf", "password = geheim\n", 1, "geheim is odd",
	    "... is odd", 0 },
	{ "jicofo.conf", "password = geheim\nb = 1\n", 2, "geheim in line 2",
	    "... in line 2", 1 },
	{ "jicofo.conf", "password = ab\nb = 1\n", 2, "ab is a word",
	    "ab is a word", 1 },
	{ "jicofo.conf", "password = ab, host = cd\n", 1, "ab and cd",
	    "... and cd", 0 },
	{ "jicofo.conf", "pasword = geheim\n", 1, "pasword: geheim",
	    "pasword: ...", 0 },
	{ "jicofo.conf", "password = \"${SECRET}\"\n", 1,
	    "is \"${SECRET}\"", "is \"${SECRET}\"", 0 },
	{ "prosody.cfg.lua", "-- the secret of focus.a.example\nx = 1\n", 2,
	    "focus.a.example", "focus.a.example", 1 },
	{ "prosody.cfg.lua", "component_secret =\n\"geheim\"\n", 2,
	    "near 'geheim'", "near '...'", 0 },
	{ "prosody.cfg.lua", "component_secret = \"focus.a.example\"\nx=1\n",
	    2, "focus.a.example.org, xfocus.a.example",
	    "....org, xfocus.a.example", 1 },
	{ "commands", "prosodyctl register focus auth.a geheim\n", 1,
	    "focus auth.a geheim", "focus auth.a ...", 0 },
	{ "commands", "keytool -storepass geheim -keystore x\n", 1,
	    "geheim", "...", 0 },
	{ "nginx.conf", "proxy_pass http://geheim;\n", 1,
	    "proxy_pass http://geheim", "proxy_pass http://geheim", 1 },
	{ ".env", "TURN_CREDENTIALS='geheim\n", 1, "geheim", "...", 0 },
	{ "certificate", "-----BEGIN PRIVATE KEY-----\ngeheim\n", 2,
	    "damaged", "damaged", 0 },
	{ "keystore", "\376\355\376\355geheim\n", 1, "damaged", "damaged",
	    0 },
};

static void
redaction(void)
{
	struct config_set *set;
	struct findings findings;
	struct finding f;
	size_t i;

	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		set = config_set_new();
		set->in_process = 1;
		config_add_text(set, said[i].kind, NULL, "f",
		    str_from(said[i].text), -1);
		findings_init(&findings);
		memset(&f, 0, sizeof(f));
		f.id = f.probe = "x";
		f.at.file = mem_strdup("f");
		f.at.line = said[i].line;
		f.at.text = mem_strdup("the line");
		f.message = mem_strdup(said[i].message);
		f.fix = mem_strdup(said[i].message);
		f.captures = mem_strdup(said[i].message);
		findings_take(&findings, &f);
		redact_findings(set, &findings, 0);
		CHECK_STR(findings.list[0].message, said[i].want,
		    "message, row %zu", i);
		CHECK_STR(findings.list[0].fix, said[i].want, "fix, row %zu",
		    i);
		CHECK_STR(findings.list[0].captures, said[i].want,
		    "capture, row %zu", i);
		CHECK_INT(findings.list[0].at.text != NULL, said[i].shown,
		    "source line, row %zu", i);
		findings_free(&findings);
		config_set_free(set);
	}
}

int
main(void)
{
	pairs();
	redaction();
	return (check_end());
}

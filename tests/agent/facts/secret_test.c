/* SPDX-License-Identifier: ISC */
/*
 * Mirrors agent/facts/secret.c. Would catch: secrets held to be the same or
 * different that are not, a comparison across salts, a salt taken that is too
 * short.
 */
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/facts/secret.h"
#include "tests/kit/check.h"

#define A "00112233445566778899aabbccddeeff"
#define B "ffeeddccbbaa99887766554433221100"
#define P COMPONENT_PROSODY
#define J COMPONENT_JICOFO
#define V COMPONENT_JVB
#define C COMPONENT_COTURN

struct row {
	const char *name;
	enum component component;
	const char *host, *salt;
	unsigned rounds;
	const char *value;
};

/* Each set and what comes out: "d" differs, "u" unknown, a letter for each
 * that is told, in order. */
static const struct {
	const char *what, *want;
	struct row rows[6];
} sets[] = {
	{ "nothing", "", { { NULL, 0, NULL, NULL, 0, NULL } } },
	{ "one side alone", "", { { "turn_secret", C, "turn", A, 1, "x" } } },
	{ "the same", "", { { "turn_secret", P, "xmpp", A, 1, "x" },
	    { "turn_secret", C, "turn", A, 1, "x" } } },
	{ "different", "d", { { "turn_secret", P, "xmpp", A, 1, "x" },
	    { "turn_secret", C, "turn", A, 1, "y" } } },
	{ "different, holder first", "d", {
	    { "turn_secret", C, "turn", A, 1, "y" },
	    { "turn_secret", P, "xmpp", A, 1, "x" } } },
	{ "another salt", "u", { { "turn_secret", P, "xmpp", A, 1, "x" },
	    { "turn_secret", C, "turn", B, 1, "y" } } },
	{ "another salt, the same value", "u", {
	    { "turn_secret", P, "xmpp", A, 1, "x" },
	    { "turn_secret", C, "turn", B, 1, "x" } } },
	{ "another number of rounds", "u", {
	    { "turn_secret", P, "xmpp", A, 1, "x" },
	    { "turn_secret", C, "turn", A, 2, "y" } } },
	{ "told with both salts", "", { { "turn_secret", P, "xmpp", A, 1, "x" },
	    { "turn_secret", C, "turn", B, 1, "z" },
	    { "turn_secret", C, "turn", A, 1, "x" } } },
	{ "one of several values", "", {
	    { "turn_secret", P, "xmpp", A, 1, "x" },
	    { "turn_secret", C, "turn", A, 1, "y" },
	    { "turn_secret", C, "turn", A, 1, "x" } } },
	{ "several values, none of them", "d", {
	    { "turn_secret", P, "xmpp", A, 1, "x" },
	    { "turn_secret", C, "turn", A, 1, "y" },
	    { "turn_secret", C, "turn", A, 1, "z" } } },
	{ "two servers, one of them wrong", "d", {
	    { "turn_secret", P, "xmpp", A, 1, "x" },
	    { "turn_secret", C, "turn1", A, 1, "x" },
	    { "turn_secret", C, "turn2", A, 1, "y" } } },
	{ "two servers, prosody knows both", "", {
	    { "turn_secret", P, "xmpp", A, 1, "x" },
	    { "turn_secret", P, "xmpp", A, 1, "y" },
	    { "turn_secret", C, "turn1", A, 1, "x" },
	    { "turn_secret", C, "turn2", A, 1, "y" } } },
	{ "the same host asked under two names", "d", {
	    { "turn_secret", P, "xmpp", A, 1, "x" },
	    { "turn_secret", C, "turn", A, 1, "y" },
	    { "turn_secret", C, "turn.jts.example", A, 1, "y" } } },
	{ "another purpose", "", { { "turn_secret", P, "xmpp", A, 1, "x" },
	    { "component_secret focus", J, "jicofo", A, 1, "y" } } },
	{ "a component by its full name", "d", {
	    { "component_secret focus.a.example", P, "xmpp", A, 1, "x" },
	    { "component_secret FOCUS.a.example", J, "jicofo", A, 1, "y" } } },
	{ "a component by its label", "d", {
	    { "component_secret focus.a.example", P, "xmpp", A, 1, "x" },
	    { "component_secret focus", J, "jicofo", A, 1, "y" } } },
	{ "a component of another domain", "", {
	    { "component_secret focus.a.example", P, "xmpp", A, 1, "x" },
	    { "component_secret focus.b.example", J, "jicofo", A, 1, "y" } } },
	{ "a label that begins like another", "", {
	    { "component_secret focus.a.example", P, "xmpp", A, 1, "x" },
	    { "component_secret foc", J, "jicofo", A, 1, "y" } } },
	{ "two components on one host", "d", {
	    { "component_secret focus.a", P, "xmpp", A, 1, "x" },
	    { "component_secret jitsi-videobridge.a", P, "xmpp", A, 1, "v" },
	    { "component_secret focus.a", J, "all", A, 1, "x" },
	    { "component_secret jitsi-videobridge.a", V, "all", A, 1, "x" } } },
	{ "passwords of one trust store", "d", {
	    { "truststore_password 01", J, "jicofo", A, 1, "x" },
	    { "truststore_password 01", V, "jvb", A, 1, "y" } } },
	{ "passwords of two trust stores", "", {
	    { "truststore_password 01", J, "jicofo", A, 1, "x" },
	    { "truststore_password 02", V, "jvb", A, 1, "y" } } },
	{ "two bridges with one trust store", "d", {
	    { "truststore_password 01", V, "jvb1", A, 1, "x" },
	    { "truststore_password 01", V, "jvb2", A, 1, "y" } } },
	{ "no host is said", "d", {
	    { "turn_secret", P, NULL, A, 1, "x" },
	    { "turn_secret", C, NULL, A, 1, "y" } } },
};

static void
note(void *arg, enum secret_result result, const struct secret *holder,
    const struct secret *other)
{
	char *told = arg;

	(void)holder;
	(void)other;
	told[strlen(told)] = result == SECRET_DIFFERS ? 'd' : 'u';
}

static void
comparison(void)
{
	const struct row *row;
	struct secrets list;
	struct secret *s;
	char told[16];
	size_t i, k;

	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		secrets_init(&list);
		for (k = 0; k < 6 && sets[i].rows[k].name != NULL; k++) {
			row = &sets[i].rows[k];
			s = secrets_add(&list);
			s->name = mem_strdup(row->name);
			s->component = row->component;
			s->host = row->host == NULL ? NULL :
			    mem_strdup(row->host);
			s->file = mem_strdup("f");
			s->salt = mem_strdup(row->salt);
			s->rounds = row->rounds;
			s->value = mem_strdup(row->value);
		}
		memset(told, 0, sizeof(told));
		secrets_compare(&list, note, told);
		CHECK_STR(told, sets[i].want, "%s", sets[i].what);
		secrets_free(&list);
	}
}

static void
salts(void)
{
	static const struct {
		const char *text;
		size_t bytes;
	} rows[] = {
		{ A, 16 }, { "00112233445566778899AABBCCDDEEFF", 16 },
		{ A A A A, 64 }, { A A A A "00", 0 }, { A "0", 0 },
		{ "00112233445566778899aabbccddee", 0 }, { "", 0 },
		{ "0011223344556677889 aabbccddeeff", 0 },
		{ "00112233445566778899aabbccddeefg", 0 },
		{ "0x112233445566778899aabbccddeeff", 0 },
	};
	unsigned char out[LIMIT_SALT_MOST];
	char *hex;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_INT(secret_salt(str_from(rows[i].text), out),
		    rows[i].bytes, "the salt \"%s\"", rows[i].text);
	(void)secret_salt(str_from(B), out);
	hex = secret_hex(out, 16);
	CHECK_STR(hex, B, "bytes and back");
	mem_wipe(hex);
	hex = secret_lower(STR_LIT("AbF09"));
	CHECK_STR(hex, "abf09", "lower case");
	mem_wipe(hex);
	mem_wipe(NULL);
}

int
main(void)
{
	comparison();
	salts();
	return (check_end());
}

/* SPDX-License-Identifier: ISC */
/*
 * The check pf.rules: what pf has loaded against the flow matrix and against
 * the file that it should come from. Pure.
 */
#include <errno.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/tally.h"

/* The value of a leg among others, '1' or '0'; '\0': it is not there. */
static char
leg_value(struct str legs, struct str leg)
{
	struct str word, name;

	while ((word = str_word(&legs)).n > 0) {
		name = str_split(&word, '=');
		if (str_eq(name, leg))
			return (word.n == 1 ? word.p[0] : '\0');
	}
	return ('\0');
}

/* "outside>jvb:10000/udp/out" as "outside to jvb:10000/udp going out" */
static void
leg_words(struct buf *b, struct str leg)
{
	size_t at = str_rchr(leg, '/');
	struct str flow = str_sub(leg, 0, at), from = str_split(&flow, '>');

	buf_addf(b, "%.*s to %.*s %s", STR_ARG(from), STR_ARG(flow),
	    str_ends(leg, "/in") ? "coming in" : "going out");
}

/* Legs that are one way in the file and another in what is loaded. */
struct differences {
	int worse, better;	/* what is loaded is, for the site */
	struct buf first[2];	/* of each, in words */
};

static void
compare_legs(const struct tally *live, const struct tally *file,
    struct differences *d)
{
	struct str legs = buf_str(&live->sure), word, leg;
	char there;
	int worse;

	while ((word = str_word(&legs)).n > 0) {
		leg = str_split(&word, '=');
		there = leg_value(buf_str(&file->sure), leg);
		if (there == '\0' || str_eq(word, str_of(&there, 1)))
			continue;
		worse = there == '1';
		d->worse += worse;
		d->better += !worse;
		if (d->first[worse].len == 0)
			leg_words(&d->first[worse], leg);
	}
}

/* What is loaded against the file that it should come from. */
static void
compare(struct tally *live, const struct pf_live_input *in,
    struct pf_env *env)
{
	struct differences d = { 0 };
	struct tally file;
	struct check scratch;

	check_init(&scratch, "pf.config", "pf", "");
	tally_init(&file, &scratch, live->s);
	buf_init(&d.first[0], 1024);
	buf_init(&d.first[1], 1024);
	tally_rules(&file, env, in->file, in->text, in->below);
	if (file.refused)
		check_say(live->c, "%s is not what is loaded: pfctl refuses "
		    "it: %s", in->file, buf_cstr(&file.why));
	else
		compare_legs(live, &file, &d);
	if (d.worse > 0)
		check_say(live->c, "%s passes %s, what is loaded blocks it "
		    "(%d such)", in->file, buf_cstr(&d.first[1]), d.worse);
	if (d.better > 0)
		check_say(live->c, "%s blocks %s, what is loaded passes it "
		    "(%d such)", in->file, buf_cstr(&d.first[0]), d.better);
	check_fact(live->c, "pf.file_loaded", file.refused || d.worse > 0 ||
	    d.better > 0 ? "no" : "yes");
	if (live->blocked > 0 && d.worse > 0)
		check_result(live->c, STATE_FAIL, LAYER_PF,
		    REASON_LOCAL_POLICY, "%s; but %s passes %s: it was "
		    "changed and not loaded (doas pfctl -f %s)",
		    buf_cstr(&live->first), in->file, buf_cstr(&d.first[1]),
		    in->file);
	else if (d.better > 0 && live->c->state == STATE_PASS)
		check_result(live->c, STATE_WARN, LAYER_PF,
		    REASON_LOCAL_POLICY, "what is loaded is well, but %s "
		    "blocks %s: from the next start or pfctl -f on",
		    in->file, buf_cstr(&d.first[0]));
	buf_free(&d.first[0]);
	buf_free(&d.first[1]);
	tally_free(&file);
	check_free(&scratch);
}

/* Without pf everything passes and nothing is redirected. */
static void
say_disabled(struct tally *t)
{
	check_fact(t->c, "pf.enabled", "no");
	if (t->blocked > 0)
		check_result(t->c, STATE_FAIL, LAYER_PF, REASON_LOCAL_POLICY,
		    "pf is disabled (doas pfctl -e): %s",
		    buf_cstr(&t->first));
	else
		check_result(t->c, STATE_WARN, LAYER_PF, REASON_LOCAL_POLICY,
		    "pf is disabled (doas pfctl -e): no rule holds%s%s",
		    t->first.len > 0 ? "; " : "", buf_cstr(&t->first));
}

/*
 * What `set skip` takes out of pf does not stand among the rules: it is in
 * pfctl -v -sI, lines "NAME (skip)", or at least in the file.
 */
static void
add_skips(struct buf *rules, struct str interfaces,
    const struct pf_conf *file)
{
	const struct pf_skip *k;
	struct str line, name;

	buf_addc(rules, '\n');
	for (k = interfaces.n > 0 || file == NULL ? NULL : file->skips;
	    k != NULL; k = k->next)
		buf_addf(rules, "set skip on %s\n", k->name);
	while (interfaces.n > 0) {
		line = str_split(&interfaces, '\n');
		name = str_word(&line);
		if (str_eqs(str_trim(line), "(skip)") && name.n < 16)
			buf_addf(rules, "set skip on %.*s\n",
			    STR_ARG(name));
	}
}

/* The file, and what it includes. */
static int
read_input(void *arg, const char *name, char **text, size_t *len)
{
	const struct pf_live_input *in = arg;

	if (in->file == NULL || strcmp(name, in->file) != 0)
		return (in->below.read == NULL ? ENOENT :
		    in->below.read(in->below.arg, name, text, len));
	*text = mem_str(in->text);
	*len = in->text.n;
	return (0);
}

void
pf_check_rules(struct check *c, const struct site *s, struct pf_env *env,
    struct pf_live_input *in)
{
	struct pf_files none = { NULL, NULL };
	struct pf_live_info info;
	struct pf_conf file;
	struct buf rules;
	struct tally t;
	int disabled;

	pf_live_info_read(&info, in->info);
	disabled = info.known && !info.enabled;
	tally_init(&t, c, s);
	t.live = 1;
	pf_env_site(env, s);
	/* The file gives live rules their lines. */
	pf_conf_init(&file, env, (struct pf_files){ read_input, in });
	if (in->file != NULL && pf_conf_read(&file, in->file) == 0)
		t.file = &file;
	buf_init(&rules, LIMIT_PF_LIVE);
	if (!disabled) {
		buf_add_str(&rules, in->rules);
		add_skips(&rules, in->interfaces, t.file);
	}
	tally_rules(&t, env, "pfctl", buf_str(&rules), none);
	buf_free(&rules);
	if (disabled)
		say_disabled(&t);
	else {
		if (info.known)
			check_fact(c, "pf.enabled", "yes");
		if (in->file != NULL && !t.refused)
			compare(&t, in, env);
	}
	pf_conf_free(&file);
	tally_free(&t);
}

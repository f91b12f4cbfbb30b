/* SPDX-License-Identifier: ISC */
/*
 * Rules about prosody's components: may focus make rooms, may the services
 * enter the internal rooms, are components that options name there; and who
 * may log in where. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/prosody.h"
#include "probes/config/rules.h"

static const struct model *
model_of(const struct lint *l)
{
	return (&l->n.prosody->model);
}

/* Is it a member of a list option of the host, else of the global section?
 * A text counts as a list of one; -1: it is not known. */
static int
member(const struct lint *l, const char *host, const char *option,
    struct str name)
{
	const struct model *m = model_of(l);
	const struct item *it, *list = model_getf(m, "%s/%s", host, option);
	char *key;
	int i, yes = 0;

	if (list == NULL)
		list = model_getf(m, "*/%s", option);
	if (list != NULL && list->type == ITEM_OPAQUE)
		return (-1);
	if (list == NULL)
		return (0);
	if (list->type != ITEM_TABLE)
		return (same_name(item_str(list), name));
	key = mem_strdup(list->key);
	for (i = 0; (it = model_getf(m, "%s/%d", key, i)) != NULL; i++)
		if (it->type == ITEM_OPAQUE || same_name(item_str(it), name)
		    || lint_is_told(l, (struct val){ l->n.prosody, it }))
			yes = 1;
	free(key);
	return (yes);
}

/* focus as the account of the auth host; the caller frees. */
static char *
focus_jid(const struct lint *l)
{
	struct str user = val_str(l->n.user);

	if (user.n == 0)
		user = STR_LIT("focus");
	return (mem_printf("%.*s@%s", STR_ARG(user), l->n.auth.it->key));
}

/* Only admins may make rooms: then focus must be one. */
static void
check_creation(struct lint *l)
{
	struct val restricted = NOWHERE;
	char *jid;

	if (!val_is(l->n.muc) || !val_is(l->n.auth) ||
	    lint_is_told(l, l->n.auth) || lint_is_told(l, l->n.user))
		return;
	restricted = (struct val){ l->n.prosody, prosody_option(model_of(l),
	    l->n.muc.it->key, "restrict_room_creation") };
	if (item_bool(restricted.it) != 1 && !str_eqs(val_str(restricted),
	    "local") && !str_eqs(val_str(restricted), "admin"))
		return;
	jid = focus_jid(l);
	if (member(l, l->n.muc.it->key, "admins", str_from(jid)) == 0) {
		lint_say(l, "muc-room-creation-restricted", restricted,
		    l->n.muc, NULL, "only admins may make rooms in %s, and %s "
		    "is none: no conference can begin", l->n.muc.it->key,
		    jid);
		lint_capture(l, "user", str_from(jid));
	}
	free(jid);
}

/* muc_filter_access lets in whom the list names; focus and jvb must be. */
static void
check_filter(struct lint *l)
{
	const char *host;
	struct val list;
	char *jid;

	if (!val_is(l->n.internal) || !val_is(l->n.auth) ||
	    lint_is_told(l, l->n.auth) || !prosody_module(model_of(l),
	    l->n.internal.it->key, "muc_filter_access"))
		return;
	host = l->n.internal.it->key;
	jid = focus_jid(l);
	list = (struct val){ l->n.prosody, prosody_option(model_of(l), host,
	    "muc_filter_whitelist") };
	if (val_is(list) && !lint_is_told(l, list) && member(l, host,
	    "muc_filter_whitelist",
	    str_from(l->n.auth.it->key)) == 0 &&
	    member(l, host, "muc_filter_whitelist", str_from(jid)) == 0)
		lint_say(l, "brewery-filter-excludes-services", list,
		    l->n.auth, NULL, "only those of this list enter the rooms "
		    "of %s, and %s is not in it: jicofo and the bridges stay "
		    "outside", host, l->n.auth.it->key);
	free(jid);
}

/* Options that name a component of prosody itself. */
static int
names_component(const char *option)
{
	static const char *const options[] = { "main_muc", "lobby_muc",
	    "breakout_rooms_muc", "muc_component", "speakerstats_component",
	    "end_conference_component", "av_moderation_component",
	    "room_metadata_component", "breakout_rooms_component" };
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(option, options[i]) == 0)
			return (1);
	return (0);
}

static void
check_served(struct lint *l)
{
	const struct item *it;
	const char *option;
	struct val v;
	size_t i;

	for (i = 0; i < model_of(l)->count && !model_of(l)->partial; i++) {
		it = &model_of(l)->list[i];
		option = strrchr(it->key, '/');
		v = (struct val){ l->n.prosody, it };
		if (option == NULL || !names_component(option + 1) ||
		    it->type != ITEM_TEXT || it->value[0] == '\0' ||
		    lint_is_told(l, v) || lint_host(l, item_str(it), NULL) !=
		    NULL)
			continue;
		lint_say(l, "stanza-to-unserved-domain", v, NOWHERE, NULL,
		    "%s names %s, which prosody does not have", option + 1,
		    it->value);
		lint_capture(l, "domain", item_str(it));
	}
}

/* Rooms of recorders and telephones, and the focus that pages ask. */
static void
check_others(struct lint *l)
{
	static const char *const rooms[] = { "jicofo.jibri.brewery-jid",
	    "jicofo.jigasi.brewery-jid", "jicofo.jibri-sip.brewery-jid" };
	struct val v, focus = val_of(l->n.js, "hosts.focus");
	struct str d;
	size_t i;

	for (i = 0; i < 3 && !model_of(l)->partial; i++) {
		v = val_of(l->n.jicofo, rooms[i]);
		d = jid_domain(val_str(v));
		if (d.n == 0 || lint_is_told(l, v) || lint_elsewhere(l, d) ||
		    lint_host(l, d, "component") != NULL)
			continue;
		lint_say(l, "brewery-muc-not-hosted", v, l->n.internal, NULL,
		    "prosody has no Component \"%.*s\" \"muc\" for this room",
		    STR_ARG(d));
		lint_capture(l, "muc", d);
	}
	d = val_str(focus);
	if (d.n == 0 || model_of(l)->partial || lint_is_told(l, focus) ||
	    lint_host(l, d, NULL) != NULL)
		return;
	lint_say(l, "stanza-to-unserved-domain", focus, l->n.focus, NULL,
	    "pages ask %.*s for a conference, which prosody does not have",
	    STR_ARG(d));
	lint_capture(l, "domain", d);
}

/* mod_limits slows the services down unless they are excepted. */
static void
check_limits(struct lint *l)
{
	const struct model *m = model_of(l);
	struct val list = val_of(l->n.prosody, "*/unlimited_jids");
	const char *host;
	char *jid;

	if (!val_is(l->n.auth) || m->partial || lint_is_told(l, l->n.auth))
		return;
	host = l->n.auth.it->key;
	if (!prosody_module(m, host, "limits") ||
	    !prosody_module(m, host, "limits_exception") || !val_is(list))
		return;
	jid = focus_jid(l);
	if (member(l, "*", "unlimited_jids", str_from(jid)) == 0)
		lint_say(l, "mod-limits-throttling", list, l->n.user, NULL,
		    "%s is not among those whom mod_limits spares: it is "
		    "slowed down to a few kB a second", jid);
	free(jid);
}

/* Guests where they may log in, services where nobody else may. */
static void
check_authentication(struct lint *l)
{
	const struct item *host = val_str(l->n.js_anonymous).n == 0 ? NULL :
	    prosody_host(model_of(l), val_str(l->n.js_anonymous),
	    "virtualhost");
	struct val v = { l->n.prosody, NULL };

	if (host != NULL) {
		v.it = prosody_option(model_of(l), host->key,
		    "authentication");
		if (v.it == NULL || str_starts(val_str(v), "internal_"))
			lint_say(l, "anonymous-auth-disabled", v.it == NULL ?
			    (struct val){ l->n.prosody, host } : v,
			    l->n.js_anonymous, "authentication = "
			    "\"anonymous\"", "config.js sends guests to %s, "
			    "which does not let them in", host->key);
	}
	if (!val_is(l->n.auth))
		return;
	v.it = model_getf(model_of(l), "%s/authentication",
	    l->n.auth.it->key);
	if (val_is(v) && (str_eqs(val_str(v), "anonymous") ||
	    str_eqs(val_str(v), "jitsi-anonymous")))
		lint_say(l, "domain-is-public-virtualhost", v, l->n.auth,
		    "authentication = \"internal_hashed\"", "%s lets anyone "
		    "in without a password: jicofo and the bridge come in "
		    "under chance names", l->n.auth.it->key);
}

void
rules_muc(struct lint *l)
{
	if (l->n.prosody == NULL || !val_is(l->n.guests) ||
	    l->n.prosody->state == COVERAGE_UNREADABLE)
		return;
	check_creation(l);
	check_filter(l);
	check_served(l);
	check_authentication(l);
	check_others(l);
	check_limits(l);
}

/* SPDX-License-Identifier: ISC */
/*
 * The packet filters of a site from its files: which pf.conf is whose, where
 * the machines are, what their rules are. Pure, but for this host's own
 * interfaces when its own files are read.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/pf/filters.h"
#include "probes/config/pf/filters_net.h"
#include "probes/pf/matrix.h"

/* Names of hosts beside the roles' own. */
static const struct {
	const char *name;
	enum role role;
} aliases[] = {
	{ "vmm", ROLE_ROUTER }, { "vmmhost", ROLE_ROUTER },
	{ "vmhost", ROLE_ROUTER }, { "gw", ROLE_ROUTER },
	{ "gateway", ROLE_ROUTER }, { "fw", ROLE_ROUTER },
	{ "firewall", ROLE_ROUTER }, { "hypervisor", ROLE_ROUTER },
	{ "nginx", ROLE_WEB }, { "www", ROLE_WEB },
	{ "prosody", ROLE_XMPP }, { "focus", ROLE_JICOFO },
	{ "videobridge", ROLE_JVB }, { "bridge", ROLE_JVB },
};

int
filters_role(struct str name)
{
	int role = role_by_name(name);
	size_t i, n = name.n;

	while (role == -1 && n > 0 && name.p[n - 1] >= '0' &&
	    name.p[n - 1] <= '9')
		n--;
	if (role == -1)
		role = role_by_name(str_sub(name, 0, n));
	for (i = 0; role == -1 && i < sizeof(aliases) / sizeof(aliases[0]);
	    i++)
		if (str_ieqs(name, aliases[i].name))
			role = (int)aliases[i].role;
	return (role == ROLE_OUTSIDE ? -1 : role);
}

/* A folder of the path that is called like a host: "router/etc/pf.conf". */
static int
role_of_path(struct str path)
{
	struct str part;
	int role = -1, r;

	while (str_chr(path, '/') != SIZE_MAX) {
		part = str_split(&path, '/');
		if ((r = filters_role(part)) != -1)
			role = r;
	}
	return (role);
}

/* Roles by the files of programs that a host (NULL: not said) has. */
static roles_t
roles_of_files(const struct config_set *set, const char *host)
{
	static const struct {
		const char *kind;
		enum role role;
	} kinds[] = {
		{ "prosody.cfg.lua", ROLE_XMPP },
		{ "jicofo.conf", ROLE_JICOFO }, { "jvb.conf", ROLE_JVB },
		{ "nginx.conf", ROLE_WEB }, { "vm.conf", ROLE_ROUTER },
	};
	const struct config_file *f;
	roles_t roles = 0;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		f = NULL;
		while ((f = config_next(set, kinds[i].kind, f)) != NULL)
			if (host == NULL ? f->host == NULL :
			    f->host != NULL && strcmp(f->host, host) == 0)
				roles |= ROLE_BIT(kinds[i].role);
	}
	return (roles);
}

int
filters_mention(struct str text, const char *name)
{
	size_t at, n = strlen(name);

	for (; (at = str_find(text, name)) != SIZE_MAX; text = str_sub(text,
	    at + n, text.n))
		if (at > 0 && strchr(" \t{,\"!", text.p[at - 1]) != NULL &&
		    (at + n >= text.n || strchr(" \t\r\n},\"/:",
		    text.p[at + n]) != NULL))
			return (1);
	return (0);
}

static int
has_any(struct str line, const char *const *words)
{
	for (; *words != NULL; words++)
		if (str_find(line, *words) != SIZE_MAX)
			return (1);
	return (0);
}

/* What one line of rules tells of its host. */
struct hints {
	int translates;		/* for others, not to itself */
	int site;		/* what is of the web or the bridge */
	roles_t roles;		/* lets in what such a host needs */
};

static void
take_line(struct hints *h, struct str line)
{
	static const char *const translation[] = { "rdr-to", "nat-to", NULL };
	static const char *const own[] = { "rdr-to 127.", "rdr-to ::1",
	    "rdr-to lo", NULL };
	static const char *const media[] = { "10000", NULL };
	static const char *const web[] = { "443", "https", NULL };
	static const char *const xmpp[] = { "5222", NULL };
	static const char *const jicofo[] = { "8888", NULL };

	if (has_any(line, translation) && !has_any(line, own)) {
		h->translates = 1;
		h->site |= str_find(line, "rdr-to") != SIZE_MAX &&
		    (has_any(line, web) || has_any(line, media));
	} else if (str_starts(line, "pass") &&
	    str_find(line, " out ") == SIZE_MAX) {
		h->roles |= has_any(line, media) ? ROLE_BIT(ROLE_JVB) : 0;
		h->roles |= has_any(line, web) ? ROLE_BIT(ROLE_WEB) : 0;
		h->roles |= has_any(line, xmpp) ? ROLE_BIT(ROLE_XMPP) : 0;
		h->roles |= has_any(line, jicofo) ? ROLE_BIT(ROLE_JICOFO) : 0;
	}
}

/*
 * Words of rules that only one of the hosts has. A router is the site's when
 * its rules name a machine of it, or redirect the web or media.
 */
static roles_t
roles_of_rules(const struct filter *one)
{
	static const enum role vms[] = { ROLE_WEB, ROLE_XMPP, ROLE_JICOFO,
		ROLE_JVB };
	struct str text = one->file->text, line;
	struct hints h = { one->ifs.tap, 0, 0 };
	struct cur c;
	size_t i;

	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0) {
		line = cur_line(&c);
		take_line(&h, str_trim(str_sub(line, 0, str_chr(line,
		    '#'))));
	}
	if (!h.translates)
		return (h.roles);
	for (i = 0; i < sizeof(vms) / sizeof(vms[0]); i++)
		h.site |= filters_mention(text, role_name(vms[i]));
	return (h.site ? ROLE_BIT(ROLE_ROUTER) : 0);
}

/*
 * A host that was named, and not after what it does: another one of the
 * hosts files may be the one; and many hosts let 443 in.
 */
static roles_t
roles_of_stranger(const struct filters *f, const struct filter *one)
{
	roles_t roles = roles_of_rules(one);
	int role;

	for (role = 0; role < ROLE_COUNT; role++)
		if (role != ROLE_ROUTER && val_is(lint_hosts(f->l, NULL,
		    str_from(role_name((enum role)role)))))
			roles &= ~ROLE_BIT(role);
	if (str_find(one->file->text, "5280") == SIZE_MAX)
		roles &= ~ROLE_BIT(ROLE_WEB);
	return (roles);
}

/* Does a line include, load or read the file? */
static int
names_file(struct str line, const struct config_file *file)
{
	struct str name;

	if (!str_starts(line, "include") && !str_starts(line, "load") &&
	    !str_starts(line, "anchor") && !str_starts(line, "table"))
		return (0);
	while (str_chr(line, '"') != SIZE_MAX) {
		(void)str_split(&line, '"');
		name = str_split(&line, '"');
		if (str_chr(name, '/') != SIZE_MAX && source_agrees(
		    str_from(file->name), name) != -1)
			return (1);
	}
	return (0);
}

/* Is this file one that another pf.conf includes or loads? */
static int
is_included(const struct config_set *set, const struct config_file *file)
{
	const struct config_file *f = NULL;
	struct cur c;

	while ((f = config_next(set, "pf.conf", f)) != NULL) {
		cur_init(&c, f->text.p, f->text.n);
		while (f != file && cur_left(&c) > 0)
			if (names_file(str_trim(cur_line(&c)), file))
				return (1);
	}
	return (0);
}

/* Whose it is: by its name, else by what else that host has, else by what
 * the rules say. */
static void
identify(struct filters *f, struct filter *one)
{
	const struct config_file *file = one->file;
	int role = file->host != NULL ? filters_role(str_from(file->host)) :
	    role_of_path(str_from(file->name));

	one->roles = roles_of_files(f->l->set, file->host);
	if (role != -1)
		one->roles |= ROLE_BIT(role);
	if (one->roles == 0 && file->host != NULL)
		one->roles |= roles_of_stranger(f, one);
	else if (one->roles == 0 || (file->host == NULL && role == -1 &&
	    (one->roles & ROLE_BIT(ROLE_ROUTER)) == 0 &&
	    roles_of_rules(one) == ROLE_BIT(ROLE_ROUTER)))
		one->roles |= roles_of_rules(one);
	/* A bridge beside a web server: prosody and jicofo are there too. */
	if (file->host == NULL && (one->roles & ROLE_BIT(ROLE_WEB)) != 0 &&
	    (one->roles & ROLE_BIT(ROLE_JVB)) != 0)
		one->roles |= ROLE_BIT(ROLE_XMPP) | ROLE_BIT(ROLE_JICOFO);
	if (file->host != NULL) {
		one->name = file->host;
		return;
	}
	for (role = 0; role < ROLE_COUNT; role++)
		if (one->roles == ROLE_BIT(role))
			one->name = role_name((enum role)role);
	if (one->name == NULL)
		one->name = "here";
}

/*
 * A second pf.conf of one host, or of a second router: what pfctl refuses in
 * it is told, and where it stands is not known. When neither was said to be
 * of that host, that is so of both.
 */
static int
is_second(struct filters *f, const struct filter *one)
{
	struct filter *other;
	size_t i;

	for (i = 0; i < f->count; i++) {
		other = &f->list[i];
		if (strcmp(other->name, one->name) != 0 && (other->roles &
		    one->roles & ROLE_BIT(ROLE_ROUTER)) == 0)
			continue;
		if (other->file->host == NULL && one->file->host == NULL) {
			other->roles = 0;
			f->router = f->router == (int)i ? -1 : f->router;
		}
		return (1);
	}
	return (0);
}

static void
find_files(struct filters *f)
{
	const struct config_file *file = NULL;
	struct filter *one;

	f->router = -1;
	while ((file = config_next(f->l->set, "pf.conf", file)) != NULL) {
		if (f->count == PF_SITE_HOSTS - ROLE_COUNT ||
		    file->text.n == 0 || is_included(f->l->set, file))
			continue;
		one = &f->list[f->count];
		one->file = file;
		one->l = f->l;
		ifnames_find(&one->ifs, file->text);
		identify(f, one);
		if (is_second(f, one)) {
			one->name = file->name;
			one->roles = 0;
		}
		if ((one->roles & ROLE_BIT(ROLE_ROUTER)) != 0)
			f->router = (int)f->count;
		f->count++;
	}
}

const struct filter *
filters_of(const struct filters *f, int host)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (f->list[i].h == &f->pf.hosts[host])
			return (&f->list[i]);
	return (NULL);
}

const struct config_file *
filters_file(const struct filter *one, const char *name)
{
	const struct config_set *set = one->l->set;
	const struct config_file *f, *best = NULL;
	size_t i;
	int fits, most = -1;

	if (strcmp(name, one->file->name) == 0)
		return (one->file);
	for (i = 0; i < set->count; i++) {
		f = &set->list[i];
		if (f == one->file || (fits = source_agrees(str_from(f->name),
		    str_from(name))) == -1)
			continue;
		/* A file of the same host goes before any other. */
		fits += f->host != NULL && one->file->host != NULL &&
		    strcmp(f->host, one->file->host) == 0 ? 100 : 0;
		if (fits > most) {
			best = f;
			most = fits;
		}
	}
	return (best);
}

/* A file that rules include or fill a table from; one that was not given
 * counts as empty, and is noted. */
static int
read_below(void *arg, const char *name, char **text, size_t *len)
{
	struct filter *one = arg;
	const struct config_file *f = filters_file(one, name);
	size_t i;

	*text = mem_str(f == NULL ? STR_LIT("") : f->text);
	*len = f == NULL ? 0 : f->text.n;
	if (f != NULL)
		return (0);
	for (i = 0; i < one->missing_count; i++)
		if (strcmp(one->missing[i], name) == 0)
			return (0);
	if (one->missing_count < FILTER_MISSING)
		one->missing[one->missing_count++] = mem_strdup(name);
	return (0);
}

struct str
filters_unresolved(const char *message)
{
	static const char words[] = "no IP address found for ";
	struct str s = str_from(message);

	if (!str_starts(s, words))
		return (str_of("", 0));
	s = str_sub(s, sizeof(words) - 1, s.n);
	s = str_sub(s, 0, str_chr(s, '/'));
	return (str_sub(s, 0, str_chr(s, ':')));
}

/*
 * May the host know a name that its files do not? A name with a dot may be
 * in DNS; without the host's own hosts file nothing proves anything.
 */
static int
may_know(const struct filter *one, struct str name)
{
	size_t i;

	/* Digits and dots are an address that is none. */
	for (i = 0; i < name.n && strchr("0123456789.", name.p[i]) != NULL;
	    i++)
		;
	if (i == name.n)
		return (0);
	return (one->hosts == NULL || str_chr(name, '.') != SIZE_MAX ||
	    lint_may_resolve(one->l, one->file->host));
}

/* Gives a word an address that stands for any. */
static void
make_up(struct filter *one, struct str word)
{
	struct pf_name_addr *a;
	char text[32];
	void **v = map_put(&one->h->env->hosts, word);

	if (v == NULL || *v != NULL)
		return;
	snprintf(text, sizeof(text), PF_MADE_UP ".%zu",
	    one->h->env->hosts.count % 250 + 1);
	a = pf_alloc(&one->h->env->arena, sizeof(*a));
	(void)pf_ip_parse(str_from(text), &a->ip, &a->af);
	*v = a;
}

/* An interface of the host whose address no file tells: "em1:network". */
static int
is_interface(const struct filter *one, struct str name)
{
	char *text = mem_str(name);
	int is = pf_env_if(one->h->env, text) != -1 ||
	    pf_env_group(one->h->env, text) != -1;

	free(text);
	return (is);
}

/* One word that pfctl does not find an address for; 1 when it has one now. */
static int
make_up_word(struct filter *one, const char *message)
{
	struct str name = filters_unresolved(message), word = name;
	size_t rest;

	if (name.n == 0)
		return (0);
	if (is_interface(one, name)) {
		word = str_from(name.p);
		rest = str_chr(word, '/');
		word = str_sub(word, 0, rest);
	} else if (!may_know(one, name))
		return (0);
	if (map_get(&one->h->env->hosts, word) != NULL)
		return (0);
	make_up(one, word);
	if (!is_interface(one, name) && one->unknown_count < FILTER_MISSING)
		one->unknown[one->unknown_count++] = mem_str(name);
	return (1);
}

/* What is not known and may be is made up; 1 when something was. */
static int
make_up_names(struct filter *one, const struct errlist *errors)
{
	size_t i;
	int made = 0;

	for (i = 0; i < errors->count; i++)
		made |= make_up_word(one, errors->list[i].message);
	return (made);
}

/* Does a word stand for addresses that no file tells: an interface's, self's,
 * or a name's that was made up? */
static int
is_made_up_word(const struct filter *one, struct str word)
{
	const struct pf_name_addr *a;

	if (is_interface(one, word) || str_eqs(word, "self") ||
	    (str_eqs(word, "localhost") && one->hosts == NULL))
		return (1);
	a = map_get(&one->h->env->hosts, word);
	return (a != NULL && pf_is_made_up(a->af, &a->ip));
}

struct str
filters_macro(struct str text, struct str name)
{
	struct str line;
	struct cur c;

	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0) {
		line = cur_line(&c);
		if (str_eq(str_trim(str_split(&line, '=')), name))
			return (line);
	}
	return (str_of("", 0));
}

static int
is_word_end(char c)
{
	return (strchr(" \t\r(){}<>!,/=\":", c) != NULL);
}

/* The next word of a rule. */
static struct str
rule_word(struct str *s)
{
	struct str word;
	size_t i = 0, n;

	while (i < s->n && is_word_end(s->p[i]))
		i++;
	for (n = i; n < s->n && !is_word_end(s->p[n]); )
		n++;
	word = str_sub(*s, i, n);
	*s = str_sub(*s, n, s->n);
	return (word);
}

/* Does a rule use such a word as an address (not after "on"), itself or in
 * one of its macros? */
static int
uses_made_up(const struct filter *one, struct str text, struct str line,
    int depth)
{
	struct str word, last = str_of("", 0), value;

	while ((word = rule_word(&line)).n > 0) {
		if (word.p[0] == '#')
			break;
		if (word.p[0] == '$' && depth < 4) {
			value = filters_macro(text, str_sub(word, 1, word.n));
			if (!str_eqs(last, "on") && uses_made_up(one, text,
			    value, depth + 1))
				return (1);
		} else if (!str_eqs(last, "on") && is_made_up_word(one, word))
			return (1);
		last = word;
	}
	return (0);
}

/* Does it hang on how many addresses of which family something has? */
static int
is_about_addresses(const char *message)
{
	static const char *const parts[] = { "famil", "pool type",
	    "af mismatch", "no valid combination", "binat-to requires",
	    "no IP address", "could not parse host", "skipping rule",
	    "invalid for IPv4", "matching network",
	    "tables cannot be used" };
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(message, parts[i]) != NULL)
			return (1);
	return (0);
}

int
filters_proven(const struct filter *one, const struct err *e)
{
	const struct config_file *file = filters_file(one, e->file);

	if (strstr(e->message, "not defined") != NULL)
		return (one->missing_count == 0);
	return (file == NULL || !is_about_addresses(e->message) ||
	    !uses_made_up(one, file->text, lines_get(&file->lines, e->line),
	    0));
}

static int
proves(const struct filter *one, const struct errlist *errors)
{
	size_t i;

	for (i = 0; i < errors->count; i++)
		if (filters_proven(one, &errors->list[i]))
			return (1);
	return (0);
}

static void
read_rules(struct filter *one)
{
	struct pf_files below = { read_below, one };
	int round;

	pf_site_rules(one->h, one->file->name, one->file->text, below);
	for (round = 0; round < 8; round++) {
		errlist_free(&one->errors);
		errlist_init(&one->errors);
		if (pf_site_reload(one->h, &one->errors) == 0)
			return;
		if (!make_up_names(one, &one->errors))
			break;
	}
	one->refused = proves(one, &one->errors);
}

void
filters_init(struct filters *f, const struct lint *l)
{
	size_t i;

	memset(f, 0, sizeof(*f));
	f->l = l;
	site_init(&f->site);
	pf_site_init(&f->pf);
	find_files(f);
	if (f->count == 0)
		return;
	config_fill_site(l->set, &f->site);
	filters_machines(f);
	filters_network(f);
	for (i = 0; i < f->count; i++)
		if (f->list[i].h != NULL)
			read_rules(&f->list[i]);
	if (f->router != -1 && f->list[f->router].h->ready &&
	    filters_router_rules(f))
		read_rules(&f->list[f->router]);
}

void
filters_free(struct filters *f)
{
	struct filter *one;
	size_t i, k;

	for (i = 0; i < f->count; i++) {
		one = &f->list[i];
		for (k = 0; k < one->missing_count; k++)
			free(one->missing[k]);
		for (k = 0; k < one->unknown_count; k++)
			free(one->unknown[k]);
		errlist_free(&one->errors);
	}
	pf_site_free(&f->pf);
	site_free(&f->site);
}

/* SPDX-License-Identifier: ISC */
/*
 * Which interfaces the text of a pf.conf(5) names, and which of them leads
 * outside: told by the macros' names and by the rules that redirect what
 * comes in or translate what goes out. Pure.
 */
#include <string.h>

#include "agent/base/cur.h"
#include "probes/config/pf/filters.h"

/* Drivers of OpenBSD, of network cards and of cloned interfaces. */
static const char cards[] =
    " age alc ale athn aue axe axen axge bce bge bnx bnxt cas cdce dc de "
    "dwge dwqe dwxe em ep et fec fxp gem hme hvn igc ipw iwi iwm iwn iwx ix "
    "ixgb ixl jme kue le lge lii mcx mos mskc msk mvneta mvpp myx nep nfe "
    "nge ngbe nxe oce pcn ral rdac re rge rl rtwn rum run se sf sge sis sk "
    "smsc ste stge ti tl tx udav ure url urtwn vge vic vio vmx vr vte wb xge "
    "xl xnf iavf ixv bwfm otus mtw aq iavf ";
static const char cloned[] =
    " tap tun vether vport veb bridge switch vlan svlan trunk aggr carp wg "
    "pppoe ppp gre egre mgre gif etherip vxlan bpe pair tpmr nvgre sec ";

static int
is_one_of(const char *list, struct str driver)
{
	char word[20];

	if (driver.n == 0 || driver.n > 15)
		return (0);
	word[0] = ' ';
	memcpy(word + 1, driver.p, driver.n);
	word[driver.n + 1] = ' ';
	word[driver.n + 2] = '\0';
	return (strstr(list, word) != NULL);
}

/* The driver of an interface's name; empty: it is no such name. */
static struct str
driver_of(struct str name)
{
	size_t n = name.n;

	while (n > 0 && name.p[n - 1] >= '0' && name.p[n - 1] <= '9')
		n--;
	return (n == 0 || n == name.n || name.n > 15 ? str_of("", 0) :
	    str_sub(name, 0, n));
}

static int
is_ifname(struct str s)
{
	struct str driver = driver_of(s);

	return (is_one_of(cards, driver) || is_one_of(cloned, driver));
}

static struct ifname *
get(struct ifnames *l, struct str name)
{
	struct ifname *n;
	size_t i;

	for (i = 0; i < l->count; i++)
		if (str_eqs(name, l->list[i].name))
			return (&l->list[i]);
	if (l->count == IFNAMES_MAX)
		return (NULL);
	n = &l->list[l->count++];
	memset(n, 0, sizeof(*n));
	memcpy(n->name, name.p, name.n);
	/* A tunnel to the provider is outside, a bridge is not. */
	if (str_starts(name, "pppoe"))
		n->outer = 2;
	else if (is_one_of(" vether vport veb bridge tap switch ",
	    driver_of(name)))
		n->inner = 3;
	else if (is_one_of(" wg tun gif gre ", driver_of(name)))
		n->inner = 1;
	return (n);
}

/* A colon belongs to addresses of IPv6 and to what follows an interface's
 * name: "em0:network". */
static int
is_word(char c)
{
	return (c == ':' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '$');
}

/* The word before its modifiers, or all of it. */
static struct str
plain(struct str word)
{
	static const char *const modifiers[] = { ":network", ":broadcast",
	    ":peer", ":0" };
	size_t i, n;

	do {
		n = word.n;
		for (i = 0; i < sizeof(modifiers) / sizeof(modifiers[0]); i++)
			if (str_ends(word, modifiers[i]))
				word.n -= strlen(modifiers[i]);
	} while (word.n < n);
	return (word);
}

/* The next run of letters, digits, _, : and $; empty at the end. */
static struct str
next_word(struct str *s)
{
	struct str word;
	size_t i = 0, n;

	while (i < s->n && !is_word(s->p[i]))
		i++;
	for (n = i; n < s->n && is_word(s->p[n]); )
		n++;
	word = str_sub(*s, i, n);
	*s = str_sub(*s, n, s->n);
	return (plain(word));
}

/* Macros that stand for an interface. */
struct macros {
	struct {
		struct str name, value;
	} list[32];
	size_t count;
};

static int
holds_any(struct str name, const char *const *parts)
{
	for (; *parts != NULL; parts++)
		if (str_ifind(name, *parts) != SIZE_MAX)
			return (1);
	return (0);
}

/* A word of a rule that is an interface, itself or by its macro. */
static struct str
interface_of(const struct macros *m, struct str word)
{
	size_t i;

	if (word.n > 0 && word.p[0] != '$')
		return (is_ifname(word) ? word : str_of("", 0));
	word = str_sub(word, 1, word.n);
	for (i = 0; i < m->count; i++)
		if (str_eq(m->list[i].name, word))
			return (m->list[i].value);
	return (str_of("", 0));
}

/* Parts of names that people give to either side. */
static void
score(struct ifname *n, struct str name)
{
	static const char *const outer[] = { "ext", "wan", "outs", "pub",
	    "uplink", "egress", "inet", "isp", NULL };
	static const char *const inner[] = { "int_", "intif", "lan", "dmz",
	    "vm", "jitsi", "loc", "insi", "inner", "brid", "meet", NULL };

	if (holds_any(name, outer))
		n->outer += 4;
	else if (str_eqs(name, "int") || holds_any(name, inner))
		n->inner += 4;
}

/* name = "em0": the macro's name may tell which side it is. */
static void
take_macro(struct ifnames *l, struct macros *m, struct str line)
{
	struct str value = line, name = str_trim(str_split(&value, '=')),
	    word, found;
	struct ifname *n;

	if (name.n == 0 || str_chr(name, ' ') != SIZE_MAX)
		return;
	while ((word = next_word(&value)).n > 0) {
		found = interface_of(m, word);
		if (found.n == 0 || (n = get(l, found)) == NULL)
			continue;
		score(n, name);
		if (m->count == sizeof(m->list) / sizeof(m->list[0]))
			continue;
		m->list[m->count].name = name;
		m->list[m->count++].value = found;
	}
}

/* After "on": groups of interfaces are called as their owner likes. */
static void
take_group(struct ifnames *l, struct str word)
{
	static const char known[] = " any all egress lo enc pflog wg tap "
	    "rdomain ";
	struct ifname *n;
	char name[16];

	if (word.n == 0 || word.n > 13 || word.p[0] == '$' ||
	    is_ifname(word) || is_one_of(known, word))
		return;
	memcpy(name, word.p, word.n);
	name[word.n] = '\0';
	/* A group of a driver's: its first. */
	if (is_one_of(cards, word) || is_one_of(cloned, word))
		memcpy(name + word.n, "0", 2);
	if ((n = get(l, str_from(name))) != NULL && n->outer == 0 &&
	    n->inner == 0)
		score(n, word);
}

/* What stands after " on ": one word, or a list of them. */
static void
take_on(struct ifnames *l, struct str line)
{
	size_t at = str_find(line, " on ");
	struct str word;

	if (at == SIZE_MAX)
		return;
	line = str_trim(str_sub(line, at + 4, line.n));
	if (str_starts(line, "{"))
		line = str_sub(line, 0, str_chr(line, '}'));
	else
		line = str_word(&line);
	while ((word = next_word(&line)).n > 0)
		take_group(l, word);
}

static void
take_rule(struct ifnames *l, const struct macros *m, struct str line)
{
	int rdr = str_find(line, "rdr-to") != SIZE_MAX;
	int nat = str_find(line, "nat-to") != SIZE_MAX;
	struct str word, name, last = str_of("", 0);
	struct ifname *n;

	while ((word = next_word(&line)).n > 0) {
		l->egress |= str_eqs(word, "egress");
		l->tap |= str_eqs(word, "tap") || (str_starts(word, "tap") &&
		    is_ifname(word));
		name = interface_of(m, word);
		if (name.n > 0 && (n = get(l, name)) != NULL &&
		    (rdr || nat) && (str_eqs(last, "on") ||
		    str_eqs(last, "to")))
			n->outer += 3;
		last = word;
	}
}

void
ifnames_find(struct ifnames *l, struct str text)
{
	struct macros m = { .count = 0 };
	struct cur c;
	struct str line;
	size_t eq;

	memset(l, 0, sizeof(*l));
	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0) {
		line = cur_line(&c);
		line = str_trim(str_sub(line, 0, str_chr(line, '#')));
		eq = str_chr(line, '=');
		if (eq != SIZE_MAX && !str_starts(line, "pass") &&
		    !str_starts(line, "block") &&
		    !str_starts(line, "match"))
			take_macro(l, &m, line);
		else {
			take_on(l, line);
			take_rule(l, &m, line);
		}
	}
}

/* tap interfaces have their own place; a VPN is neither side. */
static int
is_candidate(const struct ifname *n)
{
	return (strncmp(n->name, "tap", 3) != 0 &&
	    strncmp(n->name, "wg", 2) != 0 &&
	    strncmp(n->name, "tun", 3) != 0);
}

const char *
ifnames_only(const struct ifnames *l, int *sure)
{
	const char *found = NULL;
	size_t i, n = 0;

	for (i = 0; i < l->count; i++)
		if (is_candidate(&l->list[i])) {
			found = l->list[i].name;
			n++;
		}
	*sure = n <= 1;
	return (n > 1 ? ifnames_outer(l, sure) : found);
}

const char *
ifnames_outer(const struct ifnames *l, int *sure)
{
	const struct ifname *best = NULL, *n;
	size_t i;
	int score, most = -1;

	*sure = 1;
	for (i = 0; i < l->count; i++) {
		n = &l->list[i];
		score = n->outer - n->inner;
		if (!is_candidate(n) || score < 0)
			continue;
		if (score == most)
			*sure = 0;
		if (score > most) {
			best = n;
			most = score;
			*sure = 1;
		}
	}
	/* Rules on egress call the outside so; a name beside it is inside. */
	if (l->egress && most <= 0) {
		*sure = 1;
		return (NULL);
	}
	return (best == NULL ? NULL : best->name);
}

const char *
ifnames_inner(const struct ifnames *l, const char *outer, int *sure)
{
	const struct ifname *best = NULL, *n;
	size_t i;
	int score, most = -100;

	*sure = 1;
	for (i = 0; i < l->count; i++) {
		n = &l->list[i];
		score = n->inner - n->outer;
		if (!is_candidate(n) || (outer != NULL && strcmp(n->name,
		    outer) == 0))
			continue;
		if (score == most)
			*sure = 0;
		if (score > most) {
			best = n;
			most = score;
			*sure = 1;
		}
	}
	return (best == NULL ? NULL : best->name);
}

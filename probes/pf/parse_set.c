/* SPDX-License-Identifier: ISC */
/*
 * set ...: options of the whole file. Pure. They take effect where they
 * stand and print at once.
 */
#include <stdlib.h>
#include <string.h>

#include "probes/pf/names.h"
#include "probes/pf/parse.h"

static int
set_reassemble(struct pf_parser *p)
{
	const char *s = "no";

	if (!pf_accept(p, K_NO)) {
		if (pf_string(p, &s) == -1)
			return (-1);
		if (strcmp(s, "yes") != 0)
			return (pf_error(p, "invalid value '%s', expected "
			    "'yes' or 'no'", s));
	}
	p->no_reassemble = s[0] == 'n';
	buf_addf(&p->unit->text, "set reassemble %s %s\n", s,
	    pf_accept(p, K_NODF) ? "no-df" : "");
	return (0);
}

static int
timeout_one(struct pf_parser *p)
{
	const char *name;
	int64_t n;

	if (pf_string(p, &name) == -1 || pf_number(p, &n) == -1)
		return (-1);
	if (n < 0 || n > UINT32_MAX)
		return (pf_error(p, "only positive values permitted"));
	if (pf_timeout(name) == -1)
		return (pf_error(p, "unknown timeout %s", name));
	buf_addf(&p->unit->text, "set timeout %s %d\n", name, (int)n);
	return (0);
}

static int
limit_one(struct pf_parser *p)
{
	const char *name;
	int64_t n;

	if (pf_string(p, &name) == -1 || pf_number(p, &n) == -1)
		return (-1);
	if (n < 0 || n > UINT32_MAX)
		return (pf_error(p, "only positive values permitted"));
	if (!pf_limit_known(name))
		return (pf_error(p, "unable to set limit %s %lld", name,
		    (long long)n));
	buf_addf(&p->unit->text, "set limit %s %d\n", name, (int)n);
	return (0);
}

/* One, or a list in braces. */
static int
set_list(struct pf_parser *p, int (*one)(struct pf_parser *))
{
	int more;

	if (!pf_accept(p, '{'))
		return (one(p));
	pf_newlines(p);
	do {
		if (one(p) == -1 || (more = pf_list_more(p)) == -1)
			return (-1);
	} while (more);
	return (0);
}

static int
set_hostid(struct pf_parser *p)
{
	const char *s;
	char *end;
	int64_t n;

	if (pf_peek(p) == T_STRING) {
		if (pf_string(p, &s) == -1)
			return (-1);
		n = (int64_t)strtoul(s, &end, 0);
		if (s[0] == '\0' || *end != '\0')
			return (pf_error(p, "%s is not a number", s));
	} else if (pf_number(p, &n) == -1)
		return (-1);
	if (n == 0 || n > UINT32_MAX)
		return (pf_error(p, "hostid must be non-zero"));
	buf_addf(&p->unit->text, "set hostid 0x%08x\n", (unsigned)n);
	return (0);
}

static int
set_skip(struct pf_parser *p)
{
	struct pf_interface *list, *i;
	struct pf_skip *s;
	int bad = 0;

	if (pf_parse_if_list(p, &list) == -1)
		return (-1);
	if (list == NULL || (list->next == NULL && !list->not &&
	    strcmp(list->name, "none") == 0)) {
		buf_adds(&p->unit->text, "set skip on none\n");
		p->conf->skips = NULL;
		return (0);
	}
	buf_adds(&p->unit->text, "set skip on {");
	for (i = list; i != NULL; i = i->next) {
		buf_addf(&p->unit->text, " %s", i->name);
		if (i->not || i->rdomain != -1) {
			pf_error(p, i->not ?
			    "skip on ! <interface> is not supported" :
			    "skip on rdomain <num> is not supported");
			bad = 1;
			continue;
		}
		s = pf_new(p, sizeof(*s));
		s->name = i->name;
		s->next = p->conf->skips;
		p->conf->skips = s;
	}
	buf_adds(&p->unit->text, " }\n");
	return (bad ? pf_error(p, "error setting skip interface(s)") : 0);
}

static int
percent(struct pf_parser *p, double *out)
{
	const char *s;
	char *end;

	if (pf_string(p, &s) == -1)
		return (-1);
	*out = strtod(s, &end);
	if (strcmp(end, "%") != 0)
		return (pf_error(p, "syntax error"));
	if (!(*out > 0 && *out <= 100))
		return (pf_error(p, "illegal percentage value"));
	return (0);
}

static int
set_syncookies(struct pf_parser *p)
{
	const char *mode, *name;
	double v;
	unsigned start = 0, end = 0;
	int marks = 0;

	if (pf_string(p, &mode) == -1)
		return (-1);
	if (strcmp(mode, "never") != 0 && strcmp(mode, "always") != 0 &&
	    strcmp(mode, "adaptive") != 0)
		return (pf_error(p, "illegal value for syncookies"));
	if (pf_accept(p, '(')) {
		marks = 1;
		do {
			if (pf_string(p, &name) == -1 || percent(p, &v) == -1)
				return (-1);
			if (strcmp(name, "start") == 0)
				start = (unsigned)v;
			else if (strcmp(name, "end") == 0)
				end = (unsigned)v;
			else
				return (pf_error(p, "illegal syncookie "
				    "option"));
		} while (!pf_accept(p, ')') && (pf_accept(p, ','), 1));
		start = start == 0 ? 25 : start;
		end = end == 0 ? start / 2 : end;
	}
	if (marks && (mode[1] != 'd' || end >= start)) {
		pf_error(p, mode[1] != 'd' ? "syncookies start/end only apply "
		    "to adaptive" : "start must be higher than end");
		return (pf_error(p, "error setting syncookies"));
	}
	buf_addf(&p->unit->text, "set syncookies %s", mode);
	if (marks)
		buf_addf(&p->unit->text, " (start %u%%, end %u%%)", start,
		    end);
	buf_addc(&p->unit->text, '\n');
	return (0);
}

static int
set_optimization(struct pf_parser *p)
{
	const char *s;

	if (pf_string(p, &s) == -1)
		return (-1);
	if (!pf_optimization_known(s))
		return (pf_error(p, "unknown optimization %s", s));
	buf_addf(&p->unit->text, "set optimization %s\n", s);
	return (0);
}

static int
set_ruleset_optimization(struct pf_parser *p)
{
	const char *s;

	if (pf_strings(p, &s) == -1)
		return (-1);
	if (strcmp(s, "none") != 0 && strcmp(s, "basic") != 0 &&
	    strcmp(s, "profile") != 0)
		return (pf_error(p, "unknown ruleset-optimization %s", s));
	return (0);
}

static int
set_loginterface(struct pf_parser *p)
{
	const char *s = "all";

	if (!pf_accept(p, K_ALL) && pf_string(p, &s) == -1)
		return (-1);
	if (strlen(s) > 15)
		return (pf_error(p, "error setting loginterface %s", s));
	buf_addf(&p->unit->text, "set loginterface %s\n", s);
	return (0);
}

static int
set_block_policy(struct pf_parser *p)
{
	if (pf_accept(p, K_DROP))
		p->block_return = 0;
	else if (pf_expect(p, K_RETURN) == 0)
		p->block_return = 1;
	else
		return (-1);
	buf_addf(&p->unit->text, "set block-policy %s\n",
	    p->block_return ? "return" : "drop");
	return (0);
}

static int
set_state_policy(struct pf_parser *p)
{
	if (pf_accept(p, K_FLOATING))
		p->if_bound = 0;
	else if (pf_expect(p, K_IFBOUND) == 0)
		p->if_bound = 1;
	else
		return (-1);
	buf_addf(&p->unit->text, "set state-policy %s\n",
	    p->if_bound ? "if-bound" : "floating");
	return (0);
}

static int
set_debug(struct pf_parser *p)
{
	const char *s = "debug";

	if (!pf_accept(p, K_DEBUG) && pf_string(p, &s) == -1)
		return (-1);
	if (!pf_debug_known(s))
		return (pf_error(p, "error setting debuglevel %s", s));
	buf_addf(&p->unit->text, "set debug %s\n", s);
	return (0);
}

static int
set_fingerprints(struct pf_parser *p)
{
	const char *s;

	if (pf_string(p, &s) == -1)
		return (-1);
	buf_addf(&p->unit->text, "set fingerprints \"%s\"\n", s);
	return (0);
}

static int
set_state_defaults(struct pf_parser *p)
{
	struct pf_state_opt *list;

	if (pf_parse_state_opts(p, &list) == -1)
		return (-1);
	if (pf_peek(p) != '\n')
		return (pf_syntax(p));
	if (p->has_defaults)
		return (pf_error(p, "cannot redefine state-defaults"));
	p->has_defaults = 1;
	p->defaults = list;
	return (0);
}

int
pf_parse_set(struct pf_parser *p)
{
	int token = pf_peek(p);

	pf_next(p);
	switch (token) {
	case K_REASSEMBLE: return (set_reassemble(p));
	case K_OPTIMIZATION: return (set_optimization(p));
	case K_RULESETOPT: return (set_ruleset_optimization(p));
	case K_TIMEOUT: return (set_list(p, timeout_one));
	case K_LIMIT: return (set_list(p, limit_one));
	case K_LOGINTERFACE: return (set_loginterface(p));
	case K_HOSTID: return (set_hostid(p));
	case K_BLOCKPOLICY: return (set_block_policy(p));
	case K_FINGERPRINTS: return (set_fingerprints(p));
	case K_STATEPOLICY: return (set_state_policy(p));
	case K_DEBUG: return (set_debug(p));
	case K_SKIP: return (set_skip(p));
	case K_STATEDEFAULTS: return (set_state_defaults(p));
	case K_SYNCOOKIES: return (set_syncookies(p));
	}
	pf_back(p, token);
	return (pf_syntax(p));
}

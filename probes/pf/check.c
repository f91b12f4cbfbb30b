/* SPDX-License-Identifier: ISC */
/*
 * What makes no sense in one expanded rule: the checks of pfctl's
 * rule_consistent(), with its words. Pure.
 */
#include "probes/pf/parse.h"

/* A complaint and whether it holds. */
struct check {
	int wrong;
	const char *text;
};

static int
complain(struct pf_parser *p, const struct check *c, size_t n)
{
	size_t i;
	int problems = 0;

	for (i = 0; i < n; i++)
		if (c[i].wrong) {
			pf_error(p, "%s", c[i].text);
			problems++;
		}
	return (problems);
}

static int
check_match(struct pf_parser *p, const struct pf_rule *r)
{
	int tcp = r->proto == 6, ports = tcp || r->proto == 17;
	int icmp = r->proto == 1 || r->proto == 58;
	int has_port = r->src.port.op != PF_OP_NONE ||
	    r->dst.port.op != PF_OP_NONE;
	int has_icmp = r->icmp_type != 0 || r->icmp_code != 0;
	const struct check list[] = {
		{ !tcp && r->os != NULL, "os only applies to tcp" },
		{ !ports && has_port, "port only applies to tcp/udp" },
		{ !ports && r->uid.op != PF_OP_NONE,
		    "user only applies to tcp/udp" },
		{ !ports && r->gid.op != PF_OP_NONE,
		    "group only applies to tcp/udp" },
		{ !icmp && has_icmp, "icmp-type/code only applies to icmp" },
		{ r->af == PF_AF_ANY && has_icmp, "must indicate address "
		    "family with icmp-type/code" },
		{ (r->bits & PF_BIT_AFTO) != 0 && r->af == r->naf,
		    "must indicate different address family with af-to" },
		{ r->overload[0] != '\0' && r->max_src_conn == 0 &&
		    r->conn_rate_seconds == 0, "'overload' requires "
		    "'max-src-conn' or 'max-src-conn-rate'" },
		{ r->proto == 1 && r->af == PF_AF_INET6,
		    "proto icmp doesn't match address family inet6" },
		{ r->proto == 58 && r->af == PF_AF_INET,
		    "proto icmp6 doesn't match address family inet" },
		{ (r->bits & PF_BIT_ALLOWOPTS) != 0 && r->action != PF_PASS &&
		    r->action != PF_ANCHOR, "allow-opts can only be "
		    "specified for pass rules" },
		{ (r->bits & PF_BIT_FRAGMENT) != 0 && (has_port ||
		    r->flagset != 0 || has_icmp), "fragments can be filtered "
		    "only on IP header fields" },
	};

	return (complain(p, list, sizeof(list) / sizeof(list[0])));
}

static int
check_actions(struct pf_parser *p, const struct pf_rule *r)
{
	int pass = r->action == PF_PASS || r->action == PF_ANCHOR;
	int translates = r->nat.addr.type != PF_ADDR_NONE ||
	    r->rdr.addr.type != PF_ADDR_NONE;
	const struct check list[] = {
		{ r->returns == PF_RETURN_RST && r->proto != 6,
		    "return-rst can only be applied to TCP rules" },
		{ r->max_src_nodes != 0 && (r->bits & PF_BIT_RULESRCTRACK) ==
		    0, "max-src-nodes requires 'source-track rule'" },
		{ !pass && r->keep != PF_NO_STATE,
		    "keep state is great, but only for pass rules" },
		{ r->rt != PF_ROUTE_NONE && r->keep == PF_NO_STATE,
		    "route-to, reply-to and dup-to require keep state" },
		{ (r->bits & PF_BIT_SLOPPY) != 0 && (r->keep ==
		    PF_MODULATE || r->keep == PF_SYNPROXY), "sloppy state "
		    "matching cannot be used with synproxy state or modulate "
		    "state" },
		{ translates && r->action != PF_MATCH && r->keep ==
		    PF_NO_STATE, "nat-to and rdr-to require keep state" },
		{ translates && r->dir == PF_INOUT,
		    "nat-to and rdr-to require a direction" },
		{ r->af == PF_AF_INET6 && (r->bits & (PF_BIT_NODF |
		    PF_BIT_RANDOMID)) != 0, "address family inet6 does not "
		    "support scrub options no-df, random-id" },
		{ r->action == PF_MATCH && r->divert != PF_DIVERT_NONE,
		    "divert is not supported on match rules" },
		{ r->action == PF_MATCH && r->rt != PF_ROUTE_NONE,
		    "route-to, reply-to and dup-to are not supported on "
		    "match rules" },
		{ r->action == PF_MATCH && (r->bits & PF_BIT_AFTO) != 0,
		    "af-to is not supported on match rules" },
		{ r->action == PF_BLOCK && r->rt != PF_ROUTE_NONE,
		    "route-to, reply-to and dup-to are not supported on "
		    "block rules" },
	};

	return (complain(p, list, sizeof(list) / sizeof(list[0])));
}

int
pf_rule_check(struct pf_parser *p, const struct pf_rule *r)
{
	return (check_match(p, r) + check_actions(p, r) == 0 ? 0 : -1);
}

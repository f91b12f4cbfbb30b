/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_PF_FILTERS_NET_H
#define MEETPROBE_PROBES_CONFIG_PF_FILTERS_NET_H

struct filters;

/* Where the machines are: hosts files, vm.conf, addresses in the rules. */
void filters_machines(struct filters *);
/* Hosts and interfaces of f->pf, names that each host knows. */
void filters_network(struct filters *);
/*
 * What the router's rules, once they are read, tell about its interfaces:
 * addresses that they redirect are its own; a tap interface that they use for
 * another VM than vmd's numbering has means that the numbering is not known.
 * 1 when the rules must be read anew.
 */
int filters_router_rules(struct filters *);

#endif

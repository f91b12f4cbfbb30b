/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_FILTERS_NET_H
#define MEETPROBE_PROBES_CONFIG_FILTERS_NET_H

struct filters;

/* Where the machines are: hosts files, vm.conf, addresses in the rules. */
void filters_machines(struct filters *);
/* Hosts and interfaces of f->pf, names that each host knows. */
void filters_network(struct filters *);

#endif

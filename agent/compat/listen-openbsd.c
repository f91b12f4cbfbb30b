/* SPDX-License-Identifier: ISC */
/*
 * OpenBSD: sockets and their processes from sysctl kern.file. I/O.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#define _KERNEL
#include <sys/file.h>
#undef _KERNEL

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp_fsm.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/compat/listen.h"

/* 1 and the listener when the file is a socket that listens. */
static int
take(const struct kinfo_file *k, struct listener *l)
{
	int tcp = k->so_type == SOCK_STREAM && k->so_protocol == IPPROTO_TCP;
	int udp = k->so_type == SOCK_DGRAM && k->so_protocol == IPPROTO_UDP;

	if (k->f_type != DTYPE_SOCKET || (!tcp && !udp) ||
	    (k->so_family != AF_INET && k->so_family != AF_INET6))
		return (0);
	if (tcp && k->t_state != TCPS_LISTEN)
		return (0);
	if (udp && k->inp_fport != 0)
		return (0);
	memset(l, 0, sizeof(*l));
	l->udp = udp;
	l->v6 = k->so_family == AF_INET6;
	memcpy(l->address, k->inp_laddru, l->v6 ? 16 : 4);
	l->port = ntohs((uint16_t)k->inp_lport);
	l->pid = (int)k->p_pid;
	snprintf(l->process, sizeof(l->process), "%s", k->p_comm);
	return (l->port != 0);
}

int
sys_listeners(struct listener *list, size_t max)
{
	int mib[6] = { CTL_KERN, KERN_FILE, KERN_FILE_BYPID, -1,
		sizeof(struct kinfo_file), 0 };
	struct kinfo_file *files;
	size_t size = 0, i, n = 0;

	if (sysctl(mib, 6, NULL, &size, NULL, 0) == -1)
		return (-1);
	size += size / 8;	/* what is opened meanwhile */
	files = calloc(1, size);
	mib[5] = (int)(size / sizeof(*files));
	if (files == NULL || sysctl(mib, 6, files, &size, NULL, 0) == -1) {
		free(files);
		return (-1);
	}
	for (i = 0; i < size / sizeof(*files) && n < max; i++)
		n += (size_t)take(&files[i], &list[n]);
	free(files);
	return ((int)n);
}

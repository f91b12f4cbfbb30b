/* SPDX-License-Identifier: ISC */
/*
 * What the reader of pf.conf(5) takes from this host: files, interfaces,
 * names of hosts, services, users. I/O: the only file of this folder.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/compat/ifgroup.h"
#include "probes/pf/checks.h"
#include "probes/pf/system.h"

/* How long a pipe may be silent. */
#define PIPE_MS 10000

/* 1 when reading is to be tried again: after a signal, or a wait. */
static int
read_again(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	if (errno == EINTR)
		return (1);
	return (errno == EAGAIN && poll(&p, 1, PIPE_MS) == 1);
}

int
pf_system_read(const char *name, size_t max, char **text, size_t *len)
{
	struct buf b;
	char part[8192];
	ssize_t n;
	int fd, error = 0;

	if (strcmp(name, "-") == 0)
		fd = dup(STDIN_FILENO);
	else
		fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return (errno);
	buf_init(&b, max);
	while ((n = read(fd, part, sizeof(part))) != 0) {
		if (n == -1 && read_again(fd))
			continue;
		if (n == -1) {
			error = errno;
			break;
		}
		if (buf_add(&b, part, (size_t)n) == -1) {
			error = EFBIG;
			break;
		}
	}
	close(fd);
	if (error == 0) {
		*len = b.len;
		*text = buf_take(&b);
	}
	buf_free(&b);
	return (error);
}

static int
read_file(void *arg, const char *name, char **text, size_t *len)
{
	(void)arg;
	return (pf_system_read(name, LIMIT_CONFIG_FILE, text, len));
}

struct pf_files
pf_system_files(void)
{
	struct pf_files files = { read_file, NULL };

	return (files);
}

/* An address of the system as one of ours; 0: another family. */
static enum pf_af
from_sockaddr(const struct sockaddr *sa, struct pf_ip *ip)
{
	memset(ip, 0, sizeof(*ip));
	if (sa == NULL)
		return (PF_AF_ANY);
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof(in));
		memcpy(ip->b, &in.sin_addr, 4);
		return (PF_AF_INET);
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof(in6));
		memcpy(ip->b, &in6.sin6_addr, 16);
		/* KAME keeps the scope in the address. */
		if (pf_ip_linklocal(ip, PF_AF_INET6))
			ip->b[2] = ip->b[3] = 0;
		return (PF_AF_INET6);
	}
	return (PF_AF_ANY);
}

static int
system_host(const char *name, struct pf_arena *arena,
    struct pf_name_addr **list)
{
	struct addrinfo hints, *res, *ai;
	struct pf_name_addr *a;

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	if (getaddrinfo(name, NULL, &hints, &res) != 0)
		return (-1);
	for (ai = res; ai != NULL; ai = ai->ai_next) {
		a = pf_alloc(arena, sizeof(*a));
		a->af = from_sockaddr(ai->ai_addr, &a->ip);
		if (a->af == PF_AF_ANY)
			continue;
		*list = a;
		list = &a->next;
	}
	freeaddrinfo(res);
	return (0);
}

static int
system_service(const char *name, const char *proto, int *port)
{
	struct servent *s = getservbyname(name, proto);

	if (s == NULL)
		return (-1);
	*port = ntohs((uint16_t)s->s_port);
	return (0);
}

static int
system_uid(const char *name, uint32_t *out)
{
	struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		return (-1);
	*out = (uint32_t)pw->pw_uid;
	return (0);
}

static int
system_gid(const char *name, uint32_t *out)
{
	struct group *gr = getgrnam(name);

	if (gr == NULL)
		return (-1);
	*out = (uint32_t)gr->gr_gid;
	return (0);
}

void
pf_system_names(struct pf_env *env)
{
	env->system.host = system_host;
	env->system.service = system_service;
	env->system.uid = system_uid;
	env->system.gid = system_gid;
}

struct membership {
	struct pf_env *env;
	int interface;
};

static void
found_group(void *arg, const char *group)
{
	struct membership *m = arg;
	int g = pf_env_add_group(m->env, str_from(group));

	if (g != -1)
		pf_env_add_member(m->env, g, m->interface);
}

static void
add_address(struct pf_env *env, const struct ifaddrs *ifa, int interface)
{
	struct pf_ip ip, mask, other;
	struct pf_ifaddr *a;
	enum pf_af af = from_sockaddr(ifa->ifa_addr, &ip);

	if (af == PF_AF_ANY)
		return;
	if (ifa->ifa_netmask == NULL || from_sockaddr(ifa->ifa_netmask,
	    &mask) == PF_AF_ANY)
		mask = pf_mask_of(pf_af_bits(af));
	a = pf_env_add_addr(env, interface, af, &ip, pf_mask_len(&mask));
	if ((ifa->ifa_flags & IFF_BROADCAST) != 0 &&
	    from_sockaddr(ifa->ifa_broadaddr, &other) == af) {
		a->broadcast = other;
		a->has_broadcast = 1;
	} else if ((ifa->ifa_flags & IFF_POINTOPOINT) != 0 &&
	    from_sockaddr(ifa->ifa_dstaddr, &other) == af) {
		a->peer = other;
		a->has_peer = 1;
	}
}

int
pf_system_interfaces(struct pf_env *env)
{
	struct ifaddrs *list, *ifa;
	struct membership m;
	int flags, known, i;

	if (getifaddrs(&list) == -1)
		return (errno);
	for (ifa = list; ifa != NULL; ifa = ifa->ifa_next) {
		flags = (ifa->ifa_flags & IFF_LOOPBACK ? PF_IF_LOOPBACK : 0) |
		    (ifa->ifa_flags & IFF_BROADCAST ? PF_IF_BROADCAST : 0) |
		    (ifa->ifa_flags & IFF_POINTOPOINT ? PF_IF_POINTOPOINT :
		    0);
		known = pf_env_if(env, ifa->ifa_name) != -1;
		i = pf_env_add_if(env, str_from(ifa->ifa_name), flags);
		if (i == -1)
			continue;
		m.env = env;
		m.interface = i;
		if (!known)
			compat_ifgroups(ifa->ifa_name, found_group, &m);
		add_address(env, ifa, i);
	}
	freeifaddrs(list);
	return (0);
}

void
pf_system_site(struct pf_env *env, const struct site *site)
{
	size_t len;
	char *hosts = NULL;

	pf_env_init(env);
	(void)pf_system_interfaces(env);
	pf_env_site(env, site);
	if (pf_system_read("/etc/hosts", LIMIT_CONFIG_FILE, &hosts, &len) ==
	    0)
		pf_env_hosts_file(env, str_of(hosts, len));
	pf_system_names(env);
	/* DNS may take its time, and we run on the loop: see pf_lookup.h */
	env->system.host = NULL;
	free(hosts);
}

int
pf_system_env(struct pf_env *env, const char *file, struct errlist *errs)
{
	char *text = NULL;
	size_t len = 0;
	int error, status;

	pf_env_init(env);
	pf_system_names(env);
	if (file == NULL) {
		if ((error = pf_system_interfaces(env)) != 0) {
			errlist_add(errs, "interfaces", 0, 0, "%s",
			    strerror(error));
			return (-1);
		}
		return (0);
	}
	if ((error = pf_system_read(file, LIMIT_CONFIG_FILE, &text, &len)) !=
	    0) {
		errlist_add(errs, file, 0, 0, "%s", strerror(error));
		return (-1);
	}
	status = pf_env_parse(env, file, str_of(text, len), errs);
	free(text);
	if (status == 0 && env->if_count == 0)
		pf_system_interfaces(env);
	return (status);
}

/* "pflog" and a number. */
static int
is_pflog(const char *name)
{
	struct str s = str_from(name);
	int64_t n;

	return (str_starts(s, "pflog") && s.n < PF_LOG_NAME &&
	    str_num(str_sub(s, 5, s.n), 0, INT32_MAX, &n) == 0);
}

size_t
pf_system_pflogs(char names[PF_LOG_INTERFACES][PF_LOG_NAME])
{
	struct if_nameindex *list = if_nameindex(), *i;
	size_t n = 0;

	if (list == NULL)
		return (0);
	for (i = list; i->if_index != 0 && n < PF_LOG_INTERFACES; i++)
		if (is_pflog(i->if_name))
			memcpy(names[n++], i->if_name,
			    strlen(i->if_name) + 1);
	if_freenameindex(list);
	return (n);
}

/* SPDX-License-Identifier: ISC */
/*
 * Numeric socket addresses. I/O only in addr_socket, which makes a
 * descriptor for the caller.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <arpa/inet.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/run/addr.h"

static struct sockaddr_in *
v4(struct addr *a)
{
	return ((struct sockaddr_in *)(void *)&a->ss);
}

static struct sockaddr_in6 *
v6(struct addr *a)
{
	return ((struct sockaddr_in6 *)(void *)&a->ss);
}

static const struct sockaddr_in *
v4c(const struct addr *a)
{
	return ((const struct sockaddr_in *)(const void *)&a->ss);
}

static const struct sockaddr_in6 *
v6c(const struct addr *a)
{
	return ((const struct sockaddr_in6 *)(const void *)&a->ss);
}

int
addr_parse(struct addr *a, struct str text, uint16_t port)
{
	char name[INET6_ADDRSTRLEN];

	memset(a, 0, sizeof(*a));
	if (text.n == 0 || text.n >= sizeof(name))
		return (-1);
	memcpy(name, text.p, text.n);
	name[text.n] = '\0';
	if (inet_pton(AF_INET, name, &v4(a)->sin_addr) == 1) {
		a->ss.ss_family = AF_INET;
		a->len = sizeof(struct sockaddr_in);
	} else if (inet_pton(AF_INET6, name, &v6(a)->sin6_addr) == 1) {
		a->ss.ss_family = AF_INET6;
		a->len = sizeof(struct sockaddr_in6);
	} else
		return (-1);
	addr_set_port(a, port);
	return (0);
}

int
addr_parse_port(struct addr *a, struct str text, uint16_t port)
{
	size_t colon = str_rchr(text, ':'), first = str_chr(text, ':');
	int64_t number;

	if (text.n > 0 && text.p[0] == '[') {
		size_t end = str_chr(text, ']');

		if (end == SIZE_MAX)
			return (-1);
		if (end + 1 == text.n)
			return (addr_parse(a, str_sub(text, 1, end), port));
		if (colon != end + 1 || str_num(str_sub(text, colon + 1,
		    text.n), 1, 65535, &number) == -1)
			return (-1);
		return (addr_parse(a, str_sub(text, 1, end),
		    (uint16_t)number));
	}
	/* one colon only: an IPv4 address with a port */
	if (colon == SIZE_MAX || colon != first)
		return (addr_parse(a, text, port));
	if (str_num(str_sub(text, colon + 1, text.n), 1, 65535, &number) == -1)
		return (-1);
	return (addr_parse(a, str_sub(text, 0, colon), (uint16_t)number));
}

void
addr_from_bytes(struct addr *a, const uint8_t *bytes, size_t n)
{
	memset(a, 0, sizeof(*a));
	if (n == 16) {
		a->ss.ss_family = AF_INET6;
		a->len = sizeof(struct sockaddr_in6);
		memcpy(&v6(a)->sin6_addr, bytes, 16);
	} else {
		a->ss.ss_family = AF_INET;
		a->len = sizeof(struct sockaddr_in);
		memcpy(&v4(a)->sin_addr, bytes, 4);
	}
}

void
addr_text(const struct addr *a, char *out, size_t len)
{
	const void *from = a->ss.ss_family == AF_INET6 ?
	    (const void *)&v6c(a)->sin6_addr : (const void *)&v4c(a)->sin_addr;

	if (a->len == 0 || inet_ntop(a->ss.ss_family, from, out,
	    (socklen_t)len) == NULL)
		out[0] = '\0';
}

void
addr_text_port(const struct addr *a, char *out, size_t len)
{
	char host[INET6_ADDRSTRLEN];

	addr_text(a, host, sizeof(host));
	snprintf(out, len, a->ss.ss_family == AF_INET6 ? "[%s]:%u" : "%s:%u",
	    host, addr_port(a));
}

uint16_t
addr_port(const struct addr *a)
{
	return (ntohs(a->ss.ss_family == AF_INET6 ? v6c(a)->sin6_port :
	    v4c(a)->sin_port));
}

void
addr_set_port(struct addr *a, uint16_t port)
{
	if (a->ss.ss_family == AF_INET6)
		v6(a)->sin6_port = htons(port);
	else
		v4(a)->sin_port = htons(port);
}

int
addr_same_host(const struct addr *a, const struct addr *b)
{
	if (a->len == 0 || a->ss.ss_family != b->ss.ss_family)
		return (0);
	if (a->ss.ss_family == AF_INET6)
		return (memcmp(&v6c(a)->sin6_addr, &v6c(b)->sin6_addr,
		    16) == 0);
	return (v4c(a)->sin_addr.s_addr == v4c(b)->sin_addr.s_addr);
}

int
addr_is_loopback(const struct addr *a)
{
	if (a->len == 0)
		return (0);
	if (a->ss.ss_family == AF_INET6)
		return (IN6_IS_ADDR_LOOPBACK(&v6c(a)->sin6_addr));
	return (ntohl(v4c(a)->sin_addr.s_addr) >> 24 == 127);
}

int
addr_is_private(const struct addr *a)
{
	uint32_t n;
	uint8_t b;

	if (a->len == 0)
		return (0);
	if (a->ss.ss_family == AF_INET6) {
		b = v6c(a)->sin6_addr.s6_addr[0];
		return ((b & 0xfe) == 0xfc || addr_is_loopback(a) ||
		    IN6_IS_ADDR_LINKLOCAL(&v6c(a)->sin6_addr));
	}
	n = ntohl(v4c(a)->sin_addr.s_addr);
	return (n >> 24 == 10 || n >> 20 == 0xac1 || n >> 16 == 0xc0a8 ||
	    n >> 22 == 0x191 || n >> 24 == 127 || n >> 16 == 0xa9fe);
}

int
addr_socket(const struct addr *a, int type)
{
	int fd = socket(a->ss.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);

	return (fd);
}

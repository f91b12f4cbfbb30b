/* SPDX-License-Identifier: ISC */
/*
 * Typed, length-checked messages over a socket pair. I/O. Both sides check:
 * the sender the size, the receiver every field and that nothing is left.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/limits.h"
#include "agent/run/msg.h"

#define SEND_WAIT_MS 10000

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int
msg_pair(int fd[2])
{
	return (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd));
}

/* Appends n bytes of v, most significant first. */
static void
put(struct msg_out *m, uint64_t v, int n)
{
	while (n-- > 0)
		buf_addc(&m->b, (char)(v >> (8 * n) & 0xff));
}

void
msg_begin(struct msg_out *m, unsigned type)
{
	buf_init(&m->b, LIMIT_MSG_BYTES);
	put(m, type, 2);
}

void
msg_put_u8(struct msg_out *m, uint8_t v)
{
	put(m, v, 1);
}

void
msg_put_u32(struct msg_out *m, uint32_t v)
{
	put(m, v, 4);
}

void
msg_put_u64(struct msg_out *m, uint64_t v)
{
	put(m, v, 8);
}

void
msg_put_i64(struct msg_out *m, int64_t v)
{
	put(m, (uint64_t)v, 8);
}

void
msg_put_str(struct msg_out *m, struct str s)
{
	put(m, s.n, 4);
	buf_add_str(&m->b, s);
}

static int
send_once(const struct msg_out *m, int sock, int fd)
{
	union control control;
	struct cmsghdr *cmsg;
	struct msghdr hdr;
	struct iovec iov;

	memset(&hdr, 0, sizeof(hdr));
	iov.iov_base = m->b.data;
	iov.iov_len = m->b.len;
	hdr.msg_iov = &iov;
	hdr.msg_iovlen = 1;
	if (fd != -1) {
		memset(&control, 0, sizeof(control));
		hdr.msg_control = control.bytes;
		hdr.msg_controllen = sizeof(control.bytes);
		cmsg = CMSG_FIRSTHDR(&hdr);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	return (sendmsg(sock, &hdr, MSG_NOSIGNAL) == -1 ? -1 : 0);
}

/* Sends m; waits for room when told to. */
static int
send_message(struct msg_out *m, int sock, int fd, int wait)
{
	struct pollfd pfd = { sock, POLLOUT, 0 };
	int r = -1, saved;

	errno = EMSGSIZE;
	while (!m->b.full) {
		r = send_once(m, sock, fd);
		if (r == 0 || (errno != EINTR && errno != EAGAIN &&
		    errno != ENOBUFS))
			break;
		if (errno != EINTR && !wait)
			break;
		if (errno != EINTR && poll(&pfd, 1, SEND_WAIT_MS) == 0) {
			errno = ETIMEDOUT;
			break;
		}
	}
	saved = errno;
	buf_free(&m->b);
	errno = saved;
	return (r);
}

int
msg_send(struct msg_out *m, int sock, int fd)
{
	return (send_message(m, sock, fd, 0));
}

int
msg_send_wait(struct msg_out *m, int sock, int fd)
{
	return (send_message(m, sock, fd, 1));
}

/* The descriptor that came along, -1 when there is none. */
static int
received_fd(struct msghdr *hdr)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(hdr);
	int fd = -1;

	if (cmsg != NULL && cmsg->cmsg_level == SOL_SOCKET &&
	    cmsg->cmsg_type == SCM_RIGHTS &&
	    cmsg->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return (fd);
}

int
msg_recv(struct msg *m, int sock)
{
	union control control;
	struct msghdr hdr;
	struct iovec iov;
	ssize_t n;

	memset(&hdr, 0, sizeof(hdr));
	iov.iov_base = m->bytes;
	iov.iov_len = sizeof(m->bytes);
	hdr.msg_iov = &iov;
	hdr.msg_iovlen = 1;
	hdr.msg_control = control.bytes;
	hdr.msg_controllen = sizeof(control.bytes);
	do {
		n = recvmsg(sock, &hdr, MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	if (n <= 0)
		return (n == -1 && errno == ECONNRESET ? 0 : (int)n);
	m->fd = received_fd(&hdr);
	cur_init(&m->c, m->bytes, (size_t)n);
	m->type = cur_u16(&m->c);
	if (m->c.err || (hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
		if (m->fd != -1)
			close(m->fd);
		errno = EBADMSG;
		return (-1);
	}
	return (1);
}

uint8_t
msg_get_u8(struct msg *m)
{
	return (cur_u8(&m->c));
}

uint32_t
msg_get_u32(struct msg *m)
{
	return (cur_u32(&m->c));
}

uint64_t
msg_get_u64(struct msg *m)
{
	return (cur_u64(&m->c));
}

int64_t
msg_get_i64(struct msg *m)
{
	return ((int64_t)cur_u64(&m->c));
}

struct str
msg_get_str(struct msg *m)
{
	size_t n = cur_u32(&m->c);
	const uint8_t *p = cur_bytes(&m->c, n);

	return (p == NULL ? str_of(NULL, 0) : str_of((const char *)p, n));
}

int
msg_end(const struct msg *m)
{
	return (cur_done(&m->c) ? 0 : -1);
}

int
msg_send_text(int sock, unsigned type, struct str text)
{
	const size_t piece = LIMIT_MSG_BYTES - 16;
	struct msg_out m;
	size_t at = 0;
	int last;

	do {
		last = text.n - at <= piece;
		msg_begin(&m, type);
		msg_put_u8(&m, (uint8_t)last);
		msg_put_str(&m, str_sub(text, at, at + piece));
		if (msg_send_wait(&m, sock, -1) == -1)
			return (-1);
		at += piece;
	} while (!last);
	return (0);
}

int
msg_text(struct msg *m, struct buf *b)
{
	int last = msg_get_u8(m);
	struct str piece = msg_get_str(m);

	if (msg_end(m) == -1 || last > 1 || buf_add_str(b, piece) == -1)
		return (-1);
	return (last);
}

/* SPDX-License-Identifier: ISC */
/*
 * Linux: sockets from /proc/net/{tcp,tcp6,udp,udp6}, their processes by the
 * links of /proc/PID/fd. I/O.
 *
 *	sl: LOCAL:PORT REMOTE:PORT STATE tx:rx tr:when retr uid timeout INODE
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/str.h"
#include "agent/compat/listen.h"

#define STATE_LISTEN 0x0a
#define STATE_UNCONNECTED 0x07

/* A socket of the list and its inode. */
struct found {
	struct listener *list;
	unsigned long *inode;
	size_t count, max;
};

/* Hexadecimal words of a kernel address, each in host byte order. */
static int
read_address(const char *text, size_t words, uint8_t *out)
{
	unsigned value;
	uint32_t word;
	size_t i;

	for (i = 0; i < words; i++) {
		if (sscanf(text + i * 8, "%8x", &value) != 1)
			return (-1);
		word = value;
		memcpy(out + i * 4, &word, 4);
	}
	return (0);
}

static void
read_line(const char *line, int udp, int v6, struct found *f)
{
	char local[40], remote[40];
	unsigned port, state, peer;
	unsigned long inode;
	struct listener *l;

	if (sscanf(line, " %*d: %32[0-9A-Fa-f]:%x %32[0-9A-Fa-f]:%x %x "
	    "%*x:%*x %*x:%*x %*x %*u %*d %lu", local, &port, remote, &peer,
	    &state, &inode) != 6)
		return;
	if (state != (udp ? STATE_UNCONNECTED : STATE_LISTEN) ||
	    f->count == f->max || strlen(local) != (v6 ? 32 : 8))
		return;
	l = &f->list[f->count];
	memset(l, 0, sizeof(*l));
	l->udp = udp;
	l->v6 = v6;
	l->port = (uint16_t)port;
	if (read_address(local, v6 ? 4 : 1, l->address) == -1)
		return;
	f->inode[f->count++] = inode;
}

static int
read_table(const char *path, int udp, int v6, struct found *f)
{
	FILE *file = fopen(path, "re");
	char line[512];

	if (file == NULL)
		return (-1);
	while (fgets(line, sizeof(line), file) != NULL)
		read_line(line, udp, v6, f);
	fclose(file);
	return (0);
}

static void
name_process(struct listener *l, int pid)
{
	char path[64];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	l->pid = pid;
	file = fopen(path, "re");
	if (file == NULL)
		return;
	n = fread(l->process, 1, sizeof(l->process) - 1, file);
	l->process[n] = '\0';
	l->process[strcspn(l->process, "\n")] = '\0';
	fclose(file);
}

/* Looks through the descriptors of one process. */
static void
scan_process(int pid, struct found *f)
{
	char path[320], target[64];
	struct dirent *e;
	unsigned long inode;
	ssize_t n;
	size_t i;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%s", pid, e->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		if (sscanf(target, "socket:[%lu]", &inode) != 1)
			continue;
		for (i = 0; i < f->count; i++)
			if (f->inode[i] == inode && f->list[i].pid == 0)
				name_process(&f->list[i], pid);
	}
	if (dir != NULL)
		closedir(dir);
}

int
sys_listeners(struct listener *list, size_t max)
{
	struct found f = { list, calloc(max, sizeof(*f.inode)), 0, max };
	struct dirent *e;
	int64_t pid;
	int read = 0;
	DIR *dir;

	if (f.inode == NULL)
		return (-1);
	read += read_table("/proc/net/tcp", 0, 0, &f) == 0;
	read += read_table("/proc/net/tcp6", 0, 1, &f) == 0;
	read += read_table("/proc/net/udp", 1, 0, &f) == 0;
	read += read_table("/proc/net/udp6", 1, 1, &f) == 0;
	dir = opendir("/proc");
	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (str_num(str_from(e->d_name), 1, INT32_MAX, &pid) == 0)
			scan_process((int)pid, &f);
	if (dir != NULL)
		closedir(dir);
	free(f.inode);
	return (read == 0 ? -1 : (int)f.count);
}

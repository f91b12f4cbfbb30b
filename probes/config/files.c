/* SPDX-License-Identifier: ISC */
/*
 * Configuration files from the file system: as a command line names them, or
 * from the usual places of this host. I/O; opens for reading only.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/config.h"
#include "probes/config/tree.h"

/* Reads a regular file; -1 with errno (EFBIG: too large). */
static int
slurp(const char *path, struct buf *out, int *mode)
{
	char chunk[65536];
	struct stat st;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), saved;

	if (fd == -1)
		return (-1);
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EISDIR;
		return (-1);
	}
	*mode = (int)(st.st_mode & 07777);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		if (buf_add(out, chunk, (size_t)n) == -1) {
			errno = EFBIG;
			n = -1;
			break;
		}
	saved = errno;
	close(fd);
	errno = saved;
	return (n == 0 ? 0 : -1);
}

/* Adds the file whatever becomes of it; its state says how it went. */
static int
add_file(struct config_set *set, const char *kind, const char *host,
    const char *name, const char *path)
{
	struct config_file *f;
	struct buf text;
	int mode = -1, n, error = 0;

	buf_init(&text, LIMIT_CONFIG_FILE);
	if (slurp(path, &text, &mode) == -1)
		error = errno;
	n = config_add_text(set, kind, host, name, buf_str(&text), mode);
	mem_wipe_bytes(text.data, text.len);	/* it may hold secrets */
	buf_free(&text);
	if (n == -1 || error == 0)
		return (n);
	f = &set->list[n];
	f->state = error == ENOENT ? COVERAGE_MISSING : COVERAGE_UNREADABLE;
	f->hint = error == ENOENT ? "no such file" : error == EFBIG ?
	    "larger than 4 MB" : error == EACCES ?
	    "permission denied; run it as root (doas or sudo)" :
	    "not a file that can be read";
	return (n);
}

/* Is it what its name says? Many a file is named so that is none. */
static int
is_certificate(const struct config_file *f)
{
	const unsigned char *p = (const unsigned char *)f->text.p;

	if (f->reader == NULL || f->text.n < 4 ||
	    (strcmp(f->reader->kind, "certificate") != 0 &&
	    !str_ends(str_from(f->name), "/cacerts")))
		return (1);
	return (str_find(f->text, "-----BEGIN") != SIZE_MAX ||
	    (p[0] == 0x30 && p[1] == 0x82) || (p[0] == 0xfe &&
	    p[1] == 0xed) || (p[0] == 0xce && p[1] == 0xce));
}

/* Files whose name says their kind come first: what only the content can
 * tell must not take their place. */
int
config_add_directory(struct config_set *set, const char *path,
    int (*skip)(void *, const char *), void *arg)
{
	struct config_tree *list;
	const struct tree_file *file;
	struct tree t;
	size_t i, others = 0;
	int round, n;

	if (tree_read(&t, path) == -1)
		return (-1);
	for (round = 2; round > 0; round--)
		for (i = 0; i < t.count; i++) {
			file = &t.list[i];
			if (tree_wants(&t, file) != round) {
				others += round == 1 &&
				    tree_wants(&t, file) == 0;
				continue;
			}
			if (skip != NULL && skip(arg, file->path))
				continue;
			n = add_file(set, "", file->host, file->name,
			    file->path);
			others += n == -1;
			if (n == -1)
				continue;
			set->list[n].found = round == 1;
			if (!is_certificate(&set->list[n])) {
				set->list[n].found = 1;
				set->list[n].reader = NULL;
			}
		}
	list = mem_grow(set->trees, set->tree_count, &set->tree_cap,
	    sizeof(*list), LIMIT_CONFIG_FILES);
	if (list != NULL) {
		set->trees = list;
		list[set->tree_count++] = (struct config_tree){
		    mem_strdup(t.root), others };
	}
	tree_free(&t);
	return (0);
}

int
config_add_argument(struct config_set *set, const char *argument,
    const char **why)
{
	struct str rest = str_from(argument), kind, host;
	char *k = NULL, *h = NULL;
	struct stat st;
	int r = 0;

	kind = str_split(&rest, '=');
	host = kind;
	kind = str_split(&host, '@');
	if (rest.n > 0 && reader_find(kind) != NULL) {
		k = mem_str(kind);
		h = host.n > 0 ? mem_str(host) : NULL;
		add_file(set, k, h, rest.p, rest.p);
	} else if (stat(argument, &st) == -1) {
		*why = strchr(argument, '=') != NULL ?
		    "no kind of file of that name" :
		    "no such file or directory";
		r = -1;
	} else if (S_ISDIR(st.st_mode)) {
		if (config_add_directory(set, argument, NULL,
		    NULL) == -1) {
			*why = "a directory that cannot be read";
			r = -1;
		}
	} else {
		add_file(set, "", NULL, argument, argument);
	}
	free(k);
	free(h);
	return (r);
}

/* Where the packages put their files: OpenBSD, Debian, containers. */
static const char *const places[] = {
	"/etc/prosody/prosody.cfg.lua",
	"/etc/prosody/conf.d/*.cfg.lua",
	"/etc/jicofo/jicofo.conf", "/etc/jicofo/jicofo.in.sh",
	"/etc/jicofo/logging.properties",
	"/etc/jitsi/jicofo/jicofo.conf", "/etc/jitsi/jicofo/config",
	"/etc/jvb/jvb.conf", "/etc/jvb/jvb.in.sh",
	"/etc/jvb/sip-communicator.properties",
	"/etc/jitsi/videobridge/jvb.conf", "/etc/jitsi/videobridge/config",
	"/etc/jitsi/videobridge/sip-communicator.properties",
	"/etc/nginx/nginx.conf", "/etc/nginx/sites-enabled/*",
	"/etc/nginx/conf.d/*.conf",
	"/var/www/jitsi-meet/config.js", "/etc/jitsi/meet/*-config.js",
	"/etc/turnserver.conf", "/etc/acme-client.conf",
	"/lib/systemd/system/jicofo.service",
	"/etc/systemd/system/jicofo.service",
	"/etc/systemd/system/jicofo.service.d/*.conf",
	"/lib/systemd/system/jitsi-videobridge2.service",
	"/etc/systemd/system/jitsi-videobridge2.service",
	"/etc/systemd/system/jitsi-videobridge2.service.d/*.conf",
	"/etc/login.conf", "/etc/login.conf.d/jicofo",
	"/etc/login.conf.d/jvb",
	"/etc/hosts", "/etc/resolv.conf", "/etc/rc.conf.local",
	"/etc/vm.conf", "/etc/sysctl.conf", "/etc/syslog.conf",
	"/etc/pf.conf",
	"/etc/ssl/jicofo-key.store", "/etc/ssl/jvb-key.store",
	"/etc/ssl/jitsi.store",
	"/var/prosody/*.crt", "/etc/prosody/certs/*.crt",
};

int
config_local_address(struct str address)
{
	struct ifaddrs *list, *i;
	char text[INET6_ADDRSTRLEN];
	const struct sockaddr_in *in;
	const struct sockaddr_in6 *in6;
	int found = 0;

	if (getifaddrs(&list) == -1)
		return (1);	/* not known: nothing is to be said */
	for (i = list; i != NULL && !found; i = i->ifa_next) {
		text[0] = '\0';
		if (i->ifa_addr == NULL)
			continue;
		in = (const void *)i->ifa_addr;
		in6 = (const void *)i->ifa_addr;
		if (i->ifa_addr->sa_family == AF_INET)
			inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
		else if (i->ifa_addr->sa_family == AF_INET6)
			inet_ntop(AF_INET6, &in6->sin6_addr, text,
			    sizeof(text));
		found = str_eqs(address, text);
	}
	freeifaddrs(list);
	return (found);
}

/* Is it there, for this user to read, and not in the set yet? */
static int
is_new(const struct config_set *set, const char *path)
{
	struct stat st;
	size_t i;

	for (i = 0; i < set->count; i++)
		if (strcmp(set->list[i].name, path) == 0)
			return (0);
	return (stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, R_OK) == 0);
}

/* What the value of an item names: "certificate", "keystore", or NULL. */
static const char *
named_kind(const struct config_set *set, const struct config_file *f,
    const struct item *it)
{
	struct str key = str_from(it->key);

	if (strcmp(f->reader->kind, "nginx.conf") == 0) {
		if (str_eqs(key, "ssl_certificate") || (set->keys &&
		    str_eqs(key, "ssl_certificate_key")))
			return ("certificate");
	} else if (strcmp(f->reader->kind, "prosody.cfg.lua") == 0) {
		if (str_ends(key, "/certificate") || (set->keys &&
		    str_ends(key, "/key")))
			return ("certificate");
	} else if (str_ends(str_from(f->reader->kind), ".in.sh") &&
	    str_ends(key, "_TRUSTSTORE")) {
		return ("keystore");
	}
	return (NULL);
}

int
config_add_named(struct config_set *set)
{
	size_t i, k, files = set->count;
	const struct item *it;
	const char *kind;
	int n = 0;

	for (i = 0; i < files; i++)
		for (k = 0; set->list[i].reader != NULL && n < 64 &&
		    k < set->list[i].model.count; k++) {
			it = &set->list[i].model.list[k];
			kind = named_kind(set, &set->list[i], it);
			if (kind != NULL && it->value[0] == '/' &&
			    is_new(set, it->value) && add_file(set, kind,
			    NULL, it->value, it->value) != -1)
				n++;
		}
	return (n);
}

int
config_add_host(struct config_set *set)
{
	struct stat st;
	size_t i, k;
	glob_t found;
	int n = 0;

	set->local = 1;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (glob(places[i], 0, NULL, &found) != 0)
			continue;
		for (k = 0; k < found.gl_pathc; k++)
			if (stat(found.gl_pathv[k], &st) == 0 &&
			    S_ISREG(st.st_mode) && add_file(set, "", NULL,
			    found.gl_pathv[k], found.gl_pathv[k]) != -1)
				n++;
		globfree(&found);
	}
	return (n);
}

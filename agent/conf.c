/* SPDX-License-Identifier: ISC */
/*
 * meetprobe.conf: the model's memory, reading of files and secrets. I/O.
 * The grammar is in conf_parse.c, printing in conf_print.c.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/lex.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/conf.h"
#include "agent/conf_parse.h"

void
conf_init(struct conf *c)
{
	memset(c, 0, sizeof(*c));
}

static void
free_file(struct conf_file *f)
{
	free(f->what);
	free(f->host);
	free(f->path);
}

static void
free_listen(struct conf_listen *l)
{
	free(l->address);
	free(l->token_file);
	free(l->cert);
	free(l->key);
}

/* Frees the lists; `each` frees what one element owns. */
#define FREE_LIST(l, each) do {						\
	size_t i_;							\
	for (i_ = 0; i_ < (l).count; i_++)				\
		each(&(l).list[i_]);					\
	free((l).list);							\
} while (0)

static void
free_peer(struct conf_peer *p)
{
	free(p->name);
	free(p->url);
	free(p->token_file);
}

static void
free_probe(struct conf_probe *p)
{
	free(p->id);
}

static void
free_waiver(struct conf_waiver *w)
{
	free(w->id);
	free(w->reason);
	free(w->until);
}

static void
free_rest(struct conf_rest *r)
{
	free(r->what);
	free(r->address);
}

static void
free_account(struct conf_account *a)
{
	free(a->what);
	free(a->jid);
	free(a->password_file);
}

void
conf_free(struct conf *c)
{
	size_t i;

	FREE_LIST(c->listens, free_listen);
	FREE_LIST(c->peers, free_peer);
	FREE_LIST(c->probes, free_probe);
	FREE_LIST(c->logs, free_file);
	FREE_LIST(c->configs, free_file);
	FREE_LIST(c->waivers, free_waiver);
	FREE_LIST(c->rests, free_rest);
	FREE_LIST(c->accounts, free_account);
	for (i = 0; i < ROLE_COUNT; i++)
		free(c->host[i]);
	free(c->file);
	free(c->site);
	free(c->public_address);
	free(c->resolver);
	free(c->ca);
	free(c->fingerprint);
	free(c->stun_server);
	free(c->room);
	free(c->media_interface);
	free(c->monitor);
	free(c->admin);
	conf_init(c);
}

/* A whole regular file, at most LIMIT_CONFIG_FILE; NULL with errno. */
static char *
read_file(const char *path, size_t *len, void *arg)
{
	struct stat st;
	char *text = NULL;
	size_t n = 0;
	ssize_t got = -1;
	int fd, saved;

	(void)arg;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1)
		return (NULL);
	errno = EFBIG;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size <= (off_t)LIMIT_CONFIG_FILE) {
		text = mem_zalloc((size_t)st.st_size + 1, 1);
		while ((got = read(fd, text + n, (size_t)st.st_size - n)) > 0)
			n += (size_t)got;
	}
	saved = errno;
	close(fd);
	if (got == -1) {
		free(text);
		errno = saved;
		return (NULL);
	}
	*len = n;
	return (text);
}

int
conf_read(struct conf *c, const char *path, const char *const *defines,
    size_t count, struct errlist *errors)
{
	const char *name = path == NULL ? CONF_PATH : path;
	size_t len = 0, i, before = errors->count;
	struct str define, macro;
	struct lex lex;
	char *text;

	text = read_file(name, &len, NULL);
	if (text == NULL && path == NULL && errno == ENOENT)
		return (0);
	if (text == NULL) {
		errlist_add(errors, name, 0, 0, "%s", strerror(errno));
		return (-1);
	}
	c->file = mem_strdup(name);
	lex_init(&lex, name, str_of(text, len), read_file, NULL, errors);
	for (i = 0; i < count; i++) {
		define = str_from(defines[i]);
		macro = str_split(&define, '=');
		lex_define(&lex, macro, define);
	}
	conf_parse_lines(c, &lex);
	lex_free(&lex);
	free(text);
	return (errors->count > before ? -1 : 0);
}

int
conf_parse(struct conf *c, const char *name, const char *text, size_t len,
    struct errlist *errors)
{
	size_t before = errors->count;
	struct lex lex;

	lex_init(&lex, name, str_of(text, len), NULL, NULL, errors);
	conf_parse_lines(c, &lex);
	lex_free(&lex);
	return (errors->count > before ? -1 : 0);
}

const struct conf_waiver *
conf_waived(const struct conf *c, const char *id, wall_t now)
{
	size_t i;

	for (i = 0; i < c->waivers.count; i++)
		if (strcmp(c->waivers.list[i].id, id) == 0 &&
		    now.us < c->waivers.list[i].end.us)
			return (&c->waivers.list[i]);
	return (NULL);
}

char *
conf_secret(const char *path, const char **why)
{
	struct stat st;
	struct str line;
	size_t len;
	char *text, *secret;

	*why = "it cannot be read";
	if (stat(path, &st) == -1 ||
	    (text = read_file(path, &len, NULL)) == NULL)
		return (NULL);
	*why = "others than its owner may read or write it";
	if ((st.st_mode & (S_IWGRP | S_IRWXO)) != 0) {
		free(text);
		return (NULL);
	}
	line = str_of(text, len);
	line = str_trim(str_split(&line, '\n'));
	*why = "it is empty";
	secret = line.n == 0 ? NULL : mem_str(line);
	free(text);
	return (secret);
}

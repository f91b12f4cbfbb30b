/* SPDX-License-Identifier: ISC */
/*
 * This host's secrets as values that tell nothing but whether two are the
 * same. I/O: reads the configuration in a helper child of its own, so that
 * what is plain is wiped and gone with it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/configs.h"
#include "agent/facts/secret.h"
#include "agent/gather.h"
#include "agent/inputs.h"
#include "agent/run/child.h"
#include "agent/secrets.h"
#include "probes/config/config.h"
#include "probes/config/secrets.h"
#include "probes/config/set.h"

#define VALUE_BYTES 32

/* Requests and answers are fields, each with a NUL after it. */
static void
put(struct buf *b, const char *s)
{
	buf_adds(b, s == NULL ? "" : s);
	buf_addc(b, '\0');
}

static void
put_file(void *arg, const char *kind, const char *host, const char *path)
{
	put(arg, "file");
	put(arg, kind);
	put(arg, host);
	put(arg, path);
}

void
secrets_request(struct buf *b, const struct gather *g, char *const *salts,
    size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		put(b, "salt");
		put(b, salts[i]);
	}
	if (!g->named)
		put(b, "host");
	/* what of a folder is no configuration */
	for (i = 0; g->named && i < g->inputs->count; i++)
		if (g->inputs->list[i].type != INPUT_CONFIG) {
			put(b, "skip");
			put(b, g->inputs->list[i].path);
		}
	configs_each(g, put_file, b);
}

/* In the child: PBKDF2 of some bytes; -1 when the library fails. */
static int
derive(const void *secret, size_t n, struct str salt_text,
    unsigned char value[VALUE_BYTES])
{
	unsigned char salt[LIMIT_SALT_MOST];
	size_t len = secret_salt(salt_text, salt);

	if (len == 0 || n > INT32_MAX)
		return (-1);
	return (PKCS5_PBKDF2_HMAC(secret, (int)n, salt, (int)len,
	    LIMIT_SECRET_ROUNDS, EVP_sha256(), VALUE_BYTES, value) == 1 ?
	    0 : -1);
}

/* A trust store's mark: passwords are compared only where both are for
 * copies of the same store. NULL when the library fails. */
static char *
store_mark(const struct config_file *store, struct str salt)
{
	unsigned char digest[SHA256_DIGEST_LENGTH], value[VALUE_BYTES];

	SHA256((const unsigned char *)store->text.p, store->text.n, digest);
	if (derive(digest, sizeof(digest), salt, value) == -1)
		return (NULL);
	return (secret_hex(value, 8));
}

static int
answer_one(const struct config_set *set, const struct config_secret *c,
    struct str salt, int sock)
{
	const struct config_file *file = config_source_file(set, c->file,
	    c->at->source);
	unsigned char value[VALUE_BYTES];
	char *mark = NULL, *hex, *salt_text, number[16];
	struct buf b;
	int r;

	if (derive(c->value.p, c->value.n, salt, value) == -1 ||
	    (c->store != NULL && (mark = store_mark(c->store, salt)) == NULL))
		return (-1);
	hex = secret_hex(value, sizeof(value));
	salt_text = mem_str(salt);
	buf_init(&b, LIMIT_ERROR_TEXT);
	buf_adds(&b, c->name);
	buf_adds(&b, mark == NULL ? "" : " ");
	put(&b, mark);
	put(&b, component_name(c->component));
	put(&b, c->file->host);
	put(&b, file->name);
	snprintf(number, sizeof(number), "%d", c->at->line);
	put(&b, number);
	put(&b, salt_text);
	put(&b, hex);
	/* a name of a file or component longer than any is left out */
	r = b.full ? 0 : child_answer(sock, buf_str(&b));
	buf_free(&b);
	free(salt_text);
	free(hex);
	free(mark);
	return (r);
}

static int
answer_all(const struct config_set *set, struct str salts, int sock)
{
	struct config_secret list[LIMIT_SECRET_VALUES];
	size_t n = config_secrets(set, list, LIMIT_SECRET_VALUES), i;
	size_t left = LIMIT_SECRET_VALUES;
	struct str salt;
	int r = 0;

	while (salts.n > 0 && r == 0) {
		salt = str_split(&salts, '\n');
		for (i = 0; i < n && left > 0 && r == 0; i++, left--)
			r = answer_one(set, &list[i], salt, sock);
	}
	config_secrets_free(list, n);
	return (r);
}

/* A field as a string of its own; NULL when it is empty. */
static char *
field(struct str *request)
{
	struct str s = str_split(request, '\0');

	return (s.n == 0 ? NULL : mem_str(s));
}

/* Is the path among those to be skipped, each with a NUL after it? */
static int
is_skipped(void *arg, const char *path)
{
	struct str list = buf_str(arg);

	while (list.n > 0)
		if (str_eqs(str_split(&list, '\0'), path))
			return (1);
	return (0);
}

int
secrets_role(struct str request, int sock)
{
	struct config_set *set = config_set_new();
	char *kind, *host, *path;
	struct str word;
	struct buf salts, skipped;
	int r;

	buf_init(&skipped, LIMIT_CHILD_ANSWER);
	buf_init(&salts, LIMIT_ERROR_TEXT);
	while (request.n > 0) {
		word = str_split(&request, '\0');
		if (str_eqs(word, "salt")) {
			buf_add_str(&salts, str_split(&request, '\0'));
			buf_addc(&salts, '\n');
		} else if (str_eqs(word, "skip")) {
			buf_add_str(&skipped, str_split(&request, '\0'));
			buf_addc(&skipped, '\0');
		} else if (str_eqs(word, "file")) {
			kind = field(&request);
			host = field(&request);
			path = field(&request);
			configs_add_one(set, kind, host, path == NULL ? "" :
			    path, is_skipped, &skipped);
			free(kind);
			free(host);
			free(path);
		} else if (str_eqs(word, "host"))
			set->local = 1;
	}
	if (set->local)
		(void)config_add_host(set);
	config_read(set);
	r = answer_all(set, buf_str(&salts), sock);
	buf_free(&salts);
	buf_free(&skipped);
	config_set_free(set);
	return (r == 0 ? 0 : 1);
}

int
secrets_take(struct secrets *out, const char *host, struct str answer)
{
	enum { NAME, COMPONENT, HOST, FILE_NAME, LINE, SALT, VALUE, FIELDS };
	struct str f[FIELDS];
	struct secret *s;
	int64_t line;
	int component;
	size_t i;

	while (answer.n > 0) {
		for (i = 0; i < FIELDS; i++)
			f[i] = str_split(&answer, '\0');
		component = component_by_name(f[COMPONENT]);
		if (f[NAME].n == 0 || component == -1 || f[VALUE].n == 0 ||
		    str_num(f[LINE], 0, INT32_MAX, &line) == -1)
			return (-1);
		if ((s = secrets_add(out)) == NULL)
			return (0);
		s->name = mem_str(f[NAME]);
		s->component = (enum component)component;
		s->host = f[HOST].n > 0 ? mem_str(f[HOST]) :
		    host == NULL ? NULL : mem_strdup(host);
		s->file = mem_str(f[FILE_NAME]);
		s->line = (int)line;
		s->salt = mem_str(f[SALT]);
		s->rounds = LIMIT_SECRET_ROUNDS;
		s->value = mem_str(f[VALUE]);
	}
	return (0);
}

int
secrets_own(struct secrets *out, const struct gather *g, const char *host,
    char *const *salts, size_t count, mono_t deadline)
{
	struct buf request;
	char *answer = NULL;
	size_t len = 0;
	int r = -1;

	buf_init(&request, LIMIT_CHILD_ANSWER - 1);
	secrets_request(&request, g, salts, count);
	if (!request.full && child_call(SECRETS_ROLE, buf_str(&request),
	    mono_diff(deadline, mono_now()), NULL, &answer, &len) ==
	    CHILD_DONE)
		r = secrets_take(out, host, str_of(answer, len));
	free(answer);
	buf_free(&request);
	return (r);
}

char *
secrets_new_salt(void)
{
	unsigned char salt[LIMIT_SALT_LEAST];

	arc4random_buf(salt, sizeof(salt));
	return (secret_hex(salt, sizeof(salt)));
}

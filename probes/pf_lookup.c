/* SPDX-License-Identifier: ISC */
/*
 * The addresses of names that a pf.conf holds. I/O: a helper child asks the
 * system's resolver.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <netdb.h>

#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/child.h"
#include "probes/pf/checks.h"
#include "probes/pf/system.h"
#include "probes/pf_lookup.h"
#include "probes/probe.h"

/* Of one file; and bytes of one, with its NUL (RFC 1035). */
enum { NAMES = 64, NAME_SIZE = 254 };

struct pf_lookup {
	struct child *child;
	struct pf_env *env;
	void (*done)(void *);
	void *arg;
};

/* "NAME ADDRESS" for each address of a name. */
static void
look_up(const char *name, struct buf *out)
{
	struct addrinfo hints, *list, *ai;
	char text[NI_MAXHOST];

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_DGRAM;
	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return;
	for (ai = list; ai != NULL; ai = ai->ai_next)
		if (getnameinfo(ai->ai_addr, ai->ai_addrlen, text,
		    sizeof(text), NULL, 0, NI_NUMERICHOST) == 0)
			buf_addf(out, "%s %s\n", name, text);
	freeaddrinfo(list);
}

int
lookup_role(struct str request, int sock)
{
	char name[NAME_SIZE];
	struct buf out;
	struct str line;
	int n, r;

	buf_init(&out, LIMIT_CHILD_ANSWER);
	for (n = 0; n < NAMES && request.n > 0; n++) {
		line = str_split(&request, '\n');
		if (line.n == 0 || line.n >= sizeof(name))
			continue;
		memcpy(name, line.p, line.n);
		name[line.n] = '\0';
		look_up(name, &out);
	}
	r = child_answer(sock, buf_str(&out));
	buf_free(&out);
	return (r == 0 ? 0 : 1);
}

/* The site's hosts that go by a name of DNS and have no address yet. */
static void
missing_hosts(struct pf_env *env, const struct site *s, struct buf *out)
{
	int r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (s->host[r].name != NULL && s->host[r].address == NULL &&
		    strchr(s->host[r].name, '.') != NULL &&
		    pf_env_host(env, s->host[r].name) == NULL)
			buf_addf(out, "%s\n", s->host[r].name);
}

/* The names that the reader of the file missed, a line each. */
static void
missing(struct pf_env *env, const char *file, struct buf *out)
{
	static const char words[] = "no IP address found for ";
	struct pf_conf conf;
	struct str s;
	size_t i;

	pf_conf_init(&conf, env, pf_system_files());
	(void)pf_conf_read(&conf, file);
	for (i = 0; i < conf.errs.count; i++) {
		s = str_from(conf.errs.list[i].message);
		if (!str_starts(s, words))
			continue;
		s = str_sub(s, sizeof(words) - 1, s.n);
		s = str_sub(s, 0, str_chr(s, '/'));
		s = str_sub(s, 0, str_chr(s, ':'));
		buf_add_str(out, s);
		buf_addc(out, '\n');
	}
	pf_conf_free(&conf);
}

static void
child_done(enum child_end end, int status, struct str answer, void *arg)
{
	struct pf_lookup *n = arg;
	struct pf_ip ip;
	struct str line;
	enum pf_af af;
	char *name;

	(void)end;
	(void)status;
	n->child = NULL;
	while (answer.n > 0) {
		line = str_split(&answer, '\n');
		name = mem_str(str_word(&line));
		if (pf_ip_parse(str_trim(line), &ip, &af) == 0)
			pf_env_add_host(n->env, name, af, &ip);
		free(name);
	}
	n->done(n->arg);
}

struct pf_lookup *
pf_lookup_start(struct probe_run *r, struct pf_env *env, const char *file,
    void (*done)(void *), void *arg)
{
	struct pf_lookup *n = NULL;
	struct child_events on = { NULL, child_done, NULL };
	struct buf names;

	buf_init(&names, NAMES * NAME_SIZE);
	missing_hosts(env, r->site, &names);
	missing(env, file, &names);
	if (names.len > 0) {
		n = mem_zalloc(1, sizeof(*n));
		n->env = env;
		n->done = done;
		n->arg = arg;
		on.arg = n;
		n->child = child_start(r->loop, LOOKUP_ROLE, buf_str(&names),
		    -1, mono_add(r->deadline, -NS_PER_SEC), &on);
	}
	buf_free(&names);
	return (n);
}

void
pf_lookup_free(struct pf_lookup *n)
{
	if (n == NULL)
		return;
	if (n->child != NULL)
		child_cancel(n->child);
	free(n);
}

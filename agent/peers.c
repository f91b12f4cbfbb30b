/* SPDX-License-Identifier: ISC */
/*
 * Other hosts' evidence: from files, agents over HTTP, and ssh. I/O. No
 * shell; redirects are never followed; everything runs at once.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <netdb.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/conf.h"
#include "agent/diagnosis/report.h"
#include "agent/documents.h"
#include "agent/facts/secret.h"
#include "agent/gather.h"
#include "agent/peers.h"
#include "agent/run/child.h"
#include "agent/run/http.h"
#include "agent/run/loop.h"

#define EVIDENCE_PATH "/api/v1/evidence"

void
peers_init(struct peers *p)
{
	memset(p, 0, sizeof(*p));
}

void
peers_free(struct peers *p)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		free(p->list[i].name);
		free(p->list[i].where);
		mem_wipe(p->list[i].token);
	}
	free(p->list);
	peers_init(p);
}

/* letters, digits and . _ @ - , not beginning with a dash */
static int
is_target(const char *s)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._@-";

	return (s[0] != '\0' && s[0] != '-' &&
	    s[strspn(s, allowed)] == '\0');
}

static struct peer *
add(struct peers *p, enum peer_type type, struct str name, const char *where)
{
	struct peer *e;

	e = mem_grow(p->list, p->count, &p->cap, sizeof(*e),
	    LIMIT_CONF_LIST);
	if (e == NULL)
		return (NULL);
	p->list = e;
	e += p->count++;
	memset(e, 0, sizeof(*e));
	e->type = type;
	e->name = mem_str(name);
	e->where = mem_strdup(where);
	return (e);
}

static enum peer_type
type_of(const char *where)
{
	if (strncmp(where, "ssh:", 4) == 0)
		return (PEER_SSH);
	if (strncmp(where, "http://", 7) == 0 ||
	    strncmp(where, "https://", 8) == 0)
		return (PEER_HTTP);
	return (PEER_FILE);
}

int
peers_option(struct peers *p, const char *value, const char **why)
{
	struct str where = str_from(value), name = str_split(&where, '=');
	enum peer_type type;

	*why = "expected NAME=FILE, NAME=http://HOST:PORT or NAME=ssh:TARGET";
	if (name.n == 0 || where.n == 0)
		return (-1);
	type = type_of(where.p);
	*why = "an ssh target holds letters, digits and . _ @ - only";
	if (type == PEER_SSH && !is_target(where.p + 4))
		return (-1);
	*why = "too many peers";
	return (add(p, type, name, type == PEER_SSH ? where.p + 4 :
	    where.p) == NULL ? -1 : 0);
}

static int
has(const struct peers *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		if (strcmp(p->list[i].name, name) == 0)
			return (1);
	return (0);
}

void
peers_conf(struct peers *p, const struct conf *c)
{
	const struct conf_peer *from;
	const char *why;
	struct peer *e;
	size_t i;

	for (i = 0; i < c->peers.count; i++) {
		from = &c->peers.list[i];
		if (has(p, from->name))
			continue;
		e = add(p, type_of(from->url), str_from(from->name),
		    from->url);
		if (e != NULL && from->token_file != NULL &&
		    (e->token = conf_secret(from->token_file, &why)) == NULL)
			fprintf(stderr, "meetprobe: %s: %s\n",
			    from->token_file, why);
	}
}

/* What of a run is still under way. */
struct pending {
	struct loop *loop;
	size_t left;
};

/* One peer being asked. */
struct asking {
	const struct peer *peer;
	struct gather *g;
	struct loop *loop;
	struct http *http;
	struct pending *pending;
	wall_t sent;		/* when it was asked; WALL_NONE: a file */
	char *address, *url, *authorization, *patience;
	const char *headers[3];
};

static void
not_reached(struct gather *g, const struct peer *p, const char *why)
{
	char *source = mem_printf("peer %s (%s)", p->name, p->where);

	report_add_coverage(g->report, source, COVERAGE_UNREADABLE,
	    WALL_NONE, WALL_NONE, 0, why, 0);
	free(source);
}

static void
take(struct asking *a, struct str text)
{
	const char *why;

	if (documents_take(a->g->documents, a->peer->name, text, a->sent,
	    wall_is_set(a->sent) ? wall_now() : WALL_NONE, &why) == -1)
		not_reached(a->g, a->peer, why);
}

static void
one_done(void *arg)
{
	struct pending *p = arg;

	if (--p->left == 0)
		loop_stop(p->loop);
}

static void
http_done(const struct http_result *r, void *arg)
{
	struct asking *a = arg;
	char *why;

	if (r->error == HTTP_ERROR_NONE && r->status == 200)
		take(a, r->body);
	else {
		why = r->error != HTTP_ERROR_NONE ? mem_strdup(r->text) :
		    mem_printf("HTTP status %ld", r->status);
		not_reached(a->g, a->peer, why);
		free(why);
	}
	one_done(a->pending);
}

static void
ssh_done(enum child_end end, int status, struct str answer, void *arg)
{
	struct asking *a = arg;

	(void)status;
	if (end == CHILD_DONE)
		take(a, answer);
	else
		not_reached(a->g, a->peer, end == CHILD_DEADLINE ?
		    "ssh took too long" : "ssh failed");
	one_done(a->pending);
}

/* The numeric address of a URL's host; NULL when it is none. */
static char *
url_address(const char *url)
{
	struct addrinfo hints, *ai = NULL;
	struct str s = str_from(url), host;
	char numeric[64], *name, *result = NULL;

	s = str_sub(s, str_find(s, "://") + 3, s.n);
	s = str_split(&s, '/');
	if (s.n > 0 && s.p[0] == '[')
		host = str_sub(s, 1, str_chr(s, ']'));
	else
		host = str_split(&s, ':');
	name = mem_str(host);
	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	if (getaddrinfo(name, NULL, &hints, &ai) == 0) {
		if (getnameinfo(ai->ai_addr, ai->ai_addrlen, numeric,
		    sizeof(numeric), NULL, 0, NI_NUMERICHOST) == 0)
			result = mem_strdup(numeric);
		freeaddrinfo(ai);
	}
	free(name);
	return (result);
}

static void
ask_http(struct asking *a, mono_t deadline)
{
	struct http_request r = { 0 };
	size_t n = strlen(a->peer->where);

	while (n > 0 && a->peer->where[n - 1] == '/')
		n--;
	a->url = mem_printf("%.*s" EVIDENCE_PATH "?salt=%s", (int)n,
	    a->peer->where, documents_salt(a->g->documents));
	a->address = url_address(a->peer->where);
	if (a->address == NULL) {
		not_reached(a->g, a->peer, "its name does not resolve");
		a->pending->left--;
		return;
	}
	/* how long the agent may take to compute its secrets */
	a->patience = mem_printf("X-Prometheus-Scrape-Timeout-Seconds: %lld",
	    (long long)(mono_diff(deadline, mono_now()) / NS_PER_SEC + 1));
	a->headers[0] = a->patience;
	if (a->peer->token != NULL) {
		a->authorization = mem_printf("Authorization: Bearer %s",
		    a->peer->token);
		a->headers[1] = a->authorization;
	}
	r.headers = a->headers;
	r.url = a->url;
	r.address = a->address;
	r.verify = 1;
	r.max_body = LIMIT_EVIDENCE_READ;
	r.deadline = deadline;
	a->sent = wall_now();
	(void)http_start(a->http, &r, http_done, a);
}

static void
ask_ssh(struct asking *a, mono_t deadline)
{
	struct child_events on = { NULL, ssh_done, a };
	char *request = mem_printf("%s %s", a->peer->where,
	    documents_salt(a->g->documents));

	a->sent = wall_now();
	(void)child_start(a->loop, "ssh", str_from(request), -1, deadline,
	    &on);
	free(request);
}

static void
read_file(struct asking *a)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = fopen(a->peer->where, "rb");

	if (f == NULL)
		not_reached(a->g, a->peer, strerror(errno));
	else {
		text = mem_zalloc(LIMIT_EVIDENCE_READ + 2, 1);
		len = fread(text, 1, LIMIT_EVIDENCE_READ + 1, f);
		fclose(f);
		take(a, str_of(text, len));
	}
	free(text);
	a->pending->left--;
}

/* Begins with one peer; live ones only when they may be asked. */
static void
ask(struct asking *a, int offline, mono_t deadline)
{
	if (a->peer->type == PEER_FILE)
		read_file(a);
	else if (offline) {
		not_reached(a->g, a->peer, "not asked, because of --offline");
		a->pending->left--;
	} else if (a->peer->type == PEER_HTTP)
		ask_http(a, deadline);
	else
		ask_ssh(a, deadline);
}

static int
any_live(const struct peers *p)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		if (p->list[i].type != PEER_FILE)
			return (1);
	return (0);
}

void
peers_gather(const struct peers *p, struct gather *g, int offline,
    mono_t deadline)
{
	struct asking *asking = mem_zalloc(p->count, sizeof(*asking));
	struct loop *loop = loop_new();
	struct http *http = http_new(loop);
	struct pending pending = { loop, p->count };
	size_t i;

	if (any_live(p) && !offline) {
		pending.left++;
		documents_own(g->documents, g, loop, deadline, one_done,
		    &pending);
	}
	for (i = 0; i < p->count; i++) {
		asking[i].peer = &p->list[i];
		asking[i].g = g;
		asking[i].loop = loop;
		asking[i].http = http;
		asking[i].pending = &pending;
		asking[i].sent = WALL_NONE;
		ask(&asking[i], offline, deadline);
	}
	if (pending.left > 0)
		loop_run(loop);
	http_free(http);
	loop_free(loop);
	for (i = 0; i < p->count; i++) {
		free(asking[i].address);
		free(asking[i].url);
		mem_wipe(asking[i].authorization);
		free(asking[i].patience);
	}
	free(asking);
}

/* After fork: ssh with its output on the pipe. */
static _Noreturn void
become_ssh(char *target, char *salt, int out)
{
	char ssh[] = "ssh", option[] = "-o", batch[] = "BatchMode=yes";
	char end[] = "--", program[] = "meetprobe", command[] = "evidence";
	char with[] = "--salt";
	char *argv[] = { ssh, option, batch, end, target, program, command,
		with, salt, NULL };
	int null = open("/dev/null", O_RDONLY);

	if (null == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1)
		_exit(127);
	execvp(argv[0], argv);
	_exit(127);
}

int
peer_ssh_role(struct str text, int sock)
{
	char *target = mem_str(str_split(&text, ' ')), *salt = mem_str(text);
	unsigned char bytes[LIMIT_SALT_MOST];
	char part[4096];
	struct buf out;
	ssize_t n;
	int fd[2], bad;

	if (!is_target(target) || secret_salt(text, bytes) == 0 ||
	    pipe(fd) == -1)
		return (1);
	switch (fork()) {
	case -1:
		return (1);
	case 0:
		become_ssh(target, salt, fd[1]);
	default:
		close(fd[1]);
	}
	buf_init(&out, LIMIT_CHILD_ANSWER - 1);
	while ((n = read(fd[0], part, sizeof(part))) > 0)
		buf_add(&out, part, (size_t)n);
	close(fd[0]);
	bad = out.len == 0 || out.full ||
	    child_answer(sock, buf_str(&out)) == -1;
	buf_free(&out);
	free(target);
	free(salt);
	return (bad);
}

/* SPDX-License-Identifier: ISC */
/*
 * The privileged process of the agent. I/O. Owns the listening sockets, the
 * list of files that may be opened, and the two children; what the engine
 * asks for by number it opens and passes on, nothing else.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/compat/sys.h"
#include "agent/inputs.h"
#include "agent/parent.h"
#include "agent/run/child.h"
#include "agent/run/log.h"
#include "agent/run/loop.h"
#include "agent/run/msg.h"
#include "exporter/messages.h"
#include "probes/pf/log/pflog_live.h"

/* Between the end of a child and its next start; doubles up to the last. */
#define RESTART_FIRST NS_PER_SEC
#define RESTART_LAST (64 * NS_PER_SEC)
/* Between two tries to capture. */
#define CAPTURE_AGAIN (60 * NS_PER_SEC)
/* A child that lived this long has started well. */
#define RESTART_WELL (120 * NS_PER_SEC)

/* A child that captures for as long as the agent runs. */
struct watcher {
	struct parent *parent;
	const char *role;	/* also the name of its process */
	unsigned message;	/* what its words go to the engine as */
	struct child *child;
	struct timer *again;
	char *request;		/* what the engine wants, NULL: nothing */
	uint64_t restarts;
};

struct parent {
	const struct agent_options *options;
	struct conf *conf;
	struct inputs inputs;
	struct loop *loop;
	struct http_listener *listeners;
	size_t listener_count;
	struct child *engine, *http;
	struct watcher media, pflog;
	struct timer *restart;
	mono_t started;
	int64_t backoff;
	uint64_t engine_restarts, http_restarts;
	int stopping;
	int status;
};

static int
fail(struct http_listener *l, int fd, const char *what)
{
	log_warn("%s: %s", what, strerror(errno));
	if (fd != -1)
		close(fd);
	http_listener_free(l);
	return (-1);
}

/* Binds one address; 0, or -1 after logging why. */
static int
bind_address(const struct conf_listen *c, struct http_listener *l)
{
	struct addrinfo hints, *ai = NULL;
	char port[8], what[128];
	int fd = -1, on = 1;

	snprintf(port, sizeof(port), "%u", c->port);
	snprintf(what, sizeof(what), "%s port %s", c->address, port);
	memset(&hints, 0, sizeof(hints));
	hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	hints.ai_socktype = SOCK_STREAM;
	errno = EINVAL;
	if (getaddrinfo(c->address, port, &hints, &ai) != 0)
		return (fail(l, -1, what));
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
	    sizeof(on)) == -1 || bind(fd, ai->ai_addr, ai->ai_addrlen) == -1 ||
	    listen(fd, 64) == -1) {
		freeaddrinfo(ai);
		return (fail(l, fd, what));
	}
	freeaddrinfo(ai);
	l->fd = fd;
	return (0);
}

/* A whole text file for the http process (PEM); NULL after logging. */
static char *
read_pem(const char *path)
{
	char *text = mem_zalloc(LIMIT_PEM + 1, 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read(fd, text, LIMIT_PEM);

	if (fd != -1)
		close(fd);
	if (n > 0)
		return (text);
	log_warn("%s: %s", path, strerror(errno));
	free(text);
	return (NULL);
}

static int
open_listener(const struct conf_listen *c, struct http_listener *l)
{
	const char *why = NULL;

	memset(l, 0, sizeof(*l));
	l->fd = -1;
	l->loopback = strncmp(c->address, "127.", 4) == 0 ||
	    strcmp(c->address, "::1") == 0;
	l->insecure = c->insecure;
	if (c->token_file != NULL &&
	    (l->token = conf_secret(c->token_file, &why)) == NULL) {
		log_warn("%s: %s", c->token_file, why);
		return (-1);
	}
	if (c->cert != NULL && ((l->cert = read_pem(c->cert)) == NULL ||
	    (l->key = read_pem(c->key)) == NULL)) {
		http_listener_free(l);
		return (-1);
	}
	return (bind_address(c, l));
}

/* The control socket; its absence is no reason not to start. */
static int
open_socket(struct http_listener *l)
{
	struct sockaddr_un sun;
	mode_t old;
	int fd;

	memset(l, 0, sizeof(*l));
	l->fd = -1;
	l->local = 1;
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, CONF_SOCKET, sizeof(CONF_SOCKET));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return (fail(l, fd, CONF_SOCKET));
	unlink(CONF_SOCKET);
	old = umask(0117);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    listen(fd, 16) == -1) {
		umask(old);
		return (fail(l, fd, CONF_SOCKET));
	}
	umask(old);
	l->fd = fd;
	return (0);
}

/* All listeners; 0, or -1 when one that was asked for cannot be had. */
static int
open_listeners(struct parent *p)
{
	static const char local[] = "127.0.0.1";
	struct conf_listen standard = { .port = CONF_PORT };
	const struct conf_listen *c = p->conf->listens.list;
	size_t n = p->conf->listens.count, i;
	char address[sizeof(local)];

	memcpy(address, local, sizeof(local));
	standard.address = address;
	if (n == 0) {
		c = &standard;
		n = 1;
	}
	p->listeners = mem_zalloc(n + 1, sizeof(*p->listeners));
	for (i = 0; i < n; i++) {
		if (open_listener(&c[i], &p->listeners[i]) == -1)
			return (-1);
		p->listener_count++;
	}
	if (open_socket(&p->listeners[n]) == 0)
		p->listener_count++;
	return (0);
}

static void
close_listeners(struct parent *p)
{
	size_t i;

	for (i = 0; i < p->listener_count; i++) {
		if (p->listeners[i].local)
			unlink(CONF_SOCKET);
		http_listener_free(&p->listeners[i]);
	}
	free(p->listeners);
	p->listeners = NULL;
	p->listener_count = 0;
}

/* Opens what the engine asked for and answers. */
static int
open_for_engine(struct parent *p, uint32_t index)
{
	struct msg_out m;
	int fd = -1, error = EPERM, r;

	if (index < p->inputs.count) {
		fd = open(p->inputs.list[index].path,
		    O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		error = fd == -1 ? errno : 0;
	}
	msg_begin(&m, PARENT_OPENED);
	msg_put_u32(&m, index);
	msg_put_u32(&m, (uint32_t)error);
	r = msg_send_wait(&m, child_socket(p->engine), fd);
	if (fd != -1)
		close(fd);
	return (r);
}

/* Passes what the capturing child says on to the engine. */
static int
watcher_message(struct msg *m, void *arg)
{
	struct watcher *w = arg;
	struct msg_out out;

	if (w->parent->engine == NULL)
		return (0);
	msg_begin(&out, w->message);
	msg_put_str(&out, str_of((const char *)m->bytes,
	    (size_t)(m->c.end - m->c.start)));
	/* a round that the engine has no room for is lost, nothing else */
	(void)msg_send(&out, child_socket(w->parent->engine), -1);
	return (0);
}

static void
watcher_done(enum child_end end, int status, struct str answer, void *arg)
{
	struct watcher *w = arg;

	(void)end;
	(void)status;
	(void)answer;
	w->child = NULL;
	w->restarts++;
	timer_in(w->again, CAPTURE_AGAIN);
}

static void
start_watcher(void *arg)
{
	struct watcher *w = arg;
	struct child_events on = { watcher_message, watcher_done, w };

	if (w->child != NULL || w->request == NULL)
		return;
	w->child = child_start(w->parent->loop, w->role,
	    str_from(w->request), -1, MONO_NONE, &on);
}

static void
stop_watcher(struct watcher *w)
{
	timer_stop(w->again);
	if (w->child != NULL)
		child_cancel(w->child);
	w->child = NULL;
	free(w->request);
	w->request = NULL;
}

static void
init_watcher(struct parent *p, struct watcher *w, const char *role,
    unsigned message)
{
	w->parent = p;
	w->role = role;
	w->message = message;
	w->again = timer_new(p->loop, start_watcher, w);
}

static void
free_watcher(struct watcher *w)
{
	stop_watcher(w);
	timer_free(w->again);
}

/* Captures what the engine asks for, on the configured interface. */
static int
capture_for_engine(struct parent *p, struct msg *m)
{
	const char *interface = p->conf->media_interface;
	uint32_t port = msg_get_u32(m), last = msg_get_u32(m);
	struct str address = msg_get_str(m), word = address;

	word = str_word(&word);
	if (msg_end(m) == -1 || port == 0 || port > last || last > 65535 ||
	    !str_eq(word, address))
		return (-1);
	if (interface == NULL)
		interface = sys_capture_interface();
	if (interface == NULL) {
		log_info("capture: no interface, say \"media on IF\"");
		return (0);
	}
	stop_watcher(&p->media);
	p->media.request = mem_printf("%s %u %u %.*s -", interface, port,
	    last, STR_ARG(address.n > 0 ? address : STR_LIT("-")));
	start_watcher(&p->media);
	return (0);
}

/* Captures on this host's pflogN for these ports. */
static int
pflog_for_engine(struct parent *p, struct msg *m)
{
	struct str text = msg_get_str(m);
	struct pf_watch watch;

	if (msg_end(m) == -1 || pf_watch_parse(&watch, text) == -1)
		return (-1);
	stop_watcher(&p->pflog);
	p->pflog.request = pflog_request(&watch);
	start_watcher(&p->pflog);
	return (0);
}

static int
engine_message(struct msg *m, void *arg)
{
	struct parent *p = arg;
	uint32_t index;

	switch (m->type) {
	case ENGINE_OPEN:
		index = msg_get_u32(m);
		return (msg_end(m) == -1 ? -1 : open_for_engine(p, index));
	case ENGINE_CAPTURE:
		return (capture_for_engine(p, m));
	case ENGINE_PFLOG:
		return (pflog_for_engine(p, m));
	default:
		return (-1);
	}
}

/* Both children end together, since they share a socket; then again. */
static void
child_gone(struct parent *p, const char *who, enum child_end end, int status)
{
	if (p->stopping)
		return;
	log_warn("%s: ended (%s, status %d), starting again in %lld s", who,
	    end == CHILD_NOT_STARTED ? "could not be started" : "by itself",
	    status, (long long)(p->backoff / NS_PER_SEC));
	if (mono_diff(mono_now(), p->started) > RESTART_WELL)
		p->backoff = RESTART_FIRST;
	timer_in(p->restart, p->backoff);
	if (p->backoff < RESTART_LAST)
		p->backoff *= 2;
}

static void
engine_done(enum child_end end, int status, struct str answer, void *arg)
{
	struct parent *p = arg;

	(void)answer;
	p->engine = NULL;
	p->engine_restarts++;
	child_gone(p, "engine", end, status);
}

static void
http_done(enum child_end end, int status, struct str answer, void *arg)
{
	struct parent *p = arg;

	(void)answer;
	p->http = NULL;
	p->http_restarts++;
	child_gone(p, "http", end, status);
}

static void
send_restarts(struct parent *p, const char *process, uint64_t count)
{
	struct msg_out m;

	msg_begin(&m, PARENT_RESTARTS);
	msg_put_str(&m, str_from(process));
	msg_put_u64(&m, count);
	(void)msg_send_wait(&m, child_socket(p->engine), -1);
}

static void
send_reloaded(struct parent *p, int good)
{
	struct msg_out m;

	if (p->engine == NULL)
		return;
	msg_begin(&m, PARENT_RELOADED);
	msg_put_u8(&m, (uint8_t)good);
	(void)msg_send_wait(&m, child_socket(p->engine), -1);
}

/* Sends the list of files that the engine may ask for. */
static void
send_inputs(struct parent *p)
{
	const struct input *in;
	struct msg_out m;
	size_t i;

	for (i = 0; i < p->inputs.count; i++) {
		in = &p->inputs.list[i];
		msg_begin(&m, PARENT_INPUT);
		msg_put_u32(&m, (uint32_t)i);
		msg_put_u8(&m, (uint8_t)in->type);
		msg_put_u8(&m, (uint8_t)in->component);
		msg_put_str(&m, str_from(in->kind));
		msg_put_str(&m, str_from(in->host));
		msg_put_str(&m, str_from(in->path));
		msg_put_u8(&m, (uint8_t)in->required);
		(void)msg_send_wait(&m, child_socket(p->engine), -1);
	}
	msg_begin(&m, PARENT_READY);
	(void)msg_send_wait(&m, child_socket(p->engine), -1);
}

/* What the engine starts from: a line of options, then meetprobe.conf. */
static void
engine_request(const struct parent *p, struct buf *b)
{
	const struct agent_options *o = p->options;

	buf_addf(b, "%d %d %d %s\n", o->foreground, o->verbose,
	    (int)(o->rate * 1000), o->pitfalls == NULL ? "" : o->pitfalls);
	conf_print(p->conf, b);
}

/* Ends both, which hold the listening sockets as well, and the watchers. */
static void
stop_children(struct parent *p)
{
	if (p->engine != NULL)
		child_cancel(p->engine);
	if (p->http != NULL)
		child_cancel(p->http);
	stop_watcher(&p->media);
	stop_watcher(&p->pflog);
	p->engine = p->http = NULL;
}

static void
start_children(void *arg)
{
	struct parent *p = arg;
	struct child_events engine = { engine_message, engine_done, p };
	struct child_events http = { NULL, http_done, p };
	struct buf request;
	int pair[2];
	size_t i;

	stop_children(p);
	if (msg_pair(pair) == -1) {
		log_warn("socketpair: %s", strerror(errno));
		timer_in(p->restart, RESTART_LAST);
		return;
	}
	for (i = 0; i < p->listener_count; i++)
		if (http_put_listener(pair[0], &p->listeners[i]) == -1)
			log_warn("http: cannot be told where to listen: %s",
			    strerror(errno));
	(void)http_put_go(pair[0]);
	buf_init(&request, LIMIT_CONFIG_FILE);
	engine_request(p, &request);
	p->http = child_start(p->loop, "http", STR_LIT(""), pair[1],
	    MONO_NONE, &http);
	p->engine = child_start(p->loop, "engine", buf_str(&request), pair[0],
	    MONO_NONE, &engine);
	buf_free(&request);
	close(pair[0]);
	close(pair[1]);
	p->started = mono_now();
	send_inputs(p);
	send_restarts(p, "engine", p->engine_restarts);
	send_restarts(p, "http", p->http_restarts);
	send_restarts(p, p->media.role, p->media.restarts);
	send_restarts(p, p->pflog.role, p->pflog.restarts);
	send_reloaded(p, 1);
}

static void
stop(int signo, void *arg)
{
	struct parent *p = arg;

	log_info("parent: ending on signal %d", signo);
	p->stopping = 1;
	loop_stop(p->loop);
}

/* Reads the configuration again; what runs goes on when it is faulty. */
static void
reload(int signo, void *arg)
{
	struct parent *p = arg;
	struct errlist errors;
	struct conf fresh;
	struct buf text;

	(void)signo;
	conf_init(&fresh);
	errlist_init(&errors);
	if (conf_read(&fresh, p->options->config, p->options->defines,
	    p->options->define_count, &errors) == -1) {
		buf_init(&text, LIMIT_LOG_LINE);
		errlist_print(&errors, &text);
		log_warn("%s: not reloaded: %s", p->options->config == NULL ?
		    CONF_PATH : p->options->config, buf_cstr(&text));
		buf_free(&text);
		conf_free(&fresh);
		send_reloaded(p, 0);
	} else {
		stop_children(p);
		close_listeners(p);
		inputs_free(&p->inputs);
		conf_free(p->conf);
		*p->conf = fresh;
		inputs_host(&p->inputs, p->conf);
		if (open_listeners(p) == -1)
			log_warn("parent: not all addresses can be listened "
			    "on");
		log_info("parent: configuration reloaded");
		start_children(p);
	}
	errlist_free(&errors);
}

int
parent_run(const struct agent_options *o, struct conf *conf)
{
	struct parent p = { .options = o, .conf = conf };

	p.backoff = RESTART_FIRST;
	inputs_init(&p.inputs);
	inputs_host(&p.inputs, conf);
	if (open_listeners(&p) == -1) {
		p.status = 2;
		goto out;
	}
	if (!o->foreground && daemon(0, 0) == -1) {
		log_warn("daemon: %s", strerror(errno));
		p.status = 2;
		goto out;
	}
	p.loop = loop_new();
	p.restart = timer_new(p.loop, start_children, &p);
	init_watcher(&p, &p.media, "capture", PARENT_CAPTURE);
	init_watcher(&p, &p.pflog, PFLOG_ROLE, PARENT_PFLOG);
	loop_signal(p.loop, SIGTERM, stop, &p);
	loop_signal(p.loop, SIGINT, stop, &p);
	loop_signal(p.loop, SIGHUP, reload, &p);
	start_children(&p);
	loop_run(p.loop);
	if (p.engine != NULL)
		child_cancel(p.engine);
	if (p.http != NULL)
		child_cancel(p.http);
	free_watcher(&p.media);
	free_watcher(&p.pflog);
	timer_free(p.restart);
	loop_free(p.loop);
out:
	close_listeners(&p);
	inputs_free(&p.inputs);
	return (p.status);
}

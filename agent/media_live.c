/* SPDX-License-Identifier: ISC */
/*
 * The live table of `meetprobe media -i`. I/O: owns the capture and, while
 * it runs, the terminal's mode.
 */
#include <sys/ioctl.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/limits.h"
#include "agent/media_live.h"
#include "agent/run/loop.h"
#include "probes/media/capture.h"

#define REFRESH_NS NS_PER_SEC
#define PLAIN_NS (5 * NS_PER_SEC)

struct live {
	const struct options *o;
	struct loop *loop;
	struct timer *reader, *shower, *end;
	struct io *keys, *blocks;
	struct capture *capture;
	struct media *media;
	struct termios before;		/* the terminal's mode */
	int terminal, raw;
	int failed;
};

static int64_t
now_ns(void)
{
	return (wall_now().us * 1000);
}

static void
read_packets(struct live *l)
{
	struct buf why;

	buf_init(&why, LIMIT_ERROR_TEXT);
	if (capture_read(l->capture, l->media, &why) == -1) {
		fprintf(stderr, "meetprobe: media: %s\n", buf_cstr(&why));
		l->failed = 1;
		loop_stop(l->loop);
	} else
		timer_in(l->reader, CAPTURE_INTERVAL_NS);
	buf_free(&why);
}

static void
on_read(void *arg)
{
	read_packets(arg);
}

/* A block of the capture's buffer is full. */
static void
on_block(int fd, int events, void *arg)
{
	(void)fd;
	(void)events;
	read_packets(arg);
}

/* Rows of clients that fit on the terminal. */
static size_t
rows(const struct live *l)
{
	struct winsize w;

	if (!l->terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == -1 ||
	    w.ws_row < 10)
		return (l->terminal ? 16 : 1000);
	return ((size_t)w.ws_row - 6);
}

static void
on_show(void *arg)
{
	struct live *l = arg;
	struct verdicts v;
	struct buf out;

	verdicts_init(&v);
	media_verdicts(l->media, now_ns(), &v);
	buf_init(&out, 1U << 20);
	if (l->terminal)
		buf_adds(&out, "\033[H\033[J");
	media_print_table(l->media, &v, now_ns(), l->o->color, rows(l), &out);
	if (l->terminal)
		buf_adds(&out, "q quits\n");
	fwrite(buf_cstr(&out), 1, out.len, stdout);
	fflush(stdout);
	buf_free(&out);
	verdicts_free(&v);
	timer_in(l->shower, l->terminal ? REFRESH_NS : PLAIN_NS);
}

static void
on_key(int fd, int events, void *arg)
{
	struct live *l = arg;
	char c;
	ssize_t n = read(fd, &c, 1);

	(void)events;
	if (n == 0) {		/* no more keys */
		io_free(l->keys);
		l->keys = NULL;
	} else if (n == 1 && (c == 'q' || c == 'Q'))
		loop_stop(l->loop);
}

static void
on_signal(int signo, void *arg)
{
	struct live *l = arg;

	(void)signo;
	loop_stop(l->loop);
}

static void
on_end(void *arg)
{
	struct live *l = arg;

	loop_stop(l->loop);
}

/* Keys one by one, without echo. */
static void
take_terminal(struct live *l)
{
	struct termios t;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &l->before) == -1)
		return;
	t = l->before;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0)
		l->raw = 1;
	l->keys = io_new(l->loop, STDIN_FILENO, IO_READ, on_key, l);
}

static void
run(struct live *l)
{
	l->loop = loop_new();
	loop_signal(l->loop, SIGINT, on_signal, l);
	loop_signal(l->loop, SIGTERM, on_signal, l);
	l->reader = timer_new(l->loop, on_read, l);
	l->shower = timer_new(l->loop, on_show, l);
	l->end = timer_new(l->loop, on_end, l);
	if (l->o->deadline_ns > 0)
		timer_in(l->end, l->o->deadline_ns);
	timer_in(l->reader, 0);
	if (l->o->format == FORMAT_TEXT)
		timer_in(l->shower, l->terminal ? 0 : PLAIN_NS);
	if (capture_fd(l->capture) != -1)
		l->blocks = io_new(l->loop, capture_fd(l->capture), IO_READ,
		    on_block, l);
	take_terminal(l);
	loop_run(l->loop);
	if (l->raw)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &l->before);
	io_free(l->keys);
	io_free(l->blocks);
	timer_free(l->reader);
	timer_free(l->shower);
	timer_free(l->end);
	loop_free(l->loop);
}

int
media_live(const struct options *o, const struct media_options *mo,
    const char *interface)
{
	struct live l = { .o = o };
	struct media_options options = *mo;
	struct verdicts v;
	struct buf why;
	int status;

	options.live = 1;
	options.name = interface;
	if (options.port_low == 0)
		options.port_low = options.port_high = 10000;
	buf_init(&why, LIMIT_ERROR_TEXT);
	l.terminal = isatty(STDOUT_FILENO) && o->format == FORMAT_TEXT;
	l.capture = capture_open(interface, options.port_low,
	    options.port_high, &why);
	if (l.capture == NULL) {
		fprintf(stderr, "meetprobe: media: %s: %s\n", interface,
		    buf_cstr(&why));
		buf_free(&why);
		return (EXIT_USAGE);
	}
	buf_free(&why);
	l.media = media_new(&options);
	run(&l);
	verdicts_init(&v);
	media_verdicts(l.media, l.failed ? 0 : now_ns(), &v);
	status = media_report(o, &l.media, 1, &v);
	verdicts_free(&v);
	media_free(l.media);
	capture_close(l.capture);
	return (l.failed ? EXIT_USAGE : status);
}

/* SPDX-License-Identifier: ISC */
/*
 * The agent's own log. I/O. Owns the one setting of where it goes.
 */
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/run/log.h"

static struct {
	const char *process;
	int to_stderr, verbose;
} settings = { "", 1, 0 };

void
log_open(const char *process, int to_stderr, int verbose)
{
	settings.process = process;
	settings.to_stderr = to_stderr;
	settings.verbose = verbose;
	if (!to_stderr)
		openlog("meetprobed", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

static void
write_line(int level, const char *fmt, va_list ap)
{
	struct buf raw, safe;

	buf_init(&raw, LIMIT_LOG_LINE);
	buf_init(&safe, LIMIT_LOG_LINE * 4);
	buf_vaddf(&raw, fmt, ap);
	buf_add_safe(&safe, buf_str(&raw));
	if (settings.to_stderr)
		fprintf(stderr, "%s: %s\n", settings.process,
		    buf_cstr(&safe));
	else
		syslog(level, "%s: %s", settings.process, buf_cstr(&safe));
	buf_free(&raw);
	buf_free(&safe);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	if (!settings.verbose)
		return;
	va_start(ap, fmt);
	write_line(LOG_DEBUG, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(LOG_INFO, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(LOG_WARNING, fmt, ap);
	va_end(ap);
}

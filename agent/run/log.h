/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_RUN_LOG_H
#define MEETPROBE_RUN_LOG_H

/*
 * The agent's own log: syslog (facility daemon) or standard error. A line
 * names the object first, then what, then why; what came from outside is
 * escaped here, whatever it was. Info only on change.
 */

/* process is a word such as "engine". to_stderr: -d. verbose: debug too. */
void log_open(const char *process, int to_stderr, int verbose);
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

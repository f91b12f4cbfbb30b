/* SPDX-License-Identifier: ISC */
/*
 * The test kit; I/O: prints TAP to standard output.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "tests/kit/check.h"

static struct {
	int done, failed;
} tally;

static int
begin(int ok, const char *fmt, va_list ap)
{
	tally.done++;
	tally.failed += !ok;
	printf("%s %d - ", ok ? "ok" : "not ok", tally.done);
	vprintf(fmt, ap);
	putchar('\n');
	return (ok);
}

void
check_ok(int ok, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!begin(ok, fmt, ap))
		printf("# %s:%d\n", file, line);
	va_end(ap);
}

void
check_str(const char *got, const char *want, const char *file, int line,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!begin(got != NULL && strcmp(got, want) == 0, fmt, ap))
		printf("# %s:%d\n#  got: %s\n# want: %s\n", file, line,
		    got == NULL ? "(null)" : got, want);
	va_end(ap);
}

void
check_int(long long got, long long want, const char *file, int line,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!begin(got == want, fmt, ap))
		printf("# %s:%d\n#  got: %lld\n# want: %lld\n", file, line,
		    got, want);
	va_end(ap);
}

void
check_skip(const char *fmt, ...)
{
	va_list ap;

	printf("ok %d # SKIP ", ++tally.done);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

int
check_end(void)
{
	printf("1..%d\n", tally.done);
	return (tally.failed > 0 || tally.done == 0);
}

char *
check_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	size_t n = 0, got;

	if (f == NULL)
		return (NULL);
	do {
		text = mem_realloc(text, n + 65537, 1);
		got = fread(text + n, 1, 65536, f);
		n += got;
	} while (got > 0);
	fclose(f);
	text[n] = '\0';
	if (len != NULL)
		*len = n;
	return (text);
}

char *
check_data(const char *name)
{
	const char *root = getenv("MEETPROBE_DATA");
	char *path = mem_printf("%s/%s", root == NULL ? "../shared/data" : root,
	    name);

	if (access(path, R_OK) == 0)
		return (path);
	free(path);
	return (NULL);
}

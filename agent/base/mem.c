/* SPDX-License-Identifier: ISC */
/*
 * Allocation that ends the process instead of failing. Pure but for the
 * last words of fatal(), which go to standard error.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"

void
fatal(const char *fmt, ...)
{
	va_list ap;

	fputs("meetprobe: fatal: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

void *
mem_zalloc(size_t count, size_t size)
{
	void *p = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);

	if (p == NULL)
		fatal("out of memory (%zu times %zu bytes)", count, size);
	return (p);
}

void *
mem_realloc(void *old, size_t count, size_t size)
{
	void *p;

	if (size != 0 && count > SIZE_MAX / size)
		fatal("allocation overflow (%zu times %zu bytes)", count, size);
	p = realloc(old, count * size == 0 ? 1 : count * size);
	if (p == NULL)
		fatal("out of memory (%zu times %zu bytes)", count, size);
	return (p);
}

char *
mem_strdup(const char *s)
{
	return (mem_str(str_from(s)));
}

char *
mem_str(struct str s)
{
	char *p = mem_zalloc(s.n + 1, 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (p);
}

char *
mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		fatal("bad format");
	p = mem_zalloc((size_t)n + 1, 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (p);
}

void
mem_wipe_bytes(void *p, size_t n)
{
	if (p != NULL && n > 0)
		explicit_bzero(p, n);
}

void
mem_wipe(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
	free(s);
}

void *
mem_grow(void *array, size_t count, size_t *cap, size_t size, size_t max)
{
	if (count >= max)
		return (NULL);
	if (count < *cap)
		return (array);
	*cap = *cap == 0 ? 8 : *cap * 2;
	if (*cap > max)
		*cap = max;
	return (mem_realloc(array, *cap, size));
}

/* SPDX-License-Identifier: ISC */
/*
 * meetprobe.conf: whatever it holds, reading it ends with errors that can be
 * printed; what is accepted prints to a text that is accepted again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Reads a text and prints it into out; 0 when it was accepted. */
static int
once(const char *text, size_t len, struct buf *out)
{
	struct errlist errors;
	struct conf c;
	int r;

	conf_init(&c);
	errlist_init(&errors);
	r = conf_parse(&c, "fuzz", text, len, &errors);
	if (r == 0)
		conf_print(&c, out);
	else
		errlist_print(&errors, out);
	errlist_free(&errors);
	conf_free(&c);
	return (r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf one, two;

	buf_init(&one, LIMIT_CONFIG_FILE);
	buf_init(&two, LIMIT_CONFIG_FILE);
	if (once((const char *)data, size, &one) == 0 &&
	    (once(one.data == NULL ? "" : one.data, one.len, &two) == -1 ||
	    strcmp(buf_cstr(&one), buf_cstr(&two)) != 0))
		abort();
	buf_free(&one);
	buf_free(&two);
	return (0);
}

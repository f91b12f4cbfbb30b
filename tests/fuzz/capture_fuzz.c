/* SPDX-License-Identifier: ISC */
/*
 * Whole captures: whatever a file holds, the analyser ends with a message,
 * with verdicts of its table and with JSON; memory stays bounded.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "probes/media/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* The reader reads files: this one has no name. */
static int
write_all(int fd, const uint8_t *data, size_t size)
{
	ssize_t n;

	while (size > 0) {
		if ((n = write(fd, data, size)) <= 0)
			return (-1);
		data += n;
		size -= (size_t)n;
	}
	return (0);
}

static void
analyse(const char *path, enum media_tap tap, int live)
{
	struct media_options o = { 0 };
	struct media *m;
	struct verdicts v;
	struct buf why, out;

	o.tap = tap;
	o.name = "fuzz";
	o.live = live;
	o.has_public = 1;
	o.public.lo = UINT64_C(0xffffc6336401);
	m = media_new(&o);
	buf_init(&why, 4096);
	buf_init(&out, 64U << 20);
	verdicts_init(&v);
	if (media_feed_file(m, path, &why, NULL, NULL) == 0) {
		media_verdicts(m, 0, &v);
		media_compare((struct media *[]){ m, m }, 2, &v);
		media_print_json(&m, 1, &v, &out);
		media_print_text(&m, 1, &v, 1, &out);
		media_print_table(m, &v, 0, 1, 10, &out);
	} else if (why.len == 0)
		abort();	/* refused without a reason */
	verdicts_free(&v);
	buf_free(&why);
	buf_free(&out);
	media_free(m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/meetprobe-fuzz.XXXXXX";
	int fd = mkstemp(path);

	if (fd == -1)
		return (0);
	if (write_all(fd, data, size) == 0) {
		analyse(path, TAP_BRIDGE, 0);
		if (size > 0 && (data[size - 1] & 1) != 0)
			analyse(path, TAP_CLIENT, 1);
	}
	close(fd);
	unlink(path);
	return (0);
}

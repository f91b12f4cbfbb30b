/* SPDX-License-Identifier: ISC */
/*
 * Captures to verdicts for `diagnose`. I/O through the media analyser.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/captures.h"
#include "probes/media/media.h"

/* Analyses one file; NULL when it is no capture. */
static struct media *
read_one(struct capture_file *f, const struct media_options *shared)
{
	struct media_options o = *shared;
	struct media *m;
	struct buf why;
	int tap = f->tap == NULL ? -1 : media_tap_by_name(str_from(f->tap));

	if (tap != -1)
		o.tap = (enum media_tap)tap;
	o.name = f->path;
	m = media_new(&o);
	buf_init(&why, LIMIT_ERROR_TEXT);
	f->good = media_feed_file(m, f->path, &why, NULL, NULL) == 0;
	f->why = why.len > 0 ? buf_take(&why) : NULL;
	buf_free(&why);
	if (f->good)
		return (m);
	media_free(m);
	return (NULL);
}

void
captures_read(struct capture_file *files, size_t count, unsigned port,
    unsigned port_last, const char *public_address, struct verdicts *v)
{
	struct media_options o;
	struct media **list = mem_zalloc(count, sizeof(struct media *));
	size_t i, n = 0;

	memset(&o, 0, sizeof(o));
	o.port_low = (uint16_t)port;
	o.port_high = (uint16_t)port_last;
	o.has_public = public_address != NULL &&
	    media_addr_parse(public_address, &o.public) == 0;
	for (i = 0; i < count; i++)
		if ((list[n] = read_one(&files[i], &o)) != NULL)
			n++;
	for (i = 0; i < n; i++)
		media_verdicts(list[i], 0, v);
	if (n > 1)
		media_compare(list, n, v);
	for (i = 0; i < n; i++)
		media_free(list[i]);
	free(list);
}

int
captures_verdict(const char *id)
{
	return (media_verdict_title(id)[0] != '\0');
}

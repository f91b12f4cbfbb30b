/* SPDX-License-Identifier: ISC */
/*
 * XML of XMPP and BOSH: whatever a peer sends, whole or in pieces, it is
 * read or refused; what is told is never larger or deeper than the limits,
 * and reading piece by piece tells the same number of elements.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "probes/codec/bosh.h"
#include "probes/codec/xmpp.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct told {
	size_t stanzas;
	struct xmpp_stream *stream;
};

static void
look(const struct xml *x, int depth)
{
	if (depth > LIMIT_XML_DEPTH || strlen(x->text) > LIMIT_STANZA)
		abort();
	for (x = x->child; x != NULL; x = x->next)
		look(x, depth + 1);
}

static void
stanza(const struct xml *x, void *arg)
{
	struct told *t = arg;
	struct xmpp_features f;
	const char *text;

	t->stanzas++;
	look(x, 1);
	(void)xmpp_features_read(&f, x);
	(void)xmpp_condition(x, &text);
	if (strcmp(x->name, "proceed") == 0)
		xmpp_stream_restart(t->stream);
}

static int
feed(const uint8_t *data, size_t size, size_t piece, size_t *stanzas)
{
	struct told t = { 0, NULL };
	struct xmpp_events on = { NULL, stanza, NULL, &t };
	size_t at = 0, n;
	int r = 0;

	t.stream = xmpp_stream_new(&on);
	while (at < size && r == 0) {
		n = size - at < piece ? size - at : piece;
		r = xmpp_stream_feed(t.stream, str_of((const char *)data + at,
		    n));
		at += n;
	}
	xmpp_stream_free(t.stream);
	*stanzas = t.stanzas;
	return (r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bosh_answer a;
	const char *why = NULL;
	size_t whole, pieces;

	if (feed(data, size, SIZE_MAX, &whole) == 0 && size < LIMIT_STANZA &&
	    feed(data, size, 7, &pieces) == 0 && whole > pieces)
		abort();
	if (bosh_read(&a, str_of((const char *)data, size), &why) == 0)
		bosh_answer_free(&a);
	else if (why == NULL)
		abort();
	return (0);
}

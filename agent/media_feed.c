/* SPDX-License-Identifier: ISC */
/*
 * The agent's side of the capture child. Pure but for its log.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/media_feed.h"
#include "agent/media_metrics.h"
#include "agent/run/log.h"
#include "agent/run/msg.h"
#include "probes/media/capture.h"

struct media_feed {
	struct media_counts told;	/* of which the metrics know */
	struct verdicts coming, last;
};

struct media_feed *
media_feed_new(void)
{
	struct media_feed *f = mem_zalloc(1, sizeof(*f));

	verdicts_init(&f->coming);
	verdicts_init(&f->last);
	return (f);
}

void
media_feed_free(struct media_feed *f)
{
	if (f == NULL)
		return;
	verdicts_free(&f->coming);
	verdicts_free(&f->last);
	free(f);
}

/* 1 when the two rounds give the same verdicts of the same flows. */
static int
same(const struct verdicts *a, const struct verdicts *b)
{
	size_t i;

	if (a->count != b->count)
		return (0);
	for (i = 0; i < a->count; i++)
		if (strcmp(a->list[i].id, b->list[i].id) != 0 ||
		    strcmp(a->list[i].flow == NULL ? "" : a->list[i].flow,
		    b->list[i].flow == NULL ? "" : b->list[i].flow) != 0)
			return (0);
	return (1);
}

static int
end_round(struct media_feed *f)
{
	int changed = !same(&f->coming, &f->last);

	verdicts_free(&f->last);
	f->last = f->coming;
	verdicts_init(&f->coming);
	return (changed);
}

int
media_feed_take(struct media_feed *f, struct msg *m, struct metrics *metrics)
{
	struct media_counts counts;
	struct str why;

	switch (m->type) {
	case MEDIA_MSG_COUNTS:
		if (media_get_msg_counts(m, &counts) == -1)
			return (-1);
		media_metrics(metrics, &f->told, &counts);
		return (0);
	case MEDIA_MSG_VERDICT:
		return (media_get_msg_verdict(m, &f->coming));
	case MEDIA_MSG_END:
		return (msg_end(m) == -1 ? -1 : end_round(f));
	case MEDIA_MSG_PROBLEM:
		why = msg_get_str(m);
		if (msg_end(m) == -1)
			return (-1);
		log_warn("capture: %.*s", STR_ARG(why));
		return (0);
	default:
		return (-1);
	}
}

const struct verdicts *
media_feed_verdicts(const struct media_feed *f)
{
	return (&f->last);
}

/* SPDX-License-Identifier: ISC */
/*
 * The capture child's messages for media.flow. Pure. Apart from flow.c
 * because the analyser's kinds of streams and the kinds of causes are
 * different words of the same name.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/run/msg.h"
#include "probes/flow_counts.h"
#include "probes/media/capture.h"

struct flow_counts {
	struct media_counts counts;
};

struct flow_counts *
flow_counts_new(void)
{
	return (mem_zalloc(1, sizeof(struct flow_counts)));
}

void
flow_counts_free(struct flow_counts *f)
{
	free(f);
}

int
flow_counts_take(struct flow_counts *f, struct msg *m, struct verdicts *v)
{
	switch (m->type) {
	case MEDIA_MSG_COUNTS:
		return (media_get_msg_counts(m, &f->counts));
	case MEDIA_MSG_VERDICT:
		return (media_get_msg_verdict(m, v));
	case MEDIA_MSG_END:
		return (1);
	case MEDIA_MSG_PROBLEM:
		return (2);
	default:
		return (-1);
	}
}

const char *
flow_counts_class(const struct flow_counts *f, size_t i, uint64_t *in,
    uint64_t *out)
{
	if (i >= PACKET_CLASSES)
		return (NULL);
	*in = f->counts.packets[MEDIA_IN][i];
	*out = f->counts.packets[MEDIA_OUT][i];
	return (packet_class_name((enum packet_class)i));
}

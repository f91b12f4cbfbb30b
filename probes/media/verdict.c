/* SPDX-License-Identifier: ISC */
/* What one capture proves: all verdicts in the order of cause. Pure. */
#include "probes/media/view.h"

void
media_verdicts(struct media *m, int64_t ns, struct verdicts *out)
{
	struct views s;

	views_make(&s, m, ns > m->now ? ns : m->now, out);
	verdicts_bridge(&s);
	verdicts_ice(&s);
	verdicts_nat(&s);
	verdicts_dtls(&s);
	verdicts_media(&s);
	views_free(&s);
}

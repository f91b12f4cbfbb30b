/* SPDX-License-Identifier: ISC */
#include "probes/media/view.h"
void
media_compare(struct media *const *list, size_t count, struct verdicts *v)
{
	(void)list; (void)count; (void)v;
}

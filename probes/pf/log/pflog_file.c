/* SPDX-License-Identifier: ISC */
/*
 * A savefile of pflogd(8). I/O: reads the file named.
 */
#include "probes/media/savefile.h"
#include "probes/pf/log/pflog.h"

int
pf_log_read(struct pf_log *l, const char *path, struct buf *why)
{
	struct savefile f;
	struct capture_packet p;
	struct pf_log_entry e;
	int status;

	if (savefile_open(&f, path) == -1) {
		buf_addf(why, "%s: %s", path, f.problem);
		return (-1);
	}
	while ((status = savefile_next(&f, &p)) == 1) {
		if ((p.link != PF_LINKTYPE_PFLOG && p.link !=
		    PF_LINKTYPE_PFLOG_OLD) ||
		    pf_log_parse(p.data, p.len, &e) == -1) {
			l->bad++;
			continue;
		}
		e.time.us = p.ns / 1000;
		pf_log_add(l, &e);
	}
	if (status == -1)
		buf_addf(why, "%s: %s", path, f.problem);
	savefile_close(&f);
	return (status == -1 ? -1 : 0);
}

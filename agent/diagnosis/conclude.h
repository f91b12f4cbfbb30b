/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_CONCLUDE_H
#define MEETPROBE_DIAGNOSIS_CONCLUDE_H

#include "agent/diagnosis/evidence.h"
#include "agent/diagnosis/report.h"

/* Ranks the causes of settled evidence and writes them into the report. */
void conclude(struct evidence *, struct report *);

#endif

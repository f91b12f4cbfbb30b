/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_CLEAR_H
#define MEETPROBE_DIAGNOSIS_CLEAR_H

#include "agent/diagnosis/evidence.h"

/* The time since which a cause is over, WALL_NONE while it is not. */
wall_t cause_cleared(const struct evidence *, const struct cause *);

#endif

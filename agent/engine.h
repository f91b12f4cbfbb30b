/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_ENGINE_H
#define MEETPROBE_AGENT_ENGINE_H

#include "agent/base/str.h"

/*
 * The engine process of the agent: schedules probes, follows logs, evaluates
 * the catalogue, keeps the pages of the http process fresh. A child role:
 * the request is a line of options and meetprobe.conf, the socket leads to
 * the parent, the next descriptor to the http process.
 */
int engine_role(struct str request, int sock);
/* The http process as a child role; the next descriptor is the engine's. */
int http_role(struct str request, int sock);

#endif

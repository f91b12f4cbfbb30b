/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_SECRETS_SERVE_H
#define MEETPROBE_AGENT_SECRETS_SERVE_H

#include "agent/base/clock.h"

struct conf;
struct http_request;
struct inputs;
struct loop;
struct secrets;

/*
 * The agent's answers to /api/v1/evidence?salt=S: who may be told secrets
 * now, and the helper child that computes them. One at a time.
 */
struct secrets_serve;

/* The document is to be sent now: with these secrets (NULL: none), and why
 * they are not in it (NULL: nobody asked, or they are). asked: when the
 * request came. */
typedef void secrets_send(void *, uint64_t id, wall_t asked,
    const struct secrets *, const char *why_not);

struct secrets_serve *secrets_serve_new(struct loop *, const struct conf *,
    const struct inputs *, secrets_send *, void *arg);
void secrets_serve_free(struct secrets_serve *);
/* Calls send, now or when the child has answered. 0; -1 without calling it
 * when the request's salt is none. */
int secrets_serve(struct secrets_serve *, const struct http_request *);

#endif

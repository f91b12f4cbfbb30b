/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CODEC_BOSH_H
#define MEETPROBE_PROBES_CODEC_BOSH_H

#include <stdint.h>

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "probes/codec/xmpp.h"

/*
 * Bodies of BOSH, XEP-0124 and XEP-0206: the requests of one anonymous
 * login and the answers to them.
 */
#define BOSH_NS "http://jabber.org/protocol/httpbind"

/* Writes a request; each needs the next rid. */
void bosh_write_create(struct buf *, uint64_t rid, const char *domain);
void bosh_write_restart(struct buf *, uint64_t rid, const char *sid,
    const char *domain);
/* payload: XML of stanzas with their namespaces, "" to poll. */
void bosh_write(struct buf *, uint64_t rid, const char *sid,
    const char *payload);
void bosh_write_terminate(struct buf *, uint64_t rid, const char *sid);

/* One <body/>. */
struct bosh_answer {
	struct xml *body;	/* bosh_answer_free gives it back */
	int terminate;
	const char *condition;	/* of a terminate, "" when there is none */
	const char *sid;	/* NULL when it is not there */
};

/* 0; -1 when it is no <body/> of BOSH, *why (const) says what it is. */
int bosh_read(struct bosh_answer *, struct str, const char **why);
void bosh_answer_free(struct bosh_answer *);

#endif

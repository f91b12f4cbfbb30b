/* SPDX-License-Identifier: ISC */
/*
 * Secrets' values for who asks the agent: each asker once in ten minutes,
 * one helper child at a time. I/O: starts the child.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/askers.h"
#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/facts/secret.h"
#include "agent/gather.h"
#include "agent/run/child.h"
#include "agent/run/log.h"
#include "agent/secrets.h"
#include "agent/secrets_serve.h"
#include "exporter/messages.h"

struct secrets_serve {
	struct loop *loop;
	const struct conf *conf;
	const struct inputs *inputs;
	secrets_send *send;
	void *arg;
	struct askers askers;
	/* being computed: */
	struct child *child;	/* NULL: nothing is */
	uint64_t id;
	wall_t asked;
	char who[LIMIT_HTTP_ASKER + 1];
};

struct secrets_serve *
secrets_serve_new(struct loop *loop, const struct conf *conf,
    const struct inputs *inputs, secrets_send *send, void *arg)
{
	struct secrets_serve *s = mem_zalloc(1, sizeof(*s));

	s->loop = loop;
	s->conf = conf;
	s->inputs = inputs;
	s->send = send;
	s->arg = arg;
	return (s);
}

void
secrets_serve_free(struct secrets_serve *s)
{
	if (s->child != NULL)
		child_cancel(s->child);
	free(s);
}

static void
done(enum child_end end, int status, struct str answer, void *arg)
{
	struct secrets_serve *s = arg;
	struct secrets secrets;
	const char *why_not = NULL;

	(void)status;
	s->child = NULL;
	secrets_init(&secrets);
	if (end == CHILD_DONE && secrets_take(&secrets, NULL, answer) == 0)
		log_info("evidence: values of %zu secrets told to %s",
		    secrets.count, s->who);
	else
		why_not = "the helper child did not answer in time; ask "
		    "again in ten minutes";
	s->send(s->arg, s->id, s->asked, &secrets, why_not);
	secrets_free(&secrets);
}

static void
start(struct secrets_serve *s, const struct http_request *r)
{
	struct child_events on = { NULL, done, s };
	struct gather g = { .conf = s->conf, .inputs = s->inputs };
	char *salt = mem_strdup(r->target);
	struct buf request;

	s->id = r->id;
	s->asked = wall_now();
	memcpy(s->who, r->asker, sizeof(s->who));
	buf_init(&request, LIMIT_CHILD_ANSWER - 1);
	secrets_request(&request, &g, &salt, 1);
	/* the document is still to be made in the time that is left */
	s->child = child_start(s->loop, SECRETS_ROLE, buf_str(&request), -1,
	    mono_add(mono_now(), r->timeout_ms * NS_PER_MS / 5 * 4), &on);
	buf_free(&request);
	free(salt);
}

int
secrets_serve(struct secrets_serve *s, const struct http_request *r)
{
	unsigned char bytes[LIMIT_SALT_MOST];
	char at[WALL_TEXT_SIZE], *why;
	int64_t left;

	if (r->target[0] == '\0') {
		s->send(s->arg, r->id, wall_now(), NULL, NULL);
		return (0);
	}
	if (secret_salt(str_from(r->target), bytes) == 0)
		return (-1);
	if (s->child != NULL) {
		s->send(s->arg, r->id, wall_now(), NULL, "another asker's "
		    "are being computed; ask again in a few seconds");
		return (0);
	}
	left = askers_take(&s->askers, r->asker, mono_now());
	if (left == 0) {
		start(s, r);
		return (0);
	}
	wall_format(wall_add(wall_now(), left / 1000 + US_PER_SEC), at,
	    sizeof(at));
	why = mem_printf("told to %s less than ten minutes ago; again after "
	    "%s", r->asker, at);
	s->send(s->arg, r->id, wall_now(), NULL, why);
	free(why);
	return (0);
}

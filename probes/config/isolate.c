/* SPDX-License-Identifier: ISC */
/*
 * Readers that run foreign code (Lua, JavaScript) or take foreign binary
 * data apart (key stores) work in a helper child with one second of CPU and
 * 64 MB. One child reads a batch; each answer is a length and a packed
 * model. I/O: starts processes.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/child.h"
#include "probes/config/config.h"
#include "probes/config/isolate.h"
#include "probes/config/role.h"

static void
put_num(struct buf *b, size_t v)
{
	const unsigned char p[4] = { (unsigned char)(v >> 24),
	    (unsigned char)(v >> 16), (unsigned char)(v >> 8),
	    (unsigned char)v };

	buf_add(b, p, sizeof(p));
}

static void
put_str(struct buf *b, struct str s)
{
	put_num(b, s.n);
	buf_add_str(b, s);
}

static struct str
get_str(struct cur *c)
{
	size_t n = cur_u32(c);
	const uint8_t *p = cur_bytes(c, n);

	return (str_of((const char *)p, p == NULL ? 0 : n));
}

/* kind, number of sources, each: name, kind, text. */
static void
put_job(struct buf *b, const struct isolate_job *j)
{
	size_t i;

	put_str(b, str_from(j->reader->kind));
	put_num(b, j->sources.count);
	for (i = 0; i < j->sources.count; i++) {
		put_str(b, j->sources.list[i].name);
		put_str(b, j->sources.list[i].kind);
		put_str(b, j->sources.list[i].text);
	}
}

/* In the child: reads one file and sends its model; -1: stop. */
static int
serve(struct cur *c, int sock)
{
	struct str kind = get_str(c);
	size_t i, n = cur_u32(c);
	const struct reader *r = reader_find(kind);
	struct config_source *list;
	struct config_sources s = { 0 };
	struct buf out, head;
	struct model m;

	if (c->err || r == NULL || n == 0 || n > LIMIT_CONFIG_FILES + 1)
		return (-1);
	list = calloc(n, sizeof(*list));
	if (list == NULL)
		return (-1);
	for (i = 0; i < n; i++) {
		list[i].name = get_str(c);
		list[i].kind = get_str(c);
		list[i].text = get_str(c);
	}
	s.list = list;
	s.count = n;
	model_init(&m);
	if (!c->err)
		r->read(&s, &m);
	buf_init(&out, LIMIT_CHILD_ANSWER);
	buf_init(&head, 8);
	model_pack(&m, &out);
	put_num(&head, out.len);
	n = (size_t)(out.full || child_answer(sock, buf_str(&head)) == -1 ||
	    child_answer(sock, buf_str(&out)) == -1);
	model_free(&m);
	buf_free(&out);
	buf_free(&head);
	free(list);
	return (n != 0 || c->err ? -1 : 0);
}

int
config_read_role(struct str request, int sock)
{
	struct cur c;

	cur_init(&c, request.p, request.n);
	while (cur_left(&c) > 0)
		if (serve(&c, sock) == -1)
			return (1);
	return (c.err != 0);
}

/* Takes the answers of a batch; how many models came back whole. */
static size_t
take(struct isolate_job *jobs, size_t count, struct str answer)
{
	struct cur c;
	struct str bytes;
	size_t done;

	cur_init(&c, answer.p, answer.n);
	for (done = 0; done < count; done++) {
		bytes = get_str(&c);
		if (c.err || model_unpack(jobs[done].model, bytes) == -1)
			break;
	}
	return (done);
}

void
isolate_run(struct isolate_job *jobs, size_t count)
{
	struct buf request;
	char *answer;
	size_t i, n, len, done;

	for (i = 0; i < count; i += done) {
		buf_init(&request, LIMIT_CHILD_ANSWER);
		for (n = i; n < count; n++) {
			put_job(&request, &jobs[n]);
			if (request.len > LIMIT_CONFIG_FILE || request.full)
				break;
		}
		n = n < count ? n + 1 : n;
		answer = NULL;
		len = 0;
		done = 0;
		if (!request.full && child_call("config",
		    buf_str(&request), LIMIT_CONFIG_CHILD_NS, NULL, &answer,
		    &len) != CHILD_NOT_STARTED)
			done = take(&jobs[i], n - i, str_of(answer, len));
		mem_wipe_bytes(answer, len);
		mem_wipe_bytes(request.data, request.len);
		free(answer);
		buf_free(&request);
		if (done < n - i)
			jobs[i + done++].failed = 1;
	}
}

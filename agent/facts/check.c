/* SPDX-License-Identifier: ISC */
/*
 * Results of probes. Pure; a check owns its strings.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/facts/check.h"
#include "agent/facts/fact.h"

void
check_init(struct check *c, const char *id, const char *group,
    const char *subject)
{
	memset(c, 0, sizeof(*c));
	c->id = id;
	c->group = group;
	c->subject = mem_strdup(subject);
	c->state = STATE_UNKNOWN;
	c->reason = REASON_INTERNAL;
	c->summary = mem_strdup("");
	c->transcript = mem_strdup("");
	c->facts = mem_strdup("");
	c->when = WALL_NONE;
}

void
check_free(struct check *c)
{
	free(c->subject);
	free(c->summary);
	free(c->because);
	free(c->transcript);
	free(c->facts);
	memset(c, 0, sizeof(*c));
}

void
check_copy(struct check *to, const struct check *from)
{
	*to = *from;
	to->subject = mem_strdup(from->subject);
	to->summary = mem_strdup(from->summary);
	to->because = from->because == NULL ? NULL :
	    mem_strdup(from->because);
	to->transcript = mem_strdup(from->transcript);
	to->facts = mem_strdup(from->facts);
}

/* Appends a formatted line to one of the check's texts, up to the limit. */
static void
append(char **text, const char *fmt, va_list ap)
{
	struct buf b;

	buf_init(&b, LIMIT_CHECK_TEXT);
	buf_adds(&b, *text);
	if (buf_vaddf(&b, fmt, ap) == 0 && buf_addc(&b, '\n') == 0) {
		free(*text);
		*text = buf_take(&b);
	}
	buf_free(&b);
}

void
check_result(struct check *c, enum state state, enum layer layer,
    enum reason reason, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	c->state = state;
	c->layer = layer;
	c->reason = reason;
	buf_init(&b, LIMIT_CHECK_TEXT);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	free(c->summary);
	c->summary = buf_take(&b);
}

void
check_say(struct check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(&c->transcript, fmt, ap);
	va_end(ap);
}

static void
append_fact(struct check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(&c->facts, fmt, ap);
	va_end(ap);
}

void
check_fact(struct check *c, const char *name, const char *value)
{
	const struct fact_def *def = fact_find(str_from(name));

	if (def == NULL)
		fatal("no fact \"%s\" in facts.def", name);
	if (fact_valid(def, str_from(value)) && strchr(value, '\n') == NULL)
		append_fact(c, "%s=%s", name, value);
}

void
check_phase(struct check *c, const char *name, double seconds)
{
	if (c->phase_count == CHECK_PHASES)
		return;
	c->phases[c->phase_count].name = name;
	c->phases[c->phase_count].seconds = seconds;
	c->phase_count++;
}

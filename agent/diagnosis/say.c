/* SPDX-License-Identifier: ISC */
/*
 * Sentences and commands with holes. Pure.
 */
#include <string.h>

#include "agent/base/limits.h"
#include "agent/diagnosis/say.h"

/* The types that a command may use. */
static const char usable[HOLE_TYPES] = {
	[HOLE_HOST] = 1, [HOLE_IP] = 1, [HOLE_PORT] = 1, [HOLE_NUM] = 1,
	[HOLE_JID] = 1, [HOLE_PATH] = 1,
};

/*
 * Takes text up to the next hole off *s into *text, and the hole (without
 * braces) into *hole. 0 when there is no hole any more.
 */
static int
next_hole(struct str *s, struct str *text, struct str *hole)
{
	size_t at = str_chr(*s, '{'), end;

	if (at == SIZE_MAX) {
		*text = *s;
		*s = str_of(NULL, 0);
		return (0);
	}
	*text = str_sub(*s, 0, at);
	*s = str_sub(*s, at + 1, s->n);
	end = str_chr(*s, '}');
	if (end == SIZE_MAX)
		end = s->n;
	*hole = str_sub(*s, 0, end);
	*s = str_sub(*s, end + 1, s->n);
	return (1);
}

int
say_sentence(const char *format, hole_fn fn, void *arg, struct buf *out)
{
	struct str s = str_from(format), text, hole, name, value;
	int more, other, missing = 0;

	do {
		more = next_hole(&s, &text, &hole);
		buf_add_str(out, text);
		if (!more)
			break;
		other = str_chr(hole, '|') != SIZE_MAX;
		name = str_split(&hole, '|');
		value = fn(arg, name);
		missing |= value.n == 0;
		if (value.n > 0)
			buf_add_safe(out, str_sub(value, 0, LIMIT_SAY_VALUE));
		else if (other)
			buf_add_str(out, hole);
		else
			buf_addf(out, "<%.*s>", STR_ARG(name));
	} while (s.n > 0);
	return (missing ? -1 : 0);
}

/* 1 when a value may stand in a command, quoted. */
static int
harmless(struct str v)
{
	size_t i;

	if (v.p == NULL || v.n == 0 || v.n > LIMIT_SAY_VALUE ||
	    v.p[0] == '-')
		return (0);
	for (i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < 0x20 || v.p[i] == 0x7f)
			return (0);
	for (i = 0; i < v.n; i += str_utf8_len(v, i))
		if (str_utf8_len(v, i) == 0)
			return (0);
	return (1);
}

static void
add_quoted(struct buf *out, struct str v)
{
	size_t i;

	buf_addc(out, '\'');
	for (i = 0; i < v.n; i++)
		if (v.p[i] == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, v.p[i]);
	buf_addc(out, '\'');
}

void
say_command(const char *format, hole_fn fn, void *arg, struct buf *out)
{
	struct str s = str_from(format), text, hole, name, value;
	size_t i;

	while (next_hole(&s, &text, &hole)) {
		buf_add_str(out, text);
		name = str_split(&hole, '|');
		value = fn(arg, name);
		if (harmless(value)) {
			add_quoted(out, value);
			continue;
		}
		buf_addc(out, '<');
		for (i = 0; i < name.n; i++)
			buf_addc(out, name.p[i] >= 'a' && name.p[i] <= 'z' ?
			    (char)(name.p[i] - 32) : name.p[i]);
		buf_addc(out, '>');
	}
	buf_add_str(out, text);
}

/* The type of a hole in an item's signals, -1 when none has it. */
static int
item_hole(const struct catalogue *c, const struct item *it, struct str name);

static int
observable_hole(const struct catalogue *c, int index, struct str name)
{
	const struct pattern *p;
	const struct signal *s;
	size_t i, k;
	int type;

	if (index < 0)
		return (-1);
	if ((size_t)index < c->signal_count) {
		s = &c->signals[index];
		for (i = 0; i < s->hole_count; i++)
			if (str_eqs(name, s->holes[i].name))
				return ((int)s->holes[i].type);
		return (-1);
	}
	p = &c->patterns[(size_t)index - c->signal_count];
	for (i = 0; i < p->step_count; i++)
		for (k = 0; k < p->steps[i].count; k++) {
			type = observable_hole(c, p->steps[i].list[k].index,
			    name);
			if (type != -1)
				return (type);
		}
	return (-1);
}

static int
item_hole(const struct catalogue *c, const struct item *it, struct str name)
{
	size_t i;
	int type;

	if (it->type == ITEM_OBSERVABLE)
		return (observable_hole(c, it->observable, name));
	for (i = 0; i < it->part_count; i++)
		if ((type = item_hole(c, &c->items[it->parts[i]], name)) !=
		    -1)
			return (type);
	return (-1);
}

int
say_command_lint(const struct catalogue *c, const struct cause *cause,
    const char *format, struct buf *why)
{
	struct str s = str_from(format), text, hole, name;
	size_t i;
	int type;

	while (next_hole(&s, &text, &hole)) {
		name = str_split(&hole, '|');
		for (i = 0, type = -1; type == -1 && i < cause->link_count;
		    i++)
			type = item_hole(c,
			    &c->items[cause->links[i].item], name);
		if (type != -1 && !usable[type]) {
			buf_addf(why, "uses {%.*s} in a command: only holes "
			    "of type host, ip, port, num, jid, path may "
			    "stand there", STR_ARG(name));
			return (-1);
		}
	}
	return (0);
}

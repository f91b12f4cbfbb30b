/* SPDX-License-Identifier: ISC */
/*
 * States and counters from the text of `pfctl -ss -v` and `pfctl -vsi`.
 * Pure. Formats: sbin/pfctl/pf_print_state.c, pfctl_parser.c print_status().
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/live.h"

void
pf_live_states_init(struct pf_live_states *s)
{
	memset(s, 0, sizeof(*s));
}

void
pf_live_states_free(struct pf_live_states *s)
{
	free(s->list);
	pf_arena_free(&s->arena);
	memset(s, 0, sizeof(*s));
}

/* ADDR:PORT, ADDR, V6[PORT] or V6; 0, or -1. */
static int
parse_end(struct str s, struct pf_ip *ip, uint16_t *port, enum pf_af *af)
{
	size_t at = str_chr(s, '[');
	struct str number = str_of("", 0);
	int64_t n = 0;

	if (at != SIZE_MAX && str_ends(s, "]")) {
		number = str_sub(s, at + 1, s.n - 1);
		s = str_sub(s, 0, at);
	} else if ((at = str_chr(s, ':')) != SIZE_MAX && at == str_rchr(s,
	    ':')) {
		number = str_sub(s, at + 1, s.n);
		s = str_sub(s, 0, at);
	}
	/* A link-local address may carry its interface. */
	s = str_sub(s, 0, str_chr(s, '%'));
	if (number.n > 0 && str_num(number, 0, 65535, &n) == -1)
		return (-1);
	*port = (uint16_t)n;
	return (pf_ip_parse(s, ip, af));
}

/* "(1) ": the routing domain of an address, when it is not the first. */
static void
skip_rdomain(struct str *line)
{
	struct str rest = *line, word = str_word(&rest);
	int64_t n;

	if (str_starts(word, "(") && str_ends(word, ")") &&
	    str_num(str_sub(word, 1, word.n - 1), 0, 255, &n) == 0)
		*line = rest;
}

/* "(ADDR:PORT)", "((1) ADDR:PORT)" when it stands there; 1 when it did. */
static int
parse_orig(struct str *line, struct pf_ip *ip, uint16_t *port)
{
	struct str rest = *line, word = str_word(&rest);
	enum pf_af af;

	if (str_starts(word, "((") && str_ends(word, ")"))
		word = str_word(&rest);
	else if (str_starts(word, "("))
		word = str_sub(word, 1, word.n);
	else
		return (0);
	if (!str_ends(word, ")") || parse_end(str_sub(word, 0, word.n - 1),
	    ip, port, &af) == -1)
		return (0);
	*line = rest;
	return (1);
}

/*
 * all|IF PROTO A [(orig)] ->|<- B [(orig)]  STATE:STATE; before an address
 * its routing domain may stand in parentheses.
 */
static int
parse_state(struct pf_live_states *s, struct str line,
    struct pf_live_state *st)
{
	struct str word, a;
	enum pf_af af;

	memset(st, 0, sizeof(*st));
	st->age = st->expires = st->rule = st->anchor = -1;
	st->ifname = pf_strdup(&s->arena, str_word(&line));
	st->proto = pf_strdup(&s->arena, str_word(&line));
	skip_rdomain(&line);
	if (parse_end(str_word(&line), &st->a, &st->a_port, &st->af) == -1)
		return (-1);
	st->has_a_orig = parse_orig(&line, &st->a_orig, &st->a_orig_port);
	word = str_word(&line);
	st->out = str_eqs(word, "->");
	if (!st->out && !str_eqs(word, "<-"))
		return (-1);
	skip_rdomain(&line);
	if (parse_end(str_word(&line), &st->b, &st->b_port, &af) == -1)
		return (-1);
	st->has_b_orig = parse_orig(&line, &st->b_orig, &st->b_orig_port);
	word = str_word(&line);
	a = str_split(&word, ':');
	if (a.n == 0 || word.n == 0)
		return (-1);
	st->a_state = pf_strdup(&s->arena, a);
	st->b_state = pf_strdup(&s->arena, word);
	return (0);
}

/* HH:MM:SS in seconds, -1 when it is none. */
static int64_t
hms(struct str s)
{
	int64_t h, m, sec;
	struct str hour = str_split(&s, ':'), minute = str_split(&s, ':');

	if (str_num(hour, 0, 1000000, &h) == -1 ||
	    str_num(minute, 0, 59, &m) == -1 || str_num(s, 0, 59, &sec) == -1)
		return (-1);
	return (h * 3600 + m * 60 + sec);
}

/* "N:N" */
static void
pair(struct str s, uint64_t *out)
{
	struct str a = str_split(&s, ':');
	int64_t n;

	if (str_num(a, 0, INT64_MAX, &n) == 0)
		out[0] = (uint64_t)n;
	if (str_num(s, 0, INT64_MAX, &n) == 0)
		out[1] = (uint64_t)n;
}

/* age T, expires in T, N:N pkts, N:N bytes, [anchor N,] rule N */
static void
parse_detail(struct str line, struct pf_live_state *st)
{
	struct str part, word, value;
	int64_t n;

	while (line.n > 0) {
		part = str_trim(str_split(&line, ','));
		word = str_word(&part);
		value = str_word(&part);
		if (str_eqs(word, "age"))
			st->age = hms(value);
		else if (str_eqs(word, "expires"))
			st->expires = hms(str_word(&part));
		else if (str_eqs(value, "pkts"))
			pair(word, st->packets);
		else if (str_eqs(value, "bytes"))
			pair(word, st->bytes);
		else if (str_eqs(word, "rule") && str_num(value, 0,
		    INT32_MAX, &n) == 0)
			st->rule = (int)n;
		else if (str_eqs(word, "anchor") && str_num(value, 0,
		    INT32_MAX, &n) == 0)
			st->anchor = (int)n;
	}
}

void
pf_live_states_read(struct pf_live_states *s, struct str text)
{
	struct pf_live_state *list;
	struct cur c;
	struct str line;

	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0) {
		line = cur_line(&c);
		if (str_trim(line).n == 0)
			continue;
		if (line.p[0] == ' ' || line.p[0] == '\t') {
			if (s->count > 0 && str_starts(str_trim(line), "age"))
				parse_detail(str_trim(line),
				    &s->list[s->count - 1]);
			continue;
		}
		list = mem_grow(s->list, s->count, &s->cap, sizeof(*list),
		    LIMIT_PF_FLOWS);
		if (list == NULL)
			return;
		s->list = list;
		if (parse_state(s, line, &list[s->count]) == 0)
			s->count++;
		else
			s->bad++;
	}
}

/* Status: Enabled for D days HH:MM:SS */
static void
parse_status(struct pf_live_info *info, struct str line)
{
	struct str word;
	int64_t days;

	info->known = 1;
	info->seconds = -1;
	str_word(&line);
	info->enabled = str_eqs(str_word(&line), "Enabled");
	if (!str_eqs(str_word(&line), "for") ||
	    str_num(str_word(&line), 0, 1000000, &days) == -1)
		return;
	str_word(&line);
	word = str_word(&line);
	if (hms(word) != -1)
		info->seconds = days * 86400 + hms(word);
}

/* "  name of a counter          123       0.1/s" */
static void
parse_counter(struct pf_live_info *info, struct str line)
{
	struct str rest, word;
	size_t end = 0;
	int64_t n = -1;

	line = str_trim(line);
	rest = line;
	while ((word = str_word(&rest)).n > 0) {
		if (str_num(word, 0, INT64_MAX, &n) == 0)
			break;
		end = (size_t)(word.p - line.p) + word.n;
	}
	if (n == -1 || end == 0 || end >= sizeof(info->counters[0].name) ||
	    info->counter_count == sizeof(info->counters) /
	    sizeof(info->counters[0]))
		return;
	memcpy(info->counters[info->counter_count].name, line.p, end);
	info->counters[info->counter_count].name[end] = '\0';
	info->counters[info->counter_count++].total = (uint64_t)n;
}

void
pf_live_info_read(struct pf_live_info *info, struct str text)
{
	struct cur c;
	struct str line, word;

	memset(info, 0, sizeof(*info));
	info->seconds = -1;
	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0) {
		line = cur_line(&c);
		if (str_starts(line, "Status:"))
			parse_status(info, line);
		else if (str_starts(line, "Checksum:")) {
			str_word(&line);
			word = str_word(&line);
			if (word.n < sizeof(info->checksum))
				memcpy(info->checksum, word.p, word.n);
		} else if (str_starts(line, "  "))
			parse_counter(info, line);
	}
}

int
pf_live_counter(const struct pf_live_info *info, const char *name,
    uint64_t *out)
{
	size_t i;

	for (i = 0; i < info->counter_count; i++)
		if (strcmp(info->counters[i].name, name) == 0) {
			*out = info->counters[i].total;
			return (0);
		}
	return (-1);
}

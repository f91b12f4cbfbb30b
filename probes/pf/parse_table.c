/* SPDX-License-Identifier: ISC */
/*
 * table <name> ...: flags, lists, files of addresses. Pure; files come
 * through pf_files.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "probes/pf/parse.h"

/* A list or a file of one definition. */
struct part {
	struct pf_host *hosts;
	const char *file;
	struct part *next;
};

static int
spec(struct pf_parser *p, struct pf_host **out, int depth)
{
	struct pf_host **tail = out;
	int more;

	if (!pf_accept(p, '{')) {
		if (pf_parse_xhost(p, out) == -1)
			return (-1);
		return (pf_parse_weight(p, *out));
	}
	if (depth > 64)
		return (pf_error(p, "lists nested too deep"));
	pf_newlines(p);
	do {
		if (spec(p, tail, depth + 1) == -1)
			return (-1);
		while (*tail != NULL)
			tail = &(*tail)->next;
		if ((more = pf_list_more(p)) == -1)
			return (-1);
	} while (more);
	return (0);
}

static int
check_hosts(struct pf_parser *p, const struct pf_host *h)
{
	for (; h != NULL; h = h->next)
		switch (h->addr.type) {
		case PF_ADDR_MASK:
			break;
		case PF_ADDR_RANGE:
			return (pf_error(p, "address ranges are not "
			    "permitted inside tables"));
		case PF_ADDR_DYNIF:
			return (pf_error(p, "dynamic addresses are not "
			    "permitted inside tables"));
		case PF_ADDR_TABLE:
			return (pf_error(p, "tables cannot contain tables"));
		case PF_ADDR_NOROUTE:
			return (pf_error(p, "\"no-route\" is not permitted "
			    "inside tables"));
		case PF_ADDR_URPF:
			return (pf_error(p, "\"urpf-failed\" is not permitted "
			    "inside tables"));
		default:
			return (pf_error(p, "unknown address type"));
		}
	return (0);
}

/* The list in braces; the first brace is read. */
static int
list_part(struct pf_parser *p, struct part *part)
{
	struct pf_host **tail = &part->hosts;
	int more;

	pf_newlines(p);
	if (pf_accept(p, '}'))
		return (0);
	do {
		if (spec(p, tail, 1) == -1)
			return (-1);
		while (*tail != NULL)
			tail = &(*tail)->next;
		if ((more = pf_list_more(p)) == -1)
			return (-1);
	} while (more);
	return (check_hosts(p, part->hosts));
}

static int
add_hosts(struct pf_parser *p, struct pf_table *t, const struct pf_host *h,
    int not, const char *file)
{
	for (; h != NULL; h = h->next) {
		if (pf_mask_len(&h->addr.mask) > pf_af_bits(h->af))
			return (file != NULL ? pf_error(p, "cannot load "
			    "\"%s\": Invalid argument", file) : pf_error(p,
			    "cannot create address buffer: Invalid argument"));
		if (pf_table_add(p->conf, t, h->af, &h->addr.ip,
		    pf_mask_len(&h->addr.mask), h->not ^ not) == -1)
			return (pf_error(p, "too many table entries"));
	}
	return (0);
}

/*
 * Words of a file: addresses, names, "!" before them. A word that begins with
 * "#" or ";" begins a comment.
 */
static int
load_text(struct pf_parser *p, struct pf_table *t, struct str text,
    const char *file)
{
	struct cur c;
	struct str line, word;
	struct pf_host *h;
	int not, weight = 0;

	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0) {
		line = cur_line(&c);
		while ((word = str_word(&line)).n > 0 &&
		    word.p[0] != '#' && word.p[0] != ';') {
			if (weight || str_eqs(word, "weight")) {
				weight = !weight;
				continue;
			}
			for (not = 0; word.n > 0 && word.p[0] == '!'; not ^= 1)
				word = str_sub(word, 1, word.n);
			h = pf_host_of(p, pf_strdup(&p->conf->arena, word));
			if (h == NULL)
				return (pf_error(p, "file \"%s\" contains bad "
				    "data", file));
			if (add_hosts(p, t, h, not, file) == -1)
				return (-1);
		}
	}
	return (0);
}

static int
load_file(struct pf_parser *p, struct pf_table *t, const char *file)
{
	char *text = NULL;
	size_t len = 0;
	int error, status;

	if (p->conf->opened++ >= LIMIT_PF_FILES)
		return (pf_error(p, "cannot load \"%s\": too many files",
		    file));
	error = p->conf->files.read(p->conf->files.arg, file, &text, &len);
	if (error != 0)
		return (pf_error(p, "cannot load \"%s\": %s", file,
		    strerror(error)));
	status = load_text(p, t, str_of(text, len), file);
	free(text);
	return (status);
}

static void
print_hosts(struct buf *out, const struct pf_host *h)
{
	for (; h != NULL; h = h->next) {
		buf_adds(out, h->not ? " !" : " ");
		pf_addr_print(out, &h->addr, h->af, 0);
	}
}

/* The definition as pfctl prints it: lists next to each other are one. */
static void
print_parts(struct pf_unit *u, const char *name, const char *flags,
    const struct part *part, int empty)
{
	struct buf *out = &u->text;

	buf_addf(out, "table <%s>%s", name, flags);
	if (part == NULL && empty)
		buf_adds(out, " { }");
	for (; part != NULL; part = part->next) {
		if (part->file != NULL) {
			buf_addf(out, " file \"%s\"", part->file);
			continue;
		}
		buf_adds(out, " {");
		print_hosts(out, part->hosts);
		while (part->next != NULL && part->next->file == NULL) {
			part = part->next;
			print_hosts(out, part->hosts);
		}
		buf_adds(out, " }");
	}
	buf_addc(out, '\n');
}

void
pf_table_print(struct pf_unit *u, const char *name, const char *flags,
    struct pf_host *hosts)
{
	struct part part = { hosts, NULL, NULL };

	print_parts(u, name, flags, &part, 1);
}

/* Options of one definition; lists and files go to *parts in order. */
static int
table_options(struct pf_parser *p, struct part **parts, unsigned *flags,
    int *empty)
{
	static const char *const words[] = { "const", "persist", "counters" };
	struct part *part;
	const char *s;
	unsigned i;

	for (;;) {
		if (pf_peek(p) == T_STRING) {
			if (pf_string(p, &s) == -1)
				return (-1);
			for (i = 0; i < 3 && strcmp(words[i], s) != 0; i++)
				;
			if (i == 3)
				return (pf_error(p, "invalid table option "
				    "'%s'", s));
			*flags |= 1U << i;
			continue;
		}
		part = pf_new(p, sizeof(*part));
		if (pf_accept(p, '{')) {
			if (list_part(p, part) == -1)
				return (-1);
			*empty = 1;
			if (part->hosts == NULL)
				continue;
		} else if (pf_accept(p, K_FILE)) {
			if (pf_string(p, &part->file) == -1)
				return (-1);
		} else
			return (0);
		*parts = part;
		parts = &part->next;
	}
}

int
pf_parse_table(struct pf_parser *p)
{
	const char *name, *flag_text;
	struct part *parts = NULL, *part;
	struct pf_table *t;
	struct buf b;
	unsigned flags = 0;
	int empty = 0;

	if (pf_expect(p, '<') == -1 || pf_string(p, &name) == -1 ||
	    pf_expect(p, '>') == -1 ||
	    table_options(p, &parts, &flags, &empty) == -1)
		return (-1);
	if (pf_peek(p) != '\n')
		return (pf_syntax(p));
	if (strlen(name) > 31)
		return (pf_error(p, "table name too long, max %d chars", 31));
	t = pf_table_get(p->conf, p->anchor->path, name);
	t->count = 0;
	t->file = p->start_file;
	t->line = p->start;
	t->is_const = (flags & 1) != 0;
	t->persist = (flags & 2) != 0;
	for (part = parts; part != NULL; part = part->next)
		if ((part->file != NULL && load_file(p, t, part->file) ==
		    -1) || add_hosts(p, t, part->hosts, 0, NULL) == -1)
			return (-1);
	buf_init(&b, 64);
	buf_addf(&b, "%s%s%s", flags & 1 ? " const" : "",
	    flags & 2 ? " persist" : "", flags & 4 ? " counters" : "");
	flag_text = buf_cstr(&b);
	print_parts(p->unit, name, flag_text, parts, empty);
	buf_free(&b);
	return (0);
}

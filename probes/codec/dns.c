/* SPDX-License-Identifier: ISC */
/*
 * DNS messages: queries out, answers in. Pure. RFC 1035 section 4:
 *
 *	id 16 | QR Opcode AA TC RD RA Z RCODE | QDCOUNT | ANCOUNT |
 *	NSCOUNT | ARCOUNT | question | answers | ...
 *
 * Names may point back into the message; a pointer must go backwards, so
 * that reading ends.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/cur.h"
#include "probes/codec/dns.h"

#define DNS_HEADER 12
#define CLASS_IN 1

static void
put16(struct buf *b, unsigned v)
{
	buf_addc(b, (char)(v >> 8));
	buf_addc(b, (char)v);
}

int
dns_query_write(struct buf *b, uint16_t id, struct str name, uint16_t type)
{
	struct str label;

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (name.n == 0 || name.n > 253)
		return (-1);
	put16(b, id);
	put16(b, 0x0100);		/* recursion desired */
	put16(b, 1);
	put16(b, 0);
	put16(b, 0);
	put16(b, 0);
	while (name.n > 0) {
		label = str_split(&name, '.');
		if (label.n == 0 || label.n > 63)
			return (-1);
		buf_addc(b, (char)label.n);
		buf_add_str(b, label);
	}
	buf_addc(b, 0);
	put16(b, type);
	put16(b, CLASS_IN);
	return (b->full ? -1 : 0);
}

/* Appends a label and a dot to a name; bytes that are no host name's are
 * replaced by '?', so that the text needs no further escaping. */
static int
add_label(char *out, size_t *used, const uint8_t *label, size_t n)
{
	size_t i;

	if (*used + n + 2 > DNS_NAME_SIZE)
		return (-1);
	if (*used > 0)
		out[(*used)++] = '.';
	for (i = 0; i < n; i++)
		out[(*used)++] = isalnum(label[i]) || label[i] == '-' ||
		    label[i] == '_' ? (char)tolower(label[i]) : '?';
	out[*used] = '\0';
	return (0);
}

/* Reads a name at the cursor, following pointers backwards. */
static void
read_name(struct cur *c, struct str message, char *out)
{
	struct cur at = *c, *from = c;
	size_t used = 0, offset, before = cur_pos(c);
	const uint8_t *label;
	uint8_t n;

	out[0] = '\0';
	for (;;) {
		n = cur_u8(from);
		if (from->err || n == 0)
			break;
		if ((n & 0xc0) == 0xc0) {
			offset = (size_t)(n & 0x3f) << 8 | cur_u8(from);
			if (from->err || offset >= before)
				break;
			before = offset;
			cur_init(&at, message.p, message.n);
			cur_skip(&at, offset);
			from = &at;
			continue;
		}
		label = cur_bytes(from, n);
		if (n > 63 || label == NULL ||
		    add_label(out, &used, label, n) == -1)
			break;
	}
	/* the name ended by its zero, or the message is broken */
	if (from->err || n != 0)
		cur_fail(c);
}

/* Reads one resource record; keeps it when we know its type. */
static void
read_record(struct cur *c, struct str message, struct dns_answer *a)
{
	struct dns_record scratch, *r = &scratch;
	struct cur data;
	uint16_t class, length;
	const uint8_t *p;

	memset(r, 0, sizeof(*r));
	read_name(c, message, r->owner);
	r->type = cur_u16(c);
	class = cur_u16(c);
	r->ttl = cur_u32(c);
	length = cur_u16(c);
	data = *c;
	p = cur_bytes(c, length);
	if (p == NULL || class != CLASS_IN)
		return;
	/* its own end, but names inside count from the whole message */
	data.end = p + length;
	switch (r->type) {
	case DNS_A:
	case DNS_AAAA:
		if (length != (r->type == DNS_A ? 4 : 16))
			cur_fail(c);
		else
			memcpy(r->address, p, length);
		break;
	case DNS_SRV:
		r->priority = cur_u16(&data);
		r->weight = cur_u16(&data);
		r->port = cur_u16(&data);
		/* FALLTHROUGH */
	case DNS_CNAME:
		read_name(&data, message, r->target);
		if (!cur_done(&data))
			cur_fail(c);
		break;
	default:
		return;
	}
	if (!c->err && a->count < LIMIT_DNS_RECORDS)
		a->list[a->count++] = *r;
}

int
dns_answer_read(struct dns_answer *a, struct str message, uint16_t id,
    struct str name, uint16_t type)
{
	char question[DNS_NAME_SIZE];
	unsigned flags, questions, answers;
	struct cur c;
	int ours;

	a->count = 0;
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	cur_init(&c, message.p, message.n);
	ours = cur_u16(&c) == id;
	flags = cur_u16(&c);
	questions = cur_u16(&c);
	answers = cur_u16(&c);
	cur_skip(&c, 4);
	if (c.err || (flags & 0x8000) == 0)
		return (-1);
	if (!ours)
		return (-2);
	a->rcode = flags & 0xf;
	a->truncated = (flags & 0x0200) != 0;
	if (questions == 0 && a->rcode != DNS_NOERROR)
		return (0);		/* some servers leave it out */
	if (questions != 1)
		return (-1);
	read_name(&c, message, question);
	ours = cur_u16(&c) == type;
	ours &= cur_u16(&c) == CLASS_IN;
	if (c.err)
		return (-1);
	if (!ours || !str_ieqs(name, question))
		return (-2);
	while (answers-- > 0 && !c.err)
		read_record(&c, message, a);
	if (c.err && !a->truncated)
		return (-1);
	return (0);
}

size_t
dns_answer_select(const struct dns_answer *a, struct str name, uint16_t type,
    size_t *list, size_t max)
{
	size_t i, n = 0, hops = 0;

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	for (i = 0; i < a->count && hops < 16; i++)
		if (a->list[i].type == DNS_CNAME && type != DNS_CNAME &&
		    str_ieqs(name, a->list[i].owner)) {
			name = str_from(a->list[i].target);
			hops++;
			i = (size_t)-1;
		}
	for (i = 0; i < a->count; i++)
		if (a->list[i].type == type &&
		    str_ieqs(name, a->list[i].owner)) {
			if (n < max)
				list[n] = i;
			n++;
		}
	return (n);
}

/* SPDX-License-Identifier: ISC */
/*
 * DNS messages: would catch a reader that loops on a pointer, believes
 * another query's answer, takes a foreign name's address, or reads past the
 * end of what came.
 */
#include <string.h>

#include "agent/base/mem.h"
#include "probes/codec/dns.h"
#include "tests/kit/check.h"

static struct dns_answer answer;

/* An answer: the query with other flags and counts, then the records. */
static void
make(struct buf *b, const char *name, unsigned type, unsigned flags,
    unsigned answers, const char *records, size_t len)
{
	buf_init(b, 4096);
	dns_query_write(b, 0x1234, str_from(name), (uint16_t)type);
	b->data[2] = (char)(flags >> 8);
	b->data[3] = (char)flags;
	b->data[7] = (char)answers;
	buf_add(b, records, len);
}

static int
take(struct buf *b, const char *name, unsigned type)
{
	return (dns_answer_read(&answer, buf_str(b), 0x1234, str_from(name),
	    (uint16_t)type));
}

#define A_RECORD "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xcb\0\x71\1"

static void
test_query(void)
{
	char longest[300];
	struct buf b;

	buf_init(&b, 512);
	CHECK_INT(dns_query_write(&b, 7, STR_LIT("jts.example"), DNS_A), 0,
	    "a query is written");
	CHECK_INT(b.len, 12 + 13 + 4, "of the right length");
	CHECK(memcmp(b.data + 12, "\3jts\7example\0\0\1\0\1", 17) == 0,
	    "labels, type and class");
	buf_clear(&b);
	CHECK_INT(dns_query_write(&b, 7, STR_LIT("a..b"), DNS_A), -1,
	    "an empty label is refused");
	CHECK_INT(dns_query_write(&b, 7, STR_LIT(""), DNS_A), -1,
	    "so is an empty name");
	memset(longest, 'a', 64);
	CHECK_INT(dns_query_write(&b, 7, str_of(longest, 64), DNS_A), -1,
	    "and a label of 64 bytes");
	buf_free(&b);
}

static void
test_answer(void)
{
	size_t list[4];
	struct buf b;

	make(&b, "jts.example", DNS_A, 0x8180, 1, A_RECORD, 16);
	CHECK_INT(take(&b, "jts.example", DNS_A), 0, "an answer is read");
	CHECK_INT(dns_answer_select(&answer, STR_LIT("JTS.example."), DNS_A,
	    list, 4), 1, "its address is found, case and dot aside");
	CHECK(memcmp(answer.list[list[0]].address, "\xcb\0\x71\1", 4) == 0,
	    "the address is right");
	CHECK_INT(dns_answer_read(&answer, buf_str(&b), 0x4321,
	    STR_LIT("jts.example"), DNS_A), -2, "another id is not ours");
	CHECK_INT(take(&b, "other.example", DNS_A), -2,
	    "another question is not ours");
	CHECK_INT(take(&b, "jts.example", DNS_AAAA), -2,
	    "another type is not ours");
	b.data[3] = (char)0x83;
	CHECK_INT(take(&b, "jts.example", DNS_A), 0, "an error is read");
	CHECK_INT(answer.rcode, DNS_NXDOMAIN, "as NXDOMAIN");
	buf_free(&b);
}

static void
test_broken(void)
{
	/* a name that points at itself, and one forwards */
	static const char self[] = "\xc0\x1d\0\1\0\1\0\0\0\1\0\4\1\2\3\4";
	static const char forward[] = "\xc0\x40\0\1\0\1\0\0\0\1\0\4\1\2\3\4";
	struct buf b;
	size_t n;

	make(&b, "jts.example", DNS_A, 0x8180, 1, self, 16);
	CHECK_INT(take(&b, "jts.example", DNS_A), -1,
	    "a pointer to itself is refused");
	buf_free(&b);
	make(&b, "jts.example", DNS_A, 0x8180, 1, forward, 16);
	CHECK_INT(take(&b, "jts.example", DNS_A), -1,
	    "a pointer forwards is refused");
	buf_free(&b);
	make(&b, "jts.example", DNS_A, 0x8180, 1,
	    "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\3\xcb\0\x71", 15);
	CHECK_INT(take(&b, "jts.example", DNS_A), -1,
	    "an address of three bytes is refused");
	buf_free(&b);
	make(&b, "jts.example", DNS_A, 0x8180, 1, A_RECORD, 16);
	for (n = 0; n < b.len; n++)
		if (dns_answer_read(&answer, str_of(b.data, n), 0x1234,
		    STR_LIT("jts.example"), DNS_A) == 0)
			break;
	CHECK_INT(n, b.len, "no part of an answer is an answer");
	b.data[2] = 1;
	CHECK_INT(take(&b, "jts.example", DNS_A), -1,
	    "a query is no answer");
	buf_free(&b);
}

static void
test_cname(void)
{
	/* jts.example CNAME a (at 29), a.jts.example's A, and a stranger's */
	static const char records[] =
	    "\xc0\x0c\0\5\0\1\0\0\0\1\0\4\1a\xc0\x0c"
	    "\1a\xc0\x0c\0\1\0\1\0\0\0\1\0\4\1\2\3\4"
	    "\1x\xc0\x0c\0\1\0\1\0\0\0\1\0\4\5\6\7\x8";
	size_t list[4];
	struct buf b;

	make(&b, "jts.example", DNS_A, 0x8180, 3, records,
	    sizeof(records) - 1);
	CHECK_INT(take(&b, "jts.example", DNS_A), 0, "a chain is read");
	CHECK_INT(dns_answer_select(&answer, STR_LIT("jts.example"), DNS_A,
	    list, 4), 1, "one address is the name's, a stranger's is not");
	CHECK_INT(answer.list[list[0]].address[3], 4, "the right one");
	buf_free(&b);
}

int
main(void)
{
	test_query();
	test_answer();
	test_broken();
	test_cname();
	return (check_end());
}

/* SPDX-License-Identifier: ISC */
/*
 * base/: cursors that must not read past their end, buffers that must not
 * pass their ceiling, text and numbers at their borders, the calendar.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/cur.h"
#include "agent/base/errlist.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "tests/kit/check.h"

static void
cursor(void)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7 };
	struct cur c, sub;
	struct str line;

	cur_init(&c, bytes, sizeof(bytes));
	CHECK_INT(cur_u16(&c), 0x0102, "u16 is big endian");
	sub = cur_sub(&c, 3);
	CHECK_INT(cur_u24(&sub), 0x030405, "sub-cursor reads its own bytes");
	CHECK(cur_done(&sub), "sub-cursor is done at its length");
	CHECK_INT(cur_u8(&sub), 0, "one byte beyond a sub-cursor is 0");
	CHECK(sub.err && !c.err, "the error stays in the sub-cursor");
	CHECK_INT(cur_le16(&c), 0x0706, "le16, last byte taken");
	CHECK(cur_done(&c), "nothing left over");
	CHECK_INT(cur_u32(&c), 0, "a read past the end gives 0");
	CHECK(c.err && cur_left(&c) == 0, "and the error sticks");
	sub = cur_sub(&c, 1);
	CHECK(sub.err, "a sub-cursor of a failed one has failed");

	cur_init(&c, "a\r\nbc", 5);
	line = cur_line(&c);
	CHECK(str_eqs(line, "a"), "CR NL is not in the line");
	CHECK(str_eqs(cur_line(&c), "bc"), "last line without NL");
	CHECK(cur_done(&c), "lines consumed");
	cur_init(&c, NULL, 0);
	CHECK(cur_done(&c), "empty input is done at once");
}

static void
buffer(void)
{
	struct buf b;
	char *taken;

	buf_init(&b, 10);
	CHECK_STR(buf_cstr(&b), "", "empty buffer is an empty string");
	buf_addf(&b, "%d-%s", 42, "abc");
	CHECK_STR(buf_cstr(&b), "42-abc", "formatted");
	CHECK_INT(buf_adds(&b, "12345"), -1, "the ceiling refuses");
	CHECK_STR(buf_cstr(&b), "42-abc", "and nothing was changed");
	CHECK_INT(buf_addc(&b, 'x'), -1, "full is sticky");
	buf_clear(&b);
	CHECK_INT(buf_adds(&b, "0123456789"), 0, "exactly the ceiling fits");
	buf_drop(&b, 4);
	CHECK_STR(buf_cstr(&b), "456789", "drop takes from the front");
	taken = buf_take(&b);
	CHECK_STR(taken, "456789", "take hands the memory over");
	free(taken);
	buf_free(&b);

	buf_init(&b, 1000);
	buf_add_safe(&b, STR_LIT("a\x1b[0m\xc2\x9b" "\xc3\xa4\x7f\xff\n"));
	CHECK_STR(buf_cstr(&b),
	    "a\\x1b[0m\\xc2\\x9b\xc3\xa4\\x7f\\xff\\x0a",
	    "ESC, C1, DEL, bad UTF-8 and NL are escaped, letters are not");
	buf_clear(&b);
	buf_add_safe(&b, STR_LIT("\xed\xa0\x80\xc0\x80\xe2\x80\xae"));
	CHECK(strstr(buf_cstr(&b), "\\xed") != NULL &&
	    strstr(buf_cstr(&b), "\\xc0") != NULL &&
	    strstr(buf_cstr(&b), "\\xe2") != NULL,
	    "surrogate, overlong form and right-to-left override are escaped");
	buf_free(&b);
}

static void
text(void)
{
	struct str s = STR_LIT("  a b\tc "), w;
	int64_t v;

	CHECK(str_eqs(str_trim(s), "a b\tc"), "trim");
	w = str_word(&s);
	CHECK(str_eqs(w, "a"), "first word");
	(void)str_word(&s);
	CHECK(str_eqs(str_word(&s), "c"), "third word");
	CHECK(str_word(&s).n == 0, "no fourth word");
	s = STR_LIT("k=v=w");
	w = str_split(&s, '=');
	CHECK(str_eqs(w, "k") && str_eqs(s, "v=w"), "split at the first");
	CHECK(str_find(STR_LIT("xxabxabc"), "abc") == 5, "find after a miss");
	CHECK(str_find(STR_LIT("ab"), "abc") == SIZE_MAX, "needle too long");
	CHECK(str_ifind(STR_LIT("Host: X"), "host") == 0, "folded find");

	CHECK(str_num(STR_LIT("-9223372036854775808"), INT64_MIN, INT64_MAX,
	    &v) == 0 && v == INT64_MIN, "least number");
	CHECK(str_num(STR_LIT("9223372036854775808"), INT64_MIN, INT64_MAX,
	    &v) == -1, "one above the greatest is refused");
	CHECK(str_num(STR_LIT("12x"), 0, 100, &v) == -1, "rest refused");
	CHECK(str_num(STR_LIT(""), 0, 100, &v) == -1, "nothing refused");
	CHECK(str_num(STR_LIT("+1"), 0, 100, &v) == -1, "plus refused");
	CHECK(str_duration(STR_LIT("250ms"), &v) == 0 && v == 250 * NS_PER_MS,
	    "milliseconds");
	CHECK(str_duration(STR_LIT("5m"), &v) == 0 && v == 300 * NS_PER_SEC,
	    "minutes");
	CHECK(str_duration(STR_LIT("7"), &v) == 0 && v == 7 * NS_PER_SEC,
	    "seconds are the default");
	CHECK(str_duration(STR_LIT("99999999d"), &v) == -1, "too long");
	CHECK(str_duration(STR_LIT("s"), &v) == -1, "a unit alone is none");
	CHECK_INT(str_distance(STR_LIT("kitten"), STR_LIT("sitting"), 5), 3,
	    "edit distance");
	CHECK_INT(str_distance(STR_LIT("abc"), STR_LIT("xyzabc"), 1), 2,
	    "distance above the bound is bound + 1");
}

static void
calendar(void)
{
	struct civil c = { 2024, 2, 29, 23, 59, 60, 0 };
	char out[WALL_TEXT_SIZE];
	wall_t t;
	int64_t day;
	int good = 1;

	wall_format(wall_from_civil(&c), out, sizeof(out));
	CHECK_STR(out, "2024-03-01T00:00:00Z", "leap second of a leap day");
	wall_format((wall_t){ 0 }, out, sizeof(out));
	CHECK_STR(out, "1970-01-01T00:00:00Z", "the epoch");
	wall_format((wall_t){ -1 * US_PER_SEC }, out, sizeof(out));
	CHECK_STR(out, "1969-12-31T23:59:59Z", "before the epoch");
	wall_format((wall_t){ 1500000 }, out, sizeof(out));
	CHECK_STR(out, "1970-01-01T00:00:01.500Z", "fraction");
	for (day = -800000; day < 800000; day += 13) {
		t.us = day * 86400 * US_PER_SEC + 12345;
		c = wall_to_civil(t);
		good &= wall_from_civil(&c).us == t.us;
	}
	CHECK(good, "every 13th day over 4,000 years survives the round trip");
}

static void
table(void)
{
	struct map m, moved;
	char key[32];
	size_t i;
	int good = 1;

	map_init(&m, 1000);
	for (i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "key %zu", i);
		*map_put(&m, str_from(key)) = &m;
	}
	CHECK(map_put(&m, STR_LIT("one more")) == NULL, "the ceiling holds");
	CHECK(map_put(&m, STR_LIT("key 7")) != NULL, "an old key is found");
	for (i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "key %zu", i);
		good &= map_get(&m, str_from(key)) == &m;
		good &= str_eqs(m.list[i].key, key);
	}
	CHECK(good, "all found, in order of insertion");
	CHECK(map_get(&m, STR_LIT("key")) == NULL, "a prefix is not a key");
	moved = m;
	CHECK(map_get(&moved, STR_LIT("key 7")) == &m &&
	    map_get(&moved, STR_LIT("key 900")) == &m,
	    "a table that was moved knows its keys");
	map_free(&m);
}

static void
errors(void)
{
	struct errlist l;
	struct buf out;
	int i;

	errlist_init(&l);
	errlist_add(&l, "a.conf", 3, 7, "unknown word \"%s\"", "x\033y");
	errlist_add(&l, "a.conf", 4, 0, "no column");
	errlist_add(&l, "", 0, 0, "no file");
	buf_init(&out, 4096);
	errlist_print(&l, &out);
	CHECK_STR(buf_cstr(&out), "a.conf:3:7: unknown word \"x\\x1by\"\n"
	    "a.conf:4: no column\nno file\n", "what is known is printed");
	for (i = 0; i < 2000; i++)
		errlist_add(&l, "f", i, 0, "again");
	CHECK_INT(l.more, 1003, "the list is bounded, the rest is counted");
	errlist_free(&l);
	buf_free(&out);
}

int
main(void)
{
	cursor();
	buffer();
	text();
	calendar();
	table();
	errors();
	return (check_end());
}

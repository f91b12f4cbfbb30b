/* SPDX-License-Identifier: ISC */
/*
 * XML of XMPP and BOSH: would catch an entity bomb that is expanded, a
 * nesting without end, a stanza told before it is complete, and features or
 * errors that are misread.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/codec/bosh.h"
#include "probes/codec/xmpp.h"
#include "tests/kit/check.h"

struct told {
	int opened, stanzas, closed;
	char last[64], from[64];
	struct xmpp_stream *restart;
};

static void
opened(const struct xml *x, void *arg)
{
	struct told *t = arg;
	const char *from = xml_attribute(x, "from");

	t->opened++;
	strncpy(t->from, from == NULL ? "" : from, sizeof(t->from) - 1);
}

static void
stanza(const struct xml *x, void *arg)
{
	struct told *t = arg;

	t->stanzas++;
	strncpy(t->last, x->name, sizeof(t->last) - 1);
	if (t->restart != NULL)
		xmpp_stream_restart(t->restart);
}

static void
closed(void *arg)
{
	struct told *t = arg;

	t->closed++;
}

#define HEADER "<?xml version='1.0'?><stream:stream xmlns='jabber:client' " \
	"xmlns:stream='http://etherx.jabber.org/streams' " \
	"from='jts.example' id='x' version='1.0'>"

static void
test_stream(void)
{
	static const char text[] = HEADER "<stream:features><starttls "
	    "xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"
	    "</stream:stream>";
	struct told t;
	struct xmpp_events on = { opened, stanza, closed, &t };
	struct xmpp_stream *s;
	size_t i;
	int r = 0;

	memset(&t, 0, sizeof(t));
	s = xmpp_stream_new(&on);
	/* byte by byte, as a slow peer sends */
	for (i = 0; i < sizeof(text) - 1 && r == 0; i++) {
		r = xmpp_stream_feed(s, str_of(text + i, 1));
		if (i == strlen(HEADER))
			CHECK(t.opened == 1 && t.stanzas == 0,
			    "the header is told when it is complete");
	}
	CHECK_INT(r, 0, "a stream is read");
	CHECK_STR(t.from, "jts.example", "with its header");
	CHECK_INT(t.stanzas, 1, "one element is told");
	CHECK_STR(t.last, "features", "by its name");
	CHECK_INT(t.closed, 1, "and the end");
	xmpp_stream_free(s);
}

static void
test_restart(void)
{
	struct told t;
	struct xmpp_events on = { opened, stanza, closed, &t };
	struct xmpp_stream *s;

	memset(&t, 0, sizeof(t));
	s = xmpp_stream_new(&on);
	t.restart = s;
	CHECK_INT(xmpp_stream_feed(s, STR_LIT(HEADER "<proceed xmlns='urn:"
	    "ietf:params:xml:ns:xmpp-tls'/>rubbish")), 0,
	    "a stream can be begun again from inside an event");
	t.restart = NULL;
	CHECK_INT(xmpp_stream_feed(s, STR_LIT(HEADER)), 0,
	    "and takes a new header");
	CHECK_INT(t.opened, 2, "which is told");
	xmpp_stream_free(s);
}

static int
feed(const char *text)
{
	struct told t;
	struct xmpp_events on = { opened, stanza, closed, &t };
	struct xmpp_stream *s;
	int r;

	memset(&t, 0, sizeof(t));
	s = xmpp_stream_new(&on);
	r = xmpp_stream_feed(s, str_from(text));
	if (r == 0)
		r = xmpp_stream_feed(s, str_from(text));
	xmpp_stream_free(s);
	return (r);
}

static void
test_refused(void)
{
	struct buf b;
	size_t i;

	CHECK_INT(feed("HTTP/1.1 400 Bad Request\r\n"), -1,
	    "what is no XML is refused");
	CHECK_INT(feed("<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;</x>"), -1,
	    "a document type, and with it any entity, is refused");
	CHECK_INT(feed(HEADER "<!-- hello --><a/>"), -1,
	    "a comment is refused");
	CHECK_INT(feed(HEADER "<a></b>"), -1, "a wrong end is refused");
	buf_init(&b, 1U << 20);
	buf_adds(&b, HEADER);
	for (i = 0; i < LIMIT_XML_DEPTH + 2; i++)
		buf_adds(&b, "<a>");
	CHECK_INT(feed(buf_cstr(&b)), -1, "elements without end are refused");
	buf_clear(&b);
	buf_adds(&b, HEADER "<a>");
	for (i = 0; i < LIMIT_STANZA / 8 + 2; i++)
		buf_adds(&b, "12345678");
	CHECK_INT(feed(buf_cstr(&b)), -2,
	    "a stanza larger than any right one is refused");
	buf_free(&b);
	CHECK(xml_parse(STR_LIT("<a><b></a>"), NULL) == NULL,
	    "a document that is not well formed is refused");
	CHECK(xml_parse(STR_LIT(""), NULL) == NULL, "and an empty one");
	CHECK(xml_parse(STR_LIT("<a/><b/>"), NULL) == NULL,
	    "and one with two roots");
}

static void
test_features(void)
{
	struct xmpp_features f;
	struct xml *x = xml_parse(STR_LIT("<features xmlns:s='urn:ietf:"
	    "params:xml:ns:xmpp-sasl'><starttls xmlns='urn:ietf:params:xml:"
	    "ns:xmpp-tls'><required/></starttls><s:mechanisms>"
	    "<s:mechanism>PLAIN</s:mechanism><s:mechanism>SCRAM-SHA-1"
	    "</s:mechanism><s:mechanism>bad one</s:mechanism></s:mechanisms>"
	    "</features>"), NULL);

	CHECK_INT(xmpp_features_read(&f, x), 0, "features are read");
	CHECK(f.starttls && f.starttls_required, "STARTTLS, required");
	CHECK_STR(f.mechanisms, "PLAIN SCRAM-SHA-1",
	    "mechanisms, but no name that is none");
	CHECK(xmpp_has_mechanism(&f, "PLAIN") &&
	    !xmpp_has_mechanism(&f, "SCRAM") && !f.bind,
	    "a mechanism is found by its whole name");
	xml_free(x);
	x = xml_parse(STR_LIT("<message/>"), NULL);
	CHECK_INT(xmpp_features_read(&f, x), -1, "what is none is not");
	xml_free(x);
}

static void
test_condition(void)
{
	struct xml *x = xml_parse(STR_LIT("<error xmlns='u'><host-unknown "
	    "xmlns='v'/><text xmlns='v'>no such</text></error>"), NULL);
	const char *text;

	CHECK_STR(xmpp_condition(x, &text), "host-unknown",
	    "a stream error's condition");
	CHECK_STR(text, "no such", "and its text");
	xml_free(x);
	x = xml_parse(STR_LIT("<iq type='error'><ping/><error type='cancel'>"
	    "<service-unavailable/></error></iq>"), NULL);
	CHECK_STR(xmpp_condition(x, NULL), "service-unavailable",
	    "a stanza error's condition");
	xml_free(x);
	x = xml_parse(STR_LIT("<iq type='result'/>"), NULL);
	CHECK(xmpp_condition(x, NULL) == NULL, "a result has none");
	xml_free(x);
}

static void
test_bosh(void)
{
	struct bosh_answer a;
	const char *why = NULL;
	struct buf b;
	struct xml *x;

	CHECK_INT(bosh_read(&a, STR_LIT("<body xmlns='http://jabber.org/"
	    "protocol/httpbind' type='terminate' condition='item-not-found'/>"
	    ), &why), 0, "a body is read");
	CHECK(a.terminate && a.sid == NULL, "it terminates");
	CHECK_STR(a.condition, "item-not-found", "and says why");
	bosh_answer_free(&a);
	CHECK_INT(bosh_read(&a, STR_LIT("<html><body>It works!</body></html>"
	    ), &why), -1, "a page is no BOSH");
	CHECK(why != NULL, "and it is said what it is");
	CHECK_INT(bosh_read(&a, STR_LIT("<body/>"), &why), -1,
	    "nor is a body of another namespace");
	buf_init(&b, 4096);
	bosh_write_create(&b, 42, "jts'.<example>");
	x = xml_parse(buf_str(&b), NULL);
	CHECK(x != NULL, "what is written is well formed, whatever the name");
	CHECK_STR(xml_attribute(x, "to"), "jts'.<example>",
	    "and says the name");
	CHECK_STR(xml_attribute(x, "rid"), "42", "and the rid");
	xml_free(x);
	buf_free(&b);
}

int
main(void)
{
	test_stream();
	test_restart();
	test_refused();
	test_features();
	test_condition();
	test_bosh();
	return (check_end());
}

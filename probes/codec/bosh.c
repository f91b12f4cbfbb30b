/* SPDX-License-Identifier: ISC */
/*
 * BOSH bodies. Pure.
 */
#include <string.h>

#include "probes/codec/bosh.h"

static void
begin(struct buf *b, uint64_t rid, const char *sid)
{
	buf_addf(b, "<body xmlns='" BOSH_NS "' rid='%llu'",
	    (unsigned long long)rid);
	if (sid != NULL) {
		buf_adds(b, " sid='");
		xml_add_escaped(b, sid);
		buf_addc(b, '\'');
	}
}

static void
add_to(struct buf *b, const char *domain)
{
	buf_adds(b, " to='");
	xml_add_escaped(b, domain);
	buf_adds(b, "' xmlns:xmpp='urn:xmpp:xbosh'");
}

void
bosh_write_create(struct buf *b, uint64_t rid, const char *domain)
{
	begin(b, rid, NULL);
	add_to(b, domain);
	buf_adds(b, " wait='5' hold='1' ver='1.6' xml:lang='en' "
	    "content='text/xml; charset=utf-8' xmpp:version='1.0'/>");
}

void
bosh_write_restart(struct buf *b, uint64_t rid, const char *sid,
    const char *domain)
{
	begin(b, rid, sid);
	add_to(b, domain);
	buf_adds(b, " xmpp:restart='true'/>");
}

void
bosh_write(struct buf *b, uint64_t rid, const char *sid, const char *payload)
{
	begin(b, rid, sid);
	buf_addf(b, ">%s</body>", payload);
}

void
bosh_write_terminate(struct buf *b, uint64_t rid, const char *sid)
{
	begin(b, rid, sid);
	buf_adds(b, " type='terminate'><presence xmlns='" XMPP_NS_CLIENT
	    "' type='unavailable'/></body>");
}

int
bosh_read(struct bosh_answer *a, struct str text, const char **why)
{
	const char *type;

	memset(a, 0, sizeof(*a));
	a->condition = "";
	a->body = xml_parse(text, why);
	if (a->body == NULL)
		return (-1);
	if (strcmp(a->body->name, "body") != 0 ||
	    strcmp(a->body->ns, BOSH_NS) != 0) {
		*why = "it is XML, but no <body/> of BOSH";
		bosh_answer_free(a);
		return (-1);
	}
	type = xml_attribute(a->body, "type");
	a->terminate = type != NULL && strcmp(type, "terminate") == 0;
	if (xml_attribute(a->body, "condition") != NULL)
		a->condition = xml_attribute(a->body, "condition");
	a->sid = xml_attribute(a->body, "sid");
	return (0);
}

void
bosh_answer_free(struct bosh_answer *a)
{
	xml_free(a->body);
	a->body = NULL;
}

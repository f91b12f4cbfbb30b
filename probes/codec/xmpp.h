/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CODEC_XMPP_H
#define MEETPROBE_PROBES_CODEC_XMPP_H

#include <stddef.h>

#include "agent/base/buf.h"
#include "agent/base/str.h"

/*
 * XML as XMPP uses it (RFC 6120 section 11: no DTD, no entities of one's
 * own, no comments, no processing instructions): whole documents (BOSH,
 * websocket frames) and streams.
 */
#define XMPP_NS_STREAM "http://etherx.jabber.org/streams"
#define XMPP_NS_STREAMS_ERROR "urn:ietf:params:xml:ns:xmpp-streams"
#define XMPP_NS_TLS "urn:ietf:params:xml:ns:xmpp-tls"
#define XMPP_NS_SASL "urn:ietf:params:xml:ns:xmpp-sasl"
#define XMPP_NS_BIND "urn:ietf:params:xml:ns:xmpp-bind"
#define XMPP_NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define XMPP_NS_FRAMING "urn:ietf:params:xml:ns:xmpp-framing"
#define XMPP_NS_CLIENT "jabber:client"

struct xml_attribute {
	char *name, *value;	/* a namespace before the name, blank between */
};

struct xml {
	char *name, *ns;	/* ns is "" when there is none */
	struct xml_attribute *attributes;
	size_t attribute_count;
	char *text;		/* all character data, "" when none */
	struct xml *child, *next, *parent;
};

/* The value of an attribute, NULL when it is not there. */
const char *xml_attribute(const struct xml *, const char *name);
/* The first child of the name (NULL: any) and namespace (NULL: any). */
const struct xml *xml_child(const struct xml *, const char *name,
    const char *ns);
/*
 * A whole document; NULL when it is not well formed, has what XMPP forbids,
 * is deeper than LIMIT_XML_DEPTH or larger than LIMIT_STANZA; *why (if not
 * NULL) then says what, a const text.
 */
struct xml *xml_parse(struct str document, const char **why);
/* NULL is allowed. */
void xml_free(struct xml *);
/* Adds text as the value of an attribute or as character data. */
void xml_add_escaped(struct buf *, const char *text);

/* What came on a stream. The elements live until the event returns. */
struct xmpp_events {
	void (*open)(const struct xml *header, void *);
	void (*stanza)(const struct xml *, void *);
	/* </stream:stream> */
	void (*closed)(void *);
	void *arg;
};

struct xmpp_stream;
struct xmpp_stream *xmpp_stream_new(const struct xmpp_events *);
/* NULL is allowed. Not from inside an event. */
void xmpp_stream_free(struct xmpp_stream *);
/*
 * Takes bytes of the peer. 0; -1 when they are not XML, or not a stream;
 * -2 when a stanza is too large. After an error, and after xmpp_stream_stop,
 * nothing more is taken.
 */
int xmpp_stream_feed(struct xmpp_stream *, struct str bytes);
/* Waits for a new stream header (after TLS, after a login); bytes of the
 * present piece that follow are dropped. From an event too. */
void xmpp_stream_restart(struct xmpp_stream *);
/* What was wrong, a const text. */
const char *xmpp_stream_problem(const struct xmpp_stream *);

/* <stream:features/> */
struct xmpp_features {
	int starttls, starttls_required, bind, session;
	char mechanisms[200];		/* names, blank between; escaped */
};
/* 0, or -1 when the element is no features. */
int xmpp_features_read(struct xmpp_features *, const struct xml *);
/* 1 when the mechanism is offered. */
int xmpp_has_mechanism(const struct xmpp_features *, const char *name);
/*
 * The name of a stream error's, SASL failure's or stanza error's condition;
 * NULL when the element is none of these. *text (if not NULL) becomes its
 * text, "" when it has none.
 */
const char *xmpp_condition(const struct xml *, const char **text);
/* The header that opens a stream to a domain. */
void xmpp_write_header(struct buf *, const char *domain);

#endif

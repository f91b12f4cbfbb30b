/* SPDX-License-Identifier: ISC */
/*
 * XML of XMPP by expat: documents and streams into small trees. Pure. Every
 * depth and size is bounded; a document type declaration, which is where
 * entities come from, ends the parsing.
 */
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/codec/xmpp.h"

/* Between namespace and name, as expat puts it. */
#define SEPARATOR ' '
#define LIMIT_ATTRIBUTES 32

/* A parser under way, of a document or of a stream. */
struct builder {
	XML_Parser parser;
	struct xml *root;	/* document, or the stanza in progress */
	struct xml *at;		/* element whose content comes */
	int depth;		/* of elements open, the stream's own too */
	size_t bytes;		/* of the element in progress */
	const char *problem;
	struct xmpp_stream *stream;	/* NULL: a document */
};

struct xmpp_stream {
	struct builder b;
	struct xmpp_events on;
	int restart;		/* wanted after the present piece */
	int dead;
	int result;
};

const char *
xml_attribute(const struct xml *x, const char *name)
{
	size_t i;

	for (i = 0; x != NULL && i < x->attribute_count; i++)
		if (strcmp(x->attributes[i].name, name) == 0)
			return (x->attributes[i].value);
	return (NULL);
}

const struct xml *
xml_child(const struct xml *x, const char *name, const char *ns)
{
	const struct xml *c;

	for (c = x == NULL ? NULL : x->child; c != NULL; c = c->next)
		if ((name == NULL || strcmp(c->name, name) == 0) &&
		    (ns == NULL || strcmp(c->ns, ns) == 0))
			return (c);
	return (NULL);
}

static void
free_one(struct xml *x)
{
	size_t i;

	for (i = 0; i < x->attribute_count; i++) {
		free(x->attributes[i].name);
		free(x->attributes[i].value);
	}
	free(x->attributes);
	free(x->name);
	free(x->ns);
	free(x->text);
	free(x);
}

void
xml_free(struct xml *x)
{
	struct xml *next;

	/* without recursion: a child's list is put before what follows */
	while (x != NULL) {
		if (x->child != NULL) {
			next = x->child;
			while (next->next != NULL)
				next = next->next;
			next->next = x->next;
			x->next = x->child;
		}
		next = x->next;
		free_one(x);
		x = next;
	}
}

void
xml_add_escaped(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '<': buf_adds(b, "&lt;"); break;
		case '>': buf_adds(b, "&gt;"); break;
		case '&': buf_adds(b, "&amp;"); break;
		case '\'': buf_adds(b, "&apos;"); break;
		case '"': buf_adds(b, "&quot;"); break;
		default: buf_addc(b, *text);
		}
}

static void
fail(struct builder *b, const char *problem)
{
	if (b->problem == NULL)
		b->problem = problem;
	XML_StopParser(b->parser, XML_FALSE);
}

static struct xml *
new_element(const char *name, const char **attributes)
{
	struct xml *x = mem_zalloc(1, sizeof(*x));
	const char *blank = strrchr(name, SEPARATOR);
	size_t n;

	x->name = mem_strdup(blank == NULL ? name : blank + 1);
	x->ns = mem_str(str_of(name, blank == NULL ? 0 :
	    (size_t)(blank - name)));
	x->text = mem_strdup("");
	for (n = 0; attributes[n * 2] != NULL && n < LIMIT_ATTRIBUTES; n++)
		;
	x->attributes = n == 0 ? NULL : mem_zalloc(n, sizeof(*x->attributes));
	for (; x->attribute_count < n; x->attribute_count++) {
		x->attributes[x->attribute_count].name =
		    mem_strdup(attributes[x->attribute_count * 2]);
		x->attributes[x->attribute_count].value =
		    mem_strdup(attributes[x->attribute_count * 2 + 1]);
	}
	return (x);
}

static void
append(struct xml *parent, struct xml *child)
{
	struct xml **place = &parent->child;

	while (*place != NULL)
		place = &(*place)->next;
	*place = child;
	child->parent = parent;
}

static void
start_element(void *arg, const char *name, const char **attributes)
{
	struct builder *b = arg;
	struct xml *x;

	if (b->problem != NULL)
		return;
	if (++b->depth > LIMIT_XML_DEPTH) {
		fail(b, "elements are nested too deeply");
		return;
	}
	x = new_element(name, attributes);
	if (b->stream != NULL && b->depth == 1) {
		/* the stream's own element: told at once, not kept */
		if (b->stream->on.open != NULL)
			b->stream->on.open(x, b->stream->on.arg);
		xml_free(x);
		b->bytes = 0;
		return;
	}
	if (b->at != NULL)
		append(b->at, x);
	else
		b->root = x;
	b->at = x;
}

static void
end_element(void *arg, const char *name)
{
	struct builder *b = arg;
	struct xml *done;

	(void)name;
	if (b->problem != NULL)
		return;
	b->depth--;
	if (b->stream != NULL && b->depth == 0) {
		if (b->stream->on.closed != NULL)
			b->stream->on.closed(b->stream->on.arg);
		return;
	}
	if (b->at != NULL)
		b->at = b->at->parent;
	if (b->stream == NULL || b->depth != 1)
		return;
	done = b->root;
	b->root = NULL;
	b->bytes = 0;
	if (done != NULL && b->stream->on.stanza != NULL)
		b->stream->on.stanza(done, b->stream->on.arg);
	xml_free(done);
}

static void
text_data(void *arg, const char *text, int n)
{
	struct builder *b = arg;
	size_t have;

	if (b->problem != NULL || b->at == NULL || n <= 0)
		return;
	b->bytes += (size_t)n;
	if (b->bytes > LIMIT_STANZA) {
		fail(b, "an element is too large");
		return;
	}
	have = strlen(b->at->text);
	b->at->text = mem_realloc(b->at->text, have + (size_t)n + 1, 1);
	memcpy(b->at->text + have, text, (size_t)n);
	b->at->text[have + (size_t)n] = '\0';
}

static void
doctype(void *arg, const char *name, const char *sysid, const char *pubid,
    int internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;
	fail(arg, "a document type declaration is not allowed");
}

static void
instruction(void *arg, const char *target, const char *data)
{
	(void)target;
	(void)data;
	fail(arg, "a processing instruction is not allowed");
}

static void
comment(void *arg, const char *data)
{
	(void)data;
	fail(arg, "a comment is not allowed");
}

static void
start_parser(struct builder *b)
{
	b->parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
	if (b->parser == NULL)
		fatal("XML_ParserCreateNS");
	XML_SetUserData(b->parser, b);
	/* a stanza is told when its last byte is here, not when more come */
	(void)XML_SetReparseDeferralEnabled(b->parser, XML_FALSE);
	XML_SetElementHandler(b->parser, start_element, end_element);
	XML_SetCharacterDataHandler(b->parser, text_data);
	XML_SetStartDoctypeDeclHandler(b->parser, doctype);
	XML_SetProcessingInstructionHandler(b->parser, instruction);
	XML_SetCommentHandler(b->parser, comment);
}

static void
end_parser(struct builder *b)
{
	if (b->parser != NULL)
		XML_ParserFree(b->parser);
	b->parser = NULL;
	xml_free(b->root);
	b->root = b->at = NULL;
	b->depth = 0;
	b->bytes = 0;
}

struct xml *
xml_parse(struct str document, const char **why)
{
	struct builder b;
	struct xml *root = NULL;

	memset(&b, 0, sizeof(b));
	if (document.n > LIMIT_STANZA)
		b.problem = "the document is too large";
	else {
		start_parser(&b);
		if (XML_Parse(b.parser, document.n == 0 ? "" : document.p,
		    (int)document.n, 1) == XML_STATUS_OK) {
			root = b.root;
			b.root = NULL;
		} else if (b.problem == NULL)
			b.problem = XML_ErrorString(XML_GetErrorCode(
			    b.parser));
		end_parser(&b);
	}
	if (why != NULL)
		*why = b.problem;
	return (root);
}

struct xmpp_stream *
xmpp_stream_new(const struct xmpp_events *on)
{
	struct xmpp_stream *s = mem_zalloc(1, sizeof(*s));

	s->on = *on;
	s->b.stream = s;
	start_parser(&s->b);
	return (s);
}

void
xmpp_stream_free(struct xmpp_stream *s)
{
	if (s == NULL)
		return;
	end_parser(&s->b);
	free(s);
}

void
xmpp_stream_restart(struct xmpp_stream *s)
{
	s->restart = 1;
	XML_StopParser(s->b.parser, XML_FALSE);
}

int
xmpp_stream_feed(struct xmpp_stream *s, struct str bytes)
{
	enum XML_Status status;

	if (s->dead)
		return (s->result);
	/* expat sees tags and attributes too, so count what it is given */
	s->b.bytes += bytes.n;
	if (s->b.bytes > LIMIT_STANZA) {
		s->b.problem = "an element is too large";
		s->dead = 1;
		return (s->result = -2);
	}
	status = XML_Parse(s->b.parser, bytes.p, (int)bytes.n, 0);
	if (s->restart) {
		s->restart = 0;
		end_parser(&s->b);
		start_parser(&s->b);
		return (0);
	}
	if (status == XML_STATUS_OK)
		return (0);
	if (s->b.problem == NULL)
		s->b.problem = XML_ErrorString(XML_GetErrorCode(s->b.parser));
	s->dead = 1;
	s->result = strstr(s->b.problem, "too large") != NULL ? -2 : -1;
	return (s->result);
}

const char *
xmpp_stream_problem(const struct xmpp_stream *s)
{
	return (s->b.problem == NULL ? "" : s->b.problem);
}

/* Adds the name of a mechanism: RFC 4422 allows A-Z, 0-9, - and _. */
static void
add_mechanism(struct xmpp_features *f, const char *name)
{
	size_t used = strlen(f->mechanisms), n = strlen(name);

	if (n == 0 || n > 40 || used + n + 2 > sizeof(f->mechanisms) ||
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != n)
		return;
	if (used > 0)
		f->mechanisms[used++] = ' ';
	memcpy(f->mechanisms + used, name, n + 1);
}

int
xmpp_features_read(struct xmpp_features *f, const struct xml *x)
{
	const struct xml *c, *m;

	memset(f, 0, sizeof(*f));
	if (x == NULL || strcmp(x->name, "features") != 0)
		return (-1);
	c = xml_child(x, "starttls", XMPP_NS_TLS);
	f->starttls = c != NULL;
	f->starttls_required = c != NULL && xml_child(c, "required", NULL) !=
	    NULL;
	f->bind = xml_child(x, "bind", XMPP_NS_BIND) != NULL;
	f->session = xml_child(x, "session", NULL) != NULL;
	c = xml_child(x, "mechanisms", XMPP_NS_SASL);
	for (m = c == NULL ? NULL : c->child; m != NULL; m = m->next)
		if (strcmp(m->name, "mechanism") == 0)
			add_mechanism(f, m->text);
	return (0);
}

int
xmpp_has_mechanism(const struct xmpp_features *f, const char *name)
{
	struct str list = str_from(f->mechanisms);

	while (list.n > 0)
		if (str_eqs(str_split(&list, ' '), name))
			return (1);
	return (0);
}

const char *
xmpp_condition(const struct xml *x, const char **text)
{
	const struct xml *e = x, *t, *c;

	if (text != NULL)
		*text = "";
	if (x == NULL)
		return (NULL);
	if (strcmp(x->name, "error") != 0 && strcmp(x->name, "failure") != 0)
		e = xml_child(x, "error", NULL);
	if (e == NULL)
		return (NULL);
	t = xml_child(e, "text", NULL);
	if (text != NULL && t != NULL)
		*text = t->text;
	for (c = e->child; c != NULL; c = c->next)
		if (strcmp(c->name, "text") != 0)
			return (c->name);
	return ("undefined-condition");
}

void
xmpp_write_header(struct buf *b, const char *domain)
{
	buf_adds(b, "<?xml version='1.0'?><stream:stream to='");
	xml_add_escaped(b, domain);
	buf_adds(b, "' version='1.0' xml:lang='en' xmlns='" XMPP_NS_CLIENT
	    "' xmlns:stream='" XMPP_NS_STREAM "'>");
}

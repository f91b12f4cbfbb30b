/* SPDX-License-Identifier: ISC */
/*
 * Prints a meetprobe.conf back in its own grammar, macros and includes
 * resolved; the text parses again to the same. Pure.
 */
#include <inttypes.h>

#include "agent/conf.h"

/* "keyword "value"" when there is a value. */
static void
line(struct buf *b, const char *words, const char *text)
{
	if (text != NULL)
		buf_addf(b, "%s \"%s\"\n", words, text);
}

static void
option(struct buf *b, const char *words, const char *text)
{
	if (text != NULL)
		buf_addf(b, " %s \"%s\"", words, text);
}

static void
print_time(struct buf *b, const char *words, int64_t ns)
{
	if (ns == 0)
		return;
	if (ns % NS_PER_SEC == 0)
		buf_addf(b, " %s %" PRId64 "s", words, ns / NS_PER_SEC);
	else
		buf_addf(b, " %s %" PRId64 "ms", words, ns / NS_PER_MS);
}

static void
print_roles(const struct conf *c, struct buf *b)
{
	int role;

	if (c->roles == 0)
		return;
	buf_adds(b, "role {");
	for (role = 0; role < ROLE_COUNT; role++)
		if (c->roles & ROLE_BIT(role))
			buf_addf(b, " %s", role_name((enum role)role));
	buf_adds(b, " }\n");
}

static void
print_site(const struct conf *c, struct buf *b)
{
	int role;

	line(b, "site", c->site);
	print_roles(c, b);
	for (role = 0; role < ROLE_COUNT; role++)
		if (c->host[role] != NULL)
			buf_addf(b, "host %s address \"%s\"\n",
			    role_name((enum role)role), c->host[role]);
	line(b, "public address", c->public_address);
	line(b, "resolver", c->resolver);
	line(b, "ca file", c->ca);
	line(b, "fingerprint", c->fingerprint);
	line(b, "stun server", c->stun_server);
	line(b, "room", c->room);
	line(b, "monitor address", c->monitor);
	line(b, "admin address", c->admin);
	if (c->cert_warn_days > 0)
		buf_addf(b, "certificate warn %d days\n", c->cert_warn_days);
	if (c->media_interface == NULL && c->media_port == 0)
		return;
	buf_adds(b, "media");
	option(b, "on", c->media_interface);
	if (c->media_port != 0)
		buf_addf(b, " port %u:%u", c->media_port, c->media_port_last);
	buf_addc(b, '\n');
}

static void
print_listen(const struct conf_listen *e, struct buf *b)
{
	buf_addf(b, "listen on \"%s\" port %u", e->address, e->port);
	option(b, "token file", e->token_file);
	if (e->cert != NULL)
		buf_addf(b, " tls cert \"%s\" key \"%s\"", e->cert, e->key);
	if (e->insecure)
		buf_adds(b, " insecure");
	buf_addc(b, '\n');
}

static void
print_file(const char *word, const struct conf_file *e, struct buf *b)
{
	buf_addf(b, "%s %s%s%s \"%s\"\n", word, e->what,
	    e->host == NULL ? "" : "@", e->host == NULL ? "" : e->host,
	    e->path);
}

static void
print_probe(const struct conf_probe *e, struct buf *b)
{
	buf_addf(b, "probe %s", e->id);
	print_time(b, "interval", e->interval_ns);
	print_time(b, "timeout", e->timeout_ns);
	buf_addf(b, "%s\n", e->off ? " off" : "");
}

void
conf_print(const struct conf *c, struct buf *b)
{
	size_t i;

	print_site(c, b);
	for (i = 0; i < c->listens.count; i++)
		print_listen(&c->listens.list[i], b);
	for (i = 0; i < c->rests.count; i++)
		buf_addf(b, "rest %s address \"%s\" port %u\n",
		    c->rests.list[i].what, c->rests.list[i].address,
		    c->rests.list[i].port);
	for (i = 0; i < c->accounts.count; i++)
		buf_addf(b, "account %s \"%s\" password file \"%s\"\n",
		    c->accounts.list[i].what, c->accounts.list[i].jid,
		    c->accounts.list[i].password_file);
	for (i = 0; i < c->probes.count; i++)
		print_probe(&c->probes.list[i], b);
	for (i = 0; i < c->logs.count; i++)
		print_file("log", &c->logs.list[i], b);
	for (i = 0; i < c->configs.count; i++)
		print_file("config", &c->configs.list[i], b);
	for (i = 0; i < c->peers.count; i++) {
		buf_addf(b, "peer %s url \"%s\"", c->peers.list[i].name,
		    c->peers.list[i].url);
		option(b, "token file", c->peers.list[i].token_file);
		buf_addc(b, '\n');
	}
	for (i = 0; i < c->waivers.count; i++)
		buf_addf(b, "waive %s reason \"%s\" until %s\n",
		    c->waivers.list[i].id, c->waivers.list[i].reason,
		    c->waivers.list[i].until);
}

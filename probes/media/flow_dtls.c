/* SPDX-License-Identifier: ISC */
/* The DTLS handshake as one flow's records show it. Pure. */
#include <string.h>

#include <openssl/evp.h>

#include "probes/media/engine.h"

/* ClientHello may come in several datagrams: both ends are counted. */
static void
client_hello(struct dtls_state *d, int dir, const struct dtls_handshake *h,
    int64_t t)
{
	if (d->first_hello == 0)
		d->first_hello = t;
	d->last_hello = t;
	if (h->frag_off == 0)
		d->hello_begin[dir]++;
	if (h->frag_off + h->frag_len == h->length)
		d->hello_end[dir]++;
}

/* The SHA-256 that the signalling carries as a=fingerprint, RFC 8122. */
static void
take_fingerprint(struct dtls_state *d, int dir,
    const struct dtls_handshake *h)
{
	struct cur der;
	unsigned int n = 0;
	size_t len;

	if (d->has_fingerprint[dir] || dtls_certificate(h, &der) == -1)
		return;
	len = cur_left(&der);
	if (EVP_Digest(cur_bytes(&der, len), len, d->fingerprint[dir], &n,
	    EVP_sha256(), NULL) == 1 && n == 32)
		d->has_fingerprint[dir] = 1;
}

static void
handshake(struct dtls_state *d, int dir, const struct dtls_handshake *h,
    int64_t t)
{
	int begins = h->frag_off == 0;

	switch (h->type) {
	case DTLS_CLIENT_HELLO:
		client_hello(d, dir, h, t);
		break;
	case DTLS_HELLO_VERIFY_REQUEST:
		d->verify_request[dir] += begins;
		break;
	case DTLS_SERVER_HELLO:
		d->server_hello[dir] += begins;
		if (d->first_server_hello == 0)
			d->first_server_hello = t;
		(void)dtls_hello(h, &d->hello);
		break;
	case DTLS_CERTIFICATE:
		d->certificate[dir] += begins;
		if (begins && d->first_certificate[dir] == 0)
			d->first_certificate[dir] = t;
		if (begins)
			d->last_certificate[dir] = t;
		take_fingerprint(d, dir, h);
		break;
	case DTLS_SERVER_KEY_EXCHANGE:
		d->key_exchange[dir] += begins;
		break;
	case DTLS_SERVER_HELLO_DONE:
		d->done[dir] += begins;
		break;
	case DTLS_CLIENT_KEY_EXCHANGE:
	case DTLS_CERTIFICATE_VERIFY:
		d->finish_part[dir] += begins;
		break;
	default:
		break;
	}
}

static void
alert(struct dtls_state *d, int dir, struct cur c)
{
	uint8_t level = cur_u8(&c), code = cur_u8(&c);

	if (c.err || (d->has_alert && d->alert_level == 2))
		return;
	d->has_alert = 1;
	d->alert_level = level;
	d->alert_code = code;
	d->alert_dir = (uint8_t)dir;
}

static void
record(struct dtls_state *d, int dir, struct dtls_record *r, int64_t t)
{
	struct dtls_handshake h;

	d->records[dir]++;
	if (r->epoch > 0 && r->type == DTLS_HANDSHAKE)
		d->encrypted[dir]++;
	else if (r->epoch > 0 && r->type == DTLS_ALERT) {
		if (d->encrypted_alert[dir]++ == 0)
			d->first_encrypted_alert = t;
	} else if (r->type == DTLS_CHANGE_CIPHER_SPEC)
		d->ccs[dir]++;
	else if (r->type == DTLS_APPLICATION || r->type == DTLS_UNIFIED ||
	    r->type == DTLS_CID)
		d->application[dir]++;
	else if (r->type == DTLS_ALERT)
		alert(d, dir, r->body);
	else if (r->type == DTLS_HANDSHAKE && r->epoch == 0)
		while (dtls_next_handshake(&r->body, &h) == 1)
			handshake(d, dir, &h, t);
}

int
flow_dtls_packet(struct media *m, struct flow *f, int dir,
    const struct datagram *dg, int64_t t)
{
	struct dtls_state *d = &f->dtls;
	struct dtls_record r;
	struct cur c;
	int n = 0, got;
	uint32_t done = d->ccs[0] + d->ccs[1];

	(void)m;
	cur_init(&c, dg->data, dg->len);
	while ((got = dtls_next(&c, &r)) == 1) {
		record(d, dir, &r, t);
		n++;
	}
	if (n == 0 && got == -1)
		return (-1);
	d->last = t;
	if (d->finished == 0 && done == 0 && dg->wire > d->largest[dir])
		d->largest[dir] = (uint32_t)dg->wire;
	if (done == 0 && d->ccs[0] + d->ccs[1] > 0)
		d->finished = t;
	return (0);
}

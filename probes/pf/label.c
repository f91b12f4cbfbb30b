/* SPDX-License-Identifier: ISC */
/*
 * Labels and tags with $if, $srcaddr, $dstaddr, $srcport, $dstport, $proto
 * and $nr filled in for one rule. Pure.
 */
#include <string.h>

#include "probes/pf/names.h"
#include "probes/pf/parse.h"

/* Text with every occurrence of a word replaced. */
static void
replace(struct buf *text, const char *word, const char *by)
{
	struct buf out;
	struct str rest = buf_str(text);
	size_t at;

	if (str_find(rest, word) == SIZE_MAX)
		return;
	buf_init(&out, text->max);
	while ((at = str_find(rest, word)) != SIZE_MAX) {
		buf_add_str(&out, str_sub(rest, 0, at));
		buf_adds(&out, by);
		rest = str_sub(rest, at + strlen(word), rest.n);
	}
	buf_add_str(&out, rest);
	text->full |= out.full;
	buf_clear(text);
	buf_add_str(text, buf_str(&out));
	text->full |= out.full;
	buf_free(&out);
}

static void
addr_text(struct buf *out, const struct pf_host *h, enum pf_af af)
{
	static const struct pf_host none;

	if (h == NULL)
		h = &none;
	if (h->not)
		buf_adds(out, "! ");
	switch (h->addr.type) {
	case PF_ADDR_DYNIF:
		buf_addf(out, "(%s)", h->addr.name);
		break;
	case PF_ADDR_TABLE:
		buf_addf(out, "<%s>", h->addr.name);
		break;
	case PF_ADDR_NOROUTE:
		buf_adds(out, "no-route");
		break;
	case PF_ADDR_URPF:
		buf_adds(out, "urpf-failed");
		break;
	case PF_ADDR_MASK:
		if (af == PF_AF_ANY || (pf_ip_zero(&h->addr.ip) &&
		    pf_ip_zero(&h->addr.mask))) {
			buf_adds(out, "any");
			break;
		}
		pf_ip_print(out, &h->addr.ip, af);
		if (pf_mask_len(&h->addr.mask) < pf_af_bits(af))
			buf_addf(out, "/%d", pf_mask_len(&h->addr.mask));
		break;
	default:
		buf_adds(out, "?");
		break;
	}
}

static void
port_text(struct buf *out, const struct pf_range *r)
{
	static const char *const before[] = {
		[PF_OP_EQ] = "", [PF_OP_NE] = "!=", [PF_OP_LT] = "<",
		[PF_OP_LE] = "<=", [PF_OP_GT] = ">", [PF_OP_GE] = ">=",
	};

	if (r == NULL || r->op == PF_OP_NONE || r->op == PF_OP_RRG)
		return;
	if (r->op == PF_OP_IRG || r->op == PF_OP_XRG)
		buf_addf(out, "%u%s%u", r->a, r->op == PF_OP_IRG ? "><" :
		    "<>", r->b);
	else
		buf_addf(out, "%s%u", before[r->op], r->a);
}

const char *
pf_label(struct pf_parser *p, const char *text, const struct pf_rule *r,
    const struct pf_host *src, const struct pf_range *sport,
    const struct pf_host *dst, const struct pf_range *dport, size_t max)
{
	struct buf out, part;
	const char *name;

	if (strchr(text, '$') == NULL)
		return (text);
	buf_init(&out, max);
	buf_init(&part, 128);
	buf_adds(&out, text);
	replace(&out, "$if", r->ifname[0] == '\0' ? "any" : r->ifname);
	addr_text(&part, src, r->af);
	replace(&out, "$srcaddr", buf_cstr(&part));
	buf_clear(&part);
	addr_text(&part, dst, r->af);
	replace(&out, "$dstaddr", buf_cstr(&part));
	buf_clear(&part);
	port_text(&part, sport);
	replace(&out, "$srcport", buf_cstr(&part));
	buf_clear(&part);
	port_text(&part, dport);
	replace(&out, "$dstport", buf_cstr(&part));
	buf_clear(&part);
	if ((name = pf_proto_name(r->proto)) != NULL)
		buf_adds(&part, name);
	else
		buf_addf(&part, "%d", r->proto);
	replace(&out, "$proto", buf_cstr(&part));
	if (out.full)
		pf_error(p, "expand_label: label too long");
	name = pf_strdup(&p->conf->arena, buf_str(&out));
	buf_free(&part);
	buf_free(&out);
	return (name);
}

const char *
pf_label_nr(struct pf_conf *conf, const char *text, int nr)
{
	struct buf out, number;
	const char *s;

	if (strstr(text, "$nr") == NULL)
		return (text);
	buf_init(&out, 63);
	buf_init(&number, 16);
	buf_addf(&number, "%d", nr);
	buf_adds(&out, text);
	replace(&out, "$nr", buf_cstr(&number));
	s = pf_strdup(&conf->arena, buf_str(&out));
	buf_free(&number);
	buf_free(&out);
	return (s);
}

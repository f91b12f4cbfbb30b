/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: a whole set of small files through the readers that run in
 * this process, and all rules. The input is files one after the other, each
 * begun by a byte 1 and the number of its kind; every finding must have an
 * id of the table and, with a line, the text of it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "agent/facts/fact.h"
#include "agent/facts/finding.h"
#include "agent/facts/site.h"
#include "probes/config/config.h"
#include "probes/config/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
look(const struct config_set *set)
{
	struct findings findings;
	struct facts facts;
	struct site site;
	size_t i;

	findings_init(&findings);
	facts_init(&facts);
	config_lint(set, (wall_t){ INT64_C(1795348800) * US_PER_SEC },
	    &findings, &facts);
	for (i = 0; i < findings.count; i++)
		if (!lint_known(str_from(findings.list[i].id)))
			abort();	/* a line with a secret has no text */
	site_init(&site);
	config_fill_site(set, &site);
	site_free(&site);
	facts_free(&facts);
	findings_free(&findings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct config_set *set = config_set_new();
	struct str all = { (const char *)p, n }, one;
	const struct reader *r;
	unsigned kind;

	set->in_process = 1;
	while (all.n > 0 && set->count < 20) {
		one = str_split(&all, '\001');
		if (one.n < 1)
			continue;
		kind = (unsigned char)one.p[0] % (unsigned)reader_count;
		r = &reader_table[kind];
		if (r->isolate && kind != 0)
			continue;
		one = str_sub(one, 1, one.n);
		if (kind == 0 && (str_find(one, "str") != SIZE_MAX ||
		    str_find(one, ":") != SIZE_MAX ||
		    str_find(one, "table") != SIZE_MAX))
			continue;
		config_add_text(set, r->kind, NULL, r->kind, one, -1);
	}
	/* the end of the input is what runs here */
	one = str_sub((struct str){ (const char *)p, n }, n > 24 ? n - 24 :
	    0, n);
	for (kind = 0; kind < PRODUCT_COUNT; kind++) {
		versions_add(&set->known, (enum product)kind, one, "fuzz");
		versions_since(&set->known, (enum product)kind, one);
	}
	config_read(set);
	look(set);
	config_set_free(set);
	return (0);
}

/* SPDX-License-Identifier: ISC */
/*
 * The JSON pages: report, causes, service discovery. Pure but for the memory
 * stream that the report is printed into.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/report.h"
#include "exporter/pages.h"

void
page_report(struct buf *b, const struct report *r)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		fatal("open_memstream");
	report_render(r, REPORT_JSON, 0, f);
	fclose(f);
	buf_add(b, text, n);
	free(text);
}

static void
add_json(struct buf *b, json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(6));

	if (text == NULL)
		fatal("json_dumps");
	buf_adds(b, text);
	buf_addc(b, '\n');
	free(text);
}

void
page_causes(struct buf *b, const struct buf *report)
{
	static const char *const keep[] = { "version", "site", "host",
	    "roles", "generated_at", "verdict", "causes" };
	json_t *whole = json_loadb(report->data, report->len, 0, NULL);
	json_t *part = json_pack("{s:s}", "schema", "meetprobe.causes/1");
	size_t i;

	for (i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
		if (json_object_get(whole, keep[i]) != NULL)
			json_object_set(part, keep[i],
			    json_object_get(whole, keep[i]));
	add_json(b, part);
	json_decref(part);
	json_decref(whole);
}

/* The roles of a host as one label: "web" or "web,xmpp". */
static char *
role_label(roles_t roles)
{
	struct buf b;
	int i;

	buf_init(&b, 256);
	for (i = 0; i < ROLE_COUNT; i++)
		if (roles & ROLE_BIT(i))
			buf_addf(&b, "%s%s", b.len > 0 ? "," : "",
			    role_name((enum role)i));
	return (buf_take(&b));
}

void
page_sd(struct buf *b, const char *site, const struct exporter_agent *agents,
    size_t count)
{
	json_t *list = json_array(), *group;
	char *roles;
	size_t i;

	for (i = 0; i < count; i++) {
		roles = role_label(agents[i].roles);
		group = json_pack("{s:[s], s:{s:s, s:s, s:s}}",
		    "targets", agents[i].target, "labels",
		    "site", site, "host", agents[i].host, "role", roles);
		free(roles);
		/* not UTF-8: cannot be said, and is not a target */
		if (group != NULL)
			json_array_append_new(list, group);
	}
	add_json(b, list);
	json_decref(list);
}

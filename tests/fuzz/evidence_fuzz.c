/* SPDX-License-Identifier: ISC */
/*
 * Another host's evidence: whatever a document holds, it is refused or taken
 * in, and the diagnosis that follows ends.
 */
#include <stddef.h>
#include <stdint.h>

#include "agent/base/errlist.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/evidence_doc.h"
#include "agent/facts/secret.h"
#include "agent/known.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* The catalogue, loaded by the first call and kept. */
static const struct catalogue *
catalogue(void)
{
	static struct catalogue *c;
	struct errlist errors;

	if (c == NULL) {
		errlist_init(&errors);
		c = catalogue_load(NULL, &known_names, 0, &errors);
		errlist_free(&errors);
	}
	return (c);
}

static void
count(void *arg, const char *id, wall_t first, wall_t last)
{
	size_t *n = arg;

	*n += id[0] != '\0' && wall_is_set(first) && wall_is_set(last);
}

static void
compared(void *arg, enum secret_result result, const struct secret *holder,
    const struct secret *other)
{
	size_t *n = arg;

	*n += result == SECRET_DIFFERS && holder != other;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct evidence_doc *doc;
	struct secrets secrets;
	struct diagnosis *d;
	struct report *r;
	wall_t asked, utc;
	const char *why;
	size_t n = 0;

	doc = evidence_parse(str_of((const char *)data, size), &why);
	if (doc == NULL)
		return (0);
	evidence_clock(doc, &asked, &utc);
	evidence_sightings(doc, count, &n);
	secrets_init(&secrets);
	evidence_secrets(doc, evidence_host(doc), &secrets);
	secrets_compare(&secrets, compared, &n);
	secrets_free(&secrets);
	d = diagnosis_new(catalogue());
	r = report_new("diagnose");
	evidence_add(doc, "peer", INT64_C(3600000000), d, r);
	diagnosis_conclude(d, r);
	report_free(r);
	diagnosis_free(d);
	evidence_free_doc(doc);
	return (0);
}

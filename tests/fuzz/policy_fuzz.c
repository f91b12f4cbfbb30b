/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: bytes as the headers and path that the http process judges.
 */
#include <stdint.h>
#include <stdlib.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "exporter/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = mem_str(str_of((const char *)data, n));
	uint32_t ms;
	int r = policy_openmetrics(text);

	if (r != 0 && r != 1)
		abort();
	if (policy_timeout(text, &ms) == 0 &&
	    (ms < 50 || ms > LIMIT_HTTP_WAIT_SECONDS * 1000))
		abort();
	r = route_by_path(text);
	if (r < -1 || r >= ROUTE_COUNT)
		abort();
	free(text);
	return (0);
}

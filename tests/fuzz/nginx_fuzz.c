/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: bytes as nginx.conf, and what nginx would do with a request.
 */
#include <stdint.h>
#include <stdlib.h>

#include "probes/config/model.h"
#include "probes/config/nginx.h"
#include "probes/config/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const paths[] = { "/", "/http-bind", "/a/b.js" };
	struct config_source list[2] = {
		{ STR_LIT("/etc/nginx/nginx.conf"), STR_LIT("nginx.conf"),
		    { (const char *)p, n } },
		{ STR_LIT("/etc/nginx/conf.d/b.conf"), STR_LIT("nginx.conf"),
		    STR_LIT("server { listen 443 ssl; include b.conf; }") },
	};
	struct config_sources s = { list, 2, { NULL, 0 } };
	const struct item *server;
	struct model m;
	size_t i;

	model_init(&m);
	read_nginx(&s, &m);
	for (i = 0; i < m.count; i++)
		if (m.list[i].parent >= (int)i)
			abort();
	server = nginx_server(&m, STR_LIT("a"), 443);
	for (i = 0; server != NULL && i < 3; i++)
		(void)nginx_location(&m, server, str_from(paths[i]));
	model_free(&m);
	return (0);
}

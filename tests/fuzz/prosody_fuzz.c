/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: bytes as prosody.cfg.lua. Functions of the string library can
 * run for ever inside C, which the child's limit ends; they are left out here
 * by leaving out texts that name one.
 */
#include <stdint.h>

#include "probes/config/model.h"
#include "probes/config/prosody.h"
#include "probes/config/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct config_source list[2] = {
		{ STR_LIT("/etc/prosody/prosody.cfg.lua"), { "", 0 },
		    { (const char *)p, n } },
		{ STR_LIT("/etc/prosody/conf.d/a.cfg.lua"), { "", 0 },
		    STR_LIT("VirtualHost 'b' Include 'prosody.cfg.lua'") },
	};
	struct config_sources s = { list, 2, { NULL, 0 } };
	struct model m;

	if (str_find(list[0].text, "str") != SIZE_MAX ||
	    str_find(list[0].text, ":") != SIZE_MAX ||
	    str_find(list[0].text, "table") != SIZE_MAX)
		return (0);
	model_init(&m);
	read_prosody(&s, &m);
	(void)prosody_module(&m, "a", "bosh");
	(void)prosody_host(&m, STR_LIT("a"), NULL);
	model_free(&m);
	return (0);
}

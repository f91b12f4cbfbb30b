/* SPDX-License-Identifier: ISC */
/*
 * RTP and RTCP: headers, CSRC lists and extensions of any length, cut
 * anywhere. The first byte says how much of the datagram is at hand.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/codec/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtp_packet r;
	struct rtp_extensions e;
	struct rtcp_packet c;
	size_t wire, len;
	uint8_t *p;

	if (size < 2)
		return (0);
	wire = size - 1;
	len = data[0] != 0 && data[0] < wire ? data[0] : wire;
	if ((p = malloc(len)) == NULL)
		return (0);
	memcpy(p, data + 1, len);
	(void)packet_class_name(packet_classify(p, len, wire));
	if (rtp_parse(p, len, wire, &r) == 0) {
		rtp_extensions(&r, &e);
		if (r.header > wire || e.level > 127 ||
		    e.transport_seq > 65535)
			abort();
	}
	if (rtcp_parse(p, len, wire, &c) == 0 && c.more > wire)
		abort();
	free(p);
	return (0);
}

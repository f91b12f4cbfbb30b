/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_REQUEST_H
#define MEETPROBE_PROBES_REQUEST_H

#include <stdint.h>

#include "agent/facts/kinds.h"
#include "agent/run/http.h"

struct probe_run;

/*
 * HTTP requests of a probe to one of the site's hosts: the host is looked up
 * once, name (SNI, Host) and address apart; what fails in the transport ends
 * the run with its reason and layer, unless the probe judges that itself.
 */
struct request;

/* Where the requests go. label is what sentences call it ("web:443"). */
struct request *request_new(struct probe_run *, const char *label,
    const char *host, const char *address);
/* NULL is allowed. Not from inside an event. */
void request_free(struct request *);

struct request_options {
	const char *phase;		/* of the run; const */
	enum layer layer;		/* of what fails above the transport */
	const char *url;
	const char *const *headers;	/* or NULL */
	struct str body;
	int follow, fresh;
	size_t max_body;
	int64_t within_ns;		/* after the run's begin; 0: the run's
					 * own deadline */
	/* 1: transport failures are given to the probe as well */
	int keep_failures;
};
/*
 * Sends; answer gets the result when there is one. It may send the next.
 */
void request_send(struct request *, const struct request_options *,
    void (*answer)(const struct http_result *, void *), void *arg);
const char *request_label(const struct request *);

/* The reason that an answer, or its absence, stands for. */
enum reason request_reason(const struct http_result *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bootstrap.h: the bootstrap server role: gives devices their server accounts (digest 6).
 *
 * What a device gets is a batch of records, configured by endpoint name before it asks.
 */
#ifndef LINNET_BOOTSTRAP_H
#define LINNET_BOOTSTRAP_H

#include <linnet/batch.h>
#include <linnet/export.h>
#include <linnet/limit.h>
#include <linnet/loop.h>
#include <linnet/model.h>
#include <linnet/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct linnet_bootstrap linnet_bootstrap;

/** One reference; NULL: no memory. `model` NULL: one of its own with objects 0 to 7. */
LINNET_API linnet_bootstrap *linnet_bootstrap_new(linnet_loop *loop, linnet_model *model);
LINNET_API linnet_bootstrap *linnet_bootstrap_ref(linnet_bootstrap *bootstrap);
LINNET_API void linnet_bootstrap_unref(linnet_bootstrap *bootstrap);
/** Stops at once; bootstraps that are under way end without an event. Idempotent. */
LINNET_API void linnet_bootstrap_close(linnet_bootstrap *bootstrap);

LINNET_API uint64_t linnet_bootstrap_number(const linnet_bootstrap *bootstrap);
LINNET_API linnet_loop *linnet_bootstrap_loop(const linnet_bootstrap *bootstrap);
LINNET_API linnet_model *linnet_bootstrap_model(const linnet_bootstrap *bootstrap);

LINNET_API linnet_status linnet_bootstrap_add_transport(linnet_bootstrap *bootstrap,
                                                        linnet_transport *transport);
LINNET_API linnet_status linnet_bootstrap_set_limit(linnet_bootstrap *bootstrap, linnet_limit limit,
                                                    size_t value);

/**
 * What a device of this endpoint name is given when it asks: DELETE / first, then one write for each instance
 * in the records (paths of depth 3 and 4) in the order of their paths, then Finish. A copy is taken; a former
 * configuration is replaced; a bootstrap that is under way goes on with what it began with. NULL records: the
 * device is not served any more. WRONG_TYPE, OUT_OF_RANGE: by the model; what it does not know is given as it
 * is. MALFORMED: a path that is none of these, a value given twice, or, in objects 0 to 2, a mandatory
 * resource missing (keys that the security mode does not use may be). INVALID_ARGUMENT: an endpoint name that
 * is empty, not UTF-8 or over 252 bytes (MOD-05).
 */
LINNET_API linnet_status linnet_bootstrap_configure(linnet_bootstrap *bootstrap, const char *endpoint,
                                                    const linnet_batch *records);
/** How many endpoint names are configured. */
LINNET_API size_t linnet_bootstrap_configured(const linnet_bootstrap *bootstrap);

/*
 * LINNET_EVENT_BOOTSTRAP_STARTED tells the endpoint that asked and was accepted, and
 * LINNET_EVENT_BOOTSTRAP_FINISHED, once for each of these, how it ended; both have the same number as
 * request. On success code is that of the answer to Finish. On failure operation (DELETE, WRITE, or NONE for
 * Finish) and path name the command that failed, code is what the device answered (status REFUSED) or 0
 * (TIMED_OUT, RESET, ...), and the text has all of it in words. A device that asks again begins anew: the
 * former bootstrap ends as CANCELLED before the new one starts. Over LINNET_LIMIT_BOOTSTRAPS a device is told
 * to come back after 60 s (5.03); one that is not configured gets 4.00 and a warning in the log.
 */

#ifdef __cplusplus
}
#endif

#endif

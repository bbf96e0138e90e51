/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bootstrap.h: the bootstrap server role: gives devices their server accounts (digest 6).
 *
 * What a device gets is a configuration: the commands that it is sent, in their order. It is found by
 * endpoint name before the device asks, or a handler gives it when the device does.
 */
#ifndef LINNET_BOOTSTRAP_H
#define LINNET_BOOTSTRAP_H

#include <linnet/access.h>
#include <linnet/address.h>
#include <linnet/batch.h>
#include <linnet/event.h>
#include <linnet/export.h>
#include <linnet/format.h>
#include <linnet/limit.h>
#include <linnet/loop.h>
#include <linnet/model.h>
#include <linnet/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- configurations ------------------------------------------------------------------------------ */

/**
 * The commands of a bootstrap: each call appends some, and a Finish follows them all by itself. It can be
 * given to any number of devices; once it was, it cannot be changed any more (WRONG_STATE).
 */
typedef struct linnet_configuration linnet_configuration;

/** Without commands. One reference; NULL: no memory. The model says what values may be. */
LINNET_API linnet_configuration *linnet_configuration_new(linnet_model *model);
LINNET_API linnet_configuration *linnet_configuration_ref(linnet_configuration *configuration);
LINNET_API void linnet_configuration_unref(linnet_configuration *configuration);
LINNET_API linnet_loop *linnet_configuration_loop(const linnet_configuration *configuration);

/**
 * Discover of everything ("/") or of an object. LINNET_EVENT_RESPONSE tells the links. A device that refuses
 * goes on nevertheless. After it no account of a server is written over that of the bootstrap server, which
 * the device keeps at a place of its own choice: it gets the next free instance of object 0 instead.
 */
LINNET_API linnet_status linnet_configuration_discover(linnet_configuration *configuration, linnet_path path);
/** Delete of everything ("/"), of an object, or of an instance. What is not there counts as deleted (BS-32).
 */
LINNET_API linnet_status linnet_configuration_delete(linnet_configuration *configuration, linnet_path path);
/**
 * Write. With "/" as path each instance in the records is a Write of its own, in the order of their paths;
 * else all records are at or below the path of one object, instance or resource. `format`: LINNET_FORMAT_NONE
 * is TLV, or text where the path is that of a single resource. WRONG_TYPE, OUT_OF_RANGE: by the model; what
 * it does not know is given as it is. MALFORMED: a path that names no value, a value given twice. Records are
 * of depth 3, or 4 in multiple resources. A copy is taken.
 */
LINNET_API linnet_status linnet_configuration_write(linnet_configuration *configuration, linnet_path path,
                                                    const linnet_batch *records, linnet_format format);

/**
 * Rights of a server for linnet_configuration_control, as linnet_client_set_access has them: a sum of
 * linnet_access on an instance (depth 2), or CREATE on an object (depth 1). Server 0: those without an entry
 * of their own. INVALID_ARGUMENT: objects 0 and 2, other rights.
 */
LINNET_API linnet_status linnet_configuration_set_access(linnet_configuration *configuration,
                                                         linnet_path path, uint16_t short_server_id,
                                                         unsigned access);
/** The owner of an instance; 0: only bootstrap may manage it. */
LINNET_API linnet_status linnet_configuration_set_owner(linnet_configuration *configuration, linnet_path path,
                                                        uint16_t short_server_id);
/**
 * Writes object 2 (ACL-02, ACL-03) if rights or owners were given, or if the commands so far write more than
 * one account of a server: an instance for each of those, for /3/0, and for each instance that is written.
 * One of which nothing was said belongs to its own server in object 1, and else to the first server. No
 * commands where one server has all rights anyway (ACL-01).
 */
LINNET_API linnet_status linnet_configuration_control(linnet_configuration *configuration);
/**
 * Sends it although it may contradict itself. Without this call a configuration is checked when it is given
 * to a device: what a device would refuse at Finish (4.06), after it has lost all it had, is MALFORMED here.
 */
LINNET_API linnet_status linnet_configuration_set_unchecked(linnet_configuration *configuration);

/* ---- the server ---------------------------------------------------------------------------------- */

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

/** At most 8 that are open. */
LINNET_API linnet_status linnet_bootstrap_add_transport(linnet_bootstrap *bootstrap,
                                                        linnet_transport *transport);
LINNET_API linnet_status linnet_bootstrap_set_limit(linnet_bootstrap *bootstrap, linnet_limit limit,
                                                    size_t value);

/**
 * What a device of this endpoint name is given when it asks; `endpoint` NULL: every device for whose name
 * there is nothing. A former configuration is replaced; a bootstrap that is under way goes on with what it
 * began with. NULL configuration: such a device is not served any more. MALFORMED: it contradicts itself
 * (BS-51). INVALID_ARGUMENT: an endpoint name that is empty, not UTF-8 or over 252 bytes (MOD-05).
 */
LINNET_API linnet_status linnet_bootstrap_configure(linnet_bootstrap *bootstrap, const char *endpoint,
                                                    linnet_configuration *configuration);
/** How many endpoint names are configured. */
LINNET_API size_t linnet_bootstrap_configured(const linnet_bootstrap *bootstrap);

/**
 * Asks `handler` for each Bootstrap-Request: a question with the endpoint name, and the device's address as
 * text. It gives the device a configuration by linnet_bootstrap_answer, for this time only, and returns
 * LINNET_OK; without that the device gets what is configured for its name. Another status refuses the device
 * (4.00; 5.03 for LIMIT_REACHED, 5.00 for HANDLER_FAILED and NO_MEMORY), or linnet_question_refuse chooses
 * the code. The handler may defer: the device waits. A former handler is released. NULL: no handler.
 */
LINNET_API linnet_status linnet_bootstrap_set_handler(linnet_bootstrap *bootstrap, linnet_handler handler,
                                                      void *user, linnet_release release);
/**
 * Inside the handler, or, if that deferred, before linnet_question_finish. CLOSED: nobody waits any more.
 * MALFORMED as for linnet_bootstrap_configure.
 */
LINNET_API linnet_status linnet_bootstrap_answer(linnet_bootstrap *bootstrap, linnet_event *question,
                                                 linnet_configuration *configuration);

/**
 * Begins by itself with the device at that address, with what is configured for its name (BS-04). The device
 * must have the account of this bootstrap server. No handler is asked. It goes over coaps if there is such a
 * transport with credentials for the device: its pre-shared key, or else a certificate or raw public key of
 * our own; the device is the DTLS server. The event carries `*number`, if that is not NULL. NOT_FOUND:
 * nothing is configured. WRONG_STATE: no transport of that kind. LIMIT_REACHED: LINNET_LIMIT_BOOTSTRAPS. O(n)
 * in the credentials.
 */
LINNET_API linnet_status linnet_bootstrap_start(linnet_bootstrap *bootstrap, const char *endpoint,
                                                const linnet_address *peer, uint64_t *number);

/*
 * LINNET_EVENT_BOOTSTRAP_STARTED tells the endpoint that asked and was accepted, with its address as text,
 * and LINNET_EVENT_BOOTSTRAP_FINISHED, once for each of these, how it ended; both have the same number as
 * request, and so has LINNET_EVENT_RESPONSE for each Discover in between. On success code is that of the
 * answer to Finish. On failure operation (DISCOVER, DELETE, WRITE, or NONE for Finish) and path name the
 * command that failed, code is what the device answered (status REFUSED) or 0 (TIMED_OUT, RESET, ...), and
 * the text has all of it in words. A device that asks again begins anew: the former bootstrap ends as
 * CANCELLED before the new one starts. Over LINNET_LIMIT_BOOTSTRAPS a device is told to come back after 60 s
 * (5.03); one that is not configured gets 4.00, and LINNET_EVENT_ERROR tells.
 */

#ifdef __cplusplus
}
#endif

#endif

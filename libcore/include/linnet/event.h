/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event.h: what happened, pulled one by one; and questions, which need an answer.
 *
 * An event is read through accessors, so a new fact is a new function. An accessor that does not
 * apply to the kind of the event gives the empty answer (0, NULL, "", the root path).
 */
#ifndef LINNET_EVENT_H
#define LINNET_EVENT_H

#include <linnet/batch.h>
#include <linnet/credentials.h>
#include <linnet/export.h>
#include <linnet/loop.h>
#include <linnet/operation.h>
#include <linnet/path.h>
#include <linnet/status.h>
#include <linnet/value.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct linnet_event linnet_event;

/* X(constant, value, name): the names are those of the command line's --json. */
#define LINNET_EVENT_MAP(X)                                                                                \
  X(LINNET_EVENT_QUESTION, 0, "question")                   /* only given to a handler */                  \
  X(LINNET_EVENT_REGISTERED, 1, "registered")               /* client: with a server; server: a device */  \
  X(LINNET_EVENT_UPDATED, 2, "updated")                     /* the registration was updated */             \
  X(LINNET_EVENT_DEREGISTERED, 3, "deregistered")           /* it ended on request */                      \
  X(LINNET_EVENT_EXPIRED, 4, "expired")                     /* server: lifetime elapsed */                 \
  X(LINNET_EVENT_RESPONSE, 5, "response")                   /* server: answer to a request, once */        \
  X(LINNET_EVENT_NOTIFY, 6, "notify")                       /* server: one more value of an observation */ \
  X(LINNET_EVENT_OBSERVATION_ENDED, 7, "observation-ended") /* server: no more will come */                \
  X(LINNET_EVENT_WRITTEN, 8, "write")                       /* client: a server wrote; already applied */  \
  X(LINNET_EVENT_EXECUTED, 9, "execute")                    /* client: a server executed */                \
  X(LINNET_EVENT_CREATED, 10, "create")                     /* client: a server created an instance */     \
  X(LINNET_EVENT_DELETED, 11, "delete")                     /* client: a server deleted an instance */     \
  X(LINNET_EVENT_BOOTSTRAP_STARTED, 12, "bootstrap-started")                                               \
  X(LINNET_EVENT_BOOTSTRAP_FINISHED, 13, "bootstrap-finished")                                             \
  X(LINNET_EVENT_ERROR, 14, "error")   /* something failed that no call could report */                    \
  X(LINNET_EVENT_LOG, 15, "log")       /* linnet_loop_set_log_level asked for it */                        \
  X(LINNET_EVENT_ASLEEP, 16, "asleep") /* client: in queue mode, no server will send anything */           \
  X(LINNET_EVENT_AWAKE, 17, "awake")   /* client: a message came or went, servers may send again */        \
  X(LINNET_EVENT_QUEUED, 18, "queued") /* server: a request waits until the device wakes (QUE-04) */       \
  X(LINNET_EVENT_TRIGGER_WANTED, 19, "trigger-wanted") /* server: requests wait, and an SMS would wake it */

typedef enum linnet_event_kind {
#define LINNET_EVENT_CONSTANT(constant, value, name) constant = (value),
  LINNET_EVENT_MAP(LINNET_EVENT_CONSTANT)
#undef LINNET_EVENT_CONSTANT
} linnet_event_kind;

/** "registered", "notify", ... Never NULL. */
LINNET_API const char *linnet_event_kind_name(linnet_event_kind kind);

/**
 * For drivers: an LINNET_EVENT_ERROR of something that they do by themselves for the client or server with
 * this number.
 */
LINNET_API void linnet_loop_report(linnet_loop *loop, uint64_t source, linnet_status status,
                                   const char *text);

/** The next event, or NULL. It lives until the next call on the same loop, or linnet_event_ref keeps it. */
LINNET_API linnet_event *linnet_loop_next_event(linnet_loop *loop);
/** True if linnet_loop_next_event would return one. */
LINNET_API bool linnet_loop_has_event(const linnet_loop *loop);

LINNET_API linnet_event *linnet_event_ref(linnet_event *event);
LINNET_API void linnet_event_unref(linnet_event *event);

LINNET_API linnet_event_kind linnet_event_get_kind(const linnet_event *event);
LINNET_API linnet_loop *linnet_event_loop(const linnet_event *event);
/** The number of the client, server or object that it is about: linnet_client_number() and so on. */
LINNET_API uint64_t linnet_event_source(const linnet_event *event);
/** LINNET_OK, or why it failed. */
LINNET_API linnet_status linnet_event_status(const linnet_event *event);
/** With LINNET_ERROR_SECURITY: what is wrong; else LINNET_CAUSE_NONE. */
LINNET_API linnet_cause linnet_event_cause(const linnet_event *event);
/** The CoAP code on the wire as class * 100 + detail, e.g. 205 or 404; 0 if there was none. */
LINNET_API unsigned linnet_event_code(const linnet_event *event);
/** The endpoint name of the device. Never NULL. */
LINNET_API const char *linnet_event_endpoint(const linnet_event *event);
/** Server: the number of the registration. Client: the Short Server ID. */
LINNET_API uint64_t linnet_event_registration(const linnet_event *event);
/** The number of the request or observation that this answers. */
LINNET_API uint64_t linnet_event_request(const linnet_event *event);
LINNET_API linnet_operation linnet_event_operation(const linnet_event *event);
LINNET_API linnet_path linnet_event_path(const linnet_event *event);
/** Words for people, the arguments of an Execute, or the link-format text of Register and Discover. Never
 * NULL. */
LINNET_API const char *linnet_event_text(const linnet_event *event);
/** The content format of the payload that was received, or LINNET_FORMAT_NONE. */
LINNET_API linnet_format linnet_event_format(const linnet_event *event);
/** The records; NULL if there are none. Lives as long as the event. */
LINNET_API const linnet_batch *linnet_event_batch(const linnet_event *event);
/** LINNET_EVENT_LOG: its level. */
LINNET_API linnet_log_level linnet_event_log_level(const linnet_event *event);

/* ---- questions ----------------------------------------------------------------------------------- */

/**
 * The one callback of the library: a question the engine needs answered to go on. `question` is of
 * kind LINNET_EVENT_QUESTION with operation and path, and
 *   READ     path of one resource: answer its value, or each resource instance of a multiple one;
 *   WRITE, UPDATE   path of the request; the batch holds all new values, already checked against
 *            the definition. LINNET_OK lets them be stored all together, anything else stores none;
 *   EXECUTE  path of the resource; the text holds the arguments;
 *   CREATE   path of the new instance; the batch holds its values;
 *   DELETE   path of the instance.
 * The status returned decides: LINNET_OK, or what is to be answered to the server (NOT_FOUND 4.04,
 * NOT_ALLOWED 4.05, INVALID_ARGUMENT, WRONG_TYPE, OUT_OF_RANGE 4.00, HANDLER_FAILED 5.00, ...),
 * unless linnet_question_refuse chose a code. The handler may call anything, also close and
 * release the client that asks, and may defer the answer.
 */
typedef linnet_status (*linnet_handler)(linnet_event *question, void *user);

/** Answers a READ. A copy is taken. May be called again after linnet_question_defer with other paths. */
LINNET_API linnet_status linnet_question_answer(linnet_event *question, linnet_path path,
                                                const linnet_value *value);

/** Chooses the code of the error response (400 to 599, as class * 100 + detail). */
LINNET_API linnet_status linnet_question_refuse(linnet_event *question, unsigned code);

/**
 * The answer comes later: keep the question with linnet_event_ref, return LINNET_OK, and call
 * linnet_question_finish when it is known. The server gets a CoAP separate response (CO-36).
 */
LINNET_API linnet_status linnet_question_defer(linnet_event *question);

/**
 * Ends a deferred question with `status`, at any time outside its handler, once. LINNET_ERROR_CLOSED if
 * nobody waits any more. The caller still has to give its reference back.
 */
LINNET_API linnet_status linnet_question_finish(linnet_event *question, linnet_status status);

#ifdef __cplusplus
}
#endif

#endif

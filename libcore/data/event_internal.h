/* SPDX-License-Identifier: Apache-2.0 */
/* event_internal.h: how the core makes events and questions. */
#ifndef LINNET_DATA_EVENT_INTERNAL_H
#define LINNET_DATA_EVENT_INTERNAL_H

#include <linnet/event.h>

#include "../base/base.h"

/* What becomes of a question: how far its answer is. */
typedef enum linnet__question_state {
  LINNET__QUESTION_NONE = 0, /* an event, not a question */
  LINNET__QUESTION_ASKED,    /* inside the handler */
  LINNET__QUESTION_DEFERRED,
  LINNET__QUESTION_DONE
} linnet__question_state;

/* Called once, in a step, when a deferred question was finished. `user` belongs to whoever asks. */
typedef void (*linnet__question_finished)(linnet_event *question, linnet_status status, void *user);

struct linnet_event {
  linnet__queued queued;
  uint32_t references;
  linnet_loop *loop; /* holds a reference */
  linnet_event_kind kind;
  uint64_t source;
  linnet_status status;
  unsigned code;
  char *endpoint;
  char *text;
  uint64_t registration;
  uint64_t request;
  linnet_operation operation;
  linnet_path path;
  linnet_format format;
  linnet_log_level log_level;
  linnet_batch *batch; /* holds a reference, or NULL */

  linnet__question_state question;
  unsigned refusal;       /* linnet_question_refuse */
  linnet_batch *answers;  /* linnet_question_answer, or NULL */
  linnet__question_finished finished;
  void *asker; /* NULL once nobody waits any more */
  linnet_status outcome;
  linnet__task task; /* carries a finish from outside a step into the next */
};

/* One reference; NULL: no memory. Everything else is set by the fields and the setters below. */
linnet_event *linnet__event_new(linnet_loop *loop, linnet_event_kind kind, uint64_t source);
/* Copies. On lack of memory the text stays empty: an event with less is better than none. */
void linnet__event_set_endpoint(linnet_event *event, const char *endpoint);
void linnet__event_set_text(linnet_event *event, const char *text, size_t length);
/* Holds a reference. */
void linnet__event_set_batch(linnet_event *event, linnet_batch *batch);
/* Queues it and gives the caller's reference away. NULL is allowed: the loss is counted. */
void linnet__event_emit(linnet_loop *loop, linnet_event *event);

/* A question of operation and path, with a batch (or NULL) and a text (or NULL). */
linnet_event *linnet__question_new(linnet_loop *loop, linnet_operation operation, linnet_path path,
                                   linnet_batch *batch, const char *text, size_t text_length);
/*
 * Calls the handler. Returns what it returned; the state tells whether it deferred, `refusal` the code it
 * chose, `answers` what it answered. When deferred, `finished` is called later, in a step.
 */
linnet_status linnet__question_ask(linnet_event *question, linnet_handler handler, void *user,
                                   linnet__question_finished finished, void *asker);
/* Nobody waits any more: a later finish is LINNET_ERROR_CLOSED. */
void linnet__question_abandon(linnet_event *question);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* event_internal.h: how the core makes events and questions. */
#ifndef LINNET_DATA_EVENT_INTERNAL_H
#define LINNET_DATA_EVENT_INTERNAL_H

#include <linnet/event.h>

#include "../base/base.h"

/* What becomes of a question: how far its answer is. */
typedef enum linnet__question_state {
  LINNET__QUESTION_NONE = 0,  /* an event, not a question */
  LINNET__QUESTION_ASKED,     /* inside the handler */
  LINNET__QUESTION_DEFERRING, /* inside the handler, which has called linnet_question_defer */
  LINNET__QUESTION_DEFERRED,  /* outside it, to be finished */
  LINNET__QUESTION_DONE
} linnet__question_state;

/*
 * Called once, in a step, when a deferred question was finished; also when its last reference went without
 * that, with LINNET_ERROR_HANDLER_FAILED, so that nobody waits for ever. The question lives until the call
 * returns.
 */
typedef void (*linnet__question_finished)(linnet_event *question, linnet_status status, void *asker);

struct linnet_event {
  linnet__queued queued;
  uint32_t references;
  bool queued_or_kept; /* one of the references is the loop's own */
  linnet_loop *loop; /* held while there are other references than that one: a queue must not hold its loop */
  linnet_event_kind kind;
  uint64_t source;
  linnet_status status;
  linnet_cause cause;
  unsigned code;
  char *endpoint;
  char *text;
  uint64_t registration;
  uint64_t request;
  linnet_operation operation;
  linnet_path path;
  linnet_format format;
  linnet_log_level log_level;
  linnet_batch *batch; /* attached (batch_internal.h), or NULL */

  linnet__question_state question;
  unsigned refusal;                   /* linnet_question_refuse */
  linnet_batch *answers;              /* linnet_question_answer, or NULL; attached */
  linnet__question_finished finished; /* NULL once nobody waits any more */
  void *asker;
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
/* Gives the caller's reference to the queue, by the priority of the kind. NULL is allowed: the loss is
 * counted. */
void linnet__event_emit(linnet_loop *loop, linnet_event *event);

/* A question of operation and path, with a batch (or NULL) and a text (or NULL). NULL: no memory. */
linnet_event *linnet__question_new(linnet_loop *loop, linnet_operation operation, linnet_path path,
                                   linnet_batch *batch, const char *text, size_t text_length);
/*
 * Calls the handler, and returns what it returned, also when it chose a code (`refusal`) or answered
 * (`answers`). `finished` NULL: the asker cannot wait, and linnet_question_defer is refused.
 *
 * If the state is LINNET__QUESTION_DEFERRED then, `finished` is called later, in a step. The asker gives its
 * own reference back after the call in any case, but may keep the bare pointer to a deferred question until
 * `finished` was called or it abandons it: the last reference of the others going is what tells that no
 * answer will come.
 */
linnet_status linnet__question_ask(linnet_event *question, linnet_handler handler, void *user,
                                   linnet__question_finished finished, void *asker);
/* For linnet_event_unref: the last reference goes. True if that has to be told; then it is the question's own
 * from here. */
bool linnet__question_forsaken(linnet_event *question);
/* Nobody waits any more: a later finish is LINNET_ERROR_CLOSED. An asker that goes away has to call it. NULL
 * is allowed. */
void linnet__question_abandon(linnet_event *question);

#endif

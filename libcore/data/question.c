/* SPDX-License-Identifier: Apache-2.0 */
/* question.c: questions to a handler, answered at once or later (event.h, docs/architecture.md sections 2 and
 * 3, CO-36). */
#include <linnet/event.h>

#include "batch_internal.h"
#include "event_internal.h"

linnet_event *linnet__question_new(linnet_loop *loop, linnet_operation operation, linnet_path path,
                                   linnet_batch *batch, const char *text, size_t text_length) {
  linnet_event *question = linnet__event_new(loop, LINNET_EVENT_QUESTION, 0);
  if (question == NULL) return NULL;
  question->operation = operation;
  question->path = path;
  linnet__event_set_batch(question, batch);
  linnet__event_set_text(question, text, text_length);
  if (text == NULL || question->text != NULL) return question;
  linnet_event_unref(question); /* an Execute without its arguments would be another one */
  return NULL;
}

/* A handler answers with LINNET_OK or an error; another number is a mistake of its own. */
static linnet_status sane(linnet_status status) {
  return status <= LINNET_OK ? status : LINNET_ERROR_HANDLER_FAILED;
}

linnet_status linnet__question_ask(linnet_event *question, linnet_handler handler, void *user,
                                   linnet__question_finished finished, void *asker) {
  question->question = LINNET__QUESTION_ASKED;
  question->finished = finished;
  question->asker = asker;
  linnet_event_ref(question);
  linnet_status status = sane(handler(question, user));
  if (question->question == LINNET__QUESTION_DEFERRING && status == LINNET_OK)
    question->question = LINNET__QUESTION_DEFERRED;
  else
    question->question = LINNET__QUESTION_DONE;
  linnet_event_unref(question);
  return status;
}

/* In a step: tells the asker, if there still is one. */
static void tell(linnet__task *task) {
  linnet_event *question = LINNET__CONTAINER(task, linnet_event, task);
  linnet__question_finished finished = question->finished;
  question->finished = NULL;
  if (finished != NULL) finished(question, question->outcome, question->asker);
  linnet_event_unref(question);
}

/* Takes over one reference, for the task. */
static void settle(linnet_event *question, linnet_status outcome) {
  question->question = LINNET__QUESTION_DONE;
  question->outcome = outcome;
  question->task.run = tell;
  linnet__task_post(question->loop, &question->task);
}

bool linnet__question_forsaken(linnet_event *question) {
  if (question->question != LINNET__QUESTION_DEFERRED || question->finished == NULL) return false;
  settle(question, LINNET_ERROR_HANDLER_FAILED);
  return true;
}

void linnet__question_abandon(linnet_event *question) {
  if (question == NULL) return;
  question->finished = NULL;
  question->asker = NULL;
  if (linnet__list_empty(&question->task.node)) return;
  linnet__task_cancel(&question->task);
  linnet_event_unref(question);
}

static bool is_open(const linnet_event *question) {
  return question->question >= LINNET__QUESTION_ASKED && question->question < LINNET__QUESTION_DONE;
}

/* What somebody does to a question that cannot be done, on that path. */
static linnet_status fault(const linnet_event *question, linnet_status status, const char *call,
                           linnet_path path, const char *why) {
  char text[LINNET_PATH_TEXT_SIZE];
  return linnet__fail(question->loop, status, "%s a question on %s: %s", call, linnet_path_text(path, text),
                      why);
}

static linnet_status not_open(const linnet_event *question, const char *call) {
  return fault(question, LINNET_ERROR_WRONG_STATE, call, question->path,
               question->question == LINNET__QUESTION_NONE ? LINNET__WORDS("it is no question")
                                                           : LINNET__WORDS("it is answered already"));
}

static linnet_status nobody_waits(const linnet_event *question, const char *call) {
  return fault(question, LINNET_ERROR_CLOSED, call, question->path,
               LINNET__WORDS("nobody waits for the answer"));
}

linnet_status linnet_question_answer(linnet_event *question, linnet_path path, const linnet_value *value) {
  static const char call[] = LINNET__WORDS("answering");
  linnet_value former;
  if (!is_open(question)) return not_open(question, call);
  if (question->operation != LINNET_OPERATION_READ)
    return fault(question, LINNET_ERROR_WRONG_STATE, call, path, LINNET__WORDS("only a read takes values"));
  if (value == NULL || !linnet_path_within(path, question->path))
    return fault(question, LINNET_ERROR_INVALID_ARGUMENT, call, path,
                 LINNET__WORDS("no value, or not what was asked for"));
  if (question->answers == NULL) {
    linnet_batch *answers = linnet_batch_new(question->loop);
    if (answers == NULL) return LINNET_ERROR_NO_MEMORY;
    linnet__batch_attach(answers);
    linnet_batch_unref(answers);
    question->answers = answers;
  }
  if (linnet_batch_find(question->answers, path, &former) == LINNET_OK)
    return fault(question, LINNET_ERROR_EXISTS, call, path, LINNET__WORDS("answered already"));
  return linnet_batch_add(question->answers, path, value);
}

linnet_status linnet_question_refuse(linnet_event *question, unsigned code) {
  if (!is_open(question)) return not_open(question, LINNET__WORDS("refusing"));
  /* The detail of a CoAP code has five bits (RFC 7252 3). */
  if (code < 400 || code >= 600 || code % 100 > 31)
    return linnet__fail(question->loop, LINNET_ERROR_INVALID_ARGUMENT, "%u is no code of an error response",
                        code);
  question->refusal = code;
  return LINNET_OK;
}

linnet_status linnet_question_defer(linnet_event *question) {
  static const char call[] = LINNET__WORDS("deferring");
  if (question->question == LINNET__QUESTION_DEFERRING) return LINNET_OK;
  if (question->question != LINNET__QUESTION_ASKED) return not_open(question, call);
  if (question->finished == NULL) return nobody_waits(question, call);
  question->question = LINNET__QUESTION_DEFERRING;
  return LINNET_OK;
}

linnet_status linnet_question_finish(linnet_event *question, linnet_status status) {
  static const char call[] = LINNET__WORDS("finishing");
  if (question->question == LINNET__QUESTION_ASKED || question->question == LINNET__QUESTION_DEFERRING)
    return fault(question, LINNET_ERROR_WRONG_STATE, call, question->path,
                 LINNET__WORDS("inside its handler; return the status instead"));
  if (question->question != LINNET__QUESTION_DEFERRED) return not_open(question, call);
  if (question->finished == NULL) {
    question->question = LINNET__QUESTION_DONE;
    return nobody_waits(question, call);
  }
  linnet_event_ref(question);
  settle(question, sane(status));
  return LINNET_OK;
}

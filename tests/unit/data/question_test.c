/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to a handler: answered at once, later, or never (event.h, CO-36). */
#include "check.h"
#include "data/data.h"

typedef struct asker {
  linnet_loop *loop;
  linnet_event *question;
  linnet_status finished_with;
  int finished;
  size_t answers;
} asker;

static linnet_loop *new_loop(void) { return linnet_loop_new("0123456789abcdef", 16); }

static linnet_event *new_read(linnet_loop *loop) {
  return linnet__question_new(loop, LINNET_OPERATION_READ, linnet_path_resource(3, 0, 9), NULL, NULL, 0);
}

static void on_finished(linnet_event *question, linnet_status status, void *user) {
  asker *a = user;
  CHECK(linnet__loop_stepping(a->loop));
  CHECK(question == a->question);
  a->finished++;
  a->finished_with = status;
  a->answers = question->answers != NULL ? linnet_batch_count(question->answers) : 0;
}

/* Asks, gives the reference back as an asker does, and keeps the bare pointer. */
static linnet_status ask(asker *a, linnet_loop *loop, linnet_handler handler, void *user) {
  *a = (asker){.loop = loop, .question = new_read(loop)};
  linnet_status status = linnet__question_ask(a->question, handler, user, on_finished, a);
  linnet_event_unref(a->question);
  return status;
}

static linnet_status answer_at_once(linnet_event *question, void *user) {
  (void)user;
  linnet_value value = linnet_value_integer(42);
  CHECK_EQUAL(linnet_event_get_kind(question), LINNET_EVENT_QUESTION);
  CHECK_EQUAL(linnet_event_operation(question), LINNET_OPERATION_READ);
  CHECK_EQUAL(linnet_question_finish(question, LINNET_OK), LINNET_ERROR_WRONG_STATE);
  return linnet_question_answer(question, linnet_event_path(question), &value);
}

static void takes_an_answer_at_once(void) {
  linnet_loop *loop = new_loop();
  linnet_event *question = new_read(loop);
  linnet_value value = linnet_value_integer(1);
  CHECK_EQUAL(linnet_question_answer(question, question->path, &value), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet__question_ask(question, answer_at_once, NULL, on_finished, NULL), LINNET_OK);
  CHECK_EQUAL(question->question, LINNET__QUESTION_DONE);
  CHECK(linnet_batch_find(question->answers, question->path, &value) == LINNET_OK && value.as.integer == 42);
  CHECK_EQUAL(linnet_question_answer(question, question->path, &value), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_question_finish(question, LINNET_OK), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_question_defer(question), LINNET_ERROR_WRONG_STATE);
  linnet_event_unref(question);
  linnet_loop_unref(loop);
}

static linnet_status answer_badly(linnet_event *question, void *user) {
  (void)user;
  linnet_value value = linnet_value_integer(42);
  CHECK_EQUAL(linnet_question_answer(question, linnet_path_resource(3, 0, 8), &value),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_question_answer(question, linnet_path_instance(3, 0), &value),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_question_answer(question, linnet_event_path(question), NULL),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_question_answer(question, linnet_path_resource_instance(3, 0, 9, 1), &value), LINNET_OK);
  CHECK_EQUAL(linnet_question_answer(question, linnet_path_resource_instance(3, 0, 9, 2), &value), LINNET_OK);
  CHECK_EQUAL(linnet_question_answer(question, linnet_path_resource_instance(3, 0, 9, 1), &value),
              LINNET_ERROR_EXISTS);
  return (linnet_status)5;
}

static void takes_answers_within_the_path_alone(void) {
  linnet_loop *loop = new_loop();
  linnet_event *question = new_read(loop);
  CHECK_EQUAL(linnet__question_ask(question, answer_badly, NULL, NULL, NULL), LINNET_ERROR_HANDLER_FAILED);
  CHECK_EQUAL(linnet_batch_count(question->answers), 2);
  linnet_event_unref(question);
  linnet_loop_unref(loop);
}

static linnet_status refuse(linnet_event *question, void *user) {
  (void)user;
  linnet_value value = linnet_value_integer(1);
  CHECK_EQUAL(linnet_question_answer(question, linnet_event_path(question), &value),
              LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_question_refuse(question, 205), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_question_refuse(question, 432), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_question_refuse(question, 600), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_question_defer(question), LINNET_ERROR_CLOSED); /* this asker cannot wait */
  CHECK_EQUAL(linnet_question_refuse(question, 503), LINNET_OK);
  CHECK_TEXT(linnet_event_text(question), "0='x'");
  CHECK_EQUAL(linnet_batch_count(linnet_event_batch(question)), 0);
  return LINNET_OK;
}

static void takes_a_code_for_the_refusal(void) {
  linnet_loop *loop = new_loop();
  linnet_batch *batch = linnet_batch_new(loop);
  linnet_event *question =
      linnet__question_new(loop, LINNET_OPERATION_EXECUTE, linnet_path_resource(3, 0, 4), batch, "0='x'", 5);
  linnet_batch_unref(batch);
  CHECK_EQUAL(linnet__question_ask(question, refuse, NULL, NULL, NULL), LINNET_OK);
  CHECK_EQUAL(question->refusal, 503);
  linnet_event_unref(question);
  linnet_loop_unref(loop);
}

static linnet_status defer(linnet_event *question, void *user) {
  linnet_event **kept = user;
  CHECK_EQUAL(linnet_question_defer(question), LINNET_OK);
  CHECK_EQUAL(linnet_question_defer(question), LINNET_OK);
  CHECK_EQUAL(linnet_question_finish(question, LINNET_OK), LINNET_ERROR_WRONG_STATE);
  *kept = linnet_event_ref(question);
  return LINNET_OK;
}

static void tells_the_asker_of_a_later_answer_in_the_next_step(void) {
  linnet_loop *loop = new_loop();
  size_t before = linnet_loop_memory_used(loop);
  asker a;
  linnet_event *kept;
  CHECK_EQUAL(ask(&a, loop, defer, &kept), LINNET_OK);
  CHECK_EQUAL(kept->question, LINNET__QUESTION_DEFERRED);
  linnet_value value = linnet_value_integer(42);
  CHECK_EQUAL(linnet_question_answer(kept, linnet_event_path(kept), &value), LINNET_OK);
  CHECK_EQUAL(linnet_question_finish(kept, LINNET_OK), LINNET_OK);
  CHECK_EQUAL(linnet_question_finish(kept, LINNET_OK), LINNET_ERROR_WRONG_STATE);
  linnet_event_unref(kept);
  CHECK_EQUAL(a.finished, 0);
  CHECK_EQUAL(linnet_loop_deadline(loop), linnet_loop_now(loop));
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(a.finished, 1);
  CHECK_EQUAL(a.finished_with, LINNET_OK);
  CHECK_EQUAL(a.answers, 1);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

static linnet_status defer_and_forget(linnet_event *question, void *user) {
  (void)user;
  return linnet_question_defer(question);
}

static linnet_status defer_and_fail(linnet_event *question, void *user) {
  (void)user;
  CHECK_EQUAL(linnet_question_defer(question), LINNET_OK);
  return LINNET_ERROR_NOT_FOUND;
}

static void tells_the_asker_once_when_nobody_can_answer_any_more(void) {
  linnet_loop *loop = new_loop();
  size_t before = linnet_loop_memory_used(loop);
  asker a;
  linnet_event *kept;
  ask(&a, loop, defer_and_forget, NULL);
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(a.finished, 1);
  CHECK_EQUAL(a.finished_with, LINNET_ERROR_HANDLER_FAILED);
  ask(&a, loop, defer, &kept);
  linnet_loop_step(loop, 2);
  CHECK_EQUAL(a.finished, 0);
  linnet_event_unref(kept);
  linnet_loop_step(loop, 3);
  linnet_loop_step(loop, 4);
  CHECK_EQUAL(a.finished, 1);
  CHECK_EQUAL(a.finished_with, LINNET_ERROR_HANDLER_FAILED);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

static void takes_a_failure_after_deferring_as_the_answer(void) {
  linnet_loop *loop = new_loop();
  asker a;
  CHECK_EQUAL(ask(&a, loop, defer_and_fail, NULL), LINNET_ERROR_NOT_FOUND);
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(a.finished, 0);
  linnet_loop_unref(loop);
}

static void says_that_nobody_waits_any_more(void) {
  linnet_loop *loop = new_loop();
  asker a;
  linnet_event *kept;
  ask(&a, loop, defer, &kept);
  linnet__question_abandon(a.question);
  CHECK_EQUAL(linnet_question_finish(kept, LINNET_OK), LINNET_ERROR_CLOSED);
  linnet_event_unref(kept);
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(a.finished, 0);
  linnet__question_abandon(NULL);
  linnet_loop_unref(loop);
}

/* Between the finish and the step that would tell, as when a client is closed. */
static void may_be_abandoned_when_it_is_finished_already(void) {
  linnet_loop *loop = new_loop();
  size_t before = linnet_loop_memory_used(loop);
  asker a;
  linnet_event *kept;
  ask(&a, loop, defer, &kept);
  CHECK_EQUAL(linnet_question_finish(kept, LINNET_OK), LINNET_OK);
  linnet_event_unref(kept);
  linnet__question_abandon(a.question);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  ask(&a, loop, defer_and_forget, NULL); /* forsaken, then abandoned */
  linnet__question_abandon(a.question);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(a.finished, 0);
  linnet_loop_unref(loop);
}

static linnet_status abandon_inside(linnet_event *question, void *user) {
  linnet_event **kept = user;
  linnet__question_abandon(question); /* the handler closed the client that asks */
  CHECK_EQUAL(linnet_question_defer(question), LINNET_ERROR_CLOSED);
  *kept = linnet_event_ref(question);
  return LINNET_OK;
}

static void may_be_abandoned_inside_its_handler(void) {
  linnet_loop *loop = new_loop();
  asker a;
  linnet_event *kept;
  ask(&a, loop, abandon_inside, &kept);
  CHECK_EQUAL(linnet_question_finish(kept, LINNET_OK), LINNET_ERROR_WRONG_STATE);
  linnet_event_unref(kept);
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(a.finished, 0);
  linnet_loop_unref(loop);
}

static void an_event_is_no_question(void) {
  linnet_loop *loop = new_loop();
  linnet_event *event = linnet__event_new(loop, LINNET_EVENT_EXECUTED, 1);
  linnet_value value = linnet_value_none();
  CHECK_EQUAL(linnet_question_answer(event, linnet_path_root(), &value), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_question_refuse(event, 404), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_question_defer(event), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_question_finish(event, LINNET_OK), LINNET_ERROR_WRONG_STATE);
  linnet_event_unref(event);
  linnet_loop_unref(loop);
}

static void *failing(void *user, void *block, size_t size) {
  int *left = user;
  if (size > 0 && (*left)-- <= 0) return NULL;
  if (size > 0) return realloc(block, size);
  free(block);
  return NULL;
}

static void is_not_asked_without_its_arguments(void) {
  for (int allocations = 0; allocations < 3; allocations++) {
    int left = 1;
    linnet_loop *loop = linnet_loop_new_with_memory("0123456789abcdef", 16, failing, &left);
    left = allocations;
    linnet_event *question =
        linnet__question_new(loop, LINNET_OPERATION_EXECUTE, linnet_path_resource(3, 0, 4), NULL, "1", 1);
    CHECK((question == NULL) == (allocations < 2));
    linnet_event_unref(question);
    linnet_loop_unref(loop);
  }
}

int main(void) {
  return RUN(takes_an_answer_at_once, takes_answers_within_the_path_alone, takes_a_code_for_the_refusal,
             tells_the_asker_of_a_later_answer_in_the_next_step,
             tells_the_asker_once_when_nobody_can_answer_any_more,
             takes_a_failure_after_deferring_as_the_answer, says_that_nobody_waits_any_more,
             may_be_abandoned_when_it_is_finished_already, may_be_abandoned_inside_its_handler,
             an_event_is_no_question, is_not_asked_without_its_arguments);
}

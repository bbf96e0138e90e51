/* SPDX-License-Identifier: Apache-2.0 */
/* Events, their queue and its limit, log lines (event.h, loop.h). */
#include "check.h"
#include "data/data.h"

static linnet_loop *new_loop(void) { return linnet_loop_new("0123456789abcdef", 16); }

static void emit(linnet_loop *loop, linnet_event_kind kind, uint64_t source) {
  linnet__event_emit(loop, linnet__event_new(loop, kind, source));
}

static linnet_batch *some_batch(linnet_loop *loop) {
  linnet_batch *batch = linnet_batch_new(loop);
  linnet_value value = linnet_value_string("abc");
  linnet_batch_add(batch, linnet_path_object(1), &value);
  return batch;
}

static void answers_empty_for_what_does_not_apply(void) {
  linnet_loop *loop = new_loop();
  emit(loop, LINNET_EVENT_ERROR, 7);
  CHECK(linnet_loop_has_event(loop));
  linnet_event *event = linnet_loop_next_event(loop);
  CHECK(!linnet_loop_has_event(loop));
  CHECK_EQUAL(linnet_event_get_kind(event), LINNET_EVENT_ERROR);
  CHECK(linnet_event_loop(event) == loop);
  CHECK_EQUAL(linnet_event_source(event), 7);
  CHECK_EQUAL(linnet_event_status(event), LINNET_OK);
  CHECK_EQUAL(linnet_event_code(event), 0);
  CHECK_TEXT(linnet_event_endpoint(event), "");
  CHECK_TEXT(linnet_event_text(event), "");
  CHECK_EQUAL(linnet_event_registration(event), 0);
  CHECK_EQUAL(linnet_event_request(event), 0);
  CHECK_EQUAL(linnet_event_operation(event), LINNET_OPERATION_NONE);
  CHECK(linnet_path_equal(linnet_event_path(event), linnet_path_root()));
  CHECK_EQUAL(linnet_event_format(event), LINNET_FORMAT_NONE);
  CHECK(linnet_event_batch(event) == NULL);
  CHECK_EQUAL(linnet_event_log_level(event), LINNET_LOG_OFF);
  linnet_loop_unref(loop);
}

static void tells_what_was_put_in(void) {
  linnet_loop *loop = new_loop();
  linnet_event *event = linnet__event_new(loop, LINNET_EVENT_NOTIFY, 1);
  linnet_batch *batch = some_batch(loop);
  linnet__event_set_endpoint(event, "first");
  linnet__event_set_endpoint(event, "device");
  linnet__event_set_text(event, "words and more", 5);
  linnet__event_set_batch(event, batch);
  linnet__event_set_batch(event, batch);
  linnet_batch_unref(batch);
  linnet__event_emit(loop, event);
  event = linnet_loop_next_event(loop);
  CHECK_TEXT(linnet_event_endpoint(event), "device");
  CHECK_TEXT(linnet_event_text(event), "words");
  CHECK_EQUAL(linnet_batch_count(linnet_event_batch(event)), 1);
  linnet_loop_unref(loop);
}

static void names_kinds_as_the_command_line(void) {
  CHECK_TEXT(linnet_event_kind_name(LINNET_EVENT_QUESTION), "question");
  CHECK_TEXT(linnet_event_kind_name(LINNET_EVENT_OBSERVATION_ENDED), "observation-ended");
  CHECK_TEXT(linnet_event_kind_name((linnet_event_kind)99), "unknown");
}

static void comes_out_in_the_order_it_went_in(void) {
  linnet_loop *loop = new_loop();
  static const linnet_event_kind kinds[] = {LINNET_EVENT_RESPONSE, LINNET_EVENT_NOTIFY,
                                            LINNET_EVENT_REGISTERED};
  for (uint64_t i = 0; i < 30; i++) emit(loop, kinds[i % 3], i);
  for (uint64_t i = 0; i < 30; i++) CHECK_EQUAL(linnet_event_source(linnet_loop_next_event(loop)), i);
  CHECK(linnet_loop_next_event(loop) == NULL);
  linnet_loop_unref(loop);
}

static void drops_notifications_first_and_answers_last(void) {
  linnet_loop *loop = new_loop();
  CHECK_EQUAL(linnet_loop_set_event_limit(loop, 0), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_loop_set_event_limit(loop, 4), LINNET_OK);
  emit(loop, LINNET_EVENT_RESPONSE, 1);
  emit(loop, LINNET_EVENT_REGISTERED, 2);
  emit(loop, LINNET_EVENT_NOTIFY, 3);
  emit(loop, LINNET_EVENT_NOTIFY, 4);
  CHECK_EQUAL(linnet_loop_events_dropped(loop), 0);
  emit(loop, LINNET_EVENT_NOTIFY, 5);    /* for 3 */
  emit(loop, LINNET_EVENT_UPDATED, 6);   /* for 4 */
  emit(loop, LINNET_EVENT_RESPONSE, 7);  /* for 5 */
  emit(loop, LINNET_EVENT_NOTIFY, 8);    /* goes itself */
  emit(loop, LINNET_EVENT_RESPONSE, 9);  /* for 2 */
  emit(loop, LINNET_EVENT_UPDATED, 10);  /* for 6 */
  emit(loop, LINNET_EVENT_RESPONSE, 11); /* for 10 */
  emit(loop, LINNET_EVENT_RESPONSE, 12); /* for 1 */
  CHECK_EQUAL(linnet_loop_events_dropped(loop), 8);
  static const uint64_t left[] = {7, 9, 11, 12};
  for (size_t i = 0; i < 4; i++) CHECK_EQUAL(linnet_event_source(linnet_loop_next_event(loop)), left[i]);
  linnet_loop_unref(loop);
}

static void drops_at_once_when_the_limit_sinks(void) {
  linnet_loop *loop = new_loop();
  for (uint64_t i = 0; i < 10; i++) emit(loop, LINNET_EVENT_UPDATED, i);
  linnet_loop_set_event_limit(loop, 3);
  CHECK_EQUAL(linnet_loop_events_dropped(loop), 7);
  CHECK_EQUAL(linnet_event_source(linnet_loop_next_event(loop)), 7);
  linnet_loop_unref(loop);
}

static void holds_a_thousand_events_by_default(void) {
  linnet_loop *loop = new_loop();
  for (uint64_t i = 0; i < 1025; i++) emit(loop, LINNET_EVENT_UPDATED, i);
  CHECK_EQUAL(linnet_loop_events_dropped(loop), 1);
  linnet_loop_unref(loop);
}

static void lives_until_the_next_call_or_as_long_as_it_is_referred_to(void) {
  linnet_loop *loop = new_loop();
  size_t before = linnet_loop_memory_used(loop);
  for (uint64_t i = 0; i < 3; i++) emit(loop, LINNET_EVENT_UPDATED, i);
  linnet_event *first = linnet_event_ref(linnet_loop_next_event(loop));
  linnet_event *second = linnet_loop_next_event(loop);
  CHECK_EQUAL(linnet_event_source(first), 0);
  CHECK_EQUAL(linnet_event_source(second), 1);
  linnet_event_unref(first);
  linnet_loop_next_event(loop);
  CHECK(linnet_loop_next_event(loop) == NULL);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_event_unref(NULL);
  linnet_loop_unref(loop);
}

static void do_not_keep_their_loop_by_waiting(void) {
  linnet_loop *loop = new_loop();
  for (int i = 0; i < 3; i++) {
    linnet_event *event = linnet__event_new(loop, LINNET_EVENT_NOTIFY, 1);
    linnet_batch *batch = some_batch(loop);
    linnet__event_set_batch(event, batch);
    linnet_batch_unref(batch);
    linnet__event_emit(loop, event);
  }
  linnet_loop_next_event(loop);
  linnet_loop_unref(loop); /* the leak checker tells whether all of it went */
}

static void keeps_its_loop_by_a_reference_from_outside(void) {
  linnet_loop *loop = new_loop();
  emit(loop, LINNET_EVENT_NOTIFY, 1);
  emit(loop, LINNET_EVENT_NOTIFY, 2);
  linnet_event *event = linnet_event_ref(linnet_loop_next_event(loop));
  linnet_event_ref(event);
  linnet_loop_unref(loop);
  CHECK_EQUAL(linnet_event_source(linnet_loop_next_event(linnet_event_loop(event))), 2);
  linnet_event_unref(event);
  CHECK(linnet_loop_memory_used(linnet_event_loop(event)) > 0);
  linnet_event_unref(event);
}

static void keeps_its_loop_by_a_batch_that_outlives_the_event(void) {
  linnet_loop *loop = new_loop();
  linnet_event *event = linnet__event_new(loop, LINNET_EVENT_NOTIFY, 1);
  linnet_batch *batch = some_batch(loop);
  linnet__event_set_batch(event, batch);
  linnet__event_emit(loop, event);
  linnet_loop_next_event(loop);
  linnet_batch_unref(batch);
  linnet_batch *again = linnet_batch_ref(batch);
  linnet_loop_unref(loop);
  CHECK(linnet_loop_next_event(linnet_batch_loop(again)) == NULL);
  CHECK_EQUAL(linnet_batch_count(again), 1);
  linnet_batch_unref(again);
}

static void carries_log_lines_that_were_asked_for(void) {
  linnet_loop *loop = new_loop();
  linnet__log(loop, LINNET_LOG_ERROR, "nobody asked");
  CHECK(!linnet_loop_has_event(loop));
  linnet_loop_set_log_level(loop, LINNET_LOG_INFO);
  linnet__log(loop, LINNET_LOG_INFO, "line %u", 1u);
  linnet__log(loop, LINNET_LOG_DEBUG, "too much");
  linnet_event *event = linnet_loop_next_event(loop);
  CHECK_EQUAL(linnet_event_get_kind(event), LINNET_EVENT_LOG);
  CHECK_EQUAL(linnet_event_log_level(event), LINNET_LOG_INFO);
  CHECK_TEXT(linnet_event_text(event), "line 1");
  CHECK(linnet_loop_next_event(loop) == NULL);
  linnet_loop_set_log_level(loop, LINNET_LOG_OFF);
  linnet__log(loop, LINNET_LOG_ERROR, "nobody asks any more");
  CHECK(!linnet_loop_has_event(loop));
  linnet_loop_unref(loop);
}

static void *failing(void *user, void *block, size_t size) {
  int *left = user;
  if (size > 0 && (*left)-- <= 0) return NULL;
  if (size > 0) return realloc(block, size);
  free(block);
  return NULL;
}

static void counts_what_could_not_be_made(void) {
  for (int allocations = 0; allocations < 5; allocations++) {
    int left = 1;
    linnet_loop *loop = linnet_loop_new_with_memory("0123456789abcdef", 16, failing, &left);
    left = allocations;
    linnet_event *event = linnet__event_new(loop, LINNET_EVENT_UPDATED, 1);
    if (event != NULL) {
      linnet__event_set_endpoint(event, "device");
      linnet__event_set_text(event, "text", 4);
    }
    linnet__event_emit(loop, event);
    CHECK_EQUAL(linnet_loop_events_dropped(loop), allocations == 0);
    event = linnet_loop_next_event(loop);
    if (event != NULL) CHECK_TEXT(linnet_event_endpoint(event), allocations >= 2 ? "device" : "");
    linnet_loop_set_log_level(loop, LINNET_LOG_ERROR);
    linnet__log(loop, LINNET_LOG_ERROR, "line");
    linnet_loop_unref(loop);
  }
}

int main(void) {
  return RUN(answers_empty_for_what_does_not_apply, tells_what_was_put_in, names_kinds_as_the_command_line,
             comes_out_in_the_order_it_went_in, drops_notifications_first_and_answers_last,
             drops_at_once_when_the_limit_sinks, holds_a_thousand_events_by_default,
             lives_until_the_next_call_or_as_long_as_it_is_referred_to, do_not_keep_their_loop_by_waiting,
             keeps_its_loop_by_a_reference_from_outside, keeps_its_loop_by_a_batch_that_outlives_the_event,
             carries_log_lines_that_were_asked_for, counts_what_could_not_be_made);
}

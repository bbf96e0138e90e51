/* SPDX-License-Identifier: Apache-2.0 */
/* bootstrap_memory_test.c: a bootstrap server that runs out of memory anywhere. */
#include "bootstrap/scripted_bootstrap.h"

typedef struct tally {
  size_t started;
  size_t finished;
  size_t succeeded;
} tally;

static void count_events(stage *s, tally *t) {
  linnet_event *event;
  while ((event = linnet_loop_next_event(s->b.loop)) != NULL) {
    if (linnet_event_get_kind(event) == LINNET_EVENT_BOOTSTRAP_STARTED) t->started++;
    if (linnet_event_get_kind(event) != LINNET_EVENT_BOOTSTRAP_FINISHED) continue;
    t->finished++;
    if (linnet_event_status(event) == LINNET_OK) t->succeeded++;
  }
}

/* Asks, and accepts whatever comes. */
static void be_served(stage *s, device *d) {
  draft m;
  sent out;
  draft_begin(&m, 0, POST, d->message_id++, "tk", 2);
  draft_uri(&m, "bs?ep=kitchen", NO_FORMAT);
  linnet_transport_receive(s->b.transport, &d->address, m.bytes, m.length);
  linnet_loop_step(s->b.loop, s->b.now);
  while (take(&s->b, &out)) {
    if (out.message.type != LINNET_MESSAGE_CON || out.message.code == 0) continue;
    draft_begin(&m, 2, out.message.code == DELETE ? 202 : 204, out.message.message_id, out.message.token,
                out.message.token_length);
    linnet_transport_receive(s->b.transport, &d->address, m.bytes, m.length);
    linnet_loop_step(s->b.loop, s->b.now);
  }
}

/* Configures, serves, is asked again in the middle. */
static void live(stage *s, const linnet_batch *records, tally *t) {
  device d = device_new(1);
  draft m;
  linnet_status status = give(s, "kitchen", records, false);
  CHECK(status == LINNET_OK || status == LINNET_ERROR_NO_MEMORY);
  if (status != LINNET_OK) CHECK(linnet_error_text(s->b.loop)[0] != 0);
  CHECK_EQUAL(linnet_bootstrap_configured(s->bootstrap), status == LINNET_OK);
  draft_begin(&m, 0, POST, d.message_id++, "tk", 2);
  draft_uri(&m, "bs?ep=kitchen", NO_FORMAT);
  linnet_transport_receive(s->b.transport, &d.address, m.bytes, m.length);
  linnet_loop_step(s->b.loop, s->b.now);
  be_served(s, &d);
  count_events(s, t);
}

static size_t live_with_failures(size_t at, size_t count) {
  stage s;
  tally t = {0}, later = {0};
  device d = device_new(2);
  stage_begin(&s);
  linnet_batch *records = account(&s, 60);
  size_t before = s.b.memory.allocations;
  s.b.memory.fail_at = before + at;
  s.b.memory.fail_count = count;
  live(&s, records, &t);
  size_t used = s.b.memory.allocations - before;
  s.b.memory.fail_at = 0;
  pass(&s.b, s.b.now + 600000);
  count_events(&s, &t);
  CHECK_EQUAL(t.finished, t.started);
  CHECK_EQUAL(give(&s, "kitchen", records, false), LINNET_OK);
  be_served(&s, &d);
  count_events(&s, &later);
  CHECK_EQUAL(later.started, 1);
  CHECK_EQUAL(later.succeeded, 1);
  linnet_batch_unref(records);
  stage_end(&s);
  return used;
}

static void survives_the_failure_of_any_one_allocation(void) {
  size_t used = live_with_failures(SIZE_MAX / 2, 1);
  CHECK(used > 10);
  for (size_t at = 1; at <= used + 1; at++) live_with_failures(at, 1);
}

static void survives_the_failure_of_all_allocations_from_any_one_on(void) {
  size_t used = live_with_failures(SIZE_MAX / 2, 1);
  for (size_t at = 1; at <= used + 1; at++) live_with_failures(at, SIZE_MAX);
}

static void making_one_fails_cleanly(void) {
  static const uint8_t seed[LINNET_SEED_SIZE] = "scripted server";
  for (size_t at = 1; at < 20; at++) {
    memory state = {0};
    linnet_loop *loop = linnet_loop_new_with_memory(seed, sizeof seed, memory_reallocate, &state);
    state.fail_at = state.allocations + at;
    state.fail_count = SIZE_MAX;
    linnet_bootstrap *bootstrap = linnet_bootstrap_new(loop, NULL);
    if (bootstrap == NULL) CHECK(linnet_error_text(loop)[0] != 0);
    linnet_bootstrap_unref(bootstrap);
    linnet_loop_unref(loop);
  }
}

static void nothing_is_left_of_a_bootstrap_that_is_over(void) {
  stage s;
  tally t = {0};
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  be_served(&s, &d);
  pass(&s.b, s.b.now + 600000);
  count_events(&s, &t);
  size_t used = linnet_loop_memory_used(s.b.loop);
  for (int i = 0; i < 20; i++) {
    be_served(&s, &d);
    pass(&s.b, s.b.now + 600000);
    count_events(&s, &t);
  }
  CHECK_EQUAL(t.succeeded, 21);
  CHECK_EQUAL(linnet_loop_memory_used(s.b.loop), used);
  stage_end(&s);
}

int main(void) {
  return RUN(making_one_fails_cleanly, survives_the_failure_of_any_one_allocation,
             survives_the_failure_of_all_allocations_from_any_one_on,
             nothing_is_left_of_a_bootstrap_that_is_over);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Timers (timers.h): order, moves, and what a timer may do to others. */
#include "base/base.h"
#include "check.h"

#define MODEL_SIZE 200

typedef struct alarm {
  linnet__timer timer;
  linnet_loop *loop;
  struct alarm *other;
  unsigned id;
} alarm;

static unsigned ran[4096];
static size_t ran_count;

static linnet_loop *new_loop(void) {
  ran_count = 0;
  return linnet_loop_new("0123456789abcdef", 16);
}

static void note(linnet__timer *timer) {
  CHECK(!linnet__timer_armed(timer));
  ran[ran_count++] = LINNET__CONTAINER(timer, alarm, timer)->id;
}

static void note_and_stop_other(linnet__timer *timer) {
  alarm *a = LINNET__CONTAINER(timer, alarm, timer);
  note(timer);
  linnet__timer_stop(a->loop, &a->other->timer);
}

static void note_and_free_other(linnet__timer *timer) {
  alarm *a = LINNET__CONTAINER(timer, alarm, timer);
  note(timer);
  linnet__timer_stop(a->loop, &a->other->timer);
  free(a->other);
}

static void note_and_free_itself(linnet__timer *timer) {
  note(timer);
  free(LINNET__CONTAINER(timer, alarm, timer));
}

static void note_and_arm_other_now(linnet__timer *timer) {
  alarm *a = LINNET__CONTAINER(timer, alarm, timer);
  note(timer);
  linnet__timer_arm_in(a->loop, &a->other->timer, 0, note);
}

static void runs_at_the_deadline_and_not_before(void) {
  linnet_loop *loop = new_loop();
  alarm a = {.id = 1};
  linnet__timer_arm(loop, &a.timer, 100, note);
  CHECK(linnet__timer_armed(&a.timer));
  CHECK_EQUAL(linnet_loop_deadline(loop), 100);
  CHECK_EQUAL(linnet_loop_step(loop, 99), 100);
  CHECK_EQUAL(ran_count, 0);
  CHECK(linnet_loop_step(loop, 100) == LINNET_NEVER);
  CHECK_EQUAL(ran_count, 1);
  linnet_loop_unref(loop);
}

static void runs_the_same_deadline_in_the_order_of_arming(void) {
  linnet_loop *loop = new_loop();
  alarm a[50] = {0};
  for (unsigned i = 0; i < 50; i++) {
    a[i].id = i;
    linnet__timer_arm(loop, &a[i].timer, 10, note);
  }
  linnet__timer_arm(loop, &a[0].timer, 10, note); /* armed again: now the last */
  linnet_loop_step(loop, 10);
  CHECK_EQUAL(ran_count, 50);
  for (unsigned i = 0; i < 49; i++) CHECK_EQUAL(ran[i], i + 1);
  CHECK_EQUAL(ran[49], 0);
  linnet_loop_unref(loop);
}

static void never_stops_a_timer(void) {
  linnet_loop *loop = new_loop();
  alarm a = {0};
  linnet__timer_arm(loop, &a.timer, 10, note);
  linnet__timer_arm(loop, &a.timer, LINNET_NEVER, note);
  CHECK(!linnet__timer_armed(&a.timer));
  linnet_loop_step(loop, 5);
  linnet__timer_arm_in(loop, &a.timer, LINNET_NEVER, note);
  CHECK(!linnet__timer_armed(&a.timer));
  linnet__timer_arm_in(loop, &a.timer, LINNET_NEVER - 5, note);
  CHECK(linnet_loop_deadline(loop) == LINNET_NEVER);
  linnet__timer_stop(loop, &a.timer);
  linnet__timer_stop(loop, &a.timer);
  linnet_loop_unref(loop);
}

static void may_stop_a_timer_that_is_due_in_the_same_round(void) {
  linnet_loop *loop = new_loop();
  alarm b = {.id = 2}, a = {.id = 1, .loop = loop, .other = &b}, c = {.id = 3};
  linnet__timer_arm(loop, &a.timer, 10, note_and_stop_other);
  linnet__timer_arm(loop, &b.timer, 10, note);
  linnet__timer_arm(loop, &c.timer, 10, note);
  linnet_loop_step(loop, 10);
  CHECK_EQUAL(ran_count, 2);
  CHECK_EQUAL(ran[1], 3);
  linnet_loop_unref(loop);
}

static void may_free_itself_and_others(void) {
  linnet_loop *loop = new_loop();
  alarm *b = calloc(1, sizeof *b), *c = calloc(1, sizeof *c);
  alarm a = {.id = 1, .loop = loop, .other = b};
  c->id = 3;
  linnet__timer_arm(loop, &a.timer, 10, note_and_free_other);
  linnet__timer_arm(loop, &b->timer, 10, note);
  linnet__timer_arm(loop, &c->timer, 10, note_and_free_itself);
  linnet_loop_step(loop, 10);
  CHECK_EQUAL(ran_count, 2);
  CHECK_EQUAL(ran[1], 3);
  linnet_loop_unref(loop);
}

static void runs_a_timer_armed_by_a_timer_in_the_next_round(void) {
  linnet_loop *loop = new_loop();
  alarm b = {.id = 2}, a = {.id = 1, .loop = loop, .other = &b}, c = {.id = 3};
  linnet_loop_step(loop, 1);
  linnet__timer_arm(loop, &a.timer, 10, note_and_arm_other_now);
  linnet__timer_arm(loop, &c.timer, 10, note);
  linnet_loop_step(loop, 10);
  CHECK_EQUAL(ran_count, 3);
  CHECK_EQUAL(ran[1], 3);
  CHECK_EQUAL(ran[2], 2);
  linnet_loop_unref(loop);
}

static void note_and_arm_itself(linnet__timer *timer) {
  alarm *a = LINNET__CONTAINER(timer, alarm, timer);
  note(timer);
  linnet__timer_arm_in(a->loop, timer, 0, note_and_arm_itself);
}

static void ends_a_step_of_a_timer_that_is_always_due(void) {
  linnet_loop *loop = new_loop();
  alarm a = {.loop = loop};
  linnet__timer_arm(loop, &a.timer, 10, note_and_arm_itself);
  CHECK_EQUAL(linnet_loop_step(loop, 10), 10);
  CHECK(ran_count > 1);
  linnet__timer_stop(loop, &a.timer);
  linnet_loop_unref(loop);
}

/* The origin of the clock is unknown until the first step tells it. */
static void counts_delays_armed_early_from_the_first_step(void) {
  linnet_loop *loop = new_loop();
  alarm a = {.id = 1}, b = {.id = 2}, c = {.id = 3};
  linnet__timer_arm_in(loop, &a.timer, 50, note);
  linnet__timer_arm_in(loop, &b.timer, 20, note);
  linnet__timer_arm_in(loop, &c.timer, 30, note);
  CHECK(linnet__timer_armed(&a.timer));
  linnet__timer_stop(loop, &c.timer);
  CHECK_EQUAL(linnet_loop_deadline(loop), 0);
  CHECK_EQUAL(linnet_loop_step(loop, 1000000), 1000020);
  CHECK_EQUAL(linnet_loop_step(loop, 1000049), 1000050);
  linnet_loop_step(loop, 1000050);
  CHECK_EQUAL(ran_count, 2);
  CHECK_EQUAL(ran[0], 2);
  linnet_loop_unref(loop);
}

static int compare(const void *left, const void *right) {
  const alarm *a = *(alarm *const *)left, *b = *(alarm *const *)right;
  if (a->timer.deadline_ms != b->timer.deadline_ms)
    return a->timer.deadline_ms < b->timer.deadline_ms ? -1 : 1;
  return a->timer.sequence < b->timer.sequence ? -1 : 1;
}

/* Arms, moves and stops at random; what runs is what a sorted list of the armed ones says. */
static void agrees_with_a_sorted_list(void) {
  linnet_loop *loop = new_loop();
  static alarm alarms[MODEL_SIZE];
  uint64_t now = 0;
  for (unsigned i = 0; i < MODEL_SIZE; i++) alarms[i].id = i;
  for (int round = 0; round < 3000; round++) {
    for (unsigned i = linnet__random_u32(loop) % 20; i > 0; i--) {
      alarm *a = &alarms[linnet__random_u32(loop) % MODEL_SIZE];
      if (linnet__random_u32(loop) % 4 == 0)
        linnet__timer_stop(loop, &a->timer);
      else
        linnet__timer_arm(loop, &a->timer, now + linnet__random_u32(loop) % 100, note);
    }
    alarm *due[MODEL_SIZE];
    size_t due_count = 0;
    uint64_t earliest = LINNET_NEVER;
    now += linnet__random_u32(loop) % 10;
    for (unsigned i = 0; i < MODEL_SIZE; i++) {
      if (!linnet__timer_armed(&alarms[i].timer)) continue;
      if (alarms[i].timer.deadline_ms <= now)
        due[due_count++] = &alarms[i];
      else if (alarms[i].timer.deadline_ms < earliest)
        earliest = alarms[i].timer.deadline_ms;
    }
    qsort(due, due_count, sizeof due[0], compare);
    ran_count = 0;
    CHECK(linnet_loop_step(loop, now) == earliest);
    CHECK_EQUAL(ran_count, due_count);
    for (size_t i = 0; i < due_count; i++) CHECK_EQUAL(ran[i], due[i]->id);
  }
  linnet_loop_unref(loop);
}

static size_t many_ran;
static uint64_t many_last;
static void note_many(linnet__timer *timer) {
  CHECK(timer->deadline_ms >= many_last);
  many_last = timer->deadline_ms;
  many_ran++;
}

static void takes_many_timers_without_recursion(void) {
  linnet_loop *loop = new_loop();
  size_t count = 300000;
  linnet__timer *timers = calloc(count, sizeof *timers);
  for (size_t i = 0; i < count; i++) linnet__timer_arm(loop, &timers[i], count - i, note_many);
  for (size_t i = 0; i < count; i += 3) linnet__timer_stop(loop, &timers[i]);
  linnet_loop_step(loop, count);
  CHECK_EQUAL(many_ran, count - (count + 2) / 3);
  many_last = 0;
  for (size_t i = 0; i < count; i++) linnet__timer_arm(loop, &timers[i], count + i, note_many);
  linnet_loop_step(loop, 2 * count);
  linnet_loop_unref(loop);
  free(timers);
}

int main(void) {
  return RUN(runs_at_the_deadline_and_not_before, runs_the_same_deadline_in_the_order_of_arming,
             never_stops_a_timer, may_stop_a_timer_that_is_due_in_the_same_round, may_free_itself_and_others,
             runs_a_timer_armed_by_a_timer_in_the_next_round, ends_a_step_of_a_timer_that_is_always_due,
             counts_delays_armed_early_from_the_first_step, agrees_with_a_sorted_list,
             takes_many_timers_without_recursion);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The step, tasks, time, context and references of a loop (loop.h, runtime.h). */
#include "base/base.h"
#include "check.h"

static linnet_loop *new_loop(void) { return linnet_loop_new("0123456789abcdef", 16); }

typedef struct worker {
  linnet__task task;
  linnet_loop *loop;
  struct worker *other;
  int runs;
} worker;

static void count_run(linnet__task *task) { LINNET__CONTAINER(task, worker, task)->runs++; }

static void post_again(linnet__task *task) {
  worker *w = LINNET__CONTAINER(task, worker, task);
  w->runs++;
  linnet__task_post(w->loop, task);
}

static void post_other(linnet__task *task) {
  worker *w = LINNET__CONTAINER(task, worker, task);
  w->runs++;
  linnet__task_post(w->loop, &w->other->task);
}

static void cancel_other(linnet__task *task) {
  worker *w = LINNET__CONTAINER(task, worker, task);
  w->runs++;
  linnet__task_cancel(&w->other->task);
}

static void step_inside(linnet__task *task) {
  worker *w = LINNET__CONTAINER(task, worker, task);
  w->runs++;
  CHECK(linnet__loop_stepping(w->loop));
  CHECK_EQUAL(linnet_loop_step(w->loop, 99), 99);
  CHECK_EQUAL(linnet_loop_now(w->loop), 10);
}

static void refuses_a_short_seed(void) {
  CHECK(linnet_loop_new("0123456789abcde", 15) == NULL);
  CHECK(linnet_loop_new(NULL, 16) == NULL);
}

static void is_never_due_without_work(void) {
  linnet_loop *loop = new_loop();
  CHECK(linnet_loop_deadline(loop) == LINNET_NEVER);
  CHECK(linnet_loop_step(loop, 5) == LINNET_NEVER);
  CHECK(!linnet__loop_stepping(loop));
  linnet_loop_unref(loop);
}

static void runs_a_task_once_however_often_it_was_posted(void) {
  linnet_loop *loop = new_loop();
  worker w = {.loop = loop};
  linnet__task_init(&w.task, count_run);
  linnet__task_post(loop, &w.task);
  linnet__task_post(loop, &w.task);
  CHECK_EQUAL(linnet_loop_deadline(loop), linnet_loop_now(loop));
  CHECK(linnet_loop_step(loop, 1) == LINNET_NEVER);
  CHECK_EQUAL(w.runs, 1);
  linnet_loop_unref(loop);
}

static void runs_a_task_that_a_task_posted_in_the_same_step(void) {
  linnet_loop *loop = new_loop();
  worker b = {.loop = loop}, a = {.loop = loop, .other = &b};
  linnet__task_init(&a.task, post_other);
  linnet__task_init(&b.task, count_run);
  linnet__task_post(loop, &a.task);
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(b.runs, 1);
  linnet_loop_unref(loop);
}

static void ends_a_step_of_endless_tasks_and_says_that_more_is_due(void) {
  linnet_loop *loop = new_loop();
  worker w = {.loop = loop};
  linnet__task_init(&w.task, post_again);
  linnet__task_post(loop, &w.task);
  CHECK_EQUAL(linnet_loop_step(loop, 7), 7);
  CHECK(w.runs > 1);
  linnet__task_cancel(&w.task);
  CHECK(linnet_loop_step(loop, 7) == LINNET_NEVER);
  linnet_loop_unref(loop);
}

static void does_not_run_a_task_cancelled_in_the_same_round(void) {
  linnet_loop *loop = new_loop();
  worker b = {.loop = loop}, a = {.loop = loop, .other = &b};
  linnet__task_init(&a.task, cancel_other);
  linnet__task_init(&b.task, count_run);
  linnet__task_post(loop, &a.task);
  linnet__task_post(loop, &b.task);
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(a.runs, 1);
  CHECK_EQUAL(b.runs, 0);
  linnet_loop_unref(loop);
}

static void does_nothing_in_a_step_within_a_step(void) {
  linnet_loop *loop = new_loop();
  worker w = {.loop = loop};
  linnet__task_init(&w.task, step_inside);
  linnet__task_post(loop, &w.task);
  linnet_loop_step(loop, 10);
  CHECK_EQUAL(w.runs, 1);
  linnet_loop_unref(loop);
}

static void unref_loop(linnet__task *task) {
  worker *w = LINNET__CONTAINER(task, worker, task);
  linnet_loop_unref(w->loop);
}

static void survives_the_last_reference_going_inside_a_step(void) {
  linnet_loop *loop = new_loop();
  worker w = {.loop = loop};
  linnet__task_init(&w.task, unref_loop);
  linnet__task_post(loop, &w.task);
  CHECK(linnet_loop_step(loop, 10) == LINNET_NEVER);
}

static void takes_time_going_backwards_as_standing_still(void) {
  linnet_loop *loop = new_loop();
  linnet_loop_step(loop, 100);
  linnet_loop_step(loop, 40);
  CHECK_EQUAL(linnet_loop_now(loop), 100);
  linnet_loop_unref(loop);
}

static void tells_the_wall_clock_as_of_the_last_step(void) {
  linnet_loop *loop = new_loop();
  CHECK_EQUAL(linnet_loop_wall_clock(loop), 0);
  linnet_loop_step(loop, 5000);
  linnet_loop_set_wall_clock(loop, 1700000000000);
  linnet_loop_step(loop, 6500);
  CHECK_EQUAL(linnet_loop_wall_clock(loop), 1700000001500);
  linnet_loop_unref(loop);
}

static void counts_a_wall_clock_told_early_from_the_first_step(void) {
  linnet_loop *loop = new_loop();
  linnet_loop_set_wall_clock(loop, 1700000000000);
  linnet_loop_step(loop, 123456789);
  CHECK_EQUAL(linnet_loop_wall_clock(loop), 1700000000000);
  linnet_loop_step(loop, 123456790);
  CHECK_EQUAL(linnet_loop_wall_clock(loop), 1700000000001);
  linnet_loop_unref(loop);
}

static void count_release(void *user) { ++*(int *)user; }

static void releases_each_context_once(void) {
  linnet_loop *loop = new_loop();
  int first = 0, second = 0;
  linnet_loop_set_context(loop, &first, count_release);
  CHECK(linnet_loop_context(loop) == &first);
  linnet_loop_set_context(loop, &second, count_release);
  CHECK_EQUAL(first, 1);
  linnet_loop_ref(loop);
  linnet_loop_unref(loop);
  CHECK_EQUAL(second, 0);
  linnet_loop_unref(loop);
  CHECK_EQUAL(first, 1);
  CHECK_EQUAL(second, 1);
}

static void never_gives_a_number_twice(void) {
  linnet_loop *loop = new_loop();
  CHECK_EQUAL(linnet__loop_number(loop), 1);
  CHECK_EQUAL(linnet__loop_number(loop), 2);
  linnet_loop_unref(loop);
}

int main(void) {
  return RUN(refuses_a_short_seed, is_never_due_without_work, runs_a_task_once_however_often_it_was_posted,
             runs_a_task_that_a_task_posted_in_the_same_step,
             ends_a_step_of_endless_tasks_and_says_that_more_is_due,
             does_not_run_a_task_cancelled_in_the_same_round, does_nothing_in_a_step_within_a_step,
             survives_the_last_reference_going_inside_a_step, takes_time_going_backwards_as_standing_still,
             tells_the_wall_clock_as_of_the_last_step, counts_a_wall_clock_told_early_from_the_first_step,
             releases_each_context_once, never_gives_a_number_twice);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* loop.c: life, time, tasks and the step of a loop (loop.h, docs/architecture.md section 2). */
#include <linnet/loop.h>
#include <stdlib.h>

#include "loop_state.h"
#include "memory.h"
#include "random.h"

/* How many times a step looks for more to do: enough for chains of tasks, and an end to endless ones. */
#define ROUNDS 100

static void *reallocate_default(void *user, void *block, size_t size) {
  (void)user;
  if (size > 0) return realloc(block, size);
  free(block);
  return NULL;
}

linnet_loop *linnet_loop_new(const void *seed, size_t length) {
  linnet_loop *loop = linnet_loop_new_with_memory(seed, length, reallocate_default, NULL);
  if (loop != NULL) loop->has_stock = true;
  return loop;
}

linnet_loop *linnet_loop_new_with_memory(const void *seed, size_t length, linnet_reallocate reallocate,
                                         void *user) {
  if (seed == NULL || length < LINNET_SEED_SIZE || reallocate == NULL) return NULL;
  linnet_loop *loop = reallocate(user, NULL, sizeof *loop);
  if (loop == NULL) return NULL;
  *loop = (linnet_loop){.references = 1, .reallocate = reallocate, .memory_user = user};
  loop->memory_used = sizeof *loop;
  linnet__list_init(&loop->tasks);
  linnet__queue_init(loop);
  linnet__random_seed(loop, seed, length);
  loop->seed_size = length;
  return loop;
}

linnet_loop *linnet_loop_ref(linnet_loop *loop) {
  loop->references++;
  return loop;
}

static void release_context(linnet_loop *loop) {
  linnet_release release = loop->context_release;
  void *context = loop->context;
  loop->context_release = NULL;
  loop->context = NULL;
  if (release != NULL) release(context);
}

void linnet_loop_unref(linnet_loop *loop) {
  if (loop == NULL || --loop->references > 0) return;
  /* What is released here may take a reference for a moment and give it back. */
  loop->references = UINT32_MAX / 2;
  linnet__queue_free(loop);
  release_context(loop);
  linnet__queue_free(loop);
  linnet__memory_trim(loop);
  loop->reallocate(loop->memory_user, loop, 0);
}

void linnet_loop_set_context(linnet_loop *loop, void *context, linnet_release release) {
  linnet_release former_release = loop->context_release;
  void *former = loop->context;
  loop->context = context;
  loop->context_release = release;
  if (former_release != NULL) former_release(former);
}

void *linnet_loop_context(const linnet_loop *loop) { return loop->context; }

uint64_t linnet__loop_number(linnet_loop *loop) { return ++loop->number; }

void linnet__loop_skip_numbers(linnet_loop *loop, uint64_t number) {
  if (loop->number < number) loop->number = number;
}

void linnet__loop_hold(linnet_loop *loop) { loop->holds++; }
void linnet__loop_release(linnet_loop *loop) { loop->holds--; }
bool linnet__loop_held(const linnet_loop *loop) { return loop->holds > 0; }

size_t linnet_loop_memory_used(const linnet_loop *loop) { return loop->memory_used; }

uint64_t linnet_loop_now(const linnet_loop *loop) { return loop->now_ms; }

void linnet_loop_set_wall_clock(linnet_loop *loop, int64_t unix_ms) {
  loop->wall_known = true;
  loop->wall_ms = unix_ms;
  loop->wall_at_ms = loop->now_ms;
}

int64_t linnet_loop_wall_clock(const linnet_loop *loop) {
  uint64_t passed_ms = loop->now_ms - loop->wall_at_ms;
  return loop->wall_known ? (int64_t)((uint64_t)loop->wall_ms + passed_ms) : 0; /* absurd times wrap */
}

void linnet__task_init(linnet__task *task, void (*run)(linnet__task *task)) {
  linnet__list_init(&task->node);
  task->run = run;
}

void linnet__task_post(linnet_loop *loop, linnet__task *task) {
  if (linnet__list_empty(&task->node)) linnet__list_append(&loop->tasks, &task->node);
}

void linnet__task_cancel(linnet__task *task) { linnet__list_remove(&task->node); }

bool linnet__loop_stepping(const linnet_loop *loop) { return loop->stepping; }

/* What is posted now; what these post waits for the next round. False if there was nothing. */
static bool run_tasks(linnet_loop *loop) {
  if (linnet__list_empty(&loop->tasks)) return false;
  linnet__list posted = loop->tasks;
  posted.next->previous = posted.previous->next = &posted;
  linnet__list_init(&loop->tasks);
  for (linnet__list *node; (node = linnet__list_take(&posted)) != NULL;) {
    linnet__task *task = LINNET__CONTAINER(node, linnet__task, node);
    task->run(task);
  }
  return true;
}

static void advance(linnet_loop *loop, uint64_t now_ms) {
  if (now_ms > loop->now_ms) loop->now_ms = now_ms;
  if (loop->stepped) return;
  loop->stepped = true;
  loop->wall_at_ms = loop->now_ms; /* told before the first step, the wall clock counts from here */
  linnet__timers_begin(loop);
}

uint64_t linnet_loop_deadline(const linnet_loop *loop) {
  return linnet__list_empty(&loop->tasks) ? linnet__timers_deadline(loop) : loop->now_ms;
}

uint64_t linnet_loop_step(linnet_loop *loop, uint64_t now_ms) {
  if (loop->stepping) return now_ms;
  linnet_loop_ref(loop); /* user code may give the last reference back */
  loop->stepping = true;
  advance(loop, now_ms);
  for (unsigned round = 0; round < ROUNDS; round++) {
    bool tasks_ran = run_tasks(loop);
    bool timers_ran = linnet__timers_run(loop);
    if (!tasks_ran && !timers_ran) break;
  }
  loop->stepping = false;
  uint64_t deadline_ms = linnet_loop_deadline(loop);
  if (deadline_ms <= loop->now_ms) deadline_ms = now_ms;
  linnet_loop_unref(loop);
  return deadline_ms;
}

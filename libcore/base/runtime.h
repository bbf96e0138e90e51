/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runtime.h: what the loop offers the layers above it: work to do in a step, and a place for events.
 *
 * The loop knows neither transports nor events; both hang on it through the pieces below.
 */
#ifndef LINNET_BASE_RUNTIME_H
#define LINNET_BASE_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#include <linnet/loop.h>

#include "list.h"

/*
 * A task is work that waits for the next step. Posting it twice is posting it once. Tasks run in the order
 * they were posted; one posted during a step runs in the same step, a bounded number of rounds long.
 */
typedef struct linnet__task linnet__task;
struct linnet__task {
  linnet__list node; /* linnet__task_init first */
  void (*run)(linnet__task *task);
};

void linnet__task_init(linnet__task *task, void (*run)(linnet__task *task));
void linnet__task_post(linnet_loop *loop, linnet__task *task);
/* Before the task's memory goes. */
void linnet__task_cancel(linnet__task *task);

/* True inside linnet_loop_step. */
bool linnet__loop_stepping(const linnet_loop *loop);

/*
 * The event queue, as base sees it: nodes of data/event.c. `priority` 0 is dropped first, 2 last. Takes the
 * node in any case: when the queue is full, what goes is given to the release function. That is the eldest of
 * the lowest priority, or the new node itself when everything that waits is of a higher one.
 *
 * What is queued or kept must not hold the loop, else a loop with waiting events would hold itself for ever:
 * the queue goes with the last reference to the loop.
 */
typedef struct linnet__queued {
  linnet__list node;
  uint64_t sequence; /* of linnet__loop_queue */
  uint8_t priority;
  void (*release)(struct linnet__queued *queued);
} linnet__queued;

void linnet__loop_queue(linnet_loop *loop, linnet__queued *queued);
/* The eldest, or NULL. It is the caller's then. */
linnet__queued *linnet__loop_dequeue(linnet_loop *loop);
bool linnet__loop_queue_empty(const linnet_loop *loop);
/* Keeps what linnet_loop_next_event handed out last; the former one is released. */
void linnet__loop_keep(linnet_loop *loop, linnet__queued *queued);

/* Counts an event that could not even be made. */
void linnet__loop_lost(linnet_loop *loop);

/* data/event.c makes log lines into events: linnet_loop_set_log_level is there and gives its hook. A null
 * hook drops them. */
typedef void (*linnet__log_hook)(linnet_loop *loop, linnet_log_level level, const char *text);
void linnet__loop_set_log(linnet_loop *loop, linnet_log_level level, linnet__log_hook hook);
linnet_log_level linnet__loop_log_level(const linnet_loop *loop);

/* The next number for a handle, a request, a registration: never 0, never again. */
uint64_t linnet__loop_number(linnet_loop *loop);
/* Gives none up to that one: somebody has it from before a restart. */
void linnet__loop_skip_numbers(linnet_loop *loop, uint64_t number);

/*
 * While a loop is held its transports hand nothing out: what would leave says that something is done that
 * is not stored yet. Each hold is released once.
 */
void linnet__loop_hold(linnet_loop *loop);
void linnet__loop_release(linnet_loop *loop);
bool linnet__loop_held(const linnet_loop *loop);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timers.h: intrusive timers, O(log n), no allocation.
 *
 * A step moves what is due to a ready list before it calls anything, so a timer armed by a timer
 * runs in the next round. Timers of the same deadline run in the order they were armed.
 */
#ifndef LINNET_BASE_TIMERS_H
#define LINNET_BASE_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include <linnet/loop.h>

typedef struct linnet__timer linnet__timer;
typedef void (*linnet__timer_function)(linnet__timer *timer);

/* Zeroed is idle. `run` finds its owner with LINNET__CONTAINER. It may arm, stop or free any timer. */
struct linnet__timer {
  linnet__timer *child;
  linnet__timer *next;
  linnet__timer *previous; /* the sibling before, or the parent of a first child; NULL for the root */
  uint64_t deadline_ms;
  uint64_t sequence;
  linnet__timer_function run;
  uint8_t state; /* idle, waiting in the heap, ready to run, or early: before the first step */
};

/* Runs `run` in the first step at or after `deadline_ms`; moves a timer that is armed already. LINNET_NEVER
 * stops it. */
void linnet__timer_arm(linnet_loop *loop, linnet__timer *timer, uint64_t deadline_ms,
                       linnet__timer_function run);
/* The same, relative to the time of this step; before the first step, to the time of the first. */
void linnet__timer_arm_in(linnet_loop *loop, linnet__timer *timer, uint64_t delay_ms,
                          linnet__timer_function run);
void linnet__timer_stop(linnet_loop *loop, linnet__timer *timer);
bool linnet__timer_armed(const linnet__timer *timer);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timers.c: a pairing heap of intrusive timers (Fredman, Sedgewick, Sleator, Tarjan 1986), and the
 * ready list. Merging walks lists instead of calling itself, so the number of timers costs no stack.
 */
#include "timers.h"

#include "loop_state.h"

enum { IDLE, WAITING, READY, EARLY };

static bool before(const linnet__timer *a, const linnet__timer *b) {
  if (a->deadline_ms != b->deadline_ms) return a->deadline_ms < b->deadline_ms;
  return a->sequence < b->sequence;
}

/* Two heaps become one; either may be NULL. Roots have neither siblings nor parent. */
static linnet__timer *merge(linnet__timer *a, linnet__timer *b) {
  if (a == NULL) return b;
  if (b == NULL) return a;
  if (before(b, a)) {
    linnet__timer *swap = a;
    a = b;
    b = swap;
  }
  b->previous = a;
  b->next = a->child;
  if (a->child != NULL) a->child->previous = b;
  a->child = b;
  return a;
}

static linnet__timer *detach_first(linnet__timer **list) {
  linnet__timer *first = *list;
  if (first == NULL) return NULL;
  *list = first->next;
  first->next = first->previous = NULL;
  return first;
}

/* Merges siblings in pairs from the left, then the pairs from the right. */
static linnet__timer *merge_siblings(linnet__timer *siblings) {
  linnet__timer *pairs = NULL;
  while (siblings != NULL) {
    linnet__timer *left = detach_first(&siblings);
    linnet__timer *pair = merge(left, detach_first(&siblings));
    pair->next = pairs;
    pairs = pair;
  }
  linnet__timer *root = NULL;
  while (pairs != NULL) root = merge(root, detach_first(&pairs));
  return root;
}

static void heap_insert(linnet_loop *loop, linnet__timer *timer) {
  timer->child = timer->next = timer->previous = NULL;
  timer->state = WAITING;
  loop->timers = merge(loop->timers, timer);
}

static void heap_remove(linnet_loop *loop, linnet__timer *timer) {
  linnet__timer *below = merge_siblings(timer->child);
  if (timer == loop->timers) {
    loop->timers = below;
  } else {
    if (timer->previous->child == timer)
      timer->previous->child = timer->next;
    else
      timer->previous->next = timer->next;
    if (timer->next != NULL) timer->next->previous = timer->previous;
    loop->timers = merge(loop->timers, below);
  }
  timer->child = timer->next = timer->previous = NULL;
  timer->state = IDLE;
}

static void list_append(linnet__timer **first, linnet__timer **last, linnet__timer *timer, uint8_t state) {
  timer->child = timer->next = NULL;
  timer->previous = *last;
  timer->state = state;
  if (*last != NULL)
    (*last)->next = timer;
  else
    *first = timer;
  *last = timer;
}

static void list_remove(linnet__timer **first, linnet__timer **last, linnet__timer *timer) {
  if (timer->previous != NULL)
    timer->previous->next = timer->next;
  else
    *first = timer->next;
  if (timer->next != NULL)
    timer->next->previous = timer->previous;
  else
    *last = timer->previous;
  timer->next = timer->previous = NULL;
  timer->state = IDLE;
}

void linnet__timer_stop(linnet_loop *loop, linnet__timer *timer) {
  if (timer->state == WAITING) heap_remove(loop, timer);
  if (timer->state == READY) list_remove(&loop->ready_first, &loop->ready_last, timer);
  if (timer->state == EARLY) list_remove(&loop->early_first, &loop->early_last, timer);
}

void linnet__timer_arm(linnet_loop *loop, linnet__timer *timer, uint64_t deadline_ms,
                       linnet__timer_function run) {
  linnet__timer_stop(loop, timer);
  if (deadline_ms == LINNET_NEVER) return;
  timer->deadline_ms = deadline_ms;
  timer->sequence = loop->timer_sequence++;
  timer->run = run;
  heap_insert(loop, timer);
}

void linnet__timer_arm_in(linnet_loop *loop, linnet__timer *timer, uint64_t delay_ms,
                          linnet__timer_function run) {
  uint64_t deadline_ms = delay_ms < LINNET_NEVER - loop->now_ms ? loop->now_ms + delay_ms : LINNET_NEVER;
  linnet__timer_arm(loop, timer, deadline_ms, run);
  if (loop->stepped || timer->state == IDLE) return;
  heap_remove(loop, timer);
  list_append(&loop->early_first, &loop->early_last, timer, EARLY);
}

bool linnet__timer_armed(const linnet__timer *timer) { return timer->state != IDLE; }

void linnet__timers_begin(linnet_loop *loop) {
  for (linnet__timer *timer; (timer = loop->early_first) != NULL;)
    linnet__timer_arm_in(loop, timer, timer->deadline_ms, timer->run);
}

bool linnet__timers_run(linnet_loop *loop) {
  linnet__timer *timer;
  while ((timer = loop->timers) != NULL && timer->deadline_ms <= loop->now_ms) {
    heap_remove(loop, timer);
    list_append(&loop->ready_first, &loop->ready_last, timer, READY);
  }
  if (loop->ready_first == NULL) return false;
  while ((timer = loop->ready_first) != NULL) {
    list_remove(&loop->ready_first, &loop->ready_last, timer);
    timer->run(timer);
  }
  return true;
}

uint64_t linnet__timers_deadline(const linnet_loop *loop) {
  if (loop->early_first != NULL) return 0;
  return loop->timers != NULL ? loop->timers->deadline_ms : LINNET_NEVER;
}

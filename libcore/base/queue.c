/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue.c: the bounded event queue of a loop and what is dropped when it is full (loop.h,
 * docs/architecture.md section 2). One list a priority; numbers in the nodes restore the common order.
 */
#include "log.h"
#include "loop_state.h"

void linnet__queue_init(linnet_loop *loop) {
  for (size_t i = 0; i < LINNET__EVENT_PRIORITIES; i++) linnet__list_init(&loop->queue[i]);
  loop->queue_limit = LINNET__EVENT_LIMIT;
}

static linnet__queued *eldest(const linnet_loop *loop, size_t priority) {
  const linnet__list *list = &loop->queue[priority];
  return linnet__list_empty(list) ? NULL : LINNET__CONTAINER(list->next, linnet__queued, node);
}

static void take(linnet_loop *loop, linnet__queued *queued) {
  linnet__list_remove(&queued->node);
  loop->queue_count--;
}

/* Drops the eldest of the lowest priority up to `priority`; false if all that waits is above it. */
static bool drop(linnet_loop *loop, size_t priority) {
  for (size_t i = 0; i <= priority; i++) {
    linnet__queued *queued = eldest(loop, i);
    if (queued == NULL) continue;
    take(loop, queued);
    loop->queue_dropped++;
    queued->release(queued);
    return true;
  }
  return false;
}

void linnet__loop_queue(linnet_loop *loop, linnet__queued *queued) {
  if (queued->priority >= LINNET__EVENT_PRIORITIES) queued->priority = LINNET__EVENT_PRIORITIES - 1;
  if (loop->queue_count >= loop->queue_limit && !drop(loop, queued->priority)) {
    loop->queue_dropped++;
    queued->release(queued);
    return;
  }
  queued->sequence = loop->queue_sequence++;
  linnet__list_append(&loop->queue[queued->priority], &queued->node);
  loop->queue_count++;
}

linnet__queued *linnet__loop_dequeue(linnet_loop *loop) {
  linnet__queued *first = NULL;
  for (size_t i = 0; i < LINNET__EVENT_PRIORITIES; i++) {
    linnet__queued *queued = eldest(loop, i);
    if (queued != NULL && (first == NULL || queued->sequence < first->sequence)) first = queued;
  }
  if (first != NULL) take(loop, first);
  return first;
}

bool linnet__loop_queue_empty(const linnet_loop *loop) { return loop->queue_count == 0; }

void linnet__loop_keep(linnet_loop *loop, linnet__queued *queued) {
  linnet__queued *former = loop->kept;
  loop->kept = queued;
  if (former != NULL) former->release(former);
}

void linnet__loop_lost(linnet_loop *loop) { loop->queue_dropped++; }

linnet_status linnet_loop_set_event_limit(linnet_loop *loop, size_t limit) {
  if (limit == 0)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "the event limit of a loop has to be 1 or more");
  loop->queue_limit = limit;
  while (loop->queue_count > limit) drop(loop, LINNET__EVENT_PRIORITIES - 1);
  return LINNET_OK;
}

uint64_t linnet_loop_events_dropped(const linnet_loop *loop) { return loop->queue_dropped; }

void linnet__queue_free(linnet_loop *loop) {
  linnet__queued *queued;
  linnet__loop_keep(loop, NULL);
  while ((queued = linnet__loop_dequeue(loop)) != NULL) queued->release(queued);
}

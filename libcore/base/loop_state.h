/* SPDX-License-Identifier: Apache-2.0 */
/* loop_state.h: what a loop is made of; only for the files of base. */
#ifndef LINNET_BASE_LOOP_STATE_H
#define LINNET_BASE_LOOP_STATE_H

#include <linnet/loop.h>

#include "list.h"
#include "runtime.h"
#include "stock.h"
#include "timers.h"

#define LINNET__ERROR_TEXT_SIZE 256
#define LINNET__EVENT_PRIORITIES 3
#define LINNET__EVENT_LIMIT 1024

/* What is small and used often comes first: near members take shorter instructions to reach. */
struct linnet_loop {
  uint32_t references;
  bool stepping;
  bool stepped; /* the first step is made: the time is known */
  bool wall_known;
  bool has_stock; /* a caller's allocator is asked for every block: it may want to count, or to fail */
  uint64_t now_ms;

  linnet_reallocate reallocate;
  void *memory_user;
  size_t memory_used;  /* as asked for, without what is in stock */
  uint32_t given_back; /* blocks, to the allocator, since it was last made to tidy up */

  uint32_t holds;
  uint64_t number;

  linnet__timer *timers;      /* the root of the heap */
  linnet__timer *ready_first; /* due, taken off the heap, in the order in which they run */
  linnet__timer *ready_last;
  linnet__timer *early_first; /* armed by a delay before the time was known */
  linnet__timer *early_last;
  uint64_t timer_sequence;
  linnet__list tasks;

  linnet_log_level log_level;
  linnet__log_hook log_hook;

  size_t queue_count;
  size_t queue_limit;
  uint64_t queue_sequence;
  uint64_t queue_dropped;
  linnet__queued *kept;
  linnet__list queue[LINNET__EVENT_PRIORITIES];

  void *context;
  linnet_release context_release;

  int64_t wall_ms;     /* what the wall clock was ... */
  uint64_t wall_at_ms; /* ... at this time */

  size_t seed_size;
  uint64_t random_counter;
  uint8_t random_key[16];
  uint8_t hash_key[16];
  linnet__stock stock;
  char error[LINNET__ERROR_TEXT_SIZE];
};

/* timers.c: the first step tells the time; timers armed before by a delay count from here. */
void linnet__timers_begin(linnet_loop *loop);
/* Moves what is due to the ready list and runs it; false if there was nothing. */
bool linnet__timers_run(linnet_loop *loop);
/* The earliest deadline, 0 if one waits for the first step, or LINNET_NEVER. */
uint64_t linnet__timers_deadline(const linnet_loop *loop);

/* queue.c */
void linnet__queue_init(linnet_loop *loop);
void linnet__queue_free(linnet_loop *loop);

#endif

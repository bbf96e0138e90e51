/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h: the environment of everything else: time, timers, memory, randomness, events, errors.
 *
 * A loop and all that was made on it belong to one thread at a time; two loops never meet. The
 * library reads no clock and draws no entropy: the caller gives both.
 */
#ifndef LINNET_LOOP_H
#define LINNET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/export.h>
#include <linnet/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A deadline that never comes. */
#define LINNET_NEVER UINT64_MAX

/** The fewest bytes of seed a loop takes. */
#define LINNET_SEED_SIZE 16

typedef struct linnet_loop linnet_loop;

/** Goes with every pointer the caller leaves behind: called exactly once, also when the call fails. */
typedef void (*linnet_release)(void *user);

/**
 * Where memory comes from. `block` NULL: allocate `size` bytes; `size` 0: free `block` and return
 * NULL; else resize. NULL means there is no memory and `block` stands.
 */
typedef void *(*linnet_reallocate)(void *user, void *block, size_t size);

/**
 * A loop with one reference. `seed` is LINNET_SEED_SIZE bytes or more of entropy, all of which
 * are used; the same seed and inputs give the same bytes. NULL: seed too short, or no memory.
 */
LINNET_API linnet_loop *linnet_loop_new(const void *seed, size_t length);

/** The same with an allocator of the caller's, which must outlive the loop. */
LINNET_API linnet_loop *linnet_loop_new_with_memory(const void *seed, size_t length,
                                                    linnet_reallocate reallocate, void *user);

LINNET_API linnet_loop *linnet_loop_ref(linnet_loop *loop);
/** Gives a reference back. Everything made on the loop holds a reference of its own. */
LINNET_API void linnet_loop_unref(linnet_loop *loop);

/**
 * Does everything that is due at `now_ms` (monotonic milliseconds, any origin; going backwards is
 * taken as standing still): received datagrams, timers, answers. Every call into user code happens
 * in here. Returns the next deadline, `now_ms` itself if more is due at once, or LINNET_NEVER.
 * A step within a step does nothing and returns `now_ms`.
 */
LINNET_API uint64_t linnet_loop_step(linnet_loop *loop, uint64_t now_ms);

/** The deadline that the next step has to keep: at or before the last now_ms if work is waiting. */
LINNET_API uint64_t linnet_loop_deadline(const linnet_loop *loop);

/** The time of the last step, in milliseconds. */
LINNET_API uint64_t linnet_loop_now(const linnet_loop *loop);

/** Tells the wall clock: Unix time in milliseconds, at the time of the last step (before any: of the first).
 */
LINNET_API void linnet_loop_set_wall_clock(linnet_loop *loop, int64_t unix_ms);
/** Unix time in milliseconds as of the last step, or 0 if nobody told. */
LINNET_API int64_t linnet_loop_wall_clock(const linnet_loop *loop);

/**
 * What went wrong in the last call that failed on this loop or on anything made on it: a whole
 * sentence with call, path and endpoint. Empty if nothing has failed. Lives until the next failure.
 */
LINNET_API const char *linnet_error_text(const linnet_loop *loop);

/**
 * For drivers and bindings: reports a failure of their own in the same place. Keeps a copy of `text`, cut to
 * a line, and returns `status`.
 */
LINNET_API linnet_status linnet_loop_fail(linnet_loop *loop, linnet_status status, const char *text);

/** The caller's own pointer. A former one is released. `release` may be NULL. */
LINNET_API void linnet_loop_set_context(linnet_loop *loop, void *context, linnet_release release);
LINNET_API void *linnet_loop_context(const linnet_loop *loop);

/**
 * How many events may wait, 1 or more; the default is 1024. When they do, the eldest notification or log
 * line, then the eldest event, is dropped for a new one, and counted. Answers to the application's own
 * requests are dropped last. A new one that would itself be dropped before all that waits is what goes. A
 * lower limit drops at once.
 */
LINNET_API linnet_status linnet_loop_set_event_limit(linnet_loop *loop, size_t limit);
/** How many events were dropped so far. */
LINNET_API uint64_t linnet_loop_events_dropped(const linnet_loop *loop);

/** What becomes a LINNET_EVENT_LOG. */
typedef enum linnet_log_level {
  LINNET_LOG_OFF = 0, /**< nothing: the default */
  LINNET_LOG_ERROR,
  LINNET_LOG_WARNING,
  LINNET_LOG_INFO,
  LINNET_LOG_DEBUG /**< every message on the wire */
} linnet_log_level;

LINNET_API void linnet_loop_set_log_level(linnet_loop *loop, linnet_log_level level);
/** For drivers and bindings: a log line of their own, if the level is on. Cut to a line. */
LINNET_API void linnet_loop_log(linnet_loop *loop, linnet_log_level level, const char *text);

/**
 * Bytes that this loop's allocations hold now, as asked for.
 * With linnet_loop_new a bounded stock of small free blocks comes on top.
 */
LINNET_API size_t linnet_loop_memory_used(const linnet_loop *loop);

#ifdef __cplusplus
}
#endif

#endif

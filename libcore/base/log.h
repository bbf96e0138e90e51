/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h: the words of the last failure, and log lines.
 *
 * Texts are pieced together by a tiny format of its own, because the core has no stdio:
 *   %s  const char *     %d  int      %u  unsigned     %U  uint64_t
 *   %n  size_t, const char * (a text with its length)     %%
 * Peer-given text is cut to 80 bytes and control characters become '?'.
 */
#ifndef LINNET_BASE_LOG_H
#define LINNET_BASE_LOG_H

#include <stdarg.h>

#include <linnet/loop.h>

#include "buffer.h"
#include "words.h" /* of words/ or no_words/, as CMake chooses */

/* Sets linnet_error_text and returns `status`, so that a failure is one line: return linnet__fail(...). */
linnet_status(linnet__fail)(linnet_loop *loop, linnet_status status, const char *format, ...);
/* The same with the text of the status. */
linnet_status linnet__fail_tersely(linnet_loop *loop, linnet_status status);

/* Appends to a buffer. */
void linnet__print(linnet__buffer *buffer, const char *format, ...);
void linnet__print_list(linnet__buffer *buffer, const char *format, va_list arguments);

/* A log line, if the level is on; kept as an event through the hook of runtime.h. */
void linnet__log(linnet_loop *loop, linnet_log_level level, const char *format, ...);

#endif

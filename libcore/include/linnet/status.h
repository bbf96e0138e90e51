/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h: how a call went.
 *
 * A status is its own type: never a count, never a CoAP code. One list makes the constants,
 * the names, the texts and, in the bindings, the exceptions.
 */
#ifndef LINNET_STATUS_H
#define LINNET_STATUS_H

#include <linnet/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(constant, value, name, text) */
#define LINNET_STATUS_MAP(X)                                                                       \
  X(LINNET_OK, 0, "ok", "success")                                                                 \
  X(LINNET_ERROR_NO_MEMORY, -1, "no-memory", "out of memory")                                      \
  X(LINNET_ERROR_INVALID_ARGUMENT, -2, "invalid-argument", "invalid argument")                     \
  X(LINNET_ERROR_WRONG_STATE, -3, "wrong-state", "not possible in the present state")              \
  X(LINNET_ERROR_CLOSED, -4, "closed", "the handle is closed")                                     \
  X(LINNET_ERROR_NOT_FOUND, -5, "not-found", "no such path, endpoint or request")                  \
  X(LINNET_ERROR_EXISTS, -6, "exists", "exists already")                                           \
  X(LINNET_ERROR_WRONG_TYPE, -7, "wrong-type", "value has the wrong type for this resource")       \
  X(LINNET_ERROR_OUT_OF_RANGE, -8, "out-of-range", "value is outside the range of the definition") \
  X(LINNET_ERROR_NOT_ALLOWED, -9, "not-allowed", "operation not allowed on this path")             \
  X(LINNET_ERROR_MALFORMED, -10, "malformed", "malformed message or payload")                      \
  X(LINNET_ERROR_UNSUPPORTED_FORMAT, -11, "unsupported-format", "content format not supported")    \
  X(LINNET_ERROR_TOO_LARGE, -12, "too-large", "larger than the configured limit")                  \
  X(LINNET_ERROR_LIMIT_REACHED, -13, "limit-reached", "a configured limit is reached")             \
  X(LINNET_ERROR_TIMED_OUT, -14, "timed-out", "the peer did not answer in time")                   \
  X(LINNET_ERROR_RESET, -15, "reset", "the peer rejected the message")                             \
  X(LINNET_ERROR_REFUSED, -16, "refused", "the peer answered with an error code")                  \
  X(LINNET_ERROR_CANCELLED, -17, "cancelled", "cancelled")                                         \
  X(LINNET_ERROR_HANDLER_FAILED, -18, "handler-failed", "the application's handler failed")        \
  X(LINNET_ERROR_SECURITY, -19, "security", "security handshake or credentials failed")            \
  X(LINNET_ERROR_UNAVAILABLE, -20, "unavailable", "this build of linnet leaves the feature out")   \
  X(LINNET_ERROR_SYSTEM, -21, "system", "the operating system refused")                            \
  X(LINNET_ERROR_UNKNOWN_HOST, -22, "unknown-host", "the host name cannot be resolved")

/** The outcome of a call: LINNET_OK (0), or one of the negative LINNET_ERROR_ constants. */
typedef enum linnet_status {
#define LINNET_STATUS_CONSTANT(constant, value, name, text) constant = (value),
  LINNET_STATUS_MAP(LINNET_STATUS_CONSTANT)
#undef LINNET_STATUS_CONSTANT
} linnet_status;

/** The short name of a status, e.g. "not-found". Never NULL; "unknown" for another number. */
LINNET_API const char *linnet_status_name(linnet_status status);

/** One line for people, e.g. "no such path, endpoint or request". Never NULL. */
LINNET_API const char *linnet_status_text(linnet_status status);

#ifdef __cplusplus
}
#endif

#endif

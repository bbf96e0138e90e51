/* SPDX-License-Identifier: Apache-2.0 */
/* retry.h: how long to wait before the next attempt to register (REG-11, 2.4). */
#ifndef LINNET_CLIENT_RETRY_H
#define LINNET_CLIENT_RETRY_H

#include "../base/base.h"

/*
 * Each failure in a row doubles the delay, and up to half of it is added at random, so that a thousand
 * clients do not come back as one. A failure that may pass (timeout, 5.xx, unknown host): from 5 s to 10 min.
 * A refusal (4.xx): from 1 min to 1 h. A notification that nobody acknowledged: from 2 min to 1 h. A DTLS
 * session by SMS, each handshake of which somebody pays for: from 10 min to 1 day. A server
 * that says when (5.03 with Max-Age) is taken at its word, within 1 s to 1 day, plus up to a tenth.
 */
typedef enum linnet__failure {
  LINNET__FAILURE_TEMPORARY = 0,
  LINNET__FAILURE_REFUSED,
  LINNET__FAILURE_UNHEARD,
  LINNET__FAILURE_SMS_SESSION,
} linnet__failure;

/* Zeroed: nothing has failed. */
typedef struct linnet__retry {
  unsigned failures; /* in a row */
} linnet__retry;

void linnet__retry_reset(linnet__retry *retry);
/* Milliseconds until the next attempt. */
uint64_t linnet__retry_delay(linnet_loop *loop, linnet__retry *retry, linnet__failure failure);
uint64_t linnet__retry_after(linnet_loop *loop, linnet__retry *retry, uint32_t max_age_s);

#endif

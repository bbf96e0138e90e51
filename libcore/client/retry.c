/* SPDX-License-Identifier: Apache-2.0 */
/* retry.c: growing delays between attempts (digest 2.4, REG-11). */
#include "retry.h"

#define MAX_AGE_LIMIT_S 86400

static const struct {
  uint32_t first_ms;
  uint32_t last_ms;
} delays[] = {
    [LINNET__FAILURE_TEMPORARY] = {5000, 600000},
    [LINNET__FAILURE_REFUSED] = {60000, 3600000},
    [LINNET__FAILURE_UNHEARD] = {120000, 3600000},
    [LINNET__FAILURE_SMS_SESSION] = {600000, 86400000},
};

void linnet__retry_reset(linnet__retry *retry) { retry->failures = 0; }

uint64_t linnet__retry_delay(linnet_loop *loop, linnet__retry *retry, linnet__failure failure) {
  uint64_t delay_ms = delays[failure].first_ms;
  for (unsigned i = 0; i < retry->failures && delay_ms < delays[failure].last_ms; i++) delay_ms *= 2;
  if (delay_ms > delays[failure].last_ms) delay_ms = delays[failure].last_ms;
  if (retry->failures < UINT16_MAX) retry->failures++;
  return delay_ms + linnet__random_between(loop, 0, delay_ms / 2);
}

uint64_t linnet__retry_after(linnet_loop *loop, linnet__retry *retry, uint32_t max_age_s) {
  if (max_age_s == 0) max_age_s = 1;
  if (max_age_s > MAX_AGE_LIMIT_S) max_age_s = MAX_AGE_LIMIT_S;
  if (retry->failures < UINT16_MAX) retry->failures++;
  uint64_t delay_ms = UINT64_C(1000) * max_age_s;
  return delay_ms + linnet__random_between(loop, 0, delay_ms / 10);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* retry_test.c: delays between attempts (REG-11, 2.4). */
#include "client/retry.h"

#include "check.h"

static linnet_loop *new_loop(void) { return linnet_loop_new("0123456789abcdef", 16); }

static void delays_double_up_to_a_limit_with_up_to_half_more(void) {
  static const uint64_t temporary_s[] = {5, 10, 20, 40, 80, 160, 320, 600, 600, 600};
  static const uint64_t refused_s[] = {60, 120, 240, 480, 960, 1920, 3600, 3600};
  linnet_loop *loop = new_loop();
  linnet__retry retry = {0};
  for (size_t i = 0; i < sizeof temporary_s / sizeof temporary_s[0]; i++) {
    uint64_t delay_ms = linnet__retry_delay(loop, &retry, LINNET__FAILURE_TEMPORARY);
    CHECK(delay_ms >= 1000 * temporary_s[i] && delay_ms <= 1500 * temporary_s[i]);
  }
  linnet__retry_reset(&retry);
  for (size_t i = 0; i < sizeof refused_s / sizeof refused_s[0]; i++) {
    uint64_t delay_ms = linnet__retry_delay(loop, &retry, LINNET__FAILURE_REFUSED);
    CHECK(delay_ms >= 1000 * refused_s[i] && delay_ms <= 1500 * refused_s[i]);
  }
  linnet_loop_unref(loop);
}

static void takes_the_server_at_its_word_within_bounds(void) {
  linnet_loop *loop = new_loop();
  linnet__retry retry = {0};
  for (int i = 0; i < 20; i++) {
    uint64_t delay_ms = linnet__retry_after(loop, &retry, 100);
    CHECK(delay_ms >= 100000 && delay_ms <= 110000);
  }
  uint64_t delay_ms = linnet__retry_after(loop, &retry, UINT32_MAX);
  CHECK(delay_ms >= 86400000 && delay_ms <= 95040000);
  delay_ms = linnet__retry_after(loop, &retry, 0);
  CHECK(delay_ms >= 1000 && delay_ms <= 1100);
  linnet_loop_unref(loop);
}

static void never_overflows(void) {
  linnet_loop *loop = new_loop();
  linnet__retry retry = {.failures = 60000};
  for (int i = 0; i < 10000; i++)
    CHECK(linnet__retry_delay(loop, &retry, LINNET__FAILURE_TEMPORARY) <= 900000);
  linnet_loop_unref(loop);
}

int main(void) {
  return RUN(delays_double_up_to_a_limit_with_up_to_half_more, takes_the_server_at_its_word_within_bounds,
             never_overflows);
}

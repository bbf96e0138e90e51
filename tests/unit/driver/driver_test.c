/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, waiting, waking, closing: driver.h. */
#include <poll.h>
#include <unistd.h>

#include "party.h"

static void check_refused(linnet_driver *driver, const char *local, linnet_status status, const char *words) {
  linnet_loop *loop = linnet_driver_loop(driver);
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_driver_open(driver, transport, local), status);
  CHECK_TEXT(linnet_error_text(loop), words);
  linnet_transport_unref(transport);
}

static void says_why_it_cannot_listen(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  party first;
  char address[LINNET_ADDRESS_TEXT_SIZE], words[128];
  party_open(&first, driver, "127.0.0.1:0");
  linnet_address_text(linnet_transport_local(first.transport), address);
  snprintf(words, sizeof words, "cannot listen on %s: address already in use", address);
  check_refused(driver, address, LINNET_ERROR_SYSTEM, words);
  check_refused(driver, "192.0.2.1:5683", LINNET_ERROR_SYSTEM,
                "cannot listen on 192.0.2.1:5683: this machine has no such address");
  check_refused(driver, "127.0.0.1:99999", LINNET_ERROR_INVALID_ARGUMENT,
                "\"127.0.0.1:99999\" is not an address or a host name with a port");
  party_close(&first);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

static void says_that_it_may_not(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_status status = linnet_driver_open(driver, transport, "127.0.0.1:80");
  if (status == LINNET_ERROR_SYSTEM && strstr(linnet_error_text(loop), "in use") == NULL) {
    CHECK_TEXT(linnet_error_text(loop), "no permission to listen on port 80");
  } else {
    printf("every port may be opened here: says_that_it_may_not is left out\n");
  }
  linnet_transport_close(transport);
  linnet_transport_unref(transport);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

static void refuses_what_it_cannot_carry(void) {
  linnet_loop *loop = new_loop(), *other = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  linnet_transport *foreign = linnet_transport_new(other, LINNET_TRANSPORT_UDP);
  linnet_transport *sms = linnet_transport_new(loop, LINNET_TRANSPORT_SMS);
  party first;
  CHECK_EQUAL(linnet_driver_open(driver, foreign, NULL), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_driver_open(driver, sms, NULL), LINNET_ERROR_INVALID_ARGUMENT);
  party_open(&first, driver, "127.0.0.1:0");
  CHECK_EQUAL(linnet_driver_open(driver, first.transport, "127.0.0.1:0"), LINNET_ERROR_EXISTS);
  party_close(&first);
  linnet_transport_unref(sms);
  linnet_transport_unref(foreign);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
  linnet_loop_unref(other);
}

static void frees_the_port_of_a_closed_transport(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  party first, second;
  char address[LINNET_ADDRESS_TEXT_SIZE];
  party_open(&first, driver, "127.0.0.1:0");
  linnet_address_text(linnet_transport_local(first.transport), address);
  party_close(&first);
  party_open(&second, driver, address);
  party_close(&second);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

typedef struct alarm_clock {
  linnet__timer timer;
  unsigned rang;
} alarm_clock;

static void ring(linnet__timer *timer) { LINNET__CONTAINER(timer, alarm_clock, timer)->rang++; }

static void wait_for(linnet_driver *driver, const alarm_clock *clock, unsigned rang) {
  while (clock->rang < rang) {
    CHECK_EQUAL(linnet_driver_wait(driver, -1), LINNET_OK);
    CHECK_EQUAL(linnet_driver_run(driver), LINNET_OK);
  }
}

static void wakes_for_the_earliest_deadline(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  alarm_clock late = {0}, early = {0};
  linnet__timer_arm_in(loop, &late.timer, 3600000, ring);
  CHECK_EQUAL(linnet_driver_run(driver), LINNET_OK);
  for (unsigned round = 1; round <= 3; round++) { /* earlier than the one before, and later than the last */
    uint64_t begin_ms = linnet_loop_now(loop);
    linnet__timer_arm_in(loop, &early.timer, 20, ring);
    CHECK_EQUAL(linnet_driver_run(driver), LINNET_OK);
    wait_for(driver, &early, round);
    CHECK(linnet_clock_monotonic() - begin_ms >= 20);
  }
  CHECK_EQUAL(late.rang, 0);
  linnet__timer_stop(loop, &late.timer);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

static bool readable(const linnet_driver *driver) {
  struct pollfd entry = {.fd = linnet_driver_descriptor(driver), .events = POLLIN};
  return poll(&entry, 1, 0) == 1;
}

static void shows_in_its_descriptor_that_there_is_something_to_do(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  party a, b;
  alarm_clock clock = {0};
  party_open(&a, driver, "127.0.0.1:0");
  party_open(&b, driver, "127.0.0.1:0");
  linnet_driver_run(driver);
  CHECK(!readable(driver));
  linnet_driver_wake(driver);
  CHECK(readable(driver));
  linnet_driver_run(driver);
  CHECK(!readable(driver));
  say(&a, linnet_transport_local(b.transport), "x");
  linnet_driver_run(driver);
  CHECK(readable(driver) || b.received == 1);
  run_until(driver, &b.received, 1);
  CHECK(!readable(driver));
  linnet__timer_arm(loop, &clock.timer, linnet_loop_now(loop), ring);
  linnet_driver_run(driver);
  CHECK_EQUAL(clock.rang, 1);
  CHECK(!readable(driver));
  party_close(&a);
  party_close(&b);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

static void waits_no_longer_than_it_is_told(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  CHECK_EQUAL(linnet_driver_run(driver), LINNET_OK);
  CHECK_EQUAL(linnet_driver_wait(driver, 0), LINNET_OK);
  CHECK_EQUAL(linnet_driver_wait(driver, 5), LINNET_OK);
  linnet_driver_wake(driver);
  linnet_driver_wake(driver);
  CHECK_EQUAL(linnet_driver_wait(driver, -1), LINNET_OK);
  CHECK_EQUAL(linnet_driver_run(driver), LINNET_OK);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

static void tells_the_loop_the_time_of_day(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  for (int i = 0; i < 3; i++) {
    linnet_driver_run(driver);
    int64_t difference = linnet_clock_wall() - linnet_loop_wall_clock(loop);
    CHECK(difference >= -1000 && difference <= 10000);
  }
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

static linnet_driver *driver_to_close; /* tests may */

static void close_driver(party *who) {
  (void)who;
  CHECK_EQUAL(linnet_driver_run(driver_to_close), LINNET_ERROR_WRONG_STATE);
  linnet_driver_close(driver_to_close);
}

static void may_be_closed_in_a_step(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  party a, b;
  party_open(&a, driver, "127.0.0.1:0");
  party_open(&b, driver, "127.0.0.1:0");
  driver_to_close = driver;
  b.act = close_driver;
  say(&a, linnet_transport_local(b.transport), "x");
  while (b.received == 0) {
    CHECK_EQUAL(linnet_driver_run(driver), LINNET_OK);
    if (b.received == 0) linnet_driver_wait(driver, 1000);
  }
  CHECK_EQUAL(linnet_driver_descriptor(driver), -1);
  CHECK_EQUAL(linnet_driver_run(driver), LINNET_ERROR_CLOSED);
  CHECK_EQUAL(linnet_driver_wait(driver, -1), LINNET_ERROR_CLOSED);
  CHECK_EQUAL(linnet_driver_open(driver, a.transport, NULL), LINNET_ERROR_CLOSED);
  linnet_driver_wake(driver);
  linnet_driver_close(driver);
  party_close(&a);
  party_close(&b);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

int main(void) {
  return RUN(says_why_it_cannot_listen, says_that_it_may_not, refuses_what_it_cannot_carry,
             frees_the_port_of_a_closed_transport, wakes_for_the_earliest_deadline,
             shows_in_its_descriptor_that_there_is_something_to_do, waits_no_longer_than_it_is_told,
             tells_the_loop_the_time_of_day, may_be_closed_in_a_step);
}

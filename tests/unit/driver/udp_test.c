/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams over real sockets on the loopback interface: driver.h, CO-39. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "party.h"

static linnet_driver *new_driver(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  CHECK(driver != NULL);
  linnet_loop_unref(loop);
  return driver;
}

static void carries_datagrams_both_ways(void) {
  linnet_driver *driver = new_driver();
  party a, b;
  char text[LINNET_ADDRESS_TEXT_SIZE];
  party_open(&a, driver, "127.0.0.1:0");
  party_open(&b, driver, "coap://127.0.0.1:0");
  CHECK(linnet_address_port(linnet_transport_local(a.transport)) != 0);
  say(&a, linnet_transport_local(b.transport), "ping");
  run_until(driver, &b.received, 1);
  CHECK_BYTES(b.last, b.last_length, "ping", 4);
  CHECK(linnet_address_equal(&b.peer, linnet_transport_local(a.transport)));
  say(&b, &b.peer, "pong");
  run_until(driver, &a.received, 1);
  CHECK_BYTES(a.last, a.last_length, "pong", 4);
  CHECK_TEXT(linnet_address_text(&a.peer, text),
             linnet_address_text(linnet_transport_local(b.transport), text));
  party_close(&a);
  party_close(&b);
  linnet_driver_unref(driver);
}

static void shows_ipv4_peers_of_a_dual_stack_socket_as_ipv4(void) {
  linnet_driver *driver = new_driver();
  party any, four;
  party_open(&any, driver, NULL);
  party_open(&four, driver, "127.0.0.1:0");
  linnet_address to = address_at("127.0.0.1", &any);
  say(&four, &to, "ping");
  run_until(driver, &any.received, 1);
  CHECK(linnet_address_equal(&any.peer, linnet_transport_local(four.transport)));
  say(&any, &any.peer, "pong");
  run_until(driver, &four.received, 1);
  CHECK(linnet_address_equal(&four.peer, &to));
  party_close(&any);
  party_close(&four);
  linnet_driver_unref(driver);
}

static bool has_ipv6(void) {
  struct sockaddr_in6 loopback = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  int descriptor = socket(AF_INET6, SOCK_DGRAM, 0);
  bool works = descriptor >= 0 && bind(descriptor, (struct sockaddr *)&loopback, sizeof loopback) == 0;
  if (descriptor >= 0) close(descriptor);
  return works;
}

static void speaks_ipv6(void) {
  if (!has_ipv6()) {
    printf("no IPv6 loopback here: speaks_ipv6 is left out\n");
    return;
  }
  linnet_driver *driver = new_driver();
  party any, six;
  party_open(&any, driver, "[::]:0");
  party_open(&six, driver, "[::1]:0");
  linnet_address to = address_at("[::1]", &any);
  linnet_address four = address_at("127.0.0.1", &any);
  say(&six, &four, "lost"); /* a socket at ::1 does not reach it; no harm done */
  say(&six, &to, "ping");
  run_until(driver, &any.received, 1);
  CHECK_BYTES(any.last, any.last_length, "ping", 4);
  CHECK(linnet_address_equal(&any.peer, linnet_transport_local(six.transport)));
  say(&any, &any.peer, "pong");
  run_until(driver, &six.received, 1);
  party_close(&any);
  party_close(&six);
  linnet_driver_unref(driver);
}

static void carries_bursts(void) {
  linnet_driver *driver = new_driver();
  party a, b;
  party_open(&a, driver, "127.0.0.1:0");
  party_open(&b, driver, "127.0.0.1:0");
  for (unsigned burst = 1; burst <= 20; burst++) {
    for (unsigned i = 0; i < 150; i++) say(&a, linnet_transport_local(b.transport), "one of many");
    run_until(driver, &b.received, burst * 150);
  }
  CHECK_EQUAL(linnet_transport_count(b.transport, LINNET_COUNTER_RECEIVED), 3000);
  party_close(&a);
  party_close(&b);
  linnet_driver_unref(driver);
}

static void tell_of_it(party *who) {
  linnet_loop *loop = linnet_transport_loop(who->transport);
  linnet__event_emit(loop, linnet__event_new(loop, LINNET_EVENT_ERROR, who->received));
}

static void lets_the_program_take_events_before_it_receives_more(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  party a, b;
  party_open(&a, driver, "127.0.0.1:0");
  party_open(&b, driver, "127.0.0.1:0");
  linnet_address to_b = address_at("127.0.0.1", &b);
  CHECK_EQUAL(linnet_loop_set_event_limit(loop, 64), LINNET_OK);
  b.act = tell_of_it;
  for (int i = 0; i < 200; i++) say(&a, &to_b, "again");
  for (unsigned taken = 0; taken < 200;) {
    CHECK_EQUAL(linnet_driver_step(driver, 1000), LINNET_OK);
    for (linnet_event *event; (event = linnet_loop_next_event(loop)) != NULL;)
      CHECK_EQUAL(linnet_event_source(event), ++taken);
  }
  CHECK_EQUAL(linnet_loop_events_dropped(loop), 0);
  party_close(&a);
  party_close(&b);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

/* One at a time is received by another call of the kernel than many are. */
static void receives_one_at_a_time_and_then_many(void) {
  linnet_driver *driver = new_driver();
  party a, b;
  char text[16];
  party_open(&a, driver, "127.0.0.1:0");
  party_open(&b, driver, "127.0.0.1:0");
  linnet_address to_b = address_at("127.0.0.1", &b);
  for (unsigned sent = 0; sent < 240;) {
    for (unsigned burst = sent < 60 || sent >= 180 ? 1 : 30; burst > 0; burst--, sent++) {
      snprintf(text, sizeof text, "%u", sent);
      say(&a, &to_b, text);
    }
    while (b.received < sent) CHECK_EQUAL(linnet_driver_step(driver, 1000), LINNET_OK);
    CHECK_BYTES(b.last, b.last_length, text, strlen(text));
  }
  CHECK_EQUAL(b.received, 240);
  party_close(&a);
  party_close(&b);
  linnet_driver_unref(driver);
}

static void does_nothing(linnet__task *task) { (void)task; }

static void hears_although_it_always_has_something_to_do(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop), *other = new_driver();
  linnet__task task;
  party a, b;
  party_open(&a, other, "127.0.0.1:0");
  party_open(&b, driver, "127.0.0.1:0");
  linnet_address to_b = address_at("127.0.0.1", &b);
  linnet__task_init(&task, does_nothing);
  for (unsigned sent = 1; sent <= 3; sent++) {
    say(&a, &to_b, "hello");
    CHECK_EQUAL(linnet_driver_step(other, 0), LINNET_OK);
    uint64_t until_ms = linnet_clock_monotonic() + 5000;
    while (b.received < sent && linnet_clock_monotonic() < until_ms) {
      linnet__task_post(loop, &task);
      CHECK_EQUAL(linnet_driver_step(driver, 0), LINNET_OK);
    }
    CHECK_EQUAL(b.received, sent);
  }
  party_close(&a);
  party_close(&b);
  linnet_driver_unref(driver);
  linnet_driver_unref(other);
  linnet_loop_unref(loop);
}

static void drops_what_the_kernel_refuses_and_sends_the_rest(void) {
  linnet_driver *driver = new_driver();
  party a, b;
  linnet_address nowhere, broadcast;
  party_open(&a, driver, "127.0.0.1:0");
  party_open(&b, driver, "127.0.0.1:0");
  linnet_address_parse(&nowhere, "127.0.0.1:0");         /* EINVAL */
  linnet_address_parse(&broadcast, "255.255.255.255:9"); /* EACCES */
  say(&a, &nowhere, "x");
  say(&a, linnet_transport_local(b.transport), "first");
  say(&a, &broadcast, "x");
  say(&a, &nowhere, "x");
  say(&a, linnet_transport_local(b.transport), "second");
  say(&a, &nowhere, "x");
  run_until(driver, &b.received, 2);
  CHECK_BYTES(b.last, b.last_length, "second", 6);
  party_close(&a);
  party_close(&b);
  linnet_driver_unref(driver);
}

static void tells_that_nobody_listens(void) { /* CO-39 */
  linnet_driver *driver = new_driver();
  party a, gone, b;
  party_open(&gone, driver, "127.0.0.1:0");
  linnet_address port = *linnet_transport_local(gone.transport);
  party_close(&gone);
  linnet_driver_run(driver);
  party_open(&a, driver, NULL);
  party_open(&b, driver, "127.0.0.1:0");
  say(&a, &port, "anybody?");
  say(&a, linnet_transport_local(b.transport), "you are");
  run_until(driver, &a.unreachable, 1);
  CHECK(linnet_address_equal(&a.peer, &port));
  run_until(driver, &b.received, 1); /* the error about one peer costs no other a datagram */
  say(&a, linnet_transport_local(b.transport), "still");
  run_until(driver, &b.received, 2);
  party_close(&a);
  party_close(&b);
  linnet_driver_unref(driver);
}

static void counts_datagrams_above_the_mtu(void) {
  static const uint8_t zeros[3000];
  linnet_driver *driver = new_driver();
  party a, b;
  party_open(&a, driver, "127.0.0.1:0");
  party_open(&b, driver, "127.0.0.1:0");
  linnet_transport_set_mtu(a.transport, 3000);
  linnet__transport_send(a.transport, linnet_transport_local(b.transport), zeros, 1281);
  linnet__transport_send(a.transport, linnet_transport_local(b.transport), zeros, 3000);
  linnet__transport_send(a.transport, linnet_transport_local(b.transport), zeros, 1280);
  run_until(driver, &b.received, 1);
  CHECK_EQUAL(linnet_transport_count(b.transport, LINNET_COUNTER_RECEIVE_DROPPED), 2);
  CHECK_EQUAL(linnet_transport_count(b.transport, LINNET_COUNTER_RECEIVED_BYTES), 1280);
  party_close(&a);
  party_close(&b);
  linnet_driver_unref(driver);
}

static void carries_the_largest_datagrams(void) {
  static const uint8_t zeros[65507];
  linnet_driver *driver = new_driver();
  party a, b;
  party_open(&a, driver, "127.0.0.1:0");
  party_open(&b, driver, "127.0.0.1:0");
  linnet_transport_set_mtu(a.transport, sizeof zeros);
  linnet_transport_set_mtu(b.transport, sizeof zeros);
  for (unsigned i = 1; i <= 3; i++) {
    linnet__transport_send(a.transport, linnet_transport_local(b.transport), zeros, sizeof zeros);
    run_until(driver, &b.received, i);
  }
  CHECK_EQUAL(linnet_transport_count(b.transport, LINNET_COUNTER_RECEIVED_BYTES), 3 * sizeof zeros);
  party_close(&a);
  party_close(&b);
  linnet_driver_unref(driver);
}

int main(void) {
  return RUN(carries_datagrams_both_ways, shows_ipv4_peers_of_a_dual_stack_socket_as_ipv4, speaks_ipv6,
             lets_the_program_take_events_before_it_receives_more, carries_bursts,
             receives_one_at_a_time_and_then_many, hears_although_it_always_has_something_to_do,
             drops_what_the_kernel_refuses_and_sends_the_rest, tells_that_nobody_listens,
             counts_datagrams_above_the_mtu, carries_the_largest_datagrams);
}

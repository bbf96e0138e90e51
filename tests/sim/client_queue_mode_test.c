/* SPDX-License-Identifier: Apache-2.0 */
/* client_queue_mode_test.c: when a client in queue mode may sleep (lwm2m-1.0.md section 9, OBS-12, REG-10).
 */
#include "scripted_server.h"

enum { TEXT = 0, WINDOW_MS = 93000 };

static void begin_with(scripted *s, const char *binding, uint32_t lifetime_s) {
  scripted_begin(s, lifetime_s);
  CHECK_EQUAL(linnet_client_set_binding(s->client, 1, binding), LINNET_OK);
  linnet_value level = linnet_value_integer(50);
  CHECK_EQUAL(linnet_client_set(s->client, linnet_path_resource(3, 0, 9), &level), LINNET_OK);
  CHECK_EQUAL(linnet_client_awake_until(s->client, 1), 0);
  CHECK_EQUAL(linnet_client_start(s->client), LINNET_OK);
  scripted_expect(s, POST, "/rd");
  CHECK_EQUAL(linnet_client_awake_until(s->client, 1), LINNET_NEVER);
  scripted_accept_registration(s, "rd/5a3f");
  scripted_event(s, LINNET_EVENT_REGISTERED);
}

static void begin(scripted *s) { begin_with(s, "UQ", 86400); }

static uint64_t window(const scripted *s) {
  return linnet_client_awake_until(s->client, LINNET_EVERY_SERVER);
}

/* Nothing is said for so long, then it is asleep. */
static void expect_sleep_at(scripted *s, uint64_t at_ms) {
  CHECK(!scripted_run(s, at_ms - 1));
  scripted_no_event(s);
  CHECK(!scripted_run(s, at_ms));
  linnet_event *event = scripted_event(s, LINNET_EVENT_ASLEEP);
  CHECK_EQUAL(linnet_event_source(event), linnet_client_number(s->client));
  CHECK_TEXT(linnet_event_endpoint(event), "node1");
  scripted_no_event(s);
}

static void listens_for_93_s_after_the_last_message_QUE_05(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(window(&s), s.now + WINDOW_MS);
  s.now += 50000;
  CHECK_EQUAL(scripted_get(&s, "3/0/16", TEXT), 205);
  CHECK_TEXT(scripted_payload(&s), "UQ");
  CHECK_EQUAL(window(&s), s.now + WINDOW_MS);
  expect_sleep_at(&s, s.now + WINDOW_MS);
  CHECK(window(&s) <= s.now);
  /* What comes in nevertheless is answered, and begins another window. */
  s.now += 1000;
  CHECK_EQUAL(scripted_get(&s, "3/0/16", TEXT), 205);
  CHECK(!scripted_run(&s, s.now));
  scripted_event(&s, LINNET_EVENT_AWAKE);
  expect_sleep_at(&s, s.now + WINDOW_MS);
  scripted_end(&s);
}

static void wakes_for_its_update_QUE_05(void) {
  scripted s;
  begin(&s);
  expect_sleep_at(&s, s.now + WINDOW_MS);
  uint64_t update_ms = linnet_client_next_update(s.client, 1);
  CHECK(!scripted_run(&s, update_ms - 1));
  scripted_expect(&s, POST, "/rd/5a3f");
  CHECK_EQUAL(s.now, update_ms);
  CHECK_EQUAL(linnet_client_awake_until(s.client, 1), LINNET_NEVER);
  CHECK(!scripted_run(&s, s.now + 1000));
  scripted_event(&s, LINNET_EVENT_AWAKE);
  scripted_answer(&s, 204);
  CHECK(!scripted_run(&s, s.now));
  scripted_event(&s, LINNET_EVENT_UPDATED);
  expect_sleep_at(&s, s.now + WINDOW_MS);
  scripted_end(&s);
}

/* OBS-12: at any time, and with it the window begins anew. */
static void notifies_while_asleep_OBS_12(void) {
  scripted s;
  begin(&s);
  request r = REQUEST(GET, "3/0/9");
  r.observe = 0;
  CHECK_EQUAL(scripted_ask(&s, &r), 205);
  expect_sleep_at(&s, s.now + WINDOW_MS);
  s.now += 3000;
  linnet_value level = linnet_value_integer(40);
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(3, 0, 9), &level), LINNET_OK);
  CHECK(scripted_run(&s, s.now));
  CHECK_EQUAL(s.message.code, CODE(205));
  CHECK(!scripted_run(&s, s.now));
  scripted_event(&s, LINNET_EVENT_AWAKE);
  s.now += 100;
  scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
  expect_sleep_at(&s, s.now + WINDOW_MS);
  scripted_end(&s);
}

/* QUE-11, REG-09. */
static void changes_its_mode_with_the_binding_QUE_11(void) {
  scripted s;
  begin_with(&s, "U", 86400);
  CHECK_EQUAL(window(&s), LINNET_NEVER);
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/7", TEXT, "UQ"), 204);
  scripted_event(&s, LINNET_EVENT_WRITTEN);
  scripted_expect(&s, POST, "/rd/5a3f");
  CHECK_TEXT(scripted_query(&s), "b=UQ");
  scripted_answer(&s, 204);
  CHECK(!scripted_run(&s, s.now));
  scripted_event(&s, LINNET_EVENT_UPDATED);
  expect_sleep_at(&s, s.now + WINDOW_MS);
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/7", TEXT, "U"), 204);
  scripted_event(&s, LINNET_EVENT_WRITTEN);
  scripted_expect(&s, POST, "/rd/5a3f");
  CHECK_TEXT(scripted_query(&s), "b=U");
  scripted_answer(&s, 204);
  CHECK(!scripted_run(&s, s.now));
  scripted_event(&s, LINNET_EVENT_AWAKE);
  scripted_event(&s, LINNET_EVENT_UPDATED);
  CHECK(!scripted_run(&s, s.now + 10 * WINDOW_MS));
  scripted_no_event(&s);
  CHECK_EQUAL(window(&s), LINNET_NEVER);
  /* QUE-01. */
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/7", TEXT, "UQT"), 400);
  scripted_end(&s);
}

/* Another server that is always reachable keeps the client awake. */
static void sleeps_only_if_no_server_may_call(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(linnet_client_add_server(s.client, "coap://10.0.0.2", 2, 86400), LINNET_OK);
  linnet_address queued = s.server;
  CHECK_EQUAL(linnet_address_parse(&s.server, "10.0.0.2:5683"), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  linnet_address other = s.server;
  packet p;
  linnet_datagram datagram;
  /* One registers, the other updates its list; both are answered. */
  for (int i = 0; i < 2; i++) {
    linnet_loop_step(s.loop, s.now);
    while (linnet_transport_next(s.transport, &datagram)) {
      memcpy(s.bytes, datagram.data, datagram.length);
      CHECK_EQUAL(linnet_message_parse(&s.message, s.bytes, datagram.length), LINNET_OK);
      bool first = linnet_address_equal(&datagram.peer, &queued);
      scripted_answer_begin(&s, &p, first ? 204 : 201);
      if (!first) packet_texts(&p, LOCATION_PATH, "rd/2", '/');
      scripted_give_from(&s, first ? &queued : &other, &p);
    }
  }
  CHECK(!scripted_run(&s, s.now + 2 * WINDOW_MS));
  CHECK(linnet_client_awake_until(s.client, 1) <= s.now);
  CHECK_EQUAL(linnet_client_awake_until(s.client, 2), LINNET_NEVER);
  CHECK_EQUAL(window(&s), LINNET_NEVER);
  for (linnet_event *event; (event = linnet_loop_next_event(s.loop)) != NULL;)
    CHECK(linnet_event_get_kind(event) != LINNET_EVENT_ASLEEP);
  scripted_end(&s);
}

/* Between attempts nothing is expected. */
static void sleeps_between_attempts_to_register(void) {
  scripted s;
  begin(&s);
  scripted_drain(&s);
  CHECK_EQUAL(linnet_client_update(s.client, 1), LINNET_OK);
  scripted_expect(&s, POST, "/rd/5a3f");
  scripted_answer(&s, 404);
  scripted_expect(&s, POST, "/rd");
  scripted_answer(&s, 403);
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(window(&s), 0);
  scripted_event(&s, LINNET_EVENT_ERROR);
  scripted_event(&s, LINNET_EVENT_ERROR);
  scripted_event(&s, LINNET_EVENT_ASLEEP);
  CHECK(scripted_run(&s, s.now + 100000));
  CHECK_EQUAL(window(&s), LINNET_NEVER);
  CHECK(!scripted_run(&s, s.now));
  scripted_event(&s, LINNET_EVENT_AWAKE);
  linnet_client_close(s.client);
  CHECK_EQUAL(window(&s), 0);
  scripted_end(&s);
}

/* REG-10, QUE-08. */
static void registers_anew_after_its_address_changed_REG_10(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(linnet_client_register_anew(s.client, 1), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  scripted_accept_registration(&s, "rd/6");
  CHECK_TEXT(linnet_client_location(s.client, 1), "/rd/6");
  CHECK_EQUAL(linnet_client_register_anew(s.client, 9), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_client_deregister(s.client, 1), LINNET_OK);
  CHECK_EQUAL(linnet_client_register_anew(s.client, 1), LINNET_ERROR_WRONG_STATE);
  scripted_expect(&s, DELETE, "/rd/6");
  scripted_answer(&s, 202);
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(linnet_client_register_anew(s.client, 1), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  /* A retry that waits is made at once. */
  scripted_answer(&s, 403);
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(linnet_client_register_anew(s.client, LINNET_EVERY_SERVER), LINNET_OK);
  uint64_t before = s.now;
  scripted_expect(&s, POST, "/rd");
  CHECK_EQUAL(s.now, before);
  scripted_end(&s);
}

int main(void) {
  return RUN(listens_for_93_s_after_the_last_message_QUE_05, wakes_for_its_update_QUE_05,
             notifies_while_asleep_OBS_12, changes_its_mode_with_the_binding_QUE_11,
             sleeps_only_if_no_server_may_call, sleeps_between_attempts_to_register,
             registers_anew_after_its_address_changed_REG_10);
}

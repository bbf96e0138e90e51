/* SPDX-License-Identifier: Apache-2.0 */
/* client_storing_test.c: notifications for a server that is away (lwm2m-1.0.md OBS-04, OBS-09 to OBS-11,
 * REG-40, REG-42; coap.md OB-09). */
#include "scripted_server.h"

enum { TEXT = 0, TLV = 11542, DAY_MS = 86400000 };

static void set_level(scripted *s, int64_t number) {
  linnet_value value = linnet_value_integer(number);
  CHECK_EQUAL(linnet_client_set(s->client, linnet_path_resource(3, 0, 9), &value), LINNET_OK);
}

static void begin(scripted *s) {
  scripted_begin(s, UINT32_MAX);
  set_level(s, 50);
  scripted_register(s);
  scripted_drain(s);
}

static uint8_t observe(scripted *s, const char *path, int accept) {
  request r = REQUEST(GET, path);
  r.accept = accept;
  r.observe = 0;
  CHECK_EQUAL(scripted_ask(s, &r), 205);
  CHECK(scripted_option(s, OBSERVE) >= 0);
  return s->token;
}

/* The client sends this now, confirmable; it is not acknowledged yet. */
static void expect_value(scripted *s, uint8_t token, const char *text) {
  CHECK(scripted_run(s, s->now));
  CHECK_EQUAL(s->message.type, LINNET_MESSAGE_CON);
  CHECK_EQUAL(s->message.code, CODE(205));
  CHECK_EQUAL(s->message.token[0], token);
  CHECK_TEXT(scripted_payload(s), text);
}

static void take_value(scripted *s, uint8_t token, const char *text) {
  expect_value(s, token, text);
  scripted_acknowledge(s, LINNET_MESSAGE_ACK);
}

/* What is on its way is sent four more times, then given up. */
static void lose_notification(scripted *s) {
  for (int copy = 0; copy < 4; copy++) CHECK(scripted_run(s, s->now + 93000));
  CHECK(scripted_silent(s, 93000));
}

/* A change that nobody acknowledges. */
static void go_offline(scripted *s, uint8_t token, int64_t level) {
  char text[8];
  sprintf(text, "%d", (int)level);
  set_level(s, level);
  expect_value(s, token, text);
  lose_notification(s);
}

/* Any sign of life of the server will do. */
static void come_back(scripted *s) { CHECK_EQUAL(scripted_get(s, "3/0/16", TEXT), 205); }

static void change_while_away(scripted *s, int from, int to) {
  for (int level = from; level <= to; level++) {
    set_level(s, level);
    CHECK(scripted_silent(s, 1000));
  }
}

static void sends_what_was_missed_in_order_OBS_10(void) {
  scripted s;
  begin(&s);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  go_offline(&s, token, 51);
  change_while_away(&s, 52, 54);
  come_back(&s);
  take_value(&s, token, "51");
  take_value(&s, token, "52");
  expect_value(&s, token, "53");
  set_level(&s, 55); /* while it goes on: at the end of the line */
  scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
  take_value(&s, token, "54");
  take_value(&s, token, "55");
  CHECK(scripted_silent(&s, 1000000));
  set_level(&s, 56);
  take_value(&s, token, "56");
  scripted_end(&s);
}

static void goes_on_where_it_was_interrupted(void) {
  scripted s;
  begin(&s);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  go_offline(&s, token, 51);
  change_while_away(&s, 52, 53);
  come_back(&s);
  take_value(&s, token, "51");
  expect_value(&s, token, "52");
  lose_notification(&s);
  change_while_away(&s, 54, 54);
  come_back(&s);
  take_value(&s, token, "52");
  take_value(&s, token, "53");
  take_value(&s, token, "54");
  CHECK(scripted_silent(&s, 1000000));
  scripted_end(&s);
}

static void tells_only_how_it_is_now_without_storing_OBS_10(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/6", TEXT, "0"), 204);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  go_offline(&s, token, 51);
  change_while_away(&s, 52, 54);
  come_back(&s);
  take_value(&s, token, "54");
  CHECK(scripted_silent(&s, 1000000));
  scripted_end(&s);
}

static void lets_go_of_what_is_stored_when_that_is_switched_off(void) {
  scripted s;
  begin(&s);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  go_offline(&s, token, 51);
  change_while_away(&s, 52, 54);
  linnet_value off = linnet_value_boolean(false);
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(1, 0, 6), &off), LINNET_OK);
  CHECK(scripted_silent(&s, 1000));
  come_back(&s);
  take_value(&s, token, "54");
  CHECK(scripted_silent(&s, 1000000));
  scripted_end(&s);
}

static void drops_the_oldest_over_the_limit_OBS_10(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(linnet_client_set_limit(s.client, LINNET_LIMIT_STORED_NOTIFICATIONS, 2), LINNET_OK);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  go_offline(&s, token, 51);
  change_while_away(&s, 52, 60);
  come_back(&s);
  take_value(&s, token, "59");
  take_value(&s, token, "60");
  CHECK(scripted_silent(&s, 1000000));
  scripted_end(&s);
}

static void stores_for_several_observations_in_order(void) {
  scripted s;
  linnet_value offset = linnet_value_string("+01:00");
  begin(&s);
  uint8_t level = observe(&s, "3/0/9", TEXT);
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(3, 0, 14), &offset), LINNET_OK);
  uint8_t zone = observe(&s, "3/0/14", TEXT);
  go_offline(&s, level, 51);
  offset = linnet_value_string("+02:00");
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(3, 0, 14), &offset), LINNET_OK);
  CHECK(scripted_silent(&s, 1000));
  change_while_away(&s, 52, 52);
  come_back(&s);
  take_value(&s, level, "51");
  take_value(&s, zone, "+02:00");
  expect_value(&s, level, "52");
  scripted_acknowledge(&s, LINNET_MESSAGE_RST); /* OBS-05 */
  set_level(&s, 53);
  CHECK(scripted_silent(&s, 1000000));
  offset = linnet_value_string("+03:00");
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(3, 0, 14), &offset), LINNET_OK);
  take_value(&s, zone, "+03:00");
  scripted_end(&s);
}

static void register_again(scripted *s) {
  scripted_expect(s, POST, "/rd");
  scripted_accept_registration(s, "rd/6");
}

/* REG-40, REG-42: the observation has ended on the wire; one of the same path gets what was stored. */
static void stores_while_disabled_REG_42(void) {
  scripted s;
  begin(&s);
  linnet_value timeout = linnet_value_integer(1000);
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(1, 0, 5), &timeout), LINNET_OK);
  observe(&s, "3/0/9", TEXT);
  request disable = REQUEST(POST, "1/0/4");
  CHECK_EQUAL(scripted_ask(&s, &disable), 204);
  scripted_expect(&s, DELETE, "/rd/5a3f");
  scripted_answer(&s, 202);
  CHECK(!scripted_run(&s, s.now));
  change_while_away(&s, 51, 53);
  CHECK(scripted_silent(&s, 996000));
  register_again(&s);
  CHECK(scripted_silent(&s, 1000)); /* nobody observes */
  set_level(&s, 54);
  CHECK(scripted_silent(&s, 1000));
  uint8_t token = observe(&s, "3/0/9", TEXT);
  CHECK_TEXT(scripted_payload(&s), "54");
  take_value(&s, token, "51");
  take_value(&s, token, "52");
  take_value(&s, token, "53");
  take_value(&s, token, "54"); /* it ends with how it is */
  CHECK(scripted_silent(&s, 1000000));
  scripted_end(&s);
}

static void stores_until_it_is_registered_again(void) {
  scripted s;
  begin(&s);
  observe(&s, "3/0/9", TEXT);
  CHECK_EQUAL(linnet_client_update(s.client, 1), LINNET_OK);
  scripted_expect(&s, POST, "/rd/5a3f");
  scripted_answer(&s, 404);
  for (int attempt = 0; attempt < 3; attempt++) { /* 5.03: a second, and a little */
    packet p;
    scripted_expect(&s, POST, "/rd");
    set_level(&s, 60 + attempt);
    scripted_answer_begin(&s, &p, 503);
    packet_number(&p, MAX_AGE, 1);
    scripted_give(&s, &p);
  }
  register_again(&s);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  CHECK_TEXT(scripted_payload(&s), "62");
  take_value(&s, token, "60");
  take_value(&s, token, "61");
  take_value(&s, token, "62");
  CHECK(scripted_silent(&s, 1000000));
  scripted_end(&s);
}

/* OB-11: what was stored in another format is of no use. */
static void drops_what_is_stored_in_another_format(void) {
  scripted s;
  begin(&s);
  observe(&s, "3/0/9", TEXT);
  CHECK_EQUAL(linnet_client_register_anew(s.client, 1), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  change_while_away(&s, 51, 51);
  scripted_accept_registration(&s, "rd/6");
  uint8_t token = observe(&s, "3/0/9", TLV);
  CHECK(scripted_silent(&s, 1000));
  set_level(&s, 52);
  CHECK(scripted_run(&s, s.now));
  CHECK_EQUAL(s.message.token[0], token);
  CHECK_EQUAL(scripted_option(&s, CONTENT_FORMAT), TLV);
  scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
  CHECK(scripted_silent(&s, 1000));
  scripted_end(&s);
}

static linnet_status count_question(linnet_event *question, void *user) {
  linnet_value value = linnet_value_integer(++*(int *)user);
  return linnet_question_answer(question, linnet_event_path(question), &value);
}

/* A server that does not observe anew until the first Update has no interest any more. */
static void forgets_what_nobody_observes_again(void) {
  scripted s;
  int questions = 0;
  begin(&s);
  linnet_object *device = linnet_client_object(s.client, 3);
  CHECK_EQUAL(linnet_object_set_handler(device, LINNET_OPERATION_READ, count_question, &questions, NULL),
              LINNET_OK);
  CHECK_EQUAL(linnet_object_compute(device, linnet_path_resource(3, 0, 9)), LINNET_OK);
  CHECK(!scripted_run(&s, s.now));
  observe(&s, "3/0/9", TEXT);
  CHECK_EQUAL(questions, 1);
  CHECK_EQUAL(linnet_client_register_anew(s.client, 1), LINNET_OK);
  register_again(&s);
  CHECK_EQUAL(linnet_client_notify(s.client, linnet_path_resource(3, 0, 9)), LINNET_OK);
  CHECK(scripted_silent(&s, 1000));
  CHECK_EQUAL(questions, 2);
  CHECK_EQUAL(linnet_client_update(s.client, 1), LINNET_OK);
  scripted_expect(&s, POST, "/rd/6");
  scripted_answer(&s, 204);
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(linnet_client_notify(s.client, linnet_path_resource(3, 0, 9)), LINNET_OK);
  CHECK(scripted_silent(&s, 1000));
  CHECK_EQUAL(questions, 2);
  scripted_end(&s);
}

/* OBS-08: leaving for good ends everything. */
static void stores_nothing_for_a_server_it_left(void) {
  scripted s;
  begin(&s);
  observe(&s, "3/0/9", TEXT);
  CHECK_EQUAL(linnet_client_deregister(s.client, 1), LINNET_OK);
  scripted_expect(&s, DELETE, "/rd/5a3f");
  scripted_answer(&s, 202);
  CHECK(!scripted_run(&s, s.now));
  change_while_away(&s, 51, 52);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  register_again(&s);
  observe(&s, "3/0/9", TEXT);
  CHECK(scripted_silent(&s, 1000000));
  scripted_end(&s);
}

/* The target goes meanwhile: so does what was stored of it. */
static void forgets_what_it_stored_of_a_target_that_is_gone(void) {
  scripted s;
  begin(&s);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  go_offline(&s, token, 51);
  change_while_away(&s, 52, 53);
  CHECK_EQUAL(linnet_object_unset(linnet_client_object(s.client, 3), linnet_path_resource(3, 0, 9)),
              LINNET_OK);
  linnet_loop_step(s.loop, s.now);
  scripted_drain(&s);
  CHECK(scripted_run(&s, s.now));
  CHECK_EQUAL(s.message.code, CODE(404));
  scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
  come_back(&s);
  CHECK(scripted_silent(&s, 1000000));
  scripted_end(&s);
}

static void notifies_without_confirmation_but_once_a_day_OB_09(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(linnet_client_set_reliability(s.client, 1, LINNET_NON_CONFIRMABLE), LINNET_OK);
  CHECK_EQUAL(linnet_client_set_reliability(s.client, 2, LINNET_NON_CONFIRMABLE), LINNET_ERROR_NOT_FOUND);
  observe(&s, "3/0/9", TEXT);
  uint64_t confirmed_ms = s.now;
  int confirmable = 0;
  for (int hour = 1; hour <= 60; hour++) {
    s.now += 3600000;
    set_level(&s, hour % 100);
    CHECK(scripted_run(&s, s.now));
    CHECK_EQUAL(s.message.code, CODE(205));
    bool due = s.now >= confirmed_ms + DAY_MS;
    CHECK_EQUAL(s.message.type, due ? LINNET_MESSAGE_CON : LINNET_MESSAGE_NON);
    if (!due) continue;
    scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
    CHECK(!scripted_run(&s, s.now));
    confirmed_ms = s.now;
    confirmable++;
  }
  CHECK_EQUAL(confirmable, 2);
  CHECK_EQUAL(linnet_client_set_reliability(s.client, LINNET_EVERY_SERVER, LINNET_CONFIRMABLE), LINNET_OK);
  set_level(&s, 77);
  CHECK(scripted_run(&s, s.now));
  CHECK_EQUAL(s.message.type, LINNET_MESSAGE_CON);
  scripted_end(&s);
}

/* Whatever cannot be stored: the last that is told is how it is. */
static void ends_with_the_truth_without_memory(void) {
  for (uint32_t after = 0; after < 60; after++) {
    scripted s;
    begin(&s);
    uint8_t token = observe(&s, "3/0/9", TEXT);
    go_offline(&s, token, 51);
    set_level(&s, 52);
    s.fail_after = after;
    s.fail_count = 1;
    CHECK(scripted_silent(&s, 10000));
    s.fail_after = UINT32_MAX;
    CHECK_EQUAL(linnet_client_update(s.client, 1), LINNET_OK);
    scripted_expect(&s, POST, "/rd/5a3f");
    s.fail_after = after;
    s.fail_count = 1;
    scripted_answer(&s, 204);
    char last[16] = "";
    for (int i = 0; i < 8 && scripted_run(&s, s.now + 100000); i++) {
      bool value = s.message.code == CODE(205);
      if (value) strcpy(last, scripted_payload(&s));
      if (value)
        scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
      else
        scripted_answer(&s, 204);
    }
    CHECK_TEXT(last, "52");
    scripted_end(&s);
  }
}

int main(void) {
  return RUN(sends_what_was_missed_in_order_OBS_10, goes_on_where_it_was_interrupted,
             tells_only_how_it_is_now_without_storing_OBS_10,
             lets_go_of_what_is_stored_when_that_is_switched_off, drops_the_oldest_over_the_limit_OBS_10,
             stores_for_several_observations_in_order, stores_while_disabled_REG_42,
             stores_until_it_is_registered_again, drops_what_is_stored_in_another_format,
             forgets_what_nobody_observes_again, stores_nothing_for_a_server_it_left,
             forgets_what_it_stored_of_a_target_that_is_gone,
             notifies_without_confirmation_but_once_a_day_OB_09, ends_with_the_truth_without_memory);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* client_bootstrap_test.c: a client that asks a bootstrap-server, message by message (lwm2m-1.0.md section 6;
 * ETS 0, 4, 9). */
#include "scripted_bootstrap_server.h"

/* ETS 0. */
static void is_bootstrapped_and_registers(void) {
  scripted s;
  reach_commands(&s, 0);
  CHECK_EQUAL(send_bare(&s, DELETE, ""), 202);
  CHECK_EQUAL(put_security(&s, "0"), 204);
  CHECK_EQUAL(put_server(&s, "1"), 204);
  expect_links(&s, "", "lwm2m=\"1.0\",</0/0>,</0/1>;ssid=101,</1/0>;ssid=101,</3/0>"); /* BS-40 */
  scripted_no_event(&s);
  finish(&s);
  scripted_expect(&s, POST, "/rd"); /* BS-55 */
  CHECK_TEXT(scripted_query(&s), "ep=node1&lt=60&lwm2m=1.0&b=U");
  scripted_accept_registration(&s, "rd/1");
  CHECK_EQUAL(linnet_client_get_state(s.client, 101), LINNET_CLIENT_REGISTERED);
  scripted_end(&s);
}

/* An account that the application writes by itself: then it has to say that there will be bootstrap. */
static void an_account_written_by_hand_needs_leave(void) {
  scripted s;
  const struct {
    uint16_t resource;
    linnet_value value;
  } account[] = {{0, linnet_value_string(scripted_server_uri)},
                 {1, linnet_value_boolean(true)},
                 {2, linnet_value_integer(3)}};
  begin_without_accounts(&s);
  CHECK_EQUAL(linnet_object_add_instance(linnet_client_object(s.client, 0), 0), LINNET_OK);
  for (size_t i = 0; i < sizeof account / sizeof account[0]; i++)
    CHECK_EQUAL(
        linnet_client_set(s.client, linnet_path_resource(0, 0, account[i].resource), &account[i].value),
        LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_client_allow_bootstrap(s.client), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  accept_request(&s);
  CHECK_EQUAL(put_security(&s, "0"), 204);
  CHECK_EQUAL(put_server(&s, "1"), 204);
  finish(&s);
  scripted_expect(&s, POST, "/rd");
  scripted_end(&s);
}

/* A program that adds the bootstrap-server only where there was nothing to restore. */
static void a_restored_account_is_asked(void) {
  scripted before, after;
  const void *data;
  size_t length;
  begin_with(&before, 0);
  begin_without_accounts(&after);
  CHECK_EQUAL(linnet_client_save(before.client, &data, &length), LINNET_OK);
  CHECK_EQUAL(linnet_client_restore(after.client, data, length), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(after.client), LINNET_OK);
  accept_request(&after);
  scripted_end(&before);
  scripted_end(&after);
}

/* The forms of a write: of an object, an instance, a resource (BS-20 to BS-22). */
static void takes_writes_of_every_depth(void) {
  scripted s;
  linnet_value value;
  reach_commands(&s, 0);
  CHECK_EQUAL(put_security(&s, "0/1"), 204);
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/5", 0, "86400"), 204); /* ETS 9: makes the instance */
  CHECK_EQUAL(put_server(&s, "1/0"), 204);
  CHECK_EQUAL(linnet_client_get(s.client, linnet_path_resource(1, 0, 5), &value),
              LINNET_ERROR_NOT_FOUND); /* replaced, not merged */
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/1", 0, "77"), 204);
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/0", 0, "102"), 204); /* BS-23: read-only */
  CHECK_EQUAL(scripted_text(&s, PUT, "0/1/10", 0, "102"), 204);
  finish(&s);
  scripted_expect(&s, POST, "/rd");
  CHECK_TEXT(scripted_query(&s), "ep=node1&lt=77&lwm2m=1.0&b=U");
  scripted_end(&s);
}

static void a_text(scripted *s, const char *path, const char *text) {
  linnet_value value;
  linnet_path at = linnet_path_root();
  CHECK_EQUAL(linnet_path_parse(&at, path), LINNET_OK);
  CHECK_EQUAL(linnet_client_get(s->client, at, &value), LINNET_OK);
  CHECK_BYTES(value.as.bytes.data, value.as.bytes.length, text, strlen(text));
}

/* What the device is stays with it: it is not given by a bootstrap-server, and not taken away (BS-23). */
static void what_the_device_is_stays(void) {
  scripted s;
  linnet_value acme = linnet_value_string("ACME"), value;
  reach_commands(&s, 0);
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(3, 0, 0), &acme), LINNET_OK);
  CHECK_EQUAL(scripted_text(&s, PUT, "3/0/0", 0, "other"), 204);
  const value_at device[] = {{"/3/0/0", linnet_value_string("other")}, {"/3/0/14", linnet_value_string("Z")}};
  CHECK_EQUAL(put(&s, "3/0", device, 2), 204);
  a_text(&s, "/3/0/0", "ACME");
  a_text(&s, "/3/0/14", "Z");
  a_text(&s, "/3/0/16", "U");
  const value_at again[] = {{"/3/0/15", linnet_value_string("UTC")}};
  CHECK_EQUAL(put(&s, "3", again, 1), 204);
  a_text(&s, "/3/0/0", "ACME");
  CHECK_EQUAL(linnet_client_get(s.client, linnet_path_resource(3, 0, 14), &value), LINNET_ERROR_NOT_FOUND);
  scripted_end(&s);
}

static void refuses_what_makes_no_sense(void) { /* 6.2 */
  scripted s;
  reach_commands(&s, 0);
  CHECK_EQUAL(put_security(&s, "0/1"), 204);
  const value_at other[] = {{"/9/0/0", linnet_value_integer(1)}};
  CHECK_EQUAL(put(&s, "9", other, 1), 400); /* BS-24 */
  CHECK_EQUAL(scripted_send(&s, PUT, "1/0", 99, "x", 1), 415);
  CHECK_EQUAL(scripted_send(&s, PUT, "1/0", 0, "x", 1), 415);
  CHECK_EQUAL(scripted_send(&s, PUT, "1/0", -1, "x", 1), 400);
  CHECK_EQUAL(scripted_send(&s, PUT, "1/0", TLV, "\xc1", 1), 400);
  CHECK_EQUAL(scripted_send(&s, PUT, "", TLV, "", 0), 400);
  CHECK_EQUAL(scripted_send(&s, PUT, "1/0/7/0", 0, "U", 1), 400);
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/1", 0, "soon"), 400);
  CHECK_EQUAL(scripted_send(&s, PUT, "1", TLV, "\xc1\x01\x05", 3), 400); /* BS-21: no instance */
  CHECK_EQUAL(scripted_send(&s, PUT, "3", TLV,
                            "\xc1\x0e"
                            "Z",
                            3),
              204); /* but of a single-instance object */
  CHECK_EQUAL(send_bare(&s, DELETE, "1/0/1"), 400);
  CHECK_EQUAL(send_bare(&s, DELETE, "x"), 400);
  CHECK_EQUAL(send_bare(&s, POST, "1/0"), 405);
  CHECK_EQUAL(scripted_get(&s, "9", LINK), 404); /* BS-41 */
  CHECK_EQUAL(scripted_get(&s, "1/0", LINK), 400);
  CHECK_EQUAL(scripted_get(&s, "1", TLV), 406);
  CHECK_EQUAL(put_server(&s, "1/0"), 204);
  finish(&s);
  scripted_end(&s);
}

/* An object-level write is one thing: nothing of it is kept when an instance of it is refused. */
static void a_write_of_several_instances_is_all_or_nothing(void) {
  scripted s;
  reach_commands(&s, 0);
  const value_at values[] = {{"/1/0/1", linnet_value_integer(60)}, {"/1/1/1", linnet_value_integer(0)}};
  CHECK_EQUAL(put(&s, "1", values, 2), 400);
  expect_links(&s, "1", "lwm2m=\"1.0\",</1>");
  scripted_end(&s);
}

/* ETS 4, 4b. */
static void deletes_all_but_its_account_and_device(void) { /* BS-30 to BS-33 */
  scripted s;
  reach_commands(&s, 0);
  CHECK_EQUAL(put_security(&s, "0"), 204);
  CHECK_EQUAL(put_server(&s, "1"), 204);
  CHECK_EQUAL(send_bare(&s, DELETE, "0/0"), 400);
  CHECK_EQUAL(send_bare(&s, DELETE, "3/0"), 400);
  CHECK_EQUAL(send_bare(&s, DELETE, "3"), 202);
  CHECK_EQUAL(send_bare(&s, DELETE, "0/7"), 202);
  CHECK_EQUAL(send_bare(&s, DELETE, "9"), 202);
  CHECK_EQUAL(send_bare(&s, DELETE, "0"), 202);
  expect_links(&s, "", "lwm2m=\"1.0\",</0/0>,</1>,</3/0>"); /* BS-33: /1/0 went with /0/1 */
  CHECK_EQUAL(put_security(&s, "0"), 204);
  CHECK_EQUAL(put_server(&s, "1"), 204);
  CHECK_EQUAL(send_bare(&s, DELETE, ""), 202);
  expect_links(&s, "", "lwm2m=\"1.0\",</0/0>,</1>,</3/0>");
  CHECK_EQUAL(put_security(&s, "0"), 204);
  CHECK_EQUAL(put_server(&s, "1"), 204);
  finish(&s);
  scripted_expect(&s, POST, "/rd");
  scripted_end(&s);
}

/* What the device is stays; what it was given goes. */
static void deletes_instances_that_the_application_lets_go(void) {
  scripted s;
  begin_with(&s, 0);
  linnet_model *model = linnet_client_model(s.client);
  for (uint16_t id = 30000; id < 30002; id++) {
    CHECK_EQUAL(linnet_model_add_object(model, id, "Thing", NULL, LINNET_MULTIPLE), LINNET_OK);
    linnet_object *object = linnet_object_new(model, id);
    CHECK_EQUAL(linnet_object_add_instance(object, 4), LINNET_OK);
    if (id == 30001) CHECK_EQUAL(linnet_object_allow(object, LINNET_OPERATION_DELETE), LINNET_OK);
    CHECK_EQUAL(linnet_client_add_object(s.client, object), LINNET_OK);
    linnet_object_unref(object);
  }
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  accept_request(&s);
  CHECK_EQUAL(send_bare(&s, DELETE, ""), 202);
  expect_links(&s, "", "lwm2m=\"1.0\",</0/0>,</1>,</3/0>,</30000/4>,</30001>");
  scripted_end(&s);
}

/* ETS 9: the bootstrap-server may correct it. */
static void an_inconsistent_configuration_is_not_accepted(void) { /* BS-50, BS-51 */
  scripted s;
  reach_commands(&s, 0);
  CHECK_EQUAL(send_bare(&s, POST, "bs"), 406);
  CHECK_TEXT(scripted_payload(&s), "there is no server account");
  CHECK_EQUAL(put_security(&s, "0"), 204);
  CHECK_EQUAL(send_bare(&s, POST, "bs"), 406);
  CHECK_TEXT(scripted_payload(&s), "/0/1: it needs one instance of object 1");
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/0", 0, "101"), 204);
  CHECK_EQUAL(send_bare(&s, POST, "bs"), 406);
  CHECK_TEXT(scripted_payload(&s), "/1/0: the lifetime is missing");
  CHECK_EQUAL(put_server(&s, "1"), 204);
  static const struct {
    const char *path, *bad, *good, *words;
  } rows[] = {
      {"0/1/2", "0", "3", "/0/1: the URI does not fit the security mode"},
      {"0/1/0", "http://a", "coap://10.0.0.1:5683", "/0/1: the URI is missing or malformed"},
      {"0/1/10", "102", "101", "/0/1: it needs one instance of object 1"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    CHECK_EQUAL(scripted_text(&s, PUT, rows[i].path, 0, rows[i].bad), 204);
    CHECK_EQUAL(send_bare(&s, POST, "bs"), 406);
    CHECK_TEXT(scripted_payload(&s), rows[i].words);
    CHECK_EQUAL(scripted_text(&s, PUT, rows[i].path, 0, rows[i].good), 204);
  }
  const value_at twin[] = {{"/0/5/0", linnet_value_string("coap://b")},
                           {"/0/5/1", linnet_value_boolean(false)},
                           {"/0/5/2", linnet_value_integer(3)},
                           {"/0/5/10", linnet_value_integer(101)}};
  CHECK_EQUAL(put(&s, "0/5", twin, 4), 204);
  CHECK_EQUAL(send_bare(&s, POST, "bs"), 406);
  CHECK_TEXT(scripted_payload(&s), "/0/1: the Short Server ID is there twice");
  CHECK_EQUAL(send_bare(&s, DELETE, "0/5"), 202); /* takes /1/0 with it, BS-33 */
  CHECK_EQUAL(put_server(&s, "1"), 204);
  scripted_no_event(&s);
  finish(&s);
  scripted_expect(&s, POST, "/rd");
  scripted_end(&s);
}

static unsigned put_bootstrap(scripted *s, const char *instance, int64_t stay_s) {
  char paths[4][32];
  const char *const ids[] = {"0", "1", "2", "12"};
  for (size_t i = 0; i < 4; i++) snprintf(paths[i], sizeof paths[i], "/%s/%s", instance, ids[i]);
  const value_at values[] = {{paths[0], linnet_value_string("coap://10.0.0.1:5683")},
                             {paths[1], linnet_value_boolean(true)},
                             {paths[2], linnet_value_integer(3)},
                             {paths[3], linnet_value_integer(stay_s)}};
  return put(s, instance, values, 4);
}

static void a_second_bootstrap_account_takes_the_place_of_the_first(void) { /* BS-53, BS-54 */
  scripted s;
  reach_commands(&s, 0);
  CHECK_EQUAL(put_security(&s, "0"), 204);
  CHECK_EQUAL(put_server(&s, "1"), 204);
  CHECK_EQUAL(put_bootstrap(&s, "0/5", 3600), 204);
  CHECK_EQUAL(put_bootstrap(&s, "0/6", 3600), 204);
  CHECK_EQUAL(send_bare(&s, POST, "bs"), 406);
  CHECK_EQUAL(send_bare(&s, DELETE, "0/6"), 202);
  finish(&s);
  linnet_object *securities = linnet_client_object(s.client, 0);
  CHECK(!linnet_object_has_instance(securities, 0));
  CHECK(linnet_object_has_instance(securities, 5));
  uint64_t done = s.now;
  scripted_expect(&s, POST, "/rd");
  scripted_accept_registration(&s, "rd/1");
  while (scripted_run(&s, done + 3600000 - 1)) scripted_answer(&s, 204);
  CHECK(linnet_object_has_instance(securities, 5));
  while (scripted_run(&s, done + 3600000)) scripted_answer(&s, 204);
  CHECK(!linnet_object_has_instance(securities, 5));
  scripted_end(&s);
}

/* Where the wall clock is known, the time that the device is off counts, too; else only that it is on. */
static void an_account_goes_in_time_also_after_a_restart(void) { /* BS-54 */
  static const struct {
    int64_t wall_ms;
    uint64_t off_ms, left_ms;
  } cases[] = {{1700000000000, 600000, 2000000}, {0, 600000, 2600000}, {1700000000000, 36000000, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    scripted s, after;
    reach_commands(&s, 0);
    CHECK_EQUAL(put_security(&s, "0"), 204);
    CHECK_EQUAL(put_server(&s, "1"), 204);
    CHECK_EQUAL(put_bootstrap(&s, "0/5", 3600), 204);
    finish(&s);
    scripted_expect(&s, POST, "/rd");
    scripted_accept_registration(&s, "rd/1");
    uint64_t since = s.now;
    while (scripted_run(&s, since + 1000000)) scripted_answer(&s, 204);
    restart_with(&s, &after, cases[i].wall_ms, cases[i].off_ms);
    linnet_object *securities = linnet_client_object(after.client, 0);
    CHECK(linnet_object_has_instance(securities, 5));
    after.now = 5000; /* another time since its machine began */
    CHECK_EQUAL(linnet_client_start(after.client), LINNET_OK);
    scripted_expect(&after, POST, "/rd");
    scripted_accept_registration(&after, "rd/1");
    while (cases[i].left_ms > 0 && scripted_run(&after, 5000 + cases[i].left_ms - 1))
      scripted_answer(&after, 204);
    CHECK_EQUAL(linnet_object_has_instance(securities, 5), cases[i].left_ms > 0);
    while (scripted_run(&after, 5000 + cases[i].left_ms)) scripted_answer(&after, 204);
    CHECK(!linnet_object_has_instance(securities, 5));
    scripted_end(&after);
  }
}

/* ---- failures ------------------------------------------------------------------------------------ */

static void all_is_as_before_when_no_finish_comes(void) { /* BS-11, BS-52 */
  scripted s;
  linnet_value value;
  reach_commands(&s, 0);
  CHECK_EQUAL(put_security(&s, "0"), 204);
  CHECK_EQUAL(put_server(&s, "1"), 204);
  CHECK_EQUAL(put_bootstrap(&s, "0/0", 5), 204);
  CHECK_EQUAL(scripted_text(&s, PUT, "3/0/14", 0, "+02:00"), 204);
  CHECK(!scripted_run(&s, s.now + 247000 - 1));
  scripted_no_event(&s);
  scripted_run(&s, s.now + 1);
  expect_event(&s, LINNET_EVENT_BOOTSTRAP_FINISHED, LINNET_ERROR_TIMED_OUT, 0);
  CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 0)), 1);
  CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 1)), 0);
  CHECK_EQUAL(linnet_client_get(s.client, linnet_path_resource(0, 0, 12), &value), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_client_get(s.client, linnet_path_resource(3, 0, 14), &value), LINNET_ERROR_NOT_FOUND);
  accept_request(&s); /* and asks again */
  scripted_end(&s);
}

/* BS-12, AMB-28. */
static void waits_longer_after_each_failure(void) {
  scripted s;
  begin_with(&s, 10);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  uint64_t begin = s.now, former = 0;
  for (int i = 0; i < 12; i++) {
    CHECK(scripted_run(&s, s.now + 6000000));
    CHECK_TEXT(scripted_path(&s), "/bs");
    uint64_t delay = s.now - begin;
    if (i == 0) CHECK_EQUAL(delay, 10000);
    if (i > 1) CHECK(delay * 2 >= former);
    CHECK(delay <= 5400000);
    former = delay;
    scripted_answer(&s, 400);
    CHECK(scripted_silent(&s, 0));
    begin = s.now;
    expect_event(&s, LINNET_EVENT_BOOTSTRAP_STARTED, LINNET_OK, 0);
    expect_event(&s, LINNET_EVENT_BOOTSTRAP_FINISHED, LINNET_ERROR_REFUSED, 400);
  }
  CHECK(former >= 3600000);
  scripted_end(&s);
}

static void a_server_that_says_when_is_taken_at_its_word(void) {
  scripted s;
  packet p;
  begin_with(&s, 0);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/bs");
  scripted_answer_begin(&s, &p, 503);
  packet_number(&p, MAX_AGE, 600);
  scripted_give(&s, &p);
  uint64_t begin = s.now;
  CHECK(scripted_run(&s, s.now + 1000000));
  CHECK(s.now - begin >= 600000);
  scripted_end(&s);
}

static void an_unanswered_request_is_a_failure(void) {
  scripted s;
  begin_with(&s, 0);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  for (int copy = 0; copy < 5; copy++) CHECK(scripted_run(&s, 100000));
  scripted_run(&s, 100000);
  expect_event(&s, LINNET_EVENT_BOOTSTRAP_STARTED, LINNET_OK, 0);
  expect_event(&s, LINNET_EVENT_BOOTSTRAP_FINISHED, LINNET_ERROR_TIMED_OUT, 0);
  scripted_end(&s);
}

static void commands_may_overtake_the_answer(void) { /* BS-10 */
  scripted s;
  begin_with(&s, 0);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/bs");
  scripted_drain(&s);
  packet late;
  scripted_answer_begin(&s, &late, 204);
  CHECK_EQUAL(put_security(&s, "0"), 204);
  scripted_give(&s, &late);
  CHECK_EQUAL(put_server(&s, "1"), 204);
  finish(&s);
  scripted_expect(&s, POST, "/rd");
  scripted_end(&s);
}

static void listens_to_nobody_else_meanwhile(void) { /* BS-05, BS-13 */
  scripted s;
  packet p;
  linnet_address stranger;
  reach_commands(&s, 0);
  CHECK_EQUAL(linnet_address_parse(&stranger, "10.0.0.9:5683"), LINNET_OK);
  packet_begin(&p, LINNET_MESSAGE_CON, DELETE, 0x1234, "x", 1);
  packet_texts(&p, URI_PATH, "0", '/');
  scripted_give_from(&s, &stranger, &p);
  CHECK(scripted_silent(&s, 0));
  CHECK_EQUAL(put_security(&s, "0"), 204);
  CHECK_EQUAL(put_server(&s, "1"), 204);
  finish(&s);
  CHECK(scripted_run(&s, s.now));                               /* Register */
  packet_begin(&p, LINNET_MESSAGE_CON, DELETE, 0x1235, "x", 1); /* over is over */
  packet_texts(&p, URI_PATH, "0", '/');
  scripted_give(&s, &p);
  CHECK(scripted_silent(&s, 0));
  scripted_end(&s);
}

/* ---- when it is asked (6.1) ---------------------------------------------------------------------- */

static void servers_are_tried_first_and_the_bootstrap_server_when_all_failed(void) { /* AMB-37 */
  scripted s;
  begin_with(&s, 30);
  CHECK_EQUAL(linnet_client_add_server(s.client, scripted_server_uri, 1, 60), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  uint64_t failed = s.now;
  scripted_answer(&s, 403);
  CHECK(scripted_silent(&s, 0));
  CHECK(!scripted_run(&s, failed + 29999));
  CHECK(scripted_run(&s, failed + 30000));
  CHECK_TEXT(scripted_path(&s), "/bs");
  scripted_drain(&s);
  scripted_answer(&s, 204);
  CHECK(scripted_silent(&s, 200000)); /* registrations rest */
  CHECK_EQUAL(put_security(&s, "0"), 204);
  CHECK_EQUAL(send_bare(&s, DELETE, "0/2"), 202);
  scripted_run(&s, s.now + 250000);
  scripted_drain(&s);
  /* It failed: the account is there again, and is tried again. */
  CHECK(linnet_object_has_instance(linnet_client_object(s.client, 1), 0));
  scripted_end(&s);
}

static void a_registered_client_asks_no_bootstrap_server(void) {
  scripted s;
  begin_with(&s, 0);
  CHECK_EQUAL(linnet_client_add_server(s.client, scripted_server_uri, 1, 86400), LINNET_OK);
  scripted_register(&s);
  CHECK(scripted_silent(&s, 3600000));
  CHECK_EQUAL(linnet_client_deregister(s.client, 1), LINNET_OK);
  scripted_expect(&s, DELETE, "/rd/5a3f");
  scripted_answer(&s, 202);
  CHECK(scripted_silent(&s, 3600000)); /* it was told to leave: it has not failed */
  scripted_end(&s);
}

static void a_client_without_bootstrap_server_asks_none(void) {
  scripted s;
  begin_with(&s, 0);
  CHECK_EQUAL(linnet_object_remove_instance(linnet_client_object(s.client, 0), 0), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  CHECK(scripted_silent(&s, 3600000));
  scripted_end(&s);
}

static void an_account_is_checked_before_it_is_added(void) {
  scripted s;
  begin_with(&s, 0);
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s.client, "coap://b", 0), LINNET_ERROR_EXISTS);
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s.client, "http://b", 0), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s.client, NULL, 0), LINNET_ERROR_INVALID_ARGUMENT);
  linnet_client_close(s.client);
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s.client, "coap://b", 0), LINNET_ERROR_CLOSED);
  scripted_end(&s);
}

static void closing_in_the_middle_takes_back_what_was_done(void) {
  scripted s;
  reach_commands(&s, 0);
  linnet_object *securities = linnet_object_ref(linnet_client_object(s.client, 0));
  CHECK_EQUAL(put_security(&s, "0"), 204);
  CHECK_EQUAL(linnet_object_instance_count(securities), 2);
  linnet_client_close(s.client);
  CHECK_EQUAL(linnet_object_instance_count(securities), 1);
  linnet_object_unref(securities);
  CHECK(scripted_silent(&s, 400000));
  scripted_end(&s);
}

/* ---- memory -------------------------------------------------------------------------------------- */

/* Everything once, as far as it goes. True: it went to the end. */
static bool live(scripted *s) {
  if (linnet_client_start(s->client) != LINNET_OK) return false;
  for (int rounds = 0; rounds < 40 && scripted_run(s, s->now + 700000); rounds++) {
    if (s->message.code != POST || s->message.type != LINNET_MESSAGE_CON) continue;
    if (strcmp(scripted_path(s), "/rd") == 0) return true;
    packet accepted;
    scripted_answer_begin(s, &accepted, 204);
    linnet_transport_receive(s->transport, &s->server, accepted.data, accepted.length);
    scripted_run(s, s->now);
    static const char security[] =
        "\x08\x01\x20\xc8\x00\x14"
        "coap://10.0.0.1:5683"
        "\xc1\x01\x00\xc1\x02\x03\xc1\x0a\x65";
    static const char server[] = "\x08\x00\x0c\xc1\x00\x65\xc1\x01\x3c\xc1\x06\x00\xc1\x07U";
    static const struct {
      uint8_t method;
      const char *path;
      const char *payload;
      size_t length;
    } commands[] = {{DELETE, "", NULL, 0},
                    {PUT, "0", security, sizeof security - 1},
                    {PUT, "1", server, sizeof server - 1},
                    {GET, "", NULL, 0},
                    {POST, "bs", NULL, 0}};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
      request r = REQUEST(commands[i].method, commands[i].path);
      if (commands[i].payload != NULL) r.format = TLV;
      r.payload = commands[i].payload;
      r.payload_length = commands[i].length;
      packet p;
      packet_begin(&p, LINNET_MESSAGE_CON, r.method, ++s->message_id, &s->token, 1);
      packet_texts(&p, URI_PATH, r.path, '/');
      if (r.format >= 0) packet_number(&p, CONTENT_FORMAT, (uint32_t)r.format);
      packet_payload(&p, r.payload, r.payload_length);
      linnet_transport_receive(s->transport, &s->server, p.data, p.length);
      if (!scripted_run(s, s->now)) continue;
      if (s->message.type == LINNET_MESSAGE_CON && s->message.code == POST &&
          strcmp(scripted_path(s), "/rd") == 0)
        return true;
    }
    if (scripted_run(s, s->now) && strcmp(scripted_path(s), "/rd") == 0) return true;
  }
  return false;
}

static void survives_the_failure_of_any_allocation(void) {
  for (uint32_t count = 1; count <= 3; count += 2) {
    for (uint32_t at = 0; at < 90; at++) {
      scripted s;
      begin_with(&s, 0);
      s.fail_after = at;
      s.fail_count = count;
      CHECK(live(&s)); /* one way or the other: a failed attempt is repeated */
      size_t started = 0, finished = 0;
      for (linnet_event *event; (event = linnet_loop_next_event(s.loop)) != NULL;) {
        started += linnet_event_get_kind(event) == LINNET_EVENT_BOOTSTRAP_STARTED;
        finished += linnet_event_get_kind(event) == LINNET_EVENT_BOOTSTRAP_FINISHED;
      }
      CHECK(started <= finished + 1 && finished <= started + 1);
      CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 1)), 1);
      scripted_end(&s);
    }
  }
}

int main(void) {
  return RUN(
      is_bootstrapped_and_registers, an_account_written_by_hand_needs_leave, a_restored_account_is_asked,
      takes_writes_of_every_depth, what_the_device_is_stays, refuses_what_makes_no_sense,
      a_write_of_several_instances_is_all_or_nothing, deletes_all_but_its_account_and_device,
      deletes_instances_that_the_application_lets_go, an_inconsistent_configuration_is_not_accepted,
      a_second_bootstrap_account_takes_the_place_of_the_first, an_account_goes_in_time_also_after_a_restart,
      all_is_as_before_when_no_finish_comes, waits_longer_after_each_failure,
      a_server_that_says_when_is_taken_at_its_word, an_unanswered_request_is_a_failure,
      commands_may_overtake_the_answer, listens_to_nobody_else_meanwhile,
      servers_are_tried_first_and_the_bootstrap_server_when_all_failed,
      a_registered_client_asks_no_bootstrap_server, a_client_without_bootstrap_server_asks_none,
      an_account_is_checked_before_it_is_added, closing_in_the_middle_takes_back_what_was_done,
      survives_the_failure_of_any_allocation);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* client_register_test.c: Register, Update, De-register, and what each answer leads to (lwm2m-1.0.md section
 * 2). */
#include "net/net.h"
#include "scripted_server.h"

static void registers_with_all_that_is_mandatory(void) {
  scripted s;
  scripted_begin(&s, 86400);
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_IDLE);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/rd"); /* int-101 */
  CHECK_TEXT(scripted_query(&s), "ep=node1&lt=86400&lwm2m=1.0&b=U");
  CHECK_EQUAL(scripted_option(&s, CONTENT_FORMAT), LINNET_FORMAT_LINK);
  CHECK_TEXT(scripted_payload(&s), "</>;rt=\"oma.lwm2m\";ct=11543,</1/0>,</3/0>"); /* REG-20 to REG-23 */
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_REGISTERING);
  CHECK_TEXT(linnet_client_location(s.client, 1), "");
  scripted_accept_registration(&s, "rd/5a3f");
  CHECK_EQUAL(linnet_client_get_state(s.client, LINNET_EVERY_SERVER), LINNET_CLIENT_REGISTERED);
  CHECK_TEXT(linnet_client_location(s.client, 1), "/rd/5a3f");
  linnet_event *event = scripted_event(&s, LINNET_EVENT_REGISTERED);
  CHECK_EQUAL(linnet_event_registration(event), 1);
  CHECK_EQUAL(linnet_event_code(event), 201);
  CHECK_TEXT(linnet_event_endpoint(event), "node1");
  CHECK_EQUAL(linnet_event_source(event), linnet_client_number(s.client));
  scripted_no_event(&s);
  scripted_end(&s);
}

/* REG-20, REG-22, MOD-09. */
static void lists_objects_without_instances_and_versions(void) {
  scripted s;
  scripted_begin(&s, 60);
  linnet_model *model = linnet_client_model(s.client);
  CHECK_EQUAL(linnet_model_add_object(model, 3303, "Temperature", "1.1", LINNET_MULTIPLE), LINNET_OK);
  CHECK_EQUAL(linnet_model_add_object(model, 3304, "Humidity", NULL, LINNET_MULTIPLE), LINNET_OK);
  linnet_object *temperature = linnet_object_new(model, 3303), *humidity = linnet_object_new(model, 3304);
  CHECK_EQUAL(linnet_object_add_instance(temperature, 7), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_object(s.client, humidity), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_object(s.client, temperature), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_object(s.client, temperature), LINNET_ERROR_EXISTS);
  linnet_object_unref(temperature);
  linnet_object_unref(humidity);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  CHECK_TEXT(scripted_payload(&s),
             "</>;rt=\"oma.lwm2m\";ct=11543,</1/0>,</3/0>,</3303>;ver=\"1.1\",</3303/7>,</3304>");
  scripted_end(&s);
}

/* REG-30: at lt - min(lt/2, 93 s) after the last acknowledgement; REG-08: with nothing in it. */
static void updates_before_the_lifetime_runs_out(void) {
  static const struct {
    uint32_t lifetime_s;
    uint64_t due_s;
  } cases[] = {{20, 10}, {60, 30}, {186, 93}, {300, 207}, {86400, 86307}, {4294967295u, 2147483648u - 93}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    scripted s;
    scripted_begin(&s, cases[i].lifetime_s);
    scripted_register(&s);
    for (int round = 0; round < 3; round++) {
      uint64_t acknowledged = s.now;
      CHECK_EQUAL(linnet_client_next_update(s.client, 1), acknowledged + 1000 * cases[i].due_s);
      CHECK(!scripted_run(&s, acknowledged + 1000 * cases[i].due_s - 1));
      CHECK(scripted_run(&s, acknowledged + 1000 * cases[i].due_s));
      CHECK_EQUAL(s.message.code, POST);
      CHECK_TEXT(scripted_path(&s), "/rd/5a3f");
      CHECK_TEXT(scripted_query(&s), "");
      CHECK_EQUAL(s.message.payload_length, 0);
      CHECK_EQUAL(scripted_option(&s, CONTENT_FORMAT), -1);
      scripted_answer(&s, 204);
      CHECK(!scripted_run(&s, s.now));
      scripted_drain(&s);
    }
    scripted_end(&s);
  }
}

/* REG-03: every segment, verbatim. */
static void uses_the_whole_location(void) {
  scripted s;
  packet p;
  scripted_begin(&s, 60);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  scripted_answer_begin(&s, &p, 201);
  packet_option(&p, LOCATION_PATH, "rd", 2);
  packet_option(&p, LOCATION_PATH, "a b?", 4);
  packet_option(&p, LOCATION_PATH, "", 0);
  scripted_give(&s, &p);
  CHECK(!scripted_run(&s, s.now));
  CHECK_TEXT(linnet_client_location(s.client, 1), "/rd/a b?/");
  scripted_expect(&s, POST, "/rd/a b?/");
  scripted_end(&s);
}

/* CO-30: five copies of the same bytes, 2 to 3 s and doubled. */
static void repeats_a_lost_register(void) {
  scripted s;
  uint8_t first[256];
  scripted_begin(&s, 60);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  size_t length = s.length;
  memcpy(first, s.bytes, length);
  uint64_t begin = s.now;
  for (int copy = 0; copy < 4; copy++) {
    CHECK(scripted_run(&s, begin + 93000));
    CHECK_BYTES(s.bytes, s.length, first, length);
  }
  scripted_accept_registration(&s, "rd/1");
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_REGISTERED);
  scripted_end(&s);
}

/* 2.4: timeout: again with back-off, and not faster each time (REG-11). */
static void tries_again_after_a_timeout(void) {
  scripted s;
  scripted_begin(&s, 60);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  uint64_t former = 0;
  for (int attempt = 0; attempt < 10; attempt++) {
    scripted_expect(&s, POST, "/rd");
    for (int copy = 0; copy < 4; copy++) CHECK(scripted_run(&s, s.now + 93000));
    while (linnet_client_get_state(s.client, 1) == LINNET_CLIENT_REGISTERING)
      CHECK(!scripted_run(&s, s.now + 10));
    CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_WAITING);
    linnet_event *event = scripted_event(&s, LINNET_EVENT_ERROR);
    CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_TIMED_OUT);
    CHECK_EQUAL(linnet_event_registration(event), 1);
    CHECK(strstr(linnet_event_text(event), "node1") != NULL);
    uint64_t failed = s.now, delay = 0;
    while (linnet_client_get_state(s.client, 1) == LINNET_CLIENT_WAITING) {
      linnet_loop_step(s.loop, s.now);
      s.now++;
    }
    delay = s.now - failed;
    CHECK(delay >= 5000 && delay <= 900100);
    if (attempt > 0 && attempt < 7) CHECK(delay * 2 > former);
    former = delay;
  }
  scripted_end(&s);
}

/* How long the client waits after this answer to a Register, in milliseconds. */
static uint64_t delay_after(unsigned code, int max_age_s) {
  scripted s;
  packet p;
  scripted_begin(&s, 60);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  scripted_answer_begin(&s, &p, code);
  if (max_age_s >= 0) packet_number(&p, MAX_AGE, (uint32_t)max_age_s);
  scripted_give(&s, &p);
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_WAITING);
  linnet_event *event = scripted_event(&s, LINNET_EVENT_ERROR);
  CHECK_EQUAL(linnet_event_code(event), code);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_REFUSED);
  uint64_t begin = s.now;
  CHECK(scripted_run(&s, begin + 10000000));
  CHECK_TEXT(scripted_path(&s), "/rd");
  uint64_t delay = s.now - begin;
  scripted_accept_registration(&s, "rd/2");
  scripted_end(&s);
  return delay;
}

/* 2.4: 4.xx only with a long back-off; 5.03 at Max-Age; other 5.xx with back-off. */
static void waits_after_a_refusal_as_long_as_it_calls_for(void) {
  static const unsigned refusals[] = {400, 403, 412, 404, 405};
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
    uint64_t delay = delay_after(refusals[i], -1);
    CHECK(delay >= 60000 && delay <= 90000);
  }
  uint64_t delay = delay_after(500, -1);
  CHECK(delay >= 5000 && delay <= 7500);
  delay = delay_after(503, 300);
  CHECK(delay >= 300000 && delay <= 330000);
  delay = delay_after(503, 0);
  CHECK(delay >= 1000 && delay <= 1100);
}

/* REG-03: a 2.01 without location is no registration. */
static void does_not_take_a_created_without_location(void) {
  scripted s;
  scripted_begin(&s, 60);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  scripted_answer(&s, 201);
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_WAITING);
  CHECK_EQUAL(linnet_event_status(scripted_event(&s, LINNET_EVENT_ERROR)), LINNET_ERROR_MALFORMED);
  scripted_end(&s);
}

/* 2.4, int-105: 4.04 and every other error to an Update lead to a Register at once. */
static void registers_again_after_an_error_to_an_update(void) {
  static const unsigned codes[] = {404, 400, 403, 500, 503};
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
    scripted s;
    scripted_begin(&s, 60);
    scripted_register(&s);
    scripted_drain(&s);
    scripted_expect(&s, POST, "/rd/5a3f");
    scripted_answer(&s, codes[i]);
    CHECK(scripted_run(&s, s.now));
    CHECK_TEXT(scripted_path(&s), "/rd");
    CHECK_TEXT(scripted_query(&s), "ep=node1&lt=60&lwm2m=1.0&b=U");
    CHECK(strstr(scripted_payload(&s), "</3/0>") != NULL);
    CHECK_EQUAL(linnet_event_code(scripted_event(&s, LINNET_EVENT_ERROR)), codes[i]);
    scripted_accept_registration(&s, "rd/new");
    CHECK_TEXT(linnet_client_location(s.client, 1), "/rd/new");
    scripted_end(&s);
  }
}

/* 2.4, REG-07: an Update that is not answered; whichever is first, its timeout or the end of the lifetime. */
static void registers_again_when_an_update_is_not_answered(void) {
  static const struct {
    uint32_t lifetime_s;
    uint64_t from_s, to_s; /* when the Register comes, after the first one */
  } cases[] = {{20, 20, 20}, {86400, 86307 + 45, 86307 + 94}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    scripted s;
    scripted_begin(&s, cases[i].lifetime_s);
    scripted_register(&s);
    uint64_t begin = s.now;
    do CHECK(scripted_run(&s, begin + 1000 * cases[i].to_s));
    while (strcmp(scripted_path(&s), "/rd") != 0);
    CHECK(s.now >= begin + 1000 * cases[i].from_s);
    CHECK_TEXT(linnet_client_location(s.client, 1), "");
    scripted_accept_registration(&s, "rd/2");
    CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_REGISTERED);
    scripted_end(&s);
  }
}

/* REG-07, int-102: the device slept for longer than the lifetime; the Register comes before anything else. */
static void registers_first_after_a_long_sleep(void) {
  scripted s;
  scripted_begin(&s, 20);
  scripted_register(&s);
  s.now += 21000;
  scripted_expect(&s, POST, "/rd");
  CHECK_TEXT(scripted_query(&s), "ep=node1&lt=20&lwm2m=1.0&b=U");
  CHECK(!scripted_run(&s, s.now));
  scripted_end(&s);
}

/* REG-08: the complete list, once for all that changed. */
static void tells_of_new_objects_and_instances(void) {
  scripted s;
  scripted_begin(&s, 600);
  scripted_register(&s);
  linnet_object *location = linnet_object_new(linnet_client_model(s.client), 6);
  CHECK_EQUAL(linnet_client_add_object(s.client, location), LINNET_OK);
  CHECK_EQUAL(linnet_object_add_instance(location, 0), LINNET_OK);
  scripted_expect(&s, POST, "/rd/5a3f");
  CHECK_TEXT(scripted_query(&s), "");
  CHECK_EQUAL(scripted_option(&s, CONTENT_FORMAT), LINNET_FORMAT_LINK);
  CHECK_TEXT(scripted_payload(&s), "</>;rt=\"oma.lwm2m\";ct=11543,</1/0>,</3/0>,</6/0>");
  /* While it is under way another change comes: told afterwards. */
  CHECK_EQUAL(linnet_object_remove_instance(location, 0), LINNET_OK);
  CHECK(!scripted_run(&s, s.now));
  scripted_answer(&s, 204);
  CHECK(scripted_run(&s, s.now));
  CHECK_TEXT(scripted_payload(&s), "</>;rt=\"oma.lwm2m\";ct=11543,</1/0>,</3/0>,</6>");
  scripted_answer(&s, 204);
  CHECK(scripted_silent(&s, 1000));
  CHECK_EQUAL(linnet_client_remove_object(s.client, 6), LINNET_OK);
  scripted_expect(&s, POST, "/rd/5a3f");
  CHECK_TEXT(scripted_payload(&s), "</>;rt=\"oma.lwm2m\";ct=11543,</1/0>,</3/0>");
  CHECK_EQUAL(linnet_client_remove_object(s.client, 3), LINNET_ERROR_NOT_ALLOWED);
  linnet_object_unref(location);
  scripted_end(&s);
}

/* REG-09, int-102, int-107: 2.04 first, then an Update with lt and nothing else; the new lifetime counts. */
static void follows_a_write_of_the_lifetime_with_an_update(void) {
  scripted s;
  scripted_begin(&s, 86400);
  scripted_register(&s);
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/1", 0, "20"), 204);
  CHECK(scripted_run(&s, s.now));
  CHECK_TEXT(scripted_path(&s), "/rd/5a3f");
  CHECK_TEXT(scripted_query(&s), "lt=20");
  CHECK_EQUAL(s.message.payload_length, 0);
  scripted_answer(&s, 204);
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(linnet_client_next_update(s.client, 1), s.now + 10000);
  /* The application's own write counts the same. */
  linnet_value lifetime = linnet_value_integer(40), binding = linnet_value_string("UQ");
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(1, 0, 1), &lifetime), LINNET_OK);
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(1, 0, 7), &binding), LINNET_OK);
  CHECK(scripted_run(&s, s.now));
  CHECK_TEXT(scripted_query(&s), "lt=40&b=UQ");
  scripted_answer(&s, 204);
  CHECK(scripted_silent(&s, 1000));
  scripted_end(&s);
}

/* int-215b, QUE-01, QUE-02. */
static void follows_a_write_of_the_binding_with_an_update(void) {
  scripted s;
  scripted_begin(&s, 86400);
  scripted_register(&s);
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/7", 0, "UQ"), 204);
  CHECK(scripted_run(&s, s.now));
  CHECK_TEXT(scripted_query(&s), "b=UQ");
  scripted_answer(&s, 204);
  CHECK(scripted_silent(&s, 1000));
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/7", 0, "UQ"), 204); /* nothing new */
  CHECK(scripted_silent(&s, 1000));
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/7", 0, "SQ"), 400); /* no SMS here */
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/7", 0, "QU"), 400);
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/1", 0, "0"), 400);
  CHECK(scripted_silent(&s, 1000));
  scripted_end(&s);
}

/* REG-41, int-104. */
static void updates_when_triggered(void) {
  scripted s;
  scripted_begin(&s, 86400);
  scripted_register(&s);
  CHECK_EQUAL(scripted_text(&s, POST, "1/0/8", -1, ""), 204);
  CHECK(scripted_run(&s, s.now));
  CHECK_EQUAL(s.message.code, POST);
  CHECK_TEXT(scripted_path(&s), "/rd/5a3f");
  CHECK_TEXT(scripted_query(&s), "");
  CHECK_EQUAL(s.message.payload_length, 0);
  scripted_answer(&s, 204);
  CHECK(!scripted_run(&s, s.now));
  scripted_drain(&s);
  CHECK_EQUAL(linnet_client_update(s.client, 1), LINNET_OK);
  scripted_take_update(&s);
  CHECK_EQUAL(linnet_event_code(scripted_event(&s, LINNET_EVENT_UPDATED)), 204);
  CHECK_EQUAL(linnet_client_update(s.client, 2), LINNET_ERROR_NOT_FOUND);
  scripted_end(&s);
}

/* REG-40, int-103: 2.04, then De-register, silence for /1/x/5, then Register. */
static void keeps_silent_while_disabled(void) {
  scripted s;
  linnet_value timeout = linnet_value_integer(100);
  scripted_begin(&s, 86400);
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(1, 0, 5), &timeout), LINNET_OK);
  scripted_register(&s);
  CHECK_EQUAL(scripted_text(&s, POST, "1/0/4", -1, ""), 204);
  CHECK(scripted_run(&s, s.now));
  CHECK_EQUAL(s.message.code, DELETE);
  CHECK_TEXT(scripted_path(&s), "/rd/5a3f");
  scripted_answer(&s, 202);
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_WAITING);
  uint64_t begin = s.now;
  request r = REQUEST(GET, "3/0");
  scripted_request(&s, &r);
  CHECK_EQUAL(linnet_client_register_anew(s.client, 1), LINNET_ERROR_WRONG_STATE);
  CHECK(!scripted_run(&s, begin + 99999));
  CHECK(scripted_run(&s, begin + 100000));
  CHECK_TEXT(scripted_path(&s), "/rd");
  scripted_end(&s);
}

/* 2.4: whatever the answer, or none: gone. */
static void leaves_whatever_the_server_says(void) {
  static const unsigned codes[] = {202, 404, 400, 500, 0};
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
    scripted s;
    scripted_begin(&s, 86400);
    scripted_register(&s);
    scripted_drain(&s);
    CHECK_EQUAL(linnet_client_deregister(s.client, LINNET_EVERY_SERVER), LINNET_OK);
    scripted_expect(&s, DELETE, "/rd/5a3f");
    CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_DEREGISTERING);
    if (codes[i] != 0) scripted_answer(&s, codes[i]);
    while (linnet_client_get_state(s.client, 1) == LINNET_CLIENT_DEREGISTERING) scripted_run(&s, s.now + 100);
    CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_IDLE);
    CHECK_TEXT(linnet_client_location(s.client, 1), "");
    CHECK_EQUAL(linnet_client_next_update(s.client, 1), LINNET_NEVER);
    CHECK_EQUAL(linnet_event_code(scripted_event(&s, LINNET_EVENT_DEREGISTERED)), codes[i]);
    CHECK(scripted_silent(&s, 100000000));
    CHECK_EQUAL(linnet_client_deregister(s.client, 1), LINNET_ERROR_WRONG_STATE);
    CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
    scripted_expect(&s, POST, "/rd");
    scripted_end(&s);
  }
}

static void leaves_while_it_tries_to_register(void) {
  scripted s;
  scripted_begin(&s, 60);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  CHECK_EQUAL(linnet_client_deregister(s.client, 1), LINNET_OK);
  CHECK(scripted_silent(&s, 1000000));
  scripted_event(&s, LINNET_EVENT_DEREGISTERED);
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_IDLE);
  scripted_end(&s);
}

/* REG-12: dropped silently, no RST: before the 2.01, from elsewhere, after leaving. */
static void ignores_requests_of_servers_it_is_not_registered_with(void) {
  scripted s;
  packet p;
  linnet_address stranger;
  CHECK_EQUAL(linnet_address_parse(&stranger, "10.9.9.9:5683"), LINNET_OK);
  scripted_begin(&s, 60);
  request r = REQUEST(GET, "3/0/16");
  scripted_request(&s, &r);
  CHECK(scripted_silent(&s, 5000));
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  linnet_message registration = s.message;
  scripted_request(&s, &r);
  CHECK(!scripted_run(&s, s.now + 1000));
  s.message = registration;
  scripted_accept_registration(&s, "rd/1");
  packet_begin(&p, LINNET_MESSAGE_CON, GET, 1, "x", 1);
  packet_texts(&p, URI_PATH, "3/0/16", '/');
  scripted_give_from(&s, &stranger, &p);
  CHECK(scripted_silent(&s, 5000));
  /* Neither a block nor what CoAP itself would refuse gets an answer. */
  packet_begin(&p, LINNET_MESSAGE_CON, PUT, 2, "x", 1);
  packet_texts(&p, URI_PATH, "3/0/14", '/');
  packet_option(&p, 27, "\x08", 1);
  packet_payload(&p, "0123456789abcdef", 16);
  scripted_give_from(&s, &stranger, &p);
  packet_begin(&p, LINNET_MESSAGE_CON, 7, 3, "x", 1);
  scripted_give_from(&s, &stranger, &p);
  CHECK(scripted_silent(&s, 5000));
  CHECK_EQUAL(scripted_get(&s, "3/0/16", -1), 205);
  scripted_end(&s);
}

/* A host name is the driver's work; an unknown one is tried again. */
static void looks_host_names_up(void) {
  scripted s;
  scripted_begin(&s, 60);
  scripted_register(&s);
  scripted_drain(&s);
  CHECK_EQUAL(linnet_client_add_server(s.client, "coap://server.example", 2, 60), LINNET_OK);
  CHECK(scripted_run(&s, s.now)); /* REG-08: /1/1 is new */
  CHECK(strstr(scripted_payload(&s), "</1/1>") != NULL);
  scripted_answer(&s, 204);
  CHECK(!scripted_run(&s, s.now));
  scripted_drain(&s);
  CHECK_EQUAL(linnet_client_get_state(s.client, 2), LINNET_CLIENT_RESOLVING);
  CHECK_TEXT(linnet_transport_next_lookup(s.transport), "server.example:5683");
  CHECK_EQUAL(linnet_transport_answer_lookup(s.transport, "server.example:5683", NULL), LINNET_OK);
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(linnet_client_get_state(s.client, 2), LINNET_CLIENT_WAITING);
  CHECK_EQUAL(linnet_client_get_state(s.client, LINNET_EVERY_SERVER), LINNET_CLIENT_WAITING);
  CHECK_EQUAL(linnet_event_status(scripted_event(&s, LINNET_EVENT_ERROR)), LINNET_ERROR_UNKNOWN_HOST);
  CHECK(!scripted_run(&s, s.now + 8000));
  CHECK_TEXT(linnet_transport_next_lookup(s.transport), "server.example:5683");
  CHECK_EQUAL(linnet_transport_answer_lookup(s.transport, "server.example:5683", &s.server), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  scripted_end(&s);
}

static void refuses_what_it_cannot_use(void) {
  scripted s;
  scripted_begin(&s, 60);
  CHECK(linnet_client_new(s.loop, "", NULL) == NULL);
  CHECK(linnet_client_new(s.loop, "\xFF", NULL) == NULL);
  CHECK_EQUAL(linnet_client_add_server(s.client, "http://x", 2, 60), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_client_add_server(s.client, "coap://x", 0, 60), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_client_add_server(s.client, "coap://x", 65535, 60), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_client_add_server(s.client, "coap://x", 2, 0), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_client_add_server(s.client, "coap://x", 1, 60), LINNET_ERROR_EXISTS);
  if (strcmp(linnet_dtls_backend(), "none") == 0)
    CHECK_EQUAL(linnet_client_add_server(s.client, "coaps://x", 2, 60), LINNET_ERROR_UNAVAILABLE);
  CHECK_EQUAL(linnet_client_set_binding(s.client, 1, "QU"), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_client_set_binding(s.client, 1, "UQ"), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  scripted_expect(&s, POST, "/rd");
  CHECK_TEXT(scripted_query(&s), "ep=node1&lt=60&lwm2m=1.0&b=UQ"); /* int-108 */
  linnet_client_close(s.client);
  linnet_client_close(s.client);
  CHECK(scripted_silent(&s, 1000000));
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_ERROR_CLOSED);
  CHECK_EQUAL(linnet_client_add_server(s.client, "coap://x", 2, 60), LINNET_ERROR_CLOSED);
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_IDLE);
  scripted_end(&s);
}

/* Ten days with a lifetime of five minutes. */
static void stays_registered_for_days(void) {
  scripted s;
  scripted_begin(&s, 300);
  scripted_register(&s);
  uint64_t end = s.now + UINT64_C(864000000), updates = 0;
  while (scripted_run(&s, end)) {
    CHECK_TEXT(scripted_path(&s), "/rd/5a3f");
    scripted_answer(&s, 204);
    updates++;
  }
  CHECK_EQUAL(updates, 864000 / 207);
  scripted_end(&s);
}

int main(void) {
  return RUN(registers_with_all_that_is_mandatory, lists_objects_without_instances_and_versions,
             updates_before_the_lifetime_runs_out, uses_the_whole_location, repeats_a_lost_register,
             tries_again_after_a_timeout, waits_after_a_refusal_as_long_as_it_calls_for,
             does_not_take_a_created_without_location, registers_again_after_an_error_to_an_update,
             registers_again_when_an_update_is_not_answered, registers_first_after_a_long_sleep,
             tells_of_new_objects_and_instances, follows_a_write_of_the_lifetime_with_an_update,
             follows_a_write_of_the_binding_with_an_update, updates_when_triggered,
             keeps_silent_while_disabled, leaves_whatever_the_server_says, leaves_while_it_tries_to_register,
             ignores_requests_of_servers_it_is_not_registered_with, looks_host_names_up,
             refuses_what_it_cannot_use, stays_registered_for_days);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_channel_test.c: over which transport a device is asked, and the short message that wakes it (QUE-09,
 * QUE-10, MOD-10; sms.md SMS-03, SMS-07, SMS-13 to SMS-16).
 */
#include "server/scripted.h"

#define NUMBER "sms:+15550111"
#define AWAKE_MS 93000
#define SMS_MS 300000

/* A server with both; the bench speaks over one of them at a time. */
typedef struct scene {
  bench b;
  linnet_transport *udp, *sms;
  device by_udp, by_sms;
  uint64_t registration;
} scene;

static void over_udp(scene *s) { s->b.transport = s->udp; }
static void over_sms(scene *s) { s->b.transport = s->sms; }

static void begin(scene *s) {
  memset(s, 0, sizeof *s);
  bench_begin(&s->b);
  s->udp = s->b.transport;
  s->sms = linnet_transport_new(s->b.loop, LINNET_TRANSPORT_SMS);
  CHECK_EQUAL(linnet_server_add_transport(s->b.server, s->sms), LINNET_OK);
  s->by_udp = device_new(1);
  s->by_sms = (device){.message_id = 500};
  CHECK_EQUAL(linnet_address_parse(&s->by_sms.address, NUMBER), LINNET_OK);
}

static void end(scene *s) {
  linnet_transport_close(s->sms);
  linnet_transport_unref(s->sms);
  over_udp(s);
  bench_end(&s->b);
}

/* Over what the bench is set to. */
static void enrol_with(scene *s, const char *query, const char *links) {
  char uri[160];
  sent answer;
  device *d = s->b.transport == s->sms ? &s->by_sms : &s->by_udp;
  snprintf(uri, sizeof uri, "rd?ep=kitchen&lt=86400&lwm2m=1.0&%s", query);
  CHECK_EQUAL(ask(&s->b, d, POST, uri, 40, links, &answer), 201);
  sent_text(&answer, 8, '/', d->location, sizeof d->location);
  memmove(d->location, d->location + 1, strlen(d->location));
  s->registration = linnet_server_find(s->b.server, "kitchen");
  expect(&s->b, LINNET_EVENT_REGISTERED);
}

static void begin_udp(scene *s, const char *query) {
  begin(s);
  over_udp(s);
  enrol_with(s, query, LINKS);
}

static uint64_t ask_for(scene *s, linnet_operation operation, const char *path_text, linnet_status expected) {
  uint64_t number = 0;
  linnet_path path;
  CHECK_EQUAL(linnet_path_parse(&path, path_text), LINNET_OK);
  CHECK_EQUAL(linnet_server_request(s->b.server, s->registration, operation, path, NULL, NULL,
                                    LINNET_FORMAT_NONE, &number),
              expected);
  linnet_loop_step(s->b.loop, s->b.now);
  return number;
}

static uint64_t read_value(scene *s, linnet_status expected) {
  return ask_for(s, LINNET_OPERATION_READ, "/3/0/0", expected);
}

static void says(scene *s, const char *words) {
  if (strstr(linnet_error_text(s->b.loop), words) == NULL) CHECK_TEXT(linnet_error_text(s->b.loop), words);
}

static void quiet(scene *s) {
  sent m;
  over_sms(s);
  CHECK(!take(&s->b, &m));
  over_udp(s);
  CHECK(!take(&s->b, &m));
}

static void a_device_is_asked_where_it_registered_SMS_07(void) {
  scene s;
  sent m;
  begin_udp(&s, "b=UQS&sms=15550111");
  read_value(&s, LINNET_OK);
  over_udp(&s);
  CHECK(take(&s.b, &m));
  reply_text(&s.b, &s.by_udp, &m, 205, -1, 0, "ACME");
  expect(&s.b, LINNET_EVENT_RESPONSE);
  quiet(&s);
  end(&s);
}

/* QUE-09: at any time, asleep or not; that it reads them says nothing of its radio for UDP. */
static void a_device_is_asked_by_sms_at_any_time_QUE_09(void) {
  scene s;
  sent m;
  begin_udp(&s, "b=UQS&sms=15550111");
  pass(&s.b, s.b.now + AWAKE_MS + 2000);
  CHECK(!linnet_server_is_awake(s.b.server, s.registration));
  linnet_server_set_channel(s.b.server, LINNET_CHANNEL_SMS);
  uint64_t number = read_value(&s, LINNET_OK);
  over_sms(&s);
  CHECK(take(&s.b, &m));
  CHECK(linnet_address_equal(&m.peer, &s.by_sms.address));
  reply_text(&s.b, &s.by_sms, &m, 205, -1, 0, "ACME");
  CHECK_EQUAL(linnet_event_request(expect(&s.b, LINNET_EVENT_RESPONSE)), number);
  CHECK(!linnet_server_is_awake(s.b.server, s.registration));
  quiet(&s);
  end(&s);
}

static void says_why_a_device_cannot_be_asked_by_sms_SMS_03(void) {
  scene s;
  begin_udp(&s, "b=UQ");
  linnet_server_set_channel(s.b.server, LINNET_CHANNEL_SMS);
  read_value(&s, LINNET_ERROR_WRONG_STATE);
  says(&s, "its binding has no SMS");
  end(&s);

  begin_udp(&s, "b=UQS");
  linnet_server_set_channel(s.b.server, LINNET_CHANNEL_SMS);
  read_value(&s, LINNET_ERROR_WRONG_STATE);
  says(&s, "it gave no number for SMS");
  end(&s);

  begin_udp(&s, "b=UQS&sms=15550111");
  linnet_server_set_channel(s.b.server, LINNET_CHANNEL_SMS);
  ask_for(&s, LINNET_OPERATION_OBSERVE, "/3/0/0", LINNET_ERROR_WRONG_STATE);
  says(&s, "come over UDP");
  linnet_transport_close(s.sms);
  read_value(&s, LINNET_ERROR_WRONG_STATE);
  says(&s, "the server has no transport for SMS");
  quiet(&s);
  end(&s);
}

static void says_why_a_device_cannot_be_asked_over_udp_QUE_10(void) {
  scene s;
  sent m;
  begin(&s);
  over_sms(&s);
  enrol_with(&s, "b=S&sms=15550111", LINKS);
  linnet_server_set_channel(s.b.server, LINNET_CHANNEL_UDP);
  read_value(&s, LINNET_ERROR_WRONG_STATE);
  says(&s, "it is registered over SMS");
  linnet_server_set_channel(s.b.server, LINNET_CHANNEL_SMS);
  ask_for(&s, LINNET_OPERATION_OBSERVE, "/3/0/0", LINNET_OK); /* that is where its notifications come from */
  over_sms(&s);
  CHECK(take(&s.b, &m));
  CHECK_EQUAL(sent_number(&m, 6), 0);
  end(&s);
}

/* SMS-15: 300 s, as an answer may take so long. */
static void a_device_in_SQ_is_awake_for_as_long_as_answers_take_SMS_15(void) {
  scene s;
  begin(&s);
  over_sms(&s);
  enrol_with(&s, "b=SQ&sms=15550111", LINKS);
  pass(&s.b, s.b.now + SMS_MS - 2000);
  CHECK(linnet_server_is_awake(s.b.server, s.registration));
  pass(&s.b, s.b.now + 4000);
  CHECK(!linnet_server_is_awake(s.b.server, s.registration));
  linnet_server_set_awake_time(s.b.server, 2 * SMS_MS);
  CHECK(linnet_server_is_awake(s.b.server, s.registration));
  read_value(&s, LINNET_OK);
  sent m;
  CHECK(take(&s.b, &m));
  end(&s);
}

/* ---- the trigger --------------------------------------------------------------------------------- */

/* A device that sleeps, and a request that waits for it. */
static void begin_waiting(scene *s, const char *query, const char *links) {
  begin(s);
  over_udp(s);
  enrol_with(s, query, links);
  pass(&s->b, s->b.now + AWAKE_MS + 2000);
  CHECK(!linnet_server_is_awake(s->b.server, s->registration));
  read_value(s, LINNET_OK);
  expect(&s->b, LINNET_EVENT_QUEUED);
}

/* CON POST to the trigger of its server account, and nothing more (SMS-13). */
static void expect_trigger(scene *s, sent *m, const char *path) {
  char text[64];
  over_sms(s);
  CHECK(take(&s->b, m));
  CHECK(linnet_address_equal(&m->peer, &s->by_sms.address));
  CHECK_EQUAL(m->message.type, LINNET_MESSAGE_CON);
  CHECK_EQUAL(m->message.code, POST);
  CHECK_TEXT(sent_text(m, 11, '/', text, sizeof text), path);
  CHECK_EQUAL(m->message.payload_length, 0);
  CHECK_EQUAL(sent_number(m, 12), -1);
}

static void wakes_a_device_when_something_waits_SMS_13(void) {
  scene s;
  sent m;
  begin_waiting(&s, "b=UQS&sms=15550111", LINKS);
  CHECK_TEXT(linnet_event_text(expect(&s.b, LINNET_EVENT_TRIGGER_WANTED)), "15550111");
  expect_trigger(&s, &m, "/1/0/8");
  read_value(&s, LINNET_OK); /* one more that waits: the device is being woken already */
  expect(&s.b, LINNET_EVENT_QUEUED);
  expect(&s.b, LINNET_EVENT_TRIGGER_WANTED);
  CHECK(!take(&s.b, &m));
  end(&s);
}

/* QUE-04: what counts is the Update. */
static void asks_what_waited_once_the_device_has_updated_QUE_09(void) {
  scene s;
  sent m;
  char text[64];
  begin_waiting(&s, "b=UQS&sms=15550111", LINKS);
  expect(&s.b, LINNET_EVENT_TRIGGER_WANTED);
  expect_trigger(&s, &m, "/1/0/8");
  reply(&s.b, &s.by_sms, &m, 204, -1, -1, NULL, 0);
  quiet(&s); /* its answer by SMS is not yet that it listens to UDP */
  over_udp(&s);
  CHECK_EQUAL(ask(&s.b, &s.by_udp, POST, s.by_udp.location, -1, NULL, &m), 204);
  CHECK(take(&s.b, &m));
  CHECK_TEXT(sent_text(&m, 11, '/', text, sizeof text), "/3/0/0");
  end(&s);
}

/* MOD-10, OBJ: below the root of the device, of the first instance of Server that it lists. */
static void triggers_the_account_that_the_device_lists_MOD_10(void) {
  scene s;
  sent m;
  begin_waiting(&s, "b=UQS&sms=15550111", "</dev>;rt=\"oma.lwm2m\",</dev/1/7>,</dev/3/0>");
  expect(&s.b, LINNET_EVENT_TRIGGER_WANTED);
  expect_trigger(&s, &m, "/dev/1/7/8");
  end(&s);
}

static void triggers_only_where_that_can_be(void) {
  scene s;
  begin_waiting(&s, "b=UQ&sms=15550111", LINKS); /* no S */
  expect_nothing(&s.b);
  quiet(&s);
  end(&s);
  begin_waiting(&s, "b=UQS", LINKS); /* no number */
  expect(&s.b, LINNET_EVENT_TRIGGER_WANTED);
  quiet(&s);
  end(&s);
  begin(&s);
  linnet_server_set_trigger(s.b.server, LINNET_TRIGGER_MANUAL);
  over_udp(&s);
  enrol_with(&s, "b=UQS&sms=15550111", LINKS);
  pass(&s.b, s.b.now + AWAKE_MS + 2000);
  read_value(&s, LINNET_OK);
  expect(&s.b, LINNET_EVENT_QUEUED);
  expect(&s.b, LINNET_EVENT_TRIGGER_WANTED);
  quiet(&s);
  end(&s);
}

/* The device says no, or nothing: the next request that waits triggers anew. */
static void triggers_anew_after_one_that_failed(void) {
  scene s;
  sent m;
  begin_waiting(&s, "b=UQS&sms=15550111", LINKS);
  expect(&s.b, LINNET_EVENT_TRIGGER_WANTED);
  expect_trigger(&s, &m, "/1/0/8");
  reply(&s.b, &s.by_sms, &m, 405, -1, -1, NULL, 0);
  read_value(&s, LINNET_OK);
  expect_trigger(&s, &m, "/1/0/8");
  pass(&s.b, s.b.now + SMS_MS + 1000); /* SMS-16: no answer; and it was sent once (SMS-02) */
  quiet(&s);
  read_value(&s, LINNET_OK);
  expect_trigger(&s, &m, "/1/0/8");
  end(&s);
}

/* It leaves, or the server ends, while the trigger is on its way. */
static void a_trigger_outlives_what_it_was_for(void) {
  scene s;
  sent m, answer;
  begin_waiting(&s, "b=UQS&sms=15550111", LINKS);
  expect(&s.b, LINNET_EVENT_TRIGGER_WANTED);
  expect_trigger(&s, &m, "/1/0/8");
  over_udp(&s);
  CHECK_EQUAL(ask(&s.b, &s.by_udp, DELETE, s.by_udp.location, -1, NULL, &answer), 202);
  over_sms(&s);
  reply(&s.b, &s.by_sms, &m, 204, -1, -1, NULL, 0);
  end(&s);
  begin_waiting(&s, "b=UQS&sms=15550111", LINKS);
  expect(&s.b, LINNET_EVENT_TRIGGER_WANTED);
  end(&s); /* nothing is left (sanitizers) */
}

/* Wherever memory ends: the request waits, and nothing breaks. */
static void bears_the_end_of_memory(void) {
  for (size_t fail_at = 1; fail_at < 60; fail_at++) {
    scene s;
    linnet_path path = linnet_path_resource(3, 0, 0);
    begin_udp(&s, "b=UQS&sms=15550111");
    pass(&s.b, s.b.now + AWAKE_MS + 2000);
    s.b.memory.fail_at = s.b.memory.allocations + fail_at;
    s.b.memory.fail_count = 3;
    (void)linnet_server_request(s.b.server, s.registration, LINNET_OPERATION_READ, path, NULL, NULL,
                                LINNET_FORMAT_NONE, NULL);
    linnet_loop_step(s.b.loop, s.b.now);
    s.b.memory.fail_at = 0;
    while (linnet_loop_next_event(s.b.loop) != NULL) continue;
    read_value(&s, LINNET_OK);
    end(&s);
  }
}

int main(void) {
  return RUN(
      a_device_is_asked_where_it_registered_SMS_07, a_device_is_asked_by_sms_at_any_time_QUE_09,
      says_why_a_device_cannot_be_asked_by_sms_SMS_03, says_why_a_device_cannot_be_asked_over_udp_QUE_10,
      a_device_in_SQ_is_awake_for_as_long_as_answers_take_SMS_15, wakes_a_device_when_something_waits_SMS_13,
      asks_what_waited_once_the_device_has_updated_QUE_09, triggers_the_account_that_the_device_lists_MOD_10,
      triggers_only_where_that_can_be, triggers_anew_after_one_that_failed,
      a_trigger_outlives_what_it_was_for, bears_the_end_of_memory);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* server_request_test.c: what a server sends to a device, and what becomes of the answers (digest 3, 4, 7).
 */
#include "server/scripted.h"

/* A server and one device that has registered. */
typedef struct scene {
  bench b;
  device d;
  uint64_t registration;
} scene;

static void begin_with(scene *s, const char *links) {
  bench_begin(&s->b);
  s->d = device_new(1);
  s->registration = enrolled(&s->b, &s->d, "kitchen", links);
}

static void begin(scene *s) { begin_with(s, LINKS); }

static linnet_batch *batch_of(scene *s, const char *path_text, linnet_value value) {
  linnet_path path;
  linnet_batch *batch = linnet_batch_new(s->b.loop);
  CHECK_EQUAL(linnet_path_parse(&path, path_text), LINNET_OK);
  CHECK_EQUAL(linnet_batch_add(batch, path, &value), LINNET_OK);
  return batch;
}

static void add(linnet_batch *batch, const char *path_text, linnet_value value) {
  linnet_path path;
  CHECK_EQUAL(linnet_path_parse(&path, path_text), LINNET_OK);
  CHECK_EQUAL(linnet_batch_add(batch, path, &value), LINNET_OK);
}

/* A record of the event, which must be there. */
static linnet_value value_at(const linnet_event *event, const char *path_text) {
  linnet_path path;
  linnet_value value;
  CHECK_EQUAL(linnet_path_parse(&path, path_text), LINNET_OK);
  CHECK(linnet_event_batch(event) != NULL);
  CHECK_EQUAL(linnet_batch_find(linnet_event_batch(event), path, &value), LINNET_OK);
  return value;
}

static linnet_event *answer(scene *s, uint64_t number, linnet_status status) {
  linnet_event *event = expect(&s->b, LINNET_EVENT_RESPONSE);
  if (linnet_event_status(event) != status) fprintf(stderr, "%s\n", linnet_event_text(event));
  CHECK_EQUAL(linnet_event_status(event), status);
  CHECK_EQUAL(linnet_event_request(event), number);
  CHECK_EQUAL(linnet_event_registration(event), s->registration);
  CHECK_TEXT(linnet_event_endpoint(event), "kitchen");
  return event;
}

static void check_target(const sent *m, unsigned method, const char *path, const char *query, int format,
                         int accept) {
  char text[256];
  CHECK_EQUAL(m->message.type, LINNET_MESSAGE_CON); /* MOD-03 */
  CHECK_EQUAL(m->message.code, method);
  CHECK_TEXT(sent_text(m, 11, '/', text, sizeof text), path);
  CHECK_TEXT(sent_text(m, 15, '&', text, sizeof text), query);
  CHECK_EQUAL(sent_number(m, 12), format);
  CHECK_EQUAL(sent_number(m, 17), accept);
}

static void reads_and_decodes_by_the_format_of_the_answer(void) { /* DM-14, AMB-07 */
  scene s;
  sent m;
  begin(&s);
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/9", NULL, NULL, LINNET_FORMAT_NONE, &m);
  check_target(&m, GET, "/3/0/9", "", -1, LINNET_FORMAT_TLV);
  reply_text(&s.b, &s.d, &m, 205, -1, 0, "87");
  linnet_event *event = answer(&s, number, LINNET_OK);
  CHECK_EQUAL(linnet_event_code(event), 205);
  CHECK_EQUAL(linnet_event_format(event), LINNET_FORMAT_TEXT);
  CHECK_EQUAL(linnet_event_operation(event), LINNET_OPERATION_READ);
  linnet_value value = value_at(event, "/3/0/9");
  CHECK_EQUAL(value.type, LINNET_TYPE_INTEGER);
  CHECK_EQUAL(value.as.integer, 87);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void leaves_the_format_to_the_device(void) { /* DM-14 */
  scene s;
  sent m;
  begin(&s);
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/9", NULL, NULL, LINNET_FORMAT_ANY, &m);
  check_target(&m, GET, "/3/0/9", "", -1, -1);
  reply_text(&s.b, &s.d, &m, 205, -1, 0, "87");
  CHECK_EQUAL(value_at(answer(&s, number, LINNET_OK), "/3/0/9").as.integer, 87);
  linnet_batch *values = linnet_batch_new(s.b.loop);
  linnet_path path = linnet_path_resource(3, 0, 9);
  linnet_value fifty = linnet_value_integer(50);
  CHECK_EQUAL(linnet_batch_add(values, path, &fifty), LINNET_OK);
  CHECK_EQUAL(linnet_server_request(s.b.server, s.registration, LINNET_OPERATION_WRITE, path, values, NULL,
                                    LINNET_FORMAT_ANY, NULL),
              LINNET_ERROR_INVALID_ARGUMENT); /* what is written has one */
  linnet_batch_unref(values);
  bench_end(&s.b);
}

static void reads_an_instance_typed_by_the_model(void) { /* 7.1 */
  static const uint8_t tlv[] = {0xc3, 0x00, 'A',  'C',  'M',  0x86, 0x06, 0x41,
                                0x00, 0x01, 0x41, 0x01, 0x05, 0xc1, 0x09, 0x64};
  scene s;
  sent m;
  begin(&s);
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  reply(&s.b, &s.d, &m, 205, -1, LINNET_FORMAT_TLV, tlv, sizeof tlv);
  linnet_event *event = answer(&s, number, LINNET_OK);
  CHECK_EQUAL(linnet_batch_count(linnet_event_batch(event)), 4);
  CHECK_EQUAL(value_at(event, "/3/0/0").type, LINNET_TYPE_STRING);
  CHECK_EQUAL(value_at(event, "/3/0/6/1").as.integer, 5);
  CHECK_EQUAL(value_at(event, "/3/0/9").as.integer, 100);
  bench_end(&s.b);
}

static void asks_unknown_objects_for_json_where_the_device_has_it(void) { /* REG-23, server.h */
  scene s;
  sent m;
  begin_with(&s, "</>;rt=\"oma.lwm2m\";ct=\"11542 11543\",</1/0>,</3/0>,</3303/0>");
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3303/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  CHECK_EQUAL(sent_number(&m, 17), LINNET_FORMAT_JSON);
  reply_text(&s.b, &s.d, &m, 205, -1, LINNET_FORMAT_JSON,
             "{\"bn\":\"/3303/0/\",\"e\":[{\"n\":\"5700\",\"v\":22.5},{\"n\":\"5701\",\"sv\":\"Cel\"}]}");
  linnet_event *event = answer(&s, number, LINNET_OK);
  CHECK(value_at(event, "/3303/0/5700").as.real == 22.5);
  CHECK_EQUAL(value_at(event, "/3303/0/5701").type, LINNET_TYPE_STRING);
  request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  CHECK_EQUAL(sent_number(&m, 17), LINNET_FORMAT_TLV);
  bench_end(&s.b);
}

static void asks_unknown_objects_for_tlv_where_the_device_says_nothing(void) {
  static const uint8_t tlv[] = {0xe4, 0x16, 0x44, 0x41, 0xb4, 0x00, 0x00};
  scene s;
  sent m;
  begin(&s);
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3303/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  CHECK_EQUAL(sent_number(&m, 17), LINNET_FORMAT_TLV);
  reply(&s.b, &s.d, &m, 205, -1, LINNET_FORMAT_TLV, tlv, sizeof tlv);
  CHECK_EQUAL(value_at(answer(&s, number, LINNET_OK), "/3303/0/5700").type, LINNET_TYPE_OPAQUE);
  bench_end(&s.b);
}

static void asks_for_the_format_that_is_wanted(void) {
  scene s;
  sent m;
  begin(&s);
  request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/0", NULL, NULL, LINNET_FORMAT_TEXT, &m);
  CHECK_EQUAL(sent_number(&m, 17), LINNET_FORMAT_TEXT);
  bench_end(&s.b);
}

static void puts_the_root_of_the_device_before_every_path(void) { /* MOD-10 */
  scene s;
  sent m;
  begin_with(&s, "</a%20b/lwm2m>;rt=oma.lwm2m,</a%20b/lwm2m/1/0>,</a%20b/lwm2m/3/0>");
  request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/1", NULL, NULL, LINNET_FORMAT_NONE, &m);
  check_target(&m, GET, "/a b/lwm2m/3/0/1", "", -1, LINNET_FORMAT_TLV);
  bench_end(&s.b);
}

static void an_error_code_is_told_with_words(void) { /* 8.5, CO-43 */
  scene s;
  sent m;
  begin(&s);
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/99", NULL, NULL, LINNET_FORMAT_NONE, &m);
  reply_text(&s.b, &s.d, &m, 404, -1, -1, NULL);
  linnet_event *event = answer(&s, number, LINNET_ERROR_REFUSED);
  CHECK_EQUAL(linnet_event_code(event), 404);
  CHECK_TEXT(linnet_event_text(event), "read /3/0/99 of kitchen: 4.04 Not Found");
  CHECK(linnet_event_batch(event) == NULL);
  number = request(&s.b, s.registration, LINNET_OPERATION_DELETE, "/5/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  check_target(&m, DELETE, "/5/0", "", -1, -1);
  reply_text(&s.b, &s.d, &m, 405, -1, -1, "not\x1b[2J this");
  event = answer(&s, number, LINNET_ERROR_REFUSED);
  CHECK_TEXT(linnet_event_text(event), "delete /5/0 of kitchen: 4.05 Method Not Allowed (not?[2J this)");
  number = request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/1", NULL, NULL, LINNET_FORMAT_NONE, &m);
  reply_text(&s.b, &s.d, &m, 529, -1, -1, NULL); /* CO-42 */
  event = answer(&s, number, LINNET_ERROR_REFUSED);
  CHECK_EQUAL(linnet_event_code(event), 529);
  CHECK_TEXT(linnet_event_text(event), "read /3/0/1 of kitchen: 5.29");
  bench_end(&s.b);
}

static void an_answer_that_cannot_be_read_is_told(void) { /* 14.1, TYP-01 */
  scene s;
  sent m;
  begin(&s);
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  reply_text(&s.b, &s.d, &m, 205, -1, LINNET_FORMAT_TLV, "\xc8");
  CHECK_EQUAL(linnet_event_code(answer(&s, number, LINNET_ERROR_MALFORMED)), 205);
  number = request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  reply_text(&s.b, &s.d, &m, 205, -1, 112, "\x80");
  answer(&s, number, LINNET_ERROR_UNSUPPORTED_FORMAT);
  number = request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  reply_text(&s.b, &s.d, &m, 205, -1, NO_FORMAT, "what is this");
  answer(&s, number, LINNET_ERROR_MALFORMED);
  number = request(&s.b, s.registration, LINNET_OPERATION_READ, "/3", NULL, NULL, LINNET_FORMAT_NONE, &m);
  reply_text(&s.b, &s.d, &m, 205, -1, LINNET_FORMAT_TLV, NULL); /* DM-11 */
  CHECK_EQUAL(linnet_batch_count(linnet_event_batch(answer(&s, number, LINNET_OK))), 0);
  bench_end(&s.b);
}

static void a_code_that_is_no_answer_is_told(void) { /* 3.1 */
  static const struct {
    linnet_operation operation;
    const char *path;
    unsigned code;
    const char *words;
  } cases[] = {
      {LINNET_OPERATION_READ, "/3/0", 204, "read /3/0 of kitchen: 2.04 Changed is no answer to that"},
      {LINNET_OPERATION_READ, "/3/0", 231, "read /3/0 of kitchen: 2.31 Continue is no answer to that"},
      {LINNET_OPERATION_OBSERVE, "/3/0", 201, "observe /3/0 of kitchen: 2.01 Created is no answer to that"},
      {LINNET_OPERATION_DISCOVER, "/3", 204, "discover /3 of kitchen: 2.04 Changed is no answer to that"},
      {LINNET_OPERATION_EXECUTE, "/3/0/4", 231,
       "execute /3/0/4 of kitchen: 2.31 Continue is no answer to that"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    scene s;
    sent m;
    begin(&s);
    uint64_t number =
        request(&s.b, s.registration, cases[i].operation, cases[i].path, NULL, NULL, LINNET_FORMAT_NONE, &m);
    reply_text(&s.b, &s.d, &m, cases[i].code, -1, -1, NULL);
    linnet_event *event = answer(&s, number, LINNET_ERROR_MALFORMED);
    CHECK_EQUAL(linnet_event_code(event), cases[i].code);
    CHECK_TEXT(linnet_event_text(event), cases[i].words);
    bench_end(&s.b);
  }
}

static void a_device_that_is_silent_or_resets_is_told(void) { /* CO-30, CO-31 */
  scene s;
  sent m;
  draft reset;
  begin(&s);
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  pass(&s.b, s.b.now + 100000);
  linnet_event *event = answer(&s, number, LINNET_ERROR_TIMED_OUT);
  CHECK_TEXT(linnet_event_text(event), "read /3/0 of kitchen: the peer did not answer in time");
  CHECK_EQUAL(linnet_event_code(event), 0);
  linnet_server_set_timeout(s.b.server, 500);
  number = request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  pass(&s.b, s.b.now + 499);
  expect_nothing(&s.b);
  pass(&s.b, s.b.now + 1);
  answer(&s, number, LINNET_ERROR_TIMED_OUT);
  number = request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  draft_begin(&reset, 3, 0, m.message.message_id, NULL, 0);
  deliver(&s.b, &s.d, &reset);
  answer(&s, number, LINNET_ERROR_RESET);
  bench_end(&s.b);
}

static void discovers(void) { /* 3.9, DM-83 */
  scene s;
  sent m;
  begin(&s);
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_DISCOVER, "/3", NULL, NULL, LINNET_FORMAT_NONE, &m);
  check_target(&m, GET, "/3", "", -1, 40);
  reply_text(&s.b, &s.d, &m, 205, -1, 40, "</3>;pmin=10,</3/0>,</3/0/6>;dim=8");
  CHECK_TEXT(linnet_event_text(answer(&s, number, LINNET_OK)), "</3>;pmin=10,</3/0>,</3/0/6>;dim=8");
  number = request(&s.b, s.registration, LINNET_OPERATION_DISCOVER, "/3", NULL, NULL, LINNET_FORMAT_NONE, &m);
  reply_text(&s.b, &s.d, &m, 205, -1, 40, "</3");
  answer(&s, number, LINNET_ERROR_MALFORMED);
  number = request(&s.b, s.registration, LINNET_OPERATION_DISCOVER, "/3", NULL, NULL, LINNET_FORMAT_NONE, &m);
  reply_text(&s.b, &s.d, &m, 205, -1, 0, "</3>");
  answer(&s, number, LINNET_ERROR_UNSUPPORTED_FORMAT);
  bench_end(&s.b);
}

static void writes_one_value_as_text(void) { /* DM-20, server.h */
  scene s;
  sent m;
  begin(&s);
  linnet_batch *batch = batch_of(&s, "/3/0/14", linnet_value_string("+02:00"));
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_WRITE, "/3/0/14", batch, NULL, LINNET_FORMAT_NONE, &m);
  check_target(&m, PUT, "/3/0/14", "", 0, -1);
  CHECK_BYTES(m.message.payload, m.message.payload_length, "+02:00", 6);
  reply_text(&s.b, &s.d, &m, 204, -1, -1, NULL);
  linnet_event *event = answer(&s, number, LINNET_OK);
  CHECK_EQUAL(linnet_event_code(event), 204);
  CHECK_EQUAL(linnet_event_operation(event), LINNET_OPERATION_WRITE);
  linnet_batch_unref(batch);
  bench_end(&s.b);
}

static void writes_an_instance_as_tlv_and_coerces_by_the_model(void) { /* TYP-01, FMT-10 */
  scene s;
  sent m;
  begin(&s);
  linnet_batch *batch = batch_of(&s, "/1/0/3", linnet_value_float(60)); /* whole: an integer */
  add(batch, "/1/0/2", linnet_value_integer(10));
  add(batch, "/1/0/1", linnet_value_integer(86400));
  request(&s.b, s.registration, LINNET_OPERATION_UPDATE, "/1/0", batch, NULL, LINNET_FORMAT_NONE, &m);
  check_target(&m, POST, "/1/0", "", LINNET_FORMAT_TLV, -1);
  static const uint8_t tlv[] = {0xc4, 0x01, 0x00, 0x01, 0x51, 0x80, 0xc1, 0x02, 0x0a, 0xc1, 0x03, 0x3c};
  CHECK_BYTES(m.message.payload, m.message.payload_length, tlv, sizeof tlv);
  linnet_batch_unref(batch);
  bench_end(&s.b);
}

static void writes_unknown_resources_as_given(void) {
  scene s;
  sent m;
  begin_with(&s, "</>;ct=11543,</1/0>,</3/0>,</3303/0>");
  linnet_batch *batch = batch_of(&s, "/3303/0/5750", linnet_value_string("oven"));
  add(batch, "/3303/0/5751", linnet_value_float(0.5));
  request(&s.b, s.registration, LINNET_OPERATION_UPDATE, "/3303/0", batch, NULL, LINNET_FORMAT_NONE, &m);
  CHECK_EQUAL(sent_number(&m, 12), LINNET_FORMAT_JSON);
  reply_text(&s.b, &s.d, &m, 204, -1, -1, NULL);
  expect(&s.b, LINNET_EVENT_RESPONSE);
  linnet_batch_unref(batch);
  linnet_batch *one = batch_of(&s, "/3303/0/5750", linnet_value_string("oven"));
  request(&s.b, s.registration, LINNET_OPERATION_WRITE, "/3303/0/5750", one, NULL, LINNET_FORMAT_TLV, &m);
  static const uint8_t tlv[] = {0xe4, 0x16, 0x76, 'o', 'v', 'e', 'n'};
  CHECK_BYTES(m.message.payload, m.message.payload_length, tlv, sizeof tlv);
  linnet_batch_unref(one);
  bench_end(&s.b);
}

static void executes(void) { /* DM-51 */
  scene s;
  sent m;
  begin(&s);
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_EXECUTE, "/3/0/4", NULL, NULL, LINNET_FORMAT_NONE, &m);
  check_target(&m, POST, "/3/0/4", "", -1, -1);
  CHECK_EQUAL(m.message.payload_length, 0);
  reply_text(&s.b, &s.d, &m, 204, -1, -1, NULL);
  answer(&s, number, LINNET_OK);
  request(&s.b, s.registration, LINNET_OPERATION_EXECUTE, "/3303/0/5605", NULL, "0='now',2",
          LINNET_FORMAT_NONE, &m);
  CHECK_EQUAL(sent_number(&m, 12), 0);
  CHECK_BYTES(m.message.payload, m.message.payload_length, "0='now',2", 9);
  bench_end(&s.b);
}

static void creates_with_and_without_a_number(void) { /* DM-63, DM-65, FMT-25 */
  scene s;
  sent m;
  draft created;
  begin_with(&s, "</>;ct=11543,</1/0>,</3/0>,</3303>");
  linnet_batch *batch = batch_of(&s, "/3303/65535/5750", linnet_value_string("oven"));
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_CREATE, "/3303", batch, NULL, LINNET_FORMAT_NONE, &m);
  check_target(&m, POST, "/3303", "", LINNET_FORMAT_TLV, -1);
  static const uint8_t bare[] = {0xe4, 0x16, 0x76, 'o', 'v', 'e', 'n'};
  CHECK_BYTES(m.message.payload, m.message.payload_length, bare, sizeof bare);
  draft_begin(&created, 2, 201, m.message.message_id, m.message.token, m.message.token_length);
  draft_option(&created, 8, "3303", 4);
  draft_option(&created, 8, "7", 1);
  deliver(&s.b, &s.d, &created);
  linnet_event *event = answer(&s, number, LINNET_OK);
  CHECK(linnet_path_equal(linnet_event_path(event), linnet_path_instance(3303, 7)));
  linnet_batch_unref(batch);
  batch = batch_of(&s, "/3303/2/5750", linnet_value_string("oven"));
  number =
      request(&s.b, s.registration, LINNET_OPERATION_CREATE, "/3303", batch, NULL, LINNET_FORMAT_TLV, &m);
  static const uint8_t named[] = {0x07, 0x02, 0xe4, 0x16, 0x76, 'o', 'v', 'e', 'n'};
  CHECK_BYTES(m.message.payload, m.message.payload_length, named, sizeof named);
  reply_text(&s.b, &s.d, &m, 201, -1, -1, NULL);
  event = answer(&s, number, LINNET_OK);
  CHECK(linnet_path_equal(linnet_event_path(event), linnet_path_object(3303)));
  linnet_batch_unref(batch);
  bench_end(&s.b);
}

static void writes_attributes(void) { /* DM-40, DM-42 */
  scene s;
  sent m;
  begin(&s);
  request(&s.b, s.registration, LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", NULL,
          "pmin=1&pmax=10&gt=50.5&lt=&st", LINNET_FORMAT_NONE, &m);
  check_target(&m, PUT, "/3/0/9", "&pmin=1&pmax=10&gt=50.5&lt&st", -1, -1);
  CHECK_EQUAL(m.message.payload_length, 0);
  bench_end(&s.b);
}

static const struct {
  linnet_operation operation;
  const char *path;
  const char *text;
  linnet_status status;
} refusals[] = {
    /* depths of server.h and 3.1 */
    {LINNET_OPERATION_READ, "/", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_READ, "/3/0/6/0", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_READ, "/65535", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_DISCOVER, "/", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE, "/3", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE, "/3/0/14", NULL, LINNET_ERROR_INVALID_ARGUMENT}, /* without a value */
    {LINNET_OPERATION_UPDATE, "/3/0/14", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_CREATE, "/3303/0", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_EXECUTE, "/3/0", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_DELETE, "/3", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_DELETE, "/3/0/1", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_CANCEL, "/3/0", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_REGISTER, "/3/0", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_READ, "/3/0", "text", LINNET_ERROR_INVALID_ARGUMENT},
    /* DM-52 */
    {LINNET_OPERATION_EXECUTE, "/3/0/4", "10", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_EXECUTE, "/3/0/4", "0=x", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_EXECUTE, "/3/0/4", "0,", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_EXECUTE, "/3/0/4", "0, 1", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_EXECUTE, "/3/0/4", "1,1", LINNET_ERROR_INVALID_ARGUMENT},
    /* DM-40, ATT-04 to ATT-06 */
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", NULL, LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", "pmin=1&", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", "&pmin=1", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", "epmin=1", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", "dim=1", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", "pmin=1&pmin=2", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", "pmin=-1", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", "pmax=1.5", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", "gt=x", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", "st=-1", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", "lt=5&gt=5", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/9", "lt=5&gt=10&st=2.5", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0", "gt=5", LINNET_ERROR_INVALID_ARGUMENT},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, "/3/0/0", "gt=5", LINNET_ERROR_INVALID_ARGUMENT},
};

static void refuses_before_it_sends(void) {
  scene s;
  begin(&s);
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
    linnet_status status =
        refused(&s.b, s.registration, refusals[i].operation, refusals[i].path, NULL, refusals[i].text);
    if (status != refusals[i].status) fprintf(stderr, "case %zu: %s\n", i, linnet_error_text(s.b.loop));
    CHECK_EQUAL(status, refusals[i].status);
    CHECK(linnet_error_text(s.b.loop)[0] != 0);
  }
  CHECK_EQUAL(refused(&s.b, s.registration, LINNET_OPERATION_EXECUTE, "/3/0/4", NULL, "10"),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_TEXT(linnet_error_text(s.b.loop),
             "execute /3/0/4 of kitchen: arguments are a digit, or a digit = 'text', with commas");
  CHECK_EQUAL(refused(&s.b, 999999, LINNET_OPERATION_READ, "/3/0/9", NULL, NULL), LINNET_ERROR_NOT_FOUND);
  CHECK_TEXT(linnet_error_text(s.b.loop), "read /3/0/9: there is no registration 999999");
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void check_payload(scene *s, linnet_operation operation, const char *path, linnet_batch *batch,
                          linnet_status status) {
  CHECK_EQUAL(refused(&s->b, s->registration, operation, path, batch, NULL), status);
  linnet_batch_unref(batch);
}

static void refuses_values_that_do_not_fit(void) { /* WRONG_TYPE by the model; DM-66 */
  scene s;
  begin(&s);
  check_payload(&s, LINNET_OPERATION_WRITE, "/1/0/1", batch_of(&s, "/1/0/1", linnet_value_string("x")),
                LINNET_ERROR_WRONG_TYPE);
  check_payload(&s, LINNET_OPERATION_WRITE, "/1/0/1", batch_of(&s, "/1/0/1", linnet_value_float(0.5)),
                LINNET_ERROR_WRONG_TYPE);
  check_payload(&s, LINNET_OPERATION_WRITE, "/1/0/1", batch_of(&s, "/1/0/1/0", linnet_value_integer(1)),
                LINNET_ERROR_WRONG_TYPE);
  check_payload(&s, LINNET_OPERATION_WRITE, "/1/0", batch_of(&s, "/1/1/1", linnet_value_integer(1)),
                LINNET_ERROR_INVALID_ARGUMENT);
  check_payload(&s, LINNET_OPERATION_READ, "/1/0", batch_of(&s, "/1/0/1", linnet_value_integer(1)),
                LINNET_ERROR_INVALID_ARGUMENT);
  linnet_batch *twice = batch_of(&s, "/1/0/1", linnet_value_integer(1));
  add(twice, "/1/0/1", linnet_value_integer(2));
  check_payload(&s, LINNET_OPERATION_WRITE, "/1/0", twice, LINNET_ERROR_INVALID_ARGUMENT);
  linnet_batch *two = batch_of(&s, "/3303/0/5750", linnet_value_string("a"));
  add(two, "/3303/1/5750", linnet_value_string("b"));
  check_payload(&s, LINNET_OPERATION_CREATE, "/3303", two, LINNET_ERROR_INVALID_ARGUMENT);
  bench_end(&s.b);
}

static void leaves_permission_and_range_to_the_device(void) { /* OBJ-01: the device answers 4.05 or 4.00 */
  static const struct {
    linnet_operation operation;
    const char *path;
  } asked[] = {{LINNET_OPERATION_READ, "/3/0/4"},
               {LINNET_OPERATION_OBSERVE, "/3/0/4"},
               {LINNET_OPERATION_EXECUTE, "/3/0/9"}};
  scene s;
  sent m;
  begin(&s);
  for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
    uint64_t number =
        request(&s.b, s.registration, asked[i].operation, asked[i].path, NULL, NULL, LINNET_FORMAT_NONE, &m);
    reply_text(&s.b, &s.d, &m, 405, -1, 0, "");
    answer(&s, number, LINNET_ERROR_REFUSED);
  }
  linnet_batch *batch = batch_of(&s, "/1/0/7", linnet_value_string("no binding"));
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_WRITE, "/1/0/7", batch, NULL, LINNET_FORMAT_NONE, &m);
  linnet_batch_unref(batch);
  reply_text(&s.b, &s.d, &m, 400, -1, 0, "");
  answer(&s, number, LINNET_ERROR_REFUSED);
  bench_end(&s.b);
}

static void bounds_the_open_requests_of_a_device(void) { /* LINNET_LIMIT_OPEN_REQUESTS */
  scene s;
  sent m;
  begin(&s);
  linnet_server_set_limit(s.b.server, LINNET_LIMIT_OPEN_REQUESTS, 2);
  uint64_t first =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  uint64_t second = 0;
  CHECK_EQUAL(linnet_server_request(s.b.server, s.registration, LINNET_OPERATION_READ,
                                    linnet_path_resource(3, 0, 1), NULL, NULL, LINNET_FORMAT_NONE, &second),
              LINNET_OK);
  CHECK_EQUAL(refused(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/2", NULL, NULL),
              LINNET_ERROR_LIMIT_REACHED);
  reply_text(&s.b, &s.d, &m, 205, -1, 0, "a");
  answer(&s, first, LINNET_OK);
  CHECK(take(&s.b, &m)); /* CO-34: the second waited for the first */
  reply_text(&s.b, &s.d, &m, 205, -1, 0, "b");
  answer(&s, second, LINNET_OK);
  bench_end(&s.b);
}

static void open_requests_end_with_the_registration(void) { /* REG-06, REG-07, REG-14 */
  scene s;
  sent m, late;
  begin(&s);
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  uint64_t queued = 0;
  linnet_server_request(s.b.server, s.registration, LINNET_OPERATION_READ, linnet_path_resource(3, 0, 1),
                        NULL, NULL, LINNET_FORMAT_NONE, &queued);
  uint64_t former = s.registration;
  uint64_t now = enrol(&s.b, &s.d, "kitchen", LINKS);
  linnet_event *event = answer(&s, number, LINNET_ERROR_CANCELLED);
  CHECK_TEXT(linnet_event_text(event), "read /3/0/0 of kitchen: the device registered anew");
  answer(&s, queued, LINNET_ERROR_CANCELLED);
  CHECK_EQUAL(linnet_event_registration(expect(&s.b, LINNET_EVENT_REGISTERED)), now);
  CHECK(now != former);
  while (take(&s.b, &late)) continue;
  reply_text(&s.b, &s.d, &m, 205, -1, 0, "too late");
  expect_nothing(&s.b);
  s.registration = now;
  number = request(&s.b, now, LINNET_OPERATION_READ, "/3/0/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  CHECK_EQUAL(ask(&s.b, &s.d, DELETE, s.d.location, NO_FORMAT, NULL, &late), 202);
  answer(&s, number, LINNET_ERROR_CANCELLED);
  expect(&s.b, LINNET_EVENT_DEREGISTERED);
  CHECK_EQUAL(refused(&s.b, now, LINNET_OPERATION_READ, "/3/0/0", NULL, NULL), LINNET_ERROR_NOT_FOUND);
  bench_end(&s.b);
}

static void a_forgotten_request_tells_nothing(void) {
  scene s;
  sent m;
  begin(&s);
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  CHECK_EQUAL(linnet_server_forget(s.b.server, number), LINNET_OK);
  CHECK_EQUAL(linnet_server_forget(s.b.server, number), LINNET_ERROR_NOT_FOUND);
  reply_text(&s.b, &s.d, &m, 205, -1, 0, "a");
  pass(&s.b, s.b.now + 200000);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void closing_ends_open_requests_without_a_word(void) { /* server.h */
  scene s;
  sent m;
  begin(&s);
  request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  linnet_server_close(s.b.server);
  reply_text(&s.b, &s.d, &m, 205, -1, 0, "a");
  pass(&s.b, s.b.now + 200000);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

int main(void) {
  return RUN(reads_and_decodes_by_the_format_of_the_answer, leaves_the_format_to_the_device,
             reads_an_instance_typed_by_the_model, asks_unknown_objects_for_json_where_the_device_has_it,
             asks_unknown_objects_for_tlv_where_the_device_says_nothing, asks_for_the_format_that_is_wanted,
             puts_the_root_of_the_device_before_every_path, an_error_code_is_told_with_words,
             an_answer_that_cannot_be_read_is_told, a_code_that_is_no_answer_is_told,
             a_device_that_is_silent_or_resets_is_told, discovers, writes_one_value_as_text,
             writes_an_instance_as_tlv_and_coerces_by_the_model, writes_unknown_resources_as_given, executes,
             creates_with_and_without_a_number, writes_attributes, refuses_before_it_sends,
             refuses_values_that_do_not_fit, leaves_permission_and_range_to_the_device,
             bounds_the_open_requests_of_a_device, open_requests_end_with_the_registration,
             a_forgotten_request_tells_nothing, closing_ends_open_requests_without_a_word);
}

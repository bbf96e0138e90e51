/* SPDX-License-Identifier: Apache-2.0 */
/* bootstrap_sequence_test.c: devices ask a bootstrap server, are answered, and are given what is theirs
 * (lwm2m-1.0.md section 6). */
#include "bootstrap/scripted_bootstrap.h"

/* The first write of a bootstrap that has begun. */
static void reach_write(stage *s, device *d, sent *m) {
  begin(s, d, "bs?ep=kitchen", m);
  accept(s, d, m, 202);
  command(s, PUT, "/0/0", m);
}

static void reach_finish(stage *s, device *d, sent *m) {
  reach_write(s, d, m);
  accept(s, d, m, 204);
  command(s, PUT, "/1/0", m);
  accept(s, d, m, 204);
  command(s, POST, "/bs", m);
}

static uint64_t expect_started(stage *s, const char *endpoint) {
  linnet_event *event = expect(&s->b, LINNET_EVENT_BOOTSTRAP_STARTED);
  CHECK_TEXT(linnet_event_endpoint(event), endpoint);
  CHECK_EQUAL(linnet_event_source(event), linnet_bootstrap_number(s->bootstrap));
  CHECK(linnet_event_request(event) != 0);
  return linnet_event_request(event);
}

static void expect_finished(stage *s, uint64_t number, linnet_status status, unsigned code,
                            linnet_operation operation, const char *path, const char *text) {
  char path_text[LINNET_PATH_TEXT_SIZE];
  linnet_event *event = expect(&s->b, LINNET_EVENT_BOOTSTRAP_FINISHED);
  CHECK_TEXT(linnet_event_endpoint(event), "kitchen");
  CHECK_EQUAL(linnet_event_source(event), linnet_bootstrap_number(s->bootstrap));
  CHECK_EQUAL(linnet_event_request(event), number);
  CHECK_EQUAL(linnet_event_status(event), status);
  CHECK_EQUAL(linnet_event_code(event), code);
  CHECK_EQUAL(linnet_event_operation(event), operation);
  CHECK_TEXT(linnet_path_text(linnet_event_path(event), path_text), path);
  CHECK_TEXT(linnet_event_text(event), text);
}

static void over(stage *s) {
  expect_nothing(&s->b);
  nothing_sent(s);
  stage_end(s);
}

/* ETS 0 and digest 6.2. */
static void gives_a_device_its_configuration(void) {
  static const uint8_t security[] = {0xc8, 0x00, 0x15, 'c',  'o', 'a',  'p',  ':', '/',  '/',  '1',
                                     '2',  '7',  '.',  '0',  '.', '0',  '.',  '1', ':',  '5',  '6',
                                     '8',  '3',  0xc1, 0x01, 0,   0xc1, 0x02, 3,   0xc1, 0x0a, 1};
  static const uint8_t server[] = {0xc1, 0x00, 1,    0xc4, 0x01, 0,    1,  0x51,
                                   0x80, 0xc1, 0x06, 0,    0xc1, 0x07, 'U'};
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 86400);
  begin(&s, &d, "bs?ep=kitchen", &m); /* 2.04 before anything else */
  uint64_t number = expect_started(&s, "kitchen");
  CHECK_EQUAL(m.message.payload_length, 0);
  nothing_sent(&s); /* one command after the other */
  accept(&s, &d, &m, 202);
  command(&s, PUT, "/0/0", &m);
  CHECK_EQUAL(sent_number(&m, 12), LINNET_FORMAT_TLV);
  CHECK_BYTES(m.message.payload, m.message.payload_length, security, sizeof security);
  accept(&s, &d, &m, 204);
  command(&s, PUT, "/1/0", &m);
  CHECK_EQUAL(sent_number(&m, 12), LINNET_FORMAT_TLV);
  CHECK_BYTES(m.message.payload, m.message.payload_length, server, sizeof server);
  accept(&s, &d, &m, 204);
  command(&s, POST, "/bs", &m);
  CHECK_EQUAL(m.message.payload_length, 0);
  CHECK_EQUAL(sent_number(&m, 12), -1);
  CHECK_EQUAL(sent_number(&m, 15), -1);
  expect_nothing(&s.b);
  accept(&s, &d, &m, 204);
  expect_finished(&s, number, LINNET_OK, 204, LINNET_OPERATION_NONE, "/", "");
  over(&s);
}

static void a_refused_delete_counts_as_done(void) { /* BS-32 */
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  begin(&s, &d, "bs?ep=kitchen", &m);
  accept(&s, &d, &m, 400);
  command(&s, PUT, "/0/0", &m);
  accept(&s, &d, &m, 201); /* some answer a Write that made the instance so */
  command(&s, PUT, "/1/0", &m);
  expect_started(&s, "kitchen");
  over(&s);
}

static void any_other_answer_to_delete_is_a_failure(void) {
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  begin(&s, &d, "bs?ep=kitchen", &m);
  accept(&s, &d, &m, 405);
  uint64_t number = expect_started(&s, "kitchen");
  expect_finished(&s, number, LINNET_ERROR_REFUSED, 405, LINNET_OPERATION_DELETE, "/",
                  "delete / of kitchen: 4.05 Method Not Allowed");
  over(&s);
}

static void a_refused_write_ends_it_with_what_the_device_says(void) { /* 6.2, CO-43 */
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  reach_write(&s, &d, &m);
  accept(&s, &d, &m, 204);
  command(&s, PUT, "/1/0", &m);
  reply_text(&s.b, &d, &m, 415, -1, NO_FORMAT, "no TLV here");
  uint64_t number = expect_started(&s, "kitchen");
  expect_finished(&s, number, LINNET_ERROR_REFUSED, 415, LINNET_OPERATION_WRITE, "/1/0",
                  "write /1/0 of kitchen: 4.15 Unsupported Content-Format (no TLV here)");
  over(&s);
}

static void a_code_without_a_name_is_told_as_a_number(void) {
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  reach_write(&s, &d, &m);
  accept(&s, &d, &m, 429);
  uint64_t number = expect_started(&s, "kitchen");
  expect_finished(&s, number, LINNET_ERROR_REFUSED, 429, LINNET_OPERATION_WRITE, "/0/0",
                  "write /0/0 of kitchen: 4.29");
  over(&s);
}

static void an_inconsistent_configuration_is_refused_at_finish(void) { /* BS-50 */
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  reach_finish(&s, &d, &m);
  accept(&s, &d, &m, 406);
  uint64_t number = expect_started(&s, "kitchen");
  expect_finished(&s, number, LINNET_ERROR_REFUSED, 406, LINNET_OPERATION_NONE, "/",
                  "finish of kitchen: 4.06 Not Acceptable");
  over(&s);
}

static void a_device_that_falls_silent_times_out(void) {
  static const struct {
    int answers;
    linnet_operation operation;
    const char *path, *text;
  } rows[] = {{0, LINNET_OPERATION_DELETE, "/", "delete / of kitchen: the peer did not answer in time"},
              {1, LINNET_OPERATION_WRITE, "/0/0", "write /0/0 of kitchen: the peer did not answer in time"},
              {2, LINNET_OPERATION_WRITE, "/1/0", "write /1/0 of kitchen: the peer did not answer in time"},
              {3, LINNET_OPERATION_NONE, "/", "finish of kitchen: the peer did not answer in time"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    stage s;
    sent m;
    device d = device_new(1);
    stage_begin(&s);
    configure(&s, "kitchen", 60);
    begin(&s, &d, "bs?ep=kitchen", &m);
    for (int answer = 0; answer < rows[i].answers; answer++) {
      accept(&s, &d, &m, answer == 0 ? 202 : 204);
      CHECK(take(&s.b, &m));
    }
    uint64_t number = expect_started(&s, "kitchen");
    pass(&s.b, s.b.now + 45000);
    expect_nothing(&s.b);
    pass(&s.b, s.b.now + 60000);
    expect_finished(&s, number, LINNET_ERROR_TIMED_OUT, 0, rows[i].operation, rows[i].path, rows[i].text);
    over(&s);
  }
}

static void a_device_that_resets_ends_it(void) {
  stage s;
  sent m;
  draft reset;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  reach_write(&s, &d, &m);
  draft_begin(&reset, 3, 0, m.message.message_id, NULL, 0);
  deliver(&s.b, &d, &reset);
  uint64_t number = expect_started(&s, "kitchen");
  expect_finished(&s, number, LINNET_ERROR_RESET, 0, LINNET_OPERATION_WRITE, "/0/0",
                  "write /0/0 of kitchen: the peer rejected the message");
  over(&s);
}

static void a_closed_transport_ends_it(void) {
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  reach_write(&s, &d, &m);
  linnet_transport_close(s.b.transport);
  linnet_loop_step(s.b.loop, s.b.now);
  uint64_t number = expect_started(&s, "kitchen");
  expect_finished(&s, number, LINNET_ERROR_CANCELLED, 0, LINNET_OPERATION_WRITE, "/0/0",
                  "write /0/0 of kitchen: cancelled");
  over(&s);
}

static void an_answer_may_come_in_a_message_of_its_own(void) { /* CO-36 */
  stage s;
  sent m, ack;
  draft separate;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  begin(&s, &d, "bs?ep=kitchen", &m);
  draft_begin(&separate, 2, 0, m.message.message_id, NULL, 0);
  deliver(&s.b, &d, &separate);
  pass(&s.b, s.b.now + 30000);
  draft_begin(&separate, 0, 202, d.message_id++, m.message.token, m.message.token_length);
  deliver(&s.b, &d, &separate);
  CHECK(take(&s.b, &ack));
  CHECK_EQUAL(ack.message.type, LINNET_MESSAGE_ACK);
  command(&s, PUT, "/0/0", &m);
  expect_started(&s, "kitchen");
  over(&s);
}

/* ---- requests that are not accepted -------------------------------------------------------------- */

static unsigned answer_to(stage *s, device *d, unsigned method, const char *uri) {
  sent answer;
  unsigned code = ask(&s->b, d, method, uri, NO_FORMAT, NULL, &answer);
  nothing_sent(s);
  expect_nothing(&s->b);
  return code;
}

/* The answer to a device that nothing is configured for, which is told. */
static unsigned unknown(stage *s, device *d, const char *uri, const char *endpoint) {
  sent answer;
  unsigned code = ask(&s->b, d, POST, uri, NO_FORMAT, NULL, &answer);
  nothing_sent(s);
  linnet_event *event = expect(&s->b, LINNET_EVENT_ERROR);
  CHECK_TEXT(linnet_event_endpoint(event), endpoint);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_event_code(event), 400);
  expect_nothing(&s->b);
  return code;
}

static void an_endpoint_must_be_named_and_known(void) { /* 6.2, MOD-05 */
  char uri[300] = "bs?ep=";
  stage s;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  CHECK_EQUAL(answer_to(&s, &d, POST, "bs"), 400);
  CHECK_EQUAL(answer_to(&s, &d, POST, "bs?pct=11542"), 400);
  CHECK_EQUAL(answer_to(&s, &d, POST, "bs?ep"), 400);
  CHECK_EQUAL(answer_to(&s, &d, POST, "bs?ep="), 400);
  CHECK_EQUAL(answer_to(&s, &d, POST, "bs?epo=kitchen"), 400);
  CHECK_EQUAL(answer_to(&s, &d, POST, "bs?ep=kitchen&ep=kitchen"), 400);
  CHECK_EQUAL(unknown(&s, &d, "bs?ep=cellar", "cellar"), 400);
  CHECK_EQUAL(unknown(&s, &d, "bs?ep=kitche", "kitche"), 400);
  CHECK_EQUAL(unknown(&s, &d, "bs?ep=kitchen1", "kitchen1"), 400);
  CHECK_EQUAL(answer_to(&s, &d, POST, "bs?ep=k\xff"), 400);
  memset(uri + 6, 'k', 252); /* 255 bytes of Uri-Query are all that CoAP takes */
  CHECK_EQUAL(unknown(&s, &d, uri, uri + 6), 400);
  over(&s);
}

static void refused_with(stage *s, const char *words) {
  linnet_event *event = expect(&s->b, LINNET_EVENT_LOG);
  CHECK_EQUAL(linnet_event_log_level(event), LINNET_LOG_WARNING);
  CHECK_TEXT(linnet_event_text(event), words);
}

static void whoever_is_refused_is_a_line_in_the_log(void) {
  stage s;
  sent m;
  device d = device_new(1), other = device_new(2);
  stage_begin(&s);
  linnet_loop_set_log_level(s.b.loop, LINNET_LOG_WARNING);
  CHECK_EQUAL(linnet_bootstrap_set_limit(s.bootstrap, LINNET_LIMIT_BOOTSTRAPS, 1), LINNET_OK);
  configure(&s, "kitchen", 60);
  configure(&s, "cellar", 60);
  CHECK_EQUAL(ask(&s.b, &d, POST, "bs?ep=a&ep=b", NO_FORMAT, NULL, &m), 400);
  refused_with(&s,
               "10.0.0.2:5683: its POST is refused: 4.00 Bad Request, ep is missing, repeated or malformed");
  CHECK_EQUAL(ask(&s.b, &d, GET, "bs?ep=kitchen", NO_FORMAT, NULL, &m), 405);
  refused_with(&s, "10.0.0.2:5683: its GET is refused: 4.05 Method Not Allowed");
  CHECK_EQUAL(ask(&s.b, &d, POST, "rd?ep=kitchen&lt=60&lwm2m=1.0", NO_FORMAT, NULL, &m), 404);
  refused_with(&s, "10.0.0.2:5683: its POST is refused: 4.04 Not Found");
  begin(&s, &d, "bs?ep=kitchen", &m);
  expect_started(&s, "kitchen");
  CHECK_EQUAL(ask(&s.b, &other, POST, "bs?ep=cellar", NO_FORMAT, NULL, &m), 503);
  refused_with(
      &s, "10.0.0.3:5683: its POST is refused: 5.03 Service Unavailable, too many bootstraps are under way");
  over(&s);
}

static void parameters_of_later_versions_are_skipped(void) { /* AMB-11 */
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  begin(&s, &d, "bs?pct=112&ep=kitchen&x", &m);
  expect_started(&s, "kitchen");
  over(&s);
}

static void there_is_nothing_but_bs(void) {
  stage s;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  CHECK_EQUAL(answer_to(&s, &d, POST, "rd?ep=kitchen&lt=60&lwm2m=1.0"), 404);
  CHECK_EQUAL(answer_to(&s, &d, POST, "?ep=kitchen"), 404);
  CHECK_EQUAL(answer_to(&s, &d, POST, "b?ep=kitchen"), 404);
  CHECK_EQUAL(answer_to(&s, &d, POST, "bs/1?ep=kitchen"), 404);
  CHECK_EQUAL(answer_to(&s, &d, GET, "bs?ep=kitchen"), 405);
  CHECK_EQUAL(answer_to(&s, &d, PUT, "bs?ep=kitchen"), 405);
  CHECK_EQUAL(answer_to(&s, &d, DELETE, "bs"), 405);
  over(&s);
}

/* A first block of many is refused where no more need be known (BW-08). */
static void no_body_is_collected_for_a_path_that_is_none(void) {
  stage s;
  sent answer;
  draft m;
  uint8_t block[64] = {0};
  device d = device_new(1);
  stage_begin(&s);
  draft_begin(&m, 0, POST, d.message_id++, "tk", 2);
  draft_option(&m, 11, "rd", 2);
  draft_number(&m, 27, 8 | 2);
  draft_payload(&m, block, sizeof block);
  deliver(&s.b, &d, &m);
  CHECK(take(&s.b, &answer));
  CHECK_EQUAL(sent_code(&answer), 404);
  over(&s);
}

static void only_so_many_devices_are_served_at_a_time(void) { /* LINNET_LIMIT_BOOTSTRAPS */
  stage s;
  sent m, answer;
  device d = device_new(1), other = device_new(2);
  stage_begin(&s);
  CHECK_EQUAL(linnet_bootstrap_set_limit(s.bootstrap, LINNET_LIMIT_BOOTSTRAPS, 1), LINNET_OK);
  configure(&s, "kitchen", 60);
  configure(&s, "cellar", 60);
  reach_finish(&s, &d, &m);
  uint64_t number = expect_started(&s, "kitchen");
  CHECK_EQUAL(ask(&s.b, &other, POST, "bs?ep=cellar", NO_FORMAT, NULL, &answer), 503);
  CHECK_EQUAL(sent_number(&answer, 14), 60);
  expect_nothing(&s.b);
  accept(&s, &d, &m, 204);
  expect_finished(&s, number, LINNET_OK, 204, LINNET_OPERATION_NONE, "/", "");
  begin(&s, &other, "bs?ep=cellar", &m);
  expect_started(&s, "cellar");
  over(&s);
}

/* ---- asking again, changing what is to be given -------------------------------------------------- */

static void a_device_that_asks_again_begins_anew(void) {
  stage s;
  sent m, former, ack;
  draft late;
  device d = device_new(1), moved = device_new(2);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  CHECK_EQUAL(linnet_bootstrap_set_limit(s.bootstrap, LINNET_LIMIT_BOOTSTRAPS, 1), LINNET_OK);
  reach_write(&s, &d, &former);
  uint64_t first = expect_started(&s, "kitchen");
  begin(&s, &moved, "bs?ep=kitchen", &m);
  CHECK(linnet_address_equal(&m.peer, &moved.address));
  expect_finished(&s, first, LINNET_ERROR_CANCELLED, 0, LINNET_OPERATION_WRITE, "/0/0",
                  "write /0/0 of kitchen: the device asked again");
  CHECK(expect_started(&s, "kitchen") != first);
  /* An answer to what nobody waits for any more changes nothing. */
  draft_begin(&late, 0, 204, d.message_id++, former.message.token, former.message.token_length);
  deliver(&s.b, &d, &late);
  CHECK(take(&s.b, &ack));
  CHECK_EQUAL(ack.message.type, LINNET_MESSAGE_RST);
  expect_nothing(&s.b);
  accept(&s, &moved, &m, 202);
  command(&s, PUT, "/0/0", &m);
  over(&s);
}

static void a_repeated_message_is_no_second_request(void) { /* CO-33 */
  stage s;
  sent m, answer;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  begin(&s, &d, "bs?ep=kitchen", &m);
  expect_started(&s, "kitchen");
  d.message_id--;
  CHECK_EQUAL(ask(&s.b, &d, POST, "bs?ep=kitchen", NO_FORMAT, NULL, &answer), 204);
  over(&s);
}

static void what_has_begun_goes_on_with_what_it_began_with(void) {
  static const uint8_t before[] = {0xc1, 0x01, 60};
  static const uint8_t after[] = {0xc1, 0x01, 61};
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  begin(&s, &d, "bs?ep=kitchen", &m);
  configure(&s, "kitchen", 61);
  accept(&s, &d, &m, 202);
  command(&s, PUT, "/0/0", &m);
  accept(&s, &d, &m, 204);
  command(&s, PUT, "/1/0", &m);
  CHECK_BYTES(m.message.payload + 3, 3, before, sizeof before);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, "kitchen", NULL), LINNET_OK);
  accept(&s, &d, &m, 204);
  command(&s, POST, "/bs", &m);
  accept(&s, &d, &m, 204);
  uint64_t number = expect_started(&s, "kitchen");
  expect_finished(&s, number, LINNET_OK, 204, LINNET_OPERATION_NONE, "/", "");
  CHECK_EQUAL(unknown(&s, &d, "bs?ep=kitchen", "kitchen"), 400);
  configure(&s, "kitchen", 61);
  reach_write(&s, &d, &m);
  accept(&s, &d, &m, 204);
  command(&s, PUT, "/1/0", &m);
  CHECK_BYTES(m.message.payload + 3, 3, after, sizeof after);
  expect_started(&s, "kitchen");
  over(&s);
}

static void several_devices_are_served_side_by_side(void) {
  stage s;
  sent m, n;
  device d = device_new(1), other = device_new(2);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  configure(&s, "cellar", 60);
  begin(&s, &d, "bs?ep=kitchen", &m);
  begin(&s, &other, "bs?ep=cellar", &n);
  expect_started(&s, "kitchen");
  expect_started(&s, "cellar");
  accept(&s, &other, &n, 202);
  command(&s, PUT, "/0/0", &n);
  CHECK(linnet_address_equal(&n.peer, &other.address));
  accept(&s, &d, &m, 202);
  command(&s, PUT, "/0/0", &m);
  CHECK(linnet_address_equal(&m.peer, &d.address));
  over(&s);
}

/* BS-24: a certificate does not fit into one message. */
static void a_large_instance_goes_in_blocks(void) {
  static uint8_t key[3000];
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  linnet_batch *batch = account(&s, 60);
  add(batch, "/0/0/5", linnet_value_opaque(key, sizeof key));
  CHECK_EQUAL(give(&s, "kitchen", batch, true), LINNET_OK);
  linnet_batch_unref(batch);
  reach_write(&s, &d, &m);
  expect_started(&s, "kitchen");
  for (unsigned number = 0; number < 2; number++) {
    draft answer;
    CHECK_EQUAL(sent_number(&m, 27), (int)(number << 4 | 8 | 6));
    CHECK_EQUAL(m.message.payload_length, 1024);
    draft_begin(&answer, 2, 231, m.message.message_id, m.message.token, m.message.token_length);
    draft_number(&answer, 27, number << 4 | 8 | 6);
    deliver(&s.b, &d, &answer);
    command(&s, PUT, "/0/0", &m);
  }
  CHECK_EQUAL(sent_number(&m, 27), 2 << 4 | 6);
  draft last;
  draft_begin(&last, 2, 204, m.message.message_id, m.message.token, m.message.token_length);
  draft_number(&last, 27, 2 << 4 | 6);
  deliver(&s.b, &d, &last);
  command(&s, PUT, "/1/0", &m);
  over(&s);
}

/* ---- closing ------------------------------------------------------------------------------------- */

static void closing_stops_at_once(void) {
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  reach_write(&s, &d, &m);
  expect_started(&s, "kitchen");
  linnet_bootstrap_close(s.bootstrap);
  linnet_bootstrap_close(s.bootstrap);
  pass(&s.b, s.b.now + 300000);
  expect_nothing(&s.b);
  CHECK_EQUAL(linnet_bootstrap_configured(s.bootstrap), 0);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, "kitchen", NULL), LINNET_ERROR_CLOSED);
  CHECK_EQUAL(linnet_bootstrap_add_transport(s.bootstrap, s.b.transport), LINNET_ERROR_CLOSED);
  CHECK_EQUAL(linnet_bootstrap_set_limit(s.bootstrap, LINNET_LIMIT_BOOTSTRAPS, 1), LINNET_ERROR_CLOSED);
  stage_end(&s);
}

static void may_be_given_up_with_events_waiting(void) {
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  reach_write(&s, &d, &m);
  linnet_bootstrap_ref(s.bootstrap);
  linnet_bootstrap_unref(s.bootstrap);
  stage_end(&s);
}

static void calls_without_a_handle_do_no_harm(void) {
  CHECK(linnet_bootstrap_new(NULL, NULL) == NULL);
  CHECK(linnet_bootstrap_ref(NULL) == NULL);
  linnet_bootstrap_unref(NULL);
  linnet_bootstrap_close(NULL);
  CHECK_EQUAL(linnet_bootstrap_number(NULL), 0);
  CHECK(linnet_bootstrap_loop(NULL) == NULL);
  CHECK(linnet_bootstrap_model(NULL) == NULL);
  CHECK_EQUAL(linnet_bootstrap_configured(NULL), 0);
  CHECK_EQUAL(linnet_bootstrap_configure(NULL, "kitchen", NULL), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_bootstrap_add_transport(NULL, NULL), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_bootstrap_set_limit(NULL, LINNET_LIMIT_PEERS, 1), LINNET_ERROR_INVALID_ARGUMENT);
}

static void takes_only_transports_of_its_loop(void) {
  static const uint8_t seed[LINNET_SEED_SIZE] = "another loop";
  stage s;
  stage_begin(&s);
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_bootstrap_add_transport(s.bootstrap, transport), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_bootstrap_add_transport(s.bootstrap, NULL), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK(linnet_bootstrap_loop(s.bootstrap) == s.b.loop);
  CHECK(linnet_bootstrap_model(s.bootstrap) != NULL);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
  stage_end(&s);
}

int main(void) {
  return RUN(gives_a_device_its_configuration, a_refused_delete_counts_as_done,
             any_other_answer_to_delete_is_a_failure, a_refused_write_ends_it_with_what_the_device_says,
             a_code_without_a_name_is_told_as_a_number, an_inconsistent_configuration_is_refused_at_finish,
             a_device_that_falls_silent_times_out, a_device_that_resets_ends_it, a_closed_transport_ends_it,
             an_answer_may_come_in_a_message_of_its_own, an_endpoint_must_be_named_and_known,
             whoever_is_refused_is_a_line_in_the_log, parameters_of_later_versions_are_skipped,
             there_is_nothing_but_bs, no_body_is_collected_for_a_path_that_is_none,
             only_so_many_devices_are_served_at_a_time, a_device_that_asks_again_begins_anew,
             a_repeated_message_is_no_second_request, what_has_begun_goes_on_with_what_it_began_with,
             several_devices_are_served_side_by_side, a_large_instance_goes_in_blocks, closing_stops_at_once,
             may_be_given_up_with_events_waiting, calls_without_a_handle_do_no_harm,
             takes_only_transports_of_its_loop);
}

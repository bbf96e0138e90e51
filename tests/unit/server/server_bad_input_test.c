/* SPDX-License-Identifier: Apache-2.0 */
/* server_bad_input_test.c: what devices do wrong: the code of the digest, a bound, a line in the log, and a
 * server that goes on as if nothing had been (digest 2.5, 14; coap.md 5 and 6; BW-07, OB-05, OB-10). */
#include "server/scripted.h"

typedef struct scene {
  bench b;
  device d;
  sent m;
} scene;

static void begin(scene *s) {
  bench_begin(&s->b);
  linnet_loop_set_log_level(s->b.loop, LINNET_LOG_WARNING);
  s->d = device_new(1);
}

/* The next event is a line in the log with these words; the address of the device stands in each. */
static void logged(scene *s, const char *words) {
  linnet_event *event = expect(&s->b, LINNET_EVENT_LOG);
  const char *text = linnet_event_text(event);
  if (strstr(text, words) == NULL) fprintf(stderr, "\"%s\" is not in \"%s\"\n", words, text);
  CHECK(strstr(text, words) != NULL);
  CHECK(strstr(text, "10.0.0.2:5683") != NULL);
  CHECK_EQUAL(linnet_event_log_level(event), LINNET_LOG_WARNING);
}

/* Whatever was sent: the next device is served as ever, and nothing is left of it. */
static void goes_on(scene *s) {
  device other = device_new(7);
  size_t count = linnet_server_registration_count(s->b.server);
  enrolled(&s->b, &other, "another", LINKS);
  CHECK_EQUAL(linnet_server_registration_count(s->b.server), count + 1);
  expect_nothing(&s->b);
  bench_end(&s->b);
}

static void refuse(const char *uri, int format, const char *links, unsigned code, const char *words) {
  scene s;
  begin(&s);
  CHECK_EQUAL(ask(&s.b, &s.d, POST, uri, format, links, &s.m), code);
  logged(&s, words);
  CHECK_EQUAL(linnet_server_registration_count(s.b.server), 0);
  goes_on(&s);
}

static void unknown_parameters_are_skipped_and_duplicates_refused(void) { /* AMB-11, 2.5 */
  scene s;
  begin(&s);
  CHECK_EQUAL(ask(&s.b, &s.d, POST, "rd?ep=a&lt=60&lwm2m=1.0&colour=red&et=7&Q", 40, LINKS, &s.m), 201);
  expect(&s.b, LINNET_EVENT_REGISTERED);
  goes_on(&s);
  refuse("rd?ep=a&ep=b&lt=60&lwm2m=1.0", 40, LINKS, 400, "4.00 Bad Request, ep is missing, repeated");
  refuse("rd?ep=a&lt=60&lt=61&lwm2m=1.0", 40, LINKS, 400, "lt is missing, repeated");
  refuse("rd?ep=a&lt=60&lwm2m=1.0&lwm2m=1.0", 40, LINKS, 400, "lwm2m is missing, repeated");
  refuse("rd?ep=a&lt=60&lwm2m=1.0&b=U&b=U", 40, LINKS, 400, "b is given twice");
}

static void other_versions_are_refused(void) { /* REG-04 */
  refuse("rd?ep=a&lt=60&lwm2m=1.1", 40, LINKS, 412, "4.12 Precondition Failed");
  refuse("rd?ep=a&lt=60&lwm2m=2.0", 40, LINKS, 412, "this server speaks LwM2M 1.0");
  refuse("rd?ep=a&lt=60&lwm2m=one", 40, LINKS, 400, "lwm2m is missing, repeated or malformed");
}

static void a_name_with_control_characters_is_a_name_and_harms_no_terminal(void) { /* MOD-05 */
  scene s;
  static const char name[] = "red\x1b[31m\r\nalert";
  begin(&s);
  enrolled(&s.b, &s.d, name, LINKS);
  CHECK(linnet_server_find(s.b.server, name) != 0);
  CHECK_EQUAL(
      refused(&s.b, linnet_server_find(s.b.server, name), LINNET_OPERATION_EXECUTE, "/3/0", NULL, NULL),
      LINNET_ERROR_INVALID_ARGUMENT);
  const char *text = linnet_error_text(s.b.loop);
  CHECK(strstr(text, "red?[31m??alert") != NULL);
  for (; *text != 0; text++) CHECK((unsigned char)*text >= ' ');
  goes_on(&s);
}

/* An option of 10 kB in a datagram that may carry it. */
static void a_name_of_10_kB_is_refused(void) { /* MOD-05 */
  enum { SIZE = 10000 };
  static uint8_t bytes[SIZE + 64];
  scene s;
  size_t length = 0;
  begin(&s);
  CHECK_EQUAL(linnet_transport_set_mtu(s.b.transport, 20000), LINNET_OK);
  const uint8_t head[] = {0x40, 0x02, 0x01, 0x02, 0xb2, 'r', 'd', 0x11, 40, 0x3e};
  memcpy(bytes, head, sizeof head);
  length = sizeof head;
  bytes[length++] = (uint8_t)((SIZE - 269) >> 8);
  bytes[length++] = (uint8_t)(SIZE - 269);
  memcpy(bytes + length, "ep=", 3);
  memset(bytes + length + 3, 'n', SIZE - 3);
  length += SIZE;
  CHECK_EQUAL(linnet_transport_receive(s.b.transport, &s.d.address, bytes, length), LINNET_OK);
  linnet_loop_step(s.b.loop, s.b.now);
  CHECK(take(&s.b, &s.m));
  CHECK(sent_code(&s.m) == 400 || sent_code(&s.m) == 402); /* it is no Uri-Query (RFC 7252 5.10) */
  CHECK_EQUAL(linnet_server_registration_count(s.b.server), 0);
  CHECK(linnet_loop_memory_used(s.b.loop) < 100000); /* nothing of it is kept */
  while (linnet_loop_next_event(s.b.loop) != NULL) continue;
  goes_on(&s);
}

static void object_lists_that_do_not_parse_are_refused(void) { /* REG-20, REG-21 */
  refuse("rd?ep=a&lt=60&lwm2m=1.0", 40, "</1/0>,</3/0", 400, "the object list is not link-format");
  refuse("rd?ep=a&lt=60&lwm2m=1.0", 40, "<<<>>>,,,;;;", 400, "the object list is not link-format");
  refuse("rd?ep=a&lt=60&lwm2m=1.0", 40, "</1/0>,</3/0>;ver=\"\xff\xfe\"", 400, "there is no object list");
  refuse("rd?ep=a&lt=60&lwm2m=1.0", 40, "</1/0>", 400, "the object list lacks object 1 or 3");
  refuse("rd?ep=a&lt=60&lwm2m=1.0", 50, LINKS, 400, "not of content format 40");
}

static void updates_to_unknown_locations_are_refused(void) { /* 2.1 */
  static const char *const uris[] = {"rd/0", "rd/zzzzzzzzzzzzzz", "rd/5a3f", "rd/a/b/c"};
  for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
    scene s;
    begin(&s);
    CHECK_EQUAL(ask(&s.b, &s.d, POST, uris[i], -1, NULL, &s.m), 404);
    logged(&s, "its POST is refused: 4.04 Not Found");
    CHECK_EQUAL(ask(&s.b, &s.d, DELETE, uris[i], -1, NULL, &s.m), 404);
    logged(&s, "its DELETE is refused: 4.04 Not Found");
    goes_on(&s);
  }
}

static void responses_that_nobody_asked_for_are_reset(void) { /* OB-10, CO-37 */
  scene s;
  draft m;
  begin(&s);
  enrolled(&s.b, &s.d, "kitchen", LINKS);
  for (int type = 0; type <= 1; type++) {
    draft_begin(&m, type, 205, (uint16_t)(900 + type), "nobody", 6);
    draft_number(&m, 12, 0);
    draft_payload(&m, "1", 1);
    deliver(&s.b, &s.d, &m);
    CHECK(take(&s.b, &s.m));
    CHECK_EQUAL(s.m.message.type, LINNET_MESSAGE_RST);
    logged(&s, "a response that nobody asked for");
  }
  draft_begin(&m, 2, 205, 77, "nobody", 6); /* an ACK of nothing is ignored (CO-41) */
  deliver(&s.b, &s.d, &m);
  CHECK(!take(&s.b, &s.m));
  goes_on(&s);
}

static void notifications_with_old_numbers_are_dropped(void) { /* OB-05 */
  scene s;
  sent get;
  begin(&s);
  uint64_t registration = enrolled(&s.b, &s.d, "kitchen", LINKS);
  request(&s.b, registration, LINNET_OPERATION_OBSERVE, "/3/0/9", NULL, NULL, LINNET_FORMAT_NONE, &get);
  reply_text(&s.b, &s.d, &get, 205, 100, 0, "50");
  expect(&s.b, LINNET_EVENT_RESPONSE);
  notify(&s.b, &s.d, &get, 0, 205, 99, "49");
  CHECK(take(&s.b, &s.m));
  CHECK_EQUAL(s.m.message.type, LINNET_MESSAGE_ACK); /* it came, and is not sent again */
  logged(&s, "a notification that is older than one before it");
  expect_nothing(&s.b);
  notify(&s.b, &s.d, &get, 1, 205, 101, "48");
  expect(&s.b, LINNET_EVENT_NOTIFY);
  goes_on(&s);
}

/* The first block of a Register that is never finished. */
static void send_first_block(scene *s, const device *d, uint16_t id) {
  char links[65];
  draft m;
  memset(links, ' ', sizeof links - 1);
  links[sizeof links - 1] = 0;
  draft_begin(&m, 0, POST, id, "t", 1);
  draft_uri(&m, "rd?ep=a&lt=60&lwm2m=1.0", 40);
  draft_number(&m, 27, 0 << 4 | 8 | 2); /* 64 bytes, more to come */
  draft_payload(&m, links, 64);
  deliver(&s->b, d, &m);
}

static void transfers_that_never_end_are_bounded_and_forgotten(void) { /* BW-07, LINNET_LIMIT_TRANSFERS */
  enum { LIMIT = 4, FLOOD = 500 };
  scene s;
  begin(&s);
  CHECK_EQUAL(linnet_server_set_limit(s.b.server, LINNET_LIMIT_TRANSFERS, LIMIT), LINNET_OK);
  size_t before = linnet_loop_memory_used(s.b.loop), most = 0;
  unsigned begun = 0, turned_away = 0;
  for (unsigned i = 0; i < FLOOD; i++) {
    device d = device_new(1 + i);
    send_first_block(&s, &d, 1);
    CHECK(take(&s.b, &s.m));
    begun += sent_code(&s.m) == 231;
    turned_away += sent_code(&s.m) == 503 || sent_code(&s.m) == 413;
    while (linnet_loop_next_event(s.b.loop) != NULL) continue; /* lines */
    size_t used = linnet_loop_memory_used(s.b.loop);
    most = used > most ? used : most;
  }
  CHECK_EQUAL(begun, LIMIT);
  CHECK_EQUAL(turned_away, FLOOD - LIMIT);
  CHECK(most - before < FLOOD * 400); /* what deduplication keeps of each peer, and four beginnings */
  pass(&s.b, s.b.now + 300000);
  unsigned lines = 0;
  for (linnet_event *event; (event = linnet_loop_next_event(s.b.loop)) != NULL;)
    lines += strstr(linnet_event_text(event), "no more blocks of a body that it began") != NULL;
  CHECK_EQUAL(lines, LIMIT);
  CHECK(linnet_loop_memory_used(s.b.loop) < before + 4096);
  goes_on(&s);
}

static void a_body_without_end_is_cut_off(void) { /* BW-06, LINNET_LIMIT_BODY_SIZE */
  scene s;
  unsigned code = 231, blocks = 0;
  char links[65];
  begin(&s);
  CHECK_EQUAL(linnet_server_set_limit(s.b.server, LINNET_LIMIT_BODY_SIZE, 1024), LINNET_OK);
  memset(links, ' ', sizeof links);
  for (; code == 231 && blocks < 100; blocks++) {
    draft m;
    draft_begin(&m, 0, POST, s.d.message_id++, "t", 1);
    draft_uri(&m, "rd?ep=a&lt=60&lwm2m=1.0", 40);
    draft_number(&m, 27, blocks << 4 | 8 | 2);
    draft_payload(&m, links, 64);
    deliver(&s.b, &s.d, &m);
    CHECK(take(&s.b, &s.m));
    code = sent_code(&s.m);
  }
  CHECK_EQUAL(code, 413);
  CHECK_EQUAL(blocks, 1024 / 64 + 1);
  logged(&s, "a body that is larger than the limit");
  goes_on(&s);
}

/* Answers each GET with the block that it asks for, and says that more will come; how many it answered. */
static unsigned answer_without_end(scene *s, size_t *most) {
  char text[64];
  unsigned answered = 0;
  memset(text, 'x', sizeof text);
  for (; sent_code(&s->m) == GET && answered < 1000; answered++) {
    int block = sent_number(&s->m, 23);
    draft m;
    draft_begin(&m, 2, 205, s->m.message.message_id, s->m.message.token, s->m.message.token_length);
    draft_number(&m, 12, 42);
    draft_number(&m, 23, (block < 0 ? 0 : (unsigned)block & ~15u) | 8 | 2);
    draft_payload(&m, text, sizeof text);
    deliver(&s->b, &s->d, &m);
    size_t used = linnet_loop_memory_used(s->b.loop);
    *most = used > *most ? used : *most;
    if (!take(&s->b, &s->m)) break;
  }
  return answered;
}

static void an_answer_without_end_is_cut_off(void) { /* BW-06, LINNET_LIMIT_BODY_SIZE */
  scene s;
  size_t most = 0;
  begin(&s);
  CHECK_EQUAL(linnet_server_set_limit(s.b.server, LINNET_LIMIT_BODY_SIZE, 1024), LINNET_OK);
  uint64_t registration = enrolled(&s.b, &s.d, "kitchen", LINKS);
  size_t before = linnet_loop_memory_used(s.b.loop);
  request(&s.b, registration, LINNET_OPERATION_READ, "/5/0/0", NULL, NULL, LINNET_FORMAT_NONE, &s.m);
  CHECK_EQUAL(answer_without_end(&s, &most), 1024 / 64);
  linnet_event *event = expect(&s.b, LINNET_EVENT_RESPONSE);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_TOO_LARGE);
  CHECK_TEXT(linnet_event_text(event), "read /5/0/0 of kitchen: larger than the configured limit");
  CHECK(most < before + 4096);
  goes_on(&s);
}

/* The first block of a notification, and the request for the second in s->m. */
static void notify_in_blocks(scene *s, const sent *get, int observe) {
  char text[64];
  draft m;
  memset(text, 'x', sizeof text);
  draft_begin(&m, 1, 205, s->d.message_id++, get->message.token, get->message.token_length);
  draft_number(&m, 6, (unsigned)observe);
  draft_number(&m, 12, 42);
  draft_number(&m, 23, 8 | 2);
  draft_payload(&m, text, sizeof text);
  deliver(&s->b, &s->d, &m);
  CHECK(take(&s->b, &s->m));
}

static void a_notification_without_end_is_cut_off_and_told(void) { /* BW-26, BW-06 */
  enum { MANY = 500 };
  scene s;
  sent get;
  size_t most = 0;
  begin(&s);
  CHECK_EQUAL(linnet_server_set_limit(s.b.server, LINNET_LIMIT_BODY_SIZE, 1024), LINNET_OK);
  uint64_t registration = enrolled(&s.b, &s.d, "kitchen", LINKS);
  request(&s.b, registration, LINNET_OPERATION_OBSERVE, "/3/0/9", NULL, NULL, LINNET_FORMAT_NONE, &get);
  reply_text(&s.b, &s.d, &get, 205, 1, 0, "50");
  expect(&s.b, LINNET_EVENT_RESPONSE);
  size_t before = linnet_loop_memory_used(s.b.loop);
  notify_in_blocks(&s, &get, 2);
  CHECK_EQUAL(answer_without_end(&s, &most), 1024 / 64 - 1);
  logged(&s, "a notification in blocks, the rest of which cannot be had");
  for (int i = 0; i < MANY; i++) notify_in_blocks(&s, &get, 3 + i); /* each gives the one before it up */
  CHECK(linnet_loop_memory_used(s.b.loop) < before + 4096);
  pass(&s.b, s.b.now + 120000);
  logged(&s, "a notification in blocks, the rest of which cannot be had");
  CHECK(most < before + 4096);
  notify(&s.b, &s.d, &get, 1, 205, 3 + MANY, "48");
  expect(&s.b, LINNET_EVENT_NOTIFY);
  goes_on(&s);
}

static void what_is_no_coap_is_dropped(void) { /* CO-04 */
  static const char *const datagrams[] = {
      "", "x", "GET / HTTP/1.1\r\n\r\n", "\x80\x01\x00\x01", "\x4f\x01\x00\x01", "\x40\x01\x00\x01\xff"};
  scene s;
  begin(&s);
  for (size_t i = 0; i < sizeof datagrams / sizeof datagrams[0]; i++) {
    size_t length = i < 3 ? strlen(datagrams[i]) : i == 5 ? 5 : 4;
    CHECK_EQUAL(linnet_transport_receive(s.b.transport, &s.d.address, datagrams[i], length), LINNET_OK);
    linnet_loop_step(s.b.loop, s.b.now);
    while (take(&s.b, &s.m)) CHECK_EQUAL(s.m.message.type, LINNET_MESSAGE_RST);
    logged(&s, "what is no message of CoAP");
  }
  goes_on(&s);
}

static void a_device_that_shouts_fills_no_queue(void) { /* LINNET_LIMIT_REGISTRATIONS, the limit of events */
  scene s;
  begin(&s);
  for (unsigned i = 0; i < 5000; i++) CHECK_EQUAL(ask(&s.b, &s.d, POST, "rd/1", -1, NULL, &s.m), 404);
  unsigned lines = 0;
  while (linnet_loop_next_event(s.b.loop) != NULL) lines++;
  CHECK(lines <= 1024);
  CHECK(linnet_loop_events_dropped(s.b.loop) >= 5000 - 1024);
  goes_on(&s);
}

int main(void) {
  return RUN(unknown_parameters_are_skipped_and_duplicates_refused, other_versions_are_refused,
             a_name_with_control_characters_is_a_name_and_harms_no_terminal, a_name_of_10_kB_is_refused,
             object_lists_that_do_not_parse_are_refused, updates_to_unknown_locations_are_refused,
             responses_that_nobody_asked_for_are_reset, notifications_with_old_numbers_are_dropped,
             transfers_that_never_end_are_bounded_and_forgotten, a_body_without_end_is_cut_off,
             an_answer_without_end_is_cut_off, a_notification_without_end_is_cut_off_and_told,
             what_is_no_coap_is_dropped, a_device_that_shouts_fills_no_queue);
}

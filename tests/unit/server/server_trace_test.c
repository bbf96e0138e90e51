/* SPDX-License-Identifier: Apache-2.0 */
/* server_trace_test.c: what LINNET_LOG_DEBUG says of each message, and what it does not (loop.h). */
#include "server/scripted.h"

static void begin(bench *b, linnet_log_level level) {
  bench_begin(b);
  linnet_loop_set_log_level(b->loop, level);
}

static void says(bench *b, const char *words) {
  linnet_event *event = expect(b, LINNET_EVENT_LOG);
  CHECK_EQUAL(linnet_event_log_level(event), LINNET_LOG_DEBUG);
  CHECK_TEXT(linnet_event_text(event), words);
}

static void each_message_is_a_line(void) {
  bench b;
  device d = device_new(1);
  sent m;
  char words[128];
  begin(&b, LINNET_LOG_DEBUG);
  uint64_t registration = enrol(&b, &d, "kitchen", LINKS);
  says(&b, "10.0.0.2:5683 sends CON POST /rd?ep=kitchen&lt=300&lwm2m=1.0 format=40, 23 bytes (id 100)");
  expect(&b, LINNET_EVENT_REGISTERED);
  snprintf(words, sizeof words, "10.0.0.2:5683 is sent ACK 2.01 Created /%s (id 100)", d.location);
  says(&b, words);
  request(&b, registration, LINNET_OPERATION_OBSERVE, "/3/0/9", NULL, NULL, LINNET_FORMAT_NONE, &m);
  snprintf(words, sizeof words, "10.0.0.2:5683 is sent CON GET /3/0/9 observe=0 accept=11542 (id %u)",
           m.message.message_id);
  says(&b, words);
  reply_text(&b, &d, &m, 205, 7, 0, "50");
  snprintf(words, sizeof words, "10.0.0.2:5683 sends ACK 2.05 Content observe=7 format=0, 2 bytes (id %u)",
           m.message.message_id);
  says(&b, words);
  expect(&b, LINNET_EVENT_RESPONSE);
  notify(&b, &d, &m, 0, 205, 8, "51");
  says(&b, "10.0.0.2:5683 sends CON 2.05 Content observe=8 format=0, 2 bytes (id 101)");
  says(&b, "10.0.0.2:5683 is sent ACK (id 101)");
  expect(&b, LINNET_EVENT_NOTIFY);
  expect_nothing(&b);
  bench_end(&b);
}

static void what_comes_twice_is_two_lines(void) { /* CO-33 */
  bench b;
  device d = device_new(1);
  begin(&b, LINNET_LOG_DEBUG);
  enrol(&b, &d, "kitchen", LINKS);
  d.message_id--;
  enrol(&b, &d, "kitchen", LINKS);
  unsigned lines = 0;
  for (linnet_event *event; (event = linnet_loop_next_event(b.loop)) != NULL;)
    lines += linnet_event_get_kind(event) == LINNET_EVENT_LOG;
  CHECK_EQUAL(lines, 4);
  bench_end(&b);
}

static void blocks_and_codes_without_a_name_are_numbers(void) {
  bench b;
  device d = device_new(1);
  sent out;
  draft m;
  begin(&b, LINNET_LOG_DEBUG);
  draft_begin(&m, 0, POST, 9, "t", 1);
  draft_uri(&m, "rd?ep=a\x1b[2J&lt=60&lwm2m=1.0", 40);
  draft_number(&m, 27, 0 << 4 | 8 | 2);
  draft_payload(&m, "</1/0>,</3/0>,                                                  ", 64);
  deliver(&b, &d, &m);
  says(&b,
       "10.0.0.2:5683 sends CON POST /rd?ep=a?[2J&lt=60&lwm2m=1.0 format=40 block1=0/1/64, 64 bytes (id 9)");
  CHECK(take(&b, &out));
  says(&b, "10.0.0.2:5683 is sent ACK 2.31 Continue block1=0/1/64 (id 9)");
  draft_begin(&m, 0, 7, 10, NULL, 0);
  deliver(&b, &d, &m);
  says(&b, "10.0.0.2:5683 sends CON 0.07 (id 10)");
  while (linnet_loop_next_event(b.loop) != NULL) continue;
  bench_end(&b);
}

static void nothing_is_said_below_that_level(void) {
  bench b;
  device d = device_new(1);
  begin(&b, LINNET_LOG_INFO);
  enrolled(&b, &d, "kitchen", LINKS);
  expect_nothing(&b);
  bench_end(&b);
}

int main(void) {
  return RUN(each_message_is_a_line, what_comes_twice_is_two_lines,
             blocks_and_codes_without_a_name_are_numbers, nothing_is_said_below_that_level);
}

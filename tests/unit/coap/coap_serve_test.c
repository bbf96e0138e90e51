/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of a scripted peer: answers, duplicates, rejections, separate responses (CO-10 to CO-13, CO-20 to
 * CO-24, CO-33, CO-36). */
#include "wire.h"

static void answers_in_the_acknowledgement_CO_13(void) {
  wire w;
  wire_open(&w);
  w.answer_body = "100";
  w.answer_length = 3;
  w.answer_format = 0;
  put(&w, "41 01 00 01 4A B1 33 01 30 01 39");
  got(&w, "61 45 00 01 4A C0 FF 31 30 30");
  CHECK_EQUAL(w.requests, 1);
  CHECK_BYTES(w.path, w.path_length, "/3/0/9", 6);
  wire_close(&w);
}

static linnet__answer create(void *user, const linnet__incoming *request, linnet__response *response) {
  (void)user;
  (void)request;
  response->code = LINNET__CREATED;
  response->location[0] = (linnet__text){"rd", 2};
  response->location[1] = (linnet__text){"5a3f", 4};
  response->location_count = 2;
  return LINNET__ANSWER_NOW;
}

static void writes_the_worked_location_path(void) {
  wire w;
  wire_open(&w);
  linnet__coap_close(w.coap);
  linnet__coap_handler handler = {.request = create};
  w.coap = linnet__coap_new(w.loop, &handler, &w);
  CHECK_EQUAL(linnet__coap_add_transport(w.coap, w.transport), LINNET_OK);
  put(&w, "42 02 12 34 A1 B2 B2 72 64");
  got(&w, "62 41 12 34 A1 B2 82 72 64 04 35 61 33 66");
  wire_close(&w);
}

static void answers_non_with_non_CO_02(void) {
  wire w;
  wire_open(&w);
  put(&w, "51 01 00 01 4A B1 33");
  got(&w, "51 45 .... 4A");
  put(&w, "51 01 00 01 4A B1 33"); /* CO-33: dropped */
  silent(&w);
  CHECK_EQUAL(w.requests, 1);
  wire_close(&w);
}

static void answers_pings_with_reset_CO_12(void) {
  wire w;
  wire_open(&w);
  put(&w, "40 00 12 34");
  got(&w, "70 00 12 34");
  put(&w, "50 00 12 34");
  put(&w, "60 00 12 34");
  put(&w, "70 00 12 34");
  silent(&w);
  wire_close(&w);
}

static void rejects_format_errors_CO_11(void) {
  wire w;
  wire_open(&w);
  put(&w, "49 01 12 34 11 22 33 44 55 66 77 88 99");
  got(&w, "70 00 12 34");
  put(&w, "40 01 12 35 FF");
  got(&w, "70 00 12 35");
  put(&w, "40 00 12 36 FF"); /* an empty message that is not */
  got(&w, "70 00 12 36");
  put(&w, "40 21 12 37"); /* class 1 */
  got(&w, "70 00 12 37");
  put(&w, "40 E1 12 38"); /* class 7 */
  got(&w, "70 00 12 38");
  put(&w, "50 01 12 34 FF");
  put(&w, "60 01 12 34 FF");
  put(&w, "50 C1 12 34");
  put(&w, "60 01 12 34"); /* a request in an ACK */
  put(&w, "70 01 12 34");
  put(&w, "80 01 12 34"); /* another version */
  put(&w, "40 01 12");
  silent(&w);
  CHECK_EQUAL(w.requests, 0);
  CHECK_EQUAL(linnet__coap_get_counters(w.coap)->malformed, 12);
  wire_close(&w);
}

static void refuses_options_it_does_not_understand_CO_20_CO_21(void) {
  wire w;
  wire_open(&w);
  put(&w, "41 01 00 01 4A 90"); /* option 9: critical */
  got(&w, "61 82 00 01 4A");
  put(&w, "51 01 00 02 4A 90"); /* NON: dropped */
  silent(&w);
  put(&w, "41 01 00 03 4A A1 00"); /* option 10: elective */
  got(&w, "61 45 00 03 4A");
  put(&w, "41 01 00 04 4A 10"); /* If-Match */
  got(&w, "61 82 00 04 4A");
  put(&w, "41 01 00 05 4A 50"); /* If-None-Match */
  got(&w, "61 82 00 05 4A");
  put(&w, "41 01 00 06 4A D3 04 00 00 00"); /* Accept of three bytes */
  got(&w, "61 82 00 06 4A");
  put(&w, "41 01 00 07 4A D1 16 61"); /* Proxy-Uri */
  got(&w, "61 A5 00 07 4A");
  put(&w, "41 01 00 08 4A D1 1A 61"); /* Proxy-Scheme */
  got(&w, "61 A5 00 08 4A");
  put(&w, "41 01 00 09 4A 31 61 42 16 33"); /* Uri-Host, Uri-Port: accepted, ignored */
  got(&w, "61 45 00 09 4A");
  put(&w, "41 01 00 0A 4A B1 2E"); /* "." (CO-22) */
  got(&w, "61 84 00 0A 4A");
  put(&w, "41 01 00 0B 4A B2 2E 2E");
  got(&w, "61 84 00 0B 4A");
  put(&w, "41 05 00 0C 4A B1 33"); /* 0.05 FETCH */
  got(&w, "61 85 00 0C 4A");
  put(&w, "41 1F 00 0D 4A B1 33");
  got(&w, "61 85 00 0D 4A");
  put(&w, "51 1F 00 0E 4A B1 33");
  got(&w, "51 85 .... 4A");
  CHECK_EQUAL(w.requests, 2);
  wire_close(&w);
}

static void replays_the_answer_to_a_duplicate_CO_33(void) {
  wire w;
  wire_open(&w);
  w.answer_body = "one";
  w.answer_length = 3;
  put(&w, "41 02 00 01 4A B1 33");
  got(&w, "61 45 00 01 4A FF 6F 6E 65");
  w.answer_body = "two";
  wire_wait(&w, 246000);
  put(&w, "41 02 00 01 4A B1 33");
  got(&w, "61 45 00 01 4A FF 6F 6E 65");
  CHECK_EQUAL(w.requests, 1);
  CHECK_EQUAL(linnet__coap_get_counters(w.coap)->duplicates, 1);
  put(&w, "41 02 00 01 4B B1 33"); /* another token */
  got(&w, "61 45 00 01 4B FF 74 77 6F");
  put(&w, "41 02 00 01 4B B1 34"); /* other bytes */
  got(&w, "61 45 00 01 4B FF 74 77 6F");
  CHECK_EQUAL(w.requests, 3);
  wire_wait(&w, 248000);
  put(&w, "41 02 00 01 4B B1 34"); /* the lifetime is over */
  CHECK(take(&w));
  CHECK_EQUAL(w.requests, 4);
  wire_close(&w);
}

static void replays_large_answers_too_and_only_so_many(void) {
  wire w;
  wire_open(&w);
  static uint8_t body[900];
  memset(body, 'x', sizeof body);
  w.answer_body = body;
  w.answer_length = sizeof body;
  for (int i = 0; i < 9; i++) {
    char text[64] = "41 02 00 0. 4A B1 33";
    text[10] = (char)('0' + i);
    put(&w, text);
    CHECK(take(&w));
  }
  uint8_t first[1200];
  size_t length = w.last_length;
  memcpy(first, w.last, length);
  put(&w, "41 02 00 08 4A B1 33");
  CHECK(take(&w));
  CHECK_BYTES(w.last, w.last_length, first, length);
  CHECK_EQUAL(w.requests, 9);
  put(&w, "41 02 00 01 4A B1 33"); /* among the last 8 */
  CHECK_EQUAL(w.requests, 9);
  put(&w, "41 02 00 00 4A B1 33"); /* the ninth last */
  CHECK_EQUAL(w.requests, 10);
  wire_close(&w);
}

static void remembers_answers_that_found_the_queue_full(void) {
  wire w;
  wire_open(&w);
  CHECK_EQUAL(linnet_transport_set_queue_limit(w.transport, 300), LINNET_OK);
  put(&w, "41 02 00 01 4A B1 33");
  for (uint8_t i = 2; i < 40; i++) {
    uint8_t bytes[] = {0x41, 2, 0, i, 0x4A, 0xB1, 0x33};
    wire_put_bytes(&w, bytes, sizeof bytes);
  }
  CHECK_EQUAL(w.requests, 39);
  while (take(&w)) {
  }
  CHECK(last_id(&w) < 39); /* the last one was lost */
  put(&w, "41 02 00 27 4A B1 33");
  got(&w, "61 45 00 27 4A");
  CHECK_EQUAL(w.requests, 39);
  wire_close(&w);
}

static linnet__response response_of(wire *w, uint8_t code, const char *text) {
  linnet__response response;
  linnet__response_init(w->coap, &response, code);
  linnet__buffer_append_text(response.payload, text);
  return response;
}

static void answers_later_in_the_acknowledgement_if_it_is_soon(void) {
  wire w;
  wire_open(&w);
  w.answer = LINNET__ANSWER_LATER;
  put(&w, "41 01 00 01 4A B1 33");
  silent(&w);
  wire_wait(&w, 999);
  silent(&w);
  linnet__response response = response_of(&w, LINNET__CONTENT, "x");
  CHECK_EQUAL(linnet__coap_respond(w.coap, w.exchange, &response), LINNET_OK);
  got(&w, "61 45 00 01 4A FF 78");
  CHECK_EQUAL(linnet__coap_respond(w.coap, w.exchange, &response), LINNET_ERROR_NOT_FOUND);
  put(&w, "41 01 00 01 4A B1 33");
  got(&w, "61 45 00 01 4A FF 78");
  CHECK_EQUAL(w.requests, 1);
  wire_wait(&w, 5000);
  silent(&w);
  wire_close(&w);
}

static void answers_separately_after_an_empty_ack_CO_36(void) {
  wire w;
  wire_open(&w);
  w.answer = LINNET__ANSWER_LATER;
  put(&w, "41 01 00 01 4A B1 33");
  wire_wait(&w, 1000);
  got(&w, "60 00 00 01");
  put(&w, "41 01 00 01 4A B1 33"); /* a duplicate gets the ACK again */
  got(&w, "60 00 00 01");
  CHECK_EQUAL(w.requests, 1);
  linnet__response response = response_of(&w, LINNET__CONTENT, "x");
  CHECK_EQUAL(linnet__coap_respond(w.coap, w.exchange, &response), LINNET_OK);
  wire_step(&w);
  got(&w, "41 45 .... 4A FF 78");
  uint16_t id = last_id(&w);
  wire_wait(&w, 3000);
  got(&w, "41 45 .... 4A FF 78"); /* not acknowledged */
  CHECK_EQUAL(last_id(&w), id);
  put_empty(&w, LINNET_MESSAGE_ACK);
  wire_wait(&w, 100000);
  silent(&w);
  wire_close(&w);
}

static void acknowledges_at_once_when_the_peer_asks_again(void) {
  wire w;
  wire_open(&w);
  w.answer = LINNET__ANSWER_LATER;
  put(&w, "41 01 00 01 4A B1 33");
  wire_wait(&w, 500);
  put(&w, "41 01 00 01 4A B1 33");
  got(&w, "60 00 00 01");
  CHECK_EQUAL(w.requests, 1);
  wire_wait(&w, 5000);
  silent(&w);
  wire_close(&w);
}

/* CO-33: whatever else comes meanwhile. */
static void knows_a_request_as_long_as_its_answer_is_open(void) {
  wire w;
  wire_open(&w);
  w.answer = LINNET__ANSWER_LATER;
  put(&w, "41 02 00 01 4A B1 33");
  w.answer = LINNET__ANSWER_NOW;
  for (uint8_t i = 2; i < 30; i++) {
    uint8_t bytes[] = {0x41, 2, 0, i, 0x4B, 0xB1, 0x33};
    wire_put_bytes(&w, bytes, sizeof bytes);
    CHECK(take(&w));
  }
  put(&w, "41 02 00 01 4A B1 33");
  got(&w, "60 00 00 01");
  CHECK_EQUAL(w.requests, 29);
  wire_close(&w);
}

/* SMS-02: nothing is sent again, so an answer within minutes needs no empty ACK. */
static void does_not_hurry_with_empty_acks_where_nothing_is_sent_again(void) {
  wire w;
  wire_open(&w);
  linnet_transport *sms = linnet_transport_new(w.loop, LINNET_TRANSPORT_SMS);
  linnet_transport_unref(w.transport);
  w.transport = sms;
  CHECK_EQUAL(linnet__coap_add_transport(w.coap, sms), LINNET_OK);
  w.answer = LINNET__ANSWER_LATER;
  put(&w, "41 02 00 01 4A B1 33");
  wire_wait(&w, 100000);
  silent(&w);
  linnet__response response = response_of(&w, LINNET__CHANGED, "");
  CHECK_EQUAL(linnet__coap_respond(w.coap, w.exchange, &response), LINNET_OK);
  got(&w, "61 44 00 01 4A");
  wire_close(&w);
}

static void answers_non_later_with_non(void) {
  wire w;
  wire_open(&w);
  w.answer = LINNET__ANSWER_LATER;
  put(&w, "51 01 00 01 4A B1 33");
  wire_wait(&w, 10000);
  silent(&w);
  linnet__response response = response_of(&w, LINNET__CONTENT, "x");
  CHECK_EQUAL(linnet__coap_respond(w.coap, w.exchange, &response), LINNET_OK);
  got(&w, "51 45 .... 4A FF 78");
  wire_wait(&w, 10000);
  silent(&w);
  wire_close(&w);
}

static void gives_up_on_answers_that_never_come(void) {
  wire w;
  wire_open(&w);
  w.answer = LINNET__ANSWER_LATER;
  put(&w, "41 01 00 01 4A B1 33");
  wire_wait(&w, 300000);
  got(&w, "60 00 00 01");
  linnet__response response = response_of(&w, LINNET__CONTENT, "x");
  CHECK_EQUAL(linnet__coap_respond(w.coap, w.exchange, &response), LINNET_ERROR_NOT_FOUND);
  silent(&w);
  wire_close(&w);
}

static void respond_within(wire *w) {
  linnet__response response = response_of(w, LINNET__CHANGED, "");
  CHECK_EQUAL(linnet__coap_respond(w->coap, w->exchange, &response), LINNET_OK);
}

static void may_be_answered_within_the_question(void) {
  wire w;
  wire_open(&w);
  w.answer = LINNET__ANSWER_LATER;
  w.hook = respond_within;
  put(&w, "41 02 00 01 4A B1 33");
  got(&w, "61 44 00 01 4A");
  wire_wait(&w, 5000);
  silent(&w);
  wire_close(&w);
}

static void leaves_no_trace_of_what_is_ignored_REG_12(void) {
  wire w;
  wire_open(&w);
  w.answer = LINNET__ANSWER_NEVER;
  put(&w, "41 01 00 01 4A B1 33");
  size_t before = linnet_loop_memory_used(w.loop); /* the queue of the transport has its memory now */
  put(&w, "41 01 00 01 4A B1 33");
  put(&w, "41 01 00 01 4A B1 33");
  CHECK_EQUAL(w.requests, 3);
  silent(&w);
  CHECK_EQUAL(linnet_loop_memory_used(w.loop), before);
  wire_wait(&w, 300000);
  silent(&w);
  w.answer = LINNET__ANSWER_NOW;
  put(&w, "41 01 00 01 4A B1 33");
  got(&w, "61 45 00 01 4A");
  wire_close(&w);
}

static void refuses_requests_beyond_the_limit_with_5_03(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_OPEN_REQUESTS, 1);
  w.answer = LINNET__ANSWER_LATER;
  put(&w, "41 01 00 01 4A B1 33");
  put(&w, "41 01 00 02 4B B1 33");
  got(&w, "61 A3 00 02 4B");
  CHECK_EQUAL(w.requests, 1);
  CHECK_EQUAL(linnet__coap_get_counters(w.coap)->refused_by_limit, 1);
  wire_close(&w);
}

static void forgets_the_longest_quiet_peer_for_a_new_one(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_PEERS, 2);
  static const char *const peers[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};
  for (size_t i = 0; i < 3; i++) {
    linnet_address_parse(&w.address, peers[i]);
    put(&w, "41 02 00 01 4A B1 33");
    got(&w, "61 45 00 01 4A");
  }
  put(&w, "41 02 00 01 4A B1 33"); /* the third is known */
  CHECK_EQUAL(w.requests, 3);
  linnet_address_parse(&w.address, peers[0]);
  put(&w, "41 02 00 01 4A B1 33"); /* the first is not any more */
  CHECK_EQUAL(w.requests, 4);
  wire_close(&w);
}

static void close_within(wire *w) {
  linnet__coap_close(w->coap);
  w->coap = NULL;
}
static void close_transport_within(wire *w) { linnet_transport_close(w->transport); }
static void forget_peer_within(wire *w) { linnet__coap_forget_peer(w->coap, &w->peer); }
static void send_within(wire *w) {
  linnet__outgoing outgoing = {.code = LINNET__GET, .content_format = -1, .accept = -1, .observe = -1};
  linnet__coap_send(w->coap, &w->peer, &outgoing, wire_answered, w, NULL);
}

static void survives_what_a_handler_does(void) {
  static void (*const hooks[])(wire *) = {close_within, close_transport_within, forget_peer_within,
                                          send_within};
  static const linnet__answer answers[] = {LINNET__ANSWER_NOW, LINNET__ANSWER_LATER, LINNET__ANSWER_NEVER};
  static const char *const messages[] = {"41 01 00 02 4A 60 B1 33", "51 01 00 02 4A B1 33",
                                         "41 03 00 02 4A B1 33 D1 03 00 FF 61",
                                         "41 03 00 02 4A B1 33 D1 03 08 FF "
                                         "61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61"};
  for (size_t hook = 0; hook < 4; hook++)
    for (size_t answer = 0; answer < 3; answer++)
      for (size_t message = 0; message < 8; message++) {
        wire w;
        wire_open(&w);
        w.observes = true;
        if (message >= 4) put(&w, "41 01 00 01 4A 60 B1 32"); /* there is state already */
        w.hook = hooks[hook];
        w.answer = answers[answer];
        put(&w, messages[message % 4]);
        w.hook = NULL;
        wire_wait(&w, 300000);
        wire_close(&w);
      }
}

int main(void) {
  return RUN(answers_in_the_acknowledgement_CO_13, writes_the_worked_location_path,
             answers_non_with_non_CO_02, answers_pings_with_reset_CO_12, rejects_format_errors_CO_11,
             refuses_options_it_does_not_understand_CO_20_CO_21, replays_the_answer_to_a_duplicate_CO_33,
             replays_large_answers_too_and_only_so_many, remembers_answers_that_found_the_queue_full,
             answers_later_in_the_acknowledgement_if_it_is_soon, answers_separately_after_an_empty_ack_CO_36,
             acknowledges_at_once_when_the_peer_asks_again, knows_a_request_as_long_as_its_answer_is_open,
             does_not_hurry_with_empty_acks_where_nothing_is_sent_again, answers_non_later_with_non,
             gives_up_on_answers_that_never_come, may_be_answered_within_the_question,
             leaves_no_trace_of_what_is_ignored_REG_12, refuses_requests_beyond_the_limit_with_5_03,
             forgets_the_longest_quiet_peer_for_a_new_one, survives_what_a_handler_does);
}

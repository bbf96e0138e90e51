/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of ours against a scripted peer: retransmission, separate responses, matching (CO-30 to CO-41). */
#include "wire.h"

static void sends_a_request_and_takes_the_piggybacked_answer_CO_13(void) {
  wire w;
  wire_open(&w);
  uint64_t exchange = ask(&w, LINNET__GET, "3", -1, NULL, 0);
  got(&w, "48 01 .... ................ B1 33");
  linnet__token token = last_token(&w);
  put_response(&w, LINNET_MESSAGE_ACK, LINNET__CONTENT, last_id(&w), &token, "C0 FF 31");
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.status, LINNET_OK);
  CHECK_EQUAL(w.code, LINNET__CONTENT);
  CHECK(w.answered_exchange == exchange);
  CHECK_EQUAL(w.content_format, 0);
  CHECK_BYTES(w.body, w.body_length, "1", 1);
  wire_wait(&w, 100000);
  silent(&w);
  CHECK_EQUAL(w.responses, 1);
  wire_close(&w);
}

static void retransmits_with_doubled_time_outs_and_gives_up_CO_30(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  uint64_t sent_ms = w.now_ms;
  CHECK(take(&w));
  uint8_t first[64];
  size_t length = w.last_length;
  memcpy(first, w.last, length);
  uint64_t timeout_ms = 0;
  for (int attempt = 1; attempt <= 4; attempt++) {
    while (!take(&w)) wire_wait(&w, 1);
    CHECK_BYTES(w.last, w.last_length, first, length); /* the same datagram */
    uint64_t waited_ms = w.now_ms - sent_ms;
    if (attempt == 1) {
      CHECK(waited_ms >= 2000 && waited_ms <= 3000);
    } else {
      CHECK_EQUAL(waited_ms, 2 * timeout_ms);
    }
    timeout_ms = waited_ms;
    sent_ms = w.now_ms;
    CHECK_EQUAL(w.responses, 0);
  }
  wire_wait(&w, 2 * timeout_ms - 1);
  CHECK_EQUAL(w.responses, 0);
  wire_wait(&w, 1);
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.status, LINNET_ERROR_TIMED_OUT);
  CHECK_EQUAL(linnet__coap_get_counters(w.coap)->retransmissions, 4);
  CHECK_EQUAL(linnet__coap_get_counters(w.coap)->timeouts, 1);
  silent(&w);
  wire_close(&w);
}

static void waits_for_the_separate_response_after_an_empty_ack_CO_37_CO_38(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  CHECK(take(&w));
  linnet__token token = last_token(&w);
  put_empty(&w, LINNET_MESSAGE_ACK);
  wire_wait(&w, 60000);
  silent(&w); /* no retransmission after the ACK */
  put_response(&w, LINNET_MESSAGE_CON, LINNET__CONTENT, 0x7001, &token, "FF 61");
  got(&w, "60 00 70 01");
  CHECK_EQUAL(w.responses, 1);
  CHECK_BYTES(w.body, w.body_length, "a", 1);
  put_response(&w, LINNET_MESSAGE_CON, LINNET__CONTENT, 0x7001, &token, "FF 61"); /* our ACK was lost */
  got(&w, "60 00 70 01");
  CHECK_EQUAL(w.responses, 1);
  wire_close(&w);
}

static void fails_when_no_separate_response_comes_CO_38(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  CHECK(take(&w));
  put_empty(&w, LINNET_MESSAGE_ACK);
  wire_wait(&w, 92999);
  CHECK_EQUAL(w.responses, 0);
  wire_wait(&w, 1);
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.status, LINNET_ERROR_TIMED_OUT);
  wire_close(&w);
}

static void takes_a_separate_response_that_comes_before_the_ack_CO_37(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  CHECK(take(&w));
  linnet__token token = last_token(&w);
  put_response(&w, LINNET_MESSAGE_NON, LINNET__CONTENT, 0x7001, &token, "");
  silent(&w); /* NON is not acknowledged */
  CHECK_EQUAL(w.responses, 1);
  put_empty(&w, LINNET_MESSAGE_ACK); /* late */
  wire_wait(&w, 100000);
  silent(&w);
  CHECK_EQUAL(w.responses, 1);
  wire_close(&w);
}

/* SMS-02, SMS-16. */
static void sends_once_by_sms_and_waits_for_minutes(void) {
  wire w;
  wire_open(&w);
  linnet_transport *sms = linnet_transport_new(w.loop, LINNET_TRANSPORT_SMS);
  linnet_transport_unref(w.transport);
  w.transport = sms;
  CHECK_EQUAL(linnet__coap_add_transport(w.coap, sms), LINNET_OK);
  CHECK_EQUAL(linnet_address_parse(&w.address, "sms:+15550100"), LINNET_OK);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  CHECK(take(&w));
  wire_wait(&w, 299999);
  silent(&w);
  CHECK_EQUAL(w.responses, 0);
  wire_wait(&w, 1);
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.status, LINNET_ERROR_TIMED_OUT);
  wire_close(&w);
}

static void fails_at_reset_CO_31(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  CHECK(take(&w));
  put_empty(&w, LINNET_MESSAGE_RST);
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.status, LINNET_ERROR_RESET);
  wire_close(&w);
}

static void ignores_answers_that_do_not_match_CO_41(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  CHECK(take(&w));
  linnet__token token = last_token(&w);
  linnet__token other = token;
  other.bytes[0] ^= 1;
  uint16_t id = last_id(&w);
  put_response(&w, LINNET_MESSAGE_ACK, LINNET__CONTENT, id, &other, "");
  put_response(&w, LINNET_MESSAGE_ACK, LINNET__CONTENT, (uint16_t)(id + 1), &token, "");
  linnet_address own = w.address;
  linnet_address_parse(&w.address, "192.0.2.8:5683"); /* another endpoint */
  put_response(&w, LINNET_MESSAGE_ACK, LINNET__CONTENT, id, &token, "");
  silent(&w);
  put_response(&w, LINNET_MESSAGE_NON, LINNET__CONTENT, id, &token, "");
  CHECK(take(&w)); /* OB-10 */
  CHECK_EQUAL(w.last[0], 0x70);
  w.address = own;
  CHECK_EQUAL(w.responses, 0);
  put_response(&w, LINNET_MESSAGE_ACK, LINNET__CONTENT, id, &token, "");
  CHECK_EQUAL(w.responses, 1);
  wire_close(&w);
}

static void resets_responses_of_unknown_token_CO_37_OB_10(void) {
  wire w;
  wire_open(&w);
  put(&w, "41 45 70 01 4A");
  got(&w, "70 00 70 01");
  put(&w, "51 45 70 02 4A");
  got(&w, "70 00 70 02");
  put(&w, "61 45 70 03 4A"); /* ACK */
  put(&w, "71 45 70 03 4A"); /* RST with a code */
  silent(&w);
  wire_close(&w);
}

static void rejects_a_response_with_an_unknown_critical_option_CO_20(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  CHECK(take(&w));
  linnet__token token = last_token(&w);
  put_response(&w, LINNET_MESSAGE_CON, LINNET__CONTENT, 0x7001, &token, "90"); /* option 9 */
  got(&w, "70 00 70 01");
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.status, LINNET_ERROR_MALFORMED);
  wire_wait(&w, 100000);
  silent(&w);
  wire_close(&w);
}

static void sends_one_confirmable_at_a_time_CO_34(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__GET, "1", -1, NULL, 0);
  ask(&w, LINNET__GET, "2", -1, NULL, 0);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  got(&w, "48 01 .... ................ B1 31");
  uint16_t first = last_id(&w);
  linnet__token token = last_token(&w);
  silent(&w);
  put_empty(&w, LINNET_MESSAGE_ACK); /* the exchange is open, but the ACK has come */
  got(&w, "48 01 .... ................ B1 32");
  CHECK_EQUAL(last_id(&w), (uint16_t)(first + 1)); /* CO-32 */
  silent(&w);
  put_response(&w, LINNET_MESSAGE_NON, LINNET__CONTENT, 9, &token, "");
  CHECK_EQUAL(w.responses, 1);
  put_empty(&w, LINNET_MESSAGE_RST);
  CHECK_EQUAL(w.responses, 2);
  got(&w, "48 01 .... ................ B1 33");
  wire_close(&w);
}

static void times_out_as_a_whole_queue_included(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__GET, "1", -1, NULL, 0);
  CHECK(take(&w));
  linnet__peer peer = {w.transport, w.address};
  linnet__outgoing outgoing = {
      .code = LINNET__GET, .content_format = -1, .accept = -1, .observe = -1, .timeout_ms = 5000};
  w.now_ms += 60000; /* nobody stepped for a minute: the time of a request begins in the next step */
  uint64_t exchange;
  CHECK_EQUAL(linnet__coap_send(w.coap, &peer, &outgoing, wire_answered, &w, &exchange), LINNET_OK);
  wire_step(&w);
  CHECK_EQUAL(w.responses, 0);
  wire_wait(&w, 4999);
  CHECK_EQUAL(w.responses, 0);
  wire_wait(&w, 1);
  CHECK_EQUAL(w.responses, 1);
  CHECK(w.answered_exchange == exchange);
  CHECK_EQUAL(w.status, LINNET_ERROR_TIMED_OUT);
  wire_close(&w);
}

static void forgets_a_request_without_a_callback(void) {
  wire w;
  wire_open(&w);
  uint64_t exchange = ask(&w, LINNET__GET, "1", -1, NULL, 0);
  CHECK(take(&w));
  linnet__token token;
  CHECK_EQUAL(linnet__coap_token(w.coap, exchange, &token), LINNET_OK);
  CHECK_BYTES(token.bytes, token.length, last_token(&w).bytes, 8);
  CHECK(linnet__coap_forget(w.coap, exchange));
  CHECK(!linnet__coap_forget(w.coap, exchange));
  CHECK_EQUAL(linnet__coap_token(w.coap, exchange, &token), LINNET_ERROR_NOT_FOUND);
  wire_wait(&w, 100000);
  silent(&w);
  put_response(&w, LINNET_MESSAGE_CON, LINNET__CONTENT, 5, &token, "");
  got(&w, "70 00 00 05");
  CHECK_EQUAL(w.responses, 0);
  wire_close(&w);
}

static void cancels_what_is_open_when_the_transport_closes(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__GET, "1", -1, NULL, 0);
  ask(&w, LINNET__GET, "2", -1, NULL, 0);
  linnet_transport_close(w.transport);
  CHECK_EQUAL(w.responses, 0); /* not outside a step */
  wire_step(&w);
  CHECK_EQUAL(w.responses, 2);
  CHECK_EQUAL(w.status, LINNET_ERROR_CANCELLED);
  linnet__peer peer = {w.transport, w.address};
  linnet__outgoing outgoing = {.code = LINNET__GET, .content_format = -1, .accept = -1, .observe = -1};
  CHECK_EQUAL(linnet__coap_send(w.coap, &peer, &outgoing, wire_answered, &w, NULL), LINNET_ERROR_CLOSED);
  wire_close(&w);
}

static void bounds_open_requests_to_a_peer(void) {
  wire w;
  wire_open(&w);
  CHECK_EQUAL(linnet__coap_set_limit(w.coap, LINNET_LIMIT_OPEN_REQUESTS, 2), LINNET_OK);
  ask(&w, LINNET__GET, "1", -1, NULL, 0);
  ask(&w, LINNET__GET, "2", -1, NULL, 0);
  linnet__peer peer = {w.transport, w.address};
  linnet__outgoing outgoing = {.code = LINNET__GET, .content_format = -1, .accept = -1, .observe = -1};
  CHECK_EQUAL(linnet__coap_send(w.coap, &peer, &outgoing, wire_answered, &w, NULL),
              LINNET_ERROR_LIMIT_REACHED);
  CHECK_EQUAL(linnet__coap_get_counters(w.coap)->refused_by_limit, 1);
  wire_close(&w);
}

static void believes_unreachable_from_the_second_time_CO_39(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__GET, "1", -1, NULL, 0);
  CHECK(take(&w));
  linnet_transport_unreachable(w.transport, &w.address);
  wire_step(&w);
  CHECK_EQUAL(w.responses, 0);
  wire_wait(&w, 3000);
  CHECK(take(&w));
  linnet_transport_unreachable(w.transport, &w.address);
  wire_step(&w);
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.status, LINNET_ERROR_TIMED_OUT);
  wire_close(&w);
}

/* CO-32: a quarter of the ids is not entered again before their lifetime has passed. */
static void never_reuses_a_message_id_within_its_lifetime(void) {
  wire w;
  wire_open(&w);
  static bool used[65536];
  memset(used, 0, sizeof used);
  size_t sent = 0;
  for (; sent < 70000; sent++) {
    ask(&w, LINNET__GET, NULL, -1, NULL, 0);
    if (!take(&w)) break;
    CHECK(!used[last_id(&w)]);
    used[last_id(&w)] = true;
    linnet__token token = last_token(&w);
    put_response(&w, LINNET_MESSAGE_ACK, LINNET__CONTENT, last_id(&w), &token, "");
  }
  CHECK(sent > 49152 && sent <= 65536);
  wire_wait(&w, 250000);
  CHECK(take(&w)); /* what waited has gone out */
  wire_close(&w);
}

static void leaves_no_memory_behind_a_quiet_peer(void) {
  wire w;
  wire_open(&w);
  put(&w, "40 01 00 01"); /* the queues of the transport stay */
  CHECK(take(&w));
  size_t before = linnet_loop_memory_used(w.loop);
  for (int i = 0; i < 1000; i++) {
    w.address.bytes[2] = (uint8_t)(i >> 8);
    w.address.bytes[3] = (uint8_t)i;
    put(&w, "40 01 00 01");
    CHECK(take(&w));
  }
  size_t busy = linnet_loop_memory_used(w.loop);
  wire_wait(&w, 320000); /* a lifetime, and a minute in which all of them are looked at */
  size_t after = linnet_loop_memory_used(w.loop);
  CHECK(busy > before + 50000);
  CHECK(after < before);
  CHECK_EQUAL(linnet_loop_deadline(w.loop) == LINNET_NEVER, 1);
  wire_close(&w);
}

int main(void) {
  return RUN(
      sends_a_request_and_takes_the_piggybacked_answer_CO_13,
      retransmits_with_doubled_time_outs_and_gives_up_CO_30,
      waits_for_the_separate_response_after_an_empty_ack_CO_37_CO_38,
      fails_when_no_separate_response_comes_CO_38, takes_a_separate_response_that_comes_before_the_ack_CO_37,
      sends_once_by_sms_and_waits_for_minutes, fails_at_reset_CO_31, ignores_answers_that_do_not_match_CO_41,
      resets_responses_of_unknown_token_CO_37_OB_10, rejects_a_response_with_an_unknown_critical_option_CO_20,
      sends_one_confirmable_at_a_time_CO_34, times_out_as_a_whole_queue_included,
      forgets_a_request_without_a_callback, cancels_what_is_open_when_the_transport_closes,
      bounds_open_requests_to_a_peer, believes_unreachable_from_the_second_time_CO_39,
      never_reuses_a_message_id_within_its_lifetime, leaves_no_memory_behind_a_quiet_peer);
}

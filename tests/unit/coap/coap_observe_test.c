/* SPDX-License-Identifier: Apache-2.0 */
/* Observations from both ends, against a scripted peer (RFC 7641; OB-01 to OB-10, BW-26). */
#include "wire.h"

static linnet_status notify(wire *w, uint8_t code, const char *text, linnet__reliability reliability) {
  linnet__response response;
  linnet__response_init(w->coap, &response, code);
  linnet__buffer_append_text(response.payload, text);
  linnet_status status = linnet__coap_notify(w->coap, w->observer, &response, reliability);
  wire_step(w);
  return status;
}

/* An observer with token 4A; its first value has gone out. */
static void open_observed(wire *w) {
  wire_open(w);
  w->observes = true;
  put(w, "41 01 00 01 4A 60 51 33");
  got(w, "61 45 00 01 4A 61 01");
  CHECK(w->observer != NULL);
}

static void notifies_with_rising_numbers_OB_03_OB_04(void) {
  wire w;
  open_observed(&w);
  CHECK_EQUAL(notify(&w, LINNET__CONTENT, "a", LINNET__CONFIRMABLE), LINNET_OK);
  got(&w, "41 45 .... 4A 61 02 FF 61");
  CHECK(linnet__observer_busy(w.observer));
  put_empty(&w, LINNET_MESSAGE_ACK);
  CHECK(!linnet__observer_busy(w.observer));
  CHECK_EQUAL(w.notified, 1);
  CHECK_EQUAL(w.notified_status, LINNET_OK);
  CHECK_EQUAL(notify(&w, LINNET__CONTENT, "b", LINNET__NON_CONFIRMABLE), LINNET_OK);
  got(&w, "51 45 .... 4A 61 03 FF 62");
  wire_wait(&w, 100000);
  silent(&w);
  CHECK_EQUAL(w.unobserved, 0);
  wire_close(&w);
}

static void ignores_other_values_and_methods_OB_01(void) {
  wire w;
  wire_open(&w);
  put(&w, "41 01 00 01 4A 61 02 51 33");
  CHECK_EQUAL(w.observe, -1);
  put(&w, "41 02 00 02 4A 60 51 33");
  CHECK_EQUAL(w.observe, -1);
  put(&w, "41 01 00 03 4A 61 01 51 33");
  CHECK_EQUAL(w.observe, 1);
  wire_close(&w);
}

static void finds_and_replaces_an_observation_OBS_07(void) {
  wire w;
  open_observed(&w);
  CHECK(linnet__coap_find_observation(w.coap, &w.peer, &w.token) == &w);
  linnet__token other = w.token;
  other.bytes[0]++;
  CHECK(linnet__coap_find_observation(w.coap, &w.peer, &other) == NULL);
  put(&w, "41 01 00 02 4A 60 51 33");
  got(&w, "61 45 00 02 4A 61 02"); /* the numbers go on */
  CHECK_EQUAL(w.unobserved, 1);
  CHECK_EQUAL(w.end, LINNET__OBSERVER_REPLACED);
  linnet__coap_unobserve(w.coap, w.observer);
  CHECK(linnet__coap_find_observation(w.coap, &w.peer, &w.token) == NULL);
  CHECK_EQUAL(w.unobserved, 1);
  wire_close(&w);
}

static void ends_at_reset_of_a_confirmable_notification_OB_06(void) {
  wire w;
  open_observed(&w);
  notify(&w, LINNET__CONTENT, "a", LINNET__CONFIRMABLE);
  CHECK(take(&w));
  put_empty(&w, LINNET_MESSAGE_RST);
  CHECK_EQUAL(w.unobserved, 1);
  CHECK_EQUAL(w.end, LINNET__OBSERVER_RESET);
  wire_wait(&w, 100000);
  silent(&w);
  wire_close(&w);
}

static void ends_at_reset_of_a_recent_non_OB_07(void) {
  wire w;
  open_observed(&w);
  notify(&w, LINNET__CONTENT, "a", LINNET__NON_CONFIRMABLE);
  CHECK(take(&w));
  uint8_t reset[4] = {0x70, 0, w.last[2], w.last[3]};
  notify(&w, LINNET__CONTENT, "b", LINNET__NON_CONFIRMABLE);
  CHECK(take(&w));
  wire_put_bytes(&w, reset, sizeof reset);
  CHECK_EQUAL(w.unobserved, 1);
  CHECK_EQUAL(w.end, LINNET__OBSERVER_RESET);
  wire_put_bytes(&w, reset, sizeof reset);
  CHECK_EQUAL(w.unobserved, 1);
  wire_close(&w);
}

static void forgets_nons_after_their_lifetime_OB_07(void) {
  wire w;
  open_observed(&w);
  notify(&w, LINNET__CONTENT, "a", LINNET__NON_CONFIRMABLE);
  CHECK(take(&w));
  wire_wait(&w, 146000);
  put_empty(&w, LINNET_MESSAGE_RST);
  CHECK_EQUAL(w.unobserved, 0);
  wire_close(&w);
}

static void sends_the_latest_value_when_the_former_is_acknowledged_OB_06_OB_08(void) {
  wire w;
  open_observed(&w);
  notify(&w, LINNET__CONTENT, "a", LINNET__CONFIRMABLE);
  got(&w, "41 45 .... 4A 61 02 FF 61");
  notify(&w, LINNET__CONTENT, "b", LINNET__CONFIRMABLE);
  notify(&w, LINNET__CONTENT, "c", LINNET__CONFIRMABLE);
  silent(&w);
  put_empty(&w, LINNET_MESSAGE_ACK);
  got(&w, "41 45 .... 4A 61 04 FF 63");
  put_empty(&w, LINNET_MESSAGE_ACK);
  silent(&w);
  CHECK_EQUAL(w.notified, 2);
  wire_close(&w);
}

static void replaces_a_notification_that_has_not_left(void) {
  wire w;
  open_observed(&w);
  ask(&w, LINNET__GET, "9", -1, NULL, 0); /* NSTART: this one is on its way */
  CHECK(take(&w));
  uint16_t id = last_id(&w);
  notify(&w, LINNET__CONTENT, "a", LINNET__CONFIRMABLE);
  notify(&w, LINNET__CONTENT, "b", LINNET__CONFIRMABLE);
  silent(&w);
  uint8_t ack[4] = {0x60, 0, (uint8_t)(id >> 8), (uint8_t)id};
  wire_put_bytes(&w, ack, sizeof ack);
  got(&w, "41 45 .... 4A 61 03 FF 62");
  put_empty(&w, LINNET_MESSAGE_ACK);
  silent(&w);
  wire_close(&w);
}

static void keeps_the_observer_that_does_not_answer_OBS_09(void) {
  wire w;
  open_observed(&w);
  notify(&w, LINNET__CONTENT, "a", LINNET__CONFIRMABLE);
  notify(&w, LINNET__CONTENT, "b", LINNET__CONFIRMABLE);
  wire_wait(&w, 100000);
  CHECK_EQUAL(w.notified, 1);
  CHECK_EQUAL(w.notified_status, LINNET_ERROR_TIMED_OUT);
  CHECK_EQUAL(w.unobserved, 0);
  while (take(&w)) {
  }
  notify(&w, LINNET__CONTENT, "c", LINNET__CONFIRMABLE);
  got(&w, "41 45 .... 4A 61 04 FF 63");
  wire_close(&w);
}

static void delivers_the_last_word_of_an_observation_that_was_given_up(void) {
  wire w;
  open_observed(&w);
  notify(&w, LINNET__CONTENT, "a", LINNET__CONFIRMABLE);
  CHECK(take(&w));
  notify(&w, LINNET__NOT_FOUND, "", LINNET__CONFIRMABLE);
  linnet__coap_unobserve(w.coap, w.observer);
  wire_step(&w);
  got(&w, "41 84 .... 4A"); /* no Observe: it has ended */
  wire_wait(&w, 3000);
  got(&w, "41 84 .... 4A");
  put_empty(&w, LINNET_MESSAGE_ACK);
  wire_wait(&w, 100000);
  silent(&w);
  CHECK_EQUAL(w.notified, 0);
  wire_close(&w);
}

static void stops_at_once_when_a_value_is_no_longer_wanted(void) {
  wire w;
  open_observed(&w);
  notify(&w, LINNET__CONTENT, "a", LINNET__CONFIRMABLE);
  CHECK(take(&w));
  linnet__coap_unobserve(w.coap, w.observer);
  wire_wait(&w, 100000);
  silent(&w);
  wire_close(&w);
}

static void confirms_at_least_once_a_day_OB_09(void) {
  wire w;
  open_observed(&w);
  wire_wait(&w, 24 * 3600 * 1000ULL - 1);
  notify(&w, LINNET__CONTENT, "a", LINNET__NON_CONFIRMABLE);
  got(&w, "51 45 .... 4A 61 02 FF 61");
  wire_wait(&w, 1);
  notify(&w, LINNET__CONTENT, "b", LINNET__NON_CONFIRMABLE);
  got(&w, "41 45 .... 4A 61 03 FF 62");
  put_empty(&w, LINNET_MESSAGE_ACK);
  notify(&w, LINNET__CONTENT, "c", LINNET__NON_CONFIRMABLE);
  got(&w, "51 45 .... 4A 61 04 FF 63");
  wire_close(&w);
}

static void tells_observers_when_peer_or_transport_go(void) {
  wire w;
  open_observed(&w);
  linnet__observer *observer = w.observer;
  linnet__coap_forget_peer(w.coap, &w.peer);
  CHECK_EQUAL(w.unobserved, 0);
  CHECK_EQUAL(notify(&w, LINNET__CONTENT, "a", LINNET__CONFIRMABLE), LINNET_ERROR_CLOSED);
  CHECK_EQUAL(w.unobserved, 1);
  CHECK_EQUAL(w.end, LINNET__OBSERVER_CLOSED);
  put(&w, "41 01 00 02 4A 60 51 33");
  CHECK(take(&w));
  observer = w.observer;
  linnet_transport_close(w.transport);
  linnet__coap_unobserve(w.coap, observer); /* before it was told */
  wire_step(&w);
  CHECK_EQUAL(w.unobserved, 1);
  wire_close(&w);
}

static void bounds_observations(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_OBSERVATIONS, 1);
  w.observes = true;
  put(&w, "41 01 00 01 4A 60 51 33");
  got(&w, "61 45 00 01 4A 61 01");
  put(&w, "41 01 00 02 4B 60 51 33");
  got(&w, "61 45 00 02 4B"); /* a plain answer: refused (OB-02) */
  CHECK_EQUAL(linnet__coap_get_counters(w.coap)->refused_by_limit, 1);
  wire_close(&w);
}

/* ---- the observing side -------------------------------------------------------------------------- */

static linnet__token observe(wire *w, uint64_t *exchange) {
  *exchange = ask(w, LINNET__GET, "3", 0, NULL, 0);
  got(w, "48 01 .... ................ 60 51 33");
  linnet__token token = last_token(w);
  put_response(w, LINNET_MESSAGE_ACK, LINNET__CONTENT, last_id(w), &token, "61 0C 60 FF 61");
  CHECK_EQUAL(w->responses, 1);
  CHECK_EQUAL(w->observe, 12);
  return token;
}

static void takes_notifications_in_order_OB_05(void) {
  static const struct {
    const char *rest;
    uint64_t wait_ms;
    int32_t seen; /* -1: discarded */
  } rows[] = {{"61 0D 60 FF 61", 0, 13},
              {"61 0C 60 FF 61", 0, -1},
              {"61 0D 60 FF 61", 0, -1},
              {"63 80 00 0C 60", 0, 0x80000C},
              {"61 0D 60", 0, -1 /* 2^23 - 1 ahead, backwards */},
              {"63 FF FF FF 60", 0, 0xFFFFFF},
              {"60 60", 0, 0 /* wraps */},
              {"61 05 60", 0, 5},
              {"61 04 60", 128000, -1},
              {"61 04 60", 1, 4}};
  wire w;
  uint64_t exchange;
  wire_open(&w);
  linnet__token token = observe(&w, &exchange);
  uint16_t id = 0x7000;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    int before = w.responses;
    wire_wait(&w, rows[i].wait_ms);
    put_response(&w, LINNET_MESSAGE_CON, LINNET__CONTENT, id, &token, rows[i].rest);
    CHECK(take(&w)); /* older ones are acknowledged, too */
    CHECK_EQUAL(w.last[0], 0x60);
    CHECK_EQUAL(last_id(&w), id);
    CHECK_EQUAL(w.responses, before + (rows[i].seen >= 0));
    if (rows[i].seen >= 0) CHECK_EQUAL(w.observe, rows[i].seen);
    id++;
  }
  CHECK(w.answered_exchange == exchange);
  wire_close(&w);
}

static void rejects_notifications_that_were_forgotten_OBS_05(void) {
  wire w;
  uint64_t exchange;
  wire_open(&w);
  linnet__token token = observe(&w, &exchange);
  wire_wait(&w, 1000000); /* OB-12: silence does not end it */
  put_response(&w, LINNET_MESSAGE_NON, LINNET__CONTENT, 1, &token, "61 0D 60");
  CHECK_EQUAL(w.responses, 2);
  CHECK(linnet__coap_forget(w.coap, exchange));
  put_response(&w, LINNET_MESSAGE_NON, LINNET__CONTENT, 2, &token, "61 0E 60");
  got(&w, "70 00 00 02");
  CHECK_EQUAL(w.responses, 2);
  wire_close(&w);
}

static void ends_with_an_error_or_without_observe_OB_02_OB_03(void) {
  static const struct {
    uint8_t code;
    const char *rest;
  } rows[] = {{LINNET__NOT_FOUND, ""}, {LINNET__NOT_FOUND, "61 0E"}, {LINNET__CONTENT, "FF 61"}};
  for (size_t i = 0; i < 3; i++) {
    wire w;
    uint64_t exchange;
    wire_open(&w);
    linnet__token token = observe(&w, &exchange);
    put_response(&w, LINNET_MESSAGE_CON, rows[i].code, 1, &token, rows[i].rest);
    CHECK_EQUAL(w.responses, 2);
    CHECK_EQUAL(w.observe, -1);
    CHECK(!linnet__coap_forget(w.coap, exchange));
    wire_close(&w);
  }
}

static void takes_a_plain_answer_for_a_refusal_OB_02(void) {
  wire w;
  wire_open(&w);
  uint64_t exchange = ask(&w, LINNET__GET, "3", 0, NULL, 0);
  CHECK(take(&w));
  linnet__token token = last_token(&w);
  put_response(&w, LINNET_MESSAGE_ACK, LINNET__CONTENT, last_id(&w), &token, "FF 61");
  CHECK_EQUAL(w.observe, -1);
  CHECK(!linnet__coap_forget(w.coap, exchange));
  wire_close(&w);
}

static void cancels_with_the_token_of_the_observation_OBS_05(void) {
  wire w;
  uint64_t exchange;
  wire_open(&w);
  linnet__token token = observe(&w, &exchange);
  linnet__peer peer = {w.transport, w.address};
  linnet__text path = {"3", 1};
  linnet__outgoing cancel = {.code = LINNET__GET,
                             .path = &path,
                             .path_count = 1,
                             .content_format = -1,
                             .accept = -1,
                             .observe = 1,
                             .token = &token};
  uint64_t second;
  CHECK_EQUAL(linnet__coap_send(w.coap, &peer, &cancel, wire_answered, &w, &second), LINNET_OK);
  wire_step(&w);
  CHECK(take(&w));
  linnet__token used = last_token(&w);
  CHECK_BYTES(used.bytes, used.length, token.bytes, token.length);
  put_empty(&w, LINNET_MESSAGE_ACK);
  put_response(&w, LINNET_MESSAGE_CON, LINNET__CONTENT, 1, &token,
               "61 0D FF 61"); /* a notification on its way */
  CHECK_EQUAL(w.responses, 2);
  CHECK(w.answered_exchange == exchange);
  put_response(&w, LINNET_MESSAGE_CON, LINNET__CONTENT, 2, &token, "FF 62");
  CHECK_EQUAL(w.responses, 3);
  CHECK(w.answered_exchange == second);
  CHECK_EQUAL(w.observe, -1);
  CHECK(linnet__coap_forget(w.coap, exchange));
  wire_close(&w);
}

static void fetches_the_rest_of_a_large_notification_BW_26(void) {
  wire w;
  uint64_t exchange;
  wire_open(&w);
  linnet__token token = observe(&w, &exchange);
  /* ETag 1, Observe 13, Content-Format 0, Block2 0/1/16, 16 bytes */
  put_response(&w, LINNET_MESSAGE_CON, LINNET__CONTENT, 1, &token,
               "41 01 21 0D 60 B1 08 FF 30313233343536373839616263646566");
  got(&w, "60 00 00 01");
  CHECK_EQUAL(w.responses, 1);
  got(&w, "48 01 .... ................ B1 33 C1 10"); /* no Observe, Block2 1/0/16 */
  linnet__token other = last_token(&w);
  CHECK(memcmp(other.bytes, token.bytes, 8) != 0); /* CO-40 */
  put_response(&w, LINNET_MESSAGE_ACK, LINNET__CONTENT, last_id(&w), &other, "41 01 80 B1 10 FF 67");
  CHECK_EQUAL(w.responses, 2);
  CHECK_EQUAL(w.observe, 13);
  CHECK(w.answered_exchange == exchange);
  CHECK_BYTES(w.body, w.body_length, "0123456789abcdefg", 17);
  CHECK_BYTES(w.token.bytes, w.token.length, token.bytes, 8);
  wire_close(&w);
}

static void starts_anew_with_a_newer_large_notification_BW_26(void) {
  wire w;
  uint64_t exchange;
  wire_open(&w);
  linnet__token token = observe(&w, &exchange);
  put_response(&w, LINNET_MESSAGE_NON, LINNET__CONTENT, 1, &token,
               "41 01 21 0D 60 B1 08 FF 30313233343536373839616263646566");
  CHECK(take(&w));
  linnet__token first = last_token(&w);
  uint16_t id = last_id(&w);
  put_response(&w, LINNET_MESSAGE_NON, LINNET__CONTENT, 2, &token,
               "41 02 21 0E 60 B1 08 FF 41414141414141414141414141414141");
  put_response(&w, LINNET_MESSAGE_ACK, LINNET__CONTENT, id, &first,
               "41 01 80 B1 10 FF 67"); /* of the former */
  CHECK_EQUAL(w.responses, 1);
  got(&w, "48 01 .... ................ B1 33 C1 10");
  linnet__token second = last_token(&w);
  put_response(&w, LINNET_MESSAGE_ACK, LINNET__CONTENT, last_id(&w), &second, "41 02 80 B1 10 FF 42");
  CHECK_EQUAL(w.responses, 2);
  CHECK_EQUAL(w.observe, 14);
  CHECK_BYTES(w.body, w.body_length, "AAAAAAAAAAAAAAAAB", 17);
  wire_close(&w);
}

static void keeps_observing_when_the_rest_cannot_be_had(void) {
  wire w;
  uint64_t exchange;
  wire_open(&w);
  linnet__token token = observe(&w, &exchange);
  put_response(&w, LINNET_MESSAGE_NON, LINNET__CONTENT, 1, &token,
               "41 01 21 0D 60 B1 08 FF 30313233343536373839616263646566");
  CHECK(take(&w));
  put_empty(&w, LINNET_MESSAGE_RST);
  CHECK_EQUAL(w.responses, 1);
  put_response(&w, LINNET_MESSAGE_NON, LINNET__CONTENT, 2, &token, "61 0E 60 FF 61");
  CHECK_EQUAL(w.responses, 2);
  CHECK_EQUAL(w.observe, 14);
  wire_close(&w);
}

static void ends_when_the_first_value_cannot_be_had(void) {
  wire w;
  wire_open(&w);
  uint64_t exchange = ask(&w, LINNET__GET, "3", 0, NULL, 0);
  CHECK(take(&w));
  linnet__token token = last_token(&w);
  put_response(&w, LINNET_MESSAGE_ACK, LINNET__CONTENT, last_id(&w), &token,
               "41 01 21 0D 60 B1 08 FF 30313233343536373839616263646566");
  CHECK_EQUAL(w.responses, 0);
  CHECK(take(&w));
  put_empty(&w, LINNET_MESSAGE_RST);
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.status, LINNET_ERROR_RESET);
  CHECK(!linnet__coap_forget(w.coap, exchange));
  wire_close(&w);
}

static void serves_the_rest_of_its_own_large_notification_BW_26(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_BLOCK_SIZE, 16);
  w.observes = true;
  put(&w, "41 01 00 01 4A 60 51 33");
  CHECK(take(&w));
  notify(&w, LINNET__CONTENT, "0123456789abcdefghijk", LINNET__CONFIRMABLE);
  got(&w, "41 45 .... 4A 44 ........ 21 02 D1 04 08 51 15 FF 30313233343536373839616263646566");
  uint8_t etag[4];
  memcpy(etag, w.last + 6, 4);
  put_empty(&w, LINNET_MESSAGE_ACK);
  int asked = w.requests;
  put(&w, "41 01 00 02 5B B1 33 C1 10");
  got(&w, "61 45 00 02 5B 44 ........ D1 06 10 FF 6768696A6B");
  CHECK_BYTES(w.last + 6, 4, etag, 4);
  CHECK_EQUAL(w.requests, asked); /* from the snapshot */
  wire_close(&w);
}

static void close_within(wire *w) {
  linnet__coap_close(w->coap);
  w->coap = NULL;
}
static void close_transport_within(wire *w) { linnet_transport_close(w->transport); }
static void forget_peer_within(wire *w) {
  linnet__peer peer = {w->transport, w->address};
  linnet__coap_forget_peer(w->coap, &peer);
}
static void forget_within(wire *w) { linnet__coap_forget(w->coap, w->answered_exchange); }

static void survives_what_a_callback_does(void) {
  static void (*const hooks[])(wire *) = {close_within, close_transport_within, forget_peer_within,
                                          forget_within};
  for (size_t hook = 0; hook < 4; hook++)
    for (int variant = 0; variant < 8; variant++) {
      wire w;
      wire_open(&w);
      uint64_t exchange;
      linnet__token token = observe(&w, &exchange);
      w.observes = true;
      put(&w, "41 01 00 01 4A 60 51 33");
      CHECK(take(&w));
      w.hook = hooks[hook];
      if (variant == 0) put_response(&w, LINNET_MESSAGE_CON, LINNET__CONTENT, 1, &token, "61 0D FF 61");
      if (variant == 1) put_response(&w, LINNET_MESSAGE_CON, LINNET__NOT_FOUND, 1, &token, "");
      if (variant == 2 || variant == 3) {
        put_response(&w, LINNET_MESSAGE_NON, LINNET__CONTENT, 1, &token,
                     "41 01 21 0D 60 B1 08 FF 30313233343536373839616263646566");
        CHECK(take(&w));
        linnet__token other = last_token(&w);
        put_response(&w, LINNET_MESSAGE_ACK, variant == 2 ? LINNET__CONTENT : LINNET__NOT_FOUND, last_id(&w),
                     &other, "41 01 80 B1 10 FF 67");
      }
      if (variant >= 4) {
        w.answered_exchange = exchange;
        notify(&w, LINNET__CONTENT, "a", variant == 4 ? LINNET__NON_CONFIRMABLE : LINNET__CONFIRMABLE);
        if (variant == 7) notify(&w, LINNET__CONTENT, "b", LINNET__CONFIRMABLE);
        CHECK(take(&w));
        if (variant < 6) put_empty(&w, variant == 5 ? LINNET_MESSAGE_ACK : LINNET_MESSAGE_RST);
      }
      wire_wait(&w, 300000);
      w.hook = NULL;
      wire_close(&w);
    }
}

int main(void) {
  return RUN(notifies_with_rising_numbers_OB_03_OB_04, ignores_other_values_and_methods_OB_01,
             finds_and_replaces_an_observation_OBS_07, ends_at_reset_of_a_confirmable_notification_OB_06,
             ends_at_reset_of_a_recent_non_OB_07, forgets_nons_after_their_lifetime_OB_07,
             sends_the_latest_value_when_the_former_is_acknowledged_OB_06_OB_08,
             replaces_a_notification_that_has_not_left, keeps_the_observer_that_does_not_answer_OBS_09,
             delivers_the_last_word_of_an_observation_that_was_given_up,
             stops_at_once_when_a_value_is_no_longer_wanted, confirms_at_least_once_a_day_OB_09,
             tells_observers_when_peer_or_transport_go, bounds_observations,
             takes_notifications_in_order_OB_05, rejects_notifications_that_were_forgotten_OBS_05,
             ends_with_an_error_or_without_observe_OB_02_OB_03, takes_a_plain_answer_for_a_refusal_OB_02,
             cancels_with_the_token_of_the_observation_OBS_05, fetches_the_rest_of_a_large_notification_BW_26,
             starts_anew_with_a_newer_large_notification_BW_26, keeps_observing_when_the_rest_cannot_be_had,
             ends_when_the_first_value_cannot_be_had, serves_the_rest_of_its_own_large_notification_BW_26,
             survives_what_a_callback_does);
}

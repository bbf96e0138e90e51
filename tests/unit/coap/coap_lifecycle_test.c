/* SPDX-License-Identifier: Apache-2.0 */
/* How endpoints begin, end and are bounded; and the ends of observations in between (docs/architecture.md 3,
 * 8). */
#include "wire.h"

static void a_transport_belongs_to_one_endpoint(void) {
  wire w;
  wire_open(&w);
  static const linnet__coap_handler handler = {.request = wire_request};
  linnet__coap *second = linnet__coap_new(w.loop, &handler, &w);
  CHECK_EQUAL(linnet__coap_add_transport(second, w.transport), LINNET_ERROR_WRONG_STATE);
  linnet__coap_close(w.coap);
  w.coap = second;
  CHECK_EQUAL(linnet__coap_add_transport(second, w.transport), LINNET_OK);
  put(&w, "40 01 00 01");
  CHECK(take(&w));
  wire_close(&w);
}

static void limits_have_ranges(void) {
  wire w;
  wire_open(&w);
  CHECK_EQUAL(linnet__coap_limit(w.coap, LINNET_LIMIT_BODY_SIZE), 65536);
  CHECK_EQUAL(linnet__coap_limit(w.coap, LINNET_LIMIT_RECENT_EXCHANGES), 8);
  CHECK_EQUAL(linnet__coap_limit(w.coap, (linnet_limit)99), 0);
  CHECK_EQUAL(linnet__coap_set_limit(w.coap, LINNET_LIMIT_BLOCK_SIZE, 15), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet__coap_set_limit(w.coap, LINNET_LIMIT_BLOCK_SIZE, 1025), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet__coap_set_limit(w.coap, LINNET_LIMIT_PEERS, 0), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet__coap_set_limit(w.coap, LINNET_LIMIT_TRANSFERS, 0), LINNET_OK);
  CHECK_EQUAL(linnet__coap_set_limit(w.coap, (linnet_limit)99, 1), LINNET_ERROR_INVALID_ARGUMENT);
  wire_close(&w);
}

static void closing_forgets_what_was_still_to_be_told(void) {
  wire w;
  wire_open(&w);
  w.observes = true;
  put(&w, "41 01 00 01 4A 60 51 33");
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  uint64_t waiting = ask(&w, LINNET__GET, "3", -1, NULL, 0);
  linnet__coap_forget_peer(w.coap, &w.peer);
  CHECK(linnet__coap_forget(w.coap, waiting)); /* may still be forgotten */
  linnet__coap_close(w.coap);
  w.coap = NULL;
  wire_step(&w);
  CHECK_EQUAL(w.responses, 0);
  CHECK_EQUAL(w.unobserved, 0);
  wire_close(&w);
}

static void closing_ends_what_is_on_its_way(void) {
  wire w;
  wire_open(&w);
  w.observes = true;
  w.answer = LINNET__ANSWER_LATER;
  put(&w, "41 01 00 01 4A 60 51 33");
  linnet__response response;
  for (int i = 0; i < 2; i++) {
    linnet__response_init(w.coap, &response, LINNET__CONTENT);
    linnet__coap_notify(w.coap, w.observer, &response, LINNET__CONFIRMABLE);
  }
  wire_wait(&w, 1500);
  linnet__coap_respond(w.coap, w.exchange, &response); /* a separate response behind the notification */
  put(&w, "41 01 00 02 4B 51 33");
  put(&w, "41 03 00 03 4A B1 33 D1 03 08 FF 30313233343536373839616263646566");
  wire_close(&w);
}

static void distinguishes_peers_by_transport_and_address_CO_35(void) {
  wire w;
  wire_open(&w);
  linnet__peer a = {w.transport, w.address};
  linnet__peer b = a;
  CHECK(linnet__peer_equal(&a, &b));
  b.address.bytes[5]++;
  CHECK(!linnet__peer_equal(&a, &b));
  b = a;
  b.transport = NULL;
  CHECK(!linnet__peer_equal(&a, &b));
  linnet_transport *other = linnet_transport_new(w.loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet__coap_add_transport(w.coap, other), LINNET_OK);
  put(&w, "41 02 00 01 4A");
  CHECK_EQUAL(linnet_transport_receive(other, &w.address, "\x41\x02\x00\x01\x4A", 5), LINNET_OK);
  wire_step(&w);
  CHECK_EQUAL(w.requests, 2); /* no duplicate: it came another way */
  linnet_transport_unref(other);
  wire_close(&w);
}

/* An error is the last word: it is sent until it arrives, although nobody here waits for it. */
static void says_the_last_word_when_nothing_else_is_on_its_way(void) {
  wire w;
  wire_open(&w);
  w.observes = true;
  put(&w, "41 01 00 01 4A 60 51 33");
  CHECK(take(&w));
  linnet__response response;
  linnet__response_init(w.coap, &response, LINNET__NOT_FOUND);
  linnet__coap_notify(w.coap, w.observer, &response, LINNET__CONFIRMABLE);
  linnet__coap_unobserve(w.coap, w.observer);
  wire_step(&w);
  got(&w, "41 84 .... 4A");
  wire_wait(&w, 3000);
  got(&w, "41 84 .... 4A");
  put_empty(&w, LINNET_MESSAGE_RST);
  wire_wait(&w, 100000);
  silent(&w);
  CHECK_EQUAL(w.notified, 0);
  CHECK_EQUAL(w.unobserved, 0);
  wire_close(&w);
}

/* The layer above may take the observer only when its answer is known. */
static void keeps_a_snapshot_for_an_observer_of_a_later_answer_BW_26(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_BLOCK_SIZE, 16);
  w.answer = LINNET__ANSWER_LATER;

  put(&w, "41 01 00 01 4A 60 51 33");
  linnet__token other = {1, {0x5B}};
  CHECK(linnet__coap_observe(w.coap, &w.peer, &other, &w) != NULL); /* of no request that is known */
  w.observer = linnet__coap_observe(w.coap, &w.peer, &w.token, &w);
  linnet__response response;
  linnet__response_init(w.coap, &response, LINNET__CONTENT);
  response.observer = w.observer;
  CHECK_EQUAL(linnet__coap_respond(w.coap, w.exchange, &response), LINNET_OK);
  got(&w, "61 45 00 01 4A 61 01");
  linnet__response_init(w.coap, &response, LINNET__CONTENT);
  linnet__buffer_append_text(response.payload, "0123456789abcdefz");
  CHECK_EQUAL(linnet__coap_notify(w.coap, w.observer, &response, LINNET__NON_CONFIRMABLE), LINNET_OK);
  CHECK(take(&w));
  put(&w, "41 01 00 02 4C B1 33 C1 10");
  got(&w, "61 45 00 02 4C 44 ........ D1 06 10 FF 7A");
  CHECK_EQUAL(w.requests, 1);
  wire_close(&w);
}

static void an_error_for_the_rest_of_the_first_value_is_the_answer_BW_26(void) {
  wire w;
  wire_open(&w);
  uint64_t exchange = ask(&w, LINNET__GET, "3", 0, NULL, 0);
  CHECK(take(&w));
  linnet__token token = last_token(&w);
  put_response(&w, LINNET_MESSAGE_ACK, LINNET__CONTENT, last_id(&w), &token,
               "41 01 21 0D 60 B1 08 FF 30313233343536373839616263646566");
  CHECK(take(&w));
  linnet__token other = last_token(&w);
  put_response(&w, LINNET_MESSAGE_ACK, LINNET__NOT_FOUND, last_id(&w), &other, "");
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.status, LINNET_OK);
  CHECK_EQUAL(w.code, LINNET__NOT_FOUND);
  CHECK_EQUAL(w.observe, -1);
  CHECK(w.answered_exchange == exchange);
  CHECK(!linnet__coap_forget(w.coap, exchange));
  wire_close(&w);
}

static linnet__answer create_far_away(void *user, const linnet__incoming *request,
                                      linnet__response *response) {
  static const char segment[] =
      "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";
  wire *w = user;
  w->exchange = request->exchange;
  response->code = LINNET__CREATED;
  response->location_count = 1;
  response->location[0] = (linnet__text){segment, sizeof segment - 1};
  return w->answer;
}

static void answers_5_00_when_the_answer_fits_in_no_message(void) {
  wire w;
  wire_open(&w);
  linnet__coap_close(w.coap);
  linnet__coap_handler handler = {.request = create_far_away};
  w.coap = linnet__coap_new(w.loop, &handler, &w);
  CHECK_EQUAL(linnet__coap_add_transport(w.coap, w.transport), LINNET_OK);
  linnet_transport_set_mtu(w.transport, 64);
  put(&w, "41 02 00 01 4A");
  got(&w, "61 A0 00 01 4A");
  w.answer = LINNET__ANSWER_LATER;
  put(&w, "41 02 00 02 4A");
  wire_wait(&w, 1000);
  got(&w, "60 00 00 02");
  linnet__incoming request = {.exchange = w.exchange};
  linnet__response response;
  linnet__response_init(w.coap, &response, LINNET__CREATED);
  create_far_away(&w, &request, &response);
  CHECK_EQUAL(linnet__coap_respond(w.coap, w.exchange, &response), LINNET_ERROR_TOO_LARGE);
  wire_step(&w);
  got(&w, "41 A0 .... 4A");
  wire_close(&w);
}

int main(void) {
  return RUN(a_transport_belongs_to_one_endpoint, limits_have_ranges,
             closing_forgets_what_was_still_to_be_told, closing_ends_what_is_on_its_way,
             distinguishes_peers_by_transport_and_address_CO_35,
             says_the_last_word_when_nothing_else_is_on_its_way,
             keeps_a_snapshot_for_an_observer_of_a_later_answer_BW_26,
             an_error_for_the_rest_of_the_first_value_is_the_answer_BW_26,
             answers_5_00_when_the_answer_fits_in_no_message);
}

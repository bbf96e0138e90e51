/* SPDX-License-Identifier: Apache-2.0 */
/* Transports as drivers and CoAP see them: architecture sections 2 and 6, CO-39, SMS-02, SMS-11, SMS-16. */
#include "check.h"
#include "net/net.h"

#define MOST 200

/* What a receiver saw. */
typedef struct witness {
  linnet__receiver receiver;
  unsigned received;
  unsigned unreachable;
  unsigned closed;
  char last[64];
  size_t last_length;
  linnet_address peer;
  void (*act)(struct witness *witness, linnet_transport *transport);
} witness;

static void on_received(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer,
                        const uint8_t *data, size_t length) {
  witness *who = LINNET__CONTAINER(receiver, witness, receiver);
  who->received++;
  who->peer = *peer;
  if (who->act != NULL) who->act(who, transport);
  who->last_length = length < sizeof who->last ? length : sizeof who->last;
  memcpy(who->last, data, who->last_length); /* after whatever the act did: the view stands */
}

static void on_unreachable(linnet__receiver *receiver, linnet_transport *transport,
                           const linnet_address *peer) {
  witness *who = LINNET__CONTAINER(receiver, witness, receiver);
  (void)transport;
  who->unreachable++;
  who->peer = *peer;
}

static void on_closed(linnet__receiver *receiver, linnet_transport *transport) {
  (void)transport;
  LINNET__CONTAINER(receiver, witness, receiver)->closed++;
}

static witness new_witness(void) {
  witness who = {.receiver = {on_received, on_unreachable, on_closed}};
  return who;
}

static linnet_loop *new_loop(void) { return linnet_loop_new("0123456789abcdef", 16); }

static linnet_address address_of(const char *text) {
  linnet_address address;
  CHECK_EQUAL(linnet_address_parse(&address, text), LINNET_OK);
  return address;
}

static void delivers_in_a_step_and_not_before(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  witness who = new_witness();
  linnet_address peer = address_of("192.0.2.1:5683");
  CHECK_EQUAL(linnet__transport_attach(transport, &who.receiver), LINNET_OK);
  CHECK_EQUAL(linnet_transport_receive(transport, &peer, "hello", 5), LINNET_OK);
  CHECK_EQUAL(who.received, 0);
  CHECK(linnet_loop_deadline(loop) <= linnet_loop_now(loop));
  CHECK_EQUAL(linnet_loop_step(loop, 10), LINNET_NEVER);
  CHECK_EQUAL(who.received, 1);
  CHECK_BYTES(who.last, who.last_length, "hello", 5);
  CHECK(linnet_address_equal(&who.peer, &peer));
  CHECK_EQUAL(linnet_transport_count(transport, LINNET_COUNTER_RECEIVED), 1);
  CHECK_EQUAL(linnet_transport_count(transport, LINNET_COUNTER_RECEIVED_BYTES), 5);
  linnet__transport_detach(transport, &who.receiver);
  linnet_transport_unref(transport);
  CHECK_EQUAL(who.closed, 0);
  linnet_loop_unref(loop);
}

static void hands_out_what_is_sent_in_order(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_address a = address_of("192.0.2.1:1"), b = address_of("192.0.2.2:2");
  linnet_datagram first, second, none;
  uint8_t *room = linnet__transport_reserve(transport, 1152);
  CHECK(room != NULL);
  memcpy(room, "one", 3);
  linnet__transport_commit(transport, &a, 3);
  CHECK(linnet__transport_reserve(transport, 1152) != NULL);
  linnet__transport_commit(transport, &a, 0); /* given up */
  CHECK_EQUAL(linnet__transport_send(transport, &b, "three", 5), LINNET_OK);
  CHECK(linnet_transport_next(transport, &first));
  CHECK(linnet_transport_next(transport, &second));
  CHECK(!linnet_transport_next(transport, &none));
  CHECK_BYTES(first.data, first.length, "one", 3); /* still there: several may be taken and sent together */
  CHECK_BYTES(second.data, second.length, "three", 5);
  CHECK(linnet_address_equal(&first.peer, &a) && linnet_address_equal(&second.peer, &b));
  CHECK_EQUAL(linnet_transport_count(transport, LINNET_COUNTER_SENT), 2);
  CHECK_EQUAL(linnet_transport_count(transport, LINNET_COUNTER_SENT_BYTES), 8);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

static void drops_and_counts_what_does_not_fit(void) {
  static const uint8_t zeros[2000];
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_address peer = address_of("192.0.2.1:5683");
  CHECK_EQUAL(linnet_transport_set_queue_limit(transport, 3000), LINNET_OK);
  CHECK_EQUAL(linnet_transport_receive(transport, &peer, zeros, 1281), LINNET_ERROR_TOO_LARGE);
  CHECK_EQUAL(linnet_transport_receive(transport, &peer, zeros, 1280), LINNET_OK);
  CHECK_EQUAL(linnet_transport_receive(transport, &peer, zeros, 1280), LINNET_OK);
  CHECK_EQUAL(linnet_transport_receive(transport, &peer, zeros, 1280), LINNET_ERROR_LIMIT_REACHED);
  CHECK_EQUAL(linnet_transport_count(transport, LINNET_COUNTER_RECEIVE_DROPPED), 2);
  CHECK_EQUAL(linnet__transport_send(transport, &peer, zeros, 1281), LINNET_ERROR_TOO_LARGE);
  CHECK_EQUAL(linnet__transport_send(transport, &peer, zeros, 1280), LINNET_OK);
  CHECK_EQUAL(linnet__transport_send(transport, &peer, zeros, 1280), LINNET_OK);
  CHECK_EQUAL(linnet__transport_send(transport, &peer, zeros, 1280), LINNET_ERROR_LIMIT_REACHED);
  CHECK_EQUAL(linnet_transport_count(transport, LINNET_COUNTER_SEND_DROPPED), 2);
  CHECK(strstr(linnet_error_text(loop), "full") != NULL);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

static void close_transport(witness *who, linnet_transport *transport) {
  (void)who;
  linnet_transport_close(transport);
  linnet_transport_close(transport);
}

static void may_be_closed_by_its_receiver(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  witness who = new_witness();
  linnet_address peer = address_of("192.0.2.1:5683");
  linnet_datagram none;
  who.act = close_transport;
  linnet__transport_attach(transport, &who.receiver);
  linnet__transport_send(transport, &peer, "waits", 5);
  for (int i = 0; i < 3; i++) linnet_transport_receive(transport, &peer, "hello", 5);
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(who.received, 1);
  CHECK_BYTES(who.last, who.last_length, "hello", 5);
  CHECK_EQUAL(who.closed, 1);
  CHECK(linnet_transport_is_closed(transport));
  CHECK(!linnet_transport_next(transport, &none));
  CHECK_EQUAL(linnet_transport_receive(transport, &peer, "x", 1), LINNET_ERROR_CLOSED);
  CHECK_EQUAL(linnet__transport_send(transport, &peer, "x", 1), LINNET_ERROR_CLOSED);
  CHECK(linnet__transport_reserve(transport, 1) == NULL);
  CHECK_EQUAL(linnet__transport_attach(transport, &who.receiver), LINNET_ERROR_CLOSED);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

static void give_last_reference_back(witness *who, linnet_transport *transport) {
  (void)who;
  linnet_transport_unref(transport);
}

static void may_be_released_by_its_receiver(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  witness who = new_witness();
  linnet_address peer = address_of("192.0.2.1:5683");
  who.act = give_last_reference_back;
  linnet__transport_attach(transport, &who.receiver);
  linnet_transport_receive(transport, &peer, "hello", 5);
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(who.received, 1);
  CHECK_EQUAL(who.closed, 1);
  linnet_loop_unref(loop);
}

static void receive_many_more(witness *who, linnet_transport *transport) {
  linnet_address peer = who->peer;
  if (who->received > 1) return;
  for (int i = 0; i < 100; i++)
    CHECK_EQUAL(linnet_transport_receive(transport, &peer, "another", 7), LINNET_OK);
}

static void receives_while_it_delivers(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  witness who = new_witness();
  linnet_address peer = address_of("192.0.2.1:5683");
  who.act = receive_many_more;
  linnet__transport_attach(transport, &who.receiver);
  linnet_transport_receive(transport, &peer, "hello", 5);
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(who.received, 101);
  CHECK_BYTES(who.last, who.last_length, "another", 7);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

typedef struct watch {
  linnet__timer timer;
  const witness *who;
  unsigned seen;
} watch;

static void look(linnet__timer *timer) {
  watch *who = LINNET__CONTAINER(timer, watch, timer);
  who->seen = who->who->received;
}

static void lets_timers_run_between_many_datagrams(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  witness who = new_witness();
  watch timer = {.who = &who};
  linnet_address peer = address_of("192.0.2.1:5683");
  linnet__transport_attach(transport, &who.receiver);
  linnet_loop_step(loop, 1);
  for (int i = 0; i < MOST; i++) linnet_transport_receive(transport, &peer, "x", 1);
  linnet__timer_arm(loop, &timer.timer, 2, look);
  linnet_loop_step(loop, 2);
  CHECK_EQUAL(who.received, MOST);
  CHECK(timer.seen < MOST);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

static void drops_what_nobody_receives(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_address peer = address_of("192.0.2.1:5683");
  linnet_transport_receive(transport, &peer, "x", 1);
  CHECK_EQUAL(linnet_loop_step(loop, 1), LINNET_NEVER);
  CHECK_EQUAL(linnet_transport_count(transport, LINNET_COUNTER_RECEIVE_DROPPED), 1);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

static void tells_the_receiver_that_a_peer_is_unreachable_in_a_step(void) { /* CO-39 */
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  witness who = new_witness();
  linnet_address peer = address_of("192.0.2.9:5683");
  linnet__transport_attach(transport, &who.receiver);
  CHECK_EQUAL(linnet_transport_unreachable(transport, &peer), LINNET_OK);
  CHECK_EQUAL(who.unreachable, 0);
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(who.unreachable, 1);
  CHECK_EQUAL(who.received, 0);
  CHECK(linnet_address_equal(&who.peer, &peer));
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

static void has_one_receiver_at_a_time(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  witness a = new_witness(), b = new_witness();
  CHECK_EQUAL(linnet__transport_attach(transport, &a.receiver), LINNET_OK);
  CHECK_EQUAL(linnet__transport_attach(transport, &b.receiver), LINNET_ERROR_WRONG_STATE);
  linnet__transport_detach(transport, &b.receiver);
  linnet__transport_detach(transport, &a.receiver);
  CHECK_EQUAL(linnet__transport_attach(transport, &b.receiver), LINNET_OK);
  linnet_transport_unref(transport);
  CHECK_EQUAL(b.closed, 1);
  linnet_loop_unref(loop);
}

static void times_udp_as_rfc_7252_4_8(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  const linnet__timing *timing = linnet__transport_timing(transport);
  CHECK_EQUAL(timing->ack_timeout_ms, 2000);
  CHECK_EQUAL(timing->ack_random_percent, 150);
  CHECK_EQUAL(timing->max_retransmit, 4);
  /* MAX_TRANSMIT_WAIT, EXCHANGE_LIFETIME and NON_LIFETIME as the RFC derives them. */
  CHECK_EQUAL(timing->response_timeout_ms, 2000 * 31 * 3 / 2);
  CHECK_EQUAL(timing->exchange_lifetime_ms, 2000 * 15 * 3 / 2 + 2 * 100000 + 2000);
  CHECK_EQUAL(timing->non_lifetime_ms, 2000 * 15 * 3 / 2 + 100000);
  CHECK_EQUAL(timing->max_message, 1152); /* CO-14 */
  CHECK_EQUAL(timing->block_exponent, 6);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

static void times_sms_without_retransmission(void) { /* SMS-02, SMS-11, SMS-16 */
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_SMS);
  const linnet__timing *timing = linnet__transport_timing(transport);
  CHECK_EQUAL(timing->max_retransmit, 0);
  CHECK_EQUAL(timing->response_timeout_ms, 300000);
  CHECK(timing->exchange_lifetime_ms >= 600000);
  CHECK_EQUAL(timing->max_message, 140);
  CHECK_EQUAL(timing->block_exponent, 2);
  linnet_transport_unref(transport);
  CHECK(linnet_transport_new(loop, (linnet_transport_kind)7) == NULL);
  linnet_loop_unref(loop);
}

static void fits_messages_to_the_mtu(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_transport_set_mtu(transport, 63), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_transport_set_mtu(transport, 65508), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_transport_set_mtu(transport, 64), LINNET_OK);
  CHECK_EQUAL(linnet__transport_timing(transport)->block_exponent, 0);
  CHECK_EQUAL(linnet_transport_set_mtu(transport, 600), LINNET_OK);
  CHECK_EQUAL(linnet__transport_timing(transport)->max_message, 600);
  CHECK_EQUAL(linnet__transport_timing(transport)->block_exponent, 5);
  CHECK_EQUAL(linnet_transport_set_mtu(transport, 65507), LINNET_OK);
  CHECK_EQUAL(linnet__transport_timing(transport)->block_exponent, 6);
  CHECK_EQUAL(linnet_transport_mtu(transport), 65507);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

int main(void) {
  return RUN(delivers_in_a_step_and_not_before, hands_out_what_is_sent_in_order,
             drops_and_counts_what_does_not_fit, may_be_closed_by_its_receiver,
             may_be_released_by_its_receiver, receives_while_it_delivers,
             lets_timers_run_between_many_datagrams, drops_what_nobody_receives,
             tells_the_receiver_that_a_peer_is_unreachable_in_a_step, has_one_receiver_at_a_time,
             times_udp_as_rfc_7252_4_8, times_sms_without_retransmission, fits_messages_to_the_mtu);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Stages between the queues of a transport and its receiver: architecture section 6, SMS-33. */
#include "check.h"
#include "net/net.h"

/* A stage that puts a letter before each datagram, and takes it off again. */
typedef struct prefix {
  linnet__stage stage;
  linnet_loop *loop;
  char letter;
  unsigned closed;
  unsigned *destroyed;
  bool closes; /* the transport, before it passes anything on */
} prefix;

static prefix *of(const linnet__stage *stage) { return LINNET__CONTAINER(stage, prefix, stage); }

static void prefix_received(linnet__stage *stage, const linnet_address *peer, const uint8_t *data,
                            size_t length) {
  if (of(stage)->closes) linnet_transport_close(stage->transport);
  if (length > 1 && data[0] == (uint8_t)of(stage)->letter)
    linnet__stage_rise(stage, peer, data + 1, length - 1);
}

static linnet_status prefix_send(linnet__stage *stage, const linnet_address *peer, const uint8_t *data,
                                 size_t length) {
  uint8_t longer[2000];
  longer[0] = (uint8_t)of(stage)->letter;
  memcpy(longer + 1, data, length);
  return linnet__stage_sink(stage, peer, longer, length + 1);
}

static size_t prefix_room(const linnet__stage *stage, size_t below) {
  (void)stage;
  return below > 80 ? below - 80 : 0; /* more than it takes, so that sizes tell the two apart */
}

static void prefix_closed(linnet__stage *stage) { of(stage)->closed++; }

static void prefix_destroy(linnet__stage *stage) {
  prefix *self = of(stage);
  CHECK_EQUAL(self->closed, 1);
  ++*self->destroyed;
  linnet__free(self->loop, self, sizeof *self);
}

static const linnet__stage_rules rules = {.received = prefix_received,
                                          .send = prefix_send,
                                          .room = prefix_room,
                                          .closed = prefix_closed,
                                          .destroy = prefix_destroy};

static unsigned destroyed;

static prefix *add_prefix(linnet_transport *transport, char letter) {
  linnet_loop *loop = linnet_transport_loop(transport);
  prefix *self = linnet__new(loop, sizeof *self);
  self->stage.rules = &rules;
  self->loop = loop;
  self->letter = letter;
  self->destroyed = &destroyed;
  CHECK_EQUAL(linnet__transport_add_stage(transport, &self->stage), LINNET_OK);
  return self;
}

/* ---- the receiver -------------------------------------------------------------------------------- */

typedef struct witness {
  linnet__receiver receiver;
  char last[64];
  size_t length;
  unsigned unreachable;
  bool replies;
} witness;

static void on_received(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer,
                        const uint8_t *data, size_t length) {
  witness *who = LINNET__CONTAINER(receiver, witness, receiver);
  memcpy(who->last, data, length);
  who->length = length;
  if (who->replies) CHECK_EQUAL(linnet__transport_send(transport, peer, data, length), LINNET_OK);
}

static void on_unreachable(linnet__receiver *receiver, linnet_transport *transport,
                           const linnet_address *peer) {
  (void)transport;
  (void)peer;
  LINNET__CONTAINER(receiver, witness, receiver)->unreachable++;
}

static void on_closed(linnet__receiver *receiver, linnet_transport *transport) {
  (void)receiver;
  (void)transport;
}

static const linnet__receiver receiver = {on_received, on_unreachable, on_closed};

typedef struct place {
  linnet_loop *loop;
  linnet_transport *transport;
  linnet_address peer;
} place;

static place new_place(void) {
  place here;
  destroyed = 0;
  here.loop = linnet_loop_new("0123456789abcdef", 16);
  here.transport = linnet_transport_new(here.loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_address_parse(&here.peer, "192.0.2.1:5684"), LINNET_OK);
  return here;
}

static void leave_place(place *here) {
  linnet_transport_unref(here->transport);
  linnet_loop_unref(here->loop);
}

static void check_next(const place *here, const char *text) {
  linnet_datagram datagram;
  CHECK(linnet_transport_next(here->transport, &datagram));
  CHECK_BYTES(datagram.data, datagram.length, text, strlen(text));
}

/* ---- the tests ----------------------------------------------------------------------------------- */

static void passes_the_stages_from_the_top_down_and_from_the_bottom_up(void) {
  place here = new_place();
  witness who = {.receiver = receiver, .replies = true};
  add_prefix(here.transport, 'b');
  add_prefix(here.transport, 't');
  CHECK_EQUAL(linnet__transport_attach(here.transport, &who.receiver), LINNET_OK);
  CHECK_EQUAL(linnet__transport_send(here.transport, &here.peer, "down", 4), LINNET_OK);
  check_next(&here, "btdown");
  linnet_transport_receive(here.transport, &here.peer, "btup", 4);
  linnet_transport_receive(here.transport, &here.peer, "tbno", 4); /* stopped by the lowest */
  linnet_loop_step(here.loop, 1);
  CHECK_BYTES(who.last, who.length, "up", 2);
  check_next(&here, "btup"); /* the reply, sent from within */
  linnet_transport_unreachable(here.transport, &here.peer);
  linnet_loop_step(here.loop, 2);
  CHECK_EQUAL(who.unreachable, 1);
  leave_place(&here);
  CHECK_EQUAL(destroyed, 2);
}

static void sends_what_was_reserved_through_the_stages(void) {
  place here = new_place();
  add_prefix(here.transport, 'x');
  uint8_t *room = linnet__transport_reserve(here.transport, 100);
  CHECK(room != NULL);
  memcpy(room, "draft", 5);
  linnet__transport_commit(here.transport, &here.peer, 5);
  check_next(&here, "xdraft");
  CHECK(linnet__transport_reserve(here.transport, 50) != NULL);
  linnet__transport_commit(here.transport, &here.peer, 0); /* given up */
  linnet_datagram none;
  CHECK(!linnet_transport_next(here.transport, &none));
  leave_place(&here);
}

static void leaves_less_room_with_each_stage(void) {
  static const uint8_t zeros[1300] = {0};
  place here = new_place();
  const linnet__timing *timing = linnet__transport_timing(here.transport);
  add_prefix(here.transport, 'b');
  CHECK_EQUAL(timing->max_message, 1152); /* CO-14: the MTU has room for an envelope */
  prefix *top = add_prefix(here.transport, 't');
  CHECK_EQUAL(linnet__transport_room(here.transport), 1280 - 160);
  CHECK_EQUAL(linnet__stage_room_below(&top->stage), 1280 - 80);
  CHECK_EQUAL(timing->max_message, 1120);
  CHECK_EQUAL(linnet__transport_send(here.transport, &here.peer, zeros, 1121), LINNET_ERROR_TOO_LARGE);
  CHECK(linnet__transport_reserve(here.transport, 1121) == NULL);
  CHECK_EQUAL(linnet_transport_count(here.transport, LINNET_COUNTER_SEND_DROPPED), 2);
  CHECK_EQUAL(linnet__transport_send(here.transport, &here.peer, zeros, 1120), LINNET_OK);
  CHECK_EQUAL(linnet_transport_set_mtu(here.transport, 300), LINNET_OK);
  CHECK_EQUAL(timing->max_message, 140);
  CHECK_EQUAL(linnet_transport_set_mtu(here.transport, 160), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_transport_mtu(here.transport), 300);
  leave_place(&here);
}

static void takes_no_stage_where_there_is_no_room_or_a_receiver(void) {
  place here = new_place();
  witness who = {.receiver = receiver};
  prefix late = {.stage = {.rules = &rules}};
  CHECK_EQUAL(linnet_transport_set_mtu(here.transport, 80), LINNET_OK);
  CHECK_EQUAL(linnet__transport_add_stage(here.transport, &late.stage), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_transport_set_mtu(here.transport, 1280), LINNET_OK);
  linnet__transport_attach(here.transport, &who.receiver);
  CHECK_EQUAL(linnet__transport_add_stage(here.transport, &late.stage), LINNET_ERROR_WRONG_STATE);
  linnet_transport_close(here.transport);
  CHECK_EQUAL(linnet__transport_add_stage(here.transport, &late.stage), LINNET_ERROR_CLOSED);
  leave_place(&here);
}

static void may_be_closed_by_a_stage(void) {
  place here = new_place();
  witness who = {.receiver = receiver};
  prefix *stage = add_prefix(here.transport, 'c');
  stage->closes = true;
  linnet__transport_attach(here.transport, &who.receiver);
  linnet_transport_receive(here.transport, &here.peer, "cx", 2);
  linnet_loop_step(here.loop, 1);
  CHECK_EQUAL(stage->closed, 1);
  CHECK_EQUAL(who.length, 0); /* nobody is there any more */
  CHECK_EQUAL(linnet__transport_send(here.transport, &here.peer, "x", 1), LINNET_ERROR_CLOSED);
  leave_place(&here);
  CHECK_EQUAL(destroyed, 1);
}

int main(void) {
  return RUN(passes_the_stages_from_the_top_down_and_from_the_bottom_up,
             sends_what_was_reserved_through_the_stages, leaves_less_room_with_each_stage,
             takes_no_stage_where_there_is_no_room_or_a_receiver, may_be_closed_by_a_stage);
}

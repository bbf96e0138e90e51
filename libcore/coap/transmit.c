/* SPDX-License-Identifier: Apache-2.0 */
/* transmit.c: messages on their way: retransmission, and one confirmable at a time (RFC 7252 4.2, 4.7; CO-30
 * to CO-34). */
#include <string.h>

#include "parts.h"

/* All message ids of a peer are in use: look again after so long (CO-32). */
#define STARVED_MS 1000

void linnet__coap_note_traffic(const linnet__contact *contact) {
  const linnet__coap *coap = contact->port->coap;
  if (coap->handler.traffic != NULL) coap->handler.traffic(coap->user, &contact->peer);
}

linnet_status linnet__send_bytes(const linnet__contact *contact, const uint8_t *data, size_t length) {
  const linnet__peer *peer = &contact->peer;
  if (contact->port->closed) return LINNET_ERROR_CLOSED;
  contact->port->coap->counters.messages_out++;
  linnet__coap_note_traffic(contact);
  linnet__coap_trace(contact, "is sent", data, length);
  return linnet__transport_send(peer->transport, &peer->address, data, length);
}

linnet_status linnet__send_frame(const linnet__contact *contact, const linnet__frame *frame,
                                 const linnet__response *response) {
  const linnet__peer *peer = &contact->peer;
  size_t room = linnet__frame_room(frame, response);
  size_t largest = linnet__transport_timing(peer->transport)->max_message;
  if (room > largest) room = largest;
  uint8_t *bytes = contact->port->closed ? NULL : linnet__transport_reserve(peer->transport, room);
  if (bytes == NULL) return LINNET_ERROR_LIMIT_REACHED;
  size_t length = linnet__frame_write(frame, response, bytes, room);
  linnet__coap_trace(contact, "is sent", bytes, length);
  if (length == 0) return LINNET_ERROR_TOO_LARGE;
  contact->port->coap->counters.messages_out++;
  linnet__coap_note_traffic(contact);
  return linnet__transport_commit(peer->transport, &peer->address, length);
}

void linnet__send_reset(const linnet__contact *contact, uint16_t message_id) {
  uint8_t bytes[LINNET__EMPTY_SIZE];
  linnet__message_writer writer;
  linnet__write_head(&writer, bytes, sizeof bytes, LINNET_MESSAGE_RST, 0, message_id, NULL);
  linnet__send_bytes(contact, bytes, sizeof bytes);
}

void linnet__acknowledge(const linnet__contact *contact, const linnet__mark *mark) {
  uint8_t bytes[LINNET__EMPTY_SIZE];
  linnet__message_writer writer;
  linnet__write_head(&writer, bytes, sizeof bytes, LINNET_MESSAGE_ACK, 0, mark->message_id, NULL);
  linnet__recent_keep(contact, mark, bytes, sizeof bytes);
  linnet__send_bytes(contact, bytes, sizeof bytes);
}

linnet__confirmable *linnet__confirmable_new(linnet__remote *remote, size_t capacity) {
  linnet__confirmable *confirmable = linnet__new(linnet__remote_loop(remote), sizeof *confirmable + capacity);
  if (confirmable == NULL) return NULL;
  confirmable->remote = remote;
  confirmable->capacity = capacity;
  linnet__list_init(&confirmable->node);
  return confirmable;
}

/* The first that has not been sent: those before it await their ACK. They are at most NSTART. */
static linnet__confirmable *next_of(const linnet__remote *remote) {
  const linnet__list *node = remote->queue.next;
  for (uint32_t i = 0; i < remote->outstanding; i++) node = node->next;
  return node == &remote->queue ? NULL : LINNET__CONTAINER(node, linnet__confirmable, node);
}

/* Out of the queue; frees it. Whose it was is not told. */
static void discard(linnet__confirmable *confirmable) {
  linnet__remote *remote = confirmable->remote;
  linnet_loop *loop = linnet__remote_loop(remote);
  if (confirmable->sent > 0) remote->outstanding--;
  if (confirmable->request != NULL) confirmable->request->confirmable = NULL;
  if (confirmable->observer != NULL && confirmable->observer->confirmable == confirmable)
    confirmable->observer->confirmable = NULL;
  linnet__timer_stop(loop, &confirmable->timer);
  linnet__list_remove(&confirmable->node);
  linnet__free(loop, confirmable, sizeof *confirmable + confirmable->capacity);
}

void linnet__confirmable_drop(linnet__confirmable *confirmable) {
  if (confirmable == NULL) return;
  linnet__remote *remote = confirmable->remote;
  discard(confirmable);
  linnet__remote_relax(remote);
  linnet__remote_pump(remote);
}

void linnet__confirmable_settle(linnet__confirmable *confirmable, linnet_status status) {
  linnet__remote *remote = confirmable->remote;
  linnet__request *request = confirmable->request;
  linnet__observer *observer = confirmable->observer;
  if (status == LINNET_ERROR_TIMED_OUT) remote->contact.port->coap->counters.timeouts++;
  discard(confirmable);
  linnet__remote_relax(remote);
  linnet__remote_pump(remote);
  if (observer != NULL)
    linnet__observer_settled(observer, status);
  else if (request != NULL && status == LINNET_OK)
    linnet__request_acknowledged(request);
  else if (request != NULL)
    linnet__request_fail(request, status);
}

static void transmit(linnet__confirmable *confirmable);

static void retransmission_due(linnet__timer *timer) {
  linnet__confirmable *confirmable = LINNET__CONTAINER(timer, linnet__confirmable, timer);
  linnet__remote *remote = confirmable->remote;
  linnet__coap *coap = remote->contact.port->coap;
  linnet__coap_enter(coap);
  if (confirmable->sent > linnet__remote_timing(remote)->max_retransmit) {
    linnet__confirmable_settle(confirmable, LINNET_ERROR_TIMED_OUT);
  } else {
    coap->counters.retransmissions++;
    if (confirmable->timeout_ms <= UINT32_MAX / 2) confirmable->timeout_ms *= 2;
    transmit(confirmable);
  }
  linnet__coap_leave(coap);
}

/* A datagram that finds the queue full is lost like any other: the next attempt makes up for it. */
static void transmit(linnet__confirmable *confirmable) {
  linnet__remote *remote = confirmable->remote;
  confirmable->sent++;
  linnet__send_bytes(&remote->contact, confirmable->bytes, confirmable->length);
  linnet__timer_arm_in(linnet__remote_loop(remote), &confirmable->timer, confirmable->timeout_ms,
                       retransmission_due);
}

/* CO-30: in [ACK_TIMEOUT, ACK_TIMEOUT * ACK_RANDOM_FACTOR]. */
static uint32_t first_timeout(linnet__remote *remote) {
  const linnet__timing *timing = linnet__remote_timing(remote);
  uint64_t longest = (uint64_t)timing->ack_timeout_ms * timing->ack_random_percent / 100;
  if (longest < timing->ack_timeout_ms) longest = timing->ack_timeout_ms;
  if (longest > UINT32_MAX) longest = UINT32_MAX;
  return (uint32_t)linnet__random_between(linnet__remote_loop(remote), timing->ack_timeout_ms, longest);
}

static void put_off(linnet__remote *remote) {
  if (linnet__list_empty(&remote->pumping))
    linnet__list_append(&remote->contact.port->coap->pumping, &remote->pumping);
}

void linnet__pump_due(linnet__timer *timer) {
  linnet__coap *coap = LINNET__CONTAINER(timer, linnet__coap, pump_timer);
  linnet__coap_pump(coap);
}

/* False: no message id is free. */
static bool start(linnet__confirmable *confirmable) {
  linnet__remote *remote = confirmable->remote;
  if (!linnet__remote_take_id(remote, &confirmable->message_id)) return false;
  confirmable->bytes[0] &= 0xCF; /* the type: CON is 0 */
  linnet__put_u16(confirmable->bytes + 2, confirmable->message_id);
  confirmable->timeout_ms = first_timeout(remote);
  remote->outstanding++;
  transmit(confirmable);
  return true;
}

void linnet__remote_pump(linnet__remote *remote) {
  linnet__coap *coap = remote->contact.port->coap;
  linnet__confirmable *confirmable;
  while (!remote->ending && remote->outstanding < coap->limits[LINNET_LIMIT_NSTART] &&
         (confirmable = next_of(remote)) != NULL) {
    if (!linnet__loop_stepping(coap->loop)) {
      /* The time of the last step may be long ago: time-outs begin in the next one. */
      put_off(remote);
      linnet__task_post(coap->loop, &coap->task);
      return;
    }
    if (start(confirmable)) continue;
    put_off(remote);
    linnet__timer_arm_in(coap->loop, &coap->pump_timer, STARVED_MS, linnet__pump_due);
    return;
  }
}

void linnet__coap_pump(linnet__coap *coap) {
  linnet__list waiting;
  linnet__list_init(&waiting);
  for (linnet__list *node; (node = linnet__list_take(&coap->pumping)) != NULL;)
    linnet__list_append(&waiting, node);
  for (linnet__list *node; (node = linnet__list_take(&waiting)) != NULL;)
    linnet__remote_pump(LINNET__CONTAINER(node, linnet__remote, pumping));
}

void linnet__confirmable_queue(linnet__confirmable *confirmable) {
  linnet__list_append(&confirmable->remote->queue, &confirmable->node);
  linnet__remote_pump(confirmable->remote);
}

linnet__confirmable *linnet__confirmable_find(const linnet__remote *remote, uint16_t message_id) {
  const linnet__list *node = remote->queue.next;
  for (uint32_t i = 0; i < remote->outstanding; i++, node = node->next) {
    linnet__confirmable *confirmable = LINNET__CONTAINER(node, linnet__confirmable, node);
    if (confirmable->message_id == message_id) return confirmable;
  }
  return NULL;
}

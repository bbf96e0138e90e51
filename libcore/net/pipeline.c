/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline.c: the way of the bytes between the queues of a transport and its receiver (docs/architecture.md,
 * section 6).
 *
 * One function for each direction: here is where a stage is put in (DTLS, the framing of SMS), with neither
 * the queues below nor the receiver above knowing. The only stage today is the plain one: the bytes of the
 * datagram are the bytes of the message, so messages are written and read in the queues themselves.
 */
#include <string.h>

#include "transport_internal.h"

/* Datagrams a turn, so that timers and other transports have theirs. */
#define TURN 64

/* From the queue to the receiver. */
static void rise(linnet_transport *transport, const linnet__ring_item *item, const uint8_t *data) {
  linnet__receiver *receiver = transport->receiver;
  if (receiver == NULL) {
    if (item->note == LINNET__NOTE_DATAGRAM) transport->counts[LINNET_COUNTER_RECEIVE_DROPPED]++;
  } else if (item->note == LINNET__NOTE_UNREACHABLE) {
    receiver->unreachable(receiver, transport, &item->peer);
  } else {
    receiver->received(receiver, transport, &item->peer, data, item->length);
  }
}

/* False if nothing is waiting. */
static bool deliver(linnet_transport *transport) {
  linnet__ring *ring = &transport->incoming;
  linnet__ring_item item;
  const uint8_t *data = linnet__ring_front(ring, &item);
  if (data == NULL) return false;
  linnet__ring_hold(ring);
  rise(transport, &item, data);
  linnet__ring_release(ring);
  linnet__ring_drop(ring); /* nothing, if the receiver closed the transport */
  return true;
}

void linnet__pipeline_run(linnet__task *task) {
  linnet_transport *transport = LINNET__CONTAINER(task, linnet_transport, task);
  bool told = true, delivered = true;
  linnet_transport_ref(transport);
  for (unsigned turn = 0; turn < TURN && (told || delivered); turn++) {
    told = linnet__lookup_tell(transport);
    delivered = deliver(transport);
  }
  linnet__ring_trim(&transport->incoming);
  if (told || delivered) linnet__task_post(transport->handle.loop, task);
  linnet_transport_unref(transport);
}

uint8_t *linnet__transport_reserve(linnet_transport *transport, size_t size) {
  uint8_t *room = NULL;
  if (transport->handle.closed) return NULL;
  if (size <= transport->mtu) room = linnet__ring_reserve(&transport->outgoing, size);
  if (room == NULL) transport->counts[LINNET_COUNTER_SEND_DROPPED]++;
  return room;
}

void linnet__transport_commit(linnet_transport *transport, const linnet_address *peer, size_t length) {
  if (length == 0 || length > transport->outgoing.reserved) return;
  linnet__ring_commit(&transport->outgoing, peer, LINNET__NOTE_DATAGRAM, length);
}

linnet_status linnet__transport_send(linnet_transport *transport, const linnet_address *peer,
                                     const void *data, size_t length) {
  linnet_loop *loop = transport->handle.loop;
  if (transport->handle.closed)
    return linnet__fail(loop, LINNET_ERROR_CLOSED, "send: the transport is closed");
  if (length == 0) return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "send: an empty datagram");
  uint8_t *room = linnet__transport_reserve(transport, length);
  if (room != NULL) {
    memcpy(room, data, length);
    linnet__transport_commit(transport, peer, length);
    return LINNET_OK;
  }
  if (length > transport->mtu)
    return linnet__fail(loop, LINNET_ERROR_TOO_LARGE, "send: %U bytes do not fit in a datagram of %U",
                        (uint64_t)length, (uint64_t)transport->mtu);
  return linnet__fail(loop, LINNET_ERROR_LIMIT_REACHED, "send: the queue of the transport is full");
}

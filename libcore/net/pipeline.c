/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline.c: the way of the bytes between the queues of a transport and its receiver (docs/architecture.md,
 * section 6).
 *
 * Without a stage the bytes of the datagram are the bytes of the message, so messages are written and read in
 * the queues themselves. Stages are passed from the bottom to the top on the way up, and down likewise;
 * neither the queues below nor the receiver above know.
 */
#include <linnet/secured.h>
#include <string.h>

#include "transport_internal.h"

/* Datagrams a turn, so that timers and other transports have theirs. */
#define TURN 64

/* ---- up ------------------------------------------------------------------------------------------ */

/* To the stage, or past the last one. */
static void hand_up(linnet_transport *transport, linnet__stage *to, const linnet_address *peer,
                    const uint8_t *data, size_t length) {
  linnet__receiver *receiver = transport->receiver;
  if (to != NULL)
    to->rules->received(to, peer, data, length);
  else if (receiver != NULL)
    receiver->received(receiver, transport, peer, data, length);
  else
    transport->counts[LINNET_COUNTER_RECEIVE_DROPPED]++;
}

static void hand_up_unreachable(linnet_transport *transport, linnet__stage *to, const linnet_address *peer) {
  linnet__receiver *receiver = transport->receiver;
  while (to != NULL && to->rules->unreachable == NULL) to = to->above;
  if (to != NULL)
    to->rules->unreachable(to, peer);
  else if (receiver != NULL)
    receiver->unreachable(receiver, transport, peer);
}

void linnet__stage_rise(linnet__stage *stage, const linnet_address *peer, const uint8_t *data,
                        size_t length) {
  hand_up(stage->transport, stage->above, peer, data, length);
}

void linnet__stage_tell_unreachable(linnet__stage *stage, const linnet_address *peer) {
  hand_up_unreachable(stage->transport, stage->above, peer);
}

void linnet__stage_tell_counters(linnet__stage *stage, const linnet__counters *counters) {
  linnet_transport *transport = stage->transport;
  linnet__receiver *receiver = transport->receiver;
  if (receiver != NULL && receiver->counted != NULL) receiver->counted(receiver, transport, counters);
}

bool linnet__stage_is_known(const linnet__stage *stage, const linnet_address *peer) {
  linnet_transport *transport = stage->transport;
  linnet__receiver *receiver = transport->receiver;
  return receiver == NULL || receiver->knows == NULL || receiver->knows(receiver, transport, peer);
}

/* False if nothing is waiting. */
static bool deliver(linnet_transport *transport) {
  linnet__ring *ring = &transport->incoming;
  linnet__ring_item item;
  const uint8_t *data = linnet__ring_front(ring, &item);
  if (data == NULL) return false;
  linnet__ring_hold(ring);
  if (item.note == LINNET__NOTE_UNREACHABLE)
    hand_up_unreachable(transport, transport->bottom, &item.peer);
  else
    hand_up(transport, transport->bottom, &item.peer, data, item.length);
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

/* ---- down ---------------------------------------------------------------------------------------- */

/* Room in the queue, or NULL: counted. */
static uint8_t *reserve_queue(linnet_transport *transport, size_t size) {
  uint8_t *room = size <= transport->mtu ? linnet__ring_reserve(&transport->outgoing, size) : NULL;
  if (room == NULL) transport->counts[LINNET_COUNTER_SEND_DROPPED]++;
  return room;
}

static linnet_status enqueue(linnet_transport *transport, const linnet_address *peer, const void *data,
                             size_t length) {
  linnet_loop *loop = transport->handle.loop;
  if (transport->handle.closed) return linnet__transport_too_late(transport, LINNET__WORDS("send"));
  if (length == 0) return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "send: an empty datagram");
  uint8_t *room = reserve_queue(transport, length);
  if (room != NULL) {
    memcpy(room, data, length);
    linnet__ring_commit(&transport->outgoing, peer, LINNET__NOTE_DATAGRAM, length);
    return LINNET_OK;
  }
  if (length > transport->mtu)
    return linnet__fail(loop, LINNET_ERROR_TOO_LARGE, "send: %U bytes do not fit in a datagram of %U",
                        (uint64_t)length, (uint64_t)transport->mtu);
  return linnet__fail(loop, LINNET_ERROR_LIMIT_REACHED, "send: the queue of the transport is full");
}

/* To the stage, or past the last one. */
static linnet_status hand_down(linnet_transport *transport, linnet__stage *to, const linnet_address *peer,
                               const void *data, size_t length) {
  linnet_loop *loop = transport->handle.loop;
  if (to == NULL) return enqueue(transport, peer, data, length);
  if (transport->handle.closed) return linnet__transport_too_late(transport, LINNET__WORDS("send"));
  size_t room = to->rules->room(to, linnet__stage_room_below(to));
  if (length > 0 && length <= room) return to->rules->send(to, peer, data, length);
  transport->counts[LINNET_COUNTER_SEND_DROPPED]++;
  return linnet__fail(loop, LINNET_ERROR_TOO_LARGE, "send: %U bytes where there is room for %U",
                      (uint64_t)length, (uint64_t)room);
}

linnet_status linnet__stage_sink(linnet__stage *stage, const linnet_address *peer, const void *data,
                                 size_t length) {
  return hand_down(stage->transport, stage->below, peer, data, length);
}

linnet_status linnet__transport_send(linnet_transport *transport, const linnet_address *peer,
                                     const void *data, size_t length) {
  return hand_down(transport, transport->top, peer, data, length);
}

/* A block of its own, as what becomes of the bytes is only known when they are there. */
static uint8_t *reserve_draft(linnet_transport *transport, size_t size) {
  linnet_loop *loop = transport->handle.loop;
  if (size > linnet__transport_room(transport)) return NULL;
  if (size <= transport->draft_size) return transport->draft;
  uint8_t *draft = linnet__resize(loop, transport->draft, transport->draft_size, size);
  if (draft == NULL) return NULL;
  transport->draft = draft;
  transport->draft_size = size;
  return draft;
}

uint8_t *linnet__transport_reserve(linnet_transport *transport, size_t size) {
  if (transport->handle.closed) return NULL;
  if (transport->top == NULL) return reserve_queue(transport, size);
  uint8_t *room = reserve_draft(transport, size);
  if (room == NULL) transport->counts[LINNET_COUNTER_SEND_DROPPED]++;
  return room;
}

linnet_status linnet__transport_commit(linnet_transport *transport, const linnet_address *peer,
                                       size_t length) {
  if (length == 0) return LINNET_OK;
  if (transport->top != NULL && length <= transport->draft_size)
    return linnet__transport_send(transport, peer, transport->draft, length);
  if (transport->top == NULL && length <= transport->outgoing.reserved)
    linnet__ring_commit(&transport->outgoing, peer, LINNET__NOTE_DATAGRAM, length);
  return LINNET_OK;
}

/* ---- the stages ---------------------------------------------------------------------------------- */

static size_t room_above(const linnet_transport *transport, const linnet__stage *last) {
  size_t room = transport->mtu;
  for (const linnet__stage *stage = transport->bottom; stage != NULL; stage = stage->above) {
    if (stage == last) break;
    room = stage->rules->room(stage, room);
  }
  return room;
}

size_t linnet__transport_room(const linnet_transport *transport) { return room_above(transport, NULL); }

size_t linnet__stage_room_below(const linnet__stage *stage) { return room_above(stage->transport, stage); }

linnet_status linnet__transport_add_stage(linnet_transport *transport, linnet__stage *stage) {
  linnet_loop *loop = transport->handle.loop;
  if (transport->handle.closed) return linnet__transport_too_late(transport, LINNET__WORDS("add stage"));
  if (transport->receiver != NULL)
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "add stage: the transport is in use already");
  if (stage->rules->room(stage, linnet__transport_room(transport)) == 0)
    return linnet__fail(loop, LINNET_ERROR_OUT_OF_RANGE, "add stage: datagrams of %U bytes leave no room",
                        (uint64_t)transport->mtu);
  stage->transport = transport;
  stage->above = NULL;
  stage->below = transport->top;
  if (transport->top != NULL)
    transport->top->above = stage;
  else
    transport->bottom = stage;
  transport->top = stage;
  linnet__transport_fit_messages(transport);
  return LINNET_OK;
}

void linnet__stages_close(linnet_transport *transport) {
  for (linnet__stage *stage = transport->top; stage != NULL; stage = stage->below)
    stage->rules->closed(stage);
}

void linnet__stages_destroy(linnet_transport *transport) {
  for (linnet__stage *stage = transport->top, *below; stage != NULL; stage = below) {
    below = stage->below;
    stage->rules->destroy(stage);
  }
  linnet__free(transport->handle.loop, transport->draft, transport->draft_size);
}

/* Asked for through the stages, so that a client links no secured packets unless somebody adds them. */
static linnet__stage *with_keys(const linnet_transport *transport) {
  linnet__stage *stage = transport->bottom;
  while (stage != NULL && stage->rules->set_keys == NULL) stage = stage->above;
  return stage;
}

bool linnet_transport_has_secured(const linnet_transport *transport) { return with_keys(transport) != NULL; }

linnet_status linnet_transport_set_secured_keys(linnet_transport *transport, const linnet_address *peer,
                                                const void *parameters, size_t parameters_length,
                                                const void *keys, size_t keys_length) {
  linnet__stage *stage = with_keys(transport);
  if (stage == NULL)
    return linnet__fail(transport->handle.loop, LINNET_ERROR_WRONG_STATE,
                        "secured packets: the transport has none");
  return stage->rules->set_keys(stage, peer, parameters, parameters_length, keys, keys_length);
}

const linnet__counters *linnet__transport_next_counters(const linnet_transport *transport, size_t *position) {
  const linnet__stage *stage = with_keys(transport);
  return stage == NULL ? NULL : stage->rules->next_counters(stage, position);
}

linnet_status linnet__transport_restore_counters(linnet_transport *transport,
                                                 const linnet__counters *counters) {
  linnet__stage *stage = with_keys(transport);
  return stage == NULL ? LINNET_ERROR_WRONG_STATE : stage->rules->restore_counters(stage, counters);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* transport.c: life, limits and timing of a transport (transport.h; RFC 7252 4.8, SMS-02, SMS-16). */
#include <string.h>

#include "transport_internal.h"

#define QUEUE_LIMIT (4u << 20)
#define SMALLEST_MTU 64
#define LARGEST_MTU 65507
#define PLAIN_MESSAGE 1152 /* CO-14 */
#define ENVELOPE 128       /* what DTLS and lower layers may add to a message */
#define MESSAGE_HEAD 64    /* header, token and options around a block */

static const struct defaults {
  linnet_transport_kind kind;
  size_t mtu;
  linnet__timing timing;
} table[] = {
    /* RFC 7252 4.8: EXCHANGE_LIFETIME and NON_LIFETIME follow from the first three. */
    {LINNET_TRANSPORT_UDP, 1280, {2000, 150, 4, 93000, 247000, 145000, 0, 0}},
    /* SMS-02: sent once, so the first time-out is the last. SMS-16: deduplication for twice the response
       time-out. */
    {LINNET_TRANSPORT_SMS, 140, {300000, 100, 0, 300000, 600000, 600000, 0, 0}},
};

static const struct defaults *defaults_of(linnet_transport_kind kind) {
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (table[i].kind == kind) return &table[i];
  return NULL;
}

/* What a block of a message of so many bytes has to fit in: where a lower stage can cut messages up, one
 * piece (SMS-11). */
static size_t room_for_block(const linnet_transport *transport, size_t message) {
  const linnet__stage *bottom = transport->bottom;
  if (transport->block_room == 0 || bottom == NULL) return message;
  size_t taken = bottom->rules->room(bottom, transport->mtu) - linnet__transport_room(transport);
  size_t room = transport->block_room > taken ? transport->block_room - taken : 0;
  return room < message ? room : message;
}

/* CO-14: 1152 bytes unless the path is known to carry more. SMS-11: blocks of 64 bytes in a short message. */
void linnet__transport_fit_messages(linnet_transport *transport) {
  size_t most = linnet__transport_room(transport), message = most;
  if (message > PLAIN_MESSAGE) message = PLAIN_MESSAGE;
  if (transport->mtu > PLAIN_MESSAGE + ENVELOPE) message = transport->mtu - ENVELOPE;
  if (message > most) message = most;
  size_t room = room_for_block(transport, message);
  uint8_t exponent = 0;
  while (exponent < 6 && ((size_t)32 << exponent) + MESSAGE_HEAD <= room) exponent++;
  transport->timing.max_message = (uint32_t)message;
  transport->timing.block_exponent = exponent;
}

static void destroy(linnet__handle *handle) {
  linnet_transport *transport = LINNET__CONTAINER(handle, linnet_transport, handle);
  linnet_transport_close(transport);
  linnet__task_cancel(&transport->task);
  linnet__stages_destroy(transport);
  linnet__handle_free(handle);
}

linnet_transport *linnet_transport_new(linnet_loop *loop, linnet_transport_kind kind) {
  const struct defaults *defaults = defaults_of(kind);
  if (defaults == NULL) {
    linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "new transport: there is no kind %d", (int)kind);
    return NULL;
  }
  linnet_transport *transport = linnet__handle_new(loop, sizeof *transport, destroy);
  if (transport == NULL) return NULL;
  transport->kind = kind;
  transport->mtu = defaults->mtu;
  transport->timing = defaults->timing;
  linnet__transport_fit_messages(transport);
  linnet__ring_init(&transport->incoming, loop, QUEUE_LIMIT);
  linnet__ring_init(&transport->outgoing, loop, QUEUE_LIMIT);
  linnet__task_init(&transport->task, linnet__pipeline_run);
  linnet__list_init(&transport->asked);
  linnet__list_init(&transport->taken);
  linnet__list_init(&transport->answered);
  return transport;
}

linnet_transport *linnet_transport_ref(linnet_transport *transport) {
  linnet__handle_ref(&transport->handle);
  return transport;
}

void linnet_transport_unref(linnet_transport *transport) {
  if (transport != NULL) linnet__handle_unref(&transport->handle);
}

linnet_loop *linnet_transport_loop(const linnet_transport *transport) { return transport->handle.loop; }

linnet_transport_kind linnet_transport_get_kind(const linnet_transport *transport) { return transport->kind; }

void linnet_transport_close(linnet_transport *transport) {
  if (transport->handle.closed) return;
  linnet_transport_ref(transport); /* the receiver may give back the last one */
  linnet__receiver *receiver = transport->receiver;
  transport->receiver = NULL;
  if (receiver != NULL) receiver->closed(receiver, transport);
  transport->handle.closed = true;
  linnet__stages_close(transport);
  linnet__ring_free(&transport->incoming);
  linnet__ring_free(&transport->outgoing);
  linnet__lookups_give_up(transport);
  linnet_transport_unref(transport);
}

linnet_status linnet__transport_too_late(const linnet_transport *transport, const char *call) {
  return linnet__fail(transport->handle.loop, LINNET_ERROR_CLOSED, "%s: the transport is closed", call);
}

bool linnet_transport_is_closed(const linnet_transport *transport) { return transport->handle.closed; }

static linnet_status dropped(linnet_transport *transport, linnet_status status, const char *why) {
  transport->counts[LINNET_COUNTER_RECEIVE_DROPPED]++;
  return linnet__fail(transport->handle.loop, status, "receive: %s; the datagram is dropped", why);
}

linnet_status linnet_transport_receive(linnet_transport *transport, const linnet_address *peer,
                                       const void *data, size_t length) {
  linnet_loop *loop = transport->handle.loop;
  if (transport->handle.closed) return linnet__transport_too_late(transport, LINNET__WORDS("receive"));
  if (peer == NULL || peer->kind == LINNET_ADDRESS_NONE || (data == NULL && length > 0))
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "receive: no peer, or no bytes");
  if (length > transport->mtu) return dropped(transport, LINNET_ERROR_TOO_LARGE, "larger than the MTU");
  uint8_t *room = linnet__ring_reserve(&transport->incoming, length);
  if (room == NULL) return dropped(transport, LINNET_ERROR_LIMIT_REACHED, "the queue is full");
  if (length > 0) memcpy(room, data, length);
  linnet__ring_commit(&transport->incoming, peer, LINNET__NOTE_DATAGRAM, length);
  transport->counts[LINNET_COUNTER_RECEIVED]++;
  transport->counts[LINNET_COUNTER_RECEIVED_BYTES] += length;
  if (length > transport->largest) transport->largest = length;
  linnet__task_post(loop, &transport->task);
  return LINNET_OK;
}

bool linnet_transport_next(linnet_transport *transport, linnet_datagram *out) {
  linnet__ring_item item;
  if (linnet__loop_held(transport->handle.loop)) return false;
  out->data = linnet__ring_front(&transport->outgoing, &item);
  if (out->data == NULL) return false;
  out->peer = item.peer;
  out->length = item.length;
  linnet__ring_drop(&transport->outgoing);
  transport->counts[LINNET_COUNTER_SENT]++;
  transport->counts[LINNET_COUNTER_SENT_BYTES] += item.length;
  if (item.length > transport->largest) transport->largest = item.length;
  return true;
}

linnet_status linnet_transport_unreachable(linnet_transport *transport, const linnet_address *peer) {
  linnet_loop *loop = transport->handle.loop;
  if (transport->handle.closed) return linnet__transport_too_late(transport, LINNET__WORDS("unreachable"));
  if (peer == NULL || peer->kind == LINNET_ADDRESS_NONE)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "unreachable: no peer");
  if (linnet__ring_reserve(&transport->incoming, 0) == NULL)
    return linnet__fail(loop, LINNET_ERROR_LIMIT_REACHED, "unreachable: the queue is full");
  linnet__ring_commit(&transport->incoming, peer, LINNET__NOTE_UNREACHABLE, 0);
  linnet__task_post(loop, &transport->task);
  return LINNET_OK;
}

linnet_status linnet_transport_set_local(linnet_transport *transport, const linnet_address *local) {
  linnet_loop *loop = transport->handle.loop;
  if (local == NULL) return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "set local: no address");
  transport->local = *local;
  return LINNET_OK;
}

const linnet_address *linnet_transport_local(const linnet_transport *transport) { return &transport->local; }

linnet_status linnet_transport_set_mtu(linnet_transport *transport, size_t mtu) {
  if (mtu < SMALLEST_MTU || mtu > LARGEST_MTU)
    return linnet__fail(transport->handle.loop, LINNET_ERROR_OUT_OF_RANGE, "set MTU: %U is not from %u to %u",
                        (uint64_t)mtu, (unsigned)SMALLEST_MTU, (unsigned)LARGEST_MTU);
  size_t former = transport->mtu;
  transport->mtu = mtu;
  if (linnet__transport_room(transport) == 0) {
    transport->mtu = former;
    return linnet__fail(transport->handle.loop, LINNET_ERROR_OUT_OF_RANGE,
                        "set MTU: %U bytes leave no room beside what secures a message", (uint64_t)mtu);
  }
  linnet__transport_fit_messages(transport);
  return LINNET_OK;
}

size_t linnet_transport_mtu(const linnet_transport *transport) { return transport->mtu; }

linnet_status linnet_transport_set_queue_limit(linnet_transport *transport, size_t bytes) {
  if (bytes < sizeof(linnet__ring_item) + SMALLEST_MTU)
    return linnet__fail(transport->handle.loop, LINNET_ERROR_OUT_OF_RANGE,
                        "set queue limit: %U bytes hold no datagram", (uint64_t)bytes);
  transport->incoming.limit = transport->outgoing.limit = bytes;
  return LINNET_OK;
}

uint64_t linnet_transport_count(const linnet_transport *transport, linnet_transport_counter counter) {
  return (unsigned)counter < LINNET__TRANSPORT_COUNTERS ? transport->counts[counter] : 0;
}

size_t linnet__transport_largest(const linnet_transport *transport) { return transport->largest; }

void linnet__transport_forget_largest(linnet_transport *transport) { transport->largest = 0; }

linnet_status linnet__transport_attach(linnet_transport *transport, linnet__receiver *receiver) {
  linnet_loop *loop = transport->handle.loop;
  if (transport->handle.closed) return linnet__transport_too_late(transport, LINNET__WORDS("attach"));
  if (transport->receiver != NULL)
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "attach: the transport is in use already");
  transport->receiver = receiver;
  return LINNET_OK;
}

void linnet__transport_detach(linnet_transport *transport, linnet__receiver *receiver) {
  if (transport->receiver == receiver) transport->receiver = NULL;
}

const linnet__timing *linnet__transport_timing(const linnet_transport *transport) {
  return &transport->timing;
}

void linnet__transport_set_timing(linnet_transport *transport, const linnet__timing *timing) {
  transport->timing = *timing;
}

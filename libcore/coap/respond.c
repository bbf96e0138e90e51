/* SPDX-License-Identifier: Apache-2.0 */
/* respond.c: responses that go out: piggybacked, separate or NON, cut to blocks (RFC 7252 5.2, RFC 7959 2.4;
 * CO-36, BW-20 to BW-25). */
#include <string.h>

#include "parts.h"

#define ETAG_LENGTH 4

uint64_t linnet__reply_key(const linnet_loop *loop, const linnet__reply *reply) {
  return reply->message == NULL ? reply->key : linnet__message_key(loop, reply->message);
}

static void set_etag(linnet__frame *frame, const linnet_loop *loop, const linnet__response *response) {
  uint8_t bytes[8];
  linnet__put_u64(bytes, linnet__hash(loop, response->payload->data, response->payload->length));
  frame->etag_length = ETAG_LENGTH;
  memcpy(frame->etag, bytes, ETAG_LENGTH);
}

linnet_status linnet__frame_cut(linnet__frame *frame, const linnet__port *port,
                                const linnet__response *response, const linnet__block *asked) {
  size_t overhead = 0, length = response->payload->length;
  frame->payload = response->payload->data;
  frame->payload_length = length;
  if (length == 0 && !asked->present) return LINNET_OK; /* as most answers to an Update, or a Write */
  for (size_t i = 0; i < response->location_count; i++)
    overhead += LINNET__OPTION_HEAD + response->location[i].length;
  size_t whole = linnet__port_whole(port, overhead);
  if (response->code >> 5 != 2) { /* a diagnostic text is for people: it may be cut */
    if (length > whole) frame->payload_length = whole;
    return LINNET_OK;
  }
  if (!asked->present && length <= whole) return LINNET_OK;
  uint64_t offset = asked->present ? linnet__block_offset(asked) : 0;
  if (offset > 0 && offset >= length) return LINNET_ERROR_MALFORMED;
  uint8_t exponent = linnet__port_exponent(port, overhead);
  if (asked->present && asked->exponent < exponent) exponent = asked->exponent;
  size_t size = linnet__block_size(exponent);
  if (offset > 0) frame->payload += offset;
  frame->payload_length = length - (size_t)offset;
  frame->block2 =
      (linnet__block){.present = true, .exponent = exponent, .number = (uint32_t)(offset >> (exponent + 4))};
  if (frame->payload_length > size) {
    frame->payload_length = size;
    frame->block2.more = true;
  }
  if (length > size && frame->etag_length == 0) set_etag(frame, port->coap->loop, response);
  if (frame->block2.more && offset == 0) frame->size2 = (uint32_t)length;
  return LINNET_OK;
}

void linnet__snapshot_keep(linnet__remote *remote, uint64_t key, const linnet__frame *frame,
                           const linnet__response *response) {
  if (!frame->block2.more || remote == NULL) return;
  linnet__transfer *snapshot = linnet__transfer_new(remote, LINNET__TRANSFER_SNAPSHOT, key);
  if (snapshot == NULL) return;
  snapshot->code = response->code;
  snapshot->content_format = response->content_format;
  snapshot->max_age_s = response->max_age_s;
  snapshot->etag_length = frame->etag_length;
  memcpy(snapshot->etag, frame->etag, frame->etag_length);
  if (linnet__buffer_append(&snapshot->body, response->payload->data, response->payload->length) != LINNET_OK)
    linnet__transfer_free(snapshot);
}

/* TOO_LARGE: the options leave no room for it in a message. */
static linnet_status send_direct(const linnet__contact *contact, const linnet__reply *reply,
                                 const linnet__frame *frame, const linnet__response *response) {
  linnet__coap *coap = contact->port->coap;
  linnet_transport *transport = contact->peer.transport;
  size_t room = linnet__frame_room(frame, response);
  size_t largest = linnet__transport_timing(transport)->max_message;
  if (room > largest) room = largest;
  uint8_t *queued = contact->port->closed ? NULL : linnet__transport_reserve(transport, room);
  /* If the queue is full the answer is lost, but not for the duplicate that will ask for it. */
  uint8_t *bytes = queued != NULL ? queued : linnet__new(coap->loop, room);
  if (bytes == NULL) return LINNET_ERROR_NO_MEMORY;
  size_t length = linnet__frame_write(frame, response, bytes, room);
  linnet__recent_keep(contact, &reply->mark, bytes, frame->type == LINNET_MESSAGE_ACK ? length : 0);
  if (queued != NULL) {
    linnet__coap_trace(contact, "is sent", bytes, length);
    linnet__transport_commit(transport, &contact->peer.address, length);
  } else {
    linnet__free(coap->loop, bytes, room);
  }
  if (length == 0) return LINNET_ERROR_TOO_LARGE;
  coap->counters.messages_out++;
  linnet__coap_note_traffic(contact);
  return LINNET_OK;
}

static linnet_status send_separate(linnet__remote *remote, const linnet__frame *frame,
                                   const linnet__response *response) {
  linnet__confirmable *confirmable = linnet__confirmable_new(remote, linnet__frame_room(frame, response));
  if (confirmable == NULL) return LINNET_ERROR_NO_MEMORY;
  confirmable->length = linnet__frame_write(frame, response, confirmable->bytes, confirmable->capacity);
  if (confirmable->length > linnet__remote_timing(remote)->max_message) {
    linnet__confirmable_drop(confirmable);
    return LINNET_ERROR_TOO_LARGE;
  }
  linnet__confirmable_queue(confirmable);
  return LINNET_OK;
}

static linnet_status send_frame(const linnet__contact *contact, linnet__remote *remote,
                                const linnet__reply *reply, linnet__frame *frame,
                                const linnet__response *response) {
  if (frame->type == LINNET_MESSAGE_CON) return send_separate(remote, frame, response);
  if (frame->type == LINNET_MESSAGE_NON &&
      (remote == NULL || !linnet__remote_take_id(remote, &frame->message_id))) {
    linnet__recent_keep(contact, &reply->mark, NULL, 0);
    return LINNET_ERROR_LIMIT_REACHED;
  }
  return send_direct(contact, reply, frame, response);
}

/* This layer's own answer to a request that cannot be answered otherwise. */
static linnet_status send_code(const linnet__contact *contact, linnet__remote *remote,
                               const linnet__reply *reply, linnet_message_type type, uint8_t code) {
  linnet__response response = {.code = code, .content_format = -1, .max_age_s = -1};
  linnet__frame frame;
  linnet__frame_init(&frame, type, reply->mark.message_id, &reply->token);
  return send_frame(contact, remote, reply, &frame, &response);
}

linnet_status linnet__reply_send(const linnet__contact *contact, linnet__remote *remote, linnet__reply *reply,
                                 const linnet__response *response) {
  linnet_message_type type = !reply->mark.confirmable ? LINNET_MESSAGE_NON
                             : reply->acknowledged    ? LINNET_MESSAGE_CON
                                                      : LINNET_MESSAGE_ACK;
  linnet__frame frame;
  linnet__frame_init(&frame, type, reply->mark.message_id, &reply->token);
  frame.block1 = reply->block1;
  frame.size1 = reply->size1;
  if (reply->snapshot != NULL) {
    frame.etag_length = reply->snapshot->etag_length;
    memcpy(frame.etag, reply->snapshot->etag, frame.etag_length);
  }
  if (remote == NULL && type != LINNET_MESSAGE_ACK)
    remote = linnet__remote_get(contact->port, &contact->peer.address);
  linnet_status status = response->payload->failed;
  if (status == LINNET_OK) {
    if (linnet__frame_cut(&frame, contact->port, response, &reply->block2) != LINNET_OK)
      return send_code(contact, remote, reply, type, LINNET__BAD_REQUEST);
    bool observed = response->observer != NULL && response->code >> 5 == 2;
    if (observed && linnet__observer_known(remote, response->observer))
      frame.observe = linnet__observer_next(response->observer);
    status = send_frame(contact, remote, reply, &frame, response);
  }
  if (status == LINNET_OK && reply->snapshot == NULL && frame.block2.more) {
    if (remote == NULL) remote = linnet__remote_get(contact->port, &contact->peer.address);
    linnet__snapshot_keep(remote, linnet__reply_key(contact->port->coap->loop, reply), &frame, response);
  }
  if (status == LINNET_ERROR_TOO_LARGE || status == LINNET_ERROR_NO_MEMORY)
    send_code(contact, remote, reply, type, LINNET__INTERNAL_SERVER_ERROR);
  return status;
}

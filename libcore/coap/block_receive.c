/* SPDX-License-Identifier: Apache-2.0 */
/* block_receive.c: a request body that comes in blocks (RFC 7959 2.5, 2.9; BW-01 to BW-10). */
#include "parts.h"

static linnet__collected answer(linnet__arrival *arrival, linnet__reply *reply, uint8_t code) {
  linnet__serve_code(arrival, reply, code);
  return LINNET__COLLECTED_ANSWERED;
}

/* BW-06: the body is larger than we take; Size1 says what we would. */
static linnet__collected refuse_size(linnet__arrival *arrival, linnet__reply *reply) {
  linnet__response response;
  size_t limit = arrival->coap->limits[LINNET_LIMIT_BODY_SIZE];
  arrival->coap->counters.refused_by_limit++;
  linnet__coap_warn(arrival->coap, &arrival->contact.peer.address, "a body that is larger than the limit");
  linnet__response_init(arrival->coap, &response, LINNET__REQUEST_ENTITY_TOO_LARGE);
  reply->size1 = limit > UINT32_MAX ? UINT32_MAX : (uint32_t)limit;
  linnet__arrival_answer(arrival, reply, &response);
  return LINNET__COLLECTED_ANSWERED;
}

/* BW-08: 0 to go on. The arrival may be lost afterwards. */
static uint8_t check_early(linnet__arrival *arrival) {
  linnet__coap *coap = arrival->coap;
  if (coap->handler.precheck == NULL) return 0;
  linnet__incoming incoming;
  linnet__arrival_incoming(arrival, &incoming);
  return coap->handler.precheck(coap->user, &incoming);
}

static linnet__transfer *begin(linnet__arrival *arrival, uint64_t key) {
  arrival->remote = linnet__remote_get(arrival->contact.port, &arrival->contact.peer.address);
  if (arrival->remote == NULL) return NULL;
  linnet__transfer *upload = linnet__transfer_new(arrival->remote, LINNET__TRANSFER_UPLOAD, key);
  if (upload != NULL) upload->content_format = arrival->facts.content_format;
  return upload;
}

static void tell_begun(const linnet__arrival *arrival, linnet__transfer *upload) {
  const linnet__coap *coap = arrival->coap;
  if (coap->handler.collecting == NULL) return;
  linnet__incoming incoming;
  linnet__arrival_incoming(arrival, &incoming);
  upload->awaited = coap->handler.collecting(coap->user, &incoming);
}

/* Block 0 of several, or the only one: *upload is what to add to, or NULL when it was answered. */
static linnet__collected first_block(linnet__arrival *arrival, linnet__reply *reply, uint64_t key,
                                     linnet__transfer **upload) {
  uint64_t changes = arrival->coap->changes;
  if (arrival->facts.size1 > arrival->coap->limits[LINNET_LIMIT_BODY_SIZE])
    return refuse_size(arrival, reply); /* BW-10 */
  uint8_t code = check_early(arrival);
  if (linnet__arrival_lost(arrival, changes)) return LINNET__COLLECTED_ANSWERED;
  if (code != 0) return answer(arrival, reply, code);
  *upload = begin(arrival, key);
  if (*upload == NULL) return answer(arrival, reply, LINNET__SERVICE_UNAVAILABLE);
  tell_begun(arrival, *upload);
  return LINNET__COLLECTED_WHOLE;
}

/* BW-02: exactly a block if more follow, not empty at the end, never more than a block. */
static bool well_sized(const linnet__arrival *arrival) {
  const linnet__block *block = &arrival->facts.block1;
  size_t length = arrival->message.payload_length;
  size_t size = linnet__block_size(block->exponent);
  if (block->more) return length == size;
  return length <= size && (length > 0 || block->number == 0);
}

/* The block is stored, or has been: 2.31, perhaps with the wish for smaller ones (BW-03, BW-04). */
static linnet__collected go_on(linnet__arrival *arrival, linnet__reply *reply) {
  uint8_t exponent = linnet__port_exponent(arrival->contact.port, 0);
  if (exponent < reply->block1.exponent) reply->block1.exponent = exponent;
  reply->block1.more = true;
  return answer(arrival, reply, LINNET__CONTINUE);
}

/* Adds the block to the body (BW-05). */
static linnet__collected add(linnet__arrival *arrival, linnet__reply *reply, linnet__transfer *upload,
                             linnet__buffer *body) {
  const linnet_message *message = &arrival->message;
  linnet_status status = linnet__buffer_append(&upload->body, message->payload, message->payload_length);
  if (status != LINNET_OK) {
    linnet__transfer_free(upload);
    if (status == LINNET_ERROR_TOO_LARGE) return refuse_size(arrival, reply);
    return answer(arrival, reply, LINNET__SERVICE_UNAVAILABLE);
  }
  linnet__transfer_touch(upload);
  if (arrival->facts.block1.more) return go_on(arrival, reply);
  *body = upload->body;
  linnet__buffer_init(&upload->body, arrival->coap->loop, 0);
  linnet__transfer_tell(upload, LINNET__BODY_WHOLE);
  linnet__transfer_free(upload);
  return LINNET__COLLECTED_WHOLE;
}

linnet__collected linnet__block1_collect(linnet__arrival *arrival, linnet__reply *reply,
                                         linnet__buffer *body) {
  const linnet__block *block = &arrival->facts.block1;
  uint64_t offset = linnet__block_offset(block);
  reply->block1 = *block;
  if (!well_sized(arrival)) return answer(arrival, reply, LINNET__BAD_REQUEST);
  reply->block1.more = false;
  uint64_t key = linnet__reply_key(arrival->coap->loop, reply);
  linnet__transfer *upload = NULL;
  if (arrival->remote != NULL) upload = linnet__transfer_find(arrival->remote, LINNET__TRANSFER_UPLOAD, key);
  if (block->number == 0) {
    if (upload != NULL) linnet__transfer_free(upload);
    if (!block->more) return LINNET__COLLECTED_WHOLE; /* the message has all of it */
    if (first_block(arrival, reply, key, &upload) == LINNET__COLLECTED_ANSWERED)
      return LINNET__COLLECTED_ANSWERED;
    return add(arrival, reply, upload, body);
  }
  if (upload == NULL || upload->content_format != arrival->facts.content_format)
    return answer(arrival, reply, LINNET__REQUEST_ENTITY_INCOMPLETE);
  if (block->more && offset + arrival->message.payload_length == upload->body.length)
    return go_on(arrival, reply); /* the previous one again */
  if (offset != upload->body.length) return answer(arrival, reply, LINNET__REQUEST_ENTITY_INCOMPLETE);
  return add(arrival, reply, upload, body);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recent.c: messages that were acted on, and the answers to replay for duplicates (RFC 7252 4.5; CO-33).
 *
 * They lie one behind the other in one block of the remote, the eldest first: each new message means a look
 * at all of them, and thousands of peers have such a block.
 */
#include <string.h>

#include "parts.h"

/* So much is there for an answer from the beginning: an empty ACK never moves those behind it. */
#define LEAST_ROOM 8
/* A block above this gives back what it does not need any more. */
#define KEPT_CAPACITY 1024

static size_t size_with(size_t answer_length) {
  size_t room = (answer_length + 7) / 8 * 8;
  return sizeof(linnet__recent) + (room > LEAST_ROOM ? room : LEAST_ROOM);
}

static linnet__recent *at(const linnet__recents *recents, size_t offset) {
  return (linnet__recent *)(void *)(recents->memory + offset);
}

static size_t offset_of(const linnet__recents *recents, const linnet__recent *recent) {
  return (size_t)((const uint8_t *)recent - recents->memory);
}

/* The one with that id, or NULL. */
static linnet__recent *with_id(const linnet__recents *recents, uint16_t message_id) {
  for (size_t offset = 0; offset < recents->length;) {
    linnet__recent *recent = at(recents, offset);
    if (recent->message_id == message_id) return recent;
    offset += size_with(recent->length);
  }
  return NULL;
}

linnet__recent *linnet__recent_find(const linnet__remote *remote, uint16_t message_id, uint64_t hash) {
  linnet__recent *recent = with_id(&remote->recents, message_id);
  if (recent == NULL || recent->hash != (uint32_t)hash) return NULL;
  return recent->expires_ms > linnet_loop_now(linnet__remote_loop(remote)) ? recent : NULL;
}

static void take_out(linnet__recents *recents, linnet__recent *recent) {
  size_t size = size_with(recent->length), end = offset_of(recents, recent) + size;
  memmove(recent, recents->memory + end, recents->length - end);
  recents->length -= (uint32_t)size;
  recents->count--;
}

/* Half as much again as is needed, so that a busy peer soon has what it takes. */
static bool set_length(linnet__remote *remote, size_t length) {
  linnet__recents *recents = &remote->recents;
  bool too_large = recents->capacity > KEPT_CAPACITY && length < recents->capacity / 4;
  if (length > recents->capacity || too_large) {
    size_t capacity = length + length / 2;
    if (capacity > UINT32_MAX) return false;
    uint8_t *memory =
        linnet__resize(linnet__remote_loop(remote), recents->memory, recents->capacity, capacity);
    if (memory == NULL && !too_large) return false;
    if (memory != NULL) {
      recents->memory = memory;
      recents->capacity = (uint32_t)capacity;
    }
  }
  recents->length = (uint32_t)length;
  return true;
}

linnet__recent *linnet__recent_add(linnet__remote *remote, uint16_t message_id, uint64_t hash,
                                   bool confirmable) {
  linnet__recents *recents = &remote->recents;
  const linnet__coap *coap = remote->port->coap;
  const linnet__timing *timing = linnet__remote_timing(remote);
  linnet__remote_touch(remote);
  linnet__recent *former = with_id(recents, message_id);
  if (former != NULL) take_out(recents, former);
  while (recents->count > 0 && recents->count >= coap->limits[LINNET_LIMIT_RECENT_EXCHANGES])
    take_out(recents, at(recents, 0));
  size_t end = recents->length;
  if (!set_length(remote, end + size_with(0))) return NULL;
  recents->count++;
  linnet__recent *recent = at(recents, end);
  recent->expires_ms =
      linnet_loop_now(coap->loop) + (confirmable ? timing->exchange_lifetime_ms : timing->non_lifetime_ms);
  recent->hash = (uint32_t)hash;
  recent->message_id = message_id;
  recent->length = 0;
  return recent;
}

void linnet__recent_answer(linnet__remote *remote, linnet__recent *recent, const uint8_t *data,
                           size_t length) {
  linnet__recents *recents = &remote->recents;
  if (length > UINT16_MAX) return;
  size_t offset = offset_of(recents, recent), former_length = recents->length;
  size_t former_end = offset + size_with(recent->length), end = offset + size_with(length);
  if (end > former_end && !set_length(remote, former_length - former_end + end)) return;
  memmove(recents->memory + end, recents->memory + former_end, former_length - former_end);
  recents->length = (uint32_t)(former_length - former_end + end);
  recent = at(recents, offset);
  recent->length = (uint16_t)length;
  memcpy(recent->answer, data, length);
}

void linnet__recent_clear(linnet__remote *remote) {
  linnet__recents *recents = &remote->recents;
  linnet__free(linnet__remote_loop(remote), recents->memory, recents->capacity);
  *recents = (linnet__recents){0};
}

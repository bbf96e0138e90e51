/* SPDX-License-Identifier: Apache-2.0 */
/* recent.c: messages that were acted on, and the answers to replay for duplicates (RFC 7252 4.5; CO-33). */
#include <string.h>

#include "parts.h"

static void forget_answer(linnet_loop *loop, linnet__recent *recent) {
  linnet__free(loop, recent->large, recent->length);
  recent->large = NULL;
  recent->length = 0;
}

linnet__recent *linnet__recent_find(const linnet__remote *remote, uint16_t message_id, uint64_t hash) {
  uint64_t now_ms = linnet_loop_now(linnet__remote_loop(remote));
  for (linnet__recent *recent = remote->recent; recent != NULL; recent = recent->next)
    if (recent->message_id == message_id)
      return recent->hash == hash && recent->expires_ms > now_ms ? recent : NULL;
  return NULL;
}

/* Takes out the one with that id, or the eldest if there are too many; NULL: neither. */
static linnet__recent *take_old(linnet__remote *remote, uint16_t message_id, size_t limit) {
  linnet__recent **link = &remote->recent;
  while (*link != NULL) {
    linnet__recent *recent = *link;
    if (recent->message_id == message_id || (recent->next == NULL && remote->recent_count >= limit)) {
      *link = recent->next;
      remote->recent_count--;
      return recent;
    }
    link = &recent->next;
  }
  return NULL;
}

linnet__recent *linnet__recent_add(linnet__remote *remote, uint16_t message_id, uint64_t hash,
                                   bool confirmable) {
  linnet__coap *coap = remote->port->coap;
  const linnet__timing *timing = linnet__remote_timing(remote);
  linnet__remote_touch(remote);
  linnet__recent *recent = take_old(remote, message_id, coap->limits[LINNET_LIMIT_RECENT_EXCHANGES]);
  if (recent == NULL) recent = linnet__pool_take(&coap->recents, coap->loop);
  if (recent == NULL) return NULL;
  forget_answer(coap->loop, recent);
  recent->message_id = message_id;
  recent->hash = hash;
  recent->expires_ms =
      linnet_loop_now(coap->loop) + (confirmable ? timing->exchange_lifetime_ms : timing->non_lifetime_ms);
  recent->next = remote->recent;
  remote->recent = recent;
  remote->recent_count++;
  return recent;
}

void linnet__recent_answer(linnet__remote *remote, linnet__recent *recent, const uint8_t *data,
                           size_t length) {
  linnet_loop *loop = linnet__remote_loop(remote);
  forget_answer(loop, recent);
  if (length > UINT16_MAX) return;
  uint8_t *memory = recent->bytes;
  if (length > sizeof recent->bytes) {
    recent->large = linnet__new(loop, length);
    if (recent->large == NULL) return;
    memory = recent->large;
  }
  memcpy(memory, data, length);
  recent->length = (uint16_t)length;
}

void linnet__recent_clear(linnet__remote *remote) {
  linnet__coap *coap = remote->port->coap;
  while (remote->recent != NULL) {
    linnet__recent *recent = remote->recent;
    remote->recent = recent->next;
    forget_answer(coap->loop, recent);
    linnet__pool_give(&coap->recents, coap->loop, recent);
  }
  remote->recent_count = 0;
}

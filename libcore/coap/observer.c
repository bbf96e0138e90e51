/* SPDX-License-Identifier: Apache-2.0 */
/* observer.c: who observes us, and notifications (RFC 7641 3 and 4; OB-03, OB-04, OB-06 to OB-09). */
#include <string.h>

#include "parts.h"

#define DAY_MS (24ULL * 60 * 60 * 1000)
#define SEQUENCE_MASK 0xFFFFFFU

static linnet__observer *find(const linnet__remote *remote, const linnet__token *token) {
  for (linnet__list *node = remote->observers.next; node != &remote->observers; node = node->next) {
    linnet__observer *observer = LINNET__CONTAINER(node, linnet__observer, node);
    if (observer->token.length == token->length &&
        memcmp(observer->token.bytes, token->bytes, token->length) == 0)
      return observer;
  }
  return NULL;
}

bool linnet__observer_known(const linnet__remote *remote, const linnet__observer *observer) {
  if (remote == NULL) return false;
  for (const linnet__list *node = remote->observers.next; node != &remote->observers; node = node->next)
    if (node == &observer->node) return true;
  return false;
}

static linnet__remote *remote_of(const linnet__coap *coap, const linnet__peer *peer) {
  linnet__port *port = linnet__port_find(coap, peer->transport);
  return port == NULL ? NULL : linnet__remote_find(port, &peer->address);
}

/* The key of the request that registers: the one that is being asked about, or one put off. */
static uint64_t key_of(const linnet__coap *coap, const linnet__remote *remote, const linnet__token *token) {
  const linnet__reply *reply = coap->reply;
  const linnet__arrival *arrival = coap->arrival;
  if (reply != NULL && arrival->contact.port == remote->contact.port &&
      linnet_address_equal(&arrival->contact.peer.address, &remote->contact.peer.address) &&
      reply->token.length == token->length && memcmp(reply->token.bytes, token->bytes, token->length) == 0)
    return linnet__reply_key(coap->loop, reply);
  for (linnet__list *node = remote->pendings.next; node != &remote->pendings; node = node->next) {
    reply = &LINNET__CONTAINER(node, linnet__pending, node)->reply;
    if (reply->token.length == token->length && memcmp(reply->token.bytes, token->bytes, token->length) == 0)
      return reply->key;
  }
  return 0;
}

/* Takes it out of its peer; what is on its way to it ends. */
static void detach(linnet__observer *observer) {
  linnet__remote *remote = observer->remote;
  linnet__list_remove(&observer->node);
  observer->remote = NULL;
  observer->coap->observer_count--;
  linnet__confirmable_drop(observer->waiting);
  observer->waiting = NULL;
  linnet__confirmable_drop(observer->confirmable);
  linnet__remote_relax(remote);
}

void linnet__observer_free(linnet__observer *observer) {
  linnet__list_remove(&observer->node);
  linnet__free(observer->coap->loop, observer, sizeof *observer);
}

static void lose(linnet__observer *observer, linnet__observer_end end) {
  linnet__coap *coap = observer->coap;
  detach(observer);
  if (coap->closed) {
    linnet__observer_free(observer);
    return;
  }
  observer->end = end;
  linnet__list_append(&coap->gone, &observer->node);
  linnet__task_post(coap->loop, &coap->task);
}

void linnet__observer_lose(linnet__observer *observer) { lose(observer, LINNET__OBSERVER_CLOSED); }

static void tell_end(linnet__observer *observer, linnet__observer_end end) {
  linnet__coap *coap = observer->coap;
  void *observation = observer->observation;
  linnet__observer_free(observer);
  if (coap->handler.unobserved != NULL) coap->handler.unobserved(coap->user, observation, end);
}

void linnet__observers_tell(linnet__coap *coap) {
  while (!coap->closed && !linnet__list_empty(&coap->gone)) {
    linnet__observer *observer = LINNET__CONTAINER(coap->gone.next, linnet__observer, node);
    tell_end(observer, observer->end);
  }
}

linnet__observer *linnet__coap_observe(linnet__coap *coap, const linnet__peer *peer,
                                       const linnet__token *token, void *observation) {
  linnet__port *port = linnet__port_find(coap, peer->transport);
  linnet__remote *remote = port == NULL ? NULL : linnet__remote_get(port, &peer->address);
  if (remote == NULL || token->length > sizeof token->bytes) return NULL;
  linnet__observer *former = find(remote, token);
  if (former == NULL && coap->observer_count >= coap->limits[LINNET_LIMIT_OBSERVATIONS]) {
    coap->counters.refused_by_limit++;
    return NULL;
  }
  linnet__observer *observer = linnet__new(coap->loop, sizeof *observer);
  if (observer == NULL) return NULL;
  observer->coap = coap;
  observer->remote = remote;
  observer->token = *token;
  observer->observation = observation;
  observer->confirmed_ms = linnet_loop_now(coap->loop);
  observer->key = key_of(coap, remote, token);
  if (former != NULL) {
    observer->sequence = former->sequence; /* to the peer it is the same observation: OB-04 */
    lose(former, LINNET__OBSERVER_REPLACED);
  }
  linnet__list_append(&remote->observers, &observer->node);
  coap->observer_count++;
  return observer;
}

void *linnet__coap_find_observation(const linnet__coap *coap, const linnet__peer *peer,
                                    const linnet__token *token) {
  const linnet__remote *remote = remote_of(coap, peer);
  const linnet__observer *observer = remote == NULL ? NULL : find(remote, token);
  return observer == NULL ? NULL : observer->observation;
}

bool linnet__observer_busy(const linnet__observer *observer) { return observer->confirmable != NULL; }

int32_t linnet__observer_next(linnet__observer *observer) {
  observer->sequence = (observer->sequence + 1) & SEQUENCE_MASK;
  return (int32_t)observer->sequence;
}

/* OB-07: a RST may come for it. */
static void note(linnet__observer *observer, uint16_t message_id) {
  observer->noted[observer->next_noted].message_id = message_id;
  observer->noted[observer->next_noted].expires_ms =
      linnet_loop_now(observer->coap->loop) + linnet__remote_timing(observer->remote)->non_lifetime_ms;
  observer->next_noted = (uint8_t)((observer->next_noted + 1) % LINNET__NOTED);
}

static linnet_status send_unconfirmed(linnet__observer *observer, linnet__confirmable *message) {
  linnet__remote *remote = message->remote;
  uint16_t message_id = 0;
  linnet_status status = LINNET_ERROR_LIMIT_REACHED;
  if (linnet__remote_take_id(remote, &message_id)) {
    message->bytes[0] = (uint8_t)((message->bytes[0] & 0xCF) | LINNET_MESSAGE_NON << 4);
    linnet__put_u16(message->bytes + 2, message_id);
    status = linnet__send_bytes(&remote->contact, message->bytes, message->length);
    note(observer, message_id);
  }
  linnet__confirmable_drop(message);
  return status;
}

static linnet_status dispatch(linnet__observer *observer, linnet__confirmable *message) {
  if (message->reliability == LINNET__NON_CONFIRMABLE) return send_unconfirmed(observer, message);
  message->observer = observer;
  observer->confirmable = message;
  linnet__confirmable_queue(message);
  return LINNET_OK;
}

/* An error ends the observation on the wire: it has to arrive even if the observer is given up. */
static bool is_last_word(const linnet__confirmable *message) {
  return message != NULL && message->bytes[1] >> 5 != 2;
}

void linnet__coap_unobserve(linnet__coap *coap, linnet__observer *observer) {
  (void)coap;
  if (observer->remote != NULL) {
    linnet__confirmable *waiting = observer->waiting;
    if (is_last_word(observer->confirmable)) {
      observer->confirmable->observer = NULL;
      observer->confirmable = NULL;
    }
    if (is_last_word(waiting)) {
      observer->waiting = NULL;
      linnet__confirmable_queue(waiting);
    }
    detach(observer);
  }
  linnet__observer_free(observer);
}

static void compose_frame(linnet__observer *observer, const linnet__response *response,
                          linnet__frame *frame) {
  static const linnet__block nothing_asked = {.present = false};
  linnet__remote *remote = observer->remote;
  linnet__frame_init(frame, LINNET_MESSAGE_CON, 0, &observer->token);
  if (response->code >> 5 == 2) frame->observe = linnet__observer_next(observer);
  linnet__frame_cut(frame, remote->contact.port, response, &nothing_asked);
  if (observer->key != 0) linnet__snapshot_keep(remote, observer->key, frame, response);
}

static linnet__confirmable *compose(const linnet__observer *observer, const linnet__frame *frame,
                                    const linnet__response *response) {
  linnet__confirmable *message =
      linnet__confirmable_new(observer->remote, linnet__frame_room(frame, response));
  if (message == NULL)
    linnet__fail(observer->coap->loop, LINNET_ERROR_NO_MEMORY, "notify: no memory for the message");
  else
    message->length = linnet__frame_write(frame, response, message->bytes, message->capacity);
  return message;
}

/* Nothing is on its way to the observer, and nothing is to be heard of this: it is written where it leaves.
 */
static linnet_status send_at_once(linnet__observer *observer, linnet__frame *frame,
                                  const linnet__response *response) {
  linnet__remote *remote = observer->remote;
  if (!linnet__remote_take_id(remote, &frame->message_id)) return LINNET_ERROR_LIMIT_REACHED;
  frame->type = LINNET_MESSAGE_NON;
  note(observer, frame->message_id);
  return linnet__send_frame(&remote->contact, frame, response);
}

linnet_status linnet__coap_notify(linnet__coap *coap, linnet__observer *observer,
                                  const linnet__response *response, linnet__reliability reliability) {
  linnet__confirmable *before = observer->confirmable;
  if (observer->remote == NULL) return LINNET_ERROR_CLOSED;
  if (response->payload->failed != LINNET_OK) return response->payload->failed;
  linnet__frame frame;
  compose_frame(observer, response, &frame);
  if (linnet_loop_now(coap->loop) >= observer->confirmed_ms + DAY_MS)
    reliability = LINNET__CONFIRMABLE; /* OB-09 */
  if (before == NULL && reliability == LINNET__NON_CONFIRMABLE)
    return send_at_once(observer, &frame, response);
  linnet__confirmable *message = compose(observer, &frame, response);
  if (message == NULL) return LINNET_ERROR_NO_MEMORY;
  message->reliability = reliability;
  if (before == NULL) return dispatch(observer, message);
  linnet__confirmable_drop(observer->waiting);
  observer->waiting = NULL;
  if (before->sent > 0) {
    observer->waiting = message;
    return LINNET_OK;
  }
  /* What has not left yet is replaced where it stands in the queue. */
  linnet__list_append(&before->node, &message->node);
  message->observer = observer;
  observer->confirmable = message;
  linnet__confirmable_drop(before);
  return LINNET_OK;
}

void linnet__observer_settled(linnet__observer *observer, linnet_status status) {
  linnet__coap *coap = observer->coap;
  void *observation = observer->observation;
  linnet__confirmable *waiting = observer->waiting;
  if (status == LINNET_ERROR_RESET) {
    detach(observer);
    tell_end(observer, LINNET__OBSERVER_RESET);
    return;
  }
  observer->waiting = NULL;
  if (status == LINNET_OK) observer->confirmed_ms = linnet_loop_now(coap->loop);
  if (waiting != NULL && status == LINNET_OK)
    dispatch(observer, waiting);
  else
    linnet__confirmable_drop(
        waiting); /* OBS-09: the peer is away; the layer above sends the state of the day later */
  if (coap->handler.notified != NULL) coap->handler.notified(coap->user, observation, status);
}

bool linnet__observer_reset(linnet__remote *remote, uint16_t message_id) {
  uint64_t now_ms = linnet_loop_now(linnet__remote_loop(remote));
  for (linnet__list *node = remote->observers.next; node != &remote->observers; node = node->next) {
    linnet__observer *observer = LINNET__CONTAINER(node, linnet__observer, node);
    for (size_t i = 0; i < LINNET__NOTED; i++) {
      if (observer->noted[i].message_id != message_id || observer->noted[i].expires_ms <= now_ms) continue;
      detach(observer);
      tell_end(observer, LINNET__OBSERVER_RESET);
      return true;
    }
  }
  return false;
}

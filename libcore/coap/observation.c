/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observation.c: requests of ours that observe: the notifications that follow (RFC 7641 3.4; OB-02, OB-05,
 * BW-26). Reached by linnet__outgoing.watch alone, so that who observes nothing does not link it.
 */
#include <string.h>

#include "parts.h"

#define HALF_SEQUENCE (1U << 23)
#define FRESH_MS (128 * 1000ULL)

/* OB-05. */
static bool is_newer(const linnet__request *request, uint32_t sequence) {
  uint32_t former = request->sequence;
  if (request->resumed) return true;
  if (former < sequence && sequence - former < HALF_SEQUENCE) return true;
  if (former > sequence && former - sequence > HALF_SEQUENCE) return true;
  return linnet_loop_now(request->coap->loop) > request->sequence_ms + FRESH_MS;
}

static void deliver_notification(linnet__request *request, linnet__incoming *incoming) {
  incoming->token = request->key.token;
  incoming->observe = (int32_t)request->sequence;
  incoming->exchange = request->number;
  request->delivered = true;
  if (request->answered != NULL) request->answered(request->user, request->number, LINNET_OK, incoming);
}

static void warn_of_the_rest(const linnet__request *request) {
  linnet__coap_warn(request->coap, &request->remote->contact.peer.address,
                    "a notification in blocks, the rest of which cannot be had");
}

/* The rest of a large notification is here, or could not be had. Only a first value that fails ends the
 * observation. */
static void completed(void *user, uint64_t exchange, linnet_status status, const linnet__incoming *response) {
  linnet__request *parent = user;
  (void)exchange;
  if (status == LINNET_OK && response->code >> 5 == 2) {
    linnet__incoming notification = *response;
    deliver_notification(parent, &notification);
    return;
  }
  if (parent->delivered) {
    warn_of_the_rest(parent);
    return;
  }
  if (status != LINNET_OK) {
    linnet__request_fail(parent, status);
    return;
  }
  linnet__incoming refused = *response;
  refused.token = parent->key.token;
  refused.exchange = parent->number;
  linnet__request_detach(parent);
  if (parent->answered != NULL) parent->answered(parent->user, parent->number, LINNET_OK, &refused);
  linnet__request_free(parent);
}

/* A follower, without payload, with its path, query and Accept. NULL: no memory. */
static linnet__request *child_of(linnet__request *parent) {
  linnet_status status;
  const linnet__outgoing outgoing = {
      .code = parent->code, .content_format = -1, .accept = parent->accept, .observe = -1};
  linnet__request *child = linnet__request_new(parent->remote, &outgoing, completed, parent, &status);
  if (child == NULL) return NULL;
  child->exponent = parent->exponent;
  child->path_count = parent->path_count;
  child->query_count = parent->query_count;
  if (parent->texts_size > 0) {
    child->texts = linnet__new(child->coap->loop, parent->texts_size);
    if (child->texts == NULL) {
      linnet__request_drop(child);
      return NULL;
    }
    child->texts_size = parent->texts_size;
    memcpy(child->texts, parent->texts, parent->texts_size);
  }
  child->parent = parent;
  parent->child = child;
  return child;
}

/* BW-26: the observer asks for the rest by plain requests of their own token. */
static linnet_status complete(linnet__request *request, const linnet__arrival *arrival) {
  linnet_status status = LINNET_ERROR_NO_MEMORY;
  linnet__request *child = child_of(request);
  if (child == NULL) return status;
  if (linnet__download_advance(child, arrival, &status) == LINNET__DOWNLOAD_NEXT) {
    status = linnet__request_transmit(child);
    if (status == LINNET_OK) return LINNET_OK;
  }
  linnet__request_drop(request->child);
  return status;
}

static void notified(linnet__request *request, const linnet__arrival *arrival) {
  const linnet__block *block = &arrival->facts.block2;
  uint32_t sequence = (uint32_t)arrival->facts.observe;
  if (request->observing && !is_newer(request, sequence)) {
    linnet__coap_warn(request->coap, &arrival->contact.peer.address,
                      "a notification that is older than one before it");
    return;
  }
  if (!request->observing) {
    request->observing = true;
    request->remote->open_requests--;
    request->deadline_ms = LINNET_NEVER;
    linnet__timer_stop(request->coap->loop, &request->timer);
  }
  request->resumed = false;
  request->sequence = sequence;
  request->sequence_ms = linnet_loop_now(request->coap->loop);
  linnet__request_drop(request->child);
  if (block->present && (block->more || block->number > 0)) {
    linnet_status status = complete(request, arrival);
    if (status != LINNET_OK && request->delivered)
      warn_of_the_rest(request);
    else if (status != LINNET_OK)
      linnet__request_fail(request, status);
    return;
  }
  linnet__incoming incoming;
  linnet__arrival_incoming(arrival, &incoming);
  deliver_notification(request, &incoming);
}

/* It observes no longer, or never did: what comes is a plain response (OB-02). */
static void end_observation(linnet__request *request) {
  linnet__request_drop(request->child);
  if (request->observing) {
    request->observing = false;
    request->remote->open_requests++;
  }
  request->observe = -1;
}

bool linnet__coap_watch(linnet__request *request, const linnet__arrival *arrival) {
  bool notification = arrival->message.code >> 5 == 2 && arrival->facts.observe >= 0;
  if (notification)
    notified(request, arrival);
  else
    end_observation(request);
  return notification;
}

linnet_status linnet__coap_resume(linnet__coap *coap, const linnet__peer *peer,
                                  const linnet__outgoing *outgoing, linnet__coap_answered answered,
                                  void *user, uint64_t *exchange) {
  linnet_status status;
  linnet__remote *remote = linnet__request_remote(coap, peer, &status);
  if (remote == NULL) return status;
  linnet__request *request = linnet__request_new(remote, outgoing, answered, user, &status);
  if (request == NULL) return linnet__fail(coap->loop, status, "request: it cannot be kept");
  request->observing = request->delivered = request->resumed = true;
  remote->open_requests--;
  *exchange = request->number;
  return LINNET_OK;
}

linnet_status linnet__coap_token(const linnet__coap *coap, uint64_t exchange, linnet__token *token) {
  const linnet__request *request = linnet__map_find(&coap->requests, &exchange, sizeof exchange);
  if (request == NULL || request->remote == NULL) return LINNET_ERROR_NOT_FOUND;
  *token = request->key.token;
  return LINNET_OK;
}

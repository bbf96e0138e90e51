/* SPDX-License-Identifier: Apache-2.0 */
/* observation.c: responses to our requests, and the notifications that follow (RFC 7641 3.4; OB-02, OB-05,
 * BW-26). */
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

/* The response with the body that was put together, if it was. */
static void whole(const linnet__request *request, const linnet__arrival *arrival,
                  linnet__incoming *incoming) {
  linnet__arrival_incoming(arrival, incoming);
  incoming->exchange = request->number;
  if (request->download == NULL) return;
  incoming->message = request->download->first;
  incoming->payload = request->download->body.data;
  incoming->payload_length = request->download->body.length;
}

static void deliver_last(linnet__request *request, const linnet__arrival *arrival) {
  linnet__incoming incoming;
  linnet__request_detach(request);
  whole(request, arrival, &incoming);
  incoming.observe = -1;
  if (request->answered != NULL) request->answered(request->user, request->number, LINNET_OK, &incoming);
  linnet__request_free(request);
}

static void deliver_notification(linnet__request *request, linnet__incoming *incoming) {
  incoming->token = request->key.token;
  incoming->observe = (int32_t)request->sequence;
  incoming->exchange = request->number;
  request->delivered = true;
  if (request->answered != NULL) request->answered(request->user, request->number, LINNET_OK, incoming);
}

static void warn_of_the_rest(const linnet__request *request) {
  linnet__coap_warn(request->coap, &request->remote->address,
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

static void drop_child(linnet__request *request) {
  linnet__request *child = request->child;
  if (child == NULL) return;
  linnet__request_detach(child);
  linnet__request_free(child);
}

/* BW-26: the observer asks for the rest by plain requests of their own token. */
static linnet_status complete(linnet__request *request, const linnet__arrival *arrival) {
  linnet_status status = LINNET_ERROR_NO_MEMORY;
  linnet__request *child = linnet__request_child(request);
  if (child == NULL) return status;
  child->answered = completed;
  child->user = request;
  if (linnet__download_advance(child, arrival, &status) == LINNET__DOWNLOAD_NEXT) {
    status = linnet__request_transmit(child);
    if (status == LINNET_OK) return LINNET_OK;
  }
  drop_child(request);
  return status;
}

static void notified(linnet__request *request, const linnet__arrival *arrival) {
  const linnet__block *block = &arrival->facts.block2;
  uint32_t sequence = (uint32_t)arrival->facts.observe;
  if (request->observing && !is_newer(request, sequence)) {
    linnet__coap_warn(request->coap, arrival->address, "a notification that is older than one before it");
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
  drop_child(request);
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
  drop_child(request);
  if (request->observing) {
    request->observing = false;
    request->remote->open_requests++;
  }
  request->observe = -1;
}

void linnet__request_respond(linnet__request *request, linnet__arrival *arrival) {
  linnet_status status = LINNET_ERROR_MALFORMED;
  linnet__request_continue(request);
  if (request->observe == 0) {
    if (arrival->message.code >> 5 == 2 && arrival->facts.observe >= 0) {
      notified(request, arrival);
      return;
    }
    end_observation(request);
  }
  linnet__upload_step upload = linnet__upload_advance(request, arrival);
  if (upload == LINNET__UPLOAD_DONE) {
    linnet__download_step download = linnet__download_advance(request, arrival, &status);
    if (download == LINNET__DOWNLOAD_WHOLE) {
      deliver_last(request, arrival);
      return;
    }
    if (download == LINNET__DOWNLOAD_NEXT) status = LINNET_OK;
  } else if (upload == LINNET__UPLOAD_NEXT) {
    status = LINNET_OK;
  }
  if (status == LINNET_OK) status = linnet__request_transmit(request);
  if (status != LINNET_OK) linnet__request_fail(request, status);
}

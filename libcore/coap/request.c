/* SPDX-License-Identifier: Apache-2.0 */
/* request.c: the life of a request of ours (RFC 7252 5.2, 5.3; CO-31, CO-34, CO-38, CO-40). */
#include <string.h>

#include "parts.h"

#define TOKEN_LENGTH 8
#define TOKEN_TRIES 8
/* Requests that may share a token: an observation and those that cancel it. */
#define TWINS 4

static linnet_status keep_texts(linnet__request *request, const linnet__outgoing *outgoing) {
  const struct {
    const linnet__text *texts;
    size_t count;
  } rows[] = {{outgoing->path, outgoing->path_count}, {outgoing->query, outgoing->query_count}};
  size_t size = 0;
  for (size_t row = 0; row < 2; row++)
    for (size_t i = 0; i < rows[row].count; i++) {
      if (rows[row].texts[i].length > 255) return LINNET_ERROR_INVALID_ARGUMENT;
      size += 1 + rows[row].texts[i].length;
    }
  request->path_count = outgoing->path_count;
  request->query_count = outgoing->query_count;
  if (size == 0) return LINNET_OK;
  request->texts = linnet__new(request->coap->loop, size);
  if (request->texts == NULL) return LINNET_ERROR_NO_MEMORY;
  request->texts_size = size;
  uint8_t *at = request->texts;
  for (size_t row = 0; row < 2; row++)
    for (size_t i = 0; i < rows[row].count; i++) {
      const linnet__text *text = &rows[row].texts[i];
      *at++ = (uint8_t)text->length;
      if (text->length > 0) memcpy(at, text->data, text->length);
      at += text->length;
    }
  return LINNET_OK;
}

/* Bytes of the texts as options. */
static size_t text_options(const linnet__request *request) {
  size_t size = request->texts_size; /* a byte of length and the text, each */
  const uint8_t *at = request->texts;
  for (size_t i = 0; i < request->path_count + request->query_count; i++) {
    if (at[0] >= 13) size++;
    at += 1 + (size_t)at[0];
  }
  return size;
}

static linnet_status keep_payload(linnet__request *request, const linnet__outgoing *outgoing) {
  size_t overhead = text_options(request);
  linnet__upload *upload = &request->upload;
  request->exponent = linnet__port_exponent(request->remote->contact.port, overhead);
  size_t size = linnet__block_size(request->exponent);
  if (outgoing->payload_length == 0) return LINNET_OK;
  if (outgoing->payload_length > size * (LINNET__BLOCK_NUMBER_MAX + (size_t)1)) return LINNET_ERROR_TOO_LARGE;
  upload->data = linnet__new(request->coap->loop, outgoing->payload_length);
  if (upload->data == NULL) return LINNET_ERROR_NO_MEMORY;
  memcpy(upload->data, outgoing->payload, outgoing->payload_length);
  upload->length = outgoing->payload_length;
  upload->exponent = request->exponent;
  upload->blocks = upload->length > linnet__port_whole(request->remote->contact.port, overhead);
  return LINNET_OK;
}

/* A token of the caller's, perhaps shared with the observation it cancels, or a fresh one (CO-40). */
static linnet_status take_token(linnet__request *request, const linnet__token *token) {
  linnet__coap *coap = request->coap;
  linnet__token_key *key = &request->key;
  linnet_status status = LINNET_ERROR_EXISTS;
  if (token != NULL) {
    if (token->length > sizeof token->bytes) return LINNET_ERROR_INVALID_ARGUMENT;
    key->token.length = token->length;
    memcpy(key->token.bytes, token->bytes, token->length);
    for (; key->twin < TWINS && status == LINNET_ERROR_EXISTS; key->twin++)
      status = linnet__map_insert(&coap->tokens, request);
    if (status != LINNET_OK) return status;
    if (--key->twin > 0) coap->twins++;
    request->has_token = true;
    return LINNET_OK;
  }
  key->token.length = TOKEN_LENGTH;
  for (int i = 0; i < TOKEN_TRIES && status == LINNET_ERROR_EXISTS; i++) {
    linnet__random_bytes(coap->loop, key->token.bytes, TOKEN_LENGTH);
    status = linnet__map_insert(&coap->tokens, request);
  }
  request->has_token = status == LINNET_OK;
  return status;
}

static void give_token(linnet__request *request) {
  linnet__coap *coap = request->coap;
  if (!request->has_token) return;
  request->has_token = false;
  linnet__map_remove(&coap->tokens, &request->key, sizeof request->key);
  if (request->key.twin > 0) coap->twins--;
}

void linnet__request_free(linnet__request *request) {
  linnet_loop *loop = request->coap->loop;
  linnet__download_free(request);
  linnet__free(loop, request->texts, request->texts_size);
  linnet__free(loop, request->upload.data, request->upload.length);
  linnet__free(loop, request, sizeof *request);
}

void linnet__request_drop(linnet__request *request) {
  if (request == NULL) return;
  linnet__request_detach(request);
  linnet__request_free(request);
}

/* No message comes or goes for it any more. */
static void silence(linnet__request *request) {
  linnet__remote *remote = request->remote;
  if (remote == NULL) return;
  linnet__request_drop(request->child);
  if (request->parent != NULL) request->parent->child = NULL;
  request->parent = NULL;
  give_token(request);
  linnet__timer_stop(request->coap->loop, &request->timer);
  linnet__list_remove(&request->unarmed);
  linnet__list_remove(&request->node);
  if (!request->observing) remote->open_requests--;
  linnet__confirmable_drop(request->confirmable);
  request->remote = NULL;
  linnet__remote_relax(remote);
}

void linnet__request_detach(linnet__request *request) {
  silence(request);
  linnet__list_remove(&request->node);
  linnet__map_remove(&request->coap->requests, &request->number, sizeof request->number);
}

linnet__request *linnet__request_new(linnet__remote *remote, const linnet__outgoing *outgoing,
                                     linnet__coap_answered answered, void *user, linnet_status *status) {
  linnet__coap *coap = remote->contact.port->coap;
  linnet__request *request = linnet__new(coap->loop, sizeof *request);
  *status = LINNET_ERROR_NO_MEMORY;
  if (request == NULL) return NULL;
  request->coap = coap;
  request->remote = remote;
  request->number = linnet__loop_number(coap->loop);
  request->answered = answered;
  request->user = user;
  request->code = outgoing->code;
  request->content_format = outgoing->content_format;
  request->accept = outgoing->accept;
  request->observe = outgoing->observe;
  request->watch = outgoing->watch;
  request->timeout_ms = outgoing->timeout_ms;
  request->deadline_ms = LINNET_NEVER;
  linnet__list_init(&request->node);
  linnet__list_init(&request->unarmed);
  linnet__list_append(&remote->requests, &request->node);
  remote->open_requests++;
  *status = keep_texts(request, outgoing);
  if (*status == LINNET_OK) *status = keep_payload(request, outgoing);
  if (*status == LINNET_OK) *status = take_token(request, outgoing->token);
  if (*status == LINNET_OK) *status = linnet__map_insert(&coap->requests, request);
  if (*status == LINNET_OK) return request;
  linnet__request_drop(request);
  return NULL;
}

void linnet__request_fail(linnet__request *request, linnet_status status) {
  linnet__coap_answered answered = request->answered;
  void *user = request->user;
  uint64_t number = request->number;
  linnet__request_drop(request);
  if (answered != NULL) answered(user, number, status, NULL);
}

static void time_due(linnet__timer *timer) {
  linnet__request *request = LINNET__CONTAINER(timer, linnet__request, timer);
  linnet__coap *coap = request->coap;
  linnet__coap_enter(coap);
  coap->counters.timeouts++;
  linnet__request_fail(request, LINNET_ERROR_TIMED_OUT);
  linnet__coap_leave(coap);
}

/* The time of the whole exchange begins. */
static void arm(linnet__request *request) {
  linnet_loop *loop = request->coap->loop;
  if (request->timeout_ms == 0) return;
  request->deadline_ms = linnet_loop_now(loop) + request->timeout_ms;
  linnet__timer_arm(loop, &request->timer, request->deadline_ms, time_due);
}

void linnet__requests_arm(linnet__coap *coap) {
  for (linnet__list *node; (node = linnet__list_take(&coap->unarmed)) != NULL;)
    arm(LINNET__CONTAINER(node, linnet__request, unarmed));
}

/* CO-38: the ACK was empty; the response has to come within MAX_TRANSMIT_WAIT. */
void linnet__request_acknowledged(linnet__request *request) {
  linnet_loop *loop = request->coap->loop;
  uint64_t until_ms = linnet_loop_now(loop) + linnet__remote_timing(request->remote)->response_timeout_ms;
  if (until_ms > request->deadline_ms) until_ms = request->deadline_ms;
  if (!request->observing) linnet__timer_arm(loop, &request->timer, until_ms, time_due);
}

void linnet__request_continue(linnet__request *request) {
  linnet__confirmable_drop(request->confirmable);
  linnet__timer_arm(request->coap->loop, &request->timer, request->deadline_ms, time_due);
}

void linnet__request_lose(linnet__request *request, linnet_status status) {
  linnet__coap *coap = request->coap;
  if (coap->closed || request->parent != NULL) {
    linnet__request_drop(request);
    return;
  }
  silence(request);
  request->status = status;
  linnet__list_append(&coap->ended, &request->node);
  linnet__task_post(coap->loop, &coap->task);
}

void linnet__requests_tell(linnet__coap *coap) {
  while (!coap->closed && !linnet__list_empty(&coap->ended)) {
    linnet__request *request = LINNET__CONTAINER(coap->ended.next, linnet__request, node);
    linnet__request_fail(request, request->status);
  }
}

linnet__request *linnet__request_by_token(const linnet__arrival *arrival) {
  const linnet__coap *coap = arrival->coap;
  linnet__token_key key = {.token = {.length = arrival->message.token_length}};
  memcpy(key.token.bytes, arrival->message.token, arrival->message.token_length);
  linnet__request *found = NULL;
  for (; key.twin == 0 || (coap->twins > 0 && key.twin < TWINS); key.twin++) {
    linnet__request *request = linnet__map_find(&coap->tokens, &key, sizeof key);
    if (request == NULL || request->remote != arrival->remote) continue;
    /* Of an observation and its cancellation, the one is answered with Observe, the other without. */
    if (found == NULL || (request->observe == 0) == (arrival->facts.observe >= 0)) found = request;
  }
  return found;
}

linnet__remote *linnet__request_remote(linnet__coap *coap, const linnet__peer *peer, linnet_status *status) {
  linnet__port *port = linnet__port_find(coap, peer->transport);
  linnet__remote *remote = port == NULL ? NULL : linnet__remote_get(port, &peer->address);
  const char *what = "no memory for the peer";
  *status = LINNET_ERROR_NO_MEMORY;
  if (remote != NULL) return remote;
  if (port == NULL) {
    *status = LINNET_ERROR_CLOSED;
    what = "the transport is closed";
  } else if (coap->remote_count >= coap->limits[LINNET_LIMIT_PEERS]) {
    *status = LINNET_ERROR_LIMIT_REACHED;
    what = "too many peers have something open";
  }
  linnet__fail(coap->loop, *status, "request: %s", what);
  return NULL;
}

linnet_status linnet__coap_send(linnet__coap *coap, const linnet__peer *peer,
                                const linnet__outgoing *outgoing, linnet__coap_answered answered, void *user,
                                uint64_t *exchange) {
  linnet_status status;
  linnet__remote *remote = linnet__request_remote(coap, peer, &status);
  if (remote == NULL) return status;
  if (remote->open_requests >= coap->limits[LINNET_LIMIT_OPEN_REQUESTS]) {
    coap->counters.refused_by_limit++;
    return linnet__fail(coap->loop, LINNET_ERROR_LIMIT_REACHED,
                        "request: %U requests to the peer are open already", (uint64_t)remote->open_requests);
  }
  linnet__request *request = linnet__request_new(remote, outgoing, answered, user, &status);
  if (request != NULL) status = linnet__request_transmit(request);
  if (status != LINNET_OK) {
    linnet__request_drop(request);
    return linnet__fail(coap->loop, status, "request: it cannot be kept or sent");
  }
  if (linnet__loop_stepping(coap->loop)) {
    arm(request);
  } else {
    linnet__list_append(&coap->unarmed, &request->unarmed);
    linnet__task_post(coap->loop, &coap->task);
  }
  if (exchange != NULL) *exchange = request->number;
  return LINNET_OK;
}

bool linnet__coap_forget(linnet__coap *coap, uint64_t exchange) {
  linnet__request *request = linnet__map_find(&coap->requests, &exchange, sizeof exchange);
  linnet__request_drop(request);
  return request != NULL;
}

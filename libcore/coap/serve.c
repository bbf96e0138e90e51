/* SPDX-License-Identifier: Apache-2.0 */
/* serve.c: requests that come in, asked of the layer above, answered now or later (RFC 7252 5.2, 5.4; CO-20,
 * CO-22, CO-36). */
#include <string.h>

#include "parts.h"

/* An empty ACK goes out after so long at most (CO-36). */
#define LONGEST_ACK_DELAY_MS 1000

static void acknowledge_due(linnet__timer *timer);

void linnet__pending_free(linnet__pending *pending) {
  linnet__remote *remote = pending->remote;
  linnet__coap *coap = remote->contact.port->coap;
  linnet__map_remove(&coap->pendings, &pending->reply.number, sizeof pending->reply.number);
  linnet__list_remove(&pending->node);
  linnet__timer_stop(coap->loop, &pending->timer);
  remote->pending_count--;
  linnet__free(coap->loop, pending, sizeof *pending);
}

void linnet__pending_acknowledge(linnet__pending *pending) {
  linnet__remote *remote = pending->remote;
  linnet__reply *reply = &pending->reply;
  linnet__acknowledge(&remote->contact, &reply->mark);
  reply->acknowledged = true;
  linnet__timer_arm_in(linnet__remote_loop(remote), &pending->timer,
                       linnet__remote_timing(remote)->exchange_lifetime_ms, acknowledge_due);
}

/* The first time the empty ACK is due; after a lifetime nobody waits for the answer any more. */
static void acknowledge_due(linnet__timer *timer) {
  linnet__pending *pending = LINNET__CONTAINER(timer, linnet__pending, timer);
  linnet__remote *remote = pending->remote;
  if (pending->reply.mark.confirmable && !pending->reply.acknowledged) {
    linnet__pending_acknowledge(pending);
    return;
  }
  linnet__pending_free(pending);
  linnet__remote_relax(remote);
}

/* CO-36, well within ACK_TIMEOUT. Where nothing is sent again, as by SMS, there is no hurry, and a message
 * costs money. */
static uint64_t acknowledge_delay_ms(const linnet__timing *timing) {
  uint64_t delay_ms = timing->ack_timeout_ms / 2;
  return timing->max_retransmit > 0 && delay_ms > LONGEST_ACK_DELAY_MS ? LONGEST_ACK_DELAY_MS : delay_ms;
}

/* NULL: no memory, or over LINNET_LIMIT_PEERS. */
static linnet__pending *put_off(linnet__arrival *arrival, const linnet__reply *reply) {
  linnet__coap *coap = arrival->coap;
  linnet__remote *remote = linnet__remote_get(arrival->contact.port, &arrival->contact.peer.address);
  arrival->remote = remote;
  linnet__pending *pending = remote == NULL ? NULL : linnet__new(coap->loop, sizeof *pending);
  if (pending == NULL) return NULL;
  pending->remote = remote;
  pending->reply = *reply;
  pending->reply.key = linnet__reply_key(coap->loop, reply);
  pending->reply.message = NULL;
  if (linnet__map_insert(&coap->pendings, pending) != LINNET_OK) {
    linnet__free(coap->loop, pending, sizeof *pending);
    return NULL;
  }
  linnet__list_append(&remote->pendings, &pending->node);
  remote->pending_count++;
  linnet__recent_keep(&remote->contact, &reply->mark, NULL, 0);
  const linnet__timing *timing = linnet__remote_timing(remote);
  uint64_t delay_ms = reply->mark.confirmable ? acknowledge_delay_ms(timing) : timing->exchange_lifetime_ms;
  linnet__timer_arm_in(coap->loop, &pending->timer, delay_ms, acknowledge_due);
  return pending;
}

linnet_status linnet__coap_respond(linnet__coap *coap, uint64_t exchange, const linnet__response *response) {
  linnet__reply *reply = coap->reply;
  linnet__arrival *arrival = coap->arrival;
  if (reply != NULL && reply->number == exchange && !reply->answered) {
    /* From within the question itself. */
    if (arrival->contact.port->closed) return LINNET_ERROR_NOT_FOUND;
    reply->answered = true;
    linnet__remote *remote = linnet__remote_find(arrival->contact.port, &arrival->contact.peer.address);
    return linnet__reply_send(&arrival->contact, remote, reply, response);
  }
  linnet__pending *pending = linnet__map_find(&coap->pendings, &exchange, sizeof exchange);
  if (pending == NULL) return LINNET_ERROR_NOT_FOUND;
  linnet__remote *remote = pending->remote;
  linnet__reply own = pending->reply;
  linnet__pending_free(pending);
  linnet_status status = linnet__reply_send(&remote->contact, remote, &own, response);
  linnet__remote_relax(remote);
  return status;
}

void linnet__arrival_incoming(const linnet__arrival *arrival, linnet__incoming *incoming) {
  const linnet_message *message = &arrival->message;
  const linnet__facts *facts = &arrival->facts;
  *incoming = (linnet__incoming){
      .peer = arrival->contact.peer,
      .token = {.length = message->token_length},
      .code = message->code,
      .confirmable = message->type == LINNET_MESSAGE_CON,
      .query = facts->query,
      .content_format = facts->content_format,
      .accept = facts->accept,
      .observe = facts->observe,
      .max_age_s = facts->max_age_s,
      .message = *message,
      .payload = message->payload,
      .payload_length = message->payload_length,
  };
  memcpy(incoming->token.bytes, message->token, sizeof message->token);
}

linnet_status linnet__arrival_answer(const linnet__arrival *arrival, linnet__reply *reply,
                                     const linnet__response *response) {
  return linnet__reply_send(&arrival->contact, arrival->remote, reply, response);
}

void linnet__serve_code(linnet__arrival *arrival, linnet__reply *reply, uint8_t code) {
  linnet__response response;
  linnet__response_init(arrival->coap, &response, code);
  if (code >= LINNET__BAD_REQUEST)
    linnet__coap_warn_code(arrival->coap, &arrival->contact.peer.address, code);
  linnet__arrival_answer(arrival, reply, &response);
}

/* An answer that does not depend on state is not remembered: a duplicate gets the same again. */
static void refuse(linnet__arrival *arrival, const linnet__reply *reply, uint8_t code) {
  uint8_t bytes[LINNET__EMPTY_SIZE + 8];
  linnet__message_writer writer;
  linnet__coap_warn_code(arrival->coap, &arrival->contact.peer.address, code);
  if (reply->mark.confirmable) {
    linnet__write_head(&writer, bytes, sizeof bytes, LINNET_MESSAGE_ACK, code, reply->mark.message_id,
                       &reply->token);
  } else {
    uint16_t message_id = 0;
    linnet__remote *remote = linnet__remote_get(arrival->contact.port, &arrival->contact.peer.address);
    if (remote == NULL || !linnet__remote_take_id(remote, &message_id)) return;
    linnet__recent_keep(&arrival->contact, &reply->mark, NULL, 0);
    linnet__write_head(&writer, bytes, sizeof bytes, LINNET_MESSAGE_NON, code, message_id, &reply->token);
  }
  linnet__send_bytes(&arrival->contact, bytes, writer.length);
}

/* The code that this layer refuses a request with, before anybody is asked; 0: none. */
static uint8_t refusal(const linnet__arrival *arrival) {
  const linnet__facts *facts = &arrival->facts;
  if (facts->proxy) return LINNET__PROXYING_NOT_SUPPORTED;
  if (facts->bad_option != 0) return LINNET__BAD_OPTION;
  if (arrival->message.code > LINNET__DELETE) return LINNET__METHOD_NOT_ALLOWED;
  if (facts->dots) return LINNET__NOT_FOUND;
  if (facts->block1.exponent == LINNET__BLOCK_RESERVED || facts->block2.exponent == LINNET__BLOCK_RESERVED)
    return LINNET__BAD_REQUEST;
  return 0;
}

/* OB-01: only 0 and 1, only on GET, and not on the later blocks of a response. */
static void tidy_observe(linnet__arrival *arrival) {
  linnet__facts *facts = &arrival->facts;
  bool later_block = facts->block2.present && facts->block2.number > 0;
  if (arrival->message.code != LINNET__GET || facts->observe > 1 || later_block) facts->observe = -1;
}

static void ask(linnet__arrival *arrival, linnet__reply *reply, const linnet__buffer *body) {
  linnet__coap *coap = arrival->coap;
  linnet__incoming incoming;
  linnet__arrival_incoming(arrival, &incoming);
  incoming.exchange = reply->number = linnet__loop_number(coap->loop);
  if (body->length > 0) {
    incoming.payload = body->data;
    incoming.payload_length = body->length;
  }
  linnet__response response;
  linnet__response_init(coap, &response, LINNET__NOT_FOUND);
  linnet__buffer_clear(&coap->answer);
  response.payload = &coap->answer;
  uint64_t changes = coap->changes;
  coap->arrival = arrival;
  coap->reply = reply;
  linnet__answer answer = LINNET__ANSWER_NOW;
  if (coap->handler.request != NULL) answer = coap->handler.request(coap->user, &incoming, &response);
  coap->arrival = NULL;
  coap->reply = NULL;
  if (linnet__arrival_lost(arrival, changes) || reply->answered || answer == LINNET__ANSWER_NEVER) return;
  if (answer == LINNET__ANSWER_NOW)
    linnet__arrival_answer(arrival, reply, &response);
  else if (put_off(arrival, reply) == NULL)
    linnet__serve_code(arrival, reply, LINNET__SERVICE_UNAVAILABLE);
}

/* BW-20, BW-23: a later block of a response that was cut. True: answered. */
static bool serve_piece(linnet__arrival *arrival, linnet__reply *reply) {
  if (!reply->block2.present || reply->block2.number == 0) return false;
  linnet__transfer *snapshot = NULL;
  if (arrival->remote != NULL)
    snapshot = linnet__transfer_find(arrival->remote, LINNET__TRANSFER_SNAPSHOT,
                                     linnet__reply_key(arrival->coap->loop, reply));
  if (snapshot == NULL && reply->method == LINNET__GET) return false;
  if (snapshot == NULL) { /* what is not a GET must not be done a second time */
    linnet__serve_code(arrival, reply, LINNET__REQUEST_ENTITY_INCOMPLETE);
    return true;
  }
  linnet__response response;
  linnet__response_init(arrival->coap, &response, snapshot->code);
  response.content_format = snapshot->content_format;
  response.max_age_s = snapshot->max_age_s;
  response.payload = &snapshot->body;
  reply->snapshot = snapshot;
  bool last = linnet__block_offset(&reply->block2) + linnet__block_size(reply->block2.exponent) >=
              snapshot->body.length;
  linnet__transfer_touch(snapshot);
  linnet__arrival_answer(arrival, reply, &response);
  if (last) linnet__transfer_free(snapshot);
  return true;
}

/* True if a request has an answer of this layer, and not of the one above. */
static bool is_ours(const linnet__arrival *arrival, uint8_t code) {
  const linnet__facts *facts = &arrival->facts;
  return code != 0 || facts->block1.present || (facts->block2.present && facts->block2.number > 0);
}

static bool is_welcome(const linnet__arrival *arrival) {
  const linnet__coap *coap = arrival->coap;
  return coap->handler.welcome == NULL || coap->handler.welcome(coap->user, &arrival->contact.peer);
}

void linnet__serve(linnet__arrival *arrival) {
  linnet__coap *coap = arrival->coap;
  const linnet_message *message = &arrival->message;
  linnet__reply reply = {
      .token = {.length = message->token_length},
      .mark = arrival->mark,
      .method = message->code,
      .block2 = arrival->facts.block2,
      .message = message,
  };
  memcpy(reply.token.bytes, message->token, sizeof message->token);
  uint8_t code = refusal(arrival);
  if (is_ours(arrival, code) && !is_welcome(arrival)) return;
  if (arrival->remote != NULL && arrival->remote->pending_count >= coap->limits[LINNET_LIMIT_OPEN_REQUESTS]) {
    coap->counters.refused_by_limit++;
    code = LINNET__SERVICE_UNAVAILABLE;
  }
  if (code != 0) {
    bool silent = !reply.mark.confirmable && code == LINNET__BAD_OPTION; /* CO-20 */
    if (!silent) refuse(arrival, &reply, code);
    return;
  }
  tidy_observe(arrival);
  linnet__buffer body;
  linnet__buffer_init(&body, coap->loop, 0);
  if (arrival->facts.block1.present &&
      linnet__block1_collect(arrival, &reply, &body) == LINNET__COLLECTED_ANSWERED)
    return;
  if (!serve_piece(arrival, &reply)) ask(arrival, &reply, &body);
  linnet__buffer_free(&body);
}

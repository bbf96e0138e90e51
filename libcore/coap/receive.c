/* SPDX-License-Identifier: Apache-2.0 */
/* receive.c: what to do with a datagram (RFC 7252 4.2, 4.3, 5.3.2; CO-10 to CO-13, CO-20, CO-31, CO-33,
 * CO-37). */
#include <string.h>

#include "parts.h"

static void send_reset(const linnet__arrival *arrival) {
  linnet__send_reset(&arrival->contact, arrival->message.message_id);
}

/* CO-11: RST to a confirmable message that makes no sense, silence to any other. */
static void reject(const linnet__arrival *arrival) {
  arrival->coap->counters.malformed++;
  if (arrival->message.type == LINNET_MESSAGE_CON) send_reset(arrival);
}

static void receive_empty(linnet__arrival *arrival) {
  const linnet_message *message = &arrival->message;
  if (message->type == LINNET_MESSAGE_CON) { /* CO-12: a ping */
    send_reset(arrival);
    return;
  }
  if (message->type == LINNET_MESSAGE_NON) {
    arrival->coap->counters.malformed++;
    return;
  }
  if (arrival->remote == NULL) return;
  linnet__confirmable *confirmable = linnet__confirmable_find(arrival->remote, message->message_id);
  linnet_status status = message->type == LINNET_MESSAGE_RST ? LINNET_ERROR_RESET : LINNET_OK;
  if (confirmable != NULL)
    linnet__confirmable_settle(confirmable, status);
  else if (status == LINNET_ERROR_RESET)
    linnet__observer_reset(arrival->remote, message->message_id);
}

/*
 * A request that is put off is known as long as it is, whatever else came meanwhile. The peer asks again
 * because it has heard nothing: it gets the empty ACK now.
 */
static bool is_pending(linnet__remote *remote, const linnet__arrival *arrival) {
  for (linnet__list *node = remote->pendings.next; node != &remote->pendings; node = node->next) {
    linnet__pending *pending = LINNET__CONTAINER(node, linnet__pending, node);
    if (pending->reply.mark.message_id != arrival->mark.message_id ||
        pending->reply.mark.hash != arrival->mark.hash)
      continue;
    if (pending->reply.mark.confirmable) linnet__pending_acknowledge(pending);
    return true;
  }
  return false;
}

/* The very same bytes: the message has its token again. */
static void replay(const linnet__arrival *arrival, const linnet__recent *recent) {
  linnet_transport *transport = arrival->contact.port->transport;
  const linnet_message *message = &arrival->message;
  linnet__token token = {.length = recent->code == 0 ? 0 : message->token_length};
  memcpy(token.bytes, message->token, token.length);
  size_t length = (size_t)LINNET__EMPTY_SIZE + token.length + recent->rest_length;
  uint8_t *bytes = linnet__transport_reserve(transport, length);
  if (bytes == NULL) return;
  linnet__message_writer writer;
  linnet__write_head(&writer, bytes, length, LINNET_MESSAGE_ACK, recent->code, message->message_id, &token);
  memcpy(bytes + writer.length, recent->rest, recent->rest_length);
  linnet__coap_trace(&arrival->contact, "is sent", bytes, length);
  linnet__transport_commit(transport, &arrival->contact.peer.address, length);
  arrival->coap->counters.messages_out++;
  linnet__coap_note_traffic(&arrival->contact);
}

/* CO-33. */
static bool is_duplicate(linnet__arrival *arrival) {
  const linnet_message *message = &arrival->message;
  linnet__recent recent = {0};
  arrival->mark = (linnet__mark){.hash = linnet__hash(arrival->coap->loop, arrival->data, arrival->length),
                                 .message_id = message->message_id,
                                 .confirmable = message->type == LINNET_MESSAGE_CON};
  bool known = linnet__recent_find(&arrival->contact, &arrival->mark, &recent);
  if (recent.answered)
    replay(arrival, &recent);
  else if ((arrival->remote == NULL || !is_pending(arrival->remote, arrival)) && !known)
    return false;
  arrival->coap->counters.duplicates++;
  return true;
}

static bool same_token(const linnet_message *message, const linnet__token *token) {
  return message->token_length == token->length && memcmp(message->token, token->bytes, token->length) == 0;
}

/* CO-41: an ACK answers by message id and token; what fits neither is ignored. */
static void receive_piggybacked(linnet__arrival *arrival) {
  if (arrival->remote == NULL) return;
  linnet__confirmable *confirmable = linnet__confirmable_find(arrival->remote, arrival->message.message_id);
  if (confirmable == NULL) return;
  linnet__request *request = confirmable->request;
  if (request == NULL) {
    linnet__confirmable_settle(confirmable, LINNET_OK);
    return;
  }
  if (!same_token(&arrival->message, &request->key.token)) return;
  linnet__facts_read(&arrival->facts, &arrival->message);
  if (arrival->facts.bad_option != 0)
    linnet__request_fail(request, LINNET_ERROR_MALFORMED);
  else
    linnet__request_respond(request, arrival);
}

/* A response in a message of its own, or a notification. */
static void receive_separate(linnet__arrival *arrival) {
  if (is_duplicate(arrival)) return;
  bool confirmable = arrival->message.type == LINNET_MESSAGE_CON;
  linnet__facts_read(&arrival->facts, &arrival->message);
  linnet__request *request = arrival->remote == NULL ? NULL : linnet__request_by_token(arrival);
  if (request == NULL) { /* OB-10: also to NON, as this is how a forgotten observation ends */
    linnet__coap_warn(arrival->coap, &arrival->contact.peer.address, "a response that nobody asked for");
    send_reset(arrival);
    return;
  }
  if (arrival->facts.bad_option != 0) {
    if (confirmable) reject(arrival);
    linnet__request_fail(request, LINNET_ERROR_MALFORMED);
    return;
  }
  if (confirmable)
    linnet__acknowledge(&arrival->contact, &arrival->mark);
  else
    linnet__recent_keep(&arrival->contact, &arrival->mark, NULL, 0);
  linnet__request_respond(request, arrival);
}

static void receive_request(linnet__arrival *arrival) {
  if (is_duplicate(arrival)) return;
  linnet__facts_read(&arrival->facts, &arrival->message);
  linnet__serve(arrival);
}

static void receive_response(linnet__arrival *arrival) {
  if (arrival->message.type == LINNET_MESSAGE_ACK)
    receive_piggybacked(arrival);
  else
    receive_separate(arrival);
}

/* What comes by SMS is paid for, and so is what it is answered with: strangers get neither (SMS-05). */
static bool is_heard(const linnet__arrival *arrival) {
  const linnet__coap *coap = arrival->coap;
  const linnet__peer *peer = &arrival->contact.peer;
  return peer->address.kind != LINNET_ADDRESS_PHONE || coap->handler.hears == NULL ||
         coap->handler.hears(coap->user, peer, arrival->data, arrival->length);
}

void linnet__coap_receive(linnet__port *port, const linnet_address *address, const uint8_t *data,
                          size_t length) {
  linnet__arrival arrival = {
      .coap = port->coap, .contact = {port, {port->transport, *address}}, .data = data, .length = length};
  if (!is_heard(&arrival)) return;
  arrival.coap->counters.messages_in++;
  linnet__coap_note_traffic(&arrival.contact);
  linnet__coap_trace(&arrival.contact, "sends", data, length);
  linnet_status status = linnet_message_parse(&arrival.message, data, length);
  if (status != LINNET_OK) linnet__coap_warn(port->coap, address, "what is no message of CoAP");
  if (status == LINNET_ERROR_UNSUPPORTED_FORMAT) {
    arrival.coap->counters.malformed++;
    return;
  }
  unsigned class = arrival.message.code >> 5;
  bool request = class == 0 && arrival.message.code != 0;
  bool answers = arrival.message.type == LINNET_MESSAGE_ACK || arrival.message.type == LINNET_MESSAGE_RST;
  if (status != LINNET_OK || class == 1 || class > 5 || (request && answers) ||
      (arrival.message.type == LINNET_MESSAGE_RST && arrival.message.code != 0)) {
    reject(&arrival);
    return;
  }
  arrival.remote = linnet__remote_find(port, address);
  if (arrival.message.code == 0)
    receive_empty(&arrival);
  else if (request)
    receive_request(&arrival);
  else
    receive_response(&arrival);
}

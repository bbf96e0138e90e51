/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h: an endpoint on a loop of its own, and a peer that is nothing but bytes in hexadecimal.
 *
 * `put` hands a datagram in and steps; `got` takes the next one out and compares. "....", in what is
 * expected, is any byte (two dots each): message ids and tokens that the endpoint chose are read with `last`.
 */
#ifndef LINNET_TESTS_COAP_WIRE_H
#define LINNET_TESTS_COAP_WIRE_H

#include "check.h"
#include "coap/coap.h"

typedef struct wire {
  linnet_loop *loop;
  linnet_transport *transport;
  linnet__coap *coap;
  linnet_address address; /* of the raw peer */
  uint64_t now_ms;
  uint8_t last[2048]; /* what was sent last */
  size_t last_length;
  /* What the endpoint was asked and told. */
  int requests;
  int prechecks;
  int responses;
  int good; /* those with LINNET_OK */
  int unobserved;
  int notified;
  uint8_t code;
  int32_t observe;
  int32_t content_format;
  linnet_status status;
  linnet_status notified_status;
  linnet__observer_end end;
  uint64_t exchange;
  uint64_t answered_exchange;
  linnet__peer peer;
  linnet__token token;
  uint8_t body[70000];
  size_t body_length;
  uint8_t path[256];
  size_t path_length;
  /* How the handler answers. */
  linnet__answer answer;
  uint8_t answer_code;
  uint8_t precheck_code;
  const void *answer_body;
  size_t answer_length;
  int32_t answer_format;
  bool observes;
  bool unwelcome;
  int traffic;
  linnet__observer *observer;
  void (*hook)(struct wire *wire); /* runs within each callback */
} wire;

static inline size_t wire_bytes(const char *text, uint8_t *bytes, size_t room) {
  size_t length = 0;
  for (; *text != '\0'; text++) {
    if (*text == ' ') continue;
    char pair[3] = {text[0], text[1], 0};
    CHECK(length < room);
    bytes[length++] = (uint8_t)strtoul(pair, NULL, 16);
    text++;
  }
  return length;
}

static inline void wire_hook(wire *w) {
  if (w->hook != NULL) w->hook(w);
}

static inline void wire_note(wire *w, const linnet__incoming *incoming) {
  w->code = incoming->code;
  w->observe = incoming->observe;
  w->content_format = incoming->content_format;
  w->peer = incoming->peer;
  w->token = incoming->token;
  CHECK(incoming->payload_length <= sizeof w->body);
  w->body_length = incoming->payload_length;
  if (w->body_length > 0) memcpy(w->body, incoming->payload, w->body_length);
  w->path_length = 0;
  linnet__text text;
  for (size_t position = 0; linnet__incoming_text(incoming, LINNET__OPTION_URI_PATH, &position, &text);) {
    CHECK(w->path_length + 1 + text.length <= sizeof w->path);
    w->path[w->path_length++] = '/';
    if (text.length > 0) memcpy(w->path + w->path_length, text.data, text.length);
    w->path_length += text.length;
  }
}

static inline linnet__answer wire_request(void *user, const linnet__incoming *request,
                                          linnet__response *response) {
  wire *w = user;
  w->requests++;
  w->exchange = request->exchange;
  wire_note(w, request);
  linnet__answer answer = w->answer;
  response->code = w->answer_code;
  response->content_format = w->answer_format;
  if (w->answer_length > 0) linnet__buffer_append(response->payload, w->answer_body, w->answer_length);
  if (w->observes && request->observe == 0) {
    w->observer = linnet__coap_observe(w->coap, &request->peer, &request->token, w);
    response->observer = w->observer;
  }
  wire_hook(w);
  return answer;
}

static inline uint8_t wire_precheck(void *user, const linnet__incoming *request) {
  wire *w = user;
  w->prechecks++;
  (void)request;
  uint8_t code = w->precheck_code;
  wire_hook(w);
  return code;
}

static inline void wire_unobserved(void *user, void *observation, linnet__observer_end end) {
  wire *w = user;
  CHECK(observation == w);
  w->unobserved++;
  w->end = end;
  wire_hook(w);
}

static inline void wire_notified(void *user, void *observation, linnet_status status) {
  wire *w = user;
  CHECK(observation == w);
  w->notified++;
  w->notified_status = status;
  wire_hook(w);
}

static inline bool wire_welcome(void *user, const linnet__peer *peer) {
  const wire *w = user;
  CHECK(linnet_address_equal(&peer->address, &w->address));
  return !w->unwelcome;
}

static inline void wire_traffic(void *user, const linnet__peer *peer) {
  wire *w = user;
  CHECK(peer->transport != NULL);
  w->traffic++;
}

static inline void wire_answered(void *user, uint64_t exchange, linnet_status status,
                                 const linnet__incoming *response) {
  wire *w = user;
  w->responses++;
  w->good += status == LINNET_OK;
  w->status = status;
  w->answered_exchange = exchange;
  w->observe = -1;
  w->code = 0;
  w->body_length = 0;
  if (response != NULL) wire_note(w, response);
  wire_hook(w);
}

static inline void wire_open_on(wire *w, linnet_loop *loop) {
  static const linnet__coap_handler handler = {.request = wire_request,
                                               .precheck = wire_precheck,
                                               .unobserved = wire_unobserved,
                                               .notified = wire_notified,
                                               .welcome = wire_welcome,
                                               .traffic = wire_traffic};
  memset(w, 0, sizeof *w);
  w->answer = LINNET__ANSWER_NOW;
  w->answer_code = LINNET__CONTENT;
  w->answer_format = -1;
  w->now_ms = 1000;
  w->loop = loop;
  CHECK_EQUAL(linnet_address_parse(&w->address, "192.0.2.7:5683"), LINNET_OK);
  linnet_loop_step(w->loop, w->now_ms);
  w->transport = linnet_transport_new(w->loop, LINNET_TRANSPORT_UDP);
  w->coap = linnet__coap_new(w->loop, &handler, w);
}

static inline void wire_open(wire *w) {
  wire_open_on(w, linnet_loop_new("0123456789abcdef", 16));
  CHECK_EQUAL(linnet__coap_add_transport(w->coap, w->transport), LINNET_OK);
}

/* Closes, and checks that nothing is left in memory but the loop. */
static inline void wire_close(wire *w) {
  if (w->coap != NULL) linnet__coap_close(w->coap);
  w->coap = NULL;
  linnet_transport_unref(w->transport);
  linnet_loop_unref(w->loop);
}

static inline void wire_step(wire *w) { linnet_loop_step(w->loop, w->now_ms); }

/* Time passes, step by step. */
static inline void wire_wait(wire *w, uint64_t delay_ms) {
  uint64_t until_ms = w->now_ms + delay_ms;
  for (;;) {
    uint64_t next_ms = linnet_loop_step(w->loop, w->now_ms);
    if (next_ms >= until_ms || next_ms == LINNET_NEVER) break;
    if (next_ms > w->now_ms) w->now_ms = next_ms;
  }
  w->now_ms = until_ms;
  wire_step(w);
}

static inline void wire_put_bytes(wire *w, const void *data, size_t length) {
  CHECK_EQUAL(linnet_transport_receive(w->transport, &w->address, data, length), LINNET_OK);
  wire_step(w);
}

static inline void put(wire *w, const char *text) {
  uint8_t bytes[2048];
  size_t length = wire_bytes(text, bytes, sizeof bytes);
  wire_put_bytes(w, bytes, length);
}

/* The next datagram that the endpoint sends to the raw peer; false: none. */
static inline bool take(wire *w) {
  linnet_datagram datagram;
  if (!linnet_transport_next(w->transport, &datagram)) return false;
  CHECK(datagram.length <= sizeof w->last);
  memcpy(w->last, datagram.data, datagram.length);
  w->last_length = datagram.length;
  return true;
}

static inline void wire_got(wire *w, const char *text, const char *file, int line) {
  uint8_t expected[2048];
  char plain[4096];
  size_t count = 0;
  if (!take(w)) {
    fprintf(stderr, "%s:%d: nothing was sent\n", file, line);
    exit(1);
  }
  for (const char *at = text; *at != '\0'; at++)
    if (*at != ' ') plain[count++] = *at;
  plain[count] = '\0';
  size_t length = wire_bytes(plain, expected, sizeof expected);
  for (size_t i = 0; i < length && i < w->last_length; i++)
    if (plain[2 * i] == '.') expected[i] = w->last[i];
  check_bytes_(file, line, w->last, w->last_length, expected, length);
}
#define got(w, text) wire_got(w, text, __FILE__, __LINE__)
#define silent(w) CHECK(!take(w))

static inline uint16_t last_id(const wire *w) { return linnet__get_u16(w->last + 2); }

/* An empty ACK or RST for what was sent last. */
static inline void put_empty(wire *w, linnet_message_type type) {
  uint8_t bytes[4] = {(uint8_t)(0x40 | (unsigned)type << 4), 0, w->last[2], w->last[3]};
  wire_put_bytes(w, bytes, sizeof bytes);
}

/* A response with type, code, the token of what was sent last, and the rest (options, payload) in
 * hexadecimal. */
static inline void put_response(wire *w, linnet_message_type type, uint8_t code, uint16_t message_id,
                                const linnet__token *token, const char *rest) {
  uint8_t bytes[2048] = {(uint8_t)(0x40 | (unsigned)type << 4 | token->length), code,
                         (uint8_t)(message_id >> 8), (uint8_t)message_id};
  memcpy(bytes + 4, token->bytes, token->length);
  size_t length = 4 + (size_t)token->length;
  length += wire_bytes(rest, bytes + length, sizeof bytes - length);
  wire_put_bytes(w, bytes, length);
}

static inline linnet__token last_token(const wire *w) {
  linnet__token token = {.length = w->last[0] & 15};
  memcpy(token.bytes, w->last + 4, token.length);
  return token;
}

/* Sends a request to the raw peer, of one path segment if any. */
static inline uint64_t ask(wire *w, uint8_t code, const char *segment, int32_t observe, const void *payload,
                           size_t length) {
  linnet__text path = {segment, segment == NULL ? 0 : strlen(segment)};
  linnet__peer peer = {w->transport, w->address};
  linnet__outgoing outgoing = {.code = code,
                               .path = &path,
                               .path_count = segment == NULL ? 0 : 1,
                               .content_format = -1,
                               .accept = -1,
                               .observe = observe,
                               .watch = linnet__coap_watch,
                               .payload = payload,
                               .payload_length = length};
  uint64_t exchange = 0;
  CHECK_EQUAL(linnet__coap_send(w->coap, &peer, &outgoing, wire_answered, w, &exchange), LINNET_OK);
  wire_step(w);
  return exchange;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scripted_server.h: a client on a virtual clock, and a server that is nothing but the messages the test
 * writes.
 *
 * The test is the network: what the client sends comes out of scripted_next, and only what the test gives
 * back arrives.
 */
#ifndef LINNET_TESTS_SCRIPTED_SERVER_H
#define LINNET_TESTS_SCRIPTED_SERVER_H

#include <linnet/linnet.h>

#include "check.h"

#define CODE(number) ((uint8_t)((number) / 100 << 5 | (number) % 100))
enum { GET = 1, POST = 2, PUT = 3, DELETE = 4 };
enum {
  OBSERVE = 6,
  LOCATION_PATH = 8,
  URI_PATH = 11,
  CONTENT_FORMAT = 12,
  MAX_AGE = 14,
  URI_QUERY = 15,
  ACCEPT = 17
};

/* A message being written: options in ascending order. */
typedef struct packet {
  uint8_t data[1400];
  size_t length;
  uint16_t last;
} packet;

static inline void packet_begin(packet *p, linnet_message_type type, uint8_t code, uint16_t message_id,
                                const void *token, size_t token_length) {
  p->data[0] = (uint8_t)(0x40 | type << 4 | token_length);
  p->data[1] = code;
  p->data[2] = (uint8_t)(message_id >> 8);
  p->data[3] = (uint8_t)message_id;
  if (token_length > 0) memcpy(p->data + 4, token, token_length);
  p->length = 4 + token_length;
  p->last = 0;
}

static inline uint8_t packet_nibble(packet *p, unsigned value, uint8_t *extra, size_t *extra_length) {
  (void)p;
  *extra_length = 0;
  if (value < 13) return (uint8_t)value;
  *extra_length = 1;
  *extra = (uint8_t)(value - 13);
  return 13;
}

static inline void packet_option(packet *p, uint16_t number, const void *value, size_t length) {
  uint8_t delta_extra = 0, length_extra = 0;
  size_t delta_bytes, length_bytes;
  uint8_t delta = packet_nibble(p, (unsigned)(number - p->last), &delta_extra, &delta_bytes);
  uint8_t size = packet_nibble(p, (unsigned)length, &length_extra, &length_bytes);
  p->data[p->length++] = (uint8_t)(delta << 4 | size);
  if (delta_bytes > 0) p->data[p->length++] = delta_extra;
  if (length_bytes > 0) p->data[p->length++] = length_extra;
  if (length > 0) memcpy(p->data + p->length, value, length);
  p->length += length;
  p->last = number;
}

static inline void packet_number(packet *p, uint16_t number, uint32_t value) {
  uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
  size_t skip = 0;
  while (skip < 4 && bytes[skip] == 0) skip++;
  packet_option(p, number, bytes + skip, 4 - skip);
}

/* Pieces of "a/b" or "x=1&y=2". */
static inline void packet_texts(packet *p, uint16_t number, const char *text, char separator) {
  while (*text != 0) {
    const char *end = strchr(text, separator);
    size_t length = end != NULL ? (size_t)(end - text) : strlen(text);
    packet_option(p, number, text, length);
    text += length + (end != NULL ? 1 : 0);
  }
}

static inline void packet_payload(packet *p, const void *data, size_t length) {
  if (length == 0) return;
  p->data[p->length++] = 0xFF;
  memcpy(p->data + p->length, data, length);
  p->length += length;
}

/* ---- the world ----------------------------------------------------------------------------------- */

typedef struct scripted {
  linnet_loop *loop;
  linnet_transport *transport;
  linnet_client *client;
  linnet_address server;
  uint64_t now;
  uint8_t bytes[2048]; /* what the client sent last */
  size_t length;
  linnet_message message; /* the same, parsed */
  uint16_t message_id;
  uint8_t token;
  char text[2048];
  uint32_t fail_after; /* memory: this allocation from now on fails; UINT32_MAX: none */
  uint32_t fail_count;
} scripted;

static inline void *scripted_memory(void *user, void *block, size_t size) {
  scripted *s = user;
  if (size == 0) {
    free(block);
    return NULL;
  }
  if (s->fail_after != UINT32_MAX) {
    if (s->fail_after > 0) {
      s->fail_after--;
    } else if (s->fail_count > 0) {
      s->fail_count--;
      return NULL;
    }
  }
  return realloc(block, size);
}

static const char scripted_server_uri[] = "coap://10.0.0.1:5683";

static inline void scripted_begin(scripted *s, uint32_t lifetime_s) {
  memset(s, 0, sizeof *s);
  s->fail_after = UINT32_MAX;
  s->message_id = 0x7000;
  s->loop = linnet_loop_new_with_memory("0123456789abcdef", 16, scripted_memory, s);
  s->transport = linnet_transport_new(s->loop, LINNET_TRANSPORT_UDP);
  s->client = linnet_client_new(s->loop, "node1", NULL);
  CHECK(s->client != NULL);
  CHECK_EQUAL(linnet_address_parse(&s->server, scripted_server_uri), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_transport(s->client, s->transport), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_server(s->client, scripted_server_uri, 1, lifetime_s), LINNET_OK);
}

static inline void scripted_end(scripted *s) {
  linnet_client_unref(s->client);
  linnet_transport_close(s->transport);
  linnet_transport_unref(s->transport);
  linnet_loop_unref(s->loop);
}

/* Runs the clock until the client sends something (true: it is in s->message), or until `until_ms`. */
static inline bool scripted_run(scripted *s, uint64_t until_ms) {
  for (;;) {
    linnet_datagram datagram;
    uint64_t deadline = linnet_loop_step(s->loop, s->now);
    if (linnet_transport_next(s->transport, &datagram)) {
      CHECK(datagram.length <= sizeof s->bytes);
      CHECK(linnet_address_equal(&datagram.peer, &s->server));
      memcpy(s->bytes, datagram.data, datagram.length);
      s->length = datagram.length;
      CHECK_EQUAL(linnet_message_parse(&s->message, s->bytes, s->length), LINNET_OK);
      return true;
    }
    if (deadline <= s->now) continue;
    if (deadline > until_ms) {
      if (until_ms > s->now) s->now = until_ms;
      return false;
    }
    s->now = deadline;
  }
}

static inline bool scripted_silent(scripted *s, uint64_t for_ms) { return !scripted_run(s, s->now + for_ms); }

static inline void scripted_give_from(scripted *s, const linnet_address *from, const packet *p) {
  CHECK_EQUAL(linnet_transport_receive(s->transport, from, p->data, p->length), LINNET_OK);
}

static inline void scripted_give(scripted *s, const packet *p) { scripted_give_from(s, &s->server, p); }

/* ---- looking at what the client sent ------------------------------------------------------------- */

/* All options of one number, each with `before` in front: "/rd" or "?ep=node1&lt=60". */
static inline const char *scripted_texts(scripted *s, uint16_t number, const char *first, const char *next) {
  linnet_option option = {0, NULL, 0};
  size_t position = 0, length = 0;
  while (linnet_message_next_option(&s->message, &position, &option)) {
    if (option.number != number) continue;
    const char *before = length == 0 ? first : next;
    memcpy(s->text + length, before, strlen(before));
    length += strlen(before);
    memcpy(s->text + length, option.value, option.length);
    length += option.length;
  }
  s->text[length] = 0;
  return s->text;
}

static inline const char *scripted_path(scripted *s) { return scripted_texts(s, URI_PATH, "/", "/"); }
static inline const char *scripted_query(scripted *s) { return scripted_texts(s, URI_QUERY, "", "&"); }

/* -1: the option is not there. */
static inline int64_t scripted_option(const scripted *s, uint16_t number) {
  linnet_option option = {0, NULL, 0};
  size_t position = 0;
  while (linnet_message_next_option(&s->message, &position, &option)) {
    if (option.number != number) continue;
    int64_t value = 0;
    for (size_t i = 0; i < option.length; i++) value = value << 8 | option.value[i];
    return value;
  }
  return -1;
}

static inline const char *scripted_payload(scripted *s) {
  if (s->message.payload_length > 0) memcpy(s->text, s->message.payload, s->message.payload_length);
  s->text[s->message.payload_length] = 0;
  return s->text;
}

/* The client's next message, within a minute, is this request. */
static inline void scripted_expect(scripted *s, uint8_t method, const char *path) {
  CHECK(scripted_run(s, s->now + 60000));
  CHECK_EQUAL(s->message.type, LINNET_MESSAGE_CON);
  CHECK_EQUAL(s->message.code, method);
  CHECK_TEXT(scripted_path(s), path);
}

/* ---- what the server says ------------------------------------------------------------------------ */

/* Begins the piggybacked response to the client's last request. */
static inline void scripted_answer_begin(scripted *s, packet *p, unsigned code) {
  packet_begin(p, LINNET_MESSAGE_ACK, CODE(code), s->message.message_id, s->message.token,
               s->message.token_length);
}

static inline void scripted_answer(scripted *s, unsigned code) {
  packet p;
  scripted_answer_begin(s, &p, code);
  scripted_give(s, &p);
}

static inline void scripted_acknowledge(scripted *s, linnet_message_type type) {
  packet p;
  packet_begin(&p, type, 0, s->message.message_id, NULL, 0);
  scripted_give(s, &p);
}

static inline void scripted_accept_registration(scripted *s, const char *location) {
  packet p;
  scripted_answer_begin(s, &p, 201);
  packet_texts(&p, LOCATION_PATH, location, '/');
  scripted_give(s, &p);
  CHECK(!scripted_run(s, s->now));
}

static inline void scripted_register(scripted *s) {
  CHECK_EQUAL(linnet_client_start(s->client), LINNET_OK);
  scripted_expect(s, POST, "/rd");
  scripted_accept_registration(s, "rd/5a3f");
  CHECK_EQUAL(linnet_client_get_state(s->client, 1), LINNET_CLIENT_REGISTERED);
}

/* The client tells of a change, and is told that it was heard. */
static inline void scripted_take_update(scripted *s) {
  scripted_expect(s, POST, "/rd/5a3f");
  scripted_answer(s, 204);
  CHECK(!scripted_run(s, s->now));
}

/* A request of the server, piece by piece. */
typedef struct request {
  uint8_t method;
  const char *path;  /* "3/0/1" */
  const char *query; /* NULL: none */
  int accept;        /* -1: none; as with the others */
  int format;
  int observe;
  const void *payload;
  size_t payload_length;
} request;

#define REQUEST(m, p) ((request){.method = (m), .path = (p), .accept = -1, .format = -1, .observe = -1})

/* Sends it with the next message id and, for anything but a cancellation, the next token. */
static inline void scripted_request(scripted *s, const request *r) {
  packet p;
  s->token++;
  packet_begin(&p, LINNET_MESSAGE_CON, r->method, ++s->message_id, &s->token, 1);
  if (r->observe >= 0) packet_number(&p, OBSERVE, (uint32_t)r->observe);
  packet_texts(&p, URI_PATH, r->path, '/');
  if (r->format >= 0) packet_number(&p, CONTENT_FORMAT, (uint32_t)r->format);
  if (r->query != NULL) packet_texts(&p, URI_QUERY, r->query, '&');
  if (r->accept >= 0) packet_number(&p, ACCEPT, (uint32_t)r->accept);
  packet_payload(&p, r->payload, r->payload_length);
  scripted_give(s, &p);
}

/* Sends it and returns the code of the response that comes at once, e.g. 205. */
static inline unsigned scripted_ask(scripted *s, const request *r) {
  scripted_request(s, r);
  CHECK(scripted_run(s, s->now));
  CHECK_EQUAL(s->message.type, LINNET_MESSAGE_ACK);
  CHECK_EQUAL(s->message.message_id, s->message_id);
  CHECK_EQUAL(s->message.token_length, 1);
  CHECK_EQUAL(s->message.token[0], s->token);
  return (unsigned)(s->message.code >> 5) * 100 + (s->message.code & 31);
}

static inline unsigned scripted_get(scripted *s, const char *path, int accept) {
  request r = REQUEST(GET, path);
  r.accept = accept;
  return scripted_ask(s, &r);
}

static inline unsigned scripted_send(scripted *s, uint8_t method, const char *path, int format,
                                     const void *payload, size_t length) {
  request r = REQUEST(method, path);
  r.format = format;
  r.payload = payload;
  r.payload_length = length;
  return scripted_ask(s, &r);
}

static inline unsigned scripted_text(scripted *s, uint8_t method, const char *path, int format,
                                     const char *payload) {
  return scripted_send(s, method, path, format, payload, strlen(payload));
}

/* The next event that is not a log line; of that kind. */
static inline linnet_event *scripted_event(scripted *s, linnet_event_kind kind) {
  linnet_event *event = linnet_loop_next_event(s->loop);
  CHECK(event != NULL);
  CHECK_TEXT(linnet_event_kind_name(linnet_event_get_kind(event)), linnet_event_kind_name(kind));
  return event;
}

static inline void scripted_no_event(scripted *s) { CHECK(linnet_loop_next_event(s->loop) == NULL); }

/* Takes all that wait. */
static inline void scripted_drain(scripted *s) {
  while (linnet_loop_next_event(s->loop) != NULL) continue;
}

#endif

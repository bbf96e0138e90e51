/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scripted.h: a server on a loop of the test's own, and devices that are nothing but datagrams.
 *
 * Time is a number that the test moves; nothing sleeps. A test sees what a peer sees (messages) and what a
 * user sees (events).
 */
#ifndef LINNET_TESTS_SERVER_SCRIPTED_H
#define LINNET_TESTS_SERVER_SCRIPTED_H

#include <linnet/linnet.h>

#include "check.h"

#define GET 1
#define POST 2
#define PUT 3
#define DELETE 4
#define NO_FORMAT (-1)

/* Memory that can run out: the allocation number `fail_at` (from 1) and all after it fail; 0: none does. */
typedef struct memory {
  size_t allocations;
  size_t fail_at;
  size_t fail_count;
} memory;

static inline void *memory_reallocate(void *user, void *block, size_t size) {
  memory *state = user;
  if (size == 0) {
    free(block);
    return NULL;
  }
  state->allocations++;
  if (state->fail_at > 0 && state->allocations >= state->fail_at &&
      state->allocations - state->fail_at < state->fail_count)
    return NULL;
  return realloc(block, size);
}

typedef struct bench {
  memory memory;
  linnet_loop *loop;
  linnet_server *server;
  linnet_transport *transport;
  uint64_t now;
} bench;

typedef struct device {
  linnet_address address;
  uint16_t message_id;
  char location[32]; /* "rd/..." */
} device;

/* A message that left the server, with the bytes it points into. */
typedef struct sent {
  linnet_message message;
  linnet_address peer;
  size_t length;
  uint8_t bytes[2048];
} sent;

static inline void bench_begin(bench *b) {
  static const uint8_t seed[LINNET_SEED_SIZE] = "scripted server";
  memset(b, 0, sizeof *b);
  b->now = 1000;
  b->loop = linnet_loop_new_with_memory(seed, sizeof seed, memory_reallocate, &b->memory);
  CHECK(b->loop != NULL);
  linnet_loop_step(b->loop, b->now);
  b->server = linnet_server_new(b->loop, NULL);
  b->transport = linnet_transport_new(b->loop, LINNET_TRANSPORT_UDP);
  CHECK(b->server != NULL && b->transport != NULL);
  CHECK_EQUAL(linnet_server_add_transport(b->server, b->transport), LINNET_OK);
}

/* Nothing may be left: what leaks is found here and by the sanitizers. */
static inline void bench_end(bench *b) {
  linnet_server_close(b->server);
  linnet_server_unref(b->server);
  linnet_transport_close(b->transport);
  linnet_transport_unref(b->transport);
  linnet_loop_unref(b->loop);
}

static inline device device_new(unsigned host) {
  device d = {.message_id = 100};
  char text[32];
  snprintf(text, sizeof text, "10.0.%u.%u:5683", host / 250, host % 250 + 1);
  CHECK_EQUAL(linnet_address_parse(&d.address, text), LINNET_OK);
  return d;
}

/* ---- writing messages ---------------------------------------------------------------------------- */

typedef struct draft {
  uint8_t bytes[4096];
  size_t length;
  unsigned option;
} draft;

static inline void draft_begin(draft *m, int type, unsigned code, uint16_t id, const void *token,
                               size_t size) {
  m->bytes[0] = (uint8_t)(0x40 | type << 4 | (int)size);
  m->bytes[1] = (uint8_t)(code < 32 ? code : (code / 100) << 5 | code % 100);
  m->bytes[2] = (uint8_t)(id >> 8);
  m->bytes[3] = (uint8_t)id;
  if (size > 0) memcpy(m->bytes + 4, token, size);
  m->length = 4 + size;
  m->option = 0;
}

static inline unsigned draft_nibble(draft *m, size_t at, unsigned value) {
  if (value < 13) return value;
  if (value < 269) {
    m->bytes[at] = (uint8_t)(value - 13);
    m->length++;
    return 13;
  }
  m->bytes[at] = (uint8_t)((value - 269) >> 8);
  m->bytes[at + 1] = (uint8_t)(value - 269);
  m->length += 2;
  return 14;
}

static inline void draft_option(draft *m, unsigned number, const void *data, size_t length) {
  size_t head = m->length++;
  unsigned high = draft_nibble(m, m->length, number - m->option);
  unsigned low = draft_nibble(m, m->length, (unsigned)length);
  m->bytes[head] = (uint8_t)(high << 4 | low);
  if (length > 0) memcpy(m->bytes + m->length, data, length);
  m->length += length;
  m->option = number;
}

static inline void draft_number(draft *m, unsigned option, unsigned value) {
  uint8_t bytes[3] = {(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
  size_t skip = value > 0xffff ? 0 : value > 0xff ? 1 : value > 0 ? 2 : 3;
  draft_option(m, option, bytes + skip, 3 - skip);
}

static inline void draft_payload(draft *m, const void *data, size_t length) {
  if (length == 0) return;
  m->bytes[m->length++] = 0xff;
  memcpy(m->bytes + m->length, data, length);
  m->length += length;
}

/* Each piece of `text` up to `end` that `separator` divides, as one option. */
static inline void draft_pieces(draft *m, unsigned option, const char *text, const char *end,
                                char separator) {
  while (text < end) {
    const char *stop = memchr(text, separator, (size_t)(end - text));
    if (stop == NULL) stop = end;
    draft_option(m, option, text, (size_t)(stop - text));
    text = stop + 1;
  }
}

/* "rd/5a3f?lt=60&b=U" as Uri-Path and Uri-Query, the Content-Format between them. */
static inline void draft_uri(draft *m, const char *uri, int format) {
  const char *end = uri + strlen(uri), *question = strchr(uri, '?');
  draft_pieces(m, 11, uri, question != NULL ? question : end, '/');
  if (format >= 0) draft_number(m, 12, (unsigned)format);
  if (question != NULL) draft_pieces(m, 15, question + 1, end, '&');
}

/* ---- what goes in and comes out ------------------------------------------------------------------ */

static inline void deliver(bench *b, const device *from, const draft *m) {
  CHECK_EQUAL(linnet_transport_receive(b->transport, &from->address, m->bytes, m->length), LINNET_OK);
  linnet_loop_step(b->loop, b->now);
}

static inline bool take(bench *b, sent *out) {
  linnet_datagram datagram;
  if (!linnet_transport_next(b->transport, &datagram)) return false;
  CHECK(datagram.length <= sizeof out->bytes);
  memcpy(out->bytes, datagram.data, datagram.length);
  out->length = datagram.length;
  out->peer = datagram.peer;
  CHECK_EQUAL(linnet_message_parse(&out->message, out->bytes, out->length), LINNET_OK);
  return true;
}

static inline unsigned sent_code(const sent *m) {
  return m->message.code < 32 ? m->message.code : (m->message.code >> 5u) * 100u + (m->message.code & 31u);
}

static inline bool sent_option(const sent *m, unsigned number, size_t index, linnet_option *out) {
  size_t position = 0;
  memset(out, 0, sizeof *out);
  while (linnet_message_next_option(&m->message, &position, out))
    if (out->number == number && index-- == 0) return true;
  return false;
}

/* -1: there is none. */
static inline int sent_number(const sent *m, unsigned number) {
  linnet_option option;
  if (!sent_option(m, number, 0, &option)) return -1;
  int value = 0;
  for (size_t i = 0; i < option.length; i++) value = value << 8 | option.value[i];
  return value;
}

/* All options of that number, each after a separator: "/3/0" or "&pmin=1". */
static inline const char *sent_text(const sent *m, unsigned number, char separator, char *text, size_t size) {
  linnet_option option;
  size_t length = 0;
  for (size_t i = 0; sent_option(m, number, i, &option); i++) {
    CHECK(length + option.length + 2 < size);
    text[length++] = separator;
    memcpy(text + length, option.value, option.length);
    length += option.length;
  }
  text[length] = 0;
  return text;
}

/* Passes time up to `until`, and throws away what is sent meanwhile (retransmissions). */
static inline void pass(bench *b, uint64_t until) {
  linnet_datagram datagram;
  while (b->now < until) {
    uint64_t next = linnet_loop_deadline(b->loop);
    b->now = next < until ? (next > b->now ? next : b->now) : until;
    linnet_loop_step(b->loop, b->now);
    while (linnet_transport_next(b->transport, &datagram)) continue;
  }
}

/* A confirmable request of the device and the answer to it: the code, with the message in *answer. */
static inline unsigned ask(bench *b, device *d, unsigned method, const char *uri, int format,
                           const char *payload, sent *answer) {
  static const uint8_t token[2] = {0xa1, 0xb2};
  draft m;
  draft_begin(&m, 0, method, d->message_id++, token, sizeof token);
  draft_uri(&m, uri, format);
  if (payload != NULL) draft_payload(&m, payload, strlen(payload));
  deliver(b, d, &m);
  if (!take(b, answer)) return 0;
  CHECK_EQUAL(answer->message.type, LINNET_MESSAGE_ACK);
  return sent_code(answer);
}

#define LINKS "</1/0>,</3/0>,</3303/0>"

/* Registers and keeps the location; returns the number of the registration. */
static inline uint64_t enrol(bench *b, device *d, const char *endpoint, const char *links) {
  char uri[512], location[32];
  sent answer;
  snprintf(uri, sizeof uri, "rd?ep=%s&lt=300&lwm2m=1.0", endpoint);
  CHECK_EQUAL(ask(b, d, POST, uri, 40, links, &answer), 201);
  sent_text(&answer, 8, '/', location, sizeof location);
  CHECK(strncmp(location, "/rd/", 4) == 0);
  strcpy(d->location, location + 1);
  return linnet_server_find(b->server, endpoint);
}

/* The next event, which must be of this kind. */
static inline linnet_event *expect(bench *b, linnet_event_kind kind) {
  linnet_event *event = linnet_loop_next_event(b->loop);
  if (event == NULL) {
    fprintf(stderr, "no event, but %s was expected\n", linnet_event_kind_name(kind));
    exit(1);
  }
  CHECK_TEXT(linnet_event_kind_name(linnet_event_get_kind(event)), linnet_event_kind_name(kind));
  return event;
}

static inline void expect_nothing(bench *b) {
  linnet_event *event = linnet_loop_next_event(b->loop);
  if (event == NULL) return;
  fprintf(stderr, "an event that was not expected: %s\n",
          linnet_event_kind_name(linnet_event_get_kind(event)));
  exit(1);
}

/* A device that has registered, with the event taken. */
static inline uint64_t enrolled(bench *b, device *d, const char *endpoint, const char *links) {
  uint64_t registration = enrol(b, d, endpoint, links);
  CHECK_EQUAL(linnet_event_registration(expect(b, LINNET_EVENT_REGISTERED)), registration);
  return registration;
}

/* The piggybacked answer of the device. `observe` -1: none. */
static inline void reply(bench *b, const device *d, const sent *request, unsigned code, int observe,
                         int format, const void *payload, size_t length) {
  draft m;
  draft_begin(&m, 2, code, request->message.message_id, request->message.token,
              request->message.token_length);
  if (observe >= 0) draft_number(&m, 6, (unsigned)observe);
  if (format >= 0) draft_number(&m, 12, (unsigned)format);
  draft_payload(&m, payload, length);
  deliver(b, d, &m);
}

static inline void reply_text(bench *b, const device *d, const sent *request, unsigned code, int observe,
                              int format, const char *payload) {
  reply(b, d, request, code, observe, format, payload, payload == NULL ? 0 : strlen(payload));
}

/* A notification with a message of its own, to the token of `request`. */
static inline void notify(bench *b, device *d, const sent *request, int type, unsigned code, int observe,
                          const char *text) {
  draft m;
  draft_begin(&m, type, code, d->message_id++, request->message.token, request->message.token_length);
  if (observe >= 0) draft_number(&m, 6, (unsigned)observe);
  draft_number(&m, 12, 0);
  draft_payload(&m, text, strlen(text));
  deliver(b, d, &m);
}

/* Makes a request that must be accepted, and takes the message that leaves. */
static inline uint64_t request(bench *b, uint64_t registration, linnet_operation operation,
                               const char *path_text, const linnet_batch *payload, const char *text,
                               linnet_format format, sent *out) {
  linnet_path path;
  uint64_t number = 0;
  CHECK_EQUAL(linnet_path_parse(&path, path_text), LINNET_OK);
  linnet_status status =
      linnet_server_request(b->server, registration, operation, path, payload, text, format, &number);
  if (status != LINNET_OK) fprintf(stderr, "%s\n", linnet_error_text(b->loop));
  CHECK_EQUAL(status, LINNET_OK);
  linnet_loop_step(b->loop, b->now);
  CHECK(take(b, out));
  CHECK(number != 0);
  return number;
}

/* The same for one that must be refused before anything is sent. */
static inline linnet_status refused(bench *b, uint64_t registration, linnet_operation operation,
                                    const char *path_text, const linnet_batch *payload, const char *text) {
  linnet_path path;
  sent out;
  CHECK_EQUAL(linnet_path_parse(&path, path_text), LINNET_OK);
  linnet_status status = linnet_server_request(b->server, registration, operation, path, payload, text,
                                               LINNET_FORMAT_NONE, NULL);
  linnet_loop_step(b->loop, b->now);
  CHECK(!take(b, &out));
  return status;
}

#endif

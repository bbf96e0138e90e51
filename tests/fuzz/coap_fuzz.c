/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coap_fuzz.c: libFuzzer entry for a CoAP endpoint that serves, asks, observes and is observed.
 *
 * The input is a row of acts: one byte of flags, one of length, and so many bytes of a datagram. The flags
 * put the message id or the token of what the endpoint sent last into the datagram, because no mutation would
 * guess them.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "coap/coap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum act {
  ACT_PUT_ID = 1,    /* the message id that was sent last */
  ACT_PUT_TOKEN = 2, /* its token, too */
  ACT_WAIT = 4,      /* so many seconds, instead of a datagram */
  ACT_ASK = 8,       /* a request of our own */
  ACT_NOTIFY = 16,   /* to the latest observer */
  ACT_RESPOND = 32,  /* to the latest request that was put off */
  ACT_OTHER_PEER = 64,
  ACT_TROUBLE = 128 /* the next callback forgets the peer, or closes something */
};

typedef struct fuzzed {
  linnet_loop *loop;
  linnet_transport *transport;
  linnet__coap *coap; /* NULL: closed */
  linnet_address peers[2];
  linnet__observer *observer;
  uint64_t exchange;
  uint64_t asked;
  uint64_t now_ms;
  uint8_t last[16];
  size_t last_length;
  uint8_t trouble; /* 0: none */
  uint8_t choice;
} fuzzed;

static void make_trouble(fuzzed *f) {
  uint8_t trouble = f->trouble;
  f->trouble = 0;
  if (trouble == 0 || f->coap == NULL) return;
  linnet__peer peer = {f->transport, f->peers[trouble & 1]};
  if (trouble % 7 == 0) {
    linnet__coap_close(f->coap);
    f->coap = NULL;
    f->observer = NULL;
  } else if (trouble % 7 == 1) {
    linnet_transport_close(f->transport);
  } else if (trouble % 7 == 2 && f->observer != NULL) {
    linnet__coap_unobserve(f->coap, f->observer);
    f->observer = NULL;
  } else if (trouble % 7 < 5) {
    linnet__coap_forget_peer(f->coap, &peer);
  } else {
    linnet__coap_forget(f->coap, f->asked);
  }
}

static uint8_t touch(const uint8_t *data, size_t size) {
  uint8_t sum = 0;
  for (size_t i = 0; i < size; i++) sum = (uint8_t)(sum + data[i]);
  return sum;
}

static void look_at(const linnet__incoming *incoming) {
  linnet__text text;
  linnet_path path;
  uint8_t sum = touch(incoming->payload, incoming->payload_length);
  for (size_t position = 0; linnet__incoming_text(incoming, LINNET__OPTION_URI_QUERY, &position, &text);)
    sum = (uint8_t)(sum + touch((const uint8_t *)text.data, text.length));
  for (size_t position = 0; linnet__incoming_text(incoming, LINNET__OPTION_LOCATION_PATH, &position, &text);)
    sum = (uint8_t)(sum + touch((const uint8_t *)text.data, text.length));
  if (linnet__incoming_path(incoming, sum & 1, &path) == LINNET_OK) (void)path;
}

static void fill(linnet__buffer *payload, uint8_t choice) {
  for (unsigned i = 0; i < choice * 9U; i++) linnet__buffer_append_byte(payload, (uint8_t)i);
}

static linnet__answer requested(void *user, const linnet__incoming *request, linnet__response *response) {
  fuzzed *f = user;
  look_at(request);
  response->code = (f->choice & 7) == 7 ? LINNET__NOT_FOUND : LINNET__CONTENT;
  fill(response->payload, f->choice);
  if (request->observe == 0 && f->observer == NULL) {
    f->observer = linnet__coap_observe(f->coap, &request->peer, &request->token, f);
    response->observer = f->observer;
  }
  f->exchange = request->exchange;
  make_trouble(f);
  if (f->choice % 5 == 3) return LINNET__ANSWER_LATER;
  return f->choice % 11 == 10 ? LINNET__ANSWER_NEVER : LINNET__ANSWER_NOW;
}

static uint8_t prechecked(void *user, const linnet__incoming *request) {
  fuzzed *f = user;
  look_at(request);
  make_trouble(f);
  return f->choice % 13 == 12 ? LINNET__NOT_FOUND : 0;
}

static void unobserved(void *user, void *observation, linnet__observer_end end) {
  fuzzed *f = user;
  (void)observation;
  if (end != LINNET__OBSERVER_REPLACED) f->observer = NULL;
  make_trouble(f);
}

static void notified(void *user, void *observation, linnet_status status) {
  (void)observation;
  (void)status;
  make_trouble(user);
}

static void answered(void *user, uint64_t exchange, linnet_status status, const linnet__incoming *response) {
  (void)exchange;
  (void)status;
  if (response != NULL) look_at(response);
  make_trouble(user);
}

static void ask(fuzzed *f, uint8_t choice) {
  static const uint8_t body[700] = {1};
  linnet__text path[] = {{"3", 1}, {"0", 1}};
  linnet__peer peer = {f->transport, f->peers[choice >> 7]};
  linnet__outgoing outgoing = {.code = (uint8_t)(1 + choice % 4),
                               .path = path,
                               .path_count = choice % 3,
                               .content_format = (choice & 1) != 0 ? 42 : -1,
                               .accept = -1,
                               .observe = (choice & 4) != 0 && choice % 4 == 0 ? 0 : -1,
                               .payload = body,
                               .payload_length = choice % 4 == 0 ? 0 : choice * 2U,
                               .watch = linnet__coap_watch,
                               .timeout_ms = choice * 100U};
  linnet__coap_send(f->coap, &peer, &outgoing, answered, f, &f->asked);
}

static void put(fuzzed *f, uint8_t flags, const uint8_t *data, size_t length) {
  uint8_t bytes[512];
  size_t count = length;
  memcpy(bytes, data, length);
  if ((flags & (ACT_PUT_ID | ACT_PUT_TOKEN)) != 0 && f->last_length >= 4 && length >= 4)
    memcpy(bytes + 2, f->last + 2, 2);
  if ((flags & ACT_PUT_TOKEN) != 0 && f->last_length >= 12 && length >= 4) {
    bytes[0] = (uint8_t)((bytes[0] & 0xF0) | 8);
    memcpy(bytes + 4, f->last + 4, 8);
    if (length > 4) memcpy(bytes + 12, data + 4, length - 4);
    count = length + 8;
  }
  linnet_transport_receive(f->transport, &f->peers[(flags & ACT_OTHER_PEER) != 0], bytes, count);
}

static void act(fuzzed *f, uint8_t flags, const uint8_t *data, size_t length) {
  linnet__response response;
  f->choice = length > 0 ? data[length - 1] : flags;
  if ((flags & ACT_TROUBLE) != 0) f->trouble = f->choice;
  if ((flags & ACT_WAIT) != 0) {
    f->now_ms += 500U * f->choice;
  } else if (f->coap != NULL && (flags & ACT_ASK) != 0) {
    ask(f, f->choice);
  } else if (f->coap != NULL && (flags & (ACT_NOTIFY | ACT_RESPOND)) != 0) {
    linnet__response_init(f->coap, &response, (f->choice & 15) == 15 ? LINNET__NOT_FOUND : LINNET__CONTENT);
    fill(response.payload, f->choice);
    if ((flags & ACT_RESPOND) != 0)
      linnet__coap_respond(f->coap, f->exchange, &response);
    else if (f->observer != NULL)
      linnet__coap_notify(f->coap, f->observer, &response,
                          (f->choice & 1) != 0 ? LINNET__CONFIRMABLE : LINNET__NON_CONFIRMABLE);
  } else {
    put(f, flags, data, length);
  }
  linnet_loop_step(f->loop, f->now_ms);
  linnet_datagram sent;
  while (linnet_transport_next(f->transport, &sent)) {
    f->last_length = sent.length < sizeof f->last ? sent.length : sizeof f->last;
    memcpy(f->last, sent.data, f->last_length);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const uint8_t seed[LINNET_SEED_SIZE] = {7};
  static const linnet__coap_handler handler = {
      .request = requested, .precheck = prechecked, .unobserved = unobserved, .notified = notified};
  fuzzed f = {.loop = linnet_loop_new(seed, sizeof seed)};
  linnet_address_parse(&f.peers[0], "192.0.2.1");
  linnet_address_parse(&f.peers[1], "192.0.2.2");
  f.transport = linnet_transport_new(f.loop, LINNET_TRANSPORT_UDP);
  f.coap = linnet__coap_new(f.loop, &handler, &f);
  linnet__coap_add_transport(f.coap, f.transport);
  linnet__coap_set_limit(f.coap, LINNET_LIMIT_TRANSFERS, 2);
  linnet__coap_set_limit(f.coap, LINNET_LIMIT_OPEN_REQUESTS, 3);
  linnet__coap_set_limit(f.coap, LINNET_LIMIT_BODY_SIZE, 1500);
  linnet__coap_set_limit(f.coap, LINNET_LIMIT_OBSERVATIONS, 2);
  linnet__coap_set_limit(f.coap, LINNET_LIMIT_PEERS, size % 2 + 1);
  if (size > 0) linnet__coap_set_limit(f.coap, LINNET_LIMIT_BLOCK_SIZE, (data[0] & 1) != 0 ? 16 : 1024);
  for (size_t at = 0; size - at >= 2;) {
    size_t length = data[at + 1];
    if (length > size - at - 2) length = size - at - 2;
    act(&f, data[at], data + at + 2, length);
    at += 2 + length;
  }
  linnet_loop_step(f.loop, f.now_ms + 1000000);
  if (f.coap != NULL) linnet__coap_close(f.coap);
  linnet_transport_unref(f.transport);
  linnet_loop_unref(f.loop);
  return 0;
}

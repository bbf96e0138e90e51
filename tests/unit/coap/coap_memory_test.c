/* SPDX-License-Identifier: Apache-2.0 */
/* Lack of memory at every single allocation leaves an endpoint whole: nothing crashes, leaks or hangs. */
#include "wire.h"

typedef struct faulty {
  size_t until; /* allocations that succeed yet */
  size_t failed;
  size_t count; /* how many fail in a row */
} faulty;

static void *reallocate(void *user, void *block, size_t size) {
  faulty *f = user;
  if (size == 0) {
    free(block);
    return NULL;
  }
  if (f->until > 0) {
    f->until--;
  } else if (f->failed < f->count) {
    f->failed++;
    return NULL;
  }
  return realloc(block, size);
}

static void put_if_there_is_room(wire *w, const char *text) {
  uint8_t bytes[256];
  size_t length = wire_bytes(text, bytes, sizeof bytes);
  linnet_transport_receive(w->transport, &w->address, bytes, length);
  wire_step(w);
}

static void answer_if_asked(wire *w, uint8_t code, const char *rest) {
  if (!take(w)) return;
  uint8_t bytes[256] = {(uint8_t)(0x60 | (w->last[0] & 15)), code, w->last[2], w->last[3]};
  size_t token = w->last[0] & 15;
  memcpy(bytes + 4, w->last + 4, token);
  size_t length = 4 + token + wire_bytes(rest, bytes + 4 + token, 200);
  linnet_transport_receive(w->transport, &w->address, bytes, length);
  wire_step(w);
}

static void send_request(wire *w, uint8_t code, int32_t observe, const char *payload) {
  linnet__text path[2] = {{"3", 1}, {"0", 1}};
  linnet__peer peer = {w->transport, w->address};
  linnet__outgoing outgoing = {.code = code,
                               .path = path,
                               .path_count = 2,
                               .content_format = 0,
                               .accept = -1,
                               .observe = observe,
                               .watch = linnet__coap_watch,
                               .payload = (const uint8_t *)payload,
                               .payload_length = strlen(payload)};
  linnet__coap_send(w->coap, &peer, &outgoing, wire_answered, w, NULL);
  wire_step(w);
}

#define B16 "30313233343536373839616263646566"

/* A bit of everything. */
static void live(wire *w) {
  linnet__coap_set_limit(w->coap, LINNET_LIMIT_BLOCK_SIZE, 16);
  w->answer_body = "0123456789abcdefAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAz";
  w->answer_length = 47;
  w->observes = true;
  put_if_there_is_room(w, "41 01 00 01 4A 60 51 33");
  put_if_there_is_room(w, "41 01 00 02 4A B1 33 C1 10");
  put_if_there_is_room(w, "41 03 00 03 4A B1 33 D1 03 08 FF " B16);
  put_if_there_is_room(w, "41 03 00 04 4A B1 33 D1 03 10 FF 7A");
  put_if_there_is_room(w, "51 01 00 05 4A B1 33");
  put_if_there_is_room(w, "51 1F 00 06 4A B1 33");
  w->answer = LINNET__ANSWER_LATER;
  put_if_there_is_room(w, "41 02 00 07 4A B1 33");
  wire_wait(w, 1500);
  linnet__response response;
  linnet__response_init(w->coap, &response, LINNET__CONTENT);
  linnet__buffer_append_text(response.payload, "a rather long text in more than one block");
  linnet__coap_respond(w->coap, w->exchange, &response);
  for (int i = 0; i < 3 && w->observer != NULL && w->unobserved == 0; i++)
    linnet__coap_notify(w->coap, w->observer, &response,
                        i == 1 ? LINNET__NON_CONFIRMABLE : LINNET__CONFIRMABLE);
  while (take(w)) {
  }
  wire_wait(w, 400000); /* until what nobody acknowledges has been given up */
  while (take(w)) {
  }
  send_request(w, LINNET__PUT, -1, "0123456789abcdefz");
  answer_if_asked(w, LINNET__CONTINUE, "D1 0E 08");
  answer_if_asked(w, LINNET__CHANGED, "");
  send_request(w, LINNET__GET, 0, "");
  answer_if_asked(w, LINNET__CONTENT, "41 01 21 0D 60 B1 08 FF " B16);
  answer_if_asked(w, LINNET__CONTENT, "41 01 80 B1 10 FF 67");
  send_request(w, LINNET__GET, -1, "");
  answer_if_asked(w, LINNET__CONTENT, "D1 0A 08 FF " B16);
  answer_if_asked(w, LINNET__CONTENT, "D1 0A 10 FF 67");
}

/* *good: how many requests were answered. */
static void run(faulty *f, bool *whole, int *good) {
  *whole = false;
  linnet_loop *loop = linnet_loop_new_with_memory("0123456789abcdef", 16, reallocate, f);
  if (loop == NULL) return;
  static wire w;
  wire_open_on(&w, loop);
  if (w.transport != NULL && w.coap != NULL && linnet__coap_add_transport(w.coap, w.transport) == LINNET_OK) {
    live(&w);
    wire_wait(&w, 600000);
    if (w.observer != NULL && w.unobserved == 0) linnet__coap_unobserve(w.coap, w.observer);
    *whole = true;
    *good = w.good;
  }
  wire_close(&w);
}

static void survives_each_allocation_that_fails(void) {
  static const size_t counts[] = {1, 3, SIZE_MAX};
  for (size_t i = 0; i < 3; i++) {
    bool whole = false;
    for (size_t until = 0;; until++) {
      faulty f = {until, 0, counts[i]};
      int good = 0;
      run(&f, &whole, &good);
      if (f.failed == 0) {
        CHECK_EQUAL(good, 3); /* otherwise this tests less than it seems */
        break;
      }
      CHECK(until < 10000);
    }
    CHECK(whole);
  }
}

int main(void) { return RUN(survives_each_allocation_that_fails); }

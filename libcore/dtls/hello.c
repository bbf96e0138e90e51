/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hello.c: who says hello shows first that it can be answered there: HelloVerifyRequest, and the cookie in it
 * (RFC 6347 4.2.1). Nothing is kept of those that do not.
 */
#include <string.h>

#include "dtls_internal.h"

enum { HANDSHAKE = 22, CLIENT_HELLO = 1, HELLO_VERIFY_REQUEST = 3 };
enum { CLIENT_CERTIFICATE_TYPE = 19, RAW_PUBLIC_KEY = 2 };
#define RECORD_HEADER 13
#define HANDSHAKE_HEADER 12
#define BODY (RECORD_HEADER + HANDSHAKE_HEADER)
#define VERSION_AND_RANDOM 34
#define SESSION_ID_LIMIT 32
#define COOKIE_SIZE 16
/* A cookie is good for one to two of these. */
#define PERIOD_MS 60000

/* Views into the message. */
typedef struct client_hello {
  const uint8_t *fixed; /* version and random; Mbed TLS has another session id in its second hello */
  const uint8_t *cookie;
  size_t cookie_length;
  const uint8_t *end; /* of the message */
} client_hello;

static uint32_t number_24(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
}

/* The first record, in epoch 0, begins with a ClientHello. */
static bool is_client_hello(const uint8_t *data, size_t length) {
  return length > BODY && data[0] == HANDSHAKE && data[3] == 0 && data[4] == 0 &&
         data[RECORD_HEADER] == CLIENT_HELLO;
}

/* In one piece, as RFC 6347 4.2.1 allows a server to ask for; false: it is not, or malformed. */
static bool parse(client_hello *hello, const uint8_t *data, size_t length) {
  size_t record = (size_t)data[11] << 8 | data[12];
  const uint8_t *head = data + RECORD_HEADER;
  size_t body = number_24(head + 1);
  if (data[1] != 0xFE || RECORD_HEADER + record > length) return false;
  if (number_24(head + 6) != 0 || number_24(head + 9) != body || HANDSHAKE_HEADER + body > record)
    return false;
  const uint8_t *at = data + BODY;
  if (body < VERSION_AND_RANDOM + 2 || at[VERSION_AND_RANDOM] > SESSION_ID_LIMIT) return false;
  hello->fixed = at;
  size_t cookie = (size_t)VERSION_AND_RANDOM + 1 + at[VERSION_AND_RANDOM];
  if (body < cookie + 1) return false;
  hello->cookie = at + cookie + 1;
  hello->cookie_length = at[cookie];
  hello->end = at + body;
  return body >= cookie + 1 + hello->cookie_length;
}

/* Skips a part whose length stands before it, in so many bytes. NULL: it goes beyond the end. */
static const uint8_t *skip(const uint8_t *at, const uint8_t *end, size_t bytes) {
  size_t length = 0;
  if (at == NULL || (size_t)(end - at) < bytes) return NULL;
  for (size_t i = 0; i < bytes; i++) length = length << 8 | at[i];
  return (size_t)(end - at) - bytes >= length ? at + bytes + length : NULL;
}

/* RFC 7250 4.1: the types of certificate that a client can show, the best first. */
static bool prefers_raw_keys(const client_hello *hello) {
  static const uint8_t suites_size = 2, compressions_size = 1, extensions_size = 2, list_size = 1;
  const uint8_t *at = skip(hello->cookie + hello->cookie_length, hello->end, suites_size);
  at = skip(at, hello->end, compressions_size);
  const uint8_t *end = skip(at, hello->end, extensions_size);
  if (end == NULL) return false;
  at += extensions_size;
  while (end - at >= 4) {
    const uint8_t *next = skip(at + 2, end, 2);
    if (next == NULL) return false;
    if (at[0] == 0 && at[1] == CLIENT_CERTIFICATE_TYPE)
      return next - at >= 6 && at[4] >= list_size && at[5] == RAW_PUBLIC_KEY;
    at = next;
  }
  return false;
}

static void store(uint8_t *bytes, uint64_t word) {
  for (size_t i = 0; i < 8; i++) bytes[i] = (uint8_t)(word >> (8 * i));
}

/* SipHash under two keys: nobody else can make it for that address, that hello and that time. */
static void make_cookie(const linnet__cookies *cookies, const linnet_address *peer, const client_hello *hello,
                        uint64_t period, uint8_t cookie[COOKIE_SIZE]) {
  uint8_t text[sizeof *peer + 8 + VERSION_AND_RANDOM];
  uint8_t key[sizeof cookies->key];
  memcpy(text, peer, sizeof *peer);
  store(text + sizeof *peer, period);
  memcpy(text + sizeof *peer + 8, hello->fixed, VERSION_AND_RANDOM);
  memcpy(key, cookies->key, sizeof key);
  for (uint8_t half = 0; half < 2; half++) {
    key[0] = (uint8_t)(cookies->key[0] ^ half);
    store(cookie + (size_t)8 * half, linnet__siphash(key, text, sizeof text));
  }
}

/* All bytes are looked at, so that the time it takes tells nothing. */
static bool same_cookie(const uint8_t *a, const uint8_t *b) {
  uint8_t differences = 0;
  for (size_t i = 0; i < COOKIE_SIZE; i++) differences |= (uint8_t)(a[i] ^ b[i]);
  return differences == 0;
}

/* Record version and sequence, and message sequence, are those of the ClientHello; the version in it is that
 * of DTLS 1.0, as RFC 6347 4.2.1 wants it. */
static void write_answer(linnet__hello *hello, const uint8_t *data, const uint8_t cookie[COOKIE_SIZE]) {
  static const uint8_t body[] = {0xFE, 0xFF, COOKIE_SIZE}, body_length = sizeof body + COOKIE_SIZE;
  uint8_t *out = hello->answer, *head = out + RECORD_HEADER;
  memset(out, 0, BODY);
  memcpy(out, data, 11); /* type, version, epoch, sequence */
  out[12] = HANDSHAKE_HEADER + body_length;
  head[0] = HELLO_VERIFY_REQUEST;
  head[3] = head[11] = body_length;
  memcpy(head + 4, data + RECORD_HEADER + 4, 2);
  memcpy(out + BODY, body, sizeof body);
  memcpy(out + BODY + sizeof body, cookie, COOKIE_SIZE);
  hello->answer_length = BODY + body_length;
}

void linnet__hello_read(linnet_loop *loop, const linnet__cookies *cookies, const linnet_address *peer,
                        const uint8_t *data, size_t length, linnet__hello *hello) {
  uint64_t period = linnet_loop_now(loop) / PERIOD_MS;
  uint8_t cookie[COOKIE_SIZE];
  client_hello read;
  hello->kind = LINNET__HELLO_NONE;
  hello->raw_keys = false;
  if (!is_client_hello(data, length)) return;
  hello->kind = LINNET__HELLO_BAD;
  if (!parse(&read, data, length)) return;
  hello->mark = linnet__hash(loop, read.fixed, VERSION_AND_RANDOM) | 1;
  make_cookie(cookies, peer, &read, period, cookie);
  if (read.cookie_length == COOKIE_SIZE) {
    uint8_t former[COOKIE_SIZE];
    if (period > 0) make_cookie(cookies, peer, &read, period - 1, former);
    if (same_cookie(read.cookie, cookie) || (period > 0 && same_cookie(read.cookie, former))) {
      hello->kind = LINNET__HELLO_PROVEN;
      hello->raw_keys = prefers_raw_keys(&read);
      return;
    }
  }
  hello->kind = LINNET__HELLO_STRANGER;
  write_answer(hello, data, cookie);
}

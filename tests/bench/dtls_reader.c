/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls_reader.c: a server of Mbed TLS alone that reads one resource of the client that registers with it,
 * over and over. Prints "listening", takes the process number of that client from standard input, and prints
 * one JSON object: how many answers came, and what they cost the client.
 *
 *     dtls_reader HOST:PORT WINDOW SECONDS
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "dtls_bare.h"

#define PATIENCE_MS 20000

struct reader {
  struct bare_config config;
  struct bare_session session; /* of the one client */
  bool registered;
  uint16_t message_id; /* of the next request */
  unsigned in_flight;
  unsigned ok;
  unsigned failed;
  unsigned long bytes; /* of the payload of the last answer */
};

static int find_psk(void *user, mbedtls_ssl_context *ssl, const unsigned char *identity, size_t length) {
  unsigned char key[BARE_KEY_SIZE];
  (void)user, (void)identity, (void)length;
  bare_key(0, key);
  return mbedtls_ssl_set_hs_psk(ssl, key, sizeof key);
}

/* ---- messages ------------------------------------------------------------------------------------ */

/* CON GET /3/0/0 as text; the token is the message id. */
static void ask(struct reader *reader) {
  unsigned char request[] = {0x42, 0x01, 0, 0, 0, 0, 0xB1, '3', 0x01, '0', 0x01, '0', 0x60};
  uint16_t id = reader->message_id++;
  request[2] = request[4] = (unsigned char)(id >> 8);
  request[3] = request[5] = (unsigned char)id;
  int written = mbedtls_ssl_write(&reader->session.ssl, request, sizeof request);
  if (written == (int)sizeof request)
    reader->in_flight++;
  else
    reader->failed++;
}

static void answer_registration(struct reader *reader, const unsigned char *request, size_t length) {
  static const unsigned char place[] = {0x82, 'r', 'd', 0x01, 'x'};
  unsigned char reply[4 + 8 + sizeof place];
  size_t token = request[0] & 15;
  if (length < 4 + token || token > 8) return;
  reply[0] = (unsigned char)(0x60 | token);
  reply[1] = 0x41; /* 2.01 */
  memcpy(reply + 2, request + 2, 2 + token);
  memcpy(reply + 4 + token, place, sizeof place);
  mbedtls_ssl_write(&reader->session.ssl, reply, 4 + token + sizeof place);
  reader->registered = true;
}

static void hear(struct reader *reader) {
  unsigned char data[BARE_DATAGRAM_SIZE];
  int length = mbedtls_ssl_read(&reader->session.ssl, data, sizeof data);
  for (; length > 0; length = mbedtls_ssl_read(&reader->session.ssl, data, sizeof data)) {
    if (length < 4) continue;
    if (data[1] == 2) answer_registration(reader, data, (size_t)length);
    if (data[0] != 0x62 || length < 6 || data[2] != data[4] || data[3] != data[5]) continue;
    reader->in_flight--;
    const unsigned char *payload = memchr(data + 6, 0xFF, (size_t)length - 6);
    if (data[1] == 0x45 && payload != NULL) {
      reader->ok++;
      reader->bytes = (unsigned long)(data + length - payload - 1);
    } else {
      reader->failed++;
    }
  }
  if (length != MBEDTLS_ERR_SSL_WANT_READ) bare_fail("the client", length);
}

/* ---- the session --------------------------------------------------------------------------------- */

static void shake(struct reader *reader) {
  struct bare_session *session = &reader->session;
  mbedtls_ssl_set_client_transport_id(&session->ssl, (const unsigned char *)&session->peer,
                                      sizeof session->peer);
  int error = mbedtls_ssl_handshake(&session->ssl);
  if (error != 0 && error != MBEDTLS_ERR_SSL_WANT_READ) mbedtls_ssl_session_reset(&session->ssl);
}

static void receive(struct reader *reader) {
  struct bare_session *session = &reader->session;
  unsigned char data[BARE_DATAGRAM_SIZE];
  while (true) {
    socklen_t peer_length = sizeof session->peer;
    ssize_t length =
        recvfrom(session->socket, data, sizeof data, 0, (struct sockaddr *)&session->peer, &peer_length);
    if (length < 0) return;
    session->in = data;
    session->in_length = (size_t)length;
    if (session->ssl.MBEDTLS_PRIVATE(state) != MBEDTLS_SSL_HANDSHAKE_OVER)
      shake(reader);
    else
      hear(reader);
    session->in = NULL;
  }
}

static void wait_for_registration(struct reader *reader) {
  uint64_t until_ms = bare_now_ms() + PATIENCE_MS;
  while (!reader->registered) {
    struct pollfd waiting = {.fd = reader->session.socket, .events = POLLIN};
    if (bare_now_ms() > until_ms) bare_fail("no client registers", ETIMEDOUT);
    poll(&waiting, 1, 100);
    receive(reader);
  }
}

/* It spins, so that waking up costs nobody. What is lost is not asked for again: it ends the run. */
static void read_for(struct reader *reader, unsigned window, uint64_t duration_ms) {
  uint64_t until_ms = bare_now_ms() + duration_ms;
  while (bare_now_ms() < until_ms || reader->in_flight > 0) {
    while (reader->in_flight < window && bare_now_ms() < until_ms) ask(reader);
    receive(reader);
    if (bare_now_ms() > until_ms + PATIENCE_MS) bare_fail("an answer is missing", ETIMEDOUT);
  }
}

static void prepare(struct reader *reader, const char *where) {
  struct sockaddr_in local = bare_address(where);
  bare_configure(&reader->config, MBEDTLS_SSL_IS_SERVER);
  mbedtls_ssl_conf_psk_cb(&reader->config.conf, find_psk, NULL);
  mbedtls_ssl_conf_dtls_cookies(&reader->config.conf, NULL, NULL, NULL); /* the one client is no stranger */
  bare_session_init(&reader->session, &reader->config.conf, bare_socket(&local));
}

int main(int argc, char **argv) {
  static struct reader reader;
  int pid = 0;
  if (argc != 4) {
    fprintf(stderr, "usage: dtls_reader HOST:PORT WINDOW SECONDS\n");
    return 2;
  }
  prepare(&reader, argv[1]);
  printf("listening\n");
  fflush(stdout);
  if (scanf("%d", &pid) != 1) bare_fail("standard input", EINVAL);
  wait_for_registration(&reader);
  read_for(&reader, (unsigned)atoi(argv[2]), 200);
  double cpu_before = bare_cpu_seconds(pid);
  uint64_t begin_ns = bare_now_ns();
  reader.ok = 0;
  read_for(&reader, (unsigned)atoi(argv[2]), (uint64_t)(atof(argv[3]) * 1000));
  double seconds = (double)(bare_now_ns() - begin_ns) / 1e9;
  double cpu = bare_cpu_seconds(pid) - cpu_before;
  printf(
      "{\"ok\": %u, \"failed\": %u, \"payload_bytes\": %lu, \"per_s\": %.1f, \"cpu_s\": %.6f, "
      "\"per_cpu_s\": %.1f}\n",
      reader.ok, reader.failed, reader.bytes, reader.ok / seconds, cpu, cpu > 0 ? reader.ok / cpu : 0);
  return 0;
}

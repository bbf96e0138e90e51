/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls_null.c: a server of Mbed TLS alone, which answers every request with canned bytes. What linnet's
 * server costs more than this one is linnet's.
 *
 *     dtls_null 127.0.0.1:5684
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <mbedtls/ssl_cookie.h>
#include <mbedtls/ssl_ticket.h>

#include "dtls_bare.h"

struct server {
  struct bare_config config;
  mbedtls_ssl_cookie_ctx cookies;
  mbedtls_ssl_ticket_context tickets;
  int socket;
  struct bare_session *sessions[65536]; /* by the port of the peer: all are on one host */
  struct bare_session *spare;           /* for whom there is none yet */
};

static int find_psk(void *user, mbedtls_ssl_context *ssl, const unsigned char *identity, size_t length) {
  unsigned char key[BARE_KEY_SIZE];
  char text[BARE_IDENTITY_SIZE] = "";
  (void)user;
  if (length < 4 || length >= sizeof text || memcmp(identity, "sim", 3) != 0)
    return MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
  memcpy(text, identity, length);
  bare_key((unsigned)atoi(text + 3), key);
  return mbedtls_ssl_set_hs_psk(ssl, key, sizeof key);
}

static void prepare(struct server *server, const char *where) {
  struct sockaddr_in local = bare_address(where);
  struct bare_config *config = &server->config;
  bare_configure(config, MBEDTLS_SSL_IS_SERVER);
  mbedtls_ssl_conf_psk_cb(&config->conf, find_psk, NULL);
  mbedtls_ssl_cookie_init(&server->cookies);
  int error = mbedtls_ssl_cookie_setup(&server->cookies, mbedtls_ctr_drbg_random, &config->random);
  mbedtls_ssl_conf_dtls_cookies(&config->conf, mbedtls_ssl_cookie_write, mbedtls_ssl_cookie_check,
                                &server->cookies);
  mbedtls_ssl_ticket_init(&server->tickets);
  if (error == 0)
    error = mbedtls_ssl_ticket_setup(&server->tickets, mbedtls_ctr_drbg_random, &config->random,
                                     MBEDTLS_CIPHER_AES_128_GCM, 86400);
  if (error != 0) bare_fail("server", error);
  mbedtls_ssl_conf_session_tickets_cb(&config->conf, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse,
                                      &server->tickets);
  server->socket = bare_socket(&local);
}

/* ---- answers ------------------------------------------------------------------------------------- */

/* Register (it has a payload, and one segment of path) is 2.01 with a place, the rest 2.04. */
static size_t answer(const unsigned char *request, size_t length, unsigned char *out) {
  static const unsigned char place[] = {0x82, 'r', 'd', 0x01, 'x'};
  size_t token = request[0] & 15;
  if (length < 4 + token || token > 8 || request[1] != 2) return 0;
  bool registers = memchr(request + 4 + token, 0xFF, length - 4 - token) != NULL;
  out[0] = (unsigned char)(0x60 | token);
  out[1] = registers ? 0x41 : 0x44;
  memcpy(out + 2, request + 2, 2 + token);
  if (!registers) return 4 + token;
  memcpy(out + 4 + token, place, sizeof place);
  return 4 + token + sizeof place;
}

static void drop(struct server *server, uint16_t port) {
  bare_session_free(server->sessions[port]);
  free(server->sessions[port]);
  server->sessions[port] = NULL;
}

static void serve(struct server *server, uint16_t port) {
  struct bare_session *session = server->sessions[port];
  unsigned char request[BARE_DATAGRAM_SIZE];
  unsigned char reply[64];
  int length = mbedtls_ssl_read(&session->ssl, request, sizeof request);
  while (length > 0) {
    size_t reply_length = length < 4 ? 0 : answer(request, (size_t)length, reply);
    if (reply_length > 0) mbedtls_ssl_write(&session->ssl, reply, reply_length);
    length = mbedtls_ssl_read(&session->ssl, request, sizeof request);
  }
  if (length != MBEDTLS_ERR_SSL_WANT_READ && length != MBEDTLS_ERR_SSL_CLIENT_RECONNECT) drop(server, port);
}

/* ---- sessions ------------------------------------------------------------------------------------ */

static struct bare_session *spare(struct server *server) {
  if (server->spare == NULL) {
    server->spare = malloc(sizeof *server->spare);
    if (server->spare == NULL) bare_fail("session", ENOMEM);
    bare_session_init(server->spare, &server->config.conf, server->socket);
  }
  return server->spare;
}

static void receive(struct server *server, const struct sockaddr_in *peer, const unsigned char *data,
                    size_t length) {
  uint16_t port = ntohs(peer->sin_port);
  struct bare_session *session = server->sessions[port];
  bool fresh = session == NULL;
  if (fresh) {
    session = spare(server);
    session->peer = *peer;
    mbedtls_ssl_set_client_transport_id(&session->ssl, (const unsigned char *)peer, sizeof *peer);
  }
  session->in = data;
  session->in_length = length;
  if (!fresh && session->ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_HANDSHAKE_OVER) {
    serve(server, port);
    return;
  }
  int error = mbedtls_ssl_handshake(&session->ssl);
  if (error == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED ||
      (fresh && error != 0 && error != MBEDTLS_ERR_SSL_WANT_READ)) {
    mbedtls_ssl_session_reset(&session->ssl);
  } else if (error != 0 && error != MBEDTLS_ERR_SSL_WANT_READ) {
    drop(server, port);
  } else if (fresh) {
    server->sessions[port] = session;
    server->spare = NULL;
  }
  session = server->sessions[port];
  if (session != NULL) session->in = NULL;
}

int main(int argc, char **argv) {
  static struct server server;
  unsigned char data[BARE_DATAGRAM_SIZE];
  if (argc != 2) {
    fprintf(stderr, "usage: dtls_null HOST:PORT\n");
    return 2;
  }
  prepare(&server, argv[1]);
  while (true) {
    struct pollfd waiting = {.fd = server.socket, .events = POLLIN};
    if (poll(&waiting, 1, -1) < 0 && errno != EINTR) bare_fail("poll", errno);
    while (true) {
      struct sockaddr_in peer;
      socklen_t peer_length = sizeof peer;
      ssize_t length = recvfrom(server.socket, data, sizeof data, 0, (struct sockaddr *)&peer, &peer_length);
      if (length < 0) break;
      receive(&server, &peer, data, (size_t)length);
    }
  }
}

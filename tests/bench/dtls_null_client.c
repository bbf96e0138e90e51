/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls_null_client.c: a client of Mbed TLS alone that registers once and answers every GET with canned bytes.
 * What linnet's client costs more than this one is linnet's.
 *
 *     dtls_null_client HOST:PORT
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "dtls_bare.h"

static void register_once(struct bare_session *session) {
  static const unsigned char request[] =
      "\x42\x02\x01\x01\x01\x01\xB2rd\x11\x28\x37"
      "ep=sim0"
      "\x08"
      "lt=86400"
      "\x09"
      "lwm2m=1.0"
      "\x03"
      "b=U"
      "\xFF"
      "</1/0>,</3/0>";
  mbedtls_ssl_write(&session->ssl, request, sizeof request - 1);
}

static void serve(struct bare_session *session) {
  static const unsigned char content[] = {0xC0, 0xFF, 'O', 'p', 'e', 'n', ' ', 'M', 'o', 'b', 'i',
                                          'l',  'e',  ' ', 'A', 'l', 'l', 'i', 'a', 'n', 'c', 'e'};
  unsigned char request[BARE_DATAGRAM_SIZE];
  unsigned char reply[4 + 8 + sizeof content];
  int length = mbedtls_ssl_read(&session->ssl, request, sizeof request);
  for (; length > 0; length = mbedtls_ssl_read(&session->ssl, request, sizeof request)) {
    size_t token = request[0] & 15;
    if ((size_t)length < 4 + token || token > 8 || request[1] != 1) continue;
    reply[0] = (unsigned char)(0x60 | token);
    reply[1] = 0x45; /* 2.05 */
    memcpy(reply + 2, request + 2, 2 + token);
    memcpy(reply + 4 + token, content, sizeof content);
    mbedtls_ssl_write(&session->ssl, reply, 4 + token + sizeof content);
  }
}

static void receive(struct bare_session *session) {
  unsigned char data[BARE_DATAGRAM_SIZE];
  while (true) {
    ssize_t length = recv(session->socket, data, sizeof data, 0);
    if (length < 0) return;
    session->in = data;
    session->in_length = (size_t)length;
    if (session->ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_HANDSHAKE_OVER)
      serve(session);
    else if (mbedtls_ssl_handshake(&session->ssl) == 0)
      register_once(session);
    session->in = NULL;
  }
}

int main(int argc, char **argv) {
  static struct bare_config config;
  static struct bare_session session;
  unsigned char key[BARE_KEY_SIZE];
  if (argc != 2) {
    fprintf(stderr, "usage: dtls_null_client HOST:PORT\n");
    return 2;
  }
  struct sockaddr_in target = bare_address(argv[1]);
  bare_configure(&config, MBEDTLS_SSL_IS_CLIENT);
  bare_key(0, key);
  mbedtls_ssl_conf_psk(&config.conf, key, sizeof key, (const unsigned char *)"sim0", 4);
  int made = bare_socket(NULL);
  if (connect(made, (const struct sockaddr *)&target, sizeof target) != 0) bare_fail("connect", errno);
  bare_session_init(&session, &config.conf, made);
  session.connected = true;
  mbedtls_ssl_handshake(&session.ssl);
  while (true) {
    struct pollfd waiting = {.fd = made, .events = POLLIN};
    if (poll(&waiting, 1, -1) < 0 && errno != EINTR) bare_fail("poll", errno);
    receive(&session);
  }
}

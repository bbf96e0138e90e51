/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls_bare.h: DTLS 1.2 with pre-shared keys on Mbed TLS alone, for the two programs that linnet is measured
 * with: dtls_load.c and dtls_null.c for a server, dtls_reader.c and dtls_null_client.c for a client. Nothing
 * of linnet is in them.
 */
#ifndef DTLS_BARE_H
#define DTLS_BARE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>

#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(member) member
#endif

#define BARE_KEY_SIZE 16
#define BARE_IDENTITY_SIZE 16
#define BARE_DATAGRAM_SIZE 2048

/* Client 7 is "sim7", and its key is made of its number: whoever knows the rule knows all keys. */
void bare_identity(unsigned number, char identity[BARE_IDENTITY_SIZE]);
void bare_key(unsigned number, unsigned char key[BARE_KEY_SIZE]);

/* What all sessions of a program have in common. */
struct bare_config {
  mbedtls_ssl_config conf;
  mbedtls_entropy_context entropy;
  mbedtls_ctr_drbg_context random;
};

/* `endpoint`: MBEDTLS_SSL_IS_CLIENT or _SERVER. Ends the program if it cannot be had. */
void bare_configure(struct bare_config *config, int endpoint);

/* One session: datagrams go in by `in`, and out at once by the socket. */
struct bare_session {
  mbedtls_ssl_context ssl;
  int socket;
  bool connected; /* the socket, to the peer */
  struct sockaddr_in peer;
  const unsigned char *in; /* one datagram, not yet taken; NULL */
  size_t in_length;
  uint64_t halfway_ms; /* of the handshake's timer; UINT64_MAX: none */
  uint64_t deadline_ms;
};

void bare_session_init(struct bare_session *session, const mbedtls_ssl_config *conf, int socket);
void bare_session_free(struct bare_session *session);

uint64_t bare_now_ns(void);
uint64_t bare_now_ms(void);
/* What a process of one thread has used. */
double bare_cpu_seconds(int pid);
/* "127.0.0.1:5684"; ends the program if it is none. */
struct sockaddr_in bare_address(const char *text);
/* A non-blocking UDP socket with large buffers. */
int bare_socket(const struct sockaddr_in *local);
void bare_fail(const char *what, int error);

#endif

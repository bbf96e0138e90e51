/* SPDX-License-Identifier: Apache-2.0 */
/* dtls_bare.c: the thinnest layer between Mbed TLS and UDP sockets (dtls_bare.h). */
#include "dtls_bare.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

void bare_fail(const char *what, int error) {
  if (error < 0)
    fprintf(stderr, "%s: Mbed TLS -0x%04x\n", what, (unsigned)-error);
  else
    fprintf(stderr, "%s: %s\n", what, strerror(error));
  exit(1);
}

uint64_t bare_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t bare_now_ms(void) { return bare_now_ns() / 1000000; }

double bare_cpu_seconds(int pid) {
  char path[64];
  unsigned long long ns = 0;
  snprintf(path, sizeof path, "/proc/%d/schedstat", pid);
  FILE *file = fopen(path, "r");
  if (file == NULL || fscanf(file, "%llu", &ns) != 1) bare_fail(path, errno);
  fclose(file);
  return (double)ns / 1e9;
}

void bare_identity(unsigned number, char identity[BARE_IDENTITY_SIZE]) {
  snprintf(identity, BARE_IDENTITY_SIZE, "sim%u", number);
}

void bare_key(unsigned number, unsigned char key[BARE_KEY_SIZE]) {
  for (unsigned i = 0; i < BARE_KEY_SIZE; i++)
    key[i] = (unsigned char)('a' + (number * 31 + i * 7 + (number >> 8)) % 26);
}

/* ---- sockets ------------------------------------------------------------------------------------- */

struct sockaddr_in bare_address(const char *text) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  char host[32];
  const char *colon = strrchr(text, ':');
  if (colon == NULL || (size_t)(colon - text) >= sizeof host) bare_fail(text, EINVAL);
  memcpy(host, text, (size_t)(colon - text));
  host[colon - text] = '\0';
  address.sin_port = htons((uint16_t)atoi(colon + 1));
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) bare_fail(text, EINVAL);
  return address;
}

int bare_socket(const struct sockaddr_in *local) {
  int size = 4 << 20;
  int made = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) bare_fail("socket", errno);
  setsockopt(made, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (local != NULL && bind(made, (const struct sockaddr *)local, sizeof *local) != 0)
    bare_fail("bind", errno);
  return made;
}

/* ---- what the library asks for ------------------------------------------------------------------- */

static int send_datagram(void *user, const unsigned char *data, size_t length) {
  struct bare_session *session = user;
  ssize_t sent = session->connected ? send(session->socket, data, length, 0)
                                    : sendto(session->socket, data, length, 0,
                                             (struct sockaddr *)&session->peer, sizeof session->peer);
  return sent < 0 ? MBEDTLS_ERR_SSL_WANT_WRITE : (int)sent;
}

static int take_datagram(void *user, unsigned char *data, size_t size) {
  struct bare_session *session = user;
  if (session->in == NULL) return MBEDTLS_ERR_SSL_WANT_READ;
  size_t length = session->in_length < size ? session->in_length : size;
  memcpy(data, session->in, length);
  session->in = NULL;
  return (int)length;
}

static void set_timer(void *user, uint32_t halfway_ms, uint32_t deadline_ms) {
  struct bare_session *session = user;
  uint64_t now_ms = deadline_ms == 0 ? 0 : bare_now_ms();
  session->halfway_ms = deadline_ms == 0 ? UINT64_MAX : now_ms + halfway_ms;
  session->deadline_ms = deadline_ms == 0 ? UINT64_MAX : now_ms + deadline_ms;
}

static int get_timer(void *user) {
  const struct bare_session *session = user;
  if (session->deadline_ms == UINT64_MAX) return -1;
  uint64_t now_ms = bare_now_ms();
  return now_ms >= session->deadline_ms ? 2 : now_ms >= session->halfway_ms;
}

/* ---- life ---------------------------------------------------------------------------------------- */

void bare_configure(struct bare_config *config, int endpoint) {
  static const int suites[] = {MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8, 0};
  mbedtls_ssl_config_init(&config->conf);
  mbedtls_entropy_init(&config->entropy);
  mbedtls_ctr_drbg_init(&config->random);
  int error = mbedtls_ctr_drbg_seed(&config->random, mbedtls_entropy_func, &config->entropy, NULL, 0);
  if (error == 0)
    error = mbedtls_ssl_config_defaults(&config->conf, endpoint, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                        MBEDTLS_SSL_PRESET_DEFAULT);
  if (error != 0) bare_fail("configuration", error);
  mbedtls_ssl_conf_rng(&config->conf, mbedtls_ctr_drbg_random, &config->random);
  mbedtls_ssl_conf_ciphersuites(&config->conf, suites);
  mbedtls_ssl_conf_handshake_timeout(&config->conf, 500, 8000);
}

void bare_session_init(struct bare_session *session, const mbedtls_ssl_config *conf, int socket) {
  *session = (struct bare_session){.socket = socket, .halfway_ms = UINT64_MAX, .deadline_ms = UINT64_MAX};
  mbedtls_ssl_init(&session->ssl);
  int error = mbedtls_ssl_setup(&session->ssl, conf);
  if (error != 0) bare_fail("session", error);
  mbedtls_ssl_set_bio(&session->ssl, session, send_datagram, take_datagram, NULL);
  mbedtls_ssl_set_timer_cb(&session->ssl, session, set_timer, get_timer);
}

void bare_session_free(struct bare_session *session) { mbedtls_ssl_free(&session->ssl); }

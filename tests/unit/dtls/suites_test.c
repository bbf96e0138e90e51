/* SPDX-License-Identifier: Apache-2.0 */
/* suites_test.c: each suite of SEC-10, asked for by a client of Mbed TLS that has no other; RFC 5487, 7251.
 */
#include "dtls/mbedtls_compat.h"
#include "pki.h"
#include "secure_station.h"

/* The bare client, and one datagram on its way to it. */
typedef struct bare {
  mbedtls_ssl_config conf;
  mbedtls_ssl_context ssl;
  mbedtls_ctr_drbg_context random;
  mbedtls_x509_crt own, trust;
  mbedtls_pk_context key;
  int suites[2];
  secure_station *server;
  linnet_datagram arrived;
  bool has_arrived;
  uint64_t deadline_ms;
} bare;

static int draw(void *user, unsigned char *out, size_t length) {
  (void)user;
  for (size_t i = 0; i < length; i++) out[i] = (unsigned char)(i * 37 + 11);
  return 0;
}

static int bare_send(void *user, const unsigned char *data, size_t length) {
  bare *b = user;
  linnet_address from = secure_address(CLIENT);
  CHECK_EQUAL(linnet_transport_receive(b->server->transport, &from, data, length), LINNET_OK);
  return (int)length;
}

static int bare_receive(void *user, unsigned char *data, size_t size) {
  bare *b = user;
  if (!b->has_arrived) return MBEDTLS_ERR_SSL_WANT_READ;
  CHECK(b->arrived.length <= size);
  memcpy(data, b->arrived.data, b->arrived.length);
  b->has_arrived = false;
  return (int)b->arrived.length;
}

static void set_timer(void *user, uint32_t halfway_ms, uint32_t deadline_ms) {
  (void)halfway_ms;
  ((bare *)user)->deadline_ms = deadline_ms;
}

static int get_timer(void *user) { return ((const bare *)user)->deadline_ms == 0 ? -1 : 0; }

static void bare_begin(bare *b, secure_station *server, int suite) {
  memset(b, 0, sizeof *b);
  b->server = server;
  b->suites[0] = suite;
  mbedtls_ssl_config_init(&b->conf);
  mbedtls_ssl_init(&b->ssl);
  mbedtls_ctr_drbg_init(&b->random);
  mbedtls_x509_crt_init(&b->own);
  mbedtls_x509_crt_init(&b->trust);
  mbedtls_pk_init(&b->key);
  CHECK_EQUAL(mbedtls_ctr_drbg_seed(&b->random, draw, NULL, NULL, 0), 0);
  CHECK_EQUAL(mbedtls_ssl_config_defaults(&b->conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                          MBEDTLS_SSL_PRESET_DEFAULT),
              0);
  mbedtls_ssl_conf_rng(&b->conf, mbedtls_ctr_drbg_random, &b->random);
  mbedtls_ssl_conf_ciphersuites(&b->conf, b->suites);
  mbedtls_ssl_conf_authmode(&b->conf, MBEDTLS_SSL_VERIFY_OPTIONAL); /* the world has another time */
}

static void bare_connect(bare *b) {
  CHECK_EQUAL(mbedtls_ssl_setup(&b->ssl, &b->conf), 0);
  mbedtls_ssl_set_bio(&b->ssl, b, bare_send, bare_receive, NULL);
  mbedtls_ssl_set_timer_cb(&b->ssl, b, set_timer, get_timer);
  CHECK_EQUAL(mbedtls_ssl_set_hostname(&b->ssl, "server.example"), 0);
}

static void bare_end(bare *b) {
  mbedtls_ssl_free(&b->ssl);
  mbedtls_ssl_config_free(&b->conf);
  mbedtls_x509_crt_free(&b->own);
  mbedtls_x509_crt_free(&b->trust);
  mbedtls_pk_free(&b->key);
  mbedtls_ctr_drbg_free(&b->random);
}

/* The server takes what it was sent; its datagrams come one by one. */
static void exchange(bare *b, int (*step)(bare *b), int wanted) {
  linnet_loop *loop = b->server->loop;
  int result = step(b);
  for (unsigned turns = 0; result == MBEDTLS_ERR_SSL_WANT_READ && turns < 100; turns++) {
    linnet_loop_step(loop, linnet_loop_now(loop) + 1);
    b->has_arrived = linnet_transport_next(b->server->transport, &b->arrived);
    result = step(b);
  }
  CHECK_EQUAL(result, wanted);
}

static int shake(bare *b) { return mbedtls_ssl_handshake(&b->ssl); }

static int hear(bare *b) {
  unsigned char heard[64];
  int length = mbedtls_ssl_read(&b->ssl, heard, sizeof heard);
  if (length > 0) CHECK_BYTES(heard, (size_t)length, "through", 7);
  return length;
}

static void check_suite(secure_station *server, bare *b, const char *name) {
  bare_connect(b);
  exchange(b, shake, 0);
  CHECK_TEXT(mbedtls_ssl_get_ciphersuite(&b->ssl), name);
  CHECK_EQUAL(mbedtls_ssl_write(&b->ssl, (const unsigned char *)"through", 7), 7);
  exchange(b, hear, 7); /* the server sends it back */
  CHECK_EQUAL(server->opened, 1);
}

static void speaks_each_suite_of_pre_shared_keys(void) {
  static const struct {
    int suite;
    const char *name;
  } rows[] = {{MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8, "TLS-PSK-WITH-AES-128-CCM-8"},
              {MBEDTLS_TLS_PSK_WITH_AES_128_CBC_SHA256, "TLS-PSK-WITH-AES-128-CBC-SHA256"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    bare b;
    linnet_world *world = linnet_world_new(1);
    secure_station server;
    secure_add(&server, world, SERVER, true);
    server.echoes = true;
    secure_psk(&server, "kitchen", "0123456789abcdef");
    bare_begin(&b, &server, rows[i].suite);
    CHECK_EQUAL(mbedtls_ssl_conf_psk(&b.conf, (const unsigned char *)"0123456789abcdef", 16,
                                     (const unsigned char *)"kitchen", 7),
                0);
    check_suite(&server, &b, rows[i].name);
    bare_end(&b);
    secure_leave(&server);
    linnet_world_unref(world);
  }
}

static void speaks_each_suite_of_certificates(void) {
  static const struct {
    int suite;
    const char *name;
  } rows[] = {{MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, "TLS-ECDHE-ECDSA-WITH-AES-128-CCM-8"},
              {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "TLS-ECDHE-ECDSA-WITH-AES-128-CBC-SHA256"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    bare b;
    linnet_world *world = linnet_world_new(2);
    secure_station server;
    secure_add(&server, world, SERVER, true);
    server.echoes = true;
    CHECK_EQUAL(linnet_credentials_set_certificate(server.credentials, server_pem, sizeof server_pem - 1,
                                                   server_key, sizeof server_key - 1),
                LINNET_OK);
    CHECK_EQUAL(linnet_credentials_add_trust(server.credentials, authority_pem, sizeof authority_pem - 1),
                LINNET_OK);
    bare_begin(&b, &server, rows[i].suite);
    CHECK_EQUAL(mbedtls_x509_crt_parse(&b.own, (const unsigned char *)kitchen_pem, sizeof kitchen_pem), 0);
    CHECK_EQUAL(mbedtls_x509_crt_parse(&b.trust, (const unsigned char *)authority_pem, sizeof authority_pem),
                0);
    CHECK_EQUAL(
        linnet__compat_parse_key(&b.key, (const unsigned char *)kitchen_key, sizeof kitchen_key, &b.random),
        0);
    mbedtls_ssl_conf_ca_chain(&b.conf, &b.trust, NULL);
    CHECK_EQUAL(mbedtls_ssl_conf_own_cert(&b.conf, &b.own, &b.key), 0);
    check_suite(&server, &b, rows[i].name);
    bare_end(&b);
    secure_leave(&server);
    linnet_world_unref(world);
  }
}

/* RFC 7925 4: none of them is offered or taken. */
static void has_no_other_suite(void) {
  static const int others[] = {MBEDTLS_TLS_PSK_WITH_AES_128_GCM_SHA256, MBEDTLS_TLS_PSK_WITH_AES_128_CBC_SHA,
                               MBEDTLS_TLS_PSK_WITH_NULL_SHA256};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    bare b;
    linnet_world *world = linnet_world_new(3);
    secure_station server;
    secure_add(&server, world, SERVER, true);
    secure_psk(&server, "kitchen", "0123456789abcdef");
    bare_begin(&b, &server, others[i]);
    CHECK_EQUAL(mbedtls_ssl_conf_psk(&b.conf, (const unsigned char *)"0123456789abcdef", 16,
                                     (const unsigned char *)"kitchen", 7),
                0);
    bare_connect(&b);
    int result = shake(&b);
    for (unsigned turns = 0; result == MBEDTLS_ERR_SSL_WANT_READ && turns < 10; turns++) {
      linnet_loop_step(server.loop, linnet_loop_now(server.loop) + 1);
      b.has_arrived = linnet_transport_next(server.transport, &b.arrived);
      result = shake(&b);
    }
    CHECK(result != 0 && result != MBEDTLS_ERR_SSL_WANT_READ);
    CHECK_EQUAL(server.news.cause, LINNET_CAUSE_NO_COMMON_MODE);
    bare_end(&b);
    secure_leave(&server);
    linnet_world_unref(world);
  }
}

int main(void) {
  if (!has_dtls()) return 0;
  return RUN(speaks_each_suite_of_pre_shared_keys, speaks_each_suite_of_certificates, has_no_other_suite);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions with certificates: trust, agreement, names, dates, and large flights: SEC-10, SEC-13, SEC-17. */
#include "pki.h"
#include "secure_station.h"

static void shows(secure_station *who, const char *certificate, const char *key) {
  CHECK_EQUAL(linnet_credentials_set_certificate(who->credentials, certificate, strlen(certificate), key,
                                                 strlen(key)),
              LINNET_OK);
}

static void trusts(secure_station *who, const char *authority) {
  CHECK_EQUAL(linnet_credentials_add_trust(who->credentials, authority, strlen(authority)), LINNET_OK);
}

static void agrees(secure_station *who, const char *endpoint, const char *certificate) {
  CHECK_EQUAL(
      linnet_credentials_add_certificate(who->credentials, endpoint, certificate, strlen(certificate)),
      LINNET_OK);
}

/* Both are of the one authority, and trust it. */
static void pair_add_x509(secure_pair *pair, uint64_t seed, const char *server, const char *server_key,
                          const char *client, const char *client_key) {
  pair_add(pair, seed);
  shows(&pair->server, server, server_key);
  shows(&pair->client, client, client_key);
  trusts(&pair->server, authority_pem);
  trusts(&pair->client, authority_pem);
}

static void shake_hands(secure_pair *pair, const char *host) {
  secure_connect(&pair->client, host, NULL);
  pass_ms(pair->world, 1000);
}

static bool allows(const secure_station *who, const char *endpoint) {
  return linnet__transport_allows(who->transport, &who->peer, endpoint, strlen(endpoint));
}

static void speaks_with_certificates_of_an_authority(void) { /* SEC-05 */
  secure_pair pair;
  pair_add_x509(&pair, 1, server_pem, server_key, kitchen_pem, kitchen_key);
  shake_hands(&pair, "server.example");
  CHECK_EQUAL(pair.client.opened, 1);
  CHECK_EQUAL(pair.server.opened, 1);
  CHECK_EQUAL(pair.server.identity.kind, LINNET__IDENTITY_SUBJECT);
  CHECK_BYTES(pair.server.identity.name, pair.server.identity.length, "kitchen", 7);
  CHECK(allows(&pair.server, "kitchen") && !allows(&pair.server, "cellar"));
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "hello"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_BYTES(pair.client.last, pair.client.last_length, "hello", 5);
  pass_ms(pair.world, 3600000); /* at rest, too */
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->live, 0);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "again"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_BYTES(pair.client.last, pair.client.last_length, "again", 5);
  pair_leave(&pair);
}

/* kitchen_key as OneAsymmetricKey of version 2, with its public key (RFC 5958 2). */
static const uint8_t kitchen_key_v2[] = {
    0x30, 0x81, 0xcb, 0x02, 0x01, 0x01, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
    0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02,
    0x01, 0x01, 0x04, 0x20, 0xbc, 0xcd, 0xc5, 0x6b, 0x25, 0x3b, 0xfa, 0xce, 0xfc, 0x91, 0xf4, 0xd7,
    0x6a, 0xab, 0xaa, 0xcb, 0x38, 0x8f, 0x25, 0xb1, 0x21, 0xbe, 0x6a, 0x5f, 0xba, 0x54, 0x36, 0xe8,
    0x9b, 0x8d, 0xdb, 0x11, 0xa1, 0x44, 0x03, 0x42, 0x00, 0x04, 0x2e, 0x90, 0x33, 0x29, 0x7a, 0x64,
    0xc4, 0x64, 0x8e, 0xc4, 0x32, 0x51, 0x6e, 0x64, 0x80, 0x6d, 0x7f, 0x5a, 0x49, 0xb0, 0x3c, 0xa5,
    0x2d, 0x1a, 0x31, 0x90, 0xc7, 0x10, 0x7a, 0x9f, 0xb8, 0xf7, 0x7a, 0x60, 0x98, 0x21, 0x2b, 0x48,
    0xad, 0xd5, 0x3a, 0x42, 0x8f, 0x9f, 0xfa, 0xcc, 0x6c, 0xff, 0x23, 0xed, 0xcf, 0x78, 0x5d, 0xeb,
    0x09, 0xcb, 0x43, 0x2a, 0xad, 0xf4, 0x7d, 0x5c, 0x63, 0x53, 0x81, 0x42, 0x00, 0x04, 0x2e, 0x90,
    0x33, 0x29, 0x7a, 0x64, 0xc4, 0x64, 0x8e, 0xc4, 0x32, 0x51, 0x6e, 0x64, 0x80, 0x6d, 0x7f, 0x5a,
    0x49, 0xb0, 0x3c, 0xa5, 0x2d, 0x1a, 0x31, 0x90, 0xc7, 0x10, 0x7a, 0x9f, 0xb8, 0xf7, 0x7a, 0x60,
    0x98, 0x21, 0x2b, 0x48, 0xad, 0xd5, 0x3a, 0x42, 0x8f, 0x9f, 0xfa, 0xcc, 0x6c, 0xff, 0x23, 0xed,
    0xcf, 0x78, 0x5d, 0xeb, 0x09, 0xcb, 0x43, 0x2a, 0xad, 0xf4, 0x7d, 0x5c, 0x63, 0x53};

static void takes_keys_with_their_public_keys(void) { /* SEC-12 */
  secure_pair pair;
  pair_add_x509(&pair, 20, server_pem, server_key, kitchen_pem, kitchen_key);
  CHECK_EQUAL(linnet_credentials_set_certificate(pair.client.credentials, kitchen_pem, sizeof kitchen_pem - 1,
                                                 kitchen_key_v2, sizeof kitchen_key_v2),
              LINNET_OK);
  shake_hands(&pair, "server.example");
  CHECK_EQUAL(pair.client.opened, 1);
  for (size_t length = 0; length < sizeof kitchen_key_v2; length++) /* cut off anywhere */
    CHECK(linnet_credentials_set_certificate(pair.client.credentials, kitchen_pem, sizeof kitchen_pem - 1,
                                             kitchen_key_v2, length) != LINNET_OK ||
          length > sizeof kitchen_key_v2 - 70);
  pair_leave(&pair);
}

static void compares_no_names_where_the_certificate_was_agreed(void) { /* SEC-13 */
  secure_pair pair;
  pair_add(&pair, 2);
  shows(&pair.server, self_signed_pem, self_signed_key);
  shows(&pair.client, untrusted_kitchen_pem, untrusted_kitchen_key);
  agrees(&pair.server, "cellar", untrusted_kitchen_pem);
  agrees(&pair.client, NULL, self_signed_pem);
  shake_hands(&pair, "any.other.name");
  CHECK_EQUAL(pair.client.opened, 1);
  CHECK_EQUAL(pair.server.opened, 1);
  CHECK(allows(&pair.server, "cellar") && !allows(&pair.server, "kitchen"));
  pair_leave(&pair);
}

static void takes_an_address_and_a_common_name_for_the_host(void) { /* RFC 6125 */
  secure_pair pair;
  pair_add_x509(&pair, 3, server_pem, server_key, kitchen_pem, kitchen_key);
  shake_hands(&pair, "10.0.0.1");
  CHECK_EQUAL(pair.client.opened, 1);
  pair_leave(&pair);
  pair_add_x509(&pair, 4, common_name_pem, common_name_key, kitchen_pem, kitchen_key);
  shake_hands(&pair, "Server.Example");
  CHECK_EQUAL(pair.client.opened, 1);
  pair_leave(&pair);
}

/* ---- what is refused ----------------------------------------------------------------------------- */

typedef struct bad_case {
  const char *server, *server_key, *client, *client_key, *host;
  linnet_cause client_cause, server_cause;
} bad_case;

static void refuses_certificates_and_says_why_on_both_sides(void) {
  const bad_case cases[] = {
      {wrong_host_pem, wrong_host_key, kitchen_pem, kitchen_key, "server.example", LINNET_CAUSE_WRONG_HOST,
       LINNET_CAUSE_BAD_CERTIFICATE},
      {server_pem, server_key, kitchen_pem, kitchen_key, "other.example", LINNET_CAUSE_WRONG_HOST,
       LINNET_CAUSE_BAD_CERTIFICATE},
      {wrong_host_pem, wrong_host_key, kitchen_pem, kitchen_key, "10.0.0.1", LINNET_CAUSE_WRONG_HOST,
       LINNET_CAUSE_BAD_CERTIFICATE},
      {expired_pem, expired_key, kitchen_pem, kitchen_key, "server.example", LINNET_CAUSE_EXPIRED,
       LINNET_CAUSE_EXPIRED},
      {future_pem, future_key, kitchen_pem, kitchen_key, "server.example", LINNET_CAUSE_NOT_YET_VALID,
       LINNET_CAUSE_BAD_CERTIFICATE},
      {self_signed_pem, self_signed_key, kitchen_pem, kitchen_key, "server.example", LINNET_CAUSE_UNTRUSTED,
       LINNET_CAUSE_UNTRUSTED},
      {server_pem, server_key, untrusted_kitchen_pem, untrusted_kitchen_key, "server.example",
       LINNET_CAUSE_UNTRUSTED, LINNET_CAUSE_UNTRUSTED},
      {server_pem, server_key, expired_kitchen_pem, expired_kitchen_key, "server.example",
       LINNET_CAUSE_EXPIRED, LINNET_CAUSE_EXPIRED},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const bad_case *bad = &cases[i];
    secure_pair pair;
    pair_add_x509(&pair, i, bad->server, bad->server_key, bad->client, bad->client_key);
    shake_hands(&pair, bad->host);
    CHECK_EQUAL(pair.client.failed, 1);
    CHECK_EQUAL(pair.server.failed, 1);
    CHECK_EQUAL(pair.client.news.cause, bad->client_cause);
    CHECK_EQUAL(pair.server.news.cause, bad->server_cause);
    CHECK(pair.client.news.told != pair.server.news.told); /* one found out, the other was told */
    CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->sessions, 0);
    pair_leave(&pair);
  }
}

static void refuses_another_certificate_than_the_one_agreed(void) { /* SEC-13 */
  secure_pair pair;
  pair_add(&pair, 20);
  shows(&pair.server, server_pem, server_key);
  shows(&pair.client, kitchen_pem, kitchen_key);
  trusts(&pair.server, authority_pem);
  agrees(&pair.client, NULL, common_name_pem);
  shake_hands(&pair, "server.example");
  CHECK_EQUAL(pair.client.news.cause, LINNET_CAUSE_WRONG_CERTIFICATE);
  pair_leave(&pair);
}

static void goes_by_the_wall_clock_that_the_loop_was_told(void) {
  secure_pair pair;
  pair_add_x509(&pair, 21, future_pem, future_key, kitchen_pem, kitchen_key);
  linnet_world_set_epoch(pair.world, INT64_C(2300000000000)); /* 2042 */
  shake_hands(&pair, "server.example");
  CHECK_EQUAL(pair.client.opened, 1);
  pair_leave(&pair);
  pair_add_x509(&pair, 22, server_pem, server_key, kitchen_pem, kitchen_key);
  linnet_world_set_epoch(pair.world, INT64_C(2530000000000)); /* 2050 */
  shake_hands(&pair, "server.example");
  CHECK_EQUAL(pair.client.news.cause, LINNET_CAUSE_EXPIRED);
  pair_leave(&pair);
}

static void has_nothing_in_common_with_a_server_that_has_other_modes_only(void) {
  secure_pair pair;
  pair_add(&pair, 23);
  secure_psk(&pair.server, "kitchen", "0123456789abcdef");
  shows(&pair.client, kitchen_pem, kitchen_key);
  trusts(&pair.client, authority_pem);
  shake_hands(&pair, "server.example");
  CHECK_EQUAL(pair.client.news.cause, LINNET_CAUSE_NO_COMMON_MODE);
  CHECK_EQUAL(pair.server.news.cause, LINNET_CAUSE_NO_COMMON_MODE);
  pair_leave(&pair);
}

static void ends_the_sessions_that_rest_on_trust_that_is_taken_back(void) {
  secure_pair pair;
  pair_add_x509(&pair, 24, server_pem, server_key, kitchen_pem, kitchen_key);
  shake_hands(&pair, "server.example");
  linnet_credentials_remove_trust(pair.server.credentials);
  CHECK_EQUAL(pair.server.ended, 1);
  pass_ms(pair.world, 100);
  shake_hands(&pair, "server.example");
  CHECK_EQUAL(pair.server.opened, 1);
  pair_leave(&pair);
}

/* ---- large flights ------------------------------------------------------------------------------- */

static size_t largest;

static void measure(void *user, uint64_t now_ms, const linnet_address *from, const linnet_address *to,
                    const void *data, size_t length, bool lost) {
  (void)user, (void)now_ms, (void)from, (void)to, (void)data, (void)lost;
  if (length > largest) largest = length;
}

static void cuts_large_flights_to_fit_the_mtu(void) {
  static const size_t sizes[] = {200, 600, 1280};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    secure_pair pair;
    pair_add_x509(&pair, 30 + i, chained_pem, chained_key, kitchen_pem, kitchen_key);
    CHECK(strlen(chained_pem) > 3000);
    CHECK_EQUAL(linnet_transport_set_mtu(pair.server.transport, sizes[i]), LINNET_OK);
    CHECK_EQUAL(linnet_transport_set_mtu(pair.client.transport, sizes[i]), LINNET_OK);
    largest = 0;
    linnet_world_observe(pair.world, measure, NULL, NULL);
    linnet_world_set(pair.world, NULL, LINNET_WORLD_LOSS, i == 1 ? 50 : 0);
    linnet_world_set(pair.world, NULL, LINNET_WORLD_REORDERING, 300);
    secure_connect(&pair.client, "server.example", NULL);
    pass_ms(pair.world, 240000);
    CHECK_EQUAL(pair.client.opened, 1);
    CHECK(largest <= sizes[i]);
    pair_leave(&pair);
  }
}

int main(void) {
  if (!has_dtls()) return 0;
  return RUN(speaks_with_certificates_of_an_authority, takes_keys_with_their_public_keys,
             compares_no_names_where_the_certificate_was_agreed,
             takes_an_address_and_a_common_name_for_the_host, refuses_certificates_and_says_why_on_both_sides,
             refuses_another_certificate_than_the_one_agreed, goes_by_the_wall_clock_that_the_loop_was_told,
             has_nothing_in_common_with_a_server_that_has_other_modes_only,
             ends_the_sessions_that_rest_on_trust_that_is_taken_back, cuts_large_flights_to_fit_the_mtu);
}

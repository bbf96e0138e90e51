/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions with raw public keys (RFC 7250): SEC-02, SEC-05, SEC-10, SEC-12. */
#include "raw_keys.h"

#include "dtls/tls.h"
#include "secure_station.h"

static linnet_status own_key(secure_station *who, const char *key) {
  return linnet_credentials_set_key(who->credentials, key, strlen(key));
}

static linnet_status known_key(secure_station *who, const char *endpoint, const char *key) {
  return linnet_credentials_add_public_key(who->credentials, endpoint, key, strlen(key));
}

/* The server knows the kitchen's key, and the kitchen the server's. */
static void pair_add_keys(secure_pair *pair, uint64_t seed) {
  pair_add(pair, seed);
  CHECK_EQUAL(own_key(&pair->server, server_key), LINNET_OK);
  CHECK_EQUAL(known_key(&pair->server, "kitchen", kitchen_public_key), LINNET_OK);
  CHECK_EQUAL(own_key(&pair->client, kitchen_key), LINNET_OK);
  CHECK_EQUAL(known_key(&pair->client, NULL, server_public_key), LINNET_OK);
}

static void connect_and_wait(secure_pair *pair) {
  secure_connect(&pair->client, "server.example", NULL);
  pass_ms(pair->world, 100);
}

static void speaks_both_ways_after_a_handshake(void) {
  secure_pair pair;
  pair_add_keys(&pair, 1);
  connect_and_wait(&pair);
  CHECK_EQUAL(pair.client.opened, 1);
  CHECK_EQUAL(pair.server.opened, 1);
  CHECK_EQUAL(pair.server.identity.kind, LINNET__IDENTITY_PUBLIC_KEY);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "hello"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_BYTES(pair.server.last, pair.server.last_length, "hello", 5);
  CHECK_BYTES(pair.client.last, pair.client.last_length, "hello", 5);
  pair_leave(&pair);
}

static void a_key_is_good_for_its_endpoint_alone(void) { /* SEC-05 */
  secure_pair pair;
  pair_add_keys(&pair, 2);
  connect_and_wait(&pair);
  linnet_address client = secure_address(CLIENT);
  CHECK(linnet__transport_allows(pair.server.transport, &client, "kitchen", 7));
  CHECK(!linnet__transport_allows(pair.server.transport, &client, "cellar", 6));
  pair_leave(&pair);
}

static void takes_sec1_as_well(void) { /* SEC-12 */
  secure_pair pair;
  pair_add_keys(&pair, 3);
  CHECK_EQUAL(own_key(&pair.client, kitchen_key_sec1), LINNET_OK);
  connect_and_wait(&pair);
  CHECK_EQUAL(pair.client.opened, 1);
  pair_leave(&pair);
}

/* kitchen_key as OneAsymmetricKey of version 2, with its public key (RFC 5958 2). */
static const uint8_t kitchen_key_v2[] = {
    0x30, 0x81, 0xcb, 0x02, 0x01, 0x01, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
    0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02,
    0x01, 0x01, 0x04, 0x20, 0x84, 0x3a, 0x5a, 0x10, 0x99, 0xe2, 0x47, 0x84, 0xe1, 0xee, 0x2e, 0x62,
    0x36, 0x8d, 0x38, 0x73, 0x93, 0x09, 0x79, 0xf1, 0x24, 0xec, 0x08, 0x56, 0x7d, 0xbe, 0xdb, 0xe4,
    0xd4, 0x1a, 0x87, 0x14, 0xa1, 0x44, 0x03, 0x42, 0x00, 0x04, 0x32, 0xe1, 0x65, 0xb3, 0x26, 0xfd,
    0x72, 0x65, 0x0e, 0xab, 0x7f, 0xed, 0x0d, 0xbc, 0x1e, 0x0e, 0xe0, 0xc4, 0xef, 0x0b, 0x5e, 0xa3,
    0xbe, 0x02, 0xd5, 0x39, 0x80, 0x9b, 0xfa, 0xe1, 0x9d, 0x19, 0xbb, 0xe4, 0x75, 0x2a, 0x3e, 0x9e,
    0xab, 0x26, 0xce, 0x9a, 0xd1, 0xc4, 0x5a, 0x29, 0xe4, 0x1f, 0x6c, 0x3e, 0xde, 0xe3, 0xe0, 0x80,
    0x04, 0xe2, 0xcf, 0x62, 0xf3, 0x71, 0xd2, 0x5c, 0x7d, 0x74, 0x81, 0x42, 0x00, 0x04, 0x32, 0xe1,
    0x65, 0xb3, 0x26, 0xfd, 0x72, 0x65, 0x0e, 0xab, 0x7f, 0xed, 0x0d, 0xbc, 0x1e, 0x0e, 0xe0, 0xc4,
    0xef, 0x0b, 0x5e, 0xa3, 0xbe, 0x02, 0xd5, 0x39, 0x80, 0x9b, 0xfa, 0xe1, 0x9d, 0x19, 0xbb, 0xe4,
    0x75, 0x2a, 0x3e, 0x9e, 0xab, 0x26, 0xce, 0x9a, 0xd1, 0xc4, 0x5a, 0x29, 0xe4, 0x1f, 0x6c, 0x3e,
    0xde, 0xe3, 0xe0, 0x80, 0x04, 0xe2, 0xcf, 0x62, 0xf3, 0x71, 0xd2, 0x5c, 0x7d, 0x74};

static void takes_keys_with_their_public_keys(void) { /* SEC-12 */
  secure_pair pair;
  pair_add_keys(&pair, 4);
  CHECK_EQUAL(linnet_credentials_set_key(pair.client.credentials, kitchen_key_v2, sizeof kitchen_key_v2),
              LINNET_OK);
  connect_and_wait(&pair);
  CHECK_EQUAL(pair.client.opened, 1);
  pair_leave(&pair);
}

static void refuses_an_unknown_key_and_says_so_on_both_sides(void) {
  secure_pair pair;
  pair_add_keys(&pair, 4);
  CHECK_EQUAL(own_key(&pair.client, cellar_key), LINNET_OK);
  connect_and_wait(&pair);
  CHECK_EQUAL(pair.server.failed, 1);
  CHECK_EQUAL(pair.server.news.cause, LINNET_CAUSE_UNKNOWN_IDENTITY);
  CHECK(!pair.server.news.told);
  CHECK_EQUAL(pair.server.identity.kind, LINNET__IDENTITY_PUBLIC_KEY);
  CHECK_EQUAL(pair.client.failed, 1);
  CHECK_EQUAL(pair.client.news.cause, LINNET_CAUSE_BAD_CERTIFICATE);
  CHECK(pair.client.news.told);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->sessions, 0);
  pair_leave(&pair);
}

static void refuses_a_server_with_another_key(void) { /* SEC-12 */
  secure_pair pair;
  pair_add_keys(&pair, 5);
  CHECK_EQUAL(own_key(&pair.server, cellar_key), LINNET_OK);
  connect_and_wait(&pair);
  CHECK_EQUAL(pair.client.failed, 1);
  CHECK_EQUAL(pair.client.news.cause, LINNET_CAUSE_WRONG_CERTIFICATE);
  CHECK_EQUAL(pair.server.failed, 1);
  CHECK(pair.server.news.told);
  CHECK_EQUAL(pair.client.opened + pair.server.opened, 0);
  pair_leave(&pair);
}

static void serves_both_kinds_of_clients_at_one_address(void) {
  secure_pair pair;
  secure_station other;
  pair_add_keys(&pair, 6);
  secure_psk(&pair.server, "cellar", "0123456789abcdef");
  secure_add(&other, pair.world, "10.0.0.3:40000", false);
  secure_psk(&other, "cellar", "0123456789abcdef");
  secure_connect(&other, "server.example", NULL);
  connect_and_wait(&pair);
  CHECK_EQUAL(pair.client.opened, 1);
  CHECK_EQUAL(other.opened, 1);
  CHECK_EQUAL(pair.server.opened, 2);
  CHECK_EQUAL(secure_say(&other, SERVER, "psk"), LINNET_OK);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "raw"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_BYTES(other.last, other.last_length, "psk", 3);
  CHECK_BYTES(pair.client.last, pair.client.last_length, "raw", 3);
  secure_leave(&other);
  pair_leave(&pair);
}

static void handshakes_get_through_a_bad_network(void) { /* RFC 6347 4.2.4 */
  for (uint64_t seed = 1; seed <= 20; seed++) {
    secure_pair pair;
    pair_add_keys(&pair, seed);
    linnet_world_set(pair.world, NULL, LINNET_WORLD_LOSS, 200);
    linnet_world_set(pair.world, NULL, LINNET_WORLD_DUPLICATION, 200);
    secure_connect(&pair.client, "server.example", NULL);
    pass_ms(pair.world, 60000);
    CHECK_EQUAL(pair.client.opened, 1);
    linnet_world_set(pair.world, NULL, LINNET_WORLD_LOSS, 0);
    CHECK_EQUAL(secure_say(&pair.client, SERVER, "hello"), LINNET_OK);
    pass_ms(pair.world, 100);
    CHECK_BYTES(pair.client.last, pair.client.last_length, "hello", 5);
    pair_leave(&pair);
  }
}

static void gives_up_on_a_server_that_does_not_answer(void) {
  secure_pair pair;
  pair_add_keys(&pair, 7);
  linnet_world_set(pair.world, NULL, LINNET_WORLD_DOWN, 1);
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 60000);
  CHECK_EQUAL(pair.client.failed, 0);
  pass_ms(pair.world, 120000);
  CHECK_EQUAL(pair.client.failed, 1);
  CHECK_EQUAL(pair.client.news.cause, LINNET_CAUSE_TIMED_OUT);
  pair_leave(&pair);
}

static void ends_with_a_word_and_begins_anew(void) { /* SEC-17 */
  secure_pair pair;
  pair_add_keys(&pair, 8);
  connect_and_wait(&pair);
  linnet_address server = secure_address(SERVER);
  linnet__transport_disconnect(pair.client.transport, &server);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.server.ended, 1);
  CHECK_EQUAL(pair.server.news.cause, LINNET_CAUSE_CLOSED);
  connect_and_wait(&pair);
  CHECK_EQUAL(pair.client.opened, 2);
  CHECK_EQUAL(pair.server.opened, 2);
  pair_leave(&pair);
}

static void a_client_that_forgot_its_session_takes_its_place(void) {
  secure_pair pair;
  pair_add_keys(&pair, 9);
  connect_and_wait(&pair);
  connect_and_wait(&pair);
  CHECK_EQUAL(pair.client.opened, 2);
  CHECK_EQUAL(pair.server.opened, 2);
  CHECK(pair.server.news.replaces);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "again"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_BYTES(pair.client.last, pair.client.last_length, "again", 5);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->sessions, 1);
  pair_leave(&pair);
}

static void a_key_that_is_removed_ends_its_session(void) {
  secure_pair pair;
  pair_add_keys(&pair, 10);
  connect_and_wait(&pair);
  CHECK_EQUAL(linnet_credentials_remove(pair.server.credentials, "kitchen"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.server.ended, 1);
  CHECK_EQUAL(pair.server.news.cause, LINNET_CAUSE_REMOVED);
  CHECK_EQUAL(pair.client.ended, 1);
  pair_leave(&pair);
}

static void replayed_and_forged_records_change_nothing(void) { /* RFC 6347 4.1.2.6, 4.1.2.7 */
  secure_pair pair;
  uint8_t forged[64] = {23, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 9, 0, 51};
  pair_add_keys(&pair, 11);
  connect_and_wait(&pair);
  linnet_address client = secure_address(CLIENT);
  for (int i = 0; i < 10; i++) {
    forged[10] = (uint8_t)(9 + i);
    linnet_transport_receive(pair.server.transport, &client, forged, sizeof forged);
  }
  linnet_world_set(pair.world, NULL, LINNET_WORLD_DUPLICATION, 1000);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "once"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.server.received, 1);
  CHECK_EQUAL(pair.server.ended, 0);
  pair_leave(&pair);
}

static void keys_that_cannot_be_used_are_named(void) {
  secure_pair pair;
  pair_add(&pair, 12);
  CHECK_EQUAL(own_key(&pair.server, "nonsense"), LINNET_ERROR_MALFORMED);
  CHECK(strstr(linnet_error_text(pair.server.loop), "PKCS #8") != NULL);
  CHECK_EQUAL(own_key(&pair.server, p384_key), LINNET_ERROR_MALFORMED);
  CHECK(strstr(linnet_error_text(pair.server.loop), "secp256r1") != NULL);
  CHECK_EQUAL(known_key(&pair.server, "kitchen", "nonsense"), LINNET_ERROR_MALFORMED);
  CHECK(strstr(linnet_error_text(pair.server.loop), "SubjectPublicKeyInfo") != NULL);
  CHECK_EQUAL(known_key(&pair.server, "kitchen", p384_public_key), LINNET_ERROR_MALFORMED);
  CHECK(strstr(linnet_error_text(pair.server.loop), "secp256r1") != NULL);
  CHECK_EQUAL(linnet_credentials_count(pair.server.credentials), 0);
  pair_leave(&pair);
}

/* The error of a build without says how to get it. */
static void says_how_to_get_them(void) {
  secure_pair pair;
  pair_add(&pair, 13);
  CHECK_EQUAL(own_key(&pair.server, server_key), LINNET_ERROR_UNAVAILABLE);
  CHECK(strstr(linnet_error_text(pair.server.loop), "libgnutls28-dev") != NULL);
  CHECK_EQUAL(known_key(&pair.server, "kitchen", kitchen_public_key), LINNET_ERROR_UNAVAILABLE);
  CHECK(strstr(linnet_error_text(pair.server.loop), "-DLINNET_RAW_KEYS=gnutls") != NULL);
  pair_leave(&pair);
}

int main(void) {
  if (!has_dtls()) return 0;
  if (!linnet__tls_has_raw_keys()) return RUN(says_how_to_get_them);
  return RUN(speaks_both_ways_after_a_handshake, a_key_is_good_for_its_endpoint_alone, takes_sec1_as_well,
             takes_keys_with_their_public_keys, refuses_an_unknown_key_and_says_so_on_both_sides,
             refuses_a_server_with_another_key, serves_both_kinds_of_clients_at_one_address,
             handshakes_get_through_a_bad_network, gives_up_on_a_server_that_does_not_answer,
             ends_with_a_word_and_begins_anew, a_client_that_forgot_its_session_takes_its_place,
             a_key_that_is_removed_ends_its_session, replayed_and_forged_records_change_nothing,
             keys_that_cannot_be_used_are_named);
}

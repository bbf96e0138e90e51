/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions with pre-shared keys, and what ends them: SEC-02, SEC-05, SEC-11, SEC-17. */
#include "secure_station.h"

static void speaks_both_ways_after_a_handshake(void) {
  secure_pair pair;
  pair_add_psk(&pair, 1);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "too early"), LINNET_ERROR_SECURITY);
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.client.opened, 1);
  CHECK_EQUAL(pair.server.opened, 1);
  CHECK(!pair.server.news.resumed && !pair.server.news.replaces);
  CHECK_EQUAL(pair.server.identity.kind, LINNET__IDENTITY_PSK);
  CHECK_BYTES(pair.server.identity.name, pair.server.identity.length, "kitchen", 7);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "hello"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_BYTES(pair.server.last, pair.server.last_length, "hello", 5);
  CHECK_BYTES(pair.client.last, pair.client.last_length, "hello", 5);
  pair_leave(&pair);
}

static const uint8_t *seen_in_the_clear;

static void look_for_text(void *user, uint64_t now_ms, const linnet_address *from, const linnet_address *to,
                          const void *data, size_t length, bool lost) {
  (void)user, (void)now_ms, (void)from, (void)to, (void)lost;
  const uint8_t *bytes = data;
  for (size_t i = 0; i + 6 <= length; i++)
    if (memcmp(bytes + i, "secret", 6) == 0) seen_in_the_clear = bytes;
}

static void says_nothing_in_the_clear(void) {
  secure_pair pair;
  pair_add_psk(&pair, 2);
  linnet_world_observe(pair.world, look_for_text, NULL, NULL);
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "secret"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.client.received, 1);
  CHECK(seen_in_the_clear == NULL);
  pair_leave(&pair);
}

static void takes_identities_of_128_and_keys_of_64_bytes(void) { /* SEC-11 */
  char identity[129], key[65];
  secure_pair pair;
  memset(identity, 'i', 128), identity[128] = 0;
  memset(key, 'k', 64), key[64] = 0;
  pair_add(&pair, 3);
  secure_psk(&pair.server, identity, key);
  secure_psk(&pair.client, identity, key);
  secure_psk(&pair.server, "another", "0123456789abcdef");
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.client.opened, 1);
  CHECK_BYTES(pair.server.identity.name, pair.server.identity.length, identity, 128);
  pair_leave(&pair);
}

static void refuses_an_unknown_identity_and_says_so_on_both_sides(void) {
  secure_pair pair;
  pair_add(&pair, 4);
  secure_psk(&pair.server, "kitchen", "0123456789abcdef");
  secure_psk(&pair.client, "cellar", "0123456789abcdef");
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.client.failed, 1);
  CHECK_EQUAL(pair.client.news.cause, LINNET_CAUSE_UNKNOWN_IDENTITY);
  CHECK(pair.client.news.told);
  CHECK_EQUAL(pair.server.failed, 1);
  CHECK_EQUAL(pair.server.news.cause, LINNET_CAUSE_UNKNOWN_IDENTITY);
  CHECK(!pair.server.news.told);
  CHECK_BYTES(pair.server.identity.name, pair.server.identity.length, "cellar", 6);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->sessions, 0);
  pair_leave(&pair);
}

static void refuses_a_wrong_key_and_says_so_on_both_sides(void) {
  secure_pair pair;
  pair_add(&pair, 5);
  secure_psk(&pair.server, "kitchen", "0123456789abcdef");
  secure_psk(&pair.client, "kitchen", "0123456789abcdeX");
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.server.failed, 1);
  CHECK_EQUAL(pair.server.news.cause, LINNET_CAUSE_WRONG_KEY);
  CHECK_EQUAL(pair.client.failed, 1);
  CHECK_EQUAL(pair.client.news.cause, LINNET_CAUSE_WRONG_KEY);
  CHECK_EQUAL(pair.client.opened + pair.server.opened, 0);
  pair_leave(&pair);
}

static void gives_up_on_a_server_that_does_not_answer(void) {
  secure_pair pair;
  pair_add_psk(&pair, 6);
  linnet_world_set(pair.world, NULL, LINNET_WORLD_DOWN, 1);
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 60000);
  CHECK_EQUAL(pair.client.failed, 0); /* RFC 6347 4.2.4.1 */
  pass_ms(pair.world, 120000);
  CHECK_EQUAL(pair.client.failed, 1);
  CHECK_EQUAL(pair.client.news.cause, LINNET_CAUSE_TIMED_OUT);
  CHECK_EQUAL(linnet__transport_sessions(pair.client.transport)->sessions, 0);
  pair_leave(&pair);
}

static void tells_when_the_peer_closes_the_session(void) { /* SEC-17 */
  secure_pair pair;
  pair_add_psk(&pair, 7);
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 100);
  linnet_address server = secure_address(SERVER);
  linnet__transport_disconnect(pair.client.transport, &server);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.server.ended, 1);
  CHECK_EQUAL(pair.server.news.cause, LINNET_CAUSE_CLOSED);
  CHECK(pair.server.news.told);
  CHECK_EQUAL(pair.client.ended, 0);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->sessions, 0);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "gone"), LINNET_ERROR_SECURITY);
  pair_leave(&pair);
}

static void rests_in_little_memory_and_goes_on(void) { /* SEC-04 */
  secure_pair pair;
  pair_add_psk(&pair, 8);
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "first"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->live, 1);
  for (unsigned day = 0; day < 3; day++) {
    pass_ms(pair.world, 86400000);
    CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->live, 0);
    CHECK_EQUAL(linnet__transport_sessions(pair.client.transport)->live, 0);
    CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->sessions, 1);
    CHECK_EQUAL(secure_say(&pair.client, SERVER, "again"), LINNET_OK);
    pass_ms(pair.world, 100);
    CHECK_EQUAL(pair.client.received, 2 + day);
  }
  pair_leave(&pair);
}

static void ends_the_sessions_of_a_key_that_is_removed(void) {
  secure_pair pair;
  pair_add_psk(&pair, 9);
  secure_psk(&pair.server, "cellar", "0123456789abcdef");
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(linnet_credentials_remove(pair.server.credentials, "cellar"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.server.ended, 0);
  secure_psk(&pair.server, "kitchen", "another key of 20 by");
  CHECK_EQUAL(pair.server.ended, 1);
  CHECK_EQUAL(pair.server.news.cause, LINNET_CAUSE_REMOVED);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.client.ended, 1); /* it was told good-bye */
  CHECK_EQUAL(pair.client.news.cause, LINNET_CAUSE_CLOSED);
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.client.news.cause, LINNET_CAUSE_WRONG_KEY);
  pair_leave(&pair);
}

static void replaces_a_session_when_the_client_comes_back_from_the_same_address(void) {
  secure_pair pair;
  pair_add_psk(&pair, 10);
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 100);
  secure_leave(&pair.client); /* as if its power was cut */
  linnet_world_remove_loop(pair.world, pair.client.loop);
  secure_add(&pair.client, pair.world, CLIENT, false);
  secure_psk(&pair.client, "kitchen", "0123456789abcdef");
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.server.opened, 2);
  CHECK(pair.server.news.replaces);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->sessions, 1);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->live, 1);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "back"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_BYTES(pair.client.last, pair.client.last_length, "back", 4);
  pair_leave(&pair);
}

static void release_everything(secure_station *who) { linnet_transport_close(who->transport); }

static void may_be_closed_by_whoever_hears_a_message(void) {
  secure_pair pair;
  pair_add_psk(&pair, 11);
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 100);
  pair.server.act = release_everything;
  pair.server.echoes = false;
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "close"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.server.received, 1);
  CHECK(linnet_transport_is_closed(pair.server.transport));
  pair_leave(&pair);
}

static void needs_a_seed_of_32_bytes(void) {
  linnet_loop *loop = linnet_loop_new("0123456789abcdef", 16);
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_transport_secure(transport, NULL), LINNET_ERROR_SECURITY);
  CHECK(strstr(linnet_error_text(loop), "32") != NULL);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

int main(void) {
  if (!has_dtls()) return 0;
  return RUN(speaks_both_ways_after_a_handshake, says_nothing_in_the_clear,
             takes_identities_of_128_and_keys_of_64_bytes,
             refuses_an_unknown_identity_and_says_so_on_both_sides,
             refuses_a_wrong_key_and_says_so_on_both_sides, gives_up_on_a_server_that_does_not_answer,
             tells_when_the_peer_closes_the_session, rests_in_little_memory_and_goes_on,
             ends_the_sessions_of_a_key_that_is_removed,
             replaces_a_session_when_the_client_comes_back_from_the_same_address,
             may_be_closed_by_whoever_hears_a_message, needs_a_seed_of_32_bytes);
}

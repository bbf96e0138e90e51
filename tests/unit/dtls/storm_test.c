/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions over bad networks and among bad neighbours: RFC 6347 4.1.2.6, 4.1.2.7, 4.2.1, 4.2.4, 4.2.8. */
#include "secure_station.h"

#define WORLDS 60

static void completes_handshakes_under_20_percent_loss(void) {
  for (uint64_t seed = 0; seed < WORLDS; seed++) {
    secure_pair pair;
    pair_add_psk(&pair, seed);
    linnet_world_set(pair.world, NULL, LINNET_WORLD_LOSS, 200);
    secure_connect(&pair.client, "server.example", NULL);
    pass_ms(pair.world, 120000);
    CHECK_EQUAL(pair.client.opened, 1);
    linnet_world_set(pair.world, NULL, LINNET_WORLD_LOSS, 0);
    CHECK_EQUAL(secure_say(&pair.client, SERVER, "through"), LINNET_OK);
    pass_ms(pair.world, 120000); /* the server may wait for a retransmission of Finished */
    CHECK_EQUAL(pair.server.opened, 1);
    CHECK_EQUAL(secure_say(&pair.client, SERVER, "through"), LINNET_OK);
    pass_ms(pair.world, 1000);
    CHECK_BYTES(pair.client.last, pair.client.last_length, "through", 7);
    pair_leave(&pair);
  }
}

static void completes_handshakes_under_reordering_and_duplication(void) {
  for (uint64_t seed = 0; seed < WORLDS; seed++) {
    secure_pair pair;
    pair_add_psk(&pair, seed);
    linnet_world_set(pair.world, NULL, LINNET_WORLD_DELAY_MS, 20);
    linnet_world_set(pair.world, NULL, LINNET_WORLD_JITTER_MS, 40);
    linnet_world_set(pair.world, NULL, LINNET_WORLD_REORDERING, 500);
    linnet_world_set(pair.world, NULL, LINNET_WORLD_DUPLICATION, 500);
    secure_connect(&pair.client, "server.example", NULL);
    pass_ms(pair.world, 60000);
    CHECK_EQUAL(pair.client.opened, 1);
    CHECK_EQUAL(pair.server.opened, 1);
    CHECK_EQUAL(pair.client.failed + pair.server.failed, 0);
    CHECK_EQUAL(secure_say(&pair.client, SERVER, "once"), LINNET_OK);
    pass_ms(pair.world, 10000);
    CHECK_EQUAL(pair.server.received, 1); /* however often it came */
    pair_leave(&pair);
  }
}

/* ---- an established session, and whoever writes in its name -------------------------------------- */

typedef struct capture {
  uint8_t data[2048];
  size_t length;
} capture;

static void keep(void *user, uint64_t now_ms, const linnet_address *from, const linnet_address *to,
                 const void *data, size_t length, bool lost) {
  capture *kept = user;
  (void)now_ms, (void)from, (void)lost;
  if (!linnet_address_equal(to, &(linnet_address){0}) && linnet_address_port(to) == 5684) {
    memcpy(kept->data, data, length);
    kept->length = length;
  }
}

static void inject(secure_pair *pair, const char *from, const uint8_t *data, size_t length) {
  linnet_address peer = secure_address(from);
  CHECK_EQUAL(linnet_transport_receive(pair->server.transport, &peer, data, length), LINNET_OK);
  pass_ms(pair->world, 1);
}

static void check_alive(secure_pair *pair) {
  unsigned before = pair->client.received;
  CHECK_EQUAL(secure_say(&pair->client, SERVER, "alive"), LINNET_OK);
  pass_ms(pair->world, 100);
  CHECK_EQUAL(pair->client.received, before + 1);
  CHECK_EQUAL(pair->server.ended + pair->client.ended, 0);
}

static void establish(secure_pair *pair, uint64_t seed) {
  pair_add_psk(pair, seed);
  secure_connect(&pair->client, "server.example", NULL);
  pass_ms(pair->world, 100);
  check_alive(pair);
}

static void drops_a_replayed_record(void) {
  secure_pair pair;
  capture kept = {.length = 0};
  establish(&pair, 1);
  linnet_world_observe(pair.world, keep, &kept, NULL);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "once"), LINNET_OK);
  pass_ms(pair.world, 100);
  CHECK_EQUAL(pair.server.received, 2);
  capture record = kept;
  for (unsigned i = 0; i < 3; i++) inject(&pair, CLIENT, record.data, record.length);
  CHECK_EQUAL(pair.server.received, 2);
  pass_ms(pair.world, 3600000); /* likewise when the session was at rest */
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->live, 0);
  inject(&pair, CLIENT, record.data, record.length);
  CHECK_EQUAL(pair.server.received, 2);
  check_alive(&pair);
  pair_leave(&pair);
}

static void drops_records_that_were_tampered_with(void) {
  secure_pair pair;
  capture kept = {.length = 0};
  establish(&pair, 2);
  linnet_world_observe(pair.world, keep, &kept, NULL);
  linnet_world_set(pair.world, NULL, LINNET_WORLD_LOSS, 1000);
  CHECK_EQUAL(secure_say(&pair.client, SERVER, "genuine"), LINNET_OK);
  pass_ms(pair.world, 100);
  linnet_world_set(pair.world, NULL, LINNET_WORLD_LOSS, 0);
  capture record = kept;
  for (size_t i = 0; i < record.length; i++) {
    capture bad = record;
    bad.data[i] ^= 1;
    inject(&pair, CLIENT, bad.data, bad.length);
    inject(&pair, CLIENT, record.data, i); /* cut off */
  }
  CHECK_EQUAL(pair.server.received, 1);
  inject(&pair, CLIENT, record.data, record.length);
  CHECK_EQUAL(pair.server.received, 2);
  check_alive(&pair);
  pair_leave(&pair);
}

/* The ClientHello of a stranger, caught on its way. */
static capture stranger_hello(uint64_t seed) {
  secure_pair other;
  capture kept = {.length = 0};
  pair_add_psk(&other, seed);
  linnet_world_observe(other.world, keep, &kept, NULL);
  linnet_world_set(other.world, NULL, LINNET_WORLD_LOSS, 1000);
  secure_connect(&other.client, "server.example", NULL);
  pass_ms(other.world, 100);
  pair_leave(&other);
  CHECK(kept.length > 60);
  return kept;
}

static void keeps_nothing_of_100000_spoofed_hellos(void) {
  secure_pair pair;
  establish(&pair, 3);
  capture hello = stranger_hello(77);
  linnet_loop *loop = pair.server.loop;
  linnet_datagram answer;
  size_t before = 0, most = 0;
  for (uint32_t i = 0; i < 100000; i++) {
    linnet_address spoofed = secure_address("198.18.0.1:40000");
    memcpy(spoofed.bytes, &i, sizeof i);
    CHECK_EQUAL(linnet_transport_receive(pair.server.transport, &spoofed, hello.data, hello.length),
                LINNET_OK);
    linnet_loop_step(loop, linnet_loop_now(loop));
    CHECK(linnet_transport_next(pair.server.transport, &answer));
    CHECK(answer.length < hello.length); /* no amplification */
    if (linnet_loop_memory_used(loop) > most) most = linnet_loop_memory_used(loop);
    if (i == 0) before = most;
  }
  CHECK_EQUAL(most, before);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->sessions, 1);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->handshakes, 0);
  CHECK(linnet__transport_sessions(pair.server.transport)->cookies >= 100000);
  check_alive(&pair);
  pair_leave(&pair);
}

static void is_not_disturbed_by_hellos_in_the_name_of_its_peer(void) { /* RFC 6347 4.2.8 */
  secure_pair pair;
  establish(&pair, 4);
  capture hello = stranger_hello(78);
  for (unsigned i = 0; i < 10; i++) inject(&pair, CLIENT, hello.data, hello.length);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->handshakes, 0);
  check_alive(&pair);
  pair_leave(&pair);
}

static void takes_no_cookie_from_another_address_or_of_long_ago(void) {
  secure_pair pair;
  capture kept = {.length = 0};
  pair_add_psk(&pair, 5);
  linnet_world_observe(pair.world, keep, &kept, NULL);
  secure_connect(&pair.client, "server.example", NULL);
  pass_ms(pair.world, 2); /* hello, answer; the second hello is on its way */
  linnet_world_set(pair.world, NULL, LINNET_WORLD_LOSS, 1000);
  pass_ms(pair.world, 1);
  CHECK_EQUAL(pair.server.opened, 0);
  capture proven = kept;
  uint64_t cookies = linnet__transport_sessions(pair.server.transport)->cookies;
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->handshakes, 1);
  inject(&pair, "10.0.0.3:40000", proven.data, proven.length);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->cookies, cookies + 1);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->handshakes, 1);
  pass_ms(pair.world, 300000);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->handshakes, 0);
  inject(&pair, CLIENT, proven.data, proven.length);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->handshakes, 0);
  pair_leave(&pair);
}

static void bounds_handshakes_that_are_left_half_open(void) {
  secure_pair pair;
  pair_add_psk(&pair, 6);
  linnet__transport_set_session_limit(pair.server.transport, LINNET__DTLS_HANDSHAKES, 2);
  secure_station others[4];
  char address[] = "10.0.1.0:40000";
  for (size_t i = 0; i < 4; i++) {
    address[7] = (char)('1' + i);
    secure_add(&others[i], pair.world, address, false);
    secure_psk(&others[i], "kitchen", "0123456789abcdef");
    linnet_address server = secure_address(SERVER);
    linnet__transport_connect(others[i].transport, &server, others[i].credentials, "x", 1, NULL);
  }
  pass_ms(pair.world, 3); /* all have shown their cookie, none gets further */
  linnet_world_set(pair.world, NULL, LINNET_WORLD_DOWN, 1);
  const linnet__dtls_counters *counters = linnet__transport_sessions(pair.server.transport);
  CHECK_EQUAL(counters->handshakes, 2);
  CHECK_EQUAL(counters->sessions, 2);
  CHECK_EQUAL(counters->refused_by_limit, 2);
  linnet_world_set(pair.world, NULL, LINNET_WORLD_DOWN, 0);
  pass_ms(pair.world, 60000); /* those that were turned away ask again */
  CHECK_EQUAL(counters->opened, 4);
  CHECK_EQUAL(counters->handshakes, 0);
  for (size_t i = 0; i < 4; i++) secure_leave(&others[i]);
  pair_leave(&pair);
}

static void lets_the_longest_quiet_go_when_there_are_too_many_sessions(void) {
  secure_pair pair;
  establish(&pair, 7);
  linnet__transport_set_session_limit(pair.server.transport, LINNET__DTLS_SESSIONS, 1);
  secure_station other;
  secure_add(&other, pair.world, "10.0.0.9:40000", false);
  secure_psk(&other, "kitchen", "0123456789abcdef");
  secure_connect(&other, "server.example", NULL);
  pass_ms(pair.world, 1000);
  CHECK_EQUAL(other.opened, 1);
  CHECK_EQUAL(pair.client.ended, 1);
  CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->sessions, 1);
  secure_leave(&other);
  pair_leave(&pair);
}

static void lets_all_speak_while_few_of_them_are_live(void) { /* LINNET_LIMIT_LIVE_SESSIONS */
  secure_pair pair;
  secure_station others[5];
  char address[] = "10.0.1.0:40000";
  establish(&pair, 8);
  const linnet__dtls_counters *counters = linnet__transport_sessions(pair.server.transport);
  linnet__transport_set_session_limit(pair.server.transport, LINNET__DTLS_LIVE_SESSIONS, 2);
  for (size_t i = 0; i < 5; i++) {
    address[7] = (char)('1' + i);
    secure_add(&others[i], pair.world, address, false);
    secure_psk(&others[i], "kitchen", "0123456789abcdef");
    secure_connect(&others[i], "server.example", NULL);
    pass_ms(pair.world, 10);
    CHECK_EQUAL(secure_say(&others[i], SERVER, "alive"), LINNET_OK);
    pass_ms(pair.world, 10);
  }
  for (unsigned round = 2; round <= 4; round++) {
    for (size_t i = 0; i < 5; i++) {
      CHECK_EQUAL(secure_say(&others[i], SERVER, "alive"), LINNET_OK);
      pass_ms(pair.world, 10);
      CHECK_EQUAL(others[i].received, round);
      CHECK(counters->live <= 2);
    }
    if (round == 3) linnet__transport_set_session_limit(pair.server.transport, LINNET__DTLS_LIVE_SESSIONS, 0);
  }
  check_alive(&pair);
  pass_ms(pair.world, 20000);
  CHECK_EQUAL(counters->live, 0);
  CHECK_EQUAL(counters->sessions, 6);
  for (size_t i = 0; i < 5; i++) secure_leave(&others[i]);
  pair_leave(&pair);
}

static void survives_mutations_of_every_datagram_of_a_handshake(void) {
  static uint64_t state;
  for (uint64_t seed = 0; seed < 40; seed++) {
    secure_pair pair;
    capture kept = {.length = 0};
    state = seed * 2654435761u + 1;
    pair_add_psk(&pair, seed);
    linnet_world_observe(pair.world, keep, &kept, NULL);
    secure_connect(&pair.client, "server.example", NULL);
    for (unsigned ms = 0; ms < 12; ms++) {
      pass_ms(pair.world, 1);
      if (kept.length == 0) continue;
      capture bad = kept;
      for (unsigned i = 0; i < 4; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        bad.data[(state >> 33) % bad.length] = (uint8_t)(state >> 24);
      }
      inject(&pair, CLIENT, bad.data, bad.length);
      linnet_address server = secure_address(SERVER);
      linnet_transport_receive(pair.client.transport, &server, bad.data, bad.length);
    }
    pass_ms(pair.world, 200000);
    CHECK_EQUAL(linnet__transport_sessions(pair.server.transport)->handshakes, 0);
    pair_leave(&pair);
  }
}

int main(void) {
  if (!has_dtls()) return 0;
  return RUN(
      completes_handshakes_under_20_percent_loss, completes_handshakes_under_reordering_and_duplication,
      drops_a_replayed_record, drops_records_that_were_tampered_with, keeps_nothing_of_100000_spoofed_hellos,
      is_not_disturbed_by_hellos_in_the_name_of_its_peer, takes_no_cookie_from_another_address_or_of_long_ago,
      bounds_handshakes_that_are_left_half_open, lets_the_longest_quiet_go_when_there_are_too_many_sessions,
      lets_all_speak_while_few_of_them_are_live, survives_mutations_of_every_datagram_of_a_handshake);
}

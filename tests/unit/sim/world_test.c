/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual clock, determinism, removal, memory, names: sim.h, architecture section 7. */
#include "station.h"

static void answer(station *who) {
  if (who->received % 3 == 0) return;
  CHECK_EQUAL(linnet__transport_send(who->transport, &who->peer, who->last, who->last_length), LINNET_OK);
}

static void digest(void *user, uint64_t now_ms, const linnet_address *from, const linnet_address *to,
                   const void *data, size_t length, bool lost) {
  uint64_t *hash = user;
  const uint8_t *bytes = data;
  *hash = *hash * 31 + now_ms;
  for (size_t i = 0; i < sizeof *from; i++) *hash = *hash * 31 + ((const uint8_t *)from)[i];
  for (size_t i = 0; i < sizeof *to; i++) *hash = *hash * 31 + ((const uint8_t *)to)[i];
  for (size_t i = 0; i < length; i++) *hash = *hash * 31 + bytes[i];
  *hash = *hash * 31 + lost;
}

/* A bad network in which everybody talks to everybody; the bytes come from the loops' own chance. */
static uint64_t chatter(uint64_t seed) {
  enum { COUNT = 10 };
  linnet_world *world = linnet_world_new(seed);
  station stations[COUNT];
  char names[COUNT][32];
  uint64_t hash = 0;
  linnet_world_observe(world, digest, &hash, NULL);
  linnet_world_set(world, NULL, LINNET_WORLD_LOSS, 50);
  linnet_world_set(world, NULL, LINNET_WORLD_DUPLICATION, 50);
  linnet_world_set(world, NULL, LINNET_WORLD_REORDERING, 50);
  linnet_world_set(world, NULL, LINNET_WORLD_JITTER_MS, 7);
  for (unsigned i = 0; i < COUNT; i++) {
    snprintf(names[i], sizeof names[i], "10.0.0.%u:5683", i + 1);
    station_add(&stations[i], world, names[i]);
    stations[i].act = answer;
  }
  for (unsigned round = 0; round < 50; round++) {
    for (unsigned i = 0; i < COUNT; i++) {
      uint8_t bytes[8];
      linnet__random_bytes(stations[i].loop, bytes, sizeof bytes);
      say_bytes(&stations[i], names[(i + round) % COUNT], bytes, sizeof bytes);
    }
    linnet_world_advance(world, linnet_world_now(world) + 3);
  }
  linnet_world_advance(world, linnet_world_now(world) + 10000);
  for (unsigned i = 0; i < COUNT; i++) station_leave(&stations[i]);
  linnet_world_unref(world);
  return hash;
}

static void runs_the_same_with_the_same_seed(void) {
  uint64_t hash = chatter(1);
  CHECK(hash == chatter(1));
  CHECK(hash != chatter(2));
}

typedef struct alarm_clock {
  linnet__timer timer;
  linnet_loop *loop;
  uint64_t rang_at_ms;
  unsigned rang;
  uint64_t every_ms;
  bool shouts;
} alarm_clock;

static void ring(linnet__timer *timer) {
  alarm_clock *clock = LINNET__CONTAINER(timer, alarm_clock, timer);
  clock->rang++;
  clock->rang_at_ms = linnet_loop_now(clock->loop);
  if (clock->every_ms > 0) linnet__timer_arm_in(clock->loop, timer, clock->every_ms, ring);
  if (clock->shouts) linnet__event_emit(clock->loop, linnet__event_new(clock->loop, LINNET_EVENT_ERROR, 1));
}

static void lives_a_day_in_no_time(void) {
  linnet_world *world = linnet_world_new(1);
  alarm_clock clock = {.loop = linnet_world_add_loop(world), .every_ms = 30000};
  linnet__timer_arm_in(clock.loop, &clock.timer, 30000, ring);
  linnet_world_advance(world, 24 * 3600 * 1000);
  CHECK_EQUAL(clock.rang, 24 * 3600 / 30);
  CHECK_EQUAL(clock.rang_at_ms, 24 * 3600 * 1000);
  CHECK_EQUAL(linnet_world_next(world), 24 * 3600 * 1000 + 30000);
  linnet__timer_stop(clock.loop, &clock.timer);
  CHECK_EQUAL(linnet_world_next(world), LINNET_NEVER);
  CHECK_EQUAL(linnet_world_run(world, LINNET_NEVER), LINNET_NEVER);
  CHECK_EQUAL(linnet_world_now(world), 24 * 3600 * 1000);
  linnet_world_unref(world);
}

static void stops_when_an_event_waits(void) {
  linnet_world *world = linnet_world_new(1);
  alarm_clock clock = {.loop = linnet_world_add_loop(world), .every_ms = 100, .shouts = true};
  linnet__timer_arm_in(clock.loop, &clock.timer, 100, ring);
  CHECK_EQUAL(linnet_world_run(world, 1000), 100);
  CHECK_EQUAL(linnet_world_run(world, 1000), 100); /* still waiting */
  CHECK(linnet_loop_next_event(clock.loop) != NULL);
  CHECK(linnet_loop_next_event(clock.loop) == NULL);
  CHECK_EQUAL(linnet_world_run(world, 1000), 200);
  linnet_world_advance(world, 1000);
  CHECK_EQUAL(clock.rang, 10);
  for (unsigned i = 0; i < 9; i++) CHECK(linnet_loop_next_event(clock.loop) != NULL);
  CHECK(linnet_loop_next_event(clock.loop) == NULL);
  CHECK_EQUAL(linnet_world_run(world, 1050), 1050);
  linnet__timer_stop(clock.loop, &clock.timer);
  linnet_world_unref(world);
}

static void tells_every_loop_the_time(void) {
  linnet_world *world = linnet_world_new(1);
  linnet_loop *first = linnet_world_add_loop(world);
  CHECK_EQUAL(linnet_loop_wall_clock(first), 1700000000000);
  linnet_world_advance(world, 5000);
  linnet_loop *late = linnet_world_add_loop(world);
  CHECK_EQUAL(linnet_loop_now(first), 5000);
  CHECK_EQUAL(linnet_loop_now(late), 5000);
  CHECK_EQUAL(linnet_loop_wall_clock(first), 1700000005000);
  CHECK_EQUAL(linnet_loop_wall_clock(late), 1700000005000);
  linnet_world_set_epoch(world, 1000);
  CHECK_EQUAL(linnet_loop_wall_clock(first), 6000);
  CHECK_EQUAL(linnet_loop_wall_clock(late), 6000);
  linnet_world_advance(world, 6000);
  CHECK_EQUAL(linnet_loop_wall_clock(first), 7000);
  linnet_world_unref(world);
}

static void seeds_every_loop_differently(void) {
  linnet_world *world = linnet_world_new(1);
  uint8_t a[16], b[16];
  linnet__random_bytes(linnet_world_add_loop(world), a, sizeof a);
  linnet__random_bytes(linnet_world_add_loop(world), b, sizeof b);
  CHECK(memcmp(a, b, sizeof a) != 0);
  linnet_world_unref(world);
}

static void forgets_a_loop_that_is_removed(void) {
  linnet_world *world = linnet_world_new(1);
  station a, b;
  station_add(&a, world, "10.0.0.1:5683");
  station_add(&b, world, "10.0.0.2:5683");
  linnet_loop_ref(b.loop);
  say(&a, "10.0.0.2:5683", "on its way");
  linnet_world_run(world, 0);
  CHECK_EQUAL(linnet_world_remove_loop(world, b.loop), LINNET_OK);
  CHECK_EQUAL(linnet_world_remove_loop(world, b.loop), LINNET_ERROR_NOT_FOUND);
  linnet_world_advance(world, 100);
  CHECK_EQUAL(b.received, 0);
  CHECK_EQUAL(linnet_world_attach(world, b.transport, "10.0.0.2:5683"), LINNET_ERROR_NOT_FOUND);
  CHECK(!linnet_transport_is_closed(b.transport)); /* the power is gone, not the program */
  station_leave(&b);
  linnet_loop_unref(b.loop);
  station_add(&b, world, "10.0.0.2:5683");
  station_leave(&a);
  station_leave(&b);
  linnet_world_unref(world);
}

static void pull_the_plug(station *who) {
  if (who->received > 1) return;
  CHECK_EQUAL(linnet_world_remove_loop(who->world, who->loop), LINNET_OK);
  CHECK_EQUAL(linnet_world_run(who->world, 1000000), linnet_world_now(who->world));
}

static void may_lose_a_loop_in_its_own_step(void) {
  linnet_world *world = linnet_world_new(1);
  station a, b;
  station_add(&a, world, "10.0.0.1:5683");
  station_add(&b, world, "10.0.0.2:5683");
  b.act = pull_the_plug;
  say(&a, "10.0.0.2:5683", "x");
  say(&a, "10.0.0.2:5683", "y");
  linnet_world_advance(world, 100);
  CHECK_EQUAL(b.received, 2); /* what its last step had to do */
  say(&a, "10.0.0.2:5683", "z");
  linnet_world_advance(world, 200);
  CHECK_EQUAL(b.received, 2);
  station_leave(&b);
  station_leave(&a);
  linnet_world_unref(world);
}

static void lets_a_loop_outlive_the_world(void) {
  linnet_world *world = linnet_world_new(1);
  linnet_loop *loop = linnet_loop_ref(linnet_world_add_loop(world));
  linnet_world_unref(linnet_world_ref(world));
  linnet_world_unref(world);
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  CHECK(transport != NULL);
  linnet_loop_unref(loop);
  linnet_transport_unref(transport);
}

static void runs_out_of_memory_on_demand(void) {
  linnet_world *world = linnet_world_new(1);
  linnet_loop *loop = linnet_world_add_loop(world), *other = linnet_loop_new("0123456789abcdef", 16);
  size_t used = linnet_loop_memory_used(loop);
  CHECK_EQUAL(linnet_world_fail_memory(world, loop, 0, 1), LINNET_OK);
  CHECK(linnet__new(loop, 10) == NULL);
  CHECK_EQUAL(linnet_world_fail_memory(world, loop, 2, 2), LINNET_OK);
  for (unsigned i = 0; i < 6; i++) {
    void *block = linnet__new(loop, 10);
    CHECK_EQUAL(block == NULL, i == 2 || i == 3);
    linnet__free(loop, block, 10);
  }
  CHECK_EQUAL(linnet_world_fail_memory(world, loop, 0, UINT32_MAX), LINNET_OK);
  CHECK(linnet_transport_new(loop, LINNET_TRANSPORT_UDP) == NULL);
  CHECK(linnet_transport_new(loop, LINNET_TRANSPORT_UDP) == NULL);
  CHECK_EQUAL(linnet_world_fail_memory(world, loop, 0, 0), LINNET_OK);
  linnet_transport_unref(linnet_transport_new(loop, LINNET_TRANSPORT_UDP));
  CHECK_EQUAL(linnet_loop_memory_used(loop), used);
  CHECK_EQUAL(linnet_world_fail_memory(world, other, 0, 1), LINNET_ERROR_NOT_FOUND);
  linnet_loop_unref(other);
  linnet_world_unref(world);
}

static void receives_or_refuses_whole_datagrams_without_memory(void) {
  for (uint32_t after = 0; after < 8; after++) {
    linnet_world *world = linnet_world_new(1);
    station a, b;
    station_add(&a, world, "10.0.0.1:5683");
    station_add(&b, world, "10.0.0.2:5683");
    linnet_world_fail_memory(world, b.loop, after, UINT32_MAX);
    for (unsigned i = 0; i < 200; i++) say(&a, "10.0.0.2:5683", "0123456789012345678901234567890123456789");
    linnet_world_advance(world, 100);
    uint64_t dropped = linnet_transport_count(b.transport, LINNET_COUNTER_RECEIVE_DROPPED);
    CHECK_EQUAL(b.received + dropped, 200);
    linnet_world_fail_memory(world, b.loop, 0, 0);
    say(&a, "10.0.0.2:5683", "again");
    linnet_world_advance(world, 200);
    CHECK_BYTES(b.last, b.last_length, "again", 5);
    station_leave(&a);
    station_leave(&b);
    linnet_world_unref(world);
  }
}

typedef struct seeker {
  linnet__lookup lookup;
  unsigned told;
  char text[LINNET_ADDRESS_TEXT_SIZE];
} seeker;

static void on_found(linnet__lookup *lookup, const linnet_address *address) {
  seeker *who = LINNET__CONTAINER(lookup, seeker, lookup);
  who->told++;
  if (address != NULL) linnet_address_text(address, who->text);
}

static void seek(station *who, seeker *seeks, const char *name) {
  memset(seeks, 0, sizeof *seeks);
  seeks->lookup.found = on_found;
  CHECK_EQUAL(linnet__transport_lookup(who->transport, &seeks->lookup, name, strlen(name), 5700), LINNET_OK);
  linnet_world_advance(who->world, linnet_world_now(who->world) + 1);
  CHECK_EQUAL(seeks->told, 1);
}

static void knows_the_names_it_was_told(void) {
  linnet_world *world = linnet_world_new(1);
  station a;
  seeker seeks;
  station_add(&a, world, "10.0.0.1:5683");
  CHECK_EQUAL(linnet_world_name(world, "server.example", "10.0.0.9"), LINNET_OK);
  CHECK_EQUAL(linnet_world_name(world, "six.example", "[2001:db8::1]:1"), LINNET_OK);
  CHECK_EQUAL(linnet_world_name(world, "", "10.0.0.9"), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_world_name(world, "bad.example", "what"), LINNET_ERROR_UNKNOWN_HOST);
  seek(&a, &seeks, "Server.Example");
  CHECK_TEXT(seeks.text, "10.0.0.9:5700");
  seek(&a, &seeks, "six.example");
  CHECK_TEXT(seeks.text, "[2001:db8::1]:5700");
  seek(&a, &seeks, "server.exampl");
  CHECK_TEXT(seeks.text, "");
  CHECK_EQUAL(linnet_world_name(world, "server.example", "10.0.0.10"), LINNET_OK);
  seek(&a, &seeks, "server.example");
  CHECK_TEXT(seeks.text, "10.0.0.10:5700");
  station_leave(&a);
  linnet_world_unref(world);
}

static void bear_up(station *who) {
  CHECK_EQUAL(linnet__transport_send(who->transport, &who->peer, "pong", 4), LINNET_OK);
}

static void carries_ten_thousand_loops(void) {
  enum { COUNT = 10000 };
  linnet_world *world = linnet_world_new(1);
  station server, *clients = calloc(COUNT, sizeof *clients);
  CHECK(clients != NULL);
  station_add(&server, world, "10.0.0.1:5683");
  server.act = bear_up;
  for (unsigned i = 0; i < COUNT; i++) {
    char address[32];
    snprintf(address, sizeof address, "10.1.%u.%u:5683", i / 250, i % 250);
    station_add(&clients[i], world, address);
  }
  for (unsigned round = 1; round <= 5; round++) {
    for (unsigned i = 0; i < COUNT; i++) say(&clients[i], "10.0.0.1:5683", "ping");
    linnet_world_advance(world, round * 1000);
    CHECK_EQUAL(server.received, round * COUNT);
  }
  for (unsigned i = 0; i < COUNT; i++) {
    CHECK_EQUAL(clients[i].received, 5);
    station_leave(&clients[i]);
  }
  station_leave(&server);
  free(clients);
  linnet_world_unref(world);
}

int main(void) {
  return RUN(runs_the_same_with_the_same_seed, lives_a_day_in_no_time, stops_when_an_event_waits,
             tells_every_loop_the_time, seeds_every_loop_differently, forgets_a_loop_that_is_removed,
             may_lose_a_loop_in_its_own_step, lets_a_loop_outlive_the_world, runs_out_of_memory_on_demand,
             receives_or_refuses_whole_datagrams_without_memory, knows_the_names_it_was_told,
             carries_ten_thousand_loops);
}

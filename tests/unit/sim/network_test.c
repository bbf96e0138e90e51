/* SPDX-License-Identifier: Apache-2.0 */
/* What the simulated network does to datagrams: sim.h, architecture section 7. */
#include "station.h"

#define MANY 10000

static linnet_world *world;
static station a, b;

static void begin(void) {
  world = linnet_world_new(7);
  station_add(&a, world, "10.0.0.1:5683");
  station_add(&b, world, "10.0.0.2:5683");
}

static void end(void) {
  station_leave(&a);
  station_leave(&b);
  linnet_world_unref(world);
}

static void settle(void) { linnet_world_advance(world, linnet_world_now(world) + 1000000); }

static void delivers_after_one_millisecond(void) {
  begin();
  say(&a, "10.0.0.2:5683", "hello");
  CHECK_EQUAL(linnet_world_run(world, 100), 100);
  CHECK_EQUAL(b.received, 1);
  CHECK_EQUAL(b.at_ms, 1);
  CHECK_BYTES(b.last, b.last_length, "hello", 5);
  CHECK(linnet_address_equal(&b.peer, linnet_transport_local(a.transport)));
  CHECK_EQUAL(linnet_world_now(world), 100);
  end();
}

static void delays_as_long_as_it_is_told(void) {
  begin();
  CHECK_EQUAL(linnet_world_set(world, NULL, LINNET_WORLD_DELAY_MS, 250), LINNET_OK);
  say(&a, "10.0.0.2:5683", "x");
  linnet_world_advance(world, 249);
  CHECK_EQUAL(b.received, 0);
  linnet_world_advance(world, 250);
  CHECK_EQUAL(b.received, 1);
  end();
}

static void loses_its_share(void) {
  begin();
  linnet_world_set(world, NULL, LINNET_WORLD_LOSS, 100);
  count_to(&a, "10.0.0.2:5683", MANY);
  settle();
  CHECK(b.received > MANY * 88 / 100 && b.received < MANY * 92 / 100);
  CHECK_EQUAL(b.out_of_order, 0);
  linnet_world_set(world, NULL, LINNET_WORLD_LOSS, 1000);
  unsigned before = b.received;
  count_to(&a, "10.0.0.2:5683", 100);
  settle();
  CHECK_EQUAL(b.received, before);
  end();
}

static void doubles_its_share(void) {
  begin();
  linnet_world_set(world, NULL, LINNET_WORLD_DUPLICATION, 200);
  count_to(&a, "10.0.0.2:5683", MANY);
  settle();
  CHECK(b.received > MANY * 118 / 100 && b.received < MANY * 122 / 100);
  end();
}

static void holds_its_share_back(void) {
  begin();
  linnet_world_set(world, NULL, LINNET_WORLD_DELAY_MS, 20);
  linnet_world_set(world, NULL, LINNET_WORLD_REORDERING, 100);
  count_to(&a, "10.0.0.2:5683", MANY);
  settle();
  CHECK_EQUAL(b.received, MANY);
  CHECK(b.out_of_order > MANY * 8 / 100 && b.out_of_order < MANY * 12 / 100);
  end();
}

static void jitters_up_to_its_limit(void) {
  begin();
  linnet_world_set(world, NULL, LINNET_WORLD_DELAY_MS, 100);
  linnet_world_set(world, NULL, LINNET_WORLD_JITTER_MS, 50);
  uint64_t least = UINT64_MAX, most = 0;
  for (unsigned i = 0; i < 1000; i++) {
    uint64_t sent_ms = linnet_world_now(world);
    say(&a, "10.0.0.2:5683", "x");
    linnet_world_advance(world, sent_ms + 200);
    uint64_t delay_ms = b.at_ms - sent_ms;
    if (delay_ms < least) least = delay_ms;
    if (delay_ms > most) most = delay_ms;
  }
  CHECK_EQUAL(least, 100);
  CHECK_EQUAL(most, 150);
  end();
}

static void swallows_what_is_longer_than_its_mtu(void) {
  begin();
  linnet_world_set(world, NULL, LINNET_WORLD_MTU, 5);
  say(&a, "10.0.0.2:5683", "123456");
  say(&a, "10.0.0.2:5683", "12345");
  settle();
  CHECK_EQUAL(b.received, 1);
  CHECK_EQUAL(b.last_length, 5);
  end();
}

static void carries_nothing_while_it_is_down(void) {
  begin();
  linnet_world_set(world, NULL, LINNET_WORLD_DELAY_MS, 10);
  say(&a, "10.0.0.2:5683", "on its way");
  linnet_world_advance(world, 5);
  linnet_world_set(world, NULL, LINNET_WORLD_DOWN, 1);
  say(&a, "10.0.0.2:5683", "too late");
  linnet_world_advance(world, 100);
  CHECK_EQUAL(b.received, 0);
  linnet_world_set(world, NULL, LINNET_WORLD_DOWN, 0);
  say(&a, "10.0.0.2:5683", "again");
  linnet_world_advance(world, 200);
  CHECK_EQUAL(b.received, 1);
  end();
}

static void treats_a_transport_by_its_own_traits(void) {
  station c;
  begin();
  station_add(&c, world, "10.0.0.3:5683");
  CHECK_EQUAL(linnet_world_set(world, b.transport, LINNET_WORLD_DELAY_MS, 500), LINNET_OK);
  CHECK_EQUAL(linnet_world_set(world, c.transport, LINNET_WORLD_DELAY_MS, 50), LINNET_OK);
  say(&a, "10.0.0.2:5683", "x");
  say(&a, "10.0.0.3:5683", "x");
  say(&b, "10.0.0.1:5683", "x");
  linnet_world_advance(world, 1000);
  CHECK_EQUAL(b.at_ms, 500);
  CHECK_EQUAL(c.at_ms, 50);
  CHECK_EQUAL(a.at_ms, 500);
  say(&b, "10.0.0.3:5683", "x"); /* the worse of the two */
  linnet_world_advance(world, 2000);
  CHECK_EQUAL(c.at_ms, 1500);
  CHECK_EQUAL(linnet_world_set(world, b.transport, LINNET_WORLD_DELAY_MS, LINNET_WORLD_INHERIT), LINNET_OK);
  say(&a, "10.0.0.2:5683", "x");
  linnet_world_advance(world, 3000);
  CHECK_EQUAL(b.at_ms, 2001);
  CHECK_EQUAL(linnet_world_set(world, NULL, LINNET_WORLD_LOSS, 1001), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_world_set(world, NULL, (linnet_world_trait)99, 1), LINNET_ERROR_INVALID_ARGUMENT);
  station_leave(&c);
  end();
}

static void gives_an_address_to_one_transport(void) {
  begin();
  linnet_transport *other = linnet_transport_new(a.loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_world_attach(world, other, "10.0.0.2:5683"), LINNET_ERROR_EXISTS);
  CHECK_TEXT(linnet_error_text(a.loop), "10.0.0.2:5683 is taken");
  CHECK_EQUAL(linnet_world_attach(world, other, "nonsense"), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_world_set(world, other, LINNET_WORLD_DOWN, 1), LINNET_ERROR_NOT_FOUND);
  linnet_transport_close(b.transport);
  CHECK_EQUAL(linnet_world_attach(world, other, "10.0.0.2:5683"), LINNET_OK);
  CHECK_EQUAL(linnet_world_attach(world, other, "10.0.0.9:5683"), LINNET_ERROR_EXISTS);
  linnet_world_advance(world, 10);
  say(&a, "10.0.0.2:5683", "x");
  linnet_world_advance(world, 20);
  CHECK_EQUAL(linnet_transport_count(other, LINNET_COUNTER_RECEIVED), 1);
  linnet_transport_unref(other);
  end();
}

static void rebinds_as_a_nat_does(void) {
  begin();
  say(&a, "10.0.0.2:5683", "x");
  linnet_world_advance(world, 10);
  CHECK_EQUAL(linnet_world_rebind(world, a.transport, "10.0.0.2:5683"), LINNET_ERROR_EXISTS);
  CHECK_EQUAL(linnet_world_rebind(world, a.transport, "10.0.0.77:1024"), LINNET_OK);
  say(&b, "10.0.0.1:5683", "to the old address");
  say(&a, "10.0.0.2:5683", "x");
  linnet_world_advance(world, 20);
  char text[LINNET_ADDRESS_TEXT_SIZE];
  CHECK_TEXT(linnet_address_text(&b.peer, text), "10.0.0.77:1024");
  CHECK_EQUAL(a.received, 0);
  say(&b, "10.0.0.77:1024", "to the new one");
  linnet_world_advance(world, 30);
  CHECK_EQUAL(a.received, 1);
  CHECK_TEXT(linnet_address_text(linnet_transport_local(a.transport), text), "10.0.0.1:5683");
  end();
}

static unsigned observed, observed_lost, released;

static void observe(void *user, uint64_t now_ms, const linnet_address *from, const linnet_address *to,
                    const void *data, size_t length, bool lost) {
  CHECK(user == &observed);
  CHECK_EQUAL(now_ms, linnet_world_now(world));
  CHECK(linnet_address_equal(from, linnet_transport_local(a.transport)));
  CHECK_EQUAL(to->kind, LINNET_ADDRESS_IPV4);
  CHECK_BYTES(data, length, "seen", 4);
  observed++;
  observed_lost += lost;
}

static void release(void *user) {
  CHECK(user == &observed);
  released++;
}

static void shows_every_datagram_to_its_observer(void) {
  begin();
  linnet_world_observe(world, observe, &observed, release);
  say(&a, "10.0.0.2:5683", "seen");
  say(&a, "10.9.9.9:5683", "seen"); /* nobody is there */
  linnet_world_set(world, NULL, LINNET_WORLD_DUPLICATION, 1000);
  linnet_world_advance(world, 10);
  CHECK_EQUAL(observed, 2);
  CHECK_EQUAL(observed_lost, 1);
  CHECK_EQUAL(b.received, 2);
  linnet_world_observe(world, observe, &observed, release);
  CHECK_EQUAL(released, 1);
  end();
  CHECK_EQUAL(released, 2);
}

static void carries_short_messages_between_phones(void) {
  begin();
  linnet_transport *phone = linnet_transport_new(a.loop, LINNET_TRANSPORT_SMS);
  linnet_transport *other = linnet_transport_new(b.loop, LINNET_TRANSPORT_SMS);
  linnet_address number;
  CHECK_EQUAL(linnet_world_attach(world, phone, "sms:+15550100"), LINNET_OK);
  CHECK_EQUAL(linnet_world_attach(world, other, "tel:+15550101"), LINNET_OK);
  linnet_address_parse(&number, "sms:+15550101");
  CHECK_EQUAL(linnet__transport_send(phone, &number, "x", 1), LINNET_OK);
  linnet_world_advance(world, 10);
  CHECK_EQUAL(linnet_transport_count(other, LINNET_COUNTER_RECEIVED), 1);
  linnet_transport_unref(phone);
  linnet_transport_unref(other);
  end();
}

typedef struct keeper {
  int times;
  uint64_t sent_before; /* datagrams that had left when it was called last */
  uint64_t sent;
  int released;
} keeper;

static void keep(void *user) {
  keeper *k = user;
  k->times++;
  k->sent_before = k->sent;
}

static void count_sent(void *user, uint64_t now_ms, const linnet_address *from, const linnet_address *to,
                       const void *data, size_t length, bool lost) {
  keeper *k = user;
  (void)now_ms, (void)from, (void)to, (void)data, (void)length, (void)lost;
  CHECK(k->times > 0); /* the keeper came first */
  k->sent++;
}

static void release_keeper(void *user) { ((keeper *)user)->released++; }

static void calls_the_keeper_before_anything_leaves(void) {
  keeper k = {0}, other = {0};
  begin();
  linnet_world_observe(world, count_sent, &k, NULL);
  CHECK_EQUAL(linnet_world_keep(world, a.loop, keep, &k, release_keeper), LINNET_OK);
  count_to(&a, "10.0.0.2:5683", 1);
  settle();
  CHECK_EQUAL(k.sent, 1);
  CHECK_EQUAL(linnet_world_keep(world, a.loop, keep, &other, release_keeper), LINNET_OK);
  CHECK_EQUAL(k.released, 1);
  int times = k.times;
  settle();
  CHECK_EQUAL(k.times, times);
  CHECK(other.times > 0);
  linnet_loop_ref(a.loop);
  linnet_world_remove_loop(world, a.loop);
  CHECK_EQUAL(other.released, 1);
  CHECK_EQUAL(linnet_world_keep(world, a.loop, keep, &other, release_keeper), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(other.released, 2);
  linnet_loop_unref(a.loop);
  end();
}

int main(void) {
  return RUN(delivers_after_one_millisecond, delays_as_long_as_it_is_told, loses_its_share, doubles_its_share,
             holds_its_share_back, jitters_up_to_its_limit, swallows_what_is_longer_than_its_mtu,
             carries_nothing_while_it_is_down, treats_a_transport_by_its_own_traits,
             gives_an_address_to_one_transport, rebinds_as_a_nat_does, shows_every_datagram_to_its_observer,
             carries_short_messages_between_phones, calls_the_keeper_before_anything_leaves);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Many registrations at a time: what each costs, in which order they end, and how they are listed. */
#include "base/base.h"
#include "scripted.h"

#define MOST 500

/* Names of 12 characters. */
static void register_one(bench *b, device *d, unsigned number, unsigned lifetime_s) {
  char uri[64], location[32];
  sent answer;
  snprintf(uri, sizeof uri, "rd?ep=device%06u&lt=%u&lwm2m=1.0", number, lifetime_s);
  CHECK_EQUAL(ask(b, d, POST, uri, 40, LINKS, &answer), 201);
  sent_text(&answer, 8, '/', location, sizeof location);
  strcpy(d->location, location + 1);
  expect(b, LINNET_EVENT_REGISTERED);
}

static void update_one(bench *b, device *d, unsigned lifetime_s) {
  char uri[64];
  sent answer;
  snprintf(uri, sizeof uri, lifetime_s > 0 ? "%s?lt=%u" : "%s", d->location, lifetime_s);
  CHECK_EQUAL(ask(b, d, POST, uri, NO_FORMAT, NULL, &answer), 204);
  expect(b, LINNET_EVENT_UPDATED);
}

/* What malloc makes of sizes is measured by `make bench`; these are the bytes that are asked for. */
static void a_registered_device_takes_at_most_300_bytes_just_after_its_messages(void) {
  enum { DEVICES = 3000 };
  static device devices[DEVICES];
  bench b;
  bench_begin(&b);
  size_t before = linnet_loop_memory_used(b.loop);
  for (unsigned i = 0; i < DEVICES; i++) {
    devices[i] = device_new(i);
    register_one(&b, &devices[i], i, 86400);
  }
  CHECK((linnet_loop_memory_used(b.loop) - before) / DEVICES <= 210);
  for (unsigned i = 0; i < DEVICES; i++) update_one(&b, &devices[i], 0);
  CHECK((linnet_loop_memory_used(b.loop) - before) / DEVICES <= 226);
  pass(&b, b.now + 320000); /* EXCHANGE_LIFETIME, and the minute in which it is noticed */
  CHECK((linnet_loop_memory_used(b.loop) - before) / DEVICES <= 154);
  pass(&b, b.now + 86400000);
  CHECK_EQUAL(linnet_server_registration_count(b.server), 0);
  while (linnet_loop_next_event(b.loop) != NULL) continue;
  CHECK(linnet_loop_memory_used(b.loop) - before < 20000); /* the queues of the transport */
  bench_end(&b);
}

/* What devices of a kind say is kept once; what one of them says anew is its own. */
static void what_two_devices_say_alike_is_changed_by_one_alone(void) {
  static device devices[2];
  bench b;
  sent answer;
  bench_begin(&b);
  for (unsigned i = 0; i < 2; i++) {
    devices[i] = device_new(i);
    register_one(&b, &devices[i], i, 86400);
  }
  uint64_t first = linnet_server_find(b.server, "device000000"),
           second = linnet_server_find(b.server, "device000001");
  size_t before = linnet_loop_memory_used(b.loop);
  for (int round = 0; round < 100; round++) {
    const char *links = round % 2 == 0 ? "</1/0>,</3/0>,</4/0>" : LINKS;
    CHECK_EQUAL(ask(&b, &devices[0], POST, devices[0].location, 40, links, &answer), 204);
    expect(&b, LINNET_EVENT_UPDATED);
    CHECK_EQUAL(linnet_server_lists(b.server, first, linnet_path_instance(4, 0)), round % 2 == 0);
    CHECK(!linnet_server_lists(b.server, second, linnet_path_instance(4, 0)));
  }
  CHECK(linnet_loop_memory_used(b.loop) < before + 4096); /* the answers that are remembered */
  CHECK_EQUAL(ask(&b, &devices[0], DELETE, devices[0].location, NO_FORMAT, NULL, &answer), 202);
  expect(&b, LINNET_EVENT_DEREGISTERED);
  CHECK(linnet_server_lists(b.server, second, linnet_path_instance(3, 0)));
  bench_end(&b);
}

typedef struct fleet {
  device devices[MOST];
  uint64_t expires_ms[MOST]; /* 0: not registered */
} fleet;

/* The events that came since: of each device that was due, in the order of time. */
static void expect_those_that_are_due(bench *b, fleet *f, uint64_t since_ms) {
  uint64_t latest_ms = since_ms;
  for (const linnet_event *event; (event = linnet_loop_next_event(b->loop)) != NULL;) {
    CHECK_EQUAL(linnet_event_get_kind(event), LINNET_EVENT_EXPIRED);
    unsigned number = (unsigned)strtoul(linnet_event_endpoint(event) + strlen("device"), NULL, 10);
    CHECK(number < MOST && f->expires_ms[number] != 0 && f->expires_ms[number] <= b->now);
    CHECK(f->expires_ms[number] >= latest_ms);
    latest_ms = f->expires_ms[number];
    f->expires_ms[number] = 0;
  }
  for (unsigned i = 0; i < MOST; i++) CHECK(f->expires_ms[i] == 0 || f->expires_ms[i] > b->now);
}

static void act(bench *b, fleet *f, unsigned number) {
  device *d = &f->devices[number];
  unsigned lifetime_s = linnet__random_u32(b->loop) % 1000 + 1;
  sent answer;
  if (f->expires_ms[number] == 0) {
    *d = device_new(number);
    register_one(b, d, number, lifetime_s);
  } else if (linnet__random_u32(b->loop) % 4 == 0) {
    CHECK_EQUAL(ask(b, d, DELETE, d->location, NO_FORMAT, NULL, &answer), 202);
    expect(b, LINNET_EVENT_DEREGISTERED);
    f->expires_ms[number] = 0;
    return;
  } else { /* to a time before the former one, or behind it */
    update_one(b, d, lifetime_s);
  }
  f->expires_ms[number] = b->now + lifetime_s * UINT64_C(1000);
}

static void each_expires_when_its_own_lifetime_elapses_REG_07(void) {
  static fleet f;
  bench b;
  bench_begin(&b);
  memset(&f, 0, sizeof f);
  for (unsigned round = 0; round < 300; round++) {
    for (unsigned i = 0; i < 30; i++) act(&b, &f, linnet__random_u32(b.loop) % MOST);
    uint64_t since_ms = b.now;
    pass(&b, b.now + linnet__random_u32(b.loop) % 10000);
    expect_those_that_are_due(&b, &f, since_ms);
  }
  uint64_t since_ms = b.now;
  pass(&b, b.now + 1000000);
  expect_those_that_are_due(&b, &f, since_ms);
  CHECK_EQUAL(linnet_server_registration_count(b.server), 0);
  bench_end(&b);
}

static void lists_each_once_also_where_some_have_ended(void) {
  static device devices[MOST];
  bench b;
  sent answer;
  bench_begin(&b);
  for (unsigned i = 0; i < MOST; i++) {
    devices[i] = device_new(i);
    register_one(&b, &devices[i], i, 300);
  }
  for (unsigned i = 0; i < MOST; i++) { /* in the order of registration */
    char endpoint[16];
    snprintf(endpoint, sizeof endpoint, "device%06u", i);
    CHECK_EQUAL(linnet_server_registration_at(b.server, i), linnet_server_find(b.server, endpoint));
  }
  for (unsigned i = 0; i < MOST; i += 3) {
    CHECK_EQUAL(ask(&b, &devices[i], DELETE, devices[i].location, NO_FORMAT, NULL, &answer), 202);
    expect(&b, LINNET_EVENT_DEREGISTERED);
  }
  size_t count = linnet_server_registration_count(b.server), seen = 0;
  uint64_t latest = 0;
  for (uint64_t number; (number = linnet_server_registration_at(b.server, seen)) != 0; seen++) {
    CHECK(number > latest && linnet_server_has_registration(b.server, number));
    latest = number;
  }
  CHECK_EQUAL(seen, count);
  CHECK_EQUAL(count, MOST - (MOST + 2) / 3);
  bench_end(&b);
}

int main(void) {
  return RUN(a_registered_device_takes_at_most_300_bytes_just_after_its_messages,
             what_two_devices_say_alike_is_changed_by_one_alone,
             each_expires_when_its_own_lifetime_elapses_REG_07, lists_each_once_also_where_some_have_ended);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* server_peers_test.c: registrations found by location and by address; versions of objects (server.h,
 * MOD-09).
 */
#include "server/scripted.h"

static uint64_t at_peer(bench *b, const device *d) {
  uint64_t registration = 99;
  CHECK_EQUAL(linnet_server_find_peer(b->server, &d->address, &registration), LINNET_OK);
  return registration;
}

/* How many come from there, each of them once. */
static unsigned count_at(bench *b, const device *d) {
  unsigned count = 0;
  for (uint64_t found = at_peer(b, d); found != 0; found = linnet_server_next_at_peer(b->server, found)) {
    linnet_address peer;
    CHECK_EQUAL(linnet_server_peer(b->server, found, &peer), LINNET_OK);
    CHECK(linnet_address_equal(&peer, &d->address));
    count++;
  }
  return count;
}

static void finds_by_address_before_and_after_the_index_is_there(void) {
  bench b;
  bench_begin(&b);
  device first = device_new(1), second = device_new(2), third = device_new(3);
  uint64_t kitchen = enrolled(&b, &first, "kitchen", LINKS);
  CHECK_EQUAL(at_peer(&b, &first), kitchen);
  CHECK_EQUAL(at_peer(&b, &second), 0);
  uint64_t hall = enrolled(&b, &second, "hall", LINKS);
  CHECK_EQUAL(at_peer(&b, &second), hall);
  CHECK_EQUAL(at_peer(&b, &third), 0);
  bench_end(&b);
}

static void several_devices_may_come_from_one_address(void) {
  enum { COUNT = 40 };
  bench b;
  sent answer;
  char name[32], locations[COUNT][32];
  bench_begin(&b);
  device gateway = device_new(1);
  CHECK_EQUAL(count_at(&b, &gateway), 0);
  for (unsigned i = 0; i < COUNT; i++) {
    snprintf(name, sizeof name, "sensor-%u", i);
    enrolled(&b, &gateway, name, LINKS);
    strcpy(locations[i], gateway.location);
    CHECK_EQUAL(count_at(&b, &gateway), i + 1);
  }
  for (unsigned i = 0; i < COUNT; i++) { /* from the middle to both ends */
    unsigned which = (i % 2 == 0 ? COUNT / 2 + i / 2 : COUNT / 2 - 1 - i / 2) % COUNT;
    CHECK_EQUAL(ask(&b, &gateway, DELETE, locations[which], NO_FORMAT, NULL, &answer), 202);
    expect(&b, LINNET_EVENT_DEREGISTERED);
    CHECK_EQUAL(count_at(&b, &gateway), COUNT - 1 - i);
  }
  bench_end(&b);
}

static void follows_a_device_that_moves_registers_anew_or_expires(void) { /* REG-05, REG-06, REG-07 */
  bench b;
  sent answer;
  bench_begin(&b);
  device home = device_new(1), away = device_new(2);
  uint64_t registration = enrolled(&b, &home, "kitchen", LINKS);
  CHECK_EQUAL(count_at(&b, &home), 1);
  CHECK_EQUAL(ask(&b, &away, POST, home.location, NO_FORMAT, NULL, &answer), 204);
  expect(&b, LINNET_EVENT_UPDATED);
  CHECK_EQUAL(count_at(&b, &home), 0);
  CHECK_EQUAL(at_peer(&b, &away), registration);
  registration = enrolled(&b, &home, "kitchen", LINKS);
  CHECK_EQUAL(at_peer(&b, &home), registration);
  CHECK_EQUAL(count_at(&b, &away), 0);
  pass(&b, b.now + 400000);
  expect(&b, LINNET_EVENT_EXPIRED);
  CHECK_EQUAL(count_at(&b, &home), 0);
  bench_end(&b);
}

static void lives_without_memory(void) {
  bench b;
  uint64_t found;
  bench_begin(&b);
  device d = device_new(1);
  uint64_t registration = enrolled(&b, &d, "kitchen", LINKS);
  b.memory.fail_at = b.memory.allocations + 1;
  b.memory.fail_count = 100;
  CHECK_EQUAL(linnet_server_find_peer(b.server, &d.address, &found), LINNET_ERROR_NO_MEMORY);
  CHECK_EQUAL(found, 0);
  b.memory.fail_at = 0;
  CHECK_EQUAL(at_peer(&b, &d), registration);
  bench_end(&b);
}

static void finds_by_location(void) { /* REG-03 */
  static const char *const others[] = {"", "/", "/rd", "/rd/", "/rd/0", "rd/1", "/rd/zzzzzzzzzzzzzz"};
  bench b;
  char location[40];
  bench_begin(&b);
  device d = device_new(1);
  uint64_t registration = enrolled(&b, &d, "kitchen", LINKS);
  snprintf(location, sizeof location, "/%s", d.location);
  CHECK_EQUAL(linnet_server_find_location(b.server, location), registration);
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    CHECK_EQUAL(linnet_server_find_location(b.server, others[i]), 0);
  bench_end(&b);
}

static void knows_the_versions_of_objects(void) { /* MOD-09, REG-22 */
  bench b;
  bench_begin(&b);
  device d = device_new(1);
  uint64_t registration =
      enrolled(&b, &d, "kitchen",
               "</lwm2m>;rt=\"oma.lwm2m\",</lwm2m/1/0>,</lwm2m/3/0>,</lwm2m/3303/0>,</lwm2m/3303>;ver=1.1,"
               "</lwm2m/500>;ver=\"2.0\",</lwm2m/501>;ver=\"far too long for a version\",</502>;ver=1.5");
  CHECK_TEXT(linnet_server_root(b.server, registration), "/lwm2m");
  CHECK_TEXT(linnet_server_object_version(b.server, registration, 3), "1.0");
  CHECK_TEXT(linnet_server_object_version(b.server, registration, 3303), "1.1");
  CHECK_TEXT(linnet_server_object_version(b.server, registration, 500), "2.0");
  CHECK_TEXT(linnet_server_object_version(b.server, registration, 501), "1.0");
  CHECK_TEXT(linnet_server_object_version(b.server, registration, 502), ""); /* outside the root */
  CHECK_TEXT(linnet_server_object_version(b.server, registration, 0), "");
  CHECK_TEXT(linnet_server_object_version(b.server, 12345, 3), "");
  bench_end(&b);
}

int main(void) {
  return RUN(finds_by_address_before_and_after_the_index_is_there, several_devices_may_come_from_one_address,
             follows_a_device_that_moves_registers_anew_or_expires, lives_without_memory, finds_by_location,
             knows_the_versions_of_objects);
}

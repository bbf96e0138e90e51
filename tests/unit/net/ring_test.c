/* SPDX-License-Identifier: Apache-2.0 */
/* The ring of datagrams: order, wrapping, growth, limit, memory given back, views that stay. */
#include "net/ring.h"
#include "check.h"

static linnet_loop *new_loop(void) { return linnet_loop_new("0123456789abcdef", 16); }

static linnet_address peer_of(unsigned number) {
  linnet_address peer;
  linnet_address_parse(&peer, "192.0.2.1:0");
  peer.bytes[4] = (uint8_t)(number >> 8);
  peer.bytes[5] = (uint8_t)number;
  return peer;
}

static bool put(linnet__ring *ring, unsigned number, size_t length) {
  linnet_address peer = peer_of(number);
  uint8_t *room = linnet__ring_reserve(ring, length);
  if (room == NULL) return false;
  memset(room, (int)(number & 0xFF), length);
  linnet__ring_commit(ring, &peer, LINNET__NOTE_DATAGRAM, length);
  return true;
}

static void get(linnet__ring *ring, unsigned number, size_t length) {
  linnet__ring_item item;
  const uint8_t *data = linnet__ring_front(ring, &item);
  linnet_address peer = peer_of(number);
  CHECK(data != NULL);
  CHECK(linnet_address_equal(&item.peer, &peer));
  CHECK_EQUAL(item.length, length);
  for (size_t i = 0; i < length; i++) CHECK_EQUAL(data[i], number & 0xFF);
  linnet__ring_drop(ring);
}

static size_t length_of(unsigned number) { return number * 37 % 301; }

static void keeps_order_through_wrapping_and_growth(void) {
  linnet_loop *loop = new_loop();
  linnet__ring ring;
  linnet__ring_init(&ring, loop, 1 << 20);
  unsigned in = 0, out = 0;
  for (unsigned round = 0; round < 2000; round++) {
    unsigned puts = round * 7 % 11, gets = round * 5 % 11;
    for (unsigned i = 0; i < puts; i++, in++) CHECK(put(&ring, in, length_of(in)));
    for (unsigned i = 0; i < gets && out < in; i++, out++) get(&ring, out, length_of(out));
  }
  while (out < in) {
    get(&ring, out, length_of(out));
    out++;
  }
  linnet__ring_item item;
  CHECK(linnet__ring_front(&ring, &item) == NULL);
  linnet__ring_drop(&ring);
  linnet__ring_free(&ring);
  linnet_loop_unref(loop);
}

static void needs_no_memory_for_a_steady_flow(void) {
  linnet_loop *loop = new_loop();
  linnet__ring ring;
  linnet__ring_init(&ring, loop, 1 << 20);
  for (unsigned i = 0; i < 8; i++) put(&ring, i, 100);
  size_t used = linnet_loop_memory_used(loop);
  for (unsigned i = 0; i < 1000; i++) {
    get(&ring, i, 100);
    CHECK(put(&ring, i + 8, 100));
    CHECK(linnet_loop_memory_used(loop) <= 2 * used);
  }
  linnet__ring_free(&ring);
  linnet_loop_unref(loop);
}

static void refuses_what_goes_over_its_limit(void) {
  linnet_loop *loop = new_loop();
  linnet__ring ring;
  linnet__ring_init(&ring, loop, 4096);
  unsigned count = 0;
  while (put(&ring, count, 96)) count++;
  CHECK_EQUAL(count, 4096 / (96 + sizeof(linnet__ring_item)));
  CHECK(linnet_loop_memory_used(loop) < 4096 + 2048);
  get(&ring, 0, 96);
  CHECK(put(&ring, count, 96));
  CHECK(!put(&ring, count + 1, 96));
  CHECK(!put(&ring, 0, 5000));
  CHECK(!put(&ring, 0, SIZE_MAX - sizeof(linnet__ring_item)));
  linnet__ring_free(&ring);
  linnet_loop_unref(loop);
}

static void gives_a_big_block_back(void) {
  linnet_loop *loop = new_loop();
  size_t before = linnet_loop_memory_used(loop);
  linnet__ring ring;
  linnet__ring_init(&ring, loop, 1 << 20);
  for (unsigned i = 0; i < 200; i++) CHECK(put(&ring, i, 1000));
  CHECK(linnet_loop_memory_used(loop) > before + 200000);
  for (unsigned i = 0; i < 200; i++) get(&ring, i, 1000);
  linnet__ring_trim(&ring);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  CHECK(put(&ring, 7, 10));
  CHECK(linnet_loop_memory_used(loop) < before + 2000);
  linnet__ring_free(&ring);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

static void keeps_a_held_view_through_growth_and_freeing(void) {
  linnet_loop *loop = new_loop();
  size_t before = linnet_loop_memory_used(loop);
  linnet__ring ring;
  linnet__ring_item item;
  linnet__ring_init(&ring, loop, 1 << 20);
  put(&ring, 1, 50);
  const uint8_t *view = linnet__ring_front(&ring, &item);
  linnet__ring_hold(&ring);
  for (unsigned i = 2; i < 500; i++) CHECK(put(&ring, i, 500));
  for (size_t i = 0; i < 50; i++) CHECK_EQUAL(view[i], 1);
  linnet__ring_free(&ring);
  for (size_t i = 0; i < 50; i++) CHECK_EQUAL(view[i], 1);
  linnet__ring_release(&ring);
  linnet__ring_drop(&ring);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

static void commits_less_than_was_reserved(void) {
  linnet_loop *loop = new_loop();
  linnet__ring ring;
  linnet__ring_init(&ring, loop, 1 << 20);
  for (unsigned i = 0; i < 100; i++) {
    linnet_address peer = peer_of(i);
    uint8_t *room = linnet__ring_reserve(&ring, 1152);
    CHECK(room != NULL);
    memset(room, (int)i, 10);
    linnet__ring_commit(&ring, &peer, LINNET__NOTE_DATAGRAM, 10);
  }
  CHECK(linnet__ring_reserve(&ring, 1152) != NULL); /* and given up */
  for (unsigned i = 0; i < 100; i++) get(&ring, i, 10);
  linnet__ring_free(&ring);
  linnet_loop_unref(loop);
}

int main(void) {
  return RUN(keeps_order_through_wrapping_and_growth, needs_no_memory_for_a_steady_flow,
             refuses_what_goes_over_its_limit, gives_a_big_block_back,
             keeps_a_held_view_through_growth_and_freeing, commits_less_than_was_reserved);
}

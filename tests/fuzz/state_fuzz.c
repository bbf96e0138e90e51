/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_fuzz.c: a server that comes back from a state that somebody made up.
 *
 * The first byte of an input says whether the rest is a state as it stands, or what stands in its records:
 * a byte of kind and action, a byte of length and the name, two bytes of length and the blob, over and over.
 * Then sums and sizes are right, and the contents are what is tried.
 */
#include <linnet/linnet.h>
#include <linnet/store.h>
#include <string.h>

#include "base/base.h"

#define STATE_SIZE 8192

static size_t append(uint8_t *out, size_t at, const void *data, size_t length) {
  if (at + length > STATE_SIZE) return at;
  if (length > 0) memcpy(out + at, data, length);
  return at + length;
}

/* As changes.c writes them. */
static size_t make_state(uint8_t *out, const uint8_t *data, size_t size) {
  static const char *const kinds[] = {"registration/", "request/", "server/", "other/"};
  size_t length = 0;
  while (size >= 4) {
    const char *kind = kinds[data[0] & 3u];
    size_t name = data[1], blob = (size_t)data[2] << 8u | data[3], start = length;
    uint8_t action = data[0] & 4u ? 2 : 1;
    data += 4;
    size -= 4;
    if (name > size) name = size;
    if (blob > size - name) blob = size - name;
    size_t name_length = strlen(kind) + name, body = 3 + name_length + blob;
    if (start + 8 + body > STATE_SIZE) break;
    const uint8_t head[11] = {[8] = action, [9] = (uint8_t)(name_length >> 8), [10] = (uint8_t)name_length};
    length = append(out, length, head, sizeof head);
    length = append(out, length, kind, strlen(kind));
    length = append(out, length, data, name + blob);
    linnet__put_u32(out + start, (uint32_t)body);
    linnet__put_u32(out + start + 4, linnet__checksum(out + start + 8, body));
    data += name + blob;
    size -= name + blob;
  }
  return length;
}

/* It lives with what it was told: devices expire, what waits is given up. */
static void live(linnet_loop *loop, linnet_server *server, linnet_transport *transport) {
  linnet_datagram datagram;
  const void *saved;
  size_t length;
  uint64_t found;
  for (uint64_t now_ms = 1000; now_ms < (uint64_t)1 << 40; now_ms *= 4) {
    linnet_loop_step(loop, now_ms);
    while (linnet_transport_next(transport, &datagram)) continue;
    while (linnet_loop_next_event(loop) != NULL) continue;
    uint64_t registration = linnet_server_registration_at(server, 0);
    linnet_server_request(server, registration, LINNET_OPERATION_READ, linnet_path_resource(3, 0, 0), NULL,
                          NULL, LINNET_FORMAT_NONE, NULL);
    linnet_server_find_peer(server, linnet_transport_local(transport), &found);
    if (linnet_server_save(server, &saved, &length) != LINNET_OK) __builtin_trap();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const uint8_t seed[LINNET_SEED_SIZE] = "fuzzed state";
  uint8_t state[STATE_SIZE];
  if (size == 0) return 0;
  bool raw = (data[0] & 1u) != 0;
  size_t length = raw ? append(state, 0, data + 1, size - 1) : make_state(state, data + 1, size - 1);
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet_server *server = linnet_server_new(loop, NULL);
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_server_add_transport(server, transport);
  linnet_loop_set_wall_clock(loop, INT64_C(1700000000000));
  linnet_status status = linnet_server_restore(server, state, length);
  if (status != LINNET_OK && linnet_server_registration_count(server) > 0) __builtin_trap();
  live(loop, server, transport);
  linnet_server_close(server);
  linnet_server_unref(server);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
  return 0;
}

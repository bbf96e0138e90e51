/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_server.c: a server that registers whoever comes, takes every event and does nothing with it.
 *
 *     linnet-bench-server 127.0.0.1:5683 [READS]
 *
 * With READS, when nobody has registered for a while, it reads /3/0/0 of one device after the other, READS of
 * them at a time.
 */
#include <stdio.h>
#include <stdlib.h>

#include <linnet/driver.h>
#include <linnet/linnet.h>

#define QUIET_MS 300
#define MOST_DEVICES 65536

typedef struct reader {
  linnet_server *server;
  size_t window;
  size_t open;
  uint64_t devices[MOST_DEVICES];
  size_t count;
  size_t next;
  uint64_t registered_ms; /* when the last one came */
} reader;

static void take_event(reader *r, const linnet_event *event) {
  linnet_event_kind kind = linnet_event_get_kind(event);
  if (r->window == 0) return;
  if (kind == LINNET_EVENT_RESPONSE) {
    r->open--;
  } else if (kind == LINNET_EVENT_REGISTERED && r->count < MOST_DEVICES) {
    r->devices[r->count++] = linnet_event_registration(event);
    r->registered_ms = linnet_clock_monotonic();
  }
}

/* Those that have deregistered are passed over; each is tried once a turn. */
static void read_on(reader *r) {
  if (r->count == 0) return;
  if (r->next == 0 && linnet_clock_monotonic() - r->registered_ms < QUIET_MS) return;
  for (size_t tries = 0; r->open < r->window && tries < r->count; tries++) {
    uint64_t device = r->devices[r->next++ % r->count];
    if (linnet_server_request(r->server, device, LINNET_OPERATION_READ, linnet_path_resource(3, 0, 0), NULL,
                              NULL, LINNET_FORMAT_TEXT, NULL) == LINNET_OK)
      r->open++;
  }
}

int main(int argc, char **argv) {
  static reader r;
  unsigned char seed[32];
  if (argc != 2 && argc != 3) {
    fprintf(stderr, "usage: linnet-bench-server HOST:PORT [READS]\n");
    return 2;
  }
  linnet_entropy(seed, sizeof seed);
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet_driver *driver = linnet_driver_new(loop);
  linnet_transport *udp = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  r.server = linnet_server_new(loop, NULL);
  if (argc == 3) r.window = (size_t)strtoul(argv[2], NULL, 10);
  if (linnet_driver_open(driver, udp, argv[1]) != LINNET_OK ||
      linnet_server_add_transport(r.server, udp) != LINNET_OK) {
    fprintf(stderr, "linnet-bench-server: %s\n", linnet_error_text(loop));
    return 1;
  }
  while (linnet_driver_step(driver, r.window > 0 ? QUIET_MS : -1) == LINNET_OK) {
    for (const linnet_event *event; (event = linnet_loop_next_event(loop)) != NULL;) take_event(&r, event);
    read_on(&r);
  }
  fprintf(stderr, "linnet-bench-server: %s\n", linnet_error_text(loop));
  return 1;
}

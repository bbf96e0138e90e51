/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_million.c: a server with a million registrations, on a clock of our own and without sockets: what it
 * takes of memory and of time to register, update, look up, expire and deregister them.
 *
 *     linnet-bench-million [COUNT]
 *
 * Prints one JSON object. Bytes are those of the process (resident pages) and those that the library has
 * asked for, for each registration.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linnet/linnet.h>

#define LINKS "</1/0>,</3/0>,</3303/0>"
#define LIFETIME_S "86400"
/* EXCHANGE_LIFETIME, and a minute in which what has expired by then is looked for (RFC 7252 4.8.2). */
#define FORGOTTEN_MS (247000 + 66000)
#define LOCATION_SIZE 16

typedef struct bench {
  linnet_loop *loop;
  linnet_server *server;
  linnet_transport *transport;
  uint32_t count;
  uint64_t now_ms;
  char (*locations)[LOCATION_SIZE];
  size_t memory_before;
  long pages_before;
  double longest_ms; /* the longest step of the phase */
  bool first;        /* nothing printed yet */
} bench;

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long resident_pages(void) {
  long size = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &size, &resident) != 2) resident = 0;
  if (file != NULL) fclose(file);
  return resident;
}

static _Noreturn void fail(const char *what, uint32_t device) {
  fprintf(stderr, "linnet-bench-million: %s, device %u\n", what, (unsigned)device);
  exit(1);
}

/* ---- messages, written as a device would --------------------------------------------------------- */

typedef struct datagram {
  uint8_t bytes[128];
  size_t length;
  unsigned option;
} datagram;

static void begin(datagram *d, uint8_t code, uint16_t message_id, uint32_t device) {
  const uint8_t head[] = {0x44, code, (uint8_t)(message_id >> 8), (uint8_t)message_id};
  memcpy(d->bytes, head, sizeof head);
  memcpy(d->bytes + 4, &device, 4);
  d->length = 8;
  d->option = 0;
}

static void put_option(datagram *d, unsigned number, const char *value) {
  size_t length = strlen(value);
  unsigned nibble = length < 13 ? (unsigned)length : 13;
  d->bytes[d->length++] = (uint8_t)((number - d->option) << 4 | nibble);
  if (nibble == 13) d->bytes[d->length++] = (uint8_t)(length - 13);
  memcpy(d->bytes + d->length, value, length);
  d->length += length;
  d->option = number;
}

static linnet_address address_of(uint32_t device) {
  linnet_address address = {.kind = LINNET_ADDRESS_IPV4, .length = 6};
  uint32_t host = 0x0A000000u + device;
  for (unsigned i = 0; i < 4; i++) address.bytes[i] = (uint8_t)(host >> (24 - 8 * i));
  address.bytes[4] = 0x16;
  address.bytes[5] = 0x33;
  return address;
}

/* Hands it in, steps, and returns the code of the answer. */
static unsigned exchange(bench *b, const datagram *d, uint32_t device, linnet_datagram *answer) {
  linnet_address address = address_of(device);
  double begun = seconds();
  if (linnet_transport_receive(b->transport, &address, d->bytes, d->length) != LINNET_OK)
    fail("not received", device);
  linnet_loop_step(b->loop, b->now_ms);
  double took_ms = (seconds() - begun) * 1000;
  if (took_ms > b->longest_ms) b->longest_ms = took_ms;
  while (linnet_loop_next_event(b->loop) != NULL) continue;
  if (!linnet_transport_next(b->transport, answer) || answer->length < 8) fail("not answered", device);
  return answer->data[1];
}

/* The second Location-Path of a 2.01: behind head, token and "rd". */
static void take_location(bench *b, const linnet_datagram *answer, uint32_t device) {
  const uint8_t *option = answer->data + 8 + 3;
  size_t length = option[0] & 15u;
  if (length == 0 || length >= LOCATION_SIZE) fail("a location of a strange length", device);
  memcpy(b->locations[device], option + 1, length);
}

static void do_register(bench *b, uint32_t device) {
  datagram d;
  char name[24];
  linnet_datagram answer;
  snprintf(name, sizeof name, "ep=dev%09u", (unsigned)device);
  begin(&d, 2, 1, device);
  put_option(&d, 11, "rd");
  put_option(&d, 12, "(");
  put_option(&d, 15, name);
  put_option(&d, 15, "lt=" LIFETIME_S);
  put_option(&d, 15, "lwm2m=1.0");
  put_option(&d, 15, "b=U");
  d.bytes[d.length++] = 0xFF;
  memcpy(d.bytes + d.length, LINKS, strlen(LINKS));
  d.length += strlen(LINKS);
  if (exchange(b, &d, device, &answer) != 0x41) fail("not registered", device);
  take_location(b, &answer, device);
}

static void send_to_location(bench *b, uint32_t device, uint8_t code, uint16_t message_id,
                             unsigned expected) {
  datagram d;
  linnet_datagram answer;
  begin(&d, code, message_id, device);
  put_option(&d, 11, "rd");
  put_option(&d, 11, b->locations[device]);
  if (exchange(b, &d, device, &answer) != expected) fail("an unexpected answer", device);
}

static void do_update(bench *b, uint32_t device) { send_to_location(b, device, 2, 2, 0x44); }
static void do_deregister(bench *b, uint32_t device) { send_to_location(b, device, 4, 3, 0x42); }

static void do_find(bench *b, uint32_t device) {
  char name[16];
  snprintf(name, sizeof name, "dev%09u", (unsigned)device);
  if (linnet_server_find(b->server, name) == 0) fail("not found", device);
}

/* ---- phases -------------------------------------------------------------------------------------- */

static void tell(bench *b, const char *phase, double took_s) {
  double page = (double)sysconf(_SC_PAGESIZE);
  printf(
      "%s\"%s\":{\"cpu_s\":%.3f,\"cpu_us_each\":%.3f,\"longest_ms\":%.3f,\"registrations\":%zu,"
      "\"rss_bytes_each\":%.1f,\"asked_bytes_each\":%.1f}",
      b->first ? "" : ",", phase, took_s, took_s / b->count * 1e6, b->longest_ms,
      linnet_server_registration_count(b->server),
      (double)(resident_pages() - b->pages_before) * page / b->count,
      (double)(linnet_loop_memory_used(b->loop) - b->memory_before) / b->count);
  fflush(stdout);
  b->first = false;
  b->longest_ms = 0;
}

/* Every device once, in an order that no cache likes. */
static void each(bench *b, const char *phase, void (*act)(bench *b, uint32_t device)) {
  double begun = seconds();
  uint64_t begun_ms = b->now_ms;
  for (uint32_t i = 0; i < b->count; i++) {
    b->now_ms = begun_ms + (uint64_t)i * 60000 / b->count; /* within a minute */
    act(b, (uint32_t)(((uint64_t)i * 2654435761u) % b->count));
  }
  tell(b, phase, seconds() - begun);
}

/* Only time passes. */
static void pass(bench *b, const char *phase, uint64_t time_ms) {
  double begun = seconds();
  uint64_t end_ms = b->now_ms + time_ms;
  for (uint64_t next_ms = b->now_ms; next_ms <= end_ms;) {
    double step_begun = seconds();
    next_ms = linnet_loop_step(b->loop, next_ms);
    double took_ms = (seconds() - step_begun) * 1000;
    if (took_ms > b->longest_ms) b->longest_ms = took_ms;
    while (linnet_loop_next_event(b->loop) != NULL) continue;
  }
  b->now_ms = end_ms;
  tell(b, phase, seconds() - begun);
}

static uint32_t prime_from(uint32_t count) {
  for (;; count++) {
    uint32_t divisor = 2;
    while (divisor * divisor <= count && count % divisor != 0) divisor++;
    if (divisor * divisor > count) return count;
  }
}

int main(int argc, char **argv) {
  static const uint8_t seed[32] = "a million registrations";
  bench b = {.now_ms = 1000, .first = true};
  b.count = prime_from(argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000);
  b.locations = calloc(b.count, LOCATION_SIZE);
  b.loop = linnet_loop_new(seed, sizeof seed);
  b.server = linnet_server_new(b.loop, NULL);
  b.transport = linnet_transport_new(b.loop, LINNET_TRANSPORT_UDP);
  if (b.locations == NULL || linnet_server_add_transport(b.server, b.transport) != LINNET_OK)
    fail("cannot begin", 0);
  memset(b.locations, 0, (size_t)b.count * LOCATION_SIZE); /* its pages are there before the first look */
  for (uint32_t device = 0; device < b.count; device++) b.locations[device][0] = 'x';
  linnet_loop_step(b.loop, b.now_ms);
  b.pages_before = resident_pages();
  b.memory_before = linnet_loop_memory_used(b.loop);
  printf("{\"count\":%u,", (unsigned)b.count);
  each(&b, "register", do_register);
  each(&b, "update", do_update);
  each(&b, "find", do_find);
  pass(&b, "quiet", FORGOTTEN_MS);
  each(&b, "update_again", do_update);
  pass(&b, "expire", 86400000u + 60000u);
  if (linnet_server_registration_count(b.server) != 0) fail("some did not expire", 0);
  pass(&b, "after", FORGOTTEN_MS);
  each(&b, "register_again", do_register);
  each(&b, "deregister", do_deregister);
  printf("}\n");
  linnet_server_unref(b.server);
  linnet_transport_unref(b.transport);
  linnet_loop_unref(b.loop);
  free(b.locations);
  return 0;
}

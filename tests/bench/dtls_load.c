/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls_load.c: many LwM2M clients with pre-shared keys, on Mbed TLS alone, for one server under test. Prints
 * one JSON object: handshakes, requests (Update) and resumed handshakes with what they cost the server, and
 * the memory that it takes for sessions.
 *
 *     dtls_load HOST:PORT PID CLIENTS WINDOW SECONDS SETTLE_MS
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dtls_bare.h"

#define PATIENCE_MS 20000

enum state { IDLE, SHAKING, ASKING };

struct client {
  struct bare_session session;
  mbedtls_ssl_config conf; /* the library has identity and key there */
  mbedtls_ssl_session saved;
  enum state state;
  unsigned number;
  bool full; /* the handshake that is under way was no resumption */
  bool open;
  uint16_t message_id;
  uint64_t since_ms;
  unsigned char place[32]; /* the Uri-Path options of its registration */
  size_t place_length;
};

enum task { MEET, HANDSHAKE, UPDATE, RESUME }; /* MEET: a handshake, then a registration */

struct phase {
  enum task task;
  uint64_t until_ms; /* 0: each client once */
  unsigned started;
  unsigned in_flight;
  unsigned ok;
  unsigned failed;
  unsigned resumed;
  double seconds;
  double cpu_seconds;
};

struct load {
  struct bare_config config;
  struct client *clients;
  unsigned count;
  unsigned window;
  int epoll;
  int pid;
  struct phase *phase;
};

/* ---- the server under test ----------------------------------------------------------------------- */

static long resident_bytes(int pid) {
  char path[64];
  long total = 0, resident = 0;
  snprintf(path, sizeof path, "/proc/%d/statm", pid);
  FILE *file = fopen(path, "r");
  if (file == NULL || fscanf(file, "%ld %ld", &total, &resident) != 2) bare_fail(path, errno);
  fclose(file);
  return resident * sysconf(_SC_PAGESIZE);
}

/* ---- handshakes ---------------------------------------------------------------------------------- */

static void end(struct load *load, struct client *client, bool good) {
  client->state = IDLE;
  load->phase->in_flight--;
  if (good)
    load->phase->ok++;
  else
    load->phase->failed++;
}

static void ask(struct load *load, struct client *client, bool registers);

/* One step at a time: which states it passes tells whether it was a whole handshake. */
static void shake(struct load *load, struct client *client) {
  mbedtls_ssl_context *ssl = &client->session.ssl;
  int error = 0;
  while (error == 0 && ssl->MBEDTLS_PRIVATE(state) != MBEDTLS_SSL_HANDSHAKE_OVER) {
    if (ssl->MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_CLIENT_KEY_EXCHANGE) client->full = true;
    error = mbedtls_ssl_handshake_step(ssl);
  }
  if (error == MBEDTLS_ERR_SSL_WANT_READ || error == MBEDTLS_ERR_SSL_WANT_WRITE) return;
  client->open = error == 0;
  if (client->open) {
    mbedtls_ssl_session_free(&client->saved);
    mbedtls_ssl_session_init(&client->saved);
    if (mbedtls_ssl_get_session(ssl, &client->saved) != 0) client->open = false;
    if (!client->full) load->phase->resumed++;
  }
  if (client->open && load->phase->task == MEET)
    ask(load, client, true);
  else
    end(load, client, client->open);
}

static void hang_up(struct client *client) {
  if (client->open) mbedtls_ssl_close_notify(&client->session.ssl);
  client->open = false;
}

static void begin_handshake(struct load *load, struct client *client, bool resume) {
  mbedtls_ssl_context *ssl = &client->session.ssl;
  hang_up(client);
  int error = mbedtls_ssl_session_reset(ssl);
  if (error == 0 && resume) error = mbedtls_ssl_set_session(ssl, &client->saved);
  if (error != 0) bare_fail("handshake", error);
  client->state = SHAKING;
  client->full = false;
  client->since_ms = bare_now_ms();
  shake(load, client);
}

/* ---- requests ------------------------------------------------------------------------------------ */

static size_t option(unsigned char *out, unsigned delta, const char *text) {
  size_t length = strlen(text);
  out[0] = (unsigned char)(delta << 4 | (length < 13 ? length : 13));
  if (length >= 13) out[1] = (unsigned char)(length - 13);
  size_t head = length < 13 ? 1 : 2;
  memcpy(out + head, text, length);
  return head + length;
}

static size_t header(struct client *client, unsigned char *out) {
  client->message_id++;
  out[0] = 0x42; /* CON, two bytes of token */
  out[1] = 0x02; /* POST */
  out[2] = out[4] = (unsigned char)(client->message_id >> 8);
  out[3] = out[5] = (unsigned char)client->message_id;
  return 6;
}

static size_t registration(struct client *client, unsigned char *out) {
  static const char links[] = "\xFF</1/0>,</3/0>,</3303/0>";
  char endpoint[BARE_IDENTITY_SIZE + 3] = "ep=";
  size_t length = header(client, out);
  bare_identity(client->number, endpoint + 3);
  length += option(out + length, 11, "rd");
  out[length++] = 0x11; /* Content-Format 40 */
  out[length++] = 40;
  length += option(out + length, 3, endpoint);
  length += option(out + length, 0, "lt=86400");
  length += option(out + length, 0, "lwm2m=1.0");
  length += option(out + length, 0, "b=U");
  memcpy(out + length, links, sizeof links - 1);
  return length + sizeof links - 1;
}

static size_t update(struct client *client, unsigned char *out) {
  size_t length = header(client, out);
  memcpy(out + length, client->place, client->place_length);
  return length + client->place_length;
}

static void ask(struct load *load, struct client *client, bool registers) {
  unsigned char request[256];
  size_t length = registers ? registration(client, request) : update(client, request);
  client->state = ASKING;
  client->since_ms = bare_now_ms();
  if (mbedtls_ssl_write(&client->session.ssl, request, length) != (int)length) end(load, client, false);
}

/* Location-Path (8) becomes Uri-Path (11). */
static bool keep_place(struct client *client, const unsigned char *options, size_t length) {
  if (length == 0 || length > sizeof client->place || options[0] >> 4 != 8) return false;
  memcpy(client->place, options, length);
  client->place[0] = (unsigned char)(0xB0 | (options[0] & 15));
  client->place_length = length;
  return true;
}

static void hear(struct load *load, struct client *client) {
  unsigned char reply[BARE_DATAGRAM_SIZE];
  int length = mbedtls_ssl_read(&client->session.ssl, reply, sizeof reply);
  if (length == MBEDTLS_ERR_SSL_WANT_READ) return;
  if (length < 0) {
    client->open = false;
    end(load, client, false);
    return;
  }
  bool ours = length >= 6 && reply[0] == 0x62 && (reply[2] << 8 | reply[3]) == client->message_id;
  if (!ours) return;
  end(load, client,
      load->phase->task == MEET ? reply[1] == 0x41 && keep_place(client, reply + 6, (size_t)length - 6)
                                : reply[1] == 0x44);
}

/* ---- phases -------------------------------------------------------------------------------------- */

static void start_one(struct load *load) {
  struct phase *phase = load->phase;
  struct client *client = &load->clients[phase->started % load->count];
  if (client->state != IDLE) return;
  phase->started++;
  phase->in_flight++;
  if (phase->task != UPDATE)
    begin_handshake(load, client, phase->task == RESUME);
  else if (client->open)
    ask(load, client, false);
  else
    end(load, client, false);
}

static bool wants_more(const struct load *load) {
  const struct phase *phase = load->phase;
  if (phase->in_flight >= load->window) return false;
  return phase->until_ms > 0 ? bare_now_ms() < phase->until_ms : phase->started < load->count;
}

static void receive(struct load *load, struct client *client) {
  unsigned char data[BARE_DATAGRAM_SIZE];
  while (true) {
    ssize_t length = recv(client->session.socket, data, sizeof data, 0);
    if (length < 0) return;
    client->session.in = data;
    client->session.in_length = (size_t)length;
    if (client->state == SHAKING)
      shake(load, client);
    else if (client->state == ASKING)
      hear(load, client);
    client->session.in = NULL;
  }
}

/* What was lost is sent again by handshakes; requests are given up. */
static void look_at_the_clock(struct load *load) {
  uint64_t now_ms = bare_now_ms();
  for (unsigned i = 0; i < load->count; i++) {
    struct client *client = &load->clients[i];
    if (client->state == IDLE) continue;
    if (now_ms - client->since_ms > PATIENCE_MS)
      end(load, client, false);
    else if (client->state == SHAKING && client->session.deadline_ms <= now_ms)
      shake(load, client);
  }
}

static struct phase run(struct load *load, enum task task, double seconds) {
  struct phase phase = {.task = task};
  struct epoll_event events[64];
  uint64_t looked_ms = bare_now_ms();
  uint64_t begin_ns = bare_now_ns();
  double cpu_begin = bare_cpu_seconds(load->pid);
  if (seconds > 0) phase.until_ms = bare_now_ms() + (uint64_t)(seconds * 1000);
  load->phase = &phase;
  do {
    for (unsigned i = load->window; i > 0 && wants_more(load); i--) start_one(load);
    int count = epoll_wait(load->epoll, events, 64, 0); /* it spins, so that waking up costs nobody */
    for (int i = 0; i < count; i++) receive(load, &load->clients[events[i].data.u32]);
    if (bare_now_ms() - looked_ms >= 20) {
      look_at_the_clock(load);
      looked_ms = bare_now_ms();
    }
  } while (phase.in_flight > 0 || wants_more(load));
  phase.seconds = (double)(bare_now_ns() - begin_ns) / 1e9;
  phase.cpu_seconds = bare_cpu_seconds(load->pid) - cpu_begin;
  load->phase = NULL;
  return phase;
}

/* ---- the whole ----------------------------------------------------------------------------------- */

static void give_key(struct load *load, struct client *client) {
  char identity[BARE_IDENTITY_SIZE];
  unsigned char key[BARE_KEY_SIZE];
  bare_identity(client->number, identity);
  bare_key(client->number, key);
  client->conf = load->config.conf;
  int error =
      mbedtls_ssl_conf_psk(&client->conf, key, sizeof key, (const unsigned char *)identity, strlen(identity));
  if (error != 0) bare_fail("key", error);
}

static void prepare(struct load *load, const struct sockaddr_in *target) {
  load->epoll = epoll_create1(EPOLL_CLOEXEC);
  load->clients = calloc(load->count, sizeof *load->clients);
  if (load->clients == NULL || load->epoll < 0) bare_fail("clients", errno);
  bare_configure(&load->config, MBEDTLS_SSL_IS_CLIENT);
  for (unsigned i = 0; i < load->count; i++) {
    struct client *client = &load->clients[i];
    int made = bare_socket(NULL);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
    client->number = i;
    if (connect(made, (const struct sockaddr *)target, sizeof *target) != 0) bare_fail("connect", errno);
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, made, &event) != 0) bare_fail("epoll_ctl", errno);
    give_key(load, client);
    bare_session_init(&client->session, &client->conf, made);
    client->session.connected = true;
    mbedtls_ssl_session_init(&client->saved);
  }
}

/* The first handshake, as often as it takes until the server is there. */
static void warm_up(struct load *load) {
  unsigned count = load->count;
  uint64_t until_ms = bare_now_ms() + PATIENCE_MS;
  load->count = 1;
  while (run(load, HANDSHAKE, 0).ok == 0)
    if (bare_now_ms() > until_ms) bare_fail("the server does not answer", ETIMEDOUT);
  hang_up(&load->clients[0]);
  load->count = count;
}

static void rest(unsigned ms) {
  struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
  nanosleep(&time, NULL);
}

static void print(const char *name, const struct phase *phase) {
  printf(
      "\"%s\": {\"ok\": %u, \"failed\": %u, \"resumed\": %u, \"per_s\": %.1f, \"cpu_s\": %.6f, "
      "\"per_cpu_s\": %.1f}, ",
      name, phase->ok, phase->failed, phase->resumed, phase->ok / phase->seconds, phase->cpu_seconds,
      phase->cpu_seconds > 0 ? phase->ok / phase->cpu_seconds : 0);
}

int main(int argc, char **argv) {
  if (argc != 7) {
    fprintf(stderr, "usage: dtls_load HOST:PORT PID CLIENTS WINDOW SECONDS SETTLE_MS\n");
    return 2;
  }
  struct sockaddr_in target = bare_address(argv[1]);
  struct load load = {
      .pid = atoi(argv[2]), .count = (unsigned)atoi(argv[3]), .window = (unsigned)atoi(argv[4])};
  prepare(&load, &target);
  warm_up(&load);
  long memory_before = resident_bytes(load.pid);
  struct phase meetings = run(&load, MEET, 0);
  rest((unsigned)atoi(argv[6]));
  long memory_after = resident_bytes(load.pid);
  double seconds = atof(argv[5]);
  struct phase updates = run(&load, UPDATE, seconds);
  struct phase handshakes = run(&load, HANDSHAKE, seconds);
  struct phase resumptions = run(&load, RESUME, seconds);
  printf("{\"clients\": %u, \"bytes_per_session\": %.0f, ", load.count,
         (double)(memory_after - memory_before) / load.count);
  print("handshake", &handshakes);
  print("meet", &meetings);
  print("update", &updates);
  print("resume", &resumptions);
  printf("\"rss_before\": %ld, \"rss_after\": %ld}\n", memory_before, memory_after);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_fuzz.c: datagrams of strangers into a server that also asks, observes and cancels.
 *
 * An input is a list of commands: a byte that says what to do, and, for a datagram, two bytes of length and
 * its bytes. What a server sent last can be answered: its message id and token are put into the datagram, so
 * that a fuzzer need not guess them.
 */
#include <linnet/linnet.h>
#include <linnet/store.h>
#include <stdlib.h>
#include <string.h>

#define STEP_LIMIT 400
#define PEERS 3

typedef struct stage {
  linnet_loop *loop;
  linnet_server *server;
  linnet_transport *transport;
  uint64_t now;
  uint64_t number;  /* of the latest request */
  uint8_t sent[16]; /* the beginning of what the server sent last */
  size_t sent_length;
} stage;

static void stage_begin(stage *s) {
  static const uint8_t seed[LINNET_SEED_SIZE] = "fuzzed server";
  memset(s, 0, sizeof *s);
  s->loop = linnet_loop_new(seed, sizeof seed);
  s->server = linnet_server_new(s->loop, NULL);
  s->transport = linnet_transport_new(s->loop, LINNET_TRANSPORT_UDP);
  linnet_server_add_transport(s->server, s->transport);
  linnet_server_set_limit(s->server, LINNET_LIMIT_REGISTRATIONS, 4);
  linnet_server_set_limit(s->server, LINNET_LIMIT_OPEN_REQUESTS, 8);
}

static void stage_end(stage *s) {
  linnet_server_close(s->server);
  linnet_server_unref(s->server);
  linnet_transport_unref(s->transport);
  linnet_loop_unref(s->loop);
}

/* Looks at everything an event says, as a program would. */
static void read_events(stage *s) {
  linnet_event *event;
  while ((event = linnet_loop_next_event(s->loop)) != NULL) {
    const linnet_batch *batch = linnet_event_batch(event);
    linnet_record record;
    size_t length = strlen(linnet_event_text(event)) + strlen(linnet_event_endpoint(event));
    for (size_t i = 0; batch != NULL && linnet_batch_record(batch, i, &record) == LINNET_OK; i++) length++;
    if (length > SIZE_MAX / 2) return;
  }
}

static void settle(stage *s) {
  linnet_datagram datagram;
  linnet_loop_step(s->loop, s->now);
  while (linnet_transport_next(s->transport, &datagram)) {
    s->sent_length = datagram.length < sizeof s->sent ? datagram.length : sizeof s->sent;
    memcpy(s->sent, datagram.data, s->sent_length);
  }
  read_events(s);
}

/* A whole number of commands may register first, so that the rest has something to act on: a device that is
 * always there, or one that sleeps. */
static void enrol(stage *s, const linnet_address *peer, uint8_t command) {
  static const char message[] =
      "\x41\x02\x12\x34\x4a\xb2rd\x11\x28\x34"
      "ep=a\x05lt=60\x09lwm2m=1.0\xff</>;ct=11543,</1/0>,</3/0>,</9999/0>";
  static const char sleeper[] =
      "\x41\x02\x12\x35\x4a\xb2rd\x11\x28\x34"
      "ep=a\x05lt=60\x09lwm2m=1.0\x05"
      "b=UQS\xff</>;ct=11543,</1/0>,</3/0>,</9999/0>";
  if (command & 8u)
    linnet_transport_receive(s->transport, peer, sleeper, sizeof sleeper - 1);
  else
    linnet_transport_receive(s->transport, peer, message, sizeof message - 1);
  settle(s);
}

/* The server ends, and another one goes on with what it kept. */
static void restart(stage *s) {
  const void *data;
  size_t length;
  if (linnet_server_save(s->server, &data, &length) != LINNET_OK) __builtin_trap();
  uint8_t *saved = malloc(length);
  memcpy(saved, data, length);
  size_t count = linnet_server_registration_count(s->server);
  linnet_server_close(s->server);
  linnet_server_unref(s->server);
  linnet_transport_unref(s->transport);
  s->server = linnet_server_new(s->loop, NULL);
  s->transport = linnet_transport_new(s->loop, LINNET_TRANSPORT_UDP);
  linnet_server_add_transport(s->server, s->transport);
  if (linnet_server_restore(s->server, saved, length) != LINNET_OK) __builtin_trap();
  if (linnet_server_registration_count(s->server) != count) __builtin_trap();
  free(saved);
}

static void ask(stage *s, uint8_t choice) {
  static const struct {
    linnet_operation operation;
    linnet_path path;
    const char *text;
  } requests[] = {
      {LINNET_OPERATION_READ, {{3, 0, 0, 0}, 2}, NULL},
      {LINNET_OPERATION_READ, {{9999, 0, 0, 0}, 1}, NULL},
      {LINNET_OPERATION_OBSERVE, {{3, 0, 9, 0}, 3}, NULL},
      {LINNET_OPERATION_OBSERVE, {{9999, 0, 0, 0}, 2}, NULL},
      {LINNET_OPERATION_DISCOVER, {{3, 0, 0, 0}, 1}, NULL},
      {LINNET_OPERATION_EXECUTE, {{3, 0, 4, 0}, 3}, "0='x'"},
      {LINNET_OPERATION_CREATE, {{9999, 0, 0, 0}, 1}, NULL},
      {LINNET_OPERATION_WRITE_ATTRIBUTES, {{3, 0, 9, 0}, 3}, "pmin=1"},
  };
  size_t i = choice % (sizeof requests / sizeof requests[0]);
  linnet_server_request(s->server, linnet_server_registration_at(s->server, 0), requests[i].operation,
                        requests[i].path, NULL, requests[i].text, LINNET_FORMAT_NONE, &s->number);
}

/* Message id and token of what was sent last, into a message of the same token length. */
static void aim(const stage *s, uint8_t *message, size_t length) {
  if (s->sent_length < 4 || length < 4) return;
  size_t token = s->sent[0] & 15u;
  message[0] = (uint8_t)((message[0] & 0xf0u) | token);
  memcpy(message + 2, s->sent + 2, 2);
  if (s->sent_length >= 4 + token && length >= 4 + token) memcpy(message + 4, s->sent + 4, token);
}

static size_t datagram(stage *s, uint8_t command, const uint8_t *data, size_t size) {
  uint8_t copy[2048];
  linnet_address peer = {.kind = LINNET_ADDRESS_IPV4, .length = 6};
  peer.bytes[0] = 10;
  peer.bytes[3] = (uint8_t)(command % PEERS);
  if (size < 2) return size;
  size_t length = (size_t)data[0] << 8u | data[1];
  if (length > size - 2) length = size - 2;
  if (length > sizeof copy) length = sizeof copy;
  memcpy(copy, data + 2, length);
  if (command & 0x40u) aim(s, copy, length);
  linnet_transport_receive(s->transport, &peer, copy, length);
  settle(s);
  return length + 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  stage s;
  linnet_address first = {.kind = LINNET_ADDRESS_IPV4, .length = 6, .bytes = {10, 0, 0, 0}};
  stage_begin(&s);
  for (unsigned steps = 0; size > 0 && steps < STEP_LIMIT; steps++) {
    uint8_t command = *data++;
    size_t used = 0;
    size--;
    if (command < 0x80)
      used = datagram(&s, command, data, size);
    else if (command < 0x90)
      enrol(&s, &first, command);
    else if (command < 0xb0)
      ask(&s, command);
    else if (command < 0xb4)
      linnet_server_cancel(s.server, s.number, NULL);
    else if (command < 0xb8)
      linnet_server_keep_observation(s.server, s.number);
    else if (command < 0xbc)
      linnet_server_forget(s.server, s.number);
    else if (command < 0xc0)
      restart(&s);
    else
      s.now += (uint64_t)1 << (command & 0x1fu);
    data += used;
    size -= used;
    settle(&s);
  }
  stage_end(&s);
  return 0;
}

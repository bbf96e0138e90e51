/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem_fuzz.c: what a modem says, whatever it is, at any moment: while it starts, between commands, in the
 * middle of one, while it is taken to be broken.
 *
 * An input is a list of steps: a byte from 0x80 on lets so much time pass, or has something sent; another one
 * is the length of what the modem says next. Whatever that was, a modem that then answers as it should is
 * ready in the end.
 */
#include <fcntl.h>
#include <linnet/event.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "driver/modem_internal.h"
#include "net/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct stage {
  linnet__receiver receiver;
  linnet_loop *loop;
  linnet_driver *driver;
  linnet_transport *transport;
  linnet_modem *modem;
  linnet_address peer;
  uint64_t now_ms;
  int descriptor; /* the modem's end */
} stage;

static void expect(int truth) {
  if (!truth) abort();
}

static void received(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer,
                     const uint8_t *data, size_t length) {
  (void)receiver;
  (void)data;
  expect(peer->kind == LINNET_ADDRESS_PHONE && length > 0);
  linnet__transport_send(transport, peer, "answer", 6);
}

static void unreachable(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer) {
  (void)receiver;
  (void)transport;
  expect(peer->kind == LINNET_ADDRESS_PHONE);
}

static void closed(linnet__receiver *receiver, linnet_transport *transport) {
  (void)receiver;
  (void)transport;
}

static void begin(stage *s) {
  static const uint8_t seed[LINNET_SEED_SIZE] = {9};
  int ends[2];
  memset(s, 0, sizeof *s);
  s->receiver = (linnet__receiver){.received = received, .unreachable = unreachable, .closed = closed};
  s->loop = linnet_loop_new(seed, sizeof seed);
  s->driver = linnet_driver_new(s->loop);
  s->transport = linnet_transport_new(s->loop, LINNET_TRANSPORT_SMS);
  expect(linnet_transport_add_framing(s->transport) == LINNET_OK);
  expect(linnet__transport_attach(s->transport, &s->receiver) == LINNET_OK);
  expect(linnet_address_parse(&s->peer, "sms:+15550100") == LINNET_OK);
  s->modem = linnet_modem_new(s->driver, s->transport);
  linnet_modem_set_pin(s->modem, "1234");
  expect(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  expect(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
  expect(linnet_modem_use(s->modem, ends[0]) == LINNET_OK);
  s->descriptor = ends[1];
  s->now_ms = linnet_clock_monotonic();
}

/* What is written to the modem is for nobody. */
static bool drain(const stage *s) {
  char bytes[1024];
  ssize_t got;
  bool any = false;
  while ((got = read(s->descriptor, bytes, sizeof bytes)) > 0) any = true;
  return any;
}

static void turn(stage *s) {
  linnet_event *event;
  linnet_loop_step(s->loop, s->now_ms);
  while ((event = linnet_loop_next_event(s->loop)) != NULL) (void)event;
  linnet__parts_act(s->driver, LINNET__AFTER_SEND, s->now_ms);
}

static void pass(stage *s, uint64_t ms) {
  s->now_ms += ms;
  turn(s);
  drain(s);
}

static void say(stage *s, const void *bytes, size_t length) {
  linnet__modem_hear(s->modem, bytes, length, s->now_ms);
  turn(s);
}

/* It says yes to all. */
static void recover(stage *s) {
  static const char prompt[] = "\r\n> ", yes[] = "\r\n+CMGS: 1\r\n\r\nOK\r\n";
  for (unsigned i = 0; i < 200; i++) {
    if (linnet_modem_get_state(s->modem) == LINNET_MODEM_READY) return;
    pass(s, 1000);
    say(s, prompt, sizeof prompt - 1);
    say(s, yes, sizeof yes - 1);
  }
  expect(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  stage s;
  begin(&s);
  for (size_t at = 0; at < size;) {
    size_t step = data[at++];
    if (step >= 0xf0) {
      linnet__transport_send(s.transport, &s.peer, "hello", 5);
      turn(&s);
    } else if (step >= 0x80) {
      pass(&s, (step - 0x7f) * 150);
    } else {
      if (step > size - at) step = size - at;
      say(&s, data + at, step);
      at += step;
    }
    drain(&s);
  }
  recover(&s);
  linnet_modem_close(s.modem);
  linnet__transport_detach(s.transport, &s.receiver);
  linnet_modem_unref(s.modem);
  linnet_transport_unref(s.transport);
  linnet_driver_unref(s.driver);
  linnet_loop_unref(s.loop);
  close(s.descriptor);
  return 0;
}

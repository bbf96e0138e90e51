/* SPDX-License-Identifier: Apache-2.0 */
/* smsc_test.c: the service centre of the simulated world (sim.h; sms.md 2; 3GPP TS 23.040, 9.2.3.15). */
#include <linnet/framing.h>
#include <linnet/sim.h>

#include "check.h"
#include "net/net.h"

typedef struct phone {
  linnet__receiver receiver;
  linnet_loop *loop;
  linnet_transport *transport;
  linnet_address number;
  char heard[4096]; /* one letter or text after the other */
  uint64_t at_ms;
  unsigned count;
  unsigned unreachable;
} phone;

static linnet_world *world;
static phone a, b;

static void on_received(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer,
                        const uint8_t *data, size_t length) {
  phone *p = LINNET__CONTAINER(receiver, phone, receiver);
  (void)transport;
  CHECK_EQUAL(peer->kind, LINNET_ADDRESS_PHONE);
  size_t used = strlen(p->heard);
  if (used + length < sizeof p->heard) memcpy(p->heard + used, data, length);
  p->count++;
  p->at_ms = linnet_loop_now(p->loop);
}

static void on_unreachable(linnet__receiver *receiver, linnet_transport *transport,
                           const linnet_address *peer) {
  (void)transport;
  (void)peer;
  LINNET__CONTAINER(receiver, phone, receiver)->unreachable++;
}

static void on_closed(linnet__receiver *receiver, linnet_transport *transport) {
  (void)receiver;
  (void)transport;
}

static void switch_on(phone *p, const char *number) {
  memset(p, 0, sizeof *p);
  p->receiver = (linnet__receiver){on_received, on_unreachable, on_closed};
  p->loop = linnet_world_add_loop(world);
  p->transport = linnet_transport_new(p->loop, LINNET_TRANSPORT_SMS);
  CHECK_EQUAL(linnet_transport_add_framing(p->transport), LINNET_OK);
  CHECK_EQUAL(linnet__transport_attach(p->transport, &p->receiver), LINNET_OK);
  CHECK_EQUAL(linnet_address_parse(&p->number, number), LINNET_OK);
  CHECK_EQUAL(linnet_world_attach(world, p->transport, number), LINNET_OK);
}

static void throw_away(phone *p) {
  linnet__transport_detach(p->transport, &p->receiver);
  linnet_transport_close(p->transport);
  linnet_transport_unref(p->transport);
  linnet_world_remove_loop(world, p->loop);
}

static void begin(void) {
  world = linnet_world_new(7);
  switch_on(&a, "sms:+15550100");
  switch_on(&b, "sms:+15550111");
}

static void end(void) {
  linnet__transport_detach(a.transport, &a.receiver);
  linnet__transport_detach(b.transport, &b.receiver);
  linnet_transport_unref(a.transport);
  linnet_transport_unref(b.transport);
  linnet_world_unref(world);
}

static void say(phone *from, const phone *to, const char *text) {
  CHECK_EQUAL(linnet__transport_send(from->transport, &to->number, text, strlen(text)), LINNET_OK);
}

static void pass(uint64_t ms) { linnet_world_advance(world, linnet_world_now(world) + ms); }

static void set(const phone *p, linnet_world_trait trait, uint32_t value) {
  CHECK_EQUAL(linnet_world_set(world, p == NULL ? NULL : p->transport, trait, value), LINNET_OK);
}

static void delivers_after_its_delay(void) {
  begin();
  set(NULL, LINNET_WORLD_DELAY_MS, 4000);
  say(&a, &b, "hello");
  pass(3999);
  CHECK_EQUAL(b.count, 0);
  pass(1);
  CHECK_TEXT(b.heard, "hello");
  CHECK_EQUAL(b.at_ms, 4000);
  say(&b, &a, "and back");
  pass(10000);
  CHECK_TEXT(a.heard, "and back");
  end();
}

static void keeps_messages_in_order_for_a_phone_that_is_off(void) {
  begin();
  set(&b, LINNET_WORLD_DOWN, 1);
  for (const char *letter = "abcde"; *letter != 0; letter++) {
    char text[2] = {*letter, 0};
    say(&a, &b, text);
    pass(10);
  }
  pass(100000);
  CHECK_EQUAL(b.count, 0);
  CHECK_EQUAL(linnet_world_stored(world, &b.number), 5);
  CHECK_EQUAL(linnet_world_stored(world, &a.number), 0);
  CHECK_EQUAL(linnet_world_stored(world, NULL), 5);
  set(&b, LINNET_WORLD_DOWN, 0);
  pass(1000);
  CHECK_TEXT(b.heard, "abcde");
  CHECK_EQUAL(linnet_world_stored(world, NULL), 0);
  set(&b, LINNET_WORLD_DOWN, 1);
  say(&b, &a, "no signal");
  pass(1000);
  CHECK_EQUAL(a.count, 0);
  end();
}

static void keeps_messages_for_a_phone_that_is_yet_to_come(void) {
  begin();
  throw_away(&b);
  say(&a, &b, "later");
  pass(1000);
  switch_on(&b, "sms:+15550111");
  pass(1000);
  CHECK_TEXT(b.heard, "later");
  end();
}

/* TP-VP: 300 s by default of the framing. */
static void forgets_what_is_no_longer_valid(void) {
  begin();
  CHECK_EQUAL(linnet_transport_set_framing(a.transport, LINNET_FRAMING_REPORTS, 1), LINNET_OK);
  set(&b, LINNET_WORLD_DOWN, 1);
  say(&a, &b, "old");
  pass(299000);
  CHECK_EQUAL(linnet_world_stored(world, &b.number), 1);
  CHECK_EQUAL(a.unreachable, 0);
  pass(2000);
  CHECK_EQUAL(linnet_world_stored(world, &b.number), 0);
  CHECK_EQUAL(a.unreachable, 1); /* reported: the validity period expired */
  set(&b, LINNET_WORLD_DOWN, 0);
  pass(1000);
  CHECK_EQUAL(b.count, 0);
  end();
}

static void keeps_so_many_and_no_more(void) {
  begin();
  CHECK_EQUAL(linnet_transport_set_framing(a.transport, LINNET_FRAMING_REPORTS, 1), LINNET_OK);
  set(&b, LINNET_WORLD_STORE, 3);
  set(&b, LINNET_WORLD_DOWN, 1);
  for (unsigned i = 0; i < 5; i++) say(&a, &b, "x");
  pass(1000);
  CHECK_EQUAL(linnet_world_stored(world, &b.number), 3);
  CHECK_EQUAL(a.unreachable, 2);
  end();
}

static void reports_what_became_of_a_message(void) {
  begin();
  CHECK_EQUAL(linnet_transport_set_framing(a.transport, LINNET_FRAMING_REPORTS, 1), LINNET_OK);
  say(&a, &b, "x");
  pass(1000);
  CHECK_EQUAL(b.count, 1);
  CHECK_EQUAL(linnet_transport_count(a.transport, LINNET_COUNTER_RECEIVED), 1); /* delivered: no hint */
  CHECK_EQUAL(a.unreachable, 0);
  set(&b, LINNET_WORLD_MTU, 100);
  char longer[102];
  memset(longer, 'x', 101);
  longer[101] = 0;
  say(&a, &b, longer);
  pass(1000);
  CHECK_EQUAL(b.count, 1);
  CHECK_EQUAL(a.unreachable, 1);
  longer[100] = 0;
  say(&a, &b, longer);
  pass(1000);
  CHECK_EQUAL(b.count, 2);
  end();
}

static void loses_doubles_and_holds_back_its_share(void) {
  begin();
  set(NULL, LINNET_WORLD_LOSS, 100);
  for (unsigned i = 0; i < 2000; i++) say(&a, &b, "x");
  pass(100000);
  CHECK(b.count > 1740 && b.count < 1860);
  set(NULL, LINNET_WORLD_LOSS, 0);
  set(NULL, LINNET_WORLD_DUPLICATION, 200);
  b.count = 0;
  for (unsigned i = 0; i < 2000; i++) say(&a, &b, "x");
  pass(100000);
  CHECK(b.count > 2320 && b.count < 2480);
  set(NULL, LINNET_WORLD_DUPLICATION, 0);
  set(NULL, LINNET_WORLD_DELAY_MS, 1000);
  set(NULL, LINNET_WORLD_REORDERING, 500);
  memset(b.heard, 0, sizeof b.heard);
  for (char letter = 'a'; letter <= 'z'; letter++) {
    char text[2] = {letter, 0};
    say(&a, &b, text);
    pass(100);
  }
  pass(100000);
  CHECK_EQUAL(strlen(b.heard), 26);
  CHECK(strcmp(b.heard, "abcdefghijklmnopqrstuvwxyz") != 0);
  end();
}

/* The parts of a message pass each for itself (SMS-10). */
static void carries_messages_in_parts(void) {
  begin();
  CHECK_EQUAL(linnet_transport_set_framing(a.transport, LINNET_FRAMING_PARTS, 5), LINNET_OK);
  set(NULL, LINNET_WORLD_DELAY_MS, 1000);
  set(NULL, LINNET_WORLD_REORDERING, 500);
  char text[601] = {0};
  for (size_t i = 0; i < 600; i++) text[i] = (char)('a' + i % 26);
  say(&a, &b, text);
  pass(60000);
  CHECK_EQUAL(b.count, 1);
  CHECK_TEXT(b.heard, text);
  end();
}

int main(void) {
  return RUN(delivers_after_its_delay, keeps_messages_in_order_for_a_phone_that_is_off,
             keeps_messages_for_a_phone_that_is_yet_to_come, forgets_what_is_no_longer_valid,
             keeps_so_many_and_no_more, reports_what_became_of_a_message,
             loses_doubles_and_holds_back_its_share, carries_messages_in_parts);
}

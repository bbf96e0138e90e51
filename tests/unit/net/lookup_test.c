/* SPDX-License-Identifier: Apache-2.0 */
/* Names on their way to addresses: asked outside, told in a step, once. */
#include "check.h"
#include "net/net.h"

typedef struct seeker {
  linnet__lookup lookup;
  unsigned told;
  bool found;
  linnet_address address;
  linnet__lookup *cancels;
} seeker;

static void on_found(linnet__lookup *lookup, const linnet_address *address) {
  seeker *who = LINNET__CONTAINER(lookup, seeker, lookup);
  who->told++;
  who->found = address != NULL;
  if (address != NULL) who->address = *address;
  if (who->cancels != NULL) linnet__lookup_cancel(who->cancels);
}

static linnet_loop *new_loop(void) { return linnet_loop_new("0123456789abcdef", 16); }

static void seek(linnet_transport *transport, seeker *who, const char *host, uint16_t port) {
  memset(who, 0, sizeof *who);
  who->lookup.found = on_found;
  CHECK_EQUAL(linnet__transport_lookup(transport, &who->lookup, host, strlen(host), port), LINNET_OK);
}

static const char *text_of(const seeker *who) {
  static char text[LINNET_ADDRESS_TEXT_SIZE];
  return linnet_address_text(&who->address, text);
}

static void asks_for_each_name_once(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  seeker a, b, c, late;
  linnet_address address;
  seek(transport, &a, "server.example", 5683);
  seek(transport, &b, "other.example", 5684);
  seek(transport, &c, "server.example", 5683);
  CHECK_TEXT(linnet_transport_next_lookup(transport), "server.example:5683");
  seek(transport, &late, "server.example", 5683);
  CHECK_TEXT(linnet_transport_next_lookup(transport), "other.example:5684");
  CHECK(linnet_transport_next_lookup(transport) == NULL);
  linnet_address_parse(&address, "192.0.2.1:5683");
  CHECK_EQUAL(linnet_transport_answer_lookup(transport, "server.example:5683", &address), LINNET_OK);
  CHECK_EQUAL(linnet_transport_answer_lookup(transport, "other.example:5684", NULL), LINNET_OK);
  CHECK_EQUAL(a.told, 0);
  linnet_loop_step(loop, 1);
  CHECK(a.told == 1 && a.found && c.told == 1 && c.found && late.told == 1 && late.found);
  CHECK_TEXT(text_of(&c), "192.0.2.1:5683");
  CHECK(b.told == 1 && !b.found);
  CHECK_EQUAL(linnet_transport_answer_lookup(transport, "server.example:5683", &address),
              LINNET_ERROR_NOT_FOUND);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

static void answers_addresses_by_itself(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  seeker a, b;
  seek(transport, &a, "192.0.2.1", 5700);
  seek(transport, &b, "2001:db8::1", 5683);
  CHECK(linnet_transport_next_lookup(transport) == NULL);
  linnet_loop_step(loop, 1);
  CHECK_TEXT(text_of(&a), "192.0.2.1:5700");
  CHECK_TEXT(text_of(&b), "[2001:db8::1]:5683");
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

static void is_silent_after_a_cancel(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_address address;
  seeker asked, taken, answered, canceller;
  seek(transport, &taken, "a.example", 1);
  CHECK_TEXT(linnet_transport_next_lookup(transport), "a.example:1");
  seek(transport, &asked, "b.example", 1);
  linnet__lookup_cancel(&taken.lookup);
  linnet__lookup_cancel(&asked.lookup);
  linnet__lookup_cancel(&asked.lookup);
  CHECK(linnet_transport_next_lookup(transport) == NULL);
  linnet_address_parse(&address, "192.0.2.1:1");
  CHECK_EQUAL(linnet_transport_answer_lookup(transport, "a.example:1", &address), LINNET_ERROR_NOT_FOUND);
  seek(transport, &canceller, "192.0.2.1", 1);
  seek(transport, &answered, "192.0.2.2", 1);
  canceller.cancels = &answered.lookup;
  linnet_loop_step(loop, 1);
  CHECK_EQUAL(canceller.told, 1);
  CHECK_EQUAL(answered.told + asked.told + taken.told, 0);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

static void finds_nothing_once_the_transport_is_closed(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  seeker a, b;
  seek(transport, &a, "a.example", 1);
  linnet_transport_next_lookup(transport);
  seek(transport, &b, "b.example", 1);
  linnet_transport_close(transport);
  linnet_transport_unref(transport); /* the look-ups still hold it */
  CHECK_EQUAL(a.told + b.told, 0);
  linnet_loop_step(loop, 1);
  CHECK(a.told == 1 && !a.found && b.told == 1 && !b.found);
  linnet_loop_unref(loop);
}

static void refuses_what_is_no_name(void) {
  linnet_loop *loop = new_loop();
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet__lookup lookup = {.found = on_found};
  char long_name[300];
  memset(long_name, 'a', sizeof long_name);
  CHECK_EQUAL(linnet__transport_lookup(transport, &lookup, "300.1.1.1", 9, 1), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet__transport_lookup(transport, &lookup, "", 0, 1), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet__transport_lookup(transport, &lookup, long_name, sizeof long_name, 1),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet__transport_lookup(transport, &lookup, long_name, 255, 65535), LINNET_OK);
  CHECK_EQUAL(linnet__transport_lookup(transport, &lookup, "x", 1, 1), LINNET_ERROR_WRONG_STATE);
  linnet__lookup_cancel(&lookup);
  linnet_transport_unref(transport);
  linnet_loop_unref(loop);
}

int main(void) {
  return RUN(asks_for_each_name_once, answers_addresses_by_itself, is_silent_after_a_cancel,
             finds_nothing_once_the_transport_is_closed, refuses_what_is_no_name);
}

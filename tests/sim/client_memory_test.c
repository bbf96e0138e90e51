/* SPDX-License-Identifier: Apache-2.0 */
/* client_memory_test.c: each allocation fails in its turn: nothing crashes, leaks or half-applies, and all
 * comes right again. */
#include "scripted_server.h"

enum { TEXT = 0, TLV = 11542 };

/* What comes of one request while memory may fail: the code, or 0 if nothing came. */
static unsigned attempt(scripted *s, const request *r) {
  scripted_request(s, r);
  if (!scripted_run(s, s->now)) return 0;
  return (unsigned)(s->message.code >> 5) * 100 + (s->message.code & 31);
}

static bool create(scripted *s) {
  s->loop = linnet_loop_new_with_memory("0123456789abcdef", 16, scripted_memory, s);
  if (s->loop == NULL) return false;
  s->transport = linnet_transport_new(s->loop, LINNET_TRANSPORT_UDP);
  if (s->transport == NULL) return false;
  s->client = linnet_client_new(s->loop, "node1", NULL);
  return s->client != NULL && linnet_client_add_transport(s->client, s->transport) == LINNET_OK &&
         linnet_client_add_server(s->client, scripted_server_uri, 1, 600) == LINNET_OK &&
         linnet_client_start(s->client) == LINNET_OK;
}

/* Answers what the client sends until it is registered; false after a day of trying. */
static bool registers(scripted *s) {
  uint64_t end = s->now + 86400000;
  while (linnet_client_get_state(s->client, 1) != LINNET_CLIENT_REGISTERED) {
    packet p;
    if (!scripted_run(s, end)) {
      linnet_loop_step(s->loop, s->now);
      if (s->now >= end) return false;
      continue;
    }
    if (s->message.code != POST) continue;
    bool update = strcmp(scripted_path(s), "/rd") != 0;
    scripted_answer_begin(s, &p, update ? 204 : 201);
    if (!update) packet_texts(&p, LOCATION_PATH, "rd/5a3f", '/');
    linnet_transport_receive(s->transport, &s->server, p.data, p.length);
    linnet_loop_step(s->loop, s->now);
  }
  return true;
}

static void works(scripted *s) {
  scripted_drain(s);
  CHECK_EQUAL(scripted_get(s, "3/0/16", TEXT), 205);
  CHECK_EQUAL(scripted_payload(s)[0], 'U'); /* UQ where that was written */
  CHECK_EQUAL(scripted_text(s, PUT, "3/0/14", TEXT, "+02:00"), 204);
  CHECK_EQUAL(scripted_text(s, POST, "3/0/4", TEXT, ""), 204);
}

static void comes_into_being_or_not(void) {
  bool made = false;
  for (uint32_t after = 0; !made; after++) {
    scripted s;
    memset(&s, 0, sizeof s);
    CHECK_EQUAL(linnet_address_parse(&s.server, scripted_server_uri), LINNET_OK);
    s.message_id = 0x7000;
    s.fail_after = after;
    s.fail_count = 1;
    made = create(&s);
    if (made) CHECK(s.fail_count == 1 || registers(&s));
    if (made) made = s.fail_count == 1;
    s.fail_after = UINT32_MAX;
    if (made) {
      CHECK(registers(&s));
      works(&s);
    }
    linnet_client_unref(s.client);
    linnet_transport_unref(s.transport);
    if (s.loop != NULL) linnet_loop_unref(s.loop);
  }
}

/* `count` failures in a row after `after` allocations. True: none was reached. */
static bool registers_with_failures(uint32_t after, uint32_t count) {
  scripted s;
  scripted_begin(&s, 600);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  s.fail_after = after;
  s.fail_count = count;
  CHECK(registers(&s));
  bool untouched = s.fail_count == count;
  s.fail_after = UINT32_MAX;
  while (scripted_run(&s, s.now)) continue;
  works(&s);
  scripted_end(&s);
  return untouched;
}

static void registers_in_the_end(void) {
  for (uint32_t count = 1; count <= 3; count++)
    for (uint32_t after = 0; !registers_with_failures(after, count); after++) continue;
}

static bool serves_with_failures(uint32_t after) {
  scripted s;
  linnet_value level = linnet_value_integer(51);
  scripted_begin(&s, 600);
  scripted_register(&s);
  scripted_drain(&s);
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(3, 0, 9), &level), LINNET_OK);
  linnet_object *object = linnet_client_object(s.client, 1);
  CHECK_EQUAL(linnet_object_allow(object, LINNET_OPERATION_CREATE), LINNET_OK);
  s.fail_after = after;
  s.fail_count = 1;
  request read = REQUEST(GET, "3/0"), discover = REQUEST(GET, "3/0"), observe = REQUEST(GET, "3/0/9"),
          write = REQUEST(PUT, "3/0/14"), attributes = REQUEST(PUT, "3/0/9"),
          execute = REQUEST(POST, "3/0/4"), update = REQUEST(POST, "1/0");
  discover.accept = 40;
  observe.observe = 0;
  write.format = TEXT;
  write.payload = "+02:00";
  write.payload_length = 6;
  attributes.query = "pmin=1&gt=5";
  update.format = TLV;
  update.payload = "\xC1\x02\x05\xC1\x03\x50\xC2\x07UQ";
  update.payload_length = 10;
  unsigned code = attempt(&s, &read);
  CHECK(code == 205 || code == 500 || code == 503 || code == 0);
  code = attempt(&s, &discover);
  CHECK(code == 205 || code == 500 || code == 503 || code == 0);
  code = attempt(&s, &attributes);
  CHECK(code == 204 || code == 503 || code == 500 || code == 0);
  code = attempt(&s, &observe);
  CHECK(code == 205 || code == 500 || code == 503 || code == 0);
  code = attempt(&s, &execute);
  CHECK(code == 204 || code == 500 || code == 503 || code == 0);
  unsigned written = attempt(&s, &write);
  CHECK(written == 204 || written == 500 || written == 503 || written == 0);
  linnet_value value;
  bool stored = linnet_client_get(s.client, linnet_path_resource(3, 0, 14), &value) == LINNET_OK;
  CHECK(written == 0 || stored == (written == 204));
  unsigned updated = attempt(&s, &update);
  CHECK(updated == 204 || updated == 500 || updated == 503 || updated == 0);
  bool two = linnet_client_get(s.client, linnet_path_resource(1, 0, 2), &value) == LINNET_OK;
  bool three = linnet_client_get(s.client, linnet_path_resource(1, 0, 3), &value) == LINNET_OK;
  CHECK(two == three); /* DM-25 */
  CHECK(updated == 0 || two == (updated == 204));
  level.as.integer = 3;
  linnet_client_set(s.client, linnet_path_resource(3, 0, 9), &level);
  for (uint64_t end = s.now + 30000; scripted_run(&s, end);) {
    if (s.message.type == LINNET_MESSAGE_CON && s.message.code == POST) scripted_answer(&s, 204);
    if (s.message.type == LINNET_MESSAGE_CON && s.message.code == CODE(205))
      scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
  }
  bool untouched = s.fail_count == 1;
  s.fail_after = UINT32_MAX;
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_REGISTERED);
  works(&s);
  scripted_end(&s);
  return untouched;
}

static void serves_all_or_nothing(void) {
  for (uint32_t after = 0; !serves_with_failures(after); after++) continue;
}

/* A plain Read takes no memory once the peer is known (architecture, section 2). */
static void reads_without_allocating(void) {
  scripted s;
  scripted_begin(&s, 600);
  scripted_register(&s);
  scripted_drain(&s);
  for (int i = 0; i < 40; i++) {
    CHECK_EQUAL(scripted_get(&s, "3/0", TLV), 205);
    CHECK_EQUAL(scripted_get(&s, "3/0/16", TEXT), 205);
  }
  size_t used = linnet_loop_memory_used(s.loop);
  s.fail_after = 0;
  s.fail_count = UINT32_MAX;
  for (int i = 0; i < 40; i++) {
    CHECK_EQUAL(scripted_get(&s, "3/0", TLV), 205);
    CHECK_EQUAL(scripted_get(&s, "3/0/16", TEXT), 205);
  }
  CHECK_EQUAL(linnet_loop_memory_used(s.loop), used);
  s.fail_after = UINT32_MAX;
  scripted_end(&s);
}

int main(void) {
  return RUN(comes_into_being_or_not, registers_in_the_end, serves_all_or_nothing, reads_without_allocating);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of a peer's messages (recent.c; CO-33) against a plain array. */
#include "coap/parts.h"
#include "wire.h"

#define IDS 20
#define LIMIT 8

typedef struct model_entry {
  uint16_t message_id;
  size_t length;
  uint8_t fill;
  bool answered;
} model_entry;

typedef struct model {
  model_entry entries[LIMIT + 1]; /* the eldest first */
  size_t count;
} model;

static model_entry *model_find(model *m, uint16_t message_id) {
  for (size_t i = 0; i < m->count; i++)
    if (m->entries[i].message_id == message_id) return &m->entries[i];
  return NULL;
}

static void model_drop(model *m, const model_entry *entry) {
  size_t at = (size_t)(entry - m->entries);
  memmove(&m->entries[at], &m->entries[at + 1], (m->count - at - 1) * sizeof *entry);
  m->count--;
}

static linnet__port *port_of(const wire *w) { return linnet__port_find(w->coap, w->transport); }

static linnet__contact contact_of(const wire *w, const linnet_address *address) {
  return (linnet__contact){port_of(w), {w->transport, *address}};
}

static linnet__mark mark_of(uint16_t id) { return (linnet__mark){id * 3U, id, true}; }

/* An ACK of that code whose token and rest are all `fill`; `length` is that of the rest. */
static void keep(wire *w, const linnet_address *address, uint16_t id, const model_entry *entry) {
  static uint8_t bytes[70000];
  linnet__contact contact = contact_of(w, address);
  linnet__mark mark = mark_of(id);
  size_t token = entry->fill % 9U;
  bytes[0] = (uint8_t)(0x60 | token);
  bytes[1] = entry->fill;
  memset(bytes + 4, entry->fill, token + entry->length);
  linnet__recent_keep(&contact, &mark, bytes, entry->answered ? 4 + token + entry->length : 0);
}

static bool find(const wire *w, const linnet_address *address, uint16_t id, linnet__recent *recent) {
  linnet__contact contact = contact_of(w, address);
  linnet__mark mark = mark_of(id);
  return linnet__recent_find(&contact, &mark, recent);
}

static bool knows(const wire *w, uint16_t id) {
  linnet__recent recent;
  return find(w, &w->address, id, &recent);
}

static void compare(const wire *w, const linnet_address *address, model *m) {
  linnet__contact contact = contact_of(w, address);
  for (uint16_t id = 0; id < IDS; id++) {
    linnet__recent recent;
    linnet__mark other = mark_of(id);
    other.hash++;
    bool known = find(w, address, id, &recent);
    const model_entry *entry = model_find(m, id);
    CHECK_EQUAL(known, entry != NULL);
    if (!known || entry == NULL) continue;
    CHECK_EQUAL(recent.answered, entry->answered);
    if (!recent.answered) continue;
    CHECK_EQUAL(recent.code, entry->fill);
    CHECK_EQUAL(recent.rest_length, entry->length);
    for (size_t i = 0; i < recent.rest_length; i++) CHECK_EQUAL(recent.rest[i], entry->fill);
    CHECK(!linnet__recent_find(&contact, &other, &recent)); /* other bytes */
  }
}

static void make_address(linnet_address *address, unsigned peer) {
  char text[64];
  snprintf(text, sizeof text, peer % 3 == 0 ? "[2001:db8::%x]:5683" : "192.0.2.%u:5683", peer);
  CHECK_EQUAL(linnet_address_parse(address, text), LINNET_OK);
}

static void remembers_the_latest_messages_whatever_their_answers_CO_33(void) {
  enum { PEERS = 50 };
  static model models[PEERS];
  wire w;
  wire_open(&w);
  memset(models, 0, sizeof models);
  for (int round = 0; round < 50000; round++) {
    unsigned peer = linnet__random_u32(w.loop) % PEERS;
    linnet_address address;
    make_address(&address, peer);
    model *m = &models[peer];
    uint16_t id = (uint16_t)(linnet__random_u32(w.loop) % IDS);
    const model_entry *known = model_find(m, id);
    if (known != NULL) model_drop(m, known);
    if (m->count == LIMIT) model_drop(m, m->entries);
    model_entry *entry = &m->entries[m->count++];
    bool large = linnet__random_u32(w.loop) % 50 == 0;
    *entry = (model_entry){.message_id = id,
                           .answered = round % 5 != 0,
                           .length = linnet__random_u32(w.loop) % (large ? 2000 : 40),
                           .fill = (uint8_t)linnet__random_u32(w.loop)};
    keep(&w, &address, id, entry);
    compare(&w, &address, m);
  }
  CHECK_EQUAL(port_of(&w)->recents.count, PEERS);
  wire_close(&w);
}

static void a_lower_limit_forgets_what_is_above_it(void) {
  static const model_entry unanswered;
  wire w;
  wire_open(&w);
  for (uint16_t id = 0; id < LIMIT; id++) keep(&w, &w.address, id, &unanswered);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_RECENT_EXCHANGES, 3);
  keep(&w, &w.address, 100, &unanswered);
  CHECK(knows(&w, 100));
  CHECK(knows(&w, 7));
  CHECK(knows(&w, 6));
  CHECK(!knows(&w, 5));
  wire_close(&w);
}

static void what_is_too_large_to_keep_pushes_out_the_eldest_only(void) {
  static const model_entry large = {.length = 65000, .fill = 8, .answered = true};
  wire w;
  wire_open(&w);
  for (uint16_t id = 0; id < LIMIT; id++) keep(&w, &w.address, id, &large);
  CHECK(!knows(&w, 3));
  for (uint16_t id = 4; id < LIMIT; id++) CHECK(knows(&w, id));
  wire_close(&w);
}

/* What the coap endpoint has allocated for `count` messages like it, one after the other. */
static size_t memory_of(wire *w, uint16_t first, uint16_t count, const model_entry *entry) {
  size_t before = linnet_loop_memory_used(w->loop);
  for (uint16_t i = 0; i < count; i++) keep(w, &w->address, (uint16_t)(first + i), entry);
  return linnet_loop_memory_used(w->loop) - before;
}

static void a_large_answer_does_not_keep_its_memory_for_ever(void) {
  static const model_entry large = {.length = 20000, .fill = 1, .answered = true}, unanswered;
  wire w;
  wire_open(&w);
  size_t before = linnet_loop_memory_used(w.loop);
  CHECK(memory_of(&w, 1, 1, &large) > 20000);
  memory_of(&w, 2, LIMIT + 1, &unanswered);
  CHECK(linnet_loop_memory_used(w.loop) - before < 1024);
  wire_close(&w);
}

/* A million devices that keep their registration alive: one 2.04 each, now and then two. */
static void little_is_kept_of_a_peer_that_sends_little(void) {
  static const model_entry changed = {.length = 0, .fill = 0x44, .answered = true};
  wire w;
  linnet_address address;
  wire_open(&w);
  memory_of(&w, 1, 1, &changed); /* the table of addresses */
  size_t before = linnet_loop_memory_used(w.loop);
  make_address(&address, 1);
  keep(&w, &address, 1, &changed);
  keep(&w, &address, 2, &changed);
  CHECK(linnet_loop_memory_used(w.loop) - before <= 56);
  for (uint16_t id = 0; id < 1000; id++) keep(&w, &address, id, &changed);
  CHECK(linnet_loop_memory_used(w.loop) - before <= 152); /* with LIMIT of them */
  wire_close(&w);
}

static void a_registration_is_remembered_in_40_bytes(void) {
  static const model_entry created = {.length = 12, .fill = 0x41, .answered = true}; /* /rd/, 8 digits */
  wire w;
  linnet_address address;
  wire_open(&w);
  memory_of(&w, 1, 1, &created);
  size_t before = linnet_loop_memory_used(w.loop);
  make_address(&address, 1);
  keep(&w, &address, 1, &created);
  CHECK_EQUAL(linnet_loop_memory_used(w.loop) - before, 40);
  wire_close(&w);
}

static void step_to(wire *w, uint64_t now_ms) {
  w->now_ms = now_ms;
  linnet_loop_step(w->loop, now_ms);
}

/* A machine that slept: 16384 s is where the times that are kept begin anew. */
static void nothing_is_known_after_a_long_sleep(void) {
  static const model_entry changed = {.length = 0, .fill = 0x44, .answered = true};
  wire w;
  wire_open(&w);
  linnet_loop_step(w.loop, 1000);
  keep(&w, &w.address, 1, &changed);
  CHECK(knows(&w, 1));
  w.now_ms = 1000 + 16384000;
  linnet_loop_step(w.loop, w.now_ms);
  CHECK(!knows(&w, 1));
  keep(&w, &w.address, 2, &changed);
  CHECK(knows(&w, 2));
  wire_close(&w);
}

static void all_of_it_is_gone_after_its_lifetime_CO_33(void) {
  static const model_entry changed = {.length = 0, .fill = 0x44, .answered = true};
  enum { PEERS = 20000 };
  wire w;
  wire_open(&w);
  step_to(&w, 1000);
  size_t before = linnet_loop_memory_used(w.loop);
  linnet_address address = w.address;
  for (uint32_t peer = 0; peer < PEERS; peer++) {
    memcpy(address.bytes, &peer, sizeof peer);
    keep(&w, &address, 1, &changed);
  }
  CHECK_EQUAL(port_of(&w)->recents.count, PEERS);
  step_to(&w, 1000 + 246000);
  keep(&w, &w.address, 1, &changed);
  step_to(&w, 1000 + 246999);
  linnet__recent recent;
  CHECK(find(&w, &address, 1, &recent)); /* EXCHANGE_LIFETIME is 247 s */
  step_to(&w, 1000 + 247250);
  CHECK(!find(&w, &address, 1, &recent));
  CHECK(knows(&w, 1));
  for (unsigned second = 0; second < 66; second++) step_to(&w, 1000 + 247250 + second * 1000);
  CHECK_EQUAL(port_of(&w)->recents.count, 1); /* no more than a minute later */
  for (unsigned second = 0; second < 512; second += 2) step_to(&w, 1000 + 320000 + second * 1000);
  CHECK_EQUAL(linnet_loop_memory_used(w.loop), before);
  CHECK_EQUAL(linnet_loop_deadline(w.loop), LINNET_NEVER);
  wire_close(&w);
}

static void over_the_limit_of_peers_one_that_is_quiet_goes(void) {
  static const model_entry changed = {.length = 0, .fill = 0x44, .answered = true};
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_PEERS, 4);
  for (unsigned peer = 0; peer < 100; peer++) {
    linnet_address address;
    linnet__recent recent;
    step_to(&w, (peer + 1) * 1000);
    make_address(&address, peer);
    keep(&w, &address, 1, &changed);
    CHECK(find(&w, &address, 1, &recent));
    if (peer == 0) continue;
    make_address(&address, peer - 1);
    CHECK(find(&w, &address, 1, &recent));
  }
  CHECK_EQUAL(port_of(&w)->recents.count, 4);
  wire_close(&w);
}

int main(void) {
  return RUN(remembers_the_latest_messages_whatever_their_answers_CO_33,
             a_lower_limit_forgets_what_is_above_it, what_is_too_large_to_keep_pushes_out_the_eldest_only,
             a_large_answer_does_not_keep_its_memory_for_ever, little_is_kept_of_a_peer_that_sends_little,
             a_registration_is_remembered_in_40_bytes, nothing_is_known_after_a_long_sleep,
             all_of_it_is_gone_after_its_lifetime_CO_33, over_the_limit_of_peers_one_that_is_quiet_goes);
}

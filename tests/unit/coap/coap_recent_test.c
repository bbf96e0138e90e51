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

static linnet__remote *remote_of(wire *w) {
  linnet__remote *remote = linnet__remote_get(linnet__port_find(w->coap, w->transport), &w->address);
  CHECK(remote != NULL);
  return remote;
}

static void answer(linnet__remote *remote, linnet__recent *recent, model_entry *entry) {
  static uint8_t bytes[2000];
  linnet_loop *loop = linnet__remote_loop(remote);
  entry->fill = (uint8_t)linnet__random_u32(loop);
  entry->length = linnet__random_u32(loop) % (linnet__random_u32(loop) % 50 == 0 ? sizeof bytes : 40);
  memset(bytes, entry->fill, entry->length);
  linnet__recent_answer(remote, recent, bytes, entry->length);
}

static void compare(const linnet__remote *remote, model *m) {
  for (uint16_t id = 0; id < IDS; id++) {
    const linnet__recent *recent = linnet__recent_find(remote, id, id * 3U);
    const model_entry *entry = model_find(m, id);
    CHECK_EQUAL(recent != NULL, entry != NULL);
    CHECK(linnet__recent_find(remote, id, id * 3U + 1) == NULL); /* other bytes */
    if (recent == NULL || entry == NULL) continue;
    CHECK_EQUAL(recent->length, entry->length);
    for (size_t i = 0; i < entry->length; i++) CHECK_EQUAL(recent->answer[i], entry->fill);
  }
}

static void remembers_the_latest_messages_whatever_their_answers_CO_33(void) {
  wire w;
  wire_open(&w);
  model m = {0};
  linnet__remote *remote = remote_of(&w);
  for (int round = 0; round < 5000; round++) {
    uint16_t id = (uint16_t)(linnet__random_u32(w.loop) % IDS);
    model_entry *known = model_find(&m, id);
    if (known != NULL && round % 2 == 0) { /* answered later */
      answer(remote, linnet__recent_find(remote, id, id * 3U), known);
    } else {
      if (known != NULL) model_drop(&m, known);
      if (m.count == LIMIT) model_drop(&m, m.entries);
      model_entry *entry = &m.entries[m.count++];
      *entry = (model_entry){.message_id = id};
      linnet__recent *recent = linnet__recent_add(remote, id, id * 3U, true);
      if (round % 5 != 0) answer(remote, recent, entry);
    }
    compare(remote, &m);
    CHECK(remote->recents.capacity <= 30000);
  }
  wire_close(&w);
}

static void a_lower_limit_forgets_what_is_above_it(void) {
  wire w;
  wire_open(&w);
  linnet__remote *remote = remote_of(&w);
  for (uint16_t id = 0; id < LIMIT; id++) linnet__recent_add(remote, id, 1, true);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_RECENT_EXCHANGES, 3);
  linnet__recent_add(remote, 100, 1, true);
  CHECK_EQUAL(remote->recents.count, 3);
  CHECK(linnet__recent_find(remote, 100, 1) != NULL);
  CHECK(linnet__recent_find(remote, 7, 1) != NULL);
  CHECK(linnet__recent_find(remote, 5, 1) == NULL);
  wire_close(&w);
}

static void a_large_answer_does_not_keep_its_memory_for_ever(void) {
  static const uint8_t large[20000];
  wire w;
  wire_open(&w);
  linnet__remote *remote = remote_of(&w);
  linnet__recent_answer(remote, linnet__recent_add(remote, 1, 1, true), large, sizeof large);
  CHECK_EQUAL(linnet__recent_find(remote, 1, 1)->length, sizeof large);
  for (uint16_t id = 2; id < 2 + LIMIT + 1; id++) linnet__recent_add(remote, id, 1, true);
  CHECK(remote->recents.capacity < 1024);
  wire_close(&w);
}

static void little_is_kept_of_a_peer_that_sends_little(void) {
  wire w;
  wire_open(&w);
  linnet__remote *remote = remote_of(&w);
  for (uint16_t id = 0; id < 1000; id++)
    linnet__recent_answer(remote, linnet__recent_add(remote, id, 1, true), (const uint8_t *)"12345678", 8);
  CHECK(remote->recents.capacity <= 300); /* with LIMIT of them */
  wire_close(&w);
}

int main(void) {
  return RUN(remembers_the_latest_messages_whatever_their_answers_CO_33,
             a_lower_limit_forgets_what_is_above_it, a_large_answer_does_not_keep_its_memory_for_ever,
             little_is_kept_of_a_peer_that_sends_little);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recent.c: messages that were acted on, and the answers to replay for duplicates (RFC 7252 4.5; CO-33).
 *
 * A server has a million peers, of most of which it only knows that they sent something lately. So that is
 * all that is kept of them: one block an address, found by it, with its messages one behind the other, the
 * eldest first. Of an answer only what the duplicate itself does not tell is kept: the code, and what follows
 * the token.
 */
#include <string.h>

#include "parts.h"

#define TICK_MS 250
/* Times are kept in 16 bits and compared modulo: far more than any lifetime, far less than a turn. */
#define LONGEST_TICKS 0x4000
/* Of the messages of an address, in all; and rounded up so. */
#define LONGEST 262000
#define GRAIN 4
/* Blocks have 16n + 8 bytes: with the 8 that an allocator adds, that is a size of its own. */
#define BLOCK_GRAIN 16
#define BLOCK_REST 8
/* Up to here, which is a message or two, a block is as large as it has to be; above, a quarter as large
 * again, so that a busy peer soon has what it takes, and its block stays where it is. */
#define EXACT 56
/* A sweep looks at so many blocks and a part of all: every block within a minute, few in each step. */
#define SWEEP_LEAST 16
#define SWEEP_PART 200
#define SWEEP_GRAIN_MS 250
/* Parts of the table that are given back at a time. */
#define SWEEP_TRIMS 16
/* How many blocks are looked at for the one that has to go. */
#define EVICTION_TRIES 8

/* What an address sent. */
typedef struct block {
  uint16_t quiet;  /* the tick at which the last of it has expired, modulo */
  uint16_t length; /* of the messages, in grains */
  uint16_t room;   /* of this block, in grains */
  uint16_t count;
  uint8_t address[]; /* its key; the messages begin at the next grain */
} block;

typedef struct record {
  uint32_t hash; /* of the whole datagram: other bytes under the same id are another message */
  uint16_t expires;
  uint16_t message_id;
  uint16_t length;  /* of what follows; 0: not answered */
  uint8_t answer[]; /* the code, then what comes after the token */
} record;

static size_t round_up(size_t size) { return (size + GRAIN - 1) / GRAIN * GRAIN; }
static uint32_t tick_at(uint64_t ms) { return (uint32_t)((ms + TICK_MS - 1) / TICK_MS); }
static uint32_t tick_now(const linnet__port *port) {
  return (uint32_t)(linnet_loop_now(port->coap->loop) / TICK_MS);
}

/* How much longer; 0: it is over. */
static uint32_t ticks_left(uint16_t until, uint32_t now) {
  uint16_t left = (uint16_t)(until - (uint16_t)now);
  return left > UINT16_MAX / 2 ? 0 : left;
}

static size_t key_length(const block *b) { return offsetof(linnet_address, bytes) + b->address[1]; }
static size_t head_size(const block *b) { return round_up(offsetof(block, address) + key_length(b)); }
static size_t room_of(const block *b) { return (size_t)b->room * GRAIN; }
static size_t length_of(const block *b) { return (size_t)b->length * GRAIN; }
static void set_length(block *b, size_t length) { b->length = (uint16_t)(length / GRAIN); }

static const void *block_key(const void *item, size_t *length) {
  const block *b = item;
  *length = key_length(b);
  return b->address;
}

static record *record_at(const block *b, size_t offset) {
  return (record *)(void *)((uint8_t *)(uintptr_t)b + head_size(b) + offset);
}

static size_t size_with(size_t answer_length) { return round_up(offsetof(record, answer) + answer_length); }

/* The latest one is asked for most often: to find, then to keep, then by the next message of a burst. */
static block *block_of(linnet__port *port, const linnet_address *address) {
  size_t length = linnet__address_key_length(address);
  block *latest = port->latest_recents;
  if (latest != NULL && key_length(latest) == length && memcmp(latest->address, address, length) == 0)
    return latest;
  block *found = linnet__map_find(&port->recents, address, length);
  if (found != NULL) port->latest_recents = found;
  return found;
}

static void free_block(linnet__port *port, block *b) {
  if (port->latest_recents == b) port->latest_recents = NULL;
  linnet__map_remove(&port->recents, b->address, key_length(b));
  linnet__free(port->coap->loop, b, room_of(b));
}

static void free_all(linnet__port *port) {
  size_t position = 0;
  for (block *b; (b = linnet__map_next(&port->recents, &position)) != NULL;) free_block(port, b);
  linnet__map_free(&port->recents);
  port->sweep = 0;
}

/* The tick that it is. If nobody has looked for longer than anything is kept, all of it has expired. */
static uint32_t look(linnet__port *port) {
  uint32_t now = tick_now(port);
  if (now - port->recents_seen > LONGEST_TICKS) free_all(port);
  port->recents_seen = now;
  return now;
}

/* The offset of the one with that id, or the length. */
static size_t with_id(const block *b, uint16_t message_id) {
  size_t offset = 0;
  while (offset < length_of(b) && record_at(b, offset)->message_id != message_id)
    offset += size_with(record_at(b, offset)->length);
  return offset;
}

bool linnet__recent_find(const linnet__contact *contact, const linnet__mark *mark, linnet__recent *recent) {
  uint32_t now = look(contact->port);
  const block *b = block_of(contact->port, &contact->peer.address);
  if (b == NULL || ticks_left(b->quiet, now) == 0) return false;
  size_t offset = with_id(b, mark->message_id);
  if (offset == length_of(b)) return false;
  const record *r = record_at(b, offset);
  if (r->hash != (uint32_t)mark->hash || ticks_left(r->expires, now) == 0) return false;
  *recent = (linnet__recent){.answered = r->length > 0};
  if (r->length == 0) return true;
  recent->code = r->answer[0];
  recent->rest = r->answer + 1;
  recent->rest_length = r->length - 1U;
  return true;
}

/* ---- blocks -------------------------------------------------------------------------------------- */

static size_t room_for(size_t size) {
  if (size > EXACT) size += size / 4;
  size_t room = (size - BLOCK_REST + BLOCK_GRAIN - 1) / BLOCK_GRAIN * BLOCK_GRAIN + BLOCK_REST;
  return room <= UINT16_MAX * GRAIN ? room : UINT16_MAX * GRAIN / BLOCK_GRAIN * BLOCK_GRAIN - BLOCK_REST;
}

/* The block with room for `length` bytes of messages, in another place perhaps; NULL: no memory. */
static block *set_room(linnet__port *port, block *b, size_t length) {
  linnet_loop *loop = port->coap->loop;
  size_t size = head_size(b) + length;
  if (size <= room_of(b) && room_for(size) > room_of(b) / 2) return b;
  size_t room = room_for(size);
  block *moved = linnet__new(loop, room);
  if (moved == NULL) return size <= room_of(b) ? b : NULL;
  memcpy(moved, b, head_size(b) + length_of(b));
  moved->room = (uint16_t)(room / GRAIN);
  linnet__map_replace(&port->recents, b->address, key_length(b), moved);
  linnet__free(loop, b, room_of(b));
  port->latest_recents = moved;
  return moved;
}

/* Of some that are next to be looked at, the one that is quiet the longest. */
static void evict_one(linnet__port *port) {
  block *chosen = NULL;
  size_t position = port->sweep;
  uint32_t now = tick_now(port);
  for (int tries = 0; tries < EVICTION_TRIES; tries++) {
    block *b = linnet__map_next(&port->recents, &position);
    if (b == NULL) position = 0;
    if (b != NULL && (chosen == NULL || ticks_left(b->quiet, now) < ticks_left(chosen->quiet, now)))
      chosen = b;
  }
  port->sweep = position;
  if (chosen != NULL) free_block(port, chosen);
}

static void sweep_due(linnet__timer *timer);

/* With room for one message. */
static block *new_block(linnet__port *port, const linnet_address *address, size_t length) {
  linnet__coap *coap = port->coap;
  size_t key = linnet__address_key_length(address);
  size_t room = room_for(round_up(offsetof(block, address) + key) + length);
  if (port->recents.count >= coap->limits[LINNET_LIMIT_PEERS]) {
    coap->counters.refused_by_limit++;
    evict_one(port);
  }
  block *b = linnet__new(coap->loop, room);
  if (b == NULL) return NULL;
  b->quiet = (uint16_t)tick_now(port);
  b->room = (uint16_t)(room / GRAIN);
  memcpy(b->address, address, key);
  if (linnet__map_insert(&port->recents, b) != LINNET_OK) {
    linnet__free(coap->loop, b, room);
    return NULL;
  }
  port->latest_recents = b;
  if (!linnet__timer_armed(&port->sweep_timer)) {
    uint64_t lifetime_ms = linnet__transport_timing(port->transport)->exchange_lifetime_ms;
    port->sweep_next = UINT32_MAX;
    linnet__timer_arm_in(coap->loop, &port->sweep_timer, lifetime_ms + SWEEP_GRAIN_MS, sweep_due);
  }
  return b;
}

/* ---- messages ------------------------------------------------------------------------------------ */

static void take_out(block *b, size_t offset) {
  record *r = record_at(b, offset);
  size_t size = size_with(r->length), rest = length_of(b) - offset - size;
  memmove(r, (uint8_t *)r + size, rest);
  set_length(b, offset + rest);
  b->count--;
}

/* Room for one more of that size: what has expired goes, and the eldest, if they are too many. */
static void make_place(const linnet__port *port, block *b, size_t size) {
  size_t limit = port->coap->limits[LINNET_LIMIT_RECENT_EXCHANGES];
  uint32_t now = tick_now(port);
  if (limit > UINT16_MAX) limit = UINT16_MAX;
  while (b->count > 0 && (b->count >= limit || length_of(b) + size > LONGEST ||
                          ticks_left(record_at(b, 0)->expires, now) == 0))
    take_out(b, 0);
}

void linnet__recent_keep(const linnet__contact *contact, const linnet__mark *mark, const uint8_t *ack,
                         size_t length) {
  linnet__port *port = contact->port;
  const linnet_address *address = &contact->peer.address;
  const linnet__timing *timing = linnet__transport_timing(port->transport);
  uint32_t lifetime_ms = mark->confirmable ? timing->exchange_lifetime_ms : timing->non_lifetime_ms;
  if (port->closed) return;
  uint32_t now = look(port);
  size_t begin = length == 0 ? 0 : (size_t)LINNET__EMPTY_SIZE + (ack[0] & 0x0FU);
  size_t answer_length = length == 0 ? 0 : 1 + length - begin;
  size_t size = size_with(answer_length);
  block *b = block_of(port, address);
  if (b == NULL) b = new_block(port, address, size);
  if (b == NULL) return;
  size_t former = with_id(b, mark->message_id);
  if (former < length_of(b)) take_out(b, former);
  if (answer_length > UINT16_MAX || size > LONGEST) return;
  make_place(port, b, size);
  b = set_room(port, b, length_of(b) + size);
  if (b == NULL) return;
  record *r = record_at(b, length_of(b));
  uint32_t expires = tick_at(linnet_loop_now(port->coap->loop) + lifetime_ms);
  if (expires - now > LONGEST_TICKS) expires = now + LONGEST_TICKS;
  *r = (record){.hash = (uint32_t)mark->hash,
                .expires = (uint16_t)expires,
                .message_id = mark->message_id,
                .length = (uint16_t)answer_length};
  if (answer_length > 0) {
    r->answer[0] = ack[1];
    memcpy(r->answer + 1, ack + begin, length - begin);
  }
  set_length(b, length_of(b) + size);
  b->count++;
  if (ticks_left(b->quiet, now) < expires - now) b->quiet = (uint16_t)expires;
}

/* ---- forgetting ---------------------------------------------------------------------------------- */

void linnet__recents_forget(linnet__port *port, const linnet_address *address) {
  block *b = block_of(port, address);
  if (b != NULL) free_block(port, b);
}

/* A part of all; NULL: it has been round. */
static const block *sweep_part(linnet__port *port) {
  if (port->sweep == 0) port->sweep_step = SWEEP_LEAST + port->recents.count / SWEEP_PART;
  size_t left = port->sweep_step;
  uint32_t now = look(port);
  block *b = NULL;
  while (left-- > 0 && (b = linnet__map_next(&port->recents, &port->sweep)) != NULL) {
    uint32_t ticks = ticks_left(b->quiet, now);
    if (ticks == 0)
      free_block(port, b);
    else if (now + ticks < port->sweep_next)
      port->sweep_next = now + ticks;
  }
  return b;
}

/* When it is to go round again: with the first of those it saw, and not too late for one that moved
 * meanwhile and was missed. */
static uint64_t next_round_ms(const linnet__port *port, uint64_t now_ms) {
  uint64_t lifetime_ms = linnet__transport_timing(port->transport)->exchange_lifetime_ms;
  uint64_t next_ms = (uint64_t)port->sweep_next * TICK_MS + SWEEP_GRAIN_MS;
  if (next_ms > now_ms + lifetime_ms) next_ms = now_ms + lifetime_ms;
  return next_ms > now_ms ? next_ms : now_ms;
}

/* True: there is more to give back. */
static bool trim(linnet__port *port) {
  for (int i = 0; i < SWEEP_TRIMS; i++)
    if (!linnet__map_trim(&port->recents)) return false;
  return true;
}

/* Between rounds the table gives back what it does not need any more. */
static void sweep_due(linnet__timer *timer) {
  linnet__port *port = LINNET__CONTAINER(timer, linnet__port, sweep_timer);
  uint64_t due_ms = timer->deadline_ms + SWEEP_GRAIN_MS; /* in the same step, if that comes late */
  bool trims = port->sweep == 0 && trim(port);
  if (!trims && sweep_part(port) == NULL) {
    port->sweep = 0;
    trims = trim(port);
    if (port->recents.count == 0) return;
    if (!trims) due_ms = next_round_ms(port, due_ms);
    port->sweep_next = UINT32_MAX;
  }
  linnet__timer_arm(port->coap->loop, timer, due_ms, sweep_due);
}

void linnet__recents_init(linnet__port *port) {
  linnet__map_init(&port->recents, port->coap->loop, block_key);
}

void linnet__recents_free(linnet__port *port) {
  linnet__timer_stop(port->coap->loop, &port->sweep_timer);
  free_all(port);
}

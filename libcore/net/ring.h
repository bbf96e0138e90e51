/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring.h: a ring of datagrams in one block of memory that grows up to a limit.
 *
 * Each datagram lies in one piece, behind a header with its peer. No allocation per datagram; a big block
 * that stands empty is given back. A view of the front stays valid while it is held, whatever else happens.
 */
#ifndef LINNET_NET_RING_H
#define LINNET_NET_RING_H

#include "net.h"

/* What an item of the ring is. */
typedef enum linnet__ring_note {
  LINNET__NOTE_DATAGRAM = 0,
  LINNET__NOTE_UNREACHABLE /* no bytes: CO-39 about the peer */
} linnet__ring_note;

typedef struct linnet__ring_item {
  linnet_address peer;
  uint32_t length;
  uint32_t note;
} linnet__ring_item;

typedef struct linnet__ring {
  linnet_loop *loop;
  uint8_t *data;
  size_t capacity;
  size_t limit;
  size_t head; /* the front, if there is one */
  size_t tail; /* where the next one is written */
  size_t end;  /* where the upper part ends, when wrapped */
  bool wrapped;
  size_t count;
  size_t used;     /* bytes of items and their headers */
  size_t reserved; /* size of the open reservation */
  bool held;
  uint8_t *retired; /* the block a held view points into, once the ring has left it */
  size_t retired_capacity;
} linnet__ring;

/* Allocates nothing yet. Does not hold the loop. */
void linnet__ring_init(linnet__ring *ring, linnet_loop *loop, size_t limit);
/* Empties it and gives the memory back, that of a held view with its release. */
void linnet__ring_free(linnet__ring *ring);

/* Room for `size` bytes at the end; NULL: over the limit, or no memory. Until the commit nothing else may be
 * called. */
uint8_t *linnet__ring_reserve(linnet__ring *ring, size_t size);
/* `length` is at most what was reserved. */
void linnet__ring_commit(linnet__ring *ring, const linnet_address *peer, linnet__ring_note note,
                         size_t length);

/* The front, or NULL; `item` gets its header. Valid until the next reservation or, if held, until the
 * release. */
const uint8_t *linnet__ring_front(const linnet__ring *ring, linnet__ring_item *item);
/* Takes the front out, if there is one; its bytes stay where they are until the next reservation. */
void linnet__ring_drop(linnet__ring *ring);

void linnet__ring_hold(linnet__ring *ring);
void linnet__ring_release(linnet__ring *ring);
/* Gives a big block back if the ring is empty. */
void linnet__ring_trim(linnet__ring *ring);

#endif

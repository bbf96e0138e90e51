/* SPDX-License-Identifier: Apache-2.0 */
/* sim_internal.h: what a world is made of; only for the files of sim. */
#ifndef LINNET_SIM_SIM_INTERNAL_H
#define LINNET_SIM_SIM_INTERNAL_H

#include <linnet/event.h>
#include <linnet/sim.h>

#include "agenda.h"

#define LINNET__TRAITS (LINNET_WORLD_STORE + 1)
/* Datagrams arrive before the loops of the same millisecond run. */
#define LINNET__NODE_ORDER ((uint64_t)1 << 63)

typedef struct linnet__sim_memory linnet__sim_memory;
typedef struct linnet__node linnet__node;
typedef struct linnet__plug linnet__plug;

/* A transport at an address. */
struct linnet__plug {
  linnet__plug *next; /* of the same node */
  linnet__node *node;
  linnet_transport *transport; /* holds a reference */
  linnet_address address;
  uint32_t traits[LINNET__TRAITS]; /* LINNET_WORLD_INHERIT: that of the world */
};

/* A loop. */
struct linnet__node {
  linnet__entry entry;
  linnet_loop *loop; /* holds a reference */
  linnet__sim_memory *memory;
  linnet__plug *plugs;
  linnet_world_keeper keeper;
  void *keeper_user;
  linnet_release keeper_release;
  bool removed; /* freed when the world has time */
  linnet__node *next_removed;
};

/* A datagram on its way, or a short message that may also wait for a phone that is off. */
typedef struct linnet__flight linnet__flight;
struct linnet__flight {
  linnet__entry entry;
  linnet_address from;
  linnet_address to;
  bool is_message; /* what follows is of short messages only */
  bool is_waiting;
  bool wants_report;
  uint8_t reference; /* TP-MR, for the report */
  uint64_t expires_ms;
  linnet__flight *next; /* of those that wait */
  size_t length;
  uint8_t data[];
};

typedef struct linnet__host linnet__host;
struct linnet__host {
  linnet__host *next;
  linnet_address address;
  char name[];
};

struct linnet_world {
  unsigned references;
  bool running;
  uint64_t now_ms;
  int64_t epoch_ms;
  uint64_t random;
  uint64_t sequence; /* of flights */
  uint64_t nodes_made;
  linnet__agenda agenda;
  linnet__node **nodes;
  size_t node_count;
  size_t node_capacity;
  size_t removed_count;
  linnet__plug **plugs; /* by address */
  size_t plug_count;
  size_t plug_capacity;
  linnet__flight *waiting; /* in the agenda, too, for when they expire; in the order of their arrival */
  linnet__host *hosts;
  uint32_t traits[LINNET__TRAITS];
  linnet_world_observer observer;
  void *observer_user;
  linnet_release observer_release;
};

/* random.c */
uint64_t linnet__chance(linnet_world *world);
uint64_t linnet__chance_up_to(linnet_world *world, uint64_t most);
bool linnet__chance_in_1000(linnet_world *world, uint32_t share);

/* memory.c: lives until it is released and the last block is given back. NULL: no memory. */
linnet__sim_memory *linnet__sim_memory_new(void);
void linnet__sim_memory_release(linnet__sim_memory *memory);
void linnet__sim_memory_fail(linnet__sim_memory *memory, uint32_t after, uint32_t count);
void *linnet__sim_memory_reallocate(void *user, void *block, size_t size);

/* names.c: answers the look-ups of a transport. */
void linnet__names_answer(linnet_world *world, linnet_transport *transport);
void linnet__names_free(linnet_world *world);

/* network.c */
void linnet__network_init(linnet_world *world);
void linnet__network_free(linnet_world *world);
/* Carries away what the transports of a node want to send and know; unplugs what is closed. */
void linnet__network_collect(linnet_world *world, linnet__node *node);
linnet__plug *linnet__network_find(const linnet_world *world, const linnet_address *address);
/* What the ends say counts, of two the worse; else what the world says. Either may be NULL. */
uint32_t linnet__network_trait(const linnet_world *world, const linnet__plug *from, const linnet__plug *to,
                               linnet_world_trait trait);
uint64_t linnet__network_delay(linnet_world *world, const linnet__plug *from, const linnet__plug *to);
/* Frees the flight, or keeps it for later; the node that it reached, or NULL. */
linnet__node *linnet__network_land(linnet_world *world, linnet__flight *flight);
/* From now on nothing reaches the node's transports; linnet__network_unplug frees the plugs. */
void linnet__network_cut(linnet_world *world, linnet__node *node);
void linnet__network_unplug(linnet_world *world, linnet__node *node);

/* smsc.c: takes a TPDU; false: it is lost or refused. */
bool linnet__smsc_submit(linnet_world *world, const linnet__plug *from, const linnet_datagram *datagram);
/* As linnet__network_land. */
linnet__node *linnet__smsc_land(linnet_world *world, linnet__flight *flight);
/* A phone may have been switched on. */
void linnet__smsc_retry(linnet_world *world);

/* world.c: the node of a loop, or NULL. */
linnet__node *linnet__world_node(const linnet_world *world, const linnet_loop *loop);

#endif

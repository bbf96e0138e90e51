/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.h: a simulated world: a virtual clock, loops as nodes, a network with loss, duplication, reordering,
 * delay, MTU and NAT rebinding, a service centre for short messages, a failing allocator. Same seed and same
 * calls give the same run.
 *
 * A world and the loops in it belong to one thread at a time.
 */
#ifndef LINNET_SIM_H
#define LINNET_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include <linnet/address.h>
#include <linnet/export.h>
#include <linnet/loop.h>
#include <linnet/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct linnet_world linnet_world;

/** A world at time 0 ms, with a perfect network of 1 ms delay. NULL: no memory. */
LINNET_API linnet_world *linnet_world_new(uint64_t seed);
LINNET_API linnet_world *linnet_world_ref(linnet_world *world);
LINNET_API void linnet_world_unref(linnet_world *world);

/**
 * A loop in the world, seeded by it; the reference is the world's, until the loop is removed or the world
 * goes (linnet_loop_ref keeps it longer). NULL: no memory. It is told the time after every run, so what is
 * done to it between runs happens at linnet_world_now.
 */
LINNET_API linnet_loop *linnet_world_add_loop(linnet_world *world);
/** Takes a loop out: its transports are detached; as if the machine lost power, if it is then released. */
LINNET_API linnet_status linnet_world_remove_loop(linnet_world *world, linnet_loop *loop);

/** Plugs a transport of such a loop in, at an address ("10.0.0.1:5683"). LINNET_ERROR_EXISTS: taken. */
LINNET_API linnet_status linnet_world_attach(linnet_world *world, linnet_transport *transport,
                                             const char *address);
/** NAT rebinding: from now on this transport sends from, and is reached at, another address. */
LINNET_API linnet_status linnet_world_rebind(linnet_world *world, linnet_transport *transport,
                                             const char *address);
/** Gives an address a name for look-ups ("server.example"). Unknown names are not found. */
LINNET_API linnet_status linnet_world_name(linnet_world *world, const char *name, const char *address);

/** What a network does to datagrams. */
typedef enum linnet_world_trait {
  LINNET_WORLD_LOSS = 0,    /**< lost, in 1/1000 */
  LINNET_WORLD_DUPLICATION, /**< delivered twice, in 1/1000 */
  LINNET_WORLD_REORDERING,  /**< held back by up to ten times the delay, in 1/1000 */
  LINNET_WORLD_DELAY_MS,    /**< on the way; default 1 */
  LINNET_WORLD_JITTER_MS,   /**< up to so much more */
  LINNET_WORLD_MTU,         /**< longer ones vanish; default 65535 */
  LINNET_WORLD_DOWN,        /**< 1: nothing passes; a phone is off */
  LINNET_WORLD_STORE        /**< short messages that wait for a phone that is off; default 100 */
} linnet_world_trait;

/** A transport whose trait is this has the trait of the world, as at first. */
#define LINNET_WORLD_INHERIT UINT32_MAX

/**
 * Sets a trait for all, or, with a transport, for what that transport sends and receives, instead of the
 * trait for all; if both ends have one, the worse counts. LINNET_ERROR_OUT_OF_RANGE: more than 1000 of 1000;
 * LINNET_ERROR_NOT_FOUND: the transport is not in the world.
 */
LINNET_API linnet_status linnet_world_set(linnet_world *world, linnet_transport *transport,
                                          linnet_world_trait trait, uint32_t value);

/**
 * Short messages: a transport of kind SMS that carries TPDUs (linnet_transport_add_framing) is a phone of the
 * number where it is attached ("sms:+15550100"). A service centre takes its SMS-SUBMIT and delivers
 * SMS-DELIVER, with the loss, duplication, reordering and delay that the traits of both phones say; the MTU
 * counts octets of user data. For a phone that is off (LINNET_WORLD_DOWN) or not there it keeps messages, in
 * order, until it is on or their validity is over, two days if they name none. Who asks for reports gets
 * them: delivered, expired, refused.
 *
 * How many wait for a number, or, with NULL, for all.
 */
LINNET_API size_t linnet_world_stored(const linnet_world *world, const linnet_address *number);

/** Virtual milliseconds. */
LINNET_API uint64_t linnet_world_now(const linnet_world *world);
/** The Unix time at virtual time 0, in milliseconds; default 1700000000000. Every loop is told. */
LINNET_API void linnet_world_set_epoch(linnet_world *world, int64_t unix_ms);

/**
 * Runs the world until `until_ms` or until some loop has an event to be taken, whichever is first. Returns
 * the time then: less than `until_ms` means an event waits. With LINNET_NEVER it may run for ever; in a world
 * that is still it returns LINNET_NEVER, and the clock stands. A handler that acts on another loop than its
 * own is noticed at once in worlds of up to 64 loops; in larger ones when that loop is due, or in the next
 * run.
 */
LINNET_API uint64_t linnet_world_run(linnet_world *world, uint64_t until_ms);
/** Runs until `until_ms` whatever events pile up. */
LINNET_API void linnet_world_advance(linnet_world *world, uint64_t until_ms);
/** The time of the next thing that will happen; LINNET_NEVER if the world is still. */
LINNET_API uint64_t linnet_world_next(const linnet_world *world);

/**
 * Called whenever a loop has done something, before what it has to send leaves: the place to store what has
 * changed (linnet_client_save, linnet_server_changes), so that nobody in the world hears of it before.
 */
typedef void (*linnet_world_keeper)(void *user);
/**
 * Sets the keeper of a loop, NULL for none; a former one is released. LINNET_ERROR_NOT_FOUND: the loop is not
 * in the world. To end a client or server as SIGKILL does, take its loop out (linnet_world_remove_loop)
 * before it is closed.
 */
LINNET_API linnet_status linnet_world_keep(linnet_world *world, linnet_loop *loop, linnet_world_keeper keeper,
                                           void *user, linnet_release release);

/**
 * From the `after`-th allocation of this loop on (0: the next one), `count` allocations fail (UINT32_MAX:
 * all). For loops of linnet_world_add_loop.
 */
LINNET_API linnet_status linnet_world_fail_memory(linnet_world *world, linnet_loop *loop, uint32_t after,
                                                  uint32_t count);

/** Called for every datagram that is sent, lost or not: for logs and tests. A former one is released. */
typedef void (*linnet_world_observer)(void *user, uint64_t now_ms, const linnet_address *from,
                                      const linnet_address *to, const void *data, size_t length, bool lost);
LINNET_API void linnet_world_observe(linnet_world *world, linnet_world_observer observer, void *user,
                                     linnet_release release);

#ifdef __cplusplus
}
#endif

#endif

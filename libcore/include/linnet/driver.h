/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver.h: runs a loop on real sockets and clocks (Linux).
 *
 * A driver belongs to the thread of its loop. It stands on the public headers only: a program can do all of
 * this by itself. One pollable descriptor lets another event loop wait instead of linnet_driver_wait.
 */
#ifndef LINNET_DRIVER_H
#define LINNET_DRIVER_H

#include <stdint.h>

#include <linnet/address.h>
#include <linnet/client.h>
#include <linnet/export.h>
#include <linnet/loop.h>
#include <linnet/server.h>
#include <linnet/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct linnet_driver linnet_driver;

/** Fills `data` with entropy of the operating system (getrandom). */
LINNET_API linnet_status linnet_entropy(void *data, size_t length);
/** Monotonic milliseconds. */
LINNET_API uint64_t linnet_clock_monotonic(void);
/** Unix time in milliseconds. */
LINNET_API int64_t linnet_clock_wall(void);

/** One reference; holds the loop. NULL: no memory or no epoll instance; linnet_error_text says which. */
LINNET_API linnet_driver *linnet_driver_new(linnet_loop *loop);
LINNET_API linnet_driver *linnet_driver_ref(linnet_driver *driver);
LINNET_API void linnet_driver_unref(linnet_driver *driver);
LINNET_API linnet_loop *linnet_driver_loop(const linnet_driver *driver);
/** Closes its sockets. Idempotent. */
LINNET_API void linnet_driver_close(linnet_driver *driver);

/**
 * Opens a UDP socket for the transport, which closes in the next run after the transport was closed. `local`
 * is "0.0.0.0:5683", "[::]:5683", "coap://localhost:0", "coaps://0.0.0.0" (of a secured transport), NULL for
 * any port, IPv6 where the machine has it with IPv4 through it. Host names are looked up here. Port 0 picks a
 * free one; linnet_transport_local tells which. LINNET_ERROR_SYSTEM with a text such as "cannot listen on
 * 127.0.0.1:5683: address already in use".
 */
LINNET_API linnet_status linnet_driver_open(linnet_driver *driver, linnet_transport *transport,
                                            const char *local);

/** Readable when linnet_driver_run has something to do, the next deadline too. The driver's own; -1 if
 * closed. */
LINNET_API int linnet_driver_descriptor(const linnet_driver *driver);

/**
 * Does what there is to do, without waiting: receives, steps, sends, answers look-ups, rearms the descriptor.
 * After a while, and when events are there to be taken, it leaves what is left for the next run. What the
 * program does to the loop between runs goes out with the next one, so the order is: calls, run, wait. A
 * look-up blocks until the name server has answered. LINNET_ERROR_WRONG_STATE: called from within itself.
 */
LINNET_API linnet_status linnet_driver_run(linnet_driver *driver);

/**
 * Waits until there is something to do, at most `timeout_ms` (-1: no limit). Touches nothing of the loop, so
 * another thread may use the loop meanwhile under the program's own lock (but not run or close the driver);
 * it calls linnet_driver_wake when it has done something. Also returns on a signal, and now and then for
 * nothing.
 */
LINNET_API linnet_status linnet_driver_wait(linnet_driver *driver, int timeout_ms);

/**
 * One turn of a program of one thread: sends what the calls since the last turn left to be sent, waits until
 * something happens, at most `timeout_ms` (-1: no limit), and does it. Returns at once when events are there
 * to be taken. With a timeout of 0 it looks once a millisecond for what has arrived if there is always
 * something to send.
 *
 *     while (linnet_driver_step(driver, -1) == LINNET_OK)
 *       while ((event = linnet_loop_next_event(loop)) != NULL) handle(event);
 */
LINNET_API linnet_status linnet_driver_step(linnet_driver *driver, int timeout_ms);

/** Makes a linnet_driver_wait in another thread, or the next one, return. Also for signal handlers. */
LINNET_API void linnet_driver_wake(linnet_driver *driver);

/* ---- what a client on Linux is and keeps --------------------------------------------------------- */

/**
 * Fills in what the system knows, as far as the client does not have it yet: of Device the maker, model,
 * serial number, versions and type (0, 1, 2, 3, 17, 18, 19), memory (10, 21), UTC offset and time zone (14,
 * 15), power sources and battery where there are some (6 to 9, 20), Reset Error Code (12); and object 4,
 * Connectivity Monitoring: bearers, addresses, routers, and the signal of WLAN. What moves (memory, power,
 * addresses, UTC offset) is looked at again before a step, at most once a second, so that reads see the
 * present and observers hear of it. The client is held until it is closed. Of a mobile network Linux says
 * little: a client that uses one adds an object 4 of its own before. EXISTS: it was described already.
 */
LINNET_API linnet_status linnet_driver_describe(linnet_driver *driver, linnet_client *client);

/**
 * Keeps the client in a file (store.h): restores it from there if there is one, and from now on writes it
 * whenever there is something new, before the answers that tell servers so leave: a power cut or SIGKILL
 * loses nothing that was acknowledged. A new file is written, synced, and then takes the place of the old
 * one; only the user may read it. Call it after the client got its objects and before linnet_client_start;
 * the accounts of a client that was restored are there then (linnet_client_object(client, 0) has instances).
 *
 * LINNET_ERROR_MALFORMED: the file was torn or damaged. It is set aside as "<path>.damaged", nothing of it
 * was used, and the client is kept from now on all the same. LINNET_ERROR_SYSTEM: the file cannot be read.
 * EXISTS: the client is kept already. Writing that fails is an LINNET_EVENT_ERROR of the client, and is tried
 * again after a minute or with the next change. The client is held until it is closed.
 */
LINNET_API linnet_status linnet_driver_keep(linnet_driver *driver, linnet_client *client, const char *path);

/**
 * Location from gpsd, "host:port" (NULL: "localhost:2947"): adds object 6 if the client has none, and sets
 * /6/0 with every report of a fix: position and time, and altitude, radius, velocity and speed (2, 3, 4, 6)
 * as far as gpsd tells them; those it does not tell any more go. Observers hear of each report, as their pmin
 * allows. Where gpsd is not there, or goes, that is one LINNET_EVENT_ERROR of the client, the last position
 * stays with its time, and every 10 s it is tried again. The client is held until it is closed.
 * INVALID_ARGUMENT: no such address. EXISTS: the client follows one already.
 */
LINNET_API linnet_status linnet_driver_follow_gpsd(linnet_driver *driver, linnet_client *client,
                                                   const char *name);

/**
 * Keeps the server in a file (store.h): restores it from there if there is one, and from now on appends to it
 * what changes, once for all that a step did, before the answers that tell devices so leave: a power cut or
 * SIGKILL loses nothing that was acknowledged. A file that has doubled is written anew, little by little;
 * only the user may read it. Call it after the server got its transports and before the first run.
 *
 * LINNET_ERROR_MALFORMED: the file was damaged. It is set aside as "<path>.damaged", what is sound of its
 * beginning is used, and the server is kept from now on all the same. LINNET_ERROR_SYSTEM: the file cannot be
 * read. EXISTS: the server or the file is kept already, perhaps by another program. WRONG_STATE: the server
 * has registrations. Writing that fails is an LINNET_EVENT_ERROR of the server; devices are answered, and all
 * is written anew after a minute. The server is held until it is closed. UNAVAILABLE: a build without the
 * server role.
 */
LINNET_API linnet_status linnet_driver_keep_server(linnet_driver *driver, linnet_server *server,
                                                   const char *path);

#ifdef __cplusplus
}
#endif

#endif

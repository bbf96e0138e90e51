/* SPDX-License-Identifier: Apache-2.0 */
/* driver.c: life and run of a driver (driver.h; docs/architecture.md, sections 2 and 6). */
#include <errno.h>
#include <linnet/credentials.h>
#include <linnet/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver_internal.h"

/* Batches a run moves before the program has its turn; what is left makes the descriptor readable at once. */
#define ROUNDS 16

static const struct {
  int error;
  const char *words;
} table[] = {
    {EADDRINUSE, "address already in use"},
    {EADDRNOTAVAIL, "this machine has no such address"},
    {EAFNOSUPPORT, "this machine does not have this kind of address"},
    {EMFILE, "this program has too many files open"},
    {ENFILE, "the system has too many files open"},
    {ENOMEM, "out of memory"},
};

const char *linnet__error_words(int error) {
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (table[i].error == error) return table[i].words;
  return strerror(error);
}

linnet_status linnet__driver_fail(linnet_loop *loop, const char *what, int error) {
  char text[200];
  snprintf(text, sizeof text, "%s: %s", what, linnet__error_words(error));
  return linnet_loop_fail(loop, LINNET_ERROR_SYSTEM, text);
}

/* The loop wants the wall clock as of its last step; before its first step it takes it as of that one. */
static void tell_wall_clock(linnet_loop *loop, uint64_t now_ms) {
  uint64_t last_ms = linnet_loop_now(loop);
  int64_t since = last_ms == 0 || last_ms > now_ms ? 0 : (int64_t)(now_ms - last_ms);
  linnet_loop_set_wall_clock(loop, linnet__clock_wall_recent() - since);
}

linnet_driver *linnet_driver_new(linnet_loop *loop) {
  linnet_driver *driver = calloc(1, sizeof *driver);
  if (driver == NULL) {
    linnet_loop_fail(loop, LINNET_ERROR_NO_MEMORY, "no memory for a driver");
    return NULL;
  }
  driver->references = 1;
  driver->loop = linnet_loop_ref(loop);
  driver->epoll_descriptor = driver->timer_descriptor = driver->wake_descriptor = -1;
  tell_wall_clock(loop,
                  linnet_clock_monotonic()); /* a client that starts before the first run knows the time */
  if (linnet__wait_open(driver) == LINNET_OK) return driver;
  linnet_driver_unref(driver);
  return NULL;
}

linnet_driver *linnet_driver_ref(linnet_driver *driver) {
  driver->references++;
  return driver;
}

void linnet_driver_close(linnet_driver *driver) {
  if (driver->closed) return;
  driver->closed = true;
  linnet__parts_end(driver);
  while (driver->sockets != NULL) linnet__udp_close(driver, driver->sockets);
  linnet__udp_free_batch(&driver->batch);
  linnet__wait_close(driver);
}

void linnet_driver_unref(linnet_driver *driver) {
  if (driver == NULL || --driver->references > 0) return;
  linnet_driver_close(driver);
  linnet_loop_unref(driver->loop);
  free(driver);
}

linnet_loop *linnet_driver_loop(const linnet_driver *driver) { return driver->loop; }

int linnet_driver_descriptor(const linnet_driver *driver) { return driver->epoll_descriptor; }

/* A closed transport frees its port. */
static void close_abandoned(linnet_driver *driver) {
  for (linnet__socket *socket = driver->sockets, *next; socket != NULL; socket = next) {
    next = socket->next;
    if (linnet_transport_is_closed(socket->transport)) linnet__udp_close(driver, socket);
  }
}

static bool is_open(const linnet_driver *driver, const linnet_transport *transport) {
  for (const linnet__socket *socket = driver->sockets; socket != NULL; socket = socket->next)
    if (socket->transport == transport) return true;
  return false;
}

linnet_status linnet_driver_open(linnet_driver *driver, linnet_transport *transport, const char *local) {
  linnet_loop *loop = driver->loop;
  if (driver->closed) return linnet_loop_fail(loop, LINNET_ERROR_CLOSED, "open: the driver is closed");
  if (transport == NULL || linnet_transport_loop(transport) != loop)
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                            "open: the transport belongs to another loop");
  if (linnet_transport_get_kind(transport) != LINNET_TRANSPORT_UDP)
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                            "open: a socket carries only UDP transports");
  if (linnet_transport_is_closed(transport))
    return linnet_loop_fail(loop, LINNET_ERROR_CLOSED, "open: the transport is closed");
  if (local != NULL && strncmp(local, "coaps:", 6) == 0 && !linnet_transport_is_secure(transport))
    return linnet_loop_fail(loop, LINNET_ERROR_WRONG_STATE,
                            "open: coaps takes a transport that is secured (linnet_transport_secure)");
  if (is_open(driver, transport))
    return linnet_loop_fail(loop, LINNET_ERROR_EXISTS, "open: the transport has a socket already");
  close_abandoned(driver);
  return linnet__udp_open(driver, transport, local);
}

static void answer_lookups(linnet__socket *socket) {
  const char *name;
  while ((name = linnet_transport_next_lookup(socket->transport)) != NULL) {
    linnet_address address;
    linnet_status status =
        linnet__resolve(linnet_transport_loop(socket->transport), name, socket->reach, &address);
    linnet_transport_answer_lookup(socket->transport, name, status == LINNET_OK ? &address : NULL);
  }
}

static uint64_t next_deadline(const linnet_driver *driver) {
  uint64_t of_loop = linnet_loop_deadline(driver->loop), of_parts = linnet__parts_deadline(driver);
  return of_loop < of_parts ? of_loop : of_parts;
}

/* Sends what is there; handlers may have opened and closed sockets, or closed the driver. True if more has
 * come. */
static bool send_all(linnet_driver *driver) {
  bool more = false;
  for (linnet__socket *socket = driver->sockets; socket != NULL; socket = socket->next) {
    linnet__udp_send(driver, socket);
    answer_lookups(socket);
    more = more || socket->watch.readable;
  }
  return more;
}

/* Receives a batch from each socket, steps, sends. True if there is more to do at once. */
static bool turn(linnet_driver *driver) {
  for (linnet__socket *socket = driver->sockets; socket != NULL; socket = socket->next)
    linnet__udp_receive(driver, socket);
  uint64_t now_ms = linnet_clock_monotonic();
  tell_wall_clock(driver->loop, now_ms);
  linnet__parts_act(driver, LINNET__BEFORE_STEP, now_ms);
  linnet_loop_step(driver->loop, now_ms);
  linnet__parts_act(driver, LINNET__AFTER_STEP, now_ms);
  bool more = send_all(driver);
  linnet__parts_act(driver, LINNET__AFTER_SEND, now_ms);
  return more || linnet__parts_readable(driver) || next_deadline(driver) <= now_ms;
}

static linnet_status may_run(const linnet_driver *driver) {
  if (driver->closed) return linnet_loop_fail(driver->loop, LINNET_ERROR_CLOSED, "run: the driver is closed");
  if (driver->running)
    return linnet_loop_fail(driver->loop, LINNET_ERROR_WRONG_STATE, "run: the driver is running already");
  return LINNET_OK;
}

/* Turns until nothing is left to do, or the program has events to take: their queue is bounded. */
static void drive(linnet_driver *driver) {
  linnet_driver_ref(driver);
  driver->running = true;
  for (unsigned round = 0; round < ROUNDS && !driver->closed; round++)
    if (!turn(driver) || linnet_loop_has_event(driver->loop)) break;
  driver->running = false;
  if (!driver->closed) {
    close_abandoned(driver);
    linnet__wait_arm(driver, next_deadline(driver));
  }
  linnet_driver_unref(driver);
}

linnet_status linnet_driver_run(linnet_driver *driver) {
  linnet_status status = may_run(driver);
  if (status != LINNET_OK) return status;
  linnet_driver_wait(driver, 0); /* nothing, if a wait before this run saw something */
  linnet__wait_collect(driver);
  drive(driver);
  return LINNET_OK;
}

/* A batch was full: there may be more without asking. */
static bool any_readable(const linnet_driver *driver) {
  for (const linnet__socket *socket = driver->sockets; socket != NULL; socket = socket->next)
    if (socket->watch.readable) return true;
  return linnet__parts_readable(driver);
}

/*
 * What the calls since the last turn left to be done. The loop knows without a look at the clock whether it
 * has any; what falls due meanwhile is seen by the wait. True: there was something.
 */
static bool catch_up(linnet_driver *driver) {
  if (driver->parts != NULL || linnet_loop_deadline(driver->loop) <= linnet_loop_now(driver->loop)) {
    drive(driver);
    return true;
  }
  (void)send_all(driver);
  linnet__wait_arm(driver, next_deadline(driver));
  return false;
}

static linnet_status wait_and_run(linnet_driver *driver, int timeout_ms) {
  linnet_status status = linnet_driver_wait(driver, timeout_ms);
  driver->looked_ms = linnet_loop_now(driver->loop);
  if (status != LINNET_OK || driver->closed || driver->event_count == 0) return status;
  linnet__wait_collect(driver);
  drive(driver);
  return LINNET_OK;
}

/* A program that always has something to send need not ask more often than the clock ticks. */
static bool may_look_later(const linnet_driver *driver) {
  return driver->looked_ms == linnet_loop_now(driver->loop);
}

linnet_status linnet_driver_step(linnet_driver *driver, int timeout_ms) {
  linnet_status status = may_run(driver);
  if (status != LINNET_OK) return status;
  linnet_driver_ref(driver); /* a handler may give the last reference back */
  /* NOLINTBEGIN(clang-analyzer-unix.Malloc): the analyser does not count references */
  if (any_readable(driver)) {
    status = linnet_driver_run(driver);
  } else {
    bool busy = catch_up(driver);
    if (!driver->closed && !linnet_loop_has_event(driver->loop) &&
        !(busy && timeout_ms == 0 && may_look_later(driver)))
      status = wait_and_run(driver, timeout_ms);
  }
  linnet_driver_unref(driver);
  /* NOLINTEND(clang-analyzer-unix.Malloc) */
  return status;
}

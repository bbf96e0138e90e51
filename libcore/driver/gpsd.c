/* SPDX-License-Identifier: Apache-2.0 */
/* gpsd.c: clients that get their Location from gpsd, by its JSON socket (driver.h; gpsd_json(5)). */

#include <errno.h>
#include <linnet/event.h>
#include <linnet/standard.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver_internal.h"
#include "gpsd.h"

#define DEFAULT_NAME "localhost:2947"
#define TRY_AGAIN_MS 10000
/* The longest line of gpsd (GPS_JSON_RESPONSE_MAX) is about half of this; a longer one is passed over. */
#define LINE 8192

enum { ALTITUDE = 2, RADIUS = 3, VELOCITY = 4, SPEED = 6 };

typedef struct linnet__follower {
  linnet__part part;
  linnet_client *client; /* holds a reference */
  int descriptor;        /* -1: not connected */
  bool watching;         /* it was asked for reports */
  bool reported;         /* the application knows that it is not there */
  bool skipping;         /* the rest of a line that is too long */
  uint64_t retry_ms;
  size_t length;
  char line[LINE];
  char name[];
} linnet__follower;

static void disconnect(linnet__follower *follower) {
  if (follower->descriptor >= 0) close(follower->descriptor);
  follower->descriptor = -1;
  follower->watching = follower->skipping = false;
  follower->length = 0;
}

static void end(linnet__part *part) {
  linnet__follower *follower = (linnet__follower *)part;
  disconnect(follower);
  linnet_client_unref(follower->client);
  free(follower);
}

/* ---- the position -------------------------------------------------------------------------------- */

/* Gives a resource of /6/0 a number, or takes away what would be an old one. */
static void set_optional(linnet_client *client, uint16_t resource, bool known, double number) {
  linnet_path path = linnet_path_resource(6, 0, resource);
  linnet_object *object = linnet_client_object(client, 6);
  linnet_value value = linnet_value_float(number);
  if (object == NULL) return;
  if (known)
    linnet_object_set(object, path, &value);
  else if (linnet_object_has(object, path))
    linnet_object_unset(object, path);
}

static void move(linnet_client *client, const linnet__fix *fix) {
  const unsigned velocity = LINNET__FIX_SPEED | LINNET__FIX_BEARING;
  int64_t unix_s = (fix->has & LINNET__FIX_TIME) != 0 ? fix->unix_s : linnet_clock_wall() / 1000;
  if ((fix->has & LINNET__FIX_POSITION) == 0) return;
  if (linnet_client_set_location(client, fix->latitude, fix->longitude, unix_s) != LINNET_OK) return;
  set_optional(client, ALTITUDE, (fix->has & LINNET__FIX_ALTITUDE) != 0, fix->altitude);
  set_optional(client, RADIUS, (fix->has & LINNET__FIX_RADIUS) != 0, fix->radius);
  if ((fix->has & velocity) == velocity &&
      linnet_client_set_velocity(client, fix->speed, fix->bearing) == LINNET_OK)
    return;
  set_optional(client, SPEED, (fix->has & LINNET__FIX_SPEED) != 0, fix->speed);
  set_optional(client, VELOCITY, false, 0); /* who stands has no bearing */
}

/* ---- the connection ------------------------------------------------------------------------------ */

static void fail(linnet_driver *driver, linnet__follower *follower, uint64_t now_ms, const char *why) {
  char text[200];
  disconnect(follower);
  follower->retry_ms = now_ms + TRY_AGAIN_MS;
  if (follower->reported) return;
  follower->reported = true; /* once, until it is there again */
  snprintf(text, sizeof text, "gpsd at %.100s: %s", follower->name, why);
  linnet_loop_report(driver->loop, linnet_client_number(follower->client), LINNET_ERROR_SYSTEM, text);
}

static void connect_to(linnet_driver *driver, linnet__follower *follower, uint64_t now_ms) {
  linnet_address address;
  linnet__socket_address to;
  if (linnet__resolve(driver->loop, follower->name, LINNET__REACH_BOTH, &address) != LINNET_OK) {
    fail(driver, follower, now_ms, linnet_error_text(driver->loop));
    return;
  }
  socklen_t length = linnet__peer_to_socket(
      &to, &address, address.kind == LINNET_ADDRESS_IPV4 ? LINNET__REACH_IPV4 : LINNET__REACH_IPV6);
  follower->descriptor = socket(to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (follower->descriptor < 0 || !linnet__wait_watch(driver, follower->descriptor) ||
      (connect(follower->descriptor, &to.any, length) != 0 && errno != EINPROGRESS))
    fail(driver, follower, now_ms, linnet__error_words(errno));
}

/* gpsd greets first: then it is there, and is asked to report. */
static bool watch(linnet__follower *follower) {
  static const char command[] = "?WATCH={\"enable\":true,\"json\":true};\n";
  if (follower->watching) return true;
  follower->watching = true;
  follower->reported = false;
  return send(follower->descriptor, command, sizeof command - 1, MSG_NOSIGNAL) == sizeof command - 1;
}

/* Takes whole lines from the front of the buffer. */
static void take_lines(linnet__follower *follower) {
  char *start = follower->line, *end;
  linnet__fix fix;
  while ((end = memchr(start, '\n', follower->length - (size_t)(start - follower->line))) != NULL) {
    *end = 0;
    if (!follower->skipping && linnet__fix_read(start, &fix)) move(follower->client, &fix);
    follower->skipping = false;
    start = end + 1;
  }
  follower->length -= (size_t)(start - follower->line);
  memmove(follower->line, start, follower->length);
  if (follower->length < LINE) return;
  follower->skipping = true;
  follower->length = 0;
}

/* One piece a turn: a flood does not hold the loop up, and what is left wakes the driver again. */
static void receive(linnet_driver *driver, linnet__follower *follower, uint64_t now_ms) {
  ssize_t got =
      recv(follower->descriptor, follower->line + follower->length, LINE - follower->length, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOTCONN)) return;
  if (got <= 0) {
    fail(driver, follower, now_ms, got == 0 ? "it has ended the connection" : linnet__error_words(errno));
    return;
  }
  follower->length += (size_t)got;
  if (watch(follower))
    take_lines(follower);
  else
    fail(driver, follower, now_ms, "it takes no commands");
}

static bool run(linnet__part *part, uint64_t now_ms) {
  linnet__follower *follower = (linnet__follower *)part;
  if (linnet_client_object(follower->client, 0) == NULL) return false;
  if (follower->descriptor < 0 && now_ms >= follower->retry_ms) connect_to(part->driver, follower, now_ms);
  if (follower->descriptor >= 0) receive(part->driver, follower, now_ms);
  return true;
}

static uint64_t deadline(const linnet__part *part) {
  const linnet__follower *follower = (const linnet__follower *)part;
  return follower->descriptor < 0 ? follower->retry_ms : LINNET_NEVER;
}

static const linnet__part_rules rules = {
    .at = {[LINNET__BEFORE_STEP] = run}, .deadline = deadline, .end = end};

static bool is_following(const linnet_driver *driver, const linnet_client *client) {
  for (linnet__part *part = linnet__part_first(driver->parts, &rules); part != NULL;
       part = linnet__part_first(part->next, &rules))
    if (((const linnet__follower *)part)->client == client) return true;
  return false;
}

linnet_status linnet_driver_follow_gpsd(linnet_driver *driver, linnet_client *client, const char *name) {
  linnet_loop *loop = driver->loop;
  linnet_address address;
  if (name == NULL) name = DEFAULT_NAME;
  if (driver->closed) return linnet_loop_fail(loop, LINNET_ERROR_CLOSED, "gpsd: the driver is closed");
  if (client == NULL || linnet_client_loop(client) != loop)
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "gpsd: the client belongs to another loop");
  if (is_following(driver, client))
    return linnet_loop_fail(loop, LINNET_ERROR_EXISTS, "gpsd: the client follows one already");
  /* A name that is not known now may be later, when the network is up. */
  linnet_status status = linnet__resolve(loop, name, LINNET__REACH_BOTH, &address);
  if (status == LINNET_ERROR_INVALID_ARGUMENT) return status;
  if (linnet_client_object(client, 6) == NULL && (status = linnet_client_add_location(client)) != LINNET_OK)
    return status;
  size_t size = strlen(name) + 1;
  linnet__follower *follower = calloc(1, sizeof *follower + size);
  if (follower == NULL) return linnet_loop_fail(loop, LINNET_ERROR_NO_MEMORY, "gpsd: out of memory");
  memcpy(follower->name, name, size);
  follower->descriptor = -1;
  follower->client = linnet_client_ref(client);
  linnet__part_add(driver, &follower->part, &rules);
  return LINNET_OK;
}

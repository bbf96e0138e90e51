/* SPDX-License-Identifier: Apache-2.0 */
/* firmware.c: object 5, Firmware Update: its state machine (standard.h; objects.md FW-01 to FW-22). */
#include <string.h>

#include "client_internal.h"

enum {
  PACKAGE = 0,
  PACKAGE_URI = 1,
  UPDATE = 2,
  STATE = 3,
  RESULT = 5,
  PACKAGE_NAME = 6,
  PACKAGE_VERSION = 7,
  PROTOCOLS = 8,
  DELIVERY = 9
};
enum { PULL_ONLY = 0, PUSH_ONLY = 1 };

static linnet_object *firmware(const linnet_client *client) {
  return linnet__engine_object(client->engine, 5);
}

static linnet_path resource(uint16_t id) { return linnet_path_resource(5, 0, id); }

linnet_firmware_state linnet_client_firmware_state(const linnet_client *client) {
  return (linnet_firmware_state)linnet__client_standard_integer(client, 5, STATE);
}

/* ---- what is left behind ------------------------------------------------------------------------- */

/* The result first: who observes the state reads it then. What was under way is not any more. */
static void enter(linnet_client *client, linnet_firmware_state state, linnet_firmware_result result) {
  client->push = 0;
  linnet__client_set_standard(client, 5, RESULT, result);
  linnet__client_set_standard(client, 5, STATE, state);
}

static bool has_value(const linnet_client *client, uint16_t id) {
  const linnet__resource *of = linnet__client_standard_resource(client, 5, id);
  return of != NULL && of->count > 0;
}

/* The image goes, and what described it (FW-06). */
static void drop_package(linnet_client *client) {
  static const uint16_t words[] = {PACKAGE_URI, PACKAGE_NAME, PACKAGE_VERSION};
  linnet_object *object = firmware(client);
  if (has_value(client, PACKAGE)) {
    linnet_object_unset(object, resource(PACKAGE));
    linnet_object_offer(object, resource(PACKAGE));
  }
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (has_value(client, words[i])) linnet__object_set_text(object, 0, words[i], "");
}

/* ---- what a server writes ------------------------------------------------------------------------ */

/* What a write means: the parts that are no reset. */
typedef struct order {
  bool package;
  bool uri;
  linnet_value value; /* of the URI */
} order;

/* FW-10, FW-08, AMB-24: nothing, or a single NUL byte. */
static bool is_reset(const linnet_value *value) {
  return value->as.bytes.length == 0 || (value->as.bytes.length == 1 && value->as.bytes.data[0] == 0);
}

static order read_order(const linnet_batch *records) {
  order read = {false, false, linnet_value_none()};
  linnet_record record;
  for (size_t i = 0; linnet_batch_record(records, i, &record) == LINNET_OK; i++) {
    if (record.path.depth != 3 || is_reset(&record.value)) continue;
    if (record.path.id[2] == PACKAGE) read.package = true;
    if (record.path.id[2] != PACKAGE_URI) continue;
    read.uri = true;
    read.value = record.value;
  }
  return read;
}

static linnet_status accept_write(const linnet_client *client, const linnet_batch *records) {
  linnet_firmware_state state = linnet_client_firmware_state(client);
  order wanted = read_order(records);
  if (state == LINNET_FIRMWARE_UPDATING) return LINNET_ERROR_NOT_ALLOWED; /* FW-22 */
  if (!wanted.package && !wanted.uri) return LINNET_OK;
  if (state != LINNET_FIRMWARE_IDLE || (wanted.package && wanted.uri))
    return LINNET_ERROR_INVALID_ARGUMENT; /* FW-21 */
  if (wanted.package && linnet__client_standard_integer(client, 5, DELIVERY) == PULL_ONLY)
    return LINNET_ERROR_NOT_ALLOWED;
  return LINNET_OK;
}

static linnet_status accept(linnet_client *client, linnet_operation operation, linnet_path path,
                            const linnet_batch *records) {
  if (operation != LINNET_OPERATION_EXECUTE) return accept_write(client, records);
  if (path.id[2] == UPDATE && linnet_client_firmware_state(client) != LINNET_FIRMWARE_DOWNLOADED)
    return LINNET_ERROR_NOT_ALLOWED; /* FW-18 */
  return LINNET_OK;
}

/* ---- where a package is fetched from ------------------------------------------------------------- */

static bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

/* RFC 3986 3.1: the length of the scheme of scheme://something without blanks, or 0. */
static size_t scheme_length(const char *uri, size_t length) {
  size_t end = 0;
  while (end < length && is_letter(uri[end])) end++;
  if (end == 0) return 0;
  while (end < length && (is_letter(uri[end]) || (uri[end] >= '0' && uri[end] <= '9') || uri[end] == '+' ||
                          uri[end] == '-' || uri[end] == '.'))
    end++;
  if (length < end + 4 || memcmp(uri + end, "://", 3) != 0 || uri[end + 3] == '/') return 0;
  for (size_t i = end; i < length; i++)
    if (uri[i] <= ' ' || uri[i] == 0x7F) return 0;
  return end;
}

/* Does /5/0/8 list the protocol? */
static bool can_fetch(const linnet_client *client, const char *scheme, size_t length) {
  static const char schemes[][6] = {"coap", "coaps", "http", "https"}; /* by protocol number */
  const linnet__resource *protocols = linnet__client_standard_resource(client, 5, PROTOCOLS);
  if (protocols == NULL || linnet__client_standard_integer(client, 5, DELIVERY) == PUSH_ONLY) return false;
  for (size_t i = 0; i < protocols->count; i++) {
    int64_t protocol = protocols->values[i].stored.value.as.integer;
    if (protocol < 0 || protocol >= (int64_t)(sizeof schemes / sizeof schemes[0])) continue;
    const char *name = schemes[protocol];
    size_t at = 0;
    while (at < length && name[at] != 0 && (scheme[at] | 0x20) == name[at]) at++;
    if (at == length && name[at] == 0) return true;
  }
  return false;
}

static void begin_pull(linnet_client *client, const linnet_value *value) {
  const char *uri = (const char *)value->as.bytes.data;
  size_t scheme = scheme_length(uri, value->as.bytes.length);
  if (scheme == 0)
    enter(client, LINNET_FIRMWARE_IDLE, LINNET_FIRMWARE_INVALID_URI); /* FW-13 */
  else if (!can_fetch(client, uri, scheme))
    enter(client, LINNET_FIRMWARE_IDLE, LINNET_FIRMWARE_UNSUPPORTED_PROTOCOL); /* FW-14 */
  else
    enter(client, LINNET_FIRMWARE_DOWNLOADING, LINNET_FIRMWARE_COMPLETE); /* FW-12 */
}

/* ---- what happens -------------------------------------------------------------------------------- */

static void written(linnet_client *client, const linnet_batch *records) {
  order wanted = read_order(records);
  if (wanted.package) {
    enter(client, LINNET_FIRMWARE_DOWNLOADING, LINNET_FIRMWARE_COMPLETE); /* FW-11 */
  } else if (wanted.uri) {
    begin_pull(client, &wanted.value);
  } else { /* FW-10 */
    drop_package(client);
    enter(client, LINNET_FIRMWARE_IDLE, LINNET_FIRMWARE_COMPLETE);
  }
}

static void done(linnet_client *client, linnet_operation operation, linnet_path path) {
  if (operation == LINNET_OPERATION_EXECUTE && path.id[2] == UPDATE)
    enter(client, LINNET_FIRMWARE_UPDATING, LINNET_FIRMWARE_COMPLETE); /* FW-17 */
}

/* ---- a package in blocks ------------------------------------------------------------------------- */

static uint8_t precheck(const linnet_client *client, linnet_path path) {
  linnet_firmware_state state = linnet_client_firmware_state(client);
  if (!linnet_path_equal(path, resource(PACKAGE)) || state == LINNET_FIRMWARE_IDLE) return 0;
  return state == LINNET_FIRMWARE_UPDATING ? LINNET__METHOD_NOT_ALLOWED
                                           : LINNET__BAD_REQUEST; /* FW-21, FW-22 */
}

static uint32_t collecting(linnet_client *client, linnet_path path) {
  bool idle = linnet_client_firmware_state(client) == LINNET_FIRMWARE_IDLE;
  if (!linnet_path_equal(path, resource(PACKAGE)) || !idle) return 0;
  enter(client, LINNET_FIRMWARE_DOWNLOADING, LINNET_FIRMWARE_COMPLETE); /* FW-11 */
  if (++client->pushes == 0) client->pushes++;
  client->push = client->pushes;
  return client->push;
}

/* What is whole is a write like another from here on; whoever observes the state sees no gap, as nobody is
 * told before the end of the step. */
static void collected(linnet_client *client, uint32_t push, linnet__body_end end) {
  if (push != client->push || client->handle.closed) return;
  enter(client, LINNET_FIRMWARE_IDLE,
        end == LINNET__BODY_WHOLE ? LINNET_FIRMWARE_COMPLETE : LINNET_FIRMWARE_CONNECTION_LOST); /* FW-16 */
}

/* FW-04. */
static void restored(linnet_client *client) {
  if (linnet_client_firmware_state(client) != LINNET_FIRMWARE_DOWNLOADING) return;
  drop_package(client);
  enter(client, LINNET_FIRMWARE_IDLE, LINNET_FIRMWARE_CONNECTION_LOST);
}

/* ---- what there is to begin with, and what the application says ---------------------------------- */

static const linnet__initial initial[] = {
    {PACKAGE, LINNET_TYPE_NONE, 0},       {UPDATE, LINNET_TYPE_NONE, 0},
    {PACKAGE_URI, LINNET_TYPE_STRING, 0}, {STATE, LINNET_TYPE_INTEGER, 0},
    {RESULT, LINNET_TYPE_INTEGER, 0},     {DELIVERY, LINNET_TYPE_INTEGER, PUSH_ONLY}};

static const linnet__behaviour behaviour = {.object = 5,
                                            .initial = initial,
                                            .initial_count = sizeof initial / sizeof initial[0],
                                            .accept = accept,
                                            .written = written,
                                            .done = done,
                                            .precheck = precheck,
                                            .collecting = collecting,
                                            .collected = collected,
                                            .restored = restored};

linnet_status linnet_client_add_firmware(linnet_client *client) {
  return linnet__client_add_standard(client, &behaviour);
}

linnet_status linnet_client_end_firmware(linnet_client *client, linnet_firmware_result result) {
  static const struct {
    uint8_t from, result, to;
  } steps[] = {
      {LINNET_FIRMWARE_DOWNLOADING, 0, LINNET_FIRMWARE_DOWNLOADED}, /* FW-15 */
      {LINNET_FIRMWARE_DOWNLOADING, 2, LINNET_FIRMWARE_IDLE},       /* FW-16 */
      {LINNET_FIRMWARE_DOWNLOADING, 3, LINNET_FIRMWARE_IDLE},
      {LINNET_FIRMWARE_DOWNLOADING, 4, LINNET_FIRMWARE_IDLE},
      {LINNET_FIRMWARE_DOWNLOADING, 5, LINNET_FIRMWARE_IDLE},
      {LINNET_FIRMWARE_DOWNLOADING, 6, LINNET_FIRMWARE_IDLE},
      {LINNET_FIRMWARE_DOWNLOADING, 7, LINNET_FIRMWARE_IDLE},
      {LINNET_FIRMWARE_DOWNLOADING, 9, LINNET_FIRMWARE_IDLE},
      {LINNET_FIRMWARE_UPDATING, 1, LINNET_FIRMWARE_IDLE},       /* FW-19 */
      {LINNET_FIRMWARE_UPDATING, 8, LINNET_FIRMWARE_DOWNLOADED}, /* FW-20 */
      {LINNET_FIRMWARE_UPDATING, 5, LINNET_FIRMWARE_IDLE},
  };
  linnet_firmware_state state = linnet_client_firmware_state(client);
  bool early = client->push != 0 && result == LINNET_FIRMWARE_COMPLETE; /* there are blocks to come */
  for (size_t i = 0; !client->handle.closed && !early && i < sizeof steps / sizeof steps[0]; i++) {
    if (steps[i].from != (uint8_t)state || steps[i].result != (uint8_t)result) continue;
    if (steps[i].to == LINNET_FIRMWARE_IDLE) drop_package(client);
    enter(client, (linnet_firmware_state)steps[i].to, result);
    return LINNET_OK;
  }
  return linnet__fail(client->handle.loop, LINNET_ERROR_WRONG_STATE,
                      "firmware of \"%s\": state %u does not end with result %u", client->endpoint,
                      (unsigned)state, (unsigned)result);
}

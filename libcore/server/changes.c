/* SPDX-License-Identifier: Apache-2.0 */
/* changes.c: records of named blobs: how a server tells what it would keep over a restart (store.h,
 * docs/architecture.md section 8). */
#include <linnet/store.h>
#include <string.h>

#include "server_internal.h"

/*
 * A record: the size of what follows the first eight bytes, and its checksum; what to do, the length of the
 * name, the name; the blob, of a PUT.
 */
#define HEAD 8
#define BODY_HEAD 3
enum { ACTION_PUT = 1, ACTION_DELETE = 2 };

/* What may wait for a store that is slow to take it. */
#define CHANGES_LIMIT ((size_t)256 << 20)
/* What stays allocated between turns. */
#define CHANGES_KEPT ((size_t)1 << 20)
/* Numbers that are written down before they are given (slots.c). */
#define NUMBERS_AHEAD 4096
/* Registrations in a part. */
#define PART 256

/* ---- records ------------------------------------------------------------------------------------- */

size_t linnet__change_begin(linnet__buffer *out, bool deletes, const char *kind, const char *name,
                            size_t length) {
  size_t start = out->length, kind_length = strlen(kind);
  linnet__put_number(out, 0, HEAD);
  linnet__put_number(out, deletes ? ACTION_DELETE : ACTION_PUT, 1);
  linnet__put_number(out, kind_length + 1 + length, 2);
  linnet__buffer_append(out, kind, kind_length);
  linnet__buffer_append_byte(out, '/');
  linnet__buffer_append(out, name, length);
  return start;
}

void linnet__change_end(linnet__buffer *out, size_t start) {
  if (out->failed != LINNET_OK) return;
  size_t size = out->length - start - HEAD;
  linnet__put_u32(out->data + start, (uint32_t)size);
  linnet__put_u32(out->data + start + 4, linnet__checksum(out->data + start + HEAD, size));
}

linnet_status linnet_change_next(const void *data, size_t length, size_t *position, linnet_change *out) {
  if (*position >= length) return LINNET_ERROR_NOT_FOUND;
  linnet__packed rest = {(const uint8_t *)data + *position, length - *position, false};
  const uint8_t *start = rest.data;
  size_t size = (size_t)linnet__unpack_number(&rest, 4);
  uint32_t sum = (uint32_t)linnet__unpack_number(&rest, 4);
  linnet__packed body = {linnet__unpack_bytes(&rest, size), size, false};
  if (rest.failed || linnet__checksum(body.data, size) != sum) return LINNET_ERROR_MALFORMED;
  uint8_t action = linnet__unpack_u8(&body);
  size_t name_length = linnet__unpack_u16(&body);
  const uint8_t *name = linnet__unpack_bytes(&body, name_length);
  if (body.failed || (action != ACTION_PUT && action != ACTION_DELETE)) return LINNET_ERROR_MALFORMED;
  *out = (linnet_change){.name = (const char *)name,
                         .name_length = name_length,
                         .blob = body.data,
                         .blob_length = body.length,
                         .record = start,
                         .record_length = HEAD + size,
                         .deleted = action == ACTION_DELETE};
  *position += HEAD + size;
  return LINNET_OK;
}

/* ---- what changes -------------------------------------------------------------------------------- */

/* Until it is stored, nothing that leaves the loop may say that it is done. */
static linnet__buffer *changes_of(linnet_server *server) {
  if (!server->holding) linnet__loop_hold(server->handle.loop);
  server->holding = true;
  return &server->changes;
}

static void release(linnet_server *server) {
  if (server->holding) linnet__loop_release(server->handle.loop);
  server->holding = false;
}

static void put_numbers(linnet_server *server, linnet__buffer *out) {
  size_t start = linnet__change_begin(out, false, "server", "numbers", strlen("numbers"));
  linnet__state_write_numbers(server, out);
  linnet__change_end(out, start);
}

static void put_registration(const linnet__registration *registration, linnet__buffer *out) {
  size_t start =
      linnet__change_begin(out, false, "registration", registration->endpoint, registration->endpoint_length);
  linnet__state_write_registration(registration, out);
  linnet__change_end(out, start);
}

static size_t request_name(const linnet__server_request *request, char name[LINNET__INTEGER_TEXT_SIZE]) {
  return linnet__format_unsigned(request->number, name);
}

static void put_request(linnet__server_request *request, linnet__buffer *out) {
  char name[LINNET__INTEGER_TEXT_SIZE];
  size_t start = linnet__change_begin(out, false, "request", name, request_name(request, name));
  linnet__state_write_request(request, out);
  linnet__change_end(out, start);
}

void linnet__change_registration(const linnet__registration *registration) {
  linnet_server *server = registration->server;
  if (!server->recording) return;
  linnet__buffer *out = changes_of(server);
  if (server->by_number.given >= server->numbers_known) {
    server->numbers_known = server->by_number.given + NUMBERS_AHEAD;
    put_numbers(server, out);
  }
  put_registration(registration, out);
}

void linnet__change_registration_gone(const linnet__registration *registration) {
  linnet_server *server = registration->server;
  if (!server->recording) return;
  linnet__buffer *out = changes_of(server);
  linnet__change_end(out, linnet__change_begin(out, true, "registration", registration->endpoint,
                                               registration->endpoint_length));
}

void linnet__change_request(linnet__server_request *request) {
  if (!request->server->recording) return;
  request->stored = true;
  put_request(request, changes_of(request->server));
}

void linnet__change_request_gone(const linnet__server_request *request) {
  char name[LINNET__INTEGER_TEXT_SIZE];
  if (!request->server->recording || !request->stored) return;
  linnet__buffer *out = changes_of(request->server);
  linnet__change_end(out, linnet__change_begin(out, true, "request", name, request_name(request, name)));
}

/* "tickets/0": what the tickets of a transport are sealed with. */
static void put_tickets(const linnet_transport *transport, size_t index, linnet__buffer *out) {
  char name[LINNET__INTEGER_TEXT_SIZE];
  size_t start = linnet__change_begin(out, false, "tickets", name, linnet__format_unsigned(index, name));
  linnet__transport_save_tickets(transport, out);
  linnet__change_end(out, start);
}

/* How often they changed, in all; put into `out` if that is not NULL. */
static uint64_t all_tickets(const linnet_server *server, linnet__buffer *out) {
  const linnet_transport *transport;
  uint64_t sum = 0;
  for (size_t i = 0; (transport = linnet__coap_transport_at(server->coap, i)) != NULL; i++) {
    if (linnet__coap_transport_index(server->coap, transport) != i) break; /* that was the last one */
    uint64_t made = linnet__transport_tickets(transport);
    if (made > 0 && out != NULL) put_tickets(transport, i, out);
    sum += made;
  }
  return sum;
}

/* A key was made in this step, and what is sealed with it has not left yet. */
void linnet__change_tickets(linnet_server *server) {
  if (!server->recording) return;
  uint64_t made = all_tickets(server, NULL);
  if (made == server->tickets_known) return;
  server->tickets_known = made;
  server->secrets = true;
  all_tickets(server, changes_of(server));
}

/* "counters/0/sms:+15550111": the transport, and the number. */
static void put_counters(const linnet_server *server, const linnet_transport *transport,
                         const linnet__counters *counters, linnet__buffer *out) {
  char name[LINNET__INTEGER_TEXT_SIZE + 1 + LINNET_ADDRESS_TEXT_SIZE];
  bool gone = counters->keys == 0;
  size_t length = linnet__format_unsigned(linnet__coap_transport_index(server->coap, transport), name);
  name[length++] = '/';
  linnet_address_text(&counters->peer, name + length);
  size_t start = linnet__change_begin(out, gone, "counters", name, strlen(name));
  if (!gone) linnet__state_write_counters(counters, out);
  linnet__change_end(out, start);
}

void linnet__change_counters(linnet_server *server, const linnet_transport *transport,
                             const linnet__counters *counters) {
  if (server->recording) put_counters(server, transport, counters, changes_of(server));
}

/* ---- taking them --------------------------------------------------------------------------------- */

void linnet__changes_init(linnet_server *server) {
  linnet__buffer_init(&server->changes, server->handle.loop, CHANGES_LIMIT);
  linnet__buffer_init(&server->saved, server->handle.loop, SIZE_MAX);
}

void linnet__changes_end(linnet_server *server) {
  release(server);
  server->recording = false;
  linnet__wipe(server->changes.data, server->changes.capacity); /* keys of tickets */
  linnet__wipe(server->saved.data, server->saved.capacity);
  linnet__buffer_free(&server->changes);
  linnet__buffer_free(&server->saved);
}

static linnet_status check_recording(const linnet_server *server, const char *call) {
  linnet_loop *loop = server->handle.loop;
  if (server->handle.closed) return linnet__fail(loop, LINNET_ERROR_CLOSED, "%s: the server is closed", call);
  if (!server->recording)
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "%s: linnet_server_record was not called", call);
  return LINNET_OK;
}

linnet_status linnet_server_record(linnet_server *server) {
  if (server == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  if (server->handle.closed)
    return linnet__fail(server->handle.loop, LINNET_ERROR_CLOSED, "record: the server is closed");
  if (server->recording) return LINNET_OK;
  server->recording = true;
  server->numbers_known = server->by_number.given + NUMBERS_AHEAD;
  put_numbers(server, changes_of(server));
  return LINNET_OK;
}

linnet_status linnet_server_changes(linnet_server *server, const void **data, size_t *length) {
  if (server == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_status status = check_recording(server, "changes");
  if (status != LINNET_OK) return status;
  *data = server->changes.data;
  *length = server->changes_taken = server->changes.length;
  if (server->changes.failed == LINNET_OK) return LINNET_OK;
  return linnet__fail(server->handle.loop, server->changes.failed,
                      "changes: some were lost, save everything anew: %s",
                      linnet_status_text(server->changes.failed));
}

linnet_status linnet_server_stored(linnet_server *server) {
  if (server == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_status status = check_recording(server, "stored");
  linnet__buffer *changes = &server->changes;
  if (status != LINNET_OK) return status;
  size_t left = changes->length - server->changes_taken;
  if (left > 0) memmove(changes->data, changes->data + server->changes_taken, left);
  server->changes_taken = 0;
  if (left == 0) release(server);
  if (left == 0 && server->secrets) {
    linnet__wipe(changes->data, changes->capacity);
    server->secrets = false;
  }
  if (left == 0 && changes->capacity > CHANGES_KEPT) linnet__buffer_free(changes);
  linnet__buffer_clear(changes);
  changes->length = left;
  return LINNET_OK;
}

/* ---- everything ---------------------------------------------------------------------------------- */

static void put_requests(const linnet__registration *registration, linnet__buffer *out) {
  linnet__server_request *request = registration->requests;
  if (request == NULL) return;
  do {
    bool lasts = request->state == LINNET__SERVER_REQUEST_OBSERVING || request->held != NULL;
    if (lasts) {
      request->stored = true;
      put_request(request, out);
    }
    request = LINNET__CONTAINER(request->node.next, linnet__server_request, node);
  } while (request != registration->requests);
}

static void put_standing(const linnet_server *server, linnet__buffer *out) {
  const linnet__standing *standing;
  for (size_t at = 0; (standing = linnet__map_next(&server->standing, &at)) != NULL;)
    for (linnet__list *node = standing->requests.next; node != &standing->requests; node = node->next) {
      linnet__server_request *request = LINNET__CONTAINER(node, linnet__server_request, node);
      request->stored = true;
      put_request(request, out);
    }
}

static void put_all_counters(const linnet_server *server, linnet__buffer *out) {
  const linnet_transport *transport;
  for (size_t i = 0; (transport = linnet__coap_transport_at(server->coap, i)) != NULL; i++) {
    const linnet__counters *counters;
    if (linnet__coap_transport_index(server->coap, transport) != i) return; /* that was the last one */
    for (size_t at = 0; (counters = linnet__transport_next_counters(transport, &at)) != NULL;)
      if (counters->keys != 0) put_counters(server, transport, counters, out);
  }
}

/* From the place *position on; the last part has what belongs to no registration. */
static void put_part(linnet_server *server, uint64_t *position, linnet__buffer *out) {
  if (*position == 0) {
    uint64_t ahead = server->by_number.given + NUMBERS_AHEAD;
    if (server->numbers_known < ahead) server->numbers_known = ahead;
    put_numbers(server, out);
    put_all_counters(server, out);
    all_tickets(server, out);
  }
  uint32_t place = (uint32_t)*position;
  for (size_t count = 0; count < PART; count++) {
    const linnet__registration *registration = linnet__slots_next(&server->by_number, &place);
    *position = place;
    if (registration == NULL) {
      put_standing(server, out);
      *position = LINNET_SAVED;
      return;
    }
    put_registration(registration, out);
    put_requests(registration, out);
  }
}

static linnet_status finish_saving(linnet_server *server, const void **data, size_t *length) {
  const linnet__buffer *out = &server->saved;
  *data = out->data;
  *length = out->length;
  if (out->failed == LINNET_OK) return LINNET_OK;
  return linnet__fail(server->handle.loop, out->failed, "save: %s", linnet_status_text(out->failed));
}

static linnet_status begin_saving(linnet_server *server) {
  if (server == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  if (server->handle.closed)
    return linnet__fail(server->handle.loop, LINNET_ERROR_CLOSED, "save: the server is closed");
  linnet__buffer_clear(&server->saved);
  return LINNET_OK;
}

linnet_status linnet_server_save_part(linnet_server *server, uint64_t *position, const void **data,
                                      size_t *length) {
  linnet_status status = begin_saving(server);
  if (status != LINNET_OK) return status;
  if (*position != LINNET_SAVED) put_part(server, position, &server->saved);
  return finish_saving(server, data, length);
}

linnet_status linnet_server_save(linnet_server *server, const void **data, size_t *length) {
  linnet_status status = begin_saving(server);
  if (status != LINNET_OK) return status;
  for (uint64_t position = 0; position != LINNET_SAVED && server->saved.failed == LINNET_OK;)
    put_part(server, &position, &server->saved);
  return finish_saving(server, data, length);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* state.c: registrations, observations and waiting requests as blobs, and back (store.h,
 * docs/architecture.md section 8). */
#include <linnet/store.h>
#include <string.h>

#include "server_internal.h"

/* At the beginning of every blob. */
#define VERSION 1
#define ENDPOINT_SIZE 252

/* ---- times: wall clock in blobs, as a restart begins a new count --------------------------------- */

static uint64_t to_wall(linnet_loop *loop, uint64_t deadline_ms) {
  int64_t wall_ms = linnet_loop_wall_clock(loop);
  uint64_t now_ms = linnet_loop_now(loop);
  if (wall_ms <= 0 || deadline_ms == LINNET_NEVER || deadline_ms == 0) return 0; /* 0 has not begun yet */
  return (uint64_t)wall_ms + (deadline_ms > now_ms ? deadline_ms - now_ms : 0);
}

/* At most `most_ms` from now: also where nobody knew the time, or knows it now. */
static uint64_t from_wall(linnet_loop *loop, uint64_t wall_ms, uint64_t most_ms) {
  int64_t present_ms = linnet_loop_wall_clock(loop);
  uint64_t left_ms = most_ms;
  if (wall_ms != 0 && present_ms > 0)
    left_ms = wall_ms > (uint64_t)present_ms ? wall_ms - (uint64_t)present_ms : 0;
  if (left_ms > most_ms) left_ms = most_ms;
  if (left_ms == LINNET_NEVER) return LINNET_NEVER;
  uint64_t deadline_ms = linnet_loop_now(loop) + left_ms;
  return deadline_ms > 0 ? deadline_ms : 1; /* 0 has not begun yet */
}

/* ---- texts --------------------------------------------------------------------------------------- */

static void put_bytes(linnet__buffer *out, const void *data, size_t length) {
  linnet__put_number(out, length, 4);
  linnet__buffer_append(out, data, length);
}

static linnet__text unpack_text(linnet__packed *in) {
  size_t length = (size_t)linnet__unpack_number(in, 4);
  return (linnet__text){(const char *)linnet__unpack_bytes(in, length), in->failed ? 0 : length};
}

static bool is_text(const linnet__text *text, size_t most) {
  return text->length <= most && memchr(text->data, 0, text->length) == NULL;
}

/* ---- numbers ------------------------------------------------------------------------------------- */

void linnet__state_write_numbers(const linnet_server *server, linnet__buffer *out) {
  linnet__put_number(out, VERSION, 1);
  linnet__put_number(out, server->location_offset, 8);
  linnet__put_number(out, server->numbers_known, 8);
}

static linnet_status read_numbers(linnet_server *server, linnet__packed *in) {
  uint8_t version = linnet__unpack_u8(in);
  uint64_t offset = linnet__unpack_number(in, 8), given = linnet__unpack_number(in, 8);
  if (in->failed || version != VERSION) return LINNET_ERROR_MALFORMED;
  server->location_offset = offset;
  if (server->by_number.given < given) server->by_number.given = given;
  return LINNET_OK;
}

/* ---- counters of secured packets (SMS-42) -------------------------------------------------------- */

void linnet__state_write_counters(const linnet__counters *counters, linnet__buffer *out) {
  linnet__put_number(out, VERSION, 1);
  linnet__put_number(out, counters->keys, 8);
  linnet__put_number(out, counters->sent, 8);
  linnet__put_number(out, counters->accepted, 8);
}

/* "0/sms:+15550111" */
static bool read_counters_name(linnet__text name, uint64_t *index, linnet_address *peer) {
  char text[LINNET_ADDRESS_TEXT_SIZE];
  const char *slash = memchr(name.data, '/', name.length);
  if (slash == NULL) return false;
  size_t digits = (size_t)(slash - name.data), length = name.length - digits - 1;
  if (length >= sizeof text) return false;
  memcpy(text, slash + 1, length);
  text[length] = 0;
  return linnet__parse_unsigned(name.data, digits, UINT16_MAX, index) &&
         linnet_address_parse(peer, text) == LINNET_OK;
}

/* Where the transports are others now, or in another order, those with packets take it: it is the keys that
 * count. */
static linnet_status restore_counters(const linnet_server *server, size_t index,
                                      const linnet__counters *counters) {
  linnet_transport *transport = linnet__coap_transport_at(server->coap, index);
  if (transport == NULL) return LINNET_OK;
  linnet_status status = linnet__transport_restore_counters(transport, counters);
  for (size_t i = 0; status == LINNET_ERROR_WRONG_STATE; i++) {
    transport = linnet__coap_transport_at(server->coap, i);
    if (linnet__coap_transport_index(server->coap, transport) != i)
      return LINNET_OK; /* that was the last one */
    status = linnet__transport_restore_counters(transport, counters);
  }
  return status == LINNET_ERROR_NO_MEMORY ? status : LINNET_OK;
}

/* Those that are gone have no keys, and count for none. */
static linnet_status read_counters(const linnet_server *server, const linnet_change *change,
                                   linnet__text name, linnet__packed *in) {
  linnet__counters counters = {.keys = 0};
  uint64_t index;
  if (!read_counters_name(name, &index, &counters.peer)) return LINNET_ERROR_MALFORMED;
  if (!change->deleted) {
    uint8_t version = linnet__unpack_u8(in);
    counters.keys = linnet__unpack_number(in, 8);
    counters.sent = linnet__unpack_number(in, 8);
    counters.accepted = linnet__unpack_number(in, 8);
    if (in->failed || version != VERSION) return LINNET_ERROR_MALFORMED;
  }
  return restore_counters(server, (size_t)index, &counters);
}

/* ---- keys of tickets of DTLS --------------------------------------------------------------------- */

static linnet_status read_tickets(const linnet_server *server, linnet__text name, const linnet__packed *in) {
  uint64_t index;
  if (!linnet__parse_unsigned(name.data, name.length, UINT16_MAX, &index)) return LINNET_ERROR_MALFORMED;
  linnet_transport *transport = linnet__coap_transport_at(server->coap, (size_t)index);
  return transport != NULL ? linnet__transport_restore_tickets(transport, in->data, in->length) : LINNET_OK;
}

/* ---- registrations ------------------------------------------------------------------------------- */

void linnet__state_write_registration(const linnet__registration *registration, linnet__buffer *out) {
  const linnet_server *server = registration->server;
  const linnet__facts *facts = registration->facts;
  const linnet_address *address = &registration->peer.address;
  linnet__put_number(out, VERSION, 1);
  linnet__put_number(out, registration->number, 8);
  linnet__put_number(out, to_wall(server->handle.loop, registration->expires_ms), 8);
  linnet__put_number(out, registration->lifetime_s, 4);
  linnet__put_number(out, registration->binding, 1);
  linnet__put_number(out, facts->json, 1);
  linnet__put_number(out, linnet__coap_transport_index(server->coap, registration->peer.transport), 2);
  linnet__put_number(out, address->kind, 1);
  linnet__put_number(out, address->length, 1);
  linnet__buffer_append(out, address->bytes, address->length);
  put_bytes(out, linnet__registration_sms(registration), facts->sms_length);
  put_bytes(out, linnet__registration_root(registration), facts->root_length);
  put_bytes(out, linnet__registration_links(registration), facts->links_length);
}

static bool unpack_address(linnet__packed *in, linnet_address *address) {
  memset(address, 0, sizeof *address);
  address->kind = linnet__unpack_u8(in);
  address->length = linnet__unpack_u8(in);
  if (address->length > LINNET_ADDRESS_SIZE) return false;
  const uint8_t *bytes = linnet__unpack_bytes(in, address->length);
  if (bytes != NULL) memcpy(address->bytes, bytes, address->length);
  return bytes != NULL;
}

static linnet_status read_registration(linnet_server *server, const linnet_change *change,
                                       linnet__text endpoint, linnet__packed *in) {
  linnet_loop *loop = server->handle.loop;
  linnet__parameters given = {.endpoint = endpoint};
  linnet__peer peer = {.transport = NULL};
  if (change->deleted) {
    linnet__registration *gone = linnet__registration_named(server, endpoint.data, endpoint.length);
    if (gone != NULL) linnet__registration_drop(gone);
    return LINNET_OK;
  }
  uint8_t version = linnet__unpack_u8(in);
  uint64_t number = linnet__unpack_number(in, 8), expires_ms = linnet__unpack_number(in, 8);
  given.lifetime_s = (uint32_t)linnet__unpack_number(in, 4);
  given.binding = linnet__unpack_u8(in);
  given.json = linnet__unpack_u8(in) != 0;
  size_t transport = linnet__unpack_u16(in);
  bool addressed = unpack_address(in, &peer.address);
  given.sms = unpack_text(in);
  given.root = unpack_text(in);
  given.links = unpack_text(in);
  bool sound = !in->failed && version == VERSION && addressed && number != 0 && given.lifetime_s > 0;
  if (!sound || given.binding > LINNET__BINDING_UQS || endpoint.length == 0) return LINNET_ERROR_MALFORMED;
  if (!is_text(&endpoint, ENDPOINT_SIZE) || !is_text(&given.sms, UINT8_MAX) ||
      !is_text(&given.root, LINNET__ROOT_SIZE) || !is_text(&given.links, UINT32_MAX))
    return LINNET_ERROR_MALFORMED;
  peer.transport = linnet__coap_transport_at(server->coap, transport);
  uint64_t lifetime_ms = (uint64_t)given.lifetime_s * 1000;
  return linnet__registration_restore(server, &peer, &given, number,
                                      from_wall(loop, expires_ms, lifetime_ms));
}

/* ---- requests ------------------------------------------------------------------------------------ */

static void write_path(linnet_path path, linnet__buffer *out) {
  linnet__put_number(out, path.depth, 1);
  for (uint8_t i = 0; i < path.depth && i < 4; i++) linnet__put_number(out, path.id[i], 2);
}

static linnet_path unpack_path(linnet__packed *in) {
  linnet_path path = {.depth = linnet__unpack_u8(in)};
  if (path.depth > 4) in->failed = true;
  for (uint8_t i = 0; i < path.depth && !in->failed; i++) path.id[i] = linnet__unpack_u16(in);
  return path;
}

void linnet__state_write_request(const linnet__server_request *request, linnet__buffer *out) {
  const linnet_server *server = request->server;
  const linnet__registration *registration = request->registration;
  const linnet__held *held = request->held;
  linnet__token token = {0};
  bool observes = request->state == LINNET__SERVER_REQUEST_OBSERVING;
  const char *endpoint = registration != NULL ? registration->endpoint : request->standing->endpoint;
  if (observes) (void)linnet__coap_token(server->coap, request->exchange, &token);
  linnet__put_number(out, VERSION, 1);
  put_bytes(out, endpoint, strlen(endpoint));
  linnet__put_number(out, registration != NULL ? registration->number : 0, 8);
  linnet__put_number(out, observes, 1);
  linnet__put_number(out, request->kept, 1);
  linnet__put_number(out, request->response == NULL, 1);
  linnet__put_number(out, (unsigned)request->operation, 2);
  linnet__put_number(out, (uint32_t)request->format, 4);
  write_path(request->path, out);
  linnet__put_number(out, request->observation, 8);
  put_bytes(out, token.bytes, token.length);
  linnet__put_number(out, held == NULL ? 0 : to_wall(server->handle.loop, held->expires_ms), 8);
  linnet__put_number(out, held == NULL ? 0 : held->deliveries, 1);
  put_bytes(out, held == NULL ? "" : held->data, held == NULL ? 0 : held->text_length);
  put_bytes(out, held == NULL ? "" : held->data + held->text_length + 1,
            held == NULL ? 0 : held->payload_length);
}

/* What a blob says of a request. */
typedef struct saved_request {
  linnet__text endpoint;
  uint64_t registration; /* 0: it stands for the endpoint */
  bool observes;
  bool kept;
  bool answered;
  linnet_operation operation;
  linnet_path path;
  linnet__text token;
  uint64_t expires_ms;
  uint8_t deliveries;
  linnet__text text;
  linnet__text payload;
  linnet__server_request_parts parts;
} saved_request;

static bool unpack_request(linnet__packed *in, saved_request *saved) {
  memset(saved, 0, sizeof *saved);
  uint8_t version = linnet__unpack_u8(in);
  saved->endpoint = unpack_text(in);
  saved->registration = linnet__unpack_number(in, 8);
  saved->observes = linnet__unpack_u8(in) != 0;
  saved->kept = linnet__unpack_u8(in) != 0;
  saved->answered = linnet__unpack_u8(in) != 0;
  saved->operation = (linnet_operation)linnet__unpack_u16(in);
  saved->parts.format = (linnet_format)(int32_t)linnet__unpack_number(in, 4);
  saved->path = unpack_path(in);
  saved->parts.observation = linnet__unpack_number(in, 8);
  saved->token = unpack_text(in);
  saved->expires_ms = linnet__unpack_number(in, 8);
  saved->deliveries = linnet__unpack_u8(in);
  saved->text = unpack_text(in);
  saved->payload = unpack_text(in);
  bool answered_once = !saved->answered || saved->operation == LINNET_OPERATION_OBSERVE;
  bool sound = !in->failed && version == VERSION && answered_once &&
               linnet__server_operation_exists(saved->operation) && saved->token.length <= 8;
  return sound && is_text(&saved->endpoint, ENDPOINT_SIZE) && saved->endpoint.length > 0 &&
         is_text(&saved->text, UINT32_MAX);
}

static void split_queries(saved_request *saved, const char *text) {
  size_t position = 0;
  linnet__server_request_parts *parts = &saved->parts;
  while (parts->query_count < LINNET__QUERY_LIMIT &&
         linnet__attributes_next(text, &position, &parts->query[parts->query_count]) == LINNET_OK)
    parts->query_count++;
}

static linnet_status wait_again(linnet__server_request *request, saved_request *saved) {
  linnet_loop *loop = request->server->handle.loop;
  char *text = linnet__copy_text(loop, saved->text.data, saved->text.length);
  if (text == NULL) return LINNET_ERROR_NO_MEMORY;
  split_queries(saved, text);
  saved->parts.payload = (const uint8_t *)saved->payload.data;
  saved->parts.payload_length = saved->payload.length;
  linnet_status status = linnet__waiting_add(request, &saved->parts);
  linnet__free_text(loop, text);
  if (status != LINNET_OK) return status;
  request->held->deliveries = saved->deliveries;
  request->held->expires_ms = from_wall(loop, saved->expires_ms, LINNET_NEVER);
  return LINNET_OK;
}

static linnet_status go_on(linnet__server_request *request, saved_request *saved,
                           linnet__registration *registration) {
  linnet_server *server = request->server;
  if (registration == NULL) {
    linnet__standing *standing = linnet__standing_get(server, saved->endpoint.data, saved->endpoint.length);
    if (standing == NULL) return LINNET_ERROR_NO_MEMORY;
    linnet__standing_add(standing, request);
    return LINNET_OK;
  }
  linnet__server_request_join(request, registration);
  if (!saved->observes) return wait_again(request, saved);
  linnet__token token = {.length = (uint8_t)saved->token.length};
  memcpy(token.bytes, saved->token.data, token.length);
  request->state = LINNET__SERVER_REQUEST_OBSERVING;
  /* Where a transport is missing now, there is nobody to notify. */
  linnet_status status = linnet__server_request_resume(request, &token);
  return status == LINNET_ERROR_CLOSED ? LINNET_OK : status;
}

static linnet_status read_request(linnet_server *server, const linnet_change *change, linnet__text name,
                                  linnet__packed *in) {
  saved_request saved;
  uint64_t number;
  if (!linnet__parse_unsigned(name.data, name.length, UINT64_MAX, &number)) return LINNET_ERROR_MALFORMED;
  linnet__server_request *request = linnet__server_request_find(server, number);
  if (request != NULL) linnet__server_request_free(request);
  if (change->deleted) return LINNET_OK;
  if (!unpack_request(in, &saved)) return LINNET_ERROR_MALFORMED;
  linnet__registration *registration = linnet__registration_find(server, saved.registration);
  bool stands = saved.registration == 0 && saved.kept;
  if (registration == NULL && !stands) return LINNET_OK; /* its end was not written down any more */
  char *endpoint = linnet__copy_text(server->handle.loop, saved.endpoint.data, saved.endpoint.length);
  if (endpoint == NULL) return LINNET_ERROR_NO_MEMORY;
  const linnet__server_request_origin origin = {saved.registration, endpoint, number};
  request = linnet__server_request_new(server, &origin, saved.operation, saved.path, &saved.parts);
  linnet__free_text(server->handle.loop, endpoint);
  if (request == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet__loop_skip_numbers(server->handle.loop, number);
  request->stored = true;
  request->kept = saved.kept;
  if (saved.answered) {
    linnet_event_unref(request->response);
    request->response = NULL;
  }
  linnet_status status = go_on(request, &saved, registration);
  if (status == LINNET_OK) return LINNET_OK;
  linnet__server_request_free(request);
  return status;
}

/* ---- restoring ----------------------------------------------------------------------------------- */

/* What is of a kind that is not known here is somebody else's. */
static linnet_status read_change(linnet_server *server, const linnet_change *change) {
  const char *slash = memchr(change->name, '/', change->name_length);
  if (slash == NULL) return LINNET_OK;
  size_t kind_length = (size_t)(slash - change->name);
  linnet__text name = {slash + 1, change->name_length - kind_length - 1};
  linnet__packed blob = {change->blob, change->blob_length, false};
  if (kind_length == 12 && memcmp(change->name, "registration", 12) == 0)
    return read_registration(server, change, name, &blob);
  if (kind_length == 7 && memcmp(change->name, "request", 7) == 0)
    return read_request(server, change, name, &blob);
  if (kind_length == 8 && memcmp(change->name, "counters", 8) == 0)
    return read_counters(server, change, name, &blob);
  if (kind_length == 7 && memcmp(change->name, "tickets", 7) == 0 && !change->deleted)
    return read_tickets(server, name, &blob);
  if (kind_length == 6 && memcmp(change->name, "server", 6) == 0 && !change->deleted)
    return read_numbers(server, &blob);
  return LINNET_OK;
}

static bool is_whole(const void *data, size_t length) {
  linnet_change change;
  linnet_status status;
  for (size_t position = 0; (status = linnet_change_next(data, length, &position, &change)) == LINNET_OK;)
    continue;
  return status == LINNET_ERROR_NOT_FOUND;
}

linnet_status linnet_server_restore(linnet_server *server, const void *data, size_t length) {
  if (server == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = server->handle.loop;
  linnet_change change;
  linnet_status status = LINNET_OK;
  if (server->handle.closed) return linnet__fail(loop, LINNET_ERROR_CLOSED, "restore: the server is closed");
  if (server->recording || server->by_number.count > 0)
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "restore: the server has registrations already");
  if (!is_whole(data, length))
    return linnet__fail(loop, LINNET_ERROR_MALFORMED,
                        "restore: the saved state is damaged, or of something else");
  linnet__registry_restore(server);
  for (size_t position = 0; status == LINNET_OK && position < length;) {
    status = linnet_change_next(data, length, &position, &change);
    if (status == LINNET_OK) status = read_change(server, &change);
  }
  linnet__registry_restored(server);
  if (status == LINNET_OK) return LINNET_OK;
  linnet__registry_clear(server);
  return linnet__fail(loop, status, "restore: %s", linnet_status_text(status));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* registry.c: the registrations: how they begin, change, are found and end (digest 2.2, REG-03 to REG-10). */
#include <string.h>

#include "server_internal.h"

#define LIFETIME_LIMIT_S ((uint64_t)1 << 31) /* AMB-27 */
#define BASE 36
#define SAFE_DIGITS 12 /* 36^12 is less than 2^64 */
/* Eight digits: 36^7 and 36^8 - 1. */
#define OFFSET_LOW UINT64_C(78364164096)
#define OFFSET_HIGH UINT64_C(2821109907455)

static const void *endpoint_key(const void *item, size_t *length) {
  const linnet__registration *registration = item;
  *length = registration->endpoint_length;
  return registration->endpoint;
}

static const void *request_key(const void *item, size_t *length) {
  const linnet__server_request *request = item;
  *length = sizeof request->number;
  return &request->number;
}

/* Before its first step a loop does not know the time: then what was restored ends so much later. */
static void begin_lifetimes(linnet__task *task) {
  linnet_server *server = LINNET__CONTAINER(task, linnet_server, restored);
  linnet_loop *loop = server->handle.loop;
  uint64_t shift_ms = server->restored_ms == 0 ? linnet_loop_now(loop) : 0;
  uint32_t place = 0;
  if (shift_ms == 0) return;
  for (linnet__registration *registration;
       (registration = linnet__slots_next(&server->by_number, &place)) != NULL;) {
    registration->expires_ms += shift_ms;
    linnet__waiting_shift(registration, shift_ms);
  }
  linnet__expiries_shift(server, shift_ms);
}

void linnet__registry_init(linnet_server *server) {
  static const size_t initial_limits[] = {
#define INITIAL_LIMIT(constant, value, initial, name) [constant] = (initial),
      LINNET_LIMIT_MAP(INITIAL_LIMIT)
#undef INITIAL_LIMIT
  };
  linnet_loop *loop = server->handle.loop;
  linnet__map_init(&server->by_endpoint, loop, endpoint_key);
  linnet__facts_init(server);
  linnet__slots_init(&server->by_number, loop);
  linnet__map_init_numbers(&server->requests, loop, request_key);
  linnet__peers_init(server);
  linnet__standing_init(server);
  server->registration_limit = initial_limits[LINNET_LIMIT_REGISTRATIONS];
  server->location_offset = linnet__random_between(loop, OFFSET_LOW, OFFSET_HIGH);
  linnet__task_init(&server->restored, begin_lifetimes);
}

static size_t size_with(size_t endpoint_length) {
  size_t size = offsetof(linnet__registration, endpoint) + endpoint_length + 1;
  return size < sizeof(linnet__registration) ? sizeof(linnet__registration) : size;
}

static void free_registration(linnet__registration *registration) {
  linnet_server *server = registration->server;
  linnet__facts_release(server, registration->facts);
  linnet__free(server->handle.loop, registration, size_with(registration->endpoint_length));
}

/* Out of everything but the map of endpoints, which a replacement may have taken over already. */
static void bury(linnet__registration *registration) {
  linnet_server *server = registration->server;
  if (registration->expires_ms > 0) { /* else it was never complete */
    linnet__peers_remove(registration);
    linnet__expiry_remove(registration);
  }
  linnet__slots_remove(&server->by_number, registration->number);
  free_registration(registration);
}

void linnet__registration_drop(linnet__registration *registration) {
  linnet_server *server = registration->server;
  while (registration->requests != NULL) linnet__server_request_free(registration->requests);
  linnet__map_remove(&server->by_endpoint, registration->endpoint, registration->endpoint_length);
  bury(registration);
}

void linnet__registry_clear(linnet_server *server) {
  uint32_t place = 0;
  for (linnet__registration *registration;
       (registration = linnet__slots_next(&server->by_number, &place)) != NULL;)
    linnet__registration_drop(registration);
  linnet__standing_free(server);
}

void linnet__registry_free(linnet_server *server) {
  linnet__peers_free(server);
  linnet__registry_clear(server);
  linnet__task_cancel(&server->restored);
  linnet__map_free(&server->by_endpoint);
  linnet__map_free(&server->facts);
  linnet__slots_free(&server->by_number);
  linnet__expiries_free(server);
  linnet__map_free(&server->requests);
}

/* ---- looking up ---------------------------------------------------------------------------------- */

linnet__registration *linnet__registration_find(const linnet_server *server, uint64_t number) {
  return linnet__slots_find(&server->by_number, number);
}

linnet__registration *linnet__registration_named(const linnet_server *server, const char *endpoint,
                                                 size_t length) {
  return linnet__map_find(&server->by_endpoint, endpoint, length);
}

static int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'z') return digit - 'a' + 10;
  return -1;
}

linnet__registration *linnet__registration_at(const linnet_server *server, const linnet__text *segment) {
  uint64_t location = 0;
  if (segment->length == 0 || segment->length > LINNET__LOCATION_SIZE || segment->data[0] == '0') return NULL;
  for (size_t i = 0; i < segment->length; i++) {
    int digit = digit_value(segment->data[i]);
    if (digit < 0) return NULL;
    if (i >= SAFE_DIGITS && (location > UINT64_MAX / BASE || location * BASE > UINT64_MAX - (uint64_t)digit))
      return NULL;
    location = location * BASE + (uint64_t)digit;
  }
  if (location < server->location_offset) return NULL;
  return linnet__registration_find(server, location - server->location_offset);
}

void linnet__location_write(const linnet_server *server, uint64_t number,
                            char text[LINNET__LOCATION_SIZE + 1]) {
  static const char digits[BASE + 1] = "0123456789abcdefghijklmnopqrstuvwxyz";
  uint64_t location = number + server->location_offset;
  char reversed[LINNET__LOCATION_SIZE];
  size_t length = 0;
  for (; location > 0 && length < LINNET__LOCATION_SIZE; location /= BASE)
    reversed[length++] = digits[location % BASE];
  for (size_t i = 0; i < length; i++) text[i] = reversed[length - 1 - i];
  text[length] = 0;
}

/* ---- life ---------------------------------------------------------------------------------------- */

typedef struct telling {
  linnet_event_kind kind;
  linnet_operation operation;
  unsigned code;
} telling;

void linnet__registration_tell(const linnet__registration *registration, linnet_event_kind kind,
                               const linnet__text *links) {
  static const telling tellings[] = {
      {LINNET_EVENT_REGISTERED, LINNET_OPERATION_REGISTER, 201},
      {LINNET_EVENT_UPDATED, LINNET_OPERATION_UPDATE_REGISTRATION, 204},
      {LINNET_EVENT_DEREGISTERED, LINNET_OPERATION_DEREGISTER, 202},
      {LINNET_EVENT_EXPIRED, LINNET_OPERATION_NONE, 0},
  };
  linnet_server *server = registration->server;
  linnet_event *event = linnet__event_new(server->handle.loop, kind, server->handle.number);
  if (event != NULL) {
    for (size_t i = 0; i < sizeof tellings / sizeof tellings[0]; i++) {
      if (tellings[i].kind != kind) continue;
      event->operation = tellings[i].operation;
      event->code = tellings[i].code;
    }
    event->registration = registration->number;
    linnet__event_set_endpoint(event, registration->endpoint);
    if (links != NULL && links->length > 0) linnet__event_set_text(event, links->data, links->length);
  }
  linnet__event_emit(server->handle.loop, event);
}

/* The latest first to CoAP, so that none of them is sent because one before it is gone (CO-34); the eldest
 * first to the user. */
static void cancel_requests(linnet__registration *registration, const char *why) {
  linnet__standing_collect(registration);
  linnet__server_request *request = registration->requests;
  if (request == NULL) return;
  do {
    request = LINNET__CONTAINER(request->node.previous, linnet__server_request, node);
    linnet__coap_forget(registration->server->coap, request->exchange);
  } while (request != registration->requests);
  while (registration->requests != NULL) linnet__server_request_cancel(registration->requests, why);
}

/* The device has moved: what waits for it and what it notifies does so there, too; the rest is lost. */
static void follow(linnet__registration *registration) {
  size_t count = 0;
  linnet__server_request *request = registration->requests;
  if (request == NULL) return;
  do {
    count++;
    request = LINNET__CONTAINER(request->node.next, linnet__server_request, node);
  } while (request != registration->requests);
  for (; count > 0; count--) {
    request = registration->requests;
    if (request->state == LINNET__SERVER_REQUEST_OPEN && !request->beside) {
      linnet__server_request_cancel(request, "the device has a new address");
      continue;
    }
    registration->requests = LINNET__CONTAINER(request->node.next, linnet__server_request, node);
    if (request->state == LINNET__SERVER_REQUEST_OBSERVING) linnet__server_observation_move(request);
  }
}

void linnet__registration_end(linnet__registration *registration, linnet_event_kind kind) {
  linnet_server *server = registration->server;
  linnet__change_registration_gone(registration);
  cancel_requests(registration,
                  kind == LINNET_EVENT_EXPIRED ? "the registration expired" : "the device deregistered");
  linnet__map_remove(&server->by_endpoint, registration->endpoint, registration->endpoint_length);
  linnet__map_trim(&server->by_endpoint);
  linnet__registration_tell(registration, kind, NULL);
  bury(registration);
}

static linnet_status start_lifetime(linnet__registration *registration) {
  uint64_t former_ms = registration->expires_ms;
  uint64_t lifetime_s = registration->lifetime_s;
  if (lifetime_s > LIFETIME_LIMIT_S) lifetime_s = LIFETIME_LIMIT_S;
  registration->expires_ms = linnet_loop_now(registration->server->handle.loop) + lifetime_s * 1000;
  if (former_ms > 0) {
    linnet__expiry_advance(registration, former_ms);
    return LINNET_OK;
  }
  linnet_status status = linnet__expiry_add(registration);
  if (status != LINNET_OK) registration->expires_ms = 0;
  if (status == LINNET_OK) linnet__peers_add(registration);
  return status;
}

static linnet__registration *new_registration(linnet_server *server, const linnet__peer *peer,
                                              const linnet__parameters *parameters) {
  const linnet__text *endpoint = &parameters->endpoint;
  linnet__registration *registration = linnet__new(server->handle.loop, size_with(endpoint->length));
  if (registration == NULL) return NULL;
  registration->server = server;
  registration->endpoint_length = (uint8_t)endpoint->length;
  registration->facts = linnet__facts_get(server, parameters);
  if (registration->facts == NULL) {
    free_registration(registration);
    return NULL;
  }
  registration->peer = *peer;
  registration->sender = linnet__transport_sender(peer->transport, &peer->address);
  registration->lifetime_s = parameters->lifetime_s;
  registration->binding = parameters->binding;
  memcpy(registration->endpoint, endpoint->data, endpoint->length);
  return registration;
}

linnet__registration *linnet__registration_create(linnet_server *server, const linnet__peer *peer,
                                                  const linnet__parameters *parameters) {
  linnet__registration *registration = new_registration(server, peer, parameters);
  if (registration == NULL) return NULL;
  registration->number = linnet__slots_add(&server->by_number, registration);
  if (registration->number == 0) {
    free_registration(registration);
    return NULL;
  }
  if (start_lifetime(registration) != LINNET_OK) {
    bury(registration);
    return NULL;
  }
  linnet__registration *former =
      linnet__registration_named(server, registration->endpoint, registration->endpoint_length);
  if (former != NULL) {
    cancel_requests(former, "the device registered anew"); /* REG-06, OBS-13 */
    linnet__map_remove(&server->by_endpoint, former->endpoint, former->endpoint_length);
  }
  linnet_status status = linnet__map_insert(&server->by_endpoint, registration);
  if (former != NULL && status != LINNET_OK) {
    linnet__change_registration_gone(former);
    linnet__registration_tell(former, LINNET_EVENT_DEREGISTERED, NULL);
  }
  if (former != NULL) bury(former);
  if (status != LINNET_OK) {
    bury(registration);
    return NULL;
  }
  linnet__waiting_hear(registration);
  linnet__change_registration(registration);
  linnet__standing_renew(registration);
  return registration;
}

/* The texts change as a whole: what the Update does not give is what it was. */
static linnet_status update_facts(linnet__registration *registration, const linnet__parameters *given) {
  linnet_server *server = registration->server;
  linnet__facts *former = registration->facts;
  if (given->sms.data == NULL && given->links.data == NULL) return LINNET_OK;
  linnet__parameters merged = *given;
  if (given->sms.data == NULL)
    merged.sms = (linnet__text){linnet__registration_sms(registration), former->sms_length};
  if (given->links.data == NULL) {
    merged.root = (linnet__text){linnet__registration_root(registration), former->root_length};
    merged.links = (linnet__text){linnet__registration_links(registration), former->links_length};
    merged.json = former->json;
  }
  linnet__facts *facts = linnet__facts_get(server, &merged);
  if (facts == NULL) return LINNET_ERROR_NO_MEMORY;
  registration->facts = facts;
  linnet__facts_release(server, former);
  return LINNET_OK;
}

linnet_status linnet__registration_update(linnet__registration *registration, const linnet__peer *peer,
                                          const linnet__parameters *parameters) {
  linnet_status status = update_facts(registration, parameters);
  if (status != LINNET_OK) return status;
  if (parameters->lifetime_s > 0) registration->lifetime_s = parameters->lifetime_s;
  if (parameters->binding != LINNET__BINDING_NONE) registration->binding = parameters->binding;
  /*
   * REG-05: what comes next goes to the new address. Without security REG-10 asks the device for a Register;
   * one that sends an Update, or that a NAT moved, is believed by its location.
   */
  if (!linnet__peer_equal(&registration->peer, peer)) {
    linnet__peers_remove(registration);
    registration->peer = *peer;
    linnet__peers_add(registration);
    linnet__waiting_recall(registration);
    follow(registration);
  }
  start_lifetime(registration);
  linnet__waiting_hear(registration);
  linnet__change_registration(registration);
  return LINNET_OK;
}

/* ---- after a restart ----------------------------------------------------------------------------- */

/* An Update, with all that it left as it was. */
static linnet_status restore_update(linnet__registration *registration, const linnet__peer *peer,
                                    const linnet__parameters *parameters, uint64_t expires_ms) {
  linnet_status status = update_facts(registration, parameters);
  if (status != LINNET_OK) return status;
  registration->lifetime_s = parameters->lifetime_s;
  registration->binding = parameters->binding;
  uint64_t former_ms = registration->expires_ms;
  registration->expires_ms = expires_ms;
  linnet__expiry_advance(registration, former_ms);
  if (linnet__peer_equal(&registration->peer, peer)) return LINNET_OK;
  linnet__peers_remove(registration);
  registration->peer = *peer;
  linnet__peers_add(registration);
  follow(registration);
  return LINNET_OK;
}

linnet_status linnet__registration_restore(linnet_server *server, const linnet__peer *peer,
                                           const linnet__parameters *parameters, uint64_t number,
                                           uint64_t expires_ms) {
  linnet__registration *former =
      linnet__registration_named(server, parameters->endpoint.data, parameters->endpoint.length);
  if (former != NULL && former->number == number) return restore_update(former, peer, parameters, expires_ms);
  if (former != NULL) linnet__registration_drop(former);
  linnet__registration *registration = new_registration(server, peer, parameters);
  if (registration == NULL) return LINNET_ERROR_NO_MEMORY;
  bool taken = linnet__registration_find(server, number) != NULL;
  if (taken || !linnet__slots_put(&server->by_number, registration, number)) {
    free_registration(registration);
    return taken ? LINNET_ERROR_EXISTS : LINNET_ERROR_NO_MEMORY;
  }
  registration->number = number;
  registration->expires_ms = expires_ms;
  linnet_status status = linnet__expiry_add(registration);
  if (status != LINNET_OK) {
    registration->expires_ms = 0;
  } else {
    linnet__peers_add(registration);
    status = linnet__map_insert(&server->by_endpoint, registration);
  }
  if (status != LINNET_OK) bury(registration);
  return status;
}

/* Before the task that looks at what waits. */
void linnet__registry_restore(linnet_server *server) {
  server->restored_ms = linnet_loop_now(server->handle.loop);
  linnet__task_post(server->handle.loop, &server->restored);
}

void linnet__registry_restored(linnet_server *server) { linnet__slots_chain(&server->by_number); }

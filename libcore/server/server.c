/* SPDX-License-Identifier: Apache-2.0 */
/* server.c: the server as a handle, and the requests that come to it: Register, Update, De-register (digest
 * 2). */
#include "server_internal.h"

#include <string.h>

/* Until a device that is turned away for lack of room may try again (2.4). */
#define RETRY_AFTER_S 60
#define WORDS_LIMIT 1024

typedef enum arrival_kind { ARRIVAL_REGISTER, ARRIVAL_UPDATE, ARRIVAL_DEREGISTER } arrival_kind;

typedef struct arrival {
  arrival_kind kind;
  linnet__registration *registration; /* NULL for a Register */
} arrival;

/* SEC-05: what another one registered does not exist for it. What was restored, before there was a session,
 * is of the first whose credentials are good for that name. */
static bool is_sender(linnet__registration *registration, const linnet__peer *peer) {
  uint64_t sender = linnet__transport_sender(peer->transport, &peer->address);
  bool is_free = registration->sender == LINNET__SENDER_NOBODY && peer->transport != NULL &&
                 linnet_transport_is_secure(peer->transport) &&
                 linnet__transport_allows(peer->transport, &peer->address, registration->endpoint,
                                          registration->endpoint_length);
  if (is_free) registration->sender = sender;
  return registration->sender == sender;
}

/* 2.5, check 4. */
static uint8_t check_name(const linnet__incoming *request, linnet__parameters *parameters) {
  const linnet__text *endpoint = &parameters->endpoint;
  if (linnet__transport_allows(request->peer.transport, &request->peer.address, endpoint->data,
                               endpoint->length))
    return 0;
  parameters->why = "the credentials of this session are of another endpoint";
  return LINNET__BAD_REQUEST;
}

/* 2.5, check 1, and its like for the other two: 0, or 4.04, or 4.05. */
static uint8_t route(const linnet_server *server, const linnet__incoming *request, arrival *out) {
  linnet__text segments[3];
  size_t count = 0, position = 0;
  while (count < 3 && linnet__incoming_text(request, LINNET__OPTION_URI_PATH, &position, &segments[count]))
    count++;
  if (count == 0 || count > 2 || segments[0].length != 2 || memcmp(segments[0].data, "rd", 2) != 0)
    return LINNET__NOT_FOUND;
  if (count == 1) {
    *out = (arrival){ARRIVAL_REGISTER, NULL};
    return request->code == LINNET__POST ? 0 : LINNET__METHOD_NOT_ALLOWED;
  }
  out->registration = linnet__registration_at(server, &segments[1]);
  if (out->registration == NULL || !is_sender(out->registration, &request->peer)) return LINNET__NOT_FOUND;
  out->kind = request->code == LINNET__POST ? ARRIVAL_UPDATE : ARRIVAL_DEREGISTER;
  return request->code == LINNET__POST || request->code == LINNET__DELETE ? 0 : LINNET__METHOD_NOT_ALLOWED;
}

static void refuse(linnet__response *response, uint8_t code, const char *why) {
  response->code = code;
  if (code == LINNET__SERVICE_UNAVAILABLE) response->max_age_s = RETRY_AFTER_S;
  if (why != NULL) linnet__buffer_append_text(response->payload, why);
}

static void answer_register(linnet_server *server, const linnet__incoming *request,
                            linnet__response *response) {
  linnet__parameters parameters;
  uint8_t code = linnet__parse_register(&parameters, request, LINNET__PARSE_ALL);
  if (code == 0) code = check_name(request, &parameters);
  if (code != 0) {
    refuse(response, code, parameters.why);
    return;
  }
  if (server->by_number.count >= server->registration_limit &&
      linnet__registration_named(server, parameters.endpoint.data, parameters.endpoint.length) == NULL) {
    refuse(response, LINNET__SERVICE_UNAVAILABLE, "too many registrations");
    return;
  }
  linnet__registration *registration = linnet__registration_create(server, &request->peer, &parameters);
  if (registration == NULL) {
    refuse(response, LINNET__SERVICE_UNAVAILABLE, "out of memory");
    return;
  }
  linnet__location_write(server, registration->number, server->segment);
  response->code = LINNET__CREATED;
  response->location[0] = (linnet__text){"rd", 2};
  response->location[1] = (linnet__text){server->segment, strlen(server->segment)};
  response->location_count = 2;
  linnet__registration_tell(registration, LINNET_EVENT_REGISTERED, &parameters.links);
}

static void answer_update(linnet__registration *registration, const linnet__incoming *request,
                          linnet__response *response) {
  linnet__parameters parameters;
  uint8_t code = linnet__parse_update(&parameters, request, LINNET__PARSE_ALL);
  if (code != 0) {
    refuse(response, code, parameters.why);
    return;
  }
  if (linnet__registration_update(registration, &request->peer, &parameters) != LINNET_OK) {
    refuse(response, LINNET__SERVICE_UNAVAILABLE, "out of memory");
    return;
  }
  response->code = LINNET__CHANGED;
  linnet__registration_tell(registration, LINNET_EVENT_UPDATED, &parameters.links);
}

static linnet__answer answer(void *user, const linnet__incoming *request, linnet__response *response) {
  linnet_server *server = user;
  arrival arrived;
  uint8_t code = route(server, request, &arrived);
  if (code != 0) {
    refuse(response, code, NULL);
  } else if (arrived.kind == ARRIVAL_REGISTER) {
    answer_register(server, request, response);
  } else if (arrived.kind == ARRIVAL_UPDATE) {
    answer_update(arrived.registration, request, response);
  } else {
    response->code = LINNET__DELETED;
    linnet__registration_end(arrived.registration, LINNET_EVENT_DEREGISTERED);
  }
  if (response->code >= LINNET__BAD_REQUEST) linnet__coap_warn_refusal(server->coap, request, response);
  return LINNET__ANSWER_NOW;
}

/* BW-08: what needs no payload is checked before one is collected. */
static uint8_t precheck(void *user, const linnet__incoming *request) {
  arrival arrived;
  linnet__parameters parameters;
  uint8_t code = route(user, request, &arrived);
  if (code != 0 || arrived.kind == ARRIVAL_DEREGISTER) return code;
  if (arrived.kind == ARRIVAL_UPDATE) return linnet__parse_update(&parameters, request, LINNET__PARSE_EARLY);
  code = linnet__parse_register(&parameters, request, LINNET__PARSE_EARLY);
  return code != 0 ? code : check_name(request, &parameters);
}

static void session_changed(void *user, const linnet__peer *peer, const linnet__session_news *news) {
  linnet_server *server = user;
  if (news->kind == LINNET__SESSION_OPENED) linnet__change_tickets(server);
  linnet__coap_report_session(server->handle.loop, server->handle.number, peer, news);
}

static void counted(void *user, const linnet_transport *transport, const linnet__counters *counters) {
  linnet__change_counters(user, transport, counters);
}

static void destroy(linnet__handle *handle) {
  linnet_server *server = (linnet_server *)(void *)handle;
  linnet_server_close(server);
  linnet_model_unref(server->model);
  linnet__buffer_free(&server->words);
  linnet__handle_free(handle);
}

linnet_server *linnet_server_new(linnet_loop *loop, linnet_model *model) {
  static const linnet__coap_handler handler = {
      .request = answer, .precheck = precheck, .session = session_changed, .counted = counted};
  if (loop == NULL) return NULL;
  linnet_server *server = linnet__handle_new(loop, sizeof *server, destroy);
  if (server == NULL) return NULL;
  linnet__registry_init(server);
  linnet__waiting_init(server);
  linnet__channel_init(server);
  linnet__changes_init(server);
  linnet__buffer_init(&server->words, loop, WORDS_LIMIT);
  server->location = server->location_room;
  server->version = server->version_room;
  server->model = model != NULL ? linnet_model_ref(model) : linnet_model_new(loop);
  server->coap = linnet__coap_new(loop, &handler, server);
  if (server->model != NULL && server->coap != NULL) return server;
  linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "server: out of memory");
  linnet_server_unref(server);
  return NULL;
}

linnet_server *linnet_server_ref(linnet_server *server) {
  if (server != NULL) linnet__handle_ref(&server->handle);
  return server;
}

void linnet_server_unref(linnet_server *server) {
  if (server != NULL) linnet__handle_unref(&server->handle);
}

void linnet_server_close(linnet_server *server) {
  if (server == NULL || server->handle.closed) return;
  linnet__coap *coap = server->coap;
  server->handle.closed = true;
  server->coap = NULL;
  linnet__changes_end(server);
  linnet__registry_free(server);
  linnet__waiting_end(server);
  if (coap != NULL) linnet__coap_close(coap);
  linnet__channel_end(server);
}

linnet_status linnet_server_add_transport(linnet_server *server, linnet_transport *transport) {
  if (server == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = server->handle.loop;
  if (server->handle.closed)
    return linnet__fail(loop, LINNET_ERROR_CLOSED, "add transport: the server is closed");
  if (transport == NULL || linnet_transport_loop(transport) != loop)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "add transport: not a transport of this loop");
  return linnet__coap_add_transport(server->coap, transport);
}

linnet_status linnet_server_set_limit(linnet_server *server, linnet_limit limit, size_t value) {
  if (server == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  if (server->handle.closed)
    return linnet__fail(server->handle.loop, LINNET_ERROR_CLOSED, "set limit: the server is closed");
  if (limit != LINNET_LIMIT_REGISTRATIONS) return linnet__coap_set_limit(server->coap, limit, value);
  if (value > LINNET__SLOT_LIMIT)
    return linnet__fail(server->handle.loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "set limit: at most %u registrations", (unsigned)LINNET__SLOT_LIMIT);
  server->registration_limit = value;
  return LINNET_OK;
}

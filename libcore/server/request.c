/* SPDX-License-Identifier: Apache-2.0 */
/* request.c: asking a device: what is checked before, how it is put into CoAP, how it is kept (digest 3.1).
 */
#include <linnet/secured.h>
#include <string.h>

#include "server_internal.h"

#define DEPTH(depth) (1u << (depth))
#define ANY_DEPTH (DEPTH(1) | DEPTH(2) | DEPTH(3))
/* Of what a program hands over, not of what a peer sends. */
#define PAYLOAD_LIMIT ((size_t)1 << 25)

typedef enum request_body { BODY_NONE, BODY_RECORDS, BODY_ARGUMENTS, BODY_ATTRIBUTES } request_body;

typedef struct operation_rule {
  linnet_operation operation;
  uint8_t code;
  uint8_t depths;
  request_body body;
  bool answers_values;
  int32_t observe; /* -1: no Observe option */
  const char *words;
} operation_rule;

static const operation_rule rules[] = {
    {LINNET_OPERATION_READ, LINNET__GET, ANY_DEPTH, BODY_NONE, true, -1, "read"},
    {LINNET_OPERATION_OBSERVE, LINNET__GET, ANY_DEPTH, BODY_NONE, true, 0, "observe"},
    {LINNET_OPERATION_CANCEL, LINNET__GET, 0, BODY_NONE, false, 1, "cancel observation of"},
    {LINNET_OPERATION_DISCOVER, LINNET__GET, ANY_DEPTH, BODY_NONE, false, -1, "discover"},
    {LINNET_OPERATION_WRITE, LINNET__PUT, DEPTH(2) | DEPTH(3), BODY_RECORDS, false, -1, "write"},
    {LINNET_OPERATION_UPDATE, LINNET__POST, DEPTH(2), BODY_RECORDS, false, -1, "update"},
    {LINNET_OPERATION_CREATE, LINNET__POST, DEPTH(1), BODY_RECORDS, false, -1, "create"},
    {LINNET_OPERATION_EXECUTE, LINNET__POST, DEPTH(3), BODY_ARGUMENTS, false, -1, "execute"},
    {LINNET_OPERATION_DELETE, LINNET__DELETE, DEPTH(2), BODY_NONE, false, -1, "delete"},
    {LINNET_OPERATION_WRITE_ATTRIBUTES, LINNET__PUT, ANY_DEPTH, BODY_ATTRIBUTES, false, -1,
     "write attributes of"},
};

static const operation_rule *rule_of(linnet_operation operation) {
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
    if (rules[i].operation == operation) return &rules[i];
  return NULL;
}

bool linnet__server_operation_exists(linnet_operation operation) { return rule_of(operation) != NULL; }

const char *linnet__server_operation_words(linnet_operation operation) {
  const operation_rule *rule = rule_of(operation);
  return rule == NULL ? "request" : rule->words;
}

linnet_status linnet__server_request_fail(const linnet__registration *registration,
                                          linnet_operation operation, linnet_path path, linnet_status status,
                                          const char *why) {
  char text[LINNET_PATH_TEXT_SIZE];
  return linnet__fail(registration->server->handle.loop, status, "%s %s of %n: %s",
                      linnet__server_operation_words(operation), linnet_path_text(path, text),
                      (size_t)registration->endpoint_length, registration->endpoint,
                      why != NULL ? why : linnet_status_text(status));
}

/* ---- life ---------------------------------------------------------------------------------------- */

linnet__server_request *linnet__server_request_find(const linnet_server *server, uint64_t number) {
  return linnet__map_find(&server->requests, &number, sizeof number);
}

void linnet__server_request_join(linnet__server_request *request, linnet__registration *registration) {
  request->registration = registration;
  if (request->operation == LINNET_OPERATION_OBSERVE) registration->observations++;
  if (registration->requests == NULL)
    registration->requests = request;
  else
    linnet__list_append(&registration->requests->node, &request->node);
}

void linnet__server_request_leave(linnet__server_request *request) {
  linnet__registration *registration = request->registration;
  if (request->state == LINNET__SERVER_REQUEST_OPEN && !request->beside) registration->open_requests--;
  if (request->operation == LINNET_OPERATION_OBSERVE) registration->observations--;
  linnet__server_request *next = LINNET__CONTAINER(request->node.next, linnet__server_request, node);
  if (registration->requests == request) registration->requests = next == request ? NULL : next;
  linnet__list_remove(&request->node);
}

static void discard(linnet__server_request *request) {
  linnet_event_unref(request->response);
  linnet_event_unref(request->ended);
  linnet__free(request->server->handle.loop, request, sizeof *request);
}

void linnet__server_request_free(linnet__server_request *request) {
  linnet_server *server = request->server;
  if (server->coap != NULL && request->exchange != 0) linnet__coap_forget(server->coap, request->exchange);
  linnet__change_request_gone(request);
  linnet__map_remove(&server->requests, &request->number, sizeof request->number);
  linnet__waiting_release(request);
  if (request->state == LINNET__SERVER_REQUEST_STANDING)
    linnet__standing_release(request);
  else
    linnet__server_request_leave(request);
  discard(request);
}

void linnet__server_request_cancel(linnet__server_request *request, const char *why) {
  if (request->state == LINNET__SERVER_REQUEST_OBSERVING) {
    linnet__server_observation_end(request, LINNET_ERROR_CANCELLED, why);
    return;
  }
  linnet__server_request_failed(request, LINNET_ERROR_CANCELLED, why);
}

void linnet__server_request_failed(linnet__server_request *request, linnet_status status, const char *why) {
  linnet_event *event = request->response;
  if (event == NULL) { /* it was answered once */
    linnet__server_observation_end(request, status, why);
    return;
  }
  request->response = NULL;
  linnet__server_event_fail(event, request, status, why);
  linnet__event_emit(request->server->handle.loop, event);
  linnet__server_request_free(request);
}

/* An event that belongs to the request from the beginning. */
static linnet_event *new_event(const linnet__server_request *request,
                               const linnet__server_request_origin *origin, linnet_event_kind kind) {
  linnet_server *server = request->server;
  linnet_event *event = linnet__event_new(server->handle.loop, kind, server->handle.number);
  if (event == NULL) return NULL;
  event->registration = origin->registration;
  event->request = request->number;
  event->operation = request->operation;
  event->path = request->path;
  linnet__event_set_endpoint(event, origin->endpoint);
  if (event->endpoint != NULL) return event;
  linnet_event_unref(event);
  return NULL;
}

linnet__server_request *linnet__server_request_new(linnet_server *server,
                                                   const linnet__server_request_origin *origin,
                                                   linnet_operation operation, linnet_path path,
                                                   const linnet__server_request_parts *parts) {
  linnet_loop *loop = server->handle.loop;
  linnet__server_request *request = linnet__new(loop, sizeof *request);
  if (request == NULL) return NULL;
  linnet__list_init(&request->node);
  request->server = server;
  request->number = origin->number;
  request->observation = parts->observation;
  request->path = path;
  request->operation = operation;
  request->format = parts->format;
  request->response = new_event(request, origin, LINNET_EVENT_RESPONSE);
  if (operation == LINNET_OPERATION_OBSERVE)
    request->ended = new_event(request, origin, LINNET_EVENT_OBSERVATION_ENDED);
  bool complete =
      request->response != NULL && (operation != LINNET_OPERATION_OBSERVE || request->ended != NULL);
  if (complete && linnet__map_insert(&server->requests, request) == LINNET_OK) return request;
  discard(request);
  return NULL;
}

/* ---- sending ------------------------------------------------------------------------------------- */

static int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

/* MOD-10: the root is a URI reference, its segments travel decoded (RFC 7252 6.4). */
static void put_root(linnet__server_path *out, const char *root) {
  size_t used = 0;
  while (*root == '/' && out->count < LINNET__ROOT_SEGMENTS) {
    size_t start = used;
    for (root++; *root != 0 && *root != '/'; root++) {
      int high = root[0] == '%' ? hex_value(root[1]) : -1;
      int low = high >= 0 ? hex_value(root[2]) : -1;
      out->root[used++] = low >= 0 ? (char)(high * 16 + low) : *root;
      if (low >= 0) root += 2;
    }
    out->segments[out->count++] = (linnet__text){out->root + start, used - start};
  }
}

void linnet__server_path_put(linnet__server_path *out, const char *root, linnet_path path) {
  out->count = 0;
  put_root(out, root);
  for (uint8_t i = 0; i < path.depth && i < 4; i++) {
    char digits[LINNET__INTEGER_TEXT_SIZE];
    size_t length = linnet__format_unsigned(path.id[i], digits);
    memcpy(out->ids[i], digits, length);
    out->segments[out->count++] = (linnet__text){out->ids[i], length};
  }
}

static void describe(const linnet__server_request *request, const linnet__server_request_parts *parts,
                     const linnet__token *token, linnet__server_path *target, linnet__outgoing *outgoing) {
  const operation_rule *rule = rule_of(request->operation);
  bool sends = rule->body != BODY_NONE;
  bool asks = !sends && rule->code != LINNET__DELETE && parts->format != LINNET_FORMAT_ANY;
  linnet__server_path_put(target, linnet__registration_root(request->registration), request->path);
  *outgoing = (linnet__outgoing){
      .code = rule->code,
      .path = target->segments,
      .path_count = target->count,
      .query = parts->query,
      .query_count = parts->query_count,
      .content_format = sends ? (int32_t)parts->format : -1,
      .accept = asks ? (int32_t)parts->format : -1,
      .observe = rule->observe,
      .watch = linnet__coap_watch,
      .token = token,
      .payload = parts->payload,
      .payload_length = parts->payload_length,
      .timeout_ms = request->server->timeout_ms,
  };
}

linnet_status linnet__server_request_resume(linnet__server_request *request, const linnet__token *token) {
  const linnet__server_request_parts parts = {.format = request->format};
  linnet__server_path target;
  linnet__outgoing outgoing;
  describe(request, &parts, token, &target, &outgoing);
  return linnet__coap_resume(request->server->coap, &request->registration->peer, &outgoing,
                             linnet__server_request_answered, request, &request->exchange);
}

static bool is_trigger(const linnet__server_request *request) {
  const linnet_path *path = &request->path;
  return request->operation == LINNET_OPERATION_EXECUTE && path->depth == 3 && path->id[0] == 1 &&
         path->id[2] == 8;
}

/* SEC-05: only who registered hears it, in this session or in one beside it. A device that is secured over
 * UDP may be woken by a bare short message (SMS-20). */
static bool is_for(const linnet__server_request *request, const linnet__peer *peer) {
  const linnet__registration *registration = request->registration;
  if (linnet__transport_sender(peer->transport, &peer->address) == registration->sender) return true;
  if (!request->beside) return false;
  if (linnet_transport_is_secure(peer->transport)) return linnet__channel_is_for(registration, peer);
  return linnet_transport_has_secured(peer->transport) || is_trigger(request); /* that number's keys */
}

linnet_status linnet__server_request_transmit(linnet__server_request *request,
                                              const linnet__server_request_parts *parts) {
  linnet_server *server = request->server;
  linnet__registration *registration = request->registration;
  linnet__server_path target;
  linnet__outgoing outgoing;
  linnet__token token;
  bool cancels = request->operation == LINNET_OPERATION_CANCEL;
  if (cancels) { /* OBS-05: by the token of its observation */
    const linnet__server_request *observation = linnet__server_request_find(server, request->observation);
    if (observation == NULL || linnet__coap_token(server->coap, observation->exchange, &token) != LINNET_OK)
      return linnet__fail(server->handle.loop, LINNET_ERROR_NOT_FOUND, "the observation has ended already");
  }
  describe(request, parts, cancels ? &token : NULL, &target, &outgoing);
  linnet__peer peer;
  linnet_status status = linnet__channel_peer(request, &peer);
  if (status == LINNET_OK && !is_for(request, &peer))
    status = linnet__fail(server->handle.loop, LINNET_ERROR_SECURITY,
                          "there is no session with \"%s\" now; it begins one when it registers or updates",
                          registration->endpoint);
  if (status == LINNET_OK)
    status = linnet__coap_send(server->coap, &peer, &outgoing, linnet__server_request_answered, request,
                               &request->exchange);
  if (status != LINNET_OK) return status;
  request->state = LINNET__SERVER_REQUEST_OPEN;
  if (!request->beside) registration->open_requests++;
  return LINNET_OK;
}

/* QUE-09: what goes by SMS beside a registration over UDP goes at any time. */
static bool waits(const linnet__registration *registration) {
  return linnet__waiting_is_for(registration) && !linnet__channel_is_beside(registration);
}

static const char *too_many(const linnet__registration *registration) {
  size_t limit = linnet__coap_limit(registration->server->coap, LINNET_LIMIT_OPEN_REQUESTS);
  if (waits(registration)) return linnet__waiting_full(registration);
  if (registration->open_requests >= limit || registration->open_requests == UINT16_MAX)
    return "too many requests to the device are open";
  return NULL;
}

linnet_status linnet__server_request_send(linnet__registration *registration, linnet_operation operation,
                                          linnet_path path, const linnet__server_request_parts *parts,
                                          uint64_t *number) {
  const char *fault = too_many(registration);
  if (fault != NULL)
    return linnet__server_request_fail(registration, operation, path, LINNET_ERROR_LIMIT_REACHED, fault);
  linnet_server *server = registration->server;
  const linnet__server_request_origin origin = {registration->number, registration->endpoint,
                                                linnet__loop_number(server->handle.loop)};
  linnet__server_request *request = linnet__server_request_new(server, &origin, operation, path, parts);
  if (request == NULL)
    return linnet__server_request_fail(registration, operation, path, LINNET_ERROR_NO_MEMORY, NULL);
  request->beside = linnet__channel_is_beside(registration);
  linnet__server_request_join(request, registration);
  linnet_status status = waits(registration) ? linnet__waiting_add(request, parts)
                                             : linnet__server_request_transmit(request, parts);
  if (status != LINNET_OK) {
    linnet__server_request_free(request);
    return linnet__server_request_fail(registration, operation, path, status, NULL);
  }
  if (number != NULL) *number = request->number;
  return LINNET_OK;
}

/* ---- checks -------------------------------------------------------------------------------------- */

/* What was asked for, on its way through the checks. */
typedef struct request_call {
  linnet__registration *registration;
  const operation_rule *rule;
  linnet_path path;
  const linnet_batch *payload;
  const char *text;
  linnet_format format;
  uint64_t *number;
} request_call;

static linnet_status fail(const request_call *call, linnet_status status, const char *why) {
  return linnet__server_request_fail(call->registration, call->rule->operation, call->path, status, why);
}

static const char *shape_fault(const request_call *call) {
  const operation_rule *rule = call->rule;
  if (call->path.depth > 4 || (rule->depths & DEPTH(call->path.depth)) == 0)
    return "the operation is not defined for a path of this depth";
  for (uint8_t i = 0; i < call->path.depth; i++)
    if (call->path.id[i] == LINNET_ID_NONE) return "65535 is no id";
  if (call->payload != NULL && linnet_batch_count(call->payload) > 0 && rule->body != BODY_RECORDS)
    return "the operation takes no values";
  bool takes_text = rule->body == BODY_ARGUMENTS || rule->body == BODY_ATTRIBUTES;
  if (call->text[0] != 0 && !takes_text) return "the operation takes no text";
  bool takes_format = rule->body == BODY_RECORDS || rule->answers_values;
  bool open =
      call->format == LINNET_FORMAT_NONE || (call->format == LINNET_FORMAT_ANY && rule->answers_values);
  if (takes_format && !open && !linnet__format_has_records(call->format)) return "not a format for values";
  return NULL;
}

static linnet_status check(const request_call *call) {
  const linnet__registration *registration = call->registration;
  const char *fault = shape_fault(call);
  if (fault != NULL) return fail(call, LINNET_ERROR_INVALID_ARGUMENT, fault);
  fault = linnet__channel_fault(registration, call->rule->operation);
  if (fault != NULL) return fail(call, LINNET_ERROR_WRONG_STATE, fault);
  if (call->rule->body == BODY_ARGUMENTS &&
      linnet__arguments_check(call->text, strlen(call->text)) != LINNET_OK)
    return fail(call, LINNET_ERROR_INVALID_ARGUMENT,
                "arguments are a digit, or a digit = 'text', with commas");
  if (call->rule->body == BODY_ATTRIBUTES) {
    linnet_model *model = registration->server->model;
    const linnet_resource_definition *resource =
        call->path.depth == 3 ? linnet_model_resource(model, call->path) : NULL;
    fault = linnet__attributes_fault(call->text, call->path, resource);
    if (fault != NULL) return fail(call, LINNET_ERROR_INVALID_ARGUMENT, fault);
  }
  size_t limit = linnet__coap_limit(registration->server->coap, LINNET_LIMIT_OBSERVATIONS);
  if (call->rule->operation == LINNET_OPERATION_OBSERVE &&
      (registration->observations >= limit || registration->observations == UINT16_MAX))
    return fail(call, LINNET_ERROR_LIMIT_REACHED, "too many observations of the device");
  return LINNET_OK;
}

/* ---- the call ------------------------------------------------------------------------------------ */

static linnet_status send_with_records(const request_call *call) {
  linnet__buffer body;
  linnet__server_request_parts parts = {.format = call->format};
  linnet__buffer_init(&body, call->registration->server->handle.loop, PAYLOAD_LIMIT);
  linnet_status status = linnet__server_request_payload(call->registration, call->rule->operation, call->path,
                                                        call->payload, &parts.format, &body);
  parts.payload = body.data;
  parts.payload_length = body.length;
  if (status == LINNET_OK)
    status = linnet__server_request_send(call->registration, call->rule->operation, call->path, &parts,
                                         call->number);
  linnet__buffer_free(&body);
  return status;
}

static linnet_status send_without_records(const request_call *call) {
  linnet__server_request_parts parts = {.format = LINNET_FORMAT_NONE};
  linnet__text query;
  size_t position = 0;
  switch (call->rule->body) {
    case BODY_ARGUMENTS: /* DM-51 */
      parts.payload = (const uint8_t *)call->text;
      parts.payload_length = strlen(call->text);
      if (parts.payload_length > 0) parts.format = LINNET_FORMAT_TEXT;
      break;
    case BODY_ATTRIBUTES: /* DM-40 */
      while (linnet__attributes_next(call->text, &position, &query) == LINNET_OK)
        parts.query[parts.query_count++] = query;
      break;
    default: /* DM-83: Accept decides between Read and Discover */
      parts.format = call->rule->operation == LINNET_OPERATION_DISCOVER ? LINNET_FORMAT_LINK : call->format;
      if (parts.format == LINNET_FORMAT_NONE)
        parts.format = linnet__server_request_format(call->registration, call->path);
      break;
  }
  return linnet__server_request_send(call->registration, call->rule->operation, call->path, &parts,
                                     call->number);
}

linnet_status linnet_server_request(linnet_server *server, uint64_t registration, linnet_operation operation,
                                    linnet_path path, const linnet_batch *payload, const char *text,
                                    linnet_format format, uint64_t *number) {
  if (server == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = server->handle.loop;
  char path_text[LINNET_PATH_TEXT_SIZE];
  const operation_rule *rule = rule_of(operation);
  if (server->handle.closed) return linnet__fail(loop, LINNET_ERROR_CLOSED, "request: the server is closed");
  if (rule == NULL || rule->depths == 0)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "request: not an operation on a device");
  request_call call = {.registration = linnet__registration_find(server, registration),
                       .rule = rule,
                       .path = path,
                       .payload = payload,
                       .text = text == NULL ? "" : text,
                       .format = format,
                       .number = number};
  if (call.registration == NULL)
    return linnet__fail(loop, LINNET_ERROR_NOT_FOUND, "%s %s: there is no registration %U", rule->words,
                        linnet_path_text(path, path_text), registration);
  linnet_status status = check(&call);
  if (status != LINNET_OK) return status;
  return rule->body == BODY_RECORDS ? send_with_records(&call) : send_without_records(&call);
}

void linnet_server_set_timeout(linnet_server *server, uint32_t timeout_ms) {
  if (server != NULL) server->timeout_ms = timeout_ms;
}

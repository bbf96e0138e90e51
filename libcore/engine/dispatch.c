/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch.c: from a CoAP request to an operation, in the order of DM-01 (digest 3.1, 3.2). */
#include <string.h>

#include "engine_internal.h"

/* The one path that a server knows and that is no object: the bootstrap interface (BS-13). */
static bool is_bootstrap(const linnet__incoming *request) {
  size_t position = 0;
  linnet__text first, second;
  return linnet__incoming_text(request, LINNET__OPTION_URI_PATH, &position, &first) && first.length == 2 &&
         memcmp(first.data, "bs", 2) == 0 &&
         !linnet__incoming_text(request, LINNET__OPTION_URI_PATH, &position, &second);
}

/* Steps 2 to 4: path, method, object. */
static uint8_t locate(linnet__operation *operation, const linnet__incoming *request) {
  if (linnet__root_path(operation->engine, request, &operation->path) != LINNET_OK ||
      operation->path.depth > 3)
    return is_bootstrap(request) ? LINNET__METHOD_NOT_ALLOWED : LINNET__NOT_FOUND; /* AMB-21 */
  if (request->code < LINNET__GET || request->code > LINNET__DELETE) return LINNET__METHOD_NOT_ALLOWED;
  if (operation->path.depth == 0) return LINNET__METHOD_NOT_ALLOWED;
  linnet_object *object = linnet__engine_object(operation->engine, operation->path.id[0]);
  if (object == NULL) return LINNET__NOT_FOUND;
  if (operation->path.id[0] == 0) return LINNET__UNAUTHORIZED; /* AMB-14 */
  linnet__operation_set_object(operation, object);
  return 0;
}

static uint8_t choose(linnet__operation *operation, linnet_operation kind,
                      const linnet__operation_type *type) {
  operation->kind = kind;
  operation->type = type;
  return 0;
}

/* DM-70, DM-71: step 9 of objects whose instances are as they are. */
static uint8_t check_barred(linnet__operation *operation, const linnet__incoming *request) {
  (void)operation;
  (void)request;
  return LINNET__METHOD_NOT_ALLOWED;
}

/* Create and Delete, where the object has them. */
static uint8_t choose_making(linnet__operation *operation, linnet_operation kind) {
  static const linnet__operation_type barred = {.check = check_barred};
  const linnet__making *making = operation->object->making;
  if (making == NULL) return choose(operation, kind, &barred);
  return choose(operation, kind, kind == LINNET_OPERATION_CREATE ? making->create : making->remove);
}

static uint8_t choose_get(linnet__operation *operation, const linnet__incoming *request) {
  if (request->accept == LINNET_FORMAT_LINK) {
    if (request->observe == 0) return LINNET__BAD_REQUEST; /* DM-83 */
    return choose(operation, LINNET_OPERATION_DISCOVER, &linnet__discover_type);
  }
  if (request->observe == 0) return choose(operation, LINNET_OPERATION_OBSERVE, &linnet__observe_type);
  if (request->observe == 1) return choose(operation, LINNET_OPERATION_CANCEL, &linnet__cancel_type);
  return choose(operation, LINNET_OPERATION_READ, &linnet__read_type);
}

static uint8_t choose_put(linnet__operation *operation, const linnet__incoming *request) {
  bool query = request->query, body = request->content_format >= 0;
  if (query && !body)
    return choose(operation, LINNET_OPERATION_WRITE_ATTRIBUTES, &linnet__write_attributes_type);
  if (operation->path.depth == 1) return LINNET__METHOD_NOT_ALLOWED;
  if (query == body) return LINNET__BAD_REQUEST; /* DM-30, AMB-05 */
  return choose(operation, LINNET_OPERATION_WRITE, &linnet__write_type);
}

/* FW-07: the specification's own figure pushes firmware so; the one exception from DM-31. */
static bool is_firmware_push(const linnet__operation *operation, const linnet__incoming *request) {
  return request->content_format == LINNET_FORMAT_OPAQUE && operation->path.depth == 3 &&
         operation->path.id[0] == 5 && operation->path.id[2] == 0;
}

static uint8_t choose_post(linnet__operation *operation, const linnet__incoming *request) {
  if (is_firmware_push(operation, request))
    return choose(operation, LINNET_OPERATION_WRITE, &linnet__write_type);
  if (operation->path.depth == 3) return choose(operation, LINNET_OPERATION_EXECUTE, &linnet__execute_type);
  if (request->content_format < 0) return LINNET__BAD_REQUEST; /* DM-50, AMB-04 */
  if (operation->path.depth == 2) return choose(operation, LINNET_OPERATION_UPDATE, &linnet__write_type);
  return choose_making(operation, LINNET_OPERATION_CREATE);
}

/* Step 5: method and path give the operation (3.1). */
static uint8_t classify(linnet__operation *operation, const linnet__incoming *request) {
  uint8_t code;
  if (request->code == LINNET__GET)
    code = choose_get(operation, request);
  else if (request->code == LINNET__PUT)
    code = choose_put(operation, request);
  else if (request->code == LINNET__POST)
    code = choose_post(operation, request);
  else if (operation->path.depth == 2)
    code = choose_making(operation, LINNET_OPERATION_DELETE);
  else
    code = LINNET__METHOD_NOT_ALLOWED; /* DM-70 */
  if (code != 0 || operation->kind == LINNET_OPERATION_WRITE_ATTRIBUTES) return code;
  return request->query ? LINNET__BAD_REQUEST : 0; /* DM-44 */
}

static bool takes_many(linnet_format format) {
  return format == LINNET_FORMAT_TLV || format == LINNET_FORMAT_JSON;
}

/* Step 6, Content-Format. */
static uint8_t choose_format(linnet__operation *operation, const linnet__incoming *request) {
  const unsigned with_body =
      LINNET_OPERATION_WRITE | LINNET_OPERATION_UPDATE | LINNET_OPERATION_CREATE | LINNET_OPERATION_EXECUTE;
  if ((operation->kind & with_body) == 0 || request->content_format < 0) return 0;
  operation->format = linnet__format_of_number((unsigned)request->content_format);
  if (!linnet__format_has_records(operation->format)) return LINNET__UNSUPPORTED_CONTENT_FORMAT;
  return operation->path.depth < 3 && !takes_many(operation->format) ? LINNET__UNSUPPORTED_CONTENT_FORMAT : 0;
}

/* Step 6, Accept; without one it is TLV (DM-14). */
static uint8_t choose_answer(linnet__operation *operation, const linnet__incoming *request) {
  const unsigned reading = LINNET_OPERATION_READ | LINNET_OPERATION_OBSERVE | LINNET_OPERATION_CANCEL;
  if ((operation->kind & reading) == 0) return 0;
  operation->answer_number = request->accept >= 0 ? request->accept : LINNET_FORMAT_TLV;
  operation->answer = linnet__format_of_number((unsigned)operation->answer_number);
  if (!linnet__format_has_records(operation->answer)) return LINNET__NOT_ACCEPTABLE;
  return operation->path.depth < 3 && !takes_many(operation->answer) ? LINNET__NOT_ACCEPTABLE : 0; /* DM-13 */
}

/* Steps 2 to 9: everything that needs no body. */
static uint8_t prepare(linnet__operation *operation, const linnet__incoming *request) {
  uint8_t code = locate(operation, request);
  if (code == 0) code = classify(operation, request);
  if (code == 0) code = choose_format(operation, request);
  if (code == 0) code = choose_answer(operation, request);
  if (code != 0) return code;
  if (operation->path.depth > 1 && !linnet_object_has_instance(operation->object, operation->path.id[1]))
    return LINNET__NOT_FOUND;
  code = linnet__operation_authorize(operation, operation->kind, operation->path);
  return code != 0 ? code : operation->type->check(operation, request);
}

static void set_error(linnet__response *response, uint8_t code) {
  linnet__buffer_clear(response->payload);
  response->code = code;
  response->content_format = -1;
  response->location_count = 0;
  response->observer = NULL;
}

/* All deferred answers came, or one that failed. */
static void respond(linnet__operation *operation) {
  linnet__coap *coap = operation->engine->coap;
  linnet__response response;
  linnet__response_init(coap, &response, 0);
  uint8_t code = operation->code;
  if (code == 0 && !linnet__operation_stands(operation)) code = LINNET__NOT_FOUND;
  if (code == 0) code = operation->type->finish(operation, &response);
  if (code != 0) set_error(&response, code);
  linnet__coap_respond(coap, operation->exchange, &response);
  linnet__operation_end(operation);
}

/* The request went through its checks: asks and acts. */
static linnet__answer act(linnet__operation *operation, const linnet__incoming *request,
                          linnet__response *response) {
  operation->peer = request->peer;
  operation->token = request->token;
  operation->exchange = request->exchange;
  operation->complete = respond;
  uint8_t code = operation->type->begin(operation, request);
  if (operation->engine->closed || operation->requester == NULL) return LINNET__ANSWER_NEVER;
  if (!linnet__operation_stands(operation)) code = LINNET__NOT_FOUND;
  if (code == 0 && linnet__operation_waits(operation)) return LINNET__ANSWER_LATER;
  if (code == 0) code = operation->type->finish(operation, response);
  if (code != 0) set_error(response, code);
  return LINNET__ANSWER_NOW;
}

linnet__answer linnet__engine_request(linnet__engine *engine, linnet__requester *requester,
                                      const linnet__incoming *request, linnet__response *response) {
  if (engine->closed) return LINNET__ANSWER_NEVER;
  linnet__operation *operation = linnet__operation_new(engine, requester);
  if (operation == NULL) {
    set_error(response, LINNET__SERVICE_UNAVAILABLE);
    return LINNET__ANSWER_NOW;
  }
  linnet__requester_online(requester); /* it is alive (OBS-09) */
  linnet__handle *owner = engine->owner;
  linnet__handle_ref(owner);
  linnet__answer answer = LINNET__ANSWER_NOW;
  uint8_t code = prepare(operation, request);
  if (code != 0)
    set_error(response, code);
  else
    answer = act(operation, request, response);
  if (answer != LINNET__ANSWER_LATER) linnet__operation_end(operation);
  linnet__handle_unref(owner);
  return answer;
}

uint8_t linnet__engine_precheck(linnet__engine *engine, linnet__requester *requester,
                                const linnet__incoming *request) {
  if (engine->closed) return 0;
  linnet__operation *operation = linnet__operation_new(engine, requester);
  if (operation == NULL) return LINNET__SERVICE_UNAVAILABLE;
  uint8_t code = prepare(operation, request);
  linnet__operation_end(operation);
  return code;
}

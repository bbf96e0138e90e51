/* SPDX-License-Identifier: Apache-2.0 */
/* create.c: Create: one new instance, complete or not at all (digest 3.7). */
#include "engine_internal.h"

static uint8_t check_create(linnet__operation *operation, const linnet__incoming *request) {
  (void)request;
  return (operation->object->allows & LINNET_OPERATION_CREATE) != 0 ? 0 : LINNET__METHOD_NOT_ALLOWED;
}

/* All records name the same instance, or none at all (DM-66). LINNET_ID_NONE: the client is to choose. */
static uint8_t find_instance(linnet__operation *operation, const linnet__incoming *request) {
  size_t count = linnet_batch_count(operation->records);
  operation->instance = LINNET_ID_NONE;
  for (size_t i = 0; i < count; i++) {
    linnet_record record;
    linnet_batch_record(operation->records, i, &record);
    if (i > 0 && record.path.id[1] != operation->instance) return LINNET__BAD_REQUEST;
    operation->instance = record.path.id[1];
  }
  /* An Object-Instance TLV is a choice, also of 65535, which names no instance (DM-63). */
  bool wrapped = operation->format == LINNET_FORMAT_TLV && request->payload_length > 0 &&
                 (request->payload[0] & 0xC0) == 0;
  if (operation->instance == LINNET_ID_NONE && wrapped) return LINNET__BAD_REQUEST;
  return 0;
}

/* The lowest that is free; LINNET_ID_NONE: none is. */
static uint16_t free_instance(const linnet_object *object) {
  uint16_t id = 0;
  for (size_t i = 0; i < object->count && object->instances[i].id == id; i++) id++;
  return id;
}

static linnet_status choose_instance(linnet__operation *operation) {
  const linnet_object *object = operation->object;
  if (object->count >= linnet__coap_limit(operation->engine->coap, LINNET_LIMIT_INSTANCES))
    return LINNET_ERROR_LIMIT_REACHED;
  if (operation->instance == LINNET_ID_NONE) {
    operation->instance = free_instance(object);
    if (operation->instance == LINNET_ID_NONE) return LINNET_ERROR_INVALID_ARGUMENT;
  }
  if (!object->definition->multiple && operation->instance != 0)
    return LINNET_ERROR_INVALID_ARGUMENT; /* DM-64 */
  return LINNET_OK;
}

/* Also names the instance in records that did not (DM-65). */
static linnet_status check_records(linnet__operation *operation) {
  if (linnet_object_has_instance(operation->object, operation->instance)) return LINNET_ERROR_EXISTS;
  return linnet__object_check(operation->object, operation->instance, operation->records,
                              LINNET__APPLY_CREATE);
}

static linnet_path created(const linnet__operation *operation) {
  return linnet_path_instance(operation->path.id[0], operation->instance);
}

static uint8_t begin_create(linnet__operation *operation, const linnet__incoming *request) {
  uint8_t code = linnet__operation_decode(operation, request);
  if (code == 0) code = find_instance(operation, request);
  if (code != 0) return code;
  linnet_status status = choose_instance(operation);
  if (status == LINNET_OK) status = check_records(operation);
  if (status == LINNET_OK) status = linnet__operation_accept(operation, created(operation));
  if (status != LINNET_OK) return linnet__code_of_status(status);
  return linnet__operation_ask(operation, LINNET_OPERATION_CREATE, created(operation), NULL);
}

static void set_location(linnet__operation *operation, linnet__response *response) {
  linnet__engine *engine = operation->engine;
  uint16_t ids[2] = {operation->path.id[0], operation->instance};
  response->location_count = linnet__root_segments(engine, response->location);
  for (size_t i = 0; i < 2; i++) { /* AMB-36 */
    linnet__text *segment = &response->location[response->location_count++];
    segment->data = engine->location[i];
    segment->length = linnet__format_unsigned(ids[i], engine->location[i]);
  }
}

static uint8_t finish_create(linnet__operation *operation, linnet__response *response) {
  const linnet__engine *engine = operation->engine;
  linnet_status status = LINNET_OK;
  if (linnet__operation_asked(operation, LINNET_OPERATION_CREATE)) status = check_records(operation);
  if (status == LINNET_OK)
    status = linnet__object_apply(operation->object, operation->instance, operation->records,
                                  LINNET__APPLY_CREATE);
  if (status != LINNET_OK) return linnet__code_of_status(status);
  if (engine->hooks.created != NULL)
    status = engine->hooks.created(engine->user, operation->requester, created(operation));
  if (status != LINNET_OK) {
    linnet_object_remove_instance(operation->object, operation->instance);
    return linnet__code_of_status(status);
  }
  response->code = LINNET__CREATED;
  set_location(operation, response);
  linnet__operation_did(operation, LINNET_EVENT_CREATED, created(operation));
  return 0;
}

linnet_status linnet_object_allow(linnet_object *object, unsigned operations) {
  static const linnet__operation_type create_type = {check_create, begin_create, finish_create};
  static const linnet__making making = {&create_type, &linnet__delete_type};
  if ((operations & ~(unsigned)(LINNET_OPERATION_CREATE | LINNET_OPERATION_DELETE)) != 0)
    return linnet__fail(object->handle.loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "linnet_object_allow: /%u: only CREATE and DELETE can be allowed",
                        (unsigned)linnet_object_id(object));
  object->making = &making;
  object->allows = operations;
  return LINNET_OK;
}

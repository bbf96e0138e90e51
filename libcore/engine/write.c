/* SPDX-License-Identifier: Apache-2.0 */
/* write.c: Write, replace and partial update: decoded, checked, asked about, then stored all at once
 * (digest 3.4). */
#include "engine_internal.h"

bool linnet__operation_asked(const linnet__operation *operation, linnet_operation kind) {
  return operation->object->handler != NULL && (operation->object->asks & (unsigned)kind) != 0;
}

uint8_t linnet__operation_decode(linnet__operation *operation, const linnet__incoming *request) {
  linnet__engine *engine = operation->engine;
  operation->records = linnet_batch_new(engine->loop);
  if (operation->records == NULL) return LINNET__INTERNAL_SERVER_ERROR;
  linnet_status status =
      linnet__decode(operation->records, operation->format, operation->path, request->payload,
                     request->payload_length, linnet__definition_schema(operation->object->definition));
  if (status == LINNET_ERROR_NO_MEMORY) return LINNET__INTERNAL_SERVER_ERROR;
  return status == LINNET_OK ? 0 : LINNET__BAD_REQUEST; /* DM-28 */
}

static uint8_t check_write(linnet__operation *operation, const linnet__incoming *request) {
  (void)request;
  if (operation->path.depth < 3) return 0;
  const linnet_resource_definition *definition =
      linnet_definition_find(operation->object->definition, operation->path.id[2]);
  if (definition == NULL) return LINNET__NOT_FOUND;
  if ((definition->operations & LINNET_OPERATION_WRITE) != 0) return 0; /* DM-27 is the object's */
  bool there =
      linnet__object_resource(operation->object, operation->path.id[1], operation->path.id[2]) != NULL;
  return there ? LINNET__METHOD_NOT_ALLOWED : LINNET__NOT_FOUND;
}

static linnet_status check_records(linnet__operation *operation) {
  return linnet__object_check(operation->object, operation->instance, operation->records, operation->mode);
}

static uint8_t begin_write(linnet__operation *operation, const linnet__incoming *request) {
  uint8_t code = linnet__operation_decode(operation, request);
  if (code != 0) return code;
  operation->instance = operation->path.id[1];
  if (operation->path.depth == 3)
    operation->mode = LINNET__APPLY_REPLACE_RESOURCE;
  else if (operation->kind == LINNET_OPERATION_UPDATE)
    operation->mode = LINNET__APPLY_UPDATE_INSTANCE;
  else
    operation->mode = LINNET__APPLY_REPLACE_INSTANCE;
  linnet_status status = check_records(operation);
  if (status == LINNET_OK) status = linnet__operation_accept(operation, operation->path);
  if (status != LINNET_OK) return linnet__code_of_status(status);
  return linnet__operation_ask(operation, LINNET_OPERATION_WRITE, operation->path, NULL);
}

static uint8_t finish_write(linnet__operation *operation, linnet__response *response) {
  linnet_status status = LINNET_OK;
  if (linnet__operation_asked(operation, LINNET_OPERATION_WRITE)) status = check_records(operation);
  if (status == LINNET_OK)
    status =
        linnet__object_apply(operation->object, operation->instance, operation->records, operation->mode);
  if (status != LINNET_OK) return linnet__code_of_status(status);
  response->code = LINNET__CHANGED;
  linnet__operation_did(operation, LINNET_EVENT_WRITTEN, operation->path);
  return 0;
}

const linnet__operation_type linnet__write_type = {check_write, begin_write, finish_write};

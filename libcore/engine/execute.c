/* SPDX-License-Identifier: Apache-2.0 */
/* execute.c: Execute with its arguments (digest 3.6). */
#include "engine_internal.h"

static uint8_t check_execute(linnet__operation *operation, const linnet__incoming *request) {
  (void)request;
  const linnet__resource *resource =
      linnet__object_resource(operation->object, operation->path.id[1], operation->path.id[2]);
  if (resource == NULL || resource->definition == NULL) return LINNET__NOT_FOUND;
  if ((resource->definition->operations & LINNET_OPERATION_EXECUTE) == 0) return LINNET__METHOD_NOT_ALLOWED;
  if (operation->format != LINNET_FORMAT_NONE && operation->format != LINNET_FORMAT_TEXT)
    return LINNET__UNSUPPORTED_CONTENT_FORMAT; /* DM-31 */
  return 0;
}

static uint8_t begin_execute(linnet__operation *operation, const linnet__incoming *request) {
  operation->arguments.data = request->payload_length > 0 ? (const char *)request->payload : "";
  operation->arguments.length = request->payload_length;
  if (linnet__arguments_check(operation->arguments.data, operation->arguments.length) != LINNET_OK)
    return LINNET__BAD_REQUEST; /* DM-52 */
  linnet_status status = linnet__operation_accept(operation, operation->path);
  if (status != LINNET_OK) return linnet__code_of_status(status);
  uint8_t code =
      linnet__operation_ask(operation, LINNET_OPERATION_EXECUTE, operation->path, &operation->arguments);
  if (code != 0 || !linnet__operation_waits(operation)) return code;
  operation->arguments_copy =
      linnet__copy_text(operation->engine->loop, operation->arguments.data, operation->arguments.length);
  if (operation->arguments_copy == NULL) return LINNET__INTERNAL_SERVER_ERROR;
  operation->arguments.data = operation->arguments_copy;
  return 0;
}

static uint8_t finish_execute(linnet__operation *operation, linnet__response *response) {
  response->code = LINNET__CHANGED; /* without payload, DM-53 */
  linnet__operation_did(operation, LINNET_EVENT_EXECUTED, operation->path);
  return 0;
}

const linnet__operation_type linnet__execute_type = {check_execute, begin_execute, finish_execute};

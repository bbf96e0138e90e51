/* SPDX-License-Identifier: Apache-2.0 */
/* delete.c: Delete of an instance (digest 3.8). */
#include "engine_internal.h"

static uint8_t check_delete(linnet__operation *operation, const linnet__incoming *request) {
  (void)request;
  /* DM-70, DM-71: only where the object says so; Device never does. */
  return (operation->object->allows & LINNET_OPERATION_DELETE) != 0 ? 0 : LINNET__METHOD_NOT_ALLOWED;
}

static uint8_t begin_delete(linnet__operation *operation, const linnet__incoming *request) {
  (void)request;
  return linnet__operation_ask(operation, LINNET_OPERATION_DELETE, operation->path, NULL);
}

static uint8_t finish_delete(linnet__operation *operation, linnet__response *response) {
  linnet_status status = linnet_object_remove_instance(operation->object, operation->path.id[1]);
  if (status != LINNET_OK) return linnet__code_of_status(status);
  operation->object->listed = true;
  response->code = LINNET__DELETED;
  linnet__operation_did(operation, LINNET_EVENT_DELETED, operation->path);
  return 0;
}

const linnet__operation_type linnet__delete_type = {check_delete, begin_delete, finish_delete};

/* SPDX-License-Identifier: Apache-2.0 */
/* standard.c: objects that come with behaviour (standard.h; docs/architecture.md section 5). */
#include "client_internal.h"

static const linnet__behaviour *behaviour_of(const linnet_client *client, uint16_t object) {
  return object < LINNET__BEHAVIOURS ? client->behaviours[object] : NULL;
}

linnet_status linnet__client_add_standard(linnet_client *client, const linnet__behaviour *behaviour) {
  linnet_object *object = linnet_object_new(client->model, behaviour->object);
  if (object == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_status status = LINNET_OK;
  if (behaviour->initial_count > 0)
    status = linnet__object_furnish(object, 0, behaviour->initial, behaviour->initial_count);
  if (status == LINNET_OK) status = linnet_client_add_object(client, object);
  if (status == LINNET_OK) client->behaviours[behaviour->object] = behaviour;
  linnet_object_unref(object);
  return status;
}

void linnet__client_set_standard(linnet_client *client, uint16_t object, uint16_t resource, int64_t integer) {
  linnet_object *found = linnet__engine_object(client->engine, object);
  if (found != NULL) linnet__object_set_integer(found, 0, resource, integer);
}

const linnet__resource *linnet__client_standard_resource(const linnet_client *client, uint16_t object,
                                                         uint16_t resource) {
  return linnet__object_resource(linnet__engine_object(client->engine, object), 0, resource);
}

int64_t linnet__client_standard_integer(const linnet_client *client, uint16_t object, uint16_t resource) {
  return linnet__object_integer(linnet__engine_object(client->engine, object), 0, resource, 0);
}

linnet_status linnet__behaviour_accept(linnet_client *client, linnet_operation operation, linnet_path path,
                                       const linnet_batch *records) {
  const linnet__behaviour *behaviour = behaviour_of(client, path.id[0]);
  if (behaviour == NULL || behaviour->accept == NULL) return LINNET_OK;
  return behaviour->accept(client, operation, path, records);
}

bool linnet__behaviour_current(const linnet_client *client, linnet_path path, linnet_value *value) {
  const linnet__behaviour *behaviour = behaviour_of(client, path.id[0]);
  return behaviour != NULL && behaviour->current != NULL && behaviour->current(client, path, value);
}

void linnet__behaviour_written(linnet_client *client, linnet_path path, const linnet_batch *records) {
  const linnet__behaviour *behaviour = behaviour_of(client, path.id[0]);
  if (behaviour != NULL && behaviour->written != NULL) behaviour->written(client, records);
}

void linnet__behaviour_done(linnet_client *client, linnet_operation operation, linnet_path path) {
  const linnet__behaviour *behaviour = behaviour_of(client, path.id[0]);
  if (behaviour != NULL && behaviour->done != NULL) behaviour->done(client, operation, path);
}

/* What the request is for; NULL: for something without behaviour. */
static const linnet__behaviour *behaviour_for(const linnet_client *client, const linnet__incoming *request,
                                              linnet_path *path) {
  if (linnet__root_path(client->engine, request, path) != LINNET_OK || path->depth == 0) return NULL;
  return behaviour_of(client, path->id[0]);
}

uint8_t linnet__behaviour_precheck(const linnet_client *client, const linnet__incoming *request) {
  linnet_path path;
  const linnet__behaviour *behaviour = behaviour_for(client, request, &path);
  return behaviour != NULL && behaviour->precheck != NULL ? behaviour->precheck(client, path) : 0;
}

uint32_t linnet__behaviour_collecting(linnet_client *client, const linnet__incoming *request) {
  linnet_path path;
  const linnet__behaviour *behaviour = behaviour_for(client, request, &path);
  return behaviour != NULL && behaviour->collecting != NULL ? behaviour->collecting(client, path) : 0;
}

void linnet__behaviour_collected(linnet_client *client, uint32_t body, linnet__body_end end) {
  for (uint16_t object = 0; object < LINNET__BEHAVIOURS; object++) {
    const linnet__behaviour *behaviour = client->behaviours[object];
    if (behaviour != NULL && behaviour->collected != NULL) behaviour->collected(client, body, end);
  }
}

void linnet__behaviour_restored(linnet_client *client) {
  for (uint16_t object = 0; object < LINNET__BEHAVIOURS; object++) {
    const linnet__behaviour *behaviour = client->behaviours[object];
    if (behaviour != NULL && behaviour->restored != NULL) behaviour->restored(client);
  }
}

void linnet__behaviour_remove(linnet_client *client, uint16_t object) {
  const linnet__behaviour *behaviour = behaviour_of(client, object);
  if (behaviour == NULL) return;
  client->behaviours[object] = NULL;
  if (behaviour->stop != NULL) behaviour->stop(client);
}

void linnet__behaviour_stop(linnet_client *client) {
  for (uint16_t object = 0; object < LINNET__BEHAVIOURS; object++) linnet__behaviour_remove(client, object);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.c: all that an object stores, kept aside to go back to (lwm2m-1.0.md BS-52). */
#include <string.h>

#include "store_internal.h"

static linnet_status copy_values(linnet_loop *loop, linnet__resource *copy,
                                 const linnet__resource *resource) {
  *copy = *resource;
  copy->values = NULL;
  copy->count = copy->room = 0;
  linnet_status status = linnet__resource_reserve(loop, copy, resource->count);
  for (size_t i = 0; status == LINNET_OK && i < resource->count; i++) {
    bool changed;
    status = linnet__resource_put(loop, copy, resource->values[i].index, &resource->values[i].stored.value,
                                  &changed);
  }
  return status;
}

/* `copy` can be freed also after a failure. */
static linnet_status copy_instance(linnet_loop *loop, linnet__instance *copy,
                                   const linnet__instance *instance) {
  memset(copy, 0, sizeof *copy);
  copy->id = instance->id;
  copy->origin = instance->origin;
  if (instance->count == 0) return LINNET_OK;
  copy->resources = linnet__new(loop, instance->count * sizeof *copy->resources);
  if (copy->resources == NULL) return LINNET_ERROR_NO_MEMORY;
  copy->room = instance->count;
  linnet_status status = LINNET_OK;
  for (size_t i = 0; status == LINNET_OK && i < instance->count; i++) {
    copy->count++;
    status = copy_values(loop, &copy->resources[i], &instance->resources[i]);
  }
  return status;
}

linnet_status linnet__snapshot_take(linnet__snapshot *snapshot, const linnet_object *object) {
  linnet_loop *loop = object->handle.loop;
  memset(snapshot, 0, sizeof *snapshot);
  snapshot->listed = object->listed;
  if (object->count == 0) return LINNET_OK;
  snapshot->instances = linnet__new(loop, object->count * sizeof *snapshot->instances);
  if (snapshot->instances == NULL) return LINNET_ERROR_NO_MEMORY;
  snapshot->capacity = object->count;
  linnet_status status = LINNET_OK;
  for (size_t i = 0; status == LINNET_OK && i < object->count; i++) {
    snapshot->count++;
    status = copy_instance(loop, &snapshot->instances[i], &object->instances[i]);
  }
  if (status != LINNET_OK) linnet__snapshot_free(loop, snapshot);
  return status;
}

void linnet__snapshot_free(linnet_loop *loop, linnet__snapshot *snapshot) {
  for (size_t i = 0; i < snapshot->count; i++) linnet__instance_free(loop, &snapshot->instances[i]);
  linnet__free(loop, snapshot->instances, snapshot->capacity * sizeof *snapshot->instances);
  memset(snapshot, 0, sizeof *snapshot);
}

static bool holds(const linnet__snapshot *snapshot, uint16_t instance) {
  for (size_t i = 0; i < snapshot->count; i++)
    if (snapshot->instances[i].id == instance) return true;
  return false;
}

void linnet__snapshot_restore(linnet__snapshot *snapshot, linnet_object *object) {
  linnet_object_ref(object);
  linnet__snapshot former = {object->listed, object->instances, object->count, object->capacity};
  object->listed = snapshot->listed;
  object->instances = snapshot->instances;
  object->count = snapshot->count;
  object->capacity = snapshot->capacity;
  for (size_t i = 0; i < object->count; i++) linnet__object_tell_instance(object, object->instances[i].id);
  for (size_t i = 0; i < former.count; i++) {
    uint16_t id = former.instances[i].id;
    if (!holds(snapshot, id)) linnet__object_tell_instance(object, id);
  }
  memset(snapshot, 0, sizeof *snapshot);
  linnet__snapshot_free(object->handle.loop, &former);
  linnet_object_unref(object);
}

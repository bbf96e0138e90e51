/* SPDX-License-Identifier: Apache-2.0 */
/* store.c: values, resources and instances in ordered arrays (docs/architecture.md section 5). */
#include <string.h>

#include "store_internal.h"

static bool has_bytes(const linnet_value *value) {
  return value->type == LINNET_TYPE_STRING || value->type == LINNET_TYPE_OPAQUE;
}

linnet_status linnet__stored_copy(linnet_loop *loop, linnet__stored *stored, const linnet_value *value) {
  linnet_value copy = *value;
  if (has_bytes(value)) {
    uint8_t *bytes = NULL;
    if (value->as.bytes.length > 0) {
      bytes = linnet__new(loop, value->as.bytes.length);
      if (bytes == NULL) return LINNET_ERROR_NO_MEMORY;
      memcpy(bytes, value->as.bytes.data, value->as.bytes.length);
    }
    copy.as.bytes.data = bytes == NULL ? (const uint8_t *)"" : bytes;
  }
  stored->value = copy;
  return LINNET_OK;
}

void linnet__stored_free(linnet_loop *loop, linnet__stored *stored) {
  size_t length = stored->value.as.bytes.length;
  if (has_bytes(&stored->value) && length > 0) {
    void *bytes = (void *)(uintptr_t)stored->value.as.bytes.data;
    if (stored->value.type == LINNET_TYPE_OPAQUE) linnet__wipe(bytes, length); /* it may be a key: /0/x/5 */
    linnet__free(loop, bytes, length);
  }
  stored->value = linnet_value_none();
}

/* ---- resources ----------------------------------------------------------------------------------- */

size_t linnet__values_position(const struct linnet__resource_value *values, size_t count, uint16_t index) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (values[middle].index < index)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static struct linnet__resource_value *value_at(const linnet__resource *resource, uint16_t index) {
  size_t at = linnet__values_position(resource->values, resource->count, index);
  if (at == resource->count || resource->values[at].index != index) return NULL;
  return &resource->values[at];
}

const linnet_value *linnet__resource_value(const linnet__resource *resource, uint16_t index) {
  const struct linnet__resource_value *found = value_at(resource, index);
  return found == NULL ? NULL : &found->stored.value;
}

static linnet_status set_room(linnet_loop *loop, linnet__resource *resource, size_t room) {
  const size_t each = sizeof(struct linnet__resource_value);
  if (room > UINT16_MAX) return LINNET_ERROR_TOO_LARGE;
  struct linnet__resource_value *values = NULL;
  if (room == 0) {
    linnet__free(loop, resource->values, resource->room * each);
  } else {
    values = linnet__resize(loop, resource->values, resource->room * each, room * each);
    if (values == NULL) return LINNET_ERROR_NO_MEMORY;
  }
  resource->values = values;
  resource->room = (uint16_t)room;
  return LINNET_OK;
}

linnet_status linnet__resource_reserve(linnet_loop *loop, linnet__resource *resource, size_t room) {
  return room <= resource->room ? LINNET_OK : set_room(loop, resource, room);
}

void linnet__resource_trim(linnet_loop *loop, linnet__resource *resource) {
  if (resource->count < resource->room) set_room(loop, resource, resource->count);
}

static linnet_status insert_value(linnet_loop *loop, linnet__resource *resource, uint16_t index,
                                  const linnet__stored *stored) {
  linnet_status status = linnet__resource_reserve(loop, resource, (size_t)resource->count + 1);
  if (status != LINNET_OK) return status;
  size_t at = linnet__values_position(resource->values, resource->count, index);
  struct linnet__resource_value *place = &resource->values[at];
  memmove(place + 1, place, (resource->count - at) * sizeof(*place));
  place->index = index;
  place->stored = *stored;
  resource->count++;
  return LINNET_OK;
}

linnet_status linnet__resource_put(linnet_loop *loop, linnet__resource *resource, uint16_t index,
                                   const linnet_value *value, bool *changed) {
  struct linnet__resource_value *present = value_at(resource, index);
  *changed = present == NULL || !linnet_value_equal(&present->stored.value, value);
  if (!*changed) return LINNET_OK;
  linnet__stored stored;
  linnet_status status = linnet__stored_copy(loop, &stored, value);
  if (status != LINNET_OK) return status;
  if (present != NULL) {
    linnet__stored_free(loop, &present->stored);
    present->stored = stored;
    return LINNET_OK;
  }
  status = insert_value(loop, resource, index, &stored);
  if (status != LINNET_OK) linnet__stored_free(loop, &stored);
  return status;
}

void linnet__resource_drop(linnet_loop *loop, linnet__resource *resource, uint16_t index) {
  struct linnet__resource_value *present = value_at(resource, index);
  size_t at = (size_t)(present - resource->values);
  linnet__stored_free(loop, &present->stored);
  memmove(present, present + 1, (resource->count - at - 1) * sizeof(*present));
  resource->count--;
  linnet__resource_trim(loop, resource);
}

void linnet__resource_clear(linnet_loop *loop, linnet__resource *resource) {
  for (size_t i = 0; i < resource->count; i++) linnet__stored_free(loop, &resource->values[i].stored);
  resource->count = 0;
  set_room(loop, resource, 0);
}

/* ---- instances ----------------------------------------------------------------------------------- */

static size_t resource_position(const linnet__instance *instance, uint16_t resource) {
  size_t low = 0, high = instance->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (instance->resources[middle].id < resource)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Ids of the objects of LwM2M are mostly given in order from 0, and then they are places, too. */
linnet__resource *linnet__instance_resource(const linnet__instance *instance, uint16_t resource) {
  if (resource < instance->count && instance->resources[resource].id == resource)
    return &instance->resources[resource];
  size_t at = resource_position(instance, resource);
  if (at == instance->count || instance->resources[at].id != resource) return NULL;
  return &instance->resources[at];
}

static linnet_status reserve_resources(linnet_loop *loop, linnet__instance *instance, size_t room) {
  const size_t each = sizeof(linnet__resource);
  if (room <= instance->room) return LINNET_OK;
  linnet__resource *resources = linnet__resize(loop, instance->resources, instance->room * each, room * each);
  if (resources == NULL) return LINNET_ERROR_NO_MEMORY;
  instance->resources = resources;
  instance->room = (uint16_t)room;
  return LINNET_OK;
}

linnet__resource *linnet__instance_add(linnet_loop *loop, linnet__instance *instance,
                                       const linnet_resource_definition *definition) {
  if (reserve_resources(loop, instance, (size_t)instance->count + 1) != LINNET_OK) return NULL;
  size_t at = resource_position(instance, definition->id);
  linnet__resource *place = &instance->resources[at];
  memmove(place + 1, place, (instance->count - at) * sizeof(*place));
  memset(place, 0, sizeof(*place));
  place->id = definition->id;
  place->multiple = definition->multiple;
  place->definition = definition;
  instance->count++;
  return place;
}

void linnet__instance_remove(linnet_loop *loop, linnet__instance *instance, linnet__resource *resource) {
  size_t at = (size_t)(resource - instance->resources);
  linnet__resource_clear(loop, resource);
  memmove(resource, resource + 1, (instance->count - at - 1) * sizeof(*resource));
  instance->count--;
}

static bool exists_from_the_start(const linnet_resource_definition *definition) {
  return definition->mandatory && (definition->operations == LINNET_OPERATION_EXECUTE ||
                                   definition->operations == LINNET_OPERATION_WRITE);
}

linnet_status linnet__instance_begin(linnet_loop *loop, linnet__instance *instance, uint16_t id,
                                     const linnet_definition *definition) {
  memset(instance, 0, sizeof(*instance));
  instance->id = id;
  size_t room = 0;
  for (size_t i = 0; i < definition->count; i++) room += exists_from_the_start(&definition->resources[i]);
  linnet_status status = reserve_resources(loop, instance, room);
  for (size_t i = 0; i < definition->count && status == LINNET_OK; i++) {
    if (!exists_from_the_start(&definition->resources[i])) continue;
    if (linnet__instance_add(loop, instance, &definition->resources[i]) == NULL)
      status = LINNET_ERROR_NO_MEMORY;
  }
  return status;
}

void linnet__instance_free(linnet_loop *loop, linnet__instance *instance) {
  for (size_t i = 0; i < instance->count; i++) linnet__resource_clear(loop, &instance->resources[i]);
  linnet__free(loop, instance->resources, instance->room * sizeof(linnet__resource));
  memset(instance, 0, sizeof(*instance));
}

/* ---- objects ------------------------------------------------------------------------------------- */

size_t linnet__object_position(const linnet_object *object, uint16_t instance) {
  size_t low = 0, high = object->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (object->instances[middle].id < instance)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Ids are mostly given in order from 0, and then they are places, too. */
linnet__instance *linnet__object_instance(const linnet_object *object, uint16_t instance) {
  if (instance < object->count && object->instances[instance].id == instance)
    return &object->instances[instance];
  size_t at = linnet__object_position(object, instance);
  if (at == object->count || object->instances[at].id != instance) return NULL;
  return &object->instances[at];
}

linnet__resource *linnet__object_resource(const linnet_object *object, uint16_t instance, uint16_t resource) {
  const linnet__instance *found = object != NULL ? linnet__object_instance(object, instance) : NULL;
  return found != NULL ? linnet__instance_resource(found, resource) : NULL;
}

const linnet_value *linnet__object_value(const linnet_object *object, uint16_t instance, uint16_t resource) {
  const linnet__resource *found = linnet__object_resource(object, instance, resource);
  return found != NULL ? linnet__resource_value(found, 0) : NULL;
}

int64_t linnet__object_integer(const linnet_object *object, uint16_t instance, uint16_t resource,
                               int64_t otherwise) {
  const linnet_value *value = linnet__object_value(object, instance, resource);
  return value != NULL && value->type == LINNET_TYPE_INTEGER ? value->as.integer : otherwise;
}

linnet_status linnet__object_check_id(const linnet_object *object, uint16_t instance) {
  bool possible = object->definition->multiple ? instance != LINNET_ID_NONE : instance == 0;
  return possible ? LINNET_OK : LINNET_ERROR_INVALID_ARGUMENT;
}

linnet_status linnet__object_reserve(linnet_object *object) {
  const size_t each = sizeof(linnet__instance);
  if (object->count < object->capacity) return LINNET_OK;
  size_t capacity = object->capacity + object->capacity / 2 + 1;
  linnet__instance *instances =
      linnet__resize(object->handle.loop, object->instances, object->capacity * each, capacity * each);
  if (instances == NULL) return LINNET_ERROR_NO_MEMORY;
  object->instances = instances;
  object->capacity = capacity;
  return LINNET_OK;
}

void linnet__object_insert(linnet_object *object, const linnet__instance *instance) {
  size_t at = linnet__object_position(object, instance->id);
  linnet__instance *place = &object->instances[at];
  memmove(place + 1, place, (object->count - at) * sizeof(*place));
  *place = *instance;
  object->count++;
}

void linnet__object_remove(linnet_object *object, linnet__instance *instance) {
  size_t at = (size_t)(instance - object->instances);
  linnet__instance_free(object->handle.loop, instance);
  memmove(instance, instance + 1, (object->count - at - 1) * sizeof(*instance));
  object->count--;
}

void linnet__object_tell(linnet_object *object, linnet_path path) {
  linnet__watcher *watcher = object->watcher;
  if (watcher != NULL && watcher->changed != NULL) watcher->changed(watcher, object, path);
}

void linnet__object_tell_instance(linnet_object *object, uint16_t instance) {
  linnet__watcher *watcher = object->watcher;
  if (watcher != NULL && watcher->instances_changed != NULL) watcher->instances_changed(watcher, object);
  linnet__object_tell(object, linnet_path_instance(object->definition->id, instance));
}

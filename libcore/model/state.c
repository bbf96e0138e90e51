/* SPDX-License-Identifier: Apache-2.0 */
/* state.c: what an object keeps over a restart, as bytes (store.h; docs/architecture.md section 8). */
#include <string.h>

#include "store_internal.h"

/*
 * An object: id, whether its list of instances is complete, the list, then the instances that were touched:
 * id, origin, whether all its resources follow or only the writable ones, the resources: id, flags, values:
 * index, type, value. Counts are in front of what they count.
 */
enum { IS_MULTIPLE = 1, IS_COMPUTED = 2 };

/* ---- saving -------------------------------------------------------------------------------------- */

static void save_value(const linnet_value *value, linnet__buffer *out) {
  linnet__put_size(out, (size_t)value->type, 1);
  switch (value->type) {
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_TIME:
      linnet__put_number(out, (uint64_t)value->as.integer, 8);
      break;
    case LINNET_TYPE_FLOAT:
      linnet__put_float(out, value->as.real);
      break;
    case LINNET_TYPE_BOOLEAN:
      linnet__put_size(out, value->as.boolean, 1);
      break;
    case LINNET_TYPE_OBJLNK:
      linnet__put_size(out, value->as.link.object, 2);
      linnet__put_size(out, value->as.link.instance, 2);
      break;
    case LINNET_TYPE_STRING:
    case LINNET_TYPE_OPAQUE:
      linnet__put_size(out, value->as.bytes.length, 4);
      linnet__buffer_append(out, value->as.bytes.data, value->as.bytes.length);
      break;
    default: /* nothing else is stored */
      break;
  }
}

static void save_resource(const linnet__resource *resource, linnet__buffer *out) {
  unsigned flags = (resource->multiple ? IS_MULTIPLE : 0u) | (resource->computed ? IS_COMPUTED : 0u);
  linnet__put_size(out, resource->id, 2);
  linnet__put_size(out, flags, 1);
  linnet__put_size(out, resource->count, 2);
  for (size_t i = 0; i < resource->count; i++) {
    linnet__put_size(out, resource->values[i].index, 2);
    save_value(&resource->values[i].stored.value, out);
  }
}

static bool is_saved(const linnet__resource *resource, bool whole) {
  bool writable = (resource->definition->operations & LINNET_OPERATION_WRITE) != 0;
  return whole || (writable && !resource->computed);
}

static void save_instance(const linnet__instance *instance, bool whole, linnet__buffer *out) {
  size_t count = 0;
  for (size_t i = 0; i < instance->count; i++) count += is_saved(&instance->resources[i], whole);
  linnet__put_size(out, instance->id, 2);
  linnet__put_size(out, instance->origin, 1);
  linnet__put_size(out, whole, 1);
  linnet__put_size(out, count, 2);
  for (size_t i = 0; i < instance->count; i++)
    if (is_saved(&instance->resources[i], whole)) save_resource(&instance->resources[i], out);
}

void linnet__object_save(const linnet_object *object, linnet__save_scope scope, linnet__buffer *out) {
  bool all = scope == LINNET__SAVE_ALL, listed = all || object->listed;
  size_t touched = 0;
  for (size_t i = 0; i < object->count; i++) touched += all || object->instances[i].origin != 0;
  linnet__put_size(out, object->definition->id, 2);
  linnet__put_size(out, listed, 1);
  linnet__put_size(out, listed ? object->count : 0, 2);
  for (size_t i = 0; listed && i < object->count; i++) linnet__put_size(out, object->instances[i].id, 2);
  linnet__put_size(out, touched, 2);
  for (size_t i = 0; i < object->count; i++) {
    const linnet__instance *instance = &object->instances[i];
    if (all || instance->origin != 0)
      save_instance(instance, all || instance->origin == LINNET__ORIGIN_CREATED, out);
  }
}

bool linnet__object_has_state(const linnet_object *object) {
  if (object->listed) return true;
  for (size_t i = 0; i < object->count; i++)
    if (object->instances[i].origin != 0) return true;
  return false;
}

/* ---- restoring ----------------------------------------------------------------------------------- */

static linnet_value read_value(linnet__packed *saved) {
  linnet_value value = {.type = (linnet_type)linnet__unpack_u8(saved)};
  size_t length;
  switch (value.type) {
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_TIME:
      value.as.integer = (int64_t)linnet__unpack_number(saved, 8);
      break;
    case LINNET_TYPE_FLOAT:
      value.as.real = linnet__unpack_float(saved);
      break;
    case LINNET_TYPE_BOOLEAN:
      value.as.boolean = linnet__unpack_u8(saved) != 0;
      break;
    case LINNET_TYPE_OBJLNK:
      value.as.link.object = linnet__unpack_u16(saved);
      value.as.link.instance = linnet__unpack_u16(saved);
      break;
    case LINNET_TYPE_STRING:
    case LINNET_TYPE_OPAQUE:
      length = (size_t)linnet__unpack_number(saved, 4);
      value.as.bytes.data = linnet__unpack_bytes(saved, length);
      value.as.bytes.length = length;
      break;
    default:
      saved->failed = true;
      break;
  }
  return value;
}

/* What is restored into; without an object the bytes are only looked at. */
typedef struct restoring {
  linnet_object *object; /* NULL: just looking */
  linnet_loop *loop;
  linnet__packed *saved;
  linnet_status status;
} restoring;

/* A value that the definition does not know any more is left out. */
static void put_value(restoring *r, linnet__resource *resource, uint16_t index, linnet_value value) {
  bool changed;
  if (r->saved->failed || resource == NULL || r->status != LINNET_OK || resource->computed) return;
  if (resource->multiple ? index == LINNET_ID_NONE : index != 0) return;
  if (linnet_resource_definition_check(resource->definition, &value) != LINNET_OK) return;
  r->status = linnet__resource_put(r->loop, resource, index, &value, &changed);
}

/* The resource to fill, empty; NULL: the definition has none, or another kind of it. */
static linnet__resource *require_resource(restoring *r, linnet__instance *instance, uint16_t id,
                                          unsigned flags) {
  if (instance == NULL || r->saved->failed || r->status != LINNET_OK) return NULL;
  const linnet_resource_definition *definition = linnet_definition_find(r->object->definition, id);
  if (definition == NULL || definition->multiple != ((flags & IS_MULTIPLE) != 0)) return NULL;
  linnet__resource *resource = linnet__instance_resource(instance, id);
  if (resource == NULL) resource = linnet__instance_add(r->loop, instance, definition);
  if (resource == NULL) {
    r->status = LINNET_ERROR_NO_MEMORY;
    return NULL;
  }
  if ((flags & IS_COMPUTED) != 0) resource->computed = true;
  if (!resource->computed) linnet__resource_clear(r->loop, resource);
  return resource;
}

static void restore_resource(restoring *r, linnet__instance *instance) {
  uint16_t id = linnet__unpack_u16(r->saved);
  unsigned flags = linnet__unpack_u8(r->saved);
  size_t count = linnet__unpack_u16(r->saved);
  linnet__resource *resource = require_resource(r, instance, id, flags);
  for (size_t i = 0; i < count && !r->saved->failed; i++) {
    uint16_t index = linnet__unpack_u16(r->saved);
    put_value(r, resource, index, read_value(r->saved));
  }
}

/* DM-21: a replacing write may have taken optional ones away. */
static void drop_optional(const restoring *r, linnet__instance *instance) {
  for (size_t i = instance->count; i-- > 0;) {
    linnet__resource *resource = &instance->resources[i];
    bool writable = (resource->definition->operations & LINNET_OPERATION_WRITE) != 0;
    if (writable && !resource->computed && !resource->definition->mandatory)
      linnet__instance_remove(r->loop, instance, resource);
  }
}

/* The instance to fill, or NULL: it is none of this object any more. */
static linnet__instance *require_instance(restoring *r, uint16_t id, bool whole) {
  linnet__instance *present = r->object != NULL ? linnet__object_instance(r->object, id) : NULL;
  if (r->object == NULL || r->saved->failed || r->status != LINNET_OK) return NULL;
  if (present != NULL && !whole) {
    drop_optional(r, present);
    return present;
  }
  if (!whole || linnet__object_check_id(r->object, id) != LINNET_OK) return NULL;
  if (present != NULL) linnet__object_remove(r->object, present);
  linnet__instance begun;
  r->status = linnet__object_reserve(r->object);
  if (r->status != LINNET_OK) return NULL;
  r->status = linnet__instance_begin(r->loop, &begun, id, r->object->definition);
  if (r->status != LINNET_OK) {
    linnet__instance_free(r->loop, &begun);
    return NULL;
  }
  linnet__object_insert(r->object, &begun);
  return linnet__object_instance(r->object, id);
}

static void restore_instance(restoring *r) {
  uint16_t id = linnet__unpack_u16(r->saved);
  uint8_t origin = linnet__unpack_u8(r->saved);
  bool whole = linnet__unpack_u8(r->saved) != 0;
  size_t count = linnet__unpack_u16(r->saved);
  linnet__instance *instance = require_instance(r, id, whole);
  if (instance != NULL) instance->origin = origin;
  for (size_t i = 0; i < count && !r->saved->failed; i++) restore_resource(r, instance);
  if (instance != NULL) linnet__object_tell_instance(r->object, id);
}

static bool lists(const uint8_t *list, size_t count, uint16_t instance) {
  for (size_t i = 0; i < count; i++)
    if (linnet__get_u16(list + 2 * i) == instance) return true;
  return false;
}

/* What servers deleted, the application may have made anew. */
static void remove_unlisted(linnet_object *object, const uint8_t *list, size_t count) {
  for (size_t i = object->count; i-- > 0;) {
    uint16_t id = object->instances[i].id;
    if (lists(list, count, id)) continue;
    linnet__object_remove(object, &object->instances[i]);
    linnet__object_tell_instance(object, id);
  }
}

uint16_t linnet__state_object(linnet__packed saved) { return linnet__unpack_u16(&saved); }

linnet_status linnet__object_restore(linnet_object *object, linnet__packed *saved) {
  restoring r = {object, object != NULL ? object->handle.loop : NULL, saved, LINNET_OK};
  linnet__unpack_u16(saved); /* linnet__state_object */
  bool listed = linnet__unpack_u8(saved) != 0;
  size_t count = linnet__unpack_u16(saved);
  const uint8_t *list = linnet__unpack_bytes(saved, 2 * count);
  if (object != NULL && listed && list != NULL) {
    remove_unlisted(object, list, count);
    object->listed = true;
  }
  count = linnet__unpack_u16(saved);
  for (size_t i = 0; i < count && !saved->failed; i++) restore_instance(&r);
  return saved->failed ? LINNET_ERROR_MALFORMED : r.status;
}

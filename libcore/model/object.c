/* SPDX-License-Identifier: Apache-2.0 */
/* object.c: a client's object as its application sees it (object.h; lwm2m-1.0.md MOD-07, DM-64). */
#include <string.h>

#include "definition_internal.h"
#include "store_internal.h"

static linnet_status fail(const linnet_object *object, linnet_status status, const char *call,
                          linnet_path path, const char *reason) {
  char text[LINNET_PATH_TEXT_SIZE];
  linnet__fail(object->handle.loop, status, "%s: %s: %s", call, linnet_path_text(path, text), reason);
  return status;
}

static linnet_status no_memory(const linnet_object *object, const char *call, linnet_path path) {
  return fail(object, LINNET_ERROR_NO_MEMORY, call, path, "out of memory");
}

static void object_destroy(linnet__handle *handle) {
  linnet_object *object = LINNET__CONTAINER(handle, linnet_object, handle);
  linnet_loop *loop = handle->loop;
  if (object->release != NULL) object->release(object->user);
  for (size_t i = 0; i < object->count; i++) linnet__instance_free(loop, &object->instances[i]);
  linnet__free(loop, object->instances, object->capacity * sizeof(linnet__instance));
  linnet__definition_release(object->definition);
  linnet_model_unref(object->model);
  linnet__handle_free(handle);
}

linnet_object *linnet_object_new(linnet_model *model, uint16_t object) {
  linnet_loop *loop = linnet_model_loop(model);
  const linnet_definition *definition = object == LINNET_ID_NONE ? NULL : linnet_model_find(model, object);
  if (definition == NULL) {
    linnet__fail(loop, LINNET_ERROR_NOT_FOUND, "linnet_object_new: the model knows no object %u",
                 (unsigned)object);
    return NULL;
  }
  linnet_object *created = linnet__handle_new(loop, sizeof(*created), object_destroy);
  if (created == NULL) return NULL;
  created->model = linnet_model_ref(model);
  created->definition = definition;
  linnet__definition_hold(definition);
  linnet__list_init(&created->node);
  return created;
}

linnet_object *linnet_object_ref(linnet_object *object) {
  linnet__handle_ref(&object->handle);
  return object;
}

void linnet_object_unref(linnet_object *object) {
  if (object != NULL) linnet__handle_unref(&object->handle);
}

linnet_loop *linnet_object_loop(const linnet_object *object) { return object->handle.loop; }

uint64_t linnet_object_number(const linnet_object *object) { return object->handle.number; }

uint16_t linnet_object_id(const linnet_object *object) { return object->definition->id; }

const linnet_definition *linnet_object_definition(const linnet_object *object) { return object->definition; }

/* ---- instances ----------------------------------------------------------------------------------- */

linnet_status linnet_object_add_instance(linnet_object *object, uint16_t instance) {
  static const char call[] = "linnet_object_add_instance";
  linnet_path path = linnet_path_instance(object->definition->id, instance);
  linnet_status status = linnet__object_check_id(object, instance);
  if (status != LINNET_OK)
    return fail(
        object, status, call, path,
        object->definition->multiple ? "65535 names no instance" : "the object has a single instance, 0");
  if (linnet__object_instance(object, instance) != NULL)
    return fail(object, LINNET_ERROR_EXISTS, call, path, "exists already");
  linnet__instance begun;
  status = linnet__object_reserve(object);
  if (status != LINNET_OK) return no_memory(object, call, path);
  status = linnet__instance_begin(object->handle.loop, &begun, instance, object->definition);
  if (status != LINNET_OK) {
    linnet__instance_free(object->handle.loop, &begun);
    return no_memory(object, call, path);
  }
  linnet__object_insert(object, &begun);
  linnet__object_tell_instance(object, instance);
  return LINNET_OK;
}

linnet_status linnet_object_remove_instance(linnet_object *object, uint16_t instance) {
  linnet__instance *found = linnet__object_instance(object, instance);
  if (found == NULL)
    return fail(object, LINNET_ERROR_NOT_FOUND, "linnet_object_remove_instance",
                linnet_path_instance(object->definition->id, instance), "no such instance");
  linnet__object_remove(object, found);
  linnet__object_tell_instance(object, instance);
  return LINNET_OK;
}

bool linnet_object_has_instance(const linnet_object *object, uint16_t instance) {
  return linnet__object_instance(object, instance) != NULL;
}

size_t linnet_object_instance_count(const linnet_object *object) { return object->count; }

uint16_t linnet_object_instance_at(const linnet_object *object, size_t index) {
  return index < object->count ? object->instances[index].id : LINNET_ID_NONE;
}

/* ---- resources ----------------------------------------------------------------------------------- */

/* Where a path of depth 3 or 4 leads: the instance, the definition, and the resource if it exists. */
struct target {
  linnet__instance *instance;
  const linnet_resource_definition *definition;
  linnet__resource *resource;
};

static linnet_status find_target(const linnet_object *object, linnet_path path, const char *call,
                                 struct target *target) {
  if (path.depth < 3 || path.depth > 4)
    return fail(object, LINNET_ERROR_INVALID_ARGUMENT, call, path, "names no resource");
  if (path.id[0] != object->definition->id)
    return fail(object, LINNET_ERROR_NOT_FOUND, call, path, "is not of this object");
  target->instance = linnet__object_instance(object, path.id[1]);
  if (target->instance == NULL) return fail(object, LINNET_ERROR_NOT_FOUND, call, path, "no such instance");
  target->resource = linnet__instance_resource(target->instance, path.id[2]);
  target->definition = target->resource != NULL ? target->resource->definition
                                                : linnet_definition_find(object->definition, path.id[2]);
  if (target->definition == NULL)
    return fail(object, LINNET_ERROR_NOT_FOUND, call, path, "the definition has no such resource");
  if (path.depth == 4 && !target->definition->multiple)
    return fail(object, LINNET_ERROR_INVALID_ARGUMENT, call, path, "the resource is single");
  return LINNET_OK;
}

static linnet_status fail_check(const linnet_object *object, linnet_status status, const char *call,
                                linnet_path path, const linnet_resource_definition *definition,
                                linnet_type type) {
  char text[LINNET_PATH_TEXT_SIZE];
  linnet_loop *loop = object->handle.loop;
  linnet_path_text(path, text);
  if (status == LINNET_ERROR_OUT_OF_RANGE)
    return linnet__fail(loop, status, "%s: %s: outside the range %s", call, text,
                        linnet_resource_definition_range(definition));
  return linnet__fail(loop, status, "%s: %s: %s cannot be made %s", call, text, linnet_type_name(type),
                      linnet_type_name((linnet_type)definition->type));
}

linnet_status linnet_object_set(linnet_object *object, linnet_path path, const linnet_value *value) {
  static const char call[] = "linnet_object_set";
  linnet_loop *loop = object->handle.loop;
  struct target target = {0};
  linnet_status status = find_target(object, path, call, &target);
  if (status != LINNET_OK) return status;
  if ((target.definition->operations & LINNET_OPERATION_EXECUTE) != 0)
    return fail(object, LINNET_ERROR_NOT_ALLOWED, call, path, "an executable has no value");
  if (target.definition->multiple != (path.depth == 4))
    return fail(object, LINNET_ERROR_INVALID_ARGUMENT, call, path,
                "the resource is multiple: name an instance");
  if (path.depth == 4 && path.id[3] == LINNET_ID_NONE)
    return fail(object, LINNET_ERROR_INVALID_ARGUMENT, call, path, "65535 names no instance");
  linnet_value checked = *value;
  status = linnet_resource_definition_check(target.definition, &checked);
  if (status != LINNET_OK) return fail_check(object, status, call, path, target.definition, value->type);
  bool is_new = target.resource == NULL, changed;
  if (is_new) target.resource = linnet__instance_add(loop, target.instance, target.definition);
  if (target.resource == NULL) return no_memory(object, call, path);
  status = linnet__resource_put(loop, target.resource, path.depth == 4 ? path.id[3] : 0, &checked, &changed);
  if (status != LINNET_OK) {
    if (is_new) linnet__instance_remove(loop, target.instance, target.resource);
    return fail(object, status, call, path, linnet_status_text(status));
  }
  if (target.resource->computed) changed = true;
  target.resource->computed = false;
  if (changed) linnet__object_tell(object, path);
  return LINNET_OK;
}

linnet_status linnet_object_get(const linnet_object *object, linnet_path path, linnet_value *out) {
  static const char call[] = "linnet_object_get";
  struct target target = {0};
  linnet_status status = find_target(object, path, call, &target);
  if (status != LINNET_OK) return status;
  if (target.resource == NULL) return fail(object, LINNET_ERROR_NOT_FOUND, call, path, "does not exist");
  if (target.resource->computed)
    return fail(object, LINNET_ERROR_NOT_ALLOWED, call, path, "is computed when it is read");
  if (target.resource->multiple && path.depth == 3)
    return fail(object, LINNET_ERROR_NOT_FOUND, call, path, "is multiple: name an instance");
  const linnet_value *value = linnet__resource_value(target.resource, path.depth == 4 ? path.id[3] : 0);
  if (value == NULL) return fail(object, LINNET_ERROR_NOT_FOUND, call, path, "has no value");
  *out = *value;
  return LINNET_OK;
}

linnet_status linnet_object_unset(linnet_object *object, linnet_path path) {
  static const char call[] = "linnet_object_unset";
  linnet_loop *loop = object->handle.loop;
  struct target target = {0};
  linnet_status status = find_target(object, path, call, &target);
  if (status != LINNET_OK) return status;
  if (target.resource == NULL ||
      (path.depth == 4 && linnet__resource_value(target.resource, path.id[3]) == NULL))
    return fail(object, LINNET_ERROR_NOT_FOUND, call, path, "does not exist");
  if (path.depth == 4)
    linnet__resource_drop(loop, target.resource, path.id[3]);
  else
    linnet__instance_remove(loop, target.instance, target.resource);
  linnet__object_tell(object, path);
  return LINNET_OK;
}

/* Makes the resource of a path of depth 3 exist; *is_new tells whether it did not. */
static linnet_status bring_about(linnet_object *object, linnet_path path, const char *call,
                                 struct target *target, bool *is_new) {
  if (path.depth != 3) return fail(object, LINNET_ERROR_INVALID_ARGUMENT, call, path, "names no resource");
  linnet_status status = find_target(object, path, call, target);
  if (status != LINNET_OK) return status;
  *is_new = target->resource == NULL;
  if (*is_new)
    target->resource = linnet__instance_add(object->handle.loop, target->instance, target->definition);
  return target->resource == NULL ? no_memory(object, call, path) : LINNET_OK;
}

linnet_status linnet_object_offer(linnet_object *object, linnet_path path) {
  static const char call[] = "linnet_object_offer";
  struct target target = {0};
  bool is_new;
  const linnet_resource_definition *definition =
      path.depth == 3 ? linnet_definition_find(object->definition, path.id[2]) : NULL;
  if (definition != NULL && !definition->multiple && definition->operations != LINNET_OPERATION_EXECUTE &&
      definition->operations != LINNET_OPERATION_WRITE)
    return fail(object, LINNET_ERROR_INVALID_ARGUMENT, call, path, "exists once it has a value");
  linnet_status status = bring_about(object, path, call, &target, &is_new);
  if (status == LINNET_OK && is_new) linnet__object_tell(object, path);
  return status;
}

linnet_status linnet_object_compute(linnet_object *object, linnet_path path) {
  static const char call[] = "linnet_object_compute";
  struct target target = {0};
  bool is_new;
  const linnet_resource_definition *definition =
      path.depth == 3 ? linnet_definition_find(object->definition, path.id[2]) : NULL;
  if (definition != NULL && definition->operations == LINNET_OPERATION_EXECUTE)
    return fail(object, LINNET_ERROR_NOT_ALLOWED, call, path, "an executable has no value");
  linnet_status status = bring_about(object, path, call, &target, &is_new);
  if (status != LINNET_OK || target.resource->computed) return status;
  linnet__resource_clear(object->handle.loop, target.resource);
  target.resource->computed = true;
  linnet__object_tell(object, path);
  return LINNET_OK;
}

bool linnet_object_has(const linnet_object *object, linnet_path path) {
  if (path.depth == 0 || path.depth > 4 || path.id[0] != object->definition->id) return false;
  if (path.depth == 1) return true;
  const linnet__instance *instance = linnet__object_instance(object, path.id[1]);
  if (instance == NULL || path.depth == 2) return instance != NULL;
  const linnet__resource *resource = linnet__instance_resource(instance, path.id[2]);
  if (resource == NULL || path.depth == 3) return resource != NULL;
  return resource->multiple && linnet__resource_value(resource, path.id[3]) != NULL;
}

linnet_status linnet_object_notify(linnet_object *object, linnet_path path) {
  static const char call[] = "linnet_object_notify";
  if (path.depth < 1 || path.depth > 4)
    return fail(object, LINNET_ERROR_INVALID_ARGUMENT, call, path, "names nothing in an object");
  if (path.id[0] != object->definition->id)
    return fail(object, LINNET_ERROR_NOT_FOUND, call, path, "is not of this object");
  linnet__object_tell(object, path);
  return LINNET_OK;
}

/* ---- what the objects of a client itself are made of --------------------------------------------- */

linnet_status linnet__object_set_integer(linnet_object *object, uint16_t instance, uint16_t resource,
                                         int64_t integer) {
  linnet_value value = linnet_value_integer(integer);
  return linnet_object_set(object, linnet_path_resource(object->definition->id, instance, resource), &value);
}

linnet_status linnet__object_set_opaque(linnet_object *object, uint16_t instance, uint16_t resource,
                                        const void *data, size_t length) {
  linnet_value value = linnet_value_opaque(data, length);
  return linnet_object_set(object, linnet_path_resource(object->definition->id, instance, resource), &value);
}

linnet_status linnet__object_set_text(linnet_object *object, uint16_t instance, uint16_t resource,
                                      const char *text) {
  return linnet__object_set_opaque(object, instance, resource, text, strlen(text));
}

linnet_status linnet__object_furnish(linnet_object *object, uint16_t instance, const linnet__initial *initial,
                                     size_t count) {
  linnet_status status = linnet_object_add_instance(object, instance);
  if (status != LINNET_OK) return status;
  for (size_t i = 0; status == LINNET_OK && i < count; i++) {
    linnet_path path = linnet_path_resource(object->definition->id, instance, initial[i].resource);
    linnet_value value = {.type = (linnet_type)initial[i].type};
    if (value.type == LINNET_TYPE_BOOLEAN)
      value.as.boolean = initial[i].number != 0;
    else if (value.type == LINNET_TYPE_INTEGER)
      value.as.integer = initial[i].number;
    else
      value.as.bytes.data = (const uint8_t *)"";
    status = value.type == LINNET_TYPE_NONE ? linnet_object_offer(object, path)
                                            : linnet_object_set(object, path, &value);
  }
  if (status != LINNET_OK) linnet_object_remove_instance(object, instance);
  return status;
}

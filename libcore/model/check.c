/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c: does a payload fit the definition and the instance it is for? (lwm2m-1.0.md 3.4, 3.7, 6.3)
 * Looks at every record first and changes the batch only when all of them are found good.
 */
#include "store_internal.h"

/* What becomes of a record. */
enum fate { KEEP, CHANGE, DROP };

struct check {
  linnet_object *object;
  const linnet_definition *definition;
  uint16_t instance;
  linnet__apply_mode mode;
  bool has_resource; /* REPLACE_RESOURCE and its like: which one the first record names */
  uint16_t resource;
  uint16_t run_resource; /* whose instances are being counted */
  size_t run;
  size_t changes;
};

static bool names_one_resource(linnet__apply_mode mode) {
  return mode == LINNET__APPLY_REPLACE_RESOURCE || mode == LINNET__APPLY_BOOTSTRAP_RESOURCE;
}

static bool is_bootstrap(linnet__apply_mode mode) {
  return mode == LINNET__APPLY_BOOTSTRAP_INSTANCE || mode == LINNET__APPLY_BOOTSTRAP_RESOURCE;
}

static linnet_status fail(const struct check *check, linnet_status status, const linnet_path *path,
                          const char *reason) {
  char text[LINNET_PATH_TEXT_SIZE];
  return linnet__fail(check->object->handle.loop, status, "write to %s: %s", linnet_path_text(*path, text),
                      reason);
}

static linnet_status check_target(const struct check *check) {
  const linnet_object *object = check->object;
  linnet_path path = linnet_path_instance(check->definition->id, check->instance);
  bool exists = linnet__object_instance(object, check->instance) != NULL;
  if (exists && check->mode == LINNET__APPLY_CREATE)
    return fail(check, LINNET_ERROR_EXISTS, &path, "the instance exists already (DM-63)");
  if (exists) return LINNET_OK;
  if (check->mode != LINNET__APPLY_CREATE && !is_bootstrap(check->mode))
    return fail(check, LINNET_ERROR_NOT_FOUND, &path, "no such instance");
  linnet_status status = linnet__object_check_id(object, check->instance);
  if (status == LINNET_OK) return status;
  return fail(check, status, &path, "the object can have no instance of this id (DM-64)");
}

/* May the payload touch the resource at all? *fate may become DROP. */
static linnet_status check_permission(const struct check *check, const linnet_resource_definition *definition,
                                      const linnet_path *path, enum fate *fate) {
  bool executable = (definition->operations & LINNET_OPERATION_EXECUTE) != 0;
  if (is_bootstrap(check->mode)) { /* BS-23 */
    const linnet__resource *resource =
        linnet__object_resource(check->object, check->instance, definition->id);
    bool own = linnet__resource_is_own(check->definition->id, definition);
    if (executable || own || (resource != NULL && resource->computed)) *fate = DROP;
    return LINNET_OK;
  }
  if ((definition->operations & LINNET_OPERATION_WRITE) != 0) return LINNET_OK;
  if (check->mode != LINNET__APPLY_CREATE)
    return fail(check, LINNET_ERROR_NOT_ALLOWED, path, "the resource cannot be written (DM-24)");
  *fate = DROP; /* DM-61 */
  return LINNET_OK;
}

/* Single and multiple, values and none, in their places (MOD-07, DM-23, DM-28). */
static linnet_status check_shape(const struct check *check, const linnet_resource_definition *definition,
                                 const linnet_record *record) {
  const linnet_path *path = &record->path;
  bool empties = record->value.type == LINNET_TYPE_MULTIPLE;
  if (definition->multiple && path->depth == 3 && !empties)
    return fail(check, LINNET_ERROR_MALFORMED, path, "the resource is multiple (DM-28)");
  if (!definition->multiple && (path->depth == 4 || empties))
    return fail(check, LINNET_ERROR_MALFORMED, path, "the resource is single (DM-28)");
  if (path->depth == 4 && (empties || path->id[3] == LINNET_ID_NONE))
    return fail(check, LINNET_ERROR_MALFORMED, path, "this names no resource instance");
  return LINNET_OK;
}

static linnet_status check_value(const struct check *check, const linnet_resource_definition *definition,
                                 linnet_record *record, enum fate *fate) {
  if (record->value.type == LINNET_TYPE_MULTIPLE) return LINNET_OK;
  linnet_type given = record->value.type;
  linnet_status status = linnet_resource_definition_check(definition, &record->value);
  if (status == LINNET_ERROR_OUT_OF_RANGE)
    return fail(check, status, &record->path, "the value is outside the range of the definition (TYP-06)");
  if (status != LINNET_OK) return fail(check, status, &record->path, "the value is of another type (DM-28)");
  if (record->value.type != given) *fate = CHANGE;
  return LINNET_OK;
}

static linnet_status count_instances(struct check *check, const linnet_record *record) {
  if (check->run_resource != record->path.id[2]) {
    check->run_resource = record->path.id[2];
    check->run = 0;
  }
  size_t kept = 0;
  if (check->mode == LINNET__APPLY_UPDATE_INSTANCE) { /* DM-22 */
    const linnet__resource *resource =
        linnet__object_resource(check->object, check->instance, record->path.id[2]);
    if (resource != NULL && resource->multiple) kept = resource->count;
  }
  if (++check->run + kept <= LINNET__RESOURCE_INSTANCES_LIMIT) return LINNET_OK;
  return fail(check, LINNET_ERROR_TOO_LARGE, &record->path, "too many instances of the resource");
}

static linnet_status judge_resource(struct check *check, linnet_record *record, enum fate *fate) {
  const linnet_path *path = &record->path;
  const linnet_resource_definition *definition = linnet_definition_find(check->definition, path->id[2]);
  if (names_one_resource(check->mode)) {
    if (check->has_resource && check->resource != path->id[2])
      return fail(check, LINNET_ERROR_MALFORMED, path, "the payload names several resources (DM-29)");
    check->has_resource = true;
    check->resource = path->id[2];
    if (definition == NULL)
      return fail(check, LINNET_ERROR_NOT_FOUND, path, "the object has no such resource (DM-26)");
  }
  if (definition == NULL) { /* DM-26, DM-62, BS-20 */
    *fate = DROP;
    return LINNET_OK;
  }
  linnet_status status = check_permission(check, definition, path, fate);
  if (status != LINNET_OK || *fate == DROP) return status;
  status = check_shape(check, definition, record);
  if (status == LINNET_OK) status = count_instances(check, record);
  return status == LINNET_OK ? check_value(check, definition, record, fate) : status;
}

static linnet_status judge(struct check *check, linnet_record *record, enum fate *fate) {
  linnet_path *path = &record->path;
  *fate = KEEP;
  if (path->depth < 2 || path->id[0] != check->definition->id)
    return fail(check, LINNET_ERROR_MALFORMED, path, "the payload is not of this object");
  if (path->id[1] == LINNET_ID_NONE && path->id[1] != check->instance) { /* DM-65 */
    path->id[1] = check->instance;
    *fate = CHANGE;
  }
  if (path->id[1] != check->instance)
    return fail(check, LINNET_ERROR_MALFORMED, path, "the payload names another instance (FMT-15)");
  if (path->depth > 2) return judge_resource(check, record, fate);
  if (record->value.type != LINNET_TYPE_NONE)
    return fail(check, LINNET_ERROR_MALFORMED, path, "an instance has no value");
  *fate = DROP;
  return LINNET_OK;
}

static bool mentions(const linnet_batch *records, uint16_t resource) {
  linnet_record record;
  for (size_t i = 0; linnet_batch_record(records, i, &record) == LINNET_OK; i++) {
    if (record.path.depth > 2 && record.path.id[2] == resource) return true;
  }
  return false;
}

/* DM-21, DM-61: what is mandatory and can be written has to be there. */
static linnet_status check_mandatory(const struct check *check, const linnet_batch *records) {
  if (check->mode != LINNET__APPLY_REPLACE_INSTANCE && check->mode != LINNET__APPLY_CREATE) return LINNET_OK;
  for (size_t i = 0; i < check->definition->count; i++) {
    const linnet_resource_definition *definition = &check->definition->resources[i];
    if (!definition->mandatory || (definition->operations & LINNET_OPERATION_WRITE) == 0) continue;
    if (mentions(records, definition->id)) continue;
    linnet_path path = linnet_path_resource(check->definition->id, check->instance, definition->id);
    return fail(check, LINNET_ERROR_MALFORMED, &path, "a mandatory resource is missing (DM-21, DM-61)");
  }
  return LINNET_OK;
}

/* Builds the changed batch aside. */
static linnet_status change(struct check *check, linnet_batch *records) {
  linnet_loop *loop = check->object->handle.loop;
  linnet_batch *kept = linnet_batch_new(loop);
  if (kept == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_status status = LINNET_OK;
  linnet_record record;
  check->run = 0;
  for (size_t i = 0; status == LINNET_OK && linnet_batch_record(records, i, &record) == LINNET_OK; i++) {
    enum fate fate;
    status = judge(check, &record, &fate);
    if (status == LINNET_OK && fate != DROP) status = linnet_batch_add_record(kept, &record);
  }
  if (status == LINNET_OK) linnet__batch_swap(records, kept);
  linnet_batch_unref(kept);
  return status;
}

linnet_status linnet__object_check(linnet_object *object, uint16_t instance, linnet_batch *records,
                                   linnet__apply_mode mode) {
  struct check check = {
      .object = object, .definition = object->definition, .instance = instance, .mode = mode};
  linnet_status status = check_target(&check);
  linnet_record record;
  for (size_t i = 0; status == LINNET_OK && linnet_batch_record(records, i, &record) == LINNET_OK; i++) {
    enum fate fate;
    status = judge(&check, &record, &fate);
    if (fate != KEEP) check.changes++;
  }
  linnet_path path = linnet_path_instance(check.definition->id, instance);
  if (status == LINNET_OK && names_one_resource(mode) && !check.has_resource)
    status = fail(&check, LINNET_ERROR_MALFORMED, &path, "the payload holds no value for the resource");
  if (status == LINNET_OK) status = check_mandatory(&check, records);
  if (status != LINNET_OK || check.changes == 0) return status;
  return change(&check, records);
}

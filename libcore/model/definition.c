/* SPDX-License-Identifier: Apache-2.0 */
/* definition.c: what a definition says, and blocks of definitions (lwm2m-1.0.md 1.2, MOD-07, MOD-08, TYP-06).
 */
#include <string.h>

#include "definition_internal.h"

uint16_t linnet_definition_id(const linnet_definition *definition) { return definition->id; }

const char *linnet_definition_name(const linnet_definition *definition) { return definition->name; }

const char *linnet_definition_version(const linnet_definition *definition) { return definition->version; }

linnet_multiplicity linnet_definition_instances(const linnet_definition *definition) {
  return definition->multiple ? LINNET_MULTIPLE : LINNET_SINGLE;
}

linnet_presence linnet_definition_presence(const linnet_definition *definition) {
  return definition->mandatory ? LINNET_MANDATORY : LINNET_OPTIONAL;
}

size_t linnet_definition_count(const linnet_definition *definition) { return definition->count; }

const linnet_resource_definition *linnet_definition_at(const linnet_definition *definition, size_t index) {
  return index < definition->count ? &definition->resources[index] : NULL;
}

const linnet_resource_definition *linnet_definition_find(const linnet_definition *definition,
                                                         uint16_t resource) {
  size_t low = 0, high = definition->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const linnet_resource_definition *candidate = &definition->resources[middle];
    if (candidate->id == resource) return candidate;
    if (candidate->id < resource)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

uint16_t linnet_resource_definition_id(const linnet_resource_definition *resource) { return resource->id; }

const char *linnet_resource_definition_name(const linnet_resource_definition *resource) {
  return (const char *)resource + resource->texts;
}

static const char *text_after(const char *text) { return text + strlen(text) + 1; }

linnet_type linnet_resource_definition_type(const linnet_resource_definition *resource) {
  return (linnet_type)resource->type;
}

unsigned linnet_resource_definition_operations(const linnet_resource_definition *resource) {
  return resource->operations;
}

linnet_multiplicity linnet_resource_definition_instances(const linnet_resource_definition *resource) {
  return resource->multiple ? LINNET_MULTIPLE : LINNET_SINGLE;
}

linnet_presence linnet_resource_definition_presence(const linnet_resource_definition *resource) {
  return resource->mandatory ? LINNET_MANDATORY : LINNET_OPTIONAL;
}

const char *linnet_resource_definition_units(const linnet_resource_definition *resource) {
  return text_after(linnet_resource_definition_name(resource));
}

const char *linnet_resource_definition_range(const linnet_resource_definition *resource) {
  return text_after(linnet_resource_definition_units(resource));
}

linnet_status linnet_resource_definition_check(const linnet_resource_definition *resource,
                                               linnet_value *value) {
  /* MOD-07: an executable has no value, and "no value" and "multiple" are none. */
  if ((resource->operations & LINNET_OPERATION_EXECUTE) != 0 || value->type == LINNET_TYPE_NONE ||
      value->type == LINNET_TYPE_MULTIPLE)
    return LINNET_ERROR_WRONG_TYPE;
  linnet_value coerced = *value;
  linnet_status status = linnet_value_coerce(&coerced, (linnet_type)resource->type);
  if (status != LINNET_OK) return status;
  if (!linnet__range_allows(linnet_resource_definition_range(resource), &coerced))
    return LINNET_ERROR_OUT_OF_RANGE;
  *value = coerced;
  return LINNET_OK;
}

bool linnet__definition_announces_version(const linnet_definition *definition) {
  return definition->id > 7 && strcmp(definition->version, "1.0") != 0;
}

static bool shape_of_resource(const linnet_resource_definition *resource, linnet__shape *shape) {
  /* Where any type will do, and of executables, a payload decides by itself what it holds. */
  if (resource == NULL || (resource->type == LINNET_TYPE_NONE && !resource->multiple)) return false;
  shape->type = (linnet_type)resource->type;
  shape->multiple = resource->multiple;
  return true;
}

static bool shape_in_definition(const void *user, linnet_path path, linnet__shape *shape) {
  const linnet_definition *definition = user;
  return definition->id == path.id[0] &&
         shape_of_resource(linnet_definition_find(definition, path.id[2]), shape);
}

static bool shape_in_model(const void *user, linnet_path path, linnet__shape *shape) {
  const linnet_definition *definition = linnet_model_find(user, path.id[0]);
  return definition != NULL && shape_of_resource(linnet_definition_find(definition, path.id[2]), shape);
}

linnet__schema linnet__definition_schema(const linnet_definition *definition) {
  linnet__schema schema = {shape_in_definition, definition};
  return schema;
}

linnet__schema linnet__model_schema(const linnet_model *model) {
  linnet__schema schema = {model == NULL ? NULL : shape_in_model, model};
  return schema;
}

void linnet__resource_facts_of(const linnet_resource_definition *resource, linnet__resource_facts *facts) {
  *facts = (linnet__resource_facts){.id = resource->id,
                                    .type = resource->type,
                                    .operations = resource->operations,
                                    .multiple = resource->multiple,
                                    .mandatory = resource->mandatory,
                                    .name = linnet_resource_definition_name(resource),
                                    .units = linnet_resource_definition_units(resource),
                                    .range = linnet_resource_definition_range(resource)};
}

/* ---- owned definitions --------------------------------------------------------------------------- */

bool linnet__version_read(const char *text, size_t length, unsigned version[2]) {
  const char *point = memchr(text, '.', length);
  if (point == NULL) return false;
  size_t major_length = (size_t)(point - text);
  size_t minor_length = length - major_length - 1;
  uint64_t major, minor;
  if (major_length > 3 || minor_length > 3 || !linnet__parse_unsigned(text, major_length, 999, &major) ||
      !linnet__parse_unsigned(point + 1, minor_length, 999, &minor))
    return false;
  version[0] = (unsigned)major;
  version[1] = (unsigned)minor;
  return true;
}

linnet__owned_definition *linnet__definition_new(linnet_loop *loop, uint16_t id, const char *name,
                                                 const char *version) {
  size_t name_size = strlen(name) + 1, version_size = strlen(version) + 1;
  size_t size = sizeof(linnet__owned_definition) + name_size + version_size;
  linnet__owned_definition *owned = linnet__new(loop, size);
  if (owned == NULL) return NULL;
  char *texts = (char *)(owned + 1);
  memcpy(texts, name, name_size);
  memcpy(texts + name_size, version, version_size);
  owned->size = size;
  owned->definition.id = id;
  owned->definition.name = texts;
  owned->definition.version = texts + name_size;
  return owned;
}

void linnet__definition_free(linnet_loop *loop, linnet__owned_definition *owned) {
  linnet__free(loop, owned->contents, owned->contents_size);
  linnet__free(loop, owned, owned->size);
}

static void copy_text(char **end, const char *text) {
  size_t size = strlen(text) + 1;
  memcpy(*end, text, size);
  *end += size;
}

linnet_status linnet__definition_fill(linnet_loop *loop, linnet__owned_definition *owned,
                                      const linnet__resource_facts *resources, size_t count) {
  struct linnet_resource_definition *made = NULL;
  size_t size = count * sizeof *made;
  for (size_t i = 0; i < count; i++)
    size += strlen(resources[i].name) + strlen(resources[i].units) + strlen(resources[i].range) + 3;
  if (count > 0) {
    made = linnet__new(loop, size);
    if (made == NULL) return LINNET_ERROR_NO_MEMORY;
  }
  char *end = (char *)(made + count);
  for (size_t i = 0; i < count; i++) {
    made[i].id = resources[i].id;
    made[i].operations = resources[i].operations;
    made[i].type = resources[i].type & 15u;
    made[i].multiple = resources[i].multiple;
    made[i].mandatory = resources[i].mandatory;
    made[i].texts = (uint32_t)(end - (char *)&made[i]);
    copy_text(&end, resources[i].name);
    copy_text(&end, resources[i].units);
    copy_text(&end, resources[i].range);
  }
  linnet__free(loop, owned->contents, owned->contents_size);
  owned->contents = made;
  owned->contents_size = size;
  owned->definition.resources = made;
  owned->definition.count = count;
  return LINNET_OK;
}

static linnet__owned_definition *owner_of(const linnet_definition *definition) {
  const struct linnet_definition *core = linnet__core_objects;
  if (definition->id < 8 && definition == &core[definition->id]) return NULL;
  return LINNET__CONTAINER((uintptr_t)definition, linnet__owned_definition, definition);
}

void linnet__definition_hold(const linnet_definition *definition) {
  linnet__owned_definition *owned = owner_of(definition);
  if (owned != NULL) owned->users++;
}

void linnet__definition_release(const linnet_definition *definition) {
  linnet__owned_definition *owned = owner_of(definition);
  if (owned != NULL) owned->users--;
}

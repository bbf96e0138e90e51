/* SPDX-License-Identifier: Apache-2.0 */
/* model.c: the registry of definitions: look-ups, declarations, versions side by side (lwm2m-1.0.md MOD-08).
 */
#include <string.h>

#include "definition_internal.h"

typedef struct entry {
  const linnet_definition *definition;
  uint32_t turn; /* the version added last answers linnet_model_find */
} entry;

struct linnet_model {
  linnet__handle handle;
  entry *entries; /* ordered by id, then version */
  size_t count;
  size_t capacity;
  uint32_t turns;
  linnet__owned_definition *owned; /* hidden ones, too: pointers to definitions last as long as the model */
};

static void model_destroy(linnet__handle *handle) {
  linnet_model *model = LINNET__CONTAINER(handle, linnet_model, handle);
  linnet_loop *loop = handle->loop;
  while (model->owned != NULL) {
    linnet__owned_definition *owned = model->owned;
    model->owned = owned->next;
    linnet__definition_free(loop, owned);
  }
  linnet__free(loop, model->entries, model->capacity * sizeof(entry));
  linnet__handle_free(handle);
}

linnet_model *linnet_model_new(linnet_loop *loop) {
  linnet_model *model = linnet__handle_new(loop, sizeof(*model), model_destroy);
  if (model == NULL) return NULL;
  model->entries = linnet__new(loop, 8 * sizeof(entry));
  if (model->entries == NULL) {
    linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "linnet_model_new: out of memory");
    linnet_model_unref(model);
    return NULL;
  }
  for (size_t i = 0; i < 8; i++) model->entries[i].definition = &linnet__core_objects[i];
  model->count = model->capacity = 8;
  return model;
}

linnet_model *linnet_model_ref(linnet_model *model) {
  linnet__handle_ref(&model->handle);
  return model;
}

void linnet_model_unref(linnet_model *model) {
  if (model != NULL) linnet__handle_unref(&model->handle);
}

linnet_loop *linnet_model_loop(const linnet_model *model) { return model->handle.loop; }

/* ---- look-ups ------------------------------------------------------------------------------------ */

/* Versions of owned definitions were read once already. */
static int compare_versions(const char *a, const char *b) {
  unsigned left[2] = {0, 0}, right[2] = {0, 0};
  linnet__version_read(a, strlen(a), left);
  linnet__version_read(b, strlen(b), right);
  if (left[0] != right[0]) return left[0] < right[0] ? -1 : 1;
  return left[1] < right[1] ? -1 : left[1] > right[1];
}

/* The first entry that is not before this id and version; any version if NULL. */
static size_t position_of(const linnet_model *model, uint16_t object, const char *version) {
  size_t low = 0, high = model->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const linnet_definition *definition = model->entries[middle].definition;
    bool before = definition->id < object || (definition->id == object && version != NULL &&
                                              compare_versions(definition->version, version) < 0);
    if (before)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static entry *entry_of(const linnet_model *model, uint16_t object, const char *version) {
  size_t at = position_of(model, object, version);
  if (at == model->count) return NULL;
  const linnet_definition *definition = model->entries[at].definition;
  if (definition->id != object || compare_versions(definition->version, version) != 0) return NULL;
  return &model->entries[at];
}

size_t linnet_model_count(const linnet_model *model) { return model->count; }

const linnet_definition *linnet_model_at(const linnet_model *model, size_t index) {
  return index < model->count ? model->entries[index].definition : NULL;
}

const linnet_definition *linnet_model_find(const linnet_model *model, uint16_t object) {
  const entry *last = NULL;
  for (size_t at = position_of(model, object, NULL);
       at < model->count && model->entries[at].definition->id == object; at++) {
    if (last == NULL || model->entries[at].turn > last->turn) last = &model->entries[at];
  }
  return last == NULL ? NULL : last->definition;
}

const linnet_definition *linnet_model_find_version(const linnet_model *model, uint16_t object,
                                                   const char *version) {
  unsigned numbers[2];
  if (version == NULL) version = "1.0";
  if (!linnet__version_read(version, strlen(version), numbers)) return NULL;
  const entry *found = entry_of(model, object, version);
  return found == NULL ? NULL : found->definition;
}

const linnet_resource_definition *linnet_model_resource(const linnet_model *model, linnet_path path) {
  if (path.depth < 3) return NULL;
  const linnet_definition *definition = linnet_model_find(model, path.id[0]);
  return definition == NULL ? NULL : linnet_definition_find(definition, path.id[2]);
}

/* ---- additions ----------------------------------------------------------------------------------- */

static linnet_status reserve_entries(linnet_model *model, size_t more) {
  if (model->capacity - model->count >= more) return LINNET_OK;
  size_t capacity = model->count + more;
  entry *entries = linnet__resize(model->handle.loop, model->entries, model->capacity * sizeof(entry),
                                  capacity * sizeof(entry));
  if (entries == NULL) return LINNET_ERROR_NO_MEMORY;
  model->entries = entries;
  model->capacity = capacity;
  return LINNET_OK;
}

static void insert(linnet_model *model, linnet__owned_definition *owned) {
  const linnet_definition *definition = &owned->definition;
  entry *present = entry_of(model, definition->id, definition->version);
  if (present == NULL) {
    size_t at = position_of(model, definition->id, definition->version);
    present = &model->entries[at];
    memmove(present + 1, present, (model->count - at) * sizeof(entry));
    model->count++;
  }
  present->definition = definition;
  present->turn = ++model->turns;
  owned->next = model->owned;
  model->owned = owned;
}

linnet_status linnet__model_take(linnet_model *model, linnet__owned_definition *chain) {
  size_t more = 0;
  for (const linnet__owned_definition *each = chain; each != NULL; each = each->next) more++;
  linnet_status status = reserve_entries(model, more);
  if (status != LINNET_OK) return status;
  while (chain != NULL) {
    linnet__owned_definition *next = chain->next;
    insert(model, chain);
    chain = next;
  }
  return LINNET_OK;
}

linnet_status linnet_model_add_object(linnet_model *model, uint16_t object, const char *name,
                                      const char *version, linnet_multiplicity instances) {
  linnet_loop *loop = model->handle.loop;
  unsigned numbers[2];
  if (version == NULL) version = "1.0";
  if (object == LINNET_ID_NONE || name == NULL || strlen(name) > LINNET__NAME_LIMIT ||
      !linnet__version_read(version, strlen(version), numbers))
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "linnet_model_add_object: object %u: the id, the name or the version is not possible",
                        (unsigned)object);
  if (entry_of(model, object, version) != NULL)
    return linnet__fail(loop, LINNET_ERROR_EXISTS, "linnet_model_add_object: object %u version %s exists",
                        (unsigned)object, version);
  linnet__owned_definition *owned = linnet__definition_new(loop, object, name, version);
  linnet_status status = owned == NULL ? LINNET_ERROR_NO_MEMORY : LINNET_OK;
  if (owned != NULL) {
    owned->definition.multiple = instances == LINNET_MULTIPLE;
    status = linnet__model_take(model, owned);
    if (status != LINNET_OK) linnet__definition_free(loop, owned);
  }
  return status == LINNET_OK ? status : linnet__fail(loop, status, "linnet_model_add_object: out of memory");
}

/* The definition, if it may be changed; else NULL, and *status says why. */
static linnet__owned_definition *find_changeable(linnet_model *model, uint16_t object, const char *call,
                                                 linnet_status *status) {
  linnet_loop *loop = model->handle.loop;
  const linnet_definition *definition = linnet_model_find(model, object);
  linnet__owned_definition *owned = model->owned;
  while (owned != NULL && &owned->definition != definition) owned = owned->next;
  if (owned != NULL && owned->users == 0) return owned;
  if (definition == NULL)
    *status =
        linnet__fail(loop, LINNET_ERROR_NOT_FOUND, "%s: object %u is not declared", call, (unsigned)object);
  else if (owned == NULL)
    *status = linnet__fail(loop, LINNET_ERROR_NOT_ALLOWED,
                           "%s: object %u is built in and its definition fixed", call, (unsigned)object);
  else
    *status = linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "%s: object %u is in use and its definition fixed",
                           call, (unsigned)object);
  return NULL;
}

static bool sensible(const linnet__resource_facts *resource, unsigned operations) {
  const unsigned all = LINNET_OPERATION_READ | LINNET_OPERATION_WRITE | LINNET_OPERATION_EXECUTE;
  if (resource->name == NULL || strlen(resource->name) > LINNET__NAME_LIMIT) return false;
  if ((operations & ~all) != 0 || resource->type >= LINNET_TYPE_MULTIPLE) return false;
  /* MOD-07: executables are single and carry no value. */
  if ((operations & LINNET_OPERATION_EXECUTE) == 0) return true;
  return operations == LINNET_OPERATION_EXECUTE && resource->type == LINNET_TYPE_NONE && !resource->multiple;
}

/* Makes it anew, with this resource at its place. */
static linnet_status put_resource(linnet_loop *loop, linnet__owned_definition *owned,
                                  const linnet__resource_facts *resource, const char *call) {
  const linnet_definition *definition = &owned->definition;
  size_t size = (definition->count + 1) * sizeof *resource, count = 0, i = 0;
  linnet__resource_facts *resources = linnet__new(loop, size);
  linnet_status status = LINNET_ERROR_NO_MEMORY;
  if (resources != NULL) {
    for (; i < definition->count && definition->resources[i].id < resource->id; i++)
      linnet__resource_facts_of(&definition->resources[i], &resources[count++]);
    resources[count++] = *resource;
    if (i < definition->count && definition->resources[i].id == resource->id) i++;
    for (; i < definition->count; i++)
      linnet__resource_facts_of(&definition->resources[i], &resources[count++]);
    status = linnet__definition_fill(loop, owned, resources, count);
  }
  linnet__free(loop, resources, size);
  return status == LINNET_OK ? status : linnet__fail(loop, status, "%s: out of memory", call);
}

linnet_status linnet_model_add_resource(linnet_model *model, uint16_t object, uint16_t resource,
                                        const char *name, linnet_type type, unsigned operations,
                                        linnet_multiplicity instances, linnet_presence presence) {
  static const char call[] = "linnet_model_add_resource";
  linnet_loop *loop = model->handle.loop;
  linnet_status status = LINNET_OK;
  linnet__owned_definition *owned = find_changeable(model, object, call, &status);
  if (owned == NULL) return status;
  const linnet__resource_facts added = {.id = resource,
                                        .type = (uint8_t)type,
                                        .operations = (uint8_t)(operations & 0xff),
                                        .multiple = instances == LINNET_MULTIPLE,
                                        .mandatory = presence == LINNET_MANDATORY,
                                        .name = name,
                                        .units = "",
                                        .range = ""};
  if (type < LINNET_TYPE_NONE || !sensible(&added, operations) || resource == LINNET_ID_NONE)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "%s: resource %u of object %u is not described sensibly", call, (unsigned)resource,
                        (unsigned)object);
  if (linnet_definition_find(&owned->definition, resource) != NULL)
    return linnet__fail(loop, LINNET_ERROR_EXISTS, "%s: object %u has a resource %u", call, (unsigned)object,
                        (unsigned)resource);
  if (owned->definition.count >= LINNET__RESOURCES_LIMIT)
    return linnet__fail(loop, LINNET_ERROR_TOO_LARGE, "%s: object %u has too many resources", call,
                        (unsigned)object);
  return put_resource(loop, owned, &added, call);
}

linnet_status linnet_model_describe_resource(linnet_model *model, uint16_t object, uint16_t resource,
                                             const char *units, const char *range) {
  static const char call[] = "linnet_model_describe_resource";
  linnet_loop *loop = model->handle.loop;
  linnet_status status = LINNET_OK;
  linnet__owned_definition *owned = find_changeable(model, object, call, &status);
  if (owned == NULL) return status;
  const linnet_resource_definition *present = linnet_definition_find(&owned->definition, resource);
  if (present == NULL)
    return linnet__fail(loop, LINNET_ERROR_NOT_FOUND, "%s: object %u has no resource %u", call,
                        (unsigned)object, (unsigned)resource);
  if ((units != NULL && strlen(units) > LINNET__UNITS_LIMIT) ||
      (range != NULL && strlen(range) > LINNET__RANGE_LIMIT))
    return linnet__fail(loop, LINNET_ERROR_TOO_LARGE, "%s: the text is too long", call);
  linnet__resource_facts described;
  linnet__resource_facts_of(present, &described);
  if (units != NULL) described.units = units;
  if (range != NULL) described.range = range;
  return put_resource(loop, owned, &described, call);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* collect.c: stored values of a client's object as records, for its application (object.h). */
#include "store_internal.h"

/* What becomes of a multiple resource without instances. */
enum empties { LEAVE_OUT, NAME };

static linnet_status collect_resource(const linnet__resource *resource, linnet_path path, linnet_path at,
                                      enum empties empties, linnet_batch *batch) {
  linnet_value none = {.type = LINNET_TYPE_MULTIPLE};
  if (resource->multiple && resource->count == 0 && !resource->computed && empties == NAME && at.depth < 4)
    return linnet_batch_add(batch, path, &none);
  for (size_t i = 0; i < resource->count; i++) {
    linnet_path record = path;
    if (resource->multiple) {
      record.id[3] = resource->values[i].index;
      record.depth = 4;
    }
    if (!linnet_path_within(record, at)) continue;
    linnet_status status = linnet_batch_add(batch, record, &resource->values[i].stored.value);
    if (status != LINNET_OK) return status;
  }
  return LINNET_OK;
}

/* All or nothing. */
static linnet_status collect(const linnet_object *object, linnet_path path, enum empties empties,
                             linnet_batch *batch) {
  const uint16_t id = object->definition->id;
  const size_t before = linnet_batch_count(batch);
  for (size_t i = 0; i < object->count; i++) {
    const linnet__instance *instance = &object->instances[i];
    for (size_t j = 0; j < instance->count; j++) {
      linnet_path at = linnet_path_resource(id, instance->id, instance->resources[j].id);
      if (!linnet_path_within(at, path) && !linnet_path_within(path, at)) continue;
      linnet_status status = collect_resource(&instance->resources[j], at, path, empties, batch);
      if (status == LINNET_OK) continue;
      linnet__batch_truncate(batch, before);
      return status;
    }
  }
  return LINNET_OK;
}

linnet_status linnet_object_collect(const linnet_object *object, linnet_path path, linnet_batch *batch) {
  return collect(object, path, LEAVE_OUT, batch);
}

linnet_status linnet_object_read(const linnet_object *object, linnet_path path, linnet_batch *batch) {
  char text[LINNET_PATH_TEXT_SIZE];
  bool there = linnet_object_has(object, path);
  linnet_status status = there ? collect(object, path, NAME, batch) : LINNET_ERROR_NOT_FOUND;
  if (status == LINNET_OK) return status;
  return linnet__fail(object->handle.loop, status, "linnet_object_read: %s: %s", linnet_path_text(path, text),
                      there ? "out of memory" : "does not exist");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* collect.c: stored values of a client's object as records, for its application (object.h). */
#include "store_internal.h"

static linnet_status collect_resource(const linnet__resource *resource, linnet_path path, linnet_path at,
                                      linnet_batch *batch) {
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

linnet_status linnet_object_collect(const linnet_object *object, linnet_path path, linnet_batch *batch) {
  const uint16_t id = object->definition->id;
  const size_t before = linnet_batch_count(batch);
  for (size_t i = 0; i < object->count; i++) {
    const linnet__instance *instance = &object->instances[i];
    for (size_t j = 0; j < instance->count; j++) {
      linnet_path at = linnet_path_resource(id, instance->id, instance->resources[j].id);
      if (!linnet_path_within(at, path) && !linnet_path_within(path, at)) continue;
      linnet_status status = collect_resource(&instance->resources[j], at, path, batch);
      if (status == LINNET_OK) continue;
      linnet__batch_truncate(batch, before);
      return status;
    }
  }
  return LINNET_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* attributes_state.c: the attributes of a server over a restart (digest 4, ATT-08; store.h). */
#include "engine_internal.h"

static const uint8_t known = (1u << LINNET__ATTRIBUTES) - 1;

void linnet__requester_save(const linnet__requester *requester, linnet__buffer *out) {
  linnet__put_size(out, requester->attributes_count, 2);
  for (size_t i = 0; i < requester->attributes_count; i++) {
    const linnet__attributes *entry = &requester->attributes[i];
    linnet__put_size(out, entry->path.depth, 1);
    for (size_t k = 0; k < 3; k++) linnet__put_size(out, entry->path.id[k], 2);
    linnet__put_size(out, entry->set, 1);
    for (size_t k = 0; k < LINNET__PERIODS; k++) linnet__put_size(out, entry->periods_s[k], 4);
    for (size_t k = 0; k < LINNET__THRESHOLDS; k++) linnet__put_float(out, entry->thresholds[k]);
  }
}

static linnet__attributes read_entry(linnet__packed *saved) {
  linnet__attributes entry = {.set = 0};
  uint16_t ids[3];
  uint8_t depth = linnet__unpack_u8(saved);
  for (size_t k = 0; k < 3; k++) ids[k] = linnet__unpack_u16(saved);
  if (depth == 1) entry.path = linnet_path_object(ids[0]);
  if (depth == 2) entry.path = linnet_path_instance(ids[0], ids[1]);
  if (depth == 3) entry.path = linnet_path_resource(ids[0], ids[1], ids[2]);
  entry.set = linnet__unpack_u8(saved) & known;
  for (size_t k = 0; k < LINNET__PERIODS; k++) entry.periods_s[k] = (uint32_t)linnet__unpack_number(saved, 4);
  for (size_t k = 0; k < LINNET__THRESHOLDS; k++) entry.thresholds[k] = linnet__unpack_float(saved);
  return entry;
}

linnet_status linnet__requester_restore(linnet__requester *requester, linnet__packed *saved) {
  size_t count = linnet__unpack_u16(saved);
  linnet_status status = LINNET_OK;
  for (size_t i = 0; i < count && !saved->failed; i++) {
    linnet__attributes entry = read_entry(saved);
    if (saved->failed || requester == NULL || entry.set == 0 || entry.path.depth == 0) continue;
    const linnet_object *object = linnet__engine_object(requester->engine, entry.path.id[0]);
    linnet_path instance = entry.path;
    if (instance.depth > 2) instance = linnet_path_instance(instance.id[0], instance.id[1]);
    if (object == NULL || !linnet_object_has(object, instance)) continue; /* as linnet__attributes_prune */
    linnet__attributes *place = linnet__attributes_at(requester, entry.path);
    if (place == NULL)
      status = LINNET_ERROR_NO_MEMORY;
    else
      *place = entry;
  }
  return saved->failed ? LINNET_ERROR_MALFORMED : status;
}

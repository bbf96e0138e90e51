/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch.c: records in one array, the bytes of their values in another (batch.h, docs/architecture.md section
 * 4). Values name their bytes by offset, so that growth moves nothing but memory.
 */
#include <linnet/batch.h>
#include <string.h>

#include "../base/base.h"
#include "batch_internal.h"

#define FIRST_CAPACITY 2

/* A record in 32 bytes. */
typedef struct entry {
  uint16_t id[4];
  uint8_t depth;
  uint8_t type;
  uint32_t length; /* of the bytes of a string or opaque */
  int64_t content; /* where they are in the batch; or all that linnet_value.as holds of another type */
  double time_s;
} entry;

struct linnet_batch {
  uint32_t references;
  uint32_t attached; /* how many of the references are of linnet__batch_attach */
  linnet_loop *loop; /* held while there are other references than these */
  entry *entries;
  size_t count;
  size_t capacity;
  linnet__buffer bytes;
  linnet__buffer payload; /* linnet__batch_buffer */
};

static bool holds_bytes(linnet_type type) { return type == LINNET_TYPE_STRING || type == LINNET_TYPE_OPAQUE; }

linnet_batch *linnet_batch_new(linnet_loop *loop) {
  linnet_batch *batch = linnet__new(loop, sizeof *batch);
  if (batch == NULL) {
    linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "out of memory for a new batch");
    return NULL;
  }
  batch->references = 1;
  batch->loop = linnet_loop_ref(loop);
  linnet__buffer_init(&batch->bytes, loop, SIZE_MAX);
  linnet__buffer_init(&batch->payload, loop, SIZE_MAX);
  return batch;
}

static void destroy_when_unused(linnet_batch *batch) {
  if (batch->references > 0) return;
  linnet__buffer_free(&batch->bytes);
  linnet__buffer_free(&batch->payload);
  linnet__free(batch->loop, batch->entries, batch->capacity * sizeof *batch->entries);
  linnet__free(batch->loop, batch, sizeof *batch);
}

linnet_batch *linnet_batch_ref(linnet_batch *batch) {
  if (batch->references == batch->attached) linnet_loop_ref(batch->loop);
  batch->references++;
  return batch;
}

void linnet_batch_unref(linnet_batch *batch) {
  if (batch == NULL) return;
  linnet_loop *loop = batch->loop;
  bool lets_go = --batch->references == batch->attached;
  destroy_when_unused(batch);
  if (lets_go) linnet_loop_unref(loop);
}

void linnet__batch_attach(linnet_batch *batch) {
  batch->references++;
  batch->attached++;
}

void linnet__batch_detach(linnet_batch *batch) {
  if (batch == NULL) return;
  batch->references--;
  batch->attached--;
  destroy_when_unused(batch);
}

static bool acceptable(const linnet_record *record) {
  return record->path.depth <= 4 && record->value.type >= LINNET_TYPE_NONE &&
         record->value.type <= LINNET_TYPE_MULTIPLE &&
         (!holds_bytes(record->value.type) || record->value.as.bytes.data != NULL ||
          record->value.as.bytes.length == 0);
}

static linnet_status reserve_entry(linnet_batch *batch) {
  if (batch->count < batch->capacity) return LINNET_OK;
  if (batch->capacity > SIZE_MAX / sizeof(entry) / 2) return LINNET_ERROR_NO_MEMORY;
  size_t capacity = batch->capacity > 0 ? 2 * batch->capacity : FIRST_CAPACITY;
  entry *entries =
      linnet__resize(batch->loop, batch->entries, batch->capacity * sizeof(entry), capacity * sizeof(entry));
  if (entries == NULL) return LINNET_ERROR_NO_MEMORY;
  batch->entries = entries;
  batch->capacity = capacity;
  return LINNET_OK;
}

/* The value may be a view of this very batch, whose bytes move when they grow. */
static linnet_status append_bytes(linnet_batch *batch, const uint8_t *data, size_t length) {
  linnet__buffer *bytes = &batch->bytes;
  uintptr_t start = (uintptr_t)bytes->data, at = (uintptr_t)data;
  bool own = bytes->data != NULL && at >= start && at < start + bytes->length;
  uint8_t *end = linnet__buffer_reserve(bytes, length);
  if (end == NULL) {
    bytes->failed = LINNET_OK; /* the batch stands as it was, and may be added to again */
    return LINNET_ERROR_NO_MEMORY;
  }
  memcpy(end, own ? bytes->data + (at - start) : data, length);
  bytes->length += length;
  return LINNET_OK;
}

linnet_status linnet_batch_add_record(linnet_batch *batch, const linnet_record *record) {
  if (record == NULL || !acceptable(record))
    return linnet__fail(batch->loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "adding to a batch: no such path or value");
  const linnet_value *value = &record->value;
  entry added = {.depth = record->path.depth, .type = (uint8_t)value->type, .time_s = record->time_s};
  memcpy(added.id, record->path.id, added.depth * sizeof added.id[0]);
  added.content = value->as.integer;
  size_t length = 0;
  if (holds_bytes(value->type)) {
    length = value->as.bytes.length;
    added.content = (int64_t)batch->bytes.length;
  }
  if (length > UINT32_MAX)
    return linnet__fail(batch->loop, LINNET_ERROR_TOO_LARGE, "adding to a batch: a value of 4 GiB or more");
  added.length = (uint32_t)length;
  linnet_status status = reserve_entry(batch);
  if (status == LINNET_OK && length > 0) status = append_bytes(batch, value->as.bytes.data, length);
  if (status != LINNET_OK) return linnet__fail(batch->loop, status, "adding to a batch: out of memory");
  batch->entries[batch->count++] = added;
  return LINNET_OK;
}

linnet_status linnet_batch_add(linnet_batch *batch, linnet_path path, const linnet_value *value) {
  linnet_record record = {.path = path};
  if (value != NULL) record.value = *value;
  return linnet_batch_add_record(batch, value != NULL ? &record : NULL);
}

void linnet__batch_truncate(linnet_batch *batch, size_t count) {
  /* Bytes stand in the order of their records, so the first that goes tells where they end. */
  for (size_t i = count; i < batch->count; i++) {
    if (!holds_bytes((linnet_type)batch->entries[i].type)) continue;
    batch->bytes.length = (size_t)batch->entries[i].content;
    break;
  }
  if (count < batch->count) batch->count = count;
}

void linnet_batch_clear(linnet_batch *batch) { linnet__batch_truncate(batch, 0); }

linnet__buffer *linnet__batch_buffer(linnet_batch *batch) { return &batch->payload; }

void linnet__batch_swap(linnet_batch *a, linnet_batch *b) {
  linnet_batch former = *a;
  a->entries = b->entries;
  a->count = b->count;
  a->capacity = b->capacity;
  a->bytes = b->bytes;
  b->entries = former.entries;
  b->count = former.count;
  b->capacity = former.capacity;
  b->bytes = former.bytes;
}

linnet_loop *linnet_batch_loop(const linnet_batch *batch) { return batch->loop; }

size_t linnet_batch_count(const linnet_batch *batch) { return batch->count; }

static linnet_path entry_path(const entry *e) {
  linnet_path path = {{e->id[0], e->id[1], e->id[2], e->id[3]}, e->depth};
  return path;
}

static linnet_value entry_value(const linnet_batch *batch, const entry *e) {
  linnet_value value = {.type = (linnet_type)e->type, .as.integer = e->content};
  if (!holds_bytes(value.type)) return value;
  value.as.bytes.data = e->length > 0 ? batch->bytes.data + e->content : (const uint8_t *)"";
  value.as.bytes.length = e->length;
  return value;
}

linnet_status linnet_batch_record(const linnet_batch *batch, size_t index, linnet_record *out) {
  if (index >= batch->count) return LINNET_ERROR_NOT_FOUND;
  const entry *e = &batch->entries[index];
  *out = (linnet_record){.path = entry_path(e), .value = entry_value(batch, e), .time_s = e->time_s};
  return LINNET_OK;
}

linnet_status linnet_batch_find(const linnet_batch *batch, linnet_path path, linnet_value *out) {
  for (size_t i = 0; i < batch->count; i++) {
    if (!linnet_path_equal(entry_path(&batch->entries[i]), path)) continue;
    *out = entry_value(batch, &batch->entries[i]);
    return LINNET_OK;
  }
  return LINNET_ERROR_NOT_FOUND;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* batch.h: an ordered list of records: what is read, written, created, notified. */
#ifndef LINNET_BATCH_H
#define LINNET_BATCH_H

#include <linnet/export.h>
#include <linnet/format.h>
#include <linnet/loop.h>
#include <linnet/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A list of records that owns its bytes. Belongs to the thread of its loop. */
typedef struct linnet_batch linnet_batch;

/** An empty batch, with one reference. NULL: no memory. It holds the loop. */
LINNET_API linnet_batch *linnet_batch_new(linnet_loop *loop);
LINNET_API linnet_batch *linnet_batch_ref(linnet_batch *batch);
/** Gives a reference back; NULL is allowed. */
LINNET_API void linnet_batch_unref(linnet_batch *batch);
/** The loop it was made on. */
LINNET_API linnet_loop *linnet_batch_loop(const linnet_batch *batch);

/** Appends a copy of the value. LINNET_ERROR_NO_MEMORY leaves the batch as it was. */
LINNET_API linnet_status linnet_batch_add(linnet_batch *batch, linnet_path path, const linnet_value *value);
/** The same with the time of the record. */
LINNET_API linnet_status linnet_batch_add_record(linnet_batch *batch, const linnet_record *record);

/** Empties the batch and keeps its memory. */
LINNET_API void linnet_batch_clear(linnet_batch *batch);

LINNET_API size_t linnet_batch_count(const linnet_batch *batch);

/**
 * The record at `index` (0 to count-1), as a view that lives until the batch changes.
 * LINNET_ERROR_NOT_FOUND beyond the end.
 */
LINNET_API linnet_status linnet_batch_record(const linnet_batch *batch, size_t index, linnet_record *out);

/** The first record with exactly this path; LINNET_ERROR_NOT_FOUND if there is none. */
LINNET_API linnet_status linnet_batch_find(const linnet_batch *batch, linnet_path path, linnet_value *out);

#ifdef __cplusplus
}
#endif

#endif

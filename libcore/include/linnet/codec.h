/* SPDX-License-Identifier: Apache-2.0 */
/* codec.h: payload bytes to batches of records and back (digest 7), for tools and tests. */
#ifndef LINNET_CODEC_H
#define LINNET_CODEC_H

#include <linnet/batch.h>
#include <linnet/export.h>
#include <linnet/format.h>
#include <linnet/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Appends the records of a payload that was read from, or is written to, `base`. `model` may be NULL; where
 * it does not know a resource, TLV gives opaque values, text gives strings and JSON what it says. On
 * failure (MALFORMED, WRONG_TYPE, UNSUPPORTED_FORMAT, NO_MEMORY) the batch is as it was and
 * linnet_error_text says what is wrong where.
 */
LINNET_API linnet_status linnet_batch_decode(linnet_batch *batch, const linnet_model *model,
                                             linnet_format format, linnet_path base, const void *data,
                                             size_t length);

/**
 * Writes the records, which lie at or below `base` and are grouped by instance and resource, as a payload.
 * Returns the bytes through `data` and `length`: they belong to the batch and live until it changes.
 */
LINNET_API linnet_status linnet_batch_encode(linnet_batch *batch, linnet_format format, linnet_path base,
                                             const void **data, size_t *length);

/**
 * One value as people write it: 22.5, true, "text" without quotes, Base64 for opaque, "3:0" for links, Unix
 * seconds or "2026-11-23T10:30:00Z" for times; LINNET_TYPE_NONE takes it for what it looks like. A string is
 * a view of `text`. The bytes of an opaque belong to `keep` until the next linnet_value_parse or
 * linnet_batch_encode with it, and are no record of it. Without opaque values `keep` may be NULL; otherwise
 * it also leads to linnet_error_text. WRONG_TYPE, MALFORMED (not Base64).
 */
LINNET_API linnet_status linnet_value_parse(linnet_value *value, linnet_type type, const char *text,
                                            linnet_batch *keep);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* batch_codec.c: whole payloads for programs, with the types of a model (codec.h; lwm2m-1.0.md section 7). */
#include "model.h"

linnet_status linnet_batch_decode(linnet_batch *batch, const linnet_model *model, linnet_format format,
                                  linnet_path base, const void *data, size_t length) {
  return linnet__decode(batch, format, base, data, length, linnet__model_schema(model));
}

linnet_status linnet_batch_encode(linnet_batch *batch, linnet_format format, linnet_path base,
                                  const void **data, size_t *length) {
  linnet__buffer *out = linnet__batch_buffer(batch);
  linnet__buffer_clear(out);
  linnet__writer writer;
  linnet_status status = linnet__writer_begin(&writer, format, base, out, linnet_batch_loop(batch));
  linnet_record record;
  for (size_t i = 0; status == LINNET_OK && linnet_batch_record(batch, i, &record) == LINNET_OK; i++)
    status = linnet__writer_put(&writer, &record);
  if (status == LINNET_OK) status = linnet__writer_end(&writer);
  if (status != LINNET_OK) return status;
  *data = out->data != NULL ? out->data : (const uint8_t *)"";
  *length = out->length;
  return LINNET_OK;
}

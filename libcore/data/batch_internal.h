/* SPDX-License-Identifier: Apache-2.0 */
/* batch_internal.h: what the codecs need of a batch beyond its public face. */
#ifndef LINNET_DATA_BATCH_INTERNAL_H
#define LINNET_DATA_BATCH_INTERNAL_H

#include <linnet/batch.h>

/* The loop it was made on: scratch memory and error texts come from there. */
linnet_loop *linnet__batch_loop(const linnet_batch *batch);
/* Drops the records from `count` on, with their bytes, so that a failed decoding leaves no trace. Cannot fail. */
void linnet__batch_truncate(linnet_batch *batch, size_t count);

#endif

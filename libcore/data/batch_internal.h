/* SPDX-License-Identifier: Apache-2.0 */
/* batch_internal.h: what the codecs and the events need of a batch beyond its public face. */
#ifndef LINNET_DATA_BATCH_INTERNAL_H
#define LINNET_DATA_BATCH_INTERNAL_H

#include <linnet/batch.h>

#include "../base/base.h"

/* Drops the records from `count` on, with their bytes, so that a failed decoding leaves no trace. Cannot
 * fail. */
void linnet__batch_truncate(linnet_batch *batch, size_t count);

/* A buffer that lives with the batch, for bytes handed out with it (an encoded payload). Not part of its
 * records. */
linnet__buffer *linnet__batch_buffer(linnet_batch *batch);
/* Each gets the records of the other. Both are of one loop. Cannot fail. */
void linnet__batch_swap(linnet_batch *a, linnet_batch *b);

/*
 * A reference like another, but it does not count towards holding the loop: the batch holds the loop as long
 * as there is one of linnet_batch_ref. An event holds the loop itself where that is wanted, and does not
 * while it waits in the queue.
 */
void linnet__batch_attach(linnet_batch *batch);
/* NULL is allowed. The loop has to outlive the call. */
void linnet__batch_detach(linnet_batch *batch);

#endif

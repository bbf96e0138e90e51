/* SPDX-License-Identifier: Apache-2.0 */
/* transaction.c: what objects were before a bootstrap-server came, until it has finished (digest 6.6; BS-52).
 */
#include "engine_internal.h"

typedef struct touched {
  linnet_object *object; /* held: the application may take it away meanwhile */
  linnet__snapshot before;
} touched;

struct linnet__transaction {
  linnet_loop *loop;
  touched *objects;
  size_t count;
  size_t capacity;
};

linnet__transaction *linnet__transaction_new(linnet_loop *loop) {
  linnet__transaction *transaction = linnet__new(loop, sizeof *transaction);
  if (transaction != NULL) transaction->loop = loop;
  return transaction;
}

static linnet_status reserve(linnet__transaction *transaction) {
  if (transaction->count < transaction->capacity) return LINNET_OK;
  size_t capacity = transaction->capacity == 0 ? 4 : 2 * transaction->capacity;
  touched *objects = linnet__resize(transaction->loop, transaction->objects,
                                    transaction->capacity * sizeof *objects, capacity * sizeof *objects);
  if (objects == NULL) return LINNET_ERROR_NO_MEMORY;
  transaction->objects = objects;
  transaction->capacity = capacity;
  return LINNET_OK;
}

linnet_status linnet__transaction_touch(linnet__transaction *transaction, linnet_object *object) {
  for (size_t i = 0; i < transaction->count; i++)
    if (transaction->objects[i].object == object) return LINNET_OK;
  linnet_status status = reserve(transaction);
  if (status != LINNET_OK) return status;
  touched *added = &transaction->objects[transaction->count];
  status = linnet__snapshot_take(&added->before, object);
  if (status != LINNET_OK) return status;
  added->object = linnet_object_ref(object);
  transaction->count++;
  return LINNET_OK;
}

void linnet__transaction_commit(linnet__transaction *transaction) {
  if (transaction == NULL) return;
  for (size_t i = 0; i < transaction->count; i++) {
    linnet__snapshot_free(transaction->loop, &transaction->objects[i].before);
    linnet_object_unref(transaction->objects[i].object);
  }
  linnet__free(transaction->loop, transaction->objects, transaction->capacity * sizeof *transaction->objects);
  linnet__free(transaction->loop, transaction, sizeof *transaction);
}

void linnet__transaction_roll_back(linnet__transaction *transaction) {
  if (transaction == NULL) return;
  for (size_t i = 0; i < transaction->count; i++)
    linnet__snapshot_restore(&transaction->objects[i].before, transaction->objects[i].object);
  linnet__transaction_commit(transaction);
}

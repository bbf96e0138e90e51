/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.c: stores what a server wrote, all or nothing (lwm2m-1.0.md DM-21 to DM-27, DM-60 to DM-65, BS-20 to
 * BS-22). The future resources are built beside the present ones; the commit moves pointers and cannot fail.
 */
#include <string.h>

#include "store_internal.h"

/* A resource as it will be. */
struct draft {
  linnet__resource resource;
  bool fresh;   /* its values are not those of the present resource */
  bool goes;    /* will not exist */
  bool written; /* by a record */
  bool changed; /* the watcher wants to know */
};

struct transaction {
  linnet_object *object;
  linnet_loop *loop;
  const linnet__instance *present;
  const linnet_batch *records;
  linnet__apply_mode mode;
  struct draft *drafts; /* ordered by id */
  size_t count, room;
  linnet__resource *resources; /* what will be the instance's */
  size_t resource_count;
};

static bool replaces_instance(linnet__apply_mode mode) {
  return mode == LINNET__APPLY_REPLACE_INSTANCE || mode == LINNET__APPLY_BOOTSTRAP_INSTANCE;
}

static bool creates_instance(linnet__apply_mode mode) {
  return mode == LINNET__APPLY_CREATE || mode == LINNET__APPLY_BOOTSTRAP_INSTANCE ||
         mode == LINNET__APPLY_BOOTSTRAP_RESOURCE;
}

/* DM-21: what a replacement takes away unless the payload has it. */
static bool is_replaced(const struct transaction *transaction, const linnet__resource *resource) {
  if (!replaces_instance(transaction->mode) || resource->computed) return false;
  unsigned operations = resource->definition->operations;
  if (transaction->mode == LINNET__APPLY_BOOTSTRAP_INSTANCE)
    return (operations & LINNET_OPERATION_EXECUTE) == 0 &&
           !linnet__resource_is_own(transaction->object->definition->id, resource->definition);
  return (operations & LINNET_OPERATION_WRITE) != 0;
}

/* The handler has seen the others in its question. */
static bool keeps_values(const struct transaction *transaction, const linnet__resource *resource) {
  if (resource->computed) return false;
  return resource->definition->operations != LINNET_OPERATION_WRITE ||
         (transaction->object->asks & LINNET_OPERATION_WRITE) == 0;
}

static linnet_status begin(struct transaction *transaction) {
  const linnet__instance *present = transaction->present;
  size_t added = linnet_batch_count(transaction->records);
  if (added > transaction->object->definition->count) added = transaction->object->definition->count;
  transaction->room = present->count + added;
  if (transaction->room == 0) return LINNET_OK; /* then nothing asks for a draft */
  transaction->drafts = linnet__new(transaction->loop, transaction->room * sizeof(struct draft));
  if (transaction->drafts == NULL) return LINNET_ERROR_NO_MEMORY;
  for (size_t i = 0; i < present->count; i++) {
    struct draft *draft = &transaction->drafts[i];
    draft->resource = present->resources[i];
    draft->goes = is_replaced(transaction, &draft->resource);
  }
  transaction->count = present->count;
  return LINNET_OK;
}

/* The draft of a resource of the definition; made if it does not exist yet. */
static struct draft *draft_of(struct transaction *transaction, const linnet_resource_definition *definition) {
  size_t low = 0, high = transaction->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (transaction->drafts[middle].resource.id < definition->id)
      low = middle + 1;
    else
      high = middle;
  }
  struct draft *draft = &transaction->drafts[low];
  if (low < transaction->count && draft->resource.id == definition->id) return draft;
  if (low < transaction->count) memmove(draft + 1, draft, (transaction->count - low) * sizeof(*draft));
  /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): whoever asks has a record, so there is room */
  memset(draft, 0, sizeof(*draft));
  draft->resource.id = definition->id;
  draft->resource.multiple = definition->multiple;
  draft->resource.definition = definition;
  transaction->count++;
  return draft;
}

static size_t records_of(const struct transaction *transaction, uint16_t resource) {
  linnet_record record;
  size_t count = 0;
  for (size_t i = 0; linnet_batch_record(transaction->records, i, &record) == LINNET_OK; i++)
    count += record.path.depth > 2 && record.path.id[2] == resource;
  return count;
}

/* DM-22: a partial update keeps the instances of a multiple resource that it does not name. */
static linnet_status take_over_values(struct transaction *transaction, struct draft *draft,
                                      const linnet__resource *present) {
  if (transaction->mode != LINNET__APPLY_UPDATE_INSTANCE || !present->multiple) return LINNET_OK;
  for (size_t i = 0; i < present->count; i++) {
    bool changed;
    linnet_status status = linnet__resource_put(transaction->loop, &draft->resource, present->values[i].index,
                                                &present->values[i].stored.value, &changed);
    if (status != LINNET_OK) return status;
  }
  return LINNET_OK;
}

/* The first record of a resource: from here on the draft has values of its own. */
static linnet_status open_draft(struct transaction *transaction, struct draft *draft) {
  linnet__resource present = draft->resource;
  draft->written = true;
  draft->goes = false;
  if (present.computed) return LINNET_OK;
  draft->fresh = true;
  draft->resource.values = NULL;
  draft->resource.count = draft->resource.room = 0;
  size_t room = records_of(transaction, present.id);
  if (transaction->mode == LINNET__APPLY_UPDATE_INSTANCE && present.multiple) room += present.count;
  if (room > LINNET__RESOURCE_INSTANCES_LIMIT) return LINNET_ERROR_TOO_LARGE;
  linnet_status status = linnet__resource_reserve(transaction->loop, &draft->resource, room);
  return status == LINNET_OK ? take_over_values(transaction, draft, &present) : status;
}

static linnet_status draft_record(struct transaction *transaction, const linnet_record *record) {
  if (record->path.depth < 3) return LINNET_OK;
  const linnet_resource_definition *definition =
      linnet_definition_find(transaction->object->definition, record->path.id[2]);
  if (definition == NULL) return LINNET_OK;
  struct draft *draft = draft_of(transaction, definition);
  if (!draft->written) {
    linnet_status status = open_draft(transaction, draft);
    if (status != LINNET_OK) return status;
  }
  if (record->value.type == LINNET_TYPE_MULTIPLE || !keeps_values(transaction, &draft->resource))
    return LINNET_OK;
  uint16_t index = record->path.depth == 4 ? record->path.id[3] : 0;
  bool changed;
  return linnet__resource_put(transaction->loop, &draft->resource, index, &record->value, &changed);
}

static bool same_values(const linnet__resource *a, const linnet__resource *b) {
  if (a->count != b->count) return false;
  for (size_t i = 0; i < a->count; i++) {
    if (a->values[i].index != b->values[i].index ||
        !linnet_value_equal(&a->values[i].stored.value, &b->values[i].stored.value))
      return false;
  }
  return true;
}

static bool is_changed(const struct transaction *transaction, const struct draft *draft) {
  if (draft->goes) return true;
  if (!draft->written) return false;
  if (!keeps_values(transaction, &draft->resource)) return true;
  const linnet__resource *present = linnet__instance_resource(transaction->present, draft->resource.id);
  return present == NULL || !same_values(present, &draft->resource);
}

static linnet_status prepare(struct transaction *transaction) {
  linnet_status status = begin(transaction);
  linnet_record record;
  for (size_t i = 0;
       status == LINNET_OK && linnet_batch_record(transaction->records, i, &record) == LINNET_OK; i++)
    status = draft_record(transaction, &record);
  if (status != LINNET_OK) return status;
  for (size_t i = 0; i < transaction->count; i++) {
    struct draft *draft = &transaction->drafts[i];
    draft->changed = is_changed(transaction, draft);
    if (draft->fresh) linnet__resource_trim(transaction->loop, &draft->resource);
    if (!draft->goes) transaction->resource_count++;
  }
  if (transaction->resource_count == 0) return LINNET_OK;
  transaction->resources =
      linnet__new(transaction->loop, transaction->resource_count * sizeof(linnet__resource));
  return transaction->resources == NULL ? LINNET_ERROR_NO_MEMORY : LINNET_OK;
}

/* The values of the present instance that are no longer wanted go; the others move. */
static void commit(struct transaction *transaction, linnet__instance *instance) {
  size_t at = 0;
  for (size_t i = 0; i < transaction->count; i++) {
    struct draft *draft = &transaction->drafts[i];
    if (draft->fresh || draft->goes) {
      linnet__resource *present = linnet__instance_resource(instance, draft->resource.id);
      if (present != NULL) linnet__resource_clear(transaction->loop, present);
    }
    if (!draft->goes) transaction->resources[at++] = draft->resource;
    draft->fresh = false;
  }
  linnet__free(transaction->loop, instance->resources, instance->room * sizeof(linnet__resource));
  instance->resources = transaction->resources;
  instance->count = instance->room = (uint16_t)transaction->resource_count;
  transaction->resources = NULL;
}

static void end(struct transaction *transaction) {
  for (size_t i = 0; i < transaction->count; i++) {
    if (transaction->drafts[i].fresh)
      linnet__resource_clear(transaction->loop, &transaction->drafts[i].resource);
  }
  linnet__free(transaction->loop, transaction->resources,
               transaction->resource_count * sizeof(linnet__resource));
  linnet__free(transaction->loop, transaction->drafts, transaction->room * sizeof(struct draft));
  transaction->present = NULL;
}

static void tell(const struct transaction *transaction, uint16_t instance) {
  linnet_object *object = linnet_object_ref(transaction->object);
  for (size_t i = 0; i < transaction->count; i++) {
    const struct draft *draft = &transaction->drafts[i];
    if (draft->changed)
      linnet__object_tell(object, linnet_path_resource(object->definition->id, instance, draft->resource.id));
  }
  linnet_object_unref(object);
}

static linnet_status fail(const linnet_object *object, linnet_status status, uint16_t instance) {
  char text[LINNET_PATH_TEXT_SIZE];
  return linnet__fail(object->handle.loop, status, "write to %s: %s",
                      linnet_path_text(linnet_path_instance(object->definition->id, instance), text),
                      linnet_status_text(status));
}

static linnet_status apply_to_new(struct transaction *transaction, uint16_t id) {
  linnet_object *object = transaction->object;
  linnet__instance begun;
  linnet_status status = linnet__object_reserve(object);
  if (status != LINNET_OK) return status;
  status = linnet__instance_begin(transaction->loop, &begun, id, object->definition);
  transaction->present = &begun;
  if (status == LINNET_OK) status = prepare(transaction);
  if (status != LINNET_OK) {
    end(transaction);
    linnet__instance_free(transaction->loop, &begun);
    return status;
  }
  commit(transaction, &begun);
  end(transaction);
  begun.origin = LINNET__ORIGIN_CREATED;
  object->listed = true;
  linnet__object_insert(object, &begun);
  linnet__object_tell_instance(object, id);
  return LINNET_OK;
}

linnet_status linnet__object_apply(linnet_object *object, uint16_t instance, const linnet_batch *records,
                                   linnet__apply_mode mode) {
  struct transaction transaction = {
      .object = object, .loop = object->handle.loop, .records = records, .mode = mode};
  linnet__instance *present = linnet__object_instance(object, instance);
  linnet_status status = LINNET_OK;
  if (present == NULL && !creates_instance(mode)) return fail(object, LINNET_ERROR_NOT_FOUND, instance);
  if (present != NULL && mode == LINNET__APPLY_CREATE) return fail(object, LINNET_ERROR_EXISTS, instance);
  if (present == NULL) {
    status = linnet__object_check_id(object, instance);
    if (status == LINNET_OK) status = apply_to_new(&transaction, instance);
    return status == LINNET_OK ? status : fail(object, status, instance);
  }
  transaction.present = present;
  status = prepare(&transaction);
  if (status == LINNET_OK) {
    commit(&transaction, present);
    if (present->origin == 0) present->origin = LINNET__ORIGIN_WRITTEN;
    tell(&transaction, instance);
  }
  end(&transaction);
  return status == LINNET_OK ? status : fail(object, status, instance);
}

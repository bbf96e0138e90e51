/* SPDX-License-Identifier: Apache-2.0 */
/* ask.c: what an operation asks the handler of an object, and what the answers mean (digest 3.1, DM-10,
 * CO-36). */
#include "engine_internal.h"

/* A mistake of the application, which the server's 5.00 does not tell it. */
static linnet_status wrong_answer(const linnet__operation *operation, linnet_path path, const char *why) {
  linnet__engine *engine = operation->engine;
  char text[LINNET_PATH_TEXT_SIZE];
  linnet__fail(engine->loop, LINNET_ERROR_HANDLER_FAILED, "the answer of the handler for %s: %s",
               linnet_path_text(path, text), why);
  linnet_loop_report(engine->loop, engine->owner->number, LINNET_ERROR_HANDLER_FAILED,
                     linnet_error_text(engine->loop));
  return LINNET_ERROR_HANDLER_FAILED;
}

/* Keeps one answered record, if the definition agrees with it; a server must never see what it could not
 * write. */
static linnet_status keep_answer(linnet__operation *operation, linnet_path asked, linnet_record *record) {
  const linnet_resource_definition *definition =
      linnet_definition_find(operation->object->definition, asked.id[2]);
  uint8_t depth = definition != NULL && definition->multiple ? 4 : 3;
  if (definition == NULL || record->path.depth != depth || !linnet_path_within(record->path, asked))
    return wrong_answer(operation, record->path, "not what was asked for");
  linnet_status status = linnet_resource_definition_check(definition, &record->value);
  if (status != LINNET_OK) return wrong_answer(operation, record->path, linnet_status_text(status));
  return linnet_batch_add_record(operation->answers, record);
}

static linnet_status keep_answers(linnet__operation *operation, const linnet_event *question) {
  if (operation->answers == NULL) operation->answers = linnet_batch_new(operation->engine->loop);
  if (operation->answers == NULL) return LINNET_ERROR_NO_MEMORY;
  size_t count = question->answers != NULL ? linnet_batch_count(question->answers) : 0;
  linnet_value none = linnet_value_none();
  if (count == 0) return linnet_batch_add(operation->answers, question->path, &none);
  for (size_t i = 0; i < count; i++) {
    linnet_record record;
    linnet_batch_record(question->answers, i, &record);
    linnet_status status = keep_answer(operation, question->path, &record);
    if (status != LINNET_OK) return status;
  }
  return LINNET_OK;
}

/* What an answered question means for the operation: 0, or the code. */
static uint8_t settle(linnet__operation *operation, const linnet_event *question, linnet_status status) {
  if (question->refusal != 0) return LINNET__CODE(question->refusal / 100, question->refusal % 100);
  bool reads = question->operation == LINNET_OPERATION_READ;
  /* Of several resources, one that is not there is left out (DM-10). */
  if (reads && status == LINNET_ERROR_NOT_FOUND && operation->path.depth < 3) {
    linnet_value none = linnet_value_none();
    status =
        operation->answers != NULL || (operation->answers = linnet_batch_new(operation->engine->loop)) != NULL
            ? linnet_batch_add(operation->answers, question->path, &none)
            : LINNET_ERROR_NO_MEMORY;
  } else if (reads && status == LINNET_OK) {
    status = keep_answers(operation, question);
  }
  return linnet__code_of_status(status);
}

static void abandon(linnet__operation *operation) {
  if (linnet__operation_waits(operation)) operation->engine->waiting--;
  for (linnet__list *node; (node = linnet__list_take(&operation->questions)) != NULL;)
    linnet__question_abandon(LINNET__CONTAINER(node, linnet_event, queued.node));
}

/* A deferred answer came. */
static void finished(linnet_event *question, linnet_status status, void *asker) {
  linnet__operation *operation = asker;
  linnet__engine *engine = operation->engine;
  linnet__handle *owner = engine->owner;
  linnet__list_remove(&question->queued.node);
  bool waits = linnet__operation_waits(operation);
  if (!waits) engine->waiting--;
  uint8_t code = settle(operation, question, status);
  if (code == 0) linnet__shared_keep(operation, question->path, operation->epoch);
  if (operation->code == 0) operation->code = code;
  if (waits && operation->code == 0) return;
  abandon(operation);
  linnet__handle_ref(owner);
  operation->complete(operation);
  linnet__handle_unref(owner);
}

/* Waits for a deferred answer. */
static void wait_for(linnet__operation *operation, linnet_event *question) {
  if (!linnet__operation_waits(operation)) operation->engine->waiting++;
  linnet__list_append(&operation->questions, &question->queued.node);
}

static uint8_t ask(linnet__operation *operation, linnet_operation kind, linnet_path path,
                   const linnet__text *arguments) {
  linnet__engine *engine = operation->engine;
  linnet_object *object = operation->object;
  if (object->handler == NULL || (object->asks & (unsigned)kind) == 0) return 0;
  uint8_t code = 0;
  if (kind == LINNET_OPERATION_READ && linnet__shared_find(operation, path, &code)) return code;
  if (engine->waiting >= LINNET__DEFERRED_LIMIT && !linnet__operation_waits(operation))
    return LINNET__SERVICE_UNAVAILABLE;
  linnet_event *question =
      linnet__question_new(engine->loop, operation->kind == LINNET_OPERATION_UPDATE ? operation->kind : kind,
                           path, operation->records, arguments != NULL ? arguments->data : NULL,
                           arguments != NULL ? arguments->length : 0);
  if (question == NULL) return LINNET__INTERNAL_SERVER_ERROR;
  question->source = object->handle.number;
  question->registration = operation->requester->short_server_id;
  uint64_t epoch = engine->epoch;
  operation->asking = true;
  linnet_status status = linnet__question_ask(question, object->handler, object->user, finished, operation);
  operation->asking = false;
  if (!linnet__operation_stands(operation)) {
    linnet__question_abandon(question);
    code = LINNET__NOT_FOUND;
  } else if (question->question == LINNET__QUESTION_DEFERRED) {
    wait_for(operation, question);
  } else {
    code = settle(operation, question, status);
    if (code == 0) linnet__shared_keep(operation, path, epoch);
  }
  linnet_event_unref(question);
  return code;
}

/* ---- computed resources: asked before anything is written ---------------------------------------- */

/* Of Discover only the number of values is of interest, and of an object not even that (DM-81). */
static bool is_asked(const linnet__operation *operation, const linnet__resource *resource) {
  if (!resource->computed) return false;
  if (operation->kind != LINNET_OPERATION_DISCOVER) return linnet__resource_is_readable(resource);
  return operation->path.depth > 1 && resource->multiple;
}

/* The first computed resource at or after `from` (depth 3) that the operation reads. */
static bool next_computed(const linnet__operation *operation, linnet_path *from) {
  const linnet_object *object = operation->object;
  linnet_path target = operation->path;
  for (size_t i = linnet__object_position(object, from->id[1]); i < object->count; i++) {
    const linnet__instance *instance = &object->instances[i];
    if (target.depth > 1 && instance->id != target.id[1]) return false;
    if (!linnet__operation_reads(operation, instance->id)) continue;
    for (size_t k = 0; k < instance->count; k++) {
      const linnet__resource *resource = &instance->resources[k];
      if (instance->id == from->id[1] && resource->id < from->id[2]) continue;
      if (target.depth > 2 && resource->id != target.id[2]) continue;
      if (!is_asked(operation, resource)) continue;
      *from = linnet_path_resource(target.id[0], instance->id, resource->id);
      return true;
    }
  }
  return false;
}

/* The next place to look at after `path`; false after the last. */
static bool step_over(linnet_path *path) {
  if (++path->id[2] != 0) return true;
  return ++path->id[1] != 0;
}

/*
 * The object may change while its handler runs, so each step looks anew. All questions are put before the
 * first deferred one is answered.
 */
static uint8_t ask_computed(linnet__operation *operation) {
  if ((operation->object->asks & LINNET_OPERATION_READ) == 0) return 0;
  linnet_path target = operation->path;
  linnet_path at = linnet_path_resource(target.id[0], target.id[1], target.id[2]);
  while (next_computed(operation, &at)) {
    uint8_t code = ask(operation, LINNET_OPERATION_READ, at, NULL);
    if (code != 0) return code;
    if (!step_over(&at)) break;
  }
  return 0;
}

/* ---- who asks ------------------------------------------------------------------------------------ */

linnet_status linnet_object_set_handler(linnet_object *object, unsigned operations, linnet_handler handler,
                                        void *user, linnet_release release) {
  static const linnet__asking asking = {ask, ask_computed, abandon, linnet__shared_awaits};
  const unsigned all = LINNET_OPERATION_READ | LINNET_OPERATION_WRITE | LINNET_OPERATION_EXECUTE |
                       LINNET_OPERATION_CREATE | LINNET_OPERATION_DELETE;
  if ((operations & ~all) != 0 || (handler == NULL && operations != 0)) {
    linnet__fail(object->handle.loop, LINNET_ERROR_INVALID_ARGUMENT,
                 "linnet_object_set_handler: /%u: these operations are no questions",
                 (unsigned)linnet_object_id(object));
    if (release != NULL) release(user);
    return LINNET_ERROR_INVALID_ARGUMENT;
  }
  linnet_release former_release = object->release;
  void *former_user = object->user;
  object->asking = &asking;
  object->handler = handler;
  object->user = user;
  object->release = release;
  object->asks = operations;
  if (former_release != NULL) former_release(former_user);
  return LINNET_OK;
}

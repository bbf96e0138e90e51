/* SPDX-License-Identifier: Apache-2.0 */
/* operation.c: an operation's life, its questions to the object's handler, its answer codes (digest 3.1,
 * CO-36). */
#include <string.h>

#include "engine_internal.h"

/* ---- life ------------------------------------------------------------------------------------ */

linnet__operation *linnet__operation_new(linnet__engine *engine, linnet__requester *requester) {
  linnet__operation *operation = engine->spare;
  engine->spare = NULL;
  if (operation == NULL) operation = linnet__new(engine->loop, sizeof *operation);
  if (operation == NULL) return NULL;
  *operation = (linnet__operation){.engine = engine,
                                   .requester = requester,
                                   .epoch = engine->epoch,
                                   .format = LINNET_FORMAT_NONE,
                                   .answer = LINNET_FORMAT_NONE,
                                   .answer_number = -1};
  linnet__list_init(&operation->questions);
  linnet__list_append(&engine->operations, &operation->node);
  return operation;
}

bool linnet__operation_waits(const linnet__operation *operation) {
  return !linnet__list_empty(&operation->questions);
}

static void abandon_questions(linnet__operation *operation) {
  if (linnet__operation_waits(operation)) operation->engine->waiting--;
  for (linnet__list *node; (node = linnet__list_take(&operation->questions)) != NULL;)
    linnet__question_abandon(LINNET__CONTAINER(node, linnet_event, queued.node));
}

void linnet__operation_end(linnet__operation *operation) {
  linnet__engine *engine = operation->engine;
  abandon_questions(operation);
  linnet__list_remove(&operation->node);
  if (operation->observation != NULL) operation->observation->reading = NULL;
  linnet_object *object = operation->object;
  linnet_batch_unref(operation->records);
  linnet_batch_unref(operation->answers);
  linnet__free_text(engine->loop, operation->arguments_copy);
  if (engine->spare == NULL)
    engine->spare = operation;
  else
    linnet__free(engine->loop, operation, sizeof *operation);
  linnet_object_unref(object); /* last: a release may be user code */
}

void linnet__operation_forsake(linnet__operation *operation) {
  operation->requester = NULL;
  if (!operation->asking) linnet__operation_end(operation);
}

void linnet__operation_set_object(linnet__operation *operation, linnet_object *object) {
  operation->object = linnet_object_ref(object);
}

bool linnet__operation_stands(const linnet__operation *operation) {
  return !operation->engine->closed && operation->requester != NULL &&
         linnet__engine_object(operation->engine, linnet_object_id(operation->object)) == operation->object;
}

/* ---- codes ----------------------------------------------------------------------------------- */

uint8_t linnet__code_of_status(linnet_status status) {
  static const struct {
    linnet_status status;
    uint8_t code;
  } codes[] = {
      {LINNET_OK, 0},
      {LINNET_ERROR_NOT_FOUND, LINNET__NOT_FOUND},
      {LINNET_ERROR_NOT_ALLOWED, LINNET__METHOD_NOT_ALLOWED},
      {LINNET_ERROR_INVALID_ARGUMENT, LINNET__BAD_REQUEST},
      {LINNET_ERROR_WRONG_TYPE, LINNET__BAD_REQUEST},
      {LINNET_ERROR_OUT_OF_RANGE, LINNET__BAD_REQUEST},
      {LINNET_ERROR_MALFORMED, LINNET__BAD_REQUEST},
      {LINNET_ERROR_EXISTS, LINNET__BAD_REQUEST}, /* DM-63 */
      {LINNET_ERROR_UNSUPPORTED_FORMAT, LINNET__UNSUPPORTED_CONTENT_FORMAT},
      {LINNET_ERROR_TOO_LARGE, LINNET__REQUEST_ENTITY_TOO_LARGE},
      {LINNET_ERROR_LIMIT_REACHED, LINNET__SERVICE_UNAVAILABLE},
  };
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
    if (codes[i].status == status) return codes[i].code;
  return LINNET__INTERNAL_SERVER_ERROR;
}

/* ---- questions ------------------------------------------------------------------------------- */

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
  abandon_questions(operation);
  linnet__handle_ref(owner);
  operation->complete(operation);
  linnet__handle_unref(owner);
}

/* Waits for a deferred answer. */
static void wait_for(linnet__operation *operation, linnet_event *question) {
  if (!linnet__operation_waits(operation)) operation->engine->waiting++;
  linnet__list_append(&operation->questions, &question->queued.node);
}

uint8_t linnet__operation_ask(linnet__operation *operation, linnet_operation kind, linnet_path path,
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

/* ---- events ---------------------------------------------------------------------------------- */

void linnet__operation_emit(linnet__operation *operation, linnet_event_kind kind, linnet_path path,
                            const linnet__text *arguments) {
  linnet__engine *engine = operation->engine;
  linnet_event *event = linnet__event_new(engine->loop, kind, engine->owner->number);
  if (event != NULL) {
    event->operation = operation->kind;
    event->path = path;
    event->registration = operation->requester->short_server_id;
    event->format = operation->format;
    linnet__event_set_endpoint(event, engine->endpoint);
    if (operation->records != NULL) linnet__event_set_batch(event, operation->records);
    if (arguments != NULL) linnet__event_set_text(event, arguments->data, arguments->length);
  }
  linnet__event_emit(engine->loop, event);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* operation.c: an operation's life, its answer codes, its events (digest 3.1). */
#include <string.h>

#include "engine_internal.h"

/* ---- life ---------------------------------------------------------------------------------------- */

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

void linnet__operation_end(linnet__operation *operation) {
  linnet__engine *engine = operation->engine;
  if (linnet__operation_waits(operation)) operation->object->asking->abandon(operation);
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

/* ---- codes --------------------------------------------------------------------------------------- */

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

/* ---- events -------------------------------------------------------------------------------------- */

static void emit(const linnet__operation *operation, linnet_event_kind kind, linnet_path path) {
  const linnet__engine *engine = operation->engine;
  linnet_event *event = linnet__event_new(engine->loop, kind, engine->owner->number);
  if (event != NULL) {
    event->operation = operation->kind;
    event->path = path;
    event->registration = operation->requester->short_server_id;
    event->format = operation->format;
    linnet__event_set_endpoint(event, engine->endpoint);
    if (operation->records != NULL) linnet__event_set_batch(event, operation->records);
    if (operation->arguments.data != NULL)
      linnet__event_set_text(event, operation->arguments.data, operation->arguments.length);
  }
  linnet__event_emit(engine->loop, event);
}

void linnet__operation_did(linnet__operation *operation, linnet_event_kind kind, linnet_path path) {
  const linnet__engine *engine = operation->engine;
  emit(operation, kind, path);
  if (kind == LINNET_EVENT_WRITTEN && engine->hooks.written != NULL)
    engine->hooks.written(engine->user, path, operation->records);
  if (engine->hooks.done != NULL)
    engine->hooks.done(engine->user, operation->requester, operation->kind, path);
}

/* ---- what the owner of the engine has a say in --------------------------------------------------- */

uint8_t linnet__operation_authorize(const linnet__operation *operation, linnet_operation kind,
                                    linnet_path path) {
  const linnet__engine *engine = operation->engine;
  if (engine->hooks.authorize == NULL) return 0;
  return engine->hooks.authorize(engine->user, operation->requester, kind, path);
}

linnet_status linnet__operation_accept(const linnet__operation *operation, linnet_path path) {
  const linnet__engine *engine = operation->engine;
  if (engine->hooks.accept == NULL) return LINNET_OK;
  return engine->hooks.accept(engine->user, operation->kind, path, operation->records);
}

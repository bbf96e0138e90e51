/* SPDX-License-Identifier: Apache-2.0 */
/* read.c: Read: asks for computed resources, then streams records from the store into the codec (digest 3.3).
 */
#include "engine_internal.h"

/* ---- what may be read ---------------------------------------------------------------------------- */

bool linnet__resource_is_readable(const linnet__resource *resource) {
  return resource->definition != NULL && (resource->definition->operations & LINNET_OPERATION_READ) != 0;
}

/* Of an object only those instances are read that the server has the right to (DM-10). */
bool linnet__operation_reads(const linnet__operation *operation, uint16_t instance) {
  linnet_path path = linnet_path_instance(operation->path.id[0], instance);
  return operation->path.depth > 1 ||
         linnet__operation_authorize(operation, LINNET_OPERATION_READ, path) == 0;
}

static uint8_t begin_read(linnet__operation *operation, const linnet__incoming *request) {
  (void)request;
  return linnet__operation_ask_computed(operation);
}

/* ---- values, wherever they come from ------------------------------------------------------------- */

/* Streams what an operation reads. */
typedef struct value_reading {
  const linnet__operation *operation;
  linnet__writer *writer;   /* NULL: only numbers are wanted */
  linnet__each_number each; /* NULL: they are not */
  void *user;
  linnet_status status;
  size_t hint; /* where the next answer probably is */
  size_t count;
} value_reading;

static void put(value_reading *reading, const linnet_record *record) {
  const linnet_value *value = &record->value;
  if (reading->each != NULL) {
    if (value->type == LINNET_TYPE_FLOAT)
      reading->each(reading->user, record->path.id[3], value->as.real);
    else if (value->type == LINNET_TYPE_INTEGER || value->type == LINNET_TYPE_TIME)
      reading->each(reading->user, record->path.id[3], linnet__integer_to_float(value->as.integer));
  }
  if (reading->writer == NULL) return;
  if (reading->status == LINNET_OK) reading->status = linnet__writer_put(reading->writer, record);
  reading->count++;
}

static void put_empty(value_reading *reading, linnet_path path, linnet_type type) {
  linnet_record record = {.path = path, .value = {.type = type}};
  put(reading, &record);
}

/* Answers to one resource stand together; which resource comes next can mostly be told. */
static void put_answers(value_reading *reading, linnet_path path, const linnet__resource *resource) {
  const linnet_batch *answers = reading->operation->answers;
  size_t count = answers != NULL ? linnet_batch_count(answers) : 0, found = 0;
  linnet_record record;
  size_t at = reading->hint;
  for (size_t i = 0; i < count; i++, at++) {
    if (at >= count) at = 0;
    linnet_batch_record(answers, at, &record);
    if (!linnet_path_within(record.path, path)) {
      if (found > 0) break;
      continue;
    }
    found++;
    reading->hint = at + 1;
    if (record.value.type != LINNET_TYPE_NONE)
      put(reading, &record);
    else if (resource->multiple)
      put_empty(reading, path, LINNET_TYPE_MULTIPLE);
  }
}

static void put_stored(value_reading *reading, linnet_path path, const linnet__resource *resource) {
  const linnet__engine *engine = reading->operation->engine;
  if (resource->multiple && resource->count == 0) put_empty(reading, path, LINNET_TYPE_MULTIPLE);
  for (uint16_t i = 0; i < resource->count; i++) {
    linnet_record record = {.path = path, .value = resource->values[i].stored.value};
    if (resource->multiple)
      record.path =
          linnet_path_resource_instance(path.id[0], path.id[1], path.id[2], resource->values[i].index);
    if (engine->hooks.current != NULL) engine->hooks.current(engine->user, record.path, &record.value);
    put(reading, &record);
  }
}

static void put_resource(value_reading *reading, uint16_t instance, const linnet__resource *resource) {
  if (!linnet__resource_is_readable(resource)) return; /* DM-10 */
  linnet_path path = linnet_path_resource(reading->operation->path.id[0], instance, resource->id);
  if (resource->computed)
    put_answers(reading, path, resource);
  else
    put_stored(reading, path, resource);
}

static void put_instance(value_reading *reading, const linnet__instance *instance) {
  for (uint16_t i = 0; i < instance->count; i++) put_resource(reading, instance->id, &instance->resources[i]);
}

/* Every instance the server may read; one without values is named all the same (DM-10, DM-11). */
static void put_object(value_reading *reading) {
  const linnet__operation *operation = reading->operation;
  const linnet_object *object = operation->object;
  for (size_t i = 0; i < object->count && reading->status == LINNET_OK; i++) {
    linnet_path path = linnet_path_instance(operation->path.id[0], object->instances[i].id);
    if (!linnet__operation_reads(operation, object->instances[i].id)) continue;
    size_t before = reading->count;
    put_instance(reading, &object->instances[i]);
    if (reading->count == before) put_empty(reading, path, LINNET_TYPE_NONE);
  }
}

/* What the operation's path names; false if that is not there. */
static bool put_target(value_reading *reading) {
  const linnet__operation *operation = reading->operation;
  if (operation->path.depth == 1) {
    put_object(reading);
    return true;
  }
  const linnet__instance *instance = linnet__object_instance(operation->object, operation->path.id[1]);
  if (instance == NULL) return false;
  if (operation->path.depth == 2) {
    put_instance(reading, instance);
    return true;
  }
  const linnet__resource *resource = linnet__instance_resource(instance, operation->path.id[2]);
  if (resource == NULL) return false;
  put_resource(reading, instance->id, resource);
  return reading->writer == NULL || reading->count > 0;
}

void linnet__read_numbers(const linnet__operation *operation, linnet__each_number each, void *user) {
  value_reading reading = {.operation = operation, .each = each, .user = user};
  if (operation->path.depth == 3) put_target(&reading);
}

/* ---- Read ---------------------------------------------------------------------------------------- */

/* Text and opaque carry one value; opaque only an opaque one (DM-13, FMT-04). */
static uint8_t check_format(const linnet__operation *operation, const linnet__resource *resource) {
  if (operation->answer == LINNET_FORMAT_TLV || operation->answer == LINNET_FORMAT_JSON) return 0;
  if (resource->multiple) return LINNET__NOT_ACCEPTABLE;
  if (operation->answer == LINNET_FORMAT_TEXT) return 0;
  uint8_t type = resource->definition->type;
  return type == LINNET_TYPE_OPAQUE || type == LINNET_TYPE_NONE ? 0 : LINNET__NOT_ACCEPTABLE;
}

static uint8_t check_read(linnet__operation *operation, const linnet__incoming *request) {
  (void)request;
  if (operation->path.depth < 3) return 0;
  const linnet__resource *resource =
      linnet__object_resource(operation->object, operation->path.id[1], operation->path.id[2]);
  if (resource == NULL || resource->definition == NULL) return LINNET__NOT_FOUND;
  if (!linnet__resource_is_readable(resource)) return LINNET__METHOD_NOT_ALLOWED; /* DM-12 */
  return check_format(operation, resource);
}

static uint8_t finish_read(linnet__operation *operation, linnet__response *response) {
  linnet__writer writer;
  value_reading reading = {.operation = operation, .writer = &writer};
  linnet_status status = linnet__writer_begin(&writer, operation->answer, operation->path, response->payload,
                                              operation->engine->loop);
  if (status != LINNET_OK) return LINNET__INTERNAL_SERVER_ERROR;
  if (operation->observation != NULL && operation->path.depth == 3) {
    reading.each = linnet__observation_number;
    reading.user = operation->observation;
  }
  bool there = put_target(&reading);
  status = linnet__writer_end(&writer);
  if (!there) return LINNET__NOT_FOUND;
  if (reading.status != LINNET_OK) status = reading.status;
  /* NaN in the store, or an opaque read of an untyped resource that holds something else. */
  if (status == LINNET_ERROR_UNSUPPORTED_FORMAT ||
      (status == LINNET_ERROR_WRONG_TYPE && operation->path.depth == 3 &&
       operation->answer == LINNET_FORMAT_OPAQUE))
    return LINNET__NOT_ACCEPTABLE;
  if (status != LINNET_OK) return LINNET__INTERNAL_SERVER_ERROR;
  response->code = LINNET__CONTENT;
  response->content_format = operation->answer_number;
  return 0;
}

static uint8_t finish_observe(linnet__operation *operation, linnet__response *response) {
  uint8_t code = finish_read(operation, response);
  /* A new Register in between has ended all observations (OBS-08): then it is a Read. */
  if (code == 0 && operation->kind == LINNET_OPERATION_OBSERVE)
    linnet__observation_begin(operation, response);
  return code;
}

const linnet__operation_type linnet__read_type = {check_read, begin_read, finish_read};
const linnet__operation_type linnet__observe_type = {check_read, begin_read, finish_observe};

/* SPDX-License-Identifier: Apache-2.0 */
/* check.c: is a configuration what the model allows, and would a device accept it? (digest 6.6; BS-51) */
#include <string.h>

#include "bootstrap_internal.h"

/* ---- one value ----------------------------------------------------------------------------------- */

static linnet_status fail(linnet_model *model, linnet_path path, linnet_status status, const char *why) {
  char text[LINNET_PATH_TEXT_SIZE];
  return linnet__fail(linnet_model_loop(model), status, "write %s: %s", linnet_path_text(path, text), why);
}

/* What the model knows of a value: its place, its shape, its type and range. */
static linnet_status check_record(linnet_model *model, linnet_record *record) {
  linnet_path path = record->path;
  const linnet_definition *definition = linnet_model_find(model, path.id[0]);
  const linnet_resource_definition *resource = linnet_model_resource(model, path);
  if (path.depth < 3)
    return fail(model, path, LINNET_ERROR_MALFORMED, "values are of resources or of resource instances");
  for (uint8_t i = 0; i < path.depth; i++)
    if (path.id[i] == LINNET_ID_NONE) return fail(model, path, LINNET_ERROR_MALFORMED, "65535 is no id");
  if (definition != NULL && linnet_definition_instances(definition) == LINNET_SINGLE && path.id[1] != 0)
    return fail(model, path, LINNET_ERROR_MALFORMED, "the only instance of the object is 0");
  if (resource == NULL) return LINNET_OK;
  if ((linnet_resource_definition_operations(resource) & LINNET_OPERATION_EXECUTE) != 0)
    return fail(model, path, LINNET_ERROR_WRONG_TYPE, "the resource is to be executed and has no value");
  bool multiple = linnet_resource_definition_instances(resource) == LINNET_MULTIPLE;
  bool given_multiple = path.depth == 4 || record->value.type == LINNET_TYPE_MULTIPLE;
  if (multiple != given_multiple)
    return fail(
        model, path, LINNET_ERROR_WRONG_TYPE,
        multiple ? "the resource is multiple: values need a resource instance" : "the resource is single");
  if (record->value.type == LINNET_TYPE_MULTIPLE) return LINNET_OK;
  linnet_status status = linnet_resource_definition_check(resource, &record->value);
  return status == LINNET_OK ? LINNET_OK : fail(model, path, status, linnet_status_text(status));
}

linnet_status linnet__records_check(linnet_model *model, linnet_record *records, size_t count) {
  linnet_status status = LINNET_OK;
  for (size_t i = 0; status == LINNET_OK && i < count; i++) status = check_record(model, &records[i]);
  return status;
}

/* ---- all of it ----------------------------------------------------------------------------------- */

enum { OBJECTS = 3 }; /* 0, 1 and 2 consist of nothing but what bootstrap gives */

/* What would be on a device that had nothing but the account of this server. */
typedef struct rehearsal {
  linnet_object *objects[OBJECTS];
  bool emptied[OBJECTS]; /* whatever the device had there has gone */
} rehearsal;

static void empty(rehearsal *r, uint16_t id) {
  linnet_object *object = r->objects[id];
  r->emptied[id] = true;
  while (linnet_object_instance_count(object) > 0)
    linnet_object_remove_instance(object, linnet_object_instance_at(object, 0));
}

static void rehearse_delete(rehearsal *r, linnet_path path) {
  for (uint16_t id = 0; path.depth == 0 && id < OBJECTS; id++) empty(r, id);
  if (path.depth == 0 || path.id[0] >= OBJECTS) return;
  if (path.depth == 1)
    empty(r, path.id[0]);
  else if (linnet_object_has_instance(r->objects[path.id[0]], path.id[1]))
    linnet_object_remove_instance(r->objects[path.id[0]], path.id[1]);
}

/* The records from *index on that are of one instance. */
static linnet_status rehearse_instance(const rehearsal *r, const linnet__command *command, size_t *index) {
  linnet_object *object = r->objects[command->path.id[0]];
  linnet__apply_mode mode =
      command->path.depth > 2 ? LINNET__APPLY_BOOTSTRAP_RESOURCE : LINNET__APPLY_BOOTSTRAP_INSTANCE;
  linnet_batch *part = linnet_batch_new(linnet_object_loop(object));
  linnet_record record;
  linnet_status status = part == NULL ? LINNET_ERROR_NO_MEMORY : LINNET_OK;
  if (status == LINNET_OK) status = linnet_batch_record(command->records, *index, &record);
  uint16_t instance = status == LINNET_OK ? record.path.id[1] : 0;
  for (; status == LINNET_OK && linnet_batch_record(command->records, *index, &record) == LINNET_OK;
       (*index)++) {
    if (record.path.id[1] != instance) break;
    status = linnet_batch_add_record(part, &record);
  }
  if (status == LINNET_OK) status = linnet__object_check(object, instance, part, mode);
  if (status == LINNET_OK) status = linnet__object_apply(object, instance, part, mode);
  linnet_batch_unref(part);
  return status;
}

static linnet_status rehearse(rehearsal *r, const linnet__command *command) {
  linnet_status status = LINNET_OK;
  if (command->kind == LINNET__BOOTSTRAP_DELETE) rehearse_delete(r, command->path);
  if (command->kind != LINNET__BOOTSTRAP_WRITE || command->path.id[0] >= OBJECTS) return LINNET_OK;
  size_t index = 0, count = linnet_batch_count(command->records);
  while (status == LINNET_OK && index < count) status = rehearse_instance(r, command, &index);
  return status;
}

static const char *uri_fault(const char *uri, size_t length, bool secure, const void *user) {
  (void)user;
  return linnet__uri_fault(uri, length, secure);
}

static linnet_status judge(const rehearsal *r, linnet__buffer *why) {
  enum { SECURITY = 0, SERVER = 1, ACCESS = 2, BOOTSTRAP_SERVER = 1 };
  linnet_object *securities = r->objects[SECURITY], *accesses = r->objects[ACCESS];
  linnet_value value;
  linnet__consistency consistency = {
      .securities = securities,
      .servers = r->objects[SERVER],
      .accesses = linnet_object_instance_count(accesses) > 0 ? accesses : NULL,
      .partial = !r->emptied[SECURITY] || !r->emptied[SERVER],
      .bootstraps = 1, /* the device has one, and may be given another (BS-53) */
      .uri_fault = uri_fault,
  };
  for (size_t i = 0; i < linnet_object_instance_count(securities); i++) {
    linnet_path path =
        linnet_path_resource(SECURITY, linnet_object_instance_at(securities, i), BOOTSTRAP_SERVER);
    bool found = linnet_object_get(securities, path, &value) == LINNET_OK && value.as.boolean;
    consistency.refreshed = consistency.refreshed || found;
  }
  return linnet__consistency_check(&consistency, why);
}

linnet_status linnet__configuration_check(const linnet_configuration *configuration, linnet__buffer *why) {
  rehearsal r = {{NULL}, {false}};
  linnet_status status = LINNET_OK;
  for (uint16_t id = 0; status == LINNET_OK && id < OBJECTS; id++) {
    r.objects[id] = linnet_object_new(configuration->model, id);
    if (r.objects[id] == NULL) status = LINNET_ERROR_NO_MEMORY;
  }
  for (size_t i = 0; status == LINNET_OK && i < configuration->count; i++) {
    status = rehearse(&r, &configuration->commands[i]);
    if (status != LINNET_OK) linnet__print(why, "%s", linnet_error_text(configuration->handle.loop));
  }
  if (status == LINNET_OK) status = judge(&r, why);
  for (size_t i = 0; i < OBJECTS; i++) linnet_object_unref(r.objects[i]);
  return status;
}

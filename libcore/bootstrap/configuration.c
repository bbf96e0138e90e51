/* SPDX-License-Identifier: Apache-2.0 */
/* configuration.c: the commands that a device is sent, put together one by one (digest 6.3 to 6.5). */
#include <string.h>

#include "bootstrap_internal.h"

#define FIRST_ROOM 4

static void destroy(linnet__handle *handle) {
  linnet_configuration *configuration = (linnet_configuration *)(void *)handle;
  linnet_loop *loop = handle->loop;
  for (size_t i = 0; i < configuration->count; i++) linnet_batch_unref(configuration->commands[i].records);
  linnet__free(loop, configuration->commands, configuration->capacity * sizeof *configuration->commands);
  linnet__free(loop, configuration->grants, configuration->grant_capacity * sizeof *configuration->grants);
  linnet_model_unref(configuration->model);
  linnet__handle_free(handle);
}

linnet_configuration *linnet_configuration_new(linnet_model *model) {
  if (model == NULL) return NULL;
  linnet_configuration *configuration =
      linnet__handle_new(linnet_model_loop(model), sizeof *configuration, destroy);
  if (configuration != NULL) configuration->model = linnet_model_ref(model);
  return configuration;
}

linnet_configuration *linnet_configuration_ref(linnet_configuration *configuration) {
  if (configuration != NULL) linnet__handle_ref(&configuration->handle);
  return configuration;
}

void linnet_configuration_unref(linnet_configuration *configuration) {
  if (configuration != NULL) linnet__handle_unref(&configuration->handle);
}

linnet_loop *linnet_configuration_loop(const linnet_configuration *configuration) {
  return configuration == NULL ? NULL : configuration->handle.loop;
}

linnet_status linnet__configuration_open(const linnet_configuration *configuration, const char *call) {
  if (configuration == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  if (!configuration->sealed) return LINNET_OK;
  return linnet__fail(configuration->handle.loop, LINNET_ERROR_WRONG_STATE,
                      "%s: the configuration was given to a device already", call);
}

linnet_status linnet_configuration_set_unchecked(linnet_configuration *configuration) {
  linnet_status status = linnet__configuration_open(configuration, "leave unchecked");
  if (status == LINNET_OK) configuration->unchecked = true;
  return status;
}

linnet_status linnet__configuration_append(linnet_configuration *configuration,
                                           const linnet__command *command) {
  linnet_loop *loop = configuration->handle.loop;
  if (configuration->count == configuration->capacity) {
    size_t room = configuration->capacity == 0 ? FIRST_ROOM : 2 * configuration->capacity;
    linnet__command *commands = linnet__resize(
        loop, configuration->commands, configuration->capacity * sizeof *commands, room * sizeof *commands);
    if (commands == NULL) return linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "configuration: out of memory");
    configuration->commands = commands;
    configuration->capacity = room;
  }
  configuration->commands[configuration->count++] = *command;
  return LINNET_OK;
}

/* A command whose path has at most this depth. */
static linnet_status append_bare(linnet_configuration *configuration, const char *call,
                                 linnet__command_kind kind, linnet_path path, uint8_t depth) {
  char text[LINNET_PATH_TEXT_SIZE];
  linnet_status status = linnet__configuration_open(configuration, call);
  if (status != LINNET_OK) return status;
  if (path.depth > depth || (path.depth > 0 && path.id[path.depth - 1] == LINNET_ID_NONE))
    return linnet__fail(configuration->handle.loop, LINNET_ERROR_INVALID_ARGUMENT, "%s %s: it takes %s", call,
                        linnet_path_text(path, text),
                        depth == 1 ? "/ or an object" : "/, an object or an instance");
  return linnet__configuration_append(configuration, &(linnet__command){.kind = kind, .path = path});
}

linnet_status linnet_configuration_discover(linnet_configuration *configuration, linnet_path path) {
  return append_bare(configuration, "discover", LINNET__BOOTSTRAP_DISCOVER, path, 1);
}

linnet_status linnet_configuration_delete(linnet_configuration *configuration, linnet_path path) {
  return append_bare(configuration, "delete", LINNET__BOOTSTRAP_DELETE, path, 2);
}

/* ---- payloads ------------------------------------------------------------------------------------ */

static linnet_path moved(linnet_path path, const linnet__relocation *relocation) {
  if (relocation != NULL && path.depth > 1 && path.id[0] == 0 && path.id[1] == relocation->from &&
      relocation->from != LINNET_ID_NONE)
    path.id[1] = relocation->to;
  return path;
}

linnet_path linnet__command_path(const linnet__command *command, const linnet__relocation *relocation) {
  return command->kind == LINNET__BOOTSTRAP_WRITE ? moved(command->path, relocation) : command->path;
}

linnet_status linnet__command_encode(const linnet__command *command, const linnet__relocation *relocation,
                                     linnet__buffer *out) {
  linnet_record record;
  linnet__writer writer;
  linnet__writer_begin(&writer, command->format, moved(command->path, relocation), out,
                       linnet_batch_loop(command->records));
  for (size_t i = 0; linnet_batch_record(command->records, i, &record) == LINNET_OK; i++) {
    record.path = moved(record.path, relocation);
    linnet__writer_put(&writer, &record);
  }
  return linnet__writer_end(&writer);
}

/* ---- Write --------------------------------------------------------------------------------------- */

/* Records on their way: views of the caller's, ordered. */
typedef struct draft {
  linnet_configuration *configuration;
  linnet_path path;
  linnet_format format;
  linnet_record *records;
  size_t count;
} draft;

static linnet_status fail(const draft *d, linnet_path path, linnet_status status, const char *why) {
  char text[LINNET_PATH_TEXT_SIZE];
  return linnet__fail(d->configuration->handle.loop, status, "write %s: %s", linnet_path_text(path, text),
                      why);
}

/* Copies the records in the order of their paths, in which they are written. Mostly they come so. */
static linnet_status collect(draft *d, const linnet_batch *batch) {
  for (size_t i = 0; i < d->count; i++) {
    linnet_record record;
    size_t at = i;
    linnet_status status = linnet_batch_record(batch, i, &record);
    if (status != LINNET_OK) return status;
    record.time_s = 0;
    if (!linnet_path_within(record.path, d->path))
      return fail(d, record.path, LINNET_ERROR_MALFORMED, "it is not below the path of the Write");
    for (; at > 0 && linnet_path_compare(d->records[at - 1].path, record.path) > 0; at--)
      d->records[at] = d->records[at - 1];
    if (at > 0 && linnet_path_equal(d->records[at - 1].path, record.path))
      return fail(d, record.path, LINNET_ERROR_MALFORMED, "a value is given twice");
    d->records[at] = record;
  }
  return LINNET_OK;
}

static linnet_format format_of(const draft *d, const linnet_record *first) {
  if (d->format != LINNET_FORMAT_NONE) return d->format;
  if (d->path.depth < 3 || first->path.depth > 3 || first->value.type == LINNET_TYPE_MULTIPLE)
    return LINNET_FORMAT_TLV;
  return first->value.type == LINNET_TYPE_OPAQUE ? LINNET_FORMAT_OPAQUE : LINNET_FORMAT_TEXT;
}

/* Whatever could go wrong with the payload goes wrong now, not when a device asks. */
static linnet_status check_payload(const draft *d, const linnet__command *command) {
  linnet_loop *loop = d->configuration->handle.loop;
  linnet__buffer out;
  linnet__buffer_init(&out, loop, LINNET__BOOTSTRAP_PAYLOAD_LIMIT);
  linnet_status status = linnet__command_encode(command, NULL, &out);
  linnet__buffer_free(&out);
  if (status == LINNET_OK) return status;
  bool malformed = status == LINNET_ERROR_INVALID_ARGUMENT; /* one resource both single and multiple */
  bool explained = malformed || status == LINNET_ERROR_WRONG_TYPE;
  return fail(d, command->path, malformed ? LINNET_ERROR_MALFORMED : status,
              explained ? linnet_error_text(loop) : linnet_status_text(status));
}

/* One Write of `path`, of the records from *index on that lie there. */
static linnet_status append_write(const draft *d, linnet_path path, size_t *index) {
  linnet__command command = {.kind = LINNET__BOOTSTRAP_WRITE,
                             .path = path,
                             .format = format_of(d, &d->records[*index]),
                             .records = linnet_batch_new(d->configuration->handle.loop)};
  linnet_status status = command.records == NULL ? LINNET_ERROR_NO_MEMORY : LINNET_OK;
  for (; *index < d->count && linnet_path_within(d->records[*index].path, path); (*index)++)
    if (status == LINNET_OK) status = linnet_batch_add_record(command.records, &d->records[*index]);
  if (status == LINNET_OK) status = check_payload(d, &command);
  if (status == LINNET_OK) status = linnet__configuration_append(d->configuration, &command);
  if (status != LINNET_OK) linnet_batch_unref(command.records);
  if (status == LINNET_ERROR_NO_MEMORY) return fail(d, path, status, "out of memory");
  return status;
}

/* All of them or none. */
static linnet_status append_writes(const draft *d) {
  linnet_configuration *configuration = d->configuration;
  size_t before = configuration->count, index = 0;
  linnet_status status = LINNET_OK;
  while (status == LINNET_OK && index < d->count) {
    linnet_path path = d->records[index].path;
    path = d->path.depth == 0 ? linnet_path_instance(path.id[0], path.id[1]) : d->path;
    status = append_write(d, path, &index);
  }
  while (status != LINNET_OK && configuration->count > before)
    linnet_batch_unref(configuration->commands[--configuration->count].records);
  return status;
}

linnet_status linnet_configuration_write(linnet_configuration *configuration, linnet_path path,
                                         const linnet_batch *records, linnet_format format) {
  linnet_status status = linnet__configuration_open(configuration, "write");
  if (status != LINNET_OK) return status;
  linnet_loop *loop = configuration->handle.loop;
  draft d = {.configuration = configuration, .path = path, .format = format};
  d.count = records == NULL ? 0 : linnet_batch_count(records);
  if (path.depth > 3)
    return fail(&d, path, LINNET_ERROR_INVALID_ARGUMENT, "a Write is of a resource at most");
  if (d.count == 0) return path.depth == 0 ? LINNET_OK : fail(&d, path, LINNET_ERROR_MALFORMED, "no values");
  size_t size = d.count > SIZE_MAX / sizeof *d.records ? 0 : d.count * sizeof *d.records;
  d.records = size == 0 ? NULL : linnet__new(loop, size);
  if (d.records == NULL) return fail(&d, path, LINNET_ERROR_NO_MEMORY, "out of memory");
  status = collect(&d, records);
  if (status == LINNET_OK) status = linnet__records_check(configuration->model, d.records, d.count);
  if (status == LINNET_OK) status = append_writes(&d);
  linnet__free(loop, d.records, size);
  return status;
}

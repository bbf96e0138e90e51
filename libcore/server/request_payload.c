/* SPDX-License-Identifier: Apache-2.0 */
/* request_payload.c: the records of a Write or Create, checked by the model and put into a format
 * (digest 3.4, 3.7, 7). */
#include <string.h>

#include "server_internal.h"

/* A payload on its way: copies of the records, whose bytes stay the caller's. */
typedef struct payload_plan {
  linnet__registration *registration;
  linnet_operation operation;
  linnet_path path;
  linnet_record *records;
  size_t count;
} payload_plan;

static linnet_status fail(const payload_plan *plan, linnet_path path, linnet_status status, const char *why) {
  return linnet__server_request_fail(plan->registration, plan->operation, path, status, why);
}

static bool model_knows(const linnet_model *model, linnet_path path) {
  if (path.depth >= 3) return linnet_model_resource(model, path) != NULL;
  return linnet_model_find(model, path.id[0]) != NULL;
}

linnet_format linnet__server_request_format(const linnet__registration *registration, linnet_path path) {
  if (model_knows(registration->server->model, path)) return LINNET_FORMAT_TLV;
  return registration->facts->json ? LINNET_FORMAT_JSON : LINNET_FORMAT_TLV;
}

/* Copies the records in the order of their paths: codecs want them grouped. Mostly they come so. */
static linnet_status collect(payload_plan *plan, const linnet_batch *batch) {
  for (size_t i = 0; i < plan->count; i++) {
    linnet_record record;
    size_t at = i;
    linnet_status status = linnet_batch_record(batch, i, &record);
    if (status != LINNET_OK) return status;
    if (!linnet_path_within(record.path, plan->path))
      return fail(plan, record.path, LINNET_ERROR_INVALID_ARGUMENT,
                  "a value is not below the path of the request");
    for (; at > 0 && linnet_path_compare(plan->records[at - 1].path, record.path) > 0; at--)
      plan->records[at] = plan->records[at - 1];
    if (at > 0 && linnet_path_equal(plan->records[at - 1].path, record.path))
      return fail(plan, record.path, LINNET_ERROR_INVALID_ARGUMENT, "a value is given twice");
    plan->records[at] = record;
  }
  return LINNET_OK;
}

/* What encoding needs to know of a value: shape and type. What may be written, and in which range, the device
 * decides. */
static linnet_status check_record(const payload_plan *plan, linnet_record *record) {
  if (record->path.depth < 3) return LINNET_OK;
  const linnet_resource_definition *resource =
      linnet_model_resource(plan->registration->server->model, record->path);
  if (resource == NULL) return LINNET_OK;
  bool multiple = linnet_resource_definition_instances(resource) == LINNET_MULTIPLE;
  bool given_multiple = record->path.depth == 4 || record->value.type == LINNET_TYPE_MULTIPLE;
  if (multiple != given_multiple)
    return fail(
        plan, record->path, LINNET_ERROR_WRONG_TYPE,
        multiple ? "the resource is multiple: values need a resource instance" : "the resource is single");
  if (record->value.type == LINNET_TYPE_MULTIPLE) return LINNET_OK;
  linnet_status status = linnet_value_coerce(&record->value, linnet_resource_definition_type(resource));
  return status == LINNET_OK ? LINNET_OK : fail(plan, record->path, status, NULL);
}

/* DM-66: one instance at a time. DM-63: 65535 leaves its number to the device. */
static linnet_status check_create(const payload_plan *plan) {
  for (size_t i = 0; i < plan->count; i++) {
    linnet_path path = plan->records[i].path;
    if (path.depth < 2 || path.id[1] != plan->records[0].path.id[1])
      return fail(plan, path, LINNET_ERROR_INVALID_ARGUMENT, "one instance is created at a time");
  }
  return LINNET_OK;
}

static linnet_format choose_format(const payload_plan *plan) {
  bool unnamed = plan->operation == LINNET_OPERATION_CREATE &&
                 (plan->count == 0 || plan->records[0].path.id[1] == LINNET_ID_NONE);
  if (unnamed) return LINNET_FORMAT_TLV; /* FMT-25 */
  if (plan->path.depth == 3 && plan->count == 1 && plan->records[0].path.depth == 3) {
    linnet_type type = plan->records[0].value.type;
    if (type != LINNET_TYPE_OPAQUE && type != LINNET_TYPE_MULTIPLE) return LINNET_FORMAT_TEXT;
  }
  for (size_t i = 0; i < plan->count; i++) {
    linnet_format format = linnet__server_request_format(plan->registration, plan->records[i].path);
    if (format != LINNET_FORMAT_TLV) return format;
  }
  return LINNET_FORMAT_TLV;
}

static linnet_status encode(const payload_plan *plan, linnet_format format, linnet__buffer *out) {
  linnet__writer writer;
  linnet_loop *loop = plan->registration->server->handle.loop;
  linnet__writer_begin(&writer, format, plan->path, out, loop);
  for (size_t i = 0; i < plan->count; i++) linnet__writer_put(&writer, &plan->records[i]);
  linnet_status status = linnet__writer_end(&writer);
  if (status == LINNET_OK || status == LINNET_ERROR_NO_MEMORY || status == LINNET_ERROR_TOO_LARGE)
    return status == LINNET_OK ? status : fail(plan, plan->path, status, NULL);
  return fail(plan, plan->path, status, linnet_error_text(loop));
}

linnet_status linnet__server_request_payload(linnet__registration *registration, linnet_operation operation,
                                             linnet_path path, const linnet_batch *records,
                                             linnet_format *format, linnet__buffer *out) {
  linnet_loop *loop = registration->server->handle.loop;
  payload_plan plan = {.registration = registration, .operation = operation, .path = path};
  plan.count = records == NULL ? 0 : linnet_batch_count(records);
  size_t size = (plan.count > 0 ? plan.count : 1) * sizeof *plan.records;
  if (plan.count > SIZE_MAX / sizeof *plan.records || (plan.records = linnet__new(loop, size)) == NULL)
    return fail(&plan, path, LINNET_ERROR_NO_MEMORY, NULL);
  linnet_status status = records == NULL ? LINNET_OK : collect(&plan, records);
  for (size_t i = 0; status == LINNET_OK && i < plan.count; i++)
    status = check_record(&plan, &plan.records[i]);
  if (status == LINNET_OK && operation == LINNET_OPERATION_CREATE) status = check_create(&plan);
  if (status == LINNET_OK && plan.count == 0 && path.depth == 3)
    status = fail(&plan, path, LINNET_ERROR_INVALID_ARGUMENT, "there is no value to write");
  if (status == LINNET_OK && *format == LINNET_FORMAT_NONE) *format = choose_format(&plan);
  if (status == LINNET_OK) status = encode(&plan, *format, out);
  linnet__free(loop, plan.records, size);
  return status;
}

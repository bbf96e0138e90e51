/* SPDX-License-Identifier: Apache-2.0 */
/* configuration.c: what devices are to be given: kept by endpoint name, checked by the model (digest 6.3,
 * 6.6). */
#include <string.h>

#include "bootstrap_internal.h"

/* Of what a program hands over, not of what a peer sends. */
#define PAYLOAD_LIMIT ((size_t)1 << 25)

#define SECURITY_OBJECT 0
#define SECURITY_MODE 2
#define SECURITY_IDENTITY 3
#define SECURITY_SERVER_KEY 4
#define SECURITY_SECRET_KEY 5
/* Objects up to this one consist of nothing but what bootstrap gives. */
#define LAST_WHOLE_OBJECT 2

static const void *endpoint_key(const void *item, size_t *length) {
  const linnet__configuration *configuration = item;
  *length = configuration->endpoint_length;
  return configuration->endpoint;
}

void linnet__configurations_init(linnet_bootstrap *bootstrap) {
  linnet__map_init(&bootstrap->configurations, bootstrap->handle.loop, endpoint_key);
}

static void free_configuration(linnet_loop *loop, linnet__configuration *configuration) {
  if (configuration == NULL) return;
  linnet_batch_unref(configuration->records);
  linnet__free(loop, configuration, configuration->size);
}

void linnet__configurations_free(linnet_bootstrap *bootstrap) {
  linnet__configuration *configuration;
  size_t position = 0;
  while ((configuration = linnet__map_next(&bootstrap->configurations, &position)) != NULL) {
    linnet__map_remove(&bootstrap->configurations, configuration->endpoint, configuration->endpoint_length);
    free_configuration(bootstrap->handle.loop, configuration);
  }
  linnet__map_free(&bootstrap->configurations);
}

bool linnet__bootstrap_endpoint_valid(const char *endpoint, size_t length) {
  return length > 0 && length <= LINNET__BOOTSTRAP_ENDPOINT_SIZE && memchr(endpoint, 0, length) == NULL &&
         linnet__utf8_valid(endpoint, length);
}

const linnet__configuration *linnet__configuration_find(const linnet_bootstrap *bootstrap,
                                                        const char *endpoint, size_t length) {
  return linnet__map_find(&bootstrap->configurations, endpoint, length);
}

/* ---- encoding --------------------------------------------------------------------------------------- */

linnet_status linnet__configuration_encode(const linnet_batch *records, size_t *index, linnet_path *path,
                                           linnet__buffer *out) {
  linnet_record record;
  linnet__writer writer;
  linnet_status status = linnet_batch_record(records, *index, &record);
  if (status != LINNET_OK) return status;
  *path = linnet_path_instance(record.path.id[0], record.path.id[1]);
  linnet__writer_begin(&writer, LINNET_FORMAT_TLV, *path, out, linnet_batch_loop(records));
  for (; linnet_batch_record(records, *index, &record) == LINNET_OK; (*index)++) {
    if (!linnet_path_within(record.path, *path)) break;
    linnet__writer_put(&writer, &record);
  }
  return linnet__writer_end(&writer);
}

/* ---- checks ----------------------------------------------------------------------------------------- */

/* A configuration on its way: views of the caller's records, ordered. */
typedef struct plan {
  linnet_bootstrap *bootstrap;
  const char *endpoint;
  linnet_record *records;
  size_t count;
} plan;

static linnet_status fail(const plan *p, linnet_path path, linnet_status status, const char *why) {
  char text[LINNET_PATH_TEXT_SIZE];
  return linnet__fail(p->bootstrap->handle.loop, status, "configure %n, %s: %s", strlen(p->endpoint),
                      p->endpoint, linnet_path_text(path, text), why);
}

/* Copies the records in the order of their paths, in which they are written. Mostly they come so. */
static linnet_status collect(plan *p, const linnet_batch *batch) {
  for (size_t i = 0; i < p->count; i++) {
    linnet_record record;
    size_t at = i;
    linnet_status status = linnet_batch_record(batch, i, &record);
    if (status != LINNET_OK) return status;
    record.time_s = 0;
    for (; at > 0 && linnet_path_compare(p->records[at - 1].path, record.path) > 0; at--)
      p->records[at] = p->records[at - 1];
    if (at > 0 && linnet_path_equal(p->records[at - 1].path, record.path))
      return fail(p, record.path, LINNET_ERROR_MALFORMED, "a value is given twice");
    p->records[at] = record;
  }
  return LINNET_OK;
}

/* What the model knows of a value: its place, its shape, its type and range. */
static linnet_status check_record(const plan *p, linnet_record *record) {
  linnet_path path = record->path;
  linnet_model *model = p->bootstrap->model;
  const linnet_definition *definition = linnet_model_find(model, path.id[0]);
  const linnet_resource_definition *resource = linnet_model_resource(model, path);
  if (path.depth < 3)
    return fail(p, path, LINNET_ERROR_MALFORMED, "values are of resources or of resource instances");
  for (uint8_t i = 0; i < path.depth; i++)
    if (path.id[i] == LINNET_ID_NONE) return fail(p, path, LINNET_ERROR_MALFORMED, "65535 is no id");
  if (definition != NULL && linnet_definition_instances(definition) == LINNET_SINGLE && path.id[1] != 0)
    return fail(p, path, LINNET_ERROR_MALFORMED, "the only instance of the object is 0");
  if (resource == NULL) return LINNET_OK;
  if ((linnet_resource_definition_operations(resource) & LINNET_OPERATION_EXECUTE) != 0)
    return fail(p, path, LINNET_ERROR_WRONG_TYPE, "the resource is to be executed and has no value");
  bool multiple = linnet_resource_definition_instances(resource) == LINNET_MULTIPLE;
  bool given_multiple = path.depth == 4 || record->value.type == LINNET_TYPE_MULTIPLE;
  if (multiple != given_multiple)
    return fail(
        p, path, LINNET_ERROR_WRONG_TYPE,
        multiple ? "the resource is multiple: values need a resource instance" : "the resource is single");
  if (record->value.type == LINNET_TYPE_MULTIPLE) return LINNET_OK;
  linnet_status status = linnet_resource_definition_check(resource, &record->value);
  return status == LINNET_OK ? LINNET_OK : fail(p, path, status, linnet_status_text(status));
}

/* The value of a resource of the instance that begins at `first`, or NULL. */
static const linnet_value *find_value(const plan *p, size_t first, uint16_t resource) {
  linnet_path instance = p->records[first].path;
  instance.depth = 2;
  for (size_t i = first; i < p->count && linnet_path_within(p->records[i].path, instance); i++)
    if (p->records[i].path.id[2] == resource) return &p->records[i].value;
  return NULL;
}

/* OBJ-10: keys that the security mode does not use may be absent. */
static bool is_unused_key(const plan *p, size_t first, uint16_t resource) {
  if (p->records[first].path.id[0] != SECURITY_OBJECT) return false;
  const linnet_value *mode = find_value(p, first, SECURITY_MODE);
  if (mode == NULL || mode->type != LINNET_TYPE_INTEGER) return false;
  bool is_key = resource == SECURITY_IDENTITY || resource == SECURITY_SECRET_KEY;
  if (resource == SECURITY_SERVER_KEY) return mode->as.integer == 0 || mode->as.integer == 3;
  return is_key && mode->as.integer == 3;
}

/* BS-51: a device would refuse an account of which something is missing, after it has lost all it had. */
static linnet_status check_mandatory(const plan *p, size_t first) {
  linnet_path path = p->records[first].path;
  const linnet_definition *definition = linnet_model_find(p->bootstrap->model, path.id[0]);
  if (path.id[0] > LAST_WHOLE_OBJECT || definition == NULL) return LINNET_OK;
  for (size_t i = 0; i < linnet_definition_count(definition); i++) {
    const linnet_resource_definition *resource = linnet_definition_at(definition, i);
    uint16_t id = linnet_resource_definition_id(resource);
    bool executable = (linnet_resource_definition_operations(resource) & LINNET_OPERATION_EXECUTE) != 0;
    if (linnet_resource_definition_presence(resource) != LINNET_MANDATORY || executable) continue;
    if (find_value(p, first, id) != NULL || is_unused_key(p, first, id)) continue;
    return fail(p, linnet_path_resource(path.id[0], path.id[1], id), LINNET_ERROR_MALFORMED,
                "a mandatory resource is missing");
  }
  return LINNET_OK;
}

static linnet_status check_instances(const plan *p) {
  for (size_t i = 0; i < p->count; i++) {
    linnet_path path = p->records[i].path;
    bool first =
        i == 0 || path.id[0] != p->records[i - 1].path.id[0] || path.id[1] != p->records[i - 1].path.id[1];
    linnet_status status = first ? check_mandatory(p, i) : LINNET_OK;
    if (status != LINNET_OK) return status;
  }
  return LINNET_OK;
}

/* Whatever could go wrong with the payloads goes wrong now, not when a device asks. */
static linnet_status check_payloads(const plan *p, const linnet_batch *records) {
  linnet_loop *loop = p->bootstrap->handle.loop;
  linnet__buffer out;
  linnet_path path = linnet_path_root();
  linnet_status status = LINNET_OK;
  linnet__buffer_init(&out, loop, PAYLOAD_LIMIT);
  for (size_t i = 0; status == LINNET_OK && i < p->count; linnet__buffer_clear(&out))
    status = linnet__configuration_encode(records, &i, &path, &out);
  linnet__buffer_free(&out);
  if (status == LINNET_OK) return status;
  bool malformed = status == LINNET_ERROR_INVALID_ARGUMENT; /* one resource both single and multiple */
  bool explained = malformed || status == LINNET_ERROR_WRONG_TYPE;
  return fail(p, path, malformed ? LINNET_ERROR_MALFORMED : status,
              explained ? linnet_error_text(loop) : linnet_status_text(status));
}

/* ---- the call --------------------------------------------------------------------------------------- */

/* The checked copy, or NULL with *status. */
static linnet_batch *copy_records(const plan *p, linnet_status *status) {
  linnet_batch *copy = linnet_batch_new(p->bootstrap->handle.loop);
  *status = copy == NULL ? LINNET_ERROR_NO_MEMORY : LINNET_OK;
  for (size_t i = 0; *status == LINNET_OK && i < p->count; i++)
    *status = linnet_batch_add_record(copy, &p->records[i]);
  if (*status == LINNET_OK) *status = check_payloads(p, copy);
  if (*status == LINNET_OK) return copy;
  linnet_batch_unref(copy);
  return NULL;
}

static linnet_batch *check(plan *p, const linnet_batch *records, linnet_status *status) {
  linnet_loop *loop = p->bootstrap->handle.loop;
  size_t size = (p->count > 0 ? p->count : 1) * sizeof *p->records;
  linnet_batch *copy = NULL;
  p->records = p->count > SIZE_MAX / sizeof *p->records ? NULL : linnet__new(loop, size);
  if (p->records == NULL) {
    *status = linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "configure: out of memory");
    return NULL;
  }
  *status = collect(p, records);
  for (size_t i = 0; *status == LINNET_OK && i < p->count; i++) *status = check_record(p, &p->records[i]);
  if (*status == LINNET_OK) *status = check_instances(p);
  if (*status == LINNET_OK) copy = copy_records(p, status);
  linnet__free(loop, p->records, size);
  return copy;
}

/* Takes the records in any case. */
static linnet_status keep(linnet_bootstrap *bootstrap, const char *endpoint, linnet_batch *records) {
  linnet_loop *loop = bootstrap->handle.loop;
  size_t length = strlen(endpoint);
  linnet__configuration *former = linnet__map_find(&bootstrap->configurations, endpoint, length);
  if (former != NULL) {
    linnet_batch_unref(former->records);
    former->records = records;
    return LINNET_OK;
  }
  size_t size = sizeof(linnet__configuration) + length + 1;
  linnet__configuration *configuration = linnet__new(loop, size);
  if (configuration == NULL) {
    linnet_batch_unref(records);
    return linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "configure: out of memory");
  }
  configuration->records = records;
  configuration->size = (uint32_t)size;
  configuration->endpoint_length = (uint8_t)length;
  memcpy(configuration->endpoint, endpoint, length + 1);
  if (linnet__map_insert(&bootstrap->configurations, configuration) == LINNET_OK) return LINNET_OK;
  free_configuration(loop, configuration);
  return linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "configure: out of memory");
}

linnet_status linnet_bootstrap_configure(linnet_bootstrap *bootstrap, const char *endpoint,
                                         const linnet_batch *records) {
  if (bootstrap == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = bootstrap->handle.loop;
  if (bootstrap->handle.closed)
    return linnet__fail(loop, LINNET_ERROR_CLOSED, "configure: the bootstrap server is closed");
  if (endpoint == NULL || !linnet__bootstrap_endpoint_valid(endpoint, strlen(endpoint)))
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "configure: an endpoint name is 1 to 252 bytes of UTF-8 (MOD-05)");
  if (records == NULL) {
    free_configuration(loop, linnet__map_remove(&bootstrap->configurations, endpoint, strlen(endpoint)));
    return LINNET_OK;
  }
  linnet_status status;
  plan p = {.bootstrap = bootstrap, .endpoint = endpoint, .count = linnet_batch_count(records)};
  linnet_batch *copy = check(&p, records, &status);
  return copy == NULL ? status : keep(bootstrap, endpoint, copy);
}

size_t linnet_bootstrap_configured(const linnet_bootstrap *bootstrap) {
  return bootstrap == NULL ? 0 : bootstrap->configurations.count;
}

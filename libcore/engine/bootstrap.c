/* SPDX-License-Identifier: Apache-2.0 */
/* bootstrap.c: what a bootstrap-server may do to a client's objects: Write, Delete, Discover (digest 6.2 to
 * 6.5). */
#include <string.h>

#include "engine_internal.h"

enum { SECURITY = 0, SERVER = 1, ACCESS_CONTROL = 2, DEVICE = 3 };
enum { SECURITY_SHORT_SERVER_ID = 10, SERVER_SHORT_SERVER_ID = 0 };

/* One bit for each instance id. */
#define SEEN_SIZE ((UINT16_MAX + 1) / 8)

typedef struct command {
  linnet__engine *engine;
  linnet__transaction *transaction;
  uint16_t account;
  linnet_path path;
  linnet_object *object; /* NULL: the root, or one that is not supported */
  linnet_format format;  /* of a Write */
  const linnet__incoming *request;
} command;

/* The table of 6.2 has fewer codes than that of 3.1. */
static uint8_t code_of(linnet_status status) {
  switch (status) {
    case LINNET_OK:
      return 0;
    case LINNET_ERROR_NO_MEMORY:
      return LINNET__INTERNAL_SERVER_ERROR;
    case LINNET_ERROR_TOO_LARGE:
      return LINNET__REQUEST_ENTITY_TOO_LARGE;
    default:
      return LINNET__BAD_REQUEST;
  }
}

/* ---- what is asked ------------------------------------------------------------------------------- */

static uint8_t check_write(command *c) {
  if (c->path.depth == 0 || c->path.depth > 3) return LINNET__BAD_REQUEST;
  if (c->object == NULL) return LINNET__BAD_REQUEST; /* BS-24 */
  if (c->request->content_format < 0) return LINNET__BAD_REQUEST;
  c->format = linnet__format_of_number((unsigned)c->request->content_format);
  bool many = c->format == LINNET_FORMAT_TLV || c->format == LINNET_FORMAT_JSON;
  if (!linnet__format_has_records(c->format) || (c->path.depth < 3 && !many))
    return LINNET__UNSUPPORTED_CONTENT_FORMAT;
  return 0;
}

static uint8_t check_discover(const command *c) {
  if (c->path.depth > 1) return LINNET__BAD_REQUEST; /* BS-41 */
  if (c->path.depth == 1 && c->object == NULL) return LINNET__NOT_FOUND;
  if (c->request->accept >= 0 && c->request->accept != LINNET_FORMAT_LINK) return LINNET__NOT_ACCEPTABLE;
  return 0;
}

static uint8_t prepare(command *c) {
  if (linnet__incoming_path(c->request, 0, &c->path) != LINNET_OK) return LINNET__BAD_REQUEST;
  if (c->path.depth > 0) c->object = linnet__engine_object(c->engine, c->path.id[0]);
  switch (c->request->code) {
    case LINNET__PUT:
      return check_write(c);
    case LINNET__GET:
      return check_discover(c);
    case LINNET__DELETE:
      return c->path.depth > 2 ? LINNET__BAD_REQUEST : 0; /* BS-32 */
    default:
      return LINNET__METHOD_NOT_ALLOWED;
  }
}

uint8_t linnet__engine_bootstrap_precheck(const linnet__engine *engine, const linnet__incoming *request) {
  command c = {.engine = (linnet__engine *)(uintptr_t)engine, .request = request};
  return prepare(&c);
}

/* ---- Write --------------------------------------------------------------------------------------- */

static linnet_status store(const command *c, uint16_t instance, linnet_batch *records,
                           linnet__apply_mode mode) {
  linnet_status status = linnet__object_check(c->object, instance, records, mode);
  return status == LINNET_OK ? linnet__object_apply(c->object, instance, records, mode) : status;
}

/* BS-21: the records from *index on that are of one instance, as a Write of that instance. */
static linnet_status store_next(const command *c, const linnet_batch *records, size_t *index, uint8_t *seen) {
  linnet_record record;
  linnet_batch_record(records, *index, &record);
  uint16_t given = record.path.id[1], instance = given;
  bool wrapped = record.path.depth > 1 && given != LINNET_ID_NONE;
  if (!wrapped && linnet_definition_instances(c->object->definition) == LINNET_MULTIPLE)
    return LINNET_ERROR_MALFORMED;
  if (!wrapped) instance = 0;
  if ((seen[instance / 8] >> instance % 8 & 1) != 0) return LINNET_ERROR_MALFORMED;
  seen[instance / 8] |= (uint8_t)(1u << instance % 8);
  linnet_batch *part = linnet_batch_new(c->engine->loop);
  if (part == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_status status = LINNET_OK;
  for (; status == LINNET_OK && linnet_batch_record(records, *index, &record) == LINNET_OK; (*index)++) {
    if (record.path.id[1] != given) break;
    status = linnet_batch_add_record(part, &record);
  }
  if (status == LINNET_OK) status = store(c, instance, part, LINNET__APPLY_BOOTSTRAP_INSTANCE);
  linnet_batch_unref(part);
  return status;
}

/* All of them or none. */
static linnet_status store_instances(const command *c, const linnet_batch *records) {
  linnet_loop *loop = c->engine->loop;
  linnet__snapshot before;
  uint8_t *seen = linnet__new(loop, SEEN_SIZE);
  if (seen == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_status status = linnet__snapshot_take(&before, c->object);
  if (status == LINNET_OK) {
    size_t index = 0, count = linnet_batch_count(records);
    while (status == LINNET_OK && index < count) status = store_next(c, records, &index, seen);
    if (status == LINNET_OK)
      linnet__snapshot_free(loop, &before);
    else
      linnet__snapshot_restore(&before, c->object);
  }
  linnet__free(loop, seen, SEEN_SIZE);
  return status;
}

linnet_status linnet__engine_provide(linnet__engine *engine, linnet__transaction *transaction,
                                     linnet_object *object, const linnet_batch *records) {
  const command c = {.engine = engine, .transaction = transaction, .object = object};
  linnet_status status = linnet__transaction_touch(transaction, object);
  return status == LINNET_OK ? store_instances(&c, records) : status;
}

static uint8_t write_values(const command *c) {
  linnet_batch *records = linnet_batch_new(c->engine->loop);
  if (records == NULL) return LINNET__INTERNAL_SERVER_ERROR;
  linnet_status status =
      linnet__decode(records, c->format, c->path, c->request->payload, c->request->payload_length,
                     linnet__definition_schema(c->object->definition));
  if (status == LINNET_OK) status = linnet__transaction_touch(c->transaction, c->object);
  if (status == LINNET_OK && c->path.depth == 1)
    status = store_instances(c, records);
  else if (status == LINNET_OK)
    status = store(c, c->path.id[1], records,
                   c->path.depth == 2 ? LINNET__APPLY_BOOTSTRAP_INSTANCE : LINNET__APPLY_BOOTSTRAP_RESOURCE);
  linnet_batch_unref(records);
  return code_of(status);
}

/* ---- Delete -------------------------------------------------------------------------------------- */

/*
 * BS-30: the account of the bootstrap-server and Device stay; and so do instances of which the application
 * has not said that a server may delete them: they are what the device is, not what it was given.
 */
static bool survives(const command *c, const linnet_object *object, uint16_t instance) {
  uint16_t id = linnet_object_id(object);
  if (id == SECURITY) return instance == c->account;
  if (id == SERVER || id == ACCESS_CONTROL) return false;
  return id == DEVICE || (object->allows & LINNET_OPERATION_DELETE) == 0;
}

/* BS-33: the instance of object 1 goes with that of object 0. */
static linnet_status remove_partner(const command *c, int64_t short_server_id) {
  linnet_object *servers = linnet__engine_object(c->engine, SERVER);
  if (short_server_id < 0 || servers == NULL) return LINNET_OK;
  for (size_t i = 0; i < linnet_object_instance_count(servers); i++) {
    uint16_t instance = linnet_object_instance_at(servers, i);
    if (linnet__object_integer(servers, instance, SERVER_SHORT_SERVER_ID, -1) != short_server_id) continue;
    linnet_status status = linnet__transaction_touch(c->transaction, servers);
    if (status == LINNET_OK) linnet_object_remove_instance(servers, instance);
    return status;
  }
  return LINNET_OK;
}

static linnet_status remove_instance(const command *c, linnet_object *object, uint16_t instance) {
  linnet_status status = linnet__transaction_touch(c->transaction, object);
  if (status == LINNET_OK && linnet_object_id(object) == SECURITY)
    status = remove_partner(c, linnet__object_integer(object, instance, SECURITY_SHORT_SERVER_ID, -1));
  if (status == LINNET_OK) linnet_object_remove_instance(object, instance);
  if (status == LINNET_OK) object->listed = true;
  return status;
}

static linnet_status remove_all(const command *c, linnet_object *object) {
  linnet_status status = LINNET_OK;
  for (size_t i = linnet_object_instance_count(object); status == LINNET_OK && i-- > 0;) {
    uint16_t instance = linnet_object_instance_at(object, i);
    if (!survives(c, object, instance)) status = remove_instance(c, object, instance);
  }
  return status;
}

/* BS-32: what is not there is deleted. */
static uint8_t delete_instances(const command *c) {
  linnet_status status = LINNET_OK;
  if (c->path.depth == 0) {
    for (size_t i = 0; status == LINNET_OK && i < c->engine->count; i++)
      status = remove_all(c, c->engine->objects[i].served->object);
    return code_of(status);
  }
  if (c->object == NULL) return 0;
  if (c->path.depth == 1) return code_of(remove_all(c, c->object));
  if (!linnet_object_has_instance(c->object, c->path.id[1])) return 0;
  if (survives(c, c->object, c->path.id[1])) return LINNET__BAD_REQUEST; /* BS-31 */
  return code_of(remove_instance(c, c->object, c->path.id[1]));
}

/* ---- Discover ------------------------------------------------------------------------------------ */

static void put_short_server_id(linnet__buffer *out, const linnet_object *object, uint16_t instance) {
  char text[LINNET__INTEGER_TEXT_SIZE + 1];
  int64_t number = -1;
  if (linnet_object_id(object) == SECURITY)
    number = linnet__object_integer(object, instance, SECURITY_SHORT_SERVER_ID, -1);
  if (linnet_object_id(object) == SERVER)
    number = linnet__object_integer(object, instance, SERVER_SHORT_SERVER_ID, -1);
  if (number < 0) return;
  text[linnet__format_unsigned((uint64_t)number, text)] = 0;
  linnet__link_put_parameter(out, "ssid", text);
}

static void put_object(const command *c, linnet__buffer *out, const linnet_object *object) {
  uint16_t id = linnet_object_id(object);
  size_t count = linnet_object_instance_count(object);
  bool announces = linnet__definition_announces_version(object->definition);
  if (announces || count == 0) linnet__link_put(out, 0, "", linnet_path_object(id));
  if (announces) linnet__link_put_quoted(out, "ver", linnet_definition_version(object->definition));
  for (size_t i = 0; i < count; i++) {
    uint16_t instance = linnet_object_instance_at(object, i);
    linnet__link_put(out, 0, "", linnet_path_instance(id, instance));
    if (id != SECURITY || instance != c->account) put_short_server_id(out, object, instance);
  }
}

/* BS-40, BS-41. */
static uint8_t discover(const command *c, linnet__response *response) {
  linnet__buffer *out = response->payload;
  linnet__buffer_append_text(out, "lwm2m=\"1.0\"");
  if (c->object != NULL) put_object(c, out, c->object);
  for (size_t i = 0; c->path.depth == 0 && i < c->engine->count; i++)
    put_object(c, out, c->engine->objects[i].served->object);
  response->content_format = LINNET_FORMAT_LINK;
  return out->failed == LINNET_OK ? 0 : LINNET__INTERNAL_SERVER_ERROR;
}

void linnet__engine_bootstrap(linnet__engine *engine, linnet__transaction *transaction, uint16_t account,
                              const linnet__incoming *request, linnet__response *response) {
  command c = {.engine = engine, .transaction = transaction, .account = account, .request = request};
  uint8_t code = prepare(&c);
  if (code == 0 && request->code == LINNET__PUT) {
    response->code = LINNET__CHANGED;
    code = write_values(&c);
  } else if (code == 0 && request->code == LINNET__DELETE) {
    response->code = LINNET__DELETED;
    code = delete_instances(&c);
  } else if (code == 0) {
    response->code = LINNET__CONTENT;
    code = discover(&c, response);
  }
  if (code == 0) return;
  linnet__buffer_clear(response->payload);
  response->content_format = -1;
  response->code = code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* access.c: object 2 for a device with several servers, made from owners and rights (digest 8; ACL-02,
 * ACL-03).
 */
#include <string.h>

#include "bootstrap_internal.h"

enum { SECURITY = 0, SERVER = 1, CONTROLS = 2, DEVICE = 3 };
enum { OBJECT_ID = 0, INSTANCE_ID = 1, ACL = 2, OWNER = 3 };
enum { SERVER_ID = 0 };
/* Of what only bootstrap may manage. */
#define NO_OWNER 65535
#define SHORT_SERVER_ID_LAST 65534
#define FIRST_ROOM 4
#define INSTANCE_RIGHTS \
  (LINNET_ACCESS_READ | LINNET_ACCESS_WRITE | LINNET_ACCESS_EXECUTE | LINNET_ACCESS_DELETE)

/* ---- what is said -------------------------------------------------------------------------------- */

static linnet_status fail(const linnet_configuration *configuration, linnet_path path, const char *why) {
  char text[LINNET_PATH_TEXT_SIZE];
  return linnet__fail(configuration->handle.loop, LINNET_ERROR_INVALID_ARGUMENT, "access to %s: %s",
                      linnet_path_text(path, text), why);
}

static linnet_status check(const linnet_configuration *configuration, linnet_path path, uint16_t server) {
  linnet_status status = linnet__configuration_open(configuration, "set access");
  if (status != LINNET_OK) return status;
  if (path.depth < 1 || path.depth > 2 || path.id[0] == SECURITY || path.id[0] == CONTROLS ||
      path.id[path.depth - 1] == LINNET_ID_NONE)
    return fail(configuration, path, "it is of an object, or of an instance of one other than 0 and 2");
  if (server > SHORT_SERVER_ID_LAST) return fail(configuration, path, "a Short Server ID is 1 to 65534");
  return LINNET_OK;
}

/* In place of what was said before. */
static linnet_status say(linnet_configuration *configuration, const linnet__grant *said) {
  linnet_loop *loop = configuration->handle.loop;
  for (size_t i = 0; i < configuration->grant_count; i++) {
    linnet__grant *grant = &configuration->grants[i];
    bool same = linnet_path_equal(grant->target, said->target) && grant->owner == said->owner;
    if (!same || (!said->owner && grant->server != said->server)) continue;
    *grant = *said;
    return LINNET_OK;
  }
  if (configuration->grant_count == configuration->grant_capacity) {
    size_t room = configuration->grant_capacity == 0 ? FIRST_ROOM : 2 * configuration->grant_capacity;
    linnet__grant *grants = linnet__resize(
        loop, configuration->grants, configuration->grant_capacity * sizeof *grants, room * sizeof *grants);
    if (grants == NULL) return linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "access: out of memory");
    configuration->grants = grants;
    configuration->grant_capacity = room;
  }
  configuration->grants[configuration->grant_count++] = *said;
  return LINNET_OK;
}

linnet_status linnet_configuration_set_access(linnet_configuration *configuration, linnet_path path,
                                              uint16_t short_server_id, unsigned access) {
  linnet_status status = check(configuration, path, short_server_id);
  if (status != LINNET_OK) return status;
  if (path.depth == 1 && (short_server_id == 0 || (access & ~(unsigned)LINNET_ACCESS_CREATE) != 0))
    return fail(configuration, path, "of an object one server can have the right to Create");
  if (path.depth == 2 && (access & ~(unsigned)INSTANCE_RIGHTS) != 0)
    return fail(configuration, path,
                "of an instance there are the rights to Read, Write, Execute and Delete");
  return say(configuration,
             &(linnet__grant){.target = path, .server = short_server_id, .access = (uint16_t)access});
}

linnet_status linnet_configuration_set_owner(linnet_configuration *configuration, linnet_path path,
                                             uint16_t short_server_id) {
  linnet_status status = check(configuration, path, short_server_id);
  if (status != LINNET_OK) return status;
  if (path.depth == 1) return fail(configuration, path, "an object itself has no owner"); /* ACL-03 */
  return say(configuration, &(linnet__grant){.target = path, .server = short_server_id, .owner = true});
}

/* ---- what it is about ---------------------------------------------------------------------------- */

/* The instances, and the objects, that get an instance of object 2 each. */
typedef struct targets {
  linnet_path *paths; /* ordered */
  size_t count;
  size_t room;
  size_t servers;        /* accounts in object 1 */
  uint16_t first_server; /* the Short Server ID of the first of them */
} targets;

static void add_target(targets *t, linnet_path path) {
  size_t at = t->count;
  for (size_t i = 0; i < t->count; i++)
    if (linnet_path_equal(t->paths[i], path)) return;
  for (; at > 0 && linnet_path_compare(t->paths[at - 1], path) > 0; at--) t->paths[at] = t->paths[at - 1];
  t->paths[at] = path;
  t->count++;
}

static size_t count_records(const linnet_configuration *configuration) {
  size_t count = 0;
  for (size_t i = 0; i < configuration->count; i++)
    if (configuration->commands[i].records != NULL)
      count += linnet_batch_count(configuration->commands[i].records);
  return count;
}

static void add_written(targets *t, const linnet_batch *records) {
  linnet_record record;
  for (size_t i = 0; linnet_batch_record(records, i, &record) == LINNET_OK; i++) {
    linnet_path path = linnet_path_instance(record.path.id[0], record.path.id[1]);
    if (path.id[0] != SECURITY && path.id[0] != CONTROLS) add_target(t, path);
  }
}

/* The Short Server ID of an instance of object 1, or NO_OWNER. */
static uint16_t server_of(const linnet_configuration *configuration, linnet_path instance) {
  linnet_value value;
  linnet_path path = linnet_path_resource(SERVER, instance.id[1], SERVER_ID);
  for (size_t i = configuration->count; instance.id[0] == SERVER && i-- > 0;) {
    const linnet_batch *records = configuration->commands[i].records;
    if (records != NULL && linnet_batch_find(records, path, &value) == LINNET_OK)
      return (uint16_t)value.as.integer;
  }
  return NO_OWNER;
}

static void collect(targets *t, const linnet_configuration *configuration) {
  t->first_server = NO_OWNER;
  add_target(t, linnet_path_instance(DEVICE, 0)); /* every device has it */
  for (size_t i = 0; i < configuration->count; i++)
    if (configuration->commands[i].records != NULL) add_written(t, configuration->commands[i].records);
  for (size_t i = 0; i < configuration->grant_count; i++) add_target(t, configuration->grants[i].target);
  for (size_t i = 0; i < t->count; i++) {
    uint16_t server = server_of(configuration, t->paths[i]);
    if (server == NO_OWNER) continue;
    if (t->servers++ == 0) t->first_server = server;
  }
}

/* An instance of object 2 that is written by hand keeps its number. */
static bool is_written(const linnet_configuration *configuration, uint16_t control) {
  linnet_record record;
  for (size_t i = 0; i < configuration->count; i++) {
    const linnet_batch *records = configuration->commands[i].records;
    for (size_t at = 0; records != NULL && linnet_batch_record(records, at, &record) == LINNET_OK; at++)
      if (record.path.id[0] == CONTROLS && record.path.id[1] == control) return true;
  }
  return false;
}

/* ---- what is written ----------------------------------------------------------------------------- */

static uint16_t owner_of(const linnet_configuration *configuration, const targets *t, linnet_path target) {
  if (target.depth == 1) return NO_OWNER; /* ACL-03 */
  for (size_t i = 0; i < configuration->grant_count; i++) {
    const linnet__grant *grant = &configuration->grants[i];
    if (grant->owner && linnet_path_equal(grant->target, target))
      return grant->server != 0 ? grant->server : NO_OWNER;
  }
  uint16_t own = server_of(configuration, target);
  return own != NO_OWNER ? own : t->first_server;
}

static linnet_status add(linnet_batch *batch, linnet_path path, uint16_t number) {
  linnet_value value = linnet_value_integer(number);
  return linnet_batch_add(batch, path, &value);
}

static linnet_status add_control(const linnet_configuration *configuration, const targets *t,
                                 linnet_path target, uint16_t control, linnet_batch *batch) {
  uint16_t instance = target.depth > 1 ? target.id[1] : LINNET_ID_NONE;
  linnet_status status = add(batch, linnet_path_resource(CONTROLS, control, OBJECT_ID), target.id[0]);
  if (status == LINNET_OK)
    status = add(batch, linnet_path_resource(CONTROLS, control, INSTANCE_ID), instance);
  for (size_t i = 0; status == LINNET_OK && i < configuration->grant_count; i++) {
    const linnet__grant *grant = &configuration->grants[i];
    if (!grant->owner && linnet_path_equal(grant->target, target))
      status =
          add(batch, linnet_path_resource_instance(CONTROLS, control, ACL, grant->server), grant->access);
  }
  if (status != LINNET_OK) return status;
  return add(batch, linnet_path_resource(CONTROLS, control, OWNER), owner_of(configuration, t, target));
}

static linnet_status write_controls(linnet_configuration *configuration, const targets *t) {
  linnet_batch *batch = linnet_batch_new(configuration->handle.loop);
  linnet_status status = batch == NULL ? LINNET_ERROR_NO_MEMORY : LINNET_OK;
  uint16_t control = 0;
  for (size_t i = 0; status == LINNET_OK && i < t->count; i++, control++) {
    while (is_written(configuration, control)) control++;
    status = add_control(configuration, t, t->paths[i], control, batch);
  }
  if (status == LINNET_OK)
    status = linnet_configuration_write(configuration, linnet_path_root(), batch, LINNET_FORMAT_NONE);
  else
    linnet__fail(configuration->handle.loop, status, "access: out of memory");
  linnet_batch_unref(batch);
  return status;
}

linnet_status linnet_configuration_control(linnet_configuration *configuration) {
  linnet_status status = linnet__configuration_open(configuration, "control access");
  if (status != LINNET_OK) return status;
  linnet_loop *loop = configuration->handle.loop;
  targets t = {.room = 1 + count_records(configuration) + configuration->grant_count};
  t.paths = linnet__new(loop, t.room * sizeof *t.paths);
  if (t.paths == NULL) return linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "access: out of memory");
  collect(&t, configuration);
  if (t.servers > 1 || configuration->grant_count > 0) status = write_controls(configuration, &t);
  linnet__free(loop, t.paths, t.room * sizeof *t.paths);
  return status;
}

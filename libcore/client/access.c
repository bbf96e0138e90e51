/* SPDX-License-Identifier: Apache-2.0 */
/* access.c: object 2, Access Control: who may do what to which instance (digest 8, BS-33). */
#include "client_internal.h"

enum { CONTROLS = 2 };
enum { OBJECT_ID = 0, INSTANCE_ID = 1, ACL = 2, OWNER = 3 };
/* Of a server without an entry, and of what only bootstrap may manage. */
enum { EVERY_SERVER = 0, NO_OWNER = 65535 };
enum {
  OWNER_RIGHTS = LINNET_ACCESS_READ | LINNET_ACCESS_WRITE | LINNET_ACCESS_EXECUTE | LINNET_ACCESS_DELETE,
  ALL_RIGHTS = OWNER_RIGHTS | LINNET_ACCESS_CREATE
};

/* ---- what is stored ------------------------------------------------------------------------------ */

/* Of object 2, where all are of 16 bits; -1: there is no such value. */
static int32_t number(const linnet__instance *control, uint16_t resource, uint16_t index) {
  const linnet__resource *found = linnet__instance_resource(control, resource);
  const linnet_value *value = found != NULL ? linnet__resource_value(found, index) : NULL;
  return value != NULL ? (int32_t)value->as.integer : -1;
}

/* The Access Control instance of /object/instance, or NULL. `instance` 65535: of the object itself (ACL-03).
 */
static const linnet__instance *find(const linnet_object *controls, uint16_t object, uint16_t instance) {
  for (size_t i = 0; controls != NULL && i < controls->count; i++) {
    const linnet__instance *control = &controls->instances[i];
    if (number(control, OBJECT_ID, 0) == object && number(control, INSTANCE_ID, 0) == instance)
      return control;
  }
  return NULL;
}

static unsigned rights_in(const linnet__instance *control, uint16_t server) {
  int32_t entry = number(control, ACL, server);
  if (entry >= 0) return (unsigned)entry & OWNER_RIGHTS; /* ACL-11: C has no meaning here */
  if (number(control, OWNER, 0) == server) return OWNER_RIGHTS;
  entry = number(control, ACL, EVERY_SERVER);
  return entry >= 0 ? (unsigned)entry & OWNER_RIGHTS : 0;
}

static linnet_object *controls_of(const linnet_client *client) {
  return linnet__engine_object(client->engine, CONTROLS);
}

/* ---- the decision -------------------------------------------------------------------------------- */

/* ACL-01. */
static bool is_consulted(const linnet_client *client) {
  const linnet__list *accounts = &client->accounts;
  return accounts->next->next != accounts;
}

/* ACL-03. */
static bool may_create(const linnet_object *controls, uint16_t server, uint16_t object) {
  const linnet__instance *control = find(controls, object, LINNET_ID_NONE);
  if (control == NULL || number(control, OWNER, 0) != NO_OWNER) return false;
  int32_t entry = number(control, ACL, server);
  return entry >= 0 && (entry & LINNET_ACCESS_CREATE) != 0;
}

/* What object 2 itself lets a server do (`acl_object` of section 8; ACL-11). */
static unsigned rights_on_controls(const linnet_object *controls, uint16_t server, uint16_t instance) {
  const linnet__instance *control = controls != NULL ? linnet__object_instance(controls, instance) : NULL;
  bool owns = control != NULL && number(control, OWNER, 0) == server;
  return owns ? LINNET_ACCESS_READ | LINNET_ACCESS_WRITE : LINNET_ACCESS_READ;
}

static unsigned rights(const linnet_client *client, uint16_t server, linnet_path path) {
  const linnet_object *controls = controls_of(client);
  if (path.id[0] == 0) return 0; /* AMB-14 */
  if (!is_consulted(client)) return ALL_RIGHTS;
  if (path.depth < 2) return may_create(controls, server, path.id[0]) ? LINNET_ACCESS_CREATE : 0;
  if (path.id[0] == CONTROLS) return rights_on_controls(controls, server, path.id[1]);
  const linnet__instance *control = find(controls, path.id[0], path.id[1]);
  return control != NULL ? rights_in(control, server) : 0; /* AMB-13 */
}

uint8_t linnet__access_authorize(const linnet_client *client, const linnet__requester *requester,
                                 linnet_operation operation, linnet_path path) {
  static const struct {
    unsigned operations;
    unsigned right;
  } needs[] = {{LINNET_OPERATION_READ | LINNET_OPERATION_OBSERVE | LINNET_OPERATION_CANCEL |
                    LINNET_OPERATION_WRITE_ATTRIBUTES,
                LINNET_ACCESS_READ},
               {LINNET_OPERATION_WRITE | LINNET_OPERATION_UPDATE, LINNET_ACCESS_WRITE},
               {LINNET_OPERATION_EXECUTE, LINNET_ACCESS_EXECUTE},
               {LINNET_OPERATION_DELETE, LINNET_ACCESS_DELETE},
               {LINNET_OPERATION_CREATE, LINNET_ACCESS_CREATE}};
  if (operation == LINNET_OPERATION_DISCOVER || !is_consulted(client)) return 0;
  /* Of an object: each instance is looked at when it is read. */
  if (path.depth < 2 && operation != LINNET_OPERATION_CREATE) return 0;
  unsigned granted = rights(client, requester->short_server_id, path);
  for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
    if ((needs[i].operations & (unsigned)operation) != 0 && (needs[i].right & granted) != 0) return 0;
  return LINNET__UNAUTHORIZED; /* ACL-04 */
}

/* ---- upkeep -------------------------------------------------------------------------------------- */

linnet_status linnet__access_require(linnet_client *client) {
  if (controls_of(client) != NULL) return LINNET_OK;
  linnet_object *object = linnet_object_new(client->model, CONTROLS);
  if (object == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_status status = linnet__engine_add_object(client->engine, object);
  linnet_object_unref(object);
  return status;
}

void linnet__access_look(const linnet_client *client) {
  const linnet_object *controls = controls_of(client);
  if (!is_consulted(client) || (controls != NULL && controls->count > 0)) return;
  linnet__log(client->handle.loop, LINNET_LOG_WARNING,
              "client \"%s\" has several servers, and none was given a right to anything (object 2)",
              client->endpoint);
}

static linnet_path entry(uint16_t control, uint16_t server) {
  return linnet_path_resource_instance(CONTROLS, control, ACL, server);
}

/* The Access Control instance of `target` (an instance, or the object itself), made if there is none. */
static linnet_status require_control(linnet_client *client, linnet_path target, uint16_t *control) {
  linnet_status status = linnet__access_require(client);
  if (status != LINNET_OK) return status;
  linnet_object *controls = controls_of(client);
  uint16_t instance = target.depth > 1 ? target.id[1] : LINNET_ID_NONE;
  const linnet__instance *found = find(controls, target.id[0], instance);
  if (found != NULL) {
    *control = found->id;
    return LINNET_OK;
  }
  uint16_t id = linnet__client_free_instance(controls);
  const uint16_t values[][2] = {{OBJECT_ID, target.id[0]}, {INSTANCE_ID, instance}, {OWNER, NO_OWNER}};
  status = linnet_object_add_instance(controls, id);
  if (status != LINNET_OK) return status;
  for (size_t i = 0; status == LINNET_OK && i < sizeof values / sizeof values[0]; i++)
    status = linnet__object_set_integer(controls, id, values[i][0], values[i][1]);
  if (status != LINNET_OK) linnet_object_remove_instance(controls, id);
  *control = id;
  return status;
}

linnet_status linnet__access_created(linnet_client *client, const linnet__requester *requester,
                                     linnet_path path) {
  uint16_t control;
  if (!is_consulted(client) && controls_of(client) == NULL) return LINNET_OK; /* ACL-01 */
  linnet_status status = require_control(client, path, &control);
  if (status != LINNET_OK) return status;
  linnet_object *controls = controls_of(client);
  /* ACL-10: no entry of its own, so that the owner has all rights. */
  status = linnet__object_set_integer(controls, control, OWNER, requester->short_server_id);
  linnet_path own = entry(control, requester->short_server_id);
  if (status == LINNET_OK && linnet_object_has(controls, own)) linnet_object_unset(controls, own);
  return status;
}

void linnet__access_deleted(linnet_client *client, linnet_path path) {
  linnet_object *controls = controls_of(client);
  const linnet__instance *control = find(controls, path.id[0], path.id[1]);
  if (control != NULL) linnet_object_remove_instance(controls, control->id); /* ACL-13 */
}

/* ---- an account goes (BS-33) --------------------------------------------------------------------- */

/* The other account that has most to say: Write counts 1, Delete counts 1. NO_OWNER: there is no other. */
static uint16_t heir(const linnet_client *client, const linnet__instance *control, uint16_t leaving) {
  uint16_t best = NO_OWNER;
  unsigned most = 0;
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    uint16_t server = LINNET__CONTAINER(node, linnet__account, node)->requester.short_server_id;
    if (server == leaving) continue;
    unsigned granted = rights_in(control, server);
    unsigned sum = 1;
    if ((granted & LINNET_ACCESS_WRITE) != 0) sum++;
    if ((granted & LINNET_ACCESS_DELETE) != 0) sum++;
    if (sum <= most) continue;
    most = sum;
    best = server;
  }
  return best;
}

static bool others_have_access(const linnet_client *client, const linnet__instance *control,
                               uint16_t leaving) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    uint16_t server = LINNET__CONTAINER(node, linnet__account, node)->requester.short_server_id;
    if (server != leaving && rights_in(control, server) != 0) return true;
  }
  return false;
}

/* What a server may delete in all, it may leave behind; what the device is made of stays. */
static void delete_orphan(linnet_client *client, linnet__account *account, linnet_path path) {
  linnet_object *object = linnet__engine_object(client->engine, path.id[0]);
  if (object == NULL || (object->allows & LINNET_OPERATION_DELETE) == 0) return;
  if (linnet_object_remove_instance(object, path.id[1]) != LINNET_OK) return;
  linnet_event *event = linnet__client_event(client, LINNET_EVENT_DELETED, LINNET_OK, NULL);
  if (event != NULL) {
    event->path = path;
    event->operation = LINNET_OPERATION_DELETE;
    event->registration = account->requester.short_server_id;
  }
  linnet__event_emit(client->handle.loop, event);
}

/* False: the instance has gone, the next one has its place. */
static bool leave(linnet_client *client, linnet__account *account, linnet_object *controls, size_t index) {
  const linnet__instance *control = &controls->instances[index];
  uint16_t server = account->requester.short_server_id, id = control->id;
  int32_t object = number(control, OBJECT_ID, 0), instance = number(control, INSTANCE_ID, 0);
  bool of_object = instance == LINNET_ID_NONE;
  if (object < 0 || instance < 0) return true;
  if (!of_object && rights_in(control, server) != 0 && !others_have_access(client, control, server)) {
    linnet_path path = linnet_path_instance((uint16_t)object, (uint16_t)instance);
    linnet_object_remove_instance(controls, id);
    delete_orphan(client, account, path);
    return false;
  }
  if (number(control, OWNER, 0) == server)
    linnet__object_set_integer(controls, id, OWNER, heir(client, control, server));
  if (number(control, ACL, server) >= 0) linnet_object_unset(controls, entry(id, server));
  return true;
}

void linnet__access_leave(linnet_client *client, linnet__account *account) {
  linnet_object *controls = controls_of(client);
  for (size_t i = 0; controls != NULL && i < controls->count;)
    if (leave(client, account, controls, i)) i++;
}

/* ---- what the application says ------------------------------------------------------------------- */

static linnet_status fail(const linnet_client *client, linnet_status status, const char *reason) {
  return linnet__fail(client->handle.loop, status, "access to objects of \"%s\": %s", client->endpoint,
                      reason);
}

static linnet_status check(const linnet_client *client, linnet_path path, uint16_t server) {
  if (client->handle.closed) return fail(client, LINNET_ERROR_CLOSED, "it is closed");
  if (path.depth < 1 || path.depth > 2 || path.id[0] == 0 || path.id[0] == CONTROLS ||
      path.id[0] == LINNET_ID_NONE || (path.depth == 2 && path.id[1] == LINNET_ID_NONE))
    return fail(client, LINNET_ERROR_INVALID_ARGUMENT,
                "the path names an object, or an instance of one other than 0 and 2");
  if (server == LINNET_ID_NONE)
    return fail(client, LINNET_ERROR_INVALID_ARGUMENT, "a Short Server ID is from 1 to 65534");
  return LINNET_OK;
}

linnet_status linnet_client_set_access(linnet_client *client, linnet_path path, uint16_t short_server_id,
                                       unsigned access) {
  uint16_t control;
  linnet_status status = check(client, path, short_server_id);
  if (status != LINNET_OK) return status;
  if (path.depth == 1 && (short_server_id == EVERY_SERVER || (access & ~(unsigned)LINNET_ACCESS_CREATE) != 0))
    return fail(client, LINNET_ERROR_INVALID_ARGUMENT,
                "of an object one server can have the right to Create");
  if (path.depth == 2 && (access & ~(unsigned)OWNER_RIGHTS) != 0)
    return fail(client, LINNET_ERROR_INVALID_ARGUMENT,
                "of an instance there are the rights to Read, Write, Execute and Delete");
  status = require_control(client, path, &control);
  if (status != LINNET_OK) return status;
  linnet_value value = linnet_value_integer(access);
  return linnet_object_set(controls_of(client), entry(control, short_server_id), &value);
}

linnet_status linnet_client_set_owner(linnet_client *client, linnet_path path, uint16_t short_server_id) {
  uint16_t control;
  linnet_status status = check(client, path, short_server_id);
  if (status != LINNET_OK) return status;
  if (path.depth == 1)
    return fail(client, LINNET_ERROR_INVALID_ARGUMENT, "an object itself has no owner"); /* ACL-03 */
  status = require_control(client, path, &control);
  if (status != LINNET_OK) return status;
  return linnet__object_set_integer(controls_of(client), control, OWNER,
                                    short_server_id != EVERY_SERVER ? short_server_id : NO_OWNER);
}

unsigned linnet_client_access(const linnet_client *client, linnet_path path, uint16_t short_server_id) {
  if (client->handle.closed || path.depth == 0) return LINNET_ACCESS_NONE;
  if (linnet__account_find(client, short_server_id) == NULL) return LINNET_ACCESS_NONE;
  return rights(client, short_server_id, path);
}

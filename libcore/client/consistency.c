/* SPDX-License-Identifier: Apache-2.0 */
/* consistency.c: is what a bootstrap-server left behind a configuration to work with? (digest 6.6; BS-50,
 * BS-51, BS-53) */
#include <string.h>

#include "client_internal.h"

enum { SECURITY = 0, SERVER = 1, ACCESS_CONTROL = 2 };
enum {
  URI = 0,
  BOOTSTRAP_SERVER = 1,
  MODE = 2,
  IDENTITY = 3,
  SERVER_KEY = 4,
  SECRET_KEY = 5,
  SECURITY_ID = 10
};
enum { SERVER_ID = 0, LIFETIME = 1, STORING = 6, BINDING = 7 };
enum { ACL_OBJECT = 0, ACL_INSTANCE = 1, ACL_OWNER = 3 };
enum { MODE_PSK = 0, MODE_NOSEC = 3, MODE_LAST = 4 };

#define SHORT_SERVER_ID_LAST 65534
/* The owner of what only bootstrap may manage. */
#define NO_OWNER 65535

static const linnet_value *value_of(const linnet_object *object, uint16_t instance, uint16_t resource) {
  const linnet__instance *found = linnet__object_instance(object, instance);
  const linnet__resource *of = found == NULL ? NULL : linnet__instance_resource(found, resource);
  return of == NULL ? NULL : linnet__resource_value(of, 0);
}

/* `otherwise`: there is none. */
static int64_t number_of(const linnet_object *object, uint16_t instance, uint16_t resource,
                         int64_t otherwise) {
  const linnet_value *value = value_of(object, instance, resource);
  return value == NULL ? otherwise : value->as.integer;
}

static bool is_empty(const linnet_object *object, uint16_t instance, uint16_t resource) {
  const linnet_value *value = value_of(object, instance, resource);
  return value == NULL || value->as.bytes.length == 0;
}

static bool is_bootstrap(const linnet_object *securities, uint16_t instance) {
  const linnet_value *value = value_of(securities, instance, BOOTSTRAP_SERVER);
  return value != NULL && value->as.boolean;
}

/* How many instances have this number. */
static size_t count_of(const linnet_object *object, uint16_t resource, int64_t number) {
  size_t count = 0;
  for (size_t i = 0; i < linnet_object_instance_count(object); i++) {
    uint16_t instance = linnet_object_instance_at(object, i);
    if (linnet_object_id(object) == SECURITY && is_bootstrap(object, instance)) continue;
    count += number_of(object, instance, resource, -1) == number;
  }
  return count;
}

/* The key material of the mode; unused keys may be absent (OBJ-10). */
static const char *key_fault(linnet_loop *loop, const linnet_object *securities, uint16_t instance,
                             int64_t mode) {
  if (mode == MODE_NOSEC) return NULL;
  if (is_empty(securities, instance, IDENTITY)) return "the identity is missing";
  if (is_empty(securities, instance, SECRET_KEY)) return "the secret key is missing";
  if (mode != MODE_PSK && is_empty(securities, instance, SERVER_KEY)) return "the server's key is missing";
  if (mode == MODE_LAST) return "EST is not offered"; /* SEC-14 */
  linnet_credentials *credentials = linnet__security_credentials(loop, securities, instance);
  if (credentials == NULL) return "the keys are malformed, or of a mode that this device has not";
  linnet_credentials_unref(credentials);
  return NULL;
}

static const char *security_fault(const linnet_client *client, const linnet_object *securities,
                                  uint16_t instance) {
  char text[LINNET__URI_SIZE];
  linnet__uri uri;
  int64_t mode = number_of(securities, instance, MODE, -1);
  if (value_of(securities, instance, BOOTSTRAP_SERVER) == NULL) return "resource 1 is missing";
  if (mode < 0 || mode > MODE_LAST) return "the security mode is missing";
  linnet__security_uri(securities, instance, text);
  if (linnet__uri_parse(&uri, text) != LINNET_OK) return "the URI is missing or malformed";
  if (uri.secure != (mode != MODE_NOSEC)) return "the URI does not fit the security mode";
  if (uri.secure && linnet__dtls_require(client->handle.loop, text) != LINNET_OK)
    return "this device has no DTLS";
  return key_fault(client->handle.loop, securities, instance, mode);
}

static const char *account_fault(const linnet_object *securities, const linnet_object *servers,
                                 uint16_t instance) {
  int64_t id = number_of(securities, instance, SECURITY_ID, 0);
  if (id < 1 || id > SHORT_SERVER_ID_LAST) return "the Short Server ID is missing or out of range";
  if (count_of(securities, SECURITY_ID, id) != 1) return "the Short Server ID is there twice";
  if (count_of(servers, SERVER_ID, id) != 1) return "it needs one instance of object 1";
  return NULL;
}

static const char *server_fault(const linnet_object *securities, const linnet_object *servers,
                                uint16_t instance) {
  const linnet_value *binding = value_of(servers, instance, BINDING);
  int64_t id = number_of(servers, instance, SERVER_ID, 0);
  if (number_of(servers, instance, LIFETIME, 0) < 1) return "the lifetime is missing";
  if (value_of(servers, instance, STORING) == NULL) return "resource 6 is missing";
  if (binding == NULL ||
      !linnet__binding_valid((const char *)binding->as.bytes.data, binding->as.bytes.length))
    return "the binding is missing or none";
  return count_of(securities, SECURITY_ID, id) == 1 ? NULL : "it needs one instance of object 0";
}

static const char *access_fault(const linnet_client *client, const linnet_object *accesses,
                                uint16_t instance) {
  const linnet_object *servers = linnet__engine_object(client->engine, SERVER);
  int64_t id = number_of(accesses, instance, ACL_OBJECT, -1);
  int64_t target = number_of(accesses, instance, ACL_INSTANCE, -1);
  int64_t owner = number_of(accesses, instance, ACL_OWNER, -1);
  const linnet_object *object =
      id < 1 || id >= LINNET_ID_NONE ? NULL : linnet__engine_object(client->engine, (uint16_t)id);
  if (object == NULL) return "it is of an object that is not there";
  if (target < 0 || (target != LINNET_ID_NONE && !linnet_object_has_instance(object, (uint16_t)target)))
    return "it is of an instance that is not there";
  return owner == NO_OWNER || count_of(servers, SERVER_ID, owner) == 1 ? NULL : "its owner is no server";
}

/* ---- all of it --------------------------------------------------------------------------------------- */

static linnet_status explain(linnet__buffer *why, uint16_t object, uint16_t instance, const char *fault) {
  char text[LINNET_PATH_TEXT_SIZE];
  linnet__print(why, "%s: %s", linnet_path_text(linnet_path_instance(object, instance), text), fault);
  return LINNET_ERROR_MALFORMED;
}

static linnet_status check_securities(const linnet_client *client, linnet__buffer *why, size_t *accounts) {
  const linnet_object *securities = linnet__engine_object(client->engine, SECURITY);
  const linnet_object *servers = linnet__engine_object(client->engine, SERVER);
  size_t bootstraps = 0;
  for (size_t i = 0; i < linnet_object_instance_count(securities); i++) {
    uint16_t instance = linnet_object_instance_at(securities, i);
    const char *fault = security_fault(client, securities, instance);
    bool bootstrap = is_bootstrap(securities, instance);
    if (fault == NULL && bootstrap && ++bootstraps > 2)
      fault = "there are more than two bootstrap-servers"; /* BS-53: the present one, and its replacement */
    if (fault == NULL && !bootstrap) fault = account_fault(securities, servers, instance);
    if (fault != NULL) return explain(why, SECURITY, instance, fault);
    *accounts += !bootstrap;
  }
  return LINNET_OK;
}

linnet_status linnet__consistency_check(const linnet_client *client, linnet__buffer *why) {
  const linnet_object *securities = linnet__engine_object(client->engine, SECURITY);
  const linnet_object *servers = linnet__engine_object(client->engine, SERVER);
  const linnet_object *accesses = linnet__engine_object(client->engine, ACCESS_CONTROL);
  size_t accounts = 0;
  linnet_status status = check_securities(client, why, &accounts);
  for (size_t i = 0; status == LINNET_OK && i < linnet_object_instance_count(servers); i++) {
    uint16_t instance = linnet_object_instance_at(servers, i);
    const char *fault = server_fault(securities, servers, instance);
    if (fault != NULL) status = explain(why, SERVER, instance, fault);
  }
  size_t count = accesses == NULL ? 0 : linnet_object_instance_count(accesses);
  for (size_t i = 0; status == LINNET_OK && i < count; i++) {
    uint16_t instance = linnet_object_instance_at(accesses, i);
    const char *fault = access_fault(client, accesses, instance);
    if (fault != NULL) status = explain(why, ACCESS_CONTROL, instance, fault);
  }
  if (status != LINNET_OK) return status;
  if (accounts == 0) linnet__print(why, "there is no server account");
  if (accounts > 1 && accesses == NULL)
    linnet__print(why, "several servers need object 2, which is not there");
  return accounts == 0 || (accounts > 1 && accesses == NULL) ? LINNET_ERROR_MALFORMED : LINNET_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* consistency.c: are objects 0, 1 and 2, as a bootstrap-server leaves them, a configuration to work with?
 * (digest 6.6; BS-50, BS-51, BS-53) */
#include <string.h>

#include "model.h"

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
enum { MODE_PSK = 0, MODE_RPK = 1, MODE_CERTIFICATE = 2, MODE_NOSEC = 3, MODE_LAST = 4 };

#define SHORT_SERVER_ID_LAST 65534
/* The owner of what only bootstrap may manage. */
#define NO_OWNER 65535

typedef linnet__consistency checked;

bool linnet__binding_valid(const char *binding, size_t length) {
  static const char bindings[][4] = {"U", "UQ", "S", "SQ", "US", "UQS"};
  for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++)
    if (strlen(bindings[i]) == length && memcmp(bindings[i], binding, length) == 0) return true;
  return false;
}

/* ---- what is stored ------------------------------------------------------------------------------ */

static bool is_bootstrap(const linnet_object *securities, uint16_t instance) {
  const linnet_value *value = linnet__object_value(securities, instance, BOOTSTRAP_SERVER);
  return value != NULL && value->as.boolean;
}

/* How many instances have this number. */
static size_t count_of(const linnet_object *object, uint16_t resource, int64_t number) {
  size_t count = 0;
  for (size_t i = 0; i < linnet_object_instance_count(object); i++) {
    uint16_t instance = linnet_object_instance_at(object, i);
    if (linnet_object_id(object) == SECURITY && is_bootstrap(object, instance)) continue;
    count += linnet__object_integer(object, instance, resource, -1) == number;
  }
  return count;
}

/* ---- object 0 ------------------------------------------------------------------------------------ */

static bool is_present(const linnet_object *object, uint16_t instance, uint16_t resource) {
  const linnet_value *value = linnet__object_value(object, instance, resource);
  return value != NULL && value->as.bytes.length > 0;
}

/* One DER SEQUENCE and nothing else (SEC-12, SEC-13): what certificates and keys begin with. */
static bool is_der(const linnet_object *object, uint16_t instance, uint16_t resource) {
  const linnet_value *value = linnet__object_value(object, instance, resource);
  const uint8_t *bytes = value->as.bytes.data;
  static const char pem[] = "-----BEGIN "; /* what an application gave a client of its own */
  size_t length = value->as.bytes.length, head = 2;
  if (length > sizeof pem - 1 && memcmp(bytes, pem, sizeof pem - 1) == 0) return true;
  if (length < 2 || bytes[0] != 0x30) return false;
  size_t content = bytes[1];
  if (content >= 0x80) {
    size_t digits = content & 0x7f;
    if (digits == 0 || digits > 3 || length < 2 + digits) return false;
    for (content = 0; head < 2 + digits; head++) content = content << 8 | bytes[head];
  }
  return length - head == content;
}

/* The key material of the mode; unused keys may be absent (OBJ-10). */
static const char *key_fault(const linnet_object *securities, uint16_t instance, int64_t mode) {
  if (mode == MODE_NOSEC) return NULL;
  if (!is_present(securities, instance, IDENTITY)) return "the identity is missing";
  if (!is_present(securities, instance, SECRET_KEY)) return "the secret key is missing";
  if (mode == MODE_PSK) {
    const linnet_value *identity = linnet__object_value(securities, instance, IDENTITY);
    bool text = linnet__utf8_valid((const char *)identity->as.bytes.data, identity->as.bytes.length);
    return text ? NULL : "the identity is not UTF-8";
  }
  if (!is_present(securities, instance, SERVER_KEY)) return "the server's key is missing";
  if (mode != MODE_RPK && mode != MODE_CERTIFICATE) return NULL;
  if (!is_der(securities, instance, IDENTITY)) return "the public key or certificate is not DER";
  if (!is_der(securities, instance, SERVER_KEY)) return "the server's key or certificate is not DER";
  return is_der(securities, instance, SECRET_KEY) ? NULL : "the secret key is not DER";
}

static const char *security_fault(const checked *c, uint16_t instance) {
  const linnet_value *uri = linnet__object_value(c->securities, instance, URI);
  int64_t mode = linnet__object_integer(c->securities, instance, MODE, -1);
  if (linnet__object_value(c->securities, instance, BOOTSTRAP_SERVER) == NULL) return "resource 1 is missing";
  if (mode < 0 || mode > MODE_LAST) return "the security mode is missing";
  const char *fault = c->uri_fault(uri == NULL ? "" : (const char *)uri->as.bytes.data,
                                   uri == NULL ? 0 : uri->as.bytes.length, mode != MODE_NOSEC, c->user);
  if (fault == NULL && c->mode_fault != NULL) fault = c->mode_fault(mode, c->user);
  return fault != NULL ? fault : key_fault(c->securities, instance, mode);
}

static const char *account_fault(const checked *c, uint16_t instance) {
  int64_t id = linnet__object_integer(c->securities, instance, SECURITY_ID, 0);
  if (id < 1 || id > SHORT_SERVER_ID_LAST) return "the Short Server ID is missing or out of range";
  if (count_of(c->securities, SECURITY_ID, id) != 1) return "the Short Server ID is there twice";
  size_t partners = count_of(c->servers, SERVER_ID, id);
  return partners == 1 || (c->partial && partners == 0) ? NULL : "it needs one instance of object 1";
}

/* ---- objects 1 and 2 ----------------------------------------------------------------------------- */

static const char *server_fault(const checked *c, uint16_t instance) {
  const linnet_value *binding = linnet__object_value(c->servers, instance, BINDING);
  int64_t id = linnet__object_integer(c->servers, instance, SERVER_ID, 0);
  if (linnet__object_integer(c->servers, instance, LIFETIME, 0) < 1) return "the lifetime is missing";
  if (linnet__object_value(c->servers, instance, STORING) == NULL) return "resource 6 is missing";
  if (binding == NULL ||
      !linnet__binding_valid((const char *)binding->as.bytes.data, binding->as.bytes.length))
    return "the binding is missing or none";
  size_t partners = count_of(c->securities, SECURITY_ID, id);
  return partners == 1 || (c->partial && partners == 0) ? NULL : "it needs one instance of object 0";
}

static const char *access_fault(const checked *c, uint16_t instance) {
  int64_t id = linnet__object_integer(c->accesses, instance, ACL_OBJECT, -1);
  int64_t target = linnet__object_integer(c->accesses, instance, ACL_INSTANCE, -1);
  int64_t owner = linnet__object_integer(c->accesses, instance, ACL_OWNER, -1);
  if (id < 1 || id >= LINNET_ID_NONE ||
      (c->has != NULL && !c->has(linnet_path_object((uint16_t)id), c->user)))
    return "it is of an object that is not there";
  linnet_path path = linnet_path_instance((uint16_t)id, (uint16_t)target);
  if (target < 0 || target > LINNET_ID_NONE ||
      (target != LINNET_ID_NONE && c->has != NULL && !c->has(path, c->user)))
    return "it is of an instance that is not there";
  bool known = owner == NO_OWNER || (owner >= 0 && c->partial) || count_of(c->servers, SERVER_ID, owner) == 1;
  return known ? NULL : "its owner is no server";
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static linnet_status explain(linnet__buffer *why, uint16_t object, uint16_t instance, const char *fault) {
  char text[LINNET_PATH_TEXT_SIZE];
  linnet__print(why, "%s: %s", linnet_path_text(linnet_path_instance(object, instance), text), fault);
  return LINNET_ERROR_MALFORMED;
}

static linnet_status check_securities(const checked *c, linnet__buffer *why, size_t *accounts) {
  size_t bootstraps = 0;
  for (size_t i = 0; i < linnet_object_instance_count(c->securities); i++) {
    uint16_t instance = linnet_object_instance_at(c->securities, i);
    const char *fault = security_fault(c, instance);
    bool bootstrap = is_bootstrap(c->securities, instance);
    if (fault == NULL && bootstrap && ++bootstraps > c->bootstraps)
      fault = "there are too many bootstrap-servers"; /* BS-53 */
    if (fault == NULL && !bootstrap) fault = account_fault(c, instance);
    if (fault != NULL) return explain(why, SECURITY, instance, fault);
    *accounts += !bootstrap;
  }
  return LINNET_OK;
}

static linnet_status check_each(const checked *c, const linnet_object *object, linnet__buffer *why,
                                const char *(*fault_of)(const checked *c, uint16_t instance)) {
  for (size_t i = 0; object != NULL && i < linnet_object_instance_count(object); i++) {
    uint16_t instance = linnet_object_instance_at(object, i);
    const char *fault = fault_of(c, instance);
    if (fault != NULL) return explain(why, linnet_object_id(object), instance, fault);
  }
  return LINNET_OK;
}

linnet_status linnet__consistency_check(const linnet__consistency *c, linnet__buffer *why) {
  size_t accounts = 0;
  linnet_status status = check_securities(c, why, &accounts);
  if (status == LINNET_OK) status = check_each(c, c->servers, why, server_fault);
  if (status == LINNET_OK) status = check_each(c, c->accesses, why, access_fault);
  if (status != LINNET_OK || c->partial) return status;
  bool missing = accounts == 0 && !c->refreshed;
  bool unruled = accounts > 1 && c->accesses == NULL;
  if (missing) linnet__print(why, "there is no server account");
  if (unruled) linnet__print(why, "several servers need object 2, which is not there");
  return missing || unruled ? LINNET_ERROR_MALFORMED : LINNET_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* security.c: object 0, LwM2M Security (objects.md /0): where a server is. */
#include <string.h>

#include "../client_internal.h"

enum {
  URI = 0,
  BOOTSTRAP_SERVER = 1,
  SECURITY_MODE = 2,
  PUBLIC_KEY = 3,
  SERVER_PUBLIC_KEY = 4,
  SECRET_KEY = 5,
  SMS_PARAMETERS = 7,
  SMS_KEYS = 8,
  SMS_NUMBER = 9,
  SHORT_SERVER_ID = 10
};
enum { MODE_PSK = 0, MODE_NOSEC = 3 };

/* What both kinds of accounts have, and a number besides. */
static linnet_status add(linnet_object *object, uint16_t instance, const char *uri, bool bootstrap,
                         uint16_t resource, uint32_t number) {
  static const linnet__initial initial[] = {{BOOTSTRAP_SERVER, LINNET_TYPE_BOOLEAN, 0},
                                            {SECURITY_MODE, LINNET_TYPE_INTEGER, MODE_NOSEC},
                                            {PUBLIC_KEY, LINNET_TYPE_OPAQUE, 0}, /* OBJ-10 */
                                            {SERVER_PUBLIC_KEY, LINNET_TYPE_OPAQUE, 0},
                                            {SECRET_KEY, LINNET_TYPE_OPAQUE, 0}};
  linnet__uri parts;
  linnet_value is_bootstrap = linnet_value_boolean(bootstrap);
  bool secure = linnet__uri_parse(&parts, uri) == LINNET_OK && parts.secure;
  linnet_status status =
      linnet__object_furnish(object, instance, initial, sizeof initial / sizeof initial[0]);
  if (status != LINNET_OK) return status;
  status = linnet__object_set_text(object, instance, URI, uri);
  if (status == LINNET_OK && bootstrap)
    status = linnet_object_set(object, linnet_path_resource(0, instance, BOOTSTRAP_SERVER), &is_bootstrap);
  if (status == LINNET_OK && secure)
    status = linnet__object_set_integer(object, instance, SECURITY_MODE, MODE_PSK);
  if (status == LINNET_OK) status = linnet__object_set_integer(object, instance, resource, number);
  if (status != LINNET_OK) linnet_object_remove_instance(object, instance);
  return status;
}

linnet_status linnet__security_add(linnet_object *object, uint16_t instance, const char *uri,
                                   uint16_t short_server_id) {
  return add(object, instance, uri, false, SHORT_SERVER_ID, short_server_id);
}

linnet_status linnet__security_add_bootstrap(linnet_object *object, uint16_t instance, const char *uri,
                                             uint32_t hold_off_s) {
  return add(object, instance, uri, true, LINNET__SECURITY_HOLD_OFF, hold_off_s);
}

/* ---- keys and certificates (digest 10) ----------------------------------------------------------- */

linnet__text linnet__security_bytes(const linnet_object *object, uint16_t instance, uint16_t resource) {
  const linnet_value *value = linnet__object_value(object, instance, resource);
  if (value == NULL) return (linnet__text){NULL, 0};
  return (linnet__text){(const char *)value->as.bytes.data, value->as.bytes.length};
}

linnet__keys linnet__security_keys(const linnet_object *object, uint16_t instance) {
  int64_t mode = linnet__object_integer(object, instance, SECURITY_MODE, -1);
  return (linnet__keys){.mode = (linnet__key_mode)mode,
                        .own = linnet__security_bytes(object, instance, PUBLIC_KEY),
                        .secret = linnet__security_bytes(object, instance, SECRET_KEY),
                        .server = linnet__security_bytes(object, instance, SERVER_PUBLIC_KEY)};
}

linnet__keys linnet__security_sms_keys(const linnet_object *object, uint16_t instance) {
  linnet__text identity = linnet__security_bytes(object, instance, SMS_PARAMETERS);
  linnet__text key = linnet__security_bytes(object, instance, SMS_KEYS);
  bool both = identity.length > 0 && key.length > 0;
  if (!both) identity = linnet__security_bytes(object, instance, PUBLIC_KEY);
  if (!both) key = linnet__security_bytes(object, instance, SECRET_KEY);
  return (linnet__keys){.mode = LINNET__KEY_PSK, .own = identity, .secret = key};
}

/* ---- the rest ------------------------------------------------------------------------------------ */

bool linnet__security_account(const linnet_object *object, uint16_t instance, uint16_t *short_server_id) {
  const linnet_value *bootstrap = linnet__object_value(object, instance, BOOTSTRAP_SERVER);
  int64_t id = linnet__object_integer(object, instance, SHORT_SERVER_ID, 0);
  if (bootstrap == NULL || bootstrap->as.boolean || id < 1 || id > 65534) return false;
  *short_server_id = (uint16_t)id;
  return true;
}

void linnet__security_uri(const linnet_object *object, uint16_t instance, char uri[LINNET__URI_SIZE]) {
  const linnet_value *value = linnet__object_value(object, instance, URI);
  size_t length = value != NULL ? value->as.bytes.length : 0;
  if (length >= LINNET__URI_SIZE) length = 0;
  if (length > 0) memcpy(uri, value->as.bytes.data, length);
  uri[length] = 0;
}

/* "+49 is" written without its plus, as a URI or as digits alone. */
void linnet__security_number_of(const linnet_object *object, uint16_t instance, linnet_address *address) {
  static const char scheme[] = "sms:+";
  const linnet_value *value = linnet__object_value(object, instance, SMS_NUMBER);
  char text[sizeof scheme + LINNET__SMS_NUMBER_LIMIT + 1];
  memset(address, 0, sizeof *address);
  if (value != NULL && value->as.bytes.length > 0) {
    const char *digits = (const char *)value->as.bytes.data;
    size_t length = value->as.bytes.length;
    if (digits[0] == '+') digits++, length--;
    if (length == 0 || length > LINNET__SMS_NUMBER_LIMIT) return;
    memcpy(text, scheme, sizeof scheme - 1);
    memcpy(text + sizeof scheme - 1, digits, length);
    text[sizeof scheme - 1 + length] = 0;
    if (linnet_address_parse(address, text) != LINNET_OK) memset(address, 0, sizeof *address);
    return;
  }
  char uri[LINNET__URI_SIZE];
  linnet__security_uri(object, instance, uri);
  if (linnet__uri_is_number(uri) && linnet_address_parse(address, uri) != LINNET_OK)
    memset(address, 0, sizeof *address);
}

bool linnet__security_is_by_sms(const linnet_object *object, uint16_t instance) {
  char uri[LINNET__URI_SIZE];
  linnet__security_uri(object, instance, uri);
  return linnet__uri_is_number(uri);
}

bool linnet__security_is_bootstrap(const linnet_object *object, uint16_t instance) {
  const linnet_value *bootstrap = linnet__object_value(object, instance, BOOTSTRAP_SERVER);
  return bootstrap != NULL && bootstrap->as.boolean;
}

uint16_t linnet__security_bootstrap(const linnet_object *object) {
  for (size_t i = 0; i < linnet_object_instance_count(object); i++) {
    uint16_t instance = linnet_object_instance_at(object, i);
    if (linnet__security_is_bootstrap(object, instance)) return instance;
  }
  return LINNET_ID_NONE;
}

size_t linnet__security_bootstraps(const linnet_object *object) {
  size_t count = 0;
  for (size_t i = 0; i < linnet_object_instance_count(object); i++)
    count += linnet__security_is_bootstrap(object, linnet_object_instance_at(object, i));
  return count;
}

uint32_t linnet__security_number(const linnet_object *object, uint16_t instance, uint16_t resource) {
  int64_t number = linnet__object_integer(object, instance, resource, 0);
  if (number < 0) return 0;
  return number > INT32_MAX ? INT32_MAX : (uint32_t)number;
}

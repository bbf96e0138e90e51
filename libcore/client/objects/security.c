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
  SHORT_SERVER_ID = 10
};
#define MODE_NOSEC 3

linnet_status linnet__security_add(linnet_object *object, uint16_t instance, const char *uri,
                                   uint16_t short_server_id) {
  const struct {
    uint16_t resource;
    linnet_value value;
  } values[] = {
      {URI, linnet_value_string(uri)},
      {BOOTSTRAP_SERVER, linnet_value_boolean(false)},
      {SECURITY_MODE, linnet_value_integer(MODE_NOSEC)},
      {PUBLIC_KEY, linnet_value_opaque(NULL, 0)}, /* OBJ-10 */
      {SERVER_PUBLIC_KEY, linnet_value_opaque(NULL, 0)},
      {SECRET_KEY, linnet_value_opaque(NULL, 0)},
      {SHORT_SERVER_ID, linnet_value_integer(short_server_id)},
  };
  linnet_status status = linnet_object_add_instance(object, instance);
  if (status != LINNET_OK) return status;
  for (size_t i = 0; status == LINNET_OK && i < sizeof values / sizeof values[0]; i++)
    status =
        linnet_object_set(object, linnet_path_resource(0, instance, values[i].resource), &values[i].value);
  if (status != LINNET_OK) linnet_object_remove_instance(object, instance);
  return status;
}

static const linnet_value *stored(const linnet_object *object, uint16_t instance, uint16_t resource) {
  const linnet__instance *found = linnet__object_instance(object, instance);
  const linnet__resource *of = found != NULL ? linnet__instance_resource(found, resource) : NULL;
  return of != NULL ? linnet__resource_value(of, 0) : NULL;
}

bool linnet__security_account(const linnet_object *object, uint16_t instance, uint16_t *short_server_id) {
  const linnet_value *bootstrap = stored(object, instance, BOOTSTRAP_SERVER);
  const linnet_value *id = stored(object, instance, SHORT_SERVER_ID);
  if (bootstrap == NULL || bootstrap->as.boolean || id == NULL) return false;
  if (id->as.integer < 1 || id->as.integer > 65534) return false;
  *short_server_id = (uint16_t)id->as.integer;
  return true;
}

void linnet__security_uri(const linnet_object *object, uint16_t instance, char uri[LINNET__URI_SIZE]) {
  const linnet_value *value = stored(object, instance, URI);
  size_t length = value != NULL ? value->as.bytes.length : 0;
  if (length >= LINNET__URI_SIZE) length = 0;
  if (length > 0) memcpy(uri, value->as.bytes.data, length);
  uri[length] = 0;
}

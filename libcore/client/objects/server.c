/* SPDX-License-Identifier: Apache-2.0 */
/* server.c: object 1, LwM2M Server (objects.md /1): the terms of a registration. */
#include <string.h>

#include "../client_internal.h"

enum { SHORT_SERVER_ID = 0, LIFETIME = 1, DISABLE = 4, STORING = 6, BINDING = 7, UPDATE_TRIGGER = 8 };

bool linnet__binding_is_sms(const char *binding) { return binding[0] == 'S'; }

bool linnet__binding_supported(const linnet_client *client, const char *binding, size_t length) {
  if (!linnet__binding_valid(binding, length)) return false;
  bool udp = memchr(binding, 'U', length) != NULL, sms = memchr(binding, 'S', length) != NULL;
  return (!udp || linnet__client_has_transport(client, LINNET_TRANSPORT_UDP)) &&
         (!sms || linnet__client_has_transport(client, LINNET_TRANSPORT_SMS));
}

linnet_status linnet__server_add(linnet_object *object, uint16_t instance, uint16_t short_server_id,
                                 uint32_t lifetime_s) {
  static const linnet__initial initial[] = {{STORING, LINNET_TYPE_BOOLEAN, true},
                                            {DISABLE, LINNET_TYPE_NONE, 0},
                                            {UPDATE_TRIGGER, LINNET_TYPE_NONE, 0}};
  linnet_status status =
      linnet__object_furnish(object, instance, initial, sizeof initial / sizeof initial[0]);
  if (status != LINNET_OK) return status;
  status = linnet__object_set_integer(object, instance, SHORT_SERVER_ID, short_server_id);
  if (status == LINNET_OK) status = linnet__object_set_integer(object, instance, LIFETIME, lifetime_s);
  if (status == LINNET_OK) status = linnet__object_set_text(object, instance, BINDING, "U");
  if (status != LINNET_OK) linnet_object_remove_instance(object, instance);
  return status;
}

uint32_t linnet__server_number(const linnet_object *object, uint16_t instance, uint16_t resource,
                               uint32_t otherwise) {
  int64_t number = linnet__object_integer(object, instance, resource, -1);
  return number >= 0 && number <= UINT32_MAX ? (uint32_t)number : otherwise;
}

bool linnet__server_stores(const linnet_object *object, uint16_t instance) {
  const linnet_value *value = linnet__object_value(object, instance, STORING);
  return value == NULL || value->as.boolean;
}

uint16_t linnet__server_find(const linnet_object *object, uint16_t short_server_id) {
  for (size_t i = 0; i < linnet_object_instance_count(object); i++) {
    uint16_t instance = linnet_object_instance_at(object, i);
    if (linnet__server_number(object, instance, SHORT_SERVER_ID, 0) == short_server_id) return instance;
  }
  return LINNET_ID_NONE;
}

void linnet__server_binding(const linnet_object *object, uint16_t instance,
                            char binding[LINNET__BINDING_SIZE]) {
  const linnet_value *value = linnet__object_value(object, instance, BINDING);
  memcpy(binding, "U", 2);
  if (value == NULL) return;
  const char *text = (const char *)value->as.bytes.data;
  size_t length = value->as.bytes.length;
  if (!linnet__binding_valid(text, length)) return;
  memcpy(binding, text, length);
  binding[length] = 0;
}

linnet_status linnet__server_accept(const linnet_client *client, const linnet_batch *records) {
  linnet_record record;
  for (size_t i = 0; linnet_batch_record(records, i, &record) == LINNET_OK; i++) {
    const linnet_value *value = &record.value;
    if (record.path.depth != 3) continue;
    if (record.path.id[2] == LIFETIME && (value->as.integer < 1 || value->as.integer > UINT32_MAX))
      return LINNET_ERROR_OUT_OF_RANGE;
    if (record.path.id[2] == BINDING &&
        !linnet__binding_supported(client, (const char *)value->as.bytes.data, value->as.bytes.length))
      return LINNET_ERROR_OUT_OF_RANGE; /* QUE-02 */
  }
  return LINNET_OK;
}

void linnet__server_executed(linnet_client *client, linnet_path path) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (account->server != path.id[1]) continue;
    if (path.id[2] == UPDATE_TRIGGER) account->update_wanted = true;        /* REG-41 */
    if (path.id[2] == DISABLE) account->leaving = account->disabled = true; /* REG-40 */
  }
  linnet__client_post(client);
}

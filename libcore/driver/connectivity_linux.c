/* SPDX-License-Identifier: Apache-2.0 */
/* connectivity_linux.c: object 4 as Linux knows it (driver.h; objects.md /4). */
#include <linnet/object.h>

#include "system.h"

enum { BEARER = 0, BEARERS = 1, SIGNAL = 2, QUALITY = 3, ADDRESSES = 4, ROUTERS = 5 };

static linnet_status set_number(linnet_object *object, uint16_t resource, int64_t number) {
  linnet_value value = linnet_value_integer(number);
  return linnet_object_set(object, linnet_path_resource(4, 0, resource), &value);
}

/* Makes a multiple resource exist, with instances 0 to count - 1. */
static linnet_status shorten(linnet_object *object, uint16_t resource, size_t count, size_t limit) {
  linnet_status status = linnet_object_offer(object, linnet_path_resource(4, 0, resource));
  for (size_t i = count; i < limit && status == LINNET_OK; i++) {
    linnet_path path = linnet_path_resource_instance(4, 0, resource, (uint16_t)i);
    if (linnet_object_has(object, path)) status = linnet_object_unset(object, path);
  }
  return status;
}

static linnet_status set_texts(linnet_object *object, uint16_t resource, const char (*texts)[46],
                               size_t count, size_t limit) {
  linnet_status status = shorten(object, resource, count, limit);
  for (size_t i = 0; i < count && status == LINNET_OK; i++) {
    linnet_value value = linnet_value_string(texts[i]);
    status = linnet_object_set(object, linnet_path_resource_instance(4, 0, resource, (uint16_t)i), &value);
  }
  return status;
}

static linnet_status set_bearers(linnet_object *object, const linnet__links *links) {
  linnet_status status = shorten(object, BEARERS, links->bearer_count, LINNET__BEARERS);
  for (size_t i = 0; i < links->bearer_count && status == LINNET_OK; i++) {
    linnet_value value = linnet_value_integer(links->bearers[i]);
    status = linnet_object_set(object, linnet_path_resource_instance(4, 0, BEARERS, (uint16_t)i), &value);
  }
  return status == LINNET_OK ? set_number(object, BEARER, links->bearer) : status;
}

static linnet_status fill(linnet_object *object, const linnet__links *links) {
  linnet_status status = set_bearers(object, links);
  if (status == LINNET_OK) status = set_number(object, SIGNAL, links->signal);
  if (status == LINNET_OK && links->quality >= 0) status = set_number(object, QUALITY, links->quality);
  if (status == LINNET_OK)
    status = set_texts(object, ADDRESSES, links->addresses, links->address_count, LINNET__ADDRESSES);
  if (status == LINNET_OK)
    status = set_texts(object, ROUTERS, links->routers, links->router_count, LINNET__ROUTERS);
  return status;
}

linnet_status linnet__connectivity_refresh(linnet__described *described) {
  linnet_object *object = linnet_client_object(described->client, 4);
  linnet__links links;
  if (!described->links || object == NULL || !linnet_object_has_instance(object, 0)) return LINNET_OK;
  linnet__links_read(described->root, &links);
  return fill(object, &links);
}

linnet_status linnet__connectivity_describe(linnet__described *described) {
  linnet_client *client = described->client;
  linnet__links links;
  if (linnet_client_object(client, 4) != NULL) return LINNET_OK;
  linnet_object *object = linnet_object_new(linnet_client_model(client), 4);
  if (object == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet__links_read(described->root, &links);
  linnet_status status = linnet_object_add_instance(object, 0);
  if (status == LINNET_OK) status = fill(object, &links);
  if (status == LINNET_OK) status = linnet_client_add_object(client, object);
  described->links = status == LINNET_OK;
  linnet_object_unref(object);
  return status;
}

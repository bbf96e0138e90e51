/* SPDX-License-Identifier: Apache-2.0 */
/* discover.c: Discover: what there is below a path, with the attributes of the server that asks (digest 3.9).
 */
#include "engine_internal.h"

static uint8_t check_discover(linnet__operation *operation, const linnet__incoming *request) {
  (void)request;
  if (operation->path.depth < 3) return 0;
  linnet_path path = operation->path;
  bool there = linnet__object_resource(operation->object, path.id[1], path.id[2]) != NULL;
  return there ? 0 : LINNET__NOT_FOUND;
}

static uint8_t begin_discover(linnet__operation *operation, const linnet__incoming *request) {
  (void)request;
  return linnet__operation_ask_computed(operation);
}

static size_t dimension(const linnet__operation *operation, linnet_path path,
                        const linnet__resource *resource) {
  if (!resource->computed) return resource->count;
  size_t dimension = 0, count = operation->answers != NULL ? linnet_batch_count(operation->answers) : 0;
  for (size_t i = 0; i < count; i++) {
    linnet_record record;
    linnet_batch_record(operation->answers, i, &record);
    if (record.path.depth == 4 && linnet_path_within(record.path, path)) dimension++;
  }
  return dimension;
}

static void put_dimension(const linnet__operation *operation, linnet__buffer *out, linnet_path path,
                          const linnet__resource *resource) {
  if (!resource->multiple) return;
  size_t values = dimension(operation, path, resource);
  char text[LINNET__INTEGER_TEXT_SIZE];
  size_t length = linnet__format_unsigned(values < 255 ? values : 255, text); /* DM-81 */
  text[length] = 0;
  linnet__link_put_parameter(out, "dim", text);
}

static void put_instance(const linnet__operation *operation, linnet__buffer *out,
                         const linnet__instance *instance) {
  uint16_t object = operation->path.id[0];
  bool shown =
      operation->path.depth == 2; /* attributes: those of the level asked for, and below an instance */
  linnet_path path = linnet_path_instance(object, instance->id);
  linnet__link_put(out, 0, operation->engine->root, path);
  if (shown) linnet__attributes_put(linnet__attributes_find(operation->requester, path), out);
  for (uint16_t i = 0; i < instance->count; i++) {
    const linnet__resource *resource = &instance->resources[i];
    path = linnet_path_resource(object, instance->id, resource->id);
    linnet__link_put(out, 0, operation->engine->root, path);
    if (!shown) continue;
    put_dimension(operation, out, path, resource);
    linnet__attributes_put(linnet__attributes_find(operation->requester, path), out);
  }
}

static void put_object(const linnet__operation *operation, linnet__buffer *out) {
  const linnet_object *object = operation->object;
  linnet__link_put(out, 0, operation->engine->root, operation->path);
  if (linnet__definition_announces_version(object->definition))
    linnet__link_put_quoted(out, "ver", linnet_definition_version(object->definition));
  linnet__attributes_put(linnet__attributes_find(operation->requester, operation->path), out);
  for (size_t i = 0; i < object->count; i++) put_instance(operation, out, &object->instances[i]);
}

static void put_resource(const linnet__operation *operation, linnet__buffer *out,
                         const linnet__resource *resource) {
  linnet__link_put(out, 0, operation->engine->root, operation->path);
  put_dimension(operation, out, operation->path, resource);
  linnet__attributes_put_inherited(operation->requester, operation->path, out);
}

/* False: what the path names has gone. */
static bool put_target(const linnet__operation *operation, linnet__buffer *out) {
  linnet_path path = operation->path;
  if (path.depth == 1) {
    put_object(operation, out);
    return true;
  }
  const linnet__instance *instance = linnet__object_instance(operation->object, path.id[1]);
  if (instance == NULL) return false;
  if (path.depth == 2) {
    put_instance(operation, out, instance);
    return true;
  }
  const linnet__resource *resource = linnet__instance_resource(instance, path.id[2]);
  if (resource != NULL) put_resource(operation, out, resource);
  return resource != NULL;
}

static uint8_t finish_discover(linnet__operation *operation, linnet__response *response) {
  if (!put_target(operation, response->payload)) return LINNET__NOT_FOUND;
  if (response->payload->failed != LINNET_OK) return LINNET__INTERNAL_SERVER_ERROR;
  response->code = LINNET__CONTENT;
  response->content_format = LINNET_FORMAT_LINK;
  return 0;
}

const linnet__operation_type linnet__discover_type = {check_discover, begin_discover, finish_discover};

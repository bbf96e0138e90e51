/* SPDX-License-Identifier: Apache-2.0 */
/* write_attributes.c: Write-Attributes (digest 3.5). */
#include "engine_internal.h"

static const linnet__resource *target(const linnet__operation *operation) {
  return linnet__object_resource(operation->object, operation->path.id[1], operation->path.id[2]);
}

static uint8_t check_attributes(linnet__operation *operation, const linnet__incoming *request) {
  (void)request;
  if (operation->path.depth < 3) return 0;
  const linnet__resource *resource = target(operation);
  if (resource == NULL || resource->definition == NULL) return LINNET__NOT_FOUND; /* DM-43 */
  return (resource->definition->operations & LINNET_OPERATION_READ) != 0 ? 0 : LINNET__METHOD_NOT_ALLOWED;
}

/* Thresholds belong to numbers (ATT-05, DM-43). */
static bool takes_thresholds(const linnet__operation *operation) {
  if (operation->path.depth < 3) return false;
  uint8_t type = target(operation)->definition->type;
  return type == LINNET_TYPE_INTEGER || type == LINNET_TYPE_FLOAT || type == LINNET_TYPE_TIME ||
         type == LINNET_TYPE_NONE;
}

static uint8_t begin_attributes(linnet__operation *operation, const linnet__incoming *request) {
  linnet__requester *requester = operation->requester;
  const linnet__attributes *former = linnet__attributes_find(requester, operation->path);
  linnet__attributes changed = {.path = operation->path};
  if (former != NULL) changed = *former;
  if (!linnet__attributes_read(&changed, request)) return LINNET__BAD_REQUEST;
  if (linnet__attributes_have_thresholds(&changed) && !takes_thresholds(operation))
    return LINNET__BAD_REQUEST;
  if (changed.set == 0) {
    linnet__attributes_remove(requester, operation->path);
  } else {
    linnet__attributes *entry = linnet__attributes_at(requester, operation->path);
    if (entry == NULL) return LINNET__SERVICE_UNAVAILABLE;
    *entry = changed;
  }
  linnet__requester_periods_changed(requester);
  return 0;
}

static uint8_t finish_attributes(linnet__operation *operation, linnet__response *response) {
  const linnet__engine *engine = operation->engine;
  response->code = LINNET__CHANGED;
  if (engine->hooks.done != NULL)
    engine->hooks.done(engine->user, operation->requester, operation->kind, operation->path);
  return 0;
}

const linnet__operation_type linnet__write_attributes_type = {check_attributes, begin_attributes,
                                                              finish_attributes};

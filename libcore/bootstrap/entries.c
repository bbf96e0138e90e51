/* SPDX-License-Identifier: Apache-2.0 */
/* entries.c: which configuration is for which device, by endpoint name (digest 6.2). */
#include <string.h>

#include "bootstrap_internal.h"

#define WHY_LIMIT 512

static const void *endpoint_key(const void *item, size_t *length) {
  const linnet__entry *entry = item;
  *length = entry->endpoint_length;
  return entry->endpoint;
}

void linnet__entries_init(linnet_bootstrap *bootstrap) {
  linnet__map_init(&bootstrap->entries, bootstrap->handle.loop, endpoint_key);
}

static void free_entry(linnet_loop *loop, linnet__entry *entry) {
  if (entry == NULL) return;
  linnet_configuration_unref(entry->configuration);
  linnet__free(loop, entry, entry->size);
}

void linnet__entries_free(linnet_bootstrap *bootstrap) {
  linnet__entry *entry;
  size_t position = 0;
  while ((entry = linnet__map_next(&bootstrap->entries, &position)) != NULL) {
    linnet__map_remove(&bootstrap->entries, entry->endpoint, entry->endpoint_length);
    free_entry(bootstrap->handle.loop, entry);
  }
  linnet__map_free(&bootstrap->entries);
  linnet_configuration_unref(bootstrap->for_everybody);
  bootstrap->for_everybody = NULL;
}

bool linnet__bootstrap_endpoint_valid(const char *endpoint, size_t length) {
  return length > 0 && length <= LINNET__BOOTSTRAP_ENDPOINT_SIZE && memchr(endpoint, 0, length) == NULL &&
         linnet__utf8_valid(endpoint, length);
}

linnet_configuration *linnet__entries_find(const linnet_bootstrap *bootstrap, const char *endpoint,
                                           size_t length) {
  const linnet__entry *entry = linnet__map_find(&bootstrap->entries, endpoint, length);
  return entry != NULL ? entry->configuration : bootstrap->for_everybody;
}

linnet_status linnet__configuration_seal(linnet_bootstrap *bootstrap, const char *endpoint,
                                         linnet_configuration *configuration) {
  linnet_loop *loop = bootstrap->handle.loop;
  if (configuration->handle.loop != loop)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "configure: the configuration is of another loop");
  if (!configuration->sealed && !configuration->unchecked) {
    linnet__buffer why;
    linnet__buffer_init(&why, loop, WHY_LIMIT);
    linnet_status status = linnet__configuration_check(configuration, &why);
    if (status != LINNET_OK) {
      const char *words = why.length > 0 ? linnet__buffer_text(&why) : linnet_status_text(status);
      status = endpoint == NULL
                   ? linnet__fail(loop, status, "configure every device: %s", words)
                   : linnet__fail(loop, status, "configure %n: %s", strlen(endpoint), endpoint, words);
    }
    linnet__buffer_free(&why);
    if (status != LINNET_OK) return status;
  }
  configuration->sealed = true;
  return LINNET_OK;
}

static linnet_status keep(linnet_bootstrap *bootstrap, const char *endpoint,
                          linnet_configuration *configuration) {
  linnet_loop *loop = bootstrap->handle.loop;
  size_t length = strlen(endpoint), size = sizeof(linnet__entry) + length + 1;
  linnet__entry *former = linnet__map_find(&bootstrap->entries, endpoint, length);
  if (former != NULL) {
    linnet_configuration_ref(configuration);
    linnet_configuration_unref(former->configuration);
    former->configuration = configuration;
    return LINNET_OK;
  }
  linnet__entry *entry = linnet__new(loop, size);
  if (entry == NULL) return linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "configure: out of memory");
  entry->configuration = linnet_configuration_ref(configuration);
  entry->size = (uint32_t)size;
  entry->endpoint_length = (uint8_t)length;
  memcpy(entry->endpoint, endpoint, length + 1);
  if (linnet__map_insert(&bootstrap->entries, entry) == LINNET_OK) return LINNET_OK;
  free_entry(loop, entry);
  return linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "configure: out of memory");
}

static void keep_for_everybody(linnet_bootstrap *bootstrap, linnet_configuration *configuration) {
  linnet_configuration *former = bootstrap->for_everybody;
  bootstrap->for_everybody = linnet_configuration_ref(configuration);
  linnet_configuration_unref(former);
}

linnet_status linnet_bootstrap_configure(linnet_bootstrap *bootstrap, const char *endpoint,
                                         linnet_configuration *configuration) {
  if (bootstrap == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = bootstrap->handle.loop;
  if (bootstrap->handle.closed)
    return linnet__fail(loop, LINNET_ERROR_CLOSED, "configure: the bootstrap server is closed");
  if (endpoint != NULL && !linnet__bootstrap_endpoint_valid(endpoint, strlen(endpoint)))
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "configure: an endpoint name is 1 to 252 bytes of UTF-8 (MOD-05)");
  linnet_status status =
      configuration == NULL ? LINNET_OK : linnet__configuration_seal(bootstrap, endpoint, configuration);
  if (status != LINNET_OK) return status;
  if (endpoint == NULL)
    keep_for_everybody(bootstrap, configuration);
  else if (configuration != NULL)
    status = keep(bootstrap, endpoint, configuration);
  else
    free_entry(loop, linnet__map_remove(&bootstrap->entries, endpoint, strlen(endpoint)));
  return status;
}

size_t linnet_bootstrap_configured(const linnet_bootstrap *bootstrap) {
  return bootstrap == NULL ? 0 : bootstrap->entries.count;
}

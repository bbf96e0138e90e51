/* SPDX-License-Identifier: Apache-2.0 */
/* accessors.c: facts of a server and of its registrations, as linnet/server.h promises them. */
#include <string.h>

#include "server_internal.h"

/* NULL also for a server that is none or closed. */
static linnet__registration *find(const linnet_server *server, uint64_t registration) {
  if (server == NULL || server->handle.closed) return NULL;
  return linnet__registration_find(server, registration);
}

uint64_t linnet_server_number(const linnet_server *server) {
  return server == NULL ? 0 : server->handle.number;
}

linnet_loop *linnet_server_loop(const linnet_server *server) {
  return server == NULL ? NULL : server->handle.loop;
}

linnet_model *linnet_server_model(const linnet_server *server) {
  return server == NULL ? NULL : server->model;
}

size_t linnet_server_registration_count(const linnet_server *server) {
  return server == NULL ? 0 : server->by_number.count;
}

uint64_t linnet_server_registration_at(const linnet_server *server, size_t index) {
  if (server == NULL || server->handle.closed) return 0;
  const linnet__slots *slots = &server->by_number;
  if (index >= slots->count) return 0;
  uint32_t place = slots->count == slots->used ? (uint32_t)index : 0; /* no gaps: nothing to count */
  const linnet__registration *registration = linnet__slots_next(slots, &place);
  if (slots->count == slots->used) return registration->number;
  for (; index > 0; index--) registration = linnet__slots_next(slots, &place);
  return registration->number;
}

uint64_t linnet_server_find(const linnet_server *server, const char *endpoint) {
  if (server == NULL || server->handle.closed || endpoint == NULL) return 0;
  const linnet__registration *registration = linnet__registration_named(server, endpoint, strlen(endpoint));
  return registration == NULL ? 0 : registration->number;
}

bool linnet_server_has_registration(const linnet_server *server, uint64_t registration) {
  return find(server, registration) != NULL;
}

const char *linnet_server_endpoint(const linnet_server *server, uint64_t registration) {
  const linnet__registration *found = find(server, registration);
  return found == NULL ? "" : found->endpoint;
}

uint32_t linnet_server_lifetime(const linnet_server *server, uint64_t registration) {
  const linnet__registration *found = find(server, registration);
  return found == NULL ? 0 : found->lifetime_s;
}

const char *linnet_server_binding(const linnet_server *server, uint64_t registration) {
  const linnet__registration *found = find(server, registration);
  return found == NULL ? "" : linnet__bindings[found->binding];
}

const char *linnet_server_sms_number(const linnet_server *server, uint64_t registration) {
  const linnet__registration *found = find(server, registration);
  return found == NULL ? "" : linnet__registration_sms(found);
}

const char *linnet_server_lwm2m_version(const linnet_server *server, uint64_t registration) {
  return find(server, registration) == NULL ? "" : "1.0"; /* REG-04: there is no other */
}

const char *linnet_server_location(const linnet_server *server, uint64_t registration) {
  if (find(server, registration) == NULL) return "";
  memcpy(server->location, "/rd/", 4);
  linnet__location_write(server, registration, server->location + 4);
  return server->location;
}

uint64_t linnet_server_find_location(const linnet_server *server, const char *location) {
  if (server == NULL || server->handle.closed || location == NULL) return 0;
  if (strncmp(location, "/rd/", 4) != 0) return 0;
  linnet__text segment = {location + 4, strlen(location + 4)};
  const linnet__registration *found = linnet__registration_at(server, &segment);
  return found == NULL ? 0 : found->number;
}

/* MOD-09: where no version is told, it is 1.0. */
const char *linnet_server_object_version(const linnet_server *server, uint64_t registration,
                                         uint16_t object) {
  const linnet__registration *found = find(server, registration);
  const char *version = "";
  linnet_link link;
  linnet_link_parameter parameter;
  linnet_path path;
  size_t position = 0;
  if (found == NULL || object == 0) return version;
  const char *links = linnet__registration_links(found);
  while (linnet_link_next(links, found->facts->links_length, &position, &link) == LINNET_OK) {
    if (link.target == NULL || linnet_link_path(&link, linnet__registration_root(found), &path) != LINNET_OK)
      continue;
    if (path.depth < 1 || path.depth > 2 || path.id[0] != object) continue;
    if (version[0] == 0) version = "1.0";
    if (path.depth != 1 || !linnet_link_find(&link, "ver", &parameter)) continue;
    if (parameter.value == NULL || parameter.value_length > LINNET__VERSION_SIZE) continue;
    memcpy(server->version, parameter.value, parameter.value_length);
    server->version[parameter.value_length] = 0;
    version = server->version;
  }
  return version;
}

const char *linnet_server_links(const linnet_server *server, uint64_t registration) {
  const linnet__registration *found = find(server, registration);
  return found == NULL ? "" : linnet__registration_links(found);
}

const char *linnet_server_root(const linnet_server *server, uint64_t registration) {
  const linnet__registration *found = find(server, registration);
  return found == NULL ? "" : linnet__registration_root(found);
}

/* REG-21: object 0 is never listed, whatever a device says. */
bool linnet_server_lists(const linnet_server *server, uint64_t registration, linnet_path path) {
  const linnet__registration *found = find(server, registration);
  if (found == NULL || path.depth < 1 || path.depth > 2 || path.id[0] == 0) return false;
  const char *links = linnet__registration_links(found);
  linnet_link link;
  linnet_path below;
  size_t position = 0;
  while (linnet_link_next(links, found->facts->links_length, &position, &link) == LINNET_OK) {
    if (link.target == NULL) continue;
    if (linnet_link_path(&link, linnet__registration_root(found), &below) != LINNET_OK) continue;
    if (below.depth <= 2 && linnet_path_within(below, path)) return true;
  }
  return false;
}

linnet_status linnet_server_peer(const linnet_server *server, uint64_t registration, linnet_address *peer) {
  const linnet__registration *found = find(server, registration);
  if (server == NULL || peer == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  if (found == NULL)
    return linnet__fail(server->handle.loop, LINNET_ERROR_NOT_FOUND, "peer: no such registration");
  *peer = found->peer.address;
  return LINNET_OK;
}

uint64_t linnet_server_expires(const linnet_server *server, uint64_t registration) {
  const linnet__registration *found = find(server, registration);
  return found == NULL ? 0 : found->expires_ms;
}

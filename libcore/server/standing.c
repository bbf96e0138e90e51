/* SPDX-License-Identifier: Apache-2.0 */
/* standing.c: observations that outlive registrations, and begin again with the next (OBS-13, REG-13). */
#include <string.h>

#include "server_internal.h"

static const void *standing_key(const void *item, size_t *length) {
  const linnet__standing *standing = item;
  *length = standing->endpoint_length;
  return standing->endpoint;
}

void linnet__standing_init(linnet_server *server) {
  linnet__map_init(&server->standing, server->handle.loop, standing_key);
}

static size_t standing_size(const linnet__standing *standing) {
  return offsetof(linnet__standing, endpoint) + standing->endpoint_length + 1;
}

static void discard(linnet_server *server, linnet__standing *standing) {
  linnet__map_remove(&server->standing, standing->endpoint, standing->endpoint_length);
  linnet__free(server->handle.loop, standing, standing_size(standing));
}

void linnet__standing_free(linnet_server *server) {
  linnet__standing *standing;
  for (size_t position = 0; (standing = linnet__map_next(&server->standing, &position)) != NULL;) {
    /* Its last request takes it along. */
    for (bool more = true; more;) {
      linnet__list *first = standing->requests.next;
      more = first->next != &standing->requests;
      linnet__server_request_free(LINNET__CONTAINER(first, linnet__server_request, node));
    }
  }
  linnet__map_free(&server->standing);
}

linnet__standing *linnet__standing_get(linnet_server *server, const char *endpoint, size_t length) {
  linnet__standing *standing = linnet__map_find(&server->standing, endpoint, length);
  if (standing != NULL) return standing;
  standing = linnet__new(server->handle.loop, offsetof(linnet__standing, endpoint) + length + 1);
  if (standing == NULL) return NULL;
  linnet__list_init(&standing->requests);
  standing->endpoint_length = (uint8_t)length;
  memcpy(standing->endpoint, endpoint, length);
  if (linnet__map_insert(&server->standing, standing) == LINNET_OK) return standing;
  linnet__free(server->handle.loop, standing, standing_size(standing));
  return NULL;
}

void linnet__standing_add(linnet__standing *standing, linnet__server_request *request) {
  request->registration = NULL;
  request->standing = standing;
  request->state = LINNET__SERVER_REQUEST_STANDING;
  linnet__list_append(&standing->requests, &request->node);
}

/* Without memory it is cancelled like the others. */
static void collect(linnet__server_request *request) {
  linnet_server *server = request->server;
  const linnet__registration *registration = request->registration;
  linnet__standing *standing =
      linnet__standing_get(server, registration->endpoint, registration->endpoint_length);
  if (standing == NULL) {
    request->kept = false;
    return;
  }
  linnet__coap_forget(server->coap, request->exchange);
  request->exchange = 0;
  linnet__waiting_release(request);
  linnet__server_request_leave(request);
  linnet__standing_add(standing, request);
  linnet__change_request(request);
}

static linnet__server_request *first_kept(const linnet__registration *registration) {
  linnet__server_request *request = registration->requests;
  if (registration->observations == 0) return NULL;
  do {
    if (request->kept) return request;
    request = LINNET__CONTAINER(request->node.next, linnet__server_request, node);
  } while (request != registration->requests);
  return NULL;
}

void linnet__standing_collect(linnet__registration *registration) {
  for (linnet__server_request *request; (request = first_kept(registration)) != NULL;) collect(request);
}

void linnet__standing_renew(linnet__registration *registration) {
  linnet_server *server = registration->server;
  if (server->standing.count == 0) return;
  linnet__standing *standing =
      linnet__map_find(&server->standing, registration->endpoint, registration->endpoint_length);
  if (standing == NULL) return;
  for (linnet__list *node; (node = linnet__list_take(&standing->requests)) != NULL;) {
    linnet__server_request *request = LINNET__CONTAINER(node, linnet__server_request, node);
    linnet__server_request_parts parts = {.format = request->format};
    request->standing = NULL;
    request->state = LINNET__SERVER_REQUEST_NEW;
    request->ended->registration = registration->number;
    linnet__server_request_join(request, registration);
    linnet_status status = linnet__waiting_add(request, &parts);
    if (status != LINNET_OK) linnet__server_observation_end(request, status, NULL);
  }
  discard(server, standing);
}

void linnet__standing_release(linnet__server_request *request) {
  linnet__list_remove(&request->node);
  if (linnet__list_empty(&request->standing->requests)) discard(request->server, request->standing);
}

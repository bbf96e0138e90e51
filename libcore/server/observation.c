/* SPDX-License-Identifier: Apache-2.0 */
/* observation.c: observations of a device: notifications, their end, cancelling and forgetting (digest 5). */
#include "server_internal.h"

/* The latest first. */
static linnet__server_request *find_observation(const linnet__registration *registration, linnet_path path) {
  linnet__server_request *request = registration->requests;
  if (request == NULL) return NULL;
  do {
    request = LINNET__CONTAINER(request->node.previous, linnet__server_request, node);
    if (request->state == LINNET__SERVER_REQUEST_OBSERVING && linnet_path_equal(request->path, path))
      return request;
  } while (request != registration->requests);
  return NULL;
}

void linnet__server_observation_end(linnet__server_request *request, linnet_status status, const char *why) {
  linnet_event *event = request->ended;
  request->ended = NULL;
  linnet__server_event_fail(event, request, status, why);
  linnet__event_emit(request->server->handle.loop, event);
  linnet__server_request_free(request);
}

/* OBS-07: a device keeps one observation of a path for us, so the former one is over. */
void linnet__server_observation_begin(linnet__server_request *request) {
  linnet__registration *registration = request->registration;
  linnet__server_request *former = find_observation(registration, request->path);
  if (former != NULL)
    linnet__server_observation_end(former, LINNET_ERROR_CANCELLED,
                                   "a newer observation of the path took its place");
  request->state = LINNET__SERVER_REQUEST_OBSERVING;
  registration->open_requests--;
  linnet__waiting_release(request);
  linnet__change_request(request);
}

void linnet__server_observation_move(linnet__server_request *request) {
  linnet_server *server = request->server;
  linnet__token token;
  linnet_status status = linnet__coap_token(server->coap, request->exchange, &token);
  linnet__coap_forget(server->coap, request->exchange);
  request->exchange = 0;
  if (status == LINNET_OK) status = linnet__server_request_resume(request, &token);
  if (status != LINNET_OK) linnet__server_observation_end(request, status, NULL);
}

/* OB-03. */
static void refused(linnet__server_request *request, const linnet__incoming *response) {
  linnet_event *ended = request->ended;
  request->ended = NULL;
  linnet__server_event_fill(ended, request, response);
  linnet__event_emit(request->server->handle.loop, ended);
  linnet__server_request_free(request);
}

static void tell_value(const linnet__server_request *request, const linnet__incoming *response) {
  linnet_server *server = request->server;
  linnet_event *event = linnet__event_new(server->handle.loop, LINNET_EVENT_NOTIFY, server->handle.number);
  if (event != NULL) {
    event->registration = request->registration->number;
    event->request = request->number;
    event->operation = LINNET_OPERATION_OBSERVE;
    event->path = request->path;
    linnet__event_set_endpoint(event, request->registration->endpoint);
    linnet__server_event_fill(event, request, response);
  }
  linnet__event_emit(server->handle.loop, event);
}

void linnet__server_observation_continue(linnet__server_request *request, linnet_status status,
                                         const linnet__incoming *response) {
  if (status != LINNET_OK) {
    linnet__server_observation_end(request, status, NULL);
  } else if (response->code >> 5u != 2) {
    refused(request, response);
  } else {
    tell_value(request, response);
    if (response->observe < 0)
      linnet__server_observation_end(request, LINNET_ERROR_CANCELLED, "the device ended it");
  }
}

void linnet__server_observation_renewed(linnet__server_request *request, linnet_status status,
                                        const linnet__incoming *response) {
  if (status != LINNET_OK) {
    linnet__server_observation_end(request, status, NULL);
  } else if (response->code >> 5u != 2) {
    refused(request, response);
  } else {
    tell_value(request, response);
    if (response->observe >= 0)
      linnet__server_observation_begin(request);
    else
      linnet__server_observation_end(request, LINNET_ERROR_NOT_ALLOWED, "the device does not observe it");
  }
}

linnet_status linnet_server_keep_observation(linnet_server *server, uint64_t observation) {
  if (server == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = server->handle.loop;
  if (server->handle.closed) return linnet__fail(loop, LINNET_ERROR_CLOSED, "keep: the server is closed");
  linnet__server_request *request = linnet__server_request_find(server, observation);
  if (request == NULL || request->operation != LINNET_OPERATION_OBSERVE)
    return linnet__fail(loop, LINNET_ERROR_NOT_FOUND, "keep: there is no observation %U", observation);
  if (!request->kept && request->state != LINNET__SERVER_REQUEST_OBSERVING)
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "keep: the observation %U is not answered yet",
                        observation);
  request->kept = true;
  linnet__change_request(request);
  return LINNET_OK;
}

linnet_status linnet_server_cancel(linnet_server *server, uint64_t observation, uint64_t *cancel) {
  if (server == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = server->handle.loop;
  if (server->handle.closed) return linnet__fail(loop, LINNET_ERROR_CLOSED, "cancel: the server is closed");
  linnet__server_request *request = linnet__server_request_find(server, observation);
  if (request == NULL || request->operation != LINNET_OPERATION_OBSERVE)
    return linnet__fail(loop, LINNET_ERROR_NOT_FOUND, "cancel: there is no observation %U", observation);
  if (request->state == LINNET__SERVER_REQUEST_STANDING)
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE,
                        "cancel: the device is not registered; the observation may be forgotten");
  if (request->state != LINNET__SERVER_REQUEST_OBSERVING)
    return linnet__server_request_fail(request->registration, LINNET_OPERATION_CANCEL, request->path,
                                       LINNET_ERROR_WRONG_STATE,
                                       "it is not answered yet, and may be forgotten instead");
  linnet__server_request_parts parts = {.format = request->format, .observation = observation};
  return linnet__server_request_send(request->registration, LINNET_OPERATION_CANCEL, request->path, &parts,
                                     cancel);
}

linnet_status linnet_server_forget(linnet_server *server, uint64_t number) {
  if (server == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = server->handle.loop;
  if (server->handle.closed) return linnet__fail(loop, LINNET_ERROR_CLOSED, "forget: the server is closed");
  linnet__server_request *request = linnet__server_request_find(server, number);
  if (request == NULL)
    return linnet__fail(loop, LINNET_ERROR_NOT_FOUND, "forget: there is no request or observation %U",
                        number);
  linnet__server_request_free(request);
  return LINNET_OK;
}

uint64_t linnet_server_observation(const linnet_server *server, uint64_t registration, linnet_path path) {
  if (server == NULL || server->handle.closed) return 0;
  const linnet__registration *found = linnet__registration_find(server, registration);
  const linnet__server_request *request = found == NULL ? NULL : find_observation(found, path);
  return request == NULL ? 0 : request->number;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* waiting.c: queue mode: requests wait until their device is awake, and go one at a time (digest 9, QUE-04 to
 * QUE-07). */
#include <string.h>

#include "server_internal.h"

#define AWAKE_MS 93000 /* QUE-04: MAX_TRANSMIT_WAIT */

/* ---- what is held -------------------------------------------------------------------------------- */

static size_t held_size(const linnet__held *held) {
  return offsetof(linnet__held, data) + held->text_length + 1 + held->payload_length;
}

static linnet__held *new_held(linnet_loop *loop, const linnet__server_request_parts *parts) {
  size_t text_length = 0;
  for (size_t i = 0; i < parts->query_count; i++) text_length += parts->query[i].length + (i > 0);
  size_t size = offsetof(linnet__held, data) + text_length + 1 + parts->payload_length;
  linnet__held *held = linnet__new(loop, size);
  if (held == NULL) return NULL;
  linnet__list_init(&held->due);
  held->text_length = (uint32_t)text_length;
  held->payload_length = (uint32_t)parts->payload_length;
  char *at = held->data;
  for (size_t i = 0; i < parts->query_count; i++) {
    if (i > 0) *at++ = '&';
    memcpy(at, parts->query[i].data, parts->query[i].length);
    at += parts->query[i].length;
  }
  *at++ = 0;
  if (parts->payload_length > 0) memcpy(at, parts->payload, parts->payload_length);
  return held;
}

static void read_held(const linnet__server_request *request, linnet__server_request_parts *parts) {
  const linnet__held *held = request->held;
  size_t position = 0;
  *parts = (linnet__server_request_parts){.format = request->format, .observation = request->observation};
  while (parts->query_count < LINNET__QUERY_LIMIT &&
         linnet__attributes_next(held->data, &position, &parts->query[parts->query_count]) == LINNET_OK)
    parts->query_count++;
  parts->payload = (const uint8_t *)held->data + held->text_length + 1;
  parts->payload_length = held->payload_length;
}

/* ---- awake or not -------------------------------------------------------------------------------- */

bool linnet__waiting_is_for(const linnet__registration *registration) {
  return strchr(linnet__bindings[registration->binding], 'Q') != NULL;
}

static bool is_awake(const linnet__registration *registration) {
  const linnet_server *server = registration->server;
  if (registration->heard_s == 0) return false;
  uint64_t heard_ms = (uint64_t)(registration->heard_s - 1) * 1000;
  return linnet_loop_now(server->handle.loop) < heard_ms + linnet__channel_awake_ms(registration);
}

/* A binding may change while requests wait (QUE-11). */
static bool is_ready(const linnet__registration *registration) {
  return !linnet__waiting_is_for(registration) || is_awake(registration);
}

static void look_later(linnet__held *held) {
  linnet_server *server = held->request->server;
  if (linnet__list_empty(&held->due)) linnet__list_append(&server->due, &held->due);
  linnet__task_post(server->handle.loop, &server->task);
}

static linnet__server_request *first_queued(const linnet__registration *registration) {
  linnet__server_request *request = registration->requests;
  if (registration->queued == 0) return NULL;
  while (request->state != LINNET__SERVER_REQUEST_QUEUED)
    request = LINNET__CONTAINER(request->node.next, linnet__server_request, node);
  return request;
}

/* ---- in and out ---------------------------------------------------------------------------------- */

static void leave(linnet__server_request *request) {
  request->registration->queued--;
  request->server->queued--;
  request->state = LINNET__SERVER_REQUEST_NEW;
  linnet__timer_stop(request->server->handle.loop, &request->held->expiry);
}

static void enter(linnet__server_request *request) {
  request->state = LINNET__SERVER_REQUEST_QUEUED;
  request->registration->queued++;
  request->server->queued++;
  look_later(request->held);
}

const char *linnet__waiting_full(const linnet__registration *registration) {
  const linnet_server *server = registration->server;
  size_t waiting = (size_t)registration->queued + registration->open_requests;
  if (waiting >= linnet__coap_limit(server->coap, LINNET_LIMIT_QUEUED_REQUESTS) || waiting >= UINT16_MAX)
    return "too many requests wait for the device";
  if (server->queued >= linnet__coap_limit(server->coap, LINNET_LIMIT_ALL_QUEUED_REQUESTS))
    return "too many requests wait for devices that sleep";
  return NULL;
}

linnet_status linnet__waiting_add(linnet__server_request *request,
                                  const linnet__server_request_parts *parts) {
  request->held = new_held(request->server->handle.loop, parts);
  if (request->held == NULL) return LINNET_ERROR_NO_MEMORY;
  request->held->request = request;
  enter(request);
  return LINNET_OK;
}

void linnet__waiting_release(linnet__server_request *request) {
  linnet__held *held = request->held;
  if (held == NULL) return;
  if (request->state == LINNET__SERVER_REQUEST_QUEUED) leave(request);
  linnet__list_remove(&held->due);
  request->held = NULL;
  linnet__free(request->server->handle.loop, held, held_size(held));
}

/* QUE-07. */
static void expired(linnet__timer *timer) {
  const linnet__held *held = LINNET__CONTAINER(timer, linnet__held, expiry);
  linnet__server_request_failed(held->request, LINNET_ERROR_TIMED_OUT, "the device did not wake in time");
}

static void await(linnet__held *held) {
  const linnet_server *server = held->request->server;
  linnet_loop *loop = server->handle.loop;
  if (held->expires_ms == 0) {
    bool endless = server->queue_time_ms == 0 || held->request->response == NULL;
    held->expires_ms = endless ? LINNET_NEVER : linnet_loop_now(loop) + server->queue_time_ms;
    linnet__change_request(held->request);
  }
  if (held->request->state == LINNET__SERVER_REQUEST_QUEUED)
    linnet__timer_arm(loop, &held->expiry, held->expires_ms, expired);
}

/* ---- sending ------------------------------------------------------------------------------------- */

/* QUE-06: in order of arrival, as many at a time as NSTART says. */
static void pump(linnet__registration *registration) {
  linnet_server *server = registration->server;
  size_t most = linnet__coap_limit(server->coap, LINNET_LIMIT_NSTART);
  while (registration->queued > 0 && registration->open_requests < most && is_ready(registration)) {
    linnet__server_request *request = first_queued(registration);
    linnet__server_request_parts parts;
    leave(request);
    read_held(request, &parts);
    linnet_status status = linnet__server_request_transmit(request, &parts);
    if (status != LINNET_OK)
      linnet__server_request_failed(request, status, linnet_error_text(server->handle.loop));
  }
}

static void tell(const linnet__registration *registration, linnet_event_kind kind,
                 const linnet__server_request *request) {
  linnet_server *server = registration->server;
  linnet_event *event = linnet__event_new(server->handle.loop, kind, server->handle.number);
  if (event != NULL) {
    event->registration = registration->number;
    linnet__event_set_endpoint(event, registration->endpoint);
    if (request != NULL) {
      event->request = request->number;
      event->operation = request->operation;
      event->path = request->path;
    } else {
      linnet__event_set_text(event, linnet__registration_sms(registration), registration->facts->sms_length);
    }
  }
  linnet__event_emit(server->handle.loop, event);
}

/* The application hears what waits, and whoever can send short messages that one would help (QUE-09). */
static void tell_waiting(const linnet__registration *registration) {
  linnet__server_request *request = registration->requests;
  bool news = false;
  do {
    if (request->state == LINNET__SERVER_REQUEST_QUEUED && !request->held->told) {
      request->held->told = news = true;
      tell(registration, LINNET_EVENT_QUEUED, request);
    }
    request = LINNET__CONTAINER(request->node.next, linnet__server_request, node);
  } while (request != registration->requests);
  if (!news || registration->binding != LINNET__BINDING_UQS) return;
  tell(registration, LINNET_EVENT_TRIGGER_WANTED, NULL);
  linnet__channel_wake(registration);
}

static void look(linnet__task *task) {
  linnet_server *server = LINNET__CONTAINER(task, linnet_server, task);
  for (linnet__list *node; (node = linnet__list_take(&server->due)) != NULL;) {
    linnet__held *held = LINNET__CONTAINER(node, linnet__held, due);
    linnet__registration *registration = held->request->registration;
    await(held);
    pump(registration);
    if (registration->queued > 0 && !is_ready(registration)) tell_waiting(registration);
  }
}

void linnet__waiting_hear(linnet__registration *registration) {
  uint64_t now_ms = linnet_loop_now(registration->server->handle.loop);
  registration->heard_s = (uint32_t)(now_ms / 1000) + 1;
  if (registration->queued > 0) look_later(first_queued(registration)->held);
}

void linnet__waiting_go_on(linnet__registration *registration) {
  if (registration->queued > 0) pump(registration);
}

bool linnet__waiting_put_back(linnet__server_request *request) {
  linnet__registration *registration = request->registration;
  linnet__held *held = request->held;
  /* What began again with the registration is worth some more attempts anywhere (REG-13). */
  if (held == NULL || (!linnet__waiting_is_for(registration) && request->response != NULL)) return false;
  registration->heard_s = 0;
  size_t most = linnet__coap_limit(request->server->coap, LINNET_LIMIT_DELIVERIES);
  if (++held->deliveries >= most) return false;
  registration->open_requests--;
  request->exchange = 0;
  held->told = false;
  enter(request);
  return true;
}

void linnet__waiting_shift(const linnet__registration *registration, uint64_t shift_ms) {
  linnet__server_request *request = registration->requests;
  if (request == NULL) return;
  do {
    linnet__held *held = request->held;
    if (held != NULL && held->expires_ms != LINNET_NEVER && held->expires_ms != 0)
      held->expires_ms += shift_ms;
    request = LINNET__CONTAINER(request->node.next, linnet__server_request, node);
  } while (request != registration->requests);
}

void linnet__waiting_recall(linnet__registration *registration) {
  linnet__server_request *request = registration->requests;
  if (request == NULL) return;
  do {
    if (request->state == LINNET__SERVER_REQUEST_OPEN && request->held != NULL) {
      linnet__coap_forget(request->server->coap, request->exchange);
      registration->open_requests--;
      request->exchange = 0;
      enter(request);
    }
    request = LINNET__CONTAINER(request->node.next, linnet__server_request, node);
  } while (request != registration->requests);
}

/* ---- the server ---------------------------------------------------------------------------------- */

void linnet__waiting_init(linnet_server *server) {
  server->awake_ms = AWAKE_MS;
  linnet__list_init(&server->due);
  linnet__task_init(&server->task, look);
}

void linnet__waiting_end(linnet_server *server) { linnet__task_cancel(&server->task); }

void linnet_server_set_queue_time(linnet_server *server, uint32_t time_ms) {
  if (server != NULL) server->queue_time_ms = time_ms;
}

void linnet_server_set_awake_time(linnet_server *server, uint32_t time_ms) {
  if (server != NULL) server->awake_ms = time_ms;
}

bool linnet_server_is_awake(const linnet_server *server, uint64_t registration) {
  if (server == NULL || server->handle.closed) return false;
  const linnet__registration *found = linnet__registration_find(server, registration);
  return found != NULL && is_ready(found);
}

size_t linnet_server_queued_count(const linnet_server *server, uint64_t registration) {
  if (server == NULL || server->handle.closed) return 0;
  const linnet__registration *found = linnet__registration_find(server, registration);
  return found == NULL ? 0 : found->queued;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* bootstrap.c: the bootstrap server as a handle, and the Bootstrap-Requests that come to it (digest 6.2). */
#include <string.h>

#include "bootstrap_internal.h"

/* Until a device that is turned away for lack of room may try again. */
#define RETRY_AFTER_S 60
#define WORDS_LIMIT 1024

static bool is_text(const linnet__text *text, const char *expected) {
  return text->length == strlen(expected) && memcmp(text->data, expected, text->length) == 0;
}

/* 0, or 4.04, or 4.05: there is POST /bs and nothing else. */
static uint8_t route(const linnet__incoming *request) {
  linnet__text segment, more;
  size_t position = 0;
  if (!linnet__incoming_text(request, LINNET__OPTION_URI_PATH, &position, &segment) ||
      !is_text(&segment, "bs") || linnet__incoming_text(request, LINNET__OPTION_URI_PATH, &position, &more))
    return LINNET__NOT_FOUND;
  return request->code == LINNET__POST ? 0 : LINNET__METHOD_NOT_ALLOWED;
}

/* The one `ep`; other parameters, such as the `pct` of 1.1, are skipped (AMB-11). */
static bool read_endpoint(const linnet__incoming *request, linnet__text *endpoint) {
  linnet__text query;
  size_t position = 0;
  unsigned count = 0;
  while (linnet__incoming_text(request, LINNET__OPTION_URI_QUERY, &position, &query)) {
    if (query.length < 3 || memcmp(query.data, "ep=", 3) != 0) continue;
    *endpoint = (linnet__text){query.data + 3, query.length - 3};
    count++;
  }
  return count == 1 && linnet__bootstrap_endpoint_valid(endpoint->data, endpoint->length);
}

static void refuse(linnet__response *response, uint8_t code, const char *why) {
  response->code = code;
  if (code == LINNET__SERVICE_UNAVAILABLE) response->max_age_s = RETRY_AFTER_S;
  if (why != NULL) linnet__buffer_append_text(response->payload, why);
}

static void answer_request(linnet_bootstrap *bootstrap, const linnet__incoming *request,
                           linnet__response *response) {
  linnet__text endpoint;
  if (!read_endpoint(request, &endpoint)) {
    refuse(response, LINNET__BAD_REQUEST, "ep is missing, repeated or malformed");
    return;
  }
  if (!linnet__transport_allows(request->peer.transport, &request->peer.address, endpoint.data,
                                endpoint.length)) { /* SEC-05 */
    refuse(response, LINNET__BAD_REQUEST, "the credentials of this session are of another endpoint");
    return;
  }
  const linnet__configuration *configuration =
      linnet__configuration_find(bootstrap, endpoint.data, endpoint.length);
  if (configuration == NULL) {
    linnet__log(bootstrap->handle.loop, LINNET_LOG_WARNING,
                "bootstrap: %n asks, but there is nothing for an endpoint of this name", endpoint.length,
                endpoint.data);
    refuse(response, LINNET__BAD_REQUEST, "unknown endpoint");
    return;
  }
  bool again = linnet__sequence_running(bootstrap, configuration);
  if (!again && bootstrap->sequences.count >= linnet__coap_limit(bootstrap->coap, LINNET_LIMIT_BOOTSTRAPS)) {
    refuse(response, LINNET__SERVICE_UNAVAILABLE, "too many bootstraps are under way");
    return;
  }
  if (linnet__sequence_begin(bootstrap, configuration, &request->peer) != LINNET_OK) {
    refuse(response, LINNET__SERVICE_UNAVAILABLE, "out of memory");
    return;
  }
  response->code = LINNET__CHANGED;
}

static linnet__answer answer(void *user, const linnet__incoming *request, linnet__response *response) {
  uint8_t code = route(request);
  if (code != 0)
    refuse(response, code, NULL);
  else
    answer_request(user, request, response);
  return LINNET__ANSWER_NOW;
}

/* BW-08: a Bootstrap-Request has no payload, so none is collected for anything else either. */
static uint8_t precheck(void *user, const linnet__incoming *request) {
  (void)user;
  return route(request);
}

static void session_changed(void *user, const linnet__peer *peer, const linnet__session_news *news) {
  const linnet_bootstrap *bootstrap = user;
  linnet__coap_report_session(bootstrap->handle.loop, bootstrap->handle.number, peer, news);
}

static void destroy(linnet__handle *handle) {
  linnet_bootstrap *bootstrap = (linnet_bootstrap *)(void *)handle;
  linnet_bootstrap_close(bootstrap);
  linnet_model_unref(bootstrap->model);
  linnet__buffer_free(&bootstrap->words);
  linnet__handle_free(handle);
}

linnet_bootstrap *linnet_bootstrap_new(linnet_loop *loop, linnet_model *model) {
  static const linnet__coap_handler handler = {
      .request = answer, .precheck = precheck, .session = session_changed};
  if (loop == NULL) return NULL;
  linnet_bootstrap *bootstrap = linnet__handle_new(loop, sizeof *bootstrap, destroy);
  if (bootstrap == NULL) return NULL;
  linnet__configurations_init(bootstrap);
  linnet__sequences_init(bootstrap);
  linnet__buffer_init(&bootstrap->words, loop, WORDS_LIMIT);
  bootstrap->model = model != NULL ? linnet_model_ref(model) : linnet_model_new(loop);
  bootstrap->coap = linnet__coap_new(loop, &handler, bootstrap);
  if (bootstrap->model != NULL && bootstrap->coap != NULL) return bootstrap;
  linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "bootstrap server: out of memory");
  linnet_bootstrap_unref(bootstrap);
  return NULL;
}

linnet_bootstrap *linnet_bootstrap_ref(linnet_bootstrap *bootstrap) {
  if (bootstrap != NULL) linnet__handle_ref(&bootstrap->handle);
  return bootstrap;
}

void linnet_bootstrap_unref(linnet_bootstrap *bootstrap) {
  if (bootstrap != NULL) linnet__handle_unref(&bootstrap->handle);
}

void linnet_bootstrap_close(linnet_bootstrap *bootstrap) {
  if (bootstrap == NULL || bootstrap->handle.closed) return;
  linnet__coap *coap = bootstrap->coap;
  bootstrap->handle.closed = true;
  linnet__sequences_free(bootstrap);
  linnet__configurations_free(bootstrap);
  bootstrap->coap = NULL;
  if (coap != NULL) linnet__coap_close(coap);
}

uint64_t linnet_bootstrap_number(const linnet_bootstrap *bootstrap) {
  return bootstrap == NULL ? 0 : bootstrap->handle.number;
}

linnet_loop *linnet_bootstrap_loop(const linnet_bootstrap *bootstrap) {
  return bootstrap == NULL ? NULL : bootstrap->handle.loop;
}

linnet_model *linnet_bootstrap_model(const linnet_bootstrap *bootstrap) {
  return bootstrap == NULL ? NULL : bootstrap->model;
}

linnet_status linnet_bootstrap_add_transport(linnet_bootstrap *bootstrap, linnet_transport *transport) {
  if (bootstrap == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = bootstrap->handle.loop;
  if (bootstrap->handle.closed)
    return linnet__fail(loop, LINNET_ERROR_CLOSED, "add transport: the bootstrap server is closed");
  if (transport == NULL || linnet_transport_loop(transport) != loop)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "add transport: not a transport of this loop");
  return linnet__coap_add_transport(bootstrap->coap, transport);
}

linnet_status linnet_bootstrap_set_limit(linnet_bootstrap *bootstrap, linnet_limit limit, size_t value) {
  if (bootstrap == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  if (bootstrap->handle.closed)
    return linnet__fail(bootstrap->handle.loop, LINNET_ERROR_CLOSED,
                        "set limit: the bootstrap server is closed");
  return linnet__coap_set_limit(bootstrap->coap, limit, value);
}

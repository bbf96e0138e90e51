/* SPDX-License-Identifier: Apache-2.0 */
/* bootstrap.c: the bootstrap server as a handle; bootstraps that it begins by itself (digest 6.1, 6.2). */
#include <string.h>

#include "bootstrap_internal.h"

#define WORDS_LIMIT 1024

/* ---- what comes from CoAP ------------------------------------------------------------------------ */

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

static linnet__answer answer(void *user, const linnet__incoming *request, linnet__response *response) {
  uint8_t code = route(request);
  if (code == 0) return linnet__bootstrap_requested(user, request, response);
  const linnet_bootstrap *bootstrap = user;
  response->code = code;
  linnet__coap_warn_refusal(bootstrap->coap, request, response);
  return LINNET__ANSWER_NOW;
}

/* BW-08: a Bootstrap-Request has no payload, so none is collected for anything else either. */
static uint8_t precheck(void *user, const linnet__incoming *request) {
  (void)user;
  return route(request);
}

static void session_changed(void *user, const linnet__peer *peer, const linnet__session_news *news) {
  linnet_bootstrap *bootstrap = user;
  if (linnet__sequences_session(bootstrap, peer, news)) return;
  linnet__coap_report_session(bootstrap->handle.loop, bootstrap->handle.number, peer, news);
}

/* ---- life ---------------------------------------------------------------------------------------- */

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
  linnet__entries_init(bootstrap);
  linnet__sequences_init(bootstrap);
  linnet__list_init(&bootstrap->askings);
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
  linnet_release release = bootstrap->release;
  bootstrap->handle.closed = true;
  linnet__sequences_free(bootstrap);
  linnet__askings_free(bootstrap);
  linnet__entries_free(bootstrap);
  bootstrap->coap = NULL;
  if (coap != NULL) linnet__coap_close(coap);
  while (bootstrap->transport_count > 0)
    linnet_transport_unref(bootstrap->transports[--bootstrap->transport_count]);
  bootstrap->handler = NULL;
  bootstrap->release = NULL;
  if (release != NULL) release(bootstrap->user); /* last: it may be user code */
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

linnet_status linnet_bootstrap_set_limit(linnet_bootstrap *bootstrap, linnet_limit limit, size_t value) {
  if (bootstrap == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  if (bootstrap->handle.closed)
    return linnet__fail(bootstrap->handle.loop, LINNET_ERROR_CLOSED,
                        "set limit: the bootstrap server is closed");
  return linnet__coap_set_limit(bootstrap->coap, limit, value);
}

/* ---- transports ---------------------------------------------------------------------------------- */

/* Those that are closed give their places back. */
static void forget_closed_transports(linnet_bootstrap *bootstrap) {
  size_t kept = 0;
  for (size_t i = 0; i < bootstrap->transport_count; i++) {
    if (linnet_transport_is_closed(bootstrap->transports[i]))
      linnet_transport_unref(bootstrap->transports[i]);
    else
      bootstrap->transports[kept++] = bootstrap->transports[i];
  }
  bootstrap->transport_count = kept;
}

linnet_status linnet_bootstrap_add_transport(linnet_bootstrap *bootstrap, linnet_transport *transport) {
  if (bootstrap == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = bootstrap->handle.loop;
  if (bootstrap->handle.closed)
    return linnet__fail(loop, LINNET_ERROR_CLOSED, "add transport: the bootstrap server is closed");
  if (transport == NULL || linnet_transport_loop(transport) != loop)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "add transport: not a transport of this loop");
  forget_closed_transports(bootstrap);
  if (bootstrap->transport_count == LINNET__BOOTSTRAP_TRANSPORTS)
    return linnet__fail(loop, LINNET_ERROR_LIMIT_REACHED, "add transport: the bootstrap server has 8");
  linnet_status status = linnet__coap_add_transport(bootstrap->coap, transport);
  if (status == LINNET_OK)
    bootstrap->transports[bootstrap->transport_count++] = linnet_transport_ref(transport);
  return status;
}

/* Of several one that is secure and has keys of the device, else one that is not secure; of these the one
 * that is bound to such an address itself. */
static unsigned fitness(const linnet_transport *transport, const char *endpoint, const linnet_address *peer) {
  enum { LEADS_THERE = 1, BOUND = 2, SECURE = 4 };
  linnet_transport_kind kind =
      peer->kind == LINNET_ADDRESS_PHONE ? LINNET_TRANSPORT_SMS : LINNET_TRANSPORT_UDP;
  const linnet_address *local = linnet_transport_local(transport);
  bool secure = linnet_transport_is_secure(transport);
  if (linnet_transport_is_closed(transport) || linnet_transport_get_kind(transport) != kind) return 0;
  if (secure && !linnet__transport_reaches(transport, endpoint, strlen(endpoint))) return 0;
  bool bound = local != NULL && local->kind == peer->kind;
  return (unsigned)LEADS_THERE | (bound ? (unsigned)BOUND : 0) | (secure ? (unsigned)SECURE : 0);
}

static linnet_transport *transport_for(const linnet_bootstrap *bootstrap, const char *endpoint,
                                       const linnet_address *peer) {
  linnet_transport *found = NULL;
  unsigned best = 0;
  for (size_t i = 0; i < bootstrap->transport_count; i++) {
    unsigned fit = fitness(bootstrap->transports[i], endpoint, peer);
    if (fit <= best) continue;
    best = fit;
    found = bootstrap->transports[i];
  }
  return found;
}

/* ---- by itself (BS-04) --------------------------------------------------------------------------- */

static linnet_status cannot_start(const linnet_bootstrap *bootstrap, const char *endpoint,
                                  linnet_status status, const char *why) {
  return linnet__fail(bootstrap->handle.loop, status, "bootstrap of %n: %s", strlen(endpoint), endpoint, why);
}

linnet_status linnet_bootstrap_start(linnet_bootstrap *bootstrap, const char *endpoint,
                                     const linnet_address *peer, uint64_t *number) {
  if (bootstrap == NULL || endpoint == NULL || peer == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  size_t length = strlen(endpoint);
  if (bootstrap->handle.closed)
    return cannot_start(bootstrap, endpoint, LINNET_ERROR_CLOSED, "the bootstrap server is closed");
  if (!linnet__bootstrap_endpoint_valid(endpoint, length) || peer->kind == LINNET_ADDRESS_NONE)
    return cannot_start(bootstrap, endpoint, LINNET_ERROR_INVALID_ARGUMENT,
                        "it takes an endpoint name of 1 to 252 bytes and an address");
  linnet_configuration *configuration = linnet__entries_find(bootstrap, endpoint, length);
  if (configuration == NULL)
    return cannot_start(bootstrap, endpoint, LINNET_ERROR_NOT_FOUND, "nothing is configured for it");
  linnet__peer to;
  memset(&to, 0, sizeof to); /* padding is part of a key */
  to.transport = transport_for(bootstrap, endpoint, peer);
  to.address = *peer;
  if (to.transport == NULL)
    return cannot_start(bootstrap, endpoint, LINNET_ERROR_WRONG_STATE,
                        "no transport leads there, or on coaps there are no keys for it");
  size_t limit = linnet__coap_limit(bootstrap->coap, LINNET_LIMIT_BOOTSTRAPS);
  if (!linnet__sequence_running(bootstrap, endpoint, length) && bootstrap->sequences.count >= limit)
    return cannot_start(bootstrap, endpoint, LINNET_ERROR_LIMIT_REACHED, "too many are under way");
  linnet_status status = linnet__sequence_begin(bootstrap, endpoint, length, configuration, &to, number);
  return status == LINNET_OK ? status : cannot_start(bootstrap, endpoint, status, "out of memory");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* request.c: the Bootstrap-Requests of devices: who is served, and with what (digest 6.2). */
#include <string.h>

#include "bootstrap_internal.h"

/* Until a device that is turned away for lack of room may try again. */
#define RETRY_AFTER_S 60

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

static void fill(linnet__response *response, uint8_t code, const char *why) {
  response->code = code;
  if (code == LINNET__SERVICE_UNAVAILABLE) response->max_age_s = RETRY_AFTER_S;
  if (why != NULL) linnet__buffer_append_text(response->payload, why);
}

/* Whoever is refused for itself, not by a handler, is a line in the log. */
static linnet__answer refuse(const linnet_bootstrap *bootstrap, const linnet__incoming *request,
                             linnet__response *response, uint8_t code, const char *why) {
  fill(response, code, why);
  linnet__coap_warn_refusal(bootstrap->coap, request, response);
  return LINNET__ANSWER_NOW;
}

/* ---- begun or refused ---------------------------------------------------------------------------- */

/* So that whoever runs the server knows whom it does not serve. */
static void tell_unknown(linnet_bootstrap *bootstrap, const char *endpoint, size_t length) {
  char name[LINNET__BOOTSTRAP_ENDPOINT_SIZE + 1];
  linnet__buffer *words = &bootstrap->words;
  linnet_event *event =
      linnet__event_new(bootstrap->handle.loop, LINNET_EVENT_ERROR, bootstrap->handle.number);
  memcpy(name, endpoint, length);
  name[length] = 0;
  linnet__buffer_clear(words);
  if (event != NULL) {
    event->status = LINNET_ERROR_NOT_FOUND;
    event->code = linnet__code_number(LINNET__BAD_REQUEST);
    linnet__event_set_endpoint(event, name);
    linnet__print(words, "%s asks, but nothing is configured for an endpoint of this name", name);
    linnet__event_set_text(event, (const char *)words->data, words->length);
  }
  linnet__event_emit(bootstrap->handle.loop, event);
}

/* The response: 2.04 if a sequence begins with that configuration (NULL: that of the endpoint's name). */
static void serve(linnet_bootstrap *bootstrap, const char *endpoint, size_t length,
                  linnet_configuration *configuration, const linnet__peer *peer, linnet__response *response) {
  if (configuration == NULL) configuration = linnet__entries_find(bootstrap, endpoint, length);
  if (configuration == NULL) {
    tell_unknown(bootstrap, endpoint, length);
    fill(response, LINNET__BAD_REQUEST, "unknown endpoint");
  } else if (linnet__sequence_begin(bootstrap, endpoint, length, configuration, peer, NULL) != LINNET_OK) {
    fill(response, LINNET__SERVICE_UNAVAILABLE, "out of memory");
  } else {
    response->code = LINNET__CHANGED;
  }
}

/* A handler answered. */
static void settle(const linnet__asking *asking, const linnet_event *question, linnet_status status,
                   linnet__response *response) {
  linnet_bootstrap *bootstrap = asking->bootstrap;
  if (question->refusal != 0)
    fill(response, LINNET__CODE(question->refusal / 100, question->refusal % 100), NULL);
  else if (status == LINNET_ERROR_LIMIT_REACHED)
    fill(response, LINNET__SERVICE_UNAVAILABLE, NULL);
  else if (status == LINNET_ERROR_HANDLER_FAILED || status == LINNET_ERROR_NO_MEMORY)
    fill(response, LINNET__INTERNAL_SERVER_ERROR, NULL);
  else if (status != LINNET_OK)
    fill(response, LINNET__BAD_REQUEST, linnet_status_text(status));
  else
    serve(bootstrap, asking->endpoint, asking->endpoint_length, asking->configuration, &asking->peer,
          response);
}

/* ---- the handler is asked ------------------------------------------------------------------------ */

static void free_asking(linnet__asking *asking) {
  linnet_bootstrap *bootstrap = asking->bootstrap;
  if (!linnet__list_empty(&asking->node)) bootstrap->asking_count--;
  linnet__list_remove(&asking->node);
  linnet__question_abandon(asking->question);
  linnet_configuration_unref(asking->configuration);
  linnet__free(bootstrap->handle.loop, asking, asking->size);
}

void linnet__askings_free(linnet_bootstrap *bootstrap) {
  for (linnet__list *node; (node = bootstrap->askings.next) != &bootstrap->askings;)
    free_asking(LINNET__CONTAINER(node, linnet__asking, node));
}

/* A deferred answer came. */
static void finished(linnet_event *question, linnet_status status, void *asker) {
  linnet__asking *asking = asker;
  linnet_bootstrap *bootstrap = asking->bootstrap;
  linnet__response response;
  linnet__response_init(bootstrap->coap, &response, LINNET__CHANGED);
  settle(asking, question, status, &response);
  linnet__coap_respond(bootstrap->coap, asking->exchange, &response);
  asking->question = NULL;
  free_asking(asking);
}

/* A device that asks again has forgotten what it asked before. */
static void forget_former(linnet_bootstrap *bootstrap, const linnet__text *endpoint) {
  for (linnet__list *node = bootstrap->askings.next; node != &bootstrap->askings; node = node->next) {
    linnet__asking *asking = LINNET__CONTAINER(node, linnet__asking, node);
    if (asking->endpoint_length != endpoint->length ||
        memcmp(asking->endpoint, endpoint->data, endpoint->length) != 0)
      continue;
    linnet__response response;
    linnet__response_init(bootstrap->coap, &response, LINNET__SERVICE_UNAVAILABLE);
    linnet__coap_respond(bootstrap->coap, asking->exchange, &response);
    free_asking(asking);
    return;
  }
}

static linnet__asking *new_asking(linnet_bootstrap *bootstrap, const linnet__incoming *request,
                                  const linnet__text *endpoint) {
  size_t size = sizeof(linnet__asking) + endpoint->length + 1;
  linnet__asking *asking = linnet__new(bootstrap->handle.loop, size);
  if (asking == NULL) return NULL;
  linnet__list_init(&asking->node);
  asking->bootstrap = bootstrap;
  asking->peer = request->peer;
  asking->exchange = request->exchange;
  asking->size = (uint32_t)size;
  asking->endpoint_length = (uint8_t)endpoint->length;
  memcpy(asking->endpoint, endpoint->data, endpoint->length);
  asking->endpoint[endpoint->length] = 0;
  return asking;
}

static linnet_event *new_question(linnet_bootstrap *bootstrap, const linnet__asking *asking) {
  char text[LINNET_ADDRESS_TEXT_SIZE];
  linnet_address_text(&asking->peer.address, text);
  linnet_event *question = linnet__question_new(bootstrap->handle.loop, LINNET_OPERATION_NONE,
                                                linnet_path_root(), NULL, text, strlen(text));
  if (question == NULL) return NULL;
  question->source = bootstrap->handle.number;
  linnet__event_set_endpoint(question, asking->endpoint);
  if (question->endpoint != NULL) return question;
  linnet_event_unref(question); /* whoever answers has to know for whom */
  return NULL;
}

/* The handler may do anything, also close the server. */
static linnet__answer ask(linnet_bootstrap *bootstrap, linnet__asking *asking, linnet__response *response) {
  linnet_event *question = new_question(bootstrap, asking);
  linnet__answer answer = LINNET__ANSWER_NOW;
  if (question == NULL) {
    fill(response, LINNET__SERVICE_UNAVAILABLE, "out of memory");
    free_asking(asking);
    return answer;
  }
  asking->question = question;
  linnet__handle_ref(&bootstrap->handle);
  linnet_status status =
      linnet__question_ask(question, bootstrap->handler, bootstrap->user, finished, asking);
  bool waits = question->question == LINNET__QUESTION_DEFERRED;
  if (bootstrap->handle.closed) {
    answer = LINNET__ANSWER_NEVER;
    free_asking(asking);
  } else if (waits) {
    answer = LINNET__ANSWER_LATER;
    linnet__list_append(&bootstrap->askings, &asking->node);
    bootstrap->asking_count++;
  } else {
    settle(asking, question, status, response);
    free_asking(asking);
  }
  linnet_event_unref(question);
  linnet__handle_unref(&bootstrap->handle);
  return answer;
}

linnet__answer linnet__bootstrap_requested(linnet_bootstrap *bootstrap, const linnet__incoming *request,
                                           linnet__response *response) {
  linnet__text endpoint = {NULL, 0};
  if (!read_endpoint(request, &endpoint))
    return refuse(bootstrap, request, response, LINNET__BAD_REQUEST, "ep is missing, repeated or malformed");
  if (!linnet__transport_allows(request->peer.transport, &request->peer.address, endpoint.data,
                                endpoint.length)) /* SEC-05 */
    return refuse(bootstrap, request, response, LINNET__BAD_REQUEST,
                  "the credentials of this session are of another endpoint");
  forget_former(bootstrap, &endpoint);
  bool again = linnet__sequence_running(bootstrap, endpoint.data, endpoint.length);
  size_t busy = bootstrap->sequences.count + bootstrap->asking_count;
  if (!again && busy >= linnet__coap_limit(bootstrap->coap, LINNET_LIMIT_BOOTSTRAPS))
    return refuse(bootstrap, request, response, LINNET__SERVICE_UNAVAILABLE,
                  "too many bootstraps are under way");
  if (bootstrap->handler == NULL) {
    serve(bootstrap, endpoint.data, endpoint.length, NULL, &request->peer, response);
    return LINNET__ANSWER_NOW;
  }
  linnet__asking *asking = new_asking(bootstrap, request, &endpoint);
  if (asking != NULL) return ask(bootstrap, asking, response);
  return refuse(bootstrap, request, response, LINNET__SERVICE_UNAVAILABLE, "out of memory");
}

/* ---- calls --------------------------------------------------------------------------------------- */

linnet_status linnet_bootstrap_set_handler(linnet_bootstrap *bootstrap, linnet_handler handler, void *user,
                                           linnet_release release) {
  if (bootstrap == NULL || bootstrap->handle.closed) {
    if (release != NULL) release(user);
    return bootstrap == NULL ? LINNET_ERROR_INVALID_ARGUMENT
                             : linnet__fail(bootstrap->handle.loop, LINNET_ERROR_CLOSED,
                                            "set handler: the bootstrap server is closed");
  }
  linnet_release former_release = bootstrap->release;
  void *former_user = bootstrap->user;
  bootstrap->handler = handler;
  bootstrap->user = user;
  bootstrap->release = release;
  if (former_release != NULL) former_release(former_user);
  return LINNET_OK;
}

linnet_status linnet_bootstrap_answer(linnet_bootstrap *bootstrap, linnet_event *question,
                                      linnet_configuration *configuration) {
  if (bootstrap == NULL || question == NULL || configuration == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = bootstrap->handle.loop;
  bool open = question->finished == finished && question->source == bootstrap->handle.number;
  if (bootstrap->handle.closed || !open || question->question == LINNET__QUESTION_DONE)
    return linnet__fail(loop, LINNET_ERROR_CLOSED, "answering a Bootstrap-Request: nobody waits for it");
  linnet__asking *asking = question->asker;
  linnet_status status = linnet__configuration_seal(bootstrap, asking->endpoint, configuration);
  if (status != LINNET_OK) return status;
  linnet_configuration_ref(configuration);
  linnet_configuration_unref(asking->configuration);
  asking->configuration = configuration;
  return LINNET_OK;
}

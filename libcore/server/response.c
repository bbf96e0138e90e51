/* SPDX-License-Identifier: Apache-2.0 */
/* response.c: what devices answer, made into events (digest 3.1, 8.5; DM-14, 14.1). */
#include <string.h>

#include "server_internal.h"

static void begin_words(const linnet__server_request *request) {
  char path[LINNET_PATH_TEXT_SIZE];
  const linnet__registration *registration = request->registration;
  linnet__buffer *words = &request->server->words;
  linnet__buffer_clear(words);
  linnet__print(words, "%s %s of %n: ", linnet__server_operation_words(request->operation),
                linnet_path_text(request->path, path), (size_t)registration->endpoint_length,
                registration->endpoint);
}

static void end_words(linnet_event *event, const linnet__server_request *request) {
  const linnet__buffer *words = &request->server->words;
  if (words->length > 0) linnet__event_set_text(event, (const char *)words->data, words->length);
}

void linnet__server_event_fail(linnet_event *event, const linnet__server_request *request,
                               linnet_status status, const char *why) {
  event->status = status;
  begin_words(request);
  linnet__print(&request->server->words, "%s", why != NULL ? why : linnet_status_text(status));
  end_words(event, request);
}

/* "read /3/0/99 of kitchen: 4.04 Not Found", and the diagnostic payload if there is one (CO-43). */
static void fill_refusal(linnet_event *event, const linnet__server_request *request,
                         const linnet__incoming *response) {
  linnet__buffer *words = &request->server->words;
  event->status = LINNET_ERROR_REFUSED;
  begin_words(request);
  linnet__print_outcome(words, response);
  end_words(event, request);
}

/* DM-14: by the format of the response, never by what was asked for. */
static void fill_records(linnet_event *event, const linnet__server_request *request,
                         const linnet__incoming *response) {
  linnet_server *server = request->server;
  linnet_loop *loop = server->handle.loop;
  if (event->format == LINNET_FORMAT_NONE && response->payload_length == 0 &&
      response->code != LINNET__CONTENT)
    return;
  if (event->format == LINNET_FORMAT_NONE && response->content_format < 0 && response->payload_length > 0) {
    linnet__server_event_fail(event, request, LINNET_ERROR_MALFORMED,
                              "the answer does not tell its content format");
    return;
  }
  linnet_batch *batch = linnet_batch_new(loop);
  if (batch == NULL) {
    linnet__server_event_fail(event, request, LINNET_ERROR_NO_MEMORY, NULL);
    return;
  }
  linnet_status status = LINNET_OK;
  if (response->content_format >= 0)
    status = linnet__decode_response(batch, event->format, request->path, response->payload,
                                     response->payload_length, linnet__model_schema(server->model));
  if (status == LINNET_OK)
    linnet__event_set_batch(event, batch);
  else if (status == LINNET_ERROR_UNSUPPORTED_FORMAT) /* 14.1 */
    linnet__server_event_fail(event, request, status, NULL);
  else
    linnet__server_event_fail(event, request, status, linnet_error_text(loop));
  linnet_batch_unref(batch);
}

/* DM-80: the links as they came, once it is sure that they are some. */
static void fill_links(linnet_event *event, const linnet__server_request *request,
                       const linnet__incoming *response) {
  const char *text = (const char *)response->payload;
  size_t length = response->payload_length, position = 0;
  linnet_link link;
  linnet_status status = LINNET_OK;
  if (response->content_format >= 0 && response->content_format != LINNET_FORMAT_LINK) {
    linnet__server_event_fail(event, request, LINNET_ERROR_UNSUPPORTED_FORMAT, NULL);
    return;
  }
  if (length == 0) return;
  if (memchr(text, 0, length) != NULL || !linnet__utf8_valid(text, length)) status = LINNET_ERROR_MALFORMED;
  while (status == LINNET_OK) status = linnet_link_next(text, length, &position, &link);
  if (status == LINNET_ERROR_NOT_FOUND)
    linnet__event_set_text(event, text, length);
  else
    linnet__server_event_fail(event, request, LINNET_ERROR_MALFORMED, "the answer is not link-format");
}

/* The last two segments of the Location-Path, if they are the object and an instance of it (DM-63); below the
 * root or not. */
static void fill_location(linnet_event *event, const linnet__server_request *request,
                          const linnet__incoming *response) {
  linnet__text segment, last[2] = {{NULL, 0}, {NULL, 0}};
  size_t position = 0;
  uint64_t object, instance;
  while (linnet__incoming_text(response, LINNET__OPTION_LOCATION_PATH, &position, &segment)) {
    last[0] = last[1];
    last[1] = segment;
  }
  if (last[0].data == NULL || last[1].data == NULL) return;
  if (!linnet__parse_unsigned(last[0].data, last[0].length, UINT16_MAX, &object) ||
      !linnet__parse_unsigned(last[1].data, last[1].length, UINT16_MAX - 1, &instance))
    return;
  if (object == request->path.id[0]) event->path = linnet_path_instance((uint16_t)object, (uint16_t)instance);
}

/* 3.1: a value or links come with 2.05; elsewhere any success will do but the one that asks for more. */
static bool is_answer(linnet_operation operation, uint8_t code) {
  switch (operation) {
    case LINNET_OPERATION_READ:
    case LINNET_OPERATION_OBSERVE:
    case LINNET_OPERATION_DISCOVER:
      return code == LINNET__CONTENT;
    default:
      return code != LINNET__CONTINUE;
  }
}

static void fill_wrong_code(linnet_event *event, const linnet__server_request *request, uint8_t code) {
  event->status = LINNET_ERROR_MALFORMED;
  begin_words(request);
  linnet__print(&request->server->words, "%s is no answer to that", linnet_code_name(code));
  end_words(event, request);
}

void linnet__server_event_fill(linnet_event *event, const linnet__server_request *request,
                               const linnet__incoming *response) {
  event->code = linnet__code_number(response->code);
  if (response->content_format >= 0)
    event->format = linnet__format_of_number((unsigned)response->content_format);
  if (response->code >> 5u != 2) {
    fill_refusal(event, request, response);
    return;
  }
  if (!is_answer(request->operation, response->code)) {
    fill_wrong_code(event, request, response->code);
    return;
  }
  event->status = LINNET_OK;
  switch (request->operation) {
    case LINNET_OPERATION_READ:
    case LINNET_OPERATION_OBSERVE:
    case LINNET_OPERATION_CANCEL:
      fill_records(event, request, response);
      break;
    case LINNET_OPERATION_DISCOVER:
      fill_links(event, request, response);
      break;
    case LINNET_OPERATION_CREATE:
      fill_location(event, request, response);
      break;
    default:
      break;
  }
}

/* The answer to a request, once. */
static void answered(linnet__server_request *request, linnet_status status,
                     const linnet__incoming *response) {
  linnet_server *server = request->server;
  linnet_event *event = request->response;
  if (status == LINNET_ERROR_TIMED_OUT && linnet__waiting_put_back(request)) return;
  if (event == NULL) {
    linnet__server_observation_renewed(request, status, response);
    return;
  }
  request->response = NULL;
  if (status == LINNET_OK)
    linnet__server_event_fill(event, request, response);
  else
    linnet__server_event_fail(event, request, status, NULL);
  bool accepted = status == LINNET_OK && response->code >> 5u == 2;
  linnet__event_emit(server->handle.loop, event);
  if (request->operation == LINNET_OPERATION_OBSERVE && accepted) {
    if (response->observe >= 0)
      linnet__server_observation_begin(request);
    else /* OB-02 */
      linnet__server_observation_end(request, LINNET_ERROR_NOT_ALLOWED, "the device does not observe it");
    return;
  }
  if (request->operation == LINNET_OPERATION_CANCEL) {
    linnet__server_request *observation = linnet__server_request_find(server, request->observation);
    /* Whatever the device says, nobody listens any more: a late notification meets RST. */
    if (observation != NULL) linnet__server_observation_end(observation, LINNET_OK, "cancelled");
  }
  request->exchange = 0; /* it is over */
  linnet__server_request_free(request);
}

void linnet__server_request_answered(void *user, uint64_t exchange, linnet_status status,
                                     const linnet__incoming *response) {
  linnet__server_request *request = user;
  linnet__registration *registration = request->registration;
  (void)exchange;
  if (!request->beside && (status == LINNET_OK || status == LINNET_ERROR_RESET))
    linnet__waiting_hear(registration);
  if (request->state == LINNET__SERVER_REQUEST_OBSERVING)
    linnet__server_observation_continue(request, status, response);
  else
    answered(request, status, response);
  linnet__waiting_go_on(registration);
}

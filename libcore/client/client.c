/* SPDX-License-Identifier: Apache-2.0 */
/* client.c: the client's life, its transports and objects (client.h; docs/architecture.md, sections 3, 5). */
#include <string.h>

#include "client_internal.h"

/* Half-open ones: with servers, and with whoever says to be the bootstrap-server (BS-04). */
#define HANDSHAKES 16

/* ---- accounts, in a step ------------------------------------------------------------------------- */

void linnet__client_post(linnet_client *client) {
  if (!client->handle.closed) linnet__task_post(client->handle.loop, &client->task);
}

static void look_at_accounts(linnet__task *task) {
  linnet_client *client = LINNET__CONTAINER(task, linnet_client, task);
  if (linnet__bootstrap_busy(client) || (client->started && linnet__smartcard_is_due(client))) {
    linnet__queue_mode_look(client); /* they post this again when they are over */
    return;
  }
  if (client->accounts_stale) linnet__accounts_sync(client);
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next)
    linnet__account_look(LINNET__CONTAINER(node, linnet__account, node));
  if (client->bootstrap.rules != NULL) client->bootstrap.rules->look(client);
  linnet__queue_mode_look(client);
}

/* ---- life ---------------------------------------------------------------------------------------- */

void linnet_client_close(linnet_client *client) {
  if (client->handle.closed) return;
  client->handle.closed = true;
  if (client->bootstrap.rules != NULL) client->bootstrap.rules->close(client);
  linnet__smartcard_close(client);
  linnet__behaviour_stop(client);
  linnet__task_cancel(&client->task);
  linnet__timer_stop(client->handle.loop, &client->awake_timer);
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    linnet__account_stop(account);
    linnet__account_drop_registration(account);
    linnet__account_forget_session(account);
    account->state = LINNET_CLIENT_IDLE;
  }
  linnet__engine_close(client->engine);
  if (client->coap != NULL) linnet__coap_close(client->coap);
  client->coap = NULL;
  while (client->transport_count > 0) linnet_transport_unref(client->transports[--client->transport_count]);
}

static void destroy(linnet__handle *handle) {
  linnet_client *client = LINNET__CONTAINER(handle, linnet_client, handle);
  linnet_loop *loop = handle->loop;
  linnet_client_close(client);
  for (linnet__list *node; (node = linnet__list_take(&client->accounts)) != NULL;)
    linnet__free(loop, LINNET__CONTAINER(node, linnet__account, node), sizeof(linnet__account));
  linnet__engine_free(client->engine);
  linnet__buffer_free(&client->scratch);
  linnet__buffer_free(&client->saved);
  linnet__smartcard_free(client);
  linnet__free_text(loop, client->endpoint);
  linnet__free_text(loop, client->sms_number);
  linnet_model_unref(client->model);
  linnet__handle_free(handle);
}

static linnet_status add_own_object(linnet_client *client, uint16_t id) {
  linnet_object *object = linnet_object_new(client->model, id);
  if (object == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_status status = LINNET_OK;
  if (id == 3) status = linnet__device_add(object);
  if (status == LINNET_OK) status = linnet__engine_add_object(client->engine, object);
  linnet_object_unref(object);
  return status;
}

static linnet_status prepare(linnet_client *client, const char *endpoint, linnet_model *model) {
  linnet_loop *loop = client->handle.loop;
  client->model = model != NULL ? linnet_model_ref(model) : linnet_model_new(loop);
  client->endpoint = linnet__copy_text(loop, endpoint, strlen(endpoint));
  client->coap = linnet__coap_new(loop, &linnet__client_coap_handler, client);
  if (client->model == NULL || client->endpoint == NULL || client->coap == NULL)
    return LINNET_ERROR_NO_MEMORY;
  linnet__coap_set_limit(client->coap, LINNET_LIMIT_HANDSHAKES, HANDSHAKES);
  client->engine =
      linnet__engine_new(&client->handle, client->coap, client->endpoint, &linnet__client_hooks, client);
  if (client->engine == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_status status = add_own_object(client, 0);
  if (status == LINNET_OK) status = add_own_object(client, 1);
  if (status == LINNET_OK) status = add_own_object(client, 3);
  return status;
}

linnet_client *linnet_client_new(linnet_loop *loop, const char *endpoint, linnet_model *model) {
  size_t length = endpoint != NULL ? strlen(endpoint) : 0;
  if (length == 0 || length > LINNET__ENDPOINT_LIMIT || !linnet__utf8_valid(endpoint, length)) {
    linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                 "making a client: its endpoint name has to be 1 to 252 bytes of UTF-8");
    return NULL;
  }
  if (model != NULL && linnet_model_loop(model) != loop) {
    linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "making client \"%s\": its model is of another loop",
                 endpoint);
    return NULL;
  }
  linnet_client *client = linnet__handle_new(loop, sizeof *client, destroy);
  if (client == NULL) return NULL;
  linnet__list_init(&client->accounts);
  linnet__task_init(&client->task, look_at_accounts);
  client->reliability = LINNET__CONFIRMABLE;
  linnet__sms_init(client);
  linnet__buffer_init(&client->scratch, loop, SIZE_MAX);
  linnet__buffer_init(&client->saved, loop, UINT32_MAX);
  if (prepare(client, endpoint, model) != LINNET_OK) {
    linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "making client \"%s\": out of memory", endpoint);
    linnet_client_unref(client);
    return NULL;
  }
  return client;
}

linnet_client *linnet_client_ref(linnet_client *client) {
  linnet__handle_ref(&client->handle);
  return client;
}

void linnet_client_unref(linnet_client *client) {
  if (client != NULL) linnet__handle_unref(&client->handle);
}

uint64_t linnet_client_number(const linnet_client *client) { return client->handle.number; }
linnet_loop *linnet_client_loop(const linnet_client *client) { return client->handle.loop; }
linnet_model *linnet_client_model(const linnet_client *client) { return client->model; }
const char *linnet_client_endpoint(const linnet_client *client) { return client->endpoint; }

/* ---- transports ---------------------------------------------------------------------------------- */

linnet_status linnet__client_closed(const linnet_client *client) {
  return linnet__fail(client->handle.loop, LINNET_ERROR_CLOSED, "client \"%s\" is closed", client->endpoint);
}

linnet_event *linnet__client_event(const linnet_client *client, linnet_event_kind kind, linnet_status status,
                                   const char *text) {
  linnet_event *event = linnet__event_new(client->handle.loop, kind, client->handle.number);
  if (event == NULL) return NULL;
  event->status = status;
  linnet__event_set_endpoint(event, client->endpoint);
  if (text != NULL) linnet__event_set_text(event, text, strlen(text));
  return event;
}

linnet_transport *linnet__client_transport(const linnet_client *client, linnet_transport_kind kind,
                                           linnet__protection protection) {
  for (size_t i = client->transport_count; i > 0; i--) { /* a later one takes the place of an earlier one */
    linnet_transport *transport = client->transports[i - 1];
    if (linnet_transport_get_kind(transport) == kind && !linnet_transport_is_closed(transport) &&
        linnet_transport_is_secure(transport) == (protection == LINNET__SECURE))
      return transport;
  }
  return NULL;
}

bool linnet__client_has_transport(const linnet_client *client, linnet_transport_kind kind) {
  return linnet__client_transport(client, kind, LINNET__PLAIN) != NULL ||
         linnet__client_transport(client, kind, LINNET__SECURE) != NULL;
}

linnet__protection linnet__client_protection(const linnet_client *client, uint16_t security) {
  char text[LINNET__URI_SIZE];
  linnet__uri uri;
  linnet__security_uri(linnet__engine_object(client->engine, 0), security, text);
  return linnet__uri_parse(&uri, text) == LINNET_OK && uri.secure ? LINNET__SECURE : LINNET__PLAIN;
}

/* Those that are closed give their places back. */
static void forget_closed_transports(linnet_client *client) {
  uint8_t kept = 0;
  for (size_t i = 0; i < client->transport_count; i++) {
    if (linnet_transport_is_closed(client->transports[i]))
      linnet_transport_unref(client->transports[i]);
    else
      client->transports[kept++] = client->transports[i];
  }
  client->transport_count = kept;
}

linnet_status linnet_client_add_transport(linnet_client *client, linnet_transport *transport) {
  linnet_loop *loop = client->handle.loop;
  if (client->handle.closed) return linnet__client_closed(client);
  if (linnet_transport_loop(transport) != loop)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "a transport for client \"%s\" is of another loop", client->endpoint);
  forget_closed_transports(client);
  if (client->transport_count == LINNET__TRANSPORTS_LIMIT)
    return linnet__fail(loop, LINNET_ERROR_LIMIT_REACHED, "client \"%s\" has 8 transports", client->endpoint);
  linnet_status status = linnet__coap_add_transport(client->coap, transport);
  if (status != LINNET_OK) return status;
  client->transports[client->transport_count++] = linnet_transport_ref(transport);
  linnet__bootstrap_moved(client);
  return LINNET_OK;
}

linnet_status linnet_client_set_limit(linnet_client *client, linnet_limit limit, size_t value) {
  return client->handle.closed ? linnet__client_closed(client)
                               : linnet__coap_set_limit(client->coap, limit, value);
}

/* ---- objects ------------------------------------------------------------------------------------- */

linnet_status linnet_client_add_object(linnet_client *client, linnet_object *object) {
  if (client->handle.closed) return linnet__client_closed(client);
  if (linnet_object_loop(object) != client->handle.loop)
    return linnet__fail(client->handle.loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "adding object %u to \"%s\": it is of another loop",
                        (unsigned)linnet_object_id(object), client->endpoint);
  return linnet__engine_add_object(client->engine, object);
}

linnet_status linnet_client_remove_object(linnet_client *client, uint16_t object) {
  if (client->handle.closed) return linnet__client_closed(client);
  if (object <= 1 || object == 3)
    return linnet__fail(client->handle.loop, LINNET_ERROR_NOT_ALLOWED,
                        "removing object %u of \"%s\": a client cannot be without it", (unsigned)object,
                        client->endpoint);
  linnet_status status = linnet__engine_remove_object(client->engine, object);
  if (status == LINNET_OK) linnet__behaviour_remove(client, object);
  return status;
}

linnet_object *linnet_client_object(const linnet_client *client, uint16_t object) {
  return linnet__engine_object(client->engine, object);
}

/* NULL: *status says why. */
static linnet_object *find_object(const linnet_client *client, linnet_path path, linnet_status *status) {
  char text[LINNET_PATH_TEXT_SIZE];
  linnet_object *object = path.depth > 0 ? linnet__engine_object(client->engine, path.id[0]) : NULL;
  *status = LINNET_OK;
  if (client->handle.closed)
    *status = linnet__client_closed(client);
  else if (object == NULL)
    *status = linnet__fail(client->handle.loop, LINNET_ERROR_NOT_FOUND, "%s of \"%s\": it has no such object",
                           linnet_path_text(path, text), client->endpoint);
  return object;
}

linnet_status linnet_client_set(linnet_client *client, linnet_path path, const linnet_value *value) {
  linnet_status status;
  linnet_object *object = find_object(client, path, &status);
  return object != NULL ? linnet_object_set(object, path, value) : status;
}

linnet_status linnet_client_get(const linnet_client *client, linnet_path path, linnet_value *out) {
  linnet_status status;
  linnet_object *object = find_object(client, path, &status);
  if (object == NULL) return status;
  status = linnet_object_get(object, path, out);
  if (status == LINNET_OK && path.id[0] == 3) linnet__device_current(client, path, out);
  if (status == LINNET_OK) linnet__behaviour_current(client, path, out);
  return status;
}

linnet_status linnet_client_notify(linnet_client *client, linnet_path path) {
  linnet_status status;
  linnet_object *object = find_object(client, path, &status);
  return object != NULL ? linnet_object_notify(object, path) : status;
}

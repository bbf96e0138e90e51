/* SPDX-License-Identifier: Apache-2.0 */
/* client.c: the client's life, its objects, accounts and transports (client.h; docs/architecture.md, sections
 * 3, 5). */
#include <string.h>

#include "client_internal.h"

/* Half-open ones: with servers, and with whoever says to be the bootstrap-server (BS-04). */
#define HANDSHAKES 16

/* ---- what comes from CoAP --------------------------------------------------------------------- */

static linnet__account *registered_at(linnet_client *client, const linnet__incoming *request) {
  linnet__account *account = linnet__account_at(client, &request->peer);
  return account != NULL && account->state == LINNET_CLIENT_REGISTERED ? account : NULL;
}

/* ACL-02: what several servers may do comes with them, before there is anything that says so. */
static void prepare_for(linnet_client *client, const linnet__incoming *request) {
  linnet_path path;
  if (request->code == LINNET__PUT && linnet__incoming_path(request, 0, &path) == LINNET_OK &&
      path.depth > 0 && path.id[0] == 2)
    linnet__access_require(client);
}

/* The engine holds the client while it runs. */
static linnet__answer request(void *user, const linnet__incoming *request, linnet__response *response) {
  linnet_client *client = user;
  if (linnet__bootstrap_admits(client, &request->peer)) {
    prepare_for(client, request);
    return linnet__bootstrap_request(client, request, response);
  }
  if (linnet__bootstrap_busy(client)) return LINNET__ANSWER_NEVER; /* BS-05, BS-13 */
  linnet__account *account = registered_at(client, request);
  if (account == NULL) return LINNET__ANSWER_NEVER; /* REG-12 */
  return linnet__engine_request(client->engine, &account->requester, request, response);
}

static uint8_t precheck(void *user, const linnet__incoming *request) {
  linnet_client *client = user;
  if (linnet__bootstrap_admits(client, &request->peer)) {
    prepare_for(client, request);
    return linnet__bootstrap_precheck(client, request);
  }
  linnet__account *account = registered_at(client, request);
  if (account == NULL) return LINNET__UNAUTHORIZED; /* collects no body for strangers */
  return linnet__engine_precheck(client->engine, &account->requester, request);
}

static void session_changed(void *user, const linnet__peer *peer, const linnet__session_news *news) {
  linnet__client_session(user, peer, news);
}

static bool knows(void *user, const linnet__peer *peer) { return linnet__sms_knows(user, peer); }

static bool hears(void *user, const linnet__peer *peer, const uint8_t *data, size_t length) {
  return linnet__sms_hears(user, peer, data, length);
}

/* Secured packets: before one leaves, or the answer to one, it is kept that it was (SMS-42). */
static void counted(void *user, const linnet_transport *transport, const linnet__counters *counters) {
  (void)transport;
  (void)counters;
  ((linnet_client *)user)->revision++;
}

static void traffic(void *user, const linnet__peer *peer) { linnet__queue_mode_traffic(user, peer); }

static void unobserved(void *user, void *observation, linnet__observer_end end) {
  (void)user;
  (void)end;
  linnet__engine_unobserved(observation);
}

/* REG-12: CoAP's own answers are for nobody else either. */
static bool welcome(void *user, const linnet__peer *peer) {
  const linnet_client *client = user;
  if (linnet__bootstrap_admits(client, peer)) return true;
  if (linnet__bootstrap_busy(client)) return false;
  const linnet__account *account = linnet__account_at(client, peer);
  return account != NULL && account->state == LINNET_CLIENT_REGISTERED;
}

static void notified(void *user, void *observation, linnet_status status) {
  (void)user;
  linnet__engine_notified(observation, status);
}

/* ---- what comes from the engine ----------------------------------------------------------------- */

static linnet_status accept(void *user, linnet_operation operation, linnet_path path,
                            const linnet_batch *records) {
  if (path.id[0] == 1) return records != NULL ? linnet__server_accept(user, records) : LINNET_OK;
  return linnet__behaviour_accept(user, operation, path, records);
}

static uint8_t authorize(void *user, const linnet__requester *requester, linnet_operation operation,
                         linnet_path path) {
  return linnet__access_authorize(user, requester, operation, path);
}

static linnet_status created(void *user, linnet__requester *requester, linnet_path path) {
  return linnet__access_created(user, requester, path);
}

static bool current(void *user, linnet_path path, linnet_value *value) {
  if (path.id[0] == 3) return linnet__device_current(user, path, value);
  return linnet__behaviour_current(user, path, value);
}

static void written(void *user, linnet_path path, const linnet_batch *records) {
  if (path.id[0] == 3) linnet__device_written(user, records);
  linnet__behaviour_written(user, path, records);
}

static void done(void *user, linnet__requester *requester, linnet_operation operation, linnet_path path) {
  (void)requester;
  linnet__behaviour_done(user, operation, path);
  if (operation != LINNET_OPERATION_EXECUTE) ((linnet_client *)user)->revision++;
  if (operation == LINNET_OPERATION_DELETE) linnet__access_deleted(user, path);
  if (operation != LINNET_OPERATION_EXECUTE) return;
  if (path.id[0] == 1) linnet__server_executed(user, path);
  if (path.id[0] == 3) linnet__device_executed(user, path);
}

static void changed(void *user, linnet_path path) {
  linnet_client *client = user;
  if (path.id[0] == 3) linnet__device_changed(client, path);
  if (path.id[0] <= 2 || path.id[0] == 5) client->revision++; /* they are kept whole */
  if (path.id[0] > 1) return;
  if (path.id[0] == 0) linnet__bootstrap_moved(client);
  client->accounts_stale = true;
  linnet__client_post(client);
}

static void heard(void *user, linnet__requester *requester, linnet_status status) {
  linnet__account *account = LINNET__CONTAINER(requester, linnet__account, requester);
  (void)user;
  if (status == LINNET_OK)
    linnet__retry_reset(&account->unheard);
  else
    linnet__account_ask_after(account);
}

static void online(void *user, linnet__requester *requester) {
  (void)user;
  linnet__account_ask_no_more(LINNET__CONTAINER(requester, linnet__account, requester));
}

static void list_changed(void *user, uint16_t object) {
  linnet_client *client = user;
  if (object == 0) linnet__bootstrap_moved(client);
  if (object <= 1) client->accounts_stale = true;
  for (linnet__list *node = client->accounts.next; object > 0 && node != &client->accounts; node = node->next)
    LINNET__CONTAINER(node, linnet__account, node)->list_changed = true;
  linnet__client_post(client);
}

/* ---- accounts, in a step -------------------------------------------------------------------------- */

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
  linnet__bootstrap_look(client);
  linnet__queue_mode_look(client);
}

/* ---- life ------------------------------------------------------------------------------------------ */

void linnet_client_close(linnet_client *client) {
  if (client->handle.closed) return;
  client->handle.closed = true;
  if (client->engine != NULL) linnet__bootstrap_close(client);
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
  linnet__map_free(&client->peers);
  linnet__buffer_free(&client->scratch);
  linnet__buffer_free(&client->saved);
  linnet__smartcard_free(client);
  linnet__free_text(loop, client->endpoint);
  linnet__free_text(loop, client->sms_number);
  linnet_model_unref(client->model);
  linnet__handle_free(handle);
}

static const void *peer_key(const void *item, size_t *length) {
  const linnet__account *account = item;
  *length = sizeof account->peer;
  return &account->peer;
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
  static const linnet__coap_handler handler = {.request = request,
                                               .precheck = precheck,
                                               .unobserved = unobserved,
                                               .notified = notified,
                                               .knows = knows,
                                               .hears = hears,
                                               .welcome = welcome,
                                               .traffic = traffic,
                                               .session = session_changed,
                                               .counted = counted};
  static const linnet__engine_hooks hooks = {.notified = heard,
                                             .online = online,
                                             .authorize = authorize,
                                             .accept = accept,
                                             .current = current,
                                             .written = written,
                                             .created = created,
                                             .done = done,
                                             .changed = changed,
                                             .list_changed = list_changed};
  linnet_loop *loop = client->handle.loop;
  client->model = model != NULL ? linnet_model_ref(model) : linnet_model_new(loop);
  client->endpoint = linnet__copy_text(loop, endpoint, strlen(endpoint));
  client->coap = linnet__coap_new(loop, &handler, client);
  if (client->model == NULL || client->endpoint == NULL || client->coap == NULL)
    return LINNET_ERROR_NO_MEMORY;
  linnet__coap_set_limit(client->coap, LINNET_LIMIT_HANDSHAKES, HANDSHAKES);
  client->engine = linnet__engine_new(&client->handle, client->coap, client->endpoint, &hooks, client);
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
  linnet__bootstrap_init(client);
  linnet__smartcard_init(client);
  linnet__sms_init(client);
  linnet__map_init(&client->peers, loop, peer_key);
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
  size_t kept = 0;
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

/* ---- objects -------------------------------------------------------------------------------------- */

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

/* ---- accounts --------------------------------------------------------------------------------------- */

uint16_t linnet__client_free_instance(const linnet_object *object) {
  uint16_t id = 0;
  while (linnet_object_has_instance(object, id)) id++;
  return id;
}

static linnet_status check_server(const linnet_client *client, const char *uri, uint16_t short_server_id,
                                  uint32_t lifetime_s) {
  linnet_loop *loop = client->handle.loop;
  linnet__uri parts = {.secure = false};
  if (client->handle.closed) return linnet__client_closed(client);
  if (uri == NULL || strlen(uri) >= LINNET__URI_SIZE ||
      (!linnet__uri_is_number(uri) && linnet__uri_parse(&parts, uri) != LINNET_OK))
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "adding a server to \"%s\": \"%s\" is not coap://host[:port] or sms:+number",
                        client->endpoint, uri != NULL ? uri : "");
  if (parts.secure) {
    linnet_status status = linnet__dtls_require(loop, uri);
    if (status != LINNET_OK) return status;
  }
  if (short_server_id == 0 || short_server_id == LINNET_ID_NONE || lifetime_s == 0)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "adding %s to \"%s\": Short Server ID %u, lifetime %u: out of range", uri,
                        client->endpoint, (unsigned)short_server_id, (unsigned)lifetime_s);
  if (linnet__server_find(linnet__engine_object(client->engine, 1), short_server_id) != LINNET_ID_NONE)
    return linnet__fail(loop, LINNET_ERROR_EXISTS, "adding %s to \"%s\": Short Server ID %u is in use", uri,
                        client->endpoint, (unsigned)short_server_id);
  return LINNET_OK;
}

linnet_status linnet_client_add_server(linnet_client *client, const char *uri, uint16_t short_server_id,
                                       uint32_t lifetime_s) {
  linnet_status status = check_server(client, uri, short_server_id, lifetime_s);
  if (status != LINNET_OK) return status;
  linnet_object *securities = linnet__engine_object(client->engine, 0);
  linnet_object *servers = linnet__engine_object(client->engine, 1);
  uint16_t security = linnet__client_free_instance(securities);
  uint16_t server = linnet__client_free_instance(servers);
  status = linnet__security_add(securities, security, uri, short_server_id);
  if (status != LINNET_OK) return status;
  status = linnet__server_add(servers, server, short_server_id, lifetime_s);
  if (status == LINNET_OK) {
    status = linnet__accounts_sync(client);
    if (status == LINNET_OK && linnet__uri_is_number(uri))
      status = linnet_client_set_binding(client, short_server_id, "S");
    if (status == LINNET_OK) return LINNET_OK;
    linnet_object_remove_instance(servers, server);
  }
  linnet_object_remove_instance(securities, security);
  return linnet__fail(client->handle.loop, status, "adding %s to \"%s\": out of memory", uri,
                      client->endpoint);
}

linnet__account *linnet__client_account(const linnet_client *client, uint16_t short_server_id,
                                        const char *call, linnet_status *status) {
  linnet__account *account = client->handle.closed ? NULL : linnet__account_find(client, short_server_id);
  *status = LINNET_OK;
  if (client->handle.closed)
    *status = linnet__client_closed(client);
  else if (account == NULL)
    *status = linnet__fail(client->handle.loop, LINNET_ERROR_NOT_FOUND,
                           "%s of \"%s\": no account with Short Server ID %u", call, client->endpoint,
                           (unsigned)short_server_id);
  return account;
}

linnet_status linnet_client_start(linnet_client *client) {
  if (client->handle.closed) return linnet__client_closed(client);
  if (!linnet__client_has_transport(client, LINNET_TRANSPORT_UDP) &&
      !linnet__client_has_transport(client, LINNET_TRANSPORT_SMS))
    return linnet__fail(client->handle.loop, LINNET_ERROR_WRONG_STATE, "starting \"%s\": it has no transport",
                        client->endpoint);
  client->started = true;
  if (linnet__smartcard_is_due(client)) linnet_client_check_smartcard(client);
  linnet__device_begin_clock(client);
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    account->wanted = true;
    account->leaving = false;
    if (account->state == LINNET_CLIENT_IDLE) account->state = LINNET_CLIENT_RESOLVING;
  }
  linnet__client_post(client);
  return LINNET_OK;
}

/* What is asked of one account. True: it was in a state to do it. */
typedef bool (*account_action)(linnet__account *account);

static bool want_update(linnet__account *account) {
  if (account->state != LINNET_CLIENT_REGISTERED) return false;
  account->update_wanted = true;
  return true;
}

static bool want_to_leave(linnet__account *account) {
  if (!account->wanted) return false;
  account->wanted = false;
  if (account->state != LINNET_CLIENT_DEREGISTERING) account->leaving = true;
  return true;
}

static linnet_status act_on(linnet_client *client, uint16_t short_server_id, const char *call,
                            account_action act) {
  bool acted = false;
  if (short_server_id == LINNET_EVERY_SERVER) {
    if (client->handle.closed) return linnet__client_closed(client);
    for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next)
      acted |= act(LINNET__CONTAINER(node, linnet__account, node));
  } else {
    linnet_status status;
    linnet__account *account = linnet__client_account(client, short_server_id, call, &status);
    if (account == NULL) return status;
    acted = act(account);
  }
  linnet__client_post(client);
  if (acted) return LINNET_OK;
  return linnet__fail(client->handle.loop, LINNET_ERROR_WRONG_STATE, "%s of \"%s\": it is not registered",
                      call, client->endpoint);
}

linnet_status linnet_client_update(linnet_client *client, uint16_t short_server_id) {
  return act_on(client, short_server_id, "Update", want_update);
}

/* All that is known of the server is found out anew, its address included. */
static bool want_anew(linnet__account *account) {
  if (!account->wanted || account->leaving || account->state == LINNET_CLIENT_DEREGISTERING) return false;
  if (account->disabled) return false; /* REG-40 */
  linnet__account_stop(account);
  linnet__account_drop_registration(account);
  linnet__account_renew(account);
  return true;
}

linnet_status linnet_client_register_anew(linnet_client *client, uint16_t short_server_id) {
  return act_on(client, short_server_id, "Register", want_anew);
}

linnet_status linnet_client_deregister(linnet_client *client, uint16_t short_server_id) {
  return act_on(client, short_server_id, "De-register", want_to_leave);
}

linnet_client_state linnet_client_get_state(const linnet_client *client, uint16_t short_server_id) {
  /* From the farthest from registered to the nearest. */
  static const uint8_t ranks[] = {
      [LINNET_CLIENT_IDLE] = 0,      [LINNET_CLIENT_DEREGISTERING] = 1, [LINNET_CLIENT_WAITING] = 2,
      [LINNET_CLIENT_RESOLVING] = 3, [LINNET_CLIENT_REGISTERING] = 4,   [LINNET_CLIENT_REGISTERED] = 5};
  if (short_server_id != LINNET_EVERY_SERVER) {
    const linnet__account *account = linnet__account_find(client, short_server_id);
    return account != NULL ? account->state : LINNET_CLIENT_IDLE;
  }
  linnet_client_state state =
      linnet__list_empty(&client->accounts) ? LINNET_CLIENT_IDLE : LINNET_CLIENT_REGISTERED;
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    const linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (ranks[account->state] < ranks[state]) state = account->state;
  }
  return state;
}

const char *linnet_client_location(const linnet_client *client, uint16_t short_server_id) {
  const linnet__account *account = linnet__account_find(client, short_server_id);
  return account != NULL && account->location != NULL ? account->location : "";
}

uint64_t linnet_client_next_update(const linnet_client *client, uint16_t short_server_id) {
  uint64_t next_ms = LINNET_NEVER;
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    const linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (short_server_id != LINNET_EVERY_SERVER && account->requester.short_server_id != short_server_id)
      continue;
    if (account->state == LINNET_CLIENT_REGISTERED && account->update_ms < next_ms)
      next_ms = account->update_ms;
  }
  return next_ms;
}

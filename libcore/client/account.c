/* SPDX-License-Identifier: Apache-2.0 */
/* account.c: server accounts, as objects 0 and 1 say, and what is to be done about each (digest 1.1, 2.4). */
#include <string.h>

#include "client_internal.h"

/* ---- which there are ----------------------------------------------------------------------------- */

linnet__account *linnet__account_find(const linnet_client *client, uint16_t short_server_id) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (account->requester.short_server_id == short_server_id) return account;
  }
  return NULL;
}

/* Requests from there are for it. A client has few accounts. */
static linnet__account *find_open(const linnet_client *client, const linnet__peer *peer) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (account->open && linnet__peer_equal(&account->peer, peer)) return account;
  }
  return NULL;
}

linnet__account *linnet__account_at(const linnet_client *client, const linnet__peer *peer) {
  linnet__account *open = find_open(client, peer);
  if (open != NULL || peer->address.kind != LINNET_ADDRESS_PHONE) return open;
  /* QUE-09: registered over UDP, it may send SMS, too; those of anybody else are ignored (SMS-05). */
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (linnet_address_equal(&account->number, &peer->address) &&
        strchr(account->sent.binding, 'S') != NULL && linnet__sms_accepts(account, peer->transport))
      return account;
  }
  return NULL;
}

void linnet__account_stop(linnet__account *account) {
  linnet_client *client = account->client;
  linnet_loop *loop = client->handle.loop;
  linnet__timer_stop(loop, &account->timer);
  linnet__timer_stop(loop, &account->lifetime);
  linnet__lookup_cancel(&account->lookup);
  if (account->request != LINNET__REQUEST_NONE) linnet__coap_forget(client->coap, account->exchange);
  account->request = account->held = LINNET__REQUEST_NONE;
  if (account->securing) linnet__account_end_session(account);
}

void linnet__account_open(linnet__account *account) {
  if (find_open(account->client, &account->peer) == NULL) account->open = true;
}

/* Requests from its address are dropped from now on, unless another account is registered there too. */
static void close_to_requests(linnet__account *account) {
  const linnet_client *client = account->client;
  if (!account->open) return;
  account->open = false;
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *other = LINNET__CONTAINER(node, linnet__account, node);
    if (other == account || other->location == NULL || !linnet__peer_equal(&other->peer, &account->peer))
      continue;
    other->open = true;
    return;
  }
}

void linnet__account_drop_registration(linnet__account *account) {
  linnet_client *client = account->client;
  if (account->location != NULL) {
    close_to_requests(account);
    if (!client->handle.closed) linnet__requester_suspend_observations(&account->requester); /* OBS-10 */
  }
  linnet__free_text(client->handle.loop, account->location);
  account->location = NULL;
  linnet__timer_stop(client->handle.loop, &account->timer);
  linnet__timer_stop(client->handle.loop, &account->lifetime);
  if (!account->wanted) linnet__requester_forget_observations(&account->requester); /* OBS-08 */
}

void linnet__account_free(linnet__account *account) {
  linnet_loop *loop = account->client->handle.loop;
  linnet__account_stop(account);
  linnet__account_drop_registration(account);
  linnet__account_forget_session(account); /* BS-03 */
  linnet__sms_session_end(account);
  linnet__engine_remove_requester(&account->requester);
  linnet__list_remove(&account->node);
  linnet__free(loop, account, sizeof *account);
}

static linnet__account *add_account(linnet_client *client, uint16_t short_server_id) {
  linnet__account *account = linnet__new(client->handle.loop, sizeof *account);
  if (account == NULL) return NULL;
  account->client = client;
  account->requester.short_server_id = short_server_id;
  account->requester.default_pmin_s = account->requester.default_pmax_s = LINNET__NO_PERIOD;
  account->requester.reliability = client->reliability;
  account->wanted = client->started;
  linnet__engine_add_requester(client->engine, &account->requester);
  linnet__list_append(&client->accounts, &account->node);
  return account;
}

static void sync_periods(linnet__account *account, const linnet_object *servers) {
  linnet__requester *requester = &account->requester;
  uint32_t pmin_s = linnet__server_number(servers, account->server, 2, LINNET__NO_PERIOD);
  uint32_t pmax_s = linnet__server_number(servers, account->server, 3, LINNET__NO_PERIOD);
  if (pmin_s == requester->default_pmin_s && pmax_s == requester->default_pmax_s) return;
  requester->default_pmin_s = pmin_s;
  requester->default_pmax_s = pmax_s;
  linnet__requester_periods_changed(requester);
}

void linnet__accounts_sync_periods(linnet_client *client, uint16_t server) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (account->server == server) sync_periods(account, linnet__engine_object(client->engine, 1));
  }
}

/* What a server, a bootstrap-server or a file chose is what the device can do (/3/0/16), if it can. */
static void sync_binding(const linnet__account *account, const linnet_object *servers) {
  char binding[LINNET__BINDING_SIZE];
  linnet__server_binding(servers, account->server, binding);
  if (linnet__binding_supported(account->client, binding, strlen(binding)))
    linnet__device_support(account->client, binding);
}

/* The account of an instance of object 0, made if it is new. NULL: it has none, or no memory. */
static linnet__account *account_of(linnet_client *client, const linnet_object *securities,
                                   const linnet_object *servers, uint16_t security, linnet_status *status) {
  uint16_t short_server_id;
  if (!linnet__security_account(securities, security, &short_server_id)) return NULL;
  uint16_t server = linnet__server_find(servers, short_server_id);
  if (server == LINNET_ID_NONE) return NULL;
  linnet__account *account = linnet__account_find(client, short_server_id);
  if (account == NULL) account = add_account(client, short_server_id);
  if (account == NULL) {
    *status = LINNET_ERROR_NO_MEMORY;
    return NULL;
  }
  account->security = security;
  account->server = server;
  linnet__security_number_of(securities, security, &account->number);
  sync_periods(account, servers);
  sync_binding(account, servers);
  linnet__requester_set_storing(&account->requester, linnet__server_stores(servers, server));
  return account;
}

/* True if objects 0 and 1 still name the account. */
static bool stands(const linnet__account *account, const linnet_object *securities,
                   const linnet_object *servers) {
  uint16_t short_server_id;
  return linnet__security_account(securities, account->security, &short_server_id) &&
         short_server_id == account->requester.short_server_id &&
         linnet__server_find(servers, short_server_id) != LINNET_ID_NONE;
}

/* BS-33. */
static void remove_account(linnet_client *client, linnet__account *account) {
  linnet_object *servers = linnet__engine_object(client->engine, 1);
  uint16_t short_server_id = account->requester.short_server_id;
  linnet__access_leave(client, account);
  linnet__account_free(account);
  uint16_t server = linnet__server_find(servers, short_server_id);
  if (server != LINNET_ID_NONE) linnet_object_remove_instance(servers, server);
}

linnet_status linnet__accounts_sync(linnet_client *client) {
  const linnet_object *securities = linnet__engine_object(client->engine, 0);
  const linnet_object *servers = linnet__engine_object(client->engine, 1);
  linnet_status status = LINNET_OK;
  client->accounts_stale = false;
  for (size_t i = 0; i < linnet_object_instance_count(securities); i++)
    account_of(client, securities, servers, linnet_object_instance_at(securities, i), &status);
  for (linnet__list *node = client->accounts.next, *next; node != &client->accounts; node = next) {
    next = node->next;
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (!stands(account, securities, servers)) remove_account(client, account);
  }
  bool several = client->accounts.next->next != &client->accounts;
  if (several && linnet__access_require(client) != LINNET_OK) status = LINNET_ERROR_NO_MEMORY; /* ACL-02 */
  if (status != LINNET_OK) client->accounts_stale = true;
  return status;
}

/* ---- what is told -------------------------------------------------------------------------------- */

void linnet__account_emit(linnet__account *account, linnet_event_kind kind, linnet_status status,
                          unsigned code, const char *text) {
  linnet_client *client = account->client;
  linnet_event *event = linnet__client_event(client, kind, status, text);
  if (event != NULL) {
    if (status == LINNET_ERROR_SECURITY) event->cause = account->cause;
    event->code = code;
    event->registration = account->requester.short_server_id;
  }
  linnet__event_emit(client->handle.loop, event);
}

void linnet__client_print_outcome(linnet__buffer *text, linnet_status status, linnet_cause cause,
                                  const linnet__incoming *response) {
  if (response != NULL)
    linnet__print_outcome(text, response);
  else
    linnet__print(text, "%s",
                  status == LINNET_ERROR_SECURITY ? linnet_cause_text(cause) : linnet_status_text(status));
}

/* `Register of "kitchen" with coap://localhost: 4.03 Forbidden` */
void linnet__account_tell_failure(linnet__account *account, linnet_status status,
                                  const linnet__incoming *response, const char *what) {
  linnet_client *client = account->client;
  char uri[LINNET__URI_SIZE];
  linnet__buffer *text = &client->scratch;
  linnet__security_uri(linnet__engine_object(client->engine, 0), account->security, uri);
  linnet__buffer_clear(text);
  linnet__print(text, "%s of \"%s\" with %s: ", what, client->endpoint, uri);
  linnet__client_print_outcome(text, status, account->cause, response);
  linnet__account_emit(account, LINNET_EVENT_ERROR, status,
                       response != NULL ? linnet__code_number(response->code) : 0, linnet__buffer_text(text));
}

static void try_again(linnet__timer *timer);

void linnet__account_retry(linnet__account *account) {
  linnet_loop *loop = account->client->handle.loop;
  account->state = account->wanted ? LINNET_CLIENT_WAITING : LINNET_CLIENT_IDLE;
  if (!account->wanted) return;
  uint64_t delay_ms = linnet__retry_delay(loop, &account->retry, LINNET__FAILURE_TEMPORARY);
  linnet__timer_arm_in(loop, &account->timer, delay_ms, try_again);
}

void linnet__account_renew(linnet__account *account) {
  linnet__account_end_session(account); /* BS-03: with keys that may be others now */
  linnet__sms_session_end(account);
  linnet__retry_reset(&account->retry);
  account->disabled = false;
  account->state = LINNET_CLIENT_IDLE;
}

/* It may be otherwise by itself, in a while. */
static bool is_temporary(linnet_status status, linnet_cause cause) {
  if (status == LINNET_ERROR_SECURITY)
    return cause == LINNET_CAUSE_TIMED_OUT || cause == LINNET_CAUSE_CLOSED || cause == LINNET_CAUSE_LIMIT ||
           cause == LINNET_CAUSE_NONE;
  return status != LINNET_ERROR_UNAVAILABLE && status != LINNET_ERROR_INVALID_ARGUMENT &&
         status != LINNET_ERROR_MALFORMED;
}

void linnet__account_fail(linnet__account *account, linnet_status status, const linnet__incoming *response,
                          const char *what) {
  linnet_loop *loop = account->client->handle.loop;
  uint64_t delay_ms;
  uint8_t code = response != NULL ? response->code : 0;
  if (code == LINNET__SERVICE_UNAVAILABLE)
    delay_ms = linnet__retry_after(loop, &account->retry, response->max_age_s);
  else if (code >> 5 == 4 || !is_temporary(status, account->cause))
    delay_ms = linnet__retry_delay(loop, &account->retry, LINNET__FAILURE_REFUSED);
  else
    delay_ms = linnet__retry_delay(loop, &account->retry, LINNET__FAILURE_TEMPORARY);
  account->state = LINNET_CLIENT_WAITING;
  linnet__timer_arm_in(loop, &account->timer, delay_ms, try_again);
  linnet__account_tell_failure(account, status, response, what);
  linnet__client_post(account->client); /* it may have been the last hope */
}

/* ---- what is done -------------------------------------------------------------------------------- */

static void begin_at(linnet__account *account, linnet_transport *transport, const linnet_address *address) {
  memset(&account->peer, 0, sizeof account->peer);
  account->peer.transport = transport;
  account->peer.address = *address;
  if (linnet_transport_is_secure(transport))
    linnet__account_secure(account);
  else
    linnet__account_register(account);
}

linnet_transport *linnet__client_udp(const linnet_client *client, uint16_t security) {
  return linnet__client_transport(client, LINNET_TRANSPORT_UDP, linnet__client_protection(client, security));
}

linnet_status linnet__client_look_up(const linnet_client *client, uint16_t security, linnet__lookup *lookup) {
  char text[LINNET__URI_SIZE];
  linnet__uri uri;
  linnet__security_uri(linnet__engine_object(client->engine, 0), security, text);
  linnet_status status = linnet__uri_parse(&uri, text);
  linnet_transport *transport = linnet__client_udp(client, security);
  if (status == LINNET_OK && uri.secure) status = linnet__dtls_require(client->handle.loop, text);
  if (status == LINNET_OK && transport == NULL) status = LINNET_ERROR_CLOSED;
  if (status != LINNET_OK) return status;
  return linnet__transport_lookup(transport, lookup, uri.host, uri.host_length, uri.port);
}

static void found(linnet__lookup *lookup, const linnet_address *address) {
  linnet__account *account = LINNET__CONTAINER(lookup, linnet__account, lookup);
  if (account->state != LINNET_CLIENT_RESOLVING) return;
  linnet_transport *transport = linnet__client_udp(account->client, account->security);
  if (address == NULL || transport == NULL) {
    linnet__account_fail(account, LINNET_ERROR_UNKNOWN_HOST, NULL, "Look-up");
    return;
  }
  begin_at(account, transport, address);
}

/* S and SQ: a number needs no look-up (SMS-14). */
static void connect_by_sms(linnet__account *account) {
  linnet_transport *transport;
  linnet_status status = linnet__sms_reach(account->client, account->security, &transport, &account->number);
  account->state = LINNET_CLIENT_RESOLVING;
  if (status == LINNET_OK)
    begin_at(account, transport, &account->number);
  else
    linnet__account_fail(account, status, NULL, "Registration by SMS");
}

/* From the beginning: where is the server? */
static void connect_account(linnet__account *account) {
  linnet_client *client = account->client;
  linnet__terms terms;
  linnet__account_terms(account, &terms);
  if (linnet__binding_is_sms(terms.binding)) {
    connect_by_sms(account);
    return;
  }
  /* It may send short messages, too; if that fails, it is not heard. */
  linnet__sms_prepare(client, account->security);
  account->state = LINNET_CLIENT_RESOLVING;
  linnet__client_post(client); /* it is awake from here on */
  account->lookup.found = found;
  linnet_status status = linnet__client_look_up(client, account->security, &account->lookup);
  if (status != LINNET_OK) linnet__account_fail(account, status, NULL, "Registration");
}

static void try_again(linnet__timer *timer) {
  linnet__account *account = LINNET__CONTAINER(timer, linnet__account, timer);
  if (account->state == LINNET_CLIENT_WAITING) connect_account(account);
}

/* De-register was asked for where there is no registration, or not yet. */
static void leave_unregistered(linnet__account *account) {
  linnet__account_stop(account);
  account->leaving = false;
  linnet__account_left(account, LINNET_OK, 0);
}

/* QUE-11: the server is spoken to over another transport from now on, which is another address of this client
 * (REG-10). */
static bool has_moved(const linnet__account *account) {
  linnet__terms terms;
  linnet__account_terms(account, &terms);
  return linnet__binding_is_sms(terms.binding) != linnet__binding_is_sms(account->sent.binding);
}

static void move(linnet__account *account) {
  linnet__account_stop(account);
  linnet__account_drop_registration(account);
  connect_account(account);
}

static bool has_news(const linnet__account *account) {
  linnet__terms terms;
  linnet__account_terms(account, &terms);
  return account->update_wanted || account->list_changed || account->number_changed ||
         terms.lifetime_s != account->sent.lifetime_s || strcmp(terms.binding, account->sent.binding) != 0;
}

void linnet__account_look(linnet__account *account) {
  if (account->leaving) {
    if (account->state == LINNET_CLIENT_REGISTERED)
      linnet__account_deregister(account);
    else if (account->state != LINNET_CLIENT_DEREGISTERING)
      leave_unregistered(account);
  } else if (account->state == LINNET_CLIENT_REGISTERED) {
    if (account->request == LINNET__REQUEST_NONE && has_moved(account))
      move(account);
    else if (account->request == LINNET__REQUEST_NONE && has_news(account))
      linnet__account_update(account);
  } else if (account->wanted && account->location == NULL && account->request == LINNET__REQUEST_NONE &&
             (account->state == LINNET_CLIENT_IDLE || (account->state == LINNET_CLIENT_RESOLVING &&
                                                       account->lookup.name == NULL && !account->securing))) {
    connect_account(account);
  }
}

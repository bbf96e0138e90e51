/* SPDX-License-Identifier: Apache-2.0 */
/* servers.c: what a program asks of the servers of a client: to be added, registered with, updated, left
 * (client.h). */
#include <string.h>

#include "client_internal.h"

uint16_t linnet__client_free_instance(const linnet_object *object) {
  uint16_t id = 0;
  while (linnet_object_has_instance(object, id)) id++;
  return id;
}

linnet_status linnet__client_check_uri(const linnet_client *client, const char *uri) {
  linnet_loop *loop = client->handle.loop;
  linnet__uri parts = {.secure = false};
  if (client->handle.closed) return linnet__client_closed(client);
  if (uri == NULL || strlen(uri) >= LINNET__URI_SIZE ||
      (!linnet__uri_is_number(uri) && linnet__uri_parse(&parts, uri) != LINNET_OK))
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "adding a server to \"%s\": \"%s\" is not coap://host[:port] or sms:+number",
                        client->endpoint, uri != NULL ? uri : "");
  return parts.secure ? linnet__dtls_require(loop, uri) : LINNET_OK;
}

static linnet_status check_server(const linnet_client *client, const char *uri, uint16_t short_server_id,
                                  uint32_t lifetime_s) {
  linnet_loop *loop = client->handle.loop;
  linnet_status status = linnet__client_check_uri(client, uri);
  if (status != LINNET_OK) return status;
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

uint16_t linnet__client_security(const linnet_client *client, uint16_t short_server_id, const char *call,
                                 linnet_status *status) {
  if (short_server_id != LINNET_BOOTSTRAP_ACCOUNT || client->handle.closed) {
    const linnet__account *account = linnet__client_account(client, short_server_id, call, status);
    return account != NULL ? account->security : LINNET_ID_NONE;
  }
  uint16_t instance = linnet__security_bootstrap(linnet__engine_object(client->engine, 0));
  *status = LINNET_OK;
  if (instance == LINNET_ID_NONE)
    *status = linnet__fail(client->handle.loop, LINNET_ERROR_NOT_FOUND,
                           "%s of \"%s\": it has no bootstrap-server", call, client->endpoint);
  return instance;
}

linnet_status linnet_client_start(linnet_client *client) {
  if (client->handle.closed) return linnet__client_closed(client);
  if (!linnet__client_has_transport(client, LINNET_TRANSPORT_UDP) &&
      !linnet__client_has_transport(client, LINNET_TRANSPORT_SMS))
    return linnet__fail(client->handle.loop, LINNET_ERROR_WRONG_STATE, "starting \"%s\": it has no transport",
                        client->endpoint);
  uint16_t bootstrap = linnet__security_bootstrap(linnet__engine_object(client->engine, 0));
  if (bootstrap != LINNET_ID_NONE && client->bootstrap.rules == NULL)
    return linnet__fail(client->handle.loop, LINNET_ERROR_WRONG_STATE,
                        "starting \"%s\": /0/%u is of a bootstrap-server: allow bootstrap first",
                        client->endpoint, (unsigned)bootstrap);
  client->started = true;
  if (linnet__smartcard_is_due(client)) linnet_client_check_smartcard(client);
  linnet__device_begin_clock(client);
  linnet__access_look(client);
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

/* SPDX-License-Identifier: Apache-2.0 */
/* session.c: DTLS sessions with servers: how they begin, are resumed, and end (digest 10; REG-10, QUE-08,
 * BS-03). */
#include <string.h>

#include "client_internal.h"

/* SEC-01: so long a firewall keeps the way back open. After more silence the address may be another one. */
#define WAY_BACK_MS 240000
/* A session that ended so soon was no good: the next one is not begun at once. */
#define SHORT_SESSION_MS 10000
#define SESSION_LIMIT 16384

/* ---- credentials --------------------------------------------------------------------------------- */

linnet_status linnet__client_connect(linnet_client *client, uint16_t security, const linnet__peer *peer,
                                     const linnet__packed *former) {
  const linnet_object *securities = linnet__engine_object(client->engine, 0);
  bool by_sms = peer->address.kind == LINNET_ADDRESS_PHONE;
  char text[LINNET__URI_SIZE];
  linnet__uri uri = {.host = ""};
  linnet__security_uri(securities, security, text);
  linnet_status status = by_sms ? LINNET_OK : linnet__uri_parse(&uri, text);
  if (status != LINNET_OK) return status;
  linnet__keys keys =
      by_sms ? linnet__security_sms_keys(securities, security) : linnet__security_keys(securities, security);
  return linnet__transport_connect_keys(peer->transport, &peer->address, &keys, uri.host, uri.host_length,
                                        former);
}

/* Tells the credentials of an instance from others. No secret of the loop goes into it, so that it is the
 * same after a restart. */
uint64_t linnet__security_hash(const linnet_object *securities, uint16_t instance) {
  static const uint8_t key[16] = {0};
  static const uint16_t resources[] = {0, 2, 3, 4, 5, 7, 8};
  uint64_t hashes[sizeof resources / sizeof resources[0]];
  for (size_t i = 0; i < sizeof resources / sizeof resources[0]; i++) {
    const linnet_value *value = linnet__object_value(securities, instance, resources[i]);
    hashes[i] = 0;
    if (value == NULL) continue;
    if (resources[i] == 2)
      hashes[i] = (uint64_t)value->as.integer + 1;
    else
      hashes[i] = linnet__siphash(key, value->as.bytes.data, value->as.bytes.length);
  }
  return linnet__siphash(key, hashes, sizeof hashes);
}

/* ---- how it begins ------------------------------------------------------------------------------- */

static bool is_secure(const linnet__account *account) {
  return account->peer.transport != NULL && linnet_transport_is_secure(account->peer.transport);
}

bool linnet__account_needs_session(const linnet__account *account) {
  if (!is_secure(account)) return false;
  if (linnet__transport_identity(account->peer.transport, &account->peer.address) == NULL) return true;
  uint64_t quiet_ms = linnet_loop_now(account->client->handle.loop) - account->traffic_ms;
  return account->location != NULL && strchr(account->sent.binding, 'Q') != NULL &&
         quiet_ms > WAY_BACK_MS; /* QUE-08 */
}

bool linnet__account_doubts_session(linnet__account *account) {
  if (!is_secure(account) || account->doubted) return false;
  account->doubted = true;
  return true;
}

static void fail(linnet__account *account, linnet_status status, linnet_cause cause) {
  account->securing = account->refreshing = false;
  account->cause = cause;
  linnet__account_drop_registration(account);
  linnet__account_fail(account, status, NULL, "DTLS session");
}

/* The same whether there is a registration or not. */
static void begin(linnet__account *account) {
  linnet_client *client = account->client;
  uint64_t hash = linnet__security_hash(linnet__engine_object(client->engine, 0), account->security);
  linnet__packed former = {account->session.data, account->session.length, false};
  bool resumes = account->session.length > 0 && account->session_credentials == hash;
  account->session_credentials = hash;
  account->state = LINNET_CLIENT_RESOLVING;
  account->securing = true;
  linnet_status status =
      linnet__client_connect(client, account->security, &account->peer, resumes ? &former : NULL);
  if (status != LINNET_OK) fail(account, status, LINNET_CAUSE_NONE);
}

void linnet__account_secure(linnet__account *account) {
  linnet__account_stop(account);
  linnet__account_drop_registration(account);
  begin(account);
}

void linnet__account_refresh_session(linnet__account *account) {
  linnet_client *client = account->client;
  linnet__timer_stop(client->handle.loop, &account->timer);
  if (account->request != LINNET__REQUEST_NONE) linnet__coap_forget(client->coap, account->exchange);
  account->request = LINNET__REQUEST_NONE;
  account->refreshing = true;
  begin(account);
}

/* ---- how it ends --------------------------------------------------------------------------------- */

void linnet__account_end_session(linnet__account *account) {
  account->securing = account->refreshing = false;
  if (is_secure(account)) linnet__transport_disconnect(account->peer.transport, &account->peer.address);
}

static void clear_session(linnet__account *account) {
  linnet__wipe(account->session.data, account->session.capacity);
  linnet__buffer_free(&account->session);
}

linnet_status linnet__account_restore_session(linnet__account *account, uint64_t credentials,
                                              const void *data, size_t length) {
  clear_session(account);
  linnet__buffer_init(&account->session, account->client->handle.loop, SESSION_LIMIT);
  account->session_credentials = credentials;
  return linnet__buffer_append(&account->session, data, length);
}

void linnet__account_forget_session(linnet__account *account) {
  linnet__account_end_session(account);
  clear_session(account);
}

/* ---- news ---------------------------------------------------------------------------------------- */

static void keep_session(linnet__account *account) {
  linnet_client *client = account->client;
  clear_session(account);
  linnet__buffer_init(&account->session, client->handle.loop, SESSION_LIMIT);
  linnet_status status =
      linnet__transport_save_session(account->peer.transport, &account->peer.address, &account->session);
  if (status != LINNET_OK) clear_session(account);
  client->revision++;
}

static void opened(linnet__account *account, const linnet__session_news *news) {
  linnet_loop *loop = account->client->handle.loop;
  bool stands = account->refreshing && account->location != NULL;
  account->securing = account->refreshing = false;
  account->secured_ms = account->traffic_ms = linnet_loop_now(loop);
  keep_session(account);
  if (stands && news->resumed) { /* REG-10, AMB-12 */
    account->state = LINNET_CLIENT_REGISTERED;
    linnet__account_update(account);
  } else {
    linnet__account_register(account);
  }
}

static void ended(linnet__account *account, const linnet__session_news *news) {
  linnet_loop *loop = account->client->handle.loop;
  uint64_t age_ms = linnet_loop_now(loop) - account->secured_ms;
  if (account->state == LINNET_CLIENT_REGISTERED && age_ms >= SHORT_SESSION_MS) {
    linnet__log(loop, LINNET_LOG_INFO, "client: session with server %u: %s",
                (unsigned)account->requester.short_server_id, linnet_cause_text(news->cause));
    linnet__account_refresh_session(account);
  } else if (account->state == LINNET_CLIENT_REGISTERED || account->state == LINNET_CLIENT_REGISTERING) {
    linnet__account_stop(account);
    fail(account, LINNET_ERROR_SECURITY, news->cause);
  }
}

static void account_session(linnet__account *account, const linnet__session_news *news) {
  if (news->kind == LINNET__SESSION_ENDED && !account->securing)
    ended(account, news);
  else if (news->kind == LINNET__SESSION_OPENED && account->securing)
    opened(account, news);
  else if (news->kind == LINNET__SESSION_FAILED && account->securing)
    fail(account, LINNET_ERROR_SECURITY, news->cause);
}

void linnet__client_session(linnet_client *client, const linnet__peer *peer,
                            const linnet__session_news *news) {
  if (client->bootstrap.rules != NULL) news = client->bootstrap.rules->session(client, peer, news);
  if (news == NULL) return;
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (linnet__sms_session_news(account, peer, news)) return;
    if (account->peer.transport == NULL || !linnet__peer_equal(peer, &account->peer)) continue;
    account_session(account, news);
    return;
  }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* callbacks.c: what CoAP and the engine ask the client and tell it, and who in it answers. */
#include "client_internal.h"

/* ---- what comes from CoAP ------------------------------------------------------------------------ */

static linnet__account *registered_at(linnet_client *client, const linnet__incoming *request) {
  linnet__account *account = linnet__account_at(client, &request->peer);
  return account != NULL && account->state == LINNET_CLIENT_REGISTERED ? account : NULL;
}

/* Is it the bootstrap-server's turn? */
static bool bootstraps(const linnet_client *client, const linnet__peer *peer) {
  const linnet__bootstrap_rules *rules = client->bootstrap.rules;
  return rules != NULL && rules->admits(client, peer);
}

/* The engine holds the client while it runs. */
static linnet__answer request(void *user, const linnet__incoming *request, linnet__response *response) {
  linnet_client *client = user;
  if (bootstraps(client, &request->peer)) return client->bootstrap.rules->request(client, request, response);
  if (linnet__bootstrap_busy(client)) return LINNET__ANSWER_NEVER; /* BS-05, BS-13 */
  linnet__account *account = registered_at(client, request);
  if (account == NULL) return LINNET__ANSWER_NEVER; /* REG-12 */
  return linnet__engine_request(client->engine, &account->requester, request, response);
}

static uint8_t precheck(void *user, const linnet__incoming *request) {
  linnet_client *client = user;
  if (bootstraps(client, &request->peer)) return client->bootstrap.rules->precheck(client, request);
  linnet__account *account = registered_at(client, request);
  if (account == NULL) return LINNET__UNAUTHORIZED; /* collects no body for strangers */
  uint8_t code = linnet__engine_precheck(client->engine, &account->requester, request);
  return code != 0 ? code : linnet__behaviour_precheck(client, request);
}

static uint32_t collecting(void *user, const linnet__incoming *request) {
  linnet_client *client = user;
  return bootstraps(client, &request->peer) ? 0 : linnet__behaviour_collecting(client, request);
}

static void collected(void *user, uint32_t body, linnet__body_end end) {
  linnet__behaviour_collected(user, body, end);
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
  if (bootstraps(client, peer)) return true;
  if (linnet__bootstrap_busy(client)) return false;
  const linnet__account *account = linnet__account_at(client, peer);
  return account != NULL && account->state == LINNET_CLIENT_REGISTERED;
}

static void notified(void *user, void *observation, linnet_status status) {
  (void)user;
  linnet__engine_notified(observation, status);
}

/* ---- what comes from the engine ------------------------------------------------------------------ */

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
  if (path.id[0] == 1 && path.depth == 3 && (path.id[2] == 2 || path.id[2] == 3)) {
    linnet__accounts_sync_periods(client, path.id[1]);
    return;
  }
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

const linnet__coap_handler linnet__client_coap_handler = {.request = request,
                                                          .precheck = precheck,
                                                          .collecting = collecting,
                                                          .collected = collected,
                                                          .unobserved = unobserved,
                                                          .notified = notified,
                                                          .knows = knows,
                                                          .hears = hears,
                                                          .welcome = welcome,
                                                          .traffic = traffic,
                                                          .session = session_changed,
                                                          .counted = counted};

const linnet__engine_hooks linnet__client_hooks = {.notified = heard,
                                                   .online = online,
                                                   .authorize = authorize,
                                                   .accept = accept,
                                                   .current = current,
                                                   .written = written,
                                                   .created = created,
                                                   .done = done,
                                                   .changed = changed,
                                                   .list_changed = list_changed};

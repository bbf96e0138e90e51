/* SPDX-License-Identifier: Apache-2.0 */
/* bootstrap.c: bootstrap by a server: when it is wanted, asked for, received, and over
 * (digest 6.1, 6.2, 6.6).
 */
#include <string.h>

#include "client_internal.h"

/* BS-12: growing delays after failures, on top of the hold-off. */
#define FIRST_DELAY_S 1
#define LAST_DELAY_S 3600
#define MAX_AGE_LIMIT_S 86400

static linnet_client *client_of(linnet__bootstrap *bootstrap) {
  return LINNET__CONTAINER(bootstrap, linnet_client, bootstrap);
}

static void set_peer(linnet__bootstrap *bootstrap, linnet_transport *transport,
                     const linnet_address *address) {
  memset(&bootstrap->peer, 0, sizeof bootstrap->peer); /* padding is compared, too */
  bootstrap->peer.transport = transport;
  bootstrap->peer.address = *address;
}

/* ---- when it is wanted --------------------------------------------------------------------------- */

/* 6.1, step 4; AMB-37: every one failed. Accounts that were told to leave do not count. */
static bool is_wanted(const linnet_client *client) {
  bool failed = false;
  if (!client->started || client->handle.closed) return false;
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    const linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (!account->wanted) continue;
    if (account->location != NULL || account->retry.failures == 0) return false;
    failed = true;
  }
  return failed || linnet__list_empty(&client->accounts);
}

static void emit(linnet_client *client, linnet_event_kind kind, linnet_status status, unsigned code,
                 const char *text) {
  linnet_event *event = linnet__client_event(client, kind, status, text);
  if (event != NULL) {
    if (status == LINNET_ERROR_SECURITY) event->cause = client->bootstrap.cause;
    event->code = code;
  }
  linnet__event_emit(client->handle.loop, event);
}

/* `Bootstrap of "kitchen" with coap://bs: 4.00 Bad Request` */
static linnet__buffer *begin_words(linnet_client *client) {
  char uri[LINNET__URI_SIZE];
  linnet__buffer *text = &client->scratch;
  linnet__security_uri(linnet__engine_object(client->engine, 0), client->bootstrap.account, uri);
  linnet__buffer_clear(text);
  linnet__print(text, "Bootstrap of \"%s\" with %s: ", client->endpoint, uri);
  return text;
}

static const char *words(linnet_client *client, const char *outcome) {
  linnet__buffer *text = begin_words(client);
  linnet__print(text, "%s", outcome);
  return linnet__buffer_text(text);
}

static void begin(linnet__timer *timer);

/* BS-12, AMB-28: the hold-off before each attempt, twice as long after each failure. */
static void schedule(linnet_client *client, uint32_t at_least_s) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  linnet_loop *loop = client->handle.loop;
  uint64_t delay_s = linnet__security_number(linnet__engine_object(client->engine, 0), bootstrap->account,
                                             LINNET__SECURITY_HOLD_OFF);
  uint64_t limit_s = delay_s > LAST_DELAY_S ? delay_s : LAST_DELAY_S;
  uint64_t spread_ms = 0;
  if (bootstrap->failures > 0) {
    if (delay_s < FIRST_DELAY_S) delay_s = FIRST_DELAY_S;
    for (unsigned i = 1; i < bootstrap->failures && delay_s < limit_s; i++) delay_s *= 2;
    if (delay_s > limit_s) delay_s = limit_s;
    if (delay_s < at_least_s) delay_s = at_least_s;
    spread_ms = linnet__random_between(loop, 0, 1000 * delay_s / 2);
  }
  bootstrap->phase = LINNET__BOOTSTRAP_WAITING;
  linnet__timer_arm_in(loop, &bootstrap->timer, 1000 * delay_s + spread_ms, begin);
}

static void located(linnet__lookup *lookup, const linnet_address *address) {
  linnet__bootstrap *bootstrap = LINNET__CONTAINER(lookup, linnet__bootstrap, lookup);
  linnet_transport *transport =
      linnet__client_transport(client_of(bootstrap), LINNET_TRANSPORT_UDP, LINNET__PLAIN);
  if (address == NULL || transport == NULL || linnet__bootstrap_busy(client_of(bootstrap))) return;
  set_peer(bootstrap, transport, address);
}

/* A number is known without being looked up; where short messages carry sessions, one has to be there first.
 */
static void seek_by_sms(linnet_client *client, uint16_t account) {
  linnet_transport *transport;
  linnet_address number;
  if (linnet__sms_reach(client, account, &transport, &number) == LINNET_OK &&
      !linnet_transport_is_secure(transport))
    set_peer(&client->bootstrap, transport, &number);
}

/* BS-04: it may begin by itself, so its address is found out before. One whose session is to be secure is not
 * heard without (bootstrap_session.c). */
static void seek(linnet_client *client, uint16_t account) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  linnet_transport *transport = linnet__client_transport(client, LINNET_TRANSPORT_UDP, LINNET__PLAIN);
  char text[LINNET__URI_SIZE];
  linnet__uri uri;
  bootstrap->sought = true;
  linnet__bootstrap_listen(client, account);
  if (bootstrap->peer.transport != bootstrap->listens) bootstrap->peer.transport = NULL;
  linnet__lookup_cancel(&bootstrap->lookup);
  if (linnet__security_is_by_sms(linnet__engine_object(client->engine, 0), account)) {
    seek_by_sms(client, account);
    return;
  }
  linnet__security_uri(linnet__engine_object(client->engine, 0), account, text);
  if (transport == NULL || linnet__uri_parse(&uri, text) != LINNET_OK || uri.secure) return;
  bootstrap->lookup.found = located;
  linnet__transport_lookup(transport, &bootstrap->lookup, uri.host, uri.host_length, uri.port);
}

static void look(linnet_client *client) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  if (linnet__bootstrap_busy(client)) return;
  uint16_t account = linnet__security_bootstrap(linnet__engine_object(client->engine, 0));
  if (client->started && !bootstrap->sought) seek(client, account);
  if (account != LINNET_ID_NONE && is_wanted(client)) {
    bootstrap->account = account;
    if (bootstrap->phase == LINNET__BOOTSTRAP_IDLE) schedule(client, 0);
    return;
  }
  linnet__timer_stop(client->handle.loop, &bootstrap->timer);
  bootstrap->phase = LINNET__BOOTSTRAP_IDLE;
}

/* ---- how it ends --------------------------------------------------------------------------------- */

static void release(linnet_client *client) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  linnet__timer_stop(client->handle.loop, &bootstrap->timer);
  linnet__lookup_cancel(&bootstrap->lookup);
  linnet__task_cancel(&bootstrap->task);
  if (bootstrap->exchange != 0) linnet__coap_forget(client->coap, bootstrap->exchange);
  if (bootstrap->phase >= LINNET__BOOTSTRAP_SECURING) /* BS-03: it is a session of its own */
    linnet__transport_disconnect(bootstrap->peer.transport, &bootstrap->peer.address);
  bootstrap->exchange = 0;
  bootstrap->phase = LINNET__BOOTSTRAP_IDLE;
}

/* BS-54. */
static void purge(linnet__timer *timer) {
  linnet__bootstrap *bootstrap = LINNET__CONTAINER(timer, linnet__bootstrap, purge);
  linnet_client *client = client_of(bootstrap);
  linnet_object *securities = linnet__engine_object(client->engine, 0);
  bootstrap->purge_due = linnet__bootstrap_busy(client);
  uint16_t account = linnet__security_bootstrap(securities);
  if (!bootstrap->purge_due && account != LINNET_ID_NONE) linnet_object_remove_instance(securities, account);
  linnet__client_post(client);
}

bool linnet__bootstrap_purges(const linnet_client *client, uint64_t *left_ms) {
  const linnet__bootstrap *bootstrap = &client->bootstrap;
  uint64_t now_ms = linnet_loop_now(client->handle.loop);
  bool armed = linnet__timer_armed(&bootstrap->purge);
  *left_ms = armed && bootstrap->purge.deadline_ms > now_ms ? bootstrap->purge.deadline_ms - now_ms : 0;
  return armed || bootstrap->purge_due;
}

void linnet__bootstrap_purge_in(linnet_client *client, uint64_t delay_ms) {
  linnet__timer_arm_in(client->handle.loop, &client->bootstrap.purge, delay_ms, purge);
}

/* BS-52: as if nothing had been. */
static void fail(linnet_client *client, linnet_status status, const linnet__incoming *response) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  linnet__buffer *text = begin_words(client);
  uint32_t max_age_s =
      response != NULL && response->code == LINNET__SERVICE_UNAVAILABLE ? response->max_age_s : 0;
  linnet__client_print_outcome(text, status, bootstrap->cause, response);
  emit(client, LINNET_EVENT_BOOTSTRAP_FINISHED, status,
       response != NULL ? linnet__code_number(response->code) : 0, linnet__buffer_text(text));
  release(client);
  linnet__transaction_roll_back(bootstrap->transaction);
  bootstrap->transaction = NULL;
  if (!bootstrap->unasked && bootstrap->failures < UINT16_MAX) bootstrap->failures++;
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (account->retry.failures > 0)
      linnet__account_retry(account);
    else
      linnet__account_renew(account);
  }
  schedule(client, max_age_s < MAX_AGE_LIMIT_S ? max_age_s : MAX_AGE_LIMIT_S);
  if (bootstrap->purge_due) purge(&bootstrap->purge);
  linnet__client_post(client);
}

/* Only the account of the bootstrap-server was changed (BS-51): it is asked next, but not in a circle without
 * a pause. */
static bool leads_nowhere(linnet_client *client) {
  const linnet_object *securities = linnet__engine_object(client->engine, 0);
  bool only = linnet_object_instance_count(securities) == linnet__security_bootstraps(securities);
  if (only && client->bootstrap.failures < UINT16_MAX) client->bootstrap.failures++;
  return only;
}

/* The answer to Finish is on its way (BS-52): now it is done, and the servers are registered with (BS-55). */
static void succeed(linnet__task *task) {
  linnet__bootstrap *bootstrap = LINNET__CONTAINER(task, linnet__bootstrap, task);
  linnet_client *client = client_of(bootstrap);
  const linnet_object *securities = linnet__engine_object(client->engine, 0);
  const char *text = words(client, "done");
  release(client);
  linnet__transaction_commit(bootstrap->transaction);
  bootstrap->transaction = NULL;
  client->revision++; /* all objects */
  linnet__smartcard_forget(client);
  if (!leads_nowhere(client)) bootstrap->failures = 0;
  bootstrap->purge_due = false;
  bootstrap->sought = false;
  emit(client, LINNET_EVENT_BOOTSTRAP_FINISHED, LINNET_OK, 204, text);
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next)
    linnet__account_renew(LINNET__CONTAINER(node, linnet__account, node));
  uint16_t account = linnet__security_bootstrap(securities);
  uint64_t stay_s = linnet__security_number(securities, account, LINNET__SECURITY_ACCOUNT_TIMEOUT);
  linnet__timer_stop(client->handle.loop, &bootstrap->purge);
  if (stay_s > 0) linnet__bootstrap_purge_in(client, 1000 * stay_s);
  client->accounts_stale = true;
  linnet__client_post(client);
}

/* BS-11. */
static void silent_too_long(linnet__timer *timer) {
  linnet__bootstrap *bootstrap = LINNET__CONTAINER(timer, linnet__bootstrap, timer);
  fail(client_of(bootstrap), LINNET_ERROR_TIMED_OUT, NULL);
}

static void expect_more(linnet_client *client) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  const linnet__timing *timing = linnet__transport_timing(bootstrap->peer.transport);
  linnet__timer_arm_in(client->handle.loop, &bootstrap->timer, timing->exchange_lifetime_ms, silent_too_long);
}

/* ---- how it begins ------------------------------------------------------------------------------- */

static void answered(void *user, uint64_t exchange, linnet_status status, const linnet__incoming *response) {
  linnet_client *client = user;
  (void)exchange;
  client->bootstrap.exchange = 0;
  if (client->bootstrap.phase != LINNET__BOOTSTRAP_REQUESTING) return; /* Finish was faster (BS-10) */
  if (status != LINNET_OK) {
    fail(client, status, NULL);
  } else if (response->code != LINNET__CHANGED) {
    fail(client, LINNET_ERROR_REFUSED, response);
  } else {
    client->bootstrap.phase = LINNET__BOOTSTRAP_RECEIVING;
    expect_more(client);
  }
}

static linnet_status open_transaction(linnet_client *client) {
  client->bootstrap.transaction = linnet__transaction_new(client->handle.loop);
  client->bootstrap.refreshed = false;
  return client->bootstrap.transaction != NULL ? LINNET_OK : LINNET_ERROR_NO_MEMORY;
}

static linnet_status ask(linnet_client *client) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  static const char key[3] = {'e', 'p', '='};
  char endpoint[sizeof key + LINNET__ENDPOINT_LIMIT];
  size_t length = strlen(client->endpoint);
  memcpy(endpoint, key, sizeof key);
  memcpy(endpoint + sizeof key, client->endpoint, length);
  const linnet__text path = {"bs", 2}, query = {endpoint, sizeof key + length};
  const linnet__outgoing outgoing = {.code = LINNET__POST,
                                     .path = &path,
                                     .path_count = 1,
                                     .query = &query,
                                     .query_count = 1,
                                     .content_format = -1,
                                     .accept = -1,
                                     .observe = -1};
  linnet_status status = open_transaction(client);
  if (status != LINNET_OK) return status;
  bootstrap->phase = LINNET__BOOTSTRAP_REQUESTING;
  return linnet__coap_send(client->coap, &bootstrap->peer, &outgoing, answered, client, &bootstrap->exchange);
}

static linnet_status secure(linnet_client *client) {
  client->bootstrap.phase = LINNET__BOOTSTRAP_SECURING;
  return linnet__client_connect(client, client->bootstrap.account, &client->bootstrap.peer, NULL);
}

void linnet__bootstrap_session(linnet_client *client, const linnet__session_news *news) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  linnet_status status = LINNET_OK;
  if (news->kind != LINNET__SESSION_OPENED) {
    bootstrap->cause = news->cause;
    status = LINNET_ERROR_SECURITY;
  } else if (bootstrap->phase == LINNET__BOOTSTRAP_SECURING) {
    status = ask(client);
  }
  if (status != LINNET_OK && bootstrap->phase != LINNET__BOOTSTRAP_FINISHING) fail(client, status, NULL);
}

static linnet_status begin_at(linnet_client *client, linnet_transport *transport,
                              const linnet_address *address) {
  set_peer(&client->bootstrap, transport, address);
  return linnet_transport_is_secure(transport) ? secure(client) : ask(client);
}

static void found(linnet__lookup *lookup, const linnet_address *address) {
  linnet__bootstrap *bootstrap = LINNET__CONTAINER(lookup, linnet__bootstrap, lookup);
  linnet_client *client = client_of(bootstrap);
  linnet_transport *transport = linnet__client_udp(client, bootstrap->account);
  if (bootstrap->phase != LINNET__BOOTSTRAP_RESOLVING) return;
  linnet_status status = address == NULL || transport == NULL ? LINNET_ERROR_UNKNOWN_HOST : LINNET_OK;
  if (status == LINNET_OK) status = begin_at(client, transport, address);
  if (status != LINNET_OK) fail(client, status, NULL);
}

/* SMS-14, SMS-16: by short messages, if its URI is a number. */
static linnet_status connect_server(linnet_client *client) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  linnet_transport *transport;
  linnet_address number;
  bootstrap->lookup.found = found;
  if (!linnet__security_is_by_sms(linnet__engine_object(client->engine, 0), bootstrap->account))
    return linnet__client_look_up(client, bootstrap->account, &bootstrap->lookup);
  linnet_status status = linnet__sms_reach(client, bootstrap->account, &transport, &number);
  return status == LINNET_OK ? begin_at(client, transport, &number) : status;
}

/* Registrations rest until it is over; then all are made anew (BS-55). */
static void rest(linnet_client *client) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    linnet__account_stop(account);
    linnet__account_drop_registration(account);
    account->state = LINNET_CLIENT_IDLE;
  }
}

static void begin(linnet__timer *timer) {
  linnet__bootstrap *bootstrap = LINNET__CONTAINER(timer, linnet__bootstrap, timer);
  linnet_client *client = client_of(bootstrap);
  bootstrap->phase = LINNET__BOOTSTRAP_IDLE;
  bootstrap->account = linnet__security_bootstrap(linnet__engine_object(client->engine, 0));
  if (bootstrap->account == LINNET_ID_NONE || !is_wanted(client)) return;
  rest(client);
  linnet__lookup_cancel(&bootstrap->lookup);
  bootstrap->unasked = false;
  bootstrap->phase = LINNET__BOOTSTRAP_RESOLVING;
  emit(client, LINNET_EVENT_BOOTSTRAP_STARTED, LINNET_OK, 0, words(client, "asking"));
  linnet_status status = connect_server(client);
  if (status != LINNET_OK) fail(client, status, NULL);
}

/* ---- the commands -------------------------------------------------------------------------------- */

static bool is_listening(const linnet__bootstrap *bootstrap) {
  return bootstrap->phase == LINNET__BOOTSTRAP_REQUESTING || bootstrap->phase == LINNET__BOOTSTRAP_RECEIVING;
}

/* At that address a server is talked to, or a goodbye is on its way: then it is not the bootstrap-server's
 * turn. */
static bool is_taken(const linnet_client *client, const linnet__peer *peer) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    const linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    bool talks = account->location != NULL || account->request != LINNET__REQUEST_NONE;
    if (account->leaving || account->state == LINNET_CLIENT_DEREGISTERING) return true;
    if (talks && linnet__peer_equal(&account->peer, peer)) return true;
  }
  return false;
}

/* BS-05, BS-10, BS-13: only from the bootstrap-server, and also before its 2.04; BS-01, BS-04: it may begin,
 * once the client was started. */
static bool admits(const linnet_client *client, const linnet__peer *peer) {
  const linnet__bootstrap *bootstrap = &client->bootstrap;
  if (bootstrap->peer.transport == NULL || !linnet__peer_equal(peer, &bootstrap->peer)) return false;
  if (linnet__bootstrap_busy(client)) return is_listening(bootstrap);
  return client->started && bootstrap->sought &&
         linnet__security_bootstrap(linnet__engine_object(client->engine, 0)) != LINNET_ID_NONE &&
         !is_taken(client, peer);
}

static bool is_finish(const linnet__incoming *request) {
  linnet__text segment, more;
  size_t position = 0;
  return request->code == LINNET__POST &&
         linnet__incoming_text(request, LINNET__OPTION_URI_PATH, &position, &segment) &&
         segment.length == 2 && memcmp(segment.data, "bs", 2) == 0 &&
         !linnet__incoming_text(request, LINNET__OPTION_URI_PATH, &position, &more);
}

/* BS-53: a second bootstrap-server account takes the place of the present one. */
static linnet_status replace_account(linnet_client *client) {
  linnet_object *securities = linnet__engine_object(client->engine, 0);
  linnet__bootstrap *bootstrap = &client->bootstrap;
  if (linnet__security_bootstraps(securities) < 2) return LINNET_OK;
  if (!linnet__security_is_bootstrap(securities, bootstrap->account)) return LINNET_ERROR_MALFORMED;
  linnet_status status = linnet__transaction_touch(bootstrap->transaction, securities);
  if (status != LINNET_OK) return status;
  linnet_object_remove_instance(securities, bootstrap->account);
  bootstrap->account = linnet__security_bootstrap(securities);
  return LINNET_OK;
}

/* BS-04. False: it cannot be now. */
static bool begin_unasked(linnet_client *client) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  if (open_transaction(client) != LINNET_OK) return false;
  linnet__timer_stop(client->handle.loop, &bootstrap->timer);
  bootstrap->account = linnet__security_bootstrap(linnet__engine_object(client->engine, 0));
  bootstrap->unasked = true;
  bootstrap->phase = LINNET__BOOTSTRAP_RECEIVING;
  emit(client, LINNET_EVENT_BOOTSTRAP_STARTED, LINNET_OK, 0, words(client, "it began"));
  rest(client);
  linnet__client_post(client);
  return true;
}

/* BS-50. */
static void finish(linnet_client *client, linnet__response *response) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  linnet_status status = linnet__client_check_accounts(client, response->payload);
  if (status == LINNET_OK) status = replace_account(client);
  response->code = status == LINNET_OK                ? LINNET__CHANGED
                   : status == LINNET_ERROR_NO_MEMORY ? LINNET__INTERNAL_SERVER_ERROR
                                                      : LINNET__NOT_ACCEPTABLE;
  if (status != LINNET_OK) return;
  bootstrap->phase = LINNET__BOOTSTRAP_FINISHING;
  linnet__task_post(client->handle.loop, &bootstrap->task);
}

/* BS-51: does it write the bootstrap-server's account? */
static bool writes_account(const linnet__bootstrap *bootstrap, const linnet__incoming *request) {
  linnet_path path;
  if (request->code != LINNET__PUT || linnet__incoming_path(request, 0, &path) != LINNET_OK) return false;
  return path.depth > 1 && path.id[0] == 0 && path.id[1] == bootstrap->account;
}

/* ACL-02: what several servers may do comes with them, before there is anything that says so. */
static void prepare_for(linnet_client *client, const linnet__incoming *request) {
  linnet_path path;
  if (request->code == LINNET__PUT && linnet__incoming_path(request, 0, &path) == LINNET_OK &&
      path.depth > 0 && path.id[0] == 2)
    linnet__access_require(client);
}

static linnet__answer receive(linnet_client *client, const linnet__incoming *request,
                              linnet__response *response) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  prepare_for(client, request);
  bool is_over = !linnet__bootstrap_busy(client) && is_finish(request); /* a Finish begins nothing */
  if (is_over || (!linnet__bootstrap_busy(client) && !begin_unasked(client))) return LINNET__ANSWER_NEVER;
  if (is_finish(request)) {
    finish(client, response);
  } else {
    linnet__engine_bootstrap(client->engine, bootstrap->transaction, bootstrap->account, request, response);
    bool refreshed = writes_account(bootstrap, request) && response->code == LINNET__CHANGED;
    bootstrap->refreshed = bootstrap->refreshed || refreshed;
  }
  if (bootstrap->phase == LINNET__BOOTSTRAP_RECEIVING) expect_more(client);
  return LINNET__ANSWER_NOW;
}

static uint8_t precheck(linnet_client *client, const linnet__incoming *request) {
  prepare_for(client, request);
  return is_finish(request) ? 0 : linnet__engine_bootstrap_precheck(client->engine, request);
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void take_back(linnet_client *client) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  linnet__transaction *transaction = bootstrap->transaction;
  bool finished = bootstrap->phase == LINNET__BOOTSTRAP_FINISHING;
  bootstrap->transaction = NULL;
  if (client->coap != NULL) release(client);
  linnet__timer_stop(client->handle.loop, &bootstrap->purge);
  if (finished)
    linnet__transaction_commit(transaction);
  else
    linnet__transaction_roll_back(transaction);
}

linnet_status linnet_client_allow_bootstrap(linnet_client *client) {
  static const linnet__bootstrap_rules rules = {.admits = admits,
                                                .precheck = precheck,
                                                .request = receive,
                                                .session = linnet__bootstrap_news,
                                                .look = look,
                                                .close = take_back};
  if (client->handle.closed) return linnet__client_closed(client);
  if (client->bootstrap.rules != NULL) return LINNET_OK;
  client->bootstrap.rules = &rules;
  linnet__task_init(&client->bootstrap.task, succeed);
  linnet__client_post(client);
  return LINNET_OK;
}

linnet_status linnet_client_add_bootstrap_server(linnet_client *client, const char *uri,
                                                 uint32_t hold_off_s) {
  linnet_loop *loop = client->handle.loop;
  linnet_status status = linnet__client_check_uri(client, uri);
  if (status != LINNET_OK) return status;
  linnet_client_allow_bootstrap(client);
  linnet_object *securities = linnet__engine_object(client->engine, 0);
  if (linnet__security_bootstraps(securities) > 0)
    return linnet__fail(loop, LINNET_ERROR_EXISTS, "adding %s to \"%s\": it has a bootstrap-server", uri,
                        client->endpoint);
  status =
      linnet__security_add_bootstrap(securities, linnet__client_free_instance(securities), uri, hold_off_s);
  if (status != LINNET_OK)
    return linnet__fail(loop, status, "adding %s to \"%s\": out of memory", uri, client->endpoint);
  linnet__client_post(client);
  return LINNET_OK;
}

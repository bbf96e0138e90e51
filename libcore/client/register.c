/* SPDX-License-Identifier: Apache-2.0 */
/* register.c: Register, Update and De-register, and what each answer leads to (digest 2). */
#include <string.h>

#include "client_internal.h"

/* REG-30: so long before the lifetime ends, MAX_TRANSMIT_WAIT, an Update is sent. */
#define MARGIN_MS UINT64_C(93000)
/* AMB-27. */
#define LONGEST_TIMER_S (UINT64_C(1) << 31)
/* After an Update that could not even be sent. */
#define RESEND_MS 5000

void linnet__account_terms(const linnet__account *account, linnet__terms *terms) {
  const linnet_object *servers = linnet__engine_object(account->client->engine, 1);
  terms->lifetime_s = linnet__server_number(servers, account->server, 1, 1);
  if (terms->lifetime_s == 0) terms->lifetime_s = 1; /* REG-31 */
  linnet__server_binding(servers, account->server, terms->binding);
}

/* ---- requests ------------------------------------------------------------------------------------ */

/* Of all texts of a query: ep=, lt=, lwm2m=1.0, b=, sms= */
#define QUERY_SIZE                                                                                 \
  (3 + LINNET__ENDPOINT_LIMIT + 3 + LINNET__INTEGER_TEXT_SIZE + 9 + 2 + LINNET__BINDING_SIZE + 4 + \
   LINNET__SMS_NUMBER_LIMIT)

/* A request with the texts of its query. */
typedef struct message {
  linnet__outgoing outgoing;
  linnet__text path[LINNET__LOCATION_SEGMENTS];
  linnet__text query[5];
  char texts[QUERY_SIZE];
  linnet__buffer buffer; /* over the texts */
} message;

static void begin_message(message *out, uint8_t code) {
  memset(out, 0, sizeof *out);
  linnet__buffer_init_fixed(&out->buffer, out->texts, sizeof out->texts);
  out->outgoing.code = code;
  out->outgoing.path = out->path;
  out->outgoing.query = out->query;
  out->outgoing.content_format = out->outgoing.accept = out->outgoing.observe = -1;
}

static void set_location(message *out, const linnet__account *account) {
  const char *at = account->location;
  for (size_t i = 0; i < account->segment_count; i++) {
    out->path[i].data = at + 1; /* after its "/" */
    out->path[i].length = account->segments[i];
    at += 1 + account->segments[i];
  }
  out->outgoing.path_count = account->segment_count;
}

/* The text of the query that began there. */
static void end_query(message *out, size_t at) {
  linnet__text *query = &out->query[out->outgoing.query_count++];
  *query = (linnet__text){out->texts + at, out->buffer.length - at};
}

static void add_query(message *out, const char *name, const char *value) {
  size_t at = out->buffer.length;
  linnet__buffer_append_text(&out->buffer, name);
  linnet__buffer_append_text(&out->buffer, value);
  end_query(out, at);
}

static void add_lifetime(message *out, uint32_t lifetime_s) {
  size_t at = out->buffer.length;
  linnet__buffer_append_text(&out->buffer, "lt=");
  linnet__buffer_append_unsigned(&out->buffer, lifetime_s);
  end_query(out, at);
}

/* SMS-03: where the server may send SMS to, if it is to. */
static void add_number(message *out, const linnet__account *account, const char *binding) {
  const char *number = account->client->sms_number;
  if (number != NULL && strchr(binding, 'S') != NULL) add_query(out, "sms=", number);
}

static linnet_status add_list(message *out, linnet_client *client) {
  linnet__buffer *list = &client->scratch;
  linnet__buffer_clear(list);
  linnet__engine_put_links(client->engine, list);
  if (list->failed != LINNET_OK) return list->failed;
  out->outgoing.content_format = LINNET_FORMAT_LINK;
  out->outgoing.payload = list->data;
  out->outgoing.payload_length = list->length;
  return LINNET_OK;
}

static linnet_status send_message(linnet__account *account, const message *out,
                                  linnet__account_request request, linnet__coap_answered answered) {
  linnet_status status = linnet__coap_send(account->client->coap, &account->peer, &out->outgoing, answered,
                                           account, &account->exchange);
  account->request = status == LINNET_OK ? request : LINNET__REQUEST_NONE;
  return status;
}

/* ---- Register ------------------------------------------------------------------------------------ */

static void timer_ran(linnet__timer *timer) {
  linnet__account *account = LINNET__CONTAINER(timer, linnet__account, timer);
  if (account->lifetime.deadline_ms <= linnet_loop_now(account->client->handle.loop))
    return; /* REG-07: the device slept for longer; a Register comes in this step, and nothing before it */
  account->update_wanted = true;
  linnet__account_look(account);
}

/* REG-07: nobody acknowledged in time. */
static void lifetime_ended(linnet__timer *timer) {
  linnet__account *account = LINNET__CONTAINER(timer, linnet__account, lifetime);
  linnet__account_emit(account, LINNET_EVENT_ERROR, LINNET_ERROR_TIMED_OUT, 0,
                       "the lifetime ended before an Update was acknowledged");
  linnet__account_register(account);
}

static uint64_t lifetime_of(const linnet__account *account) {
  uint64_t lifetime_s = account->sent.lifetime_s;
  return UINT64_C(1000) * (lifetime_s < LONGEST_TIMER_S ? lifetime_s : LONGEST_TIMER_S);
}

static void plan_update(linnet__account *account, uint64_t at_ms) {
  account->update_ms = at_ms;
  linnet__timer_arm(account->client->handle.loop, &account->timer, at_ms, timer_ran);
}

/* REG-30. */
static void plan_next_update(linnet__account *account) {
  uint64_t lifetime_ms = lifetime_of(account);
  plan_update(account,
              account->lifetime.deadline_ms - (lifetime_ms / 2 < MARGIN_MS ? lifetime_ms / 2 : MARGIN_MS));
}

/* The server acknowledged what was sent last: its lifetime starts anew. */
static void acknowledged(linnet__account *account) {
  linnet_loop *loop = account->client->handle.loop;
  account->state = LINNET_CLIENT_REGISTERED;
  account->doubted = false;
  linnet__timer_arm(loop, &account->lifetime, linnet_loop_now(loop) + lifetime_of(account), lifetime_ended);
  plan_next_update(account);
  linnet__retry_reset(&account->retry);
  account->traffic_ms = linnet_loop_now(loop);
  linnet__client_post(account->client); /* it may sleep after a while */
}

/* Stores the Location-Path verbatim (REG-03). */
static linnet_status keep_location(linnet__account *account, const linnet__incoming *response) {
  char location[LINNET__LOCATION_SIZE];
  size_t length = 0, position = 0;
  linnet__text segment;
  account->segment_count = 0;
  while (linnet__incoming_text(response, LINNET__OPTION_LOCATION_PATH, &position, &segment)) {
    if (account->segment_count == LINNET__LOCATION_SEGMENTS || segment.length > UINT8_MAX ||
        length + 1 + segment.length > sizeof location ||
        (segment.length > 0 && memchr(segment.data, 0, segment.length) != NULL))
      return LINNET_ERROR_MALFORMED;
    location[length++] = '/';
    if (segment.length > 0) memcpy(location + length, segment.data, segment.length);
    length += segment.length;
    account->segments[account->segment_count++] = (uint16_t)segment.length;
  }
  if (account->segment_count == 0) return LINNET_ERROR_MALFORMED;
  account->location = linnet__copy_text(account->client->handle.loop, location, length);
  return account->location != NULL ? LINNET_OK : LINNET_ERROR_NO_MEMORY;
}

static void registered(linnet__account *account, const linnet__incoming *response) {
  linnet_status status = keep_location(account, response);
  if (status != LINNET_OK) {
    linnet__account_drop_registration(account);
    linnet__account_fail(account, status, NULL, "Register");
    return;
  }
  linnet__account_open(account);
  acknowledged(account);
  linnet__sms_session_renew(account);
  linnet__requester_online(&account->requester);
  if (account->client->bootstrap.peer.transport == NULL) linnet__bootstrap_moved(account->client);
  linnet__account_emit(account, LINNET_EVENT_REGISTERED, LINNET_OK, linnet__code_number(response->code),
                       account->location);
  linnet__account_look(account);
}

static void register_answered(void *user, uint64_t exchange, linnet_status status,
                              const linnet__incoming *response) {
  linnet__account *account = user;
  (void)exchange;
  account->request = LINNET__REQUEST_NONE;
  if (status != LINNET_OK)
    linnet__account_fail(account, status, NULL, "Register");
  else if (response->code == LINNET__CREATED)
    registered(account, response);
  else
    linnet__account_fail(account, LINNET_ERROR_REFUSED, response, "Register");
}

void linnet__account_register(linnet__account *account) {
  linnet_client *client = account->client;
  message out;
  linnet__account_stop(account);
  linnet__account_drop_registration(account);
  if (linnet__smartcard_holds(account, LINNET__REQUEST_REGISTER)) return;
  if (linnet__account_needs_session(account)) {
    linnet__account_secure(account);
    return;
  }
  linnet__account_terms(account, &account->sent);
  begin_message(&out, LINNET__POST);
  out.path[0] = (linnet__text){"rd", 2};
  out.outgoing.path_count = 1;
  add_query(&out, "ep=", client->endpoint);
  add_lifetime(&out, account->sent.lifetime_s);
  add_query(&out, "lwm2m=", "1.0");
  add_query(&out, "b=", account->sent.binding);
  add_number(&out, account, account->sent.binding);
  account->list_changed = account->update_wanted = account->number_changed = false;
  account->state = LINNET_CLIENT_REGISTERING;
  linnet_status status = add_list(&out, client);
  if (status == LINNET_OK) status = send_message(account, &out, LINNET__REQUEST_REGISTER, register_answered);
  if (status != LINNET_OK) linnet__account_fail(account, status, NULL, "Register");
}

/* ---- Update -------------------------------------------------------------------------------------- */

static void update_answered(void *user, uint64_t exchange, linnet_status status,
                            const linnet__incoming *response) {
  linnet__account *account = user;
  (void)exchange;
  account->request = LINNET__REQUEST_NONE;
  if (status == LINNET_OK && response->code == LINNET__CHANGED) {
    acknowledged(account);
    linnet__sms_session_look(account);
    linnet__requester_forget_suspended(&account->requester);
    linnet__requester_online(&account->requester); /* OBS-09 */
    linnet__account_emit(account, LINNET_EVENT_UPDATED, LINNET_OK, linnet__code_number(response->code), NULL);
    linnet__account_look(account); /* what changed meanwhile */
    return;
  }
  if (status == LINNET_ERROR_TIMED_OUT && linnet__account_doubts_session(account)) {
    linnet__account_refresh_session(account);
    return;
  }
  linnet__account_tell_failure(account, status == LINNET_OK ? LINNET_ERROR_REFUSED : status, response,
                               "Update");
  linnet__account_register(account);
}

/* Only what changed since the last Register or Update (REG-08). */
void linnet__account_update(linnet__account *account) {
  linnet_client *client = account->client;
  message out;
  linnet__terms terms;
  linnet_status status = LINNET_OK;
  if (linnet__smartcard_holds(account, LINNET__REQUEST_UPDATE)) return;
  if (linnet__account_needs_session(account)) {
    linnet__account_refresh_session(account);
    return;
  }
  linnet__account_terms(account, &terms);
  begin_message(&out, LINNET__POST);
  set_location(&out, account);
  if (terms.lifetime_s != account->sent.lifetime_s) add_lifetime(&out, terms.lifetime_s);
  bool rebound = strcmp(terms.binding, account->sent.binding) != 0;
  if (rebound) add_query(&out, "b=", terms.binding);
  if (rebound || account->number_changed) add_number(&out, account, terms.binding);
  if (account->list_changed) status = add_list(&out, client);
  if (status == LINNET_OK) status = send_message(account, &out, LINNET__REQUEST_UPDATE, update_answered);
  if (status == LINNET_ERROR_NO_MEMORY || status == LINNET_ERROR_LIMIT_REACHED) {
    linnet__timer_arm_in(client->handle.loop, &account->timer, RESEND_MS, timer_ran);
    return;
  }
  if (status != LINNET_OK) { /* the transport has gone: another one may be there */
    linnet__account_stop(account);
    linnet__account_drop_registration(account);
    linnet__account_fail(account, status, NULL, "Update");
    return;
  }
  linnet__timer_stop(client->handle.loop, &account->timer);
  account->sent = terms;
  account->list_changed = account->update_wanted = account->number_changed = false;
}

/* Without it a server that was away for minutes would be told nothing until the lifetime is nearly over. What
 * is stored follows the Update (OBS-09); where that is not answered either, a Register does (2.4). */
void linnet__account_ask_after(linnet__account *account) {
  linnet_loop *loop = account->client->handle.loop;
  if (account->state != LINNET_CLIENT_REGISTERED || account->request != LINNET__REQUEST_NONE) return;
  uint64_t delay_ms = linnet__retry_delay(loop, &account->unheard, LINNET__FAILURE_UNHEARD);
  if (linnet_loop_now(loop) + delay_ms < account->update_ms)
    plan_update(account, linnet_loop_now(loop) + delay_ms);
}

void linnet__account_ask_no_more(linnet__account *account) {
  if (account->state == LINNET_CLIENT_REGISTERED && account->request == LINNET__REQUEST_NONE)
    plan_next_update(account);
}

/* ---- De-register --------------------------------------------------------------------------------- */

static void disabled_long_enough(linnet__timer *timer) {
  linnet__account *account = LINNET__CONTAINER(timer, linnet__account, timer);
  account->disabled = false;
  account->state = LINNET_CLIENT_IDLE;
  linnet__account_look(account);
}

/* Whatever the answer was, it is over (2.4). */
void linnet__account_left(linnet__account *account, linnet_status status, unsigned code) {
  linnet_client *client = account->client;
  linnet__account_drop_registration(account);
  linnet__account_end_session(account);
  linnet__sms_session_end(account);
  account->state = LINNET_CLIENT_IDLE;
  linnet__account_emit(account, LINNET_EVENT_DEREGISTERED, status, code, NULL);
  linnet__client_post(client);
  account->disabled = account->disabled && account->wanted;
  if (account->disabled) { /* REG-40 */
    const linnet_object *servers = linnet__engine_object(client->engine, 1);
    uint64_t silence_s = linnet__server_number(servers, account->server, 5, 86400);
    account->state = LINNET_CLIENT_WAITING;
    linnet__timer_arm_in(client->handle.loop, &account->timer, 1000 * silence_s, disabled_long_enough);
  } else {
    linnet__account_look(account); /* linnet_client_start may have been called meanwhile */
  }
}

static void deregister_answered(void *user, uint64_t exchange, linnet_status status,
                                const linnet__incoming *response) {
  linnet__account *account = user;
  (void)exchange;
  account->request = LINNET__REQUEST_NONE;
  linnet__account_left(account, status, response != NULL ? linnet__code_number(response->code) : 0);
}

void linnet__account_deregister(linnet__account *account) {
  message out;
  linnet__account_stop(account);
  account->leaving = false;
  account->state = LINNET_CLIENT_DEREGISTERING;
  begin_message(&out, LINNET__DELETE);
  set_location(&out, account);
  linnet_status status = send_message(account, &out, LINNET__REQUEST_DEREGISTER, deregister_answered);
  if (status != LINNET_OK) linnet__account_left(account, status, 0);
}

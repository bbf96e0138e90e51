/* SPDX-License-Identifier: Apache-2.0 */
/* sms_security.c: how short messages to and from a server are secured, as /0/x/6 to /0/x/8 say (sms.md 4:
 * SMS-05, SMS-20 to SMS-22, SMS-31, SMS-32, AMB-30). */
#include <linnet/secured.h>
#include <string.h>

#include "client_internal.h"

#define TRIGGER_RESOURCE 8 /* of object 1 */
#define TRIGGERS 3
#define TRIGGERS_PERIOD_S 180
#define LONGEST_PERIOD_S 86400

static uint32_t mode_of(const linnet_client *client, uint16_t security) {
  return linnet__security_number(linnet__engine_object(client->engine, 0), security,
                                 LINNET__SECURITY_SMS_MODE);
}

linnet_transport *linnet__sms_transport(const linnet_client *client, uint16_t security) {
  linnet__protection protection =
      mode_of(client, security) == LINNET_SMS_DTLS ? LINNET__SECURE : LINNET__PLAIN;
  return linnet__client_transport(client, LINNET_TRANSPORT_SMS, protection);
}

/* SMS-21: what comes otherwise than it should is as if it had not come. */
static bool accepts(const linnet_client *client, uint16_t security, const linnet_transport *transport) {
  uint32_t mode = mode_of(client, security);
  return linnet_transport_is_secure(transport) == (mode == LINNET_SMS_DTLS) &&
         linnet_transport_has_secured(transport) == (mode == LINNET_SMS_SECURED_PACKETS);
}

bool linnet__sms_accepts(const linnet__account *account, const linnet_transport *transport) {
  return accepts(account->client, account->security, transport);
}

/* ---- what is heard ------------------------------------------------------------------------------- */

/* SMS-22: beside secure UDP, what is not secured may ask for an Update, and nothing else. */
static bool is_for_triggers_alone(const linnet__account *account) {
  const linnet_client *client = account->client;
  uint32_t mode = mode_of(client, account->security);
  linnet__terms terms;
  linnet__account_terms(account, &terms);
  return mode != LINNET_SMS_DTLS && mode != LINNET_SMS_SECURED_PACKETS &&
         !linnet__binding_is_sms(terms.binding) &&
         linnet__client_protection(client, account->security) == LINNET__SECURE;
}

static bool is_trigger(const linnet__account *account, const uint8_t *data, size_t length) {
  linnet__incoming request = {.code = LINNET__POST};
  linnet_path path;
  return linnet_message_parse(&request.message, data, length) == LINNET_OK &&
         request.message.code == LINNET__POST &&
         linnet__root_path(account->client->engine, &request, &path) == LINNET_OK &&
         linnet_path_equal(path, linnet_path_resource(1, account->server, TRIGGER_RESOURCE));
}

/*
 * Whoever can send SMS in the server's name could empty a battery, and have messages sent at its owner's
 * cost. So many may follow one another; after that one in each share of the time. What was sent twice counts
 * twice.
 */
static bool takes_trigger(linnet__account *account) {
  const linnet_client *client = account->client;
  uint64_t now_ms = linnet_loop_now(client->handle.loop);
  if (client->trigger_count == 0) return false;
  uint64_t share_ms = client->trigger_period_ms / client->trigger_count;
  if (account->trigger_ms > now_ms + client->trigger_period_ms - share_ms) return false;
  account->trigger_ms = (account->trigger_ms > now_ms ? account->trigger_ms : now_ms) + share_ms;
  return true;
}

static linnet__account *account_of(const linnet_client *client, uint16_t security) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (account->security == security) return account;
  }
  return NULL;
}

static bool hears(const linnet_client *client, uint16_t security, const uint8_t *data, size_t length) {
  linnet__account *account = account_of(client, security); /* NULL: the bootstrap-server's */
  if (account == NULL || !is_for_triggers_alone(account)) return true;
  if (!is_trigger(account, data, length)) return false;
  if (takes_trigger(account)) return true;
  linnet__log(client->handle.loop, LINNET_LOG_INFO, "too many triggers by SMS from server %u: one is ignored",
              (unsigned)account->requester.short_server_id);
  return false;
}

/* The instances of object 0 with that number, and with that security, one after the other; LINNET_ID_NONE: no
 * more. */
static uint16_t next_with(const linnet_client *client, const linnet__peer *peer, size_t *position) {
  const linnet_object *securities = linnet__engine_object(client->engine, 0);
  while (*position < linnet_object_instance_count(securities)) {
    uint16_t security = linnet_object_instance_at(securities, (*position)++);
    linnet_address number;
    linnet__security_number_of(securities, security, &number);
    if (linnet_address_equal(&number, &peer->address) && accepts(client, security, peer->transport))
      return security;
  }
  return LINNET_ID_NONE; /* SMS-05 */
}

bool linnet__sms_knows(const linnet_client *client, const linnet__peer *peer) {
  size_t position = 0;
  return next_with(client, peer, &position) != LINNET_ID_NONE;
}

bool linnet__sms_hears(const linnet_client *client, const linnet__peer *peer, const uint8_t *data,
                       size_t length) {
  size_t position = 0;
  for (uint16_t security; (security = next_with(client, peer, &position)) != LINNET_ID_NONE;)
    if (hears(client, security, data, length)) return true;
  return false;
}

void linnet__sms_init(linnet_client *client) {
  client->trigger_count = TRIGGERS;
  client->trigger_period_ms = TRIGGERS_PERIOD_S * 1000;
}

linnet_status linnet_client_set_trigger_limit(linnet_client *client, uint32_t count, uint32_t period_s) {
  if (client->handle.closed) return linnet__client_closed(client);
  if (period_s == 0 || period_s > LONGEST_PERIOD_S || count > period_s * 1000)
    return linnet__fail(client->handle.loop, LINNET_ERROR_OUT_OF_RANGE,
                        "trigger limit of \"%s\": the time is 1 s to a day, and a trigger takes 1 ms of it",
                        client->endpoint);
  client->trigger_count = count;
  client->trigger_period_ms = period_s * 1000;
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next)
    LINNET__CONTAINER(node, linnet__account, node)->trigger_ms = 0;
  return LINNET_OK;
}

linnet_status linnet__sms_prepare(linnet_client *client, uint16_t security) {
  const linnet_object *securities = linnet__engine_object(client->engine, 0);
  linnet_transport *transport = linnet__client_transport(client, LINNET_TRANSPORT_SMS, LINNET__PLAIN);
  linnet_address number;
  linnet__security_number_of(securities, security, &number);
  if (mode_of(client, security) != LINNET_SMS_SECURED_PACKETS || number.kind != LINNET_ADDRESS_PHONE)
    return LINNET_OK;
  if (transport == NULL || !linnet_transport_has_secured(transport))
    return linnet__fail(client->handle.loop, LINNET_ERROR_SECURITY,
                        "SMS of \"%s\": the server wants secured packets, and the transport has none",
                        client->endpoint);
  linnet__text parameters = linnet__security_bytes(securities, security, 7);
  linnet__text keys = linnet__security_bytes(securities, security, 8);
  return linnet_transport_set_secured_keys(transport, &number, parameters.data, parameters.length, keys.data,
                                           keys.length);
}

linnet_status linnet__sms_reach(linnet_client *client, uint16_t security, linnet_transport **transport,
                                linnet_address *number) {
  *transport = linnet__sms_transport(client, security);
  linnet__security_number_of(linnet__engine_object(client->engine, 0), security, number);
  if (*transport == NULL) return LINNET_ERROR_CLOSED;
  if (number->kind != LINNET_ADDRESS_PHONE) return LINNET_ERROR_INVALID_ARGUMENT;
  return linnet__sms_prepare(client, security) == LINNET_OK ? LINNET_OK : LINNET_ERROR_SECURITY;
}

/* ---- set by the application ---------------------------------------------------------------------- */

linnet_status linnet_client_set_sms_security(linnet_client *client, uint16_t short_server_id,
                                             linnet_sms_security mode, const void *parameters,
                                             size_t parameters_length, const void *key, size_t key_length) {
  linnet_status status;
  uint16_t instance = linnet__client_security(client, short_server_id, "SMS security", &status);
  if (instance == LINNET_ID_NONE) return status;
  if (mode != LINNET_SMS_DTLS && mode != LINNET_SMS_SECURED_PACKETS && mode != LINNET_SMS_UNSECURED)
    return linnet__fail(client->handle.loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "SMS security of \"%s\": there is no mode %d", client->endpoint, (int)mode);
  linnet_object *securities = linnet__engine_object(client->engine, 0);
  /* AMB-30: an account that is reached by SMS alone has its identity and key where others have theirs. */
  bool usual = mode == LINNET_SMS_DTLS && linnet__client_protection(client, instance) != LINNET__SECURE;
  bool own = mode == LINNET_SMS_DTLS && parameters_length == 0 && key_length == 0; /* those of the account */
  if (mode != LINNET_SMS_UNSECURED && !own) {
    status = linnet__object_set_opaque(securities, instance, usual ? 3 : 7, parameters, parameters_length);
    if (status == LINNET_OK)
      status = linnet__object_set_opaque(securities, instance, usual ? 5 : 8, key, key_length);
  }
  if (status == LINNET_OK)
    status = linnet__object_set_integer(securities, instance, LINNET__SECURITY_SMS_MODE, mode);
  if (status == LINNET_OK) status = linnet__sms_prepare(client, instance);
  linnet__client_post(client);
  return status;
}

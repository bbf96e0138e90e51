/* SPDX-License-Identifier: Apache-2.0 */
/* sms_security.c: how short messages to and from a server are secured, as /0/x/6 to /0/x/8 say (sms.md 4:
 * SMS-20 to SMS-22, SMS-31, SMS-32, AMB-30). */
#include <linnet/secured.h>
#include <string.h>

#include "client_internal.h"

#define TRIGGER_RESOURCE 8 /* of object 1 */

static uint32_t mode_of(const linnet__account *account) {
  const linnet_object *securities = linnet__engine_object(account->client->engine, 0);
  return linnet__security_number(securities, account->security, LINNET__SECURITY_SMS_MODE);
}

linnet__protection linnet__sms_protection(const linnet__account *account) {
  return mode_of(account) == LINNET_SMS_DTLS ? LINNET__SECURE : LINNET__PLAIN;
}

/* SMS-21: what comes otherwise than it should is as if it had not come. */
bool linnet__sms_accepts(const linnet__account *account, const linnet_transport *transport) {
  uint32_t mode = mode_of(account);
  return linnet_transport_is_secure(transport) == (mode == LINNET_SMS_DTLS) &&
         linnet_transport_has_secured(transport) == (mode == LINNET_SMS_SECURED_PACKETS);
}

/* SMS-22: beside secure UDP, what is not secured may ask for an Update, and nothing else. */
bool linnet__sms_allows(const linnet__account *account, const linnet__incoming *request) {
  linnet_path path;
  if (request->peer.address.kind != LINNET_ADDRESS_PHONE ||
      account->peer.address.kind == LINNET_ADDRESS_PHONE ||
      !linnet_transport_is_secure(account->peer.transport))
    return true;
  uint32_t mode = mode_of(account);
  if (mode == LINNET_SMS_DTLS || mode == LINNET_SMS_SECURED_PACKETS) return true;
  return request->code == LINNET__POST && linnet__incoming_path(request, 0, &path) == LINNET_OK &&
         path.depth == 3 && path.id[0] == 1 && path.id[1] == account->server &&
         path.id[2] == TRIGGER_RESOURCE;
}

linnet_status linnet__sms_prepare(const linnet__account *account) {
  linnet_client *client = account->client;
  const linnet_object *securities = linnet__engine_object(client->engine, 0);
  linnet_transport *transport = linnet__client_transport(client, LINNET_TRANSPORT_SMS, LINNET__PLAIN);
  if (mode_of(account) != LINNET_SMS_SECURED_PACKETS || account->number.kind != LINNET_ADDRESS_PHONE)
    return LINNET_OK;
  if (transport == NULL || !linnet_transport_has_secured(transport))
    return linnet__fail(client->handle.loop, LINNET_ERROR_SECURITY,
                        "SMS of \"%s\": the server wants secured packets, and the transport has none",
                        client->endpoint);
  linnet__text parameters = linnet__security_bytes(securities, account->security, 7);
  linnet__text keys = linnet__security_bytes(securities, account->security, 8);
  return linnet_transport_set_secured_keys(transport, &account->number, parameters.data, parameters.length,
                                           keys.data, keys.length);
}

/* ---- set by the application
 * --------------------------------------------------------------------------------- */

static linnet_status put(linnet_object *securities, uint16_t instance, uint16_t resource, const void *data,
                         size_t length) {
  linnet_value value = linnet_value_opaque(data, length);
  return linnet_object_set(securities, linnet_path_resource(0, instance, resource), &value);
}

linnet_status linnet_client_set_sms_security(linnet_client *client, uint16_t short_server_id,
                                             linnet_sms_security mode, const void *parameters,
                                             size_t parameters_length, const void *key, size_t key_length) {
  linnet_status status;
  const linnet__account *account = linnet__client_account(client, short_server_id, "SMS security", &status);
  if (account == NULL) return status;
  if (mode != LINNET_SMS_DTLS && mode != LINNET_SMS_SECURED_PACKETS && mode != LINNET_SMS_UNSECURED)
    return linnet__fail(client->handle.loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "SMS security of \"%s\": there is no mode %d", client->endpoint, (int)mode);
  linnet_object *securities = linnet__engine_object(client->engine, 0);
  uint16_t instance = account->security;
  /* AMB-30: an account that is reached by SMS alone has its identity and key where others have theirs. */
  bool usual = mode == LINNET_SMS_DTLS && linnet__client_protection(client, instance) != LINNET__SECURE;
  if (mode != LINNET_SMS_UNSECURED) {
    status = put(securities, instance, usual ? 3 : 7, parameters, parameters_length);
    if (status == LINNET_OK) status = put(securities, instance, usual ? 5 : 8, key, key_length);
  }
  linnet_value value = linnet_value_integer(mode);
  if (status == LINNET_OK)
    status =
        linnet_object_set(securities, linnet_path_resource(0, instance, LINNET__SECURITY_SMS_MODE), &value);
  if (status == LINNET_OK) status = linnet__sms_prepare(account);
  linnet__client_post(client);
  return status;
}

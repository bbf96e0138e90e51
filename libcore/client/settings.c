/* SPDX-License-Identifier: Apache-2.0 */
/* settings.c: what an application chooses about registrations and notifications (MOD-10, OBS-04, QUE-02,
 * SMS-03).
 */
#include <string.h>

#include "client_internal.h"

linnet_status linnet_client_set_binding(linnet_client *client, uint16_t short_server_id,
                                        const char *binding) {
  linnet_status status;
  const linnet__account *account = linnet__client_account(client, short_server_id, "binding", &status);
  if (account == NULL) return status;
  if (binding == NULL || !linnet__binding_valid(binding, strlen(binding)))
    return linnet__fail(client->handle.loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "binding of \"%s\": it is one of U, UQ, S, SQ, US, UQS", client->endpoint);
  status = linnet__device_support(client, binding);
  if (status != LINNET_OK) return status;
  return linnet__object_set_text(linnet__engine_object(client->engine, 1), account->server, 7, binding);
}

linnet_status linnet_client_set_reliability(linnet_client *client, uint16_t short_server_id,
                                            linnet_reliability reliability) {
  linnet__reliability value =
      reliability == LINNET_NON_CONFIRMABLE ? LINNET__NON_CONFIRMABLE : LINNET__CONFIRMABLE;
  if (short_server_id != LINNET_EVERY_SERVER) {
    linnet_status status;
    linnet__account *account = linnet__client_account(client, short_server_id, "reliability", &status);
    if (account != NULL) account->requester.reliability = value;
    return status;
  }
  if (client->handle.closed) return linnet__client_closed(client);
  client->reliability = value;
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next)
    LINNET__CONTAINER(node, linnet__account, node)->requester.reliability = value;
  return LINNET_OK;
}

linnet_status linnet_client_set_root(linnet_client *client, const char *root) {
  if (client->handle.closed) return linnet__client_closed(client);
  linnet_status status = linnet__engine_set_root(client->engine, root != NULL ? root : "");
  if (status == LINNET_ERROR_INVALID_ARGUMENT)
    return linnet__fail(client->handle.loop, status,
                        "root of \"%s\": up to 4 segments of letters, digits and -._~, none of them a number",
                        client->endpoint);
  return status;
}

linnet_status linnet_client_set_server_number(linnet_client *client, uint16_t short_server_id,
                                              const char *number) {
  linnet_loop *loop = client->handle.loop;
  linnet_status status;
  const linnet__account *account = linnet__client_account(client, short_server_id, "SMS number", &status);
  if (account == NULL) return status;
  if (number != NULL && number[0] == '+') number++;
  size_t length = number == NULL ? 0 : strlen(number);
  if (length == 0 || length > LINNET__SMS_NUMBER_LIMIT || strspn(number, "0123456789") != length)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "SMS number of server %u of \"%s\": it has 1 to 15 digits", (unsigned)short_server_id,
                        client->endpoint); /* SMS-04 */
  return linnet__object_set_text(linnet__engine_object(client->engine, 0), account->security, 9, number);
}

linnet_status linnet_client_set_sms_number(linnet_client *client, const char *number) {
  linnet_loop *loop = client->handle.loop;
  if (client->handle.closed) return linnet__client_closed(client);
  size_t length = number != NULL ? strlen(number) : 0;
  bool digits_only = length == 0 || strspn(number, "0123456789") == length;
  if (!digits_only || length > LINNET__SMS_NUMBER_LIMIT)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "SMS number of \"%s\": it has up to 15 digits",
                        client->endpoint); /* SMS-04 */
  char *copy = length > 0 ? linnet__copy_text(loop, number, length) : NULL;
  if (length > 0 && copy == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet__free_text(loop, client->sms_number);
  client->sms_number = copy;
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next)
    LINNET__CONTAINER(node, linnet__account, node)->number_changed = true;
  linnet__client_post(client);
  return LINNET_OK;
}

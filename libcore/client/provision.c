/* SPDX-License-Identifier: Apache-2.0 */
/* provision.c: accounts that come with the device, from its factory or its smartcard (digest 6.1, steps 1 and
 * 2). */
#include <string.h>

#include "client_internal.h"

/* ---- storing ------------------------------------------------------------------------------------- */

/* The records of one object, which are together: as a Write of the object by a bootstrap-server (BS-21). */
static linnet_status provide_object(linnet_client *client, linnet__transaction *transaction,
                                    const linnet_batch *records, size_t *index) {
  linnet_record record;
  linnet_batch_record(records, *index, &record);
  uint16_t id = record.path.depth > 0 ? record.path.id[0] : LINNET_ID_NONE;
  linnet_batch *part = linnet_batch_new(client->handle.loop);
  if (part == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_status status = LINNET_OK;
  for (; status == LINNET_OK && linnet_batch_record(records, *index, &record) == LINNET_OK; (*index)++) {
    if (record.path.depth == 0 || record.path.id[0] != id) break;
    status = linnet_batch_add_record(part, &record);
  }
  if (id == 2 && status == LINNET_OK) status = linnet__access_require(client);
  if (linnet_batch_count(part) == 0) status = LINNET_ERROR_MALFORMED; /* the root has no value */
  linnet_object *object = linnet__engine_object(client->engine, id);
  if (status == LINNET_OK && object == NULL) status = LINNET_ERROR_NOT_FOUND;
  if (status == LINNET_OK) status = linnet__engine_provide(client->engine, transaction, object, part);
  linnet_batch_unref(part);
  return status;
}

static bool has_bootstrap(const linnet_client *client) {
  return linnet__security_bootstrap(linnet__engine_object(client->engine, 0)) != LINNET_ID_NONE;
}

linnet_status linnet__client_provide(linnet_client *client, linnet__transaction *transaction,
                                     const linnet_batch *records, linnet__buffer *why) {
  linnet_status status = LINNET_OK;
  for (size_t index = 0, count = linnet_batch_count(records); status == LINNET_OK && index < count;) {
    char text[LINNET_PATH_TEXT_SIZE];
    linnet_record record;
    linnet_batch_record(records, index, &record);
    linnet_path at = record.path;
    if (at.depth > 1) at.depth = 1;
    status = provide_object(client, transaction, records, &index);
    if (status != LINNET_OK)
      linnet__print(why, "%s: %s", linnet_path_text(at, text), linnet_status_text(status));
  }
  if (status != LINNET_OK) return status;
  bool several = linnet_object_instance_count(linnet__engine_object(client->engine, 1)) > 1;
  if (several) status = linnet__access_require(client); /* ACL-02; the application says who may do what */
  if (status != LINNET_OK) return status;
  client->bootstrap.refreshed = has_bootstrap(client); /* the accounts may come from there */
  return linnet__client_check_accounts(client, why);
}

void linnet__client_provided(linnet_client *client) {
  client->accounts_stale = true;
  client->revision++;
  linnet__bootstrap_moved(client);
  linnet__client_post(client);
}

/* ---- from the factory ---------------------------------------------------------------------------- */

static bool has_accounts(const linnet_client *client) {
  return linnet_object_instance_count(linnet__engine_object(client->engine, 0)) > 0;
}

/* All or nothing. */
static linnet_status provide(linnet_client *client, const linnet_batch *records) {
  linnet_loop *loop = client->handle.loop;
  linnet__buffer *why = &client->scratch;
  linnet__transaction *transaction = linnet__transaction_new(loop);
  linnet__buffer_clear(why);
  linnet_status status = transaction == NULL ? LINNET_ERROR_NO_MEMORY : LINNET_OK;
  if (status == LINNET_OK) status = linnet__client_provide(client, transaction, records, why);
  if (status == LINNET_OK) status = linnet__smartcard_note(client, records);
  if (status == LINNET_OK) {
    linnet__transaction_commit(transaction);
    linnet_client_allow_bootstrap(client); /* there may be the account of a bootstrap-server */
    linnet__client_provided(client);
    return LINNET_OK;
  }
  linnet__transaction_roll_back(transaction);
  return linnet__fail(loop, status, "factory accounts of \"%s\": %s", client->endpoint,
                      why->length > 0 ? linnet__buffer_text(why) : linnet_status_text(status));
}

linnet_status linnet_client_factory(linnet_client *client, const linnet_batch *records) {
  linnet_loop *loop = client->handle.loop;
  if (client->handle.closed) return linnet__client_closed(client);
  if (records == NULL || linnet_batch_count(records) == 0)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "factory accounts of \"%s\": there are none",
                        client->endpoint);
  if (client->started)
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "factory accounts of \"%s\": it was started already",
                        client->endpoint);
  return has_accounts(client) ? LINNET_OK : provide(client, records);
}

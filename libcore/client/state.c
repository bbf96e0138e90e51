/* SPDX-License-Identifier: Apache-2.0 */
/* state.c: what a client keeps over a restart (store.h; docs/architecture.md section 8). */
#include <linnet/store.h>
#include <string.h>

#include "client_internal.h"

/*
 * Four bytes that name it, a version, the length and the checksum of what follows: sections of a letter each,
 * objects first, in order, then attributes: Short Server ID, and what the engine says; then the DTLS sessions
 * that can be resumed: Short Server ID, a hash of the credentials, and what the library says; then the
 * counters of secured packets: which transport, the number, a hash of the keys, sent and accepted; then what
 * came from a smartcard; and when the account of the bootstrap-server goes.
 */
static const uint8_t magic[4] = {'L', 'N', 'C', 'S'};
#define VERSION 1
#define HEADER 13
enum {
  SECTION_OBJECT = 'o',
  SECTION_ATTRIBUTES = 'a',
  SECTION_SESSION = 's',
  SECTION_COUNTERS = 'c',
  SECTION_CARD = 'k',
  SECTION_PURGE = 'p'
};

/* All of these, whoever wrote them. */
static bool is_kept_whole(uint16_t object) { return object <= 2 || object == 5; }

/* ---- saving -------------------------------------------------------------------------------------- */

static void save_objects(const linnet_client *client, linnet__buffer *out) {
  const linnet_object *object;
  for (size_t i = 0; (object = linnet__engine_object_at(client->engine, i)) != NULL; i++) {
    bool whole = is_kept_whole(linnet_object_id(object));
    if (!whole && !linnet__object_has_state(object)) continue;
    linnet__put_size(out, SECTION_OBJECT, 1);
    linnet__object_save(object, whole ? LINNET__SAVE_ALL : LINNET__SAVE_FROM_SERVERS, out);
  }
}

static void save_attributes(const linnet_client *client, linnet__buffer *out) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    const linnet__requester *requester = &LINNET__CONTAINER(node, linnet__account, node)->requester;
    if (requester->attributes_count == 0) continue;
    linnet__put_size(out, SECTION_ATTRIBUTES, 1);
    linnet__put_size(out, requester->short_server_id, 2);
    linnet__requester_save(requester, out);
  }
}

static void save_sessions(const linnet_client *client, linnet__buffer *out) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    const linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (account->session.length == 0) continue;
    linnet__put_size(out, SECTION_SESSION, 1);
    linnet__put_size(out, account->requester.short_server_id, 2);
    linnet__put_number(out, account->session_credentials, 8);
    linnet__put_size(out, account->session.length, 2);
    linnet__buffer_append(out, account->session.data, account->session.length);
  }
}

static void save_counters(const linnet_client *client, linnet__buffer *out) {
  for (size_t i = 0; i < client->transport_count; i++) {
    const linnet__counters *counters;
    for (size_t at = 0; (counters = linnet__transport_next_counters(client->transports[i], &at)) != NULL;) {
      linnet__put_size(out, SECTION_COUNTERS, 1);
      linnet__put_size(out, i, 1);
      linnet__put_size(out, counters->peer.length, 1);
      linnet__buffer_append(out, counters->peer.bytes, counters->peer.length);
      linnet__put_number(out, counters->keys, 8);
      linnet__put_number(out, counters->sent, 8);
      linnet__put_number(out, counters->accepted, 8);
    }
  }
}

/* BS-54: the time on the wall, if it is known, and how long it was when this was saved. */
static void save_purge(const linnet_client *client, linnet__buffer *out) {
  linnet_loop *loop = client->handle.loop;
  uint64_t left_ms;
  if (!linnet__bootstrap_purges(client, &left_ms)) return;
  int64_t wall_ms = linnet_loop_wall_clock(loop);
  linnet__put_size(out, SECTION_PURGE, 1);
  linnet__put_number(out, wall_ms > 0 ? (uint64_t)wall_ms + left_ms : 0, 8);
  linnet__put_number(out, left_ms, 8);
}

linnet_status linnet_client_save(linnet_client *client, const void **data, size_t *length) {
  linnet_loop *loop = client->handle.loop;
  linnet__buffer *out = &client->saved;
  if (client->handle.closed)
    return linnet__fail(loop, LINNET_ERROR_CLOSED, "saving \"%s\": it is closed", client->endpoint);
  if (client->bootstrap.transaction != NULL)
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "saving \"%s\": its bootstrap has not finished",
                        client->endpoint);
  linnet__buffer_free(out);
  linnet__buffer_init(out, loop, UINT32_MAX);
  linnet__buffer_append(out, magic, sizeof magic);
  linnet__put_size(out, VERSION, 1);
  linnet__put_number(out, 0, 8);
  save_objects(client, out);
  save_attributes(client, out);
  save_sessions(client, out);
  save_counters(client, out);
  linnet__put_size(out, SECTION_CARD, 1);
  linnet__smartcard_save(client, out);
  save_purge(client, out);
  if (out->failed != LINNET_OK)
    return linnet__fail(loop, out->failed, "saving \"%s\": %s", client->endpoint,
                        linnet_status_text(out->failed));
  linnet__put_u32(out->data + 5, (uint32_t)(out->length - HEADER));
  linnet__put_u32(out->data + 9, linnet__checksum(out->data + HEADER, out->length - HEADER));
  *data = out->data;
  *length = out->length;
  return LINNET_OK;
}

uint64_t linnet_client_revision(const linnet_client *client) { return client->revision; }

/* ---- restoring ----------------------------------------------------------------------------------- */

/* Goes to the sections of a state; false: it is not whole, or none at all. */
static bool open_state(linnet__packed *saved) {
  const uint8_t *name = linnet__unpack_bytes(saved, sizeof magic);
  if (name == NULL || memcmp(name, magic, sizeof magic) != 0) return false;
  if (linnet__unpack_u8(saved) != VERSION) return false;
  uint64_t length = linnet__unpack_number(saved, 4), sum = linnet__unpack_number(saved, 4);
  return !saved->failed && saved->length == length && linnet__checksum(saved->data, saved->length) == sum;
}

/* Where a section goes; with nothing to go to it is only looked at. */
typedef struct restoring {
  linnet_client *client; /* NULL: just looking */
  linnet__transaction *transaction;
} restoring;

static linnet_status restore_object(const restoring *r, linnet__packed *saved) {
  uint16_t id = linnet__state_object(*saved);
  linnet_object *object = NULL;
  linnet_status status = LINNET_OK;
  if (r->client != NULL && id == 2) status = linnet__access_require(r->client);
  if (r->client != NULL) object = linnet__engine_object(r->client->engine, id);
  if (object != NULL && status == LINNET_OK) status = linnet__transaction_touch(r->transaction, object);
  if (status == LINNET_OK) status = linnet__object_restore(object, saved);
  if (object == NULL || status != LINNET_OK || id != 1) return status;
  /* Accounts that went take their rights along before those that are kept come back. */
  return linnet__accounts_sync(r->client);
}

static linnet_status restore_attributes(const restoring *r, linnet__packed *saved) {
  uint16_t short_server_id = linnet__unpack_u16(saved);
  linnet__account *account = r->client != NULL ? linnet__account_find(r->client, short_server_id) : NULL;
  return linnet__requester_restore(account != NULL ? &account->requester : NULL, saved);
}

static linnet_status restore_session(const restoring *r, linnet__packed *saved) {
  uint16_t short_server_id = linnet__unpack_u16(saved);
  uint64_t credentials = linnet__unpack_number(saved, 8);
  size_t length = linnet__unpack_u16(saved);
  const uint8_t *data = linnet__unpack_bytes(saved, length);
  linnet__account *account = r->client != NULL ? linnet__account_find(r->client, short_server_id) : NULL;
  if (saved->failed) return LINNET_ERROR_MALFORMED;
  return account != NULL ? linnet__account_restore_session(account, credentials, data, length) : LINNET_OK;
}

/* Where the transports are others now, the one with packets takes it: it is the keys that count. */
static linnet_status restore_counters(const restoring *r, linnet__packed *saved) {
  linnet__counters counters = {.peer = {.kind = LINNET_ADDRESS_PHONE}};
  size_t index = linnet__unpack_u8(saved);
  counters.peer.length = linnet__unpack_u8(saved);
  if (counters.peer.length > LINNET_ADDRESS_SIZE) return LINNET_ERROR_MALFORMED;
  const uint8_t *number = linnet__unpack_bytes(saved, counters.peer.length);
  if (number != NULL) memcpy(counters.peer.bytes, number, counters.peer.length);
  counters.keys = linnet__unpack_number(saved, 8);
  counters.sent = linnet__unpack_number(saved, 8);
  counters.accepted = linnet__unpack_number(saved, 8);
  if (saved->failed) return LINNET_ERROR_MALFORMED;
  if (r->client == NULL) return LINNET_OK;
  linnet_status status = LINNET_ERROR_WRONG_STATE;
  if (index < r->client->transport_count)
    status = linnet__transport_restore_counters(r->client->transports[index], &counters);
  for (size_t i = 0; status == LINNET_ERROR_WRONG_STATE && i < r->client->transport_count; i++)
    status = linnet__transport_restore_counters(r->client->transports[i], &counters);
  return status == LINNET_ERROR_NO_MEMORY ? status : LINNET_OK; /* there may be no packets any more */
}

/* Later than it was to be when it was saved it never is. */
static linnet_status restore_purge(const restoring *r, linnet__packed *saved) {
  uint64_t due_ms = linnet__unpack_number(saved, 8), left_ms = linnet__unpack_number(saved, 8);
  if (saved->failed) return LINNET_ERROR_MALFORMED;
  if (r->client == NULL) return LINNET_OK;
  int64_t wall_ms = linnet_loop_wall_clock(r->client->handle.loop);
  if (due_ms > 0 && wall_ms > 0) {
    uint64_t now_left_ms = due_ms > (uint64_t)wall_ms ? due_ms - (uint64_t)wall_ms : 0;
    if (now_left_ms < left_ms) left_ms = now_left_ms;
  }
  linnet__bootstrap_purge_in(r->client, left_ms);
  return LINNET_OK;
}

static linnet_status restore_section(const restoring *r, linnet__packed *saved) {
  switch (linnet__unpack_u8(saved)) {
    case SECTION_OBJECT:
      return restore_object(r, saved);
    case SECTION_ATTRIBUTES:
      return restore_attributes(r, saved);
    case SECTION_SESSION:
      return restore_session(r, saved);
    case SECTION_COUNTERS:
      return restore_counters(r, saved);
    case SECTION_CARD:
      return linnet__smartcard_restore(r->client, saved);
    case SECTION_PURGE:
      return restore_purge(r, saved);
    default:
      return LINNET_ERROR_MALFORMED;
  }
}

static linnet_status restore_sections(const restoring *r, linnet__packed saved) {
  linnet_status status = LINNET_OK;
  while (saved.length > 0 && status == LINNET_OK) status = restore_section(r, &saved);
  return status;
}

static linnet_status restore_all(linnet_client *client, const linnet__packed *saved) {
  restoring r = {client, linnet__transaction_new(client->handle.loop)};
  if (r.transaction == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet__clock clock = client->clock;
  linnet_status status = restore_sections(&r, *saved);
  if (status == LINNET_OK) {
    linnet__transaction_commit(r.transaction);
    linnet__behaviour_restored(client);
  } else {
    linnet__transaction_roll_back(r.transaction);
    linnet__accounts_sync(client);
  }
  linnet__device_restored(client, &clock);
  linnet__client_post(client);
  return status;
}

linnet_status linnet_client_restore(linnet_client *client, const void *data, size_t length) {
  static const restoring look = {NULL, NULL};
  linnet_loop *loop = client->handle.loop;
  linnet__packed saved = {data, length, false};
  if (client->handle.closed)
    return linnet__fail(loop, LINNET_ERROR_CLOSED, "restoring \"%s\": it is closed", client->endpoint);
  if (client->started)
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "restoring \"%s\": it was started", client->endpoint);
  if (!open_state(&saved) || restore_sections(&look, saved) != LINNET_OK)
    return linnet__fail(loop, LINNET_ERROR_MALFORMED,
                        "restoring \"%s\": the saved state is damaged, or of something else",
                        client->endpoint);
  linnet_client_allow_bootstrap(client); /* there may be the account of a bootstrap-server */
  linnet_status status = restore_all(client, &saved);
  if (status == LINNET_OK) return LINNET_OK;
  return linnet__fail(loop, status, "restoring \"%s\": %s", client->endpoint, linnet_status_text(status));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* smartcard.c: bootstrap from a smartcard: EF LwM2M_Bootstrap, which the application reads (digest 6.7; BS-60
 * to BS-63). */
#include <string.h>

#include "client_internal.h"

/* BS-61. */
#define CONTENT_LIMIT 32768

/* ---- the file (BS-62) ---------------------------------------------------------------------------- */

typedef struct reader {
  const uint8_t *data;
  size_t length;
  size_t position;
} reader;

/* A number of so many bytes; false: the file ends before. */
static bool take(reader *r, size_t bytes, unsigned *number) {
  if (r->length - r->position < bytes) return false;
  *number = 0;
  while (bytes-- > 0) *number = *number << 8 | r->data[r->position++];
  return true;
}

/* One byte 00 for 1.0, or the major version, from 1 on, and the minor. */
static bool take_version(reader *r, unsigned *major, unsigned *minor) {
  if (!take(r, 1, major)) return false;
  *minor = 0;
  if (*major != 0) return take(r, 1, minor);
  *major = 1;
  return true;
}

/* Is it an object of ours, in a version that we have? Others are left out, as in a Write (BS-20). */
static linnet_object *supported(linnet_client *client, unsigned id, unsigned major, unsigned minor) {
  if (id == 2) linnet__access_require(client);
  linnet_object *object = linnet__engine_object(client->engine, (uint16_t)id);
  if (object == NULL) return NULL;
  const char *version = linnet_definition_version(linnet_object_definition(object));
  bool same = (unsigned)(version[0] - '0') == major && version[1] == '.' &&
              (unsigned)(version[2] - '0') == minor && version[3] == 0;
  return same ? object : NULL;
}

/* One object: its records are appended. */
static linnet_status read_object(linnet_client *client, reader *r, linnet_batch *records) {
  unsigned id, major, minor, length;
  if (!take(r, 2, &id) || !take_version(r, &major, &minor) || !take(r, 2, &length) ||
      r->length - r->position < length)
    return LINNET_ERROR_MALFORMED;
  const uint8_t *payload = r->data + r->position;
  r->position += length;
  linnet_object *object = supported(client, id, major, minor);
  if (object == NULL || length == 0) return LINNET_OK;
  return linnet__decode(records, LINNET_FORMAT_TLV, linnet_path_object((uint16_t)id), payload, length,
                        linnet__definition_schema(linnet_object_definition(object)));
}

/* What follows the last object fills the file up. */
static linnet_status read_file(linnet_client *client, const void *data, size_t length,
                               linnet_batch *records) {
  reader r = {.data = data, .length = length};
  unsigned count, rest;
  if (length > CONTENT_LIMIT || !take(&r, 2, &count) || !take(&r, 2, &rest) || r.length - r.position < rest)
    return LINNET_ERROR_MALFORMED;
  r.length = r.position + rest;
  linnet_status status = LINNET_OK;
  for (unsigned i = 0; status == LINNET_OK && i < count; i++) status = read_object(client, &r, records);
  return status;
}

/* ---- what the card gave -------------------------------------------------------------------------- */

/* Accounts of the factory are noted likewise, because those of a card come first (6.1). */
linnet_status linnet__smartcard_note(linnet_client *client, const linnet_batch *records) {
  linnet__smartcard *card = &client->smartcard;
  linnet_loop *loop = client->handle.loop;
  linnet_record record;
  linnet_value none = linnet_value_none(), found;
  linnet_batch *given = linnet_batch_new(loop);
  linnet_status status = given == NULL ? LINNET_ERROR_NO_MEMORY : LINNET_OK;
  for (size_t i = 0; status == LINNET_OK && linnet_batch_record(records, i, &record) == LINNET_OK; i++) {
    uint16_t instance = record.path.depth > 1 && record.path.id[1] != LINNET_ID_NONE ? record.path.id[1] : 0;
    linnet_path path = linnet_path_instance(record.path.id[0], instance);
    if (linnet_batch_find(given, path, &found) != LINNET_OK) status = linnet_batch_add(given, path, &none);
  }
  if (status != LINNET_OK) {
    linnet_batch_unref(given);
    return status;
  }
  linnet_batch_unref(card->given);
  card->given = given;
  return LINNET_OK;
}

void linnet__smartcard_forget(linnet_client *client) {
  linnet_batch_unref(client->smartcard.given);
  client->smartcard.given = NULL;
}

bool linnet__smartcard_gave(const linnet_client *client, const linnet__account *account) {
  linnet_value none;
  const linnet_batch *given = client->smartcard.given;
  return given != NULL &&
         linnet_batch_find(given, linnet_path_instance(0, account->security), &none) == LINNET_OK;
}

/* Its accounts and access control go; what the device is made of stays, as in a Delete (BS-30). */
static linnet_status remove_given(linnet_client *client, linnet__transaction *transaction) {
  linnet_record record;
  const linnet_batch *given = client->smartcard.given;
  linnet_status status = LINNET_OK;
  for (size_t i = 0;
       given != NULL && status == LINNET_OK && linnet_batch_record(given, i, &record) == LINNET_OK; i++) {
    linnet_object *object = linnet__engine_object(client->engine, record.path.id[0]);
    bool goes = object != NULL && (record.path.id[0] <= 2 || (object->allows & LINNET_OPERATION_DELETE) != 0);
    if (!goes || !linnet_object_has_instance(object, record.path.id[1])) continue;
    status = linnet__transaction_touch(transaction, object);
    if (status == LINNET_OK) linnet_object_remove_instance(object, record.path.id[1]);
  }
  return status;
}

/* ---- a look at the card -------------------------------------------------------------------------- */

/* Stable over restarts: it only has to tell whether the content is another. */
static uint64_t hash_of(const void *content, size_t length) {
  static const uint8_t key[16] = {'s', 'm', 'a', 'r', 't', 'c', 'a', 'r', 'd'};
  return linnet__siphash(key, content, length);
}

static void tell(linnet_client *client, linnet_status status, const char *why) {
  linnet__buffer text;
  linnet__buffer_init(&text, client->handle.loop, 1024);
  linnet__print(&text, "Smartcard of \"%s\": %s", client->endpoint, why);
  linnet__event_emit(client->handle.loop,
                     linnet__client_event(client, LINNET_EVENT_ERROR, status, linnet__buffer_text(&text)));
  linnet__buffer_free(&text);
}

/* In place of what the card gave before. On failure only that has gone (BS-60). */
static void take_over(linnet_client *client, const void *content, size_t length) {
  linnet_loop *loop = client->handle.loop;
  linnet__buffer *why = &client->scratch;
  linnet_batch *records = linnet_batch_new(loop);
  linnet__transaction *transaction = linnet__transaction_new(loop);
  linnet__buffer_clear(why);
  bool memory = records != NULL && transaction != NULL;
  linnet_status status = memory ? read_file(client, content, length, records) : LINNET_ERROR_NO_MEMORY;
  if (status == LINNET_OK) status = linnet__client_provide(client, transaction, records, why);
  if (status == LINNET_OK) status = linnet__smartcard_note(client, records);
  if (status == LINNET_OK) {
    linnet__transaction_commit(transaction);
  } else {
    linnet__transaction_roll_back(transaction);
    tell(client, status, why->length > 0 ? linnet__buffer_text(why) : linnet_status_text(status));
  }
  linnet_batch_unref(records);
}

/* The card has another content than before (NULL: there is no card). */
static void replace(linnet_client *client, const void *content, size_t length) {
  linnet__smartcard *card = &client->smartcard;
  linnet__transaction *removal = linnet__transaction_new(client->handle.loop);
  linnet_status status = removal == NULL ? LINNET_ERROR_NO_MEMORY : remove_given(client, removal);
  if (status == LINNET_OK)
    linnet__transaction_commit(removal);
  else
    linnet__transaction_roll_back(removal);
  if (status != LINNET_OK) { /* the next look tries again */
    tell(client, status, linnet_status_text(status));
    return;
  }
  linnet__smartcard_forget(client);
  card->present = content != NULL;
  card->content = content != NULL ? hash_of(content, length) : 0;
  client->revision++;
  if (content != NULL) take_over(client, content, length);
  linnet__client_provided(client);
  linnet__accounts_sync(client);
}

static void answer_of(linnet_client *client, const linnet_event *question, linnet_status status) {
  linnet__smartcard *card = &client->smartcard;
  linnet_value value;
  if (status == LINNET_ERROR_NOT_FOUND) { /* no card */
    if (card->present) replace(client, NULL, 0);
    return;
  }
  if (status != LINNET_OK) {
    tell(client, status, "it cannot be read");
    return;
  }
  bool read = question->answers != NULL &&
              linnet_batch_find(question->answers, linnet_path_root(), &value) == LINNET_OK;
  if (!read) return;                                                          /* as before */
  if (value.type != LINNET_TYPE_OPAQUE && value.type != LINNET_TYPE_STRING) { /* Lua has one type for both */
    tell(client, LINNET_ERROR_WRONG_TYPE, "its content is opaque");
    return;
  }
  const void *content = value.as.bytes.length > 0 ? (const void *)value.as.bytes.data : "";
  if (!card->present || card->content != hash_of(content, value.as.bytes.length))
    replace(client, content, value.as.bytes.length);
}

/* The application may do anything meanwhile, also close the client. */
static void look(linnet_client *client) {
  linnet__smartcard *card = &client->smartcard;
  linnet_event *question =
      linnet__question_new(client->handle.loop, LINNET_OPERATION_READ, linnet_path_root(), NULL, NULL, 0);
  if (question == NULL) return;
  question->source = client->handle.number;
  linnet__event_set_endpoint(question, client->endpoint);
  linnet_status status = linnet__question_ask(question, card->handler, card->user, NULL, NULL);
  if (!client->handle.closed) answer_of(client, question, status);
  linnet_event_unref(question);
}

static void go_on(linnet_client *client) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    linnet__account_request held = account->held;
    account->held = LINNET__REQUEST_NONE;
    if (held == LINNET__REQUEST_REGISTER) linnet__account_register(account);
    if (held == LINNET__REQUEST_UPDATE) linnet__account_update(account);
  }
}

static void task_run(linnet__task *task) {
  linnet__smartcard *card = LINNET__CONTAINER(task, linnet__smartcard, task);
  linnet_client *client = LINNET__CONTAINER(card, linnet_client, smartcard);
  linnet__handle_ref(&client->handle);
  if (card->handler != NULL && !linnet__bootstrap_busy(client)) look(client);
  card->looked = true;
  card->looked_ms = linnet_loop_now(client->handle.loop);
  if (!client->handle.closed) {
    go_on(client);
    linnet__client_post(client);
  }
  linnet__handle_unref(&client->handle);
}

/* ---- when it is looked at ------------------------------------------------------------------------ */

void linnet__smartcard_free(linnet_client *client) { linnet__smartcard_forget(client); }

/* ---- over a restart ------------------------------------------------------------------------------ */

void linnet__smartcard_save(const linnet_client *client, linnet__buffer *out) {
  const linnet__smartcard *card = &client->smartcard;
  size_t count = card->given != NULL ? linnet_batch_count(card->given) : 0;
  linnet_record record;
  linnet__put_size(out, card->present, 1);
  linnet__put_number(out, card->content, 8);
  linnet__put_size(out, count, 4);
  for (size_t i = 0; i < count && linnet_batch_record(card->given, i, &record) == LINNET_OK; i++) {
    linnet__put_size(out, record.path.id[0], 2);
    linnet__put_size(out, record.path.id[1], 2);
  }
}

linnet_status linnet__smartcard_restore(linnet_client *client, linnet__packed *saved) {
  linnet_value none = linnet_value_none();
  bool present = linnet__unpack_u8(saved) != 0;
  uint64_t content = linnet__unpack_number(saved, 8), count = linnet__unpack_number(saved, 4);
  linnet_batch *given = client != NULL && count > 0 ? linnet_batch_new(client->handle.loop) : NULL;
  linnet_status status = client != NULL && count > 0 && given == NULL ? LINNET_ERROR_NO_MEMORY : LINNET_OK;
  for (; count > 0 && !saved->failed && status == LINNET_OK; count--) {
    uint16_t object = linnet__unpack_u16(saved), instance = linnet__unpack_u16(saved);
    if (given != NULL) status = linnet_batch_add(given, linnet_path_instance(object, instance), &none);
  }
  if (saved->failed) status = LINNET_ERROR_MALFORMED;
  if (status != LINNET_OK || client == NULL) {
    linnet_batch_unref(given);
    return status;
  }
  linnet__smartcard_forget(client);
  client->smartcard.present = present;
  client->smartcard.content = content;
  client->smartcard.given = given;
  return LINNET_OK;
}

bool linnet__smartcard_holds(linnet__account *account, linnet__account_request request) {
  linnet_client *client = account->client;
  linnet__smartcard *card = &client->smartcard;
  if (card->handler == NULL || !linnet__smartcard_gave(client, account)) return false;
  if (card->looked && card->looked_ms == linnet_loop_now(client->handle.loop)) return false;
  account->held = request;
  if (request == LINNET__REQUEST_REGISTER) account->state = LINNET_CLIENT_REGISTERING;
  linnet__task_post(client->handle.loop, &card->task);
  return true;
}

bool linnet__smartcard_is_due(const linnet_client *client) {
  return client->smartcard.handler != NULL && !client->smartcard.looked;
}

linnet_status linnet_client_set_smartcard(linnet_client *client, linnet_handler handler, void *user,
                                          linnet_release release) {
  linnet__smartcard *card = &client->smartcard;
  if (client->handle.closed) {
    if (release != NULL) release(user);
    return linnet__client_closed(client);
  }
  linnet_client_allow_bootstrap(client); /* the card may have the account of a bootstrap-server */
  if (card->task.run == NULL) linnet__task_init(&card->task, task_run);
  linnet_release former_release = card->release;
  void *former_user = card->user;
  card->handler = handler;
  card->user = user;
  card->release = release;
  card->looked = false;
  if (former_release != NULL) former_release(former_user);
  if (!client->handle.closed && client->started) return linnet_client_check_smartcard(client);
  return LINNET_OK;
}

linnet_status linnet_client_check_smartcard(linnet_client *client) {
  if (client->handle.closed) return linnet__client_closed(client);
  if (client->smartcard.task.run != NULL) linnet__task_post(client->handle.loop, &client->smartcard.task);
  return LINNET_OK;
}

void linnet__smartcard_close(linnet_client *client) {
  linnet__smartcard *card = &client->smartcard;
  linnet_release release = card->release;
  if (card->task.run != NULL) linnet__task_cancel(&card->task);
  card->handler = NULL;
  card->release = NULL;
  if (release != NULL) release(card->user);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* sequence.c: one device is given its configuration: command after command, each after the answer to the one
 * before, and Finish (digest 6.2 to 6.6). */
#include <string.h>

#include "bootstrap_internal.h"

#define ID_DIGITS 5

typedef struct command_rule {
  uint8_t code;
  linnet_operation operation;
  const char *words;
} command_rule;

static const command_rule rules[] = {
    [LINNET__BOOTSTRAP_DISCOVER] = {LINNET__GET, LINNET_OPERATION_DISCOVER, "discover"},
    [LINNET__BOOTSTRAP_DELETE] = {LINNET__DELETE, LINNET_OPERATION_DELETE, "delete"},
    [LINNET__BOOTSTRAP_WRITE] = {LINNET__PUT, LINNET_OPERATION_WRITE, "write"},
    [LINNET__BOOTSTRAP_FINISH] = {LINNET__POST, LINNET_OPERATION_NONE, "finish"},
};

static const linnet__command finish = {.kind = LINNET__BOOTSTRAP_FINISH};

static const linnet__command *command_of(const linnet__sequence *sequence) {
  const linnet_configuration *configuration = sequence->configuration;
  return sequence->step < configuration->count ? &configuration->commands[sequence->step] : &finish;
}

static linnet_path path_of(const linnet__sequence *sequence) {
  return linnet__command_path(command_of(sequence), &sequence->relocation);
}

static const void *endpoint_key(const void *item, size_t *length) {
  const linnet__sequence *sequence = item;
  *length = sequence->endpoint_length;
  return sequence->endpoint;
}

void linnet__sequences_init(linnet_bootstrap *bootstrap) {
  linnet__map_init(&bootstrap->sequences, bootstrap->handle.loop, endpoint_key);
}

bool linnet__sequence_running(const linnet_bootstrap *bootstrap, const char *endpoint, size_t length) {
  return linnet__map_find(&bootstrap->sequences, endpoint, length) != NULL;
}

static void discard(linnet__sequence *sequence) {
  linnet__task_cancel(&sequence->task);
  linnet_event_unref(sequence->finished);
  linnet_configuration_unref(sequence->configuration);
  linnet__free(sequence->bootstrap->handle.loop, sequence, sequence->size);
}

/* Takes it out of everything, CoAP included. */
static void free_sequence(linnet__sequence *sequence) {
  linnet_bootstrap *bootstrap = sequence->bootstrap;
  if (sequence->exchange != 0) linnet__coap_forget(bootstrap->coap, sequence->exchange);
  linnet__map_remove(&bootstrap->sequences, sequence->endpoint, sequence->endpoint_length);
  discard(sequence);
}

void linnet__sequences_free(linnet_bootstrap *bootstrap) {
  linnet__sequence *sequence;
  size_t position = 0;
  while ((sequence = linnet__map_next(&bootstrap->sequences, &position)) != NULL) free_sequence(sequence);
  linnet__map_free(&bootstrap->sequences);
}

/* ---- the end ------------------------------------------------------------------------------------- */

/* "write /1/0 of kitchen: " */
static linnet__buffer *begin_words(const linnet__sequence *sequence) {
  char path[LINNET_PATH_TEXT_SIZE];
  linnet__command_kind kind = command_of(sequence)->kind;
  linnet__buffer *words = &sequence->bootstrap->words;
  linnet__buffer_clear(words);
  linnet__print(words, "%s", rules[kind].words);
  if (kind != LINNET__BOOTSTRAP_FINISH)
    linnet__print(words, " %s", linnet_path_text(path_of(sequence), path));
  linnet__print(words, " of %n: ", (size_t)sequence->endpoint_length, sequence->endpoint);
  return words;
}

static void tell_finished(linnet__sequence *sequence, linnet_status status, unsigned code,
                          const linnet__buffer *words) {
  linnet_event *event = sequence->finished;
  sequence->finished = NULL;
  event->status = status;
  event->code = code;
  if (status != LINNET_OK) {
    event->operation = rules[command_of(sequence)->kind].operation;
    event->path = path_of(sequence);
  }
  if (words != NULL) linnet__event_set_text(event, (const char *)words->data, words->length);
  linnet__event_emit(sequence->bootstrap->handle.loop, event);
}

static void end_failed(linnet__sequence *sequence, linnet_status status, const char *why) {
  linnet__buffer *words = begin_words(sequence);
  linnet__print(words, "%s", why != NULL ? why : linnet_status_text(status));
  tell_finished(sequence, status, 0, words);
  free_sequence(sequence);
}

/* With the diagnostic payload, if there is one (CO-43). */
static void end_refused(linnet__sequence *sequence, const linnet__incoming *response) {
  linnet__buffer *words = begin_words(sequence);
  linnet__print_outcome(words, response);
  tell_finished(sequence, LINNET_ERROR_REFUSED, linnet__code_number(response->code), words);
  free_sequence(sequence);
}

/* ---- what Discover tells ------------------------------------------------------------------------- */

static bool in_configuration(const linnet_configuration *configuration, uint16_t instance) {
  for (size_t i = 0; i < configuration->count; i++) {
    const linnet__command *command = &configuration->commands[i];
    linnet_record record;
    if (command->kind != LINNET__BOOTSTRAP_WRITE || command->path.id[0] != 0) continue;
    for (size_t at = 0; linnet_batch_record(command->records, at, &record) == LINNET_OK; at++)
      if (record.path.id[1] == instance) return true;
  }
  return false;
}

/* Does the configuration write the account of a bootstrap-server there? Then it is meant. */
static bool is_meant(const linnet_configuration *configuration, uint16_t instance) {
  enum { BOOTSTRAP_SERVER = 1 };
  for (size_t i = 0; i < configuration->count; i++) {
    const linnet__command *command = &configuration->commands[i];
    linnet_value value;
    linnet_path path = linnet_path_resource(0, instance, BOOTSTRAP_SERVER);
    if (command->kind == LINNET__BOOTSTRAP_WRITE && command->path.id[0] == 0 &&
        linnet_batch_find(command->records, path, &value) == LINNET_OK && value.as.boolean)
      return true;
  }
  return false;
}

/* The place of this server's account: the one instance of object 0 without `ssid` (BS-40). */
static void relocate(linnet__sequence *sequence, const char *links, size_t length) {
  const linnet_configuration *configuration = sequence->configuration;
  linnet__relocation *relocation = &sequence->relocation;
  uint16_t highest = 0, account = LINNET_ID_NONE;
  size_t position = 0;
  linnet_link link;
  linnet_link_parameter ssid;
  linnet_path path;
  while (linnet_link_next(links, length, &position, &link) == LINNET_OK) {
    if (link.target == NULL || linnet_link_path(&link, "", &path) != LINNET_OK) continue;
    if (path.depth != 2 || path.id[0] != 0) continue;
    if (path.id[1] > highest) highest = path.id[1];
    if (!linnet_link_find(&link, "ssid", &ssid)) account = path.id[1];
  }
  if (account == LINNET_ID_NONE || relocation->from != LINNET_ID_NONE) return;
  if (!in_configuration(configuration, account) || is_meant(configuration, account)) return;
  uint16_t free = (uint16_t)(highest + 1);
  while (free != LINNET_ID_NONE && in_configuration(configuration, free)) free++;
  if (free == LINNET_ID_NONE) return;
  relocation->from = account;
  relocation->to = free;
}

static void tell_links(linnet__sequence *sequence, const linnet__incoming *response) {
  linnet_bootstrap *bootstrap = sequence->bootstrap;
  const char *links = (const char *)response->payload;
  linnet_event *event =
      linnet__event_new(bootstrap->handle.loop, LINNET_EVENT_RESPONSE, bootstrap->handle.number);
  if (event != NULL) {
    bool found = response->code == LINNET__CONTENT;
    event->request = sequence->number;
    event->operation = LINNET_OPERATION_DISCOVER;
    event->path = path_of(sequence);
    event->code = linnet__code_number(response->code);
    event->status = found ? LINNET_OK : LINNET_ERROR_REFUSED;
    linnet__event_set_endpoint(event, sequence->endpoint);
    if (found) linnet__event_set_text(event, links, response->payload_length);
  }
  linnet__event_emit(bootstrap->handle.loop, event);
  if (response->code == LINNET__CONTENT) relocate(sequence, links, response->payload_length);
}

/* ---- the commands -------------------------------------------------------------------------------- */

static linnet__text id_text(uint16_t id, char digits[ID_DIGITS]) {
  char text[LINNET__INTEGER_TEXT_SIZE];
  size_t length = linnet__format_unsigned(id, text);
  memcpy(digits, text, length);
  return (linnet__text){digits, length};
}

static void answered(void *user, uint64_t exchange, linnet_status status, const linnet__incoming *response);

/* BS-11, SMS-16: a device that has heard no command for so long has given up. */
static uint32_t patience_ms(const linnet__peer *peer) {
  return linnet__transport_timing(peer->transport)->exchange_lifetime_ms;
}

/* Sends the command, whose payload, if it has one, is that. */
static linnet_status send_command(linnet__sequence *sequence, const linnet__buffer *payload) {
  char digits[3][ID_DIGITS];
  linnet__text segments[3];
  const linnet__command *command = command_of(sequence);
  linnet_path path = path_of(sequence);
  linnet__outgoing outgoing = {.code = rules[command->kind].code,
                               .path = segments,
                               .path_count = path.depth,
                               .content_format = -1,
                               .accept = -1,
                               .observe = -1,
                               .timeout_ms = patience_ms(&sequence->peer)};
  for (size_t i = 0; i < path.depth; i++) segments[i] = id_text(path.id[i], digits[i]);
  if (command->kind == LINNET__BOOTSTRAP_DISCOVER) outgoing.accept = LINNET_FORMAT_LINK;
  if (command->kind == LINNET__BOOTSTRAP_WRITE) {
    outgoing.content_format = command->format;
    outgoing.payload = payload->data;
    outgoing.payload_length = payload->length;
  }
  if (command->kind == LINNET__BOOTSTRAP_FINISH) {
    segments[0] = (linnet__text){"bs", 2};
    outgoing.path_count = 1;
  }
  return linnet__coap_send(sequence->bootstrap->coap, &sequence->peer, &outgoing, answered, sequence,
                           &sequence->exchange);
}

static void run_command(linnet__sequence *sequence) {
  const linnet__command *command = command_of(sequence);
  linnet_status status = LINNET_OK;
  linnet__buffer payload;
  linnet__buffer_init(&payload, sequence->bootstrap->handle.loop, LINNET__BOOTSTRAP_PAYLOAD_LIMIT);
  if (command->kind == LINNET__BOOTSTRAP_WRITE)
    status = linnet__command_encode(command, &sequence->relocation, &payload);
  if (status == LINNET_OK) status = send_command(sequence, &payload);
  linnet__buffer_free(&payload);
  if (status != LINNET_OK) end_failed(sequence, status, NULL);
}

/* BS-32: some answer the Delete of what is not there with 4.00; that counts as done. Not every device has
 * Discover. */
static bool is_done(const linnet__command *command, uint8_t code) {
  if (command->kind == LINNET__BOOTSTRAP_DISCOVER) return true;
  if (command->kind == LINNET__BOOTSTRAP_DELETE && code == LINNET__BAD_REQUEST) return true;
  return code >> 5u == 2;
}

static void answered(void *user, uint64_t exchange, linnet_status status, const linnet__incoming *response) {
  linnet__sequence *sequence = user;
  const linnet__command *command = command_of(sequence);
  (void)exchange;
  sequence->exchange = 0;
  if (status != LINNET_OK) {
    end_failed(sequence, status, NULL);
    return;
  }
  if (!is_done(command, response->code)) {
    end_refused(sequence, response);
    return;
  }
  if (command->kind == LINNET__BOOTSTRAP_FINISH) {
    tell_finished(sequence, LINNET_OK, linnet__code_number(response->code), NULL);
    free_sequence(sequence);
    return;
  }
  if (command->kind == LINNET__BOOTSTRAP_DISCOVER) tell_links(sequence, response);
  sequence->step++;
  run_command(sequence);
}

/* ---- the beginning ------------------------------------------------------------------------------- */

static bool is_open(const linnet__sequence *sequence) {
  const linnet__peer *peer = &sequence->peer;
  return !linnet_transport_is_secure(peer->transport) ||
         linnet__transport_allows(peer->transport, &peer->address, sequence->endpoint,
                                  sequence->endpoint_length);
}

/* BS-04: the device is the server of a handshake that we begin. */
static void task_run(linnet__task *task) {
  linnet__sequence *sequence = LINNET__CONTAINER(task, linnet__sequence, task);
  if (is_open(sequence)) {
    run_command(sequence);
    return;
  }
  sequence->securing = true;
  linnet_status status = linnet__transport_connect_device(sequence->peer.transport, &sequence->peer.address,
                                                          sequence->endpoint, sequence->endpoint_length);
  if (status != LINNET_OK) end_failed(sequence, status, linnet_error_text(sequence->bootstrap->handle.loop));
}

static linnet__sequence *securing_with(const linnet_bootstrap *bootstrap, const linnet__peer *peer) {
  linnet__sequence *sequence;
  size_t position = 0;
  while ((sequence = linnet__map_next(&bootstrap->sequences, &position)) != NULL)
    if (sequence->securing && linnet__peer_equal(&sequence->peer, peer)) return sequence;
  return NULL;
}

static void end_insecure(linnet__sequence *sequence, linnet_cause cause) {
  sequence->finished->cause = cause;
  linnet__transport_disconnect(sequence->peer.transport, &sequence->peer.address);
  end_failed(sequence, LINNET_ERROR_SECURITY, linnet_cause_text(cause));
}

bool linnet__sequences_session(linnet_bootstrap *bootstrap, const linnet__peer *peer,
                               const linnet__session_news *news) {
  linnet__sequence *sequence = securing_with(bootstrap, peer);
  if (sequence == NULL || news->kind == LINNET__SESSION_ENDED) return false;
  if (news->kind == LINNET__SESSION_FAILED && !news->ours) return false;
  sequence->securing = false;
  if (news->kind == LINNET__SESSION_FAILED)
    end_insecure(sequence, news->cause);
  else if (!is_open(sequence)) /* SEC-05: it is another device */
    end_insecure(sequence, LINNET_CAUSE_WRONG_HOST);
  else
    run_command(sequence);
  return true;
}

static linnet_event *new_event(const linnet__sequence *sequence, linnet_event_kind kind) {
  linnet_bootstrap *bootstrap = sequence->bootstrap;
  linnet_event *event = linnet__event_new(bootstrap->handle.loop, kind, bootstrap->handle.number);
  if (event == NULL) return NULL;
  event->request = sequence->number;
  linnet__event_set_endpoint(event, sequence->endpoint);
  if (event->endpoint != NULL) return event;
  linnet_event_unref(event);
  return NULL;
}

static linnet_event *new_started(const linnet__sequence *sequence) {
  char text[LINNET_ADDRESS_TEXT_SIZE];
  linnet_event *event = new_event(sequence, LINNET_EVENT_BOOTSTRAP_STARTED);
  linnet_address_text(&sequence->peer.address, text);
  if (event != NULL) linnet__event_set_text(event, text, strlen(text));
  return event;
}

static linnet__sequence *new_sequence(linnet_bootstrap *bootstrap, const char *endpoint, size_t length) {
  size_t size = sizeof(linnet__sequence) + length + 1;
  linnet__sequence *sequence = linnet__new(bootstrap->handle.loop, size);
  if (sequence == NULL) return NULL;
  linnet__task_init(&sequence->task, task_run);
  sequence->bootstrap = bootstrap;
  sequence->relocation.from = LINNET_ID_NONE;
  sequence->number = linnet__loop_number(bootstrap->handle.loop);
  sequence->size = (uint32_t)size;
  sequence->endpoint_length = (uint8_t)length;
  memcpy(sequence->endpoint, endpoint, length);
  sequence->endpoint[length] = 0;
  return sequence;
}

linnet_status linnet__sequence_begin(linnet_bootstrap *bootstrap, const char *endpoint, size_t length,
                                     linnet_configuration *configuration, const linnet__peer *peer,
                                     uint64_t *number) {
  linnet_loop *loop = bootstrap->handle.loop;
  linnet__sequence *sequence = new_sequence(bootstrap, endpoint, length);
  if (sequence == NULL) return LINNET_ERROR_NO_MEMORY;
  sequence->configuration = linnet_configuration_ref(configuration);
  sequence->peer = *peer;
  linnet_event *started = new_started(sequence);
  sequence->finished = new_event(sequence, LINNET_EVENT_BOOTSTRAP_FINISHED);
  bool complete = started != NULL && sequence->finished != NULL;
  linnet__sequence *former = linnet__map_find(&bootstrap->sequences, sequence->endpoint, length);
  if (complete && former != NULL) end_failed(former, LINNET_ERROR_CANCELLED, "the device asked again");
  if (!complete || linnet__map_insert(&bootstrap->sequences, sequence) != LINNET_OK) {
    linnet_event_unref(started);
    discard(sequence);
    return LINNET_ERROR_NO_MEMORY;
  }
  if (number != NULL) *number = sequence->number;
  linnet__event_emit(loop, started);
  linnet__task_post(loop, &sequence->task);
  return LINNET_OK;
}

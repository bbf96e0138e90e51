/* SPDX-License-Identifier: Apache-2.0 */
/* sequence.c: one device is given its configuration: Delete, a Write for each instance, Finish, each after
 * the answer to the one before (digest 6.2 to 6.6). */
#include <string.h>

#include "bootstrap_internal.h"

/* BS-11: a device that has heard no command for so long has given up. */
#define COMMAND_TIMEOUT_MS 247000
#define ID_DIGITS 5
/* As in configuration.c, where the same payloads were made once already. */
#define PAYLOAD_LIMIT ((size_t)1 << 25)

typedef struct command_rule {
  uint8_t code;
  linnet_operation operation;
  const char *words;
} command_rule;

static const command_rule rules[] = {
    [LINNET__BOOTSTRAP_DELETE] = {LINNET__DELETE, LINNET_OPERATION_DELETE, "delete"},
    [LINNET__BOOTSTRAP_WRITE] = {LINNET__PUT, LINNET_OPERATION_WRITE, "write"},
    [LINNET__BOOTSTRAP_FINISH] = {LINNET__POST, LINNET_OPERATION_NONE, "finish"},
};

static const void *endpoint_key(const void *item, size_t *length) {
  const linnet__sequence *sequence = item;
  *length = sequence->endpoint_length;
  return sequence->endpoint;
}

void linnet__sequences_init(linnet_bootstrap *bootstrap) {
  linnet__map_init(&bootstrap->sequences, bootstrap->handle.loop, endpoint_key);
}

bool linnet__sequence_running(const linnet_bootstrap *bootstrap, const linnet__configuration *configuration) {
  return linnet__map_find(&bootstrap->sequences, configuration->endpoint, configuration->endpoint_length) !=
         NULL;
}

static void discard(linnet__sequence *sequence) {
  linnet__task_cancel(&sequence->task);
  linnet_event_unref(sequence->finished);
  linnet_batch_unref(sequence->records);
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

/* ---- the end ---------------------------------------------------------------------------------------- */

/* "write /1/0 of kitchen: " */
static linnet__buffer *begin_words(const linnet__sequence *sequence) {
  char path[LINNET_PATH_TEXT_SIZE];
  linnet__buffer *words = &sequence->bootstrap->words;
  linnet__buffer_clear(words);
  linnet__print(words, "%s", rules[sequence->command].words);
  if (sequence->command != LINNET__BOOTSTRAP_FINISH)
    linnet__print(words, " %s", linnet_path_text(sequence->path, path));
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
    event->operation = rules[sequence->command].operation;
    event->path = sequence->path;
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
  const char *name = linnet_code_name(response->code);
  unsigned detail = response->code & 31u;
  if (name[0] != 0)
    linnet__print(words, "%s", name);
  else
    linnet__print(words, "%u.%u%u", response->code >> 5u, detail / 10, detail % 10);
  if (response->payload_length > 0 && response->content_format < 1)
    linnet__print(words, " (%n)", response->payload_length, (const char *)response->payload);
  tell_finished(sequence, LINNET_ERROR_REFUSED, linnet__code_number(response->code), words);
  free_sequence(sequence);
}

/* ---- the commands ----------------------------------------------------------------------------------- */

static linnet__text id_text(uint16_t id, char digits[ID_DIGITS]) {
  char text[LINNET__INTEGER_TEXT_SIZE];
  size_t length = linnet__format_unsigned(id, text);
  memcpy(digits, text, length);
  return (linnet__text){digits, length};
}

static void answered(void *user, uint64_t exchange, linnet_status status, const linnet__incoming *response);

/* Sends the command, whose payload, if it has one, is that of its instance. */
static linnet_status send_command(linnet__sequence *sequence, const linnet__buffer *payload) {
  char digits[2][ID_DIGITS];
  linnet__text segments[2];
  linnet__outgoing outgoing = {.code = rules[sequence->command].code,
                               .path = segments,
                               .content_format = -1,
                               .accept = -1,
                               .observe = -1,
                               .timeout_ms = COMMAND_TIMEOUT_MS};
  switch (sequence->command) {
    case LINNET__BOOTSTRAP_DELETE:
      break;
    case LINNET__BOOTSTRAP_WRITE:
      for (size_t i = 0; i < 2; i++) segments[i] = id_text(sequence->path.id[i], digits[i]);
      outgoing.path_count = 2;
      outgoing.content_format = LINNET_FORMAT_TLV;
      outgoing.payload = payload->data;
      outgoing.payload_length = payload->length;
      break;
    case LINNET__BOOTSTRAP_FINISH:
      segments[0] = (linnet__text){"bs", 2};
      outgoing.path_count = 1;
      break;
  }
  return linnet__coap_send(sequence->bootstrap->coap, &sequence->peer, &outgoing, answered, sequence,
                           &sequence->exchange);
}

static void run_command(linnet__sequence *sequence) {
  linnet_status status = LINNET_OK;
  linnet__buffer payload;
  linnet__buffer_init(&payload, sequence->bootstrap->handle.loop, PAYLOAD_LIMIT);
  if (sequence->command == LINNET__BOOTSTRAP_WRITE)
    status = linnet__configuration_encode(sequence->records, &sequence->next, &sequence->path, &payload);
  if (status == LINNET_OK) status = send_command(sequence, &payload);
  linnet__buffer_free(&payload);
  if (status != LINNET_OK) end_failed(sequence, status, NULL);
}

/* BS-32: some answer the Delete of what is not there with 4.00; that counts as done. */
static bool is_done(const linnet__sequence *sequence, uint8_t code) {
  if (sequence->command == LINNET__BOOTSTRAP_DELETE && code == LINNET__BAD_REQUEST) return true;
  return code >> 5u == 2;
}

static void answered(void *user, uint64_t exchange, linnet_status status, const linnet__incoming *response) {
  linnet__sequence *sequence = user;
  (void)exchange;
  sequence->exchange = 0;
  if (status != LINNET_OK) {
    end_failed(sequence, status, NULL);
    return;
  }
  if (!is_done(sequence, response->code)) {
    end_refused(sequence, response);
    return;
  }
  if (sequence->command == LINNET__BOOTSTRAP_FINISH) {
    tell_finished(sequence, LINNET_OK, linnet__code_number(response->code), NULL);
    free_sequence(sequence);
    return;
  }
  bool more = sequence->next < linnet_batch_count(sequence->records);
  sequence->command = more ? LINNET__BOOTSTRAP_WRITE : LINNET__BOOTSTRAP_FINISH;
  sequence->path = linnet_path_root();
  run_command(sequence);
}

/* ---- the beginning ---------------------------------------------------------------------------------- */

static void task_run(linnet__task *task) { run_command(LINNET__CONTAINER(task, linnet__sequence, task)); }

static linnet_event *new_event(const linnet__sequence *sequence, linnet_event_kind kind, uint64_t number) {
  linnet_bootstrap *bootstrap = sequence->bootstrap;
  linnet_event *event = linnet__event_new(bootstrap->handle.loop, kind, bootstrap->handle.number);
  if (event == NULL) return NULL;
  event->request = number;
  linnet__event_set_endpoint(event, sequence->endpoint);
  if (event->endpoint != NULL) return event;
  linnet_event_unref(event);
  return NULL;
}

linnet_status linnet__sequence_begin(linnet_bootstrap *bootstrap, const linnet__configuration *configuration,
                                     const linnet__peer *peer) {
  linnet_loop *loop = bootstrap->handle.loop;
  size_t length = configuration->endpoint_length;
  size_t size = sizeof(linnet__sequence) + length + 1;
  linnet__sequence *sequence = linnet__new(loop, size);
  if (sequence == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet__task_init(&sequence->task, task_run);
  sequence->bootstrap = bootstrap;
  sequence->records = linnet_batch_ref(configuration->records);
  sequence->peer = *peer;
  sequence->size = (uint32_t)size;
  sequence->endpoint_length = (uint8_t)length;
  memcpy(sequence->endpoint, configuration->endpoint, length + 1);
  uint64_t number = linnet__loop_number(loop);
  linnet_event *started = new_event(sequence, LINNET_EVENT_BOOTSTRAP_STARTED, number);
  sequence->finished = new_event(sequence, LINNET_EVENT_BOOTSTRAP_FINISHED, number);
  bool complete = started != NULL && sequence->finished != NULL;
  linnet__sequence *former = linnet__map_find(&bootstrap->sequences, sequence->endpoint, length);
  if (complete && former != NULL) end_failed(former, LINNET_ERROR_CANCELLED, "the device asked again");
  if (!complete || linnet__map_insert(&bootstrap->sequences, sequence) != LINNET_OK) {
    linnet_event_unref(started);
    discard(sequence);
    return LINNET_ERROR_NO_MEMORY;
  }
  linnet__event_emit(loop, started);
  linnet__task_post(loop, &sequence->task);
  return LINNET_OK;
}

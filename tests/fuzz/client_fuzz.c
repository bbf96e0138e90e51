/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_fuzz.c: datagrams of a server into a client that is registered, computes, defers and notifies.
 *
 * An input is a list of commands: a byte that says what to do, and, for a datagram, two bytes of length and
 * its bytes. What the client sent last can be answered: its message id and token are put into the datagram.
 */
#include <linnet/linnet.h>
#include <string.h>

#define STEP_LIMIT 400
#define OBJECT 5000

typedef struct stage {
  linnet_loop *loop;
  linnet_client *client;
  linnet_transport *transport;
  linnet_object *object;
  linnet_address server;
  linnet_event *deferred;
  bool defers;
  uint64_t now;
  uint8_t sent[16];
  size_t sent_length;
} stage;

static linnet_status answer(linnet_event *question, void *user) {
  stage *s = user;
  linnet_value value = linnet_value_integer((int64_t)s->now);
  if (s->defers && s->deferred == NULL && linnet_question_defer(question) == LINNET_OK)
    s->deferred = linnet_event_ref(question);
  else if (linnet_event_operation(question) == LINNET_OPERATION_READ)
    return linnet_question_answer(question, linnet_event_path(question), &value);
  return LINNET_OK;
}

static void add_object(stage *s) {
  static const linnet_type types[] = {LINNET_TYPE_STRING,  LINNET_TYPE_INTEGER, LINNET_TYPE_FLOAT,
                                      LINNET_TYPE_BOOLEAN, LINNET_TYPE_OPAQUE,  LINNET_TYPE_TIME,
                                      LINNET_TYPE_OBJLNK,  LINNET_TYPE_NONE};
  linnet_model *model = linnet_client_model(s->client);
  linnet_model_add_object(model, OBJECT, "Things", "1.1", LINNET_MULTIPLE);
  for (uint16_t i = 0; i < 8; i++) {
    linnet_model_add_resource(model, OBJECT, i, "single", types[i], 3, LINNET_SINGLE, LINNET_OPTIONAL);
    linnet_model_add_resource(model, OBJECT, (uint16_t)(i + 8), "multiple", types[i], 3, LINNET_MULTIPLE,
                              LINNET_OPTIONAL);
  }
  linnet_model_add_resource(model, OBJECT, 16, "computed", LINNET_TYPE_INTEGER, 1, LINNET_SINGLE,
                            LINNET_OPTIONAL);
  linnet_model_add_resource(model, OBJECT, 17, "action", LINNET_TYPE_NONE, 4, LINNET_SINGLE,
                            LINNET_MANDATORY);
  s->object = linnet_object_new(model, OBJECT);
  linnet_object_add_instance(s->object, 0);
  linnet_object_compute(s->object, linnet_path_resource(OBJECT, 0, 16));
  linnet_object_allow(s->object, LINNET_OPERATION_CREATE | LINNET_OPERATION_DELETE);
  linnet_object_set_handler(
      s->object, LINNET_OPERATION_READ | LINNET_OPERATION_EXECUTE | LINNET_OPERATION_CREATE, answer, s, NULL);
  linnet_client_add_object(s->client, s->object);
}

static void settle(stage *s) {
  linnet_datagram datagram;
  linnet_event *event;
  linnet_loop_step(s->loop, s->now);
  while (linnet_transport_next(s->transport, &datagram)) {
    s->sent_length = datagram.length < sizeof s->sent ? datagram.length : sizeof s->sent;
    memcpy(s->sent, datagram.data, s->sent_length);
  }
  while ((event = linnet_loop_next_event(s->loop)) != NULL) (void)linnet_event_text(event);
}

/* Message id and token of what was sent last, into a message of the same token length. */
static void aim(const stage *s, uint8_t *message, size_t length) {
  if (s->sent_length < 4 || length < 4) return;
  size_t token = s->sent[0] & 15u;
  message[0] = (uint8_t)((message[0] & 0xf0u) | token);
  memcpy(message + 2, s->sent + 2, 2);
  if (s->sent_length >= 4 + token && length >= 4 + token) memcpy(message + 4, s->sent + 4, token);
}

/* Answers the Register. */
static void accept_registration(stage *s) {
  uint8_t message[] = {0x68, 0x41, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x82, 'r', 'd', 0x01, '1'};
  aim(s, message, sizeof message);
  linnet_transport_receive(s->transport, &s->server, message, sizeof message);
  settle(s);
}

static void stage_begin(stage *s) {
  static const uint8_t seed[LINNET_SEED_SIZE] = "fuzzed client";
  memset(s, 0, sizeof *s);
  linnet_address_parse(&s->server, "10.0.0.1:5683");
  s->loop = linnet_loop_new(seed, sizeof seed);
  s->client = linnet_client_new(s->loop, "fuzz", NULL);
  s->transport = linnet_transport_new(s->loop, LINNET_TRANSPORT_UDP);
  linnet_client_add_transport(s->client, s->transport);
  linnet_client_add_server(s->client, "coap://10.0.0.1", 1, 300);
  linnet_client_set_limit(s->client, LINNET_LIMIT_OBSERVATIONS, 8);
  add_object(s);
  linnet_client_start(s->client);
  settle(s);
  accept_registration(s);
}

static void stage_end(stage *s) {
  linnet_client_close(s->client);
  linnet_event_unref(s->deferred);
  linnet_client_unref(s->client);
  linnet_object_unref(s->object);
  linnet_transport_unref(s->transport);
  linnet_loop_unref(s->loop);
}

static size_t datagram(stage *s, uint8_t command, const uint8_t *data, size_t size) {
  uint8_t copy[2048];
  if (size < 2) return size;
  size_t length = (size_t)data[0] << 8u | data[1];
  if (length > size - 2) length = size - 2;
  if (length > sizeof copy) length = sizeof copy;
  memcpy(copy, data + 2, length);
  if (command & 0x40u) aim(s, copy, length);
  linnet_transport_receive(s->transport, &s->server, copy, length);
  settle(s);
  return length + 2;
}

static void act(stage *s, uint8_t command) {
  linnet_value value = linnet_value_integer(command);
  if (command < 0x90) {
    linnet_object_set(s->object, linnet_path_resource(OBJECT, 0, 1), &value);
  } else if (command < 0xa0) {
    linnet_object_notify(s->object, linnet_path_resource(OBJECT, 0, 16));
  } else if (command < 0xa8) {
    s->defers = command & 1u;
  } else if (command < 0xb0 && s->deferred != NULL) {
    linnet_question_finish(s->deferred, command & 1u ? LINNET_OK : LINNET_ERROR_NOT_FOUND);
    linnet_event_unref(s->deferred);
    s->deferred = NULL;
  } else if (command < 0xb8) {
    linnet_client_update(s->client, 1);
  } else if (command < 0xbc) {
    linnet_object_remove_instance(s->object, 0);
  } else if (command < 0xc0) {
    linnet_client_deregister(s->client, 1);
    linnet_client_start(s->client);
  } else {
    s->now += (uint64_t)1 << (command & 0x1fu);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  stage s;
  stage_begin(&s);
  for (unsigned steps = 0; size > 0 && steps < STEP_LIMIT; steps++) {
    uint8_t command = *data++;
    size_t used = 0;
    size--;
    if (command < 0x80)
      used = datagram(&s, command, data, size);
    else
      act(&s, command);
    data += used;
    size -= used;
    settle(&s);
  }
  stage_end(&s);
  return 0;
}

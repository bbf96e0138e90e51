/* SPDX-License-Identifier: Apache-2.0 */
/* scripted_bootstrap.h: a bootstrap server in place of the server of server/scripted.h. */
#ifndef LINNET_TESTS_BOOTSTRAP_SCRIPTED_BOOTSTRAP_H
#define LINNET_TESTS_BOOTSTRAP_SCRIPTED_BOOTSTRAP_H

#include <linnet/bootstrap.h>

#include "server/scripted.h"

typedef struct stage {
  bench b; /* without a server */
  linnet_bootstrap *bootstrap;
} stage;

static inline void stage_begin(stage *s) {
  static const uint8_t seed[LINNET_SEED_SIZE] = "scripted server";
  memset(s, 0, sizeof *s);
  s->b.now = 1000;
  s->b.loop = linnet_loop_new_with_memory(seed, sizeof seed, memory_reallocate, &s->b.memory);
  CHECK(s->b.loop != NULL);
  linnet_loop_step(s->b.loop, s->b.now);
  s->bootstrap = linnet_bootstrap_new(s->b.loop, NULL);
  s->b.transport = linnet_transport_new(s->b.loop, LINNET_TRANSPORT_UDP);
  CHECK(s->bootstrap != NULL && s->b.transport != NULL);
  CHECK_EQUAL(linnet_bootstrap_add_transport(s->bootstrap, s->b.transport), LINNET_OK);
}

static inline void stage_end(stage *s) {
  linnet_bootstrap_close(s->bootstrap);
  linnet_bootstrap_unref(s->bootstrap);
  linnet_transport_close(s->b.transport);
  linnet_transport_unref(s->b.transport);
  linnet_loop_unref(s->b.loop);
}

static inline linnet_path path_of(const char *text) {
  linnet_path path = linnet_path_root();
  CHECK_EQUAL(linnet_path_parse(&path, text), LINNET_OK);
  return path;
}

static inline void add(linnet_batch *batch, const char *path, linnet_value value) {
  CHECK_EQUAL(linnet_batch_add(batch, path_of(path), &value), LINNET_OK);
}

/* Set 0 of the ETS, with a NoSec URI; `lifetime` tells one configuration from another. */
static inline linnet_batch *account(stage *s, int64_t lifetime) {
  linnet_batch *batch = linnet_batch_new(s->b.loop);
  CHECK(batch != NULL);
  add(batch, "/0/0/0", linnet_value_string("coap://127.0.0.1:5683"));
  add(batch, "/0/0/1", linnet_value_boolean(false));
  add(batch, "/0/0/2", linnet_value_integer(3));
  add(batch, "/0/0/10", linnet_value_integer(1));
  add(batch, "/1/0/0", linnet_value_integer(1));
  add(batch, "/1/0/1", linnet_value_integer(lifetime));
  add(batch, "/1/0/6", linnet_value_boolean(false));
  add(batch, "/1/0/7", linnet_value_string("U"));
  return batch;
}

/* DELETE /, and a Write of each instance. `unchecked`: whether or not it makes sense. */
static inline linnet_status give(stage *s, const char *endpoint, const linnet_batch *batch, bool unchecked) {
  linnet_configuration *configuration = linnet_configuration_new(linnet_bootstrap_model(s->bootstrap));
  if (configuration == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_status status = linnet_configuration_delete(configuration, linnet_path_root());
  if (status == LINNET_OK)
    status = linnet_configuration_write(configuration, linnet_path_root(), batch, LINNET_FORMAT_NONE);
  if (status == LINNET_OK && unchecked) status = linnet_configuration_set_unchecked(configuration);
  if (status == LINNET_OK) status = linnet_bootstrap_configure(s->bootstrap, endpoint, configuration);
  linnet_configuration_unref(configuration);
  return status;
}

static inline void configure(stage *s, const char *endpoint, int64_t lifetime) {
  linnet_batch *batch = account(s, lifetime);
  CHECK_EQUAL(give(s, endpoint, batch, false), LINNET_OK);
  linnet_batch_unref(batch);
}

/* The next command, which must be this one: "delete /", "put /0/0", "post /bs". */
static inline void command(stage *s, unsigned method, const char *path, sent *out) {
  char text[64];
  CHECK(take(&s->b, out));
  CHECK_EQUAL(out->message.type, LINNET_MESSAGE_CON);
  CHECK_EQUAL(sent_code(out), method);
  CHECK_TEXT(sent_text(out, 11, '/', text, sizeof text), path);
}

/* Asks and is accepted; the first command comes after the answer. */
static inline void begin(stage *s, device *d, const char *uri, sent *first) {
  sent answer;
  CHECK_EQUAL(ask(&s->b, d, POST, uri, NO_FORMAT, NULL, &answer), 204);
  CHECK_EQUAL(answer.message.payload_length, 0);
  command(s, DELETE, "", first);
}

static inline void accept(stage *s, const device *d, const sent *request, unsigned code) {
  reply(&s->b, d, request, code, -1, NO_FORMAT, NULL, 0);
}

static inline void nothing_sent(stage *s) {
  sent m;
  CHECK(!take(&s->b, &m));
}

#endif

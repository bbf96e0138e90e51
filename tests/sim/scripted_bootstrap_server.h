/* SPDX-License-Identifier: Apache-2.0 */
/* scripted_bootstrap_server.h: a client that has the account of a bootstrap-server, which the test plays. */
#ifndef LINNET_TESTS_SIM_SCRIPTED_BOOTSTRAP_SERVER_H
#define LINNET_TESTS_SIM_SCRIPTED_BOOTSTRAP_SERVER_H

#include "scripted_server.h"

#define TLV LINNET_FORMAT_TLV
#define LINK 40

static inline void begin_without_accounts(scripted *s) {
  memset(s, 0, sizeof *s);
  s->fail_after = UINT32_MAX;
  s->message_id = 0x7000;
  s->loop = linnet_loop_new_with_memory("0123456789abcdef", 16, scripted_memory, s);
  s->transport = linnet_transport_new(s->loop, LINNET_TRANSPORT_UDP);
  s->client = linnet_client_new(s->loop, "node1", NULL);
  CHECK(s->client != NULL);
  CHECK_EQUAL(linnet_address_parse(&s->server, scripted_server_uri), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_transport(s->client, s->transport), LINNET_OK);
}

static inline void begin_with(scripted *s, uint32_t hold_off_s) {
  begin_without_accounts(s);
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s->client, scripted_server_uri, hold_off_s), LINNET_OK);
}

/* The device after a power cut of `off_ms`: a fresh client that is not started, with what was saved. The wall
 * clock is not known if `wall_ms` is 0. */
static inline void restart_with(scripted *before, scripted *after, int64_t wall_ms, uint64_t off_ms) {
  const void *data;
  size_t length;
  linnet_loop_step(before->loop, before->now);
  if (wall_ms > 0) linnet_loop_set_wall_clock(before->loop, wall_ms);
  CHECK_EQUAL(linnet_client_save(before->client, &data, &length), LINNET_OK);
  void *saved = malloc(length);
  memcpy(saved, data, length);
  scripted_end(before);
  begin_with(after, 0);
  if (wall_ms > 0) linnet_loop_set_wall_clock(after->loop, wall_ms + (int64_t)off_ms);
  CHECK_EQUAL(linnet_client_restore(after->client, saved, length), LINNET_OK);
  free(saved);
}

static inline void expect_event(scripted *s, linnet_event_kind kind, linnet_status status, unsigned code) {
  linnet_event *event = scripted_event(s, kind);
  CHECK_EQUAL(linnet_event_status(event), status);
  CHECK_EQUAL(linnet_event_code(event), code);
  CHECK_EQUAL(linnet_event_source(event), linnet_client_number(s->client));
  CHECK_TEXT(linnet_event_endpoint(event), "node1");
}

/* The client asks, and is told to wait for commands. */
static inline void accept_request(scripted *s) {
  scripted_expect(s, POST, "/bs");
  CHECK_TEXT(scripted_query(s), "ep=node1");
  CHECK_EQUAL(s->message.payload_length, 0);
  expect_event(s, LINNET_EVENT_BOOTSTRAP_STARTED, LINNET_OK, 0);
  scripted_answer(s, 204);
  CHECK(scripted_silent(s, 0));
}

static inline void reach_commands(scripted *s, uint32_t hold_off_s) {
  begin_with(s, hold_off_s);
  CHECK_EQUAL(linnet_client_start(s->client), LINNET_OK);
  accept_request(s);
}

typedef struct value_at {
  const char *path;
  linnet_value value;
} value_at;

static inline unsigned put(scripted *s, const char *target, const value_at *values, size_t count) {
  linnet_batch *batch = linnet_batch_new(s->loop);
  linnet_path base = linnet_path_root(), path;
  const void *data;
  size_t length;
  CHECK_EQUAL(linnet_path_parse(&base, target), LINNET_OK);
  for (size_t i = 0; i < count; i++) {
    CHECK_EQUAL(linnet_path_parse(&path, values[i].path), LINNET_OK);
    CHECK_EQUAL(linnet_batch_add(batch, path, &values[i].value), LINNET_OK);
  }
  CHECK_EQUAL(linnet_batch_encode(batch, TLV, base, &data, &length), LINNET_OK);
  unsigned code = scripted_send(s, PUT, target, TLV, data, length);
  linnet_batch_unref(batch);
  return code;
}

/* /0/1 and /1/0: set 0 of the ETS with NoSec. */
static inline unsigned put_security(scripted *s, const char *target) {
  const value_at values[] = {{"/0/1/0", linnet_value_string(scripted_server_uri)},
                             {"/0/1/1", linnet_value_boolean(false)},
                             {"/0/1/2", linnet_value_integer(3)},
                             {"/0/1/10", linnet_value_integer(101)}};
  return put(s, target, values, sizeof values / sizeof values[0]);
}

static inline unsigned put_server(scripted *s, const char *target) {
  const value_at values[] = {{"/1/0/0", linnet_value_integer(101)},
                             {"/1/0/1", linnet_value_integer(60)},
                             {"/1/0/6", linnet_value_boolean(false)},
                             {"/1/0/7", linnet_value_string("U")}};
  return put(s, target, values, sizeof values / sizeof values[0]);
}

static inline unsigned send_bare(scripted *s, uint8_t method, const char *path) {
  request r = REQUEST(method, path);
  return scripted_ask(s, &r);
}

static inline void finish(scripted *s) {
  CHECK_EQUAL(send_bare(s, POST, "bs"), 204);
  expect_event(s, LINNET_EVENT_BOOTSTRAP_FINISHED, LINNET_OK, 204);
}

static inline void expect_links(scripted *s, const char *path, const char *links) {
  CHECK_EQUAL(scripted_get(s, path, LINK), 205);
  CHECK_EQUAL(scripted_option(s, CONTENT_FORMAT), LINK);
  CHECK_TEXT(scripted_payload(s), links);
}

#endif

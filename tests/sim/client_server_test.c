/* SPDX-License-Identifier: Apache-2.0 */
/* client_server_test.c: both roles of linnet in one simulated world, on good and bad networks (lwm2m-1.0.md 2
 * to 5). */
#include <linnet/linnet.h>
#include <linnet/sim.h>

#include "check.h"

enum { LONG_TEXT = 5000 };

typedef struct scene {
  linnet_world *world;
  linnet_loop *client_loop, *server_loop;
  linnet_transport *client_transport, *server_transport;
  linnet_client *client;
  linnet_server *server;
  linnet_object *object;
  unsigned notes;
  linnet_value last; /* of the last notification, if it is a number */
  unsigned code;
  linnet_batch *records; /* of the last response */
} scene;

static void scene_begin(scene *s, uint64_t seed, uint32_t lifetime_s) {
  memset(s, 0, sizeof *s);
  s->world = linnet_world_new(seed);
  s->client_loop = linnet_world_add_loop(s->world);
  s->server_loop = linnet_world_add_loop(s->world);
  s->client_transport = linnet_transport_new(s->client_loop, LINNET_TRANSPORT_UDP);
  s->server_transport = linnet_transport_new(s->server_loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_world_attach(s->world, s->client_transport, "10.0.0.2:40000"), LINNET_OK);
  CHECK_EQUAL(linnet_world_attach(s->world, s->server_transport, "10.0.0.1:5683"), LINNET_OK);
  CHECK_EQUAL(linnet_world_name(s->world, "server.example", "10.0.0.1:5683"), LINNET_OK);
  s->server = linnet_server_new(s->server_loop, NULL);
  s->client = linnet_client_new(s->client_loop, "kitchen", NULL);
  CHECK_EQUAL(linnet_server_add_transport(s->server, s->server_transport), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_transport(s->client, s->client_transport), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_server(s->client, "coap://server.example", 1, lifetime_s), LINNET_OK);
  s->object = linnet_object_new(linnet_client_model(s->client), 6);
  CHECK_EQUAL(linnet_object_add_instance(s->object, 0), LINNET_OK);
  linnet_value latitude = linnet_value_float(48.25);
  CHECK_EQUAL(linnet_object_set(s->object, linnet_path_resource(6, 0, 0), &latitude), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_object(s->client, s->object), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s->client), LINNET_OK);
}

static void scene_end(scene *s) {
  linnet_batch_unref(s->records);
  linnet_object_unref(s->object);
  linnet_client_unref(s->client);
  linnet_server_unref(s->server);
  linnet_transport_unref(s->client_transport);
  linnet_transport_unref(s->server_transport);
  linnet_world_unref(s->world);
}

/* Runs until that event at that loop, or for so long. What else happens is noted. */
static bool run_until(scene *s, linnet_loop *loop, linnet_event_kind kind, uint64_t for_ms) {
  uint64_t end = linnet_world_now(s->world) + for_ms;
  linnet_loop *loops[] = {s->client_loop, s->server_loop};
  for (;;) {
    linnet_world_run(s->world, end);
    for (size_t i = 0; i < 2; i++) {
      linnet_event *event;
      while ((event = linnet_loop_next_event(loops[i])) != NULL) {
        linnet_event_kind got = linnet_event_get_kind(event);
        linnet_record record;
        const linnet_batch *batch = linnet_event_batch(event);
        if (got == LINNET_EVENT_NOTIFY) s->notes++;
        if (got == LINNET_EVENT_NOTIFY && batch != NULL &&
            linnet_batch_record(batch, 0, &record) == LINNET_OK && record.value.type != LINNET_TYPE_STRING)
          s->last = record.value;
        if (got == LINNET_EVENT_RESPONSE) {
          s->code = linnet_event_code(event);
          linnet_batch_unref(s->records);
          s->records = batch != NULL ? linnet_batch_ref((linnet_batch *)batch) : NULL;
        }
        if (loops[i] == loop && got == kind) return true;
      }
    }
    if (linnet_world_now(s->world) >= end) return false;
  }
}

static unsigned ask(scene *s, linnet_operation operation, const char *path, const linnet_batch *payload,
                    const char *text) {
  linnet_path parsed;
  CHECK_EQUAL(linnet_path_parse(&parsed, path), LINNET_OK);
  CHECK_EQUAL(linnet_server_request(s->server, linnet_server_find(s->server, "kitchen"), operation, parsed,
                                    payload, text, LINNET_FORMAT_NONE, NULL),
              LINNET_OK);
  CHECK(run_until(s, s->server_loop, LINNET_EVENT_RESPONSE, 300000));
  return s->code;
}

static void registers_reads_writes_observes_and_leaves(void) {
  scene s;
  linnet_value value;
  scene_begin(&s, 1, 300);
  CHECK(run_until(&s, s.server_loop, LINNET_EVENT_REGISTERED, 5000));
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_REGISTERING);
  CHECK(run_until(&s, s.client_loop, LINNET_EVENT_REGISTERED, 5000));
  uint64_t device = linnet_server_find(s.server, "kitchen");
  CHECK_TEXT(linnet_server_location(s.server, device), linnet_client_location(s.client, 1));
  CHECK_EQUAL(linnet_server_lifetime(s.server, device), 300);
  CHECK(linnet_server_lists(s.server, device, linnet_path_instance(6, 0)));
  CHECK_EQUAL(ask(&s, LINNET_OPERATION_READ, "/3/0", NULL, NULL), 205);
  CHECK_EQUAL(linnet_batch_find(s.records, linnet_path_resource(3, 0, 16), &value), LINNET_OK);
  CHECK_EQUAL(ask(&s, LINNET_OPERATION_DISCOVER, "/3", NULL, NULL), 205);
  linnet_batch *payload = linnet_batch_new(s.server_loop);
  value = linnet_value_string("Europe/Berlin");
  CHECK_EQUAL(linnet_batch_add(payload, linnet_path_resource(3, 0, 15), &value), LINNET_OK);
  CHECK_EQUAL(ask(&s, LINNET_OPERATION_WRITE, "/3/0/15", payload, NULL), 204);
  linnet_batch_unref(payload);
  CHECK_EQUAL(linnet_client_get(s.client, linnet_path_resource(3, 0, 15), &value), LINNET_OK);
  CHECK_EQUAL(value.as.bytes.length, 13);
  CHECK_EQUAL(ask(&s, LINNET_OPERATION_EXECUTE, "/3/0/4", NULL, "0='now'"), 204);
  CHECK_EQUAL(ask(&s, LINNET_OPERATION_READ, "/0", NULL, NULL), 401);
  CHECK_EQUAL(ask(&s, LINNET_OPERATION_WRITE_ATTRIBUTES, "/6/0/0", NULL, "pmin=1&pmax=10"), 204);
  CHECK_EQUAL(ask(&s, LINNET_OPERATION_OBSERVE, "/6/0/0", NULL, NULL), 205);
  value = linnet_value_float(49.5);
  CHECK_EQUAL(linnet_object_set(s.object, linnet_path_resource(6, 0, 0), &value), LINNET_OK);
  CHECK(run_until(&s, s.server_loop, LINNET_EVENT_NOTIFY, 1500));
  CHECK(s.last.as.real == 49.5);
  CHECK(run_until(&s, s.server_loop, LINNET_EVENT_NOTIFY, 10500));
  CHECK_EQUAL(linnet_client_deregister(s.client, 1), LINNET_OK);
  CHECK(run_until(&s, s.server_loop, LINNET_EVENT_DEREGISTERED, 5000));
  CHECK_EQUAL(linnet_server_registration_count(s.server), 0);
  scene_end(&s);
}

/* Ten days, a lifetime of five minutes: the server never sees it expire. */
static void stays_registered_for_days(void) {
  scene s;
  scene_begin(&s, 2, 300);
  CHECK(run_until(&s, s.server_loop, LINNET_EVENT_REGISTERED, 5000));
  CHECK(!run_until(&s, s.server_loop, LINNET_EVENT_EXPIRED, UINT64_C(864000000)));
  CHECK_EQUAL(linnet_server_registration_count(s.server), 1);
  scene_end(&s);
}

/* The last value arrives, whatever the network does (OB-08, OBS-09). */
static void observes_on_bad_networks(void) {
  for (uint64_t seed = 1; seed <= 10; seed++) {
    scene s;
    scene_begin(&s, seed, 300);
    linnet_world_set(s.world, NULL, LINNET_WORLD_DELAY_MS, 50);
    linnet_world_set(s.world, NULL, LINNET_WORLD_JITTER_MS, 400);
    linnet_world_set(s.world, NULL, LINNET_WORLD_LOSS, 200);
    linnet_world_set(s.world, NULL, LINNET_WORLD_DUPLICATION, 200);
    linnet_world_set(s.world, NULL, LINNET_WORLD_REORDERING, 100);
    CHECK(run_until(&s, s.client_loop, LINNET_EVENT_REGISTERED, 3600000));
    CHECK_EQUAL(ask(&s, LINNET_OPERATION_OBSERVE, "/6/0/0", NULL, NULL), 205);
    for (int i = 1; i <= 100; i++) {
      linnet_value value = linnet_value_float(i);
      CHECK_EQUAL(linnet_object_set(s.object, linnet_path_resource(6, 0, 0), &value), LINNET_OK);
      run_until(&s, s.server_loop, LINNET_EVENT_LOG, 3000);
    }
    linnet_world_set(s.world, NULL, LINNET_WORLD_LOSS, 0);
    run_until(&s, s.server_loop, LINNET_EVENT_LOG, 600000);
    CHECK(s.notes > 0 && s.notes <= 101);
    CHECK(s.last.type == LINNET_TYPE_FLOAT && s.last.as.real == 100);
    scene_end(&s);
  }
}

/* BW-20, BW-01: what does not fit into a message. */
static void carries_large_values_in_blocks(void) {
  scene s;
  static char text[LONG_TEXT + 1];
  linnet_value value;
  memset(text, 'x', LONG_TEXT);
  scene_begin(&s, 3, 300);
  CHECK(run_until(&s, s.client_loop, LINNET_EVENT_REGISTERED, 5000));
  linnet_batch *payload = linnet_batch_new(s.server_loop);
  value = linnet_value_string(text);
  CHECK_EQUAL(linnet_batch_add(payload, linnet_path_resource(3, 0, 15), &value), LINNET_OK);
  CHECK_EQUAL(ask(&s, LINNET_OPERATION_WRITE, "/3/0/15", payload, NULL), 204);
  CHECK_EQUAL(ask(&s, LINNET_OPERATION_READ, "/3/0", NULL, NULL), 205);
  CHECK_EQUAL(linnet_batch_find(s.records, linnet_path_resource(3, 0, 15), &value), LINNET_OK);
  CHECK_EQUAL(value.as.bytes.length, LONG_TEXT);
  linnet_batch_unref(payload);
  scene_end(&s);
}

/* The network is gone for a while: the server forgets, the client comes back by itself (REG-07). */
static void comes_back_after_an_outage(void) {
  scene s;
  scene_begin(&s, 4, 60);
  CHECK(run_until(&s, s.client_loop, LINNET_EVENT_REGISTERED, 5000));
  linnet_world_set(s.world, NULL, LINNET_WORLD_DOWN, 1);
  CHECK(run_until(&s, s.server_loop, LINNET_EVENT_EXPIRED, 100000));
  run_until(&s, s.server_loop, LINNET_EVENT_LOG, 86400000);
  CHECK_EQUAL(linnet_server_registration_count(s.server), 0);
  linnet_world_set(s.world, NULL, LINNET_WORLD_DOWN, 0);
  CHECK(run_until(&s, s.server_loop, LINNET_EVENT_REGISTERED, 1000000));
  scene_end(&s);
}

int main(void) {
  return RUN(registers_reads_writes_observes_and_leaves, stays_registered_for_days, observes_on_bad_networks,
             carries_large_values_in_blocks, comes_back_after_an_outage);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* bootstrap_world_test.c: a client, a bootstrap server and a server of linnet in one world, on good and bad
 * networks (lwm2m-1.0.md section 6; ETS 0, 7). */
#include <linnet/linnet.h>
#include <linnet/sim.h>

#include "check.h"

#define HOUR_MS UINT64_C(3600000)

typedef struct scene {
  linnet_world *world;
  linnet_loop *client_loop, *bootstrap_loop, *server_loop;
  linnet_transport *client_transport, *bootstrap_transport, *server_transport;
  linnet_client *client;
  linnet_bootstrap *bootstrap;
  linnet_server *server;
  unsigned started, finished, failed; /* as the client tells */
  unsigned served;                    /* as the bootstrap server tells */
} scene;

static linnet_transport *attach(scene *s, linnet_loop *loop, const char *address) {
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_world_attach(s->world, transport, address), LINNET_OK);
  return transport;
}

static void add(linnet_batch *batch, uint16_t object, uint16_t resource, linnet_value value) {
  uint16_t instance = object == 0 ? 1 : 0; /* /0/0 is the account of the bootstrap server */
  CHECK_EQUAL(linnet_batch_add(batch, linnet_path_resource(object, instance, resource), &value), LINNET_OK);
}

static void configure(scene *s, const char *uri) {
  linnet_batch *batch = linnet_batch_new(s->bootstrap_loop);
  add(batch, 0, 0, linnet_value_string(uri));
  add(batch, 0, 1, linnet_value_boolean(false));
  add(batch, 0, 2, linnet_value_integer(3));
  add(batch, 0, 10, linnet_value_integer(101));
  add(batch, 1, 0, linnet_value_integer(101));
  add(batch, 1, 1, linnet_value_integer(300));
  add(batch, 1, 6, linnet_value_boolean(true));
  add(batch, 1, 7, linnet_value_string("U"));
  linnet_configuration *configuration = linnet_configuration_new(linnet_bootstrap_model(s->bootstrap));
  CHECK_EQUAL(linnet_configuration_delete(configuration, linnet_path_root()), LINNET_OK);
  CHECK_EQUAL(linnet_configuration_write(configuration, linnet_path_root(), batch, LINNET_FORMAT_NONE),
              LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configure(s->bootstrap, "kitchen", configuration), LINNET_OK);
  linnet_configuration_unref(configuration);
  linnet_batch_unref(batch);
}

static void scene_begin(scene *s, uint64_t seed) {
  memset(s, 0, sizeof *s);
  s->world = linnet_world_new(seed);
  s->client_loop = linnet_world_add_loop(s->world);
  s->bootstrap_loop = linnet_world_add_loop(s->world);
  s->server_loop = linnet_world_add_loop(s->world);
  s->client_transport = attach(s, s->client_loop, "10.0.0.3:40000");
  s->bootstrap_transport = attach(s, s->bootstrap_loop, "10.0.0.2:5683");
  s->server_transport = attach(s, s->server_loop, "10.0.0.1:5683");
  CHECK_EQUAL(linnet_world_name(s->world, "bs.example", "10.0.0.2:5683"), LINNET_OK);
  CHECK_EQUAL(linnet_world_name(s->world, "server.example", "10.0.0.1:5683"), LINNET_OK);
  s->client = linnet_client_new(s->client_loop, "kitchen", NULL);
  s->bootstrap = linnet_bootstrap_new(s->bootstrap_loop, NULL);
  s->server = linnet_server_new(s->server_loop, NULL);
  CHECK_EQUAL(linnet_client_add_transport(s->client, s->client_transport), LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_add_transport(s->bootstrap, s->bootstrap_transport), LINNET_OK);
  CHECK_EQUAL(linnet_server_add_transport(s->server, s->server_transport), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s->client, "coap://bs.example", 5), LINNET_OK);
}

static void scene_end(scene *s) {
  linnet_client_unref(s->client);
  linnet_bootstrap_unref(s->bootstrap);
  linnet_server_unref(s->server);
  linnet_transport_unref(s->client_transport);
  linnet_transport_unref(s->bootstrap_transport);
  linnet_transport_unref(s->server_transport);
  linnet_world_unref(s->world);
}

static void note(scene *s, const linnet_loop *loop, const linnet_event *event) {
  linnet_event_kind kind = linnet_event_get_kind(event);
  bool client = loop == s->client_loop;
  if (client && kind == LINNET_EVENT_BOOTSTRAP_STARTED) s->started++;
  if (client && kind == LINNET_EVENT_BOOTSTRAP_FINISHED) s->finished++;
  if (kind != LINNET_EVENT_BOOTSTRAP_FINISHED) return;
  if (client && linnet_event_status(event) != LINNET_OK) s->failed++;
  if (!client && linnet_event_status(event) == LINNET_OK) s->served++;
}

/* Runs until the client is registered with the server, or for so long. */
static bool registers(scene *s, uint64_t for_ms) {
  uint64_t end = linnet_world_now(s->world) + for_ms;
  linnet_loop *loops[] = {s->client_loop, s->bootstrap_loop, s->server_loop};
  for (;;) {
    linnet_world_run(s->world, end);
    for (size_t i = 0; i < 3; i++)
      for (linnet_event *event; (event = linnet_loop_next_event(loops[i])) != NULL;) note(s, loops[i], event);
    if (linnet_client_get_state(s->client, 101) == LINNET_CLIENT_REGISTERED) return true;
    if (linnet_world_now(s->world) >= end) return false;
  }
}

static void a_device_with_nothing_but_a_bootstrap_server_gets_to_its_server(void) {
  scene s;
  scene_begin(&s, 1);
  configure(&s, "coap://server.example");
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  CHECK(registers(&s, 10000));
  CHECK(linnet_world_now(s.world) >= 5000); /* the hold-off */
  CHECK_EQUAL(s.started, 1);
  CHECK_EQUAL(s.finished, 1);
  CHECK_EQUAL(s.failed, 0);
  CHECK_EQUAL(s.served, 1);
  CHECK_EQUAL(linnet_server_lifetime(s.server, linnet_server_find(s.server, "kitchen")), 300);
  scene_end(&s);
}

/* ETS 7: the server is gone, and the bootstrap server knows where it went. */
static void a_device_that_lost_its_server_is_told_of_another(void) {
  scene s;
  scene_begin(&s, 2);
  configure(&s, "coap://server.example");
  CHECK_EQUAL(linnet_client_add_server(s.client, "coap://10.9.9.9", 7, 60), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  CHECK(registers(&s, HOUR_MS));
  CHECK_EQUAL(s.started, 1);
  CHECK_EQUAL(linnet_client_get_state(s.client, 7), LINNET_CLIENT_IDLE); /* deleted */
  scene_end(&s);
}

static void a_device_that_is_not_known_yet_comes_back(void) {
  scene s;
  scene_begin(&s, 3);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  CHECK(!registers(&s, HOUR_MS));
  CHECK(s.failed > 2);
  configure(&s, "coap://server.example");
  CHECK(registers(&s, 2 * HOUR_MS));
  CHECK_EQUAL(s.failed + 1, s.finished);
  scene_end(&s);
}

/* The lost, the doubled and the late: whatever happens, the device is registered in the end. */
static void a_bad_network_only_takes_longer(void) {
  for (uint64_t seed = 10; seed < 40; seed++) {
    scene s;
    scene_begin(&s, seed);
    configure(&s, "coap://server.example");
    linnet_world_set(s.world, NULL, LINNET_WORLD_LOSS, 250);
    linnet_world_set(s.world, NULL, LINNET_WORLD_DUPLICATION, 200);
    linnet_world_set(s.world, NULL, LINNET_WORLD_REORDERING, 200);
    linnet_world_set(s.world, NULL, LINNET_WORLD_DELAY_MS, 100);
    CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
    CHECK(registers(&s, 6 * HOUR_MS));
    CHECK_EQUAL(s.started, s.finished);
    scene_end(&s);
  }
}

/* The bootstrap server falls silent in the middle: the device is what it was, and asks again (BS-11, BS-52).
 */
static void an_outage_in_the_middle_leaves_no_trace(void) {
  for (uint64_t at = 5001; at < 5020; at++) {
    scene s;
    scene_begin(&s, 4);
    configure(&s, "coap://server.example");
    CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
    registers(&s, at - 1);
    linnet_world_advance(s.world, at);
    linnet_world_set(s.world, s.bootstrap_transport, LINNET_WORLD_DOWN, 1);
    if (!registers(&s, 400000))
      CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 1)), 0);
    linnet_world_set(s.world, s.bootstrap_transport, LINNET_WORLD_DOWN, 0);
    CHECK(registers(&s, 2 * HOUR_MS));
    scene_end(&s);
  }
}

static void begin_unasked(scene *s, uint64_t *number) {
  linnet_address peer;
  CHECK_EQUAL(linnet_address_parse(&peer, "10.0.0.3:40000"), LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_start(s->bootstrap, "kitchen", &peer, number), LINNET_OK);
}

/* BS-04, BS-05, BS-55: the registration rests, and is made anew with the new terms. */
static void the_bootstrap_server_begins_with_a_registered_device(void) {
  scene s;
  uint64_t number = 0;
  scene_begin(&s, 5);
  configure(&s, "coap://server.example");
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  CHECK(registers(&s, 10000));
  uint64_t before = linnet_server_find(s.server, "kitchen");
  begin_unasked(&s, &number);
  CHECK(number != 0);
  linnet_world_advance(s.world, linnet_world_now(s.world) + 1000);
  CHECK(registers(&s, 10000));
  CHECK_EQUAL(s.started, 2);
  CHECK_EQUAL(s.served, 2);
  uint64_t after = linnet_server_find(s.server, "kitchen");
  CHECK(after != 0 && after != before);
  scene_end(&s);
}

/* Half of it, then silence: the device is what it was, registered again (BS-11, BS-52). */
static void an_outage_of_one_who_began_leaves_the_registration(void) {
  scene s;
  scene_begin(&s, 6);
  configure(&s, "coap://server.example");
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  CHECK(registers(&s, 10000));
  linnet_world_set(s.world, NULL, LINNET_WORLD_DELAY_MS, 100);
  begin_unasked(&s, NULL);
  linnet_world_advance(s.world, linnet_world_now(s.world) + 450);
  linnet_world_set(s.world, s.bootstrap_transport, LINNET_WORLD_DOWN, 1);
  CHECK_EQUAL(linnet_client_get_state(s.client, 101), LINNET_CLIENT_IDLE);
  linnet_world_advance(s.world, linnet_world_now(s.world) + 250000);
  CHECK(registers(&s, 10000));
  CHECK_EQUAL(s.failed, 1);
  scene_end(&s);
}

int main(void) {
  return RUN(a_device_with_nothing_but_a_bootstrap_server_gets_to_its_server,
             a_device_that_lost_its_server_is_told_of_another, a_device_that_is_not_known_yet_comes_back,
             a_bad_network_only_takes_longer, an_outage_in_the_middle_leaves_no_trace,
             the_bootstrap_server_begins_with_a_registered_device,
             an_outage_of_one_who_began_leaves_the_registration);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* coaps_test.c: client, server and bootstrap server of linnet on coaps in one world (lwm2m-1.0.md 10; REG-10,
 * BS-03, QUE-08; the flow of ETS 401, 403). */
#include <linnet/linnet.h>
#include <linnet/sim.h>
#include <linnet/store.h>

#include "check.h"
#include "net/net.h"

#define KEY "0123456789abcdef"
#define CLIENT_ADDRESS "10.0.0.2:40000"

typedef struct scene {
  linnet_world *world;
  linnet_loop *client_loop, *server_loop, *bootstrap_loop;
  linnet_transport *client_transport, *server_transport, *bootstrap_transport;
  linnet_credentials *credentials, *bootstrap_credentials;
  linnet_client *client;
  linnet_server *server;
  linnet_bootstrap *bootstrap;
  unsigned client_counts[32], server_counts[32]; /* of events, by kind */
  linnet_cause client_cause, server_cause;       /* of the last error */
  linnet_status response;                        /* of the last response */
  unsigned code;
  char client_text[256], server_text[256];
} scene;

static linnet_transport *secure_transport(scene *s, linnet_loop *loop, const char *address,
                                          linnet_credentials *credentials) {
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_transport_secure(transport, credentials), LINNET_OK);
  CHECK_EQUAL(linnet_world_attach(s->world, transport, address), LINNET_OK);
  return transport;
}

static void add_psk(linnet_credentials *credentials, const char *endpoint, const char *identity,
                    const char *key) {
  CHECK_EQUAL(linnet_credentials_add_psk(credentials, endpoint, identity, strlen(identity), key, strlen(key)),
              LINNET_OK);
}

static void set_psk(scene *s, uint16_t short_server_id, const char *identity, const char *key) {
  CHECK_EQUAL(linnet_client_set_psk(s->client, short_server_id, identity, strlen(identity), key, strlen(key)),
              LINNET_OK);
}

static void add_client(scene *s) {
  s->client_loop = linnet_world_add_loop(s->world);
  s->client_transport = secure_transport(s, s->client_loop, CLIENT_ADDRESS, NULL);
  s->client = linnet_client_new(s->client_loop, "kitchen", NULL);
  CHECK_EQUAL(linnet_client_add_transport(s->client, s->client_transport), LINNET_OK);
}

static void scene_begin(scene *s, uint64_t seed) {
  memset(s, 0, sizeof *s);
  s->world = linnet_world_new(seed);
  s->server_loop = linnet_world_add_loop(s->world);
  s->credentials = linnet_credentials_new(s->server_loop);
  s->server_transport = secure_transport(s, s->server_loop, "10.0.0.1:5684", s->credentials);
  s->server = linnet_server_new(s->server_loop, NULL);
  CHECK_EQUAL(linnet_server_add_transport(s->server, s->server_transport), LINNET_OK);
  CHECK_EQUAL(linnet_world_name(s->world, "server.example", "10.0.0.1:5684"), LINNET_OK);
  add_psk(s->credentials, NULL, "kitchen", KEY);
  add_client(s);
}

static void begin_registered(scene *s, uint64_t seed, uint32_t lifetime_s, const char *binding);

static void leave_server(scene *s) {
  linnet_server_unref(s->server);
  linnet_credentials_unref(s->credentials);
  linnet_transport_unref(s->server_transport);
  linnet_world_remove_loop(s->world, s->server_loop);
}

static void leave_client(scene *s) {
  linnet_client_unref(s->client);
  linnet_transport_unref(s->client_transport);
  linnet_world_remove_loop(s->world, s->client_loop);
}

static void scene_end(scene *s) {
  leave_client(s);
  linnet_server_unref(s->server);
  linnet_bootstrap_unref(s->bootstrap);
  linnet_credentials_unref(s->credentials);
  linnet_credentials_unref(s->bootstrap_credentials);
  linnet_transport_unref(s->server_transport);
  linnet_transport_unref(s->bootstrap_transport);
  linnet_world_unref(s->world);
}

static void note(scene *s, linnet_loop *loop, unsigned counts[32], linnet_cause *cause, char text[256]) {
  linnet_event *event;
  while ((event = linnet_loop_next_event(loop)) != NULL) {
    counts[linnet_event_get_kind(event)]++;
    if (linnet_event_get_kind(event) == LINNET_EVENT_RESPONSE) {
      s->response = linnet_event_status(event);
      s->code = linnet_event_code(event);
    }
    if (linnet_event_status(event) != LINNET_ERROR_SECURITY &&
        linnet_event_get_kind(event) != LINNET_EVENT_ERROR)
      continue;
    *cause = linnet_event_cause(event);
    snprintf(text, 256, "%s", linnet_event_text(event));
  }
}

static void pass_s(scene *s, uint64_t seconds) {
  linnet_world_advance(s->world, linnet_world_now(s->world) + 1000 * seconds);
  note(s, s->client_loop, s->client_counts, &s->client_cause, s->client_text);
  note(s, s->server_loop, s->server_counts, &s->server_cause, s->server_text);
}

static linnet_status read_device(scene *s) {
  unsigned before = s->server_counts[LINNET_EVENT_RESPONSE];
  linnet_status status =
      linnet_server_request(s->server, linnet_server_find(s->server, "kitchen"), LINNET_OPERATION_READ,
                            linnet_path_object(3), NULL, NULL, LINNET_FORMAT_NONE, NULL);
  if (status != LINNET_OK) return status;
  for (unsigned i = 0; i < 300 && s->server_counts[LINNET_EVENT_RESPONSE] == before; i++) pass_s(s, 1);
  CHECK_EQUAL(s->server_counts[LINNET_EVENT_RESPONSE], before + 1);
  return s->response;
}

static void begin_registered(scene *s, uint64_t seed, uint32_t lifetime_s, const char *binding) {
  scene_begin(s, seed);
  CHECK_EQUAL(linnet_client_add_server(s->client, "coaps://server.example", 1, lifetime_s), LINNET_OK);
  CHECK_EQUAL(linnet_client_set_binding(s->client, 1, binding), LINNET_OK);
  set_psk(s, 1, "kitchen", KEY);
  CHECK_EQUAL(linnet_client_start(s->client), LINNET_OK);
  pass_s(s, 2);
  CHECK_EQUAL(s->server_counts[LINNET_EVENT_REGISTERED], 1);
  CHECK_EQUAL(s->client_counts[LINNET_EVENT_REGISTERED], 1);
}

static const linnet__dtls_counters *server_sessions(const scene *s);

/* ---- the tests ----------------------------------------------------------------------------------- */

static void registers_is_read_and_leaves_on_coaps(void) { /* SEC-02; ETS 401 */
  scene s;
  begin_registered(&s, 1, 300, "U");
  CHECK_EQUAL(read_device(&s), LINNET_OK);
  CHECK_EQUAL(s.code, 205);
  pass_s(&s, 400);
  CHECK(s.server_counts[LINNET_EVENT_UPDATED] >= 1);
  CHECK_EQUAL(linnet_client_deregister(s.client, 1), LINNET_OK);
  pass_s(&s, 2);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_DEREGISTERED], 1);
  CHECK_EQUAL(server_sessions(&s)->sessions, 0); /* SEC-17: it said good-bye */
  scene_end(&s);
}

static void refuses_a_name_that_is_not_of_the_identity(void) { /* SEC-05 */
  scene s;
  scene_begin(&s, 2);
  add_psk(s.credentials, "cellar", "another", KEY);
  linnet_client_add_server(s.client, "coaps://server.example", 1, 300);
  set_psk(&s, 1, "another", KEY);
  linnet_client_start(s.client);
  pass_s(&s, 5);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_REGISTERED], 0);
  CHECK(strstr(s.client_text, "4.00") != NULL);
  scene_end(&s);
}

static void says_on_both_sides_what_is_wrong_with_a_key(void) {
  scene s;
  scene_begin(&s, 3);
  linnet_client_add_server(s.client, "coaps://server.example", 1, 300);
  set_psk(&s, 1, "stranger", KEY);
  linnet_client_start(s.client);
  pass_s(&s, 5);
  CHECK_EQUAL(s.client_cause, LINNET_CAUSE_UNKNOWN_IDENTITY);
  CHECK_EQUAL(s.server_cause, LINNET_CAUSE_UNKNOWN_IDENTITY);
  CHECK(strstr(s.client_text, "coaps://server.example") != NULL);
  CHECK(strstr(s.server_text, "10.0.0.2:40000") != NULL && strstr(s.server_text, "stranger") != NULL);
  CHECK(strstr(s.server_text, KEY) == NULL && strstr(s.client_text, KEY) == NULL);
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_WAITING);
  set_psk(&s, 1, "kitchen", KEY); /* put right, it is tried with the next attempt */
  pass_s(&s, 120);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_REGISTERED], 1);
  scene_end(&s);
}

static void backs_off_from_a_server_that_does_not_answer(void) {
  scene s;
  scene_begin(&s, 4);
  linnet_world_set(s.world, NULL, LINNET_WORLD_DOWN, 1);
  linnet_client_add_server(s.client, "coaps://server.example", 1, 300);
  set_psk(&s, 1, "kitchen", KEY);
  linnet_client_start(s.client);
  pass_s(&s, 200);
  CHECK_EQUAL(s.client_counts[LINNET_EVENT_ERROR], 1);
  CHECK_EQUAL(s.client_cause, LINNET_CAUSE_TIMED_OUT);
  linnet_world_set(s.world, NULL, LINNET_WORLD_DOWN, 0);
  pass_s(&s, 200);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_REGISTERED], 1);
  scene_end(&s);
}

static void begins_anew_when_the_server_has_lost_the_session(void) { /* REG-10 */
  scene s;
  begin_registered(&s, 5, 300, "U");
  linnet_server_unref(s.server); /* its power was cut */
  linnet_transport_close(s.server_transport);
  linnet_transport_unref(s.server_transport);
  linnet_credentials_unref(s.credentials);
  linnet_world_remove_loop(s.world, s.server_loop);
  s.server_loop = linnet_world_add_loop(s.world);
  s.credentials = linnet_credentials_new(s.server_loop);
  add_psk(s.credentials, NULL, "kitchen", KEY);
  s.server_transport = secure_transport(&s, s.server_loop, "10.0.0.1:5684", s.credentials);
  s.server = linnet_server_new(s.server_loop, NULL);
  linnet_server_add_transport(s.server, s.server_transport);
  pass_s(&s, 1000);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_REGISTERED], 2);
  CHECK_EQUAL(read_device(&s), LINNET_OK);
  scene_end(&s);
}

static void ends_with_its_key(void) {
  scene s;
  begin_registered(&s, 6, 86400, "U");
  pass_s(&s, 60);
  CHECK_EQUAL(linnet_credentials_remove(s.credentials, "kitchen"), LINNET_OK);
  CHECK_EQUAL(read_device(&s), LINNET_ERROR_SECURITY);
  CHECK(strstr(linnet_error_text(s.server_loop), "kitchen") != NULL);
  pass_s(&s, 60);
  CHECK_EQUAL(s.client_cause, LINNET_CAUSE_UNKNOWN_IDENTITY);
  CHECK_EQUAL(server_sessions(&s)->sessions, 0);
  scene_end(&s);
}

/* Whoever sits at the address of a device now is not the device (SEC-05). */
static void asks_nobody_else_at_the_address_of_a_device(void) {
  scene s;
  begin_registered(&s, 7, 86400, "U");
  leave_client(&s);
  add_client(&s);
  add_psk(s.credentials, NULL, "intruder", KEY);
  linnet_client_add_server(s.client, "coaps://server.example", 1, 300);
  set_psk(&s, 1, "intruder", KEY);
  linnet_client_start(s.client);
  pass_s(&s, 10); /* it gets a session, and 4.00 */
  CHECK_EQUAL(server_sessions(&s)->sessions, 1);
  CHECK(linnet_server_find(s.server, "kitchen") != 0);
  CHECK_EQUAL(read_device(&s), LINNET_ERROR_SECURITY);
  scene_end(&s);
}

static void speaks_coap_and_coaps_at_a_time(void) {
  scene s;
  begin_registered(&s, 8, 300, "U");
  linnet_transport *plain = linnet_transport_new(s.client_loop, LINNET_TRANSPORT_UDP);
  linnet_transport *open = linnet_transport_new(s.server_loop, LINNET_TRANSPORT_UDP);
  linnet_server *other = linnet_server_new(s.server_loop, NULL);
  linnet_world_attach(s.world, plain, "10.0.0.2:40001");
  linnet_world_attach(s.world, open, "10.0.0.1:5683");
  linnet_server_add_transport(other, open);
  linnet_client_add_transport(s.client, plain);
  CHECK_EQUAL(linnet_client_add_server(s.client, "coap://10.0.0.1", 2, 300), LINNET_OK);
  CHECK_EQUAL(linnet_client_set_psk(s.client, 2, "a", 1, "b", 1), LINNET_ERROR_INVALID_ARGUMENT);
  pass_s(&s, 5);
  CHECK(linnet_server_find(other, "kitchen") != 0);
  CHECK_EQUAL(read_device(&s), LINNET_OK);
  linnet_server_unref(other);
  linnet_transport_unref(plain);
  linnet_transport_unref(open);
  scene_end(&s);
}

static void says_so_when_it_has_no_secure_transport(void) {
  scene s;
  scene_begin(&s, 9);
  linnet_transport_close(s.client_transport);
  linnet_transport *plain = linnet_transport_new(s.client_loop, LINNET_TRANSPORT_UDP);
  linnet_client_add_transport(s.client, plain);
  linnet_client_add_server(s.client, "coaps://server.example", 1, 300);
  set_psk(&s, 1, "kitchen", KEY);
  linnet_client_start(s.client);
  pass_s(&s, 5);
  CHECK_EQUAL(s.client_counts[LINNET_EVENT_ERROR], 1);
  linnet_transport_unref(plain);
  scene_end(&s);
}

/* ---- resumption ---------------------------------------------------------------------------------- */

static void resumes_after_sleep_and_updates(void) { /* QUE-08, REG-10, AMB-12 */
  scene s;
  begin_registered(&s, 20, 3600, "UQ");
  pass_s(&s, 3600);
  CHECK_EQUAL(server_sessions(&s)->resumed, 1);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_UPDATED], 1);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_REGISTERED], 1);
  CHECK_EQUAL(s.client_counts[LINNET_EVENT_ERROR], 0);
  scene_end(&s);
}

static void resumes_when_a_nat_gave_it_another_address(void) { /* SEC-04 */
  scene s;
  begin_registered(&s, 21, 600, "U");
  CHECK_EQUAL(linnet_world_rebind(s.world, s.client_transport, "10.0.0.99:1111"), LINNET_OK);
  pass_s(&s, 700);
  CHECK_EQUAL(server_sessions(&s)->resumed, 1);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_UPDATED], 1);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_REGISTERED], 1);
  CHECK_EQUAL(read_device(&s), LINNET_OK);
  scene_end(&s);
}

static void resumes_after_a_restart(void) {
  scene s;
  const void *data;
  size_t length;
  uint8_t saved[4096];
  begin_registered(&s, 22, 86400, "U");
  CHECK_EQUAL(linnet_client_save(s.client, &data, &length), LINNET_OK);
  CHECK(length < sizeof saved);
  memcpy(saved, data, length);
  leave_client(&s);
  add_client(&s);
  CHECK_EQUAL(linnet_client_restore(s.client, saved, length), LINNET_OK);
  linnet_client_start(s.client);
  pass_s(&s, 5);
  CHECK_EQUAL(server_sessions(&s)->resumed, 1);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_REGISTERED], 2); /* what it registered is not kept */
  CHECK_EQUAL(read_device(&s), LINNET_OK);
  scene_end(&s);
}

/* The server is gone without a word, and started again on what it had stored; its credentials are for
 * `endpoint`. */
static void restart_server(scene *s, const char *endpoint) {
  static uint8_t saved[65536];
  const void *data;
  size_t length;
  CHECK_EQUAL(linnet_server_save(s->server, &data, &length), LINNET_OK);
  CHECK(length < sizeof saved);
  memcpy(saved, data, length);
  leave_server(s);
  s->server_loop = linnet_world_add_loop(s->world);
  s->credentials = linnet_credentials_new(s->server_loop);
  s->server_transport = secure_transport(s, s->server_loop, "10.0.0.1:5684", s->credentials);
  s->server = linnet_server_new(s->server_loop, NULL);
  CHECK_EQUAL(linnet_server_add_transport(s->server, s->server_transport), LINNET_OK);
  add_psk(s->credentials, endpoint, "kitchen", KEY);
  pass_s(s, 1); /* its loop knows the time */
  CHECK_EQUAL(linnet_server_restore(s->server, saved, length), LINNET_OK);
}

static uint64_t ask(scene *s, linnet_operation operation, const char *path) {
  linnet_path at;
  uint64_t number = 0;
  CHECK_EQUAL(linnet_path_parse(&at, path), LINNET_OK);
  CHECK_EQUAL(linnet_server_request(s->server, linnet_server_find(s->server, "kitchen"), operation, at, NULL,
                                    NULL, LINNET_FORMAT_NONE, &number),
              LINNET_OK);
  return number;
}

static void finds_its_way_to_a_server_that_was_started_again(void) { /* SEC-04, SEC-05, QUE-06 */
  scene s;
  begin_registered(&s, 26, 3600, "UQ");
  uint64_t number = linnet_server_find(s.server, "kitchen");
  linnet_server_keep_observation(s.server, ask(&s, LINNET_OPERATION_OBSERVE, "/3/0/13"));
  pass_s(&s, 200); /* it sleeps */
  ask(&s, LINNET_OPERATION_READ, "/3/0/16");
  unsigned before = s.server_counts[LINNET_EVENT_RESPONSE];
  restart_server(&s, "kitchen");
  CHECK_EQUAL(linnet_server_find(s.server, "kitchen"), number);
  pass_s(&s, 3600); /* it wakes, finds no session, and resumes its own */
  CHECK_EQUAL(server_sessions(&s)->resumed, 1);
  CHECK(s.server_counts[LINNET_EVENT_UPDATED] >= 1);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_REGISTERED], 1); /* the first one: none since */
  CHECK_EQUAL(linnet_server_find(s.server, "kitchen"), number);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_RESPONSE], before + 1); /* what waited */
  CHECK_EQUAL(s.response, LINNET_OK);
  CHECK_EQUAL(s.code, 205);
  scene_end(&s);
}

static void is_not_taken_for_a_device_of_another_name_after_a_restart(void) { /* SEC-05 */
  scene s;
  begin_registered(&s, 27, 600, "U");
  restart_server(&s, "cellar"); /* the identity is good for another endpoint now */
  pass_s(&s, 1200);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_UPDATED], 0);
  CHECK(s.client_counts[LINNET_EVENT_ERROR] > 0);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_REGISTERED], 1);
  scene_end(&s);
}

static void resumes_nothing_with_other_keys(void) { /* BS-03 */
  scene s;
  begin_registered(&s, 23, 86400, "U");
  add_psk(s.credentials, "kitchen", "second", KEY);
  set_psk(&s, 1, "second", KEY);
  CHECK_EQUAL(linnet_client_register_anew(s.client, 1), LINNET_OK);
  pass_s(&s, 5);
  CHECK_EQUAL(server_sessions(&s)->resumed, 0);
  CHECK_EQUAL(server_sessions(&s)->opened, 2);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_REGISTERED], 2);
  scene_end(&s);
}

static void begins_anew_when_the_server_closes_the_session(void) { /* SEC-17 */
  scene s;
  linnet_address client;
  begin_registered(&s, 24, 86400, "U");
  pass_s(&s, 600);
  CHECK_EQUAL(linnet_address_parse(&client, CLIENT_ADDRESS), LINNET_OK);
  linnet__transport_disconnect(s.server_transport, &client);
  pass_s(&s, 5);
  CHECK_EQUAL(server_sessions(&s)->resumed, 1);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_UPDATED], 1);
  CHECK_EQUAL(read_device(&s), LINNET_OK);
  scene_end(&s);
}

/* ---- bootstrap ----------------------------------------------------------------------------------- */

static void add(linnet_batch *batch, uint16_t object, uint16_t resource, linnet_value value) {
  uint16_t instance = object == 0 ? 1 : 0; /* /0/0 is the account of the bootstrap server */
  CHECK_EQUAL(linnet_batch_add(batch, linnet_path_resource(object, instance, resource), &value), LINNET_OK);
}

static void add_bootstrap(scene *s, const char *identity, const char *key) {
  s->bootstrap_loop = linnet_world_add_loop(s->world);
  s->bootstrap_credentials = linnet_credentials_new(s->bootstrap_loop);
  s->bootstrap_transport = secure_transport(s, s->bootstrap_loop, "10.0.0.3:5684", s->bootstrap_credentials);
  s->bootstrap = linnet_bootstrap_new(s->bootstrap_loop, NULL);
  linnet_bootstrap_add_transport(s->bootstrap, s->bootstrap_transport);
  add_psk(s->bootstrap_credentials, "kitchen", "factory", "another-key-16by");
  linnet_batch *batch = linnet_batch_new(s->bootstrap_loop);
  add(batch, 0, 0, linnet_value_string("coaps://server.example"));
  add(batch, 0, 1, linnet_value_boolean(false));
  add(batch, 0, 2, linnet_value_integer(0));
  add(batch, 0, 3, linnet_value_opaque(identity, strlen(identity)));
  add(batch, 0, 4, linnet_value_opaque("", 0));
  add(batch, 0, 5, linnet_value_opaque(key, strlen(key)));
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

static void is_bootstrapped_on_coaps_into_a_server_on_coaps(void) { /* BS-03; ETS 403 */
  scene s;
  scene_begin(&s, 10);
  add_bootstrap(&s, "kitchen", KEY);
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s.client, "coaps://10.0.0.3", 0), LINNET_OK);
  set_psk(&s, LINNET_BOOTSTRAP_ACCOUNT, "factory", "another-key-16by");
  linnet_client_start(s.client);
  pass_s(&s, 20);
  CHECK_EQUAL(s.client_counts[LINNET_EVENT_BOOTSTRAP_FINISHED], 1);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_REGISTERED], 1);
  CHECK_EQUAL(read_device(&s), LINNET_OK);
  scene_end(&s);
}

static void is_refused_by_a_bootstrap_server_that_does_not_know_it(void) {
  scene s;
  scene_begin(&s, 11);
  add_bootstrap(&s, "kitchen", KEY);
  linnet_client_add_bootstrap_server(s.client, "coaps://10.0.0.3", 0);
  set_psk(&s, LINNET_BOOTSTRAP_ACCOUNT, "stranger", "another-key-16by");
  linnet_client_start(s.client);
  pass_s(&s, 2);
  CHECK(s.client_counts[LINNET_EVENT_BOOTSTRAP_FINISHED] >= 1);
  CHECK_EQUAL(s.client_cause, LINNET_CAUSE_UNKNOWN_IDENTITY);
  CHECK(strstr(s.client_text, "coaps://10.0.0.3") != NULL);
  CHECK_EQUAL(s.server_counts[LINNET_EVENT_REGISTERED], 0);
  scene_end(&s);
}

static const linnet__dtls_counters *server_sessions(const scene *s) {
  return linnet__transport_sessions(s->server_transport);
}

int main(void) {
  if (strcmp(linnet_dtls_backend(), "none") == 0) {
    printf("skipped: this build has no DTLS\n");
    return 0;
  }
  return RUN(registers_is_read_and_leaves_on_coaps, refuses_a_name_that_is_not_of_the_identity,
             says_on_both_sides_what_is_wrong_with_a_key, backs_off_from_a_server_that_does_not_answer,
             begins_anew_when_the_server_has_lost_the_session, ends_with_its_key,
             asks_nobody_else_at_the_address_of_a_device, speaks_coap_and_coaps_at_a_time,
             says_so_when_it_has_no_secure_transport, resumes_after_sleep_and_updates,
             resumes_when_a_nat_gave_it_another_address, resumes_after_a_restart,
             finds_its_way_to_a_server_that_was_started_again,
             is_not_taken_for_a_device_of_another_name_after_a_restart, resumes_nothing_with_other_keys,
             begins_anew_when_the_server_closes_the_session, is_bootstrapped_on_coaps_into_a_server_on_coaps,
             is_refused_by_a_bootstrap_server_that_does_not_know_it);
}

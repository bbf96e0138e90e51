/* SPDX-License-Identifier: Apache-2.0 */
/* client_unasked_coaps_test.c: a bootstrap-server on coaps that begins by itself: the client is the DTLS
 * server (lwm2m-1.0.md 6.1, 10; BS-03, BS-04, SEC-03, SEC-05; the flow of ETS 5). */
#include <linnet/credentials.h>
#include <linnet/linnet.h>
#include <linnet/sim.h>

#include "check.h"
#include "dtls/pki.h"
#include "net/net.h"

#define KEY "another-key-16by"
#define CLIENT_ADDRESS "10.0.0.2:5684"
#define HOLD_OFF_S 3600

typedef struct heard {
  unsigned counts[32];  /* of events, by kind */
  linnet_status status; /* of the last that ended in something else than success */
  linnet_cause cause;
  char text[256];
} heard;

typedef struct scene {
  linnet_world *world;
  linnet_loop *client_loop, *bootstrap_loop;
  linnet_transport *client_transport, *bootstrap_transport;
  linnet_credentials *credentials;
  linnet_client *client;
  linnet_bootstrap *bootstrap;
  heard client_heard, bootstrap_heard;
} scene;

static linnet_transport *secure_transport(scene *s, linnet_loop *loop, const char *address,
                                          linnet_credentials *credentials) {
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_transport_secure(transport, credentials), LINNET_OK);
  CHECK_EQUAL(linnet_world_attach(s->world, transport, address), LINNET_OK);
  return transport;
}

static void add(linnet_batch *batch, uint16_t object, uint16_t instance, uint16_t resource,
                linnet_value value) {
  CHECK_EQUAL(linnet_batch_add(batch, linnet_path_resource(object, instance, resource), &value), LINNET_OK);
}

/* The account of a server on coap that is not there. */
static void configure(scene *s) {
  linnet_batch *batch = linnet_batch_new(s->bootstrap_loop);
  add(batch, 0, 1, 0, linnet_value_string("coap://10.0.0.99"));
  add(batch, 0, 1, 1, linnet_value_boolean(false));
  add(batch, 0, 1, 2, linnet_value_integer(3));
  for (uint16_t i = 3; i <= 5; i++) add(batch, 0, 1, i, linnet_value_opaque("", 0));
  add(batch, 0, 1, 10, linnet_value_integer(101));
  add(batch, 1, 0, 0, linnet_value_integer(101));
  add(batch, 1, 0, 1, linnet_value_integer(300));
  add(batch, 1, 0, 6, linnet_value_boolean(true));
  add(batch, 1, 0, 7, linnet_value_string("U"));
  linnet_configuration *configuration = linnet_configuration_new(linnet_bootstrap_model(s->bootstrap));
  CHECK_EQUAL(linnet_configuration_delete(configuration, linnet_path_root()), LINNET_OK);
  CHECK_EQUAL(linnet_configuration_write(configuration, linnet_path_root(), batch, LINNET_FORMAT_NONE),
              LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configure(s->bootstrap, "kitchen", configuration), LINNET_OK);
  linnet_configuration_unref(configuration);
  linnet_batch_unref(batch);
}

static void scene_begin(scene *s, uint64_t seed, const char *uri) {
  memset(s, 0, sizeof *s);
  s->world = linnet_world_new(seed);
  s->bootstrap_loop = linnet_world_add_loop(s->world);
  s->credentials = linnet_credentials_new(s->bootstrap_loop);
  s->bootstrap_transport = secure_transport(s, s->bootstrap_loop, "10.0.0.1:5684", s->credentials);
  s->bootstrap = linnet_bootstrap_new(s->bootstrap_loop, NULL);
  CHECK_EQUAL(linnet_bootstrap_add_transport(s->bootstrap, s->bootstrap_transport), LINNET_OK);
  CHECK_EQUAL(linnet_world_name(s->world, "server.example", "10.0.0.1:5684"), LINNET_OK);
  configure(s);
  s->client_loop = linnet_world_add_loop(s->world);
  s->client_transport = secure_transport(s, s->client_loop, CLIENT_ADDRESS, NULL);
  s->client = linnet_client_new(s->client_loop, "kitchen", NULL);
  CHECK_EQUAL(linnet_client_add_transport(s->client, s->client_transport), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s->client, uri, HOLD_OFF_S), LINNET_OK);
}

static void scene_end(scene *s) {
  linnet_client_unref(s->client);
  linnet_bootstrap_unref(s->bootstrap);
  linnet_credentials_unref(s->credentials);
  linnet_transport_unref(s->client_transport);
  linnet_transport_unref(s->bootstrap_transport);
  linnet_world_unref(s->world);
}

static void note(linnet_loop *loop, heard *heard) {
  linnet_event *event;
  while ((event = linnet_loop_next_event(loop)) != NULL) {
    heard->counts[linnet_event_get_kind(event)]++;
    if (linnet_event_status(event) == LINNET_OK) continue;
    heard->status = linnet_event_status(event);
    heard->cause = linnet_event_cause(event);
    snprintf(heard->text, sizeof heard->text, "%s", linnet_event_text(event));
  }
}

static void pass_s(scene *s, uint64_t seconds) {
  linnet_world_advance(s->world, linnet_world_now(s->world) + 1000 * seconds);
  note(s->client_loop, &s->client_heard);
  note(s->bootstrap_loop, &s->bootstrap_heard);
}

static linnet_status begin_by_itself(scene *s) {
  linnet_address device;
  CHECK_EQUAL(linnet_address_parse(&device, CLIENT_ADDRESS), LINNET_OK);
  return linnet_bootstrap_start(s->bootstrap, "kitchen", &device, NULL);
}

static void start(scene *s) {
  CHECK_EQUAL(linnet_client_start(s->client), LINNET_OK);
  pass_s(s, 1);
  CHECK_EQUAL(begin_by_itself(s), LINNET_OK);
  pass_s(s, 20);
}

static void check_bootstrapped(scene *s) {
  CHECK_EQUAL(s->bootstrap_heard.counts[LINNET_EVENT_BOOTSTRAP_FINISHED], 1);
  CHECK_EQUAL(s->bootstrap_heard.status, LINNET_OK);
  CHECK_EQUAL(s->client_heard.counts[LINNET_EVENT_BOOTSTRAP_STARTED], 1);
  CHECK_EQUAL(s->client_heard.counts[LINNET_EVENT_BOOTSTRAP_FINISHED], 1);
  CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s->client, 1)), 1);
  /* BS-03: a session of its own, and over with it */
  CHECK_EQUAL(linnet__transport_sessions(s->client_transport)->sessions, 0);
  CHECK_EQUAL(linnet__transport_sessions(s->bootstrap_transport)->sessions, 0);
}

static void check_refused(scene *s, linnet_cause cause) {
  CHECK_EQUAL(s->bootstrap_heard.counts[LINNET_EVENT_BOOTSTRAP_FINISHED], 1);
  CHECK_EQUAL(s->bootstrap_heard.status, LINNET_ERROR_SECURITY);
  CHECK_EQUAL(s->bootstrap_heard.cause, cause);
  CHECK(strstr(s->bootstrap_heard.text, linnet_cause_text(cause)) != NULL);
  CHECK_EQUAL(s->client_heard.counts[LINNET_EVENT_BOOTSTRAP_STARTED], 0);
  CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s->client, 1)), 0);
}

/* ---- pre-shared keys ----------------------------------------------------------------------------- */

static void add_psk(scene *s, const char *endpoint, const char *identity, const char *key) {
  CHECK_EQUAL(
      linnet_credentials_add_psk(s->credentials, endpoint, identity, strlen(identity), key, strlen(key)),
      LINNET_OK);
}

static void set_psk(scene *s, const char *identity, const char *key) {
  CHECK_EQUAL(linnet_client_set_psk(s->client, LINNET_BOOTSTRAP_ACCOUNT, identity, strlen(identity), key,
                                    strlen(key)),
              LINNET_OK);
}

static void is_bootstrapped_with_a_key(void) { /* ETS 5 on coaps */
  scene s;
  scene_begin(&s, 1, "coaps://server.example");
  add_psk(&s, "cellar", "cellar", "0123456789abcdef"); /* not the only device */
  add_psk(&s, "kitchen", "factory", KEY);
  set_psk(&s, "factory", KEY);
  start(&s);
  check_bootstrapped(&s);
  scene_end(&s);
}

static void is_bootstrapped_again_and_again(void) {
  scene s;
  scene_begin(&s, 2, "coaps://10.0.0.1");
  add_psk(&s, "kitchen", "factory", KEY);
  set_psk(&s, "factory", KEY);
  start(&s);
  check_bootstrapped(&s);
  for (unsigned round = 2; round <= 3; round++) {
    CHECK_EQUAL(begin_by_itself(&s), LINNET_OK);
    pass_s(&s, 20);
    CHECK_EQUAL(s.client_heard.counts[LINNET_EVENT_BOOTSTRAP_FINISHED], round);
  }
  scene_end(&s);
}

/* Over the session that the device began to ask. */
static void uses_the_session_that_is_there(void) {
  scene s;
  scene_begin(&s, 3, "coaps://10.0.0.1");
  add_psk(&s, "kitchen", "factory", KEY);
  set_psk(&s, "factory", KEY);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  pass_s(&s, HOLD_OFF_S + 20);
  CHECK_EQUAL(s.client_heard.counts[LINNET_EVENT_BOOTSTRAP_FINISHED], 1);
  CHECK_EQUAL(begin_by_itself(&s), LINNET_OK);
  pass_s(&s, 20);
  CHECK_EQUAL(s.client_heard.counts[LINNET_EVENT_BOOTSTRAP_FINISHED], 2);
  CHECK_EQUAL(s.bootstrap_heard.status, LINNET_OK);
  scene_end(&s);
}

static void refuses_another_key(void) {
  static const struct {
    const char *identity, *key;
    linnet_cause at_device, at_server;
  } rows[] = {
      {"stranger", KEY, LINNET_CAUSE_UNKNOWN_IDENTITY, LINNET_CAUSE_UNKNOWN_IDENTITY},
      {"factory", "0123456789abcdef", LINNET_CAUSE_WRONG_KEY, LINNET_CAUSE_WRONG_KEY},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    scene s;
    scene_begin(&s, 4 + i, "coaps://10.0.0.1");
    add_psk(&s, "kitchen", rows[i].identity, rows[i].key);
    set_psk(&s, "factory", KEY);
    start(&s);
    check_refused(&s, rows[i].at_server);
    CHECK_EQUAL(s.client_heard.counts[LINNET_EVENT_ERROR], 1);
    CHECK_EQUAL(s.client_heard.cause, rows[i].at_device);
    scene_end(&s);
  }
}

static void begins_with_nobody_without_keys(void) {
  scene s;
  scene_begin(&s, 6, "coaps://10.0.0.1");
  add_psk(&s, "cellar", "cellar", KEY);
  CHECK_EQUAL(begin_by_itself(&s), LINNET_ERROR_WRONG_STATE);
  CHECK(strstr(linnet_error_text(s.bootstrap_loop), "on coaps there are no keys for it") != NULL);
  scene_end(&s);
}

/* A client that has no such account answers no handshakes; nor one whose account is another now. */
static void answers_nobody_else(void) {
  scene s;
  scene_begin(&s, 7, "coaps://10.0.0.1");
  add_psk(&s, "kitchen", "factory", KEY);
  set_psk(&s, "factory", KEY);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  pass_s(&s, 1);
  CHECK_EQUAL(linnet_object_remove_instance(linnet_client_object(s.client, 0), 0), LINNET_OK);
  pass_s(&s, 1);
  CHECK_EQUAL(begin_by_itself(&s), LINNET_OK);
  pass_s(&s, 300);
  check_refused(&s, LINNET_CAUSE_TIMED_OUT);
  CHECK_EQUAL(linnet__transport_sessions(s.client_transport)->cookies, 0);
  scene_end(&s);
}

static void ends_when_its_key_is_removed(void) {
  scene s;
  scene_begin(&s, 8, "coaps://10.0.0.1");
  add_psk(&s, "kitchen", "factory", KEY);
  set_psk(&s, "factory", KEY);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  pass_s(&s, 1);
  CHECK_EQUAL(begin_by_itself(&s), LINNET_OK);
  linnet_world_advance(s.world, linnet_world_now(s.world) + 10); /* the handshake is under way, or over */
  CHECK_EQUAL(linnet_credentials_remove(s.credentials, "kitchen"), LINNET_OK);
  pass_s(&s, 600);
  CHECK_EQUAL(s.bootstrap_heard.counts[LINNET_EVENT_BOOTSTRAP_FINISHED], 1);
  CHECK_EQUAL(linnet__transport_sessions(s.bootstrap_transport)->sessions, 0);
  scene_end(&s);
}

/* ---- certificates -------------------------------------------------------------------------------- */

static void shows(scene *s, const char *certificate, const char *key) {
  CHECK_EQUAL(
      linnet_credentials_set_certificate(s->credentials, certificate, strlen(certificate), key, strlen(key)),
      LINNET_OK);
}

static void device_shows(scene *s, const char *certificate, const char *key, const char *server) {
  CHECK_EQUAL(linnet_client_set_certificate(s->client, LINNET_BOOTSTRAP_ACCOUNT, certificate,
                                            strlen(certificate), key, strlen(key), server, strlen(server)),
              LINNET_OK);
}

static void trust(scene *s) {
  CHECK_EQUAL(linnet_credentials_add_trust(s->credentials, authority_pem, strlen(authority_pem)), LINNET_OK);
}

static void is_bootstrapped_with_certificates(void) {
  static const struct {
    const char *uri, *server; /* what the device has of it: an authority, or its certificate */
  } rows[] = {{"coaps://server.example", authority_pem},
              {"coaps://10.0.0.1", authority_pem},
              {"coaps://another.example", server_pem}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    scene s;
    scene_begin(&s, 10 + i, rows[i].uri);
    trust(&s);
    shows(&s, server_pem, server_key);
    device_shows(&s, kitchen_pem, kitchen_key, rows[i].server);
    start(&s);
    check_bootstrapped(&s);
    scene_end(&s);
  }
}

static void refuses_a_certificate_of_another_host(void) { /* BS-04: URI and certificate agree */
  scene s;
  scene_begin(&s, 14, "coaps://server.example");
  trust(&s);
  shows(&s, wrong_host_pem, wrong_host_key);
  device_shows(&s, kitchen_pem, kitchen_key, authority_pem);
  start(&s);
  CHECK_EQUAL(s.client_heard.cause, LINNET_CAUSE_WRONG_HOST);
  CHECK_EQUAL(s.bootstrap_heard.status, LINNET_ERROR_SECURITY);
  CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 1)), 0);
  scene_end(&s);
}

static void refuses_the_certificate_of_another_device(void) { /* SEC-05 */
  scene s;
  scene_begin(&s, 15, "coaps://server.example");
  trust(&s);
  shows(&s, server_pem, server_key);
  device_shows(&s, common_name_pem, common_name_key, authority_pem); /* of "server.example" */
  start(&s);
  check_refused(&s, LINNET_CAUSE_WRONG_HOST);
  scene_end(&s);
}

int main(void) {
  if (strcmp(linnet_dtls_backend(), "none") == 0) {
    printf("skipped: this build has no DTLS\n");
    return 0;
  }
  return RUN(is_bootstrapped_with_a_key, is_bootstrapped_again_and_again, uses_the_session_that_is_there,
             refuses_another_key, begins_with_nobody_without_keys, answers_nobody_else,
             ends_when_its_key_is_removed, is_bootstrapped_with_certificates,
             refuses_a_certificate_of_another_host, refuses_the_certificate_of_another_device);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sms_bootstrap_test.c: accounts of servers that are reached by SMS, given over UDP (SMS-17), and a bootstrap
 * server that is itself reached by SMS (BS-04, BS-11; sms.md SMS-14, SMS-16, SMS-31, SMS-32).
 */
#include "sms_world.h"

#define BOOTSTRAP_NUMBER "15550122"
#define BOOTSTRAP_UDP "10.0.0.9:5683"
#define SHORT_SERVER_ID 101

static const uint8_t parameters[] = {0x12, 0x12, 0x16, 0x01, 0xb2, 0x02, 0x03};
static const uint8_t packet_keys[] = "0123456789abcdeffedcba9876543210";

typedef struct scene {
  sms_world w;
  sms_side side; /* of the bootstrap server */
  linnet_bootstrap *bootstrap;
  linnet_credentials *credentials;
} scene;

/* A server that is there for SMS alone, and a bootstrap server beside it. */
static void begin(scene *s, uint64_t seed) {
  memset(s, 0, sizeof *s);
  sms_begin(&s->w, seed);
  s->side.loop = linnet_world_add_loop(s->w.world);
  s->bootstrap = linnet_bootstrap_new(s->side.loop, NULL);
}

static void add_client(scene *s) {
  sms_side *side = &s->w.at_client;
  s->w.client = linnet_client_new(side->loop, "kitchen", NULL);
  sms_plug(&s->w, side->sms, CLIENT_NUMBER);
  if (side->udp != NULL) CHECK_EQUAL(linnet_client_add_transport(s->w.client, side->udp), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_transport(s->w.client, side->sms), LINNET_OK);
  CHECK_EQUAL(linnet_client_set_sms_number(s->w.client, CLIENT_NUMBER), LINNET_OK);
}

static void reach_bootstrap_by_udp(scene *s) {
  s->w.at_client.udp = sms_udp(&s->w, s->w.at_client.loop, CLIENT_UDP);
  s->side.udp = sms_udp(&s->w, s->side.loop, BOOTSTRAP_UDP);
  CHECK_EQUAL(linnet_bootstrap_add_transport(s->bootstrap, s->side.udp), LINNET_OK);
}

static void reach_bootstrap_by_sms(scene *s) {
  if (s->side.sms == NULL) s->side.sms = sms_phone(&s->w, s->side.loop);
  sms_plug(&s->w, s->side.sms, BOOTSTRAP_NUMBER);
  CHECK_EQUAL(linnet_bootstrap_add_transport(s->bootstrap, s->side.sms), LINNET_OK);
}

static void end(scene *s) {
  linnet_bootstrap_unref(s->bootstrap);
  linnet_credentials_unref(s->credentials);
  if (s->side.sms != NULL) linnet_transport_unref(s->side.sms);
  if (s->side.udp != NULL) linnet_transport_unref(s->side.udp);
  sms_end(&s->w);
}

static void add(linnet_batch *batch, uint16_t object, uint16_t resource, linnet_value value) {
  uint16_t instance = object == 0 ? 1 : 0; /* /0/0 is the account of the bootstrap server */
  CHECK_EQUAL(linnet_batch_add(batch, linnet_path_resource(object, instance, resource), &value), LINNET_OK);
}

/* The account of the server: /0/1/6 to 10 say how it is reached by SMS. */
static linnet_batch *account_by_sms(scene *s, linnet_sms_security mode, const void *given,
                                    size_t given_length, const char *key, size_t key_length) {
  linnet_batch *batch = linnet_batch_new(s->side.loop);
  add(batch, 0, 0, linnet_value_string("tel:+" SERVER_NUMBER));
  add(batch, 0, 1, linnet_value_boolean(false));
  add(batch, 0, 2, linnet_value_integer(3));
  add(batch, 0, 3, linnet_value_opaque("", 0));
  add(batch, 0, 4, linnet_value_opaque("", 0));
  add(batch, 0, 5, linnet_value_opaque("", 0));
  add(batch, 0, 6, linnet_value_integer(mode));
  if (given_length > 0) add(batch, 0, 7, linnet_value_opaque(given, given_length));
  if (key_length > 0) add(batch, 0, 8, linnet_value_opaque(key, key_length));
  add(batch, 0, 9, linnet_value_string(SERVER_NUMBER));
  add(batch, 0, 10, linnet_value_integer(SHORT_SERVER_ID));
  add(batch, 1, 0, linnet_value_integer(SHORT_SERVER_ID));
  add(batch, 1, 1, linnet_value_integer(86400));
  add(batch, 1, 6, linnet_value_boolean(true));
  add(batch, 1, 7, linnet_value_string("S"));
  return batch;
}

static void configure(scene *s, linnet_batch *batch) {
  linnet_configuration *configuration = linnet_configuration_new(linnet_bootstrap_model(s->bootstrap));
  CHECK_EQUAL(linnet_configuration_delete(configuration, linnet_path_root()), LINNET_OK);
  CHECK_EQUAL(linnet_configuration_write(configuration, linnet_path_root(), batch, LINNET_FORMAT_NONE),
              LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configure(s->bootstrap, "kitchen", configuration), LINNET_OK);
  linnet_configuration_unref(configuration);
  linnet_batch_unref(batch);
}

static void start(scene *s, const char *uri) {
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s->w.client, uri, 0), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s->w.client), LINNET_OK);
}

static void pass(scene *s, unsigned seconds) {
  sms_pass(&s->w, seconds);
  sms_drain(&s->w, &s->side);
}

static bool is_registered(const scene *s) {
  return linnet_client_get_state(s->w.client, SHORT_SERVER_ID) == LINNET_CLIENT_REGISTERED &&
         sms_registration(&s->w) != 0;
}

static void all_by_sms(const scene *s) {
  CHECK(s->w.count <= SEEN_MOST);
  for (size_t i = 0; i < s->w.count; i++) CHECK(s->w.seen[i].sms);
}

static void is_given_servers_by_sms_over_udp_SMS_17(void) {
  scene s;
  begin(&s, 51);
  sms_add_server(&s.w);
  reach_bootstrap_by_udp(&s);
  add_client(&s);
  configure(&s, account_by_sms(&s, LINNET_SMS_UNSECURED, "", 0, "", 0));
  start(&s, "coap://" BOOTSTRAP_UDP);
  pass(&s, 60);
  CHECK(is_registered(&s));
  CHECK_EQUAL(sms_read(&s.w, "/3/0/16", 60), LINNET_OK);
  linnet_value number;
  CHECK_EQUAL(linnet_object_get(linnet_client_object(s.w.client, 0), linnet_path_resource(0, 1, 9), &number),
              LINNET_OK);
  CHECK_BYTES(number.as.bytes.data, number.as.bytes.length, SERVER_NUMBER, strlen(SERVER_NUMBER));
  end(&s);
}

/* With the keys that came over UDP: DTLS, with those of resources 7 and 8. */
static void is_given_keys_for_sms_SMS_31(void) {
  scene s;
  begin(&s, 52);
  s.w.credentials = linnet_credentials_new(s.w.at_server.loop);
  CHECK_EQUAL(linnet_credentials_add_psk(s.w.credentials, "kitchen", "phones", 6, KEY, 16), LINNET_OK);
  CHECK_EQUAL(linnet_transport_secure(s.w.at_server.sms, s.w.credentials), LINNET_OK);
  CHECK_EQUAL(linnet_transport_secure(s.w.at_client.sms, NULL), LINNET_OK);
  sms_add_server(&s.w);
  reach_bootstrap_by_udp(&s);
  add_client(&s);
  configure(&s, account_by_sms(&s, LINNET_SMS_DTLS, "phones", 6, KEY, 16));
  start(&s, "coap://" BOOTSTRAP_UDP);
  pass(&s, 120);
  CHECK(is_registered(&s));
  CHECK_EQUAL(sms_read(&s.w, "/3/0/16", 60), LINNET_OK);
  CHECK_EQUAL(sms_last(&s.w, true).data[0], 23); /* a record */
  end(&s);
}

static void is_given_keys_for_packets_SMS_32(void) {
  scene s;
  linnet_address client;
  begin(&s, 53);
  CHECK_EQUAL(linnet_address_parse(&client, "sms:+" CLIENT_NUMBER), LINNET_OK);
  CHECK_EQUAL(linnet_transport_add_secured(s.w.at_server.sms), LINNET_OK);
  CHECK_EQUAL(linnet_transport_set_secured_keys(s.w.at_server.sms, &client, parameters, 7, packet_keys, 32),
              LINNET_OK);
  CHECK_EQUAL(linnet_transport_add_secured(s.w.at_client.sms), LINNET_OK);
  sms_add_server(&s.w);
  reach_bootstrap_by_udp(&s);
  add_client(&s);
  configure(&s, account_by_sms(&s, LINNET_SMS_SECURED_PACKETS, parameters, 7, (const char *)packet_keys, 32));
  start(&s, "coap://" BOOTSTRAP_UDP);
  pass(&s, 120);
  CHECK(is_registered(&s));
  CHECK_EQUAL(sms_read(&s.w, "/3/0/16", 60), LINNET_OK);
  end(&s);
}

/* SMS-14: its URI is a number, so all of it goes by SMS, and so does what it leads to. */
static void is_bootstrapped_by_sms_SMS_14(void) {
  scene s;
  begin(&s, 54);
  CHECK_EQUAL(linnet_world_set(s.w.world, NULL, LINNET_WORLD_DELAY_MS, 5000), LINNET_OK);
  sms_add_server(&s.w);
  reach_bootstrap_by_sms(&s);
  add_client(&s);
  configure(&s, account_by_sms(&s, LINNET_SMS_UNSECURED, "", 0, "", 0));
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s.w.client, "sms:bank", 0), LINNET_ERROR_INVALID_ARGUMENT);
  start(&s, "sms:+" BOOTSTRAP_NUMBER);
  pass(&s, 300);
  CHECK(is_registered(&s));
  CHECK_EQUAL(s.side.counts[LINNET_EVENT_BOOTSTRAP_FINISHED], 1);
  CHECK_EQUAL(s.w.at_client.counts[LINNET_EVENT_BOOTSTRAP_FINISHED], 1);
  all_by_sms(&s);
  end(&s);
}

/* BS-03: a session of its own, with its own key. */
static void is_bootstrapped_by_sms_in_a_session_of_dtls_BS_03(void) {
  scene s;
  begin(&s, 55);
  s.credentials = linnet_credentials_new(s.side.loop);
  s.w.credentials = linnet_credentials_new(s.w.at_server.loop);
  CHECK_EQUAL(linnet_credentials_add_psk(s.credentials, "kitchen", "first", 5, "fedcba9876543210", 16),
              LINNET_OK);
  CHECK_EQUAL(linnet_credentials_add_psk(s.w.credentials, "kitchen", "phones", 6, KEY, 16), LINNET_OK);
  s.side.sms = sms_phone(&s.w, s.side.loop);
  CHECK_EQUAL(linnet_transport_secure(s.side.sms, s.credentials), LINNET_OK);
  CHECK_EQUAL(linnet_transport_secure(s.w.at_server.sms, s.w.credentials), LINNET_OK);
  CHECK_EQUAL(linnet_transport_secure(s.w.at_client.sms, NULL), LINNET_OK);
  sms_add_server(&s.w);
  reach_bootstrap_by_sms(&s);
  add_client(&s);
  configure(&s, account_by_sms(&s, LINNET_SMS_DTLS, "phones", 6, KEY, 16));
  CHECK_EQUAL(linnet_client_set_sms_security(s.w.client, LINNET_BOOTSTRAP_ACCOUNT, LINNET_SMS_DTLS, "first",
                                             5, "fedcba9876543210", 16),
              LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s.w.client, "sms:+" BOOTSTRAP_NUMBER, 0), LINNET_OK);
  CHECK_EQUAL(linnet_client_set_sms_security(s.w.client, LINNET_BOOTSTRAP_ACCOUNT, LINNET_SMS_DTLS, "first",
                                             5, "fedcba9876543210", 16),
              LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s.w.client), LINNET_OK);
  pass(&s, 300);
  CHECK(is_registered(&s));
  all_by_sms(&s);
  for (size_t i = 0; i < s.w.count; i++) {
    linnet_sms sms;
    CHECK_EQUAL(linnet_sms_parse(&sms, s.w.seen[i].data, s.w.seen[i].length), LINNET_OK);
    CHECK(sms.data[0] >= 20 && sms.data[0] <= 23); /* records and nothing else */
  }
  end(&s);
}

/* BS-04: known by its number, it may begin by itself; others may not (SMS-05). */
static void is_bootstrapped_by_sms_unasked_BS_04(void) {
  scene s;
  linnet_address client;
  begin(&s, 56);
  sms_add_server(&s.w);
  reach_bootstrap_by_sms(&s);
  add_client(&s);
  configure(&s, account_by_sms(&s, LINNET_SMS_UNSECURED, "", 0, "", 0));
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s.w.client, "sms:+" BOOTSTRAP_NUMBER, 100000), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s.w.client), LINNET_OK);
  pass(&s, 10);
  size_t before = s.w.count;
  sms_arrives(s.w.at_client.sms, "+15550199", "4004 0001 B130"); /* Delete /0, of a stranger */
  pass(&s, 10);
  CHECK_EQUAL(s.w.count, before);
  CHECK_EQUAL(linnet_address_parse(&client, "sms:+" CLIENT_NUMBER), LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_start(s.bootstrap, "kitchen", &client, NULL), LINNET_OK);
  pass(&s, 120);
  CHECK(is_registered(&s));
  CHECK_EQUAL(s.side.counts[LINNET_EVENT_BOOTSTRAP_FINISHED], 1);
  all_by_sms(&s);
  end(&s);
}

/* BS-11 with the times of SMS: a command may take minutes; who hears none for twice as long gives up
 * (SMS-16). */
static void is_patient_by_sms_SMS_16(void) {
  scene s;
  begin(&s, 57);
  CHECK_EQUAL(linnet_world_set(s.w.world, NULL, LINNET_WORLD_DELAY_MS, 5000), LINNET_OK);
  sms_add_server(&s.w);
  reach_bootstrap_by_sms(&s);
  add_client(&s);
  configure(&s, account_by_sms(&s, LINNET_SMS_UNSECURED, "", 0, "", 0));
  start(&s, "sms:+" BOOTSTRAP_NUMBER);
  pass(&s, 0);
  for (unsigned i = 0; i < 60 && s.w.count < 2; i++) pass(&s, 1);
  CHECK_EQUAL(linnet_world_set(s.w.world, s.w.at_client.sms, LINNET_WORLD_DOWN, 1), LINNET_OK);
  pass(&s, 280);
  CHECK_EQUAL(s.w.at_client.counts[LINNET_EVENT_BOOTSTRAP_FINISHED], 0); /* over UDP it would be over */
  CHECK_EQUAL(linnet_world_set(s.w.world, s.w.at_client.sms, LINNET_WORLD_DOWN, 0), LINNET_OK);
  pass(&s, 300);
  CHECK(is_registered(&s));
  end(&s);
}

static void gives_up_where_no_short_message_comes_back_BS_11(void) {
  scene s;
  begin(&s, 58);
  sms_add_server(&s.w);
  reach_bootstrap_by_sms(&s);
  add_client(&s);
  configure(&s, account_by_sms(&s, LINNET_SMS_UNSECURED, "", 0, "", 0));
  CHECK_EQUAL(linnet_world_set(s.w.world, s.side.sms, LINNET_WORLD_LOSS, 1000), LINNET_OK);
  start(&s, "sms:+" BOOTSTRAP_NUMBER);
  pass(&s, 310);
  CHECK_EQUAL(s.w.at_client.counts[LINNET_EVENT_BOOTSTRAP_FINISHED], 1);
  CHECK(strstr(s.w.at_client.text, "sms:+" BOOTSTRAP_NUMBER) != NULL);
  CHECK_EQUAL(linnet_world_set(s.w.world, s.side.sms, LINNET_WORLD_LOSS, 0), LINNET_OK);
  pass(&s, 600);
  CHECK(is_registered(&s)); /* BS-12: it asked again */
  end(&s);
}

int main(void) {
  if (!sms_can_secure()) return RUN(is_given_servers_by_sms_over_udp_SMS_17, is_bootstrapped_by_sms_SMS_14);
  return RUN(is_given_servers_by_sms_over_udp_SMS_17, is_given_keys_for_sms_SMS_31,
             is_given_keys_for_packets_SMS_32, is_bootstrapped_by_sms_SMS_14,
             is_bootstrapped_by_sms_in_a_session_of_dtls_BS_03, is_bootstrapped_by_sms_unasked_BS_04,
             is_patient_by_sms_SMS_16, gives_up_where_no_short_message_comes_back_BS_11);
}

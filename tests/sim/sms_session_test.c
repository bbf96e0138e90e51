/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sms_session_test.c: DTLS by SMS: what a record leaves, which suite and which key; and the session beside a
 * registration over UDP through which a device is triggered (SEC-03; sms.md SMS-13, SMS-20, SMS-30, SMS-31,
 * SMS-33).
 */
#include "net/net.h"
#include "sms_world.h"

#define OTHER_KEY "fedcba9876543210"

static linnet_credentials *credentials_of(sms_world *w) {
  if (w->credentials == NULL) w->credentials = linnet_credentials_new(w->at_server.loop);
  return w->credentials;
}

static void let_in(sms_world *w, const char *identity, const char *key) {
  CHECK_EQUAL(linnet_credentials_add_psk(credentials_of(w), "kitchen", identity, strlen(identity), key, 16),
              LINNET_OK);
}

static void set_security(sms_world *w, const char *identity, const char *key) {
  CHECK_EQUAL(linnet_client_set_sms_security(w->client, 1, LINNET_SMS_DTLS, identity, strlen(identity), key,
                                             strlen(key)),
              LINNET_OK);
}

/* The phones of both are secured. */
static void secure_phones(sms_world *w) {
  CHECK_EQUAL(linnet_transport_secure(w->at_server.sms, credentials_of(w)), LINNET_OK);
  CHECK_EQUAL(linnet_transport_secure(w->at_client.sms, NULL), LINNET_OK);
}

/* SMS alone, secured by DTLS. */
static void begin_by_sms(sms_world *w, const char *identity, const char *key) {
  sms_begin(w, 41);
  let_in(w, identity, key);
  secure_phones(w);
  sms_add_server(w);
  sms_add_client(w, "S");
}

static void start(sms_world *w) {
  CHECK_EQUAL(linnet_client_start(w->client), LINNET_OK);
  sms_pass(w, 60);
}

static bool is_registered(const sms_world *w) {
  return linnet_client_get_state(w->client, 1) == LINNET_CLIENT_REGISTERED;
}

/* 140 octets, less 13 of the record, 8 of nonce, 8 of the tag; then 4 of CoAP, and up to 8 of token. */
static void a_record_leaves_111_octets_SMS_30(void) {
  sms_world w;
  begin_by_sms(&w, "kitchen", KEY);
  CHECK_EQUAL(linnet__transport_room(w.at_client.sms), 107 + 4);
  set_security(&w, "kitchen", KEY);
  start(&w);
  CHECK(is_registered(&w));
  bool hello = false;
  CHECK(w.count <= SEEN_MOST);
  for (size_t i = 0; i < w.count; i++) {
    linnet_sms sms;
    CHECK_EQUAL(linnet_sms_parse(&sms, w.seen[i].data, w.seen[i].length), LINNET_OK);
    CHECK(sms.length <= 140 && sms.data[0] >= 20 && sms.data[0] <= 23);
    CHECK_EQUAL(sms.data[1], 254);
    CHECK_EQUAL(sms.data[2], 253); /* DTLS 1.2 */
    if (sms.data[0] != 22 || sms.data[13] != 2) continue;
    hello = true; /* ServerHello: version, random, session id, suite */
    size_t at = 25 + 2 + 32;
    at += 1u + sms.data[at];
    CHECK_EQUAL(sms.data[at], 0xc0);
    CHECK_EQUAL(sms.data[at + 1], 0xa8); /* TLS_PSK_WITH_AES_128_CCM_8 */
  }
  CHECK(hello);
  sms_end(&w);
}

/* What is lost is sent again, but not before a minute has passed. */
static void a_lost_flight_is_sent_again_after_a_minute_SMS_33(void) {
  sms_world w;
  begin_by_sms(&w, "kitchen", KEY);
  set_security(&w, "kitchen", KEY);
  CHECK_EQUAL(linnet_world_set(w.world, w.at_client.sms, LINNET_WORLD_LOSS, 1000), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(w.client), LINNET_OK);
  sms_pass(&w, 59);
  CHECK_EQUAL(w.count, 1);
  CHECK_EQUAL(linnet_world_set(w.world, w.at_client.sms, LINNET_WORLD_LOSS, 0), LINNET_OK);
  sms_pass(&w, 30);
  CHECK(is_registered(&w));
  sms_end(&w);
}

/* AMB-30: resources 7 and 8 if both are there, else 3 and 5. */
static void takes_the_key_of_sms_before_that_of_udp_SMS_31(void) {
  sms_world w;
  begin_by_sms(&w, "phones", OTHER_KEY);
  set_security(&w, "kitchen", KEY); /* 3 and 5, as the account has no other transport */
  linnet_value parameters = linnet_value_opaque("phones", 6), key = linnet_value_opaque(OTHER_KEY, 16);
  CHECK_EQUAL(linnet_client_set(w.client, linnet_path_resource(0, 0, 7), &parameters), LINNET_OK);
  start(&w);
  CHECK(!is_registered(&w)); /* one alone does not count */
  CHECK_EQUAL(linnet_client_set(w.client, linnet_path_resource(0, 0, 8), &key), LINNET_OK);
  CHECK_EQUAL(linnet_client_register_anew(w.client, 1), LINNET_OK);
  sms_pass(&w, 60);
  CHECK(is_registered(&w));
  CHECK_EQUAL(sms_read(&w, "/3/0/16", 60), LINNET_OK);
  sms_end(&w);
}

/* ---- beside a registration over UDP -------------------------------------------------------------- */

/* UQS on coaps, short messages with the same key. */
static void begin_beside(sms_world *w, const char *binding) {
  sms_begin(w, 42);
  sms_secure_udp(w);
  secure_phones(w);
  sms_add_server(w);
  sms_add_client(w, binding);
  sms_set_psk(w);
  CHECK_EQUAL(linnet_client_set_sms_security(w->client, 1, LINNET_SMS_DTLS, NULL, 0, NULL, 0), LINNET_OK);
}

static size_t messages_by_sms(const sms_world *w, size_t since) {
  size_t count = 0;
  CHECK(w->count - since <= SEEN_MOST);
  for (size_t i = since; i < w->count; i++) count += w->seen[i % SEEN_MOST].sms;
  return count;
}

/* SEC-03: the device begins it, so it is there when the server has something to say. */
static void a_sleeping_device_is_triggered_in_its_session_SMS_13(void) {
  sms_world w;
  begin_beside(&w, "UQS");
  start(&w);
  CHECK(is_registered(&w));
  CHECK(messages_by_sms(&w, 0) >= 4); /* a handshake */
  sms_pass(&w, 300);
  CHECK(!linnet_server_is_awake(w.server, sms_registration(&w)));
  size_t before = w.count;
  CHECK_EQUAL(sms_read(&w, "/3/0/16", 60), LINNET_OK); /* over UDP, once it has updated */
  CHECK_EQUAL(messages_by_sms(&w, before), 2);         /* the trigger and its answer */
  CHECK_EQUAL(w.at_client.counts[LINNET_EVENT_UPDATED], 1);
  linnet_server_set_channel(w.server, LINNET_CHANNEL_SMS);
  before = w.count;
  CHECK_EQUAL(sms_read(&w, "/3/0/16", 60), LINNET_OK); /* and by SMS alone: it is as secure */
  CHECK_EQUAL(messages_by_sms(&w, before), w.count - before);
  sms_end(&w);
}

static void the_session_begins_anew_with_each_registration(void) {
  sms_world w;
  begin_beside(&w, "UQS");
  start(&w);
  CHECK_EQUAL(linnet_client_update(w.client, 1), LINNET_OK);
  size_t before = w.count;
  sms_pass(&w, 60);
  CHECK_EQUAL(messages_by_sms(&w, before), 0); /* not with an Update */
  CHECK_EQUAL(linnet_client_register_anew(w.client, 1), LINNET_OK);
  before = w.count;
  sms_pass(&w, 60);
  CHECK(messages_by_sms(&w, before) >= 4);
  CHECK(is_registered(&w));
  CHECK_EQUAL(linnet_client_deregister(w.client, 1), LINNET_OK);
  before = w.count;
  sms_pass(&w, 60);
  CHECK_EQUAL(messages_by_sms(&w, before), 1); /* a good-bye */
  sms_end(&w);
}

/* A server that was started anew knows nothing: what it cannot say waits until the device comes by itself. */
static void without_a_session_there_is_no_trigger(void) {
  sms_world w;
  begin_beside(&w, "UQS");
  CHECK_EQUAL(linnet_world_set(w.world, w.at_client.sms, LINNET_WORLD_DOWN, 1), LINNET_OK);
  start(&w);
  CHECK(is_registered(&w));
  sms_pass(&w, 300);
  size_t before = w.count;
  CHECK_EQUAL(sms_read(&w, "/3/0/16", 60), SMS_STILL_WAITING);
  CHECK_EQUAL(w.count, before); /* nothing in the clear */
  linnet_server_set_channel(w.server, LINNET_CHANNEL_SMS);
  CHECK_EQUAL(sms_read(&w, "/3/0/16", 60), LINNET_ERROR_SECURITY);
  linnet_server_set_channel(w.server, LINNET_CHANNEL_REGISTERED);
  CHECK_EQUAL(linnet_world_set(w.world, w.at_client.sms, LINNET_WORLD_DOWN, 0), LINNET_OK);
  sms_pass(&w, 3600);
  CHECK_EQUAL(linnet_client_update(w.client, 1), LINNET_OK);
  sms_pass(&w, 60);
  CHECK_EQUAL(w.response, LINNET_OK);
  sms_end(&w);
}

static void a_session_that_fails_is_tried_again_and_told(void) {
  sms_world w;
  begin_beside(&w, "UQS");
  CHECK_EQUAL(linnet_world_set(w.world, w.at_server.sms, LINNET_WORLD_LOSS, 1000), LINNET_OK);
  start(&w);
  CHECK(is_registered(&w));
  sms_pass(&w, 1800);
  CHECK(w.at_client.counts[LINNET_EVENT_ERROR] > 0);
  CHECK(strstr(w.at_client.text, "DTLS session of \"kitchen\" with sms:+15550100") != NULL);
  CHECK(is_registered(&w)); /* over UDP all is well */
  CHECK(messages_by_sms(&w, 0) < 40);
  CHECK_EQUAL(linnet_world_set(w.world, w.at_server.sms, LINNET_WORLD_LOSS, 0), LINNET_OK);
  sms_pass(&w, 7200);
  CHECK(!linnet_server_is_awake(w.server, sms_registration(&w)));
  CHECK_EQUAL(sms_read(&w, "/3/0/16", 60), LINNET_OK);
  sms_end(&w);
}

/* SEC-05: a number is only a number; whose session it is decides. */
static void a_session_of_another_device_is_not_its(void) {
  sms_world w;
  sms_begin(&w, 43);
  w.at_server.udp = sms_udp(&w, w.at_server.loop, SERVER_UDP);
  w.at_client.udp = sms_udp(&w, w.at_client.loop, CLIENT_UDP);
  CHECK_EQUAL(linnet_credentials_add_psk(credentials_of(&w), "cellar", "cellar", 6, KEY, 16), LINNET_OK);
  secure_phones(&w);
  sms_add_server(&w);
  sms_add_client(&w, "UQS"); /* "kitchen", over UDP without keys, with the key of the cellar for SMS */
  set_security(&w, "cellar", KEY);
  start(&w);
  CHECK(is_registered(&w));
  sms_pass(&w, 300);
  size_t before = w.count;
  CHECK_EQUAL(sms_read(&w, "/3/0/16", 60), SMS_STILL_WAITING);
  CHECK_EQUAL(w.count, before);
  CHECK_EQUAL(linnet_credentials_add_psk(w.credentials, "kitchen", "cellar", 6, KEY, 16), LINNET_OK);
  CHECK_EQUAL(linnet_client_update(w.client, 1), LINNET_OK);
  sms_pass(&w, 300);
  CHECK_EQUAL(sms_read(&w, "/3/0/16", 60), LINNET_OK);
  sms_end(&w);
}

/* Written by a server: with an S the session begins, without one it ends. */
static void the_session_comes_and_goes_with_the_binding_QUE_11(void) {
  sms_world w;
  begin_beside(&w, "UQ");
  start(&w);
  CHECK(is_registered(&w));
  CHECK_EQUAL(messages_by_sms(&w, 0), 0);
  CHECK_EQUAL(linnet_client_set_binding(w.client, 1, "UQS"), LINNET_OK);
  size_t before = w.count;
  sms_pass(&w, 60);
  CHECK(messages_by_sms(&w, before) >= 4);
  CHECK_EQUAL(linnet_client_set_binding(w.client, 1, "U"), LINNET_OK);
  before = w.count;
  sms_pass(&w, 60);
  CHECK_EQUAL(messages_by_sms(&w, before), 1);
  sms_end(&w);
}

int main(void) {
  if (!sms_can_secure()) return 0;
  return RUN(a_record_leaves_111_octets_SMS_30, a_lost_flight_is_sent_again_after_a_minute_SMS_33,
             takes_the_key_of_sms_before_that_of_udp_SMS_31,
             a_sleeping_device_is_triggered_in_its_session_SMS_13,
             the_session_begins_anew_with_each_registration, without_a_session_there_is_no_trigger,
             a_session_that_fails_is_tried_again_and_told, a_session_of_another_device_is_not_its,
             the_session_comes_and_goes_with_the_binding_QUE_11);
}

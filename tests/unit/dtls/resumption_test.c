/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions that go on where a former one was: SEC-04, REG-10; RFC 5077. */
#include "pki.h"
#include "secure_station.h"

#define WEEK_MS UINT64_C(604800000)

/* What the client keeps. */
static linnet__buffer keep(secure_station *client) {
  linnet__buffer kept;
  linnet_address server = secure_address(SERVER);
  linnet__buffer_init(&kept, client->loop, 65536);
  CHECK_EQUAL(linnet__transport_save_session(client->transport, &server, &kept), LINNET_OK);
  CHECK(kept.length > 48);
  return kept;
}

/* The client loses its session, power and all; a later one knows what it kept. */
static void come_back(secure_pair *pair, const linnet__buffer *kept) {
  linnet__packed former = {kept->data, kept->length, false};
  linnet_address server = secure_address(SERVER);
  linnet__transport_disconnect(pair->client.transport, &server);
  pass_ms(pair->world, 100);
  pair->client.opened = pair->client.resumed = pair->server.opened = pair->server.resumed = 0;
  secure_connect(&pair->client, "server.example", &former);
  pass_ms(pair->world, 1000);
  CHECK_EQUAL(pair->client.opened, 1);
  CHECK_EQUAL(pair->server.opened, 1);
  CHECK_EQUAL(pair->client.resumed, pair->server.resumed);
}

static linnet__buffer begin(secure_pair *pair) {
  secure_connect(&pair->client, "server.example", NULL);
  pass_ms(pair->world, 1000);
  CHECK_EQUAL(pair->client.opened, 1);
  CHECK(!pair->client.news.resumed);
  return keep(&pair->client);
}

static void check_talks(secure_pair *pair) {
  CHECK_EQUAL(secure_say(&pair->client, SERVER, "still"), LINNET_OK);
  pass_ms(pair->world, 100);
  CHECK_BYTES(pair->client.last, pair->client.last_length, "still", 5);
}

static void goes_on_with_a_ticket(void) {
  secure_pair pair;
  pair_add_psk(&pair, 1);
  linnet__buffer kept = begin(&pair);
  come_back(&pair, &kept);
  CHECK_EQUAL(pair.client.resumed, 1);
  CHECK_BYTES(pair.server.identity.name, pair.server.identity.length, "kitchen", 7);
  check_talks(&pair);
  linnet__buffer again = keep(&pair.client);
  come_back(&pair, &again);
  CHECK_EQUAL(pair.client.resumed, 1);
  linnet__buffer_free(&kept);
  linnet__buffer_free(&again);
  pair_leave(&pair);
}

static void goes_on_from_another_address(void) { /* SEC-04, QUE-08 */
  secure_pair pair;
  pair_add_psk(&pair, 2);
  linnet__buffer kept = begin(&pair);
  CHECK_EQUAL(linnet_world_rebind(pair.world, pair.client.transport, "10.0.0.77:1234"), LINNET_OK);
  linnet__packed former = {kept.data, kept.length, false};
  secure_connect(&pair.client, "server.example", &former);
  pass_ms(pair.world, 1000);
  CHECK_EQUAL(pair.client.resumed, 1);
  check_talks(&pair);
  linnet__buffer_free(&kept);
  pair_leave(&pair);
}

static void goes_on_with_certificates(void) {
  secure_pair pair;
  pair_add(&pair, 3);
  CHECK_EQUAL(linnet_credentials_set_certificate(pair.server.credentials, server_pem, strlen(server_pem),
                                                 server_key, strlen(server_key)),
              LINNET_OK);
  CHECK_EQUAL(linnet_credentials_set_certificate(pair.client.credentials, kitchen_pem, strlen(kitchen_pem),
                                                 kitchen_key, strlen(kitchen_key)),
              LINNET_OK);
  linnet_credentials_add_trust(pair.server.credentials, authority_pem, strlen(authority_pem));
  linnet_credentials_add_trust(pair.client.credentials, authority_pem, strlen(authority_pem));
  linnet__buffer kept = begin(&pair);
  come_back(&pair, &kept);
  CHECK_EQUAL(pair.client.resumed, 1);
  CHECK_EQUAL(pair.server.identity.kind, LINNET__IDENTITY_SUBJECT);
  CHECK_BYTES(pair.server.identity.name, pair.server.identity.length, "kitchen", 7);
  check_talks(&pair);
  linnet_credentials_remove_trust(pair.server.credentials);
  linnet_credentials_add_trust(pair.server.credentials, authority_pem, strlen(authority_pem));
  come_back(&pair, &kept); /* the same authority vouches again */
  CHECK_EQUAL(pair.client.resumed, 1);
  linnet_credentials_add_trust(pair.server.credentials, self_signed_pem, strlen(self_signed_pem));
  come_back(&pair, &kept); /* others do now: all is shown anew */
  CHECK_EQUAL(pair.client.resumed, 0);
  linnet__buffer_free(&kept);
  pair_leave(&pair);
}

static void shakes_hands_in_full_when_the_key_is_another_one(void) {
  secure_pair pair;
  pair_add_psk(&pair, 4);
  linnet__buffer kept = begin(&pair);
  secure_psk(&pair.server, "kitchen", "fedcba9876543210");
  secure_psk(&pair.client, "kitchen", "fedcba9876543210");
  pass_ms(pair.world, 1000);
  come_back(&pair, &kept);
  CHECK_EQUAL(pair.client.resumed, 0);
  linnet__buffer_free(&kept);
  pair_leave(&pair);
}

static void shakes_hands_in_full_when_the_ticket_is_old_or_not_genuine(void) {
  secure_pair pair;
  pair_add_psk(&pair, 5);
  linnet__buffer kept = begin(&pair);
  pass_ms(pair.world, WEEK_MS - 10000);
  come_back(&pair, &kept); /* the ticket it got at first */
  CHECK_EQUAL(pair.client.resumed, 1);
  pass_ms(pair.world, 20000);
  come_back(&pair, &kept);
  CHECK_EQUAL(pair.client.resumed, 0);
  linnet__buffer fresh = keep(&pair.client);
  for (size_t i = fresh.length - 40; i < fresh.length - 30; i++) fresh.data[i] ^= 1;
  come_back(&pair, &fresh);
  CHECK_EQUAL(pair.client.resumed, 0);
  check_talks(&pair);
  linnet__buffer_free(&kept);
  linnet__buffer_free(&fresh);
  pair_leave(&pair);
}

/* A server that is started again, with what it had kept of tickets, and another key perhaps. */
static void restart_server(secure_pair *pair, const linnet__buffer *tickets, const char *key) {
  secure_leave(&pair->server);
  linnet_world_remove_loop(pair->world, pair->server.loop);
  secure_add(&pair->server, pair->world, SERVER, true);
  pair->server.echoes = true;
  secure_psk(&pair->server, "kitchen", key);
  if (tickets != NULL)
    CHECK_EQUAL(linnet__transport_restore_tickets(pair->server.transport, tickets->data, tickets->length),
                LINNET_OK);
}

static void goes_on_with_a_server_that_was_started_again(void) {
  static const struct {
    const char *key;
    bool kept;
    unsigned resumed;
  } rows[] = {{"0123456789abcdef", true, 1}, {"0123456789abcdef", false, 0}, {"fedcba9876543210", true, 0}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    secure_pair pair;
    linnet__buffer tickets;
    pair_add_psk(&pair, 6 + i);
    CHECK_EQUAL(linnet__transport_tickets(pair.server.transport), 0);
    linnet__buffer kept = begin(&pair);
    CHECK_EQUAL(linnet__transport_tickets(pair.server.transport), 1);
    linnet__buffer_init(&tickets, pair.client.loop, 256); /* the server's loop goes */
    linnet__transport_save_tickets(pair.server.transport, &tickets);
    restart_server(&pair, rows[i].kept ? &tickets : NULL, rows[i].key);
    if (rows[i].key[0] == 'f') secure_psk(&pair.client, "kitchen", rows[i].key);
    come_back(&pair, &kept);
    CHECK_EQUAL(pair.client.resumed, rows[i].resumed);
    CHECK_BYTES(pair.server.identity.name, pair.server.identity.length, "kitchen", 7);
    check_talks(&pair);
    linnet__buffer_free(&tickets);
    linnet__buffer_free(&kept);
    pair_leave(&pair);
  }
}

static void keys_of_tickets_change_and_are_read_for_as_long_as_tickets_are_good(void) {
  secure_pair pair;
  pair_add_psk(&pair, 9);
  linnet__buffer kept = begin(&pair);
  pass_ms(pair.world, WEEK_MS - 1000);
  come_back(&pair, &kept);
  linnet__buffer late =
      keep(&pair.client); /* sealed with the first key, a moment before it has served its time */
  pass_ms(pair.world, 2000);
  come_back(&pair, &late);
  CHECK_EQUAL(pair.client.resumed, 1);
  CHECK_EQUAL(linnet__transport_tickets(pair.server.transport), 2);
  pass_ms(pair.world, WEEK_MS - 10000);
  come_back(&pair, &late);
  CHECK_EQUAL(pair.client.resumed, 1);
  pass_ms(pair.world, WEEK_MS);
  come_back(&pair, &late);
  CHECK_EQUAL(pair.client.resumed, 0);
  linnet__buffer_free(&late);
  linnet__buffer_free(&kept);
  pair_leave(&pair);
}

static void takes_no_damaged_keys_of_tickets(void) {
  secure_pair pair;
  pair_add_psk(&pair, 10);
  for (size_t length = 0; length < 51; length++) {
    const uint8_t bytes[51] = {1};
    CHECK_EQUAL(linnet__transport_restore_tickets(pair.server.transport, bytes, length),
                LINNET_ERROR_MALFORMED);
  }
  CHECK_EQUAL(linnet__transport_tickets(pair.server.transport), 0);
  pair_leave(&pair);
}

static void goes_on_under_loss(void) {
  for (uint64_t seed = 0; seed < 30; seed++) {
    secure_pair pair;
    pair_add_psk(&pair, seed);
    linnet__buffer kept = begin(&pair);
    linnet__packed former = {kept.data, kept.length, false};
    linnet_world_set(pair.world, NULL, LINNET_WORLD_LOSS, 200);
    pair.client.opened = 0;
    secure_connect(&pair.client, "server.example", &former);
    pass_ms(pair.world, 200000);
    CHECK_EQUAL(pair.client.opened, 1);
    CHECK_EQUAL(pair.client.resumed, 1);
    linnet_world_set(pair.world, NULL, LINNET_WORLD_LOSS, 0);
    check_talks(&pair);
    linnet__buffer_free(&kept);
    pair_leave(&pair);
  }
}

int main(void) {
  if (!has_dtls()) return 0;
  return RUN(goes_on_with_a_ticket, goes_on_from_another_address, goes_on_with_certificates,
             shakes_hands_in_full_when_the_key_is_another_one,
             shakes_hands_in_full_when_the_ticket_is_old_or_not_genuine,
             goes_on_with_a_server_that_was_started_again,
             keys_of_tickets_change_and_are_read_for_as_long_as_tickets_are_good,
             takes_no_damaged_keys_of_tickets, goes_on_under_loss);
}

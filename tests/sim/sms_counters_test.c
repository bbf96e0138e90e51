/* SPDX-License-Identifier: Apache-2.0 */
/* sms_counters_test.c: the counters of secured packets over a restart: none is used twice, and none that was
 * accepted is accepted again (sms.md SMS-41, SMS-42). */
#include "sms_world.h"

static const uint8_t parameters[] = {0x12, 0x12, 0x16, 0x01, 0xb2, 0x02, 0x03};
static const uint8_t keys[] = "0123456789abcdeffedcba9876543210";
static const uint8_t other_keys[] = "0123456789abcdeffedcba98765432XX";

static linnet_address number_of(const char *number) {
  linnet_address address;
  char text[32];
  snprintf(text, sizeof text, "sms:+%s", number);
  CHECK_EQUAL(linnet_address_parse(&address, text), LINNET_OK);
  return address;
}

static void give_server_keys(sms_world *w, const uint8_t *given) {
  linnet_address client = number_of(CLIENT_NUMBER);
  CHECK_EQUAL(linnet_transport_set_secured_keys(w->at_server.sms, &client, parameters, 7, given, 32),
              LINNET_OK);
}

static void add_server(sms_world *w, const uint8_t *given) {
  CHECK_EQUAL(linnet_transport_add_secured(w->at_server.sms), LINNET_OK);
  if (given != NULL) give_server_keys(w, given);
  sms_add_server(w);
}

static void add_client(sms_world *w) {
  CHECK_EQUAL(linnet_transport_add_secured(w->at_client.sms), LINNET_OK);
  sms_add_client(w, "S");
  CHECK_EQUAL(
      linnet_client_set_sms_security(w->client, 1, LINNET_SMS_SECURED_PACKETS, parameters, 7, keys, 32),
      LINNET_OK);
}

static void begin(sms_world *w) {
  sms_begin(w, 21);
  add_server(w, keys);
  add_client(w);
  CHECK_EQUAL(linnet_server_record(w->server), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(w->client), LINNET_OK);
}

/* What a store would have: all records, one after the other. */
typedef struct log {
  uint8_t data[65536];
  size_t length;
} log;

static void store(sms_world *w, log *kept) {
  const void *data;
  size_t length;
  CHECK_EQUAL(linnet_server_changes(w->server, &data, &length), LINNET_OK);
  CHECK(kept->length + length <= sizeof kept->data);
  if (length > 0) memcpy(kept->data + kept->length, data, length);
  kept->length += length;
  CHECK_EQUAL(linnet_server_stored(w->server), LINNET_OK);
}

static void pass(sms_world *w, log *kept, unsigned seconds) {
  for (unsigned i = 0; i < seconds; i++) {
    sms_pass(w, 1);
    store(w, kept);
  }
}

static void counters_of(linnet_transport *transport, const char *number, uint64_t *sent, uint64_t *accepted) {
  linnet_address peer = number_of(number);
  CHECK_EQUAL(linnet_transport_get_secured_counters(transport, &peer, sent, accepted), LINNET_OK);
}

/* The power fails: what is not in the log is gone. */
static void restart_server(sms_world *w, const log *kept, const uint8_t *given) {
  linnet_server_unref(w->server);
  sms_leave(w, &w->at_server);
  w->at_server.loop = linnet_world_add_loop(w->world);
  w->at_server.sms = sms_phone(w, w->at_server.loop);
  add_server(w, given);
  CHECK_EQUAL(linnet_server_restore(w->server, kept->data, kept->length), LINNET_OK);
}

static void a_server_counts_on_after_a_restart_SMS_42(void) {
  sms_world w;
  log *kept = calloc(1, sizeof *kept);
  uint64_t sent, accepted, sent_now, accepted_now;
  begin(&w);
  pass(&w, kept, 10);
  CHECK(sms_registration(&w) != 0);
  counters_of(w.at_server.sms, CLIENT_NUMBER, &sent, &accepted);
  CHECK(sent > 0 && accepted > 0);
  linnet_sms old = sms_last(&w, false); /* the Register */

  restart_server(&w, kept, keys);
  counters_of(w.at_server.sms, CLIENT_NUMBER, &sent_now, &accepted_now);
  CHECK_EQUAL(sent_now, sent);
  CHECK_EQUAL(accepted_now, accepted);
  size_t before = w.count;
  sms_deliver(w.at_server.sms, &old);
  sms_pass(&w, 10);
  CHECK_EQUAL(w.count, before); /* SMS-21: not a word */
  CHECK_EQUAL(sms_read(&w, "/3/0/16", 60),
              LINNET_OK); /* a counter that the client had seen would be refused */
  counters_of(w.at_server.sms, CLIENT_NUMBER, &sent_now, &accepted_now);
  CHECK_EQUAL(sent_now, sent + 1);
  sms_end(&w);
  free(kept);
}

/* What is written when it is saved whole is what the changes say; and keys may come after it was restored. */
static void all_of_a_server_has_its_counters_too(void) {
  sms_world w;
  log *kept = calloc(1, sizeof *kept);
  const void *data;
  uint64_t sent, accepted, sent_now, accepted_now;
  begin(&w);
  pass(&w, kept, 10);
  counters_of(w.at_server.sms, CLIENT_NUMBER, &sent, &accepted);
  CHECK_EQUAL(linnet_server_save(w.server, &data, &kept->length), LINNET_OK);
  memcpy(kept->data, data, kept->length);
  restart_server(&w, kept, NULL);
  linnet_address client = number_of(CLIENT_NUMBER);
  CHECK_EQUAL(linnet_transport_get_secured_counters(w.at_server.sms, &client, &sent_now, &accepted_now),
              LINNET_ERROR_NOT_FOUND);
  give_server_keys(&w, keys);
  counters_of(w.at_server.sms, CLIENT_NUMBER, &sent_now, &accepted_now);
  CHECK_EQUAL(sent_now, sent);
  CHECK_EQUAL(accepted_now, accepted);
  give_server_keys(&w, other_keys); /* SMS-41: counters are per key */
  counters_of(w.at_server.sms, CLIENT_NUMBER, &sent_now, &accepted_now);
  CHECK_EQUAL(sent_now, 0);
  CHECK_EQUAL(accepted_now, 0);
  sms_end(&w);
  free(kept);
}

/* Another transport before it, as when a server listens at one more address from now on. */
static void counters_find_their_transport_wherever_it_is(void) {
  sms_world w;
  log *kept = calloc(1, sizeof *kept);
  uint64_t sent, accepted, sent_now, accepted_now;
  begin(&w);
  pass(&w, kept, 10);
  counters_of(w.at_server.sms, CLIENT_NUMBER, &sent, &accepted);
  linnet_server_unref(w.server);
  sms_leave(&w, &w.at_server);
  w.at_server.loop = linnet_world_add_loop(w.world);
  w.at_server.sms = sms_phone(&w, w.at_server.loop);
  w.at_server.udp = sms_udp(&w, w.at_server.loop, SERVER_UDP);
  add_server(&w, keys);
  CHECK_EQUAL(linnet_server_restore(w.server, kept->data, kept->length), LINNET_OK);
  counters_of(w.at_server.sms, CLIENT_NUMBER, &sent_now, &accepted_now);
  CHECK_EQUAL(sent_now, sent);
  CHECK_EQUAL(accepted_now, accepted);
  sms_end(&w);
  free(kept);
}

/* docs/architecture.md 8: from the first change until it is stored, nothing leaves. */
static void no_packet_leaves_before_its_counter_is_stored(void) {
  sms_world w;
  log *kept = calloc(1, sizeof *kept);
  begin(&w);
  pass(&w, kept, 10);
  size_t before = w.count;
  CHECK_EQUAL(sms_read(&w, "/3/0/16", 5), SMS_STILL_WAITING);
  CHECK_EQUAL(w.count, before);
  pass(&w, kept, 5);
  CHECK_EQUAL(w.response, LINNET_OK);
  CHECK(w.count > before);
  sms_end(&w);
  free(kept);
}

/* A key that is given up is forgotten, in the log as well. */
static void counters_go_with_their_keys(void) {
  sms_world w;
  log *kept = calloc(1, sizeof *kept);
  uint64_t sent, accepted;
  begin(&w);
  pass(&w, kept, 10);
  linnet_address client = number_of(CLIENT_NUMBER);
  CHECK_EQUAL(linnet_transport_set_secured_keys(w.at_server.sms, &client, NULL, 0, NULL, 0), LINNET_OK);
  pass(&w, kept, 1);
  restart_server(&w, kept, keys);
  counters_of(w.at_server.sms, CLIENT_NUMBER, &sent, &accepted);
  CHECK_EQUAL(sent, 0);
  CHECK_EQUAL(accepted, 0);
  sms_end(&w);
  free(kept);
}

static void a_client_counts_on_after_a_restart_SMS_42(void) {
  sms_world w;
  log *kept = calloc(1, sizeof *kept), *saved = calloc(1, sizeof *saved);
  const void *data;
  uint64_t sent, accepted, sent_now, accepted_now, revision;
  begin(&w);
  pass(&w, kept, 10);
  revision = linnet_client_revision(w.client);
  CHECK_EQUAL(sms_read(&w, "/3/0/16", 0), SMS_STILL_WAITING);
  pass(&w, kept, 10);
  CHECK_EQUAL(w.response, LINNET_OK);
  CHECK(linnet_client_revision(w.client) > revision); /* which is what a store looks at */
  counters_of(w.at_client.sms, SERVER_NUMBER, &sent, &accepted);
  linnet_sms old = sms_last(&w, true); /* the Read */
  CHECK_EQUAL(linnet_client_save(w.client, &data, &saved->length), LINNET_OK);
  memcpy(saved->data, data, saved->length);

  linnet_client_unref(w.client);
  sms_leave(&w, &w.at_client);
  w.at_client.loop = linnet_world_add_loop(w.world);
  w.at_client.sms = sms_phone(&w, w.at_client.loop);
  add_client(&w);
  CHECK_EQUAL(linnet_client_restore(w.client, saved->data, saved->length), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(w.client), LINNET_OK);
  pass(&w, kept, 10);
  counters_of(w.at_client.sms, SERVER_NUMBER, &sent_now, &accepted_now);
  CHECK(sent_now > sent && sent_now < sent + 10); /* its Register; the clock would be far ahead by now */
  CHECK(accepted_now > accepted && accepted_now < accepted + 10);
  CHECK_EQUAL(linnet_client_get_state(w.client, 1), LINNET_CLIENT_REGISTERED);
  size_t before = w.count;
  sms_deliver(w.at_client.sms, &old);
  pass(&w, kept, 10);
  CHECK_EQUAL(w.count, before);
  sms_end(&w);
  free(kept);
  free(saved);
}

/* A blob that is cut short anywhere restores nothing, and breaks nothing. */
static void damaged_counters_are_refused(void) {
  sms_world w;
  log *kept = calloc(1, sizeof *kept);
  const void *data;
  linnet_change change;
  begin(&w);
  pass(&w, kept, 10);
  size_t found = 0;
  for (size_t at = 0; linnet_change_next(kept->data, kept->length, &at, &change) == LINNET_OK;)
    found += change.name_length == strlen("counters/0/sms:+15550111") &&
             memcmp(change.name, "counters/0/sms:+15550111", change.name_length) == 0;
  CHECK(found > 0);
  CHECK_EQUAL(linnet_client_save(w.client, &data, &kept->length), LINNET_OK);
  memcpy(kept->data, data, kept->length);
  linnet_client *other = linnet_client_new(w.at_client.loop, "other", NULL);
  for (size_t length = 0; length < kept->length; length++)
    CHECK_EQUAL(linnet_client_restore(other, kept->data, length), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(linnet_client_restore(other, kept->data, kept->length), LINNET_OK); /* which has no packets */
  linnet_client_unref(other);
  sms_end(&w);
  free(kept);
}

int main(void) {
  if (!sms_can_secure()) return 0;
  return RUN(a_server_counts_on_after_a_restart_SMS_42, all_of_a_server_has_its_counters_too,
             counters_find_their_transport_wherever_it_is, no_packet_leaves_before_its_counter_is_stored,
             counters_go_with_their_keys, a_client_counts_on_after_a_restart_SMS_42,
             damaged_counters_are_refused);
}

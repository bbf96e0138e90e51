/* SPDX-License-Identifier: Apache-2.0 */
/* sms_trigger_limits_test.c: what a client hears by SMS, and from whom (sms.md SMS-05, SMS-20 to SMS-22). */
#include "sms_world.h"

#define STRANGER "+15550199"
#define TRIGGER "4402 %04X 01020304 B131 0130 0138" /* CON, POST 1/0/8 */

static void trigger(sms_world *w, unsigned message_id) {
  char hex[64];
  snprintf(hex, sizeof hex, TRIGGER, message_id);
  sms_arrives(w->at_client.sms, "+" SERVER_NUMBER, hex);
}

/* Messages that passed by SMS since then. */
static size_t by_sms(const sms_world *w, size_t since) {
  size_t count = 0;
  CHECK(w->count - since <= SEEN_MOST);
  for (size_t i = since; i < w->count; i++) count += w->seen[i % SEEN_MOST].sms;
  return count;
}

/* Secure UDP, and SMS that nothing secures: for triggers alone. */
static void begin(sms_world *w) {
  sms_begin(w, 31);
  sms_secure_udp(w);
  sms_add_server(w);
  sms_add_client(w, "UQS");
  sms_set_psk(w);
  CHECK_EQUAL(linnet_client_start(w->client), LINNET_OK);
  sms_pass(w, 30);
  CHECK_EQUAL(linnet_client_get_state(w->client, 1), LINNET_CLIENT_REGISTERED);
}

/* Requests, a ping, an answer that nobody asked for, garbage, an empty message: no ACK, no RST, nothing. */
static const char *const messages[] = {
    "4401 1234 01020304 B133 0130 0130",      /* GET 3/0/0 */
    "4402 1235 01020304 B133 0130 0134",      /* POST 3/0/4: Reboot */
    "4402 1236 01020304 B131 0130 0134",      /* POST 1/0/4: Disable */
    "4403 1237 01020304 B131 0130 0131 FF31", /* PUT 1/0/1 */
    "4402 1238 01020304 B131 0131 0138",      /* POST 1/1/8: another server's */
    "5402 1239 01020304 B130 0130 0130",      /* NON */
    "4000 123A",                              /* a ping */
    "4445 123B 01020304",                     /* a response */
    "4F01 123C",                              /* a token that is too long */
    "4401 123D 01020304 F0",                  /* an option cut short */
    "FF",
};
#define MESSAGES (sizeof messages / sizeof messages[0])

static void strangers_get_no_answer_of_any_kind_SMS_05(void) {
  sms_world w;
  sms_begin(&w, 30);
  sms_add_server(&w);
  sms_add_client(&w, "S");
  sms_arrives(w.at_client.sms, STRANGER, "4000 0001"); /* before it has registered */
  CHECK_EQUAL(linnet_client_start(w.client), LINNET_OK);
  sms_pass(&w, 30);
  CHECK_EQUAL(linnet_client_get_state(w.client, 1), LINNET_CLIENT_REGISTERED);
  size_t before = w.count;
  for (size_t i = 0; i < MESSAGES; i++) sms_arrives(w.at_client.sms, STRANGER, messages[i]);
  sms_arrives(w.at_client.sms, STRANGER, "4402 1240 01020304 B131 0130 0138");
  sms_pass(&w, 10);
  CHECK_EQUAL(w.count, before);
  sms_arrives(w.at_client.sms, "+" SERVER_NUMBER, "4000 1241"); /* the server's ping is answered */
  sms_pass(&w, 10);
  CHECK_EQUAL(w.count, before + 1);
  sms_end(&w);
}

/* Their parts take no place: a message of the server's that comes in parts is put together, whatever comes
 * between. */
static void strangers_push_out_no_parts_SMS_05(void) {
  static const uint8_t read[] = {0x44, 0x01, 0x33, 0x33, 1, 2, 3, 4, 0xb1, '3', 0x01, '0', 0x02, '1', '6'};
  sms_world w;
  linnet_sms part;
  sms_begin(&w, 33);
  sms_add_server(&w);
  sms_add_client(&w, "S");
  CHECK_EQUAL(linnet_client_start(w.client), LINNET_OK);
  sms_pass(&w, 30);
  for (unsigned i = 0; i < 202; i++) {
    char number[24];
    bool ours = i == 0 || i == 201;
    snprintf(number, sizeof number, "+1555019%04u", i);
    CHECK_EQUAL(linnet_sms_submit(&part, ours ? "+" SERVER_NUMBER : number, read + (i == 201 ? 8 : 0),
                                  i == 201 ? 7 : 8),
                LINNET_OK);
    part.kind = LINNET_SMS_DELIVER;
    part.part_bits = 8;
    part.parts = 2;
    part.part = i == 201 ? 2 : 1;
    sms_deliver(w.at_client.sms, &part);
    sms_pass(&w, 1);
  }
  sms_pass(&w, 10);
  CHECK_EQUAL(sms_last(&w, false).data[1], 0x45); /* 2.05 */
  sms_end(&w);
}

static void takes_triggers_and_nothing_else_where_nothing_secures_them_SMS_22(void) {
  sms_world w;
  begin(&w);
  size_t before = w.count;
  for (size_t i = 0; i < MESSAGES; i++) sms_arrives(w.at_client.sms, "+" SERVER_NUMBER, messages[i]);
  sms_pass(&w, 10);
  CHECK_EQUAL(w.count, before);
  trigger(&w, 0x2000);
  sms_pass(&w, 10);
  linnet_sms answer = sms_last(&w, false);
  CHECK_EQUAL(answer.data[1], 0x44); /* 2.04 */
  CHECK_EQUAL(by_sms(&w, before), 1);
  CHECK(w.count > before + 1); /* and the Update, over UDP */
  CHECK_EQUAL(w.at_client.counts[LINNET_EVENT_UPDATED], 1);
  sms_end(&w);
}

/* Three, then one a minute; the same message again costs as much as another one. */
static void takes_no_more_triggers_than_the_limit_SMS_22(void) {
  sms_world w;
  begin(&w);
  size_t before = w.count;
  for (unsigned i = 0; i < 3; i++) trigger(&w, 0x3000);
  trigger(&w, 0x3001);
  sms_pass(&w, 10);
  CHECK_EQUAL(by_sms(&w, before), 3); /* the duplicates were answered likewise (SMS-02) */
  sms_pass(&w, 55);
  before = w.count;
  trigger(&w, 0x3002);
  trigger(&w, 0x3003);
  sms_pass(&w, 10);
  CHECK_EQUAL(by_sms(&w, before), 1);
  sms_pass(&w, 600); /* after a rest it is three again, not ten */
  before = w.count;
  for (unsigned i = 0; i < 10; i++) trigger(&w, 0x3100 + i);
  sms_pass(&w, 10);
  CHECK_EQUAL(by_sms(&w, before), 3);
  sms_end(&w);
}

static void the_limit_of_triggers_can_be_set_SMS_22(void) {
  sms_world w;
  begin(&w);
  CHECK_EQUAL(linnet_client_set_trigger_limit(w.client, 1, 0), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_client_set_trigger_limit(w.client, 1, 86401), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_client_set_trigger_limit(w.client, 1001, 1), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_client_set_trigger_limit(w.client, 0, 60), LINNET_OK);
  size_t before = w.count;
  trigger(&w, 0x4000);
  sms_pass(&w, 10);
  CHECK_EQUAL(w.count, before);
  CHECK_EQUAL(linnet_client_set_trigger_limit(w.client, 5, 3600), LINNET_OK);
  for (unsigned i = 0; i < 10; i++) trigger(&w, 0x4100 + i);
  sms_pass(&w, 10);
  CHECK_EQUAL(by_sms(&w, before), 5);
  linnet_client_close(w.client);
  CHECK_EQUAL(linnet_client_set_trigger_limit(w.client, 5, 3600), LINNET_ERROR_CLOSED);
  sms_end(&w);
}

/* MOD-10: below another root it is the same resource. */
static void a_trigger_may_be_below_another_root(void) {
  sms_world w;
  begin(&w);
  CHECK_EQUAL(linnet_client_set_root(w.client, "/dev"), LINNET_OK);
  sms_pass(&w, 10);
  size_t before = w.count;
  trigger(&w, 0x5000);
  sms_pass(&w, 10);
  CHECK_EQUAL(w.count, before);
  sms_arrives(w.at_client.sms, "+" SERVER_NUMBER, "4402 5001 01020304 B3646576 0131 0130 0138");
  sms_pass(&w, 10);
  CHECK_EQUAL(by_sms(&w, before), 1);
  sms_end(&w);
}

/* NoSec everywhere, for debugging: all is heard, and nothing is counted. */
static void hears_all_where_nothing_is_secured_at_all_SMS_20(void) {
  sms_world w;
  sms_begin(&w, 32);
  w.at_server.udp = sms_udp(&w, w.at_server.loop, SERVER_UDP);
  w.at_client.udp = sms_udp(&w, w.at_client.loop, CLIENT_UDP);
  sms_add_server(&w);
  sms_add_client(&w, "US");
  CHECK_EQUAL(linnet_client_start(w.client), LINNET_OK);
  sms_pass(&w, 30);
  size_t before = w.count;
  for (unsigned i = 0; i < 10; i++) trigger(&w, 0x6000 + i);
  sms_arrives(w.at_client.sms, "+" SERVER_NUMBER, messages[0]);
  sms_pass(&w, 10);
  CHECK_EQUAL(by_sms(&w, before), 11);
  sms_end(&w);
}

int main(void) {
  if (!sms_can_secure())
    return RUN(strangers_get_no_answer_of_any_kind_SMS_05, hears_all_where_nothing_is_secured_at_all_SMS_20);
  return RUN(strangers_get_no_answer_of_any_kind_SMS_05, strangers_push_out_no_parts_SMS_05,
             takes_triggers_and_nothing_else_where_nothing_secures_them_SMS_22,
             takes_no_more_triggers_than_the_limit_SMS_22, the_limit_of_triggers_can_be_set_SMS_22,
             a_trigger_may_be_below_another_root, hears_all_where_nothing_is_secured_at_all_SMS_20);
}

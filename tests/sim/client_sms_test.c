/* SPDX-License-Identifier: Apache-2.0 */
/* client_sms_test.c: bindings with an S, whatever carries the short messages (lwm2m-1.0.md section 9: QUE-09
 * to QUE-11; sms.md SMS-03 to SMS-05, SMS-07, SMS-13, SMS-14). */
#include "scripted_server.h"

enum { TEXT = 0 };

/* The harness speaks over one of the two at a time. */
typedef struct both {
  scripted s;
  linnet_transport *udp;
  linnet_transport *sms;
  linnet_address by_udp;
  linnet_address by_sms;
} both;

static void over_udp(both *b) {
  b->s.transport = b->udp;
  b->s.server = b->by_udp;
}

static void over_sms(both *b) {
  b->s.transport = b->sms;
  b->s.server = b->by_sms;
}

static void begin(both *b, const char *binding) {
  memset(b, 0, sizeof *b);
  scripted_begin(&b->s, 86400);
  b->udp = b->s.transport;
  b->by_udp = b->s.server;
  b->sms = linnet_transport_new(b->s.loop, LINNET_TRANSPORT_SMS);
  CHECK_EQUAL(linnet_client_add_transport(b->s.client, b->sms), LINNET_OK);
  CHECK_EQUAL(linnet_address_parse(&b->by_sms, "sms:+15550100"), LINNET_OK);
  linnet_value number = linnet_value_string("15550100");
  CHECK_EQUAL(linnet_client_set(b->s.client, linnet_path_resource(0, 0, 9), &number), LINNET_OK);
  CHECK_EQUAL(linnet_client_set_sms_number(b->s.client, "15550199"), LINNET_OK);
  CHECK_EQUAL(linnet_client_set_binding(b->s.client, 1, binding), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(b->s.client), LINNET_OK);
}

static void end(both *b) {
  linnet_transport_close(b->sms);
  linnet_transport_unref(b->sms);
  b->s.transport = b->udp;
  scripted_end(&b->s);
}

static void accept(both *b) { scripted_accept_registration(&b->s, "rd/5a3f"); }

static void registers_by_sms_QUE_10(void) {
  both b;
  begin(&b, "SQ");
  over_sms(&b);
  scripted_expect(&b.s, POST, "/rd");
  CHECK_TEXT(scripted_query(&b.s), "ep=node1&lt=86400&lwm2m=1.0&b=SQ&sms=15550199");
  accept(&b);
  CHECK_EQUAL(linnet_client_get_state(b.s.client, 1), LINNET_CLIENT_REGISTERED);
  CHECK_EQUAL(scripted_get(&b.s, "3/0/16", TEXT), 205);
  /* SMS-15: 300 s instead of 93. */
  CHECK_EQUAL(linnet_client_awake_until(b.s.client, 1), b.s.now + 300000);
  /* SMS-05: nobody else's, and it is not registered over UDP. */
  CHECK_EQUAL(linnet_address_parse(&b.s.server, "sms:+15550101"), LINNET_OK);
  request r = REQUEST(GET, "3/0/16");
  scripted_request(&b.s, &r);
  CHECK(scripted_silent(&b.s, 1000));
  over_udp(&b);
  scripted_request(&b.s, &r);
  CHECK(scripted_silent(&b.s, 1000));
  end(&b);
}

/* AMB-17, QUE-10; SMS-07: answers go where the request came from. */
static void registers_over_udp_and_listens_to_both_QUE_10(void) {
  both b;
  begin(&b, "UQS");
  over_udp(&b);
  scripted_expect(&b.s, POST, "/rd");
  CHECK_TEXT(scripted_query(&b.s), "ep=node1&lt=86400&lwm2m=1.0&b=UQS&sms=15550199");
  accept(&b);
  CHECK_EQUAL(scripted_get(&b.s, "3/0/16", TEXT), 205);
  over_sms(&b);
  CHECK_EQUAL(scripted_get(&b.s, "3/0/16", TEXT), 205);
  CHECK_TEXT(scripted_payload(&b.s), "UQS");
  CHECK_EQUAL(linnet_address_parse(&b.s.server, "sms:+15550101"), LINNET_OK);
  request r = REQUEST(GET, "3/0/16");
  scripted_request(&b.s, &r);
  CHECK(scripted_silent(&b.s, 1000));
  end(&b);
}

/* SMS-13, QUE-09, REG-41: the trigger wakes it; the Update goes over UDP. */
static void updates_over_udp_when_triggered_by_sms_QUE_09(void) {
  both b;
  begin(&b, "UQS");
  over_udp(&b);
  scripted_expect(&b.s, POST, "/rd");
  accept(&b);
  CHECK(!scripted_run(&b.s, b.s.now + 100000));
  CHECK(linnet_client_awake_until(b.s.client, 1) <= b.s.now); /* asleep */
  over_sms(&b);
  request trigger = REQUEST(POST, "1/0/8");
  scripted_request(&b.s, &trigger);
  linnet_loop_step(b.s.loop, b.s.now);
  over_udp(&b);
  scripted_expect(&b.s, POST, "/rd/5a3f");
  scripted_answer(&b.s, 204);
  over_sms(&b);
  CHECK(scripted_run(&b.s, b.s.now));
  CHECK_EQUAL(b.s.message.code, CODE(204));
  end(&b);
}

/* Before it has registered, nobody is listened to; U alone has no SMS. */
static void takes_no_sms_without_being_registered_for_them(void) {
  both b;
  begin(&b, "U");
  over_sms(&b);
  request r = REQUEST(GET, "3/0/16");
  scripted_request(&b.s, &r);
  over_udp(&b);
  scripted_expect(&b.s, POST, "/rd");
  CHECK_TEXT(scripted_query(&b.s), "ep=node1&lt=86400&lwm2m=1.0&b=U");
  accept(&b);
  over_sms(&b);
  scripted_request(&b.s, &r);
  CHECK(scripted_silent(&b.s, 1000));
  end(&b);
}

/* QUE-11; another transport is another address: it registers there (REG-10). */
static void changes_the_transport_with_the_binding_QUE_11(void) {
  both b;
  begin(&b, "US");
  over_udp(&b);
  scripted_expect(&b.s, POST, "/rd");
  accept(&b);
  CHECK_EQUAL(scripted_text(&b.s, PUT, "1/0/7", TEXT, "U"), 204);
  scripted_expect(&b.s, POST, "/rd/5a3f");
  CHECK_TEXT(scripted_query(&b.s), "b=U");
  scripted_answer(&b.s, 204);
  CHECK(!scripted_run(&b.s, b.s.now));
  CHECK_EQUAL(scripted_text(&b.s, PUT, "1/0/7", TEXT, "US"), 204);
  scripted_expect(&b.s, POST, "/rd/5a3f");
  CHECK_TEXT(scripted_query(&b.s), "b=US&sms=15550199");
  scripted_answer(&b.s, 204);
  CHECK(!scripted_run(&b.s, b.s.now));
  CHECK_EQUAL(scripted_text(&b.s, PUT, "1/0/7", TEXT, "S"), 204);
  over_sms(&b);
  scripted_expect(&b.s, POST, "/rd");
  CHECK_TEXT(scripted_query(&b.s), "ep=node1&lt=86400&lwm2m=1.0&b=S&sms=15550199");
  accept(&b);
  CHECK_EQUAL(scripted_text(&b.s, PUT, "1/0/7", TEXT, "UQ"), 204);
  over_udp(&b);
  scripted_expect(&b.s, POST, "/rd");
  CHECK_TEXT(scripted_query(&b.s), "ep=node1&lt=86400&lwm2m=1.0&b=UQ");
  end(&b);
}

static void updates_when_its_number_changes_SMS_03(void) {
  both b;
  begin(&b, "US");
  over_udp(&b);
  scripted_expect(&b.s, POST, "/rd");
  accept(&b);
  CHECK_EQUAL(linnet_client_set_sms_number(b.s.client, "15550200"), LINNET_OK);
  scripted_expect(&b.s, POST, "/rd/5a3f");
  CHECK_TEXT(scripted_query(&b.s), "sms=15550200");
  CHECK_EQUAL(b.s.message.payload_length, 0);
  scripted_answer(&b.s, 204);
  CHECK(scripted_silent(&b.s, 1000));
  CHECK_EQUAL(linnet_client_set_sms_number(b.s.client, "+1"), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_client_set_sms_number(b.s.client, "1234567890123456"), LINNET_ERROR_INVALID_ARGUMENT);
  char *short_text = malloc(3); /* on the heap, where a read behind it is seen */
  memcpy(short_text, "1x", 3);
  CHECK_EQUAL(linnet_client_set_sms_number(b.s.client, short_text), LINNET_ERROR_INVALID_ARGUMENT);
  free(short_text);
  end(&b);
}

/* S without a number of the server, or without a modem. */
static void fails_by_sms_without_number_or_transport(void) {
  both b;
  begin(&b, "S");
  CHECK_EQUAL(linnet_object_unset(linnet_client_object(b.s.client, 0), linnet_path_resource(0, 0, 9)),
              LINNET_OK);
  over_sms(&b);
  CHECK(scripted_silent(&b.s, 0));
  linnet_event *event = scripted_event(&b.s, LINNET_EVENT_ERROR);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_INVALID_ARGUMENT);
  linnet_transport_close(b.sms);
  CHECK_EQUAL(linnet_client_register_anew(b.s.client, 1), LINNET_OK);
  over_udp(&b);
  CHECK(scripted_silent(&b.s, 0));
  event = scripted_event(&b.s, LINNET_EVENT_ERROR);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_CLOSED);
  end(&b);
}

int main(void) {
  return RUN(registers_by_sms_QUE_10, registers_over_udp_and_listens_to_both_QUE_10,
             updates_over_udp_when_triggered_by_sms_QUE_09, takes_no_sms_without_being_registered_for_them,
             changes_the_transport_with_the_binding_QUE_11, updates_when_its_number_changes_SMS_03,
             fails_by_sms_without_number_or_transport);
}

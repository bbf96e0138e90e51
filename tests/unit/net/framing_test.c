/* SPDX-License-Identifier: Apache-2.0 */
/* framing_test.c: CoAP in short messages (sms.md 1, 2: SMS-01, SMS-04 to SMS-06, SMS-10, SMS-11, SMS-16). */
#include <linnet/framing.h>

#include "check.h"
#include "net/net.h"

typedef struct phone {
  linnet_loop *loop;
  linnet_transport *transport;
  linnet__receiver receiver;
  linnet_address peer;
  uint8_t heard[40000];
  size_t length;
  unsigned count;
  unsigned unreachable;
} phone;

static void on_received(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer,
                        const uint8_t *data, size_t length) {
  phone *p = LINNET__CONTAINER(receiver, phone, receiver);
  (void)transport;
  CHECK(linnet_address_equal(peer, &p->peer));
  memcpy(p->heard, data, length);
  p->length = length;
  p->count++;
}

static void on_unreachable(linnet__receiver *receiver, linnet_transport *transport,
                           const linnet_address *peer) {
  phone *p = LINNET__CONTAINER(receiver, phone, receiver);
  (void)transport;
  CHECK(linnet_address_equal(peer, &p->peer));
  p->unreachable++;
}

static void on_closed(linnet__receiver *receiver, linnet_transport *transport) {
  (void)receiver;
  (void)transport;
}

static void begin(phone *p) {
  memset(p, 0, sizeof *p);
  p->receiver = (linnet__receiver){on_received, on_unreachable, on_closed};
  p->loop = linnet_loop_new("0123456789abcdef", 16);
  p->transport = linnet_transport_new(p->loop, LINNET_TRANSPORT_SMS);
  CHECK_EQUAL(linnet_transport_add_framing(p->transport), LINNET_OK);
  CHECK_EQUAL(linnet__transport_attach(p->transport, &p->receiver), LINNET_OK);
  CHECK_EQUAL(linnet_address_parse(&p->peer, "sms:+15550100"), LINNET_OK);
}

static void end(phone *p) {
  linnet__transport_detach(p->transport, &p->receiver);
  linnet_transport_unref(p->transport);
  linnet_loop_unref(p->loop);
}

static void set(phone *p, linnet_framing_setting setting, uint32_t value) {
  CHECK_EQUAL(linnet_transport_set_framing(p->transport, setting, value), LINNET_OK);
  CHECK_EQUAL(linnet_transport_get_framing(p->transport, setting), value);
}

static linnet_sms next(phone *p) {
  linnet_datagram datagram;
  linnet_sms sms;
  CHECK(linnet_transport_next(p->transport, &datagram));
  CHECK_EQUAL(linnet_sms_parse(&sms, datagram.data, datagram.length), LINNET_OK);
  CHECK_EQUAL(sms.kind, LINNET_SMS_SUBMIT);
  return sms;
}

static void say(phone *p, size_t length) {
  uint8_t bytes[1152];
  for (size_t i = 0; i < length; i++) bytes[i] = (uint8_t)(i * 7);
  CHECK_EQUAL(linnet__transport_send(p->transport, &p->peer, bytes, length), LINNET_OK);
}

/* As a service centre: what was submitted is delivered to the same phone, from its peer. */
static void deliver(phone *p, linnet_sms *sms) {
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  sms->kind = LINNET_SMS_DELIVER;
  CHECK_EQUAL(linnet_sms_write(sms, pdu, &length), LINNET_OK);
  CHECK_EQUAL(linnet_transport_receive_sms(p->transport, pdu, length), LINNET_OK);
  linnet_loop_step(p->loop, linnet_loop_now(p->loop) + 1);
}

static linnet_sms data_from(const char *number, const char *text) {
  linnet_sms sms = {.kind = LINNET_SMS_DELIVER, .coding = 4};
  CHECK_EQUAL(linnet_sms_number_parse(&sms.number, number), LINNET_OK);
  sms.length = (uint8_t)strlen(text);
  memcpy(sms.data, text, sms.length);
  return sms;
}

static void puts_a_message_into_one_sms_SMS_01(void) {
  phone p;
  begin(&p);
  CHECK_EQUAL(linnet__transport_timing(p.transport)->max_message, 140);
  CHECK_EQUAL(linnet__transport_timing(p.transport)->block_exponent, 2); /* SMS-11 */
  say(&p, 140);
  linnet_sms sms = next(&p);
  CHECK_TEXT(sms.number.text, "15550100");
  CHECK_EQUAL(sms.number.kind, LINNET_SMS_INTERNATIONAL);
  CHECK_EQUAL(sms.coding, 4);
  CHECK_EQUAL(sms.protocol, 0);
  CHECK_EQUAL(sms.port_bits, 0);
  CHECK_EQUAL(sms.part_bits, 0);
  CHECK(!sms.report);
  CHECK_EQUAL(sms.validity_s, 300); /* not less than the response time-out (RFC 7925 A) */
  deliver(&p, &sms);
  CHECK_EQUAL(p.count, 1);
  CHECK_EQUAL(p.length, 140);
  CHECK_EQUAL(p.heard[139], (uint8_t)(139 * 7));
  uint8_t more[141] = {0};
  CHECK_EQUAL(linnet__transport_send(p.transport, &p.peer, more, 141), LINNET_ERROR_TOO_LARGE);
  end(&p);
}

/* The table of sms.md 2: what is left for the message. */
static void leaves_the_room_that_the_headers_leave(void) {
  static const struct {
    uint32_t ports, bits, parts;
    size_t room;
  } table[] = {{0, 8, 1, 140},      {8, 8, 1, 135},      {16, 8, 1, 133},   {0, 8, 2, 2 * 134},
               {0, 16, 2, 2 * 133}, {16, 8, 3, 3 * 128}, {0, 8, 255, 34170}};
  phone p;
  begin(&p);
  set(&p, LINNET_FRAMING_DESTINATION_PORT, 1);
  set(&p, LINNET_FRAMING_SOURCE_PORT, 2);
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    set(&p, LINNET_FRAMING_PORT_BITS, table[i].ports);
    set(&p, LINNET_FRAMING_PART_BITS, table[i].bits);
    set(&p, LINNET_FRAMING_PARTS, table[i].parts);
    CHECK_EQUAL(linnet__transport_room(p.transport), table[i].room);
    CHECK_EQUAL(linnet__transport_timing(p.transport)->block_exponent, 2); /* a block in one SMS */
  }
  end(&p);
}

static void cuts_messages_up_and_puts_them_together_SMS_10(void) {
  for (uint32_t bits = 8; bits <= 16; bits += 8) {
    phone p;
    linnet_sms parts[3];
    begin(&p);
    set(&p, LINNET_FRAMING_PARTS, 3);
    set(&p, LINNET_FRAMING_PART_BITS, bits);
    say(&p, 300);
    for (size_t i = 0; i < 3; i++) {
      parts[i] = next(&p);
      CHECK_EQUAL(parts[i].part_bits, bits);
      CHECK_EQUAL(parts[i].part, i + 1);
      CHECK_EQUAL(parts[i].parts, 3);
      CHECK_EQUAL(parts[i].part_reference, parts[0].part_reference);
    }
    deliver(&p, &parts[2]);
    deliver(&p, &parts[0]);
    CHECK_EQUAL(p.count, 0);
    deliver(&p, &parts[1]);
    CHECK_EQUAL(p.count, 1);
    CHECK_EQUAL(p.length, 300);
    for (size_t i = 0; i < 300; i++) CHECK_EQUAL(p.heard[i], (uint8_t)(i * 7));
    say(&p, 200);
    linnet_sms other = next(&p);
    CHECK(other.part_reference != parts[0].part_reference);
    say(&p, 140); /* no more than it needs */
    (void)next(&p);
    CHECK_EQUAL(next(&p).part_bits, 0);
    end(&p);
  }
}

static void speaks_between_ports(void) {
  phone p;
  begin(&p);
  set(&p, LINNET_FRAMING_PORT_BITS, 16);
  set(&p, LINNET_FRAMING_DESTINATION_PORT, 5683);
  set(&p, LINNET_FRAMING_SOURCE_PORT, 61616);
  say(&p, 10);
  linnet_sms sms = next(&p);
  CHECK_EQUAL(sms.port_bits, 16);
  CHECK_EQUAL(sms.destination_port, 5683);
  CHECK_EQUAL(sms.source_port, 61616);
  deliver(&p, &sms); /* for 5683, where another application listens */
  CHECK_EQUAL(p.count, 0);
  sms.destination_port = 61616;
  sms.source_port = 5683;
  deliver(&p, &sms);
  CHECK_EQUAL(p.count, 1);
  sms.port_bits = 0; /* AMB-31: no port is mandated */
  deliver(&p, &sms);
  CHECK_EQUAL(p.count, 2);
  CHECK_EQUAL(linnet_transport_count(p.transport, LINNET_COUNTER_RECEIVE_DROPPED), 1);
  end(&p);
}

/* SMS-06: the informative example. */
static void takes_coap_out_of_a_wap_push_SMS_06(void) {
  static const uint8_t wsp[] = {0x01, 0x06, 0x03, 0xC4, 0xAF, 0x9A, 0x44, 0x02, 0x00, 0x01};
  phone p;
  begin(&p);
  linnet_sms sms = data_from("+15550100", "");
  sms.port_bits = 16;
  sms.destination_port = 2948;
  sms.source_port = 0xC002;
  sms.length = sizeof wsp;
  memcpy(sms.data, wsp, sizeof wsp);
  deliver(&p, &sms);
  CHECK_BYTES(p.heard, p.length, wsp + 6, 4);
  end(&p);
}

static void drops_what_is_no_data_of_8_bits(void) {
  static const uint8_t refused[] = {0x00, 0x08, 0x24, 0xF0, 0xE0},
                       accepted[] = {0x04, 0x14, 0x44, 0xF4, 0xF6};
  phone p;
  begin(&p);
  for (size_t i = 0; i < sizeof refused; i++) {
    linnet_sms sms = data_from("+15550100", "hello");
    sms.coding = refused[i];
    deliver(&p, &sms);
  }
  CHECK_EQUAL(p.count, 0);
  CHECK_EQUAL(linnet_transport_count(p.transport, LINNET_COUNTER_RECEIVE_DROPPED), sizeof refused);
  for (size_t i = 0; i < sizeof accepted; i++) {
    linnet_sms sms = data_from("+15550100", "hello");
    sms.coding = accepted[i];
    deliver(&p, &sms);
  }
  CHECK_EQUAL(p.count, sizeof accepted);
  linnet_transport_receive(p.transport, &p.peer, "\x00\x01", 2);
  linnet_loop_step(p.loop, linnet_loop_now(p.loop) + 1);
  CHECK_EQUAL(linnet_transport_count(p.transport, LINNET_COUNTER_RECEIVE_DROPPED), sizeof refused + 1);
  end(&p);
}

/* SMS-05: digits only, "+" and the international prefix removed. */
static void knows_a_number_however_it_is_written_SMS_05(void) {
  static const char *const numbers[] = {"+15550100", "0015550100", "15550100"};
  phone p;
  begin(&p);
  for (size_t i = 0; i < 3; i++) {
    linnet_sms sms = data_from(numbers[i], "x");
    deliver(&p, &sms);
  }
  CHECK_EQUAL(p.count, 3);
  linnet_sms named = data_from("+15550100", "x");
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  named.number.kind = LINNET_SMS_ALPHANUMERIC;
  memcpy(named.number.text, "BANK", 5);
  CHECK_EQUAL(linnet_sms_write(&named, pdu, &length), LINNET_OK);
  CHECK_EQUAL(linnet_transport_receive_sms(p.transport, pdu, length), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(linnet_transport_receive_sms(p.transport, pdu, 3), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(linnet_transport_count(p.transport, LINNET_COUNTER_RECEIVE_DROPPED), 2);
  end(&p);
}

/* sms.md 2: a status report is never taken for an acknowledgement, but one that gives up is a hint. */
static void takes_reports_of_failure_for_a_hint(void) {
  static const uint8_t statuses[] = {0x00, 0x01, 0x20, 0x30, 0x46, 0x63, 0x80};
  phone p;
  begin(&p);
  say(&p, 1);
  CHECK(!next(&p).report);
  set(&p, LINNET_FRAMING_REPORTS, 1);
  say(&p, 1);
  CHECK(next(&p).report);
  for (size_t i = 0; i < sizeof statuses; i++) {
    linnet_sms sms = {.kind = LINNET_SMS_STATUS_REPORT, .number = data_from("+15550100", "").number};
    uint8_t pdu[LINNET_SMS_PDU_SIZE];
    size_t length;
    sms.status = statuses[i];
    CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_OK);
    CHECK_EQUAL(linnet_transport_receive_sms(p.transport, pdu, length), LINNET_OK);
  }
  linnet_loop_step(p.loop, 10);
  CHECK_EQUAL(p.unreachable, 2);
  CHECK_EQUAL(p.count, 0);
  end(&p);
}

static void says_what_it_cannot_do(void) {
  phone p;
  begin(&p);
  CHECK_EQUAL(linnet_transport_add_framing(p.transport), LINNET_ERROR_EXISTS);
  CHECK_EQUAL(linnet_transport_set_framing(p.transport, LINNET_FRAMING_PARTS, 0), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_transport_set_framing(p.transport, LINNET_FRAMING_PARTS, 256),
              LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_transport_set_framing(p.transport, LINNET_FRAMING_PORT_BITS, 9),
              LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_transport_set_framing(p.transport, LINNET_FRAMING_CODING, 8), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_TEXT(linnet_error_text(p.loop), "set framing: coding cannot be 8 (0 to 255, one for data of 8 bits)");
  CHECK_EQUAL(linnet_transport_set_framing(p.transport, (linnet_framing_setting)99, 1),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_transport_set_mtu(p.transport, 140), LINNET_ERROR_OUT_OF_RANGE);
  linnet_transport *udp = linnet_transport_new(p.loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_transport_add_framing(udp), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_transport_set_framing(udp, LINNET_FRAMING_PARTS, 1), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_transport_set_response_timeout(udp, 5000), LINNET_ERROR_INVALID_ARGUMENT);
  linnet_transport_unref(udp);
  linnet_address ip;
  CHECK_EQUAL(linnet_address_parse(&ip, "192.0.2.1"), LINNET_OK);
  CHECK_EQUAL(linnet__transport_send(p.transport, &ip, "x", 1), LINNET_ERROR_INVALID_ARGUMENT);
  end(&p);
}

static void takes_other_time_outs_SMS_16(void) {
  phone p;
  begin(&p);
  const linnet__timing *timing = linnet__transport_timing(p.transport);
  CHECK_EQUAL(linnet_transport_set_response_timeout(p.transport, 60000), LINNET_OK);
  CHECK_EQUAL(timing->response_timeout_ms, 60000);
  CHECK_EQUAL(timing->exchange_lifetime_ms, 120000);
  CHECK_EQUAL(timing->max_retransmit, 0); /* SMS-02 */
  CHECK_EQUAL(linnet_transport_set_response_timeout(p.transport, 999), LINNET_ERROR_OUT_OF_RANGE);
  end(&p);
}

int main(void) {
  return RUN(puts_a_message_into_one_sms_SMS_01, leaves_the_room_that_the_headers_leave,
             cuts_messages_up_and_puts_them_together_SMS_10, speaks_between_ports,
             takes_coap_out_of_a_wap_push_SMS_06, drops_what_is_no_data_of_8_bits,
             knows_a_number_however_it_is_written_SMS_05, takes_reports_of_failure_for_a_hint,
             says_what_it_cannot_do, takes_other_time_outs_SMS_16);
}

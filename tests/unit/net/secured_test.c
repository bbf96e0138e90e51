/* SPDX-License-Identifier: Apache-2.0 */
/* secured_test.c: command packets and the stage that makes them (sms.md SMS-21, SMS-40 to SMS-43; ETSI TS 102
 * 225, 5.1). */
#include <linnet/framing.h>
#include <linnet/secured.h>

#include "check.h"
#include "net/secured_packet.h"

/* KIc, KID, SPI, TAR as in the packets below, which other software made for cards: AES keys of the unit tests
 * of pySim, an Osmocom project, where the checksum covers CPL to the padding and has the first eight octets
 * of the CMAC. */
static const uint8_t parameters[] = {0x22, 0x22, 0x16, 0x19, 0xb0, 0x00, 0x11};
static const uint8_t keys[] = {0x20, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
                               0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x20, 0x11, 0x02, 0x03, 0x04, 0x05,
                               0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f};
static const uint8_t packet[] = {0x00, 0x28, 0x15, 0x16, 0x19, 0x22, 0x22, 0xb0, 0x00, 0x11, 0x5a,
                                 0x47, 0x65, 0x55, 0x27, 0xe9, 0x6e, 0x83, 0x2f, 0x1a, 0x5c, 0x69,
                                 0x86, 0x55, 0x71, 0x5d, 0x43, 0x31, 0x45, 0x4a, 0x0d, 0x83, 0x95,
                                 0x2c, 0x0e, 0xd3, 0x52, 0x45, 0x70, 0x69, 0x76, 0xb1};
static const uint8_t command[] = {0x00, 0xa4, 0x00, 0x04, 0x02, 0x3f, 0x00};

static linnet_loop *new_loop(void) { return linnet_loop_new("0123456789abcdef", 16); }

static bool can(linnet_loop *loop) {
  if (linnet__cipher_require(loop) == LINNET_OK) return true;
  printf("this build has no cryptography: left out\n");
  return false;
}

static void makes_and_reads_the_packets_of_others_SMS_41(void) {
  linnet_loop *loop = new_loop();
  linnet__packet_keys read;
  linnet__buffer out;
  uint8_t copy[sizeof packet];
  const uint8_t *data;
  size_t length;
  uint64_t counter;
  if (can(loop)) {
    CHECK_EQUAL(linnet__packet_keys_read(&read, parameters, 7, keys, 32), LINNET_OK);
    linnet__buffer_init(&out, loop, 1000);
    CHECK_EQUAL(linnet__packet_write(&out, &read, 0x11, command, sizeof command), LINNET_OK);
    CHECK_BYTES(out.data, out.length, packet, sizeof packet);
    linnet__buffer_free(&out);
    memcpy(copy, packet, sizeof packet);
    CHECK_EQUAL(linnet__packet_read(&read, copy, sizeof copy, &counter, &data, &length), LINNET_OK);
    CHECK_EQUAL(counter, 0x11);
    CHECK_BYTES(data, length, command, sizeof command);
  }
  linnet_loop_unref(loop);
}

/* Whatever bit is wrong, and wherever it is cut off. */
static void refuses_what_is_not_as_it_was_made_SMS_21(void) {
  linnet_loop *loop = new_loop();
  linnet__packet_keys read;
  uint8_t copy[sizeof packet];
  const uint8_t *data;
  size_t length;
  uint64_t counter;
  if (can(loop)) {
    CHECK_EQUAL(linnet__packet_keys_read(&read, parameters, 7, keys, 32), LINNET_OK);
    for (size_t bit = 0; bit < 8 * sizeof packet; bit++) {
      memcpy(copy, packet, sizeof packet);
      copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
      CHECK(linnet__packet_read(&read, copy, sizeof copy, &counter, &data, &length) != LINNET_OK);
    }
    for (size_t size = 0; size < sizeof packet; size++) {
      uint8_t *exact = malloc(size + 1);
      memcpy(exact, packet, size);
      CHECK(linnet__packet_read(&read, exact, size, &counter, &data, &length) != LINNET_OK);
      free(exact);
    }
  }
  linnet_loop_unref(loop);
}

static void takes_keys_as_the_security_object_has_them_SMS_32(void) {
  static const uint8_t six[] = {0x12, 0x12, 0x16, 0xb2, 0x02, 0x03};
  static const uint8_t single[] = {0x11, 0x11, 0x16, 0x01, 0xb2, 0x02, 0x03}; /* DES */
  static const uint8_t mixed[] = {0x12, 0x19, 0x16, 0x01, 0xb2, 0x02, 0x03};
  static const uint8_t triple[] = {0x19, 0x19, 0x16, 0x01, 0xb2, 0x02, 0x03};
  static const uint8_t clear[] = {0x12, 0x12, 0x12, 0x01, 0xb2, 0x02, 0x03};    /* no ciphering */
  static const uint8_t replayed[] = {0x12, 0x12, 0x06, 0x01, 0xb2, 0x02, 0x03}; /* no counter */
  linnet__packet_keys read;
  uint8_t secret[48];
  for (size_t i = 0; i < sizeof secret; i++) secret[i] = (uint8_t)(i * 5 + 1);
  CHECK_EQUAL(linnet__packet_keys_read(&read, six, 6, secret, 16), LINNET_OK); /* AMB-29 */
  CHECK_EQUAL(read.spi[0], 0x16);
  CHECK_EQUAL(read.spi[1], 0);
  CHECK_BYTES(read.tar, 3, six + 3, 3);
  CHECK_BYTES(read.checksum_key, 16, secret, 16);
  CHECK_EQUAL(linnet__packet_keys_read(&read, six, 6, secret, 32), LINNET_OK);
  CHECK_BYTES(read.checksum_key, 16, secret + 16, 16);
  CHECK_EQUAL(linnet__packet_keys_read(&read, triple, 7, secret, 48), LINNET_OK);
  CHECK_EQUAL(linnet__packet_keys_read(&read, triple, 7, secret, 32), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet__packet_keys_read(&read, six, 6, secret, 48), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet__packet_keys_read(&read, single, 7, secret, 16), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet__packet_keys_read(&read, mixed, 7, secret, 32), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet__packet_keys_read(&read, clear, 7, secret, 32), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet__packet_keys_read(&read, replayed, 7, secret, 32), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet__packet_keys_read(&read, six, 5, secret, 16), LINNET_ERROR_INVALID_ARGUMENT);
  memcpy(secret + 8, secret, 8); /* SMS-42: three different keys */
  CHECK_EQUAL(linnet__packet_keys_read(&read, triple, 7, secret, 48), LINNET_ERROR_INVALID_ARGUMENT);
}

/* Every length, with either cipher. */
static void reads_what_it_wrote(void) {
  static const uint8_t triple[] = {0x19, 0x19, 0x16, 0x01, 0xb2, 0x02, 0x03};
  linnet_loop *loop = new_loop();
  uint8_t secret[48], message[200];
  for (size_t i = 0; i < sizeof secret; i++) secret[i] = (uint8_t)(i * 5 + 1);
  for (size_t i = 0; i < sizeof message; i++) message[i] = (uint8_t)i;
  for (unsigned i = 0; i < 2 && can(loop); i++) {
    linnet__packet_keys read;
    CHECK_EQUAL(linnet__packet_keys_read(&read, i == 0 ? parameters : triple, 7, secret, i == 0 ? 32 : 48),
                LINNET_OK);
    for (size_t size = 0; size < sizeof message; size++) {
      linnet__buffer out;
      const uint8_t *data;
      size_t length;
      uint64_t counter;
      linnet__buffer_init(&out, loop, 1000);
      CHECK_EQUAL(linnet__packet_write(&out, &read, LINNET__COUNTER_LIMIT - size, message, size), LINNET_OK);
      CHECK(linnet__packet_room(&read, out.length) >= size);
      CHECK(linnet__packet_room(&read, out.length - 1) < size || size == 0);
      CHECK_EQUAL(linnet__packet_read(&read, out.data, out.length, &counter, &data, &length), LINNET_OK);
      CHECK_EQUAL(counter, LINNET__COUNTER_LIMIT - size);
      CHECK_BYTES(data, length, message, size);
      linnet__buffer_free(&out);
    }
  }
  linnet_loop_unref(loop);
}

/* ---- the stage ----------------------------------------------------------------------------------- */

typedef struct phone {
  linnet__receiver receiver;
  linnet_loop *loop;
  linnet_transport *transport;
  linnet_address peer;
  uint8_t heard[256];
  size_t length;
  unsigned count;
} phone;

static void on_received(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer,
                        const uint8_t *data, size_t length) {
  phone *p = LINNET__CONTAINER(receiver, phone, receiver);
  (void)transport;
  (void)peer;
  CHECK(length <= sizeof p->heard);
  memcpy(p->heard, data, length);
  p->length = length;
  p->count++;
}

static void on_unreachable(linnet__receiver *receiver, linnet_transport *transport,
                           const linnet_address *peer) {
  (void)receiver;
  (void)transport;
  (void)peer;
}

static void on_closed(linnet__receiver *receiver, linnet_transport *transport) {
  (void)receiver;
  (void)transport;
}

static bool begin(phone *p) {
  memset(p, 0, sizeof *p);
  p->receiver.received = on_received;
  p->receiver.unreachable = on_unreachable;
  p->receiver.closed = on_closed;
  p->loop = new_loop();
  p->transport = linnet_transport_new(p->loop, LINNET_TRANSPORT_SMS);
  CHECK_EQUAL(linnet_address_parse(&p->peer, "sms:+15550100"), LINNET_OK);
  CHECK_EQUAL(linnet_transport_add_secured(p->transport), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_transport_add_framing(p->transport), LINNET_OK);
  if (!can(p->loop)) return false;
  CHECK_EQUAL(linnet_transport_add_secured(p->transport), LINNET_OK);
  CHECK_EQUAL(linnet_transport_add_secured(p->transport), LINNET_ERROR_EXISTS);
  CHECK_EQUAL(linnet__transport_attach(p->transport, &p->receiver), LINNET_OK);
  return true;
}

static void end(phone *p) {
  linnet__transport_detach(p->transport, &p->receiver);
  linnet_transport_unref(p->transport);
  linnet_loop_unref(p->loop);
}

static void give_keys(phone *p) {
  CHECK_EQUAL(linnet_transport_set_secured_keys(p->transport, &p->peer, parameters, 7, keys, 32), LINNET_OK);
}

static linnet_sms next(phone *p) {
  linnet_datagram datagram;
  linnet_sms sms;
  CHECK(linnet_transport_next(p->transport, &datagram));
  CHECK_EQUAL(linnet_sms_parse(&sms, datagram.data, datagram.length), LINNET_OK);
  return sms;
}

static void deliver(phone *p, linnet_sms sms) {
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  sms.kind = LINNET_SMS_DELIVER;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_OK);
  CHECK_EQUAL(linnet_transport_receive_sms(p->transport, pdu, length), LINNET_OK);
  linnet_loop_step(p->loop, linnet_loop_now(p->loop) + 1);
}

static void sends_command_packets_of_class_2_SMS_40(void) {
  phone p;
  if (begin(&p)) {
    static const uint8_t header[] = {0x70, 0x00};
    uint8_t found[LINNET_SMS_OCTETS];
    CHECK_EQUAL(linnet__transport_send(p.transport, &p.peer, "hello", 5), LINNET_ERROR_SECURITY);
    give_keys(&p);
    size_t most = linnet__transport_room(p.transport);
    CHECK_EQUAL(most, 96);
    uint8_t message[96] = {0};
    CHECK_EQUAL(linnet__transport_send(p.transport, &p.peer, message, most), LINNET_OK);
    linnet_sms sms = next(&p);
    CHECK_EQUAL(sms.coding, 0xf6);
    CHECK_EQUAL(linnet_sms_get_class(&sms), 2);
    CHECK_EQUAL(sms.protocol, 0x7f);
    CHECK_BYTES(found, linnet_sms_get_header(&sms, found), header, sizeof header);
    deliver(&p, sms);
    CHECK_EQUAL(p.count, 1);
    CHECK_BYTES(p.heard, p.length, message, most);
  }
  end(&p);
}

/* SMS-42, SMS-21: a packet again, an older one, one in the clear: nothing happens. */
static void accepts_a_packet_once_SMS_42(void) {
  phone p;
  if (begin(&p)) {
    uint64_t sent, accepted;
    give_keys(&p);
    linnet__transport_send(p.transport, &p.peer, "one", 3);
    linnet__transport_send(p.transport, &p.peer, "two", 3);
    linnet_sms first = next(&p), second = next(&p);
    deliver(&p, second);
    deliver(&p, second);
    deliver(&p, first);
    CHECK_EQUAL(p.count, 1);
    CHECK_BYTES(p.heard, p.length, "two", 3);
    linnet_sms clear = second;
    clear.length = 3;
    deliver(&p, clear);
    clear.other_length = 0;
    deliver(&p, clear);
    CHECK_EQUAL(p.count, 1);
    linnet_datagram none;
    CHECK(!linnet_transport_next(p.transport, &none));
    CHECK_EQUAL(linnet_transport_get_secured_counters(p.transport, &p.peer, &sent, &accepted), LINNET_OK);
    CHECK_EQUAL(sent, accepted);
    CHECK_EQUAL(linnet_transport_set_secured_counters(p.transport, &p.peer, 500, 500), LINNET_OK);
    linnet__transport_send(p.transport, &p.peer, "three", 5);
    deliver(&p, next(&p));
    CHECK_EQUAL(linnet_transport_get_secured_counters(p.transport, &p.peer, &sent, &accepted), LINNET_OK);
    CHECK_EQUAL(accepted, 501);
    CHECK_EQUAL(linnet_transport_set_secured_keys(p.transport, &p.peer, NULL, 0, NULL, 0), LINNET_OK);
    CHECK_EQUAL(linnet_transport_get_secured_counters(p.transport, &p.peer, &sent, &accepted),
                LINNET_ERROR_NOT_FOUND);
  }
  end(&p);
}

static void goes_on_counting_by_the_clock_after_a_restart(void) {
  phone p;
  if (begin(&p)) {
    uint64_t sent, accepted;
    linnet_loop_step(p.loop, 1000);
    linnet_loop_set_wall_clock(p.loop, 1800000000000);
    give_keys(&p);
    linnet__transport_send(p.transport, &p.peer, "x", 1);
    CHECK_EQUAL(linnet_transport_get_secured_counters(p.transport, &p.peer, &sent, &accepted), LINNET_OK);
    CHECK_EQUAL(sent, (uint64_t)1800000000 << 8);
    linnet__transport_send(p.transport, &p.peer, "x", 1);
    CHECK_EQUAL(linnet_transport_get_secured_counters(p.transport, &p.peer, &sent, &accepted), LINNET_OK);
    CHECK_EQUAL(sent, ((uint64_t)1800000000 << 8) + 1);
  }
  end(&p);
}

static void carries_packets_in_parts(void) {
  phone p;
  if (begin(&p)) {
    uint8_t message[200];
    memset(message, 7, sizeof message);
    give_keys(&p);
    CHECK_EQUAL(linnet_transport_set_framing(p.transport, LINNET_FRAMING_PARTS, 3), LINNET_OK);
    CHECK_EQUAL(linnet__transport_send(p.transport, &p.peer, message, sizeof message), LINNET_OK);
    linnet_sms first = next(&p), second = next(&p);
    CHECK_EQUAL(first.other_length, 2);
    CHECK_EQUAL(second.other_length, 0);
    deliver(&p, second);
    deliver(&p, first);
    CHECK_BYTES(p.heard, p.length, message, sizeof message);
  }
  end(&p);
}

static void lets_what_is_open_be_set_SMS_43(void) {
  phone p;
  if (begin(&p)) {
    give_keys(&p);
    CHECK_EQUAL(linnet_transport_set_secured(p.transport, LINNET_SECURED_CHECKSUM, 5),
                LINNET_ERROR_OUT_OF_RANGE);
    CHECK_EQUAL(linnet_transport_set_secured(p.transport, LINNET_SECURED_CHECKSUM, 4), LINNET_OK);
    CHECK_EQUAL(linnet_transport_set_secured(p.transport, LINNET_SECURED_TAG, 0x22), LINNET_OK);
    linnet__transport_send(p.transport, &p.peer, "x", 1);
    linnet_sms sms = next(&p);
    deliver(&p, sms);
    CHECK_EQUAL(p.count, 1);
    CHECK_EQUAL(sms.data[2], 0x11); /* CHL */
    linnet__transport_send(p.transport, &p.peer, "x", 1);
    CHECK_EQUAL(linnet_transport_set_secured(p.transport, LINNET_SECURED_TAG, 5), LINNET_OK);
    deliver(&p, next(&p));
    CHECK_EQUAL(p.count, 1);
    CHECK_EQUAL(linnet_transport_set_secured(p.transport, LINNET_SECURED_PEERS, 1), LINNET_OK);
    linnet_address other;
    linnet_address_parse(&other, "sms:+15550101");
    CHECK_EQUAL(linnet_transport_set_secured_keys(p.transport, &other, parameters, 7, keys, 32),
                LINNET_ERROR_LIMIT_REACHED);
    CHECK_EQUAL(linnet_transport_set_secured_keys(p.transport, &p.peer, parameters, 7, keys, 31),
                LINNET_ERROR_INVALID_ARGUMENT);
  }
  end(&p);
}

int main(void) {
  return RUN(makes_and_reads_the_packets_of_others_SMS_41, refuses_what_is_not_as_it_was_made_SMS_21,
             takes_keys_as_the_security_object_has_them_SMS_32, reads_what_it_wrote,
             sends_command_packets_of_class_2_SMS_40, accepts_a_packet_once_SMS_42,
             goes_on_counting_by_the_clock_after_a_restart, carries_packets_in_parts,
             lets_what_is_open_be_set_SMS_43);
}

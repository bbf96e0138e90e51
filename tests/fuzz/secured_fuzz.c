/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secured_fuzz.c: TPDUs of strangers, and secured packets with all that may be in them, into a transport that
 * frames and secures.
 *
 * The first byte chooses: a row of TPDUs as they are; one packet as it is; or what stands behind the right
 * checksum, whose writer had the keys, with some octets changed after it was ciphered. What is accepted was
 * never accepted before.
 */
#include <linnet/framing.h>
#include <linnet/secured.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/secured_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t parameters[2][7] = {{0x12, 0x12, 0x16, 0x01, 0xb2, 0x02, 0x03},
                                         {0x19, 0x19, 0x16, 0x01, 0xb2, 0x02, 0x03}};
static const uint8_t keys[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL";

typedef struct stage {
  linnet__receiver receiver;
  linnet_loop *loop;
  linnet_transport *transport;
  linnet_address peer;
  unsigned heard;
} stage;

static void expect(int truth) {
  if (!truth) abort();
}

static void received(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer,
                     const uint8_t *data, size_t length) {
  stage *s = LINNET__CONTAINER(receiver, stage, receiver);
  uint8_t *copy = malloc(length);
  (void)transport;
  (void)peer;
  expect(length > 0 && copy != NULL);
  memcpy(copy, data, length); /* every byte of it can be read */
  free(copy);
  s->heard++;
}

static void unreachable(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer) {
  (void)receiver;
  (void)transport;
  (void)peer;
}

static void closed(linnet__receiver *receiver, linnet_transport *transport) {
  (void)receiver;
  (void)transport;
}

static void begin(stage *s, unsigned cipher) {
  static const uint8_t seed[LINNET_SEED_SIZE] = {11};
  memset(s, 0, sizeof *s);
  s->receiver = (linnet__receiver){.received = received, .unreachable = unreachable, .closed = closed};
  s->loop = linnet_loop_new(seed, sizeof seed);
  s->transport = linnet_transport_new(s->loop, LINNET_TRANSPORT_SMS);
  expect(linnet_address_parse(&s->peer, "sms:+15550100") == LINNET_OK);
  expect(linnet_transport_add_framing(s->transport) == LINNET_OK);
  expect(linnet_transport_add_secured(s->transport) == LINNET_OK);
  expect(linnet_transport_set_secured_keys(s->transport, &s->peer, parameters[cipher], 7, keys,
                                           cipher == 0 ? 32 : 48) == LINNET_OK);
  expect(linnet__transport_attach(s->transport, &s->receiver) == LINNET_OK);
}

static void end(stage *s) {
  linnet__transport_detach(s->transport, &s->receiver);
  linnet_transport_unref(s->transport);
  linnet_loop_unref(s->loop);
}

static void step(stage *s) { linnet_loop_step(s->loop, linnet_loop_now(s->loop) + 1000); }

static void take_tpdus(stage *s, const uint8_t *data, size_t size) {
  for (size_t at = 0; at < size;) {
    size_t length = data[at++];
    if (length > size - at) length = size - at;
    linnet_transport_receive_sms(s->transport, data + at, length);
    step(s);
    at += length;
  }
}

/* In one message, or in two parts. */
static void deliver(stage *s, const uint8_t *packet, size_t size) {
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t most = size <= 137 ? 137 : 132, length;
  uint8_t parts = (uint8_t)((size + most - 1) / most);
  for (uint8_t part = 0; part < parts; part++) {
    linnet_sms sms = {.kind = LINNET_SMS_DELIVER, .coding = 0xf6, .protocol = 0x7f};
    size_t at = part * most;
    expect(linnet_sms_number_parse(&sms.number, "+15550100") == LINNET_OK);
    if (parts > 1) {
      sms.part_bits = 8;
      sms.parts = parts;
      sms.part = (uint8_t)(part + 1);
    }
    if (part == 0) memcpy(sms.other, "\x70", 2);
    if (part == 0) sms.other_length = 2;
    sms.length = (uint8_t)(size - at < most ? size - at : most);
    memcpy(sms.data, packet + at, sms.length);
    expect(linnet_sms_write(&sms, pdu, &length) == LINNET_OK);
    expect(linnet_transport_receive_sms(s->transport, pdu, length) == LINNET_OK);
    step(s);
  }
}

/* What has the keys writes what it likes: another tag, a wrong length, nothing. */
static void take_sealed(stage *s, unsigned cipher, const uint8_t *data, size_t size) {
  linnet__packet_keys read;
  linnet__buffer out;
  size_t changes = size > 0 ? data[0] % 4u : 0;
  if (size < 1 + 2 * changes) return;
  const uint8_t *change = data + 1;
  data += 1 + 2 * changes;
  size -= 1 + 2 * changes;
  expect(linnet__packet_keys_read(&read, parameters[cipher], 7, keys, cipher == 0 ? 32 : 48) == LINNET_OK);
  linnet__buffer_init(&out, s->loop, 65536);
  if (size <= 400 && linnet__packet_write(&out, &read, 5, data, size) == LINNET_OK) {
    for (size_t i = 0; i < changes; i++) out.data[change[2 * i] % out.length] ^= change[2 * i + 1];
    deliver(s, out.data, out.length);
    unsigned heard = s->heard;
    deliver(s, out.data, out.length); /* SMS-42 */
    expect(heard <= 1 && s->heard == heard);
  }
  linnet__buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  stage s;
  if (size == 0) return 0;
  unsigned choice = data[0] % 4u, cipher = data[0] / 4u % 2u;
  begin(&s, cipher);
  if (choice == 0)
    take_tpdus(&s, data + 1, size - 1);
  else if (choice == 1 && size > 1 && size < 400)
    deliver(&s, data + 1, size - 1);
  else
    take_sealed(&s, cipher, data + 1, size - 1);
  end(&s);
  return 0;
}

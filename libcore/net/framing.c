/* SPDX-License-Identifier: Apache-2.0 */
/* framing.c: a stage that makes short messages of CoAP messages, and back (sms.md 1, 2: SMS-01, SMS-04 to
 * SMS-06, SMS-10, SMS-11). */
#include <linnet/framing.h>

#include <string.h>

#include "../sms/sms.h"
#include "transport_internal.h"

#define SETTINGS (LINNET_FRAMING_COMMAND_PACKETS + 1)
#define LONGEST_TIMEOUT_MS (7u * 86400000u)
#define SHORTEST_TIMEOUT_MS 1000u
/* The element of the user data header that marks a command packet (3GPP TS 31.115, 4.1). */
#define COMMAND_PACKET 0x70
/* WAP push (SMS-06): the port, and the type of unit that carries it. */
#define PUSH_PORT 2948
#define PUSH_UNIT 0x06
/* TP-ST: the service centre has given up (TS 23.040, 9.2.3.15). */
#define STATUS_GIVEN_UP 0x40
#define STATUS_RESERVED 0x80

static const struct {
  uint32_t initial, least, most;
  const char *name;
} table[SETTINGS] = {
#define FRAMING_ROW(constant, value, initial, least, most, name) {initial, least, most, name},
    LINNET_FRAMING_MAP(FRAMING_ROW)
#undef FRAMING_ROW
};

typedef struct framing {
  linnet__stage stage;
  uint32_t settings[SETTINGS];
  linnet__reassembly reassembly;
  uint16_t part_reference;
  uint8_t reference; /* TP-MR */
} framing;

static framing *of_stage(const linnet__stage *stage) { return LINNET__CONTAINER(stage, framing, stage); }

/* Everything but the number, the text and which part it is. */
static linnet_sms envelope(const framing *self) {
  const uint32_t *settings = self->settings;
  linnet_sms sms = {.kind = LINNET_SMS_SUBMIT,
                    .coding = (uint8_t)settings[LINNET_FRAMING_CODING],
                    .protocol = (uint8_t)settings[LINNET_FRAMING_PROTOCOL],
                    .report = settings[LINNET_FRAMING_REPORTS] != 0,
                    .port_bits = (uint8_t)settings[LINNET_FRAMING_PORT_BITS],
                    .destination_port = (uint16_t)settings[LINNET_FRAMING_DESTINATION_PORT],
                    .source_port = (uint16_t)settings[LINNET_FRAMING_SOURCE_PORT],
                    .validity_s = settings[LINNET_FRAMING_VALIDITY_S]};
  if (sms.validity_s > 0) sms.validity = LINNET_SMS_VALIDITY_RELATIVE;
  if (settings[LINNET_FRAMING_COMMAND_PACKETS] != 0) {
    static const uint8_t element[] = {COMMAND_PACKET, 0};
    memcpy(sms.other, element, sizeof element);
    sms.other_length = sizeof element;
  }
  return sms;
}

static size_t room_of_one(const framing *self) {
  linnet_sms sms = envelope(self);
  return linnet_sms_room(&sms);
}

static size_t room_of_part(const framing *self) {
  linnet_sms sms = envelope(self);
  sms.part_bits = (uint8_t)self->settings[LINNET_FRAMING_PART_BITS];
  return linnet_sms_room(&sms);
}

static size_t room(const linnet__stage *stage, size_t below) {
  const framing *self = of_stage(stage);
  size_t parts = self->settings[LINNET_FRAMING_PARTS];
  if (below < LINNET_SMS_PDU_SIZE) return 0;
  return parts == 1 ? room_of_one(self) : parts * room_of_part(self);
}

/* ---- down ---------------------------------------------------------------------------------------- */

static linnet_status put(framing *self, const linnet_address *peer, linnet_sms *sms, const uint8_t *data,
                         size_t length) {
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t size;
  sms->reference = self->reference++;
  sms->length = (uint8_t)length;
  memcpy(sms->data, data, length);
  linnet_status status = linnet_sms_write(sms, pdu, &size);
  return status == LINNET_OK ? linnet__stage_sink(&self->stage, peer, pdu, size) : status;
}

static linnet_status put_parts(framing *self, const linnet_address *peer, linnet_sms *sms,
                               const uint8_t *data, size_t length) {
  size_t most = room_of_part(self);
  sms->part_bits = (uint8_t)self->settings[LINNET_FRAMING_PART_BITS];
  sms->part_reference = sms->part_bits == 8 ? self->part_reference & 0xffu : self->part_reference;
  sms->parts = (uint8_t)((length + most - 1) / most);
  self->part_reference++;
  for (size_t at = 0; at < length; at += most) {
    sms->part++;
    linnet_status status = put(self, peer, sms, data + at, length - at < most ? length - at : most);
    if (status != LINNET_OK) return status;
    sms->other_length = 0; /* TS 31.115, 4.1: in the first part alone */
  }
  return LINNET_OK;
}

static linnet_status send(linnet__stage *stage, const linnet_address *peer, const uint8_t *data,
                          size_t length) {
  framing *self = of_stage(stage);
  linnet_sms sms = envelope(self);
  if (peer->kind != LINNET_ADDRESS_PHONE || peer->length >= LINNET_SMS_NUMBER_SIZE)
    return linnet__fail(stage->transport->handle.loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "send: the peer of a short message is a number");
  sms.number.kind = LINNET_SMS_INTERNATIONAL;
  sms.number.plan = 1;
  memcpy(sms.number.text, peer->bytes, peer->length);
  if (length <= linnet_sms_room(&sms)) return put(self, peer, &sms, data, length);
  return put_parts(self, peer, &sms, data, length);
}

/* ---- up ------------------------------------------------------------------------------------------ */

static void ignore(linnet__stage *stage, const linnet_address *peer, const char *why) {
  char text[LINNET_ADDRESS_TEXT_SIZE];
  stage->transport->counts[LINNET_COUNTER_RECEIVE_DROPPED]++;
  linnet__log(stage->transport->handle.loop, LINNET_LOG_DEBUG, "short message from %s dropped: %s",
              linnet_address_text(peer, text), why);
}

/* SMS-06: CoAP in a WAP push: transaction, type of unit, length of the headers, headers. */
static size_t push_headers(const linnet_sms *sms, const uint8_t *data, size_t length) {
  if (sms->port_bits != 16 || sms->destination_port != PUSH_PORT || length < 3 || data[1] != PUSH_UNIT)
    return 0;
  size_t headers = 3u + data[2];
  return headers < length ? headers : 0;
}

static void rise(framing *self, const linnet_address *peer, const linnet_sms *sms, const uint8_t *data,
                 size_t length) {
  size_t skip = push_headers(sms, data, length);
  linnet__stage_rise(&self->stage, peer, data + skip, length - skip);
}

/* TS 31.115, 4.1: the first part says so for all. */
static bool is_marked(const framing *self, const linnet_sms *sms) {
  if (self->settings[LINNET_FRAMING_COMMAND_PACKETS] == 0 || sms->part > 1) return true;
  for (size_t at = 0; at + 1 < sms->other_length; at += 2u + sms->other[at + 1])
    if (sms->other[at] == COMMAND_PACKET) return true;
  return false;
}

static bool is_ours(const framing *self, const linnet_sms *sms) {
  if (sms->port_bits == 0) return true; /* AMB-31: no port is mandated */
  if (sms->port_bits == 16 && sms->destination_port == PUSH_PORT) return true;
  return sms->port_bits == self->settings[LINNET_FRAMING_PORT_BITS] &&
         sms->destination_port == self->settings[LINNET_FRAMING_SOURCE_PORT];
}

static void rise_whole(framing *self, const linnet_address *peer, const linnet_sms *sms) {
  linnet_transport *transport = self->stage.transport;
  linnet__buffer whole;
  linnet__buffer_init(&whole, transport->handle.loop, (size_t)UINT8_MAX * LINNET_SMS_OCTETS);
  linnet_transport_ref(transport); /* the receiver may give back the last reference */
  if (linnet__reassembly_add(&self->reassembly, sms, &whole) && whole.length > 0)
    rise(self, peer, sms, whole.data, whole.length);
  linnet__buffer_free(&whole);
  linnet_transport_unref(transport);
}

static void received(linnet__stage *stage, const linnet_address *peer, const uint8_t *data, size_t length) {
  framing *self = of_stage(stage);
  linnet_sms sms;
  linnet_status status = linnet_sms_parse(&sms, data, length);
  if (status != LINNET_OK) {
    ignore(stage, peer, "not a TPDU");
  } else if (sms.kind == LINNET_SMS_STATUS_REPORT) {
    if (sms.status >= STATUS_GIVEN_UP && sms.status < STATUS_RESERVED)
      linnet__stage_tell_unreachable(stage, peer);
  } else if (sms.kind != LINNET_SMS_DELIVER || linnet_sms_get_alphabet(&sms) != LINNET_SMS_DATA) {
    ignore(stage, peer, "no data of 8 bits");
  } else if (!linnet__stage_is_known(stage, peer)) {
    ignore(stage, peer, "of a stranger"); /* SMS-05: also no place for its parts */
  } else if (!is_marked(self, &sms)) {
    ignore(stage, peer, "no command packet");
  } else if (!is_ours(self, &sms)) {
    ignore(stage, peer, "for another port");
  } else if (sms.part_bits != 0) {
    rise_whole(self, peer, &sms);
  } else if (sms.length > 0) {
    rise(self, peer, &sms, sms.data, sms.length);
  }
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void closed(linnet__stage *stage) { linnet__reassembly_clear(&of_stage(stage)->reassembly); }

static void destroy(linnet__stage *stage) {
  linnet__free(stage->transport->handle.loop, of_stage(stage), sizeof(framing));
}

static const linnet__stage_rules rules = {
    .received = received, .send = send, .room = room, .closed = closed, .destroy = destroy};

static framing *framing_of(const linnet_transport *transport) {
  for (linnet__stage *stage = transport->bottom; stage != NULL; stage = stage->above)
    if (stage->rules == &rules) return of_stage(stage);
  return NULL;
}

bool linnet_transport_has_framing(const linnet_transport *transport) { return framing_of(transport) != NULL; }

static void apply(framing *self) {
  linnet_transport *transport = self->stage.transport;
  self->reassembly.timeout_ms = 1000 * self->settings[LINNET_FRAMING_PARTS_TIMEOUT_S];
  self->reassembly.limit = self->settings[LINNET_FRAMING_MESSAGES];
  self->reassembly.limit_of_sender = self->settings[LINNET_FRAMING_MESSAGES_OF_SENDER];
  transport->block_room = room_of_one(self);
  linnet__transport_fit_messages(transport);
}

linnet_status linnet_transport_add_framing(linnet_transport *transport) {
  linnet_loop *loop = transport->handle.loop;
  if (transport->kind != LINNET_TRANSPORT_SMS)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "add framing: the transport is not for SMS");
  if (framing_of(transport) != NULL)
    return linnet__fail(loop, LINNET_ERROR_EXISTS, "add framing: it is there already");
  framing *self = linnet__new(loop, sizeof *self);
  if (self == NULL) return linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "add framing: out of memory");
  size_t mtu = transport->mtu;
  self->stage.rules = &rules;
  for (size_t i = 0; i < SETTINGS; i++) self->settings[i] = table[i].initial;
  linnet__reassembly_init(&self->reassembly, loop);
  self->part_reference = (uint16_t)linnet__random_u32(loop);
  transport->mtu = LINNET_SMS_PDU_SIZE;
  linnet_status status = linnet__transport_add_stage(transport, &self->stage);
  if (status != LINNET_OK) {
    transport->mtu = mtu;
    linnet__free(loop, self, sizeof *self);
    return status;
  }
  apply(self);
  return LINNET_OK;
}

/* ---- settings ------------------------------------------------------------------------------------ */

/* What the range alone does not say. */
static bool is_possible(linnet_framing_setting setting, uint32_t value) {
  linnet_sms sms = {.coding = (uint8_t)value};
  if (setting == LINNET_FRAMING_PART_BITS || setting == LINNET_FRAMING_PORT_BITS) return value % 8 == 0;
  return setting != LINNET_FRAMING_CODING || linnet_sms_get_alphabet(&sms) == LINNET_SMS_DATA;
}

static const char *restriction(linnet_framing_setting setting) {
  if (setting == LINNET_FRAMING_CODING) return ", one for data of 8 bits";
  return setting == LINNET_FRAMING_PART_BITS || setting == LINNET_FRAMING_PORT_BITS ? ", a multiple of 8"
                                                                                    : "";
}

linnet_status linnet_transport_set_framing(linnet_transport *transport, linnet_framing_setting setting,
                                           uint32_t value) {
  linnet_loop *loop = transport->handle.loop;
  framing *self = framing_of(transport);
  if (self == NULL)
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "set framing: the transport has none");
  if ((unsigned)setting >= SETTINGS)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "set framing: there is no setting %d",
                        (int)setting);
  if (value < table[setting].least || value > table[setting].most || !is_possible(setting, value))
    return linnet__fail(loop, LINNET_ERROR_OUT_OF_RANGE, "set framing: %s cannot be %u (%u to %u%s)",
                        table[setting].name, (unsigned)value, (unsigned)table[setting].least,
                        (unsigned)table[setting].most, restriction(setting));
  uint32_t former = self->settings[setting];
  self->settings[setting] = value;
  if (linnet__transport_room(transport) == 0) {
    self->settings[setting] = former;
    return linnet__fail(loop, LINNET_ERROR_OUT_OF_RANGE, "set framing: %s %u leaves no room for a message",
                        table[setting].name, (unsigned)value);
  }
  apply(self);
  return LINNET_OK;
}

uint32_t linnet_transport_get_framing(const linnet_transport *transport, linnet_framing_setting setting) {
  const framing *self = framing_of(transport);
  return self == NULL || (unsigned)setting >= SETTINGS ? 0 : self->settings[setting];
}

linnet_status linnet_transport_set_response_timeout(linnet_transport *transport, uint32_t timeout_ms) {
  linnet_loop *loop = transport->handle.loop;
  linnet__timing *timing = &transport->timing;
  if (transport->kind != LINNET_TRANSPORT_SMS)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "set response timeout: it is for SMS");
  if (timeout_ms < SHORTEST_TIMEOUT_MS || timeout_ms > LONGEST_TIMEOUT_MS)
    return linnet__fail(loop, LINNET_ERROR_OUT_OF_RANGE, "set response timeout: %u ms is not 1 s to 7 days",
                        (unsigned)timeout_ms);
  timing->ack_timeout_ms = timing->response_timeout_ms = timeout_ms;
  timing->exchange_lifetime_ms = timing->non_lifetime_ms = 2 * timeout_ms;
  return LINNET_OK;
}

/* ---- numbers ------------------------------------------------------------------------------------- */

linnet_status linnet_address_from_sms(linnet_address *address, const linnet_sms_number *number) {
  static const char scheme[] = "sms:";
  char text[sizeof scheme + 1 + LINNET_SMS_NUMBER_SIZE];
  const char *end = memchr(number->text, 0, sizeof number->text);
  memset(address, 0, sizeof *address);
  if (number->kind == LINNET_SMS_ALPHANUMERIC || end == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  size_t length = sizeof scheme - 1;
  memcpy(text, scheme, length);
  if (number->kind == LINNET_SMS_INTERNATIONAL) text[length++] = '+';
  memcpy(text + length, number->text, (size_t)(end - number->text) + 1);
  return linnet_address_parse(address, text);
}

linnet_status linnet_transport_receive_sms(linnet_transport *transport, const void *pdu, size_t length) {
  linnet_loop *loop = transport->handle.loop;
  linnet_address peer;
  linnet_sms sms;
  linnet_status status = linnet_sms_parse(&sms, pdu, length);
  if (status == LINNET_OK && linnet_address_from_sms(&peer, &sms.number) == LINNET_OK)
    return linnet_transport_receive(transport, &peer, pdu, length);
  transport->counts[LINNET_COUNTER_RECEIVE_DROPPED]++;
  return linnet__fail(loop, LINNET_ERROR_MALFORMED, "receive: %s; the message is dropped",
                      status != LINNET_OK ? "not a TPDU" : "its sender has no number");
}

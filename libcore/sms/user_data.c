/* SPDX-License-Identifier: Apache-2.0 */
/* user_data.c: how user data is coded, and the header that may stand before it (3GPP TS 23.038, 4; TS 23.040,
 * 9.2.3.16, 9.2.3.24; sms.md SMS-10). */
#include <string.h>

#include "sms.h"

/* Identifiers of information elements. */
enum { PARTS_8 = 0x00, PORTS_8 = 0x04, PORTS_16 = 0x05, PARTS_16 = 0x08 };

/* ---- TP-DCS -------------------------------------------------------------------------------------- */

/* Reserved codings are taken for the default alphabet. */
linnet_sms_alphabet linnet_sms_get_alphabet(const linnet_sms *sms) {
  uint8_t coding = sms->coding;
  if (coding < 0x80) { /* general, or marked for deletion */
    static const uint8_t alphabets[] = {LINNET_SMS_GSM, LINNET_SMS_DATA, LINNET_SMS_UCS2, LINNET_SMS_GSM};
    return (coding & 0x20) != 0 ? LINNET_SMS_COMPRESSED : (linnet_sms_alphabet)alphabets[coding >> 2 & 3];
  }
  if ((coding & 0xf0) == 0xe0) return LINNET_SMS_UCS2; /* a message waits */
  return (coding & 0xfc) == 0xf4 ? LINNET_SMS_DATA : LINNET_SMS_GSM;
}

int linnet_sms_get_class(const linnet_sms *sms) {
  bool general = sms->coding < 0x80 && (sms->coding & 0x10) != 0;
  return general || sms->coding >= 0xf0 ? sms->coding & 3 : -1;
}

/* ---- sizes --------------------------------------------------------------------------------------- */

static size_t port_octets(const linnet_sms *sms) {
  if (sms->port_bits == 0) return 0;
  return sms->port_bits == 8 ? 4 : 6;
}

static size_t part_octets(const linnet_sms *sms) {
  if (sms->part_bits == 0) return 0;
  return sms->part_bits == 8 ? 5 : 6;
}

/* With its own length; 0: there is none. */
static size_t header_octets(const linnet_sms *sms) {
  size_t octets = port_octets(sms) + part_octets(sms) + sms->other_length;
  return octets == 0 ? 0 : octets + 1;
}

/* Septets begin at a multiple of seven bits after the header. */
static unsigned fill_bits(size_t header) { return (unsigned)((7 - header * 8 % 7) % 7); }

static size_t header_septets(size_t header) { return (header * 8 + 6) / 7; }

size_t linnet_sms_room(const linnet_sms *sms) {
  size_t header = header_octets(sms);
  if (header > LINNET_SMS_OCTETS) return 0;
  if (linnet_sms_get_alphabet(sms) == LINNET_SMS_GSM) return LINNET_SMS_SEPTETS - header_septets(header);
  return LINNET_SMS_OCTETS - header;
}

linnet__user_data_form linnet__sms_form(const linnet_sms *sms) {
  return header_octets(sms) > 0 ? LINNET__USER_DATA_WITH_HEADER : LINNET__USER_DATA_BARE;
}

/* ---- reading ------------------------------------------------------------------------------------- */

/* SMS-10. Of several the last counts. */
static void take_parts(linnet_sms *sms, uint8_t bits, uint16_t reference, const uint8_t numbers[2]) {
  if (numbers[0] == 0 || numbers[1] == 0 || numbers[1] > numbers[0]) return;
  sms->part_bits = bits;
  sms->part_reference = reference;
  sms->parts = numbers[0];
  sms->part = numbers[1];
}

static void take_ports(linnet_sms *sms, uint8_t bits, uint16_t destination, uint16_t source) {
  sms->port_bits = bits;
  sms->destination_port = destination;
  sms->source_port = source;
}

static bool take_element(linnet_sms *sms, const uint8_t *element) {
  const uint8_t *data = element + 2;
  uint8_t length = element[1];
  switch (element[0]) {
    case PARTS_8:
      if (length == 3) take_parts(sms, 8, data[0], data + 1);
      return length == 3;
    case PARTS_16:
      if (length == 4) take_parts(sms, 16, linnet__get_u16(data), data + 2);
      return length == 4;
    case PORTS_8:
      if (length == 2) take_ports(sms, 8, data[0], data[1]);
      return length == 2;
    case PORTS_16:
      if (length == 4) take_ports(sms, 16, linnet__get_u16(data), linnet__get_u16(data + 2));
      return length == 4;
    default:
      memcpy(sms->other + sms->other_length, element, 2u + length);
      sms->other_length = (uint8_t)(sms->other_length + 2 + length);
      return true;
  }
}

static linnet_status read_header(linnet_sms *sms, const uint8_t *header, size_t length) {
  for (size_t position = 0; position < length;) {
    if (length - position < 2 || length - position - 2 < header[position + 1]) return LINNET_ERROR_MALFORMED;
    if (!take_element(sms, header + position)) return LINNET_ERROR_MALFORMED;
    position += 2u + header[position + 1];
  }
  return LINNET_OK;
}

linnet_status linnet_sms_set_header(linnet_sms *sms, const void *header, size_t length) {
  if (length >= LINNET_SMS_OCTETS) return LINNET_ERROR_TOO_LARGE;
  sms->port_bits = sms->part_bits = sms->other_length = 0;
  sms->destination_port = sms->source_port = sms->part_reference = 0;
  sms->parts = sms->part = 0;
  return length == 0 ? LINNET_OK : read_header(sms, header, length);
}

linnet_status linnet__sms_read_user_data(linnet__cursor *cursor, linnet_sms *sms,
                                         linnet__user_data_form form) {
  uint8_t units;
  linnet__cursor_field(cursor, "TP-UDL and the user data");
  if (!linnet__cursor_byte(cursor, &units)) return LINNET_ERROR_MALFORMED;
  bool septets = linnet_sms_get_alphabet(sms) == LINNET_SMS_GSM;
  size_t octets = septets ? linnet__septets_size(units, 0) : units;
  const uint8_t *data = linnet__cursor_take(cursor, octets);
  if (data == NULL || octets > LINNET_SMS_OCTETS) return LINNET_ERROR_MALFORMED;
  size_t header = 0;
  cursor->field = "the user data header";
  if (form == LINNET__USER_DATA_WITH_HEADER) {
    header = octets > 0 ? 1u + data[0] : 1;
    if (header > octets || (septets && header_septets(header) > units)) return LINNET_ERROR_MALFORMED;
    linnet_status status = read_header(sms, data + 1, header - 1);
    if (status != LINNET_OK) return status;
  }
  if (septets) {
    sms->length = (uint8_t)(units - header_septets(header));
    linnet__septets_unpack(sms->data, sms->length, data + header, fill_bits(header));
  } else {
    sms->length = (uint8_t)(octets - header);
    memcpy(sms->data, data + header, sms->length);
  }
  return LINNET_OK;
}

/* ---- writing ------------------------------------------------------------------------------------- */

static void write_ports(linnet__buffer *out, const linnet_sms *sms) {
  const uint16_t destination = sms->destination_port, source = sms->source_port;
  uint8_t narrow[] = {PORTS_8, 2, (uint8_t)destination, (uint8_t)source};
  uint8_t wide[] = {PORTS_16, 4, 0, 0, 0, 0};
  linnet__put_u16(wide + 2, destination);
  linnet__put_u16(wide + 4, source);
  if (sms->port_bits == 8) linnet__buffer_append(out, narrow, sizeof narrow);
  if (sms->port_bits == 16) linnet__buffer_append(out, wide, sizeof wide);
}

static void write_parts(linnet__buffer *out, const linnet_sms *sms) {
  uint8_t narrow[] = {PARTS_8, 3, (uint8_t)sms->part_reference, sms->parts, sms->part};
  uint8_t wide[] = {PARTS_16, 4, 0, 0, sms->parts, sms->part};
  linnet__put_u16(wide + 2, sms->part_reference);
  if (sms->part_bits == 8) linnet__buffer_append(out, narrow, sizeof narrow);
  if (sms->part_bits == 16) linnet__buffer_append(out, wide, sizeof wide);
}

static void write_elements(linnet__buffer *out, const linnet_sms *sms) {
  write_ports(out, sms);
  write_parts(out, sms);
  linnet__buffer_append(out, sms->other, sms->other_length);
}

size_t linnet_sms_get_header(const linnet_sms *sms, uint8_t header[LINNET_SMS_OCTETS]) {
  linnet__buffer out;
  linnet__buffer_init_fixed(&out, header, LINNET_SMS_OCTETS);
  if (sms->other_length <= sizeof sms->other) write_elements(&out, sms);
  return out.failed == LINNET_OK ? out.length : 0;
}

static bool width_valid(uint8_t bits, unsigned largest) {
  return bits == 0 || bits == 16 || (bits == 8 && largest <= UINT8_MAX);
}

static linnet_status check(const linnet_sms *sms) {
  bool septets = linnet_sms_get_alphabet(sms) == LINNET_SMS_GSM;
  unsigned port = sms->destination_port > sms->source_port ? sms->destination_port : sms->source_port;
  bool counted = sms->part_bits == 0 || (sms->part > 0 && sms->part <= sms->parts);
  if (!width_valid(sms->port_bits, port) || !width_valid(sms->part_bits, sms->part_reference) || !counted)
    return LINNET_ERROR_INVALID_ARGUMENT;
  if (header_octets(sms) > LINNET_SMS_OCTETS || sms->length > linnet_sms_room(sms))
    return LINNET_ERROR_TOO_LARGE;
  for (size_t i = 0; septets && i < sms->length; i++)
    if (sms->data[i] > 0x7f) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_sms scratch = {.other_length = 0}; /* are they elements, and none that a field stands for? */
  linnet_status status = read_header(&scratch, sms->other, sms->other_length);
  return status == LINNET_OK && scratch.other_length == sms->other_length ? LINNET_OK
                                                                          : LINNET_ERROR_INVALID_ARGUMENT;
}

linnet_status linnet__sms_write_user_data(linnet__buffer *out, const linnet_sms *sms) {
  uint8_t packed[LINNET_SMS_OCTETS];
  linnet_status status = check(sms);
  if (status != LINNET_OK) return status;
  bool septets = linnet_sms_get_alphabet(sms) == LINNET_SMS_GSM;
  size_t header = header_octets(sms);
  unsigned fill = septets ? fill_bits(header) : 0;
  linnet__buffer_append_byte(out, (uint8_t)(sms->length + (septets ? header_septets(header) : header)));
  if (header > 0) linnet__buffer_append_byte(out, (uint8_t)(header - 1));
  write_elements(out, sms);
  if (!septets) return linnet__buffer_append(out, sms->data, sms->length);
  linnet__septets_pack(packed, sms->data, sms->length, fill);
  return linnet__buffer_append(out, packed, linnet__septets_size(sms->length, fill));
}

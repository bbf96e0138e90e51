/* SPDX-License-Identifier: Apache-2.0 */
/* pdu.c: the TPDUs SMS-DELIVER, SMS-SUBMIT and SMS-STATUS-REPORT (3GPP TS 23.040, 9.2.2; sms.md 2). */
#include <string.h>

#include "sms.h"

/* The first octet; what a bit means depends on the kind. */
#define KIND_MASK 0x03
#define NO_MORE 0x04           /* DELIVER, STATUS-REPORT */
#define REJECT_DUPLICATES 0x04 /* SUBMIT */
#define LOOPS 0x08             /* DELIVER, STATUS-REPORT */
#define VALIDITY_SHIFT 3       /* SUBMIT */
#define REPORT 0x20            /* STATUS-REPORT: it is about a command */
#define WITH_HEADER 0x40
#define REPLY_PATH 0x80 /* DELIVER, SUBMIT */

/* TP-PI of a STATUS-REPORT: what follows it. */
#define HAS_PROTOCOL 0x01
#define HAS_CODING 0x02
#define HAS_USER_DATA 0x04
#define MORE_INDICATORS 0x80

#define DATA_CODING 0x04
#define DEFAULT_VALIDITY_S 3600

const uint8_t *linnet__cursor_take(linnet__cursor *cursor, size_t length) {
  if (cursor->length - cursor->position < length) return NULL;
  const uint8_t *at = cursor->data + cursor->position;
  cursor->position += length;
  return at;
}

void linnet__cursor_field(linnet__cursor *cursor, const char *name) {
  cursor->field = name;
  cursor->begin = cursor->position;
}

bool linnet__cursor_byte(linnet__cursor *cursor, uint8_t *byte) {
  const uint8_t *at = linnet__cursor_take(cursor, 1);
  if (at != NULL) *byte = *at;
  return at != NULL;
}

static bool read_octet(linnet__cursor *cursor, const char *name, uint8_t *octet) {
  linnet__cursor_field(cursor, name);
  return linnet__cursor_byte(cursor, octet);
}

static linnet_status read_address(linnet__cursor *cursor, linnet_sms *sms) {
  linnet__cursor_field(cursor, "the address");
  return linnet__sms_read_number(cursor, &sms->number);
}

static linnet_status read_time(linnet__cursor *cursor, const char *name, linnet_sms_time *time) {
  linnet__cursor_field(cursor, name);
  return linnet__sms_read_time(cursor, time);
}

static linnet__user_data_form form_of(uint8_t first) {
  return (first & WITH_HEADER) != 0 ? LINNET__USER_DATA_WITH_HEADER : LINNET__USER_DATA_BARE;
}

/* ---- reading ------------------------------------------------------------------------------------- */

static linnet_status read_deliver(linnet__cursor *cursor, linnet_sms *sms, uint8_t first) {
  sms->more = (first & NO_MORE) == 0;
  sms->loops = (first & LOOPS) != 0;
  sms->reply_path = (first & REPLY_PATH) != 0;
  linnet_status status = read_address(cursor, sms);
  if (status != LINNET_OK) return status;
  if (!read_octet(cursor, "TP-PID", &sms->protocol) || !read_octet(cursor, "TP-DCS", &sms->coding))
    return LINNET_ERROR_MALFORMED;
  status = read_time(cursor, "TP-SCTS, the time of the service centre", &sms->center_time);
  return status == LINNET_OK ? linnet__sms_read_user_data(cursor, sms, form_of(first)) : status;
}

static linnet_status read_submit(linnet__cursor *cursor, linnet_sms *sms, uint8_t first) {
  sms->reject_duplicates = (first & REJECT_DUPLICATES) != 0;
  sms->reply_path = (first & REPLY_PATH) != 0;
  sms->validity = (linnet_sms_validity)(first >> VALIDITY_SHIFT & 3);
  if (!read_octet(cursor, "TP-MR", &sms->reference)) return LINNET_ERROR_MALFORMED;
  linnet_status status = read_address(cursor, sms);
  if (status != LINNET_OK) return status;
  if (!read_octet(cursor, "TP-PID", &sms->protocol) || !read_octet(cursor, "TP-DCS", &sms->coding))
    return LINNET_ERROR_MALFORMED;
  linnet__cursor_field(cursor, "TP-VP, the validity period");
  status = linnet__sms_read_validity(cursor, sms);
  return status == LINNET_OK ? linnet__sms_read_user_data(cursor, sms, form_of(first)) : status;
}

/* Everything from TP-PI on may be missing; what follows indicators of a later day is left alone. */
static linnet_status read_report_rest(linnet__cursor *cursor, linnet_sms *sms, uint8_t first) {
  uint8_t indicators, more;
  linnet__cursor_field(cursor, "TP-PI and what it announces");
  if (!linnet__cursor_byte(cursor, &indicators)) return LINNET_OK;
  for (more = indicators; (more & MORE_INDICATORS) != 0;)
    if (!linnet__cursor_byte(cursor, &more)) return LINNET_ERROR_MALFORMED;
  if ((indicators & HAS_PROTOCOL) != 0 && !linnet__cursor_byte(cursor, &sms->protocol))
    return LINNET_ERROR_MALFORMED;
  if ((indicators & HAS_CODING) != 0 && !linnet__cursor_byte(cursor, &sms->coding))
    return LINNET_ERROR_MALFORMED;
  linnet_status status = LINNET_OK;
  if ((indicators & HAS_USER_DATA) != 0) status = linnet__sms_read_user_data(cursor, sms, form_of(first));
  cursor->position = cursor->length;
  return status;
}

static linnet_status read_report(linnet__cursor *cursor, linnet_sms *sms, uint8_t first) {
  sms->more = (first & NO_MORE) == 0;
  sms->loops = (first & LOOPS) != 0;
  if (!read_octet(cursor, "TP-MR", &sms->reference)) return LINNET_ERROR_MALFORMED;
  linnet_status status = read_address(cursor, sms);
  if (status == LINNET_OK)
    status = read_time(cursor, "TP-SCTS, the time of the service centre", &sms->center_time);
  if (status == LINNET_OK) status = read_time(cursor, "TP-DT, the discharge time", &sms->discharge_time);
  if (status != LINNET_OK) return status;
  if (!read_octet(cursor, "TP-ST", &sms->status)) return LINNET_ERROR_MALFORMED;
  return read_report_rest(cursor, sms, first);
}

static linnet_status parse(linnet_sms *sms, linnet__cursor *cursor) {
  static linnet_status (*const readers[])(linnet__cursor *, linnet_sms *, uint8_t) = {
      [LINNET_SMS_DELIVER] = read_deliver,
      [LINNET_SMS_SUBMIT] = read_submit,
      [LINNET_SMS_STATUS_REPORT] = read_report};
  uint8_t first;
  memset(sms, 0, sizeof *sms);
  if (!read_octet(cursor, "TP-MTI, the kind of message", &first)) return LINNET_ERROR_MALFORMED;
  unsigned kind = first & KIND_MASK;
  if (kind > LINNET_SMS_STATUS_REPORT) return LINNET_ERROR_UNSUPPORTED_FORMAT;
  sms->kind = (linnet_sms_kind)kind;
  if (kind == LINNET_SMS_STATUS_REPORT)
    sms->command = (first & REPORT) != 0;
  else
    sms->report = (first & REPORT) != 0;
  linnet_status status = readers[kind](cursor, sms, first);
  if (status != LINNET_OK) return status;
  linnet__cursor_field(cursor, "the end, behind which there is more");
  return cursor->position == cursor->length ? LINNET_OK : LINNET_ERROR_MALFORMED;
}

linnet_status linnet_sms_parse(linnet_sms *sms, const void *data, size_t length) {
  linnet__cursor cursor = {.data = data, .length = length};
  return parse(sms, &cursor);
}

const char *linnet_sms_fault(const void *data, size_t length, size_t *used) {
  linnet__cursor cursor = {.data = data, .length = length};
  linnet_sms sms;
  linnet_status status = parse(&sms, &cursor);
  *used = status == LINNET_OK ? length : cursor.begin;
  return status == LINNET_OK ? NULL : cursor.field;
}

/* ---- writing ------------------------------------------------------------------------------------- */

static uint8_t first_octet(const linnet_sms *sms) {
  unsigned first = (unsigned)sms->kind;
  bool submit = sms->kind == LINNET_SMS_SUBMIT, status_report = sms->kind == LINNET_SMS_STATUS_REPORT;
  if (submit) {
    if (sms->reject_duplicates) first |= REJECT_DUPLICATES;
    first |= (unsigned)sms->validity << VALIDITY_SHIFT;
  } else {
    if (!sms->more) first |= NO_MORE;
    if (sms->loops) first |= LOOPS;
  }
  if (status_report ? sms->command : sms->report) first |= REPORT;
  if (!status_report && sms->reply_path) first |= REPLY_PATH;
  if (linnet__sms_form(sms) == LINNET__USER_DATA_WITH_HEADER) first |= WITH_HEADER;
  return (uint8_t)first;
}

static linnet_status write_deliver(linnet__buffer *out, const linnet_sms *sms) {
  linnet_status status = linnet__sms_write_number(out, &sms->number);
  linnet__buffer_append_byte(out, sms->protocol);
  linnet__buffer_append_byte(out, sms->coding);
  if (status == LINNET_OK) status = linnet__sms_write_time(out, &sms->center_time);
  return status == LINNET_OK ? linnet__sms_write_user_data(out, sms) : status;
}

static linnet_status write_submit(linnet__buffer *out, const linnet_sms *sms) {
  linnet__buffer_append_byte(out, sms->reference);
  linnet_status status = linnet__sms_write_number(out, &sms->number);
  linnet__buffer_append_byte(out, sms->protocol);
  linnet__buffer_append_byte(out, sms->coding);
  if (status == LINNET_OK) status = linnet__sms_write_validity(out, sms);
  return status == LINNET_OK ? linnet__sms_write_user_data(out, sms) : status;
}

/* Only what says something. */
static linnet_status write_report(linnet__buffer *out, const linnet_sms *sms) {
  unsigned indicators = 0;
  bool has_data = sms->length > 0 || linnet__sms_form(sms) == LINNET__USER_DATA_WITH_HEADER;
  if (sms->protocol != 0) indicators |= HAS_PROTOCOL;
  if (sms->coding != 0) indicators |= HAS_CODING;
  if (has_data) indicators |= HAS_USER_DATA;
  linnet__buffer_append_byte(out, sms->reference);
  linnet_status status = linnet__sms_write_number(out, &sms->number);
  if (status == LINNET_OK) status = linnet__sms_write_time(out, &sms->center_time);
  if (status == LINNET_OK) status = linnet__sms_write_time(out, &sms->discharge_time);
  if (status != LINNET_OK) return status;
  linnet__buffer_append_byte(out, sms->status);
  if (indicators == 0) return out->failed;
  linnet__buffer_append_byte(out, (uint8_t)indicators);
  if (sms->protocol != 0) linnet__buffer_append_byte(out, sms->protocol);
  if (sms->coding != 0) linnet__buffer_append_byte(out, sms->coding);
  return has_data ? linnet__sms_write_user_data(out, sms) : out->failed;
}

linnet_status linnet_sms_write(const linnet_sms *sms, uint8_t pdu[LINNET_SMS_PDU_SIZE], size_t *length) {
  static linnet_status (*const writers[])(linnet__buffer *, const linnet_sms *) = {
      [LINNET_SMS_DELIVER] = write_deliver,
      [LINNET_SMS_SUBMIT] = write_submit,
      [LINNET_SMS_STATUS_REPORT] = write_report};
  linnet__buffer out;
  if ((unsigned)sms->kind > LINNET_SMS_STATUS_REPORT ||
      (unsigned)sms->validity > LINNET_SMS_VALIDITY_ABSOLUTE)
    return LINNET_ERROR_INVALID_ARGUMENT;
  linnet__buffer_init_fixed(&out, pdu, LINNET_SMS_PDU_SIZE);
  linnet__buffer_append_byte(&out, first_octet(sms));
  linnet_status status = writers[sms->kind](&out, sms);
  if (status == LINNET_OK) *length = out.length;
  return status;
}

linnet_status linnet_sms_submit(linnet_sms *sms, const char *number, const void *data, size_t length) {
  linnet_sms made = {.kind = LINNET_SMS_SUBMIT,
                     .coding = DATA_CODING,
                     .validity = LINNET_SMS_VALIDITY_RELATIVE,
                     .validity_s = DEFAULT_VALIDITY_S};
  if (linnet_sms_number_parse(&made.number, number) != LINNET_OK) return LINNET_ERROR_INVALID_ARGUMENT;
  if (length > LINNET_SMS_OCTETS) return LINNET_ERROR_TOO_LARGE;
  if (length > 0) memcpy(made.data, data, length);
  made.length = (uint8_t)length;
  *sms = made;
  return LINNET_OK;
}

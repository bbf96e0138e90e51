/* SPDX-License-Identifier: Apache-2.0 */
/* sms.h: the pieces of a short message, each read from a cursor and written to a buffer (3GPP TS 23.038,
 * 23.040). */
#ifndef LINNET_SMS_SMS_H
#define LINNET_SMS_SMS_H

#include <linnet/sms.h>

#include "../base/base.h"

/* Bytes on their way through the readers. */
typedef struct linnet__cursor {
  const uint8_t *data;
  size_t length;
  size_t position;
  const char *field; /* that is read, for linnet_sms_fault; and where it begins */
  size_t begin;
} linnet__cursor;

/* What follows is that. */
void linnet__cursor_field(linnet__cursor *cursor, const char *name);

/* Takes `length` bytes; NULL if there are fewer. */
const uint8_t *linnet__cursor_take(linnet__cursor *cursor, size_t length);
bool linnet__cursor_byte(linnet__cursor *cursor, uint8_t *byte);

/* ---- alphabet.c: the default alphabet (TS 23.038, 6) --------------------------------------------- */

/* Septets, one in each byte, from their packed form, which begins with `fill` bits that mean nothing. */
void linnet__septets_unpack(uint8_t *septets, size_t count, const uint8_t *packed, unsigned fill);
/* How many bytes the packed form has. */
size_t linnet__septets_size(size_t count, unsigned fill);
/* `packed` has room for them. */
void linnet__septets_pack(uint8_t *packed, const uint8_t *septets, size_t count, unsigned fill);
/* Appends UTF-8. */
void linnet__septets_text(linnet__buffer *out, const uint8_t *septets, size_t count);
/* False: a character that the alphabet does not have, or more than `room` septets. */
bool linnet__septets_of_text(const char *text, uint8_t *septets, size_t room, size_t *count);

/* ---- address.c (TS 23.040, 9.1.2.5) -------------------------------------------------------------- */

linnet_status linnet__sms_read_number(linnet__cursor *cursor, linnet_sms_number *number);
linnet_status linnet__sms_write_number(linnet__buffer *out, const linnet_sms_number *number);

/* ---- moment.c: time stamps and validity periods (TS 23.040, 9.2.3.11, 9.2.3.12) ------------------ */

linnet_status linnet__sms_read_time(linnet__cursor *cursor, linnet_sms_time *time);
linnet_status linnet__sms_write_time(linnet__buffer *out, const linnet_sms_time *time);
/* By sms->validity. */
linnet_status linnet__sms_read_validity(linnet__cursor *cursor, linnet_sms *sms);
linnet_status linnet__sms_write_validity(linnet__buffer *out, const linnet_sms *sms);

/* ---- user_data.c (TS 23.040, 9.2.3.24) ----------------------------------------------------------- */

typedef enum linnet__user_data_form {
  LINNET__USER_DATA_BARE,
  LINNET__USER_DATA_WITH_HEADER /* TP-UDHI */
} linnet__user_data_form;

linnet__user_data_form linnet__sms_form(const linnet_sms *sms);
/* From TP-UDL on; sms->coding is set. */
linnet_status linnet__sms_read_user_data(linnet__cursor *cursor, linnet_sms *sms,
                                         linnet__user_data_form form);
linnet_status linnet__sms_write_user_data(linnet__buffer *out, const linnet_sms *sms);

/* ---- reassembly.c: messages of several parts in the making (TS 23.040, 9.2.3.24.1; SMS-10) ------- */

/*
 * A message is known by its sender, reference, number of parts and ports. What is kept is bounded by the
 * number of messages, of one sender and of all, and by a time; what is over goes, the eldest first.
 */
typedef struct linnet__reassembly {
  linnet_loop *loop;   /* not held */
  linnet__list drafts; /* the eldest first */
  size_t count;
  size_t limit;           /* messages of all senders */
  size_t limit_of_sender; /* of one */
  uint32_t timeout_ms;    /* from the first part that came */
  linnet__timer timer;
  uint64_t dropped; /* parts that were never made a message */
} linnet__reassembly;

void linnet__reassembly_init(linnet__reassembly *reassembly, linnet_loop *loop);
/* Drops what there is; may be used again. */
void linnet__reassembly_clear(linnet__reassembly *reassembly);

/*
 * Takes a part of a message (sms->part_bits is not 0). True: it was the last one missing, and the message is
 * in `whole`, which was empty. False: others are missing, or it had come before, or there is no memory.
 */
bool linnet__reassembly_add(linnet__reassembly *reassembly, const linnet_sms *sms, linnet__buffer *whole);

#endif

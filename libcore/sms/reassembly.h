/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reassembly.h: messages of several parts in the making (3GPP TS 23.040, 9.2.3.24.1; sms.md SMS-10).
 *
 * A message is known by its sender, reference, number of parts and ports. What is kept is bounded by the
 * number of messages, of one sender and of all, and by a time; what is over goes, the eldest first.
 */
#ifndef LINNET_SMS_REASSEMBLY_H
#define LINNET_SMS_REASSEMBLY_H

#include "sms.h"

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

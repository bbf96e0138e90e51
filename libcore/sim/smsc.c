/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smsc.c: the service centre of the simulated world: takes SMS-SUBMIT, delivers SMS-DELIVER, keeps messages
 * for phones that are off, reports (3GPP TS 23.040, 3, 9.2.2; sim.h).
 */
#include <stdlib.h>
#include <string.h>

#include <linnet/framing.h>

#include "sim_internal.h"

/* Validity where the message says none, and of reports. */
#define VALIDITY_S 172800u
/* TP-ST (TS 23.040, 9.2.3.15). */
#define STATUS_RECEIVED 0x00
#define STATUS_REMOTE_ERROR 0x40
#define STATUS_NOT_OBTAINABLE 0x43
#define STATUS_EXPIRED 0x46
#define STATUS_DELETED_BY_CENTER 0x48

static linnet_sms_time wall_clock(const linnet_world *world) {
  linnet_sms_time time = {.unix_s = (world->epoch_ms + (int64_t)world->now_ms) / 1000};
  return time;
}

static void name(linnet_sms_number *number, const linnet_address *address) {
  memset(number, 0, sizeof *number);
  number->kind = LINNET_SMS_INTERNATIONAL;
  number->plan = 1;
  memcpy(number->text, address->bytes, address->length);
}

/* ---- on the way ---------------------------------------------------------------------------------- */

/* NULL: no memory, or no TPDU can be written. */
static linnet__flight *pack(linnet_world *world, const linnet_sms *sms, const linnet_address *from,
                            const linnet_address *to) {
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  if (linnet_sms_write(sms, pdu, &length) != LINNET_OK) return NULL;
  linnet__flight *flight = calloc(1, sizeof *flight + length);
  if (flight == NULL) return NULL;
  flight->entry.order = world->sequence++;
  flight->from = *from;
  flight->to = *to;
  flight->is_message = true;
  flight->expires_ms = world->now_ms + 1000 * (uint64_t)VALIDITY_S;
  flight->length = length;
  memcpy(flight->data, pdu, length);
  return flight;
}

static void launch(linnet_world *world, linnet__flight *flight, const linnet__plug *from) {
  uint64_t delay_ms = linnet__network_delay(world, from, linnet__network_find(world, &flight->to));
  if (!linnet__agenda_set(&world->agenda, &flight->entry, world->now_ms + delay_ms)) free(flight);
}

/* What became of a message, for its sender, if it wanted to know. */
static void report(linnet_world *world, const linnet__flight *flight, uint8_t status) {
  linnet_sms sms, delivered;
  if (!flight->wants_report) return;
  memset(&sms, 0, sizeof sms);
  sms.kind = LINNET_SMS_STATUS_REPORT;
  sms.reference = flight->reference;
  sms.status = status;
  if (linnet_sms_parse(&delivered, flight->data, flight->length) == LINNET_OK)
    sms.center_time = delivered.center_time;
  sms.discharge_time = wall_clock(world);
  name(&sms.number, &flight->to);
  linnet__flight *answer = pack(world, &sms, &flight->to, &flight->from);
  if (answer != NULL) launch(world, answer, NULL);
}

/* ---- taken --------------------------------------------------------------------------------------- */

/* Octets of user data, header included. */
static size_t size_of(const linnet_sms *sms) {
  linnet_sms bare = *sms;
  bare.port_bits = bare.part_bits = bare.other_length = 0;
  size_t header = linnet_sms_room(&bare) - linnet_sms_room(sms);
  if (linnet_sms_get_alphabet(sms) == LINNET_SMS_GSM) return (7 * (header + sms->length) + 7) / 8;
  return header + sms->length;
}

static uint64_t expiry(const linnet_world *world, const linnet_sms *sms) {
  int64_t left_s = sms->validity_until.unix_s - wall_clock(world).unix_s;
  if (sms->validity == LINNET_SMS_VALIDITY_ABSOLUTE && sms->validity_until.unix_s != 0)
    return world->now_ms + (left_s > 0 ? 1000 * (uint64_t)left_s : 0);
  return world->now_ms + 1000 * (uint64_t)(sms->validity_s > 0 ? sms->validity_s : VALIDITY_S);
}

static linnet__flight *accept(linnet_world *world, const linnet__plug *from, const linnet_sms *submit,
                              const linnet_address *to) {
  linnet_sms sms = *submit;
  sms.kind = LINNET_SMS_DELIVER;
  sms.report = false;
  sms.center_time = wall_clock(world);
  name(&sms.number, &from->address);
  linnet__flight *flight = pack(world, &sms, &from->address, to);
  if (flight == NULL) return NULL;
  flight->wants_report = submit->report;
  flight->reference = submit->reference;
  flight->expires_ms = expiry(world, submit);
  return flight;
}

static bool happens(linnet_world *world, const linnet__plug *from, const linnet__plug *to,
                    linnet_world_trait trait) {
  return linnet__chance_in_1000(world, linnet__network_trait(world, from, to, trait));
}

bool linnet__smsc_submit(linnet_world *world, const linnet__plug *from, const linnet_datagram *datagram) {
  linnet_sms submit;
  linnet_address number;
  if (linnet__network_trait(world, from, NULL, LINNET_WORLD_DOWN) != 0) return false;
  if (linnet_sms_parse(&submit, datagram->data, datagram->length) != LINNET_OK ||
      submit.kind != LINNET_SMS_SUBMIT || linnet_address_from_sms(&number, &submit.number) != LINNET_OK)
    return false;
  const linnet__plug *to = linnet__network_find(world, &number);
  if (happens(world, from, to, LINNET_WORLD_LOSS)) return false;
  linnet__flight *flight = accept(world, from, &submit, &number);
  if (flight == NULL) return false;
  if (size_of(&submit) > linnet__network_trait(world, from, to, LINNET_WORLD_MTU)) {
    report(world, flight, STATUS_REMOTE_ERROR);
    free(flight);
    return false;
  }
  launch(world, flight, from);
  if (happens(world, from, to, LINNET_WORLD_DUPLICATION)) {
    flight = accept(world, from, &submit, &number);
    if (flight != NULL) launch(world, flight, from);
  }
  return true;
}

/* ---- stored and delivered ------------------------------------------------------------------------ */

size_t linnet_world_stored(const linnet_world *world, const linnet_address *number) {
  size_t count = 0;
  for (const linnet__flight *flight = world->waiting; flight != NULL; flight = flight->next)
    count += number == NULL || linnet_address_equal(&flight->to, number);
  return count;
}

static void stop_waiting(linnet_world *world, linnet__flight *flight) {
  linnet__flight **link = &world->waiting;
  while (*link != NULL && *link != flight) link = &(*link)->next;
  if (*link == flight) *link = flight->next;
  flight->is_waiting = false;
}

static void discard(linnet_world *world, linnet__flight *flight, uint8_t status) {
  report(world, flight, status);
  if (flight->is_waiting) stop_waiting(world, flight);
  linnet__agenda_remove(&world->agenda, &flight->entry);
  free(flight);
}

/* Until its time is over. It is in the agenda, where there is room for it. */
static void store(linnet_world *world, linnet__flight *flight) {
  linnet__flight **last = &world->waiting;
  uint32_t most =
      linnet__network_trait(world, NULL, linnet__network_find(world, &flight->to), LINNET_WORLD_STORE);
  if (linnet_world_stored(world, &flight->to) >= most) {
    discard(world, flight, STATUS_DELETED_BY_CENTER);
    return;
  }
  while (*last != NULL) last = &(*last)->next;
  *last = flight;
  flight->next = NULL;
  flight->is_waiting = true;
  linnet__agenda_set(&world->agenda, &flight->entry, flight->expires_ms);
}

static bool is_on(const linnet_world *world, const linnet__plug *phone) {
  return phone != NULL && !linnet_transport_is_closed(phone->transport) &&
         linnet__network_trait(world, NULL, phone, LINNET_WORLD_DOWN) == 0;
}

linnet__node *linnet__smsc_land(linnet_world *world, linnet__flight *flight) {
  linnet__plug *to = linnet__network_find(world, &flight->to);
  if (flight->expires_ms <= world->now_ms) {
    discard(world, flight, STATUS_EXPIRED);
    return NULL;
  }
  if (!is_on(world, to)) {
    store(world, flight);
    return NULL;
  }
  /* A phone that does not know TPDUs has nothing to do with this centre. */
  bool taken = linnet_transport_has_framing(to->transport) &&
               linnet_transport_receive_sms(to->transport, flight->data, flight->length) == LINNET_OK;
  linnet__node *node = taken ? to->node : NULL;
  discard(world, flight, taken ? STATUS_RECEIVED : STATUS_NOT_OBTAINABLE);
  return node;
}

/* In the order in which they were taken, one after the other. */
void linnet__smsc_retry(linnet_world *world) {
  for (linnet__flight *flight = world->waiting, *next; flight != NULL; flight = next) {
    const linnet__plug *to = linnet__network_find(world, &flight->to);
    next = flight->next;
    if (!is_on(world, to)) continue;
    stop_waiting(world, flight);
    linnet__agenda_remove(&world->agenda, &flight->entry);
    flight->entry.order = world->sequence++;
    launch(world, flight, NULL);
  }
}

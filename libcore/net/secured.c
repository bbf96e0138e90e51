/* SPDX-License-Identifier: Apache-2.0 */
/* secured.c: secured packets as a stage of a transport, keys and counters by number (sms.md SMS-21, SMS-40 to
 * SMS-43). */
#include <linnet/framing.h>
#include <linnet/secured.h>
#include <string.h>

#include "secured_packet.h"
#include "transport_internal.h"

#define SETTINGS (LINNET_SECURED_PEERS + 1)
#define DOWNLOAD_PROTOCOL 0x7f /* (U)SIM data download (SMS-40) */
#define CLASS_2_DATA 0xf6
#define LONGEST_PACKET 65535
/* Seconds fill the upper 32 bits of a counter, messages of a second the lower 8. */
#define CLOCK_SHIFT 8

static const struct {
  uint32_t initial, least, most;
  const char *name;
} table[SETTINGS] = {
#define SECURED_ROW(constant, value, initial, least, most, name) {initial, least, most, name},
    LINNET_SECURED_MAP(SECURED_ROW)
#undef SECURED_ROW
};

/* A number that has keys, or only counters of keys that it had before a restart. */
typedef struct partner {
  linnet__counters counters; /* begins with the address */
  bool has_keys;
  linnet__packet_keys keys;
} partner;

typedef struct secured {
  linnet__stage stage;
  uint32_t settings[SETTINGS];
  linnet__map partners;
} secured;

static secured *of_stage(const linnet__stage *stage) { return LINNET__CONTAINER(stage, secured, stage); }

static const void *key_of(const void *item, size_t *length) {
  const partner *found = item;
  *length = sizeof found->counters.peer;
  return &found->counters.peer;
}

static partner *known(const secured *self, const linnet_address *address) {
  return linnet__map_find(&self->partners, address, sizeof *address);
}

static partner *partner_of(const secured *self, const linnet_address *address) {
  partner *found = known(self, address);
  return found != NULL && found->has_keys ? found : NULL;
}

/* ---- BER-TLV (SMS-43) ---------------------------------------------------------------------------- */

static size_t wrapper_size(size_t length) {
  if (length < 0x80) return 2;
  return length <= UINT8_MAX ? 3 : 4;
}

static void wrap(linnet__buffer *out, uint32_t tag, const uint8_t *data, size_t length) {
  linnet__buffer_append_byte(out, (uint8_t)tag);
  if (length > UINT8_MAX) {
    linnet__buffer_append_byte(out, 0x82);
    linnet__buffer_append_byte(out, (uint8_t)(length >> 8));
  } else if (length >= 0x80) {
    linnet__buffer_append_byte(out, 0x81);
  }
  linnet__buffer_append_byte(out, (uint8_t)length);
  linnet__buffer_append(out, data, length);
}

/* False: another tag, or a length that does not fit. */
static bool unwrap(uint32_t tag, const uint8_t **data, size_t *length) {
  const uint8_t *at = *data;
  if (*length < 2 || at[0] != tag) return false;
  size_t octets = at[1] < 0x80 ? 0 : (size_t)at[1] - 0x80, head = 2 + octets;
  if (octets > 2 || *length < head) return false;
  size_t size = octets == 0 ? at[1] : at[2];
  if (octets == 2) size = linnet__get_u16(at + 2);
  if (size == 0 || size != *length - head) return false;
  *data = at + head;
  *length = size;
  return true;
}

/* ---- down and up --------------------------------------------------------------------------------- */

/* AES takes the most; what it leaves is what there is. */
static size_t room(const linnet__stage *stage, size_t below) {
  linnet__packet_keys keys = {.cipher = LINNET__CIPHER_AES,
                              .checksum_size = (uint8_t)of_stage(stage)->settings[LINNET_SECURED_CHECKSUM]};
  size_t most = linnet__packet_room(&keys, below < LONGEST_PACKET ? below : LONGEST_PACKET);
  return most > 4 ? most - wrapper_size(most) : 0;
}

static uint64_t next_counter(const linnet_transport *transport, const partner *to) {
  uint64_t now_s = (uint64_t)linnet_loop_wall_clock(transport->handle.loop) / 1000;
  uint64_t clock = (now_s & UINT32_MAX) << CLOCK_SHIFT;
  return to->counters.sent == 0 && clock > 0 ? clock : to->counters.sent + 1;
}

static linnet_status send(linnet__stage *stage, const linnet_address *peer, const uint8_t *data,
                          size_t length) {
  secured *self = of_stage(stage);
  linnet_loop *loop = stage->transport->handle.loop;
  partner *to = partner_of(self, peer);
  linnet__buffer message, packet;
  if (to == NULL) return linnet__fail(loop, LINNET_ERROR_SECURITY, "send: there are no keys for the number");
  uint64_t counter = next_counter(stage->transport, to);
  linnet__buffer_init(&message, loop, LONGEST_PACKET);
  linnet__buffer_init(&packet, loop, LONGEST_PACKET);
  wrap(&message, self->settings[LINNET_SECURED_TAG], data, length);
  linnet_status status = message.failed;
  if (status == LINNET_OK)
    status = linnet__packet_write(&packet, &to->keys, counter, message.data, message.length);
  if (status == LINNET_OK) {
    to->counters.sent = counter;
    linnet__stage_tell_counters(stage, &to->counters);
    status = linnet__stage_sink(stage, peer, packet.data, packet.length);
  }
  linnet__buffer_free(&message);
  linnet__buffer_free(&packet);
  return status;
}

/* SMS-21: without any reply. */
static void received(linnet__stage *stage, const linnet_address *peer, const uint8_t *data, size_t length) {
  secured *self = of_stage(stage);
  linnet_transport *transport = stage->transport;
  linnet_loop *loop = transport->handle.loop;
  partner *from = partner_of(self, peer);
  uint64_t counter = 0;
  uint8_t *packet = from == NULL ? NULL : linnet__new(loop, length);
  linnet_status status = LINNET_ERROR_SECURITY;
  const uint8_t *message = NULL;
  size_t message_length = 0;
  if (packet != NULL) {
    memcpy(packet, data, length);
    status = linnet__packet_read(&from->keys, packet, length, &counter, &message, &message_length);
  }
  if (status == LINNET_OK && counter > from->counters.accepted &&
      unwrap(self->settings[LINNET_SECURED_TAG], &message, &message_length)) {
    linnet_transport_ref(transport); /* the receiver may give back the last reference */
    from->counters.accepted = counter;
    linnet__stage_tell_counters(stage, &from->counters);
    linnet__stage_rise(stage, peer, message, message_length);
    linnet__free(loop, packet, length);
    linnet_transport_unref(transport);
    return;
  }
  linnet__free(loop, packet, length);
  transport->counts[LINNET_COUNTER_RECEIVE_DROPPED]++;
}

/* ---- keys ---------------------------------------------------------------------------------------- */

/* Counters are per key: no secret of the loop goes into it, so that it is the same after a restart. Not 0. */
static uint64_t hash_keys(const linnet__packet_keys *keys) {
  static const uint8_t nobody[16] = {0};
  uint8_t both[sizeof keys->cipher_key + sizeof keys->checksum_key];
  memcpy(both, keys->cipher_key, sizeof keys->cipher_key);
  memcpy(both + sizeof keys->cipher_key, keys->checksum_key, sizeof keys->checksum_key);
  uint64_t hash = linnet__siphash(nobody, both, sizeof both);
  linnet__cipher_forget(both, sizeof both);
  return hash | 1;
}

/* NULL: *status says why. */
static partner *get_partner(secured *self, const linnet_address *peer, linnet_status *status) {
  linnet_loop *loop = self->stage.transport->handle.loop;
  partner *found = known(self, peer);
  *status = LINNET_OK;
  if (found != NULL) return found;
  if (self->partners.count >= self->settings[LINNET_SECURED_PEERS]) {
    *status = linnet__fail(loop, LINNET_ERROR_LIMIT_REACHED, "secured packets: too many numbers have keys");
    return NULL;
  }
  found = linnet__new(loop, sizeof *found);
  if (found == NULL) {
    *status = linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "secured packets: out of memory");
    return NULL;
  }
  found->counters.peer = *peer;
  *status = linnet__map_insert(&self->partners, found);
  if (*status == LINNET_OK) return found;
  linnet__free(loop, found, sizeof *found);
  return NULL;
}

static linnet_status put_partner(secured *self, const linnet_address *peer, const linnet__packet_keys *keys) {
  linnet_status status;
  partner *found = get_partner(self, peer, &status);
  uint64_t hash = hash_keys(keys);
  if (found == NULL) return status;
  if (found->counters.keys != hash) {
    found->counters.sent = found->counters.accepted = 0;
    found->counters.keys = hash;
  }
  found->keys = *keys;
  found->has_keys = true;
  return LINNET_OK;
}

static void free_partner(linnet_loop *loop, partner *gone) {
  linnet__cipher_forget(&gone->keys, sizeof gone->keys);
  linnet__free(loop, gone, sizeof *gone);
}

/* A key that is given up is not taken up again: its counters go, too. */
static void forget_partner(secured *self, const linnet_address *peer) {
  partner *gone = linnet__map_remove(&self->partners, peer, sizeof *peer);
  if (gone == NULL) return;
  gone->counters.keys = 0;
  linnet__stage_tell_counters(&self->stage, &gone->counters);
  free_partner(self->stage.transport->handle.loop, gone);
}

static linnet_status set_keys(linnet__stage *stage, const linnet_address *peer, const void *parameters,
                              size_t parameters_length, const void *keys, size_t keys_length) {
  linnet_loop *loop = stage->transport->handle.loop;
  linnet__packet_keys read;
  secured *self = of_stage(stage);
  if (peer == NULL || peer->kind != LINNET_ADDRESS_PHONE)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "secured packets: keys are for a number");
  if (keys == NULL || keys_length == 0) {
    forget_partner(self, peer);
    return LINNET_OK;
  }
  if (parameters == NULL ||
      linnet__packet_keys_read(&read, parameters, parameters_length, keys, keys_length) != LINNET_OK)
    return linnet__fail(
        loop, LINNET_ERROR_INVALID_ARGUMENT,
        "secured packets: KIc, KID, SPI and TAR, with keys of 16, 32 or 48 octets that fit them");
  read.checksum_size = (uint8_t)self->settings[LINNET_SECURED_CHECKSUM];
  linnet_status status = put_partner(self, peer, &read);
  linnet__cipher_forget(&read, sizeof read);
  return status;
}

/* ---- counters over a restart --------------------------------------------------------------------- */

static const linnet__counters *next_counters(const linnet__stage *stage, size_t *position) {
  const partner *found = linnet__map_next(&of_stage(stage)->partners, position);
  return found != NULL ? &found->counters : NULL;
}

/* Before the keys or after them: what is not of these keys is of no use. */
static linnet_status restore_counters(linnet__stage *stage, const linnet__counters *counters) {
  linnet_status status;
  partner *found = get_partner(of_stage(stage), &counters->peer, &status);
  if (found == NULL) return status;
  if (counters->keys == 0) { /* they were given up, whatever there is now */
    found->counters.sent = found->counters.accepted = 0;
    return LINNET_OK;
  }
  if (found->counters.keys != counters->keys) {
    if (!found->has_keys) found->counters = *counters;
    return LINNET_OK;
  }
  if (found->counters.sent < counters->sent) found->counters.sent = counters->sent;
  if (found->counters.accepted < counters->accepted) found->counters.accepted = counters->accepted;
  return LINNET_OK;
}

/* ---- life ---------------------------------------------------------------------------------------- */

/* The keys stay until the transport goes: a receiver may be at work. */
static void closed(linnet__stage *stage) { (void)stage; }

static void destroy(linnet__stage *stage) {
  secured *self = of_stage(stage);
  linnet_loop *loop = stage->transport->handle.loop;
  size_t position = 0;
  for (partner *gone; (gone = linnet__map_next(&self->partners, &position)) != NULL;)
    free_partner(loop, gone);
  linnet__map_free(&self->partners);
  linnet__free(loop, self, sizeof *self);
}

static const linnet__stage_rules rules = {.received = received,
                                          .send = send,
                                          .room = room,
                                          .closed = closed,
                                          .destroy = destroy,
                                          .set_keys = set_keys,
                                          .next_counters = next_counters,
                                          .restore_counters = restore_counters};

static secured *secured_of(const linnet_transport *transport) {
  for (linnet__stage *stage = transport->bottom; stage != NULL; stage = stage->above)
    if (stage->rules == &rules) return of_stage(stage);
  return NULL;
}

static secured *need(const linnet_transport *transport, linnet_status *status) {
  secured *self = secured_of(transport);
  *status = LINNET_OK;
  if (self == NULL)
    *status = linnet__fail(transport->handle.loop, LINNET_ERROR_WRONG_STATE,
                           "secured packets: the transport has none");
  return self;
}

/* SMS-40, SMS-41. */
static linnet_status set_framing(linnet_transport *transport) {
  linnet_status status = linnet_transport_set_framing(transport, LINNET_FRAMING_PROTOCOL, DOWNLOAD_PROTOCOL);
  if (status == LINNET_OK)
    status = linnet_transport_set_framing(transport, LINNET_FRAMING_CODING, CLASS_2_DATA);
  if (status == LINNET_OK)
    status = linnet_transport_set_framing(transport, LINNET_FRAMING_COMMAND_PACKETS, 1);
  return status;
}

linnet_status linnet_transport_add_secured(linnet_transport *transport) {
  linnet_loop *loop = transport->handle.loop;
  if (!linnet_transport_has_framing(transport))
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "secured packets: the transport has no framing");
  if (secured_of(transport) != NULL)
    return linnet__fail(loop, LINNET_ERROR_EXISTS, "secured packets: they are there already");
  linnet_status status = linnet__cipher_require(loop);
  if (status == LINNET_OK) status = set_framing(transport);
  secured *self = status == LINNET_OK ? linnet__new(loop, sizeof *self) : NULL;
  if (self == NULL) return status != LINNET_OK ? status : LINNET_ERROR_NO_MEMORY;
  self->stage.rules = &rules;
  for (size_t i = 0; i < SETTINGS; i++) self->settings[i] = table[i].initial;
  linnet__map_init(&self->partners, loop, key_of);
  status = linnet__transport_add_stage(transport, &self->stage);
  if (status != LINNET_OK) linnet__free(loop, self, sizeof *self);
  return status;
}

linnet_status linnet_transport_set_secured(linnet_transport *transport, linnet_secured_setting setting,
                                           uint32_t value) {
  linnet_status status;
  secured *self = need(transport, &status);
  if (self == NULL) return status;
  bool possible =
      (unsigned)setting < SETTINGS && value >= table[setting].least && value <= table[setting].most;
  if (!possible || (setting == LINNET_SECURED_CHECKSUM && value % 4 != 0))
    return linnet__fail(transport->handle.loop, LINNET_ERROR_OUT_OF_RANGE, "secured packets: %s cannot be %u",
                        (unsigned)setting < SETTINGS ? table[setting].name : "that", (unsigned)value);
  self->settings[setting] = value;
  size_t position = 0;
  for (partner *each; (each = linnet__map_next(&self->partners, &position)) != NULL;)
    each->keys.checksum_size = (uint8_t)self->settings[LINNET_SECURED_CHECKSUM];
  linnet__transport_fit_messages(transport);
  return LINNET_OK;
}

/* ---- counters ------------------------------------------------------------------------------------ */

linnet_status linnet_transport_get_secured_counters(const linnet_transport *transport,
                                                    const linnet_address *peer, uint64_t *sent,
                                                    uint64_t *accepted) {
  linnet_status status;
  const secured *self = need(transport, &status);
  const partner *found = self == NULL || peer == NULL ? NULL : partner_of(self, peer);
  if (self == NULL) return status;
  if (found == NULL)
    return linnet__fail(transport->handle.loop, LINNET_ERROR_NOT_FOUND,
                        "secured packets: no keys for the number");
  *sent = found->counters.sent;
  *accepted = found->counters.accepted;
  return LINNET_OK;
}

linnet_status linnet_transport_set_secured_counters(linnet_transport *transport, const linnet_address *peer,
                                                    uint64_t sent, uint64_t accepted) {
  linnet_status status;
  secured *self = need(transport, &status);
  partner *found = self == NULL || peer == NULL ? NULL : partner_of(self, peer);
  if (self == NULL) return status;
  if (found == NULL)
    return linnet__fail(transport->handle.loop, LINNET_ERROR_NOT_FOUND,
                        "secured packets: no keys for the number");
  if (sent > LINNET__COUNTER_LIMIT || accepted > LINNET__COUNTER_LIMIT)
    return linnet__fail(transport->handle.loop, LINNET_ERROR_OUT_OF_RANGE,
                        "secured packets: a counter has 40 bits");
  found->counters.sent = sent;
  found->counters.accepted = accepted;
  linnet__stage_tell_counters(&self->stage, &found->counters);
  return LINNET_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secured.h: secured packets, the SMS security of LwM2M whose end point is a smartcard (sms.md 4.2: SMS-40 to
 * SMS-43; ETSI TS 102 225, 5.1; 3GPP TS 31.115, 4.2), as a stage of a transport.
 *
 * The structure is that of command packets; what the specification leaves open is a setting. It agrees with
 * packets that other software makes for cards, but has not been checked against a real card.
 */
#ifndef LINNET_SECURED_H
#define LINNET_SECURED_H

#include <stdbool.h>

#include <linnet/address.h>
#include <linnet/export.h>
#include <linnet/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(constant, value, default, least, most, name) */
#define LINNET_SECURED_MAP(X)                                                                            \
  X(LINNET_SECURED_TAG, 0, 5, 0, 255, "tag")            /* of the TLV that holds the message (SMS-43) */ \
  X(LINNET_SECURED_CHECKSUM, 1, 8, 4, 8, "checksum")    /* octets of the cryptographic checksum */       \
  X(LINNET_SECURED_PEERS, 2, 1024, 1, 1048576, "peers") /* that have keys */

/** What can be set about secured packets; LINNET_SECURED_MAP has the defaults and ranges. */
typedef enum linnet_secured_setting {
#define LINNET_SECURED_CONSTANT(constant, value, initial, least, most, name) constant = (value),
  LINNET_SECURED_MAP(LINNET_SECURED_CONSTANT)
#undef LINNET_SECURED_CONSTANT
} linnet_secured_setting;

/**
 * Secures what passes a framed SMS transport: messages become command packets, ciphered and with a
 * cryptographic checksum and a counter, in SMS of class 2 for the (U)SIM (TP-PID 7F, TP-DCS F6, element 70).
 * What comes otherwise, from somebody without keys, or again, is dropped without a word (SMS-21, SMS-42).
 * Before the transport is given to a client or server. WRONG_STATE: no framing; EXISTS; UNAVAILABLE: this
 * build has no cryptography.
 */
LINNET_API linnet_status linnet_transport_add_secured(linnet_transport *transport);
LINNET_API bool linnet_transport_has_secured(const linnet_transport *transport);
/** WRONG_STATE: linnet_transport_add_secured was not called; OUT_OF_RANGE. */
LINNET_API linnet_status linnet_transport_set_secured(linnet_transport *transport,
                                                      linnet_secured_setting setting, uint32_t value);

/**
 * The keys for a number, as resources 7 and 8 of the Security object have them. `parameters`: KIc, KID, SPI,
 * TAR: 7 octets, or 6 with an SPI of one (AMB-29). `keys`: 16 octets, one AES key for both; 32, AES for KIc
 * and KID; 48, triple DES for KIc and KID, three different keys each (SMS-32, SMS-42). NULL, 0: no keys any
 * more.
 *
 * INVALID_ARGUMENT: an algorithm other than AES in CBC and CMAC (low half octets 2) or triple DES with three
 * keys (9), keys that do not fit, an SPI that does not ask for checksum, ciphering and counter.
 * LIMIT_REACHED.
 */
LINNET_API linnet_status linnet_transport_set_secured_keys(linnet_transport *transport,
                                                           const linnet_address *peer, const void *parameters,
                                                           size_t parameters_length, const void *keys,
                                                           size_t keys_length);

/**
 * The counters for a number: that of the last packet sent, and of the last that was accepted. They grow for
 * as long as the keys are the same, and a client or server that is kept (store.h) keeps them, by a hash of
 * the keys: no packet leaves before its counter is stored, nor the answer to one that was accepted. With no
 * store they are yours to keep: else what is sent begins with the wall clock, which grows, too, and what
 * comes is accepted from 0 on, an old packet, once after a restart. Keys that are given up
 * (linnet_transport_set_secured_keys with none) take their counters along. NOT_FOUND: there are no keys.
 */
LINNET_API linnet_status linnet_transport_get_secured_counters(const linnet_transport *transport,
                                                               const linnet_address *peer, uint64_t *sent,
                                                               uint64_t *accepted);
LINNET_API linnet_status linnet_transport_set_secured_counters(linnet_transport *transport,
                                                               const linnet_address *peer, uint64_t sent,
                                                               uint64_t accepted);

#ifdef __cplusplus
}
#endif

#endif

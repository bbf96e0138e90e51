/* SPDX-License-Identifier: Apache-2.0 */
/* secured_packet.h: command packets of ETSI TS 102 225, 5.1, written and read; only for the files of net. */
#ifndef LINNET_NET_SECURED_PACKET_H
#define LINNET_NET_SECURED_PACKET_H

#include "net.h"

#define LINNET__COUNTER_LIMIT (((uint64_t)1 << 40) - 1)
/* CPL, CHL, SPI, KIc, KID, TAR: in the clear. */
#define LINNET__PACKET_HEAD 10
/* CNTR, PCNTR. */
#define LINNET__PACKET_COUNTER 6

/* What two ends have in common. */
typedef struct linnet__packet_keys {
  linnet__cipher cipher;
  uint8_t spi[2];
  uint8_t kic;
  uint8_t kid;
  uint8_t tar[3];
  uint8_t checksum_size;
  uint8_t cipher_key[24];
  uint8_t checksum_key[24];
} linnet__packet_keys;

/* Resources 7 and 8 of the Security object (SMS-32, SMS-42). INVALID_ARGUMENT. */
linnet_status linnet__packet_keys_read(linnet__packet_keys *keys, const uint8_t *parameters,
                                       size_t parameters_length, const uint8_t *secret, size_t secret_length);
/* The largest data of a packet that fits in so many octets; 0: none. */
size_t linnet__packet_room(const linnet__packet_keys *keys, size_t size);
/* Appends the packet. */
linnet_status linnet__packet_write(linnet__buffer *out, const linnet__packet_keys *keys, uint64_t counter,
                                   const uint8_t *data, size_t length);
/*
 * Reads a packet, deciphered in place. MALFORMED; SECURITY: keys, parameters or checksum do not fit. What is
 * accepted is at *data; whether the counter has grown is the caller's to see.
 */
linnet_status linnet__packet_read(const linnet__packet_keys *keys, uint8_t *packet, size_t length,
                                  uint64_t *counter, const uint8_t **data, size_t *data_length);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* address.h: where a datagram comes from or goes to. The core compares, hashes and hands back. */
#ifndef LINNET_ADDRESS_H
#define LINNET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/export.h>
#include <linnet/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum linnet_address_kind {
  LINNET_ADDRESS_NONE = 0,
  LINNET_ADDRESS_IPV4, /**< 4 bytes of address, 2 of port, network order */
  LINNET_ADDRESS_IPV6, /**< 16 bytes of address, 2 of port, 4 of scope id, network order */
  LINNET_ADDRESS_PHONE /**< up to 15 digits of an international number, without "+" */
} linnet_address_kind;

#define LINNET_ADDRESS_SIZE 22

/** Unused bytes are zero. */
typedef struct linnet_address {
  uint8_t kind; /**< a linnet_address_kind */
  uint8_t length;
  uint8_t bytes[LINNET_ADDRESS_SIZE];
} linnet_address;

/** Room for the text of any address. */
#define LINNET_ADDRESS_TEXT_SIZE 72

/**
 * Reads "192.0.2.1:5683", "[2001:db8::1]:5683", "sms:+15550100", each with or without a scheme
 * ("coap://", "coaps://"); the port may be missing (5683, and 5684 after "coaps://"). "tel:" is "sms:". A
 * zone is a number ("[fe80::1%2]"); "[::ffff:192.0.2.1]" is the IPv4 address. A host name is
 * LINNET_ERROR_UNKNOWN_HOST: looking names up is the driver's work.
 */
LINNET_API linnet_status linnet_address_parse(linnet_address *address, const char *text);

/** "192.0.2.1:5683", "[2001:db8::1]:5683", "sms:+15550100". Returns `text`. */
LINNET_API const char *linnet_address_text(const linnet_address *address,
                                           char text[LINNET_ADDRESS_TEXT_SIZE]);

LINNET_API bool linnet_address_equal(const linnet_address *a, const linnet_address *b);

/** The port of an IP address; 0 for others. */
LINNET_API uint16_t linnet_address_port(const linnet_address *address);

#ifdef __cplusplus
}
#endif

#endif

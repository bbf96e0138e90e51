/* SPDX-License-Identifier: Apache-2.0 */
/*
 * framing.h: CoAP in short messages (sms.md 1 and 2): what is done between a transport of kind
 * LINNET_TRANSPORT_SMS and whatever carries short messages: a modem, a gateway, a simulated service centre.
 */
#ifndef LINNET_FRAMING_H
#define LINNET_FRAMING_H

#include <linnet/address.h>
#include <linnet/export.h>
#include <linnet/sms.h>
#include <linnet/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(constant, value, default, least, most, name) */
#define LINNET_FRAMING_MAP(X)                                                                            \
  X(LINNET_FRAMING_PARTS, 0, 1, 1, 255, "parts")        /* of a message that is sent; 1: one SMS */      \
  X(LINNET_FRAMING_PART_BITS, 1, 8, 8, 16, "part-bits") /* of the reference of the parts: 8 or 16 */     \
  X(LINNET_FRAMING_PORT_BITS, 2, 0, 0, 16, "port-bits") /* 0: no ports (AMB-31), 8 or 16 */              \
  X(LINNET_FRAMING_DESTINATION_PORT, 3, 5683, 0, 65535, "destination-port") /* the peer's */             \
  X(LINNET_FRAMING_SOURCE_PORT, 4, 5683, 0, 65535, "source-port")           /* ours */                   \
  X(LINNET_FRAMING_VALIDITY_S, 5, 300, 0, 38102400, "validity") /* TP-VP; 0: as the centre likes */      \
  X(LINNET_FRAMING_CODING, 6, 4, 0, 255, "coding")              /* TP-DCS: one for data of 8 bits */     \
  X(LINNET_FRAMING_PROTOCOL, 7, 0, 0, 255, "protocol")          /* TP-PID */                             \
  X(LINNET_FRAMING_REPORTS, 8, 0, 0, 1, "reports")              /* 1: ask for status reports (TP-SRR) */ \
  X(LINNET_FRAMING_PARTS_TIMEOUT_S, 9, 300, 1, 86400, "parts-timeout") /* for the parts of a message */  \
  X(LINNET_FRAMING_MESSAGES, 10, 64, 1, 65535, "messages") /* of which parts are missing, all senders */ \
  X(LINNET_FRAMING_MESSAGES_OF_SENDER, 11, 4, 1, 65535, "messages-of-sender") /* of one sender */        \
  X(LINNET_FRAMING_COMMAND_PACKETS, 12, 0, 0, 1, "command-packets")           /* 1: element 70 (SMS-41) */

/** What can be set about the framing of short messages; LINNET_FRAMING_MAP has the defaults and ranges. */
typedef enum linnet_framing_setting {
#define LINNET_FRAMING_CONSTANT(constant, value, initial, least, most, name) constant = (value),
  LINNET_FRAMING_MAP(LINNET_FRAMING_CONSTANT)
#undef LINNET_FRAMING_CONSTANT
} linnet_framing_setting;

/**
 * From now on the datagrams of the transport are TPDUs: linnet_transport_next gives an SMS-SUBMIT, and
 * linnet_transport_receive_sms takes SMS-DELIVER and SMS-STATUS-REPORT. Without, each datagram is the payload
 * of one message of 8-bit data, for carriers that know no more than a number and bytes.
 *
 * What is no data of 8 bits, goes to another port or is broken is dropped and counted. A message that came in
 * parts rises when all are there. That it could not be delivered (status reports) is the hint of
 * linnet_transport_unreachable.
 *
 * Before the transport is given to a client or server. INVALID_ARGUMENT: not of kind SMS; EXISTS; CLOSED;
 * WRONG_STATE; NO_MEMORY.
 */
LINNET_API linnet_status linnet_transport_add_framing(linnet_transport *transport);
/** True after linnet_transport_add_framing. */
LINNET_API bool linnet_transport_has_framing(const linnet_transport *transport);

/**
 * OUT_OF_RANGE; WRONG_STATE: the transport has no framing. CoAP is told how large a message may be: all parts
 * together; blocks of block-wise transfer fit in one SMS in any case, where that is possible (SMS-11).
 */
LINNET_API linnet_status linnet_transport_set_framing(linnet_transport *transport,
                                                      linnet_framing_setting setting, uint32_t value);
/** 0 without framing. */
LINNET_API uint32_t linnet_transport_get_framing(const linnet_transport *transport,
                                                 linnet_framing_setting setting);

/**
 * As linnet_transport_receive, of a TPDU; the peer is read from it. MALFORMED: it is none, or it names nobody
 * who has a number; dropped and counted.
 */
LINNET_API linnet_status linnet_transport_receive_sms(linnet_transport *transport, const void *pdu,
                                                      size_t length);

/**
 * SMS-16: how long an answer may take. CoAP sends nothing twice, and remembers for twice as long what it has
 * seen (deduplication). Default 300000. INVALID_ARGUMENT: not of kind SMS; OUT_OF_RANGE: not 1 s to 7 days.
 */
LINNET_API linnet_status linnet_transport_set_response_timeout(linnet_transport *transport,
                                                               uint32_t timeout_ms);

/** The address of a number: digits, without "+" or "00" (SMS-05). INVALID_ARGUMENT: it has letters, or more
 * than 15 digits. */
LINNET_API linnet_status linnet_address_from_sms(linnet_address *address, const linnet_sms_number *number);

#ifdef __cplusplus
}
#endif

#endif

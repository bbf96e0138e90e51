/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sms.h: a short message (3GPP TS 23.040) taken apart and put together, for modems, tools and tests (sms.md
 * 1, 2).
 *
 * What is read and written is the TPDU. In PDU mode a modem puts the address of the service centre before it:
 * linnet_sms_parse_center and linnet_sms_write_center.
 */
#ifndef LINNET_SMS_H
#define LINNET_SMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/export.h>
#include <linnet/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Room for the longest TPDU of any kind. */
#define LINNET_SMS_PDU_SIZE 176
/** Room for the address of a service centre, as it comes before a TPDU. */
#define LINNET_SMS_CENTER_SIZE 12
/** What fits into one message: so many septets or octets. */
#define LINNET_SMS_SEPTETS 160
#define LINNET_SMS_OCTETS 140
/** Room for the digits, or the name in UTF-8, of an address. */
#define LINNET_SMS_NUMBER_SIZE 36
/** Room for the text of a message in UTF-8. */
#define LINNET_SMS_TEXT_SIZE 484

/** TP-MTI, with the direction that linnet has to do with: to a device, from a device, about a message sent.
 */
typedef enum linnet_sms_kind {
  LINNET_SMS_DELIVER = 0,
  LINNET_SMS_SUBMIT = 1,
  LINNET_SMS_STATUS_REPORT = 2
} linnet_sms_kind;

/** The type of number of an address (TS 23.040, 9.1.2.5). */
typedef enum linnet_sms_number_kind {
  LINNET_SMS_UNKNOWN = 0, /**< as one would dial it */
  LINNET_SMS_INTERNATIONAL = 1,
  LINNET_SMS_NATIONAL = 2,
  LINNET_SMS_NETWORK = 3,
  LINNET_SMS_SUBSCRIBER = 4,
  LINNET_SMS_ALPHANUMERIC = 5, /**< a name, such as that of a company */
  LINNET_SMS_ABBREVIATED = 6
} linnet_sms_number_kind;

/** Who a message comes from or goes to. */
typedef struct linnet_sms_number {
  linnet_sms_number_kind kind;
  uint8_t plan;                      /**< numbering plan: 1 is that of telephones (E.164) */
  char text[LINNET_SMS_NUMBER_SIZE]; /**< digits without "+" (also "*#abc"), or the name; terminated */
} linnet_sms_number;

/** How the user data is coded (TS 23.038, 4). */
typedef enum linnet_sms_alphabet {
  LINNET_SMS_GSM = 0,   /**< the default alphabet: septets */
  LINNET_SMS_DATA,      /**< octets: what CoAP travels in (SMS-01) */
  LINNET_SMS_UCS2,      /**< octets: big-endian 16-bit characters */
  LINNET_SMS_COMPRESSED /**< octets that linnet does not look into */
} linnet_sms_alphabet;

/** The form of a validity period (TP-VPF). */
typedef enum linnet_sms_validity {
  LINNET_SMS_VALIDITY_NONE = 0,
  LINNET_SMS_VALIDITY_ENHANCED = 1, /**< seconds, exact up to 255 s and, in whole seconds, up to 100 h */
  LINNET_SMS_VALIDITY_RELATIVE = 2, /**< seconds, in steps of 5 min, later of 30 min, a day, a week */
  LINNET_SMS_VALIDITY_ABSOLUTE = 3  /**< until a time */
} linnet_sms_validity;

/** A moment, and how far the clock that told it was ahead of UTC. */
typedef struct linnet_sms_time {
  int64_t unix_s;       /**< 0: not told, or no date */
  int16_t zone_minutes; /**< in quarter hours */
} linnet_sms_time;

/** A short message. Zeroed it is a DELIVER without number, date or text. What a kind does not have is not
 * looked at. */
typedef struct linnet_sms {
  linnet_sms_kind kind;
  linnet_sms_number
      number;        /**< DELIVER: originator; SUBMIT: destination; STATUS_REPORT: who had been sent to */
  uint8_t reference; /**< SUBMIT, STATUS_REPORT: TP-MR */
  uint8_t protocol;  /**< TP-PID */
  uint8_t coding;    /**< TP-DCS; linnet_sms_get_alphabet and linnet_sms_get_class explain it */
  bool report;       /**< a status report is asked for, or (DELIVER) is to be sent */
  bool command;      /**< STATUS_REPORT: about a command, not a SUBMIT */
  bool reply_path;   /**< TP-RP */
  bool reject_duplicates;       /**< SUBMIT */
  bool more;                    /**< DELIVER, STATUS_REPORT: more messages wait at the service centre */
  bool loops;                   /**< DELIVER, STATUS_REPORT: TP-LP */
  bool single_shot;             /**< SUBMIT with an enhanced validity: one attempt to deliver */
  linnet_sms_validity validity; /**< SUBMIT */
  uint32_t validity_s; /**< RELATIVE and ENHANCED; rounded up to what can be said when it is written */
  linnet_sms_time validity_until; /**< ABSOLUTE */
  linnet_sms_time center_time;    /**< DELIVER, STATUS_REPORT: when the service centre took the message */
  linnet_sms_time discharge_time; /**< STATUS_REPORT */
  uint8_t status;                 /**< STATUS_REPORT: TP-ST; below 32: it was delivered */

  uint8_t port_bits; /**< 0: no ports; 8 or 16 */
  uint16_t destination_port;
  uint16_t source_port;
  uint8_t part_bits; /**< 0: the message is whole; 8 or 16 bits of reference */
  uint16_t part_reference;
  uint8_t parts;
  uint8_t part;         /**< from 1 */
  uint8_t other_length; /**< what the user data header has besides, as it is: identifier, length, data, ... */
  uint8_t other[LINNET_SMS_OCTETS];

  uint8_t length;                   /**< of the user data after the header */
  uint8_t data[LINNET_SMS_SEPTETS]; /**< octets, or septets, each in a byte */
} linnet_sms;

/**
 * Reads a TPDU. MALFORMED: cut short, longer than it says, or a header, an address or a length that cannot
 * be. UNSUPPORTED_FORMAT: a kind that is reserved. A part number that cannot be is ignored (SMS-10), as is a
 * date.
 */
LINNET_API linnet_status linnet_sms_parse(linnet_sms *sms, const void *data, size_t length);
/** For people: the field in which reading a TPDU fails, and in *used how many octets are sound before it.
 * NULL: it does not fail. */
LINNET_API const char *linnet_sms_fault(const void *data, size_t length, size_t *used);

/** Writes a TPDU. INVALID_ARGUMENT: a number that is none, septets over 127, a date before 1990 or after
 * 2089; TOO_LARGE. */
LINNET_API linnet_status linnet_sms_write(const linnet_sms *sms, uint8_t pdu[LINNET_SMS_PDU_SIZE],
                                          size_t *length);

/** Reads the service centre before a TPDU, which begins at *used; an empty number if none is named.
 * MALFORMED. */
LINNET_API linnet_status linnet_sms_parse_center(linnet_sms_number *center, const void *data, size_t length,
                                                 size_t *used);
/** The same to be written; `center` NULL or empty: the one that the modem knows. INVALID_ARGUMENT. */
LINNET_API linnet_status linnet_sms_write_center(const linnet_sms_number *center,
                                                 uint8_t out[LINNET_SMS_CENTER_SIZE], size_t *length);

/**
 * Makes it a SUBMIT with data of 8 bits, without class, as CoAP over SMS has it (sms.md 2), valid for an
 * hour. INVALID_ARGUMENT: not a number; TOO_LARGE: more than 140 bytes.
 */
LINNET_API linnet_status linnet_sms_submit(linnet_sms *sms, const char *number, const void *data,
                                           size_t length);

/** "+15550100" is international; "15550100" is of a kind unknown; 1 to 20 of 0123456789*#abc.
 * INVALID_ARGUMENT. */
LINNET_API linnet_status linnet_sms_number_parse(linnet_sms_number *number, const char *text);

LINNET_API linnet_sms_alphabet linnet_sms_get_alphabet(const linnet_sms *sms);
/** 0 to 3; -1 if the coding names no class. */
LINNET_API int linnet_sms_get_class(const linnet_sms *sms);
/** How many octets or septets fit into a message with this header. 0: the header alone is too long. */
LINNET_API size_t linnet_sms_room(const linnet_sms *sms);
/**
 * The user data header, without its own length, as gateways carry it before the payload (SMPP:
 * short_message). Sets ports, part and other elements anew. MALFORMED; TOO_LARGE.
 */
LINNET_API linnet_status linnet_sms_set_header(linnet_sms *sms, const void *header, size_t length);
/** The same the other way round; 0 bytes: there is none. */
LINNET_API size_t linnet_sms_get_header(const linnet_sms *sms, uint8_t header[LINNET_SMS_OCTETS]);
/** The text for people, in UTF-8; "" for data. Returns `text`. */
LINNET_API const char *linnet_sms_text(const linnet_sms *sms, char text[LINNET_SMS_TEXT_SIZE]);

#ifdef __cplusplus
}
#endif

#endif

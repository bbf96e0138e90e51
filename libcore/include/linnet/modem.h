/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem.h: short messages through a modem that understands AT commands (3GPP TS 27.005 PDU mode, TS 27.007),
 * run by a driver (Linux).
 *
 *     linnet_transport *sms = linnet_transport_new(loop, LINNET_TRANSPORT_SMS);
 *     linnet_transport_add_framing(sms);
 *     linnet_modem *modem = linnet_modem_new(driver, sms);
 *     linnet_modem_open(modem, "/dev/ttyUSB2");
 *
 * The modem is linnet's alone: it is asked for PDU mode, and messages that it stored are read and then
 * deleted, whoever sent them. What goes wrong is a state, a text and a line of the log; the modem is tried
 * again for as long as it is not closed.
 */
#ifndef LINNET_MODEM_H
#define LINNET_MODEM_H

#include <stdint.h>

#include <linnet/driver.h>
#include <linnet/export.h>
#include <linnet/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct linnet_modem linnet_modem;

/** What a modem is doing. */
typedef enum linnet_modem_state {
  LINNET_MODEM_CLOSED = 0, /**< not opened yet, or closed */
  LINNET_MODEM_STARTING,   /**< it is being told how to behave */
  LINNET_MODEM_READY,      /**< messages pass */
  LINNET_MODEM_WAITING     /**< something failed; it is tried again after a while */
} linnet_modem_state;

/* X(constant, value, default, least, most, name) */
#define LINNET_MODEM_MAP(X)                                                                                 \
  X(LINNET_MODEM_SPEED, 0, 115200, 300, 4000000, "speed")             /* of a serial line, bits a second */ \
  X(LINNET_MODEM_COMMAND_MS, 1, 10000, 10, 600000, "command-timeout") /* for the answer to a command */     \
  X(LINNET_MODEM_SUBMIT_MS, 2, 60000, 10, 600000, "submit-timeout")   /* for the network to take an SMS */  \
  X(LINNET_MODEM_RETRY_MS, 3, 5000, 10, 3600000, "retry")   /* after a failure; up to twelve times it */    \
  X(LINNET_MODEM_CHECK_MS, 4, 60000, 10, 86400000, "check") /* of an idle modem: does it still know? */     \
  X(LINNET_MODEM_ATTEMPTS, 5, 3, 1, 100, "attempts") /* with an SMS that the network refuses for now */     \
  X(LINNET_MODEM_HUSH_MS, 6, 100, 1, 60000, "hush")  /* before a start: what is left of former talk ends */

/** What can be set; LINNET_MODEM_MAP has the defaults and ranges. */
typedef enum linnet_modem_setting {
#define LINNET_MODEM_CONSTANT(constant, value, initial, least, most, name) constant = (value),
  LINNET_MODEM_MAP(LINNET_MODEM_CONSTANT)
#undef LINNET_MODEM_CONSTANT
} linnet_modem_setting;

/** Counters since the modem was made. */
typedef enum linnet_modem_counter {
  LINNET_MODEM_SENT = 0, /**< messages that the network took */
  LINNET_MODEM_REFUSED,  /**< messages given up */
  LINNET_MODEM_RECEIVED, /**< messages and reports that came */
  LINNET_MODEM_GARBAGE,  /**< lines that mean nothing, or too much */
  LINNET_MODEM_STARTS    /**< how often it was told how to behave */
} linnet_modem_counter;

/**
 * One reference; the driver holds another until the modem is closed. The transport carries TPDUs and belongs
 * to the driver's loop, else NULL and linnet_error_text. Holds the transport.
 */
LINNET_API linnet_modem *linnet_modem_new(linnet_driver *driver, linnet_transport *transport);
LINNET_API linnet_modem *linnet_modem_ref(linnet_modem *modem);
LINNET_API void linnet_modem_unref(linnet_modem *modem);
LINNET_API linnet_loop *linnet_modem_loop(const linnet_modem *modem);

/** Before opening, or at any time for the next start. OUT_OF_RANGE. */
LINNET_API linnet_status linnet_modem_set(linnet_modem *modem, linnet_modem_setting setting, uint32_t value);
/** Of the SIM, 4 to 8 digits; given once, so that a wrong one does not lock the SIM. NULL: there is none. */
LINNET_API linnet_status linnet_modem_set_pin(linnet_modem *modem, const char *pin);
/** The number of the service centre, "+15550000"; NULL: the one that the SIM has. */
LINNET_API linnet_status linnet_modem_set_center(linnet_modem *modem, const char *number);

/**
 * Opens a serial line or pseudo-terminal, raw, without flow control, and starts the modem. A device that goes
 * away is opened again when it is back. SYSTEM: it cannot be opened now (WRONG_STATE: it is open already).
 */
LINNET_API linnet_status linnet_modem_open(linnet_modem *modem, const char *path);
/** The same with a descriptor of any kind (a socket, a pseudo-terminal), which is the modem's from now on,
 * also if this fails. When it ends, so does the modem. */
LINNET_API linnet_status linnet_modem_use(linnet_modem *modem, int descriptor);

/** Ends at once; what waits to be sent stays in the transport. Idempotent; so does closing the transport. */
LINNET_API void linnet_modem_close(linnet_modem *modem);

LINNET_API linnet_modem_state linnet_modem_get_state(const linnet_modem *modem);
/** What went wrong last, for people: "/dev/ttyUSB2: no answer to AT+CMGF=0"; "" if nothing has. */
LINNET_API const char *linnet_modem_failure(const linnet_modem *modem);
LINNET_API uint64_t linnet_modem_count(const linnet_modem *modem, linnet_modem_counter counter);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard.h: objects 3 to 7 of a client, and what they do by themselves.
 *
 * Each is a linnet_object like the application's own: its values are set with linnet_client_set, optional
 * resources exist once they have a value or were offered, a handler may be asked about writes and executes
 * and refuse them, and what servers did comes as events. What is added here is behaviour that comes on top:
 * it acts after the handler agreed, and only on objects that were added with the functions below (Device is
 * always there). Connectivity Monitoring (4) only holds values and needs nothing; linnet_driver_describe
 * fills it in from the system.
 */
#ifndef LINNET_STANDARD_H
#define LINNET_STANDARD_H

#include <linnet/client.h>
#include <linnet/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Device (3) ---------------------------------------------------------------------------------- */

/*
 * Reboot (/3/0/4) and, once offered, Factory Reset (/3/0/5) are LINNET_EVENT_EXECUTED events. The response is
 * handed to the transport before, so a program that runs a driver and then takes the events may restart right
 * away; a handler may refuse, but must not restart.
 */

/** What /3/0/11 tells. */
typedef enum linnet_device_error {
  LINNET_DEVICE_LOW_BATTERY = 1,
  LINNET_DEVICE_EXTERNAL_SUPPLY_OFF = 2,
  LINNET_DEVICE_GPS_FAILURE = 3,
  LINNET_DEVICE_LOW_SIGNAL = 4,
  LINNET_DEVICE_OUT_OF_MEMORY = 5,
  LINNET_DEVICE_SMS_FAILURE = 6,
  LINNET_DEVICE_IP_FAILURE = 7,
  LINNET_DEVICE_PERIPHERAL_MALFUNCTION = 8
} linnet_device_error;

/**
 * An error is there from now on: one more instance of /3/0/11, unless it is there already (OBJ-30).
 * OUT_OF_RANGE: no such error. Once /3/0/12 was offered, a server may drop all errors: an
 * LINNET_EVENT_EXECUTED tells, and what is still wrong is to be raised again.
 */
LINNET_API linnet_status linnet_client_raise_error(linnet_client *client, linnet_device_error error);
/** The error is gone; without another one, /3/0/11/0 is 0. NOT_FOUND: it was not raised. */
LINNET_API linnet_status linnet_client_clear_error(linnet_client *client, linnet_device_error error);

/* ---- Firmware Update (5) ------------------------------------------------------------------------- */

typedef enum linnet_firmware_state {
  LINNET_FIRMWARE_IDLE = 0,
  LINNET_FIRMWARE_DOWNLOADING = 1, /**< there is a package to check, or a URI to fetch it from */
  LINNET_FIRMWARE_DOWNLOADED = 2,
  LINNET_FIRMWARE_UPDATING = 3
} linnet_firmware_state;

/** How a download or an update ended: Update Result, /5/0/5. */
typedef enum linnet_firmware_result {
  LINNET_FIRMWARE_COMPLETE = 0, /**< the download is complete and valid */
  LINNET_FIRMWARE_UPDATED = 1,
  LINNET_FIRMWARE_NO_SPACE = 2, /**< not enough flash */
  LINNET_FIRMWARE_NO_MEMORY = 3,
  LINNET_FIRMWARE_CONNECTION_LOST = 4,
  LINNET_FIRMWARE_INTEGRITY = 5,
  LINNET_FIRMWARE_UNSUPPORTED_PACKAGE = 6,
  LINNET_FIRMWARE_INVALID_URI = 7,
  LINNET_FIRMWARE_UPDATE_FAILED = 8,
  LINNET_FIRMWARE_UNSUPPORTED_PROTOCOL = 9
} linnet_firmware_result;

/**
 * Adds object 5 with its state machine (FW-10 to FW-22). It is EXISTS if the client has one.
 *
 * Push: a server writes the package, block by block, up to LINNET_LIMIT_BODY_SIZE; the state is DOWNLOADING
 * from the first of several blocks on, and IDLE with CONNECTION_LOST if the rest does not come. The
 * LINNET_EVENT_WRITTEN of /5/0/0 (or a handler's question about it, for which the state is IDLE again until
 * it has agreed) holds all of it. Without a handler for WRITE it also stays in
 * the object until the next reset. Pull is off at first: set /5/0/8 to the protocols the application can
 * fetch by (0 CoAP, 1 CoAPS, 2 HTTP, 3 HTTPS) and /5/0/9 to 2, or to 0 for pull only. Then a
 * LINNET_EVENT_WRITTEN of /5/0/1 brings the URI. In both cases the state is DOWNLOADING and the application
 * says with linnet_client_end_firmware how it went; it may set PkgName and PkgVersion (6, 7).
 * LINNET_EVENT_EXECUTED of /5/0/2 starts the update in state UPDATING; the application ends it with the same
 * call, before or after a restart (linnet_client_restore brings the state back). A reset by the server is a
 * LINNET_EVENT_WRITTEN that leaves the state IDLE: whatever runs is to be given up.
 */
LINNET_API linnet_status linnet_client_add_firmware(linnet_client *client);
/** IDLE as well if there is no object 5. */
LINNET_API linnet_firmware_state linnet_client_firmware_state(const linnet_client *client);
/**
 * The download ended: COMPLETE leads to DOWNLOADED, 2 to 7 and 9 to IDLE. Or the update did: UPDATED leads to
 * IDLE, UPDATE_FAILED back to DOWNLOADED, INTEGRITY to IDLE. WRONG_STATE: nothing runs, it cannot end so, or
 * COMPLETE while blocks are still to come.
 */
LINNET_API linnet_status linnet_client_end_firmware(linnet_client *client, linnet_firmware_result result);

/* ---- Location (6) -------------------------------------------------------------------------------- */

/** Adds object 6. /6/0 comes with the first position. EXISTS. */
LINNET_API linnet_status linnet_client_add_location(linnet_client *client);
/**
 * Where the client is: /6/0/0, /6/0/1 and the time of the fix, /6/0/5, all three or none. The others are set
 * with linnet_client_set. OUT_OF_RANGE: beyond 90 or 180 degrees. NOT_FOUND: no object 6.
 */
LINNET_API linnet_status linnet_client_set_location(linnet_client *client, double latitude, double longitude,
                                                    int64_t unix_s);
/**
 * How it moves: speed in m/s to /6/0/6, and with the bearing (degrees from north, clockwise) to /6/0/4 as
 * Horizontal Velocity of 3GPP TS 23.032. OUT_OF_RANGE: negative, a bearing of 360 or more, or faster than
 * 18204 m/s. NOT_FOUND: no position yet.
 */
LINNET_API linnet_status linnet_client_set_velocity(linnet_client *client, double speed, double bearing);

/* ---- Connectivity Statistics (7) ----------------------------------------------------------------- */

/**
 * Adds object 7 with resources 0 to 8. From Start (/7/0/6) until Stop (/7/0/7) or the end of the Collection
 * Period (/7/0/8) it counts what the client's transports carry: short messages; KB (1024 bytes) of datagrams
 * with UDP and IP headers, rounded; the largest and the average message in bytes. Reads see the present
 * counts. Observers are told at Start and at the end, else only when their pmax elapses, as each notification
 * would be a reason for the next. EXISTS.
 */
LINNET_API linnet_status linnet_client_add_statistics(linnet_client *client);

#ifdef __cplusplus
}
#endif

#endif

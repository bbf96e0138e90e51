/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h: what clients and servers keep over a restart, as bytes (the driver has files for them:
 * linnet_driver_keep, linnet_driver_keep_server).
 *
 * Of a client are kept the accounts (objects 0 and 1), access control (2) and the state of firmware update
 * (5), all of them as they are; of other objects what servers did: instances they created or deleted,
 * complete, and the writable resources of instances they wrote to; the attributes they assigned; the counters
 * of secured packets; what came from a smartcard (BS-60), and when the account of the bootstrap-server goes
 * (BS-54). Not kept are observations and registrations, which a Register begins anew (OBS-08), and the time.
 * The bytes hold keys: guard them.
 */
#ifndef LINNET_STORE_H
#define LINNET_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/client.h>
#include <linnet/export.h>
#include <linnet/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Gives what is to be kept, through `data` and `length`; it belongs to the client until the next
 * linnet_client_save. WRONG_STATE: a bootstrap-server is at work, and nobody knows yet if that will stand.
 */
LINNET_API linnet_status linnet_client_save(linnet_client *client, const void **data, size_t *length);

/**
 * Makes the client what it was, after its objects were added and before linnet_client_start. Accounts and
 * access control are replaced; what the present definitions have no room for is left out. No handler is
 * asked and no event tells. MALFORMED: torn, damaged, or of something else; nothing of it is used then.
 * WRONG_STATE: the client was started.
 */
LINNET_API linnet_status linnet_client_restore(linnet_client *client, const void *data, size_t length);

/** A number that grows when there is something new to save. */
LINNET_API uint64_t linnet_client_revision(const linnet_client *client);

/* ---- servers ------------------------------------------------------------------------------------- */

/*
 * Of a server are kept registrations, observations, requests that wait for a device in queue mode, and the
 * counters of secured packets. As they may be many, a server tells what changes, as records, each of which
 * puts or deletes a blob with a name
 * ("registration/kitchen", "request/17"). Records one after the other are a state: those that come later
 * count. So a store appends them to a log, or keeps the latest of each name:
 *
 *     linnet_server_restore(server, what the store has)
 *     linnet_server_record(server)
 *     after every step: linnet_server_changes; when they are on the disk, linnet_server_stored
 *
 * From the first change until linnet_server_stored the transports of the loop hand out nothing, so that no
 * device hears that something is done before it is stored: one write for all that a step did.
 */

/** A record, as views into the bytes it was read from. */
typedef struct linnet_change {
  const char *name; /**< not terminated */
  size_t name_length;
  const void *blob;
  size_t blob_length;
  const void *record; /**< all of it, for stores that keep the latest of each name */
  size_t record_length;
  bool deleted; /**< the blob goes; there is none here */
} linnet_change;

/** Reads the next record: start with *position = 0. NOT_FOUND: the end. MALFORMED: torn or damaged; *position
 * is where the sound ones end. */
LINNET_API linnet_status linnet_change_next(const void *data, size_t length, size_t *position,
                                            linnet_change *out);

/**
 * Makes the server what it was, with the same locations and the same numbers of registrations, observations
 * and requests. After its transports were added, and before it has registrations or records. No event tells
 * of what is restored; what expired meanwhile is told in the next step. Devices in queue mode are taken to
 * sleep. Records of names that are not the server's are skipped. MALFORMED, NO_MEMORY: nothing is used.
 */
LINNET_API linnet_status linnet_server_restore(linnet_server *server, const void *data, size_t length);

/** From now on the server tells what changes. Save a server that has registrations already. */
LINNET_API linnet_status linnet_server_record(linnet_server *server);
/**
 * What has changed since the last linnet_server_stored, as records; length 0: nothing. Lives until the next
 * step or call. TOO_LARGE, NO_MEMORY: changes were lost; what linnet_server_save gives takes their place.
 */
LINNET_API linnet_status linnet_server_changes(linnet_server *server, const void **data, size_t *length);
/** What linnet_server_changes gave last is stored; answers leave. */
LINNET_API linnet_status linnet_server_stored(linnet_server *server);

/** Everything, as records. Lives until the next call. */
LINNET_API linnet_status linnet_server_save(linnet_server *server, const void **data, size_t *length);
/** A position at the end. */
#define LINNET_SAVED UINT64_MAX
/**
 * The same a part at a time, so that a large server goes on meanwhile: start with *position = 0, until it is
 * LINNET_SAVED. Changes between the parts belong behind the parts before them.
 */
LINNET_API linnet_status linnet_server_save_part(linnet_server *server, uint64_t *position, const void **data,
                                                 size_t *length);

#ifdef __cplusplus
}
#endif

#endif

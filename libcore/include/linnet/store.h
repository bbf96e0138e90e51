/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h: what a client keeps over a restart, as bytes (the driver has a file for them: linnet_driver_keep).
 *
 * Kept are the accounts (objects 0 and 1), access control (2) and the state of firmware update (5), all of
 * them as they are; of other objects what servers did: instances they created or deleted, complete, and the
 * writable resources of instances they wrote to; and the attributes they assigned. Not kept are observations
 * and registrations, which a Register begins anew (OBS-08), and the time. The bytes hold keys: guard them.
 */
#ifndef LINNET_STORE_H
#define LINNET_STORE_H

#include <stddef.h>
#include <stdint.h>

#include <linnet/client.h>
#include <linnet/export.h>

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

#ifdef __cplusplus
}
#endif

#endif

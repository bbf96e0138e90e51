/* SPDX-License-Identifier: Apache-2.0 */
/* tickets.c: what tickets are sealed with, kept over a restart, so that clients can resume their sessions
 * with a server that was started again (dtls.h; RFC 5077 5.5). */
#include <string.h>

#include "session.h"

#define VERSION 1

uint64_t linnet__dtls_tickets(const linnet__dtls *dtls) {
  const linnet_credentials *credentials = dtls->credentials;
  return credentials != NULL ? credentials->tickets_made + credentials->tickets_restored : 0;
}

void linnet__dtls_save_tickets(const linnet__dtls *dtls, linnet__buffer *out) {
  linnet__put_number(out, VERSION, 1);
  for (size_t i = 0; i < 2; i++) {
    const linnet__ticket_key *key = &dtls->credentials->ticket_keys[i];
    linnet__put_number(out, key->made_ms, 8);
    linnet__put_number(out, key->number, 1);
    linnet__buffer_append(out, key->key, sizeof key->key);
  }
}

/* The last that is restored counts; those that were made in this life count more. */
linnet_status linnet__dtls_restore_tickets(linnet__dtls *dtls, const void *data, size_t length) {
  linnet__packed in = {data, length, false};
  linnet__ticket_key keys[2];
  uint8_t version = linnet__unpack_u8(&in);
  for (size_t i = 0; i < 2; i++) {
    keys[i].made_ms = linnet__unpack_number(&in, 8);
    keys[i].number = linnet__unpack_u8(&in);
    const uint8_t *key = linnet__unpack_bytes(&in, sizeof keys[i].key);
    if (key != NULL) memcpy(keys[i].key, key, sizeof keys[i].key);
  }
  bool sound = !in.failed && version == VERSION;
  if (sound && dtls->credentials != NULL && dtls->credentials->tickets_made == 0) {
    memcpy(dtls->credentials->ticket_keys, keys, sizeof keys);
    dtls->credentials->tickets_restored = 1;
  }
  linnet__wipe(keys, sizeof keys);
  return sound ? LINNET_OK : LINNET_ERROR_MALFORMED;
}

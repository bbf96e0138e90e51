/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mbedtls_ticket.c: what a client can resume lies with the client, sealed (RFC 5077).
 *
 * A ticket is the number of a key, a nonce, and, under AES-GCM: when it was made, who the client is, and the
 * session as the library saves it.
 */
#include <mbedtls/gcm.h>
#include <string.h>

#include "mbedtls.h"

#define NONCE_SIZE 12
#define TAG_SIZE 16
#define OPEN_SIZE (1 + NONCE_SIZE)
/* Longer ones are not handed out: they hold a long chain of certificates. */
#define TICKET_LIMIT 4096

/* ---- keys ---------------------------------------------------------------------------------------- */

/* As a server that is started again counts it, where somebody knows the time; else each ticket of another
 * life is of no use. */
static uint64_t clock_ms(const linnet__tls_config *config) {
  int64_t wall_ms = linnet_loop_wall_clock(config->common.loop);
  return wall_ms > 0 ? (uint64_t)wall_ms : linnet_loop_now(config->common.loop);
}

/* A new key takes the place of the older one when the newer has served its time, so that each ticket can be
 * read for as long as it is good. */
static linnet__ticket_key *key_for_writing(linnet__tls_config *config) {
  linnet__ticket_key *keys = config->common.credentials->ticket_keys;
  uint64_t now_ms = clock_ms(config);
  linnet__ticket_key *newer = keys[1].made_ms > keys[0].made_ms ? &keys[1] : &keys[0];
  if (newer->made_ms != 0 && now_ms - newer->made_ms < LINNET__TICKET_LIFETIME_MS) return newer;
  linnet__ticket_key *older = newer == &keys[0] && newer->made_ms != 0 ? &keys[1] : &keys[0];
  older->made_ms = now_ms + 1; /* never 0 */
  older->number = (uint8_t)(newer->number + 1);
  linnet__random_bytes(config->common.loop, older->key, sizeof older->key);
  config->common.credentials->tickets_made++;
  return older;
}

static const linnet__ticket_key *key_of(const linnet__tls_config *config, uint8_t number) {
  const linnet__ticket_key *keys = config->common.credentials->ticket_keys;
  for (size_t i = 0; i < 2; i++)
    if (keys[i].made_ms != 0 && keys[i].number == number) return &keys[i];
  return NULL;
}

/* 0, or an error of the library. */
static int begin_gcm(mbedtls_gcm_context *gcm, const linnet__ticket_key *key) {
  mbedtls_gcm_init(gcm);
  return mbedtls_gcm_setkey(gcm, MBEDTLS_CIPHER_ID_AES, key->key, 8 * sizeof key->key);
}

/* ---- what is in it ------------------------------------------------------------------------------- */

/* What the session rests on: another pre-shared key, or other authorities, make the ticket worthless. */
static uint64_t basis_of(const linnet__tls *tls, const linnet__ticket_key *key,
                         const linnet__identity *identity) {
  const linnet_credentials *credentials = tls->config->common.credentials;
  const linnet__credential *known = linnet__credentials_at(credentials, identity);
  if (known != NULL && identity->kind == LINNET__IDENTITY_PSK)
    return linnet__siphash(key->key, known->key.data, known->key.length);
  return identity->kind == LINNET__IDENTITY_SUBJECT ? credentials->trust_mark : 0;
}

static int put_content(const linnet__tls *tls, const linnet__ticket_key *key,
                       const mbedtls_ssl_session *session, linnet__buffer *out) {
  const linnet__identity *identity = &tls->identity;
  size_t size = 0;
  linnet__put_number(out, clock_ms(tls->config), 8);
  linnet__put_number(out, basis_of(tls, key, identity), 8);
  linnet__put_number(out, identity->number != 0, 1);
  linnet__put_number(out, identity->kind, 1);
  linnet__put_number(out, identity->length, 1);
  linnet__buffer_append(out, identity->name, identity->length);
  mbedtls_ssl_session_save(session, NULL, 0, &size);
  uint8_t *room = size > 0 ? linnet__buffer_reserve(out, size) : NULL;
  if (room == NULL) return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
  int result = mbedtls_ssl_session_save(session, room, size, &size);
  if (result == 0) out->length += size;
  return result;
}

/* False: it was made too long ago, or by somebody who is not let in any more. */
static bool take_content(linnet__tls *tls, const linnet__ticket_key *key, linnet__packed *content) {
  linnet__identity identity = {.number = 0};
  const linnet__tls_config *config = tls->config;
  uint64_t made_ms = linnet__unpack_number(content, 8);
  uint64_t basis = linnet__unpack_number(content, 8);
  bool has_credential = linnet__unpack_u8(content) != 0;
  identity.kind = linnet__unpack_u8(content);
  identity.length = linnet__unpack_u8(content);
  const uint8_t *name =
      identity.length <= LINNET__IDENTITY_SIZE ? linnet__unpack_bytes(content, identity.length) : NULL;
  if (name == NULL || content->failed) return false;
  memcpy(identity.name, name, identity.length);
  if (clock_ms(config) - made_ms >= LINNET__TICKET_LIFETIME_MS) return false;
  const linnet__credential *known = linnet__credentials_at(config->common.credentials, &identity);
  if ((known != NULL) != has_credential || basis_of(tls, key, &identity) != basis) return false;
  tls->identity = known != NULL ? known->identity : identity;
  return true;
}

/* ---- of mbedtls_ssl_conf_session_tickets_cb ------------------------------------------------------ */

static int write_ticket(void *user, const mbedtls_ssl_session *session, unsigned char *start,
                        const unsigned char *end, size_t *length, uint32_t *lifetime_s) {
  linnet__tls_config *config = user;
  mbedtls_gcm_context gcm;
  linnet__buffer content;
  size_t room = (size_t)(end - start);
  if (config->active == NULL || room < OPEN_SIZE + TAG_SIZE) return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
  room -= OPEN_SIZE + TAG_SIZE;
  linnet__buffer_init_fixed(&content, start + OPEN_SIZE, room < TICKET_LIMIT ? room : TICKET_LIMIT);
  const linnet__ticket_key *key = key_for_writing(config);
  int result = put_content(config->active, key, session, &content);
  if (result != 0) return result;
  start[0] = key->number;
  result = mbedtls_ctr_drbg_random(&config->drbg, start + 1, NONCE_SIZE);
  if (result == 0) result = begin_gcm(&gcm, key);
  if (result != 0) return result;
  result = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, content.length, start + 1, NONCE_SIZE, start,
                                     1, content.data, content.data, TAG_SIZE, content.data + content.length);
  mbedtls_gcm_free(&gcm);
  *length = OPEN_SIZE + content.length + TAG_SIZE;
  *lifetime_s = (uint32_t)(LINNET__TICKET_LIFETIME_MS / 1000);
  return result;
}

static int open_ticket(const linnet__ticket_key *key, unsigned char *data, size_t length) {
  mbedtls_gcm_context gcm;
  unsigned char *content = data + OPEN_SIZE;
  size_t size = length - OPEN_SIZE - TAG_SIZE;
  int result = begin_gcm(&gcm, key);
  if (result != 0) return result;
  result = mbedtls_gcm_auth_decrypt(&gcm, size, data + 1, NONCE_SIZE, data, 1, content + size, TAG_SIZE,
                                    content, content);
  mbedtls_gcm_free(&gcm);
  return result;
}

static int parse_ticket(void *user, mbedtls_ssl_session *session, unsigned char *data, size_t length) {
  linnet__tls_config *config = user;
  linnet__tls *tls = config->active;
  if (tls == NULL || length < OPEN_SIZE + TAG_SIZE) return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
  const linnet__ticket_key *key = key_of(config, data[0]);
  if (key == NULL || open_ticket(key, data, length) != 0) return MBEDTLS_ERR_SSL_INVALID_MAC;
  linnet__packed content = {data + OPEN_SIZE, length - OPEN_SIZE - TAG_SIZE, false};
  if (!take_content(tls, key, &content)) return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
  int result = mbedtls_ssl_session_load(session, content.data, content.length);
  if (result != 0) return result;
  const mbedtls_x509_crt *certificate = session->LINNET__FIELD(peer_cert);
  if (certificate != NULL && linnet__mbedtls_faults_of_time(tls, certificate) != 0)
    return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
  tls->resumed = true;
  return 0;
}

void linnet__mbedtls_use_tickets(linnet__tls_config *config) {
  mbedtls_ssl_conf_session_tickets_cb(&config->conf, write_ticket, parse_ticket, config);
}

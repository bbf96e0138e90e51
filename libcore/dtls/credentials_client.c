/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credentials_client.c: what one session rests on: with a server, as object 0 has it (SEC-10 to SEC-13), or
 * with a device that a bootstrap-server begins with (BS-04).
 */
#include <string.h>

#include "tls.h"

/* ---- of object 0 --------------------------------------------------------------------------------- */

static linnet_status add_psk(linnet_credentials *credentials, const void *identity, size_t identity_length,
                             const void *key, size_t key_length) {
  linnet__identity made = {.kind = LINNET__IDENTITY_NONE};
  linnet_status status =
      linnet__psk_check(credentials->handle.loop, &made, identity, identity_length, key, key_length);
  return status == LINNET_OK ? linnet__credentials_add(credentials, &made, "", 0, key, key_length) : status;
}

static linnet_status add_server(linnet_credentials *credentials, const void *data, size_t length) {
  linnet__material_facts facts = {.authority = false};
  linnet__identity identity;
  linnet_status status = linnet__credentials_read(credentials, LINNET__MATERIAL_CERTIFICATE,
                                                  "the server's certificate", data, length, &facts);
  if (status != LINNET_OK) return status;
  linnet__identity_make(&identity, LINNET__IDENTITY_CERTIFICATE, facts.digest, sizeof facts.digest);
  status = linnet__credentials_add(credentials, &identity, facts.subject, strlen(facts.subject), NULL, 0);
  if (status != LINNET_OK || !facts.authority) return status;
  return linnet_credentials_add_trust(credentials, data, length);
}

linnet_status linnet__credentials_fill(linnet_credentials *credentials, const linnet__keys *keys) {
  const linnet__text *own = &keys->own, *secret = &keys->secret, *server = &keys->server;
  linnet_status status;
  switch (keys->mode) {
    case LINNET__KEY_PSK:
      return add_psk(credentials, own->data, own->length, secret->data, secret->length);
    case LINNET__KEY_PUBLIC_KEY:
      status = linnet_credentials_set_key(credentials, secret->data, secret->length);
      if (status != LINNET_OK) return status;
      return linnet_credentials_add_public_key(credentials, NULL, server->data, server->length);
    case LINNET__KEY_CERTIFICATE:
      status = linnet_credentials_set_certificate(credentials, own->data, own->length, secret->data,
                                                  secret->length);
      return status == LINNET_OK ? add_server(credentials, server->data, server->length) : status;
  }
  return linnet__fail(credentials->handle.loop, LINNET_ERROR_MALFORMED, "this security mode has no DTLS");
}

linnet_status linnet__credentials_expect(linnet_credentials *credentials, const char *host,
                                         size_t host_length, const char *name) {
  linnet_loop *loop = credentials->handle.loop;
  linnet__free_text(loop, credentials->host);
  linnet__free_text(loop, credentials->name);
  credentials->naming = LINNET__NAMING_BY_HOST;
  credentials->host = host_length > 0 ? linnet__copy_text(loop, host, host_length) : NULL;
  credentials->name = linnet__copy_text(loop, name, strlen(name));
  bool complete = credentials->name != NULL && (credentials->host != NULL || host_length == 0);
  return complete ? LINNET_OK : LINNET_ERROR_NO_MEMORY;
}

/* ---- of one device ------------------------------------------------------------------------------- */

typedef struct device {
  const char *endpoint;
  size_t length;
} device;

static bool is_of(const linnet__credential *credential, const device *who) {
  return linnet__credential_permits(credential, who->endpoint, who->length);
}

static const linnet__credential *psk_of(const linnet_credentials *credentials, const device *who) {
  const linnet__credential *credential;
  size_t position = 0;
  while ((credential = linnet__map_next(&credentials->by_identity, &position)) != NULL)
    if (credential->identity.kind == LINNET__IDENTITY_PSK && is_of(credential, who)) return credential;
  return NULL;
}

/* Under the number that it has there, so that the session ends with it. */
static linnet_status copy_credential(linnet_credentials *copy, const linnet__credential *credential,
                                     const device *who) {
  const linnet__secret *key = &credential->key;
  linnet_status status = linnet__credentials_add(copy, &credential->identity, who->endpoint, who->length,
                                                 key->data, key->length);
  linnet__credential *made = status == LINNET_OK ? linnet__credentials_at(copy, &credential->identity) : NULL;
  if (made != NULL) made->identity.number = credential->identity.number;
  return status;
}

static linnet_status copy_own(linnet_credentials *copy, const linnet_credentials *credentials) {
  linnet_loop *loop = copy->handle.loop;
  const linnet__own *own = &credentials->own;
  linnet_status status = LINNET_OK;
  if (!linnet__secret_copy(loop, &copy->own.certificate, own->certificate.data, own->certificate.length) ||
      !linnet__secret_copy(loop, &copy->own.key, own->key.data, own->key.length))
    return LINNET_ERROR_NO_MEMORY;
  for (size_t i = 0; i < credentials->trust_count && status == LINNET_OK; i++) {
    const linnet__secret *trust = &credentials->trust[i];
    if (trust->length > 0) status = linnet_credentials_add_trust(copy, trust->data, trust->length);
  }
  return status;
}

static linnet_status copy_for(linnet_credentials *copy, const linnet_credentials *credentials,
                              const device *who) {
  const linnet__credential *psk = psk_of(credentials, who), *credential;
  size_t position = 0;
  if (psk != NULL) return copy_credential(copy, psk, who);
  linnet_status status = copy_own(copy, credentials);
  while (status == LINNET_OK && (credential = linnet__map_next(&credentials->by_identity, &position)) != NULL)
    if (is_of(credential, who)) status = copy_credential(copy, credential, who);
  return status;
}

bool linnet__credentials_reach(const linnet_credentials *credentials, const char *endpoint, size_t length) {
  const device who = {endpoint, length};
  const linnet__credential *credential;
  size_t position = 0;
  if (psk_of(credentials, &who) != NULL) return true;
  if (credentials->own.key.length == 0) return false;
  if (credentials->trust_count > 0) return true;
  while ((credential = linnet__map_next(&credentials->by_identity, &position)) != NULL)
    if (is_of(credential, &who)) return true;
  return false;
}

linnet_credentials *linnet__credentials_for(const linnet_credentials *credentials, const char *endpoint,
                                            size_t length) {
  const device who = {endpoint, length};
  linnet_credentials *copy = linnet_credentials_new(credentials->handle.loop);
  if (copy == NULL) return NULL;
  copy->naming = LINNET__NAMING_BY_ENDPOINT;
  if (copy_for(copy, credentials, &who) == LINNET_OK) return copy;
  linnet_credentials_unref(copy);
  return NULL;
}

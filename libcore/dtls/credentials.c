/* SPDX-License-Identifier: Apache-2.0 */
/* credentials.c: who is let in, as whom, and what proves who we are (credentials.h; SEC-05, SEC-11). */
#include <string.h>

#include "tls.h"

#define KEY_LIMIT 64             /* SEC-11 */
#define ENDPOINT_LIMIT 252       /* MOD-05 */
#define MATERIAL_LIMIT 65536     /* bytes of certificates at a time */
#define TRUST_LIMIT ((size_t)64) /* authorities, as they were given */

/* ---- secrets ------------------------------------------------------------------------------------- */

void linnet__secret_clear(linnet_loop *loop, linnet__secret *secret) {
  if (secret->data == NULL) return;
  linnet__wipe(secret->data, secret->length);
  linnet__free(loop, secret->data, secret->length);
  *secret = (linnet__secret){NULL, 0};
}

bool linnet__secret_copy(linnet_loop *loop, linnet__secret *secret, const void *data, size_t length) {
  *secret = (linnet__secret){NULL, 0};
  if (length == 0) return true;
  secret->data = linnet__new(loop, length);
  if (secret->data == NULL) return false;
  memcpy(secret->data, data, length);
  secret->length = length;
  return true;
}

static bool same_secret(const linnet__secret *secret, const void *data, size_t length) {
  return secret->length == length && (length == 0 || memcmp(secret->data, data, length) == 0);
}

/* ---- identities ---------------------------------------------------------------------------------- */

static const void *credential_key(const void *item, size_t *length) {
  return linnet__identity_key(&((const linnet__credential *)item)->identity, length);
}

linnet__credential *linnet__credentials_at(const linnet_credentials *credentials,
                                           const linnet__identity *identity) {
  size_t length;
  const void *key = linnet__identity_key(identity, &length);
  return linnet__map_find(&credentials->by_identity, key, length);
}

const linnet__credential *linnet__credentials_find(const linnet_credentials *credentials,
                                                   linnet__identity_kind kind, const void *name,
                                                   size_t length) {
  linnet__identity identity;
  return linnet__identity_make(&identity, kind, name, length) ? linnet__credentials_at(credentials, &identity)
                                                              : NULL;
}

const linnet__credential *linnet__credentials_only_psk(const linnet_credentials *credentials) {
  size_t position = 0;
  const linnet__credential *credential;
  while ((credential = linnet__map_next(&credentials->by_identity, &position)) != NULL)
    if (credential->identity.kind == LINNET__IDENTITY_PSK) return credential;
  return NULL;
}

bool linnet__credential_permits(const linnet__credential *credential, const char *endpoint, size_t length) {
  for (const linnet__permission *p = credential->permissions; p != NULL; p = p->next)
    if (strlen(p->endpoint) == length && memcmp(p->endpoint, endpoint, length) == 0) return true;
  return false;
}

bool linnet__identity_allows(const linnet_credentials *credentials, const linnet__identity *identity,
                             const char *endpoint, size_t length) {
  const linnet__credential *credential = linnet__credentials_at(credentials, identity);
  if (credential != NULL) return linnet__credential_permits(credential, endpoint, length);
  return identity->kind == LINNET__IDENTITY_SUBJECT && identity->length == length &&
         memcmp(identity->name, endpoint, length) == 0;
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void free_permissions(linnet_loop *loop, linnet__permission *permission) {
  while (permission != NULL) {
    linnet__permission *next = permission->next;
    linnet__free(loop, permission, permission->size);
    permission = next;
  }
}

static void free_credential(linnet_credentials *credentials, linnet__credential *credential) {
  linnet_loop *loop = credentials->handle.loop;
  size_t length;
  const void *key = credential_key(credential, &length);
  linnet__map_remove(&credentials->by_identity, key, length);
  linnet__secret_clear(loop, &credential->key);
  free_permissions(loop, credential->permissions);
  linnet__wipe(credential, sizeof *credential);
  linnet__free(loop, credential, sizeof *credential);
}

static void clear_own(linnet_loop *loop, linnet__own *own) {
  linnet__secret_clear(loop, &own->certificate);
  linnet__secret_clear(loop, &own->key);
}

static void clear_trust(linnet_credentials *credentials) {
  linnet_loop *loop = credentials->handle.loop;
  for (size_t i = 0; i < credentials->trust_count; i++) linnet__secret_clear(loop, &credentials->trust[i]);
  linnet__free(loop, credentials->trust, credentials->trust_count * sizeof *credentials->trust);
  credentials->trust = NULL;
  credentials->trust_count = 0;
  credentials->trust_mark = 0;
}

static void destroy(linnet__handle *handle) {
  linnet_credentials *credentials = LINNET__CONTAINER(handle, linnet_credentials, handle);
  linnet__credential *credential;
  size_t position = 0;
  while ((credential = linnet__map_next(&credentials->by_identity, &position)) != NULL)
    free_credential(credentials, credential);
  linnet__map_free(&credentials->by_identity);
  clear_trust(credentials);
  clear_own(handle->loop, &credentials->own);
  linnet__free_text(handle->loop, credentials->host);
  linnet__free_text(handle->loop, credentials->name);
  linnet__wipe(credentials->ticket_keys, sizeof credentials->ticket_keys);
  linnet__handle_free(handle);
}

linnet_credentials *linnet_credentials_new(linnet_loop *loop) {
  linnet_credentials *credentials = linnet__handle_new(loop, sizeof *credentials, destroy);
  if (credentials == NULL) return NULL;
  linnet__map_init(&credentials->by_identity, loop, credential_key);
  linnet__list_init(&credentials->guards);
  return credentials;
}

linnet_credentials *linnet_credentials_ref(linnet_credentials *credentials) {
  linnet__handle_ref(&credentials->handle);
  return credentials;
}

void linnet_credentials_unref(linnet_credentials *credentials) {
  if (credentials != NULL) linnet__handle_unref(&credentials->handle);
}

linnet_loop *linnet_credentials_loop(const linnet_credentials *credentials) {
  return credentials->handle.loop;
}

size_t linnet_credentials_count(const linnet_credentials *credentials) {
  return credentials->by_identity.count;
}

void linnet__credentials_watch(linnet_credentials *credentials, linnet__guard *guard) {
  linnet__list_append(&credentials->guards, &guard->node);
}

void linnet__guard_leave(linnet__guard *guard) { linnet__list_remove(&guard->node); }

/* A guard may close transports, and so take others along: each is told once, then stands at the end. */
static void tell_removed(linnet_credentials *credentials, uint64_t number) {
  linnet__list told;
  linnet__list_init(&told);
  linnet_credentials_ref(credentials);
  for (linnet__list *node; (node = linnet__list_take(&credentials->guards)) != NULL;) {
    linnet__guard *guard = LINNET__CONTAINER(node, linnet__guard, node);
    linnet__list_append(&told, node);
    guard->removed(guard, number);
  }
  for (linnet__list *node; (node = linnet__list_take(&told)) != NULL;)
    linnet__list_append(&credentials->guards, node);
  linnet_credentials_unref(credentials);
}

/* ---- adding -------------------------------------------------------------------------------------- */

/* Says so where it is not an endpoint name (MOD-05). */
static linnet_status check_endpoint(linnet_loop *loop, const char *endpoint, size_t length) {
  if (length > 0 && length <= ENDPOINT_LIMIT && linnet__utf8_valid(endpoint, length) &&
      memchr(endpoint, 0, length) == NULL)
    return LINNET_OK;
  return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                      "credentials: \"%n\" is not an endpoint name: 1 to 252 bytes of UTF-8", length,
                      endpoint);
}

static linnet_status permit(linnet_loop *loop, linnet__credential *credential, const char *endpoint,
                            size_t length) {
  if (linnet__credential_permits(credential, endpoint, length)) return LINNET_OK;
  linnet__permission *permission = linnet__new(loop, sizeof *permission + length + 1);
  if (permission == NULL) return LINNET_ERROR_NO_MEMORY;
  permission->size = sizeof *permission + length + 1;
  memcpy(permission->endpoint, endpoint, length);
  permission->next = credential->permissions;
  credential->permissions = permission;
  return LINNET_OK;
}

/* The credential of that identity, made if it is new. NULL: no memory. */
static linnet__credential *obtain(linnet_credentials *credentials, const linnet__identity *identity) {
  linnet_loop *loop = credentials->handle.loop;
  linnet__credential *credential = linnet__credentials_at(credentials, identity);
  if (credential != NULL) return credential;
  credential = linnet__new(loop, sizeof *credential);
  if (credential == NULL) return NULL;
  credential->identity = *identity;
  credential->identity.number = linnet__loop_number(loop);
  if (linnet__map_insert(&credentials->by_identity, credential) == LINNET_OK) return credential;
  linnet__free(loop, credential, sizeof *credential);
  return NULL;
}

static linnet_status no_memory(linnet_credentials *credentials) {
  return linnet__fail(credentials->handle.loop, LINNET_ERROR_NO_MEMORY, "credentials: out of memory");
}

linnet_status linnet__credentials_add(linnet_credentials *credentials, const linnet__identity *identity,
                                      const char *endpoint, size_t endpoint_length, const void *key,
                                      size_t key_length) {
  linnet_loop *loop = credentials->handle.loop;
  linnet__secret copy;
  bool known = linnet__credentials_at(credentials, identity) != NULL;
  linnet__credential *credential = obtain(credentials, identity);
  if (credential == NULL) return no_memory(credentials);
  if (endpoint_length > 0 && permit(loop, credential, endpoint, endpoint_length) != LINNET_OK) {
    if (!known) free_credential(credentials, credential);
    return no_memory(credentials);
  }
  if (same_secret(&credential->key, key, key_length)) return LINNET_OK;
  if (!linnet__secret_copy(loop, &copy, key, key_length)) {
    if (!known) free_credential(credentials, credential);
    return no_memory(credentials);
  }
  uint64_t former = credential->identity.number;
  linnet__secret_clear(loop, &credential->key);
  credential->key = copy;
  credential->identity.number = linnet__loop_number(loop);
  if (known) tell_removed(credentials, former);
  return LINNET_OK;
}

linnet_status linnet__psk_check(linnet_loop *loop, linnet__identity *made, const void *identity,
                                size_t identity_length, const void *key, size_t key_length) {
  if (identity == NULL || !linnet__identity_make(made, LINNET__IDENTITY_PSK, identity, identity_length))
    return linnet__fail(loop, LINNET_ERROR_OUT_OF_RANGE,
                        "adding a pre-shared key: the identity has %U bytes, not 1 to %u",
                        (uint64_t)identity_length, (unsigned)LINNET__IDENTITY_SIZE);
  if (key == NULL || key_length == 0 || key_length > KEY_LIMIT)
    return linnet__fail(loop, LINNET_ERROR_OUT_OF_RANGE,
                        "adding the pre-shared key of \"%n\": the key has %U bytes, not 1 to %u",
                        identity_length, identity, (uint64_t)key_length, (unsigned)KEY_LIMIT);
  return LINNET_OK;
}

linnet_status linnet_credentials_add_psk(linnet_credentials *credentials, const char *endpoint,
                                         const void *identity, size_t identity_length, const void *key,
                                         size_t key_length) {
  linnet_loop *loop = credentials->handle.loop;
  linnet__identity made = {.kind = LINNET__IDENTITY_NONE};
  linnet_status status = linnet__psk_check(loop, &made, identity, identity_length, key, key_length);
  if (status != LINNET_OK) return status;
  const char *name = endpoint != NULL ? endpoint : identity;
  size_t length = endpoint != NULL ? strlen(endpoint) : identity_length;
  status = check_endpoint(loop, name, length);
  return status == LINNET_OK ? linnet__credentials_add(credentials, &made, name, length, key, key_length)
                             : status;
}

linnet_status linnet__credentials_read(linnet_credentials *credentials, linnet__material material,
                                       const char *what, const void *data, size_t length,
                                       linnet__material_facts *facts) {
  linnet_loop *loop = credentials->handle.loop;
  const char *why = "";
  if (data == NULL || length == 0 || length > MATERIAL_LIMIT)
    return linnet__fail(loop, LINNET_ERROR_OUT_OF_RANGE, "adding %s: it has %U bytes, not 1 to %u", what,
                        (uint64_t)length, (unsigned)MATERIAL_LIMIT);
  linnet_status status = linnet__tls_read_material(loop, material, data, length, facts, &why);
  return status == LINNET_OK ? status : linnet__fail(loop, status, "adding %s: %s", what, why);
}

static linnet_status add_material(linnet_credentials *credentials, linnet__identity_kind kind,
                                  const char *endpoint, const linnet__material_facts *facts) {
  linnet__identity identity;
  const char *name = endpoint != NULL ? endpoint : facts->subject;
  if (endpoint != NULL) {
    linnet_status status = check_endpoint(credentials->handle.loop, endpoint, strlen(endpoint));
    if (status != LINNET_OK) return status;
  }
  if (!linnet__identity_make(&identity, kind, facts->digest, LINNET__DIGEST_SIZE))
    return LINNET_ERROR_MALFORMED;
  return linnet__credentials_add(credentials, &identity, name, strlen(name), NULL, 0);
}

linnet_status linnet_credentials_add_certificate(linnet_credentials *credentials, const char *endpoint,
                                                 const void *data, size_t length) {
  linnet__material_facts facts = {.authority = false};
  linnet_status status = linnet__credentials_read(credentials, LINNET__MATERIAL_CERTIFICATE, "a certificate",
                                                  data, length, &facts);
  if (status != LINNET_OK) return status;
  return add_material(credentials, LINNET__IDENTITY_CERTIFICATE, endpoint, &facts);
}

linnet_status linnet_credentials_add_public_key(linnet_credentials *credentials, const char *endpoint,
                                                const void *data, size_t length) {
  linnet__material_facts facts = {.authority = false};
  linnet_status status = linnet__credentials_read(credentials, LINNET__MATERIAL_PUBLIC_KEY, "a public key",
                                                  data, length, &facts);
  if (status != LINNET_OK) return status;
  return add_material(credentials, LINNET__IDENTITY_PUBLIC_KEY, endpoint, &facts);
}

linnet_status linnet_credentials_add_subject(linnet_credentials *credentials, const char *endpoint,
                                             const char *subject) {
  linnet_loop *loop = credentials->handle.loop;
  linnet__identity identity;
  if (endpoint == NULL || subject == NULL ||
      !linnet__identity_make(&identity, LINNET__IDENTITY_SUBJECT, subject, strlen(subject)))
    return linnet__fail(loop, LINNET_ERROR_OUT_OF_RANGE,
                        "adding a subject: the common name has 1 to %u bytes, and an endpoint belongs to it",
                        (unsigned)LINNET__IDENTITY_SIZE);
  linnet_status status = check_endpoint(loop, endpoint, strlen(endpoint));
  return status == LINNET_OK
             ? linnet__credentials_add(credentials, &identity, endpoint, strlen(endpoint), NULL, 0)
             : status;
}

linnet_status linnet_credentials_add_trust(linnet_credentials *credentials, const void *data, size_t length) {
  static const uint8_t no_key[16] = {0}; /* of no loop, as the next life has another one */
  linnet_loop *loop = credentials->handle.loop;
  size_t count = credentials->trust_count;
  linnet_status status = linnet__credentials_read(credentials, LINNET__MATERIAL_AUTHORITY,
                                                  "the certificate of an authority", data, length, NULL);
  if (status != LINNET_OK) return status;
  if (count == TRUST_LIMIT)
    return linnet__fail(loop, LINNET_ERROR_LIMIT_REACHED, "adding an authority: there are %U already",
                        (uint64_t)count);
  linnet__secret *trust =
      linnet__resize(loop, credentials->trust, count * sizeof *trust, (count + 1) * sizeof *trust);
  if (trust == NULL) return no_memory(credentials);
  credentials->trust = trust;
  credentials->trust_count = count + 1;
  credentials->trust_mark += linnet__siphash(no_key, data, length);
  credentials->revision++;
  if (linnet__secret_copy(loop, &trust[count], data, length)) return LINNET_OK;
  return no_memory(credentials); /* one of no length, which says nothing */
}

/* ---- removing ------------------------------------------------------------------------------------ */

static void remove_credential(linnet_credentials *credentials, linnet__credential *credential) {
  uint64_t number = credential->identity.number;
  free_credential(credentials, credential);
  tell_removed(credentials, number);
}

linnet_status linnet_credentials_remove_psk(linnet_credentials *credentials, const void *identity,
                                            size_t identity_length) {
  linnet__identity made = {.kind = LINNET__IDENTITY_NONE};
  linnet__credential *credential = NULL;
  if (identity != NULL && linnet__identity_make(&made, LINNET__IDENTITY_PSK, identity, identity_length))
    credential = linnet__credentials_at(credentials, &made);
  if (credential == NULL)
    return linnet__fail(credentials->handle.loop, LINNET_ERROR_NOT_FOUND,
                        "removing a pre-shared key: there is no identity \"%n\"", identity_length, identity);
  remove_credential(credentials, credential);
  return LINNET_OK;
}

/* True if it had that name. */
static bool forbid(linnet_loop *loop, linnet__credential *credential, const char *endpoint) {
  linnet__permission **link = &credential->permissions;
  while (*link != NULL && strcmp((*link)->endpoint, endpoint) != 0) link = &(*link)->next;
  linnet__permission *found = *link;
  if (found == NULL) return false;
  *link = found->next;
  linnet__free(loop, found, found->size);
  return true;
}

linnet_status linnet_credentials_remove(linnet_credentials *credentials, const char *endpoint) {
  linnet_loop *loop = credentials->handle.loop;
  linnet__credential *credential;
  size_t position = 0;
  bool found = false;
  while ((credential = linnet__map_next(&credentials->by_identity, &position)) != NULL) {
    if (!forbid(loop, credential, endpoint)) continue;
    found = true;
    if (credential->permissions == NULL) {
      remove_credential(credentials, credential);
    } else { /* of several names: nobody knows whose session it is */
      uint64_t former = credential->identity.number;
      credential->identity.number = linnet__loop_number(loop);
      tell_removed(credentials, former);
    }
    position = 0; /* whoever was told may have changed more */
  }
  if (found) return LINNET_OK;
  return linnet__fail(loop, LINNET_ERROR_NOT_FOUND, "removing the credentials of \"%s\": there are none",
                      endpoint);
}

void linnet_credentials_remove_trust(linnet_credentials *credentials) {
  if (credentials->trust_count == 0) return;
  clear_trust(credentials);
  credentials->revision++;
  tell_removed(credentials, 0);
}

/* ---- the own side -------------------------------------------------------------------------------- */

static linnet_status set_own(linnet_credentials *credentials, const void *certificate,
                             size_t certificate_length, const void *key, size_t key_length) {
  linnet_loop *loop = credentials->handle.loop;
  linnet__own own = {{NULL, 0}, {NULL, 0}};
  const char *why = "";
  if (key == NULL || key_length == 0 || key_length > MATERIAL_LIMIT || certificate_length > MATERIAL_LIMIT)
    return linnet__fail(loop, LINNET_ERROR_OUT_OF_RANGE, "setting the own key: it is missing, or too long");
  linnet_status status = linnet__secret_copy(loop, &own.certificate, certificate, certificate_length) &&
                                 linnet__secret_copy(loop, &own.key, key, key_length) &&
                                 linnet__key_reform(loop, &own.key) == LINNET_OK
                             ? linnet__tls_check_own(loop, &own, &why)
                             : LINNET_ERROR_NO_MEMORY;
  if (status == LINNET_OK) {
    clear_own(loop, &credentials->own);
    credentials->own = own;
    credentials->revision++;
    return LINNET_OK;
  }
  clear_own(loop, &own);
  if (status == LINNET_ERROR_NO_MEMORY) return no_memory(credentials);
  return linnet__fail(loop, status, "setting the own key: %s", why);
}

linnet_status linnet_credentials_set_certificate(linnet_credentials *credentials, const void *certificate,
                                                 size_t certificate_length, const void *key,
                                                 size_t key_length) {
  if (certificate == NULL || certificate_length == 0)
    return linnet__fail(credentials->handle.loop, LINNET_ERROR_OUT_OF_RANGE,
                        "setting the own certificate: there is none");
  return set_own(credentials, certificate, certificate_length, key, key_length);
}

linnet_status linnet_credentials_set_key(linnet_credentials *credentials, const void *key,
                                         size_t key_length) {
  return set_own(credentials, NULL, 0, key, key_length);
}

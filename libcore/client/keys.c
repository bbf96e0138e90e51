/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c: what an application gives the client to show its servers: resources 2 to 5 of object 0 (digest 10).
 */
#include "client_internal.h"

static linnet_status write_keys(linnet_object *securities, uint16_t instance, const linnet__keys *keys) {
  const linnet__text texts[] = {keys->own, keys->server, keys->secret};
  linnet_status status = linnet__object_set_integer(securities, instance, 2, keys->mode);
  for (uint16_t i = 0; i < 3 && status == LINNET_OK; i++)
    status =
        linnet__object_set_opaque(securities, instance, (uint16_t)(3 + i), texts[i].data, texts[i].length);
  return status;
}

/* Tried before they are written, so that what cannot be used changes nothing. */
static linnet_status try_keys(linnet_loop *loop, const linnet__keys *keys) {
  linnet_credentials *credentials = linnet_credentials_new(loop);
  if (credentials == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_status status = linnet__credentials_fill(credentials, keys);
  linnet_credentials_unref(credentials);
  return status;
}

static linnet_status set_keys(linnet_client *client, uint16_t short_server_id, const linnet__keys *keys) {
  linnet_status status;
  linnet_loop *loop = client->handle.loop;
  uint16_t instance = linnet__client_security(client, short_server_id, "keys", &status);
  if (instance == LINNET_ID_NONE) return status;
  if (linnet__client_protection(client, instance) != LINNET__SECURE)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "keys of \"%s\": the account is not on coaps",
                        client->endpoint);
  status = try_keys(loop, keys);
  if (status != LINNET_OK) return status;
  status = write_keys(linnet__engine_object(client->engine, 0), instance, keys);
  linnet__client_post(client);
  return status;
}

linnet_status linnet_client_set_psk(linnet_client *client, uint16_t short_server_id, const void *identity,
                                    size_t identity_length, const void *key, size_t key_length) {
  const linnet__keys keys = {
      .mode = LINNET__KEY_PSK, .own = {identity, identity_length}, .secret = {key, key_length}};
  return set_keys(client, short_server_id, &keys);
}

linnet_status linnet_client_set_certificate(linnet_client *client, uint16_t short_server_id,
                                            const void *certificate, size_t certificate_length,
                                            const void *key, size_t key_length, const void *server,
                                            size_t server_length) {
  const linnet__keys keys = {.mode = LINNET__KEY_CERTIFICATE,
                             .own = {certificate, certificate_length},
                             .secret = {key, key_length},
                             .server = {server, server_length}};
  return set_keys(client, short_server_id, &keys);
}

linnet_status linnet_client_set_public_key(linnet_client *client, uint16_t short_server_id, const void *own,
                                           size_t own_length, const void *key, size_t key_length,
                                           const void *server, size_t server_length) {
  const linnet__keys keys = {.mode = LINNET__KEY_PUBLIC_KEY,
                             .own = {own, own_length},
                             .secret = {key, key_length},
                             .server = {server, server_length}};
  return set_keys(client, short_server_id, &keys);
}

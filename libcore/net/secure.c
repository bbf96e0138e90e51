/* SPDX-License-Identifier: Apache-2.0 */
/* secure.c: what the layers above ask of a transport that is secured, or is not (net.h). */
#include "transport_internal.h"

bool linnet_transport_is_secure(const linnet_transport *transport) { return transport->secure != NULL; }

linnet_status linnet__transport_connect_keys(linnet_transport *transport, const linnet_address *peer,
                                             const linnet__keys *keys, const char *host, size_t host_length,
                                             const linnet__packed *former) {
  linnet__secure *secure = transport->secure;
  if (secure != NULL) return secure->rules->connect(secure, peer, keys, host, host_length, former);
  return linnet__fail(transport->handle.loop, LINNET_ERROR_WRONG_STATE,
                      "connect: the transport is not secure");
}

linnet_status linnet__transport_check_keys(const linnet_transport *transport, const linnet__keys *keys) {
  const linnet__secure *secure = transport->secure;
  return secure != NULL ? secure->rules->check_keys(secure, keys) : LINNET_OK;
}

bool linnet__transport_reaches(const linnet_transport *transport, const char *endpoint, size_t length) {
  const linnet__secure *secure = transport->secure;
  return secure != NULL && secure->rules->reaches(secure, endpoint, length);
}

linnet_status linnet__transport_connect_device(linnet_transport *transport, const linnet_address *peer,
                                               const char *endpoint, size_t length) {
  if (linnet__transport_reaches(transport, endpoint, length))
    return transport->secure->rules->connect_device(transport->secure, peer, endpoint, length);
  return linnet__fail(transport->handle.loop, LINNET_ERROR_NOT_FOUND, "connect: there are no keys for \"%n\"",
                      length, endpoint);
}

linnet_status linnet__transport_accept(linnet_transport *transport, const linnet__keys *keys,
                                       const char *host, size_t host_length, const char *name) {
  linnet__secure *secure = transport->secure;
  if (secure == NULL || transport->handle.closed) return LINNET_OK;
  return secure->rules->accept(secure, keys, host, host_length, name);
}

void linnet__transport_disconnect(linnet_transport *transport, const linnet_address *peer) {
  linnet__secure *secure = transport->secure;
  if (secure != NULL && !transport->handle.closed) secure->rules->disconnect(secure, peer);
}

const linnet__identity *linnet__transport_identity(const linnet_transport *transport,
                                                   const linnet_address *peer) {
  const linnet__secure *secure = transport->secure;
  return secure != NULL ? secure->rules->identity(secure, peer) : NULL;
}

uint64_t linnet__transport_sender(const linnet_transport *transport, const linnet_address *peer) {
  if (transport == NULL) return LINNET__SENDER_NOBODY;
  if (transport->secure == NULL) return 0;
  uint64_t hash = transport->secure->rules->identity_hash(transport->secure, peer);
  return hash != 0 ? hash : LINNET__SENDER_NOBODY;
}

bool linnet__transport_allows(const linnet_transport *transport, const linnet_address *peer,
                              const char *endpoint, size_t length) {
  const linnet__secure *secure = transport->secure;
  return secure == NULL || secure->rules->allows(secure, peer, endpoint, length);
}

linnet_status linnet__transport_save_session(linnet_transport *transport, const linnet_address *peer,
                                             linnet__buffer *out) {
  const linnet__secure *secure = transport->secure;
  return secure != NULL ? secure->rules->save(secure, peer, out) : LINNET_ERROR_NOT_FOUND;
}

uint64_t linnet__transport_tickets(const linnet_transport *transport) {
  const linnet__secure *secure = transport->secure;
  return secure != NULL ? secure->rules->tickets(secure) : 0;
}

void linnet__transport_save_tickets(const linnet_transport *transport, linnet__buffer *out) {
  if (transport->secure != NULL) transport->secure->rules->save_tickets(transport->secure, out);
}

linnet_status linnet__transport_restore_tickets(linnet_transport *transport, const void *data,
                                                size_t length) {
  linnet__secure *secure = transport->secure;
  return secure != NULL ? secure->rules->restore_tickets(secure, data, length) : LINNET_OK;
}

void linnet__transport_set_session_limit(linnet_transport *transport, linnet__dtls_limit limit,
                                         size_t value) {
  if (transport->secure != NULL) transport->secure->rules->set_limit(transport->secure, limit, value);
}

const linnet__dtls_counters *linnet__transport_sessions(const linnet_transport *transport) {
  return transport->secure != NULL ? transport->secure->rules->counters(transport->secure) : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secure_none.c: in place of secure.c and dtls_stage.c in a build without DTLS: no transport is secured, so
 * the layers above hear of each that it is not (net.h).
 */
#include <linnet/credentials.h>

#include "transport_internal.h"

static linnet_status refuse(const linnet_transport *transport) {
  return linnet__fail(transport->handle.loop, LINNET_ERROR_WRONG_STATE,
                      "connect: the transport is not secure");
}

linnet_status linnet_transport_secure(linnet_transport *transport, linnet_credentials *credentials) {
  (void)credentials;
  return linnet__dtls_require(transport->handle.loop, "coaps");
}

bool linnet_transport_is_secure(const linnet_transport *transport) {
  (void)transport;
  return false;
}

linnet_status linnet__transport_connect(linnet_transport *transport, const linnet_address *peer,
                                        linnet_credentials *credentials, const char *host, size_t host_length,
                                        const linnet__packed *former) {
  (void)peer, (void)credentials, (void)host, (void)host_length, (void)former;
  return refuse(transport);
}

linnet_status linnet__transport_connect_keys(linnet_transport *transport, const linnet_address *peer,
                                             const linnet__keys *keys, const char *host, size_t host_length,
                                             const linnet__packed *former) {
  (void)peer, (void)keys, (void)host, (void)host_length, (void)former;
  return refuse(transport);
}

linnet_status linnet__transport_check_keys(const linnet_transport *transport, const linnet__keys *keys) {
  (void)transport, (void)keys;
  return LINNET_OK;
}

bool linnet__transport_reaches(const linnet_transport *transport, const char *endpoint, size_t length) {
  (void)transport, (void)endpoint, (void)length;
  return false;
}

linnet_status linnet__transport_connect_device(linnet_transport *transport, const linnet_address *peer,
                                               const char *endpoint, size_t length) {
  (void)peer;
  return linnet__fail(transport->handle.loop, LINNET_ERROR_NOT_FOUND, "connect: there are no keys for \"%n\"",
                      length, endpoint);
}

linnet_status linnet__transport_accept(linnet_transport *transport, const linnet__keys *keys,
                                       const char *host, size_t host_length, const char *name) {
  (void)transport, (void)keys, (void)host, (void)host_length, (void)name;
  return LINNET_OK;
}

void linnet__transport_disconnect(linnet_transport *transport, const linnet_address *peer) {
  (void)transport, (void)peer;
}

const linnet__identity *linnet__transport_identity(const linnet_transport *transport,
                                                   const linnet_address *peer) {
  (void)transport, (void)peer;
  return NULL;
}

uint64_t linnet__transport_sender(const linnet_transport *transport, const linnet_address *peer) {
  (void)peer;
  return transport == NULL ? LINNET__SENDER_NOBODY : 0;
}

bool linnet__transport_allows(const linnet_transport *transport, const linnet_address *peer,
                              const char *endpoint, size_t length) {
  (void)transport, (void)peer, (void)endpoint, (void)length;
  return true;
}

linnet_status linnet__transport_save_session(linnet_transport *transport, const linnet_address *peer,
                                             linnet__buffer *out) {
  (void)transport, (void)peer, (void)out;
  return LINNET_ERROR_NOT_FOUND;
}

uint64_t linnet__transport_tickets(const linnet_transport *transport) {
  (void)transport;
  return 0;
}

void linnet__transport_save_tickets(const linnet_transport *transport, linnet__buffer *out) {
  (void)transport, (void)out;
}

linnet_status linnet__transport_restore_tickets(linnet_transport *transport, const void *data,
                                                size_t length) {
  (void)transport, (void)data, (void)length;
  return LINNET_OK;
}

void linnet__transport_set_session_limit(linnet_transport *transport, linnet__dtls_limit limit,
                                         size_t value) {
  (void)transport, (void)limit, (void)value;
}

const linnet__dtls_counters *linnet__transport_sessions(const linnet_transport *transport) {
  (void)transport;
  return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* secure.c: DTLS as a stage of a transport (docs/architecture.md, section 6; SEC-17, SMS-30, SMS-33). */
#include <linnet/credentials.h>
#include <string.h>

#include "transport_internal.h"

typedef struct linnet__secure {
  linnet__stage stage;
  linnet__dtls_owner owner;
  linnet__dtls *dtls;
  linnet_loop *loop;
  bool only_short;
} linnet__secure;

static linnet__secure *of_stage(const linnet__stage *stage) {
  return LINNET__CONTAINER(stage, linnet__secure, stage);
}

static linnet__secure *of_owner(const linnet__dtls_owner *owner) {
  return LINNET__CONTAINER(owner, linnet__secure, owner);
}

/* ---- as an owner -------------------------------------------------------------------------------- */

static linnet_status emit(linnet__dtls_owner *owner, const linnet_address *peer, const uint8_t *data,
                          size_t length) {
  return linnet__stage_sink(&of_owner(owner)->stage, peer, data, length);
}

static void decrypted(linnet__dtls_owner *owner, const linnet_address *peer, const uint8_t *data,
                      size_t length) {
  linnet__stage_rise(&of_owner(owner)->stage, peer, data, length);
}

static void tell(linnet__dtls_owner *owner, const linnet_address *peer, const linnet__session_news *news) {
  linnet_transport *transport = of_owner(owner)->stage.transport;
  linnet__receiver *receiver = transport->receiver;
  if (receiver != NULL && receiver->session != NULL) receiver->session(receiver, transport, peer, news);
}

static size_t room_of_datagram(const linnet__dtls_owner *owner) {
  return linnet__stage_room_below(&of_owner(owner)->stage);
}

/* ---- as a stage ------------------------------------------------------------------------------------ */

static void received(linnet__stage *stage, const linnet_address *peer, const uint8_t *data, size_t length) {
  linnet__dtls_receive(of_stage(stage)->dtls, peer, data, length);
}

static linnet_status send(linnet__stage *stage, const linnet_address *peer, const uint8_t *data,
                          size_t length) {
  return linnet__dtls_send(of_stage(stage)->dtls, peer, data, length);
}

static size_t room_of_message(const linnet__stage *stage, size_t below) {
  size_t overhead = of_stage(stage)->only_short ? LINNET__DTLS_SHORT_OVERHEAD : LINNET__DTLS_OVERHEAD;
  return below > overhead ? below - overhead : 0;
}

static void closed(linnet__stage *stage) { linnet__dtls_close(of_stage(stage)->dtls); }

static void destroy(linnet__stage *stage) {
  linnet__secure *secure = of_stage(stage);
  linnet__dtls_free(secure->dtls);
  linnet__free(secure->loop, secure, sizeof *secure);
}

static const linnet__stage_rules rules = {
    .received = received, .send = send, .room = room_of_message, .closed = closed, .destroy = destroy};

/* ---- public ------------------------------------------------------------------------------------------ */

static const linnet__dtls_profile profiles[] = {
    [LINNET_TRANSPORT_UDP] = {1000, 60000, false},
    [LINNET_TRANSPORT_SMS] = {60000, 240000, true},
};

static linnet__secure *make_stage(linnet_transport *transport, linnet_credentials *credentials) {
  linnet_loop *loop = transport->handle.loop;
  const linnet__dtls_profile *profile = &profiles[transport->kind];
  linnet__secure *secure = linnet__new(loop, sizeof *secure);
  if (secure == NULL) {
    linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "securing a transport: out of memory");
    return NULL;
  }
  secure->loop = loop;
  secure->stage.rules = &rules;
  secure->owner = (linnet__dtls_owner){emit, decrypted, tell, room_of_datagram};
  secure->only_short = profile->only_short;
  secure->dtls = linnet__dtls_new(loop, &secure->owner, profile, credentials);
  if (secure->dtls != NULL) return secure;
  linnet__free(loop, secure, sizeof *secure);
  return NULL;
}

linnet_status linnet_transport_secure(linnet_transport *transport, linnet_credentials *credentials) {
  linnet_loop *loop = transport->handle.loop;
  linnet_status status = linnet__dtls_require(loop, "coaps");
  if (status != LINNET_OK) return status;
  if (transport->secure != NULL)
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "securing a transport: it is secured already");
  if (credentials != NULL && linnet_credentials_loop(credentials) != loop)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "securing a transport: the credentials are of another loop");
  if (linnet__random_seed_size(loop) < LINNET_SECURE_SEED_SIZE)
    return linnet__fail(loop, LINNET_ERROR_SECURITY,
                        "securing a transport: its loop was seeded with %U bytes, which takes %u",
                        (uint64_t)linnet__random_seed_size(loop), (unsigned)LINNET_SECURE_SEED_SIZE);
  linnet__secure *secure = make_stage(transport, credentials);
  if (secure == NULL) return LINNET_ERROR_NO_MEMORY;
  status = linnet__transport_add_stage(transport, &secure->stage);
  if (status == LINNET_OK)
    transport->secure = secure;
  else
    destroy(&secure->stage);
  return status;
}

bool linnet_transport_is_secure(const linnet_transport *transport) { return transport->secure != NULL; }

/* ---- for the layers above ---------------------------------------------------------------------------- */

#define HOST_SIZE 256

linnet_status linnet__transport_connect(linnet_transport *transport, const linnet_address *peer,
                                        linnet_credentials *credentials, const char *host, size_t host_length,
                                        const linnet__packed *former) {
  char name[HOST_SIZE];
  linnet_address literal;
  if (transport->secure == NULL)
    return linnet__fail(transport->handle.loop, LINNET_ERROR_WRONG_STATE,
                        "connect: the transport is not secure");
  if (host_length >= sizeof name || memchr(host, ':', host_length) != NULL) host_length = 0;
  memcpy(name, host, host_length);
  name[host_length] = 0;
  bool is_name = host_length > 0 && linnet_address_parse(&literal, name) != LINNET_OK;
  return linnet__dtls_connect(transport->secure->dtls, peer, credentials, is_name ? name : NULL, former);
}

void linnet__transport_disconnect(linnet_transport *transport, const linnet_address *peer) {
  if (transport->secure != NULL && !transport->handle.closed) linnet__dtls_end(transport->secure->dtls, peer);
}

const linnet__identity *linnet__transport_identity(const linnet_transport *transport,
                                                   const linnet_address *peer) {
  return transport->secure != NULL ? linnet__dtls_identity(transport->secure->dtls, peer) : NULL;
}

uint64_t linnet__transport_sender(const linnet_transport *transport, const linnet_address *peer) {
  static const uint64_t nobody = 2;
  if (transport == NULL) return nobody;
  if (transport->secure == NULL) return 0;
  uint64_t hash = linnet__dtls_identity_hash(transport->secure->dtls, peer);
  return hash != 0 ? hash : nobody;
}

bool linnet__transport_allows(const linnet_transport *transport, const linnet_address *peer,
                              const char *endpoint, size_t length) {
  if (transport->secure == NULL) return true;
  const linnet__identity *identity = linnet__transport_identity(transport, peer);
  const linnet_credentials *credentials = linnet__dtls_credentials(transport->secure->dtls);
  return identity != NULL && credentials != NULL &&
         linnet__identity_allows(credentials, identity, endpoint, length);
}

linnet_status linnet__transport_save_session(linnet_transport *transport, const linnet_address *peer,
                                             linnet__buffer *out) {
  if (transport->secure == NULL) return LINNET_ERROR_NOT_FOUND;
  return linnet__dtls_save(transport->secure->dtls, peer, out);
}

void linnet__transport_set_session_limit(linnet_transport *transport, linnet__dtls_limit limit,
                                         size_t value) {
  if (transport->secure != NULL) linnet__dtls_set_limit(transport->secure->dtls, limit, value);
}

const linnet__dtls_counters *linnet__transport_sessions(const linnet_transport *transport) {
  return transport->secure != NULL ? linnet__dtls_get_counters(transport->secure->dtls) : NULL;
}

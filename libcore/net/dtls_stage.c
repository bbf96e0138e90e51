/* SPDX-License-Identifier: Apache-2.0 */
/* dtls_stage.c: DTLS as a stage of a transport (docs/architecture.md, section 6; SEC-17, SMS-30, SMS-33). */
#include <linnet/credentials.h>
#include <string.h>

#include "transport_internal.h"

typedef struct dtls_stage {
  linnet__secure secure;
  linnet__dtls_owner owner;
  linnet__dtls *dtls;
  linnet_loop *loop;
  bool only_short;
  bool answers; /* with credentials that it was given */
} dtls_stage;

static dtls_stage *of_stage(const linnet__stage *stage) {
  return LINNET__CONTAINER(stage, dtls_stage, secure.stage);
}

static dtls_stage *of_owner(const linnet__dtls_owner *owner) {
  return LINNET__CONTAINER(owner, dtls_stage, owner);
}

static dtls_stage *of(const linnet__secure *secure) { return LINNET__CONTAINER(secure, dtls_stage, secure); }

/* ---- as an owner --------------------------------------------------------------------------------- */

static linnet_status emit(linnet__dtls_owner *owner, const linnet_address *peer, const uint8_t *data,
                          size_t length) {
  return linnet__stage_sink(&of_owner(owner)->secure.stage, peer, data, length);
}

static void decrypted(linnet__dtls_owner *owner, const linnet_address *peer, const uint8_t *data,
                      size_t length) {
  linnet__stage_rise(&of_owner(owner)->secure.stage, peer, data, length);
}

static void tell(linnet__dtls_owner *owner, const linnet_address *peer, const linnet__session_news *news) {
  linnet_transport *transport = of_owner(owner)->secure.stage.transport;
  linnet__receiver *receiver = transport->receiver;
  if (receiver != NULL && receiver->session != NULL) receiver->session(receiver, transport, peer, news);
}

static size_t room_of_datagram(const linnet__dtls_owner *owner) {
  return linnet__stage_room_below(&of_owner(owner)->secure.stage);
}

/* ---- as a stage ---------------------------------------------------------------------------------- */

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
  dtls_stage *own = of_stage(stage);
  linnet__dtls_free(own->dtls);
  linnet__free(own->loop, own, sizeof *own);
}

static const linnet__stage_rules stage_rules = {
    .received = received, .send = send, .room = room_of_message, .closed = closed, .destroy = destroy};

/* ---- for the layers above ------------------------------------------------------------------------ */

#define HOST_SIZE 256

/* False: it is an address, or none that a certificate could name. */
static bool read_name(char name[HOST_SIZE], const char *host, size_t length) {
  linnet_address literal;
  if (length == 0 || length >= HOST_SIZE || memchr(host, ':', length) != NULL) return false;
  memcpy(name, host, length);
  name[length] = 0;
  return linnet_address_parse(&literal, name) != LINNET_OK;
}

static linnet_status connect_with(dtls_stage *own, const linnet_address *peer,
                                  linnet_credentials *credentials, const char *host, size_t host_length,
                                  const linnet__packed *former) {
  char name[HOST_SIZE];
  bool is_name = read_name(name, host, host_length);
  return linnet__dtls_connect(own->dtls, peer, credentials, is_name ? name : NULL, former);
}

/* NULL: *status says why. */
static linnet_credentials *credentials_of(linnet_loop *loop, const linnet__keys *keys,
                                          linnet_status *status) {
  linnet_credentials *credentials = linnet_credentials_new(loop);
  *status = credentials != NULL ? linnet__credentials_fill(credentials, keys) : LINNET_ERROR_NO_MEMORY;
  if (*status == LINNET_OK) return credentials;
  linnet_credentials_unref(credentials);
  return NULL;
}

static linnet_status connect_keys(linnet__secure *secure, const linnet_address *peer,
                                  const linnet__keys *keys, const char *host, size_t host_length,
                                  const linnet__packed *former) {
  linnet_status status;
  linnet_credentials *credentials = credentials_of(of(secure)->loop, keys, &status);
  if (credentials == NULL) return LINNET_ERROR_MALFORMED;
  status = connect_with(of(secure), peer, credentials, host, host_length, former);
  linnet_credentials_unref(credentials);
  return status;
}

static linnet_status check_keys(const linnet__secure *secure, const linnet__keys *keys) {
  linnet_status status;
  linnet_credentials_unref(credentials_of(of(secure)->loop, keys, &status));
  return status;
}

static bool reaches(const linnet__secure *secure, const char *endpoint, size_t length) {
  const linnet_credentials *credentials = linnet__dtls_credentials(of(secure)->dtls);
  return credentials != NULL && linnet__credentials_reach(credentials, endpoint, length);
}

static linnet_status connect_device(linnet__secure *secure, const linnet_address *peer, const char *endpoint,
                                    size_t length) {
  dtls_stage *own = of(secure);
  linnet_credentials *credentials =
      linnet__credentials_for(linnet__dtls_credentials(own->dtls), endpoint, length);
  if (credentials == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_status status = connect_with(own, peer, credentials, endpoint, length, NULL);
  linnet_credentials_unref(credentials);
  return status;
}

static linnet_status accept(linnet__secure *secure, const linnet__keys *keys, const char *host,
                            size_t host_length, const char *name) {
  dtls_stage *own = of(secure);
  char text[HOST_SIZE];
  linnet_status status = LINNET_OK;
  linnet_credentials *credentials = NULL;
  if (own->answers) return LINNET_OK;
  if (keys != NULL) credentials = credentials_of(own->loop, keys, &status);
  if (credentials != NULL) {
    if (!read_name(text, host, host_length)) host_length = 0;
    status = linnet__credentials_expect(credentials, text, host_length, name);
  }
  linnet__dtls_accept(own->dtls, status == LINNET_OK ? credentials : NULL);
  linnet_credentials_unref(credentials);
  return status;
}

static void disconnect(linnet__secure *secure, const linnet_address *peer) {
  linnet__dtls_end(of(secure)->dtls, peer);
}

static const linnet__identity *identity(const linnet__secure *secure, const linnet_address *peer) {
  return linnet__dtls_identity(of(secure)->dtls, peer);
}

static uint64_t identity_hash(const linnet__secure *secure, const linnet_address *peer) {
  return linnet__dtls_identity_hash(of(secure)->dtls, peer);
}

static bool allows(const linnet__secure *secure, const linnet_address *peer, const char *endpoint,
                   size_t length) {
  const linnet__identity *who = identity(secure, peer);
  const linnet_credentials *credentials = linnet__dtls_credentials(of(secure)->dtls);
  return who != NULL && credentials != NULL && linnet__identity_allows(credentials, who, endpoint, length);
}

static linnet_status save(const linnet__secure *secure, const linnet_address *peer, linnet__buffer *out) {
  return linnet__dtls_save(of(secure)->dtls, peer, out);
}

static uint64_t tickets(const linnet__secure *secure) { return linnet__dtls_tickets(of(secure)->dtls); }

static void save_tickets(const linnet__secure *secure, linnet__buffer *out) {
  linnet__dtls_save_tickets(of(secure)->dtls, out);
}

static linnet_status restore_tickets(linnet__secure *secure, const void *data, size_t length) {
  return linnet__dtls_restore_tickets(of(secure)->dtls, data, length);
}

static void set_limit(linnet__secure *secure, linnet__dtls_limit limit, size_t value) {
  linnet__dtls_set_limit(of(secure)->dtls, limit, value);
}

static const linnet__dtls_counters *counters(const linnet__secure *secure) {
  return linnet__dtls_get_counters(of(secure)->dtls);
}

static const linnet__secure_rules rules = {.connect = connect_keys,
                                           .check_keys = check_keys,
                                           .reaches = reaches,
                                           .connect_device = connect_device,
                                           .accept = accept,
                                           .disconnect = disconnect,
                                           .identity = identity,
                                           .identity_hash = identity_hash,
                                           .allows = allows,
                                           .save = save,
                                           .tickets = tickets,
                                           .save_tickets = save_tickets,
                                           .restore_tickets = restore_tickets,
                                           .set_limit = set_limit,
                                           .counters = counters};

linnet_status linnet__transport_connect(linnet_transport *transport, const linnet_address *peer,
                                        linnet_credentials *credentials, const char *host, size_t host_length,
                                        const linnet__packed *former) {
  if (transport->secure != NULL)
    return connect_with(of(transport->secure), peer, credentials, host, host_length, former);
  return linnet__fail(transport->handle.loop, LINNET_ERROR_WRONG_STATE,
                      "connect: the transport is not secure");
}

/* ---- public -------------------------------------------------------------------------------------- */

static const linnet__dtls_profile profiles[] = {
    [LINNET_TRANSPORT_UDP] = {1000, 60000, false},
    [LINNET_TRANSPORT_SMS] = {60000, 240000, true},
};

static dtls_stage *make_stage(linnet_transport *transport, linnet_credentials *credentials) {
  linnet_loop *loop = transport->handle.loop;
  const linnet__dtls_profile *profile = &profiles[transport->kind];
  dtls_stage *own = linnet__new(loop, sizeof *own);
  if (own == NULL) {
    linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "securing a transport: out of memory");
    return NULL;
  }
  own->loop = loop;
  own->secure = (linnet__secure){.stage = {.rules = &stage_rules}, .rules = &rules};
  own->owner = (linnet__dtls_owner){emit, decrypted, tell, room_of_datagram};
  own->only_short = profile->only_short;
  own->answers = credentials != NULL;
  own->dtls = linnet__dtls_new(loop, &own->owner, profile, credentials);
  if (own->dtls != NULL) return own;
  linnet__free(loop, own, sizeof *own);
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
  dtls_stage *own = make_stage(transport, credentials);
  if (own == NULL) return LINNET_ERROR_NO_MEMORY;
  status = linnet__transport_add_stage(transport, &own->secure.stage);
  if (status == LINNET_OK)
    transport->secure = &own->secure;
  else
    destroy(&own->secure.stage);
  return status;
}

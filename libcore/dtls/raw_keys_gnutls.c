/* SPDX-License-Identifier: Apache-2.0 */
/* raw_keys_gnutls.c: one association with raw public keys by GnuTLS (tls.h; RFC 7250). */
#include <errno.h>
#include <string.h>

#include "gnutls_backend.h"

/* Longer than any handshake: the loop's timers end it. */
#define FOREVER_MS 0x7FFFFFFFU
enum { RECORD_SEQUENCE = 10, MESSAGE_SEQUENCE = 18 }; /* the low bytes of both in a ClientHello */

/* ---- what the library asks for ------------------------------------------------------------------- */

static ssize_t send_datagram(gnutls_transport_ptr_t user, const void *data, size_t length) {
  linnet__tls *tls = user;
  tls->emitted = true;
  tls->emit(tls->user, data, length);
  return (ssize_t)length; /* one that finds no room is lost like any other */
}

static ssize_t receive_datagram(gnutls_transport_ptr_t user, void *room, size_t size) {
  linnet__tls *tls = user;
  if (tls->datagram == NULL) {
    gnutls_transport_set_errno(tls->session, EAGAIN);
    return -1;
  }
  size_t length = tls->datagram_length < size ? tls->datagram_length : size;
  memcpy(room, tls->datagram, length);
  tls->datagram = NULL;
  return (ssize_t)length;
}

static int is_datagram_there(gnutls_transport_ptr_t user, unsigned timeout_ms) {
  const linnet__tls *tls = user;
  (void)timeout_ms;
  return tls->datagram != NULL;
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void release(linnet__tls *tls) {
  linnet_loop *loop = tls->config->common.loop;
  if (tls->session != NULL) gnutls_deinit(tls->session);
  linnet__tls_config_unref(tls->config);
  linnet__free(loop, tls, sizeof *tls);
}

/* SEC-17: a name goes into the hello, an address does not (RFC 6066 3). */
static int set_peer(linnet__tls *tls, const linnet__tls_peer *peer) {
  if (tls->config->common.role == LINNET__TLS_SERVER) {
    gnutls_certificate_server_set_request(tls->session, GNUTLS_CERT_REQUIRE); /* SEC-02 */
    return 0;
  }
  return peer->host == NULL
             ? 0
             : gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, peer->host, strlen(peer->host));
}

static int open_session(linnet__tls *tls, size_t room, const linnet__tls_peer *peer) {
  const linnet__tls_config *config = tls->config;
  unsigned end = config->common.role == LINNET__TLS_SERVER ? GNUTLS_SERVER : GNUTLS_CLIENT;
  unsigned flags =
      GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_ENABLE_RAWPK | GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL;
  int error = gnutls_init(&tls->session, end | flags);
  if (error != 0) return error;
  gnutls_session_set_ptr(tls->session, tls);
  gnutls_transport_set_ptr(tls->session, tls);
  gnutls_transport_set_push_function(tls->session, send_datagram);
  gnutls_transport_set_pull_function(tls->session, receive_datagram);
  gnutls_transport_set_pull_timeout_function(tls->session, is_datagram_there);
  gnutls_dtls_set_mtu(tls->session, (unsigned)room);
  /* Whenever it is called without what it waits for, it sends its flight again: so we choose when. */
  gnutls_dtls_set_timeouts(tls->session, 0, FOREVER_MS);
  error = gnutls_priority_set(tls->session, config->suites);
  if (error == 0) error = gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, config->own);
  return error != 0 ? error : set_peer(tls, peer);
}

static linnet__tls *make(linnet__tls_config *config, size_t room, const linnet__tls_peer *peer,
                         linnet__tls_emit emit, void *user) {
  linnet__tls *tls = linnet__new(config->common.loop, sizeof *tls);
  if (tls == NULL) return NULL;
  tls->backend = config->common.backend;
  tls->config = linnet__tls_config_ref(config);
  tls->emit = emit;
  tls->user = user;
  tls->timeout_ms = config->common.profile.first_timeout_ms;
  tls->deadline_ms = LINNET_NEVER;
  if (open_session(tls, room, peer) == 0) return tls;
  release(tls);
  return NULL;
}

/* ---- why it failed ------------------------------------------------------------------------------- */

static linnet_cause cause_of_error(int error) {
  static const struct {
    int error;
    linnet_cause cause;
  } table[] = {
      {GNUTLS_E_TIMEDOUT, LINNET_CAUSE_TIMED_OUT},
      {GNUTLS_E_NO_CIPHER_SUITES, LINNET_CAUSE_NO_COMMON_MODE},
      {GNUTLS_E_NO_COMMON_KEY_SHARE, LINNET_CAUSE_NO_COMMON_MODE},
      {GNUTLS_E_UNSUPPORTED_CERTIFICATE_TYPE, LINNET_CAUSE_NO_COMMON_MODE},
      {GNUTLS_E_NO_CERTIFICATE_FOUND, LINNET_CAUSE_NO_CERTIFICATE},
      {GNUTLS_E_CERTIFICATE_REQUIRED, LINNET_CAUSE_NO_CERTIFICATE},
      {GNUTLS_E_PK_SIG_VERIFY_FAILED, LINNET_CAUSE_WRONG_KEY},
      {GNUTLS_E_DECRYPTION_FAILED, LINNET_CAUSE_WRONG_KEY},
      {GNUTLS_E_PREMATURE_TERMINATION, LINNET_CAUSE_CLOSED},
      {GNUTLS_E_MEMORY_ERROR, LINNET_CAUSE_LIMIT},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (table[i].error == error) return table[i].cause;
  return LINNET_CAUSE_PROTOCOL;
}

static linnet_cause cause(const linnet__tls *tls, bool *told) {
  *told = tls->error == GNUTLS_E_FATAL_ALERT_RECEIVED || tls->error == GNUTLS_E_WARNING_ALERT_RECEIVED;
  if (*told) return linnet__cause_of_alert((uint8_t)gnutls_alert_get(tls->session));
  return tls->cause != LINNET_CAUSE_NONE ? tls->cause : cause_of_error(tls->error);
}

/* ---- handshake ----------------------------------------------------------------------------------- */

/* The cookie was checked before (hello.c): the library goes on where that exchange ended (RFC 6347 4.2.1). */
static void skip_cookie_exchange(linnet__tls *tls, const uint8_t *data, size_t length) {
  if (tls->begun || tls->config->common.role != LINNET__TLS_SERVER || length <= MESSAGE_SEQUENCE) return;
  gnutls_dtls_prestate_st state = {.record_seq = data[RECORD_SEQUENCE],
                                   .hsk_read_seq = data[MESSAGE_SEQUENCE]};
  gnutls_dtls_prestate_set(tls->session, &state);
}

static linnet__tls_result failed(linnet__tls *tls, int error) {
  tls->error = error;
  tls->deadline_ms = LINNET_NEVER;
  bool told;
  if (cause(tls, &told) != LINNET_CAUSE_TIMED_OUT && !told)
    gnutls_alert_send_appropriate(tls->session, error);
  return LINNET__TLS_FAILED;
}

/* RFC 6347 4.2.4: each time the peer keeps silent the wait doubles; with a new flight it begins anew. */
static linnet__tls_result wait(linnet__tls *tls, bool heard) {
  const linnet__dtls_profile *profile = &tls->config->common.profile;
  bool due = tls->begun && !heard;
  bool fresh = !tls->begun || (heard && tls->emitted);
  tls->begun = true;
  if (due) tls->timeout_ms *= 2;
  if (fresh) tls->timeout_ms = profile->first_timeout_ms;
  if (tls->timeout_ms > profile->last_timeout_ms) return failed(tls, GNUTLS_E_TIMEDOUT);
  if (due || fresh) tls->deadline_ms = linnet_loop_now(tls->config->common.loop) + tls->timeout_ms;
  return LINNET__TLS_WAIT;
}

static bool is_harmless(int error) {
  return error == GNUTLS_E_AGAIN || error == GNUTLS_E_INTERRUPTED || error == GNUTLS_E_WARNING_ALERT_RECEIVED;
}

static linnet__tls_result handshake(linnet__tls *tls, const uint8_t *data, size_t length) {
  if (data != NULL) skip_cookie_exchange(tls, data, length);
  tls->datagram = data;
  tls->datagram_length = length;
  tls->emitted = false;
  int error;
  do error = gnutls_handshake(tls->session);
  while (tls->datagram != NULL && is_harmless(error));
  tls->datagram = NULL;
  if (is_harmless(error)) return wait(tls, data != NULL);
  if (error != 0) return failed(tls, error);
  tls->deadline_ms = LINNET_NEVER;
  return LINNET__TLS_DONE;
}

static uint64_t deadline(const linnet__tls *tls) { return tls->deadline_ms; }

static const linnet__identity *identity(const linnet__tls *tls) { return &tls->identity; }

static bool resumed(const linnet__tls *tls) { return gnutls_session_is_resumed(tls->session) != 0; }

/* ---- records ------------------------------------------------------------------------------------- */

static linnet__tls_result open_record(linnet__tls *tls, const uint8_t *data, size_t length, uint8_t *plain,
                                      size_t size, size_t *plain_length) {
  if (data != NULL) {
    tls->datagram = data;
    tls->datagram_length = length;
  }
  ssize_t result;
  do result = gnutls_record_recv(tls->session, plain, size);
  while (result < 0 && tls->datagram != NULL && is_harmless((int)result));
  if (result > 0) {
    *plain_length = (size_t)result;
    return LINNET__TLS_DONE;
  }
  tls->datagram = NULL;
  if (result == 0 || result == GNUTLS_E_PREMATURE_TERMINATION) return LINNET__TLS_CLOSED;
  /* SEC-17: a new handshake within a session is not granted, and not the end of it. */
  if (result == GNUTLS_E_REHANDSHAKE || is_harmless((int)result)) return LINNET__TLS_WAIT;
  tls->error = (int)result;
  return LINNET__TLS_FAILED;
}

static linnet_status seal(linnet__tls *tls, const uint8_t *data, size_t length) {
  ssize_t sent = gnutls_record_send(tls->session, data, length);
  if (sent == (ssize_t)length) return LINNET_OK;
  return sent == GNUTLS_E_LARGE_PACKET ? LINNET_ERROR_TOO_LARGE : LINNET_ERROR_SECURITY;
}

static void say_goodbye(linnet__tls *tls) { gnutls_bye(tls->session, GNUTLS_SHUT_WR); }

/* ---- what the library cannot --------------------------------------------------------------------- */

/* It has no look at a record that changes nothing. */
static bool recognizes(linnet__tls *tls, const uint8_t *data, size_t length) {
  (void)tls, (void)data, (void)length;
  return false;
}

/* An association stays as large as it is. */
static size_t packed_size(linnet__tls *tls) {
  (void)tls;
  return 0;
}

static bool pack(linnet__tls *tls, uint8_t *out, size_t size) {
  (void)tls, (void)out, (void)size;
  return false;
}

static linnet__tls *unpack(linnet__tls_config *config, const uint8_t *data, size_t length,
                           linnet__tls_emit emit, void *user) {
  (void)config, (void)data, (void)length, (void)emit, (void)user;
  return NULL;
}

/* Its tickets know the time of the system and not that a key was removed: a handshake is always whole. */
static linnet_status save(linnet__tls *tls, linnet__buffer *out) {
  (void)tls, (void)out;
  return LINNET_ERROR_NOT_FOUND;
}

static linnet_status resume(linnet__tls *tls, const uint8_t *data, size_t length) {
  (void)tls, (void)data, (void)length;
  return LINNET_ERROR_NOT_FOUND;
}

/* ---- the table ----------------------------------------------------------------------------------- */

static const linnet__tls_backend gnutls = {
    .name = "gnutls",
    .config_size = sizeof(linnet__tls_config),
    .config_prepare = linnet__gnutls_config_prepare,
    .config_clear = linnet__gnutls_config_clear,
    .make = make,
    .release = release,
    .handshake = handshake,
    .deadline = deadline,
    .identity = identity,
    .resumed = resumed,
    .cause = cause,
    .open = open_record,
    .seal = seal,
    .say_goodbye = say_goodbye,
    .recognizes = recognizes,
    .packed_size = packed_size,
    .pack = pack,
    .unpack = unpack,
    .save = save,
    .resume = resume,
    .read_material = linnet__gnutls_read_material,
    .check_own = linnet__gnutls_check_own,
};

const linnet__tls_backend *linnet__tls_raw_keys(void) { return &gnutls; }

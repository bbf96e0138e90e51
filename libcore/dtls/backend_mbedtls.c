/* SPDX-License-Identifier: Apache-2.0 */
/* backend_mbedtls.c: one association by Mbed TLS (tls.h). */
#include <string.h>

#include "mbedtls.h"

/* ---- what the library asks for ------------------------------------------------------------------- */

static int send_datagram(void *user, const unsigned char *data, size_t length) {
  linnet__tls *tls = user;
  tls->emit(tls->user, data, length);
  return (int)length; /* one that finds no room is lost like any other */
}

static int receive_datagram(void *user, unsigned char *room, size_t size) {
  linnet__tls *tls = user;
  if (tls->datagram == NULL) return MBEDTLS_ERR_SSL_WANT_READ;
  size_t length = tls->datagram_length < size ? tls->datagram_length : size;
  memcpy(room, tls->datagram, length);
  tls->datagram = NULL;
  return (int)length;
}

static void set_timer(void *user, uint32_t halfway_ms, uint32_t deadline_ms) {
  linnet__tls *tls = user;
  uint64_t now_ms = linnet_loop_now(tls->config->common.loop);
  tls->halfway_ms = now_ms + halfway_ms;
  tls->deadline_ms = deadline_ms == 0 ? LINNET_NEVER : now_ms + deadline_ms;
}

static int get_timer(void *user) {
  const linnet__tls *tls = user;
  uint64_t now_ms = linnet_loop_now(tls->config->common.loop);
  if (tls->deadline_ms == LINNET_NEVER) return -1;
  if (now_ms >= tls->deadline_ms) return 2;
  return now_ms >= tls->halfway_ms ? 1 : 0;
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void release(linnet__tls *tls);

static linnet__tls *allocate(linnet__tls_config *config, linnet__tls_emit emit, void *user) {
  linnet__tls *tls = linnet__new(config->common.loop, sizeof *tls);
  if (tls == NULL) return NULL;
  tls->backend = config->common.backend;
  tls->config = linnet__tls_config_ref(config);
  tls->emit = emit;
  tls->user = user;
  tls->deadline_ms = LINNET_NEVER;
  mbedtls_ssl_init(&tls->ssl);
  if (mbedtls_ssl_setup(&tls->ssl, &config->conf) != 0) {
    release(tls);
    return NULL;
  }
  mbedtls_ssl_set_bio(&tls->ssl, tls, send_datagram, receive_datagram, NULL);
  mbedtls_ssl_set_timer_cb(&tls->ssl, tls, set_timer, get_timer);
  mbedtls_ssl_set_verify(&tls->ssl, linnet__mbedtls_verify, tls);
  return tls;
}

/* SEC-17: a name goes into the hello, an address does not (RFC 6066 3). False: no memory. */
static bool set_peer(linnet__tls *tls, const linnet__tls_peer *peer) {
  linnet__tls_config *config = tls->config;
  tls->address = peer->address;
  if (peer->host != NULL) {
    tls->host = linnet__copy_text(config->common.loop, peer->host, strlen(peer->host));
    if (tls->host == NULL) return false;
  }
  if (config->common.role == LINNET__TLS_SERVER) return true;
  /* The client shows the identity: it is what both ends know of each other. */
  const linnet__credential *psk = linnet__credentials_only_psk(config->common.credentials);
  if (psk != NULL) tls->identity = psk->identity;
  return mbedtls_ssl_set_hostname(&tls->ssl, peer->host) == 0;
}

static linnet__tls *make(linnet__tls_config *config, size_t room, const linnet__tls_peer *peer,
                         linnet__tls_emit emit, void *user) {
  linnet__tls *tls = allocate(config, emit, user);
  if (tls == NULL) return NULL;
  mbedtls_ssl_set_mtu(&tls->ssl, (uint16_t)(room < UINT16_MAX ? room : UINT16_MAX));
  if (set_peer(tls, peer)) return tls;
  release(tls);
  return NULL;
}

static void release(linnet__tls *tls) {
  if (tls == NULL) return;
  linnet_loop *loop = tls->config->common.loop;
  mbedtls_ssl_free(&tls->ssl);
  linnet__free_text(loop, tls->host);
  linnet__wipe(tls->master, sizeof tls->master);
  linnet__tls_config_unref(tls->config);
  linnet__free(loop, tls, sizeof *tls);
}

/* ---- why it failed ------------------------------------------------------------------------------- */

static linnet_cause cause_of_error(int error) {
  static const struct {
    int error;
    linnet_cause cause;
  } table[] = {
      {MBEDTLS_ERR_SSL_TIMEOUT, LINNET_CAUSE_TIMED_OUT},
      {MBEDTLS_ERR_SSL_INVALID_MAC, LINNET_CAUSE_WRONG_KEY},
      {MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY, LINNET_CAUSE_UNKNOWN_IDENTITY},
      {MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE, LINNET_CAUSE_NO_COMMON_MODE},
      {MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE, LINNET_CAUSE_NO_CERTIFICATE},
      {MBEDTLS_ERR_X509_CERT_VERIFY_FAILED, LINNET_CAUSE_BAD_CERTIFICATE},
      {MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, LINNET_CAUSE_CLOSED},
      {MBEDTLS_ERR_SSL_ALLOC_FAILED, LINNET_CAUSE_LIMIT},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (table[i].error == error) return table[i].cause;
  return LINNET_CAUSE_PROTOCOL;
}

static linnet_cause cause(const linnet__tls *tls, bool *told) {
  *told = tls->error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
  if (*told) return linnet__cause_of_alert(tls->ssl.LINNET__FIELD(in_msg)[1]);
  return tls->cause != LINNET_CAUSE_NONE ? tls->cause : cause_of_error(tls->error);
}

/* ---- handshake ----------------------------------------------------------------------------------- */

/* Takes back what find_psk lent. */
static void return_key(linnet__tls_config *config) {
  mbedtls_ssl_config *conf = &config->conf;
  if (config->common.role != LINNET__TLS_SERVER || conf->LINNET__FIELD(psk) == NULL) return;
  linnet__wipe(conf->LINNET__FIELD(psk), conf->LINNET__FIELD(psk_len));
  mbedtls_free(conf->LINNET__FIELD(psk));
  conf->LINNET__FIELD(psk) = NULL;
  conf->LINNET__FIELD(psk_len) = 0;
}

/* The server agreed to go on if the secret is the former one. It says nothing of who it is then: it is who it
 * was. */
static void look_whether_resumed(linnet__tls *tls) {
  const mbedtls_ssl_session *session = tls->ssl.LINNET__FIELD(session);
  if (!tls->resuming) return;
  tls->resumed = memcmp(session->LINNET__FIELD(master), tls->master, sizeof tls->master) == 0;
  linnet__wipe(tls->master, sizeof tls->master);
  if (tls->resumed && session->LINNET__FIELD(peer_cert) != NULL)
    linnet__mbedtls_identify(tls, session->LINNET__FIELD(peer_cert));
}

static linnet__tls_result handshake(linnet__tls *tls, const uint8_t *data, size_t length) {
  tls->datagram = data;
  tls->datagram_length = length;
  tls->config->active = tls;
  tls->error = mbedtls_ssl_handshake(&tls->ssl);
  tls->config->active = NULL;
  tls->datagram = NULL;
  return_key(tls->config);
  if (tls->error == 0) {
    look_whether_resumed(tls);
    return LINNET__TLS_DONE;
  }
  if (tls->error == MBEDTLS_ERR_SSL_WANT_READ || tls->error == MBEDTLS_ERR_SSL_WANT_WRITE)
    return LINNET__TLS_WAIT;
  return LINNET__TLS_FAILED;
}

static uint64_t deadline(const linnet__tls *tls) { return tls->deadline_ms; }

static const linnet__identity *identity(const linnet__tls *tls) { return &tls->identity; }

static bool resumed(const linnet__tls *tls) { return tls->resumed; }

/* ---- records ------------------------------------------------------------------------------------- */

static linnet__tls_result open(linnet__tls *tls, const uint8_t *data, size_t length, uint8_t *plain,
                               size_t size, size_t *plain_length) {
  if (data != NULL) {
    tls->datagram = data;
    tls->datagram_length = length;
  }
  int result = mbedtls_ssl_read(&tls->ssl, plain, size);
  if (result != MBEDTLS_ERR_SSL_WANT_READ && result < 0) tls->error = result;
  if (result > 0) {
    *plain_length = (size_t)result;
    bool more = tls->datagram != NULL || mbedtls_ssl_check_pending(&tls->ssl) != 0;
    return more ? LINNET__TLS_DONE : LINNET__TLS_LAST;
  }
  tls->datagram = NULL;
  if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE || result == 0)
    return LINNET__TLS_WAIT;
  return result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY ? LINNET__TLS_CLOSED : LINNET__TLS_FAILED;
}

static linnet_status seal(linnet__tls *tls, const uint8_t *data, size_t length) {
  int result = mbedtls_ssl_write(&tls->ssl, data, length);
  return result == (int)length ? LINNET_OK : LINNET_ERROR_SECURITY;
}

static void say_goodbye(linnet__tls *tls) { mbedtls_ssl_close_notify(&tls->ssl); }

static bool recognizes(linnet__tls *tls, const uint8_t *data, size_t length) {
  linnet_loop *loop = tls->config->common.loop;
  uint8_t *copy = linnet__new(loop, length); /* the library works in it */
  if (copy == NULL) return false;
  memcpy(copy, data, length);
  bool recognized = mbedtls_ssl_check_record(&tls->ssl, copy, length) == 0;
  linnet__free(loop, copy, length);
  return recognized;
}

/* ---- at rest ------------------------------------------------------------------------------------- */

static size_t packed_size(linnet__tls *tls) {
  size_t size = 0;
  int result = mbedtls_ssl_context_save(&tls->ssl, NULL, 0, &size);
  return result == MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL ? size : 0;
}

static bool pack(linnet__tls *tls, uint8_t *out, size_t size) {
  size_t written = 0;
  return mbedtls_ssl_context_save(&tls->ssl, out, size, &written) == 0 && written == size;
}

static linnet__tls *unpack(linnet__tls_config *config, const uint8_t *data, size_t length,
                           linnet__tls_emit emit, void *user) {
  linnet__tls *tls = allocate(config, emit, user);
  if (tls == NULL || mbedtls_ssl_context_load(&tls->ssl, data, length) == 0) return tls;
  release(tls);
  return NULL;
}

/* ---- resumption ---------------------------------------------------------------------------------- */

static linnet_status save(linnet__tls *tls, linnet__buffer *out) {
  mbedtls_ssl_session session;
  size_t size = 0;
  linnet_status status = LINNET_ERROR_NOT_FOUND;
  mbedtls_ssl_session_init(&session);
  if (mbedtls_ssl_get_session(&tls->ssl, &session) == 0) {
    mbedtls_ssl_session_save(&session, NULL, 0, &size);
    uint8_t *room = size > 0 ? linnet__buffer_reserve(out, size) : NULL;
    if (room == NULL)
      status = out->failed != LINNET_OK ? out->failed : LINNET_ERROR_NOT_FOUND;
    else if (mbedtls_ssl_session_save(&session, room, size, &size) == 0)
      status = LINNET_OK;
    if (status == LINNET_OK) out->length += size;
  }
  mbedtls_ssl_session_free(&session);
  return status;
}

static linnet_status resume(linnet__tls *tls, const uint8_t *data, size_t length) {
  mbedtls_ssl_session session;
  mbedtls_ssl_session_init(&session);
  bool done = mbedtls_ssl_session_load(&session, data, length) == 0 &&
              mbedtls_ssl_set_session(&tls->ssl, &session) == 0;
  tls->resuming = done;
  if (done) memcpy(tls->master, session.LINNET__FIELD(master), sizeof tls->master);
  mbedtls_ssl_session_free(&session);
  return done ? LINNET_OK : LINNET_ERROR_MALFORMED;
}

/* ---- the table ----------------------------------------------------------------------------------- */

static const linnet__tls_backend mbedtls = {
    .name = "mbedtls",
    .config_size = sizeof(linnet__tls_config),
    .config_prepare = linnet__mbedtls_config_prepare,
    .config_clear = linnet__mbedtls_config_clear,
    .make = make,
    .release = release,
    .handshake = handshake,
    .deadline = deadline,
    .identity = identity,
    .resumed = resumed,
    .cause = cause,
    .open = open,
    .seal = seal,
    .say_goodbye = say_goodbye,
    .recognizes = recognizes,
    .packed_size = packed_size,
    .pack = pack,
    .unpack = unpack,
    .save = save,
    .resume = resume,
    .read_material = linnet__mbedtls_read_material,
    .check_own = linnet__mbedtls_check_own,
};

const linnet__tls_backend *linnet__tls_standard(void) { return &mbedtls; }

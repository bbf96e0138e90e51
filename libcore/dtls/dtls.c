/* SPDX-License-Identifier: Apache-2.0 */
/* dtls.c: what becomes of datagrams, and how sessions begin and end (dtls.h; RFC 6347 4.2). */
#include <string.h>

#include "session.h"

static const size_t default_limits[LINNET__DTLS_LIMIT_COUNT] = {
    [LINNET__DTLS_SESSIONS] = 1048576, [LINNET__DTLS_HANDSHAKES] = 1024, [LINNET__DTLS_LIVE_SESSIONS] = 4096};

enum { RECORD_HEADER = 13 };

/* Whoever hears news may let the transport go: the memory stays between these. */
static void enter(linnet__dtls *dtls) { dtls->busy++; }

static void leave(linnet__dtls *dtls) {
  if (--dtls->busy == 0 && dtls->freed) linnet__dtls_free(dtls);
}

/* ---- ends ---------------------------------------------------------------------------------------- */

/* The open half ends; somebody hears why. */
static void end_open(linnet__session *session, linnet_cause cause, bool told) {
  linnet__dtls *dtls = session->dtls;
  linnet__identity *identity = session->identity;
  linnet__session_news news = {
      .kind = LINNET__SESSION_ENDED, .cause = cause, .told = told, .identity = identity};
  session->identity = NULL;
  linnet__session_hold(session);
  linnet__session_drop_open(session);
  linnet__session_tell(session, &news);
  linnet__session_release(session);
  if (identity != NULL)
    linnet__free(dtls->loop, identity, offsetof(linnet__identity, name) + identity->length);
}

/* The handshake fails; somebody hears why. */
static void fail_coming(linnet__association *association) {
  linnet__session *session = association->session;
  linnet__identity identity = *linnet__tls_identity(association->tls);
  linnet__session_news news = {.kind = LINNET__SESSION_FAILED, .ours = association->mark == 0};
  news.cause = linnet__tls_cause(association->tls, &news.told);
  if (identity.kind != LINNET__IDENTITY_NONE) news.identity = &identity;
  session->dtls->counters.failed++;
  linnet__session_hold(session);
  linnet__session_drop_coming(session);
  linnet__session_tell(session, &news);
  linnet__session_release(session);
}

/* ---- handshakes ---------------------------------------------------------------------------------- */

static void take_record(linnet__session *session, const uint8_t *data, size_t length);

/* Its key may have been removed while it was under way. */
static bool still_let_in(const linnet__association *association) {
  const linnet_credentials *credentials = association->session->dtls->credentials;
  const linnet__identity *identity = linnet__tls_identity(association->tls);
  if (association->mark == 0 || identity->number == 0) return true;
  const linnet__credential *credential =
      linnet__credentials_find(credentials, identity->kind, identity->name, identity->length);
  return credential != NULL && credential->identity.number == identity->number;
}

static void finish_handshake(linnet__association *association) {
  linnet__session *session = association->session;
  linnet__dtls *dtls = session->dtls;
  linnet__session_news news = {.kind = LINNET__SESSION_OPENED,
                               .resumed = linnet__tls_resumed(association->tls),
                               .ours = association->mark == 0,
                               .replaces = linnet__session_is_open(session)};
  if (!still_let_in(association) || !linnet__association_promote(association)) {
    news = (linnet__session_news){
        .kind = LINNET__SESSION_FAILED, .ours = news.ours, .cause = LINNET_CAUSE_REMOVED};
    linnet__session_drop_coming(session);
    linnet__session_tell(session, &news);
    return;
  }
  dtls->counters.opened++;
  if (news.resumed) dtls->counters.resumed++;
  news.identity = session->identity;
  linnet__session_tell(session, &news);
  if (session->gone || session->current != association) return;
  take_record(session, NULL, 0); /* what came with the end of the handshake */
  if (!session->gone) linnet__session_rest(dtls);
}

static void handshake_due(linnet__timer *timer);

/* The session is held. */
static void go_on(linnet__association *association, const uint8_t *data, size_t length) {
  linnet_loop *loop = association->session->dtls->loop;
  linnet__tls_result result = linnet__tls_handshake(association->tls, data, length);
  if (result == LINNET__TLS_DONE)
    finish_handshake(association);
  else if (result == LINNET__TLS_WAIT)
    linnet__timer_arm(loop, &association->timer, linnet__tls_deadline(association->tls), handshake_due);
  else
    fail_coming(association);
}

static void handshake_due(linnet__timer *timer) {
  linnet__association *association = LINNET__CONTAINER(timer, linnet__association, timer);
  linnet__session *session = association->session;
  linnet__dtls *dtls = session->dtls;
  enter(dtls);
  linnet__session_hold(session);
  go_on(association, NULL, 0);
  linnet__session_release(session);
  leave(dtls);
}

/* Raw public keys where the client wants them and there is one to show. */
static linnet__tls_mode server_mode(const linnet__dtls *dtls, const linnet__hello *hello) {
  bool raw = hello->raw_keys && dtls->credentials->own.key.length > 0 && linnet__tls_has_raw_keys();
  return raw ? LINNET__TLS_RAW_KEYS : LINNET__TLS_STANDARD;
}

/* The config of the credentials as they are now. NULL: the loop has the words. */
static linnet__tls_config *server_config(linnet__dtls *dtls, linnet__tls_mode mode) {
  linnet__tls_config **server = &dtls->servers[mode];
  if (*server != NULL && dtls->server_revisions[mode] == dtls->credentials->revision) return *server;
  linnet__tls_config *config =
      linnet__tls_config_new(dtls->loop, LINNET__TLS_SERVER, mode, &dtls->profile, dtls->credentials);
  if (config == NULL) return NULL;
  linnet__tls_config_unref(*server);
  *server = config;
  dtls->server_revisions[mode] = dtls->credentials->revision;
  return config;
}

/* A client has shown that it is there, and begins a handshake; or says so again. */
static void welcome(linnet__dtls *dtls, const linnet_address *peer, const linnet__hello *hello,
                    const uint8_t *data, size_t length) {
  linnet__tls_config *config = server_config(dtls, server_mode(dtls, hello));
  linnet__session *session = config != NULL ? linnet__session_get(dtls, peer) : NULL;
  if (session == NULL) return;
  if (linnet__session_is_open(session) && session->mark == hello->mark)
    return; /* it has been under way long */
  linnet__association *association = session->coming;
  linnet__session_hold(session);
  if (association == NULL || (association->mark != 0 && association->mark != hello->mark)) {
    linnet__tls_peer who = {dtls->credentials->host, *peer};
    association = linnet__association_new(session, config, &who);
    if (association != NULL) association->mark = hello->mark;
  }
  if (association != NULL && association->mark == hello->mark)
    go_on(association, data, length);
  else if (association == NULL && !session->gone)
    linnet__session_drop_coming(session); /* if nothing is open, it goes */
  linnet__session_release(session);
}

/* ---- records ------------------------------------------------------------------------------------- */

/* NULL: no memory. */
static uint8_t *plain_room(linnet__dtls *dtls) {
  size_t room = dtls->owner->room(dtls->owner);
  if (room <= dtls->plain_size) return dtls->plain;
  uint8_t *plain = linnet__resize(dtls->loop, dtls->plain, dtls->plain_size, room);
  if (plain == NULL) return NULL;
  dtls->plain = plain;
  dtls->plain_size = room;
  return plain;
}

/* The session is held, and live. NULL: what the library has of an earlier datagram. */
static void take_record(linnet__session *session, const uint8_t *data, size_t length) {
  linnet__dtls *dtls = session->dtls;
  linnet__association *association = session->current;
  uint8_t *plain = plain_room(dtls);
  linnet__tls_result result = LINNET__TLS_DONE;
  while (plain != NULL && result == LINNET__TLS_DONE && !session->gone && session->current == association) {
    size_t plain_length = 0;
    result = linnet__tls_open(association->tls, data, length, plain, dtls->plain_size, &plain_length);
    if (result == LINNET__TLS_WAIT) return;
    if (result != LINNET__TLS_DONE && result != LINNET__TLS_LAST) {
      bool told = true;
      linnet_cause cause = LINNET_CAUSE_CLOSED;
      if (result == LINNET__TLS_FAILED) cause = linnet__tls_cause(association->tls, &told);
      end_open(session, cause, told);
      return;
    }
    linnet__session_touch(session);
    if (plain_length > 0) dtls->owner->received(dtls->owner, &session->peer, plain, plain_length);
    data = NULL;
    length = 0;
  }
}

/* Whom of the two a datagram is for. The handshake does not get what is the open one's: to it that would be
 * the end (RFC 6347 4.2.8). */
static bool is_for_coming(linnet__session *session, const uint8_t *data, size_t length) {
  if (session->coming == NULL) return false;
  if (data[3] == 0 && data[4] == 0) return true; /* of epoch 0 */
  linnet__association *open = linnet__session_live(session);
  return open == NULL || !linnet__tls_recognizes(open->tls, data, length);
}

static void take(linnet__session *session, const uint8_t *data, size_t length) {
  bool of_epoch_0 = data[3] == 0 && data[4] == 0;
  if (is_for_coming(session, data, length)) {
    go_on(session->coming, data, length);
  } else if (session->current != NULL || !of_epoch_0) { /* one at rest has nothing to say to epoch 0 */
    if (linnet__session_live(session) != NULL) take_record(session, data, length);
  }
}

void linnet__dtls_receive(linnet__dtls *dtls, const linnet_address *peer, const uint8_t *data,
                          size_t length) {
  linnet__hello hello = {.kind = LINNET__HELLO_NONE};
  if (dtls->closed || length <= RECORD_HEADER) return;
  if (dtls->credentials != NULL) linnet__hello_read(dtls->loop, &dtls->cookies, peer, data, length, &hello);
  if (hello.kind == LINNET__HELLO_STRANGER) {
    dtls->counters.cookies++;
    dtls->owner->emit(dtls->owner, peer, hello.answer, hello.answer_length);
    return;
  }
  enter(dtls);
  linnet__session *session = linnet__session_find(dtls, peer);
  if (hello.kind == LINNET__HELLO_PROVEN) {
    welcome(dtls, peer, &hello, data, length);
  } else if (hello.kind == LINNET__HELLO_NONE && session != NULL) {
    linnet__session_hold(session);
    take(session, data, length);
    linnet__session_release(session);
  }
  leave(dtls);
}

linnet_status linnet__dtls_send(linnet__dtls *dtls, const linnet_address *peer, const void *data,
                                size_t length) {
  linnet__session *session = linnet__session_find(dtls, peer);
  linnet__association *association = session != NULL ? linnet__session_live(session) : NULL;
  if (association == NULL)
    return linnet__fail(dtls->loop, LINNET_ERROR_SECURITY, "send: there is no session with the peer");
  linnet__session_touch(session);
  association->emitted = LINNET_OK;
  linnet_status status = linnet__tls_seal(association->tls, data, length);
  if (status != LINNET_OK) return linnet__fail(dtls->loop, status, "send: %s", linnet_status_text(status));
  return association->emitted;
}

/* ---- the client's part --------------------------------------------------------------------------- */

static linnet__association *begin(linnet__dtls *dtls, const linnet_address *peer, linnet__tls_config *config,
                                  const char *host) {
  linnet__association *association = NULL;
  enter(dtls);
  linnet__session *session = linnet__session_get(dtls, peer);
  if (session != NULL) {
    linnet__session_hold(session);
    linnet__tls_peer who = {host, *peer};
    association = linnet__association_new(session, config, &who);
    if (association == NULL && !session->gone) linnet__session_drop_coming(session);
    linnet__session_release(session);
  }
  leave(dtls);
  return association;
}

linnet_status linnet__dtls_connect(linnet__dtls *dtls, const linnet_address *peer,
                                   linnet_credentials *credentials, const char *host,
                                   const linnet__packed *former) {
  if (dtls->closed) return linnet__fail(dtls->loop, LINNET_ERROR_CLOSED, "connect: the transport is closed");
  linnet__tls_config *config = linnet__tls_config_new(
      dtls->loop, LINNET__TLS_CLIENT, linnet__own_mode(&credentials->own), &dtls->profile, credentials);
  if (config == NULL) return LINNET_ERROR_MALFORMED;
  linnet__association *association = begin(dtls, peer, config, host);
  linnet__tls_config_unref(config);
  if (association == NULL)
    return linnet__fail(dtls->loop, LINNET_ERROR_NO_MEMORY, "connect: out of memory, or too many sessions");
  if (former != NULL) linnet__tls_resume(association->tls, former->data, former->length);
  linnet__timer_arm_in(dtls->loop, &association->timer, 0, handshake_due);
  return LINNET_OK;
}

void linnet__dtls_end(linnet__dtls *dtls, const linnet_address *peer) {
  linnet__session *session = linnet__session_find(dtls, peer);
  if (session == NULL) return;
  linnet__association *association = linnet__session_live(session);
  if (association != NULL) linnet__tls_say_goodbye(association->tls);
  linnet__session_drop(session);
}

const linnet__identity *linnet__dtls_identity(linnet__dtls *dtls, const linnet_address *peer) {
  const linnet__session *session = linnet__session_find(dtls, peer);
  return session != NULL ? session->identity : NULL;
}

uint64_t linnet__dtls_identity_hash(linnet__dtls *dtls, const linnet_address *peer) {
  const linnet__session *session = linnet__session_find(dtls, peer);
  return session != NULL && session->identity != NULL ? session->identity_hash : 0;
}

const linnet_credentials *linnet__dtls_credentials(const linnet__dtls *dtls) { return dtls->credentials; }

linnet_status linnet__dtls_save(linnet__dtls *dtls, const linnet_address *peer, linnet__buffer *out) {
  linnet__session *session = linnet__session_find(dtls, peer);
  linnet__association *association = session != NULL ? linnet__session_live(session) : NULL;
  return association != NULL ? linnet__tls_save(association->tls, out) : LINNET_ERROR_NOT_FOUND;
}

/* ---- life ---------------------------------------------------------------------------------------- */

static bool rests_on(const linnet__session *session, uint64_t number) {
  const linnet__identity *identity = session->identity;
  return identity != NULL && identity->number == number;
}

/* Credentials were removed: whoever came in by them goes. */
static void removed(linnet__guard *guard, uint64_t number) {
  linnet__dtls *dtls = LINNET__CONTAINER(guard, linnet__dtls, guard);
  linnet__session *session;
  size_t position = 0;
  enter(dtls);
  while (!dtls->closed && (session = linnet__map_next(&dtls->sessions, &position)) != NULL) {
    if (!rests_on(session, number)) continue;
    linnet__session_hold(session);
    linnet__association *association = linnet__session_live(session);
    if (association != NULL) linnet__tls_say_goodbye(association->tls);
    end_open(session, LINNET_CAUSE_REMOVED, false);
    linnet__session_release(session);
    position = 0; /* the table may be another one now */
  }
  leave(dtls);
}

static const void *session_peer(const void *item, size_t *length) {
  const linnet_address *peer = &((const linnet__session *)item)->peer;
  *length = linnet__session_key_length(peer);
  return peer;
}

linnet__dtls *linnet__dtls_new(linnet_loop *loop, linnet__dtls_owner *owner,
                               const linnet__dtls_profile *profile, linnet_credentials *credentials) {
  linnet__dtls *dtls = linnet__new(loop, sizeof *dtls);
  if (dtls == NULL) {
    linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "DTLS: out of memory");
    return NULL;
  }
  dtls->loop = loop;
  dtls->owner = owner;
  dtls->profile = *profile;
  dtls->guard.removed = removed;
  memcpy(dtls->limits, default_limits, sizeof default_limits);
  linnet__map_init(&dtls->sessions, loop, session_peer);
  linnet__list *lists[] = {&dtls->order, &dtls->live, &dtls->handshakes, &dtls->guard.node};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) linnet__list_init(lists[i]);
  linnet__random_bytes(loop, dtls->cookies.key, sizeof dtls->cookies.key);
  if (credentials != NULL) {
    dtls->credentials = linnet_credentials_ref(credentials);
    linnet__credentials_watch(credentials, &dtls->guard);
  }
  return dtls;
}

static bool was_begun_by_peer(const linnet__session *session) {
  bool open = linnet__session_is_open(session) && session->mark != 0;
  return open || (session->coming != NULL && session->coming->mark != 0);
}

static void end_sessions_of_peers(linnet__dtls *dtls) {
  linnet__session *session;
  size_t position = 0;
  while ((session = linnet__map_next(&dtls->sessions, &position)) != NULL)
    if (was_begun_by_peer(session)) linnet__dtls_end(dtls, &session->peer);
}

void linnet__dtls_accept(linnet__dtls *dtls, linnet_credentials *credentials) {
  if (dtls->closed || credentials == dtls->credentials) return;
  end_sessions_of_peers(dtls);
  linnet__guard_leave(&dtls->guard);
  for (size_t i = 0; i < LINNET__TLS_MODE_COUNT; i++) {
    linnet__tls_config_unref(dtls->servers[i]);
    dtls->servers[i] = NULL;
  }
  linnet_credentials *former = dtls->credentials;
  dtls->credentials = credentials != NULL ? linnet_credentials_ref(credentials) : NULL;
  if (credentials != NULL) linnet__credentials_watch(credentials, &dtls->guard);
  linnet_credentials_unref(former);
}

void linnet__dtls_close(linnet__dtls *dtls) {
  if (dtls->closed) return;
  dtls->closed = true;
  linnet__guard_leave(&dtls->guard);
  while (!linnet__list_empty(&dtls->order))
    linnet__session_drop(LINNET__CONTAINER(dtls->order.next, linnet__session, node));
  linnet__map_free(&dtls->sessions);
  linnet__timer_stop(dtls->loop, &dtls->sweep);
}

void linnet__dtls_free(linnet__dtls *dtls) {
  linnet__dtls_close(dtls);
  dtls->freed = true;
  if (dtls->busy > 0) return;
  for (size_t i = 0; i < LINNET__TLS_MODE_COUNT; i++) linnet__tls_config_unref(dtls->servers[i]);
  linnet_credentials_unref(dtls->credentials);
  linnet__free(dtls->loop, dtls->plain, dtls->plain_size);
  linnet__free(dtls->loop, dtls, sizeof *dtls);
}

void linnet__dtls_set_limit(linnet__dtls *dtls, linnet__dtls_limit limit, size_t value) {
  dtls->limits[limit] = value;
}

const linnet__dtls_counters *linnet__dtls_get_counters(const linnet__dtls *dtls) { return &dtls->counters; }

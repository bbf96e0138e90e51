/* SPDX-License-Identifier: Apache-2.0 */
/* session.c: sessions and associations, made, found and taken away (session.h). */
#include "session.h"

#include <string.h>

/* A handshake that began so long ago may be dropped for a new one when there are too many. */
#define PATIENCE_MS 4000
/* So many that spoke since they were looked at last are passed over for one that did not. */
#define LOOKS 16

/* ---- sessions ------------------------------------------------------------------------------------ */

/* Whoever is answered was heard just now. */
linnet__session *linnet__session_find(linnet__dtls *dtls, const linnet_address *peer) {
  if (dtls->last != NULL && memcmp(&dtls->last->peer, peer, sizeof *peer) == 0) return dtls->last;
  linnet__session *session = linnet__map_find(&dtls->sessions, peer, linnet__session_key_length(peer));
  if (session != NULL) dtls->last = session;
  return session;
}

bool linnet__session_is_open(const linnet__session *session) {
  return session->current != NULL || session->packed.data != NULL;
}

void linnet__session_tell(linnet__session *session, const linnet__session_news *news) {
  linnet_address peer = session->peer;
  session->dtls->owner->news(session->dtls->owner, &peer, news);
}

static void free_session(linnet__session *session) {
  linnet__free(session->dtls->loop, session, sizeof *session);
}

/* Nobody finds it any more. */
static void unlink_session(linnet__session *session) {
  linnet__dtls *dtls = session->dtls;
  if (session->gone) return;
  session->gone = true;
  if (dtls->last == session) dtls->last = NULL;
  linnet__map_remove(&dtls->sessions, &session->peer, linnet__session_key_length(&session->peer));
  linnet__map_trim(&dtls->sessions);
  linnet__list_remove(&session->node);
  dtls->counters.sessions--;
  if (session->held == 0) free_session(session);
}

void linnet__session_hold(linnet__session *session) { session->held++; }

void linnet__session_release(linnet__session *session) {
  if (--session->held == 0 && session->gone) free_session(session);
}

static void forget_identity(linnet__session *session) {
  linnet__identity *identity = session->identity;
  session->identity = NULL;
  if (identity == NULL) return;
  linnet__free(session->dtls->loop, identity, offsetof(linnet__identity, name) + identity->length);
}

static void clear_open(linnet__session *session) {
  linnet__association_free(session->current);
  linnet__secret_clear(session->dtls->loop, &session->packed);
  linnet__tls_config_unref(session->packed_config);
  session->packed_config = NULL;
  forget_identity(session);
}

void linnet__session_drop_open(linnet__session *session) {
  clear_open(session);
  if (session->coming == NULL) unlink_session(session);
}

void linnet__session_drop_coming(linnet__session *session) {
  linnet__association_free(session->coming);
  if (!linnet__session_is_open(session)) unlink_session(session);
}

void linnet__session_drop(linnet__session *session) {
  linnet__association_free(session->coming);
  linnet__session_drop_open(session);
}

static void to_the_end_of(linnet__list *order, linnet__session *session) {
  session->since_ms = linnet_loop_now(session->dtls->loop);
  linnet__list_move(order, &session->node);
}

/* Roughly. NULL: none can go. */
static linnet__session *longest_quiet(linnet__dtls *dtls) {
  linnet__session *quiet = NULL;
  for (unsigned looks = 0; looks < LOOKS && !linnet__list_empty(&dtls->order); looks++) {
    linnet__session *session = LINNET__CONTAINER(dtls->order.next, linnet__session, node);
    bool busy = session->held > 0 || session->coming != NULL;
    if (!busy && session->touched_ms <= session->since_ms) return session;
    if (!busy && quiet == NULL) quiet = session;
    to_the_end_of(&dtls->order, session);
  }
  return quiet;
}

/* One that is quiet goes for a new one. */
static bool make_room(linnet__dtls *dtls) {
  linnet__session_news news = {.kind = LINNET__SESSION_ENDED, .cause = LINNET_CAUSE_LIMIT};
  linnet__session *session = longest_quiet(dtls);
  if (session == NULL) return false;
  linnet__session_hold(session);
  linnet__association *association = linnet__session_live(session);
  if (association != NULL) linnet__tls_say_goodbye(association->tls);
  news.identity = session->identity;
  linnet__session_tell(session, &news);
  if (!session->gone) linnet__session_drop(session);
  linnet__session_release(session);
  return !dtls->closed;
}

linnet__session *linnet__session_get(linnet__dtls *dtls, const linnet_address *peer) {
  linnet__session *session = linnet__session_find(dtls, peer);
  if (session != NULL) return session;
  if (dtls->counters.sessions >= dtls->limits[LINNET__DTLS_SESSIONS]) {
    dtls->counters.refused_by_limit++;
    if (!make_room(dtls)) return NULL;
  }
  session = linnet__new(dtls->loop, sizeof *session);
  if (session == NULL) return NULL;
  session->dtls = dtls;
  session->peer = *peer;
  if (linnet__map_insert(&dtls->sessions, session) != LINNET_OK) {
    linnet__free(dtls->loop, session, sizeof *session);
    return NULL;
  }
  linnet__list_init(&session->node);
  to_the_end_of(&dtls->order, session);
  dtls->counters.sessions++;
  return session;
}

void linnet__session_touch(linnet__session *session) {
  session->touched_ms = linnet_loop_now(session->dtls->loop);
}

/* ---- associations -------------------------------------------------------------------------------- */

/* Of linnet__tls_new. */
static void emit(void *user, const uint8_t *data, size_t length) {
  linnet__association *association = user;
  linnet__dtls *dtls = association->session->dtls;
  association->emitted = dtls->owner->emit(dtls->owner, &association->session->peer, data, length);
}

void linnet__association_free(linnet__association *association) {
  if (association == NULL) return;
  linnet__session *session = association->session;
  linnet__dtls *dtls = session->dtls;
  if (session->coming == association) {
    session->coming = NULL;
    dtls->counters.handshakes--;
  } else if (session->current == association) {
    session->current = NULL;
    dtls->counters.live--;
  }
  linnet__timer_stop(dtls->loop, &association->timer);
  linnet__list_remove(&association->node);
  linnet__tls_free(association->tls);
  linnet__tls_config_unref(association->config);
  linnet__free(dtls->loop, association, sizeof *association);
}

static linnet__association *allocate(linnet__session *session, linnet__tls_config *config) {
  linnet__association *association = linnet__new(session->dtls->loop, sizeof *association);
  if (association == NULL) return NULL;
  association->session = session;
  association->config = linnet__tls_config_ref(config);
  linnet__list_init(&association->node);
  return association;
}

void linnet__association_stand_in(linnet__list *list, linnet__association *association) {
  association->since_ms = linnet_loop_now(association->session->dtls->loop);
  linnet__list_move(list, &association->node);
}

/* The eldest half-open one goes for a new one, if it had its time. */
static bool make_room_for_handshake(linnet__dtls *dtls) {
  linnet__association *eldest = LINNET__CONTAINER(dtls->handshakes.next, linnet__association, node);
  if (linnet__list_empty(&dtls->handshakes)) return false;
  if (linnet_loop_now(dtls->loop) - eldest->since_ms < PATIENCE_MS) return false;
  linnet__session *session = eldest->session;
  linnet__session_news news = {
      .kind = LINNET__SESSION_FAILED, .ours = eldest->mark == 0, .cause = LINNET_CAUSE_LIMIT};
  linnet__session_hold(session);
  linnet__session_tell(session, &news);
  if (!session->gone && session->coming == eldest) linnet__session_drop_coming(session);
  linnet__session_release(session);
  return !dtls->closed;
}

linnet__association *linnet__association_new(linnet__session *session, linnet__tls_config *config,
                                             const linnet__tls_peer *peer) {
  linnet__dtls *dtls = session->dtls;
  linnet__association_free(session->coming);
  if (dtls->counters.handshakes >= dtls->limits[LINNET__DTLS_HANDSHAKES]) {
    dtls->counters.refused_by_limit++;
    if (!make_room_for_handshake(dtls)) return NULL;
  }
  linnet__association *association = allocate(session, config);
  if (association == NULL) return NULL;
  association->tls = linnet__tls_new(config, dtls->owner->room(dtls->owner), peer, emit, association);
  session->coming = association;
  dtls->counters.handshakes++;
  linnet__association_stand_in(&dtls->handshakes, association);
  if (association->tls != NULL) return association;
  linnet__association_free(association);
  return NULL;
}

static linnet__identity *copy_identity(linnet_loop *loop, const linnet__identity *identity) {
  size_t size = offsetof(linnet__identity, name) + identity->length;
  linnet__identity *copy = linnet__new(loop, size);
  if (copy != NULL) memcpy(copy, identity, size);
  return copy;
}

bool linnet__association_promote(linnet__association *association) {
  linnet__session *session = association->session;
  linnet__dtls *dtls = session->dtls;
  linnet__identity *identity = copy_identity(dtls->loop, linnet__tls_identity(association->tls));
  if (identity == NULL) return false;
  clear_open(session);
  session->identity = identity;
  session->identity_hash = linnet__identity_hash(dtls->loop, identity);
  session->mark = association->mark;
  session->coming = NULL;
  session->current = association;
  dtls->counters.handshakes--;
  dtls->counters.live++;
  linnet__timer_stop(dtls->loop, &association->timer);
  linnet__association_stand_in(&dtls->live, association);
  linnet__session_touch(session);
  return true;
}

linnet__association *linnet__session_live(linnet__session *session) {
  linnet__dtls *dtls = session->dtls;
  if (session->current != NULL || session->packed.data == NULL) return session->current;
  linnet__association *association = allocate(session, session->packed_config);
  if (association == NULL) return NULL;
  association->tls = linnet__tls_unpack(session->packed_config, session->packed.data, session->packed.length,
                                        emit, association);
  session->current = association;
  dtls->counters.live++;
  linnet__association_stand_in(&dtls->live, association);
  if (association->tls == NULL) {
    linnet__association_free(association);
    return NULL;
  }
  linnet__secret_clear(dtls->loop, &session->packed);
  linnet__tls_config_unref(session->packed_config);
  session->packed_config = NULL;
  linnet__session_hold(session); /* another one is to rest for it */
  linnet__session_rest(dtls);
  linnet__session_release(session);
  return association;
}

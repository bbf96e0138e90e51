/* SPDX-License-Identifier: Apache-2.0 */
/* rest.c: sessions that are quiet take little memory (session.h). */
#include "session.h"

/* Once in this time it is looked who spoke since. Packing and unpacking cost as much as a few messages. */
#define QUIET_MS 5000
/* How many are passed over, because they spoke or cannot be packed, for one that can. */
#define TRIES 4
/* How many are looked at in one step. */
#define SWEEP 256

/* False: it stays live. */
static bool pack(linnet__association *association) {
  linnet__session *session = association->session;
  linnet_loop *loop = session->dtls->loop;
  size_t size = linnet__tls_packed_size(association->tls);
  uint8_t *data = size > 0 ? linnet__new(loop, size) : NULL;
  if (data == NULL) return false;
  if (!linnet__tls_pack(association->tls, data, size)) {
    linnet__free(loop, data, size);
    return false;
  }
  session->packed = (linnet__secret){data, size};
  session->packed_config = linnet__tls_config_ref(association->config);
  linnet__association_free(association);
  return true;
}

static linnet__association *first(const linnet__dtls *dtls) {
  if (linnet__list_empty(&dtls->live)) return NULL;
  return LINNET__CONTAINER(dtls->live.next, linnet__association, node);
}

static bool spoke(const linnet__association *association) {
  return association->session->touched_ms > association->since_ms;
}

/* Who has been at the head of the line for long and said nothing rests now. */
static void sweep_due(linnet__timer *timer) {
  linnet__dtls *dtls = LINNET__CONTAINER(timer, linnet__dtls, sweep);
  uint64_t now_ms = linnet_loop_now(dtls->loop);
  linnet__association *association;
  for (unsigned looks = 0; looks < SWEEP && (association = first(dtls)) != NULL; looks++) {
    if (now_ms - association->since_ms < QUIET_MS) break;
    if (spoke(association) || association->session->held > 0 || !pack(association))
      linnet__association_stand_in(&dtls->live, association);
  }
  linnet__session_rest(dtls);
}

void linnet__session_rest(linnet__dtls *dtls) {
  size_t limit = dtls->limits[LINNET__DTLS_LIVE_SESSIONS];
  for (unsigned tries = TRIES; tries > 0 && dtls->counters.live > limit; tries--) {
    linnet__association *eldest = first(dtls);
    bool passed_over = tries > 1 && spoke(eldest);
    if (passed_over || eldest->session->held > 0 || !pack(eldest))
      linnet__association_stand_in(&dtls->live, eldest);
  }
  linnet__association *association = first(dtls);
  if (association != NULL && !linnet__timer_armed(&dtls->sweep))
    linnet__timer_arm(dtls->loop, &dtls->sweep, association->since_ms + QUIET_MS, sweep_due);
}

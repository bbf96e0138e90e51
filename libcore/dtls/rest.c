/* SPDX-License-Identifier: Apache-2.0 */
/* rest.c: sessions that are quiet take little memory (session.h). */
#include "session.h"

/* So long after the last message ... */
#define QUIET_MS 10000
/* ... or so long if more than these are live: packing costs more than a message, so not whoever speaks now
 * ... */
#define CROWD 256
#define CROWD_QUIET_MS 1000
/* ... or at once if more than these are. */
#define LIVE_LIMIT 4096
/* How many of those that cannot be packed are passed over for one that can. */
#define TRIES 4

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

static linnet__association *longest_quiet(const linnet__dtls *dtls) {
  if (linnet__list_empty(&dtls->live)) return NULL;
  return LINNET__CONTAINER(dtls->live.next, linnet__association, node);
}

/* To the end of the line: it is looked at again later. */
static void put_off(linnet__association *association) {
  linnet__dtls *dtls = association->session->dtls;
  association->touched_ms = linnet_loop_now(dtls->loop);
  linnet__list_remove(&association->node);
  linnet__list_append(&dtls->live, &association->node);
}

static void sweep_due(linnet__timer *timer) {
  linnet__session_rest(LINNET__CONTAINER(timer, linnet__dtls, sweep));
}

void linnet__session_rest(linnet__dtls *dtls) {
  uint64_t now_ms = linnet_loop_now(dtls->loop);
  linnet__association *association;
  unsigned tries = 0;
  while ((association = longest_quiet(dtls)) != NULL) {
    uint64_t patience_ms = dtls->counters.live > CROWD ? CROWD_QUIET_MS : QUIET_MS;
    bool quiet = now_ms - association->touched_ms >= patience_ms;
    bool crowded = dtls->counters.live > LIVE_LIMIT && tries < TRIES;
    if (association->session->held > 0 || (!quiet && !crowded)) break;
    if (pack(association)) continue;
    put_off(association);
    tries++;
  }
  if (association != NULL && !linnet__timer_armed(&dtls->sweep))
    linnet__timer_arm(dtls->loop, &dtls->sweep, association->touched_ms + QUIET_MS, sweep_due);
}

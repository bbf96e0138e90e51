/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h: what the sessions of a transport are made of; for session.c and dtls.c.
 *
 * A session is all that there is with one peer. Of it there are up to two associations: the one that is open,
 * and one whose handshake is under way and will take its place, if it gets to its end. The open one takes
 * tens of kilobytes in the library while it is live; one that is quiet is packed into a few hundred bytes.
 *
 * Whoever speaks is not moved to the end of a list, as that would touch its neighbours' memory for every
 * message: it is noted, and whoever is first when room is wanted goes to the end if it spoke meanwhile.
 */
#ifndef LINNET_DTLS_SESSION_H
#define LINNET_DTLS_SESSION_H

#include "tls.h"

typedef struct linnet__session linnet__session;

typedef struct linnet__association {
  linnet__list node; /* in dtls->handshakes or dtls->live; by since_ms */
  linnet__session *session;
  linnet__tls *tls;
  linnet__tls_config *config; /* held */
  linnet__timer timer;        /* of the handshake */
  uint64_t mark;              /* of its ClientHello; 0: it is ours */
  uint64_t since_ms;          /* it stands in its list */
  linnet_status emitted;      /* what became of the last datagram */
} linnet__association;

struct linnet__session {
  linnet__list node; /* in dtls->order, by since_ms */
  linnet__dtls *dtls;
  linnet__association *current; /* open and live */
  linnet__association *coming;
  linnet__identity *identity; /* cut off after its name; NULL: nothing is open */
  uint64_t identity_hash;
  linnet__tls_config *packed_config; /* held */
  linnet__secret packed;             /* open, and at rest */
  uint64_t mark;                     /* of the ClientHello that the open one began with */
  uint64_t since_ms;                 /* it stands in dtls->order */
  uint64_t touched_ms;               /* it heard or said something last */
  linnet_address peer;
  uint16_t held; /* calls that still look at it */
  bool gone;
};

struct linnet__dtls {
  linnet_loop *loop;
  linnet__dtls_owner *owner;
  linnet__dtls_profile profile;
  linnet_credentials *credentials; /* held; NULL: it answers nobody */
  linnet__guard guard;
  linnet__tls_config *servers[LINNET__TLS_MODE_COUNT]; /* of `credentials` as they were at ... */
  uint64_t server_revisions[LINNET__TLS_MODE_COUNT];
  linnet__cookies cookies;
  linnet__map sessions;  /* by peer */
  linnet__session *last; /* that was found; NULL */
  linnet__list order;
  linnet__list live;
  linnet__list handshakes;
  linnet__timer sweep;
  uint8_t *plain; /* what was decrypted last */
  size_t plain_size;
  size_t limits[LINNET__DTLS_LIMIT_COUNT];
  linnet__dtls_counters counters;
  unsigned busy; /* calls that still look at it */
  bool closed;
  bool freed;
};

/* ---- session.c ----------------------------------------------------------------------------------- */

/* Of the map. */
static inline size_t linnet__session_key_length(const linnet_address *peer) {
  return offsetof(linnet_address, bytes) + peer->length;
}

linnet__session *linnet__session_find(linnet__dtls *dtls, const linnet_address *peer);
/* Made if it is new. NULL: no memory, or over the limit; counted. */
linnet__session *linnet__session_get(linnet__dtls *dtls, const linnet_address *peer);
/* Its memory stays between these. */
void linnet__session_hold(linnet__session *session);
void linnet__session_release(linnet__session *session);
/* Takes all that is of it away, without news. */
void linnet__session_drop(linnet__session *session);
/* The same for the one half; the session goes with the last of them. */
void linnet__session_drop_open(linnet__session *session);
void linnet__session_drop_coming(linnet__session *session);
bool linnet__session_is_open(const linnet__session *session);
/* The open association, unpacked if it was at rest. NULL: no memory; then it is lost. */
linnet__association *linnet__session_live(linnet__session *session);
/* Something came or went. */
void linnet__session_touch(linnet__session *session);
void linnet__session_tell(linnet__session *session, const linnet__session_news *news);

/* A handshake of that session from now on; a former one is dropped. NULL: no memory, or over the limit. */
linnet__association *linnet__association_new(linnet__session *session, linnet__tls_config *config,
                                             const linnet__tls_peer *peer);
/* At the end, from now on. */
void linnet__association_stand_in(linnet__list *list, linnet__association *association);
void linnet__association_free(linnet__association *association);
/* The handshake got to its end: it is what is open now. False: no memory for the identity. */
bool linnet__association_promote(linnet__association *association);

/* rest.c: packs the longest quiet if too many are live, and later what is quiet. */
void linnet__session_rest(linnet__dtls *dtls);

#endif

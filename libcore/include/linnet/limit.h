/* SPDX-License-Identifier: Apache-2.0 */
/* limit.h: what a peer can push against, each with a default; set on a client or server. */
#ifndef LINNET_LIMIT_H
#define LINNET_LIMIT_H

#ifdef __cplusplus
extern "C" {
#endif

/* X(constant, value, default, name) */
#define LINNET_LIMIT_MAP(X)                                                                                \
  X(LINNET_LIMIT_BODY_SIZE, 0, 65536, "body-size")  /* bytes of a payload put together from blocks */      \
  X(LINNET_LIMIT_BLOCK_SIZE, 1, 1024, "block-size") /* bytes of a block we send or ask for: 16 to 1024 */  \
  X(LINNET_LIMIT_TRANSFERS, 2, 64, "transfers")     /* block-wise transfers that keep state, all peers */  \
  X(LINNET_LIMIT_RECENT_EXCHANGES, 3, 8, "recent-exchanges") /* answers remembered for a peer (CO-33) */   \
  X(LINNET_LIMIT_PEERS, 4, 1048576, "peers")                 /* addresses that keep state */               \
  X(LINNET_LIMIT_OPEN_REQUESTS, 5, 1024,                                                                   \
    "open-requests") /* requests of a peer not yet answered, both directions */                            \
  X(LINNET_LIMIT_OBSERVATIONS, 6, 1024, "observations") /* client: all servers; server: for each device */ \
  X(LINNET_LIMIT_REGISTRATIONS, 7, 4194304, "registrations") /* server: devices */                         \
  X(LINNET_LIMIT_BOOTSTRAPS, 8, 1024,                                                                      \
    "bootstraps") /* bootstrap server: devices being bootstrapped at a time */                             \
  X(LINNET_LIMIT_STORED_NOTIFICATIONS, 9, 64,                                                              \
    "stored-notifications") /* client: for a server that is away, the oldest goes first (OBS-10) */        \
  X(LINNET_LIMIT_NSTART, 10, 1,                                                                            \
    "nstart") /* messages to a peer that await their ACK at a time (CO-34): 1 to 256 */                    \
  X(LINNET_LIMIT_QUEUED_REQUESTS, 11, 64, "queued-requests") /* server: for a device that sleeps */        \
  X(LINNET_LIMIT_ALL_QUEUED_REQUESTS, 12, 65536, "all-queued-requests") /* server: for all of them */      \
  X(LINNET_LIMIT_DELIVERIES, 13, 3,                                                                        \
    "deliveries") /* server: how often a request goes to a device that falls asleep again (QUE-06) */      \
  X(LINNET_LIMIT_SESSIONS, 14, 1048576, "sessions")  /* DTLS, of a transport; the longest quiet goes */    \
  X(LINNET_LIMIT_HANDSHAKES, 15, 1024, "handshakes") /* DTLS, of a transport, half-open; client: 16 */     \
  X(LINNET_LIMIT_LIVE_SESSIONS, 16, 4096,                                                                  \
    "live-sessions") /* DTLS, of a transport: some 35 kB each; more cost CPU time, as others rest */       \
  X(LINNET_LIMIT_INSTANCES, 17, 1024,                                                                      \
    "instances") /* client: with so many of an object, servers create no more (5.03) */

/** The limits; LINNET_LIMIT_MAP has the defaults. Over a limit is a response code and a counter. */
typedef enum linnet_limit {
#define LINNET_LIMIT_CONSTANT(constant, value, initial, name) constant = (value),
  LINNET_LIMIT_MAP(LINNET_LIMIT_CONSTANT)
#undef LINNET_LIMIT_CONSTANT
} linnet_limit;

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* transport_internal.h: what a transport is made of; only for the files of net. */
#ifndef LINNET_NET_TRANSPORT_INTERNAL_H
#define LINNET_NET_TRANSPORT_INTERNAL_H

#include "net.h"
#include "ring.h"

#define LINNET__TRANSPORT_COUNTERS (LINNET_COUNTER_SEND_DROPPED + 1)

/*
 * What secures a transport, as a stage of it: known by these functions alone, so that a program that secures
 * none does not link how it is done. They are what net.h says of linnet__transport_<name>.
 */
typedef struct linnet__secure linnet__secure;
typedef struct linnet__secure_rules {
  linnet_status (*connect)(linnet__secure *secure, const linnet_address *peer, const linnet__keys *keys,
                           const char *host, size_t host_length, const linnet__packed *former);
  linnet_status (*check_keys)(const linnet__secure *secure, const linnet__keys *keys);
  bool (*reaches)(const linnet__secure *secure, const char *endpoint, size_t length);
  linnet_status (*connect_device)(linnet__secure *secure, const linnet_address *peer, const char *endpoint,
                                  size_t length);
  linnet_status (*accept)(linnet__secure *secure, const linnet__keys *keys, const char *host,
                          size_t host_length, const char *name);
  void (*disconnect)(linnet__secure *secure, const linnet_address *peer);
  const linnet__identity *(*identity)(const linnet__secure *secure, const linnet_address *peer);
  uint64_t (*identity_hash)(const linnet__secure *secure, const linnet_address *peer);
  bool (*allows)(const linnet__secure *secure, const linnet_address *peer, const char *endpoint,
                 size_t length);
  linnet_status (*save)(const linnet__secure *secure, const linnet_address *peer, linnet__buffer *out);
  uint64_t (*tickets)(const linnet__secure *secure);
  void (*save_tickets)(const linnet__secure *secure, linnet__buffer *out);
  linnet_status (*restore_tickets)(linnet__secure *secure, const void *data, size_t length);
  void (*set_limit)(linnet__secure *secure, linnet__dtls_limit limit, size_t value);
  const linnet__dtls_counters *(*counters)(const linnet__secure *secure);
} linnet__secure_rules;
struct linnet__secure {
  linnet__stage stage;
  const linnet__secure_rules *rules;
};

struct linnet_transport {
  linnet__handle handle;
  linnet_transport_kind kind;
  linnet__receiver *receiver;
  linnet__stage *top;     /* the stage next to the receiver; NULL: there is none */
  linnet__stage *bottom;  /* the stage next to the queues */
  linnet__secure *secure; /* one of the stages, or NULL */
  uint8_t *draft;         /* with stages: a reservation that goes through them when it is committed */
  size_t draft_size;
  linnet__ring incoming;
  linnet__ring outgoing;
  linnet__task task; /* delivers what came in */
  linnet__timing timing;
  size_t mtu;
  size_t block_room; /* what a block should fit in, above the lowest stage; 0: what a message fits in */
  linnet_address local;
  uint64_t counts[LINNET__TRANSPORT_COUNTERS];
  size_t largest;        /* datagram, either way */
  linnet__list asked;    /* look-ups that nobody has taken */
  linnet__list taken;    /* look-ups that somebody works on */
  linnet__list answered; /* look-ups whose answer waits for the next step */
};

/* transport.c: CLOSED, with the words: which call it is too late for. */
linnet_status linnet__transport_too_late(const linnet_transport *transport, const char *call);

/* pipeline.c: the work of the task. */
void linnet__pipeline_run(linnet__task *task);

/* pipeline.c: the stages are told, or go. */
void linnet__stages_close(linnet_transport *transport);
void linnet__stages_destroy(linnet_transport *transport);

/* transport.c: the MTU or the stages changed. */
void linnet__transport_fit_messages(linnet_transport *transport);

/* lookup.c: tells the eldest answer that is known; false if there was none. */
bool linnet__lookup_tell(linnet_transport *transport);
/* lookup.c: nobody will answer any more: the answer to all is no. */
void linnet__lookups_give_up(linnet_transport *transport);

#endif

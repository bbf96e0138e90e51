/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net.h: transports as the CoAP layer sees them.
 *
 * One receiver attaches to a transport; datagrams come to it inside a step, through the stages of the
 * transport (framing of SMS, DTLS), if it has any.
 */
#ifndef LINNET_NET_NET_H
#define LINNET_NET_NET_H

#include <linnet/address.h>
#include <linnet/transport.h>

#include "../base/base.h"
#include "../data/data.h"
#include "../dtls/dtls.h"

/* Timing that a transport asks of CoAP (RFC 7252 4.8, SMS-02, SMS-16). Times in milliseconds. */
typedef struct linnet__timing {
  uint32_t ack_timeout_ms;
  uint32_t ack_random_percent;  /* ACK_RANDOM_FACTOR * 100 */
  uint32_t max_retransmit;      /* 0: a CON is sent once */
  uint32_t response_timeout_ms; /* MAX_TRANSMIT_WAIT, or 300 s for SMS */
  uint32_t exchange_lifetime_ms;
  uint32_t non_lifetime_ms;
  uint32_t max_message;   /* bytes of a CoAP message */
  uint8_t block_exponent; /* largest SZX that fits in max_message */
} linnet__timing;

/* How far the secured packets to and from a number are, and with which keys (SMS-42). */
typedef struct linnet__counters {
  linnet_address peer;
  uint64_t keys; /* a hash of them; 0: there are none any more */
  uint64_t sent;
  uint64_t accepted;
} linnet__counters;

typedef struct linnet__receiver linnet__receiver;
struct linnet__receiver {
  /* A datagram; a view during the call. The receiver may close the transport or detach. */
  void (*received)(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer,
                   const uint8_t *data, size_t length);
  /* CO-39. */
  void (*unreachable)(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer);
  /* Before the transport closes; it is detached already. */
  void (*closed)(linnet__receiver *receiver, linnet_transport *transport);
  /* A secure transport: what became of a session. May close it. NULL: nobody wants to know. */
  void (*session)(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer,
                  const linnet__session_news *news);
  /* Secured packets: counters have grown, and are to be kept before anything leaves. Calls nothing. NULL:
   * nobody keeps them. */
  void (*counted)(linnet__receiver *receiver, linnet_transport *transport, const linnet__counters *counters);
  /* SMS: may anything of that number be of interest? It must change nothing. NULL: of anybody. */
  bool (*knows)(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer);
};

/* LINNET_ERROR_WRONG_STATE: another one is attached. Does not hold a reference in either direction. */
linnet_status linnet__transport_attach(linnet_transport *transport, linnet__receiver *receiver);
void linnet__transport_detach(linnet_transport *transport, linnet__receiver *receiver);

/*
 * Room for a datagram of up to `size` bytes, at the end of the send queue if there is no stage: written in
 * place, then committed with its true length (or 0 to give it up). NULL: queue full (counted), closed, or
 * larger than linnet__transport_room. Nothing else may be called on the transport in between. A commit fails
 * as a stage does, if there is one.
 */
uint8_t *linnet__transport_reserve(linnet_transport *transport, size_t size);
linnet_status linnet__transport_commit(linnet_transport *transport, const linnet_address *peer,
                                       size_t length);
/* The same from bytes that are there already. */
linnet_status linnet__transport_send(linnet_transport *transport, const linnet_address *peer,
                                     const void *data, size_t length);

/* The largest datagram that its receiver can send: the MTU, less what the stages take of it. */
size_t linnet__transport_room(const linnet_transport *transport);

/* Bytes of the largest datagram, either way, since the transport was made or this was forgotten. */
size_t linnet__transport_largest(const linnet_transport *transport);
void linnet__transport_forget_largest(linnet_transport *transport);

/* ---- stages -------------------------------------------------------------------------------------- */

/*
 * A stage lies between the queues of a transport and its receiver, and makes something else of the bytes on
 * their way: DTLS, the framing of SMS. It begins the structure of whoever made it, belongs to the transport
 * once it is added, and is called from within a step, but for send and closed.
 */
typedef struct linnet__stage linnet__stage;
typedef struct linnet__stage_rules {
  /* A datagram from below; a view during the call. What it makes of it rises, now or later. */
  void (*received)(linnet__stage *stage, const linnet_address *peer, const uint8_t *data, size_t length);
  /* A datagram from above, that fits. What it makes of it sinks, now or later. */
  linnet_status (*send)(linnet__stage *stage, const linnet_address *peer, const uint8_t *data, size_t length);
  /* CO-39; linnet__stage_tell_unreachable passes it on. NULL: that is what is done. */
  void (*unreachable)(linnet__stage *stage, const linnet_address *peer);
  /* The largest datagram that it takes from above, where below there is room for `below` bytes. */
  size_t (*room)(const linnet__stage *stage, size_t below);
  /* The transport closes, maybe in a call from this stage: timers stop; the memory stays. */
  void (*closed)(linnet__stage *stage);
  /* The transport goes, some time after it was closed: the memory too. */
  void (*destroy)(linnet__stage *stage);
  /* linnet_transport_set_secured_keys. NULL: it has nothing to do with secured packets. */
  linnet_status (*set_keys)(linnet__stage *stage, const linnet_address *peer, const void *parameters,
                            size_t parameters_length, const void *keys, size_t keys_length);
  /* linnet__transport_next_counters and linnet__transport_restore_counters, where there is set_keys. */
  const linnet__counters *(*next_counters)(const linnet__stage *stage, size_t *position);
  linnet_status (*restore_counters)(linnet__stage *stage, const linnet__counters *counters);
} linnet__stage_rules;
struct linnet__stage {
  const linnet__stage_rules *rules;
  linnet_transport *transport; /* not held */
  linnet__stage *above;        /* NULL: the receiver */
  linnet__stage *below;        /* NULL: the queues */
};

/*
 * Puts a stage on top of those that are there, before a receiver is attached and anything is sent. CLOSED,
 * WRONG_STATE: there is a receiver already; OUT_OF_RANGE: no room is left. Then it stays the caller's.
 */
linnet_status linnet__transport_add_stage(linnet_transport *transport, linnet__stage *stage);
/* To the stage above or the receiver, which may close the transport. */
void linnet__stage_rise(linnet__stage *stage, const linnet_address *peer, const uint8_t *data, size_t length);
void linnet__stage_tell_unreachable(linnet__stage *stage, const linnet_address *peer);
/* To the stage below or the queue. CLOSED, TOO_LARGE, LIMIT_REACHED: the queue is full, counted. */
linnet_status linnet__stage_sink(linnet__stage *stage, const linnet_address *peer, const void *data,
                                 size_t length);
/* To linnet__receiver.counted. */
void linnet__stage_tell_counters(linnet__stage *stage, const linnet__counters *counters);
/* By linnet__receiver.knows; true where there is no receiver yet. */
bool linnet__stage_is_known(const linnet__stage *stage, const linnet_address *peer);
/* The largest datagram that may sink from it. */
size_t linnet__stage_room_below(const linnet__stage *stage);

/* ---- security ------------------------------------------------------------------------------------ */

/*
 * As linnet__dtls_connect, for a secure transport: the receiver hears of the session in a later step. `host`
 * as in a URI. WRONG_STATE: the transport is not secure.
 */
linnet_status linnet__transport_connect(linnet_transport *transport, const linnet_address *peer,
                                        linnet_credentials *credentials, const char *host, size_t host_length,
                                        const linnet__packed *former);
/* The same with keys as they are in object 0. MALFORMED: they cannot be used, and the loop has the words. */
linnet_status linnet__transport_connect_keys(linnet_transport *transport, const linnet_address *peer,
                                             const linnet__keys *keys, const char *host, size_t host_length,
                                             const linnet__packed *former);
/* As linnet__credentials_fill. OK of a transport that is not secure: nobody can tell. */
linnet_status linnet__transport_check_keys(const linnet_transport *transport, const linnet__keys *keys);
/* The same with a device that the credentials of the transport reach (BS-04). NOT_FOUND: they do not. */
linnet_status linnet__transport_connect_device(linnet_transport *transport, const linnet_address *peer,
                                               const char *endpoint, size_t length);
/* Could it? O(n) in the credentials. */
bool linnet__transport_reaches(const linnet_transport *transport, const char *endpoint, size_t length);
/*
 * As linnet__dtls_accept, where the transport was given no credentials of its own: with keys as they are in
 * object 0 (NULL: nobody is let in), of a server with that host in its URI, which knows us by that name.
 * Nothing of a transport that is not secure. MALFORMED: nobody is let in, as they cannot be used.
 */
linnet_status linnet__transport_accept(linnet_transport *transport, const linnet__keys *keys,
                                       const char *host, size_t host_length, const char *name);
/* Says good-bye to a peer and forgets it, if the transport is secure. No news. */
void linnet__transport_disconnect(linnet_transport *transport, const linnet_address *peer);
/* Who the peer is; NULL: there is no session, or the transport is not secure. Lives as long as the session.
 */
const linnet__identity *linnet__transport_identity(const linnet_transport *transport,
                                                   const linnet_address *peer);
/* `transport` may be NULL. Tells one sender from another, whatever its address: 0 where nothing is secured,
 * the hash of the identity (odd) where there is a session, and else what is neither. */
#define LINNET__SENDER_NOBODY UINT64_C(2)
uint64_t linnet__transport_sender(const linnet_transport *transport, const linnet_address *peer);
/* SEC-05: may the peer call itself so? Anybody may where nothing is secured. */
bool linnet__transport_allows(const linnet_transport *transport, const linnet_address *peer,
                              const char *endpoint, size_t length);
/* As linnet__dtls_save. */
linnet_status linnet__transport_save_session(linnet_transport *transport, const linnet_address *peer,
                                             linnet__buffer *out);
/* As linnet__dtls_tickets and its like: 0 of a transport that is not secure, which takes none. */
uint64_t linnet__transport_tickets(const linnet_transport *transport);
void linnet__transport_save_tickets(const linnet_transport *transport, linnet__buffer *out);
linnet_status linnet__transport_restore_tickets(linnet_transport *transport, const void *data, size_t length);
void linnet__transport_set_session_limit(linnet_transport *transport, linnet__dtls_limit limit, size_t value);
/* NULL: the transport is not secure. */
const linnet__dtls_counters *linnet__transport_sessions(const linnet_transport *transport);

/* The counters of secured packets, one number after the other from *position = 0 on; NULL: the end. */
const linnet__counters *linnet__transport_next_counters(const linnet_transport *transport, size_t *position);
/* As they were before a restart: they count for a number as soon as it has the same keys. WRONG_STATE: there
 * are no secured packets; LIMIT_REACHED, NO_MEMORY. */
linnet_status linnet__transport_restore_counters(linnet_transport *transport,
                                                 const linnet__counters *counters);

/* ---- timing -------------------------------------------------------------------------------------- */

const linnet__timing *linnet__transport_timing(const linnet_transport *transport);
/* For tests and slow radios: replaces the timing. */
void linnet__transport_set_timing(linnet_transport *transport, const linnet__timing *timing);

/* A host name on its way to an address. Owned by whoever asks; zeroed is idle. */
typedef struct linnet__lookup linnet__lookup;
struct linnet__lookup {
  linnet__list node;
  char *name;                  /* "host:port"; NULL: idle */
  linnet_transport *transport; /* holds a reference meanwhile */
  linnet_address address;      /* the answer, on its way to the step that tells it */
  /* In a step; idle again by then. NULL: no such host, or the transport was closed. */
  void (*found)(linnet__lookup *lookup, const linnet_address *address);
};
/* Addresses are answered without asking anybody. `found` is set before; it is called or cancelled once. */
linnet_status linnet__transport_lookup(linnet_transport *transport, linnet__lookup *lookup, const char *host,
                                       size_t host_length, uint16_t port);
void linnet__lookup_cancel(linnet__lookup *lookup);

/* The parts of "coap://host:port", "coaps://[::1]": views into `text`. A missing port is the default. */
typedef struct linnet__uri {
  const char *scheme;
  size_t scheme_length;
  const char *host; /* without brackets */
  size_t host_length;
  uint16_t port;
  bool secure;
} linnet__uri;
/* INVALID_ARGUMENT: not of the form scheme://host[:port][/], or another scheme than coap, coaps. */
linnet_status linnet__uri_parse(linnet__uri *uri, const char *text);
/* Room for the longest URI of a server (/0/x/0) with its terminator. */
#define LINNET__URI_SIZE 256
/* "sms:+15550100" or "tel:+15550100": a server that is reached by SMS alone (SMS-14). */
bool linnet__uri_is_number(const char *uri);
/* NULL, or what is wrong with a URI (not terminated) that is to be a secure one, or not. A number
 * ("sms:+15550100") has no scheme that says so (SMS-14). */
const char *linnet__uri_fault(const char *uri, size_t length, bool secure);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net.h: transports as the CoAP layer sees them.
 *
 * One receiver attaches to a transport; datagrams come to it inside a step, through the pipeline of the
 * transport (plain today; DTLS and SMS framing are stages of it).
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

typedef struct linnet__receiver linnet__receiver;
struct linnet__receiver {
  /* A datagram; a view during the call. The receiver may close the transport or detach. */
  void (*received)(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer,
                   const uint8_t *data, size_t length);
  /* CO-39. */
  void (*unreachable)(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer);
  /* Before the transport closes; it is detached already. */
  void (*closed)(linnet__receiver *receiver, linnet_transport *transport);
};

/* LINNET_ERROR_WRONG_STATE: another one is attached. Does not hold a reference in either direction. */
linnet_status linnet__transport_attach(linnet_transport *transport, linnet__receiver *receiver);
void linnet__transport_detach(linnet_transport *transport, linnet__receiver *receiver);

/*
 * Room for a datagram of up to `size` bytes at the end of the send queue: written in place, then committed
 * with its true length (or 0 to give it up). NULL: queue full (counted), closed, or larger than the MTU.
 * Nothing else may be called on the transport in between.
 */
uint8_t *linnet__transport_reserve(linnet_transport *transport, size_t size);
void linnet__transport_commit(linnet_transport *transport, const linnet_address *peer, size_t length);
/* The same from bytes that are there already. */
linnet_status linnet__transport_send(linnet_transport *transport, const linnet_address *peer,
                                     const void *data, size_t length);

/* Bytes of the largest datagram, either way, since the transport was made or this was forgotten. */
size_t linnet__transport_largest(const linnet_transport *transport);
void linnet__transport_forget_largest(linnet_transport *transport);

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

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport.h: datagrams in, datagrams out, names to look up.
 *
 * A transport does no I/O: a driver, a simulated world or a script moves the datagrams.
 */
#ifndef LINNET_TRANSPORT_H
#define LINNET_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/address.h>
#include <linnet/export.h>
#include <linnet/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct linnet_transport linnet_transport;

/** What carries the datagrams; decides timing (RFC 7252 4.8, SMS-16) and MTU. */
typedef enum linnet_transport_kind {
  LINNET_TRANSPORT_UDP = 1, /**< scheme "coap" */
  LINNET_TRANSPORT_SMS = 2  /**< scheme "sms": no retransmission, long time-outs */
} linnet_transport_kind;

/**
 * A view of a datagram to send; lives until the next step of its loop or the next call on the transport other
 * than linnet_transport_next, so that several can be taken and sent together.
 */
typedef struct linnet_datagram {
  linnet_address peer;
  const uint8_t *data;
  size_t length;
} linnet_datagram;

/** One reference; NULL: no memory or unknown kind. Holds the loop. */
LINNET_API linnet_transport *linnet_transport_new(linnet_loop *loop, linnet_transport_kind kind);
LINNET_API linnet_transport *linnet_transport_ref(linnet_transport *transport);
LINNET_API void linnet_transport_unref(linnet_transport *transport);
LINNET_API linnet_loop *linnet_transport_loop(const linnet_transport *transport);
LINNET_API linnet_transport_kind linnet_transport_get_kind(const linnet_transport *transport);

/** Stops sending and receiving; what waits is dropped. Idempotent. */
LINNET_API void linnet_transport_close(linnet_transport *transport);
/** For whoever moves the datagrams: true once there is nothing to move any more. */
LINNET_API bool linnet_transport_is_closed(const linnet_transport *transport);

/**
 * Queues a copy of a received datagram for the next step. LINNET_ERROR_LIMIT_REACHED when the queue is
 * full and LINNET_ERROR_TOO_LARGE above the size limit: the datagram is dropped and counted.
 */
LINNET_API linnet_status linnet_transport_receive(linnet_transport *transport, const linnet_address *peer,
                                                  const void *data, size_t length);

/** Takes the next datagram to send; false when there is none, or while changes wait to be stored (store.h).
 */
LINNET_API bool linnet_transport_next(linnet_transport *transport, linnet_datagram *out);

/** Tells that a datagram to `peer` could not be delivered (ICMP port unreachable, CO-39): a hint. */
LINNET_API linnet_status linnet_transport_unreachable(linnet_transport *transport,
                                                      const linnet_address *peer);

/**
 * Takes the next host name to look up, as "host:port" ("[...]" never appears); NULL when there is
 * none. Lives until the next call on the transport.
 */
LINNET_API const char *linnet_transport_next_lookup(linnet_transport *transport);
/** Answers every open look-up of `name` ("host:port"). `address` NULL: there is no such host. */
LINNET_API linnet_status linnet_transport_answer_lookup(linnet_transport *transport, const char *name,
                                                        const linnet_address *address);

/** Where the transport can be reached, as text for people and events ("coap://127.0.0.1:5683"). */
LINNET_API linnet_status linnet_transport_set_local(linnet_transport *transport, const linnet_address *local);
LINNET_API const linnet_address *linnet_transport_local(const linnet_transport *transport);

/** Largest datagram, in bytes, 64 to 65507. Default 1280 for UDP (CoAP 1152 and room), 140 for SMS. */
LINNET_API linnet_status linnet_transport_set_mtu(linnet_transport *transport, size_t mtu);
LINNET_API size_t linnet_transport_mtu(const linnet_transport *transport);

/** Bytes that may wait in each direction; default 4 MiB. */
LINNET_API linnet_status linnet_transport_set_queue_limit(linnet_transport *transport, size_t bytes);

/** Counters since the transport was made. */
typedef enum linnet_transport_counter {
  LINNET_COUNTER_RECEIVED = 0,   /**< datagrams */
  LINNET_COUNTER_RECEIVED_BYTES, /**< their bytes */
  LINNET_COUNTER_RECEIVE_DROPPED,
  LINNET_COUNTER_SENT, /**< handed out by linnet_transport_next */
  LINNET_COUNTER_SENT_BYTES,
  LINNET_COUNTER_SEND_DROPPED
} linnet_transport_counter;

LINNET_API uint64_t linnet_transport_count(const linnet_transport *transport,
                                           linnet_transport_counter counter);

#ifdef __cplusplus
}
#endif

#endif

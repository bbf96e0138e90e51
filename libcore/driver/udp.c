/* SPDX-License-Identifier: Apache-2.0 */
/* udp.c: datagrams between sockets and transports, many with each call (docs/architecture.md, section 6). */
#include <time.h> /* for linux/errqueue.h */

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>

#include "driver_internal.h"

#define FIRST_SLOTS 4
#define LARGEST_BUFFERS (256u << 10)
#define ERRORS_A_TURN 64
/* A peer that waits for each answer sends one datagram at a time. After so many in a row one is asked for
 * with the call that costs the kernel least, and the wait tells if there are more; after so many of those all
 * are again. */
#define SINGLES 4
#define SINGLES_A_LOOK 16
/* What is longer may not fit in a packet of the path, and then must not be part of a run. */
#define LONGEST_SEGMENT 1200

void linnet__udp_free_batch(linnet__batch *batch) {
  free(batch->headers);
  free(batch->vectors);
  free(batch->peers);
  free(batch->datagrams);
  free(batch->segments);
  free(batch->buffers);
  memset(batch, 0, sizeof *batch);
}

static bool resize(void **array, size_t count, size_t size) {
  void *moved = realloc(*array, count * size);
  if (moved == NULL) return false;
  *array = moved;
  return true;
}

static bool set_slots(linnet__batch *batch, size_t slots) {
  void *arrays[] = {batch->headers, batch->vectors, batch->peers, batch->datagrams, batch->segments};
  static const size_t sizes[] = {sizeof *batch->headers, sizeof *batch->vectors, sizeof *batch->peers,
                                 sizeof *batch->datagrams, sizeof *batch->segments};
  bool done = true;
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    done = resize(&arrays[i], slots, sizes[i]) && done;
  batch->headers = arrays[0];
  batch->vectors = arrays[1];
  batch->peers = arrays[2];
  batch->datagrams = arrays[3];
  batch->segments = arrays[4];
  if (done) batch->slots = slots;
  return done;
}

static bool any_slots(linnet__batch *batch) { return batch->slots > 0 || set_slots(batch, FIRST_SLOTS); }

/* After a batch that was full. Without memory it stays as it is. */
static void more_slots(linnet__batch *batch) {
  if (batch->slots < LINNET__BATCH) set_slots(batch, batch->slots * 4);
}

/* How many buffers of `size` bytes there are now for receiving; 0: no memory. */
static size_t buffers_of(linnet__batch *batch, size_t size) {
  if (!any_slots(batch)) return 0;
  size_t count = LARGEST_BUFFERS / size;
  if (count > batch->slots) count = batch->slots;
  if (count * size > batch->buffers_size) {
    void *buffers = batch->buffers;
    if (!resize(&buffers, count, size)) return 0;
    batch->buffers = buffers;
    batch->buffers_size = count * size;
  }
  return count;
}

static void set_header(linnet__batch *batch, size_t header, size_t first, size_t count) {
  batch->headers[header].msg_hdr = (struct msghdr){.msg_name = &batch->peers[first],
                                                   .msg_namelen = sizeof batch->peers[first],
                                                   .msg_iov = &batch->vectors[first],
                                                   .msg_iovlen = count};
}

/* CO-39: of what the network reports, only "nobody listens there" is worth telling. */
static void tell_error(linnet__socket *socket, struct msghdr *message, const linnet__socket_address *peer) {
  for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
    struct sock_extended_err error;
    linnet_address address;
    bool v4 = part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR;
    bool v6 = part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR;
    if (!v4 && !v6) continue;
    memcpy(&error, CMSG_DATA(part), sizeof error);
    if (error.ee_errno == ECONNREFUSED && linnet__peer_from_socket(&address, peer))
      linnet_transport_unreachable(socket->transport, &address);
  }
}

/* Also makes the kernel forget the error that it would give to the next call on the socket. */
static void read_errors(linnet__socket *socket) {
  socket->watch.failed = false;
  for (unsigned i = 0; i < ERRORS_A_TURN; i++) {
    linnet__socket_address peer;
    union {
      struct cmsghdr align;
      char bytes[512];
    } control;
    struct msghdr message = {.msg_name = &peer,
                             .msg_namelen = sizeof peer,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    if (recvmsg(socket->watch.descriptor, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    tell_error(socket, &message, &peer);
  }
}

static void hand_over(const linnet__batch *batch, linnet__socket *socket, size_t i, const uint8_t *data,
                      size_t length) {
  linnet_address peer;
  if (linnet__peer_from_socket(&peer, &batch->peers[i]))
    linnet_transport_receive(socket->transport, &peer, data, length);
}

/* Up to `count`, of up to `size` bytes each; how many there were, or -1 and errno. */
static int receive_batch(linnet__batch *batch, linnet__socket *socket, size_t count, size_t size) {
  for (size_t i = 0; i < count; i++) {
    batch->vectors[i] = (struct iovec){batch->buffers + i * size, size};
    set_header(batch, i, i, 1);
  }
  int got = recvmmsg(socket->watch.descriptor, batch->headers, (unsigned)count, MSG_DONTWAIT, NULL);
  for (int i = 0; i < got; i++)
    hand_over(batch, socket, (size_t)i, batch->buffers + (size_t)i * size, batch->headers[i].msg_len);
  socket->singles = got == 1 ? socket->singles + 1 : 0;
  return got;
}

static int receive_one(linnet__batch *batch, linnet__socket *socket, size_t size) {
  socklen_t length = sizeof batch->peers[0];
  ssize_t got =
      recvfrom(socket->watch.descriptor, batch->buffers, size, MSG_DONTWAIT, &batch->peers[0].any, &length);
  if (got < 0) return -1;
  hand_over(batch, socket, 0, batch->buffers, (size_t)got);
  socket->singles = socket->singles < SINGLES + SINGLES_A_LOOK ? socket->singles + 1 : SINGLES - 1;
  return 1;
}

void linnet__udp_receive(linnet_driver *driver, linnet__socket *socket) {
  linnet__batch *batch = &driver->batch;
  /* One byte more than a datagram may have shows what is too long, and the transport counts it. */
  size_t size = linnet_transport_mtu(socket->transport) + 1;
  if (socket->watch.failed) read_errors(socket);
  if (!socket->watch.readable) return;
  size_t count = buffers_of(batch, size);
  if (count == 0) {
    socket->watch.readable = false;
    return;
  }
  if (socket->singles >= SINGLES) count = 0;
  int got = count > 0 ? receive_batch(batch, socket, count, size) : receive_one(batch, socket, size);
  if (got < 0) {
    socket->watch.readable = errno != EAGAIN && errno != EWOULDBLOCK;
    if (socket->watch.readable) read_errors(socket); /* what it reported was about a datagram sent earlier */
    return;
  }
  socket->watch.readable = (size_t)got == count;
  if (socket->watch.readable) more_slots(batch);
}

/* Nothing else than what the socket can reach ever gets there. */
static bool set_slot(linnet__batch *batch, size_t i, const linnet__socket *socket) {
  const linnet_datagram *datagram = &batch->datagrams[i];
  batch->vectors[i] = (struct iovec){(void *)(uintptr_t)datagram->data, datagram->length};
  return linnet__peer_to_socket(&batch->peers[i], &datagram->peer, socket->reach) > 0;
}

/* Fills the slots; what cannot be reached is dropped. */
static size_t take(linnet__batch *batch, linnet__socket *socket) {
  size_t count = 0;
  while (count < batch->slots && linnet_transport_next(socket->transport, &batch->datagrams[count]))
    if (set_slot(batch, count, socket)) count++;
  return count;
}

/* How many, up to `end`, go together: to one peer, all of one length, of which the last may fall short. */
static size_t run_of(const linnet__batch *batch, size_t first, size_t end) {
  const linnet_datagram *datagrams = batch->datagrams;
  size_t next = first + 1, length = datagrams[first].length;
  if (length > LONGEST_SEGMENT) return 1;
  for (; next < end && datagrams[next - 1].length == length; next++)
    if (datagrams[next].length > length || datagrams[next].length == 0 ||
        !linnet_address_equal(&datagrams[first].peer, &datagrams[next].peer))
      break;
  return next - first;
}

/* One message for a run, with the length at which the kernel cuts it. */
static void set_run(linnet__batch *batch, size_t header, size_t first, size_t count) {
  struct msghdr *message = &batch->headers[header].msg_hdr;
  set_header(batch, header, first, count);
  message->msg_namelen =
      batch->peers[first].any.sa_family == AF_INET ? sizeof batch->peers->v4 : sizeof batch->peers->v6;
  if (count == 1) return;
  uint16_t length = (uint16_t)batch->datagrams[first].length;
  message->msg_control = &batch->segments[header];
  message->msg_controllen = sizeof batch->segments[header].bytes;
  struct cmsghdr *part = CMSG_FIRSTHDR(message);
  *part = (struct cmsghdr){
      .cmsg_level = IPPROTO_UDP, .cmsg_type = UDP_SEGMENT, .cmsg_len = CMSG_LEN(sizeof length)};
  memcpy(CMSG_DATA(part), &length, sizeof length);
}

static ssize_t send_one(linnet__batch *batch, int descriptor, size_t slot) {
  set_run(batch, 0, slot, 1);
  const struct msghdr *message = &batch->headers[0].msg_hdr;
  ssize_t sent = sendto(descriptor, batch->vectors[slot].iov_base, batch->vectors[slot].iov_len, MSG_DONTWAIT,
                        &batch->peers[slot].any, message->msg_namelen);
  return sent < 0 ? -1 : 1;
}

/* Sends from `first` on, in runs up to `longest`; how many of the datagrams were sent, or -1 and errno. */
static ssize_t send_runs(linnet__batch *batch, int descriptor, size_t first, size_t count, size_t longest) {
  size_t headers = 0;
  if (count - first == 1) return send_one(batch, descriptor, first);
  for (size_t next = first; next < count; headers++) {
    size_t run = run_of(batch, next, count - next < longest ? count : next + longest);
    set_run(batch, headers, next, run);
    next += run;
  }
  int sent = sendmmsg(descriptor, batch->headers, (unsigned)headers, MSG_DONTWAIT);
  if (sent < 0) return -1;
  size_t datagrams = 0;
  for (int i = 0; i < sent; i++) datagrams += batch->headers[i].msg_hdr.msg_iovlen;
  return (ssize_t)datagrams;
}

/*
 * Returns how many are done with: sent, or refused by the kernel (too long, no route, a packet filter). An
 * error may also be an old one, about another datagram: hence the second try. A run that is refused goes
 * once more piece by piece; EIO: there are devices that cannot cut any.
 */
static size_t send_batch(linnet__batch *batch, linnet__socket *socket, size_t count) {
  size_t done = 0, longest = socket->segments ? batch->slots : 1;
  bool tried = false;
  while (done < count) {
    ssize_t sent = send_runs(batch, socket->watch.descriptor, done, count, longest);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (sent > 0) {
      done += (size_t)sent;
    } else if (!tried) {
      read_errors(socket);
      tried = true;
      continue;
    } else if (batch->headers[0].msg_hdr.msg_iovlen > 1) {
      socket->segments = errno != EIO;
      longest = 1;
    } else {
      done++;
    }
    tried = false;
  }
  return done;
}

static void block(linnet_driver *driver, linnet__socket *socket) {
  socket->watch.blocked = true;
  linnet__wait_change(driver, &socket->watch);
}

/* The views end with the next step, so the kernel's want of room is bridged with copies. */
static void keep(linnet__batch *batch, linnet__socket *socket, size_t begin, size_t end) {
  linnet__kept **last = &socket->kept;
  while (*last != NULL) last = &(*last)->next;
  for (size_t i = begin; i < end; i++) {
    const linnet_datagram *datagram = &batch->datagrams[i];
    linnet__kept *kept = malloc(sizeof *kept + datagram->length);
    if (kept == NULL) continue;
    kept->next = NULL;
    kept->peer = datagram->peer;
    kept->length = datagram->length;
    memcpy(kept->data, datagram->data, datagram->length);
    *last = kept;
    last = &kept->next;
  }
}

/* False if there is still no room. */
static bool send_kept(linnet__batch *batch, linnet__socket *socket) {
  while (socket->kept != NULL) {
    linnet__kept *kept = socket->kept;
    batch->datagrams[0] = (linnet_datagram){.peer = kept->peer, .data = kept->data, .length = kept->length};
    set_slot(batch, 0, socket);
    if (send_batch(batch, socket, 1) == 0) return false;
    socket->kept = kept->next;
    free(kept);
  }
  return true;
}

void linnet__udp_send(linnet_driver *driver, linnet__socket *socket) {
  linnet__batch *batch = &driver->batch;
  if (socket->watch.blocked || !any_slots(batch)) return;
  if (!send_kept(batch, socket)) {
    block(driver, socket);
    return;
  }
  for (;;) {
    size_t count = take(batch, socket);
    if (count == 0) {
      socket->watch.readable = false;
      return;
    }
    size_t done = send_batch(batch, socket, count);
    if (done < count) {
      keep(batch, socket, done, count);
      block(driver, socket);
      return;
    }
    if (count < batch->slots) return;
    more_slots(batch);
  }
}

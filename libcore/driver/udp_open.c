/* SPDX-License-Identifier: Apache-2.0 */
/* udp_open.c: UDP sockets, IPv4 and IPv6 (driver.h). */
#include <errno.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver_internal.h"

#define RECEIVE_BUFFER (4 << 20)

static void set_option(int descriptor, int level, int option, int value) {
  /* Each of them is a help that the socket can do without. */
  (void)setsockopt(descriptor, level, option, &value, sizeof value);
}

/* Ten thousand clients that wake at once fit in here; only the privileged may go beyond net.core.rmem_max. */
static void enlarge_buffer(int descriptor) {
  int size = RECEIVE_BUFFER;
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    set_option(descriptor, SOL_SOCKET, SO_RCVBUF, size);
}

/* Linux 4.18 and later; where it is unknown, it would be ignored and the run arrive as one datagram. */
static bool can_segment(int descriptor) {
  int size = 0;
  socklen_t length = sizeof size;
  return getsockopt(descriptor, IPPROTO_UDP, UDP_SEGMENT, &size, &length) == 0;
}

/* IPv6 without an address hears IPv4 as well. */
static linnet__reach reach_of(const linnet_address *local) {
  static const uint8_t unspecified[16] = {0};
  if (local->kind == LINNET_ADDRESS_IPV4) return LINNET__REACH_IPV4;
  return memcmp(local->bytes, unspecified, sizeof unspecified) == 0 ? LINNET__REACH_BOTH : LINNET__REACH_IPV6;
}

/* A descriptor, or -1 and errno. */
static int open_descriptor(const linnet_address *local, linnet__reach reach) {
  linnet__socket_address address;
  socklen_t length = linnet__peer_to_socket(&address, local, reach);
  int descriptor = socket(address.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  if (reach != LINNET__REACH_IPV4) {
    set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, reach == LINNET__REACH_IPV6);
    set_option(descriptor, IPPROTO_IPV6, IPV6_RECVERR, 1);
  }
  if (reach != LINNET__REACH_IPV6) set_option(descriptor, IPPROTO_IP, IP_RECVERR, 1);
  enlarge_buffer(descriptor);
  if (bind(descriptor, &address.any, length) == 0) return descriptor;
  int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

static linnet_status cannot_listen(linnet_loop *loop, const linnet_address *local, int error) {
  char address[LINNET_ADDRESS_TEXT_SIZE], text[LINNET_ADDRESS_TEXT_SIZE + 40];
  if (error == EACCES) {
    snprintf(text, sizeof text, "no permission to listen on port %u", (unsigned)linnet_address_port(local));
    return linnet_loop_fail(loop, LINNET_ERROR_SYSTEM, text);
  }
  snprintf(text, sizeof text, "cannot listen on %s", linnet_address_text(local, address));
  return linnet__driver_fail(loop, text, error);
}

/* Where to listen; without a wish on all addresses and any port. */
static linnet_status find_local(linnet_loop *loop, const char *wish, linnet_address *local) {
  if (wish != NULL) return linnet__resolve(loop, wish, LINNET__REACH_BOTH, local);
  linnet_address_parse(local, "[::]:0");
  int descriptor = open_descriptor(local, LINNET__REACH_BOTH);
  if (descriptor >= 0) {
    close(descriptor);
  } else {
    linnet_address_parse(local, "0.0.0.0:0");
  }
  return LINNET_OK;
}

/* With the port that the system picked. */
static void tell_local(linnet_transport *transport, int descriptor) {
  linnet__socket_address bound;
  socklen_t length = sizeof bound;
  linnet_address address;
  if (getsockname(descriptor, &bound.any, &length) == 0 && linnet__peer_from_socket(&address, &bound))
    linnet_transport_set_local(transport, &address);
}

linnet_status linnet__udp_open(linnet_driver *driver, linnet_transport *transport, const char *wish) {
  linnet_address local;
  linnet_status status = find_local(driver->loop, wish, &local);
  if (status != LINNET_OK) return status;
  linnet__socket *socket = calloc(1, sizeof *socket);
  if (socket == NULL) return linnet_loop_fail(driver->loop, LINNET_ERROR_NO_MEMORY, "no memory for a socket");
  socket->reach = reach_of(&local);
  socket->watch.descriptor = open_descriptor(&local, socket->reach);
  if (socket->watch.descriptor < 0) {
    status = cannot_listen(driver->loop, &local, errno);
  } else {
    status = linnet__wait_add(driver, &socket->watch);
  }
  if (status != LINNET_OK) {
    if (socket->watch.descriptor >= 0) close(socket->watch.descriptor);
    free(socket);
    return status;
  }
  socket->segments = can_segment(socket->watch.descriptor);
  tell_local(transport, socket->watch.descriptor);
  socket->transport = linnet_transport_ref(transport);
  socket->next = driver->sockets;
  driver->sockets = socket;
  return LINNET_OK;
}

void linnet__udp_close(linnet_driver *driver, linnet__socket *socket) {
  linnet__socket **link = &driver->sockets;
  while (*link != socket) link = &(*link)->next;
  *link = socket->next;
  linnet__wait_forget(driver, &socket->watch);
  close(socket->watch.descriptor);
  while (socket->kept != NULL) {
    linnet__kept *kept = socket->kept;
    socket->kept = kept->next;
    free(kept);
  }
  linnet_transport_unref(socket->transport);
  free(socket);
}

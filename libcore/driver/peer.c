/* SPDX-License-Identifier: Apache-2.0 */
/* peer.c: addresses of linnet and of the operating system (address.h; mapped addresses: RFC 4291 2.5.5.2). */
#include <arpa/inet.h>
#include <string.h>

#include "driver_internal.h"

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static void set_ipv4(linnet_address *address, const void *bytes, in_port_t port) {
  address->kind = LINNET_ADDRESS_IPV4;
  address->length = 6;
  memcpy(address->bytes, bytes, 4);
  memcpy(address->bytes + 4, &port, 2);
}

bool linnet__peer_from_socket(linnet_address *address, const linnet__socket_address *from) {
  memset(address, 0, sizeof *address);
  if (from->any.sa_family == AF_INET) {
    set_ipv4(address, &from->v4.sin_addr, from->v4.sin_port);
    return true;
  }
  if (from->any.sa_family != AF_INET6) return false;
  const uint8_t *bytes = from->v6.sin6_addr.s6_addr;
  if (memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0) {
    set_ipv4(address, bytes + sizeof mapped_prefix, from->v6.sin6_port);
    return true;
  }
  uint32_t scope = htonl(from->v6.sin6_scope_id);
  address->kind = LINNET_ADDRESS_IPV6;
  address->length = LINNET_ADDRESS_SIZE;
  memcpy(address->bytes, bytes, 16);
  memcpy(address->bytes + 16, &from->v6.sin6_port, 2);
  memcpy(address->bytes + 18, &scope, 4);
  return true;
}

socklen_t linnet__peer_to_socket(linnet__socket_address *to, const linnet_address *address,
                                 linnet__reach reach) {
  memset(to, 0, sizeof *to);
  if (address->kind == LINNET_ADDRESS_IPV4 && reach == LINNET__REACH_IPV4) {
    to->v4.sin_family = AF_INET;
    memcpy(&to->v4.sin_addr, address->bytes, 4);
    memcpy(&to->v4.sin_port, address->bytes + 4, 2);
    return sizeof to->v4;
  }
  to->v6.sin6_family = AF_INET6;
  if (address->kind == LINNET_ADDRESS_IPV4 && reach == LINNET__REACH_BOTH) {
    memcpy(to->v6.sin6_addr.s6_addr, mapped_prefix, sizeof mapped_prefix);
    memcpy(to->v6.sin6_addr.s6_addr + sizeof mapped_prefix, address->bytes, 4);
    memcpy(&to->v6.sin6_port, address->bytes + 4, 2);
    return sizeof to->v6;
  }
  if (address->kind == LINNET_ADDRESS_IPV6 && (reach & LINNET__REACH_IPV6) != 0) {
    uint32_t scope;
    memcpy(&scope, address->bytes + 18, 4);
    memcpy(to->v6.sin6_addr.s6_addr, address->bytes, 16);
    memcpy(&to->v6.sin6_port, address->bytes + 16, 2);
    to->v6.sin6_scope_id = ntohl(scope);
    return sizeof to->v6;
  }
  return 0;
}

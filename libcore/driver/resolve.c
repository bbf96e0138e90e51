/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.c: host names (driver.h). getaddrinfo blocks, for seconds when no name server answers: a program
 * that minds answers linnet_transport_next_lookup itself, before it calls linnet_driver_run.
 */
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "driver_internal.h"

#define HOST_SIZE 256
#define PORT_SIZE 6

/* "[scheme://]host[:port][/]" */
static bool split(const char *name, char host[HOST_SIZE], char port[PORT_SIZE]) {
  const char *begin = strstr(name, "://");
  bool secure = strncmp(name, "coaps", 5) == 0 && begin != NULL;
  begin = begin != NULL ? begin + 3 : name;
  size_t length = strcspn(begin, ":/");
  if (length == 0 || length >= HOST_SIZE) return false;
  memcpy(host, begin, length);
  host[length] = '\0';
  snprintf(port, PORT_SIZE, "%s", secure ? "5684" : "5683");
  if (begin[length] != ':') return true;
  begin += length + 1;
  length = strcspn(begin, "/");
  if (length >= PORT_SIZE) return false;
  if (length > 0) snprintf(port, PORT_SIZE, "%.*s", (int)length, begin);
  return true;
}

static bool reachable(const linnet_address *address, linnet__reach reach) {
  linnet__socket_address unused;
  return linnet__peer_to_socket(&unused, address, reach) > 0;
}

/* ::1 and 127.0.0.0/8 */
static bool loopback(const linnet_address *address) {
  static const uint8_t v6[16] = {[15] = 1};
  if (address->kind == LINNET_ADDRESS_IPV4) return address->bytes[0] == 127;
  return memcmp(address->bytes, v6, sizeof v6) == 0;
}

/*
 * The system sorts by what works best from here (RFC 6724), so the first that the socket reaches is taken.
 * But "localhost" would be ::1 first, and there is no answer there from a server that listens on 127.0.0.1
 * only, which is the common case; a server that listens on [::] hears 127.0.0.1 too. So of loopback addresses
 * IPv4 wins.
 */
static bool choose(const struct addrinfo *results, linnet__reach reach, linnet_address *chosen) {
  bool found = false;
  for (const struct addrinfo *result = results; result != NULL; result = result->ai_next) {
    linnet__socket_address from;
    linnet_address address;
    if (result->ai_addrlen > sizeof from) continue;
    memcpy(&from, result->ai_addr, result->ai_addrlen);
    if (!linnet__peer_from_socket(&address, &from) || !reachable(&address, reach)) continue;
    bool better = found && loopback(chosen) && loopback(&address) && chosen->kind == LINNET_ADDRESS_IPV6 &&
                  address.kind == LINNET_ADDRESS_IPV4;
    if (!found || better) *chosen = address;
    found = true;
  }
  return found;
}

linnet_status linnet__resolve(linnet_loop *loop, const char *name, linnet__reach reach,
                              linnet_address *address) {
  char host[HOST_SIZE], port[PORT_SIZE], text[HOST_SIZE + 80];
  linnet_status status = linnet_address_parse(address, name);
  if (status == LINNET_OK && reachable(address, reach)) return LINNET_OK;
  if (status != LINNET_ERROR_UNKNOWN_HOST || !split(name, host, port)) {
    snprintf(text, sizeof text, "\"%.200s\" is not an address or a host name with a port", name);
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT, text);
  }
  static const int families[] = {
      [LINNET__REACH_IPV4] = AF_INET, [LINNET__REACH_IPV6] = AF_INET6, [LINNET__REACH_BOTH] = AF_UNSPEC};
  struct addrinfo hints = {
      .ai_family = families[reach], .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV};
  struct addrinfo *results = NULL;
  int error = getaddrinfo(host, port, &hints, &results);
  bool found = error == 0 && choose(results, reach, address);
  if (results != NULL) freeaddrinfo(results);
  if (found) return LINNET_OK;
  snprintf(text, sizeof text, "cannot find the host %s: %s", host,
           error != 0 ? gai_strerror(error) : "it has no address that the socket reaches");
  return linnet_loop_fail(loop, LINNET_ERROR_UNKNOWN_HOST, text);
}

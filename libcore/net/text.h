/* SPDX-License-Identifier: Apache-2.0 */
/* text.h: the pieces that addresses and URIs are read from. */
#ifndef LINNET_NET_TEXT_H
#define LINNET_NET_TEXT_H

#include "net.h"

/*
 * Reads "host[:port]" or "[host][:port]" into host and port; the other members stay. A host with a ":" in it
 * is an IPv6 address. INVALID_ARGUMENT: characters that no host has, or a port above 65535.
 */
linnet_status linnet__authority_parse(linnet__uri *uri, const char *text, size_t length,
                                      uint16_t default_port);

/* An IP address without brackets. UNKNOWN_HOST: a host name; INVALID_ARGUMENT: neither. */
linnet_status linnet__address_from_host(linnet_address *address, const char *host, size_t length,
                                        uint16_t port);

/* True if `text` begins with `prefix`, which is in lower case, in any case of letters. */
bool linnet__begins_with(const char *text, const char *prefix);

#endif

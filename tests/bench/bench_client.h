/* SPDX-License-Identifier: Apache-2.0 */
/* bench_client.h: what the plain client and the secure one do not have in common: bench_plain.c and
 * bench_coaps.c. */
#ifndef LINNET_BENCH_CLIENT_H
#define LINNET_BENCH_CLIENT_H

#include <linnet/client.h>

/* What the last argument, which may be left out, is called. */
extern const char bench_usage[];
/* How many sensors have a new value in each turn; more than 64: the argument is wrong. */
unsigned bench_sensors(const char *last);
/* Gives the client the transport and its one server. */
linnet_status bench_add_server(linnet_client *client, linnet_transport *udp, const char *uri,
                               const char *last);

#endif

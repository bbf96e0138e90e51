/* SPDX-License-Identifier: Apache-2.0 */
/* bench_coaps.c: the client that is reached by coaps. */
#include <string.h>

#include <linnet/credentials.h>

#include "bench_client.h"

const char bench_usage[] = "KEY";

unsigned bench_sensors(const char *last) { return last == NULL ? 65 : 0; }

linnet_status bench_add_server(linnet_client *client, linnet_transport *udp, const char *uri,
                               const char *last) {
  const char *endpoint = linnet_client_endpoint(client);
  linnet_status status = linnet_transport_secure(udp, NULL);
  if (status == LINNET_OK) status = linnet_client_add_transport(client, udp);
  if (status == LINNET_OK) status = linnet_client_add_server(client, uri, 1, 86400);
  if (status != LINNET_OK) return status;
  return linnet_client_set_psk(client, 1, endpoint, strlen(endpoint), last, strlen(last));
}

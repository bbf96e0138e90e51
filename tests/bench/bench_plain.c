/* SPDX-License-Identifier: Apache-2.0 */
/* bench_plain.c: the client that is reached in the clear, and has sensors. */
#include <stdlib.h>

#include "bench_client.h"

const char bench_usage[] = "[SENSORS]";

unsigned bench_sensors(const char *last) {
  unsigned long sensors = last != NULL ? strtoul(last, NULL, 10) : 0;
  return last != NULL && (sensors == 0 || sensors > 64) ? 65 : (unsigned)sensors;
}

linnet_status bench_add_server(linnet_client *client, linnet_transport *udp, const char *uri,
                               const char *last) {
  (void)last;
  linnet_status status = linnet_client_add_transport(client, udp);
  return status == LINNET_OK ? linnet_client_add_server(client, uri, 1, 86400) : status;
}

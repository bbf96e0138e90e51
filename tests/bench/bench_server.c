/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_server.c: a server that registers whoever comes, takes every event and does nothing with it.
 *
 *     linnet-bench-server 127.0.0.1:5683
 */
#include <stdio.h>

#include <linnet/driver.h>
#include <linnet/linnet.h>

int main(int argc, char **argv) {
  unsigned char seed[32];
  if (argc != 2) {
    fprintf(stderr, "usage: linnet-bench-server HOST:PORT\n");
    return 2;
  }
  linnet_entropy(seed, sizeof seed);
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet_driver *driver = linnet_driver_new(loop);
  linnet_transport *udp = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_server *server = linnet_server_new(loop, NULL);
  if (linnet_driver_open(driver, udp, argv[1]) != LINNET_OK ||
      linnet_server_add_transport(server, udp) != LINNET_OK) {
    fprintf(stderr, "linnet-bench-server: %s\n", linnet_error_text(loop));
    return 1;
  }
  while (linnet_driver_step(driver, -1) == LINNET_OK)
    while (linnet_loop_next_event(loop) != NULL) continue;
  fprintf(stderr, "linnet-bench-server: %s\n", linnet_error_text(loop));
  return 1;
}

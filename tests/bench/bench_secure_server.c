/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_secure_server.c: bench_server.c over DTLS, with the pre-shared keys of so many clients (dtls_bare.h).
 *
 *     linnet-bench-secure-server 127.0.0.1:5684 2000
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linnet/credentials.h>
#include <linnet/driver.h>
#include <linnet/linnet.h>

#include "dtls_bare.h"

static linnet_status add_clients(linnet_credentials *credentials, unsigned count) {
  linnet_status status = LINNET_OK;
  for (unsigned i = 0; i < count && status == LINNET_OK; i++) {
    char identity[BARE_IDENTITY_SIZE];
    unsigned char key[BARE_KEY_SIZE];
    bare_identity(i, identity);
    bare_key(i, key);
    status = linnet_credentials_add_psk(credentials, NULL, identity, strlen(identity), key, sizeof key);
  }
  return status;
}

int main(int argc, char **argv) {
  unsigned char seed[LINNET_SECURE_SEED_SIZE];
  if (argc != 3) {
    fprintf(stderr, "usage: linnet-bench-secure-server HOST:PORT CLIENTS\n");
    return 2;
  }
  linnet_entropy(seed, sizeof seed);
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet_driver *driver = linnet_driver_new(loop);
  linnet_transport *udp = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_credentials *credentials = linnet_credentials_new(loop);
  linnet_server *server = linnet_server_new(loop, NULL);
  if (add_clients(credentials, (unsigned)atoi(argv[2])) != LINNET_OK ||
      linnet_transport_secure(udp, credentials) != LINNET_OK ||
      linnet_driver_open(driver, udp, argv[1]) != LINNET_OK ||
      linnet_server_add_transport(server, udp) != LINNET_OK) {
    fprintf(stderr, "linnet-bench-secure-server: %s\n", linnet_error_text(loop));
    return 1;
  }
  while (linnet_driver_step(driver, -1) == LINNET_OK)
    while (linnet_loop_next_event(loop) != NULL) continue;
  fprintf(stderr, "linnet-bench-secure-server: %s\n", linnet_error_text(loop));
  return 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.c: the smallest client that works: objects 0, 1 and 3, a UDP socket, and no driver of linnet's; and
 * what is added to it (extras.h).
 *
 *     footprint_nothing coap://192.0.2.1:5683 ENDPOINT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "extras.h"

#define DATAGRAM 2048

static uint64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void send_all(int descriptor, linnet_transport *transport) {
  linnet_datagram datagram;
  struct sockaddr_in to = {.sin_family = AF_INET};
  while (linnet_transport_next(transport, &datagram)) {
    if (datagram.peer.kind != LINNET_ADDRESS_IPV4) continue;
    memcpy(&to.sin_addr, datagram.peer.bytes, 4);
    memcpy(&to.sin_port, datagram.peer.bytes + 4, 2);
    sendto(descriptor, datagram.data, datagram.length, 0, (void *)&to, sizeof to);
  }
  for (const char *name; (name = linnet_transport_next_lookup(transport)) != NULL;)
    linnet_transport_answer_lookup(transport, name, NULL); /* addresses only */
}

static void receive_all(int descriptor, linnet_transport *transport) {
  uint8_t data[DATAGRAM];
  struct sockaddr_in from;
  socklen_t size = sizeof from;
  ssize_t length;
  while ((length = recvfrom(descriptor, data, sizeof data, MSG_DONTWAIT, (void *)&from, &size)) >= 0) {
    linnet_address peer = {.kind = LINNET_ADDRESS_IPV4, .length = 6};
    memcpy(peer.bytes, &from.sin_addr, 4);
    memcpy(peer.bytes + 4, &from.sin_port, 2);
    linnet_transport_receive(transport, &peer, data, (size_t)length);
    size = sizeof from;
  }
}

int main(int argc, char **argv) {
  uint8_t seed[LINNET_SEED_SIZE];
  struct pollfd socket_ready = {socket(AF_INET, SOCK_DGRAM, 0), POLLIN, 0};
  if (argc != 3 || getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed) return 2;
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_client *client = linnet_client_new(loop, argv[2], NULL);
  linnet_value maker = linnet_value_string("ACME");
  if (client == NULL || linnet_client_add_transport(client, transport) != LINNET_OK ||
      linnet_client_set(client, linnet_path_resource(3, 0, 0), &maker) != LINNET_OK ||
      linnet_client_add_server(client, argv[1], 1, 300) != LINNET_OK || add_extras(client) != LINNET_OK ||
      linnet_client_start(client) != LINNET_OK)
    return 1;
  for (;;) {
    receive_all(socket_ready.fd, transport);
    uint64_t now = now_ms(), due = linnet_loop_step(loop, now);
    send_all(socket_ready.fd, transport);
    while (linnet_loop_next_event(loop) != NULL) continue;
    poll(&socket_ready, 1, due <= now ? 0 : due - now < 60000 ? (int)(due - now) : 60000);
  }
}

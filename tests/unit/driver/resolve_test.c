/* SPDX-License-Identifier: Apache-2.0 */
/* Host names, with the name server left in peace: driver.h. */
#include "driver/driver_internal.h"
#include "party.h"

typedef struct seeker {
  linnet__lookup lookup;
  unsigned told;
  linnet_address address;
} seeker;

static void on_found(linnet__lookup *lookup, const linnet_address *address) {
  seeker *who = LINNET__CONTAINER(lookup, seeker, lookup);
  who->told++;
  if (address != NULL) who->address = *address;
}

static void seek(linnet_driver *driver, party *who, seeker *seeks, const char *host, uint16_t port) {
  memset(seeks, 0, sizeof *seeks);
  seeks->lookup.found = on_found;
  CHECK_EQUAL(linnet__transport_lookup(who->transport, &seeks->lookup, host, strlen(host), port), LINNET_OK);
  run_until(driver, &seeks->told, 1);
}

static void finds_an_ipv4_server_on_localhost_from_any_socket(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  party server, any;
  seeker seeks;
  party_open(&server, driver, "127.0.0.1:0");
  party_open(&any, driver, NULL);
  uint16_t port = linnet_address_port(linnet_transport_local(server.transport));
  seek(driver, &any, &seeks, "localhost", port);
  CHECK(linnet_address_equal(&seeks.address, linnet_transport_local(server.transport)));
  say(&any, &seeks.address, "hello");
  run_until(driver, &server.received, 1);
  party_close(&server);
  party_close(&any);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

static void listens_on_a_host_name(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  party server;
  party_open(&server, driver, "coap://localhost:0");
  CHECK_EQUAL(linnet_transport_local(server.transport)->kind, LINNET_ADDRESS_IPV4);
  CHECK_EQUAL(linnet_transport_local(server.transport)->bytes[0], 127);
  party_close(&server);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

static void says_that_there_is_no_such_host(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  party who;
  seeker seeks;
  char name[101]; /* RFC 1035 2.3.4: a label has 63 bytes at most, so nobody is asked */
  memset(name, 'x', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  party_open(&who, driver, "127.0.0.1:0");
  seek(driver, &who, &seeks, name, 5683);
  CHECK_EQUAL(seeks.address.kind, LINNET_ADDRESS_NONE);
  CHECK(strncmp(linnet_error_text(loop), "cannot find the host xxx", 24) == 0);
  party_close(&who);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

static void reads_names_with_and_without_scheme_and_port(void) {
  static const struct {
    const char *name;
    unsigned port;
  } names[] = {{"localhost", 5683},         {"localhost:1", 1},         {"coap://localhost", 5683},
               {"coaps://localhost", 5684}, {"coap://localhost:7/", 7}, {"coap://localhost:/", 5683}};
  linnet_loop *loop = new_loop();
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    linnet_address address;
    CHECK_EQUAL(linnet__resolve(loop, names[i].name, LINNET__REACH_BOTH, &address), LINNET_OK);
    CHECK_EQUAL(linnet_address_port(&address), names[i].port);
    CHECK_EQUAL(address.kind, LINNET_ADDRESS_IPV4);
  }
  linnet_address address;
  CHECK_EQUAL(linnet__resolve(loop, "[::1]:5683", LINNET__REACH_IPV4, &address),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet__resolve(loop, "sms:+15550100", LINNET__REACH_BOTH, &address),
              LINNET_ERROR_INVALID_ARGUMENT);
  linnet_loop_unref(loop);
}

int main(void) {
  return RUN(finds_an_ipv4_server_on_localhost_from_any_socket, listens_on_a_host_name,
             says_that_there_is_no_such_host, reads_names_with_and_without_scheme_and_port);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Server URIs: RFC 7252 6.1 and 6.2. */
#include "check.h"
#include "net/net.h"

static void check_uri(const char *text, const char *scheme, const char *host, unsigned port, bool secure) {
  linnet__uri uri;
  CHECK_EQUAL(linnet__uri_parse(&uri, text), LINNET_OK);
  CHECK_BYTES(uri.scheme, uri.scheme_length, scheme, strlen(scheme));
  CHECK_BYTES(uri.host, uri.host_length, host, strlen(host));
  CHECK_EQUAL(uri.port, port);
  CHECK_EQUAL(uri.secure, secure);
}

static void reads_the_parts(void) {
  check_uri("coap://server.example:5700", "coap", "server.example", 5700, false);
  check_uri("coaps://server.example:5700/", "coaps", "server.example", 5700, true);
  check_uri("coap://192.0.2.1", "coap", "192.0.2.1", 5683, false);
  check_uri("coaps://[2001:db8::1]", "coaps", "2001:db8::1", 5684, true);
  check_uri("coaps://[2001:db8::1]:1/", "coaps", "2001:db8::1", 1, true);
  check_uri("COAP://Server.Example", "COAP", "Server.Example", 5683, false);
  check_uri("coap://host:", "coap", "host", 5683, false); /* RFC 3986 3.2.3 */
}

static void refuses_the_rest(void) {
  static const char *const texts[] = {
      "",           "coap",          "coap:",           "coap:/host",     "coap://",
      "coap:///",   "http://host",   "coap+tcp://host", "coap://host/rd", "coap://host?x",
      "coap://a@b", "coap://h:1:2",  "coap://h:65536",  "coap://h:0x1",   "coap://[::1",
      "coap://[]",  "coap://[::1]x", "coap://h%41st",   "coap://h st",    "coap://host//"};
  linnet__uri uri;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (linnet__uri_parse(&uri, texts[i]) != LINNET_ERROR_INVALID_ARGUMENT) {
      fprintf(stderr, "%s is taken\n", texts[i]);
      exit(1);
    }
}

int main(void) { return RUN(reads_the_parts, refuses_the_rest); }

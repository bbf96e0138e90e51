/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and their text: RFC 4291 2.2, RFC 5952, SMS-04, SMS-05. */
#include <linnet/address.h>

#include "check.h"

static const char *canonical(const char *text) {
  static char out[LINNET_ADDRESS_TEXT_SIZE];
  linnet_address address;
  if (linnet_address_parse(&address, text) != LINNET_OK) return "(refused)";
  return linnet_address_text(&address, out);
}

static linnet_status status_of(const char *text) {
  linnet_address address;
  return linnet_address_parse(&address, text);
}

static void reads_ipv4(void) {
  linnet_address address;
  CHECK_EQUAL(linnet_address_parse(&address, "192.0.2.1:5683"), LINNET_OK);
  CHECK_EQUAL(address.kind, LINNET_ADDRESS_IPV4);
  CHECK_BYTES(address.bytes, address.length, "\xC0\x00\x02\x01\x16\x33", 6);
  CHECK_EQUAL(linnet_address_port(&address), 5683);
  for (size_t i = address.length; i < LINNET_ADDRESS_SIZE; i++) CHECK_EQUAL(address.bytes[i], 0);
  CHECK_TEXT(canonical("0.0.0.0:0"), "0.0.0.0:0");
  CHECK_TEXT(canonical("255.255.255.255:65535"), "255.255.255.255:65535");
}

static void fills_in_the_port_of_the_scheme(void) {
  CHECK_TEXT(canonical("192.0.2.1"), "192.0.2.1:5683");
  CHECK_TEXT(canonical("coap://192.0.2.1"), "192.0.2.1:5683");
  CHECK_TEXT(canonical("coaps://192.0.2.1/"), "192.0.2.1:5684");
  CHECK_TEXT(canonical("CoAPs://[2001:db8::1]"), "[2001:db8::1]:5684");
  CHECK_TEXT(canonical("coap://192.0.2.1:/"), "192.0.2.1:5683");
  CHECK_TEXT(canonical("[::1]"), "[::1]:5683");
}

static void writes_ipv6_as_rfc_5952_wants(void) {
  static const char *const pairs[][2] = {
      {"[2001:0db8:0000:0000:0000:0000:0000:0001]:1", "[2001:db8::1]:1"},
      {"[2001:DB8:0:0:1:0:0:1]:1", "[2001:db8::1:0:0:1]:1"},    /* 4.2.3: the first of equal runs */
      {"[2001:db8:0:1:1:1:1:1]:1", "[2001:db8:0:1:1:1:1:1]:1"}, /* 4.2.2: not for one group */
      {"[2001:0:0:1:0:0:0:1]:1", "[2001:0:0:1::1]:1"},          /* 4.2.3: the longest */
      {"[0:0:0:0:0:0:0:0]:1", "[::]:1"},
      {"[1:0:0:0:0:0:0:0]:1", "[1::]:1"},
      {"[0:0:0:0:0:0:0:1]:1", "[::1]:1"},
      {"[1:2:3:4:5:6:7::]:1", "[1:2:3:4:5:6:7:0]:1"},
      {"[64:ff9b::192.0.2.33]:1", "[64:ff9b::c000:221]:1"},
      {"[fe80::1%7]:1", "[fe80::1%7]:1"},
      {"[abcd:ef01:2345:6789:ABCD:EF01:2345:6789]:1", "[abcd:ef01:2345:6789:abcd:ef01:2345:6789]:1"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) CHECK_TEXT(canonical(pairs[i][0]), pairs[i][1]);
}

static void takes_a_mapped_address_for_the_ipv4_address_it_stands_for(void) {
  CHECK_TEXT(canonical("[::ffff:192.0.2.1]:5683"), "192.0.2.1:5683");
  CHECK_TEXT(canonical("[::ffff:c000:201]:5683"), "192.0.2.1:5683");
}

static void reads_phone_numbers(void) {
  linnet_address address;
  CHECK_EQUAL(linnet_address_parse(&address, "sms:+15550100"), LINNET_OK);
  CHECK_EQUAL(address.kind, LINNET_ADDRESS_PHONE);
  CHECK_BYTES(address.bytes, address.length, "15550100", 8);
  CHECK_EQUAL(linnet_address_port(&address), 0);
  CHECK_TEXT(canonical("tel:+15550100"), "sms:+15550100");
  CHECK_TEXT(canonical("SMS:0015550100"), "sms:+15550100");
  CHECK_TEXT(canonical("sms:123456789012345"), "sms:+123456789012345");
  CHECK_EQUAL(status_of("sms:+1234567890123456"), LINNET_ERROR_INVALID_ARGUMENT); /* E.164: 15 digits */
  CHECK_EQUAL(status_of("sms:+"), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(status_of("sms:+1 555"), LINNET_ERROR_INVALID_ARGUMENT);
}

static void leaves_names_to_the_driver(void) {
  static const char *const names[] = {
      "localhost", "localhost:5683", "coap://server.example", "coaps://a-b.example:1/", "1a",
      "node_7",    "example."};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    CHECK_EQUAL(status_of(names[i]), LINNET_ERROR_UNKNOWN_HOST);
}

static void refuses_what_is_neither(void) {
  static const char *const texts[] = {"",
                                      ":5683",
                                      "192.0.2",
                                      "192.0.2.1.5",
                                      "192.0.2.256",
                                      "192.0.2.01",
                                      "192.0.2.1:65536",
                                      "192.0.2.1:x",
                                      "192.0.2.1:-1",
                                      "::1",
                                      "[::1",
                                      "[::1]5683",
                                      "[]:1",
                                      "[:::]:1",
                                      "[1::2::3]:1",
                                      "[1:2:3:4:5:6:7]:1",
                                      "[1:2:3:4:5:6:7:8:9]:1",
                                      "[12345::]:1",
                                      "[1:]:1",
                                      "[:1]:1",
                                      "[::g]:1",
                                      "[::1.2.3]:1",
                                      "[1:2:3:4:5:6:7:1.2.3.4]:1",
                                      "[1.2.3.4]:1",
                                      "[::%]:1",
                                      "[fe80::1%eth0]:1",
                                      "[::1::]:1",
                                      "http://192.0.2.1",
                                      "coap://",
                                      "coap://host/path",
                                      "coap://user@host",
                                      "host name",
                                      "12345"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    linnet_status status = status_of(texts[i]);
    if (status != LINNET_ERROR_INVALID_ARGUMENT) {
      fprintf(stderr, "%s gives %s\n", texts[i], linnet_status_name(status));
      exit(1);
    }
  }
  CHECK_EQUAL(status_of(NULL), LINNET_ERROR_INVALID_ARGUMENT);
}

static void compares_kind_address_port_and_scope(void) {
  linnet_address a, b;
  linnet_address_parse(&a, "[fe80::1%2]:5683");
  linnet_address_parse(&b, "coap://[fe80:0::1%2]");
  CHECK(linnet_address_equal(&a, &b));
  linnet_address_parse(&b, "[fe80::1%3]:5683");
  CHECK(!linnet_address_equal(&a, &b));
  linnet_address_parse(&b, "[fe80::1%2]:5684");
  CHECK(!linnet_address_equal(&a, &b));
}

static void writes_every_address_within_its_room(void) {
  linnet_address address = {.kind = LINNET_ADDRESS_IPV6, .length = LINNET_ADDRESS_SIZE};
  char text[LINNET_ADDRESS_TEXT_SIZE];
  memset(address.bytes, 0xFF, sizeof address.bytes);
  CHECK_TEXT(linnet_address_text(&address, text),
             "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535");
  memset(&address, 0, sizeof address);
  CHECK_TEXT(linnet_address_text(&address, text), "");
}

static void reads_back_what_it_writes(void) {
  uint64_t state = 1;
  for (unsigned round = 0; round < 20000; round++) {
    linnet_address address = {0}, again;
    char text[LINNET_ADDRESS_TEXT_SIZE];
    address.kind = round % 2 == 0 ? LINNET_ADDRESS_IPV4 : LINNET_ADDRESS_IPV6;
    address.length = round % 2 == 0 ? 6 : LINNET_ADDRESS_SIZE;
    for (size_t i = 0; i < address.length; i++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      address.bytes[i] = state >> 62 == 0 ? (uint8_t)(state >> 40) : 0; /* many runs of zeros */
    }
    linnet_address_text(&address, text);
    CHECK_EQUAL(linnet_address_parse(&again, text), LINNET_OK);
    CHECK(linnet_address_equal(&address, &again));
  }
}

int main(void) {
  return RUN(reads_ipv4, fills_in_the_port_of_the_scheme, writes_ipv6_as_rfc_5952_wants,
             takes_a_mapped_address_for_the_ipv4_address_it_stands_for, reads_phone_numbers,
             leaves_names_to_the_driver, refuses_what_is_neither, compares_kind_address_port_and_scope,
             reads_back_what_it_writes, writes_every_address_within_its_room);
}

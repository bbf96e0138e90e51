/* SPDX-License-Identifier: Apache-2.0 */
/* address.c: addresses and their text (RFC 4291 2.2, RFC 5952, SMS-04; docs/architecture.md, section 6). */
#include <string.h>

#include "text.h"

#define GROUPS 8
#define IPV6_SIZE 16
#define NO_GAP SIZE_MAX
#define PHONE_DIGITS 15

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

/* No leading zeros: some read them as octal. */
static bool parse_ipv4(const char *text, size_t length, uint8_t bytes[4]) {
  size_t at = 0;
  for (size_t i = 0; i < 4; i++) {
    size_t end = at;
    while (end < length && text[end] != '.') end++;
    uint64_t number;
    if (end - at > 1 && text[at] == '0') return false;
    if (!linnet__parse_unsigned(text + at, end - at, UINT8_MAX, &number)) return false;
    bytes[i] = (uint8_t)number;
    if (i == 3) return end == length;
    if (end == length) return false;
    at = end + 1;
  }
  return false;
}

static bool parse_group(const char *text, size_t length, uint8_t bytes[2]) {
  unsigned group = 0;
  if (length < 1 || length > 4) return false;
  for (size_t i = 0; i < length; i++) {
    unsigned digit = linnet__hex_digit(text[i]);
    if (digit > 15) return false;
    group = group << 4 | digit;
  }
  linnet__put_u16(bytes, (uint16_t)group);
  return true;
}

/* Puts the zeros that "::" stands for, one group of them at least (RFC 4291 2.2), where it stands. */
static bool open_gap(uint8_t bytes[IPV6_SIZE], size_t count, size_t gap) {
  if (gap == NO_GAP) return count == IPV6_SIZE;
  if (count > IPV6_SIZE - 2) return false;
  size_t after = count - gap;
  memmove(bytes + IPV6_SIZE - after, bytes + gap, after);
  memset(bytes + gap, 0, IPV6_SIZE - count);
  return true;
}

static bool parse_ipv6(const char *text, size_t length, uint8_t bytes[IPV6_SIZE]) {
  size_t count = 0, gap = NO_GAP, at = 0;
  if (length >= 2 && text[0] == ':' && text[1] == ':') {
    gap = 0;
    at = 2;
  }
  while (at < length) {
    size_t end = at;
    while (end < length && text[end] != ':') end++;
    if (end == length && memchr(text + at, '.', end - at) != NULL) {
      if (count > IPV6_SIZE - 4 || !parse_ipv4(text + at, end - at, bytes + count)) return false;
      return open_gap(bytes, count + 4, gap);
    }
    if (count > IPV6_SIZE - 2 || !parse_group(text + at, end - at, bytes + count)) return false;
    count += 2;
    if (end == length) break;
    at = end + 1;
    if (at == length) return false;
    if (text[at] != ':') continue;
    if (gap != NO_GAP) return false;
    gap = count;
    at++;
  }
  return open_gap(bytes, count, gap);
}

static void set_ipv4(linnet_address *address, const uint8_t bytes[4], uint16_t port) {
  address->kind = LINNET_ADDRESS_IPV4;
  address->length = 6;
  memcpy(address->bytes, bytes, 4);
  linnet__put_u16(address->bytes + 4, port);
}

/* With a numeric zone, "fe80::1%2": the names of interfaces are known to the driver alone. */
static linnet_status ipv6_from_host(linnet_address *address, const char *host, size_t length, uint16_t port) {
  const char *zone = memchr(host, '%', length);
  size_t end = zone == NULL ? length : (size_t)(zone - host);
  uint64_t scope = 0;
  uint8_t bytes[IPV6_SIZE];
  if (zone != NULL && !linnet__parse_unsigned(zone + 1, length - end - 1, UINT32_MAX, &scope))
    return LINNET_ERROR_INVALID_ARGUMENT;
  if (!parse_ipv6(host, end, bytes)) return LINNET_ERROR_INVALID_ARGUMENT;
  /* One peer, one address: the IPv4 address in IPv6 clothing is the IPv4 address. */
  if (zone == NULL && memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0) {
    set_ipv4(address, bytes + sizeof mapped_prefix, port);
    return LINNET_OK;
  }
  address->kind = LINNET_ADDRESS_IPV6;
  address->length = LINNET_ADDRESS_SIZE;
  memcpy(address->bytes, bytes, IPV6_SIZE);
  linnet__put_u16(address->bytes + IPV6_SIZE, port);
  linnet__put_u32(address->bytes + IPV6_SIZE + 2, (uint32_t)scope);
  return LINNET_OK;
}

/* The last label of a name is never a number (RFC 3696 2), so "300.1.1.1" is a slip of the pen. */
static bool ends_in_number(const char *host, size_t length) {
  size_t digits = 0;
  if (length > 0 && host[length - 1] == '.') length--;
  while (digits < length && host[length - 1 - digits] >= '0' && host[length - 1 - digits] <= '9') digits++;
  return digits > 0 && (digits == length || host[length - 1 - digits] == '.');
}

linnet_status linnet__address_from_host(linnet_address *address, const char *host, size_t length,
                                        uint16_t port) {
  uint8_t bytes[4];
  memset(address, 0, sizeof *address);
  if (memchr(host, ':', length) != NULL) return ipv6_from_host(address, host, length, port);
  if (parse_ipv4(host, length, bytes)) {
    set_ipv4(address, bytes, port);
    return LINNET_OK;
  }
  return length == 0 || ends_in_number(host, length) ? LINNET_ERROR_INVALID_ARGUMENT
                                                     : LINNET_ERROR_UNKNOWN_HOST;
}

/* SMS-04, SMS-05: digits only, "+" or the international prefix removed. */
static linnet_status parse_phone(linnet_address *address, const char *text) {
  if (text[0] == '+') {
    text++;
  } else if (text[0] == '0' && text[1] == '0') {
    text += 2;
  }
  size_t length = strlen(text);
  if (length == 0 || length > PHONE_DIGITS) return LINNET_ERROR_INVALID_ARGUMENT;
  for (size_t i = 0; i < length; i++)
    if (text[i] < '0' || text[i] > '9') return LINNET_ERROR_INVALID_ARGUMENT;
  memset(address, 0, sizeof *address);
  address->kind = LINNET_ADDRESS_PHONE;
  address->length = (uint8_t)length;
  memcpy(address->bytes, text, length);
  return LINNET_OK;
}

linnet_status linnet_address_parse(linnet_address *address, const char *text) {
  linnet__uri uri;
  memset(address, 0, sizeof *address);
  if (text == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  if (linnet__begins_with(text, "sms:") || linnet__begins_with(text, "tel:"))
    return parse_phone(address, text + 4);
  linnet_status status = strstr(text, "://") != NULL
                             ? linnet__uri_parse(&uri, text)
                             : linnet__authority_parse(&uri, text, strlen(text), 5683);
  if (status != LINNET_OK) return status;
  return linnet__address_from_host(address, uri.host, uri.host_length, uri.port);
}

static void append_ipv4(linnet__buffer *text, const uint8_t bytes[4]) {
  for (size_t i = 0; i < 4; i++) {
    if (i > 0) linnet__buffer_append_byte(text, '.');
    linnet__buffer_append_unsigned(text, bytes[i]);
  }
}

/* No leading zeros, lower case (RFC 5952 4.1, 4.3). */
static void append_group(linnet__buffer *text, unsigned group) {
  bool begun = false;
  for (int shift = 12; shift >= 0; shift -= 4) {
    unsigned digit = group >> shift & 0xF;
    begun = begun || digit != 0 || shift == 0;
    if (begun) linnet__buffer_append_byte(text, (uint8_t)linnet__hex_digits[digit]);
  }
}

/* The longest run of two or more zero groups, the first of equals (RFC 5952 4.2). Returns its length. */
static size_t longest_run(const uint8_t bytes[IPV6_SIZE], size_t *begin) {
  size_t longest = 1;
  *begin = GROUPS;
  for (size_t i = 0; i < GROUPS; i++) {
    size_t run = 0;
    while (i + run < GROUPS && linnet__get_u16(bytes + 2 * (i + run)) == 0) run++;
    if (run > longest) {
      longest = run;
      *begin = i;
    }
  }
  return *begin == GROUPS ? 0 : longest;
}

static void append_ipv6(linnet__buffer *text, const uint8_t bytes[IPV6_SIZE]) {
  size_t begin, run = longest_run(bytes, &begin);
  if (memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0) { /* RFC 5952 5 */
    linnet__buffer_append_text(text, "::ffff:");
    append_ipv4(text, bytes + sizeof mapped_prefix);
    return;
  }
  for (size_t i = 0; i < GROUPS; i++) {
    if (i == begin) {
      linnet__buffer_append_text(text, "::");
      i += run - 1;
      continue;
    }
    if (i > 0 && i != begin + run) linnet__buffer_append_byte(text, ':');
    append_group(text, linnet__get_u16(bytes + 2 * i));
  }
}

const char *linnet_address_text(const linnet_address *address, char text[LINNET_ADDRESS_TEXT_SIZE]) {
  linnet__buffer buffer;
  linnet__buffer_init_fixed(&buffer, text, LINNET_ADDRESS_TEXT_SIZE);
  if (address->kind == LINNET_ADDRESS_IPV4) {
    append_ipv4(&buffer, address->bytes);
  } else if (address->kind == LINNET_ADDRESS_IPV6) {
    uint32_t scope = linnet__get_u32(address->bytes + IPV6_SIZE + 2);
    linnet__buffer_append_byte(&buffer, '[');
    append_ipv6(&buffer, address->bytes);
    if (scope != 0) linnet__print(&buffer, "%%%u", (unsigned)scope);
    linnet__buffer_append_byte(&buffer, ']');
  } else if (address->kind == LINNET_ADDRESS_PHONE && address->length <= PHONE_DIGITS) {
    linnet__buffer_append_text(&buffer, "sms:+");
    linnet__buffer_append(&buffer, address->bytes, address->length);
    return linnet__buffer_text(&buffer);
  } else {
    return linnet__buffer_text(&buffer);
  }
  linnet__print(&buffer, ":%u", (unsigned)linnet_address_port(address));
  return linnet__buffer_text(&buffer);
}

bool linnet_address_equal(const linnet_address *a, const linnet_address *b) {
  return memcmp(a, b, sizeof *a) == 0;
}

uint16_t linnet_address_port(const linnet_address *address) {
  if (address->kind == LINNET_ADDRESS_IPV4) return linnet__get_u16(address->bytes + 4);
  if (address->kind == LINNET_ADDRESS_IPV6) return linnet__get_u16(address->bytes + IPV6_SIZE);
  return 0;
}

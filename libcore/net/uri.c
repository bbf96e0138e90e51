/* SPDX-License-Identifier: Apache-2.0 */
/* uri.c: the URIs of LwM2M servers (RFC 7252 6.1 and 6.2, of RFC 3986 what a server URI needs). */
#include <string.h>

#include "text.h"

static const struct {
  const char *prefix;
  size_t scheme_length;
  uint16_t port;
  bool secure;
} schemes[] = {
    {"coap://", 4, 5683, false},
    {"coaps://", 5, 5684, true},
};

static char lower_case(char character) {
  return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

bool linnet__begins_with(const char *text, const char *prefix) {
  for (; *prefix != '\0'; text++, prefix++)
    if (lower_case(*text) != *prefix) return false;
  return true;
}

/* Letters, digits and what else occurs in names: percent-encoding does not. */
static bool host_characters(const char *host, size_t length, const char *others) {
  for (size_t i = 0; i < length; i++) {
    char c = lower_case(host[i]);
    if (c == '\0') return false;
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && strchr(others, c) == NULL) return false;
  }
  return length > 0;
}

linnet_status linnet__authority_parse(linnet__uri *uri, const char *text, size_t length,
                                      uint16_t default_port) {
  const char *after;
  if (length > 0 && text[0] == '[') {
    const char *bracket = memchr(text, ']', length);
    if (bracket == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
    uri->host = text + 1;
    uri->host_length = (size_t)(bracket - uri->host);
    if (!host_characters(uri->host, uri->host_length, ":.%")) return LINNET_ERROR_INVALID_ARGUMENT;
    if (memchr(uri->host, ':', uri->host_length) == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
    after = bracket + 1;
  } else {
    const char *colon = memchr(text, ':', length);
    after = colon != NULL ? colon : text + length;
    uri->host = text;
    uri->host_length = (size_t)(after - text);
    if (!host_characters(uri->host, uri->host_length, "-._")) return LINNET_ERROR_INVALID_ARGUMENT;
  }
  uri->port = default_port;
  size_t rest = (size_t)(text + length - after);
  if (rest == 0) return LINNET_OK;
  if (*after != ':') return LINNET_ERROR_INVALID_ARGUMENT;
  /* RFC 3986 3.2.3: nothing after the colon is the default port. */
  if (rest == 1) return LINNET_OK;
  uint64_t port;
  if (!linnet__parse_unsigned(after + 1, rest - 1, UINT16_MAX, &port)) return LINNET_ERROR_INVALID_ARGUMENT;
  uri->port = (uint16_t)port;
  return LINNET_OK;
}

linnet_status linnet__uri_parse(linnet__uri *uri, const char *text) {
  memset(uri, 0, sizeof *uri);
  for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
    if (!linnet__begins_with(text, schemes[i].prefix)) continue;
    uri->scheme = text;
    uri->scheme_length = schemes[i].scheme_length;
    uri->secure = schemes[i].secure;
    const char *authority = text + strlen(schemes[i].prefix);
    size_t length = strlen(authority);
    if (length > 0 && authority[length - 1] == '/') length--;
    return linnet__authority_parse(uri, authority, length, schemes[i].port);
  }
  return LINNET_ERROR_INVALID_ARGUMENT;
}

bool linnet__uri_is_number(const char *uri) {
  linnet_address address;
  bool may_be = uri != NULL && (linnet__begins_with(uri, "sms:") || linnet__begins_with(uri, "tel:"));
  return may_be && linnet_address_parse(&address, uri) == LINNET_OK;
}

const char *linnet__uri_fault(const char *uri, size_t length, bool secure) {
  static const char malformed[] = "the URI is missing or malformed";
  char text[LINNET__URI_SIZE];
  linnet__uri parts;
  if (length == 0 || length >= sizeof text || memchr(uri, 0, length) != NULL) return malformed;
  memcpy(text, uri, length);
  text[length] = 0;
  if (linnet__uri_parse(&parts, text) == LINNET_OK)
    return parts.secure == secure ? NULL : "the URI does not fit the security mode";
  return linnet__uri_is_number(text) ? NULL : malformed;
}

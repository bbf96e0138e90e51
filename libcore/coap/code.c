/* SPDX-License-Identifier: Apache-2.0 */
/* code.c: the names of request and response codes (RFC 7252 12.1, RFC 7959 2.9). */
#include <string.h>

#include "coap.h"

/* X(code, name) */
#define CODE_MAP(X)                                                                       \
  X(0, "Empty")                                                                           \
  X(LINNET__GET, "GET")                                                                   \
  X(LINNET__POST, "POST")                                                                 \
  X(LINNET__PUT, "PUT")                                                                   \
  X(LINNET__DELETE, "DELETE")                                                             \
  X(LINNET__CREATED, LINNET__WORDS("2.01 Created"))                                       \
  X(LINNET__DELETED, LINNET__WORDS("2.02 Deleted"))                                       \
  X(LINNET__VALID, LINNET__WORDS("2.03 Valid"))                                           \
  X(LINNET__CHANGED, LINNET__WORDS("2.04 Changed"))                                       \
  X(LINNET__CONTENT, LINNET__WORDS("2.05 Content"))                                       \
  X(LINNET__CONTINUE, LINNET__WORDS("2.31 Continue"))                                     \
  X(LINNET__BAD_REQUEST, LINNET__WORDS("4.00 Bad Request"))                               \
  X(LINNET__UNAUTHORIZED, LINNET__WORDS("4.01 Unauthorized"))                             \
  X(LINNET__BAD_OPTION, LINNET__WORDS("4.02 Bad Option"))                                 \
  X(LINNET__FORBIDDEN, LINNET__WORDS("4.03 Forbidden"))                                   \
  X(LINNET__NOT_FOUND, LINNET__WORDS("4.04 Not Found"))                                   \
  X(LINNET__METHOD_NOT_ALLOWED, LINNET__WORDS("4.05 Method Not Allowed"))                 \
  X(LINNET__NOT_ACCEPTABLE, LINNET__WORDS("4.06 Not Acceptable"))                         \
  X(LINNET__REQUEST_ENTITY_INCOMPLETE, LINNET__WORDS("4.08 Request Entity Incomplete"))   \
  X(LINNET__PRECONDITION_FAILED, LINNET__WORDS("4.12 Precondition Failed"))               \
  X(LINNET__REQUEST_ENTITY_TOO_LARGE, LINNET__WORDS("4.13 Request Entity Too Large"))     \
  X(LINNET__UNSUPPORTED_CONTENT_FORMAT, LINNET__WORDS("4.15 Unsupported Content-Format")) \
  X(LINNET__INTERNAL_SERVER_ERROR, LINNET__WORDS("5.00 Internal Server Error"))           \
  X(LINNET__CODE(5, 1), LINNET__WORDS("5.01 Not Implemented"))                            \
  X(LINNET__CODE(5, 2), LINNET__WORDS("5.02 Bad Gateway"))                                \
  X(LINNET__SERVICE_UNAVAILABLE, LINNET__WORDS("5.03 Service Unavailable"))               \
  X(LINNET__CODE(5, 4), LINNET__WORDS("5.04 Gateway Timeout"))                            \
  X(LINNET__PROXYING_NOT_SUPPORTED, LINNET__WORDS("5.05 Proxying Not Supported"))

const char *linnet_code_name(uint8_t code) {
#define CODE_NUMBER(code, name) code,
#define CODE_NAME(code, name) name "\0"
  static const uint8_t codes[] = {CODE_MAP(CODE_NUMBER)};
  static const char names[] = CODE_MAP(CODE_NAME);
#undef CODE_NAME
#undef CODE_NUMBER
  const uint8_t *found = memchr(codes, code, sizeof codes);
  return found != NULL ? linnet__text_at(names, (size_t)(found - codes)) : "";
}

unsigned linnet__code_number(uint8_t code) { return (unsigned)(code >> 5) * 100 + (code & 0x1FU); }

void linnet__print_code(linnet__buffer *words, uint8_t code) {
  const char *name = linnet_code_name(code);
  unsigned detail = code & 31u;
  if (name[0] != 0)
    linnet__print(words, "%s", name);
  else
    linnet__print(words, detail < 10 ? "%u.0%u" : "%u.%u", code >> 5u, detail);
}

void linnet__print_outcome(linnet__buffer *words, const linnet__incoming *response) {
  linnet__print_code(words, response->code);
  if (response->payload_length > 0 && response->content_format < 1)
    linnet__print(words, " (%n)", response->payload_length, (const char *)response->payload);
}

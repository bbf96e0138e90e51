/* SPDX-License-Identifier: Apache-2.0 */
/* code.c: the names of request and response codes (RFC 7252 12.1, RFC 7959 2.9). */
#include "coap.h"

typedef struct code_name {
  uint8_t code;
  const char *name;
} code_name;

static const code_name names[] = {
    {0, "Empty"},
    {LINNET__GET, "GET"},
    {LINNET__POST, "POST"},
    {LINNET__PUT, "PUT"},
    {LINNET__DELETE, "DELETE"},
    {LINNET__CREATED, LINNET__WORDS("2.01 Created")},
    {LINNET__DELETED, LINNET__WORDS("2.02 Deleted")},
    {LINNET__VALID, LINNET__WORDS("2.03 Valid")},
    {LINNET__CHANGED, LINNET__WORDS("2.04 Changed")},
    {LINNET__CONTENT, LINNET__WORDS("2.05 Content")},
    {LINNET__CONTINUE, LINNET__WORDS("2.31 Continue")},
    {LINNET__BAD_REQUEST, LINNET__WORDS("4.00 Bad Request")},
    {LINNET__UNAUTHORIZED, LINNET__WORDS("4.01 Unauthorized")},
    {LINNET__BAD_OPTION, LINNET__WORDS("4.02 Bad Option")},
    {LINNET__FORBIDDEN, LINNET__WORDS("4.03 Forbidden")},
    {LINNET__NOT_FOUND, LINNET__WORDS("4.04 Not Found")},
    {LINNET__METHOD_NOT_ALLOWED, LINNET__WORDS("4.05 Method Not Allowed")},
    {LINNET__NOT_ACCEPTABLE, LINNET__WORDS("4.06 Not Acceptable")},
    {LINNET__REQUEST_ENTITY_INCOMPLETE, LINNET__WORDS("4.08 Request Entity Incomplete")},
    {LINNET__PRECONDITION_FAILED, LINNET__WORDS("4.12 Precondition Failed")},
    {LINNET__REQUEST_ENTITY_TOO_LARGE, LINNET__WORDS("4.13 Request Entity Too Large")},
    {LINNET__UNSUPPORTED_CONTENT_FORMAT, LINNET__WORDS("4.15 Unsupported Content-Format")},
    {LINNET__INTERNAL_SERVER_ERROR, LINNET__WORDS("5.00 Internal Server Error")},
    {LINNET__CODE(5, 1), LINNET__WORDS("5.01 Not Implemented")},
    {LINNET__CODE(5, 2), LINNET__WORDS("5.02 Bad Gateway")},
    {LINNET__SERVICE_UNAVAILABLE, LINNET__WORDS("5.03 Service Unavailable")},
    {LINNET__CODE(5, 4), LINNET__WORDS("5.04 Gateway Timeout")},
    {LINNET__PROXYING_NOT_SUPPORTED, LINNET__WORDS("5.05 Proxying Not Supported")},
};

const char *linnet_code_name(uint8_t code) {
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (names[i].code == code) return names[i].name;
  return "";
}

unsigned linnet__code_number(uint8_t code) { return (unsigned)(code >> 5) * 100 + (code & 0x1FU); }

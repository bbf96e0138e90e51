/* SPDX-License-Identifier: Apache-2.0 */
/* option_name.c: what people call the options (RFC 7252 12.2, RFC 7641 6, RFC 7959 6). */
#include <stddef.h>

#include "wire.h"

static const char *const names[] = {
    [LINNET__OPTION_IF_MATCH] = "If-Match",
    [LINNET__OPTION_URI_HOST] = "Uri-Host",
    [LINNET__OPTION_ETAG] = "ETag",
    [LINNET__OPTION_IF_NONE_MATCH] = "If-None-Match",
    [LINNET__OPTION_OBSERVE] = "Observe",
    [LINNET__OPTION_URI_PORT] = "Uri-Port",
    [LINNET__OPTION_LOCATION_PATH] = "Location-Path",
    [LINNET__OPTION_URI_PATH] = "Uri-Path",
    [LINNET__OPTION_CONTENT_FORMAT] = "Content-Format",
    [LINNET__OPTION_MAX_AGE] = "Max-Age",
    [LINNET__OPTION_URI_QUERY] = "Uri-Query",
    [LINNET__OPTION_ACCEPT] = "Accept",
    [LINNET__OPTION_LOCATION_QUERY] = "Location-Query",
    [LINNET__OPTION_BLOCK2] = "Block2",
    [LINNET__OPTION_BLOCK1] = "Block1",
    [LINNET__OPTION_SIZE2] = "Size2",
    [LINNET__OPTION_PROXY_URI] = "Proxy-Uri",
    [LINNET__OPTION_PROXY_SCHEME] = "Proxy-Scheme",
    [LINNET__OPTION_SIZE1] = "Size1",
};

const char *linnet_option_name(uint16_t number) {
  return number < sizeof names / sizeof names[0] ? names[number] : NULL;
}

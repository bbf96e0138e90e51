/* SPDX-License-Identifier: Apache-2.0 */
/* option.c: the table of options (RFC 7252 5.10, RFC 7641 2, RFC 7959 2.1 and 4; CO-20, CO-21). */
#include "wire.h"

#define LAST_KNOWN_OPTION 60

static const linnet__option_rule rules[LAST_KNOWN_OPTION + 1] = {
    [LINNET__OPTION_IF_MATCH] = {"If-Match", 'o', true, 0, 8},
    [LINNET__OPTION_URI_HOST] = {"Uri-Host", 's', false, 1, 255},
    [LINNET__OPTION_ETAG] = {"ETag", 'o', true, 1, 8},
    [LINNET__OPTION_IF_NONE_MATCH] = {"If-None-Match", 'e', false, 0, 0},
    [LINNET__OPTION_OBSERVE] = {"Observe", 'u', false, 0, 3},
    [LINNET__OPTION_URI_PORT] = {"Uri-Port", 'u', false, 0, 2},
    [LINNET__OPTION_LOCATION_PATH] = {"Location-Path", 's', true, 0, 255},
    [LINNET__OPTION_URI_PATH] = {"Uri-Path", 's', true, 0, 255},
    [LINNET__OPTION_CONTENT_FORMAT] = {"Content-Format", 'u', false, 0, 2},
    [LINNET__OPTION_MAX_AGE] = {"Max-Age", 'u', false, 0, 4},
    [LINNET__OPTION_URI_QUERY] = {"Uri-Query", 's', true, 0, 255},
    [LINNET__OPTION_ACCEPT] = {"Accept", 'u', false, 0, 2},
    [LINNET__OPTION_LOCATION_QUERY] = {"Location-Query", 's', true, 0, 255},
    [LINNET__OPTION_BLOCK2] = {"Block2", 'u', false, 0, 3},
    [LINNET__OPTION_BLOCK1] = {"Block1", 'u', false, 0, 3},
    [LINNET__OPTION_SIZE2] = {"Size2", 'u', false, 0, 4},
    [LINNET__OPTION_PROXY_URI] = {"Proxy-Uri", 's', false, 1, 1034},
    [LINNET__OPTION_PROXY_SCHEME] = {"Proxy-Scheme", 's', false, 1, 255},
    [LINNET__OPTION_SIZE1] = {"Size1", 'u', false, 0, 4},
};

const linnet__option_rule *linnet__option_find(uint16_t number) {
  if (number > LAST_KNOWN_OPTION || rules[number].name == NULL) return NULL;
  return &rules[number];
}

uint32_t linnet__option_uint(const linnet_option *option) {
  uint32_t value = 0;
  for (size_t i = 0; i < option->length; i++) value = value << 8 | option->value[i];
  return value;
}

const char *linnet_option_name(uint16_t number) {
  const linnet__option_rule *rule = linnet__option_find(number);
  return rule == NULL ? NULL : rule->name;
}

char linnet_option_format(uint16_t number) {
  const linnet__option_rule *rule = linnet__option_find(number);
  return rule == NULL ? 'o' : rule->format;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* option.c: the table of options (RFC 7252 5.10, RFC 7641 2, RFC 7959 2.1 and 4; CO-20, CO-21). */
#include "wire.h"

#define LAST_KNOWN_OPTION 60

static const linnet__option_rule rules[LAST_KNOWN_OPTION + 1] = {
    [LINNET__OPTION_IF_MATCH] = {'o', true, 0, 8},
    [LINNET__OPTION_URI_HOST] = {'s', false, 1, 255},
    [LINNET__OPTION_ETAG] = {'o', true, 1, 8},
    [LINNET__OPTION_IF_NONE_MATCH] = {'e', false, 0, 0},
    [LINNET__OPTION_OBSERVE] = {'u', false, 0, 3},
    [LINNET__OPTION_URI_PORT] = {'u', false, 0, 2},
    [LINNET__OPTION_LOCATION_PATH] = {'s', true, 0, 255},
    [LINNET__OPTION_URI_PATH] = {'s', true, 0, 255},
    [LINNET__OPTION_CONTENT_FORMAT] = {'u', false, 0, 2},
    [LINNET__OPTION_MAX_AGE] = {'u', false, 0, 4},
    [LINNET__OPTION_URI_QUERY] = {'s', true, 0, 255},
    [LINNET__OPTION_ACCEPT] = {'u', false, 0, 2},
    [LINNET__OPTION_LOCATION_QUERY] = {'s', true, 0, 255},
    [LINNET__OPTION_BLOCK2] = {'u', false, 0, 3},
    [LINNET__OPTION_BLOCK1] = {'u', false, 0, 3},
    [LINNET__OPTION_SIZE2] = {'u', false, 0, 4},
    [LINNET__OPTION_PROXY_URI] = {'s', false, 1, 1034},
    [LINNET__OPTION_PROXY_SCHEME] = {'s', false, 1, 255},
    [LINNET__OPTION_SIZE1] = {'u', false, 0, 4},
};

const linnet__option_rule *linnet__option_find(uint16_t number) {
  if (number > LAST_KNOWN_OPTION || rules[number].format == 0) return NULL;
  return &rules[number];
}

uint32_t linnet__option_uint(const linnet_option *option) {
  uint32_t value = 0;
  for (size_t i = 0; i < option->length; i++) value = value << 8 | option->value[i];
  return value;
}

char linnet_option_format(uint16_t number) {
  const linnet__option_rule *rule = linnet__option_find(number);
  return rule == NULL ? 'o' : rule->format;
}

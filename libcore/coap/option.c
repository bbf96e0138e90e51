/* SPDX-License-Identifier: Apache-2.0 */
/* option.c: the table of options (RFC 7252 5.10, RFC 7641 2, RFC 7959 2.1 and 4; CO-20, CO-21). */
#include "wire.h"

#define FACT(member) offsetof(linnet__facts, member)

/* By number, and an end above all. */
static const linnet__option_rule rules[] = {
    {LINNET__OPTION_IF_MATCH, 'o', 0, 8, true, LINNET__READ_UNMET, 0},
    {LINNET__OPTION_URI_HOST, 's', 1, 255, false, LINNET__READ_NOTHING, 0},
    {LINNET__OPTION_ETAG, 'o', 1, 8, true, LINNET__READ_ETAG, 0},
    {LINNET__OPTION_IF_NONE_MATCH, 'e', 0, 0, false, LINNET__READ_UNMET, 0},
    {LINNET__OPTION_OBSERVE, 'u', 0, 3, false, LINNET__READ_UINT, FACT(observe)},
    {LINNET__OPTION_URI_PORT, 'u', 0, 2, false, LINNET__READ_NOTHING, 0},
    {LINNET__OPTION_LOCATION_PATH, 's', 0, 255, true, LINNET__READ_NOTHING, 0},
    {LINNET__OPTION_URI_PATH, 's', 0, 255, true, LINNET__READ_PATH, 0},
    {LINNET__OPTION_CONTENT_FORMAT, 'u', 0, 2, false, LINNET__READ_UINT, FACT(content_format)},
    {LINNET__OPTION_MAX_AGE, 'u', 0, 4, false, LINNET__READ_UINT, FACT(max_age_s)},
    {LINNET__OPTION_URI_QUERY, 's', 0, 255, true, LINNET__READ_PRESENCE, FACT(query)},
    {LINNET__OPTION_ACCEPT, 'u', 0, 2, false, LINNET__READ_UINT, FACT(accept)},
    {LINNET__OPTION_LOCATION_QUERY, 's', 0, 255, true, LINNET__READ_NOTHING, 0},
    {LINNET__OPTION_BLOCK2, 'u', 0, 3, false, LINNET__READ_BLOCK, FACT(block2)},
    {LINNET__OPTION_BLOCK1, 'u', 0, 3, false, LINNET__READ_BLOCK, FACT(block1)},
    {LINNET__OPTION_SIZE2, 'u', 0, 4, false, LINNET__READ_UINT, FACT(size2)},
    {LINNET__OPTION_PROXY_URI, 's', 1, 1034, false, LINNET__READ_PRESENCE, FACT(proxy)},
    {LINNET__OPTION_PROXY_SCHEME, 's', 1, 255, false, LINNET__READ_PRESENCE, FACT(proxy)},
    {LINNET__OPTION_SIZE1, 'u', 0, 4, false, LINNET__READ_UINT, FACT(size1)},
    {UINT8_MAX, 'o', 0, 0, false, LINNET__READ_NOTHING, 0},
};

const linnet__option_rule *linnet__option_from(const linnet__option_rule *rule, uint16_t number) {
  if (rule == NULL) rule = rules;
  while (rule->number < number && rule->number != UINT8_MAX) rule++;
  return rule;
}

uint32_t linnet__option_uint(const linnet_option *option) {
  uint32_t value = 0;
  for (size_t i = 0; i < option->length; i++) value = value << 8 | option->value[i];
  return value;
}

char linnet_option_format(uint16_t number) {
  const linnet__option_rule *rule = linnet__option_from(NULL, number);
  return rule->number == number ? rule->format : 'o';
}

/* SPDX-License-Identifier: Apache-2.0 */
/* option.c: the table of options (RFC 7252 5.10, RFC 7641 2, RFC 7959 2.1 and 4; CO-20, CO-21). */
#include "wire.h"

#define FACT(member) offsetof(linnet__facts, member)

/* X(number, format, longest, shortest, repeatable, reading, fact) */
#define OPTION_MAP(X)                                                                         \
  X(LINNET__OPTION_IF_MATCH, 'o', 8, 0, true, LINNET__READ_UNMET, 0)                          \
  X(LINNET__OPTION_URI_HOST, 's', 255, 1, false, LINNET__READ_NOTHING, 0)                     \
  X(LINNET__OPTION_ETAG, 'o', 8, 1, true, LINNET__READ_ETAG, 0)                               \
  X(LINNET__OPTION_IF_NONE_MATCH, 'e', 0, 0, false, LINNET__READ_UNMET, 0)                    \
  X(LINNET__OPTION_OBSERVE, 'u', 3, 0, false, LINNET__READ_UINT, FACT(observe))               \
  X(LINNET__OPTION_URI_PORT, 'u', 2, 0, false, LINNET__READ_NOTHING, 0)                       \
  X(LINNET__OPTION_LOCATION_PATH, 's', 255, 0, true, LINNET__READ_NOTHING, 0)                 \
  X(LINNET__OPTION_URI_PATH, 's', 255, 0, true, LINNET__READ_PATH, 0)                         \
  X(LINNET__OPTION_CONTENT_FORMAT, 'u', 2, 0, false, LINNET__READ_UINT, FACT(content_format)) \
  X(LINNET__OPTION_MAX_AGE, 'u', 4, 0, false, LINNET__READ_UINT, FACT(max_age_s))             \
  X(LINNET__OPTION_URI_QUERY, 's', 255, 0, true, LINNET__READ_PRESENCE, FACT(query))          \
  X(LINNET__OPTION_ACCEPT, 'u', 2, 0, false, LINNET__READ_UINT, FACT(accept))                 \
  X(LINNET__OPTION_LOCATION_QUERY, 's', 255, 0, true, LINNET__READ_NOTHING, 0)                \
  X(LINNET__OPTION_BLOCK2, 'u', 3, 0, false, LINNET__READ_BLOCK, FACT(block2))                \
  X(LINNET__OPTION_BLOCK1, 'u', 3, 0, false, LINNET__READ_BLOCK, FACT(block1))                \
  X(LINNET__OPTION_SIZE2, 'u', 4, 0, false, LINNET__READ_UINT, FACT(size2))                   \
  X(LINNET__OPTION_PROXY_URI, 's', 1034, 1, false, LINNET__READ_PRESENCE, FACT(proxy))        \
  X(LINNET__OPTION_PROXY_SCHEME, 's', 255, 1, false, LINNET__READ_PRESENCE, FACT(proxy))      \
  X(LINNET__OPTION_SIZE1, 'u', 4, 0, false, LINNET__READ_UINT, FACT(size1))

enum { OPTION_MAP(LINNET__PLACE) };

const linnet__option_rule *linnet__option_find(uint16_t number) {
#define RULE(number, ...) {__VA_ARGS__},
#define ROW(number, ...) [number] = 1 + LINNET__PLACE_OF_##number,
  static const linnet__option_rule rules[] = {OPTION_MAP(RULE)};
  static const uint8_t rows[] = {OPTION_MAP(ROW)}; /* 0: unknown */
#undef ROW
#undef RULE
  return number < sizeof rows && rows[number] != 0 ? &rules[rows[number] - 1] : NULL;
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

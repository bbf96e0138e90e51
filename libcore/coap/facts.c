/* SPDX-License-Identifier: Apache-2.0 */
/* facts.c: what the options of a message say, in one walk (RFC 7252 5.4, RFC 7959 2.2; CO-20 to CO-22). */
#include <string.h>

#include "wire.h"

uint8_t linnet__block_exponent(size_t size) {
  uint8_t exponent = 6;
  while (exponent > 0 && linnet__block_size(exponent) > size) exponent--;
  return exponent;
}

static void read_block(linnet__block *block, const linnet_option *option) {
  uint32_t value = linnet__option_uint(option);
  block->present = true;
  block->more = (value & 8) != 0;
  block->exponent = value & 7;
  block->number = value >> 4;
}

static void read_fact(linnet__facts *facts, const linnet__option_rule *rule, const linnet_option *option) {
  void *fact = (uint8_t *)facts + rule->fact;
  switch ((linnet__option_reading)rule->reading) {
    case LINNET__READ_UINT:
      *(uint32_t *)fact = linnet__option_uint(option);
      break;
    case LINNET__READ_BLOCK:
      read_block(fact, option);
      break;
    case LINNET__READ_PRESENCE:
      *(bool *)fact = true;
      break;
    case LINNET__READ_ETAG:
      if (facts->etag_length > 0) break;
      facts->etag_length = (uint8_t)option->length;
      memcpy(facts->etag, option->value, option->length);
      break;
    case LINNET__READ_PATH:
      if ((option->length == 1 || option->length == 2) && memcmp(option->value, "..", option->length) == 0)
        facts->dots = true;
      break;
    case LINNET__READ_UNMET:
      if (facts->bad_option == 0) facts->bad_option = option->number;
      break;
    case LINNET__READ_NOTHING:
      break;
  }
}

void linnet__facts_read(linnet__facts *facts, const linnet_message *message) {
  *facts = (linnet__facts){.content_format = -1, .accept = -1, .observe = -1, .max_age_s = 60};
  linnet_option option = {0, NULL, 0};
  size_t position = 0;
  uint32_t previous = UINT32_MAX;
  while (linnet_message_next_option(message, &position, &option)) {
    const linnet__option_rule *rule = linnet__option_find(option.number);
    bool known = rule != NULL && option.length >= rule->shortest && option.length <= rule->longest &&
                 (rule->repeatable || previous != option.number);
    previous = option.number;
    if (known)
      read_fact(facts, rule, &option);
    else if ((option.number & 1) != 0 && facts->bad_option == 0)
      facts->bad_option = option.number;
  }
}

/* Longest value that a key takes in: Uri-Path and Uri-Query have at most 255 bytes. */
#define KEY_VALUE_MAX 255

uint64_t linnet__message_key(const linnet_loop *loop, const linnet_message *message) {
  uint8_t link[8 + 2 + KEY_VALUE_MAX]; /* the key so far, number, value */
  uint64_t key = message->code;
  linnet_option option = {0, NULL, 0};
  size_t position = 0;
  while (linnet_message_next_option(message, &position, &option)) {
    bool names = option.number == LINNET__OPTION_URI_PATH || option.number == LINNET__OPTION_URI_QUERY ||
                 option.number == LINNET__OPTION_ACCEPT;
    if (!names || option.length > KEY_VALUE_MAX) continue;
    linnet__put_u64(link, key);
    linnet__put_u16(link + 8, option.number);
    if (option.length > 0) memcpy(link + 10, option.value, option.length);
    key = linnet__hash(loop, link, 10 + option.length);
  }
  return key;
}

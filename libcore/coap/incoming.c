/* SPDX-License-Identifier: Apache-2.0 */
/* incoming.c: what the layer above reads from a request or a response (RFC 7252 5.10; CO-23, CO-24, MOD-06).
 */
#include <string.h>

#include "wire.h"

#define LONGEST_TEXT 255

/*
 * The next text option of that number. *position is 0 or just behind one of the same number, so that the
 * number is the state of the walk and a long row of options costs no more than its length.
 */
static bool next_text(const linnet__incoming *incoming, uint16_t number, size_t *position,
                      linnet__text *out) {
  linnet_option option = {*position == 0 ? 0 : number, NULL, 0};
  while (linnet_message_next_option(&incoming->message, position, &option) && option.number <= number) {
    if (option.number != number || option.length > LONGEST_TEXT) continue;
    out->data = (const char *)option.value;
    out->length = option.length;
    return true;
  }
  return false;
}

bool linnet__incoming_text(const linnet__incoming *incoming, uint16_t option, size_t *position,
                           linnet__text *out) {
  size_t first = *position;
  if (!next_text(incoming, option, position, out)) return false;
  if (option != LINNET__OPTION_URI_PATH || first > 0 || out->length > 0) return true;
  linnet__text second;
  size_t after = *position;
  return next_text(incoming, option, &after, &second);
}

static bool read_id(const linnet_option *segment, uint16_t *id) {
  uint64_t number = 0;
  if (segment->length > 1 && segment->value[0] == '0') return false;
  if (!linnet__parse_unsigned((const char *)segment->value, segment->length, UINT16_MAX, &number))
    return false;
  *id = (uint16_t)number;
  return true;
}

linnet_status linnet__incoming_path(const linnet__incoming *incoming, size_t skip, linnet_path *path) {
  linnet_path found = linnet_path_root();
  linnet_option option = {0, NULL, 0};
  size_t position = 0, segment = 0;
  bool empty = false; /* one that is empty stands for none, if it stands alone */
  while (linnet_message_next_option(&incoming->message, &position, &option) &&
         option.number <= LINNET__OPTION_URI_PATH) {
    if (option.number != LINNET__OPTION_URI_PATH) continue;
    if (empty) return LINNET_ERROR_NOT_FOUND;
    if (segment++ < skip) continue;
    empty = segment == 1 && option.length == 0;
    if (empty) continue;
    if (found.depth == 4 || !read_id(&option, &found.id[found.depth])) return LINNET_ERROR_NOT_FOUND;
    found.depth++;
  }
  *path = found;
  return LINNET_OK;
}

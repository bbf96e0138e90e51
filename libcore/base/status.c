/* SPDX-License-Identifier: Apache-2.0 */
/* status.c: names and texts of the statuses, from the one list of status.h (docs/architecture.md, section 9).
 */
#include <linnet/status.h>

#include "texts.h"
#include "words.h"

enum { LINNET_STATUS_MAP(LINNET__PLACE) STATUSES };
LINNET_STATUS_MAP(LINNET__IN_PLACE)

static const char names[] =
#define STATUS_NAME(constant, value, name, text) name "\0"
    LINNET_STATUS_MAP(STATUS_NAME);
#undef STATUS_NAME
static const char texts[] =
#define STATUS_TEXT(constant, value, name, text) LINNET__WORDS(text) "\0"
    LINNET_STATUS_MAP(STATUS_TEXT);
#undef STATUS_TEXT

const char *linnet_status_name(linnet_status status) {
  return status <= 0 && status > -STATUSES ? linnet__text_at(names, (size_t)-status) : "unknown";
}

const char *linnet_status_text(linnet_status status) {
  if (status > 0 || status <= -STATUSES) return "unknown status";
  const char *text = linnet__text_at(texts, (size_t)-status);
  return *text != 0 ? text : linnet_status_name(status);
}

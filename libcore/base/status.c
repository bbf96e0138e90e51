/* SPDX-License-Identifier: Apache-2.0 */
/* status.c: names and texts of the statuses, from the one list of status.h (docs/architecture.md, section 9).
 */
#include <linnet/status.h>
#include <stddef.h>

#include "words.h"

static const struct {
  linnet_status status;
  const char *name;
  const char *text;
} entries[] = {
#define LINNET_STATUS_ENTRY(constant, value, name, text) {constant, name, LINNET__WORDS(text)},
    LINNET_STATUS_MAP(LINNET_STATUS_ENTRY)
#undef LINNET_STATUS_ENTRY
};

const char *linnet_status_name(linnet_status status) {
  for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
    if (entries[i].status == status) return entries[i].name;
  return "unknown";
}

const char *linnet_status_text(linnet_status status) {
  for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
    if (entries[i].status == status) return entries[i].text[0] != 0 ? entries[i].text : entries[i].name;
  return "unknown status";
}

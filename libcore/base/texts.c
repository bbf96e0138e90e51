/* SPDX-License-Identifier: Apache-2.0 */
/* texts.c: tables of texts without pointers (texts.h). */
#include "texts.h"

#include <string.h>

const char *linnet__text_at(const char *texts, size_t index) {
  for (; index > 0; index--) texts += strlen(texts) + 1;
  return texts;
}

size_t linnet__text_find(const char *texts, size_t count, const char *text, size_t length) {
  for (size_t index = 0; index < count; index++) {
    size_t size = strlen(texts);
    if (size == length && memcmp(texts, text, length) == 0) return index;
    texts += size + 1;
  }
  return count;
}

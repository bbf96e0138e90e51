/* SPDX-License-Identifier: Apache-2.0 */
/* cause_text.c: why there is no session, in words for people (credentials.h). */
#include "dtls.h"

enum { LINNET_CAUSE_MAP(LINNET__PLACE) CAUSES };

const char *linnet_cause_text(linnet_cause cause) {
  static const char texts[] =
#define CAUSE_TEXT(constant, value, name, text) LINNET__WORDS(text) "\0"
      LINNET_CAUSE_MAP(CAUSE_TEXT);
#undef CAUSE_TEXT
  return (size_t)cause < CAUSES ? linnet__text_at(texts, (size_t)cause) : "the reason is unknown";
}

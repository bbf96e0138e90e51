/* SPDX-License-Identifier: Apache-2.0 */
/* cause.c: why there is no session, in names and words (credentials.h). */
#include "dtls.h"

const char *linnet_cause_name(linnet_cause cause) {
  switch (cause) {
#define LINNET_CAUSE_NAME(constant, value, name, text) \
  case constant:                                       \
    return name;
    LINNET_CAUSE_MAP(LINNET_CAUSE_NAME)
#undef LINNET_CAUSE_NAME
  }
  return "unknown";
}

const char *linnet_cause_text(linnet_cause cause) {
  switch (cause) {
#define LINNET_CAUSE_TEXT(constant, value, name, text) \
  case constant:                                       \
    return LINNET__WORDS(text);
    LINNET_CAUSE_MAP(LINNET_CAUSE_TEXT)
#undef LINNET_CAUSE_TEXT
  }
  return "the reason is unknown";
}

/* SPDX-License-Identifier: Apache-2.0 */
/* cause.c: what the causes are called (credentials.h). */
#include "dtls.h"

enum { LINNET_CAUSE_MAP(LINNET__PLACE) CAUSES };
LINNET_CAUSE_MAP(LINNET__IN_PLACE)

const char *linnet_cause_name(linnet_cause cause) {
  static const char names[] =
#define CAUSE_NAME(constant, value, name, text) name "\0"
      LINNET_CAUSE_MAP(CAUSE_NAME);
#undef CAUSE_NAME
  return (size_t)cause < CAUSES ? linnet__text_at(names, (size_t)cause) : "unknown";
}

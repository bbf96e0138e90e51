/* SPDX-License-Identifier: Apache-2.0 */
/* backend_none.c: the DTLS backend of a build that has none (docs/architecture.md, section 6). */
#include "dtls.h"

#include "../base/base.h"

const char *linnet__dtls_backend(void) { return "none"; }

linnet_status linnet__dtls_require(linnet_loop *loop, const char *uri) {
  return linnet__fail(
      loop, LINNET_ERROR_UNAVAILABLE,
      "%s needs DTLS, which this build of linnet leaves out (build it with -DLINNET_DTLS=...)", uri);
}

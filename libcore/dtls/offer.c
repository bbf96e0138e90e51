/* SPDX-License-Identifier: Apache-2.0 */
/* offer.c: this build can secure datagrams (dtls.h). By itself, so that a client that asks does not link how.
 */
#include "dtls.h"

linnet_status linnet__dtls_require(linnet_loop *loop, const char *uri) {
  (void)loop, (void)uri;
  return LINNET_OK;
}

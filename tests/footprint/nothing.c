/* SPDX-License-Identifier: Apache-2.0 */
/* nothing.c: the smallest client has no extras. */
#include "extras.h"

linnet_status add_extras(linnet_client *client) {
  (void)client;
  return LINNET_OK;
}

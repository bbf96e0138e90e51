/* SPDX-License-Identifier: Apache-2.0 */
/* keep_server_none.c: the build has no server role. */
#include "store.h"

linnet_status linnet_driver_keep_server(linnet_driver *driver, linnet_server *server, const char *path) {
  (void)server;
  (void)path;
  return linnet_loop_fail(driver->loop, LINNET_ERROR_UNAVAILABLE, "keep: this build has no server");
}

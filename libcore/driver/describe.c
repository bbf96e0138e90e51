/* SPDX-License-Identifier: Apache-2.0 */
/* describe.c: clients that tell what the system knows (driver.h). */
#include <stdlib.h>

#include "system.h"

#define EVERY_MS 1000

static void let_go(linnet__described *described) {
  linnet_client_unref(described->client);
  free(described);
}

linnet_status linnet__describe(linnet_driver *driver, linnet_client *client, const char *root) {
  linnet_loop *loop = driver->loop;
  if (driver->closed) return linnet_loop_fail(loop, LINNET_ERROR_CLOSED, "describe: the driver is closed");
  if (client == NULL || linnet_client_loop(client) != loop)
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                            "describe: the client belongs to another loop");
  for (const linnet__described *other = driver->described; other != NULL; other = other->next)
    if (other->client == client)
      return linnet_loop_fail(loop, LINNET_ERROR_EXISTS, "describe: the client is described already");
  linnet__described *described = calloc(1, sizeof *described);
  if (described == NULL) return linnet_loop_fail(loop, LINNET_ERROR_NO_MEMORY, "describe: out of memory");
  described->client = linnet_client_ref(client);
  described->root = root;
  linnet_status status = linnet__device_describe(described);
  if (status == LINNET_OK) status = linnet__connectivity_describe(described);
  if (status != LINNET_OK) {
    let_go(described);
    return status;
  }
  described->next = driver->described;
  driver->described = described;
  driver->described_ms = linnet_clock_monotonic();
  return LINNET_OK;
}

linnet_status linnet_driver_describe(linnet_driver *driver, linnet_client *client) {
  return linnet__describe(driver, client, "");
}

void linnet__describe_refresh(linnet_driver *driver, uint64_t now_ms) {
  if (driver->described == NULL || now_ms < driver->described_ms + EVERY_MS) return;
  driver->described_ms = now_ms;
  for (linnet__described **link = &driver->described; *link != NULL;) {
    linnet__described *described = *link;
    linnet_status status = linnet__device_refresh(described);
    if (status == LINNET_OK) status = linnet__connectivity_refresh(described);
    if (status != LINNET_ERROR_CLOSED) {
      link = &described->next;
      continue;
    }
    *link = described->next;
    let_go(described);
    if (driver->closed) return; /* by a release; nothing is left */
  }
}

void linnet__describe_end(linnet_driver *driver) {
  while (driver->described != NULL) {
    linnet__described *described = driver->described;
    driver->described = described->next;
    let_go(described);
  }
}

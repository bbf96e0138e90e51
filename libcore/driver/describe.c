/* SPDX-License-Identifier: Apache-2.0 */
/* describe.c: clients that tell what the system knows (driver.h). */
#include <stdlib.h>

#include "system.h"

#define EVERY_MS 1000

static void end(linnet__part *part) {
  linnet__described *described = (linnet__described *)part;
  linnet_client_unref(described->client);
  free(described);
}

static bool refresh(linnet__part *part, uint64_t now_ms) {
  linnet__described *described = (linnet__described *)part;
  if (now_ms < described->seen_ms + EVERY_MS) return true;
  described->seen_ms = now_ms;
  linnet_status status = linnet__device_refresh(described);
  if (status == LINNET_OK) status = linnet__connectivity_refresh(described);
  return status != LINNET_ERROR_CLOSED;
}

static const linnet__part_rules rules = {.at = {[LINNET__BEFORE_STEP] = refresh}, .end = end};

static bool is_described(const linnet_driver *driver, const linnet_client *client) {
  for (linnet__part *part = linnet__part_first(driver->parts, &rules); part != NULL;
       part = linnet__part_first(part->next, &rules))
    if (((const linnet__described *)part)->client == client) return true;
  return false;
}

linnet_status linnet__describe(linnet_driver *driver, linnet_client *client, const char *root) {
  linnet_loop *loop = driver->loop;
  if (driver->closed) return linnet_loop_fail(loop, LINNET_ERROR_CLOSED, "describe: the driver is closed");
  if (client == NULL || linnet_client_loop(client) != loop)
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                            "describe: the client belongs to another loop");
  if (is_described(driver, client))
    return linnet_loop_fail(loop, LINNET_ERROR_EXISTS, "describe: the client is described already");
  linnet__described *described = calloc(1, sizeof *described);
  if (described == NULL) return linnet_loop_fail(loop, LINNET_ERROR_NO_MEMORY, "describe: out of memory");
  described->client = linnet_client_ref(client);
  described->root = root;
  linnet_status status = linnet__device_describe(described);
  if (status == LINNET_OK) status = linnet__connectivity_describe(described);
  if (status != LINNET_OK) {
    end(&described->part);
    return status;
  }
  described->seen_ms = linnet_clock_monotonic();
  linnet__part_add(driver, &described->part, &rules);
  return LINNET_OK;
}

linnet_status linnet_driver_describe(linnet_driver *driver, linnet_client *client) {
  return linnet__describe(driver, client, "");
}

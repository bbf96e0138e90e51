/* SPDX-License-Identifier: Apache-2.0 */
/* keep.c: clients that are kept in files (driver.h; docs/architecture.md section 8). */
#include <linnet/event.h>
#include <linnet/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define TRY_AGAIN_MS 60000

typedef struct linnet__keeper {
  linnet__part part;
  linnet_client *client; /* holds a reference */
  uint64_t revision;     /* that is in the file */
  uint64_t failed;       /* that could not be written ... */
  uint64_t retry_ms;     /* ... and when it is tried again */
  char path[];
} linnet__keeper;

static void let_go(linnet__keeper *keeper) {
  linnet_client_unref(keeper->client);
  free(keeper);
}

static bool is_closed(const linnet__keeper *keeper) {
  return linnet_client_object(keeper->client, 0) == NULL;
}

/* ---- saving -------------------------------------------------------------------------------------- */

static void save(linnet__keeper *keeper, uint64_t now_ms) {
  const void *data;
  size_t length;
  linnet_loop *loop = keeper->part.driver->loop;
  uint64_t revision = linnet_client_revision(keeper->client);
  if (revision == keeper->revision) return;
  if (revision == keeper->failed && now_ms < keeper->retry_ms) return;
  linnet_status status = linnet_client_save(keeper->client, &data, &length);
  if (status == LINNET_ERROR_WRONG_STATE) return; /* once the bootstrap has finished */
  if (status == LINNET_OK) status = linnet__file_write(loop, keeper->path, data, length);
  if (status == LINNET_OK) {
    keeper->revision = revision;
    return;
  }
  keeper->failed = revision;
  keeper->retry_ms = now_ms + TRY_AGAIN_MS;
  linnet_loop_report(loop, linnet_client_number(keeper->client), status, linnet_error_text(loop));
}

static bool act(linnet__part *part, uint64_t now_ms) {
  linnet__keeper *keeper = (linnet__keeper *)part;
  if (is_closed(keeper)) return false;
  save(keeper, now_ms);
  return true;
}

static void end(linnet__part *part) {
  linnet__keeper *keeper = (linnet__keeper *)part;
  if (!is_closed(keeper)) save(keeper, linnet_clock_monotonic());
  let_go(keeper);
}

static const linnet__part_rules rules = {.at = {[LINNET__AFTER_STEP] = act}, .end = end};

/* ---- restoring ----------------------------------------------------------------------------------- */

/* Of no client that was ever saved. */
#define NEVER UINT64_MAX

static linnet_status restore(linnet_driver *driver, linnet__keeper *keeper) {
  linnet_loop *loop = driver->loop;
  linnet__file file;
  char text[200];
  linnet_status status = linnet__file_read(loop, keeper->path, &file);
  if (status == LINNET_ERROR_NOT_FOUND) return LINNET_OK;
  if (status == LINNET_OK) {
    status = linnet_client_restore(keeper->client, file.data, file.length);
    if (status == LINNET_OK) keeper->revision = linnet_client_revision(keeper->client);
    free(file.data);
  } else if (status == LINNET_ERROR_TOO_LARGE) {
    status = LINNET_ERROR_MALFORMED;
  }
  if (status != LINNET_ERROR_MALFORMED) return status;
  status = linnet__file_set_aside(loop, keeper->path);
  if (status != LINNET_OK) return status;
  snprintf(text, sizeof text, "%.100s is damaged: set aside as %.60s.damaged", keeper->path,
           strrchr(keeper->path, '/') != NULL ? strrchr(keeper->path, '/') + 1 : keeper->path);
  return linnet_loop_fail(loop, LINNET_ERROR_MALFORMED, text);
}

/* Files of clients that were closed may be kept for others. */
static bool is_kept(const linnet_driver *driver, const linnet_client *client, const char *path) {
  for (linnet__part *part = linnet__part_first(driver->parts, &rules); part != NULL;
       part = linnet__part_first(part->next, &rules)) {
    const linnet__keeper *other = (const linnet__keeper *)part;
    if (!is_closed(other) && (other->client == client || strcmp(other->path, path) == 0)) return true;
  }
  return false;
}

linnet_status linnet_driver_keep(linnet_driver *driver, linnet_client *client, const char *path) {
  linnet_loop *loop = driver->loop;
  if (driver->closed) return linnet_loop_fail(loop, LINNET_ERROR_CLOSED, "keep: the driver is closed");
  if (client == NULL || linnet_client_loop(client) != loop)
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "keep: the client belongs to another loop");
  if (path == NULL || path[0] == 0)
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "keep: there is no name for the file");
  if (is_kept(driver, client, path))
    return linnet_loop_fail(loop, LINNET_ERROR_EXISTS, "keep: the client or the file is kept already");
  size_t size = strlen(path) + 1;
  linnet__keeper *keeper = calloc(1, sizeof *keeper + size);
  if (keeper == NULL) return linnet_loop_fail(loop, LINNET_ERROR_NO_MEMORY, "keep: out of memory");
  memcpy(keeper->path, path, size);
  keeper->client = linnet_client_ref(client);
  keeper->revision = keeper->failed = NEVER;
  linnet_status status = restore(driver, keeper);
  if (status != LINNET_OK && status != LINNET_ERROR_MALFORMED) {
    let_go(keeper);
    return status;
  }
  linnet__part_add(driver, &keeper->part, &rules);
  return status;
}

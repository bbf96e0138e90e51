/* SPDX-License-Identifier: Apache-2.0 */
/* keep.c: clients that are kept in files (driver.h; docs/architecture.md section 8). */
#include <linnet/event.h>
#include <linnet/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define TRY_AGAIN_MS 60000

typedef struct linnet__keeper linnet__keeper;
struct linnet__keeper {
  linnet__keeper *next;
  linnet_client *client; /* holds a reference */
  uint64_t revision;     /* that is in the file */
  uint64_t failed;       /* that could not be written ... */
  uint64_t retry_ms;     /* ... and when it is tried again */
  char path[];
};

static void let_go(linnet__keeper *keeper) {
  linnet_client_unref(keeper->client);
  free(keeper);
}

static bool is_closed(const linnet__keeper *keeper) {
  return linnet_client_object(keeper->client, 0) == NULL;
}

/* Their files may be kept for others. */
static void forget_closed(linnet_driver *driver) {
  for (linnet__keeper **link = &driver->keepers; *link != NULL;) {
    linnet__keeper *keeper = *link;
    if (!is_closed(keeper)) {
      link = &keeper->next;
      continue;
    }
    *link = keeper->next;
    let_go(keeper);
  }
}

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

linnet_status linnet_driver_keep(linnet_driver *driver, linnet_client *client, const char *path) {
  linnet_loop *loop = driver->loop;
  if (driver->closed) return linnet_loop_fail(loop, LINNET_ERROR_CLOSED, "keep: the driver is closed");
  if (client == NULL || linnet_client_loop(client) != loop)
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "keep: the client belongs to another loop");
  if (path == NULL || path[0] == 0)
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "keep: there is no name for the file");
  forget_closed(driver);
  for (const linnet__keeper *other = driver->keepers; other != NULL; other = other->next)
    if (other->client == client || strcmp(other->path, path) == 0)
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
  keeper->next = driver->keepers;
  driver->keepers = keeper;
  return status;
}

/* CLOSED: the client is. */
static linnet_status save(const linnet_driver *driver, linnet__keeper *keeper, uint64_t now_ms) {
  const void *data;
  size_t length;
  uint64_t revision = linnet_client_revision(keeper->client);
  if (is_closed(keeper)) return LINNET_ERROR_CLOSED;
  if (revision == keeper->revision) return LINNET_OK;
  if (revision == keeper->failed && now_ms < keeper->retry_ms) return LINNET_OK;
  linnet_status status = linnet_client_save(keeper->client, &data, &length);
  if (status == LINNET_ERROR_WRONG_STATE) return LINNET_OK; /* once the bootstrap has finished */
  if (status == LINNET_OK) status = linnet__file_write(driver->loop, keeper->path, data, length);
  if (status == LINNET_OK) {
    keeper->revision = revision;
    return LINNET_OK;
  }
  keeper->failed = revision;
  keeper->retry_ms = now_ms + TRY_AGAIN_MS;
  linnet_loop_report(driver->loop, linnet_client_number(keeper->client), status,
                     linnet_error_text(driver->loop));
  return status;
}

void linnet__keep_save(linnet_driver *driver, uint64_t now_ms) {
  for (linnet__keeper **link = &driver->keepers; *link != NULL;) {
    linnet__keeper *keeper = *link;
    if (save(driver, keeper, now_ms) != LINNET_ERROR_CLOSED) {
      link = &keeper->next;
      continue;
    }
    *link = keeper->next;
    let_go(keeper);
    if (driver->closed) return; /* by a release; nothing is left */
  }
}

void linnet__keep_end(linnet_driver *driver) {
  while (driver->keepers != NULL) {
    linnet__keeper *keeper = driver->keepers;
    driver->keepers = keeper->next;
    (void)save(driver, keeper, linnet_clock_monotonic());
    let_go(keeper);
  }
}

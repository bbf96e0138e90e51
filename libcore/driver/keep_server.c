/* SPDX-License-Identifier: Apache-2.0 */
/* keep_server.c: servers that are kept in logs (driver.h; docs/architecture.md section 8). */
#include <errno.h>
#include <fcntl.h>
#include <linnet/event.h>
#include <linnet/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

/* The first bytes of a log. Then come records. */
static const char magic[] = "linnet server 1\n";
#define MAGIC_SIZE (sizeof magic - 1)
#define TRY_AGAIN_MS 60000
/* A log that is so much larger than what it was is written anew. */
#define SLACK ((uint64_t)1 << 20)

typedef struct server_log {
  int descriptor; /* -1: none */
  uint64_t size;
} server_log;

typedef struct linnet__server_keeper {
  linnet__part part;
  linnet_server *server; /* holds a reference */
  server_log log;
  uint64_t first_size; /* of the log when it was new */
  server_log fresh;    /* takes its place once everything is in it */
  uint64_t position;   /* up to where everything is in it */
  bool failed;         /* the log lacks something ... */
  uint64_t retry_ms;   /* ... and is written anew then */
  char path[];
} linnet__server_keeper;

/* ---- logs ---------------------------------------------------------------------------------------- */

static linnet_status fail(const linnet_driver *driver, const char *call,
                          const linnet__server_keeper *keeper) {
  char what[200];
  int error = errno;
  snprintf(what, sizeof what, "cannot %s %.150s", call, keeper->path);
  return linnet__driver_fail(driver->loop, what, error);
}

static void close_log(server_log *log) {
  if (log->descriptor >= 0) close(log->descriptor);
  *log = (server_log){.descriptor = -1};
}

static bool append(server_log *log, const void *data, size_t length) {
  if (!linnet__file_append(log->descriptor, data, length)) return false;
  log->size += length;
  return true;
}

static const char *fresh_path(const linnet__server_keeper *keeper, char path[LINNET__PATH_SIZE]) {
  snprintf(path, LINNET__PATH_SIZE, "%s.new", keeper->path);
  return path;
}

/* One server at a time: two would each know half. */
static bool lock(const server_log *log) { return flock(log->descriptor, LOCK_EX | LOCK_NB) == 0; }

static bool begin_fresh(linnet__server_keeper *keeper) {
  char path[LINNET__PATH_SIZE];
  close_log(&keeper->fresh);
  keeper->position = 0;
  keeper->fresh.descriptor = linnet__file_create(fresh_path(keeper, path));
  return keeper->fresh.descriptor >= 0 && lock(&keeper->fresh) && append(&keeper->fresh, magic, MAGIC_SIZE);
}

/* A part more of everything; the last one puts the new log in the place of the old one. */
static bool go_on(linnet__server_keeper *keeper) {
  char path[LINNET__PATH_SIZE];
  const void *data;
  size_t length;
  if (linnet_server_save_part(keeper->server, &keeper->position, &data, &length) != LINNET_OK) return false;
  if (!append(&keeper->fresh, data, length)) return false;
  if (keeper->position != LINNET_SAVED) return true;
  if (fsync(keeper->fresh.descriptor) != 0 || rename(fresh_path(keeper, path), keeper->path) != 0)
    return false;
  linnet__file_sync_folder(keeper->path);
  close_log(&keeper->log);
  keeper->log = keeper->fresh;
  keeper->first_size = keeper->log.size;
  keeper->fresh = (server_log){.descriptor = -1};
  return true;
}

static bool write_anew(linnet__server_keeper *keeper) {
  if (!begin_fresh(keeper)) return false;
  while (keeper->fresh.descriptor >= 0)
    if (!go_on(keeper)) return false;
  return true;
}

/* ---- keeping ------------------------------------------------------------------------------------- */

/* One write and one sync for all that a step changed. */
static bool write_changes(linnet__server_keeper *keeper, const void *data, size_t length) {
  if (length == 0) return true;
  if (keeper->fresh.descriptor >= 0 && !append(&keeper->fresh, data, length)) return false;
  return append(&keeper->log, data, length) && fdatasync(keeper->log.descriptor) == 0;
}

static linnet_status failed(const linnet_driver *driver, linnet__server_keeper *keeper, uint64_t now_ms) {
  linnet_status status = fail(driver, "write", keeper);
  close_log(&keeper->fresh);
  keeper->failed = true;
  keeper->retry_ms = now_ms + TRY_AGAIN_MS;
  linnet_loop_report(driver->loop, linnet_server_number(keeper->server), status,
                     linnet_error_text(driver->loop));
  return status;
}

/* False: the server is closed. */
static bool save(linnet__part *part, uint64_t now_ms) {
  linnet__server_keeper *keeper = (linnet__server_keeper *)part;
  const void *data;
  size_t length;
  linnet_status status = linnet_server_changes(keeper->server, &data, &length);
  if (status == LINNET_ERROR_CLOSED) return false;
  bool written = true;
  errno = ENOMEM;
  if (status != LINNET_OK || (keeper->failed && now_ms >= keeper->retry_ms)) {
    written = write_anew(keeper);
    if (written) keeper->failed = false;
  } else if (!keeper->failed) {
    bool grows = keeper->log.size > 2 * keeper->first_size + SLACK;
    written = write_changes(keeper, data, length);
    if (written && keeper->fresh.descriptor < 0 && grows) written = begin_fresh(keeper);
    if (written && keeper->fresh.descriptor >= 0) written = go_on(keeper);
  }
  if (!written) failed(part->driver, keeper, now_ms);
  (void)linnet_server_stored(keeper->server); /* devices are answered all the same */
  return true;
}

static void let_go(linnet__server_keeper *keeper) {
  close_log(&keeper->log);
  close_log(&keeper->fresh);
  linnet_server_unref(keeper->server);
  free(keeper);
}

static void end(linnet__part *part) {
  (void)save(part, linnet_clock_monotonic());
  let_go((linnet__server_keeper *)part);
}

static const linnet__part_rules rules = {.at = {[LINNET__AFTER_STEP] = save}, .end = end};

/* ---- opening ------------------------------------------------------------------------------------- */

typedef struct contents {
  const uint8_t *data;
  size_t size;
  size_t sound; /* bytes of whole records behind the magic */
  bool damaged; /* more than a last write that was torn */
} contents;

/* A write that was torn has nothing behind it. */
static bool is_torn(const contents *c) {
  size_t at = MAGIC_SIZE + c->sound, left = c->size - at;
  if (left < 8) return true;
  size_t size = 0;
  for (size_t i = 0; i < 4; i++) size = size << 8 | c->data[at + i];
  return size == 0 || size >= left - 8;
}

static void look_through(contents *c) {
  linnet_change change;
  linnet_status status = LINNET_ERROR_MALFORMED;
  if (c->size >= MAGIC_SIZE && memcmp(c->data, magic, MAGIC_SIZE) == 0)
    while ((status = linnet_change_next(c->data + MAGIC_SIZE, c->size - MAGIC_SIZE, &c->sound, &change)) ==
           LINNET_OK)
      continue;
  else if (c->size > 0) {
    c->damaged = true;
    return;
  }
  c->damaged = status == LINNET_ERROR_MALFORMED && c->size > MAGIC_SIZE && !is_torn(c);
}

static linnet_status read_log(const linnet_driver *driver, linnet__server_keeper *keeper, contents *c) {
  struct stat facts;
  memset(c, 0, sizeof *c);
  keeper->log.descriptor = open(keeper->path, O_RDWR | O_CLOEXEC);
  if (keeper->log.descriptor < 0) return errno == ENOENT ? LINNET_OK : fail(driver, "open", keeper);
  if (!lock(&keeper->log))
    return linnet_loop_fail(driver->loop, LINNET_ERROR_EXISTS,
                            "keep: another program keeps a server in the file");
  if (fstat(keeper->log.descriptor, &facts) != 0) return fail(driver, "read", keeper);
  c->size = (size_t)facts.st_size;
  if (c->size == 0) return LINNET_OK;
  void *data = mmap(NULL, c->size, PROT_READ, MAP_PRIVATE, keeper->log.descriptor, 0);
  if (data == MAP_FAILED) return fail(driver, "read", keeper);
  c->data = data;
  look_through(c);
  return LINNET_OK;
}

static linnet_status set_aside(const linnet_driver *driver, linnet__server_keeper *keeper, size_t sound) {
  char text[250];
  linnet_status status = linnet__file_set_aside(driver->loop, keeper->path);
  if (status != LINNET_OK) return status;
  if (!write_anew(keeper)) return fail(driver, "write", keeper);
  snprintf(text, sizeof text,
           "%.80s is damaged: what stands in its first %zu bytes is used, the file is set aside as "
           "%.60s.damaged",
           keeper->path, sound == 0 ? 0 : sound + MAGIC_SIZE,
           strrchr(keeper->path, '/') != NULL ? strrchr(keeper->path, '/') + 1 : keeper->path);
  return linnet_loop_fail(driver->loop, LINNET_ERROR_MALFORMED, text);
}

/* The log without what was torn; or a new one. */
static linnet_status take_up(const linnet_driver *driver, linnet__server_keeper *keeper, const contents *c) {
  off_t end = (off_t)(MAGIC_SIZE + c->sound);
  if (c->damaged) return set_aside(driver, keeper, c->sound);
  if (c->sound == 0) return write_anew(keeper) ? LINNET_OK : fail(driver, "write", keeper);
  if (ftruncate(keeper->log.descriptor, end) != 0 || lseek(keeper->log.descriptor, end, SEEK_SET) != end)
    return fail(driver, "write", keeper);
  keeper->log.size = (uint64_t)end;
  keeper->first_size = keeper->log.size / 2;
  return LINNET_OK;
}

static linnet_status restore(const linnet_driver *driver, linnet__server_keeper *keeper) {
  contents c;
  linnet_status status = read_log(driver, keeper, &c);
  if (status == LINNET_OK && c.sound > 0)
    status = linnet_server_restore(keeper->server, c.data + MAGIC_SIZE, c.sound);
  if (status == LINNET_ERROR_MALFORMED) { /* of something else, or of a later version */
    c.damaged = true;
    c.sound = 0;
    status = LINNET_OK;
  }
  if (status == LINNET_OK) status = linnet_server_record(keeper->server);
  if (status == LINNET_OK) status = take_up(driver, keeper, &c);
  if (c.data != NULL) munmap((void *)(uintptr_t)c.data, c.size);
  return status;
}

static bool is_kept(const linnet_driver *driver, const linnet_server *server, const char *path) {
  for (linnet__part *part = linnet__part_first(driver->parts, &rules); part != NULL;
       part = linnet__part_first(part->next, &rules)) {
    const linnet__server_keeper *other = (const linnet__server_keeper *)part;
    if (other->server == server || strcmp(other->path, path) == 0) return true;
  }
  return false;
}

linnet_status linnet_driver_keep_server(linnet_driver *driver, linnet_server *server, const char *path) {
  linnet_loop *loop = driver->loop;
  if (driver->closed) return linnet_loop_fail(loop, LINNET_ERROR_CLOSED, "keep: the driver is closed");
  if (server == NULL || linnet_server_loop(server) != loop)
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "keep: the server belongs to another loop");
  if (path == NULL || path[0] == 0 || strlen(path) + 8 >= LINNET__PATH_SIZE)
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "keep: there is no name for the file");
  linnet__parts_act(driver, LINNET__AFTER_STEP, linnet_clock_monotonic()); /* the closed ones end */
  if (is_kept(driver, server, path))
    return linnet_loop_fail(loop, LINNET_ERROR_EXISTS, "keep: the server or the file is kept already");
  size_t size = strlen(path) + 1;
  linnet__server_keeper *keeper = calloc(1, sizeof *keeper + size);
  if (keeper == NULL) return linnet_loop_fail(loop, LINNET_ERROR_NO_MEMORY, "keep: out of memory");
  memcpy(keeper->path, path, size);
  keeper->server = linnet_server_ref(server);
  keeper->log.descriptor = keeper->fresh.descriptor = -1;
  linnet_status status = restore(driver, keeper);
  if (status != LINNET_OK && status != LINNET_ERROR_MALFORMED) {
    let_go(keeper);
    return status;
  }
  linnet__part_add(driver, &keeper->part, &rules);
  return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* keep_test.c: a client in a file: whole at any time, or set aside (driver.h; docs/architecture.md section
 * 8).
 */
#define _GNU_SOURCE /* mkdtemp */
#include <linnet/driver.h>
#include <linnet/linnet.h>
#include <linnet/store.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "folder.h"

static char path[100];

static void begin_folder(void) {
  make_folder();
  snprintf(path, sizeof path, "%s/client", folder);
}

typedef struct party {
  linnet_loop *loop;
  linnet_driver *driver;
  linnet_client *client;
} party;

static void begin(party *p) {
  p->loop = linnet_loop_new("0123456789abcdef", 16);
  p->driver = linnet_driver_new(p->loop);
  p->client = linnet_client_new(p->loop, "node", NULL);
  CHECK(p->client != NULL && p->driver != NULL);
}

static void end(party *p) {
  linnet_client_close(p->client);
  linnet_client_unref(p->client);
  linnet_driver_unref(p->driver);
  linnet_loop_unref(p->loop);
}

static size_t accounts(const party *p) {
  return linnet_object_instance_count(linnet_client_object(p->client, 0));
}

static void add_server(const party *p, uint16_t short_server_id) {
  CHECK_EQUAL(linnet_client_add_server(p->client, "coap://127.0.0.1", short_server_id, 60), LINNET_OK);
}

static void write_file(const char *name, const void *data, size_t length) {
  FILE *file = fopen(name, "w");
  CHECK(file != NULL);
  CHECK_EQUAL(fwrite(data, 1, length, file), length);
  fclose(file);
}

static size_t read_file(const char *name, uint8_t data[4096]) {
  FILE *file = fopen(name, "r");
  CHECK(file != NULL);
  size_t length = fread(data, 1, 4096, file);
  fclose(file);
  return length;
}

static void comes_back_from_its_file(void) {
  party p;
  struct stat facts;
  begin_folder();
  begin(&p);
  CHECK_EQUAL(linnet_driver_keep(p.driver, p.client, path), LINNET_OK);
  CHECK_EQUAL(linnet_driver_keep(p.driver, p.client, path), LINNET_ERROR_EXISTS);
  add_server(&p, 7);
  CHECK(stat(path, &facts) != 0);
  CHECK_EQUAL(linnet_driver_run(p.driver), LINNET_OK);
  CHECK_EQUAL(stat(path, &facts), 0);
  CHECK_EQUAL(facts.st_mode & 0777, 0600); /* there are keys in it */
  ino_t first = facts.st_ino;
  CHECK_EQUAL(linnet_driver_run(p.driver), LINNET_OK);
  CHECK_EQUAL(stat(path, &facts), 0);
  CHECK(facts.st_ino == first); /* nothing new */
  add_server(&p, 8);
  linnet_driver_close(p.driver); /* the last chance */
  end(&p);
  begin(&p);
  CHECK_EQUAL(linnet_driver_keep(p.driver, p.client, path), LINNET_OK);
  CHECK_EQUAL(accounts(&p), 2);
  end(&p);
  remove_folder();
}

static void expect_aside(const void *data, size_t length) {
  party p;
  char aside[120];
  uint8_t found[4096];
  write_file(path, data, length);
  begin(&p);
  add_server(&p, 1);
  CHECK_EQUAL(linnet_driver_keep(p.driver, p.client, path), LINNET_ERROR_MALFORMED);
  CHECK(strstr(linnet_error_text(p.loop), "client is damaged: set aside as client.damaged") != NULL);
  CHECK_EQUAL(accounts(&p), 1); /* as the program made it */
  snprintf(aside, sizeof aside, "%s.damaged", path);
  CHECK_BYTES(found, read_file(aside, found), data, length);
  CHECK(access(path, F_OK) != 0);
  CHECK_EQUAL(linnet_driver_run(p.driver), LINNET_OK); /* kept from now on */
  CHECK_EQUAL(access(path, F_OK), 0);
  end(&p);
}

static void sets_aside_what_is_torn_or_damaged(void) {
  party p;
  uint8_t data[4096];
  begin_folder();
  begin(&p);
  add_server(&p, 7);
  add_server(&p, 8);
  CHECK_EQUAL(linnet_driver_keep(p.driver, p.client, path), LINNET_OK);
  CHECK_EQUAL(linnet_driver_run(p.driver), LINNET_OK);
  end(&p);
  size_t length = read_file(path, data);
  expect_aside(data, length / 2);
  expect_aside("", 0);
  expect_aside("hello", 5);
  data[length / 2] ^= 1;
  expect_aside(data, length);
  remove_folder();
}

static void says_why_it_cannot_write(void) {
  party p;
  begin_folder();
  begin(&p);
  snprintf(path, sizeof path, "%s/none/client", folder);
  CHECK_EQUAL(linnet_driver_keep(p.driver, p.client, path), LINNET_OK);
  CHECK_EQUAL(linnet_driver_run(p.driver), LINNET_OK);
  linnet_event *event = linnet_loop_next_event(p.loop);
  CHECK(event != NULL);
  CHECK_EQUAL(linnet_event_get_kind(event), LINNET_EVENT_ERROR);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_SYSTEM);
  CHECK_EQUAL(linnet_event_source(event), linnet_client_number(p.client));
  CHECK(strstr(linnet_event_text(event), "cannot write") != NULL);
  CHECK_EQUAL(linnet_driver_run(p.driver), LINNET_OK);
  CHECK(linnet_loop_next_event(p.loop) == NULL); /* not for a minute */
  char other[100];
  snprintf(other, sizeof other, "%s/none", folder);
  CHECK_EQUAL(mkdir(other, 0700), 0);
  add_server(&p, 7); /* or the next change */
  CHECK_EQUAL(linnet_driver_run(p.driver), LINNET_OK);
  CHECK_EQUAL(access(path, F_OK), 0);
  end(&p);
  begin(&p);
  CHECK_EQUAL(linnet_driver_keep(p.driver, p.client, folder), LINNET_ERROR_SYSTEM); /* a folder */
  CHECK_EQUAL(linnet_driver_keep(p.driver, p.client, ""), LINNET_ERROR_INVALID_ARGUMENT);
  end(&p);
  remove_folder();
}

static void lets_go_of_a_client_that_closed(void) {
  party p;
  begin_folder();
  begin(&p);
  size_t before = linnet_loop_memory_used(p.loop);
  linnet_client *other = linnet_client_new(p.loop, "other", NULL);
  CHECK_EQUAL(linnet_driver_keep(p.driver, other, path), LINNET_OK);
  linnet_client_close(other);
  linnet_client_unref(other);
  CHECK(linnet_loop_memory_used(p.loop) > before);
  CHECK_EQUAL(linnet_driver_run(p.driver), LINNET_OK);
  CHECK(linnet_loop_memory_used(p.loop) <= before + 64);
  end(&p);
  remove_folder();
}

/* Makes changes until it is killed; tells of each one that is safe. */
static void change_for_ever(int told) {
  party p;
  begin(&p);
  if (linnet_driver_keep(p.driver, p.client, path) != LINNET_OK) _exit(1);
  for (uint16_t id = 1; id < 2000; id++) {
    add_server(&p, id);
    if (linnet_driver_run(p.driver) != LINNET_OK || write(told, "x", 1) != 1) _exit(1);
  }
  _exit(2);
}

/* After kill -9 at any moment, all that was told of is there. */
static void survives_being_killed(void) {
  for (unsigned round = 1; round <= 10; round++) {
    int pipes[2];
    char byte;
    size_t told = 0;
    begin_folder();
    CHECK_EQUAL(pipe(pipes), 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) change_for_ever(pipes[1]);
    close(pipes[1]);
    while (told < 3 * round && read(pipes[0], &byte, 1) == 1) told++;
    CHECK_EQUAL(kill(child, SIGKILL), 0);
    CHECK_EQUAL(waitpid(child, NULL, 0), child);
    while (read(pipes[0], &byte, 1) == 1) told++;
    close(pipes[0]);
    party p;
    begin(&p);
    CHECK_EQUAL(linnet_driver_keep(p.driver, p.client, path), LINNET_OK);
    CHECK(accounts(&p) == told || accounts(&p) == told + 1);
    end(&p);
    remove_folder();
  }
}

int main(void) {
  return RUN(comes_back_from_its_file, sets_aside_what_is_torn_or_damaged, says_why_it_cannot_write,
             lets_go_of_a_client_that_closed, survives_being_killed);
}

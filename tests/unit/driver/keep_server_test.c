/* SPDX-License-Identifier: Apache-2.0 */
/* keep_server_test.c: a server in a log: killed at any time, it knows what it acknowledged (driver.h;
 * docs/architecture.md section 8). */
#define _GNU_SOURCE /* mkdtemp */
#include <linnet/driver.h>
#include <linnet/linnet.h>
#include <linnet/store.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "folder.h"

#define BATCH 64

static char path[100];

static void begin_folder(void) {
  make_folder();
  snprintf(path, sizeof path, "%s/server", folder);
}

/* A server without sockets: the test hands it datagrams, and the driver does the rest. */
typedef struct party {
  linnet_loop *loop;
  linnet_driver *driver;
  linnet_server *server;
  linnet_transport *transport;
  uint16_t message_id;
} party;

static linnet_status begin(party *p) {
  p->loop = linnet_loop_new("0123456789abcdef", 16);
  p->driver = linnet_driver_new(p->loop);
  p->server = linnet_server_new(p->loop, NULL);
  p->transport = linnet_transport_new(p->loop, LINNET_TRANSPORT_UDP);
  p->message_id = 1;
  CHECK(p->server != NULL && p->driver != NULL && p->transport != NULL);
  CHECK_EQUAL(linnet_server_add_transport(p->server, p->transport), LINNET_OK);
  return linnet_driver_keep_server(p->driver, p->server, path);
}

static void end(party *p) {
  linnet_server_close(p->server);
  linnet_server_unref(p->server);
  linnet_transport_close(p->transport);
  linnet_transport_unref(p->transport);
  linnet_driver_unref(p->driver);
  linnet_loop_unref(p->loop);
}

static size_t put_option(uint8_t *at, unsigned delta, const char *text) {
  size_t length = strlen(text);
  at[0] = (uint8_t)(delta << 4 | (length < 13 ? length : 13));
  if (length >= 13) at[1] = (uint8_t)(length - 13);
  size_t head = length < 13 ? 1 : 2;
  memcpy(at + head, text, length);
  return head + length;
}

/* POST /rd?ep=<endpoint>&lt=600&lwm2m=1.0, and "&b=UQ" or the like. */
static void post_register(party *p, const char *endpoint, const char *binding) {
  static const char links[] = "</1/0>,</3/0>,</3303/0>";
  uint8_t bytes[256] = {0x40, 0x02};
  char query[64];
  size_t length = 4;
  linnet_address peer;
  CHECK_EQUAL(linnet_address_parse(&peer, "10.0.0.2:5683"), LINNET_OK);
  bytes[2] = (uint8_t)(p->message_id >> 8);
  bytes[3] = (uint8_t)p->message_id++;
  length += put_option(bytes + length, 11, "rd");
  length += put_option(bytes + length, 1, "(");
  snprintf(query, sizeof query, "ep=%s", endpoint);
  length += put_option(bytes + length, 3, query);
  length += put_option(bytes + length, 0, "lt=600");
  length += put_option(bytes + length, 0, "lwm2m=1.0");
  if (binding != NULL) length += put_option(bytes + length, 0, binding);
  bytes[length++] = 0xff;
  memcpy(bytes + length, links, sizeof links - 1);
  length += sizeof links - 1;
  CHECK_EQUAL(linnet_transport_receive(p->transport, &peer, bytes, length), LINNET_OK);
}

/* How many were answered with 2.01. */
static unsigned acknowledged(party *p) {
  linnet_datagram datagram;
  unsigned count = 0;
  while (linnet_transport_next(p->transport, &datagram)) count += datagram.data[1] == 0x41;
  return count;
}

static void run(party *p) {
  CHECK_EQUAL(linnet_driver_run(p->driver), LINNET_OK);
  while (linnet_loop_next_event(p->loop) != NULL) continue;
}

static unsigned enrol(party *p, unsigned first, unsigned count) {
  char endpoint[32];
  for (unsigned i = first; i < first + count; i++) {
    snprintf(endpoint, sizeof endpoint, "device-%u", i);
    post_register(p, endpoint, NULL);
  }
  run(p);
  return acknowledged(p);
}

static size_t file_size(void) {
  struct stat facts;
  CHECK_EQUAL(stat(path, &facts), 0);
  return (size_t)facts.st_size;
}

static void comes_back_from_its_log(void) {
  party p;
  struct stat facts;
  begin_folder();
  CHECK_EQUAL(begin(&p), LINNET_OK);
  CHECK_EQUAL(linnet_driver_keep_server(p.driver, p.server, path), LINNET_ERROR_EXISTS);
  CHECK_EQUAL(enrol(&p, 0, 3), 3);
  uint64_t number = linnet_server_find(p.server, "device-1");
  CHECK_EQUAL(stat(path, &facts), 0);
  CHECK_EQUAL(facts.st_mode & 0777, 0600);
  end(&p);
  CHECK_EQUAL(begin(&p), LINNET_OK);
  CHECK_EQUAL(linnet_server_registration_count(p.server), 3);
  CHECK_EQUAL(linnet_server_find(p.server, "device-1"), number);
  CHECK_EQUAL(enrol(&p, 3, 1), 1);
  end(&p);
  CHECK_EQUAL(begin(&p), LINNET_OK);
  CHECK_EQUAL(linnet_server_registration_count(p.server), 4);
  end(&p);
  remove_folder();
}

/* In the middle of 10,000 registrations: the child tells how many it has acknowledged after each turn. */
static void a_kill_loses_nothing_that_was_acknowledged(void) {
  enum { COUNT = 10000 };
  int pipes[2];
  unsigned told = 0;
  bool killed = false;
  party p;
  char endpoint[32];
  begin_folder();
  CHECK_EQUAL(pipe(pipes), 0);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK_EQUAL(begin(&p), LINNET_OK);
    for (unsigned done = 0; done < COUNT;) {
      done += enrol(&p, done, BATCH);
      CHECK_EQUAL(write(pipes[1], &done, sizeof done), sizeof done);
    }
    _exit(0);
  }
  close(pipes[1]);
  for (unsigned done; read(pipes[0], &done, sizeof done) == sizeof done;) {
    told = done;
    if (done >= COUNT / 2 && !killed) CHECK_EQUAL(kill(child, SIGKILL), 0);
    killed = done >= COUNT / 2;
  }
  close(pipes[0]);
  CHECK_EQUAL(waitpid(child, NULL, 0), child);
  CHECK(told >= COUNT / 2 && told < COUNT);
  CHECK_EQUAL(begin(&p), LINNET_OK);
  for (unsigned i = 0; i < told; i++) {
    snprintf(endpoint, sizeof endpoint, "device-%u", i);
    CHECK(linnet_server_find(p.server, endpoint) != 0);
  }
  CHECK(linnet_server_registration_count(p.server) <= told + BATCH);
  end(&p);
  remove_folder();
}

static void receive(party *p, const uint8_t *bytes, size_t length) {
  linnet_address peer;
  CHECK_EQUAL(linnet_address_parse(&peer, "10.0.0.2:5683"), LINNET_OK);
  CHECK_EQUAL(linnet_transport_receive(p->transport, &peer, bytes, length), LINNET_OK);
}

/* 2.05 with Observe and "20.5" as text: the answer to a GET, or with `number` over 0 a notification. */
static void notify(party *p, const uint8_t *token, uint8_t token_length, uint16_t message_id,
                   uint8_t number) {
  uint8_t bytes[32] = {(uint8_t)((number == 0 ? 0x60 : 0x50) | token_length), 0x45,
                       (uint8_t)(message_id >> 8), (uint8_t)message_id};
  static const char payload[] =
      "\xff"
      "20.5";
  size_t length = 4;
  memcpy(bytes + length, token, token_length);
  length += token_length;
  bytes[length++] = number > 0 ? 0x61 : 0x60; /* Observe */
  if (number > 0) bytes[length++] = number;
  bytes[length++] = 0x60; /* Content-Format 0 */
  memcpy(bytes + length, payload, strlen(payload));
  receive(p, bytes, length + strlen(payload));
}

/* A request is on its way to a device, and another waits for one that sleeps. */
static void observe_and_queue(party *p, int told) {
  linnet_datagram datagram;
  uint8_t facts[9] = {0};
  linnet_path path_of_value = linnet_path_resource(3303, 0, 5700);
  CHECK_EQUAL(begin(p), LINNET_OK);
  linnet_server_set_awake_time(p->server, 0);
  post_register(p, "watcher", NULL);
  post_register(p, "sleeper", "b=UQ");
  run(p);
  CHECK_EQUAL(acknowledged(p), 2);
  uint64_t watcher = linnet_server_find(p->server, "watcher"),
           sleeper = linnet_server_find(p->server, "sleeper");
  CHECK_EQUAL(linnet_server_request(p->server, watcher, LINNET_OPERATION_OBSERVE, path_of_value, NULL, NULL,
                                    LINNET_FORMAT_TEXT, NULL),
              LINNET_OK);
  CHECK_EQUAL(linnet_server_request(p->server, sleeper, LINNET_OPERATION_READ, linnet_path_resource(3, 0, 0),
                                    NULL, NULL, LINNET_FORMAT_TEXT, NULL),
              LINNET_OK);
  run(p);
  CHECK(linnet_transport_next(p->transport, &datagram));
  facts[0] = datagram.data[0] & 0x0F;
  memcpy(facts + 1, datagram.data + 4, facts[0]);
  notify(p, facts + 1, facts[0], (uint16_t)(datagram.data[2] << 8 | datagram.data[3]), 0);
  run(p);
  CHECK_EQUAL(write(told, facts, sizeof facts), sizeof facts);
}

/* OBS-08, QUE-04. */
static void a_kill_loses_no_observation_and_no_request_that_waits(void) {
  int pipes[2];
  uint8_t facts[9], update[64] = {0x40, 0x02, 0x77, 0x01};
  party p;
  begin_folder();
  CHECK_EQUAL(pipe(pipes), 0);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    observe_and_queue(&p, pipes[1]);
    pause();
    _exit(0);
  }
  CHECK_EQUAL(read(pipes[0], facts, sizeof facts), sizeof facts);
  CHECK_EQUAL(kill(child, SIGKILL), 0);
  CHECK_EQUAL(waitpid(child, NULL, 0), child);
  close(pipes[0]);
  close(pipes[1]);
  CHECK_EQUAL(begin(&p), LINNET_OK);
  notify(&p, facts + 1, facts[0], 0x7700, 5);
  CHECK_EQUAL(linnet_driver_run(p.driver), LINNET_OK);
  const linnet_event *event = linnet_loop_next_event(p.loop);
  CHECK(event != NULL && linnet_event_get_kind(event) == LINNET_EVENT_QUEUED); /* it waits again */
  CHECK_TEXT(linnet_event_endpoint(event), "sleeper");
  event = linnet_loop_next_event(p.loop);
  CHECK(event != NULL && linnet_event_get_kind(event) == LINNET_EVENT_NOTIFY);
  CHECK_TEXT(linnet_event_endpoint(event), "watcher");
  uint64_t sleeper = linnet_server_find(p.server, "sleeper");
  CHECK_EQUAL(linnet_server_queued_count(p.server, sleeper), 1);
  size_t length = 4 + put_option(update + 4, 11, "rd");
  length += put_option(update + length, 0, linnet_server_location(p.server, sleeper) + strlen("/rd/"));
  receive(&p, update, length);
  run(&p);
  linnet_datagram answer, request;
  CHECK(linnet_transport_next(p.transport, &answer) && answer.data[1] == 0x44);
  CHECK(linnet_transport_next(p.transport, &request) && request.data[1] == 0x01);
  CHECK_EQUAL(linnet_server_queued_count(p.server, sleeper), 0);
  end(&p);
  remove_folder();
}

static void a_log_is_for_one_server(void) {
  party p, other;
  begin_folder();
  CHECK_EQUAL(begin(&p), LINNET_OK);
  CHECK_EQUAL(begin(&other), LINNET_ERROR_EXISTS);
  CHECK(strstr(linnet_error_text(other.loop), "another program") != NULL);
  end(&other);
  CHECK_EQUAL(enrol(&p, 0, 1), 1);
  end(&p);
  CHECK_EQUAL(begin(&p), LINNET_OK);
  CHECK_EQUAL(linnet_server_registration_count(p.server), 1);
  end(&p);
  remove_folder();
}

static void a_write_that_was_torn_is_cut_off(void) {
  party p;
  begin_folder();
  CHECK_EQUAL(begin(&p), LINNET_OK);
  CHECK_EQUAL(enrol(&p, 0, 1), 1);
  size_t first = file_size();
  CHECK_EQUAL(enrol(&p, 1, 1), 1);
  size_t both = file_size();
  end(&p);
  for (size_t size = both - 1; size > first; size -= 7) {
    CHECK_EQUAL(truncate(path, (off_t)size), 0);
    CHECK_EQUAL(begin(&p), LINNET_OK);
    CHECK_EQUAL(linnet_server_registration_count(p.server), 1);
    run(&p);
    end(&p);
    CHECK_EQUAL(begin(&p), LINNET_OK); /* and goes on behind what is whole */
    CHECK_EQUAL(enrol(&p, 1, 1), 1);
    CHECK_EQUAL(linnet_server_registration_count(p.server), 2);
    end(&p);
    if (size < first + 7) break;
  }
  remove_folder();
}

static void change_byte(size_t at) {
  FILE *file = fopen(path, "r+");
  CHECK(file != NULL);
  CHECK_EQUAL(fseek(file, (long)at, SEEK_SET), 0);
  int byte = fgetc(file);
  CHECK_EQUAL(fseek(file, (long)at, SEEK_SET), 0);
  CHECK(fputc(byte ^ 1, file) != EOF);
  fclose(file);
}

static void what_is_damaged_is_set_aside(void) {
  party p;
  char aside[120];
  begin_folder();
  snprintf(aside, sizeof aside, "%s.damaged", path);
  CHECK_EQUAL(begin(&p), LINNET_OK);
  CHECK_EQUAL(enrol(&p, 0, 1), 1);
  size_t first = file_size();
  CHECK_EQUAL(enrol(&p, 1, 2), 2);
  end(&p);
  change_byte(first + 20); /* in the second of three */
  CHECK_EQUAL(begin(&p), LINNET_ERROR_MALFORMED);
  CHECK(strstr(linnet_error_text(p.loop), "is damaged") != NULL);
  CHECK_EQUAL(access(aside, F_OK), 0);
  CHECK_EQUAL(linnet_server_registration_count(p.server), 1); /* what stands before it */
  CHECK_EQUAL(enrol(&p, 3, 1), 1);
  end(&p);
  CHECK_EQUAL(begin(&p), LINNET_OK);
  CHECK_EQUAL(linnet_server_registration_count(p.server), 2);
  end(&p);
  change_byte(3); /* something else entirely */
  CHECK_EQUAL(begin(&p), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(linnet_server_registration_count(p.server), 0);
  end(&p);
  remove_folder();
}

static void the_log_does_not_grow_for_ever(void) {
  enum { TURNS = 200 };
  party p;
  size_t largest = 0;
  begin_folder();
  CHECK_EQUAL(begin(&p), LINNET_OK);
  for (unsigned i = 0; i < TURNS; i++) {
    CHECK_EQUAL(enrol(&p, 0, BATCH), BATCH); /* the same devices, over and over */
    size_t size = file_size();
    largest = size > largest ? size : largest;
  }
  CHECK(largest > (1u << 20) && largest < (1u << 20) + (1u << 17));
  CHECK(file_size() < largest);
  end(&p);
  CHECK_EQUAL(begin(&p), LINNET_OK);
  CHECK_EQUAL(linnet_server_registration_count(p.server), BATCH);
  end(&p);
  remove_folder();
}

/* ---- the log is written anew, a part with each turn ---------------------------------------------- */

enum { FLEET = 20 * BATCH };

static bool is_written_anew(void) {
  char fresh[120];
  snprintf(fresh, sizeof fresh, "%s.new", path);
  return access(fresh, F_OK) == 0;
}

/* Devices register and register again, until the log has grown enough. */
static void enrol_until_written_anew(party *p) {
  unsigned turn = 0;
  for (; !is_written_anew(); turn++) {
    CHECK(turn < 100);
    CHECK_EQUAL(enrol(p, 0, FLEET), FLEET);
  }
  CHECK(turn > 1);
}

static void leave(party *p, const char *endpoint) {
  uint8_t bytes[64] = {0x40, 0x04, (uint8_t)(p->message_id >> 8), (uint8_t)p->message_id};
  linnet_datagram answer;
  uint64_t registration = linnet_server_find(p->server, endpoint);
  CHECK(registration != 0);
  p->message_id++;
  size_t length = 4 + put_option(bytes + 4, 11, "rd");
  length += put_option(bytes + length, 0, linnet_server_location(p->server, registration) + strlen("/rd/"));
  receive(p, bytes, length);
  run(p);
  CHECK(linnet_transport_next(p->transport, &answer) && answer.data[1] == 0x42);
}

/* While the old log and the new one are there: one device comes, one of the first leaves, and one of the
 * last. */
static void change_meanwhile(party *p) {
  post_register(p, "late", NULL);
  run(p);
  CHECK_EQUAL(acknowledged(p), 1);
  leave(p, "device-100");
  leave(p, "device-1279");
  CHECK(is_written_anew());
}

static void expect_what_was_acknowledged(const party *p) {
  char endpoint[32];
  CHECK_EQUAL(linnet_server_registration_count(p->server), FLEET - 1);
  CHECK(linnet_server_find(p->server, "late") != 0);
  for (unsigned i = 0; i < FLEET; i++) {
    snprintf(endpoint, sizeof endpoint, "device-%u", i);
    CHECK_EQUAL(linnet_server_find(p->server, endpoint) != 0, i != 100 && i != FLEET - 1);
  }
}

static bool stands_in_the_log(const char *words) {
  size_t size = file_size(), length = strlen(words);
  char *bytes = malloc(size);
  FILE *file = fopen(path, "r");
  bool found = false;
  CHECK(bytes != NULL && file != NULL && fread(bytes, 1, size, file) == size);
  for (size_t i = 0; !found && i + length <= size; i++) found = memcmp(bytes + i, words, length) == 0;
  fclose(file);
  free(bytes);
  return found;
}

static void what_changes_while_the_log_is_written_anew_is_in_it(void) {
  party p;
  begin_folder();
  CHECK_EQUAL(begin(&p), LINNET_OK);
  enrol_until_written_anew(&p);
  size_t grown = file_size();
  change_meanwhile(&p);
  for (unsigned turn = 0; is_written_anew(); turn++) {
    CHECK(turn < 100);
    CHECK_EQUAL(enrol(&p, 0, 1), 1);
  }
  CHECK(file_size() < grown / 2);
  end(&p);
  CHECK_EQUAL(begin(&p), LINNET_OK);
  expect_what_was_acknowledged(&p);
  enrol_until_written_anew(&p);
  leave(&p, "late");
  while (is_written_anew()) CHECK_EQUAL(enrol(&p, 0, 1), 1);
  enrol_until_written_anew(&p); /* and once more, which leaves nothing of who has left */
  while (is_written_anew()) CHECK_EQUAL(enrol(&p, 0, 1), 1);
  CHECK(stands_in_the_log("device-7") && !stands_in_the_log("late"));
  end(&p);
  remove_folder();
}

static void a_kill_while_the_log_is_written_anew_loses_nothing(void) {
  int pipes[2];
  char told = 0;
  party p;
  begin_folder();
  CHECK_EQUAL(pipe(pipes), 0);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK_EQUAL(begin(&p), LINNET_OK);
    enrol_until_written_anew(&p);
    change_meanwhile(&p);
    CHECK_EQUAL(write(pipes[1], "x", 1), 1);
    pause();
    _exit(0);
  }
  close(pipes[1]);
  CHECK_EQUAL(read(pipes[0], &told, 1), 1);
  close(pipes[0]);
  CHECK_EQUAL(kill(child, SIGKILL), 0);
  CHECK_EQUAL(waitpid(child, NULL, 0), child);
  CHECK(is_written_anew());
  CHECK_EQUAL(begin(&p), LINNET_OK);
  expect_what_was_acknowledged(&p);
  end(&p);
  remove_folder();
}

static void a_disk_that_fails_is_told_and_devices_are_answered(void) {
  party p;
  linnet_event *event;
  struct rlimit limit, small;
  begin_folder();
  CHECK_EQUAL(begin(&p), LINNET_OK);
  CHECK_EQUAL(enrol(&p, 0, 1), 1);
  CHECK_EQUAL(getrlimit(RLIMIT_FSIZE, &limit), 0);
  small = (struct rlimit){file_size() + 10, limit.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &small), 0);
  post_register(&p, "hall", NULL);
  CHECK_EQUAL(linnet_driver_run(p.driver), LINNET_OK);
  CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
  CHECK_EQUAL(acknowledged(&p), 1);
  CHECK_EQUAL(linnet_event_get_kind(linnet_loop_next_event(p.loop)), LINNET_EVENT_REGISTERED);
  event = linnet_loop_next_event(p.loop);
  CHECK_EQUAL(linnet_event_get_kind(event), LINNET_EVENT_ERROR);
  CHECK_EQUAL(linnet_event_source(event), linnet_server_number(p.server));
  CHECK(strstr(linnet_event_text(event), "cannot write") != NULL);
  CHECK_EQUAL(enrol(&p, 2, 1), 1); /* and is not told each time */
  CHECK(linnet_loop_next_event(p.loop) == NULL);
  end(&p);
  CHECK_EQUAL(begin(&p), LINNET_OK);
  CHECK_EQUAL(linnet_server_registration_count(p.server), 1);
  end(&p);
  remove_folder();
}

int main(void) {
  return RUN(comes_back_from_its_log, a_log_is_for_one_server, a_kill_loses_nothing_that_was_acknowledged,
             a_kill_loses_no_observation_and_no_request_that_waits, a_write_that_was_torn_is_cut_off,
             what_is_damaged_is_set_aside, the_log_does_not_grow_for_ever,
             what_changes_while_the_log_is_written_anew_is_in_it,
             a_kill_while_the_log_is_written_anew_loses_nothing,
             a_disk_that_fails_is_told_and_devices_are_answered);
}

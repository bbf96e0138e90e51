/* SPDX-License-Identifier: Apache-2.0 */
/* gpsd_test.c: Location from a gpsd that is played, on a socket of the loopback (driver.h, gpsd_json(5)). */
#define _GNU_SOURCE /* accept4 */
#include <errno.h>
#include <linnet/linnet.h>
#include <linnet/standard.h>
#include <poll.h>
#include <unistd.h>

#include "driver/driver_internal.h"
#include "driver/gpsd.h"
#include "party.h"

static const char banner[] = "{\"class\":\"VERSION\",\"release\":\"3.22\",\"proto_major\":3}\n";

typedef struct scene {
  linnet_loop *loop;
  linnet_driver *driver;
  linnet_client *client;
  int listener, gpsd;
  char name[32];
} scene;

static void begin(scene *s) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  s->loop = new_loop();
  s->driver = linnet_driver_new(s->loop);
  s->client = linnet_client_new(s->loop, "boat", NULL);
  s->gpsd = -1;
  s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  CHECK_EQUAL(bind(s->listener, (void *)&address, length), 0);
  CHECK_EQUAL(listen(s->listener, 4), 0);
  CHECK_EQUAL(getsockname(s->listener, (void *)&address, &length), 0);
  snprintf(s->name, sizeof s->name, "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
}

static void end(scene *s) {
  if (s->gpsd >= 0) close(s->gpsd);
  if (s->listener >= 0) close(s->listener);
  linnet_client_close(s->client);
  linnet_client_unref(s->client);
  linnet_driver_unref(s->driver);
  linnet_loop_unref(s->loop);
}

/* Turns until the descriptor of the player has something; only a failure meets the limit. */
static void run_until_readable(scene *s, int descriptor) {
  uint64_t end_ms = linnet_clock_monotonic() + 10000;
  struct pollfd wanted = {descriptor, POLLIN, 0};
  while (poll(&wanted, 1, 0) == 0) {
    CHECK(linnet_clock_monotonic() < end_ms);
    CHECK_EQUAL(linnet_driver_run(s->driver), LINNET_OK);
    linnet_driver_wait(s->driver, 10);
  }
}

static void say_raw(scene *s, const char *text, size_t length) {
  CHECK_EQUAL(send(s->gpsd, text, length, 0), (ssize_t)length);
}

static void say_line(scene *s, const char *text) { say_raw(s, text, strlen(text)); }

static bool get(const scene *s, uint16_t resource, linnet_value *value) {
  return linnet_client_get(s->client, linnet_path_resource(6, 0, resource), value) == LINNET_OK;
}

static void run_until_time(scene *s, int64_t unix_s) {
  uint64_t end_ms = linnet_clock_monotonic() + 10000;
  linnet_value value = linnet_value_none();
  while (!get(s, 5, &value) || value.as.integer != unix_s) {
    CHECK(linnet_clock_monotonic() < end_ms);
    linnet_driver_wait(s->driver, 1000);
    CHECK_EQUAL(linnet_driver_run(s->driver), LINNET_OK);
  }
}

/* gpsd accepts, greets, and is asked to report. */
static void greet(scene *s) {
  char command[100] = "";
  run_until_readable(s, s->listener);
  s->gpsd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
  CHECK(s->gpsd >= 0);
  say_line(s, banner);
  run_until_readable(s, s->gpsd);
  CHECK(recv(s->gpsd, command, sizeof command - 1, 0) > 0);
  CHECK_TEXT(command, "?WATCH={\"enable\":true,\"json\":true};\n");
}

static double real(const scene *s, uint16_t resource) {
  linnet_value value = linnet_value_none();
  CHECK(get(s, resource, &value));
  return value.as.real;
}

static void a_fix_becomes_the_location(void) {
  scene s;
  linnet_value value;
  begin(&s);
  CHECK_EQUAL(linnet_driver_follow_gpsd(s.driver, s.client, s.name), LINNET_OK);
  CHECK(linnet_client_object(s.client, 6) != NULL);
  greet(&s);
  say_line(&s,
           "{\"class\":\"DEVICES\",\"devices\":[{\"class\":\"TPV\",\"mode\":3,\"lat\":1,\"lon\":1}]}\n"
           "{\"class\":\"TPV\",\"device\":\"/dev/ttyUSB0\",\"mode\":1}\n"
           "{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-28T17:19:16.500Z\",\"lat\":59.913868,"
           "\"lon\":10.752245,\"altHAE\":63.1,\"altMSL\":23.5,\"eph\":4.75,\"track\":91.5,\"speed\":3.25}\n");
  run_until_time(&s, 1795886356);
  CHECK(real(&s, 0) == 59.913868 && real(&s, 1) == 10.752245);
  CHECK(real(&s, 2) == 23.5 && real(&s, 3) == 4.75 && real(&s, 6) == 3.25);
  CHECK(get(&s, 4, &value));
  CHECK_BYTES(value.as.bytes.data, value.as.bytes.length, "\x00\x5B\x00\x0C", 4); /* 91 degrees, 12 km/h */
  /* Standing, seen by fewer satellites, in two pieces: no altitude, no bearing. */
  say_line(&s, "{\"class\":\"TPV\",\"mode\":2,\"time\":\"2026-11-28T17:19:17Z\",\"lat\":-59.5,\"lon\"");
  CHECK_EQUAL(linnet_driver_run(s.driver), LINNET_OK);
  say_line(&s, ":-10.25,\"alt\":7,\"epx\":9.5,\"speed\":0.1}\r\n");
  run_until_time(&s, 1795886357);
  CHECK(real(&s, 0) == -59.5 && real(&s, 1) == -10.25 && real(&s, 3) == 9.5 && real(&s, 6) == 0.1);
  CHECK(!get(&s, 2, &value) && !get(&s, 4, &value));
  CHECK(linnet_loop_next_event(s.loop) == NULL);
  end(&s);
}

static void nonsense_does_no_harm(void) {
  static char line[20000];
  scene s;
  begin(&s);
  CHECK_EQUAL(linnet_driver_follow_gpsd(s.driver, s.client, s.name), LINNET_OK);
  greet(&s);
  memset(line, 'x', sizeof line);
  memcpy(line, "{\"class\":\"TPV\",\"mode\":3,\"lat\":1,\"lon\":1,\"x\":\"", 44);
  say_raw(&s, line, sizeof line);
  say_raw(&s, "\n\0\n}]\n\"\n{\"class\":\"TPV\n{\"class\":\"TPV\\", 34);
  say_line(&s, "\n[[{{\"class\":\"TPV\",\"mode\":3,\"lat\":2,\"lon\":2}}]]\n");
  say_line(&s, "{\"class\":\"TPV\",\"mode\":3,\"time\":\"yesterday\",\"lat\":91,\"lon\":0}\n");
  say_line(
      &s, "{\"class\":\"TPV\",\"mode\":3,\"lat\":nan,\"lon\":0}\n{\"class\":\"TPV\",\"mode\":3,\"lat\":5}\n");
  say_line(&s, "{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-28T17:19:18Z\",\"lat\":3,\"lon\":4}\n");
  run_until_time(&s, 1795886358);
  CHECK(real(&s, 0) == 3 && real(&s, 1) == 4);
  end(&s);
}

static linnet_event *next_event(scene *s) {
  uint64_t end_ms = linnet_clock_monotonic() + 10000;
  while (!linnet_loop_has_event(s->loop)) {
    CHECK(linnet_clock_monotonic() < end_ms);
    CHECK_EQUAL(linnet_driver_run(s->driver), LINNET_OK);
    if (!linnet_loop_has_event(s->loop)) linnet_driver_wait(s->driver, 1000);
  }
  return linnet_loop_next_event(s->loop);
}

static void says_once_that_nobody_is_there(void) {
  scene s;
  char words[100];
  begin(&s);
  close(s.listener);
  s.listener = -1;
  CHECK_EQUAL(linnet_driver_follow_gpsd(s.driver, s.client, s.name), LINNET_OK);
  linnet_event *event = next_event(&s);
  snprintf(words, sizeof words, "gpsd at %s: Connection refused", s.name);
  CHECK_EQUAL(linnet_event_get_kind(event), LINNET_EVENT_ERROR);
  CHECK_EQUAL(linnet_event_source(event), linnet_client_number(s.client));
  CHECK_TEXT(linnet_event_text(event), words);
  /* In 10 s it is tried again, without being told again. */
  uint64_t now_ms = linnet_clock_monotonic();
  CHECK(linnet__parts_deadline(s.driver) > now_ms && linnet__parts_deadline(s.driver) <= now_ms + 10000);
  linnet__parts_act(s.driver, LINNET__BEFORE_STEP, now_ms + 10000);
  CHECK(!linnet_loop_has_event(s.loop));
  end(&s);
}

static void connects_again_when_it_ended(void) {
  scene s;
  begin(&s);
  CHECK_EQUAL(linnet_driver_follow_gpsd(s.driver, s.client, s.name), LINNET_OK);
  for (int round = 0; round < 2; round++) {
    greet(&s);
    close(s.gpsd);
    CHECK(strstr(linnet_event_text(next_event(&s)), "it has ended the connection") != NULL);
    linnet__parts_act(s.driver, LINNET__BEFORE_STEP,
                      linnet_clock_monotonic() + 10000); /* as if they had passed */
  }
  greet(&s);
  say_line(&s, "{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-28T17:19:18Z\",\"lat\":3,\"lon\":4}\n");
  run_until_time(&s, 1795886358);
  end(&s);
}

static void says_what_it_cannot_follow(void) {
  scene s;
  begin(&s);
  CHECK_EQUAL(linnet_driver_follow_gpsd(s.driver, s.client, "not an address"), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_driver_follow_gpsd(s.driver, NULL, s.name), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_driver_follow_gpsd(s.driver, s.client, s.name), LINNET_OK);
  CHECK_EQUAL(linnet_driver_follow_gpsd(s.driver, s.client, s.name), LINNET_ERROR_EXISTS);
  linnet_client_close(s.client); /* lets go, and may be followed by another */
  CHECK_EQUAL(linnet_driver_run(s.driver), LINNET_OK);
  CHECK_EQUAL(linnet__parts_deadline(s.driver), LINNET_NEVER);
  linnet_driver_close(s.driver);
  CHECK_EQUAL(linnet_driver_follow_gpsd(s.driver, s.client, s.name), LINNET_ERROR_CLOSED);
  end(&s);
}

int main(void) {
  return RUN(a_fix_becomes_the_location, nonsense_does_no_harm, says_once_that_nobody_is_there,
             connects_again_when_it_ended, says_what_it_cannot_follow);
}

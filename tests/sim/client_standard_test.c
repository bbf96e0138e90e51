/* SPDX-License-Identifier: Apache-2.0 */
/* client_standard_test.c: what objects 3, 6 and 7 do by themselves (objects.md; lwm2m-1.0.md DM-54). */
#include "scripted_server.h"

enum { TEXT = 0, TLV = 11542 };

static void begin(scripted *s) {
  scripted_begin(s, 86400);
  scripted_register(s);
  scripted_drain(s);
}

static void expect_text(scripted *s, const char *path, const char *text) {
  CHECK_EQUAL(scripted_get(s, path, TEXT), 205);
  CHECK_TEXT(scripted_payload(s), text);
}

static void expect_tlv(scripted *s, const char *path, const char *bytes, size_t length) {
  CHECK_EQUAL(scripted_get(s, path, TLV), 205);
  CHECK_BYTES(s->message.payload, s->message.payload_length, bytes, length);
}
#define EXPECT_TLV(s, path, bytes) expect_tlv((s), (path), (bytes), sizeof(bytes) - 1)

/* ---- Device -------------------------------------------------------------------------------------- */

/* DM-54: the response is on its way before the application hears of it. */
static void answers_before_it_reboots(void) {
  scripted s;
  begin(&s);
  request reboot = REQUEST(POST, "3/0/4");
  scripted_request(&s, &reboot);
  CHECK(!linnet_loop_has_event(s.loop));
  CHECK(scripted_run(&s, s.now));
  CHECK_EQUAL(s.message.code, CODE(204));
  linnet_event *event = scripted_event(&s, LINNET_EVENT_EXECUTED);
  CHECK_EQUAL(linnet_event_path(event).id[2], 4);
  CHECK_EQUAL(scripted_text(&s, POST, "3/0/5", TEXT, ""), 404); /* not offered */
  CHECK_EQUAL(linnet_object_offer(linnet_client_object(s.client, 3), linnet_path_resource(3, 0, 5)),
              LINNET_OK);
  CHECK_EQUAL(scripted_text(&s, POST, "3/0/5", TEXT, ""), 204);
  event = scripted_event(&s, LINNET_EVENT_EXECUTED);
  CHECK_EQUAL(linnet_event_path(event).id[2], 5);
  scripted_end(&s);
}

/* OBJ-30. */
static void tells_errors_as_long_as_they_last(void) {
  scripted s;
  begin(&s);
  EXPECT_TLV(&s, "3/0/11", "\x83\x0B\x41\x00\x00");
  CHECK_EQUAL(linnet_client_raise_error(s.client, LINNET_DEVICE_LOW_BATTERY), LINNET_OK);
  EXPECT_TLV(&s, "3/0/11", "\x83\x0B\x41\x00\x01");
  CHECK_EQUAL(linnet_client_raise_error(s.client, LINNET_DEVICE_GPS_FAILURE), LINNET_OK);
  CHECK_EQUAL(linnet_client_raise_error(s.client, LINNET_DEVICE_LOW_BATTERY), LINNET_OK);
  EXPECT_TLV(&s, "3/0/11", "\x86\x0B\x41\x00\x01\x41\x01\x03");
  CHECK_EQUAL(linnet_client_clear_error(s.client, LINNET_DEVICE_LOW_BATTERY), LINNET_OK);
  EXPECT_TLV(&s, "3/0/11", "\x83\x0B\x41\x01\x03");
  CHECK_EQUAL(linnet_client_raise_error(s.client, LINNET_DEVICE_IP_FAILURE), LINNET_OK);
  EXPECT_TLV(&s, "3/0/11", "\x86\x0B\x41\x00\x07\x41\x01\x03");
  CHECK_EQUAL(linnet_client_clear_error(s.client, LINNET_DEVICE_IP_FAILURE), LINNET_OK);
  CHECK_EQUAL(linnet_client_clear_error(s.client, LINNET_DEVICE_GPS_FAILURE), LINNET_OK);
  EXPECT_TLV(&s, "3/0/11", "\x83\x0B\x41\x00\x00");
  CHECK_EQUAL(linnet_client_clear_error(s.client, LINNET_DEVICE_GPS_FAILURE), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_client_clear_error(s.client, (linnet_device_error)0), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_client_raise_error(s.client, (linnet_device_error)0), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_client_raise_error(s.client, (linnet_device_error)9), LINNET_ERROR_OUT_OF_RANGE);
  scripted_end(&s);
}

static void a_server_drops_all_errors(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(linnet_object_offer(linnet_client_object(s.client, 3), linnet_path_resource(3, 0, 12)),
              LINNET_OK);
  for (int error = 1; error <= 8; error++)
    CHECK_EQUAL(linnet_client_raise_error(s.client, (linnet_device_error)error), LINNET_OK);
  CHECK_EQUAL(scripted_text(&s, POST, "3/0/12", TEXT, ""), 204);
  EXPECT_TLV(&s, "3/0/11", "\x83\x0B\x41\x00\x00");
  scripted_event(&s, LINNET_EVENT_EXECUTED);
  CHECK_EQUAL(linnet_client_raise_error(s.client, LINNET_DEVICE_SMS_FAILURE), LINNET_OK);
  EXPECT_TLV(&s, "3/0/11", "\x83\x0B\x41\x00\x06");
  scripted_end(&s);
}

static void errors_reach_observers(void) {
  scripted s;
  begin(&s);
  request observe = REQUEST(GET, "3/0/11");
  observe.observe = 0;
  CHECK_EQUAL(scripted_ask(&s, &observe), 205);
  CHECK_EQUAL(linnet_client_raise_error(s.client, LINNET_DEVICE_OUT_OF_MEMORY), LINNET_OK);
  CHECK(scripted_run(&s, s.now));
  CHECK_BYTES(s.message.payload, s.message.payload_length, "\x83\x0B\x41\x00\x05", 5);
  scripted_end(&s);
}

/* ---- Location ------------------------------------------------------------------------------------ */

static void location_comes_with_the_first_position(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(linnet_client_set_location(s.client, 1, 2, 3), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_client_add_location(s.client), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_location(s.client), LINNET_ERROR_EXISTS);
  scripted_take_update(&s);
  CHECK_EQUAL(scripted_get(&s, "6/0/0", TEXT), 404);
  CHECK_EQUAL(linnet_client_set_velocity(s.client, 1, 2), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_client_set_location(s.client, 48.5, -9.25, 1700000000), LINNET_OK);
  scripted_take_update(&s);
  expect_text(&s, "6/0/0", "48.5");
  expect_text(&s, "6/0/1", "-9.25");
  expect_text(&s, "6/0/5", "1700000000");
  static const struct {
    double latitude, longitude;
  } wrong[] = {{90.1, 0}, {-90.1, 0}, {0, 180.5}, {0, -180.5}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    CHECK_EQUAL(linnet_client_set_location(s.client, wrong[i].latitude, wrong[i].longitude, 1),
                LINNET_ERROR_OUT_OF_RANGE);
  expect_text(&s, "6/0/5", "1700000000");
  scripted_end(&s);
}

/* TS 23.032 8.6. */
static void velocity_is_bearing_and_speed(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(linnet_client_add_location(s.client), LINNET_OK);
  CHECK_EQUAL(linnet_client_set_location(s.client, 0, 0, 0), LINNET_OK);
  scripted_take_update(&s);
  CHECK_EQUAL(linnet_client_set_velocity(s.client, 27.75, 270), LINNET_OK);
  EXPECT_TLV(&s, "6/0/4", "\xC4\x04\x01\x0E\x00\x64");
  expect_text(&s, "6/0/6", "27.75");
  CHECK_EQUAL(linnet_client_set_velocity(s.client, -1, 0), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_client_set_velocity(s.client, 1, 360), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_client_set_velocity(s.client, 20000, 0), LINNET_ERROR_OUT_OF_RANGE);
  scripted_end(&s);
}

/* ---- Connectivity Statistics --------------------------------------------------------------------- */

static int64_t number_of(scripted *s, const char *path) {
  linnet_value value;
  linnet_path parsed;
  CHECK_EQUAL(linnet_path_parse(&parsed, path), LINNET_OK);
  CHECK_EQUAL(linnet_client_get(s->client, parsed, &value), LINNET_OK);
  return value.as.integer;
}

static void begin_statistics(scripted *s) {
  scripted_begin(s, 86400);
  CHECK_EQUAL(linnet_client_add_statistics(s->client), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_statistics(s->client), LINNET_ERROR_EXISTS);
  scripted_register(s);
  scripted_drain(s);
}

static void counts_from_start_to_stop(void) {
  scripted s;
  begin_statistics(&s);
  static char filling[1000];
  memset(filling, 'x', sizeof filling);
  CHECK_EQUAL(number_of(&s, "/7/0/3"), 0); /* Register was not counted */
  CHECK_EQUAL(scripted_text(&s, POST, "7/0/6", TEXT, ""), 204);
  CHECK_EQUAL(number_of(&s, "/7/0/4"), s.length);
  for (int i = 0; i < 5; i++) CHECK_EQUAL(scripted_send(&s, PUT, "3/0/13", 42, filling, sizeof filling), 400);
  CHECK_EQUAL(number_of(&s, "/7/0/3"), 5); /* 5 * (1000 + some 16 + 28) bytes */
  CHECK_EQUAL(number_of(&s, "/7/0/2"), 0); /* 6 * (5 or so + 28) */
  CHECK(number_of(&s, "/7/0/4") > 1000 && number_of(&s, "/7/0/4") < 1030);
  CHECK(number_of(&s, "/7/0/5") > 450 && number_of(&s, "/7/0/5") < 520);
  CHECK_EQUAL(number_of(&s, "/7/0/0"), 0);
  CHECK_EQUAL(scripted_text(&s, POST, "7/0/7", TEXT, ""), 204);
  int64_t received = number_of(&s, "/7/0/3"), average = number_of(&s, "/7/0/5");
  for (int i = 0; i < 5; i++) CHECK_EQUAL(scripted_send(&s, PUT, "3/0/13", 42, filling, sizeof filling), 400);
  CHECK_EQUAL(number_of(&s, "/7/0/3"), received);
  CHECK_EQUAL(number_of(&s, "/7/0/5"), average);
  CHECK_EQUAL(scripted_text(&s, POST, "7/0/6", TEXT, ""), 204); /* from zero */
  CHECK_EQUAL(number_of(&s, "/7/0/3"), 0);
  CHECK(number_of(&s, "/7/0/4") < 100);
  scripted_end(&s);
}

static void counts_for_the_collection_period(void) {
  scripted s;
  begin_statistics(&s);
  CHECK_EQUAL(scripted_text(&s, PUT, "7/0/8", TEXT, "60"), 204);
  CHECK_EQUAL(scripted_text(&s, PUT, "7/0/8", TEXT, "-1"), 400);
  CHECK_EQUAL(scripted_text(&s, POST, "7/0/6", TEXT, ""), 204);
  CHECK_EQUAL(scripted_get(&s, "3/0/16", TEXT), 205);
  int64_t largest = number_of(&s, "/7/0/4");
  CHECK(largest > 0);
  CHECK(scripted_silent(&s, 61000));
  static char filling[1000];
  CHECK_EQUAL(scripted_send(&s, PUT, "3/0/13", 42, filling, sizeof filling), 400);
  CHECK_EQUAL(number_of(&s, "/7/0/4"), largest);
  scripted_end(&s);
}

/* OBS: each notification would be a reason for the next. */
static void does_not_notify_because_of_its_own_notifications(void) {
  scripted s;
  begin_statistics(&s);
  request observe = REQUEST(GET, "7/0/5");
  observe.observe = 0;
  CHECK_EQUAL(scripted_ask(&s, &observe), 205);
  CHECK_EQUAL(scripted_text(&s, POST, "7/0/6", TEXT, ""), 204);
  unsigned count = 0;
  while (scripted_run(&s, s.now + 1000) && ++count < 10)
    if (s.message.type == LINNET_MESSAGE_CON) scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
  CHECK(count <= 1);
  scripted_end(&s);
}

static void forgets_its_statistics_with_the_object(void) {
  scripted s;
  begin_statistics(&s);
  CHECK_EQUAL(scripted_text(&s, PUT, "7/0/8", TEXT, "60"), 204);
  CHECK_EQUAL(scripted_text(&s, POST, "7/0/6", TEXT, ""), 204);
  CHECK_EQUAL(linnet_client_remove_object(s.client, 7), LINNET_OK);
  scripted_take_update(&s);
  CHECK(scripted_silent(&s, 61000));
  CHECK_EQUAL(linnet_client_add_statistics(s.client), LINNET_OK);
  scripted_take_update(&s);
  CHECK_EQUAL(number_of(&s, "/7/0/8"), 0);
  CHECK_EQUAL(scripted_text(&s, POST, "7/0/6", TEXT, ""), 204);
  linnet_client_close(s.client);
  CHECK(scripted_silent(&s, 61000));
  scripted_end(&s);
}

int main(void) {
  return RUN(answers_before_it_reboots, tells_errors_as_long_as_they_last, a_server_drops_all_errors,
             errors_reach_observers, location_comes_with_the_first_position, velocity_is_bearing_and_speed,
             counts_from_start_to_stop, counts_for_the_collection_period,
             does_not_notify_because_of_its_own_notifications, forgets_its_statistics_with_the_object);
}

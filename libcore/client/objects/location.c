/* SPDX-License-Identifier: Apache-2.0 */
/* location.c: object 6, Location: set by the application (standard.h; objects.md /6). */
#include "../client_internal.h"

enum { LATITUDE = 0, LONGITUDE = 1, VELOCITY = 4, TIMESTAMP = 5, SPEED = 6 };

linnet_status linnet_client_add_location(linnet_client *client) {
  static const linnet__behaviour behaviour = {.object = 6};
  return linnet__client_add_standard(client, &behaviour);
}

/* NULL: *status says why. */
static linnet_object *location(const linnet_client *client, linnet_status *status) {
  linnet_object *object = linnet__engine_object(client->engine, 6);
  *status = LINNET_OK;
  if (client->handle.closed)
    *status = linnet__client_closed(client);
  else if (object == NULL)
    *status = linnet__fail(client->handle.loop, LINNET_ERROR_NOT_FOUND,
                           "location of \"%s\": it has no object 6", client->endpoint);
  return object;
}

static linnet_status set(linnet_object *object, uint16_t resource, double number) {
  linnet_value value = linnet_value_float(number);
  return linnet_object_set(object, linnet_path_resource(6, 0, resource), &value);
}

/* Also false for NaN. */
static bool within(double number, double limit) { return number >= -limit && number <= limit; }

linnet_status linnet_client_set_location(linnet_client *client, double latitude, double longitude,
                                         int64_t unix_s) {
  linnet_status status;
  linnet_object *object = location(client, &status);
  if (object == NULL) return status;
  if (!within(latitude, 90) || !within(longitude, 180))
    return linnet__fail(client->handle.loop, LINNET_ERROR_OUT_OF_RANGE,
                        "location of \"%s\": latitude is -90 to 90, longitude -180 to 180 degrees",
                        client->endpoint);
  bool is_new = !linnet_object_has_instance(object, 0);
  if (is_new) status = linnet_object_add_instance(object, 0);
  /* Numbers need memory only where there was none before: a later position is stored completely. */
  if (status == LINNET_OK) status = set(object, LATITUDE, latitude);
  if (status == LINNET_OK) status = set(object, LONGITUDE, longitude);
  if (status == LINNET_OK) status = linnet__object_set_integer(object, 0, TIMESTAMP, unix_s);
  if (status != LINNET_OK && is_new && linnet_object_has_instance(object, 0))
    linnet_object_remove_instance(object, 0);
  return status;
}

linnet_status linnet_client_set_velocity(linnet_client *client, double speed, double bearing) {
  linnet_status status;
  linnet_object *object = location(client, &status);
  if (object == NULL) return status;
  double kilometres_per_hour = speed * 3.6 + 0.5;
  if (!(speed >= 0) || !(kilometres_per_hour < 65536) || !(bearing >= 0 && bearing < 360))
    return linnet__fail(client->handle.loop, LINNET_ERROR_OUT_OF_RANGE,
                        "velocity of \"%s\": speed is 0 to 18204 m/s, bearing 0 up to 360 degrees",
                        client->endpoint);
  /* TS 23.032 8.6: type 0, bearing in 9 bits, speed in km/h. */
  uint8_t bytes[4];
  linnet__put_u16(bytes, (uint16_t)bearing);
  linnet__put_u16(bytes + 2, (uint16_t)kilometres_per_hour);
  status = linnet__object_set_opaque(object, 0, VELOCITY, bytes, sizeof bytes);
  return status == LINNET_OK ? set(object, SPEED, speed) : status;
}

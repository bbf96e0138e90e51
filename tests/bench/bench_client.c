/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_client.c: a client with objects 1, 3 and 3303 whose values are all stored; takes every event and does
 * nothing with it.
 *
 *     linnet-bench-client coap://127.0.0.1:5683 ENDPOINT [SENSORS]
 *     linnet-bench-secure-client coaps://127.0.0.1:5684 ENDPOINT KEY
 *
 * KEY is the pre-shared key, of 16 characters; the identity is the endpoint name.
 * With a number of sensors, each has a new value in each turn, and whoever observes /3303/N/5700 is told of
 * it, by a message that is not confirmed.
 */
#include <stdio.h>
#include <string.h>

#include <linnet/driver.h>
#include <linnet/linnet.h>

#include "bench_client.h"

enum { TEMPERATURE = 3303, SENSOR_VALUE = 5700, SENSOR_UNITS = 5701 };

static linnet_status set_device(linnet_client *client) {
  static const struct {
    uint16_t resource;
    const char *text;
  } texts[] = {{0, "Open Mobile Alliance"}, {1, "Lightweight M2M Client"}, {2, "345000123"}, {3, "1.0"}};
  linnet_value battery = linnet_value_integer(100);
  linnet_status status = linnet_client_set(client, linnet_path_resource(3, 0, 9), &battery);
  for (size_t i = 0; i < sizeof texts / sizeof texts[0] && status == LINNET_OK; i++) {
    linnet_value text = linnet_value_string(texts[i].text);
    status = linnet_client_set(client, linnet_path_resource(3, 0, texts[i].resource), &text);
  }
  return status;
}

static linnet_status add_sensor(linnet_object *object, uint16_t sensor) {
  linnet_value value = linnet_value_float(21.5);
  linnet_value units = linnet_value_string("Cel");
  linnet_object_add_instance(object, sensor);
  linnet_object_set(object, linnet_path_resource(TEMPERATURE, sensor, SENSOR_VALUE), &value);
  return linnet_object_set(object, linnet_path_resource(TEMPERATURE, sensor, SENSOR_UNITS), &units);
}

static linnet_status add_temperature(linnet_client *client, unsigned sensors) {
  linnet_model *model = linnet_client_model(client);
  linnet_model_add_object(model, TEMPERATURE, "Temperature", "1.0", LINNET_MULTIPLE);
  linnet_model_add_resource(model, TEMPERATURE, SENSOR_VALUE, "Sensor Value", LINNET_TYPE_FLOAT,
                            LINNET_OPERATION_READ, LINNET_SINGLE, LINNET_MANDATORY);
  linnet_model_add_resource(model, TEMPERATURE, SENSOR_UNITS, "Sensor Units", LINNET_TYPE_STRING,
                            LINNET_OPERATION_READ, LINNET_SINGLE, LINNET_OPTIONAL);
  linnet_object *object = linnet_object_new(model, TEMPERATURE);
  if (object == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_status status = LINNET_OK;
  for (unsigned i = 0; i < sensors && status == LINNET_OK; i++) status = add_sensor(object, (uint16_t)i);
  if (status == LINNET_OK) status = linnet_client_add_object(client, object);
  linnet_object_unref(object);
  return status;
}

static void measure(linnet_client *client, unsigned sensors) {
  static double temperature;
  temperature = temperature < 50 ? temperature + 0.5 : 0;
  for (unsigned i = 0; i < sensors; i++) {
    linnet_value value = linnet_value_float(temperature + i);
    linnet_client_set(client, linnet_path_resource(TEMPERATURE, (uint16_t)i, SENSOR_VALUE), &value);
  }
}

int main(int argc, char **argv) {
  unsigned char seed[LINNET_SECURE_SEED_SIZE];
  const char *last = argc == 4 ? argv[3] : NULL;
  unsigned sensors = bench_sensors(last);
  if (argc < 3 || argc > 4 || sensors > 64) {
    fprintf(stderr, "usage: %s URI ENDPOINT %s\n", argv[0], bench_usage);
    return 2;
  }
  linnet_entropy(seed, sizeof seed);
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet_driver *driver = linnet_driver_new(loop);
  linnet_transport *udp = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_client *client = linnet_client_new(loop, argv[2], NULL);
  if (client == NULL || linnet_driver_open(driver, udp, "0.0.0.0:0") != LINNET_OK ||
      set_device(client) != LINNET_OK || add_temperature(client, sensors > 0 ? sensors : 1) != LINNET_OK ||
      bench_add_server(client, udp, argv[1], last) != LINNET_OK || linnet_client_start(client) != LINNET_OK) {
    fprintf(stderr, "linnet-bench-client: %s\n", linnet_error_text(loop));
    return 1;
  }
  if (sensors > 0) linnet_client_set_reliability(client, LINNET_EVERY_SERVER, LINNET_NON_CONFIRMABLE);
  while (linnet_driver_step(driver, sensors > 0 ? 0 : -1) == LINNET_OK) {
    while (linnet_loop_next_event(loop) != NULL) continue;
    measure(client, sensors);
  }
  fprintf(stderr, "linnet-bench-client: %s\n", linnet_error_text(loop));
  return 1;
}

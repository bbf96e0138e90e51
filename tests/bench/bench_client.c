/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_client.c: a client with objects 1, 3 and 3303 whose values are all stored; takes every event and does
 * nothing with it.
 *
 *     linnet-bench-client coap://127.0.0.1:5683 ENDPOINT [notify]
 *     linnet-bench-client coaps://127.0.0.1:5684 ENDPOINT KEY
 *
 * KEY is the pre-shared key, of 16 characters; the identity is the endpoint name.
 * With "notify" the sensor has a new value in each turn, and whoever observes /3303/0/5700 is told of each,
 * by a message that is not confirmed.
 */
#include <stdio.h>
#include <string.h>

#include <linnet/credentials.h>
#include <linnet/driver.h>
#include <linnet/linnet.h>

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

static linnet_status add_temperature(linnet_client *client) {
  linnet_model *model = linnet_client_model(client);
  linnet_model_add_object(model, TEMPERATURE, "Temperature", "1.0", LINNET_MULTIPLE);
  linnet_model_add_resource(model, TEMPERATURE, SENSOR_VALUE, "Sensor Value", LINNET_TYPE_FLOAT,
                            LINNET_OPERATION_READ, LINNET_SINGLE, LINNET_MANDATORY);
  linnet_model_add_resource(model, TEMPERATURE, SENSOR_UNITS, "Sensor Units", LINNET_TYPE_STRING,
                            LINNET_OPERATION_READ, LINNET_SINGLE, LINNET_OPTIONAL);
  linnet_object *object = linnet_object_new(model, TEMPERATURE);
  if (object == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet_value value = linnet_value_float(21.5);
  linnet_value units = linnet_value_string("Cel");
  linnet_object_add_instance(object, 0);
  linnet_object_set(object, linnet_path_resource(TEMPERATURE, 0, SENSOR_VALUE), &value);
  linnet_object_set(object, linnet_path_resource(TEMPERATURE, 0, SENSOR_UNITS), &units);
  linnet_status status = linnet_client_add_object(client, object);
  linnet_object_unref(object);
  return status;
}

static void measure(linnet_client *client) {
  static double temperature;
  temperature = temperature < 50 ? temperature + 0.5 : 0;
  linnet_value value = linnet_value_float(temperature);
  linnet_client_set(client, linnet_path_resource(TEMPERATURE, 0, SENSOR_VALUE), &value);
}

/* Without a key it is no secure one. */
static linnet_status add_server(linnet_client *client, linnet_transport *udp, const char *uri,
                                const char *endpoint, const char *key) {
  linnet_status status = key != NULL ? linnet_transport_secure(udp, NULL) : LINNET_OK;
  if (status == LINNET_OK) status = linnet_client_add_transport(client, udp);
  if (status == LINNET_OK) status = linnet_client_add_server(client, uri, 1, 86400);
  if (status != LINNET_OK || key == NULL) return status;
  return linnet_client_set_psk(client, 1, endpoint, strlen(endpoint), key, strlen(key));
}

int main(int argc, char **argv) {
  unsigned char seed[LINNET_SECURE_SEED_SIZE];
  bool secure = argc == 4 && strncmp(argv[1], "coaps:", 6) == 0;
  bool notifies = argc == 4 && !secure && strcmp(argv[3], "notify") == 0;
  if (argc != 3 && !notifies && !secure) {
    fprintf(stderr, "usage: linnet-bench-client URI ENDPOINT [notify | KEY]\n");
    return 2;
  }
  linnet_entropy(seed, sizeof seed);
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet_driver *driver = linnet_driver_new(loop);
  linnet_transport *udp = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_client *client = linnet_client_new(loop, argv[2], NULL);
  if (client == NULL || linnet_driver_open(driver, udp, NULL) != LINNET_OK ||
      set_device(client) != LINNET_OK || add_temperature(client) != LINNET_OK ||
      add_server(client, udp, argv[1], argv[2], secure ? argv[3] : NULL) != LINNET_OK ||
      linnet_client_start(client) != LINNET_OK) {
    fprintf(stderr, "linnet-bench-client: %s\n", linnet_error_text(loop));
    return 1;
  }
  if (notifies) linnet_client_set_reliability(client, LINNET_EVERY_SERVER, LINNET_NON_CONFIRMABLE);
  while (linnet_driver_step(driver, notifies ? 0 : -1) == LINNET_OK) {
    while (linnet_loop_next_event(loop) != NULL) continue;
    if (notifies) measure(client);
  }
  fprintf(stderr, "linnet-bench-client: %s\n", linnet_error_text(loop));
  return 1;
}

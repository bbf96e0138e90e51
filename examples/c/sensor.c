/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor.c: a device with a thermometer that registers with a server.
 *
 *     cc sensor.c $(pkg-config --cflags --libs linnet) -o sensor
 *     ./sensor coap://localhost:5683 kitchen
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include <linnet/driver.h>
#include <linnet/linnet.h>

enum { TEMPERATURE = 3303, SENSOR_VALUE = 5700, APPLICATION_TYPE = 5750, RESET_MIN_MAX = 5605 };

static volatile sig_atomic_t stopping;

static void stop(int signal) {
  (void)signal;
  stopping = 1;
}

/* Answers a read of the sensor's value: a thermometer would be asked here. */
static linnet_status measure(linnet_event *question, void *user) {
  double *celsius = user;
  *celsius += 0.1;
  linnet_value value = linnet_value_float(*celsius);
  return linnet_question_answer(question, linnet_event_path(question), &value);
}

static void declare_temperature(linnet_model *model) {
  linnet_model_add_object(model, TEMPERATURE, "Temperature", "1.0", LINNET_MULTIPLE);
  linnet_model_add_resource(model, TEMPERATURE, SENSOR_VALUE, "Sensor Value", LINNET_TYPE_FLOAT,
                            LINNET_OPERATION_READ, LINNET_SINGLE, LINNET_MANDATORY);
  linnet_model_add_resource(model, TEMPERATURE, APPLICATION_TYPE, "Application Type", LINNET_TYPE_STRING,
                            LINNET_OPERATION_READ | LINNET_OPERATION_WRITE, LINNET_SINGLE, LINNET_OPTIONAL);
  linnet_model_add_resource(model, TEMPERATURE, RESET_MIN_MAX, "Reset Min and Max Measured Values",
                            LINNET_TYPE_NONE, LINNET_OPERATION_EXECUTE, LINNET_SINGLE, LINNET_OPTIONAL);
}

static void add_sensor(linnet_client *client, double *celsius) {
  declare_temperature(linnet_client_model(client));
  linnet_object *object = linnet_object_new(linnet_client_model(client), TEMPERATURE);
  linnet_value label = linnet_value_string("kitchen wall");
  linnet_object_add_instance(object, 0);
  linnet_object_compute(object, linnet_path_resource(TEMPERATURE, 0, SENSOR_VALUE));
  linnet_object_set(object, linnet_path_resource(TEMPERATURE, 0, APPLICATION_TYPE), &label);
  linnet_object_offer(object, linnet_path_resource(TEMPERATURE, 0, RESET_MIN_MAX));
  linnet_object_set_handler(object, LINNET_OPERATION_READ, measure, celsius, NULL);
  linnet_client_add_object(client, object);
  linnet_object_unref(object);
}

/* Prints what happened. False once the client has left its server. */
static bool show_events(linnet_loop *loop) {
  linnet_event *event;
  while ((event = linnet_loop_next_event(loop)) != NULL) {
    linnet_event_kind kind = linnet_event_get_kind(event);
    char path[LINNET_PATH_TEXT_SIZE];
    printf("%s %s %s\n", linnet_event_kind_name(kind), linnet_path_text(linnet_event_path(event), path),
           linnet_event_text(event));
    fflush(stdout);
    if (kind == LINNET_EVENT_DEREGISTERED) return false;
  }
  return true;
}

int main(int argc, char **argv) {
  const char *uri = argc > 1 ? argv[1] : "coap://localhost:5683";
  const char *endpoint = argc > 2 ? argv[2] : "kitchen";
  unsigned char seed[32];
  double celsius = 20;

  linnet_entropy(seed, sizeof seed);
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet_driver *driver = linnet_driver_new(loop);
  linnet_transport *udp = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_client *client = linnet_client_new(loop, endpoint, NULL);

  if (client == NULL || linnet_driver_open(driver, udp, NULL) < 0 ||
      linnet_client_add_transport(client, udp) < 0 || linnet_client_add_server(client, uri, 1, 300) < 0) {
    fprintf(stderr, "sensor: %s\n", linnet_error_text(loop));
    return 1;
  }
  add_sensor(client, &celsius);
  linnet_client_start(client);

  signal(SIGINT, stop);
  signal(SIGTERM, stop);
  bool leaving = false;
  do {
    if (stopping && !leaving) {
      leaving = true;
      linnet_client_deregister(client, LINNET_EVERY_SERVER);
    }
  } while (linnet_driver_step(driver, 1000) == LINNET_OK && show_events(loop));

  linnet_client_unref(client);
  linnet_transport_unref(udp);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.c: a server that waits for one device, reads its Device object, and ends.
 *
 *     cc reader.c $(pkg-config --cflags --libs linnet) -o reader
 *     ./reader 0.0.0.0:5683
 */
#include <stdio.h>

#include <linnet/driver.h>
#include <linnet/linnet.h>

static void print_value(const linnet_value *value) {
  switch (value->type) {
    case LINNET_TYPE_STRING:
      printf("%.*s\n", (int)value->as.bytes.length, (const char *)value->as.bytes.data);
      break;
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_TIME:
      printf("%lld\n", (long long)value->as.integer);
      break;
    case LINNET_TYPE_FLOAT:
      printf("%g\n", value->as.real);
      break;
    case LINNET_TYPE_BOOLEAN:
      printf("%s\n", value->as.boolean ? "true" : "false");
      break;
    case LINNET_TYPE_OBJLNK:
      printf("%u:%u\n", value->as.link.object, value->as.link.instance);
      break;
    default:
      printf("(%s)\n", linnet_type_name(value->type));
  }
}

static void print_records(const linnet_model *model, const linnet_batch *batch) {
  linnet_record record;
  for (size_t i = 0; linnet_batch_record(batch, i, &record) == LINNET_OK; i++) {
    char path[LINNET_PATH_TEXT_SIZE];
    const linnet_resource_definition *resource = linnet_model_resource(model, record.path);
    printf("%-10s %-28s ", linnet_path_text(record.path, path),
           resource == NULL ? "?" : linnet_resource_definition_name(resource));
    print_value(&record.value);
  }
}

/* Handles one event. 1: go on; 0: the work is done; -1: it failed. */
static int handle(linnet_server *server, linnet_event *event) {
  switch (linnet_event_get_kind(event)) {
    case LINNET_EVENT_REGISTERED:
      printf("%s registered: %s\n", linnet_event_endpoint(event), linnet_event_text(event));
      if (linnet_server_request(server, linnet_event_registration(event), LINNET_OPERATION_READ,
                                linnet_path_instance(3, 0), NULL, NULL, LINNET_FORMAT_NONE,
                                NULL) == LINNET_OK)
        return 1;
      fprintf(stderr, "reader: %s\n", linnet_error_text(linnet_server_loop(server)));
      return -1;
    case LINNET_EVENT_RESPONSE:
      if (linnet_event_status(event) != LINNET_OK) {
        fprintf(stderr, "reader: %s\n", linnet_event_text(event));
        return -1;
      }
      print_records(linnet_server_model(server), linnet_event_batch(event));
      return 0;
    default:
      return 1;
  }
}

int main(int argc, char **argv) {
  unsigned char seed[32];
  linnet_entropy(seed, sizeof seed);
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet_driver *driver = linnet_driver_new(loop);
  linnet_transport *udp = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  linnet_server *server = linnet_server_new(loop, NULL);

  if (linnet_driver_open(driver, udp, argc > 1 ? argv[1] : "0.0.0.0:5683") < 0 ||
      linnet_server_add_transport(server, udp) < 0) {
    fprintf(stderr, "reader: %s\n", linnet_error_text(loop));
    return 1;
  }
  char local[LINNET_ADDRESS_TEXT_SIZE];
  printf("listening on coap://%s\n", linnet_address_text(linnet_transport_local(udp), local));
  fflush(stdout);

  int going = 1;
  while (going > 0 && linnet_driver_step(driver, -1) == LINNET_OK) {
    linnet_event *event;
    while (going > 0 && (event = linnet_loop_next_event(loop)) != NULL) going = handle(server, event);
  }

  linnet_server_unref(server);
  linnet_transport_unref(udp);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
  return going == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* everything.c: a client with all that there is, but short messages and DTLS: bootstrap also from factory and
 * smartcard, a store, objects 2 and 4 to 7, an object that answers by a handler. */
#include "extras.h"

static linnet_status no_card(linnet_event *question, void *user) {
  (void)user;
  (void)question;
  return LINNET_ERROR_NOT_FOUND;
}

static linnet_status answer(linnet_event *question, void *user) {
  linnet_value value = linnet_value_integer(*(const int *)user);
  return linnet_question_answer(question, linnet_event_path(question), &value);
}

static linnet_status add_objects(linnet_client *client) {
  static int level = 75;
  linnet_object *object = linnet_object_new(linnet_client_model(client), 4);
  linnet_path path = linnet_path_resource(4, 0, 2);
  linnet_status status = linnet_object_add_instance(object, 0);
  if (status == LINNET_OK) status = linnet_object_compute(object, path);
  if (status == LINNET_OK)
    status = linnet_object_set_handler(object, LINNET_OPERATION_READ, answer, &level, NULL);
  if (status == LINNET_OK) status = linnet_client_add_object(client, object);
  linnet_object_unref(object);
  if (status == LINNET_OK) status = linnet_client_notify(client, path);
  return status;
}

static linnet_status add_standard(linnet_client *client) {
  linnet_status status = linnet_client_add_firmware(client);
  if (status == LINNET_OK) status = linnet_client_add_location(client);
  if (status == LINNET_OK) status = linnet_client_set_location(client, 52.5, 13.4, 0);
  if (status == LINNET_OK) status = linnet_client_set_velocity(client, 0, 0);
  if (status == LINNET_OK) status = linnet_client_add_statistics(client);
  if (status == LINNET_OK) status = linnet_client_raise_error(client, LINNET_DEVICE_LOW_BATTERY);
  if (status == LINNET_OK) status = linnet_client_clear_error(client, LINNET_DEVICE_LOW_BATTERY);
  if (linnet_client_firmware_state(client) == LINNET_FIRMWARE_UPDATING) /* before the restart */
    status = linnet_client_end_firmware(client, LINNET_FIRMWARE_UPDATED);
  return status;
}

static linnet_status add_settings(linnet_client *client) {
  linnet_status status = linnet_client_set_root(client, "/lwm2m");
  if (status == LINNET_OK) status = linnet_client_set_limit(client, LINNET_LIMIT_BODY_SIZE, 65536);
  if (status == LINNET_OK)
    status = linnet_client_set_reliability(client, LINNET_EVERY_SERVER, LINNET_NON_CONFIRMABLE);
  if (status == LINNET_OK)
    status = linnet_client_set_access(client, linnet_path_instance(3, 0), 2, LINNET_ACCESS_READ);
  if (status == LINNET_OK) status = linnet_client_set_owner(client, linnet_path_instance(3, 0), 1);
  return status;
}

static linnet_status keep(linnet_client *client) {
  const void *data;
  size_t length;
  linnet_status status = linnet_client_save(client, &data, &length);
  return status == LINNET_OK ? linnet_client_restore(client, data, length) : status;
}

/* Nothing comes from the factory where there is an account already. */
static linnet_status add_accounts(linnet_client *client) {
  linnet_batch *records = linnet_batch_new(linnet_client_loop(client));
  linnet_value uri = linnet_value_string("coap://192.0.2.2");
  linnet_status status = linnet_batch_add(records, linnet_path_resource(0, 1, 0), &uri);
  if (status == LINNET_OK) status = linnet_client_factory(client, records);
  linnet_batch_unref(records);
  if (status == LINNET_OK) status = linnet_client_add_bootstrap_server(client, "coap://192.0.2.2", 0);
  return status == LINNET_OK ? linnet_client_set_smartcard(client, no_card, NULL, NULL) : status;
}

linnet_status add_extras(linnet_client *client) {
  linnet_status status = add_accounts(client);
  if (status == LINNET_OK) status = add_standard(client);
  if (status == LINNET_OK) status = add_objects(client);
  if (status == LINNET_OK) status = add_settings(client);
  return status == LINNET_OK ? keep(client) : status;
}

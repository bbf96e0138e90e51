/* SPDX-License-Identifier: Apache-2.0 */
/* device.c: object 3, Device (objects.md /3): what exists from the beginning, and its clock. */
#include <string.h>

#include "../client_internal.h"

enum { REBOOT = 4, ERROR_CODE = 11, RESET_ERROR_CODE = 12, CURRENT_TIME = 13, BINDING_MODES = 16 };

/* Of a path in object 3, which has one instance. */
static bool is_time(linnet_path path) { return path.depth == 3 && path.id[2] == CURRENT_TIME; }

static linnet_path resource(uint16_t id) { return linnet_path_resource(3, 0, id); }

static linnet_status clear_errors(linnet_object *object) {
  linnet_value none = linnet_value_integer(0);
  return linnet_object_set(object, linnet_path_resource_instance(3, 0, ERROR_CODE, 0), &none); /* OBJ-30 */
}

linnet_status linnet__device_add(linnet_object *object) {
  static const linnet__initial initial[] = {{REBOOT, LINNET_TYPE_NONE, 0}};
  linnet_status status = linnet__object_furnish(object, 0, initial, 1);
  if (status == LINNET_OK) status = clear_errors(object);
  if (status == LINNET_OK) status = linnet__object_set_text(object, 0, BINDING_MODES, "U");
  return status;
}

static linnet_object *device(const linnet_client *client) { return linnet__engine_object(client->engine, 3); }

void linnet__device_begin_clock(linnet_client *client) {
  linnet_object *object = device(client);
  int64_t wall_ms = linnet_loop_wall_clock(client->handle.loop);
  if (object == NULL || wall_ms == 0 || client->clock.written) return;
  if (linnet_object_has(object, resource(CURRENT_TIME))) return;
  linnet_value now = linnet_value_time(wall_ms / 1000);
  client->clock.base_s = wall_ms / 1000; /* so that this does not count as written */
  linnet_object_set(object, resource(CURRENT_TIME), &now);
}

bool linnet__device_current(const linnet_client *client, linnet_path path, linnet_value *value) {
  const linnet__clock *clock = &client->clock;
  linnet_loop *loop = client->handle.loop;
  if (!is_time(path)) return false;
  if (clock->written)
    *value = linnet_value_time(clock->base_s + (int64_t)((linnet_loop_now(loop) - clock->base_ms) / 1000));
  else
    *value = linnet_value_time(linnet_loop_wall_clock(loop) / 1000);
  return true;
}

static void set_clock(linnet_client *client, int64_t unix_s) {
  client->clock.written = true;
  client->clock.base_s = unix_s;
  client->clock.base_ms = linnet_loop_now(client->handle.loop);
}

void linnet__device_written(linnet_client *client, const linnet_batch *records) {
  linnet_value value;
  if (linnet_batch_find(records, resource(CURRENT_TIME), &value) == LINNET_OK)
    set_clock(client, value.as.integer);
}

void linnet__device_changed(linnet_client *client, linnet_path path) {
  linnet_value value;
  linnet_object *object = device(client);
  if (object == NULL || !is_time(path)) return;
  if (!linnet_object_has(object, path) || linnet_object_get(object, path, &value) != LINNET_OK) return;
  if (value.as.integer == client->clock.base_s)
    return; /* linnet_object_notify: the stored value is an old one */
  set_clock(client, value.as.integer);
}

void linnet__device_restored(linnet_client *client, const linnet__clock *clock) {
  linnet_object *object = device(client);
  linnet_path path = resource(CURRENT_TIME);
  if (object == NULL || !linnet_object_has(object, path)) return;
  client->clock = *clock;
  if (!clock->written) { /* linnet_client_start looks at the wall clock */
    linnet_object_unset(object, path);
    return;
  }
  linnet_value value = linnet_value_time(clock->base_s);
  linnet_object_set(object, path, &value);
  client->clock = *clock;
}

/* ---- errors (OBJ-30) ----------------------------------------------------------------------------- */

static const linnet__resource *errors_of(const linnet_client *client) {
  return linnet__client_standard_resource(client, 3, ERROR_CODE);
}

/* LINNET_ID_NONE: that error is not there. */
static uint16_t index_of(const linnet__resource *errors, int64_t error) {
  for (size_t i = 0; errors != NULL && i < errors->count; i++)
    if (errors->values[i].stored.value.as.integer == error) return errors->values[i].index;
  return LINNET_ID_NONE;
}

/* That of "no error", or the lowest that is free. */
static uint16_t place_for_error(const linnet__resource *errors) {
  uint16_t none = index_of(errors, 0), index = 0;
  if (none != LINNET_ID_NONE) return none;
  while (errors != NULL && index < errors->count && errors->values[index].index == index) index++;
  return index;
}

linnet_status linnet_client_raise_error(linnet_client *client, linnet_device_error error) {
  const linnet__resource *errors = errors_of(client);
  if (error < LINNET_DEVICE_LOW_BATTERY || error > LINNET_DEVICE_PERIPHERAL_MALFUNCTION)
    return linnet__fail(client->handle.loop, LINNET_ERROR_OUT_OF_RANGE,
                        "error of \"%s\": there is no error code %d", client->endpoint, (int)error);
  if (index_of(errors, error) != LINNET_ID_NONE) return LINNET_OK;
  linnet_value value = linnet_value_integer(error);
  linnet_path path = linnet_path_resource_instance(3, 0, ERROR_CODE, place_for_error(errors));
  return linnet_client_set(client, path, &value);
}

linnet_status linnet_client_clear_error(linnet_client *client, linnet_device_error error) {
  linnet_object *object = device(client);
  const linnet__resource *errors = errors_of(client);
  uint16_t index = index_of(errors, error);
  if (index == LINNET_ID_NONE || (int)error == 0)
    return linnet__fail(client->handle.loop, LINNET_ERROR_NOT_FOUND,
                        "error of \"%s\": code %d was not raised", client->endpoint, (int)error);
  if (errors->count > 1)
    return linnet_object_unset(object, linnet_path_resource_instance(3, 0, ERROR_CODE, index));
  linnet_status status = clear_errors(object);
  if (status == LINNET_OK && index != 0)
    status = linnet_object_unset(object, linnet_path_resource_instance(3, 0, ERROR_CODE, index));
  return status;
}

void linnet__device_executed(linnet_client *client, linnet_path path) {
  linnet_object *object = device(client);
  if (object == NULL || path.id[2] != RESET_ERROR_CODE) return;
  const linnet__resource *errors = linnet__object_resource(object, 0, ERROR_CODE);
  while (errors != NULL && errors->count > 0 && errors->values[errors->count - 1].index > 0)
    linnet_object_unset(
        object, linnet_path_resource_instance(3, 0, ERROR_CODE, errors->values[errors->count - 1].index));
  clear_errors(object);
}

linnet_status linnet__device_support(linnet_client *client, const char *binding) {
  linnet_object *object = device(client);
  linnet_value present;
  bool known = linnet_object_get(object, resource(BINDING_MODES), &present) == LINNET_OK;
  /* "U" is what was there from the beginning, "S" came with a server of which only the number is known;
   * anything else somebody chose. */
  bool begun = known && present.as.bytes.length == 1 &&
               (present.as.bytes.data[0] == 'U' || (present.as.bytes.data[0] == 'S' && binding[0] == 'S'));
  linnet_value wanted = linnet_value_string(binding);
  if (known && (!begun || linnet_value_equal(&present, &wanted))) return LINNET_OK;
  return linnet__object_set_text(object, 0, BINDING_MODES, binding);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* bootstrap_configuration_test.c: what may be configured for a device (linnet/bootstrap.h; lwm2m-1.0.md 6.3,
 * 6.6; objects.md). */
#include "bootstrap/scripted_bootstrap.h"

static linnet_status try_batch(stage *s, linnet_batch *batch) {
  linnet_status status = linnet_bootstrap_configure(s->bootstrap, "kitchen", batch);
  CHECK_EQUAL(linnet_bootstrap_configured(s->bootstrap), status == LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configure(s->bootstrap, "kitchen", NULL), LINNET_OK);
  linnet_batch_unref(batch);
  return status;
}

static linnet_status try_value(stage *s, const char *path, linnet_value value) {
  linnet_batch *batch = linnet_batch_new(s->b.loop);
  add(batch, path, value);
  return try_batch(s, batch);
}

static void checks_values_by_the_model(void) {
  stage s;
  stage_begin(&s);
  CHECK_EQUAL(try_value(&s, "/3/0/14", linnet_value_string("+02:00")), LINNET_OK);
  CHECK_EQUAL(try_value(&s, "/3/0/0", linnet_value_string("read-only, but not here")), LINNET_OK); /* BS-23 */
  CHECK_EQUAL(try_value(&s, "/3/0/9", linnet_value_string("full")), LINNET_ERROR_WRONG_TYPE);
  CHECK_TEXT(linnet_error_text(s.b.loop),
             "configure kitchen, /3/0/9: value has the wrong type for this resource");
  CHECK_EQUAL(try_value(&s, "/3/0/9", linnet_value_integer(101)), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(try_value(&s, "/3/0/4", linnet_value_integer(1)), LINNET_ERROR_WRONG_TYPE);
  CHECK_EQUAL(try_value(&s, "/3/0/4", linnet_value_none()), LINNET_ERROR_WRONG_TYPE);
  CHECK_EQUAL(try_value(&s, "/3/0/0", linnet_value_string_n("\xff", 1)), LINNET_ERROR_WRONG_TYPE);
  CHECK_EQUAL(try_value(&s, "/9999/0/0", linnet_value_integer(1)), LINNET_OK);
  CHECK_EQUAL(try_value(&s, "/3/0/9999", linnet_value_integer(1)), LINNET_OK);
  CHECK_EQUAL(try_value(&s, "/9999/0/0", linnet_value_none()), LINNET_ERROR_WRONG_TYPE);
  CHECK_EQUAL(try_value(&s, "/9999/0/0", linnet_value_string_n("\xff", 1)), LINNET_ERROR_WRONG_TYPE);
  stage_end(&s);
}

static void checks_shapes_by_the_model(void) {
  linnet_value empty = {.type = LINNET_TYPE_MULTIPLE};
  stage s;
  stage_begin(&s);
  CHECK_EQUAL(try_value(&s, "/3/0/11/0", linnet_value_integer(0)), LINNET_OK);
  CHECK_EQUAL(try_value(&s, "/3/0/11", empty), LINNET_OK);
  CHECK_EQUAL(try_value(&s, "/3/0/11", linnet_value_integer(0)), LINNET_ERROR_WRONG_TYPE);
  CHECK_EQUAL(try_value(&s, "/3/0/9/0", linnet_value_integer(0)), LINNET_ERROR_WRONG_TYPE);
  CHECK_EQUAL(try_value(&s, "/3/0/9", empty), LINNET_ERROR_WRONG_TYPE);
  stage_end(&s);
}

static void checks_paths(void) {
  stage s;
  stage_begin(&s);
  CHECK_EQUAL(try_value(&s, "/", linnet_value_integer(0)), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(try_value(&s, "/1", linnet_value_integer(0)), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(try_value(&s, "/1/0", linnet_value_none()), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(try_value(&s, "/3/1/9", linnet_value_integer(50)), LINNET_ERROR_MALFORMED); /* DM-64 */
  CHECK_EQUAL(try_value(&s, "/65535/0/0", linnet_value_integer(0)), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(try_value(&s, "/9999/65535/0", linnet_value_integer(0)), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(try_value(&s, "/9999/0/65535", linnet_value_integer(0)), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(try_value(&s, "/9999/0/0/65535", linnet_value_integer(0)), LINNET_ERROR_MALFORMED);
  linnet_batch *batch = linnet_batch_new(s.b.loop);
  add(batch, "/3/0/9", linnet_value_integer(50));
  add(batch, "/3/0/14", linnet_value_string("Z"));
  add(batch, "/3/0/9", linnet_value_integer(50));
  CHECK_EQUAL(try_batch(&s, batch), LINNET_ERROR_MALFORMED);
  CHECK_TEXT(linnet_error_text(s.b.loop), "configure kitchen, /3/0/9: a value is given twice");
  batch = linnet_batch_new(s.b.loop);
  add(batch, "/9999/0/0", linnet_value_integer(1));
  add(batch, "/9999/0/0/1", linnet_value_integer(1));
  CHECK_EQUAL(try_batch(&s, batch), LINNET_ERROR_MALFORMED);
  stage_end(&s);
}

/* A copy without one path. */
static linnet_batch *without(stage *s, linnet_batch *batch, const char *path) {
  linnet_batch *copy = linnet_batch_new(s->b.loop);
  linnet_record record;
  for (size_t i = 0; linnet_batch_record(batch, i, &record) == LINNET_OK; i++)
    if (!linnet_path_equal(record.path, path_of(path)))
      CHECK_EQUAL(linnet_batch_add_record(copy, &record), LINNET_OK);
  linnet_batch_unref(batch);
  return copy;
}

static void accounts_must_be_whole(void) { /* BS-51 */
  static const char *const mandatory[] = {"/0/0/0", "/0/0/1", "/0/0/2", "/1/0/0",
                                          "/1/0/1", "/1/0/6", "/1/0/7"};
  stage s;
  stage_begin(&s);
  CHECK_EQUAL(try_batch(&s, account(&s, 60)), LINNET_OK);
  for (size_t i = 0; i < sizeof mandatory / sizeof mandatory[0]; i++) {
    CHECK_EQUAL(try_batch(&s, without(&s, account(&s, 60), mandatory[i])), LINNET_ERROR_MALFORMED);
    char prefix[64];
    snprintf(prefix, sizeof prefix, "configure kitchen, %s: ", mandatory[i]);
    CHECK(strncmp(linnet_error_text(s.b.loop), prefix, strlen(prefix)) == 0);
  }
  CHECK_EQUAL(try_batch(&s, without(&s, account(&s, 60), "/0/0/10")), LINNET_OK);
  stage_end(&s);
}

static linnet_batch *with_mode(stage *s, int64_t mode) {
  linnet_batch *batch = without(s, account(s, 60), "/0/0/2");
  add(batch, "/0/0/2", linnet_value_integer(mode));
  return batch;
}

static void keys_may_be_absent_where_the_mode_does_not_use_them(void) { /* OBJ-10 */
  static const uint8_t key[16] = {1};
  stage s;
  stage_begin(&s);
  CHECK_EQUAL(try_batch(&s, with_mode(&s, 0)), LINNET_ERROR_MALFORMED);
  linnet_batch *psk = with_mode(&s, 0);
  add(psk, "/0/0/3", linnet_value_opaque("id", 2));
  add(psk, "/0/0/5", linnet_value_opaque(key, sizeof key));
  CHECK_EQUAL(try_batch(&s, psk), LINNET_OK);
  linnet_batch *certificate = with_mode(&s, 2);
  add(certificate, "/0/0/3", linnet_value_opaque("id", 2));
  add(certificate, "/0/0/5", linnet_value_opaque(key, sizeof key));
  CHECK_EQUAL(try_batch(&s, certificate), LINNET_ERROR_MALFORMED);
  stage_end(&s);
}

static void access_control_must_be_whole(void) {
  stage s;
  stage_begin(&s);
  CHECK_EQUAL(try_value(&s, "/2/0/0", linnet_value_integer(3)), LINNET_ERROR_MALFORMED);
  linnet_batch *batch = linnet_batch_new(s.b.loop);
  add(batch, "/2/0/0", linnet_value_integer(3));
  add(batch, "/2/0/1", linnet_value_integer(0));
  add(batch, "/2/0/2/1", linnet_value_integer(15));
  add(batch, "/2/0/3", linnet_value_integer(65535));
  CHECK_EQUAL(try_batch(&s, batch), LINNET_OK);
  stage_end(&s);
}

static void endpoint_names_are_those_of_the_specification(void) { /* MOD-05 */
  char name[254];
  stage s;
  stage_begin(&s);
  linnet_batch *batch = account(&s, 60);
  memset(name, 'n', sizeof name);
  name[253] = 0;
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, name, batch), LINNET_ERROR_INVALID_ARGUMENT);
  name[252] = 0;
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, name, batch), LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, "", batch), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, NULL, batch), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, "\xff", batch), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap,
                                         "K\xc3\xbc"
                                         "che",
                                         batch),
              LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configured(s.bootstrap), 2);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, name, batch), LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configured(s.bootstrap), 2);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, name, NULL), LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, name, NULL), LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configured(s.bootstrap), 1);
  linnet_batch_unref(batch);
  stage_end(&s);
}

static void what_is_refused_leaves_the_former_configuration(void) {
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "kitchen", 60);
  linnet_batch *batch = account(&s, 0); /* the lifetime is too small */
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, "kitchen", batch), LINNET_ERROR_OUT_OF_RANGE);
  linnet_batch_unref(batch);
  begin(&s, &d, "bs?ep=kitchen", &m);
  accept(&s, &d, &m, 202);
  command(&s, PUT, "/0/0", &m);
  stage_end(&s);
}

/* In whatever order the records come; values are coerced. */
static void writes_instances_in_the_order_of_their_paths(void) {
  static const uint8_t expected[] = {0xc1, 0x09, 50, 0xc1, 0x0e, 'Z'};
  static const char *const paths[] = {"/0/0", "/0/7", "/1/0", "/3/0"};
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  linnet_batch *batch = linnet_batch_new(s.b.loop);
  add(batch, "/3/0/14", linnet_value_string("Z"));
  add(batch, "/0/7/2", linnet_value_integer(3));
  add(batch, "/0/7/0", linnet_value_string("coap://a"));
  add(batch, "/3/0/9", linnet_value_float(50));
  add(batch, "/0/7/1", linnet_value_boolean(true));
  linnet_batch *rest = account(&s, 60);
  linnet_record record;
  for (size_t i = 0; linnet_batch_record(rest, i, &record) == LINNET_OK; i++)
    CHECK_EQUAL(linnet_batch_add_record(batch, &record), LINNET_OK);
  linnet_batch_unref(rest);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, "kitchen", batch), LINNET_OK);
  linnet_batch_unref(batch);
  begin(&s, &d, "bs?ep=kitchen", &m);
  accept(&s, &d, &m, 202);
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    command(&s, PUT, paths[i], &m);
    if (i < 3) accept(&s, &d, &m, 204);
  }
  CHECK_BYTES(m.message.payload, m.message.payload_length, expected, sizeof expected);
  stage_end(&s);
}

/* To take everything away is a configuration, too. */
static void an_empty_configuration_deletes_and_finishes(void) {
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  linnet_batch *batch = linnet_batch_new(s.b.loop);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, "kitchen", batch), LINNET_OK);
  linnet_batch_unref(batch);
  begin(&s, &d, "bs?ep=kitchen", &m);
  accept(&s, &d, &m, 202);
  command(&s, POST, "/bs", &m);
  stage_end(&s);
}

static void a_model_of_the_caller_decides(void) {
  stage s;
  stage_begin(&s);
  linnet_model *model = linnet_model_new(s.b.loop);
  linnet_model_add_object(model, 30000, "Oven", NULL, LINNET_SINGLE);
  linnet_model_add_resource(model, 30000, 1, "Heat", LINNET_TYPE_INTEGER, LINNET_OPERATION_WRITE,
                            LINNET_SINGLE, LINNET_MANDATORY);
  linnet_bootstrap *bootstrap = linnet_bootstrap_new(s.b.loop, model);
  CHECK(linnet_bootstrap_model(bootstrap) == model);
  linnet_batch *batch = linnet_batch_new(s.b.loop);
  add(batch, "/30000/0/1", linnet_value_string("hot"));
  CHECK_EQUAL(linnet_bootstrap_configure(bootstrap, "kitchen", batch), LINNET_ERROR_WRONG_TYPE);
  linnet_batch_unref(batch);
  linnet_bootstrap_unref(bootstrap);
  linnet_model_unref(model);
  stage_end(&s);
}

int main(void) {
  return RUN(checks_values_by_the_model, checks_shapes_by_the_model, checks_paths, accounts_must_be_whole,
             keys_may_be_absent_where_the_mode_does_not_use_them, access_control_must_be_whole,
             endpoint_names_are_those_of_the_specification, what_is_refused_leaves_the_former_configuration,
             writes_instances_in_the_order_of_their_paths, an_empty_configuration_deletes_and_finishes,
             a_model_of_the_caller_decides);
}

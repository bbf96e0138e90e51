/* SPDX-License-Identifier: Apache-2.0 */
/* bootstrap_configuration_test.c: what may be configured for a device (linnet/bootstrap.h; lwm2m-1.0.md 6.3,
 * 6.6; objects.md). */
#include "bootstrap/scripted_bootstrap.h"

static linnet_status try_how(stage *s, linnet_batch *batch, bool unchecked) {
  linnet_status status = give(s, "kitchen", batch, unchecked);
  CHECK_EQUAL(linnet_bootstrap_configured(s->bootstrap), status == LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configure(s->bootstrap, "kitchen", NULL), LINNET_OK);
  linnet_batch_unref(batch);
  return status;
}

static linnet_status try_batch(stage *s, linnet_batch *batch) { return try_how(s, batch, true); }

/* As it would be for a device. */
static linnet_status try_whole(stage *s, linnet_batch *batch) { return try_how(s, batch, false); }

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
  CHECK_TEXT(linnet_error_text(s.b.loop), "write /3/0/9: value has the wrong type for this resource");
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
  CHECK_TEXT(linnet_error_text(s.b.loop), "write /3/0/9: a value is given twice");
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
  static const struct {
    const char *path, *words;
  } rows[] = {{"/0/0/0", "/0/0: the URI is missing or malformed"},
              {"/0/0/1", "/0/0: resource 1 is missing"},
              {"/0/0/2", "/0/0: the security mode is missing"},
              {"/0/0/10", "/0/0: the Short Server ID is missing or out of range"},
              {"/1/0/0", "/0/0: it needs one instance of object 1"},
              {"/1/0/1", "/1/0: the lifetime is missing"},
              {"/1/0/6", "/1/0: resource 6 is missing"},
              {"/1/0/7", "/1/0: the binding is missing or none"}};
  stage s;
  stage_begin(&s);
  CHECK_EQUAL(try_whole(&s, account(&s, 60)), LINNET_OK);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    CHECK_EQUAL(try_whole(&s, without(&s, account(&s, 60), rows[i].path)), LINNET_ERROR_MALFORMED);
    char words[128];
    snprintf(words, sizeof words, "configure kitchen: %s", rows[i].words);
    CHECK_TEXT(linnet_error_text(s.b.loop), words);
  }
  CHECK_EQUAL(try_whole(&s, linnet_batch_new(s.b.loop)), LINNET_ERROR_MALFORMED);
  CHECK_TEXT(linnet_error_text(s.b.loop), "configure kitchen: there is no server account");
  stage_end(&s);
}

/* The account of the bootstrap server may be all that is to be renewed (BS-51, BS-53). */
static void a_bootstrap_account_may_be_given_alone(void) {
  stage s;
  stage_begin(&s);
  linnet_batch *batch = linnet_batch_new(s.b.loop);
  add(batch, "/0/5/0", linnet_value_string("coap://b"));
  add(batch, "/0/5/1", linnet_value_boolean(true));
  add(batch, "/0/5/2", linnet_value_integer(3));
  CHECK_EQUAL(try_whole(&s, batch), LINNET_OK);
  stage_end(&s);
}

static linnet_batch *with_mode(stage *s, int64_t mode) {
  linnet_batch *batch = without(s, without(s, account(s, 60), "/0/0/2"), "/0/0/0");
  add(batch, "/0/0/0", linnet_value_string("coaps://127.0.0.1:5684"));
  add(batch, "/0/0/2", linnet_value_integer(mode));
  return batch;
}

static linnet_batch *with_keys(stage *s, int64_t mode, const char *identity, const char *server_key,
                               const char *secret) {
  linnet_batch *batch = with_mode(s, mode);
  if (identity != NULL) add(batch, "/0/0/3", linnet_value_opaque(identity, strlen(identity)));
  if (server_key != NULL) add(batch, "/0/0/4", linnet_value_opaque(server_key, strlen(server_key)));
  if (secret != NULL) add(batch, "/0/0/5", linnet_value_opaque(secret, strlen(secret)));
  return batch;
}

static void keys_must_fit_the_mode(void) { /* OBJ-10, BS-51, SEC-11 to SEC-13 */
  static const char der[] =
      "\x30\x03"
      "abc";
  static const struct {
    int64_t mode;
    const char *identity, *server_key, *secret;
    linnet_status status;
  } rows[] = {
      {3, NULL, NULL, NULL, LINNET_ERROR_MALFORMED}, /* the URI is that of another mode */
      {0, NULL, NULL, NULL, LINNET_ERROR_MALFORMED},
      {0, "id", NULL, NULL, LINNET_ERROR_MALFORMED},
      {0, "id", NULL, "0123456789abcdef", LINNET_OK},
      {0, "\xff", NULL, "0123456789abcdef", LINNET_ERROR_MALFORMED},
      {2, der, NULL, der, LINNET_ERROR_MALFORMED},
      {2, der, der, der, LINNET_OK},
      {1, der, der, der, LINNET_OK},
      {1,
       "\x30\x04"
       "abc",
       der, der, LINNET_ERROR_MALFORMED},
      {1, der,
       "\x31\x03"
       "abc",
       der, LINNET_ERROR_MALFORMED},
      {1, der, der,
       "\x30\x81\x02"
       "abc",
       LINNET_ERROR_MALFORMED},
      {1, der, der,
       "\x30\x81\x03"
       "abc",
       LINNET_OK},
      {1, der, der, "\x30\x84", LINNET_ERROR_MALFORMED},
      {1, der, der, "\x30", LINNET_ERROR_MALFORMED},
  };
  stage s;
  stage_begin(&s);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    CHECK_EQUAL(
        try_whole(&s, with_keys(&s, rows[i].mode, rows[i].identity, rows[i].server_key, rows[i].secret)),
        rows[i].status);
  stage_end(&s);
}

static linnet_batch *with_access(stage *s, int64_t object, int64_t owner) {
  linnet_batch *batch = account(s, 60);
  add(batch, "/2/0/0", linnet_value_integer(object));
  add(batch, "/2/0/1", linnet_value_integer(0));
  add(batch, "/2/0/2/1", linnet_value_integer(15));
  if (owner >= 0) add(batch, "/2/0/3", linnet_value_integer(owner));
  return batch;
}

static void access_control_must_be_whole(void) { /* BS-51 */
  stage s;
  stage_begin(&s);
  CHECK_EQUAL(try_whole(&s, with_access(&s, 3, 65535)), LINNET_OK);
  CHECK_EQUAL(try_whole(&s, with_access(&s, 3, 1)), LINNET_OK);
  CHECK_EQUAL(try_whole(&s, with_access(&s, 3, 2)), LINNET_ERROR_MALFORMED);
  CHECK_TEXT(linnet_error_text(s.b.loop), "configure kitchen: /2/0: its owner is no server");
  CHECK_EQUAL(try_whole(&s, with_access(&s, 3, -1)), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(try_whole(&s, with_access(&s, 0, 1)), LINNET_ERROR_OUT_OF_RANGE);
  stage_end(&s);
}

static linnet_batch *second_account(stage *s) {
  linnet_batch *batch = account(s, 60);
  add(batch, "/0/1/0", linnet_value_string("coap://b"));
  add(batch, "/0/1/1", linnet_value_boolean(false));
  add(batch, "/0/1/2", linnet_value_integer(3));
  add(batch, "/0/1/10", linnet_value_integer(2));
  add(batch, "/1/1/0", linnet_value_integer(2));
  add(batch, "/1/1/1", linnet_value_integer(60));
  add(batch, "/1/1/6", linnet_value_boolean(false));
  add(batch, "/1/1/7", linnet_value_string("U"));
  return batch;
}

static void several_servers_need_access_control(void) { /* BS-51, ACL-02 */
  stage s;
  stage_begin(&s);
  CHECK_EQUAL(try_whole(&s, second_account(&s)), LINNET_ERROR_MALFORMED);
  CHECK_TEXT(linnet_error_text(s.b.loop),
             "configure kitchen: several servers need object 2, which is not there");
  linnet_batch *twice = second_account(&s);
  twice = without(&s, twice, "/0/1/10");
  add(twice, "/0/1/10", linnet_value_integer(1));
  CHECK_EQUAL(try_whole(&s, twice), LINNET_ERROR_MALFORMED);
  CHECK_TEXT(linnet_error_text(s.b.loop), "configure kitchen: /0/0: the Short Server ID is there twice");
  stage_end(&s);
}

static void endpoint_names_are_those_of_the_specification(void) { /* MOD-05 */
  char name[254];
  stage s;
  stage_begin(&s);
  linnet_batch *batch = account(&s, 60);
  memset(name, 'n', sizeof name);
  name[253] = 0;
  CHECK_EQUAL(give(&s, name, batch, false), LINNET_ERROR_INVALID_ARGUMENT);
  name[252] = 0;
  CHECK_EQUAL(give(&s, name, batch, false), LINNET_OK);
  CHECK_EQUAL(give(&s, "", batch, false), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(give(&s, "\xff", batch, false), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(give(&s,
                   "K\xc3\xbc"
                   "che",
                   batch, false),
              LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configured(s.bootstrap), 2);
  CHECK_EQUAL(give(&s, name, batch, false), LINNET_OK);
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
  CHECK_EQUAL(give(&s, "kitchen", batch, true), LINNET_ERROR_OUT_OF_RANGE);
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
  CHECK_EQUAL(give(&s, "kitchen", batch, true), LINNET_OK);
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
  CHECK_EQUAL(give(&s, "kitchen", batch, true), LINNET_OK);
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
  linnet_configuration *configuration = linnet_configuration_new(model);
  CHECK_EQUAL(linnet_configuration_write(configuration, linnet_path_root(), batch, LINNET_FORMAT_NONE),
              LINNET_ERROR_WRONG_TYPE);
  linnet_configuration_unref(configuration);
  linnet_batch_unref(batch);
  linnet_bootstrap_unref(bootstrap);
  linnet_model_unref(model);
  stage_end(&s);
}

int main(void) {
  return RUN(checks_values_by_the_model, checks_shapes_by_the_model, checks_paths, accounts_must_be_whole,
             a_bootstrap_account_may_be_given_alone, keys_must_fit_the_mode, access_control_must_be_whole,
             several_servers_need_access_control, endpoint_names_are_those_of_the_specification,
             what_is_refused_leaves_the_former_configuration, writes_instances_in_the_order_of_their_paths,
             an_empty_configuration_deletes_and_finishes, a_model_of_the_caller_decides);
}

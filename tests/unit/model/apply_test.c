/* SPDX-License-Identifier: Apache-2.0 */
/* Writes, creates and bootstrap writes on stored values (lwm2m-1.0.md 3.4, 3.7, 6.3). */
#include "model_fixture.h"

static memory left;
static linnet_loop *loop;
static linnet_model *model;
static linnet_object *object;
static linnet_batch *batch;
static size_t before;
static char heard[512];

#define R LINNET_OPERATION_READ
#define W LINNET_OPERATION_WRITE
#define RW (R | W)

/*
 * Object 32000: 0 mandatory text, 1 optional number 0..100, 2 optional numbers, 3 mandatory executable, 4
 * read-only mandatory, 5 write-only optional, 6 only for bootstrap, 7 optional number that is computed in
 * instance 1.
 */
static void declare(uint16_t id, linnet_type type, unsigned operations, linnet_multiplicity instances,
                    linnet_presence presence) {
  CHECK_EQUAL(linnet_model_add_resource(model, 32000, id, "x", type, operations, instances, presence),
              LINNET_OK);
}

static void changed(linnet__watcher *watcher, linnet_object *changing, linnet_path where) {
  char text[LINNET_PATH_TEXT_SIZE];
  size_t used = strlen(heard);
  (void)watcher, (void)changing;
  snprintf(heard + used, sizeof heard - used, "%s ", linnet_path_text(where, text));
}

static linnet__watcher watcher = {changed, NULL};

static void set(const char *where, linnet_value value) {
  CHECK_EQUAL(linnet_object_set(object, path(where), &value), LINNET_OK);
}

static void begin(void) {
  loop = loop_with(&left);
  before = linnet_loop_memory_used(loop);
  model = linnet_model_new(loop);
  CHECK_EQUAL(linnet_model_add_object(model, 32000, "Thing", NULL, LINNET_MULTIPLE), LINNET_OK);
  declare(0, LINNET_TYPE_STRING, RW, LINNET_SINGLE, LINNET_MANDATORY);
  declare(1, LINNET_TYPE_INTEGER, RW, LINNET_SINGLE, LINNET_OPTIONAL);
  declare(2, LINNET_TYPE_FLOAT, RW, LINNET_MULTIPLE, LINNET_OPTIONAL);
  declare(3, LINNET_TYPE_NONE, LINNET_OPERATION_EXECUTE, LINNET_SINGLE, LINNET_MANDATORY);
  declare(4, LINNET_TYPE_STRING, R, LINNET_SINGLE, LINNET_MANDATORY);
  declare(5, LINNET_TYPE_OPAQUE, W, LINNET_SINGLE, LINNET_OPTIONAL);
  declare(6, LINNET_TYPE_INTEGER, 0, LINNET_SINGLE, LINNET_MANDATORY);
  declare(7, LINNET_TYPE_INTEGER, RW, LINNET_SINGLE, LINNET_OPTIONAL);
  CHECK_EQUAL(linnet_model_describe_resource(model, 32000, 1, NULL, "0..100"), LINNET_OK);
  object = linnet_object_new(model, 32000);
  CHECK_EQUAL(linnet_object_add_instance(object, 1), LINNET_OK);
  set("/32000/1/0", linnet_value_string("old"));
  set("/32000/1/1", linnet_value_integer(5));
  set("/32000/1/2/3", linnet_value_float(3));
  set("/32000/1/2/4", linnet_value_float(4));
  set("/32000/1/4", linnet_value_string("mine"));
  set("/32000/1/6", linnet_value_integer(6));
  CHECK_EQUAL(linnet_object_compute(object, path("/32000/1/7")), LINNET_OK);
  object->watcher = &watcher;
  batch = linnet_batch_new(loop);
  heard[0] = '\0';
}

static void end(void) {
  linnet_batch_unref(batch);
  linnet_object_unref(object);
  linnet_model_unref(model);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

static void put(const char *where, linnet_value value) {
  CHECK_EQUAL(linnet_batch_add(batch, path(where), &value), LINNET_OK);
}

/* What is stored, as "/1/0=old /1/2/3=3 ..."; numbers, texts and "{}" for a multiple resource without
 * instances. */
static const char *stored(void) {
  static char text[1024];
  size_t used = 0;
  linnet_batch *all = linnet_batch_new(loop);
  CHECK_EQUAL(linnet_object_read(object, path("/32000"), all), LINNET_OK);
  linnet_record record;
  text[0] = '\0';
  for (size_t i = 0; linnet_batch_record(all, i, &record) == LINNET_OK; i++) {
    char at[LINNET_PATH_TEXT_SIZE];
    linnet_path_text(record.path, at);
    const linnet_value *value = &record.value;
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s=", i > 0 ? " " : "", at + 6);
    if (value->type == LINNET_TYPE_INTEGER)
      used += (size_t)snprintf(text + used, sizeof text - used, "%d", (int)value->as.integer);
    else if (value->type == LINNET_TYPE_FLOAT)
      used += (size_t)snprintf(text + used, sizeof text - used, "%g", value->as.real);
    else if (value->type == LINNET_TYPE_MULTIPLE)
      used += (size_t)snprintf(text + used, sizeof text - used, "{}");
    else
      used += (size_t)snprintf(text + used, sizeof text - used, "%.*s", (int)value->as.bytes.length,
                               (const char *)value->as.bytes.data);
  }
  linnet_batch_unref(all);
  return text;
}

#define OLD "/1/0=old /1/1=5 /1/2/3=3 /1/2/4=4 /1/4=mine /1/6=6"

static linnet_status check(uint16_t instance, linnet__apply_mode mode) {
  return linnet__object_check(object, instance, batch, mode);
}

static linnet_status write(uint16_t instance, linnet__apply_mode mode) {
  linnet_status status = check(instance, mode);
  if (status == LINNET_OK) status = linnet__object_apply(object, instance, batch, mode);
  linnet_batch_clear(batch);
  return status;
}

static void refused(uint16_t instance, linnet__apply_mode mode, linnet_status expected) {
  char past[1024];
  strcpy(past, stored());
  size_t count = linnet_batch_count(batch);
  CHECK_EQUAL(check(instance, mode), expected);
  CHECK(strstr(linnet_error_text(loop), "/320") != NULL);
  CHECK_EQUAL(linnet_batch_count(batch), count);
  CHECK_TEXT(stored(), past);
  CHECK_TEXT(heard, "");
  linnet_batch_clear(batch);
}

/* ---- DM-21: replace an instance ------------------------------------------------------------------ */

static void a_replacement_removes_optional_writable_resources_dm21(void) {
  begin();
  put("/32000/1/0", linnet_value_string("new"));
  CHECK_EQUAL(write(1, LINNET__APPLY_REPLACE_INSTANCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/0=new /1/4=mine /1/6=6");
  CHECK(linnet_object_has(object, path("/32000/1/3"))); /* executables are left alone */
  CHECK(linnet_object_has(object, path("/32000/1/7"))); /* so are computed ones */
  CHECK_TEXT(heard, "/32000/1/0 /32000/1/1 /32000/1/2 ");
  end();
}

static void a_replacement_replaces_whole_arrays_dm21(void) {
  begin();
  put("/32000/1/0", linnet_value_string("old"));
  put("/32000/1/2/9", linnet_value_float(9));
  put("/32000/1/2/1", linnet_value_float(1));
  put("/32000/1/1", linnet_value_integer(5));
  CHECK_EQUAL(write(1, LINNET__APPLY_REPLACE_INSTANCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/0=old /1/1=5 /1/2/1=1 /1/2/9=9 /1/4=mine /1/6=6");
  CHECK_TEXT(heard, "/32000/1/2 "); /* the rest is as it was */
  end();
}

static void a_replacement_needs_all_mandatory_writable_resources_dm21(void) {
  begin();
  put("/32000/1/1", linnet_value_integer(6));
  refused(1, LINNET__APPLY_REPLACE_INSTANCE, LINNET_ERROR_MALFORMED);
  refused(1, LINNET__APPLY_REPLACE_INSTANCE, LINNET_ERROR_MALFORMED); /* the empty payload */
  end();
}

/* ---- DM-22: partial update ----------------------------------------------------------------------- */

static void an_update_keeps_what_it_does_not_name_dm22(void) {
  begin();
  put("/32000/1/1", linnet_value_integer(6));
  put("/32000/1/2/4", linnet_value_float(44));
  put("/32000/1/2/1", linnet_value_float(1));
  CHECK_EQUAL(write(1, LINNET__APPLY_UPDATE_INSTANCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/0=old /1/1=6 /1/2/1=1 /1/2/3=3 /1/2/4=44 /1/4=mine /1/6=6");
  CHECK_TEXT(heard, "/32000/1/1 /32000/1/2 ");
  heard[0] = '\0';
  linnet_value empty = {.type = LINNET_TYPE_MULTIPLE}; /* AMB-02: takes no instance away */
  CHECK_EQUAL(linnet_batch_add(batch, path("/32000/1/2"), &empty), LINNET_OK);
  CHECK_EQUAL(write(1, LINNET__APPLY_UPDATE_INSTANCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/0=old /1/1=6 /1/2/1=1 /1/2/3=3 /1/2/4=44 /1/4=mine /1/6=6");
  CHECK_TEXT(heard, "");
  CHECK_EQUAL(write(1, LINNET__APPLY_UPDATE_INSTANCE), LINNET_OK); /* nothing at all */
  end();
}

/* ---- DM-23, DM-27, DM-29: replace a resource ----------------------------------------------------- */

static void a_write_to_a_resource_touches_only_it(void) {
  begin();
  put("/32000/1/1", linnet_value_integer(6));
  CHECK_EQUAL(write(1, LINNET__APPLY_REPLACE_RESOURCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/0=old /1/1=6 /1/2/3=3 /1/2/4=4 /1/4=mine /1/6=6");
  put("/32000/1/2/8", linnet_value_float(8)); /* DM-23 */
  CHECK_EQUAL(write(1, LINNET__APPLY_REPLACE_RESOURCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/0=old /1/1=6 /1/2/8=8 /1/4=mine /1/6=6");
  linnet_value empty = {.type = LINNET_TYPE_MULTIPLE};
  CHECK_EQUAL(linnet_batch_add(batch, path("/32000/1/2"), &empty), LINNET_OK);
  CHECK_EQUAL(write(1, LINNET__APPLY_REPLACE_RESOURCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/0=old /1/1=6 /1/2={} /1/4=mine /1/6=6");
  CHECK_EQUAL(linnet_object_unset(object, path("/32000/1/1")), LINNET_OK);
  put("/32000/1/1", linnet_value_integer(7)); /* DM-27 */
  CHECK_EQUAL(write(1, LINNET__APPLY_REPLACE_RESOURCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/0=old /1/1=7 /1/2={} /1/4=mine /1/6=6");
  end();
}

static void a_write_to_a_resource_names_that_resource(void) {
  begin();
  put("/32000/1/99", linnet_value_integer(6));
  refused(1, LINNET__APPLY_REPLACE_RESOURCE, LINNET_ERROR_NOT_FOUND); /* DM-26 */
  put("/32000/1/1", linnet_value_integer(6));
  put("/32000/1/7", linnet_value_integer(6));
  refused(1, LINNET__APPLY_REPLACE_RESOURCE, LINNET_ERROR_MALFORMED); /* DM-29 */
  refused(1, LINNET__APPLY_REPLACE_RESOURCE, LINNET_ERROR_MALFORMED); /* nothing */
  put("/32000/1/4", linnet_value_string("x"));
  refused(1, LINNET__APPLY_REPLACE_RESOURCE, LINNET_ERROR_NOT_ALLOWED);
  end();
}

/* ---- DM-24, DM-26, DM-28: what a payload may hold ------------------------------------------------ */

static void one_resource_without_write_refuses_the_whole_dm24(void) {
  static const char *const paths[] = {"/32000/1/4", "/32000/1/3", "/32000/1/6"};
  for (size_t i = 0; i < 3; i++) {
    begin();
    put("/32000/1/0", linnet_value_string("new"));
    put(paths[i], linnet_value_string("x"));
    refused(1, LINNET__APPLY_REPLACE_INSTANCE, LINNET_ERROR_NOT_ALLOWED);
    put(paths[i], linnet_value_string("x"));
    refused(1, LINNET__APPLY_UPDATE_INSTANCE, LINNET_ERROR_NOT_ALLOWED);
    end();
  }
}

static void unknown_resources_are_ignored_dm26(void) {
  begin();
  put("/32000/1/98", linnet_value_opaque("x", 1));
  put("/32000/1/0", linnet_value_string("new"));
  put("/32000/1/99/7", linnet_value_opaque("x", 1));
  CHECK_EQUAL(check(1, LINNET__APPLY_UPDATE_INSTANCE), LINNET_OK);
  CHECK_EQUAL(linnet_batch_count(batch), 1); /* what the handler will see */
  CHECK_EQUAL(write(1, LINNET__APPLY_UPDATE_INSTANCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/0=new /1/1=5 /1/2/3=3 /1/2/4=4 /1/4=mine /1/6=6");
  end();
}

static void values_must_fit_the_definition_dm28(void) {
  static const struct {
    const char *where;
    linnet_value value;
    linnet_status status;
  } bad[] = {{"/32000/1/1", {.type = LINNET_TYPE_BOOLEAN}, LINNET_ERROR_WRONG_TYPE},
             {"/32000/1/1", {.type = LINNET_TYPE_INTEGER, .as.integer = 101}, LINNET_ERROR_OUT_OF_RANGE},
             {"/32000/1/1/0", {.type = LINNET_TYPE_INTEGER}, LINNET_ERROR_MALFORMED},
             {"/32000/1/1", {.type = LINNET_TYPE_MULTIPLE}, LINNET_ERROR_MALFORMED},
             {"/32000/1/2", {.type = LINNET_TYPE_FLOAT}, LINNET_ERROR_MALFORMED},
             {"/32000/1/2/0", {.type = LINNET_TYPE_MULTIPLE}, LINNET_ERROR_MALFORMED},
             {"/32000/1/2/65535", {.type = LINNET_TYPE_FLOAT}, LINNET_ERROR_MALFORMED},
             {"/32000/1/2/0", {.type = LINNET_TYPE_NONE}, LINNET_ERROR_WRONG_TYPE},
             {"/32000/2/1", {.type = LINNET_TYPE_INTEGER}, LINNET_ERROR_MALFORMED}, /* FMT-15 */
             {"/32001/1/1", {.type = LINNET_TYPE_INTEGER}, LINNET_ERROR_MALFORMED},
             {"/32000", {.type = LINNET_TYPE_NONE}, LINNET_ERROR_MALFORMED},
             {"/32000/1", {.type = LINNET_TYPE_INTEGER}, LINNET_ERROR_MALFORMED}};
  begin();
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    put("/32000/1/0", linnet_value_string("new"));
    put(bad[i].where, bad[i].value);
    refused(1, LINNET__APPLY_UPDATE_INSTANCE, bad[i].status);
    put("/32000/1/0", linnet_value_string("new"));
    put(bad[i].where, bad[i].value);
    refused(1, LINNET__APPLY_REPLACE_INSTANCE, bad[i].status);
  }
  put("/32000/1/1", linnet_value_float(50)); /* a whole number is one, whatever it came as */
  linnet_record record;
  CHECK_EQUAL(check(1, LINNET__APPLY_UPDATE_INSTANCE), LINNET_OK);
  CHECK_EQUAL(linnet_batch_record(batch, 0, &record), LINNET_OK);
  CHECK_EQUAL(record.value.type, LINNET_TYPE_INTEGER);
  end();
}

static void an_instance_must_exist_to_be_written(void) {
  begin();
  put("/32000/9/0", linnet_value_string("new"));
  refused(9, LINNET__APPLY_REPLACE_INSTANCE, LINNET_ERROR_NOT_FOUND);
  put("/32000/9/0", linnet_value_string("new"));
  refused(9, LINNET__APPLY_UPDATE_INSTANCE, LINNET_ERROR_NOT_FOUND);
  put("/32000/9/0", linnet_value_string("new"));
  CHECK_EQUAL(linnet__object_apply(object, 9, batch, LINNET__APPLY_UPDATE_INSTANCE), LINNET_ERROR_NOT_FOUND);
  end();
}

static void a_server_cannot_fill_the_memory_with_resource_instances(void) {
  begin();
  for (int i = 0; i < LINNET__RESOURCE_INSTANCES_LIMIT; i++) {
    linnet_value value = linnet_value_float(i);
    linnet_batch_add(batch, linnet_path_resource_instance(32000, 1, 2, (uint16_t)(5000 - i)), &value);
  }
  CHECK_EQUAL(check(1, LINNET__APPLY_REPLACE_RESOURCE), LINNET_OK);
  CHECK_EQUAL(linnet__object_apply(object, 1, batch, LINNET__APPLY_REPLACE_RESOURCE), LINNET_OK);
  CHECK_EQUAL(check(1, LINNET__APPLY_UPDATE_INSTANCE), LINNET_ERROR_TOO_LARGE);
  CHECK_EQUAL(linnet__object_apply(object, 1, batch, LINNET__APPLY_UPDATE_INSTANCE), LINNET_ERROR_TOO_LARGE);
  linnet_value value = linnet_value_float(0);
  linnet_batch_add(batch, linnet_path_resource_instance(32000, 1, 2, 1), &value);
  CHECK_EQUAL(check(1, LINNET__APPLY_REPLACE_RESOURCE), LINNET_ERROR_TOO_LARGE);
  end();
}

/* ---- DM-60 to DM-65: create ---------------------------------------------------------------------- */

static void a_create_makes_an_instance_dm61(void) {
  begin();
  put("/32000/65535/0", linnet_value_string("new")); /* DM-65: no instance in the payload */
  put("/32000/65535/4", linnet_value_string("ignored"));
  put("/32000/65535/6", linnet_value_integer(1));
  put("/32000/65535/3", linnet_value_string("ignored"));
  put("/32000/65535/99", linnet_value_string("ignored")); /* DM-62 */
  CHECK_EQUAL(check(0, LINNET__APPLY_CREATE), LINNET_OK);
  CHECK_EQUAL(linnet_batch_count(batch), 1);
  linnet_record record;
  CHECK_EQUAL(linnet_batch_record(batch, 0, &record), LINNET_OK);
  CHECK(linnet_path_equal(record.path, path("/32000/0/0")));
  CHECK_EQUAL(write(0, LINNET__APPLY_CREATE), LINNET_OK);
  CHECK_TEXT(stored(), "/0/0=new " OLD);
  CHECK(linnet_object_has(object, path("/32000/0/3")));
  CHECK(!linnet_object_has(object, path("/32000/0/4")));
  CHECK_TEXT(heard, "/32000/0 ");
  end();
}

static void a_create_needs_a_free_possible_id_dm63_dm64(void) {
  begin();
  put("/32000/1/0", linnet_value_string("new"));
  refused(1, LINNET__APPLY_CREATE, LINNET_ERROR_EXISTS);
  put("/32000/1/0", linnet_value_string("new"));
  CHECK_EQUAL(linnet__object_apply(object, 1, batch, LINNET__APPLY_CREATE), LINNET_ERROR_EXISTS);
  linnet_batch_clear(batch);
  put("/32000/65535/0", linnet_value_string("new"));
  refused(65535, LINNET__APPLY_CREATE, LINNET_ERROR_INVALID_ARGUMENT);
  put("/32000/5/1", linnet_value_integer(1)); /* DM-61 */
  refused(5, LINNET__APPLY_CREATE, LINNET_ERROR_MALFORMED);
  linnet_object *statistics = linnet_object_new(model, 7);
  CHECK_EQUAL(linnet__object_check(statistics, 1, batch, LINNET__APPLY_CREATE),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet__object_check(statistics, 0, batch, LINNET__APPLY_CREATE), LINNET_OK);
  CHECK_EQUAL(linnet__object_apply(statistics, 0, batch, LINNET__APPLY_CREATE), LINNET_OK);
  CHECK(linnet_object_has(statistics, path("/7/0/6")));
  linnet_object_unref(statistics);
  end();
}

/* ---- computed and write-only --------------------------------------------------------------------- */

static linnet_status handler(linnet_event *question, void *user) {
  (void)question, (void)user;
  return LINNET_OK;
}

static void what_the_handler_has_seen_is_not_stored(void) {
  begin();
  put("/32000/1/7", linnet_value_integer(1));
  put("/32000/1/5", linnet_value_opaque("secret", 6));
  CHECK_EQUAL(write(1, LINNET__APPLY_UPDATE_INSTANCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/0=old /1/1=5 /1/2/3=3 /1/2/4=4 /1/4=mine /1/5=secret /1/6=6");
  CHECK_TEXT(heard, "/32000/1/5 /32000/1/7 ");
  heard[0] = '\0';
  CHECK_EQUAL(linnet_object_set_handler(object, W, handler, NULL, NULL), LINNET_OK);
  put("/32000/1/5", linnet_value_opaque("secret", 6));
  CHECK_EQUAL(write(1, LINNET__APPLY_REPLACE_RESOURCE), LINNET_OK);
  CHECK_TEXT(stored(), OLD);
  CHECK(linnet_object_has(object, path("/32000/1/5")));
  CHECK_TEXT(heard, "/32000/1/5 ");
  end();
}

/* ---- BS-20 to BS-23: bootstrap ------------------------------------------------------------------- */

static void a_bootstrap_write_replaces_read_only_resources_too_bs23(void) {
  begin();
  put("/32000/1/4", linnet_value_string("theirs"));
  put("/32000/1/6", linnet_value_integer(66));
  put("/32000/1/3", linnet_value_string("ignored"));
  put("/32000/1/7", linnet_value_integer(1)); /* computed: the client owns it */
  put("/32000/1/99", linnet_value_string("ignored"));
  CHECK_EQUAL(write(1, LINNET__APPLY_BOOTSTRAP_INSTANCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/4=theirs /1/6=66");
  CHECK(linnet_object_has(object, path("/32000/1/3")) && linnet_object_has(object, path("/32000/1/7")));
  put("/32000/8/6", linnet_value_integer(8)); /* BS-20 */
  CHECK_EQUAL(write(8, LINNET__APPLY_BOOTSTRAP_INSTANCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/4=theirs /1/6=66 /8/6=8");
  put("/32000/8/1", linnet_value_integer(9)); /* BS-22 */
  CHECK_EQUAL(write(8, LINNET__APPLY_BOOTSTRAP_RESOURCE), LINNET_OK);
  put("/32000/9/1", linnet_value_integer(9));
  CHECK_EQUAL(write(9, LINNET__APPLY_BOOTSTRAP_RESOURCE), LINNET_OK);
  CHECK_TEXT(stored(), "/1/4=theirs /1/6=66 /8/1=9 /8/6=8 /9/1=9");
  put("/32000/9/1", linnet_value_integer(900));
  CHECK_EQUAL(write(9, LINNET__APPLY_BOOTSTRAP_INSTANCE), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(write(65535, LINNET__APPLY_BOOTSTRAP_INSTANCE), LINNET_ERROR_INVALID_ARGUMENT);
  end();
}

/* ---- DM-25: all or nothing ----------------------------------------------------------------------- */

static void writes_are_all_or_nothing_whatever_the_memory_dm25(void) {
  static const linnet__apply_mode modes[] = {LINNET__APPLY_REPLACE_INSTANCE, LINNET__APPLY_UPDATE_INSTANCE,
                                             LINNET__APPLY_CREATE, LINNET__APPLY_BOOTSTRAP_INSTANCE};
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    uint16_t instance = modes[i] == LINNET__APPLY_CREATE ? 2 : 1;
    linnet_status status = LINNET_ERROR_NO_MEMORY;
    for (size_t allowed = 0; status != LINNET_OK; allowed++) {
      CHECK(allowed < 1000);
      begin();
      for (uint16_t index = 0; index < 5; index++) {
        linnet_value number = linnet_value_integer(index);
        linnet_batch_add(batch, linnet_path_resource_instance(32000, LINNET_ID_NONE, 2, index), &number);
      }
      linnet_value text = linnet_value_string("a new text");
      linnet_batch_add(batch, linnet_path_resource(32000, LINNET_ID_NONE, 0), &text);
      linnet_batch_add(batch, linnet_path_resource(32000, LINNET_ID_NONE, 99), &text);
      linnet_batch_add(batch, linnet_path_resource(32000, LINNET_ID_NONE, 5), &text);
      left.left = allowed;
      status = linnet__object_check(object, instance, batch, modes[i]);
      if (status != LINNET_OK) CHECK_EQUAL(linnet_batch_count(batch), 8);
      if (status == LINNET_OK) status = linnet__object_apply(object, instance, batch, modes[i]);
      CHECK(status == LINNET_OK || status == LINNET_ERROR_NO_MEMORY);
      left.left = SIZE_MAX;
      if (status != LINNET_OK) CHECK_TEXT(stored(), OLD);
      if (status != LINNET_OK) CHECK_TEXT(heard, "");
      if (status == LINNET_OK) CHECK(strstr(stored(), "0=a new text") != NULL);
      end();
    }
  }
}

int main(void) {
  return RUN(a_replacement_removes_optional_writable_resources_dm21, a_replacement_replaces_whole_arrays_dm21,
             a_replacement_needs_all_mandatory_writable_resources_dm21,
             an_update_keeps_what_it_does_not_name_dm22, a_write_to_a_resource_touches_only_it,
             a_write_to_a_resource_names_that_resource, one_resource_without_write_refuses_the_whole_dm24,
             unknown_resources_are_ignored_dm26, values_must_fit_the_definition_dm28,
             an_instance_must_exist_to_be_written, a_server_cannot_fill_the_memory_with_resource_instances,
             a_create_makes_an_instance_dm61, a_create_needs_a_free_possible_id_dm63_dm64,
             what_the_handler_has_seen_is_not_stored, a_bootstrap_write_replaces_read_only_resources_too_bs23,
             writes_are_all_or_nothing_whatever_the_memory_dm25);
}

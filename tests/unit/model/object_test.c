/* SPDX-License-Identifier: Apache-2.0 */
/* A client's object as its application sees it (object.h). */
#include "model_fixture.h"

static memory left;
static linnet_loop *loop;
static linnet_model *model;
static size_t before;

#define RW (LINNET_OPERATION_READ | LINNET_OPERATION_WRITE)

static void declare(uint16_t id, const char *name, linnet_type type, unsigned operations,
                    linnet_multiplicity instances, linnet_presence presence) {
  CHECK_EQUAL(linnet_model_add_resource(model, 32000, id, name, type, operations, instances, presence),
              LINNET_OK);
}

static void begin(void) {
  loop = loop_with(&left);
  before = linnet_loop_memory_used(loop);
  model = linnet_model_new(loop);
  CHECK_EQUAL(linnet_model_add_object(model, 32000, "Thing", NULL, LINNET_MULTIPLE), LINNET_OK);
  declare(0, "Text", LINNET_TYPE_STRING, RW, LINNET_SINGLE, LINNET_MANDATORY);
  declare(1, "Number", LINNET_TYPE_INTEGER, RW, LINNET_SINGLE, LINNET_OPTIONAL);
  declare(2, "Numbers", LINNET_TYPE_FLOAT, RW, LINNET_MULTIPLE, LINNET_OPTIONAL);
  declare(3, "Push", LINNET_TYPE_NONE, LINNET_OPERATION_EXECUTE, LINNET_SINGLE, LINNET_MANDATORY);
  declare(4, "Pull", LINNET_TYPE_NONE, LINNET_OPERATION_EXECUTE, LINNET_SINGLE, LINNET_OPTIONAL);
  declare(5, "Secret", LINNET_TYPE_OPAQUE, LINNET_OPERATION_WRITE, LINNET_SINGLE, LINNET_MANDATORY);
  declare(6, "Anything", LINNET_TYPE_NONE, LINNET_OPERATION_READ, LINNET_SINGLE, LINNET_OPTIONAL);
  CHECK_EQUAL(linnet_model_describe_resource(model, 32000, 1, NULL, "0..100"), LINNET_OK);
}

static void end(void) {
  linnet_model_unref(model);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

static linnet_status set(linnet_object *object, const char *where, linnet_value value) {
  return linnet_object_set(object, path(where), &value);
}

/* ---- a watcher that writes down what it hears ---------------------------------------------------- */

static char heard[512];

static void note(const char *text) {
  size_t used = strlen(heard);
  snprintf(heard + used, sizeof heard - used, "%s ", text);
}

static void changed(linnet__watcher *watcher, linnet_object *object, linnet_path where) {
  char text[LINNET_PATH_TEXT_SIZE];
  (void)watcher, (void)object;
  note(linnet_path_text(where, text));
}

static void instances_changed(linnet__watcher *watcher, linnet_object *object) {
  (void)watcher, (void)object;
  note("instances");
}

static linnet__watcher watcher = {changed, instances_changed};

static const char *heard_since(void) {
  static char copy[sizeof heard];
  memcpy(copy, heard, sizeof heard);
  heard[0] = '\0';
  return copy;
}

/* ---- tests --------------------------------------------------------------------------------------- */

static void has_the_instances_it_is_given(void) {
  begin();
  CHECK(linnet_object_new(model, 9999) == NULL);
  CHECK(linnet_object_new(model, LINNET_ID_NONE) == NULL);
  linnet_object *object = linnet_object_new(model, 32000);
  CHECK_EQUAL(linnet_object_id(object), 32000);
  CHECK(linnet_object_loop(object) == loop);
  CHECK(linnet_object_definition(object) == linnet_model_find(model, 32000));
  static const uint16_t ids[] = {7, 0, 65534, 3};
  for (size_t i = 0; i < 4; i++) CHECK_EQUAL(linnet_object_add_instance(object, ids[i]), LINNET_OK);
  CHECK_EQUAL(linnet_object_add_instance(object, 3), LINNET_ERROR_EXISTS);
  CHECK_EQUAL(linnet_object_add_instance(object, 65535), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_object_instance_count(object), 4);
  CHECK_EQUAL(linnet_object_instance_at(object, 0), 0);
  CHECK_EQUAL(linnet_object_instance_at(object, 3), 65534);
  CHECK_EQUAL(linnet_object_instance_at(object, 4), LINNET_ID_NONE);
  CHECK_EQUAL(linnet_object_remove_instance(object, 3), LINNET_OK);
  CHECK_EQUAL(linnet_object_remove_instance(object, 3), LINNET_ERROR_NOT_FOUND);
  CHECK(!linnet_object_has_instance(object, 3) && linnet_object_has_instance(object, 7));
  linnet_object *device = linnet_object_new(model, 3); /* DM-64 */
  CHECK_EQUAL(linnet_object_add_instance(device, 1), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_object_add_instance(device, 0), LINNET_OK);
  CHECK(linnet_object_number(device) != linnet_object_number(object));
  linnet_object_unref(device);
  linnet_object_unref(object);
  end();
}

/* MOD-07. */
static void begins_an_instance_with_what_needs_no_value(void) {
  begin();
  linnet_object *object = linnet_object_new(model, 32000);
  CHECK_EQUAL(linnet_object_add_instance(object, 0), LINNET_OK);
  CHECK(!linnet_object_has(object, path("/32000/0/0")));
  CHECK(linnet_object_has(object, path("/32000/0/3")));
  CHECK(!linnet_object_has(object, path("/32000/0/4")));
  CHECK(linnet_object_has(object, path("/32000/0/5")));
  CHECK_EQUAL(linnet_object_offer(object, path("/32000/0/4")), LINNET_OK);
  CHECK_EQUAL(linnet_object_offer(object, path("/32000/0/4")), LINNET_OK);
  CHECK(linnet_object_has(object, path("/32000/0/4")));
  CHECK_EQUAL(linnet_object_offer(object, path("/32000/0/1")), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_object_offer(object, path("/32000/0/2")), LINNET_OK);
  CHECK(linnet_object_has(object, path("/32000/0/2")));
  CHECK_EQUAL(linnet_object_offer(object, path("/32000/0/99")), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_object_offer(object, path("/32000/0")), LINNET_ERROR_INVALID_ARGUMENT);
  linnet_object_unref(object);
  end();
}

static void keeps_values(void) {
  begin();
  linnet_object *object = linnet_object_new(model, 32000);
  linnet_object_add_instance(object, 2);
  char text[] = "hello";
  linnet_value value;
  CHECK_EQUAL(set(object, "/32000/2/0", linnet_value_string(text)), LINNET_OK);
  text[0] = 'j'; /* a copy was taken */
  CHECK_EQUAL(linnet_object_get(object, path("/32000/2/0"), &value), LINNET_OK);
  CHECK_BYTES(value.as.bytes.data, value.as.bytes.length, "hello", 5);
  CHECK_EQUAL(set(object, "/32000/2/0", linnet_value_string("")), LINNET_OK);
  CHECK_EQUAL(linnet_object_get(object, path("/32000/2/0"), &value), LINNET_OK);
  CHECK_EQUAL(value.as.bytes.length, 0);
  CHECK(value.as.bytes.data != NULL);
  CHECK_EQUAL(set(object, "/32000/2/1", linnet_value_float(7)), LINNET_OK);
  CHECK_EQUAL(linnet_object_get(object, path("/32000/2/1"), &value), LINNET_OK);
  CHECK_EQUAL(value.type, LINNET_TYPE_INTEGER);
  for (int i = 20; i > 0; i--) {
    linnet_value number = linnet_value_integer(i);
    linnet_path at = linnet_path_resource_instance(32000, 2, 2, (uint16_t)(i * 7 % 20));
    CHECK_EQUAL(linnet_object_set(object, at, &number), LINNET_OK);
  }
  CHECK_EQUAL(linnet_object_get(object, path("/32000/2/2/14"), &value), LINNET_OK);
  CHECK(value.type == LINNET_TYPE_FLOAT && value.as.real == 2);
  CHECK_EQUAL(linnet_object_get(object, path("/32000/2/2/21"), &value), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_object_get(object, path("/32000/2/2"), &value), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(set(object, "/32000/2/6", linnet_value_boolean(true)), LINNET_OK);
  CHECK_EQUAL(set(object, "/32000/2/6", linnet_value_objlnk(3, 0)), LINNET_OK);
  CHECK_EQUAL(linnet_object_get(object, path("/32000/2/6"), &value), LINNET_OK);
  CHECK_EQUAL(value.as.link.object, 3);
  linnet_object_unref(object);
  end();
}

static void refuses_what_the_definition_does_not_have(void) {
  begin();
  linnet_object *object = linnet_object_new(model, 32000);
  linnet_object_add_instance(object, 2);
  CHECK_EQUAL(set(object, "/32000/3/0", linnet_value_string("x")), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(set(object, "/32000/2/99", linnet_value_string("x")), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(set(object, "/32001/2/0", linnet_value_string("x")), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(set(object, "/32000/2/0", linnet_value_integer(1)), LINNET_ERROR_WRONG_TYPE);
  CHECK_EQUAL(set(object, "/32000/2/0", linnet_value_string("\xff")), LINNET_ERROR_WRONG_TYPE); /* TYP-07 */
  CHECK_EQUAL(set(object, "/32000/2/0", linnet_value_none()), LINNET_ERROR_WRONG_TYPE);
  CHECK_EQUAL(set(object, "/32000/2/1", linnet_value_integer(101)), LINNET_ERROR_OUT_OF_RANGE); /* TYP-06 */
  CHECK(strstr(linnet_error_text(loop), "/32000/2/1") != NULL);
  CHECK(strstr(linnet_error_text(loop), "0..100") != NULL);
  CHECK_EQUAL(set(object, "/32000/2/3", linnet_value_string("x")), LINNET_ERROR_NOT_ALLOWED);
  CHECK_EQUAL(set(object, "/32000/2/2", linnet_value_float(1)), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(set(object, "/32000/2/1/0", linnet_value_integer(1)), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(set(object, "/32000/2/2/65535", linnet_value_float(1)), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(set(object, "/32000/2", linnet_value_float(1)), LINNET_ERROR_INVALID_ARGUMENT);
  linnet_batch *batch = linnet_batch_new(loop);
  CHECK_EQUAL(linnet_object_read(object, path("/32000"), batch), LINNET_OK);
  CHECK_EQUAL(linnet_batch_count(batch), 0);
  linnet_batch_unref(batch);
  linnet_object_unref(object);
  end();
}

static void forgets_values(void) {
  begin();
  linnet_object *object = linnet_object_new(model, 32000);
  linnet_object_add_instance(object, 2);
  set(object, "/32000/2/0", linnet_value_string("x"));
  set(object, "/32000/2/2/4", linnet_value_float(1));
  set(object, "/32000/2/2/5", linnet_value_float(2));
  CHECK_EQUAL(linnet_object_unset(object, path("/32000/2/0")), LINNET_OK);
  CHECK_EQUAL(linnet_object_unset(object, path("/32000/2/0")), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_object_unset(object, path("/32000/2/2/4")), LINNET_OK);
  CHECK(!linnet_object_has(object, path("/32000/2/2/4")) && linnet_object_has(object, path("/32000/2/2/5")));
  left.left = 0; /* to forget takes no memory */
  CHECK_EQUAL(linnet_object_unset(object, path("/32000/2/2/5")), LINNET_OK);
  CHECK(linnet_object_has(object, path("/32000/2/2"))); /* exists, without instances */
  CHECK_EQUAL(linnet_object_unset(object, path("/32000/2/2")), LINNET_OK);
  CHECK(!linnet_object_has(object, path("/32000/2/2")));
  CHECK_EQUAL(linnet_object_remove_instance(object, 2), LINNET_OK);
  left.left = SIZE_MAX;
  linnet_object_unref(object);
  end();
}

static void reads_all_below_a_path(void) {
  begin();
  linnet_object *object = linnet_object_new(model, 32000);
  linnet_object_add_instance(object, 1);
  linnet_object_add_instance(object, 2);
  set(object, "/32000/1/0", linnet_value_string("one"));
  set(object, "/32000/2/2/9", linnet_value_float(1));
  set(object, "/32000/2/2/5", linnet_value_float(2));
  linnet_object_offer(object, path("/32000/1/2"));
  linnet_object_compute(object, path("/32000/2/1"));
  linnet_batch *batch = linnet_batch_new(loop);
  linnet_record record;
  CHECK_EQUAL(linnet_object_read(object, path("/32000"), batch), LINNET_OK);
  static const char *const paths[] = {"/32000/1/0", "/32000/1/2", "/32000/2/2/5", "/32000/2/2/9"};
  CHECK_EQUAL(linnet_batch_count(batch), 4);
  for (size_t i = 0; i < 4; i++) {
    CHECK_EQUAL(linnet_batch_record(batch, i, &record), LINNET_OK);
    CHECK(linnet_path_equal(record.path, path(paths[i])));
  }
  CHECK_EQUAL(linnet_batch_record(batch, 1, &record), LINNET_OK);
  CHECK_EQUAL(record.value.type, LINNET_TYPE_MULTIPLE);
  linnet_batch_clear(batch);
  CHECK_EQUAL(linnet_object_read(object, path("/32000/2/2/9"), batch), LINNET_OK);
  CHECK_EQUAL(linnet_batch_count(batch), 1);
  CHECK_EQUAL(linnet_object_read(object, path("/32000/3"), batch), LINNET_ERROR_NOT_FOUND);
  linnet_batch_unref(batch);
  linnet_object_unref(object);
  end();
}

static void tells_the_watcher_only_of_changes(void) {
  begin();
  linnet_object *object = linnet_object_new(model, 32000);
  object->watcher = &watcher;
  linnet_object_add_instance(object, 2);
  CHECK_TEXT(heard_since(), "instances /32000/2 ");
  set(object, "/32000/2/0", linnet_value_string("x"));
  set(object, "/32000/2/0", linnet_value_string("x"));
  set(object, "/32000/2/0", linnet_value_integer(3)); /* refused */
  set(object, "/32000/2/2/7", linnet_value_float(1));
  CHECK_TEXT(heard_since(), "/32000/2/0 /32000/2/2/7 ");
  set(object, "/32000/2/0", linnet_value_string("y"));
  linnet_object_unset(object, path("/32000/2/2/7"));
  linnet_object_compute(object, path("/32000/2/1"));
  linnet_object_notify(object, path("/32000/2/1"));
  CHECK_TEXT(heard_since(), "/32000/2/0 /32000/2/2/7 /32000/2/1 /32000/2/1 ");
  CHECK_EQUAL(linnet_object_notify(object, path("/3/0")), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_object_notify(object, path("/")), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_object_notify(object, path("/32000")), LINNET_OK);
  linnet_object_remove_instance(object, 2);
  CHECK_TEXT(heard_since(), "/32000 instances /32000/2 ");
  linnet_object_unref(object);
  end();
}

static void stores_nothing_of_a_computed_resource(void) {
  begin();
  linnet_object *object = linnet_object_new(model, 32000);
  linnet_object_add_instance(object, 2);
  linnet_value value;
  set(object, "/32000/2/0", linnet_value_string("a long enough text"));
  CHECK_EQUAL(linnet_object_compute(object, path("/32000/2/0")), LINNET_OK);
  CHECK(linnet_object_has(object, path("/32000/2/0")));
  CHECK_EQUAL(linnet_object_get(object, path("/32000/2/0"), &value), LINNET_ERROR_NOT_ALLOWED);
  CHECK_EQUAL(linnet_object_compute(object, path("/32000/2/3")), LINNET_ERROR_NOT_ALLOWED);
  CHECK_EQUAL(linnet_object_compute(object, path("/32000/9/0")), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(set(object, "/32000/2/0", linnet_value_string("stored again")), LINNET_OK);
  CHECK_EQUAL(linnet_object_get(object, path("/32000/2/0"), &value), LINNET_OK);
  linnet_object_unref(object);
  end();
}

static linnet_status handler(linnet_event *question, void *user) {
  (void)question, (void)user;
  return LINNET_OK;
}

static void release(void *user) { ++*(int *)user; }

static void releases_what_it_was_given_once(void) {
  int first = 0, second = 0, third = 0;
  begin();
  linnet_object *object = linnet_object_new(model, 32000);
  CHECK_EQUAL(linnet_object_set_handler(object, RW, handler, &first, release), LINNET_OK);
  CHECK_EQUAL(linnet_object_set_handler(object, LINNET_OPERATION_DISCOVER, handler, &second, release),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK(first == 0 && second == 1);
  CHECK(object->handler == handler && object->asks == RW);
  CHECK_EQUAL(linnet_object_set_handler(object, 0, NULL, NULL, NULL), LINNET_OK);
  CHECK(first == 1 && object->handler == NULL && object->asks == 0);
  CHECK_EQUAL(linnet_object_set_handler(object, LINNET_OPERATION_CREATE, handler, &third, release),
              LINNET_OK);
  CHECK_EQUAL(linnet_object_allow(object, LINNET_OPERATION_CREATE | LINNET_OPERATION_DELETE), LINNET_OK);
  CHECK_EQUAL(linnet_object_allow(object, LINNET_OPERATION_WRITE), LINNET_ERROR_INVALID_ARGUMENT);
  linnet_object_ref(object);
  linnet_object_unref(object);
  CHECK_EQUAL(third, 0);
  linnet_object_unref(object);
  CHECK(first == 1 && second == 1 && third == 1);
  end();
}

static void is_frugal(void) {
  begin();
  linnet_object *object = linnet_object_new(model, 3);
  linnet_object_add_instance(object, 0);
  size_t one = linnet_loop_memory_used(loop);
  set(object, "/3/0/9", linnet_value_integer(50));
  CHECK(linnet_loop_memory_used(loop) - one <= 64);
  size_t used = linnet_loop_memory_used(loop);
  left.left = 0; /* reading takes no memory, nor does a number in place of another */
  linnet_value value;
  CHECK_EQUAL(linnet_object_get(object, path("/3/0/9"), &value), LINNET_OK);
  CHECK_EQUAL(set(object, "/3/0/9", linnet_value_integer(51)), LINNET_OK);
  left.left = SIZE_MAX;
  CHECK_EQUAL(linnet_loop_memory_used(loop), used);
  linnet_object_unref(object);
  end();
}

static void survives_any_lack_of_memory(void) {
  for (size_t allowed = 0;; allowed++) {
    CHECK(allowed < 1000);
    begin();
    left.left = allowed;
    linnet_object *object = linnet_object_new(model, 32000);
    linnet_status status = object == NULL ? LINNET_ERROR_NO_MEMORY : linnet_object_add_instance(object, 1);
    if (status == LINNET_OK) status = set(object, "/32000/1/0", linnet_value_string("one"));
    if (status == LINNET_OK) status = set(object, "/32000/1/0", linnet_value_string("other"));
    if (status == LINNET_OK) status = set(object, "/32000/1/2/5", linnet_value_float(2));
    if (status == LINNET_OK) status = set(object, "/32000/1/2/4", linnet_value_float(2));
    if (status == LINNET_OK) status = linnet_object_offer(object, path("/32000/1/4"));
    if (status == LINNET_OK) status = linnet_object_compute(object, path("/32000/1/1"));
    if (status == LINNET_OK) status = linnet_object_add_instance(object, 0);
    CHECK(status == LINNET_OK || status == LINNET_ERROR_NO_MEMORY);
    left.left = SIZE_MAX;
    linnet_object_unref(object);
    end();
    if (status == LINNET_OK) return;
  }
}

int main(void) {
  return RUN(has_the_instances_it_is_given, begins_an_instance_with_what_needs_no_value, keeps_values,
             refuses_what_the_definition_does_not_have, forgets_values, reads_all_below_a_path,
             tells_the_watcher_only_of_changes, stores_nothing_of_a_computed_resource,
             releases_what_it_was_given_once, is_frugal, survives_any_lack_of_memory);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions: the constant tables, ranges, declarations, versions, names (model.h, objects.md). */
#include "model_fixture.h"

static memory left;

#define R LINNET_OPERATION_READ
#define W LINNET_OPERATION_WRITE
#define RW (R | W)
#define E LINNET_OPERATION_EXECUTE

/* What objects.md says, as one line a resource would, without the names. */
static const struct expectation {
  const char *path;
  unsigned operations;
  linnet_multiplicity instances;
  linnet_presence presence;
  linnet_type type;
} expectations[] = {
    {"/0/0/0", 0, LINNET_SINGLE, LINNET_MANDATORY, LINNET_TYPE_STRING},
    {"/0/0/1", 0, LINNET_SINGLE, LINNET_MANDATORY, LINNET_TYPE_BOOLEAN},
    {"/0/0/5", 0, LINNET_SINGLE, LINNET_MANDATORY, LINNET_TYPE_OPAQUE},
    {"/0/0/12", 0, LINNET_SINGLE, LINNET_OPTIONAL, LINNET_TYPE_INTEGER},
    {"/1/0/0", R, LINNET_SINGLE, LINNET_MANDATORY, LINNET_TYPE_INTEGER},
    {"/1/0/4", E, LINNET_SINGLE, LINNET_OPTIONAL, LINNET_TYPE_NONE},
    {"/1/0/7", RW, LINNET_SINGLE, LINNET_MANDATORY, LINNET_TYPE_STRING},
    {"/1/0/8", E, LINNET_SINGLE, LINNET_MANDATORY, LINNET_TYPE_NONE},
    {"/2/0/2", RW, LINNET_MULTIPLE, LINNET_OPTIONAL, LINNET_TYPE_INTEGER},
    {"/3/0/4", E, LINNET_SINGLE, LINNET_MANDATORY, LINNET_TYPE_NONE},
    {"/3/0/11", R, LINNET_MULTIPLE, LINNET_MANDATORY, LINNET_TYPE_INTEGER},
    {"/3/0/13", RW, LINNET_SINGLE, LINNET_OPTIONAL, LINNET_TYPE_TIME},
    {"/3/0/22", R, LINNET_MULTIPLE, LINNET_OPTIONAL, LINNET_TYPE_OBJLNK},
    {"/4/0/4", R, LINNET_MULTIPLE, LINNET_MANDATORY, LINNET_TYPE_STRING},
    {"/5/0/0", W, LINNET_SINGLE, LINNET_MANDATORY, LINNET_TYPE_OPAQUE},
    {"/5/0/8", R, LINNET_MULTIPLE, LINNET_OPTIONAL, LINNET_TYPE_INTEGER},
    {"/6/0/0", R, LINNET_SINGLE, LINNET_MANDATORY, LINNET_TYPE_FLOAT},
    {"/7/0/8", RW, LINNET_SINGLE, LINNET_OPTIONAL, LINNET_TYPE_INTEGER},
};

static void knows_the_objects_of_the_enabler(void) {
  static const size_t counts[] = {13, 9, 4, 23, 11, 9, 7, 9};
  linnet_loop *loop = loop_with(&left);
  linnet_model *model = linnet_model_new(loop);
  CHECK_EQUAL(linnet_model_count(model), 8);
  for (size_t i = 0; i < 8; i++) {
    const linnet_definition *definition = linnet_model_at(model, i);
    CHECK(definition == linnet_model_find(model, (uint16_t)i));
    CHECK_EQUAL(linnet_definition_id(definition), i);
    CHECK_EQUAL(linnet_definition_count(definition), counts[i]);
    CHECK_TEXT(linnet_definition_version(definition), "1.0");
    CHECK_EQUAL(linnet_definition_instances(definition), i < 3);
    CHECK_EQUAL(linnet_definition_presence(definition), i == 0 || i == 1 || i == 3);
    CHECK(!linnet__definition_announces_version(definition)); /* MOD-09 */
    for (size_t j = 1; j < counts[i]; j++)
      CHECK(linnet_resource_definition_id(linnet_definition_at(definition, j - 1)) <
            linnet_resource_definition_id(linnet_definition_at(definition, j)));
    CHECK(linnet_definition_at(definition, counts[i]) == NULL);
  }
  for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++) {
    const struct expectation *expected = &expectations[i];
    const linnet_resource_definition *resource = linnet_model_resource(model, path(expected->path));
    CHECK(resource != NULL);
    CHECK_EQUAL(linnet_resource_definition_operations(resource), expected->operations);
    CHECK_EQUAL(linnet_resource_definition_instances(resource), expected->instances);
    CHECK_EQUAL(linnet_resource_definition_presence(resource), expected->presence);
    CHECK_EQUAL(linnet_resource_definition_type(resource), expected->type);
  }
  CHECK(linnet_model_resource(model, path("/5/0/4")) == NULL); /* withdrawn */
  CHECK(linnet_model_resource(model, path("/8/0/0")) == NULL);
  CHECK(linnet_model_at(model, 8) == NULL);
  CHECK_TEXT(linnet_resource_definition_units(linnet_model_resource(model, path("/3/0/7"))), "mV");
  linnet_model_unref(model);
  linnet_loop_unref(loop);
}

/* TYP-06. */
static bool takes(const char *range, linnet_type type, linnet_value value) {
  struct {
    struct linnet_resource_definition resource;
    char name[1], units[1], range[1024];
  } made = {.resource = {.type = type & 15u, .operations = RW}};
  made.resource.texts = sizeof made.resource;
  CHECK(strlen(range) < sizeof made.range);
  strcpy(made.range, range);
  linnet_status status = linnet_resource_definition_check(&made.resource, &value);
  CHECK(status == LINNET_OK || status == LINNET_ERROR_OUT_OF_RANGE);
  return status == LINNET_OK;
}

static bool takes_number(const char *range, int64_t number) {
  bool whole = takes(range, LINNET_TYPE_INTEGER, linnet_value_integer(number));
  CHECK_EQUAL(takes(range, LINNET_TYPE_TIME, linnet_value_integer(number)), whole);
  CHECK_EQUAL(takes(range, LINNET_TYPE_FLOAT, linnet_value_float((double)number)), whole);
  return whole;
}

static bool takes_length(const char *range, size_t length) {
  static const char text[300];
  bool opaque = takes(range, LINNET_TYPE_OPAQUE, linnet_value_opaque(text, length));
  CHECK_EQUAL(takes(range, LINNET_TYPE_STRING, linnet_value_string_n(text, length)), opaque);
  return opaque;
}

static void reads_ranges_of_numbers(void) {
  CHECK(takes_number("0..100", 0) && takes_number("0..100", 100));
  CHECK(!takes_number("0..100", -1) && !takes_number("0..100", 101));
  CHECK(takes_number("0-100", 100) && !takes_number("0-100", 101));
  CHECK(takes_number(" 1...15 ", 15) && !takes_number("1...15", 16));
  CHECK(takes_number("-40..-10", -40) && !takes_number("-40..-10", -41) && !takes_number("-40..-10", 0));
  CHECK(takes_number("-30..-120", -100) && !takes_number("-30..-120", -20));
  CHECK(takes_number("0,1,4", 4) && !takes_number("0,1,4", 2));
  CHECK(takes_number("5, 10, 15, 20", 20) && !takes_number("5, 10, 15, 20", 11));
  CHECK(takes_number("0..3, 99", 99) && takes_number("0..3, 99", 2) && !takes_number("0..3, 99", 50));
  CHECK(takes_number("0..247, 255", 255) && !takes_number("0..247, 255", 250));
  CHECK(takes_number("1..", INT64_MAX) && !takes_number("1..", 0));
  CHECK(takes_number("0: off\n  1: on\n  255: broken", 255) && !takes_number("0: off\n 1: on", 2));
  CHECK(takes_number("0..18446744073709551615", INT64_MAX) && !takes_number("0..18446744073709551615", -1));
  CHECK(takes(" 0..9223372036854775807", LINNET_TYPE_INTEGER, linnet_value_integer(INT64_MAX)));
  CHECK(!takes("0..9223372036854775806", LINNET_TYPE_INTEGER, linnet_value_integer(INT64_MAX)));
  CHECK(takes("0; 3.8..20.5", LINNET_TYPE_FLOAT, linnet_value_float(3.8)));
  CHECK(!takes("0; 3.8..20.5", LINNET_TYPE_FLOAT, linnet_value_float(3.7)));
  CHECK(takes("0.000001..1.0", LINNET_TYPE_FLOAT, linnet_value_float(0.000001)));
  CHECK(!takes("0.000001..1.0", LINNET_TYPE_FLOAT, linnet_value_float(0)));
}

static void reads_ranges_of_lengths(void) {
  CHECK(takes_length("0..255 bytes", 255) && !takes_length("0..255 bytes", 256));
  CHECK(takes_length("1..64 Bytes", 1) && !takes_length("1..64 Bytes", 0));
  CHECK(takes_length("0-255", 255) && !takes_length("0-255", 256));
  CHECK(takes_length("16-32-48 bytes", 32) && !takes_length("16-32-48 bytes", 33));
  CHECK(takes_length("16,32,48", 48) && !takes_length("16,32,48", 47));
  CHECK(takes_length("10 or 26 Bytes", 26) && !takes_length("10 or 26 Bytes", 11));
  CHECK(takes_length("12", 12) && takes_length("12 bytes", 3) && !takes_length("12 bytes ", 13));
}

/* QUE-01. */
static void reads_words(void) {
  static const char *const good[] = {"U", "UQ", "S", "SQ", "US", "UQS"};
  static const char *const bad[] = {"SU", "USQ", "UQSQ", "T", "N", "", "u", "U,UQ"};
  const linnet_resource_definition *binding = linnet_definition_find(&linnet__core_objects[1], 7);
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    linnet_value value = linnet_value_string(good[i]);
    CHECK_EQUAL(linnet_resource_definition_check(binding, &value), LINNET_OK);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    linnet_value value = linnet_value_string(bad[i]);
    CHECK_EQUAL(linnet_resource_definition_check(binding, &value), LINNET_ERROR_OUT_OF_RANGE);
  }
}

static void allows_everything_where_a_range_is_prose(void) {
  static const char *const prose[] = {"",
                                      "  \n ",
                                      "8-Bits",
                                      "16-bit",
                                      "2 Instances",
                                      "<7 to >12.5",
                                      "The values of 5.3.1.1, and others",
                                      "255",
                                      "1 bytes",
                                      "0..100 %",
                                      "0..",
                                      "..",
                                      "-",
                                      "0-",
                                      "1,",
                                      "1,,2",
                                      "5..x",
                                      "no, never",
                                      "1 2"};
  for (size_t i = 0; i < sizeof prose / sizeof *prose; i++) CHECK(takes_number(prose[i], 77777777));
  CHECK(takes("The values of 5.3.1.1, and others", LINNET_TYPE_STRING, linnet_value_string("x")));
  CHECK(takes("word", LINNET_TYPE_STRING, linnet_value_string("x")));
  CHECK(takes("ON;OFF", LINNET_TYPE_FLOAT, linnet_value_float(1)));
  CHECK(takes("0..1", LINNET_TYPE_BOOLEAN, linnet_value_boolean(true)));
  CHECK(takes("0..1", LINNET_TYPE_OBJLNK, linnet_value_objlnk(3, 0)));
}

static void checks_types(void) {
  linnet_value value = linnet_value_integer(5);
  CHECK_EQUAL(linnet_resource_definition_check(linnet_definition_find(&linnet__core_objects[6], 0), &value),
              LINNET_OK);
  CHECK_EQUAL(value.type, LINNET_TYPE_FLOAT);
  value = linnet_value_string("5");
  CHECK_EQUAL(linnet_resource_definition_check(linnet_definition_find(&linnet__core_objects[6], 0), &value),
              LINNET_ERROR_WRONG_TYPE);
  value = linnet_value_string("x"); /* MOD-07: executables have no value */
  CHECK_EQUAL(linnet_resource_definition_check(linnet_definition_find(&linnet__core_objects[3], 4), &value),
              LINNET_ERROR_WRONG_TYPE);
  value = linnet_value_none();
  CHECK_EQUAL(linnet_resource_definition_check(linnet_definition_find(&linnet__core_objects[3], 0), &value),
              LINNET_ERROR_WRONG_TYPE);
}

static linnet_status add(linnet_model *model, uint16_t resource, const char *name, linnet_type type,
                         unsigned operations) {
  return linnet_model_add_resource(model, 32000, resource, name, type, operations, LINNET_SINGLE,
                                   LINNET_OPTIONAL);
}

static void declares_objects(void) {
  linnet_loop *loop = loop_with(&left);
  size_t before = linnet_loop_memory_used(loop);
  linnet_model *model = linnet_model_new(loop);
  CHECK_EQUAL(linnet_model_add_object(model, 32000, "Thing", NULL, LINNET_MULTIPLE), LINNET_OK);
  CHECK_EQUAL(linnet_model_add_object(model, 32000, "Thing", "1.0", LINNET_MULTIPLE), LINNET_ERROR_EXISTS);
  CHECK_EQUAL(linnet_model_add_object(model, 3, "Device", NULL, LINNET_SINGLE), LINNET_ERROR_EXISTS);
  CHECK_EQUAL(linnet_model_add_object(model, LINNET_ID_NONE, "No", NULL, LINNET_SINGLE),
              LINNET_ERROR_INVALID_ARGUMENT);
  static const char *const versions[] = {"", "1", "1.", ".1", "1.0.2", "a.b", "1.0 ", "-1.0", "1.1000"};
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
    CHECK_EQUAL(linnet_model_add_object(model, 32001, "Bad", versions[i], LINNET_SINGLE),
                LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(add(model, 9, "Nine", LINNET_TYPE_FLOAT, R), LINNET_OK);
  CHECK_EQUAL(add(model, 1, "One", LINNET_TYPE_STRING, RW), LINNET_OK);
  CHECK_EQUAL(add(model, 5, "Five", LINNET_TYPE_NONE, E), LINNET_OK);
  CHECK_EQUAL(add(model, 5, "Five", LINNET_TYPE_NONE, E), LINNET_ERROR_EXISTS);
  CHECK_EQUAL(add(model, 6, "Six", LINNET_TYPE_STRING, E), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(add(model, 6, "Six", LINNET_TYPE_NONE, E | R), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(add(model, 6, "Six", LINNET_TYPE_MULTIPLE, R), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(add(model, 6, "Six", LINNET_TYPE_STRING, LINNET_OPERATION_DELETE),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(
      linnet_model_add_resource(model, 31999, 1, "x", LINNET_TYPE_STRING, R, LINNET_SINGLE, LINNET_OPTIONAL),
      LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(
      linnet_model_add_resource(model, 3, 99, "x", LINNET_TYPE_STRING, R, LINNET_SINGLE, LINNET_OPTIONAL),
      LINNET_ERROR_NOT_ALLOWED);
  CHECK_EQUAL(linnet_model_describe_resource(model, 32000, 9, "Cel", "-40..85.5"), LINNET_OK);
  CHECK_EQUAL(linnet_model_describe_resource(model, 32000, 9, NULL, NULL), LINNET_OK);
  CHECK_EQUAL(linnet_model_describe_resource(model, 32000, 8, "Cel", NULL), LINNET_ERROR_NOT_FOUND);
  const linnet_definition *thing = linnet_model_find(model, 32000);
  CHECK_TEXT(linnet_definition_name(thing), "Thing");
  CHECK_EQUAL(linnet_definition_count(thing), 3);
  CHECK_EQUAL(linnet_resource_definition_id(linnet_definition_at(thing, 0)), 1);
  CHECK_EQUAL(linnet_resource_definition_id(linnet_definition_at(thing, 2)), 9);
  CHECK_TEXT(linnet_resource_definition_name(linnet_definition_at(thing, 1)), "Five");
  CHECK_TEXT(linnet_resource_definition_units(linnet_definition_at(thing, 2)), "Cel");
  CHECK_TEXT(linnet_resource_definition_range(linnet_definition_at(thing, 2)), "-40..85.5");
  CHECK_TEXT(linnet_resource_definition_units(linnet_definition_at(thing, 0)), "");
  /* An object in use keeps its definition. */
  linnet_object *object = linnet_object_new(model, 32000);
  CHECK_EQUAL(add(model, 10, "Ten", LINNET_TYPE_FLOAT, R), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_model_describe_resource(model, 32000, 9, "K", NULL), LINNET_ERROR_WRONG_STATE);
  linnet_object_unref(object);
  CHECK_EQUAL(add(model, 10, "Ten", LINNET_TYPE_FLOAT, R), LINNET_OK);
  linnet_model_unref(model);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

/* MOD-08, MOD-09. */
static void keeps_versions_side_by_side(void) {
  linnet_loop *loop = loop_with(&left);
  linnet_model *model = linnet_model_new(loop);
  CHECK_EQUAL(linnet_model_add_object(model, 32000, "Thing", "1.10", LINNET_MULTIPLE), LINNET_OK);
  CHECK_EQUAL(linnet_model_add_object(model, 32000, "Thing", "1.2", LINNET_MULTIPLE), LINNET_OK);
  CHECK_EQUAL(linnet_model_add_object(model, 3, "Device", "1.1", LINNET_SINGLE), LINNET_OK);
  CHECK_EQUAL(linnet_model_count(model), 11);
  CHECK_TEXT(linnet_definition_version(linnet_model_find(model, 32000)), "1.2"); /* added last */
  CHECK_TEXT(linnet_definition_version(linnet_model_at(model, 9)), "1.2");
  CHECK_TEXT(linnet_definition_version(linnet_model_at(model, 10)), "1.10");
  CHECK_TEXT(linnet_definition_version(linnet_model_find_version(model, 32000, "1.10")), "1.10");
  CHECK(linnet_model_find_version(model, 32000, "2.0") == NULL);
  CHECK(linnet_model_find_version(model, 32000, "") == NULL);
  CHECK(linnet_model_find_version(model, 3, NULL) == &linnet__core_objects[3]);
  CHECK_TEXT(linnet_definition_version(linnet_model_find(model, 3)), "1.1");
  CHECK(linnet__definition_announces_version(linnet_model_find(model, 32000)));
  CHECK(!linnet__definition_announces_version(linnet_model_find(model, 3)));
  linnet_model_unref(model);
  linnet_loop_unref(loop);
}

static void finds_paths_by_name(void) {
  static const char *const good[][2] = {{"/Device/0/Manufacturer", "/3/0/0"},
                                        {"3/0/manufacturer", "/3/0/0"},
                                        {"/3/0/0", "/3/0/0"},
                                        {"device/0/error_code/7", "/3/0/11/7"},
                                        {"/lwm2m server/1/lifetime", "/1/1/1"},
                                        {"/server/1/Life Time", "/1/1/1"},
                                        {"security/0/sms binding secret keys", "/0/0/8"},
                                        {"firmwareupdate", "/5"},
                                        {"/", "/"},
                                        {"", "/"},
                                        {"/9999/0/1", "/9999/0/1"}};
  static const char *const unknown[] = {"/Toaster", "/3/0/colour", "/9999/0/name"};
  static const char *const bad[] = {"//",     "/3/",        "/3/zero",  "/03",
                                    "/65536", "/3/0/0/0/0", "/3/0/0/x", "/3//0"};
  linnet_loop *loop = loop_with(&left);
  linnet_model *model = linnet_model_new(loop);
  linnet_path found;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    CHECK_EQUAL(linnet_model_path(model, good[i][0], &found), LINNET_OK);
    CHECK(linnet_path_equal(found, path(good[i][1])));
  }
  found = path("/1/2/3");
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
    CHECK_EQUAL(linnet_model_path(model, unknown[i], &found), LINNET_ERROR_NOT_FOUND);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    CHECK_EQUAL(linnet_model_path(model, bad[i], &found), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK(linnet_path_equal(found, path("/1/2/3")));
  linnet_model_unref(model);
  linnet_loop_unref(loop);
}

static void survives_any_lack_of_memory(void) {
  for (size_t allowed = 0;; allowed++) {
    CHECK(allowed < 1000);
    linnet_loop *loop = loop_with(&left);
    size_t before = linnet_loop_memory_used(loop);
    left.left = allowed;
    linnet_model *model = linnet_model_new(loop);
    linnet_status status = model == NULL ? LINNET_ERROR_NO_MEMORY : LINNET_OK;
    if (status == LINNET_OK) status = linnet_model_add_object(model, 32000, "Thing", "1.1", LINNET_MULTIPLE);
    if (status == LINNET_OK) status = add(model, 9, "Nine", LINNET_TYPE_FLOAT, R);
    if (status == LINNET_OK) status = add(model, 8, "Eight", LINNET_TYPE_FLOAT, R);
    if (status == LINNET_OK) status = linnet_model_describe_resource(model, 32000, 9, "Cel", "0..1");
    CHECK(status == LINNET_OK || status == LINNET_ERROR_NO_MEMORY);
    linnet_model_unref(model);
    CHECK_EQUAL(linnet_loop_memory_used(loop), before);
    linnet_loop_unref(loop);
    if (status == LINNET_OK) return;
  }
}

int main(void) {
  return RUN(knows_the_objects_of_the_enabler, reads_ranges_of_numbers, reads_ranges_of_lengths, reads_words,
             allows_everything_where_a_range_is_prose, checks_types, declares_objects,
             keeps_versions_side_by_side, finds_paths_by_name, survives_any_lack_of_memory);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Object definition files: good ones, odd ones, broken ones (model.h). */
#include <time.h>

#include "model_fixture.h"

static memory left;

static void reads_a_definition(void) {
  linnet_loop *loop = loop_with(&left);
  size_t before = linnet_loop_memory_used(loop);
  linnet_model *model = linnet_model_new(loop);
  CHECK_EQUAL(load(model, "temperature.xml"), LINNET_OK);
  CHECK_EQUAL(linnet_model_count(model), 9);
  const linnet_definition *temperature = linnet_model_find(model, 3303);
  CHECK_TEXT(linnet_definition_name(temperature), "Temperature");
  CHECK_TEXT(linnet_definition_version(temperature), "1.1");
  CHECK_EQUAL(linnet_definition_instances(temperature), LINNET_MULTIPLE);
  CHECK_EQUAL(linnet_definition_presence(temperature), LINNET_OPTIONAL);
  CHECK_EQUAL(linnet_definition_count(temperature), 8);
  const linnet_resource_definition *value = linnet_model_resource(model, path("/3303/0/5700"));
  CHECK_TEXT(linnet_resource_definition_name(value), "Sensor Value");
  CHECK_EQUAL(linnet_resource_definition_type(value), LINNET_TYPE_FLOAT);
  CHECK_EQUAL(linnet_resource_definition_operations(value), LINNET_OPERATION_READ);
  CHECK_EQUAL(linnet_resource_definition_presence(value), LINNET_MANDATORY);
  linnet_path found;
  CHECK_EQUAL(linnet_model_path(model, "temperature/3/sensor value", &found), LINNET_OK);
  CHECK(linnet_path_equal(found, path("/3303/3/5700")));
  /* The same id and version again takes the place of what was there, which lives on. */
  CHECK_EQUAL(load(model, "temperature.xml"), LINNET_OK);
  CHECK_EQUAL(linnet_model_count(model), 9);
  CHECK(linnet_model_find(model, 3303) != temperature);
  CHECK_TEXT(linnet_definition_name(temperature), "Temperature");
  CHECK_EQUAL(load(model, "hypothetical.xml"), LINNET_OK);
  CHECK_EQUAL(linnet_model_count(model), 14);
  CHECK_TEXT(linnet_resource_definition_range(linnet_model_resource(model, path("/16/0/3"))), "0..2");
  linnet_model_unref(model);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

static void bears_with_oddities(void) {
  linnet_loop *loop = loop_with(&left);
  linnet_model *model = linnet_model_new(loop);
  CHECK_EQUAL(load(model, "quirks.xml"), LINNET_OK);
  const linnet_definition *odd = linnet_model_find(model, 32001);
  CHECK_TEXT(linnet_definition_name(odd), "Quirks");
  CHECK_TEXT(linnet_definition_version(odd), "1.0"); /* MOD-08 */
  CHECK_EQUAL(linnet_definition_instances(odd), LINNET_MULTIPLE);
  CHECK_EQUAL(linnet_definition_count(odd), 4);
  const linnet_resource_definition *bare = linnet_definition_at(odd, 0);
  CHECK_EQUAL(linnet_resource_definition_id(bare), 1);
  CHECK_EQUAL(linnet_resource_definition_type(bare), LINNET_TYPE_NONE);
  CHECK_EQUAL(linnet_resource_definition_operations(bare), 0);
  const linnet_resource_definition *button = linnet_definition_at(odd, 1); /* MOD-07 */
  CHECK_EQUAL(linnet_resource_definition_operations(button), LINNET_OPERATION_EXECUTE);
  CHECK_EQUAL(linnet_resource_definition_type(button), LINNET_TYPE_NONE);
  CHECK_EQUAL(linnet_resource_definition_instances(button), LINNET_SINGLE);
  CHECK_EQUAL(linnet_resource_definition_type(linnet_definition_at(odd, 2)), LINNET_TYPE_STRING);
  CHECK_EQUAL(linnet_resource_definition_instances(linnet_definition_at(odd, 2)), LINNET_MULTIPLE);
  const linnet_resource_definition *last = linnet_definition_at(odd, 3);
  CHECK_TEXT(linnet_resource_definition_name(last), "Last & <Least>");
  CHECK_EQUAL(linnet_resource_definition_type(last), LINNET_TYPE_INTEGER);
  linnet_value value = linnet_value_integer(255);
  CHECK_EQUAL(linnet_resource_definition_check(last, &value), LINNET_OK);
  value = linnet_value_integer(2);
  CHECK_EQUAL(linnet_resource_definition_check(last, &value), LINNET_ERROR_OUT_OF_RANGE);
  linnet_model_unref(model);
  linnet_loop_unref(loop);
}

static void refuses_broken_files_and_says_where(void) {
  static const struct {
    const char *file, *line, *element;
  } broken[] = {{"duplicate_resource.xml", "line 55", "Item"},
                {"unknown_type.xml", "line 41", "Type"},
                {"unknown_operation.xml", "line 38", "Operations"},
                {"large_id.xml", "line 29", "ObjectID"},
                {"large_resource_id.xml", "line 36", "Item"},
                {"bad_version.xml", "line 32", "ObjectVersion"},
                {"no_object_id.xml", "line 30", "Object"},
                {"unclosed.xml", "line 25", "Description2"},
                {"not_xml.xml", "line 1", "none"},
                {"other_root.xml", "line 2", "html"},
                {"entities.xml", "line 3", "DOCTYPE"},
                {"external_entity.xml", "line 3", "DOCTYPE"}};
  linnet_loop *loop = loop_with(&left);
  linnet_model *model = linnet_model_new(loop);
  size_t before = linnet_loop_memory_used(loop);
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    char name[100];
    snprintf(name, sizeof name, "broken/%s", broken[i].file);
    CHECK_EQUAL(load(model, name), LINNET_ERROR_MALFORMED);
    const char *text = linnet_error_text(loop);
    if (strstr(text, broken[i].line) == NULL || strstr(text, broken[i].element) == NULL)
      fprintf(stderr, "%s: %s\n", broken[i].file, text);
    CHECK(strstr(text, broken[i].line) != NULL);
    CHECK(strstr(text, broken[i].element) != NULL);
    CHECK_EQUAL(linnet_model_count(model), 8); /* all or nothing */
    CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  }
  CHECK_EQUAL(linnet_model_read_ddf(model, NULL, 0), LINNET_ERROR_MALFORMED);
  linnet_model_unref(model);
  linnet_loop_unref(loop);
}

static void bounds_what_it_reads(void) {
  linnet_loop *loop = loop_with(&left);
  linnet_model *model = linnet_model_new(loop);
  size_t room = (4u << 20) + 1;
  char *text = malloc(room);
  CHECK(text != NULL);
  memset(text, ' ', room);
  CHECK_EQUAL(linnet_model_read_ddf(model, text, room), LINNET_ERROR_TOO_LARGE);
  /* A name too long, too many resources, elements too deep. */
  size_t at = (size_t)snprintf(text, room, "<LWM2M><Object><Name>%0300d", 0);
  CHECK_EQUAL(linnet_model_read_ddf(model, text, at), LINNET_ERROR_MALFORMED); /* not closed */
  at += (size_t)snprintf(text + at, room - at, "</Name></Object></LWM2M>");
  CHECK_EQUAL(linnet_model_read_ddf(model, text, at), LINNET_ERROR_TOO_LARGE);
  at = (size_t)snprintf(text, room, "<LWM2M><Object><Name>%08000d</Name></Object></LWM2M>", 0);
  CHECK_EQUAL(linnet_model_read_ddf(model, text, at), LINNET_ERROR_TOO_LARGE);
  at = (size_t)snprintf(text, room, "<LWM2M><Object><ObjectID>9</ObjectID><Resources>");
  for (int i = 0; i <= 4096; i++) at += (size_t)snprintf(text + at, room - at, "<Item ID=\"%d\"/>", 5000 - i);
  at += (size_t)snprintf(text + at, room - at, "</Resources></Object></LWM2M>");
  CHECK_EQUAL(linnet_model_read_ddf(model, text, at), LINNET_ERROR_TOO_LARGE);
  at = (size_t)snprintf(text, room, "<LWM2M>");
  for (int i = 0; i <= 4096; i++)
    at += (size_t)snprintf(text + at, room - at, "<Object><ObjectID>%d</ObjectID></Object>", i);
  at += (size_t)snprintf(text + at, room - at, "</LWM2M>");
  CHECK_EQUAL(linnet_model_read_ddf(model, text, at), LINNET_ERROR_TOO_LARGE);
  at = (size_t)snprintf(text, room, "<LWM2M>");
  for (int i = 0; i < 100000; i++) at += (size_t)snprintf(text + at, room - at, "<a>");
  CHECK_EQUAL(linnet_model_read_ddf(model, text, at), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(linnet_model_count(model), 8);
  free(text);
  linnet_model_unref(model);
  linnet_loop_unref(loop);
}

static void survives_any_lack_of_memory(void) {
  size_t length;
  char *data = read_definition("hypothetical.xml", &length);
  linnet_loop *loop = loop_with(&left);
  for (size_t allowed = 0;; allowed++) {
    CHECK(allowed < 1000);
    left.left = SIZE_MAX;
    linnet_model *model = linnet_model_new(loop);
    size_t before = linnet_loop_memory_used(loop);
    left.left = allowed;
    linnet_status status = linnet_model_read_ddf(model, data, length);
    CHECK(status == LINNET_OK || status == LINNET_ERROR_NO_MEMORY);
    CHECK_EQUAL(linnet_model_count(model), status == LINNET_OK ? 13 : 8);
    if (status != LINNET_OK) CHECK_EQUAL(linnet_loop_memory_used(loop), before);
    linnet_model_unref(model);
    if (status == LINNET_OK) break;
  }
  linnet_loop_unref(loop);
  free(data);
}

static uint32_t random_state = 1;
static uint32_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

/* Whatever the bytes: an answer, no leak, and never half of a file. */
static void survives_mutations(void) {
  static const char *const files[] = {"quirks.xml", "hypothetical.xml", "broken/entities.xml"};
  linnet_loop *loop = loop_with(&left);
  size_t before = linnet_loop_memory_used(loop);
  time_t end = time(NULL) + 2;
  for (unsigned round = 0; round < 3000 && time(NULL) < end; round++) {
    size_t length;
    char *data = read_definition(files[round % 3], &length);
    for (uint32_t changes = next_random() % 6 + 1; changes > 0; changes--) {
      size_t at = next_random() % length, count = next_random() % 20;
      if (at + count > length) count = length - at;
      switch (next_random() % 4) {
        case 0:
          data[at] = (char)next_random();
          break;
        case 1:
          memmove(data + at, data + at + count, length - at - count), length -= count;
          break;
        case 2:
          memmove(data + at, data + next_random() % (length - count), count);
          break;
        default:
          length = length - length / 10;
          break;
      }
      if (length < 2) break;
    }
    linnet_model *model = linnet_model_new(loop);
    linnet_status status = linnet_model_read_ddf(model, data, length);
    if (status != LINNET_OK) CHECK_EQUAL(linnet_model_count(model), 8);
    linnet_model_unref(model);
    CHECK_EQUAL(linnet_loop_memory_used(loop), before);
    free(data);
  }
  linnet_loop_unref(loop);
}

int main(void) {
  linnet_loop *loop = loop_with(&left);
  linnet_model *model = linnet_model_new(loop);
  bool can_read = linnet_model_read_ddf(model, "<LWM2M/>", 8) != LINNET_ERROR_UNAVAILABLE;
  linnet_model_unref(model);
  linnet_loop_unref(loop);
  if (!can_read) {
    printf("skipped: this build reads no definition files\n");
    return 0;
  }
  return RUN(reads_a_definition, bears_with_oddities, refuses_broken_files_and_says_where,
             bounds_what_it_reads, survives_any_lack_of_memory, survives_mutations);
}

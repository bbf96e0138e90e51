/* SPDX-License-Identifier: Apache-2.0 */
/* vectors.c: every vector of docs/spec/vectors.yaml whose verdict is a codec's. */
#include <string.h>

#include "check.h"
#include "vectors.h"

/* Those whose verdict needs more than the payload. */
static const struct {
  const char *id;
  const char *reason;
} left_to_others[] = {
    {"tlv-bad-create-missing-mandatory", "the definition knows what is mandatory (DM-61)"},
    {"tlv-bad-create-id-conflict", "needs the instances that exist (DM-63)"},
    {"tlv-bad-replace-missing-mandatory", "the definition knows what is mandatory (DM-21)"},
    {"link-bad-empty-register", "an empty list is good link-format, but no registration (LF-03, REG-21)"},
    {"attr-", "Write-Attributes is a query, not a payload (DM-40)"},
};

static bool is_left_to_others(const wire_vector *vector) {
  for (size_t i = 0; i < sizeof left_to_others / sizeof left_to_others[0]; i++) {
    size_t length = strlen(left_to_others[i].id);
    bool prefix = left_to_others[i].id[length - 1] == '-';
    if (strncmp(vector->id, left_to_others[i].id, prefix ? length : strlen(vector->id) + 1) == 0) return true;
  }
  return false;
}

static linnet_loop *new_loop(void) {
  static const uint8_t seed[LINNET_SEED_SIZE] = {1};
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  CHECK(loop != NULL);
  return loop;
}

static void check_records(const wire_vector *vector, const linnet_batch *batch) {
  CHECK_EQUAL(linnet_batch_count(batch), vector->node_count);
  for (size_t i = 0; i < vector->node_count; i++) {
    linnet_record record;
    CHECK_EQUAL(linnet_batch_record(batch, i, &record), LINNET_OK);
    CHECK(linnet_path_equal(record.path, vector->nodes[i].path));
    CHECK(linnet_value_equal(&record.value, &vector->nodes[i].value));
    CHECK(record.time_s == vector->nodes[i].time_s);
  }
}

static void check_decoding(linnet_loop *loop, const wire_vector *vector) {
  linnet_batch *batch = linnet_batch_new(loop);
  linnet_status status = vector_decode(batch, vector, vector->payload, vector->length);
  if (vector->good && status != LINNET_OK) fprintf(stderr, "%s\n", linnet_error_text(loop));
  if (vector->good) {
    CHECK_EQUAL(status, LINNET_OK);
    check_records(vector, batch);
  } else {
    CHECK(status == LINNET_ERROR_MALFORMED || status == LINNET_ERROR_WRONG_TYPE);
    CHECK_EQUAL(linnet_batch_count(batch), 0);
    CHECK(linnet_error_text(loop)[0] != '\0');
  }
  linnet_batch_unref(batch);
}

static void check_encoding(linnet_loop *loop, const wire_vector *vector) {
  linnet__buffer out;
  linnet__writer writer;
  linnet__buffer_init(&out, loop, SIZE_MAX);
  CHECK_EQUAL(linnet__writer_begin(&writer, vector_format(vector), vector->path, &out, loop), LINNET_OK);
  for (size_t i = 0; i < vector->node_count; i++)
    CHECK_EQUAL(linnet__writer_put(&writer, &vector->nodes[i]), LINNET_OK);
  CHECK_EQUAL(linnet__writer_end(&writer), LINNET_OK);
  if (vector->semantic) {
    linnet_batch *batch = linnet_batch_new(loop);
    CHECK_EQUAL(vector_decode(batch, vector, out.data, out.length), LINNET_OK);
    check_records(vector, batch);
    linnet_batch_unref(batch);
  } else {
    CHECK_BYTES(out.data, out.length, vector->payload, vector->length);
  }
  linnet__buffer_free(&out);
}

static void every_payload_of_records(void) {
  linnet_loop *loop = new_loop();
  size_t decoded = 0, encoded = 0;
  for (size_t i = 0; i < VECTOR_COUNT; i++) {
    const wire_vector *vector = &vectors[i];
    if (!linnet__format_has_records(vector_format(vector)) || is_left_to_others(vector)) continue;
    fprintf(stderr, "%s\n", vector->id);
    if (vector->decodes) check_decoding(loop, vector);
    if (vector->encodes) check_encoding(loop, vector);
    decoded += vector->decodes;
    encoded += vector->encodes;
  }
  printf("%zu decoded, %zu encoded\n", decoded, encoded);
  linnet_loop_unref(loop);
}

/* BS-41: a bare parameter belongs to the root. */
static void check_links(const wire_vector *vector, const char *text, size_t length) {
  size_t position = 0;
  linnet_link link;
  for (size_t i = 0; i < vector->link_count; i++) {
    const vector_link *expected = &vector->links[i];
    linnet_link_parameter parameter;
    CHECK_EQUAL(linnet_link_next(text, length, &position, &link), LINNET_OK);
    const char *target = link.target == NULL ? "/" : link.target;
    size_t target_length = link.target == NULL ? 1 : link.target_length;
    CHECK_BYTES(target, target_length, expected->uri, strlen(expected->uri));
    size_t count = 0;
    for (; expected->parameters[count].name != NULL; count++) {
      CHECK(linnet_link_find(&link, expected->parameters[count].name, &parameter));
      CHECK_BYTES(parameter.value, parameter.value_length, expected->parameters[count].value,
                  strlen(expected->parameters[count].value));
    }
    for (size_t at = 0; linnet_link_next_parameter(&link, &at, &parameter) == LINNET_OK;) count--;
    CHECK_EQUAL(count, 0);
  }
  CHECK_EQUAL(linnet_link_next(text, length, &position, &link), LINNET_ERROR_NOT_FOUND);
}

static void check_link_writing(linnet_loop *loop, const wire_vector *vector) {
  linnet__buffer out;
  linnet__buffer_init(&out, loop, SIZE_MAX);
  for (size_t i = 0; i < vector->link_count; i++) {
    linnet_path path;
    CHECK_EQUAL(linnet_path_parse(&path, vector->links[i].uri), LINNET_OK);
    linnet__link_put(&out, 0, "", path);
    for (size_t p = 0; vector->links[i].parameters[p].name != NULL; p++) {
      const char *name = vector->links[i].parameters[p].name;
      bool quoted = strcmp(name, "rt") == 0 || strcmp(name, "ver") == 0;
      (quoted ? linnet__link_put_quoted : linnet__link_put_parameter)(&out, name,
                                                                      vector->links[i].parameters[p].value);
    }
  }
  check_links(vector, (const char *)out.data, out.length);
  linnet__buffer_free(&out);
}

static void every_list_of_links(void) {
  linnet_loop *loop = new_loop();
  for (size_t i = 0; i < VECTOR_COUNT; i++) {
    const wire_vector *vector = &vectors[i];
    if (strcmp(vector->format, "link-format") != 0 || is_left_to_others(vector)) continue;
    fprintf(stderr, "%s\n", vector->id);
    if (vector->good) {
      check_links(vector, vector->payload, vector->length);
      if (vector->encodes) check_link_writing(loop, vector);
      continue;
    }
    linnet_link link;
    size_t position = 0;
    linnet_status status;
    do status = linnet_link_next(vector->payload, vector->length, &position, &link);
    while (status == LINNET_OK);
    CHECK_EQUAL(status, LINNET_ERROR_MALFORMED);
  }
  linnet_loop_unref(loop);
}

static void every_list_of_arguments(void) {
  for (size_t i = 0; i < VECTOR_COUNT; i++) {
    const wire_vector *vector = &vectors[i];
    if (strcmp(vector->format, "execute-args") != 0) continue;
    fprintf(stderr, "%s\n", vector->id);
    CHECK_EQUAL(linnet__arguments_check(vector->payload, vector->length),
                vector->good ? LINNET_OK : LINNET_ERROR_MALFORMED);
    size_t position = 0;
    linnet__argument argument;
    for (size_t a = 0; a < vector->argument_count; a++) {
      CHECK_EQUAL(linnet__argument_next(vector->payload, vector->length, &position, &argument), LINNET_OK);
      CHECK_EQUAL(argument.digit, vector->arguments[a].digit);
      CHECK_BYTES(argument.value, argument.length, vector->arguments[a].value,
                  strlen(vector->arguments[a].value));
    }
  }
}

/* No vector is forgotten: each has a format that is tested above, or a reason. */
static void each_is_tested_or_has_a_reason(void) {
  CHECK_EQUAL(VECTOR_COUNT, 120);
  for (size_t i = 0; i < VECTOR_COUNT; i++)
    CHECK(vector_format(&vectors[i]) != LINNET_FORMAT_NONE ||
          strcmp(vectors[i].format, "execute-args") == 0 || is_left_to_others(&vectors[i]));
}

int main(void) {
  return RUN(every_payload_of_records, every_list_of_links, every_list_of_arguments,
             each_is_tested_or_has_a_reason);
}

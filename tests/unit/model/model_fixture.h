/* SPDX-License-Identifier: Apache-2.0 */
/* model_fixture.h: what the tests of libcore/model share: a loop whose memory runs out when told, and files.
 */
#ifndef LINNET_TESTS_MODEL_FIXTURE_H
#define LINNET_TESTS_MODEL_FIXTURE_H

#include <stdint.h>

#include "check.h"
#include "model/model.h"

/* Allocations still allowed; SIZE_MAX for any number. */
typedef struct memory {
  size_t left;
} memory;

static inline void *reallocate(void *user, void *block, size_t size) {
  memory *memory_left = user;
  if (size == 0) {
    free(block);
    return NULL;
  }
  if (memory_left->left == 0) return NULL;
  if (memory_left->left != SIZE_MAX) memory_left->left--;
  return realloc(block, size);
}

static inline linnet_loop *loop_with(memory *left) {
  left->left = SIZE_MAX;
  linnet_loop *loop = linnet_loop_new_with_memory("0123456789abcdef", 16, reallocate, left);
  CHECK(loop != NULL);
  return loop;
}

static inline linnet_path path(const char *text) {
  linnet_path result;
  CHECK_EQUAL(linnet_path_parse(&result, text), LINNET_OK);
  return result;
}

/* The bytes of a file, terminated; NULL if there is none. free() it. */
static inline char *read_file(const char *name, size_t *length) {
  FILE *file = fopen(name, "rb");
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  CHECK(size >= 0);
  rewind(file);
  char *data = malloc((size_t)size + 1);
  CHECK(data != NULL);
  *length = fread(data, 1, (size_t)size, file);
  CHECK_EQUAL(*length, size);
  data[size] = '\0';
  fclose(file);
  return data;
}

/* One of tests/definitions. */
static inline char *read_definition(const char *name, size_t *length) {
  char full[1024];
  snprintf(full, sizeof full, "%s/tests/definitions/%s", LINNET_SOURCE_DIR, name);
  char *data = read_file(full, length);
  CHECK(data != NULL);
  return data;
}

static inline linnet_status load(linnet_model *model, const char *name) {
  size_t length;
  char *data = read_definition(name, &length);
  linnet_status status = linnet_model_read_ddf(model, data, length);
  free(data);
  return status;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h: the few lines a C test needs. A test file is a list of functions, each named as a sentence, and
 *
 *     int main(void) { return RUN(registers, registers_again_after_404_to_an_update); }
 */
#ifndef LINNET_TESTS_CHECK_H
#define LINNET_TESTS_CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                      \
  do {                                                                                        \
    if (!(condition)) {                                                                       \
      fprintf(stderr, "%s:%d: %s: not true: %s\n", __FILE__, __LINE__, __func__, #condition); \
      exit(1);                                                                                \
    }                                                                                         \
  } while (0)

#define CHECK_EQUAL(actual, expected)                                                                    \
  do {                                                                                                   \
    intmax_t actual_ = (intmax_t)(actual), expected_ = (intmax_t)(expected);                             \
    if (actual_ != expected_) {                                                                          \
      fprintf(stderr, "%s:%d: %s: %s is %jd, not %jd\n", __FILE__, __LINE__, __func__, #actual, actual_, \
              expected_);                                                                                \
      exit(1);                                                                                           \
    }                                                                                                    \
  } while (0)

#define CHECK_TEXT(actual, expected)                                                                  \
  do {                                                                                                \
    const char *actual_ = (actual), *expected_ = (expected);                                          \
    if (actual_ == NULL || strcmp(actual_, expected_) != 0) {                                         \
      fprintf(stderr, "%s:%d: %s: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, __func__, #actual, \
              actual_ == NULL ? "(null)" : actual_, expected_);                                       \
      exit(1);                                                                                        \
    }                                                                                                 \
  } while (0)

/* Compares bytes and shows both in hexadecimal. */
static inline void check_bytes_(const char *file, int line, const void *actual, size_t actual_length,
                                const void *expected, size_t expected_length) {
  if (actual_length == expected_length &&
      (actual_length == 0 || memcmp(actual, expected, actual_length) == 0))
    return;
  fprintf(stderr, "%s:%d: bytes differ\n  is  ", file, line);
  for (size_t i = 0; i < actual_length; i++) fprintf(stderr, "%02x", ((const unsigned char *)actual)[i]);
  fprintf(stderr, "\n  not ");
  for (size_t i = 0; i < expected_length; i++) fprintf(stderr, "%02x", ((const unsigned char *)expected)[i]);
  fprintf(stderr, "\n");
  exit(1);
}
#define CHECK_BYTES(actual, actual_length, expected, expected_length) \
  check_bytes_(__FILE__, __LINE__, actual, actual_length, expected, expected_length)

typedef void (*check_test)(void);
static inline int check_run_(const check_test *tests, size_t count) {
  for (size_t i = 0; i < count; i++) tests[i]();
  printf("%zu passed\n", count);
  return 0;
}
#define RUN(...)                                \
  check_run_((const check_test[]){__VA_ARGS__}, \
             sizeof((const check_test[]){__VA_ARGS__}) / sizeof(check_test))

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Paths (path.h, MOD-06). */
#include "check.h"
#include "data/data.h"

static void reads_and_writes_paths(void) {
  static const struct {
    const char *text, *canonical;
    uint8_t depth;
  } cases[] = {{"/", "/", 0},
               {"", "/", 0},
               {"/3", "/3", 1},
               {"3/0", "/3/0", 2},
               {"/3/0/1", "/3/0/1", 3},
               {"/65535/65535/65535/65535", "/65535/65535/65535/65535", 4},
               {"/0/0/0/0", "/0/0/0/0", 4}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    linnet_path path;
    char text[LINNET_PATH_TEXT_SIZE];
    CHECK_EQUAL(linnet_path_parse(&path, cases[i].text), LINNET_OK);
    CHECK_EQUAL(path.depth, cases[i].depth);
    CHECK_TEXT(linnet_path_text(path, text), cases[i].canonical);
  }
}

static void refuses_other_texts_and_leaves_the_path_alone(void) { /* MOD-06 */
  static const char *const cases[] = {"//",  "/3/",      "3/",  "/3//1",  "/03",
                                      "/00", "/+1",      "/-1", "/65536", "/1/2/3/4/5",
                                      "/a",  "/3 ",      " /3", "/3/0x1", "/99999999999999999999",
                                      "//3", "/1/2/3/4/"};
  linnet_path path = linnet_path_instance(7, 8);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    CHECK_EQUAL(linnet_path_parse(&path, cases[i]), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_path_parse(&path, NULL), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK(linnet_path_equal(path, linnet_path_instance(7, 8)));
}

static void orders_a_path_before_those_below_it(void) {
  linnet_path paths[] = {linnet_path_root(),
                         linnet_path_object(1),
                         linnet_path_instance(1, 0),
                         linnet_path_instance(1, 2),
                         linnet_path_resource(1, 2, 0),
                         linnet_path_resource_instance(1, 2, 0, 5),
                         linnet_path_resource(1, 2, 3),
                         linnet_path_object(2),
                         linnet_path_instance(65535, 0)};
  size_t count = sizeof paths / sizeof paths[0];
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < count; k++) {
      int order = linnet_path_compare(paths[i], paths[k]);
      CHECK_EQUAL((order > 0) - (order < 0), (i > k) - (i < k));
      CHECK_EQUAL(linnet_path_equal(paths[i], paths[k]), i == k);
    }
  }
}

static void ignores_ids_beyond_the_depth(void) {
  linnet_path a = {{3, 9, 9, 9}, 1};
  CHECK(linnet_path_equal(a, linnet_path_object(3)));
}

static void tells_what_lies_below(void) {
  linnet_path resource = linnet_path_resource(3, 0, 1);
  CHECK(linnet_path_within(resource, linnet_path_root()));
  CHECK(linnet_path_within(resource, linnet_path_object(3)));
  CHECK(linnet_path_within(resource, resource));
  CHECK(!linnet_path_within(linnet_path_object(3), resource));
  CHECK(!linnet_path_within(resource, linnet_path_instance(3, 1)));
}

int main(void) {
  return RUN(reads_and_writes_paths, refuses_other_texts_and_leaves_the_path_alone,
             orders_a_path_before_those_below_it, ignores_ids_beyond_the_depth, tells_what_lies_below);
}

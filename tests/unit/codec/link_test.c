/* SPDX-License-Identifier: Apache-2.0 */
/* link_test.c: link-format read and written (coap.md section 7; LF-01 to LF-03, REG-24, REG-26, BS-41). */
#include "show.h"

/* "[/1/0]ver=1.1 [/3]"; "malformed" where it ends so. */
static const char *links(const char *text) {
  static uint8_t memory[1024];
  linnet__buffer out;
  linnet_link link;
  linnet_link_parameter parameter;
  linnet_status status;
  linnet__buffer_init_fixed(&out, memory, sizeof memory);
  for (size_t position = 0; (status = linnet_link_next(text, strlen(text), &position, &link)) == LINNET_OK;) {
    if (out.length > 0) linnet__buffer_append_byte(&out, ' ');
    linnet__buffer_append_byte(&out, '[');
    linnet__buffer_append(&out, link.target, link.target_length);
    linnet__buffer_append_byte(&out, ']');
    for (size_t at = 0; linnet_link_next_parameter(&link, &at, &parameter) == LINNET_OK;) {
      linnet__buffer_append_byte(&out, ';');
      linnet__buffer_append(&out, parameter.name, parameter.name_length);
      if (parameter.value != NULL) linnet__buffer_append_byte(&out, '=');
      linnet__buffer_append(&out, parameter.value, parameter.value_length);
    }
  }
  if (status == LINNET_ERROR_MALFORMED) return "malformed";
  CHECK_EQUAL(status, LINNET_ERROR_NOT_FOUND);
  return linnet__buffer_text(&out);
}

static void reads_links(void) { /* LF-02, REG-26 */
  CHECK_TEXT(links(""), "");
  CHECK_TEXT(links("</1/0>"), "[/1/0]");
  CHECK_TEXT(links("</1/0>, \t</3/0/>"), "[/1/0] [/3/0/]");
  CHECK_TEXT(links("</>;rt=\"oma.lwm2m\";ct=\"60 110\",</1>;ver=1.1;x"),
             "[/];rt=oma.lwm2m;ct=60 110 [/1];ver=1.1;x");
  CHECK_TEXT(links("</1>;a=\"x,y;</2>\",</3>"), "[/1];a=x,y;</2> [/3]");
  CHECK_TEXT(links("</1>;a=\"x\\\"y\\\\\""), "[/1];a=x\\\"y\\\\");
  CHECK_TEXT(links("</1>;a=\"\";b="), "[/1];a=;b=");
  CHECK_TEXT(links("<coap://x/1>,</2>"), "[coap://x/1] [/2]");
  CHECK_TEXT(links("</1>;title*=UTF-8'en'x;a=/x<y>"), "[/1];title*=UTF-8'en'x;a=/x<y>");
  CHECK_TEXT(links("<>"), "[]");
}

static void refuses_what_is_no_link_format(void) {
  static const char *const bad[] = {"</1/0></3/0>",
                                    "</1/0>,",
                                    "</1/0>,,</2>",
                                    ",</1>",
                                    "</1/0",
                                    "<",
                                    " ",
                                    "</1>;",
                                    "</1>;;a",
                                    "</1>;=x",
                                    "</1>;a=\"x",
                                    "</1>;a=\"x\\",
                                    "</1>;a=\"x\"y",
                                    "</1>;a b",
                                    "</1> ,</2>",
                                    "</1>,a=1",
                                    "</ 1>",
                                    "</1\xFF>",
                                    "</1>;a=\"\xFF\"",
                                    "</1>;a=b\"c",
                                    ">",
                                    "</<1>",
                                    "x,"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) CHECK_TEXT(links(bad[i]), "malformed");
}

static void a_bare_parameter_may_come_first(void) { /* BS-41 */
  CHECK_TEXT(links("lwm2m=\"1.0\",</0/0>;ssid=101,</0/1>"), "[];lwm2m=1.0 [/0/0];ssid=101 [/0/1]");
  CHECK_TEXT(links("</0/0>,lwm2m=\"1.0\""), "malformed");
  static const char text[] = "lwm2m=\"1.0\",</0/0>";
  size_t position = 0;
  linnet_link link;
  linnet_link_parameter parameter;
  linnet_path path;
  CHECK_EQUAL(linnet_link_next(text, strlen(text), &position, &link), LINNET_OK);
  CHECK(link.target == NULL);
  CHECK(linnet_link_find(&link, "lwm2m", &parameter));
  CHECK_BYTES(parameter.value, parameter.value_length, "1.0", 3);
  CHECK_EQUAL(linnet_link_path(&link, "", &path), LINNET_OK);
  CHECK_EQUAL(path.depth, 0);
}

static void the_first_of_a_name_counts(void) { /* LF-02 */
  static const char text[] = "</1>;ver=1.0;verb=x;ver=\"2.0\"";
  size_t position = 0;
  linnet_link link;
  linnet_link_parameter parameter;
  CHECK_EQUAL(linnet_link_next(text, strlen(text), &position, &link), LINNET_OK);
  CHECK(linnet_link_find(&link, "ver", &parameter));
  CHECK_BYTES(parameter.value, parameter.value_length, "1.0", 3);
  CHECK(!linnet_link_find(&link, "ve", &parameter));
}

static const char *below(const char *root, const char *target) {
  static char text[LINNET_PATH_TEXT_SIZE];
  linnet_link link = {target, strlen(target), NULL, 0};
  linnet_path path;
  linnet_status status = linnet_link_path(&link, root, &path);
  if (status == LINNET_OK) return linnet_path_text(path, text);
  CHECK_EQUAL(status, LINNET_ERROR_NOT_FOUND);
  return "none";
}

static void paths_below_a_root(void) { /* REG-23, REG-24, MOD-10 */
  CHECK_TEXT(below("", "/1/0"), "/1/0");
  CHECK_TEXT(below("/", "/1/0/"), "/1/0");
  CHECK_TEXT(below(NULL, "/44"), "/44");
  CHECK_TEXT(below("", "/"), "/");
  CHECK_TEXT(below("/lwm2m", "/lwm2m/1/0"), "/1/0");
  CHECK_TEXT(below("/lwm2m/", "/lwm2m"), "/");
  CHECK_TEXT(below("/lwm2m", "/lwm2m/"), "/");
  CHECK_TEXT(below("/lwm2m", "/1/0"), "none");
  CHECK_TEXT(below("/lwm2m", "/lwm2m2/1/0"), "none");
  CHECK_TEXT(below("", "/lwm2m/1/0"), "none");
  CHECK_TEXT(below("", "1/0"), "none");
  CHECK_TEXT(below("", ""), "none");
  CHECK_TEXT(below("", "//"), "none");
  CHECK_TEXT(below("", "/1/0//"), "none");
  CHECK_TEXT(below("", "/01"), "none");
  CHECK_TEXT(below("", "/65536"), "none");
  CHECK_TEXT(below("", "/1/2/3/4/5"), "none");
  CHECK_TEXT(below("", "coap://x/1"), "none");
  CHECK_TEXT(below("", "/1111111111111111111111111111111111111"), "none");
}

static void writes_links(void) { /* LF-01 */
  uint8_t memory[256];
  linnet__buffer out;
  linnet__buffer_init_fixed(&out, memory, sizeof memory);
  linnet__buffer_append_text(&out, "before:");
  size_t start = out.length;
  linnet__link_put(&out, start, "", show_path("/"));
  linnet__link_put_quoted(&out, "rt", "oma.lwm2m");
  linnet__link_put_parameter(&out, "ct", "11543");
  linnet__link_put(&out, start, "", show_path("/1/0"));
  linnet__link_put(&out, start, "/lwm2m", show_path("/"));
  linnet__link_put(&out, start, "/lwm2m", show_path("/3/0/1"));
  linnet__link_put_quoted(&out, "x", "a\"b\\");
  CHECK_TEXT(linnet__buffer_text(&out),
             "before:</>;rt=\"oma.lwm2m\";ct=11543,</1/0>,</lwm2m>,</lwm2m/3/0/1>;x=\"a\\\"b\\\\\"");
}

int main(void) {
  return RUN(reads_links, refuses_what_is_no_link_format, a_bare_parameter_may_come_first,
             the_first_of_a_name_counts, paths_below_a_root, writes_links);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Error texts and log lines (log.h). */
#include "base/base.h"
#include "check.h"

static linnet_loop *new_loop(void) { return linnet_loop_new("0123456789abcdef", 16); }

static void has_no_error_text_at_first(void) {
  linnet_loop *loop = new_loop();
  CHECK_TEXT(linnet_error_text(loop), "");
  linnet_loop_unref(loop);
}

static void prints_every_kind_of_argument(void) {
  linnet_loop *loop = new_loop();
  linnet_status status = linnet__fail(loop, LINNET_ERROR_REFUSED, "%s %d %u %U %n 100%%", "text", -7, 8u,
                                      UINT64_C(9000000000), (size_t)3, "abcdef");
  CHECK_EQUAL(status, LINNET_ERROR_REFUSED);
  CHECK_TEXT(linnet_error_text(loop), "text -7 8 9000000000 abc 100%");
  linnet__fail(loop, LINNET_ERROR_REFUSED, "again: %s", linnet_error_text(loop));
  CHECK_TEXT(linnet_error_text(loop), "again: text -7 8 9000000000 abc 100%");
  linnet_loop_unref(loop);
}

static void makes_peer_text_harmless(void) {
  linnet_loop *loop = new_loop();
  linnet__fail(loop, LINNET_ERROR_REFUSED, "%n", (size_t)9, "a\n\0\x1b[b\xff\xc2\x85");
  CHECK_TEXT(linnet_error_text(loop), "a???[b??");
  char text[100];
  memset(text, 'x', sizeof text);
  memcpy(text + 79, "\xc3\xa4", 2); /* the cut would be inside */
  linnet__fail(loop, LINNET_ERROR_REFUSED, "%n", sizeof text, text);
  CHECK_EQUAL(strlen(linnet_error_text(loop)), 79);
  memcpy(text + 78, "\xc3\xa4x", 3);
  linnet__fail(loop, LINNET_ERROR_REFUSED, "%n", sizeof text, text);
  CHECK_EQUAL(strlen(linnet_error_text(loop)), 80);
  linnet_loop_unref(loop);
}

static void prints_into_a_buffer(void) {
  char memory[20];
  linnet__buffer buffer;
  linnet__buffer_init_fixed(&buffer, memory, sizeof memory);
  linnet__print(&buffer, "%u of %d", 1u, 2);
  CHECK_TEXT(linnet__buffer_text(&buffer), "1 of 2");
}

static void cuts_a_long_text_between_characters(void) {
  linnet_loop *loop = new_loop();
  char text[601];
  for (int i = 0; i < 600; i += 3) memcpy(text + i, "\xe2\x82\xac", 3);
  text[600] = 0;
  linnet__fail(loop, LINNET_ERROR_REFUSED, "ab%s", text);
  size_t length = strlen(linnet_error_text(loop));
  CHECK(length > 240 && length < 256);
  CHECK(linnet__utf8_valid(linnet_error_text(loop), length));
  linnet_loop_unref(loop);
}

static char last_line[600];
static int lines;
static void keep_line(linnet_loop *loop, linnet_log_level level, const char *text) {
  (void)loop;
  CHECK(level != LINNET_LOG_OFF);
  snprintf(last_line, sizeof last_line, "%s", text);
  lines++;
}

static void logs_up_to_the_level(void) {
  linnet_loop *loop = new_loop();
  lines = 0;
  linnet__log(loop, LINNET_LOG_ERROR, "nobody listens");
  linnet__loop_set_log(loop, LINNET_LOG_WARNING, keep_line);
  CHECK_EQUAL(linnet__loop_log_level(loop), LINNET_LOG_WARNING);
  linnet__log(loop, LINNET_LOG_INFO, "too much");
  CHECK_EQUAL(lines, 0);
  linnet__log(loop, LINNET_LOG_WARNING, "number %u", 5u);
  CHECK_EQUAL(lines, 1);
  CHECK_TEXT(last_line, "number 5");
  linnet__loop_set_log(loop, LINNET_LOG_DEBUG, NULL);
  linnet__log(loop, LINNET_LOG_ERROR, "nobody listens");
  CHECK_EQUAL(lines, 1);
  linnet_loop_unref(loop);
}

static void names_every_status(void) {
  CHECK_TEXT(linnet_status_name(LINNET_OK), "ok");
  CHECK_TEXT(linnet_status_name(LINNET_ERROR_NOT_FOUND), "not-found");
  CHECK_TEXT(linnet_status_text(LINNET_ERROR_NOT_FOUND), "no such path, endpoint or request");
  CHECK_TEXT(linnet_status_name((linnet_status)-1000), "unknown");
  CHECK(linnet_status_text((linnet_status)7) != NULL);
}

int main(void) {
  return RUN(has_no_error_text_at_first, prints_every_kind_of_argument, makes_peer_text_harmless,
             prints_into_a_buffer, cuts_a_long_text_between_characters, logs_up_to_the_level,
             names_every_status);
}

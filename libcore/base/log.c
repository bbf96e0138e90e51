/* SPDX-License-Identifier: Apache-2.0 */
/* log.c: texts pieced together without stdio, the words of the last failure, log lines (log.h). */
#include "log.h"

#include <string.h>

#include "loop_state.h"
#include "number.h"
#include "utf8.h"

#define PEER_TEXT_LIMIT 80
#define LOG_LINE_SIZE 512

/* One character at a time: what does not fit is cut between characters, and no peer smuggles line ends,
   terminal sequences or broken UTF-8 into a log. */
static void append_clean(linnet__buffer *buffer, const char *text, size_t length) {
  for (size_t i = 0; i < length && buffer->failed == LINNET_OK;) {
    size_t step = linnet__utf8_first(text + i, length - i);
    uint8_t lead = (uint8_t)text[i];
    bool control = step == 1 && (lead < 0x20 || lead == 0x7f);
    bool high_control = step == 2 && lead == 0xc2 && (uint8_t)text[i + 1] < 0xa0;
    if (step == 0 || control || high_control)
      linnet__buffer_append_byte(buffer, '?');
    else
      linnet__buffer_append(buffer, text + i, step);
    i += step > 0 ? step : 1;
  }
}

/* Up to the limit, without cutting a character in two. */
static void append_peer_text(linnet__buffer *buffer, const char *text, size_t length) {
  if (length > PEER_TEXT_LIMIT) {
    length = PEER_TEXT_LIMIT;
    while (length > PEER_TEXT_LIMIT - 3 && ((uint8_t)text[length] & 0xc0) == 0x80) length--;
  }
  append_clean(buffer, text, length);
}

void linnet__print_list(linnet__buffer *buffer, const char *format, va_list arguments) {
  for (;;) {
    size_t literal = 0;
    while (format[literal] != 0 && format[literal] != '%') literal++;
    append_clean(buffer, format, literal);
    format += literal;
    if (format[0] == 0 || format[1] == 0) return;
    const char *text;
    size_t length;
    switch (format[1]) {
      case 's':
        text = va_arg(arguments, const char *);
        if (text != NULL) append_clean(buffer, text, strlen(text));
        break;
      case 'n':
        length = va_arg(arguments, size_t);
        text = va_arg(arguments, const char *);
        if (text != NULL) append_peer_text(buffer, text, length);
        break;
      case 'd':
        linnet__buffer_append_integer(buffer, va_arg(arguments, int));
        break;
      case 'u':
        linnet__buffer_append_unsigned(buffer, va_arg(arguments, unsigned));
        break;
      case 'U':
        linnet__buffer_append_unsigned(buffer, va_arg(arguments, uint64_t));
        break;
      default:
        linnet__buffer_append_byte(buffer, (uint8_t)format[1]);
        break;
    }
    format += 2;
  }
}

void linnet__print(linnet__buffer *buffer, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  linnet__print_list(buffer, format, arguments);
  va_end(arguments);
}

/* Formats into `text`, terminated, cut at its end. */
static void format_line(char *text, size_t size, const char *format, va_list arguments) {
  linnet__buffer buffer;
  linnet__buffer_init_fixed(&buffer, text, size - 1);
  linnet__print_list(&buffer, format, arguments);
  text[buffer.length] = 0;
}

linnet_status(linnet__fail)(linnet_loop *loop, linnet_status status, const char *format, ...) {
  char text[LINNET__ERROR_TEXT_SIZE]; /* not in place: an argument may be the former text */
  va_list arguments;
  va_start(arguments, format);
  format_line(text, sizeof text, format, arguments);
  va_end(arguments);
  memcpy(loop->error, text, strlen(text) + 1);
  return status;
}

linnet_status linnet_loop_fail(linnet_loop *loop, linnet_status status, const char *text) {
  return (linnet__fail)(loop, status, "%s", text); /* the words are somebody else's */
}

linnet_status linnet__fail_tersely(linnet_loop *loop, linnet_status status) {
  return linnet_loop_fail(loop, status, linnet_status_text(status));
}

const char *linnet_error_text(const linnet_loop *loop) { return loop->error; }

void linnet__loop_set_log(linnet_loop *loop, linnet_log_level level, linnet__log_hook hook) {
  loop->log_level = level;
  loop->log_hook = hook;
}

linnet_log_level linnet__loop_log_level(const linnet_loop *loop) { return loop->log_level; }

void linnet_loop_log(linnet_loop *loop, linnet_log_level level, const char *text) {
  linnet__log(loop, level, "%s", text);
}

void linnet__log(linnet_loop *loop, linnet_log_level level, const char *format, ...) {
  if (level == LINNET_LOG_OFF || level > loop->log_level || loop->log_hook == NULL) return;
  char text[LOG_LINE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  format_line(text, sizeof text, format, arguments);
  va_end(arguments);
  loop->log_hook(loop, level, text);
}

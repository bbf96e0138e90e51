/* SPDX-License-Identifier: Apache-2.0 */
/* json_lex.c: a strict lexer for JSON (RFC 8259): tokens, escapes, and stepping over values without
 * recursion. */
#include "json_lex.h"

#include <string.h>

static bool blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

static bool digit(char c) { return c >= '0' && c <= '9'; }

/* Four hexadecimal digits. */
static bool read_hex(const char *text, size_t left, uint32_t *unit) {
  *unit = 0;
  if (left < 4) return false;
  for (size_t i = 0; i < 4; i++) {
    unsigned value = linnet__hex_digit(text[i]);
    if (value > 15) return false;
    *unit = *unit << 4 | value;
  }
  return true;
}

/* The escape whose backslash is at text[0]. Returns its length, 0 if it is none (RFC 8259, section 7). */
static size_t read_escape(const char *text, size_t left, uint32_t *point) {
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  uint32_t low;
  if (left < 2 || text[1] == '\0') return 0;
  const char *letter = strchr(letters, text[1]);
  if (letter != NULL) {
    *point = (uint32_t)meanings[letter - letters];
    return 2;
  }
  if (text[1] != 'u' || !read_hex(text + 2, left - 2, point)) return 0;
  if (*point < 0xD800 || *point > 0xDFFF) return 6;
  /* Beyond the first plane two units make a character; one alone makes none. */
  if (*point > 0xDBFF || left < 12 || text[6] != '\\' || text[7] != 'u' || !read_hex(text + 8, 4, &low) ||
      low < 0xDC00 || low > 0xDFFF)
    return 0;
  *point = 0x10000 + ((*point - 0xD800) << 10) + (low - 0xDC00);
  return 12;
}

/* From the opening quote; returns the length with both, 0 if it is no string. */
static size_t read_string(const char *text, size_t left, linnet__json_token *token) {
  uint32_t point;
  size_t at = 1;
  while (at < left && text[at] != '"') {
    size_t step = 1;
    if (text[at] == '\\') {
      step = read_escape(text + at, left - at, &point);
      token->escaped = true;
    } else if ((unsigned char)text[at] < 0x20) {
      return 0;
    }
    if (step == 0) return 0;
    at += step;
  }
  if (at >= left) return 0;
  token->text = text + 1;
  token->length = at - 1;
  return at + 1;
}

static size_t digits(const char *text, size_t left) {
  size_t count = 0;
  while (count < left && digit(text[count])) count++;
  return count;
}

/* [ "-" ] int [ frac ] [ exp ]; returns its length, 0 if it is no number. */
static size_t read_number(const char *text, size_t left) {
  size_t at = text[0] == '-' ? 1 : 0;
  size_t whole = digits(text + at, left - at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return 0;
  at += whole;
  if (at < left && text[at] == '.') {
    size_t fraction = digits(text + at + 1, left - at - 1);
    if (fraction == 0) return 0;
    at += 1 + fraction;
  }
  if (at < left && (text[at] | 0x20) == 'e') {
    at++;
    if (at < left && (text[at] == '+' || text[at] == '-')) at++;
    size_t exponent = digits(text + at, left - at);
    if (exponent == 0) return 0;
    at += exponent;
  }
  return at;
}

/* true, false, null. */
static size_t read_word(const char *text, size_t left, linnet__json_token *token) {
  static const struct {
    const char *word;
    linnet__json_kind kind;
  } words[] = {{"true", LINNET__JSON_TRUE}, {"false", LINNET__JSON_FALSE}, {"null", LINNET__JSON_NULL}};
  for (size_t i = 0; i < 3; i++) {
    size_t length = strlen(words[i].word);
    if (left < length || memcmp(text, words[i].word, length) != 0) continue;
    token->kind = words[i].kind;
    return length;
  }
  return 0;
}

linnet__json_kind linnet__json_lex(linnet__json *json, linnet__json_token *token) {
  size_t at = json->position;
  while (at < json->length && blank(json->text[at])) at++;
  const char *text = json->text + at;
  size_t left = json->length - at, length = 1;
  memset(token, 0, sizeof *token);
  token->text = text;
  if (left == 0) {
    token->kind = LINNET__JSON_END;
    length = 0;
  } else if (text[0] != '\0' && strchr(",:[]{}", text[0]) != NULL) {
    token->kind = (linnet__json_kind)text[0];
  } else if (text[0] == '"') {
    length = read_string(text, left, token);
    if (length > 0) token->kind = LINNET__JSON_STRING;
  } else if (text[0] == '-' || digit(text[0])) {
    length = token->length = read_number(text, left);
    if (length > 0) token->kind = LINNET__JSON_NUMBER;
  } else {
    length = read_word(text, left, token);
  }
  if (token->kind != LINNET__JSON_BAD) json->position = at + length;
  return token->kind;
}

/* Behind "{" or a comma in an object: the name and its colon. */
static bool skip_name(linnet__json *json, linnet__json_token *token) {
  return token->kind == LINNET__JSON_STRING && linnet__json_lex(json, token) == LINNET__JSON_COLON;
}

bool linnet__json_skip(linnet__json *json) {
  linnet__json_token token;
  uint32_t objects = 0; /* one bit a level, the innermost lowest: an object, or an array */
  size_t depth = 0;
  linnet__json_lex(json, &token);
  for (;;) {
    /* At the first token of a value. */
    if (token.kind == LINNET__JSON_ARRAY || token.kind == LINNET__JSON_OBJECT) {
      if (depth++ == LINNET__JSON_DEPTH) return false;
      objects = objects << 1 | (token.kind == LINNET__JSON_OBJECT ? 1U : 0U);
      linnet__json_kind end = (objects & 1) != 0 ? LINNET__JSON_OBJECT_END : LINNET__JSON_ARRAY_END;
      if (linnet__json_lex(json, &token) != end) {
        if ((objects & 1) == 0) continue;
        if (!skip_name(json, &token)) return false;
        linnet__json_lex(json, &token);
        continue;
      }
      objects >>= 1;
      depth--;
    } else if (token.kind < LINNET__JSON_STRING || token.kind > LINNET__JSON_NULL) {
      return false;
    }
    /* Behind a value: the ends of what it ends, then a comma and the next. */
    for (; depth > 0; depth--, objects >>= 1) {
      linnet__json_kind end = (objects & 1) != 0 ? LINNET__JSON_OBJECT_END : LINNET__JSON_ARRAY_END;
      if (linnet__json_lex(json, &token) != end) break;
    }
    if (depth == 0) return true;
    if (token.kind != LINNET__JSON_COMMA) return false;
    linnet__json_lex(json, &token);
    if ((objects & 1) == 0) continue;
    if (!skip_name(json, &token)) return false;
    linnet__json_lex(json, &token);
  }
}

linnet_status linnet__json_unescape(const linnet__json_token *string, linnet__buffer *out) {
  size_t at = 0;
  while (at < string->length) {
    const char *rest = string->text + at;
    size_t left = string->length - at;
    const char *escape = string->escaped ? memchr(rest, '\\', left) : NULL;
    size_t plain = escape == NULL ? left : (size_t)(escape - rest);
    linnet__buffer_append(out, rest, plain);
    at += plain;
    if (escape == NULL) break;
    uint8_t bytes[4];
    uint32_t point = 0;
    at += read_escape(escape, left - plain, &point);
    linnet__buffer_append(out, bytes, linnet__utf8_encode(point, bytes));
  }
  return out->failed;
}

size_t linnet__json_find(const linnet__json_token *string, const char *texts, size_t count) {
  uint8_t memory[8];
  linnet__buffer name;
  if (!string->escaped) return linnet__text_find(texts, count, string->text, string->length);
  linnet__buffer_init_fixed(&name, memory, sizeof memory);
  if (linnet__json_unescape(string, &name) != LINNET_OK) return count;
  return linnet__text_find(texts, count, (const char *)memory, name.length);
}

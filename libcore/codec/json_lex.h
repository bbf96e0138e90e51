/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_lex.h: JSON text (RFC 8259) token by token, strictly and without memory of its own.
 *
 * The text must be UTF-8, which the caller looks at. docs/json-lexer.md says why this is not a library.
 */
#ifndef LINNET_CODEC_JSON_LEX_H
#define LINNET_CODEC_JSON_LEX_H

#include "../base/base.h"

/* How deep arrays and objects may nest: a payload of LwM2M needs three. */
#define LINNET__JSON_DEPTH 32

/* A structural character is its own kind. */
typedef enum linnet__json_kind {
  LINNET__JSON_BAD = 0,
  LINNET__JSON_END,
  LINNET__JSON_STRING,
  LINNET__JSON_NUMBER,
  LINNET__JSON_TRUE,
  LINNET__JSON_FALSE,
  LINNET__JSON_NULL,
  LINNET__JSON_COMMA = ',',
  LINNET__JSON_COLON = ':',
  LINNET__JSON_ARRAY = '[',
  LINNET__JSON_ARRAY_END = ']',
  LINNET__JSON_OBJECT = '{',
  LINNET__JSON_OBJECT_END = '}'
} linnet__json_kind;

typedef struct linnet__json {
  const char *text;
  size_t length;
  size_t position;
} linnet__json;

typedef struct linnet__json_token {
  linnet__json_kind kind;
  const char *text; /* a string without its quotes, escapes checked but not resolved */
  size_t length;
  bool escaped;
} linnet__json_token;

/* The next token; BAD leaves the position where it was. */
linnet__json_kind linnet__json_lex(linnet__json *json, linnet__json_token *token);
/* Steps over one whole value. False: it is none, or nests too deep. */
bool linnet__json_skip(linnet__json *json);
/* Appends a string with its escapes resolved. */
linnet_status linnet__json_unescape(const linnet__json_token *string, linnet__buffer *out);
/* Which of `count` texts (base/texts.h), of up to 7 characters each, a string token says; `count`: none. */
size_t linnet__json_find(const linnet__json_token *string, const char *texts, size_t count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_read.c: JSON (11543) to records (digest 7.2; FMT-20 to FMT-26, TYP-03 to TYP-07).
 *
 * "bn" and "bt" may stand behind "e", so the text is read twice: once around the entries, which also finds
 * every fault of form, then entry by entry.
 */
#include <math.h>
#include <string.h>

#include "codec_internal.h"
#include "json_lex.h"

enum { FRAME, FIRST_ENTRY, LATER_ENTRY, FINISHED }; /* reader->stage */

typedef enum member { MEMBER_BAD, MEMBER_END, MEMBER_FOUND } member;

/* The next name of an object and its colon; `count` members were read before. */
static member next_member(linnet__json *json, size_t count, linnet__json_token *name) {
  linnet__json_token colon;
  linnet__json_kind kind = linnet__json_lex(json, name);
  if (kind == LINNET__JSON_OBJECT_END) return MEMBER_END;
  if (count > 0) {
    if (kind != LINNET__JSON_COMMA) return MEMBER_BAD;
    kind = linnet__json_lex(json, name);
  }
  if (kind != LINNET__JSON_STRING || linnet__json_lex(json, &colon) != LINNET__JSON_COLON) return MEMBER_BAD;
  return MEMBER_FOUND;
}

static linnet__reading malformed(linnet__reader *reader, linnet_record *record, const char *what) {
  return linnet__reader_fail(reader, record, LINNET_ERROR_MALFORMED, record->path, what);
}

/* ---- around the entries ---- */

typedef struct frame {
  linnet__json_token base_name;
  linnet__json_token base_time;
  size_t entries; /* behind the bracket of "e"; 0: none */
} frame;

static bool read_frame_member(linnet__json *json, const linnet__json_token *name, frame *out) {
  linnet__json_token value;
  linnet__json before = *json;
  linnet__json_lex(json, &value);
  if (linnet__json_is(name, "bn")) {
    if (value.kind != LINNET__JSON_STRING || out->base_name.kind != LINNET__JSON_BAD) return false;
    out->base_name = value;
    return true;
  }
  if (linnet__json_is(name, "bt")) {
    if (value.kind != LINNET__JSON_NUMBER || out->base_time.kind != LINNET__JSON_BAD) return false;
    out->base_time = value;
    return true;
  }
  if (linnet__json_is(name, "e")) {
    if (value.kind != LINNET__JSON_ARRAY || out->entries != 0) return false;
    out->entries = json->position;
  }
  *json = before;
  return linnet__json_skip(json);
}

static bool read_frame(linnet__json *json, frame *out) {
  linnet__json_token token;
  if (linnet__json_lex(json, &token) != LINNET__JSON_OBJECT) return false;
  for (size_t count = 0;; count++) {
    switch (next_member(json, count, &token)) {
      case MEMBER_FOUND:
        if (!read_frame_member(json, &token, out)) return false;
        break;
      case MEMBER_END:
        return out->entries != 0 && linnet__json_lex(json, &token) == LINNET__JSON_END;
      default:
        return false;
    }
  }
}

/* False: failed, and the reader says why. */
static bool begin(linnet__reader *reader, linnet_record *record) {
  linnet__json json = {(const char *)reader->data, reader->length, 0};
  frame found;
  memset(&found, 0, sizeof found);
  if (!linnet__utf8_valid(reader->data, reader->length)) {
    malformed(reader, record, "not UTF-8");
    return false;
  }
  if (!read_frame(&json, &found)) {
    malformed(reader, record, "not JSON of the form {\"bn\":..., \"e\":[...]}");
    return false;
  }
  const linnet__json_token *time = &found.base_time;
  if (time->kind == LINNET__JSON_NUMBER &&
      !linnet__parse_float(time->text, time->length, &reader->base_time_s)) {
    malformed(reader, record, "bt is out of range");
    return false;
  }
  if (linnet__json_unescape(&found.base_name, reader->scratch) != LINNET_OK) {
    linnet__reader_fail(reader, record, reader->scratch->failed, record->path, "no room for bn");
    return false;
  }
  reader->base_name_length = reader->scratch->length;
  reader->position = found.entries;
  reader->stage = FIRST_ENTRY;
  return true;
}

/* ---- one entry ---- */

/* The four members that carry a value, and the natural type of each. */
enum { NUMBER, BOOLEAN, STRING, LINK, VALUES };
static const char *const value_names[VALUES] = {"v", "bv", "sv", "ov"};

typedef struct entry {
  linnet__json_token name;
  linnet__json_token time;
  linnet__json_token value;
  int which; /* of value_names; VALUES: none yet */
} entry;

static bool right_kind(int which, linnet__json_kind kind) {
  switch (which) {
    case NUMBER:
      return kind == LINNET__JSON_NUMBER;
    case BOOLEAN:
      return kind == LINNET__JSON_TRUE || kind == LINNET__JSON_FALSE;
    default:
      return kind == LINNET__JSON_STRING;
  }
}

/* NULL, or what is wrong. */
static const char *read_entry_member(linnet__json *json, const linnet__json_token *name, entry *out) {
  linnet__json_token *once = NULL;
  linnet__json_kind kind = LINNET__JSON_STRING;
  if (linnet__json_is(name, "n")) {
    once = &out->name;
  } else if (linnet__json_is(name, "t")) {
    once = &out->time;
    kind = LINNET__JSON_NUMBER;
  }
  if (once != NULL) {
    if (once->kind != LINNET__JSON_BAD) return "a member twice";
    return linnet__json_lex(json, once) == kind ? NULL : "n is a string, t a number";
  }
  for (int i = 0; i < VALUES; i++) {
    if (!linnet__json_is(name, value_names[i])) continue;
    if (out->which != VALUES) return "more than one value";
    out->which = i;
    return right_kind(i, linnet__json_lex(json, &out->value)) ? NULL
                                                              : "not the kind of value its member takes";
  }
  return linnet__json_skip(json) ? NULL : "not JSON";
}

/* NULL, or what is wrong. Only what an entry means can be: its form was seen before. */
static const char *read_entry(linnet__json *json, entry *out) {
  linnet__json_token token;
  memset(out, 0, sizeof *out);
  out->which = VALUES;
  if (linnet__json_lex(json, &token) != LINNET__JSON_OBJECT) return "an entry is an object";
  for (size_t count = 0;; count++) {
    member next = next_member(json, count, &token);
    if (next == MEMBER_END) return out->which == VALUES ? "an entry without a value" : NULL;
    const char *fault = next == MEMBER_BAD ? "not JSON" : read_entry_member(json, &token, out);
    if (fault != NULL) return fault;
  }
}

/* ---- its path and its value ---- */

static linnet_status resolve(const linnet__reader *reader, const linnet__json_token *name,
                             linnet_path *path) {
  uint8_t memory[LINNET_PATH_TEXT_SIZE + 1]; /* what is longer is no path */
  linnet__buffer text;
  linnet__buffer_init_fixed(&text, memory, sizeof memory);
  if (linnet__json_unescape(name, &text) != LINNET_OK) return LINNET_ERROR_MALFORMED;
  linnet_status status = linnet__json_resolve(reader, (const char *)memory, text.length, path);
  if (status != LINNET_OK) return status;
  if (path->depth == 2)
    *path = linnet_path_resource(path->id[0], LINNET_ID_NONE, path->id[1]); /* FMT-25 */
  else if (path->id[1] == LINNET_ID_NONE)
    return LINNET_ERROR_MALFORMED;
  if (path->depth == 4 && path->id[3] == LINNET_ID_NONE) return LINNET_ERROR_MALFORMED;
  return LINNET_OK;
}

/* FMT-22: integers never pass through a double; a whole number may be written as 5.0 or 5e0. */
static linnet_status read_number(linnet_value *value, linnet_type type, const linnet__json_token *token) {
  bool whole = memchr(token->text, '.', token->length) == NULL &&
               memchr(token->text, 'e', token->length) == NULL &&
               memchr(token->text, 'E', token->length) == NULL;
  linnet_value read = {.type = LINNET_TYPE_INTEGER};
  if (whole && type != LINNET_TYPE_FLOAT &&
      linnet__parse_integer(token->text, token->length, &read.as.integer)) {
    if (type == LINNET_TYPE_TIME) read.type = type;
    *value = read;
    return LINNET_OK;
  }
  if (whole && type != LINNET_TYPE_FLOAT && type != LINNET_TYPE_NONE) return LINNET_ERROR_WRONG_TYPE;
  if (!linnet__parse_float(token->text, token->length, &read.as.real)) return LINNET_ERROR_WRONG_TYPE;
  read.type = LINNET_TYPE_FLOAT;
  *value = read;
  return linnet_value_coerce(value, type);
}

/* A view of the resolved string: into the payload where that will do. */
static linnet_status resolved(linnet__reader *reader, const linnet__json_token *token, const uint8_t **data,
                              size_t *length) {
  *data = (const uint8_t *)token->text;
  *length = token->length;
  if (!token->escaped) return LINNET_OK;
  size_t start = reader->scratch->length;
  linnet_status status = linnet__json_unescape(token, reader->scratch);
  if (status != LINNET_OK) return status;
  *data = reader->scratch->data + start;
  *length = reader->scratch->length - start;
  return LINNET_OK;
}

static linnet_status read_text(linnet__reader *reader, linnet_value *value, linnet_type type,
                               const linnet__json_token *token) {
  const uint8_t *data;
  size_t length;
  linnet_status status = resolved(reader, token, &data, &length);
  if (status != LINNET_OK) return status;
  if (type == LINNET_TYPE_OPAQUE && token->escaped) {
    /* The text is in scratch itself: make the room first, so that it does not move while it is decoded. */
    size_t start = (size_t)(data - reader->scratch->data);
    if (linnet__buffer_reserve(reader->scratch, length) == NULL) return reader->scratch->failed;
    data = reader->scratch->data + start;
  }
  return linnet__text_read(value, type, data, length, reader->scratch);
}

static linnet_status read_link(linnet__reader *reader, linnet_value *value, const linnet__json_token *token) {
  const uint8_t *data;
  size_t length;
  linnet_status status = resolved(reader, token, &data, &length);
  if (status != LINNET_OK) return status;
  if (length == 9 && memcmp(data, "FFFF:FFFF", 9) == 0) { /* TYP-05, AMB-19 */
    *value = linnet_value_objlnk(UINT16_MAX, UINT16_MAX);
    return LINNET_OK;
  }
  return linnet__text_read(value, LINNET_TYPE_OBJLNK, data, length, reader->scratch);
}

/* The member a type stands in (digest 1.3). LINNET_TYPE_NONE, unknown: whichever. */
static int member_of(linnet_type type, int given) {
  switch (type) {
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_FLOAT:
    case LINNET_TYPE_TIME:
      return NUMBER;
    case LINNET_TYPE_BOOLEAN:
      return BOOLEAN;
    case LINNET_TYPE_STRING:
    case LINNET_TYPE_OPAQUE:
      return STRING;
    case LINNET_TYPE_OBJLNK:
      return LINK;
    default:
      return given;
  }
}

static linnet_status read_value(linnet__reader *reader, linnet_path path, const entry *from,
                                linnet_value *value) {
  linnet__shape shape;
  linnet_path resource = {{path.id[0], path.id[1], path.id[2], 0}, 3};
  bool known = linnet__reader_shape(reader, resource, &shape);
  linnet_type type = known ? shape.type : LINNET_TYPE_NONE;
  if (known && shape.multiple != (path.depth == 4)) return LINNET_ERROR_WRONG_TYPE;
  int which = from->which;
  if (type == LINNET_TYPE_OBJLNK && which == STRING) which = LINK; /* Leshan 1.5 writes links so */
  if (which != member_of(type, which)) return LINNET_ERROR_WRONG_TYPE;
  switch (which) {
    case NUMBER:
      return read_number(value, type, &from->value);
    case BOOLEAN:
      *value = linnet_value_boolean(from->value.kind == LINNET__JSON_TRUE);
      return LINNET_OK;
    case LINK:
      return read_link(reader, value, &from->value);
    default:
      return read_text(reader, value, type, &from->value);
  }
}

/* ---- without entries ---- */

/* FMT-26: nothing, an instance without resources, or a multiple resource without instances. */
static linnet__reading read_nothing(linnet__reader *reader, linnet_record *record) {
  char text[LINNET_PATH_TEXT_SIZE + 1];
  linnet_path path = reader->base;
  linnet__shape shape;
  size_t length = reader->base_name_length;
  if (length >= sizeof text) return malformed(reader, record, "bn is no path");
  if (length > 0) {
    memcpy(text, reader->scratch->data, length);
    if (length > 1 && text[length - 1] == '/') length--;
    text[length] = '\0';
    if (memchr(text, '\0', length) != NULL || linnet_path_parse(&path, text) != LINNET_OK)
      return malformed(reader, record, "bn is no path");
  }
  if (!linnet_path_within(path, reader->base) && !linnet_path_within(reader->base, path))
    return linnet__reader_fail(reader, record, LINNET_ERROR_NOT_FOUND, path, "outside the target");
  record->value = linnet_value_none();
  if (reader->base.depth == 3) {
    if (linnet__reader_shape(reader, reader->base, &shape) && !shape.multiple)
      return malformed(reader, record, "no value");
    record->value.type = LINNET_TYPE_MULTIPLE;
    return LINNET__READING_RECORD;
  }
  if (path.depth != 2 || reader->base.depth != 1 || path.id[1] == LINNET_ID_NONE) return LINNET__READING_END;
  record->path = path;
  return LINNET__READING_RECORD;
}

static linnet__reading give(linnet__reader *reader, linnet_record *record, const entry *from) {
  reader->scratch->length = reader->base_name_length;
  linnet_status status = resolve(reader, &from->name, &record->path);
  if (status == LINNET_ERROR_NOT_FOUND)
    return linnet__reader_fail(reader, record, status, record->path, "outside the target");
  if (status != LINNET_OK) return malformed(reader, record, "bn and n give no path");
  /* DM-65: with an id or without, not both. */
  if (reader->count > 0 && reader->base.depth == 1 &&
      (reader->path.id[1] == LINNET_ID_NONE) != (record->path.id[1] == LINNET_ID_NONE))
    return malformed(reader, record, "an instance without id stands alone");
  if (from->time.kind == LINNET__JSON_NUMBER &&
      !linnet__parse_float(from->time.text, from->time.length, &record->time_s))
    return malformed(reader, record, "t is out of range");
  record->time_s += reader->base_time_s; /* FMT-24 */
  if (!isfinite(record->time_s)) return malformed(reader, record, "t is out of range");
  status = read_value(reader, record->path, from, &record->value);
  if (status != LINNET_OK)
    return linnet__reader_fail(reader, record, status, record->path, "not a value of its type");
  reader->path = record->path;
  return LINNET__READING_RECORD;
}

linnet__reading linnet__json_next(linnet__reader *reader, linnet_record *record) {
  if (reader->stage == FRAME && !begin(reader, record)) return LINNET__READING_FAILED;
  if (reader->stage == FINISHED) return LINNET__READING_END;
  linnet__json json = {(const char *)reader->data, reader->length, reader->position};
  linnet__json_token token;
  entry found;
  linnet__json_kind kind = linnet__json_lex(&json, &token);
  if (kind == LINNET__JSON_ARRAY_END) {
    bool empty = reader->stage == FIRST_ENTRY;
    reader->stage = FINISHED;
    return empty ? read_nothing(reader, record) : LINNET__READING_END;
  }
  if (reader->stage == FIRST_ENTRY) json.position = reader->position;
  reader->stage = LATER_ENTRY;
  const char *fault = read_entry(&json, &found);
  if (fault != NULL) return malformed(reader, record, fault);
  reader->position = json.position;
  return give(reader, record, &found);
}

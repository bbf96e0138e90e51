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

static linnet__reading malformed(linnet__reader *reader, linnet_record *record, const char *what) {
  return linnet__reader_fail(reader, record, LINNET_ERROR_MALFORMED, what);
}

/* ---- objects ------------------------------------------------------------------------------------- */

/* What is known of an object: names of members, and the kind of value that each takes. */
typedef struct layout {
  const char *names;
  const uint8_t *kinds;
  size_t count;
} layout;

enum { BASE_NAME, BASE_TIME, ENTRIES, FRAME_MEMBERS };
static const uint8_t frame_kinds[] = {LINNET__JSON_STRING, LINNET__JSON_NUMBER, LINNET__JSON_ARRAY};
static const layout frame = {"bn\0bt\0e", frame_kinds, FRAME_MEMBERS};

/* Of an entry: from NUMBER on, the members that carry a value. */
enum { NAME, TIME, NUMBER, BOOLEAN, STRING, LINK, ENTRY_MEMBERS };
static const uint8_t entry_kinds[] = {LINNET__JSON_STRING, LINNET__JSON_NUMBER, LINNET__JSON_NUMBER,
                                      LINNET__JSON_TRUE,   LINNET__JSON_STRING, LINNET__JSON_STRING};
static const layout entry = {"n\0t\0v\0bv\0sv\0ov", entry_kinds, ENTRY_MEMBERS};

/* Behind the brace or a value: the next name and its colon. BAD: neither that nor the end of the object. */
static linnet__json_kind next_name(linnet__json *json, size_t count, linnet__json_token *name) {
  linnet__json_token colon;
  linnet__json_kind kind = linnet__json_lex(json, name);
  if (kind == LINNET__JSON_OBJECT_END) return kind;
  if (count > 0 && kind != LINNET__JSON_COMMA) return LINNET__JSON_BAD;
  if (count > 0) kind = linnet__json_lex(json, name);
  if (kind != LINNET__JSON_STRING || linnet__json_lex(json, &colon) != LINNET__JSON_COLON)
    return LINNET__JSON_BAD;
  return kind;
}

/* The value of a member that is known, once. NULL, or what is wrong. */
static const char *read_known(linnet__json *json, uint8_t kind, linnet__json_token *value) {
  if (value->kind != LINNET__JSON_BAD) return "a member twice";
  linnet__json start = *json;
  linnet__json_kind found = linnet__json_lex(json, value);
  if (found == LINNET__JSON_FALSE) found = LINNET__JSON_TRUE;
  if (found != kind) return "not the kind of value its member takes";
  if (kind != LINNET__JSON_ARRAY) return NULL;
  *json = start;
  return linnet__json_skip(json) ? NULL : "not JSON";
}

/* An object: the values of its known members, each BAD if it is not there; others are stepped over. NULL, or
 * what is wrong. */
static const char *read_object(linnet__json *json, const layout *members, linnet__json_token *values) {
  linnet__json_token name;
  memset(values, 0, members->count * sizeof *values);
  if (linnet__json_lex(json, &name) != LINNET__JSON_OBJECT) return "not an object";
  for (size_t count = 0;; count++) {
    linnet__json_kind next = next_name(json, count, &name);
    if (next == LINNET__JSON_OBJECT_END) return NULL;
    if (next == LINNET__JSON_BAD) return "not JSON";
    size_t which = linnet__json_find(&name, members->names, members->count);
    const char *fault = which < members->count ? read_known(json, members->kinds[which], &values[which])
                                               : (linnet__json_skip(json) ? NULL : "not JSON");
    if (fault != NULL) return fault;
  }
}

/* The number of a token, if it is there: "bt" or "t". */
static bool read_time(const linnet__json_token *token, double *time_s) {
  return token->kind == LINNET__JSON_BAD || linnet__parse_float(token->text, token->length, time_s);
}

/* Around the entries. False: failed, and the reader says why. */
static bool begin(linnet__reader *reader, linnet_record *record) {
  linnet__json json = {(const char *)reader->data, reader->length, 0};
  linnet__json_token found[FRAME_MEMBERS], end;
  const char *fault = NULL;
  if (!linnet__utf8_valid(reader->data, reader->length))
    fault = "not UTF-8";
  else if (read_object(&json, &frame, found) != NULL || found[ENTRIES].kind == LINNET__JSON_BAD ||
           linnet__json_lex(&json, &end) != LINNET__JSON_END)
    fault = "not JSON of the form {\"bn\":..., \"e\":[...]}";
  else if (!read_time(&found[BASE_TIME], &reader->base_time_s))
    fault = "bt is out of range";
  if (fault != NULL) {
    malformed(reader, record, fault);
    return false;
  }
  if (linnet__json_unescape(&found[BASE_NAME], reader->scratch) != LINNET_OK) {
    linnet__reader_fail(reader, record, reader->scratch->failed, "no room for bn");
    return false;
  }
  reader->base_name_length = reader->scratch->length;
  reader->position = (size_t)(found[ENTRIES].text + 1 - json.text);
  reader->stage = FIRST_ENTRY;
  return true;
}

/* NULL, or what is wrong. Only what an entry means can be: its form was seen before. */
static const char *read_entry(linnet__json *json, linnet__json_token *values, int *which) {
  const char *fault = read_object(json, &entry, values);
  *which = ENTRY_MEMBERS;
  for (int i = NUMBER; i < ENTRY_MEMBERS && fault == NULL; i++) {
    if (values[i].kind == LINNET__JSON_BAD) continue;
    if (*which != ENTRY_MEMBERS) fault = "more than one value";
    *which = i;
  }
  return fault == NULL && *which == ENTRY_MEMBERS ? "an entry without a value" : fault;
}

/* ---- its path and its value ---------------------------------------------------------------------- */

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

/* A string; where it has to be resolved or decoded, in scratch. */
static linnet_status read_text(linnet__reader *reader, linnet_value *value, linnet_type type,
                               const linnet__json_token *token) {
  linnet__buffer *scratch = reader->scratch;
  const char *text = token->text;
  size_t length = token->length;
  if (token->escaped) {
    size_t start = scratch->length;
    linnet__json_unescape(token, scratch);
    length = scratch->length - start;
    /* Room for what is decoded from it, so that it does not move meanwhile. */
    if (linnet__buffer_reserve(scratch, length) == NULL) return scratch->failed;
    text = (const char *)scratch->data + start;
  }
  if (type == LINNET_TYPE_OBJLNK && length == 9 && memcmp(text, "FFFF:FFFF", 9) == 0) { /* TYP-05, AMB-19 */
    *value = linnet_value_objlnk(UINT16_MAX, UINT16_MAX);
    return LINNET_OK;
  }
  return linnet__text_read(value, type, text, length, scratch);
}

/* The member a type stands in (digest 1.3); 0: whichever. */
static const uint8_t member_of[] = {
    [LINNET_TYPE_INTEGER] = NUMBER,  [LINNET_TYPE_FLOAT] = NUMBER,  [LINNET_TYPE_TIME] = NUMBER,
    [LINNET_TYPE_BOOLEAN] = BOOLEAN, [LINNET_TYPE_STRING] = STRING, [LINNET_TYPE_OPAQUE] = STRING,
    [LINNET_TYPE_OBJLNK] = LINK,     [LINNET_TYPE_MULTIPLE] = 0};

static linnet_status read_value(linnet__reader *reader, linnet_path path, int which,
                                const linnet__json_token *token, linnet_value *value) {
  linnet__shape shape = {LINNET_TYPE_NONE, false};
  linnet_path resource = {{path.id[0], path.id[1], path.id[2], 0}, 3};
  bool known = linnet__reader_shape(reader, resource, &shape);
  if (known && shape.multiple != (path.depth == 4)) return LINNET_ERROR_WRONG_TYPE;
  linnet_type type = known ? shape.type : LINNET_TYPE_NONE;
  if (type == LINNET_TYPE_OBJLNK && which == STRING) which = LINK; /* Leshan 1.5 writes links so */
  if (member_of[type] != 0 && member_of[type] != which) return LINNET_ERROR_WRONG_TYPE;
  switch (which) {
    case NUMBER:
      return read_number(value, type, token);
    case BOOLEAN:
      *value = linnet_value_boolean(token->kind == LINNET__JSON_TRUE);
      return LINNET_OK;
    default:
      return read_text(reader, value, which == LINK ? LINNET_TYPE_OBJLNK : type, token);
  }
}

/* ---- without entries ----------------------------------------------------------------------------- */

/* FMT-26: nothing, an instance without resources, or a multiple resource without instances. */
static linnet__reading read_nothing(linnet__reader *reader, linnet_record *record) {
  char memory[LINNET__JSON_NAME_SIZE];
  linnet__buffer name;
  linnet_path path = reader->base;
  linnet__shape shape;
  linnet__buffer_init_fixed(&name, memory, sizeof memory);
  linnet__buffer_append(&name, reader->scratch->data, reader->base_name_length);
  if (reader->base_name_length > 0 && !linnet__json_path(&name, &path))
    return malformed(reader, record, "bn is no path");
  if (!linnet_path_within(path, reader->base) && !linnet_path_within(reader->base, path)) {
    record->path = path;
    return linnet__reader_fail(reader, record, LINNET_ERROR_NOT_FOUND, "outside the target");
  }
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

static linnet__reading give(linnet__reader *reader, linnet_record *record, const linnet__json_token *values,
                            int which) {
  reader->scratch->length = reader->base_name_length;
  linnet_status status = resolve(reader, &values[NAME], &record->path);
  if (status == LINNET_ERROR_NOT_FOUND)
    return linnet__reader_fail(reader, record, status, "outside the target");
  if (status != LINNET_OK) return malformed(reader, record, "bn and n give no path");
  /* DM-65: with an id or without, not both. */
  if (reader->count > 0 && reader->base.depth == 1 &&
      (reader->path.id[1] == LINNET_ID_NONE) != (record->path.id[1] == LINNET_ID_NONE))
    return malformed(reader, record, "an instance without id stands alone");
  bool good = read_time(&values[TIME], &record->time_s);
  record->time_s += reader->base_time_s; /* FMT-24 */
  if (!good || !isfinite(record->time_s)) return malformed(reader, record, "t is out of range");
  status = read_value(reader, record->path, which, &values[which], &record->value);
  if (status != LINNET_OK) return linnet__reader_fail(reader, record, status, "not a value of its type");
  reader->path = record->path;
  return LINNET__READING_RECORD;
}

linnet__reading linnet__json_next(linnet__reader *reader, linnet_record *record) {
  if (reader->stage == FRAME && !begin(reader, record)) return LINNET__READING_FAILED;
  if (reader->stage == FINISHED) return LINNET__READING_END;
  linnet__json json = {(const char *)reader->data, reader->length, reader->position};
  linnet__json_token values[ENTRY_MEMBERS];
  int which;
  if (linnet__json_lex(&json, &values[0]) == LINNET__JSON_ARRAY_END) {
    bool empty = reader->stage == FIRST_ENTRY;
    reader->stage = FINISHED;
    return empty ? read_nothing(reader, record) : LINNET__READING_END;
  }
  if (reader->stage == FIRST_ENTRY) json.position = reader->position;
  reader->stage = LATER_ENTRY;
  const char *fault = read_entry(&json, values, &which);
  if (fault != NULL) return malformed(reader, record, fault);
  reader->position = json.position;
  return give(reader, record, values, which);
}

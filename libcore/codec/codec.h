/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec.h: bytes <-> records, one record at a time, for every payload format.
 *
 * A codec knows no object: where a format is untyped it asks a schema. Readers and writers live on the
 * caller's stack and allocate nothing but the scratch buffer's bytes.
 */
#ifndef LINNET_CODEC_CODEC_H
#define LINNET_CODEC_CODEC_H

#include <linnet/format.h>
#include <linnet/link.h>

#include "../base/base.h"
#include "../data/data.h"

/* What a definition says of a resource. */
typedef struct linnet__shape {
  linnet_type type;
  bool multiple;
} linnet__shape;

/* `path` has depth 3. False: unknown. */
typedef struct linnet__schema {
  bool (*shape_of)(const void *user, linnet_path path, linnet__shape *shape);
  const void *user;
} linnet__schema;

/* The format for its number, with the pre-IANA aliases 1541, 1542, 1543 (FMT-02); NONE: not one of ours. */
linnet_format linnet__format_of_number(unsigned number);
/* True if the format carries records (not link-format). */
bool linnet__format_has_records(linnet_format format);

/* ---- writing ------------------------------------------------------------------------------------- */

#define LINNET__WRITER_DEPTH 2

typedef struct linnet__codec linnet__codec; /* what reads and writes one format: codec_internal.h */

typedef struct linnet__writer {
  const linnet__codec *codec;
  linnet_format format;
  linnet_path base;
  linnet__buffer *out;
  linnet_loop *loop;
  linnet_path last;                  /* the record before */
  size_t count;                      /* records so far */
  size_t open[LINNET__WRITER_DEPTH]; /* TLV: where the contents of the open instance and multiple resource
                                        begin */
  size_t start;                      /* length of `out` at the beginning */
  double base_time_s;
  linnet_status status; /* the first failure; later calls return it */
} linnet__writer;

/*
 * Begins a payload of what `base` names; it is appended to `out`. Records must lie at or below `base`, and
 * come grouped by instance and resource. Text and opaque take exactly one (FMT-04). Floats are written as
 * TYP-03 says. `loop` is for error texts and may be NULL.
 */
linnet_status linnet__writer_begin(linnet__writer *writer, linnet_format format, linnet_path base,
                                   linnet__buffer *out, linnet_loop *loop);
/*
 * Path and value as value.h says: depth 3 single, depth 4 instance of a multiple one, depth 3 MULTIPLE
 * without instances, depth 2 NONE an instance without resources.
 */
linnet_status linnet__writer_put(linnet__writer *writer, const linnet_record *record);
/* After a failure, here or in a put, `out` has its former length. */
linnet_status linnet__writer_end(linnet__writer *writer);

/* ---- reading ------------------------------------------------------------------------------------- */

typedef enum linnet__reading {
  LINNET__READING_RECORD,
  LINNET__READING_END,
  LINNET__READING_FAILED /* reader->status says how; the loop's error text says what */
} linnet__reading;

typedef struct linnet__reader {
  const linnet__codec *codec;
  linnet_format format;
  linnet_path base;
  const uint8_t *data;
  size_t length;
  size_t position;
  linnet__schema schema;
  linnet__buffer *scratch; /* unescaped strings, decoded Base64, base names */
  linnet_loop *loop;
  linnet_status status;
  linnet_path path;   /* where a TLV reader stands; of JSON: the record before */
  size_t ends[3];     /* ends of the open TLV containers */
  int32_t last_id[3]; /* TLV: the entry before at each level, -1 at the beginning */
  uint8_t level;
  bool known; /* TLV: `shape` is what the schema says of the open multiple resource */
  linnet__shape shape;
  uint8_t stage;           /* which part is being read; 0: none yet */
  size_t base_name_length; /* JSON: at the beginning of scratch */
  double base_time_s;
  size_t count; /* records so far */
} linnet__reader;

/*
 * Reads a payload for `base`. Each value is a view into `data` or `scratch` until the next call.
 * `schema.shape_of` may be NULL. `scratch` is initialised by the caller, is cleared here and bounded by its
 * limit.
 */
void linnet__reader_begin(linnet__reader *reader, linnet_format format, linnet_path base, const void *data,
                          size_t length, linnet__schema schema, linnet__buffer *scratch, linnet_loop *loop);
/*
 * The next record. Values have the type of the schema; FMT-10 to FMT-26 and TYP-01 to TYP-07 decide what is
 * malformed. Duplicates are the caller's to find (FMT-13) unless one look-behind shows them. In a TLV
 * payload for an object path without instance wrapper (DM-65) the instance id is LINNET_ID_NONE.
 *
 * Two failures leave the reader behind the record in question, so that the next call goes on; record->path
 * says which one it was. WRONG_TYPE: the value does not fit the type (a server leaves such a resource out,
 * TYP-01). NOT_FOUND: a JSON entry outside `base` (a server leaves it out, FMT-23; in a write it is 4.00,
 * FMT-22). Any other failure is final.
 */
linnet__reading linnet__reader_next(linnet__reader *reader, linnet_record *record);

/*
 * Decodes a request: everything or nothing. Appends to the batch; on failure the batch is as before. Finds
 * duplicates. MALFORMED, WRONG_TYPE, UNSUPPORTED_FORMAT, NO_MEMORY.
 */
linnet_status linnet__decode(linnet_batch *batch, linnet_format format, linnet_path base, const void *data,
                             size_t length, linnet__schema schema);
/*
 * Decodes what a client answers or notifies: as above, but leaves out what TYP-01 and FMT-23 let a server
 * ignore. */
linnet_status linnet__decode_response(linnet_batch *batch, linnet_format format, linnet_path base,
                                      const void *data, size_t length, linnet__schema schema);

/* ---- link-format and small texts ----------------------------------------------------------------- */

/* Appends ",</3/0>"; the comma only if something was appended after `start`. `root` is "" or "/lwm2m". */
void linnet__link_put(linnet__buffer *out, size_t start, const char *root, linnet_path path);
/* Appends ";name=value" or, with quotes, ";name=\"value\"". */
void linnet__link_put_parameter(linnet__buffer *out, const char *name, const char *value);
void linnet__link_put_quoted(linnet__buffer *out, const char *name, const char *value);

/* Plain text of a value (digest 1.3) and back; strings and Base64 through scratch. */
linnet_status linnet__text_write(linnet__buffer *out, const linnet_value *value);
linnet_status linnet__text_read(linnet_value *value, linnet_type type, const void *data, size_t length,
                                linnet__buffer *scratch);

/* Base64 of RFC 4648 with padding. Reading refuses blanks, wrong padding and non-zero spare bits. */
linnet_status linnet__base64_write(linnet__buffer *out, const void *data, size_t length);
linnet_status linnet__base64_read(linnet__buffer *out, const void *text, size_t length);

/* Execute arguments (DM-51). */
typedef struct linnet__argument {
  unsigned digit;
  const char *value; /* NULL: none */
  size_t length;
} linnet__argument;
/* LINNET_OK with one, NOT_FOUND at the end, MALFORMED. Start with *position = 0. Repeated digits are
 * malformed (DM-52). */
linnet_status linnet__argument_next(const char *text, size_t length, size_t *position, linnet__argument *out);
linnet_status linnet__arguments_check(const char *text, size_t length);

#endif

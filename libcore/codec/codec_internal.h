/* SPDX-License-Identifier: Apache-2.0 */
/* codec_internal.h: what the formats have in common; stays inside this folder. */
#ifndef LINNET_CODEC_CODEC_INTERNAL_H
#define LINNET_CODEC_CODEC_INTERNAL_H

#include "codec.h"

/*
 * One format. codec.c has checked the base, each record's path, shape and value before it calls `put`, and
 * puts `out` back after a failure.
 */
struct linnet__codec {
  linnet_format format;
  uint8_t least_depth; /* of the base; the greatest is 3 */
  linnet_status (*put)(linnet__writer *writer, const linnet_record *record);
  linnet_status (*end)(linnet__writer *writer);
  linnet__reading (*next)(linnet__reader *reader, linnet_record *record);
};

linnet_status linnet__tlv_put(linnet__writer *writer, const linnet_record *record);
linnet_status linnet__tlv_end(linnet__writer *writer);
linnet__reading linnet__tlv_next(linnet__reader *reader, linnet_record *record);

linnet_status linnet__json_put(linnet__writer *writer, const linnet_record *record);
linnet_status linnet__json_end(linnet__writer *writer);
linnet__reading linnet__json_next(linnet__reader *reader, linnet_record *record);

linnet_status linnet__text_put(linnet__writer *writer, const linnet_record *record);
linnet__reading linnet__text_next(linnet__reader *reader, linnet_record *record);
linnet_status linnet__opaque_put(linnet__writer *writer, const linnet_record *record);
linnet__reading linnet__opaque_next(linnet__reader *reader, linnet_record *record);
linnet_status linnet__single_end(linnet__writer *writer);

/* FMT-16: the longest value a TLV holds; the type byte (digest 7.1). */
#define LINNET__TLV_LENGTH_MAXIMUM 0xFFFFFFU
enum {
  LINNET__TLV_OBJECT_INSTANCE = 0x00,
  LINNET__TLV_RESOURCE_INSTANCE = 0x40,
  LINNET__TLV_MULTIPLE_RESOURCE = 0x80,
  LINNET__TLV_RESOURCE = 0xC0,
  LINNET__TLV_KIND = 0xC0,
  LINNET__TLV_WIDE_ID = 0x20
};

/* Sets "<path>: <what>" as the error text, if there is a loop, and returns the status. */
linnet_status linnet__codec_fail(linnet_loop *loop, linnet_status status, const linnet_path *path,
                                 const char *what);
/* The same for a reader, which notes the status; record->path says where. */
linnet__reading linnet__reader_fail(linnet__reader *reader, const linnet_record *record, linnet_status status,
                                    const char *what);
/* What the schema says of a path of depth 3; false: nothing, or a type that takes any value. */
bool linnet__reader_shape(const linnet__reader *reader, linnet_path path, linnet__shape *shape);

/*
 * "66:0" to an object link. The text form of the null link is decimal; the hexadecimal one of the
 * specification's JSON example is for the JSON reader to accept (TYP-05).
 */
linnet_status linnet__objlnk_read(linnet_objlnk *link, const char *text, size_t length);
linnet_status linnet__objlnk_write(linnet__buffer *out, linnet_objlnk link);

/*
 * The full path of a JSON entry from "bn" (in the reader's scratch) and "n" (FMT-20, FMT-21, FMT-25).
 * NOT_FOUND: outside the reader's base. MALFORMED: no path.
 */
linnet_status linnet__json_resolve(const linnet__reader *reader, const char *name, size_t length,
                                   linnet_path *path);

/* Room for two texts that can still be a path together, with a slash between and the terminator. */
#define LINNET__JSON_NAME_SIZE (LINNET_PATH_TEXT_SIZE + 2)
/* The path that stands in a fixed buffer of that size. One slash at its end is no matter. False: none, or it
 * did not fit. */
bool linnet__json_path(linnet__buffer *name, linnet_path *path);

#endif
